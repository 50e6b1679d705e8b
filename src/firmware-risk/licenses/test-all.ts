/** All licenses of a regime tested against one update, each cut where another replaced it. */

import { isWithin, type Period, type PlainDate } from '../../lib/calendar.ts'
import { dayOf, earlier } from './days.ts'
import type { Licence, LicensedUpdate, Restriction } from './license.ts'
import { type LicenceTest, testScope } from './scope.ts'

/** A licence with its test; `days` of the test end where another licence replaced it. */
export interface TestedLicence {
  readonly licence: Licence
  readonly test: LicenceTest
  /** The licence that replaced it and the first day it no longer counts; null when none did. */
  readonly superseded: { readonly by: Licence; readonly on: PlainDate } | null
}

/**
 * Test every licence of the restriction's regime, each by itself, in the order of ids. One that another record
 * supersedes counts until that one begins, also when the later one ends sooner, covers less or was revoked: a
 * shortened wind-down must not leave the longer one standing.
 */
export function testLicences(
  licences: readonly Licence[],
  restriction: Restriction,
  update: LicensedUpdate,
): readonly TestedLicence[] {
  const tests = new Map(
    licences
      .filter(({ regime }) => regime === restriction.regime)
      .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
      .map((licence) => [licence.id, { licence, test: testScope(licence, restriction, update) }]),
  )
  const replacing = licences.filter(({ id, supersedes }) => supersedes !== null && supersedes !== id)
  return [...tests.values()].map(({ licence, test }): TestedLicence => {
    const [superseded] = replacing
      .filter(({ supersedes }) => supersedes === licence.id)
      .map((by) => ({ by, on: firstDayOf(by, tests.get(by.id)?.test ?? null, update.timezone) }))
      .toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.by.id < b.by.id ? -1 : 1))
    if (superseded === undefined) return { licence, test, superseded: null }
    const days: Period = { from: test.days.from, to: earlier(test.days.to, superseded.on) }
    return { licence, test: { ...test, days }, superseded }
  })
}

/**
 * First day on which a replacement stands in the way of what it replaces. Where it begins within a day, the two cover
 * that day together, provided it covers the same update from then on.
 */
function firstDayOf({ window }: Licence, test: LicenceTest | null, timezone: string): PlainDate {
  if (window.from === null) return FIRST_DAY
  const whole = test?.covers === true ? test.days : null
  if (whole !== null && whole.from !== null && isWithin(whole, whole.from)) return whole.from
  return dayOf(window.from, window.timezone, timezone, 'earliest').day
}

const FIRST_DAY = '0001-01-01'

/**
 * Last day of unbroken cover plus one, given the days of licences that each cover by themselves; null when open.
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
