/** `/v1/cost-catalog`: default prices, a city's quotes over them, and the difference. */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { wholeListRoute } from '../../http/list-route.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Day, Id, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { dayIn, type PlainDate } from '../../lib/calendar.ts'
import { READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { loadCity, PLANNERS, todayIn } from '../context.ts'
import { change, changeOnce, type PlanningServices, type Work } from '../work.ts'
import { CATEGORIES } from './model/catalogue.ts'
import { pricesInForce, type Quote } from './model/prices.ts'
import { readPriceList } from './price-list.ts'
import { addQuote, importQuotes, jurisdictionOfQuote, loadQuotes, withdrawQuote } from './quotes.ts'
import {
  CATALOG_COLUMNS,
  Catalog,
  CostQuote,
  ImportedQuotes,
  QuoteWrite,
  toItem,
  toQuote,
} from './schemas.ts'

const IMPORT_LIMIT_BYTES = 2 * 1024 * 1024

export function costRoutes(app: App, services: PlanningServices): void {
  catalogRoute(app, services)
  addRoute(app, services)
  // A scope of its own: only here a spreadsheet is a body.
  app.register(async (scope) => {
    scope.addContentTypeParser('text/csv', (_request: unknown, payload: unknown, done: TakenIn) =>
      done(null, payload),
    )
    importRoute(scope as unknown as App, services)
  })
  withdrawRoute(app, services)
}

type TakenIn = (error: null, body: unknown) => void

function catalogRoute(app: App, services: PlanningServices): void {
  const { database, now, planning } = services
  wholeListRoute(app, {
    url: '/v1/cost-catalog',
    operationId: 'listCosts',
    tag: 'replacement',
    summary: 'What things cost: default prices with the quotes of one city over them; CSV by `Accept`',
    description: 'A city key sees its own quotes; other keys those of `jurisdictionId`, or the defaults.',
    config: { roles: READERS, reads: 'costs.read', readsOf: 'asked' },
    query: {
      jurisdictionId: Id.optional(),
      category: z.enum(CATEGORIES).optional(),
      isStale: z.stringbool().optional(),
    },
    response: Catalog,
    rows: { file: 'cost-catalog', columns: CATALOG_COLUMNS },
    read: async ({ question: { jurisdictionId, category, isStale }, request: { principal } }) => {
      const asked = jurisdictionId ?? principal.jurisdictionId
      const instant = now()
      const nobody: Prepared = { quotes: [], today: dayIn(instant), owner: null }
      // A jurisdiction outside the scope is treated like one that does not exist: it has no quotes.
      const { quotes, today, owner } =
        asked === null
          ? nobody
          : ((await database.acrossJurisdictions(readScope(principal, [asked]), (tx) =>
              quotesIn(tx, asked, planning.costs.currency, instant),
            )) ?? nobody)
      const items = [...pricesInForce(planning.costs, quotes, today).values()]
        .map((price) => toItem(price, owner))
        .filter((item) => category === undefined || item.category === category)
        .filter((item) => isStale === undefined || item.isStale === isStale)
      const { version, currency } = planning.costs
      return { version, currency, asOf: today, jurisdictionId: owner, items }
    },
  })
}

interface Prepared {
  readonly quotes: readonly Quote[]
  readonly today: PlainDate
  readonly owner: string | null
}

/** null when there is no such city, or it plans in another currency. */
async function quotesIn(tx: Tx, id: string, currency: string, now: Date): Promise<Prepared | null> {
  const city = await loadCity(tx, id).catch((error: unknown) => {
    if (error instanceof DomainError) return null
    throw error
  })
  if (!city || city.currency !== currency) return null
  return { quotes: await loadQuotes(tx, city.id), today: todayIn(city, now), owner: city.id }
}

function addRoute(app: App, services: PlanningServices): void {
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
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await changeOnce(services, request, jurisdictionId, async (work): Promise<Answer> => {
        const row = await addQuote(work, wish)
        return { status: 201, body: toQuote(row) }
      })
      return send(reply, answer)
    },
  )
}

function withdrawRoute(app: App, services: PlanningServices): void {
  const { database } = services
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
      const { id } = request.params
      const { principal } = request
      const jurisdictionId =
        principal.jurisdictionId ??
        (await database.acrossJurisdictions(readScope(principal), (tx) => jurisdictionOfQuote(tx, id)))
      await change(services, request, jurisdictionId, (work) => withdrawQuote(work, id))
      return reply.code(204).send(null)
    },
  )
}

const IMPORT_SCHEMA = {
  operationId: 'importCostQuotes',
  tags: ['replacement'],
  summary: 'Quotes from a CSV file: all of them or none',
  description:
    'Columns `code`, `low`, `expected`, `high` (dollars for prices); optional `source`, `as_of` or `quoted_on`, `valid_until`, `basis`. The export of this catalog can be edited and sent back: rows whose values have not changed make no quote.',
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
}

function importRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/cost-catalog/import',
    {
      config: { roles: PLANNERS, takesBody: true },
      bodyLimit: IMPORT_LIMIT_BYTES,
      schema: IMPORT_SCHEMA,
    },
    async (request, reply) => {
      const { jurisdictionId: asked, source = null, quotedOn = null } = request.query
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      if (!isReadable(request.body)) {
        throw new DomainError('unsupported-media-type', 'Send the quotes as text/csv.')
      }
      const file = await services.spool.take(request.body, {
        mostBytes: IMPORT_LIMIT_BYTES,
        owner: jurisdictionId,
      })
      const records = readPriceList(await readFile(file.path, 'utf8').finally(() => file.remove()))
      const run = async (work: Work): Promise<Answer> => {
        const { rows, unchanged } = await importQuotes(work, records, { source, quotedOn })
        return { status: 201, body: { created: rows.length, unchanged, items: rows.map(toQuote) } }
      }
      return send(reply, await changeOnce(services, request, jurisdictionId, run, file.sha256))
    },
  )
}

function isReadable(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
