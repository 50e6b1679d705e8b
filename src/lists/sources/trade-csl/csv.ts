/** trade.gov's `consolidated.csv`: 29 columns, 28 before 2020, told by their names. Pure. */
import type { EntryReader, Findings } from '../../model/entry.ts'
import { headerWith, openHeadedRows } from '../headed-rows.ts'
import { type CslRow, takeRow } from './row.ts'

/** Without these a row cannot be placed. */
const NEEDED = ['source', 'name', 'alt_names', 'addresses', 'start_date']

export function openCslCsv(findings: Findings): EntryReader {
  return openHeadedRows(findings, {
    separator: ',',
    headerOf: (cells) => headerWith(NEEDED, cells),
    take: (header, cells, place, fault) => {
      // A copy of the first line among the rows.
      if (cells[0] === header[0] && cells[1] === header[1]) return
      if (fault !== null) findings.problem({ place, message: fault })
      else
        takeRow(rowOf(Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']))), place, findings)
    },
  })
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
    programs: listOf(of('programs'), ';'),
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
