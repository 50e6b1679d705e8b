/** What a city decided about findings. A decision stands beside the answer and is never changed into one; it is ended, never removed. */
import { sql } from 'drizzle-orm'
import { date, foreignKey, index, integer, jsonb, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { jurisdictions } from './tenancy.ts'
import { instant, tenantTable } from './tenant-table.ts'

/** One decision of one person, of one finding or of many. */
export const findingDecisions = tenantTable(
  'finding_decisions',
  {
    id: uuid('id').notNull(),
    /** `planned`, `accepted`, `disputed`, `mitigated`, `gone`. */
    state: text('state').notNull(),
    reason: text('reason').notNull(),
    /** Documents of the city that show it. */
    documentIds: uuid('document_ids').array().notNull(),
    /** Last day on which it counts. */
    until: date('until', { mode: 'string' }),
    decidedBy: text('decided_by').notNull(),
    keyId: uuid('key_id').notNull(),
    keyLabel: text('key_label').notNull(),
    findings: integer('findings').notNull(),
    /** The second person of an acceptance. */
    confirmedAt: instant('confirmed_at'),
    confirmedBy: text('confirmed_by'),
    confirmedKeyLabel: text('confirmed_key_label'),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnReason: text('withdrawn_reason'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  ['id'],
  (table) => [
    foreignKey({
      name: 'finding_decisions_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** The findings that a decision is about, each with what it said then. */
export const decidedFindings = tenantTable(
  'decided_findings',
  {
    decisionId: uuid('decision_id').notNull(),
    deviceId: uuid('device_id').notNull(),
    regimeId: text('regime_id').notNull(),
    activity: text('activity').notNull(),
    /** Outcome, rule, facts and citation: when they are others, the decision no longer counts. */
    basis: jsonb('basis').notNull(),
    /** A later decision took its place. */
    replacedAt: instant('replaced_at'),
  },
  ['decisionId', 'deviceId', 'regimeId', 'activity'],
  (table) => [
    uniqueIndex('decided_findings_current_key')
      .on(table.jurisdictionId!, table.deviceId!, table.regimeId!, table.activity!)
      .where(sql`replaced_at is null`),
    index('decided_findings_device_idx').on(table.jurisdictionId!, table.deviceId!),
    foreignKey({
      name: 'decided_findings_decision_fk',
      columns: [table.jurisdictionId!, table.decisionId!],
      foreignColumns: [findingDecisions.jurisdictionId, findingDecisions.id],
    }),
  ],
)
