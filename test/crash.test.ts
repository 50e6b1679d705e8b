/**
 * What is acknowledged stays, and nothing is left half done, however the process ends.
 *
 * Real processes and real kills, on the embedded database and, with TEST_DATABASE_URL, on PostgreSQL.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import t, { type Test } from 'tap'
import { connect } from '../src/db/connect.ts'
import { ownPostgres, run, type Service, serveForTest } from './support/processes.ts'

const KEY = 'a-first-key-for-the-test-of-crashes'
const folder = t.testdir({})

interface Place {
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  /** Asked before an import begins, gives a question: is it writing devices, though nothing is committed? */
  readonly watch: () => Promise<() => Promise<boolean>>
  /** The locks on the folder; null where there is no such thing. */
  readonly claims: () => { readonly pid: number }[] | null
}

function embedded(name: string): Place {
  const dataDir = join(folder, name)
  return {
    name: 'embedded',
    env: { DATA_DIR: dataDir, BOOTSTRAP_ADMIN_KEY: KEY },
    watch: async () => {
      const tables = join(dataDir, 'pgdata', 'base')
      const before = bytesBelow(tables)
      return async () => bytesBelow(tables) > before
    },
    claims: () =>
      readdirSync(join(dataDir, 'lock')).map((name) =>
        JSON.parse(readFileSync(join(dataDir, 'lock', name), 'utf8')),
      ),
  }
}

async function postgres(t: Test): Promise<Place | null> {
  const url = await ownPostgres(t)
  if (url === null) return null
  const watcher = new pg.Client({ connectionString: url })
  await watcher.connect()
  watcher.on('error', () => {}) // the database is dropped under it at the end
  t.teardown(() => watcher.end().catch(() => {}))
  return {
    name: 'PostgreSQL',
    env: { DATABASE_URL: url, BOOTSTRAP_ADMIN_KEY: KEY },
    // Not the size of the table: the rows of an earlier import that was cut off leave room in it.
    watch: async () => async () => {
      const { rows } = await watcher.query(`
        select 1 from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
        where l.relation = 'devices_pkey'::regclass and l.mode = 'RowExclusiveLock' and l.granted`)
      return rows.length > 0
    },
    claims: () => null,
  }
}

function bytesBelow(path: string): number {
  let bytes = 0
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
  }
  return bytes
}

const MAKERS = ['Hikvision', 'Dahua', 'Axis', 'Pelco', 'Quillfeather', '']
const HEADER = 'Asset Tag,Manufacturer,Model,Serial Number\n'
const csvRow = (tag: string, i: number) => `${tag}-${i},${MAKERS[i % MAKERS.length]},M-${i % 7},S${tag}${i}\n`
function csv(tag: string, rows: number): string {
  return HEADER + Array.from({ length: rows }, (_, i) => csvRow(tag, i)).join('')
}

/** Send a file, of which the caller writes the bytes. */
function openImport(service: Service, jurisdictionId: string, source: string) {
  const sent = request(`${service.address}/v1/imports?jurisdictionId=${jurisdictionId}&source=${source}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'text/csv' },
  })
  const status = new Promise<number | null>((resolve) => {
    sent.on('error', () => resolve(null))
    sent.on('response', (answer) => {
      answer.resume()
      answer.on('error', () => {})
      resolve(answer.statusCode!)
    })
  })
  return { sent, status }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It never came to this: ${what}`)
    await pause(20)
  }
}

interface Listed {
  readonly id: string
  readonly assetTag: string
  readonly maker: string | null
}

/** Every device the service tells of, after checking that its totals say the same. */
async function devicesOf(t: Test, service: Service, jurisdictionId: string): Promise<Listed[]> {
  const devices: Listed[] = []
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await service.call('GET', `/v1/devices?jurisdictionId=${jurisdictionId}&limit=1000${after}`)
    t.equal(page.status, 200)
    for (const { id, assetTag, identification } of page.body.items) {
      devices.push({ id, assetTag, maker: identification.maker })
    }
    cursor = page.body.nextCursor
  } while (cursor !== null)
  const summary = await service.call('GET', `/v1/summary?groupBy=maker&jurisdictionId=${jurisdictionId}`)
  const counted = new Map<string | null, number>()
  for (const { maker } of devices) counted.set(maker, (counted.get(maker) ?? 0) + 1)
  t.equal(summary.body.totalDevices, devices.length, 'the totals count every device')
  t.same(
    new Map(
      summary.body.items.map((item: { group: { maker: string | null }; devices: number }) => [
        item.group.maker,
        item.devices,
      ]),
    ),
    counted,
    'and count them by maker as the list does',
  )
  return devices
}

