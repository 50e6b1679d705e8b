/** `/v1/plans/{id}/actuals` and `/disposals`: what really happened, beside what was planned. */
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planActuals, planDisposals } from '../../db/schema/index.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { decodeCursor, EXPORT_ROWS, encodeCursor, PageQuery, UUID_PART } from '../../http/pages.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Currency, Day, Id, Instant, pageOf, someText, text, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { assertCurrency, loadCity, PLANNERS, todayIn } from '../context.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import { addMonths, fiscalYearOf } from '../model/fiscal-year.ts'
import { findPlan, lockPlan } from '../plans/plans.ts'
import { planOwner } from '../plans/routes.ts'

/**
 * Why a replacement is late: the five causes that participants of the FCC's reimbursement programme named.
 * Source: FCC, fifth progress report on the Secure and Trusted Communications Networks Reimbursement Program.
 */
export const DELAY_REASONS = ['funding', 'supply-chain', 'labour', 'weather', 'slow-claim-review'] as const

/** How long a disposal record is kept; judgement, as with the records of the FCC's programme. */
const KEEP_MONTHS = 120

const common = {
  occurredOn: Day,
  siteId: Id.nullable().default(null),
  reference: someText(200)
    .nullable()
    .default(null)
    .meta({ description: 'number of the order, invoice or claim' }),
  note: text(2000).nullable().default(null),
}
const money = {
  amountCents: z.int().min(-1e15).max(1e15).meta({ description: 'negative puts an earlier entry right' }),
  currency: Currency.optional().meta({ description: "default the jurisdiction's" }),
  fundingSourceId: Id.nullable().default(null),
  vendor: someText(200).nullable().default(null),
}

const ActualWrite = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('purchase-order'), ...common, ...money }),
    z.strictObject({ kind: z.literal('payment'), ...common, ...money }),
    z.strictObject({
      kind: z.literal('completion'),
      ...common,
      siteId: Id,
      devicesDone: z.int().min(0).max(1_000_000),
    }),
    z.strictObject({
      kind: z.literal('delay'),
      ...common,
      delayReason: z.enum(DELAY_REASONS),
      delayDays: z.int().min(1).max(3650),
    }),
  ])
  .meta({ id: 'NewActual' })

