/** Hands long computations to worker threads, a few at a time. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { EstimateJob } from './compute-estimate.ts'
import type { ScheduleJob } from './compute-schedule.ts'
import { InvalidInput, type Issue } from './invalid.ts'

export type ComputeTask =
  | { readonly kind: 'estimate'; readonly job: EstimateJob }
  | { readonly kind: 'schedule'; readonly job: ScheduleJob }

export type ComputeMessage =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'done'; readonly document: string; readonly lines: string }
  | { readonly kind: 'refused'; readonly issues: readonly Issue[] }

export interface Computed {
  /** JSON text, ready to be stored and sent. */
  readonly document: string
  readonly lines: string
}

export interface ComputeOptions {
  readonly signal?: AbortSignal
  /** Given the part that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** One core stays free for requests. */
const AT_ONCE = Math.max(1, availableParallelism() - 1)
let running = 0
const waiting: (() => void)[] = []

/** Rejects with InvalidInput for a faulty task, and with the signal's reason when aborted. */
export async function compute(task: ComputeTask, options: ComputeOptions = {}): Promise<Computed> {
  // Whoever ends hands its place to the next, so nobody slips in between.
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++
  try {
    options.signal?.throwIfAborted()
    return await inWorker(task, options)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

async function inWorker(task: ComputeTask, { signal, onProgress }: ComputeOptions): Promise<Computed> {
  const file = import.meta.url.endsWith('.ts') ? './compute-worker.ts' : './compute-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  try {
    return await new Promise<Computed>((resolve, reject) => {
      worker.on('message', (message: ComputeMessage) => {
        switch (message.kind) {
          case 'progress':
            onProgress?.(message.done)
            break
          case 'done':
            resolve(message)
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
    signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}
