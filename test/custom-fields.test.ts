/** What a city adds: fields of its devices, typed, imported, exported, filtered, kept; mappings of its lists. */
import t from 'tap'
import { harness } from './support/harness.ts'

const h = await harness(t)
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const elsewhere = await h.jurisdiction({ name: 'Otherton' })
const editor = await h.key('city-editor', city)
const other = await h.key('city-editor', elsewhere)
const reviewer = await h.key('federal-reviewer', 'all')

const csv = { 'content-type': 'text/csv' }
const define = (body: object, key = editor) => h.call('POST', '/v1/custom-fields', { key, body })
let tags = 0
const register = (fields: object, key = editor) =>
  h.call('POST', '/v1/devices', { key, body: { assetTag: `C-${++tags}`, model: 'Q6155-E', ...fields } })
const change = (id: string, body: object) => h.call('PATCH', `/v1/devices/${id}`, { key: editor, body })
const read = async (id: string) => (await h.call('GET', `/v1/devices/${id}`, { key: editor })).body
const listed = async (query: string, key = editor) => {
  const { body } = await h.call('GET', `/v1/devices?${query}`, { key })
  return body.items?.map(({ assetTag }: { assetTag: string }) => assetTag).toSorted() ?? body
}
const take = (body: string | Buffer, query = '', type: Record<string, string> = csv) =>
  h.call('POST', `/v1/imports?${query}`, { key: editor, headers: type, body })

const FIELDS = [
  { name: 'zone', label: 'Patrol zone', type: 'text' },
  { name: 'height_m', label: 'Mounting height', type: 'number' },
  { name: 'inspected', label: 'Last inspection', type: 'date' },
  { name: 'solar', label: 'On solar power', type: 'boolean' },
  { name: 'phase', label: 'Program phase', type: 'choice', choices: ['One', 'Two', 'Later'] },
]

t.test('a city defines fields of five types; another city has none of them', async (t) => {
  for (const field of FIELDS) t.equal((await define(field)).status, 201, field.name)
  t.equal((await define({ name: 'zone', label: 'Zone here', type: 'number' }, other)).status, 201)
  const { body } = await h.call('GET', '/v1/custom-fields', { key: editor })
  t.same(
    body.items.map(({ name }: { name: string }) => name),
    ['height_m', 'inspected', 'phase', 'solar', 'zone'],
  )
  t.match(body.items[2], { type: 'choice', choices: ['One', 'Two', 'Later'], jurisdictionId: city })
  const one = `/v1/custom-fields/${body.items[0].id}`
  t.match((await h.call('GET', one, { key: editor })).body, { name: 'height_m', type: 'number' })
  t.equal((await h.call('GET', one, { key: other })).status, 404)
})

t.test('a name or label that means something else in files is refused with what it means', async (t) => {
  for (const [name, label, pointer, pattern] of [
    ['make', 'Their make', '/name', /files call manufacturer/],
    ['own', 'Serial No.', '/label', /files call serialNumber/],
    ['own', 'Password', '/label', /logins/],
    ['firmwareversion', 'Build', '/name', /the field firmwareVersion/],
    ['findings', 'Remarks of ours', '/name', /exports call findings/],
    ['own', 'Headline: procure', '/label', /exports call headline.procure/],
    ['own', 'Lists read on', '/label', /exports call listsReadOn/],
    ['own', 'Why', '/label', /exports call Why/],
    ['constructor', 'Built by', '/name', /reserved/],
  ] as const) {
    const { status, body } = await define({ name, label, type: 'text' })
    t.equal(status, 400, label)
    t.match(body.errors, [{ pointer, message: pattern }])
  }
  const taken = await define({ name: 'patrol_zone', label: 'Another', type: 'text' })
  t.match(taken.body, { status: 409, type: '/problems/custom-field-taken', errors: [{ pointer: '/name' }] })
  t.equal((await define({ name: 'p', label: 'P', type: 'choice' })).body.errors[0].pointer, '/choices')
  t.equal((await define({ name: 'P', label: 'P', type: 'text' })).body.errors[0].pointer, '/name')
})

