/** The facts of a device that the risk of its firmware hangs on. */
import type { PlainDate } from '../lib/calendar.ts'
import type { LicensedUpdate } from './licenses/license.ts'

/** How long the maker ships security fixes. "No end announced" is a statement of the maker; unknown is a finding. */
export type Support =
  /** `to` is the first day without support. */
  | { readonly kind: 'ends'; readonly to: PlainDate }
  | { readonly kind: 'no-end-announced' }
  /** Ended on a day that is not recorded. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' }

export type SupportStatus = 'supported' | 'no-end-announced' | 'unknown' | 'ends-within-a-year' | 'ended'

export interface RiskSubject extends LicensedUpdate {
  /** False when identification is ambiguous or unresolved. */
  readonly isMakerResolved: boolean
  readonly support: Support
  readonly networkExposure: 'isolated' | 'routed' | 'internet' | null
  /** A compensating control (own segment, no route out, monitored) that somebody has verified. */
  readonly hasVerifiedControl: boolean
  /** Where the installed image came from. */
  readonly imageProvenance: 'official' | 'unofficial' | 'unknown'
}
