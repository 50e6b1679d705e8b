/**
 * The files of jobs, in a folder that outlives the process. A folder has a name of its own in the table of jobs, so
 * that a job is run only by a process that has its file.
 */
import { randomUUID } from 'node:crypto'
import { lstat, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { DataFolderError, explainFolder, makeFolder } from '../db/embedded/folder.ts'
import type { Spool, Spooled } from '../http/spool.ts'
import { isUuid } from '../lib/ids.ts'

const FOLDER = 'camledger-jobs'
const PLACE = 'place'
/** A job whose file nobody came for has been ended long before; see `LOST_HOURS`. */
const LEFTOVER_HOURS = 48
const TRIAL_BYTES = 4096
/** A folder on another machine can keep whoever asks waiting forever. */
const TRIAL_MILLIS = 20_000

export class JobFiles {
  private readonly spool: Spool
  private readonly folder: string
  private known: Promise<string> | null = null
  /** Files that came to this process; they count against its limit until they are gone. */
  private readonly held = new Map<string, Spooled>()

  constructor(spool: Spool) {
    this.spool = spool
    this.folder = join(spool.parent, FOLDER)
  }

  /** The name of the folder. */
  place(): Promise<string> {
    this.known ??= this.name().catch((error: unknown) => {
      this.known = null
      throw error
    })
    return this.known
  }

  private async name(): Promise<string> {
    await makeFolder(this.folder, 0o700)
    await assertPrivate(this.folder)
    const path = join(this.folder, PLACE)
    // Of two processes that come first at once, one writes and both read the same.
    await writeFile(path, randomUUID(), { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const text = await readFile(path, 'utf8')
    if (!isUuid(text)) throw new DataFolderError(`${path} does not hold the name of the folder; remove it.`)
    return text
  }

  path(jobId: string): string {
    return join(this.folder, jobId)
  }

  /** Throws when that cannot be seen: a file that is out of reach for a while is not gone. */
  async has(jobId: string): Promise<boolean> {
    try {
      await stat(this.path(jobId))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  /** Keep a file for a job, or under another id that is its alone. */
  async keep(jobId: string, file: Spooled): Promise<string> {
    const place = await this.moveIn(file, jobId)
    this.held.set(jobId, file)
    return place
  }

  /** The folder is made again when something that tidies up took it away. */
  private async moveIn(file: Spooled, name: string, isRepeated = false): Promise<string> {
    const place = await this.place()
    try {
      await file.moveTo(this.path(name))
      return place
    } catch (error) {
      if (isRepeated || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      this.known = null
      return this.moveIn(file, name, true)
    }
  }

  /**
   * What an upload and a job do, tried once at the start, so that a folder that cannot be used is not found by the
   * first upload. Throws DataFolderError with advice.
   */
  async tryOut(): Promise<void> {
    const parent = resolve(this.spool.parent)
    const late = new Promise<never>((_, reject) => {
      const message = `${parent} does not answer: nothing could be written to it in ${TRIAL_MILLIS / 1000} seconds. Set SPOOL_DIR to a folder on a disk of this machine.`
      setTimeout(() => reject(new DataFolderError(message)), TRIAL_MILLIS).unref()
    })
    try {
      await Promise.race([this.moveThrough(), late])
    } catch (error) {
      throw explainFolder(parent, error, 'SPOOL_DIR')
    }
  }

  private async moveThrough(): Promise<void> {
    const file = await this.spool.take(Readable.from([Buffer.alloc(TRIAL_BYTES)]), {
      mostBytes: TRIAL_BYTES,
      owner: 'the start',
    })
    try {
      await this.moveIn(file, `trial-${randomUUID()}`)
    } finally {
      await file.remove()
    }
  }

  async remove(jobId: string): Promise<void> {
    const held = this.held.get(jobId)
    this.held.delete(jobId)
    if (held) await held.remove()
    else await rm(this.path(jobId), { force: true }).catch(() => {})
  }

  /** Remove what no job can want any more, and give back the room of files that another process has removed. */
  async tidy(now: Date): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name)
      const age = await stat(path).then(
        ({ mtimeMs }) => now.getTime() - mtimeMs,
        () => 0,
      )
      if (name !== PLACE && age > LEFTOVER_HOURS * 3_600_000) await rm(path, { force: true }).catch(() => {})
    }
    for (const [id, file] of this.held) {
      const isGone = await stat(file.path).then(
        () => false,
        () => true,
      )
      if (isGone) await this.remove(id)
    }
  }
}

/** What stands in the files is a city's: nobody else may have made the folder, or read what is in it. */
async function assertPrivate(folder: string): Promise<void> {
  const found = await lstat(folder)
  const isOwn = process.getuid === undefined || found.uid === process.getuid()
  const isClosed = process.platform === 'win32' || (found.mode & 0o077) === 0
  if (found.isDirectory() && isOwn && isClosed) return
  throw new DataFolderError(
    `${folder} must be a folder of the user that runs the service, with mode 0700. Remove it, or set SPOOL_DIR to another folder.`,
  )
}
