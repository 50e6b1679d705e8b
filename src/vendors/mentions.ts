/**
 * Which restricted makers a free text names: the name, the notes or the description of a row that says somebody else.
 *
 * Only literal names and model numbers of high confidence count, and only of makers that some list reaches: a note
 * on the VMS beside a camera is no doubt about the camera. What is found raises doubt and settles nothing.
 */
import type { Identifier, Relationship, Vendor } from './catalogue.ts'

export interface Mentions {
  /** Vendor ids, sorted; empty for a text that names none of them. */
  in(text: string | null): readonly string[]
  /** A short text that stands for all texts that name the same; null for those that name none. */
  standIn(text: string | null): string | null
  /** Another one when the same text may be read otherwise. */
  readonly version: string
}

const NOBODY: readonly string[] = []
const MOST_WORDS = 4
const MEMO_MOST = 20_000

export function buildMentions(
  vendors: readonly Vendor[],
  identifiers: readonly Identifier[],
  restricted: ReadonlySet<string>,
): Mentions {
  const names = new Map<string, string>()
  const native: [name: string, vendor: string][] = []
  for (const vendor of [...vendors].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (!restricted.has(vendor.id) || vendor.matchable === false) continue
    for (const { text, weak, kind } of [
      { text: vendor.name, weak: false, kind: 'display' },
      ...vendor.names,
    ]) {
      if (weak === true || kind === 'ticker') continue
      if (/[^\p{Script=Latin}\P{L}]/u.test(text)) native.push([text, vendor.id])
      else {
        const key = wordsOf(text).join(' ')
        if (key.length >= 3 && !names.has(key)) names.set(key, vendor.id)
      }
    }
  }
  const patterns = identifiers
    .filter(
      ({ kind, vendor, confidence, component }) =>
        kind === 'model-pattern' && confidence === 'high' && component !== true && restricted.has(vendor),
    )
    .map(({ value, vendor }) => ({ pattern: new RegExp(value, 'i'), vendor }))
  const shown = new Map(vendors.map(({ id, name }) => [id, name]))
  const memo = new Map<string, readonly string[]>()

  const read = (text: string): readonly string[] => {
    const found = new Set<string>()
    const raw = text.normalize('NFKC').split(/[^\p{L}\p{N}&'’.-]+/u)
    const words = wordsOf(text)
    for (let at = 0; at < words.length; at++) {
      let key = ''
      for (let to = at; to < Math.min(at + MOST_WORDS, words.length); to++) {
        key = key === '' ? words[to]! : `${key} ${words[to]!}`
        const vendor = names.get(key)
        // Three letters are a name only as one writes an abbreviation.
        if (vendor !== undefined && (key.length > 3 || raw.includes(key.toUpperCase()))) found.add(vendor)
      }
    }
    for (const word of raw) {
      if (!/\d/.test(word) || !/[a-z]/i.test(word)) continue
      for (const { pattern, vendor } of patterns) if (pattern.test(word)) found.add(vendor)
    }
    for (const [name, vendor] of native) if (text.includes(name)) found.add(vendor)
    return found.size === 0 ? NOBODY : [...found].sort()
  }
  const mentioned = (text: string | null): readonly string[] => {
    // A profile that was stored before these fields were read has none of them.
    if (text === null || text === undefined || text === '') return NOBODY
    let known = memo.get(text)
    if (known === undefined) {
      known = read(text)
      if (memo.size >= MEMO_MOST) memo.clear()
      memo.set(text, known)
    }
    return known
  }
  return {
    in: mentioned,
    standIn: (text) => {
      const found = mentioned(text)
      return found.length === 0 ? null : found.map((vendor) => shown.get(vendor)!).join('; ')
    },
    version: fingerprint(
      [...names]
        .flat()
        .concat(
          native.flat(),
          patterns.map(({ pattern }) => pattern.source),
        )
        .sort(),
    ),
  }
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function fingerprint(texts: readonly string[]): string {
  let print = 0x811c9dc5
  for (const text of texts)
    for (let i = 0; i < text.length; i++) print = Math.imul(print ^ text.charCodeAt(i), 0x01000193) >>> 0
  return print.toString(16).padStart(8, '0')
}

/** Relationships through which something of a restricted maker is sold under another name. */
type Tie = Pick<Relationship, 'child' | 'parent' | 'kind'>

/**
 * Everybody a list of `listed` reaches in any way and at any time, and the brands and sellers under whose names their
 * goods are sold. A maker that relabelled a few is left out: its own name says nothing.
 */
export function restrictedVendors(
  listed: Iterable<string>,
  ties: readonly Tie[],
  vendors: readonly Pick<Vendor, 'id' | 'kind'>[],
): ReadonlySet<string> {
  const owned = new Map<string, string[]>()
  for (const { child, parent, kind } of ties) {
    if (kind !== 'brand-of' && kind !== 'subsidiary' && kind !== 'affiliate') continue
    owned.set(parent, [...(owned.get(parent) ?? []), child])
  }
  const reached = new Set(listed)
  // A set grows while it is walked, and every company is in it once, so circles end.
  for (const vendor of reached) for (const child of owned.get(vendor) ?? []) reached.add(child)
  const kinds = new Map(vendors.map(({ id, kind }) => [id, kind]))
  const sellers = ties.filter(
    ({ child, parent, kind }) =>
      kind === 'relabels' && reached.has(parent) && ['brand', 'seller'].includes(kinds.get(child) ?? ''),
  )
  return new Set([...reached, ...sellers.map(({ child }) => child)])
}
