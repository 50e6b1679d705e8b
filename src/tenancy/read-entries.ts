/**
 * Writes the record of reads. Entries that come while others are being written wait for these and then go in together:
 * a chain of entries grows one transaction after another, so each by its own would make all readers wait in a line.
 */

import type { Database } from '../db/database.ts'
import { outageOf } from '../db/failures.ts'
import { type NotedEntry, recordAll } from './audit.ts'

/** So many at once: others wait for the head of the chain meanwhile. */
const MOST = 100

interface Waiting {
  readonly entry: NotedEntry
  readonly written: () => void
  readonly failed: (reason: unknown) => void
}

/** Gives a function that resolves when the entry is in the database, and rejects when it is not. */
export function readEntries(database: Database): (entry: NotedEntry) => Promise<void> {
  const waiting: Waiting[] = []
  let isWriting = false

  const write = (batch: readonly Waiting[]) =>
    database.asOperator((tx) =>
      recordAll(
        tx,
        batch.map(({ entry }) => entry),
      ),
    )

  async function writeAll(): Promise<void> {
    isWriting = true
    try {
      while (waiting.length > 0) await settle(waiting.splice(0, MOST))
    } finally {
      isWriting = false
    }
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      await write(batch)
      for (const { written } of batch) written()
    } catch (error) {
      // One that the database does not take must not refuse the reads of others.
      if (batch.length > 1 && outageOf(error) === null) for (const one of batch) await settle([one])
      else for (const { failed } of batch) failed(error)
    }
  }

  return (entry) =>
    new Promise((written, failed) => {
      waiting.push({ entry, written, failed })
      if (!isWriting) void writeAll()
    })
}
