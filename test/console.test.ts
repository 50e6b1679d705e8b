/** The console: pages for browsers, which can do nothing that the key could not do through the API. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { errorWords } from '../src/console/error-words.ts'
import type { Role } from '../src/tenancy/auth.ts'
import {
  listening,
  openBrowser,
  signInThere,
  sticksOut,
  violations,
  watched,
  withoutBrowser,
} from './support/chromium.ts'
import { harness } from './support/harness.ts'
import { crawl, linksOf, signedInAs, textOf, visitor } from './support/visitor.ts'

const h = await harness(t)
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const keys: Readonly<Record<Role, string>> = {
  admin: h.admin,
  'city-admin': await h.key('city-admin', city),
  'city-editor': await h.key('city-editor', city),
  'city-budget': await h.key('city-budget', city),
  'city-viewer': await h.key('city-viewer', city),
  'federal-reviewer': await h.key('federal-reviewer', [city]),
}
const ROLES = Object.keys(keys) as Role[]

const sample = readFileSync(
  fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv')),
  'utf8',
)
await h.call('POST', '/v1/imports?source=riverbend', {
  key: keys['city-editor'],
  headers: { 'content-type': 'text/csv' },
  body: sample,
})
const listed = async (query: string) =>
  (await h.call('GET', `/v1/devices?${query}`, { key: keys['city-editor'] })).body.items
/** A Honeywell camera that Dahua made. */
const [relabeled] = await listed('assetTag=RB-006')
const DEVICE = `/console/devices/${relabeled.id}`

t.test(
  'a key signs in, and the cookie that it gets is for this host, this browser and no script',
  async (t) => {
    const someone = visitor(h)
    t.equal((await someone.open('/console')).location, '/console/login')
    t.equal((await someone.open('/console/account')).location, '/console/login?next=%2Fconsole%2Faccount')
    const wrong = await someone.post('/console/login', { key: 'clk_wrong' })
    t.equal(wrong.status, 401)
    t.match(textOf(wrong.html), 'is not a key of this service')
    t.notMatch(wrong.html, 'clk_wrong', 'a key is written into no page')
    t.equal((await someone.post('/console/login', { key: '' })).status, 400)
    const plain = await someone.post('/console/login', {
      key: ` ${keys['city-editor']} `,
      name: 'Ann Lee',
      next: '/console/account',
    })
    t.equal(plain.location, '/console/account')
    t.match(plain.headers['set-cookie'], /^camledger=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    t.match(textOf((await someone.open('/console/account')).html), 'Ann Lee')
    const { asOwner } = h
    const stored = (await asOwner('select * from sessions')).rows
    t.notMatch(JSON.stringify(stored), someone.cookie().split('=')[1]!, 'the cookie is stored nowhere')
    const elsewhere = await visitor(h).post('/console/login', {
      key: keys.admin,
      next: '//evil.example/console',
    })
    t.equal(elsewhere.location, '/console', 'it leads to the console and to nowhere else')
    const odd = await visitor(h).post('/console/login', { key: keys.admin, next: '/console/\u20ac' })
    t.match(odd, { status: 303, location: '/console' }, 'also with letters that no address has')
  },
)

t.test(
  'over https the cookie is bound to host and encryption; without, nobody can sign in from elsewhere',
  async (t) => {
    const { app } = await harness(t, { trustProxy: true })
    const key = h.admin
    const far = { 'sec-fetch-site': 'same-origin', host: 'camledger.city.lan' }
    const there = visitor({ app })
    const refused = await there.post('/console/login', { key }, far)
    t.match(textOf(refused.html), 'This address is not encrypted')
    t.equal(there.cookie(), '')
    const own = await harness(t, { trustProxy: true })
    const safe = await visitor(own).post(
      '/console/login',
      { key: own.admin },
      { ...far, 'x-forwarded-proto': 'https' },
    )
    t.match(
      safe.headers['set-cookie'],
      /^__Host-camledger=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
  },
)

t.test('forms of other sites are refused, and a request that does not say where it comes from', async (t) => {
  const someone = await signedInAs(h, keys['city-editor'])
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ] as Record<string, string>[])
    t.equal((await someone.post('/console/logout', {}, headers)).status, 403, JSON.stringify(headers))
  t.equal((await someone.open('/console')).status, 200, 'still signed in')
  t.equal((await someone.post('/console/logout', {}, { origin: 'http://localhost:80' })).status, 303)
  t.equal((await someone.open('/console')).location, '/console/login')
})

