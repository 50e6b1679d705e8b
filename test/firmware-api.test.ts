/** Firmware over HTTP: the work list, advisories, licenses, releases, weights, and one city's story. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'
import type { Listing } from '../src/catalogue/rules.ts'
import { profiles as profileTable } from '../src/db/schema/index.ts'
import { WORK_FIELDS } from '../src/firmware/work-list/queries.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { OPERATOR_ID } from '../src/lib/ids.ts'
import { buildKnowledge } from '../src/screening/knowledge.ts'
import { readKnowledge } from '../src/screening/stored-knowledge.ts'
import { cycloneDxErrors } from './support/cyclonedx.ts'
import { harness, type Reply } from './support/harness.ts'
import { sampleCity, toCsv } from './support/sample-city.ts'

const h = await harness(t)
const city = await h.jurisdiction({ name: 'Harborview', state: 'NY', timezone: 'America/New_York' })
const editor = await h.key('city-editor', city)
const viewer = await h.key('city-viewer', city)
const reviewer = await h.key('federal-reviewer', 'all')
const elsewhere = await h.jurisdiction({ name: 'Othertown' })
const neighbour = await h.key('city-editor', elsewhere)

const NOBODY = '01900000-0000-7000-8000-000000000000'
const fixture = (name: string) =>
  readFileSync(fileURLToPath(import.meta.resolve(`#root/test/fixtures/firmware/${name}`)), 'utf8')
const csv = { 'content-type': 'text/csv' }
const json = { 'content-type': 'application/json' }
const post = (url: string, body: unknown, key = editor, headers: Record<string, string> = {}) =>
  h.call('POST', url, { key, body, headers })
const get = (url: string, key = editor, headers: Record<string, string> = {}) =>
  h.call('GET', url, { key, headers })
const patch = (url: string, body: unknown, key = editor, headers: Record<string, string> = {}) =>
  h.call('PATCH', url, { key, body, headers })
const remove = (url: string, key = editor, headers: Record<string, string> = {}) =>
  h.call('DELETE', url, { key, headers })
const errors = (reply: Reply) =>
  (reply.body.errors ?? []).map((e: { pointer: string; code: string }) => `${e.pointer} ${e.code}`)
const importFeed = (format: string, body: string, headers: Record<string, string> = json, query = '') =>
  post(`/v1/advisories/imports?format=${format}${query}`, body, h.admin, headers)
/** Gives how many profiles were evaluated again. */
const pass = async () => {
  await h.background.settle()
  h.background.trigger('rescreen')
  await h.background.settle()
  return h.background.status().find(({ name }) => name === 'rescreen')!.lastDid!
}
const byTag = async (tag: string, key = editor) =>
  (await get(`/v1/devices?include=all&assetTag=${tag}`, key)).body.items[0]

/** The law with one more entry on the list of blocked persons. */
function designate(vendor: string, from: string, program = 'GLOMAG'): void {
  const known = h.knowledge()
  const template = known.reference.listings.find(({ regime }) => regime === 'ofac-sdn')!
  const listing: Listing = {
    ...template,
    id: `ofac-sdn:${vendor}:${from}`,
    vendor,
    name: `${vendor} (hypothetical)`,
    program,
    from,
    to: null,
  }
  const reference = { ...known.reference, listings: [...known.reference.listings, listing] }
  h.setKnowledge(buildKnowledge(reference, registrantOf, known.version + 1, 'test', known.firmware))
}

const camera = (over: object = {}) => ({
  manufacturer: 'Hikvision',
  model: 'DS-2CD2143G2-I',
  deviceClass: 'camera',
  hasRadio: false,
  fundingSource: 'local',
  updateChannel: 'vendor-portal-us',
  networkExposure: 'routed',
  firmwareVersion: 'V5.5.82 build 190909',
  ...over,
})
const license = (over: object = {}) => ({
  type: 'general',
  number: 'GL-W1',
  authority: 'OFAC',
  regime: 'ofac-sdn',
  program: 'GLOMAG',
  activities: ['firmware-update'],
  entities: ['hikvision'],
  holder: { kind: 'any-us-person' },
  window: { from: '2027-01-15', to: '2027-07-15', timezone: 'America/New_York' },
  citation: 'Hypothetical wind-down license W1',
  ...over,
})
const image = (over: object = {}) => ({
  maker: 'hikvision',
  models: ['DS-2CD2143G2-I'],
  firmwareVersion: 'V5.5.800 build 210628',
  channel: 'vendor-portal-us',
  sha256: `${'c0ffee'.repeat(10)}beef`,
  source: 'https://portal.example/firmware/ds-2cd2143g2',
  obtainedOn: '2026-11-20',
  isVerified: true,
  heldAt: 'vault 3, shelf 2',
  ...over,
})

/* Risk on devices and in /v1/screen */

t.test('a device and a screening tell the firmware risk with its reasons and dated levels', async (t) => {
  const made = await post('/v1/devices', camera({ assetTag: 'F-1' }))
  t.equal(made.status, 201)
  const risk = made.body.firmwareRisk
  t.match(risk, {
    level: 'watch',
    band: 'moderate',
    urgency: 'high',
    needsReview: false,
    queue: 'exploited-patchable',
    since: '2026-11-24',
    cutOffOn: null,
    supportStatus: 'unknown',
    timeline: [{ from: '2026-11-24', level: 'watch' }],
    vulnerabilities: [{ id: 'CVE-2021-36260', isKnownExploited: true, fixObtainable: 'yes' }],
    fix: { from: 'channel', channel: 'vendor-portal-us' },
    weightsVersion: '2026-11-29',
  })
  t.equal(
    risk.score,
    risk.parts.reduce((sum: number, part: { points: number }) => sum + part.points, 0),
    'the parts add up',
  )
  t.ok(risk.reasons.some((r: { about: string }) => r.about === 'bis-entity-list:13-listed-consignee'))
  t.equal(made.body.headline['firmware-update'], 'permitted')
  t.same(
    (await get(`/v1/devices/${made.body.id}`)).body.firmwareRisk,
    risk,
    'what was answered is read again',
  )
  t.same((await byTag('F-1')).firmwareRisk, risk, 'and stands in the list')
  const screened = await post('/v1/screen?include=firmwareRisk', {
    jurisdiction: { state: 'NY', federalContractor: false, sellsToFederal: false },
    items: [
      { ...camera(), mac: null },
      { manufacturer: 'Axis', model: 'P3245-LVE', deviceClass: 'camera', firmware: '10.12.182' },
      { manufacturer: 'CEIEC', deviceClass: 'camera', updateChannel: 'distributor' },
      { manufacturer: 'Zorblax' },
    ],
  })
  t.same(
    screened.body.items.map(
      (item: { firmwareRisk: { level: string; score: number } }) => item.firmwareRisk.level,
    ),
    ['watch', 'unrestricted', 'license-required', 'watch'],
  )
  t.equal(screened.body.items[0].firmwareRisk.score, risk.score, 'the same engine')
  t.equal(screened.body.items[3].firmwareRisk.needsReview, true, 'an unknown maker asks for a person')
  t.ok(screened.body.dataVersions.firmware >= 1)
})

t.test('lists can be filtered, sorted and summed up by firmware risk', async (t) => {
  await post('/v1/devices', camera({ assetTag: 'F-2', firmwareVersion: 'V5.5.800 build 210628' }))
  await post('/v1/devices', {
    manufacturer: 'Axis',
    model: 'P3245-LVE',
    deviceClass: 'camera',
    assetTag: 'F-3',
  })
  const tags = async (query: string) =>
    (await get(`/v1/devices?${query}`)).body.items.map((d: { assetTag: string }) => d.assetTag)
  t.same(await tags('sort=-firmwareScore,assetTag'), ['F-1', 'F-2', 'F-3'])
  t.same(await tags('firmwareLevel=unrestricted'), ['F-3'])
  t.same(await tags('firmwareUrgency=high'), ['F-1'])
  t.same(await tags('firmwareUrgency=high&asOf=2026-11-24'), ['F-1'], 'and of a day')
  const summary = await get('/v1/summary?groupBy=risk')
  t.same(summary.body.items, [
    { group: { risk: 'watch' }, devices: 2, share: 0.6667 },
    { group: { risk: 'unrestricted' }, devices: 1, share: 0.3333 },
  ])
  t.match((await get('/v1/devices', editor, { accept: 'text/csv' })).text, /firmwareRisk\.level/)
})

/* Advisories */

t.test(
  'the KEV catalog goes in once; a second time nothing changes; then only its makers are touched',
  async (t) => {
    await pass()
    const first = await importFeed('kev', fixture('kev.json'))
    t.equal(first.status, 200)
    t.match(first.body, { feed: 'kev', isChanged: true, counts: { changed: 0, withdrawn: 0, problems: 0 } })
    t.equal(first.body.counts.added, first.body.counts.statements)
    t.ok(first.body.touched.makers.includes('hikvision'))
    t.equal(first.body.touched.devices, 2, 'the two Hikvision cameras and not the Axis one')
    await pass()
    const again = await importFeed('kev', fixture('kev.json'))
    t.match(again.body, {
      isChanged: false,
      version: first.body.version,
      counts: { added: 0, changed: 0, withdrawn: 0, unchanged: first.body.counts.statements },
      touched: { makers: [], profiles: 0, devices: 0 },
    })
    t.equal(await pass(), 0, 'nothing is evaluated again')

    const catalogue = JSON.parse(fixture('kev.json'))
    const moved = catalogue.vulnerabilities.map((row: { cveID: string }) =>
      row.cveID === 'CVE-2021-36260' ? { ...row, dueDate: '2026-12-01' } : row,
    )
    const changed = await importFeed('kev', JSON.stringify({ ...catalogue, vulnerabilities: moved }))
    t.same(changed.body.changed, [{ id: 'CVE-2021-36260', fields: ['knownExploited'] }])
    t.same(changed.body.touched, { makers: ['hikvision'], profiles: 2, devices: 2 })
    await h.background.settle()
    t.equal(
      h.background.status().find(({ name }) => name === 'rescreen')!.lastDid,
      2,
      'two profiles were evaluated again, the others were left alone',
    )
    t.equal((await byTag('F-1')).firmwareRisk.vulnerabilities[0].dueOn, '2026-12-01')
    await importFeed('kev', fixture('kev.json'))
    await pass()
  },
)

/* A sample city */

