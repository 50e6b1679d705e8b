/**
 * Sessions of the console: a browser that has signed in with a key. Of its cookie the SHA-256 is stored. What was read
 * is remembered for as long as a key is (`key-ring.ts`), so that pages are answered while an import holds the one
 * session of an embedded database; times of last use are written together, once a minute.
 */
import { randomBytes } from 'node:crypto'
import { and, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Database, Tx } from '../db/database.ts'
import { apiKeys, sessions } from '../db/schema/index.ts'
import { toInstant } from '../http/schemas.ts'
import { uuidv7 } from '../lib/ids.ts'
import { type Actor, record } from './audit.ts'
import { hashKey } from './key-ring.ts'
import type { Principal, Role } from './principal.ts'

const HOUR = 3_600_000
const REMEMBER_MILLIS = 5_000
const REMEMBER_ALONE_MILLIS = 15 * 60_000
const REMEMBER_MOST = 10_000

/** However often it is used. */
const SESSION_MILLIS = 12 * HOUR
/** Without a request for so long, a session ends. Operators hold every city's data. */
const idleMillis = (role: Role): number => (role === 'admin' ? HOUR / 2 : 8 * HOUR)

export interface Session {
  readonly id: string
  readonly keyId: string
  /** Of the key that it stands for. */
  readonly keyHash: string
  readonly statedName: string | null
  readonly remoteAddress: string
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly expiresAt: string
}

interface SessionStart {
  readonly principal: Principal
  readonly statedName: string | null
  readonly actor: Actor
}

export interface Sessions {
  /** Sign in. The token is what the cookie holds; it is stored nowhere. */
  begin(start: SessionStart): Promise<{ readonly token: string; readonly session: Session }>
  /** The session of a token, unless it has ended; whether its key still holds is the key ring's to say. */
  find(token: string): Promise<Session | null>
  /** Note that it is used now. */
  use(session: Session): void
  /** False when it was not used for too long. */
  isAwake(session: Session, role: Role): boolean
  end(id: string, actor: Actor): Promise<void>
  /** Sign a key out everywhere. */
  endAllOf(keyId: string, actor: Actor): Promise<void>
  /** Those of a key that have not ended, newest first. */
  listOf(keyId: string): Promise<Session[]>
  saveLastUse(): Promise<void>
  /** Remove what has ended. Gives how many. */
  prune(): Promise<number>
}

interface Remembered {
  readonly session: Session
  /** Milliseconds since 1970. */
  readonly until: number
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one memory, and what reads and changes it
export function sessionsIn(database: Database, now: () => Date): Sessions {
  const known = new LRUCache<string, Remembered>({ max: REMEMBER_MOST })
  const used = new Map<string, string>()
  /** Changes when a session is ended: what was being read then may be that one, and is not remembered. */
  let generation = 0
  const rememberMillis = database.kind === 'embedded' ? REMEMBER_ALONE_MILLIS : REMEMBER_MILLIS

  const lastUse = (session: Session) => {
    const noted = used.get(session.id)
    return noted !== undefined && noted > session.lastUsedAt ? noted : session.lastUsedAt
  }

  function remember(hash: string, session: Session): void {
    known.set(hash, { session, until: now().getTime() + rememberMillis })
  }

  function forget(isEnded: (session: Session) => boolean): void {
    generation++
    for (const [hash, { session }] of known.entries()) if (isEnded(session)) known.delete(hash)
  }

  return {
    async begin({ principal, statedName, actor }) {
      const token = randomBytes(32).toString('base64url')
      const at = now()
      const session = await database.asOperator(async (tx) => {
        const values = {
          id: uuidv7(at.getTime()),
          tokenHash: hashKey(token),
          keyId: principal.keyId,
          statedName,
          remoteAddress: actor.remoteAddress ?? '',
          createdAt: at.toISOString(),
          lastUsedAt: at.toISOString(),
          expiresAt: new Date(at.getTime() + SESSION_MILLIS).toISOString(),
        }
        await tx.insert(sessions).values(values)
        const detail = { name: statedName }
        await record(tx, null, actor, at, { action: 'session.begin', target: values.id, detail })
        const [session] = await selected(tx, eq(sessions.id, values.id))
        return session!
      })
      remember(hashKey(token), session)
      return { token, session }
    },
    async find(token) {
      const hash = hashKey(token)
      const millis = now().getTime()
      const remembered = known.get(hash)
      if (remembered && remembered.until > millis) return alive(remembered.session, millis)
      const begun = generation
      const [session] = await database.readAsOperator((tx) => selected(tx, eq(sessions.tokenHash, hash)))
      known.delete(hash)
      if (session === undefined) return null
      if (begun === generation) remember(hash, session)
      return alive(session, millis)
    },
    use: ({ id }) => void used.set(id, now().toISOString()),
    isAwake: (session, role) => now().getTime() - Date.parse(lastUse(session)) < idleMillis(role),
    async end(id, actor) {
      await database.asOperator(async (tx) => {
        await tx.delete(sessions).where(eq(sessions.id, id))
        await record(tx, null, actor, now(), { action: 'session.end', target: id, detail: {} })
      })
      forget((session) => session.id === id)
    },
    async endAllOf(keyId, actor) {
      await database.asOperator(async (tx) => {
        await tx.delete(sessions).where(eq(sessions.keyId, keyId))
        await record(tx, null, actor, now(), { action: 'session.end-all', target: keyId, detail: {} })
      })
      forget((session) => session.keyId === keyId)
    },
    async listOf(keyId) {
      const isOpen = and(eq(sessions.keyId, keyId), gt(sessions.expiresAt, now().toISOString()))
      const found = await database.readAsOperator((tx) => selected(tx, isOpen))
      return found.map((session) => ({ ...session, lastUsedAt: lastUse(session) }))
    },
    async saveLastUse() {
      if (used.size === 0) return
      const noted = [...used]
      await database.asOperator((tx) => writeLastUse(tx, noted))
      for (const [id, at] of noted) if (used.get(id) === at) used.delete(id)
    },
    prune: () =>
      database.asOperator(async (tx) => {
        const ended = await tx
          .delete(sessions)
          .where(lt(sessions.expiresAt, now().toISOString()))
          .returning({ id: sessions.id })
        return ended.length
      }),
  }
}

function alive(session: Session, millis: number): Session | null {
  return Date.parse(session.expiresAt) > millis ? session : null
}

async function selected(tx: Tx, where: SQL | undefined): Promise<Session[]> {
  const rows = await tx
    .select({ session: sessions, keyHash: apiKeys.keyHash })
    .from(sessions)
    .innerJoin(apiKeys, eq(apiKeys.id, sessions.keyId))
    .where(where)
    .orderBy(desc(sessions.id))
  return rows.map(({ session: { tokenHash: _secret, ...session }, keyHash }) => ({
    ...session,
    keyHash,
    createdAt: toInstant(session.createdAt),
    lastUsedAt: toInstant(session.lastUsedAt),
    expiresAt: toInstant(session.expiresAt),
  }))
}

async function writeLastUse(tx: Tx, noted: readonly (readonly [id: string, at: string])[]): Promise<void> {
  const ids = sql.param(noted.map(([id]) => id))
  const times = sql.param(noted.map(([, at]) => at))
  await tx.execute(sql`
    update sessions s set last_used_at = u.at
    from unnest(${ids}::uuid[], ${times}::timestamptz[]) u(id, at)
    where s.id = u.id and s.last_used_at < u.at`)
}
