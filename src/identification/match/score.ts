/** How well a name that was found explains the cell: what is left over around it lowers the score. */
import type { Hit } from './hits.ts'
import type { Alias } from './name-index.ts'
import { REVIEW_FROM } from './result.ts'
import { isHan, type Token, type WordClass } from './tokens.ts'

export interface Scored {
  readonly hit: Hit
  readonly score: number
  readonly isPlain: boolean
  readonly free: { text: string; class: WordClass }[]
  readonly left: { text: string; class: WordClass; weight: number }[]
}

/** The best reading of the cell as this vendor. */
export function bestOf(tokens: readonly Token[], own: readonly Hit[], all: readonly Hit[]): Scored {
  let best: Scored | null = null
  for (const hit of own) {
    const scored = scoreHit(tokens, hit, own, all)
    if (
      !best ||
      scored.score > best.score + 1e-9 ||
      (Math.abs(scored.score - best.score) <= 1e-9 && hit.alias.key.length > best.hit.alias.key.length)
    ) {
      best = scored
    }
  }
  return best as Scored
}

function isPlain(tokens: readonly Token[], hit: Hit): boolean {
  const word = tokens[hit.from]?.word
  return word !== undefined && !word.bracketed && !word.demoted
}

function scoreHit(tokens: readonly Token[], hit: Hit, own: readonly Hit[], all: readonly Hit[]): Scored {
  const { alias } = hit
  const free: Scored['free'] = []
  const left: Scored['left'] = []
  const isExact = hit.spelled === null && hit.repairs.length === 0
  const hasTrade = tokens.some((token) => isTradeWord(token))
  let lost = hit.inside
  let surroundings = 0
  let hasOther = hit.inside > 0
  for (const [at, token] of tokens.entries()) {
    if (at >= hit.from && at < hit.to) continue
    const isNamed = (list: readonly Hit[]) =>
      list.some(
        (other) => at >= other.from && at < other.to && (other.spelled === null || other.similarity > 0.9),
      )
    let weight = 0
    if (isNamed(own)) weight = 0
    else if (token.class !== 'model' && token.class !== 'legal' && isNamed(all)) weight = 0
    else if (token.word.isGlued) weight = 0
    else weight = leftoverWeight(token, alias, isExact, hasTrade)
    if (token.word.bracketed || token.word.demoted) weight *= 0.3
    if (weight === 0) {
      free.push({ text: token.text, class: token.class })
      continue
    }
    const asClass = token.meant ? 'generic' : token.class
    left.push({ text: token.text, class: asClass, weight: Math.round(weight * 1000) / 1000 })
    if (asClass === 'core' || asClass === 'cue') {
      hasOther = true
      lost += weight
    } else surroundings += weight
  }
  lost += alias.isWeak ? surroundings : Math.min(surroundings, 0.12)
  let score = hit.similarity * Math.max(0, 1 - lost)
  const isShort = alias.key.length <= 3 && alias.script === 'latin'
  if (isShort && hasOther) score -= 0.3
  // A long name spelt right is never passed over in silence.
  const isDistinctive = !alias.isWeak && alias.coreLetters >= 5 && hit.similarity >= 0.85
  const isOneWord = hit.method === 'exact' || hit.method === 'native' || alias.coreLetters >= 8
  if (isDistinctive && isOneWord && alias.script === 'latin') {
    score = Math.max(score, isExact || alias.coreLetters >= 8 ? 0.78 : 0)
  }
  if (alias.isWeak && hasTrade && isExact && lost < 0.7) score = Math.max(score, REVIEW_FROM)
  return { hit, score: Math.max(0, score), isPlain: isPlain(tokens, hit), free, left }
}

const TRADE_LIKE = new Set(['security', 'surveillance', 'video', 'vision', 'communication', 'network'])

export function isTradeWord(token: Token): boolean {
  if (token.class === 'model') return true
  if (token.class === 'generic') return TRADE_LIKE.has(token.folded)
  return token.class === 'trade' && token.text.length >= 3
}

/** What a word beside the name takes away, 0..1. */
function leftoverWeight(token: Token, alias: Alias, isExact: boolean, hasTrade: boolean): number {
  const asClass = token.meant ? 'generic' : token.class
  switch (asClass) {
    case 'legal':
    case 'trade':
    case 'model':
    case 'joiner':
      return 0
    case 'place':
      return 0.02
    case 'generic':
      return alias.isWeak && !TRADE_LIKE.has(token.meant ?? token.folded) ? 0.2 : 0.05
    case 'cue':
      return 0.7
    case 'core':
      return coreWeight(token, alias, isExact, hasTrade)
    default:
      return asClass satisfies never
  }
}

function coreWeight(token: Token, alias: Alias, isExact: boolean, hasTrade: boolean): number {
  if (token.text.length === 1) return 0.02
  if (alias.isWeak) return hasTrade ? 0.15 : 0.5
  // A Chinese character says as much as a syllable.
  const letters = isHan(alias.key) ? alias.key.length * 3 : alias.coreLetters
  const weight = letters >= 8 ? 0.08 : letters >= 6 ? 0.1 : letters === 5 ? 0.12 : letters === 4 ? 0.15 : 0.35
  return isExact ? weight : weight * 2
}
