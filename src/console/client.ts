/**
 * The API, called from within the process for whoever has signed in. A call passes everything that a call over the
 * network passes: roles, scope, row security, the record of reads, limits, entity tags. It stands for a key by a symbol
 * on the request (`tenancy/in-process.ts`), never by a header.
 */
import type { OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { InjectOptions } from 'light-my-request'
import type { Problem } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import { standFor } from '../tenancy/in-process.ts'
import type { Principal } from '../tenancy/principal.ts'
import type { Gets, Sends } from './answers.ts'
import type { SentFile } from './multipart.ts'

/** The API refused a call. */
export class ApiRefusal extends Error {
  readonly problem: Problem
  readonly headers: OutgoingHttpHeaders

  constructor(problem: Problem, headers: OutgoingHttpHeaders = {}) {
    super(problem.detail ?? problem.title)
    this.problem = problem
    this.headers = headers
  }

  /** The last part of the problem's type: `not-found`. */
  get code(): string {
    return this.problem.type.split('/').at(-1) ?? ''
  }
}

type Query = URLSearchParams | Readonly<Record<string, string | readonly string[] | undefined>>

interface Call {
  /** For `{id}` and the like in the address. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Query
  readonly headers?: Readonly<Record<string, string>>
}

interface Answer<Body> {
  readonly body: Body
  readonly status: number
  readonly headers: OutgoingHttpHeaders
}

export interface Api {
  /** Throws ApiRefusal. */
  get<Path extends keyof Gets>(path: Path, call?: Call): Promise<Gets[Path]>
  /** As `get`, with the headers of the answer: the entity tag that a change has to name. */
  read<Path extends keyof Gets>(path: Path, call?: Call): Promise<Answer<Gets[Path]>>
  /** Throws ApiRefusal. `call` is method and address: `PATCH /v1/devices/{id}`. */
  send<Name extends keyof Sends>(
    call: Name,
    sent: Call & { readonly body: Sends[Name]['body'] },
  ): Promise<Answer<Sends[Name]['answer']>>
  /** A file that comes with a form, passed on as it comes. Throws ApiRefusal. */
  upload<Name extends keyof Sends>(
    call: Name,
    file: Pick<SentFile, 'mediaType' | 'stream'>,
    query: Query,
    params?: Readonly<Record<string, string>>,
  ): Promise<Answer<Sends[Name]['answer']>>
  /** A file, passed on as it comes. Throws ApiRefusal. */
  stream(address: string, headers: Readonly<Record<string, string>>): Promise<Answer<Readable>>
  /** The addresses that were read, in order: what the page shows as its calls of the API. */
  readonly calls: readonly string[]
}

export interface CallerOf {
  readonly app: App
  readonly principal: Principal
  /** The network address of the browser. */
  readonly remoteAddress: string
}

export function apiFor(caller: CallerOf): Api {
  const calls: string[] = []

  async function json<Body>(method: string, url: string, options: InjectOptions): Promise<Answer<Body>> {
    const reply = await inject(caller, { ...options, method, url })
    const { statusCode: status, headers, payload } = reply
    if (status >= 400) throw refusal(status, payload, headers)
    return { body: (payload === '' ? null : JSON.parse(payload)) as Body, status, headers }
  }

  const read: Api['read'] = (path, call = {}) => {
    const url = addressOf(path, call)
    calls.push(url)
    return json('GET', url, { headers: { accept: 'application/json', ...call.headers } })
  }

  return {
    calls,
    read,
    get: async (path, call) => (await read(path, call)).body,
    send: (name, { body, ...call }) => {
      const [method = '', path = ''] = name.split(' ')
      if (body === undefined) return json(method, addressOf(path, call), { headers: { ...call.headers } })
      const headers = { 'content-type': 'application/json', ...call.headers }
      return json(method, addressOf(path, call), { headers, payload: JSON.stringify(body) })
    },
    upload: (name, { mediaType, stream }, query, params = {}) => {
      const [method = '', path = ''] = name.split(' ')
      const headers = { 'content-type': typeSent(mediaType), 'transfer-encoding': 'chunked' }
      return json(method, addressOf(path, { params, query }), { headers, payload: stream })
    },
    stream: async (url, headers) => {
      const reply = await inject(caller, { method: 'GET', url, headers, payloadAsStream: true })
      const { statusCode: status } = reply
      const body = reply.stream()
      if (status >= 400) throw refusal(status, await textOf(body), reply.headers)
      return { body, status, headers: reply.headers }
    },
  }
}

/** Loaded with the first page and not with the service: it takes as long as a tenth of the start. */
async function inject({ app, principal, remoteAddress }: CallerOf, options: InjectOptions) {
  const { inject } = await import('light-my-request')
  return inject(
    (request, response) => {
      standFor(request, principal)
      app.routing(request, response)
    },
    { remoteAddress, ...options },
  )
}

/** Check a key as any request does, so that wrong ones are limited and recorded as they are there. Throws ApiRefusal. */
export async function tryKey(app: App, key: string, remoteAddress: string): Promise<void> {
  const { statusCode, payload, headers } = await app.inject({
    method: 'GET',
    url: '/v1/regimes?limit=1',
    remoteAddress,
    headers: { authorization: `Bearer ${key}` },
  })
  if (statusCode >= 400) throw refusal(statusCode, payload, headers)
}

/** Browsers name types by what is installed; what is in a file is told by its bytes. */
function typeSent(mediaType: string): string {
  const isText = /^(?:text|application)\/(?:csv|(?:x-)?ndjson|json|geo\+json|xml|tab-separated-values)$/.test(
    mediaType,
  )
  return isText || /^(?:image\/(?:png|jpeg)|application\/pdf)$/.test(mediaType)
    ? mediaType
    : 'application/octet-stream'
}

function refusal(status: number, text: string, headers: OutgoingHttpHeaders): ApiRefusal {
  try {
    return new ApiRefusal(JSON.parse(text) as Problem, headers)
  } catch {
    const problem = { type: '/problems/internal-error', title: 'No answer', status, requestId: '' }
    return new ApiRefusal(problem, headers)
  }
}

function addressOf(path: string, { params = {}, query }: Call): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
  const text = queryOf(query).toString()
  return text === '' ? filled : `${filled}?${text}`
}

function queryOf(query: Query = {}): URLSearchParams {
  if (query instanceof URLSearchParams) return query
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, one]),
  )
  return new URLSearchParams(pairs)
}

async function textOf(stream: Readable): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part as Buffer))
  return Buffer.concat(parts).toString('utf8')
}
