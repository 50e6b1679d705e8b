/** Everything the outputs of a plan are made from: one schedule with its own estimate, and what happened since. */
import type { PlainDate } from '../../../lib/calendar.ts'
import type { ApprovalRow } from '../../approvals/baselines.ts'
import type { City } from '../../context.ts'
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import type { PlanRow } from '../../plans/plans.ts'
import type { Version } from './compare.ts'

export interface PlanReport {
  readonly plan: PlanRow
  readonly city: City
  readonly runOn: PlainDate
  readonly estimate: EstimateDocument
  /** null before the plan is scheduled. */
  readonly schedule: ScheduleDocument | null
  /** The plan has another revision by now than the figures were computed from. */
  readonly isOutdated: boolean
  /** What else the figures follow from and is newer than they are, in words. */
  readonly changedSince: readonly string[]
  /** What was approved last; null before anything is. */
  readonly baseline: ApprovalRow | null
  /** The version before: the one that was approved last, or else the schedule before; null when this is the first. */
  readonly previous: Version | null
  readonly completions: readonly {
    readonly on: PlainDate
    readonly siteId: string
    readonly devices: number
  }[]
}

/** Lines as they are stored: JSON text, so that thousands of them are parsed where they are read. */
export interface StoredLines {
  readonly estimated: string
  /** null before the plan is scheduled. */
  readonly funded: string | null
}
