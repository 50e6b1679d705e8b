/** `/v1/funding-sources`: whose money there is, what it may pay, and how much in which fiscal year. */
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { fundingSources, planActuals, plans } from '../../db/schema/index.ts'
import { PURPOSES } from '../../device/schemas.ts'
import { changesOf } from '../../http/changes.ts'
import { assertMatch, etagOf } from '../../http/etag.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import {
  after,
  decodeCursor,
  EXPORT_ROWS,
  encodeCursor,
  orderBy,
  PageQuery,
  type SortKey,
} from '../../http/pages.ts'
import { DomainError, notFound, problems } from '../../http/problems.ts'
import {
  Cents,
  Currency,
  Day,
  Id,
  Instant,
  pageOf,
  repeatable,
  someText,
  text,
  toInstant,
} from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { type Principal, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { assertCurrency, loadCity, PLANNERS } from '../context.ts'
import type { CostKind, NamedSource, NeedActivity } from './model/rules.ts'

const ACTIVITIES = ['replacement', 'removal', 'disposal'] as const
const COST_KINDS = ['hard', 'soft', 'recurring'] as const

const fields = {
  name: someText(200),
  isFederal: z.boolean().meta({
    description: 'federal money, also when a state passes it on: 2 CFR 200.216 holds for it',
  }),
  currency: Currency,
  priority: z.int().min(0).max(1_000_000).meta({ description: 'lower pays first' }),
  periodFrom: Day.nullable().meta({ description: 'first day on which the money may be committed' }),
  periodTo: Day.nullable().meta({ description: 'first day outside the grant period' }),
  periodOf: z.enum(['work', 'order']).meta({
    description:
      'what has to fall into the period: `work`, all of it ends before `periodTo`; `order`, what is ordered before `periodTo` may be installed later',
  }),
  purposes: z
    .array(z.enum([...PURPOSES, 'unknown', 'several', 'project']))
    .min(1)
    .nullable()
    .meta({ description: 'of the devices; `project` is what the project pays once; null pays for any' }),
  activities: z.array(z.enum(ACTIVITIES)).min(1).nullable(),
  costKinds: z.array(z.enum(COST_KINDS)).min(1).nullable(),
  paysBetterment: z.boolean().meta({ description: 'pays for more than comparable equipment' }),
  sharePercent: z
    .number()
    .gt(0)
    .max(100)
    .refine((value) => /^\d+(\.\d{1,6})?$/.test(String(value)), 'must have at most six decimals')
    .meta({ description: 'part of eligible cost that it pays; the rest is the match' }),
  shareOf: z.enum(['award', 'fiscal-year', 'item']).meta({
    description: 'what the share is of: the whole award, each fiscal year, or each item by itself',
  }),
  matchSources: z.array(Id).max(50).nullable().meta({
    description: 'sources that count as match; null for all that are not federal and pay in full',
  }),
  totalCapCents: Cents.nullable().meta({ description: 'one pot over the whole period' }),
  yearCaps: z
    .array(z.strictObject({ fiscalYear: z.int().min(2000).max(2300), cents: Cents }))
    .max(50)
    .nullable()
    .meta({ description: 'a year without a row has nothing; null for no yearly limit' }),
  carriesForward: z.boolean().meta({
    description: 'whether what a fiscal year leaves of its cap may be spent in later years',
  }),
  draw: z.enum(['proportional', 'earliest']).meta({
    deprecated: true,
    description: 'not read any more: the schedule decides when a total is spent',
  }),
  citation: text(1000),
}

const FundingSourceWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: fields.name,
    isFederal: fields.isFederal,
    currency: fields.currency.optional().meta({ description: "default the jurisdiction's" }),
    priority: fields.priority.default(100),
    periodFrom: fields.periodFrom.default(null),
    periodTo: fields.periodTo.default(null),
    periodOf: fields.periodOf.default('work'),
    purposes: fields.purposes.default(null),
    activities: fields.activities.default(null),
    costKinds: fields.costKinds.default(null),
    paysBetterment: fields.paysBetterment.optional().meta({ description: 'default: not with federal money' }),
    sharePercent: fields.sharePercent.default(100),
    shareOf: fields.shareOf.default('award'),
    matchSources: fields.matchSources.default(null),
    totalCapCents: fields.totalCapCents.default(null),
    yearCaps: fields.yearCaps.default(null),
    carriesForward: fields.carriesForward.default(false),
    draw: fields.draw.default('earliest'),
    citation: fields.citation.default(''),
  })
  .meta({ id: 'NewFundingSource' })

