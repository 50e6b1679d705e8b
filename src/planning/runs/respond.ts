/** How an estimate or a schedule is answered: at once, with its progress, or as it is stored. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { alreadyHas } from '../../http/etag.ts'
import { negotiate, sendText } from '../../http/exports.ts'
import { goneSignal } from '../../http/gone.ts'
import { notFound, toDomainError, toProblem } from '../../http/problems.ts'
import type { WorkContext } from '../../jobs/operation.ts'
import type { Run, Waiting } from './runs.ts'

/** Someone who has gone away waits for nothing: the computation ends with the connection. */
export async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  place: string,
  run: (options: Waiting) => Promise<Run>,
): Promise<FastifyReply> {
  const format = negotiate(request)
  const signal = goneSignal(reply)
  if (format === 'json') {
    const result = await run({ signal })
    return reply
      .code(result.status)
      .header('location', `${place}${result.id}`)
      .type('application/json; charset=utf-8')
      .send(result.text)
  }
  const lines = progressLines(request, signal, (onProgress) => run({ signal, onProgress }))
  return reply.type('application/x-ndjson').send(lines)
}

/** A line for each step, and one for the result or the problem. */
function progressLines(
  request: FastifyRequest,
  signal: AbortSignal,
  run: (onProgress: WorkContext['onProgress']) => Promise<Run>,
): Readable {
  const lines = new Readable({ read() {} })
  run(({ done }) => void lines.push(`${JSON.stringify({ progress: done })}\n`))
    .then((result) => lines.push(`{"result":${result.text}}\n`))
    .catch((error: unknown) => {
      const problem = toDomainError(error)
      if (problem.code === 'internal-error' && !signal.aborted)
        request.log.error({ err: problem.cause ?? error }, 'run failed')
      lines.push(`${JSON.stringify({ problem: toProblem(problem, request.id) })}\n`)
    })
    .finally(() => lines.push(null))
  return lines
}

/** A stored document as it was computed, or that the caller has it. Throws `not-found`. */
export function sendKept(
  request: FastifyRequest,
  reply: FastifyReply,
  kept: { readonly id: string; readonly document: string } | undefined,
  what: string,
): FastifyReply {
  if (!kept) throw notFound(what)
  const etag = `"${kept.id}"`
  reply.header('etag', etag)
  if (alreadyHas(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
  return sendText(reply, kept.document)
}
