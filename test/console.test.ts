/** The console: pages for browsers, which can do nothing that the key could not do through the API. */
import t from 'tap'
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
import { crawl, signedInAs, textOf, visitor } from './support/visitor.ts'

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
        / style=|<script(?! type="module" src=)|\son\w+=/,
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

/** Pages that are looked at in a browser, by role. */
const PAGES_SHOWN: readonly (readonly [role: Role, address: string])[] = [
  ['city-editor', '/console'],
  ['city-editor', '/console/account'],
  ['city-editor', '/console/nothing/here'],
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
      t.same(await violations(page), [], `${address}: axe`)
      t.notOk(await sticksOut(page), `${address}: 1280 px`)
      await page.setViewportSize({ width: 320, height: 800 })
      t.notOk(await sticksOut(page), `${address}: 320 px`)
      t.same(await violations(page), [], `${address}: axe at 320 px`)
    }
    t.same(seen, [])
    await context.close()
  })
})
