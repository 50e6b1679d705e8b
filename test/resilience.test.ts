/**
 * A connection that is lost, a database that is away, long work on every connection: the service goes on, answers
 * 503 with Retry-After where it cannot do better, and recovers by itself.
 */
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { explain } from '../src/cli/errors.ts'
import { connect } from '../src/db/connect.ts'
import { explainEngine, explainFolder, systemCode } from '../src/db/embedded/folder.ts'
import { EmbeddedPool } from '../src/db/embedded/pool.ts'
import {
  CommitUnknownError,
  ConnectionLostError,
  ConnectionsBusyError,
  NoConnectionError,
  type OutageKind,
  outageOf,
} from '../src/db/failures.ts'
import { eachInLane, inLane, openLanes, sharesOf } from '../src/db/lanes.ts'
import { describeError } from '../src/db/log.ts'
import { limitSilence, openPool } from '../src/db/postgres.ts'
import { toDomainError } from '../src/http/problems.ts'
import { startBackground } from '../src/server/background.ts'
import { readConfig } from '../src/server/config.ts'
import { openConfigured } from '../src/server/open-database.ts'
import { MIGRATIONS } from '../src/server/paths.ts'
import { prepare } from '../src/server/prepare.ts'
import { type Harness, harness } from './support/harness.ts'
import { ownPostgres, run, serveForTest } from './support/processes.ts'
import { proxyTo, type TcpProxy } from './support/proxy.ts'

t.setTimeout(1_200_000)

const sqlState = (code: string, message = 'said the server') => Object.assign(new Error(message), { code })
const system = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
const named = (name: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { name })
const query = (cause: unknown) =>
  Object.assign(new Error('Failed query: select $1\nparams: SECRET-7', { cause }), {
    query: '',
    params: ['SECRET-7'],
  })

t.test('what keeps the database from answering is 503 with Retry-After, all else is not', async (t) => {
  const cases: readonly [error: unknown, kind: OutageKind | null][] = [
    // The server's own codes, as drizzle wraps them and bare.
    ['57P01', 'lost'],
    ['57P02', 'lost'],
    ['57P03', 'starting'],
    ['57P04', 'refused'],
    ['57P05', 'lost'],
    ['25P03', 'lost'],
    ['08000', 'lost'],
    ['08003', 'lost'],
    ['08006', 'lost'],
    ['08P01', 'lost'],
    ['25006', 'read-only'],
    ['28000', 'refused'],
    ['28P01', 'refused'],
    ['3D000', 'refused'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['55P03', 'conflict'],
    ['53100', 'full'],
    ['53200', 'full'],
    ['53300', 'crowded'],
    ['57014', 'slow'],
    ['58030', 'failing'],
    ['22001', null],
    ['23505', null],
    ['42501', null],
    ['42P01', null],
    ['XX000', null],
    ['XX001', null],
  ].flatMap(([code, kind]) => [
    [sqlState(code as string), kind as OutageKind | null] as const,
    [query(sqlState(code as string)), kind as OutageKind | null] as const,
  ])
  const others: readonly [error: unknown, kind: OutageKind | null][] = [
    // The driver, which gives no code.
    [new Error('timeout exceeded when trying to connect'), 'crowded'],
    [new Error('Connection terminated due to connection timeout'), 'unreachable'],
    [new Error('Connection terminated unexpectedly'), 'lost'],
    [query(new Error('Connection terminated unexpectedly')), 'lost'],
    [new Error('Client has encountered a connection error and is not queryable'), 'lost'],
    [new Error('Cannot use a pool after calling end on the pool'), 'starting'],
    // The operating system.
    [system('ECONNREFUSED', 'connect'), 'unreachable'],
    [system('ENOTFOUND', 'getaddrinfo'), 'unreachable'],
    [system('EAI_AGAIN', 'getaddrinfo'), 'unreachable'],
    [system('ETIMEDOUT', 'connect'), 'unreachable'],
    [system('ECONNRESET', 'read'), 'lost'],
    [system('EPIPE', 'write'), 'lost'],
    [
      new AggregateError([system('ECONNREFUSED', 'connect'), system('ECONNREFUSED', 'connect')]),
      'unreachable',
    ],
    [new NoConnectionError(new AggregateError([system('EHOSTUNREACH', 'connect')])), 'unreachable'],
    // What the door makes of it; the cause says more.
    [new NoConnectionError(new Error('anything')), 'unreachable'],
    [new NoConnectionError(sqlState('53300')), 'crowded'],
    [new NoConnectionError(sqlState('57P03')), 'starting'],
    [new NoConnectionError(named('DatabaseStoppedError')), 'stopped'],
    [
      new NoConnectionError(named('SessionBusyError', new Error('timeout exceeded when trying to connect'))),
      'crowded',
    ],
    [new ConnectionLostError(new TypeError('of the work, after its connection was lost')), 'lost'],
    [new CommitUnknownError(sqlState('57P01')), 'commit-unknown'],
    [new ConnectionsBusyError(), 'crowded'],
    [named('DatabaseStoppedError'), 'stopped'],
    // A client that leaves, a file, a bug.
    [Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), null],
    [system('ENOENT', 'open'), null],
    [system('EPIPE', 'spawn'), null],
    [new TypeError('x is not a function'), null],
    ['a text that was thrown', null],
    [undefined, null],
  ]
  for (const [error, kind] of [...cases, ...others]) {
    const title = `${JSON.stringify(describeError(error)).slice(0, 80)} is ${kind}`
    t.equal(outageOf(error)?.kind ?? null, kind, title)
    const problem = toDomainError(error)
    if (kind === null) {
      t.not(problem.code, 'not-ready')
      continue
    }
    t.equal(problem.code, 'not-ready')
    t.match(problem.headers, { 'retry-after': /^[1-9]\d*$/ })
    t.notMatch(problem.message, /SECRET|select|SQLSTATE/, 'nothing of the statement is shown')
    t.notMatch(JSON.stringify(describeError(error)), 'SECRET-7', 'or logged')
  }
  const loop = new Error('a cause of itself')
  loop.cause = loop
  t.equal(outageOf(loop), null)
})

