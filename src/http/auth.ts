/**
 * From an API key to a principal, and from a principal to what it may see and change.
 *
 * The key is looked up by its SHA-256; found keys are remembered for a few seconds, so a key that is revoked
 * in another process works there for at most that long.
 */
import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Database, Scope, Tx } from '../db/database.ts'
import { apiKeys } from '../db/schema.ts'
import { isUuid } from '../ids.ts'
import { DomainError, notFound } from './problems.ts'

export const ROLES = ['admin', 'city-editor', 'city-budget', 'city-viewer', 'federal-reviewer'] as const
export type Role = (typeof ROLES)[number]

/** Who may read the register. */
export const READERS = ROLES
/** Who may change the register. */
export const EDITORS = ['admin', 'city-editor'] as const satisfies readonly Role[]
export const ADMINS = ['admin'] as const satisfies readonly Role[]

export interface Principal {
  readonly keyId: string
  readonly label: string
  readonly role: Role
  /** The one jurisdiction of a city role; null for admin and reviewer. */
  readonly jurisdictionId: string | null
  readonly scope: Scope
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Roles that may call the route. A route without it is open to everybody. */
    roles?: readonly Role[]
  }
  interface FastifyRequest {
    principal: Principal
  }
}

const REMEMBER_MILLIS = 5_000
const REMEMBER_MOST = 10_000

export interface KeyRing {
  /** Forget a key at once, after it was revoked or changed. */
  forget(): void
  /** Write the times of last use that were noted since the last call. */
  saveLastUse(): Promise<void>
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

export function registerAuth(app: FastifyInstance, database: Database, now: () => Date): KeyRing {
  const remembered = new Map<string, { principal: Principal; until: number }>()
  const used = new Map<string, string>()

  async function principalOf(key: string): Promise<Principal> {
    const hash = hashKey(key)
    const millis = now().getTime()
    const known = remembered.get(hash)
    if (known && known.until > millis) return known.principal
    const [row] = await database.asOperator((tx) =>
      tx.select().from(apiKeys).where(eq(apiKeys.keyHash, hash)),
    )
    const instant = now().toISOString()
    if (!row || row.revokedAt !== null || (row.expiresAt !== null && Date.parse(row.expiresAt) <= millis)) {
      remembered.delete(hash)
      throw new DomainError('unauthenticated', 'The API key is unknown, expired or revoked.')
    }
    const role = row.role as Role
    const principal: Principal = {
      keyId: row.id,
      label: row.label,
      role,
      jurisdictionId: row.jurisdictionId,
      scope: row.jurisdictionId !== null ? [row.jurisdictionId] : (row.scope ?? 'all'),
    }
    if (remembered.size >= REMEMBER_MOST) remembered.clear()
    const expires = row.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(row.expiresAt)
    remembered.set(hash, { principal, until: Math.min(millis + REMEMBER_MILLIS, expires) })
    used.set(row.id, instant)
    return principal
  }

  app.decorateRequest('principal', null as unknown as Principal)
  app.addHook('onRequest', async (request) => {
    const { roles } = request.routeOptions.config
    if (!roles) return
    const principal = await principalOf(keyOf(request))
    request.principal = principal
    if (!roles.includes(principal.role)) {
      throw new DomainError('forbidden', `A key with the role ${principal.role} may not do this.`)
    }
  })

  return {
    forget: () => remembered.clear(),
    saveLastUse: async () => {
      if (used.size === 0) return
      const noted = [...used]
      used.clear()
      try {
        await database.asOperator((tx) =>
          tx.execute(sql`
          update api_keys k set last_used_at = u.at
          from unnest(${sql.param(noted.map(([id]) => id))}::uuid[], ${sql.param(noted.map(([, at]) => at))}::timestamptz[]) u(id, at)
          where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)`),
        )
      } catch (error) {
        // Kept for the next call, unless the key has been used again since.
        for (const [id, at] of noted) if (!used.has(id)) used.set(id, at)
        throw error
      }
    },
  }
}

function keyOf(request: FastifyRequest): string {
  const { authorization } = request.headers
  const match = authorization === undefined ? null : /^Bearer +(\S+)$/i.exec(authorization)
  const key = match?.[1] ?? request.headers['x-api-key']
  if (typeof key !== 'string' || key === '') {
    throw new DomainError('unauthenticated', 'Send "Authorization: Bearer <key>".')
  }
  return key
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

/** Work within one jurisdiction on behalf of a request. */
export type InJurisdiction = <T>(id: string, work: (tx: Tx) => Promise<T>) => Promise<T>
