/** Work that nobody waits for any more ends. */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Why the work ended: no fault of the service, and nobody is there to be told. */
export class CallerGone extends Error {
  constructor() {
    super('The caller has gone away.')
  }
}

/** Aborted when the connection closes before the answer was sent: the caller left, or the service stops. */
export function goneSignal(reply: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) gone.abort(new CallerGone())
  }
  // It may have gone while its body was taken in.
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return gone.signal
}

/**
 * The same, but whoever sent an `Idempotency-Key` means to ask again when the connection is lost: the work goes on, and
 * its answer is kept. For work that takes longer than proxies in between wait.
 */
export function goneForGood(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  return request.headers['idempotency-key'] === undefined ? goneSignal(reply) : new AbortController().signal
}
