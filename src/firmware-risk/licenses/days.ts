/** The whole days of one time zone on which a license holds that was written in another. */

import { LRUCache } from 'lru-cache'
import { addDays, type Period, type PlainDate } from '../../lib/calendar.ts'
import { getOrMake, remembered } from '../../lib/memory.ts'
import type { License, ValidityWindow } from './license.ts'

/** Zones that are remembered at once: the cities of a national deployment have a dozen. */
const ZONES_MOST = 100

/** Whole days of a time zone on which the license holds, cut where a status other than active began. */
export function daysHeld(license: License, timezone: string): Period {
  const days = wholeDays(license.window, timezone)
  if (license.status === 'active' || license.statusSince === null) return days
  return { from: days.from, to: earlier(days.to, license.statusSince) }
}

/**
 * The whole days of a time zone inside a window, as a half-open period.
 * A day that the window covers only in part is outside: a download that finishes after the end counts as after.
 */
export function wholeDays(window: ValidityWindow, timezone: string): Period {
  return daysOfWindow(window, timezone)
}

// A run asks for the same few windows once per profile, and reading a zone's clocks is most of the work.
const daysOfWindow = remembered(
  ({ from, to, timezone: written }: ValidityWindow, timezone: string): Period => ({
    from: from === null ? null : firstWholeDay(from, written, timezone),
    to: to === null ? null : dayOf(to, written, timezone, 'earliest').day,
  }),
  (timezone) => timezone,
  ZONES_MOST,
)

function firstWholeDay(text: string, from: string, to: string): PlainDate {
  const { day, isMidnight } = dayOf(text, from, to, 'latest')
  return isMidnight ? day : addDays(day, 1)
}

/** The day of zone `to` on which a local time of zone `from` falls, and whether it is that day's first minute. */
export function dayOf(
  text: string,
  from: string,
  to: string,
  prefer: 'earliest' | 'latest',
): { day: PlainDate; isMidnight: boolean } {
  if (from === to)
    return { day: text.slice(0, 10), isMidnight: text.length === 10 || text.endsWith('T00:00') }
  const [earliest, latest] = instants(text, from)
  const local = localTime(prefer === 'earliest' ? earliest : latest, to)
  return { day: local.slice(0, 10), isMidnight: local.endsWith('T00:00') }
}

/**
 * Earliest and latest instant, in milliseconds, that a local time can mean. They differ in the hour that clocks
 * repeat or skip; the caller takes the stricter.
 */
export function instants(text: string, timezone: string): readonly [number, number] {
  const asUtc = Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`)
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].map((near) => asUtc - offset(near, timezone))
  const exact = candidates.filter((instant) => instant + offset(instant, timezone) === asUtc)
  const usable = exact.length > 0 ? exact : candidates
  return [Math.min(...usable), Math.max(...usable)]
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
function offset(instant: number, timezone: string): number {
  return Date.parse(`${localTime(instant, timezone)}Z`) - Math.floor(instant / 60_000) * 60_000
}

/** `YYYY-MM-DDTHH:MM` on the clocks of a zone. */
function localTime(instant: number, timezone: string): string {
  return formatter(timezone).format(new Date(instant)).replace(/,?\s+/, 'T')
}

// Making a formatter costs far more than using it, and a run meets a handful of zones.
const formatters = new LRUCache<string, Intl.DateTimeFormat>({ max: ZONES_MOST })

export function formatter(timezone: string): Intl.DateTimeFormat {
  const make = () =>
    new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  return getOrMake(formatters, timezone, make)
}

export function earlier(a: PlainDate | null, b: PlainDate): PlainDate {
  return a === null || b < a ? b : a
}
