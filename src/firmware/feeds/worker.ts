/** Reads a document of a feed for `thread.ts`. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { MakerNames } from '../../firmware-risk/advisories.ts'
import { DomainError } from '../../http/problems.ts'
import { letRequestsGoFirst } from '../../lib/pacing.ts'
import { parseFeed, readDocument } from './read.ts'
import type { FeedMessage, FeedReply, FeedTask } from './thread.ts'

/** So many advisories are taken over there in a few milliseconds. */
const BATCH = 100

const port = parentPort!
const send = (message: FeedMessage) => port.postMessage(message)

async function reply(): Promise<FeedReply> {
  const [answer] = (await once(port, 'message')) as [FeedReply]
  return answer
}

async function read({ path, format, isCsv }: FeedTask): Promise<void> {
  const document = parseFeed(format, readFileSync(path, 'utf8'), isCsv)
  const { advisories, ...imported } = await withMakers((makers) => readDocument(format, document, makers))
  for (let i = 0; i < advisories.length; i += BATCH) {
    send({ kind: 'advisories', batch: advisories.slice(i, i + BATCH) })
    await reply()
  }
  send({ kind: 'end', imported })
}

/** Which names a reading takes depends on whom the others mean: it is repeated until all of them were answered. */
async function withMakers<T>(read: (makers: MakerNames) => T): Promise<T> {
  const known = new Map<string, string | undefined>()
  for (;;) {
    const names = new Set<string>()
    const result = read({
      get: (name) => {
        if (!known.has(name)) names.add(name)
        return known.get(name)
      },
    })
    if (names.size === 0) return result
    send({ kind: 'names', names: [...names] })
    const answers = (await reply())!
    for (const name of names) known.set(name, answers.get(name))
  }
}

try {
  letRequestsGoFirst()
  await read(workerData as FeedTask)
} catch (error) {
  // An error class does not survive the way out of a worker.
  if (!(error instanceof DomainError)) throw error
  send({ kind: 'refused', code: error.code as 'malformed-body', detail: error.message })
}
