/** Hands long computations to worker threads, a few at a time. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { workerBeside } from '../../lib/worker-file.ts'
import type { EstimateJob } from '../estimate/model/job.ts'
import { InvalidInput, type Issue } from '../model/errors.ts'
import type { PlanReport, StoredLines } from '../outputs/model/report.ts'
import type { FillOptions } from '../outputs/template/fill.ts'
import type { ScheduleJob } from '../schedule/model/job.ts'

/** A schedule's job with what is stored of its estimate still as text: thousands of lines, parsed over there. */
export interface ScheduleTask {
  readonly job: Omit<ScheduleJob, 'estimate' | 'lines'>
  readonly estimate: string
  readonly lines: string
}

/** What each kind is given. */
export interface ComputeTasks {
  readonly estimate: EstimateJob
  readonly schedule: ScheduleTask
  readonly workbook: { readonly report: PlanReport; readonly lines: StoredLines }
  /** `path` is that of a workbook of the city's own. */
  readonly template: { readonly report: PlanReport; readonly path: string; readonly options: FillOptions }
}

/** What each kind gives. */
export interface ComputeResults {
  readonly estimate: Computed
  readonly schedule: Computed
  /** The bytes of the file. */
  readonly workbook: Uint8Array<ArrayBuffer>
  readonly template: Uint8Array<ArrayBuffer>
}

export type ComputeKind = keyof ComputeTasks
export type ComputeTask = {
  [K in ComputeKind]: { readonly kind: K; readonly task: ComputeTasks[K] }
}[ComputeKind]

export type ComputeMessage =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly result: ComputeResults[ComputeKind] }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] }

export interface Computed {
  /** JSON text, ready to be stored and sent. */
  readonly document: string
  /** JSON text in UTF-8: tens of megabytes of a large city, handed over without a copy and never read here. */
  readonly lines: Uint8Array<ArrayBuffer>
}

export interface ComputeOptions {
  readonly signal?: AbortSignal
  /** Given the part that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** Of a city's own workbook: whatever is in it. The others are bounded by what is stored and by the solver's seconds. */
const TEMPLATE_SECONDS = 120

/** One core stays free for requests. */
const AT_ONCE = Math.max(1, availableParallelism() - 1)

/** Who waits for whom: minutes of solving for one city do not hold up the workbook of another. */
const LANES: Readonly<Record<ComputeKind, <R>(work: () => Promise<R>) => Promise<R>>> = {
  estimate: lane(AT_ONCE),
  schedule: lane(AT_ONCE),
  workbook: lane(AT_ONCE),
  template: lane(AT_ONCE),
}

function lane(atOnce: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <R>(work: () => Promise<R>): Promise<R> => {
    // Whoever ends hands its place to the next, so nobody slips in between.
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/** Rejects with InvalidInput for a faulty task, and with the signal's reason when aborted. */
export async function compute<K extends ComputeKind>(
  kind: K,
  task: ComputeTasks[K],
  options: ComputeOptions = {},
): Promise<ComputeResults[K]> {
  return LANES[kind](async () => {
    options.signal?.throwIfAborted()
    return (await inWorker({ kind, task } as ComputeTask, options)) as ComputeResults[K]
  })
}

async function inWorker(
  workerData: ComputeTask,
  { signal, onProgress }: ComputeOptions,
): Promise<ComputeResults[ComputeKind]> {
  const worker = new Worker(workerBeside(import.meta.url), { workerData })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  let limit: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      if (workerData.kind === 'template') {
        const detail = `Filling the workbook takes longer than ${TEMPLATE_SECONDS} seconds, which is the most.`
        const late = () => reject(new InvalidInput([{ pointer: '/template', detail }]))
        limit = setTimeout(late, TEMPLATE_SECONDS * 1000)
        limit.unref()
      }
      worker.on('message', (message: ComputeMessage) => {
        switch (message.kind) {
          case 'progress':
            onProgress?.(message.done)
            break
          case 'done':
            resolve(message.result)
            break
          case 'refused':
            reject(new InvalidInput(message.issues))
            break
          default:
            message satisfies never
        }
      })
      worker.once('error', reject)
      worker.once('exit', (code) => {
        reject(signal?.reason ?? new Error(`The computation ended early with code ${code}.`))
      })
    })
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}
