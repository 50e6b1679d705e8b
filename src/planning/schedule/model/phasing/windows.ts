/**
 * Windows: stretches of days of one fiscal year in which the same funds may pay for the same kinds of cost.
 * A visit lies in one window, so that whoever may pay on its first day may pay on its last. Days are half
 * open, `[from, to)`.
 */
import { addDays, later, type PlainDate } from '../../../../lib/calendar.ts'
import { type Cents, sum } from '../../../../lib/money.ts'
import { ineligibility } from '../../../funding/model/rules.ts'
import { type FiscalYear, fiscalYearOf, fiscalYearPeriod } from '../../../model/fiscal-year.ts'
import type { PhasingFund, PhasingKind, PhasingProblem } from './problem.ts'

/** A fund, and the fiscal year whose cap pays; null when the fund has no yearly caps. */
export interface Payer {
  /** Place in the problem's `funds`. */
  readonly fund: number
  readonly year: FiscalYear | null
}

export interface Window {
  readonly index: number
  readonly year: FiscalYear
  readonly from: PlainDate
  readonly to: PlainDate
  /** The sets of payers there are, each once. */
  readonly payers: readonly (readonly Payer[])[]
  /** Per kind of cost, which of these sets pays it. */
  readonly payersOf: readonly number[]
}

type WindowTerms = Pick<PhasingProblem, 'years' | 'fiscalYearStartMonth' | 'kinds' | 'funds' | 'startOn'>

/** Every window, by fiscal year and first day; of two with the same payers only the one that holds the other. */
export function windowsOf(terms: WindowTerms): readonly Window[] {
  const cuts = cutsOf(terms)
  return terms.years
    .flatMap((year) => {
      const { from, to } = fiscalYearPeriod(year, terms.fiscalYearStartMonth)
      const first = later(from, terms.startOn)
      if (first >= to) return []
      const inside = cuts.filter((day) => day > first && day < to)
      return longest(runsOf(terms, year, [first, ...inside, to]))
    })
    .map((window, index) => ({ ...window, index }))
}

/** Days on which somebody's right to pay may change. */
function cutsOf({ years, fiscalYearStartMonth, kinds, funds }: WindowTerms): readonly PlainDate[] {
  const leads = new Set([0, ...kinds.map((kind) => kind.leadDays)])
  const firstDays = years.map((year) => fiscalYearPeriod(year, fiscalYearStartMonth).from)
  const cuts = new Set<PlainDate>()
  for (const lead of leads) {
    if (funds.some((fund) => fund.yearCaps !== null))
      for (const day of firstDays) cuts.add(addDays(day, lead))
    for (const { period, periodOf } of funds) {
      if (period.from !== null) cuts.add(addDays(period.from, lead))
      if (period.to !== null) cuts.add(periodOf === 'order' ? addDays(period.to, lead) : period.to)
    }
  }
  return [...cuts].sort()
}

/** Every run of neighboring periods, longest first. */
function runsOf(terms: WindowTerms, year: FiscalYear, days: readonly PlainDate[]): Window[] {
  const runs: Window[] = []
  for (let length = days.length - 1; length >= 1; length--) {
    for (let i = 0; i + length < days.length; i++)
      runs.push(windowOf(terms, year, days[i]!, days[i + length]!))
  }
  return runs
}

function windowOf(terms: WindowTerms, year: FiscalYear, from: PlainDate, to: PlainDate): Window {
  const payers: (readonly Payer[])[] = []
  const places = new Map<string, number>()
  const payersOf = terms.kinds.map((kind) => {
    const set = terms.funds.flatMap((fund, i): Payer[] => {
      const right = rightToPay(fund, kind, { year, from, to }, terms.fiscalYearStartMonth)
      return right === null ? [] : [{ fund: i, year: right.year }]
    })
    const key = JSON.stringify(set)
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, payers.length)
    payers.push(set)
    return payers.length - 1
  })
  return { index: 0, year, from, to, payers, payersOf }
}

function longest(runs: readonly Window[]): Window[] {
  const kept: Window[] = []
  const nameOf = (window: Window) => JSON.stringify(window.payersOf.map((set) => window.payers[set]))
  const names = new Map<Window, string>()
  for (const run of runs) {
    if (run.payers.length > 0 && run.payers.every((set) => set.length === 0)) continue
    names.set(run, nameOf(run))
    const isHeld = kept.some(
      (other) => other.from <= run.from && other.to >= run.to && names.get(other) === names.get(run),
    )
    if (!isHeld) kept.push(run)
  }
  return kept.sort((a, b) => (a.from === b.from ? (a.to < b.to ? -1 : 1) : a.from < b.from ? -1 : 1))
}

/**
 * Whether a fund may pay a kind of cost for any visit in a stretch of days, and from which year's cap; null
 * when it may not.
 *
 * Equipment is ordered the lead time before the first day of work, and not before the fund may commit money.
 * A fund whose period is that of the work pays what is worked inside it; one whose period is that of the
 * order pays what is ordered inside it. Money of a year pays work of that year ordered in that year; carried
 * forward, it pays in later years too.
 */
function rightToPay(
  fund: PhasingFund,
  kind: PhasingKind,
  days: { readonly year: FiscalYear; readonly from: PlainDate; readonly to: PlainDate },
  startMonth: number,
): { readonly year: FiscalYear | null } | null {
  if (ineligibility(kind, fund) !== null) return null
  const { period, periodOf, yearCaps } = fund
  const firstOrder = addDays(days.from, -kind.leadDays)
  const lastOrder = addDays(days.to, -1 - kind.leadDays)
  if (period.from !== null && firstOrder < period.from) return null
  if (period.to !== null && (periodOf === 'order' ? lastOrder >= period.to : days.to > period.to)) return null
  if (totalLeft(fund) === 0n) return null
  if (yearCaps === null) return { year: null }
  const year = fiscalYearOf(firstOrder, startMonth)
  if (!fund.carriesForward) {
    const isOneYear = periodOf === 'order' ? fiscalYearOf(lastOrder, startMonth) === year : days.year === year
    if (!isOneYear) return null
  }
  return leftIn(fund, year) > 0n ? { year } : null
}

/** The smaller of a limit, null for none, and an amount. */
export function least(limit: Cents | null, cents: Cents): Cents {
  return limit === null || cents < limit ? cents : limit
}

/** What a fund holds in all, less what is used; null for no limit. Never below zero. */
export function totalLeft({ totalCapCents, used }: PhasingFund): Cents | null {
  if (totalCapCents === null) return null
  const left = totalCapCents - sum(used.map((one) => one.cents))
  return left > 0n ? left : 0n
}

/**
 * What a fund with yearly caps may still pay out of one year; with money carried forward, out of all years up
 * to it. Never more than what is left to later years, never below zero.
 */
export function leftIn(fund: PhasingFund, year: FiscalYear): Cents {
  const caps = fund.yearCaps ?? []
  const of = (list: readonly { fiscalYear: FiscalYear; cents: Cents }[], upTo: FiscalYear) =>
    sum(
      list
        .filter((one) => (fund.carriesForward ? one.fiscalYear <= upTo : one.fiscalYear === upTo))
        .map((one) => one.cents),
    )
  const last = [...caps, ...fund.used].reduce((most, one) => Math.max(most, one.fiscalYear), year)
  let left: Cents | null = null
  for (let y = year; y <= (fund.carriesForward ? last : year); y++) {
    const here = of(caps, y) - of(fund.used, y)
    left = least(left, here)
  }
  return left === null || left < 0n ? 0n : left
}
