/**
 * What one change alone would make a plan fit that does not: more money, of whom, how much and in which year; a
 * later deadline; more sites worked on at the same time. Each answer is a whole plan, checked day by day and
 * in whole cents, so it holds; `isProven` says that less would not do.
 */
import { type Cents, sum } from '../../../../lib/money.ts'
import { addMonths, type FiscalYear } from '../../../model/fiscal-year.ts'
import { type Complete, completePlan } from './complete.ts'
import type { Solver } from './linear-program.ts'
import { isShared } from './payments.ts'
import { prepare } from './prepare.ts'
import { NO_LIMITS, type PhasingFund, type PhasingProblem, type PhasingSite } from './problem.ts'

export type Remedy =
  | {
      readonly kind: 'money'
      /** Place of the fund that gives more; null for local money that is free for anything. */
      readonly fund: number | null
      readonly cents: Cents
      readonly years: readonly { readonly year: FiscalYear; readonly cents: Cents }[]
      readonly isProven: boolean
    }
  | { readonly kind: 'deadline'; readonly months: number }
  | { readonly kind: 'lanes'; readonly lanes: number }
  /** In a fiscal year. */
  | { readonly kind: 'sites'; readonly sites: number }

export interface Remedies {
  /** Sites that no money brings into any year: the deadline is before the first day of work, or days are short. */
  readonly beyondMoney: readonly string[]
  /** Each by itself is enough for all other sites; empty when none is. */
  readonly enough: readonly Remedy[]
}

/** Id of the fund that stands for more money. */
const MORE = 'more'
/** Least deadline extensions that are tried, in months. */
const MONTHS = [1, 2, 3, 6, 9, 12, 18, 24, 36] as const
/** Sites at once, or in a year, that are tried beyond what there is. */
const MORE_MOST = 8

export function remediesOf(problem: PhasingProblem, solve: Solver, secondsAllowed: number): Remedies {
  const clock = new Clock(secondsAllowed)
  const money = withoutImpossible(problem)
  const enough: Remedy[] = []
  const add = (remedy: Remedy | null) => {
    if (remedy !== null) enough.push(remedy)
  }
  const { solvable, beyondMoney } = money
  if (solvable.sites.length > 0) {
    add(moreMoney(solvable, null, solve, clock))
    for (const fund of solvable.funds.keys()) add(moreMoney(solvable, fund, solve, clock))
  }
  add(laterDeadline(problem, solve, clock))
  add(moreLanes(problem, solve, clock))
  add(moreSites(problem, solve, clock))
  return { beyondMoney, enough }
}

/** Gives each question a part of what is left of the time. */
class Clock {
  #left: number

  constructor(seconds: number) {
    this.#left = seconds
  }

