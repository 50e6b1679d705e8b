/**
 * API keys: made, listed and revoked by the operator, those of a city also by its admin. The key itself is shown once and
 * never stored.
 */

import { randomBytes } from 'node:crypto'
import { and, desc, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../db/database.ts'
import { apiKeys, jurisdictions } from '../db/schema/index.ts'
import type { PageAsked } from '../http/pages.ts'
import { DomainError, type FieldProblem, notFound } from '../http/problems.ts'
import { Id, Instant, nameText, toInstant } from '../http/schemas.ts'
import { ascending, tablePage } from '../http/table-pages.ts'
import { uuidv7 } from '../lib/ids.ts'
import { type Actor, record } from './audit.ts'
import { hashKey, type Principal, ROLES, type Role, writeJurisdiction } from './auth.ts'

const CITY_ROLES: readonly Role[] = ['city-admin', 'city-editor', 'city-budget', 'city-viewer']

export const KeyWrite = z
  .strictObject({
    label: nameText(100).meta({ description: 'who or what uses it' }),
    role: z.enum(ROLES),
    jurisdictionId: Id.nullable().default(null).meta({
      description:
        'city roles: the one jurisdiction, which a city-admin may leave out; must be absent for other roles',
    }),
    jurisdictionIds: z
      .union([z.literal('all'), z.array(Id).min(1).max(10_000)])
      .nullable()
      .default(null)
      .meta({ description: 'federal-reviewer: the jurisdictions it reads, or "all"' }),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be an RFC 3339 instant' })
      .nullable()
      .default(null),
  })
  .meta({ id: 'NewKey' })
export type KeyWrite = z.infer<typeof KeyWrite>

export const Key = z
  .object({
    id: z.string(),
    prefix: z.string().meta({
      description: 'first characters of a key that was made here; `given` for one that a person chose',
    }),
    label: z.string(),
    role: z.enum(ROLES),
    jurisdictionId: z.string().nullable(),
    jurisdictionIds: z.union([z.literal('all'), z.array(z.string())]).nullable(),
    expiresAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
    lastUsedAt: Instant.nullable(),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Key' })
export type Key = z.infer<typeof Key>

export const CreatedKey = Key.extend({
  key: z
    .string()
    .nullable()
    .meta({ description: 'shown this once; null when an Idempotency-Key is replayed' }),
}).meta({ id: 'CreatedKey' })

type Row = typeof apiKeys.$inferSelect

export function toKey(row: Row): Key {
  const role = row.role as Role
  return {
    id: row.id,
    prefix: row.prefix,
    label: row.label,
    role,
    jurisdictionId: row.jurisdictionId,
    jurisdictionIds: role === 'federal-reviewer' ? (row.scope ?? 'all') : null,
    expiresAt: row.expiresAt && toInstant(row.expiresAt),
    revokedAt: row.revokedAt && toInstant(row.revokedAt),
    lastUsedAt: row.lastUsedAt && toInstant(row.lastUsedAt),
    createdAt: toInstant(row.createdAt),
    createdBy: row.createdBy,
  }
}

/**
 * Make a key. Throws `invalid-request` when role and scope do not fit or a jurisdiction does not exist.
 * `given` is used as the key when there is one (the bootstrap key); otherwise 256 random bits are.
 */
export async function createKey(
  tx: Tx,
  wish: KeyWrite,
  actor: Actor,
  now: Date,
  given?: string,
): Promise<{ key: Key; secret: string }> {
  const secret = given ?? `clk_${randomBytes(32).toString('base64url')}`
  const errors: FieldProblem[] = []
  const city = CITY_ROLES.includes(wish.role)
  if (city && wish.jurisdictionId === null) {
    errors.push({ pointer: '/jurisdictionId', code: 'required', message: `is required for ${wish.role}` })
  }
  if (!city && wish.jurisdictionId !== null) {
    errors.push({ pointer: '/jurisdictionId', code: 'not-allowed', message: `does not go with ${wish.role}` })
  }
  if (wish.role === 'federal-reviewer' && wish.jurisdictionIds === null) {
    errors.push({ pointer: '/jurisdictionIds', code: 'required', message: 'is required; "all" is a choice' })
  }
  if (wish.role !== 'federal-reviewer' && wish.jurisdictionIds !== null) {
    errors.push({
      pointer: '/jurisdictionIds',
      code: 'not-allowed',
      message: `does not go with ${wish.role}`,
    })
  }
  if (wish.expiresAt !== null && Date.parse(wish.expiresAt) <= now.getTime()) {
    errors.push({ pointer: '/expiresAt', code: 'in-the-past', message: 'must be in the future' })
  }
  const named = [
    ...(wish.jurisdictionId === null ? [] : [wish.jurisdictionId]),
    ...(Array.isArray(wish.jurisdictionIds) ? wish.jurisdictionIds : []),
  ]
  if (named.length > 0) {
    const found = await tx
      .select({ id: jurisdictions.id })
      .from(jurisdictions)
      .where(inArray(jurisdictions.id, named))
    const known = new Set(found.map((row) => row.id))
    for (const id of new Set(named)) {
      if (known.has(id)) continue
      const pointer =
        wish.jurisdictionId === id
          ? '/jurisdictionId'
          : `/jurisdictionIds/${(wish.jurisdictionIds as string[]).indexOf(id)}`
      errors.push({ pointer, code: 'unknown', message: 'is not a jurisdiction' })
    }
  }
  if (errors.length > 0) throw new DomainError('invalid-request', 'The key cannot be made.', { errors })

  const [row] = await tx
    .insert(apiKeys)
    .values({
      id: uuidv7(now.getTime()),
      // Of what a person chose, nothing is shown: it may be short, or used elsewhere.
      prefix: given === undefined ? secret.slice(0, 8) : 'given',
      keyHash: hashKey(secret),
      label: wish.label,
      role: wish.role,
      jurisdictionId: wish.jurisdictionId,
      scope: Array.isArray(wish.jurisdictionIds) ? [...new Set(wish.jurisdictionIds)] : null,
      expiresAt: wish.expiresAt,
      createdAt: now.toISOString(),
      createdBy: actor.id,
    })
    .returning()
  const key = toKey(row!)
  await record(tx, null, actor, now, {
    action: 'key.create',
    target: key.id,
    detail: {
      label: key.label,
      role: key.role,
      jurisdictionId: key.jurisdictionId,
      jurisdictionIds: key.jurisdictionIds,
    },
  })
  return { key, secret }
}

/**
 * What the admin of a city may wish for: a key of its own city, in a role of cities, that ends no later than its own.
 * Throws `forbidden`, `not-found`, `invalid-request`.
 */
export function withinCity(wish: KeyWrite, maker: Principal): KeyWrite {
  if (maker.role !== 'city-admin') return wish
  if (!CITY_ROLES.includes(wish.role))
    throw new DomainError('forbidden', 'A key with the role city-admin makes keys of its own city alone.')
  const jurisdictionId = writeJurisdiction(maker, wish.jurisdictionId)
  const ends = maker.expiresAt === null ? null : new Date(maker.expiresAt).toISOString()
  const expiresAt = wish.expiresAt ?? ends
  if (ends !== null && Date.parse(expiresAt!) > maker.expiresAt!) {
    throw new DomainError('invalid-request', 'The key cannot be made.', {
      errors: [
        {
          pointer: '/expiresAt',
          code: 'too-late',
          message: `must not be after ${ends}, when your own key ends`,
        },
      ],
    })
  }
  return { ...wish, jurisdictionId, expiresAt }
}

/** The keys that a key may see and revoke. */
function visibleTo({ jurisdictionId }: Pick<Principal, 'jurisdictionId'>): SQL | undefined {
  return jurisdictionId === null ? undefined : eq(apiKeys.jurisdictionId, jurisdictionId)
}

/** Revoke a key; a revoked one stays revoked. Throws `not-found`. */
export async function revokeKey(
  tx: Tx,
  id: string,
  actor: Actor,
  now: Date,
  by: Pick<Principal, 'jurisdictionId'> = { jurisdictionId: null },
): Promise<Key> {
  const row = await findKey(tx, id, by)
  const revokedAt = row.revokedAt ?? now.toISOString()
  await tx
    .update(apiKeys)
    .set({ revokedAt })
    .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
  await record(tx, null, actor, now, { action: 'key.revoke', target: id, detail: { label: row.label } })
  return toKey({ ...row, revokedAt })
}

/** Newest first. */
export async function listKeys(tx: Tx): Promise<Key[]> {
  return (await tx.select().from(apiKeys).orderBy(desc(apiKeys.id))).map(toKey)
}

/**
 * Make sure that somebody can get in: with no admin key at all, make one.
 * Returns the key when it was made now, for the start-up message, else null.
 */
export async function ensureAdminKey(
  tx: Tx,
  given: string | undefined,
  actor: Actor,
  now: Date,
): Promise<string | null> {
  // Two services that start together must not make two first keys.
  await tx.execute(sql`lock table api_keys in share row exclusive mode`)
  const [existing] = await tx
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(eq(apiKeys.role, 'admin'))
    .limit(1)
  if (existing) return null
  const wish: KeyWrite = {
    label: 'first admin key',
    role: 'admin',
    jurisdictionId: null,
    jurisdictionIds: null,
    expiresAt: null,
  }
  const { secret } = await createKey(tx, wish, actor, now, given)
  return secret
}

const ORDER = ascending(apiKeys, 'id')

export const keyPage = (tx: Tx, page: PageAsked, by: Pick<Principal, 'jurisdictionId'>) => {
  const where = visibleTo(by)
  return tablePage(tx, { table: apiKeys, order: ORDER, where: where ? [where] : [], item: toKey }, page)
}

/** Throws `not-found`. */
export async function findKey(
  tx: Tx,
  id: string,
  by: Pick<Principal, 'jurisdictionId'>,
): Promise<typeof apiKeys.$inferSelect> {
  const [row] = await tx
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.id, id), visibleTo(by)))
  if (!row) throw notFound('key')
  return row
}
