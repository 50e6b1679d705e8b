/** trade.gov's `consolidated.csv`: 29 columns, 28 before 2020, told by their names. Pure. */
import { CsvScanner, type TableRecord } from '../../../intake/table.ts'
import { type EntryReader, type Findings, Unreadable } from '../../model/entry.ts'
import { endedLines, isEnd, NOT_ENDED } from '../not-ended.ts'
import { type CslRow, takeRow } from './row.ts'

/** Without these a row cannot be placed. */
const NEEDED = ['source', 'name', 'alt_names', 'addresses', 'start_date']

export function openCslCsv(findings: Findings): EntryReader {
  const scanner = new CsvScanner(',')
  let header: readonly string[] | null = null

  function take({ cells, isBlank, row, problem }: TableRecord): void {
    if (isBlank) return
    if (header === null) {
      header = cells.map((cell) => (cell ?? '').replace(/^\ufeff/, '').trim())
      const missing = NEEDED.filter((name) => !header!.includes(name))
      if (missing.length > 0)
        throw new Unreadable('wrong-format', `The first line lacks the columns ${missing.join(', ')}.`)
      return
    }
    // A copy of the first line among the rows.
    if (cells[0] === header[0] && cells[1] === header[1]) return
    const place = `row ${row}`
    const columns = header.length
    const fault =
      problem?.message ??
      (cells.length === columns ? null : `has ${cells.length} columns; the first line has ${columns}`)
    if (fault !== null) {
      findings.problem({ place, message: fault })
      return
    }
    takeRow(rowOf(Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']))), place, findings)
  }

  let last = ''
  return {
    write: (text) => {
      last = text.at(-1) ?? last
      for (const record of scanner.scan(endedLines(text), false)) take(record)
    },
    end: () => {
      for (const record of scanner.scan('', true)) take(record)
      if (header === null) throw new Unreadable('wrong-format', 'The file has no line in it.')
      if (!isEnd(last)) findings.problem(NOT_ENDED)
    },
  }
}

function rowOf(cells: Readonly<Record<string, string>>): CslRow {
  const of = (name: string) => {
    const text = (cells[name] ?? '').trim()
    return text === '[]' ? '' : text
  }
  const source = of('source')
  return {
    id: of('_id'),
    source,
    entityNumber: of('entity_number'),
    type: of('type'),
    programmes: listOf(of('programs'), ';'),
    name: of('name'),
    // The State Department's nonproliferation rows are joined by commas.
    aliases: listOf(of('alt_names'), source.includes('(ISN)') ? ',' : ';'),
    countries: listOf(of('addresses'), ';').flatMap((address) => /,\s*([A-Z]{2})$/.exec(address)?.[1] ?? []),
    from: of('start_date'),
    to: of('end_date'),
    citation: of('federal_register_notice'),
    ids: listOf(of('ids'), ';').flatMap((id) => {
      const [type, value] = id.split(', ')
      return type && value ? [{ type, value }] : []
    }),
  }
}

const listOf = (text: string, separator: string) =>
  text
    .split(separator)
    .map((one) => one.trim())
    .filter((one) => one !== '')
