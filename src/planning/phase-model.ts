/**
 * The best plan, by mixed-integer programming. The model is plain data; the solver is an argument, so that
 * everything but its arithmetic is settled here: the order of the objectives, the proof, the exact check.
 */
import { escalated, percent, ratio, toNumber } from '../money.ts'
import type { FiscalYear } from './fiscal.ts'
import {
  compareOutcomes,
  evaluate,
  greedy,
  type Misfit,
  misfits,
  type Outcome,
  type PhasingProblem,
  type Plan,
  type Prepared,
  prepare,
} from './phase.ts'

/** A row `lower <= Σ value·column <= upper`. */
export interface Row {
  readonly columns: readonly number[]
  readonly values: readonly number[]
  readonly lower: number
  readonly upper: number
}

/** Minimise cost·x over whole x with lower <= x <= upper, subject to the rows. */
export interface IntegerProgram {
  readonly cost: readonly number[]
  readonly lower: readonly number[]
  readonly upper: readonly number[]
  readonly rows: readonly Row[]
}

export interface IntegerSolution {
  readonly status: 'optimal' | 'time-limit' | 'infeasible' | 'failed'
  /** null when the solver has no feasible point. */
  readonly values: readonly number[] | null
  /** No solution is below it. */
  readonly bound: number
  readonly seconds: number
}

/** Solves from a starting point; stops as proven when the gap to the bound is below `absoluteGap`. */
export type Solver = (
  program: IntegerProgram,
  start: readonly number[],
  limits: { readonly seconds: number; readonly absoluteGap: number },
) => IntegerSolution

export type Objective =
  | 'sites-with-deadline-left-out'
  | 'risk-left-out'
  | 'risk-point-years'
  | 'present-value'
  | 'years-touched'

export interface Stage {
  readonly objective: Objective
  /** `optimal`: proven. Otherwise the value is the best found and the bound says how far it may be off. */
  readonly status: 'optimal' | 'time-limit' | 'failed'
  /** Points, dollars or years. */
  readonly value: number
  readonly bound: number
  /** (value − bound) / value; 0 when proven. */
  readonly gap: number
  readonly seconds: number
}

export interface Optimised {
  /** Where the plan comes from; `greedy` when time ran out before anything better was found. */
  readonly used: 'solver' | 'greedy'
  readonly plan: Plan
  readonly outcome: Outcome
  /** `optimal` when every stage was proven; the first unproven stage's status otherwise. */
  readonly status: Stage['status']
  readonly stages: readonly Stage[]
  readonly greedy: { readonly plan: Plan; readonly outcome: Outcome }
  readonly misfits: readonly Misfit[]
}

/**
 * Part of the time left that one objective may use up. Without it, an objective that is not proven in time
 * would leave the less important ones to chance.
 */
const STAGE_SHARE = 0.65

/**
 * The best plan in the order of `compareOutcomes`: one solve per objective, each holding the earlier ones
 * at the best value found. Stages that decide what to leave out run only if the greedy plan leaves
 * something out.
 *
 * The plan is checked in whole cents. Where the solver's tolerance let a bound be passed, the sites that
 * pass it together are forbidden together and the stage runs again, so no cap is exceeded by a cent.
 */
export function optimise(problem: PhasingProblem, solve: Solver, secondsAllowed: number): Optimised {
  const prepared = prepare(problem)
  const byHand = bestGreedy(prepared)
  const program = buildProgram(prepared, byHand.outcome.unplaced.length > 0)
  const stages: Stage[] = []
  let best = byHand
  let secondsLeft = secondsAllowed
  const rows = [...program.rows]
  for (const [i, { objective, cost, unit }] of program.objectives.entries()) {
    const isLast = i === program.objectives.length - 1
    const seconds = secondsLeft * (isLast ? 1 : STAGE_SHARE)
    const stage = runStage({ prepared, program, rows, cost, unit, solve, start: best, seconds })
    secondsLeft -= stage.seconds
    best = stage.best
    stages.push({
      objective,
      status: stage.status,
      value: stage.value,
      bound: stage.bound,
      gap: stage.value === 0 || stage.status === 'optimal' ? 0 : (stage.value - stage.bound) / stage.value,
      seconds: stage.seconds,
    })
    if (stage.status === 'failed') break
    rows.push(atMost(cost, stage.value + unit / 2))
  }
  const status = stages.find((stage) => stage.status !== 'optimal')?.status ?? 'optimal'
  const comparison = compareOutcomes(best.outcome, byHand.outcome)
  const kept = comparison <= 0 ? best : byHand
  return {
    used: status === 'optimal' || comparison < 0 ? 'solver' : 'greedy',
    plan: kept.plan,
    outcome: kept.outcome,
    status,
    stages,
    greedy: byHand,
    misfits: misfits(problem, kept.plan),
  }
}

