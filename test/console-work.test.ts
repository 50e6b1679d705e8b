/** The console for the daily work of a city: makers that are not settled, documents, firmware, changes of many devices. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { eachFits, listening, openBrowser, withoutBrowser } from './support/chromium.ts'
import { harness } from './support/harness.ts'
import { crawl, signedInAs, textOf } from './support/visitor.ts'

t.setTimeout(1_200_000)

const h = await harness(t)
const EVIL = '"><script>alert(1)</script>\u202E'
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const hostile = await h.jurisdiction({ name: `Hostile ${EVIL}`, state: 'NM' })
const fleet = await h.jurisdiction({ name: 'Cedar Falls', state: 'OH', timezone: 'America/New_York' })
const keys = {
  fleet: await h.key('city-editor', fleet),
  editor: await h.key('city-editor', city),
  viewer: await h.key('city-viewer', city),
  budget: await h.key('city-budget', city),
  reviewer: await h.key('federal-reviewer', [city, hostile]),
  hostile: await h.key('city-editor', hostile),
  admin: h.admin,
} as const
type Who = keyof typeof keys

async function keyCalled(label: string): Promise<string> {
  const { body } = await h.call('POST', '/v1/keys', {
    body: { label, role: 'city-editor', jurisdictionId: city },
  })
  return body.key as string
}

async function deviceOf(key: string, fields: object): Promise<string> {
  const { body, status } = await h.call('POST', '/v1/devices', { key, body: fields })
  if (status !== 201) throw new Error(`not made: ${JSON.stringify(body)}`)
  return body.id as string
}
const sample = readFileSync(
  fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv')),
  'utf8',
)
await h.call('POST', '/v1/imports', {
  key: keys.fleet,
  headers: { 'content-type': 'text/csv' },
  body: sample,
})
const [exposed] = (await h.call('GET', '/v1/patch-answers?limit=1', { key: keys.fleet })).body.items as {
  deviceId: string
}[]

/** A camera of a label that several have made. */
const nightOwl = await deviceOf(keys.editor, {
  assetTag: 'N-1',
  manufacturer: 'Night Owl',
  model: 'NOX-4400',
})
await deviceOf(keys.editor, { assetTag: 'N-2', manufacturer: 'Night Owl', model: 'NOX-4400' })
const blank = await deviceOf(keys.editor, { assetTag: 'N-3' })
const evil = await deviceOf(keys.hostile, { assetTag: EVIL, manufacturer: EVIL, model: EVIL })

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A form with a file, as a browser sends it. */
async function sendFile(
  cookie: string,
  url: string,
  fields: Readonly<Record<string, string>>,
  name: string,
  content: Buffer,
) {
  const edge = 'edge-of-the-form'
  const parts = Object.entries(fields).map(
    ([field, value]) => `--${edge}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  )
  const file = `--${edge}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${name.endsWith('.xml') ? 'text/xml' : 'image/png'}\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(parts.join('') + file),
    content,
    Buffer.from(`\r\n--${edge}--\r\n`),
  ])
  const headers = {
    'content-type': `multipart/form-data; boundary=${edge}`,
    'sec-fetch-site': 'same-origin',
    accept: 'text/html',
    cookie,
  }
  return h.app.inject({ method: 'POST', url, payload, headers })
}

const etagIn = (html: string) => /name="etag" value="([^"]*)"/.exec(html)![1]!.replaceAll('&quot;', '"')

