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
import {
  type Cents,
  centsOf,
  compare,
  decimal,
  divide,
  minus,
  ONE,
  plus,
  type Ratio,
  ratio,
  roundHalfUp,
  split,
  sum,
  times,
  toNumber,
} from '../../../lib/money.ts'
import { type Issue, refuse } from '../../model/errors.ts'
import { inverseNormal, normalCdf, sfc32, uniform } from './random.ts'

/** Lines of one class tend to be wrong in the same direction. */
export type CostClass = 'equip' | 'soft' | 'labour' | 'access' | 'disp'

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

export const DEFAULT_CORRELATION: Correlation = { withinClass: 0.5, acrossClasses: 0.2, betweenFactors: 0 }

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

/** Percentiles of a total: at or below `cents` with a chance of `percent` in 100. */
export interface Percentile {
  readonly percent: number
  readonly cents: Cents
}

export interface Swing {
  readonly variable: string
  /** Change of the mean total, in cents, when the variable is at its low and at its high. */
  readonly lowCents: Cents
  readonly highCents: Cents
  readonly swingCents: Cents
}

export interface Estimate {
  readonly lines: readonly EstimatedLine[]
  /** Sum of the expected column: what a spreadsheet would ask for. */
  readonly pointCents: Cents
  readonly meanCents: Cents
  /** Sums of the low and of the high column. They are not percentiles: nothing is ever that lucky. */
  readonly sumOfLowsCents: Cents
  readonly sumOfHighsCents: Cents
  /** All in cents squared. Pairs are sums of sd x sd over pairs of distinct unknown unit costs. */
  readonly variance: {
    readonly independent: number
    readonly pairsWithinClass: number
    readonly pairsAcrossClasses: number
    /** What correlation adds, and shared variables beyond it. */
    readonly covariance: number
    readonly total: number
  }
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

const REPORTED_PERCENTILES = [10, 50, 80, 90, 95]
const MAX_FACTORS = 3

/**
 * The closed form. Exact fractions up to the variance of each line; doubles from the covariance on.
 * No lines give an estimate of zero. Throws InvalidInput with every fault of the lines.
 */
export function estimate(input: EstimateInput): Estimate {
  refuse(faultsOf(input))
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

export interface SimulationInput {
  readonly lines: readonly EstimateLine[]
  /** `betweenFactors` is not read: the factors of a line are variables like any others. */
  readonly correlation: Correlation
  readonly confidence: number
  readonly trials: number
  readonly seed: number
  /** Called every ten thousand trials with the number done. */
  readonly onTrials?: (done: number) => void
}

export interface Simulation {
  readonly trials: number
  readonly seed: number
  readonly meanCents: Cents
  readonly sdCents: Cents
  readonly percentiles: readonly Percentile[]
  /** Every whole percent from P1 to P99, for the S-curve. */
  readonly curve: readonly Percentile[]
  readonly atConfidenceCents: Cents
  readonly contingencyCents: Cents
  /** 0..1: the share of trials that cost no more than the point estimate. */
  readonly chancePointSuffices: number
  /**
   * Whether the simulation agrees with the closed form of the same triangular model: mean within three
   * standard errors, sd within 3 %. null when a line has three factors, which have no closed form when
   * correlated.
   */
  readonly agreesWithClosedForm: boolean | null
}

/**
 * Seeded Monte Carlo of the triangular model; the same input gives the same cents everywhere.
 *
 * Per trial, in this order: one global deviate, one per class, one per variable; classes and variables in
 * the order in which the lines first name them, lines in ascending order of their keys. A variable's
 * deviate is √across·G + √(within−across)·F + √(1−within)·e, which keeps the correlation matrix valid for
 * any number of lines. Percentile p is the trial at place ceil(p·n) of n sorted ones.
 */
export function simulate(input: SimulationInput): Simulation {
  const { correlation, trials, seed, confidence } = input
  const model = { lines: input.lines, distribution: 'triangular' as const, correlation, confidence }
  refuse([...faultsOf(model), ...faultsOfRun(trials, seed)])
  const lines = inOrder(input.lines)
  const totals = drawTotals(lines, input)

  let mean = 0
  for (const total of totals) mean += total
  mean /= trials
  let squares = 0
  for (const total of totals) squares += (total - mean) * (total - mean)
  const sd = Math.sqrt(squares / (trials - 1))

  totals.sort()
  const at = (p: number): Cents => centsOf(totals[Math.ceil((p * trials) / 100) - 1]!)
  const units = new Map<string, Ratio>()
  const pointCents = sum(
    lines.map((line) => {
      const key = poolKey(line)
      const unit = units.get(key) ?? productOf(line.factors, 'expected')
      units.set(key, unit)
      return roundHalfUp(times(weightOf(line), unit))
    }),
  )
  return {
    trials,
    seed,
    meanCents: centsOf(mean),
    sdCents: centsOf(sd),
    percentiles: percentilesFor(confidence).map((p) => ({ percent: p, cents: at(p) })),
    curve: Array.from({ length: 99 }, (_, i) => ({ percent: i + 1, cents: at(i + 1) })),
    atConfidenceCents: at(confidence),
    contingencyCents: at(confidence) - pointCents,
    chancePointSuffices: countAtMost(totals, Number(pointCents)) / trials,
    agreesWithClosedForm: agreement(lines, correlation, { mean, sd, trials }),
  }
}

export interface Share {
  /** The value of the tag; `''` gathers the lines that do not have it. */
  readonly value: string
  readonly lines: number
  readonly pointCents: Cents
  readonly meanCents: Cents
  /** The part of the amount that was asked to be shared out. */
  readonly amountCents: Cents
}

/**
 * An amount (as a rule the total at the chosen confidence) shared out over the values of a tag in
 * proportion to their means. Shares are in ascending order of the value, the last takes the remainder, and
 * every column adds up to the total of the estimate.
 */
export function shareBy(lines: readonly EstimatedLine[], tag: string, amount: Cents): readonly Share[] {
  const groups = new Map<string, EstimatedLine[]>()
  for (const line of lines) {
    const value = line.tags[tag] ?? ''
    const group = groups.get(value)
    if (group) group.push(line)
    else groups.set(value, [line])
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
  const means = sorted.map(([, group]) => sum(group.map((line) => line.meanCents)))
  const amounts = split(amount, means)
  return sorted.map(([value, group], i) => ({
    value,
    lines: group.length,
    pointCents: sum(group.map((line) => line.pointCents)),
    meanCents: means[i]!,
    amountCents: amounts[i]!,
  }))
}

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

// One unit's cost: the product of its factors.

interface Unit {
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

function unitOf(factors: readonly Variable[], distribution: Distribution, betweenFactors: number): Unit {
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

/** Variance of q units that share one unknown unit cost: q² times that of one. */
function varianceOf(quantity: Ratio, unit: Unit): number {
  const squared = times(quantity, quantity)
  return toNumber(times(squared, unit.variance)) + toNumber(squared) * unit.varianceGain
}

/** Quantity with the fixed multiplier. */
function weightOf(line: EstimateLine): Ratio {
  return times(decimal(line.quantity), line.multiplier ?? ONE)
}

function productOf(factors: readonly Variable[], column: 'low' | 'expected' | 'high'): Ratio {
  return factors.reduce((product, factor) => times(product, decimal(factor[column])), ONE)
}

// The total.

/** All lines that multiply the same variables: one unknown unit cost and the quantity that pays it. */
interface Pool {
  readonly class: CostClass
  readonly factors: readonly Variable[]
  readonly distribution: Distribution
  readonly quantity: Ratio
  readonly unit: Unit
  /** Products of the factors' values. */
  readonly low: Ratio
  readonly expected: Ratio
  readonly high: Ratio
  readonly mean: number
  readonly variance: number
  readonly reach: number
}

function poolKey(line: EstimateLine): string {
  return JSON.stringify(line.factors.map((factor) => factor.key).sort())
}

function poolLines(
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

function meanOf(pools: Iterable<Pool>): number {
  let mean = 0
  for (const pool of pools) mean += pool.mean
  return mean
}

function totalVariance(pools: readonly Pool[], correlation: Correlation): Estimate['variance'] {
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

function tornado(pools: readonly Pool[], distribution: Distribution): readonly Swing[] {
  /** Per variable, by how much the mean total grows when it grows by one. */
  const slopes = new Map<string, { factor: Variable; slope: Ratio }>()
  for (const { factors, quantity } of pools) {
    for (const factor of factors) {
      const others = factors.filter((other) => other !== factor)
      const slope = others.reduce(
        (product, other) => times(product, moments(other, distribution).mean),
        quantity,
      )
      const known = slopes.get(factor.key)
      if (known) known.slope = plus(known.slope, slope)
      else slopes.set(factor.key, { factor, slope })
    }
  }
  const swings = [...slopes.values()].map(({ factor, slope }) => {
    const { mean } = moments(factor, distribution)
    const [low, high] = [decimal(factor.low), decimal(factor.high)]
    return {
      variable: factor.key,
      lowCents: roundHalfUp(times(slope, minus(low, mean))),
      highCents: roundHalfUp(times(slope, minus(high, mean))),
      swingCents: roundHalfUp(times(slope, minus(high, low))),
    }
  })
  return swings.sort((a, b) =>
    a.swingCents === b.swingCents ? (a.variable < b.variable ? -1 : 1) : a.swingCents > b.swingCents ? -1 : 1,
  )
}

// Simulation.

function drawTotals(lines: readonly EstimateLine[], input: SimulationInput): Float64Array {
  const { correlation, trials } = input
  const classes: CostClass[] = []
  const variables: { low: number; mode: number; high: number; class: number }[] = []
  const index = new Map<string, number>()
  const weights = new Map<string, { places: number[]; weight: Ratio }>()
  for (const line of lines) {
    let ofClass = classes.indexOf(line.class)
    if (ofClass < 0) ofClass = classes.push(line.class) - 1
    const places = line.factors.map((factor) => {
      const known = index.get(factor.key)
      if (known !== undefined) return known
      const [low, mode, high] = [factor.low, factor.expected, factor.high].map((v) => toNumber(decimal(v)))
      const place = variables.push({ low: low!, mode: mode!, high: high!, class: ofClass }) - 1
      index.set(factor.key, place)
      return place
    })
    const key = [...places].sort((a, b) => a - b).join()
    const pool = weights.get(key)
    if (pool) pool.weight = plus(pool.weight, weightOf(line))
    else weights.set(key, { places, weight: weightOf(line) })
  }
  const pools = [...weights.values()].map(({ places, weight }) => ({ places, weight: toNumber(weight) }))

  const global = Math.sqrt(correlation.acrossClasses)
  const common = Math.sqrt(correlation.withinClass - correlation.acrossClasses)
  const own = Math.sqrt(1 - correlation.withinClass)
  const draws = sfc32(input.seed)
  const deviate = () => inverseNormal(uniform(draws))
  const byClass = new Float64Array(classes.length)
  const values = new Float64Array(variables.length)
  const totals = new Float64Array(trials)
  for (let trial = 0; trial < trials; trial++) {
    const g = deviate()
    for (let c = 0; c < byClass.length; c++) byClass[c] = deviate()
    for (const [v, variable] of variables.entries()) {
      const z = global * g + common * byClass[variable.class]! + own * deviate()
      values[v] = inverseTriangular(normalCdf(z), variable.low, variable.mode, variable.high)
    }
    let total = 0
    for (const pool of pools) {
      let cost = pool.weight
      for (const place of pool.places) cost *= values[place]!
      total += cost
    }
    totals[trial] = total
    if ((trial + 1) % 10_000 === 0) input.onTrials?.(trial + 1)
  }
  return totals
}

function inverseTriangular(u: number, low: number, mode: number, high: number): number {
  const width = high - low
  if (width === 0) return low
  return u * width < mode - low
    ? low + Math.sqrt(u * width * (mode - low))
    : high - Math.sqrt((1 - u) * width * (high - mode))
}

function countAtMost(sorted: Float64Array, limit: number): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (sorted[middle]! <= limit) from = middle + 1
    else to = middle
  }
  return from
}

function agreement(
  lines: readonly EstimateLine[],
  correlation: Correlation,
  run: { mean: number; sd: number; trials: number },
): boolean | null {
  if (correlation.withinClass > 0 && lines.some((line) => line.factors.length > 2)) return null
  const asDrawn = { ...correlation, betweenFactors: correlation.withinClass }
  const pools = [...poolLines(lines, 'triangular', asDrawn.betweenFactors).values()]
  const mean = meanOf(pools)
  const sd = Math.sqrt(totalVariance(pools, asDrawn).total)
  if (sd === 0) return Math.abs(run.mean - mean) <= 1e-6 * Math.max(1, mean)
  const isMeanNear = Math.abs(run.mean - mean) < (3 * sd) / Math.sqrt(run.trials)
  return isMeanNear && Math.abs(run.sd / sd - 1) < 0.03
}

// Input.

function inOrder(lines: readonly EstimateLine[]): readonly EstimateLine[] {
  return [...lines].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function percentilesFor(confidence: number): readonly number[] {
  return [...new Set([...REPORTED_PERCENTILES, confidence])].sort((a, b) => a - b)
}

function whole(n: number): Ratio {
  return ratio(BigInt(n))
}

function faultsOfRun(trials: number, seed: number): Issue[] {
  const issues: Issue[] = []
  if (!Number.isInteger(trials) || trials < 2 || trials > 10_000_000)
    issues.push({ pointer: '/trials', detail: 'A simulation has 2 to 10,000,000 trials.' })
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    issues.push({ pointer: '/seed', detail: 'A seed is a whole number from 0 to 4294967295.' })
  return issues
}

function faultsOf(input: EstimateInput): Issue[] {
  const { correlation, confidence } = input
  const issues: Issue[] = []
  const { withinClass, acrossClasses, betweenFactors } = correlation
  if (!(acrossClasses >= 0 && acrossClasses <= withinClass && withinClass <= 1))
    issues.push({
      pointer: '/correlation',
      detail: 'Correlations need 0 <= acrossClasses <= withinClass <= 1.',
    })
  if (!(betweenFactors >= 0 && betweenFactors <= 1))
    issues.push({ pointer: '/correlation/betweenFactors', detail: 'A correlation lies between 0 and 1.' })
  if (!Number.isInteger(confidence) || confidence < 1 || confidence > 99)
    issues.push({ pointer: '/confidence', detail: 'Confidence is a whole percent from 1 to 99.' })

  const keys = new Set<string>()
  const variables = new Map<string, KnownFactor>()
  for (const [i, line] of input.lines.entries()) {
    const at = `/lines/${i}`
    if (keys.has(line.key))
      issues.push({ pointer: `${at}/key`, detail: `Another line has the key ${line.key}.` })
    keys.add(line.key)
    const quantity = read(line.quantity)
    if (!quantity || quantity.n < 0n)
      issues.push({ pointer: `${at}/quantity`, detail: 'A quantity is a plain decimal of zero or more.' })
    if (line.factors.length < 1 || line.factors.length > MAX_FACTORS)
      issues.push({ pointer: `${at}/factors`, detail: `A line has one to ${MAX_FACTORS} factors.` })
    if (line.factors.length > 2 && betweenFactors > 0)
      issues.push({
        pointer: `${at}/factors`,
        detail: 'Three correlated factors have no closed form: set betweenFactors to 0.',
      })
    if (new Set(line.factors.map((factor) => factor.key)).size < line.factors.length)
      issues.push({ pointer: `${at}/factors`, detail: 'A factor stands twice in one line.' })
    for (const [j, factor] of line.factors.entries())
      issues.push(...faultsOfFactor(factor, line.class, variables, `${at}/factors/${j}`))
  }
  return issues
}

interface KnownFactor {
  readonly factor: Variable
  readonly three: string
  readonly class: CostClass
}

function isSame(a: Variable, b: Variable): boolean {
  return a.low === b.low && a.expected === b.expected && a.high === b.high
}

function faultsOfFactor(
  factor: Variable,
  ofClass: CostClass,
  variables: Map<string, KnownFactor>,
  pointer: string,
): Issue[] {
  const known = variables.get(factor.key)
  // Thousands of lines name the same price; it is read once.
  if (known?.class === ofClass && isSame(known.factor, factor)) return []
  const [low, expected, high] = [read(factor.low), read(factor.expected), read(factor.high)]
  if (!low || !expected || !high) return [{ pointer, detail: 'Low, expected and high are plain decimals.' }]
  if (low.n < 0n || compare(low, expected) > 0 || compare(expected, high) > 0)
    return [{ pointer, detail: `${factor.key} needs 0 <= low <= expected <= high.` }]
  const three = [low, expected, high].map((v) => `${v.n}/${v.d}`).join()
  if (!known) variables.set(factor.key, { factor, three, class: ofClass })
  else if (known.three !== three)
    return [{ pointer, detail: `${factor.key} has other values in another line: one price, one range.` }]
  else if (known.class !== ofClass)
    return [{ pointer, detail: `${factor.key} stands in lines of two classes.` }]
  return []
}

function read(value: Decimal): Ratio | null {
  try {
    return decimal(value)
  } catch {
    return null
  }
}
