/**
 * PGlite behind the face of `pg.Pool`.
 *
 * It *is* a `pg.Pool` of one client whose socket leads to the database thread instead of a server: the same
 * code serializes parameters, parses values, builds errors and names statements, so nothing can differ from
 * what `pg` does with PostgreSQL. Only what follows from "one session, not interruptible" is added here.
 *
 * When the thread stops by itself, `failed` tells; every later query is refused with the reason.
 * Not supported: COPY FROM STDIN (an error), LISTEN/NOTIFY and cursors.
 * Durability: survives the death of the process at any moment; PGlite does not sync to disk, so a power
 * failure or a crash of the operating system can lose or damage the data.
 */
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { type Engine, startEngine } from './engine.ts'
import type { SessionStream } from './thread.ts'

export interface EmbeddedPoolOptions {
  /** Folder of the database, made when missing; null keeps everything in memory. */
  readonly dataDir: string | null
  /** A saved data directory (path or bytes of a tar, plain or gzip) for a folder that has no database yet. */
  readonly loadDataDir?: string | Uint8Array
  /** How long a caller waits for the one session before it gets SessionBusyError. Default 30 000 ms. */
  readonly acquireTimeoutMillis?: number
  /** How long a query may run before its caller gets an error with code 57014. Default 0: no limit. */
  readonly statementTimeoutMillis?: number
  /** How long end() waits for callers and their queries. Default 10 000 ms. */
  readonly closeTimeoutMillis?: number
}

/** The one session was not free in time. */
export class SessionBusyError extends Error {
  override readonly name = 'SessionBusyError'
  readonly code = 'session-busy'
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void

export class EmbeddedPool extends pg.Pool {
  /** Milliseconds a query may run, 0 for no limit; holds for queries sent after the change. */
  statementTimeoutMillis: number
  readonly #engine: Engine
  readonly #acquireTimeoutMillis: number
  readonly #closeTimeoutMillis: number
  #stream: SessionStream | null = null
  #isClosing = false
  #reportFailure: (error: Error) => void = () => {}
  /** Resolves when the engine stops by itself: nothing more will be answered. */
  readonly failed = new Promise<Error>((resolve) => {
    this.#reportFailure = resolve
  })

