/** The register over HTTP: jurisdictions, keys, sites, devices, screening, totals, reference. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { pino } from 'pino'
import t from 'tap'
import { ACTIVITIES } from '../src/catalogue/outcomes.ts'
import { compile } from '../src/catalogue/rules.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../src/device/blank.ts'
import { DEVICE_CLASSES, FUNDING_SOURCES, PURPOSES, UPDATE_CHANNELS } from '../src/device/choices.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { KnowledgeHolder } from '../src/screening/knowledge-holder.ts'
import { profileKey } from '../src/screening/profile.ts'
import { rescreen } from '../src/screening/rescreen.ts'
import { screen } from '../src/screening/screen.ts'
import { DEVICE_FIELDS, SCREENED_ITEM_FIELDS } from '../src/screening/shape.ts'
import { buildFromFiles, readKnowledge } from '../src/screening/stored-knowledge.ts'
import { loadData, loadDataIn, readDataFiles } from '../src/server/load-data.ts'
import { DATA } from '../src/server/paths.ts'
import { harness, type Reply, TODAY } from './support/harness.ts'
import { putInForce } from './support/law.ts'
import fc from './support/properties.ts'

const h = await harness(t)
const city = await h.jurisdiction({ name: 'Millbrook', state: 'TX', timezone: 'America/Chicago' })
const editor = await h.key('city-editor', city)
const viewer = await h.key('city-viewer', city)
const reviewer = await h.key('federal-reviewer', 'all')

const post = (url: string, body: unknown, headers: Record<string, string> = {}, key = editor) =>
  h.call('POST', url, { key, body, headers })
const get = (url: string, headers: Record<string, string> = {}, key = editor) =>
  h.call('GET', url, { key, headers })
const patch = (url: string, body: unknown, headers: Record<string, string> = {}, key = editor) =>
  h.call('PATCH', url, { key, body, headers })
const camera = (over: object = {}) => ({
  manufacturer: 'Axis',
  model: 'P3245-LVE',
  deviceClass: 'camera',
  ...over,
})
const codes = (reply: Reply) =>
  (reply.body.errors ?? []).map((e: { pointer: string; code: string }) => `${e.pointer} ${e.code}`)

t.test('a device is registered with its evidence, its determinations and its headline', async (t) => {
  const made = await post(
    '/v1/devices',
    camera({
      assetTag: 'R-1',
      manufacturer: 'Hikvison',
      model: 'DS-2CD2143G0-I',
      macAddress: '44-19-b6-aa-bb-cc',
      purpose: 'public-safety',
      fundingSource: 'local',
      acquiredOn: '2019-05-01',
    }),
  )
  t.equal(made.status, 201)
  t.equal(made.headers.location, `/v1/devices/${made.body.id}`)
  t.match(made.body, {
    manufacturer: 'Hikvison',
    macAddress: '44:19:B6:AA:BB:CC',
    status: 'active',
    version: 1,
  })
  t.match(made.body.identification, { status: 'resolved', maker: 'hikvision' })
  t.ok(made.body.identification.evidence.length >= 3, 'each piece of evidence is shown')
  t.same(Object.keys(made.body.headline).sort(), [...ACTIVITIES].sort())
  t.equal(
    made.body.headline.procure,
    'seller-bar',
    'FCC row 9: no lawful sale of older models since July 2026',
  )
  const regimes = new Set(made.body.determinations.map((d: { regime: string }) => d.regime))
  for (const regime of [
    'ndaa-889-a',
    'ndaa-889-b',
    'grant-200-216',
    'fcc-covered-list',
    'bis-entity-list',
    'ofac-sdn',
  ]) {
    t.ok(regimes.has(regime), `${regime} was evaluated`)
  }
  const bis = made.body.determinations.find(
    (d: { regime: string; activity: string }) =>
      d.regime === 'bis-entity-list' && d.activity === 'return-export',
  )
  t.equal(bis.outcome, 'license-required')
  t.match(bis.citation, /744|84 FR/)
  t.ok(bis.because && bis.facts && Array.isArray(bis.missingFacts))
  const read = await get(`/v1/devices/${made.body.id}`)
  t.same(read.body, made.body, 'what was answered is what is stored')
})

t.test('an unknown maker is never clean, and never becomes a vendor', async (t) => {
  const made = await post('/v1/devices', { manufacturer: 'Zorblax Optronics', assetTag: 'R-2' })
  t.equal(made.status, 201)
  t.match(made.body.identification, { status: 'unresolved', brand: null, maker: null, needsReview: true })
  for (const activity of ['procure', 'federal-funding', 'firmware-update'])
    t.equal(made.body.headline[activity], 'review')
  t.equal((await get('/v1/manufacturers?q=zorblax')).body.items.length, 0)
})

t.test('bad input gets every wrong field at once, and nothing is stored', async (t) => {
  const before = (await get('/v1/summary')).body.totalDevices
  const bad = await post('/v1/devices', {
    macAddress: 7,
    acquiredOn: '2024-02-31',
    status: 'lost',
    deviceClas: 'camera',
    latitude: 91,
    notes: 'a\u0000b',
    name: '\ud800',
  })
  t.equal(bad.status, 400)
  t.same(codes(await post('/v1/devices', camera({ 'a/b~c': 1 }))), ['/a~1b~0c unknown-field'])
  t.match(bad.headers['content-type'], 'application/problem+json')
  t.equal(bad.body.type, '/problems/invalid-request')
  t.same(bad.body.errors.map((e: { pointer: string }) => e.pointer).sort(), [
    '/acquiredOn',
    '/deviceClas',
    '/latitude',
    '/macAddress',
    '/name',
    '/notes',
    '/status',
  ])
  t.same(codes(await post('/v1/devices', { macAddress: '12:34' })), ['/macAddress not-a-mac'])
  t.same(codes(await post('/v1/devices', { latitude: 1, acquisitionCostCents: 5 })), [
    '/currency required',
    '/longitude required',
  ])
  t.equal(
    (
      await h.call('POST', '/v1/devices', {
        key: editor,
        body: '{"a":',
        headers: { 'content-type': 'application/json' },
      })
    ).body.type,
    '/problems/malformed-body',
  )
  t.equal(
    (
      await h.call('POST', '/v1/devices', {
        key: editor,
        body: '<a/>',
        headers: { 'content-type': 'application/xml' },
      })
    ).status,
    415,
  )
  t.equal((await post('/v1/devices', { notes: 'x'.repeat(1_100_000) })).status, 413)
  t.same(
    codes(await get('/v1/devices?manufactuer=Axis')),
    ['?manufactuer unknown-field'],
    'a typing error never widens an answer',
  )
  t.same(codes(await get('/v1/devices?limit=1001')), ['?limit too-big'])
  t.equal((await get('/v1/devices/not-an-id')).status, 400)
  t.equal((await get('/v1/nowhere')).status, 404)
  t.equal((await get('/v1/devices', { accept: 'application/xml' })).status, 406)
  // RFC 9110, 12.5.1: what is refused by name is not given for `*/*`, and the more particular range counts.
  for (const [accept, given] of [
    ['application/json;q=0, */*', 'text/csv'],
    ['text/*;q=0.5, text/csv;q=0.1, application/json;q=0.2', 'application/json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['text/csv;q=0.9, application/ndjson', 'application/x-ndjson'],
    ['TEXT/CSV', 'text/csv'],
    [' ', 'application/json'],
  ] as const) {
    const reply = await get('/v1/devices', { accept })
    t.equal(reply.headers['content-type']?.split(';')[0], given, accept)
  }
  t.equal((await get('/v1/summary')).body.totalDevices, before)
})

t.test('a question that names what does not exist is refused, and says what it may mean', async (t) => {
  const told = (reply: Reply) =>
    (reply.body.errors ?? []).map((e: { pointer: string; message: string }) => `${e.pointer}: ${e.message}`)
  for (const path of ['/v1/devices', '/v1/summary']) {
    const wrong = await get(
      `${path}?groupBy=city&maker=Hikvison&brand=nosuchbrand&regime=889`.replace(
        path === '/v1/devices' ? 'groupBy=city&' : '',
        '',
      ),
    )
    t.equal(wrong.status, 400, path)
    t.match(told(wrong).join('\n'), /\?maker: "Hikvison" .* hikvision\?/)
    t.match(told(wrong).join('\n'), /\?brand: "nosuchbrand"/)
    t.match(told(wrong).join('\n'), /\?regime: "889" .*ndaa-889-b/)
    t.equal((await get(`${path}${path === '/v1/devices' ? '?' : '?groupBy=city&'}maker=unknown`)).status, 200)
  }
  t.same(codes(await get('/v1/firmware-risks?maker=DAHUA')), ['?maker unknown-id'])
  t.same(codes(await get('/v1/devices?state=ZZ')), ['?state custom'])
  t.same(codes(await h.call('POST', '/v1/jurisdictions', { body: { name: 'Nowhere', state: 'TE' } })), [
    '/state custom',
  ])
  t.same(
    codes(await post('/v1/screen', { jurisdiction: { state: 'ZZ' }, items: [{ manufacturer: 'Axis' }] })),
    ['/jurisdiction/state custom'],
  )
  t.match(
    told(await get('/v1/devices?outcome=bad')),
    [/^\?outcome: .*prohibited/],
    'the words that are allowed',
  )
  t.same(told(await get('/v1/devices?limit=abc')), ['?limit: must be a number'])
  t.same(codes(await get('/v1/devices/no-id')), ['{id} invalid-format'])
  t.same(codes(await post('/v1/devices', {})), [' says-nothing'])
  t.equal((await get('/v1/manufacturers/match?name=%20')).status, 400)
  const csv = await h.call('POST', '/v1/devices', {
    key: editor,
    body: 'a,b',
    headers: { 'content-type': 'text/plain' },
  })
  t.equal(csv.status, 415, 'a spreadsheet is no device')
})

t.test('an asset tag is taken once in a city, and is free in another', async (t) => {
  const other = await h.jurisdiction()
  const otherEditor = await h.key('city-editor', other)
  t.equal((await post('/v1/devices', camera({ assetTag: 'DUP' }))).status, 201)
  const again = await post('/v1/devices', camera({ assetTag: 'DUP' }))
  t.equal(again.status, 409)
  t.equal(again.body.type, '/problems/asset-tag-taken')
  t.equal(again.body.errors[0].pointer, '/assetTag')
  t.equal((await post('/v1/devices', camera({ assetTag: 'DUP' }), {}, otherEditor)).status, 201)
})

t.test(
  'devices of one kind, registered, changed and removed at once, are never in each other’s way',
  async (t) => {
    const key = await h.key('city-editor', await h.jurisdiction())
    const tags = Array.from({ length: 40 }, (_, i) => `AT-ONCE-${i}`)
    const made = await Promise.all(tags.map((assetTag) => post('/v1/devices', camera({ assetTag }), {}, key)))
    t.same([...new Set(made.map(({ status }) => status))], [201])
    const changes = made.map(({ body }, i) => {
      const at = `/v1/devices/${body.id}`
      const version = { 'if-match': '"1"' }
      if (i % 4 === 0) return h.call('DELETE', at, { key, headers: version })
      if (i % 4 === 1) return post('/v1/devices', camera({ assetTag: `MORE-${i}` }), {}, key)
      return patch(at, { model: i % 4 === 2 ? 'P3245-V' : 'P3248-LVE' }, version, key)
    })
    const statuses = (await Promise.all(changes)).map(({ status }) => status)
    t.same([...new Set(statuses)].sort(), [200, 201, 204])
    const { body } = await get('/v1/summary?groupBy=maker', {}, key)
    t.equal(body.totalDevices, 40)
  },
)

t.test('an operator key has to name the jurisdiction it writes to', async (t) => {
  t.same(codes(await post('/v1/devices', camera(), {}, h.admin)), ['/jurisdictionId required'])
  const made = await post('/v1/devices', camera({ jurisdictionId: city }), {}, h.admin)
  t.equal(made.status, 201)
  t.equal(made.body.jurisdictionId, city)
})

t.test('a change keeps what was before, and needs the version it was made on', async (t) => {
  const made = await post('/v1/devices', camera({ assetTag: 'H-1', firmwareVersion: '10.1' }))
  const url = `/v1/devices/${made.body.id}`
  h.setNow('2026-11-24T12:10:00Z')
  const changed = await patch(
    url,
    { manufacturer: 'Dahua', model: 'IPC-HFW2431S' },
    { 'if-match': made.headers.etag! },
  )
  t.equal(changed.status, 200)
  t.equal(changed.body.version, 2)
  t.equal(changed.body.identification.maker, 'dahua', 'the evidence is weighed again')
  t.not(changed.headers.etag, made.headers.etag)
  const stale = await patch(url, { notes: 'late' }, { 'if-match': made.headers.etag! })
  t.equal(stale.status, 412)
  t.equal(
    (await patch(url, { manufacturer: 'Dahua' })).body.version,
    2,
    'a change that changes nothing is none',
  )
  const history = await get(`${url}/history`)
  t.match(history.body.items, [
    { version: 2, validTo: null, device: { manufacturer: 'Dahua' } },
    {
      version: 1,
      changedFields: ['manufacturer', 'model'],
      device: { manufacturer: 'Axis', firmwareVersion: '10.1' },
    },
  ])
  t.equal(history.body.items[1].validTo, history.body.items[0].validFrom, 'periods meet')
  const paged = await get(`${url}/history?limit=1`)
  t.equal((await get(`${url}/history?limit=1&cursor=${paged.body.nextCursor}`)).body.items[0].version, 1)
  t.equal((await get(url, { 'if-none-match': changed.headers.etag! })).status, 304)
  t.equal((await patch(url, {}, {}, viewer)).status, 403)

  const past = await get(`${url}?asOf=2026-11-24T12:05:00Z`)
  t.equal(past.body.manufacturer, 'Axis', 'as the register stood')
  t.equal(past.body.identification.maker, 'axis')
  t.equal((await get(`${url}?asOf=2026-11-23`)).status, 404, 'it was not registered then')
  t.equal((await get(`${url}?asOf=2027-01-01`)).status, 400, 'a day to come is not known')

  const removed = await h.call('DELETE', url, { key: editor, headers: { 'if-match': '"1"' } })
  t.equal(removed.status, 412)
  h.setNow('2026-11-24T12:20:00Z')
  t.equal((await h.call('DELETE', url, { key: editor })).status, 204)
  t.equal((await get(url)).status, 404)
  t.equal((await get(`${url}/history`)).body.items[0].device.manufacturer, 'Dahua', 'its history stays')
  t.equal(
    (await get(`${url}?asOf=2026-11-24T12:15:00Z`)).body.manufacturer,
    'Dahua',
    'and its past can be asked for',
  )
  h.setNow('2026-11-24T12:00:00Z')
})

t.test('the same Idempotency-Key gives the same answer and one device', async (t) => {
  const body = camera({ serialNumber: 'IDEM' })
  const first = await post('/v1/devices', body, { 'idempotency-key': 'k1' })
  const second = await post('/v1/devices', body, { 'idempotency-key': 'k1' })
  t.equal(second.status, 201)
  t.same(second.body, first.body)
  t.equal((await get('/v1/devices?serialNumber=IDEM')).body.items.length, 1)
  const reused = await post('/v1/devices', camera({ serialNumber: 'OTHER' }), { 'idempotency-key': 'k1' })
  t.equal(reused.status, 422)
  t.equal(reused.body.type, '/problems/idempotency-key-reused')
  const failed = await post('/v1/devices', camera({ assetTag: 'R-1' }), { 'idempotency-key': 'k2' })
  t.equal(failed.status, 409)
  t.equal(
    (await post('/v1/devices', camera({ assetTag: 'R-1b' }), { 'idempotency-key': 'k2' })).status,
    201,
    'a failure uses nothing up',
  )
  const racing = await Promise.all(
    Array.from({ length: 5 }, () =>
      post('/v1/devices', camera({ serialNumber: 'RACE' }), { 'idempotency-key': 'k3' }),
    ),
  )
  t.same(new Set(racing.map((reply) => reply.body.id)).size, 1, 'also when they race')
})

t.test('sites are named once a city, changed by version, and removed when empty', async (t) => {
  const made = await post('/v1/sites', {
    name: 'City Hall',
    address: '1 Main St',
    latitude: 30.1,
    longitude: -97.7,
  })
  t.equal(made.status, 201)
  t.equal((await post('/v1/sites', { name: 'CITY HALL' })).body.type, '/problems/site-name-taken')
  const url = `/v1/sites/${made.body.id}`
  t.same((await get(url)).body, made.body)
  const changed = await patch(url, { department: 'Facilities' }, { 'if-match': '"1"' })
  t.match(changed.body, { department: 'Facilities', version: 2 })
  t.equal((await patch(url, { name: 'x' }, { 'if-match': '"1"' })).status, 412)
  t.equal((await patch(url, {})).status, 400)
  const device = await post('/v1/devices', camera({ siteId: made.body.id }))
  const held = await h.call('DELETE', url, { key: editor })
  t.equal(held.status, 409)
  t.equal(held.body.type, '/problems/site-in-use')
  await h.call('DELETE', `/v1/devices/${device.body.id}`, { key: editor })
  t.equal((await h.call('DELETE', url, { key: editor })).status, 204)
  t.equal((await get(url)).status, 404)
  t.match((await get('/v1/sites', { accept: 'text/csv' })).text, /^id,jurisdictionId,name/)
  t.equal((await get('/v1/sites?name=nowhere')).body.items.length, 0)
})

t.test('pages cover every row once under any sort, also when rows come and go between them', async (t) => {
  const place = await h.jurisdiction()
  const key = await h.key('city-editor', place)
  const tags = Array.from({ length: 23 }, (_, i) => `P-${String(i).padStart(2, '0')}`)
  for (const [i, assetTag] of tags.entries()) {
    await post(
      '/v1/devices',
      camera({
        assetTag,
        department: i % 3 === 0 ? null : `D${i % 4}`,
        acquiredOn: i % 5 === 0 ? null : `2020-01-${10 + (i % 7)}`,
      }),
      {},
      key,
    )
  }
  for (const sort of [
    '',
    'assetTag',
    '-assetTag',
    'department',
    '-department,acquiredOn',
    'acquiredOn,-assetTag',
    '-createdAt',
  ]) {
    const seen: string[] = []
    let url = `/v1/devices?limit=5&sort=${sort}`
    for (;;) {
      const page = await get(url, {}, key)
      t.equal(page.status, 200)
      seen.push(...page.body.items.map((one: { assetTag: string }) => one.assetTag))
      if (page.body.nextCursor === null) break
      t.match(page.headers.link, /rel="next"/)
      url = /<([^>]+)>/.exec(page.headers.link!)![1]!
    }
    t.same([...seen].sort(), tags, `sort=${sort}`)
    if (sort === '-assetTag') t.same(seen, [...tags].reverse())
  }
  const first = await get('/v1/devices?limit=5&sort=assetTag', {}, key)
  await post('/v1/devices', camera({ assetTag: 'P-02x' }), {}, key)
  const second = await get(`/v1/devices?limit=5&sort=assetTag&cursor=${first.body.nextCursor}`, {}, key)
  t.same(second.body.items[0].assetTag, 'P-05', 'no repeat and no skip of what stood still')
  for (const [url, what] of [
    [`/v1/devices?limit=5&cursor=${first.body.nextCursor}`, 'another sort'],
    ['/v1/devices?cursor=Zm9yZ2Vk', 'forged'],
    ['/v1/devices?cursor=%00', 'nonsense'],
  ] as const) {
    t.same(codes(await get(url, {}, key)), ['?cursor invalid-cursor'], what)
  }
  t.same(codes(await get('/v1/devices?sort=password', {}, key)), ['?sort unknown-field'])
})

t.test('a made-up cursor is refused on every list, whatever it holds', async (t) => {
  const place = await h.jurisdiction({ state: 'OH' })
  const key = await h.key('city-editor', place)
  const { body: device } = await post('/v1/devices', camera({ assetTag: 'C-1' }), {}, key)
  await h.call('PATCH', `/v1/devices/${device.id}`, { key, body: { notes: 'changed' } })
  const { body: second } = await post('/v1/devices', camera({ assetTag: 'C-2' }), {}, key)
  for (const name of ['One', 'Two']) await post('/v1/sites', { name }, {}, key)
  const admin = await h.key('admin')
  const lists: [string, string][] = [
    ['/v1/devices?', key],
    ['/v1/devices?sort=-updatedAt&', key],
    ['/v1/devices?sort=acquiredOn&', key],
    ['/v1/devices?sort=-firmwareScore,assetTag&', key],
    [`/v1/devices?asOf=${second.createdAt}&`, key],
    [`/v1/devices/${device.id}/history?`, key],
    ['/v1/sites?', key],
    ['/v1/firmware-risks?', key],
    ['/v1/audit-events?', key],
    ['/v1/audit-heads?', admin],
    ['/v1/jurisdictions?', admin],
    ['/v1/keys?', admin],
    ['/v1/manufacturers?', key],
    ['/v1/advisories?', key],
  ]
  const { nextCursor } = (await get('/v1/devices?limit=1', {}, key)).body
  const other = await get(`/v1/devices?limit=1&assetTag=C-1&cursor=${nextCursor}`, {}, key)
  t.same(codes(other), ['?cursor invalid-cursor'], 'the cursor of another question')
  const wrong = ['x', '\0', '\ud800', 1e300, 1.5, Number.MIN_VALUE, true, '9999999999', '2026-02-31', [1], {}]
  for (const [url, caller] of lists) {
    const { body } = await h.call('GET', `${url}limit=1`, { key: caller })
    t.type(body.nextCursor, 'string', `${url} has two pages`)
    const [mark, ...values] = JSON.parse(Buffer.from(body.nextCursor, 'base64url').toString()) as unknown[]
    for (const value of wrong) {
      for (const place of values.keys()) {
        const made = Buffer.from(JSON.stringify([mark, ...values.with(place, value)])).toString('base64url')
        const answer = await h.call('GET', `${url}limit=1&cursor=${made}`, { key: caller })
        t.ok([200, 400].includes(answer.status), `${url} ${JSON.stringify(value)}: ${answer.status}`)
        if (answer.status === 400) t.same(codes(answer), ['?cursor invalid-cursor'])
      }
    }
  }
})

t.test('every filter narrows to what it names', async (t) => {
  const place = await h.jurisdiction({ state: 'OH' })
  const key = await h.key('city-editor', place)
  const site = (await post('/v1/sites', { name: 'Yard' }, {}, key)).body.id
  const full = {
    assetTag: 'F-1',
    serialNumber: 'S1',
    manufacturer: 'Hikvision',
    model: 'DS-2CD2143G0-I',
    macAddress: '44:19:B6:00:00:01',
    firmwareVersion: 'V5.5.82',
    deviceClass: 'camera',
    hasRadio: false,
    purpose: 'public-safety',
    fundingSource: 'federal-grant',
    updateChannel: 'vendor-portal-us',
    networkExposure: 'internet',
    department: 'Police',
    acquiredOn: '2021-05-01',
    installedOn: '2021-06-01',
    siteId: site,
    name: 'North gate',
  }
  await post('/v1/devices', full, {}, key)
  await post(
    '/v1/devices',
    { assetTag: 'F-2', manufacturer: 'Axis', model: 'P1', status: 'planned' },
    {},
    key,
  )
  const tagsOf = async (query: string) =>
    (await get(`/v1/devices?${query}`, {}, key)).body.items
      .map((one: { assetTag: string }) => one.assetTag)

      .sort()
      .join()
  const cases: [string, string][] = [
    ['assetTag=F-1', 'F-1'],
    ['serialNumber=S1', 'F-1'],
    ['manufacturer=hikvision', 'F-1'],
    ['model=ds-2cd2143g0-i', 'F-1'],
    ['macAddress=44:19:B6:00:00:01', 'F-1'],
    ['firmwareVersion=V5.5.82', 'F-1'],
    ['deviceClass=camera', 'F-1'],
    ['deviceClass=unknown', 'F-2'],
    ['hasRadio=false', 'F-1'],
    ['hasRadio=unknown', 'F-2'],
    ['purpose=public-safety', 'F-1'],
    ['purpose=unknown', 'F-2'],
    ['fundingSource=federal-grant', 'F-1'],
    ['updateChannel=vendor-portal-us', 'F-1'],
    ['networkExposure=internet', 'F-1'],
    ['department=police', 'F-1'],
    [`siteId=${site}`, 'F-1'],
    ['siteId=unknown', 'F-2'],
    ['status=planned', 'F-2'],
    ['status=planned&status=active', 'F-1,F-2'],
    ['maker=hikvision', 'F-1'],
    ['brand=axis', 'F-2'],
    ['identificationStatus=resolved', 'F-1,F-2'],
    ['identificationStatus=unresolved', ''],
    ['needsReview=false', 'F-1,F-2'],
    ['hasFindings=true', 'F-1'],
    ['hasFindings=false', 'F-2'],
    ['regime=bis-entity-list', 'F-1'],
    ['regime=bis-entity-list&activity=return-export&outcome=license-required', 'F-1'],
    ['regime=bis-entity-list&activity=procure', ''],
    ['activity=procure&outcome=permitted', 'F-2'],
    ['outcome=unallowable', 'F-1'],
    ['regime=ofac-sdn&activity=procure&outcome=permitted', 'F-1,F-2'],
    ['acquiredFrom=2021-05-01&acquiredTo=2021-05-02', 'F-1'],
    ['acquiredTo=2021-05-01', ''],
    ['installedFrom=2021-06-02', ''],
    ['q=north', 'F-1'],
    ['q=%25', ''],
    ['state=OH', 'F-1,F-2'],
    ['state=TX', ''],
    [`jurisdictionId=${place}`, 'F-1,F-2'],
    ['updatedSince=2026-11-24T11:00:00Z', 'F-1,F-2'],
    ['updatedSince=2026-11-25', ''],
  ]
  for (const [query, expected] of cases) {
    t.equal(await tagsOf(query), expected, query)
    if (!query.startsWith('updatedSince')) {
      t.equal(await tagsOf(`${query}&asOf=2026-11-24`), expected, `${query}, and the same asked of a day`)
    }
  }
})

t.test('every field of a device is a filter, with the operators of its kind', async (t) => {
  const place = await h.jurisdiction()
  const key = await h.key('city-editor', place)
  const yard = (await post('/v1/sites', { name: 'North Yard' }, {}, key)).body.id
  const hall = (await post('/v1/sites', { name: 'City Hall' }, {}, key)).body.id
  const nvr = await post(
    '/v1/devices',
    { assetTag: 'NVR-1', name: 'Hall recorder', ipAddress: '10.0.0.9', manufacturer: 'Axis', siteId: hall },
    {},
    key,
  )
  const devices: Record<string, unknown>[] = [
    {
      assetTag: 'G-1',
      name: 'East Gate 100%',
      manufacturer: 'Hikvision',
      model: 'DS-2CD2143G0-I',
      macAddress: '44:19:b6:00:00:01',
      ipAddress: '10.20.0.1',
      hostName: 'gate.city.example',
      installedOn: '2020-01-01',
      acquisitionCostCents: 50_000,
      currency: 'USD',
      usefulLifeYears: 10,
      paidSupport: true,
      purpose: 'traffic',
      supplier: 'Acme',
      notes: '',
      siteId: yard,
      recorder: 'nvr-1',
    },
    {
      assetTag: 'G-2',
      name: 'west gate',
      manufacturer: 'Zzz Unknown',
      installedOn: '2019-12-31',
      acquisitionCostCents: 49_999,
      currency: 'EUR',
      usefulLifeYears: 9,
      paidSupport: false,
      notes: 'leaks',
      siteId: hall,
      recorder: 'Hall Recorder',
    },
    { assetTag: 'G-3', status: 'stored', recorder: '10.0.0.9' },
  ]
  const ids: string[] = []
  for (const device of devices) ids.push((await post('/v1/devices', device, {}, key)).body.id)
  const attached = await h.app.inject({
    method: 'POST',
    url: `/v1/documents?device=${ids[0]}&name=letter.pdf`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/pdf' },
    payload: Buffer.from('%PDF-1.4\n%%EOF\n'),
  })
  t.equal(attached.statusCode, 201, attached.body)
  const found = async (query: string) =>
    (await get(`/v1/devices?${query}&limit=100`, {}, key)).body.items
      ?.map((one: { assetTag: string }) => one.assetTag)
      .sort()
      .join()
  const cases: [string, string][] = [
    ['name=EAST GATE 100%25', 'G-1'],
    ['name__contains=GATE', 'G-1,G-2'],
    ['name__contains=%25', 'G-1'],
    ['name__contains=_', ''],
    ['name__startsWith=west', 'G-2'],
    ['name__not=west gate', 'G-1,G-3,NVR-1'],
    ['name__not=west gate&name__not=unknown', 'G-1,NVR-1'],
    ['name__empty=true', 'G-3'],
    ['notes__empty=false', 'G-2'],
    ['notes__empty=true', 'G-1,G-3,NVR-1'],
    ['assetTag__startsWith=g-', 'G-1,G-2,G-3'],
    ['macAddress=4419.b600.0001', 'G-1'],
    ['ipAddress=10.20.0.1', 'G-1'],
    ['ipAddress__startsWith=10.20.', 'G-1'],
    ['supplier=ACME', 'G-1'],
    ['installedOn=2020-01-01', 'G-1'],
    ['installedOn__lt=2020-01-01', 'G-2'],
    ['installedOn__lte=2020-01-01', 'G-1,G-2'],
    ['installedOn__gt=2019-12-31', 'G-1'],
    ['installedOn__gte=2019-12-31&installedTo=2020-01-01', 'G-2'],
    ['installedOn=unknown', 'G-3,NVR-1'],
    ['installedOn__not=2020-01-01', 'G-2,G-3,NVR-1'],
    ['acquisitionCostCents__gte=50000', 'G-1'],
    ['acquisitionCostCents__gt=49999.5', 'G-1'],
    ['acquisitionCostCents=49999&acquisitionCostCents=50000.0', 'G-1,G-2'],
    ['usefulLifeYears__lt=10', 'G-2'],
    ['paidSupport=false', 'G-2'],
    ['paidSupport__not=false', 'G-1,G-3,NVR-1'],
    ['paidSupport__empty=true', 'G-3,NVR-1'],
    ['purpose__not=traffic', 'G-2,G-3,NVR-1'],
    ['status__not=active', 'G-3'],
    ['currency=usd', 'G-1'],
    ['site=north yard', 'G-1'],
    ['site__not=north yard', 'G-2,G-3,NVR-1'],
    ['site__contains=HALL&site__contains=yard', 'G-1,G-2,NVR-1'],
    [`siteId__not=${yard}`, 'G-2,G-3,NVR-1'],
    ['siteId__empty=true', 'G-3'],
    ['maker__not=hikvision', 'G-2,G-3,NVR-1'],
    ['maker__not=hikvision&maker__not=unknown', 'NVR-1'],
    ['candidate=hikvision', 'G-1'],
    ['candidate__not=axis', 'G-1,G-2,G-3'],
    ['candidate=unknown', 'G-2,G-3'],
    ['needsDecision=true', 'G-2,G-3'],
    ['needsDecision=false', 'G-1,NVR-1'],
    ['hasDocuments=true', 'G-1'],
    ['hasDocuments=false', 'G-2,G-3,NVR-1'],
    ['statements__empty=true', 'G-1,G-2,G-3,NVR-1'],
    ['recorder=NVR-1', 'G-1,G-2,G-3'],
    [`recorder=${nvr.body.id}`, 'G-1,G-2,G-3'],
    ['recorder=hall%20recorder', 'G-2'],
    ['recorder__empty=true', 'NVR-1'],
  ]
  for (const [query, expected] of cases) {
    t.equal(await found(query), expected, query)
    t.equal(await found(`${query}&asOf=2026-11-24`), expected, `${query}, and the same asked of a day`)
    const summary = await get(`/v1/summary?${query}`, {}, key)
    t.equal(summary.body.totalDevices, expected === '' ? 0 : expected.split(',').length, `${query}, counted`)
  }
  const refusals: [string, string][] = [
    ['colour=red', 'name, manufacturer'],
    ['name__gte=x', '__contains'],
    ['installedOn__contains=2020', 'days __not __empty __gt __gte __lt __lte'],
    ['statements=x', '__empty'],
  ]
  for (const [query, part] of refusals) {
    const { status, body } = await get(`/v1/devices?${query}&hasRadio=perhaps`, {}, key)
    t.equal(status, 400, query)
    const refused = body.errors.find(
      ({ pointer }: { pointer: string }) => pointer === `?${query.split('=')[0]}`,
    )
    t.equal(refused?.code, 'unknown-field', query)
    t.match(refused.message, part, `${query}: the filters that there are`)
    t.ok(
      body.errors.some(({ pointer }: { pointer: string }) => pointer === '?hasRadio'),
      `${query}: the other mistake too`,
    )
  }
  for (const query of ['installedOn__lt=2020', 'usefulLifeYears__gt=ten', 'site=', 'name__empty=perhaps']) {
    t.equal((await get(`/v1/devices?${query}`, {}, key)).status, 400, query)
  }
  const maker = await get('/v1/devices?candidate=hikvison&maker__not=hikvison', {}, key)
  t.same(
    maker.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
    ['?maker__not unknown-id', '?candidate unknown-id'],
  )
  const many = await post(
    '/v1/devices/changes',
    {
      filter: { acquisitionCostCents__gte: 50_000, paidSupport: true, name__empty: false },
      change: { room: 'A' },
      dryRun: true,
    },
    {},
    key,
  )
  t.equal(many.body.count, 1, 'numbers and booleans of a body are JSON')
})

t.test('a filter finds the same devices today and asked of the day, at every boundary', async (t) => {
  const place = await h.jurisdiction()
  const key = await h.key('city-editor', place)
  const sites = await Promise.all(
    ['İzmir Yard', 'ΟΔΟΣ', 'a_b'].map(async (name) => (await post('/v1/sites', { name }, {}, key)).body.id),
  )
  const words = [
    'Σ',
    'ΟΔΟΣ',
    'οδοσ',
    'İ',
    'i',
    'É',
    'é',
    'a%b',
    'a_b',
    'a\\b',
    'A B',
    'unknown',
    'Straße',
    'STRASSE',
  ]
  const days = ['2019-12-31', '2020-01-01', '2020-01-02', '0999-12-31', '9999-12-31']
  const figures = [0, 1, 49_999, 50_000, Number.MAX_SAFE_INTEGER]
  const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
  const word = fc.constantFrom(...words)
  const device = fc.record({
    name: maybe(word),
    manufacturer: maybe(fc.constantFrom('Hikvision', 'hikvision', 'Axis', 'Zzz', ...words)),
    model: maybe(fc.constantFrom('DS-2CD2143G0-I', 'ds-2cd2143g0-i', ...words)),
    supplier: maybe(word),
    recorder: maybe(fc.constantFrom('R-1', 'r-1', 'rec one', ...words)),
    installedOn: maybe(fc.constantFrom(...days)),
    acquisitionCostCents: maybe(fc.constantFrom(...figures)),
    usefulLifeYears: maybe(fc.constantFrom(1, 9, 10, 100)),
    latitude: maybe(fc.constantFrom(-90, 0, 0.1, 90)),
    hasRadio: maybe(fc.boolean()),
    purpose: maybe(fc.constantFrom('traffic', 'other')),
    producedIn: maybe(fc.constantFrom('CN', 'US')),
    notes: maybe(fc.constantFrom('', 'x')),
    siteId: maybe(fc.constantFrom(...sites)),
  })
  await post('/v1/devices', { assetTag: 'R-1', name: 'Rec One' }, {}, key)
  for (const [i, { latitude, acquisitionCostCents, ...one }] of fc.sample(device, 60).entries()) {
    const answer = await post(
      '/v1/devices',
      {
        ...one,
        assetTag: `P-${i}`,
        ...(latitude === undefined ? {} : { latitude, longitude: 0 }),
        ...(acquisitionCostCents === undefined ? {} : { acquisitionCostCents, currency: 'USD' }),
      },
      {},
      key,
    )
    t.equal(answer.status, 201, answer.text)
  }
  const textOps = fc.constantFrom('', '__not', '__contains', '__startsWith')
  const sizeOps = fc.constantFrom('', '__not', '__gt', '__gte', '__lt', '__lte')
  const asked = (names: string[], ops: fc.Arbitrary<string>, values: fc.Arbitrary<unknown>) =>
    fc
      .tuple(fc.constantFrom(...names), ops, values)
      .map(([name, op, value]) => [`${name}${op}`, String(value)])
  const condition = fc.oneof(
    asked(
      ['name', 'manufacturer', 'model', 'supplier', 'notes'],
      textOps,
      fc.constantFrom(...words, 'x', 'σ', 'zz'),
    ),
    asked(
      ['site', 'site'],
      fc.constantFrom('', '__not', '__contains'),
      fc.constantFrom('i', 'İZMİR YARD', 'οδος', '_'),
    ),
    asked(
      ['recorder'],
      fc.constantFrom('', '__contains'),
      fc.constantFrom('R-1', 'r-1', 'Rec One', 'É', 'Σ'),
    ),
    asked(['installedOn'], sizeOps, fc.constantFrom(...days)),
    asked(
      ['acquisitionCostCents', 'usefulLifeYears'],
      sizeOps,
      fc.constantFrom(0, 1, 10, '49999.5', 49_999, 50_000),
    ),
    asked(['latitude'], sizeOps, fc.constantFrom('0.1', 0, '-90', 90)),
    asked(['hasRadio'], fc.constantFrom('', '__not'), fc.constantFrom('true', 'false', 'unknown')),
    asked(['purpose'], fc.constantFrom('', '__not'), fc.constantFrom('traffic', 'other', 'unknown')),
    asked(['producedIn'], textOps, fc.constantFrom('cn', 'C', 'unknown')),
    asked(['name', 'notes', 'installedOn', 'siteId', 'hasRadio'], fc.constant('__empty'), fc.boolean()),
    asked(
      ['maker', 'brand', 'candidate'],
      fc.constantFrom('', '__not'),
      fc.constantFrom('hikvision', 'axis', 'unknown'),
    ),
    asked(['needsDecision', 'needsReview', 'hasDocuments', 'hasFindings'], fc.constant(''), fc.boolean()),
    asked(['q'], fc.constant(''), fc.constantFrom('σ', 'i', '%', '_', 'é', 'hik')),
  )
  const ids = async (query: string) => {
    const { status, body } = await get(`/v1/devices?${query}&fields=id&limit=1000`, {}, key)
    return status === 200 ? body.items.map(({ id }: { id: string }) => id).join() : `${status} ${query}`
  }
  const sizes = new Set<number>()
  for (const conditions of fc.sample(fc.array(condition, { minLength: 1, maxLength: 2 }), 200)) {
    if (conditions.filter(([name]) => name === 'q' || /^(needs|has)[A-Z]/.test(name!)).length > 1) continue
    const single = conditions.filter(([name], i) => conditions.findIndex(([other]) => other === name) === i)
    const query = single.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')
    const now = await ids(query)
    sizes.add(now === '' ? 0 : now.split(',').length)
    t.equal(await ids(`${query}&asOf=2026-11-24`), now, query)
  }
  t.ok(sizes.size > 15, `filters cut the register in many ways (${sizes.size})`)
})

t.test('CSV and NDJSON hold every row, safe for a spreadsheet', async (t) => {
  const place = await h.jurisdiction()
  const key = await h.key('city-editor', place)
  await post('/v1/devices', camera({ assetTag: '=1+1', name: 'a "quoted", name', notes: '@cmd' }), {}, key)
  await post('/v1/devices', camera({ assetTag: 'plain', manufacturer: 'Dahua' }), {}, key)
  const csv = await get('/v1/devices', { accept: 'text/csv' }, key)
  t.match(csv.headers['content-type'], 'text/csv')
  t.match(csv.text, /,'=1\+1,/)
  t.match(csv.text, /"a ""quoted"", name"/)
  t.equal(csv.text.trimEnd().split('\r\n').length, 3)
  const lines = (await get('/v1/devices', { accept: 'application/x-ndjson' }, key)).text.trimEnd().split('\n')
  t.equal(lines.length, 2)
  t.ok(
    lines.some((line) => JSON.parse(line).assetTag === '=1+1'),
    'NDJSON is not a spreadsheet',
  )
  t.match((await get('/v1/devices?asOf=2026-11-24', { accept: 'text/csv' }, key)).text, /'=1\+1/)
  t.match(
    (await get('/v1/summary?groupBy=maker', { accept: 'text/csv' }, key)).text,
    /^maker,devices,share,lawAsOf,listsReadOn\r\n/,
  )
})

t.test('lists show findings, a single device everything, and the choice is the caller’s', async (t) => {
  const one = async (query: string, accept = 'application/json') =>
    (await get(`/v1/devices?assetTag=R-1&${query}`, { accept })).body.items[0]
  const list = await one('')
  const { body: whole } = await get(`/v1/devices/${list.id}`)
  const found = whole.determinations.filter(
    (d: { outcome: string }) => !['permitted', 'not-applicable'].includes(d.outcome),
  )
  t.ok(found.length > 5)
  const { status, brand, maker, confidence } = whole.identification
  const { level, urgency, score } = whole.firmwareRisk
  t.same(Object.keys(list), DEVICE_FIELDS.listed)
  const stored = DEVICE_FIELDS.listed.slice(0, 9)
  for (const field of stored) t.equal(list[field], whole[field], field)
  t.same(list.identification, { status, brand, maker, confidence })
  t.same(list.firmwareRisk, { level, urgency })
  t.same(list.headline, whole.headline)
  const inShort = Object.entries(list.findings as Record<string, Record<string, string[]>>).flatMap(
    ([activity, outcomes]) =>
      Object.entries(outcomes).flatMap(([outcome, rules]) => rules.map((rule) => [activity, outcome, rule])),
  )
  t.same(
    inShort.toSorted(),
    found
      .map((d: { activity: string; outcome: string; ruleId: string }) => [d.activity, d.outcome, d.ruleId])
      .toSorted(),
    'every finding stands in the short form',
  )
  for (const [activity, outcomes] of Object.entries(list.findings)) {
    t.equal(Object.keys(outcomes as object)[0], whole.headline[activity], 'the most severe first')
  }

  for (const query of ['include=all', 'determinations=all']) t.same(await one(query), whole, query)
  t.same((await one('include=determinations')).determinations, whole.determinations)
  t.same((await one('determinations=findings')).determinations, found)
  t.equal((await one('determinations=none')).findings, undefined)
  t.same((await one('include=identification')).identification, whole.identification)
  t.same((await one('include=firmwareRisk,notes')).firmwareRisk.score, score)
  t.same(Object.keys(await one('include=notes')), [
    ...DEVICE_FIELDS.listed.slice(0, 9),
    'notes',
    ...DEVICE_FIELDS.listed.slice(9),
  ])
  t.same(await one('fields=headline,serialNumber'), {
    id: whole.id,
    serialNumber: whole.serialNumber,
    headline: whole.headline,
  })
  t.same(await one('fields=identification&include=determinations&determinations=findings'), {
    id: whole.id,
    identification: list.identification,
    determinations: found,
  })
})

t.test('what is asked for comes alike as JSON, NDJSON and CSV, today and of a day', async (t) => {
  for (const day of ['', '&asOf=2026-11-24']) {
    for (const query of ['fields=assetTag', 'include=determinations', 'determinations=findings', 'x=']) {
      const url = `/v1/devices?limit=1000${day}${query === 'x=' ? '' : `&${query}`}`
      const json = (await get(url)).body.items
      const lines = (await get(url, { accept: 'application/x-ndjson' })).text.trimEnd().split('\n')
      t.same(
        lines.map((line) => JSON.parse(line)),
        json,
        url,
      )
    }
    t.same(
      (await get(`/v1/devices?limit=1000${day}`)).body,
      (await get('/v1/devices?limit=1000')).body,
      'the same shape and, on the same day, the same answers',
    )
    const csv = { accept: 'text/csv' }
    const table = await get(`/v1/devices?assetTag=R-1&fields=model,headline,assetTag${day}`, csv)
    const [header = '', row = ''] = table.text.split('\r\n')
    t.equal(header, `model,${ACTIVITIES.map((activity) => `headline.${activity}`).join(',')},assetTag`)
    t.equal(row.split(',').length, 8)
    const [listed] = (await get(`/v1/devices?assetTag=R-1&include=determinations${day}`)).body.items
    const findings = listed.determinations
      .filter((d: { outcome: string }) => d.outcome !== 'permitted' && d.outcome !== 'not-applicable')
      .map((d: Record<string, string>) => `${d.regime}/${d.activity}: ${d.outcome}`)
      .join('; ')
    const columnOf = async (query: string) =>
      (await get(`/v1/devices?assetTag=R-1${day}&${query}`, csv)).text.split('\r\n')
    t.equal((await columnOf('fields=findings'))[1]?.replaceAll('"', ''), findings)
    t.match((await columnOf('determinations=all'))[1], findings)
    t.notMatch((await columnOf('determinations=none'))[0], 'findings')
    for (const field of ['notes', 'latitude', 'needsReview', 'firmwareRisk.score', 'updatedAt']) {
      t.ok((await columnOf('limit=1'))[0]?.split(',').includes(field), `a table has ${field} unasked`)
    }
  }
})

t.test('an unknown field is named, with those that there are', async (t) => {
  const unknown = await get('/v1/devices?fields=assetTag,colour,shape&include=smell')
  t.same(codes(unknown), ['?fields unknown-field', '?fields unknown-field'])
  t.match(unknown.body.errors[0].message, /"colour" must be one of id, .*assetTag.*firmwareRisk/)
  t.same(codes(await get('/v1/devices?include=smell')), ['?include unknown-field'])
  t.same(codes(await get('/v1/devices?fields=')), ['?fields unknown-field'])
  t.same(codes(await get('/v1/devices?determinations=none&include=determinations')), [
    '?determinations not-allowed',
  ])
  for (const [query, pointer] of [
    ['include=all', '?include'],
    ['include=determinations', '?include'],
    ['fields=assetTag,determinations', '?fields'],
  ]) {
    t.same(codes(await get(`/v1/devices?${query}`, { accept: 'text/csv' })), [`${pointer} not-allowed`])
  }
  t.same(codes(await post('/v1/screen?fields=colour', { items: [{ manufacturer: 'Axis' }] })), [
    '?fields unknown-field',
  ])
})

/**
 * Per fact that rules read: a request, and two values of the fact that are answered differently. A fact of the
 * jurisdiction is marked.
 */
interface Proof {
  readonly of?: 'jurisdiction' | 'asOf'
  readonly item?: object
  readonly jurisdiction?: object
  readonly asOf?: string
  readonly values: readonly [unknown, unknown]
}
const GRANT = {
  manufacturer: 'Hikvision',
  model: 'DS-2CD2143G2-I',
  deviceClass: 'camera',
  purpose: 'public-safety',
  fundingSource: 'federal-grant',
  obligatedOn: '2021-01-01',
}
const DRONE = { manufacturer: 'FLIR', deviceClass: 'uas', producedIn: 'CH', modelAuthorizedOn: '2026-02-01' }
const BLOCKED = { manufacturer: 'CEIEC', updateChannel: 'offline-media', networkExposure: 'routed' }
const PROOFS: Record<string, Proof> = {
  asOf: { of: 'asOf', item: GRANT, values: ['2018-08-12', '2026-11-24'] },
  maker: { item: { model: 'X' }, values: ['Axis', 'Hikvision'] },
  makerCountry: { item: { updateChannel: 'vendor-cloud-push' }, values: ['Axis', 'Reolink'] },
  state: { of: 'jurisdiction', item: GRANT, values: ['TX', 'OH'] },
  kind: { of: 'jurisdiction', item: GRANT, jurisdiction: { state: 'TX' }, values: ['city', 'state'] },
  federalContractor: { of: 'jurisdiction', item: GRANT, values: [true, false] },
  sellsToFederal: { of: 'jurisdiction', item: GRANT, values: [true, false] },
  defenseContract: {
    of: 'jurisdiction',
    item: GRANT,
    jurisdiction: { federalContractor: true },
    values: [true, false],
  },
  receivesFccSupport: { of: 'jurisdiction', item: GRANT, values: [null, false] },
  fccSubsidy: { item: GRANT, values: [true, false] },
  purpose: { item: GRANT, values: ['public-safety', 'other'] },
  enforcementUse: { item: { ...GRANT, purpose: 'traffic' }, values: [true, false] },
  sharesBulkData: {
    of: 'jurisdiction',
    item: { ...GRANT, updateChannel: 'vendor-cloud-push' },
    values: [true, false],
  },
  fundingSource: { item: GRANT, values: ['federal-grant', 'local'] },
  federalPassThrough: { item: { ...GRANT, fundingSource: 'state-grant' }, values: [true, false] },
  obligatedOn: { item: { ...GRANT, paidOn: '2020-09-01' }, values: ['2020-08-12', '2020-08-13'] },
  paidOn: { item: { ...GRANT, obligatedOn: null }, values: ['2020-08-12', '2020-08-13'] },
  paidSupport: { item: GRANT, values: [true, false] },
  hasRadio: { item: GRANT, values: [true, false] },
  deviceClass: { item: DRONE, values: ['uas', 'camera'] },
  producedIn: { item: DRONE, values: ['CH', 'US'] },
  modelAuthorizedOn: { item: DRONE, values: ['2025-12-21', '2025-12-22'] },
  consumerGrade: {
    item: {
      manufacturer: 'Netgear',
      deviceClass: 'router',
      producedIn: 'VN',
      modelAuthorizedOn: '2026-05-01',
    },
    values: [true, false],
  },
  updateChannel: { item: BLOCKED, values: ['vendor-cloud-push', 'distributor'] },
  networkExposure: {
    item: { ...BLOCKED, updateChannel: 'vendor-cloud-push', paidSupport: false },
    values: ['internet', 'isolated'],
  },
  firmwareObtainedOn: { item: BLOCKED, values: ['2020-11-29', '2020-11-30'] },
}
/** Facts that a client says in other words than the rule's. */
const SAID_AS: Record<string, string> = { maker: 'manufacturer', makerCountry: 'manufacturer' }

t.test(
  'each fact that a rule reads can be said in a request, and saying it changes the answer',
  async (t) => {
    const read = new Set(h.knowledge().reference.rules.flatMap((rule) => compile(rule.when).facts))
    t.same(
      [...read].filter((fact) => PROOFS[fact] === undefined),
      [],
      'each has its proof here',
    )
    for (const [fact, { of, item, jurisdiction, asOf, values }] of Object.entries(PROOFS)) {
      const answers: string[] = []
      for (const value of values) {
        const said = { [SAID_AS[fact] ?? fact]: value }
        const reply = await post('/v1/screen', {
          asOf: of === 'asOf' ? value : (asOf ?? '2026-11-24'),
          jurisdiction: {
            state: 'OH',
            federalContractor: false,
            sellsToFederal: false,
            ...jurisdiction,
            ...(of === 'jurisdiction' ? said : {}),
          },
          items: [{ ...item, ...(of === undefined ? said : {}) }],
        })
        t.equal(reply.status, 200, `${fact} can be said`)
        const { determinations } = reply.body.items[0]
        answers.push(
          JSON.stringify(
            determinations.map((d: Record<string, string>) => `${d.regime} ${d.activity} ${d.outcome}`),
          ),
        )
      }
      t.not(answers[0], answers[1], `${fact} changes an outcome`)
    }
  },
)

t.test('a screening tells what it left out, and what it asks of the city once', async (t) => {
  const items = [
    GRANT,
    { ...GRANT, model: 'DS-2CD2032-I' },
    { manufacturer: 'Zorblax' },
    { manufacturer: 'Pelco' },
  ]
  const question = { jurisdiction: { state: 'OH', federalContractor: false }, items }
  const reply = await post('/v1/screen', question)
  t.match(reply.body.leftOut, [/No law of the state of OH/], 'what the city of the key holds was counted')
  t.match((await post('/v1/screen', question, {}, reviewer)).body.leftOut, [
    /Licenses, waivers and firmware images .* were not counted/,
    /No law of the state of OH/,
  ])
  const asked = reply.body.cityQuestions.map(({ fact }: { fact: string }) => fact)
  t.ok(asked.includes('receivesFccSupport') && asked.includes('sharesBulkData'))
  t.match(reply.body.cityQuestions[0], { items: 3, question: /\?$/ })
  t.equal(reply.body.needPerson, 3, 'the fourth has nothing open')
  t.equal(reply.body.dataVersions.knowledgeAsOf, h.knowledge().asOf)
  const said = { state: 'TX', federalContractor: false, sellsToFederal: false, defenseContract: false }
  const whole = { ...said, receivesFccSupport: false, sharesBulkData: false }
  t.same((await post('/v1/screen', { jurisdiction: whole, items: [GRANT] })).body.cityQuestions, [])
})

t.test('what a device and a city say of themselves is kept, and answered as in a screening', async (t) => {
  const device = {
    ...{ fccSubsidy: true, producedIn: 'VN', consumerGrade: false, modelAuthorizedOn: '2019-02-03' },
  }
  const paid = { obligatedOn: '2021-06-01', paidOn: '2021-07-01' }
  const made = await post('/v1/devices', { ...GRANT, ...paid, assetTag: 'F-1', ...device })
  t.equal(made.status, 201)
  t.match(made.body, device)
  t.match((await get(`/v1/devices/${made.body.id}`)).body, device)
  const find = (reply: Reply) =>
    reply.body.determinations.find(
      (d: Record<string, string>) => d.regime === 'fcc-covered-list' && d.activity === 'federal-funding',
    )
  t.equal(find(made).outcome, 'unallowable')
  const changed = await patch(`/v1/devices/${made.body.id}`, { fccSubsidy: null, producedIn: null })
  t.match(find(changed), { outcome: 'permitted-with-caution', missingFacts: ['receivesFccSupport'] })
  const admin = await h.key('admin')
  const said = { defenseContract: false, receivesFccSupport: false, sharesBulkData: false }
  const town = await patch(`/v1/jurisdictions/${city}`, said, {}, admin)
  t.match(town.body, said)
  t.equal(find(await get(`/v1/devices/${made.body.id}`)).outcome, 'not-applicable')
  t.equal((await patch(`/v1/devices/${made.body.id}`, { producedIn: 'Vietnam' })).status, 400)
  await h.call('DELETE', `/v1/devices/${made.body.id}`, { key: editor })
})

t.test('screening stores nothing and answers in the order asked, from the same engine', async (t) => {
  const before = (await get('/v1/summary')).body.totalDevices
  const reply = await post('/v1/screen?include=identification', {
    asOf: '2026-11-24',
    jurisdiction: { state: 'OH', federalContractor: true, sellsToFederal: false },
    items: [
      { reference: 'a', manufacturer: 'Uniview', model: 'IPC2124LE' },
      { manufacturer: 'Honeywell', mac: '3C:EF:8C:11:22:33' },
      {
        manufacturer: 'Hikvision',
        firmware: 'V5.5.82',
        fundingSource: 'federal-grant',
        obligatedOn: '2021-01-01',
        paidOn: '2021-02-01',
        purpose: 'public-safety',
      },
      { manufacturer: 'Pelco' },
      { manufacturer: 'Axis' },
    ],
  })
  t.equal(reply.status, 200)
  t.equal(reply.body.asOf, '2026-11-24')
  t.equal(reply.body.dataVersions.knowledge, h.knowledge().version)
  const [uniview, honeywell, hikvision, pelco, axis] = reply.body.items
  t.equal(uniview.reference, 'a')
  t.equal(uniview.identification.maker, 'uniview')
  t.match(honeywell.identification, { status: 'ambiguous', maker: null })
  t.same(
    new Set(honeywell.identification.candidates.map((c: { vendor: string }) => c.vendor)),
    new Set(['honeywell', 'dahua', 'hikvision']),
  )
  t.not(honeywell.headline.procure, 'permitted')
  t.equal(hikvision.headline['federal-funding'], 'unallowable')
  t.equal(hikvision.headline.use, 'contract-bar', 'a federal contractor that uses it')
  for (const activity of ACTIVITIES) t.equal(pelco.headline[activity], 'permitted', `pelco ${activity}`)
  t.equal(axis.headline.use, 'permitted-with-caution', 'some of its models hold a part of a covered maker')
  t.match(axis.identification.components, [{ vendor: 'hisilicon', standing: 'possible' }])
  t.equal((await get('/v1/summary')).body.totalDevices, before)
  const wrong = await post('/v1/screen', { items: [{ mac: 'zz' }, { manufacturer: 5 }, { colour: 'red' }] })
  t.equal(wrong.status, 400)
  t.same(
    codes(await post('/v1/screen', { items: [{ mac: 'zz' }, { manufacturer: 'Axis', macAddress: '1' }] })),
    ['/items/0/mac not-a-mac', '/items/1/macAddress not-a-mac'],
  )
  t.equal((await post('/v1/screen', { items: [] })).status, 400)
  const many = await post('/v1/screen', { items: Array.from({ length: 10_001 }, () => ({})) })
  t.equal(many.status, 400)
  t.equal((await post('/v1/screen', { items: [{}] }, {}, reviewer)).status, 200)
  const makers = ['axis', 'hikvision', 'dahua']
  const asked = Array.from({ length: 60 }, (_, i) => ({ reference: `"${i}"`, manufacturer: makers[i % 3] }))
  const long = await post('/v1/screen?include=all', { items: asked })
  t.ok(long.text.length > 2_000_000, 'more than is sent at once')
  t.same(
    long.body.items.map((item: { reference: string; identification: { maker: string } }) => ({
      reference: item.reference,
      manufacturer: item.identification.maker,
    })),
    asked,
  )
})

t.test('one screened item is answered whole, several in short, and the choice is the caller’s', async (t) => {
  const item = { reference: 'x', manufacturer: 'LTS', model: 'CMIP1042W-28M', fundingSource: 'federal-grant' }
  const screened = async (items: object[], query = '') =>
    (await post(`/v1/screen${query}`, { asOf: '2026-11-24', items })).body.items
  const [alone] = await screened([item])
  t.equal(alone.reference, 'x')
  t.ok(alone.identification.evidence.length > 0)
  t.ok(alone.determinations.every((d: { citation: string }) => d.citation !== ''))
  t.ok(alone.firmwareRisk.reasons.length > 0)
  const [first, second] = await screened([item, { ...item, reference: undefined }])
  t.same(Object.keys(first), SCREENED_ITEM_FIELDS.listed)
  t.same({ reference: 'x', ...second }, first)
  t.same(first.headline, alone.headline)
  t.ok(Object.keys(first.findings).length > 0)
  for (const query of ['?include=all', '?determinations=all']) {
    t.same((await screened([item, item], query))[1], alone, query)
  }
  t.same((await screened([item], '?fields=findings'))[0], { reference: 'x', findings: first.findings })
  t.same((await screened([{ manufacturer: 'Axis' }], '?fields=reference'))[0], {})
})

t.test('totals agree with the devices, however they are grouped', async (t) => {
  const all: {
    identification: { maker: string | null; status: string }
    determinations: { regime: string; activity: string; outcome: string }[]
  }[] = []
  let cursor: string | null = null
  do {
    const page: Reply = await get(
      `/v1/devices?limit=100&determinations=findings${cursor ? `&cursor=${cursor}` : ''}`,
    )
    all.push(...page.body.items)
    cursor = page.body.nextCursor
  } while (cursor)
  const counted = (values: (string | null)[]) => {
    const totals = new Map<string | null, number>()
    for (const value of values) totals.set(value, (totals.get(value) ?? 0) + 1)
    return [...totals].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  }
  const told = (reply: Reply, group: string) =>
    reply.body.items
      .map((row: { group: Record<string, string>; devices: number }) => [row.group[group], row.devices])
      .sort(([a]: [string], [b]: [string]) => (String(a) < String(b) ? -1 : 1))
  for (const asOf of ['', '&asOf=2026-11-24']) {
    const makers = await get(`/v1/summary?groupBy=maker${asOf}`)
    t.equal(makers.body.totalDevices, all.length)
    t.same(told(makers, 'maker'), counted(all.map((one) => one.identification.maker)), `maker ${asOf}`)
    const outcomes = await get(`/v1/summary?groupBy=outcome&regime=bis-entity-list${asOf}`)
    t.same(
      told(outcomes, 'outcome'),
      counted(
        all.flatMap((one) => [
          ...new Set(one.determinations.filter((d) => d.regime === 'bis-entity-list').map((d) => d.outcome)),
        ]),
      ),
      `outcome ${asOf}`,
    )
  }
  const bySite = await get('/v1/summary?groupBy=site')
  t.equal(
    bySite.body.items.reduce((sum: number, row: { devices: number }) => sum + row.devices, 0),
    all.length,
  )
  t.same(codes(await get('/v1/summary?groupBy=colour')), ['?groupBy unknown-field'])
  const national = await get(
    '/v1/summary?groupBy=state,city,regime,activity,outcome,purpose,funding',
    {},
    reviewer,
  )
  t.equal(national.status, 200)
  t.ok(national.body.items.length > 0)
})

t.test('a reviewer repeats an answer: the same question of a day gives the same bytes', async (t) => {
  const url = `/v1/devices?jurisdictionId=${city}&asOf=2026-11-24T12:00:00Z&determinations=all&limit=1000`
  const first = await get(url, {}, reviewer)
  h.setNow('2026-11-24T15:00:00Z')
  await post('/v1/devices', camera({ assetTag: 'LATER' }))
  const changing = (await get('/v1/devices?assetTag=R-2')).body.items[0]
  await patch(`/v1/devices/${changing.id}`, { manufacturer: 'Dahua' })
  const second = await get(url, {}, reviewer)
  t.equal(second.text, first.text)
  t.notMatch(second.text, 'LATER')
  h.setNow('2026-11-24T12:00:00Z')
})

t.test('a reviewer writes nothing', async (t) => {
  for (const [method, url, body] of [
    ['POST', '/v1/devices', camera()],
    ['POST', '/v1/sites', { name: 'x' }],
    ['PATCH', `/v1/devices/${(await get('/v1/devices?limit=1')).body.items[0].id}`, { notes: 'x' }],
  ] as const) {
    t.equal((await h.call(method, url, { key: reviewer, body })).status, 403, `${method} ${url}`)
  }
})

t.test('jurisdictions and keys: made, read, changed, revoked; every write is on record', async (t) => {
  const made = await post(
    '/v1/jurisdictions',
    { name: 'Lakewood', state: 'CO', timezone: 'America/Denver' },
    {},
    h.admin,
  )
  t.equal(made.status, 201)
  t.match(made.body, {
    country: 'US',
    kind: 'city',
    currency: 'USD',
    fiscalYearStartMonth: 7,
    federalContractor: null,
  })
  t.equal(
    (await post('/v1/jurisdictions', { name: 'lakewood', state: 'CO' }, {}, h.admin)).body.type,
    '/problems/jurisdiction-name-taken',
  )
  t.same(
    codes(
      await post(
        '/v1/jurisdictions',
        { name: '', state: 'Colorado', timezone: 'Mars/Base', extra: 1 },
        {},
        h.admin,
      ),
    )
      .map((c: string) => c.split(' ')[0])
      .sort(),
    ['/extra', '/name', '/state', '/timezone'],
  )
  const url = `/v1/jurisdictions/${made.body.id}`
  const changed = await patch(url, { population: 155_000 }, { 'if-match': '"1"' }, h.admin)
  t.match(changed.body, { population: 155_000, version: 2 })
  t.equal((await patch(url, { population: 1 }, { 'if-match': '"1"' }, h.admin)).status, 412)
  t.equal((await patch(url, {}, {}, h.admin)).status, 400)
  t.equal((await get(url, {}, h.admin)).body.population, 155_000)
  t.equal((await get(url)).status, 404, 'not this city’s')
  t.ok((await get('/v1/jurisdictions?state=CO', {}, h.admin)).body.items.length === 1)
  t.equal((await get('/v1/jurisdictions?limit=1', {}, h.admin)).body.items.length, 1)

  const key = await post(
    '/v1/keys',
    { label: 'Lakewood IT', role: 'city-editor', jurisdictionId: made.body.id },
    { 'idempotency-key': 'key1' },
    h.admin,
  )
  t.equal(key.status, 201)
  t.match(key.body.key, /^clk_[\w-]{43}$/)
  const replay = await post(
    '/v1/keys',
    { label: 'Lakewood IT', role: 'city-editor', jurisdictionId: made.body.id },
    { 'idempotency-key': 'key1' },
    h.admin,
  )
  t.equal(replay.body.key, null, 'the key itself was not stored, so it cannot be shown again')
  t.notMatch((await get(`/v1/keys/${key.body.id}`, {}, h.admin)).text, key.body.key)
  t.equal(
    (await get('/v1/devices', { 'x-api-key': key.body.key, authorization: '' }, '')).status,
    200,
    'X-Api-Key works as well',
  )
  t.same(codes(await post('/v1/keys', { label: 'x', role: 'city-viewer' }, {}, h.admin)), [
    '/jurisdictionId required',
  ])
  t.same(codes(await post('/v1/keys', { label: 'x', role: 'federal-reviewer' }, {}, h.admin)), [
    '/jurisdictionIds required',
  ])
  t.same(codes(await post('/v1/keys', { label: 'x', role: 'admin', jurisdictionId: city }, {}, h.admin)), [
    '/jurisdictionId not-allowed',
  ])
  t.same(
    codes(
      await post(
        '/v1/keys',
        {
          label: 'x',
          role: 'federal-reviewer',
          jurisdictionIds: [city, '01900000-0000-7000-8000-000000000000'],
        },
        {},
        h.admin,
      ),
    ),
    ['/jurisdictionIds/1 unknown'],
  )
  t.same(
    codes(
      await post('/v1/keys', { label: 'x', role: 'admin', expiresAt: '2020-01-01T00:00:00Z' }, {}, h.admin),
    ),
    ['/expiresAt in-the-past'],
  )
  const revoked = await h.call('DELETE', `/v1/keys/${key.body.id}`)
  t.ok(revoked.body.revokedAt)
  const listed = await get('/v1/keys?limit=1000', {}, h.admin)
  t.equal(
    listed.body.items.find((one: { id: string }) => one.id === key.body.id).revokedAt,
    revoked.body.revokedAt,
  )

  const own = await get('/v1/audit-events?action=device.create')
  t.ok(own.body.items.length > 5)
  t.match(own.body.items[0], { jurisdictionId: city, actorRole: 'city-editor' })
  const operators = await get('/v1/audit-events?action=key.create', {}, h.admin)
  t.ok(operators.body.items.length > 0)
  t.equal(operators.body.items[0].jurisdictionId, null)
  t.notMatch(operators.text, 'clk_')
  t.ok((await get(`/v1/audit-events?jurisdictionId=${city}&limit=1`, {}, h.admin)).body.nextCursor)
})

t.test('the catalog and the law can be browsed, with citations', async (t) => {
  const makers = await get('/v1/manufacturers?q=hikvis&limit=10')
  t.ok(makers.body.items.some((one: { id: string }) => one.id === 'hikvision'))
  const one = await get('/v1/manufacturers/lts')
  t.ok(
    one.body.relationships.some(
      (r: { parent: string; kind: string }) => r.parent === 'hikvision' && r.kind === 'relabels',
    ),
  )
  t.equal((await get('/v1/manufacturers/nobody')).status, 404)
  t.match((await get('/v1/manufacturers/match?name=Hikvison')).body, {
    manufacturer: 'hikvision',
    band: 'match',
  })
  t.ok((await get('/v1/relationships?parent=dahua&kind=relabels')).body.items.length > 5)
  t.ok((await get('/v1/models?manufacturer=axis&limit=1')).body.nextCursor)
  const registered = await get('/v1/models?registered=true&manufacturer=hikvision')
  t.ok(
    registered.body.items.some(
      (one: { model: string; devices: number }) => one.model === 'DS-2CD2143G0-I' && one.devices > 0,
    ),
  )
  const regimes = await get('/v1/regimes?limit=100')
  t.ok(regimes.body.items.length >= 17)
  t.ok(regimes.body.items.every((r: { citation: string; title: string }) => r.citation && r.title))
  t.ok((await get('/v1/regimes/ofac-sdn')).body.rules.length > 0)
  t.equal((await get('/v1/regimes/nothing')).status, 404)
  const listings = await get('/v1/listings?vendor=hikvision&asOf=2026-11-24')
  t.ok(listings.body.items.some((one: { regime: string }) => one.regime === 'fcc-covered-list'))
  t.equal((await get('/v1/listings?vendor=hikvision&asOf=2015-01-01')).body.items.length, 0)
})

t.test('health, readiness and the reference need no key', async (t) => {
  t.same((await get('/healthz', {}, '')).body, { status: 'ok' })
  t.match((await get('/readyz', {}, '')).body, { status: 'ready', knowledge: { version: 1 } })
  t.equal((await get('/openapi.json', {}, '')).body.openapi, '3.1.0')
  t.equal((await get('/docs/', {}, '')).status, 200)
  t.match((await get('/problems/not-found', {}, '')).text, 'not-found')
})

t.test('loading the same reference twice changes nothing', async (t) => {
  const files = await readDataFiles(DATA)
  t.equal((await loadData(h.database, files, h.now())).changes, null)
  const registrants = registrantOf
  const read = await readKnowledge(h.database, registrants)
  t.equal(read.digest, files.law.digest)
  const built = buildFromFiles(files.law, registrants)
  const taken = await readKnowledge(h.database, registrants, built)
  t.equal(taken.reference, built.known.reference, 'what was built from files with the same rows is taken')
  t.same(taken.reference, read.reference, 'and is what the tables hold, in the same order')
  t.same([taken.version, taken.digest], [read.version, read.digest])
  const spaced = {
    files: { bytesDigest: 'of a file with another blank', digest: files.law.digest },
    known: built.known,
  }
  t.equal((await readKnowledge(h.database, registrants, spaced)).reference, built.known.reference)
  const others = { files: { bytesDigest: 'of other files', digest: 'of other rows' }, known: built.known }
  t.not((await readKnowledge(h.database, registrants, others)).reference, built.known.reference)
})

t.test('an older build never puts its rows over newer ones, also under the same version', async (t) => {
  const older = await readDataFiles(DATA)
  const { law } = older
  const [first, ...rest] = law.reference.models
  const newer = {
    ...law,
    reference: { ...law.reference, models: [{ ...first!, model: `${first!.model} II` }, ...rest] },
    bytesDigest: 'of newer files',
    digest: 'of newer rows',
  }
  try {
    await h.database.asOperator(async (tx) => {
      t.not(
        (await loadDataIn(tx, { ...older, law: newer }, h.now())).changes,
        null,
        'the newer rows are loaded',
      )
      t.equal((await loadDataIn(tx, older, h.now())).changes, null, 'the older ones stay out')
      t.equal(
        (
          await loadDataIn(
            tx,
            { ...older, law: { ...newer, release: '2000-01-01', digest: 'x', bytesDigest: 'y' } },
            h.now(),
          )
        ).changes,
        null,
      )
      throw new Error('keep nothing')
    })
  } catch (error) {
    t.match(error, /keep nothing/)
  }
})

t.test('a restricted name in the notes raises doubt, also when it is written later', async (t) => {
  const made = await post(
    '/v1/devices',
    camera({ assetTag: 'M-1', name: 'lobby', purpose: 'public-safety', fundingSource: 'local' }),
  )
  t.equal(made.body.headline.procure, 'permitted')
  const changed = await patch(`/v1/devices/${made.body.id}`, { notes: 'actually Hikvision DS-2CD2143' })
  t.equal(changed.body.headline.procure, 'review')
  t.match(changed.body.identification, { maker: 'axis', needsReview: true })
  t.ok(changed.body.identification.wouldSettle.includes('notes'))
  const settled = await patch(`/v1/devices/${made.body.id}`, { notes: 'on the Milestone VMS' })
  t.equal(settled.body.headline.procure, 'permitted')
  await h.call('DELETE', `/v1/devices/${made.body.id}`, { key: editor })
})

const dates = fc.option(
  fc
    .date({ min: new Date('2005-01-01'), max: new Date('2026-11-24'), noInvalidDate: true })
    .map((d) => d.toISOString().slice(0, 10)),
)
const anyDevice = fc.record({
  manufacturer: fc.option(
    fc.constantFrom(
      'Hikvision',
      'Dahua',
      'Lorex',
      'LTS',
      'EZVIZ',
      'Honeywell',
      'Axis',
      'DJI',
      'TP-Link',
      'Huawei',
      'Uniview',
      'Luminys',
      'ZTE',
      'Kaspersky',
    ),
  ),
  model: fc.option(
    fc.constantFrom('DS-2CD2143G0-I', 'CMIP3242', 'IPC-HFW2431S', 'LNB9242B', 'HBD3PER1', 'P3245'),
  ),
  macAddress: fc.option(
    fc.constantFrom(
      '44:19:B6:12:34:56',
      '3C:EF:8C:65:43:21',
      '02:00:00:00:00:09',
      '70:B3:D5:00:10:00',
      '70:B3:D5:FF:F9:99',
      'AC:CC:8E:00:00:01',
    ),
  ),
  fccId: fc.option(fc.constantFrom('2ADTD-5604SD', 'SS3-WM1', '2AVYF-IPC-F42FX', 'zz')),
  firmwareVersion: fc.option(fc.constantFrom('V5.5.82 build 190909', 'digicap.dav', 'hi3516')),
  deviceClass: fc.option(fc.constantFrom(...DEVICE_CLASSES)),
  hasRadio: fc.option(fc.boolean()),
  purpose: fc.option(fc.constantFrom(...PURPOSES)),
  enforcementUse: fc.option(fc.boolean()),
  fundingSource: fc.option(fc.constantFrom(...FUNDING_SOURCES)),
  federalPassThrough: fc.option(fc.boolean()),
  updateChannel: fc.option(fc.constantFrom(...UPDATE_CHANNELS)),
  paidSupport: fc.option(fc.boolean()),
  acquiredOn: dates,
  obligatedOn: dates,
  paidOn: dates,
  installedOn: dates,
  producedOn: dates,
  firmwareObtainedOn: dates,
})

t.test('a profile gives exactly the answer that each of its devices would get alone', async (t) => {
  const knowledge = h.knowledge()
  const jurisdiction = {
    country: 'US',
    state: 'TX',
    kind: 'city',
    federalContractor: null,
    sellsToFederal: null,
    defenseContract: null,
    receivesFccSupport: null,
    sharesBulkData: null,
  }
  fc.assert(
    fc.property(anyDevice, fc.constantFrom('2019-09-01', '2026-11-24', '2029-06-01'), (values, asOf) => {
      const device: DeviceFields = merge(BLANK_DEVICE, values)
      const alone = screen(device, jurisdiction, knowledge, asOf)
      const shared = screen(profileKey(device, knowledge.cut).facts, jurisdiction, knowledge, asOf)
      const outcomes = (s: typeof alone) => [
        s.identification.maker,
        s.identification.status,
        ...s.determinations.map((d) => `${d.regime}/${d.activity}=${d.outcome}`),
      ]
      assert.deepEqual(outcomes(shared), outcomes(alone))
    }),
    { numRuns: 300, seed: 20261124 },
  )
  t.end()
})

t.test('a new listing re-evaluates profiles once, and devices show it', async (t) => {
  const known = h.knowledge()
  const evaluatedAgain = () => h.background.status().find((pass) => pass.name === 'rescreen')!.lastDid!
  const place = await h.jurisdiction({ name: 'Rescreen' })
  const key = await h.key('city-editor', place)
  const made = await post(
    '/v1/devices',
    camera({ manufacturer: 'Axis', assetTag: 'N-1', acquiredOn: '2024-03-05' }),
    {},
    key,
  )
  await post(
    '/v1/devices',
    camera({ manufacturer: 'Axis', assetTag: 'N-2', acquiredOn: '2024-03-20' }),
    {},
    key,
  )
  t.equal(made.body.headline.procure, 'permitted')
  const template = known.reference.listings.find((one) => one.regime === 'bis-entity-list')!
  const listing = { ...template, id: 'test-axis', vendor: 'axis', name: 'Axis', from: '2024-03-10', to: null }
  await putInForce(h, { ...known.reference, listings: [...known.reference.listings, listing] })
  const early = (await get('/v1/devices?assetTag=N-1', {}, key)).body.items[0]
  t.equal(early.headline['return-export'], 'license-required', 'even before the pass, nothing stale is said')
  const kept = { 'if-none-match': made.headers.etag! }
  t.equal((await get(`/v1/devices/${made.body.id}`, kept, key)).status, 200, 'the law gives it another tag')
  h.background.trigger('rescreen')
  await h.background.settle()
  t.ok(evaluatedAgain() > 0)
  t.equal(
    (await get('/v1/devices?regime=bis-entity-list&activity=return-export', {}, key)).body.items.length,
    2,
  )
  const events = await get('/v1/audit-events?action=profiles.rescreen', {}, key)
  t.ok(events.body.items.length > 0, 'the change of an answer is on record')
  h.background.trigger('rescreen')
  await h.background.settle()
  t.equal(evaluatedAgain(), 0, 'a second pass does nothing')
  const totals = await get('/v1/summary?groupBy=regime', {}, key)
  t.equal(
    totals.body.items.find((row: { group: { regime: string } }) => row.group.regime === 'bis-entity-list')
      .devices,
    2,
  )
  await putInForce(h, known.reference)
  h.background.trigger('rescreen')
  await h.background.settle()
  t.equal((await get('/v1/devices?regime=bis-entity-list', {}, key)).body.items.length, 0, 'and back')
})

t.test(
  'devices of one profile are parted by a new date in the law, and by a new name in their notes',
  async (t) => {
    const known = h.knowledge()
    const key = await h.key('city-editor', await h.jurisdiction({ name: 'Parting', federalContractor: true }))
    const bought = { purpose: 'public-safety', fundingSource: 'local' }
    for (const [assetTag, over] of [
      ['before', { manufacturer: 'Teltronic', model: null, producedOn: '2024-03-09' }],
      ['after', { manufacturer: 'Teltronic', model: null, producedOn: '2024-03-10' }],
      ['plain', {}],
      ['noted', { notes: 'beside the Zorblax unit' }],
    ] as const)
      await post('/v1/devices', camera({ ...bought, assetTag, ...over }), {}, key)
    const tags = async (query: string) => {
      const { items } = (await get(`/v1/devices?${query}`, {}, key)).body
      return items.map(({ assetTag }: { assetTag: string }) => assetTag).sort()
    }
    const { relationships, vendors, listings } = known.reference
    // Nobody is named otherwise by it, so that only the date parts them.
    const corrected = relationships.map((tie) =>
      tie.id === 'teltronic-subsidiary-hytera' ? { ...tie, from: '2024-03-10' } : tie,
    )
    const zorblax = {
      ...vendors.find(({ id }) => id === 'tiandy')!,
      ...{ id: 'zorblax', name: 'Zorblax', names: [{ text: 'Zorblax', kind: 'display' as const }] },
    }
    const listing = {
      ...listings.find(({ regime }) => regime === 'fcc-covered-list')!,
      ...{ id: 'test-zorblax', vendor: 'zorblax', name: 'Zorblax' },
    }
    const change = async (reference: typeof known.reference) => {
      await putInForce(h, reference)
      h.background.trigger('rescreen')
      await h.background.settle()
    }
    const listed = 'regime=ndaa-889-b&activity=use&outcome=contract-bar'
    t.same(await tags(listed), ['after', 'before'])
    await change({ ...known.reference, relationships: corrected })
    t.same(await tags(listed), ['after'], 'the company was bought between the two days of production')
    await change(known.reference)
    t.same(await tags(listed), ['after', 'before'], 'and back')
    await change({ ...known.reference, vendors: [...vendors, zorblax], listings: [...listings, listing] })
    t.same(await tags('needsReview=true&assetTag=plain&assetTag=noted'), ['noted'])
    await change(known.reference)
    t.same(await tags('needsReview=true&assetTag=plain&assetTag=noted'), [])
  },
)

t.test('a changed fact of the city is evaluated again', async (t) => {
  const place = await h.jurisdiction({ name: 'Contractor', federalContractor: false })
  const key = await h.key('city-editor', place)
  await post('/v1/devices', camera({ manufacturer: 'Huawei', model: null, assetTag: 'C-1' }), {}, key)
  t.equal((await get('/v1/devices?regime=ndaa-889-b', {}, key)).body.items.length, 0)
  await patch(`/v1/jurisdictions/${place}`, { federalContractor: true }, {}, h.admin)
  const [atOnce] = (await get('/v1/devices?assetTag=C-1', {}, key)).body.items
  t.equal(atOnce.headline.use, 'contract-bar', 'a reader does not wait for the pass')
  await h.background.settle()
  const [device] = (await get('/v1/devices?regime=ndaa-889-b&activity=use', {}, key)).body.items
  t.equal(device.headline.use, 'contract-bar')
})

t.test('a list as it comes unasked has a kilobyte a device, a long screening not much more', async (t) => {
  const place = await h.jurisdiction({ name: 'Riverbend', state: 'OH' })
  const key = await h.key('city-editor', place)
  const file = await readFile(
    fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv')),
    'utf8',
  )
  const csv = { 'content-type': 'text/csv' }
  t.equal((await post('/v1/imports', file, csv, key)).body.report.counts.created, 58)
  t.equal((await post('/v1/imports', file.replaceAll('RB-', 'RC-'), csv, key)).body.report.counts.created, 58)
  const page = await get('/v1/devices?limit=100', {}, key)
  t.equal(page.body.items.length, 100)
  t.ok(page.text.length < 100_000, `${page.text.length} bytes`)
  t.ok((await get('/v1/devices?limit=100&include=all', {}, key)).text.length > 20 * page.text.length)
  const items = (await get('/v1/devices?limit=100&fields=manufacturer,model,fundingSource,purpose', {}, key))
    .body.items as { id: string }[]
  const asked = Array.from({ length: 1000 }, (_, i) => ({ ...items[i % items.length], id: undefined }))
  const screened = await post('/v1/screen', { items: asked }, {}, key)
  t.equal(screened.body.items.length, 1000)
  t.ok(screened.text.length < 1000 * 4_000, `${screened.text.length} bytes`)
})

t.test('a page ends when it is full, the next goes on, and others have their turn meanwhile', async (t) => {
  const place = await h.jurisdiction({ name: 'Heavyton', state: 'TX' })
  const key = await h.key('city-editor', place)
  const rows = Array.from(
    { length: 150 },
    (_, n) => `H-${n},Hikvision,DS-2CD2143G2-I,Federal Grant,${'x'.repeat(190)}`,
  )
  const csv = `Asset Tag,Manufacturer,Model,Funding Source,Camera Name\n${rows.join('\n')}\n`
  t.equal((await post('/v1/imports', csv, { 'content-type': 'text/csv' }, key)).status, 201)
  const started = { millis: 0, gap: 0 }
  /** Answers to a list, page by page, and how long others waited for their turn at most. */
  const walk = async (url: string, idOf = (item: { id: string }) => item.id) => {
    const pages: string[][] = []
    const bytes: number[] = []
    let next: string | null = ''
    let last = performance.now()
    const begun = last
    let gap = 0
    const turn = setInterval(() => {
      gap = Math.max(gap, performance.now() - last)
      last = performance.now()
    }, 1)
    while (next !== null) {
      const page: Awaited<ReturnType<typeof get>> = await get(`${url}${next && `&cursor=${next}`}`, {}, key)
      t.equal(page.status, 200, url)
      pages.push(page.body.items.map(idOf))
      bytes.push(page.text.length)
      next = page.body.nextCursor
    }
    clearInterval(turn)
    Object.assign(started, { millis: performance.now() - begun, gap })
    const all = pages.flat()
    t.equal(new Set(all).size, all.length, `${url}: none twice`)
    return { pages, all, bytes }
  }
  const short = await walk('/v1/devices?limit=100')
  t.equal(short.all.length, 150)
  t.ok(short.pages[0]!.length < 100 && short.pages[0]!.length > 50, `${short.pages[0]!.length} rows`)
  t.ok(Math.max(...short.bytes) <= 100_000, `${short.bytes}`)
  t.equal((await walk('/v1/devices?limit=1000')).pages.length, 1, 'and more where more are asked for')

  for (const url of [
    '/v1/devices?limit=1000&include=all',
    `/v1/devices?limit=1000&include=all&asOf=${TODAY}`,
  ]) {
    const whole = await walk(url)
    t.same(whole.all, short.all, url)
    t.ok(Math.max(...whole.bytes) <= 4_000_000, `${url}: ${whole.bytes}`)
    t.ok(started.gap < Math.max(150, started.millis / 2), `${url}: ${started.gap} of ${started.millis} ms`)
  }

  let device = (await get('/v1/devices?limit=1', {}, key)).body.items[0]
  for (let version = 2; version <= 40; version++) {
    device = (await patch(`/v1/devices/${device.id}`, { notes: `${version}`.repeat(900) }, {}, key)).body
  }
  const history = await walk(
    `/v1/devices/${device.id}/history?limit=100`,
    (entry: { id: string }) => `${(entry as unknown as { version: number }).version}`,
  )
  t.same(
    history.all,
    Array.from({ length: 40 }, (_, n) => `${40 - n}`),
  )
  t.ok(history.pages.length > 1 && Math.max(...history.bytes) <= 100_000, `${history.bytes}`)

  const settings = { confidence: 85 }
  for (let n = 0; n < 3; n++) await post('/v1/plans', { name: `Plan ${n}`, settings }, {}, key)
  const plans = await get('/v1/plans', {}, key)
  t.ok(plans.text.length < 3 * 600, `${plans.text.length} bytes`)
  t.equal(plans.body.items[0].settings, undefined)
  t.match((await get('/v1/plans?include=settings', {}, key)).body.items[0], { name: 'Plan 0', settings })
  t.same(Object.keys((await get('/v1/plans?fields=name', {}, key)).body.items[0]), ['id', 'name'])
})

t.test('so many items are screened whole as an answer can hold, and the rest in short', async (t) => {
  const items = Array.from({ length: 501 }, (_, n) => ({ manufacturer: 'Hikvision', reference: `${n}` }))
  for (const query of [
    'include=all',
    'include=determinations',
    'determinations=all',
    'fields=determinations',
  ]) {
    const refused = await post(`/v1/screen?${query}`, { items })
    t.equal(refused.status, 400, query)
    t.match(refused.body.errors, [
      { pointer: '/items', code: 'too-many', message: /has 501; send at most 500/ },
    ])
  }
  t.equal((await post('/v1/screen?determinations=findings', { items })).body.items.length, 501)
  t.equal((await post('/v1/screen?include=all', { items: items.slice(1) })).body.items.length, 500)
})

t.test('a city counts its days in its own zone, whatever the day is in UTC', async (t) => {
  const earlier = h.now().toISOString()
  t.teardown(() => h.setNow(earlier))
  h.setNow('2026-11-24T12:00:00Z')
  const west = await h.jurisdiction({ name: 'Clockville', state: 'IL', timezone: 'America/Chicago' })
  const east = await h.jurisdiction({ name: 'Dayford', country: 'NZ', timezone: 'Pacific/Auckland' })
  const keys = { west: await h.key('city-editor', west), east: await h.key('city-editor', east) }
  const both = await h.key('federal-reviewer', [west, east])
  // The 25th in UTC; still the 24th in Chicago, where it is 21:00, and long the 25th in Auckland.
  h.setNow('2026-11-25T03:00:00Z')
  const device = camera({ manufacturer: 'Hikvision', model: 'DS-2CD2143G0-I', assetTag: 'DAY-1' })
  for (const key of Object.values(keys)) t.equal((await post('/v1/devices', device, {}, key)).status, 201)

  const lawDays = async (url: string, key: string) => {
    const table = await get(url, { accept: 'text/csv' }, key)
    const [head, ...lines] = table.text.trim().split(/\r?\n/)
    const fromEnd = head!.split(',').indexOf('lawAsOf') - head!.split(',').length
    return lines.map((line) => line.split(',').at(fromEnd))
  }
  for (const url of [
    '/v1/devices',
    '/v1/summary',
    '/v1/firmware-risks',
    '/v1/firmware-risks/sites',
    '/v1/patch-answers',
  ]) {
    t.same(await lawDays(url, keys.west), ['2026-11-24'], url)
    t.same(await lawDays(url, keys.east), ['2026-11-25'], url)
  }
  t.same((await lawDays('/v1/devices', both)).toSorted(), ['2026-11-24', '2026-11-25'], 'each row its city’s')
  t.equal((await get('/v1/summary', {}, keys.west)).body.asOf, '2026-11-24')
  t.equal((await get('/v1/summary', {}, keys.east)).body.asOf, '2026-11-25')
  t.equal((await get('/v1/summary', {}, both)).body.asOf, '2026-11-24', 'no city is ahead of its law')
  t.equal(
    (await get('/v1/summary?asOf=2026-11-25T02:59:00Z', {}, keys.east)).body.asOf,
    '2026-11-25',
    'an instant falls on a day of the city',
  )

  const found = async (query: string, key: string) =>
    (await get(`/v1/devices?${query}`, {}, key)).body.items?.length
  t.equal(await found('asOf=2026-11-24', keys.west), 1, 'the day ends at midnight in Chicago')
  t.equal(await found('asOf=2026-11-25', keys.east), 1)
  t.equal(await found('asOf=2026-11-24', both), 1, 'each city by its own midnight')
  t.equal((await get('/v1/summary?asOf=2026-11-24', {}, both)).body.totalDevices, 1)
  for (const asOf of ['', '&asOf=2026-11-25T03:00:00Z']) {
    t.equal(await found(`updatedSince=2026-11-25${asOf}`, keys.west), 0, `changed on the 24th ${asOf}`)
    t.equal(await found(`updatedSince=2026-11-24${asOf}`, keys.west), 1)
    t.equal(await found(`updatedSince=2026-11-25${asOf}`, keys.east), 1)
  }
  t.same(codes(await get('/v1/devices?asOf=2026-11-25', {}, keys.west)), ['?asOf in-the-future'])
  t.same(codes(await get('/v1/summary?asOf=2026-11-26', {}, keys.east)), ['?asOf in-the-future'])

  for (const url of ['/v1/devices', '/v1/summary']) {
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const reply = await get(`${url}?asOf=2026-11-23`, { accept }, keys.west)
      t.equal(reply.status, 400, `${url} ${accept}`)
      t.same(codes(reply), ['?asOf before-register'])
      t.match(reply.body.detail, /begins on 2026-11-24/)
    }
    t.equal((await get(`${url}?asOf=2026-11-24`, {}, keys.east)).status, 400, 'the 25th was the first there')
  }
})

t.test('a license and its reminders are counted in the days of the city', async (t) => {
  const earlier = h.now().toISOString()
  t.teardown(() => h.setNow(earlier))
  h.setNow('2026-11-25T03:00:00Z')
  const west = await h.jurisdiction({ name: 'Lastday', state: 'IL', timezone: 'America/Chicago' })
  const key = await h.key('city-editor', west)
  const made = await post(
    '/v1/licenses',
    {
      regime: 'ofac-sdn',
      type: 'specific',
      citation: '31 CFR part 591',
      authority: 'OFAC',
      number: 'DAYS-1',
      program: 'VENEZUELA',
      entities: ['ceiec'],
      includesOwned: false,
      holder: { kind: 'party', id: west },
      activities: ['firmware-update'],
      // Ends at 00:01 in Washington on the 3rd, which is 23:01 on the 2nd in Chicago.
      window: { from: '2026-11-01', to: '2026-12-03T00:01', timezone: 'America/New_York' },
    },
    {},
    key,
  )
  t.equal(made.status, 201, made.text)
  t.equal(made.body.lastDay, '2026-12-01', 'the last whole day in Chicago')
  for (const url of [`/v1/licenses/${made.body.id}`, '/v1/licenses?regime=ofac-sdn']) {
    const { body } = await get(url, {}, key)
    t.equal((body.items?.find(({ id }: { id: string }) => id === made.body.id) ?? body).lastDay, '2026-12-01')
  }
  const ending = async (day: string) =>
    (await get(`/v1/licenses?endsBefore=${day}`, {}, key)).body.items.some(
      ({ id }: { id: string }) => id === made.body.id,
    )
  t.same([await ending('2026-12-01'), await ending('2026-12-02')], [false, true])
  const due = async (query = '') =>
    (await get(`/v1/reminders${query}`, {}, key)).body.items
      .map(({ sendOn }: { sendOn: string }) => sendOn)
      .toSorted()
  const all: string[] = await due('?dueBy=2027-01-01')
  const next = all.find((day) => day > '2026-11-23')!
  const eve = (day: string) => new Date(Date.parse(`${day}T03:00:00Z`)).toISOString()
  h.setNow(eve(next))
  t.same(
    await due(),
    all.filter((day) => day < next),
    'at 21:00 in Chicago the day has not come',
  )
  h.setNow(`${next}T06:00:00Z`)
  t.same(await due(), all, 'at midnight in Chicago it has')
})

t.test('another program under the same law answers anew what is stored', async (t) => {
  const files = await readDataFiles(DATA)
  t.match(files.program, /^[0-9a-f]{64}$/)
  const holder = new KnowledgeHolder(
    { database: h.database, registrant: registrantOf, log: pino({ level: 'silent' }) },
    h.knowledge(),
  )
  const before = h.knowledge()
  const { version, changes } = await loadData(
    h.database,
    { ...files, program: 'of the next release' },
    h.now(),
  )
  t.equal(version, before.version + 1)
  const rows = Object.values(changes ?? {}).flatMap((one) => Object.values(one))
  t.ok(rows.length > 0 && rows.every((count) => count === 0), 'no row is another')
  t.equal(await holder.refresh(), 1)
  h.setKnowledge(holder.current())
  t.equal(holder.current().digest, before.digest)
  const { rows: counted } = await h.database.acrossJurisdictions('all', (tx) =>
    tx.execute<{ profiles: number }>(
      sql`select count(*)::int as profiles from profiles where device_count > 0`,
    ),
  )
  const { profiles } = counted[0]!
  t.ok(profiles > 0)
  t.ok((await rescreen(h.database, holder.current(), h.now())) >= profiles, 'each is evaluated again')
  const again = await loadData(h.database, { ...files, program: 'of the next release' }, h.now())
  t.equal(again.changes, null, 'once')
})
