/** Start: configuration, database, migrations, knowledge, first key, app, listen. Stop in the opposite order. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import { createLogger, type Logger } from '../db/log.ts'
import { auditRisks } from '../db/privileges.ts'
import { Spool } from '../http/spool.ts'
import { registrantOf, warmRegistrants } from '../identification/oui.ts'
import { readPlanningData } from '../planning/shipped-data.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { type GivenKey, readGivenKey } from '../snapshots/signing-keys.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import { ensureAdminKey } from '../tenancy/keys.ts'
import { buildApp } from './app.ts'
import { type Config, ConfigError } from './config.ts'
import { openConfigured, whileOpening } from './open-database.ts'
import { packageVersion } from './paths.ts'
import { loadKnowledge, readFiles } from './prepare.ts'

/**
 * Requests under way when a stop is asked for may take this long; then their connections are cut. Less than the
 * ten seconds that container runtimes wait before they kill.
 */
const STOP_LIMIT_MILLIS = 8_000

export interface Running {
  readonly address: string
  readonly database: Database
  /** The first admin key when it was made now. */
  readonly firstKey: string | null
  /** Why the service's own database user could change the audit trail; empty when it could not, or it is embedded. */
  readonly auditRisks: readonly string[]
  readonly stop: () => Promise<void>
  /** Resolves when the database has failed for good: the service has to be started again. */
  readonly failed: Promise<Error>
}

/** Told at start when `data/` is not in force: a build that was rolled back would else look as if it answered by its files. */
const KEPT =
  'the database holds newer law and catalog data than the data/ of this build, and keeps it; to take rows back, give a file of data/ a version above all that was loaded'

export interface ServeParts {
  readonly log?: Logger
  /** The configured database, when its opening was begun before. */
  readonly opening?: Promise<Database>
}

/** Build what is built when first asked for, so that the first to ask does not wait for it. */
function warm(knowledge: Knowledge): void {
  warmRegistrants()
  knowledge.matcher.match('camera')
}

/** Where files wait: as configured, or beside the embedded database; else the spool's own place. */
function spoolFolder(config: Config): string | undefined {
  if (config.SPOOL_DIR !== undefined) return config.SPOOL_DIR
  return config.DATABASE_URL === undefined ? join(config.DATA_DIR, 'spool') : undefined
}

/** The operator's key, when it lies in a file. What stands in the file is never repeated. */
async function signingKeyOf({ SIGNING_KEY_FILE: path }: Config): Promise<GivenKey> {
  if (path === undefined) return null
  const advice = 'make one with: openssl genpkey -algorithm ed25519 -out FILE'
  const pem = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`SIGNING_KEY_FILE: ${path} cannot be read (${cause.code}); ${advice}`)
  })
  try {
    return readGivenKey(pem)
  } catch {
    throw new ConfigError(`SIGNING_KEY_FILE: ${path} holds no private Ed25519 key as PEM; ${advice}`)
  }
}

/** Serve until `stop` is called. Throws what keeps it from starting. */
export async function serve(config: Config, now: () => Date, parts: ServeParts = {}): Promise<Running> {
  const { log = createLogger(config.LOG_LEVEL), opening = openConfigured(config) } = parts
  // The embedded database works in a thread of its own: the routes are put together meanwhile.
  const database = whileOpening(config, opening)
  const loading = loadKnowledge(database, readFiles(), now, (version, release) =>
    log.warn({ version, release }, KEPT),
  )
  loading.catch(() => {})
  const holder = new KnowledgeHolder({ database, registrant: registrantOf, log })
  let close = () => database.close()
  try {
    const { app, background, connections, jobs } = await buildApp({
      config,
      database,
      knowledge: holder,
      planning: await readPlanningData(),
      signingKey: await signingKeyOf(config),
      log,
      now,
      version: await packageVersion(),
      spool: new Spool({ folder: spoolFolder(config), totalBytes: config.SPOOL_LIMIT_MIB * 1024 * 1024 }),
    })
    close = async () => {
      connections.drain()
      const cut = setTimeout(() => connections.cut(), STOP_LIMIT_MILLIS)
      try {
        await app.close()
      } finally {
        clearTimeout(cut)
        await database.close()
      }
    }
    const knowledge = await loading
    await jobs.files.tryOut()
    holder.put(knowledge)
    const address = await app.listen({ port: config.PORT, host: config.HOST })
    // Only now: a key made before a port that turns out to be taken would never have been shown to anybody.
    const firstKey = await database.asOperator((tx) =>
      ensureAdminKey(tx, config.BOOTSTRAP_ADMIN_KEY, OPERATOR, now()),
    )
    const risks = database.kind === 'postgres' ? await database.asOperator(auditRisks) : []
    if (risks.length > 0) log.warn({ risks }, 'the database user of the service could change the audit trail')
    background.trigger('audit anchors')
    background.trigger('rescreen')
    background.trigger('jobs')
    setImmediate(warm, knowledge)
    return {
      address,
      database: await opening,
      firstKey,
      auditRisks: risks,
      stop: close,
      failed: database.failed,
    }
  } catch (error) {
    // What did not open needs no closing, and is told as the reason already.
    await close().catch(() => {})
    throw error
  }
}