/** `profiles.device_count` against the devices themselves, and that of one city there is nothing. */
async function checkStored(t: Test, place: Place, emptyCity: string): Promise<void> {
  const database = await connect({
    databaseUrl: place.env.DATABASE_URL,
    poolSize: 1,
    dataDir: place.env.DATA_DIR ?? null,
  })
  try {
    const { rows } = await database.acrossJurisdictions('all', (tx) =>
      tx.execute<{ devices: number; counted: number; wrong: number; halves: number; unwanted: number }>(sql`
        select (select count(*)::int from devices) as devices,
          (select count(*)::int from devices where jurisdiction_id = ${emptyCity}::uuid) as unwanted, sum(c.told)::int as counted,
          count(*) filter (where c.told <> c.there)::int as wrong,
          (select count(*)::int from imports where bytes = 0) as halves
        from (select p.device_count as told, (select count(*) from devices d
          where d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id) as there from profiles p) c`),
    )
    const [found] = rows
    t.equal(found!.counted, found!.devices, 'the counts of all profiles sum to the devices')
    t.equal(found!.wrong, 0, 'and each is right')
    t.equal(found!.halves, 0, 'no import is without its facts')
    t.equal(found!.unwanted, 0, 'nothing of the import that was cut off was kept')
  } finally {
    await database.close()
  }
}

async function city(service: Service, name: string): Promise<string> {
  const made = await service.call('POST', '/v1/jurisdictions', { body: { name, state: 'IL' } })
  return made.body.id
}

