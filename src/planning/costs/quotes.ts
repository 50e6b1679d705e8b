/** Use cases of quotes: a city's own prices over the default ones. */
import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { costQuotes } from '../../db/schema/index.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { assertCurrency, type City, loadCity, todayIn, toInvalidRequest } from '../context.ts'
import { recordChange, type Work } from '../work.ts'
import type { CostCatalogue } from './model/catalogue.ts'
import { type Prices, pricesInForce, type Quote } from './model/prices.ts'
import { type CsvRecord, quotesOf } from './price-list.ts'
import { type QuoteRow, type QuoteWrite, toQuote } from './schemas.ts'

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

/** The prices a city plans with today. Throws `invalid-request` when a quote no longer fits the catalog. */
export function pricesOf(costs: CostCatalogue, quotes: readonly Quote[], today: PlainDate): Prices {
  try {
    return pricesInForce(costs, quotes, today)
  } catch (error) {
    throw toInvalidRequest(error)
  }
}

/** Throws `currency-mismatch`, `invalid-request`. */
export async function addQuote(
  work: Work,
  wish: Omit<z.output<typeof QuoteWrite>, 'jurisdictionId'>,
): Promise<QuoteRow> {
  const city = await loadCity(work.tx, work.jurisdictionId)
  const quote: Quote = { ...wish, currency: wish.currency ?? city.currency }
  checkQuote(quote, city, work.costs)
  const [row] = await insertQuotes(work, [quote])
  await recordChange(work, 'cost-quote.create', row!.id, { ...quote })
  return row!
}

/** All rows of a price list or none. Throws `currency-mismatch`, `invalid-request`. */
export async function importQuotes(
  work: Work,
  records: readonly CsvRecord[],
  defaults: { readonly source: string | null; readonly quotedOn: PlainDate | null },
): Promise<{ rows: readonly QuoteRow[]; unchanged: number }> {
  const { tx, jurisdictionId, costs, now } = work
  const city = await loadCity(tx, jurisdictionId)
  assertCurrency(city.currency, costs.currency, '')
  const today = todayIn(city, now)
  const prices = pricesInForce(costs, await loadQuotes(tx, jurisdictionId), today)
  const { quotes, unchanged } = quotesOf(records, prices, {
    source: defaults.source,
    quotedOn: defaults.quotedOn ?? today,
    currency: costs.currency,
  })
  const rows = await insertQuotes(work, quotes)
  const codes = rows.map((row) => row.code)
  await recordChange(work, 'cost-quotes.import', null, { created: rows.length, unchanged, codes })
  return { rows, unchanged }
}

/** Throws `not-found`. */
export async function withdrawQuote(work: Work, id: string): Promise<void> {
  const [row] = await work.tx
    .delete(costQuotes)
    .where(and(eq(costQuotes.jurisdictionId, work.jurisdictionId), eq(costQuotes.id, id)))
    .returning()
  if (!row) throw notFound('quote')
  await recordChange(work, 'cost-quote.delete', id, toQuote(row))
}

/** The jurisdiction of a quote within the transaction's scope. Throws `not-found`. */
export async function jurisdictionOfQuote(tx: Tx, id: string): Promise<string> {
  const [row] = await tx
    .select({ jurisdictionId: costQuotes.jurisdictionId })
    .from(costQuotes)
    .where(eq(costQuotes.id, id))
  if (!row) throw notFound('quote')
  return row.jurisdictionId
}

/** Throws `invalid-request` or `currency-mismatch`. */
function checkQuote(quote: Quote, city: City, catalogue: CostCatalogue): void {
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

async function insertQuotes(work: Work, quotes: readonly Quote[]): Promise<QuoteRow[]> {
  const { tx, jurisdictionId, actor, now } = work
  if (quotes.length === 0) return []
  return tx
    .insert(costQuotes)
    .values(
      quotes.map((quote) => ({
        jurisdictionId,
        id: uuidv7(now.getTime()),
        ...quote,
        createdAt: now.toISOString(),
        createdBy: actor.id,
      })),
    )
    .returning()
}
