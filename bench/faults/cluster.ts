/**
 * A PostgreSQL server of its own, as docs/operations.md sets one up, which a scenario may stop. It runs as the user
 * postgres when we are root, because PostgreSQL refuses to.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withClient } from '../../src/db/with-client.ts'
import type { StoppableServer } from './scenario.ts'

const run = promisify(execFile)
const CREATE_ROLES = fileURLToPath(new URL('../../../docker/create-roles.sh', import.meta.url))
const DEBIAN = '/usr/lib/postgresql'
const isRoot = process.getuid?.() === 0

export interface Cluster extends StoppableServer {
  /** A new database: as the service's login, as the owner of its tables, and as a superuser. */
  database(): Promise<{ readonly service: string; readonly owner: string; readonly superuser: string }>
  remove(): Promise<void>
}

/** The folder with `initdb` and `pg_ctl`; null when there is none. */
export function serverPrograms(): string | null {
  const own = process.env.BENCH_POSTGRES_BIN
  if (own !== undefined) return own
  if (!existsSync(DEBIAN)) return null
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a))
  return (
    versions.map((version) => join(DEBIAN, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ??
    null
  )
}

export async function startCluster(programs: string): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'camledger-faults-postgres-'))
  const data = join(folder, 'data')
  if (isRoot) {
    await chmod(folder, 0o755)
    const { stdout } = await run('id', ['-u', 'postgres'])
    await chown(folder, Number(stdout), -1)
  }
  const port = await freePort()
  const program = (name: string, ...args: string[]) => {
    const command = [join(programs, name), ...args]
    const [file, ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command
    return run(file!, rest, { cwd: folder, timeout: 60_000 })
  }
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100`
  const start = async () => {
    await program('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', options)
  }
  const stop = async () => {
    await program('pg_ctl', 'stop', '-w', '-m', 'immediate', '-D', data)
  }
  await program('initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C')
  await start()
  await run('sh', [CREATE_ROLES], {
    env: {
      PATH: process.env.PATH,
      PGHOST: '127.0.0.1',
      PGPORT: String(port),
      CAMLEDGER_OWNER_PASSWORD: 'owner',
      CAMLEDGER_DB_PASSWORD: 'service',
    },
  })
  return {
    start,
    stop,
    database: async () => {
      const name = `faults_${randomBytes(4).toString('hex')}`
      await withClient(url(port, 'postgres', 'postgres'), async (client) => {
        await client.query(`create database ${name} owner camledger`)
        await client.query(`grant connect on database ${name} to camledger_service`)
      })
      return {
        service: url(port, 'camledger_service:service', name),
        owner: url(port, 'camledger:owner', name),
        superuser: url(port, 'postgres', name),
      }
    },
    remove: async () => {
      await stop().catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const url = (port: number, user: string, database: string) =>
  `postgres://${user}@127.0.0.1:${port}/${database}`

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
