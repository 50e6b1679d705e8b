/** `/v1/plans`: a set of devices to replace, and what it is computed with. */
import { and, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planDevices, plans } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendPage, sendRows } from '../../http/exports.ts'
import { chosenFields, type Fields, fieldsQuery, pickFields } from '../../http/fields.ts'
import { pageBytes, rowsThatFit } from '../../http/full-page.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import {
  after,
  decodeCursor,
  EXPORT_ROWS,
  encodeCursor,
  INTEGER_PART,
  orderBy,
  PageQuery,
  type SortKey,
  UUID_PART,
} from '../../http/pages.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, Instant, pageOf, repeatable, someText, text, toInstant } from '../../http/schemas.ts'
import { stringifier } from '../../http/serialize.ts'
import type { App } from '../../http/services.ts'
import type { DeviceFilter } from '../../inventory/queries/filter.ts'
import { DeviceFilterQuery } from '../../inventory/routes.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf } from '../../tenancy/audit.ts'
import { type Principal, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { PLANNERS } from '../context.ts'
import { restrictionOf } from '../model/risk-points.ts'
import { PlanSettings, PlanSettingsWrite } from '../settings.ts'
import {
  countPlanDevices,
  findPlan,
  makePlan,
  PLAN_STATUSES,
  type PlanRow,
  planTheseDevices,
  removePlan,
  revisePlan,
  unplanDevices,
} from './plans.ts'

const fields = {
  name: someText(200),
  description: text(4000).nullable(),
  projectNumber: someText(100).nullable().meta({ description: "the city's own number" }),
  status: z.enum(PLAN_STATUSES),
}

const PlanWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: fields.name,
    description: fields.description.default(null),
    projectNumber: fields.projectNumber.default(null),
    status: fields.status.default('draft'),
    settings: PlanSettingsWrite.default({}),
  })
  .meta({ id: 'NewPlan' })

const PlanChange = z
  .strictObject({ ...fields, settings: PlanSettingsWrite })
  .partial()
  .meta({ id: 'PlanChange', description: 'Fields to change; settings that are absent stay' })

export const Plan = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...fields,
    revision: z.int().meta({ description: 'goes up with everything that changes a figure' }),
    devices: z.int(),
    settings: PlanSettings,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Plan' })
type Plan = z.infer<typeof Plan>

const PLAN_FIELDS: Fields<keyof Plan> = {
  known: Object.keys(Plan.shape) as (keyof Plan)[],
  listed: (Object.keys(Plan.shape) as (keyof Plan)[]).filter((field) => field !== 'settings'),
}

const ListedPlan = Plan.partial()
  .extend({ id: z.string() })
  .meta({ id: 'ListedPlan', description: 'A plan as lists show it; `settings` with `include=settings`' })
const writePlan = stringifier(ListedPlan)

const Revision = z
  .object({
    revision: z.int(),
    change: z.string(),
    devices: z.int(),
    createdAt: Instant,
    createdBy: z.string(),
    settings: PlanSettings,
    estimates: z.array(
      z.object({
        id: z.string(),
        createdAt: Instant,
        inputsDigest: z.string(),
        pointCents: z.int(),
        atConfidenceCents: z.int(),
      }),
    ),
    schedules: z.array(
      z.object({ id: z.string(), createdAt: Instant, isFeasible: z.boolean(), nominalCents: z.int() }),
    ),
  })
  .meta({ id: 'PlanRevision' })

const writeRevision = stringifier(Revision)

const { jurisdictionId: _j, state: _s, ...deviceFilter } = DeviceFilterQuery
const PlanFilter = z
  .strictObject({
    ...deviceFilter,
    needsReview: z.boolean().optional(),
    hasFindings: z.boolean().optional(),
  })
  .meta({
    id: 'DeviceFilter',
    description: 'The filters of `GET /v1/devices`; `{}` is every device of the city',
  })

