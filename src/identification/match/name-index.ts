/** The names of the catalog by their exact keys, their sound, their spelling and their pairs of letters. */
import type { LRUCache } from 'lru-cache'
import type { NameKind, Vendor } from '../../catalogue/vendors.ts'
import { put } from '../../lib/multimap.ts'
import { readWords, skeleton } from '../names.ts'
import { budget, DOUBLED, deletionsOf } from '../spelling.ts'
import { EVERYDAY_WORDS, WORDS_VERSION } from '../words.ts'
import { peelings } from './han-runs.ts'
import type { NameMatch } from './result.ts'
import { isHan, joinFolded, joinText, tokenize } from './tokens.ts'

/** Raise with every change of the rules below. */
const RULES_VERSION = 1

export interface Alias {
  readonly vendor: Vendor
  readonly text: string
  readonly kind: NameKind
  readonly script: 'latin' | 'native'
  /** Folded words without spaces. */
  readonly key: string
  /** Letters that belong to this vendor alone, without generic words, places and legal forms. */
  readonly coreLetters: number
  readonly wordCount: number
  /** Needs the whole cell, or the trade beside it. */
  readonly isWeak: boolean
  /** The most misspelling that it bears. */
  readonly budget: number
}

export interface Veto {
  readonly vendor: Vendor
  /** False when the cell lacks the legal form that tells the two companies apart. */
  readonly isSure: boolean
}

export interface Index {
  readonly exact: ReadonlyMap<string, readonly Alias[]>
  readonly sounds: ReadonlyMap<string, readonly Alias[]>
  readonly deletions: ReadonlyMap<string, readonly Alias[]>
  readonly vetoes: ReadonlyMap<string, readonly Veto[]>
  /** Native names of three characters and more, longest first, to be found inside longer runs. */
  readonly hanInside: readonly Alias[]
  readonly bigrams: ReadonlyMap<string, readonly number[]>
  readonly aliases: readonly Alias[]
  readonly version: string
}

export interface Core {
  readonly index: Index
  /** Child and parent vendor id, separated by a blank. */
  readonly kin: ReadonlySet<string>
  readonly memo: LRUCache<string, NameMatch>
}

export function buildIndex(vendors: readonly Vendor[]): Index {
  const exact = new Map<string, Alias[]>()
  const sounds = new Map<string, Alias[]>()
  const deletions = new Map<string, Alias[]>()
  const vetoes = new Map<string, Veto[]>()
  const bigrams = new Map<string, number[]>()
  const aliases: Alias[] = []
  let print = 0x811c9dc5
  const fingerprint = (text: string) => {
    for (let i = 0; i < text.length; i++) print = Math.imul(print ^ text.charCodeAt(i), 0x01000193) >>> 0
  }
  const byOwnName: [key: string, alias: Alias][] = []
  const byDerivedName: [key: string, alias: Alias][] = []
  for (const vendor of vendors) {
    if (vendor.matchable === false) continue
    fingerprint(vendor.id)
    const names = vendor.names.some((name) => name.text === vendor.name)
      ? vendor.names
      : [{ text: vendor.name, kind: 'display' as const }, ...vendor.names]
    for (const name of names) {
      fingerprint(`${name.text}${name.kind}${name.weak ?? false}`)
      const { own, derived } = keysOf(name.text)
      for (const key of own) byOwnName.push([key, aliasOf(vendor, name, key)])
      for (const key of derived) byDerivedName.push([key, aliasOf(vendor, name, key)])
    }
    for (const other of vendor.notSameAs) fingerprint(other)
  }
  const own = new Set(byOwnName.map(([key]) => key))
  for (const [key, alias] of [...byOwnName, ...byDerivedName.filter(([key]) => !own.has(key))]) {
    const there = exact.get(key)
    if (there?.some((other) => other.vendor === alias.vendor)) continue
    put(exact, key, alias)
    aliases.push(alias)
  }
  for (const vendor of vendors) {
    for (const other of vendor.notSameAs) {
      const tokens = tokenize(readWords(other))
      const full = joinFolded(tokens)
      const bare = joinFolded(tokens.filter((token) => token.class !== 'legal'))
      put(vetoes, full, { vendor, isSure: true })
      // "KTC AB" is not KT&C, but "KTC" alone may be.
      const isOwnName = exact.get(bare)?.some((alias) => alias.vendor === vendor) ?? false
      if (bare !== full && bare !== '' && !isOwnName) put(vetoes, bare, { vendor, isSure: false })
    }
  }
  for (const [position, alias] of aliases.entries()) {
    if (alias.script === 'latin') {
      for (const pair of new Set(pairsOf(alias.key))) put(bigrams, pair, position)
    }
    if (alias.budget === 0 || isHan(alias.key)) continue
    if (alias.script === 'latin') put(sounds, skeleton(alias.key), alias)
    for (const rest of deletionsOf(alias.key, alias.coreLetters)) put(deletions, rest, alias)
  }
  const hanInside = aliases
    .filter((alias) => isHan(alias.key) && alias.key.length >= 2)
    .sort((a, b) => b.key.length - a.key.length)
  const version = `${RULES_VERSION}.${WORDS_VERSION}.${print.toString(16).padStart(8, '0')}`
  return { exact, sounds, deletions, vetoes, hanInside, bigrams, aliases, version }
}

