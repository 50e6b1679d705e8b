/**
 * The Denied Persons List: a table of five columns with name and address in one cell, before 2026 one of twelve columns
 * that are separated by tabs. Nothing in it tells companies from persons. Pure.
 */
import { CsvScanner, type TableRecord } from '../../../intake/table.ts'
import {
  BLANK_ENTRY,
  type EntryReader,
  type Findings,
  type ListEntry,
  Unreadable,
} from '../../model/entry.ts'
import { namesInText } from '../company-text.ts'
import { countryOfList } from '../countries.ts'
import { readDay } from '../days.ts'
import { nameBeforeAddress } from '../ecfr/entity-cell.ts'
import { nameKey } from '../name-key.ts'
import { endedLines, isEnd, NOT_ENDED } from '../not-ended.ts'

/** Columns by what they hold, in either form; written `Effective_Date` and `Effective Date`. */
const COLUMNS = {
  name: /^name$/,
  nameAndAddress: /^name and address$/,
  country: /^country$/,
  from: /^effective date$/,
  to: /^expiration date$/,
  citation: /(?:federal register|fr) citations?$/,
}
type Column = keyof typeof COLUMNS

const openDenied =
  (separator: ',' | '\t') =>
  (findings: Findings): EntryReader => {
    const scanner = new CsvScanner(separator)
    const entries = new Map<string, ListEntry>()
    let columns: Columns | null = null
    let last = ''

    function take({ cells, isBlank, row, problem }: TableRecord): void {
      if (isBlank) return
      if (columns === null) {
        columns = columnsOf(cells)
        return
      }
      const place = `row ${row}`
      const faultOfRow =
        problem?.message ??
        (cells.length === columns.count
          ? null
          : `has ${cells.length} columns; the first line has ${columns.count}`)
      const entry = faultOfRow ?? entryOf(columns.of(cells))
      if (typeof entry === 'string') findings.problem({ place, message: entry })
      else entries.set(entry.key, merged(entries.get(entry.key), entry))
    }

    return {
      write: (text) => {
        last = text.at(-1) ?? last
        for (const record of scanner.scan(endedLines(text), false)) take(record)
      },
      end: () => {
        for (const record of scanner.scan('', true)) take(record)
        if (columns === null) throw new Unreadable('wrong-format', 'The file has no line in it.')
        if (!isEnd(last)) findings.problem(NOT_ENDED)
        for (const entry of entries.values()) findings.entry(entry)
      },
    }
  }

export const openDeniedCsv = openDenied(',')
export const openDeniedTabs = openDenied('\t')

interface Columns {
  readonly count: number
  readonly of: (cells: TableRecord['cells']) => (column: Column) => string
}

function columnsOf(cells: TableRecord['cells']): Columns {
  const header = cells.map((cell) =>
    (cell ?? '')
      .replace(/^\ufeff/, '')
      .replaceAll(/[_\s]+/g, ' ')
      .trim()
      .toLowerCase(),
  )
  const at = Object.fromEntries(
    Object.entries(COLUMNS).map(([column, pattern]) => [
      column,
      header.findIndex((text) => pattern.test(text)),
    ]),
  ) as Record<Column, number>
  const missing = [
    ...(at.name < 0 && at.nameAndAddress < 0 ? ['Name'] : []),
    ...(at.from < 0 ? ['Effective_Date'] : []),
    ...(at.to < 0 ? ['Expiration_Date'] : []),
  ]
  if (missing.length > 0)
    throw new Unreadable('wrong-format', `The first line lacks the columns ${missing.join(', ')}.`)
  return {
    count: cells.length,
    of: (row) => (column) => (at[column] < 0 ? '' : (row[at[column]] ?? '').trim()),
  }
}

function entryOf(cell: (column: Column) => string): ListEntry | string {
  const both = cell('nameAndAddress')
  const { name, aliases } = namesInText(both === '' ? cell('name') : nameBeforeAddress(both))
  if (name === '') return 'has no name'
  const [from, to] = [readDay(cell('from')), readDay(cell('to'))]
  if (from === null && cell('from') !== '') return 'has an effective date that is no day'
  // An order that ends nobody knows when has not ended.
  const country = countryOfList(cell('country') || (both.split(',').at(-1) ?? ''))
  return {
    ...BLANK_ENTRY,
    key: nameKey(name, from ?? ''),
    name,
    aliases,
    from,
    to,
    countries: country === null ? [] : [country],
    citation: cell('citation') || null,
  }
}

/** One order names a party with each of its addresses. */
function merged(known: ListEntry | undefined, entry: ListEntry): ListEntry {
  if (known === undefined) return entry
  const to = known.to === null || entry.to === null ? null : known.to > entry.to ? known.to : entry.to
  return { ...known, to, countries: [...new Set([...known.countries, ...entry.countries])].toSorted() }
}
