/** For each site that a plan leaves out, what stands in the way in each year. */
import { addDays, later } from '../../../../lib/calendar.ts'
import { type Cents, formatDollars, sum } from '../../../../lib/money.ts'
import { type IneligibleReason, ineligibility } from '../../../funding/model/rules.ts'
import { type FiscalYear, fiscalYearOf, fiscalYearPeriod, overlaps } from '../../../model/fiscal-year.ts'
import { Purses } from './greedy.ts'
import type { Plan } from './outcome.ts'
import type { Payment } from './payments.ts'
import { type Choice, choiceIn, endOfWork, type Prepared } from './prepare.ts'
import type { PhasingFund, PhasingKind, PhasingSite } from './problem.ts'
import { type Calendar, Lanes, layOut, type Task } from './visits.ts'
import { least, type Window } from './windows.ts'

interface Obstacle {
  readonly year: FiscalYear
  readonly kind: 'deadline' | 'lead-time' | 'no-fund' | 'cap' | 'crew-days' | 'sites' | 'precedence'
  /** In cents for a cap, days for crews, sites for sites; null for the others. */
  readonly needed: string | null
  readonly left: string | null
  readonly because: string
}

export interface Misfit {
  readonly site: string
  readonly obstacles: readonly Obstacle[]
}

interface Given {
  readonly plan: Plan
  readonly payments: readonly Payment[]
  readonly calendar: Calendar
}

const LAYOUTS_MOST = 300

type Add = (kind: Obstacle['kind'], because: string, numbers?: readonly [string, string]) => void

export function misfits(prepared: Prepared, given: Given): readonly Misfit[] {
  const desk = new Desk(prepared, given)
  return prepared.problem.sites
    .filter((site) => (given.plan.get(site.key) ?? null) === null)
    .map((site) => ({
      site: site.key,
      obstacles: prepared.problem.years.flatMap((year) => {
        const found: Obstacle[] = []
        const add: Add = (kind, because, numbers) =>
          found.push({ year, kind, needed: numbers?.[0] ?? null, left: numbers?.[1] ?? null, because })
        desk.explain(site, year, add)
        return found
      }),
    }))
}

/** What a plan leaves of money and days. */
class Desk {
  readonly #prepared: Prepared
  readonly #given: Given
  readonly #purses: Purses
  readonly #lanes: Lanes
  /** Years that may still be laid out anew to see whether one more site fits; a large plan leaves out hundreds. */
  #layouts = LAYOUTS_MOST

  constructor(prepared: Prepared, given: Given) {
    this.#prepared = prepared
    this.#given = given
    this.#purses = new Purses(prepared.problem.funds)
    for (const { payer, cents } of given.payments) this.#purses.take(payer, cents)
    this.#lanes = new Lanes(prepared.problem.lanes)
    for (const { first, last } of given.calendar.values()) this.#lanes.take(first, last - first + 1)
  }

  explain(site: PhasingSite, year: FiscalYear, add: Add): void {
    const { problem, choices, place } = this.#prepared
    const { to } = fiscalYearPeriod(year, problem.fiscalYearStartMonth)
    if (site.deadline !== null && year > fiscalYearOf(site.deadline, problem.fiscalYearStartMonth)) {
      add('deadline', `The deadline ${site.deadline} falls before this year.`)
      return
    }
    if (problem.startOn >= to) {
      add('lead-time', `Work can begin on ${problem.startOn}, after this year has ended.`)
      return
    }
    const possible = choices[place.get(site.key)!]!.filter((choice) => choice.window.year === year)
    if (possible.length === 0) {
      this.#explainWindows(site, year, add)
      return
    }
    this.#explainOrder(site, year, add)
    this.#explainSites(year, add)
    this.#explainDays(site, possible, add)
    this.#explainMoney(possible, add)
  }

