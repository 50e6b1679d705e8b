/** What was ordered, paid and done beside what was planned. */
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import type { Actual, Comparison } from '../actual-schemas.ts'

export interface Planned {
  /** The latest of the plan; null before there is one. */
  readonly schedule: ScheduleDocument | null
  readonly estimate: EstimateDocument | null
}

/** In all, by fiscal year and by site; in cents of the city's currency. */
export function comparisonOf({ schedule, estimate }: Planned, actuals: readonly Actual[]): Comparison {
  return {
    scheduleId: schedule?.id ?? null,
    total: lineOf('Total', schedule?.capitalPage.expenditureTotal.at(-1) ?? null, actuals),
    byFiscalYear: byFiscalYear(schedule, actuals),
    bySite: bySite(schedule, actuals),
    devicesPlanned: estimate?.devices ?? null,
    devicesDone: actuals.reduce((total, entry) => total + (entry.devicesDone ?? 0), 0),
    delayDaysByReason: delayDays(actuals),
  }
}

function lineOf(label: string, plannedCents: number | null, entries: readonly Actual[]) {
  const totalOf = (kind: string) =>
    entries.reduce((total, entry) => total + (entry.kind === kind ? (entry.amountCents ?? 0) : 0), 0)
  return { label, plannedCents, orderedCents: totalOf('purchase-order'), paidCents: totalOf('payment') }
}

const isMoney = (entry: Actual) => entry.amountCents !== null

function byFiscalYear(
  schedule: ScheduleDocument | null,
  actuals: readonly Actual[],
): Comparison['byFiscalYear'] {
  const years = new Set([
    ...(schedule?.outcome.years.map((year) => year.fiscalYear) ?? []),
    ...actuals.filter(isMoney).map((entry) => entry.fiscalYear),
  ])
  return [...years].sort().map((fiscalYear) => ({
    fiscalYear,
    ...lineOf(
      `FY${fiscalYear}`,
      schedule ? plannedIn(schedule, fiscalYear) : null,
      actuals.filter((entry) => entry.fiscalYear === fiscalYear),
    ),
  }))
}

/** With what was ordered or paid when it was scheduled; what came before the first year is the prior column. */
function plannedIn({ capitalPage, settings }: ScheduleDocument, fiscalYear: number): number {
  const column = fiscalYear < settings.firstFiscalYear ? 0 : capitalPage.columns.indexOf(`FY${fiscalYear}`)
  return capitalPage.expenditureTotal[column] ?? 0
}

function bySite(schedule: ScheduleDocument | null, actuals: readonly Actual[]): Comparison['bySite'] {
  const names = new Map<string | null, string>()
  const planned = new Map<string | null, number>()
  for (const { siteId, site, costCents } of schedule?.sites ?? []) {
    names.set(siteId, site)
    planned.set(siteId, costCents)
  }
  for (const { siteId } of actuals.filter(isMoney)) {
    if (!names.has(siteId)) names.set(siteId, siteId ?? 'No site')
  }
  return [...names].map(([siteId, name]) => ({
    siteId,
    ...lineOf(
      name,
      schedule ? (planned.get(siteId) ?? 0) : null,
      actuals.filter((entry) => entry.siteId === siteId),
    ),
  }))
}

function delayDays(actuals: readonly Actual[]): Comparison['delayDaysByReason'] {
  const days: Record<string, number> = {}
  for (const { delayReason, delayDays } of actuals) {
    if (delayReason !== null) days[delayReason] = (days[delayReason] ?? 0) + (delayDays ?? 0)
  }
  return days
}
