import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import pg from 'pg'
import t from 'tap'
import { acquireLock, DirectoryInUseError } from '../src/db/embedded/lock.ts'
import { EmbeddedPool, SessionBusyError } from '../src/db/embedded/pool.ts'
import { seedDataDir, seedKey } from '../src/db/embedded/seed.ts'

const MIGRATION = `
    create table city (id integer primary key, name text not null constraint city_name_unique unique);
    create table camera (
      jurisdiction_id integer not null constraint camera_city_fk references city,
      id bigint not null,
      serial text not null,
      cost numeric(12, 2) constraint cost_is_positive check (cost > 0),
      bought date,
      seen timestamptz,
      primary key (jurisdiction_id, id)
    );
    alter table camera enable row level security;
    alter table camera force row level security;
    create role svc_tenant nologin;
    grant select, insert, update, delete on camera to svc_tenant;
    create policy camera_of_jurisdiction on camera
      using (jurisdiction_id = current_setting('app.jurisdiction_id')::integer)
      with check (jurisdiction_id = current_setting('app.jurisdiction_id')::integer);
    insert into city values (1, 'Springfield'), (2, 'Shelbyville');
    insert into camera (jurisdiction_id, id, serial) values (1, 1, 'S-1'), (1, 2, 'S-2'), (2, 1, 'Z-1');
`

// One cold start for the whole file: everything else begins from what it saved.
const folder = t.testdir({
  migrations: { '0000_start.sql': MIGRATION },
  cache: { 'seed-0123456789abcdef.tar.gz': 'an older one' },
})
const migrationsDir = join(folder, 'migrations')
const cacheDir = join(folder, 'cache')
let migrations = 0
const migrate = async (pool: EmbeddedPool): Promise<void> => {
  migrations += 1
  await pool.query(MIGRATION)
}
const seed = await seedDataDir({ cacheDir, migrationsDir, migrate })
const pool = await EmbeddedPool.open({ dataDir: null, loadDataDir: seed, acquireTimeoutMillis: 1_500 })
t.teardown(() => pool.end())

const camera = pgTable('camera', {
  jurisdictionId: integer('jurisdiction_id').notNull(),
  id: bigint('id', { mode: 'number' }).notNull(),
  serial: text('serial').notNull(),
  bought: date('bought'),
  seen: timestamp('seen', { withTimezone: true }),
})

/** The error a promise is rejected with. */
async function errorOf<E = pg.DatabaseError>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise
  } catch (error) {
    return error as E
  }
  throw new Error('It should have been rejected.')
}

t.test('values come back as pg returns them from a server', async (t) => {
  // Checked once against PostgreSQL 15 through pg 8.23.1; the types that differ in raw PGlite come first.
  const cases: [expression: string, expected: unknown][] = [
    ['count(*)', '1'],
    ['12345678901::int8', '12345678901'],
    ['sum(3)', '3'],
    ['6.70::numeric', '6.70'],
    ["array['1', '2']::int8[]", ['1', '2']],
    ['array[1.5]::numeric[]', [1.5]],
    ['1::int2', 1],
    ['2.5::float8', 2.5],
    ['true', true],
    ['null::int', null],
    ["'y'::char(3)", 'y  '],
    ['\'{a,NULL,"b c"}\'::text[]', ['a', null, 'b c']],
    ['\'{"a":[1,null]}\'::jsonb', { a: [1, null] }],
    ["'\\x00ff'::bytea", Buffer.from([0, 255])],
    ["date '2024-02-29'", new Date(2024, 1, 29)],
    ["timestamp '2024-02-29 12:34:56.789'", new Date(2024, 1, 29, 12, 34, 56, 789)],
    ["timestamptz '2024-02-29 12:34:56.789+02'", new Date('2024-02-29T10:34:56.789Z')],
    ["time '10:11:12'", '10:11:12'],
    ["'infinity'::timestamptz", Number.POSITIVE_INFINITY],
    ["'3e1f5a50-0000-4000-8000-000000000001'::uuid", '3e1f5a50-0000-4000-8000-000000000001'],
    ["'[1,5)'::int4range", '[1,5)'],
  ]
  for (const [expression, expected] of cases) {
    const { rows } = await pool.query(`select ${expression} as value`)
    t.same(rows, [{ value: expected }], expression)
  }
  const asText = await pool.query({
    text: `select date '2024-02-29' as day, 5::int8 as id`,
    rowMode: 'array',
    types: { getTypeParser: () => (value: string) => `as is: ${value}` },
  } as pg.QueryArrayConfig)
  t.same(asText.rows, [['as is: 2024-02-29', 'as is: 5']], 'unless the query brings its own parsers')
  t.equal(asText.fields[1]?.dataTypeID, pg.types.builtins.INT8)
})

