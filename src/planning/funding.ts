/**
 * Whose money pays for what, in which fiscal year, and what nobody pays; and, apart from cash, what the
 * removed equipment was still worth in the books.
 */
import type { Period, PlainDate } from '../calendar.ts'
import { addDays } from '../calendar.ts'
import { type Cents, minus, ONE, percent, ratio, roundHalfUp, split, sum, times } from '../money.ts'
import type { Decimal } from './estimate.ts'
import { type FiscalYear, fiscalYearOf, fiscalYearPeriod, monthsBetween } from './fiscal.ts'
import { type Issue, refuse } from './invalid.ts'

export type NeedActivity = 'replacement' | 'removal' | 'disposal'
export type CostKind = 'hard' | 'soft' | 'recurring'

/** Something to be paid in one fiscal year. */
export interface Need {
  readonly key: string
  readonly fiscalYear: FiscalYear
  readonly purpose: string
  readonly activity: NeedActivity
  readonly costKind: CostKind
  readonly cents: Cents
  /** Whether what is bought is covered equipment under 2 CFR 200.216; null when that is not known. */
  readonly isRestricted: boolean | null
  /** More than comparable equipment: an upgrade, which many programmes leave to the owner. */
  readonly isBetterment?: boolean
  /** null when only the fiscal year is known: then all of it must lie in a fund's period. */
  readonly spentOn: PlainDate | null
}