t.test('the API takes no cookie, and no header stands for a key', async (t) => {
  const someone = await signedInAs(h, keys.admin)
  const reply = await h.app.inject({ url: '/v1/devices', headers: { cookie: someone.cookie() } })
  t.equal(reply.statusCode, 401)
  t.equal(
    (await someone.open('/console/v1/devices?limit=1')).status,
    200,
    'files are passed on to who has signed in',
  )
  t.equal((await visitor(h).open('/console/v1/devices')).status, 303)
})

t.test(
  'a session ends with sign-out, with its key, when nobody uses it, and after twelve hours',
  async (t) => {
    const begun = h.now().toISOString()
    t.teardown(() => h.setNow(begun))
    const made = await h.call('POST', '/v1/keys', {
      body: { label: 'to be revoked', role: 'city-viewer', jurisdictionId: city },
    })
    const signedOut = await signedInAs(h, made.body.key)
    const cookie = signedOut.cookie()
    await signedOut.post('/console/logout', {})
    t.equal(
      (await visitor(h).open('/console', { cookie })).status,
      303,
      'signed out: the cookie is worth nothing',
    )

    const [here, there] = [await signedInAs(h, made.body.key), await signedInAs(h, made.body.key)]
    await here.send('/console/account', {})
    t.equal((await there.open('/console')).status, 303, 'signed out everywhere')

    const revoked = await signedInAs(h, made.body.key)
    await h.call('DELETE', `/v1/keys/${made.body.id}`)
    t.equal((await revoked.open('/console')).status, 303, 'its key was revoked')

    const [operator, viewer] = [await signedInAs(h, keys.admin), await signedInAs(h, keys['city-viewer'])]
    h.setNow(new Date(Date.parse(begun) + 31 * 60_000).toISOString())
    t.equal((await operator.open('/console')).status, 303, 'half an hour without a request')
    for (let hours = 1; hours < 12; hours++) {
      h.setNow(new Date(Date.parse(begun) + hours * 3_600_000).toISOString())
      t.equal((await viewer.open('/console')).status, 200, `${hours} h, used each hour`)
    }
    h.setNow(new Date(Date.parse(begun) + 12 * 3_600_000).toISOString())
    t.equal((await viewer.open('/console')).status, 303, 'twelve hours')
  },
)

t.test('wrong keys are few a minute and address, and are on record as refused calls', async (t) => {
  const limited = await harness(t, { perMinute: 6000 })
  const guesser = visitor(limited, '192.0.2.7')
  const answers: number[] = []
  for (let i = 0; i < 7; i++)
    answers.push((await guesser.post('/console/login', { key: `clk_guess_${i}` })).status)
  t.same(answers, [401, 401, 401, 401, 401, 429, 429])
  t.equal(
    (await visitor(limited).post('/console/login', { key: limited.admin })).status,
    303,
    'others get in',
  )
  t.equal(
    (await guesser.post('/console/login', { key: limited.admin })).status,
    303,
    'so do colleagues behind the same address',
  )
})

