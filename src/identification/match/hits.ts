/** Windows of words that are a name of the catalog as written, or with known words run into it. */

import type { Edit } from '../spelling.ts'
import { KNOWN_WORDS } from '../words.ts'
import type { Alias, Index } from './name-index.ts'
import type { MatchMethod } from './result.ts'
import { isHan, type Token } from './tokens.ts'

export const MAX_WINDOW_WORDS = 8

/** "H I K V I S I O N" is eleven words at most. */
const MAX_LETTER_RUN = 11

export interface Hit {
  readonly alias: Alias
  /** Tokens `[from, to)`. */
  readonly from: number
  readonly to: number
  readonly method: MatchMethod
  readonly similarity: number
  /** What was compared with the alias key; null when equal. */
  readonly spelled: string | null
  /** Words that were read as other words on the way. */
  readonly repairs: readonly Edit[]
  /** Weight of what is left of a Chinese run around the name. */
  readonly inside: number
  readonly isHeldBack: boolean
}

/** Ends of the windows that start at `from`: eight words, or a run of single letters. */
function lastEnd(tokens: readonly Token[], from: number): number {
  let end = Math.min(tokens.length, from + MAX_WINDOW_WORDS)
  if (tokens[from]?.text.length === 1) {
    let run = from
    while (run < tokens.length && run - from < MAX_LETTER_RUN && tokens[run]?.text.length === 1) run++
    end = Math.max(end, run)
  }
  return end
}

export function findExact(tokens: readonly Token[], index: Index, isRepaired: boolean): Hit[] {
  const hits: Hit[] = []
  for (let from = 0; from < tokens.length; from++) {
    let text = ''
    let folded = ''
    const end = lastEnd(tokens, from)
    for (let to = from + 1; to <= end; to++) {
      const token = tokens[to - 1] as Token
      text += token.text
      folded +=
        isRepaired && token.meant ? (KNOWN_WORDS.get(token.meant)?.folded ?? token.meant) : token.folded
      let found = isRepaired ? undefined : index.exact.get(text)
      if (!found && folded !== text) found = index.exact.get(folded)
      for (const alias of found ?? []) {
        const hit = exactHit(tokens, from, to, alias, isRepaired)
        if (hit) hits.push(hit)
      }
      if (token.word.isCut) break
    }
  }
  return hits
}

function exactHit(
  tokens: readonly Token[],
  from: number,
  to: number,
  alias: Alias,
  isRepaired: boolean,
): Hit | null {
  const window = tokens.slice(from, to)
  const words = window.filter((token) => token.class !== 'legal').length
  const isSame = words === alias.wordCount
  const areLetters = window.every((token) => token.text.length === 1)
  // Three letters are a name only when written as one: "u nv" is not.
  if (alias.key.length <= 3 && window.length > 1 && !areLetters && !isSame && !isHan(alias.key)) return null
  // "on cam" is not Oncam.
  if (!isSame && window.length > 1 && !areLetters && window.every((token) => token.class !== 'core'))
    return null
  const repairs: Edit[] = []
  if (isRepaired) {
    for (const token of window) {
      if (token.meant) repairs.push({ op: 'word', from: token.text, to: token.meant, cost: 0.3 })
    }
    if (repairs.length === 0) return null
  }
  const isGlued = window.some((token) => token.word.isGlued)
  return {
    alias,
    from,
    to,
    method: alias.script === 'native' ? 'native' : repairs.length > 0 ? 'edit' : isSame ? 'exact' : 'joined',
    similarity: Math.max(0.86, 1 - (0.3 * repairs.length) / Math.max(4, alias.key.length)),
    spelled: null,
    repairs,
    inside: 0,
    isHeldBack: isGlued && alias.key.length <= 3,
  }
}

/** One word that is a name and known words run together: "hikvisionusa". */
export function findGlued(tokens: readonly Token[], index: Index, hits: readonly Hit[]): Hit[] {
  const found: Hit[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.class !== 'core' || token.word.script === 'han' || token.text.length > 40) continue
    if (hits.some((hit) => at >= hit.from && at < hit.to)) continue
    const isLatin = token.word.script === 'latin'
    const shortest = isLatin ? 4 : 2
    for (let cut = token.text.length - 2; cut >= shortest; cut--) {
      const alias = index.exact.get(token.text.slice(0, cut))?.[0]
      if (!alias || alias.isWeak || (isLatin && alias.coreLetters < 4) || !isFreeRun(token.text, cut))
        continue
      // "Activision" is not ACTi.
      if (isLatin && cut < 6 && !isPlaceOrTrade(token.text.slice(cut))) continue
      found.push({
        alias,
        from: at,
        to: at + 1,
        method: isLatin ? 'joined' : 'native',
        similarity: 0.97,
        spelled: null,
        repairs: [],
        inside: 0,
        isHeldBack: false,
      })
      break
    }
  }
  return found
}

function isPlaceOrTrade(text: string): boolean {
  const known = KNOWN_WORDS.get(text)
  return (known?.class === 'place' && text.length >= 3) || (known?.class === 'trade' && text.length >= 4)
}

function isFreeRun(text: string, from: number): boolean {
  const whole = KNOWN_WORDS.get(text.slice(from))
  if (whole) return whole.class !== 'cue' && whole.class !== 'joiner'
  for (let cut = from + 2; cut <= text.length - 2; cut++) {
    const first = KNOWN_WORDS.get(text.slice(from, cut))
    const second = KNOWN_WORDS.get(text.slice(cut))
    if (first && second && ![first.class, second.class].some((c) => c === 'cue' || c === 'joiner'))
      return true
  }
  return false
}

/** A name inside a longer name says nothing of its own: "Samsung" in "Samsung Techwin". */
export function dropNested(hits: readonly Hit[]): Hit[] {
  return hits.filter((hit) => {
    return !hits.some((other) => {
      if (other === hit || other.alias.vendor === hit.alias.vendor) return false
      if (other.from > hit.from || other.to < hit.to) return false
      const isWider = other.to - other.from > hit.to - hit.from
      if (other.spelled === null && other.repairs.length === 0) return isWider || hit.spelled !== null
      return isWider && other.alias.key.includes(hit.alias.key) && hit.spelled === null
    })
  })
}

/** "TVT-5403" is a model of TruVision; its first letters name a vendor only where nobody else is named. */
export function dropGlued(tokens: readonly Token[], hits: readonly Hit[]): Hit[] {
  const isGlued = (hit: Hit) => tokens[hit.from]?.word.isGlued && hit.to === hit.from + 1
  return hits.some((hit) => !isGlued(hit)) ? hits.filter((hit) => !isGlued(hit)) : [...hits]
}
