/**
 * What goes into and comes out of the rules. Pure types; `determine.ts` does the work.
 */
import type { PlainDate } from '../calendar.ts'
import type { Identification } from '../vendors/identification.ts'
import type { Activity, Certainty, Outcome } from './outcomes.ts'

export type DeviceClass =
  | 'camera'
  | 'recorder'
  | 'encoder'
  | 'lpr'
  | 'access-control'
  | 'intercom'
  | 'router'
  | 'uas'
  | 'server'
  | 'other'

export type Purpose =
  | 'public-safety'
  | 'government-facility'
  | 'critical-infrastructure'
  | 'traffic'
  | 'other'
export type FundingSource = 'local' | 'state-grant' | 'federal-grant' | 'federal-contract'
export type UpdateChannel =
  | 'vendor-portal-us'
  | 'vendor-portal-global'
  | 'vendor-portal-cn'
  | 'distributor'
  | 'oem-brand-portal'
  | 'vendor-cloud-push'
  | 'vms-push'
  | 'offline-media'
  | 'none'

/** Facts about one device that a rule may read. null means unknown, never "no". */
export interface DeviceFacts {
  readonly deviceClass: DeviceClass | null
  readonly hasRadio: boolean | null
  readonly status: 'planned' | 'active' | 'stored' | 'decommissioned'
  readonly purpose: Purpose | null
  /** For traffic devices: used for enforcement, plate reading or emergencies. */
  readonly enforcementUse: boolean | null
  readonly acquiredOn: PlainDate | null
  readonly obligatedOn: PlainDate | null
  readonly paidOn: PlainDate | null
  readonly installedOn: PlainDate | null
  readonly producedOn: PlainDate | null
  readonly fundingSource: FundingSource | null
  /** A state grant that passes federal money through. */
  readonly federalPassThrough: boolean | null
  readonly updateChannel: UpdateChannel | null
  readonly networkExposure: 'isolated' | 'routed' | 'internet' | null
  /** Updates come under a paid maintenance or cloud plan. */
  readonly paidSupport: boolean | null
  /** When a firmware image now held offline was obtained and hashed; null when none is held. */
  readonly firmwareObtainedOn: PlainDate | null
}

/** Facts about the city. null means unknown. */
export interface JurisdictionFacts {
  /** USPS code. */
  readonly state: string | null
  readonly kind: string | null
  /** Holds a contract under the FAR itself. */
  readonly federalContractor: boolean | null
  /** Sells equipment or services to a federal buyer. */
  readonly sellsToFederal: boolean | null
}

export interface Determination {
  readonly regime: string
  readonly activity: Activity
  readonly outcome: Outcome
  readonly ruleId: string
  /** One sentence for a person. */
  readonly because: string
  /** The facts the rule read, with their values. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
  /** Facts that were unknown and would have changed or confirmed the outcome. */
  readonly missingFacts: readonly string[]
  readonly certainty: Certainty
  readonly citation: string
}

/** Per activity, the most severe outcome over all regimes. */
export type Headline = Readonly<Record<Activity, Outcome>>

export interface Determined {
  readonly determinations: readonly Determination[]
  readonly headline: Headline
  /** First day on which the same facts may give another answer; null when no dated change is known. */
  readonly validUntil: PlainDate | null
}

export interface Subject {
  readonly identification: Identification
  readonly device: DeviceFacts
  readonly jurisdiction: JurisdictionFacts
}