t.test('parameters arrive as pg sends them', async (t) => {
  const values = [
    'ü€😀\'"\\',
    Buffer.from([0, 1, 255]),
    new Date('2026-03-04T05:06:07.089Z'),
    { a: [1, null, 'x'] },
    [1, null, 3],
    ['a"b', 'c\\d', null, '{}'],
    [{ a: 1 }],
    null,
    undefined,
    false,
    9007199254740993n,
  ]
  const { rows } = await pool.query(
    `select $1::text a, $2::bytea b, $3::timestamptz c, $4::jsonb d, $5::int[] e, $6::text[] f,
      $7::jsonb[] g, $8::text h, $9::int i, $10::bool j, $11::int8 k`,
    values,
  )
  t.same(Object.values(rows[0]), [...values.slice(0, 8), null, false, '9007199254740993'])
})

t.test(
  'several statements in one text are answered by an array, a failing one undoes them all',
  async (t) => {
    const results = (await pool.query(
      "begin; set local app.jurisdiction_id = '7'; select current_setting('app.jurisdiction_id') as id; commit",
    )) as unknown as pg.QueryResult[]
    t.same(
      results.map((result) => result.command),
      ['BEGIN', 'SET', 'SELECT', 'COMMIT'],
    )
    t.same(results[2]?.rows, [{ id: '7' }])
    t.same((await pool.query('')).rows, [])
    await t.rejects(pool.query("insert into city values (3, 'Ogdenville'); select 1/0"), { code: '22012' })
    t.equal((await pool.query('select 1 from city where id = 3')).rowCount, 0)
  },
)

t.test('errors are those of pg, with the names by which problems are told apart', async (t) => {
  const cases: [statement: string, expected: Record<string, string>][] = [
    [
      "insert into city values (9, 'Springfield')",
      {
        code: '23505',
        constraint: 'city_name_unique',
        table: 'city',
        schema: 'public',
        detail: 'Key (name)=(Springfield) already exists.',
        severity: 'ERROR',
        routine: '_bt_check_unique',
      },
    ],
    [
      "insert into camera values (5, 1, 'x')",
      { code: '23503', constraint: 'camera_city_fk', table: 'camera' },
    ],
    ["insert into camera values (1, 9, 'x', -1)", { code: '23514', constraint: 'cost_is_positive' }],
    ['insert into city values (9, null)', { code: '23502', table: 'city', column: 'name' }],
    ['select missing from city', { code: '42703', position: '8' }],
    ["select 'x'::int", { code: '22P02', position: '8' }],
    ['copy city from stdin', { code: '57014', severity: 'ERROR' }],
  ]
  for (const [statement, expected] of cases) {
    const error = await errorOf(pool.query(statement))
    t.ok(error instanceof pg.DatabaseError)
    t.match(error, expected, statement)
  }
  t.same((await pool.query('select 1 as a')).rows, [{ a: 1 }], 'and cost nothing')
})

t.test('a named statement is prepared once and survives an error', async (t) => {
  const client = await pool.connect()
  const named = (value: unknown) =>
    client.query({ name: 'double', text: 'select $1::int * 2 as n', values: [value] })
  t.equal((await named(2)).rows[0].n, 4)
  await t.rejects(named('x'), { code: '22P02' })
  t.equal((await named(3)).rows[0].n, 6)
  const prepared = await client.query(
    "select generic_plans + custom_plans as n from pg_prepared_statements where name = 'double'",
  )
  t.equal(prepared.rows[0].n, '2')
  await t.rejects(client.query({ name: 'none', text: 'select * from missing' }), { code: '42P01' })
  t.equal((await client.query({ name: 'none', text: 'select 1 as n' })).rows[0].n, 1)
  client.release()
})

