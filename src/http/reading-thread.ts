/**
 * Reads a file that somebody sent in a thread of its own, with limits of memory and time: it takes seconds, and whatever is in
 * the file stays there.
 */
import { Worker } from 'node:worker_threads'
import { DomainError } from './problems.ts'

interface ReadingThread<Message, Result> {
  /** The file of the thread: `workerBeside`. */
  readonly file: URL
  /** What the thread is given. */
  readonly task: unknown
  readonly heapMebibytes: number
  /** What it reads, for whoever reads the log: `a list`. */
  readonly what: string
  readonly seconds: number
  /** Said to whoever sent a file for which the memory, or the time, is not enough. */
  readonly tooLarge: string
  readonly tooSlow: string
  /** How it is refused; `payload-too-large` where nothing is said. */
  readonly refusal?: (message: string) => Error
  readonly signal: AbortSignal | undefined
  /** Takes a message of the thread; `end` gives the result, an error that is thrown ends the reading with it. */
  take(message: Message, thread: ThreadAsked<Result>): void | Promise<void>
}

interface ThreadAsked<Result> {
  /** The thread waits for it. */
  reply(value: unknown): void
  end(result: Result): void
}

/** Rejects with what `take` throws, with `refusal`, and with the signal's reason when aborted. */
export async function readInThread<Message, Result>(asked: ReadingThread<Message, Result>): Promise<Result> {
  const { file, task, heapMebibytes, seconds, what, tooLarge, tooSlow, signal, take } = asked
  const { refusal = (message: string) => new DomainError('payload-too-large', message) } = asked
  signal?.throwIfAborted()
  const worker = new Worker(file, {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
  })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  let limit: NodeJS.Timeout | undefined
  try {
    return await new Promise<Result>((resolve, reject) => {
      limit = setTimeout(() => reject(refusal(tooSlow)), seconds * 1000)
      limit.unref()
      const thread = { reply: (value: unknown) => worker.postMessage(value), end: resolve }
      const onMessage = async (message: Message) => take(message, thread)
      worker.on('message', (message: Message) => void onMessage(message).catch(reject))
      worker.once('error', (error: NodeJS.ErrnoException) => {
        const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        reject(isFull ? refusal(tooLarge) : error)
      })
      worker.once('exit', (code) => {
        reject(signal?.reason ?? new Error(`The reading of ${what} ended early with code ${code}.`))
      })
    })
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}
