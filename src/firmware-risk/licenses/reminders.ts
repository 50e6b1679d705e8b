/** The days on which somebody is reminded that a license ends or a report is due. */
import { addDays, daysBetween, type PlainDate } from '../../lib/calendar.ts'
import { daysHeld } from './days.ts'
import type { License } from './license.ts'

/** Days before an end on which somebody is told. */
const REMINDER_DAYS = [90, 30, 7] as const

export interface LicenseReminder {
  readonly license: string
  readonly about: 'license-end' | 'report-due'
  /** Last day of cover, or the day the report is due. */
  readonly date: PlainDate
  readonly daysBefore: (typeof REMINDER_DAYS)[number]
  /** The day to send it. */
  readonly on: PlainDate
}

/** Every reminder a license gives rise to, earliest first. Days are the jurisdiction's. */
export function licenseReminders(license: License, timezone: string): readonly LicenseReminder[] {
  const end = daysHeld(license, timezone).to
  const dates: { about: LicenseReminder['about']; date: PlainDate }[] = [
    ...(end === null ? [] : [{ about: 'license-end' as const, date: addDays(end, -1) }]),
    ...license.reportingDue.map((date) => ({ about: 'report-due' as const, date })),
  ]
  return dates
    .flatMap(({ about, date }) =>
      REMINDER_DAYS.map((daysBefore) => ({
        license: license.id,
        about,
        date,
        daysBefore,
        on: addDays(date, -daysBefore),
      })),
    )
    .toSorted((a, b) => (a.on === b.on ? daysBetween(a.date, b.date) * -1 : a.on < b.on ? -1 : 1))
}
