/** Work that goes one after the other within a jurisdiction. */
import { sql } from 'drizzle-orm'
import type { Tx } from './database.ts'

/**
 * `import`: imports, and re-screening after a change of law. Each locks profiles and answers in an order of its own,
 * and together they could wait for each other. `firmware`: writers of firmware facts, so that two cannot overlook each
 * other.
 */
export type Turn = 'import' | 'firmware'

const key = (turn: Turn, jurisdictionId: string) => sql`hashtextextended(${`${turn} ${jurisdictionId}`}, 0)`

/** Wait for the turn of this transaction; it ends with it. */
export async function awaitTurn(tx: Tx, turn: Turn, jurisdictionId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${key(turn, jurisdictionId)})`)
}

/** Take the turn if nobody has it; false when somebody does. */
export async function takeTurn(tx: Tx, turn: Turn, jurisdictionId: string): Promise<boolean> {
  const { rows } = await tx.execute<{ free: boolean }>(
    sql`select pg_try_advisory_xact_lock(${key(turn, jurisdictionId)}) as free`,
  )
  return rows[0]!.free
}
