/** Approvals of plans as they are sent and shown. */
import { z } from 'zod'
import type { planApprovals } from '../../db/schema/index.ts'
import type { Column } from '../../http/exports.ts'
import { Day, Id, Instant, someText, text, toInstant } from '../../http/schemas.ts'

export const ApprovalWrite = z
  .strictObject({
    scheduleId: Id.optional().meta({ description: 'what was approved; default the latest schedule' }),
    approvedBy: someText(200).meta({ description: 'the council, board or person that approved it' }),
    approvedOn: Day.meta({ description: 'not after today' }),
    reference: someText(200)
      .nullable()
      .default(null)
      .meta({ description: 'resolution, ordinance or item of the agenda' }),
    note: text(4000).nullable().default(null),
  })
  .meta({ id: 'NewPlanApproval' })

export const WithdrawalWrite = z
  .strictObject({ reason: someText(2000) })
  .meta({ id: 'PlanApprovalWithdrawal' })

export const Approval = z
  .object({
    id: z.string(),
    planId: z.string(),
    scheduleId: z.string(),
    revision: z.int().meta({ description: 'of the plan when the schedule was made' }),
    requestCents: z.int().meta({ description: 'what that schedule asks for' }),
    approvedBy: z.string(),
    approvedOn: z.string(),
    reference: z.string().nullable(),
    note: z.string().nullable(),
    createdAt: Instant,
    createdBy: z.string(),
    withdrawn: z
      .object({ at: Instant, by: z.string(), reason: z.string() })
      .nullable()
      .meta({ description: 'why it no longer counts; null while it does' }),
  })
  .meta({
    id: 'PlanApproval',
    description: 'The latest that is not withdrawn names the baseline of the plan',
  })
export type Approval = z.infer<typeof Approval>

/** An approval as it is shown. */
export function toApproval(row: typeof planApprovals.$inferSelect): Approval {
  const { jurisdictionId: _, withdrawnAt, withdrawnBy, withdrawnReason, ...rest } = row
  return {
    ...rest,
    createdAt: toInstant(row.createdAt),
    withdrawn:
      withdrawnAt === null
        ? null
        : { at: toInstant(withdrawnAt), by: withdrawnBy!, reason: withdrawnReason! },
  }
}

export const APPROVAL_COLUMNS: readonly Column<Approval>[] = [
  ...(
    [
      'id',
      'planId',
      'scheduleId',
      'revision',
      'requestCents',
      'approvedBy',
      'approvedOn',
      'reference',
      'note',
      'createdAt',
      'createdBy',
    ] as const
  ).map((field) => ({ header: field, value: (approval: Approval) => approval[field] })),
  { header: 'withdrawnAt', value: ({ withdrawn }) => withdrawn?.at ?? null },
  { header: 'withdrawnReason', value: ({ withdrawn }) => withdrawn?.reason ?? null },
]
