/** The console for those who look across cities and those who ask for money: maps, scenarios, plans, law, the record. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { deedWords, LOOKED_FOR } from '../src/console/audit-words.ts'
import { STATE_NAMES, shortCount, stepOf, stepsOf, TILES } from '../src/console/tiles.ts'
import { STATES } from '../src/lib/states.ts'
import { eachFits, fits, listening, openBrowser, signInThere, withoutBrowser } from './support/chromium.ts'
import { harness } from './support/harness.ts'
import { crawl, signedInAs, textOf, type Visit, type Visitor } from './support/visitor.ts'

t.setTimeout(1_200_000)

const h = await harness(t)
const file = readFileSync(fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv')), 'utf8')

async function cityOf(name: string, state: string, lines: number): Promise<string> {
  const id = await h.jurisdiction({ name, state, timezone: 'America/New_York', fiscalYearStartMonth: 10 })
  const { status } = await h.call('POST', '/v1/imports', {
    key: await h.key('city-editor', id),
    body: file.split('\n').slice(0, lines).join('\n'),
    headers: { 'content-type': 'text/csv' },
  })
  if (status !== 201) throw new Error(`not imported: ${status}`)
  return id
}

const riverbend = await cityOf('Riverbend', 'OH', 100)
const mesa = await cityOf('Mesa Vista', 'TX', 12)
/** A city whose every text is markup, very long, or written from right to left. */
const EVIL = '"><script>alert(1)</script>\u202E'
const hostile = await h.jurisdiction({ name: `Hostile ${EVIL}`, state: 'NM' })
await h.call('POST', '/v1/plans', {
  key: await h.key('city-budget', hostile),
  body: { name: EVIL, projectNumber: EVIL },
})
await h.call('POST', '/v1/funding-sources', {
  key: await h.key('city-budget', hostile),
  body: { name: EVIL, isFederal: true, citation: EVIL },
})
await h.call('POST', '/v1/devices', {
  key: await h.key('city-editor', hostile),
  body: {
    ...{ assetTag: EVIL, manufacturer: `Hikvision ${EVIL}`, model: EVIL, name: 'm'.repeat(200) },
    deviceClass: 'camera',
  },
})
const keys = {
  hostile: await h.key('city-budget', hostile),
  budget: await h.key('city-budget', riverbend),
  viewer: await h.key('city-viewer', riverbend),
  reviewer: await h.key('federal-reviewer', [riverbend, mesa, hostile]),
  admin: h.admin,
} as const
type Who = keyof typeof keys

t.test('the map has one square for each state and territory, and a color of few steps', async (t) => {
  t.same(TILES.map(({ code }) => code).toSorted(), [...STATES].toSorted())
  t.same(Object.keys(STATE_NAMES).toSorted(), [...STATES].toSorted())
  t.equal(new Set(TILES.map(({ column, row }) => `${column} ${row}`)).size, STATES.size, 'none hides another')
  const cases: readonly (readonly [counts: number[], steps: string])[] = [
    [[], ''],
    [[0, 0], ''],
    [[7], '7-7'],
    [[3, 3, 3, 9], '3-3 9-9'],
    [[1, 2, 3, 4, 5], '1-1 2-2 3-3 4-4 5-5'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], '1-2 3-4 5-6 7-8 9-10'],
    [[1, 1, 1, 1, 1, 1, 2, 900], '1-1 2-2 900-900'],
  ]
  for (const [counts, expected] of cases) {
    const steps = stepsOf(counts)
    t.equal(steps.map(({ least, most }) => `${least}-${most}`).join(' '), expected, String(counts))
    for (const count of counts) t.equal(stepOf(steps, count) > 0, count > 0, `${counts}: ${count} has a step`)
  }
  t.same([0, 1240, 99_999, 123_456, 1_987_654].map(shortCount), ['0', '1,240', '99,999', '123k', '1.9m'])
})

