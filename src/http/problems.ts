/**
 * Everything that can go wrong, in one closed table, and the one way it is told (RFC 9457).
 *
 * A decision ("prohibited", "unresolved") is a value, never an error. An error is when we could not answer.
 * `docs/problems.md` explains each code; a test compares the two.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { databaseFailure, diskOutageOf, type Outage, outageOf } from '../db/failures.ts'
import { CallerGone } from './gone.ts'

export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request has fields that are wrong or unknown.' },
  'malformed-request': { status: 400, title: 'What came is no request that can be read.' },
  'malformed-body': { status: 400, title: 'The body could not be read.' },
  unauthenticated: { status: 401, title: 'A valid API key is needed.' },
  forbidden: { status: 403, title: 'This key may not do that.' },
  'not-found': { status: 404, title: 'There is no such thing, or it is not yours.' },
  'method-not-allowed': { status: 405, title: 'The address does not know this method.' },
  'not-acceptable': { status: 406, title: 'None of the asked media types can be given.' },
  'body-too-slow': { status: 408, title: 'The request came too slowly.' },
  'asset-tag-taken': { status: 409, title: 'Another device has this asset tag.' },
  'site-name-taken': { status: 409, title: 'Another site has this name.' },
  'jurisdiction-name-taken': { status: 409, title: 'Another jurisdiction has this name.' },
  'release-taken': { status: 409, title: 'An image with this hash is already on record.' },
  'license-in-use': { status: 409, title: 'The license is in use: end it instead.' },
  'record-retained': { status: 409, title: 'The law asks to keep this record for longer.' },
  'site-in-use': { status: 409, title: 'Devices are still placed at this site.' },
  'custom-field-taken': { status: 409, title: 'Another field has this name.' },
  'custom-field-in-use': { status: 409, title: 'Devices still have a value of this field.' },
  'mapping-name-taken': { status: 409, title: 'Another saved mapping has this name.' },
  'plan-name-taken': { status: 409, title: 'Another plan has this name.' },
  'plan-in-use': { status: 409, title: 'The plan has records that have to be kept.' },
  'plan-changed': { status: 409, title: 'The plan changed while this was computed.' },
  'estimate-needed': { status: 409, title: 'The plan has no estimate of its present revision.' },
  'schedule-needed': { status: 409, title: 'The plan has no schedule.' },
  'approval-withdrawn': { status: 409, title: 'The approval was withdrawn.' },
  'funding-source-name-taken': { status: 409, title: 'Another funding source has this name.' },
  'funding-source-in-use': { status: 409, title: 'A plan names or has used this funding source.' },
  'candidate-refused': { status: 409, title: 'What the plan would buy may not be bought.' },
  'candidate-in-use': { status: 409, title: 'Devices of the plan are to be replaced by this candidate.' },
  'scenario-limit': { status: 409, title: 'As many scenarios are kept as there may be.' },
  'snapshot-limit': { status: 409, title: 'As many snapshots are kept as there may be.' },
  'signing-key-in-file': { status: 409, title: 'The signing key lies in a file of the operator.' },
  'legal-hold': { status: 409, title: 'The device is under a legal hold.' },
  'statement-withdrawn': { status: 409, title: 'The statement was withdrawn.' },
  'statement-fell': { status: 409, title: 'Facts have changed since the statement was made.' },
  'decision-withdrawn': { status: 409, title: 'The decision was withdrawn.' },
  'second-person-needed': { status: 409, title: 'Another person has to do this.' },
  'selection-changed': { status: 409, title: 'The devices are not those that were counted.' },
  'document-limit': { status: 409, title: 'The documents of the city hold as much as they may.' },
  'already-disposed': { status: 409, title: 'The device has been disposed of.' },
  'device-merged': { status: 410, title: 'This device is part of another one by now.' },
  'precondition-failed': { status: 412, title: 'The thing has changed since you read it.' },
  'payload-too-large': { status: 413, title: 'The body is larger than this operation takes.' },
  'unsupported-media-type': { status: 415, title: 'This operation does not read that media type.' },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key was used for another request.' },
  'unreadable-file': { status: 422, title: 'The file could not be read as a table.' },
  'document-refused': { status: 422, title: 'The file is no document that is kept here.' },
  'feed-refused': { status: 422, title: 'The feed lost or broke more than it may.' },
  'list-refused': { status: 422, title: 'The file cannot take the place of the list in force.' },
  'import-refused': { status: 422, title: 'Rows have errors and the import was asked to be atomic.' },
  'currency-mismatch': { status: 422, title: 'Amounts are in another currency than the plan.' },
  'too-many-requests': { status: 429, title: 'Too much was asked for at once or within a minute.' },
  'headers-too-large': { status: 431, title: 'Address and headers are too large.' },
  'job-lost': { status: 500, title: 'The job could not be brought to an end.' },
  'internal-error': { status: 500, title: 'Something went wrong on our side.' },
  'not-ready': { status: 503, title: 'The service cannot answer right now.' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** What is wrong is named so often; of more only the number. An answer must not grow with what a request got wrong. */
