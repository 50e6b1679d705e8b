/** Reads a file of a list for `thread.ts`. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { letRequestsGoFirst } from '../../lib/pacing.ts'
import { Unreadable } from '../model/entry.ts'
import { listSource } from '../sources/index.ts'
import { readList } from './read.ts'
import type { ListMessage, ListTask } from './thread.ts'

const port = parentPort!
const send = (message: ListMessage) => port.postMessage(message)

try {
  letRequestsGoFirst()
  const { path, list } = workerData as ListTask
  const read = await readList(path, listSource(list)!, async (batch) => {
    send({ kind: 'entries', batch })
    await once(port, 'message')
  })
  send({ kind: 'end', read })
} catch (error) {
  // An error class does not survive the way out of a worker.
  if (!(error instanceof Unreadable)) throw error
  send({ kind: 'unreadable', code: error.code, message: error.message })
}