  /** No window of the year takes the site even alone. */
  #explainWindows(site: PhasingSite, year: FiscalYear, add: Add): void {
    const { problem, windows, days, place, workDays } = this.#prepared
    const inYear = windows.filter((window) => window.year === year)
    const unpaid = (window: Window) =>
      site.parts.filter(
        (part) =>
          (part.costCents.get(year) ?? 0n) > 0n && window.payers[window.payersOf[part.kind]!]!.length === 0,
      )
    const payable = inYear.filter((window) => unpaid(window).length === 0)
    if (payable.length > 0) {
      const room = Math.max(
        0,
        ...payable.map(({ from, to }) => workDays.before(endOfWork(site, to)) - workDays.atOrAfter(from) + 1),
      )
      const needed = days[place.get(site.key)!]!
      const until = site.deadline === null ? '' : ` by ${site.deadline}`
      add(
        'crew-days',
        `Needs ${needed} working days${until} in which all of it may be paid; there are ${room}.`,
        [String(needed), String(room)],
      )
      return
    }
    const [nearest] = [...inYear].sort((a, b) => unpaid(a).length - unpaid(b).length)
    const parts = nearest === undefined ? site.parts : unpaid(nearest)
    const kinds = [...new Set(parts.map((part) => part.kind))].map((kind) => problem.kinds[kind]!)
    add(
      'no-fund',
      `No fund that may pay for ${wordsOf(kinds)} has money in this year.${this.#whyNot(kinds[0], year)}`,
    )
  }

  /** What keeps each fund from paying the first kind that nobody pays. */
  #whyNot(kind: PhasingKind | undefined, year: FiscalYear): string {
    if (kind === undefined) return ''
    const { problem } = this.#prepared
    return problem.funds
      .map((fund) => ` ${fund.id}: ${reasonOf(fund, kind, year, problem.fiscalYearStartMonth)}.`)
      .join('')
  }

  #explainOrder(site: PhasingSite, year: FiscalYear, add: Add): void {
    for (const before of site.after) {
      const window = this.#given.plan.get(before) ?? null
      if (window === null || window.year > year)
        add('precedence', `${before} has to be done first and is not done by then.`)
    }
  }

  #explainSites(year: FiscalYear, add: Add): void {
    const most = this.#prepared.problem.maxSitesPerYear
    if (most === null) return
    const taken = [...this.#given.plan.values()].filter((window) => window?.year === year).length
    if (taken >= most) add('sites', `The year already takes ${most} sites.`, ['1', String(most - taken)])
  }

  #explainDays(site: PhasingSite, possible: readonly Choice[], add: Add): void {
    const { days, place } = this.#prepared
    const needed = days[place.get(site.key)!]!
    if (possible.some((choice) => this.#fits(site, choice))) return
    const free = Math.max(...possible.map((choice) => this.#lanes.freeDays(choice.first, choice.last)))
    const until = site.deadline === null ? '' : ` by ${site.deadline}`
    add('crew-days', `Needs ${needed} crew days${until}; ${free} are left, not all of them in a row.`, [
      String(needed),
      String(free),
    ])
  }

  #fits(site: PhasingSite, choice: Choice): boolean {
    const { problem, place, days } = this.#prepared
    const i = place.get(site.key)!
    if (this.#lanes.firstFree(choice.first, days[i]!, choice.last) !== null) return true
    const tasks = problem.sites.flatMap((one, s): Task[] => {
      const window = s === i ? choice.window : (this.#given.plan.get(one.key) ?? null)
      if (window?.year !== choice.window.year) return []
      const { first, last } = choiceIn(this.#prepared, s, window)!
      return [{ site: s, first, last, days: days[s]!, after: [], weight: 0 }]
    })
    if (this.#layouts-- <= 0) return false
    return layOut(tasks, problem.lanes, 'quick').kind === 'slots'
  }

  #explainMoney(possible: readonly Choice[], add: Add): void {
    const { funds } = this.#prepared.problem
    const short = possible.map((choice) => this.#shortOf(choice))
    if (short.includes(null)) return
    const nearest = (short as Short[]).reduce((a, b) => (b.needed - b.left < a.needed - a.left ? b : a))
    const names = nearest.funds.map((f) => funds[f]!.id).join(' + ')
    add(
      'cap',
      `Needs ${formatDollars(nearest.needed)} of ${names}; ${formatDollars(nearest.left)} are left.`,
      [String(nearest.needed), String(nearest.left)],
    )
  }

  /** The need that what is left of its payers does not cover; null when the site can be paid. */
  #shortOf(choice: Choice): Short | null {
    const paid = this.#purses.payAll(choice)
    if (paid !== null) {
      for (const { payer, cents } of paid) this.#purses.take(payer, -cents)
      return null
    }
    const shorts = choice.needs.map(({ payers, cents }) => {
      const set = choice.window.payers[payers]!
      const left = sum(set.map((payer) => atMost(this.#purses.left(payer), cents)))
      return { needed: cents, left: least(left, cents), funds: set.map((payer) => payer.fund) }
    })
    const single = shorts.filter((one) => one.left < one.needed)
    if (single.length > 0) return single.reduce((a, b) => (b.needed - b.left > a.needed - a.left ? b : a))
    // Each part could be paid, not all of them together.
    const all = [...new Set(shorts.flatMap((one) => one.funds))]
    const left = sum(
      all.map((fund) => {
        const payer = choice.window.payers.flat().find((one) => one.fund === fund)!
        return atMost(this.#purses.left(payer), choice.costCents)
      }),
    )
    return { needed: choice.costCents, left: left < choice.costCents ? left : 0n, funds: all }
  }
}

interface Short {
  readonly needed: Cents
  readonly left: Cents
  readonly funds: readonly number[]
}

function atMost(left: Cents | null, cents: Cents): Cents {
  const most = least(left, cents)
  return most < 0n ? 0n : most
}

function wordsOf(kinds: readonly PhasingKind[]): string {
  const words = kinds.map((kind) => `${kind.activity}, ${kind.costKind} cost`)
  return [...new Set(words)].join(' and ')
}

const REASONS: Readonly<Record<IneligibleReason, string>> = {
  'restricted-equipment': 'federal money must not buy covered equipment',
  'restriction-unknown': 'federal money waits until it is known that the new equipment is not covered',
  'outside-period': 'not in its period',
  purpose: 'not one of its purposes',
  activity: 'not one of its activities',
  'cost-kind': 'not one of its kinds of cost',
  betterment: 'does not pay for betterment',
}

function reasonOf(fund: PhasingFund, kind: PhasingKind, year: FiscalYear, startMonth: number): string {
  const because = ineligibility(kind, fund)
  if (because !== null) return REASONS[because]
  const { period } = fund
  if (!overlaps(year, startMonth, period)) return REASONS['outside-period']
  const { from, to } = fiscalYearPeriod(year, startMonth)
  const first = period.from === null ? from : later(from, addDays(period.from, kind.leadDays))
  const end = period.to === null || fund.periodOf === 'order' ? to : period.to
  return first >= end ? 'too late after the lead time' : 'nothing left in this year'
}
