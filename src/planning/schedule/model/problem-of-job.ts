/** From the job of a schedule to the problem that the phasing solves. */
import { addDays } from '../../../lib/calendar.ts'
import { type Cents, sum } from '../../../lib/money.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'
import { type FundingSource, matchFor } from '../../funding/model/rules.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { calendarOf } from './crew-calendar.ts'
import { firstOrderOn, type ScheduleJob } from './job.ts'
import type { OpenWork } from './open-sites.ts'
import { isShared, matchFundsOf } from './phasing/payments.ts'
import { NO_LIMITS, type PhasingFund, type PhasingProblem, type PhasingSite } from './phasing/problem.ts'
import type { CostsOfSites } from './site-costs.ts'

/** Id of the purse that stands for "no source is named yet": the plan is phased by crews and deadlines alone. */
const UNNAMED = 'unfunded'

export function yearsOf(settings: PlanSettings): readonly FiscalYear[] {
  return Array.from({ length: settings.fiscalYears }, (_, i) => settings.firstFiscalYear + i)
}

/** A job as a problem of phasing: which sites, whose money, and what limits both. */
export function problemOf(job: ScheduleJob, work: OpenWork, costs: CostsOfSites): PhasingProblem {
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

function workCalendarOf(job: ScheduleJob) {
  const { settings } = job.estimate
  const first = Math.min(Number(job.asOf.slice(0, 4)), settings.firstFiscalYear - 1)
  return calendarOf(settings, first - 1, settings.firstFiscalYear + settings.fiscalYears + 2)
}

/** Funds on which an order for the site is still open. */
function fundsOrderedFrom({ commitments }: ScheduleJob, key: string): readonly string[] {
  const own = commitments.filter((one) => (one.siteId ?? NO_SITE) === key && one.cents > one.paidCents)
  return [...new Set(own.flatMap((one) => one.fundingSourceId ?? []))]
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
