/** A price list in CSV as quotes of a city. */
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { readCsv } from '../../intake/csv-read.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import type { Price, Prices, Quote } from './model/prices.ts'
import { recordOfRow, rowOfRecord } from './model/table.ts'
import { QuoteWrite } from './schemas.ts'

const ROWS_MOST = 5000

export type CsvRecord = Readonly<Record<string, string>>

/** The rows of a list by their headers. Throws `unreadable-file`, `invalid-request`. */
export function readPriceList(text: string): readonly CsvRecord[] {
  const { header, rows } = readCsv(text, { headerOf: (name) => name.trim().toLowerCase() })
  const missing = ['code', 'low', 'expected', 'high'].filter((name) => !header.includes(name))
  if (rows.length === 0 || missing.length > 0) {
    throw new DomainError(
      'unreadable-file',
      rows.length === 0 ? 'The file has no rows.' : `The header lacks ${missing.join(', ')}.`,
    )
  }
  if (rows.length > ROWS_MOST) {
    throw new DomainError('unreadable-file', `A list of prices has at most ${ROWS_MOST} rows.`)
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

export interface ListDefaults {
  /** For rows that name none. */
  readonly source: string | null
  readonly quotedOn: PlainDate
  readonly currency: string
}

/** Throws `invalid-request` naming every wrong cell by row (the first row of data is 1) and column. */
export function quotesOf(
  records: readonly CsvRecord[],
  prices: Prices,
  defaults: ListDefaults,
): { quotes: Quote[]; unchanged: number } {
  const read = records.map((cells) => quoteOf(cells, prices.get(cells.code ?? ''), defaults))
  const errors = read.flatMap(({ wrong }, i): FieldProblem[] =>
    wrong.map(({ column, message }) => ({
      pointer: `/rows/${i + 1}/${column}`,
      code: 'invalid-cell',
      message,
    })),
  )
  if (errors.length > 0) {
    throw new DomainError('invalid-request', `${errors.length} cells are wrong; nothing was kept.`, {
      errors,
    })
  }
  const quotes = read.flatMap(({ quote }) => quote ?? [])
  return { quotes, unchanged: read.length - quotes.length }
}

interface ReadRow {
  /** null when the values have not changed, or a cell is wrong. */
  readonly quote: Quote | null
  readonly wrong: readonly { readonly column: string; readonly message: string }[]
}

function quoteOf(cells: CsvRecord, price: Price | undefined, defaults: ListDefaults): ReadRow {
  const wrong = (column: string, message: string): ReadRow => ({ quote: null, wrong: [{ column, message }] })
  if (!price)
    return wrong('code', `${(cells.code ?? '').slice(0, 60) || 'an empty cell'} is not in the catalog`)
  if (cells.unit && cells.unit !== price.row.unit) return wrong('unit', `is ${price.row.unit} in the catalog`)
  const { low = '', expected = '', high = '' } = cells
  const { row, issues } = rowOfRecord({ ...recordOfRow(price.row), low, expected, high })
  if (row === null) {
    const each = issues.map((issue) => ({
      column: issue.pointer.slice(1) || 'expected',
      message: issue.detail,
    }))
    return { quote: null, wrong: each }
  }
  if (row.low === price.low && row.expected === price.expected && row.high === price.high)
    return { quote: null, wrong: [] }
  const isEdited = cells.source === undefined || cells.source === price.row.source
  const parsed = QuoteWrite.safeParse({
    code: row.code,
    basis: cells.basis && cells.basis !== 'catalog' ? cells.basis : 'vendor-quote',
    currency: defaults.currency,
    low: row.low,
    expected: row.expected,
    high: row.high,
    // The date and source of the default are not those of a price that was typed over it.
    quotedOn: cells.quoted_on || (isEdited ? '' : cells.as_of) || defaults.quotedOn,
    validUntil: cells.valid_until || null,
    source: (isEdited ? '' : cells.source) || defaults.source || 'imported price list',
  })
  if (!parsed.success) {
    const each = parsed.error.issues.map((issue) => ({
      column: String(issue.path[0] ?? 'code'),
      message: issue.message,
    }))
    return { quote: null, wrong: each }
  }
  const { jurisdictionId: _, ...quote } = parsed.data
  return { quote: { ...quote, currency: defaults.currency }, wrong: [] }
}
