/** What every request meets before a route: keys, limits, records of reads, headers, documented answers. */

import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { OPERATOR } from '../src/audit.ts'
import type { Database } from '../src/db/database.ts'
import { callerOf } from '../src/http/addresses.ts'
import { limiter } from '../src/http/limits.ts'
import { createKey, revokeKey } from '../src/keys.ts'
import { harness, TODAY } from './support/harness.ts'

t.test('a caller is an IPv4 address or a /64, however it is written', async (t) => {
  for (const [address, caller] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ] as const) {
    t.equal(callerOf(address), caller, address)
  }
})

t.test('a limiter counts by caller and minute, in bounded memory', async (t) => {
  let millis = Date.parse(`${TODAY}T12:00:00Z`)
  const limit = limiter(2, () => new Date(millis), 3)
  t.same(limit.take('a'), { allowed: true, limit: 2, remaining: 1, resetSeconds: 60 })
  millis += 20_500
  t.same(limit.take('a'), { allowed: true, limit: 2, remaining: 0, resetSeconds: 40 })
  t.same(limit.take('a'), { allowed: false, limit: 2, remaining: 0, resetSeconds: 40 })
  t.equal(limit.take('b').allowed, true, 'another has an allowance of its own')
  limit.take('c')
  for (const caller of ['d', 'e']) t.equal(limit.take(caller).allowed, true)
  t.equal(limit.take('f').allowed, false, 'beyond what is remembered, all newcomers share one')
  t.equal(limit.take('b').allowed, true, 'which those already known do not feel')
  limit.giveBack('b')
  t.equal(limit.take('b').allowed, true)
  millis += 60_000
  for (const caller of ['a', 'f']) t.equal(limit.take(caller).allowed, true, 'a minute later all begin anew')
  limit.take('a')
  millis -= 3_600_000
  t.equal(limit.take('a').allowed, true, 'a clock set back locks nobody out')
})

// A busy machine takes its time.
t.setTimeout(280_000)

/** Counts transactions on the shared tables, and holds one back when asked to. */
function gated() {
  const gate = { asked: 0, hold: null as Promise<void> | null }
  const around = (database: Database): Database => ({
    ...database,
    asOperator: async (work, options) => {
      gate.asked++
      const { hold } = gate
      gate.hold = null
      const result = await database.asOperator(work, options)
      await hold
      return result
    },
  })
  return { gate, around }
}

