/**
 * The schedule of a plan: which site when, from whose money, and what that is on the capital page. Pure; the
 * solver is an argument.
 */
import { createHash } from 'node:crypto'
import { addDays, later, type PlainDate } from '../../../lib/calendar.ts'
import { type Cents, sum } from '../../../lib/money.ts'
import type { EstimateDocument, PhasingOutcome, ScheduleDocument, Warning } from '../../documents.ts'
import type { StoredLine } from '../../estimate/model/build.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'
import type { Commitment } from '../../funding/model/commitments.ts'
import { type FundingSource, matchFor } from '../../funding/model/rules.ts'
import { writeOffOf } from '../../funding/model/write-off.ts'
import { type FiscalYear, fiscalYearPeriod, overlaps } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { burnDownOf, rolloutOf } from './burn-down.ts'
import { capitalPageOf } from './capital-page.ts'
import { calendarOf } from './crew-calendar.ts'
import { fundedLinesOf, placedLinesOf } from './funded-lines.ts'
import { OBJECTIVES } from './phasing/objectives.ts'
import type { Candidate, Optimised } from './phasing/optimize.ts'
import { isShared, matchFundsOf } from './phasing/payments.ts'
import {
  NO_LIMITS,
  type PhasingFund,
  type PhasingProblem,
  type PhasingSite,
  type Prepared,
  prepare,
} from './phasing/problem.ts'
import { least, leftIn, totalLeft } from './phasing/windows.ts'
import { type CostsOfSites, costsOfSites } from './site-costs.ts'
import { reasonsOf, type SourceUse, sourceUsesOf } from './source-use.ts'

/** Changes when the same inputs would give another schedule. */
const METHOD = 'camledger-schedule-2 (sites, days and payers in one program)'

/** A funding source with the name people know it by. */
export interface NamedSource extends FundingSource {
  readonly name: string
  readonly currency: string
}

/** Devices bought together, as far as the register knows. */
export interface Purchase {
  readonly siteId: string | null
  /** null when the register has no cost in the plan's currency, or no date. */
  readonly unitCents: number | null
  readonly inServiceOn: PlainDate | null
  readonly count: number
}

