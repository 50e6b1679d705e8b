/**
 * The schedule of a plan: which site in which fiscal year, from whose money, and what that is on the capital
 * page. Pure; the solver is an argument.
 */
import { createHash } from 'node:crypto'
import { addDays, type PlainDate } from '../calendar.ts'
import {
  type Cents,
  decimal,
  escalated,
  percent,
  ratio,
  roundHalfUp,
  split,
  sum,
  times,
  toFixed,
} from '../money.ts'
import { METHOD, type StoredLine } from './compute-estimate.ts'
import type { Category } from './costs.ts'
import type { CapitalPage, EstimateDocument, PhasingOutcome, ScheduleDocument, Warning } from './documents.ts'
import { type FiscalYear, fiscalYearOf, fiscalYearPeriod } from './fiscal.ts'
import {
  type CostKind,
  capitalisation,
  type FundingSource,
  fund,
  ineligibility,
  type Need,
  type NeedActivity,
  writeOff,
} from './funding.ts'
import { NO_SITE } from './lines.ts'
import { costsByYear, type Outcome, type PhasingProblem, type PhasingSite, type Plan } from './phase.ts'
import type { Optimised } from './phase-model.ts'
import { rollOut, sequenceSites, workingDaysBetween } from './schedule.ts'
import { calendarOf, type PlanSettings } from './settings.ts'

/** A funding source with the name people know it by. */
export interface NamedSource extends FundingSource {
  readonly name: string
}

/** Devices bought together, as far as the register knows. */
export interface Purchase {
  readonly siteId: string | null
  /** null when the register has no cost in the plan's currency, or no date. */
  readonly unitCents: number | null
  readonly inServiceOn: PlainDate | null
  readonly count: number
}

export interface ScheduleJob {
  readonly id: string
  readonly createdAt: string
  readonly asOf: PlainDate
  readonly fiscalYearStartMonth: number
  readonly estimate: EstimateDocument
  readonly lines: readonly StoredLine[]
  readonly sources: readonly NamedSource[]
  readonly purchases: readonly Purchase[]
  /** Payments before the first fiscal year, by source. */
  readonly prior: readonly { readonly fundingSourceId: string | null; readonly cents: number }[]
  readonly seconds: number
}

/** One line, fund and fiscal year. Cents in the money of that year. */
export interface FundedLine {
  /** Place in the estimate's lines. */
  readonly line: number
  readonly fiscalYear: FiscalYear
  /** null for what nobody pays. */
  readonly fundingSourceId: string | null
  readonly lowCents: number
  readonly expectedCents: number
  readonly highCents: number
  readonly p50Cents: number
  readonly p80Cents: number
  readonly budgetCents: number
}

export interface ComputedSchedule {
  readonly document: ScheduleDocument
  readonly lines: readonly FundedLine[]
}

/** Finds the best plan within the seconds allowed. */
export type Optimise = (problem: PhasingProblem, seconds: number) => Optimised

