/** Computes estimates and schedules in a thread of its own, so that the service goes on answering. */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { ComputeMessage, ComputeTask } from './compute.ts'
import { computeEstimate } from './compute-estimate.ts'
import { computeSchedule } from './compute-schedule.ts'
import { loadSolver } from './highs.ts'
import { InvalidInput } from './invalid.ts'
import { optimise } from './phase-model.ts'

/** Of this thread; requests are answered first where there are not cores enough. */
const NICENESS = 5

const tell = (message: ComputeMessage) => parentPort?.postMessage(message)

async function run(task: ComputeTask): Promise<void> {
  if (task.kind === 'estimate') {
    const { document, lines } = computeEstimate(task.job, (done) => tell({ kind: 'progress', done }))
    tell({ kind: 'done', document: JSON.stringify(document), lines: JSON.stringify(lines) })
    return
  }
  const solver = await loadSolver(task.job.estimate.settings.seed)
  let stages = 0
  const { document, lines } = computeSchedule(task.job, (problem, seconds) =>
    optimise(
      problem,
      (program, start, limits) => {
        const solution = solver(program, start, limits)
        // There are three to five solves; how long each takes is not known before.
        tell({ kind: 'progress', done: Math.min(0.9, ++stages / 5) })
        return solution
      },
      seconds,
    ),
  )
  tell({ kind: 'done', document: JSON.stringify(document), lines: JSON.stringify(lines) })
}

try {
  // Elsewhere than on Linux this would be the priority of the whole service.
  if (process.platform === 'linux') setPriority(NICENESS)
  await run(workerData as ComputeTask)
} catch (error) {
  // An error class does not survive the way out of a worker.
  if (!(error instanceof InvalidInput)) throw error
  tell({ kind: 'refused', issues: error.issues })
}
