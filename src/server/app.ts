/** The table of contents: which features there are and in what order a request meets them. */

import { hostname } from 'node:os'
import { fastify, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { regimeRoutes } from '../catalogue/law-routes.ts'
import { makerListRoute, makerRoutes } from '../catalogue/maker-routes.ts'
import { consoleRoutes } from '../console/routes.tsx'
import type { Database } from '../db/database.ts'
import type { Logger } from '../db/log.ts'
import { advisoryRoutes } from '../firmware/feeds/routes.ts'
import { installationRoutes } from '../firmware/installations/routes.ts'
import { licenseRoutes } from '../firmware/licenses/routes.ts'
import { patchRoutes } from '../firmware/patches/routes.ts'
import { releaseRoutes } from '../firmware/releases/routes.ts'
import { treatmentRoutes } from '../firmware/treatments/routes.ts'
import { vexRoutes } from '../firmware/vex/routes.ts'
import { weightRoutes } from '../firmware/weights/routes.ts'
import { workRoutes } from '../firmware/work-list/routes.ts'
import { registerBodies } from '../http/bodies.ts'
import { type Connections, trackConnections } from '../http/connections.ts'
import { groupQueries } from '../http/grouped-query.ts'
import { registerHeaders } from '../http/headers.ts'
import { pruneIdempotency } from '../http/idempotency.ts'
import { registerOpenApi } from '../http/openapi.ts'
import { handleError } from '../http/problems.ts'
import { stringifier } from '../http/serialize.ts'
import type { App } from '../http/services.ts'
import { limitConnections, SERVER_LIMITS, type SlowPeerOptions, watchSlowPeers } from '../http/slow-peers.ts'
import { Spool } from '../http/spool.ts'
import {
  answerUnroutable,
  onUnreadableAddress,
  onUnreadableRequest,
  registerMethods,
} from '../http/unroutable.ts'
import { changeManyRoute } from '../inventory/changes/routes.ts'
import { customFieldRoutes } from '../inventory/custom-fields/routes.ts'
import { type DocumentLimits, documentRoutes } from '../inventory/documents/routes.ts'
import { findingRoutes } from '../inventory/findings/routes.ts'
import { importRoutes } from '../inventory/imports/routes.ts'
import { pruneUploads } from '../inventory/imports/uploads.ts'
import { mappingRoutes } from '../inventory/mappings/routes.ts'
import { reviewRoutes } from '../inventory/reviews/routes.ts'
import { deviceRoutes } from '../inventory/routes.ts'
import { siteRoutes } from '../inventory/site-routes.ts'
import { statementRoutes } from '../inventory/statements/routes.ts'
import { summaryRoutes } from '../inventory/summary.ts'
import { jobRoutes } from '../jobs/routes.ts'
import { Jobs, type JobsOptions } from '../jobs/runner.ts'
import { uuidv7 } from '../lib/ids.ts'
import { localLawRoutes } from '../lists/local/routes.ts'
import { listsRoutes } from '../lists/routes.ts'
import { statusRoutes } from '../lists/statuses/routes.ts'
import { syncDue } from '../lists/sync/pass.ts'
import { planningRoutes } from '../planning/routes.ts'
import { type ComputeLimits, createCompute } from '../planning/runs/pool.ts'
import type { PlanningData } from '../planning/shipped-data.ts'
import { scenarioRoutes } from '../scenarios/routes.ts'
import type { ScenarioServices } from '../scenarios/services.ts'
import type { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { matchRoute } from '../screening/match-route.ts'
import { rescreen } from '../screening/rescreen.ts'
import { screenRoutes } from '../screening/routes.ts'
import type { Services } from '../screening/services.ts'
import { snapshotRoutes } from '../snapshots/routes.ts'
import type { SnapshotServices } from '../snapshots/services.ts'
import type { GivenKey } from '../snapshots/signing-keys.ts'
import { anchorWriter } from '../tenancy/audit-anchors.ts'
import { auditRoutes } from '../tenancy/audit-routes.ts'
import { registerAuth } from '../tenancy/auth.ts'
import { jurisdictionRoutes } from '../tenancy/jurisdiction-routes.ts'
import { keyRoutes } from '../tenancy/key-routes.ts'
import { registerReads } from '../tenancy/reads.ts'
import { countRefusals } from '../tenancy/refusals.ts'
import { sessionsIn } from '../tenancy/sessions.ts'
import { type Background, type Pass, startBackground } from './background.ts'
import type { Config } from './config.ts'
import { healthRoutes } from './health.ts'
import { storedFigures } from './job-figures.ts'
import { createMetrics, metricsRoute } from './metrics.ts'

export interface AppParts {
  readonly config: Pick<Config, 'RATE_LIMIT_PER_MINUTE' | 'TRUST_PROXY'> &
    Partial<
      Pick<
        Config,
        | 'CONSOLE'
        | 'CONSOLE_PLAIN_HTTP'
        | 'DOCUMENT_LIMIT_MIB'
        | 'LISTS_MIRROR'
        | 'LISTS_SYNC'
        | 'MAX_CONNECTIONS'
        | 'METRICS_TOKEN'
        | 'SNAPSHOT_LIMIT_MIB'
      >
    >
  readonly database: Database
  readonly knowledge: KnowledgeHolder
  /** Prices and terms of support that ship with the service. */
  readonly planning: PlanningData
  /** The operator's own key for snapshots; one in the database otherwise. */
  readonly signingKey?: GivenKey
  readonly log: Logger
  readonly now: () => Date
  readonly version: string
  /** False in tests: passes run only when triggered. */
  readonly timers?: boolean
  /** Where large bodies wait; default a folder for temporary files. */
  readonly spool?: Spool
  /** Shorter limits, in tests. */
  readonly slowPeers?: SlowPeerOptions
  /** Lower limits, in tests. */
  readonly compute?: Partial<ComputeLimits>
  /** Shorter times, in tests. */
  readonly jobs?: JobsOptions
}

export interface BuiltApp {
  readonly app: App
  readonly connections: Connections
  readonly jobs: Jobs
  readonly background: Background
}

const MINUTE = 60_000
const MEBIBYTE = 1024 * 1024
const JOBS_MILLIS = 3_000

/** As many addresses as there are proxies are believed: what stands before them is what a caller wrote. */
function trusted(proxies: Config['TRUST_PROXY']): false | ((address: string, hop: number) => boolean) {
  const count = Number(proxies)
  return count === 0 ? false : (_address, hop) => hop < count
}

/** The table of contents: all that keys may call, in the order of the API document. */
function featureRoutes(
  app: App,
  services: ScenarioServices & SnapshotServices,
  documents: DocumentLimits,
): void {
  jurisdictionRoutes(app, services)
  keyRoutes(app, services)
  siteRoutes(app, services)
  customFieldRoutes(app, services)
  deviceRoutes(app, services)
  changeManyRoute(app, services)
  statementRoutes(app, services)
  reviewRoutes(app, services)
  findingRoutes(app, services)
  documentRoutes(app, services, documents)
  mappingRoutes(app, services)
  importRoutes(app, services)
  screenRoutes(app, services)
  summaryRoutes(app, services)
  makerListRoute(app, services)
  matchRoute(app, services)
  makerRoutes(app, services)
  regimeRoutes(app, services)
  listsRoutes(app, services)
  statusRoutes(app, services)
  localLawRoutes(app, services)
  workRoutes(app, services)
  patchRoutes(app, services)
  vexRoutes(app, services)
  installationRoutes(app, services)
  treatmentRoutes(app, services)
  advisoryRoutes(app, services)
  releaseRoutes(app, services)
  licenseRoutes(app, services)
  weightRoutes(app, services)
  planningRoutes(app, services)
  scenarioRoutes(app, services)
  snapshotRoutes(app, services)
  auditRoutes(app, services)
  jobRoutes(app, services)
}

/** Fetches official lists, where the operator wants it. */
function listsPass(
  { config, database, knowledge, log, now }: AppParts,
  trigger: (name: string) => void,
): readonly Pass[] {
  const { LISTS_SYNC: lists = [], LISTS_MIRROR: mirror = null } = config
  if (lists.length === 0) return []
  const services = {
    database,
    knowledge: () => knowledge.current(),
    refreshKnowledge: () => knowledge.refresh(),
    trigger,
  }
  const run = (signal: AbortSignal) =>
    syncDue(services, lists, { now: now(), signal, mirror, seed: hostname() }, log)
  return [{ name: 'lists', everyMillis: 5 * MINUTE, run }]
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: puts the parts together in the order in which hooks have to be added
export async function buildApp(parts: AppParts): Promise<BuiltApp> {
  const { config, database, log, now } = parts
  const knowledge = () => parts.knowledge.current()
  const app = fastify({
    loggerInstance: log,
    trustProxy: trusted(config.TRUST_PROXY),
    genReqId: () => uuidv7(now().getTime()),
    requestIdHeader: false,
    bodyLimit: 1024 * 1024,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200 },
    // One line a request, written below.
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    frameworkErrors: onUnreadableAddress,
    clientErrorHandler: onUnreadableRequest(now),
    ...SERVER_LIMITS,
    // A request that arrives while others are being answered is answered too, and its connection ends then.
    return503OnClosing: false,
    // Given here and not set below: then Fastify does not load its own. Its types are those of its own, for JSON Schema.
    schemaController: {
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        buildSerializer: () => (({ schema }: { schema: z.ZodType }) => stringifier(schema)) as never,
      },
    },
  }) as unknown as App

  limitConnections(app.server, config.MAX_CONNECTIONS ?? 4096, config.TRUST_PROXY !== false)
  const connections = trackConnections(app)
  app.setErrorHandler(handleError)
  registerMethods(app)
  registerBodies(app)
  groupQueries(app)
  app.addHook('onResponse', async (request, reply) => {
    refusals.note(request, reply.statusCode)
    metrics.observe(request, reply)
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        millis: Math.round(reply.elapsedTime * 10) / 10,
        key: request.principal?.keyId,
      },
      'request',
    )
  })

  await registerHeaders(app)
  answerUnroutable(app, now)
  await registerOpenApi(app, parts.version)

  const keyRing = registerAuth(app, database, now, {
    perMinute: config.RATE_LIMIT_PER_MINUTE,
    metricsToken: config.METRICS_TOKEN,
  })
  const writeAnchors = anchorWriter(database, log)
  const refusals = countRefusals(database, now)
  const sessions = sessionsIn(database, now)
  registerReads(app, { database, now })
  const spool = parts.spool ?? new Spool()
  void spool.sweep()
  const jobs = new Jobs({
    database,
    now,
    spool,
    log,
    trigger: () => background.trigger('jobs'),
    ...(parts.jobs ? { options: parts.jobs } : {}),
  })
  const background: Background = startBackground(
    [
      { name: 'audit anchors', everyMillis: MINUTE, run: writeAnchors },
      // Triggered by who asks for a job; other processes' are found within the time.
      { name: 'jobs', everyMillis: JOBS_MILLIS, run: () => jobs.begin() },
      {
        name: 'rescreen',
        everyMillis: MINUTE,
        run: (signal) => rescreen(database, knowledge(), now(), signal),
      },
      {
        name: 'knowledge',
        everyMillis: MINUTE,
        run: async () => {
          const read = await parts.knowledge.refresh()
          if (read > 0) background.trigger('rescreen')
          return read
        },
      },
      {
        name: 'keys',
        everyMillis: MINUTE,
        run: async () => {
          await keyRing.saveLastUse()
          await sessions.saveLastUse()
          return 0
        },
      },
      ...listsPass(parts, (name) => background.trigger(name)),
      { name: 'refused calls', everyMillis: MINUTE, run: () => refusals.write() },
      { name: 'revoked keys', everyMillis: 2_000, run: () => keyRing.endWithoutKey() },
      {
        name: 'maintenance',
        everyMillis: 60 * MINUTE,
        run: async () => {
          const pruned =
            (await pruneIdempotency(database, now())) +
            (await jobs.tidy()) +
            (await pruneUploads(database, jobs.files, now())) +
            (await sessions.prune())
          await database.maintain()
          return pruned
        },
      },
    ],
    log,
    now,
    parts.timers ?? true,
  )
  watchSlowPeers(app, spool, parts.slowPeers)
  const services: Services = {
    database,
    knowledge,
    now,
    trigger: background.trigger,
    refreshKnowledge: () => parts.knowledge.refresh(),
    knowledgeAt: (knownAt) => parts.knowledge.at(knownAt),
    keyRing,
    spool,
    jobs,
  }

  const cityBytes = (config.DOCUMENT_LIMIT_MIB ?? 1024) * MEBIBYTE
  const snapshots = {
    signingKey: parts.signingKey ?? null,
    snapshotBytes: (config.SNAPSHOT_LIMIT_MIB ?? 4096) * MEBIBYTE,
  }
  featureRoutes(
    app,
    {
      ...services,
      ...snapshots,
      planning: parts.planning,
      compute: createCompute(parts.compute),
      version: parts.version,
    },
    { cityBytes },
  )
  await healthRoutes(app, {
    database,
    knowledge,
    passes: background.status,
    version: parts.version,
  })

  if (config.CONSOLE ?? true)
    await consoleRoutes(app, {
      api: app,
      keyRing,
      sessions,
      now,
      law: () => knowledge(),
      isEmbedded: database.kind === 'embedded',
      plainHttp: config.CONSOLE_PLAIN_HTTP ?? false,
      isLimited: config.RATE_LIMIT_PER_MINUTE > 0,
    })

  const metrics = createMetrics({
    database,
    knowledge,
    passes: background.status,
    stored: () => storedFigures(database),
    now,
    version: parts.version,
    ofProcess: parts.timers ?? true,
  })
  metricsRoute(app, metrics)

  let isReady = false
  app.addHook('onReady', async () => {
    isReady = true
  })
  // Before the server waits for its connections: some of them watch jobs.
  app.addHook('preClose', () => jobs.stop())
  app.addHook('onClose', async () => {
    await background.stop()
    // A start that failed has its own reason, and nothing to save.
    if (isReady) {
      // Without a database nothing can be saved, and that is no reason not to end.
      await Promise.all([keyRing.saveLastUse(), sessions.saveLastUse()]).catch((error: unknown) => {
        log.warn({ err: error }, 'the last uses of keys could not be saved')
      })
      await writeAnchors().catch((error: unknown) =>
        log.warn({ err: error }, 'the last audit heads were not logged'),
      )
      await refusals.write().catch((error: unknown) => {
        log.warn({ err: error }, 'the last refused calls could not be recorded')
      })
    }
    await spool.close()
  })
  return { app, background, connections, jobs }
}
