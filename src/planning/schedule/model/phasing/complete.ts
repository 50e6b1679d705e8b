/** Plans that leave nothing out, whatever they are best in: whether there is one, and with the least of one fund. */
import type { Solver } from './linear-program.ts'
import { bestGreedy, type Candidate, check, EXACT_CHOICES, NEAR, type Search } from './optimize.ts'
import { payOut } from './payments.ts'
import { prepare } from './prepare.ts'
import type { PhasingProblem } from './problem.ts'
import { buildProgram, planOf } from './program.ts'

/** Above it a site of a plan in fractions counts as settled. */
const WHOLE = 0.9

/** A plan with a year for every site and a payer for every cent. */
export type Complete = Pick<Candidate, 'plan' | 'payments'>

/**
 * A plan that leaves nothing out, with the least paid by one fund, or with anything where `fund` is null. A large
 * problem is solved in fractions first, and what is whole then is kept.
 */
export function completePlan(
  problem: PhasingProblem,
  solve: Solver,
  asked: { readonly fund: number | null; readonly seconds: number },
): { readonly complete: Complete | null; readonly isProven: boolean; readonly seconds: number } {
  const { fund, seconds: allowed } = asked
  const prepared = prepare(problem)
  const byHand = bestGreedy(prepared)
  if (fund === null && byHand.outcome.isComplete) return { complete: byHand, isProven: true, seconds: 0 }
  if (prepared.choices.some((own) => own.length === 0)) return { complete: null, isProven: true, seconds: 0 }
  const program = buildProgram(prepared, false)
  const cost = program.upper.map(() => 0)
  for (const [c, { payer }] of program.money.pays.entries())
    if (payer.fund === fund) cost[program.moneyFrom + c] = 1
  const start = byHand.outcome.isComplete ? byHand : null
  const found = cheapest(
    { prepared, program, solve, rows: [...program.rows], isNarrowed: false, relativeGap: 0 },
    cost,
    allowed,
  )
  const paidBy = (plan: Complete | null) =>
    plan === null
      ? Infinity
      : plan.payments.reduce((sum, one) => sum + (one.payer.fund === fund ? Number(one.cents) : 0), 0) / 100
  const inTurn = (plan: Candidate | null): Complete | null =>
    plan && { ...plan, payments: payOut(prepared, plan.plan, solve, 'by-priority') ?? plan.payments }
  const [a, b] = [inTurn(found.best), inTurn(start)]
  const complete = paidBy(a) <= paidBy(b) ? a : b
  return {
    complete,
    isProven: complete === null ? found.isProven : paidBy(complete) - found.bound <= 0.01,
    seconds: found.seconds,
  }
}

/** The plan of the least cost that holds, within the seconds allowed. */
function cheapest(
  search: Search,
  cost: readonly number[],
  allowed: number,
): {
  readonly best: Candidate | null
  readonly bound: number
  readonly isProven: boolean
  readonly seconds: number
} {
  const { program, solve, rows } = search
  let [seconds, bound] = [0, -Infinity]
  const lower = [...program.lower]
  if (program.pairs.length > EXACT_CHOICES) {
    const relaxed = solve(
      { cost, lower, upper: program.upper, rows, isInteger: program.upper.map(() => false) },
      null,
      { seconds: allowed / 2, absoluteGap: 0, relativeGap: 0 },
    )
    seconds += relaxed.seconds
    if (relaxed.values === null)
      return { best: null, bound, isProven: relaxed.status === 'infeasible', seconds }
    bound = relaxed.values.reduce((sum, value, c) => sum + value * cost[c]!, 0)
    for (const { column } of program.pairs) if (relaxed.values[column]! > WHOLE) lower[column] = 1
  }
  const isFixed = lower.includes(1)
  while (allowed > seconds) {
    const solution = solve({ cost, lower, upper: program.upper, rows, isInteger: program.isInteger }, null, {
      seconds: allowed - seconds,
      absoluteGap: 0.005,
      relativeGap: isFixed ? NEAR : 0,
    })
    seconds += solution.seconds
    if (!isFixed && !search.isNarrowed) bound = Math.max(bound, solution.bound)
    if (solution.values === null)
      return {
        best: null,
        bound,
        isProven: solution.status === 'infeasible' && !isFixed && !search.isNarrowed,
        seconds,
      }
    const checked = check(search, planOf(program, solution.values, search.prepared))
    if (checked.kind === 'holds') return { best: checked.candidate, bound, isProven: true, seconds }
    rows.push(checked.row)
    search.isNarrowed ||= checked.isGuess
  }
  return { best: null, bound, isProven: false, seconds }
}
