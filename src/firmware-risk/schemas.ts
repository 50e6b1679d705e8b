/** The wire shape of firmware risk. */
import { z } from 'zod'
import { LEVELS } from './levels.ts'
import { OUTLOOKS } from './outlook.ts'
import { PATCH_ANSWERS, PATCH_REASONS } from './patch-answer.ts'
import { URGENCIES, WORK_QUEUES } from './risk.ts'
import { BANDS } from './weights.ts'

export const Level = z.enum(LEVELS).meta({ id: 'FirmwareLevel', description: 'mildest first' })
export const Band = z.enum(BANDS).meta({ id: 'FirmwareBand' })
export const Urgency = z.enum(URGENCIES).meta({ id: 'FirmwareUrgency', description: 'mildest first' })
export const Queue = z.enum(WORK_QUEUES).meta({ id: 'FirmwareQueue', description: 'in the order of work' })

const RiskAction = z
  .object({ code: z.string(), text: z.string(), dueOn: z.string().nullable() })
  .meta({ id: 'FirmwareAction' })

const LicenseUsedShape = z
  .object({ id: z.string(), authority: z.string(), number: z.string().nullable() })
  .meta({ id: 'LicenseUsed' })

export const RiskFix = z
  .object({
    from: z.enum(['held-image', 'release', 'channel']),
    advisory: z.string(),
    firmwareVersion: z.string().nullable(),
    channel: z.string().nullable(),
    publisher: z.string().nullable().meta({ description: 'vendor id of who publishes the file' }),
    release: z.string().nullable().meta({ description: 'id of the release or image' }),
    isLawful: z
      .boolean()
      .meta({ description: 'false: the file exists, and today it may not be had this way' }),
    needs: z
      .array(z.string())
      .meta({ description: 'what taking it needs, such as a license; empty when nothing' }),
    needsCounsel: z
      .boolean()
      .meta({ description: 'whether counsel has to look before a file that is kept is installed' }),
    licenses: z.array(LicenseUsedShape),
    lastDay: z.string().nullable().meta({ description: 'last day of the license it rests on' }),
  })
  .meta({
    id: 'FirmwareFix',
    description: 'The file that closes the worst open vulnerability, and where to have it from',
  })

export const EpssShape = z
  .object({
    score: z.number().meta({ description: '0 to 1: the chance that it is exploited within 30 days' }),
    percentile: z.number().nullable(),
    on: z.string(),
  })
  .meta({ id: 'EpssScore', description: 'Exploit Prediction Scoring System of FIRST' })

export const SsvcShape = z
  .object({
    exploitation: z.enum(['none', 'poc', 'active']),
    automatable: z.boolean().nullable(),
    technicalImpact: z.enum(['partial', 'total']).nullable(),
    on: z.string().nullable(),
  })
  .meta({ id: 'SsvcDecision', description: "CISA's decision points in the record of the CVE list" })

const OpenVulnerability = z
  .object({
    id: z.string(),
    isKnownExploited: z.boolean(),
    fixObtainable: z.enum(['yes', 'unknown', 'no']),
    dueOn: z.string().nullable().meta({ description: 'CISA binds federal agencies; for a city a yardstick' }),
    epss: EpssShape.optional(),
    ssvc: SsvcShape.optional(),
  })
  .meta({ id: 'OpenVulnerability' })

export const PatchWord = z.enum(PATCH_ANSWERS).meta({
  id: 'PatchAnswerWord',
  description: 'whether the device can be patched today, by law and in fact',
})
const PatchWhy = z.enum(PATCH_REASONS).meta({ id: 'PatchReason' })
export const OutlookShape = z.enum(OUTLOOKS).meta({
  id: 'FirmwareOutlook',
  description:
    'what a designation of the maker would cost, mildest first: `clear` and `listed` put no updates in doubt; of makers whose updates are in doubt, `saved` has an image that closes what is open, `current` has nothing open and no image, `unsettled` something open of which nobody knows whether there is a fix, `patch-now` a fix that can be had and would be lost, `unpatched` something no fix closes; `ending` has a known last day; `cut-off` is over',
})

export const PatchShape = z
  .object({
    answer: PatchWord,
    why: PatchWhy,
    closes: z.array(z.string()).meta({ description: 'open vulnerabilities that a patch today closes' }),
    leavesOpen: z.array(z.string()),
    source: z
      .object({
        from: z.enum(['held-image', 'release', 'channel']),
        channel: z.string().nullable(),
        publisher: z.string().nullable(),
        release: z.string().nullable(),
        firmwareVersion: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'where the file comes from; null when it is not on record' }),
    licenses: z.array(LicenseUsedShape).meta({ description: 'licenses that a yes rests on' }),
    lastLawfulDay: z
      .string()
      .nullable()
      .meta({ description: 'last day it is lawful, as far as known today; null when no end is known' }),
    rule: z
      .object({ id: z.string(), regime: z.string(), citation: z.string() })
      .nullable()
      .meta({ description: 'the rule that decides, or comes nearest to; null when no list names the maker' }),
    needs: z.array(z.string()),
  })
  .meta({ id: 'PatchAnswer', description: 'Can it be patched? One answer for the device' })

export const PossibleVulnerabilityShape = z
  .object({
    id: z.string(),
    isKnownExploited: z.boolean(),
    dueOn: z.string().nullable(),
    because: z.enum(['no-model-named', 'maker-not-resolved']),
  })
  .meta({
    id: 'PossibleVulnerability',
    description:
      'A vulnerability that may be there, for a person to look at: its source names the maker and no model, or one of those who may have made the device is affected. Never scored.',
  })

export const FirmwareRiskShape = z
  .object({
    level: Level,
    score: z.int(),
    band: Band,
    urgency: Urgency,
    needsReview: z.boolean(),
    reasons: z.array(
      z
        .object({
          level: Level.nullable(),
          code: z.string(),
          about: z
            .string()
            .nullable()
            .meta({ description: 'id of a rule (as in `determinations`), license or vulnerability' }),
          text: z.string(),
          citation: z.string().nullable(),
        })
        .meta({ id: 'FirmwareReason' }),
    ),
    timeline: z.array(
      z
        .object({ from: z.string(), level: Level, because: z.array(z.string()) })
        .meta({ id: 'FirmwareTimelineEntry' }),
    ),
    cutOffOn: z
      .string()
      .nullable()
      .meta({ description: 'first day from which an update needs a license or is blocked' }),
    supportStatus: z.enum(['supported', 'no-end-announced', 'unknown', 'ends-within-a-year', 'ended']),
    vulnerabilities: z.array(OpenVulnerability),
    possibleVulnerabilities: z.array(PossibleVulnerabilityShape),
    missingFacts: z.array(z.string()),
    queue: Queue,
    since: z.string().meta({ description: 'first day it was found in this queue' }),
    actions: z.array(RiskAction),
    fix: RiskFix.nullable(),
    patch: PatchShape,
    outlook: OutlookShape,
    parts: z.array(z.object({ code: z.string(), text: z.string(), points: z.int() })),
    weightsVersion: z.string(),
  })
  .meta({
    id: 'FirmwareRisk',
    description:
      'Whether firmware can still be had, by law and in fact, and what to do. The level counts the licenses that are held; a determination says what the law is without them, so where it is stricter a reason `license-covers` names its rule and the license. The answer for a past day uses what was known of vulnerabilities on that day.',
  })
