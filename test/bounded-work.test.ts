/** Work in threads has limits of memory and time, and ends when nobody waits for it: others have their turn at once. */
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { ComputeLimits } from '../src/planning/runs/pool.ts'
import { harness } from './support/harness.ts'
import { sheetXml, workbook } from './support/workbooks.ts'

t.setTimeout(1_200_000)

/** Those of the service where none is set. */
const bounds: { -readonly [K in keyof ComputeLimits['bounds']]: ComputeLimits['bounds'][K] } = {}
const h = await harness(t, { parts: { compute: { bounds, atOnce: 1, mostWaiting: 1 } } })
await h.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = h.app.server.address() as AddressInfo
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** A plan of a city of its own. */
async function planWith(trials: number, devices = 1) {
  const city = await h.jurisdiction({ state: 'MO' })
  const key = await h.key('city-budget', city)
  const editor = await h.key('city-editor', city)
  const lines = Array.from({ length: devices }, (_, i) => `T-${i},Hikvision,DS-2CD2143G2-I,Site ${i}\n`)
  await h.call('POST', '/v1/imports', {
    key: editor,
    headers: { 'content-type': 'text/csv' },
    body: `Asset Tag,Manufacturer,Model,Site\n${lines.join('')}`,
  })
  const { body } = await h.call('POST', '/v1/plans', { key, body: { name: 'All', settings: { trials } } })
  const url = `/v1/plans/${body.id}`
  await h.call('POST', `${url}/devices`, { key, body: { filter: {} } })
  return {
    key,
    url,
    estimate: () => h.call('POST', `${url}/estimate`, { key, body: {} }),
    stored: async () => (await h.call('GET', `${url}/estimate`, { key })).status,
  }
}
type Plan = Awaited<ReturnType<typeof planWith>>

/** Asks for an estimate over a connection that can be closed; its progress comes as lines. */
function asking({ key, url }: Plan) {
  let text = ''
  const sent = request({
    port,
    method: 'POST',
    path: `${url}/estimate`,
    headers: { authorization: `Bearer ${key}`, accept: 'application/x-ndjson' },
  })
  sent.on('error', () => {})
  sent.on('response', (answer) => {
    answer.on('error', () => {})
    answer.on('data', (piece: Buffer) => {
      text += piece
    })
  })
  sent.end()
  return { leave: () => sent.destroy(), text: () => text }
}