t.test('limits', async (t) => {
  const { gate, around } = gated()
  const h = await harness(t, { perMinute: 100, around })
  const city = await h.jurisdiction()
  const key = await h.key('city-viewer', city)
  const minuteLater = () => h.setNow(new Date(h.now().getTime() + 60_000).toISOString())

  t.test('a key has one allowance, however it is sent and from wherever', async (t) => {
    const ways: [Record<string, string>, string?][] = [
      [{ authorization: `Bearer ${key}` }],
      [{ authorization: `Bearer    ${key}` }, '192.0.2.1'],
      [{ authorization: `bearer ${key}` }, '192.0.2.2'],
      [{ 'x-api-key': key }, '2001:db8::1'],
      [{ 'x-api-key': key, authorization: `Basic ${Buffer.from('a:b').toString('base64')}` }],
      [{ 'x-api-key': key, authorization: `Bearer ${key}` }],
    ]
    for (let i = 0; i < 105; i++) {
      const [headers, from] = ways[i % ways.length]!
      const spoiled = headers.authorization?.startsWith('Basic') ? `Basic ${i}` : headers.authorization
      const reply = await h.call('GET', '/v1/regimes', {
        key: null,
        headers: { ...headers, ...(spoiled === undefined ? {} : { authorization: spoiled }) },
        ...(from === undefined ? {} : { from }),
      })
      t.equal(reply.status, i < 100 ? 200 : 429, `request ${i}`)
      t.equal(reply.headers['ratelimit-limit'], '100')
      t.equal(reply.headers['ratelimit-remaining'], String(Math.max(0, 99 - i)))
      if (i < 100) continue
      t.equal(reply.headers['retry-after'], '60')
      t.equal(reply.body.type, '/problems/too-many-requests')
    }
    t.equal((await h.call('GET', '/v1/regimes')).status, 200, 'another key goes on')
    minuteLater()
    t.equal((await h.call('GET', '/v1/regimes', { key })).status, 200)
  })

  t.test('guessing keys is stopped before the database, and holds up no good key', async (t) => {
    minuteLater()
    const fresh = await h.key('city-viewer', city)
    t.equal((await h.call('GET', '/v1/regimes', { key })).status, 200)
    const before = gate.asked
    const answers: Record<number, number> = {}
    for (let i = 0; i < 500; i++) {
      const { status } = await h.call('GET', '/v1/devices', { key: `clk_guess_${i}` })
      answers[status] = (answers[status] ?? 0) + 1
    }
    t.same(answers, { 401: 10, 429: 490 })
    t.equal(gate.asked - before, 10, 'one query for each guess that was looked at')

    h.setNow(new Date(h.now().getTime() + 6_000).toISOString())
    t.equal((await h.call('GET', '/v1/regimes', { key })).status, 200, 'a key that was good before')
    const held = await h.call('GET', '/v1/regimes', { key: fresh })
    t.equal(held.status, 429, 'a key never seen here waits, since nothing tells it from a guess')
    t.equal(held.headers['retry-after'], '54')
    t.equal((await h.call('GET', '/v1/regimes', { key: fresh, from: '192.0.2.9' })).status, 200)
    t.equal((await h.call('GET', '/v1/regimes', { key: fresh })).status, 200, 'known now, also here')
  })

  t.test('the same wrong key over and over costs one look and no other’s allowance', async (t) => {
    minuteLater()
    const before = gate.asked
    for (let i = 0; i < 50; i++) {
      t.equal((await h.call('GET', '/v1/devices', { key: 'clk_mistyped' })).status, 401)
    }
    t.equal(gate.asked - before, 1)
    t.equal((await h.call('GET', '/v1/regimes', { key: await h.key('city-viewer', city) })).status, 200)
  })

  t.test('what carries no key is counted by address, a /64 as one', async (t) => {
    minuteLater()
    for (let i = 0; i < 103; i++) {
      const path = ['/healthz', '/v1/devices', '/nowhere', '/problems/forbidden'][i % 4]!
      const reply = await h.call('GET', path, { key: null, from: `2001:db8:5:5::${i}` })
      t.equal(reply.status === 429, i >= 100, `${path}: ${reply.status}`)
    }
    t.equal((await h.call('GET', '/healthz', { key: null, from: '2001:db8:5:6::1' })).status, 200)
    const forwarded = await h.call('GET', '/healthz', {
      key: null,
      from: '2001:db8:5:5::1',
      headers: { 'x-forwarded-for': '192.0.2.99' },
    })
    t.equal(forwarded.status, 429, 'X-Forwarded-For is not believed')
  })

  t.test('two different keys in one request are refused', async (t) => {
    for (const headers of [
      { authorization: `Bearer ${key}`, 'x-api-key': h.admin },
      { authorization: 'Bearer', 'x-api-key': key },
      { authorization: `Bearer ${key} ${key}`, 'x-api-key': key },
    ]) {
      t.equal((await h.call('GET', '/v1/regimes', { key: null, headers })).status, 401)
    }
  })
})

t.test('behind a proxy the last address it wrote counts, not what the caller wrote before', async (t) => {
  const h = await harness(t, { perMinute: 100, trustProxy: true })
  for (let i = 0; i < 103; i++) {
    const { status } = await h.call('GET', '/healthz', {
      key: null,
      headers: { 'x-forwarded-for': `203.0.113.${i}, 192.0.2.1` },
    })
    t.equal(status === 429, i >= 100)
  }
})

