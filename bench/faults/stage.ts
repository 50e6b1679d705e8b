/** Sets up what a scenario runs on, runs it within its time, and takes everything away again. */
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from './cluster.ts'
import { type Finding, holds, type Place, type Scenario, type Stage } from './scenario.ts'
import { type Service, startService } from './service.ts'

export async function perform(
  scenario: Scenario,
  place: Place,
  cluster: Cluster | null,
): Promise<readonly Finding[]> {
  const cleaning: (() => unknown)[] = []
  const over = new AbortController()
  // Each connection listens to it.
  setMaxListeners(0, over.signal)
  const services: Service[] = []
  try {
    const folder = await mkdtemp(join(tmpdir(), 'camledger-faults-'))
    cleaning.push(() => rm(folder, { recursive: true, force: true }))
    const databases = place === 'PostgreSQL' ? await cluster!.database() : null
    const env = {
      SPOOL_DIR: join(folder, 'spool'),
      ...(databases === null
        ? { DATA_DIR: join(folder, 'db') }
        : { DATABASE_URL: databases.service, MIGRATION_DATABASE_URL: databases.owner }),
    }
    const stage: Stage = {
      place,
      folder,
      superuserUrl: databases?.superuser ?? null,
      server: cluster,
      serve: async (more = {}) => {
        const service = await startService({ ...env, ...more }, over.signal)
        services.push(service)
        return service
      },
      after: (clean) => void cleaning.push(clean),
    }
    return await within(scenario.timeoutSeconds, over, scenario.run(stage))
  } catch (error) {
    return [holds('it came to an end', false, describe(error, services))]
  } finally {
    over.abort()
    for (const service of services) await service.end('SIGKILL')
    for (const clean of cleaning.reverse()) {
      try {
        await clean()
      } catch (error) {
        console.error(`${scenario.name}: could not clean up:`, error)
      }
    }
  }
}

function within<T>(seconds: number, over: AbortController, work: Promise<T>): Promise<T> {
  // What it is refused with later, because its connections were cut, is of no interest.
  work.catch(() => {})
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`it took longer than ${seconds} s`))
      over.abort()
    }, seconds * 1000)
    work.then(resolve, reject).finally(() => clearTimeout(limit))
  })
}

function describe(error: unknown, services: readonly Service[]): string {
  const ended = services.flatMap((service) =>
    service.isAlive ? [] : [`; a service had ended: ${service.output.trim().slice(-300)}`],
  )
  return `${error instanceof Error ? error.message : String(error)}${ended.join('')}`.replaceAll(/\s+/g, ' ')
}
