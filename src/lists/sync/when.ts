/** When a list is fetched next: once a day, not everybody at the same minute, and less and less often while it fails. Pure. */
import { createHash } from 'node:crypto'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Authorities publish on days; a day and a random piece of the two hours around it. */
const DAILY = 23 * HOUR
const SPREAD = 2 * HOUR
const FIRST_WAIT = 5 * MINUTE
const LONGEST_WAIT = 6 * HOUR
/** A machine may ask for longer, up to a day. */
const LONGEST_ASKED = 24 * HOUR

/** In [0, 1), the same for the same seed. */
export function fractionOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32
}

export function nextAfterGood(now: Date, seed: string): Date {
  return new Date(now.getTime() + DAILY + fractionOf(`${seed} ${now.toISOString()}`) * SPREAD)
}

export function nextAfterFailure(now: Date, failures: number, asked: number | null, seed: string): Date {
  const wait = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT)
  const spread = wait * 0.25 * fractionOf(`${seed} ${now.toISOString()}`)
  return new Date(now.getTime() + Math.max(wait + spread, Math.min(asked ?? 0, LONGEST_ASKED)))
}
