/** The UFLPA Entity List as the page of the Department of Homeland Security has it: four tables, aliases in prose. Pure. */
import {
  BLANK_ENTRY,
  type EntryReader,
  type Findings,
  type ListEntry,
  Unreadable,
} from '../../model/entry.ts'
import { unique } from '../company-text.ts'
import { readDay } from '../days.ts'
import { type HtmlTable, htmlReader } from '../html-tables.ts'
import { nameKey } from '../name-key.ts'

/** The sub-lists stand in their order. */
const PARTS = ['i', 'ii', 'iv', 'v']
const SECTION = /Section 2\(d\)\(2\)\(B\)\((i|ii|iv|v)\)/gi

export function openUflpaList(findings: Findings): EntryReader {
  return htmlReader((tables) => {
    const found = tables.filter(isOfList)
    // A table that is headed otherwise would be left out without a word.
    for (const { header } of tables.filter((table) => !isOfList(table)))
      findings.problem({
        place: `the table "${header.join(' | ')}"`,
        message: 'is headed as none of the list',
      })
    if (found.length === 0)
      throw new Unreadable('wrong-format', 'The page has no table of entities with their effective dates.')
    for (const [i, { before, rows }] of found.entries()) {
      const section = [...before.matchAll(SECTION)].at(-1)?.[1]?.toLowerCase() ?? PARTS[i] ?? String(i + 1)
      for (const [n, row] of rows.entries()) {
        const from = readDay(row[1]?.text ?? '')
        const place = `row ${n + 1} of the table of section 2(d)(2)(B)(${section})`
        if (row.length !== 2 || from === null) findings.problem({ place, message: 'has no effective date' })
        else findings.entry(entryOf(row[0]!.text.replaceAll('\n', ' '), section, from))
      }
    }
  })
}

const isOfList = ({ header }: HtmlTable) =>
  /entity/i.test(header[0] ?? '') && /effective date/i.test(header[1] ?? '')

const REACH =
  /,? and (?:its )?(?:subordinate and affiliated entities|subsidiaries|affiliates|subsidiaries and affiliates)\s*$/i
const OTHER_NAMES =
  /\(\s*(?:(?:and|including)\s+)?(?:[a-z]+\s+alias(?:es)?:|also known as|formerly known as|formerly)\s*((?:[^()]|\([^()]*\))+)\)/gi

function entryOf(text: string, section: string, from: ListEntry['from']): ListEntry {
  const whole = text.replace(REACH, '')
  const aliases = [...whole.matchAll(OTHER_NAMES)].flatMap(([, names]) =>
    names!.split(/;\s*(?:and\s+)?/).map((alias) => ({ text: alias.trim(), isWeak: false })),
  )
  const name = whole.replaceAll(OTHER_NAMES, ' ').replaceAll(/\s+/g, ' ').trim()
  return {
    ...BLANK_ENTRY,
    key: `${section}:${nameKey(name)}`,
    part: section,
    name,
    aliases: unique(aliases),
    from,
    countries: ['CN'],
    citation: `Pub. L. 117-78, section 2(d)(2)(B)(${section})`,
  }
}
