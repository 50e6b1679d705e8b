/** Work that goes one after the other within a jurisdiction. A lock is held to the end of its transaction. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from './database.ts'

type LockKind = 'import' | 'firmware' | 'statements' | 'documents' | 'findings' | 'reading'

const key = (kind: LockKind, jurisdictionId: string) =>
  sql`hashtextextended(${`${kind} ${jurisdictionId}`}, 0)`

/**
 * Wait for the lock on imports of a jurisdiction. Imports, and re-screening after a change of law, each lock profiles
 * and answers in an order of their own; together they could wait for each other.
 */
export async function lockImports(tx: Tx, jurisdictionId: string): Promise<void> {
  await wait(tx, 'import', jurisdictionId)
}

/** Take the lock on imports if nobody has it; false when somebody does. */
export async function tryLockImports(tx: Tx, jurisdictionId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key('import', jurisdictionId)}) as free`,
  )
  return rows[0]!.free
}

/** Wait for the lock on firmware facts of a jurisdiction: two writers must not overlook each other. */
export async function lockFirmwareFacts(tx: Tx, jurisdictionId: string): Promise<void> {
  await wait(tx, 'firmware', jurisdictionId)
}

/** Wait for the lock on statements of a jurisdiction: no device may come in beside one that is just being made. */
export async function lockStatements(tx: Tx, jurisdictionId: string): Promise<void> {
  await wait(tx, 'statements', jurisdictionId)
}

/** Share the lock on statements with others who register or change a device. */
export async function shareStatements(tx: Tx, jurisdictionId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${key('statements', jurisdictionId)})`)
}

/**
 * Whether nobody is writing who may have read the law before this transaction began; held, nobody begins to. Not waited
 * for: writers behind it would wait as well, and hold what others want.
 */
export async function tryWithoutWriters(tx: Tx, jurisdictionId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key('reading', jurisdictionId)}) as free`,
  )
  return rows[0]!.free
}

/** What writers hold: many of them at once, and not beside `tryWithoutWriters`. */
export function sharedByWriters(jurisdictionId: string): SQL {
  return sql`pg_advisory_xact_lock_shared(${key('reading', jurisdictionId)})`
}

/** Wait for the lock on documents of a jurisdiction: two of them must not both take the last room. */
export async function lockDocuments(tx: Tx, jurisdictionId: string): Promise<void> {
  await wait(tx, 'documents', jurisdictionId)
}

/** Take the lock on decisions on findings: of two on one finding, the later takes the place of the earlier. */
export async function lockFindings(tx: Tx, jurisdictionId: string): Promise<void> {
  await wait(tx, 'findings', jurisdictionId)
}

async function wait(tx: Tx, kind: LockKind, jurisdictionId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${key(kind, jurisdictionId)})`)
}
