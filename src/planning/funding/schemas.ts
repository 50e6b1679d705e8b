/** Funding sources as they are sent and shown. */
import { z } from 'zod'
import type { fundingSources } from '../../db/schema/index.ts'
import { PURPOSES } from '../../device/choices.ts'
import type { Column } from '../../http/exports.ts'
import { Cents, Currency, Day, Id, Instant, someText, text, toInstant } from '../../http/schemas.ts'
import type { Sendable } from '../../http/services.ts'

const ACTIVITIES = ['replacement', 'removal', 'disposal'] as const
const COST_KINDS = ['hard', 'soft', 'recurring'] as const

const fields = {
  name: someText(200),
  isFederal: z.boolean().meta({
    description: 'federal money, also when a state passes it on: 2 CFR 200.216 holds for it',
  }),
  currency: Currency,
  priority: z.int().min(0).max(1_000_000).meta({ description: 'lower pays first' }),
  periodFrom: Day.nullable().meta({ description: 'first day on which the money may be committed' }),
  periodTo: Day.nullable().meta({ description: 'first day outside the grant period' }),
  periodOf: z.enum(['work', 'order']).meta({
    description:
      'what has to fall into the period: `work`, all of it ends before `periodTo`; `order`, what is ordered before `periodTo` may be installed later',
  }),
  purposes: z
    .array(z.enum([...PURPOSES, 'unknown', 'several', 'project']))
    .min(1)
    .nullable()
    .meta({ description: 'of the devices; `project` is what the project pays once; null pays for any' }),
  activities: z.array(z.enum(ACTIVITIES)).min(1).nullable(),
  costKinds: z.array(z.enum(COST_KINDS)).min(1).nullable(),
  paysBetterment: z.boolean().meta({ description: 'pays for more than comparable equipment' }),
  sharePercent: z
    .number()
    .gt(0)
    .max(100)
    .refine((value) => /^\d+(\.\d{1,6})?$/.test(String(value)), 'must have at most six decimals')
    .meta({ description: 'part of eligible cost that it pays; the rest is the match' }),
  shareOf: z.enum(['award', 'fiscal-year', 'item']).meta({
    description: 'what the share is of: the whole award, each fiscal year, or each item by itself',
  }),
  matchSources: z.array(Id).max(50).nullable().meta({
    description: 'sources that count as match; null for all that are not federal and pay in full',
  }),
  totalCapCents: Cents.nullable().meta({ description: 'one pot over the whole period' }),
  yearCaps: z
    .array(z.strictObject({ fiscalYear: z.int().min(2000).max(2300), cents: Cents }))
    .max(50)
    .nullable()
    .meta({ description: 'a year without a row has nothing; null for no yearly limit' }),
  carriesForward: z.boolean().meta({
    description: 'whether what a fiscal year leaves of its cap may be spent in later years',
  }),
  draw: z.enum(['proportional', 'earliest']).meta({
    deprecated: true,
    description: 'not read any more: the schedule decides when a total is spent',
  }),
  citation: text(1000),
}

export const FundingSourceWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: fields.name,
    isFederal: fields.isFederal,
    currency: fields.currency.optional().meta({ description: "default the jurisdiction's" }),
    priority: fields.priority.default(100),
    periodFrom: fields.periodFrom.default(null),
    periodTo: fields.periodTo.default(null),
    periodOf: fields.periodOf.default('work'),
    purposes: fields.purposes.default(null),
    activities: fields.activities.default(null),
    costKinds: fields.costKinds.default(null),
    paysBetterment: fields.paysBetterment.optional().meta({ description: 'default: not with federal money' }),
    sharePercent: fields.sharePercent.default(100),
    shareOf: fields.shareOf.default('award'),
    matchSources: fields.matchSources.default(null),
    totalCapCents: fields.totalCapCents.default(null),
    yearCaps: fields.yearCaps.default(null),
    carriesForward: fields.carriesForward.default(false),
    draw: fields.draw.default('earliest'),
    citation: fields.citation.default(''),
  })
  .meta({ id: 'NewFundingSource' })

export const FundingSourceChange = z.strictObject(fields).partial().meta({ id: 'FundingSourceChange' })

export const FundingSource = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...fields,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'FundingSource' })
export type FundingSource = Sendable<z.infer<typeof FundingSource>>

export type FundingSourceRow = typeof fundingSources.$inferSelect

export function toSource(row: FundingSourceRow): FundingSource {
  return {
    ...(row as unknown as FundingSource),
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

const list = (values: readonly string[] | null) => values?.join(';') ?? null
export const FUNDING_COLUMNS: readonly Column<FundingSource>[] = [
  { header: 'id', value: (one) => one.id },
  { header: 'jurisdictionId', value: (one) => one.jurisdictionId },
  { header: 'name', value: (one) => one.name },
  { header: 'isFederal', value: (one) => one.isFederal },
  { header: 'currency', value: (one) => one.currency },
  { header: 'priority', value: (one) => one.priority },
  { header: 'periodFrom', value: (one) => one.periodFrom },
  { header: 'periodTo', value: (one) => one.periodTo },
  { header: 'periodOf', value: (one) => one.periodOf },
  { header: 'purposes', value: (one) => list(one.purposes) },
  { header: 'activities', value: (one) => list(one.activities) },
  { header: 'costKinds', value: (one) => list(one.costKinds) },
  { header: 'paysBetterment', value: (one) => one.paysBetterment },
  { header: 'sharePercent', value: (one) => one.sharePercent },
  { header: 'shareOf', value: (one) => one.shareOf },
  { header: 'matchSources', value: (one) => list(one.matchSources) },
  { header: 'totalCapCents', value: (one) => one.totalCapCents },
  {
    header: 'yearCaps',
    value: (one) => list(one.yearCaps?.map((cap) => `FY${cap.fiscalYear}:${cap.cents}`) ?? null),
  },
  { header: 'carriesForward', value: (one) => one.carriesForward },
  { header: 'citation', value: (one) => one.citation },
]