t.test('keys', async (t) => {
  const { gate, around } = gated()
  const h = await harness(t, { around })
  const city = await h.jurisdiction()
  const make = async () =>
    (
      await h.call('POST', '/v1/keys', {
        body: { label: 'to be revoked', role: 'city-viewer', jurisdictionId: city },
      })
    ).body as { id: string; key: string; prefix: string }

  t.test('nothing of a key that a person chose is shown', async (t) => {
    const chosen = 'clk_chosen-by-a-person-0123456789'
    const { key } = await h.database.asOperator((tx) =>
      createKey(
        tx,
        { label: 'chosen', role: 'admin', jurisdictionId: null, jurisdictionIds: null, expiresAt: null },
        OPERATOR,
        h.now(),
        chosen,
      ),
    )
    t.equal(key.prefix, 'given')
    t.equal((await h.call('GET', `/v1/keys/${key.id}`, { key: chosen })).body.prefix, 'given')
    const made = await make()
    t.equal(made.prefix, made.key.slice(0, 8))
  })

  t.test('a look-up that was in flight when its key was revoked does not bring it back', async (t) => {
    await h.call('GET', '/v1/regimes')
    for (let i = 0; i < 10; i++) {
      const { id, key } = await make()
      let release = () => {}
      gate.hold = new Promise((resolve) => {
        release = resolve
      })
      const inFlight = h.call('GET', '/v1/regimes', { key })
      while (gate.hold !== null) await new Promise((resolve) => setImmediate(resolve))
      t.equal((await h.call('DELETE', `/v1/keys/${id}`)).status, 200)
      release()
      t.equal((await inFlight).status, 401)
      t.equal((await h.call('GET', '/v1/regimes', { key })).status, 401)
    }
  })

  t.test('an export under way breaks off when its key is revoked or expires', async (t) => {
    const rows = Array.from({ length: 4_000 }, (_, i) => `X-${i},Axis,${'a long remark '.repeat(120)}`)
    const imported = await h.call('POST', `/v1/imports?jurisdictionId=${city}`, {
      headers: { 'content-type': 'text/csv' },
      body: `Asset Tag,Manufacturer,Notes\n${rows.join('\n')}\n`,
    })
    t.equal(imported.body.report.counts.created, 4_000)
    await h.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = h.app.server.address() as AddressInfo
    /** Reads nothing until it is let go; then gives how the answer ended. */
    const begin = (key: string) =>
      new Promise<() => Promise<{ lines: number; whole: boolean }>>((resolve, reject) => {
        const headers = { authorization: `Bearer ${key}`, accept: 'application/x-ndjson' }
        get({ port, host: '127.0.0.1', path: '/v1/devices?determinations=all', headers }, (answer) => {
          resolve(async () => {
            let lines = 0
            try {
              for await (const piece of answer) lines += String(piece).split('\n').length - 1
            } catch {
              return { lines, whole: false }
            }
            return { lines, whole: answer.complete }
          })
        }).on('error', reject)
      })
    const settle = async () => {
      h.background.poke('revoked keys')
      await h.background.settle()
    }
    const kept = await make()
    const letKept = await begin(kept.key)

    const here = await make()
    const letHere = await begin(here.key)
    t.equal((await h.call('DELETE', `/v1/keys/${here.id}`)).status, 200)
    t.equal((await letHere()).whole, false, 'revoked in this process')

    const there = await make()
    const letThere = await begin(there.key)
    await h.database.asOperator((tx) => revokeKey(tx, there.id, OPERATOR, h.now()))
    await settle()
    t.equal((await letThere()).whole, false, 'revoked by another process')

    const expiring = await h.call('POST', '/v1/keys', {
      body: {
        label: 'short',
        role: 'city-viewer',
        jurisdictionId: city,
        expiresAt: new Date(h.now().getTime() + 30_000).toISOString(),
      },
    })
    const letExpiring = await begin(expiring.body.key)
    await settle()
    h.setNow(new Date(h.now().getTime() + 31_000).toISOString())
    await settle()
    t.equal((await letExpiring()).whole, false, 'expired meanwhile')

    t.same(await letKept(), { lines: 4_000, whole: true }, 'another key reads all of it')
  })
})

