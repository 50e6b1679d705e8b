/** Databases to measure on: scratch ones on the server of BENCH_DATABASE_URL, and embedded ones in temporary folders. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { connect } from '../src/db/connect.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import { EmbeddedPool } from '../src/db/embedded/pool.ts'
import { registrantOf } from '../src/identification/oui.ts'
import type { Knowledge } from '../src/screening/knowledge.ts'
import { readKnowledge } from '../src/screening/stored-knowledge.ts'
import { loadData, readDataFiles } from '../src/server/load-data.ts'
import { DATA, MIGRATIONS } from '../src/server/paths.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import type { Role } from '../src/tenancy/auth.ts'
import { addJurisdiction } from '../src/tenancy/jurisdictions.ts'
import { createKey } from '../src/tenancy/keys.ts'

export interface Scratch {
  readonly database: Database
  readonly knowledge: Knowledge
  /** Of the scratch database; null when it is embedded. */
  readonly url: string | null
  /** A statement by the owner of the tables, without a role. */
  asOwner(statement: string): Promise<void>
  drop(): Promise<void>
}

/** A server where databases may be made, or null when none is named. */
export const BENCH_URL = process.env.BENCH_DATABASE_URL ?? null

/** A new, migrated database with the reference knowledge. */
export async function scratchPostgres(serverUrl: string): Promise<Scratch> {
  const name = `bench_${randomBytes(6).toString('hex')}`
  const server = new pg.Client({ connectionString: serverUrl })
  await server.connect()
  await server.query(`create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const owner = new pg.Client({ connectionString: url.href })
  const drop = async () => {
    await owner.end()
    // Not by force: an autovacuum of another user may be in it, which may be ended only without.
    await server.query(`drop database if exists ${name}`)
    await server.end()
  }
  try {
    await owner.connect()
    const database = await connect({ databaseUrl: url.href, poolSize: 4, dataDir: null })
    return await prepared(database, url.href, owner, drop)
  } catch (error) {
    await drop()
    throw error
  }
}

/** The same, embedded, on disk. */
export async function scratchEmbedded(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'camledger-bench-'))
  const pool = await EmbeddedPool.open({ dataDir: folder })
  const database = openDatabase({ kind: 'embedded', description: folder, pool })
  return prepared(database, null, pool, () => rm(folder, { recursive: true, force: true }))
}

async function prepared(
  database: Database,
  url: string | null,
  owner: { query(statement: string): Promise<unknown> },
  drop: () => Promise<void>,
): Promise<Scratch> {
  await database.migrate(MIGRATIONS)
  await loadData(database, await readDataFiles(DATA), new Date())
  return {
    database,
    knowledge: await readKnowledge(database, registrantOf),
    url,
    asOwner: async (statement) => {
      await owner.query(statement)
    },
    drop: async () => {
      await database.close()
      await drop()
    },
  }
}

export async function newCity(database: Database, name: string, state = 'TX'): Promise<string> {
  const city = await database.asOperator((tx) =>
    addJurisdiction(
      tx,
      {
        name,
        state,
        country: 'US',
        kind: 'city',
        federalContractor: null,
        sellsToFederal: null,
        defenseContract: null,
        receivesFccSupport: null,
        sharesBulkData: null,
        fiscalYearStartMonth: 10,
        timezone: 'America/Chicago',
        currency: 'USD',
        population: null,
      },
      new Date(),
    ),
  )
  return city.id
}

/** The secret of a new key: of a city, or of a reviewer of all cities. */
export async function newKey(database: Database, role: Role, jurisdictionId: string | null): Promise<string> {
  const { secret } = await database.asOperator((tx) =>
    createKey(
      tx,
      {
        label: `${role} of the benchmark`,
        role,
        jurisdictionId,
        jurisdictionIds: role === 'federal-reviewer' ? 'all' : null,
        expiresAt: null,
      },
      OPERATOR,
      new Date(),
    ),
  )
  return secret
}
