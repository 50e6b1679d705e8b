/**
 * Rows that a jurisdiction keeps for itself and the operator keeps for everybody: licences and releases.
 * Everybody's rows carry the nil id; a city reads them and writes its own only.
 */
import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { FastifyRequest } from 'fastify'
import type { Tx } from '../db/database.ts'
import { awaitTurn } from '../db/locks.ts'
import { assertMatch } from '../http/etag.ts'
import { after, decodeCursor, encodeCursor, orderBy, type SortKey } from '../http/pages.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import type { Services } from '../screening/services.ts'
import { actorOf, record } from '../tenancy/audit.ts'
import { type Principal, readScope } from '../tenancy/auth.ts'
import { type CityDays, cityDays, NO_CITIES } from '../tenancy/city-days.ts'
import { countTouched, lockVersions, noteOwn, noteShared, type SharedChange } from './store.ts'

/** Null is everybody. */
export type Keeper = string | null

/** The keeper of a new row: a city's own; with an operator key whoever is named, or everybody. */
export function keeperOfNew(principal: Principal, asked: string | null | undefined): Keeper {
  if (principal.jurisdictionId === null) return asked ?? null
  if (asked && asked !== principal.jurisdictionId) throw notFound('jurisdiction')
  return principal.jurisdictionId
}

/** The keeper of a row that is to be changed. Throws `not-found`, or `forbidden` for a city that names everybody's. */
export async function keeperOf(
  { database }: Services,
  principal: Principal,
  table: KeptTable,
  id: string,
  what: string,
): Promise<Keeper> {
  const [row] = await database.acrossJurisdictions(readScope(principal), (tx) =>
    tx.select({ keeper: table.jurisdictionId }).from(table).where(eq(table.id, id)),
  )
  if (!row) throw notFound(what)
  const keeper = row.keeper as string
  if (keeper !== OPERATOR_ID) return keeper
  if (principal.role === 'admin') return null
  throw new DomainError('forbidden', `The operator keeps this ${what} for everybody; ask for the change.`)
}

/** The days of a keeper. Everybody has no city, and so no zone. */
export async function daysOfKeeper({ database }: Services, keeper: Keeper): Promise<CityDays> {
  return keeper === null ? NO_CITIES : cityDays(database, [keeper])
}

type KeptTable = PgTable & { id: PgColumn; jurisdictionId: PgColumn }
type KeptRow = { readonly jurisdictionId: string; readonly id: string; readonly version: number }

const ORDER: readonly SortKey[] = [
  { field: 'jurisdictionId', column: sql`jurisdiction_id`, descending: false, type: 'uuid', nullable: false },
  { field: 'id', column: sql`id`, descending: false, type: 'uuid', nullable: false },
]

/** One page of the rows a transaction sees, by keeper and id. `question` is all that was asked but the page. */
export async function keptPage<T extends KeptTable, Told>(
  tx: Tx,
  table: T,
  conditions: readonly SQL[],
  page: { readonly limit: number; readonly cursor: string | undefined; readonly question: unknown },
  tell: (row: T['$inferSelect']) => Told,
): Promise<{ readonly items: Told[]; readonly nextCursor: string | null }> {
  const { limit, cursor, question } = page
  const from = cursor === undefined ? [] : [after(ORDER, decodeCursor(cursor, question, ORDER))]
  const rows = (await tx
    .select()
    .from(table as PgTable)
    .where(and(...conditions, ...from))
    .orderBy(orderBy(ORDER))
    .limit(limit + 1)) as KeptRow[]
  const last = rows[limit - 1]
  return {
    items: rows.slice(0, limit).map(tell),
    nextCursor: rows.length > limit && last ? encodeCursor([last.jurisdictionId, last.id], question) : null,
  }
}

/** One row the key may read. Throws `not-found`. */
export async function readKept<T extends KeptTable>(
  { database }: Services,
  principal: Principal,
  table: T,
  id: string,
  what: string,
): Promise<T['$inferSelect'] & KeptRow> {
  const [row] = await database.acrossJurisdictions(readScope(principal), (tx) =>
    tx
      .select()
      .from(table as PgTable)
      .where(eq(table.id, id)),
  )
  if (!row) throw notFound(what)
  return row as KeptRow
}

