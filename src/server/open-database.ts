/** Opens and migrates the configured database; apart from the rest, so that it can begin before that is loaded. */
import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { connect } from '../db/connect.ts'
import type { Database } from '../db/database.ts'
import { assertUsableOrAbsent } from '../db/embedded/folder.ts'
import {
  assertWhole,
  isMigrated,
  migrateIfNeeded,
  NotMigratedError,
  pendingMigrations,
} from '../db/migrations.ts'
import { type Config, ConfigError } from './config.ts'
import { CACHE, MIGRATIONS } from './paths.ts'

export async function openConfigured(config: Config): Promise<Database> {
  const { DATABASE_URL, MIGRATION_DATABASE_URL } = config
  if (MIGRATION_DATABASE_URL !== undefined) {
    // The embedded database would be opened otherwise, and nobody would notice for a while.
    if (DATABASE_URL === undefined)
      throw new ConfigError('MIGRATION_DATABASE_URL is set and DATABASE_URL is not: set both, or neither.')
    await migrateAsOwner(MIGRATION_DATABASE_URL)
  }
  const start = needsSeed(config) ? await savedSeed() : undefined
  const database = await connect({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    dataDir: config.DATA_DIR,
    ...(start === undefined ? {} : { seed: start }),
  })
  try {
    await migrateIfNeeded(database, MIGRATIONS)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Bring the tables up to date as their owner. Gives the number of migrations that were made. */
export async function migrateAsOwner(url: string): Promise<number> {
  const owner = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
  try {
    return await migrateIfNeeded(owner, MIGRATIONS)
  } finally {
    await owner.close()
  }
}

/** There is no register at the configured place, and this work makes none. */
export class NoRegisterError extends Error {
  override readonly name = 'NoRegisterError'
}

/**
 * That there is a register where the configuration says. Only a start of the service makes one: an answer from a
 * register that was made for the question would be about nothing. Throws NoRegisterError.
 */
export async function assertRegister(config: Config): Promise<void> {
  const url = config.DATABASE_URL ?? config.MIGRATION_DATABASE_URL
  if (url === undefined) {
    const pgdata = join(config.DATA_DIR, 'pgdata')
    // A first start that was interrupted left the mark; the next one begins anew.
    if (existsSync(join(pgdata, 'PG_VERSION')) && !existsSync(`${pgdata}.incomplete`)) return
    assertUsableOrAbsent(resolve(config.DATA_DIR), resolve(pgdata))
    throw new NoRegisterError(
      `There is no register in ${resolve(config.DATA_DIR)} (DATA_DIR).${whereToLook('DATA_DIR')}`,
    )
  }
  const database = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
  try {
    if (await isMigrated(database)) return
    const name = config.DATABASE_URL === undefined ? 'MIGRATION_DATABASE_URL' : 'DATABASE_URL'
    const { host, pathname } = new URL(url)
    throw new NoRegisterError(
      `There is no register in the database ${decodeURIComponent(pathname.slice(1))} at ${host} (${name}).${whereToLook(name)}`,
    )
  } finally {
    await database.close()
  }
}

function whereToLook(name: string): string {
  return [
    '',
    name === 'DATA_DIR'
      ? 'Name its folder in DATA_DIR, or its PostgreSQL database in DATABASE_URL.'
      : `Name its database in ${name}, or unset it and name a folder in DATA_DIR.`,
    'Commands that have --url can ask a running service instead. "camledger serve" makes a new register.',
  ].join('\n')
}

/** The configured database as it is: nothing is made, migrated or loaded. Throws NoRegisterError, NotMigratedError. */
export async function openExisting(config: Config): Promise<Database> {
  await assertRegister(config)
  const url = config.DATABASE_URL ?? config.MIGRATION_DATABASE_URL
  const database = await connect({ databaseUrl: url, poolSize: 1, dataDir: config.DATA_DIR })
  try {
    const pending = await pendingMigrations(database, MIGRATIONS)
    if (pending > 0)
      throw new NotMigratedError(
        `The database lacks ${pending} migrations of this version; make them with "camledger migrate".`,
      )
    await assertWhole(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Initialising an empty embedded database takes seconds. */
function needsSeed(config: Config): boolean {
  return config.DATABASE_URL === undefined && !existsSync(join(config.DATA_DIR, 'pgdata', 'PG_VERSION'))
}

/** The saved data directory of these very migrations, when there is one. */
async function savedSeed(): Promise<string | undefined> {
  const { seedKey } = await import('../db/embedded/seed.ts')
  const path = join(CACHE, `seed-${await seedKey(MIGRATIONS)}.tar.gz`)
  return access(path, constants.R_OK).then(
    () => path,
    () => undefined,
  )
}

/** The configured database while it opens: work given to it waits, and fails when it does not open. */
export function whileOpening(config: Config, opening: Promise<Database>): Database {
  let opened: Database | undefined
  opening.then(
    (database) => {
      opened = database
    },
    () => {}, // told to whoever awaits the opening
  )
  return {
    kind: config.DATABASE_URL === undefined ? 'embedded' : 'postgres',
    description: 'a database that is being opened',
    inJurisdiction: async (...given) => (await opening).inJurisdiction(...given),
    acrossJurisdictions: async (...given) => (await opening).acrossJurisdictions(...given),
    readPrepared: async (...given) => (await opening).readPrepared(...given),
    readOnce: async (...given) => (await opening).readOnce(...given),
    asOperator: async (...given) => (await opening).asOperator(...given),
    readAsOperator: async (...given) => (await opening).readAsOperator(...given),
    migrate: async (folder) => (await opening).migrate(folder),
    ping: async () => (await opening).ping(),
    maintain: async () => (await opening).maintain(),
    close: async () => (await opening).close(),
    connections: () => opened?.connections() ?? { total: 0, idle: 0, waiting: 0 },
    failed: opening.then(
      ({ failed }) => failed,
      () => new Promise(() => {}), // told to whoever awaits the opening
    ),
  }
}
