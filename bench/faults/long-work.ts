/** Work that takes seconds, of each kind that can be a job. */
import { setTimeout as pause } from 'node:timers/promises'
import { AS_JOB, type City, CSV, cityWith, fileOf, newCity } from './cities.ts'
import { ADMIN, type Service } from './service.ts'

export interface Job {
  readonly kind: string
  readonly state: string
  readonly progress: { readonly done: number }
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly problem: { readonly detail?: string } | null
}

export const KINDS = ['import', 'estimate', 'schedule', 'advisories'] as const
export type Kind = (typeof KINDS)[number]

export interface Sizes {
  readonly importMegabytes: number
  readonly devices: number
  readonly trials: number
  readonly solveSeconds: number
  readonly advisories: number
}

/** A job, and the key that may look at it. */
export interface Asked {
  readonly location: string
  readonly key: string
}

/** Sets up what the work needs, in a city of its own; gives what asks for it as a job. */
export async function prepare(service: Service, kind: Kind, sizes: Sizes): Promise<() => Promise<Asked>> {
  const asks = async (path: string, key: string, body: string | Buffer, type = 'application/json') => {
    const answer = await service.ask('POST', path, {
      key,
      body,
      headers: { ...AS_JOB, 'content-type': type },
    })
    if (answer.status !== 202) throw new Error(`${path} was answered ${answer.status}: ${answer.text}`)
    return { location: String(answer.headers.location), key }
  }
  switch (kind) {
    case 'import': {
      const { key } = await newCity(service)
      const { bytes } = fileOf(sizes.importMegabytes)
      return () => asks('/v1/imports', key, bytes, CSV['content-type'])
    }
    case 'estimate': {
      const { city, plan } = await planOf(service, sizes)
      return () => asks(`${plan}/estimate`, city.key, '{}')
    }
    case 'schedule': {
      const { city, plan } = await planOf(service, sizes)
      await service.json('POST', `${plan}/estimate`, { key: city.key, value: {} })
      const body = JSON.stringify({ seconds: sizes.solveSeconds })
      return () => asks(`${plan}/schedule`, city.key, body)
    }
    case 'advisories': {
      const feed = feedOf(sizes.advisories)
      return () => asks('/v1/advisories/imports?format=nvd', ADMIN, feed)
    }
    default:
      return kind satisfies never
  }
}

async function planOf(service: Service, { devices, trials }: Sizes): Promise<{ city: City; plan: string }> {
  const city = await cityWith(service, devices)
  const { id } = await service.json<{ id: string }>('POST', '/v1/plans', {
    key: city.key,
    value: { name: 'All of it', settings: { trials } },
  })
  const plan = `/v1/plans/${id}`
  await service.json('POST', `${plan}/devices`, {
    key: city.key,
    value: { filter: {}, costCode: 'CAM-BULLET' },
  })
  return { city, plan }
}

/** In the shape of the National Vulnerability Database. */
function feedOf(records: number): string {
  const vulnerabilities = Array.from({ length: records }, (_, i) => ({
    cve: {
      id: `CVE-2024-${String(100_000 + i)}`,
      published: '2024-03-01T10:00:00.000',
      metrics: { cvssMetricV31: [{ cvssData: { baseScore: 5 + (i % 5) } }] },
      configurations: [
        {
          nodes: [
            {
              cpeMatch: Array.from({ length: 3 }, (_, j) => ({
                vulnerable: true,
                criteria: `cpe:2.3:o:hikvision:ds-2cd2${String((i + j) % 1000).padStart(3, '0')}g2-i_firmware:*:*:*:*:*:*:*:*`,
                versionEndExcluding: `5.7.${i % 90}`,
              })),
            },
          ],
        },
      ],
    },
  }))
  return JSON.stringify({ vulnerabilities })
}

/** Look at the job until it is so. */
export async function awaitJob(
  service: Service,
  { location, key }: Asked,
  isSo: (job: Job) => boolean,
): Promise<Job> {
  for (;;) {
    const job = await service.json<Job>('GET', location, { key })
    if (isSo(job)) return job
    await pause(50)
  }
}

export const hasEnded = ({ state }: Job) => ['succeeded', 'failed', 'canceled'].includes(state)
