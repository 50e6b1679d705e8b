/** The reference rows, as they stand in `data/` and in the database. */
import type { Listing, Regime, Rule } from './rules.ts'
import type { Identifier, Relationship, Vendor } from './vendors.ts'

/** A product of a manufacturer. */
interface Model {
  readonly id: string
  readonly manufacturer: string
  readonly model: string
  readonly partNumber: string | null
  readonly deviceClass: string | null
  readonly source: string
}

export interface ReferenceData {
  readonly vendors: readonly Vendor[]
  readonly relationships: readonly Relationship[]
  readonly identifiers: readonly Identifier[]
  readonly models: readonly Model[]
  readonly regimes: readonly Regime[]
  readonly listings: readonly Listing[]
  readonly rules: readonly Rule[]
}
