/**
 * Working days and what crews get done in them: when the last device is replaced, what is late, and when
 * the order should have been placed.
 */
import { addDays, daysBetween, type PlainDate, plainDate } from '../../../lib/calendar.ts'
import { decimal, divide, type Ratio, ratio, times, toFixed } from '../../../lib/money.ts'
import type { Decimal } from '../../estimate/model/cost-model.ts'
import { InvalidInput, type Issue, refuse } from '../../model/errors.ts'
import { type FiscalYear, fiscalYearOf } from '../../model/fiscal-year.ts'

export interface WorkCalendar {
  /** Days off besides those outside the working week. */
  readonly holidays: ReadonlySet<PlainDate>
  /** 0 is Sunday. */
  readonly workweek: readonly number[]
}

export const MONDAY_TO_FRIDAY: readonly number[] = [1, 2, 3, 4, 5]

/** Longest plan that is scheduled; a calendar without working days would otherwise never end. */
const MAX_DAYS = 40 * 366

/** Days off in the years given, as the settings of a plan say. */
export function calendarOf(
  settings: {
    readonly holidays: 'us-federal' | 'none'
    readonly extraHolidays: readonly PlainDate[]
    readonly workweek: readonly number[]
  },
  firstYear: number,
  lastYear: number,
): WorkCalendar {
  const holidays = new Set(settings.extraHolidays)
  if (settings.holidays === 'us-federal') {
    for (let year = firstYear; year <= lastYear; year++) {
      for (const holiday of usFederalHolidays(year)) holidays.add(holiday)
    }
  }
  return { holidays, workweek: settings.workweek }
}

export function isWorkingDay(date: PlainDate, calendar: WorkCalendar): boolean {
  return calendar.workweek.includes(weekday(date)) && !calendar.holidays.has(date)
}

/**
 * Working days from one day to another, both included; 0 when the last is before the first. Throws InvalidInput for more
 * than the calendar looks ahead: days of the year 9999 have no next that could be compared.
 */
export function workingDaysBetween(first: PlainDate, last: PlainDate, calendar: WorkCalendar): number {
  let count = 0
  for (let day = first, tried = 0; day <= last; day = addDays(day, 1), tried++) {
    if (tried > MAX_DAYS)
      refuse([{ pointer: '/settings/deadline', detail: `${last} is more than forty years after ${first}.` }])
    if (isWorkingDay(day, calendar)) count++
  }
  return count
}

/** The nth working day on or after a day (n = 1 is the first), or on or before it when n is negative. */
export function workingDay(from: PlainDate, n: number, calendar: WorkCalendar): PlainDate {
  const step = n < 0 ? -1 : 1
  let left = Math.abs(n)
  for (let day = from, tried = 0; tried < MAX_DAYS; day = addDays(day, step), tried++) {
    if (isWorkingDay(day, calendar)) left--
    if (left <= 0) return day
  }
  const detail = `The calendar has no ${Math.abs(n)} working days in forty years from ${from}.`
  throw new InvalidInput([{ pointer: '/settings/workweek', detail }])
}

/**
 * The legal public holidays of the United States on the days they are observed: a Saturday's on the Friday
 * before, a Sunday's on the Monday after. New Year's Day of the next year is included when it is observed
 * in this one. Source: 5 U.S.C. 6103(a), (b); Executive Order 11582.
 */
export function usFederalHolidays(year: number): readonly PlainDate[] {
  const fixed = (month: number, day: number, ofYear = year) => observed(plainDate(ofYear, month, day))
  const days = [
    fixed(1, 1),
    nthWeekday(year, 1, 1, 3),
    nthWeekday(year, 2, 1, 3),
    addDays(nthWeekday(year, 6, 1, 1), -7),
    fixed(6, 19),
    fixed(7, 4),
    nthWeekday(year, 9, 1, 1),
    nthWeekday(year, 10, 1, 2),
    fixed(11, 11),
    nthWeekday(year, 11, 4, 4),
    fixed(12, 25),
    fixed(1, 1, year + 1),
  ]
  // Memorial Day is the last Monday of May: the Monday before the first one of June.
  return days.filter((day) => day.startsWith(`${String(year).padStart(4, '0')}-`)).sort()
}

export interface RolloutInput {
  /** The day the equipment is ordered, as a rule the day of the designation. */
  readonly orderedOn: PlainDate
  /** Calendar days from the order to the first installation. */
  readonly leadDays: number
  /** Last day on which the old devices may stand. */
  readonly deadline: PlainDate
  /** In the order in which they are replaced. */
  readonly devices: readonly string[]
  /** Devices per working day, all crews together; a decimal such as `4.5`. */
  readonly ratePerDay: Decimal
  readonly calendar: WorkCalendar
  readonly fiscalYearStartMonth: number
}

export interface Rollout {
  readonly startOn: PlainDate
  /** From the start to the deadline. */
  readonly workingDaysAvailable: number
  readonly doneByDeadline: number
  /** Devices that are still in place after the deadline. */
  readonly shortfall: number
  readonly late: readonly string[]
  readonly workingDaysNeeded: number
  /** null when there is nothing to replace. */
  readonly completeOn: PlainDate | null
  /** Devices per working day that would just do, to four places; null when there is no working day. */
  readonly requiredRate: string | null
  /** Last days on which to start and to order so that all is done by the deadline at this rate. */
  readonly latestStartOn: PlainDate
  readonly latestOrderOn: PlainDate
  /** Days by which the order is too late; negative is slack. */
  readonly orderLateByDays: number
  readonly fiscalYears: readonly {
    readonly fiscalYear: FiscalYear
    readonly workingDays: number
    readonly devices: number
  }[]
  /** Per device, in the order given, the day on which it is replaced. */
  readonly replacedOn: readonly PlainDate[]
  /** Σ over late devices of the days they stand beyond the deadline. */
  readonly deviceDaysOverDeadline: number
}

