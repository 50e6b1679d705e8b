/**
 * A load generator that costs little of the two cores it shares with what it measures: raw sockets, one request
 * in flight on each, answers counted by their Content-Length and not parsed.
 */
import { connect } from 'node:net'

export interface LoadOptions {
  /** `http://127.0.0.1:port`. */
  readonly origin: string
  /** Paths asked in turn. */
  readonly paths: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly connections: number
  readonly seconds: number
}

export interface Load {
  readonly perSecond: number
  /** Bytes of a body, on average. */
  readonly bodyBytes: number
}

/** Ask until the time is over. Throws when an answer is not a 200 with a Content-Length. */
export async function load(options: LoadOptions): Promise<Load> {
  const { hostname, port } = new URL(options.origin)
  const headers = Object.entries(options.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
  const requests = options.paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${headers.join('')}\r\n`),
  )
  let turn = 0
  let answers = 0
  let bytes = 0
  const began = performance.now()
  const end = began + options.seconds * 1000
  await Promise.all(
    Array.from(
      { length: options.connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect({ host: hostname, port: Number(port), noDelay: true })
          let head = ''
          /** Bytes of the body still to come; null while the head is read. */
          let left: number | null = null
          const ask = () => socket.write(requests[turn++ % requests.length]!)
          const done = () => {
            answers++
            left = null
            head = ''
            if (performance.now() < end) ask()
            else socket.end(() => resolve())
          }
          socket.on('connect', ask)
          socket.on('error', reject)
          socket.on('data', (chunk) => {
            let body = chunk.length
            if (left === null) {
              const before = head.length
              head += chunk.toString('latin1')
              const cut = head.indexOf('\r\n\r\n')
              if (cut < 0) return
              const length = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, cut + 2))
              if (!head.startsWith('HTTP/1.1 200') || length === null) {
                socket.destroy()
                return reject(new Error(`${options.paths[0]}: ${head.slice(0, 500)}`))
              }
              left = Number(length[1])
              bytes += left
              body = chunk.length - (cut + 4 - before)
            }
            left -= body
            if (left === 0) done()
          })
        }),
    ),
  )
  return { perSecond: answers / ((performance.now() - began) / 1000), bodyBytes: bytes / answers }
}
