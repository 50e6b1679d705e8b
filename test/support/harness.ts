/**
 * A whole service for a test file: the real app on a real database, with a clock that the test moves.
 *
 * Without TEST_DATABASE_URL the embedded database runs in memory, started from a saved directory. With it (a
 * PostgreSQL user that may create databases and roles and is no superuser), each file gets a database of its own,
 * which that user owns, while the service works as a login that owns nothing.
 */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { pino } from 'pino'
import type { Test } from 'tap'
import { connect } from '../../src/db/connect.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/database.ts'
import { seedDataDir } from '../../src/db/embedded/seed.ts'
import type { App } from '../../src/http/services.ts'
import { registrantOf } from '../../src/identification/oui.ts'
import { readPlanningData } from '../../src/planning/shipped-data.ts'
import type { Knowledge } from '../../src/screening/knowledge.ts'
import { KnowledgeHolder } from '../../src/screening/knowledge-holder.ts'
import { readKnowledge } from '../../src/screening/stored-knowledge.ts'
import { type AppParts, buildApp } from '../../src/server/app.ts'
import type { Background } from '../../src/server/background.ts'
import { loadData, readDataFiles } from '../../src/server/load-data.ts'
import { DATA, MIGRATIONS } from '../../src/server/paths.ts'
import { OPERATOR } from '../../src/tenancy/audit.ts'
import type { Role } from '../../src/tenancy/auth.ts'
import type { JurisdictionWrite } from '../../src/tenancy/jurisdictions.ts'
import { addJurisdiction } from '../../src/tenancy/jurisdictions.ts'
import { createKey } from '../../src/tenancy/keys.ts'
import { noteAnswer } from './answers.ts'
import { documentedBy } from './documented.ts'

const root = (path: string) => fileURLToPath(import.meta.resolve(`#root/${path}`))

interface Call {
  readonly key?: string | null
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** The network address it comes from; 127.0.0.1 otherwise. */
  readonly from?: string
}

export interface Reply {
  readonly status: number
  readonly headers: Record<string, string | undefined>
  readonly text: string
  // Tests read answers freely; a missing property fails the assertion that reads it.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any
}

export interface Harness {
  readonly app: App
  readonly background: Background
  readonly database: Database
  readonly admin: string
  asOwner: TestDatabase['asOwner']
  now(): Date
  setNow(instant: string): void
  knowledge(): Knowledge
  setKnowledge(knowledge: Knowledge): void
  call(method: string, url: string, options?: Call): Promise<Reply>
  jurisdiction(values?: Partial<JurisdictionWrite>): Promise<string>
  key(role: Role, jurisdictionId?: string | string[] | 'all'): Promise<string>
}

/** The day on which tests live unless they say otherwise. */
export const TODAY = '2026-11-24'

export interface TestDatabase {
  readonly database: Database
  /** Run statements as the owner of the tables and past row security, as somebody who holds the database could. */
  asOwner(statements: string): Promise<pg.QueryResult>
  drop(): Promise<void>
}

export async function openTestDatabase({
  migrated = true,
}: {
  readonly migrated?: boolean
} = {}): Promise<TestDatabase> {
  const url = process.env.TEST_DATABASE_URL
  if (url !== undefined) return openOnServer(url, migrated)
  const seed = migrated
    ? await seedDataDir({
        cacheDir: root('.cache'),
        migrationsDir: MIGRATIONS,
        migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
      })
    : undefined
  const database = await connect({
    databaseUrl: undefined,
    poolSize: 1,
    dataDir: null,
    ...(seed === undefined ? {} : { seed }),
  })
  return {
    database,
    // The embedded database's only user is a superuser; each transaction of the service takes on a role.
    asOwner: (statements) =>
      database.asOperator(async (tx) => {
        await tx.execute(sql`reset role`)
        const result: unknown = await tx.execute(sql.raw(statements))
        return lastWithRows(result as pg.QueryResult | pg.QueryResult[])
      }),
    drop: () => database.close(),
  }
}

/** A database of its own, migrated by its owner, and served as a login that owns nothing. */
async function openOnServer(url: string, migrated: boolean): Promise<TestDatabase> {
  const name = `camledger_test_${randomBytes(6).toString('hex')}`
  const login = `${name}_login`
  const password = randomBytes(16).toString('hex')
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  const owner = await connect({ databaseUrl: own.href, poolSize: 1, dataDir: null })
  const direct = new pg.Client({ connectionString: own.href })
  await direct.connect()
  direct.on('error', () => {})
  let database = owner
  if (migrated) {
    await owner.migrate(MIGRATIONS)
    await admin.query(`create role ${login} login noinherit password '${password}'`)
    await admin.query(`grant svc_tenant, svc_operator to ${login}`)
    const service = new URL(own)
    service.username = login
    service.password = password
    database = await connect({ databaseUrl: service.href, poolSize: 5, dataDir: null })
  }
  return {
    database,
    asOwner: async (statements) => {
      const tables = ['audit_events', 'audit_chain', 'audit_heads']
      const force = (how: string) =>
        tables.map((table) => `alter table ${table} ${how} row level security`).join('; ')
      return lastWithRows(
        await direct.query(`begin; ${force('no force')}; ${statements}; ${force('force')}; commit`),
      )
    },
    drop: async () => {
      if (database !== owner) await database.close()
      await owner.close()
      await direct.end()
      // An autovacuum worker in the database belongs to a superuser, whom force may not end; without force it may.
      await admin
        .query(`drop database ${name} with (force)`)
        .catch(() => admin.query(`drop database ${name}`))
      if (migrated) await admin.query(`drop role ${login}`)
      await admin.end()
    },
  }
}

