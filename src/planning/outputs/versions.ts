/** Reads plans and versions of plans that are put side by side. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { notFound } from '../../http/problems.ts'
import type { Version } from './model/compare.ts'
import type { PlanReport } from './model/report.ts'
import { loadReport } from './report.ts'

/** Those that are asked for, or the schedule before, and the plan itself last. Throws `not-found`, `estimate-needed`. */
export async function versionsOf(
  tx: Tx,
  id: string,
  others: readonly string[],
  now: Date,
): Promise<Version[]> {
  const report = await loadReport(tx, id, {}, now)
  const versions: Version[] = []
  for (const other of others) versions.push(versionOf(await reportOf(tx, other, now)))
  if (others.length === 0 && report.previous !== null) versions.push(report.previous)
  return [...versions, versionOf(report)]
}

/** Of a plan or of one schedule. Throws `not-found`. */
async function reportOf(tx: Tx, id: string, now: Date): Promise<PlanReport> {
  const { rows } = await tx.execute<{ planId: string; scheduleId: string | null }>(sql`
    select id::text as "planId", null as "scheduleId" from plans where id = ${id}::uuid
    union all
    select plan_id::text, id::text from plan_schedules where id = ${id}::uuid`)
  const [found] = rows
  if (found === undefined) throw notFound('plan or schedule')
  const choice = found.scheduleId === null ? {} : { scheduleId: found.scheduleId }
  return loadReport(tx, found.planId, choice, now)
}

function versionOf({ plan, estimate, schedule }: PlanReport): Version {
  const { revision, asOf } = schedule ?? estimate
  return { label: `${plan.name}, revision ${revision}, ${asOf}`, estimate, schedule }
}
