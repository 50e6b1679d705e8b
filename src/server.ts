/** Start: configuration, database, migrations, knowledge, first key, app, listen. Stop in the opposite order. */
import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { buildApp } from './app.ts'
import { OPERATOR } from './audit.ts'
import type { Config } from './config.ts'
import { connect } from './db/connect.ts'
import type { Database } from './db/database.ts'
import { ensureAdminKey } from './keys.ts'
import type { Knowledge } from './knowledge.ts'
import { createLogger, type Logger } from './log.ts'
import { CACHE, DATA, MIGRATIONS, packageVersion } from './package.ts'
import {
  buildFromFiles,
  knowledgeVersion,
  loadReference,
  type ReferenceFiles,
  readKnowledge,
  readReferenceFiles,
} from './reference.ts'
import { loadRegistrants } from './vendors/oui.ts'

export { CACHE, DATA, MIGRATIONS, packageVersion }

/** Requests under way when a stop is asked for may take this long; then their connections are cut. */
const STOP_LIMIT_MILLIS = 8_000

export interface Running {
  readonly address: string
  readonly database: Database
  /** The first admin key when it was made now. */
  readonly firstKey: string | null
  readonly stop: () => Promise<void>
}

/** A database that is migrated and knows what `data/` knows. */
export async function prepare(
  config: Config,
  now: () => Date,
  seed?: string,
): Promise<{ database: Database; knowledge: Knowledge }> {
  const start = seed ?? (await savedSeed(config))
  const opening = connect({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    dataDir: config.DATA_DIR,
    ...(start === undefined ? {} : { seed: start }),
  })
  // The embedded database opens in a thread of its own; the files are read meanwhile.
  const [opened, read] = await Promise.allSettled([opening, readReferenceFiles(DATA).then(withRegistrants)])
  if (opened.status === 'rejected') throw opened.reason
  const database = opened.value
  try {
    if (read.status === 'rejected') throw read.reason
    const { files, registrants, built } = read.value
    await database.migrate(MIGRATIONS)
    await loadReference(database, files, now())
    return { database, knowledge: await readKnowledge(database, registrants, built) }
  } catch (error) {
    await database.close()
    throw error
  }
}

function withRegistrants(files: ReferenceFiles) {
  const registrants = loadRegistrants()
  return { files, registrants, built: buildFromFiles(files, registrants) }
}

/** The seed of these very migrations, when it would be used: initialising an empty database takes seconds. */
async function savedSeed(config: Config): Promise<string | undefined> {
  if (config.DATABASE_URL !== undefined) return undefined
  if (existsSync(join(config.DATA_DIR, 'pgdata', 'PG_VERSION'))) return undefined
  const { seedKey } = await import('./db/embedded/seed.ts')
  const path = join(CACHE, `seed-${await seedKey(MIGRATIONS)}.tar.gz`)
  return access(path, constants.R_OK).then(
    () => path,
    () => undefined,
  )
}

/** Serve until `stop` is called. Throws what keeps it from starting. */
export async function serve(
  config: Config,
  now: () => Date,
  log: Logger = createLogger(config.LOG_LEVEL),
): Promise<Running> {
  const prepared = await prepare(config, now)
  const { database } = prepared
  let { knowledge } = prepared
  let close = () => database.close()
  try {
    const { app, background } = await buildApp({
      config,
      database,
      knowledge: () => knowledge,
      log,
      now,
      version: await packageVersion(),
      refreshKnowledge: async () => {
        if ((await knowledgeVersion(database)) === knowledge.version) return 0
        knowledge = await readKnowledge(database, loadRegistrants())
        background.poke('rescreen')
        return 1
      },
    })
    close = async () => {
      // Less than the ten seconds that container runtimes wait before they kill.
      const cut = setTimeout(() => app.server.closeAllConnections(), STOP_LIMIT_MILLIS)
      await app.close()
      clearTimeout(cut)
      await database.close()
    }
    const address = await app.listen({ port: config.PORT, host: config.HOST })
    // Only now: a key made before a port that turns out to be taken would never have been shown to anybody.
    const firstKey = await database.asOperator((tx) =>
      ensureAdminKey(tx, config.BOOTSTRAP_ADMIN_KEY, OPERATOR, now()),
    )
    background.poke('rescreen')
    return { address, database, firstKey, stop: close }
  } catch (error) {
    await close()
    throw error
  }
}
