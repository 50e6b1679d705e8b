/** Mean and variance of one uncertain figure, and of the unit cost that is a product of such figures. */
import { decimal, divide, minus, ONE, plus, type Ratio, ratio, times, toNumber } from '../../../lib/money.ts'
import type { Distribution, Variable } from './cost-model.ts'

/** Mean and variance of one three-point figure, exact. Source of the variance: Beta with lambda 4. */
export function moments(
  { low, expected, high }: Omit<Variable, 'key'>,
  distribution: Distribution,
): { readonly mean: Ratio; readonly variance: Ratio } {
  const [a, m, b] = [decimal(low), decimal(expected), decimal(high)]
  if (distribution === 'pert') {
    const mean = divide(plus(plus(a, times(m, whole(4))), b), whole(6))
    return { mean, variance: divide(times(minus(mean, a), minus(b, mean)), whole(7)) }
  }
  const squares = plus(plus(times(a, a), times(m, m)), times(b, b))
  const products = plus(plus(times(a, m), times(a, b)), times(m, b))
  return {
    mean: divide(plus(plus(a, m), b), whole(3)),
    variance: divide(minus(squares, products), whole(18)),
  }
}

export interface UnitCost {
  /** Exact for factors that vary independently; correlated ones add the gains, in doubles. */
  readonly mean: Ratio
  readonly variance: Ratio
  readonly meanGain: number
  readonly varianceGain: number
  /**
   * The sd with which one unit's cost follows other costs. For correlated factors each of them follows the
   * others by itself, so it is the sum of their sds times their slopes, more than the sd of the product.
   */
  readonly reach: number
}

/** One unit's cost: the product of its factors. */
export function unitOf(
  factors: readonly Variable[],
  distribution: Distribution,
  betweenFactors: number,
): UnitCost {
  const each = factors.map((factor) => moments(factor, distribution))
  let mean = ONE
  let secondMoment = ONE
  for (const factor of each) {
    mean = times(mean, factor.mean)
    secondMoment = times(secondMoment, plus(factor.variance, times(factor.mean, factor.mean)))
  }
  const variance = minus(secondMoment, times(mean, mean))
  const [h, r] = each
  if (!h || !r || betweenFactors === 0) {
    return { mean, variance, meanGain: 0, varianceGain: 0, reach: Math.sqrt(toNumber(variance)) }
  }
  const [meanH, meanR] = [toNumber(h.mean), toNumber(r.mean)]
  const [sdH, sdR] = [Math.sqrt(toNumber(h.variance)), Math.sqrt(toNumber(r.variance))]
  const c = betweenFactors * sdH * sdR
  return {
    mean,
    variance,
    meanGain: c,
    varianceGain: 2 * meanH * meanR * c + c * c,
    reach: meanR * sdH + meanH * sdR,
  }
}

/** Variance of q units that share one unknown unit cost: q² times that of one. */
export function varianceOf(quantity: Ratio, unit: UnitCost): number {
  const squared = times(quantity, quantity)
  return toNumber(times(squared, unit.variance)) + toNumber(squared) * unit.varianceGain
}

function whole(n: number): Ratio {
  return ratio(BigInt(n))
}
