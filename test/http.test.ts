/** What every request meets before a route: keys, limits, records of reads, headers, documented answers. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { parse } from 'yaml'
import type { Database } from '../src/db/database.ts'
import { NoConnectionError } from '../src/db/failures.ts'
import { callerOf } from '../src/http/addresses.ts'
import { limiter } from '../src/http/limits.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import { createKey, revokeKey } from '../src/tenancy/keys.ts'
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
t.setTimeout(1_200_000)

/** Counts transactions on the shared tables, and holds one back when asked to. */
function gated() {
  const gate = { asked: 0, hold: null as Promise<void> | null }
  const held = async <T>(work: () => Promise<T>): Promise<T> => {
    gate.asked++
    const { hold } = gate
    gate.hold = null
    const result = await work()
    await hold
    return result
  }
  const around = (database: Database): Database => ({
    ...database,
    asOperator: (work, options) => held(() => database.asOperator(work, options)),
    readAsOperator: (work) => held(() => database.readAsOperator(work)),
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

  t.test('headers that name no key or two are counted as those without', async (t) => {
    minuteLater()
    const spoiled = [
      { authorization: 'Bearer' },
      { authorization: `Bearer ${key} ${key}` },
      { authorization: 'Bearer a', 'x-api-key': 'b' },
    ]
    for (let i = 0; i < 103; i++) {
      const headers = spoiled[i % spoiled.length]!
      const reply = await h.call('GET', '/v1/regimes', { key: null, headers, from: '192.0.2.77' })
      t.equal(reply.status, i < 100 ? 401 : 429, `request ${i}`)
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
      h.background.trigger('revoked keys')
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
      h.background.trigger('refused calls')
      await h.background.settle()
      return (await h.call('GET', '/v1/audit-events?action=calls.refused&limit=1000')).body.items
    }
    fails = true
    h.background.trigger('refused calls')
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

t.test('answers', async (t) => {
  const h = await harness(t)
  const city = await h.jurisdiction()
  const viewer = await h.key('city-viewer', city)
  const editor = await h.key('city-editor', city)
  const device = (await h.call('POST', '/v1/devices', { key: editor, body: { manufacturer: 'Axis' } })).body
  const plan = (await h.call('POST', '/v1/plans', { key: editor, body: { name: 'Way out' } })).body
  const planned = { deviceIds: [device.id], costCode: 'CAM-BULLET' }
  await h.call('POST', `/v1/plans/${plan.id}/devices`, { key: editor, body: planned })
  await h.call('POST', `/v1/plans/${plan.id}/estimate`, { key: editor })
  await h.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = h.app.server.address() as AddressInfo

  /** Bytes in, bytes out. */
  const raw = (text: string, pieceBytes = text.length) =>
    new Promise<{ status: number; headers: string; body: string }>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', async () => {
        for (let at = 0; at < text.length && !socket.destroyed; at += pieceBytes) {
          await new Promise((sent) => socket.write(text.slice(at, at + pieceBytes), sent))
        }
      })
      socket.setNoDelay(true)
      let all = ''
      socket.setTimeout(20_000, () => socket.destroy(new Error(`no end of: ${all}`)))
      socket.on('data', (piece) => {
        all += String(piece)
      })
      socket.on('error', reject)
      socket.on('close', () => {
        const [headers = '', body = ''] = all.split('\r\n\r\n')
        resolve({ status: Number(headers.split(' ')[1]), headers: headers.toLowerCase(), body })
      })
    })

  t.test('what reaches no route is a problem too, with the headers of any other', async (t) => {
    const close = 'Host: x\r\nConnection: close\r\n'
    const cases: [what: string, text: string, status: number, code: string][] = [
      [
        'an address that is no UTF-8',
        `GET /v1/devices/%E0%A4%A HTTP/1.1\r\n${close}\r\n`,
        400,
        'malformed-request',
      ],
      ['a lone percent sign', `GET /v1/% HTTP/1.1\r\n${close}\r\n`, 400, 'malformed-request'],
      [
        'a part that is too long',
        `GET /v1/devices/${'x'.repeat(300)} HTTP/1.1\r\n${close}\r\n`,
        404,
        'not-found',
      ],
      [
        'headers without end',
        `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
        431,
        'headers-too-large',
      ],
      [
        'an address without end',
        `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        431,
        'headers-too-large',
      ],
      [
        'more headers than are read',
        `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(50_000)}\r\n\r\n`,
        431,
        'headers-too-large',
      ],
      ['no HTTP', 'hello\r\n\r\n', 400, 'malformed-request'],
      ['an unknown method', `FETCH / HTTP/1.1\r\n${close}\r\n`, 400, 'malformed-request'],
      ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed-request'],
      [
        'a proxy request',
        'CONNECT example.test:443 HTTP/1.1\r\nHost: example.test\r\n\r\n',
        405,
        'method-not-allowed',
      ],
      [
        'a method the address does not know',
        `PUT /v1/devices HTTP/1.1\r\n${close}\r\n`,
        405,
        'method-not-allowed',
      ],
      [
        'two lengths',
        `POST /v1/sites HTTP/1.1\r\n${close}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
        400,
        'malformed-request',
      ],
    ]
    for (const [what, text, status, code] of cases) {
      const answer = await raw(text)
      t.equal(answer.status, status, what)
      t.match(answer.headers, 'content-type: application/problem+json', what)
      for (const header of [
        'cache-control: no-store',
        "content-security-policy: default-src 'none'",
        'x-content-type-options: nosniff',
        'x-request-id: ',
      ])
        t.match(answer.headers, header, `${what}: ${header}`)
      const problem = JSON.parse(answer.body)
      t.match(problem, { type: `/problems/${code}`, status })
      t.match(answer.headers, `x-request-id: ${problem.requestId}`)
    }
    const tooMany = (method: string, bytes: number) =>
      `${method} /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(bytes)}\r\nConnection: close\r\n\r\n`
    for (const [what, text, status] of [
      ['more headers than may be', tooMany('HEAD', 20_000), 431],
      ['more headers than are read', tooMany('HEAD', 50_000), 431],
      ['a header with a control character', `HEAD /healthz HTTP/1.1\r\n${close}X: \u0001\r\n\r\n`, 400],
      ['no Host', 'HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
      ['an address that is no UTF-8', `HEAD /v1/devices/%E0%A4%A HTTP/1.1\r\n${close}\r\n`, 400],
    ] as const) {
      const answer = await raw(text)
      t.equal(answer.status, status, `HEAD with ${what}`)
      t.equal(answer.body, '', `HEAD with ${what} has no body`)
      t.match(answer.headers, 'content-type: application/problem+json', what)
    }
    const inPieces = await raw(tooMany('HEAD', 20_000), 1_400)
    t.same([inPieces.status, inPieces.body], [431, ''], 'also when it comes in pieces')
    t.equal((await raw(tooMany('GET', 16_000))).status, 200, 'what is just small enough is answered')
    const odd = await raw(`GET /healthz HTTP/1.1\r\n${close}Expect: a miracle\r\n\r\n`)
    t.equal(odd.status, 200, 'an expectation that nobody knows is ignored')
  })

  t.test('an answer does not grow with what a request got wrong', async (t) => {
    const many = (count: number, one: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => one(i))
    const device = (fields: string) => ({
      url: '/v1/devices',
      body: `{"manufacturer":"Axis",${fields}}`,
      type: 'application/json',
    })
    for (const [what, { url, body, type }, named, omitted] of [
      ['50,000 unknown fields', device(many(50_000, (i) => `"f${i}":1`).join()), 1000, 49_000],
      ['1,000 unknown fields', device(many(1000, (i) => `"f${i}":1`).join()), 1000, undefined],
      ['one with a name of 900,000 bytes', device(`"${'😀'.repeat(225_000)}":1`), 1, undefined],
      ['20,000 fields given twice', device(many(20_000, (i) => `"f${i}":1,"f${i}":2`).join()), 20, 19_980],
      [
        '3,000 rows with an error each',
        {
          url: '/v1/imports?atomic=true',
          body: `Manufacturer,Asset Tag\n${many(3000, (i) => `Axis,${'x'.repeat(100)}${i}\n`).join('')}`,
          type: 'text/csv',
        },
        1000,
        undefined,
      ],
    ] as const) {
      const reply = await h.call('POST', url, { key: editor, body, headers: { 'content-type': type } })
      t.ok(reply.status === 400 || reply.status === 422, what)
      t.equal(reply.body.errors.length, named, what)
      t.equal(reply.body.errorsOmitted, omitted, what)
      t.ok(reply.text.length < 150_000, `${what}: ${reply.text.length} bytes`)
      if (type === 'text/csv') t.match(reply.body.detail, /^3000 rows have errors.* The first 1000 are named/)
    }
    const url = `/v1/devices?${many(1500, (i) => `q${i}=1`).join('&')}`
    const { body } = await h.call('GET', url, { key: editor })
    t.same([body.errors.length, body.errorsOmitted], [1000, 500])
  })

  t.test('a page of heavy rows ends early, and the next goes on', async (t) => {
    for (let i = 0; i < 12; i++) await h.key('federal-reviewer', 'all')
    // As many jurisdictions as a key may name.
    await h.asOwner(`update api_keys set scope = (select array_agg(
      ('01900000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid) from generate_series(1, 10000) i) where role = 'federal-reviewer'`)
    const seen: string[] = []
    let next = '/v1/keys?limit=1000'
    let pages = 0
    while (next !== '') {
      const { text, body } = await h.call('GET', next)
      t.ok(text.length < 4_100_000, `${text.length} bytes`)
      const wide = body.items.filter(({ role }: { role: string }) => role === 'federal-reviewer')
      seen.push(...wide.map(({ id }: { id: string }) => id))
      next = body.nextCursor === null ? '' : `/v1/keys?limit=1000&cursor=${body.nextCursor}`
      pages++
    }
    t.ok(pages > 1)
    t.ok(seen.length >= 12)
    t.equal(new Set(seen).size, seen.length, 'each once')
  })

  t.test('an address lists the methods it knows', async (t) => {
    for (const [path, allow] of [
      ['/v1/devices', 'GET, HEAD, OPTIONS, POST'],
      [`/v1/devices/${device.id}`, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
      ['/healthz', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const put = await h.call('PUT', path, { body: {} })
      t.equal(put.status, 405)
      t.equal(put.headers.allow, allow)
      const options = await h.call('OPTIONS', path, {
        key: null,
        headers: { origin: 'https://elsewhere.test' },
      })
      t.equal(options.status, 204)
      t.equal(options.headers.allow, allow)
      t.equal(options.headers['access-control-allow-origin'], undefined, 'other sites may not call it')
    }
    t.equal((await h.call('OPTIONS', '/v1/nowhere', { key: null })).status, 404)
  })

  t.test('HEAD gives the headers of GET and reads no rows for them', async (t) => {
    for (const path of ['/v1/devices', `/v1/devices/${device.id}`, '/healthz']) {
      const [get, head] = [
        await h.call('GET', path, { key: viewer }),
        await h.call('HEAD', path, { key: viewer }),
      ]
      t.equal(head.status, 200)
      t.equal(head.text, '')
      for (const name of ['content-type', 'etag', 'cache-control', 'content-length'])
        t.equal(head.headers[name], get.headers[name], `${path}: ${name}`)
    }
    const rows = await h.call('HEAD', '/v1/devices', { key: viewer, headers: { accept: 'text/csv' } })
    t.equal(rows.status, 200)
    t.equal(rows.headers['content-type'], 'text/csv; charset=utf-8')
    t.equal(rows.headers['content-length'], undefined)
  })

  t.test('a query that cannot be decoded is refused, and never looked for as it stands', async (t) => {
    for (const query of ['name=%zz', 'name=Caf%E9', 'name=%', '%zz=1', 'limit=5&name=%C3%28']) {
      const reply = await h.call('GET', `/v1/sites?${query}`, { key: editor })
      t.same([reply.status, reply.body.type], [400, '/problems/malformed-request'], query)
    }
    const well = await h.call('GET', '/v1/sites?name=100%25+Caf%C3%A9%3F&name=a?b', { key: editor })
    t.equal(well.status, 200, well.text)
  })

  t.test(
    'a body is JSON in UTF-8 that names each field once, or it is refused with the reason',
    async (t) => {
      const json = 'application/json'
      const site = (name: string) => `{"name":"${name}"}`
      const cases: [body: string | Buffer, headers: Record<string, string>, status: number, told: RegExp][] =
        [
          [site('A'), { 'content-type': `${json}; charset=UTF-8` }, 201, /"A"/],
          [`\ufeff${site('B')}`, { 'content-type': json }, 201, /"B"/],
          [site('C'), { 'content-type': `${json}; charset=iso-8859-1` }, 415, /UTF-8/],
          [Buffer.from(site('Caf\u00e9'), 'latin1'), { 'content-type': json }, 400, /not UTF-8/],
          [site('D'), { 'content-type': json, 'content-encoding': 'gzip' }, 415, /Content-Encoding/],
          [
            '{"name":"E","name":"F"}',
            { 'content-type': json },
            400,
            /"pointer":"\/name","code":"duplicate-name"/,
          ],
          ['{"name":"E","n\\u0061me":"F"}', { 'content-type': json }, 400, /duplicate-name/],
          ['{"name":"G","__proto__":{"x":1}}', { 'content-type': json }, 400, /__proto__/],
          ['{"name":"G","constructor":{"prototype":{}}}', { 'content-type': json }, 400, /"\/constructor"/],
          ['{"name":', { 'content-type': json }, 400, /not well-formed/],
          ['name=H', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /media types/],
        ]
      for (const [body, headers, status, told] of cases) {
        const reply = await h.call('POST', '/v1/sites', { key: editor, body, headers })
        t.equal(reply.status, status, `${body} ${JSON.stringify(headers)}: ${reply.text}`)
        t.match(reply.text, told)
      }
      const many = Array.from({ length: 40 }, (_, i) => `"k${i}":{"a":[1,{"b":"}\\"","c":2}]}`)
      t.match(
        (
          await h.call('POST', '/v1/sites', {
            key: editor,
            body: `{${[...many, '"k7":1', '"k39":2'].join(',')}}`,
            headers: { 'content-type': json },
          })
        ).body.errors.map((one: { pointer: string }) => one.pointer),
        ['/k7', '/k39'],
      )
      const nested = '{"items":[{},{"manufacturer":"Axis","manufacturer":"Dahua"}]}'
      const screened = await h.call('POST', '/v1/screen', {
        key: viewer,
        body: nested,
        headers: { 'content-type': json },
      })
      t.match(screened.body.errors, [{ pointer: '/items/1/manufacturer' }])
    },
  )

  t.test('every list gives the media types that the document names, and no other', async (t) => {
    const document = (await h.call('GET', '/openapi.json', { key: null })).body
    const types = ['application/json', 'text/csv', 'application/x-ndjson', 'image/svg+xml', 'text/html']
    let negotiated = 0
    for (const [path, { get: operation }] of Object.entries<
      Record<
        string,
        {
          responses: Record<number, { content?: object }>
          parameters?: { name: string; required?: boolean }[]
          security?: object
        }
      >
    >(document.paths)) {
      if (!operation?.security || path.includes('charts')) continue
      const named = Object.keys(operation.responses[200]!.content ?? {})
      const url = path.replace('{id}', path.startsWith('/v1/plans') ? plan.id : device.id)
      for (const accept of types) {
        const reply = await h.call('GET', url, { key: h.admin, headers: { accept } })
        if ([400, 404, 409].includes(reply.status)) continue
        if (reply.status === 406) {
          t.notOk(named.includes(accept), `${path} does not give ${accept}`)
          negotiated++
          continue
        }
        t.equal(reply.status, 200, `${path} as ${accept}`)
        const given = reply.headers['content-type']!.split(';')[0]!
        t.ok(named.includes(given), `${path} gives ${given}`)
        if (named.includes(accept)) t.equal(given, accept, `${path} as ${accept}`)
      }
    }
    t.ok(negotiated > 20)
    const committed = parse(
      readFileSync(fileURLToPath(import.meta.resolve('#root/openapi/openapi.yaml')), 'utf8'),
    )
    for (const [path, methods] of Object.entries<
      Record<string, { responses: Record<string, { $ref?: string }> }>
    >(committed.paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        for (const [status, { $ref = '' }] of Object.entries(responses)) {
          if (Number(status) < 400) continue
          const shared = committed.components.responses[$ref.replace('#/components/responses/', '')]
          t.same(
            Object.keys(shared?.content ?? {}),
            ['application/problem+json'],
            `${method} ${path} ${status}`,
          )
        }
      }
    }
  })

  t.test(
    'what belongs to a city is stored nowhere; shared knowledge is asked for again by its tag',
    async (t) => {
      const policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      for (const [url, accept] of [
        ['/v1/devices'],
        ['/v1/devices', 'text/csv'],
        [`/v1/devices/${device.id}`],
        ['/v1/summary'],
        ['/v1/keys'],
        [`/v1/plans/${plan.id}/charts/tornado.svg`],
        ['/v1/nowhere'],
        ['/v1/devices?limt=5'],
      ] as const) {
        const reply = await h.call('GET', url, { headers: accept === undefined ? {} : { accept } })
        t.equal(reply.headers['cache-control'], 'no-store', url)
        t.equal(reply.headers['content-security-policy'], policy, url)
        t.equal(reply.headers['x-content-type-options'], 'nosniff', url)
        t.equal(reply.headers['x-frame-options'], 'DENY', url)
      }
      for (const url of ['/v1/regimes', '/v1/manufacturers/axis', '/v1/listings', '/v1/advisories']) {
        const first = await h.call('GET', url, { key: viewer })
        t.equal(first.headers['cache-control'], 'private, no-cache', url)
        t.equal(first.headers.vary, 'Accept, Authorization, X-Api-Key')
        const again = await h.call('GET', url, {
          key: viewer,
          headers: { 'if-none-match': first.headers.etag! },
        })
        t.equal(again.status, 304, url)
        t.equal(again.text, '')
        t.equal(again.headers.etag, first.headers.etag)
        const other = await h.call('GET', url, {
          key: viewer,
          headers: { 'if-none-match': '"something-else"' },
        })
        t.equal(other.text, first.text)
      }
      for (const url of ['/healthz', '/readyz'])
        t.equal((await h.call('GET', url, { key: null })).headers['cache-control'], 'no-store')

      const page = await h.call('GET', `/v1/plans/${plan.id}/summary.html`, { key: viewer })
      t.equal(page.headers['cache-control'], 'no-store')
      const style = /<style>([\s\S]*?)<\/style>/.exec(page.text)![1]!
      const hash = createHash('sha256').update(style).digest('base64')
      t.match(page.headers['content-security-policy'], `style-src 'sha256-${hash}'`)
      t.notMatch(page.headers['content-security-policy'], 'unsafe')
      t.notMatch(page.text, / style=|<script/, 'nothing that the policy would keep back')

      const reference = await h.call('GET', '/docs/', { key: null })
      t.match(reference.headers['content-security-policy'], /script-src 'self'; style-src 'self';/)
      t.notMatch(reference.headers['content-security-policy'], 'unsafe')
      t.notMatch(
        reference.text,
        /<script(?![^>]*src=)|<style| on\w+=/,
        'the reference has no script of its own inline',
      )
    },
  )
})

t.test('metrics', async (t) => {
  const METRICS_TOKEN = 'a-token-for-prometheus-of-the-test-'
  let isAway = false
  const h = await harness(t, {
    parts: { config: { RATE_LIMIT_PER_MINUTE: 200, TRUST_PROXY: false, METRICS_TOKEN } },
    around: (database) => {
      const gone = () => Promise.reject(new NoConnectionError(new Error('connect ECONNREFUSED')))
      return {
        ...database,
        asOperator: (work, options) => (isAway ? gone() : database.asOperator(work, options)),
        readAsOperator: (work) => (isAway ? gone() : database.readAsOperator(work)),
        acrossJurisdictions: (scope, work, options) =>
          isAway ? gone() : database.acrossJurisdictions(scope, work, options),
      }
    },
  })
  const city = await h.jurisdiction({ name: 'Quillfeather City' })
  const editor = await h.key('city-editor', city)
  const scrape = async (key: string = METRICS_TOKEN) => {
    const { status, text } = await h.call('GET', '/metrics', { key })
    t.equal(status, 200)
    return new Map(
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    )
  }
  const requests = (method: string, route: string, status: number) =>
    `camledger_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`

  t.test('an admin key and the token open them, and the token opens nothing else', async (t) => {
    for (const [key, status] of [
      [METRICS_TOKEN, 200],
      [h.admin, 200],
      [null, 401],
      [`${METRICS_TOKEN}x`, 401],
      [editor, 403],
      [await h.key('federal-reviewer', 'all'), 403],
    ] as const)
      t.equal((await h.call('GET', '/metrics', { key })).status, status)
    for (const url of ['/v1/devices', '/v1/keys', '/v1/regimes'])
      t.equal((await h.call('GET', url, { key: METRICS_TOKEN })).status, 401, url)
    const { headers } = await h.call('GET', '/metrics', { key: METRICS_TOKEN })
    t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
    t.equal(headers['cache-control'], 'no-store')
  })

  t.test('they move when something happens', async (t) => {
    const before = await scrape()
    await h.call('GET', '/v1/devices', { key: editor })
    const asked = await h.call('POST', '/v1/imports', {
      key: editor,
      headers: { 'content-type': 'text/csv', prefer: 'respond-async' },
      body: 'Asset Tag,Manufacturer\nA-1,Axis\n',
    })
    while ((await h.call('GET', asked.headers.location!, { key: editor })).body.finishedAt === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    h.background.trigger('rescreen')
    await h.background.settle()
    const after = await scrape()
    const gained = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
    t.equal(gained(requests('GET', '/v1/devices', 200)), 1)
    t.equal(gained(requests('POST', '/v1/imports', 202)), 1)
    t.equal(gained('camledger_jobs{kind="import",state="succeeded"}'), 1)
    t.equal(after.get('camledger_jobs_oldest_queued_seconds'), 0)
    t.equal(after.get('camledger_database_up'), 1)
    t.ok(after.get('camledger_database_connections{state="idle"}')! > 0)
    t.equal(after.get('camledger_database_waiting'), 0)
    const instant = h.now().getTime() / 1000
    t.equal(after.get('camledger_pass_last_run_timestamp_seconds{pass="rescreen"}'), instant)
    t.equal(after.get('camledger_pass_failures{pass="rescreen"}'), 0)
    t.equal(after.get('camledger_knowledge_version'), h.knowledge().version)
    const asOf = after.get('camledger_knowledge_as_of_timestamp_seconds{regime="ndaa-889-a"}')!
    t.ok(asOf > Date.parse('2026-01-01') / 1000)
    t.equal(after.get('camledger_feed_checked_timestamp_seconds{feed="overlay"}'), instant)
  })

  t.test('a job that waits is seen to wait', async (t) => {
    const since = new Date(h.now().getTime() - 90_000).toISOString()
    await h.database.inJurisdiction(city, (tx) =>
      tx.execute(sql`insert into jobs (jurisdiction_id, id, kind, state, input, key_id, phase, place, created_at)
        values (${city}::uuid, gen_random_uuid(), 'import', 'queued', '{}', gen_random_uuid(), 'waiting',
          gen_random_uuid(), ${since})`),
    )
    const figures = await scrape()
    t.equal(figures.get('camledger_jobs{kind="import",state="queued"}'), 1)
    t.equal(figures.get('camledger_jobs_oldest_queued_seconds'), 90)
  })

  t.test('labels are bounded and name no city, key or address', async (t) => {
    const known = (await scrape()).size
    for (let i = 0; i < 30; i++) {
      await h.call('GET', `/v1/devices/${city.slice(0, -2)}${i + 10}`, { key: editor })
      await h.call('GET', `/v1/nowhere-${i}/Quillfeather`, { key: editor })
      await h.call('GET', `/docs/no-${i}`, { key: null })
      await h.call(['PROPFIND', 'LOCK', 'SEARCH', 'TRACE'][i % 4]!, '/v1/devices', { key: editor })
    }
    const figures = await scrape()
    // Each of the five new groups of requests has its buckets, sum and count.
    t.ok(figures.size - known <= 5 * 17, `${figures.size - known} more figures after 120 odd requests`)
    t.equal(figures.get(requests('GET', '/v1/devices/:id', 404)), 30)
    t.equal(figures.get(requests('GET', 'none', 404)), 60)
    const { text } = await h.call('GET', '/metrics', { key: METRICS_TOKEN })
    t.notMatch(text, /Quillfeather|nowhere|127\.0\.0\.1|[0-9a-f]{8}-[0-9a-f]{4}-/)
    for (const secret of [city, editor.slice(0, 8), METRICS_TOKEN]) t.notMatch(text, secret)
  })

  t.test('they come while the database is away', async (t) => {
    isAway = true
    const figures = await scrape()
    isAway = false
    t.equal(figures.get('camledger_database_up'), 0)
    t.notOk([...figures.keys()].some((name) => name.startsWith('camledger_jobs')))
    t.ok(figures.get('camledger_knowledge_version'), 'what the process knows by itself is there')
    t.equal((await scrape()).get('camledger_database_up'), 1)
  })

  t.test('nobody at the same address can use up their allowance', async (t) => {
    for (let i = 0; i < 201; i++) await h.call('GET', '/v1/regimes', { key: null })
    t.equal((await h.call('GET', '/healthz', { key: null })).status, 429)
    t.ok((await scrape()).get(requests('GET', '/v1/regimes', 429))! > 0)
  })
})