t.test('what is asked for while a pass runs is done by one more, and by no more than one', async (t) => {
  let goOn = () => {}
  const waits = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let runs = 0
  const run = async () => {
    runs++
    if (runs === 1) await waits
    return runs
  }
  const pass = { name: 'pass', everyMillis: 60_000, run }
  const background = startBackground([pass], pino({ level: 'silent' }), () => new Date(0), false)
  for (let trigger = 0; trigger < 3; trigger++) background.trigger('pass')
  t.match(background.status(), [{ running: true, lastDid: null }])
  goOn()
  await background.settle()
  t.match(background.status(), [{ running: false, lastDid: 2, failures: 0 }])
  await background.stop()
  background.trigger('pass')
  await background.settle()
  t.equal(runs, 2, 'and none once it was told to stop')
})

t.test('long work leaves connections to short work, and the longest one to batches', async (t) => {
  for (const size of [1, 2, 3, 4, 5, 10, 100]) {
    const { batches, long } = sharesOf(size)
    t.ok(batches >= 1 && long >= 1 && long <= batches && (size === 1 || batches < size), `a pool of ${size}`)
  }
  t.same(sharesOf(10), { batches: 6, long: 5 })

  const lanes = openLanes(5) // 3 for long work, of which 2 may be long
  const enter = (lane: 'short' | 'batches' | 'long') => lanes.enter({ lane, waitLimitMillis: 20 })
  const first = await enter('long')
  const second = await enter('long')
  await t.rejects(enter('long'), ConnectionsBusyError, 'a third import waits, and not forever')
  const batch = await enter('batches')
  await t.rejects(enter('batches'), ConnectionsBusyError)
  for (let i = 0; i < 20; i++) await enter('short')
  t.pass('what is short never waits here')

  const order: string[] = []
  const waits = (['long', 'batches', 'long'] as const).map(async (lane, i) => {
    const leave = await lanes.enter({ lane })
    order.push(`${lane} ${i}`)
    return leave
  })
  batch()
  const afterBatch = await waits[1]!
  t.same(order, ['batches 1'], 'a batch passes the import before it, which would take the last of its kind')
  first()
  const afterFirst = await waits[0]!
  second()
  const afterSecond = await waits[2]!
  t.same(order, ['batches 1', 'long 0', 'long 2'], 'then the first that came')
  for (const leave of [afterBatch, afterFirst, afterSecond]) leave()

  const gone = new AbortController()
  await enter('long')
  await enter('long')
  const waiting = lanes.enter({ lane: 'long', signal: gone.signal })
  gone.abort(new Error('The caller has gone away.'))
  await t.rejects(waiting, { message: 'The caller has gone away.' })
})

t.test('what an export or a pass opens goes by its lane without naming it', async (t) => {
  const lanes = openLanes(1)
  const taken = await lanes.enter({ lane: 'batches' })
  await inLane('batches', () => t.rejects(lanes.enter({ waitLimitMillis: 5 }), ConnectionsBusyError))
  await t.resolves(lanes.enter({ waitLimitMillis: 5 }), 'outside of it, everything is short')
  async function* rows() {
    for (let i = 0; i < 2; i++) {
      await null
      yield await lanes.enter({ waitLimitMillis: 5 }).then(
        () => 'free',
        () => 'busy',
      )
    }
  }
  const seen: string[] = []
  for await (const one of eachInLane('batches', rows())) {
    await t.resolves(lanes.enter({ waitLimitMillis: 5 }), 'nor does it cling to who reads')
    seen.push(one)
    if (seen.length === 1) taken()
  }
  t.same(seen, ['busy', 'free'])
})

/* ---------------------------------------------------------------- PostgreSQL, by way of a proxy */

const noPostgres = process.env.TEST_DATABASE_URL === undefined && 'TEST_DATABASE_URL is not set'

interface Bed extends Harness {
  readonly address: string
  readonly proxy: TcpProxy
  /** The database without the proxy. */
  readonly url: string
  /** End every session of the service, as an operator or a failover does. Gives how many. */
  terminate(): Promise<number>
}

const POOL_SIZE = 5

