/** `Prefer: respond-async` (RFC 7240): the work becomes a job, and the answer is where to look for it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jobs } from '../db/schema/index.ts'
import { type Answer, once, send } from '../http/idempotency.ts'
import { DomainError } from '../http/problems.ts'
import type { Spooled } from '../http/spool.ts'
import { OPERATOR_ID, uuidv7 } from '../lib/ids.ts'
import { actorOf } from '../tenancy/audit.ts'
import type { Operation, Progress, WorkContext, WorkFile } from './operation.ts'
import type { JobServices } from './services.ts'
import { toJob } from './shapes.ts'
import { countOpen, inTenant, type JobRow } from './store.ts'

/** Of one jurisdiction; each may hold a file. */
const MOST_OPEN = 50

export function wantsJob(request: FastifyRequest): boolean {
  const { prefer } = request.headers
  const wishes = Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')
  return wishes.split(',').some((wish) => wish.split(';')[0]!.trim().toLowerCase() === 'respond-async')
}

export interface Wanted<Input> {
  /** null for the operator's own. */
  readonly jurisdictionId: string | null
  readonly input: Input
  readonly file?: Spooled
  /** A file that stays when the job has ended, since others may work on it too. */
  readonly upload?: KeptFile
}

/** A file that lies in the folder of jobs under a name of its own. */
interface KeptFile {
  readonly id: string
  readonly place: string
  readonly bytes: number
  readonly sha256: string
}

/** Store the work and answer 202. The file is the job's from now on. */
export async function answerWithJob<Input>(
  { database, jobs: runner, now }: JobServices,
  request: FastifyRequest,
  reply: FastifyReply,
  operation: Operation<Input>,
  { jurisdictionId, input, file, upload }: Wanted<Input>,
): Promise<FastifyReply> {
  const instant = now()
  const tenant = jurisdictionId ?? OPERATOR_ID
  const id = uuidv7(instant.getTime())
  const place = file ? await runner.files.keep(id, file) : (upload?.place ?? null)
  const worked = file ?? upload
  const stored = worked
    ? { bytes: worked.bytes, sha256: worked.sha256, ...(upload ? { name: upload.id } : {}) }
    : null
  let made: JobRow | undefined
  try {
    const answer = await inTenant(database, tenant, (tx) =>
      once(
        tx,
        request,
        jurisdictionId,
        instant,
        async (): Promise<Answer> => {
          if ((await countOpen(tx, tenant)) >= MOST_OPEN) throw tooMany()
          const [row] = await tx
            .insert(jobs)
            .values({
              jurisdictionId: tenant,
              id,
              kind: operation.kind,
              state: 'queued',
              phase: 'waiting',
              input: { asked: input, file: stored, statedName: request.principal.statedName ?? null },
              place,
              keyId: request.principal.keyId,
              requestId: request.id,
              remoteAddress: actorOf(request).remoteAddress,
              createdAt: instant.toISOString(),
            })
            .returning()
          made = row
          return { status: 202, location: `/v1/jobs/${id}`, body: toJob(row!, undefined) }
        },
        { sha256: worked?.sha256 },
      ),
    )
    if (made) {
      runner.noteQueued(made)
      runner.trigger()
    }
    reply.header('preference-applied', 'respond-async')
    return await send(reply, answer)
  } catch (error) {
    made = undefined
    throw error
  } finally {
    // Asked for before, or refused.
    if (!made) await runner.files.remove(id)
  }
}

/** The same work now, on behalf of a request. */
export function contextOf(
  request: FastifyRequest,
  now: Date,
  options: {
    readonly signal?: AbortSignal
    readonly onProgress?: (progress: Progress) => void
    readonly file?: WorkFile
  } = {},
): WorkContext {
  return {
    principal: request.principal,
    actor: actorOf(request),
    now,
    file: options.file ?? null,
    signal: options.signal ?? new AbortController().signal,
    onProgress: options.onProgress ?? (() => {}),
    keep: (tx, jurisdictionId, work) =>
      once(tx, request, jurisdictionId, now, work, { sha256: options.file?.sha256 }),
  }
}

function tooMany(): DomainError {
  return new DomainError(
    'too-many-requests',
    `${MOST_OPEN} jobs of this jurisdiction wait or run already; send this one when some have ended.`,
    { headers: { 'retry-after': '60' } },
  )
}
