/**
 * Which vendor of the catalogue a cell names, how sure that is, and why.
 *
 * Exact keys first, then sound, then spelling, each on windows of words; what is left over around the
 * name lowers the score by what it is worth. A whole-string similarity is never used: it confuses `dahua`
 * with `dahlia` long before it repairs `dauha`.
 */

import type { NameKind, Relationship, Vendor } from '../catalogue/vendors.ts'
import { type Recent, recent } from '../lib/remembered.ts'
import { canonicalKey, canonicalText, readWords, romanize, skeleton, type Word } from './names.ts'
import { budget, DOUBLED, deletionsOf, distance, type Edit, editsBetween } from './spelling.ts'
import {
  EVERYDAY_WORDS,
  KNOWN_WORDS,
  LIKENESS_WORDS,
  NEGATION_WORDS,
  SOMEBODY_ELSE_WORDS,
  WORDS_VERSION,
} from './words.ts'

/** `match` may be acted on; `review` asks for a person; `none` names nobody in the catalogue. */
export type Band = 'match' | 'review' | 'none'

export type MatchMethod = 'exact' | 'joined' | 'skeleton' | 'edit' | 'native' | 'decision' | 'none'

export type WordClass = 'legal' | 'generic' | 'place' | 'trade' | 'joiner' | 'cue' | 'model' | 'core'

/** Why a cell that would match is left to a person. */
export type HeldBack = 'two-vendors' | 'denied' | 'like-somebody-else'

export interface Suggestion {
  readonly vendor: string
  readonly name: string
  /** 0..1 */
  readonly score: number
}

export interface NameMatch {
  readonly query: string
  /** Canonical text of the query. */
  readonly normalized: string
  /** Vendor id; null in band `none`. In band `review` the vendor that a person should confirm. */
  readonly vendor: string | null
  /** 0..1; at least `MATCH_FROM` in band `match`, at least `REVIEW_FROM` in band `review`. */
  readonly score: number
  readonly band: Band
  readonly method: MatchMethod
  /** The catalogue name that was found. */
  readonly alias: { readonly text: string; readonly kind: NameKind } | null
  readonly edits: readonly Edit[]
  /** Words around the name that cost nothing. */
  readonly freeWords: readonly { readonly text: string; readonly class: WordClass }[]
  /** Words around the name that lowered the score, and by how much. */
  readonly leftover: readonly { readonly text: string; readonly class: WordClass; readonly weight: number }[]
  readonly runnerUp: { readonly vendor: string; readonly score: number } | null
  /** Further vendors that the cell names, best first; each may be the true maker. */
  readonly alsoNamed: readonly string[]
  /** Why the band is `review` in spite of a better score; null when the score alone decides. */
  readonly heldBack: HeldBack | null
  /** At most five catalogue names near a query that did not match, best first; worked out when read. */
  readonly suggestions: readonly Suggestion[]
  readonly matcherVersion: string
}

export interface Matcher {
  match(text: string): NameMatch
  /** One result per text, in order. */
  matchMany(texts: readonly string[]): NameMatch[]
  /** Names the rules, the word lists and the catalogue names that results come from; not the decisions. */
  readonly version: string
  /** The key under which a person's decision on a cell is stored. */
  key(text: string): string
}

/** Raise with every change of the rules below. */
const RULES_VERSION = 1
export const MATCH_FROM = 0.83
export const REVIEW_FROM = 0.76
/** What a result held back for a person scores at most. */
const HELD_BACK = 0.82

const MAX_WINDOW_WORDS = 8
/** "H I K V I S I O N" is eleven words at most. */
const MAX_LETTER_RUN = 11
const MAX_FUZZY_WORDS = 3
const MAX_FUZZY_LETTERS = 22
const MEMO_ENTRIES = 20_000
const MEMO_LONGEST = 200

