/** What was found out about the devices of a jurisdiction. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { jurisdictions } from './tenancy.ts'
import { day, instant, operatorRows, sharedRows, tenantTable } from './tenant-table.ts'

/** What the rules say, once for all profiles of which they say the same; the id is a digest of it. Never changed. */
export const answers = tenantTable(
  'answers',
  {
    id: uuid('id').notNull(),
    /** Determinations that somebody has to know of, as JSON text ready to send. */
    findings: text('findings').notNull(),
    /** `regime/activity` -> outcome, all of them. */
    outcomes: jsonb('outcomes').notNull(),
  },
  ['id'],
  (table) => [
    foreignKey({
      name: 'answers_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/** One row for each finding of an answer, for filters and for national totals. */
export const answerFindings = tenantTable(
  'answer_findings',
  {
    answerId: uuid('answer_id').notNull(),
    regimeId: text('regime_id').notNull(),
    activity: text('activity').notNull(),
    outcome: text('outcome').notNull(),
  },
  ['answerId', 'regimeId', 'activity'],
  (table) => [
    index('answer_findings_regime_idx').on(
      table.jurisdictionId!,
      table.regimeId!,
      table.activity!,
      table.outcome!,
    ),
    foreignKey({
      name: 'answer_findings_answer_fk',
      columns: [table.jurisdictionId!, table.answerId!],
      foreignColumns: [answers.jurisdictionId, answers.id],
    }).onDelete('cascade'),
  ],
)

/**
 * A distinct combination of facts within one jurisdiction, and what the rules say of it.
 * The id is made from the facts, so two writers who meet the same facts name the same row.
 */
export const profiles = tenantTable(
  'profiles',
  {
    id: uuid('id').notNull(),
    /** The facts, canonical: what `identify` and `determine` read. */
    facts: jsonb('facts').notNull(),
    identification: jsonb('identification').notNull(),
    /** What the rules say of it. */
    answerId: uuid('answer_id').notNull(),
    headline: jsonb('headline').notNull(),
    identificationStatus: text('identification_status').notNull(),
    needsReview: boolean('needs_review').notNull(),
    brandId: text('brand_id'),
    makerId: text('maker_id'),
    confidence: doublePrecision('confidence').notNull(),
    /** Whom its open findings wait for: `person`, or `city` when its answers alone would do; null when none is open. */
    waitsFor: text('waits_for'),
    /** Facts of the jurisdiction that some open finding hangs on. */
    cityQuestions: text('city_questions').array().notNull().default(sql`'{}'`),
    /** What the answer was computed from. */
    knowledgeVersion: integer('knowledge_version').notNull(),
    jurisdictionVersion: integer('jurisdiction_version').notNull(),
    asOf: day('as_of').notNull(),
    /** First day on which the answer may differ; null when no dated change is known. */
    validUntil: day('valid_until'),
    deviceCount: integer('device_count').notNull().default(0),
    evaluatedAt: instant('evaluated_at').notNull(),
    /** Firmware risk as JSON text ready to send; null until it was evaluated. */
    firmwareRisk: text('firmware_risk'),
    firmwareLevel: text('firmware_level'),
    firmwareScore: smallint('firmware_score'),
    firmwareBand: text('firmware_band'),
    firmwareUrgency: text('firmware_urgency'),
    firmwareQueue: text('firmware_queue'),
    firmwareNeedsReview: boolean('firmware_needs_review'),
    firmwareCutOffOn: day('firmware_cut_off_on'),
    /** When the first action is due. */
    firmwareDueOn: day('firmware_due_on'),
    /** Since when it has been in its queue. */
    firmwareSince: day('firmware_since'),
    /** Sorts in the order of work. */
    firmwareOrder: text('firmware_order'),
    /** Whether it can be patched: `yes`, `no`, `unknown`. */
    firmwarePatch: text('firmware_patch'),
    /** What a designation of its maker would cost. */
    firmwareOutlook: text('firmware_outlook'),
    /** Ids of its open vulnerabilities. */
    firmwareVulnerabilities: text('firmware_vulnerabilities').array().notNull().default(sql`'{}'`),
    /** What the answers and the risk depend on, as changes name it, and the versions that the risk was computed from. */
    firmwareSubjects: text('firmware_subjects').array().notNull().default(sql`'{all}'`),
    firmwareVersion: integer('firmware_version').notNull().default(0),
    firmwareRevision: integer('firmware_revision').notNull().default(0),
  },
  ['id'],
  (table) => [
    // The national work list, and a city's.
    index('profiles_work_idx')
      .on(sql`firmware_order collate "C"`, table.jurisdictionId!, table.id!)
      .where(sql`firmware_queue <> 'none' and device_count > 0`),
    index('profiles_city_work_idx')
      .on(table.jurisdictionId!, sql`firmware_order collate "C"`, table.id!)
      .where(sql`firmware_queue <> 'none' and device_count > 0`),
    index('profiles_vulnerabilities_idx').using('gin', table.firmwareVulnerabilities!),
    index('profiles_answer_idx').on(table.jurisdictionId!, table.answerId!),
    index('profiles_maker_idx').on(table.jurisdictionId!, table.makerId!),
    index('profiles_stale_idx').on(table.knowledgeVersion!, table.validUntil!),
    foreignKey({
      name: 'profiles_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
    foreignKey({
      name: 'profiles_answer_fk',
      columns: [table.jurisdictionId!, table.answerId!],
      foreignColumns: [answers.jurisdictionId, answers.id],
    }),
  ],
)

/** Under which version of the knowledge the names and free texts of a register were last read as a whole. */
export const registerReadings = tenantTable(
  'register_readings',
  {
    knowledgeVersion: integer('knowledge_version').notNull(),
    /** Writers that came in under an older version: a reading that had begun by then does not count. */
    late: integer('late').notNull().default(0),
  },
  [],
  (table) => [
    foreignKey({
      name: 'register_readings_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)

/**
 * Rules that a city made for itself, or (under the operator's id) a state for its cities. Written once; a withdrawal
 * adds its end.
 */
export const localLaws = tenantTable(
  'local_laws',
  {
    id: uuid('id').notNull(),
    /** USPS code, of a law for all cities of a state. */
    state: char('state', { length: 2 }),
    doc: jsonb('doc').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    recordedBy: text('recorded_by').notNull(),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnBy: text('withdrawn_by'),
    withdrawnBecause: text('withdrawn_because'),
    /** First day on which it no longer holds. */
    endsOn: day('ends_on'),
    version: integer('version').notNull().default(1),
  },
  ['id'],
  () => [operatorRows('local_laws'), sharedRows('local_laws')],
)
