/**
 * The pool's side of the database thread: starts it, and gives `pg` a stream that looks like a socket.
 */

import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { workerBeside } from '../../lib/worker-file.ts'
import type { DatabaseSettings, FromDatabase, ToDatabase } from './messages.ts'
import { copyFail, errorResponse, join, QUERY, readyForQuery, SYNC, TERMINATE } from './protocol.ts'

/** SQLSTATE query_canceled, which PostgreSQL uses for its own statement_timeout. */
const QUERY_CANCELED = '57014'

/** The thread has died or was never there; what it had acknowledged is in the files. */
export class DatabaseStoppedError extends Error {
  override readonly name = 'DatabaseStoppedError'
  /** The operating system's error behind it, such as ENOSPC. */
  readonly systemCode: string | undefined
  constructor(message: string, systemCode?: string) {
    super(message)
    this.systemCode = systemCode
  }
}

export class DatabaseThread {
  readonly #worker: Worker
  readonly #exited: Promise<void>
  readonly #opened: Promise<void>
  #isOpen = false
  #reportOpened: (error?: Error) => void = () => {}
  #stream: SessionStream | null = null
  #sessions = 0
  #stopped: DatabaseStoppedError | null = null
  readonly #listeners: ((error: DatabaseStoppedError) => void)[] = []
  #dump: { resolve: (tar: Uint8Array) => void; reject: (error: Error) => void } | null = null

