/** Reads a file of a list in a thread of its own, with limits of memory and time: 130 MB of XML take seconds. */
import { beyond, inThread, type ThreadBounds } from '../../http/bounded-thread.ts'
import { FairQueue } from '../../http/fair-queue.ts'
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

/**
 * `SDN_ADVANCED.XML` keeps some 60 MB in use: its parties wait for the lists they are on, at the end of the file. A
 * machine with much else to do takes ten times as long as one that has not.
 */
const LIST_BOUNDS: ThreadBounds = { heapMebibytes: 512, seconds: 300 }
/** Each list in its turn, so that the memory of one is all that is taken. */
const queue = new FairQueue({ atOnce: 1, mostWaiting: 50 })

/** Rejects with `Unreadable`, `not-ready` when too many wait, and with the signal's reason when aborted. */
export async function readListFile(
  task: ListTask,
  signal?: AbortSignal,
  bounds: ThreadBounds = LIST_BOUNDS,
): Promise<ReadFile> {
  return queue.run(task.list, () => readNow(task, signal, bounds), signal)
}

async function readNow(
  task: ListTask,
  signal: AbortSignal | undefined,
  bounds: ThreadBounds,
): Promise<ReadFile> {
  const entries: ListEntry[] = []
  return inThread<ListMessage, ReadFile>({
    file: workerBeside(import.meta.url),
    task,
    what: 'The reading of a list',
    bounds,
    refusal: (exceeded) => new Unreadable('too-much', `Reading the file ${beyond(exceeded, bounds)}.`),
    signal,
    take(message, { reply, end }) {
      if (message.kind === 'entries') {
        for (const one of message.batch) entries.push(one)
        // The next batch is sent when this one was taken, so that few lie in the queue.
        reply(null)
      } else if (message.kind === 'end') end({ ...message.read, entries })
      else throw new Unreadable(message.code, message.message)
    },
  })
}