t.test('a city of 500 devices meets its vulnerabilities, its clean devices and its conflicts', async (t) => {
  const sampled = await h.jurisdiction({ name: 'Sampleton' })
  const key = await h.key('city-editor', sampled)
  const devices = sampleCity(500)
  const imported = await post('/v1/imports?source=sample', toCsv(devices), key, csv)
  t.same(
    [imported.status, imported.body.report.counts.created, imported.body.report.counts.rejected],
    [201, 500, 0],
  )
  await pass()
  const told = new Map<string, { firmwareRisk: PresentedRisk; headline: Record<string, string> }>()
  let cursor = ''
  do {
    const { body } = await get(`/v1/devices?limit=200&include=firmwareRisk${cursor}`, key)
    for (const device of body.items) told.set(device.assetTag, device)
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  const counts: Record<string, number> = {}
  for (const { assetTag, expected } of devices) {
    const { firmwareRisk: risk, headline } = told.get(assetTag)!
    for (const [id, result] of Object.entries(expected)) {
      const isOpen = risk.vulnerabilities.some((vulnerability) => vulnerability.id === id)
      const reason = risk.reasons.find(({ about }) => about === id)?.code
      const said = !isOpen
        ? 'not-affected'
        : reason === 'sources-disagree'
          ? 'conflicting'
          : reason === 'affected-unknown'
            ? 'unknown'
            : 'affected'
      counts[`${result} as ${said}`] = (counts[`${result} as ${said}`] ?? 0) + 1
      if (said !== result) t.fail(`${assetTag} ${id}: ${said}, not ${result}`)
    }
    const named = Object.keys(expected)
    const others = risk.vulnerabilities.filter(({ id }) => !named.includes(id))
    if (others.length > 0) t.fail(`${assetTag}: ${others.map(({ id }) => id).join()} was not expected`)
    if (headline['firmware-update'] === 'permitted' && risk.level !== 'unrestricted')
      t.ok(['watch', 'conditional'].includes(risk.level), `${assetTag}: ${risk.level} beside permitted`)
  }
  t.comment(JSON.stringify(counts))
  for (const result of ['affected', 'not-affected', 'unknown', 'conflicting'])
    t.ok(counts[`${result} as ${result}`]! > 0, `some are ${result}`)

  const list: PresentedWork[] = []
  let next = ''
  do {
    const { body } = await get(`/v1/firmware-risks?limit=97&include=all${next}`, key)
    list.push(...body.items)
    next = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (next !== '')
  const needing = [...told.values()].filter(({ firmwareRisk }) => firmwareRisk.queue !== 'none').length
  t.equal(new Set(list.map(({ assetTag }) => assetTag)).size, needing, 'every device with work, once')
  t.equal(list.length, needing)
  const ranks = list.map(({ queue }) => QUEUES.indexOf(queue))
  t.same(
    ranks,
    ranks.toSorted((a, b) => a - b),
    'in the order of work',
  )
  t.equal(list[0]!.queue, 'exploited-unpatchable')
  const sheet = await get('/v1/firmware-risks', key, { accept: 'text/csv' })
  t.equal(sheet.text.trim().split('\r\n').length, needing + 1, 'CSV holds every row')
  const [listed] = (await get('/v1/firmware-risks?limit=1', key)).body.items
  t.same(Object.keys(listed), WORK_FIELDS.listed)
  t.match(list[0], listed, 'a list shows some fields of an item unasked')
  t.same((await get('/v1/firmware-risks?limit=1&fields=fix,assetTag', key)).body.items, [
    { deviceId: list[0]!.deviceId, assetTag: list[0]!.assetTag, fix: list[0]!.fix },
  ])
  const narrow = await get('/v1/firmware-risks?fields=fix,assetTag', key, { accept: 'text/csv' })
  t.match(narrow.text, /^fixVersion,fixFrom,fixPublisher,fixIsLawful,fixNeeds,assetTag\r\n/)
  t.equal((await get('/v1/firmware-risks?fields=colour', key)).status, 400)
  const sites = (await get('/v1/firmware-risks/sites?limit=1000', key)).body.items as PresentedSite[]
  t.equal(
    sites.reduce((sum, site) => sum + site.devices, 0),
    needing,
    'counts per site add up',
  )
  for (const { devices: all, queues } of sites)
    t.equal(
      Object.values(queues).reduce((a, b) => a + b, 0),
      all,
    )
  const paged = await get('/v1/firmware-risks/sites?limit=7', key)
  const rest = await get(`/v1/firmware-risks/sites?limit=1000&cursor=${paged.body.nextCursor}`, key)
  t.same([...paged.body.items, ...rest.body.items], sites)
  const only = (query: string) => get(`/v1/firmware-risks?limit=1000&include=all&${query}`, key)
  const unpatchable = (await only('queue=exploited-unpatchable')).body.items as PresentedWork[]
  t.equal(unpatchable.length, list.filter(({ queue }) => queue === 'exploited-unpatchable').length)
  for (const [query, holds] of [
    ['maker=dahua', (item: PresentedWork) => item.maker === 'dahua'],
    ['level=unrestricted', (item: PresentedWork) => item.level === 'unrestricted'],
    ['band=critical', (item: PresentedWork) => item.band === 'critical'],
    ['urgency=critical', (item: PresentedWork) => item.urgency === 'critical'],
    ['needsReview=true', (item: PresentedWork) => item.needsReview],
    ['minScore=60', (item: PresentedWork) => item.score >= 60],
    ['dueBy=2026-11-27', (item: PresentedWork) => item.dueOn !== null && item.dueOn <= '2026-11-27'],
    [`siteId=${sites[0]!.siteId}`, (item: PresentedWork) => item.siteId === sites[0]!.siteId],
    ['model=dcs-930l', (item: PresentedWork) => item.model === 'DCS-930L'],
    ['deviceClass=recorder', (item: PresentedWork) => item.model !== null],
    ['state=IL', () => true],
    ['state=OH', () => false],
    ['brand=lts', (item: PresentedWork) => item.brand === 'lts'],
  ] as const) {
    const found = (await only(query)).body.items as PresentedWork[]
    t.same(
      found.map(({ deviceId }) => deviceId),
      query === 'deviceClass=recorder'
        ? found.map(({ deviceId }) => deviceId)
        : list.filter(holds).map(({ deviceId }) => deviceId),
      query,
    )
  }
  t.ok((await only('queue=none')).body.items.length > 0, 'what needs no work can be asked for')
  t.equal((await get('/v1/firmware-risks?limit=5', reviewer)).body.items.length, 5, 'a reviewer reads')
  t.equal((await get('/v1/firmware-risks?urgent=1', key)).status, 400)
  t.equal((await get('/v1/firmware-risks', key, { accept: 'image/png' })).status, 406)
  t.match((await get('/v1/firmware-risks/sites', key, { accept: 'text/csv' })).text, /exploited-unpatchable/)

  // Can it be patched? One answer for every device, and the same counted per vulnerability.
  const answers: PresentedPatch[] = []
  let from = ''
  do {
    const { body } = await get(`/v1/patch-answers?limit=190${from}`, key)
    answers.push(...body.items)
    from = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (from !== '')
  t.equal(new Set(answers.map(({ deviceId }) => deviceId)).size, 500, 'every device, once')
  t.same([...new Set(answers.map(({ patch }) => patch.answer))].sort(), ['no', 'unknown', 'yes'])
  for (const { patch } of answers) {
    if (patch.answer === 'yes') t.same(patch.leavesOpen, [], 'a yes leaves nothing open')
    if (patch.answer === 'no') t.ok(['no-fix', 'no-channel'].includes(patch.why), patch.why)
  }
  const levels = new Map<string, number>()
  const outlooks = new Map<string, number>()
  for (const { level, outlook } of answers.slice(0, 500)) {
    levels.set(level, (levels.get(level) ?? 0) + 1)
    outlooks.set(outlook, (outlooks.get(outlook) ?? 0) + 1)
  }
  const most = (counted: Map<string, number>) => Math.max(...counted.values())
  t.comment(JSON.stringify([Object.fromEntries(levels), Object.fromEntries(outlooks)]))
  t.ok(
    most(outlooks) < most(levels) && outlooks.size > levels.size,
    'devices are told apart before a cut-off',
  )
  const sheetOfAnswers = (await get('/v1/patch-answers', key, { accept: 'text/csv' })).text
    .trim()
    .split('\r\n')
  t.equal(sheetOfAnswers.length, 501)
  t.match(sheetOfAnswers[0], /^canPatch,why,assetTag,.*licenseNumber,lastLawfulDay,rule,citation,needs/)
  const counted = (await get('/v1/patch-answers/vulnerabilities', key)).body.items as PresentedCount[]
  t.ok(counted.length > 1)
  for (const { id, devices: count, fix } of counted) {
    t.equal(fix.yes + fix.no + fix.unknown, count, `${id}: each device once`)
    const open = answers.filter(({ patch }) => [...patch.closes, ...patch.leavesOpen].includes(id))
    t.equal(open.length, count, `${id}: as many devices as say so`)
    const asked = await get(`/v1/patch-answers?limit=1000&vulnerability=${id.toLowerCase()}`, key)
    t.equal(asked.body.items.length, count, `${id} asked for`)
  }
  const [one] = counted
  t.same((await get(`/v1/patch-answers/vulnerabilities?vulnerability=${one!.id}`, key)).body.items, [one])
  t.match(
    (await get('/v1/patch-answers/vulnerabilities', key, { accept: 'text/csv' })).text,
    /^vulnerability,isKnownExploited,dueOn,epss,ssvc,devices,fixYes,fixNo,fixUnknown,underLicense,/,
  )
  t.equal(
    (await get('/v1/patch-answers?limit=1000&patch=no&outlook=clear', key)).body.items.length,
    answers.filter(({ patch, outlook }) => patch.answer === 'no' && outlook === 'clear').length,
  )
  const [asked] = answers
  const alone = await get(`/v1/devices/${asked!.deviceId}/patch-answer`, key)
  t.match(alone.body, { ...asked!.patch, asOf: '2026-11-24', level: asked!.level, outlook: asked!.outlook })
  t.equal((await get(`/v1/devices/${asked!.deviceId}/patch-answer`, neighbour)).status, 404)
  t.equal((await get('/v1/patch-answers?patch=maybe', key)).status, 400)
  t.equal((await get('/v1/patch-answers', key, { accept: 'image/png' })).status, 406)
  t.equal((await get('/v1/patch-answers/vulnerabilities', key, { accept: 'image/png' })).status, 406)
  t.same((await get('/v1/patch-answers', neighbour)).body.items, [])
})

/* Licenses */

t.test(
  'a license that cannot stand is refused with every field; what is odd is stored and said',
  async (t) => {
    const bad = await post('/v1/licenses', license({ window: { from: '2027-07-15', to: '2027-01-15' } }))
    t.equal(bad.status, 400)
    t.same(errors(bad), ['/window/to ends-before-it-starts'])
    t.match(bad.body.errors[0].message, /ends 2027-01-15/)
    t.same(
      errors(
        await post(
          '/v1/licenses',
          license({
            regime: 'ofac-nowhere',
            entities: ['hikvison'],
            activities: [],
            status: 'revoked',
            window: { timezone: 'Mars/Base' },
            supersedes: null,
          }),
        ),
      ).sort(),
      [
        '/activities covers-nothing',
        '/entities/0 unknown-vendor',
        '/regime unknown-regime',
        '/statusSince status-without-a-day',
        '/window/timezone unknown-timezone',
      ],
    )
    t.same(errors(await post('/v1/licenses', license({ program: null, entities: 'any' }))), [
      '/program wrong-program',
    ])
    const other = await post(
      '/v1/licenses',
      license({ number: 'GL 8', program: 'RUSSIA', entities: ['ceiec'] }),
    )
    t.same(errors(other), ['/program wrong-program'])
    t.match(other.body.errors[0].message, /ceiec is listed under VENEZUELA, not under RUSSIA/)
    t.same(errors(await post('/v1/licenses', license({ regime: 'uflpa', program: null }))), [
      '/regime no-license-path',
    ])
    t.same(
      errors(await post('/v1/licenses', license({ supersedes: '01900000-0000-7000-8000-000000000000' }))),
      ['/supersedes unknown-license'],
    )
    t.same(errors(await post('/v1/licenses', license({ colour: 'red' }))), ['/colour unknown-field'])

    // A general license 8 of another country's program is on record and lifts nothing.
    const gl8 = await post(
      '/v1/licenses',
      license({ number: 'GL 8', program: 'RUSSIA-EO14024', entities: 'any', citation: 'OFAC Russia GL 8' }),
      h.admin,
    )
    t.equal(gl8.status, 201)
    t.same(
      gl8.body.warnings.map(({ code }: { code: string }) => code),
      ['program-without-listings'],
    )
    const blocked = await post(
      '/v1/devices',
      camera({ manufacturer: 'CEIEC', model: 'X1', updateChannel: 'distributor' }),
    )
    t.equal(blocked.body.firmwareRisk.level, 'license-required')
    t.match(
      blocked.body.firmwareRisk.reasons.find(({ about }: { about: string }) => about === gl8.body.id),
      { code: 'license-fails', text: /belongs to RUSSIA-EO14024, the restriction to VENEZUELA/ },
    )

    const first = await post('/v1/licenses', license({ number: 'GL-O' }))
    const twice = await post(
      '/v1/licenses',
      license({ number: 'GL-O', window: { from: '2027-03-01', to: '2027-09-01' } }),
    )
    t.equal(twice.status, 201)
    t.match(twice.body.warnings, [{ code: 'overlapping-windows', pointer: '/window' }])
    const follows = await post(
      '/v1/licenses',
      license({ number: 'GL-O2', supersedes: first.body.id, activities: ['procure'] }),
    )
    t.same(
      follows.body.warnings.map(({ code }: { code: string }) => code),
      ['not-for-updates'],
    )
    for (const { body } of [gl8, follows, first, twice]) {
      t.equal(
        (await remove(`/v1/licenses/${body.id}`, body.jurisdictionId === null ? h.admin : editor)).status,
        204,
      )
    }
    await pass()
  },
)

t.test('a license covers when all its tests hold, and its change re-evaluates what it touches', async (t) => {
  await post(
    '/v1/devices',
    camera({ manufacturer: 'CEIEC', model: 'X1', assetTag: 'C-1', updateChannel: 'distributor' }),
  )
  await pass()
  const level = async () => (await byTag('C-1')).firmwareRisk.level
  t.equal(await level(), 'license-required')
  const wish = license({
    type: 'specific',
    number: 'VEN-2026-1',
    program: 'VENEZUELA',
    includesOwned: false,
    entities: ['ceiec', 'not-yet'],
    holder: { kind: 'party', id: elsewhere },
    window: { from: '2026-11-01', to: '2026-12-01' },
    conditions: [{ text: 'No new features' }],
    reportingDue: ['2026-12-31'],
  })
  t.same(errors(await post('/v1/licenses', wish)), ['/entities/1 unknown-vendor'])
  const made = await post('/v1/licenses', { ...wish, entities: ['ceiec'] })
  t.equal(made.status, 201)
  t.equal(made.headers.location, `/v1/licenses/${made.body.id}`)
  t.match(made.body, { jurisdictionId: city, firstDay: '2026-11-01', lastDay: '2026-11-30', version: 1 })
  t.ok(made.body.touched.devices >= 2)
  await pass()
  t.equal(await level(), 'license-required', 'held by another city')
  t.match(
    (await byTag('C-1')).firmwareRisk.reasons.find(({ about }: { about: string }) => about === made.body.id)
      .text,
    /neither this jurisdiction nor the publisher/,
  )
  const url = `/v1/licenses/${made.body.id}`
  t.equal(
    (await patch(url, { holder: { kind: 'party', id: city } }, editor, { 'if-match': '"9"' })).status,
    412,
  )
  const mine = await patch(url, { holder: { kind: 'party', id: city } }, editor, { 'if-match': '"1"' })
  t.match(mine.body, { version: 2, holder: { kind: 'party', id: city } })
  await pass()
  t.equal(await level(), 'license-required', 'a distributor that the license does not name')
  const device = await byTag('C-1')
  await patch(`/v1/devices/${device.id}`, { updateChannel: 'vendor-portal-us' })
  t.equal(await level(), 'conditional', 'from the maker itself it is covered')
  const covered = (await byTag('C-1')).firmwareRisk
  t.ok(covered.needsReview, 'its condition is not answered')
  t.match(covered.timeline, [
    { from: '2026-11-24', level: 'conditional' },
    { from: '2026-12-01', level: 'license-required' },
  ])
  t.equal(covered.cutOffOn, '2026-12-01')
  // The determination is the law without licenses; the risk names its rule and what lifts it.
  const bar = (await byTag('C-1')).determinations.find(
    (one: { regime: string; activity: string }) =>
      one.regime === 'ofac-sdn' && one.activity === 'firmware-update',
  )
  t.equal(bar.outcome, 'license-required')
  const lifting = covered.reasons.find(({ code }: { code: string }) => code === 'license-covers')
  t.equal(lifting.about, bar.ruleId)
  t.match(lifting.text, `OFAC VEN-2026-1 (${made.body.id}) lifts this for updates through 2026-11-30`)
  // A shorter one that replaces it, in force since the 20th, takes the longer one's days away.
  const shorter = await post('/v1/licenses', {
    ...wish,
    entities: ['ceiec'],
    number: 'VEN-2026-1A',
    holder: { kind: 'party', id: city },
    window: { from: '2026-11-20', to: '2026-11-24' },
    supersedes: made.body.id,
  })
  t.same(shorter.body.warnings, [])
  await pass()
  t.equal(await level(), 'license-required', 'superseded')
  t.equal((await remove(`/v1/licenses/${shorter.body.id}`)).status, 204)
  t.match((await patch(url, { models: ['X2', 'Y*'] })).body, { models: ['X2', 'Y*'] })
  await pass()
  t.equal(await level(), 'license-required', 'for other models')
  await patch(url, { models: ['X1'] })
  await pass()
  t.equal(await level(), 'conditional', 'for this model')
  await patch(url, { conditions: [{ text: 'No new features', isMet: false }] })
  await pass()
  t.equal(await level(), 'license-required', 'a condition that is not met')
  await patch(url, { conditions: [{ text: 'No new features', isMet: true }] })
  await pass()

  const read = await get(url, viewer)
  t.equal(read.headers.etag, '"6"')
  t.equal((await get(url, neighbour)).status, 404)
  t.equal((await patch(url, {})).status, 400)
  t.same(errors(await patch(url, { window: { from: '2026-12-02', to: '2026-12-01' } })), [
    '/window/to ends-before-it-starts',
  ])
  const listed = async (query: string) =>
    (await get(`/v1/licenses?${query}`)).body.items.flatMap(
      ({ id, isShipped }: { id: string; isShipped: boolean }) => (isShipped ? [] : [id]),
    )
  t.same(await listed('entity=ceiec&regime=ofac-sdn&status=active'), [made.body.id])
  t.same(await listed('endsBefore=2026-11-30'), [])
  t.same(await listed('endsBefore=2026-12-01'), [made.body.id])
  const reminders = (await get('/v1/reminders?dueBy=2027-01-01')).body.items
  t.same(
    reminders.map(
      (r: { about: string; sendOn: string; daysBefore: number }) => `${r.about} ${r.daysBefore} ${r.sendOn}`,
    ),
    [
      'license-end 90 2026-09-01',
      'report-due 90 2026-10-02',
      'license-end 30 2026-10-31',
      'license-end 7 2026-11-23',
      'report-due 30 2026-12-01',
      'report-due 7 2026-12-24',
    ],
    'written with the license',
  )
  t.equal((await get('/v1/reminders')).body.items.length, 4, 'those that are due today')
  const half = await get('/v1/reminders?dueBy=2027-01-01&limit=4')
  t.equal(
    (await get(`/v1/reminders?dueBy=2027-01-01&limit=4&cursor=${half.body.nextCursor}`)).body.items.length,
    2,
  )
  t.same((await get('/v1/reminders?about=report-due&sent=true')).body.items, [])
  t.equal((await get('/v1/reminders', neighbour)).body.items.length, 0)

  // The day after the end comes: nothing was written, and the level is back.
  await pass()
  h.setNow('2026-12-01T17:00:00Z')
  t.equal(await level(), 'license-required', 'even before the pass')
  const stale = await pass()
  t.equal(await level(), 'license-required')
  t.ok(stale >= 1 && stale < 20, `${stale} profiles were touched by the expiry`)
  t.equal(await pass(), 0)
  h.setNow('2026-11-24T12:00:00Z')
  await patch(url, { status: 'revoked', statusSince: '2026-11-24' })
  t.same((await get('/v1/reminders')).body.items, [], 'a license that ended reminds of nothing')
  const audit = await get('/v1/audit-events?action=license.change')
  t.ok(audit.body.items.length >= 4)
  t.equal((await post('/v1/licenses', wish, viewer)).status, 403)
  t.equal((await remove(url)).status, 204)
  t.equal((await remove(url)).status, 404)
  await pass()
})

t.test('everybody reads the operator’s license, and only the operator changes it', async (t) => {
  const shared = await post('/v1/licenses', license({ entities: 'any', number: 'GL-S' }), h.admin)
  t.match(shared.body, { jurisdictionId: null })
  const url = `/v1/licenses/${shared.body.id}`
  t.equal((await get(url, neighbour)).status, 200)
  t.equal((await patch(url, { citation: 'x' }, editor)).status, 403)
  t.equal((await remove(url, editor)).status, 403)
  t.equal((await patch(url, { citation: 'Federal Register' }, h.admin)).body.citation, 'Federal Register')
  t.ok(
    (await get('/v1/licenses', reviewer)).body.items.some(({ id }: { id: string }) => id === shared.body.id),
  )
  t.same((await get(`/v1/licenses?jurisdictionId=${city}`)).body.items, [], 'only its own')
  t.equal(
    (await post('/v1/licenses', license({ jurisdictionId: elsewhere }))).status,
    404,
    'not for another city',
  )
  const forCity = await post('/v1/licenses', license({ jurisdictionId: city, number: 'GL-T' }), h.admin)
  t.equal(forCity.body.jurisdictionId, city)
  const key = { 'idempotency-key': 'lic-1' }
  const once = await post('/v1/licenses', license({ number: 'GL-I' }), editor, key)
  const twice = await post('/v1/licenses', license({ number: 'GL-I' }), editor, key)
  t.equal(twice.body.id, once.body.id)
  t.equal((await post('/v1/licenses', license({ number: 'GL-J' }), editor, key)).status, 422)
  t.equal((await post('/v1/licenses', '{"a":', editor, json)).body.type, '/problems/malformed-body')
  t.equal((await post('/v1/licenses', '<a/>', editor, { 'content-type': 'application/xml' })).status, 415)
  for (const { body } of [shared, forCity, once]) await remove(`/v1/licenses/${body.id}`, h.admin)
})

t.test('an application is filed and decided; pending it lowers points, denied it blocks', async (t) => {
  const url = '/v1/license-applications'
  t.same(errors(await post(url, { regime: 'nowhere', status: 'denied' })), [
    '/regime unknown-regime',
    '/filedOn required',
    '/decisionOn required',
  ])
  t.same(
    errors(
      await post(url, {
        regime: 'ofac-sdn',
        status: 'denied',
        filedOn: '2026-11-02',
        decisionOn: '2026-11-01',
      }),
    ),
    ['/decisionOn ends-before-it-starts'],
  )
  const made = await post(url, { regime: 'ofac-sdn', program: 'VENEZUELA', scope: 'patches' })
  t.match([made.status, made.body], [201, { status: 'draft', jurisdictionId: city, version: 1 }])
  const own = `${url}/${made.body.id}`
  await pass()
  const before = (await byTag('C-1')).firmwareRisk
  t.equal(
    (await patch(own, { status: 'pending', filedOn: '2026-11-20' }, editor, { 'if-match': '"1"' })).status,
    200,
  )
  await pass()
  const pending = (await byTag('C-1')).firmwareRisk
  t.same([pending.level, pending.score], ['license-required', before.score - 3])
  t.equal(
    (await patch(own, { status: 'denied', decisionOn: '2026-11-23' }, editor, { 'if-match': '"1"' })).status,
    412,
  )
  await patch(own, { status: 'denied', decisionOn: '2026-11-23' })
  await pass()
  t.equal((await byTag('C-1')).firmwareRisk.level, 'blocked')
  t.match((await get(own, viewer)).body, { status: 'denied', decisionOn: '2026-11-23' })
  t.equal((await get(own, neighbour)).status, 404)
  t.equal((await patch(own, { status: 'withdrawn' }, viewer)).status, 403)
  t.equal((await patch(own, {})).status, 400)
  t.equal((await get(`${url}?status=denied&regime=ofac-sdn`)).body.items.length, 1)
  t.equal((await get(url, neighbour)).body.items.length, 0)
  await patch(own, { status: 'withdrawn' })
  await pass()
  t.equal((await byTag('C-1')).firmwareRisk.level, 'license-required')
})

/* Releases and images */

t.test('a release is everybody’s, an image is a city’s with hash and day', async (t) => {
  const url = '/v1/firmware-releases'
  t.same(errors(await post(url, image({ sha256: null, obtainedOn: null, maker: 'nobody' }))).sort(), [
    '/maker unknown-vendor',
    '/obtainedOn required',
    '/sha256 required',
  ])
  t.same(errors(await post(url, image({ obtainedOn: '2026-11-25', sha256: 'xyz' }))), [
    '/sha256 invalid-format',
  ])
  t.same(errors(await post(url, image({ obtainedOn: '2026-11-25' }))), ['/obtainedOn in-the-future'])
  const release = await post(
    url,
    image({ sha256: null, obtainedOn: null, isVerified: false, releasedOn: '2021-09-19', heldAt: null }),
    h.admin,
  )
  t.match([release.status, release.body], [201, { jurisdictionId: null, isComparable: true }])
  await pass()
  t.match((await byTag('F-1')).firmwareRisk.fix, {
    from: 'release',
    firmwareVersion: 'V5.5.800 build 210628',
    channel: 'vendor-portal-us',
    release: release.body.id,
  })
  const kept = await post(url, image())
  t.equal(kept.status, 201)
  t.equal(kept.body.touched.devices, 4, 'also where the firmware alone is numbered as its maker numbers it')
  await pass()
  t.match((await byTag('F-1')).firmwareRisk.fix, { from: 'held-image', release: kept.body.id })
  const again = await post(url, image())
  t.equal(again.status, 409)
  t.equal(again.body.type, '/problems/release-taken')
  t.equal((await post(url, image(), neighbour)).status, 201, 'another city keeps the same image')
  const opaque = await post(url, image({ firmwareVersion: 'latest!!', sha256: 'ab'.repeat(32) }))
  t.equal(
    opaque.body.isComparable,
    false,
    'an opaque version closes no vulnerability, and the answer says so',
  )
  const own = `${url}/${kept.body.id}`
  t.equal((await patch(own, { isVerified: false }, editor, { 'if-match': '"1"' })).body.version, 2)
  await pass()
  t.equal((await byTag('F-1')).firmwareRisk.fix.from, 'release', 'an image nobody checked is no fix')
  t.equal((await patch(own, { sha256: 'ab'.repeat(32) })).status, 409)
  t.equal((await patch(own, { isVerified: true }, editor, { 'if-match': '"1"' })).status, 412)
  t.equal((await patch(own, {})).status, 400)
  t.equal((await patch(`${url}/${release.body.id}`, { source: 'x' })).status, 403)
  t.equal((await patch(`${url}/${release.body.id}`, { source: 'advisory' }, h.admin)).body.source, 'advisory')
  t.match((await get(own, viewer)).body, { heldAt: 'vault 3, shelf 2' })
  t.equal((await get(own, neighbour)).status, 404)
  const ids = async (query: string, key = editor) =>
    (await get(`${url}?${query}`, key)).body.items.map(({ id }: { id: string }) => id)
  t.same(await ids('held=false'), [release.body.id])
  t.same((await ids('held=true&maker=hikvision')).sort(), [kept.body.id, opaque.body.id].sort())
  t.same(await ids(`sha256=${'AB'.repeat(32)}`), [opaque.body.id])
  t.equal((await ids(`jurisdictionId=${city}`, reviewer)).length, 2)
  t.match((await get(url, editor, { accept: 'text/csv' })).text, /vault 3/)
  const page = await get(`${url}?limit=1`)
  t.equal((await get(`${url}?limit=5&cursor=${page.body.nextCursor}`)).body.items.length, 2)
  t.equal((await remove(own, viewer)).status, 403)
  t.equal((await remove(own, editor, { 'if-match': '"1"' })).status, 412)
  for (const { body } of [kept, opaque]) t.equal((await remove(`${url}/${body.id}`)).status, 204)
  t.equal((await remove(`${url}/${release.body.id}`, h.admin)).status, 204)
  await pass()
  t.equal((await byTag('F-1')).firmwareRisk.fix.from, 'channel')
})

/* Weights */

t.test('a city weighs in its own way; versions are kept and bad weights refused', async (t) => {
  const url = '/v1/firmware-weights'
  const all = await get(url, viewer)
  t.same(all.body.items, [])
  const { version: _, ...weights } = all.body.default
  const put = (body: unknown, key = editor) => h.call('PUT', url, { key, body })
  const wrong = await put({ weights: { ...weights, base: { ...weights.base, blocked: 10 } } })
  t.equal(wrong.status, 400)
  t.same(errors(wrong), ['/weights/base not-monotone'])
  t.same(errors(await put({ weights: { ...weights, colour: 1 } })), ['/weights/colour unknown-field'])
  const before = (await byTag('F-1')).firmwareRisk.score
  const set = await put({ weights: { ...weights, exposure: { ...weights.exposure, routed: 5 } } })
  t.match([set.status, set.body], [200, { number: 1, jurisdictionId: city, weights: { version: 'own-1' } }])
  t.ok(set.body.touched.profiles > 3, 'all profiles of the city')
  await pass()
  const own = (await byTag('F-1')).firmwareRisk
  t.same([own.score, own.weightsVersion], [before + 2, 'own-1'])
  const back = await put({ weights: null })
  t.match(back.body, { number: 2, weights: null })
  await pass()
  t.equal((await byTag('F-1')).firmwareRisk.score, before)
  t.same(
    (await get(url, reviewer)).body.items.map(({ number }: { number: number }) => number),
    [2, 1],
  )
  t.same((await get(url, neighbour)).body.items, [])
  t.equal((await put({ weights: null }, viewer)).status, 403)
  t.same(errors(await put({ weights: null }, h.admin)), ['/jurisdictionId required'])
})

t.test('what a blocked brand publishes is no remedy, and the answer says what it needs', async (t) => {
  designate('lts', '2027-01-15')
  h.setNow('2027-03-01T17:00:00Z')
  const town = await h.jurisdiction({ name: 'Millbrook', state: 'NY', timezone: 'America/New_York' })
  const engineer = await h.key('city-editor', town)
  const body = camera({
    manufacturer: 'LTS',
    model: 'CMIP7442NW-28M',
    assetTag: 'L-1',
    updateChannel: 'oem-brand-portal',
  })
  t.equal((await post('/v1/devices', body, engineer)).status, 201)
  const fix = async () => (await byTag('L-1', engineer)).firmwareRisk
  const shared = {
    models: ['CMIP7442NW-28M'],
    sha256: null,
    obtainedOn: null,
    isVerified: false,
    heldAt: null,
  }
  const brand = await post(
    '/v1/firmware-releases',
    image({ ...shared, channel: 'oem-brand-portal', publisher: 'lts' }),
    h.admin,
  )
  await pass()
  const answer = async () => {
    const [{ deviceId }] = (await get('/v1/patch-answers', engineer)).body.items
    return (await get(`/v1/devices/${deviceId}/patch-answer`, engineer)).body
  }
  const barred = await fix()
  t.match(await answer(), {
    answer: 'no',
    why: 'license-needed',
    outlook: 'cut-off',
    closes: [],
    leavesOpen: ['CVE-2021-36260'],
    source: { from: 'release', publisher: 'lts' },
    licenses: [],
    lastLawfulDay: null,
    rule: { id: 'ofac-sdn:16-firmware-supplied', regime: 'ofac-sdn', citation: /31 CFR/ },
  })
  t.match(barred, {
    level: 'license-required',
    fix: { from: 'release', release: brand.body.id, publisher: 'lts', isLawful: false, licenses: [] },
    vulnerabilities: [{ id: 'CVE-2021-36260', fixObtainable: 'no' }],
  })
  t.match(barred.fix.needs.join(' '), /Needs a license under ofac-sdn, program GLOMAG, that names lts/)
  const [listed] = (await get('/v1/firmware-risks?include=all', engineer)).body.items
  t.same(listed.fix, barred.fix, 'the work list says the same')
  t.match(
    (await get('/v1/firmware-risks', engineer, { accept: 'text/csv' })).text,
    /release,lts,false,"Needs a license under ofac-sdn/,
  )
  // An image from that portal is judged by its own way and day; one from the maker itself is free.
  const late = await post(
    '/v1/firmware-releases',
    image({ models: ['CMIP7442NW-28M'], channel: 'oem-brand-portal', obtainedOn: '2027-02-15' }),
    engineer,
  )
  await pass()
  t.equal((await fix()).vulnerabilities[0].fixObtainable, 'no', 'taken from the blocked brand')
  await patch(`/v1/firmware-releases/${late.body.id}`, { channel: 'vendor-portal-us' }, engineer)
  await pass()
  t.match((await fix()).fix, { from: 'held-image', publisher: 'hikvision', isLawful: true })
  t.match(await answer(), { answer: 'yes', why: 'held-image', closes: ['CVE-2021-36260'] })
  await patch(`/v1/firmware-releases/${late.body.id}`, { signer: 'lts' }, engineer)
  await pass()
  t.equal((await fix()).vulnerabilities[0].fixObtainable, 'no', 'signed by the blocked brand')
  // A license for another way covers neither; one for this way covers from its first day.
  const held = await post(
    '/v1/licenses',
    license({
      type: 'specific',
      number: 'SL-L',
      entities: ['lts'],
      channels: ['vendor-cloud-push'],
      holder: { kind: 'party', id: town },
      window: { from: '2027-02-01', to: '2027-07-15' },
    }),
    engineer,
  )
  t.match(held.body, { channels: ['vendor-cloud-push'], includesOwned: null })
  t.match(held.body.warnings, [{ pointer: '/includesOwned', code: 'owned-not-said' }])
  await pass()
  t.equal((await fix()).level, 'license-required')
  const url = `/v1/licenses/${held.body.id}`
  t.match((await patch(url, { channels: [] }, engineer)).body, {
    errors: [{ pointer: '/channels', code: 'covers-nothing' }],
  })
  t.equal((await patch(url, { channels: ['by-pigeon'] }, engineer)).status, 400)
  const covers = await patch(url, { channels: ['oem-brand-portal'], includesOwned: true }, engineer)
  t.match(covers.body, { channels: ['oem-brand-portal'], includesOwned: true, warnings: [] })
  await pass()
  const lifted = await fix()
  t.match(lifted.fix, {
    release: brand.body.id,
    isLawful: true,
    licenses: [{ id: held.body.id, authority: 'OFAC', number: 'SL-L' }],
    lastDay: '2027-07-14',
  })
  const licensed = await answer()
  t.match(licensed, {
    answer: 'yes',
    why: 'licensed',
    closes: ['CVE-2021-36260'],
    leavesOpen: [],
    source: { from: 'release', publisher: 'lts', firmwareVersion: 'V5.5.800 build 210628' },
    licenses: [{ number: 'SL-L' }],
    lastLawfulDay: '2027-07-14',
    rule: { regime: 'ofac-sdn' },
  })
  t.match((await get('/v1/patch-answers/vulnerabilities', engineer)).body.items, [
    { id: 'CVE-2021-36260', devices: 1, fix: { yes: 1, no: 0, unknown: 0 }, underLicense: 1 },
  ])
  t.match(lifted.actions[0].text, /Lawful under OFAC SL-L .* through 2027-07-14/)
  // What to obtain before the license ends says where it lies and what it needs.
  t.match((await get('/v1/firmware-risks/deadlines', engineer)).body.items, [
    { wanted: { publisher: 'lts', isLawful: true, needs: [/Lawful under OFAC SL-L/] } },
  ])
  t.equal((await remove(`/v1/firmware-releases/${brand.body.id}`, h.admin)).status, 204)
  h.setNow('2026-11-24T12:00:00Z')
  await pass()
})

t.test('what was done under a license keeps its number and is kept as long as the law asks', async (t) => {
  designate('vivotek', '2026-11-01')
  const town = await h.jurisdiction({ name: 'Ferryton', state: 'NY', timezone: 'America/New_York' })
  const engineer = await h.key('city-editor', town)
  const site = (await post('/v1/sites', { name: 'Pier' }, engineer)).body.id
  const made = await post(
    '/v1/devices',
    camera({
      manufacturer: 'Vivotek',
      model: 'IB9387-HT',
      assetTag: 'K-1',
      firmwareVersion: '6.3.30',
      siteId: site,
    }),
    engineer,
  )
  const device = made.body.id as string
  const item = {
    manufacturer: 'Vivotek',
    model: 'IB9387-HT',
    deviceClass: 'camera',
    updateChannel: 'vendor-portal-us',
  }
  const screened = async (key: string) =>
    (await post('/v1/screen?include=firmwareRisk', { jurisdiction: { state: 'NY' }, items: [item] }, key))
      .body
  const own = {
    type: 'specific',
    number: 'SL-K',
    entities: ['vivotek'],
    includesOwned: false,
    holder: { kind: 'party', id: town },
    window: { from: '2026-11-01', to: '2027-11-01' },
  }
  const spare = await post(
    '/v1/licenses',
    license({ ...own, number: 'SL-SPARE', activities: ['procure'] }),
    engineer,
  )
  t.equal((await remove(`/v1/licenses/${spare.body.id}`, engineer)).status, 204, 'nothing rests on it')
  const held = await post('/v1/licenses', license(own), engineer)
  const url = `/v1/licenses/${held.body.id}`
  await pass()

  // A screening with the key of the city counts what the city holds, and says so; another key does not.
  const [mine, theirs] = [await screened(engineer), await screened(neighbour)]
  t.match(mine, { countsHoldings: true, items: [{ firmwareRisk: { level: 'conditional' } }] })
  t.notMatch(mine.leftOut.join(), /were not counted/)
  t.match(theirs, { countsHoldings: true, items: [{ firmwareRisk: { level: 'license-required' } }] })
  const [operator] = [await screened(h.admin)]
  t.match(operator, { countsHoldings: false, leftOut: [/were not counted/] })
  t.match(
    mine.items[0].firmwareRisk.patch.rule.citation,
    /^31 CFR 583.201; .*licenses under 31 CFR 501.801$/,
    'the section of the program',
  )

  const blocked = await remove(url, engineer)
  t.match([blocked.status, blocked.body], [409, { type: '/problems/license-in-use' }])
  t.match(blocked.body.detail, /1 device is covered by it today.*End it instead: set its status/)

  const installs = `/v1/devices/${device}/firmware-installations`
  const wish = {
    firmwareVersion: '6.3.40',
    installedOn: '2026-11-20',
    licenseId: held.body.id,
    channel: 'vendor-portal-us',
    publisher: 'vivotek',
  }
  t.same(errors(await post(installs, { ...wish, licenseId: NOBODY }, engineer)), [
    '/licenseId unknown-license',
  ])
  t.same(errors(await post(installs, { ...wish, installedOn: '2026-10-20' }, engineer)), [
    '/licenseId not-in-force',
  ])
  t.same(
    errors(await post(installs, { ...wish, installedOn: '2026-11-25', publisher: 'nobody' }, engineer)),
    ['/installedOn in-the-future', '/publisher unknown-vendor'],
  )
  t.equal((await post(installs, wish, neighbour)).status, 404)
  const done = await post(installs, wish, engineer, { 'idempotency-key': 'install-1' })
  t.match(done.body, {
    before: '6.3.30',
    license: { id: held.body.id, authority: 'OFAC', number: 'SL-K' },
    keptUntil: '2036-11-20',
    keptBecause: '31 CFR 501.601',
  })
  t.equal((await post(installs, wish, engineer, { 'idempotency-key': 'install-1' })).body.id, done.body.id)
  t.equal((await byTag('K-1', engineer)).firmwareVersion, '6.3.40', 'the device has the version')
  const earlier = await post(installs, { firmwareVersion: '6.1.1', installedOn: '2025-01-02' }, engineer)
  t.match(earlier.body, { license: null, keptUntil: null })
  t.equal((await byTag('K-1', engineer)).firmwareVersion, '6.3.40', 'an older one was made known late')
  const sheet = await get('/v1/firmware-installations', engineer, { accept: 'text/csv' })
  t.match(sheet.text, /2026-11-20,K-1,IB9387-HT,6.3.30,6.3.40,.*SL-K/)
  t.equal((await get('/v1/firmware-installations', engineer, { accept: 'image/png' })).status, 406)
  t.same((await get('/v1/firmware-installations', neighbour)).body.items, [])
  const kept = `/v1/firmware-installations/${done.body.id}`
  const refused = await remove(kept, engineer)
  t.match(
    [refused.status, refused.body],
    [409, { type: '/problems/record-retained', detail: /until 2036-11-20/ }],
  )
  t.equal((await remove(kept, neighbour)).status, 404)
  t.equal((await remove(`/v1/firmware-installations/${earlier.body.id}`, engineer)).status, 204)

  // An image keeps its license too.
  const saved = await post(
    '/v1/firmware-releases',
    image({ maker: 'vivotek', models: ['IB9387-HT'], firmwareVersion: '6.3.40', licenseId: held.body.id }),
    engineer,
  )
  t.match(saved.body, { licenseId: held.body.id })
  t.match((await remove(`/v1/firmware-releases/${saved.body.id}`, engineer)).body, {
    type: '/problems/record-retained',
    detail: /31 CFR 501.601/,
  })
  t.same(errors(await patch(`/v1/firmware-releases/${saved.body.id}`, { licenseId: NOBODY }, engineer)), [
    '/licenseId unknown-license',
  ])
  // No way round: neither another law for the license, nor an image without it or from a year before.
  for (const change of [{ regime: 'bis-entity-list', program: null }, { authority: 'BIS' }])
    t.match(await patch(url, change, engineer), {
      status: 409,
      body: {
        type: '/problems/license-in-use',
        detail: /regime, program and authority stay.*1 image was obtained under it; 1 installation was made/,
      },
    })
  t.equal((await patch(url, { regime: 'ofac-sdn', number: 'SL-K' }, engineer)).status, 200, 'the same law')
  for (const change of [{ licenseId: null }, { obtainedOn: '2026-11-02' }])
    t.match(await patch(`/v1/firmware-releases/${saved.body.id}`, change, engineer), {
      status: 409,
      body: { type: '/problems/record-retained' },
    })
  t.equal((await patch(`/v1/firmware-releases/${saved.body.id}`, { heldAt: 'Safe 2' }, engineer)).status, 200)
  // Ended, it stays; the record outlives the device.
  t.equal((await patch(url, { status: 'revoked', statusSince: '2026-11-24' }, engineer)).status, 200)
  await pass()
  t.match(
    (await remove(url, engineer)).body.detail,
    /1 image was obtained under it; 1 installation was made under it.*kept until 2036-11-20 \(31 CFR 501.601\)/,
  )

  // Controls and acceptances have an owner, evidence and an end, and stand beside the answer while they count.
  const control = {
    kind: 'compensating-control',
    title: 'Own segment, no route out',
    owner: 'Network office',
    siteIds: [site],
    vulnerabilities: ['CVE-2024-8956'],
    evidence: [{ text: 'Firewall rules 12 to 19', source: 'ticket 4711', on: '2026-11-10' }],
    beginsOn: '2026-11-10',
    expiresOn: '2026-12-31',
  }
  t.same(
    errors(
      await post(
        '/v1/risk-treatments',
        {
          ...control,
          siteIds: [],
          expiresOn: '2026-11-09',
          verifiedOn: '2026-11-25',
          evidence: [{ text: 'x', on: '2026-11-25' }],
        },
        engineer,
      ),
    ).sort(),
    [
      '/deviceIds covers-nothing',
      '/evidence/0/on in-the-future',
      '/expiresOn ends-before-it-starts',
      '/verifiedBy required',
      '/verifiedOn in-the-future',
    ],
  )
  t.same(errors(await post('/v1/risk-treatments', { ...control, evidence: [] }, engineer)), [
    '/evidence too-small',
  ])
  t.same(errors(await post('/v1/risk-treatments', control, neighbour)), ['/siteIds/0 not-found'])
  const noted = await post('/v1/risk-treatments', control, engineer)
  t.equal(noted.status, 201)
  const beside = async () => (await get(`/v1/devices/${device}/patch-answer`, engineer)).body.treatments
  t.match(await beside(), [
    { id: noted.body.id, owner: 'Network office', isVerified: false, expiresOn: '2026-12-31' },
  ])
  const treatment = `/v1/risk-treatments/${noted.body.id}`
  const verified = { verifiedOn: '2026-11-20', verifiedBy: 'Auditor' }
  t.equal((await patch(treatment, verified, engineer, { 'if-match': '"9"' })).status, 412)
  t.equal((await patch(treatment, verified, engineer, { 'if-match': '"1"' })).body.version, 2)
  t.match(await beside(), [{ isVerified: true }])
  t.match(
    (await get('/v1/patch-answers', engineer, { accept: 'text/csv' })).text,
    /"Own segment, no route out \(Network office, through 2026-12-31\)"/,
  )
  t.equal((await get(treatment, viewer)).status, 404)
  t.equal((await patch(treatment, { title: 'x' }, neighbour)).status, 404)
  t.match(
    (await get('/v1/risk-treatments', engineer, { accept: 'text/csv' })).text,
    /2026-11-10 Firewall rules/,
  )
  t.equal((await get('/v1/risk-treatments?expiresBefore=2027-01-01', engineer)).body.items.length, 1)
  t.same((await get('/v1/risk-treatments?expiresBefore=2026-12-31', engineer)).body.items, [])
  t.equal((await get('/v1/risk-treatments', engineer, { accept: 'image/png' })).status, 406)
  t.equal((await patch(treatment, { endedOn: '2026-11-24' }, engineer)).status, 200)
  t.same(await beside(), [], 'ended')
  const history = (await get(`/v1/audit-events?target=${noted.body.id}`, engineer)).body.items
  t.same(
    history.map(({ action }: { action: string }) => action),
    ['risk-treatment.change', 'risk-treatment.change', 'risk-treatment.create'],
  )

  // An application counts for what it asks for.
  const applied = {
    regime: 'ofac-sdn',
    program: 'GLOMAG',
    status: 'denied',
    filedOn: '2026-11-05',
    decisionOn: '2026-11-15',
  }
  t.same(errors(await post('/v1/license-applications', { ...applied, entities: ['not-yet'] }, engineer)), [
    '/entities/0 unknown-vendor',
  ])
  const other = await post(
    '/v1/license-applications',
    { ...applied, entities: ['axis'], channels: ['distributor'] },
    engineer,
  )
  t.match(other.body, { entities: ['axis'], channels: ['distributor'], models: 'any', activities: 'any' })
  await pass()
  const level = async () => (await byTag('K-1', engineer)).firmwareRisk.level
  t.equal(await level(), 'license-required', 'denied for another maker')
  await patch(`/v1/license-applications/${other.body.id}`, { entities: ['vivotek'] }, engineer)
  await pass()
  t.equal(await level(), 'license-required', 'denied for another channel')
  await patch(`/v1/license-applications/${other.body.id}`, { channels: 'any' }, engineer)
  await pass()
  t.equal(await level(), 'blocked', 'denied for this')
  t.equal((await remove(`/v1/devices/${device}`, engineer)).status, 204)
  t.equal((await get(`/v1/firmware-installations?deviceId=${device}`, engineer)).body.items.length, 1)

  // Another office keeps its records for another time, and by another rule.
  const ofBis = await post(
    '/v1/licenses',
    license({
      ...own,
      authority: 'BIS',
      regime: 'bis-entity-list',
      program: null,
      entities: ['hikvision'],
    }),
    engineer,
  )
  const second = await post('/v1/devices', { assetTag: 'K-2', manufacturer: 'Hikvision' }, engineer)
  const under = { firmwareVersion: 'V5.8.10', installedOn: '2026-11-19', licenseId: ofBis.body.id }
  await post(`/v1/devices/${second.body.id}/firmware-installations`, under, engineer)
  t.match(
    (await remove(`/v1/licenses/${ofBis.body.id}`, engineer)).body.detail,
    /1 installation was made under it.*kept until 2031-11-19 \(15 CFR 762.6\)/,
  )

  // What the operator keeps for everybody is in use where any city used it.
  const general = await post(
    '/v1/licenses',
    license({ ...own, type: 'general', number: 'GL-K', holder: { kind: 'any-us-person' } }),
    h.admin,
  )
  const underGeneral = { ...under, licenseId: general.body.id, firmwareVersion: 'V5.8.11' }
  await post(`/v1/devices/${second.body.id}/firmware-installations`, underGeneral, engineer)
  const everybodys = `/v1/licenses/${general.body.id}`
  for (const refusal of [
    await remove(everybodys, h.admin),
    await patch(everybodys, { regime: 'bis-entity-list', program: null }, h.admin),
  ])
    t.match(refusal, { status: 409, body: { type: '/problems/license-in-use' } })
})

/* A city's story */

t.test('a city patches what it can, saves images before the cut-off, and sees the day come', async (t) => {
  // In June 2027 the maker is blocked, and a wind-down license runs through 14 July.
  designate('hikvision', '2027-01-15')
  h.setNow('2027-06-20T13:00:00Z')
  await pass()
  const town = await h.jurisdiction({ name: 'Rivermouth', state: 'NY', timezone: 'America/New_York' })
  const engineer = await h.key('city-editor', town)
  const licensed = await post('/v1/licenses', license(), h.admin)
  t.equal(licensed.status, 201)
  await pass()
  const header =
    'Asset Tag,Site,Manufacturer,Model,Device Class,Update Channel,Network Exposure,Funding,Has Radio'
  const row = (tag: string, model: string) =>
    `${tag},City Hall,Hikvision,${model},camera,vendor-portal-us,routed,local,no`
  const registered = await post(
    '/v1/imports?source=register',
    [
      header,
      ...['R-1', 'R-2', 'R-3'].map((tag) => row(tag, 'DS-2CD2143G2-I')),
      ...['R-4', 'R-5'].map((tag) => row(tag, 'DS-2CD2347G2-LU')),
    ].join('\n'),
    engineer,
    csv,
  )
  t.equal(registered.body.report.counts.created, 5)
  const blank = (await byTag('R-1', engineer)).firmwareRisk
  t.match(blank.missingFacts, ['firmwareVersion', 'supportPeriod'])

  // A list of installed versions: asset tag and firmware, nothing else.
  const versions = await post(
    '/v1/imports?source=versions',
    'Asset Tag,Firmware\nR-1,V5.5.82 build 190909\nR-2,V5.5.82 build 190909\nR-3,V5.5.800 build 210628\nR-4,V5.5.82 build 190909\nR-5,V5.7.3 build 220112\n',
    engineer,
    csv,
  )
  t.match(versions.body.report.counts, { rows: 5, updated: 5, created: 0, rejected: 0 })
  const risks = async () =>
    Object.fromEntries(
      await Promise.all(
        ['R-1', 'R-3', 'R-4', 'R-5'].map(async (tag) => {
          const { level, urgency, score, queue } = (await byTag(tag, engineer)).firmwareRisk as PresentedRisk
          return [tag, `${level} ${urgency} ${score} ${queue}`]
        }),
      ),
    )
  const june = await risks()
  t.comment(JSON.stringify(june))
  t.same(june, {
    'R-1': 'conditional high 71 exploited-patch-before-cut-off',
    'R-3': 'conditional elevated 56 save-images-before-cut-off',
    'R-4': 'conditional high 71 exploited-patch-before-cut-off',
    'R-5': 'conditional elevated 56 save-images-before-cut-off',
  })
  t.equal(
    (await get(`/v1/devices/${(await byTag('R-1', engineer)).id}/history`, engineer)).body.items.length,
    2,
    'the installed version has a history',
  )

  // What to patch in the next two weeks, and through which channel.
  const due = (await get('/v1/firmware-risks?include=fix&dueBy=2027-07-04', engineer)).body
    .items as PresentedWork[]
  t.same(due.map(({ assetTag }) => assetTag).sort(), ['R-1', 'R-2', 'R-4'])
  t.match(due[0], {
    dueOn: '2027-07-04',
    channel: 'vendor-portal-us',
    cutOffOn: '2027-07-15',
    action:
      /Install the fix for CVE-2021-36260 \(vendor-portal-us. Lawful under OFAC GL-W1.*through 2027-07-14.*\), or isolate; Obtain and hash every image/,
  })

  // Which images to obtain before the deadline.
  const before = (await get('/v1/firmware-risks/deadlines', engineer)).body
  t.match(before, {
    devices: 5,
    items: [
      { model: 'DS-2CD2143G2-I', devices: 3, cutOffOn: '2027-07-15', saveBy: '2027-07-14', isMissing: true },
      { model: 'DS-2CD2347G2-LU', devices: 2, isMissing: true },
    ],
  })
  t.match(
    (await get('/v1/firmware-risks/deadlines', engineer, { accept: 'text/csv' })).text,
    /2027-07-14,2027-07-15/,
  )
  t.same((await get('/v1/firmware-risks/deadlines?by=2027-07-14', engineer)).body.items, [])
  t.same((await get('/v1/firmware-risks/deadlines', neighbour)).body.items, [])
  t.match((await get('/v1/reminders', engineer)).body.items, [
    { number: 'GL-W1', daysBefore: 90, date: '2027-07-14' },
    { number: 'GL-W1', daysBefore: 30, sendOn: '2027-06-14' },
  ])

  // One image is obtained in time.
  h.setNow('2027-07-01T13:00:00Z')
  const saved = await post('/v1/firmware-releases', image({ obtainedOn: '2027-07-01' }), engineer)
  t.equal(saved.status, 201)
  t.equal(saved.body.touched.devices, 5)
  await pass()
  t.same(
    (await get('/v1/firmware-risks/deadlines?missing=true', engineer)).body.items.map(
      ({ model }: { model: string }) => model,
    ),
    ['DS-2CD2347G2-LU'],
  )
  const unmoved = (await get('/v1/firmware-risks?include=fix&dueBy=2027-07-04', engineer)).body
    .items as PresentedWork[]
  t.same(
    unmoved.map(({ assetTag, dueOn, fix }) => `${assetTag} ${dueOn} ${fix!.from}`).sort(),
    ['R-1 2027-07-04 held-image', 'R-2 2027-07-04 held-image', 'R-4 2027-07-04 channel'],
    'eleven days later the due date is still the same',
  )

  // The last day, and the day after.
  h.setNow('2027-07-14T13:00:00Z')
  t.match((await risks())['R-1'], 'conditional')
  h.setNow('2027-07-15T04:30:00Z')
  t.match((await risks())['R-1'], 'license-required', 'half an hour into the day, before any pass')
  const live = (await get('/v1/firmware-risks?maker=hikvision', engineer)).body.items as PresentedWork[]
  t.ok(live.every(({ level }) => level === 'license-required'))
  const stale = await pass()
  const after = await risks()
  const profiles = await h.database.acrossJurisdictions('all', (tx) => tx.$count(profileTable))
  t.comment(`${stale} of ${profiles} profiles evaluated again; ${JSON.stringify(after)}`)
  t.ok(stale < profiles, 'those the license has nothing to do with are left alone')
  t.same(after, {
    'R-1': 'license-required high 86 exploited-patchable',
    'R-3': 'license-required elevated 71 restricted',
    'R-4': 'license-required critical 94 exploited-unpatchable',
    'R-5': 'license-required elevated 71 restricted',
  })
  const list = (await get('/v1/firmware-risks', engineer)).body.items as PresentedWork[]
  t.same(
    list.slice(0, 3).map(({ assetTag, queue, dueOn, channel }) => `${assetTag} ${queue} ${dueOn} ${channel}`),
    [
      'R-4 exploited-unpatchable 2027-07-18 vendor-portal-us',
      ...list.slice(1, 3).map(({ assetTag }) => `${assetTag} exploited-patchable 2027-07-29 offline-media`),
    ],
    'first what nobody can patch any more',
  )
  t.match(list[1]!.action, /the image already held.*ask counsel/s)
  const saying = Object.fromEntries(
    (await get('/v1/patch-answers?limit=10', engineer)).body.items.map(
      ({ assetTag, patch: told }: { assetTag: string; patch: { answer: string; why: string } }) => [
        assetTag,
        `${told.answer} ${told.why}`,
      ],
    ),
  )
  t.match(saying, { 'R-1': 'unknown counsel', 'R-3': 'no license-needed', 'R-4': 'no license-needed' })
  h.setNow('2026-11-24T12:00:00Z')
})

/* Feeds */

t.test('each format is read, and each answer names what it touches', async (t) => {
  for (const [format, file, headers] of [
    ['kev', 'kev.csv', csv],
    ['csaf', 'csaf.json', json],
    ['nvd', 'nvd.json', json],
  ] as const) {
    const reply = await importFeed(format, fixture(file), headers, format === 'kev' ? '&force=true' : '')
    t.equal(reply.status, 200, file)
    t.equal(
      reply.body.counts.added + reply.body.counts.changed + reply.body.counts.unchanged,
      reply.body.counts.statements,
    )
    const again = await importFeed(format, fixture(file), headers)
    t.equal(again.body.isChanged, false, `${file} again`)
  }
  for (const record of JSON.parse(fixture('cve.json'))) {
    const reply = await importFeed('cve', JSON.stringify(record))
    t.equal(reply.status, record.cveMetadata.state === 'REJECTED' ? 422 : 200)
  }
  const imports = await get('/v1/advisories/imports', viewer)
  t.same(
    imports.body.feeds.map(({ feed }: { feed: string }) => feed),
    ['csaf', 'cve', 'kev', 'nvd', 'overlay'],
  )
  t.ok(imports.body.feeds.every(({ isOld }: { isOld: boolean }) => !isOld))
  t.ok(imports.body.items.length > 4)
  h.setNow('2026-12-05T12:00:00Z')
  const later = (await get('/v1/advisories/imports')).body.feeds
  t.match(
    later.find(({ feed }: { feed: string }) => feed === 'kev'),
    { ageDays: 11, isOld: true },
  )
  h.setNow('2026-11-24T12:00:00Z')
  const page = await get('/v1/advisories/imports?limit=1')
  t.ok(
    (await get(`/v1/advisories/imports?limit=1&cursor=${page.body.nextCursor}`)).body.items[0].version <
      page.body.items[0].version,
  )
  await pass()
})

t.test('an advisory shows every source, and the list is paged and filtered', async (t) => {
  const one = await get('/v1/advisories/CVE-2021-33044', viewer)
  t.equal(one.status, 200)
  t.ok(one.body.feeds.length >= 2, 'the overlay and feeds')
  t.ok(new Set(one.body.claims.map(({ container }: { container: string }) => container)).size >= 2)
  t.ok(one.body.claims.every(({ means }: { means: string }) => means.length > 0))
  t.equal((await get('/v1/advisories/CVE-1999-0001')).status, 404)
  t.equal((await get('/v1/advisories/none')).status, 400)
  const ids: string[] = []
  let cursor = ''
  do {
    const { body } = await get(`/v1/advisories?limit=5${cursor}`)
    ids.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  t.same(ids, [...new Set(ids)].sort(), 'each once, in order')
  const ofMaker = (await get('/v1/advisories?maker=hikvision&knownExploited=true')).body.items
  t.ok(ofMaker.length > 0 && ofMaker.every((a: { knownExploited: unknown }) => a.knownExploited !== null))
  t.ok((await get('/v1/advisories?feed=csaf')).body.items.length > 0)
  const [listed] = ofMaker
  t.same([listed.claims, listed.references], [undefined, undefined], 'a list leaves out what sources say')
  t.ok(listed.makers.includes('hikvision'))
  const { makers, ...whole } = (await get('/v1/advisories?maker=hikvision&include=all')).body.items.find(
    ({ id }: { id: string }) => id === listed.id,
  )
  t.same(whole, (await get(`/v1/advisories/${listed.id}`)).body, 'and has it when asked')
  t.same(makers, listed.makers)
  t.same((await get('/v1/advisories?limit=1&fields=cvss')).body.items.map(Object.keys), [['id', 'cvss']])
  t.equal((await get('/v1/advisories?fields=colour')).status, 400)
})

t.test('a feed that broke off is refused, and only the operator imports', async (t) => {
  const catalogue = JSON.parse(fixture('kev.json'))
  await importFeed('kev', fixture('kev.json'))
  const short = { ...catalogue, vulnerabilities: catalogue.vulnerabilities.slice(0, 1) }
  const miscounted = await importFeed(
    'kev',
    JSON.stringify({ ...short, count: catalogue.vulnerabilities.length }),
  )
  t.equal(miscounted.status, 422)
  t.equal(miscounted.body.type, '/problems/feed-refused')
  t.same(errors(miscounted), ['/count unreadable'])
  const { count: _, ...uncounted } = short
  const shrunk = await importFeed('kev', JSON.stringify(uncounted))
  t.equal(shrunk.status, 422)
  t.match(shrunk.body.detail, /entries are gone/)
  const forced = await importFeed('kev', JSON.stringify(uncounted), json, '&force=true')
  t.equal(forced.status, 200)
  t.equal(forced.body.counts.withdrawn, catalogue.vulnerabilities.length - 1)
  t.equal((await importFeed('kev', fixture('kev.json'))).status, 200)
  t.equal((await importFeed('kev', '{}')).status, 422)
  t.equal((await importFeed('kev', '{"a":')).body.type, '/problems/malformed-body')
  t.equal((await importFeed('kev', ' ')).body.type, '/problems/malformed-body')
  t.equal((await importFeed('cve', 'a,b\n', csv)).status, 415, 'only KEV comes as CSV')
  t.equal((await importFeed('kev', '<a/>', { 'content-type': 'application/xml' })).status, 415)
  t.equal((await importFeed('rss', '{}')).status, 400)
  t.equal((await post('/v1/advisories/imports?format=kev', fixture('kev.json'), editor, json)).status, 403)
  const strange = await importFeed(
    'cve',
    JSON.stringify({
      cveMetadata: { cveId: 'CVE-2026-99999', state: 'PUBLISHED' },
      containers: {
        cna: {
          title: 'half a character \ud800 and \u0000 nothing',
          affected: [
            { vendor: 'Hikvision', product: 'n/a', versions: [{ version: 'n/a', status: 'affected' }] },
          ],
        },
      },
    }),
  )
  t.equal(strange.status, 200)
  const told = (await get('/v1/advisories/CVE-2026-99999')).body
  t.same(told.claims[0].rule, { kind: 'unspecified' }, 'a CVE without usable versions says so')
  t.match(told.claims[0].means, /version/)
  await pass()
  const risk = (await byTag('F-2')).firmwareRisk
  t.notOk(
    risk.vulnerabilities.some(({ id }: { id: string }) => id === 'CVE-2026-99999'),
    'a record that names only the maker is a candidate, never a verdict',
  )
})

t.test('what is older than what is on record replaces nothing, and the answer says so', async (t) => {
  const catalogue = JSON.parse(fixture('kev.json'))
  const at = (dateReleased: string, dueDate: string) =>
    JSON.stringify({
      ...catalogue,
      dateReleased,
      vulnerabilities: catalogue.vulnerabilities.map((one: object) => ({ ...one, dueDate })),
    })
  const due = async () =>
    (await get(`/v1/advisories/${catalogue.vulnerabilities[0].cveID}`)).body.knownExploited.dueOn
  t.equal((await importFeed('kev', at('2026-11-20T17:00:00Z', '2026-12-01'))).status, 200)
  for (const [released, when] of [
    ['2026-11-19T23:00:00Z', 'an earlier day'],
    ['2026-11-20T16:59:59Z', 'the same day, earlier'],
  ] as const) {
    const older = await importFeed('kev', at(released, '2027-06-01'))
    t.equal(older.status, 422, when)
    t.equal(older.body.type, '/problems/feed-refused')
    t.match(older.body.detail, /older than the one on record.*Nothing was changed/)
    t.same(errors(older), ['/dateReleased older-than-recorded'])
    t.equal(await due(), '2026-12-01')
  }
  const newest = catalogue.vulnerabilities.map(({ dateAdded }: { dateAdded: string }) => dateAdded).sort()
  const before = fixture('kev.csv').replaceAll(newest.at(-1), '2020-01-01')
  t.equal((await importFeed('kev', before, csv)).status, 422, 'a CSV with older newest entries')
  t.equal((await importFeed('kev', at('2026-11-20T18:00:00Z', '2026-12-02'))).status, 200)
  t.equal(await due(), '2026-12-02')
  const forced = await importFeed('kev', at('2026-11-19T00:00:00Z', '2026-12-03'), json, '&force=true')
  t.equal(forced.status, 200)
  t.equal(await due(), '2026-12-03')
  t.equal((await importFeed('kev', fixture('kev.json'), json, '&force=true')).status, 200)
  // Single records have a day of revision of their own.
  const csaf = JSON.parse(fixture('csaf.json'))
  const revised = (current_release_date: string) =>
    JSON.stringify({
      ...csaf,
      document: { ...csaf.document, tracking: { ...csaf.document.tracking, current_release_date } },
    })
  t.equal((await importFeed('csaf', revised('2026-11-01T00:00:00Z'))).status, 200)
  const stale = await importFeed('csaf', revised('2026-10-01T00:00:00Z'))
  t.equal(stale.status, 422)
  t.match(stale.body.detail, /was revised on 2026-10-01.*before what is on record/)
  t.equal((await importFeed('csaf', fixture('csaf.json'), json, '&force=true')).status, 200)
  await pass()
})

t.test('a source that names models silences no other, and a name of a product is no model', async (t) => {
  const csaf = (cve: string, vendor: string, product: string, category: string, version: string) =>
    JSON.stringify({
      document: { title: cve, tracking: { id: `T-${cve}` } },
      product_tree: {
        branches: [
          {
            category: 'vendor',
            name: vendor,
            branches: [
              {
                category: 'product_name',
                name: product,
                branches: [{ category, name: version, product: { product_id: 'P' } }],
              },
            ],
          },
        ],
      },
      vulnerabilities: [{ cve, product_status: { known_affected: ['P'] } }],
    })
  const kev = JSON.parse(fixture('kev.json'))
  const [entry] = kev.vulnerabilities
  const withDahua = {
    ...kev,
    dateReleased: '2026-11-23T00:00:00Z',
    count: kev.vulnerabilities.length + 1,
    vulnerabilities: [
      ...kev.vulnerabilities.filter(({ cveID }: { cveID: string }) => cveID !== 'CVE-2021-33045'),
      {
        ...entry,
        cveID: 'CVE-2021-33045',
        vendorProject: 'Dahua',
        product: 'IP Camera Firmware',
        vulnerabilityName: 'Dahua IP Camera Authentication Bypass Vulnerability',
        dateAdded: '2024-08-21',
        dueDate: '2024-09-11',
      },
    ],
  }
  withDahua.count = withDahua.vulnerabilities.length
  t.equal((await importFeed('kev', JSON.stringify(withDahua), json, '&force=true')).status, 200)
  const range = 'product_version_range'
  for (const [cve, vendor, product, version] of [
    ['CVE-2024-90001', 'Axis Communications AB', 'AXIS OS', '<10.12.228'],
    ['CVE-2024-90002', 'Honeywell', 'Experion PKS', '< R520.2'],
    ['CVE-2024-90003', 'Honeywell', 'Performance IP Series cameras', '< 2'],
    ['CVE-2024-90004', 'Axis Communications AB', 'AXIS P3245-V', '< 11'],
  ] as const) {
    const reply = await importFeed('csaf', csaf(cve, vendor, product, range, version))
    t.equal(reply.status, 200)
    t.match(reply.body.counts, { claims: 1, withoutMaker: 0, withoutModel: cve === 'CVE-2024-90004' ? 0 : 1 })
  }
  const device = (manufacturer: string, model: string, firmwareVersion: string, deviceClass = 'camera') =>
    camera({ manufacturer, model, firmwareVersion, deviceClass })
  const { body } = await post('/v1/screen?include=all', {
    items: [
      device('Dahua', 'NVR4108HS-8P', '4.001.0000000.1.R', 'recorder'),
      device('Axis', 'AXIS M3115-LVE Network Camera', '10.12.100'),
      device('Axis', 'AXIS M3115-LVE Network Camera', '10.12.228'),
      device('Honeywell', 'H4W2PER2', '1.0'),
      device('Axis', 'AXIS P3245-V Dome Camera', '10.9.1'),
    ],
  })
  const shown = body.items.map(({ firmwareRisk: risk }: { firmwareRisk: Record<string, { id: string }[]> }) =>
    Object.fromEntries(
      ['vulnerabilities', 'possibleVulnerabilities'].map((list) => [list, risk[list]!.map(({ id }) => id)]),
    ),
  )
  t.ok(shown[0].possibleVulnerabilities.includes('CVE-2021-33045'), 'a recorder that no list names')
  t.notOk(shown[0].vulnerabilities.includes('CVE-2021-33045'), 'is not convicted')
  t.ok(body.items[0].firmwareRisk.needsReview)
  t.ok(body.items[0].firmwareRisk.missingFacts.includes('affectedModels'))
  t.match(
    body.items[0].firmwareRisk.reasons.find(({ code }: { code: string }) => code === 'may-be-affected'),
    { about: /^CVE/, text: /names the maker and no model/ },
  )
  t.ok(shown[1].vulnerabilities.includes('CVE-2024-90001'), 'an operating system runs on every model')
  t.notOk(JSON.stringify(shown[2]).includes('CVE-2024-90001'), 'and its fixed version clears')
  t.notOk(JSON.stringify(shown[3]).includes('CVE-2024-90002'), 'plant software is no camera')
  t.ok(shown[3].possibleVulnerabilities.includes('CVE-2024-90003'), 'a series of cameras may be this one')
  t.ok(shown[4].vulnerabilities.includes('CVE-2024-90004'), 'with brand and kind on the label')
  t.equal((await importFeed('kev', fixture('kev.json'), json, '&force=true')).status, 200)
  await pass()
})

t.test('a device of an unknown maker has the earliest days of those who may have made it', async (t) => {
  const before = h.knowledge()
  designate('hikvision', '2027-03-01')
  const { body } = await post('/v1/screen?include=all', { items: [camera({ manufacturer: null }), camera()] })
  const [unknown, known] = body.items
  t.not(unknown.identification.status, 'resolved')
  t.ok(known.firmwareRisk.cutOffOn !== null)
  t.equal(unknown.firmwareRisk.cutOffOn, known.firmwareRisk.cutOffOn)
  const due = ({ actions }: { actions: { dueOn: string | null }[] }) =>
    actions.flatMap(({ dueOn }) => dueOn ?? []).sort()[0]
  t.equal(due(unknown.firmwareRisk), due(known.firmwareRisk))
  t.ok(
    unknown.firmwareRisk.possibleVulnerabilities.some(
      (vulnerability: { id: string; because: string }) =>
        vulnerability.id === 'CVE-2021-36260' && vulnerability.because === 'maker-not-resolved',
    ),
  )
  h.setKnowledge(before)
  await pass()
})

/** Beyond every limit; as a regular expression it takes longer than there is time. */
const ATTACK = `${'(A)'.repeat(66)}`

t.test(
  'a model pattern beyond its limits is refused at every door, with the field and the limit',
  async (t) => {
    const many = Array.from({ length: 201 }, (_, i) => `A${i}`)
    const deep = ['A', `${'(A)'.repeat(17)}B`, '((((A))))']
    const refusals = [
      '/models/1 must have at most 16 optional groups, not 17',
      '/models/2 must nest optional groups at most 3 deep, not 4',
    ]
    const told = ({ status, body }: Reply) => [
      status,
      ...body.errors.map(({ pointer, message }: Record<string, string>) => `${pointer} ${message}`),
    ]
    const kept = await post('/v1/firmware-releases', image({ sha256: 'cd'.repeat(32) }))
    const granted = await post('/v1/licenses', license({ models: ['A*'] }))
    for (const [method, url, make] of [
      ['POST', '/v1/firmware-releases', image],
      ['PATCH', `/v1/firmware-releases/${kept.body.id}`, (over: object) => over],
      ['POST', '/v1/licenses', license],
      ['PATCH', `/v1/licenses/${granted.body.id}`, (over: object) => over],
    ] as const) {
      const send = (models: unknown) => h.call(method, url, { key: editor, body: make({ models }) })
      const name = `${method} ${url}`
      t.same(told(await send(deep)), [400, ...refusals], name)
      t.same(told(await send(many)), [400, '/models must have at most 200 model patterns'], name)
      t.same(
        told(await send(['A', 'B'.repeat(101)])),
        [400, '/models/1 must have at most 100 characters'],
        name,
      )
      t.match(told(await send([ATTACK]))[1], /at most/, name)
    }
    for (const { body } of [kept]) t.equal((await remove(`/v1/firmware-releases/${body.id}`)).status, 204)
    t.equal((await remove(`/v1/licenses/${granted.body.id}`)).status, 204)

    const cve = (product: string) => ({
      cveMetadata: { cveId: 'CVE-2026-90001', state: 'PUBLISHED' },
      containers: {
        cna: {
          affected: [{ vendor: 'Hikvision', product, versions: [{ version: '1.0', status: 'affected' }] }],
        },
      },
    })
    const single = await importFeed('cve', JSON.stringify(cve(`${ATTACK}1`)))
    t.equal(single.status, 422)
    t.match(single.body.detail, /CVE-2026-90001: the model pattern "\(A\).*at most 100 characters, not 199/)
    t.match((await importFeed('cve', JSON.stringify(cve(many.join(','))))).body.detail, /at most 200 model/)
    const forced = await importFeed('cve', JSON.stringify(cve(`${'(A)'.repeat(20)}1`)), json, '&force=true')
    t.equal(forced.status, 200)
    t.match(forced.body.problems, [{ message: /CVE-2026-90001: .*at most 16 optional groups/ }])
    t.equal((await get('/v1/advisories/CVE-2026-90001')).status, 404, 'nothing of it is taken')
  },
)

t.test('text of every awkward kind, as long as is taken, is matched and screened in a moment', async (t) => {
  const units = [
    'a',
    '0',
    '1.',
    '(',
    '[',
    '#:',
    '.AA:',
    '\t',
    '\u0301',
    '海康a',
    'hikvision 中',
    'http://',
    'not ',
    'x',
  ]
  for (const unit of units) {
    const text = (most: number) => `A${unit.repeat(most).slice(0, most - 3)}!Z`
    const from = performance.now()
    const url = `/v1/manufacturers/match?name=${encodeURIComponent(text(1_000))}`
    t.equal((await get(url)).status, 200)
    const item = { manufacturer: text(200), model: text(200), firmwareVersion: text(200), name: text(200) }
    const { status, body } = await post('/v1/screen?include=all', {
      items: [item, { ...item, manufacturer: 'Hikvision' }],
    })
    t.equal(status, 200)
    const millis = performance.now() - from
    t.ok(millis < 5_000, `${JSON.stringify(unit)} took ${millis.toFixed(0)} ms`)
    t.notMatch(
      JSON.stringify(body.items[1].firmwareRisk.vulnerabilities),
      /"status":"affected"/,
      'nothing is convicted',
    )
    t.ok(
      body.items[1].firmwareRisk.missingFacts.includes('comparableModel'),
      'a model that is too long is told',
    )
  }
  const long = 'A'.repeat(1_000_000)
  const refused = await post('/v1/screen?include=all', { items: [{ manufacturer: long, model: long }] })
  t.same(errors(refused), ['/items/0/manufacturer too-big', '/items/0/model too-big'])
})

t.test('a record that a feed holds and that cannot be read withdraws nothing', async (t) => {
  const branch = (id: string, name: string) => ({
    category: 'product_name',
    name,
    product: { product_id: id },
  })
  const document = (...products: string[]) =>
    JSON.stringify({
      document: { title: 'Two vulnerabilities', tracking: { id: 'ICSA-26-001-01' } },
      product_tree: {
        branches: [
          { category: 'vendor', name: 'Hikvision', branches: products.map((p, i) => branch(`P${i}`, p)) },
        ],
      },
      vulnerabilities: products.map((_, i) => ({
        cve: `CVE-2026-8000${i}`,
        product_status: { known_affected: [`P${i}`] },
      })),
    })
  const names = ['A1', 'A2', 'A3', 'A4', 'A5']
  t.equal((await importFeed('csaf', document(...names))).status, 200)
  const reply = await importFeed('csaf', document(`${ATTACK}1`, ...names.slice(1)))
  t.equal(reply.status, 200)
  t.match(reply.body, {
    withdrawn: [],
    problems: [{ pointer: '/vulnerabilities/0', message: /^CVE-2026-80000: the model pattern/ }],
  })
  t.match((await get('/v1/advisories/CVE-2026-80000')).body.claims, [{ models: ['A1'] }])

  const catalogue = JSON.parse(fixture('kev.json'))
  await importFeed('kev', fixture('kev.json'))
  const [first, ...others] = catalogue.vulnerabilities
  const spoilt = { ...catalogue, vulnerabilities: [{ ...first, dueDate: 'soon' }, ...others] }
  const kev = await importFeed('kev', JSON.stringify(spoilt))
  t.match([kev.status, kev.body.withdrawn, kev.body.counts.problems], [200, [], 1])
})

t.test('patterns beyond the limits that are stored already match nothing and stop nothing', async (t) => {
  const town = await h.jurisdiction({ name: 'Attackville' })
  const clerk = await h.key('city-editor', town)
  const target = camera({ assetTag: 'ATTACKED', model: 'AAAAAAAA-B', firmwareVersion: null })
  t.equal((await post('/v1/devices', target, clerk)).status, 201)
  const models = [ATTACK, 'AAAAAAAA-B', `${'(((((A'.repeat(3)}${')'.repeat(15)}`]
  const rowId = (n: number) => `019f0000-0000-7000-8000-00000000000${n}`
  const documents = {
    release: { releasedOn: null, publisher: null, signer: null, ...image(), models },
    license: {
      ...license(),
      status: 'active',
      products: 'any',
      territory: 'any',
      statusSince: null,
      conditions: [],
      reportingDue: [],
      documentSha256: null,
      supersedes: null,
      models,
    },
    advisory: (id: string) => ({
      id,
      title: null,
      publishedOn: '2026-01-01',
      cvss: 9.8,
      knownExploited: null,
      fix: 'unknown',
      references: [],
      claims: [
        {
          source: id,
          container: 'curated',
          citation: 'a row of before',
          maker: 'hikvision',
          product: 'A',
          models: [ATTACK],
          deviceClasses: null,
          rule: { kind: 'any' },
          fix: null,
        },
      ],
    }),
  }
  const held = { owner: town, release: rowId(1), license: rowId(2) }
  const shared = { owner: OPERATOR_ID, release: rowId(3), license: rowId(4) }
  const within = ({ owner }: { owner: string }, statement: SQL) =>
    owner === town
      ? h.database.inJurisdiction(town, (tx) => tx.execute(statement))
      : h.database.asOperator((tx) => tx.execute(statement))
  for (const { owner, release, license } of [held, shared]) {
    await within(
      { owner },
      sql`insert into firmware_releases (jurisdiction_id, id, manufacturer_id, firmware_version, doc, created_at,
        updated_at) values (${owner}::uuid, ${release}::uuid, 'hikvision', 'x',
        ${JSON.stringify(documents.release)}::jsonb, now(), now())`,
    )
    await within(
      { owner },
      sql`insert into licenses (jurisdiction_id, id, regime_id, number, status, doc, created_at, updated_at)
        values (${owner}::uuid, ${license}::uuid, 'ofac-sdn', 'GL', 'active',
        ${JSON.stringify(documents.license)}::jsonb, now(), now())`,
    )
  }
  await h.database.asOperator((tx) =>
    tx.execute(sql`insert into advisories (feed, document, advisory_id, makers, is_known_exploited, doc,
      import_version) values ('nvd', '', 'CVE-2026-70001', '{hikvision}', false,
      ${JSON.stringify(documents.advisory('CVE-2026-70001'))}::jsonb, 1)`),
  )
  // What the next start does: read all of it.
  const { firmware } = await readKnowledge(h.database, registrantOf)
  t.same([...firmware.unread].sort(), [
    'advisory CVE-2026-70001',
    `firmware release ${shared.release}`,
    `license ${shared.license}`,
  ])
  const before = h.knowledge()
  h.setKnowledge({ ...before, version: before.version + 1, firmware })
  await pass()
  const [from, work] = [performance.now(), await get(`/v1/firmware-risks?jurisdictionId=${town}`, clerk)]
  const millis = performance.now() - from
  t.equal(work.status, 200)
  t.ok(millis < 2_000, `the work list came in ${millis.toFixed(0)} ms`)
  const { body } = await get('/v1/devices?assetTag=ATTACKED', clerk)
  t.notMatch(JSON.stringify(body), /CVE-2026-70001/, 'a pattern that is not read accuses nobody')
  for (const [url, id] of [
    ['/v1/firmware-releases', held.release],
    ['/v1/licenses', held.license],
    ['/v1/firmware-releases', shared.release],
    ['/v1/licenses', shared.license],
  ]) {
    t.same(
      (await get(`${url}/${id}`, clerk)).body.warnings.map((one: { pointer: string }) => one.pointer),
      ['/models/0', '/models/2'],
      `${url} names what is not read`,
    )
  }
  const most = JSON.stringify(Array.from({ length: 9_999 }, (_, i) => `B${i}`))
  const full = sql`set doc = jsonb_set(doc, '{models}', ${most}::jsonb) where id`
  await within(held, sql`update firmware_releases ${full} = ${held.release}::uuid`)
  await within(held, sql`update licenses ${full} = ${held.license}::uuid`)
  for (const [url, make] of [
    ['/v1/firmware-releases', (models: string[]) => image({ sha256: 'ef'.repeat(32), models })],
    ['/v1/licenses', (models: string[]) => license({ models })],
  ] as const) {
    const refused = await post(url, make(['A', 'B']), clerk)
    t.match([refused.status, refused.body.errors], [400, [{ pointer: '/models', code: 'too-many-patterns' }]])
    t.match(refused.body.errors[0].message, /at most 10000 model patterns .* has 9999/)
    t.equal((await post(url, make(['A']), clerk)).status, 201, 'as many as there is room for')
  }
  const kept = await patch(`/v1/firmware-releases/${held.release}`, { heldAt: 'vault 9' }, clerk)
  t.equal(kept.status, 200, 'another field of it can still be changed')
  await h.database.asOperator((tx) =>
    tx.execute(sql`delete from advisories where advisory_id = 'CVE-2026-70001'`),
  )
  for (const one of [held, shared]) {
    await within(one, sql`delete from firmware_releases where id = ${one.release}::uuid`)
    await within(one, sql`delete from licenses where id = ${one.license}::uuid`)
  }
  h.setKnowledge({ ...before, version: before.version + 2 })
  await pass()
})

const QUEUES = [
  'exploited-unpatchable',
  'exploited-patch-before-cut-off',
  'exploited-patchable',
  'save-images-before-cut-off',
  'restricted',
  'review',
  'none',
]

interface PresentedPatch {
  readonly deviceId: string
  readonly level: string
  readonly outlook: string
  readonly patch: {
    readonly answer: string
    readonly why: string
    readonly closes: readonly string[]
    readonly leavesOpen: readonly string[]
  }
}
interface PresentedCount {
  readonly id: string
  readonly devices: number
  readonly fix: { readonly yes: number; readonly no: number; readonly unknown: number }
}
interface PresentedRisk {
  readonly level: string
  readonly score: number
  readonly urgency: string
  readonly queue: string
  readonly reasons: readonly { readonly code: string; readonly about: string | null }[]
  readonly vulnerabilities: readonly { readonly id: string }[]
}

interface PresentedWork {
  readonly deviceId: string
  readonly siteId: string | null
  readonly assetTag: string | null
  readonly model: string | null
  readonly maker: string | null
  readonly brand: string | null
  readonly queue: string
  readonly level: string
  readonly band: string
  readonly urgency: string
  readonly needsReview: boolean
  readonly score: number
  readonly dueOn: string | null
  readonly channel: string | null
  readonly action: string
  readonly fix: { readonly from: string } | null
}

interface PresentedSite {
  readonly siteId: string | null
  readonly devices: number
  readonly queues: Readonly<Record<string, number>>
}

t.test('a past day is answered with what was known then, whatever has been imported since', async (t) => {
  const ask = async (asOf: string) => {
    const { body } = await post('/v1/screen?include=all', { asOf, items: [camera()] })
    const { vulnerabilities, missingFacts } = body.items[0].firmwareRisk
    return {
      vulnerabilities: vulnerabilities.map((one: { id: string; isKnownExploited: boolean }) =>
        one.isKnownExploited ? `${one.id} exploited` : one.id,
      ),
      missingFacts,
    }
  }
  t.same((await ask('2021-06-01')).vulnerabilities.includes('CVE-2021-36260'), false)
  t.ok((await ask('2021-12-01')).vulnerabilities.includes('CVE-2021-36260'))
  t.ok((await ask('2022-02-01')).vulnerabilities.includes('CVE-2021-36260 exploited'))
  const days = ['2021-06-01', '2022-02-01', '2026-11-08']
  const before = await Promise.all(days.map(ask))
  const record = JSON.parse(fixture('cve.json')).find(
    ({ containers }: { containers: { cna: { affected?: { vendor: string }[] } } }) =>
      containers.cna.affected?.some(({ vendor }) => /hikvision/i.test(vendor)),
  )
  const imported = await importFeed(
    'cve',
    JSON.stringify({
      ...record,
      cveMetadata: { ...record.cveMetadata, cveId: 'CVE-2026-88888', datePublished: '2026-11-10T09:00:00Z' },
    }),
  )
  t.match(imported.body, { isChanged: true, counts: { added: 1 } })
  t.same(await Promise.all(days.map(ask)), before)
})

t.test(
  'how likely it is that a vulnerability is exploited ranks, with the number that says so',
  async (t) => {
    const own = await h.jurisdiction({ name: 'Likely', state: 'NY', timezone: 'America/New_York' })
    const key = await h.key('city-editor', own)
    const camera = {
      manufacturer: 'Dahua',
      model: 'IPC-HFW1230S',
      firmwareVersion: 'V2.800.0000000.16.R, Build Date 2020-01-01',
      purpose: 'public-safety',
      networkExposure: 'routed',
    }
    const { body: device } = await post('/v1/devices', camera, key)
    const risk = async () => (await get(`/v1/devices/${device.id}`, key)).body.firmwareRisk
    const id = 'CVE-2025-31700'
    const before = await risk()
    t.ok(before.vulnerabilities.some((one: { id: string }) => one.id === id))

    const epss = (score: number, day = '2026-11-23') =>
      [
        `#model_version:v2025.03.14,score_date:${day}T12:55:00Z`,
        'cve,epss,percentile',
        `${id},${score},0.97312`,
        'CVE-1999-0001,0.01,0.5',
        '',
      ].join('\n')
    const imported = await importFeed('epss', epss(0.61), csv)
    t.equal(imported.status, 200, imported.text.slice(0, 300))
    t.match(
      imported.body.counts,
      { statements: 1, added: 1, problems: 0 },
      'of those that some feed tells of',
    )
    t.ok(imported.body.touched.devices >= 1)
    t.ok(imported.body.touched.makers.includes('dahua'))
    await pass()
    const after = await risk()
    const part = after.parts.find(({ code }: { code: string }) => code === 'epss')
    t.match(part, { points: 4, text: /CVE-2025-31700: 61\.0 % chance .* \(EPSS of 2026-11-23\)/ })
    t.equal(after.score, Math.min(100, before.score + 4))
    t.match(
      after.vulnerabilities.find((one: { id: string }) => one.id === id),
      { epss: { score: 0.61, percentile: 0.97312, on: '2026-11-23' } },
    )
    t.equal((await get(`/v1/advisories/${id}`, key)).body.epss.score, 0.61)
    const counted = (await get(`/v1/patch-answers/vulnerabilities?vulnerability=${id}`, key)).body.items[0]
    t.match(counted, { id, epss: 0.61, ssvc: null, devices: 1 })
    const past = (await get(`/v1/devices/${device.id}?asOf=2026-11-24`, key)).body.firmwareRisk
    t.ok(past.parts.some(({ code }: { code: string }) => code === 'epss'))

    t.equal((await importFeed('epss', epss(0.61), csv)).body.isChanged, false)
    t.equal(
      (await importFeed('epss', epss(0.1, '2026-11-20'), csv)).status,
      422,
      'an older day replaces nothing',
    )
    t.equal((await importFeed('epss', '{}', json)).status, 415)
    for (const text of ['cve,epss\nCVE-2025-31700,0.5', epss(7)])
      t.equal((await importFeed('epss', text, csv)).status, 422, text.slice(0, 40))

    const record = {
      cveMetadata: {
        cveId: id,
        state: 'PUBLISHED',
        datePublished: '2025-07-23T00:00:00Z',
        dateUpdated: '2026-11-22T00:00:00Z',
      },
      containers: {
        cna: { affected: [] },
        adp: [
          {
            providerMetadata: { shortName: 'CISA-ADP' },
            metrics: [
              {
                other: {
                  type: 'ssvc',
                  content: {
                    timestamp: '2026-11-21T10:00:00Z',
                    options: [
                      { Exploitation: 'active' },
                      { Automatable: 'yes' },
                      { 'Technical Impact': 'total' },
                    ],
                  },
                },
              },
            ],
          },
        ],
      },
    }
    t.equal((await importFeed('cve', JSON.stringify(record))).status, 200)
    await pass()
    const decided = await risk()
    t.match(
      decided.parts.find(({ code }: { code: string }) => code === 'ssvc'),
      { points: 4, text: 'CVE-2025-31700: exploited, can be automated (CISA SSVC)' },
    )
    t.ok(decided.score > after.score || decided.score === 100)
    t.match((await get(`/v1/patch-answers/vulnerabilities?vulnerability=${id}`, key)).body.items[0], {
      ssvc: 'active',
    })
  },
)

t.test('what is open goes out as VEX, with what is done about it', async (t) => {
  const own = await h.jurisdiction({ name: 'Vexford', state: 'NY', timezone: 'America/New_York' })
  const key = await h.key('city-editor', own)
  const camera = {
    manufacturer: 'Dahua',
    model: 'IPC-HFW1230S',
    firmwareVersion: 'V2.800.0000000.16.R, Build Date 2020-01-01',
    purpose: 'public-safety',
  }
  const ids: string[] = []
  for (const assetTag of ['V-1', 'V-2', 'V-3'])
    ids.push((await post('/v1/devices', { ...camera, assetTag }, key)).body.id)
  await post('/v1/devices', { ...camera, assetTag: 'V-4', manufacturer: 'Axis', model: 'P3245-LVE' }, key)
  const treated = await post(
    '/v1/risk-treatments',
    {
      kind: 'compensating-control',
      title: 'Own VLAN without a way out',
      owner: 'Network office',
      deviceIds: [ids[2]],
      vulnerabilities: ['CVE-2025-31700'],
      evidence: [{ text: 'Firewall rule 12', on: '2026-11-20' }],
      verifiedOn: '2026-11-20',
      verifiedBy: 'A. Auditor',
      beginsOn: '2026-11-20',
      expiresOn: '2027-11-20',
    },
    key,
  )
  t.equal(treated.status, 201, treated.text.slice(0, 300))
  await pass()
  const order = async (query = '') => {
    const tags: string[] = []
    for (let cursor = ''; cursor !== null; ) {
      const after = cursor && `&cursor=${encodeURIComponent(cursor)}`
      const { body } = await get(`/v1/firmware-risks?maker=dahua&limit=1${query}${after}`, key)
      tags.push(...body.items.map((one: { assetTag: string }) => one.assetTag))
      cursor = body.nextCursor
    }
    return tags
  }
  const listed = (await get('/v1/firmware-risks?maker=dahua', key)).body.items
  t.match(
    listed.find((one: { assetTag: string }) => one.assetTag === 'V-3'),
    { treatments: [{ kind: 'compensating-control', isVerified: true, expiresOn: '2027-11-20' }] },
  )
  t.same(
    await order(),
    ['V-1', 'V-2', 'V-3'],
    'each once, page by page; of V-3 all that is open is controlled',
  )
  const accept = {
    ...{ kind: 'risk-acceptance', title: 'Replaced in spring', owner: 'Chief of police' },
    ...{ deviceIds: [ids[0]], evidence: [{ text: 'Memo 4', on: '2026-11-20' }] },
    ...{ beginsOn: '2026-11-20', expiresOn: '2026-12-31' },
  }
  const accepted = await post('/v1/risk-treatments', accept, key)
  t.equal(accepted.status, 201, accepted.text)
  t.same(await order(), ['V-2', 'V-1', 'V-3'], 'what is treated comes last in its queue')
  // And can be asked for: in the list of work, in answers on patches, in their counts and as a file.
  t.same(await order('&treated=true'), ['V-1', 'V-3'])
  t.same(await order('&treated=false'), ['V-2'])
  const sheet = await get('/v1/patch-answers?maker=dahua&treated=true', key, { accept: 'text/csv' })
  t.match(sheet.text, /V-1,.*Replaced in spring \(Chief of police, through 2026-12-31\)/)
  t.notMatch(sheet.text, /V-2,/)
  const counted = async (which: string) =>
    (await get(`/v1/patch-answers/vulnerabilities?maker=dahua&treated=${which}`, key)).body.items.map(
      (one: { devices: number }) => one.devices,
    )
  t.ok((await counted('true')).every((devices: number) => devices <= 2))
  t.same(new Set(await counted('false')), new Set([1]))
  t.equal(
    (await patch(`/v1/risk-treatments/${accepted.body.id}`, { endedOn: '2026-11-24' }, key)).status,
    200,
  )
  t.same(await order(), ['V-1', 'V-2', 'V-3'], 'and where it was, once that has ended')
  // Of other makers earlier tests brought advisories.
  const answered = await get('/v1/firmware-risks/vex?maker=dahua', key)
  t.equal(answered.status, 200)
  t.match(answered.headers['content-type'], /^application\/vnd\.cyclonedx\+json; version="?1\.6/)
  const vex = answered.body
  t.match(vex, { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 })
  t.same(cycloneDxErrors(vex), [], 'follows the published schema')
  t.match(
    cycloneDxErrors({ ...vex, components: [{ name: 'no type' }] }).map(({ instancePath }) => instancePath),
    ['/components/0'],
    'which refuses what is wrong',
  )
  t.match(vex.serialNumber, /^urn:uuid:[0-9a-f-]{36}$/)
  const numbers = vex.components.map(
    ({ properties }: { properties: { value: string }[] }) => properties[0]!.value,
  )
  t.same(
    numbers.toSorted(),
    ['1', '2'],
    'devices that are alike are one component, but for what is done on them',
  )
  t.ok(vex.components.every(({ name }: { name: string }) => name === 'IPC-HFW1230S'))
  const of = (id: string) => vex.vulnerabilities.filter((one: { id: string }) => one.id === id)
  const entries = of('CVE-2025-31700')
  t.same(
    entries.map(({ affects }: { affects: unknown[] }) => affects.length),
    [1, 1],
  )
  t.ok(entries.every(({ analysis }: { analysis: { state: string } }) => analysis.state === 'exploitable'))
  const controlled = entries.find(({ analysis }: { analysis: { response: string[] } }) =>
    analysis.response.includes('workaround_available'),
  )
  t.match(
    controlled.analysis.detail,
    /Control, verified: Own VLAN without a way out \(Network office, through 2027-11-20\)/,
  )
  const refs = new Set(vex.components.map((one: Record<string, string>) => one['bom-ref']))
  t.ok(
    vex.vulnerabilities.every(({ affects }: { affects: { ref: string }[] }) =>
      affects.every(({ ref }) => refs.has(ref)),
    ),
  )
  const STATES = ['exploitable', 'in_triage']
  const RESPONSES = ['can_not_fix', 'will_not_fix', 'update', 'rollback', 'workaround_available']
  for (const { analysis } of vex.vulnerabilities) {
    t.ok(STATES.includes(analysis.state))
    t.ok(analysis.response.every((one: string) => RESPONSES.includes(one)))
  }
  t.equal(
    (await get('/v1/firmware-risks/vex?maker=dahua', key)).body.serialNumber,
    vex.serialNumber,
    'the same, the same',
  )
  const one = (await get('/v1/firmware-risks/vex?vulnerability=CVE-2025-31700&maker=dahua', key)).body
  t.equal(one.components.length, 2)
  t.same((await get('/v1/firmware-risks/vex', neighbour)).body.components, [], 'nobody else’s devices')
  t.equal((await get('/v1/firmware-risks/vex?maker=nobody', key)).status, 400)
})
