/**
 * The Denied Persons List: a table of five columns with name and address in one cell, before 2026 one of twelve columns
 * that are separated by tabs. Nothing in it tells companies from persons. Pure.
 */
import type { TableRecord } from '../../../intake/table.ts'
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
import { openHeadedRows } from '../headed-rows.ts'
import { nameKey } from '../name-key.ts'

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
    const entries = new Map<string, ListEntry>()
    return openHeadedRows(findings, {
      separator,
      headerOf: columnsOf,
      take: (columns, cells, place, fault) => {
        const entry = fault ?? entryOf(columns(cells))
        if (typeof entry === 'string') findings.problem({ place, message: entry })
        else entries.set(entry.key, merged(entries.get(entry.key), entry))
      },
      finish: () => {
        for (const entry of entries.values()) findings.entry(entry)
      },
    })
  }

export const openDeniedCsv = openDenied(',')
export const openDeniedTabs = openDenied('\t')

type Columns = (cells: TableRecord['cells']) => (column: Column) => string

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
  return (row) => (column) => (at[column] < 0 ? '' : (row[at[column]] ?? '').trim())
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
