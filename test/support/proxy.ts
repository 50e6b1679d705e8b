/** A TCP proxy in front of a database, for what networks and servers do to connections. */
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface TcpProxy {
  /** The same URL by way of the proxy. */
  through(url: string): string
  /** Cut all connections; new ones are taken. */
  cut(): void
  /** Cut all connections and refuse new ones, as when the server is down. */
  down(): Promise<void>
  up(): Promise<void>
  /** Pass nothing on in either direction and end nothing, as when a server freezes or packets are dropped. */
  freeze(): void
  thaw(): void
  /** Cut a connection when a message of its client holds these bytes: after the server got it, before it answers. */
  cutAfter(text: string): void
  readonly connections: number
}

export async function proxyTo(t: Test, target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  let isFrozen = false
  let cutAfter: string | null = null

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.on('data', (bytes) => {
      if (cutAfter !== null && bytes.includes(cutAfter)) {
        cutAfter = null
        upstream.removeAllListeners('data')
        // Its answer proves that the server has done it; the client never sees it.
        upstream.once('data', end)
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => client.write(bytes))
    if (isFrozen) for (const socket of pair) socket.pause()
  })
  const each = (work: (socket: Socket) => void) => {
    for (const pair of pairs) pair.forEach(work)
  }
  const listen = (on: number) => new Promise<void>((resolve) => server.listen(on, '127.0.0.1', resolve))
  await listen(0)
  const own = (server.address() as { port: number }).port
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const cut = () => each((socket) => socket.destroy())
  t.teardown(async () => {
    cut()
    if (server.listening) await close()
  })
  return {
    through: (url) => {
      const via = new URL(url)
      via.host = `127.0.0.1:${own}`
      return via.href
    },
    cut,
    down: async () => {
      const closed = close()
      cut()
      await closed
    },
    up: () => listen(own),
    freeze: () => {
      isFrozen = true
      each((socket) => socket.pause())
    },
    thaw: () => {
      isFrozen = false
      each((socket) => socket.resume())
    },
    cutAfter: (text) => {
      cutAfter = text
    },
    get connections() {
      return pairs.size
    },
  }
}
