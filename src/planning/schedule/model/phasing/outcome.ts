/** What a plan comes to, and which of two plans is better. */
import { type Cents, percent, presentValue, sum } from '../../../../lib/money.ts'
import { refuse } from '../../../model/errors.ts'
import type { FiscalYear } from '../../../model/fiscal-year.ts'
import type { Prepared } from './prepare.ts'
import type { Window } from './windows.ts'

/** The window of each site by its key; null when it is left out. */
export type Plan = ReadonlyMap<string, Window | null>

export interface Outcome {
  /** Every site is placed. Money, crews and order are settled before a plan becomes one. */
  readonly isComplete: boolean
  readonly unplaced: readonly string[]
  readonly unplacedWithDeadline: number
  readonly unplacedRiskPoints: number
  /** Risk points x years after the first, over the sites that are placed. */
  readonly riskPointYears: number
  readonly presentValueCents: Cents
  readonly nominalCents: Cents
  readonly years: readonly YearOutcome[]
  readonly yearsTouched: number
}

interface YearOutcome {
  readonly year: FiscalYear
  readonly sites: readonly string[]
  readonly spendCents: Cents
}

/** What a plan comes to. Throws InvalidInput for keys that are not sites of the problem. */
export function evaluate(prepared: Prepared, plan: Plan): Outcome {
  const { problem, place } = prepared
  const unknown = [...plan.keys()].filter((key) => !place.has(key))
  refuse(unknown.map((key) => ({ pointer: '/plan', detail: `${key} is not a site of the problem.` })))
  const first = problem.years[0] ?? 0
  const unplaced = problem.sites.filter((site) => (plan.get(site.key) ?? null) === null)
  const byYear = new Map(problem.years.map((year) => [year, { sites: [] as string[], spendCents: 0n }]))
  let riskPointYears = 0
  for (const site of problem.sites) {
    const window = plan.get(site.key) ?? null
    if (window === null) continue
    const year = byYear.get(window.year)!
    year.sites.push(site.key)
    year.spendCents += sum(site.parts.map((part) => part.costCents.get(window.year) ?? 0n))
    riskPointYears += site.riskPoints * (window.year - first)
  }
  const years = [...byYear].map(([year, totals]) => ({ year, ...totals }))
  return {
    isComplete: unplaced.length === 0,
    unplaced: unplaced.map((site) => site.key),
    unplacedWithDeadline: unplaced.filter((site) => site.deadline !== null).length,
    unplacedRiskPoints: unplaced.reduce((total, site) => total + site.riskPoints, 0),
    riskPointYears,
    presentValueCents: presentValue(
      years.map(({ year, spendCents }) => ({ years: year - first, cents: spendCents })),
      percent(problem.discountPercent),
    ),
    nominalCents: sum(years.map((year) => year.spendCents)),
    years,
    yearsTouched: years.filter((year) => year.sites.length > 0).length,
  }
}

/**
 * Negative when a is the better outcome. In this order: no site with a deadline left out, least risk left
 * out, fewest risk-point-years, lowest present value, fewest years touched.
 */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  if (a.unplacedWithDeadline !== b.unplacedWithDeadline)
    return a.unplacedWithDeadline - b.unplacedWithDeadline
  const left = (o: Outcome) => o.unplacedRiskPoints + o.unplaced.length
  if (left(a) !== left(b)) return left(a) - left(b)
  if (a.riskPointYears !== b.riskPointYears) return a.riskPointYears - b.riskPointYears
  if (a.presentValueCents !== b.presentValueCents) return a.presentValueCents < b.presentValueCents ? -1 : 1
  return a.yearsTouched - b.yearsTouched
}
