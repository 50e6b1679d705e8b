/** Estimates and schedules as they were stored. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { findPlan } from '../plans/plans.ts'

const TABLES = { estimate: sql`plan_estimates`, schedule: sql`plan_schedules` }

/** One run of a plan, or its latest; undefined when there is none. Throws `not-found` for the plan. */
export async function findRun(
  tx: Tx,
  kind: keyof typeof TABLES,
  planId: string,
  id: string | undefined,
): Promise<{ readonly id: string; readonly document: string } | undefined> {
  await findPlan(tx, planId)
  const { rows } = await tx.execute<{ id: string; document: string }>(sql`
    select id::text as id, document::text as document from ${TABLES[kind]}
    where plan_id = ${planId}::uuid and ${id === undefined ? sql`true` : sql`id = ${id}::uuid`}
    order by revision desc, id desc limit 1`)
  return rows[0]
}
