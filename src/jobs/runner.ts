/**
 * Runs jobs: a few at a time, of each jurisdiction one.
 *
 * A process that runs a job renews its lease; one whose lease ran out is begun again by whoever comes first. The
 * outcome is kept in the same transaction as what was done, and only while the job is still this process's own.
 */
import { eq } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import type { Logger } from '../db/log.ts'
import { apiKeys } from '../db/schema/index.ts'
import { DomainError, toDomainError, toProblem } from '../http/problems.ts'
import type { Spool } from '../http/spool.ts'
import { uuidv7 } from '../lib/ids.ts'
import { actorFor } from '../tenancy/actor.ts'
import type { Principal, Role } from '../tenancy/auth.ts'
import { JobFiles } from './files.ts'
import type { AnyOperation, Progress, WorkContext, WorkFile } from './operation.ts'
import {
  claim,
  endCanceled,
  fail,
  findWaiting,
  inTenant,
  JobLostError,
  type JobRow,
  type Place,
  prune,
  putBack,
  renew,
  succeed,
} from './store.ts'

export interface JobsOptions {
  readonly leaseMillis?: number
  readonly atOnce?: number
}

/** Most of what they do waits for a worker thread or for the lock of an import. */
const AT_ONCE = 4
const LEASE_MILLIS = 15_000
/** A job that ended its process so often would end the next one too. */
const MOST_ATTEMPTS = 3
/** How long an ended job can be read. */
const KEPT_DAYS = 7
/** How long the process that has a job's file may be away. */
const LOST_HOURS = 24
const HOUR = 3_600_000

class Canceled extends Error {}
class Stopping extends Error {}

const fileGone = (cause?: unknown) =>
  new DomainError('job-lost', 'The file it works on is gone; send it again.', { cause })

/** A job that runs in this process, as it is now. */
export interface Live {
  readonly row: JobRow
  readonly progress: Progress
  readonly version: number
  /** Resolves at the next change, and when the job is no longer here. */
  changed(): Promise<void>
}

class Running implements Live {
  readonly row: JobRow
  progress: Progress
  version: number
  isKept = false
  readonly controller = new AbortController()
  private wake: () => void = () => {}
  private next: Promise<void>

  constructor(row: JobRow) {
    this.row = row
    this.version = row.version
    this.progress = { done: row.done, total: row.total, phase: row.phase }
    this.next = this.await()
  }

  private await(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }

  changed(): Promise<void> {
    return this.next
  }

  report(progress: Progress): void {
    this.progress = progress
    this.version++
    this.rouse()
  }

  rouse(): void {
    const wake = this.wake
    this.next = this.await()
    wake()
  }
}

/** What is stored of a request. */
interface Asked {
  readonly asked: unknown
  /** `name` where it is not the job's own. */
  readonly file: (Omit<WorkFile, 'path'> & { readonly name?: string }) | null
  /** Absent in jobs of older versions. */
  readonly statedName?: string | null
}

export interface JobsParts {
  readonly database: Database
  readonly now: () => Date
  readonly spool: Spool
  readonly log: Logger
  /** Ask for a look at what waits. */
  readonly trigger: () => void
  readonly options?: JobsOptions
}

export class Jobs {
  readonly files: JobFiles
  private readonly parts: JobsParts
  private readonly operations = new Map<string, AnyOperation>()
  private readonly running = new Map<string, { readonly live: Running; readonly ended: Promise<void> }>()
  private readonly queued = new Map<string, JobRow>()
  private readonly worker: string
  private readonly atOnce: number
  private readonly leaseMillis: number
  private readonly stopped = new AbortController()

  constructor(parts: JobsParts) {
    this.parts = parts
    this.files = new JobFiles(parts.spool)
    this.worker = uuidv7(parts.now().getTime())
    this.atOnce = parts.options?.atOnce ?? AT_ONCE
    this.leaseMillis = parts.options?.leaseMillis ?? LEASE_MILLIS
  }

