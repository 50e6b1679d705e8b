/** Copies a table a page at a time, in the order of its key, and goes on after what is there already. */
import type pg from 'pg'
import type { Queryable } from './digest.ts'
import { inOrder, type MovedTable, quoted } from './tables.ts'

/** What a page may weigh; few rows of a table of plans, many of a table of links. */
const PAGE_BYTES = 1024 * 1024
const MOST_ROWS = 2_000
/** How many the first page has, of which nothing is known yet. */
const FIRST_ROWS = 50

/** Copy what the target lacks. `progress` is told how many rows came with each page. */
export async function copyTable(
  source: Queryable,
  target: Queryable,
  table: MovedTable,
  progress: (rows: number) => void,
): Promise<void> {
  let limit = FIRST_ROWS
  let after = await lastKey(target, table)
  for (;;) {
    const rows = await readPage(source, table, after, limit)
    if (rows.length === 0) return
    await insertPage(target, table, rows)
    progress(rows.length)
    after = keyOf(table, rows.at(-1)!)
    const bytes = rows.reduce(
      (sum, row) => sum + row.reduce((size, value) => size + (value?.length ?? 0), 0),
      0,
    )
    // At most twice as many as before: the next rows can be larger than these.
    limit = Math.max(
      1,
      Math.min(MOST_ROWS, limit * 2, Math.floor((PAGE_BYTES * rows.length) / Math.max(1, bytes))),
    )
  }
}

type TextRow = readonly (string | null)[]

async function readPage(
  source: Queryable,
  { name, columns, key }: MovedTable,
  after: readonly string[] | null,
  limit: number,
): Promise<TextRow[]> {
  const order = key.map(inOrder).join(', ')
  const from = key.map(({ type }, at) => `$${at + 1}::${type}`).join(', ')
  const { rows } = await source.query<(string | null)[]>({
    text: `select ${columns.map((column) => `${quoted(column.name)}::text`).join(', ')} from ${quoted(name)} t
      ${after === null ? '' : `where (${order}) > (${from})`} order by ${order} limit ${limit}`,
    values: after === null ? [] : [...after],
    rowMode: 'array',
  } as pg.QueryArrayConfig)
  return rows
}

/** One transaction: a page is there or it is not. */
async function insertPage(
  target: Queryable,
  { name, columns }: MovedTable,
  rows: readonly TextRow[],
): Promise<void> {
  const table = quoted(name)
  const names = columns.map((column) => quoted(column.name)).join(', ')
  const values = columns.map(({ type }, at) => `r.c${at}::${type}`).join(', ')
  const arrays = columns.map((_, at) => `$${at + 1}::text[]`).join(', ')
  const fields = columns.map((_, at) => `c${at}`).join(', ')
  await target.query('begin')
  try {
    // Row security binds the owner too, and lets no transaction write into more than one jurisdiction.
    const { rows: security } = await target.query<{ forced: boolean }>(
      'select relforcerowsecurity as forced from pg_class where oid = $1::regclass',
      [`public.${table}`],
    )
    const isForced = security[0]!.forced
    if (isForced) await target.query(`alter table ${table} no force row level security`)
    await target.query(
      `insert into ${table} (${names}) overriding system value select ${values} from unnest(${arrays}) as r(${fields})`,
      columns.map((_, at) => rows.map((row) => row[at]!)),
    )
    if (isForced) await target.query(`alter table ${table} force row level security`)
    await target.query('commit')
  } catch (error) {
    await target.query('rollback').catch(() => {})
    throw error
  }
}

/** The key of the last row in the order of copying; null when there is none. */
async function lastKey(target: Queryable, { name, key }: MovedTable): Promise<readonly string[] | null> {
  const { rows } = await target.query<string[]>({
    text: `select ${key.map((column) => `${quoted(column.name)}::text`).join(', ')} from ${quoted(name)} t
      order by ${key.map((column) => `${inOrder(column)} desc`).join(', ')} limit 1`,
    rowMode: 'array',
  } as pg.QueryArrayConfig)
  return rows[0] ?? null
}

function keyOf({ columns, key }: MovedTable, row: TextRow): string[] {
  return key.map(({ name }) => row[columns.findIndex((column) => column.name === name)]!)
}
