/** Findings: what is neither permitted nor out of scope, and decisions that stand beside it and never change it. */
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { type Basis, type Decided, standingOf } from '../src/inventory/findings/model/standing.ts'
import { harness } from './support/harness.ts'
import { readWorkbook } from './support/read-workbook.ts'

t.setTimeout(1_200_000)

const h = await harness(t)
h.setNow('2026-12-01T15:00:00Z')
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const other = await h.jurisdiction({ name: 'Elsewhere', state: 'TX' })
const editor = await h.key('city-editor', city)
const viewer = await h.key('city-viewer', city)
const stranger = await h.key('city-editor', other)
const reviewer = await h.key('federal-reviewer', [city, other])
const secondOf = async (label: string) =>
  (await h.call('POST', '/v1/keys', { body: { label, role: 'city-editor', jurisdictionId: city } })).body
    .key as string
const second = await secondOf('Counsel')

async function register(key: string, assetTag: string, over: object = {}) {
  const body = {
    assetTag,
    manufacturer: 'Hikvision',
    acquiredOn: '2021-03-04',
    acquisitionCostCents: 50_000,
    currency: 'USD',
    ...over,
  }
  const made = await h.call('POST', '/v1/devices', { key, body })
  if (made.status !== 201) throw new Error(made.text)
  return made.body as { id: string }
}
const one = await register(editor, 'R-1', { fundingSource: 'federal-grant' })
await register(editor, 'R-2')
await register(editor, 'R-3', { acquisitionCostCents: null, currency: null })
await register(editor, 'R-4', { manufacturer: 'Axis' })
await register(stranger, 'E-1')

const list = async (query: string, key = editor) => {
  const { status, body, text } = await h.call('GET', `/v1/findings?${query}`, { key })
  if (status !== 200) throw new Error(text)
  return body.items
}
const decide = (body: object, key = editor) => h.call('POST', '/v1/finding-decisions', { key, body })
const HERE = { regime: 'grant-200-216', activity: 'procure' }
const finding = async (id = one.id) =>
  (await list(`deviceId=${id}&regime=${HERE.regime}&activity=${HERE.activity}`))[0]

t.test(
  'there is one line for each device, law and activity, and they add up to what the devices say',
  async (t) => {
    const items = await list('limit=1000')
    const keys = items.map(
      ({ deviceId, regime, activity }: Record<string, string>) => `${deviceId} ${regime} ${activity}`,
    )
    t.same(keys, [...new Set(keys)].toSorted(), 'each once, in order')
    const { body } = await h.call('GET', '/v1/devices?include=determinations&determinations=findings', {
      key: editor,
    })
    const expected = body.items.flatMap(
      ({ id, determinations }: { id: string; determinations: Record<string, string>[] }) =>
        determinations.map(({ regime, activity }) => `${id} ${regime} ${activity}`),
    )
    t.same(keys, expected.toSorted())
    t.ok(
      items.every(
        ({ outcome }: { outcome: string }) => outcome !== 'permitted' && outcome !== 'not-applicable',
      ),
    )
    t.match(items[0], { jurisdiction: 'Riverbend', triage: 'open', decision: null, reopened: null })

    const pages: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await h.call('GET', `/v1/findings?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`, {
        key: editor,
      })
      pages.push(...page.body.items)
      cursor = page.body.nextCursor
    }
    t.same(pages, items, 'page by page the same')
    t.same(
      new Set(
        (await list('limit=1000', reviewer)).map((item: { jurisdiction: string }) => item.jurisdiction),
      ),
      new Set(['Riverbend', 'Elsewhere']),
    )
    const narrowed = await list('regime=grant-200-216&outcome=prohibited&assetTag=R-1')
    t.ok(
      narrowed.length > 0 &&
        narrowed.every(
          (item: Record<string, string>) =>
            item.regime === 'grant-200-216' && item.outcome === 'prohibited' && item.assetTag === 'R-1',
        ),
    )
  },
)

