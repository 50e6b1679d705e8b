/** Who a vendor name in a feed means: the same reader of names that reads labels, and the names feeds write alone. */
import type { Matcher } from '../identification/match/matcher.ts'
import { fold, type MakerNames } from './advisories.ts'

/**
 * Names of the overlay first, then those of the catalog. Only names that are written out count: a misspelt one is
 * left to a person, because an advisory on somebody else's product accuses.
 */
export function catalogueMakers(known: MakerNames, matcher: Matcher): MakerNames {
  return {
    get: (name) => {
      const text = repaired(name).replaceAll('_', ' ').trim()
      if (text === '') return undefined
      const found = known.get(fold(text))
      if (found !== undefined) return found
      const { band, method, vendor, heldBack } = matcher.match(text)
      const isWritten = method === 'exact' || method === 'joined' || method === 'native'
      return band === 'match' && isWritten && heldBack === null ? (vendor ?? undefined) : undefined
    },
  }
}

/** The makers of a vendor field: one, or each of those it lists. */
export function makersIn(vendor: string, makers: MakerNames): readonly string[] {
  const whole = makers.get(fold(vendor))
  if (whole !== undefined) return [whole]
  const parts = vendor.split(/[,;/&]|\band\b/i).map(fold)
  return [...new Set(parts.flatMap((part) => (part === '' ? [] : (makers.get(part) ?? []))))]
}

/** UTF-8 that was read as Latin-1 (`GeutebrÃ¼ck`), as CISA's older files have it; other text stays. */
export function repaired(text: string): string {
  if (!/[\u00c2-\u00f4][\u0080-\u00bf]/.test(text) || /[^\0-\u00ff]/.test(text)) return text
  const read = Buffer.from(text, 'latin1').toString('utf8')
  return read.includes('\ufffd') ? text : read
}
