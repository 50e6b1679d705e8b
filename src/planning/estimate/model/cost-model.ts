/** What an estimate is made of: uncertain prices, the lines that pay them, and how they move together. */
import { type Cents, decimal, ONE, type Ratio, times } from '../../../lib/money.ts'

/** Lines of one class tend to be wrong in the same direction. */
export type CostClass = 'equip' | 'soft' | 'labor' | 'access' | 'disp'

/** A plain decimal such as `2.5`; text keeps it exact however many digits it has. */
export type Decimal = string | number

/** One uncertain figure: a price in cents, hours, or a count. */
export interface Variable {
  /** Names the unknown. Two lines with the same key share it, and must give it the same three points. */
  readonly key: string
  readonly low: Decimal
  /** The most likely value. */
  readonly expected: Decimal
  readonly high: Decimal
}

export interface EstimateLine {
  /**
   * Unique in the estimate and stable between runs, such as a line number padded with zeros. Draws are
   * made in ascending order of it, so the order in which lines are handed over changes nothing.
   */
  readonly key: string
  readonly label: string
  readonly class: CostClass
  readonly quantity: Decimal
  /** One to three variables whose product is the cost in cents of one unit: a price, or hours x rate. */
  readonly factors: readonly Variable[]
  /** Fixed multiplier: percentages on top, escalation. 1 when absent. */
  readonly multiplier?: Ratio
  /** What the line can be grouped by: site, fund, fiscal year, cost kind, category. */
  readonly tags?: Readonly<Record<string, string>>
}

/** `pert`: Beta with lambda 4. `triangular`: heavier tails, the only one that can be simulated. */
export type Distribution = 'pert' | 'triangular'

/** Correlations, 0 <= acrossClasses <= withinClass <= 1. */
export interface Correlation {
  readonly withinClass: number
  readonly acrossClasses: number
  /** Between the two factors of one line (hours and rate). */
  readonly betweenFactors: number
}

/** Percentiles of a total: at or below `cents` with a chance of `percent` in 100. */
export interface Percentile {
  readonly percent: number
  readonly cents: Cents
}

const REPORTED_PERCENTILES = [10, 50, 80, 90, 95]

/** The percentiles that are always shown, and the chosen one. */
export function percentilesFor(confidence: number): readonly number[] {
  return [...new Set([...REPORTED_PERCENTILES, confidence])].sort((a, b) => a - b)
}

/** By key, so that the order in which lines are handed over changes nothing. */
export function inOrder(lines: readonly EstimateLine[]): readonly EstimateLine[] {
  return [...lines].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** Quantity with the fixed multiplier. */
export function weightOf(line: EstimateLine): Ratio {
  return times(decimal(line.quantity), line.multiplier ?? ONE)
}

/** Cents of one unit. */
export function productOf(factors: readonly Variable[], column: 'low' | 'expected' | 'high'): Ratio {
  return factors.reduce((product, factor) => times(product, decimal(factor[column])), ONE)
}
