/** What crews alone could do by the deadline, and how the open risk goes down. */
import { addDays, type PlainDate } from '../../../lib/calendar.ts'
import { decimal, ratio, times, toFixed } from '../../../lib/money.ts'
import type { ScheduleDocument } from '../../documents.ts'
import { addMonths } from '../../model/fiscal-year.ts'
import type { PlanSettings } from '../../settings.ts'
import { burnDown, rollOut } from './crew-calendar.ts'
import type { Plan } from './phasing/outcome.ts'
import { byDeadline, type PhasingProblem, type PhasingSite } from './phasing/problem.ts'

/** The sites with a deadline first, then those that take most risk away per crew day. */
function inWorkOrder(sites: readonly PhasingSite[]): readonly PhasingSite[] {
  const perDay = (site: PhasingSite) => site.riskPoints / Number(site.crewDays)
  return [...sites].sort((a, b) => byDeadline(a, b) || perDay(b) - perDay(a) || (a.key < b.key ? -1 : 1))
}

/** Whether crews alone could make the plan's deadline, money left aside; null without one. Throws InvalidInput. */
export function rolloutOf(of: {
  readonly settings: PlanSettings
  readonly problem: PhasingProblem
  readonly plan: Plan
  readonly orderedOn: PlainDate
  readonly devicesOf: (key: string) => number
  readonly nameOf: (key: string) => string
}): ScheduleDocument['rollout'] {
  const { settings, problem, plan, orderedOn } = of
  if (settings.deadline === null) return null
  const rank = (key: string) => plan.get(key)?.year ?? Number.MAX_SAFE_INTEGER
  const sites = [...inWorkOrder(problem.sites)].sort((a, b) => rank(a.key) - rank(b.key))
  const ratePerDay = toFixed(times(ratio(BigInt(settings.crews)), decimal(settings.devicesPerCrewDay)), 4)
  const result = rollOut({
    orderedOn,
    leadDays: settings.leadDays,
    deadline: settings.deadline,
    devices: sites.flatMap((site) => new Array<string>(of.devicesOf(site.key)).fill(site.key)),
    ratePerDay,
    calendar: { holidays: problem.holidays, workweek: problem.workweek },
    fiscalYearStartMonth: problem.fiscalYearStartMonth,
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
    lateBySite: [...late].map(([key, count]) => ({ site: of.nameOf(key), devices: count })),
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
export function burnDownOf(
  asOf: PlainDate,
  sites: Parameters<typeof burnDown>[0],
): ReturnType<typeof burnDown> {
  const last = [asOf, ...sites.map((site) => site.replacedOn ?? asOf)].sort().at(-1)!
  const days: PlainDate[] = [asOf]
  for (let month = `${asOf.slice(0, 7)}-01`; ; ) {
    const next = addMonths(month, 1)
    const monthEnd = addDays(next, -1)
    if (monthEnd > asOf) days.push(monthEnd)
    if (monthEnd >= last) break
    month = next
  }
  return burnDown(sites, days)
}