t.test(
  'a reviewer sees each figure across cities as the API counts it, and which devices it counts',
  async (t) => {
    const reviewer = await signedInAs(h, keys.reviewer)
    const question = 'activity=federal-funding&outcome=unallowable'
    const summary = await h.call('GET', `/v1/summary?groupBy=state&${question}`, { key: keys.reviewer })
    const counted = Object.fromEntries(
      summary.body.items.map((row: { group: { state: string }; devices: number }) => [
        row.group.state,
        row.devices,
      ]),
    )
    t.ok(counted.OH > 0 && counted.TX > 0)
    const { html } = await reviewer.open(`/console/cities?${question}`)
    for (const [state, devices] of Object.entries(counted))
      t.match(html, `aria-label="${state} ${devices}: ${STATE_NAMES[state]}, ${devices} device`)
    t.match(html, 'aria-label="AK 0: Alaska, 0 devices"')
    t.match(textOf(html), 'Your reads are on record.')
    const ohio = await reviewer.open(`/console/cities?${question}&state=OH`)
    t.match(textOf(ohio.html), `${counted.OH} devices in Ohio in 1 of the 3 cities`)
    t.notMatch(textOf(ohio.html), 'Mesa Vista')
    const link = /href="(\/console\/devices\?[^"]*)">Riverbend</.exec(ohio.html)![1]!.replaceAll('&amp;', '&')
    const { searchParams } = new URL(link, 'http://x')
    const listed = await h.call('GET', `/v1/devices?${searchParams}&limit=1000`, { key: keys.reviewer })
    t.equal(listed.body.items.length, counted.OH, 'a city leads to the devices that were counted')
    t.equal((await reviewer.open(link)).status, 200)
    const csv = await reviewer.open(`/console/v1/summary?${question}&groupBy=state%2Ccity&as=csv`)
    t.match(csv.html, /^\uFEFF?state,city,devices/)
    t.match(csv.html, `OH,Riverbend,${counted.OH}`)
    const past = await reviewer.open(`/console/cities?${question}&asOf=2026-11-24`)
    t.match(past.html, `aria-label="OH ${counted.OH}: `, 'as of a day')
    const before = await reviewer.open('/console/cities?asOf=2026-11-01')
    t.match(textOf(before.html), 'No register was kept then')
    t.match(
      textOf((await reviewer.open('/console/cities?outcome=nonsense')).html),
      'Open the page without it',
    )
    t.equal((await (await signedInAs(h, keys.budget)).open('/console/cities')).status, 403)
  },
)

t.test('a reviewer is given some of the cities, and finds what was bought since a day', async (t) => {
  const operator = await signedInAs(h, keys.admin)
  const made = await operator.post('/console/keys', [
    ['label', 'Two of three'],
    ['role', 'federal-reviewer'],
    ['jurisdictionId', ''],
    ['jurisdictionIds', riverbend],
    ['jurisdictionIds', mesa],
  ])
  const [key] = /clk_[\w-]{30,}/.exec(made.html) ?? []
  const { body: read } = await h.call('GET', '/v1/jurisdictions', { key: key! })
  t.same(read.items.map(({ id }: { id: string }) => id).toSorted(), [riverbend, mesa].toSorted())

  const reviewer = await signedInAs(h, key!)
  const all = await reviewer.open('/console/devices')
  t.match(all.html, /type="date"[^>]*name="acquiredFrom"|name="acquiredFrom"[^>]*type="date"/)
  const question = 'maker=hikvision&fundingSource=federal-grant&acquiredFrom=2020-08-13'
  const { body: bought } = await h.call('GET', `/v1/devices?${question}&limit=1000`, { key: key! })
  t.ok(bought.items.length > 0)
  const since = textOf((await reviewer.open(`/console/devices?${question}`)).html)
  t.match(since, `${bought.items.length} devices`)
  t.match(since, 'Bought from: Aug 13, 2020')
})

