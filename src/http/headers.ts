/**
 * Headers that say what a browser and a cache may do with an answer, on every answer of every route.
 *
 * What belongs to a city is stored nowhere. Knowledge that is the same for everybody may be kept by the one who asked,
 * and is asked for again by its tag each time, so that a change of law is never overlooked.
 */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { alreadyHas } from './etag.ts'

/** Answers are data: a browser that shows one as a page loads, runs and frames nothing. */
export const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The reference under /docs: its own files, and pictures that its style sheet holds. */
export const REFERENCE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A page that holds its style itself: this style sheet and no other. */
export function pagePolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `${API_POLICY}; style-src 'sha256-${hash}'; img-src data:`
}

/** What an answer depends on beside its address. */
const VARY = 'Accept, Authorization, X-Api-Key'

export async function registerHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, { contentSecurityPolicy: false, frameguard: { action: 'deny' } })
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id)
    if (!reply.hasHeader('content-security-policy')) reply.header('content-security-policy', API_POLICY)
    if (request.routeOptions.config.roles) reply.header('vary', VARY)
    const sent = sharedKnowledge(request, reply, payload)
    // Who has it already is sent no body, so none is described.
    if (reply.statusCode === 304) reply.removeHeader('content-type').removeHeader('content-length')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return request.method === 'HEAD' ? withoutRows(sent) : sent
  })
}

/** Tags what is the same for everybody, and sends nothing to whoever has it already. */
function sharedKnowledge(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { reads } = request.routeOptions.config
  if (reads !== 'shared' || reply.statusCode !== 200 || typeof payload !== 'string') return payload
  if (!['GET', 'HEAD'].includes(request.method)) return payload
  const etag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 22)}"`
  reply.headers({ etag, 'cache-control': 'private, no-cache' })
  if (!alreadyHas(request.headers['if-none-match'], etag)) return payload
  reply.code(304)
  return ''
}

/** HEAD asks for the headers: the rows of an export are not read from the database for it. */
function withoutRows(payload: unknown): unknown {
  if (!(payload instanceof Readable)) return payload
  payload.destroy()
  return Readable.from([])
}