/** Throws InvalidInput. */
export function computeSchedule(job: ScheduleJob, optimise: Optimise): ComputedSchedule {
  const { estimate } = job
  const { settings } = estimate
  const budget = budgetOf(job)
  const problem = problemOf(job, budget)
  const best = optimise(problem, job.seconds)
  const visits = visitsOf(job, problem, best.plan)
  const settled = settle(job, budget, best.plan)
  const siteOf = new Map(estimate.bySite.map((site) => [site.value, site]))
  const nameOf = (key: string) => siteOf.get(key)?.label ?? key
  const idOf = (key: string) => (key === NO_SITE ? null : key)
  const outcomeOf = (outcome: Outcome): PhasingOutcome => ({
    isFeasible: outcome.isFeasible,
    unplacedSites: outcome.unplaced.length,
    riskPointYears: outcome.riskPointYears,
    presentValueCents: Number(outcome.presentValueCents),
    nominalCents: Number(outcome.nominalCents),
    yearsTouched: outcome.yearsTouched,
    years: outcome.years.map((year) => {
      const { from, to } = fiscalYearPeriod(year.year, job.fiscalYearStartMonth)
      return {
        fiscalYear: year.year,
        from,
        lastDay: addDays(to, -1),
        sites: year.sites.length,
        devices: year.sites.reduce((total, key) => total + (siteOf.get(key)?.devices ?? 0), 0),
        spendCents: Number(year.spendCents),
      }
    }),
  })
  const unproven = best.stages.find((stage) => stage.status !== 'optimal')
  const document: ScheduleDocument = {
    id: job.id,
    planId: estimate.planId,
    jurisdictionId: estimate.jurisdictionId,
    estimateId: estimate.id,
    revision: estimate.revision,
    createdAt: job.createdAt,
    asOf: job.asOf,
    currency: estimate.currency,
    method: METHOD,
    inputsDigest: createHash('sha256')
      .update(JSON.stringify([estimate.inputsDigest, job.asOf, settings, job.sources, job.seconds], bigText))
      .digest('hex'),
    isFeasible: best.outcome.isFeasible,
    used: best.used,
    status: best.status,
    gap: unproven && Number.isFinite(unproven.gap) ? unproven.gap : 0,
    seconds: best.stages.reduce((total, stage) => total + stage.seconds, 0),
    stages: best.stages.map((stage) => ({
      ...stage,
      bound: Number.isFinite(stage.bound) ? stage.bound : null,
      gap: Number.isFinite(stage.gap) ? stage.gap : null,
    })),
    outcome: outcomeOf(best.outcome),
    greedy: outcomeOf(best.greedy.outcome),
    doesNotFit: best.misfits.map((misfit) => ({
      siteId: idOf(misfit.site),
      site: nameOf(misfit.site),
      devices: siteOf.get(misfit.site)?.devices ?? 0,
      obstacles: misfit.obstacles.map(({ year, because, ...obstacle }) => ({
        fiscalYear: year,
        ...obstacle,
        because: named(because, job, nameOf),
      })),
    })),
    sites: problem.sites.map((site) => {
      const fiscalYear = best.plan.get(site.key) ?? null
      const visit = visits.get(site.key)
      return {
        siteId: idOf(site.key),
        site: nameOf(site.key),
        devices: siteOf.get(site.key)?.devices ?? 0,
        riskPoints: site.riskPoints,
        fiscalYear,
        from: visit?.from ?? null,
        lastDay: visit?.lastDay ?? null,
        crewDays: Number(site.crewDays),
        deadline: site.deadline,
        costCents: Number(
          fiscalYear === null ? ([...site.costCents.values()][0] ?? 0n) : site.costCents.get(fiscalYear)!,
        ),
      }
    }),
    rollout: rolloutOf(job, problem, best.plan, nameOf),
    burnDown: burnDownOf(job, visits),
    funding: settled.funding,
    capitalPage: settled.capitalPage,
    writeOff: writeOffOf(job, visits),
    settings,
    warnings: [],
  }
  return { document: { ...document, warnings: warningsOf(document, problem, visits) }, lines: settled.lines }
}

function bigText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

/** Funds go by their ids in the solver's reasons; people know them by name. */
function named(because: string, job: ScheduleJob, nameOf: (key: string) => string): string {
  return because.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    const source = job.sources.find((one) => one.id === id)
    return source ? source.name : nameOf(id)
  })
}

// What a site costs.

interface Budget {
  /** Per site, at the chosen confidence and with its part of what the project pays once, in the plan's money. */
  readonly bySite: ReadonlyMap<string, { readonly own: Cents; readonly overhead: Cents }>
  readonly costs: ReadonlyMap<string, ReadonlyMap<FiscalYear, Cents>>
  readonly years: readonly FiscalYear[]
}

function budgetOf({ estimate }: ScheduleJob): Budget {
  const { settings } = estimate
  const years = Array.from({ length: settings.fiscalYears }, (_, i) => settings.firstFiscalYear + i)
  const project = BigInt(estimate.bySite.find((share) => share.value === '')?.budgetCents ?? 0)
  const sites = estimate.bySite.filter((share) => share.value !== '')
  const own = sites.map((share) => BigInt(share.budgetCents))
  const weights = sum(own) > 0n ? own : sites.map(() => 1n)
  const overhead = sites.length === 0 ? [] : split(project, weights)
  const bySite = new Map(sites.map((share, i) => [share.value, { own: own[i]!, overhead: overhead[i]! }]))
  const terms = {
    // The estimate has its contingency already.
    contingencyPercent: 0,
    escalationPercent: settings.escalationPercent,
    baseYear: settings.firstFiscalYear,
    years,
  }
  return {
    bySite,
    costs: new Map([...bySite].map(([key, part]) => [key, costsByYear(part.own + part.overhead, terms)])),
    years,
  }
}

// Which limits there are.

/** Name of the purse that stands for "no source is named yet": the plan is phased by crews and deadlines alone. */
const UNNAMED = 'unfunded'

function problemOf(job: ScheduleJob, budget: Budget): PhasingProblem {
  const { estimate, fiscalYearStartMonth: startMonth } = job
  const { settings } = estimate
  const bySite = new Map(settings.sites.map((site) => [site.siteId, site]))
  const needs = needsOf(job.lines)
  const keys = new Set(budget.bySite.keys())
  const total = sum([...budget.costs.values()].map((costs) => [...costs.values()].reduce(larger, 0n)))
  const caps = capsOf(job, budget.years, total)
  const sites = [...budget.bySite.keys()].map((key): PhasingSite => {
    const share = estimate.bySite.find((one) => one.value === key)!
    const own = bySite.get(key)
    return {
      key,
      riskPoints: share.riskPoints,
      costCents: budget.costs.get(key)!,
      funds: fundsOf(needs.get(key) ?? [], job),
      deadline: own?.deadline === undefined ? settings.deadline : own.deadline,
      crewDays: own?.crewDays ?? crewDaysOf(share.devices, settings),
      after: (own?.after ?? []).filter((other) => keys.has(other)),
    }
  })
  return {
    years: budget.years,
    fiscalYearStartMonth: startMonth,
    sites,
    caps,
    crews: crewsOf(job, budget.years, sites),
    maxSitesPerYear: settings.maxSitesPerYear,
    discountPercent: settings.discountPercent,
  }
}

