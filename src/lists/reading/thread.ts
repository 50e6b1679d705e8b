/** Reads a file of a list in a thread of its own, with limits of memory and time: 130 MB of XML take seconds. */
import { readInThread } from '../../http/reading-thread.ts'
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
/** A machine with much else to do takes ten times as long as one that has not. */
const SECONDS = 300

/** Rejects with `Unreadable`, and with the signal's reason when aborted. */
export async function readListFile(
  task: ListTask,
  signal?: AbortSignal,
  { seconds = SECONDS }: { readonly seconds?: number } = {},
): Promise<ReadFile> {
  const entries: ListEntry[] = []
  return readInThread<ListMessage, ReadFile>({
    file: workerBeside(import.meta.url),
    task,
    heapMebibytes: HEAP_MEBIBYTES,
    what: 'a list',
    seconds,
    tooLarge: `Reading the file takes more than ${HEAP_MEBIBYTES} MiB of memory, which is the most.`,
    tooSlow: `Reading the file takes longer than ${seconds} seconds, which is the most.`,
    refusal: (message) => new Unreadable('too-much', message),
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
