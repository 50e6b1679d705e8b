/**
 * What a replacement costs, as a range: exact means and variances of three-point prices, a lognormal or a
 * seeded simulation for the percentiles, and the reserve that reaches a chosen one.
 *
 * A price that nobody knows yet is one unknown, however many devices and sites pay it. Lines that name the
 * same variable therefore move together, and the variance of q devices is q² times that of one, not q
 * times: drawing a price per device would make a large plan look certain.
 *
 * Method: GAO-20-195G (Cost Estimating and Assessment Guide), steps 8 and 9.
 */
import { type Cents, centsOf, type Ratio, roundHalfUp, sum, times, toNumber } from '../../../lib/money.ts'
import { refuse } from '../../model/errors.ts'
import {
  type Correlation,
  type CostClass,
  type Distribution,
  type EstimateLine,
  inOrder,
  type Percentile,
  percentilesFor,
  weightOf,
} from './cost-model.ts'
import { faultsOfLines } from './faults.ts'
import { varianceOf } from './moments.ts'
import { meanOf, type Pool, poolKey, poolLines, type TotalVariance, totalVariance } from './pools.ts'
import { inverseNormal, normalCdf } from './random.ts'
import { type Swing, tornado } from './tornado.ts'

export interface EstimateInput {
  readonly lines: readonly EstimateLine[]
  readonly distribution: Distribution
  readonly correlation: Correlation
  /** Whole percent 1..99 that the contingency is to reach; 80 is the usual budget request. */
  readonly confidence: number
}

export interface EstimatedLine {
  readonly key: string
  readonly label: string
  readonly class: CostClass
  readonly tags: Readonly<Record<string, string>>
  /** Exact mean and variance of one unit, in cents and cents squared, before the multiplier. */
  readonly unitMean: number
  readonly unitVariance: number
  readonly lowCents: Cents
  readonly pointCents: Cents
  readonly highCents: Cents
  readonly meanCents: Cents
  /** In cents squared, after the multiplier. */
  readonly variance: number
  /** In cents. */
  readonly sd: number
}

export interface Estimate {
  readonly lines: readonly EstimatedLine[]
  /** Sum of the expected column: what a spreadsheet would ask for. */
  readonly pointCents: Cents
  readonly meanCents: Cents
  /** Sums of the low and of the high column. They are not percentiles: nothing is ever that lucky. */
  readonly sumOfLowsCents: Cents
  readonly sumOfHighsCents: Cents
  readonly variance: TotalVariance
  readonly sdCents: Cents
  /** sd / mean. */
  readonly coefficientOfVariation: number
  /** Of the lognormal with the same mean and variance as the total in cents; null when nothing varies. */
  readonly lognormal: { readonly mu: number; readonly sigma: number } | null
  /** P10, P50, P80, P90, P95 and the chosen confidence, ascending. */
  readonly percentiles: readonly Percentile[]
  /** The total that suffices with the chosen confidence. */
  readonly atConfidenceCents: Cents
  /** At confidence minus point: what to add to the expected column. Negative when that is already enough. */
  readonly contingencyCents: Cents
  /** contingency / point; 0 for an empty estimate. */
  readonly contingencyRatio: number
  /** 0..1: the chance that the point estimate suffices. */
  readonly chancePointSuffices: number
  /** Largest swing first. */
  readonly tornado: readonly Swing[]
}

/**
 * The closed form. Exact fractions up to the variance of each line; doubles from the covariance on.
 * No lines give an estimate of zero. Throws InvalidInput with every fault of the lines.
 */
export function estimate(input: EstimateInput): Estimate {
  refuse(faultsOfLines(input))
  const { distribution, correlation } = input
  const lines = inOrder(input.lines)
  const pools = poolLines(lines, distribution, correlation.betweenFactors)
  const estimated = lines.map((line) => estimateLine(line, pools.get(poolKey(line))!))

  const variance = totalVariance([...pools.values()], correlation)
  const mean = meanOf(pools.values())
  const sd = Math.sqrt(variance.total)
  const pointCents = sum(estimated.map((line) => line.pointCents))
  const quantile = lognormalQuantile(mean, variance.total)
  const atConfidenceCents = quantile.at(input.confidence)
  return {
    lines: estimated,
    pointCents,
    meanCents: sum(estimated.map((line) => line.meanCents)),
    sumOfLowsCents: sum(estimated.map((line) => line.lowCents)),
    sumOfHighsCents: sum(estimated.map((line) => line.highCents)),
    variance,
    sdCents: centsOf(sd),
    coefficientOfVariation: mean === 0 ? 0 : sd / mean,
    lognormal: quantile.parameters,
    percentiles: percentilesFor(input.confidence).map((p) => ({ percent: p, cents: quantile.at(p) })),
    atConfidenceCents,
    contingencyCents: atConfidenceCents - pointCents,
    contingencyRatio: pointCents === 0n ? 0 : Number(atConfidenceCents - pointCents) / Number(pointCents),
    chancePointSuffices: quantile.chanceAtMost(Number(pointCents)),
    tornado: tornado([...pools.values()], distribution),
  }
}

function estimateLine(line: EstimateLine, { unit, low, expected, high }: Pool): EstimatedLine {
  const quantity = weightOf(line)
  const cents = (product: Ratio) => roundHalfUp(times(quantity, product))
  const variance = varianceOf(quantity, unit)
  const mean = times(quantity, unit.mean)
  return {
    key: line.key,
    label: line.label,
    class: line.class,
    tags: line.tags ?? {},
    unitMean: toNumber(unit.mean) + unit.meanGain,
    unitVariance: toNumber(unit.variance) + unit.varianceGain,
    lowCents: cents(low),
    pointCents: cents(expected),
    highCents: cents(high),
    // An exact mean is rounded from the fraction; a gain has only a double's precision.
    meanCents:
      unit.meanGain === 0 ? roundHalfUp(mean) : centsOf(toNumber(mean) + toNumber(quantity) * unit.meanGain),
    variance,
    sd: Math.sqrt(variance),
  }
}

/** The lognormal that has the given mean and variance in cents. */
function lognormalQuantile(mean: number, variance: number) {
  if (mean <= 0 || variance <= 0) {
    return {
      parameters: null,
      at: (_percent: number): Cents => centsOf(mean),
      chanceAtMost: (cents: number): number => (centsOf(mean) <= BigInt(cents) ? 1 : 0),
    }
  }
  const sigma = Math.sqrt(Math.log1p(variance / (mean * mean)))
  const mu = Math.log(mean) - (sigma * sigma) / 2
  return {
    parameters: { mu, sigma },
    at: (p: number): Cents => centsOf(Math.exp(mu + inverseNormal(p / 100) * sigma)),
    chanceAtMost: (cents: number): number => (cents <= 0 ? 0 : normalCdf((Math.log(cents) - mu) / sigma)),
  }
}
