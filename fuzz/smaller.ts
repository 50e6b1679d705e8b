/** The least of a request that still fails in the same way. */
import type { FuzzRequest } from './requests.ts'

const MOST_TRIES = 120

export async function smallest(
  request: FuzzRequest,
  stillFails: (request: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest> {
  let least = request
  let tries = 0
  for (let isSmaller = true; isSmaller && tries < MOST_TRIES; ) {
    isSmaller = false
    for (const candidate of candidates(least)) {
      if (++tries > MOST_TRIES) break
      if (await stillFails(candidate)) {
        least = candidate
        isSmaller = true
        break
      }
    }
  }
  return least
}

function* candidates(request: FuzzRequest): Generator<FuzzRequest> {
  const { body } = request
  if (body !== null && request.operation.bodies.size === 0) yield { ...request, body: null }
  for (const i of request.query.keys()) yield { ...request, query: request.query.toSpliced(i, 1) }
  for (const [i, [name]] of request.headers.entries()) {
    if (name !== 'authorization') yield { ...request, headers: request.headers.toSpliced(i, 1) }
  }
  for (const [i, [name, value]] of request.query.entries()) {
    if (value.length > 8) {
      yield { ...request, query: request.query.with(i, [name, value.slice(0, value.length >> 1)]) }
    }
  }
  if (body === null) return
  if ('json' in body) for (const json of lesser(body.json)) yield { ...request, body: { json } }
  else if (body.bytes.length > 1) {
    const half = body.bytes.length >> 1
    yield { ...request, body: { bytes: body.bytes.subarray(0, half) } }
    yield { ...request, body: { bytes: body.bytes.subarray(half) } }
  }
}

/** The value with one part less. */
function* lesser(value: unknown): Generator<unknown> {
  if (typeof value === 'string' && value.length > 4) {
    yield value.slice(0, value.length >> 1)
  } else if (Array.isArray(value)) {
    for (const i of value.keys()) yield value.toSpliced(i, 1)
    for (const [i, item] of value.entries()) for (const less of lesser(item)) yield value.with(i, less)
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    for (const i of entries.keys()) yield Object.fromEntries(entries.toSpliced(i, 1))
    for (const [key, item] of entries) for (const less of lesser(item)) yield { ...value, [key]: less }
  }
}
