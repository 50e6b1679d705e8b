/** What no answer may be. */
import type { ApiDocument, Schema } from './document.ts'
import type { Known } from './known.ts'
import { bytesOf, type FuzzRequest, targetOf } from './requests.ts'
import type { Reply } from './send.ts'

export interface Fault {
  /** Short and the same for faults of one cause. */
  readonly kind: string
  readonly detail: string
}

export interface Checks {
  readonly document: ApiDocument
  readonly known: Known
  /** City -> the word that stands in its texts alone. */
  readonly marks: ReadonlyMap<string, string>
}

/** Media types without a schema of JSON that are checked as lines or not at all. */
export function faultOf(checks: Checks, request: FuzzRequest, reply: Reply | null): Fault | null {
  if (reply === null) return { kind: 'no answer', detail: 'the connection ended' }
  const { status } = reply
  if (status >= 500 && !isHonest503(reply)) {
    return { kind: `status ${status}`, detail: reply.body.toString().slice(0, 500) }
  }
  return leakIn(checks, request, reply) ?? misfit(checks, request, reply)
}

/** Too busy, with a time to come again, is an answer. Nothing in this run may keep the database away, though. */
function isHonest503(reply: Reply): boolean {
  return reply.status === 503 && reply.headers['retry-after'] !== undefined && reply.body.includes('"busy"')
}

function leakIn({ known, marks }: Checks, request: FuzzRequest, reply: Reply): Fault | null {
  const { city } = request.caller
  const asked = `${targetOf(request)} ${decoded(request)} ${bytesOf(request)?.toString() ?? ''}`
  if (city === null) {
    if (request.method !== 'GET') known.operatorAsked(targetOf(request), asked)
    return null
  }
  const text = `${reply.body.toString()} ${JSON.stringify(reply.headers)}`
  const stranger = known.strangerIn(text, city, asked)
  if (stranger !== null) return { kind: 'leak of an id', detail: stranger }
  for (const [other, mark] of marks) {
    if (other !== city && text.includes(mark) && !asked.includes(mark)) {
      return { kind: 'leak of a text', detail: `${mark} is a word of another city` }
    }
  }
  return null
}

function decoded({ query }: FuzzRequest): string {
  return query.map(([, value]) => value).join(' ')
}

function misfit({ document }: Checks, request: FuzzRequest, reply: Reply): Fault | null {
  const { operation } = request
  const { status } = reply
  const type = (reply.headers['content-type'] ?? '').split(';')[0]!.trim()
  const isItself = request.broken.every((what) => !/path|method|an id/.test(what))
  if (!isItself || BEFORE_ROUTING.has(status)) return oddAddress(document, request, reply, type)
  const types = operation.answers.get(status)
  if (!types) return { kind: `undocumented status ${status}`, detail: reply.body.toString().slice(0, 300) }
  // null in the document stands for no body.
  if (reply.body.length === 0 && [204, 304].includes(status)) return null
  const schema = types.get(type)
  if (!schema) {
    return {
      kind: `undocumented media type ${type || 'none'} with ${status}`,
      detail: [...types.keys()].join(', '),
    }
  }
  // An empty text is a list of no rows.
  return type.endsWith('json') && !type.includes('ndjson') ? jsonMisfit(document, schema, reply) : null
}

function jsonMisfit(document: ApiDocument, schema: Schema, reply: Reply): Fault | null {
  let value: unknown
  try {
    value = JSON.parse(reply.body.toString())
  } catch {
    return { kind: 'not JSON', detail: reply.body.toString().slice(-300) }
  }
  const what = document.misfit(schema, value)
  if (what === null) return null
  return { kind: `outside its schema with ${reply.status}: ${what.replaceAll(/\d+/g, '#')}`, detail: what }
}

/** Another address or method may be any operation or none; whatever is wrong is said as a problem. */
function oddAddress(document: ApiDocument, request: FuzzRequest, reply: Reply, type: string): Fault | null {
  if (reply.status < 400 || request.method === 'HEAD') return null
  if (type !== 'application/problem+json') {
    return {
      kind: `status ${reply.status} as ${type || 'nothing'}`,
      detail: reply.body.toString().slice(0, 300),
    }
  }
  return jsonMisfit(document, PROBLEM, reply)
}

/** What is said of a request before it is known which operation it means. */
const BEFORE_ROUTING: ReadonlySet<number> = new Set([408, 417, 431])

const PROBLEM: Schema = { $ref: '#/components/schemas/Problem' }