/** What another plan of the city takes from a fund. */
export interface Elsewhere {
  readonly planId: string
  readonly plan: string
  readonly fundingSourceId: string
  readonly fiscalYear: FiscalYear
  readonly cents: Cents
  /** `committed` is ordered or paid, `scheduled` is what its latest schedule still counts on. */
  readonly kind: 'committed' | 'scheduled'
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
  /** Ordered or paid for this plan. */
  readonly commitments: readonly Commitment[]
  readonly elsewhere: readonly Elsewhere[]
  /** Devices of the plan per site, with those that are gone from service, and how many are recorded as done. */
  readonly progress: readonly {
    readonly siteId: string
    readonly devices: number
    readonly done: number
    readonly lastOn: PlainDate | null
  }[]
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

/** A line in the year in which its site is done, by who pays it. */
export interface PlacedLine {
  readonly line: number
  readonly fiscalYear: FiscalYear
  readonly budget: Cents
  /** The part of the line's own figures that is still to be paid, in the plan's money. */
  readonly low: Cents
  readonly expected: Cents
  readonly high: Cents
  /** Adds up to the budget. */
  readonly paid: ReadonlyMap<string | null, Cents>
}

export interface ComputedSchedule {
  readonly document: ScheduleDocument
  readonly lines: readonly FundedLine[]
}

/** Finds the best plan within the seconds allowed. */
export type Optimise = (problem: PhasingProblem, seconds: number) => Optimised

/** Id of the purse that stands for "no source is named yet": the plan is phased by crews and deadlines alone. */
const UNNAMED = 'unfunded'

/** Throws InvalidInput. */
export function computeSchedule(job: ScheduleJob, optimise: Optimise): ComputedSchedule {
  const { estimate } = job
  const work = workOf(job)
  const costs = costsOfSites({
    estimate,
    lines: job.lines,
    years: yearsOf(estimate.settings),
    keys: work.open.map((site) => site.key),
    committed: committedBySite(job),
  })
  const problem = problemOf(job, work, costs)
  const prepared = prepare(problem)
  const best = optimise(problem, job.seconds)
  const visits = visitsOf(prepared, best)
  const uses = sourceUsesOf(prepared, best, costs)
  const idOf = (fund: number) => sourceIdOf(job, fund)
  const placed = placedLinesOf({ lines: job.lines, costs, plan: best.plan, uses, idOf })
  const lines = fundedLinesOf(estimate, placed)
  const devices = new Map(work.open.map((site) => [site.key, site.devices]))
  const devicesOf = (key: string) => devices.get(key) ?? 0
  const document = documentOf({
    job,
    work,
    devicesOf,
    costs,
    problem,
    prepared,
    best,
    visits,
    uses,
    placed,
    lines,
  })
  return { document: { ...document, warnings: warningsOf(document, job, problem.funds) }, lines }
}

interface Result {
  readonly job: ScheduleJob
  readonly work: Work
  /** Devices of an open site that are left to do. */
  readonly devicesOf: (key: string) => number
  readonly costs: CostsOfSites
  readonly problem: PhasingProblem
  readonly prepared: Prepared
  readonly best: Optimised
  readonly visits: Visits
  readonly uses: readonly SourceUse[]
  readonly placed: readonly PlacedLine[]
  readonly lines: readonly FundedLine[]
}

function documentOf(result: Result): ScheduleDocument {
  const { job, devicesOf, problem, best, visits, placed, lines } = result
  const { estimate } = job
  const { settings } = estimate
  const { nameOf, idOf } = namesOf(job)
  const funding = fundingOf(result)
  const unproven = best.stages.find((stage) => stage.status !== 'optimal')
  return {
    id: job.id,
    planId: estimate.planId,
    jurisdictionId: estimate.jurisdictionId,
    estimateId: estimate.id,
    revision: estimate.revision,
    createdAt: job.createdAt,
    asOf: job.asOf,
    currency: estimate.currency,
    method: METHOD,
    inputsDigest: digestOf(job),
    isFeasible: best.outcome.isComplete && funding.gapCents === 0,
    used: best.used,
    status: best.status,
    gap: unproven && Number.isFinite(unproven.gap) ? unproven.gap : 0,
    seconds: best.stages.reduce((total, stage) => total + stage.seconds, 0),
    stages: best.stages.map((stage) => ({
      ...stage,
      words: OBJECTIVES[stage.objective],
      bound: Number.isFinite(stage.bound) ? stage.bound : null,
      gap: Number.isFinite(stage.gap) ? stage.gap : null,
    })),
    outcome: outcomeOf(result, best),
    greedy: outcomeOf(result, best.greedy),
    doesNotFit: best.misfits.map((misfit) => ({
      siteId: idOf(misfit.site),
      site: nameOf(misfit.site),
      devices: devicesOf(misfit.site),
      obstacles: misfit.obstacles.map(({ year, because, ...obstacle }) => ({
        fiscalYear: year,
        ...obstacle,
        because: named(because, job, nameOf),
      })),
    })),
    sites: sitesOf(result),
    completed: result.work.completed.map(({ key, devices, lastOn }) => ({
      siteId: idOf(key),
      site: nameOf(key),
      devices,
      completedOn: lastOn,
    })),
    rollout: rolloutOf({
      settings,
      problem,
      plan: best.plan,
      orderedOn: firstOrderOn(job),
      devicesOf,
      nameOf,
    }),
    burnDown: burnDownOf(
      job.asOf,
      problem.sites.map((site) => ({
        points: site.riskPoints,
        devices: devicesOf(site.key),
        replacedOn: visits.get(site.key)?.lastDay ?? null,
      })),
    ),
    funding,
    capitalPage: capitalPageOf({
      estimate,
      estimatedLines: job.lines,
      sources: job.sources,
      years: problem.years,
      placed,
      funded: lines,
      commitments: job.commitments,
      operatingImpactCents: estimate.byCostKind.find((share) => share.value === 'recurring')?.pointCents ?? 0,
    }),
    writeOff: writeOffOf(job, (key) => visits.get(key)?.lastDay),
    settings,
    warnings: [],
  }
}

function digestOf(job: ScheduleJob): string {
  const { estimate, asOf, sources, commitments, elsewhere, progress, seconds } = job
  const inputs = [
    estimate.inputsDigest,
    asOf,
    estimate.settings,
    sources,
    commitments,
    elsewhere,
    progress,
    seconds,
  ]
  return createHash('sha256')
    .update(JSON.stringify(inputs, (_, value) => (typeof value === 'bigint' ? value.toString() : value)))
    .digest('hex')
}

function namesOf(job: ScheduleJob) {
  const labels = new Map(job.estimate.bySite.map((site) => [site.value, site.label]))
  return {
    nameOf: (key: string) => labels.get(key) ?? key,
    idOf: (key: string) => (key === NO_SITE ? null : key),
  }
}

/** Funds and sites go by their ids in the solver's reasons; people know them by name. */
function named(because: string, job: ScheduleJob, nameOf: (key: string) => string): string {
  return because.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    const source = job.sources.find((one) => one.id === id)
    return source ? source.name : nameOf(id)
  })
}

