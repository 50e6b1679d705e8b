import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { slowest, whileAsking } from './asking.ts'
import { type City, cityWith } from './cities.ts'
import { below, exactly, type Scenario, type Stage } from './scenario.ts'
import type { Service } from './service.ts'
import { asSuperuser } from './superuser.ts'

const DEAF = 25
const SLOW = 25
const DEVICES = 50_000
/** They are cut off 90 seconds after the last byte could be sent, at most; a busy machine takes a while to come there. */
const SECONDS = 160
/** A slow reader takes a piece of this size every second. */
const PIECE_BYTES = 16_384

export const readers: Scenario = {
  name: 'readers',
  fault: `exports of ${DEVICES.toLocaleString('en-US')} devices: ${DEAF} read by nobody, ${SLOW} at 16 kB a second`,
  promise: 'they hold no transaction; those that read nothing are cut off; others read and write as ever',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 300,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const large = await cityWith(service, DEVICES)
    const deaf: Socket[] = []
    const slow: Socket[] = []
    let open = { deaf: 0, slow: 0 }
    let openTransactions = 0
    const seen = await whileAsking(
      service,
      other,
      async () => {
        for (let i = 0; i < DEAF; i++) deaf.push(openReader(stage, service, large))
        for (let i = 0; i < SLOW; i++) slow.push(openReader(stage, service, large))
        for (const socket of slow) void readSlowly(socket)
        await pause(SECONDS * 500)
        openTransactions = await transactionsOlderThan(stage, 5)
        await pause(SECONDS * 500)
        open = { deaf: stillServed(service, deaf), slow: stillServed(service, slow) }
      },
      true,
    )
    return [
      below('slowest read', slowest(seen.reads), 1, 's'),
      below('slowest write', slowest(seen.writes), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      exactly(`cut off within ${SECONDS} s of those that read nothing`, DEAF - open.deaf, DEAF),
      exactly('of those that read slowly', SLOW - open.slow, 0),
      exactly('transactions older than 5 s', openTransactions, 0),
      below('memory at most', service.peakMemory(), 1000, 'MB'),
    ]
  },
}

/** Asks for an export and reads nothing of it. */
function openReader(stage: Stage, service: Service, { key }: City): Socket {
  const socket = connect({ port: service.port, host: '127.0.0.1', noDelay: true })
  stage.after(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write(
    `GET /v1/devices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\naccept: application/x-ndjson\r\n\r\n`,
  )
  return socket.pause()
}

async function readSlowly(socket: Socket): Promise<void> {
  while (!socket.destroyed) {
    await pause(1000)
    socket.read(Math.min(PIECE_BYTES, socket.readableLength || 1))
  }
}

const ESTABLISHED = '01'

/**
 * Connections that the service still has open. Seen at its end: whoever reads nothing does not see that it was cut off.
 */
function stillServed(service: Service, sockets: readonly Socket[]): number {
  const ours = new Set(sockets.map(({ localPort }) => localPort))
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n')
  return lines.filter((line) => {
    const [, local, remote, state] = line.trim().split(/\s+/)
    return state === ESTABLISHED && portOf(local!) === service.port && ours.has(portOf(remote!))
  }).length
}

/** \`0100007F:1F90\` as the kernel writes an address. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1]!, 16)
}

async function transactionsOlderThan({ superuserUrl }: Stage, seconds: number): Promise<number> {
  if (superuserUrl === null) return 0
  const { rows } = await asSuperuser(superuserUrl, (client) =>
    client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and now() - xact_start > make_interval(secs => $1)`,
      [seconds],
    ),
  )
  return rows[0]!.count
}
