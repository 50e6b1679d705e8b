/** Reads a file of an official list, piece by piece, in the format that its beginning tells. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import {
  type EntryChange,
  type EntryProblem,
  type ListEntry,
  type ListHead,
  Unreadable,
} from '../model/entry.ts'
import type { ListSource } from '../sources/index.ts'
import { openDecoder } from './decode.ts'

/** What is told of a file beside its entries. */
export interface FileRead {
  readonly format: string
  readonly head: ListHead
  readonly persons: number
  /** Lasting ids of the persons. */
  readonly personKeys: readonly string[]
  /** Records that could not be read; the first of them in `problems`. */
  readonly unreadable: number
  readonly problems: readonly EntryProblem[]
  /** Of a file that has only changes; null for one that is the list. */
  readonly changes: readonly EntryChange[] | null
}

const SNIFFED_BYTES = 8192
const LISTED = 20
/** So many entries are taken over at once. */
const BATCH = 500

/** Throws `Unreadable`. */
export async function readList(
  path: string,
  { formats, title }: Pick<ListSource, 'formats' | 'title'>,
  take: (entries: readonly ListEntry[]) => Promise<void>,
): Promise<FileRead> {
  const start = await startOf(path)
  const format = formats.find(({ sniff }) => sniff(start))
  if (format === undefined) {
    const known = formats.map((one) => one.title).join('; ')
    throw new Unreadable('wrong-format', `The file is none of those in which the ${title} comes: ${known}.`)
  }
  let head: ListHead = { publishedOn: null, declared: null }
  let [persons, unreadable] = [0, 0]
  const problems: EntryProblem[] = []
  const personKeys: string[] = []
  let waiting: ListEntry[] = []
  let changes: EntryChange[] | null = null
  const reader = format.open({
    entry: (entry) => void waiting.push(entry),
    head: (said) => {
      head = { ...head, ...said }
    },
    person: (key) => {
      persons++
      if (key !== null) personKeys.push(key)
    },
    problem: (problem) => {
      unreadable++
      if (problems.length < LISTED) problems.push(problem)
    },
    isDelta: () => {
      changes ??= []
    },
    change: (change) => {
      changes ??= []
      changes.push(change)
    },
  })
  const flush = async (most: number) => {
    while (waiting.length >= most) {
      const batch = waiting.slice(0, BATCH)
      waiting = waiting.slice(BATCH)
      if (batch.length === 0) return
      await take(batch)
    }
  }
  const decode = openDecoder(start)
  for await (const chunk of createReadStream(path)) {
    reader.write(decode(chunk as Buffer))
    await flush(BATCH)
  }
  reader.write(decode())
  reader.end()
  await flush(1)
  return { format: format.id, head, persons, personKeys, unreadable, problems, changes }
}

async function startOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
    return buffer
      .subarray(0, bytesRead)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
  } finally {
    await file.close()
  }
}
