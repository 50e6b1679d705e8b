/** `/v1/plans`: a set of devices to replace, and what it is computed with. */
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { chosenFields, fieldsQuery, pickFields } from '../../http/fields.ts'
import { pageBytes, rowsThatFit } from '../../http/full-page.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { textListRoute } from '../../http/list-route.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { cursorAt } from '../../http/table-pages.ts'
import { READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { scopeOf } from '../../tenancy/list-in-scope.ts'
import { baselineOf } from '../approvals/baselines.ts'
import { PLANNERS } from '../context.ts'
import { change, changeOnce, type PlanningServices } from '../work.ts'
import { copyPlan } from './copy.ts'
import { PLAN_ORDER, planPage, revisionPage } from './lists.ts'
import {
  countPlanDevices,
  findPlan,
  makePlan,
  type PlanRow,
  planOwner,
  removePlan,
  revisePlan,
} from './plans.ts'
import {
  ListedPlan,
  PLAN_COLUMNS,
  PLAN_FIELDS,
  Plan,
  PlanChange,
  PlanCopy,
  PlanWrite,
  planFields,
  Revision,
  toPlan,
  writePlan,
} from './schemas.ts'

export function planRoutes(app: App, services: PlanningServices): void {
  listRoute(app, services)
  createRoute(app, services)
  copyRoute(app, services)
  readRoute(app, services)
  changeRoute(app, services)
  removeRoute(app, services)
  revisionsRoute(app, services)
}

async function shownPlan(tx: Tx, row: PlanRow): Promise<Plan> {
  return toPlan(row, await countPlanDevices(tx, row), await baselineOf(tx, row.id))
}

function listRoute(app: App, { database }: PlanningServices): void {
  textListRoute(app, {
    url: '/v1/plans',
    operationId: 'listPlans',
    tag: 'replacement',
    summary: 'Replacement plans, as JSON pages, or all of them as CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'plans.read' },
    query: {
      jurisdictionId: repeatable(Id),
      status: repeatable(planFields.status),
      ...fieldsQuery(PLAN_FIELDS),
    },
    response: pageOf('PlanPage', ListedPlan),
    rows: { file: 'plans', columns: PLAN_COLUMNS },
    page: (asked) => {
      const { fields, include, ...filter } = asked.question
      const { shown } = chosenFields(PLAN_FIELDS, { fields, include })
      // A table has all of its columns.
      const wanted = asked.format === 'csv' ? PLAN_FIELDS.known : [...new Set<keyof Plan>(['id', ...shown])]
      const question = { scope: scopeOf(asked), status: filter.status }
      return async ({ limit, cursor }) => {
        const page = { limit, cursor, question: filter }
        const { items, nextCursor } = await database.acrossJurisdictions(question.scope, (tx) =>
          planPage(tx, question, page),
        )
        const texts = items.map((plan) => writePlan(pickFields(plan, PLAN_FIELDS.known, wanted)))
        const full = rowsThatFit(texts, pageBytes(limit, include !== undefined))
        if (full.length === items.length) return { items: full, nextCursor }
        return { items: full, nextCursor: cursorAt(items[full.length - 1]!, PLAN_ORDER, filter) }
      }
    },
  })
}

function createRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createPlan',
        tags: ['replacement'],
        summary: 'Make a plan; everything it is computed with has a default',
        security: [{ apiKey: [] }],
        body: PlanWrite,
        response: {
          201: Plan,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'plan-name-taken',
            'currency-mismatch',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const row = await makePlan(work, wish)
        return {
          status: 201,
          location: `/v1/plans/${row.id}`,
          etag: etagOf(row.version),
          body: toPlan(row, 0, null),
        }
      })
      return send(reply, answer)
    },
  )
}

function copyRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/copies',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'copyPlan',
        tags: ['replacement'],
        summary: 'Copy a plan to a new draft with other settings: its devices and what is bought instead',
        description:
          'The copy is a variant of the plan (`settings.variantOf`): the two count on the same money, and neither takes it from the other. `GET /v1/plans/{id}/comparison` puts them side by side.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: PlanCopy,
        response: {
          201: Plan,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'plan-name-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const row = await copyPlan(work, id, request.body)
        return {
          status: 201,
          location: `/v1/plans/${row.id}`,
          etag: etagOf(row.version),
          body: await shownPlan(work.tx, row),
        }
      })
      return send(reply, answer)
    },
  )
}

function readRoute(app: App, { database }: PlanningServices): void {
  app.get(
    '/v1/plans/:id',
    {
      config: { roles: READERS, reads: 'plan.read', readsOf: 'plans' },
      schema: {
        operationId: 'getPlan',
        tags: ['replacement'],
        summary: 'One plan with its settings',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Plan, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const plan = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        const row = await findPlan(tx, id)
        return shownPlan(tx, row)
      })
      reply.header('etag', etagOf(plan.version))
      return plan
    },
  )
}

function changeRoute(app: App, services: PlanningServices): void {
  app.patch(
    '/v1/plans/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'changePlan',
        tags: ['replacement'],
        summary: 'Change a plan; new settings make a new revision, estimates of the old one stay',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: PlanChange,
        response: {
          200: Plan,
          ...problemsOfChange('plan-name-taken'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const jurisdictionId = await planOwner(services, request.principal, id)
      const plan = await change(services, request, jurisdictionId, async (work) => {
        const row = await revisePlan(work, id, changes, request.headers['if-match'])
        return shownPlan(work.tx, row)
      })
      reply.header('etag', etagOf(plan.version))
      return plan
    },
  )
}

function removeRoute(app: App, services: PlanningServices): void {
  app.delete(
    '/v1/plans/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removePlan',
        tags: ['replacement'],
        summary: 'Remove a plan for which nothing was computed or recorded; archive others',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'plan-in-use'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      await change(services, request, jurisdictionId, (work) =>
        removePlan(work, id, request.headers['if-match']),
      )
      return reply.code(204).send(null)
    },
  )
}

function revisionsRoute(app: App, { database }: PlanningServices): void {
  textListRoute(app, {
    url: '/v1/plans/:id/revisions',
    operationId: 'listPlanRevisions',
    tag: 'replacement',
    summary: 'Every revision of a plan, newest first, with what was computed from it',
    config: { roles: READERS, reads: 'plan.revisions.read', readsOf: 'plans' },
    params: { id: Id },
    response: pageOf('PlanRevisionPage', Revision),
    problems: ['not-found'],
    page: (asked) => (page) =>
      database.acrossJurisdictions(scopeOf(asked), (tx) => revisionPage(tx, asked.params.id, page)),
  })
}