t.test('what was typed when a session had ended is kept across signing in again', async (t) => {
  const someone = await signedInAs(h, keys['city-editor'])
  const [device] = await listed('maker=axis&limit=1')
  const address = `/console/devices/${device.id}/edit`
  await someone.post('/console/logout', {})
  const typed = { etag: '*', notes: 'Two "lines"\n<b>of text</b>', room: '7' }
  const asked = await someone.post(address, typed)
  t.equal(asked.status, 401)
  t.match(textOf(asked.html), 'what you typed is kept on this page')
  t.match(asked.html, `name="next" value="${address}"`)
  const kept = /name="kept" value="([^"]*)"/.exec(asked.html)![1]!.replaceAll('&amp;', '&')
  const wrong = await someone.post('/console/login', { key: 'clk_wrong', next: address, kept })
  t.match(wrong.html, 'name="kept"', 'a mistyped key loses nothing')
  const back = await someone.post('/console/login', { key: keys['city-editor'], next: address, kept })
  t.match(textOf(back.html), 'What you typed was not sent yet')
  t.match(back.html, `<form method="post" action="${address}"`)
  t.notMatch(back.html, '<b>of text', 'as text')
  const { notes } = (await h.call('GET', `/v1/devices/${device.id}`)).body
  t.not(notes, typed.notes, 'nothing is sent before the reader says so')
  await someone.send(address, Object.fromEntries(new URLSearchParams(kept)))
  t.match((await h.call('GET', `/v1/devices/${device.id}`)).body, { notes: typed.notes, room: '7' })
})

t.test('every page that a link leads to can be opened, whatever the role', async (t) => {
  for (const role of ROLES) {
    const found = await crawl(await signedInAs(h, keys[role]))
    t.ok(found.size >= 2, `${role}: ${found.size} pages`)
    for (const [address, { status, html, headers }] of found) {
      t.ok(status < 400, `${role} ${address}: ${status}`)
      if (!String(headers['content-type']).startsWith('text/html')) continue
      t.equal((html.match(/<h1\b/g) ?? []).length, 1, `${role} ${address}: one heading`)
      t.notMatch(
        html,
        / style=|<script(?! type="module" src=)/,
        `${role} ${address}: nothing that the policy forbids`,
      )
      t.match(headers['cache-control'], 'no-store')
      t.match(headers['content-security-policy'], "default-src 'none'; script-src 'self'")
    }
  }
})

t.test('what is not there, not known or not allowed is a page that says what to do', async (t) => {
  const someone = await signedInAs(h, keys['city-viewer'])
  const gone = await someone.open('/console/nothing/here')
  t.equal(gone.status, 404)
  t.match(textOf(gone.html), 'Go to the first page')
  t.equal((await visitor(h).open('/console/nothing')).status, 404, 'also before signing in')
  t.equal((await someone.open('/console/assets/console.0.css')).status, 404)
  t.equal((await h.app.inject({ url: '/', headers: { accept: 'text/html' } })).headers.location, '/console')
  t.equal((await h.app.inject({ url: '/', headers: { accept: 'application/json' } })).statusCode, 404)
})

t.test('style sheet and script are kept for good, at an address that changes with them', async (t) => {
  const { html } = await visitor(h).open('/console/login')
  for (const [, address] of html.matchAll(/(?:href|src)="(\/console\/assets\/[^"]+)"/g)) {
    const plain = await h.app.inject({ url: address! })
    t.match(plain.headers['cache-control'], 'immutable', address!)
    const packed = await h.app.inject({ url: address!, headers: { 'accept-encoding': 'gzip' } })
    t.ok(packed.rawPayload.length < 24_000, `${address}: ${packed.rawPayload.length} bytes`)
  }
})

t.test('CONSOLE=off leaves it out', async (t) => {
  const without = await harness(t, {
    parts: { config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false, CONSOLE: false } },
  })
  t.equal((await without.app.inject({ url: '/console' })).statusCode, 404)
  t.equal((await without.app.inject({ url: '/', headers: { accept: 'text/html' } })).statusCode, 404)
})