async function survivesKills(t: Test, place: Place): Promise<void> {
  const ROWS = 4_500
  /** Takes some seconds. */
  const MANY_ROWS = 40_000
  const spool = t.testdir({})
  let service = await serveForTest(t, { ...place.env, SPOOL_DIR: spool }, KEY)
  const again = async () => {
    service = await serveForTest(t, { ...place.env, SPOOL_DIR: spool }, KEY)
  }
  const importUnderWay = async (jurisdictionId: string, tag: string, rows: number) => {
    const isWriting = await place.watch()
    const underWay = openImport(service, jurisdictionId, tag)
    underWay.sent.end(csv(tag, rows))
    await until('the unfinished import writes rows', isWriting)
    return underWay
  }
  const filesWaiting = () =>
    readdirSync(spool, { recursive: true, encoding: 'utf8' }).filter((name) => /spool-[^/]+\/\d+$/.test(name))

  await t.test('a first key that was given works and is not printed', async (t) => {
    t.equal((await service.call('GET', '/v1/keys')).status, 200)
    t.match(service.output.stdout, 'as given in BOOTSTRAP_ADMIN_KEY')
    t.notMatch(service.output.stdout + service.output.stderr, KEY)
  })

  await t.test('killed in the middle of an import, nothing of it is there', async (t) => {
    const id = await city(service, 'Springfield')
    const { status } = await importUnderWay(id, 'half', MANY_ROWS)
    const { signal } = await service.end('SIGKILL')
    t.equal(signal, 'SIGKILL')
    t.equal(await status, null, 'nobody was told that it worked')
    const left = place.claims()
    await again()
    t.same(await devicesOf(t, service, id), [])
    await until('its file is removed', async () => filesWaiting().length === 0)
    const imports = await service.call('GET', `/v1/imports?jurisdictionId=${id}`)
    t.same(imports.body.items, [])
    if (left === null) return
    t.equal(left.length, 1, 'the killed process left its lock')
    t.same(
      place.claims()!.map(({ pid }) => pid),
      [service.pid],
      'and the next one took it over',
    )
  })

  await t.test('killed while the last of it is stored, an import is whole or absent', async (t) => {
    const id = await city(service, 'Shelbyville')
    const { status } = await importUnderWay(id, 'last', ROWS)
    await Promise.race([status, pause(100)])
    await service.end('SIGKILL')
    const told = await status
    await again()
    const devices = await devicesOf(t, service, id)
    t.ok([0, ROWS].includes(devices.length), `${devices.length} rows, the answer was ${told}`)
    if (told === 201) t.equal(devices.length, ROWS)
  })

  await t.test('killed as soon as an import got its 201, it is whole', async (t) => {
    const id = await city(service, 'Ogdenville')
    const { sent, status } = openImport(service, id, 'whole')
    sent.end(csv('whole', ROWS))
    t.equal(await status, 201)
    await service.end('SIGKILL')
    await again()
    t.equal((await devicesOf(t, service, id)).length, ROWS)
    const repeated = await service.call('POST', `/v1/imports?jurisdictionId=${id}&source=whole`, {
      body: csv('whole', ROWS),
      type: 'text/csv',
    })
    t.match(repeated.body.report.counts, { created: 0, updated: 0, unchanged: ROWS, rejected: 0 })
  })

  await t.test('killed in the middle of single writes, every acknowledged one is there', async (t) => {
    const id = await city(service, 'North Haverbrook')
    const acknowledged: string[] = []
    const statuses = new Set<number>()
    let sent = 0
    const write = async () => {
      for (;;) {
        const i = sent++
        const body = {
          jurisdictionId: id,
          assetTag: `N-${i}`,
          manufacturer: MAKERS[i % MAKERS.length] || null,
          model: `M-${i % 7}`,
        }
        const answer = await service.call('POST', '/v1/devices', { body }).catch(() => null)
        if (answer === null) return
        statuses.add(answer.status)
        acknowledged.push(answer.body.id)
        // Not waited for: the writers go on until they notice.
        if (acknowledged.length === 100) void service.end('SIGKILL')
      }
    }
    await Promise.all([write(), write(), write(), write()])
    await service.ended
    await again()
    const devices = await devicesOf(t, service, id)
    const there = new Set(devices.map((device) => device.id))
    t.same([...statuses], [201])
    t.same(
      acknowledged.filter((one) => !there.has(one)),
      [],
      'nothing acknowledged is missing',
    )
    t.ok(devices.length <= acknowledged.length + 4, 'and nothing is there that was not sent')
    const audit = await service.call('GET', `/v1/audit-events?jurisdictionId=${id}&limit=1000`)
    t.same(
      audit.body.items
        .filter(({ action }: { action: string }) => action === 'device.create')
        .map(({ target }: { target: string }) => target)
        .sort(),
      [...there].sort(),
      'each device has its audit entry, and each entry its device',
    )
  })

  await t.test('a second process on the same folder is refused, and the first goes on', async (t) => {
    if (place.claims() === null) return
    const { code, stderr } = await run(['serve'], { env: { ...place.env, PORT: '0' } })
    t.equal(code, 1)
    t.match(stderr, `The data directory ${place.env.DATA_DIR} is in use by process ${service.pid} `)
    t.notMatch(stderr, /^\s+at /m, 'without a stack')
    t.equal((await service.call('GET', '/readyz')).status, 200)
  })

  await t.test('asked to stop, it answers what is under way and ends with 0', async (t) => {
    const id = await city(service, 'Brockway')
    const { status } = await importUnderWay(id, 'stop', ROWS)
    const ended = service.end('SIGTERM')
    await until('no new connection is taken', async () => {
      return fetch(`${service.address}/healthz`).then(
        () => false,
        () => true,
      )
    })
    t.equal(await status, 201, 'the import under way was answered')
    const answeredAt = Date.now()
    const { code, signal, stderr } = await ended
    t.equal(code, 0)
    t.equal(signal, null)
    t.equal(stderr, '')
    t.ok(Date.now() - answeredAt < 15_000, `within some seconds: ${Date.now() - answeredAt} ms`)
    if (place.claims() !== null) t.same(place.claims(), [], 'an orderly end leaves no lock')
    await again()
    t.equal((await devicesOf(t, service, id)).length, ROWS)
  })

  await t.test('asked to stop while a sender has stalled, it does not wait forever', async (t) => {
    const id = await city(service, 'Capital City')
    const { sent, status } = openImport(service, id, 'stalled')
    sent.write(csv('stalled', ROWS))
    await until('the file is being taken in', async () => filesWaiting().length > 0)
    const askedAt = Date.now()
    const { code } = await service.end('SIGTERM')
    t.equal(code, 0)
    t.ok(Date.now() - askedAt < 25_000, `within some seconds: ${Date.now() - askedAt} ms`)
    t.not(await status, 201)
    t.same(filesWaiting(), [], 'and leaves no file')
    await checkStored(t, place, id)
  })
}

t.test('on the embedded database', (t) => survivesKills(t, embedded('register')))

