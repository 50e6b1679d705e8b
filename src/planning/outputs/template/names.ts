/** The names that a city gives to cells and areas of its own workbook, and what comes into them. Pure. */
import type { ScheduleDocument } from '../../documents.ts'
import { covered, isDoneInTime } from '../model/labels.ts'
import type { PlanReport } from '../model/report.ts'
import { requestOf } from '../model/request.ts'

export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'nothing' }

/** What stands in an area: one cell, or rows of cells. */
export type Filling = readonly (readonly Value[])[]

/** Before every name, so that a city's other names are left alone. */
export const PREFIX = 'Camledger_'

const NOTHING: Value = { kind: 'nothing' }
const text = (value: string | null | undefined): Value =>
  value === null || value === undefined || value === '' ? NOTHING : { kind: 'text', text: value }
const number = (value: number | null | undefined): Value =>
  value === null || value === undefined ? NOTHING : { kind: 'number', number: value }
const dollars = (cents: number | null | undefined): Value =>
  number(cents === null || cents === undefined ? null : cents / 100)
const day = (value: string | null | undefined): Value =>
  value === null || value === undefined ? NOTHING : { kind: 'day', day: value }
const yesNo = (value: boolean | null | undefined): Value =>
  value === null || value === undefined ? NOTHING : text(value ? 'yes' : 'no')

interface Named {
  readonly words: string
  readonly of: (report: PlanReport) => Value
}

const daysOf = (
  schedule: ScheduleDocument | null,
  of: (site: ScheduleDocument['sites'][number]) => string | null | undefined,
) => (schedule?.sites ?? []).flatMap((site) => of(site) ?? []).sort()

/** One cell each. */
export const CELL_NAMES: Readonly<Record<string, Named>> = {
  City: { words: 'name of the city', of: ({ city }) => text(city.name) },
  Plan: { words: 'name of the plan', of: ({ plan }) => text(plan.name) },
  ProjectNumber: { words: "the city's number of the project", of: ({ plan }) => text(plan.projectNumber) },
  Description: { words: 'why, in the words of the plan', of: ({ plan }) => text(plan.description) },
  RunOn: { words: 'day on which the workbook was made', of: ({ runOn }) => day(runOn) },
  MoneyOf: {
    words: 'fiscal year in whose money the estimate is',
    of: ({ estimate }) => text(estimate.moneyOf),
  },
  Devices: { words: 'devices with a price', of: ({ estimate }) => number(covered(estimate).devices) },
  DevicesWithoutPrice: {
    words: 'devices in no figure',
    of: ({ estimate }) => number(covered(estimate).without),
  },
  Sites: { words: 'sites', of: ({ estimate }) => number(covered(estimate).sites) },
  ExpectedCost: { words: 'expected prices added up', of: ({ estimate }) => dollars(estimate.pointCents) },
  Contingency: { words: 'reserve', of: ({ estimate }) => dollars(estimate.contingencyCents) },
  Budget: { words: 'expected cost and reserve', of: ({ estimate }) => dollars(estimate.atConfidenceCents) },
  Confidence: { words: 'chance that it suffices, in 100', of: ({ estimate }) => number(estimate.confidence) },
  Request: {
    words: 'the one figure to ask for',
    of: ({ estimate, schedule }) => dollars(requestOf(estimate, schedule).cents),
  },
  PlannedSpending: {
    words: 'total of the capital page',
    of: ({ schedule }) => dollars(schedule?.capitalPage.expenditureTotal.at(-1)),
  },
  PresentValue: {
    words: 'present value',
    of: ({ schedule }) => dollars(schedule?.outcome.presentValueCents),
  },
  NotFunded: { words: 'what nobody pays', of: ({ schedule }) => dollars(schedule?.funding.gapCents) },
  EveryYear: {
    words: 'what comes every year afterwards',
    of: ({ schedule }) => dollars(schedule?.capitalPage.operatingImpactCents),
  },
  WrittenOff: {
    words: 'book value that is lost',
    of: ({ schedule }) => dollars(schedule?.writeOff.totalCents),
  },
  EverythingFits: { words: 'yes or no', of: ({ schedule }) => yesNo(schedule?.isFeasible) },
  DoneInTime: {
    words: 'yes or no; nothing without a deadline',
    of: ({ schedule }) => yesNo(schedule && isDoneInTime(schedule)),
  },
  Deadline: {
    words: 'last day on which the old devices may stand',
    of: ({ estimate }) => day(estimate.settings.deadline),
  },
  FirstOrder: {
    words: 'first day of an order',
    of: ({ schedule }) => day(daysOf(schedule, (site) => site.orderBy)[0]),
  },
  LastDay: {
    words: 'last day of work',
    of: ({ schedule }) => day(daysOf(schedule, (site) => site.lastDay).at(-1)),
  },
  ApprovedBy: { words: 'who approved it', of: ({ baseline }) => text(baseline?.approvedBy) },
  ApprovedOn: { words: 'when', of: ({ baseline }) => day(baseline?.approvedOn) },
  Resolution: { words: 'number of the resolution', of: ({ baseline }) => text(baseline?.reference) },
}