t.test('refused calls and reads that cannot be recorded', async (t) => {
  let fails = false
  const around = (database: Database): Database => ({
    ...database,
    asOperator: (work, options) =>
      fails ? Promise.reject(new Error('the trail is full')) : database.asOperator(work, options),
  })
  const h = await harness(t, { around })
  const city = await h.jurisdiction()
  const site = await h.call('POST', '/v1/sites', { body: { name: 'Pier', jurisdictionId: city } })
  const [viewer, reviewer] = [await h.key('city-viewer', city), await h.key('federal-reviewer', 'all')]
  const urls = ['/v1/sites', `/v1/sites/${site.body.id}`]
  for (const key of [viewer, reviewer, h.admin]) await h.call('GET', urls[0]!, { key })

  t.test('a read of which no entry can be written is refused, and gives nothing', async (t) => {
    fails = true
    for (const url of urls) {
      for (const key of [reviewer, h.admin]) {
        const reply = await h.call('GET', url, { key })
        t.equal(reply.status, 503)
        t.equal(reply.body.type, '/problems/not-ready')
        t.ok(reply.headers['retry-after'])
        t.notMatch(reply.text, 'Pier')
      }
      t.equal((await h.call('GET', url, { key: viewer })).status, 200, 'a city reads its own')
    }
    fails = false
    t.equal((await h.call('GET', urls[0]!, { key: reviewer })).status, 200)
  })

  t.test('refused calls are counted by minute, key and address, not one entry each', async (t) => {
    const ended = (await h.call('POST', '/v1/keys', { body: { label: 'ended', role: 'admin' } })).body
    await h.call('DELETE', `/v1/keys/${ended.id}`)
    const guess = `clk_${'g'.repeat(43)}`
    for (let i = 0; i < 40; i++) {
      await h.call('GET', '/v1/devices', { key: null, from: '2001:db8:7:7::1' })
      await h.call('GET', '/v1/devices', { key: guess, from: '192.0.2.5' })
      await h.call('GET', '/v1/devices', { key: 'hunter2-the-password-of-somebody', from: '192.0.2.5' })
      await h.call('GET', '/v1/devices', { key: ended.key })
      await h.call('POST', '/v1/sites', { key: viewer, body: { name: 'Mine' } })
      await h.call('GET', `/v1/sites/01900000-0000-7000-8000-000000000000`, { key: viewer })
    }
    const write = async () => {
      h.background.poke('refused calls')
      await h.background.settle()
      return (await h.call('GET', '/v1/audit-events?action=calls.refused&limit=1000')).body.items
    }
    fails = true
    h.background.poke('refused calls')
    await h.background.settle()
    fails = false
    const items = await write()
    const told = items.map((one: Record<string, unknown> & { detail: object }) => ({
      actor: one.actor,
      actorRole: one.actorRole,
      remoteAddress: one.remoteAddress,
      ...one.detail,
    }))
    const minute = `${TODAY}T12:00Z`
    const group = (actor: string, remoteAddress: string, statuses: object, more: object = {}) => ({
      actor,
      actorRole: 'none',
      remoteAddress,
      minute,
      count: Object.values(statuses).reduce((sum, count) => sum + count, 0),
      statuses,
      ...more,
    })
    const viewerId = told.find((one: { actorRole: string }) => one.actorRole === 'city-viewer').actor
    const sorted = (list: object[]) => list.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort()
    t.same(
      told.map((one: object) => JSON.stringify(one)).length,
      5,
      'a failed write loses none, and writes none twice',
    )
    t.same(
      sorted(told),
      sorted([
        group('unknown', '2001:db8:7:7::/64', { 401: 40 }),
        group('unknown', '192.0.2.5', { 401: 40 }, { keyPrefix: 'clk_gggg' }),
        group('unknown', '192.0.2.5', { 401: 40 }, { keyPrefix: 'other' }),
        group(ended.id, '127.0.0.1', { 401: 40 }, { keyPrefix: ended.key.slice(0, 8) }),
        group(
          viewerId,
          '127.0.0.1',
          { 403: 40, 404: 40 },
          { actorRole: 'city-viewer', keyPrefix: viewer.slice(0, 8) },
        ),
      ]),
    )
    for (let i = 0; i < 300; i++) {
      await h.call('GET', '/v1/devices', { key: null, from: `198.51.${i % 250}.${Math.floor(i / 250)}` })
    }
    const flood = (await write()).slice(0, -5)
    t.ok(flood.length <= 201, `${flood.length} entries for 300 addresses`)
    const counted = flood.reduce(
      (sum: number, one: { detail: { count: number } }) => sum + one.detail.count,
      0,
    )
    t.equal(counted, 300, 'what there is no room for is counted together')
  })
})

