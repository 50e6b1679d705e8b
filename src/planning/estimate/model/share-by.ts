/** An estimate shared out over what its lines are tagged with. */
import { type Cents, split, sum } from '../../../lib/money.ts'
import type { EstimatedLine } from './three-point.ts'

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
