/** From the names that were found in a cell to one answer. */

import type { Vendor } from '../../catalogue/vendors.ts'
import { canonicalText } from '../names.ts'
import { editsBetween } from '../spelling.ts'
import { LIKENESS_WORDS, NEGATION_WORDS } from '../words.ts'
import type { Hit } from './hits.ts'
import type { Core, Index } from './name-index.ts'
import {
  type Band,
  HELD_BACK,
  type HeldBack,
  MATCH_FROM,
  type NameMatch,
  REVIEW_FROM,
  type Suggestion,
} from './result.ts'
import { bestOf, type Scored } from './score.ts'
import { strangersBeside } from './strangers.ts'
import { suggest } from './suggest.ts'
import { type Token, textOf } from './tokens.ts'

export function decide(query: string, tokens: readonly Token[], hits: readonly Hit[], core: Core): NameMatch {
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
  // "Motorola Avigilon" is labeled Avigilon: the brand says more than its owner.
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
    strangers: strangersBeside(tokens, first.hit, hits, core),
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

export function noMatch(
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
    strangers: [],
    matcherVersion: index.version,
  })
}

export function decidedMatch(query: string, vendor: string | null, index: Index): NameMatch {
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
    strangers: [],
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
