/** HiGHS as the solver of the phasing model. It blocks its thread, so it is used in workers only. */
import loadHighs, { type Highs, type ModelStatusCode } from 'highs'
import type { IntegerProgram, IntegerSolution, Solver } from './phase-model.ts'

// The package's types describe its CommonJS build, where the loader is a property; the module Node loads
// has it as the default export.
const load = loadHighs as unknown as typeof loadHighs.default

/** The solver with its random seed: the same problem and seed give the same plan, time limits aside. */
export async function loadSolver(seed: number): Promise<Solver> {
  return solverOf(await load(), seed)
}

function solverOf(highs: Highs, seed: number): Solver {
  return (program, start, { seconds, absoluteGap }) => {
    const model = highs.createModel(modelDataOf(program, highs))
    try {
      model.options.set({
        output_flag: false,
        random_seed: seed,
        time_limit: seconds,
        mip_rel_gap: 0,
        mip_abs_gap: absoluteGap,
        mip_feasibility_tolerance: 1e-9,
      })
      model.setSolution({ colValue: start })
      const began = process.hrtime.bigint()
      const { modelStatus } = model.run()
      const taken = Number(process.hrtime.bigint() - began) / 1e9
      const hasPoint = Number(model.info.get('primal_solution_status')) === 2
      return {
        status: statusOf(modelStatus),
        values: hasPoint ? [...model.getSolution().colValue] : null,
        bound: Number(model.info.get('mip_dual_bound')),
        seconds: taken,
      }
    } finally {
      model.dispose()
    }
  }
}

function modelDataOf({ cost, lower, upper, rows }: IntegerProgram, highs: Highs) {
  const starts = [0]
  for (const row of rows) starts.push(starts.at(-1)! + row.columns.length)
  return {
    numCols: cost.length,
    numRows: rows.length,
    colCost: cost,
    colLower: lower,
    colUpper: upper,
    rowLower: rows.map((row) => row.lower),
    rowUpper: rows.map((row) => row.upper),
    integrality: cost.map(() => highs.constants.variableType.integer),
    matrix: {
      format: 'csr' as const,
      numRows: rows.length,
      numCols: cost.length,
      starts,
      indices: rows.flatMap((row) => row.columns),
      values: rows.flatMap((row) => row.values),
    },
  }
}

/** Codes 7, 8 and 13 of the solver's model status; 6 is a model without columns. */
function statusOf(code: ModelStatusCode): IntegerSolution['status'] {
  if (code === 7 || code === 6) return 'optimal'
  if (code === 13) return 'time-limit'
  return code === 8 ? 'infeasible' : 'failed'
}
