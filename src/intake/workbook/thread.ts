/**
 * A workbook, read in a thread with limits of memory and time of its own: a file that breaks it is refused, and the
 * service goes on. Few are read at once; the others wait.
 */

import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { FairQueue } from '../../http/fair-queue.ts'
import { workerBeside } from '../../lib/worker-file.ts'
import { IntakeError } from '../problem.ts'
import { WORKBOOK_LIMITS, type WorkbookLimits } from './limits.ts'
import { MOST_UNDER_WAY, type SheetHead, type WorkbookMessage, type WorkbookTask } from './messages.ts'
import { damaged, size, tooMuch } from './refusal.ts'

/** One processor stays free for requests; two files at most, so that their memory stays small beside the service's. */
const AT_ONCE = availableParallelism() > 2 ? 2 : 1
const YOUNG_MEBIBYTES = 32
const STACK_MEBIBYTES = 4
const TICK_MILLIS = 1000

/** Each file is an owner of its own, so they come in their order. */
const queue = new FairQueue({ atOnce: AT_ONCE, mostWaiting: 500 })

export interface SheetChoice {
  /** Names of the sheets to look into; null for all visible ones. */
  readonly wanted: readonly string[] | null
  /** Of the sheets whose beginnings have been looked at, the places of those to read. */
  choose(heads: readonly SheetHead[]): readonly number[]
}

/** Every sheet that was asked for and holds something. */
const ALL_SHEETS: SheetChoice = {
  wanted: null,
  choose: (heads) =>
    heads.flatMap(({ isWanted, holdsSomething }, index) => (isWanted && holdsSomething ? [index] : [])),
}

/**
 * The messages of the thread up to `end`, in order. A batch counts as taken when the next message is asked for; the
 * sheets are chosen when the next message after their beginnings is.
 * The thread ends with the iteration, however that ends. Throws IntakeError, `not-ready` when too many wait, and the
 * signal's reason when aborted, also while waiting.
 */
export async function* readWorkbookFile(
  path: string,
  limits: WorkbookLimits = WORKBOOK_LIMITS,
  choice: SheetChoice = ALL_SHEETS,
  signal?: AbortSignal,
): AsyncGenerator<WorkbookMessage, void, undefined> {
  const { size: bytes } = await stat(path)
  if (bytes > limits.fileBytes)
    throw tooMuch(`The workbook has ${size(bytes)}; ${size(limits.fileBytes)} is the most.`)
  const leave = await queue.enter(path, signal)
  try {
    yield* messagesOf(path, limits, choice, signal)
  } finally {
    leave()
  }
}

async function* messagesOf(
  path: string,
  limits: WorkbookLimits,
  choice: SheetChoice,
  signal: AbortSignal | undefined,
): AsyncGenerator<WorkbookMessage, void, undefined> {
  const underWay = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  const counter = new Int32Array(underWay)
  const wanted = choice.wanted?.map((name) => name.toLowerCase()) ?? null
  const worker = startWorker({ path, limits, underWay, wanted })
  const inbox = new Inbox(worker, limits)
  const watch = limitTime(inbox, counter, limits)
  const onAbort = () => inbox.fail(signal!.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      const message = await inbox.next()
      if (message.kind === 'refused')
        throw new IntakeError(message.code, message.message, message.details, message.places)
      if (message.kind === 'end') return
      yield message
      if (message.kind === 'heads') worker.postMessage(choice.choose(message.sheets))
      if (message.kind === 'rows') {
        Atomics.sub(counter, 0, 1)
        Atomics.notify(counter, 0)
      }
    }
  } finally {
    clearInterval(watch)
    signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

function startWorker(workerData: WorkbookTask): Worker {
  return new Worker(workerBeside(import.meta.url), {
    workerData,
    env: {},
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: workerData.limits.heapMebibytes,
      maxYoungGenerationSizeMb: YOUNG_MEBIBYTES,
      stackSizeMb: STACK_MEBIBYTES,
    },
  })
}

/** Counts the time in which the thread works, and not that in which nobody takes what it sent. */
function limitTime(inbox: Inbox, counter: Int32Array, { seconds }: WorkbookLimits): NodeJS.Timeout {
  let worked = 0
  const watch = setInterval(() => {
    if (Atomics.load(counter, 0) < MOST_UNDER_WAY) worked += TICK_MILLIS / 1000
    if (worked >= seconds)
      inbox.fail(tooMuch(`Reading the workbook takes longer than ${seconds} seconds, which is the most.`))
  }, TICK_MILLIS)
  watch.unref()
  return watch
}

/** What the thread said and nobody has asked for yet, and how it failed. */
class Inbox {
  readonly #messages: WorkbookMessage[] = []
  #failure: Error | null = null
  #wake: (() => void) | null = null

  constructor(worker: Worker, limits: WorkbookLimits) {
    worker.on('message', (message: WorkbookMessage) => {
      this.#messages.push(message)
      this.#wake?.()
    })
    worker.once('error', (error) => this.fail(asRefusal(error, limits)))
    worker.once('exit', () => this.fail(damaged('The workbook could not be read to its end.')))
  }

  fail(error: Error): void {
    this.#failure ??= error
    this.#wake?.()
  }

  async next(): Promise<WorkbookMessage> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined) return message
      if (this.#failure !== null) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** Whatever ended the thread, the file did it. */
function asRefusal(error: NodeJS.ErrnoException, { heapMebibytes }: WorkbookLimits): IntakeError {
  const refusal =
    error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? tooMuch(`Reading the workbook takes more than ${heapMebibytes} MiB of memory, which is the most.`)
      : damaged('The workbook could not be read.')
  return Object.assign(refusal, { cause: error })
}
