/** Wire shapes of the register: sites and devices. JSON-native types only. */
import { z } from 'zod'
import { ACTIVITIES, OUTCOMES } from '../catalogue/outcomes.ts'
import { FirmwareRiskShape } from '../firmware/schemas.ts'
import {
  Cents,
  Country,
  Currency,
  Day,
  Id,
  Instant,
  Latitude,
  Longitude,
  pageOf,
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

export const Activity = z.enum(ACTIVITIES).meta({ id: 'Activity', description: 'What a city wants to do' })
export const Outcome = z
  .enum(OUTCOMES)
  .meta({ id: 'Outcome', description: 'Outcome codes, most severe first' })

export const Evidence = z
  .object({
    kind: z.string(),
    value: z.string(),
    pointsTo: z.string().nullable(),
    weight: z.number(),
    source: z.string(),
    note: z.string(),
  })
  .meta({ id: 'Evidence', description: 'One piece of evidence of who made the device' })

export const Identification = z
  .object({
    status: z.enum(['resolved', 'ambiguous', 'unresolved']),
    brand: z.string().nullable().meta({ description: 'whose label it carries' }),
    maker: z.string().nullable().meta({ description: 'who produced it; null unless resolved' }),
    confidence: z.number(),
    evidence: z.array(Evidence),
    candidates: z.array(
      z.object({
        vendor: z.string(),
        name: z.string(),
        confidence: z.number(),
        standing: z.enum(['verdict', 'review']),
        because: z.string(),
      }),
    ),
    components: z.array(
      z.object({
        vendor: z.string().nullable().meta({ description: 'null when a statement does not name the maker' }),
        name: z.string(),
        standing: z.enum(['stated', 'likely', 'possible', 'excluded']),
        because: z.string(),
      }),
    ),
    suggestions: z.array(z.object({ vendor: z.string(), name: z.string(), score: z.number() })),
    needsReview: z.boolean(),
    wouldSettle: z.array(z.string()),
  })
  .meta({ id: 'Identification' })

export const Determination = z
  .object({
    regime: z.string(),
    activity: Activity,
    outcome: Outcome,
    ruleId: z.string(),
    because: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    missingFacts: z.array(z.string()),
    certainty: z.enum(['sure', 'reported', 'uncertain']),
    citation: z.string(),
    waitsFor: z.enum(['city', 'person']).nullable().meta({
      description:
        'of an open finding: `city` has to say a fact once for all its devices, or a `person` has to look at this one',
    }),
  })
  .meta({
    id: 'Determination',
    description: 'The outcome for one device, regime and activity as of one date',
  })

export const Headline = z
  .object(
    Object.fromEntries(ACTIVITIES.map((activity) => [activity, Outcome])) as Record<
      (typeof ACTIVITIES)[number],
      typeof Outcome
    >,
  )
  .meta({ id: 'Headline', description: 'Per activity, the most severe outcome over all regimes' })

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

export const Device = DeviceRecord.extend({
  identification: Identification,
  determinations: z.array(Determination).meta({ description: 'every regime and activity' }),
  headline: Headline,
  firmwareRisk: FirmwareRiskShape,
}).meta({ id: 'Device' })

export const ListedIdentification = Identification.partial()
  .extend(Identification.pick({ status: true, brand: true, maker: true, confidence: true }).shape)
  .meta({ id: 'ListedIdentification', description: 'Whole with `include=identification`' })

const { level, urgency } = FirmwareRiskShape.shape
export const ListedFirmwareRisk = FirmwareRiskShape.partial()
  .extend({ level, urgency })
  .meta({ id: 'ListedFirmwareRisk', description: 'Whole with `include=firmwareRisk`' })

export const Findings = z.partialRecord(Activity, z.partialRecord(Outcome, z.array(z.string()))).meta({
  id: 'Findings',
  description:
    'Activity, outcome (the most severe first), ids of the rules that say so; the id of a rule begins with its regime and a colon. What is permitted or out of scope is no finding.',
})

export const ListedDevice = DeviceRecord.partial()
  .extend({
    id: z.string(),
    identification: ListedIdentification.optional(),
    findings: Findings.optional(),
    determinations: z
      .array(Determination)
      .optional()
      .meta({ description: 'with `include=determinations`, or `determinations=all` or `findings`' }),
    headline: Headline.optional(),
    firmwareRisk: ListedFirmwareRisk.optional(),
  })
  .meta({
    id: 'ListedDevice',
    description: 'A device as lists show it. What is there depends on `fields` and `include`; `id` always is',
  })

export const DevicePage = pageOf('DevicePage', ListedDevice)

export const HistoryEntry = z
  .object({
    version: z.int(),
    validFrom: Instant,
    validTo: Instant.nullable().meta({ description: 'null for the current version' }),
    changedFields: z
      .array(z.string())
      .nullable()
      .meta({ description: 'what the next version changed; null when current or when it was deleted' }),
    endedBy: z.string().nullable(),
    importId: z.string().nullable(),
    device: DeviceRecord,
  })
  .meta({ id: 'DeviceVersion' })

export const DeviceHistory = pageOf('DeviceHistory', HistoryEntry)

export const SiteWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: someText(200),
    address: someText(400).nullable().optional(),
    department: someText(200).nullable().optional(),
    latitude: Latitude.nullable().optional(),
    longitude: Longitude.nullable().optional(),
    notes: text(2000).nullable().optional(),
  })
  .meta({ id: 'NewSite' })
export type SiteWrite = z.infer<typeof SiteWrite>

export const SiteChange = SiteWrite.omit({ jurisdictionId: true }).partial().meta({ id: 'SiteChange' })
export type SiteChange = z.infer<typeof SiteChange>

export const Site = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    name: z.string(),
    address: z.string().nullable(),
    department: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    notes: z.string().nullable(),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Site' })
export const SitePage = pageOf('SitePage', Site)
