/** Whether an answer is one that the OpenAPI document says its operation gives: status, media type, headers, problem. */

interface Described {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>
  readonly headers?: Readonly<Record<string, unknown>>
}
interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Described>>
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: Readonly<Record<string, Described>> }
}

export interface Given {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** Headers that a caller acts on: one that is sent has to be in the document. */
const NOTED = [
  ...['etag', 'location', 'link', 'retry-after', 'content-disposition', 'camledger-knowledge'],
  ...['www-authenticate', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
]
/** Headers that the document promises and that may be absent: no page follows, limits are switched off. */
const OPTIONAL = /^(?:link|location|ratelimit-.*|etag|content-disposition|camledger-knowledge|retry-after)$/

/** Gives what is wrong with an answer, or null; what is no operation of the document is left alone. */
export function documentedBy(
  document: Document,
): (method: string, url: string, given: Given) => string | null {
  const find = operationFinder(document)
  return (method, url, { status, headers, text }) => {
    const operation = find(method, url)
    if (!operation) return null
    const what = `${operation.operationId} answered ${status}`
    const named = operation.responses[status]
    if (!named) return `${what}, which the OpenAPI document does not name`
    const described = named.$ref ? document.components.responses[named.$ref.split('/').at(-1)!]! : named
    return (
      wrongType(described, what, String(headers['content-type'] ?? ''), text) ??
      wrongHeaders(
        described,
        what,
        status < 400 ? headers : { ...headers, 'camledger-knowledge': undefined },
      ) ??
      (status >= 400 && method !== 'HEAD' ? wrongProblem(described, what, text) : null)
    )
  }
}

export function operationFinder(
  document: Pick<Document, 'paths'>,
): (method: string, url: string) => Operation | undefined {
  const operations = Object.entries(document.paths).map(([path, methods]) => ({
    parts: path.split('/'),
    methods,
  }))
  // `/advisories/imports` before `/advisories/{id}`.
  operations.sort((a, b) => parameters(a.parts) - parameters(b.parts))
  return (method, url) => {
    const parts = url.split('?')[0]!.split('/')
    const verb = method.toLowerCase()
    return operations.find(
      (one) =>
        verb in one.methods &&
        one.parts.length === parts.length &&
        one.parts.every((part, i) => (part.startsWith('{') ? parts[i] !== '' : part === parts[i])),
    )?.methods[verb]
  }
}

function wrongType({ content = {} }: Described, what: string, type: string, text: string): string | null {
  const types = Object.keys(content)
  if (text === '' && type === '') return types.length === 0 ? null : `${what} without a body`
  const plain = type.split(';')[0]!
  return types.includes(plain)
    ? null
    : `${what} as ${plain}; the OpenAPI document names ${types.join(', ') || 'no body'}`
}

function wrongHeaders(
  { headers: promised = {} }: Described,
  what: string,
  headers: Given['headers'],
): string | null {
  const names = Object.keys(promised).map((name) => name.toLowerCase())
  const unnamed = NOTED.filter((name) => headers[name] !== undefined && !names.includes(name))
  if (unnamed.length > 0)
    return `${what} with ${unnamed.join(', ')}, which the OpenAPI document does not name`
  const absent = names.filter((name) => headers[name] === undefined && !OPTIONAL.test(name))
  return absent.length > 0
    ? `${what} without ${absent.join(', ')}, which the OpenAPI document promises`
    : null
}

interface ProblemSchema {
  readonly allOf: readonly { readonly properties?: { readonly type: { readonly enum: readonly string[] } } }[]
}

function wrongProblem({ content = {} }: Described, what: string, text: string): string | null {
  const { type } = JSON.parse(text) as { type: string }
  const { allOf } = content['application/problem+json']!.schema as ProblemSchema
  const named = allOf.flatMap(({ properties }) => properties?.type.enum ?? [])
  return named.includes(type)
    ? null
    : `${what} with ${type}; the OpenAPI document names ${named.join(', ') || 'none'}`
}

const parameters = (parts: readonly string[]) => parts.filter((part) => part.startsWith('{')).length
