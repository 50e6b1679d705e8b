/** Money, plans and what became of them. */
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  char,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { sites } from './inventory.ts'
import { jurisdictions } from './tenancy.ts'
import { day, instant, tenantTable } from './tenant-table.ts'

/** A city's own price for a row of the cost catalog. Quotes are added and withdrawn, never changed. */
export const costQuotes = tenantTable(
  'cost_quotes',
  {
    id: uuid('id').notNull(),
    code: text('code').notNull(),
    basis: text('basis').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** In the row's measure: whole cents, percent, hours or years. */
    low: doublePrecision('low').notNull(),
    expected: doublePrecision('expected').notNull(),
    high: doublePrecision('high').notNull(),
    quotedOn: day('quoted_on').notNull(),
    validUntil: day('valid_until'),
    source: text('source').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['id'],
  (table) => [
    index('cost_quotes_code_idx').on(table.jurisdictionId!, table.code!),
    foreignKey({
      name: 'cost_quotes_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** Whose money: funds, grants, bonds of a city, with what they may pay and how much in which fiscal year. */
export const fundingSources = tenantTable(
  'funding_sources',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    isFederal: boolean('is_federal').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    /** Lower comes first. */
    priority: integer('priority').notNull(),
    periodFrom: day('period_from'),
    periodTo: day('period_to'),
    purposes: text('purposes').array(),
    activities: text('activities').array(),
    costKinds: text('cost_kinds').array(),
    paysBetterment: boolean('pays_betterment').notNull(),
    sharePercent: doublePrecision('share_percent').notNull(),
    totalCapCents: bigint('total_cap_cents', { mode: 'number' }),
    /** `[{ fiscalYear, cents }]`; null for no yearly limit. */
    yearCaps: jsonb('year_caps'),
    /** No longer read: the schedule lays a total over the years. */
    draw: text('draw').notNull(),
    /** Whether the work or the order has to fall into the period. */
    periodOf: text('period_of').notNull().default('work'),
    /** What a share is of: `award`, `fiscal-year` or `item`. */
    shareOf: text('share_of').notNull().default('award'),
    /** Ids of the sources that count as match; null for all that are not federal. */
    matchSources: uuid('match_sources').array(),
    carriesForward: boolean('carries_forward').notNull().default(false),
    citation: text('citation').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('funding_sources_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    index('funding_sources_id_idx').on(table.id!),
    foreignKey({
      name: 'funding_sources_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

export const plans = tenantTable(
  'plans',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    /** The city's own number for the capital project. */
    projectNumber: text('project_number'),
    status: text('status').notNull(),
    /** Goes up by one with everything that an estimate or a schedule depends on. */
    revision: integer('revision').notNull().default(1),
    settings: jsonb('settings').notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    uniqueIndex('plans_name_key').on(table.jurisdictionId!, sql`lower(name)`),
    index('plans_id_idx').on(table.id!),
    foreignKey({
      name: 'plans_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

const ofPlan = (name: string, table: Record<string, AnyPgColumn>) =>
  foreignKey({
    name: `${name}_plan_fk`,
    columns: [table.jurisdictionId!, table.planId!],
    foreignColumns: [plans.jurisdictionId, plans.id],
  })

export const planRevisions = tenantTable(
  'plan_revisions',
  {
    planId: uuid('plan_id').notNull(),
    revision: integer('revision').notNull(),
    /** What was done: `created`, `settings`, `devices-added`, `devices-removed`. */
    change: text('change').notNull(),
    settings: jsonb('settings').notNull(),
    deviceCount: integer('device_count').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'revision'],
  (table) => [ofPlan('plan_revisions', table).onDelete('cascade')],
)

/** Models that a plan may buy, as screened on the day they were named. */
export const planCandidates = tenantTable(
  'plan_candidates',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    /** What was asked for: maker, model, price, support. */
    offer: jsonb('offer').notNull(),
    verdict: text('verdict').notNull(),
    screening: jsonb('screening').notNull(),
    screenedOn: day('screened_on').notNull(),
    knowledgeVersion: integer('knowledge_version').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [ofPlan('plan_candidates', table).onDelete('cascade')],
)

/** Devices a plan replaces. One that leaves the register stays here and is reported as missing. */
export const planDevices = tenantTable(
  'plan_devices',
  {
    planId: uuid('plan_id').notNull(),
    deviceId: uuid('device_id').notNull(),
    scope: text('scope').notNull(),
    /** Row of the catalog that prices the new device; null when none fits. */
    costCode: text('cost_code'),
    mount: text('mount').notNull(),
    candidateId: uuid('candidate_id'),
    legalHold: boolean('legal_hold').notNull(),
    legalHoldReason: text('legal_hold_reason'),
    addedAt: instant('added_at').notNull(),
  },
  ['planId', 'deviceId'],
  (table) => [
    ofPlan('plan_devices', table).onDelete('cascade'),
    index('plan_devices_device_idx').on(table.jurisdictionId!, table.deviceId!),
    foreignKey({
      name: 'plan_devices_candidate_fk',
      columns: [table.jurisdictionId!, table.planId!, table.candidateId!],
      foreignColumns: [planCandidates.jurisdictionId, planCandidates.planId, planCandidates.id],
    }),
  ],
)

/** An estimate is written once. `json`, not `jsonb`: it is told again byte for byte. */
export const planEstimates = tenantTable(
  'plan_estimates',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    revision: integer('revision').notNull(),
    /** SHA-256 of everything the figures follow from, hex. */
    inputsDigest: char('inputs_digest', { length: 64 }).notNull(),
    document: json('document').notNull(),
    /** Lines with the three points of each factor: enough to compute the estimate again. */
    lines: json('lines').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_estimates', table),
    index('plan_estimates_digest_idx').on(table.jurisdictionId!, table.planId!, table.inputsDigest!),
  ],
)

export const planSchedules = tenantTable(
  'plan_schedules',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    revision: integer('revision').notNull(),
    estimateId: uuid('estimate_id').notNull(),
    inputsDigest: char('inputs_digest', { length: 64 }).notNull(),
    document: json('document').notNull(),
    /** One row per line, fund and fiscal year. */
    lines: json('lines').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_schedules', table),
    foreignKey({
      name: 'plan_schedules_estimate_fk',
      columns: [table.jurisdictionId!, table.planId!, table.estimateId!],
      foreignColumns: [planEstimates.jurisdictionId, planEstimates.planId, planEstimates.id],
    }),
  ],
)

/** Who approved which schedule, and when. It is the baseline until another one is, or it is withdrawn. */
export const planApprovals = tenantTable(
  'plan_approvals',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    scheduleId: uuid('schedule_id').notNull(),
    revision: integer('revision').notNull(),
    /** What was asked for with it. */
    requestCents: bigint('request_cents', { mode: 'number' }).notNull(),
    approvedBy: text('approved_by').notNull(),
    approvedOn: day('approved_on').notNull(),
    reference: text('reference'),
    note: text('note'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnReason: text('withdrawn_reason'),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_approvals', table),
    foreignKey({
      name: 'plan_approvals_schedule_fk',
      columns: [table.jurisdictionId!, table.planId!, table.scheduleId!],
      foreignColumns: [planSchedules.jurisdictionId, planSchedules.planId, planSchedules.id],
    }),
  ],
)

/** What really happened: orders, payments, completed sites, delays. Put right by a further entry. */
export const planActuals = tenantTable(
  'plan_actuals',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    kind: text('kind').notNull(),
    occurredOn: day('occurred_on').notNull(),
    siteId: uuid('site_id'),
    fundingSourceId: uuid('funding_source_id'),
    amountCents: bigint('amount_cents', { mode: 'number' }),
    currency: char('currency', { length: 3 }),
    reference: text('reference'),
    vendor: text('vendor'),
    delayReason: text('delay_reason'),
    delayDays: integer('delay_days'),
    devicesDone: integer('devices_done'),
    note: text('note'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_actuals', table),
    foreignKey({
      name: 'plan_actuals_site_fk',
      columns: [table.jurisdictionId!, table.siteId!],
      foreignColumns: [sites.jurisdictionId, sites.id],
    }),
    foreignKey({
      name: 'plan_actuals_funding_source_fk',
      columns: [table.jurisdictionId!, table.fundingSourceId!],
      foreignColumns: [fundingSources.jurisdictionId, fundingSources.id],
    }),
  ],
)

/** The certified end of a device. */
export const planDisposals = tenantTable(
  'plan_disposals',
  {
    planId: uuid('plan_id').notNull(),
    id: uuid('id').notNull(),
    deviceId: uuid('device_id').notNull(),
    /** What the device was, for when it has left the register. */
    device: jsonb('device').notNull(),
    method: text('method').notNull(),
    disposedOn: day('disposed_on').notNull(),
    party: text('party').notNull(),
    partyCertification: text('party_certification'),
    certificate: text('certificate'),
    witness: text('witness'),
    /** First day on which the record may be thrown away. */
    keepUntil: day('keep_until').notNull(),
    note: text('note'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  ['planId', 'id'],
  (table) => [
    ofPlan('plan_disposals', table),
    uniqueIndex('plan_disposals_device_key').on(table.jurisdictionId!, table.deviceId!),
  ],
)