t.test('values are set, changed one by one and cleared; each version stays in the history', async (t) => {
  const made = await register({ custom: { zone: 'North', height_m: 6.5, solar: false, phase: 'One' } })
  t.equal(made.status, 201)
  const { id } = made.body
  t.same(made.body.custom, { height_m: 6.5, phase: 'One', solar: false, zone: 'North' })
  t.same((await change(id, { custom: { phase: 'Two', solar: null } })).body.custom, {
    height_m: 6.5,
    phase: 'Two',
    zone: 'North',
  })
  t.equal((await change(id, { custom: { phase: 'Two' } })).body.version, 2, 'the same again is no change')
  t.equal((await change(id, { custom: null })).body.custom, null)
  const { items } = (await h.call('GET', `/v1/devices/${id}/history`, { key: editor })).body
  t.same(
    items.map(({ device }: { device: { custom: { phase?: string } | null } }) => device.custom?.phase),
    [undefined, 'Two', 'One'],
  )
  t.same(items[1].changedFields, ['custom'])
  t.equal((await h.call('GET', `/v1/devices/${id}`, { key: other })).status, 404)
})

t.test('a value of another type and an unknown field are each named', async (t) => {
  const { status, body } = await register({
    custom: { zone: 5, height_m: 'tall', inspected: '2024-02-30', solar: 'yes', phase: 'Three', wing: 'B' },
  })
  t.equal(status, 400)
  t.match(body.errors, [
    { pointer: '/custom/zone', code: 'wrong-type', message: /a text/ },
    { pointer: '/custom/height_m', code: 'wrong-type', message: /a number/ },
    { pointer: '/custom/inspected', code: 'wrong-type', message: /YYYY-MM-DD/ },
    { pointer: '/custom/solar', code: 'wrong-type', message: 'must be true or false' },
    { pointer: '/custom/phase', code: 'wrong-type', message: 'must be one of One, Two, Later' },
    { pointer: '/custom/wing', code: 'unknown-field', message: /it has height_m/ },
  ])
  t.match((await register({ custom: { zone: 'N' } }, other)).body.errors, [{ pointer: '/custom/zone' }])
  t.equal((await register({ custom: { zone: 7 } }, other)).status, 201, 'a number there')
})

const FILE = `Asset Tag,Make,Model,Patrol zone,Mounting height,custom.inspected,solar,cf_phase
I-1,Axis,P3245,Harbor,"1,006.5",2024-03-05,Yes,two
I-2,Axis,P3245,,tall,not yet,maybe,Three
I-3,Axis,P3245,Hikvision pole,4,2023-12-31,N,later
`

t.test(
  'columns by label, name or prefix fill them; what is of another type is warned of and named',
  async (t) => {
    const { body } = await take(FILE, 'source=fields')
    t.match(body.report.counts, { created: 3, rejected: 0 })
    const fields = body.report.mapping.map(({ field }: { field: string }) => field)
    t.same(
      fields.filter((field: string) => field.startsWith('custom.')),
      ['custom.zone', 'custom.height_m', 'custom.inspected', 'custom.solar', 'custom.phase'],
    )
    const warned = body.report.warnings.find(({ row }: { row: number }) => row === 3)
    t.same(
      warned.errors.map(({ field, code }: { field: string; code: string }) => [field, code]),
      [
        ['custom.height_m', 'not-of-the-type'],
        ['custom.inspected', 'not-a-date'],
        ['custom.solar', 'not-of-the-type'],
        ['custom.phase', 'not-of-the-type'],
      ],
    )
    const { items } = (
      await h.call('GET', '/v1/devices?assetTag__startsWith=I-&fields=assetTag,custom', { key: editor })
    ).body
    t.match(items, [
      {
        assetTag: 'I-1',
        custom: { height_m: 1006.5, inspected: '2024-03-05', phase: 'Two', solar: true, zone: 'Harbor' },
      },
      { assetTag: 'I-2', custom: null },
      { assetTag: 'I-3', custom: { phase: 'Later', solar: false } },
    ])
  },
)

t.test('a restricted maker that a custom text names raises doubt, whatever the label says', async (t) => {
  const [doubted] = (await h.call('GET', '/v1/devices?assetTag=I-3&include=identification', { key: editor }))
    .body.items
  t.equal(doubted.identification.needsReview, true)
  t.ok(
    doubted.identification.evidence.some(({ note }: { note: string }) =>
      /custom fields mentions Hikvision/.test(note),
    ),
  )
  const [clear] = (await h.call('GET', '/v1/devices?assetTag=I-1&include=identification', { key: editor }))
    .body.items
  t.equal(clear.identification.needsReview, false)
  await change(doubted.id, { custom: { zone: 'Harbor' } })
  t.equal((await read(doubted.id)).identification.needsReview, false, 'and no longer when it is gone')
  const unread = await take(
    'Asset Tag,Make,Model,Program phase\nI-4,Axis,P3245,Dahua swap\n',
    'source=unread',
  )
  t.equal(unread.body.report.counts.created, 1)
  const [heard] = (await h.call('GET', '/v1/devices?assetTag=I-4&include=identification', { key: editor }))
    .body.items
  t.equal(heard.identification.needsReview, true, 'also of a cell that is no value of the field')
})