// What is still to be done.

interface OpenSite {
  readonly key: string
  readonly devices: number
  readonly riskPoints: number
}

interface Work {
  readonly open: readonly OpenSite[]
  readonly completed: readonly {
    readonly key: string
    readonly devices: number
    readonly lastOn: PlainDate
  }[]
}

/** Sites whose devices are all recorded as done have left the plan; of others the devices that are left count. */
function workOf({ estimate, progress }: ScheduleJob): Work {
  const done = new Map(progress.map((one) => [one.siteId, one]))
  const open: OpenSite[] = []
  const completed: { key: string; devices: number; lastOn: PlainDate }[] = []
  for (const { value: key, devices, riskPoints } of estimate.bySite) {
    if (key === '') continue
    const own = done.get(key)
    if (own === undefined || own.done === 0) {
      open.push({ key, devices, riskPoints })
      continue
    }
    const left = Math.min(devices, own.devices - own.done)
    if (left <= 0) completed.push({ key, devices: own.devices, lastOn: own.lastOn! })
    else open.push({ key, devices: left, riskPoints: Math.ceil((riskPoints * left) / devices) })
  }
  return { open, completed }
}

function committedBySite({ commitments }: ScheduleJob): ReadonlyMap<string, Cents> {
  const bySite = new Map<string, Cents>()
  for (const { siteId, cents } of commitments)
    bySite.set(siteId ?? '', (bySite.get(siteId ?? '') ?? 0n) + cents)
  return bySite
}

function yearsOf(settings: PlanSettings): readonly FiscalYear[] {
  return Array.from({ length: settings.fiscalYears }, (_, i) => settings.firstFiscalYear + i)
}

// Which limits there are.

function problemOf(job: ScheduleJob, work: Work, costs: CostsOfSites): PhasingProblem {
  const { settings } = job.estimate
  const { holidays, workweek } = workCalendarOf(job)
  const keys = new Set(work.open.map((site) => site.key))
  const partsOf = new Map(costs.sites.map((site) => [site.key, site.parts]))
  const ownOf = new Map(settings.sites.map((site) => [site.siteId, site]))
  return {
    years: yearsOf(settings),
    fiscalYearStartMonth: job.fiscalYearStartMonth,
    kinds: costs.kinds,
    sites: work.open.map(({ key, devices, riskPoints }): PhasingSite => {
      const own = ownOf.get(key)
      return {
        key,
        riskPoints,
        parts: partsOf.get(key)!,
        deadline: own?.deadline === undefined ? settings.deadline : own.deadline,
        crewDays: own?.crewDays ?? Math.max(1, Math.ceil(devices / settings.devicesPerCrewDay)),
        after: (own?.after ?? []).filter((other) => keys.has(other)),
        boundTo: fundsOrderedFrom(job, key),
      }
    }),
    funds: fundsOf(job),
    startOn: addDays(firstOrderOn(job), settings.leadDays),
    lanes: Math.min(settings.crews, settings.maxSitesDark ?? settings.crews),
    holidays,
    workweek,
    maxSitesPerYear: settings.maxSitesPerYear,
    discountPercent: settings.discountPercent,
  }
}

