/**
 * Rows that a jurisdiction keeps for itself and the operator keeps for everybody: licences and releases.
 * Everybody's rows carry the nil id; a city reads them and writes its own only.
 */
import { eq, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { FastifyRequest } from 'fastify'
import { actorOf, record } from '../audit.ts'
import type { Tx } from '../db/database.ts'
import { type Principal, readScope } from '../http/auth.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { OPERATOR_ID } from '../ids.ts'
import type { Services } from '../services.ts'
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
  table: PgTable & { id: PgColumn; jurisdictionId: PgColumn },
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
    await services.refreshFirmware()
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
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`firmware ${jurisdictionId}`}, 0))`)
}

/** The id a row carries. */
export const idOf = (keeper: Keeper): string => keeper ?? OPERATOR_ID
/** The jurisdiction a row is told with: null for everybody. */
export const toKeeper = (jurisdictionId: string): Keeper =>
  jurisdictionId === OPERATOR_ID ? null : jurisdictionId