interface Candidate {
  readonly plan: Plan
  readonly outcome: Outcome
}

interface Program {
  readonly lower: readonly number[]
  readonly upper: readonly number[]
  readonly rows: readonly Row[]
  /** In order of importance. `unit` is the smallest difference that counts. */
  readonly objectives: readonly {
    readonly objective: Objective
    readonly cost: readonly number[]
    readonly unit: number
  }[]
  /** Column of "this site in this year". */
  readonly pairs: readonly { readonly site: number; readonly year: FiscalYear; readonly column: number }[]
  readonly leftOut: readonly number[]
  readonly touched: ReadonlyMap<FiscalYear, number>
}

function bestGreedy(prepared: Prepared): Candidate {
  const [first, second] = (['risk-per-dollar', 'risk'] as const).map((order) => {
    const plan = greedy(prepared, order)
    return { plan, outcome: evaluate(prepared, plan) }
  }) as [Candidate, Candidate]
  return compareOutcomes(first.outcome, second.outcome) <= 0 ? first : second
}

function buildProgram(prepared: Prepared, mayLeaveOut: boolean): Program {
  const { problem, limits, allowed, place } = prepared
  const first = problem.years[0] ?? 0
  let columns = 0
  const pairs = problem.sites.flatMap((_, site) =>
    allowed[site]!.map((year) => ({ site, year, column: columns++ })),
  )
  const leftOut = problem.sites.map(() => columns++)
  const touched = new Map(problem.years.map((year) => [year, columns++]))
  const upper = new Array<number>(columns).fill(1)
  if (!mayLeaveOut) for (const column of leftOut) upper[column] = 0

  const ofSite: { year: FiscalYear; column: number }[][] = problem.sites.map(() => [])
  const ofYear = new Map(problem.years.map((year) => [year, new Map<number, number>()]))
  for (const { site, year, column } of pairs) {
    ofSite[site]!.push({ year, column })
    ofYear.get(year)!.set(site, column)
  }

  const rows: Row[] = ofSite.map((own, site) => ({
    columns: [...own.map((pair) => pair.column), leftOut[site]!],
    values: new Array<number>(own.length + 1).fill(1),
    lower: 1,
    upper: 1,
  }))
  for (const [year, columnOf] of ofYear) {
    for (const limit of limits.get(year)!) {
      // Dollars and days rather than cents and thousandths keep the numbers near the solver's tolerances.
      const scale = limit.kind === 'cap' ? 100 : limit.kind === 'crew-days' ? 1000 : 1
      const uses = [...limit.use].filter(([site, use]) => use > 0n && columnOf.has(site))
      if (uses.reduce((total, [, use]) => total + use, 0n) <= limit.capacity) continue
      rows.push({
        columns: uses.map(([site]) => columnOf.get(site)!),
        values: uses.map(([, use]) => Number(use) / scale),
        lower: -Infinity,
        upper: Number(limit.capacity) / scale,
      })
    }
    const sites = [...columnOf.values()]
    rows.push({
      columns: [...sites, touched.get(year)!],
      values: [...sites.map(() => 1), -sites.length],
      lower: -Infinity,
      upper: 0,
    })
  }
  for (const [site, { after }] of problem.sites.entries()) {
    for (const key of after) {
      for (const year of problem.years) {
        const own = ofSite[site]!.filter((pair) => pair.year <= year).map((pair) => pair.column)
        const before = ofSite[place.get(key)!]!.filter((pair) => pair.year <= year).map((pair) => pair.column)
        if (own.length === 0) continue
        rows.push({
          columns: [...own, ...before],
          values: [...own.map(() => 1), ...before.map(() => -1)],
          lower: -Infinity,
          upper: 0,
        })
      }
    }
  }

  const costs = (of: (add: (column: number, cost: number) => void) => void): number[] => {
    const cost = new Array<number>(columns).fill(0)
    of((column, amount) => {
      cost[column] = amount
    })
    return cost
  }
  const rate = percent(problem.discountPercent)
  const whatToLeaveOut: Program['objectives'] = [
    {
      objective: 'sites-with-deadline-left-out',
      unit: 1,
      cost: costs((add) => {
        for (const [i, site] of problem.sites.entries()) if (site.deadline !== null) add(leftOut[i]!, 1)
      }),
    },
    {
      objective: 'risk-left-out',
      unit: 1,
      // One more than the points, so that a site without risk is not left out for nothing.
      cost: costs((add) => {
        for (const [i, site] of problem.sites.entries()) add(leftOut[i]!, site.riskPoints + 1)
      }),
    },
  ]
  return {
    lower: new Array<number>(columns).fill(0),
    upper,
    rows,
    pairs,
    leftOut,
    touched,
    objectives: [
      ...(mayLeaveOut ? whatToLeaveOut : []),
      {
        objective: 'risk-point-years',
        unit: 1,
        cost: costs((add) => {
          for (const { site, year, column } of pairs)
            add(column, problem.sites[site]!.riskPoints * (year - first))
        }),
      },
      {
        objective: 'present-value',
        unit: 0.01,
        cost: costs((add) => {
          for (const { site, year, column } of pairs) {
            const dollars = ratio(problem.sites[site]!.costCents.get(year)!, 100n)
            add(column, toNumber(escalated(dollars, rate, first - year)))
          }
        }),
      },
      {
        objective: 'years-touched',
        unit: 1,
        cost: costs((add) => {
          for (const column of touched.values()) add(column, 1)
        }),
      },
    ],
  }
}

