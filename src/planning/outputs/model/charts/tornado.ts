/** What moves the total. */
import type { EstimateDocument } from '../../../documents.ts'
import { type Chart, INK, legend, line, rect, shortDollars, svg, text, WIDTH, wrapped } from './draw.ts'

const BARS_MOST = 10

export function tornadoChart(estimate: EstimateDocument): Chart {
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
