import type { Tx } from '../db/database.ts'
import type { Actor } from '../tenancy/audit.ts'
import type { Knowledge } from './knowledge.ts'

/** What each change of a register is made with: one transaction of one jurisdiction, by somebody, at one instant. */
export interface Work {
  readonly tx: Tx
  readonly jurisdictionId: string
  readonly actor: Actor
  readonly now: Date
  readonly knowledge: Knowledge
}
