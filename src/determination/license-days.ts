/** The days on which a license holds. */
import type { License } from '../catalogue/rules.ts'
import { addDays, dayIn, type Period, type PlainDate } from '../lib/calendar.ts'

const daysOf = new WeakMap<License, Period>()

/**
 * The days that lie inside a license from midnight to midnight. OFAC, BIS and the FCC write Eastern time, so
 * a day is a day in New York; a day that is covered in part is not covered, because an act that starts inside and
 * ends outside counts as outside.
 */
export function licensedDays(license: License): Period {
  if (license.days) return license.days
  const known = daysOf.get(license)
  if (known) return known
  const days = {
    from: license.from === null ? null : firstWholeDay(new Date(license.from)),
    to: license.to === null ? null : dayIn(new Date(license.to), 'America/New_York'),
  }
  daysOf.set(license, days)
  return days
}

function firstWholeDay(instant: Date): PlainDate {
  const day = dayIn(instant, 'America/New_York')
  const isMidnight = dayIn(new Date(instant.getTime() - 1), 'America/New_York') !== day
  return isMidnight ? day : addDays(day, 1)
}
