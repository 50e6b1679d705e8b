/** What a plan is computed with. Everything has a default, is shown with every answer, and can be set. */
import { z } from 'zod'
import { Cents, Day, Id, PlannedDay } from '../http/schemas.ts'
import { type CostCatalogue, isUplift } from './costs/model/catalogue.ts'
import type { Issue } from './model/errors.ts'
import { MONDAY_TO_FRIDAY } from './schedule/model/crew-calendar.ts'

const PLAIN_DECIMAL = /^\d{1,9}(\.\d{1,6})?$/

/** A number that is exact as a decimal of at most six places. */
const plainNumber = (max: number) =>
  z
    .number()
    .min(0)
    .max(max)
    .refine((value) => PLAIN_DECIMAL.test(String(value)), 'must have at most six decimals')

const Percent = plainNumber(100)
const code = z.string().regex(/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$/, 'must be a code such as SFT-PM')

const SiteSettings = z.strictObject({
  siteId: Id,
  deadline: Day.nullable().optional().meta({ description: "null lifts the plan's deadline for this site" }),
  crewDays: plainNumber(10_000).optional().meta({ description: 'instead of devices / devicesPerCrewDay' }),
  after: z
    .array(Id)
    .max(50)
    .optional()
    .meta({ description: 'sites whose work ends before the work here begins' }),
})

const fields = {
  firstFiscalYear: z.int().min(2000).max(2200).meta({
    description: 'by the calendar year in which it ends; also the year whose money the estimate is in',
  }),
  fiscalYears: z.int().min(1).max(15),
  distribution: z
    .enum(['pert', 'triangular'])
    .meta({ description: 'of the closed form; the simulation is triangular' }),
  correlation: z.strictObject({
    withinClass: z.number().min(0).max(1),
    acrossClasses: z.number().min(0).max(1),
    betweenFactors: z.number().min(0).max(1),
  }),
  confidence: z.int().min(1).max(99).meta({ description: 'in 100: the chance that the budget suffices' }),
  trials: z.int().min(1000).max(1_000_000),
  seed: z.int().min(0).max(0xffffffff),
  escalationPercent: Percent.meta({ description: 'rise of prices in a year' }),
  discountPercent: Percent.meta({ description: 'nominal, for present values' }),
  contractorPercent: Percent.meta({ description: "a general contractor's part of each line" }),
  percentCodes: z.array(code).max(10).meta({ description: 'percentages on top of cost, by catalog code' }),
  projectCosts: z
    .array(z.strictObject({ code, quantity: plainNumber(1e6) }))
    .max(50)
    .meta({ description: 'paid once for the whole project' }),
  vms: z.enum(['new-license', 'move-license', 'cloud']),
  installRate: z.enum(['LAB-TECH', 'LAB-TECH-INH']).meta({ description: 'contractor or own staff' }),
  polesPerDay: plainNumber(100).refine((value) => value > 0, 'must be above 0'),
  hasEnclosure: z.boolean().meta({ description: 'pole cameras come with a new enclosure' }),
  crews: z.int().min(1).max(1000),
  devicesPerCrewDay: plainNumber(1000).refine((value) => value > 0, 'must be above 0'),
  leadDays: z.int().min(0).max(3650).meta({ description: 'calendar days from the order to the first work' }),
  orderOn: Day.nullable().meta({ description: 'day of the order; null is the day of the estimate' }),
  deadline: Day.nullable().meta({ description: 'last day on which the old devices may stand' }),
  maxSitesPerYear: z.int().min(1).max(100_000).nullable(),
  maxSitesDark: z.int().min(1).max(1000).nullable().meta({ description: 'sites worked on at the same time' }),
  holidays: z.enum(['us-federal', 'none']),
  extraHolidays: z.array(Day).max(1000).meta({ description: "the city's own days off" }),
  workweek: z.array(z.int().min(0).max(6)).min(1).max(7).meta({ description: '0 is Sunday' }),
  fundingSources: z
    .array(Id)
    .max(50)
    .nullable()
    .meta({ description: 'in the order in which they pay; null is all of the city, by priority' }),
  debts: z
    .array(
      z.strictObject({
        fundingSourceId: Id,
        ratePercent: Percent,
        years: z.int().min(1).max(50).meta({ description: 'payments, one a year' }),
      }),
    )
    .max(50)
    .optional()
    .meta({
      description: 'sources that are borrowed: what they cost afterwards is shown, and is in no request',
    }),
  otherPlans: z.enum(['reserve', 'ignore']).optional().meta({
    description:
      'default reserve: whether money that the latest schedules of other plans count on is left to them; what they have ordered or paid always is',
  }),
  variantOf: Id.nullable().optional().meta({
    description:
      'the plan of which this is a variant; of the two only one will be carried out. They leave each other’s money and devices out of account, and share what was ordered, paid and done. A variant that is not approved reserves no money',
  }),
  sites: z.array(SiteSettings).max(5000),
  books: z
    .strictObject({
      thresholdCents: Cents,
      groupsPurchases: z.boolean(),
      convention: z.enum(['half-year', 'full-month']),
      lifeMonths: z.int().min(1).max(1200),
    })
    .meta({ description: 'how the city capitalises; for what is written off, which is no cash' }),
}