t.test('on PostgreSQL', { skip: process.env.TEST_DATABASE_URL === undefined }, async (t) => {
  const place = await postgres(t)
  await survivesKills(t, place!)
})

t.test(
  'several processes that start at once on an empty PostgreSQL database all come up',
  { skip: process.env.TEST_DATABASE_URL === undefined },
  async (t) => {
    const url = await ownPostgres(t)
    const env = { DATABASE_URL: url! }
    const services = await Promise.all(Array.from({ length: 4 }, () => serveForTest(t, env)))
    const keys = services.flatMap(({ printedKey }) => printedKey ?? [])
    t.equal(keys.length, 1, 'and one of them made the first key')
    for (const service of services) {
      const answer = await service.call('GET', '/v1/keys', { key: keys[0]! })
      t.equal(answer.status, 200)
      t.equal(answer.body.items.length, 1)
      t.equal((await service.call('GET', '/readyz')).status, 200)
    }
    const ends = await Promise.all(services.map((service) => service.end('SIGTERM')))
    t.same(
      ends.map(({ code }) => code),
      [0, 0, 0, 0],
    )
  },
)

t.test('the first start prints a key once; it works, and no later start prints one', async (t) => {
  const env = { DATA_DIR: join(folder, 'first') }

  // The port is taken: the key must not be lost with this start.
  const other = createServer()
  other.listen(0, 'localhost')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const failed = await run(['serve'], { env: { ...env, PORT: String(port), LOG_LEVEL: 'silent' } })
  other.close()
  t.equal(failed.code, 1)
  t.equal(failed.stderr.trim(), `Port ${port} is in use; set PORT to another.`)
  t.notMatch(failed.stdout, 'clk_')

  const first = await serveForTest(t, env)
  t.type(first.printedKey, 'string')
  t.equal((await first.call('GET', '/v1/keys')).status, 200)
  t.equal((await first.end('SIGTERM')).code, 0)

  const second = await serveForTest(t, { ...env, BOOTSTRAP_ADMIN_KEY: KEY }, KEY)
  t.equal(second.printedKey, null)
  t.notMatch(second.output.stdout, 'admin key')
  t.notMatch(second.output.stdout + second.output.stderr, KEY, 'a given key is never printed')
  t.equal((await second.call('GET', '/v1/keys')).status, 401, 'nor does a late one become a key')
  t.equal((await second.call('GET', '/v1/keys', { key: first.printedKey! })).status, 200)
})

t.test('a wrong environment is one message that names every wrong variable', async (t) => {
  const { code, stdout, stderr } = await run(['serve'], {
    env: {
      PORT: '80a',
      DATABASE_URL: 'mysql://somebody:secret-word@example.test/x',
      LOG_LEVEL: 'loud',
      BOOTSTRAP_ADMIN_KEY: 'short',
      RATE_LIMIT_PER_MINUTE: '-1',
      DATABASE_POOL_SIZE: '0',
      TRUST_PROXY: 'maybe',
    },
  })
  t.equal(code, 1)
  t.equal(stdout, '')
  t.same(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.trim()),
    [
      'The environment is not usable:',
      'PORT: must be a whole number from 0 to 65535',
      'DATABASE_URL: must start with postgres:// or postgresql://',
      'DATABASE_POOL_SIZE: must be a whole number from 1 to 500',
      'BOOTSTRAP_ADMIN_KEY: must have at least 32 characters; make one with: openssl rand -hex 24',
      'LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent',
      'RATE_LIMIT_PER_MINUTE: must be a whole number from 0 to 999999999',
      'TRUST_PROXY: must be true, false or the number of proxies, 1 to 9',
    ],
  )
})

t.test('a database that cannot be reached is one message, without its password', async (t) => {
  const cases: [url: string, message: RegExp][] = [
    ['postgres://camledger:secret-word@127.0.0.1:1/x', /^Nothing answers at the address/],
    ['postgres://camledger:secret-word@no-such-host.invalid/x', /^Nothing answers at the address/],
    ['postgres://camledger:secret word#@127.0.0.1:5432:5432/x', /DATABASE_URL: must be a URL/],
  ]
  for (const [url, message] of cases) {
    const { code, stderr } = await run(['serve'], { env: { DATABASE_URL: url, PORT: '0' } })
    t.equal(code, 1)
    t.match(stderr, message)
    t.notMatch(stderr, 'secret')
    t.notMatch(stderr, /^\s+at /m)
  }
})
