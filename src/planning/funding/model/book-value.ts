/**
 * What removed equipment was still worth in the books. Never added to a budget request: a write-off is not cash.
 */
import { addDays, type PlainDate } from '../../../lib/calendar.ts'
import { type Cents, ratio, roundHalfUp, sum } from '../../../lib/money.ts'
import { refuse } from '../../model/errors.ts'
import { fiscalYearOf, monthsBetween } from '../../model/fiscal-year.ts'

export type Capitalization = 'individually' | 'as-group' | 'expensed'

/**
 * How a purchase is carried under a city's threshold. A camera is below most thresholds and a project is
 * not, so it matters whether the policy values a group purchase at its total.
 */
export function capitalization(
  purchase: { readonly quantity: number; readonly unitCents: Cents },
  policy: { readonly thresholdCents: Cents; readonly groupsPurchases: boolean },
): Capitalization {
  if (purchase.unitCents >= policy.thresholdCents) return 'individually'
  const total = purchase.unitCents * BigInt(purchase.quantity)
  return policy.groupsPurchases && total >= policy.thresholdCents ? 'as-group' : 'expensed'
}

export interface Cohort {
  readonly key: string
  readonly quantity: number
  readonly unitCents: Cents
  readonly inServiceOn: PlainDate
  readonly lifeMonths: number
  readonly capitalization: Capitalization
}

export interface BookValue {
  readonly key: string
  readonly originalCents: Cents
  /** Months of use that have been written off, at most the life; a half-year counts six. */
  readonly monthsElapsed: number
  readonly accumulatedCents: Cents
  readonly bookCents: Cents
}

/**
 * Book value at the end of a day on which a cohort is taken out of service, straight line, no salvage.
 *
 * `full-month`: from the first of the month it came into service to the last month that ended by that day.
 * `half-year`: half a year in the fiscal year it came, half in the one it goes, a year in each between;
 * none when that is the same year. Expensed purchases have no book value. Source: GASB 34.
 */
export function bookValue(
  cohort: Cohort,
  terms: {
    readonly on: PlainDate
    readonly convention: 'full-month' | 'half-year'
    readonly fiscalYearStartMonth: number
  },
): BookValue {
  if (!Number.isInteger(cohort.lifeMonths) || cohort.lifeMonths < 1)
    refuse([{ pointer: '/lifeMonths', detail: 'A life is at least one whole month.' }])
  const isOnBooks = cohort.capitalization !== 'expensed'
  const originalCents = isOnBooks ? cohort.unitCents * BigInt(cohort.quantity) : 0n
  const elapsed =
    terms.convention === 'full-month'
      ? monthsBetween(`${cohort.inServiceOn.slice(0, 7)}-01`, addDays(terms.on, 1))
      : 12 *
        (fiscalYearOf(terms.on, terms.fiscalYearStartMonth) -
          fiscalYearOf(cohort.inServiceOn, terms.fiscalYearStartMonth))
  const monthsElapsed = Math.min(cohort.lifeMonths, Math.max(0, elapsed))
  const accumulatedCents = roundHalfUp(
    ratio(originalCents * BigInt(monthsElapsed), BigInt(cohort.lifeMonths)),
  )
  return {
    key: cohort.key,
    originalCents,
    monthsElapsed,
    accumulatedCents,
    bookCents: originalCents - accumulatedCents,
  }
}

/** What is written off when all cohorts go on one day. Non-cash. */
export function writeOff(
  cohorts: readonly Cohort[],
  terms: Parameters<typeof bookValue>[1],
): { readonly cohorts: readonly BookValue[]; readonly totalCents: Cents } {
  const values = cohorts.map((cohort) => bookValue(cohort, terms))
  return { cohorts: values, totalCents: sum(values.map((value) => value.bookCents)) }
}
