/** Orders, payments, completions and delays as they are sent and shown. */
import { z } from 'zod'
import type { planActuals } from '../../db/schema/index.ts'
import type { Column } from '../../http/exports.ts'
import { Currency, Day, Id, Instant, someText, text, toInstant } from '../../http/schemas.ts'
import { fiscalYearOf } from '../model/fiscal-year.ts'

/**
 * Why a replacement is late: the five causes that participants of the FCC's reimbursement program named.
 * Source: FCC, fifth progress report on the Secure and Trusted Communications Networks Reimbursement Program.
 */
export const DELAY_REASONS = ['funding', 'supply-chain', 'labor', 'weather', 'slow-claim-review'] as const

const common = {
  occurredOn: Day,
  siteId: Id.nullable().default(null),
  reference: someText(200)
    .nullable()
    .default(null)
    .meta({ description: 'number of the order, invoice or claim' }),
  note: text(2000).nullable().default(null),
}
const money = {
  amountCents: z.int().min(-1e15).max(1e15).meta({ description: 'negative puts an earlier entry right' }),
  currency: Currency.optional().meta({ description: "default the jurisdiction's" }),
  fundingSourceId: Id.nullable().default(null),
  vendor: someText(200).nullable().default(null),
}

export const ActualWrite = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('purchase-order'), ...common, ...money }),
    z.strictObject({ kind: z.literal('payment'), ...common, ...money }),
    z.strictObject({
      kind: z.literal('completion'),
      ...common,
      siteId: Id,
      devicesDone: z.int().min(0).max(1_000_000),
    }),
    z.strictObject({
      kind: z.literal('delay'),
      ...common,
      delayReason: z.enum(DELAY_REASONS),
      delayDays: z.int().min(1).max(3650),
    }),
  ])
  .meta({ id: 'NewActual' })

export const Actual = z
  .object({
    id: z.string(),
    planId: z.string(),
    kind: z.string(),
    occurredOn: z.string(),
    fiscalYear: z.int(),
    siteId: z.string().nullable(),
    fundingSourceId: z.string().nullable(),
    amountCents: z.int().nullable(),
    currency: z.string().nullable(),
    reference: z.string().nullable(),
    vendor: z.string().nullable(),
    delayReason: z.string().nullable(),
    delayDays: z.int().nullable(),
    devicesDone: z.int().nullable(),
    note: z.string().nullable(),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Actual' })
export type Actual = z.infer<typeof Actual>

const PlannedAndActual = z
  .object({
    label: z.string(),
    plannedCents: z.int().nullable().meta({
      description: 'budget of the latest schedule with what was ordered or paid then; null without one',
    }),
    orderedCents: z.int(),
    paidCents: z.int(),
  })
  .meta({ id: 'PlannedAndActual' })

export const Actuals = z
  .object({
    items: z.array(Actual),
    nextCursor: z.string().nullable(),
    comparison: z.object({
      scheduleId: z.string().nullable(),
      total: PlannedAndActual,
      byFiscalYear: z.array(PlannedAndActual.extend({ fiscalYear: z.int() })),
      bySite: z.array(PlannedAndActual.extend({ siteId: z.string().nullable() })),
      devicesPlanned: z.int().nullable(),
      devicesDone: z.int(),
      delayDaysByReason: z.record(z.string(), z.int()),
    }),
  })
  .meta({ id: 'ActualPage' })
export type Comparison = z.infer<typeof Actuals>['comparison']

/** An entry with the fiscal year it counts to. */
export function toActual(row: typeof planActuals.$inferSelect, startMonth: number): Actual {
  const { jurisdictionId: _, ...rest } = row
  return {
    ...rest,
    fiscalYear: fiscalYearOf(row.occurredOn, startMonth),
    createdAt: toInstant(row.createdAt),
  }
}

export const ACTUAL_COLUMNS: readonly Column<Actual>[] = (Object.keys(Actual.shape) as (keyof Actual)[]).map(
  (field) => ({ header: field, value: (actual: Actual) => actual[field] }),
)
