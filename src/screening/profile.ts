/**
 * A profile: one distinct combination of the facts that identification and the rules read.
 *
 * Cities buy in lots, so a register has far fewer profiles than devices; a change of law is evaluated for each
 * profile and touches no device. Two devices share a profile when no rule can tell them apart: dates are cut to
 * the start of their epoch (the span between two dates at which any answer can change), the MAC address to its
 * registered block, the FCC ID to its grantee.
 */

import type { ScreenedDevice } from '../device/screened-device.ts'
import type { FreeTexts } from '../identification/mentions.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { uuidOf } from '../lib/ids.ts'

const DATES = [
  'acquiredOn',
  'obligatedOn',
  'paidOn',
  'installedOn',
  'producedOn',
  'firmwareObtainedOn',
  'modelAuthorizedOn',
] as const satisfies readonly (keyof ScreenedDevice)[]

const FIELDS = [
  'manufacturer',
  'model',
  'macAddress',
  'fccId',
  'firmwareVersion',
  'name',
  'notes',
  'assetTag',
  'serialNumber',
  'deviceClass',
  'hasRadio',
  'status',
  'purpose',
  'enforcementUse',
  'fundingSource',
  'federalPassThrough',
  'updateChannel',
  'networkExposure',
  'paidSupport',
  'fccSubsidy',
  'producedIn',
  'consumerGrade',
  'coveredComponent',
  'socMaker',
  ...DATES,
] as const satisfies readonly (keyof ScreenedDevice)[]

/** Equal for devices that say the same, as far as a screening reads it. */
export function screenedKey(device: ScreenedDevice, { mentioned }: Pick<Cut, 'mentioned'>): string {
  const read = { ...device, ...mentioned(device) }
  return JSON.stringify(FIELDS.map((field) => read[field]))
}

/** Names of the device fields that a screening reads; a change to any other leaves the profile as it is. */
export const SCREENED_FIELDS: ReadonlySet<string> = new Set(FIELDS)

/** Earliest day a plain date can name: the epoch before every boundary. */
const BEFORE_ALL: PlainDate = '0001-01-01'

/** The last boundary on or before the day; `BEFORE_ALL` when the day comes before every boundary. */
function epochOf(day: PlainDate, boundaries: readonly PlainDate[]): PlainDate {
  let low = 0
  let high = boundaries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (boundaries[middle]! <= day) low = middle + 1
    else high = middle
  }
  return low === 0 ? BEFORE_ALL : boundaries[low - 1]!
}

export interface Cut {
  /** Sorted dates at which an answer can change. */
  readonly boundaries: readonly PlainDate[]
  /** An address that stands for all those of the same registered block. */
  readonly macBlock: (macAddress: string) => string
  /** An FCC ID that stands for all those of the same grantee; null when it names none. */
  readonly fccGrantee: (fccId: string) => string | null
  /** Texts that stand for all those that name the same restricted makers; null where they name none. */
  readonly mentioned: (texts: FreeTexts) => FreeTexts
}

/** The facts of the profile a device belongs to. */
export function profileFacts(device: ScreenedDevice, cut: Cut): ScreenedDevice {
  const { boundaries } = cut
  const epoch = (day: PlainDate | null) => (day === null ? null : epochOf(day, boundaries))
  const { name, notes, assetTag, serialNumber } = cut.mentioned(device)
  // Written out in the order of FIELDS: an object of one shape is several times faster to make and to write.
  return {
    manufacturer: device.manufacturer,
    model: device.model,
    macAddress: device.macAddress === null ? null : cut.macBlock(device.macAddress),
    fccId: device.fccId === null ? null : cut.fccGrantee(device.fccId),
    firmwareVersion: device.firmwareVersion,
    name,
    notes,
    assetTag,
    serialNumber,
    deviceClass: device.deviceClass,
    hasRadio: device.hasRadio,
    status: device.status,
    purpose: device.purpose,
    enforcementUse: device.enforcementUse,
    fundingSource: device.fundingSource,
    federalPassThrough: device.federalPassThrough,
    updateChannel: device.updateChannel,
    networkExposure: device.networkExposure,
    paidSupport: device.paidSupport,
    fccSubsidy: device.fccSubsidy,
    producedIn: device.producedIn,
    consumerGrade: device.consumerGrade,
    coveredComponent: device.coveredComponent,
    socMaker: device.socMaker,
    acquiredOn: epoch(device.acquiredOn),
    obligatedOn: epoch(device.obligatedOn),
    paidOn: epoch(device.paidOn),
    installedOn: epoch(device.installedOn),
    producedOn: epoch(device.producedOn),
    firmwareObtainedOn: epoch(device.firmwareObtainedOn),
    modelAuthorizedOn: epoch(device.modelAuthorizedOn),
  } satisfies Record<(typeof FIELDS)[number], unknown>
}

/** Ids by the text they are made of: a digest takes longer than a look into a map, and most devices share theirs. */
let ids = new Map<string, string>()
const IDS_MOST = 5_000

/** The id of a profile: the same facts always give the same id. */
export function profileId(facts: ScreenedDevice): string {
  const text = JSON.stringify(FIELDS.map((field) => facts[field]))
  let id = ids.get(text)
  if (id === undefined) {
    id = uuidOf(text)
    if (ids.size >= IDS_MOST) ids = new Map()
    ids.set(text, id)
  }
  return id
}

/** The dates of a profile's facts: each is the start of the epoch it stands for. */
export function epochDates(facts: ScreenedDevice): PlainDate[] {
  return DATES.flatMap((field) => facts[field] ?? [])
}
