/** Laws that a city or a state made for itself: laid down, previewed, applied at once, withdrawn; seen by whom they bind. */
import t from 'tap'
import { ACTIVITIES, type Outcome, severity } from '../src/catalogue/outcomes.ts'
import { harness } from './support/harness.ts'

const h = await harness(t)
h.setNow('2026-11-30T14:00:00Z')

const riverbend = await h.jurisdiction({ name: 'Riverbend', timezone: 'America/New_York', state: 'OH' })
const millbrook = await h.jurisdiction({ name: 'Millbrook', timezone: 'America/New_York', state: 'OH' })
const council = await h.key('city-admin', riverbend)
const other = await h.key('city-admin', millbrook)
const editor = await h.key('city-editor', riverbend)

const register = async (key: string, assetTag: string, manufacturer: string | null, over: object = {}) => {
  const made = await h.call('POST', '/v1/devices', { key, body: { assetTag, manufacturer, ...over } })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id as string
}

const axisNew = await register(council, 'A-NEW', 'Axis', { acquiredOn: '2026-06-01' })
const axisOld = await register(council, 'A-OLD', 'Axis', { acquiredOn: '2020-06-01' })
const hik = await register(council, 'H-1', 'Hikvision', { acquiredOn: '2024-03-01' })
const unknown = await register(council, 'U-1', null, { notes: 'label gone' })
const reader = await register(council, 'L-1', 'Bosch', { deviceClass: 'lpr' })
const theirs = await register(other, 'A-1', 'Axis', { acquiredOn: '2026-06-01' })

h.setNow('2026-11-30T15:00:00Z')

const BAN = {
  title: 'Resolution 2026-114: no cameras of Axis',
  adoptedBy: 'City Council of Riverbend',
  citation: 'Resolution 2026-114, sections 1 and 2',
  from: '2026-11-01',
  makers: ['axis'],
  rules: [
    {
      outcomes: { procure: 'prohibited' },
      because: 'The council bars the purchase of equipment of {maker}.',
    },
    {
      when: { all: [{ reached: {} }, { onOrAfter: ['acquiredOn', '2026-03-01'] }] },
      outcomes: { use: 'prohibited' },
      because: 'The council bars the use of what was bought from {listed} on or after 2026-03-01.',
      citation: 'Resolution 2026-114, section 2',
    },
  ],
}

interface Told {
  readonly regime: string
  readonly activity: string
  readonly outcome: Outcome
}
const told = async (id: string, key = council, query = ''): Promise<Told[]> => {
  const { status, body } = await h.call('GET', `/v1/devices/${id}${query}`, { key })
  t.equal(status, 200)
  return body.determinations
}
const localOf = async (id: string, activity: string, query = '', key = council) =>
  (await told(id, key, query)).find((one) => one.regime.startsWith('local-') && one.activity === activity)
    ?.outcome

const post = (body: object, { query = '', key = council } = {}) =>
  h.call('POST', `/v1/local-laws${query}`, { key, body })

const laws = async (key = council) => (await h.call('GET', '/v1/local-laws', { key })).body.items

let law: { id: string; regime: string; version: number }