/** Of several statements the last that gives rows, else the last. */
function lastWithRows(result: pg.QueryResult | pg.QueryResult[]): pg.QueryResult {
  const results = [result].flat()
  return results.findLast(({ fields }) => fields?.length > 0) ?? results.at(-1)!
}

export interface HarnessOptions {
  /** A database of the test's own; a new one otherwise. */
  readonly opened?: Promise<TestDatabase>
  /** Requests a minute and key; 0, the default, for no limits. */
  readonly perMinute?: number
  readonly trustProxy?: boolean | number
  /** Stands between the app and the database, to hold back or to count what goes through. */
  readonly around?: (database: Database) => Database
  /** What the test wants otherwise than it is. */
  readonly parts?: Partial<AppParts>
}

export async function harness(t: Test, options: HarnessOptions = {}): Promise<Harness> {
  let instant = new Date(`${TODAY}T12:00:00Z`)
  const now = () => instant
  const { database, asOwner, drop } = await (options.opened ?? openTestDatabase())
  await loadData(database, await readDataFiles(DATA), now())
  const log = pino({ level: 'silent' })
  const inApp = options.around?.(database) ?? database
  const holder = new KnowledgeHolder(
    { database: inApp, registrant: registrantOf, log },
    await readKnowledge(database, registrantOf),
  )
  const { app, background } = await buildApp({
    config: {
      RATE_LIMIT_PER_MINUTE: options.perMinute ?? 0,
      TRUST_PROXY: options.trustProxy ?? false,
    },
    database: inApp,
    knowledge: holder,
    log,
    now,
    planning: await readPlanningData(),
    version: '0.0.0-test',
    timers: false,
    ...options.parts,
  })
  await app.ready()
  t.teardown(async () => {
    await app.close()
    await drop()
  })
  const keyOf = (role: Role, jurisdictionId: string | string[] | 'all' | null) =>
    database.asOperator(async (tx) => {
      const city = role.startsWith('city')
      const { secret } = await createKey(
        tx,
        {
          label: `${role} of the test`,
          role,
          jurisdictionId: city ? (jurisdictionId as string) : null,
          jurisdictionIds: role === 'federal-reviewer' ? (jurisdictionId as string[] | 'all') : null,
          expiresAt: null,
        },
        OPERATOR,
        now(),
      )
      return secret
    })
  const admin = await keyOf('admin', null)
  const wrongWith = documentedBy(JSON.parse(JSON.stringify(app.swagger())))
  let cities = 0

  return {
    app,
    background,
    database,
    admin,
    asOwner,
    now,
    setNow: (text) => {
      instant = new Date(text)
    },
    knowledge: () => holder.current(),
    setKnowledge: (next) => holder.put(next),
    call: async (method, url, options = {}) => {
      const key = options.key === undefined ? admin : options.key
      const raw = typeof options.body === 'string' || Buffer.isBuffer(options.body)
      const reply = await app.inject({
        method: method as 'GET',
        url,
        ...(options.from === undefined ? {} : { remoteAddress: options.from }),
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(options.body !== undefined && !raw ? { 'content-type': 'application/json' } : {}),
          ...options.headers,
        },
        ...(options.body === undefined
          ? {}
          : { payload: raw ? (options.body as string) : JSON.stringify(options.body) }),
      })
      const type = String(reply.headers['content-type'] ?? '')
      // Every test of the suite holds the document to what is answered.
      const wrong = wrongWith(method, url, {
        status: reply.statusCode,
        headers: reply.headers,
        text: reply.body,
      })
      if (wrong !== null) throw new Error(wrong)
      noteAnswer({ method, url, body: options.body, status: reply.statusCode, type, text: reply.body })
      return {
        status: reply.statusCode,
        headers: reply.headers as Record<string, string | undefined>,
        text: reply.body,
        body:
          type.includes('json') && !type.includes('ndjson') && reply.body !== ''
            ? JSON.parse(reply.body)
            : undefined,
      }
    },
    jurisdiction: async (values = {}) => {
      cities++
      const created = await database.asOperator((tx) =>
        addJurisdiction(
          tx,
          {
            name: `Springfield ${cities}`,
            state: 'IL',
            country: 'US',
            kind: 'city',
            federalContractor: false,
            sellsToFederal: false,
            defenseContract: null,
            receivesFccSupport: null,
            sharesBulkData: null,
            fiscalYearStartMonth: 7,
            timezone: 'America/Chicago',
            currency: 'USD',
            population: null,
            ...values,
          },
          now(),
        ),
      )
      return created.id
    },
    key: (role, jurisdictionId) => keyOf(role, jurisdictionId ?? null),
  }
}