t.test('by rule they have their devices and their cost, also where a cost is missing', async (t) => {
  const { body } = await h.call('GET', '/v1/findings/rules?regime=grant-200-216&activity=procure', {
    key: editor,
  })
  const all = await list('regime=grant-200-216&activity=procure')
  const sum = (field: string) =>
    body.items.reduce((total: number, group: Record<string, number>) => total + group[field]!, 0)
  t.equal(sum('devices'), all.length)
  t.match(
    body.items.find(({ devices }: { devices: number }) => devices === 3),
    {
      acquisitionCostCents: { USD: 100_000 },
      devicesWithoutCost: 1,
    },
  )
})

t.test('a decision stands beside the answer and changes none', async (t) => {
  const before = await h.call('GET', `/v1/devices/${one.id}`, { key: editor })
  const named = [{ deviceId: one.id, ...HERE }]
  const made = await decide({ findings: named, state: 'disputed', reason: 'Sold by mistake', by: 'A. Clerk' })
  t.equal(made.status, 201)
  t.match(made.body, { state: 'disputed', findings: 1, standing: 1, by: 'A. Clerk' })
  t.match(await finding(), {
    triage: 'disputed',
    outcome: 'prohibited',
    decision: { id: made.body.id, reason: 'Sold by mistake' },
  })
  const after = await h.call('GET', `/v1/devices/${one.id}`, { key: editor })
  t.same(after.body, before.body)
  t.equal((await list('triage=disputed')).length, 1)
  t.notOk(
    (await list('triage=open&limit=1000')).some(
      (item: Record<string, string>) =>
        item.deviceId === one.id && item.regime === HERE.regime && item.activity === HERE.activity,
    ),
  )

  const later = await decide({
    findings: named,
    state: 'planned',
    until: '2027-03-31',
    reason: 'Replaced in spring',
    by: 'A. Clerk',
  })
  t.match(await finding(), { triage: 'planned', decision: { id: later.body.id } })
  const first = await h.call('GET', `/v1/finding-decisions/${made.body.id}`, { key: viewer })
  t.match(first.body, { findings: 1, standing: 0 }, 'the first stays on record')
  t.equal((await decide({ findings: named, state: 'disputed', reason: 'x', by: 'x' }, viewer)).status, 403)
  t.equal(
    (await decide({ findings: named, state: 'disputed', reason: 'x', by: 'x' }, stranger)).status,
    400,
    'no finding of that city',
  )
  t.equal((await h.call('GET', `/v1/finding-decisions/${made.body.id}`, { key: stranger })).status, 404)
  const { body } = await h.call('GET', '/v1/audit-events?action=finding.decide', { key: editor })
  t.match(body.items[0], {
    target: later.body.id,
    detail: { state: 'planned', findings: 1, reason: 'Replaced in spring' },
  })
})

t.test('an acceptance counts when a second person has confirmed it, and up to its last day', async (t) => {
  const named = [{ deviceId: one.id, ...HERE }]
  const accept = {
    findings: named,
    state: 'accepted',
    until: '2026-12-31',
    reason: 'Waiver of the board',
    by: 'A. Clerk',
  }
  t.equal((await decide({ ...accept, until: undefined })).status, 400, 'not without an end')
  t.match((await decide({ ...accept, until: '2026-11-01' })).body.errors, [
    { pointer: '/until', code: 'over' },
  ])
  const { body } = await decide(accept)
  t.match(await finding(), { triage: 'open', needsSecondPerson: true })
  const confirm = (key: string, by: string) =>
    h.call('POST', `/v1/finding-decisions/${body.id}/confirmation`, { key, body: { by } })
  for (const [key, by] of [
    [editor, 'B. Counsel'],
    [second, ' a. CLERK'],
    [await secondOf('city-editor of the test '), 'B. Counsel'],
  ] as const) {
    t.match(await confirm(key, by), { status: 409, body: { type: '/problems/second-person-needed' } })
  }
  t.match(await confirm(second, 'B. Counsel'), {
    status: 200,
    body: { confirmed: { by: 'B. Counsel', keyLabel: 'Counsel' } },
  })
  t.match(await finding(), { triage: 'accepted', needsSecondPerson: false })
  t.equal((await list('triage=open&regime=grant-200-216&activity=procure&assetTag=R-1')).length, 0)

  h.setNow('2027-01-01T04:59:00Z')
  t.match(await finding(), { triage: 'accepted' }, 'still the 31st in the city')
  h.setNow('2027-01-01T05:01:00Z')
  t.match(await finding(), { triage: 'open', reopened: 'the decision counted up to 2026-12-31' })
  h.setNow('2026-12-01T16:00:00Z')
})

