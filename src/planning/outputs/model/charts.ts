/**
 * Charts of a plan as SVG, each with a title, a description and the numbers it draws. Pure.
 *
 * They are read in black and white: areas are told apart by pattern and label, lines by dash and label. Text
 * widths are estimated, since nothing here can measure; the estimate errs on the wide side.
 */
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import { fiscalYearPeriod } from '../../model/fiscal-year.ts'
import type { PlanReport } from './report.ts'

export const CHARTS = ['spend', 'cost-curve', 'burn-down', 'tornado'] as const
export type ChartName = (typeof CHARTS)[number]

export interface Chart {
  readonly title: string
  readonly description: string
  readonly table: {
    readonly columns: readonly string[]
    readonly rows: readonly (readonly (string | number | null)[])[]
  }
  readonly svg: string
}

/** null when the plan has no schedule and the chart needs one. */
export function chartOf(name: ChartName, report: PlanReport): Chart | null {
  switch (name) {
    case 'spend':
      return report.schedule && spendChart(report.schedule, report.city.fiscalYearStartMonth)
    case 'cost-curve':
      return curveChart(report.estimate)
    case 'burn-down':
      return report.schedule && burnDownChart(report.schedule, report)
    case 'tornado':
      return tornadoChart(report.estimate)
    default:
      return name satisfies never
  }
}

/* ---------------------------------------------------------------- drawing */

const WIDTH = 760
const SIZE = 13
const INK = '#1a1a1a'
const GRID = '#d0d0d0'

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

const round = (n: number) => Math.round(n * 10) / 10

/** Generous width of a text in user units. */
function widthOf(text: string, size = SIZE): number {
  let units = 0
  for (const character of text)
    units += /[il.,;:'|!() ]/.test(character) ? 0.36 : /[mwMW@%]/.test(character) ? 0.92 : 0.6
  return units * size
}

/** The text, cut with an ellipsis where it would be wider than allowed. */
function fitted(text: string, most: number, size = SIZE): string {
  if (widthOf(text, size) <= most) return text
  let cut = text
  while (cut.length > 1 && widthOf(`${cut}…`, size) > most) cut = cut.slice(0, -1)
  return `${cut.trimEnd()}…`
}

/** At most so many lines; the last is cut. */
function wrapped(text: string, width: number, size: number, most: number): readonly string[] {
  if (most === 1 || widthOf(text, size) <= width) return [fitted(text, width, size)]
  const words = text.split(' ')
  let first = words.shift()!
  while (words.length > 0 && widthOf(`${first} ${words[0]}`, size) <= width) first += ` ${words.shift()}`
  const rest = words.length > 0 ? wrapped(words.join(' '), width, size, most - 1) : []
  return [fitted(first, width, size), ...rest]
}

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly isBold?: boolean
  /** On white, so that lines behind it do not cross it. */
  readonly isOnWhite?: boolean
}

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', size = SIZE, isBold = false, isOnWhite = false } = style
  const halo = isOnWhite ? ' stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"' : ''
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}"${isBold ? ' font-weight="bold"' : ''}${halo}>${xml(content)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number, attributes = `stroke="${INK}"`): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${attributes}/>`
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(Math.max(0, height))}" fill="${fill}" stroke="${INK}"/>`
}

function path(points: readonly (readonly [number, number])[], attributes: string): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  return `<path d="${d}" fill="none" ${attributes}/>`
}

/** Fills that stay apart in black and white, darkest and lightest first. */
const PATTERNS: readonly string[] = [
  `<rect width="8" height="8" fill="#3d5a80"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#1a1a1a" stroke-width="1.6"/>`,
  `<rect width="8" height="8" fill="#fff"/><circle cx="2" cy="2" r="1.5" fill="#1a1a1a"/><circle cx="6" cy="6" r="1.5" fill="#1a1a1a"/>`,
  `<rect width="8" height="8" fill="#c9d6e3"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M0 2H8M0 6H8" stroke="#1a1a1a" stroke-width="1.2"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M0 0L8 8M8 0L0 8" stroke="#1a1a1a" stroke-width="1"/>`,
  `<rect width="8" height="8" fill="#7c8b99"/><path d="M2 0V8M6 0V8" stroke="#fff" stroke-width="1.2"/>`,
]
/** For what nobody pays: empty, with a broken outline. */
const UNFUNDED = `<rect width="8" height="8" fill="#fff"/>`

