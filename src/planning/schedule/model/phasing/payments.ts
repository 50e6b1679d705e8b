/**
 * Who pays what: the limits of funds as rows over amounts, and the whole cents that keep every row.
 *
 * Costs that the same payers may pay in one window are one amount, so there is no variable per site.
 */
import { type Cents, percent, type Ratio, sum } from '../../../../lib/money.ts'
import type { FundingSource } from '../../../funding/model/rules.ts'
import type { Row, Solver } from './linear-program.ts'
import type { Plan } from './outcome.ts'
import { choiceIn, type Prepared } from './prepare.ts'
import type { PhasingFund, PhasingProblem } from './problem.ts'
import { leftIn, type Payer, totalLeft, type Window } from './windows.ts'

/** What one payer gives for the costs of a window that one set of payers may pay. */
interface PayColumn {
  readonly window: Window
  readonly set: number
  readonly payer: Payer
}

export interface Payment extends PayColumn {
  readonly cents: Cents
}

/** `Σ value·column <= upper` in cents. */
interface MoneyRow {
  readonly columns: readonly number[]
  readonly values: readonly bigint[]
  readonly upper: bigint
}

/**
 * Columns: first the amounts paid, then amounts that one of several shared funds counts as its match, then a
 * switch per fund whose match is behind: 1 when it pays any more.
 */
export interface MoneyModel {
  readonly pays: readonly PayColumn[]
  readonly counted: number
  readonly switches: number
  readonly rows: readonly MoneyRow[]
}

export interface Use {
  readonly window: Window
  readonly set: number
}

/** The funds that may be counted as match of a fund that pays a share. */
export function matchFundsOf(fund: FundingSource, funds: readonly FundingSource[]): readonly number[] {
  return [...funds.keys()].filter((i) => {
    const other = funds[i]!
    if (other.id === fund.id || isShared(other)) return false
    return fund.matchSources === null ? !other.isFederal : fund.matchSources.includes(other.id)
  })
}

export function isShared(fund: Pick<FundingSource, 'sharePercent'>): boolean {
  const share = percent(fund.sharePercent)
  return share.n < share.d
}

/**
 * By how much the match is behind what this plan has had of the fund, times the share's numerator; negative
 * when it is ahead.
 */
export function matchBehind(fund: PhasingFund): bigint {
  const { n, d } = percent(fund.sharePercent)
  return (d - n) * fund.committedCents - n * fund.matchedCents
}

/** Every limit of the funds over what may be paid for the uses given. */
export function moneyModel(problem: PhasingProblem, uses: readonly Use[], everything: Cents): MoneyModel {
  const { funds } = problem
  const pays = uses.flatMap(({ window, set }) => window.payers[set]!.map((payer) => ({ window, set, payer })))
  const rows: MoneyRow[] = []
  const atMost = (columns: readonly number[], upper: bigint) => {
    if (columns.length > 0) rows.push({ columns, values: columns.map(() => 1n), upper })
  }
  const columnsOf = funds.map((_, f) => [...pays.keys()].filter((c) => pays[c]!.payer.fund === f))
  for (const [f, fund] of funds.entries()) {
    const own = columnsOf[f]!
    const total = totalLeft(fund)
    if (total !== null) atMost(own, total)
    if (fund.yearCaps === null) continue
    const years = new Set(own.map((c) => pays[c]!.payer.year!))
    for (const year of years) {
      const inYear = own.filter((c) => {
        const paidFrom = pays[c]!.payer.year!
        return fund.carriesForward ? paidFrom <= year : paidFrom === year
      })
      atMost(inYear, leftIn(fund, year))
    }
  }
  return { pays, ...shareRows(problem, pays, columnsOf, rows, everything) }
}

function shareRows(
  { funds }: PhasingProblem,
  pays: readonly PayColumn[],
  columnsOf: readonly (readonly number[])[],
  rows: MoneyRow[],
  everything: Cents,
): Omit<MoneyModel, 'pays'> {
  const shared = [...funds.keys()].filter((f) => isShared(funds[f]!) && columnsOf[f]!.length > 0)
  const countable = new Map(
    shared.map((f) => {
      const others = new Set(matchFundsOf(funds[f]!, funds))
      const columns = [...pays.keys()].filter((c) => {
        const { window, set, payer } = pays[c]!
        return others.has(payer.fund) && window.payers[set]!.some((one) => one.fund === f)
      })
      return [f, columns] as const
    }),
  )
  const claims = new Map<number, number>()
  for (const c of [...countable.values()].flat()) claims.set(c, (claims.get(c) ?? 0) + 1)
  let counted = 0
  const parts = new Map<number, number[]>()
  const matchColumns = new Map(
    [...countable].map(([f, columns]) => [
      f,
      columns.map((c) => {
        if (claims.get(c)! < 2) return { pay: c, column: c }
        const column = pays.length + counted++
        parts.set(c, [...(parts.get(c) ?? []), column])
        return { pay: c, column }
      }),
    ]),
  )
  // A dollar is counted once.
  for (const [c, columns] of parts)
    rows.push({ columns: [...columns, c], values: [...columns.map(() => 1n), -1n], upper: 0n })
  let switches = 0
  for (const f of shared) {
    const fund = funds[f]!
    const share = percent(fund.sharePercent)
    for (const group of groupsOf(fund, pays, columnsOf[f]!, matchColumns.get(f)!)) {
      const row = shareRow(share, group)
      const behind = fund.shareOf === 'award' ? matchBehind(fund) : 0n
      if (behind <= 0n) {
        rows.push({ ...row, upper: -behind })
        continue
      }
      // What is behind has to be made good before it pays more.
      const on = pays.length + counted + switches++
      rows.push({ columns: [...row.columns, on], values: [...row.values, behind], upper: 0n })
      rows.push({
        columns: [...group.paid, on],
        values: [...group.paid.map(() => 1n), -everything],
        upper: 0n,
      })
    }
  }
  return { counted, switches, rows }
}

