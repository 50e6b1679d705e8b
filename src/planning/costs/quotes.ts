/** `/v1/cost-catalog`: default prices, a city's quotes over them, and the difference. */

import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { costQuotes } from '../../db/schema/index.ts'
import { type Column, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { DomainError, type FieldProblem, notFound, problems } from '../../http/problems.ts'
import { Currency, Day, Id, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { readCsv } from '../../intake/csv-read.ts'
import { dayIn, type PlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { formatCents } from '../../lib/money.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf, record } from '../../tenancy/audit.ts'
import { READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import {
  assertCurrency,
  type City,
  defaultCosts,
  loadCity,
  PLANNERS,
  todayIn,
  toInvalidRequest,
} from '../context.ts'
import { InvalidInput } from '../model/errors.ts'
import { CATEGORIES, type CostRow } from './model/catalogue.ts'
import { type Price, pricesInForce, type Quote } from './model/prices.ts'
import { recordOfRow, rowOfRecord } from './model/table.ts'

const BASES = ['vendor-quote', 'contract-price', 'actual-history'] as const
const IMPORT_LIMIT_BYTES = 2 * 1024 * 1024
const IMPORT_ROWS_MOST = 5000

const value = z.number().min(0).max(1e12).meta({
  description: "in the row's measure: whole cents, percent, hours or years",
})

const QuoteWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    code: someText(60),
    basis: z.enum(BASES),
    currency: Currency.optional().meta({ description: "default the jurisdiction's" }),
    low: value,
    expected: value,
    high: value,
    quotedOn: Day,
    validUntil: Day.nullable().default(null).meta({ description: 'last day on which it holds' }),
    source: someText(1000).meta({ description: 'where the quote or contract can be found' }),
  })
  .meta({ id: 'NewCostQuote' })

const CostQuote = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    code: z.string(),
    basis: z.string(),
    currency: z.string(),
    low: z.number(),
    expected: z.number(),
    high: z.number(),
    quotedOn: z.string(),
    validUntil: z.string().nullable(),
    source: z.string(),
  })
  .meta({ id: 'CostQuote' })
type CostQuote = z.infer<typeof CostQuote>

const CatalogItem = z
  .object({
    code: z.string(),
    category: z.string(),
    description: z.string(),
    unit: z.string(),
    measure: z.string(),
    low: z.number(),
    expected: z.number(),
    high: z.number(),
    basis: z.string().meta({ description: '`catalogue` unless a quote holds' }),
    asOf: z.string().meta({ description: 'date of the price evidence' }),
    isStale: z.boolean().meta({ description: 'the evidence is more than 24 months old' }),
    appliesTo: z.array(z.string()),
    source: z.string(),
    confidence: z.string(),
    default: z
      .object({
        low: z.number(),
        expected: z.number(),
        high: z.number(),
        asOf: z.string(),
        source: z.string(),
      })
      .meta({ description: 'the row that ships' }),
    quote: CostQuote.nullable(),
    difference: z
      .object({
        low: z.number(),
        expected: z.number(),
        high: z.number(),
        expectedRatio: z.number().nullable(),
      })
      .nullable()
      .meta({ description: 'quote minus default' }),
  })
  .meta({ id: 'CostCatalogItem' })
type CatalogItem = z.infer<typeof CatalogItem>

const Catalog = z
  .object({
    version: z.string(),
    currency: z.string(),
    asOf: z.string(),
    jurisdictionId: z.string().nullable(),
    items: z.array(CatalogItem),
  })
  .meta({ id: 'CostCatalog' })

const ImportedQuotes = z
  .object({ created: z.int(), unchanged: z.int(), items: z.array(CostQuote) })
  .meta({ id: 'ImportedCostQuotes' })

type Row = typeof costQuotes.$inferSelect