t.test(
  'a repeated request with the same Idempotency-Key gets the same answer, headers and all',
  async (t) => {
    const h = await harness(t)
    const city = await h.jurisdiction()
    const editor = await h.key('city-editor', city)
    const plan = await h.call('POST', '/v1/plans', { key: editor, body: { name: 'Way out' } })
    const device = await h.call('POST', '/v1/devices', { key: editor, body: { manufacturer: 'Axis' } })
    const devices = { deviceIds: [device.body.id], costCode: 'CAM-BULLET' }
    await h.call('POST', `/v1/plans/${plan.body.id}/devices`, { key: editor, body: devices })
    const csv = { 'content-type': 'text/csv' }
    const posts: [url: string, body: unknown, headers?: Record<string, string>][] = [
      ['/v1/devices', { manufacturer: 'Hikvision', model: 'DS-2CD2042WD-I' }],
      ['/v1/sites', { name: 'Pier' }],
      ['/v1/plans', { name: 'Another way' }],
      [`/v1/plans/${plan.body.id}/estimate`, {}],
      [`/v1/plans/${plan.body.id}/candidates`, { manufacturer: 'Axis', model: 'P3265-LVE' }],
      ['/v1/funding-sources', { name: 'Bond', isFederal: false }],
      ['/v1/license-applications', { regime: 'ofac-sdn' }],
      ['/v1/imports?source=crew', 'Asset Tag,Manufacturer\nB-1,Axis\n', csv],
      ['/v1/cost-catalog/import', 'code,low,expected,high\nCAM-BOX,1,2,3\n', csv],
    ]
    const kept = (headers: Record<string, string | undefined>) => {
      const { date: _, 'x-request-id': __, ...rest } = headers
      return rest
    }
    for (const [url, body, headers = {}] of posts) {
      const send = (to: string, what: unknown, more: Record<string, string> = {}) =>
        h.call('POST', to, {
          key: editor,
          body: what,
          headers: { ...headers, ...more, 'idempotency-key': url },
        })
      const first = await send(url, body)
      t.ok([200, 201].includes(first.status), `${url}: ${first.status} ${first.text.slice(0, 200)}`)
      const again = await send(url, body)
      t.equal(again.status, first.status, url)
      t.same(kept(again.headers), kept(first.headers), url)
      t.equal(again.text, first.text, `${url}: byte for byte`)

      if (typeof body === 'string') {
        const elsewhere = await send(`${url}${url.includes('?') ? '&' : '?'}jurisdictionId=${city}`, body)
        t.equal(elsewhere.status, 422, `${url}: the address is part of the request`)
        t.equal(elsewhere.body.type, '/problems/idempotency-key-reused')
      }
      if (url.endsWith('/estimate')) continue
      const other = typeof body === 'string' ? body.replace('Axis', 'Dahua').replace('1,2,3', '2,3,4') : null
      const changed = await send(url, other ?? { ...(body as object), ...CHANGED[url.split('/').at(-1)!] })
      t.equal(changed.status, 422, `${url}: and so is the body (${changed.status})`)
    }
    const site = await h.call('POST', '/v1/sites', {
      key: editor,
      body: { name: 'Quay' },
      headers: { 'idempotency-key': '/v1/plans' },
    })
    t.equal(site.status, 422, 'the same key at another path is another request')
    const xlsx = await h.call('POST', '/v1/imports?source=crew', {
      key: editor,
      body: posts[7]![1],
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': posts[7]![0] },
    })
    t.equal(xlsx.status, 422, 'and so is the same file sent as another kind')
    t.equal(xlsx.body.type, '/problems/idempotency-key-reused')
    t.equal((await h.call('GET', '/v1/imports', { key: editor })).body.items.length, 1)
  },
)

/** Another body for the same address, by the last part of it. */
const CHANGED: Readonly<Record<string, object>> = {
  devices: { model: 'DS-2CD2043' },
  sites: { name: 'Harbor' },
  plans: { name: 'A third way' },
  candidates: { model: 'P3265-V' },
  'funding-sources': { name: 'Grant' },
  'license-applications': { scope: 'all' },
}
