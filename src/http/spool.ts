/**
 * Bodies on disk before anything else begins: a sender that is slow keeps a socket and a file, and no connection to
 * the database.
 *
 * Each process has a folder of its own (0700) in the configured one, its files are 0600. They go when the work on
 * them ends and with the process; those of a process that was killed go when the next one starts.
 */
import { createHash } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { chmod, type FileHandle, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { makeFolder } from '../db/embedded/folder.ts'
import { acquireLock, DirectoryInUseError, type DirectoryLock } from '../db/embedded/lock.ts'
import { type BodyLimits, FILE_LIMITS, startBodyClock } from './body-clock.ts'
import { DomainError } from './problems.ts'

const PREFIX = 'camledger-spool-'
const MEBIBYTE = 1024 * 1024
const DEFAULT_TOTAL_BYTES = 4096 * MEBIBYTE
/** How soon a refused sender may try again: files of others go within that. */
const RETRY_SECONDS = '30'
/** Of a refused body this much is read away, so that its sender gets to see the answer. */
const READ_AWAY_BYTES = 64 * MEBIBYTE
const READ_AWAY_MILLIS = 15_000

export interface Spooled {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string
  /** The bytes, from the first; as often as wanted. */
  open(): Readable
  /** Give it another name on the same disk, under which it outlives this process. */
  moveTo(path: string): Promise<void>
  /** Remove the file; a second time does nothing. */
  remove(): Promise<void>
}

export interface SpoolOptions {
  /** Where the folder of this process is made; default the system's folder for temporary files. */
  readonly folder?: string | undefined
  /** What all files of this process together may hold. */
  readonly totalBytes?: number
  readonly limits?: BodyLimits
}

export interface BodyRules {
  readonly mostBytes: number
  /** Whose it is, a jurisdiction or a key: one owner's files may fill half of what there is. */
  readonly owner: string
}

/** What the files of this process hold. */
class Budget {
  private readonly total: number
  private used = 0
  private readonly byOwner = new Map<string, number>()

  constructor(total: number) {
    this.total = total
  }

  /** Throws `not-ready` when it does not fit. */
  take(owner: string, bytes: number): void {
    const own = (this.byOwner.get(owner) ?? 0) + bytes
    if (this.used + bytes > this.total || own > this.total / 2) {
      throw new DomainError(
        'not-ready',
        'Too many files are being taken in right now; send this one later.',
        {
          headers: { 'retry-after': RETRY_SECONDS },
        },
      )
    }
    this.used += bytes
    this.byOwner.set(owner, own)
  }

  give(owner: string, bytes: number): void {
    this.used -= bytes
    const own = (this.byOwner.get(owner) ?? 0) - bytes
    if (own > 0) this.byOwner.set(owner, own)
    else this.byOwner.delete(owner)
  }
}

export class Spool {
  /** The configured folder. */
  readonly parent: string
  private readonly budget: Budget
  private readonly limits: BodyLimits
  private home: Promise<Home> | null = null
  private files = 0

  constructor(options: SpoolOptions = {}) {
    this.parent = options.folder ?? ownTemporaryFolder()
    this.budget = new Budget(options.totalBytes ?? DEFAULT_TOTAL_BYTES)
    this.limits = options.limits ?? FILE_LIMITS
  }

  /** Remove what killed processes left. Resolves when that is done; a folder that cannot be read is left alone. */
  async sweep(): Promise<void> {
    const names = await readdir(this.parent).catch(() => [])
    for (const name of names) {
      if (name.startsWith(PREFIX)) await removeLeftover(join(this.parent, name)).catch(() => {})
    }
  }

  /**
   * Take a request's body in. Nothing of it is left when this throws: `payload-too-large`, `body-too-slow`,
   * `malformed-body` when the sender went away, `not-ready` when the limit of all files is reached, and what the file
   * system says when the folder cannot be used.
   */
  async take(body: unknown, { mostBytes, owner }: BodyRules): Promise<Spooled> {
    const { path, handle } = await this.create().catch((error: unknown) => {
      if (body instanceof Readable) readAway(body)
      throw error
    })
    const sink = new FileSink(handle, this.budget, owner, mostBytes)
    const release = () => this.budget.give(owner, sink.bytes)
    try {
      await receive(body, sink, this.limits)
    } catch (error) {
      await rm(path, { force: true }).catch(() => {})
      release()
      if (body instanceof Readable) readAway(body)
      throw error
    }
    return new SpooledFile(path, sink.bytes, sink.digest(), release)
  }

  /** Keep what the service makes itself, which nobody sends and no clock hurries. Nothing is left when this throws. */
  async keep(pieces: AsyncIterable<Buffer>, { mostBytes, owner }: BodyRules): Promise<Spooled> {
    const { path, handle } = await this.create()
    const sink = new FileSink(handle, this.budget, owner, mostBytes)
    const release = () => this.budget.give(owner, sink.bytes)
    try {
      await pipeline(pieces, sink)
    } catch (error) {
      await rm(path, { force: true }).catch(() => {})
      release()
      throw error
    }
    return new SpooledFile(path, sink.bytes, sink.digest(), release)
  }

  /** A file of its own; the folder is made again when something that tidies up took it away. */
  private async create(isRepeated = false): Promise<{ path: string; handle: FileHandle }> {
    this.home ??= openHome(this.parent)
    const { home } = this
    try {
      const path = join((await home).folder, String(++this.files))
      return { path, handle: await open(path, 'wx', 0o600) }
    } catch (error) {
      if (this.home === home) {
        this.home = null
        await home.then(({ close }) => close()).catch(() => {})
      }
      if (isRepeated || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return this.create(true)
    }
  }

  /** Remove the folder of this process. */
  async close(): Promise<void> {
    const home = await this.home?.catch(() => null)
    await home?.close()
  }
}

class SpooledFile implements Spooled {
  path: string
  readonly bytes: number
  readonly sha256: string
  private readonly release: () => void
  private readonly readers = new Set<Readable>()
  private removal: Promise<void> | null = null

  constructor(path: string, bytes: number, sha256: string, release: () => void) {
    this.path = path
    this.bytes = bytes
    this.sha256 = sha256
    this.release = release
  }

  open(): Readable {
    const reader = createReadStream(this.path, { highWaterMark: 256 * 1024 })
    this.readers.add(reader)
    reader.once('close', () => this.readers.delete(reader))
    return reader
  }

  async moveTo(path: string): Promise<void> {
    await rename(this.path, path)
    this.path = path
  }

  remove(): Promise<void> {
    this.removal ??= (async () => {
      for (const reader of this.readers) reader.destroy()
      await rm(this.path, { force: true }).catch(() => {})
      this.release()
    })()
    return this.removal
  }
}

interface Home {
  readonly folder: string
  close(): Promise<void>
}

/** Of this user: one name for everybody among the system's temporary files would belong to whichever user came first. */
function ownTemporaryFolder(): string {
  return join(tmpdir(), `camledger-${userInfo().uid}`)
}

async function openHome(parent: string): Promise<Home> {
  await makeFolder(parent, 0o700)
  const folder = await mkdtemp(join(parent, PREFIX))
  await chmod(folder, 0o700)
  const lock = await acquireLock(folder)
  const onExit = () => rmSync(folder, { recursive: true, force: true })
  process.on('exit', onExit)
  return {
    folder,
    close: async () => {
      process.off('exit', onExit)
      lock.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A folder that no living process holds. */
async function removeLeftover(folder: string): Promise<void> {
  let lock: DirectoryLock
  try {
    lock = await acquireLock(folder)
  } catch (error) {
    if (error instanceof DirectoryInUseError) return
    throw error
  }
  lock.release()
  await rm(folder, { recursive: true, force: true })
}

/** Writes, counts and hashes. */
class FileSink extends Writable {
  bytes = 0
  private readonly handle: FileHandle
  private readonly budget: Budget
  private readonly owner: string
  private readonly mostBytes: number
  private readonly hash = createHash('sha256')

  constructor(handle: FileHandle, budget: Budget, owner: string, mostBytes: number) {
    super({ highWaterMark: MEBIBYTE })
    this.handle = handle
    this.budget = budget
    this.owner = owner
    this.mostBytes = mostBytes
  }

  digest(): string {
    return this.hash.digest('hex')
  }

  override _write(chunk: Buffer, _encoding: unknown, done: (error?: Error | null) => void): void {
    try {
      if (this.bytes + chunk.length > this.mostBytes) throw tooLarge(this.mostBytes)
      this.budget.take(this.owner, chunk.length)
    } catch (error) {
      done(error as Error)
      return
    }
    this.bytes += chunk.length
    this.hash.update(chunk)
    this.handle.writeFile(chunk).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.handle.close().then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    )
  }
}

/** All of a body into the sink; the sink is closed in any case. */
async function receive(body: unknown, sink: FileSink, limits: BodyLimits): Promise<void> {
  const ended = finished(sink)
  if (!(body instanceof Readable)) {
    sink.end()
    return ended
  }
  const clock = startBodyClock(limits, (error) => void sink.destroy(error))
  const gone = () => {
    if (!body.readableEnded) sink.destroy(new DomainError('malformed-body', 'The sender went away.'))
  }
  const onData = (chunk: Buffer) => clock.came(chunk.length)
  body.on('data', onData).once('error', gone).once('close', gone)
  body.pipe(sink)
  try {
    if (body.destroyed) gone()
    await ended
  } finally {
    clock.stop()
    body.unpipe(sink)
    body.off('data', onData).off('error', gone).off('close', gone)
  }
}

/** Read on without keeping anything, so that the sender sees the answer; but not forever. */
export function readAway(body: Readable): void {
  let bytes = 0
  const give = () => void body.destroy()
  const limit = setTimeout(give, READ_AWAY_MILLIS)
  limit.unref()
  body.on('error', () => {})
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > READ_AWAY_BYTES) give()
  })
  body.once('close', () => clearTimeout(limit)).once('end', () => clearTimeout(limit))
  body.resume()
}

function tooLarge(mostBytes: number): DomainError {
  const size =
    mostBytes >= 1024 * MEBIBYTE ? `${mostBytes / MEBIBYTE / 1024} GiB` : `${mostBytes / MEBIBYTE} MiB`
  return new DomainError('payload-too-large', `A file may have up to ${size}; send it in parts.`, {
    headers: { connection: 'close' },
  })
}
