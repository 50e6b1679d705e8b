/**
 * Moves a register from the embedded database to PostgreSQL: every table, as it is.
 *
 * While a move is under way the target has a schema that says so, and what the source then held. A service refuses to
 * start on such a database; another run of the move goes on where the last one ended. Only when every table has the
 * same rows on both sides is the schema dropped.
 */
import { copyTable } from './copy.ts'
import { digestOf, type Queryable, SAME_TEXT, type TableDigest } from './digest.ts'
import { type MovedTable, movedTables, quoted } from './tables.ts'

/** The move cannot begin, or what came over is not what was there. */
export class MoveError extends Error {
  override readonly name = 'MoveError'
}

/** Any constant, as long as every mover uses the same one. */
const MOVE_LOCK = 7_203_419_886

export interface MoveProgress {
  /** What is being done now. */
  doing(what: string): void
  /** A table has so many rows by now. */
  rows(table: string, copied: number, of: number): void
}

export interface Moved {
  readonly tables: readonly TableDigest[]
  /** Rows that an earlier run had brought over. */
  readonly resumedAt: number
}

/** Both sides are migrated alike, the source is nobody else's meanwhile, and `target` is the owner of its tables. */
export async function move(source: Queryable, target: Queryable, progress: MoveProgress): Promise<Moved> {
  const tables = movedTables()
  await prepareSides(source, target, tables)
  const { rows } = await target.query<{ free: boolean }>(`select pg_try_advisory_lock(${MOVE_LOCK}) as free`)
  if (!rows[0]!.free) throw new MoveError('Another move into this database is under way.')
  progress.doing('reading what there is')
  const before = await digestsOf(source, tables)
  const resumedAt = await begin(target, tables, before)
  // A foreign key is checked by a plan that the session keeps, made while the tables are empty: by index, please.
  await target.query('set enable_seqscan = off')
  for (const [at, table] of tables.entries()) {
    const total = before[at]!.rows
    let copied = await countRows(target, table)
    if (total > 0) progress.rows(table.name, copied, total)
    await copyTable(source, target, table, (added) => {
      copied += added
      progress.rows(table.name, copied, total)
    })
  }
  await target.query('reset enable_seqscan')
  progress.doing('comparing every table')
  const differences = compare(before, await digestsOf(target, tables))
  if (differences.length > 0)
    throw new MoveError(`What came over is not what was there: ${differences.join('; ')}.`)
  await continueSequences(target)
  progress.doing('counting for the planner')
  for (const { name } of tables) await target.query(`analyze ${quoted(name)}`)
  await target.query('drop schema camledger_move cascade')
  return { tables: before, resumedAt }
}

/** Compare both sides and change nothing. Gives what differs, in words. */
export async function compareSides(
  source: Queryable,
  target: Queryable,
  progress: MoveProgress,
): Promise<{ tables: readonly TableDigest[]; differences: readonly string[] }> {
  const tables = movedTables()
  await prepareSides(source, target, tables)
  progress.doing('reading both sides')
  const digests = await digestsOf(source, tables)
  return { tables: digests, differences: compare(digests, await digestsOf(target, tables)) }
}

async function prepareSides(
  source: Queryable,
  target: Queryable,
  tables: readonly MovedTable[],
): Promise<void> {
  for (const side of [source, target]) {
    await side.query(SAME_TEXT)
    const { rows } = await side.query<{ name: string }>(
      "select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')",
    )
    const strange = rows
      .map(({ name }) => name)
      .filter((name) => !tables.some((table) => table.name === name))
    if (strange.length > 0)
      throw new MoveError(
        `This version knows nothing of the tables ${strange.join(', ')}, so it cannot move them.`,
      )
  }
}

async function digestsOf(client: Queryable, tables: readonly MovedTable[]): Promise<TableDigest[]> {
  const digests: TableDigest[] = []
  for (const table of tables) digests.push(await digestOf(client, table))
  return digests
}

function compare(source: readonly TableDigest[], target: readonly TableDigest[]): string[] {
  return source.flatMap(({ table, rows, digest }, at) => {
    const other = target[at]!
    if (rows !== other.rows) return [`${table} has ${rows} rows, and ${other.rows} in the target`]
    return digest === other.digest ? [] : [`${table} has ${rows} rows on both sides, and not the same`]
  })
}

/** Mark the target as being moved into, or find that it is. Gives the number of rows that are there already. */
async function begin(
  target: Queryable,
  tables: readonly MovedTable[],
  before: readonly TableDigest[],
): Promise<number> {
  const counts = new Map<string, number>()
  for (const table of tables) counts.set(table.name, await countRows(target, table))
  const filled = [...counts].filter(([, rows]) => rows > 0)
  const { rows: marked } = await target.query<{ there: boolean }>(
    "select to_regnamespace('camledger_move') is not null as there",
  )
  const content = JSON.stringify(before)
  if (!marked[0]!.there) {
    if (filled.length > 0)
      throw new MoveError(
        `The target is not empty: it has rows in ${filled.map(([name]) => name).join(', ')}. Give an empty database.`,
      )
    await target.query(
      'begin; create schema camledger_move; create table camledger_move.source (content text not null); commit',
    )
    await target.query('insert into camledger_move.source values ($1)', [content])
    return 0
  }
  const { rows } = await target.query<{ content: string }>('select content from camledger_move.source')
  if (rows[0]?.content === content) return filled.reduce((sum, [, count]) => sum + count, 0)
  // The source has changed since the move began: what came over is of no use.
  await target.query('begin')
  await target.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`)
  await target.query('delete from camledger_move.source')
  await target.query('insert into camledger_move.source values ($1)', [content])
  await target.query('commit')
  return 0
}

async function countRows(client: Queryable, { name }: MovedTable): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`select count(*)::text as n from ${quoted(name)}`)
  return Number(rows[0]!.n)
}

/** Numbers that the database gives out by itself go on after the highest that came over. */
async function continueSequences(target: Queryable): Promise<void> {
  const { rows } = await target.query<{ table: string; column: string; sequence: string }>(`
    select c.relname as table, a.attname as column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`)
  for (const { table, column, sequence } of rows) {
    await target.query(
      `select setval($1::regclass, coalesce(max(${quoted(column)}), 0) + 1, false) from ${quoted(table)}`,
      [sequence],
    )
  }
}
