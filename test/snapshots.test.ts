/** Snapshots: a question frozen with its answer, the same bytes for ever, and every change of them found. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import yauzl from 'yauzl'
import { ZipFile } from 'yazl'
import { refusalOf } from '../src/snapshots/model/keys.ts'
import { readKeys, verifyArchive } from '../src/snapshots/verify.ts'
import { blocksOf } from './support/documented-commands.ts'
import { harness } from './support/harness.ts'
import { run } from './support/processes.ts'

t.setTimeout(1_200_000)

const h = await harness(t)
h.setNow('2026-12-01T15:00:00Z')
const folder = t.testdir()
const city = await h.jurisdiction({ name: 'Riverbend', state: 'OH', timezone: 'America/New_York' })
const other = await h.jurisdiction({ name: 'Elsewhere', state: 'TX', timezone: 'America/Chicago' })
const editor = await h.key('city-editor', city)
const stranger = await h.key('city-editor', other)
const reviewer = await h.key('federal-reviewer', [city, other])

async function register(key: string, assetTag: string, manufacturer: string, over: object = {}) {
  const { status, body } = await h.call('POST', '/v1/devices', {
    key,
    body: { assetTag, manufacturer, acquiredOn: '2021-03-04', fundingSource: 'federal-grant', ...over },
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}
await register(editor, 'R-1', 'Hikvision', { acquisitionCostCents: 120_000, currency: 'USD' })
await register(editor, 'R-2', 'Dahua', { model: '=cmd|calc' })
await register(editor, 'R-3', 'Axis')
const foreign = await register(stranger, 'E-1', 'Hikvision')

/** Until a test moves it, each call comes a second after the one before. */
let second = 0
const tick = () => h.setNow(new Date(Date.parse('2026-12-01T16:00:00Z') + ++second * 1000).toISOString())

async function freeze(key: string, body: object = {}) {
  tick()
  const made = await h.call('POST', '/v1/snapshots', { key, body })
  if (made.status !== 201) throw new Error(made.text)
  return made.body
}

async function archiveOf(key: string, id: string): Promise<Buffer> {
  const { statusCode, rawPayload } = await h.app.inject({
    url: `/v1/snapshots/${id}/archive`,
    headers: { authorization: `Bearer ${key}` },
  })
  if (statusCode !== 200) throw new Error(`${statusCode} for the archive`)
  return rawPayload
}

async function filesIn(archive: Buffer): Promise<Map<string, Buffer>> {
  const zip = await yauzl.fromBufferPromise(archive)
  const files = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry()) {
    const pieces: Buffer[] = []
    for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer)
    files.set(entry.fileName, Buffer.concat(pieces))
  }
  return files
}

async function packed(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of files) zip.addBuffer(content, name)
  zip.end()
  const pieces: Buffer[] = []
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

