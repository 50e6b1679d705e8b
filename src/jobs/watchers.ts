/**
 * Those who watch jobs. All who watch one job share the looks at it, so that it costs the database the same whether one
 * watches or a thousand; and a key may watch so many at once.
 */
import { DomainError } from '../http/problems.ts'

const MOST_OF_A_KEY = 50
/** Younger than this, a look serves whoever looks again. Less than the time between two looks of one watcher. */
const FRESH_MILLIS = 300

export interface Watchers<T> {
  /** Throws `too-many-requests` when the key watches as many as it may. Gives what ends the watch. */
  enter(keyId: string): () => void
  /** A look at a job for those who have been allowed to see it. */
  look(id: string, read: () => Promise<T>): Promise<T>
}

export function watchers<T>(mostOfKey = MOST_OF_A_KEY): Watchers<T> {
  const counts = new Map<string, number>()
  const looks = new Map<string, Promise<T>>()
  return {
    enter(keyId) {
      const count = counts.get(keyId) ?? 0
      if (count >= mostOfKey) {
        throw new DomainError('too-many-requests', `A key may watch ${mostOfKey} jobs at once.`, {
          headers: { 'retry-after': '5' },
        })
      }
      counts.set(keyId, count + 1)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        const left = counts.get(keyId)! - 1
        if (left > 0) counts.set(keyId, left)
        else counts.delete(keyId)
      }
    },
    look(id, read) {
      const known = looks.get(id)
      if (known) return known
      const look = read()
      looks.set(id, look)
      const forget = () => {
        if (looks.get(id) === look) looks.delete(id)
      }
      look.then(() => setTimeout(forget, FRESH_MILLIS).unref(), forget)
      return look
    },
  }
}
