/** What PostgreSQL's planner cannot know of rows that have just come in. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from './database.ts'

/**
 * A jurisdiction as a table of one row, column `id`, to join with: a value that the planner does not see.
 *
 * Of a city that came in since the last ANALYZE the planner believes that it has one row, and then any index that
 * begins with the jurisdiction seems as good as the right one: it reads all rows of the city for each key that is
 * looked up. Where it does not see which city is meant, it reckons with an average one.
 */
export function unseen(jurisdictionId: string): SQL {
  return sql`(select ${jurisdictionId}::uuid as id offset 0)`
}

/**
 * Plans for tables that grow while the transaction runs. A foreign key is checked by a plan that a session keeps: one
 * made while there were ten sites reads all of them for every device, also when there are ten thousand. So kept plans
 * are dropped, and those made now have to use an index.
 */
export async function expectMany(tx: Tx): Promise<void> {
  await tx.execute(sql`set local enable_seqscan = off`)
  await tx.execute(sql`discard plans`)
}
