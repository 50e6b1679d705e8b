/** Official lists that the service fetches by itself, from a server that does what servers do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { mayLeadTo, sourceAt } from '../src/lists/sync/addresses.ts'
import { fetchList } from '../src/lists/sync/download.ts'
import { fractionOf, nextAfterFailure, nextAfterGood } from '../src/lists/sync/when.ts'
import { harness, openTestDatabase } from './support/harness.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

let answer: Answer = (_request, response) => response.writeHead(500).end()
const asked: IncomingMessage[] = []
const server = createServer((request, response) => {
  asked.push(request)
  answer(request, response)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => new Promise((resolve) => server.close(resolve)))
const { port } = server.address() as AddressInfo
const mirror = `http://127.0.0.1:${port}/lists`

const opened = await openTestDatabase()
const config = {
  RATE_LIMIT_PER_MINUTE: 0,
  TRUST_PROXY: false,
  LISTS_SYNC: ['ofac-sdn'],
  LISTS_MIRROR: mirror,
}
const h = await harness(t, { opened: Promise.resolve(opened), parts: { config } })
const other = await harness(t, {
  opened: Promise.resolve({ ...opened, drop: async () => {} }),
  parts: { config },
})

const NAMES = Array.from({ length: 20 }, (_, i) => `BLUE RIVER TRADING NUMBER ${i} LLC`)
const HIKVISION = 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.'
const uidOf = (name: string) => ({ CEIEC: 30502, [HIKVISION]: 99001 })[name] ?? 1000 + NAMES.indexOf(name)
const sdn = (day: string, names: readonly string[]) => {
  const entries = ['CEIEC', ...names].map(
    (name) =>
      `<sdnEntry><uid>${uidOf(name)}</uid><lastName>${name}</lastName><sdnType>Entity</sdnType><programList><program>GLOMAG</program></programList><addressList><address><uid>1</uid><country>China</country></address></addressList></sdnEntry>`,
  )
  return `<?xml version="1.0"?><sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"><publshInformation><Publish_Date>${day}</Publish_Date><Record_Count>${entries.length}</Record_Count></publshInformation>${entries.join('')}</sdnList>`
}
const file =
  (body: string, headers: Record<string, string> = {}): Answer =>
  (request, response) => {
    const has = headers.etag !== undefined && request.headers['if-none-match'] === headers.etag
    response.writeHead(has ? 304 : 200, headers).end(has ? undefined : body)
  }

const list = async () =>
  (await h.call('GET', '/v1/lists')).body.items.find(({ id }: { id: string }) => id === 'ofac-sdn')
async function pass(at: string, say: Answer) {
  answer = say
  asked.length = 0
  for (const one of [h, other]) one.setNow(at)
  // Two servers have the same minute.
  for (const passes of ['lists', 'knowledge']) {
    for (const one of [h, other]) one.background.trigger(passes)
    await Promise.all([h.background.settle(), other.background.settle()])
  }
  return list()
}

t.test('a list is fetched once by several servers, and again only when it has changed', async (t) => {
  const first = sdn('11/23/2026', NAMES)
  const taken = await pass('2026-11-24T12:00:00Z', file(first, { etag: '"1"' }))
  t.match(taken, { outcome: 'loaded', inForce: { version: 1, publishedOn: '2026-11-23' }, ageDays: 0 })
  t.same(
    asked.map(({ url }) => url),
    ['/lists/ofac-sdn'],
    'once',
  )
  t.notOk(asked[0]!.headers.authorization ?? asked[0]!.headers.cookie, 'without a login')
  await pass('2026-11-24T13:00:00Z', file(first, { etag: '"1"' }))
  t.equal(asked.length, 0, 'not before it is due')
  const same = await pass('2026-11-26T12:00:00Z', file(first, { etag: '"1"' }))
  t.equal(asked[0]!.headers['if-none-match'], '"1"')
  t.match(same, { outcome: 'unchanged', inForce: { version: 1 }, ageDays: 0 })
  const next = await pass(
    '2026-11-28T12:00:00Z',
    file(sdn('11/27/2026', [HIKVISION, ...NAMES]), { etag: '"2"' }),
  )
  t.match(next, { outcome: 'loaded', inForce: { version: 2 } })
  const { body } = await h.call('GET', '/v1/listings?regime=ofac-sdn&vendor=hikvision')
  t.match(body.items, [{ to: null }])
})

t.test(
  'what fails, leads away, is cut, swapped or empty clears nobody, and is asked for again',
  async (t) => {
    const good = sdn('11/29/2026', NAMES)
    const listed = async () =>
      (await h.call('GET', '/v1/listings?regime=ofac-sdn&vendor=hikvision')).body.items[0].to === null
    const faults: readonly [name: string, say: Answer, outcome: string, detail: RegExp][] = [
      ['an error', (_, response) => response.writeHead(503).end(), 'failed', /answered 503/],
      ['no answer', (request) => request.socket.destroy(), 'failed', /127\.0\.0\.1/],
      [
        'another machine',
        (_, response) => response.writeHead(302, { location: 'https://example.org/sdn.xml' }).end(),
        'failed',
        /leads to example\.org/,
      ],
      [
        'round and round',
        (request, response) => response.writeHead(302, { location: request.url! }).end(),
        'failed',
        /more than 5 times/,
      ],
      [
        'a connection that ends',
        (_, response) => {
          response.writeHead(200, { 'content-length': String(good.length) })
          response.write(good.slice(0, 2000), () => response.destroy())
        },
        'failed',
        /127\.0\.0\.1/,
      ],
      ['a file that was cut', file(good.slice(0, 2000)), 'refused', /./],
      ['another list', file(good.replace('PublicationPreview', 'Other')), 'refused', /^The namespace/],
      ['a page', file('<html><body>Access Denied</body></html>'), 'refused', /^The file is none of those/],
      ['nothing', file(''), 'refused', /none of those/],
      ['half of it', file(sdn('11/29/2026', NAMES.slice(0, 5))), 'refused', /^the file has 6 entries/],
    ]
    let day = Date.parse('2026-12-01T12:00:00Z')
    for (const [name, say, outcome, detail] of faults) {
      day += 48 * 3_600_000
      const at = new Date(day).toISOString()
      const after = await pass(at, say)
      t.match(after, { outcome, detail, inForce: { version: 2 } }, name)
      t.ok(await listed(), `${name}: nobody is cleared`)
    }
    const old = await list()
    t.ok(old.isOld && old.ageDays > 7, 'its age is shown')
    const metrics = await h.call('GET', '/metrics')
    t.match(metrics.text, /camledger_list_good_timestamp_seconds\{list="ofac-sdn"\} 1/)
    const led: Answer = (request, response) =>
      request.url === '/store/sdn.xml'
        ? file(good)(request, response)
        : response.writeHead(302, { location: '/store/sdn.xml' }).end()
    const back = await pass(new Date(day + 48 * 3_600_000).toISOString(), led)
    t.notOk(asked[0]!.headers['if-none-match'], 'of a file that was refused the whole is asked for again')
    t.match(back, { outcome: 'loaded', inForce: { version: 3 }, ageDays: 0 })
    t.notOk(await listed(), 'the list itself ends what it began')
  },
)

t.test('failures wait longer each time, and minutes differ from one installation to the next', async (t) => {
  const now = new Date('2026-11-24T12:00:00Z')
  const minutes = (at: Date) => (at.getTime() - now.getTime()) / 60_000
  const waits = [1, 2, 3, 10].map((failures) => minutes(nextAfterFailure(now, failures, null, 'a')))
  const least = [5, 10, 20, 360]
  for (const [i, wait] of waits.entries()) t.ok(wait >= least[i]! && wait <= least[i]! * 1.25, String(wait))
  t.equal(minutes(nextAfterFailure(now, 1, 3_600_000, 'a')), 60, 'as long as the machine asks for')
  t.ok(minutes(nextAfterFailure(now, 1, 9e12, 'a')) <= 24 * 60, 'within a day')
  const days = ['a', 'b', 'c', 'd'].map((seed) => minutes(nextAfterGood(now, seed)))
  t.ok(days.every((wait) => wait >= 23 * 60 && wait <= 25 * 60))
  t.equal(new Set(days).size, 4)
  t.equal(fractionOf('a'), fractionOf('a'))
})

t.test('an answer leads only to known machines, never away from https', async (t) => {
  const ofac = sourceAt('ofac-sdn', null)
  const cases: readonly [url: string, may: boolean][] = [
    ['https://sanctionslistservice.ofac.treas.gov/x', true],
    ['https://sls-prod.s3.us-gov-west-1.amazonaws.com/SDN.XML?X-Amz-Expires=1', true],
    ['https://s3.amazonaws.com/x', true],
    ['http://sanctionslistservice.ofac.treas.gov/x', false],
    ['https://s3.amazonaws.com.example.org/x', false],
    ['https://s3.amazonaws.com:8443/x', false],
    ['https://user:word@s3.amazonaws.com/x', false],
    ['https://127.0.0.1/x', false],
    ['file:///etc/passwd', false],
  ]
  for (const [url, may] of cases) t.equal(mayLeadTo(ofac, new URL(url)), may, url)
  const { next } = sourceAt('bis-entity-list', null)
  const titles =
    '{"titles":[{"number":14,"up_to_date_as_of":"2026-01-01"},{"number":15,"name":"x","up_to_date_as_of":"2026-09-25"}]}'
  t.match(next!(titles), /full\/2026-09-25\/title-15\.xml\?part=744$/)
  t.equal(next!('{"titles":[]}'), null)
})

t.test('a file that is too large or too slow is no file', async (t) => {
  const source = sourceAt('ofac-sdn', mirror)
  const asking = { known: null, signal: new AbortController().signal }
  const path = `${t.testdir({})}/file`
  answer = file('x'.repeat(5000))
  const small = { mostBytes: 1000, mostMillis: 60_000 }
  await t.rejects(fetchList(source, path, { ...asking, limits: small }), {
    message: /larger than 1000 bytes/,
  })
  answer = () => {}
  const short = { mostBytes: 1000, mostMillis: 50 }
  await t.rejects(fetchList(source, path, { ...asking, limits: short }), { message: /took too long/ })
  server.closeAllConnections()
})
