/** What a reader of a schedule has to know. */
import { sum } from '../../../lib/money.ts'
import type { ScheduleDocument, Warning } from '../../documents.ts'
import type { ScheduleJob } from './job.ts'
import type { PhasingFund } from './phasing/problem.ts'

/** What a reader has to know before relying on the schedule. */
export function warningsOf(
  schedule: ScheduleDocument,
  job: ScheduleJob,
  funds: readonly PhasingFund[],
): Warning[] {
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
