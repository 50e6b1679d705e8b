/** Everybody who may have made a device, with how much speaks for each. */

import type { MakerCandidate } from './identification.ts'
import { type Claim, compare, type Inquiry, type Label } from './inquiry.ts'

export function candidatesOf(
  inquiry: Inquiry,
  maker: string | null,
  label: Label,
  /** The verdict is what a person states, which explains nothing away. */
  isOverruled: boolean,
): MakerCandidate[] {
  const listed = [...inquiry.claims.values()].filter((claim) => {
    if (claim.maker === maker) return true
    if (!claim.listed) return false
    if (label.kind !== 'own') return true
    // A record explained the maker's own name away, so the name is no candidate beside it.
    if (claim.maker === label.maker) return maker === null || isOverruled
    // The maker's own address block excludes what only a weak record without a model holds against it.
    return !(
      inquiry.hasOwnMac &&
      claim.bearing === 'open' &&
      claim.signs.size === 0 &&
      claim.weights.size === 1
    )
  })
  const sure = new Map(listed.map((claim) => [claim, certainty(claim)]))
  const total = [...sure.values()].sort((a, b) => a - b).reduce((sum, part) => sum + part, 0)
  // Nobody wins: what speaks for each shares one device.
  const scale = maker === null && total > 1 ? 1 / total : 1
  return listed
    .map((claim): MakerCandidate => {
      const because = claim.reasons.reduce((best, reason) =>
        reason.weight > best.weight || (reason.weight === best.weight && reason.text < best.text)
          ? reason
          : best,
      )
      return {
        vendor: claim.maker,
        name: inquiry.name(claim.maker),
        confidence: Math.round((sure.get(claim) ?? 0) * scale * 100) / 100,
        standing: claim.maker === maker ? 'verdict' : 'review',
        because: because.text,
      }
    })
    .sort(
      (a, b) =>
        Number(b.standing === 'verdict') - Number(a.standing === 'verdict') ||
        b.confidence - a.confidence ||
        compare(a.vendor, b.vendor),
    )
}

/** 0..1: one minus the doubt that every independent piece leaves. */
function certainty(claim: Claim): number {
  // In the order of weight: a product of fractions differs in its last bit with the order of its factors, and
  // that bit can decide a rounding.
  const weights = [...claim.weights.values()].sort((a, b) => a - b)
  return 1 - weights.reduce((doubt, weight) => doubt * (1 - weight), 1)
}
