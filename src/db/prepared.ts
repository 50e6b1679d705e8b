/**
 * Statements that a connection keeps: reading a page of devices costs the database as much to plan as to do.
 *
 * A kept plan does not see how tables grow, so what it must not do is ruled out where it is made: `IN_KEY_ORDER`
 * leaves it the primary keys. Only for texts of which there are few: nobody drops them before the connection ends.
 */
import { createHash } from 'node:crypto'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type pg from 'pg'

/** Settings of a transaction whose kept statements read the first rows by the primary key, and no table whole. */
export const IN_KEY_ORDER = 'set local enable_seqscan = off; set local enable_sort = off'

const dialect = new PgDialect()
const names = new Map<string, string>()
/** A text that is not the same each time has no business here; of those a connection may have so many. */
const MOST = 200

export interface Statement {
  /** Under which a connection keeps it. */
  readonly name?: string
  readonly text: string
  readonly values: unknown[]
}

/** The query as a statement that is planned for what it asks. */
export function plainStatement(query: SQL): Statement {
  const { sql: text, params } = dialect.sqlToQuery(query)
  return { text, values: params }
}

/** The query as a statement that is kept. */
export function preparedStatement(query: SQL): Statement {
  const { text, values } = plainStatement(query)
  const name = nameOf(text)
  return name === null ? { text, values } : { name, text, values }
}

/** Runs a query by a statement that its connection keeps. Values come as `pg` reads them. */
export async function executePrepared<T extends Record<string, unknown>>(
  tx: { readonly $client: Pick<pg.PoolClient, 'query'> },
  query: SQL,
): Promise<{ readonly rows: T[] }> {
  const { rows } = await tx.$client.query(preparedStatement(query))
  return { rows: rows as T[] }
}

function nameOf(text: string): string | null {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= MOST) return null
  const name = `kept_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  names.set(text, name)
  return name
}
