/** A register from the embedded database to PostgreSQL. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { connect } from '../db/connect.ts'
import { DirectoryInUseError } from '../db/embedded/lock.ts'
import { EmbeddedPool } from '../db/embedded/pool.ts'
import type { Queryable } from '../db/move/digest.ts'
import { compareSides, MoveError, type MoveProgress, move } from '../db/move/move.ts'
import { withClient } from '../db/with-client.ts'
import { readConfig } from '../server/config.ts'
import { NoRegisterError } from '../server/open-database.ts'
import { MIGRATIONS } from '../server/paths.ts'
import type { Finding } from '../tenancy/audit-chain.ts'
import { verifyAudit } from '../tenancy/audit-verify.ts'
import { UsageError } from './errors.ts'

export async function runMove(isCheck: boolean, print: (text: string) => void): Promise<number> {
  const { DATA_DIR, DATABASE_URL, MIGRATION_DATABASE_URL } = readConfig()
  const url = MIGRATION_DATABASE_URL ?? DATABASE_URL
  if (url === undefined)
    throw new UsageError('Name the database to move to in MIGRATION_DATABASE_URL or DATABASE_URL.')
  const source = await openSource(DATA_DIR)
  try {
    await assertVersion(source, 'The register in DATA_DIR')
    if (!isCheck) await migrateTarget(url)
    const work = async (target: Queryable) => {
      await assertVersion(target, 'The database to move to')
      return isCheck ? runCheck(source, target, print) : runWhole(source, target, url, print)
    }
    return await withClient(url, work, 'camledger move')
  } finally {
    await source.end()
  }
}

async function runCheck(
  source: Queryable,
  target: Queryable,
  print: (text: string) => void,
): Promise<number> {
  const { tables, differences } = await compareSides(source, target, progressOn(print))
  for (const difference of differences) print(`DIFFERENT  ${difference}`)
  if (differences.length > 0) return 1
  print(`The same ${sumOf(tables)} rows in ${tables.length} tables on both sides.`)
  return 0
}

async function runWhole(
  source: Queryable,
  target: Queryable,
  url: string,
  print: (text: string) => void,
): Promise<number> {
  const { tables, resumedAt } = await move(source, target, progressOn(print))
  if (resumedAt > 0) print(`An earlier run had brought over ${resumedAt} rows; this one went on from there.`)
  print(`Moved: the same ${sumOf(tables)} rows in ${tables.length} tables on both sides.`)
  const findings = await checkAudit(url, print)
  print(
    'Start the service with DATABASE_URL now, and keep the folder as a backup; do not serve from it again.',
  )
  return findings === 0 ? 0 : 5
}

/** The chains came over as they were, also when somebody had tampered with them before. */
async function checkAudit(url: string, print: (text: string) => void): Promise<number> {
  const database = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
  try {
    const found: Finding[] = []
    const { entries, chains } = await verifyAudit(database, nothing(), (finding) => found.push(finding))
    print(
      found.length === 0
        ? `Audit trail: ${entries} entries in ${chains} chains, all as they were written.`
        : `Audit trail: ${found.length} findings, in the folder too; see "camledger audit verify".`,
    )
    return found.length
  } finally {
    await database.close()
  }
}

async function* nothing(): AsyncGenerator<never> {}

async function openSource(dataDir: string): Promise<EmbeddedPool> {
  if (!existsSync(join(dataDir, 'pgdata', 'PG_VERSION')))
    throw new NoRegisterError(`There is no register in ${dataDir}; name its folder in DATA_DIR.`)
  return EmbeddedPool.open({ dataDir }).catch((error: unknown) => {
    if (error instanceof DirectoryInUseError) error.message += '\nMove while the service is stopped.'
    throw error
  })
}

async function migrateTarget(url: string): Promise<void> {
  const owner = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
  try {
    await owner.migrate(MIGRATIONS)
  } finally {
    await owner.close()
  }
}

/** Rows move as they are, so both sides must have the very tables of this version. */
async function assertVersion(side: Queryable, what: string): Promise<void> {
  const ours = readMigrationFiles({ migrationsFolder: MIGRATIONS }).map(({ hash }) => hash)
  const { rows } = await side.query<{ hash: string }>(
    'select hash from drizzle.__drizzle_migrations order by created_at, id',
  )
  const theirs = rows.map(({ hash }) => hash)
  if (theirs.length === ours.length && theirs.every((hash, at) => hash === ours[at])) return
  const isEarlier = theirs.length < ours.length && theirs.every((hash, at) => hash === ours[at])
  throw new MoveError(
    isEarlier
      ? `${what} is of an earlier version: run "camledger migrate" on it with this one first.`
      : `${what} is not of this version of camledger: move with the version that it was last used with.`,
  )
}

const sumOf = (tables: readonly { rows: number }[]) => tables.reduce((sum, { rows }) => sum + rows, 0)

/** A line when something begins, a table is done, or has gone on for some seconds. */
function progressOn(print: (text: string) => void): MoveProgress {
  let last = performance.now()
  return {
    doing: (what) => print(`${what} ...`),
    rows: (table, copied, of) => {
      if (copied < of && performance.now() - last < 5_000) return
      last = performance.now()
      print(`  ${table}: ${copied} of ${of}`)
    },
  }
}
