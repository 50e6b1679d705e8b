/** Opens the database that the configuration names. Drivers are loaded only when they are used. */
import type { Database } from './database.ts'
import { startEngine } from './embedded/engine.ts'

export interface ConnectOptions {
  readonly databaseUrl: string | undefined
  readonly poolSize: number
  /** How long to wait for a connection to PostgreSQL; 10 seconds when absent. */
  readonly connectLimitMillis?: number
  /** Folder of the embedded database, or null for one in memory. */
  readonly dataDir: string | null
  /** A saved, migrated data directory to start an empty embedded database from. */
  readonly seed?: string
}

export async function connect(options: ConnectOptions): Promise<Database> {
  if (options.databaseUrl !== undefined) {
    const { openPool, limitSilence, sendTogether } = await import('./postgres.ts')
    const url = new URL(options.databaseUrl)
    const { openDatabase } = await import('./database.ts')
    return openDatabase({
      kind: 'postgres',
      description: `PostgreSQL at ${url.hostname}${url.pathname}`,
      pool: openPool(options.databaseUrl, options.poolSize, options.connectLimitMillis),
      poolSize: options.poolSize,
      limitSilence,
      sendTogether,
    })
  }
  const starting = startEngine(options.dataDir, options.seed)
  // The driver takes a while to load; the engine starts in another thread meanwhile.
  const [engine, { EmbeddedPool }, { openDatabase }] = await Promise.all([
    starting,
    import('./embedded/pool.ts'),
    import('./database.ts'),
  ])
  const pool = new EmbeddedPool({ dataDir: options.dataDir }, engine)
  return openDatabase({
    kind: 'embedded',
    description: `embedded database in ${options.dataDir ?? 'memory'}`,
    pool,
    hasOneSession: true,
    failed: pool.failed,
    maintain: async () => {
      await pool.maintain()
    },
  })
}
