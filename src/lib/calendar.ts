/**
 * Plain dates and half-open periods.
 *
 * A plain date is the text `YYYY-MM-DD`: it has no zone, sorts as text, and is what laws are written in.
 * Periods are `[from, to)`: `to` is the first day outside. A null end means open.
 */
import { LRUCache } from 'lru-cache'
import { getOrMake } from './memory.ts'

export type PlainDate = string

const PLAIN_DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** Whether the text is a real day of the Gregorian calendar written `YYYY-MM-DD`; 2023-02-29 is not. */
export function isPlainDate(text: string): boolean {
  const match = PLAIN_DATE.exec(text)
  if (!match) return false
  return isRealDay(Number(match[1]), Number(match[2]), Number(match[3]))
}

/** Whether year, month (1..12) and day form a real day of the Gregorian calendar, years 1 to 9999. */
export function isRealDay(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false
  return day <= daysInMonth(year, month)
}

/** 28 to 31. Month is 1..12. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** Write year, month (1..12), day as a plain date. Does not check that the day is real. */
export function plainDate(year: number, month: number, day: number): PlainDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

// Making a formatter costs a millisecond, using it a microsecond; a city may name any of some six hundred zones.
const formatters = new LRUCache<string, Intl.DateTimeFormat>({ max: 100 })
// One piece of work asks for the same day thousands of times.
let last = { millis: Number.NaN, timezone: '', day: '' }

/** The day on which an instant falls in a time zone of the IANA database, `UTC` when none is given. */
export function dayIn(instant: Date, timezone = 'UTC'): PlainDate {
  if (timezone === 'UTC') return instant.toISOString().slice(0, 10)
  const millis = instant.getTime()
  if (last.millis === millis && last.timezone === timezone) return last.day
  const formatter = getOrMake(formatters, timezone, () => {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
  })
  last = { millis, timezone, day: formatter.format(instant) }
  return last.day
}

/** The plain date `days` later (earlier when negative). */
export function addDays(date: PlainDate, days: number): PlainDate {
  const instant = new Date(`${date}T00:00:00Z`)
  instant.setUTCDate(instant.getUTCDate() + days)
  return instant.toISOString().slice(0, 10)
}

export function earlier(a: PlainDate, b: PlainDate): PlainDate {
  return a < b ? a : b
}

export function later(a: PlainDate, b: PlainDate): PlainDate {
  return a > b ? a : b
}

/** Days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

export interface Period {
  /** First day inside; null when it has no beginning that is known to matter. */
  readonly from: PlainDate | null
  /** First day outside; null when open. */
  readonly to: PlainDate | null
}

/** Whether the day lies in `[from, to)`. */
export function isWithin(period: Period, date: PlainDate): boolean {
  return (period.from === null || date >= period.from) && (period.to === null || date < period.to)
}

/** Whether the IANA database has a zone of this name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
