/** Spending by fiscal year and fund, with the cap. */
import type { ScheduleDocument } from '../../../documents.ts'
import { fiscalYearPeriod } from '../../../model/fiscal-year.ts'
import {
  type Chart,
  GRID,
  INK,
  legend,
  line,
  PATTERNS,
  rect,
  shortDollars,
  svg,
  text,
  ticks,
  WIDTH,
} from './draw.ts'

const CAP_STROKE = `stroke="${INK}" stroke-width="2.5" stroke-dasharray="9 5"`

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one drawing from top to bottom; all parts share its scales
export function spendChart(schedule: ScheduleDocument, startMonth: number): Chart {
  const { capitalPage, funding, currency } = schedule
  const years = schedule.outcome.years
  const funds = capitalPage.funding.map((row) => ({ ...row, cents: row.cents.slice(1, -1) }))
  const shown = funds.filter((fund) => fund.cents.some((cents) => cents !== 0))
  const totals = years.map((_, i) => funds.reduce((total, fund) => total + fund.cents[i]!, 0))
  const caps = funding.caps.map((cap) => cap.cents)
  const [left, top, plotHeight] = [78, 56, 290]
  const plotWidth = WIDTH - left - 24
  const scale = ticks(Math.max(...totals, ...caps.map((cap) => cap ?? 0), 1))
  const most = scale.at(-1)!
  const y = (cents: number) => top + plotHeight - (cents / most) * plotHeight
  const band = plotWidth / Math.max(1, years.length)
  const barWidth = Math.min(84, band * 0.56)
  const fillOf = (fund: (typeof funds)[number]) =>
    `url(#spend-${fund.fundingSourceId === null ? 'none' : funds.indexOf(fund) % PATTERNS.length})`
  const body: string[] = []
  for (const tick of scale) {
    body.push(line(left, y(tick), left + plotWidth, y(tick), `stroke="${GRID}"`))
    body.push(text(left - 8, y(tick) + 4, shortDollars(tick, currency), { anchor: 'end' }))
  }
  for (const [i, year] of years.entries()) {
    const middle = left + band * (i + 0.5)
    let base = 0
    for (const fund of shown) {
      const cents = fund.cents[i]!
      if (cents <= 0) continue
      body.push(
        rect(middle - barWidth / 2, y(base + cents), barWidth, y(base) - y(base + cents), fillOf(fund)),
      )
      base += cents
    }
    const cap = caps[i] ?? null
    if (cap !== null) body.push(line(middle - band * 0.42, y(cap), middle + band * 0.42, y(cap), CAP_STROKE))
    // The total stands on its bar; where the cap's line passes there, above the line.
    const nearCap = cap !== null && Math.abs(y(base) - 6 - y(cap)) < 16
    const labelY = nearCap ? Math.min(y(base), y(cap!)) - 7 : y(base) - 7
    if (base > 0)
      body.push(
        text(middle, labelY, shortDollars(base, currency), {
          anchor: 'middle',
          isBold: true,
          isOnWhite: true,
        }),
      )
    body.push(text(middle, top + plotHeight + 19, `FY${year.fiscalYear}`, { anchor: 'middle', isBold: true }))
    const period = fiscalYearPeriod(year.fiscalYear, startMonth)
    // Below ten units the print is finer than 7 points.
    if (band >= 100) {
      body.push(
        text(middle, top + plotHeight + 35, `${period.from.slice(0, 7)} to ${year.lastDay.slice(0, 7)}`, {
          anchor: 'middle',
          size: Math.min(11, band / 10),
        }),
      )
    }
  }
  body.push(line(left, y(0), left + plotWidth, y(0)))
  const keys = legend(
    [
      ...shown.map((fund) => ({ label: fund.source, fill: fillOf(fund) })),
      ...(caps.some((cap) => cap !== null)
        ? [{ label: 'Most that the sources hold', stroke: CAP_STROKE }]
        : []),
    ],
    top + plotHeight + 66,
  )
  const title = 'Planned spending by fiscal year and funding source'
  const largest = totals.indexOf(Math.max(...totals))
  const description =
    `Stacked bars for ${years.length} fiscal years, ${shortDollars(capitalPage.expenditureTotal.at(-1)!, currency)} in all` +
    (totals[largest]! > 0
      ? `; the largest is FY${years[largest]!.fiscalYear} with ${shortDollars(totals[largest]!, currency)}.`
      : '.') +
    (caps.some((cap) => cap !== null) ? ' A broken line marks the most that the sources hold in a year.' : '')
  return {
    title,
    description,
    table: {
      columns: [
        'fiscalYear',
        ...funds.map((fund) => `${fund.source} (cents)`),
        'total (cents)',
        'cap (cents)',
      ],
      rows: years.map((year, i) => [
        year.fiscalYear,
        ...funds.map((fund) => fund.cents[i]!),
        totals[i]!,
        caps[i] ?? null,
      ]),
    },
    svg: svg('spend', top + plotHeight + 66 + keys.height, title, description, body.join('') + keys.body),
  }
}
