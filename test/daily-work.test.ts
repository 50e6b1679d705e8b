/** What people know counts: statements on makers, documents, the review queue, changes of many devices at once. */
import t from 'tap'
import { harness } from './support/harness.ts'

const h = await harness(t, {
  parts: { config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false, DOCUMENT_LIMIT_MIB: 1 } },
})
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const elsewhere = await h.jurisdiction({ name: 'Otherton' })
const editor = await h.key('city-editor', city)
const second = (
  await h.call('POST', '/v1/keys', { body: { label: 'Roads', role: 'city-editor', jurisdictionId: city } })
).body.key as string
const viewer = await h.key('city-viewer', city)
const other = await h.key('city-editor', elsewhere)
const reviewer = await h.key('federal-reviewer', 'all')

const csv = { 'content-type': 'text/csv' }
/** The smallest picture there is. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
let tags = 0
const register = async (fields: object) =>
  (await h.call('POST', '/v1/devices', { key: editor, body: { assetTag: `W-${++tags}`, ...fields } })).body
const read = async (id: string) => (await h.call('GET', `/v1/devices/${id}`, { key: editor })).body
const state = (id: string, body: object, key = editor) =>
  h.call('POST', `/v1/devices/${id}/statements`, {
    key,
    body: { basis: 'label-photo', by: 'A. Clerk', ...body },
  })
const listed = async (query: string) =>
  (await h.call('GET', `/v1/devices?${query}`, { key: editor })).body.items.map(
    ({ assetTag }: { assetTag: string }) => assetTag,
  )

t.test(
  'a statement changes the answers of a device within its request, and is undone by another',
  async (t) => {
    const device = await register({ manufacturer: 'Night Owl', model: 'XY-2000B' })
    t.not(device.identification.maker, 'dahua')
    const made = await state(device.id, { maker: 'dahua' })
    t.equal(made.status, 201)
    t.match(made.body, {
      effect: 'settles',
      devices: 1,
      maker: 'dahua',
      statedBy: 'A. Clerk',
      withdrawn: null,
    })
    const after = await read(device.id)
    t.match(after, {
      version: 2,
      identification: { status: 'resolved', maker: 'dahua' },
      headline: { procure: 'prohibited' },
    })
    const [piece] = after.identification.evidence.filter(
      ({ kind }: { kind: string }) => kind === 'person-statement',
    )
    t.match(piece, { pointsTo: 'dahua', weight: 0.85, source: `/v1/statements/${made.body.id}` })
    t.match(
      piece.note,
      /^A\. Clerk \(.+\) stated on \d{4}-\d\d-\d\d, after a photo of the label, that Dahua .*built it\.$/,
    )
    t.ok((await listed('maker=dahua')).includes(device.assetTag), 'filters follow')
    t.ok((await listed('activity=procure&outcome=prohibited')).includes(device.assetTag))
    const summary = (await h.call('GET', '/v1/summary?groupBy=maker', { key: editor })).body
    t.match(
      summary.items.find(({ group }: { group: { maker: string } }) => group.maker === 'dahua'),
      { devices: 1 },
    )

    const imported = await h.call('POST', '/v1/imports?source=again', {
      key: editor,
      headers: csv,
      body: `Asset Tag,Manufacturer,Model,Notes\n${device.assetTag},Night Owl,XY-2000B,seen again\n`,
    })
    t.equal(imported.body.report.counts.updated, 1)
    t.match(
      await read(device.id),
      { version: 3, identification: { maker: 'dahua' } },
      'it survives another import',
    )

    const gone = await h.call('POST', `/v1/statements/${made.body.id}/withdrawal`, {
      key: editor,
      body: { by: 'A. Clerk', reason: 'the photo is of another camera' },
    })
    t.match(gone, {
      status: 200,
      body: { effect: 'withdrawn', devices: 0, withdrawn: { reason: /another camera/ } },
    })
    t.not((await read(device.id)).identification.maker, 'dahua')
    t.notOk((await listed('maker=dahua')).includes(device.assetTag))
    const history = (await h.call('GET', `/v1/devices/${device.id}/history`, { key: editor })).body.items
    t.same(
      history.map(({ changedFields }: { changedFields: string[] }) => changedFields),
      [null, ['statements'], ['notes'], ['statements']],
    )
    t.equal(history[1].device.statements[0].maker, 'dahua', 'what was stated then is told')
    const again = await h.call('POST', `/v1/statements/${made.body.id}/withdrawal`, {
      key: editor,
      body: { by: 'A. Clerk', reason: 'again' },
    })
    t.match(again, { status: 409, body: { type: '/problems/statement-withdrawn' } })
  },
)

t.test('the state of a day before a statement is told without it', async (t) => {
  const device = await register({ manufacturer: 'Zmodo', model: 'QQ-77' })
  const day = (iso: string) => iso.slice(0, 10)
  const before = day(h.now().toISOString())
  h.setNow(new Date(h.now().getTime() + 3 * 86_400_000).toISOString())
  await state(device.id, { maker: 'hikvision', basis: 'teardown' })
  t.equal((await read(device.id)).identification.maker, 'hikvision')
  const then = await h.call('GET', `/v1/devices/${device.id}?asOf=${before}`, { key: editor })
  t.not(then.body.identification.maker, 'hikvision')
})

t.test(
  'of a name and model: also devices that come later, while nothing else speaks for another',
  async (t) => {
    const first = await register({ manufacturer: 'Acme Optics', model: 'AC 4400B' })
    const twin = await register({ manufacturer: 'ACME  optics', model: 'ac4400b' })
    const unlike = await register({
      manufacturer: 'Acme Optics',
      model: 'AC 4400B',
      macAddress: '3cef.8c01.0203',
    })
    const made = await state(first.id, { maker: 'bosch', scope: 'model' })
    t.match(made.body, { effect: 'settles', devices: 3, spokenFor: [] })
    t.equal((await read(twin.id)).identification.maker, 'bosch', 'spelling does not matter')
    const found = (await read(unlike.id)).identification
    t.not(found.maker, 'bosch', 'an address of Dahua was not there when it was stated')
    t.equal(found.needsReview, true)
    const later = await register({ manufacturer: 'Acme Optics', model: 'AC4400-B' })
    t.match(later, { identification: { maker: 'bosch' } }, 'one that is registered later')
    await h.call('POST', '/v1/imports?source=more', {
      key: editor,
      headers: csv,
      body: 'Asset Tag,Manufacturer,Model\nW-M1,Acme Optics,AC-4400B\nW-M2,Acme Optics,AC-4401B\n',
    })
    t.match(await listed('maker=bosch&assetTag=W-M1'), ['W-M1'], 'one that is imported later')
    t.same(await listed('maker=bosch&assetTag=W-M2'), [], 'another model is not meant')
    const renamed = await h.call('PATCH', `/v1/devices/${later.id}`, {
      key: editor,
      body: { model: 'AC-4402B' },
    })
    t.not(renamed.body.identification.maker, 'bosch')
    t.equal(renamed.body.statements, null)
    const gone = await h.call('POST', `/v1/statements/${made.body.id}/withdrawal`, {
      key: editor,
      body: { by: 'A. Clerk', reason: 'wrong' },
    })
    t.equal(gone.body.devices, 0)
    t.same(await listed('maker=bosch&assetTag=W-M1'), [])
    const generic = await register({ manufacturer: 'Acme Optics', model: 'dome' })
    t.match(await state(generic.id, { maker: 'bosch', scope: 'model' }), {
      status: 400,
      body: { errors: [{ pointer: '/scope', code: 'no-model' }] },
    })
  },
)

t.test('to set a restricted maker aside takes a second person, with a key of their own', async (t) => {
  const device = await register({ manufacturer: 'Axis', model: 'P3245-LV', macAddress: '44:19:B6:01:02:03' })
  t.equal(device.identification.maker, null)
  const made = await state(device.id, { maker: 'axis', basis: 'teardown' })
  t.match(made.body, { effect: 'needs-second-person', spokenFor: ['axis', 'hikvision'] })
  t.equal((await read(device.id)).identification.maker, null)
  const confirm = (key: string, by: string) =>
    h.call('POST', `/v1/statements/${made.body.id}/confirmation`, { key, body: { by } })
  t.match(await confirm(editor, 'B. Clerk'), {
    status: 409,
    body: { type: '/problems/second-person-needed' },
  })
  t.match(await confirm(second, 'a. clerk '), { status: 409 }, 'another key, the same person')
  t.match(await confirm(viewer, 'B. Clerk'), { status: 403 })
  t.match(await confirm(other, 'B. Clerk'), { status: 404 })
  const confirmed = await confirm(second, 'B. Clerk')
  t.match(confirmed, { status: 200, body: { effect: 'settles', confirmed: { by: 'B. Clerk' } } })
  t.match(await read(device.id), { identification: { maker: 'axis', needsReview: false } })
  t.match((await confirm(second, 'B. Clerk')).body, { version: confirmed.body.version }, 'once is enough')

  await h.call('PATCH', `/v1/devices/${device.id}`, {
    key: editor,
    body: { macAddress: '3c:ef:8c:01:02:03' },
  })
  const changed = (await read(device.id)).identification
  t.equal(changed.maker, null, 'another address is another device')
  t.match(
    changed.evidence.find(({ kind }: { kind: string }) => kind === 'fallen-statement').note,
    /no longer counts: the MAC address was .* then and is .* now/,
  )
  t.match((await h.call('GET', `/v1/statements/${made.body.id}`, { key: editor })).body, { effect: 'fell' })
})

t.test('the keys and names of one person never make two', async (t) => {
  const town = await h.jurisdiction()
  const make = async (key: string, body: object) => {
    const made = await h.call('POST', '/v1/keys', { key, body })
    t.equal(made.status, 201, made.text)
    return made.body.key as string
  }
  const chief = await make(h.admin, { label: 'Chief', role: 'city-admin', jurisdictionId: town })
  const deputy = await make(h.admin, { label: 'Deputy', role: 'city-admin', jurisdictionId: town })
  const left = await make(chief, { label: 'Left', role: 'city-editor' })
  const under = await make(chief, { label: 'Under', role: 'city-admin' })
  const right = await make(under, { label: 'Right', role: 'city-editor' })
  const apart = await make(deputy, { label: 'Apart', role: 'city-editor' })
  const { body: device } = await h.call('POST', '/v1/devices', {
    key: left,
    body: { manufacturer: 'Axis', model: 'P3245-LV', macAddress: '44:19:B6:01:02:09' },
  })
  const made = await state(device.id, { maker: 'axis', basis: 'teardown' }, left)
  t.match(made.body, { effect: 'needs-second-person' })
  const confirm = (key: string, by: string) =>
    h.call('POST', `/v1/statements/${made.body.id}/confirmation`, { key, body: { by } })
  for (const [key, what] of [
    [chief, 'the key that made it'],
    [under, 'another key that the same key made'],
    [right, 'a key that such a key made'],
  ] as const) {
    const answer = await confirm(key, 'B. Clerk')
    t.equal(answer.body.type, '/problems/second-person-needed', what)
  }
  let last = chief
  for (let far = 0; far < 120; far++) last = await make(last, { label: `Link ${far}`, role: 'city-admin' })
  t.match(await confirm(last, 'B. Clerk'), { status: 409 }, 'a key that comes from it by 120 others')
  for (const by of ['A.\u200b Clerk', 'a.\u00a0CLERK', '\uff21. Clerk', 'A Clerk', 'A. Cle\u00adrk']) {
    t.equal((await confirm(apart, by)).status, 409, JSON.stringify(by))
  }
  t.match(await confirm(apart, '\u200b'), { status: 400, body: { errors: [{ pointer: '/by' }] } })
  const twin = await make(deputy, { label: 'L\u200bEFT', role: 'city-editor' })
  t.equal((await confirm(twin, 'B. Clerk')).status, 409, 'a label that reads the same')
  t.match(await confirm(apart, 'B. Clerk'), { status: 200, body: { effect: 'settles' } })
})

t.test('the admin of a city makes and revokes the keys of its city, and no wider ones', async (t) => {
  const town = await h.jurisdiction()
  const ends = '2027-01-01T00:00:00.000Z'
  const { body: chief } = await h.call('POST', '/v1/keys', {
    body: { label: 'Chief', role: 'city-admin', jurisdictionId: town, expiresAt: ends },
    key: h.admin,
  })
  const ask = (method: string, path: string, body?: object) =>
    h.call(method, path, { key: chief.key, ...(body && { body }) })
  const made = await ask('POST', '/v1/keys', { label: 'Reader', role: 'city-viewer' })
  t.match(made, { status: 201, body: { jurisdictionId: town, expiresAt: ends, createdBy: chief.id } })
  t.equal((await h.call('GET', '/v1/devices', { key: made.body.key })).status, 200)
  const wider: [object, number][] = [
    [{ role: 'admin' }, 403],
    [{ role: 'federal-reviewer', jurisdictionIds: 'all' }, 403],
    [{ role: 'city-viewer', jurisdictionId: city }, 404],
    [{ role: 'city-viewer', expiresAt: '2027-01-01T00:00:01Z' }, 400],
    [{ role: 'city-viewer', jurisdictionIds: [city] }, 400],
  ]
  for (const [wish, status] of wider) {
    t.equal((await ask('POST', '/v1/keys', { label: 'x', ...wish })).status, status, JSON.stringify(wish))
  }
  const { items } = (await ask('GET', '/v1/keys?limit=1000')).body
  t.same(
    new Set(items.map(({ jurisdictionId }: { jurisdictionId: string }) => jurisdictionId)),
    new Set([town]),
  )
  t.equal(items.length, 2)
  const all = (await h.call('GET', '/v1/keys?limit=1000', { key: h.admin })).body.items
  const foreign = all.find(({ jurisdictionId }: { jurisdictionId: string }) => jurisdictionId === city)
  t.equal((await ask('GET', `/v1/keys/${foreign.id}`)).status, 404)
  t.equal((await ask('DELETE', `/v1/keys/${foreign.id}`)).status, 404)
  t.equal((await h.call('GET', `/v1/keys/${foreign.id}`, { key: h.admin })).body.revokedAt, null)
  t.match(await ask('DELETE', `/v1/keys/${made.body.id}`), { status: 200, body: { label: 'Reader' } })
  t.equal((await h.call('GET', '/v1/devices', { key: made.body.key })).status, 401)
  const log = (await ask('GET', '/v1/audit-events')).body.items
  t.same(
    log.map(({ action, actorLabel }: { action: string; actorLabel: string }) => `${action} ${actorLabel}`),
    ['key.revoke Chief', 'key.create Chief'],
    'the city sees it in its own log',
  )
  t.equal((await h.call('GET', '/v1/keys', { key: editor })).status, 403)
})

t.test('that it cannot be found out is kept, with the reason, and makes no answer milder', async (t) => {
  const device = await register({ manufacturer: 'Q-See', model: 'ZZZZ-9' })
  t.match(await state(device.id, { maker: null }), { status: 400, body: { errors: [{ pointer: '/note' }] } })
  const made = await state(device.id, { maker: null, note: 'label gone, vendor closed' })
  t.match(made.body, { effect: 'noted', maker: null })
  const after = await read(device.id)
  t.same(after.headline, device.headline)
  t.equal(after.identification.needsReview, true)
})

t.test('a statement names a maker of the catalog, not a seller, and no day to come', async (t) => {
  const device = await register({ manufacturer: 'Q-See', model: 'ZZZZ-8' })
  t.match(await state(device.id, { maker: 'nobody-at-all', statedOn: '2099-01-01' }), {
    status: 400,
    body: {
      errors: [
        { pointer: '/maker', code: 'unknown' },
        { pointer: '/statedOn', code: 'in-the-future' },
      ],
    },
  })
  const early = await state(device.id, { maker: 'axis', statedOn: '0001-01-01' })
  t.match(early, { status: 400, body: { errors: [{ pointer: '/statedOn', code: 'too-early' }] } })
  t.match(await state(device.id, { maker: 'axis' }, other), { status: 404 })
  t.match(await state(device.id, { maker: 'axis' }, viewer), { status: 403 })
  const page = await h.call('GET', '/v1/statements?standing=true&maker=axis', { key: editor })
  t.match(page.body.items, [{ maker: 'axis', confirmed: { by: 'B. Clerk' } }])
  t.same((await h.call('GET', '/v1/statements', { key: other })).body.items, [])
  t.ok((await h.call('GET', '/v1/statements', { key: reviewer })).body.items.length > 3)
  const { body } = await h.call('GET', '/v1/audit-events?action=statements.read', { key: h.admin })
  t.equal(body.items.length, 1, 'the reviewer’s read is on record')
})

const upload = (query: string, body: Buffer, key = editor, type = 'image/png') =>
  h.call('POST', `/v1/documents?${query}`, { key, body, headers: { 'content-type': type } })

t.test('a document has the name of a file', async (t) => {
  const device = await register({ manufacturer: 'Axis', model: 'P3245-LV' })
  for (const name of [
    '..',
    '.',
    '../../etc/passwd',
    'a\\\\b.png',
    '\u200b',
    'label\u202egnp.exe',
    'a\u0007.png',
  ]) {
    const answer = await upload(`device=${device.id}&name=${encodeURIComponent(name)}`, PNG)
    t.match(answer, { status: 400, body: { errors: [{ pointer: '?name' }] } }, JSON.stringify(name))
  }
})

t.test('a document is what its bytes say, is given back as it came, and only to be saved', async (t) => {
  const device = await register({ manufacturer: 'Q-See', model: 'ZZZZ-7' })
  const made = await upload(`device=${device.id}&name=label%20%22%C3%A4%22.pdf&note=north%20side`, PNG)
  t.equal(made.status, 201)
  t.match(made.body, {
    mediaType: 'image/png',
    bytes: PNG.length,
    ownerKind: 'device',
    name: 'label "ä".pdf',
  })
  const content = await h.app.inject({
    url: `/v1/documents/${made.body.id}/content`,
    headers: { authorization: `Bearer ${editor}` },
  })
  t.ok(content.rawPayload.equals(PNG))
  t.match(content.headers, {
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-disposition':
      'attachment; filename="label ___.pdf"; filename*=UTF-8\'\'label%20%22%C3%A4%22.pdf',
    'content-security-policy': /default-src 'none'/,
  })
  t.same((await h.call('GET', `/v1/documents/${made.body.id}`, { key: viewer })).body, made.body)
  const html = Buffer.from('<script>alert(1)</script>')
  t.match(await upload(`device=${device.id}&name=x.png`, html), {
    status: 422,
    body: { type: '/problems/document-refused' },
  })
  t.match(
    await upload(`device=${device.id}&name=x.png`, PNG.subarray(0, 60)),
    { status: 422 },
    'half a picture',
  )
  t.match(await upload(`device=${device.id}&name=x`, html, editor, 'text/html'), { status: 415 })
  t.match(await upload('name=x', PNG), { status: 400, body: { errors: [{ code: 'one-owner' }] } })
  t.match(await upload(`device=${device.id}&name=x`, Buffer.alloc(10_500_000)), { status: 413 })
  t.match(await upload(`device=${device.id}&name=x`, PNG, other), { status: 404 })
  t.match(await upload(`device=${device.id}&name=x`, PNG, viewer), { status: 403 })
  const budget = await h.key('city-budget', city)
  t.match(await upload(`device=${device.id}&name=x`, PNG, budget), { status: 403 })
  t.equal((await h.call('GET', `/v1/documents/${made.body.id}/content`, { key: other })).status, 404)

  const large = Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    Buffer.alloc(700_000, 'x'),
    Buffer.from('\n%%EOF\n'),
  ])
  const pdf = await upload(`device=${device.id}&name=letter.pdf`, large, editor, 'application/pdf')
  t.equal(pdf.body.mediaType, 'application/pdf')
  const back = await h.app.inject({
    url: `/v1/documents/${pdf.body.id}/content`,
    headers: { authorization: `Bearer ${viewer}` },
  })
  t.ok(back.rawPayload.equals(large), 'in pieces, and whole again')
  t.match(await upload(`device=${device.id}&name=more.pdf`, large), {
    status: 409,
    body: { type: '/problems/document-limit' },
  })
  const gone = await h.call('DELETE', `/v1/documents/${pdf.body.id}?reason=wrong%20letter`, { key: editor })
  t.match(gone.body, { removed: { reason: 'wrong letter' }, sha256: pdf.body.sha256 })
  t.equal((await h.call('GET', `/v1/documents/${pdf.body.id}/content`, { key: editor })).status, 404)
  t.equal((await upload(`device=${device.id}&name=more.pdf`, large)).status, 201, 'there is room again')
  const kept = await h.call('GET', `/v1/documents?device=${device.id}&kept=true`, { key: viewer })
  t.same(
    kept.body.items.map(({ name }: { name: string }) => name),
    ['label "ä".pdf', 'more.pdf'],
  )
  t.same((await h.call('GET', '/v1/documents', { key: other })).body.items, [])
})

t.test('sites, statements, licenses and disposals have documents too', async (t) => {
  const site = (await h.call('POST', '/v1/sites', { key: editor, body: { name: 'Pier' } })).body
  const device = await register({ manufacturer: 'Q-See', model: 'ZZZZ-6' })
  const stated = (await state(device.id, { maker: 'axis' })).body
  const plan = (await h.call('POST', '/v1/plans', { key: editor, body: { name: 'Out' } })).body
  await h.call('POST', `/v1/plans/${plan.id}/devices`, {
    key: editor,
    body: { deviceIds: [device.id], costCode: 'CAM-BULLET' },
  })
  const disposal = (
    await h.call('POST', `/v1/plans/${plan.id}/disposals`, {
      key: editor,
      body: { deviceId: device.id, method: 'clear', disposedOn: '2026-11-01', party: 'Recycler' },
    })
  ).body
  const license = (
    await h.call('POST', '/v1/licenses', {
      key: editor,
      body: {
        type: 'specific',
        number: 'L-7',
        authority: 'OFAC',
        regime: 'ofac-sdn',
        program: 'GLOMAG',
        activities: ['firmware-update'],
        entities: 'any',
        holder: { kind: 'party', id: city },
        window: { from: null, to: '2026-12-01' },
        citation: 'letter',
      },
    })
  ).body
  const things = { site: site.id, statement: stated.id, disposal: disposal.id, license: license.id }
  for (const [kind, id] of Object.entries(things)) {
    const made = await upload(`${kind}=${id}&name=paper.png`, PNG)
    t.equal(made.status, 201, kind)
    t.match((await h.call('GET', `/v1/documents?${kind}=${id}`, { key: viewer })).body.items, [
      { ownerKind: kind },
    ])
  }
})

t.test('many devices are changed at once, those that were counted and no others', async (t) => {
  const site = (await h.call('POST', '/v1/sites', { key: editor, body: { name: 'Depot' } })).body
  const ids: string[] = []
  for (let i = 0; i < 5; i++)
    ids.push((await register({ manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I', department: 'Depot' })).id)
  const change = (body: object, key = editor) => h.call('POST', '/v1/devices/changes', { key, body })
  const filter = { department: 'Depot' }
  const tried = await change({
    filter,
    change: { fundingSource: 'local', acquiredOn: '2024-05-01' },
    dryRun: true,
  })
  t.match(tried, { status: 200, body: { dryRun: true, count: 5, changed: 5, unchanged: 0, unknown: 0 } })
  t.ok(tried.body.findings.length + tried.body.answers.length > 0, 'what it does to the answers')
  t.ok(tried.body.answers.every(({ devices }: { devices: number }) => devices === 5))
  t.equal((await read(ids[0]!)).fundingSource, null, 'nothing is written')
  t.match(await change({ filter, change: { status: 'stored' } }), {
    status: 400,
    body: { errors: [{ pointer: '/expected' }] },
  })
  const { count, digest } = tried.body
  await h.call('PATCH', `/v1/devices/${ids[4]}`, { key: editor, body: { notes: 'touched' } })
  const wish = { filter, change: { fundingSource: 'local', acquiredOn: '2024-05-01' } }
  t.match(await change({ ...wish, expected: { count, digest } }), {
    status: 409,
    body: { type: '/problems/selection-changed' },
  })
  const again = (await change({ ...wish, dryRun: true })).body
  const done = await change({ ...wish, expected: { count: again.count, digest: again.digest } })
  t.match(done, {
    status: 200,
    body: { dryRun: false, changed: 5, answers: again.answers, findings: again.findings },
  })
  t.match(await read(ids[0]!), { version: 2, fundingSource: 'local', acquiredOn: '2024-05-01' })
  t.equal((await listed('department=Depot&fundingSource=local')).length, 5, 'filters follow')
  const history = (await h.call('GET', `/v1/devices/${ids[0]}/history`, { key: editor })).body.items
  t.same(history[1].changedFields.toSorted(), ['acquiredOn', 'fundingSource'])

  const foreign = (await h.call('POST', '/v1/devices', { key: other, body: { manufacturer: 'Axis' } })).body
    .id
  const move = { ids: [...ids.slice(0, 2), foreign], change: { siteId: site.id } }
  const counted = (await change({ ...move, dryRun: true })).body
  t.match(counted, { count: 2, unknown: 1 })
  const moved = (await change({ ...move, expected: { count: 2, digest: counted.digest } })).body
  t.match(moved.items.at(-1), { id: foreign, result: 'unknown' }, 'an id of another city is none here')
  const same = await change({ ...move, dryRun: true })
  t.match(same.body, { changed: 0, unchanged: 2, answers: [], findings: [] })
  t.match(await change({ filter: { colour: 'red' }, change: { status: 'stored' }, dryRun: true }), {
    status: 400,
    body: { errors: [{ pointer: '/filter/colour', code: 'unknown-field' }] },
  })
  t.match(await change({ ids, change: { siteId: foreign }, dryRun: true }), {
    status: 400,
    body: { errors: [{ pointer: '/change/siteId' }] },
  })
  t.match(
    await change({ ids, change: { assetTag: 'X' }, dryRun: true }),
    { status: 400 },
    'a tag is of one device',
  )
  t.match(await change(move, viewer), { status: 403 })
})

t.test('a device that became part of another says so wherever it is asked for', async (t) => {
  const stays = await register({ manufacturer: 'Axis', model: 'P3245-LV' })
  const goes = await register({ manufacturer: 'Axis', model: 'P3245-LV' })
  const merged = await h.call('POST', `/v1/devices/${stays.id}/merge`, {
    key: editor,
    body: { duplicateId: goes.id },
  })
  t.equal(merged.status, 200, merged.text)
  const calls: [string, string, object?][] = [
    ['GET', ''],
    ['PATCH', '', { room: 'A' }],
    ['GET', '/patch-answer'],
    ['POST', '/statements', { maker: 'axis', basis: 'label-photo', by: 'A. Clerk' }],
    ['POST', '/firmware-installations', { firmwareVersion: '1.0', installedOn: '2026-11-01' }],
    ['DELETE', ''],
  ]
  for (const [method, below, body] of calls) {
    const answer = await h.call(method, `/v1/devices/${goes.id}${below}`, {
      key: editor,
      ...(body && { body }),
    })
    t.match(answer, { status: 410, body: { type: '/problems/device-merged' } }, `${method} ${below}`)
    const foreign = await h.call(method, `/v1/devices/${goes.id}${below}`, {
      key: other,
      ...(body && { body }),
    })
    t.equal(foreign.status, 404, `${method} ${below} by another city`)
  }
})

t.test('what waits for a person is grouped, and goes and comes back with the facts', async (t) => {
  const groups = async (key = editor, query = '') =>
    (await h.call('GET', `/v1/reviews${query}`, { key })).body.items as {
      manufacturer: string
      devices: number
      fell: string[]
      settle: { path: string; method: string }[]
      exampleDeviceId: string
    }[]
  const find = async () =>
    (await groups()).find(({ manufacturer }) => manufacturer.toLowerCase() === 'zorbvision')
  const first = await register({ manufacturer: 'Zorbvision', model: 'VD-900B' })
  await register({ manufacturer: 'zorbvision', model: 'VD900B' })
  t.match(await find(), {
    devices: 2,
    by: 'model',
    exampleDeviceId: String,
    missing: ['manufacturer', 'macAddress', 'fccId', 'firmwareVersion'],
  })
  t.match((await find())!.settle, [
    { method: 'PATCH' },
    { method: 'GET', path: '/v1/manufacturers?q=Zorbvision', how: /No maker is known for .Zorbvision./ },
    { method: 'POST' },
    { method: 'POST' },
  ])
  const asked = await h.call('GET', (await find())!.settle[1]!.path, { key: editor })
  t.equal(asked.status, 200, 'the request that it names answers')
  const dismissed = await state(first.id, { maker: null, note: 'no label, vendor gone', scope: 'model' })
  t.equal(await find(), undefined, 'decided')
  await h.call('POST', '/v1/imports?source=r', {
    key: editor,
    headers: csv,
    body: `Asset Tag,Manufacturer,Model,Notes\n${first.assetTag},Zorbvision,VD-900B,again\nW-R9,Zorbvision,VD 900B,new\n`,
  })
  t.equal(await find(), undefined, 'the decision survives an import, also for one that is new')
  await h.call('PATCH', `/v1/devices/${first.id}`, { key: editor, body: { macAddress: '3c:ef:8c:01:02:03' } })
  const back = await find()
  t.match(back, { devices: 1 }, 'another fact has come')
  t.match(back!.fell[0], /no longer counts: nothing spoke for Dahua/)
  t.equal(dismissed.body.effect, 'noted')
  t.same(await groups(other), [])
  t.match(await h.call('GET', '/v1/reviews', { key: reviewer }), { status: 400 })
  t.ok((await groups(reviewer, `?jurisdictionId=${city}`)).length > 0)
  const page = await h.call('GET', '/v1/reviews?limit=1', { key: viewer })
  t.match(page.body.items, [{ devices: Number }])
  const next = await h.call('GET', `/v1/reviews?limit=1&cursor=${page.body.nextCursor}`, { key: viewer })
  t.not(next.body.items[0].id, page.body.items[0].id)
})

t.test('one decision settles a group of reviews, and is taken back as one', async (t) => {
  const call = (method: string, path: string, body?: object, key = editor) =>
    h.call(method, path, { key, ...(body === undefined ? {} : { body }) })
  const byFact = async () =>
    (await call('GET', '/v1/reviews')).body.items.find(
      ({ by, manufacturer }: { by: string; manufacturer: string }) =>
        by === 'fact' && manufacturer === 'Qorvane',
    )
  const made = []
  for (const name of ['gate', 'yard', 'roof']) made.push(await register({ manufacturer: 'Qorvane', name }))
  const group = await byFact()
  t.match(group, { devices: 3 })
  const gone = { maker: null, basis: 'inspection', by: 'A. Clerk', note: 'no label on any of them' }
  const path = `/v1/reviews/${group.id}/statements`
  t.ok(
    group.settle.some((one: { path: string }) => one.path === path),
    'the group names the request',
  )
  t.equal((await call('POST', path, gone, viewer)).status, 403)
  t.equal((await call('POST', path, gone, other)).status, 404, 'another city has no such group')
  t.match(await call('POST', path, { ...gone, note: null }), {
    status: 400,
    body: { errors: [{ pointer: '/note' }] },
  })
  const done = await call('POST', path, gone)
  t.match(done, { status: 201, body: { devices: 3 } })
  t.equal(done.body.statements.length, 3)
  t.equal(await byFact(), undefined, 'decided')
  t.match(
    (await call('GET', `/v1/devices/${made[1]!.id}`)).body.headline.procure,
    'review',
    'and nothing is cleared',
  )
  const back = { ids: done.body.statements, by: 'A. Clerk', reason: 'a label was found' }
  t.equal(
    (await call('POST', '/v1/statements/withdrawals', back, other)).status,
    400,
    'no statements of theirs',
  )
  t.match((await call('POST', '/v1/statements/withdrawals', back)).body, { withdrawn: 3, devices: 3 })
  t.match(await byFact(), { id: group.id, devices: 3 }, 'it waits again')
  t.match(await call('POST', '/v1/statements/withdrawals', back), {
    status: 400,
    body: { errors: [{ pointer: '/ids/0', code: 'not-standing' }, {}, {}] },
  })

  await register({ manufacturer: 'Zorlux', model: 'ZX-77A' })
  await register({ manufacturer: 'ZORLUX', model: 'ZX77A' })
  const alike = (await call('GET', '/v1/reviews')).body.items.find(
    ({ manufacturer }: { manufacturer: string | null }) => manufacturer?.toLowerCase() === 'zorlux',
  )
  const all = await call('POST', `/v1/reviews/${alike.id}/statements`, gone)
  t.match(all, { status: 201, body: { devices: 2, statements: [String] } }, 'one for all of a model')
})
