/** Work that nobody waits for any more ends. */
import type { FastifyReply } from 'fastify'

/** Aborted when the connection closes before the answer was sent: the caller left, or the service stops. */
export function goneSignal(reply: Pick<FastifyReply, 'raw'>): AbortSignal {
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('The caller has gone away.'))
  }
  // It may have gone while its body was taken in.
  if (reply.raw.destroyed) onClose()
  else reply.raw.once('close', onClose)
  return gone.signal
}
