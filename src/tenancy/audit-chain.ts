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

/** A link as it is stored, with the entry it names; null when there is no such entry. */
export interface Link {
  readonly jurisdictionId: string
  readonly sequence: number
  readonly eventId: string
  readonly hash: string
  readonly entry: EntryText | null
}

/** The last link of a chain, or what somebody kept of it. */
export interface Head {
  readonly jurisdictionId: string
  readonly sequence: number
  readonly hash: string
}

export type Tampering = 'changed' | 'removed' | 'moved' | 'inserted' | 'rewritten'

/** What is wrong in a chain, and where. */
export interface Finding {
  readonly kind: Tampering
  readonly jurisdictionId: string
  readonly sequence: number | null
  readonly entryId: string | null
  readonly message: string
}

/** Of more entries than this that do not fit, it is not looked for which have changed places: each is tried with each. */
const TRIED_FOR_PLACES = 200

interface Misfit {
  readonly sequence: number
  readonly previous: string
  readonly hash: string
  readonly entry: EntryText
}

/** Checks the links of one chain, given one after the other in their order. */
export class ChainCheck {
  readonly jurisdictionId: string
  #sequence = 0
  /** null after a gap: what the next hash was made of is gone. */
  #previous: string | null = CHAIN_START
  #lastHash = CHAIN_START
  readonly #misfits: Misfit[] = []

  constructor(jurisdictionId: string) {
    this.jurisdictionId = jurisdictionId
  }

  /** What the next link shows. Entries that do not fit are only noted: `end` says what became of them. */
  next({ sequence, eventId, hash, entry }: Link): Finding[] {
    const found: Finding[] = []
    if (sequence > this.#sequence + 1) {
      found.push(...this.#missing(this.#sequence + 1, sequence - 1, '; the entry after it cannot be checked'))
      this.#previous = null
    }
    if (entry === null) {
      found.push(this.#finding('removed', sequence, eventId, 'the entry was removed'))
    } else if (this.#previous !== null && entryHash(this.#previous, sequence, entry) !== hash) {
      if (this.#misfits.length < TRIED_FOR_PLACES)
        this.#misfits.push({ sequence, previous: this.#previous, hash, entry })
      else found.push(this.#changed(sequence, eventId))
    }
    this.#sequence = sequence
    this.#previous = hash
    this.#lastHash = hash
    return found
  }

  /** What the end of the chain shows beside its head. */
  end(head: Head | null): Finding[] {
    const found = this.#misfits.map((misfit) => this.#explain(misfit))
    const last = this.#sequence
    if (head === null) {
      if (last > 0) found.push(this.#finding('removed', last, null, 'the head of the chain was removed'))
    } else if (head.sequence > last) {
      found.push(...this.#missing(last + 1, head.sequence, ' from the end'))
    } else if (head.sequence < last) {
      found.push(
        this.#finding(
          'inserted',
          head.sequence + 1,
          null,
          `the head says that the chain ends at ${head.sequence}`,
        ),
      )
    } else if (head.hash !== this.#lastHash) {
      found.push(
        this.#finding('changed', last, null, 'the head of the chain has another hash than its last link'),
      )
    }
    return found
  }

  #explain({ sequence, previous, hash, entry }: Misfit): Finding {
    const proper = this.#misfits.find((other) => entryHash(previous, sequence, other.entry) === hash)
    if (proper === undefined) return this.#changed(sequence, entry.id)
    return this.#finding(
      'moved',
      sequence,
      entry.id,
      `the entry has changed places: here belongs ${proper.entry.id}, which stands at ${proper.sequence}`,
    )
  }

  #changed(sequence: number, entryId: string): Finding {
    return this.#finding('changed', sequence, entryId, 'the entry, or its place in the chain, was changed')
  }

  #missing(from: number, to: number, where: string): Finding[] {
    const which = from === to ? 'the entry was' : `the entries ${from} to ${to} were`
    return [this.#finding('removed', from, null, `${which} removed${where}`)]
  }

  #finding(kind: Tampering, sequence: number | null, entryId: string | null, message: string): Finding {
    return { kind, jurisdictionId: this.jurisdictionId, sequence, entryId, message }
  }
}
