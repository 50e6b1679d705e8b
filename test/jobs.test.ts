/**
 * Long work goes on after its request was answered, can be watched, canceled and taken up again, and has the effect
 * of the same request without a job: once, or not at all.
 */
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { Spool } from '../src/http/spool.ts'
import { JobFiles } from '../src/jobs/files.ts'
import { remembered } from '../src/lib/memory.ts'
import { withPauses } from '../src/lib/pacing.ts'
import { evaluatingInParts } from '../src/screening/evaluate-in-parts.ts'
import { type Harness, harness, openTestDatabase } from './support/harness.ts'
import { ownPostgres, serveForTest } from './support/processes.ts'

// Much is waited for here, and the machine may be busy.
t.setTimeout(1_200_000)

const root = (path: string) => new URL(import.meta.resolve(`#root/${path}`)).pathname
const folder = t.testdir({})
const ASYNC = { prefer: 'respond-async' }
const CSV = { 'content-type': 'text/csv' }

const test = await openTestDatabase()
t.teardown(() => test.drop())
const shared = { ...test, drop: async () => {} }
const spoolFolder = join(folder, 'spool')
const start = (t: Test): Promise<Harness> =>
  harness(t, {
    opened: Promise.resolve(shared),
    parts: { spool: new Spool({ folder: spoolFolder }), jobs: { leaseMillis: 2_000 } },
  })
const h = await start(t)

const city = await h.jurisdiction({ state: 'OH' })
const editor = await h.key('city-editor', city)
const viewer = await h.key('city-viewer', city)
const budget = await h.key('city-budget', city)
const stranger = await h.key('city-editor', await h.jurisdiction())
const reviewer = await h.key('federal-reviewer', [city])

