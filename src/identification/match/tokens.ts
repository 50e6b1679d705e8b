/** The words of a cell, each with its class and, where it is misspelt, the word of the trade that was meant. */

import { LRUCache } from 'lru-cache'
import { put } from '../../lib/multimap.ts'
import type { Word } from '../names.ts'
import { deletionsOf, distance } from '../spelling.ts'
import { KNOWN_WORDS, SOMEBODY_ELSE_WORDS } from '../words.ts'

export type WordClass = 'legal' | 'generic' | 'place' | 'trade' | 'joiner' | 'cue' | 'model' | 'core'

export interface Token {
  readonly word: Word
  readonly text: string
  readonly folded: string
  readonly class: WordClass
  /** For a core word that is a misspelt word of the trade: the word meant. */
  readonly meant: string | null
}

export const isHan = (key: string): boolean => /^\p{Script=Han}/u.test(key)

export function tokenize(words: readonly Word[]): Token[] {
  const tokens = words.map(tokenOf)
  const hasModel = tokens.some((token) => token.word.isModel)
  if (!hasModel) return tokens
  // "DS 2CD2143G0 I": short pieces beside figures belong to the model number.
  return tokens.map((token, at) => {
    const isShort = token.class === 'core' && token.word.script === 'latin' && token.text.length <= 2
    const isBesideFigure = tokens[at + 1]?.word.isModel || tokens[at - 1]?.word.isModel
    return isShort && isBesideFigure ? { ...token, class: 'model' as const } : token
  })
}

function tokenOf(word: Word): Token {
  const { text } = word
  if (word.isModel) return { word, text, folded: text, class: 'model', meant: null }
  const known = KNOWN_WORDS.get(text)
  if (known) return { word, text, folded: known.folded, class: known.class, meant: null }
  const meant = word.script === 'latin' ? meantWord(text) : text
  return { word, text, folded: text, class: 'core', meant: meant === text ? null : meant }
}

export const joinText = (tokens: readonly Token[]): string => tokens.map((token) => token.text).join('')

export const joinFolded = (tokens: readonly Token[]): string => tokens.map((token) => token.folded).join('')

/** Words long enough that a slip of the finger in them can be told from another word. */
const LONG_WORDS = [...KNOWN_WORDS].flatMap(([text, known]) => {
  const isOfTheTrade = known.class === 'generic' || known.class === 'legal' || /^cameras?$/.test(text)
  return isOfTheTrade && /^[a-z]{6,}$/.test(text) ? [text] : []
})
/** By what is left of them when letters are left out. */
const REPAIRABLE: ReadonlyMap<string, readonly string[]> = byDeletions(LONG_WORDS)
const TRUNCATED = LONG_WORDS.filter((text) => text.length >= 8)

function byDeletions(words: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const text of words)
    for (const rest of deletionsOf(text, text.length >= 9 ? 10 : 6)) put(found, rest, text)
  return found
}

/** By word. What a word means follows from the lists in this program alone, so all versions of the catalog share it. */
const meanings = new LRUCache<string, string>({ max: 20_000 })

/** The word of the trade that a word misspells or cuts short, or the word itself. */
function meantWord(text: string): string {
  if (text.length < 5 || text.length > 24 || SOMEBODY_ELSE_WORDS.has(text)) return text
  const before = meanings.get(text)
  if (before !== undefined) return before
  let best = text
  let bestCost = Number.POSITIVE_INFINITY
  for (const rest of deletionsOf(text, text.length >= 8 ? 10 : 6)) {
    for (const candidate of REPAIRABLE.get(rest) ?? []) {
      if (candidate[0] !== text[0]) continue
      const allowed = candidate.length >= 9 ? 2 : 1
      const cost = distance(text, candidate, allowed)
      if (cost < bestCost) {
        best = candidate
        bestCost = cost
      }
    }
  }
  if (best === text) best = TRUNCATED.find((word) => word.startsWith(text)) ?? text
  meanings.set(text, best)
  return best
}

export function textOf(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => !token.word.isCut)
    .map((token) => token.text)
    .join(' ')
}
