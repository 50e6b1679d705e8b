/** Use cases of actuals: what really happened, beside what was planned. */
import { and, eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planActuals } from '../../db/schema/index.ts'
import { DomainError } from '../../http/problems.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { assertCurrency, loadCity, todayIn } from '../context.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import { findPlan, lockPlan } from '../plans/plans.ts'
import { recordChange, type Work } from '../work.ts'
import { type Actual, type ActualWrite, type Comparison, toActual } from './actual-schemas.ts'
import { comparisonOf, type Planned } from './model/comparison.ts'
import { notAfter } from './past.ts'

/** Every entry of a plan, for the comparison needs them all: a plan has a few hundred. Throws `not-found`. */
export async function loadActuals(
  tx: Tx,
  id: string,
): Promise<{ actuals: readonly Actual[]; comparison: Comparison }> {
  const plan = await findPlan(tx, id)
  const city = await loadCity(tx, plan.jurisdictionId)
  const rows = await tx
    .select()
    .from(planActuals)
    .where(and(eq(planActuals.jurisdictionId, plan.jurisdictionId), eq(planActuals.planId, id)))
    .orderBy(planActuals.id)
  const actuals = rows.map((row) => toActual(row, city.fiscalYearStartMonth))
  return { actuals, comparison: comparisonOf(await latest(tx, id), actuals) }
}

async function latest(tx: Tx, planId: string): Promise<Planned> {
  const scheduled = await tx.execute<{ document: ScheduleDocument }>(
    sql`select document from plan_schedules where plan_id = ${planId}::uuid order by revision desc, id desc limit 1`,
  )
  const estimated = await tx.execute<{ document: EstimateDocument }>(
    sql`select document from plan_estimates where plan_id = ${planId}::uuid order by revision desc, id desc limit 1`,
  )
  return { schedule: scheduled.rows[0]?.document ?? null, estimate: estimated.rows[0]?.document ?? null }
}

/** Throws `not-found`, `invalid-request`, `currency-mismatch`. */
export async function addActual(
  work: Work,
  planId: string,
  wish: z.output<typeof ActualWrite>,
): Promise<Actual> {
  const { tx, jurisdictionId, now } = work
  await lockPlan(tx, jurisdictionId, planId)
  const city = await loadCity(tx, jurisdictionId)
  notAfter(wish.occurredOn, todayIn(city, now), '/occurredOn')
  if (wish.kind === 'completion') await notTooMany(work, planId, wish)
  const isMoney = wish.kind === 'purchase-order' || wish.kind === 'payment'
  const currency = isMoney ? (wish.currency ?? city.currency) : null
  if (currency !== null) assertCurrency(currency, city.currency)
  const [row] = await tx
    .insert(planActuals)
    .values({
      jurisdictionId,
      planId,
      id: uuidv7(now.getTime()),
      ...wish,
      currency,
      createdAt: now.toISOString(),
      createdBy: work.actor.id,
    })
    .returning()
  await recordChange(work, `plan.${wish.kind}.create`, row!.id, { plan: planId, ...wish })
  return toActual(row!, city.fiscalYearStartMonth)
}

/** Throws `invalid-request` when more devices of a site would be done than the plan has there. */
async function notTooMany(
  { tx, jurisdictionId }: Work,
  planId: string,
  { siteId, devicesDone }: { readonly siteId: string; readonly devicesDone: number },
): Promise<void> {
  const { rows } = await tx.execute<{ planned: number; done: number }>(sql`
    select (
      select count(*)::int from plan_devices x
      join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
      where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${planId}::uuid
        and d.site_id = ${siteId}::uuid
    ) as planned, (
      select coalesce(sum(devices_done), 0)::int from plan_actuals
      where jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${planId}::uuid
        and kind = 'completion' and site_id = ${siteId}::uuid
    ) as done`)
  const { planned, done } = rows[0]!
  if (devicesDone === 0 || done + devicesDone <= planned) return
  throw new DomainError(
    'invalid-request',
    `The plan has ${planned} devices at this site, and ${done} are recorded as done.`,
    { errors: [{ pointer: '/devicesDone', code: 'too-many', message: `must be at most ${planned - done}` }] },
  )
}