t.test('callers get the one session in the order in which they asked', async (t) => {
  await pool.query('create sequence turn')
  const holder = await pool.connect()
  const enterLane = async (use: 'pool' | 'client'): Promise<number> => {
    const client = use === 'client' ? await pool.connect() : pool
    const { rows } = await client.query(`select nextval('turn')::int as turn`)
    if (client !== pool) (client as pg.PoolClient).release()
    return rows[0].turn
  }
  const waiting = [enterLane('client'), enterLane('pool'), enterLane('client'), enterLane('pool')]
  t.equal(
    (await holder.query(`select nextval('turn')::int as turn`)).rows[0].turn,
    1,
    'nobody comes in between',
  )
  holder.release()
  t.same(await Promise.all(waiting), [2, 3, 4, 5])
  t.throws(() => holder.release(), /released already/)
})

t.test('a client given back inside of a transaction is rolled back', async (t) => {
  for (const failing of [false, true]) {
    const client = await pool.connect()
    await client.query('begin')
    await client.query("insert into city values (4, 'Capital City')")
    if (failing) await t.rejects(client.query('select 1/0'))
    client.release()
    t.equal((await pool.query('select 1 from city where id = 4')).rowCount, 0)
  }
  const forgetful = await pool.connect()
  await forgetful.query('begin')
  const unanswered = forgetful.query("insert into city values (4, 'Capital City')")
  forgetful.release()
  t.equal((await pool.query('select 1 from city where id = 4')).rowCount, 0, 'also with a query on its way')
  await unanswered
})

t.test('a query on the pool from inside a transaction fails in time instead of hanging', async (t) => {
  const client = await pool.connect()
  await client.query('begin')
  const error = await errorOf<SessionBusyError>(pool.query('select 1'))
  t.ok(error instanceof SessionBusyError)
  t.match(error, { code: 'session-busy', message: /one session.*1500 ms.*inside a transaction/ })
  await client.query('commit')
  client.release()
  t.equal((await pool.query('select 1 as a')).rowCount, 1)
})

t.test(
  'a query past its limit fails, its transaction is undone, and the event loop stays free',
  async (t) => {
    const started = performance.now()
    const client = await pool.connect()
    pool.statementTimeoutMillis = 150
    await client.query('begin')
    await client.query("insert into city values (5, 'North Haverbrook')")
    const error = await errorOf(client.query('select pg_sleep(0.8)'))
    t.match(error, { code: '57014', severity: 'ERROR', message: /limit of 150 ms.*stays busy/ })
    t.ok(error instanceof pg.DatabaseError)
    t.match(await errorOf(client.query('commit')), { code: '57014' }, 'nothing of it can be committed')
    t.ok(performance.now() - started < 600, 'the caller does not wait for the engine')
    client.release()
    pool.statementTimeoutMillis = 0
    t.equal((await pool.query('select 1 from city where id = 5')).rowCount, 0)
    t.ok(performance.now() - started > 750, 'the next caller does')

    pool.statementTimeoutMillis = 100
    await t.rejects(pool.query('select pg_sleep(0.3)'), { code: '57014' })
    pool.statementTimeoutMillis = 0
    t.same((await pool.query('select 1 as a')).rows, [{ a: 1 }])

    let beats = 0
    const heart = setInterval(() => {
      beats += 1
    }, 10)
    await pool.query('select pg_sleep(0.3)')
    clearInterval(heart)
    t.ok(beats > 3, `${beats} beats in 300 ms`)
  },
)

t.test('an answer of many megabytes arrives whole', async (t) => {
  const { rows } = await pool.query("select i, repeat('x', 100) as t from generate_series(1, 30000) i")
  t.equal(rows.length, 30_000)
  t.ok(rows.every((row, index) => row.i === index + 1 && row.t.length === 100))
})

