/**
 * The one door to the database.
 *
 * Two drivers stand behind it: `pg` on a PostgreSQL server, and the embedded PGlite behind a pool of the same
 * shape. Feature code never learns which. Every piece of work runs in a transaction that has taken on one
 * of two roles, so row security holds even where the service's own user is a superuser (as in PGlite).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { SQL } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator'
import type pg from 'pg'
import { isUuid } from '../lib/ids.ts'
import { CommitUnknownError, ConnectionLostError, NoConnectionError, outageOf } from './failures.ts'
import { type EnterOptions, laneOf, openLanes } from './lanes.ts'
import { IN_KEY_ORDER, plainStatement, preparedStatement, type Statement } from './prepared.ts'
import { SessionSharing } from './session-sharing.ts'

declare const scoped: unique symbol

/** A transaction that has taken on a role and a scope. Only this file makes one. */
export type Tx = NodePgDatabase<Record<string, never>> & {
  readonly $client: pg.PoolClient
  readonly [scoped]: true
}

/** Jurisdictions a reader may see: a list of ids, or all of them. */
export type Scope = readonly string[] | 'all'

export interface WorkOptions extends EnterOptions {
  /** Give up after this many milliseconds; the default suits a request. 0 means no limit. */
  readonly timeLimitMillis?: number
}

export interface Database {
  readonly kind: 'postgres' | 'embedded'
  /** One line for a person: where the data is. */
  readonly description: string
  /** Read and write within one jurisdiction. */
  inJurisdiction<T>(id: string, work: (tx: Tx) => Promise<T>, options?: WorkOptions): Promise<T>
  /** Read across jurisdictions; a write fails. */
  acrossJurisdictions<T>(scope: Scope, work: (tx: Tx) => Promise<T>, options?: WorkOptions): Promise<T>
  /**
   * Read across jurisdictions by one statement that the connection keeps and that reads in the order of a primary
   * key (prepared.ts). With PostgreSQL the whole transaction is one round trip.
   */
  readPrepared<T extends Record<string, unknown>>(scope: Scope, query: SQL): Promise<T[]>
  /** Read across jurisdictions by one statement. With PostgreSQL the whole transaction is one round trip. */
  readOnce<T extends Record<string, unknown>>(scope: Scope, query: SQL): Promise<T[]>
  /** Work on shared tables: tenants, keys, knowledge. Sees no row of any jurisdiction. */
  asOperator<T>(work: (tx: Tx) => Promise<T>, options?: WorkOptions): Promise<T>
  /** Read shared tables; a write fails. On the embedded database it does not wait for an import. */
  readAsOperator<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  migrate(folder: string): Promise<void>
  /** Answers within the limit or throws. */
  ping(): Promise<void>
  /** Let the database tidy up after many changes (the embedded one has no autovacuum). */
  maintain(): Promise<void>
  close(): Promise<void>
  connections(): ConnectionCounts
  /** Resolves when the database has failed for good. A PostgreSQL server comes back; the embedded engine does not. */
  readonly failed: Promise<Error>
}

