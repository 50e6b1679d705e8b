/** Hands long computations to worker threads, a few at a time. */

import { availableParallelism } from 'node:os'
import { beyond, inThread, type ThreadBounds } from '../../http/bounded-thread.ts'
import { FairQueue } from '../../http/fair-queue.ts'
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

type ComputeKind = keyof ComputeTasks
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
  /** Whose work it is: each has its turn. */
  readonly owner: string
  readonly signal?: AbortSignal
  /** Given the part that is done, 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/**
 * Rejects with InvalidInput for a faulty task and one that needs too much, with `not-ready` when too many wait, and
 * with the signal's reason when aborted: who leaves while waiting frees the place, and what runs ends.
 */
export type Compute = <K extends ComputeKind>(
  kind: K,
  task: ComputeTasks[K],
  options: ComputeOptions,
) => Promise<ComputeResults[K]>

type ComputeBounds = Readonly<Record<ComputeKind, ThreadBounds>>

const COMPUTE_BOUNDS: ComputeBounds = {
  estimate: { heapMebibytes: 1024, seconds: 600 },
  schedule: { heapMebibytes: 1024, seconds: 900 },
  workbook: { heapMebibytes: 1024, seconds: 300 },
  /** A city's own workbook: whatever is in it. */
  template: { heapMebibytes: 512, seconds: 120 },
}

/** Said of each that needs too much. */
const DOING: Readonly<Record<ComputeKind, string>> = {
  estimate: 'Computing the estimate',
  schedule: 'Computing the schedule',
  workbook: 'Writing the workbook',
  template: 'Filling the workbook',
}

export interface ComputeLimits {
  readonly bounds: Partial<ComputeBounds>
  /** How many of a kind run together. */
  readonly atOnce: number
  /** Of a kind. */
  readonly mostWaiting: number
}

/** One core stays free for requests. */
const AT_ONCE = Math.max(1, availableParallelism() - 1)
const MOST_WAITING = 200

/** Each kind has its queue: minutes of solving for one city do not hold up the workbook of another. */
export function createCompute({
  bounds = {},
  atOnce = AT_ONCE,
  mostWaiting = MOST_WAITING,
}: Partial<ComputeLimits> = {}): Compute {
  const queue = () => new FairQueue({ atOnce, mostWaiting })
  const queues: Readonly<Record<ComputeKind, FairQueue>> = {
    estimate: queue(),
    schedule: queue(),
    workbook: queue(),
    template: queue(),
  }
  return (kind, task, options) =>
    queues[kind].run(
      options.owner,
      () => computeNow(kind, task, options, bounds[kind] ?? COMPUTE_BOUNDS[kind]),
      options.signal,
    )
}

function computeNow<K extends ComputeKind>(
  kind: K,
  task: ComputeTasks[K],
  { signal, onProgress }: ComputeOptions,
  bounds: ThreadBounds,
): Promise<ComputeResults[K]> {
  const pointer = kind === 'template' ? '/template' : ''
  return inThread<ComputeMessage, ComputeResults[K]>({
    file: workerBeside(import.meta.url),
    task: { kind, task },
    what: DOING[kind],
    bounds,
    refusal: (exceeded) =>
      new InvalidInput([{ pointer, detail: `${DOING[kind]} ${beyond(exceeded, bounds)}.` }]),
    signal,
    take(message, { end }) {
      switch (message.kind) {
        case 'progress':
          onProgress?.(message.done)
          break
        case 'done':
          end(message.result as ComputeResults[K])
          break
        case 'refused':
          throw new InvalidInput(message.issues)
        default:
          message satisfies never
      }
    },
  })
}
