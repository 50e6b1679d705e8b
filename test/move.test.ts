/** From the embedded database to PostgreSQL: everything, as it was, also when it takes two attempts. */
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import t from 'tap'
import { connect } from '../src/db/connect.ts'
import { openDatabase } from '../src/db/database.ts'
import { EmbeddedPool } from '../src/db/embedded/pool.ts'
import { seedDataDir } from '../src/db/embedded/seed.ts'
import { move } from '../src/db/move/move.ts'
import { movedTables } from '../src/db/move/tables.ts'
import { CACHE, MIGRATIONS } from '../src/server/paths.ts'
import { harness, openTestDatabase } from './support/harness.ts'
import { launch, ownPostgres, run, serveForTest } from './support/processes.ts'

// A start takes its time on a busy machine.
t.setTimeout(1_200_000)

const noPostgres = process.env.TEST_DATABASE_URL === undefined && 'there is no PostgreSQL to move to'

t.test('every table of the database is moved, after those that it refers to', async (t) => {
  const { database, drop } = await openTestDatabase()
  t.teardown(drop)
  const tables = movedTables()
  const names = tables.map(({ name }) => name)
  const { rows } = await database.asOperator((tx) =>
    tx.execute<{ name: string; columns: string[]; after: string[] | null }>(sql`
      select c.relname as name,
        (select array_agg(a.attname::text order by a.attname) from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
        (select array_agg(r.relname::text) from pg_constraint f join pg_class r on r.oid = f.confrelid
          where f.conrelid = c.oid and f.contype = 'f') as after
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`),
  )
  t.same([...names].sort(), rows.map(({ name }) => name).sort())
  for (const { name, columns, after } of rows) {
    const table = tables.find((one) => one.name === name)!
    t.same(table.columns.map((column) => column.name).sort(), [...columns].sort(), `${name}: every column`)
    t.ok(table.key.length > 0, `${name} has a key to go on after`)
    for (const other of after ?? [])
      t.ok(names.indexOf(other) < names.indexOf(name), `${name} comes after ${other}`)
  }
})

const socketOf = (client: pg.Client) =>
  (client as unknown as { connection: { stream: Socket } }).connection.stream

/** A register in a folder, with something in most tables. */
async function registerIn(t: Parameters<typeof harness>[0], dataDir: string) {
  const seed = await seedDataDir({
    cacheDir: CACHE,
    migrationsDir: MIGRATIONS,
    migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
  })
  const opened = connect({ databaseUrl: undefined, poolSize: 1, dataDir, seed }).then((database) => ({
    database,
    asOwner: () => Promise.reject(new Error('not here')),
    drop: async () => {},
  }))
  const h = await harness(t, { opened })
  const city = await h.jurisdiction({ name: 'Movington "\\ Ünï' })
  const key = await h.key('city-editor', city)
  const rows = Array.from(
    { length: 400 },
    (_, i) => `T-${i},${i % 3 ? 'Hikvision' : 'Axis'},M-${i % 7},Plaza ${i % 9}\n`,
  )
  const post = async (url: string, body: unknown, headers: Record<string, string> = {}) => {
    const reply = await h.call('POST', url, { key, body, headers })
    if (reply.status >= 300) throw new Error(`${url}: ${reply.status} ${reply.text}`)
    return reply.body
  }
  const csv = { 'content-type': 'text/csv' }
  await post(
    '/v1/imports?source=feed',
    `Asset Tag,Manufacturer,Model,Site\n${rows.join('')}T-x,Axis,,\nT-x,Axis,,\n`,
    csv,
  )
  await post(
    '/v1/imports?source=feed',
    `Asset Tag,Manufacturer,Model,Site\n${rows.join('').replaceAll('M-3', 'M-33')}`,
    csv,
  )
  const { items } = (await h.call('GET', '/v1/devices?limit=3', { key })).body
  await post('/v1/sites', { name: 'O\'Brien \\ "{NULL}", 😀\ttab' }, { 'idempotency-key': 'once' })
  // More than a page of what is numbered: nine comes before ten.
  for (let n = 0; n < 70; n++) await post('/v1/sites', { name: `Yard ${n}` })
  const plan = await post('/v1/plans', { name: 'Way out', settings: { trials: 1000 } })
  await post(`/v1/plans/${plan.id}/devices`, {
    deviceIds: items.map(({ id }: { id: string }) => id),
    costCode: 'CAM-BULLET',
  })
  await post(`/v1/plans/${plan.id}/estimate`, undefined)
  await post('/v1/firmware-releases', {
    maker: 'axis',
    models: ['M-1'],
    firmwareVersion: '10.12.1',
    sha256: 'ab'.repeat(32),
    obtainedOn: '2026-11-01',
    source: 'portal',
    jurisdictionId: city,
  })
  const devices = (await h.call('GET', '/v1/devices?limit=500', { key })).body.items
  const history = (await h.call('GET', `/v1/devices/${items[0].id}/history`, { key })).body
  const audit = (await h.call('GET', '/v1/audit-events?limit=100', { key })).body.items
  await h.app.close()
  await h.database.close()
  return { key, devices, history, audit, first: items[0].id as string }
}

