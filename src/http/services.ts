/** What every route is given. Rooms above add what their own routes need beside it. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify'
import type { z } from 'zod'
import type { Database } from '../db/database.ts'
import type { Spool } from './spool.ts'

/** What is written is only read: data that nobody may change is sent as it is. Open records may be any object. */
export type Sendable<T> = T extends (infer Item)[]
  ? readonly Sendable<Item>[]
  : T extends object
    ? string extends keyof T
      ? object
      : { readonly [K in keyof T]: Sendable<T[K]> }
    : T

/** Zod schemas of routes: what comes in is what they parse, what goes out is what they describe. */
interface RouteTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: this['schema'] extends z.ZodType ? Sendable<z.output<this['schema']>> : unknown
}

/** A Fastify instance whose route schemas are zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  RouteTypes
>

export interface HttpServices {
  readonly database: Database
  readonly now: () => Date
  /** Ask a background pass to run soon. */
  readonly trigger: (name: string) => void
  /** Where large bodies wait on disk. */
  readonly spool: Spool
}
