/**
 * Everything the service knows of makers and law, in one immutable value.
 *
 * Built from reference rows (files or tables, it does not care) and swapped as a whole, so one request never
 * sees half of an update.
 */
import type { PlainDate } from './calendar.ts'
import { boundaries, buildRegimeKnowledge, type RegimeKnowledge } from './regimes/determine.ts'
import type { Listing, Regime, Rule } from './regimes/rules.ts'
import type { Cut } from './screening/profile.ts'
import type { Identifier, Relationship, Vendor } from './vendors/catalogue.ts'
import { buildIdentifyKnowledge, type IdentifyKnowledge } from './vendors/identify.ts'
import { buildMatcher, type Matcher } from './vendors/match.ts'

/** A product of a manufacturer. */
export interface Model {
  readonly id: string
  readonly manufacturer: string
  readonly model: string
  readonly partNumber: string | null
  readonly deviceClass: string | null
  readonly source: string
}

/** The reference rows, as they stand in `data/` and in the database. */
export interface ReferenceData {
  readonly vendors: readonly Vendor[]
  readonly relationships: readonly Relationship[]
  readonly identifiers: readonly Identifier[]
  readonly models: readonly Model[]
  readonly regimes: readonly Regime[]
  readonly listings: readonly Listing[]
  readonly rules: readonly Rule[]
}

/** Who registered a MAC prefix (hex digits, 6, 7 or 9 of them) with the IEEE; null when nobody did. */
export type Registrant = (prefix: string) => string | null

export interface Knowledge {
  readonly version: number
  /** SHA-256 over the reference rows, hex. */
  readonly digest: string
  /** Newest date on which any of the rows was read in its source. */
  readonly asOf: PlainDate
  readonly reference: ReferenceData
  readonly matcher: Matcher
  readonly identify: IdentifyKnowledge
  readonly regimes: RegimeKnowledge
  readonly cut: Cut
  vendorName(id: string): string
}
