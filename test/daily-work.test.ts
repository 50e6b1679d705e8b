/** What people know counts: statements on makers, documents, the review queue, changes of many devices at once. */
import t from 'tap'
import { harness } from './support/harness.ts'

const h = await harness(t)
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
  t.match(await state(device.id, { maker: 'axis' }, other), { status: 404 })
  t.match(await state(device.id, { maker: 'axis' }, viewer), { status: 403 })
  const page = await h.call('GET', '/v1/statements?standing=true&maker=axis', { key: editor })
  t.match(page.body.items, [{ maker: 'axis', confirmed: { by: 'B. Clerk' } }])
  t.same((await h.call('GET', '/v1/statements', { key: other })).body.items, [])
  t.ok((await h.call('GET', '/v1/statements', { key: reviewer })).body.items.length > 3)
  const { body } = await h.call('GET', '/v1/audit-events?action=statements.read', { key: h.admin })
  t.equal(body.items.length, 1, 'the reviewer’s read is on record')
})
