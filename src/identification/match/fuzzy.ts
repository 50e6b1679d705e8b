/** Windows of words that sound like a name, or are spelled nearly like one. */

import { romanize, skeleton } from '../names.ts'
import { deletionsOf, distance } from '../spelling.ts'
import { SOMEBODY_ELSE_WORDS } from '../words.ts'
import type { Hit } from './hits.ts'
import type { Alias, Index } from './name-index.ts'
import type { MatchMethod } from './result.ts'
import type { Token } from './tokens.ts'

const MAX_FUZZY_WORDS = 3

const MAX_FUZZY_LETTERS = 22

export function findFuzzy(tokens: readonly Token[], index: Index): Hit[] {
  const best = new Map<string, Hit>()
  for (let from = 0; from < tokens.length; from++) {
    let text = ''
    let hasCore = false
    for (let to = from + 1; to <= Math.min(tokens.length, from + MAX_FUZZY_WORDS); to++) {
      const token = tokens[to - 1] as Token
      if (token.class === 'model' || token.class === 'legal' || token.class === 'cue') break
      if (token.class === 'core' && isSomebodyElse(token.text, index)) break
      hasCore ||= token.class === 'core'
      text += token.folded
      if (text.length > MAX_FUZZY_LETTERS) break
      if (token.class === 'joiner' || !hasCore || text.length < 4 || isSomebodyElse(text, index)) continue
      findSpelled(text, from, to, index, best)
      if (to === from + 1 && token.word.script === 'native') {
        const latin = romanize(token.text)
        if (latin.length >= 4) {
          for (const alias of index.exact.get(latin) ?? [])
            keepBest(best, spelledHit(alias, from, to, latin, 'native', 0.95))
          findSpelled(latin, from, to, index, best)
        }
      }
    }
  }
  return [...best.values()]
}

function findSpelled(text: string, from: number, to: number, index: Index, best: Map<string, Hit>): void {
  for (const alias of index.sounds.get(skeleton(text)) ?? []) {
    if (alias.key === text || !sharesFirstLetter(alias.key, text)) continue
    const similarity = alias.coreLetters >= 6 ? 0.93 : 0.88
    keepBest(best, spelledHit(alias, from, to, text, 'skeleton', similarity))
  }
  const seen = new Set<Alias>()
  for (const rest of deletionsOf(text, text.length)) {
    for (const alias of index.deletions.get(rest) ?? []) {
      if (seen.has(alias)) continue
      seen.add(alias)
      if (alias.key[0] !== text[0] || Math.abs(alias.key.length - text.length) > 2) continue
      const cost = distance(text, alias.key, alias.budget)
      if (cost === Number.POSITIVE_INFINITY || cost === 0) continue
      keepBest(best, spelledHit(alias, from, to, text, 'edit', 1 - cost / alias.coreLetters))
    }
  }
}

/** A catalog name wins over the list of strangers: the catalog grows, the list does not know. */
function isSomebodyElse(text: string, index: Index): boolean {
  return SOMEBODY_ELSE_WORDS.has(text) && !index.exact.has(text)
}

/** Transliteration writes one sound as `h` and as `kh`. */
function sharesFirstLetter(key: string, text: string): boolean {
  return (
    key[0] === text[0] ||
    (key[0] === 'h' && text.startsWith('kh')) ||
    (text[0] === 'h' && key.startsWith('kh'))
  )
}

function spelledHit(
  alias: Alias,
  from: number,
  to: number,
  spelled: string,
  method: MatchMethod,
  similarity: number,
): Hit {
  return {
    alias,
    from,
    to,
    method,
    similarity,
    spelled,
    repairs: [],
    inside: 0,
    isHeldBack: spelled === 'hivision',
  }
}

function keepBest(best: Map<string, Hit>, hit: Hit): void {
  const key = `${hit.alias.vendor.id} ${hit.from} ${hit.to}`
  const there = best.get(key)
  if (!there || hit.similarity > there.similarity) best.set(key, hit)
}
