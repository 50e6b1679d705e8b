/** How figures are said to people. Pure. */
import { counted } from '../../../lib/counted.ts'
import { formatDollars } from '../../../lib/money.ts'
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'

/** `80 in 100 chance`. */
export function chanceWords(percent: number): string {
  return `${Math.round(percent)} in 100 chance`
}

/** Whole dollars with separators: no cents where a range is spoken of. */
export function dollars(cents: number): string {
  return formatDollars(BigInt(Math.round(cents / 100)) * 100n).replace(/\.00$/, '')
}

/** What the figures cover: devices that have a price, and the sites where they stand. */
export function covered(estimate: EstimateDocument): { devices: number; sites: number; without: number } {
  const without = estimate.unpriced.reduce((total, one) => total + one.devices, 0)
  return {
    devices: estimate.devices - without,
    sites: estimate.bySite.filter((share) => share.value !== '').length,
    without,
  }
}

/** Whether every site is done by its deadline; null when the plan has none. */
export function isDoneInTime({ rollout, doesNotFit, sites }: ScheduleDocument): boolean | null {
  if (rollout === null) return null
  return rollout.shortfall === 0 && doesNotFit.length === 0 && sites.every((site) => !isLate(site))
}

function isLate({ lastDay, deadline }: ScheduleDocument['sites'][number]): boolean {
  return lastDay !== null && deadline !== null && lastDay > deadline
}

/** When the last site is done, what the crews could do, and when the order is due. */
export function sentenceOfTime(schedule: ScheduleDocument): string {
  const { rollout, sites, doesNotFit } = schedule
  if (rollout === null) return ''
  const { deadline } = rollout
  const last = sites
    .flatMap((site) => site.lastDay ?? [])
    .sort()
    .at(-1)
  const late = sites.filter(isLate).length
  const parts: string[] = []
  if (doesNotFit.length > 0)
    parts.push(`${counted(doesNotFit.length, 'site')} in no year, so not done by ${deadline}.`)
  if (late > 0) parts.push(`${counted(late, 'site')} done after the deadline.`)
  if (last !== undefined)
    parts.push(`The last scheduled site is done on ${last}; the deadline is ${deadline}.`)
  if (rollout.shortfall > 0) {
    const cure =
      rollout.requiredRate === null
        ? 'no working day is left'
        : `${Number(rollout.requiredRate)} devices a day would do instead of ${rollout.ratePerDay}`
    parts.push(`Crews leave ${counted(rollout.shortfall, 'device')} standing after it; ${cure}.`)
  }
  if (rollout.orderLateByDays > 0)
    parts.push(`For crews to make it the order was due by ${rollout.latestOrderOn}.`)
  return parts.join(' ')
}

/** The last day on which to order what is installed in each fiscal year, by the visits that are scheduled. */
export function sentenceOfOrders({ sites }: ScheduleDocument): string {
  const first = new Map<number, { orderBy: string; site: string }>()
  for (const { fiscalYear, orderBy, site } of sites) {
    if (fiscalYear === null || !orderBy) continue
    const known = first.get(fiscalYear)
    if (!known || orderBy < known.orderBy) first.set(fiscalYear, { orderBy, site })
  }
  if (first.size === 0) return ''
  const years = [...first].sort(([a], [b]) => a - b)
  return `Order at the latest: ${years.map(([year, { orderBy, site }]) => `${orderBy} for the first site of FY${year} (${site})`).join('; ')}.`
}

/** What has changed since the figures were computed; empty when nothing has. */
export function sentenceOfChanges(report: {
  readonly isOutdated: boolean
  readonly changedSince: readonly string[]
}): string {
  const changed = [...(report.isOutdated ? ['the plan'] : []), ...report.changedSince]
  return changed.length === 0 ? '' : `Changed since these figures were computed: ${changed.join(', ')}.`
}
