/**
 * Work on many profiles of one jurisdiction goes one after the other: imports, and re-screening after a change of
 * law. Each locks profiles and answers in an order of its own, and together they could wait for each other.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

const key = (jurisdictionId: string) => sql`hashtextextended(${`import ${jurisdictionId}`}, 0)`

/** Wait for the turn of this transaction; it ends with it. */
export async function awaitTurn(tx: Tx, jurisdictionId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${key(jurisdictionId)})`)
}

/** Take the turn if nobody has it; false when somebody does. */
export async function takeTurn(tx: Tx, jurisdictionId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key(jurisdictionId)}) as free`,
  )
  return rows[0]!.free
}
