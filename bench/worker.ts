/**
 * A process of its own for what is measured over HTTP: the service, and beside it the least that could be done
 * for the same answer. Started by `startWorker`; takes its orders as messages.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type FastifyReply, fastify } from 'fastify'
import pg from 'pg'
import { openDatabase } from '../src/db/database.ts'
import { limitSilence, openPool, sendTogether } from '../src/db/postgres.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { readKnowledge } from '../src/screening/stored-knowledge.ts'
import { service } from './service.ts'

const POOL_SIZE = 10

interface Bare {
  readonly name: string
  /** What `/constant/<name>` answers. */
  readonly body: string
  /** Jurisdictions that row security lets the bare queries see: an id or `*`. */
  readonly visible: string
  /** What `/plain/<name>` asks, where there is such a query. */
  readonly plain?: Query
}

export interface Query {
  readonly text: string
  readonly values: readonly unknown[]
}

type Order = { readonly kind: 'bare'; readonly bare: Bare } | { readonly kind: 'memory' }
type Report =
  | { readonly kind: 'ready'; readonly service: string; readonly bare: string }
  | { readonly kind: 'bare'; readonly sql: string }
  | { readonly kind: 'memory'; readonly peakMegabytes: number; readonly processorSeconds: number }

export interface Worker {
  /** Origin of the service. */
  readonly service: string
  /** Origin of the bare handlers: `/constant/<name>`, `/plain/<name>`, `/same/<name>`. */
  readonly bare: string
  /** Serve the plain query, and the last one for devices that the service ran, without everything around it. */
  addBare(bare: Bare): Promise<string>
  /** Most memory that was resident at once since the process started, in MB. */
  peakMegabytes(): Promise<number>
  /** Processor time of all its threads since the process started. */
  processorSeconds(): Promise<number>
  stop(): Promise<void>
}

export async function startWorker(databaseUrl: string): Promise<Worker> {
  const child = fork(fileURLToPath(import.meta.url), [databaseUrl], { stdio: 'inherit' })
  const ready = await next(child, 'ready')
  return {
    service: ready.service,
    bare: ready.bare,
    addBare: async (bare) => {
      child.send({ kind: 'bare', bare } satisfies Order)
      return (await next(child, 'bare')).sql
    },
    peakMegabytes: async () => {
      child.send({ kind: 'memory' } satisfies Order)
      return (await next(child, 'memory')).peakMegabytes
    },
    processorSeconds: async () => {
      child.send({ kind: 'memory' } satisfies Order)
      return (await next(child, 'memory')).processorSeconds
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await ended
    },
  }
}

function next<K extends Report['kind']>(child: ChildProcess, kind: K): Promise<Extract<Report, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`The worker ended with ${code}.`))
    child.once('message', (report: Report) => {
      child.off('exit', onExit)
      if (report.kind === kind) resolve(report as Extract<Report, { kind: K }>)
      else reject(new Error(`The worker said ${report.kind} where ${kind} was due.`))
    })
    child.once('exit', onExit)
  })
}

async function work(databaseUrl: string): Promise<void> {
  const say = (report: Report) => process.send!(report)
  let last: Query | null = null
  const pool = openPool(databaseUrl, POOL_SIZE)
  // drizzle hands its queries to the client as { text, ... } and values.
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    client.query = ((...args: unknown[]) => {
      const { text = '', values = [] } = (typeof args[0] === 'string' ? {} : args[0]) as Partial<Query>
      if (text.includes('from devices d'))
        last = { text, values: (args[1] as unknown[] | undefined) ?? values }
      return query(...args)
    }) as typeof client.query
  })
  const database = openDatabase({
    kind: 'postgres',
    description: 'scratch',
    pool,
    poolSize: POOL_SIZE,
    limitSilence,
    sendTogether,
  })
  const app = await service(database, await readKnowledge(database, registrantOf))

  const bare = fastify({ forceCloseConnections: true })
  const known = new Map<string, { bare: Bare; same: Query; pool: pg.Pool }>()
  type Named = { Params: { name: string } }
  bare.get<Named>('/constant/:name', (request, reply) => {
    reply.type('application/json; charset=utf-8').send(known.get(request.params.name)!.bare.body)
  })
  const answer = async (own: pg.Pool, { text, values }: Query, reply: FastifyReply) => {
    const { rows } = await own.query(text, [...values])
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(rows))
  }
  bare.get<Named>('/plain/:name', (request, reply) => {
    const { bare: asked, pool: own } = known.get(request.params.name)!
    return answer(own, asked.plain!, reply)
  })
  bare.get<Named>('/same/:name', (request, reply) => {
    const { same, pool: own } = known.get(request.params.name)!
    return answer(own, same, reply)
  })

  process.on('message', (order: Order) => {
    if (order.kind === 'memory') {
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
      say({
        kind: 'memory',
        peakMegabytes: maxRSS / 1024,
        processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
      })
      return
    }
    const { name, visible } = order.bare
    if (last === null) throw new Error('The service has not asked for devices yet.')
    // The role and what it may see belong to the connection here; the service sets both in each transaction.
    const scope = visible === '*' ? '*' : `{${visible}}`
    const own = new pg.Pool({
      connectionString: databaseUrl,
      max: POOL_SIZE,
      options: `-c timezone=UTC -c role=svc_tenant -c app.jurisdictions=${scope}`,
    })
    known.set(name, { bare: order.bare, same: last, pool: own })
    say({ kind: 'bare', sql: last.text })
  })
  process.once('disconnect', async () => {
    await app.close()
    await bare.close()
    for (const { pool: own } of known.values()) await own.end()
    await database.close()
  })
  say({
    kind: 'ready',
    service: await app.listen({ port: 0, host: '127.0.0.1' }),
    bare: await bare.listen({ port: 0, host: '127.0.0.1' }),
  })
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) await work(process.argv[2]!)
