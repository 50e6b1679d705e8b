/**
 * The thread in which PGlite runs, so that a long query does not stop the event loop of the service.
 * It passes protocol bytes through and understands nothing of them but where an answer ends.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { makeFolder, markOf, systemCode } from './folder.ts'
import type { DatabaseSettings, FromDatabase, ToDatabase } from './messages.ts'
import { join, READY_FOR_QUERY, simpleQuery, welcome } from './protocol.ts'

const port = parentPort
if (port === null) throw new Error('The embedded database runs in a worker thread only.')

/**
 * The engine writes its whole buffer pool when it starts: 128 MB, the default, take 0.4 s. A page that is not in
 * it costs one read of a file that the operating system holds in memory.
 */
const SHARED_BUFFERS = '32MB'

/** Values are read by `pg` in the other thread: what PGlite looks up to read arrays itself takes 0.1 s for nothing. */
class Engine extends PGlite {
  override async _initArrayTypes(): Promise<void> {}
}

const settings = workerData as DatabaseSettings
const lastWords: string[] = []

function send(message: FromDatabase): void {
  const bytes =
    message.kind === 'answer' ? message.bytes : message.kind === 'dumped' ? message.tar : undefined
  port?.postMessage(message, bytes === undefined ? [] : [bytes.buffer as ArrayBuffer])
}

function reasonOf(error: unknown): string {
  // The engine's own file system throws objects that are no errors.
  const reason = error instanceof Error ? error.message : (systemCode(error) ?? String(error))
  return [reason, ...lastWords].join('\n  ')
}

/**
 * Opens the database, from the seed when there is none yet.
 * A half-written first start leaves the mark behind and is begun again: nobody was told of any row in it.
 */
async function open(): Promise<PGlite> {
  const { filesDir } = settings
  const mark = filesDir === null ? null : markOf(filesDir)
  if (filesDir !== null && mark !== null) {
    if (existsSync(mark)) rmSync(filesDir, { recursive: true, force: true })
    await makeFolder(filesDir, 0o700)
  }
  const isNew = filesDir === null || !existsSync(joinPath(filesDir, 'PG_VERSION'))
  if (isNew && mark !== null) writeFileSync(mark, '')
  const keepLastWords = (line: string): boolean => {
    lastWords.push(line)
    if (lastWords.length > 10) lastWords.shift()
    return false
  }
  const database = new Engine({
    startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
    ...(filesDir === null ? {} : { dataDir: filesDir }),
    ...(isNew && settings.seed !== null ? { loadDataDir: await seedFile(settings.seed) } : {}),
    // Read by PGlite, missing in its types: without it the reason of a failed start is lost.
    ...({ onStderr: keepLastWords } as object),
  })
  await database.waitReady
  if (mark !== null) rmSync(mark, { force: true })
  return database
}

async function seedFile(seed: string | Uint8Array): Promise<Blob> {
  const bytes = typeof seed === 'string' ? await readFile(seed) : seed
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  return new Blob([bytes as Uint8Array<ArrayBuffer>], {
    type: isGzip ? 'application/gzip' : 'application/x-tar',
  })
}

/** The answer to a batch. Throws when it does not end as the protocol wants it: then the engine is dead. */
async function run(database: PGlite, bytes: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  await database.execProtocolRawStream(bytes, {
    syncToFs: false, // nothing to do for files and memory; it exists for browsers
    onRawData: (data) => {
      pieces.push(data.slice()) // a view of the engine's memory, overwritten by what comes next
    },
  })
  const answer = pieces.length === 1 ? pieces[0]! : join(pieces)
  if (answer.at(-6) !== READY_FOR_QUERY) throw new Error('The engine stopped in the middle of an answer.')
  return answer
}

let isFresh = true

async function handle(database: PGlite, message: ToDatabase): Promise<void> {
  switch (message.kind) {
    case 'open-session': {
      if (!isFresh) await run(database, simpleQuery('discard all'))
      isFresh = false
      send({ kind: 'answer', session: message.session, bytes: welcome() })
      return
    }
    case 'batch':
      send({ kind: 'answer', session: message.session, bytes: await run(database, message.bytes) })
      return
    case 'end-session':
      if (database.isInTransaction()) await run(database, simpleQuery('rollback'))
      return
    case 'dump': {
      try {
        const tar = await database.dumpDataDir('none')
        send({ kind: 'dumped', tar: new Uint8Array(await tar.arrayBuffer()) })
      } catch (error) {
        send({ kind: 'dump-failed', reason: reasonOf(error) })
      }
      return
    }
    case 'close':
      await database.close()
      port?.close()
      return
    default:
      message satisfies never
  }
}

function fail(error: unknown): never {
  send({ kind: 'failed', reason: reasonOf(error), code: systemCode(error) })
  process.exit(1)
}

const opening = open()
// One after the other: the engine has one session, and a dump must not see half a batch.
let queue = opening.then(() => send({ kind: 'ready' })).catch(fail)
// Listening before it is open, though nothing comes: a thread with nothing to wait for ends its event loop, and
// Node then waits for all compiling in the background, also the optimizing that nobody needs yet (0.3 s).
port.on('message', (message: ToDatabase) => {
  queue = queue.then(async () => handle(await opening, message)).catch(fail)
})
