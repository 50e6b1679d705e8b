/** Who brings the tables up to date: the owner of the tables, who need not be the user that the service works as. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { databaseFailure } from './failures.ts'

/** The tables are of an earlier version, and this user may not change them. */
export class NotMigratedError extends Error {
  override readonly name = 'NotMigratedError'
}

/** Rows are missing: a move into the database began and has not ended. */
class UnfinishedMoveError extends Error {
  override readonly name = 'UnfinishedMoveError'
}

/** A later version of camledger has changed the tables in ways that this one does not know. */
class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'
  constructor() {
    super(
      'The database was migrated by a later version of camledger, and this one does not know its tables. ' +
        'Nothing was changed. Start the later version, or restore the backup that was made before the upgrade.',
    )
  }
}

/** PostgreSQL, Appendix A: no such schema, table or role, or none that this user may look into. */
const NOT_THERE_YET = ['3F000', '42P01', '22023', '42704', '42501']
const INSUFFICIENT_PRIVILEGE = '42501'

/** Throws UnfinishedMoveError when `camledger move` has begun to fill the database and has not ended. */
export async function assertWhole(database: Database): Promise<void> {
  if (database.kind === 'embedded') return
  const isMoving = await orNotThereYet(false, async () => {
    const { rows } = await database.asOperator((tx) =>
      tx.execute<{ isMoving: boolean }>(
        sql`select to_regnamespace('camledger_move') is not null as "isMoving"`,
      ),
    )
    return rows[0]!.isMoving
  })
  if (isMoving)
    throw new UnfinishedMoveError(
      'A move into this database has begun and has not ended, so rows are missing. Run "camledger move" again; it goes on where it ended.',
    )
}

/** How many migrations of the folder the database has not had. */
export async function pendingMigrations(database: Database, folder: string): Promise<number> {
  const journal = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { when: number }[]
  }
  const last = await lastMigration(database)
  const newest = Math.max(...journal.entries.map(({ when }) => when))
  if (last > newest) throw new NewerDatabaseError()
  return journal.entries.filter(({ when }) => when > last).length
}

/** Whether the database has had any migration at all. */
export async function isMigrated(database: Database): Promise<boolean> {
  return (await lastMigration(database)) > 0
}

/** The stamp of the last migration; 0 when there was none. */
function lastMigration(database: Database): Promise<number> {
  return orNotThereYet(0, async () => {
    const { rows } = await database.asOperator((tx) =>
      tx.execute<{ last: string | null }>(
        sql`select max(created_at)::text as last from drizzle.__drizzle_migrations`,
      ),
    )
    return Number(rows[0]?.last ?? 0)
  })
}

async function orNotThereYet<T>(without: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (NOT_THERE_YET.includes(databaseFailure(error)?.code ?? '')) return without
    throw error
  }
}

/**
 * Migrate when there is something to do. Throws NotMigratedError when this user may not, UnfinishedMoveError when the
 * database is not whole.
 */
export async function migrateIfNeeded(database: Database, folder: string): Promise<number> {
  await assertWhole(database)
  const pending = await pendingMigrations(database, folder)
  if (pending === 0) return 0
  try {
    await database.migrate(folder)
  } catch (error) {
    if (databaseFailure(error)?.code !== INSUFFICIENT_PRIVILEGE) throw error
    throw new NotMigratedError(
      `The database needs ${pending} migration${pending === 1 ? '' : 's'}, which the database user in use may not make. ` +
        'Run "camledger migrate" with the owner of the tables in MIGRATION_DATABASE_URL. ' +
        'If it was run, the user is not yet a member of svc_tenant and svc_operator: see "Owner and login" in docs/operations.md.',
      { cause: error },
    )
  }
  return pending
}
