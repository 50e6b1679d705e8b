/** All licenses of a regime tested against one update, each cut where another replaced it. */

import { isWithin, type Period, type PlainDate } from '../../lib/calendar.ts'
import { dayOf, earlier } from './days.ts'
import type { License, LicensedUpdate, Restriction } from './license.ts'
import { type LicenseTest, testScope } from './scope.ts'

/** A license with its test; `days` of the test end where another license replaced it. */
export interface TestedLicense {
  readonly license: License
  readonly test: LicenseTest
  /** The license that replaced it and the first day it no longer counts; null when none did. */
  readonly superseded: { readonly by: License; readonly on: PlainDate } | null
}

/**
 * Test every license of the restriction's regime, each by itself, in the order of ids. One that another record
 * supersedes counts until that one begins, also when the later one ends sooner, covers less or was revoked: a
 * shortened wind-down must not leave the longer one standing.
 */
export function testLicenses(
  licenses: readonly License[],
  restriction: Restriction,
  update: LicensedUpdate,
): readonly TestedLicense[] {
  const tests = new Map(
    licenses
      .filter(({ regime }) => regime === restriction.regime)
      .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      .map((license) => [license.id, { license, test: testScope(license, restriction, update) }]),
  )
  const replacing = licenses.filter(({ id, supersedes }) => supersedes !== null && supersedes !== id)
  return [...tests.values()].map(({ license, test }): TestedLicense => {
    const [superseded] = replacing
      .filter(({ supersedes }) => supersedes === license.id)
      .map((by) => ({ by, on: firstDayOf(by, tests.get(by.id)?.test ?? null, update.timezone) }))
      .toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.by.id < b.by.id ? -1 : 1))
    if (superseded === undefined) return { license, test, superseded: null }
    const days: Period = { from: test.days.from, to: earlier(test.days.to, superseded.on) }
    return { license, test: { ...test, days }, superseded }
  })
}

/**
 * First day on which a replacement stands in the way of what it replaces. Where it begins within a day, the two cover
 * that day together, provided it covers the same update from then on.
 */
function firstDayOf({ window }: License, test: LicenseTest | null, timezone: string): PlainDate {
  if (window.from === null) return FIRST_DAY
  const whole = test?.covers === true ? test.days : null
  if (whole !== null && whole.from !== null && isWithin(whole, whole.from)) return whole.from
  return dayOf(window.from, window.timezone, timezone, 'earliest').day
}

const FIRST_DAY = '0001-01-01'

/**
 * Last day of unbroken cover plus one, given the days of licenses that each cover by themselves; null when open.
 * `undefined` when none of them holds on the day.
 */
export function coverEnds(periods: readonly Period[], day: PlainDate): PlainDate | null | undefined {
  if (!periods.some((period) => isWithin(period, day))) return undefined
  let end = day
  for (;;) {
    const reaching = periods.filter((period) => isWithin(period, end))
    if (reaching.some((period) => period.to === null)) return null
    if (reaching.length === 0) return end
    end = reaching
      .map((period) => period.to!)
      .toSorted()
      .at(-1)!
  }
}