/** The quotes of one city, oldest first. */
export async function loadQuotes(
  tx: Tx,
  jurisdictionId: string,
): Promise<(Quote & { readonly id: string })[]> {
  const rows = await tx
    .select()
    .from(costQuotes)
    .where(eq(costQuotes.jurisdictionId, jurisdictionId))
    .orderBy(costQuotes.quotedOn, costQuotes.id)
  return rows.map((row) => ({ ...row, basis: row.basis as Quote['basis'] }))
}

function toQuote(row: Row): CostQuote {
  const { id, jurisdictionId, code, basis, currency, low, expected, high, quotedOn, validUntil, source } = row
  return { id, jurisdictionId, code, basis, currency, low, expected, high, quotedOn, validUntil, source }
}

function toItem(price: Price, jurisdictionId: string | null): CatalogItem {
  const { row, quote } = price
  return {
    code: row.code,
    category: row.category,
    description: row.description,
    unit: row.unit,
    measure: row.measure,
    low: price.low,
    expected: price.expected,
    high: price.high,
    basis: price.basis,
    asOf: price.asOf,
    isStale: price.isStale,
    appliesTo: [...row.appliesTo],
    source: quote?.source ?? row.source,
    confidence: row.confidence,
    default: { low: row.low, expected: row.expected, high: row.high, asOf: row.asOf, source: row.source },
    quote: quote && toQuote({ jurisdictionId, ...quote } as Row),
    difference: price.difference,
  }
}

const shown = (item: CatalogItem, n: number) =>
  item.measure === 'cents' ? formatCents(BigInt(Math.round(n))) : String(n)

/** The columns of `data/costs.json` as a table, which the import reads again, and what there is beside them. */
const COLUMNS: readonly Column<CatalogItem>[] = [
  { header: 'code', value: (item) => item.code },
  { header: 'category', value: (item) => item.category },
  { header: 'description', value: (item) => item.description },
  { header: 'unit', value: (item) => item.unit },
  { header: 'low', value: (item) => shown(item, item.low) },
  { header: 'expected', value: (item) => shown(item, item.expected) },
  { header: 'high', value: (item) => shown(item, item.high) },
  { header: 'applies_to', value: (item) => item.appliesTo.join(';') },
  { header: 'source', value: (item) => item.source },
  { header: 'confidence', value: (item) => item.confidence },
  { header: 'as_of', value: (item) => item.asOf },
  { header: 'basis', value: (item) => item.basis },
  { header: 'valid_until', value: (item) => item.quote?.validUntil },
  { header: 'is_stale', value: (item) => item.isStale },
  { header: 'default_low', value: (item) => shown(item, item.default.low) },
  { header: 'default_expected', value: (item) => shown(item, item.default.expected) },
  { header: 'default_high', value: (item) => shown(item, item.default.high) },
  {
    header: 'difference_expected',
    value: (item) => (item.difference === null ? null : shown(item, item.difference.expected)),
  },
]