t.test('the queue leads through what a person has to settle: a fact, a statement, undo', async (t) => {
  const someone = await signedInAs(h, keys.editor, 'Ann Lee')
  const queue = await someone.open('/console/review')
  t.match(textOf(queue.html), /Night Owl NOX-4400 2 devices/)
  const address = `/console/review/${nightOwl}`
  const shown = await someone.open(address)
  t.match(textOf(shown.html), /1 of 2\. 2 devices of this kind\./)
  t.match(shown.html, 'value="Ann Lee"', 'who signed in need not type the name again')
  t.notMatch(
    shown.html,
    /<option value="[^"]+" selected(?:[^>]*)>(?!This device)/,
    'no maker is chosen beforehand',
  )
  t.match(
    textOf((await someone.post(address, { do: 'statement', maker: '', basis: '', by: 'Ann' })).html),
    /Choose who made it.*Choose how you know/,
  )
  const noReason = await someone.post(address, {
    do: 'statement',
    maker: '-',
    basis: 'inspection',
    by: 'Ann',
  })
  t.equal(noReason.status, 400)
  t.match(textOf(noReason.html), 'Note: is required when the maker cannot be found out: say what was tried')
  t.match(textOf(noReason.html), /Not saved/)
  const stated = await someone.send(address, {
    ...{ do: 'statement', maker: '-', basis: 'inspection', by: 'Ann Lee', scope: 'model' },
    note: 'Opened it; no label inside.',
  })
  t.match(
    textOf(stated.html),
    /The statement is kept.*cannot be found out, and the answers stay.*2 devices now/,
  )
  t.match(textOf((await someone.open(address)).html), 'It stands in the queue by itself no more')
  const { items } = (await h.call('GET', '/v1/reviews', { key: keys.editor })).body
  t.equal(items.length, 1, 'both devices have left the queue')

  const statement = /\/v1\/statements\/([0-9a-f-]{36})/.exec(stated.html)![1]!
  const withdrawn = await someone.send(`/console/statements/${statement}`, {
    ...{ do: 'withdraw', etag: etagIn(stated.html), by: 'Ann Lee', reason: 'Found a label.' },
  })
  t.match(textOf(withdrawn.html), /It is taken back.*Taken back by Ann Lee.*Found a label/)
  t.equal((await h.call('GET', '/v1/reviews', { key: keys.editor })).body.items.length, 2, 'they wait again')

  const empty = await someone.open(`/console/review/${blank}`)
  const fact = { do: 'fact', first: 'manufacturer', etag: etagIn(empty.html) }
  t.match(textOf((await someone.post(`/console/review/${blank}`, fact)).html), 'Enter what the label says')
  const saved = await someone.send(`/console/review/${blank}`, { ...fact, manufacturer: 'Axis' })
  t.match(textOf(saved.html), 'This device waits for nobody any more')
  const late = await someone.post(`/console/review/${blank}`, { ...fact, manufacturer: 'Bosch' })
  t.equal(late.status, 412, 'never over the change of somebody else')
  const viewer = await signedInAs(h, keys.viewer)
  t.match((await viewer.open('/console/review')).html, `/console/devices/${nightOwl}`)
  t.equal((await viewer.open(address)).status, 403)
  const reviewer = await signedInAs(h, keys.reviewer)
  t.match(textOf((await reviewer.open('/console/review')).html), 'Choose one of 2 cities')
})

t.test(
  'a second person confirms: another name stated with another key of the same label is none',
  async (t) => {
    const device = await deviceOf(keys.editor, {
      assetTag: 'S-1',
      manufacturer: 'Hikvision',
      model: 'DS-2CD2043',
    })
    const [first, alike, other] = [
      await keyCalled('IT desk'),
      await keyCalled('it desk'),
      await keyCalled('Bo'),
    ]
    const ann = await signedInAs(h, first, 'Ann Lee')
    const body = { maker: 'axis', basis: 'teardown', by: 'Ann Lee' }
    const page = await ann.send(`/console/review/${device}`, { do: 'statement', ...body })
    t.match(textOf(page.html), /needs?.*second person|second person has to confirm it/)
    const { items } = (await h.call('GET', `/v1/statements?deviceId=${device}`, { key: keys.editor })).body
    t.match(items[0], { keyLabel: 'IT desk', statedBy: 'Ann Lee' }, 'the label is the key’s own')
    const address = `/console/statements/${items[0].id}`
    const confirm = { do: 'confirm', etag: etagIn(page.html) }
    const cases: readonly (readonly [what: string, key: string, by: string])[] = [
      ['the same key', first, 'Bob Ray'],
      ['another key of the same label', alike, 'Bob Ray'],
      ['the same name', other, 'Ann Lee'],
    ]
    for (const [what, key, by] of cases) {
      const someone = await signedInAs(h, key, by)
      const refused = await someone.post(address, { ...confirm, by })
      t.equal(refused.status, 409, what)
      t.match(textOf(refused.html), 'Whoever stated it cannot confirm it', what)
    }
    const bob = await signedInAs(h, other, 'Bob Ray')
    const confirmed = await bob.send(address, { ...confirm, by: 'Bob Ray' })
    t.match(textOf(confirmed.html), /It is confirmed.*It counts.*Confirmed by Bob Ray, with the key “Bo”/)
    const events = await h.call('GET', `/v1/audit-events?target=${items[0].id}`, { key: keys.editor })
    t.same(
      events.body.items.map(({ actorLabel }: { actorLabel: string }) => actorLabel),
      ['Bo (Bob Ray)', 'IT desk (Ann Lee)'],
      'the record names key and person',
    )
  },
)

