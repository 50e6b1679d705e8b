/** The names of sites beside devices, for files: a place by its id says nothing to a reader. */
import { sql } from 'drizzle-orm'
import type { Database, Scope } from '../db/database.ts'

interface AtSite {
  readonly siteId?: string | null | undefined
  siteName?: string | null | undefined
}

/** Sites that are kept in mind; of more, names are looked up again. */
const MOST = 10_000

export async function* withSiteNames<T extends AtSite>(
  database: Database,
  scope: Scope,
  batches: AsyncIterable<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  let names = new Map<string, string>()
  for await (const batch of batches) {
    const unknown = batch.flatMap(({ siteId }) => (siteId != null && !names.has(siteId) ? [siteId] : []))
    if (unknown.length > 0) {
      if (names.size > MOST) names = new Map()
      const wanted = [...new Set(batch.flatMap(({ siteId }) => siteId ?? []))]
      for (const { id, name } of await namesOf(database, scope, wanted)) names.set(id, name)
    }
    for (const device of batch)
      device.siteName = device.siteId == null ? null : (names.get(device.siteId) ?? null)
    yield batch
  }
}

async function namesOf(database: Database, scope: Scope, ids: readonly string[]) {
  const { rows } = await database.acrossJurisdictions(scope, (tx) =>
    tx.execute<{ id: string; name: string }>(
      sql`select id::text as id, name from sites where id = any (${sql.param(ids)}::uuid[])`,
    ),
  )
  return rows
}
