/**
 * Which site is replaced when, and who pays which part of it: what a problem says, what a plan comes to, and
 * which of two plans is better. `windows.ts` says when a fund may pay, `phase-model.ts` finds the best plan.
 *
 * Sites are done whole: mobilisation, traffic control and survey are paid once per visit.
 */
import { addDays, earlier, type PlainDate } from '../../../../lib/calendar.ts'
import {
  type Cents,
  decimal,
  escalated,
  ONE,
  percent,
  plus,
  presentValue,
  ratio,
  roundHalfUp,
  sum,
  times,
} from '../../../../lib/money.ts'
import type { Decimal } from '../../../estimate/model/three-point.ts'
import type { FundingSource, NeedKind } from '../../../funding/model/rules.ts'
import { type Issue, refuse } from '../../../model/errors.ts'
import type { FiscalYear } from '../../../model/fiscal-year.ts'
import { type WorkDays, workDaysOf } from './visits.ts'
import { type Window, windowsOf } from './windows.ts'

/** A part of what a site costs that the same rules of funds decide. */
export interface CostPart {
  /** Place in the problem's `kinds`. */
  readonly kind: number
  /** When the site is done in that fiscal year, see `costsByYear`. */
  readonly costCents: ReadonlyMap<FiscalYear, Cents>
}

export interface PhasingSite {
  readonly key: string
  /** What each year of delay costs in safety: a whole number, such as cameras x risk score. */
  readonly riskPoints: number
  readonly parts: readonly CostPart[]
  /** Last day on which the old equipment may stand; null for none. Hard. */
  readonly deadline: PlainDate | null
  /** Rounded up to whole days, at least one: a crew is not sent to two sites on one day. */
  readonly crewDays: Decimal
  /** Sites whose work ends before this one's begins. */
  readonly after: readonly string[]
  /** Funds that an order for this site is placed on: the work ends within their period. */
  readonly boundTo: readonly string[]
}

export interface PhasingKind extends NeedKind {
  /** Calendar days between the order and the first work. */
  readonly leadDays: number
}

export interface PhasingFund extends FundingSource {
  /** Ordered, paid or promised elsewhere, by the fiscal year that it counts to. */
  readonly used: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[]
  /** Part of `used` that this plan has ordered or paid, which the match has to follow. */
  readonly committedCents: Cents
  /** What others have ordered or paid for this plan and counts as match of this fund. */
  readonly matchedCents: Cents
}

/** A fund that pays everything, of which nothing is used. */
export const NO_LIMITS: Omit<PhasingFund, 'id'> = {
  isFederal: false,
  period: { from: null, to: null },
  periodOf: 'work',
  purposes: null,
  activities: null,
  costKinds: null,
  paysBetterment: true,
  sharePercent: 100,
  shareOf: 'award',
  matchSources: null,
  totalCapCents: null,
  yearCaps: null,
  carriesForward: false,
  citation: '',
  used: [],
  committedCents: 0n,
  matchedCents: 0n,
}

export interface PhasingProblem {
  /** First to last; delay is counted in years after the first. */
  readonly years: readonly FiscalYear[]
  readonly fiscalYearStartMonth: number
  readonly kinds: readonly PhasingKind[]
  readonly sites: readonly PhasingSite[]
  /** In the order in which they pay. */
  readonly funds: readonly PhasingFund[]
  /** First day of work at all. */
  readonly startOn: PlainDate
  /** Sites worked on at the same time: crews, or fewer when fewer may be dark. */
  readonly lanes: number
  readonly holidays: ReadonlySet<PlainDate>
  /** 0 is Sunday. */
  readonly workweek: readonly number[]
  /** null for no limit. */
  readonly maxSitesPerYear: number | null
  readonly discountPercent: Decimal
}

/** The window of each site by its key; null when it is left out. */
export type Plan = ReadonlyMap<string, Window | null>

export interface Outcome {
  /** Every site is placed. Money, crews and order are settled before a plan becomes one. */
  readonly isComplete: boolean
  readonly unplaced: readonly string[]
  readonly unplacedWithDeadline: number
  readonly unplacedRiskPoints: number
  /** Risk points x years after the first, over the sites that are placed. */
  readonly riskPointYears: number
  readonly presentValueCents: Cents
  readonly nominalCents: Cents
  readonly years: readonly YearOutcome[]
  readonly yearsTouched: number
}

export interface YearOutcome {
  readonly year: FiscalYear
  readonly sites: readonly string[]
  readonly spendCents: Cents
}

