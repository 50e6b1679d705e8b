/**
 * The result of asking who really made a device: the wire shape of `identification` and its types.
 */

export type IdentificationStatus = 'resolved' | 'ambiguous' | 'unresolved'

export type EvidenceKind =
  | 'declared-name'
  | 'model-pattern'
  | 'mac-prefix'
  | 'fcc-grantee'
  | 'firmware-string'
  | 'relabel-record'
  | 'ownership-record'
  | 'component-statement'
  | 'person-statement'
  | 'fallen-statement'

export interface Evidence {
  readonly kind: EvidenceKind
  /** What was read: the declared name, the MAC prefix, the pattern's text. */
  readonly value: string
  /** Vendor id this evidence points to; null when it points to nobody in the catalog. */
  readonly pointsTo: string | null
  /** 0..1; how much this piece counts. */
  readonly weight: number
  /** Where the fact comes from. */
  readonly source: string
  /** Why it counts as it does, in a sentence a reviewer can read. */
  readonly note: string
}

/** A vendor the device may have been produced by. */
export interface MakerCandidate {
  readonly vendor: string
  readonly name: string
  /** 0..1 */
  readonly confidence: number
  /** `verdict` may decide a rule; `review` may only ask for a person. */
  readonly standing: 'verdict' | 'review'
  readonly because: string
}

/** Somebody whose part the device may hold. Who made a part did not build the device. */
export interface Component {
  /** null when a statement says that there is one and not whose. */
  readonly vendor: string | null
  readonly name: string
  /**
   * `stated`: the maker says so; `likely`: a sign on the device or a record of most models; `possible`: some models of
   * the label; `excluded`: it was `likely` or `possible` by records alone, and a statement on the model says otherwise.
   */
  readonly standing: 'stated' | 'likely' | 'possible' | 'excluded'
  readonly because: string
}

export interface Identification {
  readonly status: IdentificationStatus
  /** Vendor id of the label on the device; null when the declared name is not in the catalog. */
  readonly brand: string | null
  /** Vendor id of who produced it; null unless resolved. */
  readonly maker: string | null
  /** 0..1 */
  readonly confidence: number
  readonly evidence: readonly Evidence[]
  /**
   * Everybody who may have produced it, most likely first. `resolved` has exactly one with standing
   * `verdict`; a relabel of low or medium confidence adds its maker here with standing `review`.
   */
  readonly candidates: readonly MakerCandidate[]
  /** Parts that some law counts as if the device were theirs. A MAC address says nothing of them. */
  readonly components: readonly Component[]
  /** Catalog names near an unknown declared name, best first; empty when the name is known. */
  readonly suggestions: readonly { readonly vendor: string; readonly name: string; readonly score: number }[]
  /** True when a person should look before anything is decided on this device. */
  readonly needsReview: boolean
  /** What would settle it, by field name (`model`, `macAddress`, ...). */
  readonly wouldSettle: readonly string[]
}
