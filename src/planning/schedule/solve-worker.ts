/** Runs HiGHS in a thread of its own: a solve blocks the thread for as long as it takes. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadSolver } from './highs.ts'
import { optimise } from './model/phasing/optimize.ts'
import type { PhasingProblem } from './model/phasing/problem.ts'

export interface SolveTask {
  readonly problem: PhasingProblem
  readonly seconds: number
  readonly seed: number
}

const { problem, seconds, seed } = workerData as SolveTask
parentPort?.postMessage(optimise(problem, await loadSolver(seed), seconds))
