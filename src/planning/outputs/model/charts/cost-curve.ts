/** The chance that a budget suffices. */
import type { EstimateDocument } from '../../../documents.ts'
import {
  type Chart,
  GRID,
  INK,
  legend,
  line,
  path,
  round,
  shortDollars,
  svg,
  text,
  ticks,
  WIDTH,
  widthOf,
} from './draw.ts'

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one drawing from top to bottom; all parts share its scales
export function curveChart(estimate: EstimateDocument): Chart {
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