function firstOrderOn(job: ScheduleJob): PlainDate {
  return job.estimate.settings.orderOn ?? job.asOf
}

function workCalendarOf(job: ScheduleJob) {
  const { settings } = job.estimate
  const first = Math.min(Number(job.asOf.slice(0, 4)), settings.firstFiscalYear - 1)
  return calendarOf(settings, first - 1, settings.firstFiscalYear + settings.fiscalYears + 2)
}

function fundsOrderedFrom({ commitments }: ScheduleJob, key: string): readonly string[] {
  const own = commitments.filter((one) => (one.siteId ?? NO_SITE) === key && one.cents > one.paidCents)
  return [...new Set(own.flatMap((one) => one.fundingSourceId ?? []))]
}

/** null for the purse that stands for no source. */
function sourceIdOf({ sources }: ScheduleJob, fund: number): string | null {
  return sources[fund]?.id ?? null
}

/** The funds less what is ordered, paid or scheduled, here and in other plans. */
function fundsOf(job: ScheduleJob): readonly PhasingFund[] {
  const { sources, commitments, elsewhere } = job
  if (sources.length === 0) return [{ ...NO_LIMITS, id: UNNAMED }]
  const byFund = (id: string) => commitments.filter((one) => one.fundingSourceId === id)
  const committed = new Map(
    sources.map((source) => [source.id, sum(byFund(source.id).map((one) => one.cents))]),
  )
  const unmatched = new Map(committed)
  return sources.map((source) => ({
    ...source,
    used: [...byFund(source.id), ...elsewhere.filter((one) => one.fundingSourceId === source.id)].map(
      ({ fiscalYear, cents }) => ({ fiscalYear, cents }),
    ),
    committedCents: committed.get(source.id)!,
    matchedCents: isShared(source) ? matchTaken(source, sources, committed, unmatched) : 0n,
  }))
}

/** What the match funds have given for this plan, as far as this fund needs it; each cent for one fund. */
function matchTaken(
  fund: FundingSource,
  all: readonly FundingSource[],
  committed: ReadonlyMap<string, Cents>,
  unmatched: Map<string, Cents>,
): Cents {
  const others = matchFundsOf(fund, all).map((i) => all[i]!.id)
  const isOnly = all.filter(isShared).length === 1
  let needed = matchFor(committed.get(fund.id)!, fund.sharePercent) + 1n
  let found = 0n
  for (const id of others) {
    const left = unmatched.get(id)!
    const part = isOnly || left < needed ? left : needed
    unmatched.set(id, left - part)
    needed -= part
    found += part
  }
  return found
}

// When the crews come.

type Visits = ReadonlyMap<string, { readonly from: PlainDate; readonly lastDay: PlainDate }>

function visitsOf({ problem, workDays }: Prepared, { calendar }: Candidate): Visits {
  return new Map(
    [...calendar].map(([site, { first, last }]) => [
      problem.sites[site]!.key,
      { from: workDays.days[first]!, lastDay: workDays.days[last]! },
    ]),
  )
}