/** A window that a site may be done in, with the working days that are left of it before the deadline. */
export interface Choice {
  readonly window: Window
  /** Working days by number, both included. */
  readonly first: number
  readonly last: number
  readonly costCents: Cents
  readonly needs: readonly { readonly payers: number; readonly cents: Cents }[]
}

/** A problem with its windows spelled out; sites keep their order. */
export interface Prepared {
  readonly problem: PhasingProblem
  readonly place: ReadonlyMap<string, number>
  readonly workDays: WorkDays
  readonly windows: readonly Window[]
  /** Whole days of work per site. */
  readonly days: readonly number[]
  readonly choices: readonly (readonly Choice[])[]
}

/**
 * The same base cost in the money of each year: base x (1 + contingency) x (1 + escalation)^(year − base
 * year), rounded half-up once per year.
 */
export function costsByYear(
  baseCents: Cents,
  terms: {
    readonly contingencyPercent: Decimal
    readonly escalationPercent: Decimal
    readonly baseYear: FiscalYear
    readonly years: readonly FiscalYear[]
  },
): ReadonlyMap<FiscalYear, Cents> {
  const withContingency = times(ratio(baseCents), plus(ONE, percent(terms.contingencyPercent)))
  const rate = percent(terms.escalationPercent)
  return new Map(
    terms.years.map((year) => [year, roundHalfUp(escalated(withContingency, rate, year - terms.baseYear))]),
  )
}

/** Checks a problem and spells out when each site may be done. Throws InvalidInput. */
export function prepare(problem: PhasingProblem): Prepared {
  refuse(faultsOf(problem))
  const workDays = workDaysOf(problem)
  const windows = windowsOf(problem).filter(
    (window) => workDays.atOrAfter(window.from) <= workDays.before(window.to),
  )
  const days = problem.sites.map((site) => wholeDays(site.crewDays))
  const choices = problem.sites.map((site, i) =>
    windows.flatMap((window) => choiceOf({ problem, workDays, site, days: days[i]! }, window) ?? []),
  )
  const place = new Map(problem.sites.map((site, i) => [site.key, i]))
  return { problem, place, workDays, windows, days, choices }
}

interface SiteTerms {
  readonly problem: PhasingProblem
  readonly workDays: WorkDays
  readonly site: PhasingSite
  readonly days: number
}

/** null when the site cannot be done in the window: nobody pays a part, or too few days. */
function choiceOf({ problem, workDays, site, days }: SiteTerms, window: Window): Choice | null {
  const first = workDays.atOrAfter(window.from)
  const last = workDays.before(endOfWork(site, window.to))
  if (last - first + 1 < days) return null
  if (!isWithinOrders(problem, site, window)) return null
  const needs = new Map<number, Cents>()
  for (const part of site.parts) {
    const cents = part.costCents.get(window.year)
    if (cents === undefined) return null
    if (cents === 0n) continue
    const payers = window.payersOf[part.kind]!
    if (window.payers[payers]!.length === 0) return null
    needs.set(payers, (needs.get(payers) ?? 0n) + cents)
  }
  return {
    window,
    first,
    last,
    costCents: sum(needs.values()),
    needs: [...needs].map(([payers, cents]) => ({ payers, cents })),
  }
}

/** First day on which nothing may be left to do at a site, of a stretch that ends before `to`. */
export function endOfWork({ deadline }: PhasingSite, to: PlainDate): PlainDate {
  return deadline === null ? to : earlier(to, addDays(deadline, 1))
}

function isWithinOrders({ funds }: PhasingProblem, site: PhasingSite, window: Window): boolean {
  return site.boundTo.every((id) => {
    const fund = funds.find((one) => one.id === id)
    if (!fund || fund.periodOf === 'order') return true
    return fund.period.to === null || window.to <= fund.period.to
  })
}

export function choiceIn(prepared: Prepared, site: number, window: Window): Choice | undefined {
  return prepared.choices[site]!.find((choice) => choice.window === window)
}

/** Orders sites by their deadlines, those without one last. */
export function byDeadline({ deadline: a }: PhasingSite, { deadline: b }: PhasingSite): number {
  if (a === b) return 0
  return a !== null && (b === null || a < b) ? -1 : 1
}

