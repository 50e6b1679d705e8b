/** Wire shapes of estimates and schedules. They are stored as they are told, so a field is never taken away. */
import { z } from 'zod'
import { PlanSettings } from './settings.ts'

const cents = z.int().meta({ description: 'whole cents of `currency`' })
const chance = z.number().meta({ description: '0 to 1' })

const Warning = z
  .object({ code: z.string(), message: z.string() })
  .meta({ id: 'PlanWarning', description: 'Something a reader of the figures has to know' })
export type Warning = z.infer<typeof Warning>

const Percentile = z
  .object({ percent: z.int(), cents })
  .meta({ id: 'CostPercentile', description: '`percent` in 100 chance that the cost is at or below `cents`' })

const Share = z
  .object({
    value: z.string(),
    label: z.string(),
    lines: z.int(),
    pointCents: cents,
    meanCents: cents,
    budgetCents: cents.meta({ description: 'share of the total at the chosen confidence' }),
  })
  .meta({ id: 'CostShare' })
export type Share = z.infer<typeof Share>

export const UsedPrice = z
  .object({
    code: z.string(),
    description: z.string(),
    category: z.string(),
    unit: z.string(),
    measure: z.string(),
    low: z.number(),
    expected: z.number(),
    high: z.number(),
    basis: z.string(),
    confidence: z.string(),
    source: z.string(),
    asOf: z.string(),
    isStale: z.boolean(),
  })
  .meta({ id: 'UsedPrice', description: 'A price as it stood when the estimate was made' })
export type UsedPrice = z.infer<typeof UsedPrice>

