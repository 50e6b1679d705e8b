/** Who does something, as the records name them. */
import type { FastifyRequest } from 'fastify'
import type { Principal } from './principal.ts'

export interface Actor {
  readonly id: string
  /** What the key was called when it did this, and who used it; a key can be revoked, what it did stays. */
  readonly label: string
  /** What the key was called, whoever said to use it: by it one key is told from another. */
  readonly keyLabel: string
  readonly role: string
  readonly requestId: string | null
  readonly remoteAddress: string | null
}

/** The command line or the service itself. */
export const OPERATOR: Actor = {
  id: 'operator',
  label: 'the service or its command line',
  keyLabel: 'the service or its command line',
  role: 'admin',
  requestId: null,
  remoteAddress: null,
}

export function actorOf(request: FastifyRequest): Actor {
  return actorFor(request.principal, { requestId: request.id, remoteAddress: request.ip })
}

export function actorFor(principal: Principal, from: Pick<Actor, 'requestId' | 'remoteAddress'>): Actor {
  const { keyId: id, label: keyLabel, role } = principal
  return { id, label: shownLabel(principal), keyLabel, role, ...from }
}

/** The label of a key, with the name that its user stated at signing in. */
export function shownLabel({ label, statedName = null }: Principal): string {
  return statedName === null ? label : `${label} (${statedName})`
}
