/** The API key a request carries. Pure. */
import type { IncomingHttpHeaders } from 'node:http'
import { DomainError } from './problems.ts'

const NO_KEY = 'Send "Authorization: Bearer <key>".'

/**
 * The key in `Authorization: Bearer` or in `X-Api-Key`; undefined when there is none.
 *
 * An `Authorization` of another scheme is somebody else's (a proxy's, say) and is left alone. A `Bearer` that holds no
 * key, and two headers that name different keys, are refused: guessing which was meant could act for the wrong city.
 */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-api-key']
  const other = typeof given === 'string' && given !== '' ? given : undefined
  const { authorization } = headers
  if (authorization === undefined || !/^Bearer(\s|$)/i.test(authorization)) return other
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (bearer === undefined) throw new DomainError('unauthenticated', NO_KEY)
  if (other !== undefined && other !== bearer) {
    throw new DomainError(
      'unauthenticated',
      'Authorization and X-Api-Key name different keys; send one of them.',
    )
  }
  return bearer
}

/** The refusal of a request without a key. */
export function keyMissing(): DomainError {
  return new DomainError('unauthenticated', NO_KEY)
}