t.test('the devices of an import are named by its file, not by an id', async (t) => {
  const key = await h.key('city-editor', riverbend)
  const sent = { key, body: file, headers: { 'content-type': 'text/csv' } }
  const { body: again } = await h.call('POST', '/v1/imports', sent)
  const viewer = await signedInAs(h, keys.viewer)
  const text = textOf((await viewer.open(`/console/devices?importId=${again.id}`)).html)
  t.match(text, 'Import: ')
  t.notMatch(text, `Import: ${again.id}`)
  const { body: found } = await h.call('GET', '/v1/devices?assetTag=RB-006', { key })
  const device = textOf((await viewer.open(`/console/devices/${found.items[0].id}`)).html)
  t.match(device, 'Acquired on Jun 1, 2021', 'days are words')
  t.match(device, /Not known: serial number, MAC address, FCC id/, 'names keep their capitals')
})

/** The page that a form leads to, once its job has ended. */
async function settled(someone: Visitor, address: string, fields: Record<string, string>): Promise<Visit> {
  let at = (await someone.post(address, fields)).location!
  for (;;) {
    const visit = await someone.open(at)
    if (visit.location === undefined && !at.includes('/working/')) return visit
    at = visit.location ?? at
  }
}

t.test(
  'a budget officer goes from no plan to the papers, and sees what a later change makes old',
  async (t) => {
    const officer = await signedInAs(h, keys.budget)
    t.match(textOf((await officer.open('/console/plans')).html), 'No plan yet. A plan prices the devices')
    const refused = await officer.post('/console/plans/new', { name: ' ', which: 'law' })
    t.equal(refused.status, 400)
    t.match(textOf(refused.html), /Name: give it a name.*Which devices: choose one answer at least/)
    const made = await officer.post('/console/plans/new', {
      ...{ name: 'Camera replacement', deadline: '2029-09-30', which: 'law', outcome: 'prohibited' },
    })
    const plan = made.location!.split('?')[0]!
    const begun = await officer.open(made.location!)
    t.match(textOf(begun.html), /The plan is made.*Devices ✓ Done.*Who pays ○ To do.*Estimate ○ To do/)
    const id = plan.split('/').at(-1)!
    const stored = await h.call('GET', `/v1/plans/${id}`, { key: keys.budget })
    t.match(stored.body, { name: 'Camera replacement', settings: { deadline: '2029-09-30' } })
    t.ok(stored.body.devices > 0)
    const wrong = await officer.post(`/console/funding-sources/new?plan=${id}`, {
      ...{
        name: 'General fund',
        isFederal: 'no',
        yearly: 'lots',
        years: '3',
        firstYear: '2027',
        sharePercent: '100',
      },
    })
    t.match(textOf(wrong.html), 'Dollars a year: must be an amount in dollars such as 45,000')
    t.match(wrong.html, 'value="General fund"', 'what was typed is still there')
    const funded = await officer.post(`/console/funding-sources/new?plan=${id}`, {
      ...{ name: 'General fund', isFederal: 'no', yearly: '$45,000', years: '3', firstYear: '2027' },
      ...{ sharePercent: '100', periodTo: '2029-09-30' },
    })
    t.equal(funded.location, `${plan}?done=fund-added`, 'back to the plan that it was for')
    const { body: sources } = await h.call('GET', '/v1/funding-sources', { key: keys.budget })
    t.match(sources.items[0], {
      yearCaps: [2027, 2028, 2029].map((fiscalYear) => ({ fiscalYear, cents: 4_500_000 })),
      periodTo: '2029-10-01',
    })
    const early = await officer.post(plan, { do: 'schedule' })
    t.ok(early.status === 409 && /role="alert"/.test(early.html), 'a schedule needs an estimate')
    const estimated = await settled(officer, plan, { do: 'estimate' })
    const { body: estimate } = await h.call('GET', `/v1/plans/${id}/estimate`, { key: keys.budget })
    const p80 = `$${Math.round(estimate.atConfidenceCents / 100).toLocaleString('en-US')}`
    t.match(textOf(estimated.html), `With a budget of ${p80} the chance is 80 in 100`)
    t.match(textOf(estimated.html), /\d+ of \d+ prices are planning assumptions/)
    const scheduled = await settled(officer, plan, { do: 'schedule' })
    t.match(
      textOf(scheduled.html),
      /Everything fits (Yes|No).*Planned spending \$[\d,.]+ over \d fiscal year/,
    )
    for (const chart of ['tornado', 'cost-curve', 'spend', 'burn-down']) {
      t.match(scheduled.html, `/charts/${chart}.svg" alt="Chart: `)
      t.match(
        (await officer.open(`/console/v1/plans/${id}/charts/${chart}.svg`)).headers['content-type'],
        'image/svg',
      )
    }
    t.match((await officer.open(`/console/v1/plans/${id}/workbook`)).headers['content-type'], 'spreadsheetml')
    t.equal((await officer.open(`/console/v1/plans/${id}/summary.html`)).status, 200)

    const council = { approvedBy: 'City Council', approvedOn: '2026-11-20', reference: 'Resolution 114' }
    const nameless = await officer.post(plan, { do: 'approve', ...council, approvedBy: ' ', approvedOn: '' })
    t.match(textOf(nameless.html), /Not saved.*Approved by: .*On: /)
    const approved = await officer.send(plan, { do: 'approve', ...council })
    t.match(
      textOf(approved.html),
      /on record.*City Council approved it on .*\(Resolution 114\), for \$[\d,]+/,
      'a council approves the schedule that is shown',
    )
    t.notMatch(approved.html, 'name="approvedBy"', 'approved once is approved')

    const [leading] = estimate.tornado
    const quote = `/console/cost-catalog/quote?code=${leading.code}&plan=${id}`
    t.match(scheduled.html, quote.replace('&', '&amp;'))
    h.setNow(new Date(h.now().getTime() + 60_000).toISOString())
    const price = estimate.prices.find(({ code }: { code: string }) => code === leading.code)
    const amount = String(Math.round(price.expected) / 100)
    const quoted = await officer.send(quote, {
      expected: amount,
      basis: 'vendor-quote',
      quotedOn: '2026-11-20',
      source: 'Quote 1',
    })
    t.match(textOf(quoted.html), /The quote is entered.*Estimate ↻ To be done again.*a price was changed/)
    const candidate = { do: 'candidate', manufacturer: 'Axis', model: 'P3265-LVE' }
    const chosen = await officer.send(plan, candidate)
    t.match(textOf(chosen.html), /It may be bought.*What is bought instead ✓ Done Axis P3265-LVE/)
    const { body: replaced } = await h.call('GET', `/v1/plans/${id}/devices?limit=1000`, { key: keys.budget })
    t.equal(replaced.items.length, stored.body.devices, 'choosing what is bought adds no device to the plan')
    for (const { deviceClass, candidateId } of replaced.items)
      t.equal(
        candidateId !== null,
        deviceClass === 'camera',
        `${deviceClass}: cameras alone are replaced by it`,
      )
    const devices = await officer.open(`${plan}/devices`)
    t.match(textOf(devices.html), `Devices to replace, ${stored.body.devices} in all`)
    const supposing = await officer.open(`${plan}/what-if?crews=4&vms=cloud&money=45%2C000`)
    t.match(textOf(supposing.html), /Side by side.*Install crews: 4.*Everything fits.*vms new-license cloud/)
    t.match(
      textOf((await officer.open(`${plan}/what-if?crews=0`)).html),
      'crews: ',
      'what cannot be supposed is said',
    )
    const copied = await officer.send(`${plan}/what-if?crews=4&vms=cloud`, { name: 'In the cloud' })
    t.match(textOf(copied.html), /In the cloud.*The copy is a draft of its own.*Estimate ○ To do/)

    const [first] = replaced.items
    const out = await officer.send(`${plan}/devices`, { device: first.deviceId })
    t.match(textOf(out.html), /Taken out of the plan/)
    t.match(textOf(out.html), `Devices to replace, ${stored.body.devices - 1} in all`)
    const viewer = await signedInAs(h, keys.viewer)
    t.notMatch((await viewer.open(`${plan}/devices`)).html, 'Take out')
    t.notMatch(
      (await viewer.open(plan)).html,
      '<form method="post" class="no-print"',
      'who may not plan has no buttons',
    )
    t.equal((await viewer.post(plan, { do: 'estimate' })).status, 403)
  },
)