/** A programme, grant or fund. Limits are null where there is none. */
export interface FundingSource {
  readonly id: string
  readonly currency: string
  readonly isFederal: boolean
  readonly period: Period
  readonly purposes: readonly string[] | null
  readonly activities: readonly NeedActivity[] | null
  readonly costKinds: readonly CostKind[] | null
  /** Whether it pays for betterment; it does when absent. */
  readonly paysBetterment?: boolean
  /** The part of eligible cost that it pays; the rest is the local match. */
  readonly sharePercent: Decimal
  readonly totalCapCents: Cents | null
  /** A year without a row has nothing; null for no yearly limit. */
  readonly yearCaps: readonly { readonly fiscalYear: FiscalYear; readonly cents: Cents }[] | null
  /** How a total cap that binds is laid over the years: by eligible cost, or the first years first. */
  readonly draw: 'proportional' | 'earliest'
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

export interface Award {
  readonly source: string
  readonly need: string
  readonly fiscalYear: FiscalYear
  readonly cents: Cents
}

export interface SourceYear {
  readonly fiscalYear: FiscalYear
  /** Eligible and not yet paid by an earlier source, at the source's share. */
  readonly wantedCents: Cents
  readonly paidCents: Cents
  readonly capCents: Cents | null
}

export interface SourceResult {
  readonly source: string
  readonly eligibleCents: Cents
  readonly wantedCents: Cents
  readonly paidCents: Cents
  readonly years: readonly SourceYear[]
  /** Local money that the award has to be met with: paid x (100 − share) / share. */
  readonly matchRequiredCents: Cents
  /** What non-federal sources pay of the same needs. */
  readonly matchFoundCents: Cents
  readonly ineligible: readonly { readonly need: string; readonly because: IneligibleReason }[]
}

export interface Funding {
  readonly awards: readonly Award[]
  readonly sources: readonly SourceResult[]
  /** What no source pays, per fiscal year that has a need. */
  readonly years: readonly {
    readonly fiscalYear: FiscalYear
    readonly needCents: Cents
    readonly paidCents: Cents
    readonly gapCents: Cents
  }[]
  readonly gaps: readonly { readonly need: string; readonly fiscalYear: FiscalYear; readonly cents: Cents }[]
  readonly gapCents: Cents
}

/**
 * Pay needs from sources in the order given, each as far as its rules, share and caps go.
 *
 * Federal money never pays for covered equipment, and not for equipment of which that is unknown: 2 CFR
 * 200.471 makes surveillance cost allowable, except what 200.216 bars; whether a programme then pays is a
 * rule of the programme. Awards and gaps of a need add up to it. Throws InvalidInput, also for a source in
 * another currency than the plan.
 */
export function fund(
  needs: readonly Need[],
  sources: readonly FundingSource[],
  terms: { readonly currency: string; readonly fiscalYearStartMonth: number },
): Funding {
  refuse(faultsOf(needs, sources, terms.currency))
  const ordered = [...needs].sort((a, b) => a.fiscalYear - b.fiscalYear || (a.key < b.key ? -1 : 1))
  const open = new Map(ordered.map((need) => [need, need.cents]))
  const awards: (Award & { readonly isFederal: boolean })[] = []
  const drawn = sources.map((source) => {
    const ineligible: { need: string; because: IneligibleReason }[] = []
    const eligible: Need[] = []
    for (const need of ordered) {
      const because = ineligibility(need, source, terms.fiscalYearStartMonth)
      if (because === null) eligible.push(need)
      else ineligible.push({ need: need.key, because })
    }
    const draft = drawOn(source, eligible, open)
    for (const [need, cents] of draft.paid) {
      open.set(need, open.get(need)! - cents)
      const award = { source: source.id, need: need.key, fiscalYear: need.fiscalYear, cents }
      if (cents > 0n) awards.push({ ...award, isFederal: source.isFederal })
    }
    return { source, eligible, ineligible, ...draft }
  })

  const localByNeed = new Map<string, Cents>()
  for (const award of awards) {
    if (!award.isFederal) localByNeed.set(award.need, (localByNeed.get(award.need) ?? 0n) + award.cents)
  }
  const years = [...new Set(ordered.map((need) => need.fiscalYear))]
  return {
    awards: awards.map(({ isFederal: _, ...award }) => award),
    sources: drawn.map(({ source, eligible, ineligible, years: perYear }) => {
      const paidCents = sum(perYear.map((year) => year.paidCents))
      return {
        source: source.id,
        eligibleCents: sum(eligible.map((need) => need.cents)),
        wantedCents: sum(perYear.map((year) => year.wantedCents)),
        paidCents,
        years: perYear,
        matchRequiredCents: matchFor(paidCents, source.sharePercent),
        matchFoundCents: source.isFederal ? sum(eligible.map((need) => localByNeed.get(need.key) ?? 0n)) : 0n,
        ineligible,
      }
    }),
    years: years.map((fiscalYear) => {
      const inYear = ordered.filter((need) => need.fiscalYear === fiscalYear)
      const needCents = sum(inYear.map((need) => need.cents))
      const gapCents = sum(inYear.map((need) => open.get(need)!))
      return { fiscalYear, needCents, paidCents: needCents - gapCents, gapCents }
    }),
    gaps: ordered
      .map((need) => ({ need: need.key, fiscalYear: need.fiscalYear, cents: open.get(need)! }))
      .filter((gap) => gap.cents > 0n),
    gapCents: sum(open.values()),
  }
}

/** Why a source may not pay for a need; null when it may. */
export function ineligibility(
  need: Need,
  source: FundingSource,
  fiscalYearStartMonth: number,
): IneligibleReason | null {
  if (source.isFederal && need.activity === 'replacement') {
    if (need.isRestricted === true) return 'restricted-equipment'
    if (need.isRestricted === null) return 'restriction-unknown'
  }
  if (!isInPeriod(need, source.period, fiscalYearStartMonth)) return 'outside-period'
  if (source.purposes && !source.purposes.includes(need.purpose)) return 'purpose'
  if (source.activities && !source.activities.includes(need.activity)) return 'activity'
  if (source.costKinds && !source.costKinds.includes(need.costKind)) return 'cost-kind'
  if (source.paysBetterment === false && need.isBetterment === true) return 'betterment'
  return null
}

function isInPeriod(need: Need, period: Period, startMonth: number): boolean {
  const window = fiscalYearPeriod(need.fiscalYear, startMonth)
  const first = need.spentOn ?? window.from
  const last = need.spentOn ?? addDays(window.to, -1)
  return (period.from === null || first >= period.from) && (period.to === null || last < period.to)
}

function drawOn(
  source: FundingSource,
  eligible: readonly Need[],
  open: ReadonlyMap<Need, Cents>,
): { readonly paid: ReadonlyMap<Need, Cents>; readonly years: readonly SourceYear[] } {
  const amounts = eligible.map((need) => need.cents)
  const share = percent(source.sharePercent)
  // The share is taken once of the whole, so that it is rounded once; a need gets at most what is open.
  const asked = split(roundHalfUp(times(share, ratio(sum(amounts)))), amounts)
  const wanted = new Map(eligible.map((need, i) => [need, smaller(asked[i]!, open.get(need)!)]))

  const fiscalYears = [...new Set(eligible.map((need) => need.fiscalYear))]
  const perYear = fiscalYears.map((fiscalYear) => {
    const needs = eligible.filter((need) => need.fiscalYear === fiscalYear)
    const wantedCents = sum(needs.map((need) => wanted.get(need)!))
    const capCents = source.yearCaps
      ? sum(source.yearCaps.filter((cap) => cap.fiscalYear === fiscalYear).map((cap) => cap.cents))
      : null
    return { fiscalYear, needs, wantedCents, capCents, allowed: smaller(wantedCents, capCents) }
  })
  const paidPerYear = underTotal(
    source,
    perYear.map((year) => year.allowed),
  )
  const paid = new Map<Need, Cents>()
  for (const [y, year] of perYear.entries()) {
    const parts = split(
      paidPerYear[y]!,
      year.needs.map((need) => wanted.get(need)!),
    )
    for (const [i, need] of year.needs.entries()) paid.set(need, parts[i]!)
  }
  return {
    paid,
    years: perYear.map(({ fiscalYear, wantedCents, capCents }, y) => ({
      fiscalYear,
      wantedCents,
      paidCents: paidPerYear[y]!,
      capCents,
    })),
  }
}

function underTotal({ totalCapCents, draw }: FundingSource, perYear: readonly Cents[]): readonly Cents[] {
  const total = smaller(sum(perYear), totalCapCents)
  if (draw === 'proportional') return split(total, perYear)
  let left = total
  return perYear.map((amount) => {
    const part = smaller(amount, left)
    left -= part
    return part
  })
}

function matchFor(paidCents: Cents, sharePercent: Decimal): Cents {
  const share = percent(sharePercent)
  return roundHalfUp(times(ratio(paidCents * share.d, share.n), minus(ONE, share)))
}

function smaller(a: Cents, b: Cents | null): Cents {
  return b !== null && b < a ? b : a
}

function faultsOf(
  needs: readonly Need[],
  sources: readonly FundingSource[],
  currency: string,
): readonly Issue[] {
  const issues: Issue[] = []
  const keys = new Set<string>()
  for (const [i, need] of needs.entries()) {
    if (keys.has(need.key))
      issues.push({ pointer: `/needs/${i}/key`, detail: `Another need has the key ${need.key}.` })
    keys.add(need.key)
    if (need.cents < 0n) issues.push({ pointer: `/needs/${i}/cents`, detail: 'A need is not negative.' })
  }
  const ids = new Set<string>()
  for (const [i, source] of sources.entries()) {
    const at = `/sources/${i}`
    if (ids.has(source.id)) issues.push({ pointer: `${at}/id`, detail: `${source.id} is listed twice.` })
    ids.add(source.id)
    if (source.currency !== currency)
      issues.push({
        pointer: `${at}/currency`,
        detail: `The plan is in ${currency}; a fund in ${source.currency} cannot pay for it.`,
      })
    const share = percent(source.sharePercent)
    if (share.n <= 0n || share.n > share.d)
      issues.push({ pointer: `${at}/sharePercent`, detail: 'A share is above 0 and at most 100 percent.' })
    const caps = [source.totalCapCents ?? 0n, ...(source.yearCaps ?? []).map((cap) => cap.cents)]
    if (caps.some((cap) => cap < 0n)) issues.push({ pointer: at, detail: 'A cap is not negative.' })
  }
  return issues
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