async function bed(t: Test): Promise<Bed> {
  const url = (await ownPostgres(t))!
  const proxy = await proxyTo(t, url)
  const asOwner = (statement: string) => owner.query(statement)
  const opened = async () => {
    const database = await connect({
      databaseUrl: proxy.through(url),
      poolSize: POOL_SIZE,
      connectLimitMillis: 3_000,
      dataDir: null,
    })
    await database.migrate(MIGRATIONS)
    return { database, asOwner, drop: () => database.close() }
  }
  const owner = new pg.Client({ connectionString: url })
  owner.on('error', () => {}) // the database is dropped under it at the end
  await owner.connect()
  t.teardown(() => owner.end().catch(() => {}))
  const service = await harness(t, { opened: opened() })
  return {
    ...service,
    address: await service.app.listen({ port: 0, host: '127.0.0.1' }),
    proxy,
    url,
    asOwner,
    terminate: async () => {
      const { rowCount } = await asOwner(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid()',
      )
      return rowCount ?? 0
    },
  }
}

function isNotReady(
  t: Test,
  reply: { status: number; headers: Record<string, string | undefined>; body: unknown },
  why: RegExp,
) {
  t.equal(reply.status, 503)
  t.match(reply.headers['content-type'], 'application/problem+json')
  t.match(reply.headers['retry-after'], /^[1-9]\d*$/)
  t.match(reply.body, { type: '/problems/not-ready', status: 503, detail: why, requestId: String })
}

const csv = (tag: string, rows: number) =>
  `Asset Tag,Manufacturer,Model\n${Array.from({ length: rows }, (_, i) => `${tag}-${i},Axis,M-${i % 7}\n`).join('')}`

