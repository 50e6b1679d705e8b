/** Rows of one jurisdiction with a version: found, added, locked, revised, and what the record says of a change. */
import { and, eq, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../db/database.ts'
import { assertMatch } from '../http/etag.ts'
import { notFound } from '../http/problems.ts'
import { uuidv7 } from '../lib/ids.ts'
import { type Principal, readScope } from './auth.ts'
import type { Work } from './work.ts'

/** A table whose rows have an id and belong to a jurisdiction. */
export type OwnedTable = PgTable & { id: PgColumn; jurisdictionId: PgColumn }
type RowOf<T extends OwnedTable> = T['$inferSelect'] & {
  readonly id: string
  readonly jurisdictionId: string
}

interface Finder {
  readonly database: Database
}

/** One row that the key may read. Throws `not-found`. */
export async function readRow<T extends OwnedTable>(
  { database }: Finder,
  principal: Principal,
  table: T,
  id: string,
  what: string,
): Promise<RowOf<T>> {
  const [row] = await database.acrossJurisdictions(readScope(principal), (tx) =>
    tx
      .select()
      .from(table as PgTable)
      .where(eq(table.id, id)),
  )
  if (!row) throw notFound(what)
  return row as RowOf<T>
}

/** The jurisdiction in which a row is changed: the key's own, or where the operator finds it. Throws `not-found`. */
export async function ownerOf(
  finder: Finder,
  principal: Principal,
  table: OwnedTable,
  id: string,
  what: string,
): Promise<string> {
  return principal.jurisdictionId ?? (await readRow(finder, principal, table, id, what)).jurisdictionId
}

/** The condition that names one row. */
export function oneRow(table: OwnedTable, { jurisdictionId }: Pick<Work, 'jurisdictionId'>, id: string): SQL {
  return and(eq(table.jurisdictionId, jurisdictionId), eq(table.id, id))!
}

/** Add a row with an id of now. */
export async function addRow<T extends OwnedTable>(
  { tx, jurisdictionId, now }: Work,
  table: T,
  {
    id = uuidv7(now.getTime()),
    ...values
  }: Omit<T['$inferInsert'], 'id' | 'jurisdictionId' | 'createdAt' | 'updatedAt'> & {
    readonly id?: string
  },
): Promise<RowOf<T>> {
  const at = now.toISOString()
  const [row] = await tx
    .insert(table as PgTable)
    .values({ jurisdictionId, id, ...values, createdAt: at, updatedAt: at })
    .returning()
  return row as RowOf<T>
}

export interface LockOptions {
  /** What the row is called when it is not there. */
  readonly what: string
  readonly ifMatch?: string | undefined
  /** `no key update` lets others go on to refer to the row. */
  readonly strength?: 'update' | 'no key update'
}

/** A row locked for a change. Throws `not-found`, and `precondition-failed` when `If-Match` names another version. */
export async function lockRow<T extends OwnedTable>(
  work: Pick<Work, 'tx' | 'jurisdictionId'>,
  table: T,
  id: string,
  { what, ifMatch, strength = 'update' }: LockOptions,
): Promise<RowOf<T> & { readonly version: number }> {
  const [row] = await work.tx
    .select()
    .from(table as PgTable)
    .where(oneRow(table, work, id))
    .for(strength)
  if (!row) throw notFound(what)
  const locked = row as RowOf<T> & { readonly version: number }
  assertMatch(ifMatch, locked.version)
  return locked
}

/** Write the next version of a row that is locked. */
export async function reviseRow<T extends OwnedTable>(
  work: Pick<Work, 'tx' | 'jurisdictionId' | 'now'>,
  table: T,
  { id, version }: { readonly id: string; readonly version: number },
  values: Partial<T['$inferInsert']>,
): Promise<RowOf<T>> {
  const [row] = await work.tx
    .update(table as PgTable)
    .set({ ...values, version: version + 1, updatedAt: work.now.toISOString() })
    .where(oneRow(table, work, id))
    .returning()
  return row as RowOf<T>
}

/** What the record says of a change: the fields it names, before and after. */
export function beforeAndAfter(before: object, changes: object): { before: object; after: object } {
  const fields = before as Readonly<Record<string, unknown>>
  return {
    before: Object.fromEntries(Object.keys(changes).map((name) => [name, fields[name]])),
    after: changes,
  }
}