const write = (name: string, content: Buffer | string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const keysFile = async () =>
  write('keys.json', (await h.call('GET', '/.well-known/camledger-keys.json', { key: null })).text)
const verified = async (archive: Buffer) =>
  verifyArchive(write('try.zip', archive), readKeys(readFileSync(await keysFile(), 'utf8')))
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')
/** SHA-256 of each data file, as the manifest has it. */
const dataOf = ({ manifest }: { manifest: { files: { name: string; sha256: string }[] } }) =>
  Object.fromEntries(manifest.files.map((file) => [file.name, file.sha256]))

t.test(
  'a snapshot holds question, clocks, counts, versions and the answer as lines and tables',
  async (t) => {
    const made = await freeze(editor, { name: 'For the record', filter: { maker: ['hikvision', 'dahua'] } })
    t.match(made, {
      jurisdictionId: city,
      name: 'For the record',
      devices: 2,
      manifest: {
        question: { jurisdictionIds: [city], filter: { maker: ['hikvision', 'dahua'] }, register: 'knownAt' },
        counts: { jurisdictions: 1, devices: 2 },
        jurisdictions: [{ name: 'Riverbend', lawAsOf: '2026-12-01', devices: 2, findings: made.findings }],
        program: { version: '0.0.0-test' },
        dataVersions: { knowledge: h.knowledge().version },
      },
    })
    const files = await filesIn(await archiveOf(editor, made.id))
    const devices = files
      .get('devices.ndjson')!
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.same(
      devices.map(({ assetTag }) => assetTag),
      ['R-1', 'R-2'],
    )
    t.ok(devices[0].determinations.length > 0 && devices[0].determinations[0].citation !== '')
    const tables = [files.get('devices.csv')!, files.get('findings.csv')!].map((file) => file.toString())
    for (const table of tables) {
      t.match(table.split('\r\n')[1], /^Riverbend,OH,/, 'the city by name in each line')
      t.notMatch(table, /,=cmd/, 'no cell starts a formula')
    }
    t.equal(tables[1]!.trim().split('\r\n').length - 1, made.findings)
    t.match(tables[1], /grant-200-216,federal-funding,/)
    for (const { name, sha256: digest } of made.manifest.files) t.equal(sha256(files.get(name)!), digest)
    const { body } = await h.call('GET', `/v1/audit-events?action=snapshot.create`, { key: editor })
    t.match(body.items[0], { target: made.id, detail: { sha256: made.sha256, devices: 2 } })
  },
)

t.test('it is given to its owner alone, the same bytes each time', async (t) => {
  const made = await freeze(editor)
  const first = await archiveOf(editor, made.id)
  t.equal(sha256(first), made.sha256)
  t.equal(first.length, made.bytes)
  t.ok(first.equals(await archiveOf(editor, made.id)))
  const { headers } = await h.call('GET', `/v1/snapshots/${made.id}`, { key: editor })
  t.match(headers['content-type'], /json/)
  const etag = { 'if-none-match': `"${made.sha256}"` }
  t.equal(
    (await h.call('GET', `/v1/snapshots/${made.id}/archive`, { key: editor, headers: etag })).status,
    304,
  )
  for (const address of [`/v1/snapshots/${made.id}`, `/v1/snapshots/${made.id}/archive`]) {
    t.equal((await h.call('GET', address, { key: stranger })).status, 404)
  }
  t.same((await h.call('GET', '/v1/snapshots', { key: stranger })).body.items, [])
  t.equal((await h.call('GET', '/v1/snapshots', { key: editor })).body.items[0].id, made.id)

  const over = await freeze(reviewer, { filter: { maker: ['hikvision'] } })
  t.match(over, { jurisdictionId: null, devices: 2 })
  const text = (await filesIn(await archiveOf(reviewer, over.id))).get('findings.csv')!.toString()
  t.match(text, /^Riverbend,OH,/m)
  t.match(text, /^Elsewhere,TX,/m)
  const half = await h.key('federal-reviewer', [city])
  t.equal(
    (await h.call('GET', `/v1/snapshots/${over.id}`, { key: half })).status,
    404,
    'a key that sees less',
  )
  const later = await h.key('federal-reviewer', 'all')
  t.equal(
    (await h.call('GET', `/v1/snapshots/${over.id}`, { key: later })).status,
    200,
    'the next key of the same name',
  )
  t.equal((await h.call('GET', `/v1/snapshots/${over.id}`, { key: editor })).status, 404, 'nor a city of it')
  t.notMatch((await archiveOf(editor, made.id)).toString('latin1'), foreign.id)

  const bound = await h.database
    .inJurisdiction(city, (tx) => tx.execute('delete from snapshot_parts'))
    .then(
      () => 'removed',
      ({ cause }) => String(cause),
    )
  t.match(bound, /permission denied/, 'the service itself cannot remove one')
})

t.test('the same question gives the same bytes after later lists, devices and corrections', async (t) => {
  const before = await freeze(reviewer)
  h.setNow('2026-12-03T15:00:00Z')
  const yesterday = { asOf: '2026-12-02', jurisdictionIds: [city] }
  const made = await h.call('POST', '/v1/snapshots', { key: reviewer, body: yesterday })
  t.match(made.body, { devices: 3, manifest: { register: 'the end of 2026-12-02 in each city' } })

  h.setNow('2026-12-05T15:00:00Z')
  const entry = `<sdnEntry><uid>9</uid><lastName>ZHEJIANG DAHUA TECHNOLOGY CO., LTD.</lastName><sdnType>Entity</sdnType><programList><program>GLOMAG</program></programList><addressList><address><uid>8</uid><country>China</country></address></addressList></sdnEntry>`
  const others = Array.from({ length: 20 }, (_, i) =>
    entry.replace('<uid>9<', `<uid>${100 + i}<`).replace(/ZHEJIANG[^<]*/, `BLUE RIVER ${i} LLC`),
  )
  const known = entry.replace('<uid>9<', '<uid>30502<').replace(/ZHEJIANG[^<]*/, 'CEIEC')
  const list = (entries: string[], day: string) =>
    h.call('POST', '/v1/lists/ofac-sdn/versions', {
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"><publshInformation><Publish_Date>${day}</Publish_Date><Record_Count>${entries.length}</Record_Count></publshInformation>${entries.join('')}</sdnList>`,
    })
  const loaded = await list([...others, known, entry], '12/04/2026')
  t.equal(loaded.status, 201, loaded.text)
  const { body } = await h.call('GET', '/v1/devices?assetTag=R-1', { key: editor })
  t.equal(
    (await h.call('PATCH', `/v1/devices/${body.items[0].id}`, { key: editor, body: { notes: 'moved' } }))
      .status,
    200,
  )
  t.equal((await h.call('DELETE', `/v1/devices/${foreign.id}`, { key: stranger })).status, 204)
  h.setNow('2026-12-06T15:00:00Z')
  t.equal((await list([...others.slice(1), known, entry], '12/05/2026')).status, 201)

  const now = await h.call('POST', '/v1/snapshots', { key: reviewer, body: {} })
  t.not(dataOf(now.body)['findings.csv'], dataOf(before)['findings.csv'], 'the answer of today is another')
  for (const [asked, first] of [
    ['as it was', before],
    ['of a past day', made.body],
  ]) {
    const again = await h.call('POST', '/v1/snapshots', { key: reviewer, body: first.manifest.question })
    t.equal(again.status, 201)
    t.same(dataOf(again.body), dataOf(first), `${asked}: equal bytes`)
    t.match(again.body.manifest.dataVersions, { knowledge: first.manifest.dataVersions.knowledge })
    t.same(again.body.manifest.jurisdictions, first.manifest.jurisdictions)
  }
})

t.test('what cannot be asked is refused with each wrong field', async (t) => {
  for (const [body, pointer] of [
    [{ knownAt: '2027-01-01T00:00:00Z' }, '/knownAt'],
    [{ asOf: '2026-12-06', register: 'asOf' }, '/register'],
    [{ asOf: '2020-01-01' }, '?asOf'],
    [{ jurisdictionIds: [other] }, '/jurisdictionIds/0'],
    [{ filter: { maker: ['nobody-known'] } }, '?maker'],
    [{ filter: { colour: ['red'] } }, '/filter/colour'],
  ] as const) {
    const { status, body: problem } = await h.call('POST', '/v1/snapshots', { key: editor, body })
    t.equal(status, 400, JSON.stringify(body))
    t.match(problem.errors, [{ pointer }])
  }
})

t.test('as a job it gives the same, and is done once for its key', async (t) => {
  const headers = { prefer: 'respond-async', 'idempotency-key': 'frozen-once' }
  const job = await h.call('POST', '/v1/snapshots', { key: editor, body: {}, headers })
  t.equal(job.status, 202)
  await h.background.settle()
  let body = (await h.call('GET', job.headers.location!, { key: editor })).body
  for (let tries = 0; body.state === 'queued' || body.state === 'running'; tries++) {
    if (tries > 200) throw new Error('the job does not end')
    h.background.trigger('jobs')
    await h.background.settle()
    await new Promise((resolve) => setTimeout(resolve, 50))
    body = (await h.call('GET', job.headers.location!, { key: editor })).body
  }
  t.match(body, { state: 'succeeded', result: { status: 201 } })
  const made = await h.call('GET', body.result.location, { key: editor })
  t.same((await verified(await archiveOf(editor, made.body.id))).findings, [])
})

t.test('one byte, row or order that was changed is found, wherever it stands', async (t) => {
  const made = await freeze(editor)
  const archive = await archiveOf(editor, made.id)
  t.same((await verified(archive)).findings, [])
  const step = Math.max(1, Math.floor(archive.length / 150))
  const places = new Set([
    ...Array(40).keys(),
    ...Array.from({ length: 60 }, (_, i) => archive.length - 1 - i * 4),
  ])
  for (let at = 0; at < archive.length; at += step) places.add(at)
  const keys = readKeys(readFileSync(await keysFile(), 'utf8'))
  const missed: number[] = []
  for (const at of places) {
    const changed = Buffer.from(archive)
    changed[at]! ^= 1 << (at % 8)
    const { findings } = await verifyArchive(write('try.zip', changed), keys)
    if (findings.length === 0) missed.push(at)
  }
  t.same(missed, [], `${places.size} single bits`)
  for (const wrong of [
    archive.subarray(0, -1),
    Buffer.concat([archive, Buffer.from('x')]),
    Buffer.alloc(0),
  ]) {
    t.not((await verified(wrong)).findings.length, 0)
  }

  const files = await filesIn(archive)
  const lines = files.get('devices.ndjson')!.toString().split('\n').slice(0, -1)
  for (const [what, name, text] of [
    ['a row less', 'devices.ndjson', lines.slice(1)],
    ['another order', 'devices.ndjson', lines.toReversed()],
    ['an answer', 'devices.ndjson', lines.map((line) => line.replace('"prohibited"', '"permitted"'))],
  ] as const) {
    const changed = new Map(files).set(name, Buffer.from(`${text.join('\n')}\n`))
    const { findings } = await verified(await packed(changed))
    t.ok(findings.includes(`${name} is not as it was signed`), what)
  }
  const less = new Map(files)
  less.delete('findings.csv')
  t.match((await verified(await packed(less))).findings, [/seal/, 'findings.csv is missing'])
  const more = new Map(files).set('extra.csv', Buffer.from('x'))
  t.ok((await verified(await packed(more))).findings.includes('extra.csv was not signed'))
  const text = files.get('manifest.json')!.toString().replace('"devices": 3', '"devices": 2')
  t.ok(
    (await verified(await packed(new Map(files).set('manifest.json', Buffer.from(text))))).findings.includes(
      'manifest.json is not as it was signed',
    ),
  )
})

t.test(
  'a key that another replaced still verifies; one that ended, was revoked or is unknown does not',
  async (t) => {
    const made = await freeze(editor)
    const archive = await archiveOf(editor, made.id)
    tick()
    t.equal((await h.call('POST', '/v1/signing-keys', { key: editor, body: {} })).status, 403)
    const next = await h.call('POST', '/v1/signing-keys', { body: {} })
    t.equal(next.status, 201)
    t.not(next.body.kid, made.signingKey)
    t.same((await verified(archive)).findings, [], 'signed before the rotation')
    const later = await freeze(editor)
    t.equal(later.signingKey, next.body.kid)
    t.same((await verified(await archiveOf(editor, later.id))).findings, [])

    const published = (await h.call('GET', '/.well-known/camledger-keys.json', { key: null })).body
    t.notMatch(JSON.stringify(published), /PRIVATE|"d"/, 'private halves are told to nobody')
    const known = published.keys.find(({ kid }: { kid: string }) => kid === made.signingKey)
    const { createdAt } = made.manifest
    const ended = new Date(Date.parse(createdAt) - 600_000).toISOString()
    t.equal(refusalOf(known, createdAt), null)
    t.match(refusalOf({ ...known, retiredAt: ended }, createdAt), /after its key .* had ended/)
    t.match(refusalOf({ ...known, expiresAt: ended }, createdAt), /after its key .* had ended/)
    t.match(
      refusalOf({ ...known, createdAt: '2026-12-09T12:00:00Z' }, createdAt),
      /before its key .* was made/,
    )
    const others = published.keys.filter(({ kid }: { kid: string }) => kid !== made.signingKey)
    const stranger = await verifyArchive(
      write('try.zip', archive),
      readKeys(JSON.stringify({ keys: others })),
    )
    t.match(stranger.findings, [/not among the keys given/, /who signed it is not known/])
    const swapped = { ...others[0], kid: made.signingKey }
    const disguised = await verifyArchive(
      write('try.zip', archive),
      readKeys(JSON.stringify({ keys: [swapped] })),
    )
    t.match(disguised.findings, [/not among the keys given/], 'a key is what its bytes are')

    tick()
    const revoke = { revoke: true }
    t.equal((await h.call('POST', '/v1/signing-keys', { body: revoke })).status, 400, 'not without a reason')
    const revoked = await h.call('POST', '/v1/signing-keys', {
      body: { ...revoke, reason: 'the disk was stolen' },
    })
    t.equal(revoked.status, 201)
    t.match((await verified(await archiveOf(editor, later.id))).findings, [/was revoked/])
    t.same((await verified(archive)).findings, [], 'another key is none of its business')
  },
)

const execute = promisify(execFile)
const without = await execute('bash', [
  '-c',
  'for tool in unzip jq sha256sum openssl; do command -v $tool >/dev/null || echo $tool; done',
])
const tools = without.stdout.trim()

t.test('camledger verify and the lines of docs/snapshots.md find the same', async (t) => {
  const made = await freeze(editor)
  const archive = await archiveOf(editor, made.id)
  const keys = await keysFile()
  const good = await run(['verify', write('good.zip', archive), '--keys', keys])
  t.match(good, {
    code: 0,
    stdout: /good.zip is as it was signed[\s\S]*3 devices and \d+ findings of 1 jurisdictions/,
  })
  const files = await filesIn(archive)
  const text = files.get('devices.csv')!.toString().replace('Hikvision', 'Hikvisiom')
  const forged = await packed(new Map(files).set('devices.csv', Buffer.from(text)))
  const bad = await run(['verify', write('bad.zip', forged), '--keys', keys, '--json'])
  t.equal(bad.code, 5)
  t.match(JSON.parse(bad.stdout), { ok: false, findings: [/seal/, 'devices.csv is not as it was signed'] })
  t.match(await run(['verify', 'nowhere.zip', '--keys', keys]), {
    code: 2,
    stderr: /nowhere.zip cannot be read/,
  })
  t.match(await run(['verify', 'bad.zip', '--keys', 'nowhere.json']), { code: 2, stderr: /cannot be used/ })

  if (tools !== '') return t.comment(`not tried without ${tools}`)
  const lines = blocksOf(readFileSync('docs/snapshots.md', 'utf8')).find(({ text }) =>
    text.includes('openssl pkeyutl'),
  )!.text
  for (const [name, content, isGood] of [
    ['good', archive, true],
    ['bad', forged, false],
  ] as const) {
    const place = join(folder, name)
    rmSync(place, { recursive: true, force: true })
    mkdirSync(place)
    writeFileSync(join(place, 'snapshot.zip'), content)
    writeFileSync(join(place, 'camledger-keys.json'), readFileSync(keys))
    const ran = await execute('bash', ['--norc', '-c', `set -e\n${lines}`], { cwd: place }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { stdout: string }) => `failed ${stdout}`,
    )
    if (isGood) t.match(ran, /^Signature Verified Successfully\n(?:\S+: OK\n){4}$/)
    else t.match(ran, /^failed [\s\S]*devices.csv: FAILED/)
  }
})

t.test('a key signs for a year, and then another takes its place by itself', async (t) => {
  h.setNow('2027-12-31T12:00:00Z')
  const made = await h.call('POST', '/v1/snapshots', { key: editor, body: {} })
  const { keys } = (await h.call('GET', '/.well-known/camledger-keys.json', { key: null })).body
  t.equal(made.body.signingKey, keys.at(-1).kid)
  t.equal(keys.at(-1).createdAt, '2027-12-31T12:00:00.000Z')
  t.same(keys.filter(({ retiredAt }: { retiredAt: string | null }) => retiredAt === null).length, 1)
})
