/** Replacement planning over HTTP: what a budget officer does, and what is refused on the way. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import yauzl from 'yauzl'
import type { Tx } from '../src/db/database.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { parseCents } from '../src/lib/money.ts'
import type { StoredLine } from '../src/planning/estimate/model/job.ts'
import { simulate } from '../src/planning/estimate/model/simulate.ts'
import { estimate } from '../src/planning/estimate/model/three-point.ts'
import { restrictionOf, riskPoints } from '../src/planning/model/risk-points.ts'
import { CHARTS } from '../src/planning/outputs/model/charts/index.ts'
import { CELL_NAMES, TABLE_NAMES } from '../src/planning/outputs/template/names.ts'
import { DELAY_REASONS } from '../src/planning/progress/actual-schemas.ts'
import { buildKnowledge } from '../src/screening/knowledge.ts'
import { harness, type Reply } from './support/harness.ts'
import { readWorkbook, sheetTexts } from './support/read-workbook.ts'
import { sheetXml, workbook as xlsxOf } from './support/workbooks.ts'

// A test file that starts workers needs more than the half minute tap gives when the machine is busy.
t.setTimeout(1_200_000)

const h = await harness(t)
const NOWHERE = '01900000-0000-7000-8000-000000000000'
const RESTRICTED = ['prohibited', 'license-required', 'unallowable', 'contract-bar', 'seller-bar']

async function cityOf(values: object = {}) {
  const id = await h.jurisdiction({ state: 'MO', ...values })
  const key = await h.key('city-budget', id)
  const editor = await h.key('city-editor', id)
  const call =
    (method: string) =>
    (url: string, body?: unknown, headers: Record<string, string> = {}, as = key) => {
      // Time goes on, so that one thing comes after another.
      h.setNow(new Date(h.now().getTime() + 1000).toISOString())
      return h.call(method, url, { key: as, headers, ...(body === undefined ? {} : { body }) })
    }
  return {
    id,
    key,
    editor,
    get: (url: string, headers: Record<string, string> = {}): Promise<Reply> =>
      h.call('GET', url, { key, headers }),
    post: call('POST'),
    patch: call('PATCH'),
    remove: (url: string, headers: Record<string, string> = {}) => h.call('DELETE', url, { key, headers }),
    device: async (over: object = {}) =>
      (
        await h.call('POST', '/v1/devices', {
          key: editor,
          body: { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I', deviceClass: 'camera', ...over },
        })
      ).body,
    site: async (name: string) =>
      (await h.call('POST', '/v1/sites', { key: editor, body: { name } })).body as { id: string },
  }
}
type City = Awaited<ReturnType<typeof cityOf>>

/** Few trials keep a test quick where the simulation is not what it is about. */
const QUICK = { trials: 1000 }

async function planOf(city: City, settings: object = {}, over: object = {}) {
  plans++
  const made = await city.post('/v1/plans', {
    name: `Plan ${plans}`,
    settings: { ...QUICK, ...settings },
    ...over,
  })
  return { ...made.body, url: `/v1/plans/${made.body.id}` } as { id: string; url: string; revision: number }
}
let plans = 0

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const item of items) done.push(await work(item))
  return done
}

/** A stored line as it went into the estimate. */
function unstored({ multiplier, ...line }: StoredLine) {
  const [n, d] = multiplier.split('/') as [string, string]
  return { ...line, multiplier: { n: BigInt(n), d: BigInt(d) } }
}

const codes = (reply: Reply) =>
  (reply.body.errors ?? []).map((e: { pointer: string; code: string }) => `${e.pointer} ${e.code}`)
