/** Who does something, as the records name them. */
import type { FastifyRequest } from 'fastify'
import type { Principal } from './principal.ts'

export interface Actor {
  readonly id: string
  /** What the key was called when it did this; a key can be revoked, what it did stays. */
  readonly label: string
  readonly role: string
  readonly requestId: string | null
  readonly remoteAddress: string | null
}

/** The command line or the service itself. */
export const OPERATOR: Actor = {
  id: 'operator',
  label: 'the service or its command line',
  role: 'admin',
  requestId: null,
  remoteAddress: null,
}

export function actorOf(request: FastifyRequest): Actor {
  const principal: Principal = request.principal
  return {
    id: principal.keyId,
    label: principal.label,
    role: principal.role,
    requestId: request.id,
    remoteAddress: request.ip,
  }
}
