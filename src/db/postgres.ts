/** The pool of connections to a PostgreSQL server, made so that no lost connection ends the process. */
import type { Socket } from 'node:net'
import pg from 'pg'

const CONNECT_LIMIT_MILLIS = 10_000
/** Long enough to be no load, short enough to notice a server that vanished without a word. */
const KEEP_ALIVE_AFTER_MILLIS = 10_000

export function openPool(
  connectionString: string,
  poolSize: number,
  connectLimitMillis = CONNECT_LIMIT_MILLIS,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: poolSize,
    application_name: 'camledger',
    // Instants are written as text by the database; both kinds must write them alike.
    options: '-c timezone=UTC',
    connectionTimeoutMillis: connectLimitMillis,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MILLIS,
  })
  // Idle connections report here and are dropped by the pool; the next query takes a new one.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    // The pool listens to idle clients only: one that is lost between two statements of a transaction would
    // otherwise be an unhandled 'error' event, which ends the process.
    client.on('error', () => {})
    client.on('drain', () => socketOf(client).setTimeout(0))
    watchSilence(client)
  })
  return pool
}

/**
 * Send statements in one packet, without waiting for the answer to each. Gives the answer to each when all are there,
 * and throws what the first that failed says; those after it were sent all the same. `onFirst` is called as soon as the
 * first has been answered.
 */
export async function sendTogether(
  client: pg.ClientBase,
  statements: readonly (string | pg.QueryConfig)[],
  onFirst: () => void,
): Promise<pg.QueryResult[]> {
  const socket = socketOf(client)
  const queueing = client as unknown as { pipeline: boolean }
  queueing.pipeline = true
  socket.cork()
  const sent = statements.map((statement) => client.query(statement))
  socket.uncork()
  sent[0]?.then(onFirst, () => {})
  const answers = await Promise.allSettled(sent)
  queueing.pipeline = false
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
}

const silenceLimits = new WeakMap<object, number>()

/** End the connection when no byte of an answer comes for so long, from now on; 0 waits forever. */
export function limitSilence(client: pg.ClientBase, millis: number): void {
  silenceLimits.set(client, millis)
  const socket = socketOf(client)
  if (socket.timeout) socket.setTimeout(millis)
}

/**
 * A server that froze, or a network that drops packets, answers nothing and ends nothing: statement_timeout is
 * kept by the server itself. So each statement also has a limit here, which starts again with every byte.
 */
function watchSilence(client: pg.ClientBase): void {
  const socket = socketOf(client)
  socket.on('timeout', () => {
    const error: NodeJS.ErrnoException = new Error('The server of the database does not answer.')
    error.code = 'ETIMEDOUT'
    error.syscall = 'read'
    socket.destroy(error)
  })
  const query = client.query.bind(client) as (...given: unknown[]) => unknown
  client.query = ((...given: unknown[]) => {
    socket.setTimeout(silenceLimits.get(client) ?? 0)
    return query(...given)
  }) as typeof client.query
}

/** `pg` keeps it where its types do not show it; with TLS this is the encrypted socket. */
function socketOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
}
