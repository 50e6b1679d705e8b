import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { slowest, whileAsking } from './asking.ts'
import { type City, cityWith } from './cities.ts'
import { below, exactly, type Scenario, type Stage } from './scenario.ts'
import type { Service } from './service.ts'
import { asSuperuser } from './superuser.ts'

const DEAF = 25
const SLOW = 25
const DEVICES = 50_000
const SECONDS = 75
/** A slow reader takes a piece of this size every second. */
const PIECE_BYTES = 16_384

export const readers: Scenario = {
  name: 'readers',
  fault: `exports of ${DEVICES.toLocaleString('en-US')} devices: ${DEAF} read by nobody, ${SLOW} at 16 kB a second`,
  promise: 'they hold no transaction; those that read nothing are cut off; others read and write as ever',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 200,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const large = await cityWith(service, DEVICES)
    const ends = { deaf: 0, slow: 0 }
    let openTransactions = 0
    const seen = await whileAsking(
      service,
      other,
      async () => {
        for (let i = 0; i < DEAF + SLOW; i++) {
          const kind = i < DEAF ? 'deaf' : 'slow'
          openReader(stage, service, large, kind, () => ends[kind]++)
        }
        await pause(SECONDS * 500)
        openTransactions = await transactionsOlderThan(stage, 5)
        await pause(SECONDS * 500)
      },
      true,
    )
    return [
      below('slowest read', slowest(seen.reads), 1, 's'),
      below('slowest write', slowest(seen.writes), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      exactly(`cut off within ${SECONDS} s of those that read nothing`, ends.deaf, DEAF),
      exactly('of those that read slowly', ends.slow, 0),
      exactly('transactions older than 5 s', openTransactions, 0),
      below('memory at most', service.peakMemory(), 1000, 'MB'),
    ]
  },
}

function openReader(stage: Stage, service: Service, { key }: City, kind: 'deaf' | 'slow', onEnd: () => void) {
  const socket = connect({ port: service.port, host: '127.0.0.1', noDelay: true })
  let isOurs = false
  stage.after(() => {
    isOurs = true
    socket.destroy()
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    if (!isOurs) onEnd()
  })
  socket.write(
    `GET /v1/devices HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\naccept: application/x-ndjson\r\n\r\n`,
  )
  socket.pause()
  const take = async () => {
    while (!socket.destroyed) {
      await pause(1000)
      // One that reads nothing would not see that it was cut off; a closed connection gives null at once.
      if (kind === 'slow') socket.read(Math.min(PIECE_BYTES, socket.readableLength || 1))
    }
  }
  void take()
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