  get seconds(): number {
    return Math.max(0.1, this.#left / 3)
  }

  spend(seconds: number): void {
    this.#left -= seconds
  }

  get isOver(): boolean {
    return this.#left <= 0
  }
}

/** The problem without sites that unlimited local money does not bring into any window, and those that wait for them. */
function withoutImpossible(problem: PhasingProblem): {
  readonly solvable: PhasingProblem
  readonly beyondMoney: readonly string[]
} {
  const { choices } = prepare(withFund(problem, localMoney()))
  const beyond = new Set(problem.sites.filter((_, i) => choices[i]!.length === 0).map(({ key }) => key))
  const waits = ({ after }: PhasingSite) => after.some((key) => beyond.has(key))
  for (let grown = true; grown; ) {
    const more = problem.sites.filter((site) => !beyond.has(site.key) && waits(site))
    for (const { key } of more) beyond.add(key)
    grown = more.length > 0
  }
  const sites = problem.sites.filter(({ key }) => !beyond.has(key))
  return { solvable: { ...problem, sites }, beyondMoney: [...beyond] }
}

const localMoney = (): PhasingFund => ({ ...NO_LIMITS, id: MORE })

function withFund(problem: PhasingProblem, fund: PhasingFund): PhasingProblem {
  return { ...problem, funds: [...problem.funds, fund] }
}

/** The least more of one fund, or of local money, with which every site has a year and every cent a payer. */
function moreMoney(problem: PhasingProblem, fund: number | null, solve: Solver, clock: Clock): Remedy | null {
  if (clock.isOver) return null
  const given = fund === null ? withFund(problem, localMoney()) : withMoreOf(problem, problem.funds[fund]!)
  const last = given.funds.length - 1
  const found = completePlan(given, solve, { fund: last, seconds: clock.seconds })
  clock.spend(found.seconds)
  const { complete } = found
  if (complete === null) return null
  const years = yearsOf(complete, last)
  // Without the sites beyond money, the rest fits as it is.
  if (years.length === 0) return null
  return { kind: 'money', fund, cents: sum(years.map(({ cents }) => cents)), years, isProven: found.isProven }
}

function yearsOf({ payments }: Complete, fund: number) {
  const years = new Map<FiscalYear, Cents>()
  for (const { window, payer, cents } of payments) {
    if (payer.fund !== fund) continue
    const year = payer.year ?? window.year
    years.set(year, (years.get(year) ?? 0n) + cents)
  }
  return [...years].map(([year, cents]) => ({ year, cents })).sort((a, b) => a.year - b.year)
}

/** The fund a second time, with the same rules and as much as anything can cost. */
function withMoreOf(problem: PhasingProblem, fund: PhasingFund): PhasingProblem {
  const everything = sum(
    problem.sites.flatMap(({ parts }) =>
      parts.map(({ costCents }) => [...costCents.values()].reduce((a, b) => (b > a ? b : a), 0n)),
    ),
  )
  const more: PhasingFund = {
    ...fund,
    id: MORE,
    totalCapCents: null,
    yearCaps:
      fund.yearCaps === null ? null : problem.years.map((fiscalYear) => ({ fiscalYear, cents: everything })),
    used: [],
    committedCents: 0n,
    matchedCents: 0n,
  }
  const funds = problem.funds.map((other) =>
    other.matchSources?.includes(fund.id) && !isShared(fund)
      ? { ...other, matchSources: [...other.matchSources, MORE] }
      : other,
  )
  return { ...problem, funds: [...funds, more] }
}

function laterDeadline(problem: PhasingProblem, solve: Solver, clock: Clock): Remedy | null {
  if (problem.sites.every(({ deadline }) => deadline === null)) return null
  const months = least(MONTHS, (one) => fits(withLaterDeadlines(problem, one), solve, clock))
  return months === null ? null : { kind: 'deadline', months }
}

function withLaterDeadlines(problem: PhasingProblem, months: number): PhasingProblem {
  const later = (site: PhasingSite): PhasingSite =>
    site.deadline === null ? site : { ...site, deadline: addMonths(site.deadline, months) }
  return { ...problem, sites: problem.sites.map(later) }
}

function moreLanes(problem: PhasingProblem, solve: Solver, clock: Clock): Remedy | null {
  const lanes = least(above(problem.lanes), (one) => fits({ ...problem, lanes: one }, solve, clock))
  return lanes === null ? null : { kind: 'lanes', lanes }
}

function moreSites(problem: PhasingProblem, solve: Solver, clock: Clock): Remedy | null {
  const most = problem.maxSitesPerYear
  if (most === null) return null
  const sites = least(above(most), (one) => fits({ ...problem, maxSitesPerYear: one }, solve, clock))
  return sites === null ? null : { kind: 'sites', sites }
}

const above = (value: number) => Array.from({ length: MORE_MOST }, (_, i) => value + i + 1)

/** The first of rising values that is enough, where whatever is above one that is enough is enough too. */
function least(values: readonly number[], isEnough: (value: number) => boolean): number | null {
  let [low, high] = [0, values.length - 1]
  if (!isEnough(values[high]!)) return null
  while (low < high) {
    const middle = (low + high) >> 1
    if (isEnough(values[middle]!)) high = middle
    else low = middle + 1
  }
  return values[low]!
}

function fits(problem: PhasingProblem, solve: Solver, clock: Clock): boolean {
  if (clock.isOver) return false
  const { complete, seconds } = completePlan(problem, solve, { fund: null, seconds: clock.seconds })
  clock.spend(seconds)
  return complete !== null
}
