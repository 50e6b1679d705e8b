/** Who did what: entries name who it was, and form a chain in which nothing can be changed unseen. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import t from 'tap'
import type { Tx } from '../src/db/database.ts'
import { EmbeddedPool } from '../src/db/embedded/pool.ts'
import { auditRisks } from '../src/db/privileges.ts'
import { OPERATOR_ID } from '../src/lib/ids.ts'
import { type NotedEntry, OPERATOR } from '../src/tenancy/audit.ts'
import {
  CHAIN_START,
  type EntryText,
  entryHash,
  type Finding,
  type Head,
} from '../src/tenancy/audit-chain.ts'
import { verifyAudit } from '../src/tenancy/audit-verify.ts'
import { readEntries } from '../src/tenancy/read-entries.ts'
import { harness } from './support/harness.ts'
import { ownLogin, ownPostgres, run, serveForTest } from './support/processes.ts'

// A start takes its time on a busy machine.
t.setTimeout(1_200_000)

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
    t.equal((await unprotected.call('GET', '/readyz')).status, 200)
    const { code, stdout } = await unprotected.end('SIGTERM')
    t.equal(code, 0)
    t.match(stdout, /audit +NOT protected[\s\S]*owns the tables[\s\S]*Owner and login/)
    t.match(stdout, /"level":40.*the database user of the service could change the audit trail/)

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

/** Statements of somebody who owns the database, for a chain whose entries are 1 to 6. */
interface Tampered {
  readonly name: string
  readonly by: string
  readonly found: readonly {
    readonly kind: string
    readonly sequence: number | null
    readonly entryId?: string
  }[]
  /** What the heads that were kept at 3 and at 6 show, beside that. */
  readonly anchored: boolean
}

/** Works the chain out anew from a place on, as one could who can write the tables. */
const rehash = (jurisdictionId: string, from: number) => `
  do $$ declare link record; entry audit_events; previous text;
  begin
    for link in select * from audit_chain where jurisdiction_id = '${jurisdictionId}' and sequence >= ${from} order by sequence loop
      select hash into previous from audit_chain where jurisdiction_id = link.jurisdiction_id and sequence = link.sequence - 1;
      select * into entry from audit_events e where e.jurisdiction_id = link.jurisdiction_id and e.id = link.event_id;
      update audit_chain set hash = audit_hash(coalesce(previous, repeat('0', 64)), link.sequence, entry)
        where jurisdiction_id = link.jurisdiction_id and sequence = link.sequence;
    end loop;
    update audit_heads h set sequence = c.sequence, hash = c.hash from
      (select * from audit_chain where jurisdiction_id = '${jurisdictionId}' order by sequence desc limit 1) c
      where h.jurisdiction_id = c.jurisdiction_id;
  end $$`

const verified = async (anchors: readonly Head[] = []) => {
  const findings: Finding[] = []
  const kept = Readable.from(anchors.map((head) => ({ ...head, keptAt: null })))
  const result = await verifyAudit(h.database, kept, (finding) => findings.push(finding))
  t.equal(result.findings, findings.length)
  return { ...result, found: findings }
}