/** Whether another is turned away. It waits no longer than that takes to be seen, and leaves. */
async function isFull(plan: Plan): Promise<boolean> {
  const probe = asking(plan)
  for (let i = 0; i < 50 && probe.text() === ''; i++) await pause(20)
  probe.leave()
  return probe.text().includes('"status":503')
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${what}`)
    await pause(20)
  }
}

t.test('work that takes too much memory or time is refused in words, and the next goes well', async (t) => {
  const plan = await planWith(1000)
  bounds.estimate = { heapMebibytes: 8, seconds: 600 }
  const refused = (detail: string, pointer = '') => ({
    status: 400,
    body: {
      type: '/problems/invalid-request',
      errors: [{ pointer, code: 'unplannable', message: detail }],
    },
  })
  const tooLarge = refused('Computing the estimate takes more than 8 MiB of memory, which is the most.')
  t.match(await plan.estimate(), tooLarge)
  const asJob = await h.call('POST', `${plan.url}/estimate`, {
    key: plan.key,
    body: {},
    headers: { prefer: 'respond-async' },
  })
  t.equal(asJob.status, 202)
  h.background.trigger('jobs')
  await until('its job has failed', async () => {
    const { body } = await h.call('GET', asJob.headers.location!, { key: plan.key })
    return body.state === 'failed' && body.problem.errors[0].message === tooLarge.body.errors[0]!.message
  })
  bounds.estimate = { heapMebibytes: 1024, seconds: 0.001 }
  t.match(
    await plan.estimate(),
    refused('Computing the estimate takes longer than 0.001 seconds, which is the most.'),
  )
  t.equal(await plan.stored(), 404, 'nothing is kept')
  delete bounds.estimate
  t.equal((await plan.estimate()).status, 201)

  const fill = () =>
    h.call('POST', `${plan.url}/workbook`, {
      key: plan.key,
      headers: { 'content-type': XLSX },
      body: workbook({
        sheets: [{ name: 'Own', xml: sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>') }],
        names: '<definedName name="Camledger_City">Own!$A$1</definedName>',
      }),
    })
  bounds.template = { heapMebibytes: 512, seconds: 0.001 }
  const tooSlow = 'Filling the workbook takes longer than 0.001 seconds, which is the most.'
  t.match(await fill(), refused(tooSlow, '/template'))
  delete bounds.template
  t.equal((await fill()).status, 200)

  bounds.workbook = { heapMebibytes: 8, seconds: 300 }
  const written = () => h.call('GET', `${plan.url}/workbook`, { key: plan.key })
  t.match(
    await written(),
    refused('Writing the workbook takes more than 8 MiB of memory, which is the most.'),
  )
  delete bounds.workbook
  t.equal((await written()).status, 200)
})

t.test('who leaves frees the place at once, in the queue and in the thread', async (t) => {
  const [long, leaver, next, last] = [
    await planWith(1_000_000, 200),
    await planWith(1000),
    await planWith(1000),
    await planWith(1000),
  ]
  const running = asking(long)
  await until('the first is computed', () => running.text().includes('progress'))
  // A probe may have taken the place before.
  const inQueue = async (what: string, plan: Plan) => {
    let waiting = asking(plan)
    await until(what, () => {
      if (waiting.text().includes('"status":503')) waiting = asking(plan)
      return isFull(next)
    })
    return waiting
  }
  const waiting = await inQueue('one waits, and no other may', leaver)
  waiting.leave()
  await until('the place of who left is free', async () => !(await isFull(next)))
  const stayed = await inQueue('and is taken', last)
  t.equal(stayed.text(), '', 'the first is still computed')
  running.leave()
  await until('whoever stayed has the answer', () => stayed.text().includes('"result"'))
  t.equal((await next.estimate()).status, 201)
  t.equal(await long.stored(), 404, 'the first came to no end')
  t.equal(await leaver.stored(), 404, 'nobody did the work of who left')
})

t.test(
  'an import or undo whose sender leaves is taken back, and with an Idempotency-Key is done',
  async (t) => {
    const city = await h.jurisdiction({ state: 'MO' })
    const key = await h.key('city-editor', city)
    const headers = { 'content-type': 'text/csv' }
    const fileOf = (tag: string, rows: number) =>
      `Asset Tag,Manufacturer,Model\n${Array.from({ length: rows }, (_, i) => `${tag}-${i},Axis,P${i % 50}\n`).join('')}`
    const file = fileOf('L', 15_000)
    const post = (path: string, body: string, more: Record<string, string> = {}) =>
      h.call('POST', path, { key, body, headers: { ...headers, ...more } })
    /** Sends a request and closes the connection while it is worked on. */
    const leaving = async (path: string, body = '', more: Record<string, string> = {}) => {
      const sent = request({
        port,
        method: 'POST',
        path,
        headers: { authorization: `Bearer ${key}`, ...(body === '' ? {} : headers), ...more },
      })
      let isAnswered = false
      sent.on('error', () => {})
      sent.on('response', () => {
        isAnswered = true
      })
      await new Promise<void>((resolve) => sent.end(body, resolve))
      await pause(300)
      t.notOk(isAnswered, `${path} was still worked on`)
      sent.destroy()
    }
    const importsOf = async () => (await h.call('GET', '/v1/imports', { key })).body.items
    const devicesOf = async () =>
      (await h.call('GET', '/v1/summary?groupBy=maker', { key })).body.totalDevices as number

    await leaving('/v1/imports', file)
    // Waits for whatever is left of the one before.
    t.equal((await post('/v1/imports', fileOf('N', 1))).status, 201)
    t.equal((await importsOf()).length, 1)
    t.equal(await devicesOf(), 1, 'nothing of it is there')

    const once = { 'idempotency-key': 'the same file' }
    await leaving('/v1/imports', file, once)
    const again = await post('/v1/imports', file, once)
    t.match(again, { status: 201, body: { report: { counts: { created: 15_000 } } } }, 'it was done')
    t.equal((await importsOf()).length, 2, 'once')
    t.same((await post('/v1/imports', file, once)).body, again.body)
    t.equal(await devicesOf(), 15_001)

    const undo = `/v1/imports/${again.body.id}/undo`
    await leaving(undo)
    t.equal((await post('/v1/imports', fileOf('N', 1))).status, 201)
    t.match((await h.call('GET', `/v1/imports/${again.body.id}`, { key })).body, { undoneAt: null })
    t.equal(await devicesOf(), 15_001, 'every device is there')
    await leaving(undo, '', { 'idempotency-key': 'its undo' })
    const undone = await h.call('POST', undo, { key, headers: { 'idempotency-key': 'its undo' } })
    t.match(undone, { status: 200, body: { undoneBy: again.body.createdBy } })
    t.equal(await devicesOf(), 1)
    const noFile = await post(undo, 'x', { 'idempotency-key': 'a file' })
    t.equal(noFile.status, 415, 'an undo takes no file')
  },
)
