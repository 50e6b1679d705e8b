/** `/v1/plans/{id}/estimate` and `/schedule`: computed at once or as a job, and kept for good. */

import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { problems } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation, WorkContext } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { PLANNERS } from '../context.ts'
import { Estimate, Schedule } from '../documents.ts'
import { findPlan, planOwner } from '../plans/plans.ts'
import type { PlanningServices } from '../work.ts'
import { answer, sendKept } from './respond.ts'
import { estimate, estimateAddress, type Run, type ScheduleAsked, schedule, scheduleAddress } from './runs.ts'
import type { ComputingServices } from './services.ts'
import { findRun } from './stored-runs.ts'

const SECONDS_MOST = 300

/** As a job: the document is read at its address. */
function operationOf<Asked extends { readonly planId: string }>(
  kind: string,
  input: z.ZodType<Asked>,
  address: (planId: string) => string,
  run: (asked: Asked, context: WorkContext) => Promise<Run>,
): Operation<Asked> {
  return {
    kind,
    input,
    run: async (asked, context) => {
      const { id, status } = await run(asked, context)
      return { status, location: `${address(asked.planId)}${id}`, body: null }
    },
  }
}

export function runRoutes(app: App, services: ComputingServices): void {
  estimateRoute(app, services)
  storedEstimateRoute(app, services)
  scheduleRoute(app, services)
  storedScheduleRoute(app, services)
}

function estimateRoute(app: App, services: ComputingServices): void {
  const { now, jobs } = services
  const estimating = operationOf('estimate', z.object({ planId: Id }), estimateAddress, (asked, context) =>
    estimate(services, asked, context),
  )
  jobs.add(estimating)
  app.post(
    '/v1/plans/:id/estimate',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createEstimate',
        produces: ['application/json', 'application/x-ndjson'],
        tags: ['replacement'],
        summary: 'Estimate the plan as it is now; the result is kept for good',
        description:
          'Closed form and seeded simulation. Asked again without a change on the same day, it gives the same estimate. With `Accept: application/x-ndjson` the answer is lines: `{"progress": 0..1}` while it runs, then `{"result": ...}` or `{"problem": ...}`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z.strictObject({}).nullish(),
        response: {
          200: Estimate.meta({ description: 'nothing had changed since this one' }),
          201: Estimate,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'not-acceptable',
            'plan-changed',
            'candidate-refused',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const planId = request.params.id
      const asked = { planId }
      if (wantsJob(request)) return inJob(services, { request, reply }, estimating, asked)
      return answer(request, reply, estimateAddress(planId), (options) =>
        estimate(services, asked, contextOf(request, now(), options)),
      )
    },
  )
}

function storedEstimateRoute(app: App, { database }: PlanningServices): void {
  app.get(
    '/v1/plans/:id/estimate',
    {
      config: { roles: READERS, reads: 'plan.estimate.read', readsOf: 'plans' },
      schema: {
        operationId: 'getEstimate',
        tags: ['replacement'],
        summary:
          'The latest estimate of a plan, or a certain one; `revision` beside the plan’s says if it is current',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({ estimateId: Id.optional() }),
        response: {
          200: Estimate,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { estimateId } = request.query
      const kept = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        findRun(tx, 'estimate', id, estimateId),
      )
      return sendKept(request, reply, kept, 'estimate')
    },
  )
}

const SCHEDULE_BODY = z
  .strictObject({
    estimateId: Id.optional().meta({ description: 'default the latest of the present revision' }),
    seconds: z.number().min(0.1).max(SECONDS_MOST).default(20).meta({
      description: "limit of the solver's own time",
    }),
  })
  .nullish()
  .transform((body) => body ?? { seconds: 20 })

function scheduleRoute(app: App, services: ComputingServices): void {
  const { now, jobs } = services
  const scheduling = operationOf(
    'schedule',
    z.object({ planId: Id, estimateId: Id.optional(), seconds: z.number() }),
    scheduleAddress,
    (asked, context) => schedule(services, asked, context),
  )
  jobs.add(scheduling)
  app.post(
    '/v1/plans/:id/schedule',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createSchedule',
        produces: ['application/json', 'application/x-ndjson'],
        tags: ['replacement'],
        summary:
          'Lay the sites over the fiscal years under caps, crews and deadlines; the result is kept for good',
        description:
          'Needs an estimate of the present revision. The best plan found within `seconds`, with its proof or its gap, beside the plan made by hand. Sites that do not fit come back with the reason in each year. `Accept: application/x-ndjson` as with the estimate.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: SCHEDULE_BODY,
        response: {
          201: Schedule,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'not-acceptable',
            'plan-changed',
            'estimate-needed',
            'currency-mismatch',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const planId = request.params.id
      const asked: ScheduleAsked = { planId, ...request.body }
      if (wantsJob(request)) return inJob(services, { request, reply }, scheduling, asked)
      return answer(request, reply, scheduleAddress(planId), (options) =>
        schedule(services, asked, contextOf(request, now(), options)),
      )
    },
  )
}

function storedScheduleRoute(app: App, { database }: PlanningServices): void {
  app.get(
    '/v1/plans/:id/schedule',
    {
      config: { roles: READERS, reads: 'plan.schedule.read', readsOf: 'plans' },
      schema: {
        operationId: 'getSchedule',
        tags: ['replacement'],
        summary: 'The latest schedule of a plan, or a certain one',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({ scheduleId: Id.optional() }),
        response: {
          200: Schedule,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { scheduleId } = request.query
      const kept = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        findRun(tx, 'schedule', id, scheduleId),
      )
      return sendKept(request, reply, kept, 'schedule')
    },
  )
}

async function inJob<Asked extends { readonly planId: string }>(
  services: ComputingServices,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  operation: Operation<Asked>,
  input: Asked,
): Promise<FastifyReply> {
  const jurisdictionId = await planOwner(services, request.principal, input.planId)
  // A plan that is not there is no job.
  await services.database.acrossJurisdictions([jurisdictionId], (tx) => findPlan(tx, input.planId))
  return answerWithJob(services, request, reply, operation, { jurisdictionId, input })
}
