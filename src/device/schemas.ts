/** Wire shapes of what is stored of a device. JSON-native types only. */
import { z } from 'zod'
import {
  Cents,
  Country,
  Currency,
  Day,
  Id,
  Instant,
  Latitude,
  Longitude,
  someText,
  text,
} from '../http/schemas.ts'

export const DEVICE_CLASSES = [
  'camera',
  'recorder',
  'encoder',
  'lpr',
  'access-control',
  'intercom',
  'router',
  'uas',
  'server',
  'robot',
  'power-inverter',
  'other',
] as const
export const STATUSES = ['planned', 'active', 'stored', 'decommissioned'] as const
export const PURPOSES = [
  'public-safety',
  'government-facility',
  'critical-infrastructure',
  'traffic',
  'other',
] as const
export const FUNDING_SOURCES = ['local', 'state-grant', 'federal-grant', 'federal-contract'] as const
export const UPDATE_CHANNELS = [
  'vendor-portal-us',
  'vendor-portal-global',
  'vendor-portal-cn',
  'distributor',
  'oem-brand-portal',
  'vendor-cloud-push',
  'vms-push',
  'offline-media',
  'none',
] as const
export const EXPOSURES = ['isolated', 'routed', 'internet'] as const

/** What a client may set on a device, apart from where it stands. All optional: absent is unknown. */
const deviceFields = {
  assetTag: someText(100)
    .nullable()
    .meta({ description: 'unique within a jurisdiction; imports match on it' }),
  serialNumber: someText(100).nullable(),
  name: someText(200).nullable(),
  manufacturer: someText(200).nullable().meta({ description: 'as declared, kept verbatim' }),
  model: someText(200).nullable().meta({ description: 'as declared, kept verbatim' }),
  macAddress: someText(40).nullable().meta({ description: 'any common notation is read' }),
  fccId: someText(40).nullable(),
  firmwareVersion: someText(200).nullable(),
  deviceClass: z.enum(DEVICE_CLASSES).nullable(),
  hasRadio: z.boolean().nullable(),
  purpose: z.enum(PURPOSES).nullable(),
  enforcementUse: z
    .boolean()
    .nullable()
    .meta({ description: 'traffic devices: used for enforcement, plate reading or emergencies' }),
  acquiredOn: Day.nullable(),
  obligatedOn: Day.nullable(),
  paidOn: Day.nullable(),
  installedOn: Day.nullable(),
  producedOn: Day.nullable(),
  fundingSource: z.enum(FUNDING_SOURCES).nullable(),
  federalPassThrough: z
    .boolean()
    .nullable()
    .meta({ description: 'state grants: federal money passed through' }),
  acquisitionCostCents: Cents.nullable(),
  currency: Currency.nullable(),
  latitude: Latitude.nullable(),
  longitude: Longitude.nullable(),
  updateChannel: z.enum(UPDATE_CHANNELS).nullable(),
  networkExposure: z.enum(EXPOSURES).nullable(),
  paidSupport: z
    .boolean()
    .nullable()
    .meta({ description: 'updates come under a paid maintenance or cloud plan' }),
  firmwareObtainedOn: Day.nullable().meta({
    description: 'day on which a firmware image now held offline was obtained and hashed',
  }),
  fccSubsidy: z.boolean().nullable().meta({
    description:
      'paid from support that the FCC administers, such as E-Rate; for most cities said once, on the jurisdiction',
  }),
  producedIn: Country.nullable().meta({
    description: 'country in which the unit was produced; the catalog fills in what it knows of a maker',
  }),
  consumerGrade: z.boolean().nullable().meta({ description: 'made for households; read for routers' }),
  modelAuthorizedOn: Day.nullable().meta({
    description: 'day on which the FCC (or the maker’s own declaration) first authorized the model',
  }),
  coveredComponent: z.boolean().nullable().meta({
    description:
      'what a written statement of the maker on this model says: whether it holds a component of a maker that section 889 covers; a seller’s “NDAA compliant” is no such statement',
  }),
  socMaker: someText(200).nullable().meta({
    description:
      'who made the main chip (system on a chip), as the maker or its data sheet states; kept verbatim',
  }),
  department: someText(200).nullable(),
  notes: text(2000).nullable(),
}

const writable = {
  ...Object.fromEntries(Object.entries(deviceFields).map(([name, schema]) => [name, schema.optional()])),
} as { [K in keyof typeof deviceFields]: z.ZodOptional<(typeof deviceFields)[K]> }

export const DeviceWrite = z
  .strictObject({
    ...writable,
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    siteId: Id.nullable().optional(),
    status: z.enum(STATUSES).optional().meta({ description: 'default active' }),
  })
  .meta({ id: 'NewDevice' })
export type DeviceWrite = z.infer<typeof DeviceWrite>

export const DeviceChange = z
  .strictObject({ ...writable, siteId: Id.nullable().optional(), status: z.enum(STATUSES).optional() })
  .meta({ id: 'DeviceChange', description: 'Fields to change; absent fields stay, null clears' })
export type DeviceChange = z.infer<typeof DeviceChange>

const nullableFields = {
  siteId: z.string().nullable(),
  assetTag: z.string().nullable(),
  serialNumber: z.string().nullable(),
  name: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  macAddress: z.string().nullable(),
  fccId: z.string().nullable(),
  firmwareVersion: z.string().nullable(),
  deviceClass: z.enum(DEVICE_CLASSES).nullable(),
  hasRadio: z.boolean().nullable(),
  status: z.enum(STATUSES),
  purpose: z.enum(PURPOSES).nullable(),
  enforcementUse: z.boolean().nullable(),
  acquiredOn: z.string().nullable(),
  obligatedOn: z.string().nullable(),
  paidOn: z.string().nullable(),
  installedOn: z.string().nullable(),
  producedOn: z.string().nullable(),
  fundingSource: z.enum(FUNDING_SOURCES).nullable(),
  federalPassThrough: z.boolean().nullable(),
  acquisitionCostCents: z.number().nullable(),
  currency: z.string().nullable(),
  latitude: z.number().nullable(),
  longitude: z.number().nullable(),
  updateChannel: z.enum(UPDATE_CHANNELS).nullable(),
  networkExposure: z.enum(EXPOSURES).nullable(),
  paidSupport: z.boolean().nullable(),
  firmwareObtainedOn: z.string().nullable(),
  fccSubsidy: z.boolean().nullable(),
  producedIn: z.string().nullable(),
  consumerGrade: z.boolean().nullable(),
  modelAuthorizedOn: z.string().nullable(),
  coveredComponent: z.boolean().nullable(),
  socMaker: z.string().nullable(),
  department: z.string().nullable(),
  notes: z.string().nullable(),
}

/** The stored facts of a device, without what was found out about it. */
export const DeviceRecord = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...nullableFields,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'DeviceRecord' })
export type DeviceRecord = z.infer<typeof DeviceRecord>
