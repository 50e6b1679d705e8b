/** Use cases of approvals: a council approves a schedule, or what was recorded of it was wrong. */
import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planApprovals, plans } from '../../db/schema/index.ts'
import type { Page, PageAsked } from '../../http/pages.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { ascending, tablePage } from '../../http/table-pages.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadCity, todayIn } from '../context.ts'
import { requestOf } from '../outputs/model/request.ts'
import { loadReport } from '../outputs/report.ts'
import { findPlan, lockPlan, type PlanRow } from '../plans/plans.ts'
import { notAfter } from '../progress/past.ts'
import { recordChange, type Work } from '../work.ts'
import { type ApprovalRow, baselineOf } from './baselines.ts'
import { type Approval, type ApprovalWrite, toApproval } from './schemas.ts'

const ORDER = ascending(planApprovals, 'id')

/** Every approval of a plan, withdrawn ones too, in the order in which they were recorded. Throws `not-found`. */
export async function approvalPage(tx: Tx, planId: string, page: PageAsked): Promise<Page<Approval>> {
  const plan = await findPlan(tx, planId)
  const where = [eq(planApprovals.jurisdictionId, plan.jurisdictionId), eq(planApprovals.planId, planId)]
  return tablePage(tx, { table: planApprovals, order: ORDER, where, item: toApproval }, page)
}

/**
 * A schedule becomes the baseline of its plan, and the plan is approved.
 * Throws `not-found`, `schedule-needed`, `invalid-request`.
 */
export async function approve(
  work: Work,
  planId: string,
  { scheduleId, ...wish }: z.output<typeof ApprovalWrite>,
): Promise<Approval> {
  const { tx, jurisdictionId, now } = work
  const plan = await lockPlan(tx, jurisdictionId, planId)
  const city = await loadCity(tx, jurisdictionId)
  notAfter(wish.approvedOn, todayIn(city, now), '/approvedOn')
  const { estimate, schedule } = await loadReport(tx, planId, { scheduleId }, now)
  if (schedule === null) {
    throw new DomainError(
      'schedule-needed',
      `What is approved is a schedule; POST /v1/plans/${planId}/schedule first.`,
    )
  }
  const [row] = await tx
    .insert(planApprovals)
    .values({
      jurisdictionId,
      planId,
      id: uuidv7(now.getTime()),
      scheduleId: schedule.id,
      revision: schedule.revision,
      requestCents: requestOf(estimate, schedule).cents,
      ...wish,
      createdAt: now.toISOString(),
      createdBy: work.actor.id,
    })
    .returning()
  await setStatus(work, plan, 'approved')
  await recordChange(work, 'plan.approve', planId, { approval: row!.id, scheduleId: schedule.id, ...wish })
  return toApproval(row!)
}

/** An approval that was recorded by mistake no longer counts; it stays on record. Throws `not-found`, `approval-withdrawn`. */
export async function withdrawApproval(
  work: Work,
  planId: string,
  id: string,
  reason: string,
): Promise<Approval> {
  const { tx, jurisdictionId, now } = work
  const plan = await lockPlan(tx, jurisdictionId, planId)
  const itself = and(
    eq(planApprovals.jurisdictionId, jurisdictionId),
    eq(planApprovals.planId, planId),
    eq(planApprovals.id, id),
  )
  const [current] = await tx.select().from(planApprovals).where(itself)
  if (!current) throw notFound('approval')
  if (current.withdrawnAt !== null) throw withdrawnAlready(current)
  const [row] = await tx
    .update(planApprovals)
    .set({ withdrawnAt: now.toISOString(), withdrawnBy: work.actor.id, withdrawnReason: reason })
    .where(itself)
    .returning()
  if (plan.status === 'approved' && (await baselineOf(tx, planId)) === null)
    await setStatus(work, plan, 'proposed')
  await recordChange(work, 'plan.approval.withdraw', planId, { approval: id, reason })
  return toApproval(row!)
}

function withdrawnAlready({ withdrawnReason }: ApprovalRow): DomainError {
  return new DomainError('approval-withdrawn', `It was withdrawn: ${withdrawnReason}`)
}

async function setStatus({ tx, jurisdictionId, now }: Work, plan: PlanRow, status: string): Promise<void> {
  if (plan.status === status) return
  await tx
    .update(plans)
    .set({ status, version: plan.version + 1, updatedAt: now.toISOString() })
    .where(and(eq(plans.jurisdictionId, jurisdictionId), eq(plans.id, plan.id)))
}
