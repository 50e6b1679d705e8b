/** Lines that pay the same unknown unit cost, taken together, and the variance of their total. */
import { divide, plus, type Ratio, times, toNumber } from '../../../lib/money.ts'
import {
  type Correlation,
  type CostClass,
  type Distribution,
  type EstimateLine,
  productOf,
  type Variable,
  weightOf,
} from './cost-model.ts'
import { moments, type UnitCost, unitOf, varianceOf } from './moments.ts'

/** All lines that multiply the same variables: one unknown unit cost and the quantity that pays it. */
export interface Pool {
  readonly class: CostClass
  readonly factors: readonly Variable[]
  readonly distribution: Distribution
  readonly quantity: Ratio
  readonly unit: UnitCost
  /** Products of the factors' values. */
  readonly low: Ratio
  readonly expected: Ratio
  readonly high: Ratio
  readonly mean: number
  readonly variance: number
  readonly reach: number
}

/** The same for lines that multiply the same variables. */
export function poolKey(line: EstimateLine): string {
  return JSON.stringify(line.factors.map((factor) => factor.key).sort())
}

export function poolLines(
  lines: readonly EstimateLine[],
  distribution: Distribution,
  betweenFactors: number,
): ReadonlyMap<string, Pool> {
  const quantities = new Map<string, { line: EstimateLine; quantity: Ratio }>()
  for (const line of lines) {
    const key = poolKey(line)
    const pool = quantities.get(key)
    if (pool) pool.quantity = plus(pool.quantity, weightOf(line))
    else quantities.set(key, { line, quantity: weightOf(line) })
  }
  const pools = new Map<string, Pool>()
  for (const [key, { line, quantity }] of quantities) {
    const unit = unitOf(line.factors, distribution, betweenFactors)
    const q = toNumber(quantity)
    pools.set(key, {
      class: line.class,
      factors: line.factors,
      distribution,
      quantity,
      unit,
      low: productOf(line.factors, 'low'),
      expected: productOf(line.factors, 'expected'),
      high: productOf(line.factors, 'high'),
      mean: toNumber(times(quantity, unit.mean)) + q * unit.meanGain,
      variance: varianceOf(quantity, unit),
      reach: q * unit.reach,
    })
  }
  return pools
}

/** All in cents squared. Pairs are sums of sd x sd over pairs of distinct unknown unit costs. */
export interface TotalVariance {
  readonly independent: number
  readonly pairsWithinClass: number
  readonly pairsAcrossClasses: number
  /** What correlation adds, and shared variables beyond it. */
  readonly covariance: number
  readonly total: number
}

export function meanOf(pools: Iterable<Pool>): number {
  let mean = 0
  for (const pool of pools) mean += pool.mean
  return mean
}

export function totalVariance(pools: readonly Pool[], correlation: Correlation): TotalVariance {
  const reachByClass = new Map<CostClass, number>()
  let [independent, squares, reach] = [0, 0, 0]
  for (const pool of pools) {
    independent += pool.variance
    squares += pool.reach * pool.reach
    reach += pool.reach
    reachByClass.set(pool.class, (reachByClass.get(pool.class) ?? 0) + pool.reach)
  }
  const classSquares = [...reachByClass.values()].reduce((total, r) => total + r * r, 0)
  const pairsWithinClass = (classSquares - squares) / 2
  const pairsAcrossClasses = (reach * reach - classSquares) / 2
  const covariance =
    2 * (correlation.withinClass * pairsWithinClass + correlation.acrossClasses * pairsAcrossClasses) +
    sharedExcess(pools, correlation)
  return { independent, pairsWithinClass, pairsAcrossClasses, covariance, total: independent + covariance }
}

/**
 * What two unit costs covary, because they share a factor (the same hourly rate), beyond the correlation
 * that was chosen for them. Exact without correlation. With it, independent factors are taken to be
 * correlated at least by what they share, and correlated ones by both.
 */
function sharedExcess(pools: readonly Pool[], correlation: Correlation): number {
  const products = pools.filter((pool) => pool.factors.length > 1)
  let excess = 0
  for (const [i, a] of products.entries()) {
    for (const b of products.slice(i + 1)) {
      const keys = new Set(b.factors.map((factor) => factor.key))
      const shared = a.factors.filter((factor) => keys.has(factor.key))
      if (shared.length === 0) continue
      const chosen = a.class === b.class ? correlation.withinClass : correlation.acrossClasses
      const covariance = sharedCovariance(a, b, shared)
      excess +=
        correlation.betweenFactors > 0
          ? 2 * (1 - chosen) * covariance
          : 2 * Math.max(0, covariance - chosen * a.reach * b.reach)
    }
  }
  return excess
}

/** Cov(A·S, B·S) = E[A·S]·E[B·S]·(E[S²]/E[S]² − 1) for independent A, B and S. */
function sharedCovariance(a: Pool, b: Pool, shared: readonly Variable[]): number {
  let secondMoments = 1
  for (const factor of shared) {
    const { mean, variance } = moments(factor, a.distribution)
    if (mean.n === 0n) return 0
    secondMoments *= 1 + toNumber(divide(variance, times(mean, mean)))
  }
  return a.mean * b.mean * (secondMoments - 1)
}
