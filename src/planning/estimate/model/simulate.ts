/** The seeded simulation of an estimate, which the closed form is held against. */
import {
  type Cents,
  centsOf,
  decimal,
  plus,
  type Ratio,
  roundHalfUp,
  sum,
  times,
  toNumber,
} from '../../../lib/money.ts'
import { refuse } from '../../model/errors.ts'
import {
  type Correlation,
  type CostClass,
  type EstimateLine,
  inOrder,
  type Percentile,
  percentilesFor,
  productOf,
  weightOf,
} from './cost-model.ts'
import { faultsOfLines, faultsOfRun } from './faults.ts'
import { meanOf, poolKey, poolLines, totalVariance } from './pools.ts'
import { inverseNormal, normalCdf, sfc32, uniform } from './random.ts'

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
  refuse([...faultsOfLines(input), ...faultsOfRun(trials, seed)])
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