/** Whole crew days: a crew is not sent to two sites on one day. */
function crewDaysOf(devices: number, settings: PlanSettings): number {
  return Math.max(1, Math.ceil(devices / settings.devicesPerCrewDay))
}

/** The funds that may pay everything a site needs, in the order in which they pay. */
function fundsOf(needs: readonly Need[], { sources }: ScheduleJob): readonly string[] {
  if (sources.length === 0) return [UNNAMED]
  return sources
    .filter((source) => {
      const anyDay = { ...source, period: { from: null, to: null } }
      return needs.every((need) => ineligibility(need, anyDay, 1) === null)
    })
    .map((source) => source.id)
}

/**
 * What each fund holds in each year for phasing. A total cap is laid over the years evenly where the source does
 * not say otherwise, and never exceeded. A source that pays a share is held to what the others can match.
 */
function capsOf(job: ScheduleJob, years: readonly FiscalYear[], everything: Cents): PhasingProblem['caps'] {
  if (job.sources.length === 0) return years.map((year) => ({ fund: UNNAMED, year, cents: everything }))
  const caps: { fund: string; year: FiscalYear; cents: Cents }[] = []
  const isWhole = (source: NamedSource) => Number(source.sharePercent) >= 100
  for (const source of job.sources) {
    const open = years.filter((year) => isOpenIn(source, year, job.fiscalYearStartMonth))
    const even =
      source.totalCapCents === null || open.length === 0
        ? open.map(() => everything)
        : split(
            source.totalCapCents,
            open.map(() => 1n),
          )
    let left = source.totalCapCents ?? everything * BigInt(Math.max(1, open.length))
    for (const [i, year] of open.entries()) {
      const own = source.yearCaps
        ? sum(source.yearCaps.filter((cap) => cap.fiscalYear === year).map((cap) => cap.cents))
        : even[i]!
      const cents = smaller(own, left)
      left -= cents
      caps.push({ fund: source.id, year, cents })
    }
  }
  const filled = caps.filter((cap) => cap.cents > 0n)
  const whole = new Set(job.sources.filter(isWhole).map((source) => source.id))
  return filled.map((cap) => {
    if (whole.has(cap.fund)) return cap
    const share = percent(job.sources.find((source) => source.id === cap.fund)!.sharePercent)
    const match = sum(
      filled.filter((one) => one.year === cap.year && whole.has(one.fund)).map((one) => one.cents),
    )
    // A share s needs (1 - s)/s of it from others, so others' m carry at most m·s/(1 - s).
    const carried = (match * share.n) / (share.d - share.n)
    return { ...cap, cents: smaller(cap.cents, carried) }
  })
}

/** More cents than any source has. */
const NO_LIMIT = 10n ** 18n

/** What all sources hold in a year; null when there is none, or one of them has no limit then. */
function capIn(job: ScheduleJob, years: readonly FiscalYear[], year: FiscalYear): number | null {
  const open = job.sources.filter((source) => isOpenIn(source, year, job.fiscalYearStartMonth))
  const isLimited = open.every((source) => source.yearCaps !== null || source.totalCapCents !== null)
  if (job.sources.length === 0 || !isLimited) return null
  const caps = capsOf(job, years, NO_LIMIT).filter((cap) => cap.year === year)
  return Number(sum(caps.map((cap) => cap.cents)))
}

function isOpenIn(source: NamedSource, year: FiscalYear, startMonth: number): boolean {
  const { from, to } = fiscalYearPeriod(year, startMonth)
  const { period } = source
  return (period.from === null || period.from <= from) && (period.to === null || period.to >= to)
}

/** Crew days of each year from the first possible day of work, and those up to each deadline. */
function crewsOf(
  job: ScheduleJob,
  years: readonly FiscalYear[],
  sites: readonly PhasingSite[],
): PhasingProblem['crews'] {
  const { settings } = job.estimate
  const startOn = startOf(job)
  const calendar = calendarFor(job)
  const daysIn = (from: PlainDate, lastDay: PlainDate) =>
    settings.crews * workingDaysBetween(from < startOn ? startOn : from, lastDay, calendar)
  const deadlines = [...new Set(sites.flatMap((site) => site.deadline ?? []))].sort()
  return years.flatMap((year) => {
    const period = fiscalYearPeriod(year, job.fiscalYearStartMonth)
    const inside = deadlines.filter((day) => day >= period.from && day < period.to)
    return [
      { year, until: null, days: daysIn(period.from, addDays(period.to, -1)) },
      ...inside.map((day) => ({ year, until: day, days: daysIn(period.from, day) })),
    ]
  })
}

