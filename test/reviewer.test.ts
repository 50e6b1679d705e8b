/** A reviewer's questions, asked as docs/reviewer.md says, of two cities: awards, dollars, designation, past days, a package. */
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { blocksOf } from './support/documented-commands.ts'
import { harness } from './support/harness.ts'

t.setTimeout(1_200_000)

const h = await harness(t)
h.setNow('2026-12-01T15:00:00Z')
const river = await h.jurisdiction({ name: 'Riverbend', state: 'OH' })
const elsewhere = await h.jurisdiction({ name: 'Elsewhere', state: 'TX' })
const reviewer = await h.key('federal-reviewer', 'all')

async function register(city: string, assetTag: string, over: object) {
  const key = await h.key('city-editor', city)
  const made = await h.call('POST', '/v1/devices', {
    key,
    body: { assetTag, fundingSource: 'federal-grant', ...over },
  })
  if (made.status !== 201) throw new Error(made.text)
}
const paid = (dollars: number, obligatedOn: string | null) => ({
  obligatedOn,
  acquiredOn: obligatedOn,
  acquisitionCostCents: dollars * 100,
  currency: 'USD',
})
const award = { awardNumber: 'EMW-2021-SS-00017', assistanceListing: '97.067', passThroughEntity: 'Ohio EMA' }
await register(river, 'R-1', { manufacturer: 'Dahua', ...award, ...paid(500, '2021-03-04') })
await register(river, 'R-2', { manufacturer: 'Dahua', ...award, ...paid(700, '2021-11-02') })
await register(river, 'R-3', { manufacturer: 'Dahua', ...paid(900, '2020-08-13') })
await register(river, 'R-4', { manufacturer: 'Axis', ...award, ...paid(300, '2021-03-04') })
await register(elsewhere, 'E-1', {
  manufacturer: 'Dahua',
  obligatedOn: '2022-02-02',
  acquiredOn: '2022-02-02',
})
await register(elsewhere, 'E-2', { manufacturer: 'Dahua', ...paid(400, null), acquiredOn: null })
await register(elsewhere, 'E-3', {
  manufacturer: 'Dahua',
  obligatedOn: '2022-02-02',
  acquiredOn: '2022-02-02',
  acquisitionCostCents: 250,
  currency: 'EUR',
})

const text = readFileSync('docs/reviewer.md', 'utf8')
const commands = blocksOf(text).flatMap((block) => block.text.split('\n'))

/** The addresses that the document asks, by how they begin. */
const asked = (start: string): string[] =>
  commands.flatMap((line) => /^get '([^']+)'/.exec(line)?.[1] ?? []).filter((url) => url.startsWith(start))
const bodyOf = (path: string): object => {
  const line = commands.find((one) => one.includes(`localhost:8080${path} `) && one.includes(" -d '"))!
  return JSON.parse(/ -d '(.*)'$/.exec(line)![1]!) as object
}
const get = async (url: string) => {
  const { status, body, text: answer } = await h.call('GET', url, { key: reviewer })
  if (status !== 200) throw new Error(`${url}: ${answer}`)
  return body
}

t.test('one maker with federal money after a day, in every city, with award and cost', async (t) => {
  const { items } = await get(asked('/v1/devices?candidate')[0]!)
  t.same(items.map(({ assetTag }: { assetTag: string }) => assetTag).toSorted(), ['E-1', 'E-3', 'R-1', 'R-2'])
  t.match(
    items.find(({ assetTag }: { assetTag: string }) => assetTag === 'R-1'),
    {
      acquisitionCostCents: 50_000,
      ...award,
      obligatedOn: '2021-03-04',
    },
  )
  const unknown = await get('/v1/devices?candidate=dahua&obligatedOn__empty=true')
  t.same(
    unknown.items.map(({ assetTag }: { assetTag: string }) => assetTag),
    ['E-2'],
  )
  t.equal(
    (await get('/v1/devices?obligatedFrom=2021-03-04&obligatedTo=2021-03-04')).items.length,
    0,
    'the first day outside',
  )
  t.equal((await get(`/v1/devices?awardNumber=${award.awardNumber}`)).items.length, 3)
})

t.test('who is hit by a designation, city by city', async (t) => {
  const { status, body } = await h.call('POST', '/v1/scenarios', {
    key: reviewer,
    body: bodyOf('/v1/scenarios'),
  })
  t.equal(status, 201)
  t.equal(body.cities.length, 2)
})

t.test('the law of a day, and of a day before the register by itself', async (t) => {
  const { items } = await get(asked('/v1/devices?maker')[0]!)
  t.equal(items.length, 6)
  t.ok(items[0].determinations.length > 0)
  const screened = await h.call('POST', '/v1/screen', {
    key: reviewer,
    body: { asOf: '2019-01-01', items: [{ manufacturer: 'Dahua' }] },
  })
  t.equal(screened.body.asOf, '2019-01-01')
})

