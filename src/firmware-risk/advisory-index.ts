/** Advisories prepared for matching, by vendor and by model. */

import type { Steps } from '../lib/steps.ts'
import type { Advisory, Claim } from './advisories.ts'
import { ModelIndex } from './model-index.ts'

/** Advisories prepared for matching, by vendor id; make it once per version of the advisories. */
export interface AdvisoryIndex {
  readonly byVendor: ReadonlyMap<string, VendorAdvisories>
  readonly prefixes: ModelPrefixes
}

/** By vendor id, what stands before a model number in some lists and on some labels and not on others (`DH-`). */
export type ModelPrefixes = ReadonlyMap<string, readonly string[]>

export interface VendorAdvisories {
  /** The claims on the vendor, by advisory id. */
  readonly advisories: ReadonlyMap<string, Hearing>
  /** Ids of the advisories that say something of models they do not name. */
  readonly open: ReadonlySet<string>
  /** Claims by the models they name. */
  readonly byModel: ModelIndex<NamedClaim>
  /** Claims with a pattern beyond the limits -> the demand that it does not meet. */
  readonly unread: ReadonlyMap<Claim, string>
}

/** A claim that names models, and the id of its advisory. */
export interface NamedClaim {
  readonly id: string
  readonly claim: Claim
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
  const all = [...advisories].flatMap(([id, { claims }]) =>
    claims.map((claim): NamedClaim => ({ id, claim })),
  )
  const byModel = yield* ModelIndex.making(
    all.flatMap((one) => one.claim.models.map((pattern) => [pattern, one] as const)),
  )
  const open = new Set(all.filter(({ claim }) => claim.models.length === 0).map(({ id }) => id))
  for (const { value } of byModel.unread) open.add(value.id)
  return {
    advisories,
    open,
    byModel,
    unread: new Map(byModel.unread.map((one) => [one.value.claim, one.problem])),
  }
}