t.test(
  'a decision survives the same file sent again, and falls with the reason when facts change',
  async (t) => {
    const csv = (maker: string) => `asset tag,manufacturer,model,acquired on\nI-1,${maker},,2021-03-04\n`
    const send = (maker: string) =>
      h.call('POST', '/v1/imports', {
        key: editor,
        body: csv(maker),
        headers: { 'content-type': 'text/csv' },
      })
    t.equal((await send('Dahua')).status, 201)
    const [first] = await list('assetTag=I-1&regime=grant-200-216&activity=procure')
    const { deviceId } = first
    await decide({
      findings: [{ deviceId, ...HERE }],
      state: 'mitigated',
      reason: 'On its own network',
      by: 'A. Clerk',
    })
    await send('Dahua')
    await h.call('PATCH', `/v1/devices/${deviceId}`, { key: editor, body: { notes: 'seen' } })
    t.match(await finding(deviceId), { triage: 'mitigated' }, 'also after changes that no rule reads')
    t.equal((await send('Hikvision')).status, 201)
    t.match(await finding(deviceId), {
      triage: 'open',
      reopened: /^another maker was found: hikvision instead of dahua/,
    })
    await send('Dahua')
    t.match(await finding(deviceId), { triage: 'mitigated' }, 'the same facts again')
    const { body } = await h.call('GET', '/v1/finding-decisions?state=mitigated', { key: editor })
    const gone = await h.call('POST', `/v1/finding-decisions/${body.items[0].id}/withdrawal`, {
      key: editor,
      body: { by: 'A. Clerk', reason: 'the network is shared' },
    })
    t.equal(gone.status, 200)
    t.match(await finding(deviceId), {
      triage: 'open',
      reopened: 'A. Clerk withdrew the decision: the network is shared',
    })
    t.equal(
      (
        await h.call('POST', `/v1/finding-decisions/${body.items[0].id}/withdrawal`, {
          key: editor,
          body: { by: 'A', reason: 'x' },
        })
      ).status,
      409,
    )
  },
)

t.test('a decision goes with a device that is merged into another', async (t) => {
  const kept = await register(editor, 'M-1', { model: 'DS-2CD2143G2-I' })
  const duplicate = await register(editor, 'M-2', { model: 'DS-2CD2143G2-I' })
  await decide({
    findings: [{ deviceId: duplicate.id, ...HERE }],
    state: 'disputed',
    reason: 'x',
    by: 'A. Clerk',
  })
  const merged = await h.call('POST', `/v1/devices/${kept.id}/merge`, {
    key: editor,
    body: { duplicateId: duplicate.id },
  })
  t.equal(merged.status, 200)
  t.match(await finding(kept.id), { triage: 'disputed' })
})

t.test('what makes a decision fall, one by one', async (t) => {
  const basis: Basis = {
    outcome: 'prohibited',
    ruleId: 'r1',
    citation: 'c',
    certainty: 'sure',
    maker: 'dahua',
    facts: { acquiredOn: '2021-03-04' },
  }
  const decided: Decided = {
    state: 'planned',
    until: '2026-12-31',
    confirmedAt: null,
    withdrawn: null,
    basis,
  }
  const table: [object, object, string, RegExp | null][] = [
    [{}, {}, 'planned', null],
    [{}, { outcome: 'review' }, 'open', /from prohibited to review/],
    [{}, { ruleId: 'r2' }, 'open', /another rule applies: r2/],
    [{}, { maker: null }, 'open', /another maker was found: unknown/],
    [{}, { facts: { acquiredOn: null } }, 'open', /acquiredOn from 2021-03-04 to unknown/],
    [
      {},
      { facts: { ...basis.facts, listedOn: '2026-12-01' } },
      'open',
      /listedOn from unknown to 2026-12-01/,
    ],
    [{}, { certainty: 'likely' }, 'open', /now likely and was sure/],
    [{}, { citation: 'd' }, 'open', /list or rule that it rests on changed/],
    [{ until: '2026-11-30' }, {}, 'open', /counted up to 2026-11-30/],
    [{ until: '2026-12-01' }, {}, 'planned', null],
    [{ state: 'accepted' }, {}, 'open', null],
    [{ state: 'accepted', confirmedAt: 'x' }, {}, 'accepted', null],
    [{ withdrawn: { by: 'A', reason: 'x' } }, {}, 'open', /A withdrew/],
  ]
  for (const [over, now, triage, reason] of table) {
    const standing = standingOf({ ...decided, ...over }, { ...basis, ...now }, '2026-12-01')
    t.equal(standing.triage, triage)
    if (reason === null) t.equal(standing.reopened, null)
    else t.match(standing.reopened, reason)
  }
})

