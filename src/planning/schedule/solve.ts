import { Worker } from 'node:worker_threads'
import type { Optimised } from './model/phasing/optimize.ts'
import type { PhasingProblem } from './model/phasing/problem.ts'
import { prepare } from './model/phasing/problem.ts'
import type { SolveTask } from './solve-worker.ts'

/**
 * The best plan, found in a worker thread so that the service goes on answering.
 *
 * `seconds` limits the solver's own time over all stages; when it runs out the best plan so far comes back
 * with its gap, never worse than the greedy one. Rejects with InvalidInput for a faulty problem, and with
 * the signal's reason when aborted.
 */
export async function solvePlan(
  problem: PhasingProblem,
  options: { readonly seconds: number; readonly seed: number; readonly signal?: AbortSignal },
): Promise<Optimised> {
  // Faults are found here: an error class does not survive the way out of a worker.
  prepare(problem)
  options.signal?.throwIfAborted()
  const file = import.meta.url.endsWith('.ts') ? './solve-worker.ts' : './solve-worker.js'
  const workerData: SolveTask = { problem, seconds: options.seconds, seed: options.seed }
  const worker = new Worker(new URL(file, import.meta.url), { workerData })
  const abort = () => void worker.terminate()
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    return await new Promise<Optimised>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => {
        reject(options.signal?.reason ?? new Error(`The solver ended early with code ${code}.`))
      })
    })
  } finally {
    options.signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}