t.test('a page of another role is closed, in words, and so are its forms', async (t) => {
  for (const role of ['city-viewer', 'city-budget', 'federal-reviewer'] as const) {
    const someone = await signedInAs(h, keys[role])
    for (const address of [
      '/console/devices/new',
      `${DEVICE}/edit`,
      '/console/keys',
      '/console/jurisdictions/new',
    ]) {
      const closed = await someone.open(address)
      t.equal(closed.status, 403, `${role} ${address}`)
      t.match(textOf(closed.html), 'It opens with:')
      t.equal((await someone.post(address, { assetTag: 'X' })).status, 403, `${role} ${address}, sent`)
    }
    t.equal((await someone.post(`/console/jurisdictions/${city}`, { name: 'Mine' })).status, 403, role)
    t.equal((await someone.post('/console/nothing', {})).status, 404)
  }
})

t.test('the list shows, sorts and exports the devices that its address asks for', async (t) => {
  const someone = await signedInAs(h, keys['city-viewer'])
  const all = textOf((await someone.open('/console/devices')).html)
  t.match(all, '58 devices')
  t.match(all, 'Honeywell HQA60B2')
  t.match(all, 'Dahua Technology')
  t.notMatch(all, /\b(?:contract-bar|seller-bar|permitted-with-caution|unallowable)\b/, 'words, not codes')
  const today = textOf((await someone.open('/console')).html)
  const [, stopped] = /Buy more (\d+) devices/.exec(today)!
  t.match(today, `${stopped} may not be bought again`, 'one figure, whichever way it is asked for')
  const address = '/console/devices?maker=dahua&activity=procure&outcome=prohibited&sort=-assetTag'
  const narrowed = await someone.open(address)
  const expected = await listed('maker=dahua&activity=procure&outcome=prohibited&sort=-assetTag&limit=100')
  const shown = [...narrowed.html.matchAll(/id="r-([0-9a-f-]{36})"/g)].map(([, id]) => id)
  t.same(
    shown,
    expected.map(({ id }: { id: string }) => id),
  )
  t.match(textOf(narrowed.html), 'Made by: Dahua Technology')
  const file = linksOf(narrowed.html).find((link) => link.endsWith('as=csv') && !link.includes('fields'))!
  const rows = (await someone.open(file)).html.trim().split('\n').slice(1)
  t.equal(rows.length, expected.length, 'the file has the same devices')
  rows.forEach((row, at) => {
    t.ok(row.includes(expected[at].id), `row ${at}`)
  })
  const blank = await someone.open('/console/devices?q=&maker=dahua&status=')
  t.equal(blank.location, '/console/devices?maker=dahua', 'fields that were left alone leave the address')
  const none = textOf((await someone.open('/console/devices?maker=dahua&department=Nowhere')).html)
  t.match(none, /Without Department: Nowhere.*: \d+ devices/)
  const unknown = await someone.open('/console/devices?makr=dahua')
  t.equal(unknown.status, 400)
  t.ok(linksOf(unknown.html).includes('/console/devices'), 'a link without what is not known')
  const columns = await someone.open('/console/devices?columns=serialNumber&columns=status')
  t.equal(
    columns.location,
    '/console/devices?columns=serialNumber%2Cstatus',
    'ticked one by one, kept as a list',
  )
})

t.test(
  'a device shows who made it, what each law says and why, and fields for what is missing',
  async (t) => {
    const someone = await signedInAs(h, keys['city-editor'])
    const { html } = await someone.open(DEVICE)
    const text = textOf(html)
    t.match(text, 'Made by Dahua Technology, 85% sure.')
    t.match(text, 'Honeywell relabeled goods of Dahua Technology')
    const { body } = await h.call('GET', `/v1/devices/${relabeled.id}`, { key: keys['city-editor'] })
    const plain = (words: string) => words.replaceAll(/\s+/g, ' ')
    for (const { outcome, because, citation, ruleId } of body.determinations) {
      t.ok(text.includes(plain(because)), `${ruleId}: the reason`)
      if (outcome !== 'permitted' && outcome !== 'not-applicable')
        t.ok(text.includes(plain(citation)), `${ruleId}: the citation`)
    }
    t.match(html, 'name="fundingSource"', 'a field for what is missing')
    t.match(html, 'name="fundingSource"')
    const readOnly = (await (await signedInAs(h, keys['city-viewer'])).open(DEVICE)).html
    t.notMatch(readOnly, 'name="fundingSource"', 'whoever may only read has no fields')
    const nobody = await h.key('city-viewer', await h.jurisdiction({ name: 'Otherton' }))
    t.equal((await (await signedInAs(h, nobody)).open(DEVICE)).status, 404, 'another city does not see it')
  },
)