export function costRoutes(app: App, services: Services): void {
  const { database, now, spool } = services

  app.get(
    '/v1/cost-catalog',
    {
      config: { roles: READERS, reads: 'costs.read', readsOf: 'asked' },
      schema: {
        operationId: 'listCosts',
        produces: [...PRODUCES],
        tags: ['replacement'],
        summary: 'What things cost: default prices with the quotes of one city over them; CSV by `Accept`',
        description: 'A city key sees its own quotes; other keys those of `jurisdictionId`, or the defaults.',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          jurisdictionId: Id.optional(),
          category: z.enum(CATEGORIES).optional(),
          isStale: z.stringbool().optional(),
        }),
        response: { 200: Catalog, ...problems('unauthenticated', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { principal } = request
      const asked = request.query.jurisdictionId ?? principal.jurisdictionId
      const instant = now()
      const catalogue = defaultCosts()
      // A jurisdiction outside the scope is treated like one that does not exist: it has no quotes.
      const scope = asked === null ? [] : readScope(principal, [asked])
      const { quotes, today, owner } = await database.acrossJurisdictions(scope, async (tx) => {
        const nobody = { quotes: [] as Quote[], today: dayIn(instant), owner: null as string | null }
        if (asked === null) return nobody
        const city = await loadCity(tx, asked).catch((error: unknown) => {
          if (error instanceof DomainError) return null
          throw error
        })
        if (!city || city.currency !== catalogue.currency) return nobody
        return { quotes: await loadQuotes(tx, city.id), today: todayIn(city, instant), owner: city.id }
      })
      const items = [...pricesInForce(catalogue, quotes, today).values()]
        .map((price) => toItem(price, owner))
        .filter((item) => request.query.category === undefined || item.category === request.query.category)
        .filter((item) => request.query.isStale === undefined || item.isStale === request.query.isStale)
      if (format !== 'json') {
        return sendRows(reply, format, 'cost-catalog', COLUMNS, batch(items))
      }
      return {
        version: catalogue.version,
        currency: catalogue.currency,
        asOf: today,
        jurisdictionId: owner,
        items,
      }
    },
  )

  app.post(
    '/v1/cost-catalog/quotes',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createCostQuote',
        tags: ['replacement'],
        summary: "Put a city's own price in the place of a default one, for that city",
        security: [{ apiKey: [] }],
        body: QuoteWrite,
        response: {
          201: CostQuote,
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
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const city = await loadCity(tx, jurisdictionId)
          const quote: Quote = { ...wish, currency: wish.currency ?? city.currency }
          checkQuote(quote, city)
          const [row] = await insertQuotes(tx, jurisdictionId, [quote], actorOf(request).id, instant)
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'cost-quote.create',
            target: row!.id,
            detail: { ...quote },
          })
          return { status: 201, body: toQuote(row!) }
        }),
      )
      return send(reply, answer)
    },
  )

  // A scope of its own: only here a spreadsheet is a body.
  app.register(async (scope) => {
    scope.addContentTypeParser('text/csv', (_request: unknown, payload: unknown, done: TakenIn) =>
      done(null, payload),
    )
    importRoute(scope as unknown as App)
  })

  app.delete(
    '/v1/cost-catalog/quotes/:id',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'removeCostQuote',
        tags: ['replacement'],
        summary: 'Withdraw a quote; estimates made with it stay as they are',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'withdrawn' }),
          ...problems('unauthenticated', 'forbidden', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const { id } = request.params
      const jurisdictionId =
        request.principal.jurisdictionId ??
        (await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
          const [row] = await tx
            .select({ jurisdictionId: costQuotes.jurisdictionId })
            .from(costQuotes)
            .where(eq(costQuotes.id, id))
          if (!row) throw notFound('quote')
          return row.jurisdictionId
        }))
      await database.inJurisdiction(jurisdictionId, async (tx) => {
        const [row] = await tx
          .delete(costQuotes)
          .where(and(eq(costQuotes.jurisdictionId, jurisdictionId), eq(costQuotes.id, id)))
          .returning()
        if (!row) throw notFound('quote')
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'cost-quote.delete',
          target: id,
          detail: toQuote(row),
        })
      })
      return reply.code(204).send(null)
    },
  )

  function importRoute(app: App): void {
    app.post(
      '/v1/cost-catalog/import',
      {
        config: { roles: PLANNERS, takesBody: true },
        bodyLimit: IMPORT_LIMIT_BYTES,
        schema: {
          operationId: 'importCostQuotes',
          tags: ['replacement'],
          summary: 'Quotes from a CSV file: all of them or none',
          description:
            'Columns `code`, `low`, `expected`, `high` (dollars for prices); optional `source`, `as_of` or `quoted_on`, `valid_until`, `basis`. The export of this catalogue can be edited and sent back: rows whose values have not changed make no quote.',
          consumes: ['text/csv'],
          security: [{ apiKey: [] }],
          querystring: z.strictObject({
            jurisdictionId: Id.optional(),
            source: someText(1000).optional().meta({ description: 'for rows that name none' }),
            quotedOn: Day.optional().meta({ description: 'for rows that name no day; default today' }),
          }),
          body: z.any().meta({ type: 'string', format: 'binary', description: 'the file' }),
          response: {
            201: ImportedQuotes,
            ...problems(
              'unauthenticated',
              'forbidden',
              'not-found',
              'currency-mismatch',
              'unreadable-file',
              'payload-too-large',
              'body-too-slow',
              'not-ready',
              'idempotency-key-reused',
              'unsupported-media-type',
            ),
          },
        },
      },
      async (request, reply) => {
        const instant = now()
        const jurisdictionId = writeJurisdiction(request.principal, request.query.jurisdictionId)
        if (!isReadable(request.body)) {
          throw new DomainError('unsupported-media-type', 'Send the quotes as text/csv.')
        }
        const file = await spool.take(request.body, { mostBytes: IMPORT_LIMIT_BYTES, owner: jurisdictionId })
        const records = readRecords(await readFile(file.path, 'utf8').finally(() => file.remove()))
        const answer = await database.inJurisdiction(jurisdictionId, (tx) => {
          const work = async (): Promise<Answer> => {
            const city = await loadCity(tx, jurisdictionId)
            assertCurrency(city.currency, defaultCosts().currency, '')
            const today = todayIn(city, instant)
            const prices = pricesInForce(defaultCosts(), await loadQuotes(tx, jurisdictionId), today)
            const { quotes, unchanged } = quotesOf(records, prices, {
              source: request.query.source ?? null,
              quotedOn: request.query.quotedOn ?? today,
            })
            const rows = await insertQuotes(tx, jurisdictionId, quotes, actorOf(request).id, instant)
            await record(tx, jurisdictionId, actorOf(request), instant, {
              action: 'cost-quotes.import',
              target: null,
              detail: { created: rows.length, unchanged, codes: rows.map((row) => row.code) },
            })
            return { status: 201, body: { created: rows.length, unchanged, items: rows.map(toQuote) } }
          }
          return once(tx, request, jurisdictionId, instant, work, { sha256: file.sha256 })
        })
        return send(reply, answer)
      },
    )
  }
}

