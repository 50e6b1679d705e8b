/**
 * Which site is replaced in which fiscal year, under caps, crews and deadlines: what a plan means, what it
 * costs, whether it holds, and the plan a person would make by hand (greedy). `phase-model.ts` finds the
 * best one.
 *
 * Sites are done whole: mobilisation, traffic control and survey are paid once per visit.
 */
import type { PlainDate } from '../calendar.ts'
import {
  type Cents,
  decimal,
  escalated,
  formatDollars,
  ONE,
  percent,
  plus,
  presentValue,
  ratio,
  roundHalfUp,
  sum,
  times,
} from '../money.ts'
import type { Decimal } from './estimate.ts'
import { type FiscalYear, fiscalYearOf } from './fiscal.ts'
import { type Issue, refuse } from './invalid.ts'

export interface PhasingSite {
  readonly key: string
  /** What each year of delay costs in safety: a whole number, such as cameras x risk score. */
  readonly riskPoints: number
  /** Cost when done in that fiscal year, see `costsByYear`. A year that is absent is not possible. */
  readonly costCents: ReadonlyMap<FiscalYear, Cents>
  /** Ids of the funds that may pay for it, the one to use first in front. */
  readonly funds: readonly string[]
  /** Last day on which the old equipment may stand; null for none. Hard. */
  readonly deadline: PlainDate | null
  readonly crewDays: Decimal
  /** Sites that must be done in the same or an earlier year. */
  readonly after: readonly string[]
}

export interface PhasingProblem {
  /** First to last; delay is counted in years after the first. */
  readonly years: readonly FiscalYear[]
  readonly fiscalYearStartMonth: number
  readonly sites: readonly PhasingSite[]
  /** A fund without a cap for a year has nothing in it: a grant outside its period. */
  readonly caps: readonly { readonly fund: string; readonly year: FiscalYear; readonly cents: Cents }[]
  /**
   * Crew days in a year; with `until`, those up to that day, which bind the sites whose deadline is then or
   * before. A year without a row is not limited.
   */
  readonly crews: readonly {
    readonly year: FiscalYear
    readonly until: PlainDate | null
    readonly days: Decimal
  }[]
  /** At most so many sites in one year; null for no limit. */
  readonly maxSitesPerYear: number | null
  readonly discountPercent: Decimal
}

/** The year of each site by its key; null when it is left out. */
export type Plan = ReadonlyMap<string, FiscalYear | null>

export interface Outcome {
  /** Every site placed and nothing violated. */
  readonly isFeasible: boolean
  readonly violations: readonly string[]
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
  /** Sum of the caps minus the spend. */
  readonly unusedCents: Cents
  /** Who pays; empty when the funds that are allowed to cannot. */
  readonly funds: readonly { readonly fund: string; readonly cents: Cents }[]
}

/** Why a site cannot be put into a year beside the rest of a plan. */
export interface Obstacle {
  readonly year: FiscalYear
  readonly kind: 'deadline' | 'no-fund' | 'cap' | 'crew-days' | 'sites' | 'precedence'
  /** In cents for a cap, days for crews, sites for sites; null for the others. */
  readonly needed: string | null
  readonly left: string | null
  readonly because: string
}

