/**
 * Peers that are slow: bodies that trickle in, answers that nobody reads, sockets that say nothing. Each keeps what
 * is its own for a limited time, and none of them a connection to the database.
 */
import { type Server, Socket } from 'node:net'
import { type Readable, Transform } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type BodyLimits, JSON_LIMITS, startBodyClock } from './body-clock.ts'
import type { App } from './services.ts'
import { readAway, type Spool } from './spool.ts'
import { HEADERS_READ } from './unroutable.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler takes the body in itself. */
    takesBody?: boolean
  }
}

/** Smaller bodies are held in memory while they come. */
const HELD_BYTES = 1024 * 1024
/**
 * An answer of which nothing could be sent for this long has no reader. Node lets the first such time pass when some of
 * the last piece went out before it, so with the second look it is 90 seconds at most.
 */
const READER_STALL_MILLIS = 40_000

/** Of the HTTP server. The body of a request has the limits of its route, which are shorter than that of the server. */
export const SERVER_LIMITS = {
  requestTimeout: 31 * 60_000,
  http: {
    maxHeaderSize: HEADERS_READ,
    headersTimeout: 15_000,
    connectionsCheckingInterval: 5_000,
    requireHostHeader: false,
  },
} as const

export interface SlowPeerOptions {
  readonly body?: BodyLimits
  readonly readerStallMillis?: number
}

/** Watch what comes in and what goes out on every route. */
export function watchSlowPeers(app: App, spool: Spool, options: SlowPeerOptions = {}): void {
  const { body: limits = JSON_LIMITS, readerStallMillis = READER_STALL_MILLIS } = options
  app.addHook('preParsing', async (request, reply, payload) => {
    // A body that came together with its headers is there already.
    if (request.routeOptions.config.takesBody || request.raw.complete) return payload
    const declared = Number(request.headers['content-length'] ?? Number.NaN)
    const most = request.routeOptions.bodyLimit ?? HELD_BYTES
    const isSmall = most <= HELD_BYTES || declared <= HELD_BYTES
    // What is too large by its own account is refused by whoever parses it.
    if (isSmall || declared > most) return clocked(payload as Readable, reply, limits)
    return spooled(request, reply, payload as Readable, spool, most)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    cutDeadReader(request, reply, readerStallMillis)
    return payload
  })
}

type Counted = Readable & { receivedEncodedLength?: number }

function clocked(body: Readable, reply: FastifyReply, limits: BodyLimits): Counted {
  const clock = startBodyClock(limits, (error) => {
    through.destroy(error)
    readAway(body)
  })
  const through: Transform & { receivedEncodedLength: number } = Object.assign(
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        clock.came(chunk.length)
        through.receivedEncodedLength += chunk.length
        done(null, chunk)
      },
    }),
    { receivedEncodedLength: 0 },
  )
  const gone = () => {
    if (!body.readableEnded) through.destroy(new Error('The sender went away.'))
  }
  // When the answer is given without the body nobody else hears, and an error that nobody hears ends the process.
  through.on('error', () => {}).once('close', clock.stop)
  body.once('end', clock.stop).once('error', gone).once('close', gone)
  // What is left of it then is read away, so that the connection can be used again.
  reply.raw.once('finish', () => {
    if (body.readableEnded) return
    clock.stop()
    body.unpipe(through)
    readAway(body)
  })
  body.pipe(through)
  return through
}

/** A large body waits on disk until it is there as a whole, and is read from there at once. */
async function spooled(
  request: FastifyRequest,
  reply: FastifyReply,
  body: Readable,
  spool: Spool,
  mostBytes: number,
): Promise<Counted> {
  const { jurisdictionId, keyId } = request.principal
  const file = await spool.take(body, { mostBytes, owner: jurisdictionId ?? keyId })
  reply.raw.once('close', () => void file.remove())
  return Object.assign(file.open(), { receivedEncodedLength: file.bytes })
}

/** Set anew by the server for the next request of the connection. */
function cutDeadReader(request: FastifyRequest, reply: FastifyReply, stallMillis: number): void {
  const { socket } = request.raw
  if (!(socket instanceof Socket)) return
  let lookAgain: NodeJS.Timeout | undefined
  const onTimeout = () => {
    const pending = socket.writableLength
    // Time also passes while this process is busy with something else: what was read meanwhile is heard of first.
    lookAgain = setTimeout(() => {
      if (pending === 0 || socket.writableLength !== pending) {
        socket.setTimeout(stallMillis)
        return
      }
      request.log.warn({ route: request.routeOptions.url }, 'an answer that nobody read was cut off')
      socket.destroy()
    }, stallMillis / 4)
  }
  socket.setTimeout(stallMillis, onTimeout)
  // A listener of its own keeps the server from ending a connection that only waits for more of the answer.
  reply.raw.on('timeout', () => {})
  reply.raw.once('close', () => {
    clearTimeout(lookAgain)
    socket.off('timeout', onTimeout)
  })
}

/**
 * No more than `most` connections, and of these no address more than a quarter, so that one machine cannot take all.
 * Behind a proxy all come from one address.
 */
export function limitConnections(server: Server, most: number, isBehindProxy: boolean): void {
  server.maxConnections = most
  if (isBehindProxy) return
  const byAddress = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (byAddress.get(address) ?? 0) + 1
    if (count > Math.max(1, most / 4)) {
      socket.destroy()
      return
    }
    byAddress.set(address, count)
    socket.once('close', () => {
      const left = byAddress.get(address)! - 1
      if (left > 0) byAddress.set(address, left)
      else byAddress.delete(address)
    })
  })
}
