/** Rows of the catalog as a table, for import and export; money in dollars. */
import { formatCents, parseCents } from '../../../lib/money.ts'
import type { Issue } from '../../model/errors.ts'
import { type CostRow, CostRowShape, faultsOfRow, issuesOf, measureOf } from './catalogue.ts'

export const COST_COLUMNS = [
  'code',
  'category',
  'description',
  'unit',
  'low',
  'expected',
  'high',
  'applies_to',
  'source',
  'confidence',
  'as_of',
] as const
export type CostRecord = Readonly<Record<(typeof COST_COLUMNS)[number], string>>

export function recordOfRow(row: CostRow): CostRecord {
  const value = (n: number) => (row.measure === 'cents' ? formatCents(BigInt(n)) : String(n))
  return {
    code: row.code,
    category: row.category,
    description: row.description,
    unit: row.unit,
    low: value(row.low),
    expected: value(row.expected),
    high: value(row.high),
    applies_to: row.appliesTo.join(';'),
    source: row.source,
    confidence: row.confidence,
    as_of: row.asOf,
  }
}

/** A row of a table, or what is wrong with it; the pointer names the column. */
export function rowOfRecord(
  record: Readonly<Record<string, string | undefined>>,
):
  | { readonly row: CostRow; readonly issues: readonly [] }
  | { readonly row: null; readonly issues: readonly Issue[] } {
  const text = (column: (typeof COST_COLUMNS)[number]) => (record[column] ?? '').trim()
  const measure = measureOf(text('unit'), text('category'))
  const unreadable: Issue[] = []
  const value = (column: 'low' | 'expected' | 'high'): number => {
    const cents = measure === 'cents' ? parseCents(text(column)) : null
    if (cents !== null) return Number(cents)
    if (measure !== 'cents' && /^\d{1,9}(\.\d{1,6})?$/.test(text(column))) return Number(text(column))
    unreadable.push({
      pointer: `/${column}`,
      detail: `${text(column) || 'An empty cell'} is not a value in ${measure}.`,
    })
    return 0
  }
  const parsed = CostRowShape.safeParse({
    code: text('code'),
    category: text('category'),
    description: text('description'),
    unit: text('unit'),
    measure,
    low: value('low'),
    expected: value('expected'),
    high: value('high'),
    appliesTo: text('applies_to')
      .split(';')
      .filter((part) => part !== ''),
    source: text('source'),
    confidence: text('confidence'),
    asOf: text('as_of'),
  })
  if (!parsed.success) {
    const columns = issuesOf(parsed.error).map((issue) => ({
      ...issue,
      pointer: issue.pointer.replace('/appliesTo', '/applies_to').replace('/asOf', '/as_of'),
    }))
    return { row: null, issues: [...unreadable, ...columns] }
  }
  const issues = unreadable.length > 0 ? unreadable : faultsOfRow(parsed.data, '')
  return issues.length > 0 ? { row: null, issues } : { row: parsed.data, issues: [] }
}