export const PlanSettings = z.object(fields).meta({ id: 'PlanSettings' })
export type PlanSettings = z.infer<typeof PlanSettings>

/** Settings to set; absent ones stay, or take their default on a new plan. */
export const PlanSettingsWrite = z
  .strictObject({
    ...fields,
    orderOn: PlannedDay.nullable().meta({ description: fields.orderOn.meta()?.description }),
    deadline: PlannedDay.nullable().meta({ description: fields.deadline.meta()?.description }),
  })
  .partial()
  .meta({ id: 'PlanSettingsChange' })
export type PlanSettingsWrite = z.infer<typeof PlanSettingsWrite>

/** Assumptions that ship; `docs/methodology/replacement.md` says where each comes from. */
export function defaultSettings(firstFiscalYear: number): PlanSettings {
  return {
    firstFiscalYear,
    fiscalYears: 5,
    distribution: 'pert',
    // Between the factors of a line as within a class: the simulation draws them so.
    correlation: { withinClass: 0.5, acrossClasses: 0.2, betweenFactors: 0.5 },
    confidence: 80,
    trials: 100_000,
    seed: 20261123,
    escalationPercent: 3,
    discountPercent: 4,
    contractorPercent: 0,
    percentCodes: ['SFT-PM', 'SFT-ENG', 'SFT-PROC', 'SFT-FREIGHT'],
    projectCosts: [
      { code: 'DSP-CERT', quantity: 1 },
      { code: 'SFT-TRAIN', quantity: 1 },
    ],
    vms: 'new-license',
    installRate: 'LAB-TECH',
    polesPerDay: 4,
    hasEnclosure: true,
    crews: 2,
    devicesPerCrewDay: 4,
    leadDays: 75,
    orderOn: null,
    deadline: null,
    maxSitesPerYear: null,
    maxSitesDark: null,
    holidays: 'us-federal',
    extraHolidays: [],
    workweek: [...MONDAY_TO_FRIDAY],
    fundingSources: null,
    debts: [],
    otherPlans: 'reserve',
    variantOf: null,
    sites: [],
    books: { thresholdCents: 500_000, groupsPurchases: true, convention: 'half-year', lifeMonths: 96 },
  }
}

/** Settings that depend on each other or on the catalog; pointers begin at the settings. */
export function faultsOfSettings(settings: PlanSettings, catalogue: CostCatalogue): Issue[] {
  const issues: Issue[] = []
  const { withinClass, acrossClasses } = settings.correlation
  if (acrossClasses > withinClass)
    issues.push({ pointer: '/correlation', detail: 'needs acrossClasses <= withinClass' })
  const rows = new Map(catalogue.rows.map((row) => [row.code, row]))
  for (const [i, percentCode] of settings.percentCodes.entries()) {
    const row = rows.get(percentCode)
    if (!row || !isUplift(row))
      issues.push({ pointer: `/percentCodes/${i}`, detail: 'is not a percentage of the catalog' })
    else if (percentCode === 'SFT-CONT')
      issues.push({
        pointer: `/percentCodes/${i}`,
        detail: 'is a flat contingency, which must not be added to one that reaches a percentile',
      })
  }
  for (const [i, cost] of settings.projectCosts.entries()) {
    if (rows.get(cost.code)?.measure !== 'cents')
      issues.push({ pointer: `/projectCosts/${i}/code`, detail: 'is not a price of the catalog' })
  }
  const sites = new Set<string>()
  for (const [i, site] of settings.sites.entries()) {
    if (sites.has(site.siteId)) issues.push({ pointer: `/sites/${i}/siteId`, detail: 'is listed twice' })
    sites.add(site.siteId)
  }
  return issues
}