function startOf(job: ScheduleJob): PlainDate {
  const { settings } = job.estimate
  return addDays(settings.orderOn ?? job.asOf, settings.leadDays)
}

function calendarFor(job: ScheduleJob) {
  const { settings } = job.estimate
  const first = Math.min(Number(job.asOf.slice(0, 4)), settings.firstFiscalYear - 1)
  return calendarOf(settings, first - 1, settings.firstFiscalYear + settings.fiscalYears + 2)
}

// When the crews come.

type Visits = ReadonlyMap<string, { readonly from: PlainDate; readonly lastDay: PlainDate }>

/** Within a year the sites with a deadline first, then those that take most risk away per crew day. */
function inWorkOrder(sites: readonly PhasingSite[]): readonly PhasingSite[] {
  const perDay = (site: PhasingSite) => site.riskPoints / Number(site.crewDays)
  return [...sites].sort(
    (a, b) =>
      ((a.deadline ?? '9999') < (b.deadline ?? '9999') ? -1 : a.deadline === b.deadline ? 0 : 1) ||
      perDay(b) - perDay(a) ||
      (a.key < b.key ? -1 : 1),
  )
}

function visitsOf(job: ScheduleJob, problem: PhasingProblem, plan: Plan): Visits {
  const { settings } = job.estimate
  const startOn = startOf(job)
  const calendar = calendarFor(job)
  const visits = new Map<string, { from: PlainDate; lastDay: PlainDate }>()
  for (const year of problem.years) {
    const { from } = fiscalYearPeriod(year, job.fiscalYearStartMonth)
    const sites = inWorkOrder(problem.sites.filter((site) => plan.get(site.key) === year))
    const inOrder = precededOrder(sites)
    const sequence = sequenceSites(inOrder, {
      startOn: [from, startOn].sort().at(-1)!,
      crews: settings.crews,
      maxDark: settings.maxSitesDark ?? settings.crews,
      calendar,
    })
    for (const { site, ...visit } of sequence) visits.set(site, visit)
  }
  return visits
}

/** The same order, with every site behind those it has to wait for. */
function precededOrder(sites: readonly PhasingSite[]): readonly PhasingSite[] {
  const waiting = [...sites]
  const done = new Set<string>()
  const here = new Set(sites.map((site) => site.key))
  const ordered: PhasingSite[] = []
  while (waiting.length > 0) {
    const next = waiting.findIndex((site) => site.after.every((key) => done.has(key) || !here.has(key)))
    const [site] = waiting.splice(Math.max(0, next), 1) as [PhasingSite]
    done.add(site.key)
    ordered.push(site)
  }
  return ordered
}

function rolloutOf(
  job: ScheduleJob,
  problem: PhasingProblem,
  plan: Plan,
  nameOf: (key: string) => string,
): ScheduleDocument['rollout'] {
  const { estimate } = job
  const { settings } = estimate
  if (settings.deadline === null) return null
  const rank = (key: string) => plan.get(key) ?? Number.MAX_SAFE_INTEGER
  const sites = [...inWorkOrder(problem.sites)].sort((a, b) => rank(a.key) - rank(b.key))
  const devicesAt = new Map(estimate.bySite.map((share) => [share.value, share.devices]))
  const devices = sites.flatMap((site) => new Array<string>(devicesAt.get(site.key) ?? 0).fill(site.key))
  const ratePerDay = toFixed(times(ratio(BigInt(settings.crews)), decimal(settings.devicesPerCrewDay)), 4)
  const orderedOn = settings.orderOn ?? job.asOf
  const result = rollOut({
    orderedOn,
    leadDays: settings.leadDays,
    deadline: settings.deadline,
    devices,
    ratePerDay,
    calendar: calendarFor(job),
    fiscalYearStartMonth: job.fiscalYearStartMonth,
  })
  const late = new Map<string, number>()
  for (const key of result.late) late.set(key, (late.get(key) ?? 0) + 1)
  return {
    orderedOn,
    startOn: result.startOn,
    deadline: settings.deadline,
    workingDaysAvailable: result.workingDaysAvailable,
    workingDaysNeeded: result.workingDaysNeeded,
    doneByDeadline: result.doneByDeadline,
    shortfall: result.shortfall,
    lateBySite: [...late].map(([key, count]) => ({ site: nameOf(key), devices: count })),
    completeOn: result.completeOn,
    ratePerDay: ratePerDay.replace(/\.?0+$/, ''),
    requiredRate: result.requiredRate,
    latestStartOn: result.latestStartOn,
    latestOrderOn: result.latestOrderOn,
    orderLateByDays: result.orderLateByDays,
    deviceDaysOverDeadline: result.deviceDaysOverDeadline,
  }
}

