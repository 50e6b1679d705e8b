/** What the OpenAPI document says of one operation beside what its route declares, worked out from the route. */
import type { RouteOptions } from 'fastify'
import { PROBLEMS, type ProblemCode } from '../problems.ts'
import { headingOf } from './about.ts'
import { type AnswerHeader, type HeaderParameterName, headersIn } from './headers.ts'

/** One operation of the document, as far as it is read and written here. */
export interface DescribedOperation {
  operationId?: string
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: (
    | { in: string; name: string; schema?: Record<string, unknown>; style?: string; explode?: boolean }
    | { $ref: string }
  )[]
  requestBody?: { description?: string; content: Record<string, Content> }
  responses: Record<string, DescribedAnswer>
  [extension: `x-${string}`]: unknown
}
export interface DescribedAnswer {
  $ref?: string
  description?: string
  headers?: Record<string, { $ref: string }>
  content?: Record<string, Content>
}
interface Content {
  schema?: unknown
  example?: unknown
}

/** What of a route the document does not show by itself. */
export interface RouteFacts {
  readonly method: string
  /** As the document writes it, with `{name}`. */
  readonly path: string
  readonly config: RouteOptions['config']
  /** Bytes; undefined for the limit of the whole service. */
  readonly bodyLimit: number | undefined
  readonly codes: readonly ProblemCode[]
  /** Query parameters that are true or false. */
  readonly flags: readonly string[]
  /** Whether its query takes filters with an operator. */
  readonly takesOperators: boolean
}

/** A request and its answer, as a test got them. */
export interface Example {
  readonly status: number
  readonly type: string
  readonly request?: unknown
  readonly response: unknown
}

function withExample(operation: DescribedOperation, { status, type, request, response }: Example): void {
  const answer = operation.responses[status]?.content?.[type]
  if (answer) answer.example = response
  const body = operation.requestBody?.content['application/json']
  if (body && request !== undefined) body.example = request
}

const GROUPED_NAME = 'custom'
const EVERY_ROLE = 6
const SERVICE_BODY_LIMIT = 1024 * 1024

/** What can be changed under a version has an `ETag`: paths of operations that take `If-Match`. */
export function versionedPaths(routes: readonly RouteFacts[]): Set<string> {
  return new Set(routes.filter(({ codes }) => codes.includes('precondition-failed')).map(({ path }) => path))
}

interface Context {
  readonly versioned: ReadonlySet<string>
  readonly example: Example | undefined
}

export function completeOperation(
  operation: DescribedOperation,
  facts: RouteFacts,
  { versioned, example }: Context,
): void {
  const { config, codes, flags } = facts
  if (example) withExample(operation, example)
  operation.tags = [headingOf(facts.path)]
  operation.description = [operation.description, ...sentences(facts)].filter(Boolean).join('\n\n')
  if (config?.roles) {
    operation['x-roles'] = [...config.roles]
    operation.security = [{ apiKey: [] }, { apiKeyHeader: [] }]
  }
  for (const parameter of operation.parameters ?? []) {
    if ('name' in parameter && flags.includes(parameter.name)) {
      const { anyOf: _, ...schema } = parameter.schema ?? {}
      parameter.schema = { ...schema, type: 'boolean' }
    }
    // By names that only the caller knows: `custom[phase]=2`.
    if ('name' in parameter && parameter.name === GROUPED_NAME) {
      parameter.style = 'deepObject'
      parameter.explode = true
    }
  }
  if (facts.takesOperators) {
    operation.parameters = [
      ...(operation.parameters ?? []),
      { $ref: '#/components/parameters/FieldOperators' },
    ]
  }
  const headers = requestHeaders(operation, codes)
  if (headers.length > 0) {
    operation.parameters = [
      ...(operation.parameters ?? []),
      ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ]
  }
  if (operation.requestBody) {
    operation.requestBody.description = `At most ${mib(facts.bodyLimit ?? SERVICE_BODY_LIMIT)}.`
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (Number(status) >= 400) {
      operation.responses[status] = { $ref: `#/components/responses/${problemName(Number(status), codes)}` }
      continue
    }
    if (answer.description === undefined || answer.description === 'Default Response')
      answer.description = plainDescription(Number(status))
    const names = answerHeaders(operation, Number(status), facts, versioned)
    answer.headers = headersIn(names)
  }
}

function sentences({ config }: RouteFacts): string[] {
  const { roles, reads } = config ?? {}
  if (!roles) return ['No key is needed.']
  const who =
    roles.length === EVERY_ROLE
      ? 'Roles: every role.'
      : `Roles: ${roles.map((role) => `\`${role}\``).join(', ')}.`
  if (reads === undefined || reads === 'process') return [who]
  return reads === 'shared'
    ? [`${who} The answer is the same for every caller.`]
    : [
        `${who} A read with a key of an admin or federal reviewer is recorded in the audit log as \`${reads}\`.`,
      ]
}