const ERRORS_MOST = 1000
/** Characters of a name that was sent, as it is sent back, and of what is said of it. */
const POINTER_MOST = 300
const MESSAGE_MOST = 2000

/** One wrong field, row or parameter. `pointer` is a JSON Pointer into the body, or `?name` for a parameter. */
export const FieldProblem = z
  .object({
    pointer: z.string().meta({ description: 'JSON Pointer into the body, or ?name for a query parameter' }),
    code: z.string(),
    message: z.string(),
  })
  .meta({ id: 'FieldProblem' })
export type FieldProblem = z.infer<typeof FieldProblem>

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    requestId: z.string(),
    errors: z.array(FieldProblem).optional(),
    errorsOmitted: z.int().optional().meta({ description: 'how many more there are than `errors` names' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })
export type Problem = z.infer<typeof Problem>

interface ErrorExtra {
  readonly errors?: readonly FieldProblem[]
  readonly errorsOmitted?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An error that a caller is told of. `detail` is public text. */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly code: ProblemCode
  readonly errors: readonly FieldProblem[] | undefined
  /** How many more errors there are, which were not written down. */
  readonly errorsOmitted: number
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: ProblemCode, detail: string, extra: ErrorExtra = {}) {
    super(detail, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    this.errors = extra.errors
    this.errorsOmitted = extra.errorsOmitted ?? 0
    this.headers = extra.headers
  }
}

/** The same for what is missing and for what is somebody else's. */
export function notFound(what: string): DomainError {
  return new DomainError('not-found', `There is no such ${what}.`)
}

/** Constraints are the contract between the tables and this file. */
const CONSTRAINTS: Readonly<Record<string, readonly [ProblemCode, string, string]>> = {
  devices_asset_tag_key: ['asset-tag-taken', '/assetTag', 'is the tag of another device'],
  sites_name_key: ['site-name-taken', '/name', 'is the name of another site'],
  custom_fields_name_key: ['custom-field-taken', '/name', 'is the name of another field'],
  custom_fields_label_key: ['custom-field-taken', '/label', 'is the label of another field'],
  import_mappings_name_key: ['mapping-name-taken', '/name', 'is the name of another saved mapping'],
  firmware_releases_sha256_key: ['release-taken', '/sha256', 'is the hash of another release here'],
  jurisdictions_name_key: ['jurisdiction-name-taken', '/name', 'is the name of another jurisdiction'],
  plans_name_key: ['plan-name-taken', '/name', 'is the name of another plan'],
  funding_sources_name_key: ['funding-source-name-taken', '/name', 'is the name of another funding source'],
  plan_devices_candidate_fk: ['invalid-request', '/candidateId', 'is not a candidate of this plan'],
  plan_actuals_site_fk: ['invalid-request', '/siteId', 'is not a site of this jurisdiction'],
  plan_actuals_funding_source_fk: [
    'invalid-request',
    '/fundingSourceId',
    'is not a funding source of this jurisdiction',
  ],
  plan_disposals_device_key: ['already-disposed', '/deviceId', 'has a disposal record'],
  devices_site_fk: ['invalid-request', '/siteId', 'is not a site of this jurisdiction'],
}

/** Turn whatever was thrown into the code, text and fields a caller is told. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  const failure = databaseFailure(error)
  if (failure) {
    const known = failure.constraint === undefined ? undefined : CONSTRAINTS[failure.constraint]
    if (known) {
      const [code, pointer, message] = known
      return new DomainError(code, PROBLEMS[code].title, {
        errors: [{ pointer, code, message }],
        cause: error,
      })
    }
  }
  const outage = outageOf(error) ?? diskOutageOf(error)
  if (outage) return notReady(outage, error)
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>
  if (statusCode === 413) {
    return new DomainError('payload-too-large', 'The body is larger than this operation takes.')
  }
  if (statusCode === 415 || code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new DomainError('unsupported-media-type', 'Send one of the media types listed for this operation.')
  }
  if (statusCode === 400) {
    return new DomainError('malformed-body', 'The body is not well-formed JSON, or it is empty.')
  }
  return new DomainError('internal-error', '', { cause: error })
}

/** The service cannot answer at present, and the caller may ask again. */
export function notReady({ detail, retryAfterSeconds }: Omit<Outage, 'kind'>, cause: unknown): DomainError {
  return new DomainError('not-ready', detail, {
    headers: { 'retry-after': String(retryAfterSeconds) },
    cause,
  })
}

export function toProblem(error: DomainError, requestId: string): Problem {
  const { status, title } = PROBLEMS[error.code]
  return {
    type: `/problems/${error.code}`,
    title,
    status,
    // What went wrong inside is for the log: its text can hold other people's values.
    ...(error.code === 'internal-error' ? {} : { detail: error.message }),
    requestId,
    ...(error.errors ? bounded(error.errors, error.errorsOmitted) : {}),
  }
}

