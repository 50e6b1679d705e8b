/** Computes estimates, schedules and workbooks in a thread of its own, so that the service goes on answering. */
import { parentPort, workerData } from 'node:worker_threads'
import { letRequestsGoFirst } from '../../lib/pacing.ts'
import type { EstimateJob } from '../estimate/model/job.ts'
import { InvalidInput } from '../model/errors.ts'
import type { Solver } from '../schedule/model/phasing/linear-program.ts'
import { refuseInexact } from './model/exact.ts'
import type {
  Computed,
  ComputeMessage,
  ComputeResults,
  ComputeTask,
  ComputeTasks,
  ScheduleTask,
} from './pool.ts'

const post = (message: ComputeMessage, transfer: ArrayBuffer[] = []) =>
  parentPort?.postMessage(message, transfer)

/** In a buffer of its own, which can be handed over: those of Buffer may share one. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

// Each kind loads its own modules: a thread starts for every task.
async function run(given: ComputeTask): Promise<ComputeResults[ComputeTask['kind']]> {
  switch (given.kind) {
    case 'estimate':
      return estimated(given.task)
    case 'schedule':
      return scheduled(given.task)
    case 'workbook':
      return workbook(given.task)
    case 'template':
      return template(given.task)
    default:
      return given satisfies never
  }
}

async function estimated(job: EstimateJob): Promise<Computed> {
  const { computeEstimate } = await import('../estimate/model/build.ts')
  const { document, lines } = computeEstimate(job, (done) => post({ kind: 'progress', done }))
  refuseInexact(document)
  return { document: JSON.stringify(document), lines: bytesOf(JSON.stringify(lines)) }
}

async function scheduled(task: ScheduleTask): Promise<Computed> {
  const job = { ...task.job, estimate: JSON.parse(task.estimate), lines: JSON.parse(task.lines) }
  const [{ computeSchedule }, { loadSolver }, { optimize }, { remediesOf }] = await Promise.all([
    import('../schedule/model/build.ts'),
    import('../schedule/highs.ts'),
    import('../schedule/model/phasing/optimize.ts'),
    import('../schedule/model/phasing/remedies.ts'),
  ])
  const solver = await loadSolver(job.estimate.settings.seed)
  let stages = 0
  const solve: Solver = (program, start, limits) => {
    const solution = solver(program, start, limits)
    // There are three to five solves; how long each takes is not known before.
    post({ kind: 'progress', done: Math.min(0.9, ++stages / 5) })
    return solution
  }
  const { document, lines } = computeSchedule(job, {
    optimize: (problem, seconds) => optimize(problem, solve, seconds),
    remedy: (problem, seconds) => remediesOf(problem, solve, seconds),
  })
  refuseInexact(document)
  return { document: JSON.stringify(document), lines: bytesOf(JSON.stringify(lines)) }
}

async function workbook({ report, lines }: ComputeTasks['workbook']): Promise<ComputeResults['workbook']> {
  const [{ workbookOf }, { parseLines }] = await Promise.all([
    import('../outputs/workbook.ts'),
    import('../outputs/model/rows.ts'),
  ])
  return Uint8Array.from(await workbookOf(report, parseLines(lines)))
}

async function template({
  report,
  path,
  options,
}: ComputeTasks['template']): Promise<ComputeResults['template']> {
  const { filledTemplate } = await import('../outputs/template/fill.ts')
  return Uint8Array.from(await filledTemplate(path, report, options))
}

try {
  letRequestsGoFirst()
  const result = await run(workerData as ComputeTask)
  post({ kind: 'done', result }, [(result instanceof Uint8Array ? result : result.lines).buffer])
} catch (error) {
  // An error class does not survive the way out of a worker.
  if (!(error instanceof InvalidInput)) throw error
  post({ kind: 'refused', issues: error.issues })
}
