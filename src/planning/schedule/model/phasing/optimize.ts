/**
 * The best plan: one solve per objective, each holding the earlier ones, every plan checked day by day and in
 * whole cents before it counts. The solver is an argument.
 */
import { type GreedyOrder, greedyPlan } from './greedy.ts'
import type { Row, Solver } from './linear-program.ts'
import { type Misfit, misfits } from './obstacles.ts'
import { compareOutcomes, evaluate, type Outcome, type Plan } from './outcome.ts'
import { isShared, type Payment, payOut } from './payments.ts'
import { type Prepared, prepare } from './prepare.ts'
import type { PhasingProblem } from './problem.ts'
import {
  atMost,
  buildProgram,
  type Objective,
  objectiveAt,
  type Pair,
  type Program,
  pairsOf,
  planOf,
  pointOf,
} from './program.ts'
import { type Calendar, layOut, type Slot, type Task } from './visits.ts'

export interface Stage {
  readonly objective: Objective
  /**
   * `optimal`: proven. `near-optimal`: proven to be off by no more than `NEAR`. Otherwise the value is the best
   * found and the bound says how far it may be off.
   */
  readonly status: 'optimal' | 'near-optimal' | 'time-limit' | 'failed'
  /** Points, dollars or years. */
  readonly value: number
  readonly bound: number
  /** (value − bound) / value; 0 when proven. */
  readonly gap: number
  readonly seconds: number
}

/** A plan that holds, with who pays and who works when. */
export interface Candidate {
  readonly plan: Plan
  readonly outcome: Outcome
  readonly payments: readonly Payment[]
  /** Visits by place of the site. */
  readonly calendar: Calendar
}

export interface Optimized extends Candidate {
  /** Where the plan comes from; `greedy` when time ran out before anything better was found. */
  readonly used: 'solver' | 'greedy'
  /** `optimal` when every stage was proven; the worst of the stages otherwise. */
  readonly status: Stage['status']
  readonly stages: readonly Stage[]
  readonly greedy: Candidate
  readonly misfits: readonly Misfit[]
}

/**
 * Part of the time left that one objective may use up. Without it, an objective that is not proven in time
 * would leave the less important ones to chance.
 */
const STAGE_SHARE = 0.65

/** Part of an objective's value by which a large plan may be off and still count as settled. */
export const NEAR = 1e-4

/** Choices of site and window up to which every objective is proven to its last unit. */
export const EXACT_CHOICES = 600

const WORST_FIRST: readonly Stage['status'][] = ['failed', 'time-limit', 'near-optimal', 'optimal']

export function optimize(problem: PhasingProblem, solve: Solver, secondsAllowed: number): Optimized {
  const prepared = prepare(problem)
  const byHand = bestGreedy(prepared)
  const program = buildProgram(prepared, !byHand.outcome.isComplete)
  const relativeGap = program.pairs.length > EXACT_CHOICES ? NEAR : 0
  const stages: Stage[] = []
  const search: Search = { prepared, program, solve, rows: [...program.rows], isNarrowed: false, relativeGap }
  let best = byHand
  let secondsLeft = secondsAllowed
  for (const [i, { objective, cost, unit }] of program.objectives.entries()) {
    const isLast = i === program.objectives.length - 1
    const seconds = secondsLeft * (isLast ? 1 : STAGE_SHARE)
    const stage = runStage(search, { cost, unit, start: best, seconds })
    secondsLeft -= stage.seconds
    best = stage.best
    const { status, value, bound } = stage
    const gap = value === 0 || status === 'optimal' ? 0 : (value - bound) / value
    stages.push({ objective, status, value, bound, gap, seconds: stage.seconds })
    if (status === 'failed') break
    search.rows.push(atMost(cost, value + unit / 2))
  }
  const status = WORST_FIRST.find((one) => stages.some((stage) => stage.status === one)) ?? 'optimal'
  const comparison = compareOutcomes(best.outcome, byHand.outcome)
  const kept = comparison <= 0 ? best : byHand
  const payments = payOut(prepared, kept.plan, solve, 'by-priority') ?? kept.payments
  return {
    ...kept,
    payments,
    used: status === 'optimal' || status === 'near-optimal' || comparison < 0 ? 'solver' : 'greedy',
    status,
    stages,
    greedy: byHand,
    misfits: misfits(prepared, { ...kept, payments }),
  }
}

export function bestGreedy(prepared: Prepared): Candidate {
  const [first, second] = (['risk-per-dollar', 'risk'] as const).map((order) =>
    handMade(prepared, order),
  ) as [Candidate, Candidate]
  return compareOutcomes(first.outcome, second.outcome) <= 0 ? first : second
}

export function handMade(prepared: Prepared, order: GreedyOrder): Candidate {
  const made = greedyPlan(prepared, order)
  return { ...made, outcome: evaluate(prepared, made.plan) }
}

export interface Search {
  readonly prepared: Prepared
  readonly program: Program
  readonly solve: Solver
  /** Grows by what is found not to hold. */
  readonly rows: Row[]
  /** A row may have excluded a plan that holds: what the solver then proves is no bound any more. */
  isNarrowed: boolean
  readonly relativeGap: number
}