t.test('whatever the owner of the database does to an entry is found, and the entry is named', async (t) => {
  const of = await h.jurisdiction({ name: 'Ownerton' })
  const key = await h.key('city-editor', of)
  const heads: Head[] = []
  for (let n = 1; n <= 6; n++) {
    await h.call('POST', '/v1/sites', { key, body: { name: `Site ${n}` } })
    const { body } = await h.call('GET', '/v1/audit-heads', { key })
    t.match(body.items, [{ jurisdictionId: of, sequence: n }])
    heads.push(body.items[0])
  }
  const anchors = [heads[2]!, heads[5]!]
  const { body } = await h.call('GET', '/v1/audit-events', { key })
  const id = (sequence: number): string => body.items[6 - sequence].id
  const mine = `jurisdiction_id = '${of}'`
  const event = (sequence: number) => `${mine} and id = '${id(sequence)}'`
  const link = (sequence: number) => `${mine} and sequence = ${sequence}`
  const more = '01900000-0000-7000-8000-00000000000f'
  const copy = (at: number) =>
    `insert into audit_events select jurisdiction_id, '${more}', at, actor, actor_role, action, target, detail, request_id,
      remote_address, actor_label from audit_events where ${event(at)}`

  const attacks: readonly Tampered[] = [
    { name: 'nothing', by: 'select 1', found: [], anchored: false },
    ...[
      "target = 'x'",
      'target = null',
      "detail = detail || '{}' || '{\"a\": 1}'",
      "actor_label = 'somebody else'",
      "at = at - interval '1 microsecond'",
      "remote_address = '10.0.0.1'",
    ].map((change) => ({
      name: `changed: ${change}`,
      by: `update audit_events set ${change} where ${event(4)}`,
      found: [{ kind: 'changed', sequence: 4, entryId: id(4) }],
      anchored: false,
    })),
    {
      name: 'an entry of the middle removed, its link left',
      by: `delete from audit_events where ${event(4)}`,
      found: [{ kind: 'removed', sequence: 4, entryId: id(4) }],
      anchored: false,
    },
    {
      name: 'an entry of the middle removed with its link',
      by: `delete from audit_events where ${event(4)}; delete from audit_chain where ${link(4)}`,
      found: [{ kind: 'removed', sequence: 4 }],
      anchored: false,
    },
    {
      name: 'the first two removed with their links',
      by: `delete from audit_events where ${mine} and id <= '${id(2)}'; delete from audit_chain where ${mine} and sequence <= 2`,
      found: [{ kind: 'removed', sequence: 1 }],
      anchored: false,
    },
    {
      name: 'the last removed with its link',
      by: `delete from audit_events where ${event(6)}; delete from audit_chain where ${link(6)}`,
      found: [{ kind: 'removed', sequence: 6 }],
      anchored: true,
    },
    {
      name: 'the last removed, and the head set back',
      by: `delete from audit_events where ${event(6)}; delete from audit_chain where ${link(6)};
        update audit_heads h set sequence = 5, hash = c.hash from audit_chain c where h.${mine} and c.${mine} and c.sequence = 5`,
      found: [],
      anchored: true,
    },
    {
      name: 'all of it removed',
      by: ['audit_events', 'audit_chain', 'audit_heads']
        .map((table) => `delete from ${table} where ${mine}`)
        .join('; '),
      found: [],
      anchored: true,
    },
    {
      name: 'the head removed',
      by: `delete from audit_heads where ${mine}`,
      found: [{ kind: 'removed', sequence: 6 }],
      anchored: false,
    },
    {
      name: 'the head has another hash',
      by: `update audit_heads set hash = repeat('0', 64) where ${mine}`,
      found: [{ kind: 'changed', sequence: 6 }],
      anchored: false,
    },
    {
      name: 'two entries in each other’s places',
      by: `update audit_chain set event_id = '${more}' where ${link(2)};
        update audit_chain set event_id = '${id(2)}' where ${link(5)}; update audit_chain set event_id = '${id(5)}' where ${link(2)}`,
      found: [
        { kind: 'moved', sequence: 2, entryId: id(5) },
        { kind: 'moved', sequence: 5, entryId: id(2) },
      ],
      anchored: false,
    },
    {
      name: 'an entry put in',
      by: copy(3),
      found: [{ kind: 'inserted', sequence: null, entryId: more }],
      anchored: false,
    },
    {
      name: 'an entry put in with a link at the end',
      by: `${copy(3)}; insert into audit_chain select jurisdiction_id, 7, id, audit_hash((select hash from audit_chain where ${link(6)}), 7, e)
        from audit_events e where id = '${more}'`,
      found: [{ kind: 'inserted', sequence: 7 }],
      anchored: false,
    },
    {
      name: 'an entry put in the place of another',
      by: `${copy(3)}; delete from audit_events where ${event(4)}; update audit_chain set event_id = '${more}' where ${link(4)}`,
      found: [{ kind: 'changed', sequence: 4, entryId: more }],
      anchored: false,
    },
    {
      name: 'an entry changed, and all after it worked out anew',
      by: `update audit_events set target = 'x' where ${event(4)}; ${rehash(of, 4)}`,
      found: [],
      anchored: true,
    },
    {
      name: 'an entry taken out, and all after it worked out anew',
      by: `delete from audit_events where ${event(2)}; delete from audit_chain where ${link(2)};
        update audit_chain set sequence = sequence - 11 where ${mine} and sequence > 2;
        update audit_chain set sequence = sequence + 10 where ${mine} and sequence < 0; ${rehash(of, 2)}`,
      found: [],
      anchored: true,
    },
  ]
  const tables = ['audit_events', 'audit_chain', 'audit_heads']
  await h.asOwner(tables.map((table) => `create table kept_${table} as select * from ${table}`).join('; '))
  for (const { name, by, found, anchored } of attacks) {
    await h.asOwner(by)
    const alone = await verified()
    const expected = found.map((one) => ({ ...one, jurisdictionId: of }))
    t.match(alone.found, expected, name)
    t.equal(alone.found.length, expected.length, name)
    const compared = await verified(anchors)
    t.equal(compared.anchors, 2)
    t.equal(
      compared.found.some(({ kind }) => kind === 'rewritten'),
      anchored,
      `${name}: ${anchored ? 'found' : 'not blamed'} by the heads that were kept`,
    )
    await h.asOwner(
      tables
        .map((table) => `delete from ${table}; insert into ${table} select * from kept_${table}`)
        .join('; '),
    )
  }
  await h.asOwner(tables.map((table) => `drop table kept_${table}`).join('; '))
})

