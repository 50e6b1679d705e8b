/**
 * Whose money may pay for what; and, apart from cash, what the removed equipment was still worth in the
 * books.
 */
import type { Period, PlainDate } from '../../../lib/calendar.ts'
import { addDays } from '../../../lib/calendar.ts'
import { type Cents, minus, ONE, percent, ratio, roundHalfUp, sum, times } from '../../../lib/money.ts'
import type { Decimal } from '../../estimate/model/three-point.ts'
import { refuse } from '../../model/errors.ts'
import { type FiscalYear, fiscalYearOf, monthsBetween } from '../../model/fiscal-year.ts'

export type NeedActivity = 'replacement' | 'removal' | 'disposal'
export type CostKind = 'hard' | 'soft' | 'recurring'

/** What decides whether a fund may pay, apart from the day. */
export interface NeedKind {
  readonly purpose: string
  readonly activity: NeedActivity
  readonly costKind: CostKind
  /** Whether what is bought is covered equipment under 2 CFR 200.216; null when that is not known. */
  readonly isRestricted: boolean | null
  /** More than comparable equipment: an upgrade, which many programs leave to the owner. */
  readonly isBetterment: boolean
}

/** A program, grant or fund. Limits are null where there is none. */
export interface FundingSource {
  readonly id: string
  readonly isFederal: boolean
  readonly period: Period
  /** What has to fall into the period: the work, or the order that commits the money. */
  readonly periodOf: 'work' | 'order'
  readonly purposes: readonly string[] | null
  readonly activities: readonly NeedActivity[] | null
  readonly costKinds: readonly CostKind[] | null
  readonly paysBetterment: boolean
  /** The part of eligible cost that it pays; the rest is the match. */
  readonly sharePercent: Decimal
  /** What the share is of: the award over its period, each fiscal year, or each item by itself. */
  readonly shareOf: 'award' | 'fiscal-year' | 'item'
  /** Ids of the funds that count as match; null for all that are not federal. */
  readonly matchSources: readonly string[] | null
  /** One pot over the whole period. */
  readonly totalCapCents: Cents | null
  /** A year without a row has nothing; null for no yearly limit. */
  readonly yearCaps: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[] | null
  /** Whether what a year leaves may be spent in later years. */
  readonly carriesForward: boolean
  readonly citation: string
}

export type IneligibleReason =
  | 'restricted-equipment'
  | 'restriction-unknown'
  | 'outside-period'
  | 'purpose'
  | 'activity'
  | 'cost-kind'
  | 'betterment'

/**
 * Why a source may not pay for a kind of cost on any day; null when it may.
 *
 * Federal money never pays for covered equipment, and not for equipment of which that is unknown: 2 CFR
 * 200.471 makes surveillance cost allowable, except what 200.216 bars; whether a program then pays is a
 * rule of the program.
 */
export function ineligibility(
  kind: NeedKind,
  source: Pick<FundingSource, 'isFederal' | 'purposes' | 'activities' | 'costKinds' | 'paysBetterment'>,
): Exclude<IneligibleReason, 'outside-period'> | null {
  if (source.isFederal && kind.activity === 'replacement') {
    if (kind.isRestricted === true) return 'restricted-equipment'
    if (kind.isRestricted === null) return 'restriction-unknown'
  }
  if (source.purposes && !source.purposes.includes(kind.purpose)) return 'purpose'
  if (source.activities && !source.activities.includes(kind.activity)) return 'activity'
  if (source.costKinds && !source.costKinds.includes(kind.costKind)) return 'cost-kind'
  if (!source.paysBetterment && kind.isBetterment) return 'betterment'
  return null
}

/** Local money that an award has to be met with: paid x (100 − share) / share. */
export function matchFor(paidCents: Cents, sharePercent: Decimal): Cents {
  const share = percent(sharePercent)
  return roundHalfUp(times(ratio(paidCents * share.d, share.n), minus(ONE, share)))
}

// Books. Never added to a budget request: a write-off is not cash.

export type Capitalisation = 'individually' | 'as-group' | 'expensed'

/**
 * How a purchase is carried under a city's threshold. A camera is below most thresholds and a project is
 * not, so it matters whether the policy values a group purchase at its total.
 */
export function capitalisation(
  purchase: { readonly quantity: number; readonly unitCents: Cents },
  policy: { readonly thresholdCents: Cents; readonly groupsPurchases: boolean },
): Capitalisation {
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
  readonly capitalisation: Capitalisation
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
  const isOnBooks = cohort.capitalisation !== 'expensed'
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