t.test('drizzle runs over it as over pg, with row security under a role that is no superuser', async (t) => {
  const db = drizzle(pool, { schema: { camera } })
  t.equal((await db.select().from(camera)).length, 3, 'the superuser sees all')

  const inJurisdiction = <T>(
    id: number,
    work: (tx: Parameters<Parameters<typeof db.transaction>[0]>[0]) => Promise<T>,
  ) =>
    db.transaction(async (tx) => {
      await tx.execute(sql.raw(`set local role svc_tenant; set local app.jurisdiction_id = '${id}'`))
      return work(tx)
    })
  const seen = await inJurisdiction(1, (tx) =>
    tx.select({ serial: camera.serial }).from(camera).orderBy(camera.id),
  )
  t.same(seen, [{ serial: 'S-1' }, { serial: 'S-2' }])
  t.same(await inJurisdiction(2, (tx) => tx.query.camera.findMany({ columns: { serial: true } })), [
    { serial: 'Z-1' },
  ])

  const refused = await errorOf<Error>(
    inJurisdiction(2, (tx) => tx.insert(camera).values({ jurisdictionId: 1, id: 9, serial: 'stolen' })),
  )
  t.match(refused.cause, { code: '42501' })
  const state = await pool.query(
    `select current_user as role, nullif(current_setting('app.jurisdiction_id', true), '') as id`,
  )
  t.same(state.rows, [{ role: 'postgres', id: null }], 'role and jurisdiction end with the transaction')

  const unset = await errorOf<Error>(
    db.transaction(async (tx) => {
      await tx.execute(sql`set local role svc_tenant`)
      return tx.select().from(camera)
    }),
  )
  t.match(unset.cause, { code: /^(42704|22P02)$/ }, 'no jurisdiction is an error, not an empty list')

  const instant = new Date('2026-05-06T07:08:09.123Z')
  await inJurisdiction(1, async (tx) => {
    await tx
      .insert(camera)
      .values({ jurisdictionId: 1, id: 10, serial: 'S-10', bought: '2025-01-31', seen: instant })
    await t.rejects(
      tx.transaction(async (inner) => {
        await inner.update(camera).set({ serial: 'changed' }).where(eq(camera.id, 10))
        throw new Error('undo the savepoint only')
      }),
    )
  })
  const [stored] = await db.select().from(camera).where(eq(camera.id, 10))
  t.match(stored, { serial: 'S-10', bought: '2025-01-31', seen: instant, id: 10 })
  t.equal(await db.$count(camera), 4)

  const byId = db
    .select()
    .from(camera)
    .where(eq(camera.id, sql.placeholder('id')))
    .prepare('camera_by_id')
  for (const id of [1, 2, 10]) t.ok((await byId.execute({ id })).length > 0)

  const duplicate = await errorOf<Error>(
    inJurisdiction(1, (tx) => tx.insert(camera).values({ jurisdictionId: 1, id: 10, serial: 'S-10' })),
  )
  t.match(duplicate.cause, { code: '23505', constraint: 'camera_pkey' })
})

t.test('maintenance runs when the session is idle and leaves statistics', async (t) => {
  const client = await pool.connect()
  t.equal(await pool.maintain(), null)
  client.release()
  await pool.query(`create table heap as select i from generate_series(1, 1000) i`)
  await pool.query('delete from heap where i > 400')
  pool.statementTimeoutMillis = 5
  const tables = await pool.maintain()
  pool.statementTimeoutMillis = 0
  t.ok(tables !== null && tables > 3)
  t.same((await pool.query(`select reltuples as n from pg_class where relname = 'heap'`)).rows, [{ n: 400 }])
})

t.test('a saved data directory is made once for each set of migrations', async (t) => {
  const name = `seed-${await seedKey(migrationsDir)}.tar.gz`
  t.same(readdirSync(cacheDir), [name], 'older ones are gone')
  t.equal(await seedDataDir({ cacheDir, migrationsDir, migrate }), join(cacheDir, name))
  t.equal(migrations, 1)
  const before = await seedKey(migrationsDir)
  writeFileSync(join(migrationsDir, '0001_next.sql'), 'select 1;')
  t.not(await seedKey(migrationsDir), before)
  rmSync(join(migrationsDir, '0001_next.sql'))
  t.equal(await seedKey(migrationsDir), before)
})

t.test('a folder keeps its rows, and is begun again only when its first start was cut short', async (t) => {
  const dataDir = join(folder, 'kept')
  // What a process killed during its first start leaves behind.
  mkdirSync(join(dataDir, 'pgdata'), { recursive: true })
  writeFileSync(join(dataDir, 'pgdata', 'PG_VERSION'), '18\n')
  writeFileSync(join(dataDir, 'pgdata.incomplete'), '')

  const first = await EmbeddedPool.open({ dataDir, loadDataDir: seed })
  await first.query("insert into city values (6, 'Cypress Creek')")
  const slow = first.query("select pg_sleep(0.2), 'done' as state")
  const closing = first.end()
  await t.rejects(first.query('select 1'), /closing/)
  t.equal((await slow).rows[0].state, 'done', 'end() waits for queries')
  await closing
  await t.rejects(first.end(), /closing already/)
  t.same(readdirSync(join(dataDir, 'lock')), [])

  const again = await EmbeddedPool.open({ dataDir, loadDataDir: seed, closeTimeoutMillis: 100 })
  t.equal((await again.query('select 1 from city where id = 6')).rowCount, 1)
  const endless = errorOf<Error>(again.query('select pg_sleep(20)'))
  const started = performance.now()
  await again.end()
  t.ok(performance.now() - started < 3_000, 'but not forever')
  t.match(await endless, { name: 'DatabaseStoppedError', message: /closed while in use/ })
  await t.rejects(again.query('select 1'), /closing/)
})