  private constructor(worker: Worker) {
    this.#worker = worker
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()))
    this.#opened = new Promise((resolve, reject) => {
      this.#reportOpened = (error) => (error ? reject(error) : resolve())
    })
    worker.on('message', (message: FromDatabase) => this.#receive(message))
    worker.on('error', (error) => this.#stop(`The embedded database has stopped: ${error.message}`))
    worker.on('exit', () => this.#stop('The embedded database has stopped.'))
  }

  /** Resolves when the database is open. Throws DatabaseStoppedError with the engine's last words. */
  static async start(settings: DatabaseSettings): Promise<DatabaseThread> {
    // The engine's own output must not appear on the console; reasons of failures come as messages.
    const worker = new Worker(workerBeside(import.meta.url), {
      workerData: settings,
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    worker.stdout.resume()
    worker.stderr.resume()
    const thread = new DatabaseThread(worker)
    await thread.#opened
    return thread
  }

  /** Called once, when the thread has stopped for whatever reason. */
  onStopped(listener: (error: DatabaseStoppedError) => void): void {
    if (this.#stopped !== null) listener(this.#stopped)
    else this.#listeners.push(listener)
  }

  /** A new session. There is one engine session, so the stream before this must be done with. */
  openStream(limitMillis: () => number): SessionStream {
    this.#sessions += 1
    this.#stream = new SessionStream(this, this.#sessions, limitMillis)
    return this.#stream
  }

  get stopped(): DatabaseStoppedError | null {
    return this.#stopped
  }

  post(message: ToDatabase): void {
    if (this.#stopped !== null) return
    this.#worker.postMessage(message, message.kind === 'batch' ? [message.bytes.buffer as ArrayBuffer] : [])
  }

  /** The data directory as an uncompressed tar. Call it between transactions only. */
  dump(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== null) return reject(this.#stopped)
      this.#dump = { resolve, reject }
      this.post({ kind: 'dump' })
    })
  }

  /** Closes the database cleanly, or ends its thread when that takes longer than the limit. */
  async close(limitMillis: number): Promise<void> {
    this.post({ kind: 'close' })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), limitMillis)
    })
    const outcome = await Promise.race([this.#exited, late])
    clearTimeout(timer)
    if (outcome === 'late') await this.kill('The embedded database was busy when it was closed.')
  }

  /** Ends the thread at once, as if the process had been killed. */
  async kill(reason: string): Promise<void> {
    this.#stop(reason)
    await this.#worker.terminate()
  }

  #receive(message: FromDatabase): void {
    switch (message.kind) {
      case 'answer':
        // The answer to a query whose caller gave up belongs to nobody.
        if (message.session === this.#sessions) this.#stream?.receive(message.bytes)
        return
      case 'dumped':
        this.#dump?.resolve(message.tar)
        return
      case 'dump-failed':
        this.#dump?.reject(new Error(`The data directory could not be saved: ${message.reason}`))
        return
      case 'failed':
        this.#stop(
          `The embedded database ${this.#isOpen ? 'has stopped' : 'did not open'}: ${message.reason}`,
          message.code,
        )
        return
      case 'ready':
        this.#isOpen = true
        this.#reportOpened()
        return
      default:
        message satisfies never
    }
  }

  #stop(reason: string, systemCode?: string): void {
    if (this.#stopped !== null) return
    this.#stopped = new DatabaseStoppedError(reason, systemCode)
    this.#dump?.reject(this.#stopped)
    this.#stream?.destroy(this.#stopped)
    this.#reportOpened(this.#stopped)
    for (const listener of this.#listeners) listener(this.#stopped)
  }
}

/**
 * Looks like a connected socket to `pg`, and collects its messages into batches for the thread.
 *
 * Time limit: the engine cannot be interrupted (it offers no call for it, and its thread runs the query to
 * the end). After the limit the caller gets an error with SQLSTATE 57014 and so does every further query
 * of this session; the engine stays busy until the query is done, then rolls back the transaction it was in.
 * A single statement outside of a transaction may therefore still take effect.
 */
export class SessionStream extends Duplex {
  /** Queries sent while this is true have no time limit. */
  isUnlimited = false
  readonly #thread: DatabaseThread
  readonly #session: number
  readonly #limitMillis: () => number
  #pieces: Uint8Array[] = []
  #isStarted = false
  #isBusy = false
  #isAbandoned = false
  #timer: NodeJS.Timeout | undefined

  constructor(thread: DatabaseThread, session: number, limitMillis: () => number) {
    super({ decodeStrings: true })
    this.#thread = thread
    this.#session = session
    this.#limitMillis = limitMillis
  }

  /** A batch is unanswered. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** A query passed its limit: the session is of no more use. */
  get isAbandoned(): boolean {
    return this.#isAbandoned
  }

  /** Takes the answer to a batch from the thread. */
  receive(bytes: Uint8Array): void {
    if (this.#isAbandoned) return
    clearTimeout(this.#timer)
    this.#deliver(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }

  // What pg expects of a socket.
  connect(): this {
    process.nextTick(() => (this.#thread.stopped ? this.destroy(this.#thread.stopped) : this.emit('connect')))
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }

  override _read(): void {}

  /** Each chunk is one protocol message: pg writes them so. */
  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.#isStarted) {
      this.#isStarted = true
      this.#isBusy = true
      this.#thread.post({ kind: 'open-session', session: this.#session })
    } else if (chunk[0] !== TERMINATE) {
      this.#collect(chunk)
    }
    done()
  }

  #collect(chunk: Uint8Array): void {
    const type = chunk[0]
    // Without data to read, COPY FROM STDIN would end the engine; behind any other statement it is ignored.
    if (type === SYNC) this.#pieces.push(copyFail(NO_COPY))
    this.#pieces.push(chunk)
    if (type === QUERY) this.#pieces.push(copyFail(NO_COPY))
    if (type === QUERY || type === SYNC) this.#submit()
  }

  override _writev(
    chunks: readonly { chunk: Uint8Array; encoding: string }[],
    done: (error?: Error | null) => void,
  ): void {
    for (const { chunk, encoding } of chunks) this._write(chunk, encoding, () => {})
    done()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    this.#thread.post({ kind: 'end-session', session: this.#session })
    done(error)
  }

  #submit(): void {
    const pieces = this.#pieces
    this.#pieces = []
    if (this.#isAbandoned) {
      this.#refuse('An earlier query of this session passed its time limit.')
      return
    }
    this.#isBusy = true
    const limit = this.isUnlimited ? 0 : this.#limitMillis()
    if (limit > 0) this.#timer = setTimeout(() => this.#abandon(limit), limit)
    this.#thread.post({ kind: 'batch', session: this.#session, bytes: join(pieces) })
  }

  /** Hands the answer to pg's parser, a large one slice by slice so that other work gets its turn. */
  #deliver(answer: Buffer): void {
    if (this.destroyed) return
    if (answer.length <= SLICE_BYTES) {
      this.#isBusy = false
      this.push(answer)
      return
    }
    this.push(answer.subarray(0, SLICE_BYTES))
    setImmediate(() => this.#deliver(answer.subarray(SLICE_BYTES)))
  }

  #abandon(limit: number): void {
    this.#isAbandoned = true
    this.#refuse(
      `The query passed its limit of ${limit} ms. The embedded database cannot interrupt it and stays busy until it is done.`,
    )
  }

  #refuse(reason: string): void {
    this.#deliver(Buffer.from(join([errorResponse(QUERY_CANCELED, reason), readyForQuery('E')])))
  }
}

const SLICE_BYTES = 256 * 1024

const NO_COPY = 'The embedded database does not support COPY FROM STDIN.'
