/** Reads what the outputs of a plan are made from. */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { planActuals } from '../../db/schema/index.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { type ApprovalRow, baselineOf } from '../approvals/baselines.ts'
import { loadCity, todayIn } from '../context.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import { findPlan, type PlanRow } from '../plans/plans.ts'
import type { PlanReport, StoredLines } from './model/report.ts'

export interface ReportChoice {
  readonly estimateId?: string | undefined
  readonly scheduleId?: string | undefined
}

/**
 * The schedule that is asked for, or the latest, with the estimate it was made from; without any schedule, the
 * estimate that is asked for, or the latest. Throws `not-found`, `estimate-needed`.
 */
export async function loadReport(tx: Tx, id: string, choice: ReportChoice, now: Date): Promise<PlanReport> {
  const plan = await findPlan(tx, id)
  const city = await loadCity(tx, plan.jurisdictionId)
  const { estimateId, scheduleId } = choice
  const ofSchedule =
    scheduleId !== undefined
      ? sql`s.id = ${scheduleId}::uuid`
      : estimateId !== undefined
        ? sql`s.estimate_id = ${estimateId}::uuid`
        : sql`true`
  const schedules = await tx.execute<{ document: ScheduleDocument }>(sql`
    select s.document from plan_schedules s
    where s.jurisdiction_id = ${plan.jurisdictionId}::uuid and s.plan_id = ${id}::uuid and ${ofSchedule}
    order by s.revision desc, s.id desc limit 1`)
  const schedule = schedules.rows[0]?.document ?? null
  if (scheduleId !== undefined && schedule === null) throw notFound('schedule')
  const wanted = schedule?.estimateId ?? estimateId
  const estimates = await tx.execute<{ document: EstimateDocument }>(sql`
    select e.document from plan_estimates e
    where e.jurisdiction_id = ${plan.jurisdictionId}::uuid and e.plan_id = ${id}::uuid
      and ${wanted === undefined ? sql`true` : sql`e.id = ${wanted}::uuid`}
    order by e.revision desc, e.id desc limit 1`)
  const estimate = estimates.rows[0]?.document
  if (!estimate) {
    if (estimateId !== undefined) throw notFound('estimate')
    throw new DomainError(
      'estimate-needed',
      `There is nothing to show yet; POST /v1/plans/${id}/estimate first.`,
    )
  }
  const completions = await tx
    .select({
      on: planActuals.occurredOn,
      siteId: planActuals.siteId,
      devices: planActuals.devicesDone,
    })
    .from(planActuals)
    .where(
      and(
        eq(planActuals.jurisdictionId, plan.jurisdictionId),
        eq(planActuals.planId, id),
        eq(planActuals.kind, 'completion'),
      ),
    )
    .orderBy(planActuals.occurredOn, planActuals.id)
  const baseline = await baselineOf(tx, id)
  return {
    plan,
    city,
    runOn: todayIn(city, now),
    estimate,
    schedule,
    isOutdated: plan.revision !== estimate.revision,
    changedSince: await changedSince(tx, plan, estimate, schedule),
    baseline,
    previous: (await approvedBefore(tx, baseline, schedule)) ?? (await previousOf(tx, plan, schedule)),
    completions: completions.map((row) => ({ on: row.on, siteId: row.siteId!, devices: row.devices ?? 0 })),
  }
}

/** What was approved last, when a later schedule is shown that differs from it. */
async function approvedBefore(
  tx: Tx,
  baseline: ApprovalRow | null,
  schedule: ScheduleDocument | null,
): Promise<PlanReport['previous']> {
  if (baseline === null || schedule === null || baseline.scheduleId >= schedule.id) return null
  const { rows } = await tx.execute<{ schedule: ScheduleDocument; estimate: EstimateDocument }>(sql`
    select s.document as schedule, e.document as estimate
    from plan_schedules s
    join plan_estimates e on e.jurisdiction_id = s.jurisdiction_id and e.id = s.estimate_id
    where s.jurisdiction_id = ${baseline.jurisdictionId}::uuid and s.plan_id = ${baseline.planId}::uuid
      and s.id = ${baseline.scheduleId}::uuid and s.inputs_digest <> ${schedule.inputsDigest}`)
  const [approved] = rows
  if (approved === undefined) return null
  return { label: `Approved ${baseline.approvedOn}, revision ${baseline.revision}`, ...approved }
}

/** The schedule before the one that is shown, of whatever revision, that was computed from something else. */
async function previousOf(
  tx: Tx,
  plan: PlanRow,
  schedule: ScheduleDocument | null,
): Promise<PlanReport['previous']> {
  if (schedule === null) return null
  const { rows } = await tx.execute<{ schedule: ScheduleDocument; estimate: EstimateDocument }>(sql`
    select s.document as schedule, e.document as estimate
    from plan_schedules s
    join plan_estimates e on e.jurisdiction_id = s.jurisdiction_id and e.id = s.estimate_id
    where s.jurisdiction_id = ${plan.jurisdictionId}::uuid and s.plan_id = ${plan.id}::uuid
      and s.id < ${schedule.id}::uuid and s.inputs_digest <> ${schedule.inputsDigest}
    order by s.id desc limit 1`)
  const [before] = rows
  if (before === undefined) return null
  const { revision, asOf } = before.schedule
  return { label: `Revision ${revision}, ${asOf}`, ...before }
}

/** Prices and devices newer than the estimate; funds, orders and payments newer than the schedule. */
async function changedSince(
  tx: Tx,
  plan: PlanRow,
  estimate: EstimateDocument,
  schedule: ScheduleDocument | null,
): Promise<readonly string[]> {
  const { jurisdictionId } = plan
  const scheduledAt = schedule?.createdAt ?? '9999-12-31T00:00:00Z'
  const { rows } = await tx.execute<Record<'quotes' | 'devices' | 'funds' | 'money', boolean>>(sql`
    select
      exists (select from cost_quotes where jurisdiction_id = ${jurisdictionId}::uuid
        and created_at > ${estimate.createdAt}::timestamptz) as quotes,
      exists (select from plan_devices x
        join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
        where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
        and d.updated_at > ${estimate.createdAt}::timestamptz) as devices,
      exists (select from funding_sources where jurisdiction_id = ${jurisdictionId}::uuid
        and updated_at > ${scheduledAt}::timestamptz) as funds,
      exists (select from plan_actuals where jurisdiction_id = ${jurisdictionId}::uuid
        and created_at > ${scheduledAt}::timestamptz) as money`)
  const words = {
    quotes: "the city's prices",
    devices: 'devices of the plan',
    funds: 'funding sources',
    money: 'orders, payments or completions',
  }
  return (['quotes', 'devices', 'funds', 'money'] as const).flatMap((one) =>
    rows[0]![one] ? words[one] : [],
  )
}

/** The lines behind a report. */
export async function loadReportLines(tx: Tx, report: PlanReport): Promise<StoredLines> {
  const { plan, estimate, schedule } = report
  const estimated = await tx.execute<{ lines: string }>(sql`
    select lines::text as lines from plan_estimates where jurisdiction_id = ${plan.jurisdictionId}::uuid
      and plan_id = ${plan.id}::uuid and id = ${estimate.id}::uuid`)
  if (schedule === null) return { estimated: estimated.rows[0]!.lines, funded: null }
  const funded = await tx.execute<{ lines: string }>(sql`
    select lines::text as lines from plan_schedules where jurisdiction_id = ${plan.jurisdictionId}::uuid
      and plan_id = ${plan.id}::uuid and id = ${schedule.id}::uuid`)
  return { estimated: estimated.rows[0]!.lines, funded: funded.rows[0]!.lines }
}
