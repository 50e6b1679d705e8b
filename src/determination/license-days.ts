/** The days on which a license holds. */
import type { License } from '../catalogue/rules.ts'
import { addDays, dayIn, type Period, type PlainDate } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'

/**
 * The days that lie inside a license from midnight to midnight. OFAC, BIS and the FCC write Eastern time, so
 * a day is a day in New York; a day that is covered in part is not covered, because an act that starts inside and
 * ends outside counts as outside.
 */
export function licensedDays(license: License): Period {
  return license.days ?? daysOf(license)
}

const daysOf = memoryOf(
  ({ from, to }: License): Period => ({
    from: from === null ? null : firstWholeDay(new Date(from)),
    to: to === null ? null : dayIn(new Date(to), 'America/New_York'),
  }),
)

function firstWholeDay(instant: Date): PlainDate {
  const day = dayIn(instant, 'America/New_York')
  const isMidnight = dayIn(new Date(instant.getTime() - 1), 'America/New_York') !== day
  return isMidnight ? day : addDays(day, 1)
}
