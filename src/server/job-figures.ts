/** Figures of jobs and feeds for the metrics: numbers alone, over all jurisdictions. */
import { sql } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { advisoryFeeds, jobs, listChecks } from '../db/schema/index.ts'
import { QUERY_LIMIT_MILLIS, type StoredFigures } from './metrics.ts'

const LIMIT = { timeLimitMillis: QUERY_LIMIT_MILLIS }

export async function storedFigures(database: Database): Promise<StoredFigures> {
  const [feeds, lists, ofCities] = await database.acrossJurisdictions(
    'all',
    async (tx) => [await feedsIn(tx), await listsIn(tx), await jobsIn(tx)] as const,
    LIMIT,
  )
  const ofOperator = await database.asOperator(jobsIn, LIMIT)
  const counts = new Map<string, { kind: string; state: string; count: number }>()
  for (const one of [...ofCities.jobs, ...ofOperator.jobs]) {
    const key = `${one.kind} ${one.state}`
    counts.set(key, { ...one, count: one.count + (counts.get(key)?.count ?? 0) })
  }
  const oldest = [ofCities.oldestQueuedAt, ofOperator.oldestQueuedAt].filter((at) => at !== null).sort()[0]
  return { jobs: [...counts.values()], oldestQueuedAt: oldest ?? null, feeds, lists }
}

async function feedsIn(tx: Tx): Promise<StoredFigures['feeds']> {
  return tx.select({ feed: advisoryFeeds.feed, checkedAt: advisoryFeeds.checkedAt }).from(advisoryFeeds)
}

async function listsIn(tx: Tx): Promise<StoredFigures['lists']> {
  const rows = await tx.select({ list: listChecks.listId, goodAt: listChecks.goodAt }).from(listChecks)
  return rows.flatMap(({ list, goodAt }) => (goodAt === null ? [] : [{ list, goodAt }]))
}

/** Those that the transaction sees. */
async function jobsIn(tx: Tx): Promise<Omit<StoredFigures, 'feeds' | 'lists'>> {
  const rows = await tx
    .select({
      kind: jobs.kind,
      state: jobs.state,
      count: sql<number>`count(*)::int`,
      first: sql<string>`to_char(min(created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`,
    })
    .from(jobs)
    .groupBy(jobs.kind, jobs.state)
  const queued = rows.filter(({ state }) => state === 'queued').map(({ first }) => first)
  return {
    jobs: rows.map(({ kind, state, count }) => ({ kind, state, count })),
    oldestQueuedAt: queued.sort()[0] ?? null,
  }
}
