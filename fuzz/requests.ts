/** A request as data, so that it can be broken, made smaller and written as a curl command. */

import type { Operation, Schema } from './document.ts'
import type { Draw } from './draw.ts'
import { EXAMPLES, type Example, PATH_WORDS } from './examples.ts'
import { kindOf } from './known.ts'
import { type Source, valueFor } from './values.ts'

export interface Caller {
  /** Such as `city-editor of A`; stands in for the key in what is printed. */
  readonly name: string
  readonly key: string
  /** Jurisdiction of the key; null for keys of several. */
  readonly city: string | null
  readonly role: string
}

export interface FuzzRequest {
  readonly operation: Operation
  readonly caller: Caller
  readonly method: string
  /** Encoded, without the query. */
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly (readonly [string, string])[]
  /** JSON is kept as a value, so that parts of it can be taken away. */
  readonly body: { readonly json: unknown } | { readonly bytes: Buffer } | null
  /** What was done to it; empty for a request that fits the document. */
  readonly broken: readonly string[]
}

/** A request that fits the schemas of the operation. */
export function makeRequest(operation: Operation, caller: Caller, source: Source): FuzzRequest {
  const { draw } = source
  const example = draw.percent(60) ? EXAMPLES[operation.id]?.(source) : undefined
  const query: [string, string][] = []
  const headers: [string, string][] = [['authorization', `Bearer ${caller.key}`]]
  for (const parameter of operation.parameters) {
    if (parameter.in === 'path') continue
    const given = example?.query?.[parameter.name]
    if (given !== undefined) query.push([parameter.name, given])
    else if (
      parameter.required ||
      (!example?.isWhole && draw.percent(operation.parameters.length > 15 ? 6 : 20))
    ) {
      const value = valueFor(source, parameter.schema, parameter.name)
      for (const one of Array.isArray(value) ? value.slice(0, 3) : [value]) {
        if (one !== null) query.push([parameter.name, String(one)])
      }
    }
  }
  const body = bodyOf(operation, example?.body, example?.type, source)
  if (body.type !== null) headers.push(['content-type', body.type])
  headers.push(...oddHeaders(operation, draw))
  return {
    operation,
    caller,
    method: operation.method,
    path: pathOf(operation, source, example?.path),
    query,
    headers,
    body: body.body,
    broken: [],
  }
}

function pathOf(operation: Operation, source: Source, given: Example['path'] = {}): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    if (given[name] !== undefined) return encodeURIComponent(given[name])
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name)
    const kind = kindOf(name, operation.path)
    const known = kind === undefined ? undefined : source.known.draw(kind, source.city, source.draw)
    const words = kind === undefined || known === undefined ? PATH_WORDS[operation.id] : undefined
    const value =
      known ?? (words ? source.draw.one(words) : String(valueFor(source, parameter?.schema ?? {}, name)))
    return encodeURIComponent(value)
  })
}

function bodyOf(
  operation: Operation,
  given: unknown,
  givenType: string | undefined,
  source: Source,
): { body: FuzzRequest['body']; type: string | null } {
  const types = [...operation.bodies.keys()]
  if (types.length === 0) return { body: null, type: null }
  const type = givenType ?? source.draw.one(types)
  if (given !== undefined) {
    return typeof given === 'string' || Buffer.isBuffer(given)
      ? { body: { bytes: Buffer.from(given) }, type }
      : { body: { json: given }, type: 'application/json' }
  }
  const schema = operation.bodies.get(type) as Schema
  if (!type.includes('json') || type.includes('ndjson')) {
    return { body: { bytes: Buffer.from('Asset Tag,Manufacturer\nF-1,Axis\n') }, type }
  }
  return { body: { json: valueFor(source, schema) }, type }
}

function oddHeaders(operation: Operation, draw: Draw): [string, string][] {
  const headers: [string, string][] = []
  const types = [...(operation.answers.get(200)?.keys() ?? [])]
  if (types.length > 0 && draw.percent(40)) headers.push(['accept', draw.one(types)])
  if (operation.method === 'POST' && draw.percent(15)) {
    headers.push(['idempotency-key', `k${draw.below(40)}`])
  }
  if (draw.percent(8)) headers.push(['if-match', draw.one(['*', '"1"', '"2-x"', 'W/"1"', '"', ''])])
  if (draw.percent(5)) headers.push(['if-none-match', draw.one(['*', '"1"', '"1-x"', 'x'])])
  if (operation.answers.has(202) && draw.percent(30)) headers.push(['prefer', 'respond-async'])
  else if (draw.percent(5)) headers.push(['prefer', draw.one(['wait=1', 'respond-async, wait=100', ';;'])])
  return headers
}

export function targetOf(request: FuzzRequest): string {
  const query = request.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  return query === '' ? request.path : `${request.path}?${query}`
}

/** A lone surrogate has no encoding; what was encoded on purpose stays. */
function encode(text: string): string {
  if (text.startsWith('raw:')) return text.slice(4)
  return text
    .split(/(\p{Surrogate})/u)
    .map((part) => (/^\p{Surrogate}$/u.test(part) ? '%ED%A0%80' : encodeURIComponent(part)))
    .join('')
}

export function bytesOf({ body }: FuzzRequest): Buffer | null {
  if (body === null) return null
  return 'bytes' in body ? body.bytes : Buffer.from(JSON.stringify(body.json) ?? 'undefined')
}

/** The request as a shell command; the key by its name. */
export function asCurl(request: FuzzRequest): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const bytes = bytesOf(request)
  const parts = [`curl -si --path-as-is -X ${request.method} ${quote(`$URL${targetOf(request)}`)}`]
  for (const [name, value] of request.headers) {
    const whole = value.replace(request.caller.key, `<key: ${request.caller.name}>`)
    const shown = whole.length > 200 ? `${whole.slice(0, 40)}... (${whole.length} characters)` : whole
    parts.push(`-H ${quote(`${name}: ${shown}`)}`)
  }
  if (bytes !== null) {
    const text = bytes.toString()
    const isText = Buffer.from(text).equals(bytes) && !text.includes('\0')
    if (!isText)
      parts.push(`--data-binary @<(echo ${bytes.subarray(0, 3000).toString('base64')} | base64 -d)`)
    else if (text.length > 3000)
      parts.push(`--data-binary ${quote(`${text.slice(0, 3000)}...`)} # ${bytes.length} bytes`)
    else parts.push(`--data-binary ${quote(text)}`)
  }
  return parts.join(' \\\n    ')
}
