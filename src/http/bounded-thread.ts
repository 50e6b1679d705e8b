/**
 * Work in a thread of its own with limits of memory and time, which ends when nobody waits for it any more: it takes
 * seconds, and what is in a file, or comes of a plan, stays there.
 */
import { Worker } from 'node:worker_threads'

export interface ThreadBounds {
  /** MiB of its heap. Buffers, and the memory of WebAssembly, are outside it. */
  readonly heapMebibytes: number
  readonly seconds: number
}

/** What was not enough. */
export type Exceeded = 'memory' | 'time'

interface BoundedThread<Message, Result> {
  /** The file of the thread: `workerBeside`. */
  readonly file: URL
  /** What the thread is given. */
  readonly task: unknown
  /** What it does, for whoever reads the log: `The reading of a list`. */
  readonly what: string
  readonly bounds: ThreadBounds
  /** How the caller is refused. */
  readonly refusal: (exceeded: Exceeded) => Error
  readonly signal: AbortSignal | undefined
  /** Takes a message of the thread; `end` gives the result, an error that is thrown ends the work with it. */
  take(message: Message, thread: ThreadAsked<Result>): void | Promise<void>
}

interface ThreadAsked<Result> {
  /** The thread waits for it. */
  reply(value: unknown): void
  end(result: Result): void
}

/** Rejects with what `take` throws, with `refusal`, and with the signal's reason when aborted. */
export async function inThread<Message, Result>(asked: BoundedThread<Message, Result>): Promise<Result> {
  const { file, task, bounds, what, refusal, signal, take } = asked
  signal?.throwIfAborted()
  const worker = new Worker(file, {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: bounds.heapMebibytes },
  })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  let limit: NodeJS.Timeout | undefined
  try {
    return await new Promise<Result>((resolve, reject) => {
      limit = setTimeout(() => reject(refusal('time')), bounds.seconds * 1000)
      limit.unref()
      const thread = { reply: (value: unknown) => worker.postMessage(value), end: resolve }
      const onMessage = async (message: Message) => take(message, thread)
      let taken = Promise.resolve()
      worker.on('message', (message: Message) => {
        taken = onMessage(message)
        taken.catch(reject)
      })
      worker.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? refusal('memory') : error)
      })
      // The last message may come in the same turn: what it says goes before the end.
      worker.once('exit', (code) => {
        const early = () => reject(signal?.reason ?? new Error(`${what} ended early with code ${code}.`))
        taken.then(early, early)
      })
    })
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', abort)
    // Its place goes to another when its memory is free.
    await worker.terminate()
  }
}

/** What a caller is told, as the end of a sentence. */
export function beyond(exceeded: Exceeded, { heapMebibytes, seconds }: ThreadBounds): string {
  return exceeded === 'memory'
    ? `takes more than ${heapMebibytes} MiB of memory, which is the most`
    : `takes longer than ${seconds} seconds, which is the most`
}
