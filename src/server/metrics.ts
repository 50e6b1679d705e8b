/**
 * `GET /metrics`: figures for Prometheus. Labels are route templates, names of passes, kinds of jobs, regimes and feeds:
 * never an address that was asked for, and nothing that names a city, so their number is bounded.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { problems } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { ADMINS } from '../tenancy/auth.ts'
import type { PassStatus } from './background.ts'

/** Seconds. Imports and computations take minutes. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** A scrape does not wait longer for what the database is asked. */
export const QUERY_LIMIT_MILLIS = 2_000
/** Methods that routes have; whatever else comes is one label. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What is asked of the database at a scrape. */
export interface StoredFigures {
  readonly jobs: readonly { readonly kind: string; readonly state: string; readonly count: number }[]
  readonly oldestQueuedAt: string | null
  readonly feeds: readonly { readonly feed: string; readonly checkedAt: string }[]
  /** When a file of a list was last taken, or found to be the same. */
  readonly lists: readonly { readonly list: string; readonly goodAt: string }[]
}

export interface MetricsSources {
  readonly database: Database
  readonly knowledge: () => Knowledge
  readonly passes: () => PassStatus[]
  readonly stored: () => Promise<StoredFigures>
  readonly now: () => Date
  readonly version: string
  /** Figures of the process and its event loop too, which watch it all the time. */
  readonly ofProcess: boolean
}

export interface Metrics {
  /** Count an answered request. */
  observe(request: FastifyRequest, reply: FastifyReply): void
  text(): Promise<{ readonly type: string; readonly text: string }>
}

export function createMetrics(sources: MetricsSources): Metrics {
  const register = new Registry()
  if (sources.ofProcess) collectDefaultMetrics({ register })
  const requests = new Histogram({
    name: 'camledger_http_request_duration_seconds',
    help: 'Answered requests by method, route template and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [register],
  })
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name: `camledger_${name}`, help, labelNames: [...labelNames], registers: [register] })
  const fill = [
    fillProcess(gauge, sources),
    fillPasses(gauge, sources),
    fillKnowledge(gauge, sources),
    fillStored(gauge, sources),
  ]

  return {
    observe(request, reply) {
      const method = METHODS.includes(request.method) ? request.method : 'other'
      const route = request.routeOptions.url ?? 'none'
      requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    },
    async text() {
      for (const one of fill) await one()
      return { type: register.contentType, text: await register.metrics() }
    },
  }
}

type MakeGauge = (name: string, help: string, labelNames?: readonly string[]) => Gauge
type Fill = () => void | Promise<void>

const seconds = (instant: string) => Date.parse(instant) / 1000

function fillProcess(gauge: MakeGauge, { database, version }: MetricsSources): Fill {
  gauge('info', 'Version of the service and kind of its database', ['version', 'database']).set(
    { version, database: database.kind },
    1,
  )
  const connections = gauge('database_connections', 'Connections of the pool, in use and idle', ['state'])
  const waiting = gauge('database_waiting', 'Pieces of work that wait for a connection')
  return () => {
    const counts = database.connections()
    connections.set({ state: 'in-use' }, counts.total - counts.idle)
    connections.set({ state: 'idle' }, counts.idle)
    waiting.set(counts.waiting)
  }
}

function fillPasses(gauge: MakeGauge, { passes }: MetricsSources): Fill {
  const lastRun = gauge('pass_last_run_timestamp_seconds', 'End of the last run of a background pass', [
    'pass',
  ])
  const failures = gauge('pass_failures', 'Runs of a background pass that failed since the last good one', [
    'pass',
  ])
  return () => {
    for (const pass of passes()) {
      if (pass.lastRunAt !== null) lastRun.set({ pass: pass.name }, seconds(pass.lastRunAt))
      failures.set({ pass: pass.name }, pass.failures)
    }
  }
}

function fillKnowledge(gauge: MakeGauge, { knowledge }: MetricsSources): Fill {
  const version = gauge('knowledge_version', 'Version of the knowledge in force')
  const asOf = gauge(
    'knowledge_as_of_timestamp_seconds',
    'Newest day on which a row of the list was read in its source',
    ['regime'],
  )
  return () => {
    const { version: number, reference } = knowledge()
    version.set(number)
    const newest = new Map<string, string>()
    for (const { regime, asOf: day } of reference.listings) {
      if (day > (newest.get(regime) ?? '')) newest.set(regime, day)
    }
    asOf.reset()
    for (const [regime, day] of newest) asOf.set({ regime }, seconds(day))
  }
}

/**
 * What is in the database. Without an answer in time these figures are absent, and `database_up` is 0. A scrape joins
 * the question of the one before that is still open: scrapes must not queue up in front of a slow database.
 */
function fillStored(gauge: MakeGauge, { stored, now }: MetricsSources): Fill {
  const isUp = gauge('database_up', 'Whether the database answered this scrape')
  const jobs = gauge('jobs', 'Jobs that are kept, by kind and state', ['kind', 'state'])
  const oldest = gauge('jobs_oldest_queued_seconds', 'How long the oldest waiting job has waited')
  const feeds = gauge('feed_checked_timestamp_seconds', 'When a feed of advisories was last read', ['feed'])
  let asking: Promise<StoredFigures> | undefined
  const lists = gauge('list_good_timestamp_seconds', 'When a file of an official list was last taken', [
    'list',
  ])
  const ask = () => {
    asking ??= stored().finally(() => {
      asking = undefined
    })
    return asking
  }
  return async () => {
    const figures = await inTime(ask())
    isUp.set(figures === null ? 0 : 1)
    for (const one of [jobs, feeds, lists]) one.reset()
    // A reset would leave a 0 behind, which says that nothing waits.
    oldest.remove()
    if (figures === null) return
    for (const { kind, state, count } of figures.jobs) jobs.set({ kind, state }, count)
    const since = figures.oldestQueuedAt
    oldest.set(since === null ? 0 : Math.max(0, now().getTime() / 1000 - seconds(since)))
    for (const { feed, checkedAt } of figures.feeds) feeds.set({ feed }, seconds(checkedAt))
    for (const { list, goodAt } of figures.lists) lists.set({ list }, seconds(goodAt))
  }
}

async function inTime<T>(asking: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, QUERY_LIMIT_MILLIS, null)
  })
  try {
    return await Promise.race([asking.catch(() => null), limit])
  } finally {
    clearTimeout(timer)
  }
}

export function metricsRoute(app: App, metrics: Metrics): void {
  app.get(
    '/metrics',
    {
      config: { roles: ADMINS, reads: 'process', takesMetricsToken: true },
      schema: {
        operationId: 'getMetrics',
        tags: ['operations'],
        summary: 'Figures of this process for Prometheus, with an admin key or `METRICS_TOKEN`',
        security: [{ apiKey: [] }],
        produces: ['text/plain'],
        response: {
          200: z.string().meta({ description: 'the text format of Prometheus' }),
          ...problems('unauthenticated', 'forbidden'),
        },
      },
    },
    async (_request, reply) => {
      const { type, text } = await metrics.text()
      return reply.type(type).send(text)
    },
  )
}