/** Throws `invalid-request` or `currency-mismatch`. */
function checkQuote(quote: Quote, city: City): void {
  const catalogue = defaultCosts()
  assertCurrency(city.currency, catalogue.currency, '')
  assertCurrency(quote.currency, catalogue.currency)
  if (quote.validUntil !== null && quote.validUntil < quote.quotedOn) {
    throw new DomainError('invalid-request', 'The quote ends before it begins.', {
      errors: [{ pointer: '/validUntil', code: 'before-start', message: 'must not be before quotedOn' }],
    })
  }
  try {
    pricesInForce(catalogue, [quote], quote.quotedOn)
  } catch (error) {
    throw toInvalidRequest(error, (pointer) => pointer.replace('/quotes/0', '') || '/expected')
  }
}

async function insertQuotes(
  tx: Tx,
  jurisdictionId: string,
  quotes: readonly Quote[],
  createdBy: string,
  now: Date,
): Promise<Row[]> {
  if (quotes.length === 0) return []
  return tx
    .insert(costQuotes)
    .values(
      quotes.map((quote) => ({
        jurisdictionId,
        id: uuidv7(now.getTime()),
        ...quote,
        createdAt: now.toISOString(),
        createdBy,
      })),
    )
    .returning()
}

type TakenIn = (error: null, body: unknown) => void

type CsvRecord = Readonly<Record<string, string>>

