/** Charts of a plan as SVG, each with a title, a description and the numbers it draws. */
import type { PlanReport } from '../report.ts'
import { burnDownChart } from './burn-down.ts'
import { curveChart } from './cost-curve.ts'
import type { Chart } from './draw.ts'
import { spendChart } from './spend.ts'
import { tornadoChart } from './tornado.ts'

export const CHARTS = ['spend', 'cost-curve', 'burn-down', 'tornado'] as const
export type ChartName = (typeof CHARTS)[number]

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
