/** Takes the folder and starts the thread: what takes a second, and needs no driver. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { acquireLock, type DirectoryLock } from './lock.ts'
import { DatabaseThread } from './thread.ts'

export interface Engine {
  readonly thread: DatabaseThread
  /** null in memory. */
  readonly lock: DirectoryLock | null
}

/**
 * `dataDir` and `seed` as EmbeddedPoolOptions has them.
 * Throws DirectoryInUseError when another process has the folder, DatabaseStoppedError when it does not open.
 */
export async function startEngine(dataDir: string | null, seed?: string | Uint8Array): Promise<Engine> {
  const folder = dataDir === null ? null : resolve(dataDir)
  // Nothing is waited for up to here and to the thread's start, so that whoever calls this gets both at once.
  if (folder !== null) mkdirSync(folder, { recursive: true })
  const lock = folder === null ? null : await acquireLock(folder)
  try {
    const filesDir = folder === null ? null : join(folder, 'pgdata')
    return { thread: await DatabaseThread.start({ filesDir, seed: seed ?? null }), lock }
  } catch (error) {
    lock?.release()
    throw error
  }
}
