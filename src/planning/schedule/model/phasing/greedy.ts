/**
 * The plan made by hand: sites one after another, each into the earliest window that still takes it, paid
 * from the first funds that can. Nothing is moved afterwards, so it is never better than the best plan.
 */
import { type Cents, percent, sum } from '../../../../lib/money.ts'
import type { FiscalYear } from '../../../model/fiscal-year.ts'
import type { Plan } from './outcome.ts'
import { isShared, matchBehind, matchFundsOf, type Payment } from './payments.ts'
import type { Choice, Prepared } from './prepare.ts'
import { byDeadline, type PhasingFund, type PhasingSite } from './problem.ts'
import { type Calendar, Lanes, type Slot } from './visits.ts'
import { least, leftIn, type Payer, totalLeft, type Window } from './windows.ts'

export type GreedyOrder = 'risk' | 'risk-per-dollar'

export interface HandMade {
  readonly plan: Plan
  readonly payments: readonly Payment[]
  readonly calendar: Calendar
}

export function greedyPlan(prepared: Prepared, order: GreedyOrder): HandMade {
  const { problem, place } = prepared
  const waiting = [...problem.sites].sort((a, b) => {
    const [i, j] = [place.get(a.key)!, place.get(b.key)!]
    return (
      byDeadline(a, b) || rankOf(prepared, j, order) - rankOf(prepared, i, order) || (a.key < b.key ? -1 : 1)
    )
  })
  const desk = new Desk(prepared)
  const plan = new Map<string, Window | null>()
  while (waiting.length > 0) {
    // The best site whose predecessors are settled; cycles were refused.
    const next = waiting.findIndex((site) => site.after.every((key) => plan.has(key)))
    const [site] = waiting.splice(next, 1) as [PhasingSite]
    plan.set(site.key, desk.place(site))
  }
  return { plan, payments: desk.payments, calendar: desk.slots }
}

function rankOf(prepared: Prepared, site: number, order: GreedyOrder): number {
  const { riskPoints } = prepared.problem.sites[site]!
  if (order === 'risk') return riskPoints
  const cost = prepared.choices[site]![0]?.costCents ?? 0n
  return cost === 0n ? Number.MAX_VALUE : riskPoints / Number(cost)
}

/** What is taken so far: days, sites of a year, money. */
class Desk {
  readonly payments: Payment[] = []
  readonly slots = new Map<number, Slot>()
  readonly #prepared: Prepared
  readonly #lanes: Lanes
  readonly #purses: Purses
  readonly #sitesIn = new Map<FiscalYear, number>()

  constructor(prepared: Prepared) {
    this.#prepared = prepared
    this.#lanes = new Lanes(prepared.problem.lanes)
    this.#purses = new Purses(prepared.problem.funds)
  }