const PlanDevicesWrite = z
  .strictObject({
    deviceIds: z.array(Id).min(1).max(10_000).optional(),
    filter: PlanFilter.optional(),
    scope: z.enum(['like-for-like', 'betterment']).optional().meta({
      description: 'betterment is more than comparable equipment, which many programmes do not pay for',
    }),
    costCode: someText(60).nullable().optional().meta({
      description: 'price of the new device; default found from class, model and name',
    }),
    mount: z
      .enum(['building', 'pole'])
      .optional()
      .meta({ description: 'default: traffic and plates on poles' }),
    candidateId: Id.nullable().optional(),
    legalHold: z.boolean().optional().meta({ description: 'evidence on it has to be kept: no disposal' }),
    legalHoldReason: someText(500).nullable().optional(),
  })
  .refine((body) => (body.deviceIds === undefined) !== (body.filter === undefined), {
    message: 'name either deviceIds or filter',
    path: ['filter'],
  })
  .meta({ id: 'PlanDevicesWrite' })

const PlanDevicesChanged = z
  .object({ added: z.int(), changed: z.int(), devices: z.int(), revision: z.int() })
  .meta({ id: 'PlanDevicesChanged' })

const PlanDevice = z
  .object({
    deviceId: z.string(),
    assetTag: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    deviceClass: z.string().nullable(),
    siteId: z.string().nullable(),
    site: z.string().nullable(),
    status: z.string(),
    restriction: z.string().meta({ description: 'worst outcome that bears on keeping it' }),
    scope: z.string(),
    costCode: z.string().nullable().meta({ description: 'null: nothing prices it, and it is in no figure' }),
    mount: z.string(),
    candidateId: z.string().nullable(),
    legalHold: z.boolean(),
    legalHoldReason: z.string().nullable(),
    disposedOn: z.string().nullable(),
  })
  .meta({ id: 'PlanDevice' })
type PlanDevice = z.infer<typeof PlanDevice>

const DEVICE_COLUMNS: readonly Column<PlanDevice>[] = (
  Object.keys(PlanDevice.shape) as (keyof PlanDevice)[]
).map((field) => ({ header: field, value: (device: PlanDevice) => device[field] }))

const ORDER: readonly SortKey[] = [
  { field: 'jurisdictionId', column: sql`jurisdiction_id`, descending: false, type: 'uuid', nullable: false },
  { field: 'id', column: sql`id`, descending: false, type: 'uuid', nullable: false },
]

const PLAN_COLUMNS: readonly Column<Plan>[] = (
  [
    'id',
    'jurisdictionId',
    'name',
    'projectNumber',
    'status',
    'revision',
    'devices',
    'createdAt',
    'updatedAt',
  ] as const
).map((field) => ({ header: field, value: (plan: Plan) => plan[field] }))

function toPlan(row: PlanRow, devices: number): Plan {
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    name: row.name,
    description: row.description,
    projectNumber: row.projectNumber,
    status: row.status as Plan['status'],
    revision: row.revision,
    devices,
    settings: row.settings as PlanSettings,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

async function deviceCounts(tx: Tx, rows: readonly PlanRow[]): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map()
  const counts = await tx
    .select({ planId: planDevices.planId, devices: sql<number>`count(*)::int` })
    .from(planDevices)
    .where(
      inArray(
        planDevices.planId,
        rows.map((row) => row.id),
      ),
    )
    .groupBy(planDevices.planId)
  return new Map(counts.map((row) => [row.planId, row.devices]))
}

/** The jurisdiction a plan is changed in: the key's own, or where the operator finds it. */
export async function planOwner(
  { database }: Pick<Services, 'database'>,
  principal: Principal,
  id: string,
): Promise<string> {
  if (principal.jurisdictionId !== null) return principal.jurisdictionId
  const row = await database.acrossJurisdictions(readScope(principal), (tx) => findPlan(tx, id))
  return row.jurisdictionId
}