t.test('a correction is saved with what was typed, and never over the change of somebody else', async (t) => {
  const someone = await signedInAs(h, keys['city-editor'], 'Ann Lee')
  const [device] = await listed('assetTag=RB-005')
  const address = `/console/devices/${device.id}`
  const etag = (await h.call('GET', `/v1/devices/${device.id}`, { key: keys['city-editor'] })).headers.etag!
  const wrong = await someone.post(`${address}/edit`, { etag, producedIn: 'Germany', latitude: 'north' })
  t.equal(wrong.status, 400)
  t.match(textOf(wrong.html), 'Produced in:')
  t.match(wrong.html, 'value="Germany"', 'as it was typed')
  const saved = await someone.send(`${address}/edit`, {
    etag,
    fundingSource: 'local',
    acquisitionCostCents: '$1,250.50',
  })
  t.match(textOf(saved.html), 'Saved.')
  const now = await h.call('GET', `/v1/devices/${device.id}`, { key: keys['city-editor'] })
  t.match(now.body, {
    fundingSource: 'local',
    acquisitionCostCents: 125_050,
    manufacturer: device.manufacturer,
  })
  const late = await someone.post(`${address}/edit`, { etag, fundingSource: 'federal-grant' })
  t.equal(late.status, 412)
  t.equal(
    (await h.call('GET', `/v1/devices/${device.id}`)).body.fundingSource,
    'local',
    'nothing was overwritten',
  )
  const same = await someone.send(`${address}/edit`, { etag: now.headers.etag!, fundingSource: 'local' })
  t.match(textOf(same.html), 'nothing was changed')
  t.match(textOf(same.html), 'Funding source: not known → Local money')
  const events = await h.call('GET', `/v1/audit-events?target=${device.id}&jurisdictionId=${city}`)
  t.match(JSON.stringify(events.body.items), '(Ann Lee)', 'the audit names who said to be there')
})

t.test('a device is added by hand, and an operator says for which city', async (t) => {
  const someone = await signedInAs(h, keys['city-editor'])
  const added = await someone.send('/console/devices/new', {
    assetTag: 'HAND-1',
    manufacturer: 'Dahua',
    status: 'active',
  })
  t.match(textOf(added.html), 'Made by Dahua Technology')
  const taken = await someone.post('/console/devices/new', { assetTag: 'HAND-1', status: 'active' })
  t.equal(taken.status, 409)
  t.match(textOf(taken.html), 'Asset tag: is the tag of another device')
  const operator = await signedInAs(h, keys.admin)
  t.equal((await operator.post('/console/devices/new', { assetTag: 'HAND-2', status: 'active' })).status, 400)
  const there = await operator.send('/console/devices/new', {
    assetTag: 'HAND-2',
    status: 'active',
    jurisdictionId: city,
  })
  t.match(textOf(there.html), 'HAND-2')
})