t.test('the anchors tell between which entries a chain was worked out anew', async (t) => {
  const of = await h.jurisdiction({ name: 'Anchorage' })
  const key = await h.key('city-editor', of)
  const heads: Head[] = []
  for (let n = 1; n <= 6; n++) {
    await h.call('POST', '/v1/sites', { key, body: { name: `Site ${n}` } })
    heads.push((await h.call('GET', '/v1/audit-heads', { key })).body.items[0])
  }
  await h.asOwner(`update audit_events e set target = 'x' from audit_chain c
    where c.event_id = e.id and e.jurisdiction_id = '${of}' and c.sequence = 4; ${rehash(of, 4)}`)
  const { found } = await verified([heads[1]!, heads[5]!, heads[2]!, heads[4]!])
  t.match(found, [{ kind: 'rewritten', jurisdictionId: of, sequence: 5, message: /of the entries 4 to 5/ }])
})

t.test('twenty writers of one city at once make one chain without a gap', async (t) => {
  const of = await h.jurisdiction({ name: 'Crowded' })
  const key = await h.key('city-editor', of)
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, n) => h.call('POST', '/v1/sites', { key, body: { name: `Site ${n}` } })),
  )
  t.same(new Set(replies.map(({ status }) => status)), new Set([201]))
  const { body } = await h.call('GET', '/v1/audit-events', { key })
  t.same(
    body.items.map(({ sequence }: { sequence: number }) => sequence).sort((a: number, b: number) => a - b),
    Array.from({ length: 20 }, (_, n) => n + 1),
  )
})