/** The page of a scenario, once its job has ended. */
async function answered(someone: Visitor, address: string): Promise<{ html: string; id: string }> {
  const { html, location } = await someone.open(address)
  if (location !== undefined) return answered(someone, location)
  if (address.includes('/working/')) return answered(someone, address)
  return { html, id: address.split('/').at(-1)! }
}

t.test(
  'whoever asks what if a maker is designated is told that no list says it, on every page',
  async (t) => {
    const officer = await signedInAs(h, keys.budget)
    t.match(textOf((await officer.open('/console/scenarios')).html), 'No scenario yet.')
    const refused = await officer.post('/console/scenarios/new', { makers: ' ', windDownDays: 'soon' })
    t.match(
      textOf(refused.html),
      /Makers: name one maker at least.*From: choose the first day.*Days to wind down: must be a whole number/,
    )
    const unknown = await officer.post('/console/scenarios/new', {
      makers: 'Nobody at all',
      effectiveOn: '2027-01-15',
    })
    t.equal(unknown.status, 400, 'what the API refuses is shown beside the form')
    t.match(unknown.html, 'Nobody at all')
    const ask = {
      makers: 'Hikvision',
      regime: 'sdn',
      effectiveOn: '2027-01-15',
      windDownDays: '180',
      reach: 'owned',
    }
    const made = await officer.post('/console/scenarios/new', ask)
    t.match(made.location, /^\/console\/scenarios\/(working\/)?[0-9a-f-]{36}$/)
    const { html } = await officer.open(made.location!)
    const id = /\/v1\/scenarios\/([0-9a-f-]{36})/.exec(html)![1]!
    const { body } = await h.call('GET', `/v1/scenarios/${id}`, { key: keys.budget })
    const text = textOf(html)
    t.match(text, /Hypothetical. No list says this.*If Hikvision were on/)
    t.match(text, `${body.totals.hit} of ${body.totals.devices} devices would be hit.`)
    t.match(
      text,
      /Last day to wind down: Jul 14, 2027.*Buy more.*Save the firmware files.*Money.*What this does not know/,
    )
    t.notMatch(text, '`', 'facts have words')
    t.match((await officer.open(`/console/v1/scenarios/${id}/devices?as=csv`)).html, 'HYPOTHETICAL')
    const other = await officer.post('/console/scenarios/new', { ...ask, makers: 'Dahua', windDownDays: '' })
    await answered(officer, other.location!)
    const listed = await officer.open('/console/scenarios')
    const ids = [...listed.html.matchAll(/name="id" value="([^"]*)"/g)].map(([, one]) => one)
    t.equal(ids.length, 2)
    const beside = textOf((await officer.open(`/console/scenarios/compare?id=${ids[0]}&id=${ids[1]}`)).html)
    t.match(beside, /Hypothetical. No list says this.*2 scenarios side by side.*Devices hit/)
    t.match(
      textOf((await officer.open(`/console/scenarios/compare?id=${ids[0]}`)).html),
      'Choose two scenarios',
    )

    const reviewer = await signedInAs(h, keys.reviewer)
    const asked = await reviewer.post('/console/scenarios/new', ask)
    const across = await answered(reviewer, asked.location!)
    t.match(textOf(across.html), /Hypothetical.*By city.*Riverbend.*Mesa Vista/)
    t.notMatch(across.html, '<script>alert')
  },
)

