/**
 * The mixed-integer program of a phasing problem: one binary per site and window, one amount per window, set
 * of payers and payer. The day calendar and whole cents are not in its rows; they are checked for every plan.
 */
import { type Cents, escalated, percent, ratio, sum, toNumber } from '../../../../lib/money.ts'
import type { FiscalYear } from '../../../model/fiscal-year.ts'
import type { Row } from './linear-program.ts'
import type { Plan } from './outcome.ts'
import {
  columnCount,
  isSwitch,
  type MoneyModel,
  moneyModel,
  type Payment,
  solverRows,
  type Use,
} from './payments.ts'
import type { Choice, Prepared } from './prepare.ts'
import type { Window } from './windows.ts'

export type Objective =
  | 'sites-with-deadline-left-out'
  | 'risk-left-out'
  | 'risk-point-years'
  | 'present-value'
  | 'years-touched'

export interface Program {
  readonly lower: readonly number[]
  readonly upper: readonly number[]
  readonly isInteger: readonly boolean[]
  readonly rows: readonly Row[]
  /** In order of importance. `unit` is the smallest difference that counts. */
  readonly objectives: readonly {
    readonly objective: Objective
    readonly cost: readonly number[]
    readonly unit: number
  }[]
  /** Column of "this site in this window". */
  readonly pairs: readonly Pair[]
  readonly leftOut: readonly number[]
  readonly touched: ReadonlyMap<FiscalYear, number>
  readonly money: MoneyModel
  /** First column of the money. */
  readonly moneyFrom: number
}

export interface Pair {
  readonly site: number
  readonly choice: Choice
  readonly column: number
}

export function buildProgram(prepared: Prepared, mayLeaveOut: boolean): Program {
  const { problem, choices } = prepared
  let columns = 0
  const pairs = choices.flatMap((own, site) => own.map((choice) => ({ site, choice, column: columns++ })))
  const leftOut = problem.sites.map(() => columns++)
  const touched = new Map(problem.years.map((year) => [year, columns++]))
  const moneyFrom = columns
  const everything = sum(
    choices.map((own) => own.reduce((most, { costCents }) => (costCents > most ? costCents : most), 0n)),
  )
  const money = moneyModel(problem, usesOf(pairs), everything)
  const total = columns + columnCount(money)
  const upper = Array.from({ length: total }, (_, c) =>
    c < moneyFrom || isSwitch(money, c - moneyFrom) ? 1 : Number(everything) / 100,
  )
  if (!mayLeaveOut) for (const column of leftOut) upper[column] = 0
  const ofSite: Pair[][] = problem.sites.map(() => [])
  for (const pair of pairs) ofSite[pair.site]!.push(pair)
  return {
    lower: new Array<number>(total).fill(0),
    upper,
    isInteger: upper.map((_, c) => c < moneyFrom || isSwitch(money, c - moneyFrom)),
    rows: [
      ...ofSite.map((own, site) => row([...own.map((pair) => pair.column), leftOut[site]!], 1, 1)),
      ...needRows(pairs, money, moneyFrom),
      ...solverRows(money, moneyFrom),
      ...crewRows(prepared, pairs),
      ...yearRows(prepared, pairs, touched),
      ...orderRows(prepared, ofSite),
    ],
    pairs,
    leftOut,
    touched,
    money,
    moneyFrom,
    objectives: objectivesOf(prepared, { pairs, leftOut, touched, total }, mayLeaveOut),
  }
}

function row(columns: readonly number[], lower: number, upper: number, values?: readonly number[]): Row {
  return { columns, values: values ?? columns.map(() => 1), lower, upper }
}

function usesOf(pairs: readonly Pair[]): readonly Use[] {
  const uses = new Map<string, Use>()
  for (const { choice } of pairs) {
    for (const { payers } of choice.needs) {
      const key = `${choice.window.index}/${payers}`
      if (!uses.has(key)) uses.set(key, { window: choice.window, set: payers })
    }
  }
  return [...uses.values()]
}

