/** A restriction as it bears on updates, and what it says on a day. */

import type { PlainDate } from '../lib/calendar.ts'
import type { Level } from './levels.ts'
import type { License, LicenseApplication, Restriction } from './licenses/license.ts'
import type { TestedLicense } from './licenses/test-all.ts'

/** Whom a measure binds. The first two stop supply; the last two are duties of the city itself. */
export type Binds = 'vendor' | 'importer' | 'recipient-us-person' | 'federal-award-recipient'

/** One restriction of one regime, as it bears on firmware updates. */
export interface Measure extends Restriction {
  readonly id: string
  /**
   * Whether it covers the update itself; `unclear` when the text is contested or silent; `new-images` when an image
   * obtained before may be installed and nothing newer may be had.
   */
  readonly coversUpdates: 'yes' | 'no' | 'unclear' | 'new-images'
  /** First day in force; null when it always was. */
  readonly from: PlainDate | null
  /** First day no longer in force; null when open. */
  readonly to: PlainDate | null
  /** Whether the regime has a license path; null (unknown) counts as none. */
  readonly licensable: boolean | null
  /** When it was announced ahead of `from`; null when it was not. */
  readonly announcedOn: PlainDate | null
  /** Null when unknown: then it counts against both. */
  readonly binds: Binds | null
  readonly citation: string
}

export interface Reason {
  readonly level: Level | null
  readonly code: ReasonCode
  /** Id of the measure, license or vulnerability it is about; null for a fact of the subject. */
  readonly about: string | null
  readonly text: string
  readonly citation: string | null
}

export type ReasonCode =
  | 'does-not-reach-updates'
  | 'announced'
  | 'reach-unclear'
  | 'only-held-images'
  | 'license-covers'
  | 'license-needed'
  | 'application-denied'
  | 'no-license-path'
  | 'license-fails'
  | 'condition-unanswered'
  | 'no-channel'
  | 'maker-unresolved'
  | 'sources-disagree'
  | 'affected-unknown'
  | 'may-be-affected'

export interface MeasureFinding {
  readonly measure: Measure
  /** Licenses that lift it on that day, each by itself. */
  readonly licenses?: readonly License[]
  /** Null when the measure says nothing on that day. */
  readonly level: Level | null
  readonly reasons: readonly Reason[]
  readonly needsReview?: boolean
  readonly coverEndsOn?: PlainDate | null
  readonly unlicensed?: { readonly isPending: boolean }
  readonly barsNewImages?: boolean
}

/** One measure that touches the subject, with the licenses of its regime already tested. */
export interface Standing {
  readonly measure: Measure
  /** Licenses that cover the update on some days. */
  readonly covering: readonly TestedLicense[]
  readonly failing: readonly TestedLicense[]
  readonly applications: readonly LicenseApplication[]
}
