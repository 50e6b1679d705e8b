/** The service under attack, in a process of its own: its log goes to standard output, orders come as messages. */
import { type ChildProcess, fork } from 'node:child_process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { newCity, newKey } from '../bench/databases.ts'
import { service } from '../bench/service.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { readKnowledge } from '../src/screening/stored-knowledge.ts'
import { loadData, readDataFiles } from '../src/server/load-data.ts'
import { DATA } from '../src/server/paths.ts'
import type { Role } from '../src/tenancy/auth.ts'
import { openTestDatabase } from '../test/support/harness.ts'
import type { Caller } from './requests.ts'

interface Ready {
  readonly kind: 'ready'
  readonly origin: string
  readonly database: string
  readonly callers: readonly Caller[]
  /** City -> the word of its own. */
  readonly marks: readonly (readonly [string, string])[]
}
interface LoopDelay {
  readonly kind: 'loop'
  readonly longestMillis: number
}

export interface Victim {
  readonly ready: Ready
  /** Longest time since the last call in which nothing else was answered. */
  loopDelay(): Promise<number>
  /** How the process ended, if it has. */
  end(): string | null
  stop(): Promise<void>
}

export async function startVictim(onLogLine: (line: string) => void): Promise<Victim> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', onLogLine)
  }
  let ended: string | null = null
  child.once('exit', (code, signal) => {
    ended = `exit code ${code}, signal ${signal}`
  })
  const ready = await message<Ready>(child, 'ready')
  return {
    ready,
    loopDelay: async () => {
      if (ended !== null) return 0
      const answer = message<LoopDelay>(child, 'loop')
      child.send('loop')
      return (await answer).longestMillis
    },
    end: () => ended,
    stop: async () => {
      if (ended !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await gone
    },
  }
}

function message<T extends { kind: string }>(child: ChildProcess, kind: T['kind']): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`The service ended with ${code}.`))
    const onMessage = (said: T) => {
      if (said.kind !== kind) return
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(said)
    }
    child.on('message', onMessage)
    child.once('exit', onExit)
  })
}

const CITIES = ['Amberfield', 'Brackwater', 'Coldspring']
const CITY_ROLES: readonly Role[] = ['city-editor', 'city-budget', 'city-viewer']

async function serve(): Promise<void> {
  const { database, drop } = await openTestDatabase()
  await loadData(database, await readDataFiles(DATA), new Date())
  const log = pino({ level: 'info' }, pino.destination({ dest: 1, sync: false }))
  const app = await service(database, await readKnowledge(database, registrantOf), log)
  const callers: Caller[] = []
  const add = async (role: Role, city: string | null, name: string) => {
    callers.push({ name: `${role}${name}`, role, city, key: await newKey(database, role, city) })
  }
  await add('admin', null, '')
  await add('federal-reviewer', null, '')
  const marks: [string, string][] = []
  for (const name of CITIES) {
    const city = await newCity(database, name, 'OH')
    marks.push([city, `${name}mark`])
    for (const role of CITY_ROLES) await add(role, city, ` of ${name}`)
  }
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  process.on('message', () => {
    process.send!({ kind: 'loop', longestMillis: delay.max / 1e6 } satisfies LoopDelay)
    delay.reset()
  })
  process.once('disconnect', async () => {
    await app.close()
    await drop()
    process.exit()
  })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  process.send!({ kind: 'ready', origin, database: database.kind, callers, marks } satisfies Ready)
}

if (process.argv[2] === 'serve' && process.argv[1] === fileURLToPath(import.meta.url)) await serve()
