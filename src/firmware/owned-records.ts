/**
 * Rows that a jurisdiction keeps for itself and the operator keeps for everybody: licenses and releases.
 * Everybody's rows carry the nil id; a city reads them and writes its own only.
 */

import { eq, type SQL, sql } from 'drizzle-orm'
import type { FastifyRequest } from 'fastify'
import type { Tx } from '../db/database.ts'
import { lockFirmwareFacts } from '../db/locks.ts'
import type { Page, PageAsked } from '../http/pages.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { ascending, tablePage } from '../http/table-pages.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import type { Services } from '../screening/services.ts'
import { actorOf, note } from '../tenancy/audit.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import { type CityDays, cityDays, NO_CITIES } from '../tenancy/city-days.ts'
import type { OwnedTable } from '../tenancy/stored-rows.ts'
import type { Work } from '../tenancy/work.ts'
import { countTouched, lockVersions, noteOwn, noteShared, type SharedChange } from './store.ts'

/** Null is everybody. */
export type Owner = string | null

/** The owner of a new row: a city's own; with an operator key whoever is named, or everybody. */
export function ownerOfNew(principal: Principal, asked: string | null | undefined): Owner {
  if (principal.jurisdictionId === null) return asked ?? null
  if (asked && asked !== principal.jurisdictionId) throw notFound('jurisdiction')
  return principal.jurisdictionId
}

/** The owner of a row that is to be changed. Throws `not-found`, or `forbidden` for a city that names everybody's. */
export async function ownerOfRecord(
  { database }: Services,
  principal: Principal,
  table: OwnedTable,
  id: string,
  what: string,
): Promise<Owner> {
  const [row] = await database.acrossJurisdictions(readScope(principal), (tx) =>
    tx.select({ owner: table.jurisdictionId }).from(table).where(eq(table.id, id)),
  )
  if (!row) throw notFound(what)
  const owner = row.owner as string
  if (owner !== OPERATOR_ID) return owner
  if (principal.role === 'admin') return null
  throw new DomainError('forbidden', `The operator keeps this ${what} for everybody; ask for the change.`)
}

/** The days of an owner. Everybody has no city, and so no zone. */
export async function daysOfOwner({ database }: Services, owner: Owner): Promise<CityDays> {
  return owner === null ? NO_CITIES : cityDays(database, [owner])
}

/** One page of the rows that a transaction sees, by owner and id. */
export function ownedPage<T extends OwnedTable, Item>(
  tx: Tx,
  table: T,
  where: readonly (SQL | undefined)[],
  page: PageAsked,
  item: (row: T['$inferSelect']) => Item,
): Promise<Page<Item>> {
  return tablePage(tx, { table, order: ascending(table, 'jurisdictionId', 'id'), where, item }, page)
}

/** Without those that everybody has, once a question names jurisdictions. */
export function ownOnly(
  jurisdictionIds: readonly string[],
  column: SQL = sql`jurisdiction_id`,
): SQL | undefined {
  return jurisdictionIds.length > 0 ? sql`${column} <> ${OPERATOR_ID}::uuid` : undefined
}

export interface Touched {
  readonly profiles: number
  readonly devices: number
}

export interface OwnedChange {
  readonly kind: SharedChange['kind']
  /** `license.create` ... */
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly subjects: readonly string[]
}

/**
 * Work on rows of an owner in one transaction; the last step notes what it touches. `touching` are the subjects known
 * beforehand, so that a change for everybody can say how many profiles over all cities it touches.
 */
export async function inOwnersTransaction<T>(
  services: Services,
  request: FastifyRequest,
  owner: Owner,
  touching: readonly string[],
  work: (work: Work, noteChange: (change: OwnedChange) => Promise<Touched>) => Promise<T>,
): Promise<T> {
  const { database, now } = services
  const context = { jurisdictionId: idOf(owner), actor: actorOf(request), now: now() }
  const noting = (own: Work, everywhere: Touched | null) => async (change: OwnedChange) => {
    const { action, target, detail, subjects, kind } = change
    await note(own, { action, target, detail })
    if (owner !== null) return noteOwn(own.tx, owner, subjects)
    const { actor, now } = own
    await noteShared(own.tx, { kind, feed: null, changes: { action, target }, subjects, by: actor.id, now })
    return everywhere!
  }
  let result: T
  if (owner === null) {
    const touched = await database.acrossJurisdictions('all', (tx) => countTouched(tx, touching))
    result = await database.asOperator(async (tx) => {
      await lockVersions(tx)
      return work({ ...context, tx }, noting({ ...context, tx }, touched))
    })
    await services.refreshKnowledge()
  } else {
    result = await database.inJurisdiction(owner, async (tx) => {
      await lockOwn(tx, owner)
      return work({ ...context, tx }, noting({ ...context, tx }, null))
    })
  }
  services.trigger('rescreen')
  return result
}

/** One writer of a city's firmware facts at a time, so that two cannot overlook each other. */
async function lockOwn(tx: Tx, jurisdictionId: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`select 1 from jurisdictions where id = ${jurisdictionId}::uuid`)
  if ((rowCount ?? 0) === 0) throw notFound('jurisdiction')
  await lockFirmwareFacts(tx, jurisdictionId)
}

/** Model patterns that all releases of a jurisdiction, or all its licenses, have together: a device is held against each. */
const MOST_PATTERNS = 10_000

/** Refuse a record whose model patterns are more than a jurisdiction may keep. Under its lock. */
export async function checkRoom(
  tx: Tx,
  table: OwnedTable,
  owner: Owner,
  { id, models }: { readonly id: string; readonly models?: readonly string[] | 'any' | undefined },
): Promise<void> {
  if (owner === null || models === undefined || models === 'any') return
  const { rows } = await tx.execute<{ kept: number }>(sql`
    select coalesce(sum(jsonb_array_length(doc -> 'models')), 0)::int as kept from ${table}
    where jurisdiction_id = ${owner}::uuid and id <> ${id}::uuid and jsonb_typeof(doc -> 'models') = 'array'`)
  const { kept } = rows[0]!
  if (kept + models.length <= MOST_PATTERNS) return
  throw new DomainError('invalid-request', 'The record cannot be stored.', {
    errors: [
      {
        pointer: '/models',
        code: 'too-many-patterns',
        message: `must leave at most ${MOST_PATTERNS} model patterns to the jurisdiction, which has ${kept} in other records`,
      },
    ],
  })
}

/** The id a row carries. */
export const idOf = (owner: Owner): string => owner ?? OPERATOR_ID
/** The jurisdiction a row is told with: null for everybody. */
export const toOwner = (jurisdictionId: string): Owner =>
  jurisdictionId === OPERATOR_ID ? null : jurisdictionId
