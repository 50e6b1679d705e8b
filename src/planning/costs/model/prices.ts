/** The prices a city plans with: its own quotes over the default rows, and the difference. */
import type { PlainDate } from '../../../lib/calendar.ts'
import { decimal, minus, toNumber } from '../../../lib/money.ts'
import { refuse } from '../../model/errors.ts'
import { addMonths } from '../../model/fiscal-year.ts'
import { type CostCatalogue, type CostRow, faultsOfRow } from './catalogue.ts'

type CostBasis = 'catalog' | 'vendor-quote' | 'contract-price' | 'actual-history'

/** A city's own price for a catalog row, in the row's measure and the catalog's currency. */
export interface Quote {
  readonly code: string
  readonly basis: Exclude<CostBasis, 'catalog'>
  readonly currency: string
  readonly low: number
  readonly expected: number
  readonly high: number
  readonly quotedOn: PlainDate
  /** Last day on which it holds; null when it does not say. */
  readonly validUntil: PlainDate | null
  readonly source: string
}

export interface Price {
  readonly code: string
  readonly row: CostRow
  /** The quote that stands for the row; null when the default does. */
  readonly quote: Quote | null
  readonly basis: CostBasis
  readonly low: number
  readonly expected: number
  readonly high: number
  readonly asOf: PlainDate
  /** Quote minus default in the row's measure, and the expected value's part of it; null without a quote. */
  readonly difference: {
    readonly low: number
    readonly expected: number
    readonly high: number
    /** −0.1 is a tenth cheaper; null when the default is zero. */
    readonly expectedRatio: number | null
  } | null
  /** The evidence is more than 24 months old. */
  readonly isStale: boolean
}

export type Prices = ReadonlyMap<string, Price>

/**
 * The prices a city plans with on a day: for each row the city's latest quote that holds, else the default.
 * A quote for an unknown code, in another currency or with values out of order is an InvalidInput.
 */
export function pricesInForce(catalogue: CostCatalogue, quotes: readonly Quote[], on: PlainDate): Prices {
  const rows = new Map(catalogue.rows.map((row) => [row.code, row]))
  refuse(
    quotes.flatMap((quote, i) => {
      const row = rows.get(quote.code)
      if (!row) return [{ pointer: `/quotes/${i}/code`, detail: `${quote.code} is not in the catalog.` }]
      if (quote.currency !== catalogue.currency)
        return [{ pointer: `/quotes/${i}/currency`, detail: `The catalog is in ${catalogue.currency}.` }]
      return faultsOfRow({ ...row, ...valuesOf(quote) }, `/quotes/${i}`)
    }),
  )
  const latest = new Map<string, Quote>()
  for (const quote of quotes) {
    const isInForce = quote.quotedOn <= on && (quote.validUntil === null || on <= quote.validUntil)
    const known = latest.get(quote.code)
    // Of one day the one that was recorded last: it puts the other right.
    if (isInForce && (!known || quote.quotedOn >= known.quotedOn)) latest.set(quote.code, quote)
  }
  return new Map(catalogue.rows.map((row) => [row.code, priceOf(row, latest.get(row.code) ?? null, on)]))
}

/** Whether price evidence is more than 24 months old. */
export function isStale(asOf: PlainDate, on: PlainDate): boolean {
  return addMonths(asOf, 24) < on
}

function priceOf(row: CostRow, quote: Quote | null, on: PlainDate): Price {
  const used = quote ?? row
  const asOf = quote?.quotedOn ?? row.asOf
  return {
    code: row.code,
    row,
    quote,
    basis: quote?.basis ?? 'catalog',
    ...valuesOf(used),
    asOf,
    difference: quote && {
      low: less(quote.low, row.low),
      expected: less(quote.expected, row.expected),
      high: less(quote.high, row.high),
      expectedRatio: row.expected === 0 ? null : less(quote.expected, row.expected) / row.expected,
    },
    isStale: isStale(asOf, on),
  }
}

/** The three values by themselves. */
export function valuesOf({ low, expected, high }: { low: number; expected: number; high: number }) {
  return { low, expected, high }
}

/** a − b without the noise of binary decimals. */
function less(a: number, b: number): number {
  return toNumber(minus(decimal(a), decimal(b)))
}
