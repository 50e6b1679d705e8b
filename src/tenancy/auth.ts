/**
 * From an API key to a principal, and from a principal to what it may see and change.
 *
 * Limits are met here too, since what is counted depends on who asks: requests by the key's id, and by address what
 * carries no key or a wrong one. A key that was good when it was last used is never held up by wrong keys from the same
 * address, so those behind a city's one address do not suffer for one of them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Database, Scope } from '../db/database.ts'
import { callerOf } from '../http/addresses.ts'
import { credentialOf, keyMissing } from '../http/credentials.ts'
import { type Limiter, limiter, type Standing } from '../http/limits.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { isUuid } from '../lib/ids.ts'
import { standsFor } from './in-process.ts'
import { type Found, hashKey, keyLookup } from './key-ring.ts'
import { type Principal, ROLES, type Role } from './principal.ts'
import { presentedAs } from './refusals.ts'
import { answersUnderWay } from './under-way.ts'

export { type Principal, ROLES, type Role } from './principal.ts'
export { hashKey }

/** Who may read the register. */
export const READERS = ROLES
/** Who may change the register. */
export const EDITORS = ['admin', 'city-admin', 'city-editor'] as const satisfies readonly Role[]
export const ADMINS = ['admin'] as const satisfies readonly Role[]
/** Who may make and revoke keys: the operator any, the admin of a city those of its city. */
export const KEY_MAKERS = ['admin', 'city-admin'] as const satisfies readonly Role[]

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Roles that may call the route. A route without it is open to everybody. */
    roles?: readonly Role[]
    /** `METRICS_TOKEN` opens it too. It needs no database, so that figures can be had while that is away. */
    takesMetricsToken?: boolean
  }
  interface FastifyRequest {
    principal: Principal
  }
}

/** Of a minute's requests, so many may carry a wrong key. */
const WRONG_KEYS_SHARE = 100
const WRONG_KEYS_LEAST = 10

export interface KeyRing {
  /** A key was revoked here: it ends at once, and so do its answers under way but for the one in hand. */
  revoked(keyId: string, inHand?: FastifyReply): void
  /** End answers whose key was revoked elsewhere or has expired. Gives how many. */
  endWithoutKey(): Promise<number>
  /** Whom a key stands for that was checked before; null when it has ended since. */
  principalOf(keyHash: string): Promise<Principal | null>
  /** Write the times of last use that were noted since the last call. */
  saveLastUse(): Promise<void>
}

interface Limits {
  /** By key. */
  readonly requests: Limiter
  /** By address: what carries no key. */
  readonly anonymous: Limiter
  /** By address: keys that are looked up and not good. */
  readonly wrongKeys: Limiter
}

export interface AuthOptions {
  /** Requests a minute and key; 0 for no limits at all. */
  readonly perMinute: number
  readonly metricsToken: string | undefined
}