  /**
   * A job that this process stored and has not begun. On the embedded database nobody else changes it, and a watcher
   * that asked the database for it would wait behind the work it watches.
   */
  waiting(id: string): JobRow | undefined {
    return this.queued.get(id)
  }

  noteQueued(row: JobRow): void {
    if (this.parts.database.kind === 'embedded') this.queued.set(row.id, row)
  }

  forgetQueued(id: string): void {
    this.queued.delete(id)
  }

  add(operation: AnyOperation): void {
    this.operations.set(operation.kind, operation)
  }

  /** Aborted when the service stops: whoever watches a job is let go. */
  get stopping(): AbortSignal {
    return this.stopped.signal
  }

  trigger(): void {
    this.parts.trigger()
  }

  live(id: string): Live | undefined {
    return this.running.get(id)?.live
  }

  /** Ends it soon if it runs here. */
  abort(id: string): void {
    this.running.get(id)?.live.controller.abort(new Canceled('The job was canceled.'))
  }

  /** Begin what waits, as far as there is room. Gives how many were begun. */
  async begin(): Promise<number> {
    const { database, now } = this.parts
    if (this.stopped.signal.aborted || this.running.size >= this.atOnce) return 0
    const place = await this.place()
    let begun = 0
    for (const candidate of await findWaiting(database, place)) {
      if (this.stopped.signal.aborted || this.running.size >= this.atOnce) break
      const row = await claim(database, candidate, place, now())
      if (!row) continue
      const live = new Running(row)
      const ended = this.run(live, place).finally(() => {
        this.running.delete(row.id)
        live.rouse()
        if (!this.stopped.signal.aborted) this.trigger()
      })
      this.running.set(row.id, { live, ended })
      this.forgetQueued(row.id)
      begun++
    }
    return begun
  }

  /** Forget old ones, end lost ones. */
  async tidy(): Promise<number> {
    const now = this.parts.now()
    await this.files.tidy(now)
    const before = (hours: number) => new Date(now.getTime() - hours * HOUR)
    return prune(this.parts.database, before(KEPT_DAYS * 24), before(LOST_HOURS), now)
  }

