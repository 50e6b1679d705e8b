/** The facts that rules may read. Pure types. */
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

type Purpose = 'public-safety' | 'government-facility' | 'critical-infrastructure' | 'traffic' | 'other'
type FundingSource = 'local' | 'state-grant' | 'federal-grant' | 'federal-contract'
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