interface Alias {
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

interface Veto {
  readonly vendor: Vendor
  /** False when the cell lacks the legal form that tells the two companies apart. */
  readonly isSure: boolean
}

interface Index {
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

interface Token {
  readonly word: Word
  readonly text: string
  readonly folded: string
  readonly class: WordClass
  /** For a core word that is a misspelt word of the trade: the word meant. */
  readonly meant: string | null
}

interface Hit {
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

interface Scored {
  readonly hit: Hit
  readonly score: number
  readonly isPlain: boolean
  readonly free: { text: string; class: WordClass }[]
  readonly left: { text: string; class: WordClass; weight: number }[]
}

/** What of a relationship tells that a child and its parent may stand in one cell: "eufy (Anker)". */
export type Kinship = Pick<Relationship, 'child' | 'parent' | 'kind' | 'to'>

/**
 * Build once per catalogue; matchers over the same `vendors` and `relationships` arrays share their index.
 * `decisions` maps a key (see `Matcher.key`) to the vendor a person chose, or null for "none of them";
 * it wins over any score. A cell that names two vendors is held back for a person, unless one is a brand
 * or subsidiary of the other today according to `relationships`; without them it always is.
 */
export function buildMatcher(
  vendors: readonly Vendor[],
  decisions: ReadonlyMap<string, string | null> = new Map(),
  relationships: readonly Kinship[] = NO_KIN,
): Matcher {
  let built: Core | undefined
  // When the first name is asked for: the index takes a fifth of a second, which a start need not wait for.
  const core = () => {
    built ??= coreOf(vendors, relationships)
    return built
  }
  const match = (text: string): NameMatch => {
    const { index, memo } = core()
    if (decisions.size > 0) {
      const key = canonicalKey(text)
      const decided = key === '' ? undefined : decisions.get(key)
      if (decided !== undefined) return decidedMatch(text, decided, index)
    }
    const known = memo.get(text)
    if (known) return known
    const found = resolve(text, core())
    memo.set(text, found)
    return found
  }
  return {
    match,
    matchMany: (texts) => texts.map(match),
    get version() {
      return core().index.version
    },
    key: canonicalKey,
  }
}

// --- index -----------------------------------------------------------------------------------------

interface Core {
  readonly index: Index
  /** Child and parent vendor id, separated by a blank. */
  readonly kin: ReadonlySet<string>
  readonly memo: Recent<NameMatch>
}

const NO_KIN: readonly Kinship[] = []
const indexes = new WeakMap<readonly Vendor[], Index>()
const cores = new WeakMap<Index, WeakMap<readonly Kinship[], Core>>()

function coreOf(vendors: readonly Vendor[], relationships: readonly Kinship[]): Core {
  const index = indexes.get(vendors) ?? buildIndex(vendors)
  indexes.set(vendors, index)
  const known = cores.get(index) ?? new WeakMap<readonly Kinship[], Core>()
  cores.set(index, known)
  const core = known.get(relationships) ?? { index, kin: kinOf(relationships), memo: createMemo() }
  known.set(relationships, core)
  return core
}

/** Who is a brand or subsidiary of whom today, through any number of steps. */
function kinOf(relationships: readonly Kinship[]): Set<string> {
  const parents = new Map<string, string[]>()
  for (const { child, parent, kind, to } of relationships) {
    if (to === null && (kind === 'subsidiary' || kind === 'brand-of')) put(parents, child, parent)
  }
  const kin = new Set<string>()
  for (const child of parents.keys()) {
    const waiting = [child]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const parent of parents.get(next) ?? []) {
        if (kin.has(`${child} ${parent}`)) continue
        kin.add(`${child} ${parent}`)
        waiting.push(parent)
      }
    }
  }
  return kin
}

function buildIndex(vendors: readonly Vendor[]): Index {
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

const isHan = (key: string): boolean => /^\p{Script=Han}/u.test(key)

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

/** The keys under which a catalogue name is found: as written, and with forms and places dropped. */
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

function put<V>(map: Map<string, V[]>, key: string, value: V): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}

// --- words -----------------------------------------------------------------------------------------

function tokenize(words: readonly Word[]): Token[] {
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

const joinText = (tokens: readonly Token[]): string => tokens.map((token) => token.text).join('')
const joinFolded = (tokens: readonly Token[]): string => tokens.map((token) => token.folded).join('')

/** Words long enough that a slip of the finger in them can be told from another word. */
const REPAIRABLE = new Map<string, string[]>()
const TRUNCATED: string[] = []
for (const [text, known] of KNOWN_WORDS) {
  if (!/^[a-z]{6,}$/.test(text)) continue
  if (known.class !== 'generic' && known.class !== 'legal' && text !== 'camera' && text !== 'cameras')
    continue
  for (const rest of deletionsOf(text, text.length >= 9 ? 10 : 6)) put(REPAIRABLE, rest, text)
  if (text.length >= 8) TRUNCATED.push(text)
}
const meanings = new Map<string, string>()

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
  if (meanings.size >= MEMO_ENTRIES) meanings.clear()
  meanings.set(text, best)
  return best
}

// --- resolution ------------------------------------------------------------------------------------

function resolve(query: string, core: Core): NameMatch {
  const { index } = core
  const tokens = tokenize(readWords(query))
  if (tokens.length === 0) return noMatch(query, '', index, null)
  let hits = findExact(tokens, index, false)
  if (tokens.some((token) => token.meant !== null)) hits = [...hits, ...findExact(tokens, index, true)]
  hits = [...hits, ...findNative(tokens, index), ...findGlued(tokens, index, hits)]
  if (
    tokens.some((token, at) => token.class === 'core' && !hits.some((hit) => at >= hit.from && at < hit.to))
  ) {
    hits = [...hits, ...findFuzzy(tokens, index)]
  }
  hits = dropGlued(tokens, dropNested(hits))
  if (hits.some((hit) => hit.alias.vendor.notSameAs.length > 0))
    hits = applyVetoes(hits, findVetoes(tokens, index))
  if (hits.length === 0) return noMatch(query, textOf(tokens), index, null)
  return decide(query, tokens, hits, core)
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .filter((token) => !token.word.isCut)
    .map((token) => token.text)
    .join(' ')
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

function findExact(tokens: readonly Token[], index: Index, isRepaired: boolean): Hit[] {
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

/** Chinese runs without spaces: peel forms, places and words of the trade off both ends. */
function findNative(tokens: readonly Token[], index: Index): Hit[] {
  const hits: Hit[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.word.script !== 'han' || token.class !== 'core' || index.exact.has(token.text)) continue
    const cuts = peelings(token.text)
    const hit = cuts.flatMap(({ from, to }) => index.exact.get(token.text.slice(from, to)) ?? [])[0]
    const base = {
      from: at,
      to: at + 1,
      method: 'native' as const,
      spelled: null,
      repairs: [],
      isHeldBack: false,
    }
    if (hit) {
      hits.push({ ...base, alias: hit, similarity: 1, inside: 0 })
      continue
    }
    const last = cuts.at(-1)
    if (!last) continue
    const core = token.text.slice(last.from, last.to)
    const alias = index.hanInside.find((candidate) =>
      candidate.key.length >= 3 ? core.includes(candidate.key) : core.startsWith(candidate.key),
    )
    if (!alias) continue
    const isOther = HAN_CUES.some((cue) => token.text.includes(cue))
    const inside = isOther ? 0.7 : alias.key.length >= 3 ? 0.1 : 0.2
    hits.push({ ...base, alias, similarity: 1, inside })
  }
  return hits
}

const HAN_WORDS = [...KNOWN_WORDS].filter(([text]) => isHan(text)).sort((a, b) => b[0].length - a[0].length)
const HAN_CUES = HAN_WORDS.filter(([, known]) => known.class === 'cue').map(([text]) => text)
const HAN_FREE = HAN_WORDS.filter(([, known]) => known.class !== 'cue').map(([text]) => text)

/** Ever shorter middles of a Chinese run, longest first, at least one character. */
function peelings(run: string): { from: number; to: number }[] {
  const starts = [0]
  const ends = [run.length]
  for (let from = 0; ; ) {
    const word = HAN_FREE.find((free) => run.startsWith(free, from) && from + free.length < run.length)
    if (!word) break
    from += word.length
    starts.push(from)
  }
  for (let to = run.length; ; ) {
    const word = HAN_FREE.find((free) => free.length < to && run.endsWith(free, to))
    if (!word) break
    to -= word.length
    ends.push(to)
  }
  const cuts: { from: number; to: number }[] = []
  for (const from of starts) for (const to of ends) if (to > from) cuts.push({ from, to })
  return cuts.sort((a, b) => b.to - b.from - (a.to - a.from))
}

/** One word that is a name and known words run together: "hikvisionusa". */
function findGlued(tokens: readonly Token[], index: Index, hits: readonly Hit[]): Hit[] {
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

function findFuzzy(tokens: readonly Token[], index: Index): Hit[] {
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

/** A catalogue name wins over the list of strangers: the catalogue grows, the list does not know. */
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

// --- somebody else ---------------------------------------------------------------------------------

interface VetoWindow extends Veto {
  readonly from: number
  readonly to: number
}

function findVetoes(tokens: readonly Token[], index: Index): VetoWindow[] {
  const found: VetoWindow[] = []
  for (let from = 0; from < tokens.length; from++) {
    let folded = ''
    for (let to = from + 1; to <= Math.min(tokens.length, from + MAX_WINDOW_WORDS); to++) {
      folded += tokens[to - 1]?.folded ?? ''
      for (const veto of index.vetoes.get(folded) ?? []) found.push({ ...veto, from, to })
    }
  }
  return found
}

function applyVetoes(hits: readonly Hit[], vetoes: readonly VetoWindow[]): Hit[] {
  const out: Hit[] = []
  for (const hit of hits) {
    const against = vetoes.filter(
      (veto) => veto.vendor === hit.alias.vendor && hit.from >= veto.from && hit.to <= veto.to,
    )
    if (against.some((veto) => veto.isSure)) continue
    out.push(against.length > 0 ? { ...hit, isHeldBack: true } : hit)
  }
  return out
}

/** A name inside a longer name says nothing of its own: "Samsung" in "Samsung Techwin". */
function dropNested(hits: readonly Hit[]): Hit[] {
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
function dropGlued(tokens: readonly Token[], hits: readonly Hit[]): Hit[] {
  const isGlued = (hit: Hit) => tokens[hit.from]?.word.isGlued && hit.to === hit.from + 1
  return hits.some((hit) => !isGlued(hit)) ? hits.filter((hit) => !isGlued(hit)) : [...hits]
}

// --- score -----------------------------------------------------------------------------------------

function decide(query: string, tokens: readonly Token[], hits: readonly Hit[], core: Core): NameMatch {
  const { index, kin } = core
  const byVendor = new Map<Vendor, Hit[]>()
  for (const hit of hits) {
    const list = byVendor.get(hit.alias.vendor)
    if (list) list.push(hit)
    else byVendor.set(hit.alias.vendor, [hit])
  }
  const ranked = [...byVendor.values()].map((own) => bestOf(tokens, own, hits)).sort(byMerit)
  const isChild = (child: Scored, parent: Scored) =>
    kin.has(`${child.hit.alias.vendor.id} ${parent.hit.alias.vendor.id}`)
  // "Motorola Avigilon" is labelled Avigilon: the brand says more than its owner.
  const [top, next] = ranked as [Scored, Scored?]
  if (next?.isPlain && next.score >= MATCH_FROM && isChild(next, top)) ranked.splice(0, 2, next, top)
  const [first, second] = ranked as [Scored, Scored?]
  let score = first.score
  // Two labels in one cell, or a label and somebody else as its maker: a person decides.
  const others = ranked.slice(1).filter((other) => other.score >= REVIEW_FROM)
  const isContested = others.some((other) => !isChild(first, other) && !isChild(other, first))
  const reason = isContested ? 'two-vendors' : reasonToHold(tokens, first.hit)
  const isHeld = reason !== null && score >= MATCH_FROM
  if (isHeld) score = HELD_BACK
  score = Math.round(score * 1000) / 1000
  const runnerUp = second
    ? { vendor: second.hit.alias.vendor.id, score: Math.round(second.score * 1000) / 1000 }
    : null
  const band: Band = score >= MATCH_FROM ? 'match' : score >= REVIEW_FROM ? 'review' : 'none'
  const normalized = textOf(tokens)
  if (band === 'none') {
    return noMatch(query, normalized, index, { vendor: first.hit.alias.vendor.id, score })
  }
  const { alias, spelled, repairs, method } = first.hit
  return withSuggestions(index, {
    query,
    normalized,
    vendor: alias.vendor.id,
    score,
    band,
    method,
    alias: { text: alias.text, kind: alias.kind },
    edits: spelled === null ? repairs : [...repairs, ...editsBetween(spelled, alias.key)],
    freeWords: first.free,
    leftover: first.left,
    runnerUp,
    alsoNamed: others.map((other) => other.hit.alias.vendor.id),
    heldBack: isHeld ? reason : null,
    matcherVersion: index.version,
  })
}

function byMerit(a: Scored, b: Scored): number {
  const aPlain = a.isPlain && a.score >= REVIEW_FROM
  const bPlain = b.isPlain && b.score >= REVIEW_FROM
  if (aPlain !== bPlain) return aPlain ? -1 : 1
  if (Math.abs(a.score - b.score) > 1e-9) return b.score - a.score
  return (
    b.hit.alias.key.length - a.hit.alias.key.length ||
    (a.hit.alias.vendor.id < b.hit.alias.vendor.id ? -1 : 1)
  )
}

/** The best reading of the cell as this vendor. */
function bestOf(tokens: readonly Token[], own: readonly Hit[], all: readonly Hit[]): Scored {
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

function isTradeWord(token: Token): boolean {
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

function reasonToHold(tokens: readonly Token[], hit: Hit): HeldBack | null {
  if (isDenied(tokens, hit)) return 'denied'
  return hit.isHeldBack ? 'like-somebody-else' : null
}

/** "Not Hikvision", "None (Hikvision removed)", "Hikvision compatible". */
function isDenied(tokens: readonly Token[], hit: Hit): boolean {
  const before = tokens.slice(Math.max(0, hit.from - 3), hit.from)
  if (
    before.some(
      (token, at) => NEGATION_WORDS.has(token.text) && (token.text !== 'no' || at === before.length - 1),
    )
  ) {
    return true
  }
  const after = tokens[hit.to]
  return after !== undefined && LIKENESS_WORDS.has(after.text)
}

// --- results ---------------------------------------------------------------------------------------

function noMatch(
  query: string,
  normalized: string,
  index: Index,
  runnerUp: NameMatch['runnerUp'],
): NameMatch {
  return withSuggestions(index, {
    query,
    normalized,
    vendor: null,
    score: runnerUp?.score ?? 0,
    band: 'none',
    method: 'none',
    alias: null,
    edits: [],
    freeWords: [],
    leftover: [],
    runnerUp,
    alsoNamed: [],
    heldBack: null,
    matcherVersion: index.version,
  })
}

function decidedMatch(query: string, vendor: string | null, index: Index): NameMatch {
  return {
    query,
    normalized: canonicalText(query),
    vendor,
    score: vendor === null ? 0 : 1,
    band: vendor === null ? 'none' : 'match',
    method: 'decision',
    alias: null,
    edits: [],
    freeWords: [],
    leftover: [],
    runnerUp: null,
    alsoNamed: [],
    heldBack: null,
    suggestions: [],
    matcherVersion: index.version,
  }
}

/** Suggestions are for people and for few cells, so they are worked out only when somebody reads them. */
function withSuggestions(index: Index, found: Omit<NameMatch, 'suggestions'>): NameMatch {
  let known: readonly Suggestion[] | null = null
  return {
    ...found,
    get suggestions() {
      known ??= found.band === 'match' ? [] : suggest(found.query, index)
      return known
    },
  }
}

const MAX_SUGGESTIONS = 5
/** Below this two names look nothing alike. */
const SUGGEST_FROM = 0.45
const SUGGEST_TRIED = 40

function suggest(query: string, index: Index): Suggestion[] {
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

function pairsOf(key: string): string[] {
  const pairs: string[] = []
  const padded = `^${key}$`
  for (let at = 0; at < padded.length - 1; at++) pairs.push(padded.slice(at, at + 2))
  return pairs
}

// --- memo ------------------------------------------------------------------------------------------

/** What was said of a cell; long cells are not kept. */
function createMemo(): Recent<NameMatch> {
  const { get, set } = recent<NameMatch>(MEMO_ENTRIES)
  return {
    get,
    set: (text, match) => {
      if (text.length <= MEMO_LONGEST) set(text, match)
    },
  }
}
