/** Wire shapes of what was found out about a device. JSON-native types only. */
import { z } from 'zod'
import { ACTIVITIES, OUTCOMES } from '../catalogue/outcomes.ts'
import { DeviceRecord } from '../device/schemas.ts'
import { FirmwareRiskShape } from '../firmware-risk/schemas.ts'
import { pageOf } from '../http/schemas.ts'

export const Activity = z.enum(ACTIVITIES).meta({ id: 'Activity', description: 'What a city wants to do' })
export const Outcome = z
  .enum(OUTCOMES)
  .meta({ id: 'Outcome', description: 'Outcome codes, most severe first' })

const Evidence = z
  .object({
    kind: z.string(),
    value: z.string(),
    pointsTo: z.string().nullable(),
    weight: z.number(),
    source: z.string(),
    note: z.string(),
  })
  .meta({ id: 'Evidence', description: 'One piece of evidence of who made the device' })

const Identification = z
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

const Determination = z
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
        'of an open finding: `city` has to state a fact once for all its devices, or a `person` has to look at this one',
    }),
  })
  .meta({
    id: 'Determination',
    description: 'The outcome for one device, regime and activity as of one date',
  })

const Headline = z
  .object(
    Object.fromEntries(ACTIVITIES.map((activity) => [activity, Outcome])) as Record<
      (typeof ACTIVITIES)[number],
      typeof Outcome
    >,
  )
  .meta({ id: 'Headline', description: 'Per activity, the most severe outcome over all regimes' })

export const Device = DeviceRecord.extend({
  identification: Identification,
  determinations: z.array(Determination).meta({ description: 'every regime and activity' }),
  headline: Headline,
  firmwareRisk: FirmwareRiskShape,
}).meta({ id: 'Device' })

const ListedIdentification = Identification.partial()
  .extend(Identification.pick({ status: true, brand: true, maker: true, confidence: true }).shape)
  .meta({ id: 'ListedIdentification', description: 'Whole with `include=identification`' })

const { level, urgency } = FirmwareRiskShape.shape
const ListedFirmwareRisk = FirmwareRiskShape.partial()
  .extend({ level, urgency })
  .meta({ id: 'ListedFirmwareRisk', description: 'Whole with `include=firmwareRisk`' })

const Findings = z.partialRecord(Activity, z.partialRecord(Outcome, z.array(z.string()))).meta({
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
