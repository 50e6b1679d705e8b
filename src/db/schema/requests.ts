/** Requests that were answered, and those whose work goes on. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  char,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { jurisdictions } from './tenancy.ts'
import { instant, operatorRows, tenantTable } from './tenant-table.ts'

export const idempotencyKeys = tenantTable(
  'idempotency_keys',
  {
    keyId: uuid('key_id').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    requestDigest: char('request_digest', { length: 64 }).notNull(),
    status: integer('status'),
    /** `Location` and `ETag` of the answer, by lower-case name. */
    headers: jsonb('headers'),
    /** `json`, not `jsonb`: it is given again as it was. */
    body: json('body'),
    createdAt: instant('created_at').notNull(),
  },
  ['keyId', 'idempotencyKey'],
  () => [operatorRows('idempotency_keys')],
)

/** Long work that was asked for and its outcome. Those of the operator have the operator's jurisdiction. */
export const jobs = tenantTable(
  'jobs',
  {
    id: uuid('id').notNull(),
    kind: text('kind').notNull(),
    /** `queued`, `running`, `succeeded`, `failed`, `canceled`. */
    state: text('state').notNull(),
    /** What was asked for, as the operation of that kind reads it. */
    input: jsonb('input').notNull(),
    /** The folder in which the job's file waits; null when it has none, and any process can run it. */
    place: uuid('place'),
    keyId: uuid('key_id').notNull(),
    requestId: text('request_id'),
    remoteAddress: text('remote_address'),
    done: doublePrecision('done').notNull().default(0),
    total: doublePrecision('total').notNull().default(1),
    phase: text('phase').notNull(),
    /** Rises with each change that is told of. */
    version: integer('version').notNull().default(1),
    /** How often a process has begun it. */
    attempts: integer('attempts').notNull().default(0),
    /** The process that runs it, for as long as the lease lasts. */
    worker: uuid('worker'),
    leaseUntil: instant('lease_until'),
    cancelRequestedAt: instant('cancel_requested_at'),
    createdAt: instant('created_at').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    result: jsonb('result'),
    problem: jsonb('problem'),
  },
  ['id'],
  (table) => [
    index('jobs_open_idx').on(table.createdAt!).where(sql`state in ('queued', 'running')`),
    operatorRows('jobs'),
  ],
)

/** Files that were sent to be looked at before they are imported; they lie beside the files of jobs. */
export const uploads = tenantTable(
  'uploads',
  {
    id: uuid('id').notNull(),
    /** The folder in which the file lies. */
    place: uuid('place').notNull(),
    fileName: text('file_name'),
    /** As the sender named it; it tells one kind of text from another. */
    mediaType: text('media_type'),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    sha256: char('sha256', { length: 64 }).notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  ['id'],
  (table) => [
    foreignKey({
      name: 'uploads_jurisdiction_fk',
      columns: [table.jurisdictionId!],
      foreignColumns: [jurisdictions.id],
    }),
  ],
)
