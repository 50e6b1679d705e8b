/** What routes are given: the door to the database, what is known, and the clock. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Database } from '../db/database.ts'
import type { Jobs } from '../jobs/runner.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { KeyRing } from '../tenancy/auth.ts'
import type { Spool } from './spool.ts'

/** A Fastify instance whose route schemas are zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface Services {
  readonly database: Database
  /** The knowledge in force; read it once at the start of a piece of work. */
  readonly knowledge: () => Knowledge
  readonly now: () => Date
  /** Ask a background pass to run soon. */
  readonly poke: (name: string) => void
  /** Read what is known of firmware again, after it was changed here. */
  readonly refreshFirmware: () => Promise<number>
  readonly keyRing: KeyRing
  /** Where large bodies wait on disk. */
  readonly spool: Spool
  /** Long work that goes on after its request was answered. */
  readonly jobs: Jobs
}
