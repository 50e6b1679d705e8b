/** Periods of a body of law with what operators confirmed laid over them, in the order in which they did. Pure. */
import type { PlainDate } from '../lib/calendar.ts'
import type { RegimePeriod } from './rules.ts'

/** Where a confirmed period ends, what was there before counts again: a stay that nobody renews does not go on. */
export function confirmedOver(
  periods: readonly RegimePeriod[],
  confirmed: readonly RegimePeriod[],
): readonly RegimePeriod[] {
  let laid = [...periods]
  for (const one of confirmed) laid = [...laid.flatMap((period) => outside(period, one)), one]
  return laid.toSorted((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
}

/** What of a period is before and after another one. */
function outside(period: RegimePeriod, one: RegimePeriod): RegimePeriod[] {
  const pieces: RegimePeriod[] = []
  if (isBefore(period.from, one.from)) pieces.push({ ...period, to: earliest(period.to, one.from) })
  if (one.to !== null && (period.to === null || period.to > one.to))
    pieces.push({ ...period, from: period.from === null || period.from < one.to ? one.to : period.from })
  return pieces
}

/** Whether a period that begins there has a day before the other one; null is before all. */
const isBefore = (from: PlainDate | null, other: PlainDate | null) =>
  other !== null && (from === null || from < other)

const earliest = (a: PlainDate | null, b: PlainDate | null) => (a === null || (b !== null && b < a) ? b : a)