/** The condition that names one row of a keeper. */
export function keptRow(table: KeptTable, keeper: Keeper, id: string): SQL {
  return and(eq(table.jurisdictionId, idOf(keeper)), eq(table.id, id))!
}

/** A row locked for a change. Throws `not-found`, and `precondition-failed` when `If-Match` names another version. */
export async function lockKept<T extends KeptTable>(
  tx: Tx,
  table: T,
  mine: SQL,
  ifMatch: string | undefined,
  what: string,
): Promise<T['$inferSelect'] & KeptRow> {
  const [row] = (await tx
    .select()
    .from(table as PgTable)
    .where(mine)
    .for('update')) as KeptRow[]
  if (!row) throw notFound(what)
  assertMatch(ifMatch, row.version)
  return row
}

export interface Touched {
  readonly profiles: number
  readonly devices: number
}

export interface KeptChange {
  readonly kind: SharedChange['kind']
  /** `licence.create` ... */
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly subjects: readonly string[]
}

/**
 * Work on rows of a keeper in one transaction; the last step notes what it touches. `touching` are the subjects known
 * beforehand, so that a change for everybody can say how many profiles over all cities it touches.
 */
export async function inKeeping<T>(
  services: Services,
  request: FastifyRequest,
  keeper: Keeper,
  touching: readonly string[],
  work: (tx: Tx, note: (change: KeptChange) => Promise<Touched>) => Promise<T>,
): Promise<T> {
  const { database, now } = services
  const instant = now()
  const actor = actorOf(request)
  const note = (tx: Tx, everywhere: Touched | null) => async (change: KeptChange) => {
    const { action, target, detail, subjects, kind } = change
    await record(tx, keeper, actor, instant, { action, target, detail })
    if (keeper !== null) return noteOwn(tx, keeper, subjects)
    await noteShared(tx, {
      kind,
      feed: null,
      changes: { action, target },
      subjects,
      by: actor.id,
      now: instant,
    })
    return everywhere!
  }
  let result: T
  if (keeper === null) {
    const touched = await database.acrossJurisdictions('all', (tx) => countTouched(tx, touching))
    result = await database.asOperator(async (tx) => {
      await lockVersions(tx)
      return work(tx, note(tx, touched))
    })
    await services.refreshKnowledge()
  } else {
    result = await database.inJurisdiction(keeper, async (tx) => {
      await lockOwn(tx, keeper)
      return work(tx, note(tx, null))
    })
  }
  services.poke('rescreen')
  return result
}

/** One writer of a city's firmware facts at a time, so that two cannot overlook each other. */
async function lockOwn(tx: Tx, jurisdictionId: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`select 1 from jurisdictions where id = ${jurisdictionId}::uuid`)
  if ((rowCount ?? 0) === 0) throw notFound('jurisdiction')
  await awaitTurn(tx, 'firmware', jurisdictionId)
}

/** Model patterns that all releases of a jurisdiction, or all its licences, have together: a device is held against each. */
const MOST_PATTERNS = 10_000

/** Refuse a record whose model patterns are more than a jurisdiction may keep. Under its lock. */
export async function checkRoom(
  tx: Tx,
  table: KeptTable,
  keeper: Keeper,
  { id, models }: { readonly id: string; readonly models?: readonly string[] | 'any' | undefined },
): Promise<void> {
  if (keeper === null || models === undefined || models === 'any') return
  const { rows } = await tx.execute<{ kept: number }>(sql`
    select coalesce(sum(jsonb_array_length(doc -> 'models')), 0)::int as kept from ${table}
    where jurisdiction_id = ${keeper}::uuid and id <> ${id}::uuid and jsonb_typeof(doc -> 'models') = 'array'`)
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
export const idOf = (keeper: Keeper): string => keeper ?? OPERATOR_ID
/** The jurisdiction a row is told with: null for everybody. */
export const toKeeper = (jurisdictionId: string): Keeper =>
  jurisdictionId === OPERATOR_ID ? null : jurisdictionId