function outcomeOf(result: Result, { outcome }: Candidate): PhasingOutcome {
  const { fiscalYearStartMonth } = result.problem
  const isFunded = result.job.sources.length > 0 || outcome.nominalCents === 0n
  return {
    isFeasible: outcome.isComplete && isFunded,
    unplacedSites: outcome.unplaced.length,
    riskPointYears: outcome.riskPointYears,
    presentValueCents: Number(outcome.presentValueCents),
    nominalCents: Number(outcome.nominalCents),
    yearsTouched: outcome.yearsTouched,
    years: outcome.years.map((year) => {
      const { from, to } = fiscalYearPeriod(year.year, fiscalYearStartMonth)
      return {
        fiscalYear: year.year,
        from,
        lastDay: addDays(to, -1),
        sites: year.sites.length,
        devices: year.sites.reduce((total, key) => total + result.devicesOf(key), 0),
        spendCents: Number(year.spendCents),
      }
    }),
  }
}

function sitesOf(result: Result): ScheduleDocument['sites'] {
  const { job, devicesOf, costs, problem, prepared, best, visits } = result
  const { settings } = job.estimate
  const { nameOf, idOf } = namesOf(job)
  const payersOf = payersBySite(result)
  return problem.sites.map((site, i) => {
    const window = best.plan.get(site.key) ?? null
    const visit = visits.get(site.key)
    const { fullCents, committedCents } = costs.sites[i]!
    return {
      siteId: idOf(site.key),
      site: nameOf(site.key),
      devices: devicesOf(site.key),
      riskPoints: site.riskPoints,
      fiscalYear: window?.year ?? null,
      from: visit?.from ?? null,
      lastDay: visit?.lastDay ?? null,
      orderFrom: window === null ? null : later(firstOrderOn(job), addDays(window.from, -settings.leadDays)),
      orderBy: visit === undefined ? null : addDays(visit.from, -settings.leadDays),
      crewDays: prepared.days[i]!,
      deadline: site.deadline,
      costCents: Number(window === null ? ([...fullCents.values()][0] ?? 0n) : fullCents.get(window.year)!),
      committedCents: Number(committedCents),
      payers: payersOf.get(site.key) ?? [],
    }
  })
}

/** Who pays what of each site that is placed, by the cents of its parts. */
function payersBySite({ uses, job }: Result) {
  const paid = new Map<string, Map<number, Cents>>()
  for (const { site, fund, cents } of uses) {
    const own = paid.get(site) ?? new Map<number, Cents>()
    paid.set(site, own)
    own.set(fund, (own.get(fund) ?? 0n) + cents)
  }
  return new Map(
    [...paid].map(([site, own]) => [
      site,
      [...own].map(([fund, cents]) => ({
        fundingSourceId: sourceIdOf(job, fund),
        cents: Number(cents),
      })),
    ]),
  )
}

// Who pays.

function fundingOf(result: Result): ScheduleDocument['funding'] {
  const { job, problem, best } = result
  const isUnfunded = job.sources.length === 0
  const years = best.outcome.years
    .filter((year) => year.sites.length > 0)
    .map(({ year, spendCents }) => ({
      fiscalYear: year,
      needCents: Number(spendCents),
      paidCents: isUnfunded ? 0 : Number(spendCents),
      gapCents: isUnfunded ? Number(spendCents) : 0,
    }))
  return {
    sources: job.sources.map((_, f) => sourceOf(result, f)),
    years,
    gapCents: years.reduce((total, year) => total + year.gapCents, 0),
    caps: problem.years.map((year) => ({ fiscalYear: year, cents: capIn(job, problem, year) })),
  }
}