interface NamedTable {
  readonly words: string
  readonly of: (report: PlanReport) => Filling
}

type Page = ScheduleDocument['capitalPage']

const moneyRows = (rows: readonly { readonly name: string; readonly cents: readonly number[] }[]): Filling =>
  rows.map(({ name, cents }) => [text(name), ...cents.map((one) => dollars(one))])
const ofPage = (schedule: ScheduleDocument | null, of: (page: Page) => Filling): Filling =>
  schedule === null ? [] : of(schedule.capitalPage)

/** An area each, filled from its first row; it may be longer. */
export const TABLE_NAMES: Readonly<Record<string, NamedTable>> = {
  Years: {
    words: 'one row: heads of the columns of the capital page: prior, each fiscal year, total',
    of: ({ schedule }) => ofPage(schedule, ({ columns }) => [columns.map((one) => text(one))]),
  },
  Expenditure: {
    words: 'capital page: element, prior, each fiscal year, total',
    of: ({ schedule }) =>
      ofPage(schedule, ({ expenditure }) =>
        moneyRows(expenditure.map(({ element: name, cents }) => ({ name, cents }))),
      ),
  },
  ExpenditureTotal: {
    words: 'one row: prior, each fiscal year, total',
    of: ({ schedule }) =>
      ofPage(schedule, ({ expenditureTotal }) => [expenditureTotal.map((one) => dollars(one))]),
  },
  Funding: {
    words: 'capital page: fund, prior, each fiscal year, total',
    of: ({ schedule }) =>
      ofPage(schedule, ({ funding }) =>
        moneyRows(funding.map(({ source: name, cents }) => ({ name, cents }))),
      ),
  },
  FundingTotal: {
    words: 'one row: prior, each fiscal year, total',
    of: ({ schedule }) => ofPage(schedule, ({ fundingTotal }) => [fundingTotal.map((one) => dollars(one))]),
  },
  SiteList: {
    words: 'site, fiscal year, devices, order by, first day, last day, cost',
    of: ({ schedule }) =>
      (schedule?.sites ?? []).map((site) => [
        text(site.site),
        site.fiscalYear === null ? text('does not fit') : number(site.fiscalYear),
        number(site.devices),
        day(site.orderBy),
        day(site.from),
        day(site.lastDay),
        dollars(site.costCents),
      ]),
  },
}

/** What comes into a name; null for one that is not known. Letter case does not matter, as in Excel. */
export function fillingOf(
  name: string,
  report: PlanReport,
): { readonly rows: Filling; readonly isTable: boolean } | null {
  const wanted = name.slice(PREFIX.length).toLowerCase()
  const cell = Object.entries(CELL_NAMES).find(([known]) => known.toLowerCase() === wanted)
  if (cell) return { rows: [[cell[1].of(report)]], isTable: false }
  const table = Object.entries(TABLE_NAMES).find(([known]) => known.toLowerCase() === wanted)
  return table ? { rows: table[1].of(report), isTable: true } : null
}
