/** Cities by name, for answers that go over several. */
import { inArray } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'

export function jurisdictionNames(
  database: Database,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly name: string }[]> {
  if (ids.length === 0) return Promise.resolve([])
  return database.acrossJurisdictions(ids, (tx) =>
    tx
      .select({ id: jurisdictions.id, name: jurisdictions.name })
      .from(jurisdictions)
      .where(inArray(jurisdictions.id, [...ids]))
      .orderBy(jurisdictions.name, jurisdictions.id),
  )
}
