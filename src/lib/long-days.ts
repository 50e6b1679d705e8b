/** Days as readers of a budget book write them. Pure. */
import type { PlainDate } from './calendar.ts'

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** `July 1, 2026`. */
export function longDay(day: PlainDate): string {
  return `${MONTHS[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8, 10))}, ${day.slice(0, 4)}`
}

/** A sentence with every day in it written so. */
export function inLongDays(sentence: string): string {
  return sentence.replace(/\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b/g, longDay)
}
