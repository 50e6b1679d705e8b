/**
 * The FCC's Covered List as its page has it: one table of equipment and services in prose, with days. Further tables of
 * the page hold conditional approvals and prohibitions, which are not the list. Pure.
 */
import {
  BLANK_ENTRY,
  type EntryReader,
  type Findings,
  type ListEntry,
  Unreadable,
} from '../../model/entry.ts'
import { readDay } from '../days.ts'
import { type HtmlCell, type HtmlTable, htmlReader } from '../html-tables.ts'
import { nameKey } from '../name-key.ts'

const HEADER = /covered equipment or services/i
const DAY = /[A-Z][a-z]+ \d{1,2}, \d{4}/

export function openCoveredList(findings: Findings): EntryReader {
  return htmlReader((tables) => {
    const found = tables.filter(({ header }) => header.some((cell) => HEADER.test(cell)))
    if (found.length !== 1)
      throw new Unreadable(
        'wrong-format',
        `The page has ${found.length} tables of covered equipment or services; the list is one.`,
      )
    takeTable(found[0]!, findings)
  })
}

function takeTable({ before, rows }: HtmlTable, findings: Findings): void {
  // The day of the list stands right above it: `Covered List (July 21, 2026)`.
  const dated = [...before.matchAll(new RegExp(`\\((${DAY.source})\\)`, 'g'))].at(-1)?.[1]
  findings.head({ publishedOn: dated === undefined ? null : readDay(dated) })
  for (const [i, row] of rows.entries()) {
    const place = `row ${i + 1} of the table`
    const [what, since] = row
    // The first day is that of listing; others are those of updates.
    const from = readDay(DAY.exec(since?.text ?? '')?.[0] ?? '')
    if (row.length !== 2 || from === null) findings.problem({ place, message: 'has no day of inclusion' })
    else for (const entry of entriesOf(what!, from)) findings.entry(entry)
  }
}

/** A row names companies, or a class of products whoever makes them. */
function entriesOf(cell: HtmlCell, from: ListEntry['from']): ListEntry[] {
  const text = cell.text.replaceAll('\n', ' ')
  const shared = {
    ...BLANK_ENTRY,
    from,
    purposeLimited: /to the extent it is used for the purpose of public safety/i.test(text),
    scope: scopeOf(text),
    citation: 'FCC Covered List, 47 CFR 1.50002',
  }
  const companies = companiesIn(cell)
  if (companies.length > 0) return companies.map((name) => ({ ...shared, key: nameKey(name), name }))
  return cell.text.split(/\n(?=All )/).map((paragraph) => {
    const name = paragraph
      .split(/\s*[,—-]\s*except\b/i)[0]!
      .replaceAll(/[\s^#†‡³£*]+/g, ' ')
      .trim()
    return { ...shared, key: nameKey(name), name, kind: 'class', scope: 'class' }
  })
}

/** Behind `by`, printed bold; a copy of the page without bold print has it up to what goes on. */
function companiesIn({ text, bold }: HtmlCell): string[] {
  const by = /\b(?:produced|provided|supplied|manufactured|made|sold|offered)\b[^.]{0,500}?\bby\b/i.exec(text)
  if (by === null) return []
  const behind = text.slice(by.index + by[0].length)
  // Other words are printed bold too.
  const companies = bold.filter((name) => /^\p{Lu}/u.test(name) && behind.includes(name))
  if (companies.length > 0) return companies.map(withoutEnd)
  const named =
    /\b(?:produced|provided|supplied|manufactured|made|sold|offered)(?: or provided)?,?(?: directly or indirectly,)? by (.{1,500}?)(?=,? (?:including|to the extent|subject to|or any of its)\b|$)/i.exec(
      text.replaceAll('\n', ' '),
    )?.[1]
  return named === undefined ? [] : named.split(/ and its wholly-owned subsidiary /i).map(withoutEnd)
}

const withoutEnd = (name: string) => name.replace(/[,;]$/, '').trim()

function scopeOf(text: string): ListEntry['scope'] {
  if (/^(?:cybersecurity|information security)\b/i.test(text)) return 'software'
  return /^[\w -]*services provided by/i.test(text) ? 'services' : 'equipment'
}
