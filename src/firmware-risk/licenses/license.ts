/**
 * Licenses and waivers for firmware updates: what a record says, and whether it covers one update.
 *
 * A license covers an update only if every condition of that one license holds; windows of several licenses may
 * follow each other, their conditions are never mixed. A license is never recognized by its name or number: the
 * "GL 8" of one sanctions program is about oil, that of another about debt, and neither about firmware.
 * Sources: 31 CFR 501.801 (OFAC); the temporary general license BIS gave Huawei in 2019 and 2020; `docs/methodology/firmware.md`.
 */
import type { DeviceClass, UpdateChannel } from '../../catalogue/facts.ts'
import type { PlainDate } from '../../lib/calendar.ts'

export const LICENSE_TYPES = [
  'general',
  'temporary-general',
  'specific',
  'waiver',
  'exception',
  'conditional-approval',
] as const

type LicenseType = (typeof LICENSE_TYPES)[number]

export const LICENSE_STATUSES = ['active', 'expired', 'revoked', 'suspended', 'superseded'] as const

type LicenseStatus = (typeof LICENSE_STATUSES)[number]

/** The activity a license has to name before it can cover an update. */
export const FIRMWARE_UPDATE = 'firmware-update'

/**
 * When a license holds: `[from, to)` in its own time zone. Each end is a plain date (its midnight) or a local
 * time `YYYY-MM-DDTHH:MM`; null when that end is open. General license 38 ended `2021-01-14T00:01` in New York.
 */
export interface ValidityWindow {
  readonly from: string | null
  readonly to: string | null
  /** IANA name. */
  readonly timezone: string
}

interface LicenseCondition {
  readonly text: string
  /** Whether this jurisdiction meets it; null when nobody has said. */
  readonly isMet: boolean | null
}

type LicenseHolder =
  | { readonly kind: 'any-us-person' }
  /** A jurisdiction id or a vendor id. */
  | { readonly kind: 'party'; readonly id: string }

export interface License {
  readonly id: string
  readonly type: LicenseType
  readonly number: string | null
  /** Who granted it, such as `OFAC`, `BIS`, `FCC OET`. */
  readonly authority: string
  /** Regime id, such as `ofac-sdn`. */
  readonly regime: string
  /** Program inside the regime, such as `GLOMAG`; null when the regime has none. */
  readonly program: string | null
  /** What may be done; only a license that names `firmware-update` covers one. */
  readonly activities: readonly string[]
  /** Vendor ids. */
  readonly entities: 'any' | readonly string[]
  /**
   * Whether it covers companies that the named ones own by half or more. Absent or null when its text does not say,
   * and then it covers none of them: a license is read as narrowly as it is written.
   */
  readonly includesOwned?: boolean | null
  /** Ways an update may come for a license that allows some only; absent means any. */
  readonly channels?: 'any' | readonly UpdateChannel[]
  readonly products: 'any' | readonly DeviceClass[]
  /** Model patterns (`models.ts`) for a license that covers some models only; absent means any. */
  readonly models?: 'any' | readonly string[]
  /** ISO 3166 codes: `US`, `US-NY`. */
  readonly territory: 'any' | readonly string[]
  readonly holder: LicenseHolder
  readonly window: ValidityWindow
  readonly status: LicenseStatus
  /** Ships with the service, which keeps it; absent means no. */
  readonly isShipped?: boolean
  /** First day of a status other than active; null when unknown, and then the license never counts. */
  readonly statusSince: PlainDate | null
  readonly conditions: readonly LicenseCondition[]
  readonly reportingDue: readonly PlainDate[]
  readonly documentSha256: string | null
  /** Id of the license this one replaces. */
  readonly supersedes: string | null
  readonly citation: string
}

type ApplicationStatus = 'draft' | 'pending' | 'returned' | 'denied' | 'granted' | 'withdrawn'

export interface LicenseApplication {
  readonly id: string
  readonly regime: string
  readonly program: string | null
  readonly status: ApplicationStatus
  /** Null while a draft. */
  readonly filedOn: PlainDate | null
  readonly decisionOn: PlainDate | null
  readonly scope: string | null
  /** What is asked for; absent means any. A denial or a pending application counts for what it names alone. */
  readonly entities?: 'any' | readonly string[]
  readonly models?: 'any' | readonly string[]
  readonly channels?: 'any' | readonly UpdateChannel[]
  readonly activities?: 'any' | readonly string[]
}

/** Vendor ids on the way of an update; null when unknown. */
interface UpdateParties {
  /** Real producer. */
  readonly maker: string | null
  /** The name on the label. */
  readonly brand: string | null
  /** Who publishes the file. */
  readonly publisher: string | null
  /** Whose signature the device checks. */
  readonly signer: string | null
}

/** The update a license is tested against. */
export interface LicensedUpdate {
  readonly jurisdiction: string
  /** IANA name; days are counted in it. */
  readonly timezone: string
  /** ISO 3166-2, such as `US-NY`; null when unknown. */
  readonly territory: string | null
  readonly deviceClass: DeviceClass | null
  /** Model number on the label; null when unknown. */
  readonly model: string | null
  readonly parties: UpdateParties
  readonly updateChannel: UpdateChannel | null
}

/** What a license must lift: the regime and program, and the entity or product they restrict. */
export interface Restriction {
  readonly regime: string
  readonly program?: string | null
  readonly entityOrProduct: { readonly entity: string } | { readonly product: DeviceClass | '*' }
  /** The listed persons through whom the entity is restricted, when it is not named itself. */
  readonly through?: readonly Listed[]
}

/** A person on a list and what makes another company part of its entry. */
export interface Listed {
  readonly vendor: string
  /** `owned`: held by half or more, alone or with the others; `same-person`: another name of the listed person. */
  readonly as: 'owned' | 'same-person'
}