t.test('many are decided on by a filter and the count of a dry run', async (t) => {
  const wish = {
    filter: { manufacturer: ['Hikvision'], regime: ['grant-200-216'] },
    state: 'planned',
    until: '2027-06-30',
    reason: 'Spring program',
    by: 'A. Clerk',
  }
  t.equal((await decide(wish)).status, 400, 'not without a count')
  const tried = await decide({ ...wish, dryRun: true })
  t.match(tried, { status: 200, body: { dryRun: true } })
  const { count } = tried.body
  t.equal(count, (await list('manufacturer=Hikvision&regime=grant-200-216&limit=1000')).length)
  t.equal((await list('triage=planned&regime=grant-200-216')).length, 0, 'nothing was kept')
  t.match(await decide({ ...wish, expected: { count: count - 1 } }), {
    status: 409,
    body: { type: '/problems/selection-changed' },
  })
  t.match(await decide({ ...wish, expected: { count } }), { status: 201, body: { findings: count } })
  t.equal((await list('triage=planned&regime=grant-200-216&limit=1000')).length, count)
  t.match((await decide({ ...wish, filter: { maker: ['nobody-known'] }, dryRun: true })).body.errors, [
    { pointer: '?maker' },
  ])
  t.match(
    (
      await decide({
        ...wish,
        filter: undefined,
        findings: [{ deviceId: one.id, regime: 'x', activity: 'use' }],
      })
    ).body.errors,
    [{ pointer: '/findings/0' }],
  )
})

t.test('they are given as evidence and as a plan of action, as CSV and as a workbook', async (t) => {
  const csv = async (query: string) => {
    const { text } = await h.call('GET', `/v1/findings?${query}`, {
      key: editor,
      headers: { accept: 'text/csv' },
    })
    return parse(text, { columns: true, bom: true }) as Record<string, string>[]
  }
  const [evidence] = await csv('regime=grant-200-216&triage=planned&assetTag=R-1')
  t.match(evidence, {
    jurisdiction: 'Riverbend',
    assetTag: 'R-1',
    acquisitionCostCents: '50000',
    listsReadOn: h.knowledge().asOf,
    decision: 'planned',
    reviewer: 'A. Clerk',
    reviewedAt: /^2026-12-01T/,
    until: '2027-06-30',
    comment: 'Spring program',
  })
  const [poam] = await csv('regime=grant-200-216&triage=planned&assetTag=R-1&layout=poam')
  t.match(poam, {
    'Office/Org': 'Riverbend',
    Status: 'Ongoing',
    'Scheduled Completion Date': '2027-06-30',
    'Devices Affected': 'R-1 Hikvision',
    'Source Identifying Vulnerability': /lists read on/,
  })
  for (const layout of ['evidence', 'poam']) {
    const { rawPayload, statusCode } = await h.app.inject({
      url: `/v1/findings/workbook?regime=grant-200-216&layout=${layout}`,
      headers: { authorization: `Bearer ${editor}` },
    })
    t.equal(statusCode, 200)
    const [sheet] = await readWorkbook(rawPayload)
    t.equal(sheet!.data.length - 1, (await csv('regime=grant-200-216')).length)
  }
})
