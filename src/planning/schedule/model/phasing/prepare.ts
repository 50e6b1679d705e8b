/** A problem with its windows spelled out: in which days of which year each site may be done. */
import { addDays, earlier, type PlainDate } from '../../../../lib/calendar.ts'
import { type Cents, decimal, percent, sum } from '../../../../lib/money.ts'
import type { Decimal } from '../../../estimate/model/cost-model.ts'
import { type Issue, refuse } from '../../../model/errors.ts'
import type { PhasingProblem, PhasingSite } from './problem.ts'
import { type WorkDays, workDaysOf } from './visits.ts'
import { type Window, windowsOf } from './windows.ts'

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