t.test(
  'a document is kept with a device and a statement, and one that is none is refused in words',
  async (t) => {
    const someone = await signedInAs(h, keys.editor, 'Ann Lee')
    const address = `/console/devices/${nightOwl}`
    const send = (fields: Readonly<Record<string, string>>, name: string, content: Buffer) =>
      sendFile(someone.cookie(), address, fields, name, content)
    const kept = await send({ note: 'Label on the back' }, 'label.png', PNG)
    t.match(kept.headers.location, 'done=document-kept#documents')
    const { html } = await someone.open(address)
    t.match(textOf(html), /label\.png , Label on the back/)
    const file = /\/console\/v1\/documents\/[0-9a-f-]{36}\/content/.exec(html)![0]
    t.equal((await someone.open(file)).status, 200)
    const none = await send({ note: 'What I typed' }, '', Buffer.alloc(0))
    t.equal(none.statusCode, 400)
    t.match(textOf(none.body), 'File: Choose a file first.')
    t.match(none.body, 'value="What I typed"')
    const fake = await send({}, 'label.png', Buffer.from('<script>alert(1)</script>'))
    t.equal(fake.statusCode, 422)
    t.match(textOf(fake.body), 'It is no whole PDF, PNG or JPEG by its content')
    const viewer = await signedInAs(h, keys.viewer)
    const refused = await sendFile(viewer.cookie(), address, {}, 'label.png', PNG)
    t.equal(refused.statusCode, 403)
    t.notMatch((await viewer.open(address)).html, 'Keep a document here')
  },
)

