/** Money as people write and read it. Pure. */
import { formatDollars, parseCents } from '../lib/money.ts'

/** `$1,240` or `$1,240.50`. */
export const dollarsOf = (cents: number): string =>
  formatDollars(BigInt(Math.round(cents))).replace(/\.00$/, '')

/** Whole cents of `$45,000`; null for what is no amount, or less than nothing. */
export function centsOf(text: string): number | null {
  const cents = parseCents(text)
  return cents === null || cents < 0n || cents > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(cents)
}
