/** Who did what: entries name who it was, and form a chain in which nothing can be changed unseen. */
import { sql } from 'drizzle-orm'
import t from 'tap'
import { CHAIN_START, type EntryText, entryHash } from '../src/audit-chain.ts'
import { harness } from './support/harness.ts'

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
