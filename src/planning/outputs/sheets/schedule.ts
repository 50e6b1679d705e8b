/** Each site with its year and days. */
import type { ScheduleDocument } from '../../documents.ts'
import { NO_SITE } from '../../estimate/model/lines.ts'
import { citationsOf, groundsIn, rulesOf } from '../model/grounds.ts'
import type { PlanReport } from '../model/report.ts'
import {
  dayColumn,
  headsOf,
  money,
  number,
  numberColumn,
  type SheetOf,
  type TableColumn,
  text,
  textColumn,
} from './cells.ts'

type ScheduledSite = ScheduleDocument['sites'][number]

const SITE_COLUMNS: readonly TableColumn<ScheduledSite>[] = [
  numberColumn('Fiscal year', 13, (site) =>
    site.fiscalYear === null ? text('does not fit', { align: 'right' }) : number(site.fiscalYear),
  ),
  textColumn('Site', 34, (site) => site.site, { wrap: true }),
  numberColumn('Devices', 9, (site) => number(site.devices)),
  numberColumn('Risk points', 13, (site) => number(site.riskPoints)),
  dayColumn('Order by', 13, (site) => site.orderBy ?? null),
  dayColumn('First day of work', 20, (site) => site.from),
  dayColumn('Last day of work', 20, (site) => site.lastDay),
  numberColumn('Crew days', 11, (site) => number(site.crewDays)),
  dayColumn('Deadline', 13, (site) => site.deadline),
  numberColumn('Cost', 15, (site) => money(site.costCents)),
]

export function scheduleSheet({ schedule, estimate }: PlanReport): SheetOf {
  const grounds = groundsIn(estimate)
  const because = textColumn<ScheduledSite>(
    'In the plan because of',
    60,
    ({ siteId }) => citationsOf(rulesOf(grounds, { site: siteId ?? NO_SITE, vendor: '', restriction: '' })),
    { wrap: true },
  )
  const reasons = new Map(
    schedule?.doesNotFit.map((misfit) => [
      misfit.siteId,
      misfit.obstacles.map((one) => `FY${one.fiscalYear}: ${one.because}`).join(' '),
    ]),
  )
  const why = textColumn<ScheduledSite>(
    'Why it does not fit',
    90,
    (site) => (site.fiscalYear === null ? (reasons.get(site.siteId) ?? null) : null),
    { wrap: true },
  )
  const columns = reasons.size === 0 ? [...SITE_COLUMNS, because] : [...SITE_COLUMNS, because, why]
  const lastDay = (site: ScheduledSite) => site.lastDay ?? '9999'
  const sites = [...(schedule?.sites ?? [])].sort((a, b) =>
    lastDay(a) < lastDay(b) ? -1 : lastDay(a) > lastDay(b) ? 1 : 0,
  )
  return {
    sheet: 'Schedule',
    data: [headsOf(columns), ...sites.map((site) => columns.map(({ cell }) => cell(site)))],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}
