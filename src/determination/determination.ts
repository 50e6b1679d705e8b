/**
 * What goes into and comes out of the rules. Pure types; `determine.ts` does the work.
 */

import type { Activity, Certainty, Outcome } from '../catalogue/outcomes.ts'
import type { Condition } from '../catalogue/rules.ts'
import type { Component, Identification, MakerCandidate } from '../identification/identification.ts'
import type { PlainDate } from '../lib/calendar.ts'

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
  | 'robot'
  | 'power-inverter'
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
  /** ISO 3166-1 alpha-2 country in which the unit was produced. Read by class listings only. */
  readonly producedIn: string | null
  /** A product made for households; read by the class listing of routers only. */
  readonly consumerGrade: boolean | null
  /** When the FCC (or the maker's own declaration) first authorized the model. */
  readonly modelAuthorizedOn: PlainDate | null
  /** Paid from support that the FCC administers (E-Rate, universal service). */
  readonly fccSubsidy: boolean | null
}

/** Facts about the city. null means unknown. */
export interface JurisdictionFacts {
  /** ISO 3166-1 alpha-2; null is unknown and taken as the United States. */
  readonly country: string | null
  /** USPS code. */
  readonly state: string | null
  readonly kind: string | null
  /** Holds a contract under the FAR itself. */
  readonly federalContractor: boolean | null
  /** Sells equipment or services to a federal buyer. */
  readonly sellsToFederal: boolean | null
  /** One of its federal contracts or sales is with the Department of Defense. */
  readonly defenseContract: boolean | null
  /** It receives support that the FCC administers (E-Rate, universal service) for any of its equipment. */
  readonly receivesFccSupport: boolean | null
  /** Makers or their services can see footage, faces, plates or positions in bulk (28 CFR part 202). */
  readonly sharesBulkData: boolean | null
}

/**
 * An authorisation or waiver. It lifts a bar only when everything it says holds at once: regime, entity,
 * activity, holder, the whole day, and its own condition. Nothing is matched by name, and no two licences are
 * put together to make one.
 */
export interface Licence {
  readonly id: string
  readonly regime: string
  readonly kind: 'general' | 'specific'
  /** Vendor ids it names. */
  readonly entities: readonly string[]
  /** Whether it extends to companies that the named entities own; false when absent. */
  readonly includesOwned?: boolean
  readonly activities: readonly Activity[]
  /** `anyone`, `jurisdiction` (the city itself), or the vendor id of a supplier. */
  readonly holder: string
  /** ISO 8601 instant with offset. */
  readonly from: string | null
  /** First instant outside, ISO 8601 with offset. */
  readonly to: string | null
  /** Only `active` counts. */
  readonly status: string
  /** Terms that can be read from facts; unknown does not satisfy them. */
  readonly when?: Condition | null
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
  /** Of a finding that is open: whether the city has to say something once, or a person has to look at this device. */
  readonly waitsFor: 'city' | 'person' | null
}

/** Per activity, the most severe outcome over all regimes. */
export type Headline = Readonly<Record<Activity, Outcome>>

export interface Determined {
  readonly determinations: readonly Determination[]
  readonly headline: Headline
  /** First day on which the same facts may give another answer; null when no dated change is known. */
  readonly validUntil: PlainDate | null
}

/** What the rules read of an identification. */
export interface Identified extends Pick<Identification, 'status' | 'brand' | 'maker' | 'wouldSettle'> {
  readonly components: readonly Pick<Component, 'vendor' | 'name' | 'standing'>[]
  readonly candidates: readonly Pick<MakerCandidate, 'vendor' | 'name' | 'standing'>[]
}

export interface Subject {
  readonly identification: Identified
  readonly device: DeviceFacts
  readonly jurisdiction: JurisdictionFacts
}