/** What `pg.Pool` and the embedded pool have in common, as far as the service goes. */
interface PoolLike {
  connect(): Promise<pg.PoolClient>
  query(text: string): Promise<unknown>
  end(): Promise<void>
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

/** Connections of the pool, and pieces of work that wait for one. */
interface ConnectionCounts {
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

const DEFAULT_TIME_LIMIT_MILLIS = 30_000
/**
 * A read waits for nothing but a table that somebody is changing as a whole (a migration, VACUUM FULL). It must not hold
 * a connection for so long, or reads of that table take them all, from those of others.
 */
const READ_LOCK = 'set local lock_timeout = 2000'
/** The server has ended the statement by itself long before; only a dead server or network is silent for longer. */
const SILENCE_BEYOND_LIMIT_MILLIS = 15_000
/** Nothing has to be computed or locked for a BEGIN. */
const FIRST_SILENCE_MILLIS = 10_000
/**
 * A write also waits for another of the same rows, as for an import that adds the same models. A request that waits for
 * longer is refused: as many as there are connections, waiting for one table or one city, would keep out all others.
 */
const WRITE_LOCK_MILLIS = 5_000
// Any constant works, as long as every starter of this service uses the same one.
const MIGRATION_LOCK = 7_203_419_885

export interface DatabaseSource {
  readonly kind: Database['kind']
  readonly description: string
  readonly pool: PoolLike
  /** Connections that the pool has at most; 1 when absent. */
  readonly poolSize?: number
  /** End the connection when the server does not answer a statement for so long; 0 waits forever. */
  readonly limitSilence?: (client: pg.PoolClient, millis: number) => void
  /** Send statements together; one after another when absent. */
  readonly sendTogether?: (
    client: pg.PoolClient,
    statements: readonly (string | pg.QueryConfig)[],
    onFirst: () => void,
  ) => Promise<pg.QueryResult[]>
  /** All work goes through one session. */
  readonly hasOneSession?: boolean
  readonly maintain?: () => Promise<void>
  readonly failed?: Promise<Error>
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a closure over one pool: each function in it is short
export function openDatabase(source: DatabaseSource): Database {
  const { pool, poolSize = 1, limitSilence = () => {}, sendTogether = oneByOne } = source
  const lanes = openLanes(poolSize)
  const sharing = source.hasOneSession ? new SessionSharing() : null
  const open = new AsyncLocalStorage<true>()

  /**
   * Run work on a connection. One that the server closed while it was idle is found out by its first statement, and
   * nothing is lost by trying the next; after a restart all of the pool are such.
   */
  async function pastStale<T>(
    work: (client: pg.PoolClient, hasAnswered: () => void) => Promise<T>,
  ): Promise<T> {
    let isAlive = false
    for (let stale = 0; ; stale++) {
      try {
        return await withClient(pool, (client) =>
          work(client, () => {
            isAlive = true
          }),
        )
      } catch (error) {
        if (isAlive || stale >= poolSize || outageOf(error)?.kind !== 'lost') throw error
      }
    }
  }

  /** Run work on a connection that has answered a first statement. */
  function afterFirst<T>(statement: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return pastStale(async (client, hasAnswered) => {
      limitSilence(client, FIRST_SILENCE_MILLIS)
      await client.query(statement)
      hasAnswered()
      return work(client)
    })
  }

  /**
   * Run a transaction as soon as its lane has a place.
   * A second transaction inside the first would wait forever on the embedded database (it has one session)
   * and would see every tenant's rows on a pool, so it is refused.
   */
  async function inLane<T>(options: EnterOptions, run: () => Promise<T>): Promise<T> {
    assertNoneOpen()
    const leave = await lanes.enter(options)
    try {
      return await run()
    } finally {
      leave()
    }
  }

  function assertNoneOpen(): void {
    if (open.getStore()) throw new Error('A transaction is already open here; pass its tx on instead.')
  }

  /** A transaction of one statement. */
  function oneStatement(settings: string, statement: Statement): Promise<pg.QueryResult> {
    const run = async (client: pg.PoolClient, hasAnswered: () => void) => {
      limitSilence(client, FIRST_SILENCE_MILLIS)
      const statements = [beginning(settings, DEFAULT_TIME_LIMIT_MILLIS), statement, 'commit']
      const answers = await sendTogether(client, statements, () => {
        hasAnswered()
        limitSilence(client, DEFAULT_TIME_LIMIT_MILLIS + SILENCE_BEYOND_LIMIT_MILLIS)
      })
      return answers[1]!
    }
    return inLane({}, () => pastStale(run))
  }

  /** Run work in a transaction that begins with the given settings. */
  function transaction<T>(settings: string, work: (tx: Tx) => Promise<T>, options: WorkOptions): Promise<T> {
    const limit = options.timeLimitMillis ?? DEFAULT_TIME_LIMIT_MILLIS
    const run = async (client: pg.PoolClient) => {
      limitSilence(client, limit === 0 ? 0 : limit + SILENCE_BEYOND_LIMIT_MILLIS)
      const result = await within(client, work)
      await commit(client)
      return result
    }
    return inLane(options, () => afterFirst(beginning(settings, limit), run))
  }

  function within<T>(client: pg.PoolClient, work: (tx: Tx) => Promise<T>): Promise<T> {
    return open.run(true, () => work(drizzle(client) as unknown as Tx))
  }

  /** Read in a transaction of its own, or where there is one session between the statements of who holds it. */
  async function reading<T>(
    scope: Scope,
    settings: string,
    work: (tx: Tx) => Promise<T>,
    options: WorkOptions,
  ): Promise<T> {
    assertNoneOpen()
    const limit = options.timeLimitMillis ?? DEFAULT_TIME_LIMIT_MILLIS
    const read = await sharing?.read(scope, withLimit(settings, limit), (client) => within(client, work))
    return read ? read.value : transaction(settings, work, options)
  }

  /** The same for a single statement. */
  async function readingOnce<T>(scope: Scope, settings: string, statement: Statement): Promise<T[]> {
    assertNoneOpen()
    const read = await sharing?.read(scope, withLimit(settings, DEFAULT_TIME_LIMIT_MILLIS), (client) =>
      client.query(statement),
    )
    const { rows } = read ? read.value : await oneStatement(settings, statement)
    return rows as T[]
  }

  /** Work of a city; when it is long and there is one session, others read between its statements. */
  function writing<T>(
    id: string,
    settings: string,
    work: (tx: Tx) => Promise<T>,
    options: WorkOptions,
  ): Promise<T> {
    if (sharing === null || laneOf(options) !== 'long') return transaction(settings, work, options)
    return sharing.hold(id, (holder) => {
      const shared = async (tx: Tx) => {
        try {
          return await work(drizzle(holder.share(tx.$client)) as unknown as Tx)
        } finally {
          // Before the commit, or what is taken back: a read after that would be in no transaction, and in no role.
          await holder.end()
        }
      }
      return transaction(settings, shared, options)
    })
  }

  return {
    kind: source.kind,
    description: source.description,

    inJurisdiction: async (id, work, options = {}) => {
      assertUuid(id)
      // SET takes no bound parameters, and set_config() is not passed on to Citus workers; the id is checked.
      const settings =
        `set local role svc_tenant; set local app.jurisdiction_id = '${id}'; ` +
        `set local app.jurisdictions = '{${id}}'; ${writingIn(options)}`
      return writing(id, settings, work, options)
    },

    acrossJurisdictions: async (scope, work, options = {}) => reading(scope, readingIn(scope), work, options),

    readPrepared: async <T>(scope: Scope, query: SQL) =>
      readingOnce<T>(scope, `${readingIn(scope)}; ${IN_KEY_ORDER}`, preparedStatement(query)),

    readOnce: async <T>(scope: Scope, query: SQL) =>
      readingOnce<T>(scope, readingIn(scope), plainStatement(query)),

    asOperator: async (work, options = {}) =>
      transaction(`set local role svc_operator; ${writingIn(options)}`, work, options),

    readAsOperator: async (work) => reading([], readingShared(), work, {}),

    migrate: async (folder) => {
      await withClient(pool, async (client) => {
        limitSilence(client, 0)
        // drizzle takes no lock: of several processes starting on an empty database all but one would fail.
        await client.query(`select pg_advisory_lock(${MIGRATION_LOCK})`)
        try {
          await runMigrations(drizzle(client), { migrationsFolder: folder })
        } finally {
          // Where this fails the connection is gone, and the lock with it; the reason is what the migration said.
          await client.query(`select pg_advisory_unlock(${MIGRATION_LOCK})`).catch(() => {})
        }
      })
    },

    ping: async () => {
      const read = await sharing?.read([], 'select 1', async () => true)
      if (!read) await afterFirst('select 1', async () => {})
    },
    maintain: source.maintain ?? (async () => {}),
    close: async () => pool.end(),
    connections: () => ({
      total: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount + lanes.waiting(),
    }),
    failed: source.failed ?? new Promise(() => {}),
  }
}

function beginning(settings: string, limitMillis: number): string {
  return `begin; ${withLimit(settings, limitMillis)}`
}

function withLimit(settings: string, limitMillis: number): string {
  // The schema is named each time: a temporary table must never be taken for one of ours.
  return `${settings}; set local statement_timeout = ${limitMillis}; set local search_path = public, pg_temp`
}

function readingIn(scope: Scope): string {
  if (scope !== 'all') for (const id of scope) assertUuid(id)
  const visible = scope === 'all' ? '*' : `{${scope.join(',')}}`
  return (
    `set transaction read only; set local role svc_tenant; set local app.jurisdiction_id = ''; ` +
    `set local app.jurisdictions = '${visible}'; ${READ_LOCK}`
  )
}

function readingShared(): string {
  return (
    `set transaction read only; set local role svc_operator; set local app.jurisdiction_id = ''; ` +
    `set local app.jurisdictions = '{}'; ${READ_LOCK}`
  )
}

/** Work with a limit or a lane of its own is long, and there are few of it. */
function writingIn({ timeLimitMillis, lane }: WorkOptions): string {
  const isLong = timeLimitMillis !== undefined || lane !== undefined
  return `set local lock_timeout = ${isLong ? 0 : WRITE_LOCK_MILLIS}`
}

async function oneByOne(
  client: pg.PoolClient,
  statements: readonly (string | pg.QueryConfig)[],
  onFirst: () => void,
): Promise<pg.QueryResult[]> {
  const answers: pg.QueryResult[] = []
  for (const statement of statements) {
    answers.push(await client.query(statement))
    if (answers.length === 1) onFirst()
  }
  return answers
}

function assertUuid(id: string): void {
  if (!isUuid(id)) throw new Error('A jurisdiction id must be a UUID.')
}

/**
 * Lend a connection to the work. After any failure what was begun is taken back; a connection that cannot do
 * even that, or that broke meanwhile, does not go back to the pool.
 */
async function withClient<T>(pool: PoolLike, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw new NoConnectionError(cause)
  })
  // Heard also between two statements, when no query is there to be rejected.
  let lost: Error | null = null
  const onError = (error: Error) => {
    lost = error
  }
  client.on('error', onError)
  let isBroken = false
  try {
    return await work(client)
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    if (lost === null || error instanceof CommitUnknownError) throw error
    throw new ConnectionLostError(error)
  } finally {
    client.off('error', onError)
    client.release(isBroken || lost !== null)
  }
}

/** The server may have committed without its answer arriving here; that must not be reported as a failure. */
async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    const kind = outageOf(error)?.kind
    if (kind === 'lost' || kind === 'slow' || kind === 'stopped') throw new CommitUnknownError(error)
    throw error
  }
}