  place(site: PhasingSite): Window | null {
    const { problem, place, choices, days } = this.#prepared
    const i = place.get(site.key)!
    const before = site.after.map((key) => this.slots.get(place.get(key)!)?.last)
    if (before.includes(undefined)) return null
    const ready = Math.max(-1, ...(before as number[])) + 1
    for (const choice of choices[i]!) {
      const { year } = choice.window
      if ((this.#sitesIn.get(year) ?? 0) >= (problem.maxSitesPerYear ?? Infinity)) continue
      const first = this.#lanes.firstFree(Math.max(ready, choice.first), days[i]!, choice.last)
      if (first === null) continue
      const paid = this.#purses.payAll(choice)
      if (paid === null) continue
      this.#lanes.take(first, days[i]!)
      this.slots.set(i, { first, last: first + days[i]! - 1 })
      this.#sitesIn.set(year, (this.#sitesIn.get(year) ?? 0) + 1)
      this.payments.push(...paid)
      return choice.window
    }
    return null
  }
}

/** What is left of each fund while money is handed out by hand. */
export class Purses {
  readonly #funds: readonly PhasingFund[]
  readonly #total: (Cents | null)[]
  readonly #years: Map<FiscalYear, Cents>[]

  constructor(funds: readonly PhasingFund[]) {
    this.#funds = funds
    this.#total = funds.map(totalLeft)
    this.#years = funds.map(() => new Map())
  }

  /** null for no limit. */
  left({ fund, year }: Payer): Cents | null {
    const total = this.#total[fund]!
    if (year === null) return total
    const left = this.#funds[fund]!.carriesForward
      ? this.#carried(fund, year)
      : leftIn(this.#funds[fund]!, year) - (this.#years[fund]!.get(year) ?? 0n)
    return least(total, left)
  }

  /** The least that is left up to this year or any later one in which something was taken. */
  #carried(fund: number, year: FiscalYear): Cents {
    const taken = this.#years[fund]!
    const years = [year, ...[...taken.keys()].filter((y) => y > year)]
    return years
      .map((y) => {
        const upTo = sum([...taken].filter(([t]) => t <= y).map(([, cents]) => cents))
        return leftIn(this.#funds[fund]!, y) - upTo
      })
      .reduce((a, b) => (a < b ? a : b))
  }

  take({ fund, year }: Payer, cents: Cents): void {
    if (this.#total[fund] !== null) this.#total[fund]! -= cents
    if (year === null) return
    const years = this.#years[fund]!
    years.set(year, (years.get(year) ?? 0n) + cents)
  }

  /** Pays a whole site in a window, or nothing. */
  payAll(choice: Choice): readonly Payment[] | null {
    const paid: Payment[] = []
    const { window } = choice
    const hardestFirst = [...choice.needs].sort(
      (a, b) => window.payers[a.payers]!.length - window.payers[b.payers]!.length || a.payers - b.payers,
    )
    for (const { payers: set, cents } of hardestFirst) {
      const parts = this.#pay(window.payers[set]!, cents)
      if (parts === null) {
        for (const { payer, cents: back } of paid) this.take(payer, -back)
        return null
      }
      for (const part of parts) {
        this.take(part.payer, part.cents)
        paid.push({ window, set, ...part })
      }
    }
    return paid
  }

  #pay(payers: readonly Payer[], cents: Cents): readonly { payer: Payer; cents: Cents }[] | null {
    const funds = this.#funds
    const whole = payers.filter(({ fund }) => !isShared(funds[fund]!))
    const shared = payers.find(({ fund }) => isShared(funds[fund]!) && matchBehind(funds[fund]!) <= 0n)
    if (shared !== undefined) {
      const together = this.#payShared(shared, whole, cents)
      if (together !== null) return together
    }
    return this.#payInTurn(whole, cents, new Map())
  }

  /** The share of one fund, met by those that count as its match; what is left by whoever comes first. */
  #payShared(
    shared: Payer,
    whole: readonly Payer[],
    cents: Cents,
  ): readonly { payer: Payer; cents: Cents }[] | null {
    const fund = this.#funds[shared.fund]!
    const { n, d } = percent(fund.sharePercent)
    const counted = new Set(matchFundsOf(fund, this.#funds))
    const match = whole.filter((payer) => counted.has(payer.fund))
    const available = sum(match.map((payer) => least(this.left(payer), cents)))
    const asked = least(least(this.left(shared), (cents * n) / d), (n * available) / (d - n))
    if (asked <= 0n) return null
    const required = ((d - n) * asked + n - 1n) / n
    const first = this.#payInTurn(match, required, new Map())
    if (first === null) return null
    const taken = new Map(first.map((part) => [part.payer, part.cents]))
    const rest = this.#payInTurn(whole, cents - asked - required, taken)
    if (rest === null) return null
    return [{ payer: shared, cents: asked }, ...first, ...rest]
  }

  #payInTurn(
    payers: readonly Payer[],
    cents: Cents,
    taken: ReadonlyMap<Payer, Cents>,
  ): readonly { payer: Payer; cents: Cents }[] | null {
    let open = cents
    const parts: { payer: Payer; cents: Cents }[] = []
    for (const payer of payers) {
      const left = this.left(payer)
      const part = left === null ? open : least(left - (taken.get(payer) ?? 0n), open)
      if (part <= 0n) continue
      parts.push({ payer, cents: part })
      open -= part
    }
    return open === 0n ? parts : null
  }
}