/** @throws DomainError `unreadable-file`. */
function readRecords(text: string): readonly CsvRecord[] {
  const { header, rows } = readCsv(text, { headerOf: (name) => name.trim().toLowerCase() })
  const missing = ['code', 'low', 'expected', 'high'].filter((name) => !header.includes(name))
  if (rows.length === 0 || missing.length > 0) {
    throw new DomainError(
      'unreadable-file',
      rows.length === 0 ? 'The file has no rows.' : `The header lacks ${missing.join(', ')}.`,
    )
  }
  if (rows.length > IMPORT_ROWS_MOST) {
    throw new DomainError('unreadable-file', `A list of prices has at most ${IMPORT_ROWS_MOST} rows.`)
  }
  const errors = rows.flatMap(({ problem }, i) =>
    problem === null ? [] : [{ pointer: `/rows/${i + 1}`, code: 'broken-row', message: problem }],
  )
  if (errors.length > 0)
    throw new DomainError('invalid-request', `${errors.length} rows are broken; nothing was kept.`, {
      errors,
    })
  return rows.map(({ record }) => trimmed(record))
}

function trimmed(record: CsvRecord): CsvRecord {
  return Object.fromEntries(Object.entries(record).map(([name, cell]) => [name, cell.trim()]))
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}

/** Throws `invalid-request` naming every wrong cell by row (the first row of data is 1) and column. */
function quotesOf(
  records: readonly CsvRecord[],
  prices: ReadonlyMap<string, Price>,
  defaults: { readonly source: string | null; readonly quotedOn: PlainDate },
): { quotes: Quote[]; unchanged: number } {
  const errors: FieldProblem[] = []
  const quotes: Quote[] = []
  let unchanged = 0
  for (const [i, cells] of records.entries()) {
    const at = `/rows/${i + 1}`
    const wrong = (column: string, message: string) =>
      errors.push({ pointer: `${at}/${column}`, code: 'invalid-cell', message })
    const price = prices.get(cells.code ?? '')
    if (!price) {
      wrong('code', `${(cells.code ?? '').slice(0, 60) || 'an empty cell'} is not in the catalogue`)
      continue
    }
    if (cells.unit && cells.unit !== price.row.unit) {
      wrong('unit', `is ${price.row.unit} in the catalogue`)
      continue
    }
    const read = rowOfRecord({
      ...recordOfRow(price.row),
      low: cells.low ?? '',
      expected: cells.expected ?? '',
      high: cells.high ?? '',
    })
    if (read.row === null) {
      for (const issue of read.issues) wrong(issue.pointer.slice(1) || 'expected', issue.detail)
      continue
    }
    const row: CostRow = read.row
    if (row.low === price.low && row.expected === price.expected && row.high === price.high) {
      unchanged++
      continue
    }
    const isEdited = cells.source === undefined || cells.source === price.row.source
    const quote = {
      code: row.code,
      basis: cells.basis && cells.basis !== 'catalogue' ? cells.basis : 'vendor-quote',
      currency: 'USD',
      low: row.low,
      expected: row.expected,
      high: row.high,
      // The date and source of the default are not those of a price that was typed over it.
      quotedOn: cells.quoted_on || (isEdited ? '' : cells.as_of) || defaults.quotedOn,
      validUntil: cells.valid_until || null,
      source: (isEdited ? '' : cells.source) || defaults.source || 'imported price list',
    }
    const parsed = QuoteWrite.safeParse(quote)
    if (parsed.success) {
      const { jurisdictionId: _, ...rest } = parsed.data
      quotes.push({ ...rest, currency: defaultCosts().currency })
    } else {
      for (const issue of parsed.error.issues) wrong(String(issue.path[0] ?? 'code'), issue.message)
    }
  }
  if (errors.length > 0) {
    throw new DomainError('invalid-request', `${errors.length} cells are wrong; nothing was kept.`, {
      errors,
    })
  }
  return { quotes, unchanged }
}

async function* batch<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield items
}

/** The prices a city plans with today. Throws `invalid-request` when a quote no longer fits the catalogue. */
export function pricesOf(quotes: readonly Quote[], today: PlainDate): ReadonlyMap<string, Price> {
  try {
    return pricesInForce(defaultCosts(), quotes, today)
  } catch (error) {
    throw error instanceof InvalidInput ? toInvalidRequest(error) : error
  }
}