function runStage(run: {
  readonly prepared: Prepared
  readonly program: Program
  /** Grows by the bounds found to be passed. */
  readonly rows: Row[]
  readonly cost: readonly number[]
  readonly unit: number
  readonly solve: Solver
  readonly start: Candidate
  readonly seconds: number
}): { best: Candidate; status: Stage['status']; value: number; bound: number; seconds: number } {
  const { prepared, program, rows, cost, unit, solve } = run
  let seconds = 0
  let bound = -Infinity
  let best = run.start
  const stop = (status: Stage['status']) => ({
    best,
    status,
    value: objectiveOf(program, cost, best.plan, prepared),
    bound,
    seconds,
  })
  for (;;) {
    if (run.seconds - seconds <= 0) return stop('time-limit')
    const solution = solve(
      { cost, lower: program.lower, upper: program.upper, rows },
      pointOf(program, best.plan, prepared),
      { seconds: run.seconds - seconds, absoluteGap: unit / 2 },
    )
    seconds += solution.seconds
    bound = Math.max(bound, solution.bound)
    if (solution.values === null) return stop(solution.status === 'time-limit' ? 'time-limit' : 'failed')
    const plan = planOf(program, solution.values, prepared)
    const cuts = passedBounds(prepared, program, plan)
    if (cuts.length === 0) {
      const found = { plan, outcome: evaluate(prepared, plan) }
      const gain =
        objectiveOf(program, cost, best.plan, prepared) - objectiveOf(program, cost, plan, prepared)
      // Of two plans that are as good here, the one that is better in what is still to come.
      if (gain > unit / 2 || compareOutcomes(found.outcome, best.outcome) <= 0) best = found
      return stop(solution.status === 'optimal' ? 'optimal' : 'time-limit')
    }
    rows.push(...cuts)
  }
}

/** Rows that forbid the sets of sites which together pass a bound when counted exactly. */
function passedBounds(prepared: Prepared, program: Program, plan: Plan): readonly Row[] {
  const cuts: Row[] = []
  for (const [year, limits] of prepared.limits) {
    const chosen = program.pairs.filter(
      (pair) => pair.year === year && plan.get(prepared.problem.sites[pair.site]!.key) === year,
    )
    for (const limit of limits) {
      const using = chosen.filter((pair) => (limit.use.get(pair.site) ?? 0n) > 0n)
      if (using.reduce((total, pair) => total + limit.use.get(pair.site)!, 0n) <= limit.capacity) continue
      cuts.push({
        columns: using.map((pair) => pair.column),
        values: using.map(() => 1),
        lower: -Infinity,
        upper: using.length - 1,
      })
    }
  }
  return cuts
}

function pointOf(program: Program, plan: Plan, prepared: Prepared): number[] {
  const point = new Array<number>(program.upper.length).fill(0)
  for (const { site, year, column } of program.pairs) {
    if (plan.get(prepared.problem.sites[site]!.key) !== year) continue
    point[column] = 1
    point[program.touched.get(year)!] = 1
  }
  for (const [site, column] of program.leftOut.entries()) {
    if ((plan.get(prepared.problem.sites[site]!.key) ?? null) === null) point[column] = 1
  }
  return point
}

function planOf(program: Program, values: readonly number[], { problem }: Prepared): Plan {
  const plan = new Map<string, FiscalYear | null>(problem.sites.map((site) => [site.key, null]))
  for (const { site, year, column } of program.pairs) {
    if (values[column]! > 0.5) plan.set(problem.sites[site]!.key, year)
  }
  return plan
}

function objectiveOf(program: Program, cost: readonly number[], plan: Plan, prepared: Prepared): number {
  return pointOf(program, plan, prepared).reduce((total, x, column) => total + x * cost[column]!, 0)
}

function atMost(cost: readonly number[], limit: number): Row {
  const columns = [...cost.keys()].filter((column) => cost[column] !== 0)
  return { columns, values: columns.map((column) => cost[column]!), lower: -Infinity, upper: limit }
}
