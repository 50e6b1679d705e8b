/** Names of the catalog that look like a cell that names nobody, for a person to choose from. */

import type { Vendor } from '../../catalogue/vendors.ts'
import { readWords, romanize } from '../names.ts'
import { distance } from '../spelling.ts'
import { type Alias, type Index, pairsOf } from './name-index.ts'
import { HELD_BACK, type Suggestion } from './result.ts'
import { tokenize } from './tokens.ts'

const MAX_SUGGESTIONS = 5

/** Below this two names look nothing alike. */
const SUGGEST_FROM = 0.45

const SUGGEST_TRIED = 40

export function suggest(query: string, index: Index): Suggestion[] {
  const words = tokenize(readWords(query)).filter((token) => token.class === 'core' || token.class === 'cue')
  const latin = words.map((token) => (token.word.script === 'latin' ? token.text : romanize(token.text)))
  const best = new Map<Vendor, Suggestion>()
  for (const spelled of new Set([latin.join(''), ...latin])) {
    if (spelled.length < 2 || spelled.length > 40) continue
    const pairs = new Set(pairsOf(spelled))
    const shared = new Map<number, number>()
    for (const pair of pairs) {
      for (const position of index.bigrams.get(pair) ?? [])
        shared.set(position, (shared.get(position) ?? 0) + 1)
    }
    const alikeness = (position: number, count: number) =>
      (2 * count) / (pairs.size + (index.aliases[position] as Alias).key.length + 1)
    const near = [...shared].map(([position, count]) => [position, alikeness(position, count)] as const)
    near.sort((a, b) => b[1] - a[1] || a[0] - b[0])
    for (const [position, dice] of near.slice(0, SUGGEST_TRIED)) {
      const alias = index.aliases[position] as Alias
      const longest = Math.max(spelled.length, alias.key.length)
      const cost = distance(spelled, alias.key, longest)
      const score = Math.round(Math.max(dice, 1 - cost / longest) * 1000) / 1000
      if (score < SUGGEST_FROM || score <= (best.get(alias.vendor)?.score ?? 0)) continue
      best.set(alias.vendor, { vendor: alias.vendor.id, name: alias.text, score: Math.min(score, HELD_BACK) })
    }
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || (a.vendor < b.vendor ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
}
