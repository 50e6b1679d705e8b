/** `/v1/plans/{id}/candidates`: what could be bought instead, screened on the day it is named. */
import { z } from 'zod'
import { type Answer, send } from '../../http/idempotency.ts'
import { problems } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { PLANNERS } from '../context.ts'
import { planOwner } from '../plans/plans.ts'
import { change, changeOnce, type PlanningServices } from '../work.ts'
import { addCandidate, compareCandidates, removeCandidate } from './candidates.ts'
import { Candidate, CandidateWrite, Comparison } from './schemas.ts'

export function candidateRoutes(app: App, services: PlanningServices): void {
  compareRoute(app, services)
  addRoute(app, services)
  removeRoute(app, services)
}

function compareRoute(app: App, services: PlanningServices): void {
  const { database, knowledge, now, planning } = services
  app.get(
    '/v1/plans/:id/candidates',
    {
      config: { roles: READERS, reads: 'plan.candidates.read', readsOf: 'plans' },
      schema: {
        operationId: 'listCandidates',
        tags: ['replacement'],
        summary:
          'Candidates compared: price, support, dependence on one maker, country or chip, counter-sanctions',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Comparison, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      const terms = { ...planning, knowledge: knowledge(), now: now() }
      return database.acrossJurisdictions(readScope(request.principal), (tx) =>
        compareCandidates(tx, request.params.id, terms),
      )
    },
  )
}

function addRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/candidates',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createCandidate',
        tags: ['replacement'],
        summary: 'Name a model to buy; one that may not be bought is refused with the reason',
        description:
          'Screened with the rules and on the day that devices are. One whose maker is not known, or that federal money may not pay for, is taken with the verdict `review`: no federal source pays for it.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: CandidateWrite,
        response: {
          201: Candidate,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'candidate-refused',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },

    async (request, reply) => {
      const { id } = request.params
      const known = services.knowledge()
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const body = await addCandidate(work, id, request.body, known)
        return { status: 201, location: `/v1/plans/${id}/candidates`, body }
      })
      return send(reply, answer)
    },
  )
}

function removeRoute(app: App, services: PlanningServices): void {
  app.delete(
    '/v1/plans/:id/candidates/:candidateId',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removeCandidate',
        tags: ['replacement'],
        summary: 'Remove a candidate that replaces no device',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id, candidateId: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'candidate-in-use'),
        },
      },
    },

    async (request, reply) => {
      const { id, candidateId } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      await change(services, request, jurisdictionId, (work) => removeCandidate(work, id, candidateId))
      return reply.code(204).send(null)
    },
  )
}
