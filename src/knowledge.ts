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

/** Put everything together. The same reference rows and registry always give the same knowledge. */
export function buildKnowledge(
  reference: ReferenceData,
  registrant: Registrant,
  version: number,
  digest: string,
): Knowledge {
  const matcher = buildMatcher(reference.vendors)
  const catalogue = {
    vendors: reference.vendors,
    relationships: reference.relationships,
    identifiers: reference.identifiers,
  }
  const regimes = buildRegimeKnowledge(reference)
  const names = new Map(reference.vendors.map((vendor) => [vendor.id, vendor.name]))
  const dates = [...reference.vendors, ...reference.relationships, ...reference.identifiers].map((row) => row.asOf)
  return {
    version,
    digest,
    asOf: dates.reduce((newest, date) => (date > newest ? date : newest), '0001-01-01'),
    reference,
    matcher,
    identify: buildIdentifyKnowledge(catalogue, matcher, registrant),
    regimes,
    cut: {
      boundaries: boundaries(regimes),
      macBlock: (mac) => macBlock(mac, registrant),
      fccGrantee,
    },
    vendorName: (id) => names.get(id) ?? id,
  }
}

const hex = (mac: string) => mac.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase()

/** The longest registered prefix of a MAC address; its first 24 bits when none is registered. */
function macBlock(mac: string, registrant: Registrant): string {
  const digits = hex(mac)
  for (const length of [9, 7]) {
    const prefix = digits.slice(0, length)
    if (prefix.length === length && registrant(prefix) !== null) return prefix
  }
  return digits.slice(0, 6)
}

/** Grantee codes that begin with a digit have five characters, others three (47 CFR 2.926). */
export function fccGrantee(fccId: string): string {
  const text = fccId.trim().toUpperCase()
  return text.slice(0, /^\d/.test(text) ? 5 : 3)
}
