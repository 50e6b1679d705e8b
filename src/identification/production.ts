/** When a device was made, as far as its other days tell. */
import { isWithin, type Period, type PlainDate } from '../lib/calendar.ts'
import type { DeclaredFacts } from './declared.ts'

/** The day of production, or the earliest day on which it was certainly over. */
export interface Production {
  readonly on: PlainDate | null
  readonly by: PlainDate | null
}

export function productionOf(declared: DeclaredFacts): Production {
  const known = [declared.acquiredOn, declared.installedOn].filter((date) => date !== null)
  const by = known.sort()[0] ?? null
  return { on: declared.producedOn, by }
}

/**
 * Whether the device was made in the period. Bought after its end: `maybe`, since it can be old stock. Bought in
 * the period counts as made in it. No date at all: `unknown`, unless the period is still open.
 */
export function whenProduced({ on, by }: Production, period: Period): 'yes' | 'no' | 'maybe' | 'unknown' {
  if (on !== null && isCut(period, by, on)) return 'maybe'
  if (on !== null) return isWithin(period, on) ? 'yes' : 'no'
  if (by === null) return period.to === null ? 'yes' : 'unknown'
  if (period.from !== null && by < period.from) return 'no'
  return period.to !== null && by >= period.to ? 'maybe' : 'yes'
}

/** Whether the period begins or ends between a purchase and a later day of production, which contradict each other. */
function isCut({ from, to }: Period, by: PlainDate | null, on: PlainDate): boolean {
  return by !== null && [from, to].some((day) => day !== null && by < day && day <= on)
}
