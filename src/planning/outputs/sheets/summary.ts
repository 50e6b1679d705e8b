/** The figures and what they mean. */
import { counted } from '../../../lib/counted.ts'
import { OBJECTIVE_WORDS } from '../../schedule/model/phasing/objectives.ts'
import { sentenceOfApproval } from '../model/approval.ts'
import {
  chanceWords,
  covered,
  isDoneInTime,
  sentenceOfChanges,
  sentenceOfOrders,
  sentenceOfTime,
} from '../model/labels.ts'
import type { PlanReport } from '../model/report.ts'
import { requestOf } from '../model/request.ts'
import {
  aside,
  bold,
  type CellOf,
  day,
  HEAD,
  head,
  money,
  moneyFormula,
  number,
  type RowOf,
  type SheetOf,
  text,
} from './cells.ts'

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one sheet from top to bottom, row by row
export function summarySheet(report: PlanReport, planned: string | null): SheetOf {
  const { plan, city, estimate, schedule } = report
  const rows: RowOf[] = []
  const rightText = (value: string) => text(value, { align: 'right' })
  const put = (label: string, value: CellOf, note = '') =>
    rows.push([text(label), value, text(note, { wrap: true, align: 'left', indent: 1 })])
  rows.push([text(`${city.name}: ${plan.name}`, { ...bold, fontSize: 16 })])
  rows.push([text('Estimate, not an appropriation', { fontStyle: 'italic' })])
  const approval = sentenceOfApproval(report)
  if (approval !== '') rows.push([text(approval)])
  rows.push([])
  rows.push([
    head('Figure'),
    text('Value', { ...HEAD, align: 'right' }),
    text('What it means', { ...HEAD, ...aside }),
  ])
  const scope = covered(estimate)
  const request = requestOf(estimate, schedule)
  for (const { label, cents } of request.parts) put(label, money(cents))
  const [from, to] = [rows.length - request.parts.length + 1, rows.length]
  put('Request', moneyFormula(`SUM(B${from}:B${to})`, request.cents, bold), 'The one figure to ask for')
  rows.push([])
  put(
    'Devices',
    number(scope.devices),
    `At ${counted(scope.sites, 'site')}${scope.without === 0 ? '' : `; ${counted(scope.without, 'more device')} without a price in no figure`}`,
  )
  put('Money of', rightText(estimate.moneyOf))
  put(
    'Expected cost',
    money(estimate.pointCents),
    `Sum of expected prices; ${chanceWords(estimate.chancePointSuffices * 100)} that it suffices`,
  )
  for (const { percent, cents } of estimate.percentiles)
    put(`P${percent}`, money(cents), `${percent} in 100 chance the cost is at or below`)
  put(
    `Contingency to P${estimate.confidence}`,
    money(estimate.contingencyCents),
    `${(estimate.contingencyRatio * 100).toFixed(1)} % of the expected cost`,
  )
  put(
    `Budget (P${estimate.confidence})`,
    money(estimate.atConfidenceCents, bold),
    `In the money of ${estimate.moneyOf.slice(0, 6)}`,
  )
  for (const share of estimate.byScope) {
    put(
      share.value === 'betterment' ? 'of which betterment' : 'of which like for like',
      money(share.budgetCents),
      share.value === 'betterment'
        ? 'More than comparable equipment'
        : 'Comparable equipment, removal, disposal',
    )
  }
  if (schedule) {
    const { capitalPage, funding, outcome } = schedule
    put(
      'Planned spending, all years',
      planned === null
        ? money(capitalPage.expenditureTotal.at(-1)!, bold)
        : moneyFormula(planned, capitalPage.expenditureTotal.at(-1)!, bold),
      `With the rise of prices to each fiscal year; total of the capital page, to put into the budget book${
        schedule.doesNotFit.length === 0
          ? ''
          : `, without what does not fit (${counted(schedule.doesNotFit.length, 'site')})`
      }`,
    )
    put('Present value', money(outcome.presentValueCents), `At ${schedule.settings.discountPercent} % a year`)
    put('Not funded yet', money(funding.gapCents))
    put(
      'Written off (no cash)',
      money(schedule.writeOff.totalCents),
      `Book value of ${schedule.writeOff.devicesValued} devices; never part of a request`,
    )
    put('Comes every year afterwards', money(capitalPage.operatingImpactCents))
    put(
      'Everything fits',
      rightText(schedule.isFeasible ? 'yes' : 'no'),
      schedule.isFeasible
        ? ''
        : schedule.doesNotFit.length > 0
          ? `${counted(schedule.doesNotFit.length, 'site')} in no year; see Schedule`
          : 'Every site has a year, and no funding source is named to pay for it',
    )
    const isInTime = isDoneInTime(schedule)
    if (isInTime !== null) put('Done in time', rightText(isInTime ? 'yes' : 'no'), sentenceOfTime(schedule))
    const firstOrder = schedule.sites.flatMap((site) => site.orderBy ?? []).sort()[0]
    if (firstOrder !== undefined)
      put('First order', day(firstOrder, { align: 'right' }), sentenceOfOrders(schedule))
    put('Chosen in this order', rightText('deadlines, then risk'), OBJECTIVE_WORDS)
  }
  rows.push([])
  const changes = sentenceOfChanges(report)
  if (changes !== '') rows.push([text(changes, bold)])
  const warnings = [...estimate.warnings, ...(schedule?.warnings ?? [])]
  if (warnings.length > 0) {
    rows.push([head('To know'), head(''), head('')])
    for (const warning of warnings)
      rows.push([text(warning.message, { wrap: true, columnSpan: 3 }), null, null])
  }
  return {
    sheet: 'Summary',
    data: rows,
    columns: [{ width: 44 }, { width: 32 }, { width: 76 }],
    orientation: 'landscape',
  }
}
