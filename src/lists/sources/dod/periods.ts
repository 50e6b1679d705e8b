/**
 * Chinese military companies under section 1260H: a table with one row for each edition on which a company stood. The
 * rows of a company that follow one another are one period of listing. Pure.
 */
import type { PlainDate } from '../../../lib/calendar.ts'
import { BLANK_ENTRY, type EntryReader, type Findings, type ListEntry } from '../../model/entry.ts'
import { unique } from '../company-text.ts'
import { readDay } from '../days.ts'
import { headerWith, openHeadedRows } from '../headed-rows.ts'
import { nameKey } from '../name-key.ts'

const COLUMNS = [
  'Name',
  'Clean Name',
  'Alias',
  'Previous Name',
  'Parent Name',
  'Start date',
  'End date',
] as const
type Cells = Readonly<Record<(typeof COLUMNS)[number], string>>

interface Edition {
  readonly cells: Cells
  readonly from: PlainDate
  readonly to: PlainDate | null
}

export function openListingPeriods(findings: Findings): EntryReader {
  const editions = new Map<string, Edition[]>()
  return openHeadedRows(findings, {
    separator: ',',
    headerOf: (cells) => headerWith(COLUMNS, cells),
    take: (header, cells, place, fault) => {
      const named = Object.fromEntries(header.map((name, i) => [name, (cells[i] ?? '').trim()])) as Cells
      const edition = fault ?? editionOf(named)
      if (typeof edition === 'string') findings.problem({ place, message: edition })
      else {
        const key = nameKey(nameOf(named))
        editions.set(key, [...(editions.get(key) ?? []), edition])
      }
    },
    finish: () => {
      const newest = [...editions.values()].flat().map(({ from }) => from)
      findings.head({ publishedOn: newest.toSorted().at(-1) ?? null })
      for (const [key, rows] of editions)
        for (const period of periodsOf(rows)) findings.entry(entryOf(key, period))
    },
  })
}

const nameOf = (cells: Cells) => cells['Clean Name'] || cells.Name.replace(/\*$/, '').trim()

function editionOf(cells: Cells): Edition | string {
  if (nameOf(cells) === '') return 'has no name'
  const [from, to] = [readDay(cells['Start date']), readDay(cells['End date'])]
  if (from === null) return 'has no day of listing'
  if (to === null && cells['End date'] !== '') return 'has an end that is no day'
  return to !== null && to < from ? 'ends before it begins' : { cells, from, to }
}

/** Rows of editions are one period until one of them ends before the next begins. */
function periodsOf(rows: readonly Edition[]): Edition[][] {
  const periods: Edition[][] = []
  for (const row of rows.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const open = periods.at(-1)
    if (open && endOf(open.slice(-1)) !== null && endOf(open)! < row.from) periods.push([row])
    else if (open) open.push(row)
    else periods.push([row])
  }
  return periods
}

/** The latest edition says whether a period is over: an earlier row has no end of its own, or had one and went on. */
function endOf(rows: readonly Edition[]): PlainDate | null {
  return rows.at(-1)!.to
}

function entryOf(key: string, rows: readonly Edition[]): ListEntry {
  const { cells } = rows.at(-1)!
  const { from } = rows[0]!
  const name = nameOf(cells)
  const others = rows.flatMap((row) => [
    nameOf(row.cells),
    ...row.cells.Alias.split(/,(?!\s*(?:ltd|inc|llc|limited|co)\b)/i),
    ...row.cells['Previous Name'].split(/,(?!\s*(?:ltd|inc|llc|limited|co)\b)/i),
  ])
  const aliases = others.map((text) => ({ text: text.trim(), isWeak: false }))
  const parents = rows.map((row) => row.cells['Parent Name']).filter((parent) => parent !== '')
  return {
    ...BLANK_ENTRY,
    key: `${key}:${from}`,
    name,
    aliases: unique(aliases).filter(({ text }) => text !== name),
    from,
    to: endOf(rows),
    owners: [...new Set(parents.slice(-1))],
    citation: 'Section 1260H of Pub. L. 116-283',
  }
}