t.test('they are filters with the operators of their type, today and on a past day', async (t) => {
  const past = encodeURIComponent(h.now().toISOString())
  for (const [query, found] of [
    ['custom.zone=harbor', ['I-1', 'I-3']],
    ['cf_zone=harbor', ['I-1', 'I-3']],
    ['custom%5Bzone%5D=harbor', ['I-1', 'I-3']],
    ['custom.zone__contains=arb', ['I-1', 'I-3']],
    ['custom.zone__startsWith=HAR&custom.height_m__gt=4', ['I-1']],
    ['custom.height_m__gte=4', ['I-1', 'I-3']],
    ['custom.height_m=4.0', ['I-3']],
    ['custom.inspected__lt=2024-01-01', ['I-3']],
    ['custom.solar=true', ['I-1']],
    ['custom.solar__empty=false', ['I-1', 'I-3']],
    ['custom.phase=two&custom.phase=later', ['I-1', 'I-3']],
    ['custom.phase__not=two&assetTag__startsWith=I-&custom.phase__empty=false', ['I-3']],
    ['custom.phase=unknown&assetTag__startsWith=I-', ['I-2', 'I-4']],
    ['custom__empty=true&assetTag__startsWith=I-', ['I-2', 'I-4']],
  ] as const) {
    t.same(await listed(query), found, query)
    t.same(await listed(`${query}&asOf=${past}`), found, `${query} as of an instant`)
    const total = (await h.call('GET', `/v1/summary?${query}`, { key: editor })).body.totalDevices
    t.equal(total, found.length, `${query} counted`)
  }
  const numbered = await listed('custom.zone=7', other)
  t.equal(numbered.length, 1)
  t.same(
    await listed('custom.zone=7', reviewer),
    numbered,
    'across cities that keep other things under a name',
  )
})

t.test('a filter of no field, or that its type does not take, is refused', async (t) => {
  for (const [query, pointer, message] of [
    ['custom.wing=B', '?custom.wing', /There are: height_m, inspected/],
    ['custom.height_m__contains=4', '?custom.height_m__contains', /number: it takes no operator, __not/],
    ['custom.zone__gte=4', '?custom.zone__gte', /text: it takes/],
    ['custom.inspected__gte=soon', '?custom.inspected__gte', /YYYY-MM-DD/],
    ['custom.solar=perhaps', '?custom.solar', /true or false/],
    ['custom.zone__like=4', '?custom.zone__like', /it takes/],
  ] as const) {
    t.match(await listed(query), { status: 400, errors: [{ pointer, message }] }, query)
  }
})

t.test('what cannot be asked is refused wherever the filters of devices are taken', async (t) => {
  const questions: [query: string, body: object | null, pointer: RegExp][] = [
    ['custom.nothing__not=1', { nothing__not: '1' }, /custom.nothing__not$/],
    ['custom.zone__matches=1', { zone__matches: '1' }, /custom.zone__matches$/],
    ['custom.zone__contains__x=1', { zone__contains__x: '1' }, /custom.zone__contains__x$/],
    ['custom.height_m__gt=abc', { height_m__gt: 'abc' }, /custom.height_m__gt$/],
    ['custom.height_m__gt=4&custom.height_m__gt=9', { height_m__gt: [4, 9] }, /custom.height_m__gt$/],
    ['custom.zone=%00', { zone: '\0' }, /custom.zone/],
    ['custom.zone=a&custom.zone=%00', { zone: ['\ud800'] }, /custom.zone/],
    ['custom.__proto__=1', null, /custom.__proto__$/],
    ['custom.constructor=1', { constructor: '1' }, /custom.constructor$/],
  ]
  for (const [query, custom, pointer] of questions) {
    const asked = ['devices', 'summary', 'findings', 'findings/rules', 'findings/workbook'].map((list) =>
      h.call('GET', `/v1/${list}?${query}`, { key: editor }),
    )
    const filter = { custom }
    const change = { filter, change: { notes: 'x' }, dryRun: true }
    const decision = { filter, state: 'disputed', reason: 'r', by: 'b', dryRun: true }
    const sent =
      custom === null
        ? []
        : [
            h.call('POST', '/v1/snapshots', { key: editor, body: { filter } }),
            h.call('POST', '/v1/devices/changes', { key: editor, body: change }),
            h.call('POST', '/v1/finding-decisions', { key: editor, body: decision }),
          ]
    for (const [i, { status, body }] of (await Promise.all([...asked, ...sent])).entries()) {
      t.equal(status, 400, `${query} ${i}`)
      t.match(body.errors?.[0]?.pointer.replaceAll('/', '.').replace(/\.0$/, ''), pointer, `${query} ${i}`)
    }
  }
})

