/** Scenarios as they are asked for and answered. An answer is stored as it is given, so a field is never taken away. */
import { z } from 'zod'
import { ACTIVITIES, OUTCOMES } from '../catalogue/outcomes.ts'
import { LEVELS } from '../firmware-risk/levels.ts'
import { Id, Instant, PlannedDay, someText } from '../http/schemas.ts'
import type { Sendable } from '../http/services.ts'
import { PlanSettings, PlanSettingsWrite } from '../planning/settings.ts'
import { DataVersions } from '../screening/routes.ts'
import { REACHES } from './model/reaches.ts'
import { TEMPLATE_IDS } from './model/template-ids.ts'
import { PATHS } from './model/ways.ts'

const Activity = z.enum(ACTIVITIES)
const Outcome = z.enum(OUTCOMES)
const Level = z.enum(LEVELS)
const Headline = z.object(
  Object.fromEntries(ACTIVITIES.map((activity) => [activity, Outcome])) as Record<
    (typeof ACTIVITIES)[number],
    typeof Outcome
  >,
)
const count = z.int().meta({ description: 'number of devices' })
const cents = z.int().meta({ description: 'whole cents of `currency`' })

const License = z.strictObject({
  name: someText(200),
  activities: z.array(Activity).min(1).max(ACTIVITIES.length),
  from: PlannedDay.optional().meta({ description: 'default the effective day' }),
  lastDay: PlannedDay.nullable().default(null).meta({ description: 'last day of cover; null for no end' }),
  includesOwned: z.boolean().default(true).meta({ description: 'whether it covers owned companies' }),
})

/** What can be supposed; every field has a default or is asked for by `complete`. */
const supposed = {
  makers: z
    .array(someText(200))
    .min(1)
    .max(50)
    .optional()
    .meta({
      description: 'who is listed, by catalog id or name',
      examples: [['hikvision']],
    }),
  largestMaker: z.boolean().optional().meta({
    description:
      'instead of `makers`: the maker with most devices in the registers that is not on the list yet',
  }),
  reach: z.enum(REACHES).optional().meta({
    description:
      'default `owned`: the named companies and what they own, as far as the law of the list goes; `named`: they and their trade names alone; `group`: every company of the group as if it were named',
  }),
  regime: someText(100).optional().meta({
    description:
      'whose list, by id or in short (`sdn`, `entity-list`, `fcc`, `1260h`, `889`); default `ofac-sdn`',
  }),
  program: someText(100).nullable().optional().meta({ description: 'sanctions program of the entry' }),
  effectiveOn: PlannedDay.optional().meta({ description: 'first day on the list, past or to come' }),
  windDownDays: z.int().min(0).max(3650).nullable().optional().meta({
    description: 'days after the effective day during which a general license allows what the law bars',
  }),
  licenses: z.array(License).max(20).optional(),
}

export const ScenarioWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({
      description: 'operator and reviewer keys: one city, whose scenario it is',
    }),
    cities: z.array(Id).min(1).max(5000).optional().meta({
      description: 'operator and reviewer keys: these cities; default all that the key may see',
    }),
    name: someText(200).optional(),
    template: z.enum(TEMPLATE_IDS).optional().meta({
      description: 'a ready-made scenario; what is given beside it goes before it',
    }),
    ...supposed,
    asOf: PlannedDay.optional().meta({ description: 'the day from which is looked ahead; default today' }),
    plan: PlanSettingsWrite.optional().meta({
      description: 'capacity (crews, rate, lead time), funds, seed and all other settings of a plan',
    }),
    surge: z.number().gt(1).max(100).optional().meta({
      description: 'the rate of the crews times so much, as a second answer beside the first',
    }),
    budget: z.boolean().optional().meta({
      description: 'what replacing them costs and who pays; default true for one city, never for several',
    }),
    solverSeconds: z.number().min(0.1).max(60).default(5),
  })
  .meta({ id: 'NewScenario', description: 'What is supposed; nothing in the register changes' })
export type ScenarioWrite = z.output<typeof ScenarioWrite>

/** Three moments of one answer. */
const moments = <T extends z.ZodType>(value: T) => ({
  before: value.meta({ description: 'on the effective day without the scenario' }),
  after: value.meta({ description: 'on the effective day' }),
  ended: value.nullable().meta({ description: 'once the supposed licenses have ended; null when none ends' }),
})