t.test('what was left alone in a form stays as it is stored, also what a browser cannot show', async (t) => {
  const key = keys['city-editor']
  const body = { serialNumber: 'NO-NAME-1', manufacturer: 'Axis\nHikvision', notes: 'one\r\ntwo\rthree' }
  const { body: device } = await h.call('POST', '/v1/devices', { key, body })
  const someone = await signedInAs(h, key)
  const address = `/console/devices/${device.id}`
  const shown = { manufacturer: 'AxisHikvision', notes: 'one\r\ntwo\r\nthree', serialNumber: 'NO-NAME-1' }
  await someone.send(`${address}/edit`, { etag: '*', ...shown, room: '12' })
  const stored = async () => (await h.call('GET', `/v1/devices/${device.id}`, { key })).body
  t.match(await stored(), { ...body, room: '12' })
  const odd = { hasRadio: 'maybe', usefulLifeYears: '0x10' }
  t.equal((await someone.post(`${address}/edit`, { etag: '*', ...odd })).status, 400)
  t.match(await stored(), { hasRadio: null, usefulLifeYears: null })
  await h.call('PATCH', `/v1/devices/${device.id}`, { key, body: { manufacturer: null } })
  t.match((await someone.open(address)).html, '<h1>NO-NAME-1</h1>', 'it is called by what is known of it')
})

t.test('an operator adds a city, makes a key that is shown once, and revokes it', async (t) => {
  const operator = await signedInAs(h, keys.admin)
  t.equal(
    (await operator.post('/console/jurisdictions/new', { name: '', state: 'Ohio', timezone: 'Mars' })).status,
    400,
  )
  const made = await operator.send('/console/jurisdictions/new', {
    name: 'Brookhollow',
    state: 'tx',
    kind: 'city',
    timezone: 'America/Chicago',
    federalContractor: 'no',
  })
  t.match(textOf(made.html), 'Brookhollow')
  const { items } = (await h.call('GET', '/v1/jurisdictions?limit=1000')).body
  const brookhollow = items.find(({ name }: { name: string }) => name === 'Brookhollow')
  t.match(brookhollow, { state: 'TX', federalContractor: false, sellsToFederal: null })
  const keyPage = await operator.post('/console/keys', {
    label: 'Bo',
    role: 'city-viewer',
    jurisdictionId: brookhollow.id,
  })
  const secret = /clk_[\w-]{43}/.exec(keyPage.html)![0]
  t.notMatch((await operator.open('/console/keys')).html, secret, 'shown once')
  const chief = await signedInAs(h, keys['city-admin'])
  const own = await chief.post('/console/keys', { label: 'Cy', role: 'city-viewer', expiresAt: '2027-01-31' })
  t.match(own.html, /clk_[\w-]{43}/, 'the admin of a city makes keys of the city')
  t.notMatch(textOf(own.html), 'Bo', 'and sees no others')
  const bo = await signedInAs(h, secret)
  t.match(textOf((await bo.open('/console')).html), 'No devices yet')
  const { items: all } = (await h.call('GET', '/v1/keys?limit=1000')).body
  const { id } = all.find(({ label }: { label: string }) => label === 'Bo')
  await operator.send(`/console/keys/${id}`, {})
  t.equal((await bo.open('/console')).status, 303)
})

t.test('what is wrong in a form is said in the words of the form', async (t) => {
  const cases: readonly (readonly [name: string, message: string, words: string])[] = [
    [
      'acquisitionCostCents',
      'Invalid input: expected number, received string',
      'must be an amount such as 1,250 or 1250.00',
    ],
    ['usefulLifeYears', 'Invalid input: expected number, received string', 'must be a number such as 12'],
    ['usefulLifeYears', 'Invalid input: expected int, received number', 'must be a whole number'],
    ['low', 'Too small: expected number to be >=100000', 'must be at least 1,000'],
    ['longitude', 'Too big: expected number to be <=180', 'must be at most 180'],
    ['hasRadio', 'Invalid input: expected boolean, received string', 'choose yes or no'],
    ['status', 'Invalid option: expected one of "a"|"b"', 'choose one of the list'],
    ['source', 'Invalid input: expected string, received undefined', 'is needed'],
    ['acquiredOn', 'must be a real day written YYYY-MM-DD', 'must be a day that exists'],
    ['statedOn', 'must not be after 2026-11-24', 'must not be after Nov 24, 2026'],
    ['assetTag', 'is the tag of another device', 'is the tag of another device'],
  ]
  for (const [name, message, words] of cases) t.equal(errorWords(name, message), words, message)
  const someone = await signedInAs(h, keys['city-editor'])
  const sent = {
    ...{
      etag: '*',
      acquisitionCostCents: '1,25',
      latitude: 'north',
      longitude: '500',
      acquiredOn: '31/12/2020',
    },
    ...{ hasRadio: 'maybe', usefulLifeYears: '1.5', deviceClass: 'toaster', siteId: 'x', currency: 'Dollar' },
  }
  const wrong = textOf((await someone.post(`${DEVICE}/edit`, sent)).html)
  t.notMatch(wrong, /Invalid|expected|received|UUID|ISO|RFC|YYYY|[<>]=/, 'no word of a validator')
  t.match(wrong, 'Acquisition cost: must be an amount such as 1,250 or 1250.00')
  const address = await someone.open('/console/devices?hasRadio=perhaps&firmwareUrgency=soon')
  t.equal(address.status, 400)
  t.notMatch(textOf(address.html), /Invalid|expected one of/)
})