function sourceOf(result: Result, f: number): ScheduleDocument['funding']['sources'][number] {
  const { job, problem, best, uses } = result
  const [source, fund] = [job.sources[f]!, problem.funds[f]!]
  const own = best.payments.filter((payment) => payment.payer.fund === f)
  const paid = sum(own.map((payment) => payment.cents))
  const yearOf = (payment: (typeof own)[number]) => payment.payer.year ?? payment.window.year
  const others = new Set(isShared(fund) ? matchFundsOf(fund, problem.funds) : [])
  const mayPay = (use: SourceUse) => use.payers.some((payer) => payer.fund === f)
  const elsewhere = job.elsewhere.filter((one) => one.fundingSourceId === source.id)
  const total = totalLeft(fund)
  return {
    fundingSourceId: source.id,
    name: source.name,
    isFederal: source.isFederal,
    eligibleCents: Number(sum(uses.filter(mayPay).map((use) => use.cents))),
    paidCents: Number(paid),
    committedCents: Number(fund.committedCents),
    usedElsewhereCents: Number(sum(elsewhere.map((one) => one.cents))),
    leftCents: total === null ? null : Number(total - paid),
    matchRequiredCents: Number(matchFor(paid, source.sharePercent)),
    matchFoundCents: Number(
      sum(uses.filter((use) => mayPay(use) && others.has(use.fund)).map((use) => use.cents)),
    ),
    years: [...new Set([...own.map(yearOf), ...(fund.yearCaps ?? []).map((cap) => cap.fiscalYear)])]
      .sort()
      .map((fiscalYear) => ({
        fiscalYear,
        paidCents: Number(sum(own.filter((one) => yearOf(one) === fiscalYear).map((one) => one.cents))),
        capCents:
          fund.yearCaps === null
            ? null
            : Number(
                sum(fund.yearCaps.filter((cap) => cap.fiscalYear === fiscalYear).map((cap) => cap.cents)),
              ),
      })),
    ineligible: reasonsOf(problem, uses, f),
    citation: source.citation,
  }
}

/** The most that the sources can pay in a year; null when there is none, or one of them has no limit then. */
function capIn(job: ScheduleJob, problem: PhasingProblem, year: FiscalYear): number | null {
  if (job.sources.length === 0) return null
  let cap = 0n
  for (const fund of problem.funds) {
    if (!overlaps(year, problem.fiscalYearStartMonth, fund.period)) continue
    const total = totalLeft(fund)
    const inYear = fund.yearCaps === null ? null : leftIn(fund, year)
    if (total === null && inYear === null) return null
    cap += total === null ? inYear! : least(inYear, total)
  }
  return Number(cap)
}

// What a reader has to know.

function warningsOf(schedule: ScheduleDocument, job: ScheduleJob, funds: readonly PhasingFund[]): Warning[] {
  const warnings: Warning[] = []
  const warn = (code: string, message: string) => warnings.push({ code, message })
  const { sites, doesNotFit, funding } = schedule
  if (doesNotFit.length > 0)
    warn(
      'does-not-fit',
      `${doesNotFit.length} of ${sites.length} sites do not fit and are in no year and no total.`,
    )
  if (schedule.status === 'time-limit' || schedule.status === 'failed') {
    warn(
      'not-proven',
      'The time allowed ran out before the plan was proven best; the gap says how far off it may be.',
    )
  }
  if (funding.sources.length === 0 && sites.length > 0) {
    warn(
      'no-funding',
      'No funding source is named: nothing limits the yearly spend, and all of it is unfunded.',
    )
  }
  const shared = funding.sources.filter((source) => (source.usedElsewhereCents ?? 0) > 0)
  if (shared.length > 0) {
    const plans = [...new Set(job.elsewhere.map((one) => one.plan))].join(', ')
    warn(
      'shared-funds',
      `Other plans have ordered, paid or scheduled money of ${shared.map((one) => one.name).join(', ')}: ${plans}. It is not counted here.`,
    )
  }
  for (const [i, { name }] of job.sources.entries()) {
    if (isOverdrawn(funds[i]!))
      warn('overdrawn', `More is ordered, paid or scheduled from ${name} than it holds.`)
  }
  const { rollout } = schedule
  if (rollout !== null && rollout.orderLateByDays > 0) {
    warn(
      'order-late',
      `To be done by ${rollout.deadline} at this rate the order was due by ${rollout.latestOrderOn}.`,
    )
  }
  return warnings
}

function isOverdrawn({ used, totalCapCents, yearCaps }: PhasingFund): boolean {
  const all = sum(used.map((one) => one.cents))
  return (
    (totalCapCents !== null && all > totalCapCents) ||
    (yearCaps !== null && all > sum(yearCaps.map((cap) => cap.cents)))
  )
}