/** What the sites of a window need of a set of payers is what these pay. */
function needRows(pairs: readonly Pair[], money: MoneyModel, moneyFrom: number): Row[] {
  const needs = new Map<string, { columns: number[]; values: number[] }>()
  for (const [c, { window, set }] of money.pays.entries()) {
    const key = `${window.index}/${set}`
    const need = needs.get(key) ?? { columns: [], values: [] }
    needs.set(key, need)
    need.columns.push(moneyFrom + c)
    need.values.push(1)
  }
  for (const { choice, column } of pairs) {
    for (const { payers, cents } of choice.needs) {
      const need = needs.get(`${choice.window.index}/${payers}`)!
      need.columns.push(column)
      need.values.push(-Number(cents) / 100)
    }
  }
  return [...needs.values()].map(({ columns, values }) => row(columns, 0, 0, values))
}

/** Between any first and last day, the sites that have to be done between them take no more days than there are. */
function crewRows(prepared: Prepared, pairs: readonly Pair[]): Row[] {
  const { problem, days } = prepared
  const rows: Row[] = []
  for (const year of problem.years) {
    const own = pairs.filter((pair) => pair.choice.window.year === year)
    const firsts = [...new Set(own.map((pair) => pair.choice.first))]
    const lasts = [...new Set(own.map((pair) => pair.choice.last))]
    for (const first of firsts) {
      for (const last of lasts) {
        if (last < first) continue
        const inside = own.filter((pair) => pair.choice.first >= first && pair.choice.last <= last)
        const most = new Map(inside.map((pair) => [pair.site, days[pair.site]!]))
        const capacity = problem.lanes * (last - first + 1)
        if ([...most.values()].reduce((a, b) => a + b, 0) <= capacity) continue
        const values = inside.map((pair) => days[pair.site]!)
        rows.push(
          row(
            inside.map((pair) => pair.column),
            -Infinity,
            capacity,
            values,
          ),
        )
      }
    }
  }
  return rows
}

function yearRows(
  { problem }: Prepared,
  pairs: readonly Pair[],
  touched: ReadonlyMap<FiscalYear, number>,
): Row[] {
  return problem.years.flatMap((year) => {
    const columns = pairs.filter((pair) => pair.choice.window.year === year).map((pair) => pair.column)
    if (columns.length === 0) return []
    const most = problem.maxSitesPerYear
    return [
      row([...columns, touched.get(year)!], -Infinity, 0, [...columns.map(() => 1), -columns.length]),
      ...(most === null || columns.length <= most ? [] : [row(columns, -Infinity, most)]),
    ]
  })
}

/** A site comes in the year of those it waits for or later, and in a window that can begin after theirs. */
function orderRows({ problem, place, days }: Prepared, ofSite: readonly (readonly Pair[])[]): Row[] {
  return problem.sites.flatMap(({ after }, site) =>
    after.flatMap((key) => {
      const before = place.get(key)!
      const later = (own: Pair, earlier: Pair) =>
        earlier.choice.first + days[before]! <= own.choice.last - days[site]! + 1
      const byChoice = ofSite[site]!.map((own) => {
        const earlier = ofSite[before]!.filter((pair) => later(own, pair)).map((pair) => pair.column)
        return row([own.column, ...earlier], -Infinity, 0, [1, ...earlier.map(() => -1)])
      })
      const byYear = problem.years.flatMap((year) => {
        const own = ofSite[site]!.filter((pair) => pair.choice.window.year <= year)
        const earlier = ofSite[before]!.filter((pair) => pair.choice.window.year <= year)
        if (own.length === 0) return []
        const columns = [...own, ...earlier].map((pair) => pair.column)
        return [row(columns, -Infinity, 0, [...own.map(() => 1), ...earlier.map(() => -1)])]
      })
      return [...byChoice, ...byYear]
    }),
  )
}