function rows(tag: string, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => `${tag}-${i},Axis,P${i % 9},${tag}${i}\n`)
  return `Asset Tag,Manufacturer,Model,Serial Number\n${lines.join('')}`
}
const sendFile = (
  app: Harness,
  key: string,
  body: string,
  query = '',
  headers: Record<string, string> = {},
) => app.call('POST', `/v1/imports${query}`, { key, body, headers: { ...CSV, ...ASYNC, ...headers } })
const devicesOf = async (jurisdictionId: string) => {
  const { rows: found } = await test.database.acrossJurisdictions([jurisdictionId], (tx) =>
    tx.execute<{ count: number }>(sql`select count(*)::int as count from devices`),
  )
  return found[0]!.count
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
type Job = any

async function until(app: Harness, key: string, location: string, isSo: (job: Job) => boolean): Promise<Job> {
  const deadline = performance.now() + 120_000
  for (;;) {
    const { status, body } = await app.call('GET', location, { key })
    if (status === 200 && isSo(body)) return body
    if (performance.now() > deadline) throw new Error(`It never came to this: ${JSON.stringify(body)}`)
    await pause(20)
  }
}
const hasEnded = (job: Job) => ['succeeded', 'failed', 'canceled'].includes(job.state)
const isWriting = (job: Job) => job.state === 'running' && job.progress.done > 0

t.test('an import that is to be a job is answered at once, and its job leads to the import', async (t) => {
  const asked = await sendFile(h, editor, rows('A', 50))
  t.equal(asked.status, 202)
  t.equal(asked.headers['preference-applied'], 'respond-async')
  t.match(asked.body, { kind: 'import', state: 'queued', jurisdictionId: city, result: null, problem: null })
  t.equal(asked.headers.location, `/v1/jobs/${asked.body.id}`)
  const job = await until(h, editor, asked.headers.location!, hasEnded)
  t.match(job, { state: 'succeeded', progress: { done: 1, total: 1 }, result: { status: 201, body: null } })
  const imported = await h.call('GET', job.result.location, { key: editor })
  t.match(imported.body.report.counts, { rows: 50, created: 50, rejected: 0 })
  t.equal(imported.body.createdBy, job.createdBy, 'by the key that asked')
  t.same(readdirSync(join(spoolFolder, 'camledger-jobs')), ['place'], 'its file is gone')
  const plain = await h.call('POST', '/v1/imports', { key: editor, body: rows('A', 50), headers: CSV })
  t.equal(plain.status, 201, 'without the wish the answer is the import')
  const polite = await sendFile(h, editor, rows('A', 50), '', { prefer: 'wait=5, Respond-Async;x=1' })
  t.equal(polite.status, 202, 'among other wishes too')
  t.match(await until(h, editor, polite.headers.location!, hasEnded), { state: 'succeeded' })
})

t.test('what a request is refused with, the job is refused with', async (t) => {
  t.equal(
    (await sendFile(h, editor, 'x', '?nonsense=1')).status,
    400,
    'what is wrong at once is said at once',
  )
  t.equal((await sendFile(h, viewer, rows('V', 1))).status, 403)
  const cases: [body: string, query: string, problem: Record<string, unknown>][] = [
    ['', '', { type: '/problems/unreadable-file', status: 422 }],
    ['Asset Tag,Make\n1.2E+14,Axis\n', '?atomic=true', { type: '/problems/import-refused', status: 422 }],
  ]
  for (const [body, query, problem] of cases) {
    const direct = await h.call('POST', `/v1/imports${query}`, { key: editor, body, headers: CSV })
    const asked = await sendFile(h, editor, body, query)
    const job = await until(h, editor, asked.headers.location!, hasEnded)
    t.equal(job.state, 'failed')
    t.match(job.problem, problem)
    t.same(job.problem.errors, direct.body.errors, 'with every field that is named')
  }
  const dry = await sendFile(h, editor, rows('D', 3), '?dryRun=true')
  const job = await until(h, editor, dry.headers.location!, hasEnded)
  t.match(job, { state: 'succeeded', result: { status: 200, location: null } })
  t.match(job.result.body.report.counts, { created: 3 }, 'a dry run has no address, so its report is here')
  t.equal(await devicesOf(city), 50, 'and keeps nothing')
})

t.test('a job is seen by those who see its city, and canceled by those who may ask for it', async (t) => {
  const { body } = await sendFile(h, editor, rows('A', 50))
  const at = `/v1/jobs/${body.id}`
  await until(h, editor, at, hasEnded)
  for (const path of [at, `${at}/events`]) {
    t.equal((await h.call('GET', path, { key: null })).status, 401)
    t.equal((await h.call('GET', path, { key: stranger })).status, 404)
    for (const key of [viewer, budget, reviewer, h.admin]) {
      t.equal((await h.call('GET', path, { key })).status, 200)
    }
  }
  t.equal((await h.call('POST', `${at}/cancel`, { key: null })).status, 401)
  t.equal((await h.call('POST', `${at}/cancel`, { key: stranger })).status, 404)
  for (const key of [viewer, budget, reviewer]) {
    t.equal((await h.call('POST', `${at}/cancel`, { key })).status, 403)
  }
  const ended = await h.call('POST', `${at}/cancel`, { key: editor })
  t.match([ended.status, ended.body.state], [200, 'succeeded'], 'what has ended stays as it is')
  t.equal(
    (await h.call('GET', `/v1/jobs/${randomUUID()}`, { key: editor })).status,
    404,
    'none is not an old one',
  )
  const listed = await h.call('GET', '/v1/jobs?limit=2&state=succeeded', { key: viewer })
  t.equal(listed.body.items[0].id, body.id)
  t.match(listed.body.items[0].location, /^\/v1\/imports\//)
  const next = await h.call('GET', `/v1/jobs?limit=2&state=succeeded&cursor=${listed.body.nextCursor}`, {
    key: viewer,
  })
  t.ok(next.body.items.length > 0 && next.body.items[0].id < listed.body.items[1].id)
  t.same((await h.call('GET', '/v1/jobs', { key: stranger })).body.items, [])
})

t.test('the same Idempotency-Key makes one job', async (t) => {
  const key = { 'idempotency-key': 'one-job' }
  const first = await sendFile(h, editor, rows('I', 5), '', key)
  const again = await sendFile(h, editor, rows('I', 5), '', key)
  t.same([again.status, again.headers.location, again.body], [202, first.headers.location, first.body])
  t.equal((await sendFile(h, editor, rows('I', 6), '', key)).status, 422, 'another file is another request')
  t.match(await until(h, editor, first.headers.location!, hasEnded), { state: 'succeeded' })
  t.same(readdirSync(join(spoolFolder, 'camledger-jobs')), ['place'])
})

t.test('estimate and schedule are jobs, for the budget officer too', async (t) => {
  const { body: plan } = await h.call('POST', '/v1/plans', {
    key: budget,
    body: { name: 'Way out', settings: { trials: 1000 } },
  })
  await h.call('POST', `/v1/plans/${plan.id}/devices`, {
    key: budget,
    body: { filter: {}, costCode: 'CAM-BULLET' },
  })
  const post = (path: string, body?: unknown) =>
    h.call('POST', `/v1/plans/${plan.id}/${path}`, { key: budget, body, headers: ASYNC })
  const early = await post('schedule', { seconds: 1 })
  t.match(await until(h, budget, early.headers.location!, hasEnded), {
    state: 'failed',
    problem: { type: '/problems/estimate-needed', status: 409 },
  })
  for (const [path, body] of [
    ['estimate', undefined],
    ['schedule', { seconds: 1 }],
  ] as const) {
    const asked = await post(path, body)
    t.equal(asked.status, 202)
    const job = await until(h, budget, asked.headers.location!, hasEnded)
    t.match(job, { kind: path, state: 'succeeded', result: { status: 201, body: null } })
    const read = await h.call('GET', job.result.location, { key: budget })
    t.equal(read.status, 200)
    t.match(job.result.location, read.body.id)
  }
  t.equal(
    (await h.call('POST', `/v1/plans/${randomUUID()}/estimate`, { key: budget, headers: ASYNC })).status,
    404,
  )
  t.equal(
    (await h.call('POST', `/v1/plans/${plan.id}/estimate`, { key: viewer, headers: ASYNC })).status,
    403,
  )
})

t.test('a feed is read in a job of the operator, which no city sees', async (t) => {
  const body = readFileSync(root('test/fixtures/firmware/kev.json'))
  const asked = await h.call('POST', '/v1/advisories/imports?format=kev', {
    body,
    headers: { ...ASYNC, 'content-type': 'application/json' },
  })
  t.match([asked.status, asked.body.jurisdictionId], [202, null])
  const job = await until(h, h.admin, asked.headers.location!, hasEnded)
  t.match(job, { kind: 'advisories', state: 'succeeded', result: { status: 200, body: { feed: 'kev' } } })
  t.equal((await h.call('GET', asked.headers.location!, { key: editor })).status, 404)
})

/**
 * On a machine that stands still for a while the import may have ended in time, or a pass may have found its lease ended
 * by the jump of the clock and put it back into the queue: then once more, with another city.
 */
async function canceledWhileWriting() {
  for (;;) {
    const id = await h.jurisdiction()
    const key = await h.key('city-editor', id)
    const running = await sendFile(h, key, rows('R', 40_000))
    const waiting = await sendFile(h, key, rows('W', 10))
    await until(h, key, running.headers.location!, isWriting)
    // Long after the key was last looked at in the database, whose only session the import may have.
    h.setNow(new Date(h.now().getTime() + 60_000).toISOString())
    const first = await h.call('POST', `${running.headers.location}/cancel`, { key })
    if (first.body.state === 'running') return { key, id, running, waiting, first }
    await until(h, key, waiting.headers.location!, hasEnded)
  }
}

t.test(
  'one that waits is canceled at once, one that runs ends soon, and nothing of it is kept',
  async (t) => {
    const { key, id, running, waiting, first } = await canceledWhileWriting()
    t.equal(first.status, 202)
    const second = await h.call('POST', `${waiting.headers.location}/cancel`, { key })
    t.match(await until(h, key, running.headers.location!, hasEnded), {
      state: 'canceled',
      result: null,
      problem: null,
    })
    // The first may have ended in time for the second to be begun.
    const { state } = await until(h, key, waiting.headers.location!, hasEnded)
    t.ok(second.body.state === 'running' ? state !== 'failed' : state === second.body.state, state)
    t.ok([0, 10].includes(await devicesOf(id)))
    t.same((await h.call('GET', '/v1/imports', { key })).body.items.length, (await devicesOf(id)) / 10)
    t.same(readdirSync(join(spoolFolder, 'camledger-jobs')), ['place'])
  },
)

t.test('the undo of an import is canceled as it runs, and leaves every device where it was', async (t) => {
  // It may have ended in time on a machine that stands still for a while: then once more.
  for (;;) {
    const id = await h.jurisdiction()
    const key = await h.key('city-editor', id)
    const { body } = await h.call('POST', '/v1/imports', { key, body: rows('U', 20_000), headers: CSV })
    const asked = await h.call('POST', `/v1/imports/${body.id}/undo`, { key, headers: ASYNC })
    t.match([asked.status, asked.body.kind], [202, 'import-undo'])
    const location = asked.headers.location!
    await until(h, key, location, (job) => isWriting(job) || hasEnded(job))
    const canceled = await h.call('POST', `${location}/cancel`, { key })
    if (canceled.body.state !== 'running') continue
    t.match(await until(h, key, location, hasEnded), { state: 'canceled', result: null, problem: null })
    t.equal(await devicesOf(id), 20_000)
    t.match((await h.call('GET', `/v1/imports/${body.id}`, { key })).body, { undoneAt: null, undone: null })
    t.match((await h.call('POST', `/v1/imports/${body.id}/undo`, { key })).body, { undoneAt: String })
    t.equal(await devicesOf(id), 0, 'and can be asked for again')
    return
  }
})

/** Read a stream of events to its end, or as far as wanted. */
async function events(address: string, key: string, headers: Record<string, string> = {}, most = Infinity) {
  const answer = await fetch(address, { headers: { authorization: `Bearer ${key}`, ...headers } })
  const found: { id: number; event: string; data: Job }[] = []
  if (answer.status !== 200) return { answer, found }
  let text = ''
  const decoder = new TextDecoder()
  reading: for await (const piece of answer.body!) {
    text += decoder.decode(piece, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      text = text.slice(end + 2)
      if (fields.data === undefined) continue
      found.push({ id: Number(fields.id), event: fields.event!, data: JSON.parse(fields.data) })
      if (found.length >= most) break reading
    }
  }
  return { answer, found }
}

t.test('a job is watched to its end, left, and watched again from where one was', async (t) => {
  await h.app.listen({ port: 0, host: '127.0.0.1' })
  const address = `http://127.0.0.1:${(h.app.server.address() as AddressInfo).port}`
  const { headers } = await sendFile(h, editor, rows('S', 40_000))
  const at = `${address}${headers.location}/events`
  const some = await events(at, editor, {}, 2)
  t.equal(some.answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  t.equal(some.answer.headers.get('cache-control'), 'no-store')
  const { found } = await events(at, editor, { 'last-event-id': String(some.found[1]!.id) })
  const all = [...some.found, ...found]
  t.ok(
    all.every(({ id }, i) => i === 0 || id > all[i - 1]!.id),
    'each is newer than the one before',
  )
  t.match(all.at(-1), { event: 'succeeded', data: { state: 'succeeded', result: { status: 201 } } })
  t.ok(
    all.some(({ data }) => /\d+ rows were read/.test(data.progress.phase)),
    'and says how far it is',
  )
  const over = await events(at, editor, { 'last-event-id': String(all.at(-1)!.id) })
  t.equal(over.answer.status, 204, 'a client that knows the end does not come again')
  const late = await events(at, editor)
  t.match(late.found, [{ event: 'succeeded' }], 'one that was not there is told the end')
})

t.test('a key may watch fifty jobs at once, and goes on when it has left some', async (t) => {
  const address = `http://127.0.0.1:${(h.app.server.address() as AddressInfo).port}`
  const { headers } = await sendFile(h, editor, rows('W', 40_000))
  const leave = new AbortController()
  const watch = (signal?: AbortSignal) =>
    fetch(`${address}${headers.location}/events`, {
      headers: { authorization: `Bearer ${viewer}` },
      ...(signal && { signal }),
    })
  // Kept: an answer that nobody refers to any more is given up, and its place is free again.
  const watched: Response[] = []
  for (let i = 0; i < 52; i++) watched.push(await watch(leave.signal))
  const statuses = watched.map(({ status }) => status)
  t.same(statuses.slice(0, 50), Array(50).fill(200))
  t.same(statuses.slice(50), [429, 429])
  leave.abort()
  await h.call('POST', `${headers.location}/cancel`, { key: editor })
  let after = await watch()
  while (after.status === 429) after = await watch()
  t.equal(after.status, 200)
  await after.body!.cancel()
})

t.test('a service that stops gives its jobs back, and the next one brings them to their end', async (t) => {
  const id = await h.jurisdiction()
  const first = await start(t)
  const key = await first.key('city-editor', id)
  const { headers } = await sendFile(first, key, rows('N', 20_000))
  await until(first, key, headers.location!, isWriting)
  await first.app.close()
  t.equal(await devicesOf(id), 0, 'nothing half done')
  const next = await start(t)
  const { rows: stored } = await test.database.acrossJurisdictions([id], (tx) =>
    tx.execute<{ state: string; attempts: number }>(sql`select state, attempts from jobs`),
  )
  t.same(stored, [{ state: 'queued', attempts: 0 }])
  next.background.trigger('jobs')
  t.match(await until(next, key, headers.location!, hasEnded), { state: 'succeeded' })
  t.equal(await devicesOf(id), 20_000)
  t.equal((await next.call('GET', '/v1/imports', { key })).body.items.length, 1)
})

/** A job as a process left it that is no more. */
async function abandon(job: string, tenant: string, attempts: number): Promise<void> {
  await test.database.inJurisdiction(tenant, (tx) =>
    tx.execute(sql`
      update jobs set state = 'running', worker = ${randomUUID()}::uuid, attempts = ${attempts}, finished_at = null,
        lease_until = now() - interval '1 second' where id = ${job}::uuid`),
  )
}

t.test('a job whose process died is begun again, three times and no more', async (t) => {
  const stopped = await start(t)
  const id = await h.jurisdiction()
  const key = await h.key('city-editor', id)
  const make = async (tag: string) => {
    const { body } = await sendFile(stopped, key, rows(tag, 3), `?source=${tag}`)
    return body.id as string
  }
  // What was stored, and is not begun before it was left behind.
  const again = await make('again')
  await until(stopped, key, `/v1/jobs/${again}`, hasEnded)
  const file = join(spoolFolder, 'camledger-jobs', again)
  t.notOk(existsSync(file))
  await abandon(again, id, 1)
  h.background.trigger('jobs')
  t.match(
    await until(h, key, `/v1/jobs/${again}`, hasEnded),
    { state: 'failed', problem: { type: '/problems/job-lost' } },
    'without its file it ends, and says why',
  )
  await abandon(again, id, 3)
  h.background.trigger('jobs')
  t.match(await until(h, key, `/v1/jobs/${again}`, hasEnded), {
    state: 'failed',
    problem: { type: '/problems/job-lost', detail: /begun 3 times/ },
  })
})

t.test('work of a key that was revoked meanwhile is not begun', async (t) => {
  const id = await h.jurisdiction()
  const key = await h.key('city-editor', id)
  const { headers, body } = await sendFile(h, key, rows('K', 3))
  t.match(await until(h, h.admin, headers.location!, hasEnded), { state: 'succeeded' })
  await h.call('DELETE', `/v1/keys/${body.createdBy}`)
  await abandon(body.id, id, 1)
  h.background.trigger('jobs')
  t.match(await until(h, h.admin, headers.location!, hasEnded), {
    state: 'failed',
    problem: { type: '/problems/forbidden', status: 403 },
  })
})

// The embedded database stores no job while an import has its session, so there none waits like this.
const skip = process.env.TEST_DATABASE_URL === undefined && 'needs PostgreSQL'
t.test(
  'a job whose file goes while it waits for its turn is lost, and says what to do',
  { skip },
  async (t) => {
    // Two imports run at once; the third has begun and waits.
    const others = await Promise.all(
      [1, 2].map(async (n) => {
        const key = await h.key('city-editor', await h.jurisdiction({ name: `Lostfield ${n}` }))
        const { headers } = await sendFile(h, key, rows(`L${n}`, 30_000))
        await until(h, key, headers.location!, ({ state }) => state !== 'queued')
        return { key, location: headers.location! }
      }),
    )
    const { body, headers } = await sendFile(h, editor, rows('L', 50))
    await until(h, editor, headers.location!, ({ state }) => state === 'running')
    rmSync(new JobFiles(new Spool({ folder: spoolFolder })).path(body.id), { force: true })
    for (const { key, location } of others) await h.call('POST', `${location}/cancel`, { key, body: {} })
    const job = await until(h, editor, headers.location!, hasEnded)
    t.match(job, { state: 'failed', problem: { type: '/problems/job-lost', detail: /send it again/ } })
    for (const { key, location } of others)
      t.match(await until(h, key, location, hasEnded), { state: 'canceled' })
  },
)

t.test('ended jobs are forgotten after a week', async (t) => {
  const { headers } = await sendFile(h, editor, rows('F', 1))
  await until(h, editor, headers.location!, hasEnded)
  h.setNow('2026-11-30T12:00:00Z')
  h.background.trigger('maintenance')
  await h.background.settle()
  t.equal((await h.call('GET', headers.location!, { key: editor })).status, 200)
  h.setNow('2026-12-02T12:00:00Z')
  h.background.trigger('maintenance')
  await h.background.settle()
  t.equal((await h.call('GET', headers.location!, { key: editor })).status, 404)
  t.same((await h.call('GET', '/v1/jobs', { key: editor })).body.items, [])
})

t.test('killed in the middle of jobs of each kind, the next process does them, once', async (t) => {
  const KEY = 'a-first-key-for-the-test-of-jobs-that-are-killed'
  const url = await ownPostgres(t)
  const place = mkdtempSync(join(folder, 'killed-'))
  const env = {
    BOOTSTRAP_ADMIN_KEY: KEY,
    SPOOL_DIR: join(place, 'spool'),
    ...(url === null ? { DATA_DIR: join(place, 'db') } : { DATABASE_URL: url }),
  }
  const service = await serveForTest(t, env, KEY)
  const post = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isText = typeof body === 'string'
    const answer = await fetch(`${service.address}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(isText ? CSV : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isText ? body : JSON.stringify(body ?? {}),
    })
    return {
      status: answer.status,
      location: answer.headers.get('location')!,
      body: (await answer.json()) as Job,
    }
  }
  const cityWithPlan = async (name: string) => {
    const { body: made } = await post('/v1/jurisdictions', { name, state: 'IL' })
    await post(`/v1/imports?jurisdictionId=${made.id}`, rows('P', 200))
    const settings = { trials: 20_000 }
    const { body: plan } = await post('/v1/plans', { jurisdictionId: made.id, name: 'Way out', settings })
    await post(`/v1/plans/${plan.id}/devices`, { filter: {}, costCode: 'CAM-BULLET' })
    return { plan: plan.id as string, city: made.id as string }
  }
  const estimated = await cityWithPlan('Shelbyville')
  const scheduled = await cityWithPlan('Ogdenville')
  t.equal((await post(`/v1/plans/${scheduled.plan}/estimate`)).status, 201)
  const { body: made } = await post('/v1/jurisdictions', { name: 'Springfield', state: 'IL' })
  const feed = JSON.parse(readFileSync(root('test/fixtures/firmware/kev.json'), 'utf8'))
  const { body: editor } = await post('/v1/keys', {
    label: 'watching',
    role: 'city-editor',
    jurisdictionId: made.id,
  })
  t.equal((await service.call('GET', '/v1/jobs', { key: editor.key })).status, 200)
  const asked = [
    await post(`/v1/plans/${scheduled.plan}/schedule`, { seconds: 5 }, ASYNC),
    await post(`/v1/plans/${estimated.plan}/estimate`, {}, ASYNC),
    await post('/v1/advisories/imports?format=kev', feed, ASYNC),
    await post(`/v1/imports?jurisdictionId=${made.id}`, rows('Z', 80_000), ASYNC),
  ]
  t.same(
    asked.map(({ status }) => status),
    [202, 202, 202, 202],
  )
  // Not with the operator's key: its reads are put on record, and the embedded database is busy.
  const { found } = await events(`${service.address}${asked[3]!.location}/events`, editor.key, {}, 2)
  t.equal(found.at(-1)!.event, 'progress', 'it had begun')
  await service.end('SIGKILL')
  const next = await serveForTest(t, env, KEY)
  for (const { location, body } of asked) {
    const { found: rest } = await events(`${next.address}${location}/events`, KEY)
    t.equal(rest.at(-1)?.event, 'succeeded', body.kind)
  }
  const imports = await next.call('GET', `/v1/imports?jurisdictionId=${made.id}`)
  t.equal(imports.body.items.length, 1)
  const summary = await next.call('GET', `/v1/summary?groupBy=maker&jurisdictionId=${made.id}`)
  t.equal(summary.body.totalDevices, 80_000)
  const counted = async (action: string, jurisdictionId = '') => {
    const { body } = await next.call('GET', `/v1/audit-events?limit=1000${jurisdictionId}`)
    return body.items.filter((entry: { action: string }) => entry.action === action).length
  }
  t.equal(await counted('plan.estimate', `&jurisdictionId=${estimated.city}`), 1)
  t.equal(await counted('plan.schedule', `&jurisdictionId=${scheduled.city}`), 1)
  t.equal(await counted('advisories.import'), 1)
  t.equal((await next.end('SIGTERM')).code, 0)
})

/** A document of the National Vulnerability Database. */
function nvdOf(records: number): string {
  const criteria = (i: number) =>
    `cpe:2.3:o:hikvision:ds-2cd2${String(i % 1000).padStart(3, '0')}g2-i_firmware:*:*:*`
  const cve = (i: number) => ({
    id: `CVE-2024-${100_000 + i}`,
    published: '2024-03-01T10:00:00.000',
    metrics: {},
    configurations: [
      {
        nodes: [
          {
            cpeMatch: [0, 1, 2].map((j) => ({
              vulnerable: true,
              criteria: `${criteria(i + j)}:*:*:*:*:*`,
              versionEndExcluding: `5.7.${i % 90}`,
            })),
          },
        ],
      },
    ],
  })
  return JSON.stringify({ vulnerabilities: Array.from({ length: records }, (_, i) => ({ cve: cve(i) })) })
}

t.test(
  'while a feed of thousands of records is read, compared and written, others have their turns',
  async (t) => {
    const feed = nvdOf(6_000)
    let longest = 0
    let isOver = false
    const watching = (async () => {
      for (let last = performance.now(); !isOver; ) {
        await pause(1)
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
      }
    })()
    const began = performance.now()
    const { status, body } = await h.call('POST', '/v1/advisories/imports?format=nvd', {
      key: h.admin,
      body: feed,
      headers: { 'content-type': 'application/json' },
    })
    const took = performance.now() - began
    isOver = true
    await watching
    t.equal(status, 200)
    t.match(body.counts, { statements: 6_000, added: 6_000, problems: 0, claims: 18_000 })
    t.same(body.touched.makers, ['hikvision'])
    t.comment(`${Math.round(longest)} of ${Math.round(took)} ms`)
    t.ok(longest < took / 8, `nobody waits longer than ${longest} of ${took} ms`)
  },
)

t.test('a folder of jobs that others may read is refused with what to do; a new one is closed', async (t) => {
  const place = mkdtempSync(join(folder, 'private-'))
  const spool = new Spool({ folder: place })
  await new JobFiles(spool).place()
  const jobs = join(place, 'camledger-jobs')
  t.equal(statSync(jobs).mode & 0o777, 0o700)
  chmodSync(jobs, 0o755)
  await t.rejects(new JobFiles(spool).place(), { message: /mode 0700.*SPOOL_DIR/ })
  chmodSync(jobs, 0o700)
  await t.resolves(new JobFiles(spool).place())
})

t.test('without SPOOL_DIR the files wait beside the embedded database', async (t) => {
  if (process.env.TEST_DATABASE_URL !== undefined) return t.pass('another folder with PostgreSQL')
  const dataDir = mkdtempSync(join(folder, 'beside-'))
  const key = 'a-first-key-for-the-test-of-where-files-wait'
  const service = await serveForTest(t, { BOOTSTRAP_ADMIN_KEY: key, DATA_DIR: dataDir }, key)
  const { body: made } = await service.call('POST', '/v1/jurisdictions', {
    body: { name: 'Capital', state: 'IL' },
  })
  const sent = await fetch(`${service.address}/v1/imports?jurisdictionId=${made.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...CSV, ...ASYNC },
    body: rows('W', 2),
  })
  t.equal(sent.status, 202)
  t.ok(existsSync(join(dataDir, 'spool', 'camledger-jobs', 'place')))
  await service.end('SIGTERM')
})

t.test('of long works at once, one goes on in each turn of the event loop', async (t) => {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  count()
  const slices: number[] = []
  function* work() {
    for (let slice = 0; slice < 4; slice++) {
      // The first slices begin together, before anybody has paused.
      if (slice > 0) slices.push(turns)
      for (const until = performance.now() + 9; performance.now() < until; );
      yield
    }
  }
  await Promise.all(Array.from({ length: 5 }, () => withPauses(work())))
  isOver = true
  t.equal(slices.length, 15)
  t.equal(new Set(slices).size, slices.length, 'no two slices without a turn between them')
})

t.test(
  'many evaluations are made in turns with others and written in parts that a statement carries',
  async (t) => {
    let turns = 0
    let isOver = false
    const turn = () => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const sizes = [1, 3_000_000, 6_000_000, 2, 9_000_000, 5, 6]
    const evaluateOne = (size: number) => {
      for (const until = performance.now() + 9; performance.now() < until; );
      return { size, firmwareRisk: 'x'.repeat(size) }
    }
    const parts: number[][] = []
    for await (const part of evaluatingInParts(sizes, evaluateOne)) parts.push(part.map(({ size }) => size))
    isOver = true
    t.same(parts, [
      [1, 3_000_000, 6_000_000],
      [2, 9_000_000],
      [5, 6],
    ])
    t.ok(turns >= sizes.length - 1, `${turns} turns of the event loop for ${sizes.length} evaluations`)
  },
)

t.test('what is remembered is bounded by its size, not by how many', (t) => {
  const asked: string[] = []
  const lengths = remembered(
    (_: object, text: string) => {
      asked.push(text)
      return Array.from(text)
    },
    (text) => text,
    10,
    ({ length }) => length,
  )
  const source = {}
  for (const text of ['four', 'five', 'four', 'sixsix', 'five', 'more than ten', 'more than ten']) {
    t.equal(lengths(source, text).length, text.length)
  }
  t.same(asked, ['four', 'five', 'sixsix', 'five', 'more than ten', 'more than ten'])
  t.end()
})