interface ShareGroup {
  readonly paid: readonly number[]
  readonly match: readonly number[]
}

/** What a share is of: the whole award, each fiscal year, or each item by itself. */
function groupsOf(
  fund: PhasingFund,
  pays: readonly PayColumn[],
  own: readonly number[],
  match: readonly { readonly pay: number; readonly column: number }[],
): readonly ShareGroup[] {
  const keyOf = (c: number) => {
    const { window, set } = pays[c]!
    if (fund.shareOf === 'award') return ''
    return fund.shareOf === 'fiscal-year' ? String(window.year) : `${window.index}/${set}`
  }
  const groups = new Map<string, { paid: number[]; match: number[] }>()
  for (const c of own) {
    const known = groups.get(keyOf(c))
    if (known) known.paid.push(c)
    else groups.set(keyOf(c), { paid: [c], match: [] })
  }
  for (const { pay, column } of match) groups.get(keyOf(pay))?.match.push(column)
  return [...groups.values()]
}

/** (d − n) paid − n match, for a share of n/d. */
function shareRow({ n, d }: Ratio, { paid, match }: ShareGroup): Pick<MoneyRow, 'columns' | 'values'> {
  return {
    columns: [...paid, ...match],
    values: [...paid.map(() => d - n), ...match.map(() => -n)],
  }
}

/** The rows in dollars for the solver, with columns moved by `offset`. Large values are scaled down. */
export function solverRows(model: MoneyModel, offset: number): readonly Row[] {
  return model.rows.map(({ columns, values, upper }) => {
    const largest = Number(values.slice(0, model.pays.length).reduce((a, b) => (abs(b) > a ? abs(b) : a), 1n))
    const scale = largest > 1000 ? largest : 1
    return {
      columns: columns.map((c) => c + offset),
      // A switch stands for cents; amounts are in dollars on both sides.
      values: values.map((v, i) => Number(v) / scale / (isSwitch(model, columns[i]!) ? 100 : 1)),
      lower: -Infinity,
      upper: Number(upper) / 100 / scale,
    }
  })
}

export function isSwitch(model: MoneyModel, column: number): boolean {
  return column >= model.pays.length + model.counted
}

export function columnCount(model: MoneyModel): number {
  return model.pays.length + model.counted + model.switches
}

/** What has to be paid per window and set of payers, in whole cents. */
function needsOf(prepared: Prepared, plan: Plan): readonly (Use & { readonly cents: Cents })[] {
  const needs = new Map<string, { window: Window; set: number; cents: Cents }>()
  for (const [i, site] of prepared.problem.sites.entries()) {
    const window = plan.get(site.key) ?? null
    if (window === null) continue
    for (const { payers, cents } of choiceIn(prepared, i, window)!.needs) {
      const key = `${window.index}/${payers}`
      const known = needs.get(key)
      if (known) known.cents += cents
      else needs.set(key, { window, set: payers, cents })
    }
  }
  return [...needs.values()].filter((need) => need.cents > 0n)
}

/** Cents by which the last digits may be moved from the solver's amounts. */
const REACHES = [3, 100]
const SECONDS = 10

/**
 * Whole cents for everything a plan needs: every need in full, no limit passed by a cent; null when there are
 * none. `by-priority` gives the most of the first fund, then of the second, and so on.
 */
export function payOut(
  prepared: Prepared,
  plan: Plan,
  solve: Solver,
  goal: 'any' | 'by-priority',
): readonly Payment[] | null {
  const needs = needsOf(prepared, plan)
  if (needs.length === 0) return []
  const model = moneyModel(prepared.problem, needs, sum(needs.map((need) => need.cents)))
  const near = amountsNear(prepared.problem, model, needs, solve, goal)
  if (near === null) return null
  for (const reach of REACHES) {
    const cents = wholeCents(prepared.problem, model, needs, near, reach, solve)
    if (cents !== null) return model.pays.map((pay, c) => ({ ...pay, cents: cents[c]! })).filter(isPaid)
  }
  return null
}

