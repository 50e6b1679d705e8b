/**
 * Dates without a day: `2021`, `Mar 2019`, `FY19`, `summer 2020`, `before 2018`.
 *
 * No day is made up for them: an answer of the law may turn on it. What the text leaves open is said as a range.
 */
import { daysInMonth, type PlainDate, plainDate } from '../lib/calendar.ts'
import { monthOf } from './months.ts'

const YEAR = String.raw`((?:19|20)\d{2})`
const WHOLE_YEAR = new RegExp(`^${YEAR}$`)
const OPEN = new RegExp(`^(before|pre|prior to|after|since|post)[ -]*${YEAR}$`, 'i')
const MONTH_YEAR = new RegExp(String.raw`^(\d{1,2}) ?[-/.] ?${YEAR}$`)
const YEAR_MONTH = new RegExp(String.raw`^${YEAR} ?[-/.] ?(\d{1,2})$`)
const QUARTER_YEAR = new RegExp(`^q([1-4])[ ,/-]*${YEAR}$`, 'i')
const YEAR_QUARTER = new RegExp(`^${YEAR}[ ,/-]*q([1-4])$`, 'i')
const NAME_YEAR = new RegExp(String.raw`^([a-z]{3,10})\.?(?: de)?[ ,'/-]*${YEAR}$`, 'i')
const NAME_SHORT_YEAR = /^([a-z]{3,10})\.?[ '-]+(\d{2})$/i
const YEAR_NAME = new RegExp(String.raw`^${YEAR}[ ,/-]+([a-z]{3,10})\.?$`, 'i')
const YEARS = new RegExp(String.raw`^${YEAR} ?(?:-|/|to|or|–) ?(?:${YEAR}|(\d{2}))$`, 'i')
const DECADE = /^((?:19|20)\d)0'?s$/i
const ABOUT = /^(?:circa|approx(?:imately|\.)?|about|around|est(?:imated|\.)?|ca?\.|~|early|mid|late)[ -]*/i
const SEASONS: Readonly<Record<string, readonly [from: number, to: number]>> = {
  spring: [3, 6],
  summer: [6, 9],
  fall: [9, 12],
  autumn: [9, 12],
}
/** A fiscal year is named after the year in which it ends; in the United States it begins in July, October or January. */
const FISCAL = /^f\.?y\.? ?'?(?:((?:19|20)\d{2})|(\d{2}))$/i
const FISCAL_SPAN = /^f\.?y\.? ?'?(?:(?:19|20)\d{2}|\d{2}) ?[-/] ?(?:((?:19|20)\d{2})|(\d{2}))$/i

interface Months {
  readonly from: readonly [year: number, month: number]
  readonly to: readonly [year: number, month: number]
}

/** What is known of the day, in words; null when the text is no such date. */
export function rangeIn(text: string): string | null {
  const open = OPEN.exec(text)
  if (open) {
    const isBefore = /^(?:before|pre|prior)/i.test(open[1]!)
    const since = /^since/i.test(open[1]!)
    return isBefore
      ? `before ${first([Number(open[2]), 1])}`
      : `${since ? 'on or ' : ''}after ${since ? first([Number(open[2]), 1]) : last([Number(open[2]), 12])}`
  }
  const months = monthsIn(text.replace(/\?+$/, '').replace(ABOUT, ''))
  return months === null ? null : `between ${first(months.from)} and ${last(months.to)}`
}

function monthsIn(text: string): Months | null {
  const whole = WHOLE_YEAR.exec(text)
  if (whole) return span(Number(whole[1]), 1, 12)
  return fiscal(text) ?? numbered(text) ?? named(text) ?? several(text)
}

function fiscal(text: string): Months | null {
  const match = FISCAL.exec(text) ?? FISCAL_SPAN.exec(text)
  if (!match) return null
  const year = Number(match[1] ?? `20${match[2]}`)
  return { from: [year - 1, 7], to: [year, 12] }
}

/** `6/2019`, `2019-06`, `Q3 2020`. */
function numbered(text: string): Months | null {
  const monthly = besideYear(text, MONTH_YEAR, YEAR_MONTH)
  if (monthly !== null) {
    const month = Number(monthly[0])
    return month >= 1 && month <= 12 ? span(Number(monthly[1]), month, month) : null
  }
  const quarterly = besideYear(text, QUARTER_YEAR, YEAR_QUARTER)
  if (quarterly === null) return null
  const quarter = Number(quarterly[0])
  return span(Number(quarterly[1]), quarter * 3 - 2, quarter * 3)
}

/** `Mar 2019`, `March, 2019`, `Mar-19`, `2019 March`, `summer 2020`. */
function named(text: string): Months | null {
  const found = besideYear(text, NAME_YEAR, YEAR_NAME) ?? besideYear(text, NAME_SHORT_YEAR)
  if (found === null) return null
  const [name, digits] = found
  const word = name.toLowerCase()
  const year = digits.length === 2 ? 2000 + Number(digits) : Number(digits)
  const season = SEASONS[word]
  if (season !== undefined) return span(year, ...season)
  // A winter goes over the turn of the year, and either year may give it its name.
  if (word === 'winter') return { from: [year - 1, 12], to: [year + 1, 3] }
  const month = monthOf(word)
  return month === 0 ? null : span(year, month, month)
}

/** What is written beside a year, and the year, whichever comes first. */
function besideYear(text: string, yearLast: RegExp, yearFirst?: RegExp): [string, string] | null {
  const last = yearLast.exec(text)
  if (last) return [last[1]!, last[2]!]
  const first = yearFirst?.exec(text)
  return first ? [first[2]!, first[1]!] : null
}

/** `2018-2020`, `2010s`. */
function several(text: string): Months | null {
  const years = YEARS.exec(text)
  if (years) {
    const from = Number(years[1])
    const to = Number(years[2] ?? `${years[1]!.slice(0, 2)}${years[3]}`)
    return to > from ? { from: [from, 1], to: [to, 12] } : null
  }
  const decade = DECADE.exec(text)
  return decade ? { from: [Number(`${decade[1]}0`), 1], to: [Number(`${decade[1]}9`), 12] } : null
}

function span(year: number, from: number, to: number): Months {
  return { from: [year, from], to: [year, to] }
}

function first([year, month]: readonly [number, number]): PlainDate {
  return plainDate(year, month, 1)
}

function last([year, month]: readonly [number, number]): PlainDate {
  return plainDate(year, month, daysInMonth(year, month))
}