const Rollout = z
  .object({
    ratePerDay: z.string(),
    orderedOn: z.string(),
    leadDays: z.int().optional().meta({ description: 'days from the order to the first work' }),
    startOn: z.string(),
    deadline: z.string().meta({ description: 'last day of the wind-down, or the effective day without one' }),
    devices: count,
    doneByDeadline: count,
    shortfall: count,
    completeOn: z.string().nullable().meta({ description: 'null when it would take decades' }),
    requiredRate: z.string().nullable(),
    latestOrderOn: z.string().nullable(),
    orderLateByDays: z.int().nullable().meta({ description: 'negative is slack' }),
    deviceDaysOverDeadline: z.int().nullable(),
  })
  .meta({ id: 'ScenarioRollout', description: 'What crews alone can do by the deadline, money left aside' })
export type RolloutAnswer = z.infer<typeof Rollout>

const Budget = z
  .object({
    currency: z.string(),
    devices: count,
    unpriced: z.array(z.object({ deviceClass: z.string(), devices: z.int() })),
    pointCents: cents,
    percentiles: z.array(z.object({ percent: z.int(), cents })),
    atConfidenceCents: cents,
    confidence: z.int(),
    contingencyCents: cents,
    finishOn: z
      .string()
      .nullable()
      .meta({ description: 'of the best schedule under caps, crews and deadlines' }),
    unplacedSites: z.int(),
    unplaced: z
      .array(
        z.object({
          site: z.string(),
          devices: z.int(),
          costCents: cents
            .optional()
            .meta({ description: 'in the money of the first year it could be done' }),
        }),
      )
      .meta({ description: 'sites that fit in no year: in the percentiles, not in `years`' }),
    years: z.array(z.object({ fiscalYear: z.int(), needCents: cents, paidCents: cents, gapCents: cents })),
    funds: z.array(
      z.object({
        fundingSourceId: z.string(),
        name: z.string(),
        years: z.array(z.object({ fiscalYear: z.int(), paidCents: cents, capCents: cents.nullable() })),
      }),
    ),
    gapCents: cents.meta({
      description: 'what nobody pays: of the years, and of the sites that fit in none',
    }),
    writeOffCents: cents.meta({ description: 'book value that is lost; no cash' }),
    devicesWithoutCost: z.int(),
    solver: z.object({ status: z.string(), gap: z.number() }),
    settings: PlanSettings,
    warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'ScenarioBudget' })
export type BudgetAnswer = z.infer<typeof Budget>

const Application = z
  .object({
    jurisdictionId: z.string(),
    city: z.string(),
    regime: z.string(),
    authority: z.string(),
    from: z.string().meta({ description: 'first day on which it is needed' }),
    activities: z.array(Activity),
    entities: z.array(z.string()),
    devices: count,
    models: z.array(z.object({ model: z.string(), devices: z.int() })),
    vulnerabilities: z.array(z.string()),
    facts: z
      .array(z.string())
      .meta({ description: 'a draft of the facts of an application, sentence by sentence' }),
  })
  .meta({ id: 'ScenarioApplication', description: 'A license that would be needed. A draft, no filing' })
export type ApplicationAnswer = z.infer<typeof Application>

const City = z
  .object({
    jurisdictionId: z.string(),
    name: z.string(),
    state: z.string().nullable(),
    devices: count,
    hit: count,
    open: count.meta({ description: 'of those hit: a person has to look first' }),
    share: z.number().meta({ description: 'hit of all, 0 to 1' }),
    criticalHit: count.meta({ description: 'for public safety or critical infrastructure' }),
    cutOff: count.meta({ description: 'their updates are cut off' }),
    losesPatches: count.meta({ description: 'with an open vulnerability whose fix can no longer be had' }),
    rollout: Rollout.nullable().meta({ description: 'null when nothing is to be replaced' }),
    canFinish: z.boolean(),
    unpatchableDeviceDays: z.int().nullable().meta({
      description:
        'over devices cut off: days from the cut-off to their replacement; null when that would take decades',
    }),
  })
  .meta({ id: 'ScenarioCity' })
export type CityAnswer = z.infer<typeof City>

