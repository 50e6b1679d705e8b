/** What OFAC writes into the remarks of an entry, which has no columns of its own in the delimited files. Pure. */
import type { ListEntry } from '../../model/entry.ts'
import { readDay } from '../days.ts'

type OfRemarks = Pick<ListEntry, 'aliases' | 'identifiers' | 'from' | 'owners'>

const IDENTIFIERS =
  /^(?:alt\. )?(Unified Social Credit Code \(USCC\)|Equity Ticker|ISIN|Registration Number|Registration ID|Company Number|UK Company Number|Tax ID No\.|Website) (.+)$/

/** Parts are separated by semicolons, and a name in quotes may hold one. */
export function readRemarks(remarks: string): OfRemarks {
  const aliases: { text: string; isWeak: boolean }[] = []
  const identifiers: { type: string; value: string }[] = []
  const owners: string[] = []
  let from: ListEntry['from'] = null
  for (const part of remarks.replace(/\.$/, '').split(/;\s+(?=(?:[^']*'[^']*')*[^']*$)|;\s+/)) {
    const text = part.trim()
    const alias = /^(?:alt\. )?[afn]\.k\.a\. '(.+)'$/.exec(text)
    if (alias) aliases.push({ text: alias[1]!, isWeak: true })
    const identifier = IDENTIFIERS.exec(text)
    if (identifier) {
      const value = identifier[2]!.replace(/\s*\([^)]*\)$/, '').trim()
      identifiers.push({ type: identifier[1]!, value })
    }
    const owner = /^Linked To: (.+)$/.exec(text)
    if (owner) owners.push(owner[1]!)
    const listed = /^Listing Date \([^)]+\) (.+)$/.exec(text)
    if (listed) from = readDay(listed[1]!) ?? from
  }
  return { aliases, identifiers, from, owners }
}
