/**
 * What a failure of the database means: which constraint refused a value, or why there is no answer at present.
 *
 * One classifier for the API (503 with Retry-After), the command line and the log. It looks through causes and
 * aggregates, since drizzle wraps the error of a query, Node wraps failed addresses, and the error of a COMMIT
 * arrives bare.
 */

/** No connection could be had: the server does not answer, refuses, or all connections are taken. */
export class NoConnectionError extends Error {
  override readonly name = 'NoConnectionError'
  constructor(cause: unknown) {
    super('No connection to the database could be had.', { cause })
  }
}

/** The connection broke under work in progress. The server rolls back what was not committed. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
  constructor(cause: unknown) {
    super('The connection to the database was lost.', { cause })
  }
}

/** COMMIT was sent and its answer did not come: only the database knows whether it took effect. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError'
  constructor(cause: unknown) {
    super('The answer to a COMMIT did not come.', { cause })
  }
}

/** The connections for long work were all in use for as long as the caller would wait. */
export class ConnectionsBusyError extends Error {
  override readonly name = 'ConnectionsBusyError'
}

/** What PostgreSQL said, dug out of whatever wraps it. */
export interface DatabaseFailure {
  /** SQLSTATE. */
  readonly code: string
  readonly constraint: string | undefined
  readonly table: string | undefined
}

/** Find PostgreSQL's own error among the causes; null when there is none. */
export function databaseFailure(error: unknown): DatabaseFailure | null {
  for (const e of causesOf(error)) {
    const { code, constraint, table, syscall } = e as Fields
    // EPIPE is five letters as well; errors of the operating system name the call that failed.
    if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || syscall !== undefined) continue
    return {
      code,
      constraint: typeof constraint === 'string' ? constraint : undefined,
      table: typeof table === 'string' ? table : undefined,
    }
  }
  return null
}

export type OutageKind =
  | 'unreachable'
  | 'lost'
  | 'commit-unknown'
  | 'starting'
  | 'read-only'
  | 'refused'
  | 'crowded'
  | 'conflict'
  | 'slow'
  | 'full'
  | 'failing'
  | 'stopped'

/** The database gives no answer at present; the same request may succeed later. */
export interface Outage {
  readonly kind: OutageKind
  /** For the caller: what happened, and what became of the request. */
  readonly detail: string
  readonly retryAfterSeconds: number
}

const OUTAGES: Readonly<Record<OutageKind, readonly [seconds: number, detail: string]>> = {
  unreachable: [5, 'The database cannot be reached. Nothing was changed; try again shortly.'],
  lost: [2, 'The connection to the database was lost. Nothing was changed; try again shortly.'],
  'commit-unknown': [
    2,
    'The connection to the database was lost while the change was being saved, so it may or may not have been. ' +
      'Read it again before you repeat the change; a repeat with the same Idempotency-Key is safe.',
  ],
  starting: [5, 'The database is starting or stopping. Nothing was changed; try again shortly.'],
  'read-only': [
    10,
    'The database accepts no changes at present (it is a standby or a failover is under way). Nothing was changed.',
  ],
  refused: [
    30,
    'The database refuses the login of this service. Nothing was changed; the operator has to look at it.',
  ],
  crowded: [5, 'All connections to the database are in use. Nothing was changed; try again shortly.'],
  conflict: [1, 'Another change got in the way. Nothing was changed; try again.'],
  slow: [5, 'The database did not finish in time. Nothing was changed; ask for less, or try again later.'],
  full: [
    60,
    'The database has no room left on its disk or in its memory. Nothing was changed, and what was stored before is untouched; the operator has to make room.',
  ],
  failing: [
    30,
    'The database cannot read or write its disk. Nothing was changed; the operator has to look at it.',
  ],
  stopped: [5, 'The embedded database has stopped; the service ends and has to be started again.'],
}

/** Source: PostgreSQL 17 documentation, Appendix A, "PostgreSQL Error Codes". */
const BY_SQLSTATE: Readonly<Record<string, OutageKind>> = {
  '25006': 'read-only',
  '25P03': 'lost', // idle_in_transaction_session_timeout ends the session
  '25P04': 'slow', // transaction_timeout
  '3D000': 'refused',
  '40001': 'conflict',
  '40P01': 'conflict',
  '53000': 'full',
  '53100': 'full',
  '53200': 'full',
  '53300': 'crowded',
  '53400': 'crowded',
  '55P03': 'conflict',
  '57014': 'slow',
  '57P01': 'lost', // admin_shutdown, also pg_terminate_backend
  '57P02': 'lost', // crash_shutdown
  '57P03': 'starting', // cannot_connect_now
  '57P04': 'refused', // database_dropped
  '57P05': 'lost', // idle_session_timeout
  '58030': 'failing', // io_error
}
const BY_CLASS: Readonly<Record<string, OutageKind>> = { '08': 'lost', '28': 'refused' }

const BY_NAME: Readonly<Record<string, OutageKind>> = {
  CommitUnknownError: 'commit-unknown',
  ConnectionsBusyError: 'crowded',
  SessionBusyError: 'crowded',
  DatabaseStoppedError: 'stopped',
  NoConnectionError: 'unreachable',
  ConnectionLostError: 'lost',
}