  /** Waits for all that run. */
  async settle(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ ended }) => ended))
  }

  /** What runs is given back, to be begun again by another process or the next one. */
  async stop(): Promise<void> {
    this.stopped.abort()
    for (const { live } of this.running.values()) live.controller.abort(new Stopping('The service stops.'))
    await this.settle()
  }

  private async place(): Promise<Place> {
    return {
      worker: this.worker,
      folder: await this.files.place(),
      leaseMillis: this.leaseMillis,
      isAlone: this.parts.database.kind === 'embedded',
    }
  }

  private async run(live: Running, place: Place): Promise<void> {
    const { database, now } = this.parts
    const { row } = live
    const renewing = this.renewed(live, place)
    try {
      const answer = await this.work(live)
      if (!live.isKept) {
        await inTenant(database, row.jurisdictionId, (tx) =>
          succeed(tx, row, answer, now(), live.version + 1),
        )
      }
      await this.files.remove(row.id)
    } catch (error) {
      await this.end(live, error).catch((failure: unknown) => {
        this.parts.log.error(
          { err: failure, job: row.id },
          'the end of a job could not be stored; its lease runs out',
        )
      })
    } finally {
      clearInterval(renewing)
    }
  }

  private async work(live: Running): Promise<Awaited<ReturnType<AnyOperation['run']>>> {
    const { row, controller } = live
    if (row.attempts > MOST_ATTEMPTS) {
      throw new DomainError(
        'job-lost',
        `It was begun ${MOST_ATTEMPTS} times, and the process ended each time.`,
      )
    }
    const operation = this.operations.get(row.kind)
    if (!operation) throw new DomainError('job-lost', `This version does not know the work "${row.kind}".`)
    const { asked, file, statedName = null } = row.input as Asked
    const principal = { ...(await this.principalOf(row)), statedName }
    const name = file?.name ?? row.id
    if (file && !(await this.files.has(name))) throw fileGone()
    const context: WorkContext = {
      principal,
      actor: actorFor(principal, { requestId: row.requestId, remoteAddress: row.remoteAddress }),
      now: this.parts.now(),
      file: file && { bytes: file.bytes, sha256: file.sha256, path: this.files.path(name) },
      signal: controller.signal,
      onProgress: (progress) => live.report(progress),
      keep: async (tx, _tenant, work) => {
        const answer = await work()
        controller.signal.throwIfAborted()
        await succeed(tx, row, answer, this.parts.now(), live.version + 1)
        live.isKept = true
        return answer
      },
    }
    try {
      return await operation.run(operation.input.parse(asked), context)
    } catch (error) {
      // It can go between the look above and the moment its turn comes.
      if (file && (error as { code?: unknown }).code === 'ENOENT') throw fileGone(error)
      throw error
    }
  }

  /** Whoever asked must still be allowed to when the work begins. */
  private async principalOf({ keyId }: JobRow): Promise<Principal> {
    const { database, now } = this.parts
    const [key] = await database.asOperator((tx) => tx.select().from(apiKeys).where(eq(apiKeys.id, keyId)))
    const isOver = key?.expiresAt != null && Date.parse(key.expiresAt) <= now().getTime()
    if (!key || key.revokedAt !== null || isOver) {
      throw new DomainError('forbidden', 'The key that asked for this has been revoked or has expired.')
    }
    return {
      keyId: key.id,
      label: key.label,
      role: key.role as Role,
      jurisdictionId: key.jurisdictionId,
      scope: key.jurisdictionId !== null ? [key.jurisdictionId] : (key.scope ?? 'all'),
      expiresAt: key.expiresAt === null ? null : Date.parse(key.expiresAt),
    }
  }

  /** An embedded database may be busy with the job itself, and nobody else could take it. */
  private renewed(live: Running, place: Place): NodeJS.Timeout | undefined {
    if (place.isAlone) return undefined
    const { database, log } = this.parts
    let isBusy = false
    const timer = setInterval(
      async () => {
        if (isBusy) return
        isBusy = true
        try {
          const state = await renew(database, live.row, place, live.progress, live.version)
          if (state === 'cancel') live.controller.abort(new Canceled('The job was canceled.'))
          if (state === 'lost') live.controller.abort(new JobLostError('Another process has the job.'))
        } catch (error) {
          log.warn({ err: error, job: live.row.id }, 'the lease of a job could not be renewed')
        } finally {
          isBusy = false
        }
      },
      Math.min(2_000, this.leaseMillis / 4),
    )
    timer.unref()
    return timer
  }

  private async end(live: Running, error: unknown): Promise<void> {
    const { database, now, log } = this.parts
    const { row } = live
    const { signal } = live.controller
    const reason: unknown = signal.aborted ? signal.reason : error
    const version = live.version + 1
    if (reason instanceof Stopping) {
      // It was not the job that ended the process.
      await putBack(database, { ...row }, version, 'waiting', row.attempts - 1)
      return
    }
    // A commit that found the job canceled leaves it running, and ours.
    if (reason instanceof Canceled || reason instanceof JobLostError) {
      // Where another process has it, that one needs the file.
      if (await endCanceled(database, row, now(), version)) await this.files.remove(row.id)
      return
    }
    const domainError = toDomainError(error)
    const problem = toProblem(domainError, row.requestId ?? row.id)
    if (problem.status === 503 && row.attempts < MOST_ATTEMPTS) {
      await putBack(database, row, version, 'waiting: the database or the disk was not ready', row.attempts)
      return
    }
    if (problem.status >= 500)
      log.error({ err: domainError.cause ?? error, job: row.id, kind: row.kind }, 'job failed')
    await fail(database, row, problem, now(), version)
    await this.files.remove(row.id)
  }
}
