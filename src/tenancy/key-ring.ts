/**
 * Which principal a key stands for. A key is looked up by its SHA-256; what was found is remembered for a few seconds,
 * so a key that is revoked in another process works here for at most that long. An embedded database has no other
 * process, and its one session may belong to an import for a while: a good key is not asked for again meanwhile, so
 * that the import can be watched and canceled.
 */
import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Database, Scope, Tx } from '../db/database.ts'
import { apiKeys } from '../db/schema/index.ts'
import type { Principal, Role } from './principal.ts'

const REMEMBER_MILLIS = 5_000
const REMEMBER_ALONE_MILLIS = 15 * 60_000
const REMEMBER_MOST = 10_000

/** What is known of a key. */
export interface Found {
  /** null when the key is unknown, expired or revoked. */
  readonly principal: Principal | null
  /** Of a key that is expired or revoked, which one it was. */
  readonly endedKeyId: string | null
}

interface Remembered extends Found {
  /** Milliseconds since 1970. */
  readonly until: number
  readonly generation: number
}

export interface Lookup {
  /** What is remembered and still holds; undefined when the database has to be asked. */
  known(hash: string): Found | undefined
  /** Whether the key was good when it was last looked at. */
  wasGood(hash: string): boolean
  find(hash: string): Promise<Found>
  /** Hold nothing for true any longer: a key was revoked. */
  forget(): void
  /** Write the times of last use that were noted since the last call. */
  saveLastUse(): Promise<void>
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

export function keyLookup(database: Database, now: () => Date): Lookup {
  // Wrong keys are kept apart: whoever guesses must not push out those that are good.
  const good = new LRUCache<string, Remembered>({ max: REMEMBER_MOST })
  const wrong = new LRUCache<string, Remembered>({ max: REMEMBER_MOST })
  const asked = new Map<string, Promise<Found>>()
  const used = new Map<string, string>()
  let generation = 0
  const goodMillis = database.kind === 'embedded' ? REMEMBER_ALONE_MILLIS : REMEMBER_MILLIS
  const millisOf = ({ principal }: Found) => (principal ? goodMillis : REMEMBER_MILLIS)

  function holds(found: Remembered | undefined): found is Remembered {
    if (found === undefined || found.generation !== generation) return false
    const left = found.until - now().getTime()
    // More than was given is left when the clock was set back.
    return left > 0 && left <= millisOf(found)
  }

  function known(hash: string): Found | undefined {
    const found = [good.get(hash), wrong.get(hash)].find((one) => holds(one))
    if (found?.principal) used.set(found.principal.keyId, now().toISOString())
    return found
  }

  /** What the database says now. Asks again when a key was revoked meanwhile: it may have been this one. */
  async function ask(hash: string): Promise<Found> {
    for (;;) {
      const begun = generation
      const [row] = await database.readAsOperator((tx) =>
        tx.select().from(apiKeys).where(eq(apiKeys.keyHash, hash)),
      )
      if (begun !== generation) continue
      const millis = now().getTime()
      const found = foundIn(row, millis)
      const ends = found.principal?.expiresAt ?? Number.POSITIVE_INFINITY
      const kept = { ...found, until: Math.min(millis + millisOf(found), ends), generation }
      if (found.principal) {
        good.set(hash, kept)
        used.set(found.principal.keyId, new Date(millis).toISOString())
      } else {
        if (good.get(hash)) good.set(hash, kept)
        wrong.set(hash, kept)
      }
      return found
    }
  }

  return {
    known,
    wasGood: (hash) => (good.get(hash)?.principal ?? null) !== null,
    find: (hash) => {
      const under = asked.get(hash)
      if (under) return under
      const asking = ask(hash).finally(() => asked.delete(hash))
      asked.set(hash, asking)
      return asking
    },
    forget: () => {
      generation++
    },
    saveLastUse: async () => {
      if (used.size === 0) return
      const noted = [...used]
      used.clear()
      try {
        await database.asOperator((tx) => writeLastUse(tx, noted))
      } catch (error) {
        // Kept for the next call, unless the key has been used again since.
        for (const [id, at] of noted) if (!used.has(id)) used.set(id, at)
        throw error
      }
    },
  }
}

function foundIn(row: typeof apiKeys.$inferSelect | undefined, millis: number): Found {
  if (!row) return { principal: null, endedKeyId: null }
  const expiresAt = row.expiresAt === null ? null : Date.parse(row.expiresAt)
  if (row.revokedAt !== null || (expiresAt !== null && expiresAt <= millis)) {
    return { principal: null, endedKeyId: row.id }
  }
  const scope: Scope = row.jurisdictionId !== null ? [row.jurisdictionId] : (row.scope ?? 'all')
  return {
    principal: {
      keyId: row.id,
      label: row.label,
      role: row.role as Role,
      jurisdictionId: row.jurisdictionId,
      scope,
      expiresAt,
    },
    endedKeyId: null,
  }
}

async function writeLastUse(tx: Tx, noted: readonly (readonly [id: string, at: string])[]): Promise<void> {
  const ids = sql.param(noted.map(([id]) => id))
  const times = sql.param(noted.map(([, at]) => at))
  await tx.execute(sql`
    update api_keys k set last_used_at = u.at
    from unnest(${ids}::uuid[], ${times}::timestamptz[]) u(id, at)
    where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)`)
}