export function planRoutes(app: App, services: Services): void {
  const { database, now } = services

  app.get(
    '/v1/plans',
    {
      config: { roles: READERS, reads: 'plans.read' },
      schema: {
        operationId: 'listPlans',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary: 'Replacement plans, as JSON pages, or all of them as CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          status: repeatable(fields.status),
          ...fieldsQuery(PLAN_FIELDS),
        }),
        response: { 200: pageOf('PlanPage', ListedPlan), ...problems('unauthenticated', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { limit, cursor, fields: asked, include, ...question } = request.query
      const { shown } = chosenFields(PLAN_FIELDS, { fields: asked, include })
      const wanted = [...new Set<keyof Plan>(['id', ...shown])]
      const scope = readScope(request.principal, question.jurisdictionId)
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(scope, async (tx) => {
          const conditions = [
            ...(scope === 'all' ? [] : [sql`jurisdiction_id = any (${sql.param(scope)}::uuid[])`]),
            ...(question.status.length === 0 ? [] : [inArray(plans.status, question.status)]),
            ...(from === undefined ? [] : [after(ORDER, decodeCursor(from, question, ORDER))]),
          ]
          const rows = await tx
            .select()
            .from(plans)
            .where(and(...conditions))
            .orderBy(orderBy(ORDER))
            .limit(size + 1)
          const kept = rows.slice(0, size)
          const counts = await deviceCounts(tx, kept)
          const items = kept.map((row) => toPlan(row, counts.get(row.id) ?? 0))
          const last = items.at(-1)
          return {
            items,
            nextCursor:
              rows.length > size && last ? encodeCursor([last.jurisdictionId, last.id], question) : null,
          }
        })
      if (format !== 'json') {
        async function* batches() {
          let next: string | undefined
          do {
            const { items, nextCursor } = await page(EXPORT_ROWS, next)
            yield items
            next = nextCursor ?? undefined
          } while (next !== undefined)
        }
        const line = (plan: Plan) => writePlan(pickFields(plan, PLAN_FIELDS.known, wanted))
        return sendRows(reply, format, 'plans', PLAN_COLUMNS, batches(), line)
      }
      const { items, nextCursor } = await page(limit, cursor)
      const texts = items.map((plan) => writePlan(pickFields(plan, PLAN_FIELDS.known, wanted)))
      const full = rowsThatFit(texts, pageBytes(limit, include !== undefined))
      const last = items[full.length - 1]
      const next =
        full.length < items.length ? encodeCursor([last!.jurisdictionId, last!.id], question) : nextCursor
      linkNext(request, reply, next)
      return sendPage(reply, full, next)
    },
  )

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
      const instant = now()
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const row = await makePlan(tx, jurisdictionId, wish, actorOf(request), instant)
          return {
            status: 201,
            location: `/v1/plans/${row.id}`,
            etag: etagOf(row.version),
            body: toPlan(row, 0),
          }
        }),
      )
      return send(reply, answer)
    },
  )

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
        return toPlan(row, await countPlanDevices(tx, row))
      })
      reply.header('etag', etagOf(plan.version))
      return plan
    },
  )

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
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'plan-name-taken',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const jurisdictionId = await planOwner(services, request.principal, id)
      const plan = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const row = await revisePlan(
          tx,
          jurisdictionId,
          id,
          changes,
          request.headers['if-match'],
          actorOf(request),
          now(),
        )
        return toPlan(row, await countPlanDevices(tx, row))
      })
      reply.header('etag', etagOf(plan.version))
      return plan
    },
  )

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
      await database.inJurisdiction(jurisdictionId, (tx) =>
        removePlan(tx, jurisdictionId, id, request.headers['if-match'], actorOf(request), now()),
      )
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/plans/:id/revisions',
    {
      config: { roles: READERS, reads: 'plan.revisions.read', readsOf: 'plans' },
      schema: {
        operationId: 'listPlanRevisions',
        tags: ['replacement'],
        summary: 'Every revision of a plan, newest first, with what was computed from it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(PageQuery),
        response: { 200: pageOf('PlanRevisionPage', Revision), ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { limit, cursor } = request.query
      const before = cursor === undefined ? null : Number(decodeCursor(cursor, id, [INTEGER_PART])[0])
      const rows = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        await findPlan(tx, id)
        const found = await tx.execute<{
          revision: number
          change: string
          devices: number
          createdAt: string
          createdBy: string
          settings: PlanSettings
          estimates: z.infer<typeof Revision>['estimates']
          schedules: z.infer<typeof Revision>['schedules']
        }>(sql`
          select r.revision, r.change, r.device_count as devices, r.created_at as "createdAt",
            r.created_by as "createdBy", r.settings,
            coalesce((select json_agg(json_build_object('id', e.id, 'createdAt', e.document->>'createdAt',
              'inputsDigest', e.inputs_digest, 'pointCents', (e.document->>'pointCents')::bigint,
              'atConfidenceCents', (e.document->>'atConfidenceCents')::bigint) order by e.id)
              from plan_estimates e where e.jurisdiction_id = r.jurisdiction_id and e.plan_id = r.plan_id
                and e.revision = r.revision), '[]') as estimates,
            coalesce((select json_agg(json_build_object('id', s.id, 'createdAt', s.document->>'createdAt',
              'isFeasible', (s.document->>'isFeasible')::boolean,
              'nominalCents', (s.document->'outcome'->>'nominalCents')::bigint) order by s.id)
              from plan_schedules s where s.jurisdiction_id = r.jurisdiction_id and s.plan_id = r.plan_id
                and s.revision = r.revision), '[]') as schedules
          from plan_revisions r
          where r.plan_id = ${id}::uuid and ${before === null ? sql`true` : sql`r.revision < ${before}`}
          order by r.revision desc limit ${limit + 1}`)
        return found.rows
      })
      const texts = rows
        .slice(0, limit)
        .map((row) => writeRevision({ ...row, createdAt: toInstant(row.createdAt) }))
      const items = rowsThatFit(texts, pageBytes(limit))
      const nextCursor =
        rows.length > items.length ? encodeCursor([rows[items.length - 1]!.revision], id) : null
      linkNext(request, reply, nextCursor)
      return sendPage(reply, items, nextCursor)
    },
  )

  app.get(
    '/v1/plans/:id/devices',
    {
      config: { roles: READERS, reads: 'plan.devices.read', readsOf: 'plans' },
      schema: {
        operationId: 'listPlanDevices',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary: 'Devices of a plan and how each is priced, as JSON pages, or CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({
          ...PageQuery,
          isPriced: z.stringbool().optional(),
          legalHold: z.stringbool().optional(),
        }),
        response: {
          200: pageOf('PlanDevicePage', PlanDevice),
          ...problems('unauthenticated', 'not-found', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { id } = request.params
      const { limit, cursor, isPriced, legalHold } = request.query
      const question = { id, isPriced, legalHold }
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(readScope(request.principal), async (tx) => {
          const plan = await findPlan(tx, id)
          const last = from === undefined ? null : String(decodeCursor(from, question, [UUID_PART])[0])
          const { rows } = await tx.execute<
            PlanDevice & { headline: Record<string, string> | null; offerPrice: number | null }
          >(sql`
            select x.device_id as "deviceId", d.asset_tag as "assetTag", d.manufacturer, d.model,
              d.device_class as "deviceClass", d.site_id as "siteId", s.name as site,
              coalesce(d.status, 'removed') as status, p.headline, x.scope, x.cost_code as "costCode", x.mount,
              x.candidate_id as "candidateId", x.legal_hold as "legalHold",
              x.legal_hold_reason as "legalHoldReason", g.disposed_on::text as "disposedOn"
            from plan_devices x
            left join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
            left join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
            left join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
            left join plan_disposals g on g.jurisdiction_id = x.jurisdiction_id and g.device_id = x.device_id
            where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${id}::uuid
              and ${last === null ? sql`true` : sql`x.device_id > ${last}::uuid`}
              and ${isPriced === undefined ? sql`true` : sql`(x.cost_code is not null) = ${isPriced}`}
              and ${legalHold === undefined ? sql`true` : sql`x.legal_hold = ${legalHold}`}
            order by x.device_id limit ${size + 1}`)
          const items = rows.slice(0, size).map(({ headline, ...row }) => ({
            ...row,
            restriction: headline === null ? 'review' : restrictionOf(headline),
          }))
          return {
            items,
            nextCursor: rows.length > size ? encodeCursor([items.at(-1)!.deviceId], question) : null,
          }
        })
      if (format !== 'json') {
        // The plan has to be there before a file is begun.
        let first: Awaited<ReturnType<typeof page>> | null = await page(EXPORT_ROWS, undefined)
        async function* batches() {
          let next: string | undefined
          do {
            const { items, nextCursor } = first ?? (await page(EXPORT_ROWS, next))
            first = null
            yield items
            next = nextCursor ?? undefined
          } while (next !== undefined)
        }
        return sendRows(reply, format, 'plan-devices', DEVICE_COLUMNS, batches())
      }
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

  app.post(
    '/v1/plans/:id/devices',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'addPlanDevices',
        tags: ['replacement'],
        summary: 'Add devices to a plan by filter or list, or set what is given on those it has',
        description:
          'The filter is applied once, now. Devices that are planned or decommissioned are passed by unless its `status` asks for them.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: PlanDevicesWrite,
        response: {
          200: PlanDevicesChanged,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const { deviceIds, filter, ...wish } = request.body
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const result = await planTheseDevices(
            tx,
            jurisdictionId,
            id,
            selectionOf(deviceIds, filter),
            wish,
            request.headers['if-match'],
            actorOf(request),
            instant,
          )
          return {
            status: 200,
            etag: etagOf(result.plan.version),
            body: {
              added: result.added,
              changed: result.changed,
              devices: await countPlanDevices(tx, result.plan),
              revision: result.plan.revision,
            },
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.delete(
    '/v1/plans/:id/devices',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removePlanDevices',
        tags: ['replacement'],
        summary: 'Take devices out of a plan, by filter or list; at least one has to be named',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({ ...deviceFilter, deviceId: repeatable(Id) }),
        response: {
          200: z.object({ removed: z.int(), devices: z.int() }).meta({ id: 'PlanDevicesRemoved' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'legal-hold'),
        },
      },
    },
    async (request) => {
      const { id } = request.params
      const { deviceId, ...filter } = request.query
      const isFiltered = Object.values(filter).some(
        (value) => value !== undefined && !(Array.isArray(value) && value.length === 0),
      )
      if (isFiltered === deviceId.length > 0) {
        throw new DomainError('invalid-request', 'Name either devices or filters.', {
          errors: [{ pointer: '?deviceId', code: 'required', message: 'name either deviceId or a filter' }],
        })
      }
      const jurisdictionId = await planOwner(services, request.principal, id)
      return database.inJurisdiction(jurisdictionId, async (tx) => {
        const removed = await unplanDevices(
          tx,
          jurisdictionId,
          id,
          isFiltered ? selectionOf(undefined, filter) : selectionOf(deviceId, undefined),
          request.headers['if-match'],
          actorOf(request),
          now(),
        )
        return { removed, devices: await countPlanDevices(tx, { jurisdictionId, id }) }
      })
    },
  )
}

function selectionOf(
  deviceIds: readonly string[] | undefined,
  filter: Omit<DeviceFilter, 'jurisdictionId' | 'state'> | undefined,
) {
  return {
    deviceIds: deviceIds ?? [],
    filter: filter === undefined ? null : { ...filter, jurisdictionId: [], state: [] },
  }
}
