/**
 * What another city notices meanwhile. It asks from a thread of its own, so that its clock is not that of the load,
 * and from an address of its own, so that it does not share the limits of whoever misbehaves.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { percentile } from '../measure.ts'
import type { City } from './cities.ts'
import type { Service } from './service.ts'

export interface Seen {
  /** Milliseconds of each answer. */
  readonly reads: readonly number[]
  readonly writes: readonly number[]
  readonly health: readonly number[]
  /** Statuses of answers that were no success, and what broke. */
  readonly failures: readonly string[]
}

interface Errand {
  readonly address: string
  readonly key: string
  readonly withWrites: boolean
}

const ANSWER_LIMIT_MILLIS = 60_000
const PAUSES = { reads: 40, writes: 200, health: 5 } as const

/** Reads, writes and asks for the health of the service as long as the work goes on. */
export async function whileAsking(
  service: Service,
  other: City,
  work: () => Promise<unknown>,
  withWrites = false,
): Promise<Seen> {
  const errand: Errand = { address: service.address, key: other.key, withWrites }
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: errand })
  const told = once(worker, 'message') as Promise<[Seen]>
  told.catch(() => {})
  try {
    await once(worker, 'online')
    await work()
    worker.postMessage('stop')
    const [seen] = await told
    return seen
  } finally {
    await worker.terminate()
  }
}

export const slowest = (millis: readonly number[]) => Math.max(0, ...millis) / 1000
export const p99 = (millis: readonly number[]) => percentile(millis, 0.99)

async function run({ address, key, withWrites }: Errand): Promise<void> {
  const agent = new Agent({ keepAlive: true, localAddress: '127.0.0.2' })
  const seen = {
    reads: [] as number[],
    writes: [] as number[],
    health: [] as number[],
    failures: [] as string[],
  }
  let isOver = false
  let device = 0
  const ask = (method: string, path: string, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) }
      const sent = request(
        address + path,
        { method, agent, headers, timeout: ANSWER_LIMIT_MILLIS },
        (answer) => {
          answer
            .on('error', reject)
            .once('end', () => resolve(answer.statusCode!))
            .resume()
        },
      )
      sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer in a minute')))
      sent.end(body)
    })
  const repeat = async (what: keyof typeof PAUSES, send: () => Promise<number>) => {
    while (!isOver) {
      const began = performance.now()
      const outcome = await send().catch((error: Error) => error.message)
      seen[what].push(performance.now() - began)
      if (typeof outcome === 'string' || outcome >= 300) seen.failures.push(`${what}: ${outcome}`)
      await pause(PAUSES[what])
    }
  }
  parentPort!.once('message', () => {
    isOver = true
  })
  await Promise.all([
    repeat('reads', () => ask('GET', '/v1/devices?limit=20')),
    repeat('health', () => ask('GET', '/healthz')),
    ...(withWrites
      ? [
          repeat('writes', () =>
            ask('POST', '/v1/devices', JSON.stringify({ assetTag: `W-${device++}`, model: 'P1' })),
          ),
        ]
      : []),
  ])
  agent.destroy()
  parentPort!.postMessage(seen satisfies Seen)
}

if (!isMainThread && workerData) await run(workerData as Errand)
