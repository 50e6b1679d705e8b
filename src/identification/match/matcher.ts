/**
 * Which vendor of the catalog a cell names, how sure that is, and why.
 *
 * Exact keys first, then sound, then spelling, each on windows of words; what is left over around the
 * name lowers the score by what it is worth. A whole-string similarity is never used: it confuses `dahua`
 * with `dahlia` long before it repairs `dauha`.
 */

import { LRUCache } from 'lru-cache'
import type { Relationship, Vendor } from '../../catalogue/vendors.ts'
import { memoryOf } from '../../lib/memory.ts'
import { put } from '../../lib/multimap.ts'
import { canonicalKey, readWords } from '../names.ts'
import { decide, decidedMatch, noMatch } from './decide.ts'
import { findFuzzy } from './fuzzy.ts'
import { dropGlued, dropNested, findExact, findGlued } from './hits.ts'
import { buildIndex, type Core } from './name-index.ts'
import { findNative } from './native.ts'
import type { NameMatch } from './result.ts'
import { textOf, tokenize } from './tokens.ts'
import { applyVetoes, findVetoes } from './vetoes.ts'

export interface Matcher {
  match(text: string): NameMatch
  /** One result per text, in order. */
  matchMany(texts: readonly string[]): NameMatch[]
  /** Names the rules, the word lists and the catalog names that results come from; not the decisions. */
  readonly version: string
  /** The key under which a person's decision on a cell is stored. */
  key(text: string): string
}

const MEMO_ENTRIES = 20_000

const MEMO_LONGEST = 200

/** What of a relationship tells that a child and its parent may stand in one cell: "eufy (Anker)". */
export type Kinship = Pick<Relationship, 'child' | 'parent' | 'kind' | 'to'>

/**
 * Build once per catalog; matchers over the same `vendors` and `relationships` arrays share their index.
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
    built ??= coreOf(vendors)(relationships)
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
    if (text.length <= MEMO_LONGEST) memo.set(text, found)
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

const NO_KIN: readonly Kinship[] = []

/** By vendors, then by relationships. */
const coreOf = memoryOf((vendors: readonly Vendor[]) => {
  const index = buildIndex(vendors)
  return memoryOf(
    (relationships: readonly Kinship[]): Core => ({
      index,
      kin: kinOf(relationships),
      memo: new LRUCache({ max: MEMO_ENTRIES }),
    }),
  )
})

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