t.test('reads at the same time are each on record, and one that cannot be refuses no other', async (t) => {
  const reviewer = await h.key('federal-reviewer', 'all')
  const departments = Array.from({ length: 30 }, (_, n) => `Department ${n}`)
  const replies = await Promise.all(
    departments.map((name) =>
      h.call('GET', `/v1/devices?department=${encodeURIComponent(name)}`, { key: reviewer }),
    ),
  )
  t.same(new Set(replies.map(({ status }) => status)), new Set([200]))
  const { body } = await h.call('GET', '/v1/audit-events?action=devices.read&limit=100', { key: h.admin })
  const read = (body.items as { detail: { department?: string[] }; sequence: number }[]).filter(
    ({ detail }) => detail.department !== undefined,
  )
  t.same(read.flatMap(({ detail }) => detail.department!).sort(), [...departments].sort())
  t.equal(new Set(read.map(({ sequence }) => sequence)).size, 30)

  const write = readEntries(h.database)
  const entry = (action: string, detail: Record<string, unknown>): NotedEntry => ({
    actor: OPERATOR,
    at: new Date(),
    action,
    target: null,
    detail,
  })
  const written = await Promise.allSettled([
    write(entry('first.read', {})),
    write(entry('second.read', {})),
    // PostgreSQL's jsonb takes no such character.
    write(entry('third.read', { of: '\0' })),
    write(entry('fourth.read', {})),
  ])
  t.same(
    written.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  const all = (await h.call('GET', '/v1/audit-events?limit=1000', { key: h.admin })).body.items
  t.same(
    all
      .map(({ action }: { action: string }) => action)
      .filter((action: string) => /^(first|second|third|fourth)/.test(action))
      .sort(),
    ['first.read', 'fourth.read', 'second.read'],
  )
  t.same((await verified()).found, [], 'and the chain holds')
})

t.test('a query that an operation does not have keeps nobody from reading', async (t) => {
  const reviewer = await h.key('federal-reviewer', 'all')
  const ask = (url: string, body: object) => h.call('POST', url, { key: reviewer, body })
  t.equal((await ask('/v1/snapshots?q=%00', {})).status, 201)
  t.equal(
    (await ask('/v1/scenarios?q=%00', { makers: ['axis'], effectiveOn: '2027-01-15', budget: false })).status,
    201,
  )
  t.equal((await h.call('GET', `/v1/devices/${city}?q=%00`, { key: reviewer })).status, 400)
})

t.test('camledger audit verify: on the database of a service that has stopped, with its log', async (t) => {
  const folder = t.testdir({})
  const dataDir = join(folder, 'register')
  const url = await ownPostgres(t)
  const env = url === null ? { DATA_DIR: dataDir } : { DATABASE_URL: url }
  const service = await serveForTest(t, { ...env, LOG_LEVEL: 'error' })
  const { body } = await service.call('POST', '/v1/jurisdictions', { body: { name: 'Logville' } })
  const { stdout } = await service.end('SIGTERM')
  const log = join(folder, 'service.log')
  writeFileSync(log, stdout)

  const fine = await run(['audit', 'verify', '--anchors', log], { env })
  t.equal(fine.code, 0, fine.stdout + fine.stderr)
  t.match(
    fine.stdout,
    /^3 entries in 1 chains, compared with [2-9] heads of the log: all as they were written\.$/m,
  )

  const asOwner = async (statements: string) => {
    const client =
      url === null ? await EmbeddedPool.open({ dataDir }) : new pg.Client({ connectionString: url })
    if (client instanceof pg.Client) await client.connect()
    if (url !== null)
      for (const table of ['audit_events', 'audit_chain', 'audit_heads'])
        await client.query(`alter table ${table} no force row level security`)
    await client.query(statements)
    await client.end()
  }
  await asOwner(`update audit_events set target = null where target = '${body.id}'`)
  const changed = await run(['audit', 'verify'], { env })
  t.equal(changed.code, 5)
  t.match(changed.stdout, /^CHANGED {2}the operator’s chain, entry 3, id [0-9a-f-]{36}: the entry/m)

  await asOwner(rehash(OPERATOR_ID, 3))
  t.equal((await run(['audit', 'verify'], { env })).code, 0, 'worked out anew, the chain alone shows nothing')
  const compared = await run(['audit', 'verify', '--json', '--anchors', log], { env })
  t.equal(compared.code, 5)
  t.match(JSON.parse(compared.stdout), {
    ok: false,
    chains: 1,
    entries: 3,
    findings: 1,
    listed: [{ kind: 'rewritten', jurisdictionId: null, sequence: 3, message: /kept on \d{4}-/ }],
  })

  const empty = await run(['audit', 'verify', '--anchors', '-'], { env, input: 'no log\n' })
  t.equal(empty.code, 2)
  t.match(empty.stderr, 'holds no heads')
  const nowhere = await run(['audit', 'verify'], { env: { DATA_DIR: join(folder, 'nothing') } })
  t.equal(nowhere.code, 1)
  t.match(nowhere.stderr, /^There is no register in /)
  t.notOk(existsSync(join(folder, 'nothing')))
})