t.test(
  'the law is readable: what is restricted, by which rule, who is listed, and who is behind a maker',
  async (t) => {
    const viewer = await signedInAs(h, keys.viewer)
    const { body: regimes } = await h.call('GET', '/v1/regimes?limit=1000')
    const list = await viewer.open('/console/regimes')
    for (const { id, title } of regimes.items) {
      t.match(list.html, `href="/console/regimes/${id}"`, title)
    }
    const { body: listed } = await h.call('GET', '/v1/listings?regime=fcc-covered-list&vendor=hikvision')
    const [entry] = listed.items
    const law = textOf((await viewer.open(`/console/regimes/${entry.regime}`)).html)
    t.match(law, /In force, challenged in court. It bears on: buy more.*Rules.*So the answer is.*Buy more: /)
    t.match(law, entry.citation)
    for (const { id } of regimes.items) {
      const text = textOf((await viewer.open(`/console/regimes/${id}`)).html)
      t.notMatch(text, /[{}]|\. except |\bway; /, `${id}: a rule is read without gaps`)
      t.notMatch(text.replace(/Rule.*/, ''), /\b20\d\d-\d\d-\d\d\b/, `${id}: days are words`)
    }
    const maker = await viewer.open('/console/manufacturers/hikvision')
    t.match(textOf(maker.html), /Lists.*FCC Covered List.*Who is tied to whom.*Hikvision/)
    t.equal((await viewer.open('/console/manufacturers/nobody')).status, 404)
  },
)