t.test('a device is shown as it stood on a day, to be read and not to be changed', async (t) => {
  const [old] = await listed('assetTag=RB-010')
  const address = `/console/devices/${old.id}`
  const before = h.now().toISOString()
  t.teardown(() => h.setNow(before))
  h.setNow(new Date(Date.parse(before) + 3 * 86_400_000).toISOString())
  const later = await signedInAs(h, keys['city-editor'])
  await later.send(`${address}/edit`, { etag: '*', manufacturer: 'Axis' })
  t.match(textOf((await later.open(address)).html), 'Manufacturer Axis')
  const past = await later.open(`${address}?asOf=${before.slice(0, 10)}`)
  t.equal(past.status, 200)
  t.match(textOf(past.html), /As it stood on Nov 24, 2026 , with the law of that day/)
  t.match(textOf(past.html), `Manufacturer ${old.manufacturer}`)
  t.notMatch(past.html, `${address}/edit"`)
  const never = await later.open(`${address}?asOf=2020-01-01`)
  t.ok(never.status === 404 || never.status === 400, `before it was on the register: ${never.status}`)
  t.equal((await later.open(`${address}?asOf=someday`)).status, 400)
})

/** Markup in every text, long, in other scripts, right to left. */
const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\u202e\u05d0\u05d1 \u{1f3a5} ${'long'.repeat(10)}`
const hostileCity = await h.jurisdiction({ name: `Hostile ${HOSTILE}` })
const hostileKey = (
  await h.call('POST', '/v1/keys', {
    body: { label: HOSTILE.slice(0, 100), role: 'city-editor', jurisdictionId: hostileCity },
  })
).body.key as string
const hostileSite = await h.call('POST', '/v1/sites', {
  key: hostileKey,
  body: { name: HOSTILE, address: HOSTILE },
})
const TEXTS = [
  'name',
  'manufacturer',
  'model',
  'firmwareVersion',
  'notes',
  'room',
  'rack',
  'department',
  'supplier',
  'recorder',
  'hostName',
  'socMaker',
] as const
const hostileDevice = await h.call('POST', '/v1/devices', {
  key: hostileKey,
  body: {
    assetTag: HOSTILE.slice(0, 60),
    serialNumber: HOSTILE.slice(0, 60),
    siteId: hostileSite.body.id,
    ...Object.fromEntries(TEXTS.map((field) => [field, HOSTILE])),
    notes: `${HOSTILE} ${'x'.repeat(1500)}`,
  },
})

t.test('a hostile city is shown as the text that it is, on every page', async (t) => {
  t.equal(hostileDevice.status, 201)
  const found = await crawl(await signedInAs(h, hostileKey, HOSTILE.slice(0, 90)))
  t.ok(found.has(`/console/devices/${hostileDevice.body.id}`), 'its device is among the pages')
  for (const [address, { status, html, headers }] of found) {
    t.ok(status < 400, `${address}: ${status}`)
    if (!String(headers['content-type']).startsWith('text/html')) continue
    t.notMatch(html, /<script(?! type="module" src=)|<img src=x/, address)
  }
})

/** Pages that are looked at in a browser, by role. */
const PAGES_SHOWN: readonly (readonly [role: Role, address: string])[] = [
  ['city-editor', '/console'],
  ['city-editor', '/console/devices'],
  ['city-editor', '/console/devices?maker=dahua&department=Nowhere'],
  ['city-editor', DEVICE],
  ['city-editor', `${DEVICE}/edit`],
  ['city-editor', '/console/search?q=RB-00'],
  ['city-editor', `/console/jurisdictions/${city}`],
  ['city-editor', '/console/account'],
  ['city-editor', '/console/nothing/here'],
  ['admin', '/console'],
  ['admin', '/console/keys'],
  ['admin', '/console/jurisdictions/new'],
  ['federal-reviewer', '/console'],
  ['federal-reviewer', '/console/devices'],
]

t.test('in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await openBrowser(t)
  const origin = await listening(h)

  t.test('every page passes axe, fits 320 px, and asks nothing of other hosts', async (t) => {
    const context = await browser.newContext()
    const seen = watched(context, origin)
    const page = await context.newPage()
    let signedIn: Role | null = null
    await page.goto(`${origin}/console/login`)
    t.same(await violations(page), [], 'sign in')
    for (const [role, address] of PAGES_SHOWN) {
      if (role !== signedIn) {
        await context.clearCookies()
        await signInThere(page, origin, keys[role])
        signedIn = role
      }
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(origin + address)
      t.same(await violations(page), [], `${role} ${address}: axe`)
      t.notOk(await sticksOut(page), `${role} ${address}: 1280 px`)
      await page.setViewportSize({ width: 320, height: 800 })
      t.notOk(await sticksOut(page), `${role} ${address}: 320 px`)
    }
    await context.clearCookies()
    await signInThere(page, origin, hostileKey)
    for (const address of ['/console', '/console/devices', `/console/devices/${hostileDevice.body.id}`]) {
      await page.goto(origin + address)
      t.notOk(await sticksOut(page), `hostile ${address}: 320 px`)
      t.same(await violations(page), [], `hostile ${address}: axe at 320 px`)
    }
    t.same(seen, [])
    await context.close()
  })

  t.test('without script: sign in, find a device, see why, correct it, sign out', async (t) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await signInThere(page, origin, keys['city-editor'])
    await page.getByLabel('Search').fill('RB-006')
    await page.getByRole('button', { name: 'Find' }).first().click()
    await page.getByRole('link', { name: 'RB-006' }).click()
    t.ok(await page.getByText('Made by Dahua Technology, 85% sure.').isVisible())
    await page.getByLabel('Funding source').selectOption('Local money')
    await page.getByRole('button', { name: 'Save what I know' }).click()
    t.ok(await page.getByText('Saved.').isVisible())
    t.ok(await page.getByText('Funding source: not known → Local money').isVisible())
    await page.getByRole('button', { name: 'Sign out' }).click()
    t.ok(await page.getByText('You are signed out.').isVisible())
    await context.close()
  })

  t.test('by keyboard alone: past the head to the page, and from what is wrong to the field', async (t) => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await signInThere(page, origin, keys['city-editor'])
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    t.equal(await page.evaluate('document.activeElement.id'), 'main', 'the first Tab skips to the page')
    await page.goto(`${origin}/console/devices/new`)
    await page.getByLabel('Latitude').focus()
    await page.keyboard.type('north')
    await page.keyboard.press('Enter')
    await page.getByText('Not saved').waitFor()
    t.equal(await page.evaluate('document.activeElement.className'), 'wrong', 'what is wrong has the focus')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    t.match(page.url(), '#f-latitude')
    t.equal(await page.getByLabel('Latitude').inputValue(), 'north', 'what was typed is there')
    await context.close()
  })
})