const isPaid = (payment: Payment) => payment.cents > 0n

function needRows(model: MoneyModel, needs: readonly (Use & { readonly cents: Cents })[]) {
  return needs.map((need) => ({
    columns: [...model.pays.keys()].filter((c) => {
      const { window, set } = model.pays[c]!
      return window === need.window && set === need.set
    }),
    cents: need.cents,
  }))
}

/** Amounts in dollars as the solver gives them, a little off. */
function amountsNear(
  { funds }: PhasingProblem,
  model: MoneyModel,
  needs: readonly (Use & { readonly cents: Cents })[],
  solve: Solver,
  goal: 'any' | 'by-priority',
): readonly number[] | null {
  const count = columnCount(model)
  const total = Number(sum(needs.map((need) => need.cents))) / 100
  const rows: Row[] = [
    ...solverRows(model, 0),
    ...needRows(model, needs).map(({ columns, cents }) => {
      const dollars = Number(cents) / 100
      return { columns, values: columns.map(() => 1), lower: dollars, upper: dollars }
    }),
  ]
  const goals =
    goal === 'any' ? [-1] : [...funds.keys()].filter((f) => model.pays.some((p) => p.payer.fund === f))
  let near: readonly number[] | null = null
  for (const f of goals) {
    const own = [...model.pays.keys()].filter((c) => model.pays[c]!.payer.fund === f)
    const cost = new Array<number>(count).fill(0)
    for (const c of own) cost[c] = -1
    const { values } = solve(
      {
        cost,
        lower: new Array<number>(count).fill(0),
        upper: Array.from({ length: count }, (_, c) => (isSwitch(model, c) ? 1 : total)),
        rows,
        isInteger: Array.from({ length: count }, (_, c) => isSwitch(model, c)),
      },
      null,
      { seconds: SECONDS, absoluteGap: 1e-6, relativeGap: 0 },
    )
    if (values === null) return near
    near = values
    const reached = own.reduce((paid, c) => paid + values[c]!, 0)
    rows.push({ columns: own, values: own.map(() => 1), lower: reached - 1e-6, upper: Infinity })
  }
  return near
}

/**
 * Whole cents beside amounts that are a little off: a program in the last cents alone, whose numbers are all
 * small, so that the solver's arithmetic is exact; and every row is checked in whole numbers afterwards.
 */
function wholeCents(
  problem: PhasingProblem,
  model: MoneyModel,
  needs: readonly (Use & { readonly cents: Cents })[],
  near: readonly number[],
  reach: number,
  solve: Solver,
): readonly Cents[] | null {
  const count = columnCount(model)
  const base = Array.from({ length: count }, (_, c) =>
    isSwitch(model, c)
      ? BigInt(Math.round(near[c]!))
      : BigInt(Math.max(0, Math.floor(near[c]! * 100 + 1e-4))),
  )
  const rows: Row[] = []
  const valueAt = (columns: readonly number[], values: readonly bigint[], at: readonly bigint[]) =>
    columns.reduce((total, c, i) => total + values[i]! * at[c]!, 0n)
  for (const { columns, values, upper } of model.rows) {
    const room = upper - valueAt(columns, values, base)
    // Nothing within reach could pass it.
    if (room >= values.reduce((most, v) => most + abs(v), 0n) * BigInt(reach)) continue
    rows.push({ columns, values: values.map(Number), lower: -Infinity, upper: Number(room) })
  }
  const needed = needRows(model, needs)
  for (const { columns, cents } of needed) {
    const open = Number(cents - sum(columns.map((c) => base[c]!)))
    rows.push({ columns, values: columns.map(() => 1), lower: open, upper: open })
  }
  const least = base.map((b, c) => (isSwitch(model, c) ? 0 : b < BigInt(reach) ? -Number(b) : -reach))
  const { values } = solve(
    {
      // The last cents go to the first fund that can take them.
      cost: base.map((_, c) =>
        c < model.pays.length ? model.pays[c]!.payer.fund - problem.funds.length : 0,
      ),
      lower: least,
      upper: base.map((_, c) => (isSwitch(model, c) ? 0 : reach)),
      rows,
      isInteger: base.map(() => true),
    },
    null,
    { seconds: SECONDS, absoluteGap: 0.5, relativeGap: 0 },
  )
  if (values === null) return null
  const whole = base.map((b, c) => b + BigInt(Math.round(values[c]!)))
  const holds =
    whole.every((cents) => cents >= 0n) &&
    model.rows.every((row) => valueAt(row.columns, row.values, whole) <= row.upper) &&
    needed.every(({ columns, cents }) => sum(columns.map((c) => whole[c]!)) === cents)
  return holds ? whole : null
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
