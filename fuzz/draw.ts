/** Chance from a seed. */
import { sfc32 } from '../src/planning/estimate/model/random.ts'

export interface Draw {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number
  /** True in so many of a hundred cases. */
  percent(share: number): boolean
  one<T>(values: readonly T[]): T
}

export function drawFrom(seed: number): Draw {
  const next = sfc32(seed)
  const below = (limit: number) => next() % limit
  return {
    below,
    percent: (share) => below(100) < share,
    one: (values) => values[below(values.length)]!,
  }
}
