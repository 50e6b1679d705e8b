/**
 * The hash chain of the audit entries: each jurisdiction has one, and the operator. A link's hash is made of the hash
 * before it and of the whole entry, so that nothing can be changed, taken out, put in or moved without changing every
 * hash after it. PostgreSQL writes the links (migrations/0012_audit_chain_trigger.sql); this works them out again.
 */
import { createHash } from 'node:crypto'

/** What stands before the first link. */
export const CHAIN_START = '0'.repeat(64)

/** An entry as the database writes its values as text. */
export interface EntryText {
  readonly jurisdictionId: string
  readonly id: string
  /** UTC with six digits of a second, such as 2026-11-24T12:00:00.000000Z. */
  readonly at: string
  readonly actor: string
  readonly actorLabel: string | null
  readonly actorRole: string
  readonly action: string
  readonly target: string | null
  /** The JSON text of PostgreSQL's jsonb. */
  readonly detail: string
  readonly requestId: string | null
  readonly remoteAddress: string | null
}

/** SHA-256, hex, of the link with this place in the chain. */
export function entryHash(previous: string, sequence: number, entry: EntryText): string {
  const fields = [
    entry.jurisdictionId,
    entry.id,
    entry.at,
    entry.actor,
    entry.actorLabel,
    entry.actorRole,
    entry.action,
    entry.target,
    entry.detail,
    entry.requestId,
    entry.remoteAddress,
  ]
  const text = `camledger audit 1\n${previous}\n${sequence}\n${fields.map(field).join('')}`
  return createHash('sha256').update(text).digest('hex')
}

/** The length in bytes comes first, so that no two entries have the same text. */
function field(value: string | null): string {
  return value === null ? '-\n' : `${Buffer.byteLength(value)}:${value}\n`
}
