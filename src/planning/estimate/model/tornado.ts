/** What moves the total most. */
import { type Cents, decimal, minus, plus, type Ratio, roundHalfUp, times } from '../../../lib/money.ts'
import type { Distribution, Variable } from './cost-model.ts'
import { moments } from './moments.ts'
import type { Pool } from './pools.ts'

export interface Swing {
  readonly variable: string
  /** Change of the mean total, in cents, when the variable is at its low and at its high. */
  readonly lowCents: Cents
  readonly highCents: Cents
  readonly swingCents: Cents
}

/** Every variable by how far it alone moves the mean total, largest first. */
export function tornado(pools: readonly Pool[], distribution: Distribution): readonly Swing[] {
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
