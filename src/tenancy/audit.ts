/**
 * Who did what: one entry for every write, in the transaction of the write, and for every read across cities
 * (http/reads.ts). Rows are only ever added; the database role that serves requests has no right to change or delete
 * them. A trigger gives each its place in the hash chain of its jurisdiction when the transaction commits
 * (audit-chain.ts).
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { executePrepared } from '../db/prepared.ts'
import { auditEvents } from '../db/schema/index.ts'
import { OPERATOR_ID, uuidv7 } from '../lib/ids.ts'
import type { Actor } from './actor.ts'
import type { Work } from './work.ts'

export { type Actor, actorOf, OPERATOR } from './actor.ts'

export interface AuditEntry {
  /** `device.create`, `import.run`, `key.revoke`, `devices.read` ... */
  readonly action: string
  readonly target: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

/** An entry of the operator that has not been written yet. */
export interface NotedEntry extends AuditEntry {
  readonly actor: Actor
  readonly at: Date
}

/** Add entries to the operator's own, in their order; one statement however many they are. */
export async function recordAll(tx: Tx, entries: readonly NotedEntry[]): Promise<void> {
  const column = (value: (entry: NotedEntry) => string | null) => sql.param(entries.map(value))
  await executePrepared(
    tx,
    sql`insert into audit_events
        (jurisdiction_id, id, at, actor, actor_label, actor_role, action, target, detail, request_id, remote_address)
      select ${OPERATOR_ID}::uuid, e.* from unnest(
        ${column(({ at }) => uuidv7(at.getTime()))}::uuid[], ${column(({ at }) => at.toISOString())}::timestamptz[],
        ${column(({ actor }) => actor.id)}::text[], ${column(({ actor }) => actor.label)}::text[],
        ${column(({ actor }) => actor.role)}::text[], ${column(({ action }) => action)}::text[],
        ${column(({ target }) => target)}::text[], ${column(({ detail }) => JSON.stringify(detail))}::jsonb[],
        ${column(({ actor }) => actor.requestId)}::text[], ${column(({ actor }) => actor.remoteAddress)}::text[]) e`,
  )
}

/**
 * Add one entry. `jurisdictionId` is the transaction's own jurisdiction; the operator's entries have none.
 */
export async function record(
  tx: Tx,
  jurisdictionId: string | null,
  actor: Actor,
  now: Date,
  entry: AuditEntry,
): Promise<void> {
  await tx.insert(auditEvents).values({
    jurisdictionId: jurisdictionId ?? OPERATOR_ID,
    id: uuidv7(now.getTime()),
    at: now.toISOString(),
    actor: actor.id,
    actorLabel: actor.label,
    actorRole: actor.role,
    action: entry.action,
    target: entry.target,
    detail: entry.detail,
    requestId: actor.requestId,
    remoteAddress: actor.remoteAddress,
  })
}

/** The same for a use case: `note` is its last step. */
export function note({ tx, jurisdictionId, actor, now }: Work, entry: AuditEntry): Promise<void> {
  return record(tx, jurisdictionId, actor, now, entry)
}
