/** One request over a socket, as it is written: no client tidies what was broken on purpose. */
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { bytesOf, type FuzzRequest, targetOf } from './requests.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly millis: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/
const NOT_A_TARGET = /[^\x21-\x7e]/

/** Null when the connection ended without an answer. */
export async function send(origin: URL, request: FuzzRequest, limitMillis: number): Promise<Reply | null> {
  const began = performance.now()
  const target = targetOf(request)
  const isPlain =
    !NOT_A_TARGET.test(target) &&
    !request.headers.some(([name, value]) => CONTROL.test(value) || name === 'expect') &&
    request.method !== 'CONNECT'
  const ask = () =>
    isPlain ? asClient(origin, request, target, limitMillis) : raw(origin, request, target, limitMillis)
  const first = await ask()
  // A connection that was kept open may have been closed in the moment it was used again.
  const reply = first === 'closed' ? await ask() : first
  if (reply === 'closed') return null
  return reply === null ? null : { ...reply, millis: performance.now() - began }
}

type Answer = Omit<Reply, 'millis'>

function asClient(
  origin: URL,
  request: FuzzRequest,
  path: string,
  limitMillis: number,
): Promise<Answer | null | 'closed'> {
  const bytes = bytesOf(request)
  return new Promise((resolve) => {
    const headers: Record<string, string[]> = {}
    for (const [name, value] of request.headers) headers[name] = [...(headers[name] ?? []), value]
    if (bytes !== null) headers['content-length'] = [String(bytes.length)]
    const outgoing = httpRequest(
      { host: origin.hostname, port: origin.port, method: request.method, path, headers, agent },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', () => resolve(null))
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers as Record<string, string>,
            body: Buffer.concat(chunks),
          }),
        )
      },
    )
    outgoing.setTimeout(limitMillis, () => outgoing.destroy())
    outgoing.on('error', () => resolve(outgoing.reusedSocket ? 'closed' : null))
    outgoing.end(bytes ?? undefined)
  })
}

/** What no client would send. */
function raw(origin: URL, request: FuzzRequest, target: string, limitMillis: number): Promise<Answer | null> {
  const bytes = bytesOf(request) ?? Buffer.alloc(0)
  const lines = [
    `${request.method} ${target} HTTP/1.1`,
    `host: ${origin.host}`,
    'connection: close',
    `content-length: ${bytes.length}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ]
  return new Promise((resolve) => {
    const socket = connect({ host: origin.hostname, port: Number(origin.port) })
    const chunks: Buffer[] = []
    socket.setTimeout(limitMillis, () => socket.destroy())
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(parsed(Buffer.concat(chunks))))
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]))
  })
}

function parsed(answer: Buffer): Answer | null {
  const cut = answer.indexOf('\r\n\r\n')
  if (cut < 0) return null
  const [first = '', ...lines] = answer.subarray(0, cut).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const rest = answer.subarray(cut + 4)
  return {
    status: Number(first.split(' ')[1]),
    headers,
    body: headers['transfer-encoding'] === 'chunked' ? unchunked(rest) : rest,
  }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    if (!(length > 0)) break
    parts.push(bytes.subarray(end + 2, end + 2 + length))
    at = end + 4 + length
  }
  return Buffer.concat(parts)
}
