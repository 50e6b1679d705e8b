/** What the figures were computed with. */
import { sentenceOfLaw } from '../model/grounds.ts'
import { dollars } from '../model/labels.ts'
import type { PlanReport } from '../model/report.ts'
import { head, number, type RowOf, type SheetOf, text } from './cells.ts'

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one sheet from top to bottom, row by row
export function assumptionsSheet(report: PlanReport): SheetOf {
  const { estimate, schedule } = report
  const { settings } = estimate
  const rows: RowOf[] = [[head('Assumption'), head('Value'), head('Note')]]
  const put = (label: string, value: string | number | null, note = '') =>
    rows.push([
      text(label),
      typeof value === 'number' ? number(value, { align: 'left' }) : text(value ?? 'none', { wrap: true }),
      text(note, { wrap: true }),
    ])
  put('Escalation, % a year', settings.escalationPercent, 'Rise of prices')
  put('Discount, % a year', settings.discountPercent, 'Nominal; for present values')
  put('Confidence, in 100', settings.confidence, 'The budget is meant to suffice with this chance')
  put('Distribution', settings.distribution, 'Of the closed form, which the budget is taken from')
  put('Correlation within a class', settings.correlation.withinClass)
  put('Correlation across classes', settings.correlation.acrossClasses)
  put(
    'Simulation',
    `${settings.trials} trials, seed ${settings.seed}`,
    `P${settings.confidence} ${dollars(estimate.simulation.atConfidenceCents)}; triangular, so it differs from the PERT closed form`,
  )
  put('Percentages on top of cost', settings.percentCodes.join(', ') || null)
  put("General contractor's part, %", settings.contractorPercent)
  put('Video management', settings.vms)
  put('Installation paid by', settings.installRate)
  put('Crews', settings.crews)
  put('Devices per crew and day', settings.devicesPerCrewDay)
  put('Lead time, calendar days', settings.leadDays, 'From the order to the first day of work')
  put('Order on', settings.orderOn ?? estimate.asOf)
  put('Deadline', settings.deadline)
  put('Most sites a year', settings.maxSitesPerYear)
  put(
    'Days off',
    settings.holidays === 'us-federal' ? 'US federal holidays' : 'none',
    settings.extraHolidays.join(', '),
  )
  put(
    'Books',
    `threshold ${dollars(settings.books.thresholdCents)}, ${settings.books.lifeMonths} months, ${settings.books.convention}`,
    settings.books.groupsPurchases ? 'A purchase is valued as a group' : 'Each unit is valued by itself',
  )
  if (schedule) {
    put(
      'Order of aims',
      schedule.stages.map((stage) => stage.objective).join(', then '),
      'Each is held at its best while the next is improved',
    )
    put(
      'Solver',
      schedule.status,
      `${schedule.used === 'solver' ? 'HiGHS' : 'greedy plan'}, gap ${(schedule.gap * 100).toFixed(2)} %, ${schedule.seconds.toFixed(1)} s`,
    )
    put(
      'Greedy plan instead',
      `${schedule.greedy.riskPointYears} risk-point-years`,
      `The plan shown has ${schedule.outcome.riskPointYears}`,
    )
  }
  put('Method', estimate.method)
  put('Cost catalog', estimate.catalogVersion)
  put('Law and catalog of makers', `version ${estimate.knowledgeVersion}`, sentenceOfLaw(estimate))
  put('Estimate', estimate.id, `revision ${estimate.revision}, made ${estimate.createdAt}`)
  put('Inputs digest', estimate.inputsDigest, 'Equal digests mean equal figures')
  return {
    sheet: 'Assumptions',
    data: rows,
    columns: [{ width: 32 }, { width: 44 }, { width: 70 }],
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}
