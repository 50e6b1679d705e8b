/** What a city holds of its own. */
import type { License, LicenseApplication } from './licenses/license.ts'
import type { FirmwareRelease } from './release.ts'
import type { Weights } from './weights.ts'

/** What one jurisdiction holds of its own. */
export interface FirmwareHoldings {
  /** Null when the question is about no jurisdiction in particular. */
  readonly jurisdiction: string | null
  /** IANA name. */
  readonly timezone: string
  readonly licenses: readonly License[]
  readonly applications: readonly LicenseApplication[]
  readonly images: readonly FirmwareRelease[]
  /** Null when it uses the weights of everybody. */
  readonly weights: Weights | null
  /** Counts up by one with each change. */
  readonly revision: number
}

export const NO_HOLDINGS: FirmwareHoldings = {
  jurisdiction: null,
  timezone: 'UTC',
  licenses: [],
  applications: [],
  images: [],
  weights: null,
  revision: 0,
}
