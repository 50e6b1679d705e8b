/** Whether two tables hold the same rows, without sending them: counts, and digests that no order changes. */
import type pg from 'pg'
import { type MovedTable, quoted } from './tables.ts'

export interface TableDigest {
  readonly table: string
  readonly rows: number
  /** The sum over all rows of the first 128 bits of each row's SHA-256. */
  readonly digest: string
}

export type Queryable = Pick<pg.Client, 'query'>

/** Values as text must be written alike on both sides; and of row security everything is asked for. */
export const SAME_TEXT = `set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';
  set extra_float_digits = 1; set bytea_output = 'hex'; set search_path = public, pg_temp; set statement_timeout = 0;
  set app.jurisdictions = '*'; set app.jurisdiction_id = ''`

export async function digestOf(client: Queryable, { name, columns }: MovedTable): Promise<TableDigest> {
  const row = columns.map((column) => `${quoted(column.name)}::text`).join(', ')
  const half = (from: number) => `coalesce(sum(('x' || substr(hash, ${from}, 16))::bit(64)::bigint), 0)::text`
  const { rows } = await client.query<{ rows: string; first: string; second: string }>(`
    select count(*)::text as rows, ${half(1)} as first, ${half(17)} as second
    from (select encode(sha256(convert_to(row(${row})::text, 'UTF8')), 'hex') as hash from ${quoted(name)}) hashed`)
  const { rows: count, first, second } = rows[0]!
  return { table: name, rows: Number(count), digest: `${first} ${second}` }
}
