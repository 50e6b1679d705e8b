/**
 * Which site is replaced when, and who pays which part of it: what a problem says. `windows.ts` says when a
 * fund may pay, `prepare.ts` when a site may be done, `optimize.ts` finds the best plan.
 *
 * Sites are done whole: mobilization, traffic control and survey are paid once per visit.
 */
import type { PlainDate } from '../../../../lib/calendar.ts'
import type { Cents } from '../../../../lib/money.ts'
import type { Decimal } from '../../../estimate/model/cost-model.ts'
import type { FundingSource, NeedKind } from '../../../funding/model/rules.ts'
import type { FiscalYear } from '../../../model/fiscal-year.ts'

/** A part of what a site costs that the same rules of funds decide. */
export interface CostPart {
  /** Place in the problem's `kinds`. */
  readonly kind: number
  /** When the site is done in that fiscal year, see `costsByYear`. */
  readonly costCents: ReadonlyMap<FiscalYear, Cents>
}

export interface PhasingSite {
  readonly key: string
  /** What each year of delay costs in safety: a whole number, such as cameras x risk score. */
  readonly riskPoints: number
  readonly parts: readonly CostPart[]
  /** Last day on which the old equipment may stand; null for none. Hard. */
  readonly deadline: PlainDate | null
  /** Rounded up to whole days, at least one: a crew is not sent to two sites on one day. */
  readonly crewDays: Decimal
  /** Sites whose work ends before this one's begins. */
  readonly after: readonly string[]
  /** Funds that an order for this site is placed on: the work ends within their period. */
  readonly boundTo: readonly string[]
}

export interface PhasingKind extends NeedKind {
  /** Calendar days between the order and the first work. */
  readonly leadDays: number
}

export interface PhasingFund extends FundingSource {
  /** Ordered, paid or promised elsewhere, by the fiscal year that it counts to. */
  readonly used: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[]
  /** Part of `used` that this plan has ordered or paid, which the match has to follow. */
  readonly committedCents: Cents
  /** What others have ordered or paid for this plan and counts as match of this fund. */
  readonly matchedCents: Cents
}

/** A fund that pays everything, of which nothing is used. */
export const NO_LIMITS: Omit<PhasingFund, 'id'> = {
  isFederal: false,
  period: { from: null, to: null },
  periodOf: 'work',
  purposes: null,
  activities: null,
  costKinds: null,
  paysBetterment: true,
  sharePercent: 100,
  shareOf: 'award',
  matchSources: null,
  totalCapCents: null,
  yearCaps: null,
  carriesForward: false,
  citation: '',
  used: [],
  committedCents: 0n,
  matchedCents: 0n,
}

export interface PhasingProblem {
  /** First to last; delay is counted in years after the first. */
  readonly years: readonly FiscalYear[]
  readonly fiscalYearStartMonth: number
  readonly kinds: readonly PhasingKind[]
  readonly sites: readonly PhasingSite[]
  /** In the order in which they pay. */
  readonly funds: readonly PhasingFund[]
  /** First day of work at all. */
  readonly startOn: PlainDate
  /** Sites worked on at the same time: crews, or fewer when fewer may be dark. */
  readonly lanes: number
  readonly holidays: ReadonlySet<PlainDate>
  /** 0 is Sunday. */
  readonly workweek: readonly number[]
  /** null for no limit. */
  readonly maxSitesPerYear: number | null
  readonly discountPercent: Decimal
}

/** Orders sites by their deadlines, those without one last. */
export function byDeadline({ deadline: a }: PhasingSite, { deadline: b }: PhasingSite): number {
  if (a === b) return 0
  return a !== null && (b === null || a < b) ? -1 : 1
}
