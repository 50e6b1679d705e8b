/**
 * Money is a whole number of cents in a bigint. What lies between two amounts of money (a rate, a mean,
 * a share) is an exact fraction, so a figure is rounded once, where it is reported, and never before.
 */

/** Whole cents; a string of cents or of dollars on the wire, never a float. */
export type Cents = bigint

/** An exact fraction in lowest terms; the denominator is positive. */
export interface Ratio {
  readonly n: bigint
  readonly d: bigint
}

export const ONE: Ratio = { n: 1n, d: 1n }

/** The fraction n/d in lowest terms. Throws RangeError when d is zero. */
export function ratio(n: bigint, d = 1n): Ratio {
  if (d === 0n) throw new RangeError('A fraction needs a denominator other than zero.')
  const sign = d < 0n ? -1n : 1n
  const by = gcd(n, d) * sign
  return by === 1n ? { n, d } : { n: n / by, d: d / by }
}

/**
 * The exact value of a plain decimal (`2.5`, `-0.125`): no exponent, no separators, at most 30 digits on
 * either side. Throws RangeError on anything else: a quantity that cannot be read must not become zero.
 */
export function decimal(text: string | number): Ratio {
  const match = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(String(text))
  if (!match) throw new RangeError(`Not a plain decimal: ${String(text).slice(0, 40)}`)
  const fraction = match[3] ?? ''
  const n = BigInt(match[2] + fraction)
  return ratio(match[1] === '-' ? -n : n, 10n ** BigInt(fraction.length))
}

/** The exact value of a percentage: `8` is 2/25. */
export function percent(text: string | number): Ratio {
  return divide(decimal(text), { n: 100n, d: 1n })
}

export function plus(a: Ratio, b: Ratio): Ratio {
  return a.d === b.d ? ratio(a.n + b.n, a.d) : ratio(a.n * b.d + b.n * a.d, a.d * b.d)
}

export function minus(a: Ratio, b: Ratio): Ratio {
  return plus(a, { n: -b.n, d: b.d })
}

export function times(a: Ratio, b: Ratio): Ratio {
  return ratio(a.n * b.n, a.d * b.d)
}

export function divide(a: Ratio, b: Ratio): Ratio {
  return ratio(a.n * b.d, a.d * b.n)
}

/** a to a whole power; a negative one inverts. */
export function power(a: Ratio, exponent: number): Ratio {
  const e = BigInt(exponent)
  return e < 0n ? ratio(a.d ** -e, a.n ** -e) : { n: a.n ** e, d: a.d ** e }
}

/** Negative, zero or positive as a is below, equal to or above b. */
export function compare(a: Ratio, b: Ratio): number {
  const difference = a.n * b.d - b.n * a.d
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The nearest double, to within two units in the last place, for terms of any length. */
export function toNumber(a: Ratio): number {
  const n = a.n < 0n ? -a.n : a.n
  // Long terms lose their low bits together, or both would overflow to infinity and divide to NaN.
  const shift = BigInt(Math.max(0, Math.min(bits(n), bits(a.d)) - 80))
  const value = Number(n >> shift) / Number(a.d >> shift)
  return a.n < 0n ? -value : value
}

/** Nearest whole number, halves away from zero: 0.5 is 1, -0.5 is -1. */
export function roundHalfUp(a: Ratio): bigint {
  const twice = 2n * (a.n < 0n ? -a.n : a.n)
  const rounded = (twice + a.d) / (2n * a.d)
  return a.n < 0n ? -rounded : rounded
}

/** Nearest whole cents of an amount held as a double of cents; halves away from zero. */
export function centsOf(amount: number): Cents {
  if (!Number.isFinite(amount)) throw new RangeError(`Not an amount: ${amount}`)
  const size = BigInt(Math.floor(Math.abs(amount) + 0.5))
  return amount < 0 ? -size : size
}

/** Decimal text of a fraction, rounded half-up to the given number of places: 2/3 to 4 is `0.6667`. */
export function toFixed(a: Ratio, places: number): string {
  const scaled = roundHalfUp(times(a, { n: 10n ** BigInt(places), d: 1n }))
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/**
 * Cents of an amount as people write it: `1234.5`, `$1,234.50`, `-12`, `(12.00)`. null when it is not an
 * amount or is finer than a cent: a price nobody can pay is a mistake to show, not a figure to round.
 */
export function parseCents(text: string): Cents | null {
  const match = /^(-?|\()\$?(\d{1,3}(?:,\d{3})+|\d{1,24})(?:\.(\d{1,2}))?(\)?)$/.exec(text.trim())
  if (!match || (match[1] === '(') !== (match[4] === ')')) return null
  const cents = BigInt(match[2]!.replaceAll(',', '') + (match[3] ?? '').padEnd(2, '0'))
  return match[1] === '' ? cents : -cents
}

/** Plain dollars with two places: 123450n is `1234.50`. Parses back to the same cents. */
export function formatCents(cents: Cents): string {
  return toFixed({ n: cents, d: 100n }, 2)
}

/** Dollars with separators for people: `$1,234.50`, `-$0.05`. */
export function formatDollars(cents: Cents): string {
  const plain = formatCents(cents < 0n ? -cents : cents)
  const grouped = plain.replace(/\B(?=(\d{3})+(?=\.))/g, ',')
  return `${cents < 0n ? '-' : ''}$${grouped}`
}

export function sum(amounts: Iterable<Cents>): Cents {
  let total = 0n
  for (const amount of amounts) total += amount
  return total
}

/**
 * Split an amount in proportion to whole weights so that the parts add up to it.
 *
 * Each part is rounded half-up on what is still to be shared out; the last part with weight takes what is
 * left. No part is negative, and when the amount is at most the sum of the weights no part exceeds its
 * weight. Throws RangeError when there is something to split and nothing to split it by.
 */
export function split(amount: Cents, weights: readonly bigint[]): Cents[] {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('A weight cannot be negative.')
  let weightLeft = sum(weights)
  if (weightLeft === 0n && amount !== 0n) throw new RangeError('An amount needs a weight to be split by.')
  let amountLeft = amount
  return weights.map((weight) => {
    if (weight === 0n) return 0n
    const part = weight === weightLeft ? amountLeft : roundHalfUp(ratio(amountLeft * weight, weightLeft))
    weightLeft -= weight
    amountLeft -= part
    return part
  })
}

/** The weights; where all are zero, equal ones. */
export function weightsOrEqual(weights: readonly bigint[]): readonly bigint[] {
  return sum(weights) > 0n ? weights : weights.map(() => 1n)
}

/** Cents after whole years at a yearly rate, unrounded: base x (1 + rate)^years. */
export function escalated(base: Ratio, yearlyRate: Ratio, years: number): Ratio {
  return times(base, power(plus(ONE, yearlyRate), years))
}

/**
 * Present value of one amount per year, in cents: each year's amount divided by (1 + rate)^years, rounded
 * half-up, then added, so that the printed column adds up to the printed total.
 */
export function presentValue(
  flows: readonly { readonly years: number; readonly cents: Cents }[],
  yearlyRate: Ratio,
): Cents {
  return sum(flows.map(({ years, cents }) => roundHalfUp(escalated({ n: cents, d: 1n }, yearlyRate, -years))))
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function bits(n: bigint): number {
  return n.toString(16).length * 4
}