const FundingSourceChange = z.strictObject(fields).partial().meta({ id: 'FundingSourceChange' })

export const FundingSource = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...fields,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'FundingSource' })
type FundingSource = z.infer<typeof FundingSource>
type Row = typeof fundingSources.$inferSelect

function toSource(row: Row): FundingSource {
  return {
    ...(row as unknown as FundingSource),
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

/** The sources a plan pays from, in the order in which they pay. Throws `currency-mismatch`. */
export async function loadSources(
  tx: Tx,
  jurisdictionId: string,
  chosen: readonly string[] | null,
  currency: string,
): Promise<NamedSource[]> {
  const rows = await tx
    .select()
    .from(fundingSources)
    .where(eq(fundingSources.jurisdictionId, jurisdictionId))
    .orderBy(fundingSources.priority, fundingSources.id)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const wanted = chosen === null ? rows : chosen.flatMap((id) => byId.get(id) ?? [])
  return wanted.map((row) => {
    assertCurrency(row.currency, currency, '/fundingSources')
    return {
      id: row.id,
      name: row.name,
      currency: row.currency,
      isFederal: row.isFederal,
      period: { from: row.periodFrom, to: row.periodTo },
      periodOf: row.periodOf as NamedSource['periodOf'],
      purposes: row.purposes,
      activities: row.activities as NeedActivity[] | null,
      costKinds: row.costKinds as CostKind[] | null,
      paysBetterment: row.paysBetterment,
      sharePercent: row.sharePercent,
      shareOf: row.shareOf as NamedSource['shareOf'],
      matchSources: row.matchSources,
      totalCapCents: row.totalCapCents === null ? null : BigInt(row.totalCapCents),
      yearCaps:
        (row.yearCaps as { fiscalYear: number; cents: number }[] | null)?.map((cap) => ({
          fiscalYear: cap.fiscalYear,
          cents: BigInt(cap.cents),
        })) ?? null,
      carriesForward: row.carriesForward,
      citation: row.citation,
    }
  })
}

const ORDER: readonly SortKey[] = [
  { field: 'jurisdictionId', column: sql`jurisdiction_id`, descending: false, type: 'uuid', nullable: false },
  { field: 'priority', column: sql`priority`, descending: false, type: 'integer', nullable: false },
  { field: 'id', column: sql`id`, descending: false, type: 'uuid', nullable: false },
]

const list = (values: readonly string[] | null) => values?.join(';') ?? null
const COLUMNS: readonly Column<FundingSource>[] = [
  { header: 'id', value: (one) => one.id },
  { header: 'jurisdictionId', value: (one) => one.jurisdictionId },
  { header: 'name', value: (one) => one.name },
  { header: 'isFederal', value: (one) => one.isFederal },
  { header: 'currency', value: (one) => one.currency },
  { header: 'priority', value: (one) => one.priority },
  { header: 'periodFrom', value: (one) => one.periodFrom },
  { header: 'periodTo', value: (one) => one.periodTo },
  { header: 'periodOf', value: (one) => one.periodOf },
  { header: 'purposes', value: (one) => list(one.purposes) },
  { header: 'activities', value: (one) => list(one.activities) },
  { header: 'costKinds', value: (one) => list(one.costKinds) },
  { header: 'paysBetterment', value: (one) => one.paysBetterment },
  { header: 'sharePercent', value: (one) => one.sharePercent },
  { header: 'shareOf', value: (one) => one.shareOf },
  { header: 'matchSources', value: (one) => list(one.matchSources) },
  { header: 'totalCapCents', value: (one) => one.totalCapCents },
  {
    header: 'yearCaps',
    value: (one) => list(one.yearCaps?.map((cap) => `FY${cap.fiscalYear}:${cap.cents}`) ?? null),
  },
  { header: 'carriesForward', value: (one) => one.carriesForward },
  { header: 'citation', value: (one) => one.citation },
]

export function fundingRoutes(app: App, services: Services): void {
  const { database, now } = services

  app.get(
    '/v1/funding-sources',
    {
      config: { roles: READERS, reads: 'funding-sources.read' },
      schema: {
        operationId: 'listFundingSources',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary:
          'Funding sources in the order in which they pay, as JSON pages, or CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({ ...PageQuery, jurisdictionId: repeatable(Id) }),
        response: {
          200: pageOf('FundingSourcePage', FundingSource),
          ...problems('unauthenticated', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { limit, cursor, ...question } = request.query
      const scope = readScope(request.principal, question.jurisdictionId)
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(scope, async (tx) => {
          const conditions = [
            ...(scope === 'all' ? [] : [sql`jurisdiction_id = any (${sql.param(scope)}::uuid[])`]),
            ...(from === undefined ? [] : [after(ORDER, decodeCursor(from, question, ORDER))]),
          ]
          const rows = await tx
            .select()
            .from(fundingSources)
            .where(and(...conditions))
            .orderBy(orderBy(ORDER))
            .limit(size + 1)
          const items = rows.slice(0, size).map(toSource)
          const last = items.at(-1)
          const nextCursor =
            rows.length > size && last
              ? encodeCursor([last.jurisdictionId, last.priority, last.id], question)
              : null
          return { items, nextCursor }
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
        return sendRows(reply, format, 'funding-sources', COLUMNS, batches())
      }
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

  app.post(
    '/v1/funding-sources',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createFundingSource',
        tags: ['replacement'],
        summary: 'Add a fund, grant or bond with its caps and rules',
        security: [{ apiKey: [] }],
        body: FundingSourceWrite,
        response: {
          201: FundingSource,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'funding-source-name-taken',
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
          const city = await loadCity(tx, jurisdictionId)
          const values = {
            ...wish,
            currency: wish.currency ?? city.currency,
            paysBetterment: wish.paysBetterment ?? !wish.isFederal,
          }
          assertCurrency(values.currency, city.currency)
          checkSource(values)
          await checkMatch(tx, jurisdictionId, null, values.matchSources)
          const at = instant.toISOString()
          const [row] = await tx
            .insert(fundingSources)
            .values({
              jurisdictionId,
              id: uuidv7(instant.getTime()),
              ...values,
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'funding-source.create',
            target: row!.id,
            detail: values,
          })
          return {
            status: 201,
            location: `/v1/funding-sources/${row!.id}`,
            etag: etagOf(row!.version),
            body: toSource(row!),
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/funding-sources/:id',
    {
      config: { roles: READERS, reads: 'funding-source.read', readsOf: 'funding_sources' },
      schema: {
        operationId: 'getFundingSource',
        tags: ['replacement'],
        summary: 'One funding source',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: FundingSource, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const [row] = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        tx.select().from(fundingSources).where(eq(fundingSources.id, request.params.id)),
      )
      if (!row) throw notFound('funding source')
      reply.header('etag', etagOf(row.version))
      return toSource(row)
    },
  )

  app.patch(
    '/v1/funding-sources/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'changeFundingSource',
        tags: ['replacement'],
        summary: 'Change a funding source; schedules made with it stay as they are',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: FundingSourceChange,
        response: {
          200: FundingSource,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'funding-source-name-taken',
            'currency-mismatch',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const changes = changesOf(request.body)
      const jurisdictionId = await owner(request.principal, id)
      const row = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = and(eq(fundingSources.jurisdictionId, jurisdictionId), eq(fundingSources.id, id))
        const [current] = await tx.select().from(fundingSources).where(mine).for('update')
        if (!current) throw notFound('funding source')
        assertMatch(request.headers['if-match'], current.version)
        const city = await loadCity(tx, jurisdictionId)
        const next = { ...toSource(current), ...changes } as FundingSource
        assertCurrency(next.currency, city.currency)
        checkSource(next)
        await checkMatch(tx, jurisdictionId, id, next.matchSources)
        const [changed] = await tx
          .update(fundingSources)
          .set({ ...changes, version: current.version + 1, updatedAt: instant.toISOString() })
          .where(mine)
          .returning()
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'funding-source.change',
          target: id,
          detail: {
            before: Object.fromEntries(
              Object.keys(changes).map((name) => [name, current[name as keyof Row]]),
            ),
            after: changes,
          },
        })
        return changed!
      })
      reply.header('etag', etagOf(row.version))
      return toSource(row)
    },
  )

  app.delete(
    '/v1/funding-sources/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removeFundingSource',
        tags: ['replacement'],
        summary: 'Remove a funding source that no plan names and nothing was paid from',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'precondition-failed',
            'funding-source-in-use',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const jurisdictionId = await owner(request.principal, id)
      await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = and(eq(fundingSources.jurisdictionId, jurisdictionId), eq(fundingSources.id, id))
        const [current] = await tx.select().from(fundingSources).where(mine).for('update')
        if (!current) throw notFound('funding source')
        assertMatch(request.headers['if-match'], current.version)
        const named = await tx.$count(
          plans,
          and(
            eq(plans.jurisdictionId, jurisdictionId),
            sql`${plans.settings}->'fundingSources' @> ${JSON.stringify([id])}::jsonb`,
          ),
        )
        const used = await tx.$count(
          planActuals,
          and(eq(planActuals.jurisdictionId, jurisdictionId), eq(planActuals.fundingSourceId, id)),
        )
        const matched = await tx.$count(
          fundingSources,
          and(
            eq(fundingSources.jurisdictionId, jurisdictionId),
            sql`${id}::uuid = any (${fundingSources.matchSources})`,
          ),
        )
        if (named + used + matched > 0) {
          throw new DomainError(
            'funding-source-in-use',
            `${named} plans name it, ${matched} sources count it as match and ${used} entries were paid from it.`,
          )
        }
        await tx.delete(fundingSources).where(mine)
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'funding-source.delete',
          target: id,
          detail: { name: current.name },
        })
      })
      return reply.code(204).send(null)
    },
  )

  async function owner(principal: Principal, id: string): Promise<string> {
    if (principal.jurisdictionId !== null) return principal.jurisdictionId
    return database.acrossJurisdictions(readScope(principal), async (tx) => {
      const [row] = await tx
        .select({ jurisdictionId: fundingSources.jurisdictionId })
        .from(fundingSources)
        .where(eq(fundingSources.id, id))
      if (!row) throw notFound('funding source')
      return row.jurisdictionId
    })
  }
}

/** Fields that depend on each other. Throws `invalid-request`. */
function checkSource(source: {
  readonly periodFrom: string | null
  readonly periodTo: string | null
  readonly yearCaps: readonly { readonly fiscalYear: number }[] | null
  readonly sharePercent: number
  readonly shareOf: string
  readonly carriesForward: boolean
}): void {
  const { periodFrom, periodTo, yearCaps } = source
  if (source.sharePercent < 100 && source.shareOf === 'fiscal-year' && source.carriesForward) {
    throw new DomainError('invalid-request', 'A share of each fiscal year cannot be carried forward.', {
      errors: [
        {
          pointer: '/carriesForward',
          code: 'not-together',
          message: 'must be false where the share is of each fiscal year; or make it a share of the award',
        },
      ],
    })
  }
  if (periodFrom !== null && periodTo !== null && periodTo <= periodFrom) {
    throw new DomainError('invalid-request', 'The period has no day.', {
      errors: [{ pointer: '/periodTo', code: 'before-start', message: 'must be after periodFrom' }],
    })
  }
  const years = (yearCaps ?? []).map((cap) => cap.fiscalYear)
  const twice = years.findIndex((year, i) => years.indexOf(year) !== i)
  if (twice >= 0) {
    throw new DomainError('invalid-request', 'A fiscal year has two caps.', {
      errors: [{ pointer: `/yearCaps/${twice}`, code: 'repeated', message: 'names a year a second time' }],
    })
  }
}

/** Throws `invalid-request` unless the sources named as match are others of the city. */
async function checkMatch(
  tx: Tx,
  jurisdictionId: string,
  own: string | null,
  named: readonly string[] | null,
): Promise<void> {
  if (named === null || named.length === 0) return
  const rows = await tx
    .select({ id: fundingSources.id })
    .from(fundingSources)
    .where(eq(fundingSources.jurisdictionId, jurisdictionId))
  const known = new Set(rows.map((row) => row.id))
  const errors = named.flatMap((id, i) =>
    known.has(id) && id !== own
      ? []
      : [
          {
            pointer: `/matchSources/${i}`,
            code: 'unknown',
            message: id === own ? 'is the source itself' : 'is not a funding source of this city',
          },
        ],
  )
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'A match comes from another source.', { errors })
}
