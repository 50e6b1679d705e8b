/**
 * A sender or a reader that is slow holds nobody but itself.
 *
 * Real sockets against the real app, with limits of a second where the service has a minute.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { Spool } from '../src/http/spool.ts'
import { harness } from './support/harness.ts'

// The limits are waited for, and the machine may be busy.
t.setTimeout(1_200_000)

const MEBIBYTE = 1024 * 1024
const folder = t.testdir({ spool: {} })
const spools = join(folder, 'spool')
const LIMITS = { totalMillis: 8_000, stallMillis: 1_000, graceMillis: 6_000, leastRate: 10_000 }

const h = await harness(t, {
  parts: {
    config: { RATE_LIMIT_PER_MINUTE: 0, TRUST_PROXY: false, MAX_CONNECTIONS: 200 },
    spool: new Spool({ folder: spools, totalBytes: 8 * MEBIBYTE, limits: LIMITS }),
    slowPeers: { body: LIMITS, readerStallMillis: 1_000 },
  },
})
await h.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = h.app.server.address() as AddressInfo
const connected = new Set<Socket>()
h.app.server.on('connection', (socket: Socket) => {
  connected.add(socket)
  socket.once('close', () => connected.delete(socket))
})

const city = await h.jurisdiction()
const editor = await h.key('city-editor', city)
const otherCity = await h.jurisdiction()
const other = await h.key('city-editor', otherCity)

interface Answered {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely
  readonly body: any
}

/** A request of which the test sends the body itself. */
function open(method: string, path: string, key: string, headers: Record<string, string | number>) {
  const sent = request({ port, method, path, headers: { authorization: `Bearer ${key}`, ...headers } })
  const answer = new Promise<Answered | null>((resolve) => {
    sent.on('error', () => resolve(null))
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('error', () => resolve(null))
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: JSON.parse(text) }),
      )
    })
  })
  return { sent, answer }
}
const csv = { 'content-type': 'text/csv' }
const HEADER = 'Asset Tag,Manufacturer\n'

/** A byte now and then, as long as the connection lasts. */
async function trickle(sent: ClientRequest, everyMillis: number): Promise<void> {
  while (!sent.destroyed) {
    sent.write('A')
    await pause(everyMillis)
  }
}
const filesIn = (place: string) =>
  readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => /spool-[^/]+\/\d+$/.test(name))
