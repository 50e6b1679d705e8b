/**
 * The rows that were refused, as a file to correct and send again.
 */
import { csvLine } from '../lib/csv.ts'
import type { ReadRow, RowIssue } from './rows.ts'

const ERROR_HEADER = 'error'

/**
 * The original header and cells with a last column `error`, as CSV lines.
 * A file that is such a file already keeps one `error` column, with the new reasons.
 */
export async function* rejectsCsv(
  header: readonly string[],
  rows: AsyncIterable<Pick<ReadRow, 'raw' | 'errors'>> | Iterable<Pick<ReadRow, 'raw' | 'errors'>>,
): AsyncGenerator<string, void, undefined> {
  const width = header.at(-1) === ERROR_HEADER ? header.length - 1 : header.length
  yield csvLine([...header.slice(0, width), ERROR_HEADER])
  for await (const { raw, errors } of rows) yield csvLine(rejectCells(width, header.length, raw, errors))
}

/** Cells beyond the header stay, behind the reason: they are what has to be corrected. */
function rejectCells(
  width: number,
  headerLength: number,
  raw: readonly string[],
  errors: readonly RowIssue[],
): string[] {
  const cells = raw.slice(0, width)
  while (cells.length < width) cells.push('')
  return [...cells, errors.map(reasonOf).join(' | '), ...raw.slice(headerLength)]
}

/** One issue as a person reads it: the column, what it holds, what is wrong. */
function reasonOf({ header, value, message }: RowIssue): string {
  return header === null ? message : `${header} (${JSON.stringify(value)}): ${message}`
}
