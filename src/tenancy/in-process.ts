/**
 * Calls of the API from within the process, on behalf of a key that was checked before. The principal is carried by a
 * symbol on the request itself: what comes over a connection has headers and a body, and can have no symbol.
 */
import type { IncomingMessage } from 'node:http'
import type { Principal } from './principal.ts'

const STANDS_FOR = Symbol('whom a call from within the process stands for')

interface Marked extends IncomingMessage {
  [STANDS_FOR]?: Principal
}

export function standFor(request: IncomingMessage, principal: Principal): void {
  ;(request as Marked)[STANDS_FOR] = principal
}

/** Null for a request that came over a connection. */
export function standsFor(request: IncomingMessage): Principal | null {
  return (request as Marked)[STANDS_FOR] ?? null
}
