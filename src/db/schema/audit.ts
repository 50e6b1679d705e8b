/** Who did what. */
import { sql } from 'drizzle-orm'
import { bigint, char, index, jsonb, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant, operatorRows, tenantTable } from './tenant-table.ts'

export const auditEvents = tenantTable(
  'audit_events',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    /** The key's id, or `operator` for the command line. */
    actor: text('actor').notNull(),
    /** What the key was called then; null in entries that are older than the column. */
    actorLabel: text('actor_label'),
    actorRole: text('actor_role').notNull(),
    action: text('action').notNull(),
    target: text('target'),
    detail: jsonb('detail').notNull(),
    requestId: text('request_id'),
    remoteAddress: text('remote_address'),
  },
  ['id'],
  (table) => [
    operatorRows('audit_events'),
    // Who read a city's data: reads that named it, and reads of all that a key may see.
    index('audit_events_reads_named_idx')
      .using('gin', sql`(detail -> 'jurisdictions')`)
      .where(sql`action like '%.read'`),
    index('audit_events_reads_of_all_idx')
      .on(table.actor!, table.id!)
      .where(sql`action like '%.read' and (detail -> 'jurisdictions') is null`),
  ],
)

/**
 * The place of each audit entry in its jurisdiction's hash chain. Written at commit by a trigger that runs as the
 * owner of the tables (migrations/0012_audit_chain_trigger.sql); the roles of the service only read it.
 */
export const auditChain = tenantTable(
  'audit_chain',
  {
    /** Counts up from 1 without a gap. */
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    eventId: uuid('event_id').notNull(),
    /** SHA-256 over the hash before this one and the entry, hex. */
    hash: char('hash', { length: 64 }).notNull(),
  },
  ['sequence'],
  (table) => [
    uniqueIndex('audit_chain_event_key').on(table.jurisdictionId!, table.eventId!),
    operatorRows('audit_chain'),
  ],
)

/** The last link of each chain: whoever adds one locks this row first. */
export const auditHeads = tenantTable(
  'audit_heads',
  {
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
    hash: char('hash', { length: 64 }).notNull(),
  },
  [],
  () => [operatorRows('audit_heads')],
)
