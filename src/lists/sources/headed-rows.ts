/** Delimited lists whose first line names the columns: read line by line, and known to be cut off where they are. Pure. */
import { CsvScanner, type TableRecord } from '../../intake/table.ts'
import { type EntryReader, type Findings, Unreadable } from '../model/entry.ts'
import { endedLines, isEnd, NOT_ENDED } from './not-ended.ts'

type Cells = TableRecord['cells']

export interface HeadedRows<Header> {
  readonly separator: ',' | '\t'
  /** Throws `Unreadable` when the columns are not those of the list. */
  readonly headerOf: (cells: Cells) => Header
  /** A row with its place, and what is wrong with it as a row. */
  readonly take: (header: Header, cells: Cells, place: string, fault: string | null) => void
  /** After the last row. */
  readonly finish?: () => void
}

export function openHeadedRows<Header>(
  findings: Findings,
  { separator, headerOf, take, finish }: HeadedRows<Header>,
): EntryReader {
  const scanner = new CsvScanner(separator)
  let head: { readonly header: Header; readonly columns: number } | null = null
  let last = ''

  function read({ cells, isBlank, row, problem }: TableRecord): void {
    if (isBlank) return
    if (head === null) {
      head = { header: headerOf(cells), columns: cells.length }
      return
    }
    const { header, columns } = head
    const isWhole = cells.length === columns
    const fault =
      problem?.message ?? (isWhole ? null : `has ${cells.length} columns; the first line has ${columns}`)
    take(header, cells, `row ${row}`, fault)
  }

  return {
    write: (text) => {
      last = text.at(-1) ?? last
      for (const record of scanner.scan(endedLines(text), false)) read(record)
    },
    end: () => {
      for (const record of scanner.scan('', true)) read(record)
      if (head === null) throw new Unreadable('wrong-format', 'The file has no line in it.')
      if (!isEnd(last)) findings.problem(NOT_ENDED)
      finish?.()
    },
  }
}

/** The names of columns. Throws `Unreadable` where one that is needed is missing. */
export function headerWith(needed: readonly string[], cells: Cells): readonly string[] {
  const header = cells.map((cell) => (cell ?? '').replace(/^\ufeff/, '').trim())
  const missing = needed.filter((name) => !header.includes(name))
  if (missing.length > 0)
    throw new Unreadable('wrong-format', `The first line lacks the columns ${missing.join(', ')}.`)
  return header
}
