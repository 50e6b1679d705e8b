/** Takes the folder and starts the thread: what takes a second, and needs no driver. */
import { join, resolve } from 'node:path'
import { assertUsable, explainEngine, explainFolder, makeFolder } from './folder.ts'
import { acquireLock, type DirectoryLock } from './lock.ts'
import { DatabaseStoppedError, DatabaseThread } from './thread.ts'

export interface Engine {
  readonly thread: DatabaseThread
  /** null in memory. */
  readonly lock: DirectoryLock | null
}

/**
 * `dataDir` and `seed` as EmbeddedPoolOptions has them.
 * Throws DirectoryInUseError when another process has the folder, DataFolderError when it does not open.
 */
export async function startEngine(dataDir: string | null, seed?: string | Uint8Array): Promise<Engine> {
  const folder = dataDir === null ? null : resolve(dataDir)
  if (folder === null)
    return { thread: await DatabaseThread.start({ filesDir: null, seed: seed ?? null }), lock: null }
  const filesDir = join(folder, 'pgdata')
  const lock = await takeFolder(folder)
  try {
    assertUsable(folder, filesDir)
    return { thread: await DatabaseThread.start({ filesDir, seed: seed ?? null }), lock }
  } catch (error) {
    lock.release()
    if (!(error instanceof DatabaseStoppedError)) throw error
    throw explainEngine(folder, error.message, error.systemCode)
  }
}

async function takeFolder(folder: string): Promise<DirectoryLock> {
  try {
    await makeFolder(folder)
    return await acquireLock(folder)
  } catch (error) {
    throw explainFolder(folder, error)
  }
}
