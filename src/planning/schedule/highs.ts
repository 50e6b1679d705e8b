/** HiGHS as the solver of the phasing model. It blocks its thread, so it is used in workers only. */
import loadHighs, { type Highs, type ModelStatusCode } from 'highs'
import type { MixedProgram, Solution, Solver } from './model/phasing/linear-program.ts'

// The package's types describe its CommonJS build, where the loader is a property; the module Node loads
// has it as the default export.
const load = loadHighs as unknown as typeof loadHighs.default

/** Whole-number columns up to which the solver is held to its tightest tolerance; beyond, it may fail with it. */
const TIGHT_COLUMNS = 500

/** The solver with its random seed: the same problem and seed give the same plan, time limits aside. */
export async function loadSolver(seed: number): Promise<Solver> {
  return solverOf(await load(), seed)
}

function solverOf(highs: Highs, seed: number): Solver {
  return (program, start, { seconds, absoluteGap, relativeGap }) => {
    const model = highs.createModel(modelDataOf(program, highs))
    const integers = program.isInteger.filter((is) => is).length
    try {
      model.options.set({
        output_flag: false,
        random_seed: seed,
        time_limit: seconds,
        mip_rel_gap: relativeGap,
        mip_abs_gap: absoluteGap,
        ...(integers <= TIGHT_COLUMNS ? { mip_feasibility_tolerance: 1e-9 } : {}),
      })
      if (start !== null) model.setSolution({ colValue: [...start] })
      const began = process.hrtime.bigint()
      const { modelStatus } = model.run()
      const taken = Number(process.hrtime.bigint() - began) / 1e9
      const hasPoint = Number(model.info.get('primal_solution_status')) === 2
      return {
        status: statusOf(modelStatus),
        values: hasPoint ? [...model.getSolution().colValue] : null,
        bound: integers > 0 ? Number(model.info.get('mip_dual_bound')) : -Infinity,
        seconds: taken,
      }
    } finally {
      model.dispose()
    }
  }
}

function modelDataOf({ cost, lower, upper, rows, isInteger }: MixedProgram, highs: Highs) {
  const starts = [0]
  for (const row of rows) starts.push(starts.at(-1)! + row.columns.length)
  const { integer, continuous } = highs.constants.variableType
  return {
    numCols: cost.length,
    numRows: rows.length,
    colCost: [...cost],
    colLower: [...lower],
    colUpper: [...upper],
    rowLower: rows.map((row) => row.lower),
    rowUpper: rows.map((row) => row.upper),
    integrality: isInteger.map((is) => (is ? integer : continuous)),
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
function statusOf(code: ModelStatusCode): Solution['status'] {
  if (code === 7 || code === 6) return 'optimal'
  if (code === 13) return 'time-limit'
  return code === 8 ? 'infeasible' : 'failed'
}
