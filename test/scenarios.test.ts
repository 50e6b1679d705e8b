/** What if a maker is put on a list: asked of the real register, changing nothing. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { inOptions } from '../src/cli/scenario-options.ts'
import { scenarioWorkbook } from '../src/cli/scenario-workbook.ts'
import { DomainError } from '../src/http/problems.ts'
import { inWords } from '../src/scenarios/model/words.ts'
import { harness } from './support/harness.ts'
import { run } from './support/processes.ts'

const h = await harness(t)
const QUICK = { trials: 1000 }
let riverbends = 0

/** A city with the register of the example, and keys for three people. */
async function riverbend(over: object = {}) {
  const id = await h.jurisdiction({
    name: `Riverbend ${++riverbends}`,
    timezone: 'America/New_York',
    state: 'OH',
    ...over,
  })
  const key = await h.key('city-editor', id)
  const file = readFileSync(fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv')))
  const imported = await h.call('POST', '/v1/imports', {
    key,
    body: file,
    headers: { 'content-type': 'text/csv' },
  })
  t.equal(imported.status, 201)
  return { id, key }
}

const ask = (key: string, body: object, headers: Record<string, string> = {}) =>
  h.call('POST', '/v1/scenarios', { key, body: { plan: QUICK, ...body }, headers })

const HIKVISION = { makers: ['hikvision'], effectiveOn: '2027-01-15', windDownDays: 180 }
const city = await riverbend()

/** What every table but the scenarios and the record holds, as one digest each. */
async function tablesDigest(): Promise<string> {
  const { rows } = await h.asOwner(
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
  )
  const names = (rows as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !/^(scenarios|audit_|idempotency_keys|jobs|api_keys)/.test(name))
  const force = (how: string) =>
    names.map((name) => `alter table ${name} ${how} row level security`).join('; ')
  const forced = (
    await h.asOwner('select relname from pg_class where relforcerowsecurity order by 1')
  ).rows.map(({ relname }: { relname: string }) => relname)
  const again = names
    .filter((name) => forced.includes(name))
    .map((name) => `alter table ${name} force row level security`)
  const digests = names.map(
    (name) =>
      `select '${name}' as name, (select count(*) from ${name})::int as rows, (select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${name} t) as digest`,
  )
  const { rows: all } = await h.asOwner(
    `${force('no force')}; ${digests.join(' union all ')} order by 1; ${again.join('; ')}`,
  )
  t.ok(
    (all as { rows: number }[]).some(({ rows: count }) => count >= 57),
    'the digest sees rows',
  )
  return JSON.stringify(all)
}

t.test('a maker on the SDN list with 180 days to wind down, for the three who ask', async (t) => {
  const city = await riverbend()
  const before = await tablesDigest()
  const body = { makers: ['Hikvision'], regime: 'sdn', effectiveOn: '2027-01-15', windDownDays: 180 }
  const { status, body: answer, headers } = await ask(city.key, body)
  t.equal(status, 201)
  t.equal(headers.location, `/v1/scenarios/${answer.id}`)
  t.match(answer, {
    hypothetical: true,
    jurisdictionId: city.id,
    asOf: '2026-11-24',
    supposed: { makers: [{ id: 'hikvision' }], regime: 'ofac-sdn', windDownLastDay: '2027-07-14' },
    totals: { devices: 57, hit: 15, certain: 15, open: 0, unknownMakers: 3 },
  })
  t.same(
    answer.paths.map(({ path, certain }: { path: string; certain: number }) => [path, certain]),
    [
      ['direct', 8],
      ['relabelled', 7],
    ],
    'under its own name, and under the labels of others',
  )
  const procure = answer.activities.filter(({ activity }: { activity: string }) => activity === 'procure')
  t.ok(procure.every(({ ended }: { ended: string }) => ended === 'prohibited'))
  t.same(answer.firmware.cutOffs, [
    { cutOffOn: '2027-07-15', saveBy: '2027-07-14', devices: 15, withoutImage: 15 },
  ])
  t.match(answer.firmware.unpatchable[0], { id: 'CVE-2021-36260', isKnownExploited: true, devices: 12 })
  t.match(answer.applications, [
    {
      regime: 'ofac-sdn',
      devices: 15,
      from: '2027-07-15',
      activities: ['use', 'firmware-update', 'return-export'],
    },
  ])
  t.match(answer.budget, { currency: 'USD', devices: 14, finishOn: /^2027-/, confidence: 80 })
  const [p50, p80] = [50, 80].map(
    (percent) => answer.budget.percentiles.find((one: { percent: number }) => one.percent === percent).cents,
  )
  t.ok(p50 > 0 && p80 > p50)
  t.equal(answer.budget.gapCents, answer.budget.atConfidenceCents, 'nobody pays yet')
  t.match(answer.notKnown.join(' '), /hypothetical.*no known maker.*updateChannel.*real ones have terms/s)
  t.equal(await tablesDigest(), before, 'nothing but the scenario and the record was written')
})

t.test('each line of a file says that it is hypothetical', async (t) => {
  const { body } = await ask(city.key, { ...HIKVISION, budget: false })
  const url = `/v1/scenarios/${body.id}/devices`
  const csv = await h.call('GET', url, { key: city.key, headers: { accept: 'text/csv' } })
  const [, ...lines] = csv.text.trim().split('\r\n')
  t.equal(lines.length, 15)
  t.ok(lines.every((line) => line.startsWith('HYPOTHETICAL,')))
  const nd = await h.call('GET', url, { key: city.key, headers: { accept: 'application/x-ndjson' } })
  const devices = nd.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.ok(devices.every((device) => device.hypothetical === true && device.devices === 1))
  t.match(
    devices.find(({ assetTag }) => assetTag === 'RB-037'),
    { path: 'relabelled', certainty: 'certain', way: 'Annke → Hikvision', saveImagesBy: '2027-07-14' },
  )
  const first = await h.call('GET', `${url}?limit=10`, { key: city.key })
  const second = await h.call('GET', `${url}?limit=10&cursor=${first.body.nextCursor}`, { key: city.key })
  t.same([...first.body.items, ...second.body.items], devices)
  t.equal(second.body.nextCursor, null)
})

t.test(
  'the same request gives the same bytes, at once, again, and as a job; a new device gives others',
  async (t) => {
    const city = await riverbend()
    const first = await ask(city.key, { ...HIKVISION })
    const second = await ask(city.key, { ...HIKVISION })
    t.same([first.status, second.status], [201, 200])
    t.equal(second.text, first.text)
    t.equal((await h.call('GET', `/v1/scenarios/${first.body.id}`, { key: city.key })).text, first.text)
    const job = await ask(city.key, { ...HIKVISION }, { prefer: 'respond-async' })
    t.equal(job.status, 202)
    const ended = await until(city.key, job.body.id)
    t.match(ended, {
      state: 'succeeded',
      kind: 'scenario',
      result: { location: `/v1/scenarios/${first.body.id}` },
    })
    await h.call('POST', '/v1/devices', {
      key: city.key,
      body: { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I', assetTag: 'NEW-1' },
    })
    const third = await ask(city.key, { ...HIKVISION, budget: false })
    t.equal(third.status, 201)
    t.equal(third.body.totals.hit, 16)
    t.not(third.body.inputsDigest, first.body.inputsDigest)
    const listed = await h.call('GET', '/v1/scenarios', { key: city.key })
    t.equal(listed.body.items.length, 2)
  },
)

async function until(key: string, id: string) {
  for (;;) {
    const { body } = await h.call('GET', `/v1/jobs/${id}`, { key })
    if (body.finishedAt !== null) return body
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

t.test('two scenarios stand side by side, figure by figure', async (t) => {
  const ids = []
  for (const windDownDays of [180, null])
    ids.push((await ask(city.key, { ...HIKVISION, windDownDays, budget: false })).body.id)
  const url = `/v1/scenarios/compare?ids=${ids.join(',')}`
  const { body } = await h.call('GET', url, { key: city.key })
  const values = new Map(
    body.items.map(({ figure, values }: { figure: string; values: unknown[] }) => [figure, values]),
  )
  t.equal(body.hypothetical, true)
  t.same(values.get('devices hit'), [15, 15])
  t.same(values.get('first day without updates'), ['2027-07-15', '2027-01-15'])
  t.same(values.get('late devices'), [0, 15])
  const csv = await h.call('GET', url, { key: city.key, headers: { accept: 'text/csv' } })
  const [, ...lines] = csv.text.trim().split('\r\n')
  t.ok(lines.every((line) => line.startsWith('HYPOTHETICAL,')))
  const other = await riverbend()
  t.equal((await h.call('GET', url, { key: other.key })).status, 404)
  t.equal((await h.call('GET', `/v1/scenarios/compare?ids=${ids[0]}`, { key: city.key })).status, 400)
})

t.test('in words: what is hit, what stops when, and what is not known', async (t) => {
  const { body } = await ask(city.key, { ...HIKVISION, surge: 2 })
  const text = inWords(body)
  t.match(text, /^HYPOTHETICAL: /)
  for (const part of [
    '15 of 57 devices in Riverbend',
    '7: sold under another label',
    'no updates after 2027-07-14 without a license. Download the firmware files and keep a copy by then; of 15 none is kept',
    'Crews alone, ordered on 2027-01-15, 75 days to deliver, 8 a day: done on 2027-',
    ', in time; the last day is 2027-07-14',
    'CVE-2021-36260 on 12 (exploited)',
    'order by 2027-04-29 at the latest',
    '2 times the rate: Crews alone, ordered on 2027-01-15, 75 days to deliver, 16 a day',
    '80 in 100 chance that $',
    '3 devices have no known maker',
  ])
    t.ok(text.includes(part), part)
  const unplaced = [{ site: 'City Hall', devices: 3 }]
  const short = inWords({ ...body, budget: { ...body.budget, unplaced } })
  t.match(short, /No year has room for: City Hall \(3\) \(in P50 and P80 above, not in the years\)/)
  const late = inWords({ ...body, budget: { ...body.budget, finishOn: '2028-09-14' } })
  t.match(late, /on 2028-09-14, 428 days after the last day 2027-07-14: too late/)
  const unpriced = await ask(city.key, { ...HIKVISION, budget: false })
  t.match(inWords(unpriced.body), /Crews alone/)
  const none = await ask(city.key, { ...HIKVISION, makers: ['uniview'] })
  if (none.body.totals.hit === 0) t.notMatch(inWords(none.body), /Dates|device-days/)
})

t.test('the command line names its options, and shows an example for a sentence', async (t) => {
  const sentence = await run(['scenario', 'what if hikvision is listed'])
  t.equal(sentence.code, 2)
  t.match(sentence.stderr, /such as\n {2}camledger scenario --maker hikvision/)
  const errors = ['/effectiveOn', '/makers/0', '/plan/devicesPerCrewDay', '/elsewhere'].map((pointer) => ({
    ...{ pointer, code: 'required', message: 'is required' },
  }))
  const wrong = new DomainError('invalid-request', 'No.', { errors })
  t.throws(() => inOptions(wrong, ['hikvison']), {
    errors: ['--from', '--maker hikvison', '--rate', '/elsewhere'].map((pointer) => ({ pointer })),
  })
})

t.test('a workbook of a scenario is fit for paper, each page marked', async (t) => {
  const { body } = await ask(city.key, { ...HIKVISION, name: 'A & B', budget: false })
  const url = `/v1/scenarios/${body.id}/devices?limit=100`
  const { items } = (await h.call('GET', url, { key: city.key })).body
  const parts = partsOf(await scenarioWorkbook(body, items))
  const sheets = [...parts.keys()].filter((name) => name.includes('/worksheets/'))
  t.equal(sheets.length, 7)
  for (const name of sheets) {
    const xml = parts.get(name)!
    t.match(xml, /<pageSetUpPr fitToPage="1".*customWidth.*orientation="landscape" fitToHeight="0"/s)
    t.match(xml, /<oddHeader>&amp;CHYPOTHETICAL: A &amp;&amp; B<\/oddHeader>/)
  }
  const devices = parts.get('xl/worksheets/sheet3.xml')!
  t.match(devices, />Prohibited</)
  t.notMatch(devices, />(prohibited|license-required)</)
  t.match(parts.get('xl/workbook.xml')!, /Print_Titles" localSheetId="2"/)
})

t.test('what has no year has no payer, and a plan that replaces the devices hit is named', async (t) => {
  const small = await riverbend()
  const post = (url: string, body: object) => h.call('POST', url, { key: small.key, body })
  const fund = await post('/v1/funding-sources', {
    name: 'General fund',
    isFederal: false,
    yearCaps: [2027, 2028].map((fiscalYear) => ({ fiscalYear, cents: 1_000_000 })),
  })
  t.equal(fund.status, 201)
  const plan = await post('/v1/plans', { name: 'Way out', settings: QUICK })
  const devices = (await h.call('GET', '/v1/devices?limit=1000', { key: small.key })).body.items
  const hikvision = devices.filter(
    ({ manufacturer }: { manufacturer: string }) => manufacturer === 'Hikvision',
  )
  const deviceIds = hikvision.slice(0, 2).map(({ id }: { id: string }) => id)
  t.equal((await post(`/v1/plans/${plan.body.id}/devices`, { deviceIds })).status, 200)
  const { body } = await ask(small.key, HIKVISION)
  const { budget } = body
  const cents = (rows: readonly Record<string, number>[], name: string) =>
    rows.reduce((sum, row) => sum + row[name]!, 0)
  t.ok(budget.unplaced.length > 0 && budget.gapCents > 0)
  t.equal(budget.gapCents, cents(budget.unplaced, 'costCents') + cents(budget.years, 'gapCents'))
  const text = inWords(body)
  const { unplacedSites } = budget
  t.match(text, new RegExp(`${unplacedSites} of \\d+ sites fits? in no year: nobody pays`))
  t.match(text, /No year has room for: .*\(in P50 and P80 above, not in the years\)/)
  t.match(body.notKnown.join(' '), /2 of the devices hit are in the plan Way out already/)
  t.notMatch(text, /in time.*too late|in no total/)
})

t.test('a scenario is its city’s: another city and its reviewer see nothing of it', async (t) => {
  const other = await riverbend()
  const { body } = await ask(city.key, { ...HIKVISION, budget: false })
  const reviewerOfOther = await h.key('federal-reviewer', [other.id])
  const reviewer = await h.key('federal-reviewer', [city.id])
  const viewer = await h.key('city-viewer', city.id)
  for (const key of [other.key, reviewerOfOther]) {
    for (const url of [`/v1/scenarios/${body.id}`, `/v1/scenarios/${body.id}/devices`])
      t.equal((await h.call('GET', url, { key })).status, 404)
    t.equal((await h.call('DELETE', `/v1/scenarios/${body.id}`, { key })).status, 404)
    const ids = (await h.call('GET', `/v1/scenarios?jurisdictionId=${city.id}`, { key })).body.items
    t.same(ids, [])
  }
  t.equal((await ask(other.key, { ...HIKVISION, jurisdictionId: city.id })).status, 404)
  t.equal((await h.call('GET', `/v1/scenarios/${body.id}`, { key: reviewer })).status, 200)
  for (const key of [reviewer, viewer])
    t.equal((await h.call('DELETE', `/v1/scenarios/${body.id}`, { key })).status, 403)
  t.equal((await h.call('DELETE', `/v1/scenarios/${body.id}`, { key: city.key })).status, 204)
  t.equal((await h.call('GET', `/v1/scenarios/${body.id}`, { key: city.key })).status, 404)
})

t.test('a reviewer counts city by city, names no device, and keeps it to the own key', async (t) => {
  const [a, b] = [
    await riverbend({ state: 'OH' }),
    await riverbend({ state: 'TX', timezone: 'America/Chicago' }),
  ]
  const [reviewer, another] = [
    await h.key('federal-reviewer', [a.id, b.id]),
    await h.key('federal-reviewer', [a.id, b.id]),
  ]
  const { status, body } = await h.call('POST', '/v1/scenarios', {
    key: reviewer,
    body: { ...HIKVISION, plan: { crews: 1, devicesPerCrewDay: 0.05 } },
  })
  t.equal(status, 201)
  t.match(body, {
    jurisdictionId: null,
    budget: null,
    totals: { cities: 2, devices: 114, hit: 30 },
    reviewer: { share: 0.2632, citiesHit: 2 },
  })
  t.same(
    body.cities.map((one: { hit: number; state: string }) => [one.state, one.hit]),
    [
      ['OH', 15],
      ['TX', 15],
    ],
  )
  t.equal(body.reviewer.citiesThatCannotFinish.length, 2, 'a camera in twenty days is too slow')
  t.ok(body.reviewer.unpatchableDeviceDays > 0)
  t.same(
    body.firmware.cutOffs.map((one: { cutOffOn: string }) => one.cutOffOn),
    ['2027-07-15'],
  )
  const lines = (await h.call('GET', `/v1/scenarios/${body.id}/devices?limit=1000`, { key: reviewer })).body
    .items
  t.equal(
    lines.reduce((sum: number, one: { devices: number }) => sum + one.devices, 0),
    30,
  )
  t.ok(
    lines.every(
      (one: Record<string, unknown>) => one.deviceId === null && one.site === null && one.assetTag === null,
    ),
  )
  for (const key of [another, a.key])
    t.equal((await h.call('GET', `/v1/scenarios/${body.id}`, { key })).status, 404)
  t.equal((await h.call('GET', '/v1/scenarios', { key: reviewer })).body.items.length, 1)
  t.equal((await h.call('GET', '/v1/scenarios', { key: another })).body.items.length, 0)
  const nowhere = '01900000-0000-7000-8000-000000000000'
  t.match((await ask(reviewer, { ...HIKVISION, cities: [a.id, nowhere] })).body.errors, [
    { pointer: '/cities/1' },
  ])
  t.match((await ask(reviewer, { ...HIKVISION, budget: true })).body.errors, [{ pointer: '/budget' }])
})

t.test('how far it reaches is said: the name, what it owns, or its whole group', async (t) => {
  const city = await registerOf([
    { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I' },
    { manufacturer: 'HIKMICRO', model: 'HM-TD2037T-7/X' },
    { manufacturer: 'Axis', model: 'P3265-LVE' },
  ])
  const pathsOf = async (reach: string) => {
    const { body } = await ask(city.key, { ...HIKVISION, reach, budget: false })
    t.equal(body.cities[0].rollout.devices, body.totals.certain, 'only what is certain is replaced')
    return [body.totals.hit, body.totals.certain, body.paths.map(({ path }: { path: string }) => path)]
  }
  t.same(await pathsOf('named'), [2, 1, ['direct', 'affiliated']], 'to be tied to it asks for caution')
  t.same(await pathsOf('owned'), [2, 1, ['direct', 'owned']], 'whose share nobody has read is open')
  t.same(await pathsOf('group'), [2, 2, ['direct']])
})

// No day of the law in force lies between these, so that both devices have one profile.
t.test('devices that only the supposed day tells apart are told apart', async (t) => {
  const camera = { manufacturer: 'Axis', model: 'P3265-LVE', updateChannel: 'offline-media' }
  const city = await registerOf([
    { ...camera, assetTag: 'EARLY', firmwareObtainedOn: '2026-11-14' },
    { ...camera, assetTag: 'LATE', firmwareObtainedOn: '2026-11-20' },
  ])
  const { body } = await ask(city.key, { makers: ['axis'], effectiveOn: '2026-11-17', budget: false })
  const { items } = (await h.call('GET', `/v1/scenarios/${body.id}/devices`, { key: city.key })).body
  t.same(
    items.map((one: { assetTag: string; headline: { after: Record<string, string> } }) => [
      one.assetTag,
      one.headline.after['firmware-update'],
    ]),
    [
      ['EARLY', 'permitted-with-caution'],
      ['LATE', 'license-required'],
    ],
  )
})

t.test('a note that names a maker nobody had listed raises doubt once it is', async (t) => {
  const city = await registerOf([
    { manufacturer: 'Pelco', model: 'IMP1110-1', notes: 'swapped for an Axis Communications unit in 2024' },
    { manufacturer: 'Pelco', model: 'IMP1110-1', notes: 'lobby' },
  ])
  const { body } = await ask(city.key, { makers: ['axis'], effectiveOn: '2027-01-15', budget: false })
  t.match(body.totals, { devices: 2, hit: 1, certain: 0, open: 1 })
})

t.test('what another law changes by itself on a later day is not laid to the scenario', async (t) => {
  const { body } = await ask(city.key, { makers: ['axis'], effectiveOn: '2029-06-01', budget: false })
  t.match(body.totals, { hit: 3 })
})

t.test('CEIEC as it was: General License 38 lifts, and then does not', async (t) => {
  const city = await registerOf([
    {
      manufacturer: 'CEIEC',
      model: 'CE-100',
      deviceClass: 'camera',
      updateChannel: 'distributor',
      networkExposure: 'isolated',
      paidSupport: false,
    },
  ])
  const { status, body } = await ask(city.key, { template: 'ceiec-2020' })
  t.equal(status, 201)
  t.same(body.supposed.replaced, ['ofac-sdn:ceiec:2020-11-30'])
  const of = (name: string) => body.activities.find(({ activity }: { activity: string }) => activity === name)
  t.match(of('procure'), { after: 'conditional', ended: 'prohibited', devices: 1 })
  t.match(of('firmware-update'), { after: 'conditional', ended: 'license-required' })
  t.match(body.firmware.levels, [{ after: 'conditional', ended: 'license-required', devices: 1 }])
  t.same(body.firmware.cutOffs, [
    { cutOffOn: '2021-01-14', saveBy: '2021-01-13', devices: 1, withoutImage: 1 },
  ])
})

t.test('the ready-made scenarios say what they still ask for', async (t) => {
  const { items } = (await h.call('GET', '/v1/scenarios/templates', { key: city.key })).body
  t.same(
    items.map(({ id, needs }: { id: string; needs: string[] }) => [id, ...needs]),
    [
      ['largest-maker-wind-down', 'effectiveOn'],
      ['largest-maker', 'effectiveOn'],
      ['largest-maker-firmware-license', 'effectiveOn'],
      ['ceiec-2020'],
    ],
  )
  const open = await h.call('POST', '/v1/scenarios', { key: city.key, body: { template: 'largest-maker' } })
  t.match(open.body.errors, [{ pointer: '/effectiveOn', code: 'required' }])
  // Days that have no next, or a thousand years of them, held the whole service.
  for (const [body, pointer] of [
    [{ effectiveOn: '9999-12-31' }, '/effectiveOn'],
    [{ effectiveOn: '0001-01-01' }, '/effectiveOn'],
    [{ plan: { deadline: '9999-12-31' } }, '/plan/deadline'],
    [{ plan: { orderOn: '9999-12-31' } }, '/plan/orderOn'],
    [{ plan: { deadline: '2199-12-31', orderOn: '1970-01-01' } }, '/plan/deadline'],
  ] as const) {
    const far = await ask(city.key, { ...HIKVISION, ...body })
    t.equal(far.status, 400, JSON.stringify(body))
    t.match(far.body.errors, [{ pointer }])
  }
})

t.test('a license for updates keeps them after the wind-down, and nothing else', async (t) => {
  const { body } = await ask(city.key, {
    template: 'largest-maker-firmware-license',
    effectiveOn: '2027-01-15',
    budget: false,
  })
  t.match(body.supposed, { makers: [{ id: 'hikvision' }], windDownLastDay: '2027-07-14' })
  t.same(body.firmware.cutOffs, [])
  t.same(body.firmware.unpatchable, [])
  const procure = body.activities.filter(({ activity }: { activity: string }) => activity === 'procure')
  t.ok(procure.every(({ ended }: { ended: string }) => ended === 'prohibited'))
})

t.test(
  'reference case 3: 240 cameras, 21 over the line, and the order that came nine days too late',
  async (t) => {
    const key = (
      await registerOf(
        Array.from({ length: 240 }, () => ({ manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I' })),
      )
    ).key
    const { body } = await ask(key, {
      ...HIKVISION,
      budget: false,
      plan: { crews: 1, devicesPerCrewDay: 3, leadDays: 75 },
      surge: 1.5,
    })
    t.match(body.cities[0].rollout, {
      orderedOn: '2027-01-15',
      startOn: '2027-03-31',
      deadline: '2027-07-14',
      devices: 240,
      doneByDeadline: 219,
      shortfall: 21,
      completeOn: '2027-07-23',
      requiredRate: '3.2877',
      latestOrderOn: '2027-01-06',
      orderLateByDays: 9,
    })
    t.equal(
      body.cities[0].unpatchableDeviceDays,
      3 * (0 + 1 + 4 + 5 + 6 + 7 + 8),
      'from the day after the last',
    )
    t.match(body.surge, {
      factor: 1.5,
      rollout: { ratePerDay: '4.5', shortfall: 0, completeOn: '2027-06-15' },
    })
  },
)

t.test('crews that would need decades are said to, and are no failure', async (t) => {
  const { status, body } = await ask(city.key, {
    ...HIKVISION,
    budget: false,
    plan: { crews: 1, devicesPerCrewDay: 0.001 },
  })
  t.equal(status, 201)
  t.match(body.cities[0], {
    canFinish: false,
    unpatchableDeviceDays: null,
    rollout: { completeOn: null, shortfall: 15 },
  })
  t.match(body.notKnown.join(' '), /need decades/)
})

t.test('every field that is wrong is named, an unknown maker with who may be meant', async (t) => {
  const codes = async (body: object) => {
    const reply = await h.call('POST', '/v1/scenarios', { key: city.key, body })
    t.equal(reply.status, 400)
    return reply.body.errors.map((one: { pointer: string; code: string }) => `${one.pointer} ${one.code}`)
  }
  t.same(await codes({}), ['/effectiveOn required', '/makers required'])
  t.same(
    await codes({
      makers: ['hikvison camera co', 'nobody knows'],
      regime: 'made-up',
      effectiveOn: '2027-01-15',
    }).then((all: string[]) => all.toSorted()),
    ['/makers/1 unknown-maker', '/regime unknown-regime'],
  )
  t.same(await codes({ makers: ['hikvision'], regime: 'ndaa-889-b', effectiveOn: '2027-01-15' }), [
    '/regime unknown-regime',
  ])
  t.same(
    await codes({ makers: ['hikvision'], regime: 'sec-5949', effectiveOn: '2027-01-15', windDownDays: 30 }),
    ['/windDownDays no-license-path'],
  )
  t.same(await codes({ ...HIKVISION, plan: { fundingSources: [city.id] } }), [
    '/plan/fundingSources/0 unknown',
  ])
  t.same(await codes({ ...HIKVISION, cities: [city.id] }), ['/cities not-allowed'])
  const unknown = await h.call('POST', '/v1/scenarios', {
    key: city.key,
    body: { makers: ['Axsi'], effectiveOn: '2027-01-15' },
  })
  t.match(unknown.body.errors, [{ pointer: '/makers/0', message: /axis/ }])
})

/** The texts in a zip file, by name, from its directory at the end. */
function partsOf(bytes: Uint8Array): Map<string, string> {
  const file = Buffer.from(bytes)
  const parts = new Map<string, string>()
  let at = file.indexOf('PK\x01\x02', 0, 'latin1')
  while (at >= 0 && file.readUInt32LE(at) === 0x02014b50) {
    const [packed, name, extra, comment] = [
      file.readUInt32LE(at + 20),
      ...[28, 30, 32].map((field) => file.readUInt16LE(at + field)),
    ] as [number, number, number, number]
    const local = file.readUInt32LE(at + 42)
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
    const data = file.subarray(start, start + packed)
    const text = file.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)
    parts.set(file.toString('utf8', at + 46, at + 46 + name), text.toString('utf8'))
    at += 46 + name + extra + comment
  }
  return parts
}

/** A city with just these devices. */
async function registerOf(devices: readonly object[]) {
  const id = await h.jurisdiction({
    name: `Riverbend ${++riverbends}`,
    timezone: 'America/New_York',
    state: 'OH',
  })
  const key = await h.key('city-editor', id)
  for (const [i, device] of devices.entries()) {
    const { status } = await h.call('POST', '/v1/devices', {
      key,
      body: { assetTag: `D-${i + 1}`, ...device },
    })
    t.equal(status, 201)
  }
  return { id, key }
}
