/** Whether an answer is one that the OpenAPI document says its operation gives. */

interface Described {
  readonly content?: Readonly<Record<string, unknown>>
}
interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >
}

export interface Given {
  readonly status: number
  readonly type: string | undefined
  readonly isEmpty: boolean
}

/** Gives what is wrong with an answer, or null; what is no operation of the document is left alone. */
export function documentedBy(
  document: Document,
): (method: string, url: string, given: Given) => string | null {
  const operations = Object.entries(document.paths).map(([path, methods]) => ({
    parts: path.split('/'),
    methods,
  }))
  // `/advisories/imports` before `/advisories/{id}`.
  operations.sort((a, b) => parameters(a.parts) - parameters(b.parts))
  return (method, url, { status, type, isEmpty }) => {
    const parts = url.split('?')[0]!.split('/')
    const verb = method.toLowerCase()
    const operation = operations.find(
      (one) =>
        verb in one.methods &&
        one.parts.length === parts.length &&
        one.parts.every((part, i) => (part.startsWith('{') ? parts[i] !== '' : part === parts[i])),
    )
    if (!operation) return null
    const { responses } = operation.methods[verb]!
    const described = responses[status]
    const what = `${method} ${operation.parts.join('/')} answered ${status}`
    if (!described) return `${what}, which the OpenAPI document does not name`
    const types = Object.keys(described.content ?? {})
    if (isEmpty && type === undefined) return types.length === 0 ? null : `${what} without a body`
    const plain = type?.split(';')[0]
    return plain !== undefined && types.includes(plain)
      ? null
      : `${what} as ${plain}; the OpenAPI document names ${types.join(', ') || 'no body'}`
  }
}

const parameters = (parts: readonly string[]) => parts.filter((part) => part.startsWith('{')).length
