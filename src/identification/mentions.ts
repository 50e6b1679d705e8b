/**
 * Which restricted makers a free text names: the name, the notes, the tag or the serial number of a row whose label says
 * somebody else.
 *
 * Only names and model numbers of high confidence count, and only of makers that some list covers: a note on the VMS
 * beside a camera is no doubt about the camera. What is found raises doubt and settles nothing, so that a long name with
 * one letter wrong counts too.
 */
import type { Identifier, Relationship, Vendor } from '../catalogue/vendors.ts'

/** Fields that people write as they like, with what a sentence calls them. Whoever adds one adds it here. */
export const FREE_TEXTS = {
  name: 'name of the device',
  notes: 'notes',
  assetTag: 'asset tag',
  serialNumber: 'serial number',
  hostName: 'host name',
  externalId: 'external id',
  supplier: 'name of the supplier',
  purchaseOrder: 'purchase order',
  invoice: 'invoice',
  room: 'room',
  rack: 'rack',
  recorder: 'name of the recorder',
  department: 'department',
  custom: 'custom fields',
} as const
export type FreeText = keyof typeof FREE_TEXTS
/** A text, or several of one device by name. */
type Written = string | Readonly<Record<string, string | number | boolean>> | null
export type FreeTexts = { readonly [K in Exclude<FreeText, 'custom'>]: string | null } & {
  readonly custom: Written
}
const FIELDS = Object.keys(FREE_TEXTS) as FreeText[]

/** Whose the recorder is says little of a camera whose own label is known. */
export const OF_ANOTHER_DEVICE: readonly FreeText[] = ['recorder']

/** Different for each device, so that none is worth remembering, and no place for abbreviations. */
const TAGS: readonly FreeText[] = ['assetTag', 'serialNumber', 'hostName', 'externalId']

export interface Mentions {
  /** Vendor ids, sorted; empty for a text that names none of them. */
  in(text: Written, field?: FreeText): readonly string[]
  /** Short texts that stand for all those that name the same; null for those that name none. */
  standIns(texts: FreeTexts): FreeTexts
  /** Another one when the same text may be read otherwise. */
  readonly version: string
  /** What texts are searched for, each with whom it means: words of names, names of other scripts, model numbers. */
  readonly sought: Sought
}

interface Sought {
  /** What a vendor is called in what stands for a text. */
  readonly shown: ReadonlyMap<string, string>
  readonly names: ReadonlyMap<string, string>
  readonly native: readonly (readonly [name: string, vendor: string])[]
  readonly patterns: readonly { readonly pattern: RegExp; readonly vendor: string }[]
}

const NOBODY: readonly string[] = []
const MOST_WORDS = 4
const MEMO_MOST = 20_000
/** A name of so many letters is known with one of them wrong, and at the start of a longer word. */
export const LONG_NAME = 7
/** Three letters that stand for nothing else, however they are written. */
const OWN_ABBREVIATIONS: readonly string[] = ['dji', 'hik', 'unv', 'zte']
/** Another number when this file reads texts otherwise: devices are then cut into profiles anew. */
const READING = '5'

/** A word by which a field of one's own says that it does not apply. */
const DENIED = /^[\s\p{P}]*(?:no|none|not|false|n\/?a|0)?[\s\p{P}]*$/iu

/** What a field says: its text and, unless it denies it, its name, such as `dahua_oem` that is true. */
function textsOf(name: string, value: string | number | boolean): readonly string[] {
  const own = typeof value === 'string' ? [value] : []
  return DENIED.test(String(value)) ? own : [...own, name.replaceAll('_', ' ')]
}

/** What a city calls its own fields, by their names. */
export type Labels = Readonly<Record<string, string>>

/**
 * The same, reading beside each value of a custom field, unless that denies it, how the city calls the field. The same
 * reader where no label names anybody.
 */
export function readingLabels(mentions: Mentions, labels: Labels): Mentions {
  const naming = new Map(
    Object.entries(labels)
      .map(([name, label]) => [name, mentions.in(label)] as const)
      .filter(([, named]) => named.length > 0),
  )
  if (naming.size === 0) return mentions
  const read: Mentions['in'] = (text, field) => {
    const found = mentions.in(text, field)
    if (text === null || typeof text !== 'object') return found
    const called = Object.entries(text).flatMap(([name, value]) =>
      DENIED.test(String(value)) ? [] : (naming.get(name) ?? []),
    )
    return called.length === 0 ? found : [...new Set([...found, ...called])].sort()
  }
  return {
    ...mentions,
    in: read,
    standIns: (texts) => ({
      ...mentions.standIns(texts),
      custom: standInOf(read(texts.custom, 'custom'), mentions.sought.shown),
    }),
  }
}

