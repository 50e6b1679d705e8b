/** Is it alive, can it answer, and where is the reference? Open to everybody; nothing here names a tenant. */
import swaggerUi from '@fastify/swagger-ui'
import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { outageOf } from '../db/failures.ts'
import { REFERENCE_POLICY } from '../http/headers.ts'
import { DomainError, notReady, PROBLEMS, problems } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { PassStatus } from './background.ts'

export interface HealthSources {
  readonly database: Database
  readonly knowledge: () => Knowledge
  readonly passes: () => PassStatus[]
  readonly version: string
}

const PING_LIMIT_MILLIS = 2_000
const NO_ANSWER = { detail: 'The database does not answer.', retryAfterSeconds: 5 }

const Ready = z
  .object({
    status: z.literal('ready'),
    version: z.string(),
    database: z.enum(['postgres', 'embedded']),
    knowledge: z.object({ version: z.int(), asOf: z.string(), digest: z.string() }),
    background: z.array(
      z.object({
        name: z.string(),
        running: z.boolean(),
        lastRunAt: z.string().nullable(),
        lastDid: z.number().nullable(),
        failures: z.int(),
      }),
    ),
  })
  .meta({ id: 'Ready' })

export async function healthRoutes(app: App, sources: HealthSources): Promise<void> {
  const { database, knowledge, passes, version } = sources
  const alive = {
    schema: {
      tags: ['operations'],
      response: { 200: z.object({ status: z.literal('ok') }) },
    },
  }
  app.get(
    '/healthz',
    { schema: { ...alive.schema, operationId: 'getHealth', summary: 'The process answers' } },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['operations'],
        summary: 'The service can answer: its database does, and knowledge is loaded',
        response: { 200: Ready, ...problems() },
      },
    },
    async () => {
      try {
        await Promise.race([
          database.ping(),
          new Promise((_, reject) => {
            setTimeout(() => reject(new Error('no answer')), PING_LIMIT_MILLIS).unref()
          }),
        ])
      } catch (cause) {
        throw notReady(outageOf(cause) ?? NO_ANSWER, cause)
      }
      const known = knowledge()
      return {
        status: 'ready' as const,
        version,
        database: database.kind,
        knowledge: { version: known.version, asOf: known.asOf, digest: known.digest },
        background: passes(),
      }
    },
  )

  referenceRoutes(app)

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, displayRequestDuration: true },
    theme: { title: 'camledger API' },
    staticCSP: REFERENCE_POLICY,
  })
}

/** What the API says of itself, as JSON and word by word. */
function referenceRoutes(app: App): void {
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type('application/json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(openApiText()),
  )
  let cached: string | undefined
  function openApiText(): string {
    cached ??= JSON.stringify(app.swagger())
    return cached
  }

  /** What `type` of a problem points to. */
  app.get('/problems/:code', { schema: { hide: true } }, async (request, reply) => {
    const { code } = request.params as { code: string }
    if (!Object.hasOwn(PROBLEMS, code)) throw new DomainError('not-found', 'There is no such problem.')
    const problem = PROBLEMS[code as keyof typeof PROBLEMS]
    return reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(
        `${code}\nstatus ${problem.status}\n${problem.title}\nMore: docs/problems.md in the repository.\n`,
      )
  })
}
