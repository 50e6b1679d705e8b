/** What is stated of one field of a device, and short ways to state it. */
import { z } from 'zod'
import { Day, someText, text } from '../http/schemas.ts'

/** How cells of a file are read. */
export type CellKind =
  | 'text'
  | 'tag'
  | 'mac'
  | 'date'
  | 'flag'
  | 'word'
  | 'money'
  | 'currency'
  | 'country'
  | 'degrees'
  | 'address'
  | 'years'

/**
 * How a screening reads the field, and what devices that it cannot tell apart have in common. `evidence` of the maker
 * and a `fact` as they are, but for addresses and FCC ids, which are cut to their block and grantee; a `mention` to the
 * restricted makers that the text names; a `day` to the span between two days on which an answer can change; a
 * `statement` of a person as it is.
 */
export type Screened = 'evidence' | 'mention' | 'fact' | 'day' | 'statement'

/** How a list of devices is narrowed by the field; the operators of each kind are in `filters.ts`. */
export type Narrowing =
  /** `caseless` where people write a thing with and without capitals; keys and versions are compared as they are. */
  | {
      readonly kind: 'text'
      readonly compared: 'exact' | 'caseless' | 'mac' | 'ip'
      readonly maxLength: number
    }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly isAlwaysKnown?: true }
  | { readonly kind: 'id' | 'yes-no' | 'day' | 'number' | 'presence' }

export interface Field<W extends z.ZodType, R extends z.ZodType, S extends Screened | null> {
  readonly column: string
  /** Of the column, as PostgreSQL calls it. */
  readonly type: 'text' | 'uuid' | 'boolean' | 'date' | 'integer' | 'bigint' | 'double precision' | 'jsonb'
  /** What a client may set. */
  readonly write: W
  /** What is answered. */
  readonly read: R
  readonly screened: S
  /** Null for what no column of a file fills. */
  readonly cells: Cells | null
  readonly filter: Narrowing
}

export interface Cells {
  readonly kind: CellKind
  /**
   * Header words, separated by commas. The first list wins over the second: `Camera ID` is an asset tag even when there
   * is a column `ID` beside it. Two columns in the same list are a question for a person.
   */
  readonly headers: readonly string[]
  /** Longest text, in characters; 0 where the kind sets its own. */
  readonly maxLength: number
  /** Tells who made a device: never cut. */
  readonly isEvidence: boolean
  /** Later lists stand in for the first where its cells are blank: `Model` beside `Model No.`. */
  readonly isFilledUp: boolean
  /** A file holds few values of it, many times each. */
  readonly isRepeating: boolean
}

interface Stated<S extends Screened | null> {
  /** For the description of the API. */
  readonly about?: string
  readonly screened?: S
  readonly headers: readonly string[]
}

const described = <T extends z.ZodType>(shape: T, about: string | undefined): T =>
  about === undefined ? shape : (shape.meta({ description: about }) as T)

/** Cells of which each kind is read in its own way. */
export function cells(kind: CellKind, headers: readonly string[], more: Partial<Cells> = {}): Cells {
  const isRepeating = ['date', 'flag', 'word', 'money', 'currency', 'country'].includes(kind)
  return { kind, headers, maxLength: 0, isEvidence: false, isFilledUp: false, isRepeating, ...more }
}

export function yesNo<S extends Screened | null = null>(column: string, stated: Stated<S>) {
  return {
    column,
    type: 'boolean' as const,
    write: described(z.boolean().nullable(), stated.about),
    read: z.boolean().nullable(),
    screened: (stated.screened ?? null) as S,
    cells: cells('flag', stated.headers),
    filter: { kind: 'yes-no' as const },
  }
}

export function day<S extends Screened | null = null>(column: string, stated: Stated<S>) {
  return {
    column,
    type: 'date' as const,
    write: described(Day.nullable(), stated.about),
    read: z.string().nullable(),
    screened: (stated.screened ?? null) as S,
    cells: cells('date', stated.headers),
    filter: { kind: 'day' as const },
  }
}

export function choice<const V extends readonly string[], S extends Screened | null = null>(
  column: string,
  values: V,
  stated: Stated<S>,
) {
  const shape = z.enum(values).nullable()
  return {
    column,
    type: 'text' as const,
    write: described(shape, stated.about),
    read: z.enum(values).nullable(),
    screened: (stated.screened ?? null) as S,
    cells: cells('word', stated.headers),
    filter: { kind: 'choice' as const, values },
  }
}

interface Words {
  /** In characters. */
  readonly maxLength: number
  /** Where cells may be longer or shorter. */
  readonly maxInFiles?: number
  readonly kind?: 'text' | 'tag' | 'mac'
  readonly isEvidence?: boolean
  readonly isFilledUp?: boolean
  readonly isRepeating?: boolean
  /** The empty text is a value. */
  readonly mayBeEmpty?: boolean
  /** How filters compare it; keys exactly and other texts without regard to letter case, unless this says otherwise. */
  readonly compared?: 'exact'
}

const COMPARED = { text: 'caseless', tag: 'exact', mac: 'mac' } as const

export function words<S extends Screened | null = null>(column: string, stated: Stated<S> & Words) {
  const { maxLength, maxInFiles = maxLength, kind = 'text', mayBeEmpty = false } = stated
  const { isEvidence = false, isFilledUp = false, isRepeating = false } = stated
  const shape = mayBeEmpty ? text(maxLength) : someText(maxLength)
  const most = kind === 'mac' ? 0 : maxInFiles
  return {
    column,
    type: 'text' as const,
    write: described(shape.nullable(), stated.about),
    read: z.string().nullable(),
    screened: (stated.screened ?? null) as S,
    cells: cells(kind, stated.headers, { maxLength: most, isEvidence, isFilledUp, isRepeating }),
    filter: { kind: 'text' as const, compared: stated.compared ?? COMPARED[kind], maxLength },
  }
}
