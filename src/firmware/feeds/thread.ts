/**
 * Reads a document of a feed in a thread of its own: parsing megabytes of JSON in one piece would hold up every other
 * request. Who a vendor's name means is known here, so the thread asks for all the names of the document at once.
 */

import { Worker } from 'node:worker_threads'
import type { Advisory, Imported, MakerNames } from '../../firmware-risk/advisories.ts'
import { DomainError } from '../../http/problems.ts'
import { withPauses } from '../../lib/pacing.ts'
import type { Steps } from '../../lib/steps.ts'
import { workerBeside } from '../../lib/worker-file.ts'
import type { FeedFormat } from './read.ts'

export interface FeedTask {
  readonly path: string
  readonly format: FeedFormat
  readonly isCsv: boolean
}

export type FeedMessage =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'advisories'; readonly batch: readonly Advisory[] }
  | { readonly kind: 'end'; readonly imported: Omit<Imported, 'advisories'> }
  | {
      readonly kind: 'refused'
      readonly code: 'malformed-body' | 'unsupported-media-type'
      readonly detail: string
    }

/** What the thread waits for: the makers by name, then that a batch was taken, so that few lie in the queue. */
export type FeedReply = ReadonlyMap<string, string> | null

/** Enough for the largest body: with a document of 60 MB (115,000 records) the whole process had 833 MB resident. */
const HEAP_MEBIBYTES = 1024

/** Rejects with what is wrong with the document, and with the signal's reason when aborted. */
export async function readFeedFile(
  task: FeedTask,
  makers: MakerNames,
  signal?: AbortSignal,
): Promise<Imported> {
  signal?.throwIfAborted()
  const worker = new Worker(workerBeside(import.meta.url), {
    workerData: task,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
  })
  const abort = () => void worker.terminate()
  signal?.addEventListener('abort', abort, { once: true })
  const advisories: Advisory[] = []
  try {
    return await new Promise<Imported>((resolve, reject) => {
      const take = async (message: FeedMessage): Promise<void> => {
        switch (message.kind) {
          case 'names':
            worker.postMessage(await withPauses(resolving(message.names, makers)))
            break
          case 'advisories':
            for (const one of message.batch) advisories.push(one)
            worker.postMessage(null)
            break
          case 'end':
            resolve({ ...message.imported, advisories })
            break
          case 'refused':
            reject(new DomainError(message.code, message.detail))
            break
          default:
            message satisfies never
        }
      }
      worker.on('message', (message: FeedMessage) => void take(message).catch(reject))
      worker.once('error', (error: NodeJS.ErrnoException) => reject(asRefusal(error)))
      worker.once('exit', (code) => {
        reject(signal?.reason ?? new Error(`The reading of a feed ended early with code ${code}.`))
      })
    })
  } finally {
    signal?.removeEventListener('abort', abort)
    void worker.terminate()
  }
}

function* resolving(names: readonly string[], makers: MakerNames): Steps<FeedReply> {
  const known = new Map<string, string>()
  for (const name of names) {
    const maker = makers.get(name)
    if (maker !== undefined) known.set(name, maker)
    yield
  }
  return known
}

function asRefusal(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error
  return new DomainError(
    'payload-too-large',
    `Reading the document takes more than ${HEAP_MEBIBYTES} MiB of memory, which is the most. Send it in parts.`,
  )
}