/** Every action that the source records, by the places that name one. */
function recordedActions(): string[] {
  const src = fileURLToPath(new URL('src', import.meta.resolve('#root/package.json')))
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const text = files.map((name) => readFileSync(`${src}/${name}`, 'utf8')).join('\n')
  const named = text.matchAll(/(?:\baction: |\breads: |recordChange\(\w+, )'([a-z-]+(?:\.[a-z-]+)+)'/g)
  return [...new Set([...named].map(([, action]) => action!))]
}

t.test('the record names who did what, each deed in words', async (t) => {
  const actions = recordedActions()
  t.ok(actions.length > 80, `${actions.length} kinds of entries`)
  for (const action of [...actions, ...LOOKED_FOR])
    t.not(deedWords(action), action.replaceAll(/[.-]/g, ' '), `${action} has words`)
  for (const action of LOOKED_FOR) t.ok(actions.includes(action), `${action} is recorded somewhere`)

  const viewer = await signedInAs(h, keys.viewer)
  const { html } = await viewer.open('/console/audit-events')
  t.match(textOf(html), /city-budget of the test City: budget Made a plan/)
  t.match(textOf(html), /federal-reviewer of the test Reviewer across cities/)
  const made = textOf((await viewer.open('/console/audit-events?action=plan.create')).html)
  t.match(made, 'Made a plan Details')
  t.match(made, /Recorded as plan\.create ?: .*Name: Camera replacement/, 'its details have names, not marks')
  t.notMatch(html, /\{&quot;|\{"/)
  t.notMatch(made, 'federal-reviewer of the test')
})

/** The pages of this file; others have tests of their own. */
const MINE =
  /^\/console\/(cities|plans|funding-sources|cost-catalog|scenarios|regimes|manufacturers|audit-events|v1)\b/

t.test('every page that a link leads to can be opened, also of a hostile city', async (t) => {
  for (const who of Object.keys(keys) as Who[]) {
    const found = await crawl(await signedInAs(h, keys[who]))
    for (const [address, { status, html, headers }] of found) {
      if (MINE.test(address)) t.ok(status < 400, `${who} ${address}: ${status}`)
      if (String(headers['content-type']).startsWith('text/html'))
        t.notMatch(html, '<script>alert', `${who} ${address}: what a city wrote is text`)
    }
  }
})

/** Pages that are looked at in a browser. */
const PAGES_SHOWN: (readonly [who: Who, address: string])[] = [
  ['budget', '/console/plans'],
  ['budget', '/console/plans/new'],
  ['budget', '/console/funding-sources'],
  ['budget', '/console/funding-sources/new'],
  ['budget', '/console/cost-catalog'],
  ['budget', '/console/cost-catalog/quote?code=CAM-BULLET'],
  ['budget', '/console/scenarios'],
  ['budget', '/console/scenarios/new'],
  ['budget', '/console/regimes'],
  ['budget', '/console/regimes/fcc-covered-list'],
  ['budget', '/console/manufacturers/hikvision'],
  ['budget', '/console/audit-events'],
  ['reviewer', '/console/scenarios/new'],
  ['hostile', '/console/plans'],
  ['hostile', '/console/audit-events'],
  ['hostile', '/console/funding-sources'],
  ['reviewer', '/console/cities'],
  ['reviewer', '/console/cities?activity=federal-funding&outcome=unallowable&state=OH'],
  ['reviewer', '/console/cities?state=AK'],
]

t.test('in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await openBrowser(t)
  const origin = await listening(h)

  t.test('a budget officer works with script off, step by step', async (t) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await signInThere(page, origin, keys.budget)
    await page.getByRole('link', { name: 'Plans', exact: true }).click()
    await page.getByRole('link', { name: 'Make a plan' }).click()
    await page.getByLabel('Name').fill('By hand')
    await page.getByLabel('Deadline').fill('2030-06-30')
    await page.getByRole('button', { name: 'Make the plan' }).click()
    for (const button of ['Compute the estimate', 'Make the schedule']) {
      await page.getByRole('button', { name: button }).click()
      while (page.url().includes('/working/')) await page.getByRole('link', { name: 'Look again' }).click()
    }
    t.match(await page.getByRole('main').textContent(), 'Planned spending')
    const [paper] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Workbook for the budget office' }).click(),
    ])
    t.match(paper.suggestedFilename(), /\.xlsx$/)
    PAGES_SHOWN.push(
      ['budget', new URL(page.url()).pathname],
      ['budget', `${new URL(page.url()).pathname}/devices`],
      ['budget', `${new URL(page.url()).pathname}/devices?isPriced=false`],
      ['budget', `${new URL(page.url()).pathname}/what-if?crews=3`],
    )
    await context.close()
  })

  t.test('every page passes axe, fits 320 px, and asks nothing of other hosts', async (t) => {
    await eachFits(t, browser, origin, keys, PAGES_SHOWN)
  })

  t.test('a scenario and two side by side pass axe and fit 320 px', async (t) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await signInThere(page, origin, keys.budget)
    await page.goto(`${origin}/console/scenarios`)
    for (const box of await page.getByRole('checkbox').all()) await box.check()
    const leftTheList = () => page.waitForURL(({ pathname }) => pathname !== '/console/scenarios')
    await page.getByRole('button', { name: 'side by side' }).click()
    await leftTheList()
    const shown = [page.url()]
    await page.goto(`${origin}/console/scenarios`)
    await page.getByRole('link', { name: 'Hikvision' }).first().click()
    await leftTheList()
    shown.push(page.url())
    for (const address of shown) await fits(t, page, address)
    await context.close()
  })

  for (const javaScriptEnabled of [true, false])
    t.test(
      `a reviewer goes from the map to a city’s devices, script ${javaScriptEnabled ? 'on' : 'off'}`,
      async (t) => {
        const context = await browser.newContext({ javaScriptEnabled })
        const page = await context.newPage()
        await signInThere(page, origin, keys.reviewer)
        await page.getByRole('link', { name: 'Cities and states' }).click()
        await page.getByRole('link', { name: 'Federal money may not pay' }).click()
        await page.getByRole('link', { name: /Ohio, \d+ devices/ }).click()
        t.match(page.url(), 'state=OH')
        await page.getByRole('link', { name: 'Riverbend', exact: true }).click()
        await page.waitForURL(/\/console\/devices\?/)
        t.match(page.url(), `jurisdictionId=${riverbend}`)
        t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Devices')
        await context.close()
      },
    )
})
