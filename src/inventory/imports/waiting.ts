/**
 * Imports of a city come one after the other, and nobody holds a connection while waiting: within a process they
 * stand in line, and when another process holds the lock they come again.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database, Tx, WorkOptions } from '../../db/database.ts'
import { FairQueue, WAIT_LIMIT_MILLIS } from '../../http/fair-queue.ts'
import { DomainError } from '../../http/problems.ts'

/** A file of the largest size may take this long. */
const TIME_LIMIT_MILLIS = 30 * 60_000
/** Reading and writing one keeps a core busy; a second uses the waits of the first. */
const AT_ONCE = { postgres: 2, embedded: 1 } as const
const MOST_WAITING = 500
const PAUSES_MILLIS = [100, 250, 500, 1000, 2000] as const

/** Another process holds the lock of this city. */
export class LockTaken extends Error {}

interface LockOptions {
  readonly signal?: AbortSignal | undefined
}

export type RunImport = <T>(
  jurisdictionId: string,
  work: (tx: Tx) => Promise<T>,
  options?: LockOptions,
) => Promise<T>

/** `work` throws LockTaken, having done nothing, when the lock is not free. */
export function importLocks(database: Database): RunImport {
  const queue = new FairQueue({ atOnce: AT_ONCE[database.kind], mostWaiting: MOST_WAITING })
  return async (jurisdictionId, work, { signal } = {}) => {
    const options: WorkOptions = { timeLimitMillis: TIME_LIMIT_MILLIS, lane: 'long', signal }
    const deadline = performance.now() + WAIT_LIMIT_MILLIS
    for (let attempt = 0; ; attempt++) {
      try {
        return await queue.run(
          jurisdictionId,
          () => database.inJurisdiction(jurisdictionId, work, options),
          signal,
        )
      } catch (error) {
        if (!(error instanceof LockTaken)) throw error
        if (performance.now() > deadline) {
          throw new DomainError('not-ready', 'Another import of this jurisdiction goes on for too long.', {
            headers: { 'retry-after': '60' },
          })
        }
      }
      await pause(PAUSES_MILLIS[Math.min(attempt, PAUSES_MILLIS.length - 1)], undefined, { signal })
    }
  }
}