/**
 * When a list of devices is replaced at a steady rate. After d working days floor(d x rate) devices are
 * done. Throws InvalidInput for a rate that is not above zero.
 */
export function rollOut(input: RolloutInput): Rollout {
  refuse(faultsOf(input))
  const { calendar, deadline, devices } = input
  const rate = decimal(input.ratePerDay)
  const startOn = addDays(input.orderedOn, input.leadDays)
  const workingDaysAvailable = workingDaysBetween(startOn, deadline, calendar)
  const doneByDeadline = Math.min(devices.length, Number(floor(times(rate, whole(workingDaysAvailable)))))
  const workingDaysNeeded = daysFor(devices.length, rate)
  const worked = workedDays(startOn, workingDaysNeeded, calendar)
  const replacedOn = devices.map((_, i) => worked[daysFor(i + 1, rate) - 1]!)
  const latestStartOn = workingDay(deadline, -workingDaysNeeded, calendar)
  const latestOrderOn = addDays(latestStartOn, -input.leadDays)
  return {
    startOn,
    workingDaysAvailable,
    doneByDeadline,
    shortfall: devices.length - doneByDeadline,
    late: devices.slice(doneByDeadline),
    workingDaysNeeded,
    completeOn: replacedOn.at(-1) ?? null,
    requiredRate:
      workingDaysAvailable === 0
        ? null
        : toFixed(divide(whole(devices.length), whole(workingDaysAvailable)), 4),
    latestStartOn,
    latestOrderOn,
    orderLateByDays: daysBetween(latestOrderOn, input.orderedOn),
    fiscalYears: perFiscalYear(worked, replacedOn, input.fiscalYearStartMonth),
    replacedOn,
    deviceDaysOverDeadline: unpatchableDeviceDays(replacedOn, deadline),
  }
}

/** Σ of days from a cut-off to each device's replacement, where that is later. */
function unpatchableDeviceDays(replacedOn: readonly PlainDate[], cutOff: PlainDate): number {
  return replacedOn.reduce((total, day) => total + Math.max(0, daysBetween(cutOff, day)), 0)
}

/** What is still open at the end of each given day: the risk burn-down. */
export function burnDown(
  sites: readonly {
    readonly points: number
    readonly devices: number
    readonly replacedOn: PlainDate | null
  }[],
  days: readonly PlainDate[],
): { on: PlainDate; openPoints: number; openDevices: number }[] {
  return days.map((on) => {
    const open = sites.filter((site) => site.replacedOn === null || site.replacedOn > on)
    return {
      on,
      openPoints: open.reduce((total, site) => total + site.points, 0),
      openDevices: open.reduce((total, site) => total + site.devices, 0),
    }
  })
}

/** Working days in which so many devices are done: the smallest d with floor(d x rate) >= n. */
function daysFor(n: number, rate: Ratio): number {
  return ceiling(divide(whole(n), rate))
}

function workedDays(from: PlainDate, count: number, calendar: WorkCalendar): readonly PlainDate[] {
  const days: PlainDate[] = []
  for (let day = from, tried = 0; days.length < count; day = addDays(day, 1), tried++) {
    if (tried > MAX_DAYS) {
      const detail = `The work would not be done in forty years from ${from}.`
      throw new InvalidInput([{ pointer: '/settings/devicesPerCrewDay', detail }])
    }
    if (isWorkingDay(day, calendar)) days.push(day)
  }
  return days
}

function perFiscalYear(
  worked: readonly PlainDate[],
  replacedOn: readonly PlainDate[],
  startMonth: number,
): Rollout['fiscalYears'] {
  const years = new Map<FiscalYear, { workingDays: number; devices: number }>()
  const of = (day: PlainDate) => {
    const year = fiscalYearOf(day, startMonth)
    const counts = years.get(year) ?? { workingDays: 0, devices: 0 }
    years.set(year, counts)
    return counts
  }
  for (const day of worked) of(day).workingDays++
  for (const day of replacedOn) of(day).devices++
  return [...years].map(([fiscalYear, counts]) => ({ fiscalYear, ...counts }))
}

function faultsOf(input: RolloutInput): Issue[] {
  const issues: Issue[] = []
  if (decimal(input.ratePerDay).n <= 0n)
    issues.push({ pointer: '/ratePerDay', detail: 'A rate is more than zero devices per working day.' })
  if (!Number.isInteger(input.leadDays) || input.leadDays < 0)
    issues.push({ pointer: '/leadDays', detail: 'A lead time is a whole number of days.' })
  if (input.calendar.workweek.length === 0)
    issues.push({ pointer: '/calendar/workweek', detail: 'A working week has a day.' })
  return issues
}

function weekday(date: PlainDate): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay()
}

function observed(date: PlainDate): PlainDate {
  const day = weekday(date)
  return day === 6 ? addDays(date, -1) : day === 0 ? addDays(date, 1) : date
}

function nthWeekday(year: number, month: number, day: number, n: number): PlainDate {
  const first = plainDate(year, month, 1)
  return addDays(first, ((day - weekday(first) + 7) % 7) + (n - 1) * 7)
}

function ceiling(a: Ratio): number {
  return Number((a.n + a.d - 1n) / a.d)
}

function floor(a: Ratio): bigint {
  return a.n / a.d
}

function whole(n: number): Ratio {
  return ratio(BigInt(n))
}
