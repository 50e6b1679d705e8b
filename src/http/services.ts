/** What every route is given. Rooms above add what their own routes need beside it. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Database } from '../db/database.ts'
import type { Spool } from './spool.ts'

/** A Fastify instance whose route schemas are zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface HttpServices {
  readonly database: Database
  readonly now: () => Date
  /** Ask a background pass to run soon. */
  readonly poke: (name: string) => void
  /** Where large bodies wait on disk. */
  readonly spool: Spool
}
