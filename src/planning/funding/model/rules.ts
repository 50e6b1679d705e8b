/** Whose money may pay for what. */
import type { Period } from '../../../lib/calendar.ts'
import { type Cents, minus, ONE, percent, ratio, roundHalfUp, times } from '../../../lib/money.ts'
import type { Decimal } from '../../estimate/model/cost-model.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'

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

/** A funding source with the name people know it by. */
export interface NamedSource extends FundingSource {
  readonly name: string
  readonly currency: string
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