const type = (reply: Reply) => reply.body.type as string
const total = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0)
const binary = (city: City, url: string) =>
  h.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${city.key}` } })

/** Every paper of a plan says for which rule a device is there, where it is written, and of when the lists are. */
async function whyInPapers(
  t: Test,
  city: City,
  url: string,
  lines: readonly Record<string, string>[],
  sheet: (name: string) => readonly (readonly unknown[])[],
) {
  const cited = (rows: readonly Record<string, string>[], restriction: string) =>
    rows.filter((row) => RESTRICTED.includes(row[restriction]!))
  const restricted = cited(lines, 'restriction_level')
  t.ok(restricted.length > 0)
  for (const row of restricted) {
    t.match(row.citations, /(U\.S\.C\.|Pub\. L\.|CFR|FCC)/, `${row.site} ${row.vendor}`)
    t.match(row.rules, /^[a-z0-9-]+/)
    t.match(row.law_as_of, /^\d{4}-\d{2}-\d{2}$/)
    t.match(row.lists_read_on, /^\d{4}-\d{2}-\d{2}$/)
  }
  const ofDevices = parse((await city.get(`${url}/devices`, { accept: 'text/csv' })).text, {
    columns: true,
  }) as Record<string, string>[]
  for (const row of cited(ofDevices, 'restriction')) {
    t.not(row.citations, '', row.assetTag ?? '')
    t.equal(row.lawAsOf, lines[0]!.law_as_of)
  }
  const why = sheet('Why')
  t.ok(why.some((row) => /FCC/.test(String(row[5]))))
  t.match(String(why.at(-1)![0]), /^Law as of \S+, lists read on \S+\./)
  t.ok(
    sheet('Schedule')
      .slice(1)
      .every((row) => /\d/.test(String(row[10]))),
    'each site has its citations',
  )
  const html = (await city.get(`${url}/summary.html`)).text
  t.match(html, /Why these devices[\s\S]*FCC[\s\S]*lists read on/)
}

/** Every formula of a workbook with the result that is kept beside it. */
async function formulasOf(bytes: Buffer): Promise<{ formula: string; result: string }[]> {
  return (await sheetTexts(bytes)).flatMap((text) =>
    [...text.matchAll(/<f>([^<]*)<\/f>(?:<v>([^<]*)<\/v>)?/g)].map(([, formula, result = '']) => ({
      formula: formula!,
      result,
    })),
  )
}

/** That a page asks for this amount and no other, and that every table of amounts on it adds up as it is shown. */
function requestOn(t: Test, html: string, cents: number): void {
  const figures = [...html.matchAll(/Request: \$([\d,]+)</g)]
  t.equal(figures.length, 1, 'one figure is asked for')
  const whole = (text: string) => (text === '–' ? 0 : Number(text.replaceAll(/[$,]/g, '')))
  const bodies = [...html.matchAll(/<tbody>(?:(?!<\/tbody>)[\s\S])*?<tr class="foot">[\s\S]*?<\/tbody>/g)]
  t.ok(bodies.length >= 3, 'parts of the request, expenditure and funding')
  for (const [body] of bodies) {
    const rows = [...body.matchAll(/<tr[^>]*>([\s\S]*?)<\/tr>/g)]
      .map(([, row]) => [...row!.matchAll(/<td>([^<]*)<\/td>/g)].map(([, cell]) => whole(cell!)))
      .filter((cells) => cells.length > 0)
    const foot = rows.pop()!
    t.same(
      foot,
      foot.map((_, c) => total(rows.map((row) => row[c]!))),
      'columns add up as shown',
    )
    if (foot.length > 1)
      for (const row of [...rows, foot]) t.equal(row.at(-1), total(row.slice(0, -1)), 'rows add up as shown')
  }
  const [, asked] = figures[0]!
  t.equal(whole(asked!), Math.round(cents / 100))
  t.match(html, `<tr class="foot"><th scope="row">Request</th><td>$${asked}</td>`)
}

t.test('a budget officer goes from the imported inventory to the workbook', async (t) => {
  const city = await cityOf({ name: 'Riverbend', fiscalYearStartMonth: 10 })
  const file = fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv'))
  const imported = await city.post(
    '/v1/imports',
    readFileSync(file, 'utf8'),
    { 'content-type': 'text/csv' },
    city.editor,
  )
  t.equal(imported.status, 201)

  await city.post('/v1/funding-sources', {
    name: 'General fund',
    isFederal: false,
    priority: 20,
    yearCaps: [2027, 2028, 2029, 2030, 2031].map((fiscalYear) => ({ fiscalYear, cents: 4_500_000 })),
  })
  await city.post('/v1/funding-sources', {
    name: 'Justice assistance grant',
    isFederal: true,
    priority: 10,
    sharePercent: 75,
    totalCapCents: 3_000_000,
    citation: '34 U.S.C. 10152',
  })
  const plan = await planOf(city, { deadline: '2029-09-30' }, { projectNumber: 'CIP-27-014' })
  const filter = { outcome: RESTRICTED }
  const added = await city.post(`${plan.url}/devices`, { filter })
  t.equal(added.status, 200)
  const listed = await city.get(
    `/v1/devices?limit=1000&status=active&status=stored&${RESTRICTED.map((one) => `outcome=${one}`).join('&')}`,
  )
  t.equal(added.body.added, listed.body.items.length, 'the filter is that of /v1/devices')
  const candidate = await city.post(`${plan.url}/candidates`, { manufacturer: 'Axis', model: 'P3265-LVE' })
  t.match(candidate.body, { verdict: 'accepted', mayBePaidFederally: true, maker: 'axis' })
  await city.post(`${plan.url}/devices`, {
    filter: { ...filter, deviceClass: ['camera'] },
    candidateId: candidate.body.id,
  })

  const estimated = await city.post(`${plan.url}/estimate`)
  t.equal(estimated.status, 201)
  const scheduled = await city.post(`${plan.url}/schedule`, { seconds: 10 })
  t.equal(scheduled.status, 201)
  const schedule = scheduled.body
  t.equal(schedule.isFeasible, true)
  t.equal(schedule.outcome.years[0].from, '2026-10-01', 'a fiscal year that starts in October')
  t.equal(schedule.outcome.years[0].lastDay, '2027-09-30')

  const page = schedule.capitalPage
  t.same(page.expenditureTotal, page.fundingTotal, 'both grids of the capital page agree')
  t.equal(page.expenditureTotal.at(-1), schedule.outcome.nominalCents, 'and with the schedule')
  for (const row of [...page.expenditure, ...page.funding])
    t.equal(total(row.cents.slice(0, -1)), row.cents.at(-1), 'rows add up')
  const grant = schedule.funding.sources.find((one: { isFederal: boolean }) => one.isFederal)
  t.equal(grant.paidCents, 3_000_000, 'the grant pays for what is known not to be covered')
  t.equal(grant.matchRequiredCents, 1_000_000)
  t.equal(schedule.funding.gapCents, 0)

  const csv = parse((await city.get(`${plan.url}/lines`, { accept: 'text/csv' })).text, {
    columns: true,
  }) as Record<string, string>[]
  const budget = csv.map((row) => Number(parseCents(row.budget!)))
  t.equal(total(budget), schedule.outcome.nominalCents, 'the lines add up to the capital page')
  for (const [i, source] of page.funding.entries()) {
    const own = csv.flatMap((row, r) => (row.fund === source.source ? [budget[r]!] : []))
    t.equal(total(own), page.funding[i].cents.at(-1), `also by fund: ${source.source}`)
  }
  t.ok(
    csv.every((row) => row.fy_start!.endsWith('-10-01') && row.fy_end!.endsWith('-09-30')),
    'each with the days of its fiscal year',
  )

  const answered = await binary(city, `${plan.url}/workbook`)
  t.equal(answered.statusCode, 200)
  const sheets = await readWorkbook(answered.rawPayload)
  const sheet = (name: string) => sheets.find((one) => one.sheet === name)!.data
  t.same(
    sheets.map((one) => one.sheet),
    [
      'Summary',
      'Capital page',
      'Lines',
      'Schedule',
      'Why',
      'Funding',
      'S-curve',
      'Tornado',
      'Changes',
      'Assumptions',
      'Sources',
    ],
  )
  await whyInPapers(t, city, plan.url, csv, sheet)
  const cents = (value: unknown) => Math.round(Number(value) * 100)
  const capital = sheet('Capital page')
  const totals = capital.filter((row) => row[0] === 'Total').map((row) => row.slice(1).map(cents))
  t.same(totals, [page.expenditureTotal, page.fundingTotal], "the workbook's totals are the API's")
  const formulas = await formulasOf(answered.rawPayload)
  t.ok(formulas.length > sheet('Lines').length, 'amounts are formulas')
  t.ok(
    formulas.every(({ result }) => /^-?\d+(\.\d+)?(e-?\d+)?$/.test(result)),
    'each with what it comes to, for programs that do not calculate',
  )
  t.notMatch(formulas.map(({ formula }) => formula).join(' '), /[§"]/, 'and no text of anybody in it')
  const header = sheet('Lines')[0]!
  const named = (row: readonly unknown[], name: string) => Number(row[header.indexOf(name)])
  for (const row of sheet('Lines').slice(1)) {
    const factors = ['Quantity', 'Unit price', 'Multiplier', 'Rise of prices', 'Part'].map((name) =>
      named(row, name),
    )
    t.equal(
      cents(factors.reduce((a, b) => a * b)),
      cents(named(row, 'Expected')),
      'quantity times unit price and factors is what is expected',
    )
    t.equal(cents(named(row, 'Expected') * named(row, 'Budget factor')), cents(named(row, 'Budget')))
    t.equal(
      cents(named(row, 'Engineering')) + cents(named(row, 'Administration')) + cents(named(row, 'Own')),
      cents(named(row, 'Expected')),
    )
  }
  const hours = sheet('Lines').find((row) =>
    row[header.indexOf('Description')]?.toString().startsWith('Setting up one camera'),
  )!
  t.equal(hours[header.indexOf('Unit')], 'hour')
  t.equal(named(hours, 'Quantity') % 0.75, 0, 'hours, not cameras')
  t.match(sheet('Schedule')[1]![4], /^\d{4}-\d{2}-\d{2}$/, 'days are dates')
  const column = header.indexOf('Budget')
  t.equal(
    total(
      sheet('Lines')
        .slice(1)
        .map((row) => cents(row[column])),
    ),
    schedule.outcome.nominalCents,
  )
  t.equal(cents(sheet('Summary').find((row) => row[0] === 'Request')![1]), schedule.outcome.nominalCents)
  const figure = (name: string) => cents(sheet('Summary').find((row) => row[0] === name)![1])
  t.equal(figure('P80'), estimated.body.percentiles.find((p: { percent: number }) => p.percent === 80).cents)
  t.equal(figure('Budget (P80)'), estimated.body.atConfidenceCents)
  t.equal(figure('Planned spending, all years'), schedule.outcome.nominalCents)
  t.equal(sheet('Schedule').length - 1, schedule.sites.length)

  const html = (await city.get(`${plan.url}/summary.html`)).text
  requestOn(t, html, schedule.outcome.nominalCents)
  t.match(html, '80 in 100 chance that it suffices')
  t.match(html, /<dt>The law<\/dt><dd>2 CFR 200\.216[^<]*\d+ devices/)
  t.match(html, /<dt>Made by<\/dt><dd>[^<]*Hikvision \(\d+\)/)
  t.match(html, /<dt>Deadline<\/dt><dd>Kept\. /)
  t.match(html, /<dt>Waiting a year<\/dt><dd>\$[\d,]+ more at 3 % a year/)
  t.notMatch(html, /\b(CAM|VMS|INF|LAB|HRS|DSP|SFT)-[A-Z]/, 'words, not codes')
  t.notMatch(html.replace(/<details>[\s\S]*<\/details>/, ''), /\$[\d,]+\.\d\d/, 'no cents on a range')
  t.match(html, /<html lang="en">[\s\S]*<caption>[\s\S]*scope="col"[\s\S]*<\/html>/)
  t.notMatch(html, /src=|href=|@import/, 'it needs nothing else')

  for (const name of CHARTS) {
    const svg = await city.get(`${plan.url}/charts/${name}.svg`)
    t.match(svg.headers['content-type'], 'image/svg+xml')
    t.match(
      svg.text,
      /^<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)"[\s\S]*<title id="\1">[\s\S]*<desc id="\2">/,
    )
    t.match(svg.text, /<pattern /, 'told apart without color')
    const table = await city.get(`${plan.url}/charts/${name}.json`)
    const rows = parse((await city.get(`${plan.url}/charts/${name}.csv`)).text) as string[][]
    t.equal(rows.length, table.body.rows.length + 1, `${name}: the same numbers as CSV`)
  }
  const spend = (await city.get(`${plan.url}/charts/spend.json`)).body
  const sums = spend.rows.map((row: number[]) => row[spend.columns.indexOf('total (cents)')])
  t.same(sums, page.expenditureTotal.slice(1, -1), 'the chart draws the capital page')
})

t.test("a city's quote takes the place of a default price for that city, with the difference", async (t) => {
  const city = await cityOf()
  const find = async (code: string, key = city) =>
    (await key.get('/v1/cost-catalog')).body.items.find((item: { code: string }) => item.code === code)
  const before = await find('CAM-PTZ')
  t.match(before, { basis: 'catalog', quote: null, difference: null, isStale: false })
  t.equal((await find('LAB-TECH')).isStale, true, 'evidence of 2021 is stale')
  const made = await city.post('/v1/cost-catalog/quotes', {
    code: 'CAM-PTZ',
    basis: 'vendor-quote',
    low: 200_000,
    expected: 360_000,
    high: 500_000,
    quotedOn: '2026-11-01',
    source: 'Quote 4711',
  })
  t.equal(made.status, 201)
  const after = await find('CAM-PTZ')
  t.match(after, {
    basis: 'vendor-quote',
    expected: 360_000,
    default: { expected: 400_000 },
    difference: { expected: -40_000, expectedRatio: -0.1 },
  })
  t.equal((await find('CAM-PTZ', await cityOf())).basis, 'catalog', 'no other city is touched')

  const exported = await city.get('/v1/cost-catalog', { accept: 'text/csv' })
  t.match(exported.text, /^code,category,description,unit,low,expected,high/)
  const again = await city.post('/v1/cost-catalog/import', exported.text, { 'content-type': 'text/csv' })
  t.match(again.body, { created: 0, unchanged: 88 }, 'an export sent back changes nothing')
  const edited = exported.text.replace(
    /^(CAM-BOX,.*?),600\.00,1000\.00,1900\.00,/m,
    '$1,500.00,900.00,1500.00,',
  )
  const loaded = await city.post('/v1/cost-catalog/import', edited, { 'content-type': 'text/csv' })
  t.match(loaded.body, { created: 1, items: [{ code: 'CAM-BOX', expected: 90_000, quotedOn: '2026-11-24' }] })

  for (const [over, wrong] of [
    [{ low: 400_000 }, '/ unplannable'],
    [{ expected: 1.5 }, '/ unplannable'],
    [{ code: 'CAM-NONE' }, '/code unplannable'],
    [{ quotedOn: '2027-02-29' }, '/quotedOn custom'],
    [{ validUntil: '2026-10-01' }, '/validUntil before-start'],
  ] as const) {
    const refused = await city.post('/v1/cost-catalog/quotes', {
      code: 'CAM-PTZ',
      basis: 'vendor-quote',
      low: 1,
      expected: 2,
      high: 3,
      quotedOn: '2026-11-01',
      source: 'x',
      ...over,
    })
    t.equal(refused.status, 400)
    t.match(codes(refused)[0], wrong.replace('/ ', ''), JSON.stringify(over))
  }
  const csv = { 'content-type': 'text/csv' }
  const bad = await city.post(
    '/v1/cost-catalog/import',
    'code,low,expected,high\nCAM-PTZ,9,2,3\nNOPE,1,2,3\nCAM-BOX,1,two,3\nCAM-DOME-IN,1,2,3\n',
    csv,
  )
  t.equal(bad.status, 400)
  t.same(
    bad.body.errors.map((e: { pointer: string }) => e.pointer),
    ['/rows/1/expected', '/rows/2/code', '/rows/3/expected'],
    'every wrong cell by row, a low above the expected among them',
  )
  const shifted = await city.post(
    '/v1/cost-catalog/import',
    'code,low,expected,high\nCAM-PTZ,1,200,1,900,3,000\nCAM-BOX,1,2,"3\nCAM-DOME-IN,1,2,3\n',
    csv,
  )
  t.match(
    [shifted.status, shifted.body.errors],
    [
      400,
      [
        { pointer: '/rows/1', code: 'broken-row', message: /7 cells .* delimiter in it needs quotes/ },
        { pointer: '/rows/2', code: 'broken-row', message: /quote is opened/ },
      ],
    ],
    'a comma in an amount moves the cells behind it: no price is read from such a row',
  )
  t.equal((await find('CAM-DOME-IN')).basis, 'catalog', 'all or none')
  t.equal(
    type(await city.post('/v1/cost-catalog/import', 'code,low\nA,1\n', csv)),
    '/problems/unreadable-file',
  )
  t.equal(type(await city.post('/v1/cost-catalog/import', '', csv)), '/problems/unreadable-file')
  t.equal((await city.post('/v1/cost-catalog/import', { a: 1 })).status, 415)
  t.equal(
    type(
      await city.post('/v1/cost-catalog/quotes', {
        code: 'CAM-PTZ',
        basis: 'vendor-quote',
        currency: 'EUR',
        low: 1,
        expected: 2,
        high: 3,
        quotedOn: '2026-11-01',
        source: 'x',
      }),
    ),
    '/problems/currency-mismatch',
  )
  t.equal((await city.remove(`/v1/cost-catalog/quotes/${made.body.id}`)).status, 204)
  t.equal((await find('CAM-PTZ')).basis, 'catalog')
  t.equal((await city.remove(`/v1/cost-catalog/quotes/${made.body.id}`)).status, 404)
  t.equal((await city.get('/v1/cost-catalog', { accept: 'image/png' })).status, 406)
  t.equal(
    (await h.call('GET', '/v1/cost-catalog')).body.jurisdictionId,
    null,
    'an operator sees the defaults',
  )
})

t.test('a funding source says how much, when and for what, in the currency of the city', async (t) => {
  const city = await cityOf()
  const bond = { name: 'Bond 2026', isFederal: false, totalCapCents: 10_000_000 }
  const made = await city.post('/v1/funding-sources', bond)
  t.equal(made.status, 201)
  t.match(made.body, { currency: 'USD', sharePercent: 100, paysBetterment: true, version: 1 })
  t.same((await city.get(made.headers.location!)).body, made.body)
  t.equal(
    type(await city.post('/v1/funding-sources', { ...bond, name: 'BOND 2026' })),
    '/problems/funding-source-name-taken',
  )
  const foreign = await city.post('/v1/funding-sources', { ...bond, name: 'Euro', currency: 'EUR' })
  t.equal(foreign.status, 422)
  t.equal(type(foreign), '/problems/currency-mismatch')
  t.same(
    codes(
      await city.post('/v1/funding-sources', {
        ...bond,
        name: 'x',
        periodFrom: '2028-02-29',
        periodTo: '2028-02-29',
      }),
    ),
    ['/periodTo before-start'],
  )
  const caps = [
    { fiscalYear: 2027, cents: 1 },
    { fiscalYear: 2027, cents: 2 },
  ]
  t.same(codes(await city.post('/v1/funding-sources', { ...bond, name: 'y', yearCaps: caps })), [
    '/yearCaps/1 repeated',
  ])
  t.same(codes(await city.post('/v1/funding-sources', { ...bond, name: 'z', sharePercent: 0 })), [
    '/sharePercent too-small',
  ])
  const url = `/v1/funding-sources/${made.body.id}`
  t.equal((await city.patch(url, { totalCapCents: 5 }, { 'if-match': '"1"' })).body.version, 2)
  t.equal((await city.patch(url, { totalCapCents: 6 }, { 'if-match': '"1"' })).status, 412)
  t.equal(type(await city.patch(url, { currency: 'CAD' })), '/problems/currency-mismatch')
  t.equal((await city.patch(url, {})).status, 400)
  const plan = await planOf(city, { fundingSources: [made.body.id] })
  t.equal(type(await city.remove(url)), '/problems/funding-source-in-use')
  await city.patch(plan.url, { settings: { fundingSources: null } })
  t.match((await city.get('/v1/funding-sources', { accept: 'text/csv' })).text, /^id,jurisdictionId,name/)
  t.equal((await city.get('/v1/funding-sources')).body.items.length, 1)
  t.equal((await city.remove(url, { 'if-match': '"1"' })).status, 412)
  t.equal((await city.remove(url)).status, 204)
  t.equal((await city.get(url)).status, 404)
})

t.test('a plan keeps every revision, and what changes nothing makes none', async (t) => {
  const city = await cityOf()
  const made = await city.post('/v1/plans', { name: 'Ways out' })
  t.equal(made.status, 201)
  t.match(made.body, {
    revision: 1,
    devices: 0,
    status: 'draft',
    settings: { firstFiscalYear: 2027, confidence: 80 },
  })
  const url = `/v1/plans/${made.body.id}`
  t.same((await city.get(url)).body, made.body)
  t.equal(type(await city.post('/v1/plans', { name: 'WAYS OUT' })), '/problems/plan-name-taken')
  const wrong = await city.post('/v1/plans', {
    name: 'Wrong',
    settings: {
      confidence: 100,
      correlation: { withinClass: 0.1, acrossClasses: 0.2, betweenFactors: 0 },
      deadline: '2027-02-29',
      crewz: 3,
    },
  })
  t.same(codes(wrong).sort(), [
    '/settings/confidence too-big',
    '/settings/crewz unknown-field',
    '/settings/deadline custom',
  ])
  const unsound = await city.post('/v1/plans', {
    name: 'Unsound',
    settings: {
      correlation: { withinClass: 0.1, acrossClasses: 0.2, betweenFactors: 0 },
      percentCodes: ['SFT-CONT', 'CAM-PTZ'],
      projectCosts: [{ code: 'HRS-POLE', quantity: 1 }],
      fundingSources: [NOWHERE],
      sites: [{ siteId: NOWHERE }],
    },
  })
  t.same(
    codes(unsound).map((code: string) => code.split(' ')[0]),
    [
      '/settings/correlation',
      '/settings/percentCodes/0',
      '/settings/percentCodes/1',
      '/settings/projectCosts/0/code',
      '/settings/fundingSources/0',
      '/settings/sites/0',
    ],
    'every setting that does not fit, at once',
  )
  const renamed = await city.patch(url, { name: 'The way out' }, { 'if-match': made.headers.etag! })
  t.match(renamed.body, { revision: 1, version: 2 }, 'a name changes no figure')
  const changed = await city.patch(url, { settings: { confidence: 90 } })
  t.match(changed.body, { revision: 2, settings: { confidence: 90, trials: 100_000 } })
  t.equal(
    (await city.patch(url, { settings: { confidence: 90 } })).body.version,
    3,
    'the same again is no change',
  )
  t.equal((await city.patch(url, { name: 'x' }, { 'if-match': '"1"' })).status, 412)
  t.equal((await city.patch(url, {})).status, 400)
  const revisions = await city.get(`${url}/revisions`)
  t.match(revisions.body.items, [
    { revision: 2, change: 'settings', settings: { confidence: 90 } },
    { revision: 1, change: 'created', settings: { confidence: 80 } },
  ])
  const first = await city.get(`${url}/revisions?limit=1`)
  t.equal(
    (await city.get(`${url}/revisions?limit=1&cursor=${first.body.nextCursor}`)).body.items[0].revision,
    1,
  )
  t.equal((await city.get('/v1/plans?status=draft')).body.items.length, 1)
  t.equal((await city.get('/v1/plans?status=archived')).body.items.length, 0)
  t.match((await city.get('/v1/plans', { accept: 'text/csv' })).text, /The way out/)
  const viewer = await h.key('city-viewer', city.id)
  t.equal((await h.call('GET', url, { key: viewer })).status, 200, 'all roles read')
  t.equal((await h.call('PATCH', url, { key: viewer, body: { name: 'x' } })).status, 403)
  t.equal((await city.patch(url, { name: 'By the editor' }, {}, city.editor)).status, 200)
  t.equal((await city.remove(url, { 'if-match': '"1"' })).status, 412)
  t.equal((await city.remove(url)).status, 204)
  t.equal((await city.get(url)).status, 404)
  const canadian = await cityOf({ currency: 'CAD' })
  const refused = await canadian.post('/v1/plans', { name: 'Loonies' })
  t.equal(type(refused), '/problems/currency-mismatch', 'the catalog is in dollars and nothing converts it')
})

t.test('versions and plans stand side by side, in figures and in what differs', async (t) => {
  const city = await cityOf({ name: 'Beside' })
  await city.device({ assetTag: 'B-1', siteId: (await city.site('Depot')).id })
  const plan = await planOf(city, { fiscalYears: 2 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  await city.post(`${plan.url}/estimate`)
  const alone = await city.get(`${plan.url}/comparison`)
  t.equal(alone.body.versions.length, 1)
  await city.post(`${plan.url}/schedule`, { seconds: 5 })
  const first = (await city.get(`${plan.url}/schedule`)).body
  await city.patch(plan.url, { settings: { vms: 'cloud', firstFiscalYear: 2028 } })
  await city.post('/v1/cost-catalog/quotes', {
    ...{ code: 'CAM-DOME-OUT', low: 100_000, expected: 120_000, high: 140_000 },
    ...{ basis: 'vendor-quote', source: 'Quote 1', quotedOn: '2026-11-20' },
  })
  await city.post(`${plan.url}/estimate`)
  const second = (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body
  const compared = (await city.get(`${plan.url}/comparison`)).body
  t.same(
    compared.versions.map(({ scheduleId }: { scheduleId: string }) => scheduleId),
    [first.id, second.id],
  )
  const row = (part: string, name: string) =>
    compared.rows.find(
      (one: { part: string; name: string }) => one.part === part && one.name.startsWith(name),
    )
  t.same(row('figure', 'Request').values, [first.outcome.nominalCents, second.outcome.nominalCents])
  t.same(row('setting', 'vms').values, ['new-license', 'cloud'])
  t.equal(row('setting', 'crews'), undefined, 'what is the same is left out')
  t.same(row('price', 'CAM-DOME-OUT').values, [65_000, 120_000])
  t.same(row('price', 'VMS-CLOUD').values, [null, 19_900])
  t.same(row('site', 'Depot').values, ['FY2027', 'FY2028'])
  const changes = (await readWorkbook((await binary(city, `${plan.url}/workbook`)).rawPayload)).find(
    ({ sheet }) => sheet === 'Changes',
  )!
  t.ok(changes.data.some((cells) => cells[1] === 'vms' && cells[2] === 'new-license' && cells[3] === 'cloud'))

  const other = await planOf(city, { confidence: 50 })
  await city.post(`${other.url}/devices`, { filter: {} })
  await city.post(`${other.url}/estimate`)
  const table = parse(
    (await city.get(`${other.url}/comparison?with=${plan.id}&with=${first.id}`, { accept: 'text/csv' })).text,
  ) as string[][]
  t.equal(table[0]!.length, 6, 'three versions')
  t.match(table[0]![4], /revision \d+/)
  const request = table.find(([, name]) => name === 'Request')!
  t.equal(request[3], (second.outcome.nominalCents / 100).toFixed(2), 'in dollars')
  t.equal(table.find(([, name]) => name === 'Confidence, in 100')![5], '50')
  t.equal((await city.get(`${plan.url}/comparison?with=${NOWHERE}`)).status, 404)
})

t.test('what if: cases stand beside the plan as it is, and nothing of them is kept', async (t) => {
  const city = await cityOf({ name: 'Supposing', fiscalYearStartMonth: 7 })
  const [depot, hall] = [await city.site('Depot'), await city.site('Hall')]
  for (const { id } of [depot, hall]) for (let i = 0; i < 3; i++) await city.device({ siteId: id })
  const fund = await city.post('/v1/funding-sources', {
    name: 'General',
    isFederal: false,
    yearCaps: [{ fiscalYear: 2027, cents: 700_000 }],
  })
  const plan = await planOf(city, { fiscalYears: 2, deadline: '2027-06-30' })
  await city.post(`${plan.url}/devices`, { filter: {} })
  const before = await h.database.acrossJurisdictions([city.id], (tx) => contentOf(tx, city.id))
  const ask = (body: object, headers = {}) => city.post(`${plan.url}/what-if`, body, headers)
  const cases = [
    {
      label: 'More money',
      funds: [{ fundingSourceId: fund.body.id, yearCaps: [{ fiscalYear: 2027, cents: 9_000_000 }] }],
    },
    {
      label: 'A bond',
      newFunds: [{ name: 'Bond', isFederal: false, totalCapCents: 9_000_000 }],
      settings: { confidence: 95 },
    },
    { label: 'Cloud', settings: { vms: 'cloud', deadline: '2028-06-30', crews: 4 } },
    { label: 'Cheaper', prices: [{ code: 'CAM-DOME-OUT', expected: 10_000 }] },
  ]
  const { status, body } = await ask({ cases, seconds: 5 })
  t.equal(status, 200)
  t.same(
    body.versions.map((one: { label: string }) => one.label),
    ['As it is', ...cases.map(({ label }) => label)],
  )
  const row = (name: string) => body.rows.find((one: { name: string }) => one.name.startsWith(name)).values
  t.same(row('Everything fits'), [false, true, true, false, false])
  t.ok(row('Request')[2] > row('Request')[1], 'more confidence asks for more')
  t.same(row('vms'), ['new-license', 'new-license', 'new-license', 'cloud', 'new-license'])
  t.equal(row('CAM-DOME-OUT')[4], 10_000)
  t.same(
    await h.database.acrossJurisdictions([city.id], (tx) => contentOf(tx, city.id)),
    before,
    'nothing is kept',
  )

  t.test('what would make it fit is enough, and a dollar less is not', async (t) => {
    const { enough } = body.versions[0].remedies
    const more = enough.find(
      (one: { fundingSourceId: string | null }) => one.fundingSourceId === fund.body.id,
    )
    t.match(more.words, /^\$[\d,.]+ more of General in FY2027\.$/)
    t.equal(more.isProven, true)
    const given = (cents: number) => ({
      label: String(cents),
      funds: [{ fundingSourceId: fund.body.id, yearCaps: [{ fiscalYear: 2027, cents: 700_000 + cents }] }],
    })
    const { cents } = more
    const tried = (await ask({ cases: [given(cents), given(cents - 1)], seconds: 5 })).body.versions
    t.same(
      tried.slice(1).map((one: { isFeasible: boolean }) => one.isFeasible),
      [true, false],
    )
    t.ok(enough.some((one: { words: string }) => one.words.includes('local money that may pay for anything')))
    t.equal(tried[1].remedies, null, 'what fits needs nothing')
  })

  t.test('what cannot be supposed is refused with its place', async (t) => {
    const wrong = await ask({
      cases: [
        {
          label: 'a',
          prices: [
            { code: 'NO-SUCH', expected: 1 },
            { code: 'CAM-DOME-OUT', expected: 2, high: 1 },
          ],
        },
      ],
    })
    t.equal(wrong.status, 400)
    t.same(pointersOf(wrong), ['/cases/0/prices/0/code', '/cases/0/prices/1'])
    const money = await ask({
      cases: [
        {
          label: 'a',
          funds: [
            { fundingSourceId: NOWHERE },
            { fundingSourceId: fund.body.id, periodFrom: '2027-02-01', periodTo: '2027-01-01' },
          ],
        },
      ],
    })
    t.same(pointersOf(money), ['/cases/0/funds/0/fundingSourceId', '/cases/0/funds/1/periodTo'])
    const settings = await ask({ cases: [{ label: 'a', settings: { percentCodes: ['SFT-CONT'] } }] })
    t.same(pointersOf(settings), ['/cases/0/settings/percentCodes/0'])
  })
  const table = parse(
    (await ask({ cases: [cases[0]!], seconds: 5 }, { accept: 'text/csv' })).text,
  ) as string[][]
  t.same(table[0], ['part', 'name', 'unit', 'As it is', 'More money'])
})

const pointersOf = ({ body }: Reply) => body.errors.map((one: { pointer: string }) => one.pointer)

/** How much a city has of everything that a plan may leave behind. */
async function contentOf(tx: Tx, jurisdictionId: string) {
  const { rows } = await tx.execute(sql`
    select (select count(*) from plan_estimates where jurisdiction_id = ${jurisdictionId}::uuid)::int as estimates,
      (select count(*) from plan_schedules where jurisdiction_id = ${jurisdictionId}::uuid)::int as schedules,
      (select count(*) from plan_revisions where jurisdiction_id = ${jurisdictionId}::uuid)::int as revisions,
      (select count(*) from plans where jurisdiction_id = ${jurisdictionId}::uuid)::int as plans,
      (select count(*) from cost_quotes where jurisdiction_id = ${jurisdictionId}::uuid)::int as quotes,
      (select sum(version) from funding_sources where jurisdiction_id = ${jurisdictionId}::uuid)::int as funds`)
  return rows
}

t.test(
  "a city's own workbook is filled where its cells have names, and is otherwise what it was",
  async (t) => {
    const city = await cityOf({ name: 'Own <book> & "co"', fiscalYearStartMonth: 7 })
    const [depot, hall] = [await city.site('Depot'), await city.site('Hall')]
    for (const { id } of [depot, hall]) await city.device({ siteId: id })
    await city.post('/v1/funding-sources', { name: 'Bond', isFederal: false, totalCapCents: 9_000_000 })
    const plan = await planOf(city, { fiscalYears: 2, deadline: '2028-03-09' })
    await city.post(`${plan.url}/devices`, { filter: {} })
    const fill = async (body: Buffer, query = '') => {
      const reply = await h.app.inject({
        method: 'POST',
        url: `${plan.url}/workbook${query}`,
        headers: { authorization: `Bearer ${city.key}`, 'content-type': XLSX_TYPE },
        payload: body,
      })
      return {
        status: reply.statusCode,
        bytes: reply.rawPayload,
        body: reply.statusCode === 200 ? null : reply.json(),
      }
    }
    const name = (key: string, at: string) => `<definedName name="Camledger_${key}">${at}</definedName>`
    const STYLES = `<numFmts count="1"><numFmt numFmtId="165" formatCode="mmmm d, yyyy"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="165"/><xf numFmtId="4"/></cellXfs>`
    const rows = `<row r="1"><c r="A1" s="2"><v>1</v></c><c r="C1"><f>A1*2</f><v>2</v></c></row><row r="3" spans="1:1"><c r="A3" s="1"/></row><row r="9"><c r="A9" t="inlineStr"><is><t>foot</t></is></c></row>`
    const templateOf = (names: string, isPrefixed = false) =>
      xlsxOf({
        sheets: [
          {
            name: "The city's",
            xml: sheetXml(rows, { after: '<mergeCells count="1"><mergeCell ref="A9:B9"/></mergeCells>' }),
          },
        ],
        styles: STYLES,
        names,
        extra: [{ name: 'xl/media/seal.bin', content: Buffer.from([1, 2, 3, 250]) }],
        ...(isPrefixed ? { prefix: 'x' } : {}),
      })
    const SHEET = "'The city''s'!"
    const names = [
      name('request', `${SHEET}$A$1`),
      name('Deadline', `${SHEET}$A$3`),
      name('City', `${SHEET}$B$3`),
      name('LastDay', `${SHEET}$D$9`),
      name('SiteList', `${SHEET}$A$4:$G$8`),
      '<definedName name="TheirOwn">1</definedName>',
    ].join('')
    t.equal((await fill(templateOf(names))).status, 409, 'there is nothing to fill in before the estimate')
    await city.post(`${plan.url}/estimate`)
    const schedule = (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body
    for (const isPrefixed of [false, true]) {
      const { status, bytes } = await fill(templateOf(names, isPrefixed))
      t.equal(status, 200)
      const [sheet] = await readWorkbook(bytes)
      const cells = sheet!.data
      t.equal(cells[0]![0], schedule.outcome.nominalCents / 100)
      t.equal(cells[2]![1], 'Own <book> & "co"')
      t.same(
        cells.slice(3, 5).map((row) => [row[0], row[1], row[6]]),
        schedule.sites.map((site: { site: string; fiscalYear: number; costCents: number }) => [
          site.site,
          site.fiscalYear,
          site.costCents / 100,
        ]),
      )
      t.equal(cells[8]![0], 'foot')
      const parts = await partsOf(bytes)
      const xml = parts.get('xl/worksheets/sheet1.xml')!.toString().replaceAll('x:', '')
      t.match(
        xml,
        '<c r="A3" s="1"><v>46821</v></c>',
        'a day is a day where the cell shows days: March 9, 2028',
      )
      t.match(
        xml,
        /<c r="D9" t="inlineStr"><is><t xml:space="preserve">\w+ \d+, 20\d\d</,
        'and is in words elsewhere',
      )
      t.match(xml, '<c r="C1"><f>A1*2</f></c>', 'the formula is there, what it had come to is not')
      t.match(xml, '<mergeCell ref="A9:B9"/>')
      t.match(parts.get('xl/workbook.xml')!.toString(), /calcPr fullCalcOnLoad="1"/)
      t.match(parts.get('xl/workbook.xml')!.toString(), 'TheirOwn')
      t.same(parts.get('xl/media/seal.bin'), Buffer.from([1, 2, 3, 250]))
      t.same((await fill(templateOf(names, isPrefixed))).bytes, bytes, 'the same bytes for the same plan')
    }
    const wrong = await fill(
      templateOf(
        [
          name('Requset', `${SHEET}$A$1`),
          name('Sites', `${SHEET}$C$1`),
          name('SiteList', `${SHEET}$A$4:$F$4`),
          name('Budget', '#REF!'),
          name('Plan', 'Elsewhere!$A$1'),
        ].join(''),
      ),
    )
    t.equal(wrong.status, 400)
    t.same(
      wrong.body.errors.map((one: { pointer: string; message: string }) => [one.pointer, one.message]),
      [
        ['/template/Camledger_Budget', 'stands for "#REF!", which is no area of one sheet'],
        ['/template/Camledger_Requset', 'is not a name that this service fills'],
        ['/template/Camledger_Sites', 'has a formula in C1, which would be lost'],
        ['/template/Camledger_SiteList', 'is 1 by 6 cells (rows by columns); the plan needs 2 by 7'],
        ['/template/Camledger_Plan', 'points to the sheet "Elsewhere", which is not there'],
      ],
    )
    // Twenty thousand formulas were looked at by one another: minutes of a core.
    const many = Array.from(
      { length: 20_000 },
      (_, i) => `<row r="${i + 10}"><c r="A${i + 10}"><f>1+1</f><v>2</v></c></row>`,
    ).join('')
    const begun = performance.now()
    const large = await fill(
      xlsxOf({ sheets: [{ name: 'A', xml: sheetXml(many) }], names: name('City', 'A!$A$1') }),
    )
    t.equal(large.status, 200)
    t.ok(performance.now() - begun < 15_000, 'in one pass')
    const lines = (await partsOf(large.bytes)).get('xl/worksheets/sheet1.xml')!.toString()
    t.equal(lines.split('<f>1+1</f></c>').length - 1, 20_000, 'no formula is lost, and none keeps a figure')
    const joined = xlsxOf({
      sheets: [
        {
          name: 'A',
          xml: sheetXml(
            '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2</f></c></row><row r="8"><c r="G8"><f>SUM(G4:G7)</f><v>9</v></c></row>',
            { after: '<mergeCells count="1"><mergeCell ref="C1:D1"/></mergeCells>' },
          ),
        },
        {
          name: 'Chart',
          xml: '<chartsheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
        },
      ],
      names: [
        name('City', 'A!$A$2'),
        name('Deadline', 'A!$D$1'),
        name('Request', 'A!$F$1'),
        name('LastDay', 'A!$F$1'),
        name('Plan', 'Chart!$A$1'),
      ].join(''),
    })
    t.same(
      (await fill(joined)).body.errors.map((one: { pointer: string; message: string }) => [
        one.pointer,
        one.message,
      ]),
      [
        ['/template/Camledger_City', 'has A2, which is a part of an array formula'],
        ['/template/Camledger_Deadline', 'has D1, which is a part of merged cells'],
        ['/template/Camledger_LastDay', 'has cells that Camledger_Request has too'],
        ['/template/Camledger_Plan', 'points to the sheet "Chart", which has no cells'],
      ],
    )
    const summed = await fill(
      xlsxOf({
        sheets: [{ name: 'A', xml: sheetXml('<row r="8"><c r="G8"><f>SUM(G4:G7)</f><v>9</v></c></row>') }],
        names: `${name('SiteList', 'A!$A$4:$G$8')}</definedNames><!-- <calcPr/> --><calcPr calcId='1' fullCalcOnLoad='0'/><definedNames>`,
      }),
    )
    const summedParts = await partsOf(summed.bytes)
    t.match(
      summedParts.get('xl/worksheets/sheet1.xml')!.toString(),
      '<c r="G8"><f>SUM(G4:G7)</f></c>',
      'a sum in a row that the table leaves free stays',
    )
    t.match(
      summedParts.get('xl/workbook.xml')!.toString(),
      '<!-- <calcPr/> --><calcPr calcId="1" fullCalcOnLoad="1"/>',
    )
    const kept = await fill(
      templateOf(name('Requset', `${SHEET}$A$1`) + name('City', `${SHEET}$B$1`)),
      '?unknownNames=keep',
    )
    t.same((await readWorkbook(kept.bytes))[0]!.data[0]!.slice(0, 2), [1, 'Own <book> & "co"'])
    for (const [bytes, told] of [
      [templateOf(''), /No cell has a name that begins with Camledger_/],
      [Buffer.from('name,model\n'), /./],
      [
        xlsxOf({
          sheets: [{ name: 'A', xml: `<!DOCTYPE a>${sheetXml('')}` }],
          names: name('City', 'A!$A$1'),
        }),
        /document type/,
      ],
    ] as const) {
      const { status, body } = await fill(bytes)
      t.equal(status, 400)
      t.match(body.errors[0].message, told)
    }
  },
)

t.test('the guide of the budget officer lists every name that is filled', async (t) => {
  const guide = readFileSync(new URL('../../docs/budget-officer.md', import.meta.url), 'utf8')
  const listed = [...guide.matchAll(/^\| `Camledger_(\w+)` \| (.+) \|$/gm)].map(([, name, words]) => [
    name,
    words,
  ])
  const known = [...Object.entries(CELL_NAMES), ...Object.entries(TABLE_NAMES)]
  t.same(
    listed,
    known.map(([name, { words }]) => [name, words]),
  )
})

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

async function partsOf(bytes: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const zip = await yauzl.fromBufferPromise(bytes)
  const parts = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry())
    parts.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)))
  return parts
}

t.test('a copy is a draft of the same devices that counts on the same money as its plan', async (t) => {
  const city = await cityOf({ name: 'Copying', fiscalYearStartMonth: 7 })
  const depot = await city.site('Depot')
  const held = await city.device({ siteId: depot.id })
  await city.device({ siteId: depot.id })
  await city.post('/v1/funding-sources', { name: 'Bond', isFederal: false, totalCapCents: 2_500_000 })
  const plan = await planOf(city, { fiscalYears: 2 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  await city.post(`${plan.url}/devices`, { deviceIds: [held.id], legalHold: true, legalHoldReason: 'Case 7' })
  await city.post(`${plan.url}/estimate`)
  const first = (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body
  t.equal(first.isFeasible, true)
  const copy = await city.post(`${plan.url}/copies`, { name: 'In the cloud', settings: { vms: 'cloud' } })
  t.equal(copy.status, 201)
  const { body: made } = copy
  t.same(
    [made.devices, made.status, made.settings.vms, made.settings.variantOf],
    [2, 'draft', 'cloud', plan.id],
  )
  const url = `/v1/plans/${made.id}`
  const estimated = (await city.post(`${url}/estimate`)).body
  t.notOk(estimated.warnings.some((one: { code: string }) => one.code === 'in-other-plans'))
  const scheduled = (await city.post(`${url}/schedule`, { seconds: 5 })).body
  t.equal(scheduled.isFeasible, true, 'the money of the plan is its own too')
  await city.post(`${plan.url}/estimate`)
  t.equal(
    (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body.isFeasible,
    true,
    'and takes none away',
  )

  const third = await planOf(city, { fiscalYears: 2 })
  await city.post(`${third.url}/devices`, { filter: {} })
  await city.post(`${third.url}/estimate`)
  const taken = (await city.post(`${third.url}/schedule`, { seconds: 5 })).body
  t.equal(
    taken.funding.sources[0].usedElsewhereCents,
    first.outcome.nominalCents,
    'a draft variant reserves nothing',
  )

  await city.post(`${plan.url}/actuals`, {
    ...{
      kind: 'purchase-order',
      occurredOn: '2026-11-20',
      siteId: depot.id,
      amountCents: 100_000,
      currency: 'USD',
    },
    ...{ fundingSourceId: first.funding.sources[0].fundingSourceId, reference: 'PO 1', vendor: 'Dealer' },
  })
  const after = (await city.post(`${url}/schedule`, { seconds: 5 })).body
  t.equal(after.sites[0].committedCents, 100_000, 'what was ordered for the plan is ordered for its variant')
  t.equal((await city.get(`${url}/comparison?with=${plan.id}`)).body.versions.length, 2)
  t.equal(
    (await city.get(`${url}/devices?legalHold=true`)).body.items.length,
    0,
    'holds stay where they were put',
  )
  t.match(type(await city.post(`${plan.url}/copies`, { name: 'In the cloud' })), /plan-name-taken/)
  const again = await city.post(`${url}/copies`, { name: 'A copy of a copy' })
  t.equal(again.body.settings.variantOf, plan.id, 'variants of one plan, not of each other')
  t.same(pointersOf(await city.patch(url, { settings: { variantOf: made.id } })), ['/settings/variantOf'])
})

t.test('devices come into a plan by filter or list, and what has no price is said', async (t) => {
  const city = await cityOf()
  const hall = await city.site('City Hall')
  const camera = await city.device({ assetTag: 'D-1', siteId: hall.id })
  const ptz = await city.device({ assetTag: 'D-2', name: 'PTZ at the gate', purpose: 'traffic' })
  const door = await city.device({ assetTag: 'D-3', deviceClass: 'access-control', model: 'DS-K1T671M' })
  await city.device({ assetTag: 'D-4', status: 'decommissioned' })
  await city.device({ assetTag: 'D-5', status: 'planned' })
  const plan = await planOf(city)
  t.equal((await city.post(`${plan.url}/devices`, {})).status, 400)
  t.equal((await city.post(`${plan.url}/devices`, { filter: {}, deviceIds: [camera.id] })).status, 400)
  t.same(codes(await city.post(`${plan.url}/devices`, { filter: { manufactuer: 'x' } })), [
    '/filter/manufactuer unknown-field',
  ])
  t.same(codes(await city.post(`${plan.url}/devices`, { filter: {}, costCode: 'NOPE' })), [
    '/costCode unknown',
  ])
  t.same(codes(await city.post(`${plan.url}/devices`, { filter: {}, candidateId: NOWHERE })), [
    '/candidateId invalid-request',
  ])
  const all = await city.post(`${plan.url}/devices`, { filter: {} })
  t.match(
    all.body,
    { added: 3, changed: 0, devices: 3, revision: 2 },
    'what is planned or out of service is passed by',
  )
  const again = await city.post(`${plan.url}/devices`, { filter: {} })
  t.match(again.body, { added: 0, changed: 0, revision: 2 }, 'twice is once')
  const rows = (await city.get(`${plan.url}/devices`)).body.items as { assetTag: string }[]
  const byTag = (tag: string) => rows.find((row) => row.assetTag === tag)
  t.match(byTag('D-1'), {
    costCode: 'CAM-DOME-OUT',
    mount: 'building',
    site: 'City Hall',
    scope: 'like-for-like',
  })
  t.match(byTag('D-2'), { costCode: 'CAM-PTZ', mount: 'pole' })
  t.match(byTag('D-3'), { costCode: null })
  t.equal((await city.get(`${plan.url}/devices?isPriced=false`)).body.items[0].deviceId, door.id)
  const csv = await city.get(`${plan.url}/devices`, { accept: 'text/csv' })
  t.equal(csv.text.trim().split('\r\n').length, 4)

  const estimated = (await city.post(`${plan.url}/estimate`)).body
  t.same(estimated.unpriced, [{ deviceClass: 'access-control', devices: 1 }])
  t.ok(
    estimated.warnings.some((w: { code: string }) => w.code === 'unpriced'),
    'and warned of',
  )
  t.ok(estimated.warnings.some((w: { code: string }) => w.code === 'no-site'))
  const reader = await city.post(`${plan.url}/candidates`, {
    manufacturer: 'Axis',
    model: 'A1610',
    deviceClass: 'access-control',
    price: {
      lowCents: 40_000,
      expectedCents: 60_000,
      highCents: 90_000,
      quotedOn: '2026-11-01',
      source: 'Quote 9',
    },
  })
  t.equal(reader.status, 201)
  const priced = await city.post(`${plan.url}/devices`, { deviceIds: [door.id], candidateId: reader.body.id })
  t.match(priced.body, { added: 0, changed: 1, revision: 3 })
  const second = (await city.post(`${plan.url}/estimate`)).body
  t.same(second.unpriced, [], "a candidate's own price prices it")
  t.ok(second.pointCents > estimated.pointCents + 60_000)
  t.match(
    second.prices.find((p: { basis: string }) => p.basis === 'vendor-quote'),
    { expected: 60_000, source: 'Quote 9' },
  )

  const apart = await city.post(`${plan.url}/devices`, {
    deviceIds: [ptz.id],
    scope: 'betterment',
    costCode: 'CAM-THERMAL-PTZ',
  })
  t.equal(apart.body.changed, 1)
  const third = (await city.post(`${plan.url}/estimate`)).body
  t.same(
    third.byScope.map((share: { value: string }) => share.value),
    ['betterment', 'like-for-like'],
  )
  t.equal(
    total(third.byScope.map((share: { budgetCents: number }) => share.budgetCents)),
    third.atConfidenceCents,
    'parts add up to the total',
  )
  for (const grouping of ['bySite', 'byCategory', 'byCostKind', 'byScope'] as const) {
    t.equal(
      total(third[grouping].map((one: { pointCents: number }) => one.pointCents)),
      third.pointCents,
      grouping,
    )
    t.equal(
      total(third[grouping].map((one: { budgetCents: number }) => one.budgetCents)),
      third.atConfidenceCents,
    )
  }
  t.equal((await city.remove(`${plan.url}/devices`)).status, 400, 'nothing is removed by a bare DELETE')
  t.equal((await city.remove(`${plan.url}/devices?deviceClass=access-control`)).body.removed, 1)
  t.equal((await city.remove(`${plan.url}/devices?deviceId=${ptz.id}`)).body.devices, 1)
  await h.call('DELETE', `/v1/devices/${camera.id}`, { key: city.editor })
  const empty = (await city.post(`${plan.url}/estimate`)).body
  t.match(
    empty,
    { devices: 0, missingDevices: 1, pointCents: 0, atConfidenceCents: 0 },
    'what left the register is said',
  )
})

t.test('what may not be bought is refused with the rule; what is not known is marked', async (t) => {
  const city = await cityOf()
  const plan = await planOf(city)
  const refused = await city.post(`${plan.url}/candidates`, {
    manufacturer: 'Hikvision',
    model: 'DS-2CD2143G2-I',
  })
  t.equal(refused.status, 409)
  t.equal(type(refused), '/problems/candidate-refused')
  t.match(refused.body.errors[0], { code: 'seller-bar', message: /fcc-covered-list: .*\(.+\)/ })
  const relabel = await city.post(`${plan.url}/candidates`, { manufacturer: 'LTS', model: 'CMIP1042W-28M' })
  t.match(
    relabel.body,
    { verdict: 'review', mayBePaidFederally: null, maker: null },
    'a label that may hide one',
  )
  t.ok(relabel.body.reasons.some((reason: { because: string }) => reason.because.includes('Hikvision')))
  const unknown = await city.post(`${plan.url}/candidates`, { manufacturer: 'Zorblax', model: 'One' })
  t.match(unknown.body, { verdict: 'review', mayBePaidFederally: null, maker: null })
  const flir = await city.post(`${plan.url}/candidates`, {
    manufacturer: 'FLIR',
    model: 'FC-334-ID',
    price: {
      lowCents: 100_000,
      expectedCents: 200_000,
      highCents: 400_000,
      quotedOn: '2026-11-01',
      source: 'q',
    },
  })
  t.match(flir.body, {
    verdict: 'accepted',
    counterSanction: { isListed: true, leadTimeFactor: [1.5, 2.5], highCentsUnder: 500_000 },
    price: { expectedCents: 200_000 },
  })
  const axis = await city.post(`${plan.url}/candidates`, {
    manufacturer: 'Axis',
    model: 'P3265-LVE',
    costCode: 'CAM-DOME-OUT',
    countryOfManufacture: 'PL',
    chipMaker: 'Axis',
    supportUntil: '2034-01-01',
  })
  t.match(axis.body, {
    country: 'PL',
    support: { kind: 'ends', until: '2034-01-01' },
    counterSanction: { isListed: false, highCentsUnder: null },
  })
  t.same(
    codes(await city.post(`${plan.url}/candidates`, { manufacturer: 'Axis', model: 'x', costCode: 'LIFE' })),
    ['/costCode unknown'],
  )
  t.equal(
    (
      await city.post(`${plan.url}/candidates`, {
        manufacturer: 'Axis',
        model: 'x',
        price: { lowCents: 3, expectedCents: 2, highCents: 4, quotedOn: '2026-11-01', source: 'q' },
      })
    ).status,
    400,
    'a low above the expected',
  )
  const ids = await inTurn([0, 1, 2, 3], (i) => city.device({ assetTag: `C-${i}` }))
  await city.post(`${plan.url}/devices`, { filter: {}, candidateId: axis.body.id })
  await city.post(`${plan.url}/devices`, { deviceIds: [ids[0].id], candidateId: flir.body.id })
  const compared = (await city.get(`${plan.url}/candidates`)).body
  const of = (what: string) => compared.concentration.find((one: { of: string }) => one.of === what)
  t.match(of('maker'), { hhi: 6250, above50: ['axis'], shares: [{ value: 'axis', devices: 3, share: 0.75 }] })
  t.same(of('country').above50, ['PL'])
  t.equal(compared.devicesWithoutCandidate, 0)
  t.equal(type(await city.remove(`${plan.url}/candidates/${axis.body.id}`)), '/problems/candidate-in-use')
  t.equal((await city.remove(`${plan.url}/candidates/${unknown.body.id}`)).status, 204)
  t.equal((await city.remove(`${plan.url}/candidates/${unknown.body.id}`)).status, 404)

  const before = h.knowledge()
  const model = before.reference.listings.find((one) => one.regime === 'ofac-sdn')!
  const listings = [
    ...before.reference.listings,
    { ...model, id: 'ofac-sdn:axis:test', vendor: 'axis', name: 'Axis', from: '2026-11-01', to: null },
  ]
  h.setKnowledge(
    buildKnowledge(
      { ...before.reference, listings },
      registrantOf,
      before.version + 1,
      'test',
      before.firmware,
    ),
  )
  const moved = await city.post(`${plan.url}/estimate`)
  t.equal(type(moved), '/problems/candidate-refused', 'a law that moves stops the estimate')
  h.setKnowledge(before)
  t.equal((await city.post(`${plan.url}/estimate`)).status, 201)
})

t.test(
  'an estimate is kept for good, and the same inputs give the same cents in any later year',
  async (t) => {
    const city = await cityOf()
    await city.device({ assetTag: 'E-1' })
    await city.device({ assetTag: 'E-2', purpose: 'traffic' })
    const plan = await planOf(city, { trials: 5000 })
    await city.post(`${plan.url}/devices`, { filter: {} })
    const first = await city.post(`${plan.url}/estimate`)
    t.equal(first.status, 201)
    const one = first.body
    t.match(one, {
      catalogVersion: '2026-11-23',
      simulation: { seed: 20261123, trials: 5000, agreesWithClosedForm: true },
    })
    t.equal(one.contingencyCents, one.atConfidenceCents - one.pointCents)
    const { correlation } = one.settings
    t.equal(
      correlation.betweenFactors,
      correlation.withinClass,
      'the factors depend as the simulation draws them',
    )
    t.equal(
      one.curve.find((point: { percent: number }) => point.percent === one.confidence).cents,
      one.atConfidenceCents,
      'the request is that percentile of the curve that is printed',
    )
    const again = await city.post(`${plan.url}/estimate`)
    t.equal(again.status, 200, 'nothing changed: the same estimate')
    t.same(again.body, one)
    const read = await city.get(`${plan.url}/estimate`)
    t.same(read.body, one)
    t.equal((await city.get(`${plan.url}/estimate`, { 'if-none-match': read.headers.etag! })).status, 304)

    const { rows } = await h.database.acrossJurisdictions([city.id], (tx) =>
      tx.execute<{ lines: StoredLine[] }>(sql`select lines from plan_estimates where id = ${one.id}::uuid`),
    )
    const { settings } = one
    const input = {
      lines: rows[0]!.lines.map(unstored).reverse(),
      correlation: settings.correlation,
      confidence: settings.confidence,
    }
    const computed = estimate({ ...input, distribution: settings.distribution })
    t.equal(
      Number(computed.atConfidenceCents),
      one.atConfidenceCents,
      'what is stored computes to the same cents',
    )
    t.equal(
      Number(simulate({ ...input, trials: settings.trials, seed: settings.seed }).atConfidenceCents),
      one.simulation.atConfidenceCents,
    )
    h.setNow('2028-02-29T12:00:00Z')
    const later = (await city.post(`${plan.url}/estimate`)).body
    t.not(later.id, one.id)
    t.equal(later.asOf, '2028-02-29', 'on a leap day too')
    t.equal(later.inputsDigest, one.inputsDigest)
    t.same([later.atConfidenceCents, later.simulation], [one.atConfidenceCents, one.simulation])
    h.setNow('2026-11-24T12:00:00Z')
    await city.post('/v1/cost-catalog/quotes', {
      code: 'CAM-DOME-OUT',
      basis: 'contract-price',
      low: 50_000,
      expected: 50_000,
      high: 50_000,
      quotedOn: '2026-11-01',
      source: 'Contract 12',
    })
    const dearer = (await city.post(`${plan.url}/estimate`)).body
    t.not(dearer.inputsDigest, one.inputsDigest, 'another price is another estimate')
    t.same((await city.get(`${plan.url}/estimate?estimateId=${one.id}`)).body, one, 'and the old one stays')
    t.equal((await city.get(`${plan.url}/estimate?estimateId=${NOWHERE}`)).status, 404)
    t.equal(type(await city.remove(plan.url)), '/problems/plan-in-use')
    await t.rejects(
      h.database.inJurisdiction(city.id, (tx) => tx.execute(sql`update plan_estimates set revision = 9`)),
      'not even the service can change one',
    )
  },
)

t.test('what comes to more than can be written exactly is refused, not rounded', async (t) => {
  const city = await cityOf()
  await city.device({ assetTag: 'D-1' })
  const plan = await planOf(city)
  await city.post(`${plan.url}/devices`, { filter: {} })
  for (const code of ['SFT-PM', 'SFT-ENG']) {
    const quote = { code, basis: 'vendor-quote', quotedOn: '2026-11-01', source: 'A slip of the keyboard' }
    const made = { ...quote, low: 1e12, expected: 1e12, high: 1e12 }
    t.equal((await city.post('/v1/cost-catalog/quotes', made)).status, 201)
  }
  const refused = await city.post(`${plan.url}/estimate`)
  t.equal(refused.status, 400)
  t.match(refused.body.errors, [{ pointer: /Cents$/, code: 'unplannable', message: /90 trillion/ }])
  t.equal((await city.get(`${plan.url}/estimate`)).status, 404, 'and nothing is kept')
})

t.test('a plan that changes while it is computed gives 409, and others are answered meanwhile', async (t) => {
  const city = await cityOf()
  await city.device({ assetTag: 'X-1' })
  const plan = await planOf(city, { trials: 400_000 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  // Told as it goes, the run is known to have read the plan before the plan is changed.
  const stream = (
    await h.app.inject({
      method: 'POST',
      url: `${plan.url}/estimate`,
      headers: { authorization: `Bearer ${city.key}`, accept: 'application/x-ndjson' },
      payloadAsStream: true,
    })
  ).stream()
  let text = ''
  let isDone = false
  const started = new Promise<void>((resolve) => {
    stream.on('data', (chunk) => {
      text += chunk
      resolve()
    })
  })
  const ended = once(stream, 'end').then(() => {
    isDone = true
  })
  await started
  let answered = 0
  while (answered < 3) if ((await city.get(plan.url)).status === 200) answered++
  t.equal(isDone, false, 'requests are answered while it runs')
  await city.patch(plan.url, { settings: { confidence: 70 } })
  await ended
  const { problem } = JSON.parse(text.trim().split('\n').at(-1)!)
  t.match(problem, { status: 409, type: /\/problems\/plan-changed$/ })
  t.equal((await city.get(`${plan.url}/estimate`)).status, 404, 'and nothing is kept')

  // Asked plainly, nothing tells that it has begun: on a database with many sessions the change may come first.
  let late = { status: 201 } as Reply
  for (let confidence = 71; late.status === 201 && confidence < 90; confidence++) {
    const running = city.post(`${plan.url}/estimate`)
    for (let i = 0; i < 3; i++) await city.get(plan.url)
    await city.patch(plan.url, { settings: { confidence } })
    late = await running
  }
  t.equal(late.status, 409)
  t.equal(type(late), '/problems/plan-changed')

  await city.patch(plan.url, { settings: { trials: 30_000 } })
  const told = await h.call('POST', `${plan.url}/estimate`, {
    key: city.key,
    headers: { accept: 'application/x-ndjson' },
  })
  const lines = told.text
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
  t.ok(
    lines.slice(0, -1).every((line) => line.progress > 0 && line.progress <= 1),
    'progress is told line by line',
  )
  t.equal(lines.at(-1).result.planId, plan.id)
  t.equal(
    (await h.call('POST', `${plan.url}/estimate`, { key: city.key, headers: { accept: 'text/csv' } })).status,
    406,
  )
  const key = { 'idempotency-key': 'once' }
  const [a, b] = [
    await city.post(`${plan.url}/schedule`, {}, key),
    await city.post(`${plan.url}/schedule`, {}, key),
  ]
  t.same([a.status, b.status], [201, 201])
  t.equal(b.body.id, a.body.id, 'the same Idempotency-Key gives one schedule')
})

t.test('who goes away ends the computation: nothing of it is kept, and its thread is free', async (t) => {
  const city = await cityOf()
  await city.device({ assetTag: 'G-1' })
  const plan = await planOf(city, { trials: 300_000 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  const address = await h.app.listen({ port: 0, host: '127.0.0.1' })
  const leaving = new AbortController()
  const answer = await fetch(`${address}${plan.url}/estimate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${city.key}`, accept: 'application/x-ndjson' },
    signal: leaving.signal,
  })
  const reader = answer.body!.getReader()
  const { value } = await reader.read()
  t.match(JSON.parse(Buffer.from(value!).toString().split('\n')[0]!), { progress: Number }, 'it has begun')
  leaving.abort()
  await reader.read().catch(() => {})
  // The same again takes as long and begins later: had the first gone on, its result would be there and be given.
  t.equal((await city.post(`${plan.url}/estimate`)).status, 201, 'made now')
})

t.test('a schedule keeps caps and deadlines, and says what does not fit and why', async (t) => {
  const city = await cityOf({ fiscalYearStartMonth: 1 })
  const sites = await inTurn(['North', 'South', 'East'], (name) => city.site(name))
  for (const [i, site] of sites.entries()) {
    await city.device({
      assetTag: `S-${i}`,
      siteId: site.id,
      acquisitionCostCents: 900_000,
      currency: 'USD',
      installedOn: '2024-02-29',
    })
  }
  const plan = await planOf(city, { orderOn: '2026-11-24', fiscalYears: 3, projectCosts: [] })
  await city.post(`${plan.url}/devices`, { filter: {} })
  t.equal(type(await city.post(`${plan.url}/schedule`, {})), '/problems/estimate-needed')
  t.equal(type(await city.get(`${plan.url}/workbook`)), '/problems/estimate-needed')
  await city.post(`${plan.url}/estimate`)
  t.equal((await city.get(`${plan.url}/charts/spend.svg`)).status, 404, 'the chart draws a schedule')
  t.equal((await city.get(`${plan.url}/charts/pie.svg`)).status, 400)
  t.match((await city.get(`${plan.url}/summary.html`)).text, 'not laid over fiscal years yet')
  t.match(
    (await city.get(`${plan.url}/lines`, { accept: 'application/x-ndjson' })).text,
    /"fiscal_year":null/,
  )
  t.equal((await binary(city, `${plan.url}/workbook`)).statusCode, 200)

  const unfunded = (await city.post(`${plan.url}/schedule`, {})).body
  t.same([unfunded.isFeasible, unfunded.doesNotFit], [false, []], 'every site has a year, and nobody pays')
  t.equal(unfunded.funding.gapCents, unfunded.outcome.nominalCents, 'and nobody pays')
  t.equal(unfunded.outcome.years[0].fiscalYear, 2026)
  t.equal(unfunded.outcome.years[0].sites, 0, 'the order arrives after the year has ended')
  t.ok(unfunded.writeOff.totalCents > 0, 'what is written off stands apart')
  t.equal(unfunded.capitalPage.expenditureTotal.at(-1), unfunded.outcome.nominalCents, 'and is in no total')
  t.equal(unfunded.burnDown[0].openDevices, 3)
  t.equal(unfunded.burnDown.at(-1).openPoints, 0)

  const one = unfunded.sites[0].costCents
  await city.post('/v1/funding-sources', {
    name: 'Fund',
    isFederal: false,
    yearCaps: [
      { fiscalYear: 2027, cents: Math.round(one * 1.2) },
      { fiscalYear: 2028, cents: Math.round(one * 1.2) },
    ],
  })
  const tight = (await city.post(`${plan.url}/schedule`, {})).body
  t.equal(tight.isFeasible, false)
  t.equal(tight.status, 'optimal', 'impossible is an answer, and proven')
  t.equal(tight.doesNotFit.length, 1)
  t.match(
    tight.doesNotFit[0].obstacles.map((o: { kind: string; because: string }) => [o.kind, o.because]),
    [
      ['lead-time', /2027-02-07, after this year has ended/],
      ['cap', /Needs \$.* of Fund; \$.* are left/],
      ['cap', /Fund/],
    ],
  )
  for (const year of tight.outcome.years) {
    const cap = tight.funding.caps.find((c: { fiscalYear: number }) => c.fiscalYear === year.fiscalYear).cents
    t.ok(year.spendCents <= cap, `FY${year.fiscalYear} keeps its cap`)
  }
  t.ok(tight.greedy.riskPointYears >= tight.outcome.riskPointYears)
  t.equal(
    tight.capitalPage.expenditureTotal.at(-1),
    tight.outcome.nominalCents,
    'what does not fit is in no total',
  )
  const tightPage = (await city.get(`${plan.url}/summary.html`)).text
  requestOn(t, tightPage, tight.outcome.nominalCents)
  t.match(tightPage, `1 site in no year and in no figure: ${tight.doesNotFit[0].site}`)
  t.match(tightPage, /Sites that do not fit<\/th><td>-\$/)
  const book = await readWorkbook((await binary(city, `${plan.url}/workbook`)).rawPayload)
  t.match(
    book.find(({ sheet }) => sheet === 'Capital page')!.data.find((row) => row[0] === 'Not in these figures'),
    ['Not in these figures', `What does not fit: ${tight.doesNotFit[0].site}`],
    'whoever reads the page alone knows what it leaves out',
  )

  await city.patch(plan.url, {
    settings: {
      deadline: '2028-02-29',
      sites: [{ siteId: sites[2]!.id, deadline: null, after: [sites[0]!.id], crewDays: 2 }],
    },
  })
  await city.post(`${plan.url}/estimate`)
  const leap = (await city.post(`${plan.url}/schedule`, {})).body
  const place = (name: string) => leap.sites.find((site: { site: string }) => site.site === name)
  t.equal(place('North').deadline, '2028-02-29', 'a leap day is a day')
  t.equal(place('East').deadline, null)
  t.ok(place('North').fiscalYear <= 2028)
  t.match(leap.rollout, { deadline: '2028-02-29', shortfall: 0 })
  t.ok(leap.rollout.latestOrderOn > '2027-11-01')
  await city.patch(plan.url, { settings: { devicesPerCrewDay: 0.0001 } })
  await city.post(`${plan.url}/estimate`)
  const slow = await city.post(`${plan.url}/schedule`, {})
  t.equal(slow.status, 400, 'crews that would need more than forty years')
  t.match(slow.body.errors, [{ pointer: '/settings/devicesPerCrewDay', code: 'unplannable' }])
  t.equal((await city.get(`${plan.url}/schedule`)).body.id, leap.id)
  t.equal((await city.get(`${plan.url}/schedule?scheduleId=${tight.id}`)).body.id, tight.id)
  t.equal((await city.get(`${plan.url}/schedule?scheduleId=${NOWHERE}`)).status, 404)
  t.equal((await city.get(`${plan.url}/workbook?scheduleId=${NOWHERE}`)).status, 404)
  t.equal((await city.get(`${plan.url}/lines?estimateId=${NOWHERE}`)).status, 404)
  t.same(codes(await city.post(`${plan.url}/schedule`, { seconds: 0 })), ['/seconds too-small'])
  t.equal(
    type(await city.post(`${plan.url}/schedule`, { estimateId: tight.estimateId })),
    '/problems/estimate-needed',
  )
  await h.call('PATCH', `/v1/jurisdictions/${city.id}`, { body: { currency: 'CAD' } })
  t.equal(
    type(await city.post(`${plan.url}/schedule`, {})),
    '/problems/currency-mismatch',
    'currencies are never summed',
  )
})

t.test('federal money does not pay for what may be covered equipment', async (t) => {
  const city = await cityOf()
  await city.device({ assetTag: 'F-1', siteId: (await city.site('Depot')).id })
  await city.post('/v1/funding-sources', { name: 'Grant', isFederal: true, priority: 1 })
  await city.post('/v1/funding-sources', { name: 'Own', isFederal: false, priority: 2 })
  const plan = await planOf(city)
  await city.post(`${plan.url}/devices`, { filter: {} })
  const run = async () => {
    await city.post(`${plan.url}/estimate`)
    const { funding } = (await city.post(`${plan.url}/schedule`, {})).body
    return funding.sources[0]
  }
  const unknown = await run()
  t.ok(
    unknown.ineligible.some((one: { because: string }) => one.because === 'restriction-unknown'),
    'nothing is chosen yet, so it might be covered',
  )
  const review = await city.post(`${plan.url}/candidates`, { manufacturer: 'Zorblax', model: 'One' })
  await city.post(`${plan.url}/devices`, { filter: {}, candidateId: review.body.id })
  t.ok((await run()).ineligible.some((one: { because: string }) => one.because === 'restriction-unknown'))
  const axis = await city.post(`${plan.url}/candidates`, { manufacturer: 'Axis', model: 'P3265-LVE' })
  await city.post(`${plan.url}/devices`, { filter: {}, candidateId: axis.body.id })
  t.same((await run()).ineligible, [], 'known to be clean: it pays')
  await city.post(`${plan.url}/devices`, { filter: {}, scope: 'betterment' })
  t.ok((await run()).ineligible.some((one: { because: string }) => one.because === 'betterment'))
})

t.test('a plan without devices costs nothing, everywhere', async (t) => {
  const city = await cityOf()
  const plan = await planOf(city, { deadline: '2027-06-30' })
  const estimated = (await city.post(`${plan.url}/estimate`)).body
  t.match(estimated, { devices: 0, pointCents: 0, atConfidenceCents: 0, contingencyRatio: 0, tornado: [] })
  const schedule = (await city.post(`${plan.url}/schedule`, {})).body
  t.match(schedule, {
    isFeasible: true,
    sites: [],
    outcome: { nominalCents: 0 },
    rollout: { completeOn: null },
  })
  for (const name of CHARTS) t.equal((await city.get(`${plan.url}/charts/${name}.svg`)).status, 200, name)
  t.equal((await city.get(`${plan.url}/summary.html`)).status, 200)
  t.equal((await binary(city, `${plan.url}/workbook`)).statusCode, 200)
  t.notMatch((await city.get(`${plan.url}/charts/cost-curve.svg`)).text, /NaN|Infinity/)
})

t.test('orders, payments, completions and delays stand beside the plan', async (t) => {
  const city = await cityOf()
  const depot = await city.site('Depot')
  await city.device({ assetTag: 'A-1', siteId: depot.id })
  const fund = (await city.post('/v1/funding-sources', { name: 'Own', isFederal: false })).body
  const plan = await planOf(city, { firstFiscalYear: 2027 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  await city.post(`${plan.url}/estimate`)
  const schedule = (await city.post(`${plan.url}/schedule`, {})).body
  const actuals = `${plan.url}/actuals`
  const order = await city.post(actuals, {
    kind: 'purchase-order',
    occurredOn: '2026-11-02',
    siteId: depot.id,
    fundingSourceId: fund.id,
    amountCents: 400_000,
    reference: 'PO 77',
    vendor: '=cmd()',
  })
  t.equal(order.status, 201)
  t.match(order.body, { fiscalYear: 2027, currency: 'USD' })
  await city.post(actuals, {
    kind: 'payment',
    occurredOn: '2026-06-30',
    amountCents: 10_000,
    fundingSourceId: fund.id,
  })
  await city.post(actuals, {
    kind: 'payment',
    occurredOn: '2026-11-20',
    siteId: depot.id,
    amountCents: 150_000,
  })
  await city.post(actuals, {
    kind: 'payment',
    occurredOn: '2026-11-21',
    siteId: depot.id,
    amountCents: -50_000,
  })
  await city.post(actuals, { kind: 'completion', occurredOn: '2026-11-22', siteId: depot.id, devicesDone: 1 })
  for (const delayReason of DELAY_REASONS) {
    const late = await city.post(actuals, {
      kind: 'delay',
      occurredOn: '2026-11-10',
      delayReason,
      delayDays: 7,
    })
    t.equal(late.status, 201, delayReason)
  }
  for (const [body, status] of [
    [{ kind: 'delay', occurredOn: '2026-11-10', delayReason: 'mood', delayDays: 7 }, 400],
    [{ kind: 'payment', occurredOn: '2026-12-01', amountCents: 5 }, 400],
    [{ kind: 'payment', occurredOn: '2026-11-01', amountCents: 5, currency: 'EUR' }, 422],
    [{ kind: 'payment', occurredOn: '2026-11-01', amountCents: 5, siteId: NOWHERE }, 400],
    [{ kind: 'payment', occurredOn: '2026-11-01', amountCents: 5, fundingSourceId: NOWHERE }, 400],
    [{ kind: 'payment', occurredOn: '2026-11-01', amountCents: 0.5 }, 400],
    [{ kind: 'completion', occurredOn: '2026-11-22', siteId: depot.id, devicesDone: 1 }, 400],
  ] as const) {
    t.equal((await city.post(actuals, body)).status, status, JSON.stringify(body))
  }
  const told = (await city.get(actuals)).body
  t.equal(told.items.length, 10)
  t.match(told.comparison, {
    scheduleId: schedule.id,
    total: { plannedCents: schedule.outcome.nominalCents, orderedCents: 400_000, paidCents: 110_000 },
    devicesPlanned: 1,
    devicesDone: 1,
    delayDaysByReason: { weather: 7, 'slow-claim-review': 7 },
  })
  t.match(
    told.comparison.bySite.find((one: { siteId: string }) => one.siteId === depot.id),
    { label: 'Depot', orderedCents: 400_000, paidCents: 100_000, plannedCents: schedule.sites[0].costCents },
  )
  t.equal((await city.get(`${actuals}?limit=4`)).body.items.length, 4)
  t.match((await city.get(actuals, { accept: 'text/csv' })).text, /'=cmd\(\)/, 'no cell starts a formula')
  const burn = (await city.get(`${plan.url}/charts/burn-down.json`)).body
  t.match((await city.get(`${plan.url}/charts/burn-down.svg`)).text, 'Actual, as completions were recorded')
  t.equal(burn.columns.at(-1), 'open risk points (actual)')
  const after = (await city.post(`${plan.url}/schedule`, {})).body.capitalPage
  t.equal(after.expenditureTotal[0], 10_000, 'what was paid before the first year is the prior column')
  t.same(after.expenditureTotal, after.fundingTotal)
})

// ---- money over time: what cities' funds are like ----

interface Scheduled {
  readonly isFeasible: boolean
  readonly outcome: { readonly nominalCents: number; readonly riskPointYears: number }
  readonly doesNotFit: readonly {
    readonly site: string
    readonly obstacles: readonly { readonly because: string }[]
  }[]
  readonly funding: {
    readonly gapCents: number
    readonly sources: readonly {
      readonly name: string
      readonly paidCents: number
      readonly committedCents: number
      readonly usedElsewhereCents: number
      readonly leftCents: number | null
      readonly matchRequiredCents: number
      readonly matchFoundCents: number
    }[]
  }
  readonly sites: readonly {
    readonly siteId: string
    readonly site: string
    readonly fiscalYear: number | null
    readonly from: string
    readonly lastDay: string
    readonly orderFrom: string
    readonly orderBy: string
    readonly costCents: number
    readonly committedCents: number
    readonly payers: readonly { readonly fundingSourceId: string; readonly cents: number }[]
  }[]
  readonly completed: readonly { readonly site: string; readonly completedOn: string }[]
  readonly capitalPage: {
    readonly columns: readonly string[]
    readonly expenditure: readonly { readonly element: string; readonly cents: readonly number[] }[]
    readonly expenditureTotal: readonly number[]
    readonly funding: readonly { readonly source: string; readonly cents: readonly number[] }[]
    readonly fundingTotal: readonly number[]
  }
  readonly stages: readonly { readonly objective: string; readonly words: string }[]
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}

/** A plan of one camera at each site named; `devices` more where it says so. */
async function planAt(city: City, names: readonly string[], settings: object = {}, devices = 1) {
  const sites = await inTurn(names, (name) => city.site(name))
  const clean = { manufacturer: 'Axis', model: 'P3265-LVE' }
  for (const [i, site] of sites.entries()) {
    for (let d = 0; d < devices; d++) await city.device({ assetTag: `${names[i]}-${d}`, siteId: site.id })
  }
  const plan = await planOf(city, { orderOn: '2026-11-24', ...settings })
  const candidate = await city.post(`${plan.url}/candidates`, clean)
  await city.post(`${plan.url}/devices`, { filter: {}, candidateId: candidate.body.id })
  const schedule = async (): Promise<Scheduled> => {
    await city.post(`${plan.url}/estimate`)
    const answer = await city.post(`${plan.url}/schedule`, { seconds: 20 })
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body
  }
  return { ...plan, sites, schedule }
}

const fundFor = async (city: City, body: object): Promise<string> => {
  const answer = await city.post('/v1/funding-sources', { isFederal: false, ...body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.body.id
}
const years = (made: Scheduled) => made.sites.map((site) => site.fiscalYear)
const source = (made: Scheduled, name: string) => made.funding.sources.find((one) => one.name === name)!

t.test(
  'a bond that is borrowed shows what it costs afterwards, in no request, and when all is due again',
  async (t) => {
    const city = await cityOf({ name: 'Borrowing', fiscalYearStartMonth: 7 })
    await city.device({ siteId: (await city.site('Depot')).id })
    await city.device({ siteId: (await city.site('Hall')).id, deviceClass: 'router', model: 'MF286' })
    const bond = await city.post('/v1/funding-sources', {
      name: 'Bond',
      isFederal: false,
      totalCapCents: 9_000_000,
    })
    const plan = await planOf(city, { fiscalYears: 2 })
    await city.post(`${plan.url}/devices`, { filter: {} })
    const debts = [{ fundingSourceId: bond.body.id, ratePercent: 4, years: 10 }]
    const wrong = await city.patch(plan.url, {
      settings: { debts: [{ ...debts[0], fundingSourceId: NOWHERE }] },
    })
    t.same(pointersOf(wrong), ['/settings/debts/0/fundingSourceId'])
    await city.patch(plan.url, { settings: { debts } })
    await city.post(`${plan.url}/estimate`)
    const schedule = (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body
    const [{ paidCents, debtService }] = schedule.funding.sources
    t.equal(debtService.payments.length, 10)
    t.equal(debtService.payments[0].fiscalYear, schedule.sites[0].fiscalYear + 1)
    t.equal(
      total(debtService.payments.map((one: { cents: number }) => one.cents)) - debtService.interestCents,
      paidCents,
    )
    t.equal(schedule.outcome.nominalCents, paidCents, 'the request is what is spent')
    t.equal(schedule.nextCycle[0].fiscalYear, schedule.sites[0].fiscalYear + 8)
    t.equal(schedule.nextCycle[0].cents, Math.round(paidCents * 1.03 ** 8))
    const page = (await city.get(`${plan.url}/summary.html`)).text
    t.match(page, /Bond is borrowed at 4 %: \$[\d,]+ to pay back from FY2028 to FY2037/)
    t.match(page, '2 devices a year longer in service', 'those without a price wait too')
    t.match(page, /due again: \$[\d,]+ in FY2035/)
    t.notMatch(page.replaceAll(/<[^>]*>/g, ' '), /\b20\d\d-\d\d-\d\d\b/, 'days are written in words')
  },
)

t.test('a bond is one pot: $30,000 pays a site of more than a fifth of it', async (t) => {
  const city = await cityOf({ fiscalYearStartMonth: 7 })
  const plan = await planAt(city, ['Depot', 'Annex'], {}, 4)
  const cost = (await plan.schedule()).sites.map((site) => site.costCents)
  t.ok(
    cost.every((cents) => cents > 600_000),
    'more than an equal slice of five years',
  )
  await fundFor(city, { name: 'Bond', totalCapCents: 3_000_000 })
  const made = await plan.schedule()
  t.equal(made.isFeasible, true)
  t.equal(made.funding.gapCents, 0)
  t.same(years(made), [2027, 2027], 'no slice of the bond holds anything up')
  t.equal(source(made, 'Bond').leftCents, 3_000_000 - made.outcome.nominalCents)
})

t.test('a grant from October pays in a city whose year starts in July', async (t) => {
  const city = await cityOf({ fiscalYearStartMonth: 7 })
  const plan = await planAt(city, ['Depot'], { fiscalYears: 2, orderOn: '2026-08-01' })
  const grant = { name: 'Grant', isFederal: true, totalCapCents: 5_000_000 }
  const id = await fundFor(city, { ...grant, periodFrom: '2026-10-01', periodTo: '2027-09-30' })
  const made = await plan.schedule()
  t.equal(made.isFeasible, true)
  t.same(years(made), [2027])
  const [site] = made.sites
  t.ok(
    site!.from >= '2026-12-15' && site!.lastDay < '2027-09-30',
    '75 days after October 1, inside the period',
  )
  t.equal(site!.orderFrom, '2026-10-01')
  t.same(site!.payers, [{ fundingSourceId: id, cents: site!.costCents }])

  // Ordered before the grant ends and installed after it: where the order counts.
  await city.patch(`/v1/funding-sources/${id}`, { periodFrom: '2027-01-01', periodTo: '2027-02-01' })
  const short = await plan.schedule()
  t.equal(short.isFeasible, false)
  t.match(short.doesNotFit[0]!.obstacles[0]!.because, /Grant: too late after the lead time/)
  await city.patch(`/v1/funding-sources/${id}`, { periodOf: 'order' })
  const late = await plan.schedule()
  t.notOk(late.isFeasible, 'disposal is not ordered ahead, so somebody else has to pay for it')
  await fundFor(city, { name: 'General', yearCaps: [{ fiscalYear: 2027, cents: 500_000 }], priority: 200 })
  const ordered = await plan.schedule()
  t.equal(ordered.isFeasible, true)
  t.ok(ordered.sites[0]!.from >= '2027-03-17' && ordered.sites[0]!.orderBy < '2027-02-01')
})

t.test('funds mix at a site by what each may pay, with the match its rule asks for', async (t) => {
  const city = await cityOf({ fiscalYearStartMonth: 7 })
  const plan = await planAt(city, ['Depot', 'Annex'])
  const grant = await fundFor(city, {
    name: 'Grant',
    isFederal: true,
    priority: 1,
    activities: ['replacement'],
    sharePercent: 75,
    totalCapCents: 100_000_000,
  })
  const general = await fundFor(city, { name: 'General', priority: 2, totalCapCents: 100_000_000 })
  const made = await plan.schedule()
  t.equal(made.isFeasible, true)
  for (const site of made.sites) {
    t.same(new Set(site.payers.map((one) => one.fundingSourceId)), new Set([grant, general]))
    t.equal(total(site.payers.map((one) => one.cents)), site.costCents, 'every cent has a payer')
  }
  const { paidCents, matchRequiredCents, matchFoundCents } = source(made, 'Grant')
  t.ok(Math.abs(paidCents - 3 * matchRequiredCents) <= 3)
  t.ok(matchFoundCents >= matchRequiredCents)
  const lines = parse((await city.get(`${plan.url}/lines`, { accept: 'text/csv' })).text, {
    columns: true,
  }) as Record<string, string>[]
  const disposal = lines.filter((line) => line.category === 'disposal' && Number(line.budget) > 0)
  t.ok(disposal.length > 0)
  t.same([...new Set(disposal.map((line) => line.fund))], ['General'], 'disposal is from the general fund')

  // A match that only one source may be.
  await fundFor(city, { name: 'Other', priority: 3, totalCapCents: 100_000_000 })
  const other = (await city.get('/v1/funding-sources')).body.items.find(
    (one: { name: string }) => one.name === 'Other',
  ).id
  await city.patch(`/v1/funding-sources/${grant}`, { matchSources: [other] })
  const named = await plan.schedule()
  t.ok(source(named, 'Other').paidCents >= source(named, 'Grant').matchRequiredCents)
  for (const [body, pointers] of [
    [{ matchSources: [NOWHERE] }, ['/matchSources/0 unknown']],
    [{ matchSources: [grant] }, ['/matchSources/0 unknown']],
    [{ shareOf: 'fiscal-year', carriesForward: true }, ['/carriesForward not-together']],
  ] as const)
    t.same(codes(await city.patch(`/v1/funding-sources/${grant}`, body)), pointers)
  t.equal(type(await city.remove(`/v1/funding-sources/${other}`)), '/problems/funding-source-in-use')
})

t.test('what is called feasible has no gap: the fund that may pay less is not left over', async (t) => {
  const city = await cityOf({ fiscalYearStartMonth: 7 })
  const plan = await planAt(city, ['Depot', 'Annex'], { fiscalYears: 1 })
  const free = await plan.schedule()
  const estimate = (await city.get(`${plan.url}/estimate`)).body
  t.ok(
    estimate.bySite.some(
      (share: { value: string; budgetCents: number }) => share.value === '' && share.budgetCents > 0,
    ),
  )
  const whole = free.outcome.nominalCents
  const lines = parse((await city.get(`${plan.url}/lines`, { accept: 'text/csv' })).text, {
    columns: true,
  }) as Record<string, string>[]
  const hard = total(
    lines.filter((line) => line.cost_kind === 'hard').map((line) => Number(parseCents(line.budget!))),
  )
  t.ok(hard > 0 && hard < whole)
  // The first fund may pay anything, the second only hard cost: paid in turn, the first is used up on hard cost.
  await fundFor(city, { name: 'Flexible', priority: 1, totalCapCents: whole - hard })
  const equipment = await fundFor(city, {
    name: 'Equipment',
    priority: 2,
    totalCapCents: hard,
    costKinds: ['hard'],
  })
  const made = await plan.schedule()
  t.same([made.isFeasible, made.funding.gapCents], [true, 0])
  t.same([source(made, 'Flexible').paidCents, source(made, 'Equipment').paidCents], [whole - hard, hard])
  t.same(made.capitalPage.expenditureTotal, made.capitalPage.fundingTotal)
  t.notOk(made.capitalPage.funding.some((row) => row.source === 'Not funded yet'))
  await city.patch(`/v1/funding-sources/${equipment}`, { totalCapCents: hard - 1 })
  const short = await plan.schedule()
  t.equal(short.isFeasible, false, 'one cent less, and it is not')
  t.equal(short.funding.gapCents, 0, 'what is in it is paid')
})

t.test(
  'the lead time runs from the day money may be committed, and each site has its day of the order',
  async (t) => {
    const city = await cityOf({ fiscalYearStartMonth: 7 })
    const plan = await planAt(city, ['Depot', 'Annex'], { deadline: '2030-06-30' })
    const one = (await plan.schedule()).sites[0]!.costCents
    await fundFor(city, {
      name: 'General',
      yearCaps: [2027, 2028].map((fiscalYear) => ({ fiscalYear, cents: Math.round(one * 1.3) })),
    })
    const made = await plan.schedule()
    t.equal(made.isFeasible, true)
    const [first, second] = [...made.sites].sort((a, b) => a.fiscalYear! - b.fiscalYear!)
    t.same([first!.fiscalYear, second!.fiscalYear], [2027, 2028])
    t.equal(first!.orderFrom, '2026-11-24')
    t.equal(second!.orderFrom, '2027-07-01', 'the money of FY2028 is committed in FY2028')
    t.ok(second!.from >= '2027-09-14', '75 days later')
    for (const site of made.sites)
      t.equal(
        (Date.parse(site.from) - Date.parse(site.orderBy)) / 86_400_000,
        75,
        'the lead time before the first day',
      )
    const page = (await city.get(`${plan.url}/summary.html`)).text
    requestOn(t, page, made.outcome.nominalCents)
    const inWords = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' })
    const dayOf = ({ orderBy }: { orderBy: string }) => inWords.format(new Date(orderBy))
    t.match(page, `${dayOf(first!)} for the first site of FY2027`)
    t.match(page, `${dayOf(second!)} for the first site of FY2028`)
    t.notMatch(page, /order by 20(29|30)/, 'nobody is asked to order in 2030 what is installed in 2027')
    t.match(page, 'deadlines kept, most risk points removed', 'what the plan is chosen by, in words')
    t.match(made.stages[0]!.words, /risk taken away as early as possible/)
  },
)

t.test(
  'what is ordered and paid is gone, stands on the capital page, and completed sites leave',
  async (t) => {
    const city = await cityOf({ fiscalYearStartMonth: 7 })
    const plan = await planAt(city, ['Depot', 'Annex', 'Court'])
    const cost = (await plan.schedule()).sites.map((site) => site.costCents)
    const sumOfAll = total(cost)
    const bond = await fundFor(city, { name: 'Bond', totalCapCents: Math.round(sumOfAll * 1.2) })
    const before = await plan.schedule()
    const actual = (body: object) => city.post(`${plan.url}/actuals`, { fundingSourceId: bond, ...body })
    const [depot, annex] = plan.sites as [{ id: string }, { id: string }]
    await actual({
      kind: 'purchase-order',
      occurredOn: '2026-11-20',
      siteId: depot.id,
      amountCents: 300_000,
      reference: 'PO 1',
    })
    await actual({
      kind: 'payment',
      occurredOn: '2026-11-21',
      siteId: depot.id,
      amountCents: 100_000,
      reference: 'PO 1',
    })
    // An invoice for the same order, by its own number, and one that goes beyond it.
    await actual({
      kind: 'payment',
      occurredOn: '2026-11-22',
      siteId: depot.id,
      amountCents: 150_000,
      reference: 'INV 7',
    })
    await actual({ kind: 'payment', occurredOn: '2026-11-22', siteId: annex.id, amountCents: 50_000 })
    const made = await plan.schedule()
    t.equal(source(made, 'Bond').committedCents, 350_000, 'ordered or paid, never both')
    t.equal(made.sites.find((site) => site.siteId === depot.id)!.committedCents, 300_000)
    t.equal(made.outcome.nominalCents, before.outcome.nominalCents - 350_000, 'the sites owe that much less')
    t.equal(
      source(made, 'Bond').leftCents,
      Math.round(sumOfAll * 1.2) - 350_000 - made.outcome.nominalCents,
      'and the fund holds that much less',
    )
    const page = made.capitalPage
    const column = page.columns.indexOf('FY2027')
    t.equal(page.expenditure.find((row) => row.element === 'Ordered or paid')!.cents[column], 350_000)
    t.equal(page.expenditureTotal.at(-1), made.outcome.nominalCents + 350_000)
    t.same(page.expenditureTotal, page.fundingTotal)
    t.equal(
      page.funding.find((row) => row.source === 'Bond')!.cents.at(-1),
      made.outcome.nominalCents + 350_000,
    )

    const ordered = (await city.get(`${plan.url}/summary.html`)).text
    requestOn(t, ordered, made.outcome.nominalCents)
    t.match(ordered, /Ordered or paid already<\/th><td>-\$3,500/)
    t.match(ordered, `With $3,500 ordered or paid already the capital page comes to`)

    await city.post(`${plan.url}/actuals`, {
      kind: 'completion',
      occurredOn: '2026-11-23',
      siteId: depot.id,
      devicesDone: 1,
    })
    const { comparison } = (await city.get(`${plan.url}/actuals`)).body
    t.equal(
      comparison.total.plannedCents,
      page.expenditureTotal.at(-1),
      'planned is what is left and what was ordered',
    )
    const done = await plan.schedule()
    t.same(
      done.completed.map((site) => [site.site, site.completedOn]),
      [['Depot', '2026-11-23']],
    )
    t.same(done.sites.map((site) => site.site).sort(), ['Annex', 'Court'])
    const afterwards = (await city.get(`${plan.url}/summary.html`)).text
    requestOn(t, afterwards, done.outcome.nominalCents)
    t.match(afterwards, /Sites that are done<\/th><td>-\$/)
    t.equal(source(done, 'Bond').committedCents, 350_000, 'its money stays spent')

    // A second plan on the same fund finds what is left after the first.
    await city.device({ assetTag: 'Zoo-0', siteId: (await city.site('Zoo')).id })
    const second = await planOf(city, { orderOn: '2026-11-24' })
    const candidate = await city.post(`${second.url}/candidates`, {
      manufacturer: 'Axis',
      model: 'P3265-LVE',
    })
    await city.post(`${second.url}/devices`, { filter: {}, candidateId: candidate.body.id })
    const estimate = (await city.post(`${second.url}/estimate`)).body
    t.match(
      estimate.warnings.find((one: { code: string }) => one.code === 'in-other-plans')?.message,
      /3 devices are in another plan too: Plan/,
      'one device in two plans is said',
    )
    const other = (await city.post(`${second.url}/schedule`, { seconds: 20 })).body as Scheduled
    t.equal(source(other, 'Bond').usedElsewhereCents, 350_000 + done.outcome.nominalCents)
    t.equal(other.isFeasible, false, 'the money is spoken for')
    t.match(other.warnings.find((one) => one.code === 'shared-funds')?.message, /Bond: Plan/)
    await city.patch(second.url, { settings: { otherPlans: 'ignore' } })
    await city.post(`${second.url}/estimate`)
    const alone = (await city.post(`${second.url}/schedule`, { seconds: 20 })).body as Scheduled
    t.equal(source(alone, 'Bond').usedElsewhereCents, 350_000, 'only what is ordered or paid')
  },
)

t.test(
  'work ends in the year it is charged to, crews by day, one after the other where it has to be',
  async (t) => {
    const city = await cityOf({ fiscalYearStartMonth: 7 })
    const [a, b, c] = ['Depot', 'Annex', 'Court'] as const
    const plan = await planAt(city, [a, b, c], { fiscalYears: 3, crews: 2, maxSitesDark: 1 })
    const ids = plan.sites.map((site) => site.id)
    const days = (counts: readonly number[], after: readonly string[][]) =>
      city.patch(plan.url, {
        settings: { sites: ids.map((siteId, i) => ({ siteId, crewDays: counts[i], after: after[i] })) },
      })
    // About 100 working days are left of FY2027 after the lead time.
    await days([60, 60, 30], [[], [], []])
    const made = await plan.schedule()
    const ends = (made: Scheduled) =>
      made.sites.every(
        (site) => site.lastDay <= `${site.fiscalYear}-06-30` && site.from >= `${site.fiscalYear! - 1}-07-01`,
      )
    t.ok(ends(made), 'each visit lies inside its fiscal year')
    t.equal(years(made).filter((year) => year === 2027).length, 2)
    const inTime = [...made.sites].sort((x, y) => (x.from < y.from ? -1 : 1))
    for (const [i, site] of inTime.entries())
      if (i > 0) t.ok(site.from > inTime[i - 1]!.lastDay, 'one site dark at a time')
    await city.patch(plan.url, { settings: { maxSitesDark: 2 } })
    await days([20, 20, 20], [[], [ids[0]!], [ids[1]!]])
    const chain = await plan.schedule()
    const of = (name: string) => chain.sites.find((site) => site.site === name)!
    t.same(years(chain), [2027, 2027, 2027])
    t.ok(of(a).lastDay < of(b).from && of(b).lastDay < of(c).from, 'in order, although two crews are there')
  },
)

t.test('a device ends with a record, and a legal hold in any plan prevents it', async (t) => {
  const city = await cityOf()
  const [held, free, other] = await inTurn(['H-1', 'H-2', 'H-3'], (assetTag) => city.device({ assetTag }))
  const plan = await planOf(city)
  const elsewhere = await planOf(city)
  await city.post(`${plan.url}/devices`, { deviceIds: [held.id, free.id] })
  const hold = await city.post(`${elsewhere.url}/devices`, {
    deviceIds: [held.id],
    legalHold: true,
    legalHoldReason: 'State v. Roe',
  })
  t.equal(hold.status, 200)
  const disposals = `${plan.url}/disposals`
  const record = {
    method: 'destroy',
    disposedOn: '2026-11-20',
    party: 'Shred Co',
    certificate: 'C-1',
    partyCertification: 'R2',
  }
  const blocked = await city.post(disposals, { ...record, deviceId: held.id })
  t.equal(type(blocked), '/problems/legal-hold')
  t.match(blocked.body.detail, 'State v. Roe')
  t.equal(
    type(await city.remove(`${elsewhere.url}/devices?deviceId=${held.id}`)),
    '/problems/legal-hold',
    'it cannot be slipped out either',
  )
  t.equal(type(await city.remove(elsewhere.url)), '/problems/plan-in-use')
  t.same(codes(await city.post(disposals, { ...record, deviceId: free.id, certificate: null })), [
    '/certificate custom',
  ])
  t.same(codes(await city.post(disposals, { ...record, deviceId: other.id })), ['/deviceId unknown'])
  t.same(codes(await city.post(disposals, { ...record, deviceId: free.id, disposedOn: '2026-12-24' })), [
    '/disposedOn in-the-future',
  ])
  const done = await city.post(disposals, { ...record, deviceId: free.id })
  t.equal(done.status, 201)
  t.match(done.body, { device: { assetTag: 'H-2' }, keepUntil: '2036-11-20' })
  t.equal(type(await city.post(disposals, { ...record, deviceId: free.id })), '/problems/already-disposed')
  const revision = (await city.get(elsewhere.url)).body.revision
  await city.post(`${elsewhere.url}/devices`, {
    deviceIds: [held.id],
    legalHold: false,
    legalHoldReason: null,
  })
  t.equal((await city.get(elsewhere.url)).body.revision, revision, 'a hold changes no figure')
  t.equal(
    (
      await city.post(disposals, {
        method: 'purge',
        disposedOn: '2026-11-20',
        party: 'Shred Co',
        deviceId: held.id,
      })
    ).status,
    201,
  )
  await h.call('DELETE', `/v1/devices/${free.id}`, { key: city.editor })
  const listed = (await city.get(disposals)).body.items
  t.equal(listed.length, 2, 'the record outlives the device')
  t.equal((await city.get(`${disposals}?limit=1`)).body.nextCursor !== null, true)
  t.match((await city.get(disposals, { accept: 'text/csv' })).text, 'Shred Co')
  t.equal(
    (await city.get(`${plan.url}/devices`)).body.items.filter((one: { disposedOn: string }) => one.disposedOn)
      .length,
    2,
  )
})

t.test('names that look like formulas, markup or nonsense do no harm in any output', async (t) => {
  const city = await cityOf({ name: `R&D <b>"Town"</b>` })
  const evil = '=HYPERLINK("http://x","<script>alert(1)</script>")'
  const site = await city.site(evil)
  await city.device({ assetTag: 'Z-1', siteId: site.id, department: '+SUM(A1)' })
  await city.post('/v1/funding-sources', { name: '@fund <i>&', isFederal: false })
  const plan = await planOf(city, {}, { name: '-1+1 </title><script>' })
  await city.post(`${plan.url}/devices`, { filter: {} })
  await city.post(`${plan.url}/estimate`)
  await city.post(`${plan.url}/schedule`, {})
  const csv = (await city.get(`${plan.url}/lines`, { accept: 'text/csv' })).text
  const cells = (parse(csv) as string[][]).flat()
  t.notOk(
    cells.some((cell) => /^[=+@]|^-(?!\d+(\.\d+)?$)/.test(cell)),
    'no cell starts a formula',
  )
  const sheets = await readWorkbook((await binary(city, `${plan.url}/workbook`)).rawPayload)
  t.notOk(
    sheets.some(({ data }) => data.flat().some((cell) => typeof cell === 'string' && /^[=+@]/.test(cell))),
    'nor in the workbook',
  )
  const html = (await city.get(`${plan.url}/summary.html`)).text
  t.notMatch(html, /<script/)
  t.match(html, '&lt;/title&gt;&lt;script&gt;')
  const svg = (await city.get(`${plan.url}/charts/spend.svg`)).text
  t.match(svg, '@fund &lt;i&gt;&amp;')
})

t.test('what a council approved is the baseline of all that comes after', async (t) => {
  const city = await cityOf({ name: 'Council' })
  await city.device({ assetTag: 'C-1', siteId: (await city.site('Depot')).id })
  const plan = await planOf(city, { fiscalYears: 2 })
  const approvals = `${plan.url}/approvals`
  const council = { approvedBy: 'City Council', approvedOn: '2026-11-20', reference: 'Resolution 114' }
  t.same(codes(await city.patch(plan.url, { status: 'approved' })), ['/status unapproved'])
  t.same(codes(await city.post('/v1/plans', { name: 'By nobody', status: 'approved' })), [
    '/status unapproved',
  ])
  t.match(await city.post(approvals, council), { status: 409, body: { type: /estimate-needed$/ } })
  await city.post(`${plan.url}/devices`, { filter: {} })
  await city.post(`${plan.url}/estimate`)
  t.match(await city.post(approvals, council), { status: 409, body: { type: /schedule-needed$/ } })
  const first = (await city.post(`${plan.url}/schedule`, { seconds: 5 })).body
  t.same(codes(await city.post(approvals, { ...council, approvedOn: '2027-01-01' })), [
    '/approvedOn in-the-future',
  ])
  t.equal((await city.post(approvals, { ...council, scheduleId: NOWHERE })).status, 404)
  t.same((await city.get(plan.url)).body.approval, null)

  const approved = await city.post(approvals, council)
  const { nominalCents } = first.outcome
  t.match(approved, {
    status: 201,
    body: { ...council, scheduleId: first.id, revision: first.revision, requestCents: nominalCents },
  })
  t.match((await city.get(plan.url)).body, {
    status: 'approved',
    changedSinceApproval: false,
    approval: { id: approved.body.id, approvedBy: 'City Council', requestCents: nominalCents },
  })
  const pageOf = async () => (await city.get(`${plan.url}/summary.html`)).text
  t.match(
    await pageOf(),
    /Approved by City Council on November 20, 2026 \(Resolution 114\): revision \d+, \$[\d,]+\.</,
  )
  t.equal((await city.patch(plan.url, { status: 'archived' })).status, 200)
  t.equal((await city.patch(plan.url, { status: 'approved' })).status, 200, 'as it was approved once')

  await city.post('/v1/cost-catalog/quotes', {
    ...{ code: 'CAM-DOME-OUT', low: 100_000, expected: 120_000, high: 140_000 },
    ...{ basis: 'vendor-quote', source: 'Quote 1', quotedOn: '2026-11-20' },
  })
  const schedules: string[] = []
  for (const crews of [2, 3]) {
    await city.patch(plan.url, { settings: { crews } })
    await city.post(`${plan.url}/estimate`)
    schedules.push((await city.post(`${plan.url}/schedule`, { seconds: 5 })).body.id)
  }
  t.match((await city.get(plan.url)).body, { changedSinceApproval: true, approval: { scheduleId: first.id } })
  t.same(
    (await city.get(`${plan.url}/comparison`)).body.versions.map(
      (one: { scheduleId: string }) => one.scheduleId,
    ),
    [first.id, schedules[1]],
    'beside what was approved, not beside the schedule in between',
  )
  t.match(await pageOf(), /was not approved; it asks for \$[\d,]+ more/)
  const sheets = await readWorkbook((await binary(city, `${plan.url}/workbook`)).rawPayload)
  const sheet = (name: string) => sheets.find((one) => one.sheet === name)!.data
  t.match(String(sheet('Changes')[0]![2]), /^Approved 2026-11-20, revision \d+$/)
  t.ok(sheet('Summary').some(([cell]) => /Resolution 114/.test(String(cell))))
  const listed = (await city.get('/v1/plans', { accept: 'text/csv' })).text
  t.match(listed, /2026-11-20,City Council,\d+,true/)

  const second = await city.post(approvals, { approvedBy: 'Finance board', approvedOn: '2026-11-23' })
  t.match((await city.get(plan.url)).body, {
    changedSinceApproval: false,
    approval: { scheduleId: schedules[1], approvedBy: 'Finance board' },
  })
  const withdrawal = `${approvals}/${second.body.id}/withdrawal`
  const reason = { reason: 'entered for another plan' }
  t.match(await city.post(withdrawal, reason), { status: 200, body: { withdrawn: reason } })
  t.match(await city.post(withdrawal, reason), { status: 409, body: { type: /approval-withdrawn$/ } })
  t.match((await city.get(plan.url)).body, { status: 'approved', approval: { id: approved.body.id } })
  await city.post(`${approvals}/${approved.body.id}/withdrawal`, reason)
  t.match((await city.get(plan.url)).body, {
    status: 'proposed',
    approval: null,
    changedSinceApproval: false,
  })
  t.same(
    (await city.get(approvals)).body.items.map((one: { approvedBy: string; withdrawn: object | null }) => [
      one.approvedBy,
      one.withdrawn !== null,
    ]),
    [
      ['City Council', true],
      ['Finance board', true],
    ],
  )
  const actions = await h.call('GET', `/v1/audit-events?jurisdictionId=${city.id}&action=plan.approve`)
  t.equal(actions.body.items.length, 2)
})

t.test('a reviewer reads plans of its cities, on record, and changes none', async (t) => {
  const city = await cityOf()
  const plan = await planOf(city)
  const reviewer = await h.key('federal-reviewer', [city.id])
  const elsewhere = await h.key('federal-reviewer', [await h.jurisdiction()])
  t.equal((await h.call('GET', plan.url, { key: reviewer })).status, 200)
  t.equal((await h.call('GET', plan.url, { key: elsewhere })).status, 404)
  t.equal((await h.call('POST', `${plan.url}/estimate`, { key: reviewer })).status, 403)
  const audit = await h.call('GET', '/v1/audit-events?action=plan.read')
  t.ok(audit.body.items.length >= 1)
  const own = await h.call('GET', `/v1/audit-events?jurisdictionId=${city.id}&action=plan.create`)
  t.equal(own.body.items.length, 1, 'and each write too')
})

t.test('risk points take the higher of the firmware score and the worst outcome', async (t) => {
  const clean = {
    procure: 'permitted',
    use: 'permitted',
    'federal-funding': 'permitted',
    'firmware-update': 'permitted',
  }
  for (const [headline, points, restriction] of [
    [clean, 0, 'permitted'],
    [{ ...clean, procure: 'seller-bar' }, 50, 'seller-bar'],
    [{ ...clean, procure: 'seller-bar', use: 'prohibited' }, 80, 'prohibited'],
    [{ ...clean, 'return-export': 'license-required' }, 0, 'permitted'],
    [{}, 40, 'review'],
  ] as const) {
    t.equal(riskPoints({ headline }), points)
    t.equal(restrictionOf(headline), restriction)
  }
  t.equal(riskPoints({ headline: clean, firmwareScore: 90.4 }), 90)
  const barred = { ...clean, use: 'prohibited' }
  t.equal(riskPoints({ headline: barred, firmwareScore: 20 }), 80, 'a patch does not make it lawful')
  t.equal(riskPoints({ headline: barred, firmwareScore: 95 }), 95)
})

t.test('firmware risk moves a site to the front where the law tells nothing apart', async (t) => {
  const city = await cityOf()
  const device = async (name: string, networkExposure: string) => {
    const site = await city.site(name)
    const axis = { manufacturer: 'Axis', model: 'P3265-LVE', siteId: site.id, networkExposure }
    const { firmwareRisk } = await city.device(axis)
    return { siteId: site.id, score: firmwareRisk.score as number }
  }
  // The site that comes first by name has the lower score.
  const calm = await device('Annex', 'isolated')
  const exposed = await device('Library', 'internet')
  t.ok(exposed.score > calm.score, `${exposed.score} above ${calm.score}`)
  const plan = await planOf(city, { maxSitesPerYear: 1, fiscalYears: 2 })
  await city.post(`${plan.url}/devices`, { filter: {} })
  const { bySite } = (await city.post(`${plan.url}/estimate`)).body
  const pointsOf = (siteId: string) =>
    bySite.find((one: { value: string }) => one.value === siteId).riskPoints as number
  t.equal(pointsOf(exposed.siteId), exposed.score)
  t.ok(pointsOf(calm.siteId) < exposed.score)
  const { sites } = (await city.post(`${plan.url}/schedule`, { seconds: 10 })).body
  const yearOf = (siteId: string) => sites.find((one: { siteId: string }) => one.siteId === siteId).fiscalYear
  t.ok(yearOf(exposed.siteId) < yearOf(calm.siteId), 'and it is replaced first')
})

t.test('an estimate is of the law of today, also before devices are screened again', async (t) => {
  const city = await cityOf()
  const site = await city.site('Depot')
  await city.device({ manufacturer: 'Axis', model: 'P3265-LVE', siteId: site.id })
  const plan = await planOf(city)
  await city.post(`${plan.url}/devices`, { filter: {} })
  const points = async () => (await city.post(`${plan.url}/estimate`)).body.bySite[1].riskPoints as number
  const before = h.knowledge()
  const calm = await points()
  const model = before.reference.listings.find((listing) => listing.regime === 'ofac-sdn')!
  const sanction = {
    ...model,
    id: 'ofac-sdn:axis:fresh',
    vendor: 'axis',
    name: 'Axis',
    from: '2026-01-01',
    to: null,
  }
  h.setKnowledge(
    buildKnowledge(
      { ...before.reference, listings: [...before.reference.listings, sanction] },
      registrantOf,
      before.version + 1,
      'test',
      before.firmware,
    ),
  )
  t.teardown(() => h.setKnowledge(before))
  t.equal(await points(), 80, 'it is prohibited now')
  t.ok(calm < 80, `${calm} before`)
  const [listed] = (await city.get(`${plan.url}/devices`)).body.items
  t.equal(listed.restriction, 'prohibited', 'and the list of its devices says so')
})