function bounded(
  errors: readonly FieldProblem[],
  unwritten: number,
): Pick<Problem, 'errors' | 'errorsOmitted'> {
  const named = errors.slice(0, ERRORS_MOST)
  const omitted = errors.length - named.length + unwritten
  return {
    errors: named.map(({ pointer, code, message }) => ({
      pointer: shortened(pointer, POINTER_MOST),
      code,
      message: shortened(message, MESSAGE_MOST),
    })),
    ...(omitted > 0 ? { errorsOmitted: omitted } : {}),
  }
}

function shortened(text: string, most: number): string {
  // No half of a character at the cut.
  return text.length > most ? `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}

interface BranchIssue {
  readonly code: string
  readonly message: string
  /** From the value of the union. */
  readonly path: readonly PropertyKey[]
}

interface ZodIssueLike {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params?: {
    readonly keys?: readonly string[]
    readonly received?: string
    /** The issues of each branch of a union. */
    readonly errors?: readonly (readonly BranchIssue[])[]
  }
}

/** Of a value that fits no branch of a union, the branch says more that got further than to its type. */
function branchIssues(issue: ZodIssueLike): readonly BranchIssue[] {
  const branches = issue.params?.errors?.filter(([first]) => first !== undefined) ?? []
  const isPast = ({ path, code }: BranchIssue) => path.length > 0 || !FIRST_LOOK.has(code)
  const informative =
    branches.find((issues) => issues.some(isPast)) ??
    branches.find(([first]) => first!.code !== 'invalid_type') ??
    branches[0]
  if (informative) return informative
  const message = issue.params?.received === 'NaN' ? 'must be a number' : issue.message
  return [{ code: issue.keyword, message, path: [] }]
}

/** The value is not of the branch's type, or not its literal. */
const FIRST_LOOK: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value'])

/** Every wrong field of a request, from the issues zod found. */
function fromValidation(issues: readonly ZodIssueLike[], part: string): DomainError {
  const inBody = part === 'body'
  const inPath = part === 'params'
  const errors: FieldProblem[] = []
  for (const issue of issues) {
    const path = issue.instancePath === '/' ? '' : issue.instancePath
    if (issue.keyword === 'unrecognized_keys' && issue.params?.keys) {
      for (const key of issue.params.keys) {
        errors.push({
          pointer: inBody ? `${path}/${escapePointer(key)}` : `?${key}`,
          code: 'unknown-field',
          // What zod says by itself names the keys, which the pointer does.
          message: issue.message.startsWith('Unrecognized key') ? 'is not known here' : issue.message,
        })
      }
      continue
    }
    for (const { code, message, path: inside } of branchIssues(issue)) {
      const at = path + inside.map((step) => `/${escapePointer(String(step))}`).join('')
      errors.push({
        pointer: inBody ? at : inPath ? `{${path.slice(1)}}` : `?${path.slice(1)}`,
        code: code.replaceAll('_', '-'),
        message,
      })
    }
  }
  return new DomainError(
    'invalid-request',
    `${errors.length === 1 ? 'One field is' : `${errors.length} fields are`} wrong.`,
    {
      errors,
    },
  )
}

function escapePointer(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The one error handler. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const validation = (error as { validation?: readonly ZodIssueLike[] }).validation
  const part = (error as { validationContext?: string }).validationContext
  const domainError = validation ? fromValidation(validation, part ?? 'body') : toDomainError(error)
  const problem = toProblem(domainError, request.id)
  // An outage fails many requests, and none of them is at fault.
  const level = error instanceof CallerGone ? 'info' : domainError.code === 'not-ready' ? 'warn' : 'error'
  if (problem.status >= 500) request.log[level]({ err: domainError.cause ?? error }, 'request failed')
  if (domainError.headers) reply.headers(domainError.headers)
  if (domainError.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}

/** Where `problems` leaves the codes that it was given, for the OpenAPI document. */
export const CODES = Symbol('problem codes')

const EVERYWHERE = ['invalid-request', 'internal-error', 'not-ready', 'too-many-requests'] as const

/** Entries for a route's `response`: the problems it declares, by status. */
export function problems(...codes: readonly ProblemCode[]): Record<number, typeof Problem> {
  const declared = [...EVERYWHERE, ...codes]
  const entries: Record<number, typeof Problem> = {}
  for (const code of declared) entries[PROBLEMS[code].status] = Problem
  return Object.assign(entries, { [CODES]: declared })
}

/** Those of a PATCH: what every one declares, and what only this one does. */
export function problemsOfChange(...own: readonly ProblemCode[]): Record<number, typeof Problem> {
  return problems(
    ...(['unauthenticated', 'forbidden', 'malformed-body', 'not-found', 'precondition-failed'] as const),
    ...own,
    'unsupported-media-type',
  )
}
