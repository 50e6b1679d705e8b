/** Who did what: entries name who it was, and form a chain in which nothing can be changed unseen. */
import { sql } from 'drizzle-orm'
import t from 'tap'
import { CHAIN_START, type EntryText, entryHash } from '../src/audit-chain.ts'
import type { Tx } from '../src/db/database.ts'
import { auditRisks } from '../src/db/privileges.ts'
import { harness } from './support/harness.ts'
import { ownLogin, ownPostgres, run, serveForTest } from './support/processes.ts'

const h = await harness(t)
const city = await h.jurisdiction({ name: 'Chainville' })
const editor = await h.key('city-editor', city)
const odd = 'Añb "quoted" \\ \n 7:x 😀'

t.test('an entry names the key by its label, also after the key is revoked', async (t) => {
  const made = await h.call('POST', '/v1/keys', {
    body: { label: 'Public Works, night shift', role: 'city-editor', jurisdictionId: city },
  })
  const { key, id } = made.body
  t.equal((await h.call('POST', '/v1/sites', { key, body: { name: odd } })).status, 201)
  t.equal((await h.call('DELETE', `/v1/keys/${id}`)).status, 200)
  const { body } = await h.call('GET', '/v1/audit-events?action=site.create', { key: editor })
  t.match(body.items, [{ actor: id, actorLabel: 'Public Works, night shift', actorRole: 'city-editor' }])
})

t.test('an entry shows its place in the chain, and anybody can work out its hash', async (t) => {
  for (const name of ['North', 'South']) await h.call('POST', '/v1/sites', { key: editor, body: { name } })
  const { body } = await h.call('GET', '/v1/audit-events', { key: editor })
  t.same(
    body.items.map(({ sequence }: { sequence: number }) => sequence),
    [3, 2, 1],
    'newest first, without a gap',
  )
  const { rows } = await h.database.acrossJurisdictions([city], (tx) =>
    tx.execute<EntryText & { sequence: number; [column: string]: unknown }>(sql`
      select e.jurisdiction_id::text as "jurisdictionId", e.id::text as id,
        to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.actor, e.actor_label as "actorLabel",
        e.actor_role as "actorRole", e.action, e.target, e.detail::text as detail, e.request_id as "requestId",
        e.remote_address as "remoteAddress"
      from audit_events e order by e.id`),
  )
  let hash = CHAIN_START
  for (const [at, row] of rows.entries()) {
    hash = entryHash(hash, at + 1, row)
    t.equal(body.items[2 - at].hash, hash)
  }
})

/** What somebody with the password of the service's login could try. */
const ATTACKS = [
  'truncate audit_events',
  'truncate audit_chain',
  'truncate audit_heads',
  'delete from audit_events',
  "update audit_events set action = 'x'",
  'delete from audit_chain',
  'update audit_chain set sequence = 9',
  "insert into audit_chain values ('CITY', 99, gen_random_uuid(), repeat('0', 64))",
  'update audit_heads set sequence = 0',
  'delete from audit_heads',
  'drop table audit_events',
  'drop schema public cascade',
  'drop policy audit_events_read on audit_events',
  'create policy everything on audit_events for all using (true)',
  'alter table audit_events disable row level security',
  'alter table audit_events no force row level security',
  'alter table audit_events disable trigger audit_events_chain',
  'alter table audit_events add column note text',
  'alter table audit_events owner to current_user',
  'drop trigger audit_events_chain on audit_events',
  'create trigger again after insert on audit_events for each row execute function audit_append_new()',
  'create rule nothing as on insert to audit_events do instead nothing',
  "create function audit_field(text, text) returns text language sql as 'select 1::text'",
  'create or replace function audit_append_new() returns trigger language plpgsql security definer as $$ begin return null; end $$',
  'alter function audit_append_new() owner to current_user',
  'select audit_append(e) from audit_events e',
  'create table public.more (id integer)',
  'create schema elsewhere',
  'grant "OWNER" to current_user',
  'set role "OWNER"',
  'set session authorization "OWNER"',
  'alter role current_user superuser',
  'alter role current_user bypassrls',
  'create role another',
  'set session_replication_role = replica',
  "select set_config('session_replication_role', 'replica', true)",
  "copy audit_events to program 'cat'",
  "copy (select 1) to '/tmp/camledger-audit-attack'",
  "copy audit_events (action) from '/etc/hostname'",
  'lock table audit_heads in access exclusive mode',
  'alter database "DATABASE" set row_security = off',
]

