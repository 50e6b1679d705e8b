/** What advisories mean for a product. Types; `assess.ts` does the work. */
import type { DeviceClass } from '../catalogue/facts.ts'
import type { Advisory, Claim } from './advisories.ts'
import type { Affected } from './affected-rule.ts'
import type { Fix } from './remedy.ts'

/** What is installed, as far as known. */
export interface InstalledProduct {
  /** Vendor id of the real producer; null when not resolved. */
  readonly maker: string | null
  /** Vendor id of the label; null when unknown. The model number is one of the brand's, not of the maker's. */
  readonly brand: string | null
  readonly model: string | null
  readonly firmwareVersion: string | null
  readonly deviceClass: DeviceClass | null
}

/** What one source says of the product. */
export interface Verdict {
  readonly claim: Claim
  readonly result: Affected
  readonly because: string
}

export interface Assessment {
  readonly advisory: Advisory
  /**
   * `verdict`: a source names the model, or cannot be held against it because the model is unknown.
   * `candidate`: a feed names only the maker; a person or the overlay has to say more. It is never scored.
   */
  readonly standing: 'verdict' | 'candidate'
  readonly result: Affected | 'conflicting'
  /** The stricter of what the sources say: what to act on. */
  readonly actOn: Affected
  readonly verdicts: readonly Verdict[]
  /** Facts that would settle it. */
  readonly missingFacts: readonly string[]
  readonly fix: Fix
}