t.test(
  'totals have dollars beside counts, each device once in a total, today and on a past day',
  async (t) => {
    const [first, second] = asked('/v1/summary')
    const states = await get(first!)
    t.same(states.totalCost, { acquisitionCostCents: { EUR: 250, USD: 280_000 }, devicesWithoutCost: 1 })
    const ohio = states.items.filter(
      ({ group }: { group: Record<string, string> }) =>
        group.state === 'OH' && group.maker === 'dahua' && group.regime === 'grant-200-216',
    )
    const unallowable = ohio.find(
      ({ group }: { group: Record<string, string> }) => group.outcome === 'unallowable',
    )
    t.match(unallowable, {
      devices: 3,
      cost: { acquisitionCostCents: { USD: 210_000 }, devicesWithoutCost: 0 },
    })

    const years = await get(second!)
    const rows = years.items.map(
      ({ group, devices, cost }: { group: Record<string, string>; devices: number; cost: object }) => ({
        year: group.federalFiscalYear,
        program: group.assistanceListing,
        devices,
        cost,
      }),
    )
    const inWords = rows.map(({ year, program, devices, cost }: Record<string, unknown>) =>
      [year, program, devices, JSON.stringify(cost)].join(' '),
    )
    t.same(
      inWords.toSorted(),
      [
        '  1 {"acquisitionCostCents":{"USD":40000},"devicesWithoutCost":0}',
        '2020  1 {"acquisitionCostCents":{"USD":90000},"devicesWithoutCost":0}',
        '2021 97.067 1 {"acquisitionCostCents":{"USD":50000},"devicesWithoutCost":0}',
        '2022  2 {"acquisitionCostCents":{"EUR":250},"devicesWithoutCost":1}',
        '2022 97.067 1 {"acquisitionCostCents":{"USD":70000},"devicesWithoutCost":0}',
      ],
      'a November is of the next fiscal year',
    )
    h.setNow('2026-12-03T15:00:00Z')
    for (const query of [
      'groupBy=regime,outcome&cost=true',
      'groupBy=obligatedYear,awardNumber&cost=true',
      'groupBy=federalFiscalYear,passThroughEntity,acquiredYear&cost=true&maker=dahua',
      'groupBy=maker',
    ]) {
      const now = await get(`/v1/summary?${query}`)
      const then = await get(`/v1/summary?${query}&asOf=2026-12-02`)
      const inOrder = (items: object[]) => items.map((item) => JSON.stringify(item)).toSorted()
      t.same(inOrder(then.items), inOrder(now.items), query)
      t.same(then.totalCost, now.totalCost)
      t.equal('totalCost' in now, query.includes('cost'))
    }
    const csv = await h.call('GET', '/v1/summary?groupBy=maker&cost=true', {
      key: reviewer,
      headers: { accept: 'text/csv' },
    })
    const records = parse(csv.text, { columns: true, bom: true }) as Record<string, string>[]
    t.match(
      records.find(({ maker }) => maker === 'dahua'),
      {
        devices: '6',
        acquisitionCost: '2.50 EUR; 2500.00 USD',
        devicesWithoutCost: '1',
      },
    )
  },
)

t.test('what changed since a day', async (t) => {
  t.equal((await get(asked('/v1/devices?updatedSince')[0]!)).items.length, 7)
  t.ok((await get('/v1/lists')).items.length > 0)
})

t.test('a package with award and cost in each finding, and the same again later', async (t) => {
  const made = await h.call('POST', '/v1/snapshots', { key: reviewer, body: bodyOf('/v1/snapshots') })
  t.match(made, { status: 201, body: { devices: 4 } })
  h.setNow('2026-12-09T15:00:00Z')
  const again = await h.call('POST', '/v1/snapshots', { key: reviewer, body: made.body.manifest.question })
  const digests = ({ manifest }: { manifest: { files: { sha256: string }[] } }) =>
    manifest.files.map(({ sha256 }) => sha256)
  t.same(digests(again.body), digests(made.body))
})

t.test('columns of a spreadsheet fill the award', async (t) => {
  const key = await h.key('city-editor', river)
  const body =
    'asset tag,manufacturer,FAIN,CFDA Number,Pass-Through Entity\nI-1,Axis,EMW-1,16.710,State Police\n'
  const sent = await h.call('POST', '/v1/imports', { key, body, headers: { 'content-type': 'text/csv' } })
  t.equal(sent.status, 201)
  const { items } = await get(
    '/v1/devices?assetTag=I-1&include=awardNumber,assistanceListing,passThroughEntity',
  )
  t.match(items, [{ awardNumber: 'EMW-1', assistanceListing: '16.710', passThroughEntity: 'State Police' }])
})
