/** What the charts draw, as tables with the chart beside them. */
import type { PlanReport } from '../model/report.ts'
import { headsOf, money, number, numberColumn, type SheetOf, type TableColumn, textColumn } from './cells.ts'

type Estimate = PlanReport['estimate']

interface Chance {
  readonly percent: number
  readonly closed: number
  readonly drawn: number
}

const CURVE: readonly TableColumn<Chance>[] = [
  numberColumn('Chance in 100', 10, ({ percent }) => number(percent)),
  numberColumn('Closed form', 16, ({ closed }) => money(closed)),
  numberColumn('Simulation', 16, ({ drawn }) => money(drawn)),
]

/** The chance that a budget suffices. */
export function curveSheet({ estimate }: PlanReport): SheetOf {
  const rows = estimate.curve.map(({ percent, cents }, i) => ({
    percent,
    closed: cents,
    drawn: estimate.simulation.curve[i]!.cents,
  }))
  const last = rows.length + 1
  return {
    sheet: 'S-curve',
    data: [headsOf(CURVE), ...rows.map((row) => CURVE.map(({ cell }) => cell(row)))],
    columns: CURVE.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
    chart: {
      kind: 'curve',
      title: 'How likely it is that a budget suffices',
      categories: `'S-curve'!$A$2:$A$${last}`,
      series: [
        { name: 'Closed form', cells: `'S-curve'!$B$2:$B$${last}` },
        { name: 'Simulation', cells: `'S-curve'!$C$2:$C$${last}` },
      ],
      axisTitle: `Total cost in the money of ${estimate.moneyOf.slice(0, 6)}`,
      at: [4, 1],
    },
  }
}

type Swing = Estimate['tornado'][number]

const TORNADO: readonly TableColumn<Swing>[] = [
  textColumn('What', 44, ({ label }) => label, { wrap: true, indent: 0 }),
  textColumn('Code', 14, ({ code }) => code),
  numberColumn('At its low', 14, ({ lowCents }) => money(lowCents)),
  numberColumn('At its high', 14, ({ highCents }) => money(highCents)),
  numberColumn('Swing', 14, ({ swingCents }) => money(swingCents)),
]

/** What moves the total most. */
export function tornadoSheet({ estimate }: PlanReport): SheetOf {
  const rows = estimate.tornado
  const last = Math.max(2, rows.length + 1)
  return {
    sheet: 'Tornado',
    data: [headsOf(TORNADO), ...rows.map((row) => TORNADO.map(({ cell }) => cell(row)))],
    columns: TORNADO.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
    chart: {
      kind: 'bars',
      title: 'What moves the total most',
      categories: `Tornado!$A$2:$A$${last}`,
      series: [
        { name: 'Price or hours at the low value', cells: `Tornado!$C$2:$C$${last}` },
        { name: 'At the high value', cells: `Tornado!$D$2:$D$${last}` },
      ],
      axisTitle: 'Change of the mean total',
      at: [0, rows.length + 3],
    },
  }
}
