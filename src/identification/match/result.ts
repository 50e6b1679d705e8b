/** What is said of a cell: the vendor it names, how sure that is, and why. */
import type { NameKind } from '../../catalogue/vendors.ts'
import type { Edit } from '../spelling.ts'
import type { WordClass } from './tokens.ts'

/** `match` may be acted on; `review` asks for a person; `none` names nobody in the catalog. */
export type Band = 'match' | 'review' | 'none'

export type MatchMethod = 'exact' | 'joined' | 'skeleton' | 'edit' | 'native' | 'decision' | 'none'

/** Why a cell that would match is left to a person. */
export type HeldBack = 'two-vendors' | 'denied' | 'like-somebody-else'

/** A word beside the name that found a vendor. */
export interface Stranger {
  readonly text: string
  /** `imitation`: the thing is said to be like the maker's, or relabeled; `word`: it is not known what the word means. */
  readonly kind: 'imitation' | 'word'
}

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
  /** The catalog name that was found. */
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
  /** Words beside the name that may make the thing somebody else's: the name may then restrict, and does not clear. */
  readonly strangers: readonly Stranger[]
  /** At most five catalog names near a query that did not match, best first; worked out when read. */
  readonly suggestions: readonly Suggestion[]
  readonly matcherVersion: string
}

export const MATCH_FROM = 0.83

export const REVIEW_FROM = 0.76

/** What a result held back for a person scores at most. */
export const HELD_BACK = 0.82
