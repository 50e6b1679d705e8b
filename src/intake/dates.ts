/** Days as cities and their programs write them. A day that is only partly written is kept as the range it leaves. */
import { isRealDay, type PlainDate, plainDate } from '../lib/calendar.ts'
import { rangeIn } from './date-ranges.ts'
import { monthOf } from './months.ts'
import { compact, type Reading, right, unsure } from './reading.ts'

/** Which number comes first in `03/04/2024`: the month (United States) or the day. */
export type DateOrder = 'mdy' | 'dmy'

const TIME = String.raw`(?:[T\s,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:z|(?:utc|gmt)?[+-]\d{2}:?\d{2}|utc|gmt)?)?(?: \([a-z ]{2,40}\))?`
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`, 'i')
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${TIME}$`, 'i')
const COMPACT = /^((?:19|20)\d{2})(\d{2})(\d{2})$/
const DAY_MONTH_NAME = new RegExp(
  String.raw`^(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(?:de )?([a-z]{3,10})\.?,?[\s./-]+(?:de )?(\d{4}|\d{2})${TIME}$`,
  'i',
)
const MONTH_NAME_DAY = new RegExp(
  String.raw`^([a-z]{3,10})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4})${TIME}$`,
  'i',
)
/** `Thu Jun 06, 2019`: the day of the week adds nothing. */
const WEEKDAY =
  /^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)(?:day)?\.?,? +(?=\S)/i
const SERIAL = /^([3-5]\d{4}|60000)(?:\.\d+)?$/
/** Seconds or milliseconds since 1970, as interfaces of programs write them: 2001 to 2065. */
const EPOCH = /^([1-2]\d{9})(\d{3})?$/
const NO_DATE =
  /^(?:0{1,2}[-/]0{1,2}[-/]0{2,4}|0{4}-00-00|(?:0?1\/0?[01]|1\/0)\/1900|1900-0?1-0?[01]|1970-01-01T00:00:00(?:\.0+)?Z|0)(?:[T\s].*)?$/

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The day a text writes, real or not; null when it is not written as a day. The time of day is left out. */
function dayOf(text: string, order: DateOrder): Day | null {
  let match = YEAR_LAST.exec(text)
  if (match) {
    const [first, second] = [Number(match[1]), Number(match[3])]
    const year = fullYear(match[4]!)
    return order === 'mdy' ? { year, month: first, day: second } : { year, month: second, day: first }
  }
  match = YEAR_FIRST.exec(text)
  if (match) return { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]) }
  match = COMPACT.exec(text)
  if (match) return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) }
  const named = text.replace(WEEKDAY, '')
  match = DAY_MONTH_NAME.exec(named)
  if (match) return { year: fullYear(match[3]!), month: monthOf(match[2]!), day: Number(match[1]) }
  match = MONTH_NAME_DAY.exec(named)
  if (match) return { year: Number(match[3]), month: monthOf(match[1]!), day: Number(match[2]) }
  return null
}

/** Two digits: 70 to 99 are of the last century, 00 to 69 of this one. */
function fullYear(digits: string): number {
  const year = Number(digits)
  return digits.length === 4 ? year : year + (year >= 70 ? 1900 : 2000)
}

/** The date in a text; null when it is not one. Excel serial numbers 30000 to 60000 (1982 to 2064) are dates. */
export function parseDate(cell: string, order: DateOrder): PlainDate | null {
  const text = compact(cell.trim())
  if (text === null) return null
  const serial = SERIAL.exec(text)
  if (serial) return excelDate(Number(serial[1]))
  const epoch = EPOCH.exec(text)
  if (epoch) return new Date(Number(epoch[1]) * 1000).toISOString().slice(0, 10)
  const day = dayOf(text, order)
  if (day === null || !isRealDay(day.year, day.month, day.day)) return null
  return plainDate(day.year, day.month, day.day)
}

/** Day 1 is 1900-01-01 and a 29 February 1900 is counted, so that from March 1900 the origin is 1899-12-30. */
function excelDate(serial: number): PlainDate {
  const date = new Date(Date.UTC(1899, 11, 30 + serial))
  return plainDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
}

export function readDate(text: string, order: DateOrder): Reading {
  if (NO_DATE.test(text)) return unsure(null, 'no-date', 'A zero date stands for no date; read as blank.')
  const date = parseDate(text, order)
  if (date === null) {
    const range = rangeIn(text)
    if (range !== null) {
      const message = `The day is missing: ${range}. The date stays open and the notes of the device keep the range.`
      return { ...unsure(null, 'incomplete-date', message), range }
    }
    const other = order === 'mdy' ? 'dmy' : 'mdy'
    const isOther = parseDate(text, other) !== null
    const hint = isOther
      ? ` Read as ${order === 'mdy' ? 'month/day/year' : 'day/month/year'}; pass dateOrder=${other} if the file writes the other way round.`
      : ''
    return unsure(
      null,
      'not-a-date',
      `Not a day of the calendar; the date stays unknown.${hint} Dates are best written YYYY-MM-DD.`,
    )
  }
  if (date < '1970-01-01' || date > '2099-12-31') {
    return unsure(null, 'date-out-of-range', 'The year is before 1970 or after 2099; the date stays unknown.')
  }
  return right(date)
}

export interface DatesSeen {
  /** Can be read only month first. */
  readonly mdy: number
  /** Can be read only day first. */
  readonly dmy: number
  /** Can be read both ways, as two different days. */
  readonly either: number
  /** Whether all of those are written with dots, as nobody does who puts the month first. */
  readonly isDotted: boolean
  /** The first of each kind that can be read one way only. */
  readonly examples: { readonly mdy: string | null; readonly dmy: string | null }
}

/** How a column of dates is written, by the dates that can be read only one way. */
export function dateOrderSeen(samples: Iterable<string>): DatesSeen {
  let either = 0
  let dotted = 0
  const only: Record<DateOrder, string[]> = { mdy: [], dmy: [] }
  for (const sample of samples) {
    const text = compact(sample.trim())
    if (text === null || !YEAR_LAST.test(text)) continue
    const mdy = parseDate(text, 'mdy')
    const dmy = parseDate(text, 'dmy')
    if (mdy !== null && dmy !== null && mdy !== dmy) {
      either++
      if (text.includes('.') && !/[-/]/.test(text)) dotted++
    } else if (mdy !== null && dmy === null) only.mdy.push(text)
    else if (dmy !== null && mdy === null) only.dmy.push(text)
  }
  return {
    mdy: only.mdy.length,
    dmy: only.dmy.length,
    either,
    isDotted: either > 0 && dotted === either,
    examples: { mdy: only.mdy[0] ?? null, dmy: only.dmy[0] ?? null },
  }
}
