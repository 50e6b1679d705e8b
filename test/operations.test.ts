/** What an operator relies on: the documents, the container files and the first start. */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { parse } from 'yaml'
import { openDatabase } from '../src/db/database.ts'
import { seedDataDir } from '../src/db/embedded/seed.ts'
import { readConfig } from '../src/server/config.ts'
import { openConfigured } from '../src/server/open-database.ts'
import { CACHE, MIGRATIONS } from '../src/server/paths.ts'
import { prepare } from '../src/server/prepare.ts'
import { openTestDatabase } from './support/harness.ts'

// A first start takes its time on a busy machine.
t.setTimeout(1_200_000)

const root = fileURLToPath(import.meta.resolve('#root/package.json')).replace(/package\.json$/, '')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every variable the service asks for. */
function variables(): string[] {
  const asked: string[] = []
  readConfig(new Proxy({}, { get: (_, name) => void asked.push(String(name)) }))
  return asked
}

t.test('docs/operations.md names every environment variable with its default, and no other', async (t) => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|/gm)]
  const defaults = readConfig({}) as Readonly<Record<string, unknown>>
  // A choice of several that is empty is written `off`.
  const written = (value: unknown) =>
    value === undefined ? null : Array.isArray(value) && value.length === 0 ? 'off' : String(value)
  t.same(
    Object.fromEntries(rows.map(([, name, value]) => [name, value ?? null])),
    Object.fromEntries(variables().map((name) => [name, written(defaults[name])])),
  )
})

interface Compose {
  readonly services: Record<string, { readonly environment: Record<string, string> }>
}

t.test('a secret that is given has 32 to 200 characters', async (t) => {
  for (const name of ['BOOTSTRAP_ADMIN_KEY', 'METRICS_TOKEN']) {
    for (const [length, isTaken] of [
      [31, false],
      [32, true],
      [200, true],
      [201, false],
    ] as const) {
      const read = () => readConfig({ [name]: 'k'.repeat(length) })
      if (isTaken) t.doesNotThrow(read, `${name} of ${length}`)
      else
        t.throws(read, { message: new RegExp(`${name}: must have at (least|most)`) }, `${name} of ${length}`)
    }
  }
})

t.test('docker-compose.yml sets only what the service reads, and has no secret of its own', async (t) => {
  const { services } = parse(read('docker-compose.yml')) as Compose
  const known = variables()
  for (const name of Object.keys(services.camledger!.environment)) t.ok(known.includes(name), name)
  const secrets = Object.values(services)
    .flatMap(({ environment }) => Object.entries(environment))
    .filter(([name]) => /PASSWORD|KEY|DATABASE_URL/.test(name))
  t.ok(secrets.length >= 4)
  for (const [name, value] of secrets) t.match(value, /\$\{[A-Z_]+:\?[^}]+\}/, `${name} must be given`)
})

t.test('a first start begins from the seed, and a second start finds what the first left', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'camledger-start-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  await seedDataDir({
    cacheDir: CACHE,
    migrationsDir: MIGRATIONS,
    migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
  })
  const config = readConfig({ DATA_DIR: dataDir })
  const now = () => new Date('2026-11-24T12:00:00Z')
  for (const start of ['first', 'second']) {
    const { database, knowledge } = await prepare(openConfigured(config), now)
    t.equal(database.kind, 'embedded')
    t.equal(knowledge.version, 1, `the ${start} start knows the reference data once`)
    await database.close()
  }
})

