/** An entry of an official list, in one shape for all lists. Pure types. */
import type { PlainDate } from '../../lib/calendar.ts'

interface EntryName {
  readonly text: string
  /** The authority calls it weak, or it is an abbreviation in a remark: it says little by itself. */
  readonly isWeak: boolean
}

interface EntryIdentifier {
  readonly type: string
  readonly value: string
}

export interface ListEntry {
  /** The authority's own id, such as the uid of OFAC; a digest of the name where it has none. */
  readonly key: string
  /** Keys that it had in files before, where an authority makes one of two; of a file, and not kept. */
  readonly formerKeys?: readonly string[]
  /** Code of the part of the list, such as `EL` or `CMIC`; null for a list of one part. */
  readonly part: string | null
  readonly name: string
  readonly aliases: readonly EntryName[]
  readonly kind: 'entity' | 'vessel' | 'aircraft' | 'class'
  readonly programs: readonly string[]
  /** ISO 3166-1 alpha-2, of its addresses; sorted. */
  readonly countries: readonly string[]
  readonly identifiers: readonly EntryIdentifier[]
  /** The day of listing, where the file says it. */
  readonly from: PlainDate | null
  /** First day outside, where the file says it. */
  readonly to: PlainDate | null
  readonly citation: string | null
  /** Covers equipment only when it serves the four purposes of s.889(f)(3)(B). */
  readonly purposeLimited: boolean
  /** `software` and `services` are no equipment. */
  readonly scope: 'equipment' | 'software' | 'services' | 'class'
  /** Names or keys of entries that own or control it, as far as the file says. */
  readonly owners: readonly string[]
}

/** Pieces of an entry that a change puts in or takes out. */
export type EntryPieces = Pick<ListEntry, 'aliases' | 'programs' | 'countries' | 'identifiers'>

export type EntryChange =
  | { readonly kind: 'add'; readonly entry: ListEntry }
  | { readonly kind: 'remove'; readonly key: string; readonly isPerson: boolean }
  | { readonly kind: 'modify'; readonly key: string; readonly put: EntryPieces; readonly gone: EntryPieces }

/** What a file says of itself. */
export interface ListHead {
  readonly publishedOn: PlainDate | null
  /** Entries that it says it has, persons among them. */
  readonly declared: number | null
}

/** Why something in a file could not be read; `place` is a line, an id or an element. */
export interface EntryProblem {
  readonly place: string
  readonly message: string
}

/** Whom a reader reports to while it reads. */
export interface Findings {
  entry(entry: ListEntry): void
  head(head: Partial<ListHead>): void
  /** A natural person: counted and not kept. With the lasting id of the entry, where there is one. */
  person(key: string | null): void
  problem(problem: EntryProblem): void
  /** The file has only the changes since the one before it. */
  isDelta(): void
  change(change: EntryChange): void
}

/** Reads one file that comes piece by piece. */
export interface EntryReader {
  /** Throws `Unreadable` for what is no file of this format. */
  write(text: string): void
  /** Throws `Unreadable` for a file that broke off. */
  end(): void
}

export interface ListFormat {
  readonly id: string
  /** In words, with the name that the authority gives its file. */
  readonly title: string
  /** Whether a file that begins so may be of this format. */
  readonly sniff: (start: string) => boolean
  readonly open: (findings: Findings) => EntryReader
}

/** The file cannot be taken as a whole. */
export class Unreadable extends Error {
  readonly code: 'truncated' | 'wrong-format' | 'wrong-namespace' | 'wrong-encoding' | 'too-much'
  constructor(code: Unreadable['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** An entry of which only some fields are known. */
export const BLANK_ENTRY: Omit<ListEntry, 'key' | 'name'> = {
  part: null,
  aliases: [],
  kind: 'entity',
  programs: [],
  countries: [],
  identifiers: [],
  from: null,
  to: null,
  citation: null,
  purposeLimited: false,
  scope: 'equipment',
  owners: [],
}