/** What a plan comes to. Throws InvalidInput for keys that are not sites of the problem. */
export function evaluate(prepared: Prepared, plan: Plan): Outcome {
  const { problem, place } = prepared
  const unknown = [...plan.keys()].filter((key) => !place.has(key))
  refuse(unknown.map((key) => ({ pointer: '/plan', detail: `${key} is not a site of the problem.` })))
  const first = problem.years[0] ?? 0
  const unplaced = problem.sites.filter((site) => (plan.get(site.key) ?? null) === null)
  const byYear = new Map(problem.years.map((year) => [year, { sites: [] as string[], spendCents: 0n }]))
  let riskPointYears = 0
  for (const site of problem.sites) {
    const window = plan.get(site.key) ?? null
    if (window === null) continue
    const year = byYear.get(window.year)!
    year.sites.push(site.key)
    year.spendCents += sum(site.parts.map((part) => part.costCents.get(window.year) ?? 0n))
    riskPointYears += site.riskPoints * (window.year - first)
  }
  const years = [...byYear].map(([year, totals]) => ({ year, ...totals }))
  return {
    isComplete: unplaced.length === 0,
    unplaced: unplaced.map((site) => site.key),
    unplacedWithDeadline: unplaced.filter((site) => site.deadline !== null).length,
    unplacedRiskPoints: unplaced.reduce((total, site) => total + site.riskPoints, 0),
    riskPointYears,
    presentValueCents: presentValue(
      years.map(({ year, spendCents }) => ({ years: year - first, cents: spendCents })),
      percent(problem.discountPercent),
    ),
    nominalCents: sum(years.map((year) => year.spendCents)),
    years,
    yearsTouched: years.filter((year) => year.sites.length > 0).length,
  }
}

/**
 * Negative when a is the better outcome. In this order: no site with a deadline left out, least risk left
 * out, fewest risk-point-years, lowest present value, fewest years touched.
 */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  if (a.unplacedWithDeadline !== b.unplacedWithDeadline)
    return a.unplacedWithDeadline - b.unplacedWithDeadline
  const left = (o: Outcome) => o.unplacedRiskPoints + o.unplaced.length
  if (left(a) !== left(b)) return left(a) - left(b)
  if (a.riskPointYears !== b.riskPointYears) return a.riskPointYears - b.riskPointYears
  if (a.presentValueCents !== b.presentValueCents) return a.presentValueCents < b.presentValueCents ? -1 : 1
  return a.yearsTouched - b.yearsTouched
}

function wholeDays(crewDays: Decimal): number {
  const { n, d } = decimal(crewDays)
  return Math.max(1, Number((n + d - 1n) / d))
}

function faultsOf(problem: PhasingProblem): Issue[] {
  const issues: Issue[] = []
  const fault = (pointer: string, detail: string) => issues.push({ pointer, detail })
  const keys = new Set(problem.sites.map((site) => site.key))
  for (const [i, year] of problem.years.entries()) {
    if (i > 0 && year !== problem.years[i - 1]! + 1)
      fault(`/years/${i}`, 'Fiscal years follow each other without a gap.')
  }
  if (!(problem.lanes >= 1)) fault('/crews', 'At least one crew and one dark site.')
  if (problem.workweek.length === 0) fault('/workweek', 'A working week has a day.')
  for (const [i, fund] of problem.funds.entries()) {
    const caps = [fund.totalCapCents ?? 0n, ...(fund.yearCaps ?? []).map((cap) => cap.cents)]
    if (caps.some((cents) => cents < 0n)) fault(`/funds/${i}`, 'A cap is not negative.')
    const share = percent(fund.sharePercent)
    if (share.n <= 0n || share.n > share.d)
      fault(`/funds/${i}/sharePercent`, 'A share is above 0 and at most 100 percent.')
  }
  const seen = new Set<string>()
  for (const [i, site] of problem.sites.entries()) {
    if (seen.has(site.key)) fault(`/sites/${i}/key`, `Another site has the key ${site.key}.`)
    seen.add(site.key)
    if (!Number.isSafeInteger(site.riskPoints) || site.riskPoints < 0)
      fault(`/sites/${i}/riskPoints`, 'Risk points are a whole number.')
    if (site.parts.some((part) => [...part.costCents.values()].some((cents) => cents < 0n)))
      fault(`/sites/${i}/parts`, 'A cost is not negative.')
    for (const key of site.after) {
      if (!keys.has(key)) fault(`/sites/${i}/after`, `${key} is not a site of the problem.`)
    }
  }
  if (issues.length === 0 && hasCycle(problem.sites))
    fault('/sites', 'Sites wait for each other in a circle.')
  return issues
}

function hasCycle(sites: readonly PhasingSite[]): boolean {
  let waiting = [...sites]
  const done = new Set<string>()
  while (waiting.length > 0) {
    const still = waiting.filter((site) => !site.after.every((key) => done.has(key)))
    if (still.length === waiting.length) return true
    for (const site of waiting) if (!still.includes(site)) done.add(site.key)
    waiting = still
  }
  return false
}