t.test('every mistake of a law is named with its place, in the words of who wrote it', async (t) => {
  const { status, body } = await post({
    ...BAN,
    to: '2026-10-01',
    makers: ['axis', 'hikvison'],
    rules: [
      {
        when: {
          all: [
            { is: ['deviceclass', 'camera'] },
            { is: ['deviceClass', 'cam'] },
            { onOrAfter: ['purpose', '2026-01-01'] },
            { before: ['acquiredOn', '2026-02-30'] },
            { reached: { regimes: ['fcc'] } },
            { maker: 'axis' },
            { in: ['hasRadio', [true]] },
            { listedClass: {} },
            { is: ['kind', 'City'] },
          ],
        },
        outcomes: { use: 'prohibited' },
        because: 'Barred for {make}.',
      },
    ],
  })
  t.equal(status, 400)
  t.same(
    body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`),
    [
      '/to ends-before-it-starts',
      '/makers/1 unknown-id',
      '/rules/0/when/all/0/is/0 unknown-fact',
      '/rules/0/when/all/1/is/1 invalid-value',
      '/rules/0/when/all/2/onOrAfter/0 not-a-day',
      '/rules/0/when/all/3/before/1 invalid-value',
      '/rules/0/when/all/4/reached/regimes/0 unknown-id',
      '/rules/0/when/all/5/maker not-a-condition',
      '/rules/0/when/all/6/in not-allowed',
      '/rules/0/when/all/7/listedClass not-allowed',
      '/rules/0/when/all/8/is/1 invalid-value',
      '/rules/0/because unknown-word',
    ],
  )
  t.match(body.errors[2].message, /did you mean deviceClass\?/)
  t.match(body.errors[6].message, /fcc-covered-list/)
  const milder = await post({ ...BAN, rules: [{ outcomes: { use: 'permitted' }, because: 'Fine.' }] })
  t.match(milder, { status: 400, body: { errors: [{ pointer: '/rules/0/outcomes/use' }] } })
  t.match(milder.body.errors[0].message, /only restrict/)
  const nobody = await post({ ...BAN, makers: [] })
  t.match(nobody, { status: 400, body: { errors: [{ pointer: '/rules/0/when', code: 'required' }, {}] } })
  const deep = await post({
    ...BAN,
    rules: [{ ...BAN.rules[0], when: Array.from({ length: 40 }).reduce((when) => ({ not: when }), {}) }],
  })
  t.match(deep, { status: 400, body: { errors: [{ code: 'too-many' }] } })
  t.equal((await h.call('POST', '/v1/local-laws', { key: editor, body: BAN })).status, 403)
  t.same(await laws(), [])
})

let previewed: unknown
t.test('a council ban is previewed, and nothing is written', async (t) => {
  const { status, body } = await post(BAN, { query: '?dryRun=true' })
  t.equal(status, 200)
  t.match(body, {
    dryRun: true,
    preview: {
      devices: { flagged: 3, cleared: 0 },
      byCity: [{ jurisdictionId: riverbend, name: 'Riverbend', flagged: 3 }],
    },
  })
  const by = Object.fromEntries(
    body.preview.byActivity.map((one: { activity: string; flagged: number }) => [one.activity, one.flagged]),
  )
  t.same(by, { procure: 3, use: 2 }, 'what was bought before is not touched, an unknown maker is')
  previewed = by
  t.same(await laws(), [])
  t.equal(await localOf(axisNew, 'use'), undefined)
})

t.test('it is laid down as one request and counts at once, everywhere in the city', async (t) => {
  const before = new Map<string, Told[]>()
  for (const id of [axisNew, axisOld, hik, unknown, reader]) before.set(id, await told(id))
  const made = await post(BAN)
  t.equal(made.status, 201)
  law = made.body
  t.match(law, {
    jurisdictionId: riverbend,
    title: BAN.title,
    citation: BAN.citation,
    withdrawnAt: null,
    version: 1,
  })
  t.equal(made.headers.location, `/v1/local-laws/${law.id}`)

  const read = await h.call('GET', `/v1/local-laws/${law.id}`, { key: editor })
  t.same(read.body, law)
  t.equal(read.headers.etag, '"1"')

  t.equal(await localOf(axisNew, 'procure'), 'prohibited')
  t.equal(await localOf(axisNew, 'use'), 'prohibited')
  t.equal(await localOf(axisOld, 'use'), 'permitted', 'bought before the day of the rule')
  t.equal(await localOf(hik, 'procure'), 'permitted')
  t.equal(await localOf(unknown, 'procure'), 'review', 'nobody knows who made it')
  const found = (await told(axisNew)).find(
    ({ regime, activity }) => regime === law.regime && activity === 'use',
  )
  t.match(found, {
    because: /bought from Axis Communications on or after 2026-03-01/,
    citation: 'Resolution 2026-114, section 2',
    facts: { acquiredOn: '2026-06-01' },
    certainty: 'sure',
  })
  for (const [id, was] of before) {
    const shared = (await told(id)).filter(({ regime }) => regime !== law.regime)
    t.same(shared, was, 'no other law is answered otherwise')
  }

  const list = await h.call('GET', `/v1/devices?regime=${law.regime}&activity=use&outcome=prohibited`, {
    key: council,
  })
  t.same(
    list.body.items.map(({ id }: { id: string }) => id),
    [axisNew],
  )
  t.equal(list.body.items[0].headline.use, 'prohibited')
  const { body: summary } = await h.call('GET', `/v1/summary?groupBy=activity&regime=${law.regime}`, {
    key: council,
  })
  t.same(
    Object.fromEntries(
      summary.items.map((one: { group: { activity: string }; devices: number }) => [
        one.group.activity,
        one.devices,
      ]),
    ),
    previewed,
    'as the preview had it',
  )
  const lines = await h.call('GET', `/v1/findings?regime=${law.regime}&activity=use&outcome=prohibited`, {
    key: council,
  })
  t.match(lines.body.items, [{ deviceId: axisNew, citation: 'Resolution 2026-114, section 2' }])
  const csv = await h.call('GET', '/v1/devices?assetTag=A-NEW', {
    key: council,
    headers: { accept: 'text/csv' },
  })
  t.match(csv.text, /Resolution 2026-114, section 2/)
  const screened = await h.call('POST', '/v1/screen', {
    key: council,
    body: { items: [{ manufacturer: 'Axis' }] },
  })
  t.equal(screened.body.items[0].headline.procure, 'prohibited')
  const added = await register(council, 'A-3', 'Axis', { acquiredOn: '2026-04-01' })
  t.equal(await localOf(added, 'use'), 'prohibited')
  const imported = await h.call('POST', '/v1/imports?source=test', {
    key: council,
    headers: { 'content-type': 'text/csv' },
    body: 'Asset Tag,Manufacturer,Purchase Date\nA-4,Axis,2019-01-02\nA-5,Axis,2026-05-02\n',
  })
  t.equal(imported.status, 201)
  const uses = await h.call('GET', `/v1/devices?regime=${law.regime}&activity=use&outcome=prohibited`, {
    key: council,
  })
  t.same(uses.body.items.map((one: { assetTag: string }) => one.assetTag).sort(), ['A-3', 'A-5', 'A-NEW'])
  const replaced = await h.call('POST', '/v1/scenarios', {
    key: council,
    body: { name: 'what if', makers: ['bosch'], effectiveOn: '2027-01-15', regime: 'ofac-sdn' },
  })
  t.equal(replaced.status, 201)
})

t.test('no other city sees it or is touched by it', async (t) => {
  t.same(await laws(other), [])
  t.equal((await h.call('GET', `/v1/local-laws/${law.id}`, { key: other })).status, 404)
  const withdrawn = await h.call('POST', `/v1/local-laws/${law.id}/withdrawal`, {
    key: other,
    body: { because: 'mine' },
  })
  t.equal(withdrawn.status, 404)
  t.equal(await localOf(theirs, 'procure', '', other), undefined)
  const filter = await h.call('GET', `/v1/devices?regime=${law.regime}`, { key: other })
  t.match(filter, { status: 400, body: { errors: [{ pointer: '?regime', code: 'unknown-id' }] } })
  const screened = await h.call('POST', '/v1/screen', {
    key: other,
    body: { items: [{ manufacturer: 'Axis' }] },
  })
  t.equal(screened.body.items[0].headline.procure, 'permitted')
  const named = await post({ ...BAN, jurisdictionId: riverbend }, { key: other })
  t.equal(named.status, 404)
  t.same(
    (await laws(h.admin)).map(({ id }: { id: string }) => id),
    [law.id],
    'the operator does',
  )
})

t.test('it is withdrawn, not deleted: both clocks go on telling it', async (t) => {
  const known = h.now().toISOString()
  h.setNow('2026-12-20T15:00:00Z')
  await h.background.settle()
  const url = `/v1/local-laws/${law.id}/withdrawal`
  const body = { because: 'Resolution 2026-131 repeals it.', endsOn: '2026-12-10' }
  const preview = await h.call('POST', `${url}?dryRun=true`, { key: council, body })
  t.match(preview, { status: 200, body: { dryRun: true, preview: { devices: { flagged: 0 } } } })
  t.ok(preview.body.preview.devices.cleared >= 3)
  const early = await h.call('POST', url, { key: council, body: { ...body, endsOn: '2026-10-01' } })
  t.match(early, { status: 400, body: { errors: [{ pointer: '/endsOn' }] } })
  const ended = await h.call('POST', url, { key: council, body, headers: { 'if-match': '"1"' } })
  t.match(ended, { status: 200, body: { endsOn: '2026-12-10', withdrawnBecause: body.because, version: 2 } })
  t.equal(await localOf(axisNew, 'use'), 'not-applicable')
  const left = await h.call('GET', `/v1/devices?regime=${law.regime}`, { key: council })
  t.same(left.body.items, [], 'nothing of it is left in lists')
  t.equal(await localOf(axisNew, 'use', '?asOf=2026-12-09'), 'prohibited', 'on a day before its end')
  t.equal(await localOf(axisNew, 'use', '?asOf=2026-12-12'), 'not-applicable')
  t.equal(
    await localOf(axisNew, 'use', `?knownAt=${known}&asOf=2026-12-12`),
    'prohibited',
    'nobody knew of its end then',
  )
  t.equal(
    await localOf(axisNew, 'use', '?knownAt=2026-11-30T14:30:00Z'),
    undefined,
    'before, nobody knew of it',
  )
  const twice = await h.call('POST', url, { key: council, body })
  t.match(twice, { status: 400, body: { errors: [{ code: 'withdrawn' }] } })
  t.equal((await laws()).length, 1, 'it stays on record')
  const { body: record } = await h.call('GET', '/v1/audit-events?limit=200', { key: council })
  const actions = record.items.map(({ action }: { action: string }) => action)
  t.ok(actions.includes('local-law.create') && actions.includes('local-law.withdraw'))
})

t.test('the law of a state binds all its cities, and the operator lays it down', async (t) => {
  const ofState = {
    ...{ title: 'Ohio: no plate readers', adoptedBy: 'General Assembly of Ohio', citation: 'H.B. 999' },
    rules: [
      {
        when: { is: ['deviceClass', 'lpr'] },
        outcomes: { use: 'conditional' },
        because: 'Ohio asks for a warrant.',
      },
    ],
  }
  t.match(await post({ ...ofState, state: 'OH' }), { status: 400, body: { errors: [{ pointer: '/state' }] } })
  const made = await post({ ...ofState, state: 'OH' }, { key: h.admin })
  t.match(made, { status: 201, body: { state: 'OH', jurisdictionId: null } })
  await h.background.settle()
  const use = async () =>
    (await told(reader)).find(({ regime, activity }) => regime === made.body.regime && activity === 'use')
  t.match(await use(), { outcome: 'conditional', citation: 'H.B. 999' })
  t.ok(
    (await laws(other)).some(({ id }: { id: string }) => id === made.body.id),
    'everybody may read it',
  )
  const refused = await h.call('POST', `/v1/local-laws/${made.body.id}/withdrawal`, {
    key: council,
    body: { because: 'no' },
  })
  t.equal(refused.status, 404)
  const texas = await h.jurisdiction({ name: 'Elsewhere', state: 'TX' })
  const far = await h.key('city-admin', texas)
  const there = await register(far, 'L-1', 'Bosch', { deviceClass: 'lpr' })
  t.notOk((await told(there, far)).some(({ regime }) => regime === made.body.regime))
  const asked = await h.call('POST', '/v1/screen', {
    body: { jurisdiction: { state: 'OH' }, items: [{ manufacturer: 'Bosch', deviceClass: 'lpr' }] },
  })
  t.equal(asked.body.items[0].headline.use, 'conditional')
})

t.test('whatever a law says, it never makes the answer of another milder', async (t) => {
  const laid = await post({
    ...BAN,
    from: null,
    makers: ['axis', 'hikvision', 'bosch', 'dahua'],
    rules: ['review', 'permitted-with-caution', 'prohibited'].map((outcome) => ({
      outcomes: Object.fromEntries(ACTIVITIES.map((activity) => [activity, outcome])),
      because: 'Everything.',
    })),
  })
  t.equal(laid.status, 201)
  const items = ['Hikvision', 'Dahua', 'Axis', 'Hikvison', 'ACME', null, 'Bosch', 'LTS', 'Honeywell'].flatMap(
    (manufacturer) => [
      { manufacturer, acquiredOn: '2020-01-01' },
      { manufacturer, fundingSource: 'federal-grant', notes: 'made by Dahua' },
    ],
  )
  const ask = async (key: string) =>
    (await h.call('POST', '/v1/screen?include=all', { key, body: { jurisdiction: { state: 'OH' }, items } }))
      .body.items
  const [mine, others] = [await ask(council), await ask(other)]
  for (const [i, { determinations, headline }] of others.entries()) {
    t.same(
      mine[i].determinations.filter(
        ({ regime }: Told) => regime !== laid.body.regime && regime !== law.regime,
      ),
      determinations,
    )
    for (const activity of ACTIVITIES)
      t.ok(severity(mine[i].headline[activity]) <= severity(headline[activity]))
  }
})

t.test('a law finds whom it names in texts, fields and labels that were there before it', async (t) => {
  const fairview = await h.jurisdiction({ name: 'Fairview', timezone: 'America/New_York', state: 'MI' })
  const admin = await h.key('city-admin', fairview)
  for (const field of [
    { name: 'swap', label: 'Mobotix swap', type: 'boolean' },
    { name: 'mobotix_part', label: 'Inner part', type: 'text' },
    { name: 'tier', label: 'Tier', type: 'text' },
  ])
    t.equal((await h.call('POST', '/v1/custom-fields', { key: admin, body: field })).status, 201)
  const named: readonly [string, object][] = [
    ['F-1', { notes: 'the inside is of Mobotix' }],
    ['F-2', { custom: { swap: true } }],
    ['F-3', { custom: { mobotix_part: 'M16' } }],
    ['F-4', { custom: { tier: 'Mobotix' } }],
  ]
  const silent: readonly [string, object][] = [
    ['F-5', { custom: { swap: false, tier: 'two' } }],
    ['F-6', { notes: 'of Axis' }],
  ]
  const ids = new Map<string, string>()
  for (const [tag, over] of [...named, ...silent])
    ids.set(tag, await register(admin, tag, 'Bosch', { model: 'NDE-8502', ...over }))
  const others = async (tag: string) =>
    (await told(ids.get(tag)!, admin)).filter(({ regime }) => !regime.startsWith('local-'))
  const before = new Map(
    await Promise.all([...ids.keys()].map(async (tag) => [tag, await others(tag)] as const)),
  )
  const ban = {
    ...BAN,
    makers: ['mobotix'],
    rules: [{ outcomes: { use: 'prohibited' }, because: 'No {maker}.' }],
  }
  const use = (tag: string) => localOf(ids.get(tag)!, 'use', '', admin)
  const dry = await post(ban, { query: '?dryRun=true', key: admin })
  t.equal(dry.body.preview.devices.flagged, named.length, 'as the preview says')
  const laid = await post(ban, { key: admin })
  t.equal(laid.status, 201, laid.text)
  for (const [tag] of named) t.equal(await use(tag), 'review', tag)
  for (const [tag] of silent) t.equal(await use(tag), 'permitted', tag)
  for (const tag of ids.keys())
    t.same(await others(tag), before.get(tag), `${tag}: no other law is answered otherwise`)
  const found = await h.call('GET', `/v1/devices?regime=${laid.body.regime}&outcome=review`, { key: admin })
  t.same(
    found.body.items.map(({ assetTag }: { assetTag: string }) => assetTag).toSorted(),
    named.map(([tag]) => tag),
    'in lists too',
  )
  const asked = await h.call('POST', '/v1/screen', {
    key: admin,
    body: { jurisdiction: { state: 'MI' }, items: [{ manufacturer: 'Bosch', notes: 'Mobotix' }] },
  })
  t.equal(asked.body.items[0].headline.use, 'review')

  // What a field is called may change, and counts as it is now.
  const { items } = (await h.call('GET', '/v1/custom-fields', { key: admin })).body
  const { id } = items.find(({ name }: { name: string }) => name === 'swap')
  const rename = (label: string) =>
    h.call('PATCH', `/v1/custom-fields/${id}`, { key: admin, body: { label } })
  t.match(await rename('Swap for Mobotix'), { status: 400, body: { errors: [{ code: 'names-a-maker' }] } })
  t.equal((await rename('Swapped')).status, 200)
  await h.background.settle()
  t.equal(await use('F-2'), 'permitted')
  t.equal(await use('F-1'), 'review')

  // The law of a state names somebody else.
  const ofState = { ...ban, makers: ['axis'], state: 'MI' }
  t.equal((await post(ofState, { key: h.admin })).status, 201)
  await h.background.settle()
  t.same(
    (await told(ids.get('F-6')!, admin)).filter(
      ({ regime, activity, outcome }) =>
        regime.startsWith('local-') && activity === 'use' && outcome === 'review',
    ).length,
    1,
  )
})