function svg(name: string, height: number, title: string, description: string, body: string): string {
  const patterns = [...PATTERNS, UNFUNDED]
    .map(
      (fill, i) =>
        `<pattern id="${name}-${i === PATTERNS.length ? 'none' : i}" width="8" height="8" patternUnits="userSpaceOnUse">${fill}</pattern>`,
    )
    .join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${round(height)}" width="${WIDTH}" height="${round(height)}" role="img" aria-labelledby="${name}-title ${name}-desc" font-family="Arial, 'Liberation Sans', Helvetica, sans-serif" fill="${INK}"><title id="${name}-title">${xml(title)}</title><desc id="${name}-desc">${xml(description)}</desc><defs>${patterns}</defs><rect width="${WIDTH}" height="${round(height)}" fill="#fff"/>${text(WIDTH / 2, 24, fitted(title, WIDTH - 40, 17), { anchor: 'middle', size: 17, isBold: true })}${body}</svg>`
}

/** `$1.23M`, `$45.6k`, `$780`: for axes and labels, never for a figure that is added up. */
export function shortDollars(cents: number, currency = 'USD'): string {
  const dollars = Math.abs(cents) / 100
  const sign = cents < 0 ? '-' : ''
  const unit = currency === 'USD' ? '$' : `${currency} `
  const cut = (n: number) => String(Number(n.toPrecision(3)))
  if (dollars >= 999_500_000) return `${sign}${unit}${cut(dollars / 1e9)}B`
  if (dollars >= 999_500) return `${sign}${unit}${cut(dollars / 1e6)}M`
  if (dollars >= 9_995) return `${sign}${unit}${cut(dollars / 1e3)}k`
  return `${sign}${unit}${Math.round(dollars).toLocaleString('en-US')}`
}

/** About `wanted` round steps from 0 that cover the value. */
function ticks(most: number, wanted = 5): readonly number[] {
  if (!(most > 0)) return [0, 1]
  const raw = most / wanted
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= raw)!
  const count = Math.ceil(most / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}

interface Legend {
  readonly label: string
  readonly fill?: string
  readonly stroke?: string
}

/** Rows of swatches with their labels; gives the drawing and its height. */
function legend(entries: readonly Legend[], top: number): { readonly body: string; readonly height: number } {
  let [x, y] = [40, top]
  const parts: string[] = []
  for (const { label, fill, stroke } of entries) {
    const shown = fitted(label, 300)
    const width = 34 + widthOf(shown) + 14
    if (x + width > WIDTH - 20 && x > 40) {
      x = 40
      y += 22
    }
    if (fill) parts.push(rect(x, y - 11, 24, 14, fill))
    if (stroke) parts.push(line(x, y - 4, x + 24, y - 4, stroke))
    parts.push(text(x + 31, y, shown))
    x += width
  }
  return { body: parts.join(''), height: y - top + 22 }
}

/* ---------------------------------------------------------------- spend by fiscal year */

const CAP_STROKE = `stroke="${INK}" stroke-width="2.5" stroke-dasharray="9 5"`

