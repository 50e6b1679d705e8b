/** What a person is told when a command cannot use the database, and what to do. Never a statement, never a value. */
import {
  CommitUnknownError,
  ConnectionLostError,
  causesOf,
  databaseFailure,
  NoConnectionError,
  type OutageKind,
  outageOf,
} from '../db/failures.ts'

/** Errors that carry advice as their message. */
const ADVISING = new Set(['DirectoryInUseError', 'DataFolderError', 'NotMigratedError', 'NewerDatabaseError'])

/** Null when the error is not of the database. */
export function databaseMessage(error: unknown): string | null {
  const causes = [...causesOf(error)]
  const advising = causes.find(({ name }) => ADVISING.has(name))
  if (advising) return advising.message
  const stopped = causes.find(({ name }) => name === 'DatabaseStoppedError')
  if (stopped) return `${stopped.message}\nWhat was acknowledged is stored. Start it again.`
  const failure = databaseFailure(error)
  const isConnecting = causes.some((e) => e instanceof NoConnectionError)
  const isOfDatabase =
    failure !== null ||
    isConnecting ||
    causes.some((e) => e instanceof ConnectionLostError || e instanceof CommitUnknownError)
  if (!isOfDatabase) return null
  // What the server says to a newcomer holds no value; what it says to a statement can.
  const reason = isConnecting || failure === null ? (innermost(causes)?.message ?? '') : ''
  const bySqlState = failure === null ? undefined : BY_SQLSTATE[failure.code]
  if (bySqlState !== undefined) return withReason(bySqlState, reason)
  const outage = outageOf(error)
  const isNetwork = causes.some((e) => 'syscall' in e || /timeout/.test(e.message))
  if (outage?.kind === 'unreachable' && !isNetwork) return withReason(NOT_AGREED, reason)
  if (outage) return withReason(BY_KIND[outage.kind], reason)
  return failure === null ? withReason(NOT_AGREED, reason) : `The database failed (SQLSTATE ${failure.code}).`
}

/** Source: PostgreSQL, Appendix A, error codes. */
const BY_SQLSTATE: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL does not accept the user or password of DATABASE_URL.',
  '28000': 'PostgreSQL does not accept the user or password of DATABASE_URL.',
  '3D000': 'The database that DATABASE_URL names does not exist; create it first.',
  '42501':
    'PostgreSQL does not let the user of DATABASE_URL do this; see "Owner and login" in docs/operations.md.',
}

const NOT_AGREED =
  'The server at the address of the database does not take the connection; look at host, port and sslmode of DATABASE_URL.'

const BY_KIND: Readonly<Record<OutageKind, string>> = {
  unreachable:
    'Nothing answers at the address of the database. Is PostgreSQL running, and are host and port of DATABASE_URL right?',
  lost: 'The connection to the database was lost. What was not finished is not stored; try again.',
  'commit-unknown':
    'The connection to the database was lost while a change was being saved. It may or may not be there: look before you repeat it.',
  starting: 'The database is starting or stopping; try again shortly.',
  'read-only':
    'The database accepts no changes: it is a standby, or default_transaction_read_only is on. Name the primary server in DATABASE_URL.',
  refused: 'PostgreSQL refuses the connection that DATABASE_URL describes.',
  crowded:
    'No connection to the database is free. Raise max_connections of PostgreSQL, or lower DATABASE_POOL_SIZE.',
  conflict: 'Another change got in the way; try again.',
  slow: 'The database did not finish in time; try again when less is going on.',
  full: 'The database has no room left on its disk or in its memory. Make room and try again; what is stored is untouched.',
  failing: 'The database cannot read or write its disk. Look at its log and at that of the system.',
  stopped: 'The embedded database has stopped. Start it again.',
}

function withReason(advice: string, reason: string): string {
  return reason === '' ? advice : `${advice}\n  ${reason}`
}

function innermost(causes: readonly Error[]): Error | undefined {
  return causes.findLast(({ message }) => message !== '')
}
