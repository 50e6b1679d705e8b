/** Which row of a table is its header, among the first. */
import { parseDate, parseMac } from './cells.ts'
import { COLUMN_FIELDS, FIELDS, foldHeader, MODEL_OR_CLASS } from './fields.ts'
import { isNetworkAddress } from './fitting.ts'
import { IntakeError } from './problem.ts'
import type { TableRecord } from './table.ts'

export interface HeaderRow {
  readonly cells: readonly string[]
  /** The last row that belongs to it. */
  readonly record: TableRecord
  /** The first one: another where it has two lines. */
  readonly firstRow: number
}

interface Candidate {
  readonly record: TableRecord
  readonly cells: readonly string[]
  readonly filled: number
  readonly known: number
}

const LOOKED_AT = 20

/**
 * The header is the first row with two names we know. Otherwise it is as wide as the usual row, or nearly:
 * titles above a table fill fewer cells. Of the rows that wide, one with a name we know goes first. Two rows that
 * name more together than the better of them are one header in two lines.
 */
export function headerAmong(records: readonly TableRecord[]): HeaderRow | null {
  const rows = records.slice(0, LOOKED_AT).map(candidateOf)
  const usual = rows.map(({ filled }) => filled).sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0
  const wide = rows.filter(({ filled }) => filled >= usual / 2)
  const header = rows.find(({ known }) => known >= 2) ?? wide.find(({ known }) => known > 0) ?? wide[0]
  if (header === undefined) return null
  const found = inTwoLines(rows, header) ?? {
    cells: header.cells,
    record: header.record,
    firstRow: header.record.row,
  }
  refuseDataAbove(rows, found, header.filled)
  return found
}

function candidateOf(record: TableRecord): Candidate {
  const cells = record.cells.map((cell) => cell ?? '')
  const filled = cells.filter((cell) => cell.trim() !== '')
  return { record, cells, filled: filled.length, known: filled.filter(isHeaderWord).length }
}

/** `Asset | Serial | Install` above `Tag | Number | Date`; `Device` above `Make | Model`. */
function inTwoLines(rows: readonly Candidate[], header: Candidate): HeaderRow | null {
  const at = rows.indexOf(header)
  let best: HeaderRow | null = null
  let most = namesIn(header.cells)
  for (const [upper, lower] of [
    [rows[at - 1], header],
    [header, rows[at + 1]],
  ]) {
    if (upper === undefined || lower === undefined) continue
    if (lower.record.row !== upper.record.row + 1 || lower.record.problem !== null) continue
    if ([...upper.cells, ...lower.cells].some((cell) => looksLikeData(cell.trim()))) continue
    const cells = joined(upper.cells, lower.cells)
    const known = namesIn(cells)
    if (known <= most) continue
    best = { cells, record: lower.record, firstRow: upper.record.row }
    most = known
  }
  return best
}

/** Different names that are known. */
function namesIn(cells: readonly string[]): number {
  return new Set(cells.filter(isHeaderWord).map(foldHeader)).size
}

/** A name that stands over several columns stands over those to its right that have none. */
function joined(upper: readonly string[], lower: readonly string[]): string[] {
  let group = ''
  return Array.from({ length: Math.max(upper.length, lower.length) }, (_, i) => {
    const above = (upper[i] ?? '').trim()
    const below = (lower[i] ?? '').trim()
    if (above !== '') group = above
    if (below === '' || below === above) return above
    const both = group === '' ? below : `${group} ${below}`
    return [both, below, above].find(isHeaderWord) ?? both
  })
}

/** What stands above and is as wide is no title: to pass over it would lose a row. */
function refuseDataAbove(rows: readonly Candidate[], { record, firstRow }: HeaderRow, width: number): void {
  const above = rows.find(({ record: one, filled }) => one.row < firstRow && filled >= width)
  if (above === undefined || width <= 1) return
  const message = `Row ${record.row} looks like the header, and row ${above.record.row} above it like data. Put the header first.`
  throw new IntakeError('no-header', message, { row: record.row, above: above.record.row })
}

const HEADER_WORDS = new Set([
  ...COLUMN_FIELDS.flatMap((field) => FIELDS[field].headers.flat()),
  ...MODEL_OR_CLASS,
])

export function isHeaderWord(text: string): boolean {
  return HEADER_WORDS.has(foldHeader(text))
}

/** `DS-2CD2143G2-I`: letters and several digits in one word. Words that name columns have a digit at most (`IPv4`). */
const CODE = /(?:^|\s)(?=\S*[a-z])(?=\S*\d\S*\d)[\w./-]{6,}(?:$|\s)/i

export function looksLikeData(text: string): boolean {
  return (
    isNetworkAddress(text) ||
    CODE.test(text) ||
    /^[+-]?[\d.,]+$/.test(text) ||
    parseMac(text) !== null ||
    parseDate(text, 'mdy') !== null
  )
}