export interface Misfit {
  readonly site: string
  readonly obstacles: readonly Obstacle[]
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

/** What a plan comes to. Keys that are not sites of the problem are an error; absent sites are unplaced. */
export function evaluatePlan(problem: PhasingProblem, plan: Plan): Outcome {
  return evaluate(prepare(problem), plan)
}

export type GreedyOrder = 'risk' | 'risk-per-dollar'

/**
 * The plan made by hand: sites with a deadline first, the earliest first, then by risk points or by risk
 * points per dollar, each into the earliest year that still takes it. Never better than the optimum; it is
 * shown beside it and starts the search for it.
 */
export function greedyPlan(problem: PhasingProblem, order: GreedyOrder): Plan {
  return greedy(prepare(problem), order)
}

/** For each site that a plan leaves out, what stands in the way in each year. */
export function misfits(problem: PhasingProblem, plan: Plan): readonly Misfit[] {
  const prepared = prepare(problem)
  const used = new Map<Limit, bigint>()
  for (const [year, limits] of prepared.limits) {
    const placed = problem.sites.flatMap((site, i) => (plan.get(site.key) === year ? [i] : []))
    for (const limit of limits) used.set(limit, sum(placed.map((i) => limit.use.get(i) ?? 0n)))
  }
  return problem.sites
    .filter((site) => (plan.get(site.key) ?? null) === null)
    .map((site) => ({ site: site.key, obstacles: obstaclesOf(prepared, plan, used, site) }))
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

/** One upper bound on what the sites of a year use up. */
export interface Limit {
  readonly kind: 'cap' | 'crew-days' | 'sites'
  readonly year: FiscalYear
  /** Funds of a cap, the last day of a crew limit. */
  readonly of: string
  readonly capacity: bigint
  /** Use per site by its place in the problem: cents, thousandths of a crew day, or sites. */
  readonly use: ReadonlyMap<number, bigint>
}

/** A problem with its bounds spelt out; sites keep their order. */
export interface Prepared {
  readonly problem: PhasingProblem
  readonly place: ReadonlyMap<string, number>
  readonly limits: ReadonlyMap<FiscalYear, readonly Limit[]>
  /** Per site the years that are possible at all when it stands alone. */
  readonly allowed: readonly (readonly FiscalYear[])[]
}

/**
 * Checks a problem and spells out its bounds. Throws InvalidInput.
 *
 * Funds: the sites of a year can be paid exactly if, for every set of funds, the sites that only those funds
 * may pay cost no more than they hold (max-flow min-cut). Only unions of the sites' own fund sets matter,
 * so a handful of bounds says it without a variable per site and fund.
 */
export function prepare(problem: PhasingProblem): Prepared {
  refuse(faultsOf(problem))
  const place = new Map(problem.sites.map((site, i) => [site.key, i]))
  const limits = new Map(problem.years.map((year) => [year, limitsOf(problem, year)]))
  const allowed = problem.sites.map((site, i) =>
    problem.years.filter(
      (year) =>
        site.costCents.has(year) &&
        isBeforeDeadline(problem, site, year) &&
        limits.get(year)!.every((limit) => (limit.use.get(i) ?? 0n) <= limit.capacity),
    ),
  )
  return { problem, place, limits, allowed }
}

export function evaluate(prepared: Prepared, plan: Plan): Outcome {
  const { problem, place } = prepared
  const unknown = [...plan.keys()].filter((key) => !place.has(key))
  refuse(unknown.map((key) => ({ pointer: '/plan', detail: `${key} is not a site of the problem.` })))
  const yearOf = (key: string): FiscalYear | null => plan.get(key) ?? null

  const unplaced = problem.sites.filter((site) => yearOf(site.key) === null)
  const violations: string[] = []
  for (const site of problem.sites) {
    const year = yearOf(site.key)
    if (year === null) continue
    if (!site.costCents.has(year)) violations.push(`${site.key} has no cost in FY${year}`)
    if (!isBeforeDeadline(problem, site, year))
      violations.push(`${site.key} is due by ${site.deadline}, before FY${year}`)
    for (const before of site.after) {
      const earlier = yearOf(before)
      if (earlier === null || earlier > year) violations.push(`${site.key} needs ${before} first`)
    }
  }
  const years = problem.years.map((year): YearOutcome => {
    const sites = problem.sites.filter((site) => yearOf(site.key) === year)
    for (const limit of prepared.limits.get(year)!) {
      const used = sum(sites.map((site) => limit.use.get(place.get(site.key)!) ?? 0n))
      if (used > limit.capacity) violations.push(`FY${year}: ${overrun(limit, used)}`)
    }
    const caps = capsIn(problem, year)
    const spendCents = sum(sites.map((site) => site.costCents.get(year) ?? 0n))
    return {
      year,
      sites: sites.map((site) => site.key),
      spendCents,
      unusedCents: sum(caps.values()) - spendCents,
      funds: payments(sites, year, caps),
    }
  })
  const first = problem.years[0] ?? 0
  const rate = percent(problem.discountPercent)
  return {
    isFeasible: unplaced.length === 0 && violations.length === 0,
    violations,
    unplaced: unplaced.map((site) => site.key),
    unplacedWithDeadline: unplaced.filter((site) => site.deadline !== null).length,
    unplacedRiskPoints: unplaced.reduce((total, site) => total + site.riskPoints, 0),
    riskPointYears: problem.sites.reduce(
      (total, site) => total + site.riskPoints * ((yearOf(site.key) ?? first) - first),
      0,
    ),
    presentValueCents: presentValue(
      years.map(({ year, spendCents }) => ({ years: year - first, cents: spendCents })),
      rate,
    ),
    nominalCents: sum(years.map((year) => year.spendCents)),
    years,
    yearsTouched: years.filter((year) => year.sites.length > 0).length,
  }
}

export function greedy(prepared: Prepared, order: GreedyOrder): Plan {
  const { problem } = prepared
  const waiting = [...problem.sites].sort((a, b) => {
    if (a.deadline !== b.deadline) return (a.deadline ?? '9999') < (b.deadline ?? '9999') ? -1 : 1
    return rankOf(b, order) - rankOf(a, order) || (a.key < b.key ? -1 : 1)
  })
  const plan = new Map<string, FiscalYear | null>()
  const left = new Map([...prepared.limits].map(([year, limits]) => [year, limits.map((l) => l.capacity)]))
  while (waiting.length > 0) {
    // The best site whose predecessors are settled; cycles were refused.
    const next = waiting.findIndex((site) => site.after.every((key) => plan.has(key)))
    const [site] = waiting.splice(next, 1) as [PhasingSite]
    plan.set(site.key, earliestYear(prepared, plan, left, site))
  }
  return plan
}

function earliestYear(
  prepared: Prepared,
  plan: Plan,
  left: ReadonlyMap<FiscalYear, bigint[]>,
  site: PhasingSite,
): FiscalYear | null {
  const i = prepared.place.get(site.key)!
  const earlier = site.after.map((key) => plan.get(key) ?? null)
  if (earlier.includes(null)) return null
  for (const year of prepared.allowed[i]!) {
    if (earlier.some((before) => before! > year)) continue
    const [limits, room] = [prepared.limits.get(year)!, left.get(year)!]
    if (limits.some((limit, l) => (limit.use.get(i) ?? 0n) > room[l]!)) continue
    for (const [l, limit] of limits.entries()) room[l]! -= limit.use.get(i) ?? 0n
    return year
  }
  return null
}

function rankOf(site: PhasingSite, order: GreedyOrder): number {
  if (order === 'risk') return site.riskPoints
  const [cost] = site.costCents.values()
  return cost === undefined || cost === 0n ? Number.MAX_VALUE : site.riskPoints / Number(cost)
}

function obstaclesOf(
  prepared: Prepared,
  plan: Plan,
  used: ReadonlyMap<Limit, bigint>,
  site: PhasingSite,
): readonly Obstacle[] {
  const { problem, place } = prepared
  const obstacles: Obstacle[] = []
  const add = (year: FiscalYear, kind: Obstacle['kind'], because: string, numbers?: [string, string]) =>
    obstacles.push({ year, kind, needed: numbers?.[0] ?? null, left: numbers?.[1] ?? null, because })
  for (const year of problem.years) {
    if (!isBeforeDeadline(problem, site, year)) {
      add(year, 'deadline', `The deadline ${site.deadline} falls before this year.`)
      continue
    }
    const caps = capsIn(problem, year)
    if (!site.costCents.has(year) || !site.funds.some((fund) => caps.has(fund))) {
      add(year, 'no-fund', 'No fund that may pay for this site has money in this year.')
      continue
    }
    for (const before of site.after) {
      const earlier = plan.get(before) ?? null
      if (earlier === null || earlier > year)
        add(year, 'precedence', `${before} has to be done first and is not done by then.`)
    }
    for (const limit of prepared.limits.get(year)!) {
      const needed = limit.use.get(place.get(site.key)!) ?? 0n
      const room = limit.capacity - used.get(limit)!
      if (needed > room)
        add(year, limit.kind, shortage(limit, needed, room), [amountOf(limit, needed), amountOf(limit, room)])
    }
  }
  return obstacles
}

function shortage(limit: Limit, needed: bigint, room: bigint): string {
  const alone = needed > limit.capacity ? ', less than the site needs even alone' : ''
  const total = amountOf(limit, limit.capacity)
  switch (limit.kind) {
    case 'cap':
      return `Needs ${formatDollars(needed)} of ${limit.of}; ${formatDollars(room)} of ${formatDollars(limit.capacity)} are left${alone}.`
    case 'crew-days':
      return `Needs ${amountOf(limit, needed)} crew days${limit.of}; ${amountOf(limit, room)} of ${total} are left${alone}.`
    case 'sites':
      return `The year already takes ${total} sites.`
    default:
      return limit.kind satisfies never
  }
}

function overrun(limit: Limit, used: bigint): string {
  if (limit.kind === 'cap')
    return `${formatDollars(used)} of ${limit.of} used, ${formatDollars(limit.capacity)} allowed`
  const what = limit.kind === 'sites' ? 'sites' : `crew days${limit.of}`
  return `${amountOf(limit, used)} ${what} used, ${amountOf(limit, limit.capacity)} allowed`
}

function amountOf(limit: Limit, amount: bigint): string {
  return limit.kind === 'crew-days' ? String(Number(amount) / 1000) : String(amount)
}

function isBeforeDeadline(problem: PhasingProblem, site: PhasingSite, year: FiscalYear): boolean {
  return site.deadline === null || year <= fiscalYearOf(site.deadline, problem.fiscalYearStartMonth)
}

function capsIn(problem: PhasingProblem, year: FiscalYear): Map<string, Cents> {
  const caps = new Map<string, Cents>()
  for (const cap of problem.caps) {
    if (cap.year === year) caps.set(cap.fund, (caps.get(cap.fund) ?? 0n) + cap.cents)
  }
  return caps
}

function limitsOf(problem: PhasingProblem, year: FiscalYear): readonly Limit[] {
  const limits: Limit[] = []
  const caps = capsIn(problem, year)
  for (const funds of unionsOf(problem.sites.map((site) => site.funds))) {
    const use = new Map<number, bigint>()
    for (const [i, site] of problem.sites.entries()) {
      if (site.funds.every((fund) => funds.has(fund))) use.set(i, site.costCents.get(year) ?? 0n)
    }
    const capacity = sum([...funds].map((fund) => caps.get(fund) ?? 0n))
    limits.push({ kind: 'cap', year, of: [...funds].sort().join(' + ') || 'no fund', capacity, use })
  }
  for (const crew of problem.crews) {
    if (crew.year !== year) continue
    const use = new Map<number, bigint>()
    for (const [i, site] of problem.sites.entries()) {
      const isBound = crew.until === null || (site.deadline !== null && site.deadline <= crew.until)
      if (isBound) use.set(i, thousandths(site.crewDays, 'up'))
    }
    const of = crew.until === null ? '' : ` by ${crew.until}`
    limits.push({ kind: 'crew-days', year, of, capacity: thousandths(crew.days, 'down'), use })
  }
  if (problem.maxSitesPerYear !== null) {
    const use = new Map(problem.sites.map((_, i) => [i, 1n]))
    limits.push({ kind: 'sites', year, of: '', capacity: BigInt(problem.maxSitesPerYear), use })
  }
  return limits
}

/** Every union of the given sets, each once; 2^n of n distinct sets at most, which `faultsOf` keeps small. */
function unionsOf(sets: readonly (readonly string[])[]): readonly ReadonlySet<string>[] {
  const distinct = new Map(sets.map((set) => [[...set].sort().join('\n'), new Set(set)]))
  const unions = new Map<string, Set<string>>()
  for (const [key, set] of distinct) {
    for (const union of [...unions.values()]) {
      const joined = new Set([...union, ...set])
      unions.set([...joined].sort().join('\n'), joined)
    }
    unions.set(key, set)
  }
  return [...unions.values()]
}

/**
 * Who pays what in a year: funds in each site's order of preference, moving earlier choices along when that
 * is what it takes (augmenting paths). Empty when no division exists.
 */
function payments(
  sites: readonly PhasingSite[],
  year: FiscalYear,
  caps: ReadonlyMap<string, Cents>,
): readonly { readonly fund: string; readonly cents: Cents }[] {
  const left = new Map(caps)
  const groups = new Map<string, { funds: readonly string[]; paid: Map<string, Cents> }>()
  for (const site of sites) {
    const key = site.funds.join('\n')
    const group = groups.get(key) ?? { funds: site.funds, paid: new Map<string, Cents>() }
    groups.set(key, group)
    let owed = site.costCents.get(year) ?? 0n
    while (owed > 0n) {
      const paid = augment([...groups.values()], group, left, owed)
      if (paid === 0n) return []
      owed -= paid
    }
  }
  return [...caps]
    .map(([fund, cap]) => ({ fund, cents: cap - left.get(fund)! }))
    .filter(({ cents }) => cents > 0n)
}

type Payer = { readonly funds: readonly string[]; readonly paid: Map<string, Cents> }

/** Pays up to `owed` for one group over a shortest chain of funds, and returns how much that was. */
function augment(groups: readonly Payer[], from: Payer, left: Map<string, Cents>, owed: Cents): Cents {
  /** Per fund reached: the group that would draw on it, and the fund that group would then free. */
  const reached = new Map<string, { by: Payer; freeing: string | null }>()
  const queue: string[] = []
  for (const fund of from.funds) {
    if (left.has(fund) && !reached.has(fund)) queue.push(fund)
    if (left.has(fund)) reached.set(fund, { by: from, freeing: null })
  }
  for (const fund of queue) {
    if (left.get(fund)! > 0n) return payAlong(reached, fund, left, owed)
    for (const group of groups) {
      if ((group.paid.get(fund) ?? 0n) === 0n) continue
      for (const other of group.funds) {
        if (!left.has(other) || reached.has(other)) continue
        reached.set(other, { by: group, freeing: fund })
        queue.push(other)
      }
    }
  }
  return 0n
}

function payAlong(
  reached: ReadonlyMap<string, { by: Payer; freeing: string | null }>,
  end: string,
  left: Map<string, Cents>,
  owed: Cents,
): Cents {
  let amount = left.get(end)! < owed ? left.get(end)! : owed
  for (let fund: string | null = end; fund !== null; ) {
    const { by, freeing }: { by: Payer; freeing: string | null } = reached.get(fund)!
    if (freeing !== null && by.paid.get(freeing)! < amount) amount = by.paid.get(freeing)!
    fund = freeing
  }
  left.set(end, left.get(end)! - amount)
  for (let fund: string | null = end; fund !== null; ) {
    const { by, freeing }: { by: Payer; freeing: string | null } = reached.get(fund)!
    by.paid.set(fund, (by.paid.get(fund) ?? 0n) + amount)
    if (freeing !== null) by.paid.set(freeing, by.paid.get(freeing)! - amount)
    fund = freeing
  }
  return amount
}

function thousandths(days: Decimal, towards: 'up' | 'down'): bigint {
  const { n, d } = times(decimal(days), ratio(1000n))
  return towards === 'up' ? (n + d - 1n) / d : n / d
}

const MAX_FUND_SETS = 8

function faultsOf(problem: PhasingProblem): Issue[] {
  const issues: Issue[] = []
  const keys = new Set<string>()
  for (const [i, year] of problem.years.entries()) {
    if (i > 0 && year !== problem.years[i - 1]! + 1)
      issues.push({ pointer: `/years/${i}`, detail: 'Fiscal years follow each other without a gap.' })
  }
  for (const [i, cap] of problem.caps.entries()) {
    if (cap.cents < 0n) issues.push({ pointer: `/caps/${i}`, detail: 'A cap is not negative.' })
  }
  for (const [i, site] of problem.sites.entries()) {
    if (keys.has(site.key))
      issues.push({ pointer: `/sites/${i}/key`, detail: `Another site has the key ${site.key}.` })
    keys.add(site.key)
    if (!Number.isSafeInteger(site.riskPoints) || site.riskPoints < 0)
      issues.push({ pointer: `/sites/${i}/riskPoints`, detail: 'Risk points are a whole number.' })
    if ([...site.costCents.values()].some((cents) => cents < 0n))
      issues.push({ pointer: `/sites/${i}/costCents`, detail: 'A cost is not negative.' })
  }
  for (const [i, site] of problem.sites.entries()) {
    for (const key of site.after) {
      if (!keys.has(key))
        issues.push({ pointer: `/sites/${i}/after`, detail: `${key} is not a site of the problem.` })
    }
  }
  if (new Set(problem.sites.map((site) => [...site.funds].sort().join('\n'))).size > MAX_FUND_SETS)
    issues.push({ pointer: '/sites', detail: `At most ${MAX_FUND_SETS} different sets of funds.` })
  if (issues.length === 0 && hasCycle(problem.sites))
    issues.push({ pointer: '/sites', detail: 'Sites wait for each other in a circle.' })
  return issues
}

function hasCycle(sites: readonly PhasingSite[]): boolean {
  let waiting = [...sites]
  const done = new Set<string>()
  while (waiting.length > 0) {
    const still = waiting.filter((site) => !site.after.every((key) => done.has(key)))
    if (still.length === waiting.length) return true
    for (const site of waiting) {
      if (!still.includes(site)) done.add(site.key)
    }
    waiting = still
  }
  return false
}