export function registerAuth(
  app: FastifyInstance,
  database: Database,
  now: () => Date,
  { perMinute, metricsToken }: AuthOptions,
): KeyRing {
  const lookup = keyLookup(database, now)
  // Compared by hash: how long that takes says nothing of the token.
  const metricsHash = metricsToken === undefined ? undefined : hashKey(metricsToken)
  const underWay = answersUnderWay(database, now)
  const limits = perMinute === 0 ? null : limitsOf(perMinute, now)

  /** Look a key up that is not remembered. Guesses are stopped before they reach the database. */
  async function find(hash: string, caller: string, reply: FastifyReply): Promise<Found> {
    if (!limits || lookup.wasGood(hash)) return lookup.find(hash)
    count(limits.wrongKeys, caller, reply)
    const found = await lookup.find(hash)
    if (found.principal) limits.wrongKeys.giveBack(caller)
    return found
  }

  function admit(request: FastifyRequest, reply: FastifyReply, principal: Principal, roles: readonly Role[]) {
    if (limits) count(limits.requests, principal.keyId, reply)
    request.principal = principal
    if (!roles.includes(principal.role)) {
      throw new DomainError('forbidden', `A key with the role ${principal.role} may not do this.`)
    }
    underWay.add(principal, reply)
  }

  app.decorateRequest('principal', null as unknown as Principal)
  app.decorateRequest('presented', null)
  app.addHook('onRequest', async (request, reply) => {
    const { roles, takesMetricsToken } = request.routeOptions.config
    const inProcess = standsFor(request.raw)
    if (roles && inProcess) return admit(request, reply, inProcess, roles)
    const caller = callerOf(request.ip)
    const key = roles && keyOf(request, () => limits && count(limits.anonymous, caller, reply))
    request.presented = presentedAs(key)
    if (!roles || key === undefined) {
      if (limits) count(limits.anonymous, caller, reply)
      if (!roles) return
      throw keyMissing()
    }
    const hash = hashKey(key)
    if (takesMetricsToken && hash === metricsHash) {
      // An allowance of its own: nobody at the same address can use it up.
      if (limits) count(limits.requests, 'METRICS_TOKEN', reply)
      return
    }
    const remembered = lookup.known(hash)
    const { principal, endedKeyId } = remembered ?? (await find(hash, caller, reply))
    if (!principal) {
      request.presented = presentedAs(key, endedKeyId)
      if (limits && remembered) count(limits.anonymous, caller, reply)
      throw new DomainError('unauthenticated', 'The API key is unknown, expired or revoked.')
    }
    admit(request, reply, principal, roles)
  })

  return {
    revoked: (keyId, inHand) => {
      lookup.forget()
      underWay.end(keyId, inHand)
    },
    endWithoutKey: underWay.endWithoutKey,
    principalOf: async (keyHash) => (lookup.known(keyHash) ?? (await lookup.find(keyHash))).principal,
    saveLastUse: lookup.saveLastUse,
  }
}

/** The key that a request carries; headers that name none well are counted as if they were not there. */
function keyOf({ headers }: FastifyRequest, countUnreadable: () => void): string | undefined {
  try {
    return credentialOf(headers)
  } catch (error) {
    countUnreadable()
    throw error
  }
}

function limitsOf(perMinute: number, now: () => Date): Limits {
  return {
    requests: limiter(perMinute, now),
    anonymous: limiter(perMinute, now),
    wrongKeys: limiter(Math.max(WRONG_KEYS_LEAST, Math.ceil(perMinute / WRONG_KEYS_SHARE)), now),
  }
}

/** Count a request and write where its caller stands. Throws `too-many-requests`. */
function count(limit: Limiter, caller: string, reply: FastifyReply): void {
  const standing = limit.take(caller)
  const headers = headersOf(standing)
  reply.headers(headers)
  if (standing.allowed) return
  throw new DomainError('too-many-requests', 'Too many requests; Retry-After gives the seconds to wait.', {
    headers: { ...headers, 'retry-after': String(standing.resetSeconds) },
  })
}

function headersOf({ limit, remaining, resetSeconds }: Standing): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetSeconds),
  }
}

/** What a read may see: the key's own scope, narrowed to the jurisdictions asked for. */
export function readScope(principal: Principal, asked: readonly string[] = []): Scope {
  if (asked.length === 0) return principal.scope
  const { scope } = principal
  // A jurisdiction outside the scope is treated like one that does not exist: it adds no rows.
  return scope === 'all' ? asked : asked.filter((id) => scope.includes(id))
}

/**
 * The jurisdiction a write goes to. A city role always writes to its own; the operator has to name one.
 * Naming another city's answers as if there were no such jurisdiction.
 */
export function writeJurisdiction(principal: Principal, asked: string | null | undefined): string {
  if (principal.jurisdictionId !== null) {
    if (asked && asked !== principal.jurisdictionId) throw notFound('jurisdiction')
    return principal.jurisdictionId
  }
  if (!asked || !isUuid(asked)) {
    throw new DomainError('invalid-request', 'An operator key has to name the jurisdiction.', {
      errors: [{ pointer: '/jurisdictionId', code: 'required', message: 'is required with this key' }],
    })
  }
  return asked
}
