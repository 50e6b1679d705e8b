/** What a schedule is computed from, and what it is computed to. */
import type { PlainDate } from '../../../lib/calendar.ts'
import type { Cents } from '../../../lib/money.ts'
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import type { Commitment, Elsewhere } from '../../funding/model/commitments.ts'
import type { NamedSource } from '../../funding/model/rules.ts'
import type { Purchase } from '../../funding/model/write-off.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'

/** Devices of a plan at one site, with those that are gone from service, and how many are recorded as done. */
export interface SiteProgress {
  readonly siteId: string
  readonly devices: number
  readonly done: number
  readonly lastOn: PlainDate | null
}

export interface ScheduleJob {
  readonly id: string
  readonly createdAt: string
  readonly asOf: PlainDate
  readonly fiscalYearStartMonth: number
  readonly estimate: EstimateDocument
  readonly lines: readonly StoredLine[]
  readonly sources: readonly NamedSource[]
  readonly purchases: readonly Purchase[]
  /** Ordered or paid for this plan. */
  readonly commitments: readonly Commitment[]
  readonly elsewhere: readonly Elsewhere[]
  readonly progress: readonly SiteProgress[]
  readonly seconds: number
}

/** A line in the year in which its site is done, by who pays it. */
export interface PlacedLine {
  /** Place in the estimate's lines. */
  readonly line: number
  readonly fiscalYear: FiscalYear
  readonly budget: Cents
  /** The part of the line's own figures that is still to be paid, in the plan's money. */
  readonly low: Cents
  readonly expected: Cents
  readonly high: Cents
  /** Adds up to the budget. */
  readonly paid: ReadonlyMap<string | null, Cents>
}

/** One line, fund and fiscal year. Cents in the money of that year. */
export interface FundedLine {
  /** Place in the estimate's lines. */
  readonly line: number
  readonly fiscalYear: FiscalYear
  /** null for what nobody pays. */
  readonly fundingSourceId: string | null
  readonly lowCents: number
  readonly expectedCents: number
  readonly highCents: number
  readonly p50Cents: number
  readonly p80Cents: number
  readonly budgetCents: number
}

export interface ComputedSchedule {
  readonly document: ScheduleDocument
  readonly lines: readonly FundedLine[]
}

/** The day on which the first order is placed. */
export function firstOrderOn(job: ScheduleJob): PlainDate {
  return job.estimate.settings.orderOn ?? job.asOf
}

/** null for the purse that stands for no source. */
export function sourceIdOf({ sources }: ScheduleJob, fund: number): string | null {
  return sources[fund]?.id ?? null
}