function objectivesOf(
  { problem }: Prepared,
  columns: {
    readonly pairs: readonly Pair[]
    readonly leftOut: readonly number[]
    readonly touched: ReadonlyMap<FiscalYear, number>
    readonly total: number
  },
  mayLeaveOut: boolean,
): Program['objectives'] {
  const { pairs, leftOut, touched, total } = columns
  const first = problem.years[0] ?? 0
  const rate = percent(problem.discountPercent)
  const costs = (entries: readonly (readonly [number, number])[]): number[] => {
    const cost = new Array<number>(total).fill(0)
    for (const [column, amount] of entries) cost[column] = amount
    return cost
  }
  const worth = (cents: Cents, year: FiscalYear) =>
    toNumber(escalated(ratio(cents, 100n), rate, first - year))
  const withDeadline = problem.sites.flatMap((site, i) =>
    site.deadline === null ? [] : ([[leftOut[i]!, 1]] as [number, number][]),
  )
  const whatToLeaveOut: Program['objectives'] = [
    ...(withDeadline.length === 0
      ? []
      : [{ objective: 'sites-with-deadline-left-out' as const, unit: 1, cost: costs(withDeadline) }]),
    {
      objective: 'risk-left-out',
      unit: 1,
      // One more than the points, so that a site without risk is not left out for nothing.
      cost: costs(problem.sites.map((site, i) => [leftOut[i]!, site.riskPoints + 1])),
    },
  ]
  return [
    ...(mayLeaveOut ? whatToLeaveOut : []),
    {
      objective: 'risk-point-years',
      unit: 1,
      cost: costs(
        pairs.map(({ site, choice, column }) => [
          column,
          problem.sites[site]!.riskPoints * (choice.window.year - first),
        ]),
      ),
    },
    {
      objective: 'present-value',
      unit: 0.01,
      cost: costs(pairs.map(({ choice, column }) => [column, worth(choice.costCents, choice.window.year)])),
    },
    {
      objective: 'years-touched',
      unit: 1,
      cost: costs([...touched.values()].map((column) => [column, 1])),
    },
  ]
}

export function pairsOf(program: Program, plan: Plan, { problem }: Prepared): readonly Pair[] {
  return program.pairs.filter(({ site, choice }) => plan.get(problem.sites[site]!.key) === choice.window)
}

export function planOf(program: Program, values: readonly number[], { problem }: Prepared): Plan {
  const plan = new Map<string, Window | null>(problem.sites.map((site) => [site.key, null]))
  for (const { site, choice, column } of program.pairs)
    if (values[column]! > 0.5) plan.set(problem.sites[site]!.key, choice.window)
  return plan
}

/** The columns of a plan and of who pays for it. */
export function pointOf(
  program: Program,
  plan: Plan,
  payments: readonly Payment[],
  prepared: Prepared,
): number[] {
  const point = new Array<number>(program.upper.length).fill(0)
  for (const { choice, column } of pairsOf(program, plan, prepared)) {
    point[column] = 1
    point[program.touched.get(choice.window.year)!] = 1
  }
  for (const [site, column] of program.leftOut.entries()) {
    if ((plan.get(prepared.problem.sites[site]!.key) ?? null) === null) point[column] = 1
  }
  const places = new Map(
    program.money.pays.map(({ window, set, payer }, c) => [`${window.index}/${set}/${payer.fund}`, c]),
  )
  for (const { window, set, payer, cents } of payments) {
    const column = program.moneyFrom + places.get(`${window.index}/${set}/${payer.fund}`)!
    point[column]! += Number(cents) / 100
  }
  return point
}

export function objectiveAt(
  program: Program,
  cost: readonly number[],
  plan: Plan,
  prepared: Prepared,
): number {
  return pointOf(program, plan, [], prepared).reduce((total, x, column) => total + x * cost[column]!, 0)
}

export function atMost(cost: readonly number[], limit: number): Row {
  const columns = [...cost.keys()].filter((column) => cost[column] !== 0)
  return row(
    columns,
    -Infinity,
    limit,
    columns.map((column) => cost[column]!),
  )
}
