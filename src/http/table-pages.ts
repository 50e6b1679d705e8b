/** Pages of rows: of one table, or of a query that orders and limits by the same keys. */
import { and, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Scope, Tx } from '../db/database.ts'
import { itemsThatFit } from './full-page.ts'
import {
  after,
  type CursorPart,
  type CursorValue,
  decodeCursor,
  encodeCursor,
  orderBy,
  type Page,
  type PageAsked,
  type SortKey,
} from './pages.ts'

/** The keys of an ascending order, by the names of a table's columns. */
export function ascending<T extends PgTable>(
  table: T,
  ...fields: (keyof T['$inferSelect'] & string)[]
): SortKey[] {
  const columns = getTableColumns(table)
  return fields.map((field) => {
    const column = columns[field]!
    const type = column.getSQLType() as CursorPart['type']
    return { field, column: sql`${column}`, descending: false, type, nullable: !column.notNull }
  })
}

export const descending = (keys: readonly SortKey[]): SortKey[] =>
  keys.map((key) => ({ ...key, descending: true }))

/** The condition that leaves the rows after those of the page before. */
export function fromCursor(order: readonly SortKey[], { cursor, question }: PageAsked): SQL {
  return cursor === undefined ? sql`true` : after(order, decodeCursor(cursor, question, order))
}

/**
 * A page of rows of which one more was read than was asked for; heavy ones end it earlier. The fields of the order are
 * read from the rows.
 */
export function cutPage<Row extends object, Item>(
  rows: readonly Row[],
  order: readonly SortKey[],
  { limit, question }: PageAsked,
  item: (row: Row) => Item,
): Page<Item> {
  const items = itemsThatFit(rows.slice(0, limit).map(item))
  const last = rows.length > items.length ? rows[items.length - 1] : undefined
  return { items, nextCursor: last ? cursorAt(last, order, question) : null }
}

export function cursorAt(row: object, order: readonly SortKey[], question: unknown): string {
  const values = row as Readonly<Record<string, CursorValue>>
  return encodeCursor(
    order.map(({ field }) => values[field]!),
    question,
  )
}

/** Limits the rows of a table whose row security shows more, or lets the database go by the index of the key. */
export function inScope(scope: Scope): SQL | undefined {
  return scope === 'all' ? undefined : sql`jurisdiction_id = any (${sql.param(scope)}::uuid[])`
}

export interface TableList<T extends PgTable, Item> {
  readonly table: T
  readonly order: readonly SortKey[]
  readonly where: readonly (SQL | undefined)[]
  readonly item: (row: T['$inferSelect']) => Item
}

/** One page of the rows of a table that the transaction sees. */
export async function tablePage<T extends PgTable, Item>(
  tx: Tx,
  { table, order, where, item }: TableList<T, Item>,
  page: PageAsked,
): Promise<Page<Item>> {
  const rows = await tx
    .select()
    .from(table as PgTable)
    .where(and(...where, fromCursor(order, page)))
    .orderBy(orderBy(order))
    .limit(page.limit + 1)
  return cutPage(rows as T['$inferSelect'][] & object[], order, page, item)
}
