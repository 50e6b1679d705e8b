/**
 * `Idempotency-Key`: the first answer of a POST is kept beside what it wrote, in the same transaction, and is
 * given again when the same key sends the same request. A second request meanwhile waits for the first.
 */
import { createHash } from 'node:crypto'
import { and, eq, lt } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database, Tx } from '../db/database.ts'
import { idempotencyKeys } from '../db/schema/index.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { DomainError } from './problems.ts'

/** How long an answer is kept. */
const IDEMPOTENCY_HOURS = 24

interface AnswerHeaders {
  readonly location?: string
  readonly etag?: string
}

/** An answer as it is kept: all that `send` writes, so that a repeated one is the same. */
export interface Answer extends AnswerHeaders {
  readonly status: number
  readonly body: unknown
}

export interface OnceOptions {
  /** Turns the answer into what may be stored: a new key's secret may not. */
  readonly remember?: (body: unknown) => unknown
  /** SHA-256 of a body that came as a stream. */
  readonly sha256?: string | undefined
}

/** Do the work at most once for the request's `Idempotency-Key`; without one, just do it. */
export async function once(
  tx: Tx,
  request: FastifyRequest,
  jurisdictionId: string | null,
  now: Date,
  work: () => Promise<Answer>,
  { remember = (body) => body, sha256 }: OnceOptions = {},
): Promise<Answer> {
  const key = request.headers['idempotency-key']
  if (key === undefined) return work()
  if (typeof key !== 'string' || key === '' || key.length > 255) {
    throw new DomainError('invalid-request', 'Idempotency-Key must have 1 to 255 characters.')
  }
  const requestDigest = digestOf(request, sha256)
  const tenant = jurisdictionId ?? OPERATOR_ID
  const { keyId } = request.principal
  const mine = and(
    eq(idempotencyKeys.jurisdictionId, tenant),
    eq(idempotencyKeys.keyId, keyId),
    eq(idempotencyKeys.idempotencyKey, key),
  )
  const claimed = await tx
    .insert(idempotencyKeys)
    .values({
      jurisdictionId: tenant,
      keyId,
      idempotencyKey: key,
      requestDigest,
      createdAt: now.toISOString(),
    })
    .onConflictDoNothing()
    .returning({ keyId: idempotencyKeys.keyId })
  if (claimed.length === 0) {
    const [stored] = await tx.select().from(idempotencyKeys).where(mine)
    if (!stored || stored.requestDigest !== requestDigest) {
      throw new DomainError('idempotency-key-reused', 'Use a new Idempotency-Key for a different request.')
    }
    return { status: stored.status ?? 200, ...(stored.headers as AnswerHeaders | null), body: stored.body }
  }
  const answer = await work()
  await tx
    .update(idempotencyKeys)
    .set({ status: answer.status, headers: headersOf(answer), body: remember(answer.body) })
    .where(mine)
  return answer
}

/** Stands for method, address and body: only the same request gets the same answer. */
function digestOf(request: FastifyRequest, sha256: string | undefined): string {
  const { method, url, body } = request
  if (sha256 === undefined && typeof body === 'object' && body !== null && 'pipe' in body) {
    throw new Error('A request whose body is a stream needs the digest of what came.')
  }
  // How a file is read depends on what it is said to be.
  const content = sha256 === undefined ? body : [request.headers['content-type'] ?? null, sha256]
  return createHash('sha256')
    .update(JSON.stringify([method, url, content ?? null]))
    .digest('hex')
}

function headersOf({ location, etag }: Answer): AnswerHeaders {
  return { ...(location === undefined ? {} : { location }), ...(etag === undefined ? {} : { etag }) }
}

export async function send(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  reply.code(answer.status)
  if (answer.location !== undefined) reply.header('location', answer.location)
  if (answer.etag !== undefined) reply.header('etag', answer.etag)
  return reply.send(answer.body)
}

/** Forget answers that are older than `IDEMPOTENCY_HOURS`. Gives how many. */
export async function pruneIdempotency(database: Database, now: Date): Promise<number> {
  const before = new Date(now.getTime() - IDEMPOTENCY_HOURS * 3_600_000).toISOString()
  const prune = async (tx: Tx) =>
    (await tx.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before))).rowCount ?? 0
  let pruned = await database.asOperator(prune)
  const tenants = await database.acrossJurisdictions('all', (tx) =>
    tx
      .selectDistinct({ id: idempotencyKeys.jurisdictionId })
      .from(idempotencyKeys)
      .where(lt(idempotencyKeys.createdAt, before)),
  )
  for (const { id } of tenants) pruned += await database.inJurisdiction(id, prune)
  return pruned
}
