/** `/v1/plans/{id}/actuals` and `/disposals`: what really happened, beside what was planned. */
import { z } from 'zod'
import { type Answer, send } from '../../http/idempotency.ts'
import { listRoute } from '../../http/list-route.ts'
import { pagesInMemory } from '../../http/memory-pages.ts'
import { problems } from '../../http/problems.ts'
import { Id, pageOf } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { READERS } from '../../tenancy/auth.ts'
import { listInScope, scopeOf } from '../../tenancy/list-in-scope.ts'
import { PLANNERS } from '../context.ts'
import { planOwner } from '../plans/plans.ts'
import { changeOnce, type PlanningServices } from '../work.ts'
import { ACTUAL_COLUMNS, Actual, Actuals, ActualWrite } from './actual-schemas.ts'
import { addActual, loadActuals } from './actuals.ts'
import { DISPOSAL_COLUMNS, Disposal, DisposalWrite } from './disposal-schemas.ts'
import { addDisposal, disposalPage } from './disposals.ts'

export function progressRoutes(app: App, services: PlanningServices): void {
  actualRoutes(app, services)
  addActualRoute(app, services)
  disposalRoutes(app, services)
  addDisposalRoute(app, services)
}

function actualRoutes(app: App, { database }: PlanningServices): void {
  listRoute(app, {
    url: '/v1/plans/:id/actuals',
    operationId: 'listActuals',
    tag: 'replacement',
    summary:
      'Orders, payments, completed sites and delays, beside the plan; entries as CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'plan.actuals.read', readsOf: 'plans' },
    params: { id: Id },
    response: Actuals,
    problems: ['not-found'],
    rows: { file: 'actuals', columns: ACTUAL_COLUMNS },
    page: async (asked) => {
      const { actuals, comparison } = await database.acrossJurisdictions(scopeOf(asked), (tx) =>
        loadActuals(tx, asked.params.id),
      )
      const read = pagesInMemory(actuals, () => true)
      return async (page) => ({ ...(await read(page)), comparison })
    },
  })
}

function addActualRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/actuals',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createActual',
        tags: ['replacement'],
        summary: 'Record an order, a payment, a completed site or a delay; put right by a further entry',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ActualWrite,
        response: {
          201: Actual,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'currency-mismatch',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(
        services,
        request,
        jurisdictionId,
        async (work): Promise<Answer> => ({ status: 201, body: await addActual(work, id, request.body) }),
      )
      return send(reply, answer)
    },
  )
}

function disposalRoutes(app: App, services: PlanningServices): void {
  listInScope(app, services, {
    url: '/v1/plans/:id/disposals',
    operationId: 'listDisposals',
    tag: 'replacement',
    summary: 'Disposal records, as JSON pages, or CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'plan.disposals.read', readsOf: 'plans' },
    params: { id: Id },
    response: pageOf('DisposalPage', Disposal),
    problems: ['not-found'],
    rows: { file: 'disposals', columns: DISPOSAL_COLUMNS },
    page: (tx, { params }, page) => disposalPage(tx, params.id, page),
  })
}

function addDisposalRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/disposals',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createDisposal',
        tags: ['replacement'],
        summary: 'Record the certified end of a device; a legal hold in any plan blocks it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: DisposalWrite,
        response: {
          201: Disposal,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'legal-hold',
            'already-disposed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(
        services,
        request,
        jurisdictionId,
        async (work): Promise<Answer> => ({ status: 201, body: await addDisposal(work, id, request.body) }),
      )
      return send(reply, answer)
    },
  )
}