const CandidateUse = z
  .object({
    id: z.string(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    verdict: z.string(),
    mayBePaidFederally: z.boolean().nullable(),
    devices: z.int(),
  })
  .meta({ id: 'CandidateUse' })
export type CandidateUse = z.infer<typeof CandidateUse>

const GroundsShape = z
  .object({
    lawAsOf: z.string().meta({ description: 'the day whose law it is' }),
    listsReadOn: z.string().meta({ description: 'when the lists behind it were last read' }),
    rules: z.array(
      z.object({
        regime: z.string(),
        law: z.string(),
        activity: z.string(),
        outcome: z.string(),
        ruleId: z.string(),
        citation: z.string(),
        devices: z.int(),
      }),
    ),
    places: z.array(
      z.object({
        siteId: z.string().meta({ description: 'empty for devices that stand at no site' }),
        vendor: z.string(),
        restriction: z.string(),
        devices: z.int(),
        rules: z.array(z.int()).meta({ description: 'positions in `rules`' }),
      }),
    ),
  })
  .meta({ id: 'PlanGrounds', description: 'The rules for which devices are in the plan, with citations' })

const YearlyCosts = z
  .object({
    bySite: z.array(z.object({ value: z.string(), cents })).meta({
      description: 'expected, of one year, in the money of the first fiscal year',
    }),
    items: z.array(
      z.object({
        code: z.string(),
        description: z.string(),
        units: z.int().meta({ description: 'priced by the year' }),
        unitCents: cents,
        cents,
      }),
    ),
    lifeYears: z.number().meta({ description: 'how long what is bought lasts' }),
    choices: z
      .array(
        z.object({
          vms: z.string(),
          onceCents: cents,
          yearlyCents: cents,
          overLifeCents: cents,
        }),
      )
      .meta({
        description: 'video management side by side: paid once, each year after the first, over the life',
      }),
  })
  .meta({ id: 'YearlyCosts', description: 'What comes every year after the one of the purchase' })
export type YearlyCosts = z.infer<typeof YearlyCosts>

export const Estimate = z
  .object({
    id: z.string(),
    planId: z.string(),
    jurisdictionId: z.string(),
    revision: z.int(),
    createdAt: z.string(),
    asOf: z.string(),
    currency: z.string(),
    moneyOf: z.string().meta({ description: 'the fiscal year in whose money the figures are' }),
    method: z.string(),
    inputsDigest: z.string().meta({ description: 'equal digests mean equal figures' }),
    catalogVersion: z.string(),
    knowledgeVersion: z.int(),
    grounds: GroundsShape.optional().meta({
      description: 'why its devices are in the plan; estimates made before 2026-11-29 do not say',
    }),
    devices: z.int(),
    missingDevices: z.int().meta({ description: 'in the plan and no longer on the register' }),
    sites: z.int(),
    pointCents: cents.meta({ description: 'sum of expected costs' }),
    meanCents: cents,
    sdCents: cents,
    sumOfLowsCents: cents,
    sumOfHighsCents: cents,
    percentiles: z.array(Percentile),
    confidence: z.int(),
    atConfidenceCents: cents,
    contingencyCents: cents,
    contingencyRatio: z.number(),
    chancePointSuffices: chance,
    curve: z.array(Percentile).meta({ description: 'P1 to P99 of the closed form' }),
    simulation: z.object({
      distribution: z.literal('triangular'),
      trials: z.int(),
      seed: z.int(),
      meanCents: cents,
      sdCents: cents,
      percentiles: z.array(Percentile),
      curve: z.array(Percentile),
      atConfidenceCents: cents,
      contingencyCents: cents,
      chancePointSuffices: chance,
      agreesWithClosedForm: z.boolean().nullable(),
    }),
    tornado: z.array(
      z.object({
        code: z.string(),
        label: z.string(),
        lowCents: cents,
        highCents: cents,
        swingCents: cents,
      }),
    ),
    bySite: z.array(
      Share.extend({
        devices: z.int(),
        riskPoints: z.int(),
        unpriced: z
          .int()
          .optional()
          .meta({ description: 'of the devices, without a price and in no figure' }),
      }),
    ),
    byCategory: z.array(Share),
    byCostKind: z.array(Share),
    byScope: z.array(Share).meta({ description: 'like-for-like and betterment apart' }),
    unpriced: z.array(z.object({ deviceClass: z.string(), devices: z.int() })),
    turnkey: z
      .array(
        z.object({
          mount: z.string(),
          code: z.string(),
          builtUpCents: cents,
          lowCents: cents,
          highCents: cents,
          verdict: z.string(),
        }),
      )
      .meta({ description: 'what one camera comes to beside what whole jobs cost elsewhere' }),
    candidates: z.array(CandidateUse),
    makers: z
      .array(z.object({ name: z.string(), devices: z.int() }))
      .optional()
      .meta({ description: 'who made the old devices, most first' }),
    yearly: YearlyCosts.optional(),
    prices: z.array(UsedPrice),
    settings: PlanSettings,
    warnings: z.array(Warning),
  })
  .meta({
    id: 'PlanEstimate',
    description: 'Immutable. An estimate is not an appropriation.',
  })
export type EstimateDocument = z.infer<typeof Estimate>

const Grid = z
  .object({
    columns: z.array(z.string()).meta({ description: '`prior`, one per fiscal year, `total`' }),
    expenditure: z.array(z.object({ element: z.string(), cents: z.array(cents) })),
    expenditureTotal: z.array(cents),
    funding: z.array(
      z.object({ source: z.string(), fundingSourceId: z.string().nullable(), cents: z.array(cents) }),
    ),
    fundingTotal: z.array(cents),
    operatingImpactCents: cents.meta({
      description:
        'what comes every year once all that is scheduled is done, in the money of the first fiscal year',
    }),
    operating: z
      .array(z.object({ fiscalYear: z.int(), cents }))
      .optional()
      .meta({
        description: 'what comes in each fiscal year for what earlier ones have bought, in its money',
      }),
  })
  .meta({ id: 'CapitalPage', description: 'Both totals agree to the cent' })
export type CapitalPage = z.infer<typeof Grid>

const PhasingOutcome = z
  .object({
    isFeasible: z.boolean(),
    unplacedSites: z.int(),
    riskPointYears: z.int(),
    presentValueCents: cents,
    nominalCents: cents,
    yearsTouched: z.int(),
    years: z.array(
      z.object({
        fiscalYear: z.int(),
        from: z.string(),
        lastDay: z.string(),
        sites: z.int(),
        devices: z.int(),
        spendCents: cents,
      }),
    ),
  })
  .meta({ id: 'PhasingOutcome' })
export type PhasingOutcome = z.infer<typeof PhasingOutcome>

export const Remedies = z
  .object({
    beyondMoney: z.array(z.object({ siteId: z.string().nullable(), site: z.string() })).meta({
      description:
        'sites that no money brings into a year: too few days before the deadline; left out of the amounts',
    }),
    enough: z.array(
      z.object({
        kind: z.enum(['money', 'deadline', 'lanes', 'sites']),
        words: z.string(),
        fundingSourceId: z
          .string()
          .nullable()
          .meta({ description: 'null: local money that may pay for anything' }),
        cents: cents.nullable(),
        years: z.array(z.object({ fiscalYear: z.int(), cents })),
        months: z.int().nullable().meta({ description: 'by which every deadline is later' }),
        lanes: z.int().nullable().meta({ description: 'sites worked on at the same time' }),
        sites: z.int().nullable().meta({ description: 'sites in a fiscal year' }),
        isProven: z.boolean().meta({ description: 'less would not do' }),
      }),
    ),
  })
  .meta({
    id: 'PlanRemedies',
    description:
      'What by itself would make a plan fit that does not; absent where all fits or no fund is named',
  })
export type RemediesDocument = z.infer<typeof Remedies>

export const Schedule = z
  .object({
    id: z.string(),
    planId: z.string(),
    jurisdictionId: z.string(),
    estimateId: z.string(),
    revision: z.int(),
    createdAt: z.string(),
    asOf: z.string(),
    currency: z.string(),
    method: z.string(),
    inputsDigest: z.string(),
    isFeasible: z.boolean().meta({
      description: 'every site is placed within every limit, and every cent has a payer: the gap is 0',
    }),
    used: z.enum(['solver', 'greedy']),
    status: z.enum(['optimal', 'near-optimal', 'time-limit', 'failed']).meta({
      description:
        '`optimal` is proven, `near-optimal` is proven within 1 in 10,000; otherwise `gap` says how far it may be off',
    }),
    gap: z.number(),
    seconds: z.number(),
    stages: z.array(
      z.object({
        objective: z.string(),
        words: z.string().optional().meta({ description: 'the objective in words' }),
        status: z.string(),
        value: z.number(),
        bound: z.number().nullable(),
        gap: z.number().nullable(),
        seconds: z.number(),
      }),
    ),
    outcome: PhasingOutcome,
    greedy: PhasingOutcome.meta({ description: 'the plan a person would make by hand, for comparison' }),
    doesNotFit: z.array(
      z.object({
        siteId: z.string().nullable(),
        site: z.string(),
        devices: z.int(),
        obstacles: z.array(
          z.object({
            fiscalYear: z.int(),
            kind: z.string(),
            needed: z.string().nullable(),
            left: z.string().nullable(),
            because: z.string(),
          }),
        ),
      }),
    ),
    remedies: Remedies.optional(),
    sites: z.array(
      z.object({
        siteId: z.string().nullable(),
        site: z.string(),
        devices: z.int(),
        riskPoints: z.int(),
        fiscalYear: z.int().nullable(),
        from: z.string().nullable(),
        lastDay: z.string().nullable(),
        orderFrom: z.string().nullable().optional().meta({
          description: 'first day on which the money for the order may be committed',
        }),
        orderBy: z.string().nullable().optional().meta({
          description: 'last day of the order for work to begin on `from`',
        }),
        crewDays: z.number(),
        deadline: z.string().nullable(),
        costCents: cents.meta({
          description: 'in the money of its fiscal year, with what is ordered or paid',
        }),
        committedCents: cents.optional().meta({ description: 'ordered or paid for it already' }),
        payers: z
          .array(z.object({ fundingSourceId: z.string().nullable(), cents }))
          .optional()
          .meta({ description: 'who pays what is left; null is nobody' }),
      }),
    ),
    completed: z
      .array(
        z.object({
          siteId: z.string().nullable(),
          site: z.string(),
          devices: z.int(),
          completedOn: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'recorded as done, so no longer part of the plan' }),
    rollout: z
      .object({
        orderedOn: z.string(),
        startOn: z.string(),
        deadline: z.string(),
        workingDaysAvailable: z.int(),
        workingDaysNeeded: z.int(),
        doneByDeadline: z.int(),
        shortfall: z.int(),
        lateBySite: z.array(z.object({ site: z.string(), devices: z.int() })),
        completeOn: z.string().nullable(),
        ratePerDay: z.string(),
        requiredRate: z.string().nullable(),
        latestStartOn: z.string(),
        latestOrderOn: z.string(),
        orderLateByDays: z.int(),
        deviceDaysOverDeadline: z.int(),
      })
      .nullable()
      .meta({
        description: 'whether crews alone could make the deadline, money left aside; null without one',
      }),
    burnDown: z.array(z.object({ on: z.string(), openPoints: z.int(), openDevices: z.int() })),
    funding: z.object({
      sources: z.array(
        z.object({
          fundingSourceId: z.string(),
          name: z.string(),
          isFederal: z.boolean(),
          eligibleCents: cents,
          paidCents: cents.meta({ description: 'by this schedule, beside what is ordered or paid' }),
          committedCents: cents.optional().meta({ description: 'ordered or paid for this plan' }),
          usedElsewhereCents: cents.optional().meta({
            description: 'ordered, paid or scheduled by other plans of the city',
          }),
          leftCents: cents.nullable().optional().meta({
            description: 'of the total cap after all of that; null without a total cap',
          }),
          matchRequiredCents: cents,
          matchFoundCents: cents,
          years: z.array(z.object({ fiscalYear: z.int(), paidCents: cents, capCents: cents.nullable() })),
          ineligible: z.array(z.object({ because: z.string(), cents })),
          debtService: z
            .object({
              ratePercent: z.number(),
              years: z.int(),
              interestCents: cents,
              payments: z.array(z.object({ fiscalYear: z.int(), cents })),
            })
            .optional()
            .meta({ description: 'of what this schedule draws; from other money, and in no request' }),
          citation: z.string(),
        }),
      ),
      years: z.array(z.object({ fiscalYear: z.int(), needCents: cents, paidCents: cents, gapCents: cents })),
      gapCents: cents.meta({ description: 'what nobody pays' }),
      caps: z.array(z.object({ fiscalYear: z.int(), cents: cents.nullable() })).meta({
        description:
          'the most that all sources can pay in a year, a pooled total in each year of its period; null when one of them has no limit',
      }),
    }),
    capitalPage: Grid,
    nextCycle: z
      .array(z.object({ fiscalYear: z.int(), cents }))
      .optional()
      .meta({
        description:
          'when what is bought has reached its life, the same work again in the money of that year',
      }),
    writeOff: z
      .object({
        totalCents: cents,
        years: z.array(z.object({ fiscalYear: z.int(), cents })),
        devicesValued: z.int(),
        devicesWithoutCost: z.int(),
      })
      .meta({ description: 'book value of what is removed: no cash, never part of a request' }),
    settings: PlanSettings,
    warnings: z.array(Warning),
  })
  .meta({ id: 'PlanSchedule', description: 'Immutable.' })
export type ScheduleDocument = z.infer<typeof Schedule>
