/** Reads a file of a list in a thread of its own, with a limit of memory: 130 MB of XML take seconds. */
import { Worker } from 'node:worker_threads'
import { DomainError } from '../../http/problems.ts'
import { workerBeside } from '../../lib/worker-file.ts'
import { type ListEntry, Unreadable } from '../model/entry.ts'
import type { FileRead } from './read.ts'

export interface ListTask {
  readonly path: string
  /** Id of the list. */
  readonly list: string
}

export type ListMessage =
  | { readonly kind: 'entries'; readonly batch: readonly ListEntry[] }
  | { readonly kind: 'end'; readonly read: FileRead }
  | { readonly kind: 'unreadable'; readonly code: Unreadable['code']; readonly message: string }

export interface ReadFile extends FileRead {
  readonly entries: readonly ListEntry[]
}

/** `SDN_ADVANCED.XML` keeps some 60 MB in use: its parties wait for the lists they are on, at the end of the file. */
const HEAP_MEBIBYTES = 512

/** Rejects with `Unreadable`, with `payload-too-large`, and with the signal's reason when aborted. */
export async function readListFile(task: ListTask, signal?: AbortSignal): Promise<ReadFile> {
  signal?.throwIfAborted()
  const worker = new Worker(workerBeside(import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  const entries: ListEntry[] = []
  try {
    return await new Promise<ReadFile>((resolve, reject) => {
      worker.on('message', (message: ListMessage) => {
        if (message.kind === 'entries') {
          for (const one of message.batch) entries.push(one)
          // The next batch is sent when this one was taken, so that few lie in the queue.
          worker.postMessage(null)
        } else if (message.kind === 'end') resolve({ ...message.read, entries })
        else reject(new Unreadable(message.code, message.message))
      })
      worker.once('error', (error: NodeJS.ErrnoException) => reject(asRefusal(error)))
      worker.once('exit', (code) => {
        reject(signal?.reason ?? new Error(`The reading of a list ended early with code ${code}.`))
      })
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}

function asRefusal(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error
  return new DomainError(
    'payload-too-large',
    `Reading the file takes more than ${HEAP_MEBIBYTES} MiB of memory, which is the most.`,
  )
}