const BY_SYSTEM_CODE: Readonly<Record<string, OutageKind>> = {
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'lost',
  ECONNABORTED: 'lost',
  EPIPE: 'lost',
  EMFILE: 'crowded',
  ENFILE: 'crowded',
}
/** The calls by which a driver talks to a server; the same codes come from files and from clients that leave. */
const NETWORK_CALLS = new Set(['connect', 'read', 'write', 'getaddrinfo', 'getaddrinfo_a'])

/** `pg` gives these no code. Source: pg 8 lib/client.js, pg-pool 3 index.js. */
const BY_MESSAGE: readonly (readonly [RegExp, OutageKind])[] = [
  [/^timeout exceeded when trying to connect$/, 'crowded'],
  [/^Connection terminated due to connection timeout$|^timeout expired$/, 'unreachable'],
  [/^Connection terminated( unexpectedly)?$/, 'lost'],
  [/^Client (has encountered a connection error and|was closed and) is not queryable$/, 'lost'],
  [/^Query read timeout$/, 'slow'],
  [/^Cannot use a pool after calling end on the pool$|^The embedded database is closing/, 'starting'],
]

/** Why the database gives no answer at present; null for every other error. */
export function outageOf(error: unknown): Outage | null {
  const kind = kindOf([...causesOf(error)])
  if (kind === null) return null
  const [retryAfterSeconds, detail] = OUTAGES[kind]
  return { kind, detail, retryAfterSeconds }
}

/** Of a read or write these are of a file; others are of a connection. */
const DISK_CODES = new Set(['EBADF', 'EDQUOT', 'EFBIG', 'EIO', 'ENOSPC', 'EROFS', 'ESTALE'])

/**
 * Why a file or folder of the service cannot be used at present; null for every other error. Not part of `outageOf`: a
 * command that is given a file tells of that file.
 */
export function diskOutageOf(error: unknown): Outage | null {
  for (const e of causesOf(error)) {
    const { code, syscall, path } = e as Fields
    if (typeof code !== 'string' || typeof syscall !== 'string' || syscall.startsWith('spawn')) continue
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      return { kind: 'full', detail: NO_ROOM, retryAfterSeconds: DISK_SECONDS }
    }
    const isOfNetwork = syscall === 'connect' || syscall === 'listen' || syscall === 'bind'
    if (DISK_CODES.has(code) || (typeof path === 'string' && !isOfNetwork)) {
      return { kind: 'failing', detail: NO_FOLDER, retryAfterSeconds: DISK_SECONDS }
    }
  }
  return null
}

/** Files of others that fill a disk go within that; for the rest somebody has to come. */
const DISK_SECONDS = 30
const NO_ROOM = 'There is no room to take the file in right now. Nothing was changed; try again later.'
const NO_FOLDER =
  'The service cannot use its folder for files right now. Nothing was changed; the operator has to look at it.'

/** What the server reported says most; then the driver or the system, and last the name our own code gave it. */
function kindOf(errors: readonly Error[]): OutageKind | null {
  if (errors.some(({ name }) => name === 'CommitUnknownError')) return 'commit-unknown'
  // Of the driver the outermost tells most (that time ran out, not that the socket closed then); of our own the innermost.
  return (
    first(errors, bySqlState) ??
    first(errors, byMessage) ??
    first(errors, bySystemCode) ??
    first([...errors].reverse(), byName)
  )
}

function first(errors: readonly Error[], look: (error: Error) => OutageKind | undefined): OutageKind | null {
  for (const error of errors) {
    const kind = look(error)
    if (kind) return kind
  }
  return null
}

interface Fields {
  readonly code?: unknown
  readonly constraint?: unknown
  readonly table?: unknown
  readonly syscall?: unknown
  readonly path?: unknown
}

function bySqlState(error: Error): OutageKind | undefined {
  const { code, syscall } = error as Fields
  if (typeof code !== 'string' || code.length !== 5 || syscall !== undefined) return undefined
  return BY_SQLSTATE[code] ?? BY_CLASS[code.slice(0, 2)]
}

function bySystemCode(error: Error): OutageKind | undefined {
  const { code, syscall } = error as Fields
  if (typeof code !== 'string' || typeof syscall !== 'string' || !NETWORK_CALLS.has(syscall)) return undefined
  return BY_SYSTEM_CODE[code]
}

function byMessage({ message }: Error): OutageKind | undefined {
  return BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1]
}

function byName({ name }: Error): OutageKind | undefined {
  return BY_NAME[name]
}

/** The error, its causes and the errors of aggregates, outermost first; each once. */
export function* causesOf(error: unknown): Generator<Error> {
  const seen = new Set<unknown>()
  const rest: unknown[] = [error]
  while (rest.length > 0) {
    const e = rest.shift()
    if (!(e instanceof Error) || seen.has(e)) continue
    seen.add(e)
    yield e
    rest.push(e.cause, ...(e instanceof AggregateError ? e.errors : []))
  }
}
