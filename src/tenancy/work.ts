/** The context of a use case, and how a request comes to it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Tx } from '../db/database.ts'
import { etagOf } from '../http/etag.ts'
import { type Answer, type OnceOptions, once, send } from '../http/idempotency.ts'
import type { HttpServices } from '../http/services.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { type Actor, actorOf } from './actor.ts'

/** What every use case is given first: one transaction, whose rows it may change, who asks for it, and when. */
export interface Work {
  readonly tx: Tx
  /** `OPERATOR_ID` for what belongs to no jurisdiction. */
  readonly jurisdictionId: string
  readonly actor: Actor
  readonly now: Date
}

type WorkServices = Pick<HttpServices, 'database' | 'now'>

/** Work for a request, in one transaction of a jurisdiction. */
export function inWork<T>(
  { database, now }: WorkServices,
  request: FastifyRequest,
  jurisdictionId: string,
  work: (work: Work) => Promise<T>,
): Promise<T> {
  const context = { jurisdictionId, actor: actorOf(request), now: now() }
  const run = (tx: Tx) => work({ ...context, tx })
  return jurisdictionId === OPERATOR_ID
    ? database.asOperator(run)
    : database.inJurisdiction(jurisdictionId, run)
}

/** The same for a POST, which is done at most once for its `Idempotency-Key`. */
export function doOnce(
  services: WorkServices,
  request: FastifyRequest,
  jurisdictionId: string,
  work: (work: Work) => Promise<Answer>,
  options: OnceOptions = {},
): Promise<Answer> {
  return inWork(services, request, jurisdictionId, (context) =>
    once(context.tx, request, jurisdictionId, context.now, () => work(context), options),
  )
}

/** The same, and its answer. */
export async function answerOnce(
  services: WorkServices,
  request: FastifyRequest,
  reply: FastifyReply,
  jurisdictionId: string,
  work: (work: Work) => Promise<Answer>,
  options: OnceOptions = {},
): Promise<FastifyReply> {
  return send(reply, await doOnce(services, request, jurisdictionId, work, options))
}

/** The answer that something was made: where it is, and its version. */
export function created(location: string, body: { readonly version: number }): Answer {
  return { status: 201, location, etag: etagOf(body.version), body }
}

/** A thing with a version, and the entity tag of it. */
export function tagged<T extends { readonly version: number }>(reply: FastifyReply, thing: T): T {
  reply.header('etag', etagOf(thing.version))
  return thing
}

/** The answer that something was removed. */
export function removed(reply: FastifyReply): FastifyReply {
  return reply.code(204).send(null)
}
