import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { withClient } from '../../src/db/with-client.ts'
import { slowest, whileAsking } from './asking.ts'
import { type City, cityWith } from './cities.ts'
import { below, exactly, type Scenario, type Stage } from './scenario.ts'
import type { Service } from './service.ts'

const DEAF = 25
const SLOW = 25
const DEVICES = 50_000
/** After the last byte that could be sent. */
const CUT_OFF_SECONDS = 90
/** Until the kernel's buffers of all are full, which takes the embedded database some minutes, and they are cut off. */
const LONGEST_SECONDS = 420
/** Queues of the kernel are looked at so often. */
const LOOK_SECONDS = 2
/** A slow reader takes a piece of this size every second. */
const PIECE_BYTES = 16_384

export const readers: Scenario = {
  name: 'readers',
  fault: `exports of ${DEVICES.toLocaleString('en-US')} devices: ${DEAF} read by nobody, ${SLOW} at 16 kB a second`,
  promise: 'they hold no transaction; those that read nothing are cut off; others read and write as ever',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 600,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const large = await cityWith(service, DEVICES)
    const before = service.peakMemory()
    const deaf: Socket[] = []
    const slow: Socket[] = []
    let waits: number[] = []
    let slowServed = 0
    let openTransactions = 0
    const seen = await whileAsking(
      service,
      other,
      async () => {
        for (let i = 0; i < DEAF; i++) deaf.push(await openReader(stage, service, large))
        for (let i = 0; i < SLOW; i++) slow.push(await openReader(stage, service, large))
        for (const socket of slow) void readSlowly(socket)
        waits = await secondsUntilCutOff(service, deaf, async () => {
          openTransactions = Math.max(openTransactions, await transactionsOlderThan(stage, 5))
        })
        slowServed = connections(service, slow).size
      },
      true,
    )
    return [
      below('slowest read', slowest(seen.reads), 1, 's'),
      below('slowest write', slowest(seen.writes), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      exactly('cut off of those that read nothing', waits.length, DEAF),
      // A look may come late on either side.
      below('after their last byte', Math.max(...waits), CUT_OFF_SECONDS + 2 * LOOK_SECONDS, 's'),
      exactly('still served of those that read slowly', slowServed, SLOW),
      exactly('transactions older than 5 s', openTransactions, 0),
      below(`memory, ${Math.round(before)} MB of it before,`, service.peakMemory(), memoryLimit(stage), 'MB'),
    ]
  },
}

/** Asks for an export and reads nothing of it. */
async function openReader(stage: Stage, service: Service, { key }: City): Promise<Socket> {
  const socket = connect({ port: service.port, host: '127.0.0.1', noDelay: true })
  stage.after(() => void socket.destroy())
  socket.on('error', () => {}).pause()
  await once(socket, 'connect')
  socket.write(
    `GET /v1/devices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\naccept: application/x-ndjson\r\n\r\n`,
  )
  return socket
}

async function readSlowly(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    await pause(1000)
    socket.read(Math.min(PIECE_BYTES, socket.readableLength || 1))
  }
}

/** The embedded database is in the process: it takes some 400 MB for so many devices. */
function memoryLimit({ place }: Stage): number {
  return place === 'embedded' ? 1400 : 1000
}

/**
 * Of each that was cut off within the limit: the seconds between the last byte that went into its queues and its end.
 * Seen at the service's end: whoever reads nothing does not see that it was cut off.
 */
async function secondsUntilCutOff(
  service: Service,
  sockets: readonly Socket[],
  meanwhile: () => Promise<void>,
): Promise<number[]> {
  const moved = new Map(sockets.map(({ localPort }) => [localPort!, { queued: 0, at: performance.now() }]))
  const waits: number[] = []
  for (const end = performance.now() + LONGEST_SECONDS * 1000; moved.size > 0 && performance.now() < end; ) {
    await pause(LOOK_SECONDS * 1000)
    await meanwhile()
    const open = connections(service, sockets)
    for (const [port, last] of moved) {
      const queued = open.get(port)
      if (queued === undefined) {
        waits.push((performance.now() - last.at) / 1000)
        moved.delete(port)
      } else if (queued !== last.queued) moved.set(port, { queued, at: performance.now() })
    }
  }
  return waits
}

const ESTABLISHED = '01'

/** Port of the client -> bytes that wait in the kernel, of the connections that the service still has open. */
function connections(service: Service, sockets: readonly Socket[]): Map<number, number> {
  const ours = new Set(sockets.map(({ localPort }) => localPort!))
  const sent = new Map<number, number>()
  const unread = new Map<number, number>()
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n')
  for (const line of lines) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/)
    const [toSend, toRead] = queues!.split(':').map((bytes) => Number.parseInt(bytes, 16))
    const [from, to] = [portOf(local!), portOf(remote!)]
    if (from === service.port && ours.has(to) && state === ESTABLISHED) sent.set(to, toSend!)
    if (to === service.port && ours.has(from)) unread.set(from, toRead!)
  }
  return new Map([...sent].map(([port, bytes]) => [port, bytes + (unread.get(port) ?? 0)]))
}

/** `0100007F:1F90\` as the kernel writes an address. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1]!, 16)
}

async function transactionsOlderThan({ superuserUrl }: Stage, seconds: number): Promise<number> {
  if (superuserUrl === null) return 0
  const { rows } = await withClient(superuserUrl, (client) =>
    client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and now() - xact_start > make_interval(secs => $1)`,
      [seconds],
    ),
  )
  return rows[0]!.count
}