t.test('many devices change by such a filter, and a removed field loses nothing unsaid', async (t) => {
  const { items } = (await h.call('GET', '/v1/custom-fields', { key: editor })).body
  const phase = items.find(({ name }: { name: string }) => name === 'phase')
  const used = await h.call('DELETE', `/v1/custom-fields/${phase.id}`, { key: editor })
  t.match(used.body, {
    status: 409,
    type: '/problems/custom-field-in-use',
    detail: /^2 devices have a value/,
  })
  const narrowed = await h.call('PATCH', `/v1/custom-fields/${phase.id}`, {
    key: editor,
    body: { choices: ['One', 'Later'] },
  })
  t.match(narrowed.body, { status: 409, detail: /^1 device has one of Two/ })
  const wider = await h.call('PATCH', `/v1/custom-fields/${phase.id}`, {
    key: editor,
    body: { label: 'Stage', choices: ['One', 'Two', 'Later', 'Never'] },
  })
  t.match(wider.body, { label: 'Stage', version: 2 })

  const many = { filter: { custom: { phase__empty: false } }, change: { custom: { phase: null } } }
  const tried = (
    await h.call('POST', '/v1/devices/changes', { key: editor, body: { ...many, dryRun: true } })
  ).body
  t.match(tried, { count: 2, changed: 2 })
  const expected = { count: tried.count, digest: tried.digest }
  await h.call('POST', '/v1/devices/changes', { key: editor, body: { ...many, expected } })
  const before = encodeURIComponent(h.now().toISOString())
  t.equal((await h.call('DELETE', `/v1/custom-fields/${phase.id}`, { key: editor })).status, 204)
  t.equal((await h.call('GET', `/v1/custom-fields/${phase.id}`, { key: editor })).status, 404)
  t.match((await register({ custom: { phase: 'One' } })).body.errors, [{ code: 'unknown-field' }])
  const device = (await h.call('GET', '/v1/devices?assetTag=I-1', { key: editor })).body.items[0]
  const { items: versions } = (await h.call('GET', `/v1/devices/${device.id}/history`, { key: editor })).body
  t.equal(versions[1].device.custom.phase, 'Two', 'the history still has it')
  t.same(await listed(`custom.phase=two&asOf=${before}`), [], 'and a past day may be asked of it')
  t.equal((await define(FIELDS[4]!)).status, 201, 'the name is free again')
})

t.test('exports have a column of each and change nothing when imported again', async (t) => {
  await change((await h.call('GET', '/v1/devices?assetTag=I-1', { key: editor })).body.items[0].id, {
    custom: { phase: 'Two', zone: '=SUM(A1)' },
  })
  const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const table = await h.app.inject({
    method: 'GET',
    url: '/v1/devices?assetTag__startsWith=I-',
    headers: { authorization: `Bearer ${editor}`, accept: 'text/csv' },
  })
  t.match(
    table.body.split('\n')[0],
    /custom\.height_m,custom\.inspected,custom\.phase,custom\.solar,custom\.zone/,
  )
  const book = await h.app.inject({
    method: 'GET',
    url: '/v1/devices?assetTag__startsWith=I-',
    headers: { authorization: `Bearer ${editor}`, accept: xlsx },
  })
  for (const [file, type] of [
    [table.body, csv],
    [book.rawPayload, { 'content-type': xlsx }],
  ] as const) {
    const again = await take(file, 'source=again&blanks=clear', type)
    t.match(again.body.report.counts, { updated: 0, created: 0, rejected: 0, unchanged: 4 })
    t.ok(again.body.report.mapping.some(({ field }: { field: string }) => field === 'custom.zone'))
  }
})

