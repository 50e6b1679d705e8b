/** Which schedule of a plan was approved last. */
import { and, desc, inArray, isNull } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { planApprovals } from '../../db/schema/index.ts'

export type ApprovalRow = typeof planApprovals.$inferSelect

/** The latest approval of each plan that is not withdrawn. */
export async function baselinesOf(
  tx: Tx,
  planIds: readonly string[],
): Promise<ReadonlyMap<string, ApprovalRow>> {
  if (planIds.length === 0) return new Map()
  const rows = await tx
    .selectDistinctOn([planApprovals.jurisdictionId, planApprovals.planId])
    .from(planApprovals)
    .where(and(inArray(planApprovals.planId, [...planIds]), isNull(planApprovals.withdrawnAt)))
    .orderBy(
      planApprovals.jurisdictionId,
      planApprovals.planId,
      desc(planApprovals.approvedOn),
      desc(planApprovals.id),
    )
  return new Map(rows.map((row) => [row.planId, row]))
}

export async function baselineOf(tx: Tx, planId: string): Promise<ApprovalRow | null> {
  return (await baselinesOf(tx, [planId])).get(planId) ?? null
}