async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${what}`)
    await pause(20)
  }
}

t.test('ten imports trickle in, and everybody else reads and writes', async (t) => {
  const slow = Array.from({ length: 10 }, () => open('POST', '/v1/imports', editor, csv))
  for (const { sent } of slow) {
    sent.write(HEADER)
    void trickle(sent, 100)
  }
  await until('all ten are being taken in', () => filesIn(spools).length === 10)
  for (const name of readdirSync(spools)) t.equal(statSync(join(spools, name)).mode & 0o777, 0o700)
  for (const name of filesIn(spools)) t.equal(statSync(join(spools, name)).mode & 0o777, 0o600)
  const began = performance.now()
  const read = await h.call('GET', '/v1/devices', { key: other })
  const written = await h.call('POST', '/v1/devices', { key: other, body: { manufacturer: 'Axis' } })
  const imported = await h.call('POST', '/v1/imports', {
    key: editor,
    headers: csv,
    body: `${HEADER}H-1,Axis\n`,
  })
  t.same([read.status, written.status, imported.status], [200, 201, 201])
  t.ok(performance.now() - began < LIMITS.graceMillis, 'while all ten are still coming')
  for (const { answer } of slow) {
    const told = await answer
    t.equal(told?.status, 408)
    t.equal(told?.body.type, '/problems/body-too-slow')
  }
  await until('nothing of theirs is left', () => filesIn(spools).length === 0)
  t.equal((await h.call('GET', '/v1/imports', { key: editor })).body.items.length, 1)
})

t.test('a file that stops coming, takes too long or never ends is refused with the reason', async (t) => {
  const stopped = open('POST', '/v1/imports', editor, csv)
  stopped.sent.write(HEADER + 'x'.repeat(MEBIBYTE))
  t.match(await stopped.answer, { status: 408, body: { detail: /Nothing of the body came for 1 seconds/ } })
  const endless = open('POST', '/v1/imports', editor, csv)
  const line = 'L-1,Axis\n'.repeat(400)
  const feeding = (async () => {
    while (!endless.sent.destroyed && endless.sent.socket?.writable !== false) {
      endless.sent.write(line)
      await pause(100)
    }
  })()
  t.match(await endless.answer, { status: 408, body: { detail: /longer than 8 seconds/ } })
  endless.sent.destroy()
  await feeding
  await until('nothing is left', () => filesIn(spools).length === 0)
})

t.test('a sender that goes away leaves nothing', async (t) => {
  const { sent, answer } = open('POST', '/v1/imports', editor, csv)
  sent.write(HEADER)
  await until('it is being taken in', () => filesIn(spools).length === 1)
  sent.destroy()
  t.equal(await answer, null)
  await until('its file is gone', () => filesIn(spools).length === 0)
})

t.test('too much at once is 503 with Retry-After, and one city takes half at most', async (t) => {
  const big = Buffer.alloc(5 * MEBIBYTE, 'a')
  const own = open('POST', '/v1/imports', editor, csv)
  own.sent.end(big)
  const refused = await own.answer
  t.equal(refused?.status, 503)
  t.match(refused?.headers['retry-after'], /^\d+$/)
  const budget = open('POST', '/v1/cost-catalog/import', await h.key('city-budget', city), csv)
  budget.sent.end(Buffer.alloc(3 * MEBIBYTE, 'a'))
  t.match(await budget.answer, { status: 413, body: { detail: /2 MiB/ } })
  await until('nothing is left', () => filesIn(spools).length === 0)
  const whole = open('POST', '/v1/imports', other, csv)
  whole.sent.end(`${HEADER}${`B-1,${'A'.repeat(145)}\n`.repeat(20_000)}`)
  const taken = await whole.answer
  t.equal(taken?.status, 201, 'room that was given back is there for others')
  t.match(taken?.body, { bytes: HEADER.length + 3_000_000, report: { counts: { created: 1 } } })
})

t.test('other bodies have a limit too, and a large one waits on disk', async (t) => {
  const json = { 'content-type': 'application/json' }
  const small = open('POST', '/v1/devices', editor, { ...json, 'content-length': 1000 })
  void trickle(small.sent, 100)
  const large = open('POST', '/v1/screen', editor, { ...json, 'content-length': 3 * MEBIBYTE })
  large.sent.write(`{"items":[{"manufacturer":"${'x'.repeat(500)}`)
  await until('it is being taken in', () => filesIn(spools).length === 1)
  for (const { answer } of [small, large]) {
    t.match(await answer, { status: 408, body: { type: '/problems/body-too-slow' } })
  }
  const honest = open('POST', '/v1/screen', editor, json)
  honest.sent.end(JSON.stringify({ items: [{ manufacturer: 'Axis' }] }) + ' '.repeat(2 * MEBIBYTE))
  t.equal((await honest.answer)?.body.items.length, 1)
  await until('its file is gone', () => filesIn(spools).length === 0)
})

t.test('a body that nobody reads, because the answer is given without it, ends nothing', async (t) => {
  const large = { 'content-type': 'application/xml', 'content-length': 400_000 }
  const whole = open('POST', '/v1/devices', editor, large)
  whole.sent.end(Buffer.alloc(400_000))
  t.equal((await whole.answer)?.status, 415)
  const stops = open('POST', '/v1/devices', editor, large)
  stops.sent.write(Buffer.alloc(100_000))
  t.equal((await stops.answer)?.status, 415)
  const leaves = open('POST', '/v1/devices', 'clk_wrong', { ...large, 'content-type': 'application/json' })
  leaves.sent.write(Buffer.alloc(100_000))
  t.equal((await leaves.answer)?.status, 401)
  leaves.sent.destroy()
  // An error that nobody hears would end the process, and this test with it.
  await pause(LIMITS.graceMillis + 1_500)
  t.equal((await h.call('GET', '/healthz', { key: null })).status, 200)
  stops.sent.destroy()
})

t.test('an answer that nobody reads is cut off, one that is read slowly is not', async (t) => {
  const body = JSON.stringify({ items: Array.from({ length: 5000 }, (_, i) => ({ model: `P${i}` })) })
  const post = () => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', () => {})
    socket.write(
      `POST /v1/screen HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${editor}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    return socket
  }
  // The server's side of each, which knows what became of it.
  const ends: Socket[] = []
  h.app.server.on('connection', (socket: Socket) => ends.push(socket))
  const deaf = post().pause()
  const slow = post()
  let bytes = 0
  slow.on('data', (piece: Buffer) => {
    bytes += piece.length
    slow.pause()
    setTimeout(() => slow.resume(), 20)
  })
  const began = performance.now()
  await until('one of the two is cut off', () => ends.some((end) => end.destroyed))
  await until('three stalls are over', () => performance.now() - began > 3_000)
  t.equal(ends.length, 2)
  t.equal(ends.find((end) => end.remotePort === slow.localPort)?.destroyed, false)
  const before = bytes
  await until('it goes on', () => bytes > before)
  deaf.destroy()
  slow.destroy()
})

t.test('one address takes a quarter of the connections and no more', async (t) => {
  h.app.server.closeAllConnections()
  await until('nobody is connected', () => connected.size === 0)
  const sockets = Array.from({ length: 60 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}))
  let closed = 0
  for (const socket of sockets) socket.once('close', () => closed++).resume()
  await until('ten of sixty are turned away', () => closed >= 10)
  const fromElsewhere = await new Promise<number>((resolve, reject) => {
    request({ port, localAddress: '127.0.0.2', path: '/healthz' }, (response) =>
      resolve(response.statusCode!),
    )
      .on('error', reject)
      .end()
  })
  t.equal(fromElsewhere, 200, 'another address is answered')
  t.equal(closed, 10)
  for (const socket of sockets) socket.destroy()
})

t.test('unless it is configured, each user of a machine has a folder of its own for files', async (t) => {
  const files = new Spool({ limits: LIMITS })
  t.teardown(() => files.close())
  const file = await files.take(undefined, { mostBytes: 1, owner: 'x' })
  t.match(file.path, join(tmpdir(), `camledger-${userInfo().uid}`, '/'))
  await file.remove()
})

t.test('a folder of files that cannot be used any more is 503, and works again when it can', async (t) => {
  const async = { prefer: 'respond-async' }
  const send = (headers = {}) =>
    h.call('POST', '/v1/imports', {
      key: editor,
      headers: { ...csv, ...headers },
      body: `${HEADER}F-1,Axis\n`,
    })
  const put = (make: (path: string) => void) => () => {
    rmSync(spools, { recursive: true, force: true })
    make(spools)
  }
  const link = (to: string) => put((path) => symlinkSync(to, path))
  const jobs = join(spools, 'camledger-jobs')
  const cases: readonly [what: string, spoil: () => void, refused: readonly object[]][] = [
    ['removed', put(() => {}), []],
    ['the folder of jobs removed', () => rmSync(jobs, { recursive: true }), []],
    ['a file in the way', put((path) => writeFileSync(path, '')), [{}, async]],
    ['a link that leads nowhere', link('/nowhere/at/all'), [{}, async]],
    ['a link to itself', link(spools), [{}, async]],
    ['where nothing can be made', link('/proc/self'), [{}, async]],
    ['a device', link('/dev/full'), [{}, async]],
    ['a file in the way of jobs', put((path) => mkdirSync(path) ?? writeFileSync(jobs, '')), [async]],
  ]
  for (const [what, spoil, refused] of cases) {
    spoil()
    for (const headers of refused) {
      const told = await send(headers)
      const title = `${what} ${JSON.stringify(headers)}: ${JSON.stringify(told.body)}`
      t.equal(told.status, 503, title)
      t.match(told.headers['retry-after'], /^\d+$/, title)
      t.match(told.body.detail, /folder for files|no room/, title)
      t.notMatch(told.body.detail, spools, 'no path is shown')
    }
    if (refused.length > 0) {
      rmSync(spools, { recursive: true, force: true })
      mkdirSync(spools)
    }
    t.equal((await send()).status, 201, `${what}: taken in again`)
    t.equal((await send(async)).status, 202, `${what}: taken in again as a job`)
  }
})

t.test('what a killed process left is removed, what a living one holds is not', async (t) => {
  const place = mkdtempSync(join(folder, 'left-'))
  const alive = new Spool({ folder: place })
  const held = await alive.take(undefined, { mostBytes: 1, owner: 'x' })
  const script = `
    import { Spool } from '${new URL('../src/http/spool.js', import.meta.url).href}'
    await new Spool({ folder: process.argv[1] }).take(undefined, { mostBytes: 1, owner: 'x' })
    process.kill(process.pid, 'SIGKILL')`
  spawnSync(process.execPath, ['--input-type=module', '-e', script, place])
  t.equal(filesIn(place).length, 2)
  const next = new Spool({ folder: place })
  await next.sweep()
  t.same(
    filesIn(place).map((name) => join(place, name)),
    [held.path],
  )
  await alive.close()
  t.notOk(existsSync(held.path))
  t.same(readdirSync(place), [])
})