t.test('versions that were kept before there were such fields are shown and filtered', async (t) => {
  const { id } = (await register({ name: 'Old' })).body
  await change(id, { name: 'New' })
  await h.asOwner(`alter table device_history no force row level security;
    update device_history set snapshot = (snapshot::jsonb - 'custom')::json where device_id = '${id}';
    alter table device_history force row level security`)
  const { status, body } = await h.call('GET', `/v1/devices/${id}/history`, { key: editor })
  t.equal(status, 200)
  t.equal(body.items[1].device.custom, null)
})

t.test('an undone import takes its values back, and a merge keeps those of both', async (t) => {
  const made = await take('Asset Tag,Model,Patrol zone\nI-1,P3245,South\n', 'source=undone')
  t.equal(made.body.report.counts.updated, 1)
  t.equal((await h.call('POST', `/v1/imports/${made.body.id}/undo`, { key: editor })).status, 200)
  const [device] = (await h.call('GET', '/v1/devices?assetTag=I-1&include=custom', { key: editor })).body
    .items
  t.match(device.custom, { zone: '=SUM(A1)', phase: 'Two' })
  const twin = (await register({ custom: { zone: 'West', height_m: 3 } })).body
  const one = (await register({ custom: { zone: 'East' } })).body
  const merged = await h.call('POST', `/v1/devices/${one.id}/merge`, {
    key: editor,
    body: { duplicateId: twin.id },
  })
  t.same(merged.body.custom, { height_m: 3, zone: 'East' })
  t.match(merged.body.notes, /zone West/)
})

t.test('a mapping is saved by name, used by it, and offered for a file with the same headers', async (t) => {
  const file = 'Gear,Kind,Paid by,Zone word\nG-1,P3245,CIP,North\n'
  const upload = async () =>
    (await h.call('POST', '/v1/uploads', { key: editor, headers: csv, body: file })).body.id as string
  const columns = async (id: string, query = '') =>
    (await h.call('GET', `/v1/uploads/${id}/columns${query}`, { key: editor })).body
  const first = await upload()
  t.same((await columns(first)).savedMappings, [])
  const saved = {
    name: 'Parks list',
    source: 'parks',
    mapping: { assetTag: 'Gear', model: 'Kind', fundingSource: 'Paid by', 'custom.zone': 'Zone word' },
    values: { fundingSource: { CIP: 'local' } },
    headers: ['Gear', 'Kind', 'Paid by', 'Zone word'],
  }
  const made = await h.call('POST', '/v1/import-mappings', { key: editor, body: saved })
  t.match(made.body, { name: 'Parks list', values: saved.values, version: 1 })
  t.match((await h.call('GET', `/v1/import-mappings/${made.body.id}`, { key: editor })).body, {
    source: 'parks',
  })
  t.match((await columns(await upload())).savedMappings, [{ name: 'Parks list', mapping: saved.mapping }])
  const shown = await columns(first, '?mapping=parks%20LIST')
  t.same(
    shown.columns.map(({ field }: { field: string }) => field),
    ['assetTag', 'model', 'fundingSource', 'custom.zone'],
  )
  const { body } = await take(file, 'source=parks&mapping=Parks%20list')
  t.match(body.report.counts, { created: 1, rejected: 0 })
  const [device] = (
    await h.call('GET', '/v1/devices?assetTag=G-1&include=custom,fundingSource', { key: editor })
  ).body.items
  t.match(device, { fundingSource: 'local', custom: { zone: 'North' } })

  const again = await h.call('POST', '/v1/import-mappings', {
    key: editor,
    body: { ...saved, name: 'PARKS LIST' },
  })
  t.match(again.body, { status: 409, type: '/problems/mapping-name-taken' })
  const wrong = await h.call('POST', '/v1/import-mappings', {
    key: editor,
    body: { name: 'x', mapping: { colour: 'A' } },
  })
  t.match(wrong.body, { status: 400, errors: [{ pointer: '/mapping/colour' }] })
  const unknown = await take(file, 'mapping=Park')
  t.match(unknown.body, { status: 400, errors: [{ pointer: '?mapping', message: /there are "Parks list"/ }] })
  const change = (body: object, key = editor, headers = {}) =>
    h.call('PATCH', `/v1/import-mappings/${made.body.id}`, { key, body, headers })
  t.equal((await change({ name: 'x' }, other)).status, 404)
  t.equal((await change({ name: 'x' }, editor, { 'if-match': '"7"' })).status, 412)
  t.match((await change({ values: { nothing: { a: 'b' } } })).body.errors, [{ pointer: '/values/nothing' }])
  const meant = { fundingSource: { CIP: 'local' }, 'custom.zone': { 'N.': 'North' } }
  t.equal((await change({ values: meant })).status, 200)
  const words = await take(
    'Gear,Kind,Paid by,Zone word\nG-2,P3245,CIP,N.\n',
    'source=parks&mapping=Parks%20list',
  )
  t.match(words.body.report.columns.at(-1), { field: 'custom.zone', filled: 1, readable: 1 })
  const [north] = (await h.call('GET', '/v1/devices?assetTag=G-2&include=custom', { key: editor })).body.items
  t.match(north, { custom: { zone: 'North' } }, 'a word of the list for a value of their own field')
  const off = `values=${encodeURIComponent('{"custom.phase":{"N.":"Nowhere"}}')}`
  const nowhere = await take('Gear,Kind,Paid by,Zone word\nG-3,P3245,CIP,N.\n', `mapping=Parks%20list&${off}`)
  t.match(nowhere.body, { errors: [{ code: 'bad-default', message: /custom.phase/ }] })
  const revised = await change({ values: { fundingSource: { CIP: 'federal-grant' } } })
  t.match(revised.body, {
    mapping: made.body.mapping,
    values: { fundingSource: { CIP: 'federal-grant' } },
    version: 3,
  })
  t.equal((await h.call('GET', `/v1/import-mappings/${made.body.id}`, { key: other })).status, 404)
  t.same((await h.call('GET', '/v1/import-mappings', { key: other })).body.items, [])
  t.equal((await h.call('DELETE', `/v1/import-mappings/${made.body.id}`, { key: editor })).status, 204)
  t.same((await columns(first)).savedMappings, [])
})