const isServer = process.env.TEST_DATABASE_URL !== undefined

t.test(
  'nothing that the login of the service may do touches an entry or its place in the chain',
  { skip: isServer ? false : 'the embedded database has one user, who owns everything' },
  async (t) => {
    const { rows } = await h.asOwner('select current_user as owner, current_database() as database')
    const names = rows[0]
    t.same(await h.database.asOperator(auditRisks), [], 'the login has no right that is worth a warning')
    const kept = async () => {
      const found =
        await h.asOwner(`select count(*)::int as entries, md5(string_agg(e::text, '' order by id)) as digest,
        (select md5(string_agg(c::text, '' order by c)) from audit_chain c) as chain,
        (select md5(string_agg(h::text, '' order by h)) from audit_heads h) as heads,
        (select string_agg(relname || relacl::text || relrowsecurity, ' ' order by relname) from pg_class where relname like 'audit_%') as rights
        from audit_events e`)
      return found.rows
    }
    const before = await kept()
    for (const text of ATTACKS) {
      const attack = text
        .replace('OWNER', String(names.owner))
        .replace('DATABASE', String(names.database))
        .replace('CITY', city)
      const attempt = (first: string) => async (tx: Tx) => {
        if (first !== '') await tx.execute(sql.raw(first))
        await tx.execute(sql.raw(attack))
      }
      for (const first of ['', 'reset role', 'set role none', 'set session authorization default']) {
        await t.rejects(h.database.asOperator(attempt(first)), `${first}; ${attack} as the operator's role`)
        await t.rejects(
          h.database.inJurisdiction(city, attempt(first)),
          `${first}; ${attack} as a city's role`,
        )
      }
    }
    // Of a right that one has not, PostgreSQL grants nothing and only warns.
    await h.database.asOperator((tx) => tx.execute(sql`grant update on audit_events to svc_operator`))
    t.same(await kept(), before)
  },
)

t.test('a temporary table of the same name takes no entry away from the real one', async (t) => {
  const count = async () =>
    (await h.asOwner('select count(*)::int as n from public.audit_events')).rows[0].n as number
  const before = await count()
  await h.database.asOperator((tx) =>
    tx.execute(sql.raw('create temporary table audit_events (like public.audit_events)')),
  )
  const made = await h.call('POST', '/v1/sites', { key: editor, body: { name: 'Shadow' } })
  t.equal(made.status, 201)
  t.equal(await count(), before + 1)
  await h.database.asOperator((tx) => tx.execute(sql.raw('drop table pg_temp.audit_events')))
})

t.test(
  'the tables are made by their owner, and the service that works as another user is warned of nothing',
  { skip: isServer ? false : 'the embedded database has one user, who owns everything' },
  async (t) => {
    const owner = (await ownPostgres(t))!
    const unprotected = await serveForTest(t, { DATABASE_URL: owner })
    t.match(unprotected.output.stdout, /audit +NOT protected[\s\S]*owns the tables[\s\S]*Owner and login/)
    t.match(
      unprotected.output.stdout,
      /"level":40.*the database user of the service could change the audit trail/,
    )
    t.equal((await unprotected.call('GET', '/readyz')).status, 200)
    t.equal((await unprotected.end('SIGTERM')).code, 0)

    const fresh = (await ownPostgres(t))!
    const early = await ownLogin(t, fresh)
    const refused = await run(['serve'], { env: { DATABASE_URL: early, PORT: '0' } })
    t.equal(refused.code, 1)
    t.match(refused.stderr, /^The database needs \d+ migrations, which .* Run "camledger migrate"/)

    const migrated = await run(['migrate'], { env: { DATABASE_URL: early, MIGRATION_DATABASE_URL: fresh } })
    t.equal(migrated.code, 0, migrated.stderr)
    t.match(migrated.stdout, /cannot change or remove any/)
    const service = await serveForTest(t, { DATABASE_URL: early })
    t.notMatch(service.output.stdout, /NOT protected|could change/)
    t.equal((await service.call('GET', '/v1/audit-events')).body.items[0].sequence > 0, true)

    const lost = await run(['serve'], { env: { MIGRATION_DATABASE_URL: fresh, PORT: '0' } })
    t.equal(lost.code, 1)
    t.match(lost.stderr, 'MIGRATION_DATABASE_URL is set and DATABASE_URL is not')
  },
)
