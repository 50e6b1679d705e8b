/** Opens and migrates the configured database; apart from the rest, so that it can begin before that is loaded. */
import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { type Config, ConfigError } from './config.ts'
import { connect } from './db/connect.ts'
import type { Database } from './db/database.ts'
import { assertWhole, migrateIfNeeded, NotMigratedError, pendingMigrations } from './db/migrations.ts'
import { CACHE, MIGRATIONS } from './package.ts'

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

/** The configured database as it is: nothing is made, migrated or loaded. Throws NoRegisterError, NotMigratedError. */
export async function openExisting(config: Config): Promise<Database> {
  const url = config.DATABASE_URL ?? config.MIGRATION_DATABASE_URL
  if (url === undefined && needsSeed(config))
    throw new NoRegisterError(`There is no register in ${config.DATA_DIR}. Set DATA_DIR or DATABASE_URL.`)
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
  const { seedKey } = await import('./db/embedded/seed.ts')
  const path = join(CACHE, `seed-${await seedKey(MIGRATIONS)}.tar.gz`)
  return access(path, constants.R_OK).then(
    () => path,
    () => undefined,
  )
}

/** The configured database while it opens: work given to it waits, and fails when it does not open. */
export function whileOpening(config: Config, opening: Promise<Database>): Database {
  return {
    kind: config.DATABASE_URL === undefined ? 'embedded' : 'postgres',
    description: 'a database that is being opened',
    inJurisdiction: async (...given) => (await opening).inJurisdiction(...given),
    acrossJurisdictions: async (...given) => (await opening).acrossJurisdictions(...given),
    asOperator: async (...given) => (await opening).asOperator(...given),
    migrate: async (folder) => (await opening).migrate(folder),
    ping: async () => (await opening).ping(),
    maintain: async () => (await opening).maintain(),
    close: async () => (await opening).close(),
    failed: opening.then(
      ({ failed }) => failed,
      () => new Promise(() => {}), // told to whoever awaits the opening
    ),
  }
}