const Actual = z
  .object({
    id: z.string(),
    planId: z.string(),
    kind: z.string(),
    occurredOn: z.string(),
    fiscalYear: z.int(),
    siteId: z.string().nullable(),
    fundingSourceId: z.string().nullable(),
    amountCents: z.int().nullable(),
    currency: z.string().nullable(),
    reference: z.string().nullable(),
    vendor: z.string().nullable(),
    delayReason: z.string().nullable(),
    delayDays: z.int().nullable(),
    devicesDone: z.int().nullable(),
    note: z.string().nullable(),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Actual' })
type Actual = z.infer<typeof Actual>

const Comparison = z
  .object({
    label: z.string(),
    plannedCents: z.int().nullable().meta({
      description: 'budget of the latest schedule with what was ordered or paid then; null without one',
    }),
    orderedCents: z.int(),
    paidCents: z.int(),
  })
  .meta({ id: 'PlannedAndActual' })

const Actuals = z
  .object({
    items: z.array(Actual),
    nextCursor: z.string().nullable(),
    comparison: z.object({
      scheduleId: z.string().nullable(),
      total: Comparison,
      byFiscalYear: z.array(Comparison.extend({ fiscalYear: z.int() })),
      bySite: z.array(Comparison.extend({ siteId: z.string().nullable() })),
      devicesPlanned: z.int().nullable(),
      devicesDone: z.int(),
      delayDaysByReason: z.record(z.string(), z.int()),
    }),
  })
  .meta({ id: 'ActualPage' })

type Row = typeof planActuals.$inferSelect

function toActual(row: Row, startMonth: number): Actual {
  const { jurisdictionId: _, ...rest } = row
  return {
    ...rest,
    fiscalYear: fiscalYearOf(row.occurredOn, startMonth),
    createdAt: toInstant(row.createdAt),
  }
}

const ACTUAL_COLUMNS: readonly Column<Actual>[] = (Object.keys(Actual.shape) as (keyof Actual)[]).map(
  (field) => ({ header: field, value: (actual: Actual) => actual[field] }),
)

const METHODS = ['clear', 'purge', 'destroy'] as const

const DisposalWrite = z
  .strictObject({
    deviceId: Id,
    method: z.enum(METHODS).meta({ description: 'NIST SP 800-88: how data on it was made unreadable' }),
    disposedOn: Day,
    party: someText(200).meta({ description: 'who took it' }),
    partyCertification: z.enum(['R2', 'e-Stewards', 'none']).nullable().default(null),
    certificate: someText(200).nullable().default(null).meta({
      description: 'number or place of the certificate; needed for `destroy`',
    }),
    witness: someText(200).nullable().default(null),
    note: text(2000).nullable().default(null),
  })
  .refine((body) => body.method !== 'destroy' || body.certificate !== null, {
    message: 'is required for a destroyed device',
    path: ['certificate'],
  })
  .meta({ id: 'NewDisposal' })

const Disposal = z
  .object({
    id: z.string(),
    planId: z.string(),
    deviceId: z.string(),
    device: z.object({
      assetTag: z.string().nullable(),
      serialNumber: z.string().nullable(),
      manufacturer: z.string().nullable(),
      model: z.string().nullable(),
    }),
    method: z.string(),
    disposedOn: z.string(),
    party: z.string(),
    partyCertification: z.string().nullable(),
    certificate: z.string().nullable(),
    witness: z.string().nullable(),
    keepUntil: z.string().meta({ description: 'first day on which the record may be thrown away' }),
    note: z.string().nullable(),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Disposal' })
type Disposal = z.infer<typeof Disposal>

function toDisposal(row: typeof planDisposals.$inferSelect): Disposal {
  const { jurisdictionId: _, device, ...rest } = row
  return { ...rest, device: device as Disposal['device'], createdAt: toInstant(row.createdAt) }
}

const DISPOSAL_COLUMNS: readonly Column<Disposal>[] = [
  ...(
    [
      'id',
      'deviceId',
      'method',
      'disposedOn',
      'party',
      'partyCertification',
      'certificate',
      'witness',
      'keepUntil',
      'note',
    ] as const
  ).map((field) => ({ header: field, value: (one: Disposal) => one[field] })),
  { header: 'assetTag', value: (one) => one.device.assetTag },
  { header: 'serialNumber', value: (one) => one.device.serialNumber },
  { header: 'manufacturer', value: (one) => one.device.manufacturer },
  { header: 'model', value: (one) => one.device.model },
]

export function progressRoutes(app: App, services: Services): void {
  const { database, now } = services

  app.get(
    '/v1/plans/:id/actuals',
    {
      config: { roles: READERS, reads: 'plan.actuals.read', readsOf: 'plans' },
      schema: {
        operationId: 'listActuals',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary:
          'Orders, payments, completed sites and delays, beside the plan; entries as CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(PageQuery),
        response: { 200: Actuals, ...problems('unauthenticated', 'not-found', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { id } = request.params
      const { limit, cursor } = request.query
      const from = cursor === undefined ? null : String(decodeCursor(cursor, id, [UUID_PART])[0])
      const read = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        const plan = await findPlan(tx, id)
        const city = await loadCity(tx, plan.jurisdictionId)
        // A plan has a few hundred entries; the comparison needs them all.
        const rows = await tx
          .select()
          .from(planActuals)
          .where(and(eq(planActuals.jurisdictionId, plan.jurisdictionId), eq(planActuals.planId, id)))
          .orderBy(planActuals.id)
        const actuals = rows.map((row) => toActual(row, city.fiscalYearStartMonth))
        return { actuals, comparison: await compare(tx, id, actuals) }
      })
      if (format !== 'json') {
        async function* all() {
          yield read.actuals
        }
        return sendRows(reply, format, 'actuals', ACTUAL_COLUMNS, all())
      }
      const rest = from === null ? read.actuals : read.actuals.filter((one) => one.id > from)
      const items = rest.slice(0, limit)
      const nextCursor = rest.length > limit ? encodeCursor([items.at(-1)!.id], id) : null
      linkNext(request, reply, nextCursor)
      return { items, nextCursor, comparison: read.comparison }
    },
  )

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
      const instant = now()
      const { id } = request.params
      const wish = request.body
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await lockPlan(tx, jurisdictionId, id)
          const city = await loadCity(tx, jurisdictionId)
          notAfter(wish.occurredOn, todayIn(city, instant), '/occurredOn')
          if (wish.kind === 'completion') await notTooMany(tx, jurisdictionId, id, wish)
          const isMoney = wish.kind === 'purchase-order' || wish.kind === 'payment'
          const currency = isMoney ? (wish.currency ?? city.currency) : null
          if (currency !== null) assertCurrency(currency, city.currency)
          const [row] = await tx
            .insert(planActuals)
            .values({
              jurisdictionId,
              planId: id,
              id: uuidv7(instant.getTime()),
              ...wish,
              currency,
              createdAt: instant.toISOString(),
              createdBy: actorOf(request).id,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: `plan.${wish.kind}.create`,
            target: row!.id,
            detail: { plan: id, ...wish },
          })
          return { status: 201, body: toActual(row!, city.fiscalYearStartMonth) }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/plans/:id/disposals',
    {
      config: { roles: READERS, reads: 'plan.disposals.read', readsOf: 'plans' },
      schema: {
        operationId: 'listDisposals',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary: 'Disposal records, as JSON pages, or CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(PageQuery),
        response: {
          200: pageOf('DisposalPage', Disposal),
          ...problems('unauthenticated', 'not-found', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { id } = request.params
      const { limit, cursor } = request.query
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(readScope(request.principal), async (tx) => {
          const plan = await findPlan(tx, id)
          const last = from === undefined ? null : String(decodeCursor(from, id, [UUID_PART])[0])
          const rows = await tx
            .select()
            .from(planDisposals)
            .where(
              and(
                eq(planDisposals.jurisdictionId, plan.jurisdictionId),
                eq(planDisposals.planId, id),
                last === null ? sql`true` : sql`${planDisposals.id} > ${last}::uuid`,
              ),
            )
            .orderBy(planDisposals.id)
            .limit(size + 1)
          const items = rows.slice(0, size).map(toDisposal)
          return { items, nextCursor: rows.length > size ? encodeCursor([items.at(-1)!.id], id) : null }
        })
      if (format !== 'json') {
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
        return sendRows(reply, format, 'disposals', DISPOSAL_COLUMNS, batches())
      }
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

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
      const instant = now()
      const { id } = request.params
      const wish = request.body
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await lockPlan(tx, jurisdictionId, id)
          const city = await loadCity(tx, jurisdictionId)
          notAfter(wish.disposedOn, todayIn(city, instant), '/disposedOn')
          const device = await releasedDevice(tx, jurisdictionId, id, wish.deviceId)
          const [row] = await tx
            .insert(planDisposals)
            .values({
              jurisdictionId,
              planId: id,
              id: uuidv7(instant.getTime()),
              ...wish,
              device,
              keepUntil: addMonths(wish.disposedOn, KEEP_MONTHS),
              createdAt: instant.toISOString(),
              createdBy: actorOf(request).id,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'plan.disposal.create',
            target: wish.deviceId,
            detail: { plan: id, ...wish },
          })
          return { status: 201, body: toDisposal(row!) }
        }),
      )
      return send(reply, answer)
    },
  )
}

function notAfter(day: string, today: string, pointer: string): void {
  if (day <= today) return
  throw new DomainError('invalid-request', 'What has not happened yet cannot be recorded.', {
    errors: [{ pointer, code: 'in-the-future', message: 'must not be after today' }],
  })
}

/** Throws `invalid-request` when more devices of a site would be done than the plan has there. */
async function notTooMany(
  tx: Tx,
  jurisdictionId: string,
  planId: string,
  { siteId, devicesDone }: { readonly siteId: string; readonly devicesDone: number },
): Promise<void> {
  const { rows } = await tx.execute<{ planned: number; done: number }>(sql`
    select (
      select count(*)::int from plan_devices x
      join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
      where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${planId}::uuid
        and d.site_id = ${siteId}::uuid
    ) as planned, (
      select coalesce(sum(devices_done), 0)::int from plan_actuals
      where jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${planId}::uuid
        and kind = 'completion' and site_id = ${siteId}::uuid
    ) as done`)
  const { planned, done } = rows[0]!
  if (devicesDone === 0 || done + devicesDone <= planned) return
  throw new DomainError(
    'invalid-request',
    `The plan has ${planned} devices at this site, and ${done} are recorded as done.`,
    { errors: [{ pointer: '/devicesDone', code: 'too-many', message: `must be at most ${planned - done}` }] },
  )
}

/** What the device is, if it is in the plan and no plan holds it. Throws `legal-hold`, `invalid-request`. */
async function releasedDevice(
  tx: Tx,
  jurisdictionId: string,
  planId: string,
  deviceId: string,
): Promise<Disposal['device']> {
  // Locked, so that a hold that comes meanwhile waits and then finds the record.
  const { rows } = await tx.execute<{ planId: string; legalHold: boolean; reason: string | null }>(sql`
    select plan_id::text as "planId", legal_hold as "legalHold", legal_hold_reason as reason from plan_devices
    where jurisdiction_id = ${jurisdictionId}::uuid and device_id = ${deviceId}::uuid
    order by plan_id for update`)
  if (!rows.some((row) => row.planId === planId)) {
    throw new DomainError('invalid-request', 'The device is not in this plan.', {
      errors: [{ pointer: '/deviceId', code: 'unknown', message: 'is not a device of this plan' }],
    })
  }
  const held = rows.find((row) => row.legalHold)
  if (held) {
    throw new DomainError(
      'legal-hold',
      `Evidence on it has to be kept${held.reason === null ? '' : `: ${held.reason}`}. Lift the hold first.`,
    )
  }
  const found = await tx.execute<Disposal['device'] & Record<string, unknown>>(sql`
    select asset_tag as "assetTag", serial_number as "serialNumber", manufacturer, model from devices
    where jurisdiction_id = ${jurisdictionId}::uuid and id = ${deviceId}::uuid`)
  return found.rows[0] ?? { assetTag: null, serialNumber: null, manufacturer: null, model: null }
}

/** With what was ordered or paid when it was scheduled; what came before the first year is the prior column. */
function plannedIn({ capitalPage, settings }: ScheduleDocument, fiscalYear: number): number {
  const column = fiscalYear < settings.firstFiscalYear ? 0 : capitalPage.columns.indexOf(`FY${fiscalYear}`)
  return capitalPage.expenditureTotal[column] ?? 0
}

async function compare(
  tx: Tx,
  planId: string,
  actuals: readonly Actual[],
): Promise<z.infer<typeof Actuals>['comparison']> {
  const latest = await tx.execute<{ document: ScheduleDocument }>(
    sql`select document from plan_schedules where plan_id = ${planId}::uuid order by revision desc, id desc limit 1`,
  )
  const estimated = await tx.execute<{ document: EstimateDocument }>(
    sql`select document from plan_estimates where plan_id = ${planId}::uuid order by revision desc, id desc limit 1`,
  )
  const schedule = latest.rows[0]?.document ?? null
  const totalOf = (entries: readonly Actual[], kind: string) =>
    entries.reduce((total, entry) => total + (entry.kind === kind ? (entry.amountCents ?? 0) : 0), 0)
  const line = (label: string, plannedCents: number | null, entries: readonly Actual[]) => ({
    label,
    plannedCents,
    orderedCents: totalOf(entries, 'purchase-order'),
    paidCents: totalOf(entries, 'payment'),
  })
  const isMoney = (entry: Actual) => entry.amountCents !== null
  const years = new Set([
    ...(schedule?.outcome.years.map((year) => year.fiscalYear) ?? []),
    ...actuals.filter(isMoney).map((entry) => entry.fiscalYear),
  ])
  const sites = new Map<string | null, string>()
  for (const site of schedule?.sites ?? []) sites.set(site.siteId, site.site)
  for (const entry of actuals.filter(isMoney)) {
    if (!sites.has(entry.siteId)) sites.set(entry.siteId, entry.siteId ?? 'No site')
  }
  const delays: Record<string, number> = {}
  for (const { delayReason, delayDays } of actuals) {
    if (delayReason !== null) delays[delayReason] = (delays[delayReason] ?? 0) + (delayDays ?? 0)
  }
  return {
    scheduleId: schedule?.id ?? null,
    total: line('Total', schedule?.capitalPage.expenditureTotal.at(-1) ?? null, actuals),
    byFiscalYear: [...years].sort().map((fiscalYear) => ({
      fiscalYear,
      ...line(
        `FY${fiscalYear}`,
        schedule ? plannedIn(schedule, fiscalYear) : null,
        actuals.filter((entry) => entry.fiscalYear === fiscalYear),
      ),
    })),
    bySite: [...sites].map(([siteId, name]) => ({
      siteId,
      ...line(
        name,
        schedule ? (schedule.sites.find((one) => one.siteId === siteId)?.costCents ?? 0) : null,
        actuals.filter((entry) => entry.siteId === siteId),
      ),
    })),
    devicesPlanned: estimated.rows[0]?.document.devices ?? null,
    devicesDone: actuals.reduce((total, entry) => total + (entry.devicesDone ?? 0), 0),
    delayDaysByReason: delays,
  }
}