t.test('a part of a MAC address is found however it is written, today and on a past day', async (t) => {
  const { assetTag } = (await register({ macAddress: '44:19:b6:aa:bb:cc' })).body
  const past = encodeURIComponent(h.now().toISOString())
  for (const part of ['4419b6', '44-19-B6', '44:19:b6', '4419.b6aa']) {
    t.same(await listed(`macAddress__startsWith=${part}`), [assetTag], part)
    t.same(await listed(`macAddress__contains=${part}&asOf=${past}`), [assetTag], `${part}, past`)
  }
})

t.test(
  'a field that is called after a restricted maker raises doubt where its value does not deny it',
  async (t) => {
    const fields = [
      { name: 'hikvision_oem', label: 'Made for others', type: 'boolean' },
      { name: 'dahua_model', label: 'Inner model', type: 'text' },
    ]
    for (const field of fields) t.equal((await define(field)).status, 201)
    // Its label alone would raise none, so that a label names a maker only where the name does.
    const labeled = { name: 'oem_number', label: 'Hikvision OEM number', type: 'text' }
    t.match(await define(labeled), {
      status: 400,
      body: { errors: [{ pointer: '/label', code: 'names-a-maker', message: /hikvision_part/ }] },
    })
    const number = await define({ ...labeled, label: 'OEM number' })
    t.equal(number.status, 201)
    t.equal((await define({ name: 'hikvision_part', label: 'Hikvision part', type: 'text' })).status, 201)
    const renamed = await h.call('PATCH', `/v1/custom-fields/${number.body.id}`, {
      key: editor,
      body: { label: 'Number of Dahua' },
    })
    t.match(renamed, { status: 400, body: { errors: [{ pointer: '/label', code: 'names-a-maker' }] } })
    const { id } = (await register({ manufacturer: 'Axis', acquiredOn: '2024-01-02' })).body
    for (const [custom, isDoubt] of [
      [{ hikvision_oem: false, dahua_model: 'None' }, false],
      [{ hikvision_oem: true }, true],
      [{ hikvision_oem: null, dahua_model: 'HFW-1' }, true],
      [null, false],
    ] as const) {
      await change(id, { custom })
      const { identification } = await read(id)
      t.equal(identification.needsReview, isDoubt, JSON.stringify(custom))
    }
  },
)