t.test(
  'when somebody takes the lock away, the database stops before it can write beside another',
  async (t) => {
    const dataDir = join(folder, 'fenced')
    const fenced = await EmbeddedPool.open({ dataDir, loadDataDir: seed })
    await fenced.query('select 1')
    const reported = once(fenced, 'error')
    rmSync(join(dataDir, 'lock'), { recursive: true })
    t.match((await reported)[0], { message: /lock .* was removed/ })
    t.match(await errorOf<Error>(fenced.query('select 1')), { name: 'DatabaseStoppedError' })
    await fenced.end()
  },
)

t.test('closing with a transaction left open ends in time and harms nobody', async (t) => {
  const held = await EmbeddedPool.open({ dataDir: null, loadDataDir: seed, closeTimeoutMillis: 50 })
  const client = await held.connect()
  await client.query('begin')
  await held.end()
  t.match(await errorOf<Error>(client.query('commit')), { message: /connection error|closed/ })
  client.release()
})

t.test('a folder that is no database is refused with the reason, and not kept locked', async (t) => {
  const dataDir = join(folder, 'broken')
  mkdirSync(join(dataDir, 'pgdata'), { recursive: true })
  writeFileSync(join(dataDir, 'pgdata', 'PG_VERSION'), '12\n')
  const error = await errorOf<Error>(EmbeddedPool.open({ dataDir }))
  t.match(error, { name: 'DataFolderError', message: /damaged, incomplete or of another version/ })
  t.same(readdirSync(join(dataDir, 'lock')), [])
})