export const ScenarioDocument = z
  .object({
    id: z.string(),
    hypothetical: z.literal(true),
    notice: z.string(),
    name: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: 'null for one over several cities' }),
    inputsDigest: z.string().meta({ description: 'SHA-256 of all that the answer follows from' }),
    program: z.string(),
    dataVersions: DataVersions,
    asOf: z.string(),
    supposed: z.object({
      makers: z.array(z.object({ id: z.string(), name: z.string() })),
      reach: z.enum(REACHES),
      regime: z.string(),
      regimeTitle: z.string(),
      program: z.string().nullable(),
      effectiveOn: z.string(),
      windDownLastDay: z.string().nullable(),
      licenses: z.array(
        z.object({
          name: z.string(),
          activities: z.array(Activity),
          from: z.string(),
          lastDay: z.string().nullable(),
          includesOwned: z.boolean(),
        }),
      ),
      listings: z.array(z.object({ id: z.string(), vendor: z.string(), name: z.string() })),
      replaced: z.array(z.string()).meta({
        description: 'listings in force that are played again: what is before is without them',
      }),
    }),
    totals: z.object({
      cities: z.int(),
      devices: count,
      hit: count,
      certain: count,
      open: count,
      unknownMakers: count.meta({
        description: 'nobody knows who made them: not counted as hit, nor as spared',
      }),
    }),
    paths: z.array(z.object({ path: z.enum(PATHS), meaning: z.string(), certain: count, open: count })),
    activities: z.array(z.object({ activity: Activity, ...moments(Outcome), devices: count })),
    missingFacts: z.array(z.object({ fact: z.string(), devices: count })).meta({
      description: 'not recorded, so that the stricter answer was taken; the most frequent first',
    }),
    firmware: z.object({
      levels: z.array(z.object({ ...moments(Level), devices: count })),
      cutOffs: z
        .array(z.object({ cutOffOn: z.string(), saveBy: z.string(), devices: count, withoutImage: count }))
        .meta({
          description: 'when updates stop, the last day to fetch images, and how many have none kept',
        }),
      images: z.array(
        z.object({
          maker: z.string().nullable(),
          model: z.string().nullable(),
          firmwareVersion: z.string().nullable(),
          updateChannel: z.string().nullable(),
          saveBy: z.string(),
          devices: count,
          isKept: z.boolean(),
        }),
      ),
      unpatchable: z.array(z.object({ id: z.string(), isKnownExploited: z.boolean(), devices: count })),
      devicesLosingPatches: count,
    }),
    applications: z.array(Application),
    cities: z.array(City),
    reviewer: z.object({
      share: z.number(),
      unpatchableDeviceDays: z.int(),
      citiesHit: z.int(),
      citiesThatCannotFinish: z.array(z.string()),
    }),
    surge: z.object({ factor: z.number(), rollout: Rollout }).nullable(),
    budget: Budget.nullable().meta({ description: 'null for several cities, or when it was not asked for' }),
    notKnown: z
      .array(z.string())
      .meta({ description: 'what the answer does not know or count, in sentences' }),
  })
  .meta({ id: 'Scenario', description: 'Hypothetical, computed once and kept as it was' })
export type ScenarioDocument = z.infer<typeof ScenarioDocument>

export const ScenarioSummary = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable(),
    name: z.string(),
    regime: z.string(),
    effectiveOn: z.string(),
    devicesHit: z.int(),
    inputsDigest: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'ScenarioSummary' })

export const ScenarioDevice = z
  .object({
    hypothetical: z.literal(true),
    scenario: z.string(),
    jurisdictionId: z.string(),
    city: z.string(),
    deviceId: z
      .string()
      .nullable()
      .meta({ description: 'null for a group, in a scenario over several cities' }),
    assetTag: z.string().nullable(),
    name: z.string().nullable(),
    site: z.string().nullable(),
    devices: count,
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    deviceClass: z.string().nullable(),
    purpose: z.string().nullable(),
    firmwareVersion: z.string().nullable(),
    updateChannel: z.string().nullable(),
    maker: z.string().nullable(),
    path: z.enum(PATHS),
    certainty: z.enum(['certain', 'open']),
    way: z.string().meta({ description: 'from the device up to the listed company' }),
    confidence: z.number().meta({ description: 'of who made it, 0 to 1' }),
    headline: z
      .object(moments(Headline))
      .meta({ description: 'the worst outcome over all laws, by activity' }),
    level: z.object(moments(Level)).meta({ description: 'of firmware updates' }),
    saveImagesBy: z.string().nullable(),
    hasImage: z.boolean(),
    vulnerabilitiesLost: z.array(z.string()),
    needsLicenseFor: z.array(Activity),
  })
  .meta({ id: 'ScenarioDevice', description: 'Hypothetical: one device, or a group of equal ones' })
export type ScenarioDevice = Sendable<z.infer<typeof ScenarioDevice>>