t.test(
  'a register is moved whole, also by a run that goes on after another was killed',
  { skip: noPostgres },
  async (t) => {
    const dataDir = t.testdir({})
    const before = await registerIn(t, dataDir)
    const url = (await ownPostgres(t))!
    const env = { DATA_DIR: dataDir, DATABASE_URL: url }
    const owner = new pg.Client({ connectionString: url })
    owner.on('error', () => {}) // the database is dropped under it at the end
    await owner.connect()
    t.teardown(() => owner.end().catch(() => {}))

    // Held up before the devices by a lock of somebody else, and killed there.
    const made = await connect({ databaseUrl: url, poolSize: 1, dataDir: null })
    await made.migrate(MIGRATIONS)
    await made.close()
    await owner.query('begin; lock table devices in share mode')
    const cut = launch(['move'], env)
    for (;;) {
      const { rows } = await owner.query(
        "select 1 from pg_locks where not granted and relation = 'devices'::regclass",
      )
      if (rows.length > 0) break
      const ended = await Promise.race([cut.ended, pause(20, null)])
      if (ended !== null) throw new Error(`It was not held up: ${ended.stdout}${ended.stderr}`)
    }
    const meanwhile = await run(['move', '--check'], { env })
    t.equal(meanwhile.code, 1)
    t.match(meanwhile.stderr, /is in use by process[\s\S]*Move while the service is stopped/)
    cut.kill('SIGKILL')
    await cut.ended
    await owner.query("commit; set app.jurisdictions = '*'")
    const { rows } = await owner.query('select count(*)::int as sites from sites')
    t.ok(rows[0].sites > 9, 'it was in the middle of it')

    // Cut off in the middle of a table.
    const source = await EmbeddedPool.open({ dataDir })
    const target = new pg.Client({ connectionString: url })
    target.on('error', () => {})
    await target.connect()
    await t.rejects(
      move(source, target, {
        doing: () => {},
        rows: (table, copied, of) => {
          if (table === 'devices' && copied > 0 && copied < of) socketOf(target).destroy()
        },
      }),
    )
    await source.end()
    const devices = (await owner.query('select count(*)::int as n from devices')).rows[0].n
    t.ok(devices > 0 && devices < before.devices.length, `${devices} devices came over`)

    const early = await run(['serve'], { env: { DATABASE_URL: url, PORT: '0' } })
    t.equal(early.code, 1)
    t.match(early.stderr, /^A move into this database has begun and has not ended/)

    const moved = await run(['move'], { env })
    t.equal(moved.code, 0, moved.stdout + moved.stderr)
    t.match(moved.stdout, /^An earlier run had brought over \d+ rows/m)
    t.match(moved.stdout, /^Moved: the same \d+ rows in \d+ tables on both sides\.$/m)
    t.match(moved.stdout, /^Audit trail: \d+ entries in 2 chains, all as they were written\.$/m)

    const verified = await Promise.all(
      [{ DATABASE_URL: url }, { DATA_DIR: dataDir }].map((env) =>
        run(['audit', 'verify', '--json'], { env }),
      ),
    )
    t.same(
      verified.map(({ code }) => code),
      [0, 0],
    )
    t.same(
      JSON.parse(verified[0]!.stdout),
      JSON.parse(verified[1]!.stdout),
      'the chains are the same on both sides',
    )
    t.equal((await run(['move', '--check'], { env })).code, 0)

    const again = await run(['move'], { env })
    t.equal(again.code, 1)
    t.match(again.stderr, /^The target is not empty: it has rows in /)

    const service = await serveForTest(t, { DATABASE_URL: url }, before.key)
    t.equal(service.printedKey, null, 'the keys have come over')
    t.same((await service.call('GET', '/v1/devices?limit=500')).body.items, before.devices)
    t.same((await service.call('GET', `/v1/devices/${before.first}/history`)).body, before.history)
    t.same((await service.call('GET', '/v1/audit-events?limit=100')).body.items, before.audit)
    t.equal((await service.call('POST', '/v1/sites', { body: { name: 'New' } })).status, 201)
    await service.end('SIGTERM')
    const differs = await run(['move', '--check'], { env })
    t.equal(differs.code, 1)
    t.match(differs.stdout, /^DIFFERENT {2}sites has \d+ rows, and \d+ in the target$/m)
  },
)

t.test('what cannot be moved as it is, is refused', { skip: noPostgres }, async (t) => {
  const url = (await ownPostgres(t))!
  const dataDir = t.testdir({})
  t.match(await run(['move'], { env: { DATA_DIR: dataDir, DATABASE_URL: url } }), {
    code: 1,
    stderr: /^There is no register in /,
  })
  t.match(await run(['move'], { env: { DATA_DIR: dataDir } }), {
    code: 2,
    stderr: /^Name the database to move to/,
  })

  const pool = await EmbeddedPool.open({
    dataDir,
    loadDataDir: await seedDataDir({
      cacheDir: CACHE,
      migrationsDir: MIGRATIONS,
      migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
    }),
  })
  await pool.query('create table of_somebody_else (id integer primary key)')
  await pool.end()
  const env = { DATA_DIR: dataDir, DATABASE_URL: url }
  t.match(await run(['move'], { env }), { code: 1, stderr: /knows nothing of the tables of_somebody_else/ })

  const older = await EmbeddedPool.open({ dataDir })
  await older.query(
    'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
  )
  await older.end()
  t.match(await run(['move'], { env }), {
    code: 1,
    stderr: /DATA_DIR is of an earlier version: run "camledger migrate"/,
  })
})