t.test(
  'whoever asks whether a device can be patched gets the answer of the API, also for one CVE',
  async (t) => {
    const someone = await signedInAs(h, keys.fleet)
    const read = async (address: string) => (await h.call('GET', address, { key: keys.fleet })).body
    const { items } = await read('/v1/patch-answers?limit=100')
    const { html } = await someone.open('/console/patch-answers')
    const shown = [...html.matchAll(/id="r-([0-9a-f-]{36})"/g)].map(([, id]) => id)
    t.same(
      shown,
      items.map(({ deviceId }: { deviceId: string }) => deviceId),
      'in the order of work',
    )
    for (const { patch } of items)
      t.match(textOf(html), patch.rule?.citation.replaceAll(/\s+/g, ' ') ?? 'Can it be patched')
    const { items: counts } = await read('/v1/patch-answers/vulnerabilities')
    const [worst] = counts
    t.ok(worst.devices > 0)
    const list = await someone.open('/console/patch-answers/vulnerabilities')
    t.match(textOf(list.html), `${worst.id} ${worst.isKnownExploited ? 'yes' : ''}`.trim())
    const ofOne = await someone.open(`/console/patch-answers?vulnerability=${worst.id.toLowerCase()}&patch=`)
    t.equal([...ofOne.html.matchAll(/id="r-/g)].length, worst.devices, 'as many as were counted')
    const none = await someone.open('/console/patch-answers?vulnerability=CVE-1999-0001')
    t.match(textOf(none.html), 'No device matches. The vulnerability may be closed')
    const work = await read('/v1/firmware-risks?limit=100')
    const todo = await someone.open('/console/firmware-risks?queue=&urgency=')
    t.equal([...todo.html.matchAll(/id="r-/g)].length, work.items.length)
    t.notMatch(
      textOf(todo.html),
      /exploited-|save-images|\b(?:maker|comparable|update|network|support)[A-Z]|:\d\d-/,
      'words, not codes',
    )
    t.match(textOf((await someone.open('/console/firmware-risks/deadlines')).html), /Save by|No day is known/)
  },
)

t.test('an update is recorded under a license, and a control with owner, evidence and end', async (t) => {
  const someone = await signedInAs(h, keys.fleet)
  const device = exposed!.deviceId
  const { body: license } = await h.call('POST', '/v1/licenses', {
    key: keys.fleet,
    body: {
      ...{ type: 'specific', number: 'L-1', authority: 'OFAC', regime: 'ofac-sdn', program: 'CMIC' },
      ...{ activities: ['firmware-update'], entities: 'any', holder: { kind: 'any-us-person' } },
      ...{ window: { from: '2026-01-01' }, citation: 'Letter of Jan 5' },
    },
  })
  t.ok(license.id, JSON.stringify(license))
  const licenses = await someone.open('/console/licenses')
  t.match(
    textOf(licenses.html),
    /OFAC specific license L-1 OFAC Specially Designated Nationals: blocked persons In force/,
  )
  t.match(
    textOf(licenses.html),
    /OFAC general license 38 .* Ended Nov 30, 2020 Jan 13, 2021/,
    'one whose last day is past',
  )
  const address = `/console/devices/${device}/firmware-installations`
  const wrong = await someone.post(address, { firmwareVersion: '', installedOn: '' })
  t.equal(wrong.status, 400)
  t.match(textOf(wrong.html), /Version: .*Installed on: /)
  const recorded = await someone.post(address, {
    ...{ firmwareVersion: 'V9.9.9', installedOn: '2026-11-20', licenseId: license.id, channel: '' },
  })
  t.match(recorded.location, 'done=update-recorded#firmware')
  t.equal((await h.call('GET', `/v1/devices/${device}`, { key: keys.fleet })).body.firmwareVersion, 'V9.9.9')
  const page = await someone.open(`/console/licenses/${license.id}`)
  t.match(textOf(page.html), /It allows: install firmware.*Installed under it.*V9\.9\.9.*Nov 20, 2026/)

  const treat = `/console/devices/${device}/risk-treatments`
  const empty = await someone.post(treat, { kind: 'risk-acceptance', title: '', owner: '', evidence: '' })
  t.match(
    textOf(empty.html),
    /What is done, or what is accepted: .*Who answers for it: .*Evidence: .*Last day: /,
  )
  const made = await someone.send(treat, {
    ...{ kind: 'compensating-control', title: 'Own network', owner: 'IT', vulnerabilities: '' },
    ...{ evidence: 'Ticket 7', beginsOn: '2026-11-01', expiresOn: '2027-05-01' },
  })
  t.match(textOf(made.html), /It is recorded.*Protection in place of a fix.*Counts today.*Ticket 7/)
  t.match(
    textOf((await someone.open('/console/patch-answers')).html),
    'Own network (protection in place of a fix)',
  )
  const id = /\/v1\/risk-treatments\/([0-9a-f-]{36})/.exec(made.html)![1]!
  const one = `/console/risk-treatments/${id}`
  const checked = await someone.send(one, { do: 'verify', etag: etagIn(made.html), verifiedBy: 'Cy' })
  t.match(textOf(checked.html), /Checked Nov 24, 2026 , by Cy/)
  t.equal(
    (await someone.post(one, { do: 'end', etag: etagIn(made.html) })).status,
    412,
    'made from an old page',
  )
  t.match(
    textOf((await someone.send(one, { do: 'end', etag: etagIn(checked.html) })).html),
    'Ended before, on',
  )
  t.notMatch(textOf((await someone.open('/console/patch-answers')).html), 'Own network')
})

t.test(
  'many devices are changed at once: tried first, all or none, and not when others have joined them',
  async (t) => {
    const own = await h.jurisdiction({ name: 'Mesa Vista', state: 'TX', timezone: 'America/Chicago' })
    const key = await h.key('city-editor', own)
    const make = (assetTag: string) =>
      deviceOf(key, { assetTag, manufacturer: 'Dahua', model: 'HQA60B2', department: 'Parks' })
    for (const tag of ['M-1', 'M-2', 'M-3']) await make(tag)
    const someone = await signedInAs(h, key)
    const list = await someone.open('/console/devices?department=Parks')
    t.match(list.html, '/console/devices/change?department=Parks')
    const address = '/console/devices/change?department=Parks&set=fundingSource'
    t.match(
      textOf((await someone.open(address)).html),
      /3 devices: Department: Parks.*Left empty, the fact becomes/,
    )
    const tried = await someone.post(address, { do: 'try', fundingSource: 'local' })
    t.match(
      textOf(tried.html),
      /Nothing was changed.*Funding source becomes “Local money”.*3 devices would change, 0 are so/,
    )
    const { body: dry } = await h.call('POST', '/v1/devices/changes', {
      key,
      body: { filter: { department: 'Parks' }, change: { fundingSource: 'local' }, dryRun: true },
    })
    t.match(tried.html, `name="digest" value="${dry.digest}"`, 'what the API counts')
    if (dry.answers.length > 0) t.match(textOf(tried.html), 'What it does to the answers')
    await make('M-4')
    const change = { do: 'change', count: '3', digest: dry.digest, fundingSource: 'local' }
    const late = await someone.post(address, change)
    t.equal(late.status, 409, 'a fourth has come')
    const sources = async () =>
      (await h.call('GET', '/v1/devices?department=Parks&fields=fundingSource', { key })).body.items.map(
        (one: { fundingSource: string | null }) => one.fundingSource,
      )
    t.same(await sources(), [null, null, null, null], 'nothing was changed')
    const again = await someone.post(address, { do: 'try', fundingSource: 'local' })
    const digest = /name="digest" value="([^"]*)"/.exec(again.html)![1]!
    const unsure = await someone.post(address, { ...change, count: '400', digest, typed: '40' })
    t.match(textOf(unsure.html), 'Type 400 to confirm', 'a large number is typed')
    const done = await someone.send(address, { ...change, count: '4', digest })
    t.match(textOf(done.html), 'All of them are changed')
    t.same(await sources(), ['local', 'local', 'local', 'local'])
    const cleared = await someone.post(address, { do: 'try', fundingSource: '' })
    t.match(textOf(cleared.html), 'Funding source becomes “not known”. 4 devices would change')
    t.equal((await (await signedInAs(h, keys.viewer)).open(address)).status, 403)
  },
)

/** A file of the SDN list, as its authority writes one. */
function sdnFile(published: string, names: readonly string[]): Buffer {
  const entries = names.map(
    (name, at) =>
      `<sdnEntry><uid>${9000 + at}</uid><lastName>${name}</lastName><sdnType>Entity</sdnType><programList><program>CMIC</program></programList></sdnEntry>`,
  )
  return Buffer.from(
    `<?xml version="1.0" standalone="yes"?><sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"><publshInformation><Publish_Date>${published}</Publish_Date><Record_Count>${entries.length}</Record_Count></publshInformation>${entries.join('\n')}</sdnList>`,
  )
}

t.test(
  'an operator tries a file of a list, puts it in force, reads what changed, and decides entries',
  async (t) => {
    const operator = await signedInAs(h, keys.admin)
    t.match(textOf((await operator.open('/console/lists')).html), /no file read yet/)
    const address = '/console/lists/ofac-sdn'
    const send = (doWhat: string, names: readonly string[], day: string) =>
      sendFile(
        operator.cookie(),
        address,
        { do: doWhat, publishedOn: '', force: 'true' },
        'sdn.xml',
        sdnFile(day, names),
      )
    const names = Array.from({ length: 20 }, (_, at) => `EXAMPLE TRADING ${at}`)
    const tried = await send('try', [...names, 'Hangzhou Hikvision Digital Technology'], '11/20/2026')
    t.equal(tried.statusCode, 200, textOf(tried.body))
    t.match(textOf(tried.body), /Nothing was changed: this is what the file would do.*21 entries: 21 new/)
    t.match(textOf(tried.body), /would get a finding|No answer on any device would change/)
    t.match(textOf((await operator.open(address)).html), 'No file of this list was read yet')
    const loaded = await send('load', names, '11/20/2026')
    t.match(loaded.headers.location, 'done=list-loaded')
    const next = await send('load', [...names.slice(1), 'Hikvision Digital'], '11/21/2026')
    t.match(next.headers.location, 'done=list-loaded', textOf(next.body))
    const page = await operator.open(address)
    t.match(textOf(page.html), /Versions, newest first.*20 entries: \d+ new, \d+ changed, \d+ gone/)
    const changed = textOf((await operator.open(`${address}/versions/1..2`)).html)
    t.match(changed, /Hikvision Digital/)
    const { items } = (await h.call('GET', '/v1/lists/ofac-sdn/unmatched')).body
    const waiting = await operator.open(`${address}/unmatched`)
    for (const { name } of items) t.match(textOf(waiting.html), name)
    if (items.length > 0) {
      const { key } = items[0]
      const one = await operator.open(`${address}/unmatched?${new URLSearchParams({ key })}`)
      t.match(textOf(one.html), 'Whom does “')
      const none = await operator.post(`${address}/unmatched?${new URLSearchParams({ key })}`, {
        key,
        maker: '',
      })
      t.match(textOf(none.html), 'Choose a maker, or none of them')
      const decided = await operator.send(`${address}/unmatched`, {
        key,
        maker: '-',
        evidence: 'Another company.',
      })
      t.match(textOf(decided.html), 'The decision is kept')
    }
    const viewer = await signedInAs(h, keys.viewer)
    t.notMatch((await viewer.open(address)).html, 'Read a new file')
    t.equal(
      (await sendFile(viewer.cookie(), address, {}, 'sdn.xml', sdnFile('11/22/2026', names))).statusCode,
      403,
    )
  },
)

/** The pages of this file. */
const MINE =
  /^\/console\/(review|statements|devices|patch-answers|firmware-risks|licenses|risk-treatments|lists|v1)\b/

t.test('every page that a link leads to can be opened, also of a hostile city', async (t) => {
  for (const who of Object.keys(keys) as Who[]) {
    const found = await crawl(await signedInAs(h, keys[who]), 250)
    for (const [address, { status, html, headers }] of found) {
      if (MINE.test(address)) t.ok(status < 400, `${who} ${address}: ${status}`)
      if (String(headers['content-type']).startsWith('text/html'))
        t.notMatch(html, '<script>alert', `${who} ${address}: what a city wrote is text`)
    }
  }
})

/** Pages that are looked at in a browser. */
const PAGES_SHOWN: (readonly [who: Who, address: string])[] = [
  ['editor', '/console/review'],
  ['editor', `/console/review/${nightOwl}`],
  ['editor', '/console/statements'],
  ['hostile', '/console/review'],
  ['hostile', `/console/review/${evil}`],
  ['reviewer', '/console/review'],
  ['fleet', '/console/patch-answers'],
  ['fleet', '/console/patch-answers/vulnerabilities'],
  ['fleet', '/console/firmware-risks'],
  ['fleet', '/console/firmware-risks/deadlines'],
  ['fleet', '/console/licenses'],
  ['fleet', '/console/risk-treatments'],
  ['fleet', `/console/devices/${exposed!.deviceId}/firmware-installations`],
  ['fleet', `/console/devices/${exposed!.deviceId}/risk-treatments`],
  ['editor', '/console/devices/change?manufacturer=Night+Owl&set=fundingSource'],
  ['admin', '/console/lists'],
  ['admin', '/console/lists/ofac-sdn'],
  ['admin', '/console/lists/ofac-sdn/versions/0..1'],
  ['admin', '/console/lists/ofac-sdn/unmatched'],
  ['hostile', '/console/patch-answers'],
  ['hostile', `/console/devices/${evil}/risk-treatments`],
]

t.test('in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await openBrowser(t)
  const origin = await listening(h)

  t.test('every page passes axe, fits 320 px, and asks nothing of other hosts', async (t) => {
    const { items } = (await h.call('GET', '/v1/statements', { key: keys.editor })).body
    const first = async (path: string, who: Who) =>
      (await h.call('GET', `${path}?limit=1`, { key: keys[who] })).body.items[0]?.id
    const shown = [
      ...PAGES_SHOWN,
      ['editor', `/console/statements/${items[0].id}`] as const,
      ['fleet', `/console/licenses/${await first('/v1/licenses', 'fleet')}`] as const,
      ['fleet', `/console/risk-treatments/${await first('/v1/risk-treatments', 'fleet')}`] as const,
    ]
    await eachFits(t, browser, origin, keys, shown)
  })
})
