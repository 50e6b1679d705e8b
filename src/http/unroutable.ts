/**
 * Requests that reach no route: no HTTP at all, headers without end, addresses that cannot be decoded, methods that
 * an address does not know. They get the same kind of answer as everybody else.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { uuidv7 } from '../lib/ids.ts'
import { API_POLICY } from './headers.ts'
import { DomainError, handleError, toProblem } from './problems.ts'

/** Answers that do not go through the hooks of a route carry these. */
const BARE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': API_POLICY,
  'x-content-type-options': 'nosniff',
}

/** What address and headers may have together, in bytes. */
const HEADERS_MOST = 16 * 1024
/** What of them is read: up to here a request that has too many is answered as any other is. */
export const HEADERS_READ = 2 * HEADERS_MOST

/** For Fastify's `frameworkErrors`: an address that the router cannot read. */
export function onUnreadableAddress(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({ ...BARE_HEADERS, 'x-request-id': request.id })
  const isLong = (error as { code?: string }).code === 'FST_ERR_MAX_PARAM_LENGTH'
  handleError(
    isLong
      ? new DomainError('not-found', 'There is no such address; a part of it is too long.')
      : undecodable(),
    request,
    reply,
  )
}

const undecodable = () =>
  new DomainError('malformed-request', 'The address cannot be decoded: write % only as %XX of UTF-8.')

/** The router decodes the path alone. A value that stayed encoded would be looked for as it is, and found nowhere. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url.slice(url.indexOf('?') + 1))
    return true
  } catch {
    return false
  }
}

interface ReadingError extends Error {
  readonly code?: string | undefined
  /** A buffer with what came last, in which the error is. Fastify's type for it is another. */
  readonly rawPacket?: unknown
}

/** For Fastify's `clientErrorHandler`: what came is no request that Node can read. */
export function onUnreadableRequest(now: () => Date) {
  return function (this: FastifyInstance, error: ReadingError, socket: Socket): void {
    const { response, isHead } = answering.get(socket) ?? {}
    // Nobody is there any more, or an answer is on its way already, into which nothing else may be written.
    if (error.code === 'ECONNRESET' || !socket.writable || response?.deref()?.headersSent) {
      socket.destroy()
      return
    }
    writeProblem(socket, problemOf(error.code), uuidv7(now().getTime()), isHead ?? asksHead(error))
  }
}

/** Whether what could not be read began as a HEAD request. Of one that came in pieces only the last is at hand. */
function asksHead({ rawPacket }: ReadingError): boolean {
  return Buffer.isBuffer(rawPacket) && rawPacket.subarray(0, 5).toString('latin1') === 'HEAD '
}

interface Answering {
  readonly response: WeakRef<{ readonly headersSent: boolean }>
  readonly isHead: boolean
}
const answering = new WeakMap<Socket, Answering>()

/** Look after requests that Node would answer by itself, without a body or not at all. */
export function answerUnroutable(app: FastifyInstance, now: () => Date): void {
  const { server } = app
  server.on('request', (request, response) => {
    answering.set(request.socket, { response: new WeakRef(response), isHead: request.method === 'HEAD' })
    response.once('close', () => answering.delete(request.socket))
  })
  // What is expected beyond `100-continue` is ignored, as RFC 9110, section 10.1.1, allows.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('connect', (_request, socket) => {
    const error = new DomainError('method-not-allowed', 'This is no proxy.')
    writeProblem(socket as Socket, error, uuidv7(now().getTime()))
  })
  app.addHook('onRequest', async (request) => {
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw new DomainError('malformed-request', 'The request has no Host header.')
    }
    if (sizeOf(request.raw) > HEADERS_MOST) throw headersTooLarge()
    if (request.url.includes('?') && !isDecodable(request.url)) throw undecodable()
  })
}

function sizeOf({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, url.length)
}

const headersTooLarge = () =>
  new DomainError('headers-too-large', 'Address and headers together may have 16 KiB.', {
    headers: { connection: 'close' },
  })

function problemOf(code: string | undefined): DomainError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge()
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new DomainError('body-too-slow', 'The request did not come in time.')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new DomainError('payload-too-large', 'The extensions of a chunk are too large.')
    default:
      return new DomainError('malformed-request', 'What came is no HTTP request.')
  }
}

function writeProblem(socket: Socket, error: DomainError, requestId: string, isHead = false): void {
  const problem = toProblem(error, requestId)
  const body = JSON.stringify(problem)
  const headers = {
    ...BARE_HEADERS,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n`
  // An answer to HEAD ends with its headers: what follows would be taken for another answer.
  socket.end(isHead ? head : head + body)
}

/** The methods that an address knows; empty when it is none. */
export function registerMethods(app: FastifyInstance): void {
  const known: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    known.push({ parts: url.split('/'), methods: [method].flat() })
  })
  app.setNotFoundHandler((request, reply) => {
    const parts = request.url.split('?')[0]!.split('/')
    const methods = new Set(
      known.filter((route) => fits(route.parts, parts)).flatMap((route) => route.methods),
    )
    if (methods.size === 0) throw new DomainError('not-found', 'There is no such address; see /docs.')
    const allow = [...methods, 'OPTIONS'].sort().join(', ')
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    throw new DomainError('method-not-allowed', `This address knows ${allow}.`, { headers: { allow } })
  })
}

function fits(route: readonly string[], parts: readonly string[]): boolean {
  const rest = route.indexOf('*')
  if (rest !== -1) return parts.length > rest && fits(route.slice(0, rest), parts.slice(0, rest))
  return (
    route.length === parts.length &&
    route.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))
  )
}
