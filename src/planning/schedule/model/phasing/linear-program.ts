/** A mixed-integer program as plain data, and what a solver makes of it. */

/** A row `lower <= Σ value·column <= upper`. */
export interface Row {
  readonly columns: readonly number[]
  readonly values: readonly number[]
  readonly lower: number
  readonly upper: number
}

/** Minimize cost·x over lower <= x <= upper, subject to the rows. */
export interface MixedProgram {
  readonly cost: readonly number[]
  readonly lower: readonly number[]
  readonly upper: readonly number[]
  readonly rows: readonly Row[]
  readonly isInteger: readonly boolean[]
}

export interface Solution {
  readonly status: 'optimal' | 'time-limit' | 'infeasible' | 'failed'
  /** null when the solver has no feasible point. */
  readonly values: readonly number[] | null
  /** No solution is below it. */
  readonly bound: number
  readonly seconds: number
}

/** Solves, from a starting point if there is one; stops when the gap to the bound is below either limit. */
export type Solver = (
  program: MixedProgram,
  start: readonly number[] | null,
  limits: { readonly seconds: number; readonly absoluteGap: number; readonly relativeGap: number },
) => Solution
