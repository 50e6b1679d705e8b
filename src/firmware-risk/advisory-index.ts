/** Advisories prepared for matching, by vendor and by model. */

import type { Steps } from '../lib/steps.ts'
import type { Advisory, Claim } from './advisories.ts'
import { ModelIndex, type UnreadPattern } from './model-index.ts'

/** Advisories prepared for matching, by vendor id; make it once per version of the advisories. */
export interface AdvisoryIndex {
  readonly byVendor: ReadonlyMap<string, VendorAdvisories>
  readonly prefixes: ModelPrefixes
}

/** By vendor id, what stands before a model number in some lists and on some labels and not on others (`DH-`). */
export type ModelPrefixes = ReadonlyMap<string, readonly string[]>

interface VendorAdvisories {
  /** The claims on the vendor, by advisory id. */
  readonly advisories: ReadonlyMap<string, { readonly advisory: Advisory; readonly claims: readonly Claim[] }>
  /** Advisories and their claims by the models they name. */
  readonly byModel: ModelIndex<Claim>
  readonly unread: ReadonlyMap<Claim, UnreadPattern<Claim>>
}

/** What one product is held against: claims of an advisory on its vendors, and which of them name its model. */
export interface Hearing {
  readonly advisory: Advisory
  readonly claims: readonly Claim[]
}

/** Prepare advisories, one per id (see `mergeAdvisories`). Claims on vendors outside the catalog are left out. */
export function* indexingAdvisories(
  advisories: readonly Advisory[],
  prefixes: ModelPrefixes,
): Steps<AdvisoryIndex> {
  const byVendor = new Map<string, Map<string, Hearing>>()
  for (const advisory of advisories) {
    for (const vendor of new Set(advisory.claims.map((claim) => claim.maker))) {
      if (vendor === null) continue
      const claims = advisory.claims.filter((claim) => claim.maker === vendor)
      const ofVendor = byVendor.get(vendor) ?? new Map<string, Hearing>()
      byVendor.set(vendor, ofVendor.set(advisory.id, { advisory, claims }))
    }
    yield
  }
  const prepared = new Map<string, VendorAdvisories>()
  for (const [vendor, some] of byVendor) prepared.set(vendor, yield* preparing(some))
  return { byVendor: prepared, prefixes }
}

function* preparing(advisories: ReadonlyMap<string, Hearing>): Steps<VendorAdvisories> {
  const claims = [...advisories.values()].flatMap((one) => one.claims)
  const byModel = yield* ModelIndex.making(
    claims.flatMap((claim) => claim.models.map((pattern) => [pattern, claim] as const)),
  )
  return { advisories, byModel, unread: new Map(byModel.unread.map((one) => [one.value, one])) }
}