/** A process that runs this text as a module with the pool and the lock imported; its output by line. */
function start(script: string): {
  child: ChildProcess
  lines: string[]
  line: (match: RegExp) => Promise<string>
} {
  const from = (file: string) => new URL(`../src/db/embedded/${file}.js`, import.meta.url).href
  const text = `
    const openPool = async (options) => (await import('${from('pool')}')).EmbeddedPool.open(options)
    const { acquireLock } = await import('${from('lock')}')
    ${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let rest = ''
  const read = (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    child.emit('line')
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const line = async (match: RegExp) => {
    for (;;) {
      const found = lines.find((candidate) => match.test(candidate))
      if (found !== undefined) return found
      if (child.exitCode !== null) throw new Error(`The child ended: ${lines.join('\n')}`)
      await Promise.race([once(child, 'line'), once(child, 'exit').then(() => pause(50))])
    }
  }
  return { child, lines, line }
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

t.test('nothing is printed, and after end() the process ends by itself', async (t) => {
  const { child, lines } = start(`
    const pool = await openPool({ dataDir: null, loadDataDir: ${JSON.stringify(seed)} })
    await pool.query("do $$ begin raise notice 'hello'; raise warning 'look'; end $$")
    await pool.query('select * from missing').catch(() => {})
    await pool.query('checkpoint')
    await pool.end()
    console.log('ended')`)
  const [code] = await once(child, 'close')
  t.same([code, lines], [0, ['ended']])
})

t.test('rows acknowledged before a kill -9 are there after it', async (t) => {
  const dataDir = join(folder, 'killed')
  let acknowledged = 0
  for (const rowsBeforeKill of [1, 160]) {
    const { child, lines, line } = start(`
      const pool = await openPool(${JSON.stringify({ dataDir, loadDataDir: seed })})
      const { rows } = await pool.query('select coalesce(max(id), 0)::int as id from camera where jurisdiction_id = 1')
      for (let id = rows[0].id + 1; ; id += 1) {
        await pool.query('insert into camera (jurisdiction_id, id, serial) values (1, $1, $2)', [id, 'K' + id])
        process.stdout.write('stored ' + id + '\\n')
        if (id % 50 === 0) await pool.query('checkpoint')
      }`)
    await line(/stored/)
    while (lines.length < rowsBeforeKill) await once(child, 'line')
    await kill(child)
    acknowledged = Number(
      lines
        .filter((text) => text.startsWith('stored '))
        .at(-1)
        ?.split(' ')[1],
    )
    t.comment(`${acknowledged} rows acknowledged when killed`)
  }
  const reopened = await EmbeddedPool.open({ dataDir })
  const { rows } = await reopened.query(
    'select count(*)::int as n, max(id)::int as last from camera where jurisdiction_id = 1 and id <= $1',
    [acknowledged],
  )
  t.same(rows, [{ n: acknowledged, last: acknowledged }])
  await reopened.end()
})

t.test('of processes that start at once one gets the folder, and after its kill -9 the next', async (t) => {
  const dir = join(folder, 'contested')
  mkdirSync(dir)
  // Kept until killed; a refusal ends the process. Nothing but the lock, so that they start close together.
  const contender = `
    const keep = setInterval(() => {}, 1000)
    await acquireLock(${JSON.stringify(dir)}).then(
      () => console.log('holds'),
      (error) => { console.log('refused ' + error.code + ' ' + error.message); clearInterval(keep) })`
  for (let round = 1; round <= 2; round += 1) {
    const started = [start(contender), start(contender), start(contender)]
    const outcomes = await Promise.all(started.map((one) => one.line(/^(holds|refused)/)))
    const winners = started.filter((_, index) => outcomes[index] === 'holds')
    t.equal(winners.length, 1, `round ${round}: exactly one`)
    const pid = winners[0]?.child.pid
    for (const outcome of outcomes.filter((text) => text !== 'holds')) {
      t.match(
        outcome,
        `refused data-directory-in-use The data directory ${dir} is in use by process ${pid} on ${hostname()}`,
      )
    }
    const error = await errorOf<Error>(EmbeddedPool.open({ dataDir: dir }))
    t.ok(error instanceof DirectoryInUseError)
    t.match(error.message, /Stop that process.*another folder.*delete .*lock/)
    await kill(winners[0]!.child)
  }
  t.equal(readdirSync(join(dir, 'lock')).length, 1, 'the dead one left its claim')
  const lock = await acquireLock(dir)
  t.equal(readdirSync(join(dir, 'lock')).length, 1)
  lock.release()
  t.same(readdirSync(join(dir, 'lock')), [])
})

t.test('a claim is judged by its process here, and by its touches when it is from elsewhere', async (t) => {
  const times = { touchMillis: 40, watchMillis: 250 }
  const dir = join(folder, 'claims')
  mkdirSync(dir)
  const mine = await acquireLock(dir, times)
  await t.rejects(
    acquireLock(dir, times),
    { code: 'data-directory-in-use' },
    'also a second time in one process',
  )
  const [own] = readdirSync(join(dir, 'lock'))
  const template = JSON.parse(readFileSync(join(dir, 'lock', own!), 'utf8'))
  const lost = new Promise<Error>((resolve) => mine.onLost(resolve))
  rmSync(join(dir, 'lock', own!))
  t.match((await lost).message, /removed by somebody else/, 'the owner notices that its claim is gone')

  const path = join(dir, 'lock', 'other.claim')
  const claim = (changes: object) => writeFileSync(path, JSON.stringify({ ...template, ...changes }))
  const isFree = async () => {
    const lock = await acquireLock(dir, times).catch(() => null)
    lock?.release()
    return lock !== null
  }
  claim({ startTicks: '1' })
  t.ok(await isFree(), 'the pid was given to another process since')
  claim({ pid: 2 ** 22 + 1 })
  t.ok(await isFree(), 'no such process')
  claim({ boot: 'another start of the machine', host: 'elsewhere', pid: 1 })
  t.ok(await isFree(), 'from elsewhere, and nobody touches it')
  claim({ pidNamespace: 'pid:[another container]', pid: 1 })
  let second = 1
  const owner = setInterval(() => utimesSync(path, second, second++), 40)
  t.notOk(await isFree(), 'from elsewhere, and its owner is alive')
  clearInterval(owner)
  t.ok(await isFree(), 'until it is not any more')
})