t.test('an upgrade keeps what the rules said of each profile', async (t) => {
  const { database, drop } = await openTestDatabase({ migrated: false })
  t.teardown(drop)
  const folder = mkdtempSync(join(tmpdir(), 'camledger-upgrade-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(MIGRATIONS, folder, { recursive: true })
  const journal = join(folder, 'meta/_journal.json')
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { idx: number }[] }
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.filter(({ idx }) => idx <= 7) }))
  await database.migrate(folder)

  const cities = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002']
  const profile = (n: number) => `01900000-0000-4000-8000-00000000000${n}`
  for (const city of cities) {
    await database.asOperator((tx) =>
      tx.execute(sql`insert into jurisdictions (id, name, country, kind, fiscal_year_start_month, timezone, currency,
        version, created_at, updated_at) values (${city}::uuid, ${city}, 'US', 'city', 7, 'UTC', 'USD', 1, now(), now())`),
    )
    await database.inJurisdiction(city, async (tx) => {
      for (const [n, outcome] of [
        [1, 'prohibited'],
        [2, 'prohibited'],
        [3, 'permitted'],
      ] as const) {
        const findings = outcome === 'prohibited' ? '[{"outcome":"prohibited"}]' : '[]'
        await tx.execute(sql`insert into profiles (jurisdiction_id, id, facts, identification, findings, outcomes,
          headline, identification_status, needs_review, confidence, knowledge_version, jurisdiction_version, as_of,
          evaluated_at) values (${city}::uuid, ${profile(n)}::uuid, '{}', '{}', ${findings},
          ${JSON.stringify({ 'ndaa-889-b/procure': outcome })}::jsonb, '{}', 'resolved', false, 1, 1, 1, '2026-11-24', now())`)
        if (outcome === 'prohibited') {
          await tx.execute(sql`insert into profile_findings (jurisdiction_id, profile_id, regime_id, activity, outcome)
            values (${city}::uuid, ${profile(n)}::uuid, 'ndaa-889-b', 'procure', ${outcome})`)
        }
      }
    })
  }
  const hash = (key: string) => createHash('sha256').update(key).digest('hex')
  const keys = [
    ['clk_abcd', 'clk_abcdefghijklmnop', 'clk_abcd'],
    ['open-ses', 'open-sesame', 'given'],
    ['clk_wxyz', 'clk_wxyz', 'given'],
  ] as const
  for (const [prefix, key] of keys) {
    await database.asOperator((tx) =>
      tx.execute(sql`insert into api_keys (id, prefix, key_hash, label, role, created_at, created_by)
        values (gen_random_uuid(), ${prefix}, ${hash(key)}, 'key', 'admin', now(), 'test')`),
    )
  }
  await database.migrate(MIGRATIONS)
  for (const [, key, shown] of keys) {
    const found = await database.asOperator((tx) =>
      tx.execute<{ prefix: string }>(sql`select prefix from api_keys where key_hash = ${hash(key)}`),
    )
    t.equal(found.rows[0]!.prefix, shown, 'of a key that a person chose nothing is shown any more')
  }
  const { rows } = await database.acrossJurisdictions('all', (tx) =>
    tx.execute<Record<string, unknown>>(sql`
      select p.jurisdiction_id::text as city, p.id::text as id, a.findings, a.outcomes,
        (select json_agg(array[f.regime_id, f.activity, f.outcome]) from answer_findings f
          where f.jurisdiction_id = p.jurisdiction_id and f.answer_id = p.answer_id) as rows
      from profiles p join answers a on a.jurisdiction_id = p.jurisdiction_id and a.id = p.answer_id order by 1, 2`),
  )
  t.same(
    rows,
    cities.flatMap((city) =>
      [1, 2, 3].map((n) => ({
        city,
        id: profile(n),
        findings: n === 3 ? '[]' : '[{"outcome":"prohibited"}]',
        outcomes: { 'ndaa-889-b/procure': n === 3 ? 'permitted' : 'prohibited' },
        rows: n === 3 ? null : [['ndaa-889-b', 'procure', 'prohibited']],
      })),
    ),
  )
  const { rows: counts } = await database.acrossJurisdictions('all', (tx) =>
    tx.execute(sql`select count(*)::int as answers from answers`),
  )
  t.same(counts, [{ answers: 4 }], 'two for each city, shared by its profiles')
})
