/**
 * Fiscal years: twelve months from a city's start month, named after the year in which they end, so that
 * FY2027 of a city that starts in October runs from 2026-10-01 to 2027-09-30 and that of one that starts
 * in January is the year 2027.
 */
import {
  addDays,
  daysBetween,
  daysInMonth,
  type Period,
  type PlainDate,
  plainDate,
} from '../../lib/calendar.ts'
import { ONE, plus, power, type Ratio, ratio, times } from '../../lib/money.ts'

/** A fiscal year by the calendar year in which it ends. */
export type FiscalYear = number

/** Start month 1..12. Throws RangeError otherwise. */
export function fiscalYearOf(date: PlainDate, startMonth: number): FiscalYear {
  checkMonth(startMonth)
  const { year, month } = parts(date)
  return startMonth > 1 && month >= startMonth ? year + 1 : year
}

/** `[from, to)`: the first day and the first day of the next fiscal year. */
export function fiscalYearPeriod(
  fiscalYear: FiscalYear,
  startMonth: number,
): { readonly from: PlainDate; readonly to: PlainDate } {
  checkMonth(startMonth)
  const first = startMonth === 1 ? fiscalYear : fiscalYear - 1
  return { from: plainDate(first, startMonth, 1), to: plainDate(first + 1, startMonth, 1) }
}

/** `FY2027 (2026-07-01 to 2027-06-30)`: the last day is inside, as people write it. */
export function fiscalYearLabel(fiscalYear: FiscalYear, startMonth: number): string {
  const { from, to } = fiscalYearPeriod(fiscalYear, startMonth)
  return `FY${fiscalYear} (${from} to ${addDays(to, -1)})`
}

/** Whether a fiscal year has at least one day inside a period; a grant pays only in such years. */
export function overlaps(fiscalYear: FiscalYear, startMonth: number, period: Period): boolean {
  const { from, to } = fiscalYearPeriod(fiscalYear, startMonth)
  return (period.from === null || period.from < to) && (period.to === null || period.to > from)
}

/** The day in the middle of a fiscal year: from this day half of it is left, rounded down to whole days. */
export function middleOf(fiscalYear: FiscalYear, startMonth: number): PlainDate {
  const { from, to } = fiscalYearPeriod(fiscalYear, startMonth)
  return addDays(from, Math.ceil(daysBetween(from, to) / 2))
}

/** The same day so many months later, or the last day of that month: 2024-02-29 and 12 is 2025-02-28. */
export function addMonths(date: PlainDate, months: number): PlainDate {
  const { year, month, day } = parts(date)
  const index = year * 12 + (month - 1) + months
  const [y, m] = [Math.floor(index / 12), (((index % 12) + 12) % 12) + 1]
  return plainDate(y, m, Math.min(day, daysInMonth(y, m)))
}

/** Whole months from one day to another; 0 when `to` is not after `from`. 2024-02-29 to 2025-02-28 is 12. */
export function monthsBetween(from: PlainDate, to: PlainDate): number {
  if (to <= from) return 0
  const [a, b] = [parts(from), parts(to)]
  const months = (b.year - a.year) * 12 + b.month - a.month
  return addMonths(from, months) > to ? months - 1 : months
}

/**
 * By what a price of one day is multiplied to stand in the money of another: whole years compound, the rest
 * of a year counts in proportion to its days. Exact. A later price day than the spend day gives 1: prices
 * are never carried back.
 */
export function escalationBetween(pricedOn: PlainDate, spentOn: PlainDate, yearlyRate: Ratio): Ratio {
  if (spentOn <= pricedOn) return ONE
  const years = Math.floor(monthsBetween(pricedOn, spentOn) / 12)
  const from = addMonths(pricedOn, years * 12)
  const days = daysBetween(from, spentOn)
  const yearDays = daysBetween(from, addMonths(pricedOn, years * 12 + 12))
  const partOfYear = times(yearlyRate, ratio(BigInt(days), BigInt(yearDays)))
  return times(power(plus(ONE, yearlyRate), years), plus(ONE, partOfYear))
}

function parts(date: PlainDate): { year: number; month: number; day: number } {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) }
}

function checkMonth(startMonth: number): void {
  if (!Number.isInteger(startMonth) || startMonth < 1 || startMonth > 12)
    throw new RangeError(`A fiscal year starts in month 1 to 12, got ${startMonth}.`)
}