function aliasOf(vendor: Vendor, name: Vendor['names'][number], key: string): Alias {
  const tokens = tokenize(readWords(name.text)).filter((token) => token.class !== 'legal')
  const core = tokens.filter(
    (token) => token.class === 'core' || token.class === 'model' || token.class === 'cue',
  )
  const distinct = core.reduce((sum, token) => sum + token.text.length, 0)
  const isNative = tokens.some((token) => token.word.script !== 'latin')
  const isEveryday = tokens.length === 1 && EVERYDAY_WORDS.has(tokens[0]?.text ?? '')
  const coreLetters = isNative ? key.length : distinct
  return {
    vendor,
    text: name.text,
    kind: name.kind,
    script: isNative ? 'native' : 'latin',
    key,
    coreLetters,
    wordCount: tokens.length,
    isWeak: name.weak === true || isEveryday,
    budget:
      name.weak === true ? 0 : Math.min(budget(coreLetters), isEveryday && coreLetters <= 6 ? DOUBLED : 3),
  }
}

/** The keys under which a catalog name is found: as written, and with forms and places dropped. */
function keysOf(name: string): { own: Set<string>; derived: Set<string> } {
  const tokens = tokenize(readWords(name))
  const own = new Set<string>()
  const derived = new Set<string>()
  const bare = tokens.filter((token) => token.class !== 'legal')
  const hasCore = bare.some((token) => token.class === 'core')
  // "Empire Tech" is not any "Empire Technologies".
  const isAbbreviated =
    bare.some((token) => token.class === 'generic' && token.text.length <= 4 && token.folded.length > 4) &&
    bare.every((token) => token.class === 'generic' || EVERYDAY_WORDS.has(token.text))
  own.add(joinText(tokens))
  if (!isAbbreviated) own.add(joinFolded(tokens))
  // "CBC Co Ltd" may not shrink to any CBC, nor "Secure Holdings Ltd" to anything secure.
  if (!hasCore && bare.length < 3 && bare.length < tokens.length) {
    own.delete('')
    return { own, derived }
  }
  if (joinText(bare).length > 3 || bare.length === tokens.length) {
    own.add(joinText(bare))
    if (!isAbbreviated) own.add(joinFolded(bare))
  }
  const start = bare.findIndex((token) => token.class !== 'place')
  if (hasCore && start > 0 && bare.length - start >= 2) {
    const rest = bare.slice(start)
    if (joinFolded(rest).length >= 6) derived.add(joinFolded(rest))
  }
  const only = tokens.length === 1 ? tokens[0] : undefined
  if (only?.word.script === 'han') {
    for (const { from, to } of peelings(only.text)) {
      if (to - from >= 2 && to - from < only.text.length) derived.add(only.text.slice(from, to))
    }
  }
  own.delete('')
  derived.delete('')
  return { own, derived }
}

export function pairsOf(key: string): string[] {
  const pairs: string[] = []
  const padded = `^${key}$`
  for (let at = 0; at < padded.length - 1; at++) pairs.push(padded.slice(at, at + 2))
  return pairs
}