function requestHeaders(
  { responses }: DescribedOperation,
  codes: readonly ProblemCode[],
): HeaderParameterName[] {
  const names: HeaderParameterName[] = []
  if (codes.includes('idempotency-key-reused')) names.push('IdempotencyKey')
  if (codes.includes('precondition-failed')) names.push('IfMatch')
  if ('304' in responses) names.push('IfNoneMatch')
  if ('202' in responses && codes.includes('idempotency-key-reused')) names.push('Prefer')
  return names
}

function answerHeaders(
  { parameters = [], responses }: DescribedOperation,
  status: number,
  { method, path, config }: RouteFacts,
  versioned: ReadonlySet<string>,
): AnswerHeader[] {
  const types = Object.keys(responses[status]?.content ?? {})
  const hasCursor = parameters.some((parameter) => 'name' in parameter && parameter.name === 'cursor')
  const isVersioned = versioned.has(path) || (method === 'POST' && versioned.has(`${path}/{id}`))
  const isChanged = status !== 204 && method !== 'DELETE'
  const names: AnswerHeader[] = [...EVERYWHERE, ...(OWN[`${method} ${path}`] ?? [])]
  const repeats = status === 200 && method === 'POST' && '201' in responses
  if (status === 201 || repeats || (status === 202 && method === 'POST')) names.push('Location')
  if ('304' in responses || config?.reads === 'shared' || (isVersioned && isChanged)) names.push('ETag')
  if (hasCursor && status < 400) names.push('Link')
  const isRead = method === 'GET'
  // Lines that answer a POST are for the program that asked; a workbook is for whoever opens it.
  if (types.some((type) => (isRead ? FILES : /spreadsheetml/).test(type))) names.push('Content-Disposition')
  return names
}

const EVERYWHERE: readonly AnswerHeader[] = [
  'X-Request-Id',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
]
/** Headers of one operation alone. */
const OWN: Readonly<Record<string, readonly AnswerHeader[]>> = {
  'GET /v1/devices': ['Camledger-Knowledge'],
  'GET /v1/jobs/{id}': ['Retry-After'],
  'POST /v1/devices/{id}/statements': ['ETag'],
  'POST /v1/plans/{id}/copies': ['ETag'],
  'GET /v1/statements/{id}': ['ETag'],
  'POST /v1/finding-decisions': ['ETag'],
  'GET /v1/finding-decisions/{id}': ['ETag'],
  'POST /v1/local-laws': ['ETag'],
  'GET /v1/local-laws/{id}': ['ETag'],
}
/** Media types that a browser saves instead of showing. */
const FILES = /csv|ndjson|spreadsheetml|pdf|zip/

const PLAIN: Readonly<Record<number, string>> = {
  200: 'Done; the body has the answer',
  201: 'Made; the body shows it',
  202: 'Accepted: a job does the work',
  204: 'Done; there is no body',
  304: 'Nothing has changed since the version in `If-None-Match`',
}

function plainDescription(status: number): string {
  return PLAIN[status] ?? `Status ${status}`
}

function mib(bytes: number): string {
  const whole = bytes / SERVICE_BODY_LIMIT
  return whole < 1024 ? `${whole} MiB` : `${whole / 1024} GiB`
}

const codesOf = (status: number, codes: readonly ProblemCode[]) =>
  [...new Set(codes)].filter((code) => PROBLEMS[code].status === status).sort()

/** Operations that can fail in the same ways share one component. */
function problemName(status: number, codes: readonly ProblemCode[]): string {
  const own = codesOf(status, codes)
  if (own.length === 0) throw new Error(`An operation declares ${status} by no problem code.`)
  return own.join('-or-')
}

export function problemResponses(routes: Iterable<RouteFacts>): Record<string, DescribedAnswer> {
  const found: Record<string, DescribedAnswer> = {}
  for (const { codes } of routes) {
    for (const status of new Set(codes.map((code) => PROBLEMS[code].status))) {
      found[problemName(status, codes)] ??= problemResponse(status, codesOf(status, codes))
    }
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function problemResponse(status: number, codes: readonly ProblemCode[]): DescribedAnswer {
  const names = [...EVERYWHERE]
  if (status === 401) names.push('WWW-Authenticate')
  if (status === 412) names.push('ETag')
  if (status === 429 || status === 503) names.push('Retry-After')
  const types = codes.map((code) => `/problems/${code}`)
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
    headers: headersIn(names),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { type: { enum: types } } },
          ],
        },
      },
    },
  }
}
