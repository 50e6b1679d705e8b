/** What is wrong with the lines and terms of an estimate, each fault with its place. */
import { compare, decimal, type Ratio } from '../../../lib/money.ts'
import type { Issue } from '../../model/errors.ts'
import type { Correlation, CostClass, Decimal, EstimateLine, Variable } from './cost-model.ts'

const MAX_FACTORS = 3

export function faultsOfRun(trials: number, seed: number): Issue[] {
  const issues: Issue[] = []
  if (!Number.isInteger(trials) || trials < 2 || trials > 10_000_000)
    issues.push({ pointer: '/trials', detail: 'A simulation has 2 to 10,000,000 trials.' })
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    issues.push({ pointer: '/seed', detail: 'A seed is a whole number from 0 to 4294967295.' })
  return issues
}

/** Of lines and of the terms they are computed with. */
export function faultsOfLines(input: {
  readonly lines: readonly EstimateLine[]
  readonly correlation: Correlation
  readonly confidence: number
}): Issue[] {
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