function spendChart(schedule: ScheduleDocument, startMonth: number): Chart {
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
    if (years.length <= 8) {
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

/* ---------------------------------------------------------------- cost S-curve */

function curveChart(estimate: EstimateDocument): Chart {
  const { currency, curve, simulation } = estimate
  const [left, top, plotHeight] = [78, 56, 300]
  const plotWidth = WIDTH - left - 40
  const all = [...curve, ...simulation.curve].map((one) => one.cents)
  const marks = [
    {
      label: 'Expected costs added up',
      chance: estimate.chancePointSuffices * 100,
      cents: estimate.pointCents,
    },
    { label: 'P50', chance: 50, cents: at(estimate, 50) },
    { label: 'P80', chance: 80, cents: at(estimate, 80) },
    ...([50, 80].includes(estimate.confidence)
      ? []
      : [
          {
            label: `P${estimate.confidence}`,
            chance: estimate.confidence,
            cents: estimate.atConfidenceCents,
          },
        ]),
  ].sort((a, b) => a.chance - b.chance)
  const [low, high] = [Math.min(...all, estimate.pointCents), Math.max(...all, estimate.pointCents)]
  const step = stepOf(Math.max(high - low, 1), 5)
  const first = Math.floor(low / step) * step
  const last = Math.max(first + step, Math.ceil(high / step) * step)
  const x = (cents: number) => left + ((cents - first) / (last - first)) * plotWidth
  const y = (percent: number) => top + plotHeight - (percent / 100) * plotHeight
  const body: string[] = []
  for (const percent of [0, 20, 40, 60, 80, 100]) {
    body.push(line(left, y(percent), left + plotWidth, y(percent), `stroke="${GRID}"`))
    body.push(text(left - 8, y(percent) + 4, `${percent}`, { anchor: 'end' }))
  }
  for (let tick = first; tick <= last + step / 2; tick += step) {
    body.push(line(x(tick), y(0), x(tick), y(0) + 5))
    body.push(text(x(tick), y(0) + 20, shortDollars(tick, currency), { anchor: 'middle' }))
  }
  body.push(line(left, y(0), left + plotWidth, y(0)), line(left, top, left, y(0)))
  body.push(text(left, top - 10, 'Chance in 100 that the cost is at or below'))
  body.push(
    text(left + plotWidth / 2, y(0) + 40, `Total cost in the money of ${estimate.moneyOf.slice(0, 6)}`, {
      anchor: 'middle',
    }),
  )
  const simulated = `stroke="${INK}" stroke-width="1.5" stroke-dasharray="3 4"`
  const solid = 'stroke="#3d5a80" stroke-width="3"'
  body.push(
    path(
      simulation.curve.map((one) => [x(one.cents), y(one.percent)] as const),
      simulated,
    ),
    path(
      curve.map((one) => [x(one.cents), y(one.percent)] as const),
      solid,
    ),
  )
  for (const mark of marks) {
    const mx = x(mark.cents)
    body.push(line(mx, y(mark.chance), mx, y(0), `stroke="${INK}" stroke-dasharray="2 3"`))
  }
  let floor = Number.POSITIVE_INFINITY
  for (const mark of marks) {
    const [mx, my] = [x(mark.cents), y(mark.chance)]
    body.push(
      `<circle cx="${round(mx)}" cy="${round(my)}" r="5" fill="#fff" stroke="${INK}" stroke-width="2"/>`,
    )
    const label = `${mark.label}: ${shortDollars(mark.cents, currency)}`
    // To the right of a rising curve there is room; labels that would meet are pushed apart upwards.
    const labelY = Math.min(my + 16, floor - 18)
    floor = labelY
    const isLeft = mx + 12 + widthOf(label) > WIDTH - 8
    body.push(
      text(isLeft ? mx - 12 : mx + 12, labelY, label, {
        anchor: isLeft ? 'end' : 'start',
        isBold: true,
        isOnWhite: true,
      }),
    )
  }
  const keys = legend(
    [
      {
        label: `Closed form (${estimate.settings.distribution === 'pert' ? 'Beta-PERT' : 'triangular'})`,
        stroke: solid,
      },
      {
        label: `Simulation (triangular, ${simulation.trials.toLocaleString('en-US')} trials)`,
        stroke: simulated,
      },
    ],
    y(0) + 66,
  )
  const title = 'How likely it is that a budget suffices'
  const description = `An S-curve of total cost. ${marks.map((mark) => `${mark.label}: ${shortDollars(mark.cents, currency)}, ${Math.round(mark.chance)} in 100.`).join(' ')}`
  return {
    title,
    description,
    table: {
      columns: ['chance in 100', 'closed form (cents)', 'simulation (cents)'],
      rows: curve.map((one, i) => [one.percent, one.cents, simulation.curve[i]!.cents]),
    },
    svg: svg('curve', y(0) + 66 + keys.height, title, description, body.join('') + keys.body),
  }
}

function at(estimate: EstimateDocument, percent: number): number {
  return estimate.percentiles.find((one) => one.percent === percent)?.cents ?? 0
}

function stepOf(range: number, wanted: number): number {
  const [, second] = ticks(range, wanted)
  return second ?? 1
}

/* ---------------------------------------------------------------- risk burn-down */

function burnDownChart(schedule: ScheduleDocument, report: PlanReport): Chart {
  const plan = schedule.burnDown
  const actual = actualBurnDown(schedule, report)
  const deadline = schedule.settings.deadline
  const [left, top, plotHeight] = [78, 66, 280]
  const plotWidth = WIDTH - left - 40
  const days = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000
  const first = days(plan[0]!.on)
  const lastDate = [plan.at(-1)!.on, deadline ?? '', ...(actual.at(-1) ? [actual.at(-1)!.on] : [])]
    .sort()
    .at(-1)!
  const last = Math.max(first + 30, days(lastDate))
  const scale = ticks(Math.max(plan[0]!.openPoints, 1))
  const most = scale.at(-1)!
  const x = (date: string) => left + ((days(date) - first) / (last - first)) * plotWidth
  const y = (points: number) => top + plotHeight - (points / most) * plotHeight
  const body: string[] = []
  for (const tick of scale) {
    body.push(line(left, y(tick), left + plotWidth, y(tick), `stroke="${GRID}"`))
    body.push(text(left - 8, y(tick) + 4, tick.toLocaleString('en-US'), { anchor: 'end' }))
  }
  // A mark each quarter, half year or year, so that about eight have room.
  const months = (last - first) / 30.4
  const every = months <= 10 ? 1 : months <= 24 ? 3 : months <= 60 ? 6 : 12
  let [year, month] = [Number(plan[0]!.on.slice(0, 4)), Number(plan[0]!.on.slice(5, 7))]
  for (let guard = 0; guard < 600; guard++) {
    month++
    if (month > 12) [year, month] = [year + 1, 1]
    const on = `${year}-${String(month).padStart(2, '0')}-01`
    if (days(on) > last) break
    if ((month - 1) % every !== 0) continue
    body.push(line(x(on), y(0), x(on), y(0) + 5))
    body.push(text(x(on), y(0) + 20, on.slice(0, 7), { anchor: 'middle' }))
  }
  body.push(line(left, y(0), left + plotWidth, y(0)))
  body.push(text(left, top - 10, 'Open risk points'))
  const steps = (points: readonly { on: string; openPoints: number }[]) =>
    points.flatMap((one, i) =>
      i === 0
        ? [[x(one.on), y(one.openPoints)] as const]
        : [[x(one.on), y(points[i - 1]!.openPoints)] as const, [x(one.on), y(one.openPoints)] as const],
    )
  const planned = 'stroke="#3d5a80" stroke-width="3"'
  const done = `stroke="${INK}" stroke-width="2" stroke-dasharray="6 4"`
  body.push(path(steps(plan), planned))
  if (actual.length > 0) {
    body.push(path(steps(actual), done))
    for (const one of actual)
      body.push(`<circle cx="${round(x(one.on))}" cy="${round(y(one.openPoints))}" r="3.5" fill="${INK}"/>`)
  }
  if (deadline !== null && days(deadline) >= first) {
    const dx = x(deadline)
    body.push(line(dx, top - 4, dx, y(0), `stroke="${INK}" stroke-width="2.5" stroke-dasharray="10 4 2 4"`))
    const label = `Deadline ${deadline}`
    const isLeft = dx + 8 + widthOf(label) > WIDTH - 8
    body.push(
      text(isLeft ? dx - 8 : dx + 8, top + 10, label, {
        anchor: isLeft ? 'end' : 'start',
        isBold: true,
        isOnWhite: true,
      }),
    )
  }
  const end = plan.at(-1)!
  if (end.openPoints > 0) {
    body.push(
      text(
        left + plotWidth,
        y(end.openPoints) - 8,
        `${end.openPoints.toLocaleString('en-US')} points stay open`,
        {
          anchor: 'end',
          isBold: true,
          isOnWhite: true,
        },
      ),
    )
  }
  const keys = legend(
    [
      { label: 'Plan', stroke: planned },
      ...(actual.length > 0 ? [{ label: 'Actual, as completions were recorded', stroke: done }] : []),
    ],
    y(0) + 52,
  )
  const title = 'Open risk by month'
  const description = `A falling line from ${plan[0]!.openPoints.toLocaleString('en-US')} risk points on ${plan[0]!.on} to ${end.openPoints.toLocaleString('en-US')} on ${end.on}${deadline === null ? '' : `; the deadline is ${deadline}`}.`
  const actualOn = (on: string) => {
    const before = actual.filter((one) => one.on <= on).at(-1)
    return before === undefined || on > report.runOn ? null : before.openPoints
  }
  return {
    title,
    description,
    table: {
      columns: ['on', 'open risk points (plan)', 'open devices (plan)', 'open risk points (actual)'],
      rows: plan.map((one) => [one.on, one.openPoints, one.openDevices, actualOn(one.on)]),
    },
    svg: svg('burn', y(0) + 52 + keys.height, title, description, body.join('') + keys.body),
  }
}

/** Open points after each recorded completion: a site's points go with the part of its devices that is done. */
function actualBurnDown(
  schedule: ScheduleDocument,
  { completions }: PlanReport,
): readonly { on: string; openPoints: number }[] {
  if (completions.length === 0) return []
  const sites = new Map(schedule.sites.map((site) => [site.siteId, site]))
  const total = schedule.burnDown[0]!.openPoints
  const left = new Map(schedule.sites.map((site) => [site.siteId, site.devices]))
  let open = total
  const points = [{ on: schedule.burnDown[0]!.on, openPoints: total }]
  for (const { on, siteId, devices } of completions) {
    const site = sites.get(siteId)
    if (!site || site.devices === 0) continue
    const done = Math.min(devices, left.get(siteId)!)
    left.set(siteId, left.get(siteId)! - done)
    open -= (site.riskPoints * done) / site.devices
    points.push({ on, openPoints: Math.max(0, Math.round(open)) })
  }
  return points
}

/* ---------------------------------------------------------------- tornado */

const BARS_MOST = 10

function tornadoChart(estimate: EstimateDocument): Chart {
  const { currency } = estimate
  const swings = estimate.tornado.filter((swing) => swing.swingCents > 0).slice(0, BARS_MOST)
  const [labelWidth, top, pitch] = [230, 74, 44]
  const [left, right] = [labelWidth + 74, WIDTH - 74]
  const low = Math.min(0, ...swings.map((swing) => swing.lowCents))
  const high = Math.max(0, ...swings.map((swing) => swing.highCents))
  const range = high - low || 1
  const x = (cents: number) => left + ((cents - low) / range) * (right - left)
  const bottom = top + Math.max(1, swings.length) * pitch
  const body: string[] = []
  body.push(
    text(x(0), top - 26, `Mean total ${shortDollars(estimate.meanCents, currency)}`, {
      anchor: 'middle',
      isBold: true,
    }),
    text(x(0), top - 10, 'cheaper ← → dearer', { anchor: 'middle', size: 12 }),
  )
  for (const [i, swing] of swings.entries()) {
    const y = top + i * pitch
    const lines = wrapped(swing.label, labelWidth, 12, 3)
    for (const [l, label] of lines.entries())
      body.push(text(16, y + 20 + (l - (lines.length - 1) / 2) * 13, label, { size: 12 }))
    body.push(rect(x(swing.lowCents), y + 4, x(0) - x(swing.lowCents), 22, 'url(#tornado-3)'))
    body.push(rect(x(0), y + 4, x(swing.highCents) - x(0), 22, 'url(#tornado-1)'))
    body.push(
      text(x(swing.lowCents) - 6, y + 20, shortDollars(swing.lowCents, currency), {
        anchor: 'end',
        size: 12,
      }),
    )
    body.push(
      text(x(swing.highCents) + 6, y + 20, `+${shortDollars(swing.highCents, currency)}`, { size: 12 }),
    )
  }
  body.push(line(x(0), top - 4, x(0), bottom, `stroke="${INK}" stroke-width="1.5"`))
  if (swings.length === 0) body.push(text(WIDTH / 2, top + 24, 'Nothing varies.', { anchor: 'middle' }))
  const keys = legend(
    [
      { label: 'price or hours at the low value', fill: 'url(#tornado-3)' },
      { label: 'at the high value', fill: 'url(#tornado-1)' },
    ],
    bottom + 26,
  )
  const title = 'What moves the total most'
  const description = `Bars of ${swings.length} prices and hours, by how far each alone moves the mean total of ${shortDollars(estimate.meanCents, currency)}.${swings[0] ? ` The largest is ${swings[0].label}, ${shortDollars(swings[0].swingCents, currency)} from low to high.` : ''}`
  return {
    title,
    description,
    table: {
      columns: ['code', 'label', 'low (cents)', 'high (cents)', 'swing (cents)'],
      rows: swings.map((swing) => [
        swing.code,
        swing.label,
        swing.lowCents,
        swing.highCents,
        swing.swingCents,
      ]),
    },
    svg: svg('tornado', bottom + 26 + keys.height, title, description, body.join('') + keys.body),
  }
}
