/** Prices and quotes as they are sent and shown. */
import { z } from 'zod'
import type { costQuotes } from '../../db/schema/index.ts'
import type { Column } from '../../http/exports.ts'
import { Currency, Day, Id, someText } from '../../http/schemas.ts'
import type { Sendable } from '../../http/services.ts'
import { formatCents } from '../../lib/money.ts'
import type { Price } from './model/prices.ts'

const BASES = ['vendor-quote', 'contract-price', 'actual-history'] as const

const value = z.number().min(0).max(1e12).meta({
  description: "in the row's measure: whole cents, percent, hours or years",
})

export const QuoteWrite = z
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

export const CostQuote = z
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
export type CostQuote = z.infer<typeof CostQuote>

export const CatalogItem = z
  .object({
    code: z.string(),
    category: z.string(),
    description: z.string(),
    unit: z.string(),
    measure: z.string(),
    low: z.number(),
    expected: z.number(),
    high: z.number(),
    basis: z.string().meta({ description: '`catalog` unless a quote holds' }),
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
export type CatalogItem = Sendable<z.infer<typeof CatalogItem>>

export const Catalog = z
  .object({
    version: z.string(),
    currency: z.string(),
    asOf: z.string(),
    jurisdictionId: z.string().nullable(),
    items: z.array(CatalogItem),
  })
  .meta({ id: 'CostCatalog' })

export const ImportedQuotes = z
  .object({ created: z.int(), unchanged: z.int(), items: z.array(CostQuote) })
  .meta({ id: 'ImportedCostQuotes' })

export type QuoteRow = typeof costQuotes.$inferSelect

/** What is shown of a quote. */
export function toQuote(row: Omit<QuoteRow, 'createdAt' | 'createdBy'>): CostQuote {
  const { id, jurisdictionId, code, basis, currency, low, expected, high, quotedOn, validUntil, source } = row
  return { id, jurisdictionId, code, basis, currency, low, expected, high, quotedOn, validUntil, source }
}

export function toItem(price: Price, jurisdictionId: string | null): CatalogItem {
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
    appliesTo: row.appliesTo,
    source: quote?.source ?? row.source,
    confidence: row.confidence,
    default: { low: row.low, expected: row.expected, high: row.high, asOf: row.asOf, source: row.source },
    quote: quote && toQuote({ jurisdictionId, ...quote } as QuoteRow),
    difference: price.difference,
  }
}

const shown = (item: CatalogItem, n: number) =>
  item.measure === 'cents' ? formatCents(BigInt(Math.round(n))) : String(n)

/** The columns of `data/costs.json` as a table, which the import reads again, and what there is beside them. */
export const CATALOG_COLUMNS: readonly Column<CatalogItem>[] = [
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