/** Names that are read as those whom a text named; null for none. */
function standInOf(named: readonly string[], shown: ReadonlyMap<string, string>): string | null {
  return named.length === 0 ? null : named.map((vendor) => shown.get(vendor)!).join('; ')
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a closure over its indexes: each function in it is short
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
  const near = nearNames(names)

  const read = (written: string, field: FreeText): readonly string[] => {
    const found = new Set<string>()
    const text = joinSpacedLetters(written.normalize('NFKC'))
    const raw = text.split(/[^\p{L}\p{N}&'’.-]+/u)
    const words = wordsOf(text)
    for (let at = 0; at < words.length; at++) {
      let key = ''
      for (let to = at; to < Math.min(at + MOST_WORDS, words.length); to++) {
        key = key === '' ? words[to]! : `${key} ${words[to]!}`
        const vendor = names.get(key)
        if (vendor !== undefined && isWrittenAsName(key, raw, field)) found.add(vendor)
      }
      const vendor = near(words[at]!)
      if (vendor !== null) found.add(vendor)
    }
    for (const word of [...raw, ...raw.slice(1).map((word, at) => `${raw[at]}-${word}`)]) {
      if (!/\d/.test(word) || !/[a-z]/i.test(word)) continue
      for (const { pattern, vendor } of patterns) if (pattern.test(word)) found.add(vendor)
    }
    for (const [name, vendor] of native) if (text.includes(name)) found.add(vendor)
    return found.size === 0 ? NOBODY : [...found].sort()
  }
  const mentioned = (text: Written, field: FreeText = 'notes'): readonly string[] => {
    // A profile that was stored before these fields were read has none of them.
    if (text === null || text === undefined || text === '') return NOBODY
    if (typeof text === 'object') {
      // Each by itself: the end of one and the start of the next are no name.
      const texts = Object.entries(text).flatMap(([name, value]) => textsOf(name, value))
      return [...new Set(texts.flatMap((one) => mentioned(one, field)))].sort()
    }
    if (TAGS.includes(field)) return read(text, field)
    let known = memo.get(text)
    if (known === undefined) {
      known = read(text, field)
      if (memo.size >= MEMO_MOST) memo.clear()
      memo.set(text, known)
    }
    return known
  }
  const standIn = (text: Written, field: FreeText) => standInOf(mentioned(text, field), shown)
  return {
    in: mentioned,
    sought: { shown, names, native, patterns },
    standIns: (texts) =>
      Object.fromEntries(FIELDS.map((field) => [field, standIn(texts[field], field)])) as FreeTexts,
    version: fingerprint(
      [READING, ...names]
        .flat()
        .concat(
          native.flat(),
          patterns.map(({ pattern }) => pattern.source),
        )
        .sort(),
    ),
  }
}

/** Three letters are a name only as one writes an abbreviation, and in a tag not even so. */
function isWrittenAsName(key: string, raw: readonly string[], field: FreeText): boolean {
  if (key.length > 3 || OWN_ABBREVIATIONS.includes(key)) return true
  return !TAGS.includes(field) && raw.includes(key.toUpperCase())
}

/** "H i k v i s i o n" */
function joinSpacedLetters(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])(?:\p{L}[ ._-]){4,}\p{L}(?![\p{L}\p{N}])/gu, (spaced) =>
    spaced.replace(/[ ._-]/g, ''),
  )
}

export const LOOKALIKES: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 5: 's' }

/** The vendor of a long name that a word writes with one letter wrong or goes on after; null for other words. */
function nearNames(names: ReadonlyMap<string, string>): (word: string) => string | null {
  const spellings = new Map<string, string>()
  const long = [...names].filter(([name]) => name.length >= LONG_NAME && !name.includes(' '))
  for (const [name, vendor] of long) {
    for (const spelling of [name, ...withoutALetter(name)])
      if (!spellings.has(spelling)) spellings.set(spelling, vendor)
  }
  return (written) => {
    if (written.length < LONG_NAME - 1 || written.length > 40) return null
    const word = /\d/.test(written) ? written.replace(/[0135]/g, (digit) => LOOKALIKES[digit]!) : written
    if (word.length > LONG_NAME) {
      const start = long.find(([name]) => word.startsWith(name))
      if (start !== undefined) return start[1]
    }
    for (const spelling of [word, ...withoutALetter(word)]) {
      const vendor = spellings.get(spelling)
      if (vendor !== undefined) return vendor
    }
    return null
  }
}

function withoutALetter(word: string): string[] {
  // The first letter stays: "security" is not XSecurity with a letter missing.
  return Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1)).slice(1)
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
 * Everybody a list of `listed` covers in any way and at any time, and the brands and sellers under whose names their
 * goods are sold. A maker that relabeled a few is left out: its own name says nothing.
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
  const covered = new Set(listed)
  // A set grows while it is walked, and every company is in it once, so circles end.
  for (const vendor of covered) for (const child of owned.get(vendor) ?? []) covered.add(child)
  const kinds = new Map(vendors.map(({ id, kind }) => [id, kind]))
  const sellers = ties.filter(
    ({ child, parent, kind }) =>
      kind === 'relabels' && covered.has(parent) && ['brand', 'seller'].includes(kinds.get(child) ?? ''),
  )
  return new Set([...covered, ...sellers.map(({ child }) => child)])
}
