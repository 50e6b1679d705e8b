/** `GET /v1/manufacturers/match`: how a name is read. */
import { z } from 'zod'
import { problems } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import { READERS } from '../tenancy/auth.ts'
import type { Services } from './services.ts'

const Match = z
  .object({
    query: z.string(),
    normalized: z.string(),
    manufacturer: z.string().nullable(),
    score: z.number(),
    band: z.enum(['match', 'review', 'none']),
    method: z.string(),
    alias: z.object({ text: z.string(), kind: z.string() }).nullable(),
    edits: z.array(z.object({ op: z.string(), from: z.string(), to: z.string(), cost: z.number() })),
    freeWords: z.array(z.object({ text: z.string(), class: z.string() })),
    leftover: z.array(z.object({ text: z.string(), class: z.string(), weight: z.number() })),
    runnerUp: z.object({ vendor: z.string(), score: z.number() }).nullable(),
    suggestions: z.array(z.object({ vendor: z.string(), name: z.string(), score: z.number() })),
    matcherVersion: z.string(),
  })
  .meta({ id: 'NameMatch', description: 'How a name was read, step by step' })

export function matchRoute(app: App, { knowledge }: Services): void {
  app.get(
    '/v1/manufacturers/match',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'matchManufacturer',
        tags: ['catalog'],
        summary: 'Who is meant by this name? Every step of the reading is shown',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({ name: z.string().max(1000).regex(/\S/, 'must not be empty') }),
        response: { 200: Match, ...problems('unauthenticated') },
      },
    },
    async (request) => {
      const { vendor, ...match } = knowledge().matcher.match(request.query.name)
      return { ...match, manufacturer: vendor }
    },
  )
}