t.test('on PostgreSQL', { skip: noPostgres }, async (t) => {
  const it = await bed(t)
  await t.test(
    'a connection that is lost between two statements costs one answer and nothing else',
    async (t) => {
      const { database, jurisdiction, call, terminate, proxy, asOwner } = it
      const id = await jurisdiction()
      for (const [how, lose] of [
        ['ended by the operator', terminate],
        ['cut by the network', async () => proxy.cut()],
      ] as const) {
        const lost = database.inJurisdiction(id, async (tx) => {
          await tx.execute(sql`select 1`)
          await lose()
          // Nobody asks anything: the loss arrives while the client is only held.
          await until('the loss has arrived', async () => proxy.connections === 0)
          await pause(20)
          await tx.execute(sql`select 1`)
        })
        const error = await lost.then(
          () => t.fail('it went through'),
          (error: unknown) => error,
        )
        t.equal(outageOf(error)?.kind, 'lost', how)
        t.equal((await call('GET', '/v1/devices')).status, 200, 'the next request has a new connection')
      }
      const sessions = await asOwner(
        "select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      )
      t.same(sessions.rows, [{ n: 0 }], 'and none is left in a transaction')
    },
  )

  await t.test(
    'an import whose sessions are ended at any moment is whole or absent, and is answered',
    async (t) => {
      const { address, admin, jurisdiction, call, terminate } = it
      const send = async (id: string, body: string, meanwhile: () => Promise<unknown>) => {
        const sent = request(`${address}/v1/imports?jurisdictionId=${id}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv' },
        })
        const answered = once(sent, 'response')
        sent.write(body.slice(0, body.length / 2))
        await meanwhile()
        sent.end(body.slice(body.length / 2))
        const [answer] = await answered
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk)
        return {
          status: answer.statusCode,
          headers: answer.headers,
          body: JSON.parse(Buffer.concat(chunks).toString()),
        }
      }
      const check = async (id: string, rows: number, answer: Awaited<ReturnType<typeof send>>) => {
        if (answer.status !== 201) isNotReady(t, answer, /lost/)
        const { body } = await call('GET', `/v1/summary?groupBy=maker&jurisdictionId=${id}`)
        const devices = body.totalDevices
        if (/may or may not/.test(answer.body.detail)) t.ok([0, rows].includes(devices), 'all or nothing')
        else
          t.equal(devices, answer.status === 201 ? rows : 0, `answered ${answer.status}, ${devices} devices`)
      }

      await t.test('while its body is arriving', async () => {
        const id = await jurisdiction()
        const answer = await send(id, csv('half', 6000), async () => {
          await pause(200)
          await terminate()
        })
        await check(id, 6000, answer)
      })

      await t.test('again and again while its rows are written', async (t) => {
        const id = await jurisdiction()
        let isOver = false
        const ending = async () => {
          while (!isOver) await Promise.all([terminate(), pause(5)])
        }
        let ender = Promise.resolve()
        const answer = await send(id, csv('again', 6000), async () => {
          ender = ending()
        })
        isOver = true
        await ender
        await check(id, 6000, answer)
        const whole = await send(id, csv('again', 6000), async () => {})
        t.equal(whole.status, 201, 'the same file comes in afterwards')
        await check(id, 6000, whole)
      })
    },
  )

  await t.test(
    'with the database down every request is 503, and all is well again without a restart',
    async (t) => {
      const { proxy, call, jurisdiction, key, background } = it
      const id = await jurisdiction()
      const editor = await key('city-editor', id)
      const body = { assetTag: 'A-1', manufacturer: 'Axis', model: 'M' }
      const created = await call('POST', '/v1/devices', { key: editor, body })
      t.equal(created.status, 201)
      const requests: readonly (readonly [method: string, url: string, body?: object])[] = [
        ['GET', '/readyz'],
        ['GET', '/v1/devices'],
        ['GET', `/v1/devices/${created.body.id}`],
        ['GET', '/v1/summary'],
        ['GET', '/v1/imports'],
        ['GET', '/v1/firmware-risks'],
        ['GET', '/v1/plans'],
        ['GET', '/v1/audit-events'],
        ['POST', '/v1/devices', { ...body, assetTag: 'A-2' }],
        ['PATCH', `/v1/devices/${created.body.id}`, { model: 'N' }],
        ['DELETE', `/v1/devices/${created.body.id}`],
      ]
      const reviewer = await key('federal-reviewer', 'all')
      for (const secret of [reviewer, it.admin]) await call('GET', '/v1/jurisdictions', { key: secret })
      await proxy.down()
      for (const [method, url, body] of requests) {
        // With a key that is remembered, one that has to be looked up, and those whose reads are put on record.
        const reading = method !== 'GET' ? [] : url === '/v1/audit-events' ? [it.admin] : [reviewer, it.admin]
        for (const secret of [editor, 'clk_never-seen-before', ...reading]) {
          isNotReady(
            t,
            await call(method, url, { key: secret, ...(body ? { body } : {}) }),
            /cannot be reached/,
          )
        }
      }
      t.equal((await call('GET', '/healthz')).status, 200, 'the process is alive')
      const text = csv('down', 3)
      isNotReady(
        t,
        await call('POST', '/v1/imports', {
          key: editor,
          body: text,
          headers: { 'content-type': 'text/csv' },
        }),
        /cannot be reached/,
      )
      background.trigger('keys')
      await background.settle()
      t.match(
        background.status().find(({ name }) => name === 'keys'),
        { failures: 1 },
        'the pass that notes the use of keys fails',
      )

      await proxy.up()
      t.equal((await call('GET', '/readyz')).status, 200)
      const devices = await call('GET', '/v1/devices', { key: editor })
      t.same(
        devices.body.items.map((device: { assetTag: string }) => device.assetTag),
        ['A-1'],
        'nothing was changed',
      )
      background.trigger('keys')
      await background.settle()
      const keys = await call('GET', '/v1/keys')
      const used = keys.body.items.find((one: { role: string }) => one.role === 'city-editor')
      t.type(used.lastUsedAt, 'string', 'and the use of the key was not forgotten')
    },
  )

  await t.test('a server that freezes is given up after a while, not waited for', async (t) => {
    const { proxy, url, call } = it
    const pool = openPool(proxy.through(url), 1, 300)
    t.teardown(() => pool.end())
    const client = await pool.connect()
    limitSilence(client, 200)
    await client.query('select pg_sleep(0.1)')
    await pause(300)
    t.same(
      (await client.query('select 1 as one')).rows,
      [{ one: 1 }],
      'silence between statements is no matter',
    )
    proxy.freeze()
    const error = await client.query('select 1').then(
      () => null,
      (error: unknown) => error,
    )
    t.equal(outageOf(error)?.kind, 'unreachable')
    client.release(true)
    const refused = await pool.connect().catch((error: unknown) => error)
    t.equal(outageOf(refused)?.kind, 'unreachable', 'nor is a connection')
    isNotReady(t, await call('GET', '/readyz'), /./)
    proxy.thaw()
    await until('it is ready again', async () => (await call('GET', '/readyz')).status === 200)
  })

  await t.test(
    'a COMMIT whose answer is lost is told as unknown, and a repeat with its key is safe',
    async (t) => {
      const { proxy, call, jurisdiction } = it
      const jurisdictionId = await jurisdiction()
      const create = () =>
        call('POST', '/v1/devices', {
          body: { jurisdictionId, assetTag: 'C-1', manufacturer: 'Axis', model: 'M' },
          headers: { 'idempotency-key': 'once' },
        })
      proxy.cutAfter('commit')
      isNotReady(t, await create(), /may or may not have been/)
      const again = await create()
      t.equal(again.status, 201)
      const devices = await call('GET', `/v1/devices?jurisdictionId=${jurisdictionId}`)
      t.same(
        devices.body.items.map((device: { id: string }) => device.id),
        [again.body.id],
        'one device, and the repeat names it',
      )
    },
  )

  await t.test(
    'an export that is cut on the way breaks the transfer, never ends like a whole file',
    async (t) => {
      const { address, admin, jurisdiction, call, terminate } = it
      const id = await jurisdiction()
      const stored = await call('POST', `/v1/imports?jurisdictionId=${id}`, {
        body: csv('export', 12_000),
        headers: { 'content-type': 'text/csv' },
      })
      t.equal(stored.status, 201)
      for (const accept of ['text/csv', 'application/x-ndjson']) {
        const answer = await fetch(`${address}/v1/devices`, {
          headers: { accept, authorization: `Bearer ${admin}` },
        })
        t.equal(answer.status, 200)
        const reader = answer.body!.getReader()
        let isOver = false
        const ending = (async () => {
          while (!isOver) await terminate()
        })()
        const whole = (async () => {
          for (;;) if ((await reader.read()).done) return
        })()
        await t.rejects(whole, `${accept}: whoever reads is told that it is not whole`)
        isOver = true
        await ending
      }
      const whole = await call('GET', `/v1/devices?jurisdictionId=${id}`, { headers: { accept: 'text/csv' } })
      t.equal(whole.text.split('\r\n').length, 12_002, 'and the next export is whole')
    },
  )

  await t.test('a table that somebody has locked takes no connection from the others', async (t) => {
    const { call, url } = it
    const locker = new pg.Client({ connectionString: url })
    await locker.connect()
    await locker.query('begin; lock table devices in access exclusive mode')
    const began = performance.now()
    const behind = await Promise.all(Array.from({ length: POOL_SIZE }, () => call('GET', '/v1/devices')))
    for (const reply of behind) isNotReady(t, reply, /Another change got in the way/)
    t.ok(performance.now() - began < 20_000, 'long before the limit of a statement')
    t.equal((await call('GET', '/v1/jurisdictions')).status, 200, 'with the lock still held')
    const jurisdictionId = await it.jurisdiction()
    const body = { jurisdictionId, manufacturer: 'Axis', model: 'M' }
    const writingAt = performance.now()
    const writers = await Promise.all(
      Array.from({ length: POOL_SIZE }, () => call('POST', '/v1/devices', { body })),
    )
    for (const reply of writers) isNotReady(t, reply, /Another change got in the way/)
    t.ok(performance.now() - writingAt < 25_000, 'writes too')
    t.equal((await call('GET', '/v1/jurisdictions')).status, 200)
    await locker.query('rollback')
    await locker.end()
    t.equal((await call('GET', '/v1/devices')).status, 200)
  })

  await t.test('a database out of connections, or read-only, is 503 for what it cannot do', async (t) => {
    const { call, key, jurisdiction, asOwner, terminate, database } = it
    const jurisdictionId = await jurisdiction()
    // A city's own reads are not put on record, so they need nothing but reading.
    const own = { key: await key('city-viewer', jurisdictionId) }
    const name = (await asOwner('select current_database() as name')).rows[0].name
    const create = (assetTag: string) =>
      call('POST', '/v1/devices', { body: { jurisdictionId, assetTag, manufacturer: 'Axis', model: 'M' } })

    // The owner may stay connected; nobody new may come.
    await asOwner(`alter database ${name} connection limit 0`)
    await terminate()
    isNotReady(t, await create('X-1'), /All connections to the database are in use/)
    await asOwner(`alter database ${name} connection limit -1`)
    t.equal((await create('X-1')).status, 201)

    await asOwner(`alter database ${name} set default_transaction_read_only = on`)
    await terminate()
    await until('the new sessions are read-only', async () => (await create('X-2')).status === 503)
    isNotReady(t, await create('X-2'), /accepts no changes at present/)
    t.equal((await call('GET', '/v1/devices', own)).status, 200, 'a city reads on')
    isNotReady(t, await call('GET', '/v1/devices'), /could not be put on record/)
    await asOwner(`alter database ${name} set default_transaction_read_only = off`)
    await terminate()
    await until('writing goes on by itself', async () => (await create('X-2')).status === 201)

    // Every connection of the pool is held by a request.
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const holders = Array.from({ length: POOL_SIZE }, () => database.asOperator(() => held))
    isNotReady(t, await call('GET', '/v1/devices', own), /All connections to the database are in use/)
    letGo()
    await Promise.all(holders)
    t.equal((await call('GET', '/v1/devices')).status, 200)
  })

  await t.test(
    'imports and exports on every connection they may have leave sign-in and reads untouched',
    async (t) => {
      const { call, key, jurisdiction, database } = it
      const id = await jurisdiction()
      let letGo = () => {}
      const held = new Promise<void>((resolve) => {
        letGo = resolve
      })
      const work = Array.from({ length: 20 }, (_, i) =>
        database.inJurisdiction(id, () => held, {
          lane: i % 2 ? 'long' : 'batches',
          waitLimitMillis: 10_000,
        }),
      )
      const viewer = await key('city-viewer', id)
      const beganAt = performance.now()
      for (let i = 0; i < 5; i++) t.equal((await call('GET', '/v1/devices', { key: viewer })).status, 200)
      t.ok(performance.now() - beganAt < 5_000, 'a new key is looked up and a page is read at once')
      const late = await database
        .inJurisdiction(id, async () => {}, { lane: 'long', waitLimitMillis: 50 })
        .catch((error: unknown) => error)
      t.equal(outageOf(late)?.kind, 'crowded')
      letGo()
      await Promise.all(work)
    },
  )
})

/* ------------------------------------------------------ beside an import */

t.test('what other cities read while an import is under way is answered, and is theirs alone', async (t) => {
  const it = await harness(t)
  const { call, database } = it
  const [mine, other] = [await it.jurisdiction(), await it.jurisdiction()]
  const editor = await it.key('city-editor', other)
  const models = ['P1', 'P2']
  for (const model of models)
    t.equal((await call('POST', '/v1/devices', { key: editor, body: { model } })).status, 201)
  // Keys that the service has not looked up yet.
  const [viewer, own, nation] = [
    await it.key('city-viewer', other),
    await it.key('city-viewer', mine),
    await it.key('federal-reviewer', 'all'),
  ]
  const whoAmI = sql`select current_user as role, current_setting('app.jurisdiction_id') as id`
  const addSite = (name: string) => sql`insert into sites (jurisdiction_id, id, name, created_at, updated_at)
    values (${mine}::uuid, gen_random_uuid(), ${name}, now(), now())`
  const sites = async (key: string) =>
    (await call('GET', '/v1/sites', { key })).body.items.map((site: { name: string }) => site.name).sort()

  /** A transaction of many statements, as an import is: it goes on when it is let go. */
  async function longWork(name: string, lastly?: Error) {
    const steps = { letGo: () => {}, begun: () => {} }
    const held = new Promise<void>((resolve) => Object.assign(steps, { letGo: resolve }))
    const begun = new Promise<void>((resolve) => Object.assign(steps, { begun: resolve }))
    const work = database.inJurisdiction(
      mine,
      async (tx) => {
        await tx.execute(addSite(name))
        steps.begun()
        await held
        t.same((await tx.execute(whoAmI)).rows, [{ role: 'svc_tenant', id: mine }], 'it is who it was')
        if (lastly) throw lastly
        await tx.execute(addSite(`${name}, later`))
      },
      { lane: 'long' },
    )
    await begun
    return { work, letGo: steps.letGo }
  }

  await t.test('by a key that was never looked up, page by page', async (t) => {
    const { work, letGo } = await longWork('North')
    const page = await call('GET', '/v1/devices?sort=model', { key: viewer })
    t.same(
      page.body.items?.map((device: { model: string }) => device.model),
      models,
    )
    t.same(await sites(viewer), [], 'nothing of the importing city is seen')
    t.equal((await call('GET', '/readyz', { key: null })).status, 200)
    t.equal((await call('GET', '/v1/devices', { key: 'clk_no-such-key' })).status, 401)
    const answers = { own: sites(own), nation: sites(nation) }
    letGo()
    await work
    // The embedded database answers them after the work; PostgreSQL beside it, and then they may see nothing yet.
    for (const seen of [await answers.own, await answers.nation])
      t.ok(
        ['', 'North|North, later'].includes(seen.join('|')),
        `those who may see it see all of it or nothing: ${seen}`,
      )
    for (const key of [own, nation]) t.same(await sites(key), ['North', 'North, later'])
  })

  await t.test('a read that fails or writes harms neither', async (t) => {
    const { work, letGo } = await longWork('South')
    await t.rejects(
      database.acrossJurisdictions([other], (tx) => tx.execute(sql`select 1 / 0`)),
      { cause: { code: '22012' } },
    )
    await t.rejects(
      database.acrossJurisdictions([other], (tx) =>
        tx.execute(sql`update sites set name = 'Taken' where jurisdiction_id = ${mine}::uuid`),
      ),
      { cause: { code: '25006' } },
    )
    await t.rejects(
      database.readAsOperator((tx) => tx.execute(sql`delete from api_keys`)),
      { cause: { code: '25006' } },
    )
    t.same((await database.readAsOperator((tx) => tx.execute(whoAmI))).rows, [
      { role: 'svc_operator', id: '' },
    ])
    letGo()
    await work
    t.same((await sites(own)).slice(-2), ['South', 'South, later'])
  })

  await t.test('one that goes on when the import fails keeps its role to its end', async (t) => {
    const { work, letGo } = await longWork('West', new Error('the file broke off'))
    const seen = database.acrossJurisdictions([other], async (tx) => {
      letGo()
      for (let i = 0; i < 20; i++) await tx.execute(whoAmI)
      const { rows } = await tx.execute(sql`select count(*)::int as count from sites`)
      return [(await tx.execute(whoAmI)).rows[0]!.role, rows[0]!.count]
    })
    await t.rejects(work, { message: 'the file broke off' })
    t.same(await seen, ['svc_tenant', 0])
    t.notOk((await sites(own)).includes('West'), 'nothing of it stands')
  })

  await t.test('imports that queue up are read between, one after the other', async (t) => {
    const first = await longWork('East')
    const second = longWork('Center')
    const page = () => call('GET', '/v1/devices', { key: viewer })
    t.equal((await page()).status, 200)
    first.letGo()
    await first.work
    const { work, letGo } = await second
    t.equal((await page()).status, 200)
    letGo()
    await work
    t.equal((await page()).status, 200)
    await t.rejects(
      database.acrossJurisdictions([other], () => database.acrossJurisdictions([other], async () => 1)),
      { message: /already open/ },
    )
  })
})

/* ---------------------------------------------------------------- stop */

/** Open connections that ask nothing more: after an answer, before a first byte, in the middle of a request's head. */
async function idleClients(address: string): Promise<Socket[]> {
  const { port } = new URL(address)
  const head = 'GET /healthz HTTP/1.1\r\nhost: x\r\n'
  const sockets: Socket[] = []
  const sends = [`${head}\r\n`, '', head]
  // A service on localhost listens on both addresses, each with a server of its own.
  for (const host of ['127.0.0.1', '::1']) {
    for (const send of [...sends, ...sends]) {
      const socket = connectSocket({ host, port: Number(port) })
      socket.on('error', () => {})
      const isThere = await once(socket, 'connect').then(
        () => true,
        () => false,
      )
      if (!isThere) continue // no IPv6 here
      socket.write(send)
      if (send === sends[0]) await once(socket, 'data')
      sockets.push(socket)
    }
  }
  return sockets
}

/** One folder for all: a first start takes its time. */
const env = { DATA_DIR: join(t.testdir(), 'db'), BOOTSTRAP_ADMIN_KEY: 'a-first-key-for-the-resilience-test' }

t.test('asked to stop, it waits for no client that asks nothing', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const service = await serveForTest(t, env)
    const sockets = await idleClients(service.address)
    t.ok(sockets.length >= 6)
    const closed = Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    )
    const askedAt = performance.now()
    const { code, stderr } = await service.end(signal)
    const millis = performance.now() - askedAt
    t.equal(code, 0)
    t.equal(stderr, '')
    // On a free machine 0.2 s; the limit for requests under way, which a wait would take, is 8 s.
    t.ok(millis < 6_000, `${signal}: ${Math.round(millis)} ms`)
    await closed
  }
})

t.test('a second signal ends it at once, though an answer is under way', async (t) => {
  const service = await serveForTest(t, env)
  const sent = request(`${service.address}/v1/jurisdictions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${env.BOOTSTRAP_ADMIN_KEY}`, 'content-type': 'application/json' },
  })
  sent.on('error', () => {})
  sent.write('{')
  // Its head has arrived when the service has taken it off the socket and closes idle ones around it.
  await until('the request is under way', async () => (await service.call('GET', '/readyz')).status === 200)
  const ended = service.end('SIGTERM')
  await pause(1_200)
  const askedAt = performance.now()
  const { code } = await service.end('SIGTERM')
  await ended
  t.equal(code, 143)
  t.ok(performance.now() - askedAt < 4_000, `within ${Math.round(performance.now() - askedAt)} ms`)
})

t.test(
  'an embedded database that stops ends the service with a reason and a code for its supervisor',
  async (t) => {
    const service = await serveForTest(t, env)
    // Whoever takes the lock away takes the folder away: writing on would damage it.
    const claims = join(env.DATA_DIR, 'lock')
    for (const name of readdirSync(claims)) rmSync(join(claims, name))
    const { code, stderr } = await service.ended
    t.equal(code, 1)
    t.match(stderr, /^The embedded database has stopped: The lock .* was removed by somebody else/m)
    t.notMatch(stderr, /^\s+at /m, 'without a stack')
    const again = await serveForTest(t, env, env.BOOTSTRAP_ADMIN_KEY)
    t.equal((await again.call('GET', '/v1/keys')).status, 200, 'and the next start finds everything')
  },
)

/* ---------------------------------------------------------------- start */

t.test(
  'a folder that cannot be used is named with what to do, and not a byte of it is changed',
  async (t) => {
    const { DATA_DIR } = env
    const file = join(
      t.testdir({ file: 'not a folder', foreign: { pgdata: { 'their.txt': 'theirs' } } }),
      'file',
    )
    const inside = (path: string) => join(DATA_DIR, 'pgdata', path)
    const control = readFileSync(inside('global/pg_control'))
    const version = readFileSync(inside('PG_VERSION'))
    const cases: readonly [what: string, dir: string, spoil: () => void, message: RegExp][] = [
      ['a file', file, () => {}, /file is no folder, or lies below a file\. Set DATA_DIR/],
      ['a path below a file', join(file, 'below'), () => {}, /is no folder, or lies below a file/],
      ['files of somebody else', join(file, '../foreign'), () => {}, /holds files and no PG_VERSION/],
      ['PG_VERSION is gone', DATA_DIR, () => rmSync(inside('PG_VERSION')), /holds files and no PG_VERSION/],
      [
        'of another version',
        DATA_DIR,
        () => writeFileSync(inside('PG_VERSION'), '12\n'),
        /was initialized by PostgreSQL version 12/,
      ],
      [
        'cut short',
        DATA_DIR,
        () => truncateSync(inside('global/pg_control'), 100),
        /could not read file "global\/pg_control"/,
      ],
      [
        'incomplete',
        DATA_DIR,
        () => rmSync(inside('global/pg_control')),
        /could not open file "global\/pg_control"/,
      ],
    ]
    for (const [what, dir, spoil, message] of cases) {
      spoil()
      const before = listing(dir)
      for (const args of [['serve'], ['keys', 'list']]) {
        const { code, stdout, stderr } = await run(args, { env: { DATA_DIR: dir, PORT: '0' } })
        const title = `${what}: ${args[0]}`
        t.equal(code, 1, title)
        t.match(stderr, message, title)
        t.match(stderr, /DATA_DIR/, `${title}: what to do`)
        t.notMatch(stderr + stdout, /^\s+at |object Object|admin key/m, title)
        t.same(listing(dir), before, `${title}: nothing was changed`)
      }
      writeFileSync(inside('global/pg_control'), control)
      writeFileSync(inside('PG_VERSION'), version)
    }
    const { code, stdout } = await run(['keys', 'list'], { env })
    t.equal(code, 0, 'with the right files in place again it opens')
    t.match(stdout, 'first admin key')
  },
)

t.test('a folder for files that cannot be used keeps the service from starting', async (t) => {
  const place = t.testdir({
    file: 'not a folder',
    jobs: { 'camledger-jobs': 'not a folder' },
    dangling: t.fixture('symlink', '/nowhere/at/all'),
  })
  // Below /proc nobody can make a folder: root is told that there is no such place, others that they may not.
  const below = (setting: string) =>
    process.getuid?.() === 0
      ? new RegExp(`cannot be made: .*Set ${setting}`)
      : new RegExp(`may not read and write /proc/camledger.*set ${setting} to another`)
  const cases: readonly [folder: string, message: RegExp][] = [
    [join(place, 'file/below'), /is no folder, or lies below a file. Set SPOOL_DIR/],
    [join(place, 'jobs'), /is no folder, or lies below a file. Set SPOOL_DIR/],
    [join(place, 'dangling'), /a link that leads nowhere. Set SPOOL_DIR/],
    ['/proc/camledger', below('SPOOL_DIR')],
  ]
  for (const [folder, message] of cases) {
    const { code, stdout, stderr } = await run(['serve'], { env: { ...env, PORT: '0', SPOOL_DIR: folder } })
    const title = folder.slice(-30)
    t.equal(code, 1, title)
    t.match(stderr, message, title)
    t.notMatch(stderr + stdout, /^\s+at |listens on/m, title)
  }
  const dir = await run(['serve'], { env: { PORT: '0', DATA_DIR: '/proc/camledger' } })
  t.match(dir, { code: 1, stderr: below('DATA_DIR') })
})

t.test('a folder of another user, or on a read-only disk, is said to be so', async (t) => {
  const cases: readonly [code: string, message: RegExp][] = [
    ['EACCES', /may not read and write .*chown/],
    ['EROFS', /mounted read-only/],
    ['ENOSPC', /no room left .*MB free.*what is stored is untouched/],
  ]
  for (const [code, message] of cases) {
    const error = explainFolder(env.DATA_DIR, Object.assign(new Error(code), { code, syscall: 'open' }))
    t.match(explain(error), { code: 1, message })
  }
  const spool = explainFolder(
    '/nowhere/spool',
    Object.assign(new Error(), { code: 'EACCES', syscall: 'mkdir' }),
    'SPOOL_DIR',
  )
  t.match(explain(spool), { code: 1, message: /may not read and write .*SPOOL_DIR/ })
  const engine = explainEngine(env.DATA_DIR, 'said: no space', systemCode({ name: 'ErrnoError', errno: 51 }))
  t.match(explain(engine), { code: 1, message: /no room left/ }, 'also when the engine finds it')
})

t.test('a start that keeps newer data than its own says so, and answers by what it keeps', async (t) => {
  const url = await ownPostgres(t)
  const here = url === null ? env : { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: env.BOOTSTRAP_ADMIN_KEY }
  const first = await serveForTest(t, here, env.BOOTSTRAP_ADMIN_KEY)
  const { output } = first
  t.notMatch(output.stdout + output.stderr, /keeps it/, 'not where the files are in force')
  await first.end('SIGTERM')
  await asOwnerOf(
    here,
    `update knowledge_versions set changes = changes || '{"release":"2999-01-01","filesDigest":"later","bytesDigest":"later"}'`,
  )
  const second = await serveForTest(t, here, env.BOOTSTRAP_ADMIN_KEY)
  await until('it is told', async () =>
    /newer law and catalog data.*version above/.test(second.output.stdout),
  )
  t.equal((await second.call('GET', '/v1/regimes')).status, 200)
  await second.end('SIGTERM')
})

t.test('a database of a later version is left alone by every command', async (t) => {
  const url = await ownPostgres(t)
  const here = url === null ? env : { DATABASE_URL: url }
  const { database } = await prepare(openConfigured(readConfig(here)), () => new Date('2026-11-24T12:00:00Z'))
  await database.close()
  const stamp = 9_999_999_999_999
  await asOwnerOf(
    here,
    `insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${stamp})`,
  )
  for (const args of [['serve'], ['keys', 'list'], ['migrate']]) {
    const variables = args[0] === 'migrate' && url !== null ? { ...here, MIGRATION_DATABASE_URL: url } : here
    const { code, stdout, stderr } = await run(args, { env: { ...variables, PORT: '0' } })
    t.equal(code, 1, args.join(' '))
    t.match(stderr, /migrated by a later version of camledger.*Start the later version/)
    t.notMatch(stderr + stdout, /^\s+at /m)
  }
  await asOwnerOf(here, `delete from drizzle.__drizzle_migrations where created_at = ${stamp}`)
})

/** Every file of the database, with its size and time of change; not those that only note who has it open. */
function listing(dir: string): string[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory()) return []
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^lock|^spool|postmaster\.pid$/.test(path) && statSync(join(dir, path)).isFile())
    .map((path) => `${path} ${statSync(join(dir, path)).size} ${statSync(join(dir, path)).mtimeMs}`)
    .sort()
}

async function asOwnerOf(here: Readonly<Record<string, string>>, statement: string): Promise<void> {
  if (here.DATABASE_URL === undefined) {
    const pool = await EmbeddedPool.open({ dataDir: here.DATA_DIR! })
    await pool.query(statement)
    return pool.end()
  }
  const owner = new pg.Client({ connectionString: here.DATABASE_URL })
  await owner.connect()
  await owner.query(statement)
  await owner.end()
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It never came to this: ${what}`)
    await pause(20)
  }
}