function runStage(
  search: Search,
  stage: {
    readonly cost: readonly number[]
    readonly unit: number
    readonly start: Candidate
    readonly seconds: number
  },
): { best: Candidate; status: Stage['status']; value: number; bound: number; seconds: number } {
  const { prepared, program, solve, rows } = search
  const { cost, unit } = stage
  const value = (candidate: Candidate) => objectiveAt(program, cost, candidate.plan, prepared)
  let [seconds, bound] = [0, -Infinity]
  let best = stage.start
  const stop = (status: Stage['status']) => ({ best, status, value: value(best), bound, seconds })
  for (;;) {
    if (stage.seconds - seconds <= 0) return stop(provenOr('time-limit', value(best), bound, unit))
    const solution = solve(
      { cost, lower: program.lower, upper: program.upper, rows, isInteger: program.isInteger },
      pointOf(program, best.plan, best.payments, prepared),
      { seconds: stage.seconds - seconds, absoluteGap: unit / 2, relativeGap: search.relativeGap },
    )
    seconds += solution.seconds
    if (!search.isNarrowed) bound = Math.max(bound, solution.bound)
    if (solution.values === null)
      return stop(
        provenOr(
          solution.status === 'time-limit' || search.isNarrowed ? 'time-limit' : 'failed',
          value(best),
          bound,
          unit,
        ),
      )
    const plan = planOf(program, solution.values, prepared)
    const checked = check(search, plan)
    if (checked.kind === 'cut') {
      rows.push(checked.row)
      search.isNarrowed ||= checked.isGuess
      continue
    }
    const found = checked.candidate
    const gain = value(best) - value(found)
    // Of two plans that are as good here, the one that is better in what is still to come.
    if (gain > unit / 2 || compareOutcomes(found.outcome, best.outcome) <= 0) best = found
    if (solution.status === 'optimal' && search.relativeGap === 0 && !search.isNarrowed)
      return stop('optimal')
    return stop(provenOr('time-limit', value(best), bound, unit))
  }
}

function provenOr(otherwise: Stage['status'], value: number, bound: number, unit: number): Stage['status'] {
  // Half a unit, and what the solver's own arithmetic is off by.
  if (value - bound <= unit * 0.75) return 'optimal'
  return value - bound <= NEAR * Math.abs(value) ? 'near-optimal' : otherwise
}

type Checked =
  | { readonly kind: 'holds'; readonly candidate: Candidate }
  | { readonly kind: 'cut'; readonly row: Row; readonly isGuess: boolean }

/** Whether a plan of the solver holds day by day and cent by cent; if not, a row that excludes it. */
export function check(search: Search, plan: Plan): Checked {
  const { prepared, program, solve } = search
  const calendar = new Map<number, Slot>()
  const chosen = pairsOf(program, plan, prepared)
  for (const year of prepared.problem.years) {
    const inYear = chosen.filter((pair) => pair.choice.window.year === year)
    const laid = layOut(tasksOf(prepared, inYear), prepared.problem.lanes)
    if (laid.kind === 'slots') {
      for (const [site, slot] of laid.slots) calendar.set(site, slot)
      continue
    }
    if (laid.kind === 'impossible') return { kind: 'cut', row: notTogether(program, inYear), isGuess: false }
    return { kind: 'cut', row: fewerDays(prepared, program, inYear, laid.late), isGuess: true }
  }
  const payments = payOut(prepared, plan, solve, 'any')
  if (payments !== null)
    return { kind: 'holds', candidate: { plan, outcome: evaluate(prepared, plan), payments, calendar } }
  const columns = chosen.map((pair) => pair.column)
  // Where a fund pays a share, another site may bring the match: this one plan is excluded, no larger one.
  const left = prepared.problem.funds.some(isShared)
    ? program.leftOut.filter((_, i) => (plan.get(prepared.problem.sites[i]!.key) ?? null) === null)
    : []
  return { kind: 'cut', row: oneLess([...columns, ...left]), isGuess: false }
}

function tasksOf(prepared: Prepared, pairs: readonly Pair[]): readonly Task[] {
  const { problem, place, days } = prepared
  const here = new Set(pairs.map((pair) => pair.site))
  return pairs.map(({ site, choice }) => ({
    site,
    first: choice.first,
    last: choice.last,
    days: days[site]!,
    after: problem.sites[site]!.after.map((key) => place.get(key)!).filter((other) => here.has(other)),
    weight: problem.sites[site]!.riskPoints / days[site]!,
  }))
}

function oneLess(columns: readonly number[]): Row {
  return { columns, values: columns.map(() => 1), lower: -Infinity, upper: columns.length - 1 }
}

/** These sites cannot all be done in their windows, nor in shorter ones. */
function notTogether(program: Program, chosen: readonly Pair[]): Row {
  const columns = chosen.flatMap(({ site, choice }) =>
    program.pairs
      .filter(
        (pair) => pair.site === site && pair.choice.first >= choice.first && pair.choice.last <= choice.last,
      )
      .map((pair) => pair.column),
  )
  return { columns, values: columns.map(() => 1), lower: -Infinity, upper: chosen.length - 1 }
}

/** Too many sites to try every order: the year takes fewer days of work than were asked for. */
function fewerDays(
  { days }: Prepared,
  program: Program,
  chosen: readonly Pair[],
  late: readonly number[],
): Row {
  const { year } = chosen[0]!.choice.window
  const end = Math.max(...chosen.filter((pair) => late.includes(pair.site)).map((pair) => pair.choice.last))
  const until = (pair: Pair) => pair.choice.window.year === year && pair.choice.last <= end
  const asked = chosen.filter(until).reduce((total, pair) => total + days[pair.site]!, 0)
  const over = late.reduce((total, site) => total + days[site]!, 0)
  const columns = program.pairs.filter(until)
  return {
    columns: columns.map((pair) => pair.column),
    values: columns.map((pair) => days[pair.site]!),
    lower: -Infinity,
    upper: asked - over,
  }
}
