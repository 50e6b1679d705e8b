/**
 * CSV that a spreadsheet shows and never runs.
 *
 * A cell that starts with `=`, `+`, `-`, `@`, a tab or a line break can start a formula. It gets a leading
 * apostrophe, and so does a cell that already looks like one so escaped: that makes it reversible. Plain
 * numbers stay numbers. Source: OWASP, CSV Injection.
 */

const CAN_START_A_FORMULA = /^'*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/
const ESCAPED = /^'+[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/
const NEEDS_QUOTES = /[",;\t|\r\n]|^\s|\s$/

export type Cell = string | number | boolean | null | undefined

/** The text, made unable to start a formula. `plainCell` undoes it exactly. */
export function safeCell(text: string): string {
  return CAN_START_A_FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text
}

/** What was given to `safeCell`. */
export function plainCell(text: string): string {
  return text.charCodeAt(0) === 39 && ESCAPED.test(text) ? text.slice(1) : text
}

/** One record with its line end (CRLF, RFC 4180). null and undefined are blank. */
export function csvLine(cells: readonly Cell[]): string {
  // An empty line would be read as no record at all.
  if (cells.length === 1 && (cells[0] ?? '') === '') return '""\r\n'
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = safeCell(cell)
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