  /** Around an engine that has been started; `open` does both. */
  constructor(options: Omit<EmbeddedPoolOptions, 'loadDataDir'>, engine: Engine) {
    const acquireTimeoutMillis = options.acquireTimeoutMillis ?? 30_000
    super({
      user: 'postgres',
      database: 'postgres',
      ssl: false,
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: acquireTimeoutMillis,
      stream: (): Duplex => {
        this.#stream = engine.thread.openStream(() => this.statementTimeoutMillis)
        return this.#stream
      },
    })
    this.statementTimeoutMillis = options.statementTimeoutMillis ?? 0
    this.#engine = engine
    this.#acquireTimeoutMillis = acquireTimeoutMillis
    this.#closeTimeoutMillis = options.closeTimeoutMillis ?? 10_000
    // When the thread stops, the query on its way is rejected and the pool reports it; a client that is held
    // without a query must not end the process on top of that.
    this.on('connect', (client) => client.on('error', () => {}))
    // Idle, it reports here instead; without a listener that would end the process.
    this.on('error', () => {})
    engine.thread.onStopped((error) => {
      if (!this.#isClosing) this.#reportFailure(error)
    })
    engine.lock?.onLost((error) => {
      void engine.thread.kill(`The embedded database has stopped: ${error.message}`)
    })
  }

  /**
   * Opens the database, exclusively when it is a folder.
   * Throws DirectoryInUseError when another process has it, DataFolderError when it does not open.
   */
  static async open(options: EmbeddedPoolOptions): Promise<EmbeddedPool> {
    return new EmbeddedPool(options, await startEngine(options.dataDir, options.loadDataDir))
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    }
    if (this.#isClosing) {
      callback(new Error('The embedded database is closing.'), undefined, () => {})
      return
    }
    super.connect((error, client) => {
      if (client === undefined) return callback(this.#explain(error), undefined, () => {})
      const done = this.#releaseClean(client)
      client.release = done
      callback(undefined, client, done as (error?: unknown) => void)
    })
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  /** Waits for callers and their queries up to the limit, closes the database, gives up the folder. */
  override end(callback?: () => void): Promise<void> | undefined {
    const ended = this.#end()
    if (callback === undefined) return ended
    ended.then(callback, callback)
  }

  /** The data directory as an uncompressed tar (about 40 MB when empty): what `loadDataDir` takes. */
  async dump(): Promise<Uint8Array> {
    const client = await this.connect()
    try {
      await client.query('checkpoint')
      return await this.#engine.thread.dump()
    } finally {
      client.release()
    }
  }

  /**
   * Vacuums and analyzes every table, which nothing else does: PGlite has no autovacuum.
   * Table by table, so that other callers get the session in between, and without the time limit.
   * Returns the number of tables, or null when the session was busy and nothing was done.
   */
  async maintain(): Promise<number | null> {
    if (this.#isBusy()) return null
    const tables = await this.#withoutLimit(
      `select format('%I.%I', n.nspname, c.relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and c.relpersistence <> 't' order by 1`,
    )
    for (const { name } of tables.rows) {
      if (this.#isClosing) return null
      await this.#withoutLimit(`vacuum (analyze) ${name}`)
    }
    return tables.rows.length
  }

  async #withoutLimit(statement: string): Promise<pg.QueryResult> {
    const client = await this.connect()
    const stream = this.#stream
    try {
      if (stream) stream.isUnlimited = true
      return await client.query(statement)
    } finally {
      if (stream) stream.isUnlimited = false
      client.release()
    }
  }

  async #end(): Promise<void> {
    if (this.#isClosing) throw new Error('The embedded database is closing already.')
    this.#isClosing = true
    const deadline = performance.now() + this.#closeTimeoutMillis
    while (this.#isBusy() && this.#engine.thread.stopped === null && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    try {
      if (this.#isBusy()) await this.#engine.thread.kill('The embedded database was closed while in use.')
      else await super.end()
      await this.#engine.thread.close(Math.max(1000, deadline - performance.now()))
    } finally {
      this.#engine.lock?.release()
    }
  }

  /** Somebody holds the session or waits for it. */
  #isBusy(): boolean {
    return this.waitingCount > 0 || this.totalCount > this.idleCount
  }

  /**
   * Gives the session back as the next caller expects it: outside of a transaction.
   * An error of a statement does not cost the session; a passed time limit does, because it is still busy.
   */
  #releaseClean(client: pg.PoolClient): pg.PoolClient['release'] {
    const release = client.release
    const stream = this.#stream
    let isReleased = false
    return (error) => {
      if (isReleased) throw new Error('The client has been released already.')
      isReleased = true
      if (stream === null || stream.destroyed || stream.isAbandoned) return release(true)
      if (error && !(error instanceof pg.DatabaseError)) return release(error)
      if (!stream.isBusy && client.getTransactionStatus() === 'I') return release()
      client.query('rollback').then(
        () => release(),
        (reason: Error) => release(reason),
      )
    }
  }

  #explain(error: Error | undefined): Error {
    if (this.#engine.thread.stopped !== null) return this.#engine.thread.stopped
    if (!error || !/timeout/.test(error.message))
      return error ?? new Error('The session could not be opened.')
    return new SessionBusyError(
      `The embedded database has one session, and it was not free within ${this.#acquireTimeoutMillis} ms. ` +
        'Either a query or a transaction runs for longer, or this query was sent to the pool from inside a ' +
        'transaction instead of through it. Use PostgreSQL (DATABASE_URL) for concurrent work.',
      { cause: error },
    )
  }
}