/** Open risk and devices at the start and at each month's end, to the month in which the last site is done. */
function burnDownOf(job: ScheduleJob, visits: Visits): ScheduleDocument['burnDown'] {
  const { estimate, asOf } = job
  const sites = estimate.bySite
    .filter((share) => share.value !== '')
    .map((share) => ({ ...share, doneOn: visits.get(share.value)?.lastDay ?? null }))
  const last = [asOf, ...sites.map((site) => site.doneOn ?? asOf)].sort().at(-1)!
  const days: PlainDate[] = [asOf]
  for (let month = asOf.slice(0, 7); ; ) {
    const next = nextMonth(month)
    const monthEnd = addDays(`${next}-01`, -1)
    if (monthEnd > asOf) days.push(monthEnd)
    if (monthEnd >= last) break
    month = next
  }
  return days.map((on) => {
    const open = sites.filter((site) => site.doneOn === null || site.doneOn > on)
    return {
      on,
      openPoints: open.reduce((total, site) => total + site.riskPoints, 0),
      openDevices: open.reduce((total, site) => total + site.devices, 0),
    }
  })
}

function nextMonth(month: string): string {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))]
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`
}

// Who pays.

function needsOf(lines: readonly StoredLine[]): ReadonlyMap<string, readonly Need[]> {
  const needs = new Map<string, Map<string, Need>>()
  for (const line of lines) {
    const site = line.tags.site ?? ''
    const own = needs.get(site) ?? new Map<string, Need>()
    needs.set(site, own)
    const need = needOf(line, 0, 0n)
    own.set(need.key, need)
  }
  return new Map([...needs].map(([site, own]) => [site, [...own.values()]]))
}

function needOf({ tags }: StoredLine, fiscalYear: FiscalYear, cents: Cents): Need {
  const { site = '', purpose = '', activity = '', costKind = '', scope = '', isRestricted = '' } = tags
  return {
    key: [site, fiscalYear, purpose, activity, costKind, scope, isRestricted].join('|'),
    fiscalYear,
    purpose,
    activity: activity as NeedActivity,
    costKind: costKind as CostKind,
    cents,
    isRestricted: isRestricted === 'unknown' ? null : isRestricted === 'yes',
    isBetterment: scope === 'betterment',
    spentOn: null,
  }
}

interface PlacedLine {
  readonly line: number
  readonly fiscalYear: FiscalYear
  readonly budget: Cents
  /** The part of the line's own figures that falls into the year, in the plan's money. */
  readonly low: Cents
  readonly expected: Cents
  readonly high: Cents
}

function settle(job: ScheduleJob, budget: Budget, plan: Plan) {
  const placed = placeLines(job, budget, plan)
  const needs = new Map<string, { need: Need; placed: PlacedLine[] }>()
  for (const one of placed) {
    const need = needOf(job.lines[one.line]!, one.fiscalYear, one.budget)
    const known = needs.get(need.key)
    if (known) {
      known.need = { ...known.need, cents: known.need.cents + one.budget }
      known.placed.push(one)
    } else needs.set(need.key, { need, placed: [one] })
  }
  const funding = fund(
    [...needs.values()].map(({ need }) => need),
    job.sources,
    { currency: job.estimate.currency, fiscalYearStartMonth: job.fiscalYearStartMonth },
  )
  const lines = fundLines(job, needs, funding.awards)
  const centsOfNeed = new Map([...needs].map(([key, { need }]) => [key, need.cents]))
  return {
    lines,
    funding: {
      sources: funding.sources.map((result) => {
        const source = job.sources.find((one) => one.id === result.source)!
        const barred = new Map<string, Cents>()
        for (const { need, because } of result.ineligible)
          barred.set(because, (barred.get(because) ?? 0n) + centsOfNeed.get(need)!)
        return {
          fundingSourceId: source.id,
          name: source.name,
          isFederal: source.isFederal,
          eligibleCents: Number(result.eligibleCents),
          paidCents: Number(result.paidCents),
          matchRequiredCents: Number(result.matchRequiredCents),
          matchFoundCents: Number(result.matchFoundCents),
          years: result.years.map((year) => ({
            fiscalYear: year.fiscalYear,
            paidCents: Number(year.paidCents),
            capCents: year.capCents === null ? null : Number(year.capCents),
          })),
          ineligible: [...barred].map(([because, cents]) => ({ because, cents: Number(cents) })),
          citation: source.citation,
        }
      }),
      years: funding.years.map((year) => ({
        fiscalYear: year.fiscalYear,
        needCents: Number(year.needCents),
        paidCents: Number(year.paidCents),
        gapCents: Number(year.gapCents),
      })),
      gapCents: Number(funding.gapCents),
      caps: budget.years.map((year) => ({ fiscalYear: year, cents: capIn(job, budget.years, year) })),
    },
    capitalPage: capitalPageOf(job, budget.years, placed, lines),
  }
}

/** Every line of every placed site in its year, what the project pays once with the sites, adding up to them. */
function placeLines(job: ScheduleJob, budget: Budget, plan: Plan): readonly PlacedLine[] {
  const bySite = new Map<string, number[]>()
  for (const [i, line] of job.lines.entries()) {
    const site = line.tags.site ?? ''
    const own = bySite.get(site)
    if (own) own.push(i)
    else bySite.set(site, [i])
  }
  const placed: PlacedLine[] = []
  const overheadByYear = new Map<FiscalYear, Cents>()
  const meansOf = (places: readonly number[]) => {
    const means = places.map((i) => BigInt(job.lines[i]!.meanCents))
    return sum(means) > 0n ? means : means.map(() => 1n)
  }
  for (const [site, parts] of budget.bySite) {
    const fiscalYear = plan.get(site) ?? null
    if (fiscalYear === null) continue
    const cost = budget.costs.get(site)!.get(fiscalYear)!
    const [own, overhead] =
      parts.own + parts.overhead === 0n
        ? [cost, 0n]
        : (split(cost, [parts.own, parts.overhead]) as [Cents, Cents])
    overheadByYear.set(fiscalYear, (overheadByYear.get(fiscalYear) ?? 0n) + overhead)
    const places = bySite.get(site) ?? []
    const amounts = split(own, meansOf(places))
    for (const [p, i] of places.entries()) {
      const line = job.lines[i]!
      placed.push({
        line: i,
        fiscalYear,
        budget: amounts[p]!,
        low: BigInt(line.lowCents),
        expected: BigInt(line.pointCents),
        high: BigInt(line.highCents),
      })
    }
  }
  const ofProject = bySite.get('') ?? []
  const years = [...overheadByYear].sort(([a], [b]) => a - b)
  const planned = [...budget.bySite].filter(([site]) => (plan.get(site) ?? null) !== null)
  const share = (cents: number): Cents[] => {
    // What is left out takes its part of the project's own cost along.
    const all = sum([...budget.bySite.values()].map((part) => part.overhead))
    const done = sum(planned.map(([, part]) => part.overhead))
    const inPlan = all === 0n ? 0n : roundHalfUp(ratio(BigInt(cents) * done, all))
    const weights = years.map(([, amount]) => amount)
    return sum(weights) === 0n ? weights : split(inPlan, weights)
  }
  const columns = ofProject.map((i) => {
    const line = job.lines[i]!
    return [share(line.lowCents), share(line.pointCents), share(line.highCents)] as const
  })
  for (const [y, [fiscalYear, overhead]] of years.entries()) {
    if (ofProject.length === 0) break
    const amounts = split(overhead, meansOf(ofProject))
    for (const [p, i] of ofProject.entries()) {
      const [low, expected, high] = columns[p]!
      placed.push({
        line: i,
        fiscalYear,
        budget: amounts[p]!,
        low: low[y]!,
        expected: expected[y]!,
        high: high[y]!,
      })
    }
  }
  return placed
}

/** Each placed line by who pays it; parts add up to the line, and lines to the awards. */
function fundLines(
  job: ScheduleJob,
  needs: ReadonlyMap<string, { need: Need; placed: readonly PlacedLine[] }>,
  awards: readonly { readonly source: string; readonly need: string; readonly cents: Cents }[],
): readonly FundedLine[] {
  const { estimate } = job
  const awardsOf = new Map<string, { source: string; cents: Cents }[]>()
  for (const award of awards) {
    const known = awardsOf.get(award.need)
    if (known) known.push(award)
    else awardsOf.set(award.need, [award])
  }
  const at = (p: number) => estimate.percentiles.find((one) => one.percent === p)?.cents ?? 0
  const scaled = (cents: Cents, to: number) =>
    estimate.atConfidenceCents === 0
      ? 0n
      : roundHalfUp(ratio(cents * BigInt(to), BigInt(estimate.atConfidenceCents)))
  const rate = percent(estimate.settings.escalationPercent)
  const inYear = (cents: Cents, year: FiscalYear) =>
    roundHalfUp(escalated(ratio(cents), rate, year - estimate.settings.firstFiscalYear))
  const lines: FundedLine[] = []
  for (const [key, { need, placed }] of needs) {
    const own = awardsOf.get(key) ?? []
    const gap = need.cents - sum(own.map((award) => award.cents))
    const payers: { source: string | null; cents: Cents }[] = [...own]
    if (gap > 0n || payers.length === 0) payers.push({ source: null, cents: gap })
    const open = placed.map((one) => one.budget)
    const paid = payers.map(({ cents }) => {
      const parts = cents === 0n ? open.map(() => 0n) : split(cents, open)
      for (const [i, part] of parts.entries()) open[i]! -= part
      return parts
    })
    for (const [i, one] of placed.entries()) {
      const shares = paid.map((parts) => parts[i]!)
      const weights = sum(shares) > 0n ? shares : shares.map((_, s) => (s === 0 ? 1n : 0n))
      const year = one.fiscalYear
      const columns = [
        inYear(one.low, year),
        inYear(one.expected, year),
        inYear(one.high, year),
        scaled(one.budget, at(50)),
        scaled(one.budget, at(80)),
      ].map((amount) => split(amount, weights))
      for (const [s, { source }] of payers.entries()) {
        if (weights[s] === 0n) continue
        const [low, expected, high, p50, p80] = columns.map((column) => Number(column[s]!))
        lines.push({
          line: one.line,
          fiscalYear: year,
          fundingSourceId: source,
          lowCents: low!,
          expectedCents: expected!,
          highCents: high!,
          p50Cents: p50!,
          p80Cents: p80!,
          budgetCents: Number(shares[s]!),
        })
      }
    }
  }
  return lines.sort((a, b) => a.fiscalYear - b.fiscalYear || a.line - b.line)
}

// The capital page.

const ELEMENTS = [
  'Engineering and design',
  'Land',
  'Construction and installation',
  'Inspection',
  'Equipment and software',
  'Removal and disposal',
  'Administration, training, other',
] as const
type Element = (typeof ELEMENTS)[number]

function elementOf(line: StoredLine): Element {
  const code = line.tags.code ?? ''
  if (code === 'HRS-SURVEY') return 'Engineering and design'
  if (code === 'HRS-ASBUILT') return 'Inspection'
  const category = (line.tags.category ?? '') as Category
  if (category === 'disposal') return 'Removal and disposal'
  if (category.startsWith('labour') || category === 'access') return 'Construction and installation'
  if (category === 'soft') return 'Administration, training, other'
  return 'Equipment and software'
}

/** Where a percentage on top of cost belongs. */
function elementOfUplift(code: string, of: Element): Element {
  if (code === 'SFT-ENG') return 'Engineering and design'
  if (code === 'SFT-PM' || code === 'SFT-PROC') return 'Administration, training, other'
  return of
}

function capitalPageOf(
  job: ScheduleJob,
  years: readonly FiscalYear[],
  placed: readonly PlacedLine[],
  lines: readonly FundedLine[],
): CapitalPage {
  const { estimate } = job
  const rate = percent(estimate.settings.escalationPercent)
  const column = new Map(years.map((year, i) => [year, i + 1]))
  const width = years.length + 2
  const blank = () => new Array<bigint>(width).fill(0n)
  const add = (cents: bigint[], year: FiscalYear | 'prior', amount: Cents) => {
    cents[year === 'prior' ? 0 : column.get(year)!]! += amount
    cents[width - 1]! += amount
  }
  const elements = new Map<Element, bigint[]>(ELEMENTS.map((element) => [element, blank()]))
  const uplifts = upliftsOf(estimate)
  const budgeted = blank()
  const expected = blank()
  for (const one of placed) {
    const line = job.lines[one.line]!
    const amount = roundHalfUp(
      escalated(ratio(one.expected), rate, one.fiscalYear - estimate.settings.firstFiscalYear),
    )
    const own = elementOf(line)
    const parts = uplifts(line)
    const amounts = split(
      amount,
      parts.map((part) => part.weight),
    )
    for (const [i, part] of parts.entries())
      add(elements.get(elementOfUplift(part.code, own))!, one.fiscalYear, amounts[i]!)
    add(budgeted, one.fiscalYear, one.budget)
    add(expected, one.fiscalYear, amount)
  }
  const contingency = budgeted.map((cents, i) => cents - expected[i]!)
  const prior = blank()
  const funds = new Map<string | null, bigint[]>(job.sources.map((source) => [source.id, blank()]))
  const ofFund = (id: string | null) => {
    const known = funds.get(id) ?? blank()
    funds.set(id, known)
    return known
  }
  for (const { fundingSourceId, cents } of job.prior) {
    add(prior, 'prior', BigInt(cents))
    add(ofFund(fundingSourceId), 'prior', BigInt(cents))
  }
  for (const line of lines) add(ofFund(line.fundingSourceId), line.fiscalYear, BigInt(line.budgetCents))
  const numbers = (cents: readonly bigint[]) => cents.map(Number)
  const expenditure = [
    ...ELEMENTS.map((element) => ({ element: element as string, cents: numbers(elements.get(element)!) })),
    {
      element: `Contingency to P${estimate.confidence}`,
      cents: numbers(contingency),
    },
    ...(prior[0]! === 0n ? [] : [{ element: 'Paid in prior years', cents: numbers(prior) }]),
  ]
  const funding = [...funds]
    .filter(([id, cents]) => id !== null || cents[width - 1]! !== 0n)
    .map(([id, cents]) => ({
      source:
        id === null ? 'Not funded yet' : (job.sources.find((one) => one.id === id)?.name ?? 'Other source'),
      fundingSourceId: id,
      cents: numbers(cents),
    }))
  const recurring = estimate.byCostKind.find((share) => share.value === 'recurring')
  return {
    columns: ['prior', ...years.map((year) => `FY${year}`), 'total'],
    expenditure,
    expenditureTotal: totals(expenditure, width),
    funding,
    fundingTotal: totals(funding, width),
    operatingImpactCents: recurring?.pointCents ?? 0,
  }
}

function totals(rows: readonly { readonly cents: readonly number[] }[], width: number): number[] {
  return Array.from({ length: width }, (_, i) => rows.reduce((total, row) => total + row.cents[i]!, 0))
}

/** The parts of a line's expected cost: the thing itself and each percentage on top, by whole weights. */
function upliftsOf(estimate: EstimateDocument) {
  const { percentCodes, contractorPercent } = estimate.settings
  const prices = new Map(estimate.prices.map((price) => [price.code, price]))
  const known = new Map<string, readonly { code: string; weight: bigint }[]>()
  const weightOf = (percentage: number) => BigInt(Math.round(percentage * 1e6))
  return (line: StoredLine) => {
    const category = line.tags.category ?? ''
    let parts = known.get(category)
    if (!parts) {
      const isSoft = category.startsWith('soft') && category !== 'software.license'
      const isGoods = category.startsWith('hardware') || category === 'material'
      const bearing = isSoft
        ? []
        : percentCodes.filter((code) => isGoods || prices.get(code)?.unit === 'percent-of-direct')
      parts = [
        { code: '', weight: weightOf(isSoft ? 100 : 100 + contractorPercent) },
        ...bearing.map((code) => ({ code, weight: weightOf(prices.get(code)!.expected) })),
      ]
      known.set(category, parts)
    }
    return parts
  }
}

// What is written off.

function writeOffOf(job: ScheduleJob, visits: Visits): ScheduleDocument['writeOff'] {
  const { books } = job.estimate.settings
  const years = new Map<FiscalYear, Cents>()
  const lotOf = (purchase: Purchase) => `${purchase.inServiceOn} ${purchase.unitCents}`
  // A purchase was one whatever sites it went to.
  const lots = new Map<string, number>()
  for (const one of job.purchases) lots.set(lotOf(one), (lots.get(lotOf(one)) ?? 0) + one.count)
  let [valued, unknown] = [0, 0]
  for (const [i, purchase] of job.purchases.entries()) {
    const doneOn = visits.get(purchase.siteId ?? NO_SITE)?.lastDay
    if (purchase.unitCents === null || purchase.inServiceOn === null) {
      unknown += purchase.count
      continue
    }
    if (doneOn === undefined) continue
    valued += purchase.count
    const unitCents = BigInt(purchase.unitCents)
    const cohort = {
      key: String(i),
      quantity: purchase.count,
      unitCents,
      inServiceOn: purchase.inServiceOn,
      lifeMonths: books.lifeMonths,
      capitalisation: capitalisation(
        { quantity: lots.get(lotOf(purchase))!, unitCents },
        { thresholdCents: BigInt(books.thresholdCents), groupsPurchases: books.groupsPurchases },
      ),
    }
    const { totalCents } = writeOff([cohort], {
      on: doneOn,
      convention: books.convention,
      fiscalYearStartMonth: job.fiscalYearStartMonth,
    })
    const year = fiscalYearOf(doneOn, job.fiscalYearStartMonth)
    years.set(year, (years.get(year) ?? 0n) + totalCents)
  }
  return {
    totalCents: Number(sum(years.values())),
    years: [...years]
      .sort(([a], [b]) => a - b)
      .map(([fiscalYear, cents]) => ({ fiscalYear, cents: Number(cents) })),
    devicesValued: valued,
    devicesWithoutCost: unknown,
  }
}

function warningsOf(schedule: ScheduleDocument, problem: PhasingProblem, visits: Visits): Warning[] {
  const warnings: Warning[] = []
  const warn = (code: string, message: string) => warnings.push({ code, message })
  if (schedule.doesNotFit.length > 0) {
    warn(
      'does-not-fit',
      `${schedule.doesNotFit.length} of ${problem.sites.length} sites do not fit and are in no year and no total.`,
    )
  }
  if (schedule.status !== 'optimal') {
    warn(
      'not-proven',
      'The time allowed ran out before the plan was proven best; the gap says how far off it may be.',
    )
  }
  if (schedule.funding.sources.length === 0 && problem.sites.length > 0) {
    warn(
      'no-funding',
      'No funding source is named: nothing limits the yearly spend, and all of it is unfunded.',
    )
  } else if (schedule.funding.gapCents > 0) {
    warn('gap', 'Part of the cost is paid by no funding source.')
  }
  const late = problem.sites.filter((site) => {
    const visit = visits.get(site.key)
    return visit !== undefined && site.deadline !== null && visit.lastDay > site.deadline
  })
  if (late.length > 0) {
    warn(
      'late-visits',
      `${late.length} sites have crew days enough, yet their visits end after the deadline.`,
    )
  }
  if (schedule.rollout !== null && schedule.rollout.orderLateByDays > 0) {
    warn(
      'order-late',
      `To be done by ${schedule.rollout.deadline} at this rate the order was due by ${schedule.rollout.latestOrderOn}.`,
    )
  }
  return warnings
}

function smaller(a: Cents, b: Cents): Cents {
  return a < b ? a : b
}

function larger(a: Cents, b: Cents): Cents {
  return a > b ? a : b
}
