/** What can be done at once or as a job: the same function, the same answer, the same transaction. */
import type { z } from 'zod'
import type { Tx } from '../db/database.ts'
import type { Answer } from '../http/idempotency.ts'
import type { Actor } from '../tenancy/audit.ts'
import type { Principal } from '../tenancy/auth.ts'

/** A file that came with the request. */
export interface WorkFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export interface Progress {
  /** Of `total`, in whatever it counts. */
  readonly done: number
  readonly total: number
  /** What is being done, in words. */
  readonly phase: string
}

export interface WorkContext {
  readonly principal: Principal
  readonly actor: Actor
  /** When it was asked for. */
  readonly now: Date
  readonly file: WorkFile | null
  /** Aborted when nobody waits for the outcome any more. */
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /**
   * Run the part that keeps the outcome, inside its transaction: with it stands or falls that the request was
   * answered, so the same work is never done twice.
   */
  readonly keep: (tx: Tx, jurisdictionId: string | null, work: () => Promise<Answer>) => Promise<Answer>
}

export interface Operation<Input> {
  /** `import`, `estimate` ... */
  readonly kind: string
  readonly input: z.ZodType<Input>
  readonly run: (input: Input, context: WorkContext) => Promise<Answer>
}

// Operations of different inputs stand in one table; each reads its own input by its schema.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyOperation = Operation<any>
