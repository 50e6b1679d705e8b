/** Spreadsheets over HTTP: what goes in, what comes back, and what happens to every kind of bad file. */
import { createReadStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import writeXlsxFile from 'write-excel-file/node'
import type { Tx } from '../src/db/database.ts'
import { lockFirmwareFacts, lockImports } from '../src/db/locks.ts'
import { WORKBOOK_TYPE as XLSX } from '../src/http/workbook/write.ts'
import { HOLDERS, HOLDERS_BY_KIND, HOLDERS_OF_MANY } from '../src/inventory/device-holders.ts'
import { uuidOf } from '../src/lib/ids.ts'
import { ensureAnswers, pruneAnswers } from '../src/screening/profiles.ts'
import { harness, type Reply } from './support/harness.ts'
import { readWorkbook } from './support/read-workbook.ts'

const root = (path: string) => fileURLToPath(import.meta.resolve(`#root/${path}`))
const h = await harness(t)

async function newCity() {
  const id = await h.jurisdiction({ state: 'OH', timezone: 'America/New_York' })
  const key = await h.key('city-editor', id)
  const send = (body: string | Buffer, query = '', type = 'text/csv') =>
    h.call('POST', `/v1/imports${query}`, { key, body: body as string, headers: { 'content-type': type } })
  const devices = async (query = ''): Promise<Record<string, unknown>[]> =>
    (await h.call('GET', `/v1/devices?limit=1000&include=all${query}`, { key })).body.items
  return { id, key, send, devices }
}
const codesOf = (reply: Reply) => [
  reply.status,
  reply.body.type?.replace('/problems/', ''),
  reply.body.errors?.[0]?.code,
]
const sum = (counts: Record<string, number>) =>
  counts.created! +
  counts.updated! +
  counts.unchanged! +
  counts.rejected! +
  counts.blank! +
  counts.leftOut! -
  counts.added!

t.test('the sample city: makers come out, bad rows come back, a second time changes nothing', async (t) => {
  const city = await newCity()
  const file = readFileSync(root('examples/riverbend-cameras.csv'))
  const dry = await city.send(file, '?dryRun=true')
  t.equal(dry.status, 200)
  t.equal(dry.body.id, null)
  t.equal((await city.devices()).length, 0, 'a dry run keeps nothing')
  const first = await city.send(file)
  t.equal(first.status, 201)
  t.same(first.body.report, dry.body.report, 'and reports what the real run reports')
  const { counts } = first.body.report
  t.equal(sum(counts), counts.rows, 'no row is lost')
  t.equal(counts.rejected, 2)
  t.same(first.body.report.secretColumns, ['Web Login'])
  t.equal((await city.devices()).length, counts.created)
  const second = await city.send(file)
  t.match(second.body.report.counts, {
    created: 0,
    updated: 0,
    unchanged: counts.created,
    rejected: 2,
    vanished: 0,
  })
  const stored = await h.call('GET', `/v1/imports/${first.body.id}`, { key: city.key })
  t.same(stored.body, first.body)
  const [listed] = (await h.call('GET', '/v1/imports?limit=1', { key: city.key })).body.items
  const { report, ...rest } = second.body
  t.same(listed, { ...rest, counts: report.counts }, 'a list has the counts of the report')
  const whole = await h.call('GET', '/v1/imports?limit=1&include=report', { key: city.key })
  t.same(whole.body.items[0], { ...listed, report }, 'and all of it when asked for')

  const rejects = await h.call('GET', `/v1/imports/${first.body.id}/rejects`, { key: city.key })
  t.match(rejects.headers['content-type'], 'text/csv')
  const lines = rejects.text.trimEnd().split('\r\n')
  t.equal(lines.length, 3, 'a header and the refused rows')
  t.match(lines[0], /,error$/)
  const again = await city.send(rejects.text)
  t.equal(again.body.report.counts.rejected, 2, 'sent back as it is, the same rows are refused')
})

t.test('a later file of the same feed updates, keeps history, and reports what vanished', async (t) => {
  const city = await newCity()
  const earlier =
    'Asset Tag,Manufacturer,Model,Firmware\nA1,Axis,P3245,10.1\nA2,Pelco,Sarix,2\nA3,Dahua,IPC-HFW2431S,1\n'
  const later =
    'Asset Tag,Manufacturer,Model,Firmware\nA1,Axis,P3245,10.1\nA2,Advidia,,\nA4,Wisenet,XNV-8080R,1\n'
  t.match((await city.send(earlier, '?source=gis')).body.report.counts, { created: 3 })
  h.setNow('2026-11-25T12:00:00Z')
  const second = await city.send(later, '?source=gis')
  t.match(second.body.report.counts, { created: 1, updated: 1, unchanged: 1, vanished: 1 })
  t.match(second.body.report.vanished, [{ assetTag: 'A3' }])
  t.equal((await city.devices('&assetTag=A3')).length, 1, 'vanished is not deleted')
  const [a2] = await city.devices('&assetTag=A2')
  t.match(
    a2,
    { manufacturer: 'Advidia', model: 'Sarix', firmwareVersion: '2', version: 2 },
    'a blank cell keeps what is known',
  )
  t.equal((a2!.identification as { status: string }).status, 'ambiguous', 'Advidia needs evidence')
  const history = await h.call('GET', `/v1/devices/${a2!.id}/history`, { key: city.key })
  t.match(history.body.items[1], { changedFields: ['manufacturer'], device: { manufacturer: 'Pelco' } })
  const cleared = await city.send('Asset Tag,Model\nA2,\n', '?source=other&blanks=clear')
  t.match(cleared.body.report.counts, { updated: 1, vanished: 0 })
  t.equal((await city.devices('&assetTag=A2'))[0]!.model, null)
  h.setNow('2026-11-24T12:00:00Z')
})

t.test('rows without an asset tag are recognized by serial number, MAC, or by what they say', async (t) => {
  const city = await newCity()
  const file =
    'Manufacturer,Model,Serial Number,MAC\nAxis,P1,S-1,\nAxis,P1,,00:40:8c:00:00:01\nAxis,P1,,\nAxis,P1,,\n'
  t.match((await city.send(file)).body.report.counts, { created: 4, rejected: 0 })
  t.match(
    (await city.send(file)).body.report.counts,
    { created: 0, unchanged: 4 },
    'the register is not doubled',
  )
})

t.test('a tag that comes twice in a file is refused the second time, near or far', async (t) => {
  const city = await newCity()
  const rows = Array.from({ length: 2500 }, (_, i) => `T${i},Axis`)
  const reply = await city.send(`Asset Tag,Manufacturer\nT1,Axis\n${rows.join('\n')}\nT7,Dahua\n`)
  t.match(reply.body.report.counts, { rows: 2502, created: 2500, rejected: 2 })
  t.same(
    reply.body.report.rejected.map((r: { row: number; errors: { code: string }[] }) => [
      r.row,
      r.errors[0]!.code,
    ]),
    [
      [4, 'repeated-device'],
      [2503, 'repeated-device'],
    ],
  )
  t.equal((await city.devices('&assetTag=T7'))[0]!.manufacturer, 'Axis', 'the first one stands')
})

t.test('atomic: one bad row and nothing is kept, every bad cell is named', async (t) => {
  const city = await newCity()
  const bad =
    'Asset Tag,Manufacturer,Purchase Date,Serial\nB1,Axis,2024-01-01,\n2E+10,Axis,31/02/2024,1.2E+14\n'
  const reply = await city.send(bad, '?atomic=true')
  t.same(codesOf(reply), [422, 'import-refused', 'scientific-notation'])
  t.same(reply.body.errors.map((e: { pointer: string }) => e.pointer).sort(), [
    '/rows/3/Asset Tag',
    '/rows/3/Serial',
  ])
  t.equal((await city.devices()).length, 0)
  t.match((await city.send(bad)).body.report.counts, { created: 1, rejected: 1 })
})

t.test('both shapes of the Austin camera list are read by the shipped layout', async (t) => {
  const city = await newCity()
  for (const year of ['2018', '2025']) {
    const reply = await city.send(readFileSync(root(`test/fixtures/austin-${year}.csv`)))
    t.equal(reply.body.report.profile, 'austin-traffic-cameras', year)
    t.equal(reply.body.report.counts.rejected, 0)
  }
  const devices = await city.devices()
  t.ok(
    devices.every(
      (device) => device.latitude !== null && Number(device.latitude) > 29 && Number(device.longitude) < -97,
    ),
  )
  t.ok(devices.every((device) => device.purpose === 'traffic' && device.siteId !== null))
})

t.test('a workbook is read like the table it is', async (t) => {
  const city = await newCity()
  const file = await writeXlsxFile(
    [
      [{ value: 'Asset Tag' }, { value: 'Make' }, { value: 'Purchase Date' }, { value: 'Purchase Cost' }],
      [
        { value: 'X1' },
        { value: 'Hikvision' },
        { value: new Date('2020-05-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
        { value: 350.5, type: Number },
      ],
    ],
    { buffer: true } as never,
  )
  const bytes = Buffer.isBuffer(file)
    ? file
    : Buffer.from(await (file as unknown as { toBuffer(): Promise<Buffer> }).toBuffer())
  const reply = await city.send(
    bytes,
    '',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  )
  t.equal(reply.status, 201)
  t.match(reply.body.report, { format: 'xlsx', delimiter: null })
  t.match(await city.devices(), [
    {
      assetTag: 'X1',
      manufacturer: 'Hikvision',
      acquiredOn: '2020-05-01',
      acquisitionCostCents: 35050,
      currency: 'USD',
    },
  ])
})

t.test('every encoding and delimiter a city sends is read', async (t) => {
  const text = 'Asset Tag;Manufacturer;Department\nZ1;Geutebrück;Straßenbau\n'
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  const cases: [string, Buffer][] = [
    ['utf-8 with BOM', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE', utf16],
    ['UTF-16 BE', Buffer.from(utf16).swap16()],
    ['Windows-1252', Buffer.from(text, 'latin1')],
    ['tabs', Buffer.from(text.replaceAll(';', '\t'))],
    ['pipes', Buffer.from(text.replaceAll(';', '|'))],
    ['CRLF', Buffer.from(text.replaceAll('\n', '\r\n'))],
  ]
  for (const [name, bytes] of cases) {
    const city = await newCity()
    const reply = await city.send(bytes)
    t.match(reply.body.report?.counts, { created: 1, rejected: 0 }, name)
    t.match(await city.devices(), [{ manufacturer: 'Geutebrück', department: 'Straßenbau' }], name)
  }
})

t.test('a file that cannot be read is refused with the reason, and nothing is kept', async (t) => {
  const city = await newCity()
  const wide = (n: number) =>
    `${Array.from({ length: n }, (_, i) => `c${i}`).join(',')}\n${'x,'.repeat(n - 1)}x\n`
  const cases: [string, string | Buffer, string][] = [
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'not-text'],
    ['a PDF', '%PDF-1.7\n%âãÏÓ\n1 0 obj', 'not-text'],
    [
      'the beginning of a ZIP',
      Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(50)]),
      'damaged-workbook',
    ],
    ['nothing', '', 'empty-file'],
    ['no usable column', 'alpha,beta\n1,2\n', 'no-usable-column'],
    ['two columns for one field', 'Model,Model\nA,B\n', 'duplicate-column'],
    ['600 columns', wide(600), 'too-many-columns'],
  ]
  for (const [what, body, code] of cases) {
    const reply = await city.send(body)
    t.same(codesOf(reply), [422, 'unreadable-file', code], what)
    t.ok(reply.body.detail.length > 10, `${what}: ${reply.body.detail}`)
    t.notMatch(reply.body.errors[0].message, /[{[]"/, `${what} is explained in words`)
  }
  t.match((await city.send('alpha,beta\n1,2\n')).body.errors[0].message, /Its columns are "alpha", "beta"\.$/)
  t.match(
    (await city.send(`Asset Tag,${wide(199)}`)).body.report.counts,
    { created: 1 },
    '200 columns are fine',
  )
  t.equal((await city.devices()).length, 1)
})

t.test('strange cells are stored as text, named as errors, and never lost', async (t) => {
  const city = await newCity()
  const reply = await city.send(
    'Asset Tag,Manufacturer,Notes,Purchase Date\n1,=HYPERLINK("http://x"),"say ""hi""",2024-02-29\n2,Axis,a\u0000b,\n3,\ud800lone,ok,\n4,Axis,ok,2023-02-29\n5,Axis,"unclosed,\n',
  )
  const { counts, rejected } = reply.body.report
  t.equal(sum(counts), counts.rows)
  t.equal((await city.devices('&assetTag=1'))[0]!.manufacturer, '=HYPERLINK("http://x")')
  t.same(
    reply.body.report.warningGroups.filter(({ field }: { field: string }) => field === 'acquiredOn'),
    [
      {
        ...{ column: 'Purchase Date', field: 'acquiredOn', value: '2023-02-29', code: 'not-a-date' },
        ...{ rows: 1, firstRow: 5, sheet: null },
        message: 'Not a day of the calendar; the date stays unknown. Dates are best written YYYY-MM-DD.',
      },
    ],
    'the day that is none',
  )
  t.ok(
    rejected.some((r: { row: number }) => r.row === 3),
    'NUL',
  )
  const csv = await h.call('GET', '/v1/devices?assetTag=1', {
    key: city.key,
    headers: { accept: 'text/csv' },
  })
  t.match(csv.text, /"?'=HYPERLINK/, 'on the way out it cannot start a formula')
})

t.test('a wrong parameter is told before the file is read', async (t) => {
  const city = await newCity()
  const file = 'Asset Tag\nA\n'
  t.equal((await city.send(file, '?dryrun=true')).body.errors[0].pointer, '?dryrun')
  t.match((await city.send(file, '?mapping=nope')).body.errors[0], { pointer: '?mapping', message: /JSON/ })
  t.same(codesOf(await city.send(file, '?mapping={"colour":"x"}')), [422, 'unreadable-file', 'unknown-field'])
  t.same(codesOf(await city.send(file, '?mapping={"model":"nowhere"}')), [
    422,
    'unreadable-file',
    'unknown-column',
  ])
  t.same(codesOf(await city.send(file, '?profile=nobody')), [422, 'unreadable-file', 'unknown-profile'])
  t.equal((await city.send(file, '', 'image/png')).status, 415)
  t.equal(
    (
      await city.send(
        'Kennung,Herst\n1,Axis\n',
        `?mapping=${encodeURIComponent('{"assetTag":"Kennung","manufacturer":1}')}&defaults=${encodeURIComponent('{"purpose":"traffic"}')}`,
      )
    ).status,
    201,
  )
  t.match(await city.devices(), [{ assetTag: '1', manufacturer: 'Axis', purpose: 'traffic' }])
})

t.test('the same Idempotency-Key imports once', async (t) => {
  const city = await newCity()
  const send = () =>
    h.call('POST', '/v1/imports', {
      key: city.key,
      body: 'Manufacturer\nAxis\n',
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'once' },
    })
  const [a, b] = [await send(), await send()]
  t.same(b.body, a.body)
  t.equal((await city.devices()).length, 1)
})

t.test('NDJSON is read as well, and an export of the register comes back unchanged', async (t) => {
  const city = await newCity()
  const body =
    '{"assetTag":"J1","manufacturer":"Axis","hasRadio":false}\n{"assetTag":"J2","manufacturer":"Dahua","acquiredOn":"2020-01-01","acquisitionCostCents":12345,"currency":"USD"}\n'
  t.match((await city.send(body, '', 'application/x-ndjson')).body.report.counts, { created: 2 })
  const csv = await h.call('GET', '/v1/devices', { key: city.key, headers: { accept: 'text/csv' } })
  const back = await city.send(csv.text)
  t.match(
    back.body.report.counts,
    { created: 0, updated: 0, unchanged: 2, rejected: 0 },
    JSON.stringify(back.body.report?.rejected),
  )
})

t.test('logins never reach the database', async (t) => {
  const city = await newCity()
  await city.send(
    'Asset Tag,Manufacturer,UserName,Password,Notes,Purchase Date\n1,Axis,root,hunter2-secret,rtsp://root:hunter2-secret@10.0.0.1/,bad\n2,Axis,root,hunter2-secret,http://root:hunter2-secret@10.0.0.2/,\n',
  )
  const dump = await h.database.acrossJurisdictions([city.id], async (tx) => {
    const parts: string[] = []
    for (const table of ['devices', 'imports', 'import_rejects', 'audit_events', 'profiles', 'sites']) {
      const { rows } = await tx.execute(sql.raw(`select row_to_json(x)::text as x from ${table} x`))
      parts.push(JSON.stringify(rows))
    }
    return parts.join()
  })
  t.match(dump, 'Axis')
  t.notMatch(dump, 'hunter2')
})

t.test('a body over real HTTP is streamed, and an early refusal still reaches the sender', async (t) => {
  const city = await newCity()
  const address = await h.app.listen({ port: 0, host: '127.0.0.1' })
  const send = (body: Readable, query = '') =>
    fetch(`${address}/v1/imports${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${city.key}`, 'content-type': 'text/csv' },
      body: Readable.toWeb(body) as never,
      duplex: 'half',
    } as RequestInit)
  const ok = await send(createReadStream(root('examples/riverbend-cameras.csv')))
  t.equal(ok.status, 201)
  const big = Readable.from(
    (function* () {
      yield Buffer.from('alpha,beta\n')
      for (let i = 0; i < 200; i++) yield Buffer.from('1,2\n'.repeat(16_384))
    })(),
  )
  const refused = await send(big)
  t.equal(refused.status, 422)
  t.match(await refused.json(), { type: '/problems/unreadable-file' })
  t.equal((await fetch(`${address}/healthz`)).status, 200)
})

t.test('counts of profiles always equal the devices', async (t) => {
  const { rows } = await h.database.acrossJurisdictions('all', (tx) =>
    tx.execute(sql`
      select p.jurisdiction_id, p.id, p.device_count, count(d.id)::int as devices from profiles p
      left join devices d on d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id
      group by 1, 2, 3 having p.device_count <> count(d.id)`),
  )
  t.same(rows, [])
})

t.test('devices are found by tag, then serial, then MAC, and none is overwritten by another', async (t) => {
  const twice = async (first: string, second: string) => {
    const city = await newCity()
    await city.send(first, '?source=feed')
    const { report } = (await city.send(second, '?source=feed')).body
    return { report, devices: await city.devices() }
  }
  const scan = 'ID,Device Type,IPv4 Address,Software Version,Device Serial No.,MAC Address\n'
  const scans = await twice(
    `${scan}1,DS-1,10.0.0.1,V5,S1,44-19-b6-00-00-01\n2,DS-2,10.0.0.2,V5,S2,44-19-b6-00-00-02\n`,
    `${scan}1,DS-2,10.0.0.2,V5,S2,44-19-b6-00-00-02\n2,DS-3,10.0.0.3,V5,S3,44-19-b6-00-00-03\n3,DS-1,10.0.0.1,V5,S1,44-19-b6-00-00-01\n`,
  )
  t.match(scans.report.counts, { created: 1, updated: 0, unchanged: 2 }, 'the number of a row is no tag')
  const tagged = await twice(
    'Serial,Manufacturer,Model\nS1,Dahua,IPC\nS2,Axis,P1\n',
    'Asset Tag,Serial,Manufacturer,Model\nT1,S1,Dahua,IPC\nT2,S2,Axis,P1\n',
  )
  t.same(tagged.devices.map(({ assetTag }) => assetTag).sort(), ['T1', 'T2'], 'a tag that comes later')
  const column = await twice(
    'Location,Manufacturer,Model\nMain,Dahua,IPC\nOak,Axis,P1\n',
    'Location,Manufacturer,Model,Department\nMain,Dahua,IPC,PD\nOak,Axis,P1,Parks\n',
  )
  t.match(column.report.counts, { created: 0, updated: 2 }, 'a column that comes later')
  const placeholder = 'Asset Tag,Serial,Manufacturer\n'
  t.equal(
    (await twice(`${placeholder}No Tag,S1,Dahua\n`, `${placeholder}No Tag,S9,Axis\n`)).devices.length,
    2,
  )
  const forms = await twice('Asset Tag,Make\nCAFE\u0301-1,Axis\n', 'Asset Tag,Make\nCAF\u00c9-1,Axis\n')
  t.match(forms.report.counts, { created: 0, unchanged: 1 })
  const serials = 'Serial,Make,MAC\n'
  const same = await twice(
    `${serials}S1,Axis,00:40:8c:00:00:01\nS1,Axis,00:40:8c:00:00:02\nS1,Axis,00:40:8c:00:00:02\n`,
    `${serials}S1,Axis,00:40:8c:00:00:03\n`,
  )
  t.equal(same.devices.length, 3, 'a factory serial with another MAC is another device')
  t.match(same.report.counts, { created: 1, rejected: 0 })
  const reused = await twice(
    'Asset Tag,Serial,Make,Model\nT1,S1,Dahua,IPC\n',
    'Asset Tag,Serial,Make,Model\nT1,S9,Axis,P1\n',
  )
  t.match(reused.report.rejected, [{ row: 2, errors: [{ code: 'another-device' }] }])
  t.match(reused.devices, [{ manufacturer: 'Dahua', serialNumber: 'S1' }], 'held back for a person')
  const letters = await twice(
    'Asset Tag,Serial,Make\nCam-1,s1,Axis\n,ab c,Axis\n',
    'Asset Tag,Serial,Make\n\uff23AM-1,S1,Axis\n,AB  C,Axis\n',
  )
  t.match(letters.report.counts, { created: 0, unchanged: 2 }, 'letter case and spaces make no other device')
  const doubled = await twice('Asset Tag,Make\nt 1,Axis\nT  1,Axis\n', 'Asset Tag,Make\nt 1,Axis\n')
  t.match(doubled.devices, [{ assetTag: 't 1' }], 'nor twice in one file')
  const maker = await twice(
    'Serial,Make,Model\n1001,Dahua,IPC-HFW1230S\n1001,Axis,P3245-V\n',
    'Serial,Make,Model\n1001,Pelco,IMP231\n',
  )
  t.match(maker.report.counts, { created: 1, rejected: 0 }, 'numbers of three makers are three devices')
  t.equal(maker.devices.length, 3)
  const noMaker = await twice(
    'Asset Tag,Serial,MAC,Model\nT1,S1,00408c000001,P1\n',
    'Asset Tag,Serial,MAC,Model\nT1,S2,00408c000002,P2\n',
  )
  t.match(noMaker.report.rejected, [{ errors: [{ code: 'another-device' }] }], 'also where no maker is said')
  const ids = await twice('GUID,Make,Name\n{A},Axis,Hall\n', 'GUID,Make,Name\n{a},Axis,Hall 2\n')
  t.match(ids.report.counts, { created: 0, updated: 1 }, 'by the id of the program that wrote the list')
  const swapped = await twice(
    'GUID,Make,Model,MAC\n{A},Axis,P1,00408c000001\n',
    'GUID,Make,Model,MAC\n{A},Axis,P2,00408c000002\n',
  )
  t.match(swapped.report.rejected, [{ errors: [{ code: 'another-device', field: 'externalId' }] }])
  const city = await newCity()
  const twins = await city.send('Tag,Make,MAC\nA1,Axis,00408c000001\nA2,Axis,00408c000001\n')
  t.match(twins.body.report.warningGroups, [
    { code: 'same-unit', value: '00:40:8C:00:00:01', rows: 1, firstRow: 3 },
  ])
})

t.test('two feeds meet in one device where it is one, and leave each other alone where not', async (t) => {
  const city = await newCity()
  const netbox =
    'Asset Tag,Name,Serial,MAC,Make,Model\nN1,cam-1,F123,44:19:b6:00:00:01,Hikvision,DS-2CD2143G2-I\nN2,cam-2,1001,,Dahua,IPC-HFW1230S\n'
  await city.send(netbox, '?source=netbox')
  const scan =
    'ID,Device Type,IPv4 Address,Software Version,Device Serial No.,MAC Address\n1,DS-2CD2143G2-I,10.0.0.1,V5,DS-2CD2143G2-I20190606AAWRF123,44-19-b6-00-00-01\n2,DS-7732NI,10.0.0.2,V5,1001,98-df-82-00-00-02\n'
  const { report } = (await city.send(scan, '?source=sadp')).body
  t.match(report.counts, { created: 1, updated: 1, rejected: 0 })
  t.match(report.warningGroups, [{ code: 'same-unit', value: '1001', message: /"N2" of the register/ }])
  const byTag = async (tag: string | null) =>
    (await city.devices()).find(({ assetTag }) => assetTag === tag) as Record<string, unknown>
  t.match(await byTag('N1'), { name: 'cam-1', ipAddress: '10.0.0.1', firmwareVersion: 'V5' })
  t.match(await byTag('N2'), { manufacturer: 'Dahua', model: 'IPC-HFW1230S', macAddress: null })
  t.match(await byTag(null), { model: 'DS-7732NI', macAddress: '98:DF:82:00:00:02' })
  t.match((await city.send(scan, '?source=sadp')).body.report.counts, {
    created: 0,
    updated: 0,
    unchanged: 2,
  })
  const again = (await city.send(netbox, '?source=netbox')).body.report
  t.match(
    again.counts,
    { created: 0, updated: 1, unchanged: 1, vanished: 0 },
    'the serial number as NetBox has it',
  )
  t.match((await city.send('Name,MAC\ncam,98:df:82:00:00:02\n', '?source=other')).body.report.counts, {
    created: 0,
    updated: 1,
  })
  t.match((await city.send(scan, '?source=sadp')).body.report.counts, { created: 0, vanished: 0 })
})

t.test(
  'what a cell outside of the fields says of a restricted maker comes to the device as doubt',
  async (t) => {
    const city = await newCity()
    await city.send('Tag,Make,Model,OEM note\n1,Pelco,IMP231,made by Dahua\n2,Pelco,IMP231,\n')
    const devices = await city.devices()
    const of = (tag: string) => devices.find(({ assetTag }) => assetTag === tag)!
    t.equal(of('1').notes, 'OEM note: made by Dahua')
    t.equal((of('1').headline as Record<string, string>).procure, 'review')
    t.equal(of('2').notes, null)
    // What a person wrote stays when the file comes again.
    const change = {
      key: city.key,
      body: { notes: 'Seen on site' },
      headers: { 'if-match': `"${of('1').version}"` },
    }
    t.equal((await h.call('PATCH', `/v1/devices/${of('1').id}`, change)).status, 200)
    await city.send('Tag,Make,Model,OEM note\n1,Pelco,IMP231,made by Dahua\n')
    const [again] = (await city.devices('&assetTag=1')) as [Record<string, unknown>]
    t.equal(again.notes, 'Seen on site\nOEM note: made by Dahua')
  },
)

t.test('an import is undone: the register is as it was, and what was changed since is named', async (t) => {
  const city = await newCity()
  const facts = async () =>
    (await city.devices()).map(({ id, assetTag, model, status, siteId, notes }) => ({
      ...{ id, assetTag, model, status, siteId, notes },
    }))
  const sites = async () => (await h.call('GET', '/v1/sites', { key: city.key })).body.items.length
  const byMaker = async () =>
    (await h.call('GET', '/v1/summary?groupBy=maker', { key: city.key })).body.groups
  h.setNow('2026-11-24T13:00:00Z')
  await city.send('Asset Tag,Make,Model,Site\nA1,Axis,P1,Hall\nA2,Axis,P1,Hall\nA3,Axis,P1,Hall\n')
  const before = await facts()
  const makersBefore = await byMaker()
  h.setNow('2026-11-24T14:00:00Z')
  const wrong = await city.send(
    'Asset Tag,Make,Model,Site\nA1,Dahua,X9,Pier\nA2,Axis,P2,Pier\nB1,Dahua,X1,Pier\nB2,Dahua,X1,Dock\nB3,Dahua,X1,Dock\n',
    '?source=wrong',
  )
  t.match(wrong.body, { report: { counts: { created: 3, updated: 2, sitesCreated: 2 } }, undone: null })
  const ids = new Map((await city.devices()).map(({ assetTag, id }) => [assetTag, id as string]))
  h.setNow('2026-11-24T15:00:00Z')
  await h.call('PATCH', `/v1/devices/${ids.get('B2')}`, { key: city.key, body: { notes: 'on the pole' } })
  const plan = await h.call('POST', '/v1/plans', { key: city.key, body: { name: 'Next' } })
  await h.call('POST', `/v1/plans/${plan.body.id}/devices`, {
    key: city.key,
    body: { filter: { assetTag: ['B3'] } },
  })
  const undo = (query = '', key = city.key) =>
    h.call('POST', `/v1/imports/${wrong.body.id}/undo${query}`, { key })
  const dry = await undo('?dryRun=true')
  t.match(dry.body.undone, { removed: 1, restored: 2, left: { count: 2 } })
  t.equal((await facts()).length, 6, 'a dry run keeps nothing')
  const done = await undo()
  t.equal(done.status, 200)
  t.same(done.body.undone, {
    removed: 1,
    restored: 2,
    left: {
      count: 2,
      devices: [
        { id: ids.get('B2'), assetTag: 'B2', name: null, reason: 'changed-since' },
        { id: ids.get('B3'), assetTag: 'B3', name: null, reason: 'in-use' },
      ],
    },
    sitesRemoved: 1,
    seenAgainBy: [],
  })
  t.same((await facts()).slice(0, 3), before, 'what it changed is as it was')
  t.same((await facts()).map(({ assetTag }) => assetTag).sort(), ['A1', 'A2', 'A3', 'B2', 'B3'])
  t.equal(await sites(), 2, 'the site of what is left stays')
  const history = await h.call('GET', `/v1/devices/${ids.get('A1')}/history`, { key: city.key })
  t.match(
    history.body.items.map((item: { device: { model: string } }) => item.device.model),
    ['P1', 'X9', 'P1'],
  )
  t.equal((await h.call('GET', `/v1/devices/${ids.get('B1')}/history`, { key: city.key })).status, 200)
  const again = await undo()
  t.same(again.body, done.body, 'an import is undone once')
  t.same((await h.call('GET', `/v1/imports/${wrong.body.id}`, { key: city.key })).body, done.body)
  const trail = await h.call('GET', `/v1/audit-events?jurisdictionId=${city.id}&action=import.undo`)
  t.match(trail.body.items, [{ target: wrong.body.id, detail: { removed: 1, restored: 2, left: 2 } }])
  t.equal(trail.body.items.length, 1)
  for (const tag of ['B2', 'B3']) await h.call('DELETE', `/v1/devices/${ids.get(tag)}`, { key: city.key })
  t.same(await byMaker(), makersBefore, 'counts are those of before')
  const redone = await city.send('Asset Tag,Make,Model,Site\nA1,Axis,P1,Hall\n')
  t.match(redone.body.report.counts, { unchanged: 1, vanished: 2 }, 'the feed knows its devices again')
  t.equal((await undo('', await h.key('city-viewer', city.id))).status, 403)
  const other = await newCity()
  t.equal((await undo('', other.key)).status, 404, 'nothing of another city')
  h.setNow('2026-11-24T12:00:00Z')
})

t.test('an import as a job is undone as a job, and two that undo it do it once', async (t) => {
  const city = await newCity()
  const { body } = await city.send('Asset Tag,Make\nA1,Axis\nA2,Axis\n')
  const url = `/v1/imports/${body.id}/undo`
  const [one, two] = await Promise.all([
    h.call('POST', url, { key: city.key }),
    h.call('POST', url, { key: city.key }),
  ])
  t.same([one!.body.undone.removed, two!.body.undone.removed], [2, 2])
  t.same(one!.body, two!.body)
  t.same(await city.devices(), [])
  const next = await city.send('Asset Tag,Make\nA1,Axis\n')
  const job = await h.call('POST', `/v1/imports/${next.body.id}/undo`, {
    key: city.key,
    headers: { prefer: 'respond-async' },
  })
  t.match([job.status, job.body.kind], [202, 'import-undo'])
})

t.test('devices that may be one are listed with the reason, and merged with nothing lost', async (t) => {
  const city = await newCity()
  await city.send(
    'Asset Tag,Make,Model,Serial,MAC,Notes,Department\nA1,Axis,P3245,S1,00408c000001,,\na 1,Hikvision,DS-2CD2143G2-I,s1,00408c000001,from the invoice,Police\nA3,Axis,P3245,S3,00408c000003,,\nA4,Dahua,IPC,S3,,,\nA5,Pelco,X,S1,00408c000009,,\n',
    '?source=list',
  )
  const list = (query = '', key = city.key) => h.call('GET', `/v1/devices/duplicates${query}`, { key })
  const pairs = await list()
  t.match(pairs.body, {
    items: [
      { reasons: ['macAddress', 'serialNumber'], first: { assetTag: 'A1' }, other: { assetTag: 'a 1' } },
    ],
    nextCursor: null,
  })
  t.equal(pairs.body.items.length, 1, 'a number that two makers gave is no reason')
  const { first, other } = pairs.body.items[0]
  const merge = (id: string, body: object, headers = {}, key = city.key) =>
    h.call('POST', `/v1/devices/${id}/merge`, { key, body, headers })
  t.match(codesOf(await merge(first.id, { duplicateId: first.id })), [
    400,
    'invalid-request',
    'not-a-duplicate',
  ])
  t.match(codesOf(await merge(first.id, { duplicateId: '01a00000-0000-7000-8000-000000000001' })), [
    ...[400, 'invalid-request'],
  ])
  t.equal((await merge(first.id, { duplicateId: other.id }, { 'if-match': '"9"' })).status, 412)
  const stranger = await newCity()
  t.equal((await merge(first.id, { duplicateId: other.id }, {}, stranger.key)).status, 404)
  t.same((await list('', stranger.key)).body.items, [])
  const done = await merge(first.id, { duplicateId: other.id })
  t.equal(done.status, 200)
  t.match(done.body, { id: first.id, assetTag: 'A1', manufacturer: 'Axis', department: 'Police' })
  t.match(done.body.notes, /from the invoice/)
  t.match(done.body.notes, /Also listed with assetTag a 1; manufacturer Hikvision; model DS-2CD2143G2-I/)
  t.equal(done.body.headline.procure, 'review', 'another label is a doubt, and no doubt is lost')
  for (const [method, body] of [['GET'], ['PATCH', { notes: 'x' }], ['DELETE']] as const) {
    const gone = await h.call(method, `/v1/devices/${other.id}`, { key: city.key, ...(body ? { body } : {}) })
    t.match(codesOf(gone), [410, 'device-merged', 'device-merged'], method)
    t.match(gone.body.detail, first.id)
    t.equal(
      (await h.call(method, `/v1/devices/${other.id}`, { key: stranger.key, ...(body ? { body } : {}) }))
        .status,
      404,
    )
  }
  t.equal((await merge(other.id, { duplicateId: first.id })).status, 410)
  const history = await h.call('GET', `/v1/devices/${other.id}/history`, { key: city.key })
  t.match(history.body.items, [{ device: { manufacturer: 'Hikvision' }, validTo: /./ }])
  t.same((await list()).body.items, [])
  const again = await city.send('Asset Tag,Make,Department\nA 1,Hikvision,Police\n', '?source=list')
  t.match(
    again.body.report.counts,
    { created: 0, rejected: 0 },
    'a file that lists the duplicate finds the device',
  )
  t.equal((await city.devices()).length, 4)
})

t.test('of merges one into the other, undoing the first takes nothing back of a third device', async (t) => {
  const city = await newCity()
  const call = (method: string, path: string, body?: object) =>
    h.call(method, path, { key: city.key, ...(body === undefined ? {} : { body }) })
  const device = async (assetTag: string, model: string) =>
    (await call('POST', '/v1/devices', { assetTag, manufacturer: 'Axis', model })).body.id as string
  const [one, two, three] = [
    await device('N-1', 'P1'),
    await device('N-2', 'P2'),
    await device('N-3', 'WRONG'),
  ]
  await call('PATCH', `/v1/devices/${three}`, { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I' })
  t.equal((await call('POST', `/v1/devices/${one}/merge`, { duplicateId: two })).status, 200)
  t.equal((await call('POST', `/v1/devices/${three}/merge`, { duplicateId: one })).status, 200)
  const undone = await call('POST', `/v1/devices/${three}/merge/undo`, { duplicateId: two })
  t.match(undone.body, { restored: [], left: [{ what: 'fields', reason: /became part of/ }] })
  const { body } = await call('GET', `/v1/devices/${three}`)
  t.match(body, { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I' }, 'corrections of the third stand')
  t.equal((await call('GET', `/v1/devices/${two}`)).body.model, 'P2')
  t.equal((await call('POST', `/v1/devices/${three}/merge/undo`, { duplicateId: one })).status, 200)
  t.same((await city.devices()).map(({ model }) => model).sort(), ['DS-2CD2143G2-I', 'P1', 'P2'])
})

t.test('a merge is taken back: both devices are as they were, and what changed since is named', async (t) => {
  const city = await newCity()
  const stranger = await newCity()
  await city.send(
    'Asset Tag,Make,Model,Serial,Notes,Department,Site\nU-1,Axis,P3245,S1,,,City Hall\nU-2,Hikvision,DS-2CD2143G2-I,s1,from the invoice,Police,Depot\n',
    '?source=list',
  )
  const before = new Map((await city.devices()).map((device) => [device.assetTag, device]))
  const [one, two] = ['U-1', 'U-2'].map((tag) => ({ id: String(before.get(tag)!.id) })) as [
    { id: string },
    { id: string },
  ]
  const { key } = city
  const call = (method: string, path: string, body?: object, other = key) =>
    h.call(method, path, { key: other, ...(body === undefined ? {} : { body }) })
  const letter = await h.call('POST', `/v1/documents?device=${two.id}&name=letter.pdf`, {
    key,
    headers: { 'content-type': 'application/pdf' },
    body: Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n'),
  })
  t.equal(letter.status, 201)
  await call('POST', `/v1/devices/${two.id}/statements`, {
    maker: 'hikvision',
    basis: 'label-photo',
    by: 'A',
  })
  const whole = async (id: string) => {
    const { body } = await call('GET', `/v1/devices/${id}`)
    const { version, updatedAt, ...rest } = body
    return rest
  }
  const was = [await whole(one.id), await whole(two.id)]
  const merge = () => call('POST', `/v1/devices/${one.id}/merge`, { duplicateId: two.id })
  const undo = (other = key) =>
    call('POST', `/v1/devices/${one.id}/merge/undo`, { duplicateId: two.id }, other)
  t.equal((await undo()).status, 404, 'nothing was merged')
  t.equal((await merge()).status, 200)
  t.equal((await undo(stranger.key)).status, 404, 'another city sees nothing of it')
  t.same((await undo()).body, {
    id: one.id,
    duplicateId: two.id,
    restored: ['department', 'notes'],
    left: [],
  })
  t.same([await whole(one.id), await whole(two.id)], was, 'fields, answers and statements of both')
  const documents = await call('GET', `/v1/documents?device=${two.id}&kept=true`)
  t.match(documents.body.items, [{ id: letter.body.id }])
  t.equal((await undo()).status, 404, 'once')
  const history = await call('GET', `/v1/devices/${two.id}/history`)
  t.match(
    history.body.items.map((item: { device: { assetTag: string } }) => item.device.assetTag).includes('U-2'),
    true,
  )
  const again = await city.send('Asset Tag,Make,Department\nU-2,Hikvision,Police\n', '?source=list')
  t.match(again.body.report.counts, { created: 0, rejected: 0 }, 'files find it as before')

  t.equal((await merge()).status, 200)
  t.equal((await call('PATCH', `/v1/devices/${one.id}`, { department: 'Fire' })).status, 200)
  const partly = await undo()
  t.match(partly.body.left, [{ what: 'department', reason: /changed since/ }])
  t.match(await whole(one.id), { department: 'Fire', notes: null })
  t.match(await whole(two.id), { department: 'Police', assetTag: 'U-2' })

  t.equal((await merge()).status, 200)
  const taken = await call('POST', '/v1/devices', { assetTag: 'U-2', manufacturer: 'Bosch' })
  t.equal(taken.status, 201)
  t.match(codesOf(await undo()), [409, 'asset-tag-taken'])
  t.equal((await call('GET', `/v1/devices/${two.id}`)).status, 410, 'and nothing was done')
  const trail = await call('GET', '/v1/audit-events?action=device.unmerge')
  t.equal(trail.body.items.length, 2)
})

t.test('a merge makes no device cleaner than one of the two was', async (t) => {
  const city = await newCity()
  const make = async (body: object) =>
    (await h.call('POST', '/v1/devices', { key: city.key, body: { deviceClass: 'camera', ...body } })).body
  const axis = { manufacturer: 'Axis', model: 'P3245', macAddress: '00:40:8c:aa:bb:cc' }
  const duplicates: [what: string, body: object, code?: string][] = [
    ['address of Hikvision', { macAddress: '44:19:b6:aa:bb:cc' }],
    ['a label that Dahua made', { manufacturer: 'Honeywell', model: 'HQA60B2' }],
    ['a chip', { manufacturer: 'Axis', model: 'P3245', socMaker: 'hisilicon' }, 'contradicts'],
    ['a covered component', { manufacturer: 'Axis', coveredComponent: true }, 'contradicts'],
  ]
  for (const [what, body, code = 'would-clear'] of duplicates) {
    const kept = await make({ ...axis, socMaker: 'ambarella', coveredComponent: false })
    const other = await make(body)
    const refused = await h.call('POST', `/v1/devices/${kept.id}/merge`, {
      key: city.key,
      body: { duplicateId: other.id },
    })
    t.match(refused, { status: 400, body: { errors: [{ pointer: '/duplicateId', code }] } }, what)
    const there = await h.call('GET', `/v1/devices/${other.id}`, { key: city.key })
    t.match(there, { status: 200, body: { version: 1 } }, `${what}: nothing was done`)
  }
})

t.test('an undo names the devices of the import that are part of others by now', async (t) => {
  const city = await newCity()
  await city.send('Asset Tag,Manufacturer,Model\nM-1,Axis,P3245-LVE\n')
  const wrong = await city.send('Asset Tag,Manufacturer,Model\nM-2,Axis,P3245-LVE\nM-3,Axis,P3245-LVE\n')
  const byTag = new Map((await city.devices()).map((device) => [device.assetTag, String(device.id)]))
  const merged = await h.call('POST', `/v1/devices/${byTag.get('M-1')}/merge`, {
    key: city.key,
    body: { duplicateId: byTag.get('M-2') },
  })
  t.equal(merged.status, 200)
  const { body } = await h.call('POST', `/v1/imports/${wrong.body.id}/undo`, { key: city.key })
  t.match(body.undone, {
    removed: 1,
    left: { count: 1, devices: [{ id: byTag.get('M-2'), assetTag: 'M-2', reason: 'merged' }] },
  })
  t.same(
    (await city.devices()).map(({ assetTag }) => assetTag),
    ['M-1'],
  )
})

t.test(
  'files of the kinds that cities have come in whole, and nothing of them is taken for what it is not',
  async (t) => {
    const city = await newCity()
    const seen = async (file: string, query = '', type = 'text/csv') => {
      const { status, body } = await city.send(file, `?dryRun=true${query}`, type)
      return { status, code: body.type?.replace('/problems/', ''), detail: body.detail, report: body.report }
    }
    const two = await seen(
      'Asset Tag,Manufacturer,Model,Location\nC-1,Axis,P3245-LVE,Lobby\nC-2,Axis,P3245-LVE,Dock\n\nRECORDERS,,,\nAsset Tag,Manufacturer,Model,Channels\nR-1,Hikvision,DS-7616NI-K2,16\n',
    )
    t.match(two.report.counts, { created: 3, rejected: 0 })
    t.match(
      JSON.stringify(two.report),
      /heads this column \\"Channels\\"; it was not read/,
      'a number of channels is no place',
    )
    await city.send(
      'Asset Tag,Manufacturer,Model,Location\nC-1,Axis,P3245-LVE,Lobby\n\nAsset Tag,Manufacturer,Model,Channels\nR-1,Hikvision,DS-7616NI-K2,16\n',
    )
    const sites = (await h.call('GET', '/v1/sites', { key: city.key })).body.items
    t.same(
      sites.map(({ name }: { name: string }) => name),
      ['Lobby'],
    )

    const made = async (file: string, type?: string) => {
      const place = await newCity()
      const reply = await place.send(file, '', type)
      t.equal(reply.status, 201, reply.text.slice(0, 300))
      return place.devices()
    }
    const [ledger] = await made(
      'Fecha,Factura,Concepto,Importe\n2021-03-01,F-1,CAMARA DOMO HIKVISION DS-2CD2143G2-I,"234,50"\n2021-03-02,F-2,CAMARA BALA AXIS P1455-LE,"500,00"\n',
    )
    t.match(ledger, { identification: { maker: 'hikvision' } }, 'a ledger says in one text what was bought')
    t.match(
      await made(
        'OBJECTID,GlobalID,Manufacturer,Model\n1,{4F1C2A3B-0001-4000-8000-000000000001},Dahua,IPC-HFW2431S\n',
      ),
      [{ identification: { maker: 'dahua' } }],
      'the numbers of ArcGIS',
    )
    t.match(
      await made(
        'Neighbor Device ID,Platform,Local Interface\ncam-lobby,AXIS P3245-LVE,Gi1/0/1\ncam-dock,AXIS P1455-LE,Gi1/0/2\n',
      ),
      [
        { hostName: 'cam-lobby', identification: { maker: 'axis' } },
        { hostName: 'cam-dock', identification: { maker: 'axis' } },
      ],
      'neighbors of a switch',
    )
    t.match(
      await made('Node Name,Machine Type,IP Address\ncam-1,Hikvision DS-2CD2143G2-I,10.0.0.5\n'),
      [{ name: 'cam-1', identification: { maker: 'hikvision' } }],
      'nodes of SolarWinds',
    )
    const frigate = await made(
      'mqtt:\n  enabled: false\ngo2rtc:\n  streams:\n    yard:\n      - rtsp://admin:s3cretpw@10.0.0.8:554/live\ncameras:\n  door:\n    ffmpeg:\n      inputs:\n        - path: rtsp://admin:s3cretpw@10.0.0.7:554/cam/realmonitor?channel=1\n          roles: [detect]\n  yard:\n    ffmpeg:\n      inputs:\n        - path: rtsp://127.0.0.1:8554/yard\n',
      'application/yaml',
    )
    t.same(
      frigate.map(({ name, ipAddress }) => [name, ipAddress]).sort(),
      [
        ['door', '10.0.0.7'],
        ['yard', '10.0.0.8'],
      ],
      'cameras of Frigate, through its own restream too',
    )
    t.notMatch(JSON.stringify(frigate), /s3cretpw/, 'without their logins')
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from(
      { length: 8 },
      (_, i) =>
        `b${i}: &b${i} [${'*'
          .concat(i === 0 ? 'a' : `b${i - 1}`, ',')
          .repeat(9)
          .slice(0, -1)}]`,
    ).join('\n')}\ncameras:\n  x: *b7\n`
    t.match(await seen(bomb, '', 'application/yaml'), { status: 200, report: { counts: { created: 0 } } })
    t.match(
      await seen(
        'manufacturer: Axis\nmodel: P3245-LVE\nslug: axis-p3245-lve\nu_height: 0\n',
        '',
        'application/yaml',
      ),
      { status: 422, detail: /device type of NetBox/ },
    )
  },
)

t.test('every table that names devices is known to merging and undoing', async (t) => {
  const { rows } = (await h.asOwner(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name in ('device_id', 'device_ids', 'owner_id') order by 1`,
  )) as { rows: { name: string }[] }
  const known = [
    'device_history.device_id',
    ...HOLDERS.map(({ table }) => `${table}.device_id`),
    ...HOLDERS_OF_MANY.map(({ table }) => `${table}.device_ids`),
    ...HOLDERS_BY_KIND.map(({ table }) => `${table}.owner_id`),
  ]
  t.same(
    rows.map(({ name }) => name),
    known.sort(),
    'a new one needs a line in src/inventory/device-holders.ts',
  )
})

/* Two writers of one city, as two processes are on one PostgreSQL. The embedded database has one session. */

const oneWriter = process.env.TEST_DATABASE_URL === undefined && 'the embedded database has one writer'

/** Another session that has done something in the city and does not end before it is let go. */
async function holding(t: Test, id: string, work: (tx: Tx, jurisdictionId: string) => Promise<void>) {
  let letGo = () => {}
  let hasDone = () => {}
  const isLetGo = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const done = new Promise<void>((resolve) => {
    hasDone = resolve
  })
  const ended = h.database.inJurisdiction(id, async (tx) => {
    await work(tx, id)
    hasDone()
    await isLetGo
  })
  await Promise.race([done, ended])
  const release = async () => {
    letGo()
    await ended
  }
  t.teardown(release)
  return release
}

/** Whether work waits for a lock that another session holds, and what comes of it afterwards. */
async function whileHeld(t: Test, id: string, lock: typeof lockImports, work: () => Promise<Reply>) {
  const release = await holding(t, id, lock)
  let hasEnded = false
  const running = work().finally(() => {
    hasEnded = true
  })
  // Longer than it takes; nothing shows from outside that somebody waits.
  await pause(1_000)
  const waits = !hasEnded
  await release()
  return { reply: await running, waits }
}

t.test('with two writers of one city', { skip: oneWriter }, async (t) => {
  await t.test('an import waits for the one before it, and re-screening for both', async (t) => {
    const city = await newCity()
    const first = await whileHeld(t, city.id, lockImports, () => city.send('Tag,Make,Model\nW1,Axis,P3245\n'))
    t.ok(first.waits)
    t.match([first.reply.status, first.reply.body.report.counts.created], [201, 1])

    const rescreened = () => h.background.status().find(({ name }) => name === 'rescreen')!.lastDid
    const body = { federalContractor: true }
    t.equal((await h.call('PATCH', `/v1/jurisdictions/${city.id}`, { body })).status, 200)
    await h.background.settle()
    await h.asOwner(`update jurisdictions set version = version + 1 where id = '${city.id}'`)
    const release = await holding(t, city.id, lockImports)
    h.background.trigger('rescreen')
    await h.background.settle()
    t.equal(rescreened(), 0, 'whoever imports has the profiles')
    await release()
    h.background.trigger('rescreen')
    await h.background.settle()
    t.equal(rescreened(), 1, 'afterwards it is their turn')
  })

  await t.test('what a person changes while an import reads is not written over', async (t) => {
    const city = await newCity()
    t.equal((await city.send('Tag,Make,Model,Name\nP1,Axis,P3245,gate\nP2,Axis,P3245,yard\n')).status, 201)
    const release = await holding(t, city.id, async (tx) => {
      await tx.execute(sql`update devices set name = 'north gate', room = 'R 1', version = version + 1
        where jurisdiction_id = ${city.id}::uuid and asset_tag = 'P1'`)
    })
    const sending = city.send('Tag,Make,Model\nP1,Axis,M3045\nP2,Axis,P3245\n')
    // Longer than it takes to read the devices; nothing shows from outside that somebody waits.
    await pause(1_000)
    await release()
    const { report } = (await sending).body
    t.match(report.counts, { updated: 1, unchanged: 1, rejected: 0 })
    const { items } = (
      await h.call('GET', '/v1/devices?assetTag=P1&fields=name,room,model,version', { key: city.key })
    ).body
    t.match(items, [{ name: 'north gate', room: 'R 1', model: 'M3045', version: 3 }])
  })

  await t.test('an answer that somebody is about to point to is not tidied away', async (t) => {
    const { id } = await newCity()
    const answer = { id: uuidOf('an answer of no profile'), findings: '[]', outcomes: {}, rows: [] }
    const there = () =>
      h.database.inJurisdiction(id, async (tx) => {
        const { rowCount } = await tx.execute(sql`select 1 from answers where id = ${answer.id}::uuid`)
        return rowCount
      })
    const prune = () => h.database.inJurisdiction(id, (tx) => pruneAnswers(tx, id))
    await h.database.inJurisdiction(id, (tx) => ensureAnswers(tx, id, [answer]))
    const release = await holding(t, id, (tx) => ensureAnswers(tx, id, [answer]))
    await prune()
    t.equal(await there(), 1, 'held until the transaction ends')
    await release()
    await prune()
    t.equal(await there(), 0, 'nobody pointed to it')
  })

  await t.test('the same Idempotency-Key from two at the same moment makes one device', async (t) => {
    const city = await newCity()
    for (let round = 0; round < 5; round++) {
      const send = () =>
        h.call('POST', '/v1/devices', {
          key: city.key,
          body: { name: `twice ${round}`, manufacturer: 'Axis' },
          headers: { 'idempotency-key': `moment ${round}` },
        })
      const [one, other] = await Promise.all([send(), send()])
      t.same([one.status, other.status], [201, 201])
      t.equal(one.body.id, other.body.id)
    }
    t.equal((await city.devices()).length, 5)
  })

  await t.test('one writer of firmware facts at a time', async (t) => {
    const { id } = await newCity()
    const key = await h.key('city-editor', id)
    const license = {
      type: 'specific',
      number: 'GL-2W',
      authority: 'OFAC',
      regime: 'ofac-sdn',
      program: 'GLOMAG',
      activities: ['firmware-update'],
      entities: ['hikvision'],
      holder: { kind: 'party', id },
      window: { from: '2027-01-15', to: '2027-07-15', timezone: 'America/New_York' },
      citation: 'Hypothetical license of two writers',
    }
    const { reply, waits } = await whileHeld(t, id, lockFirmwareFacts, () =>
      h.call('POST', '/v1/licenses', { key, body: license }),
    )
    t.ok(waits)
    t.equal(reply.status, 201, reply.text)
  })
})

t.test(
  'the register leaves as CSV and as a workbook, and imported again neither changes anything',
  async (t) => {
    const city = await newCity()
    await city.send('Asset Tag,Make,Model,Site\nA1,Hikvision,DS-2CD2143G2-I,"Hall, ""old"" wing"\n')
    const [device] = (await city.devices()) as [{ id: string; siteId: string }]
    const whole = {
      ...{ serialNumber: '00123', name: '=1+1', macAddress: '44:19:B6:1A:20:31', fccId: '2ADTD' },
      ...{ externalId: '{A}', ipAddress: '10.0.0.1', hostName: 'cam-1', firmwareVersion: 'V5.7.3' },
      ...{
        deviceClass: 'camera',
        hasRadio: false,
        status: 'stored',
        purpose: 'traffic',
        enforcementUse: true,
      },
      ...{
        acquiredOn: '2019-06-06',
        obligatedOn: '2019-05-05',
        paidOn: '2019-07-07',
        installedOn: '2020-02-29',
      },
      ...{ producedOn: '2018-12-31', fundingSource: 'state-grant', federalPassThrough: true },
      ...{ acquisitionCostCents: 123_456, currency: 'USD', latitude: 39.96123, longitude: -83.00001 },
      ...{
        updateChannel: 'offline-media',
        networkExposure: 'isolated',
        paidSupport: false,
        fccSubsidy: true,
      },
      ...{ firmwareObtainedOn: '2021-01-01', producedIn: 'CN', consumerGrade: false, coveredComponent: true },
      ...{
        modelAuthorizedOn: '2017-01-02',
        socMaker: 'HiSilicon',
        supplier: 'Hikvision USA',
        invoice: 'I-1',
      },
      ...{
        purchaseOrder: '4455',
        warrantyUntil: '2027-06-30',
        usefulLifeYears: 8,
        room: 'IDF 2',
        rack: 'R1',
      },
      ...{
        recorder: 'NVR-1',
        recorderChannel: '4',
        department: 'Police',
        notes: 'one\nOEM Dahua <&> \u0007',
      },
    }
    const set = await h.call('PATCH', `/v1/devices/${device.id}`, { key: city.key, body: whole })
    t.equal(set.status, 200, set.text)
    await city.send('Asset Tag,Make,Model\nA2,Axis,P3245-LVE\n,LTS,CMIP1042W-28M\n', '?source=other')
    const before = await city.devices()
    const accept = (type: string) => ({ key: city.key, headers: { accept: type } })
    const csv = await h.call('GET', '/v1/devices', accept('text/csv'))
    t.match(csv.text, /siteName[\s\S]*"Hall, ""old"" wing"/)
    const same = { created: 0, updated: 0, rejected: 0 }
    t.match((await city.send(csv.text)).body.report, {
      profile: 'camledger-export',
      counts: { ...same, unchanged: 3 },
    })
    const book = await h.app.inject({
      url: '/v1/devices?status=stored&status=active',
      headers: { authorization: `Bearer ${city.key}`, accept: XLSX },
    })
    t.equal(book.headers['content-type'], XLSX)
    const again = await city.send(book.rawPayload, '', XLSX)
    t.equal(again.status, 201, JSON.stringify(again.body))
    t.match(again.body.report.counts, { ...same, unchanged: 3 })
    t.match(again.body.report.sheets, [
      { name: 'Devices', fate: 'read' },
      { name: 'Citations', fate: 'left-out', why: null },
    ])
    t.same(again.body.report.fileWarnings, [], 'nothing is amiss with a sheet of our own')
    t.same(await city.devices(), before)
    const sheets = new Map((await readWorkbook(book.rawPayload)).map(({ sheet, data }) => [sheet, data]))
    const [head, ...rows] = sheets.get('Devices')!
    const row = rows.find((cells) => cells[0] === 'A1')!
    const cell = (header: string) => row[head!.indexOf(header)]
    t.equal(cell('Site'), 'Hall, "old" wing')
    t.equal(cell('Return or export'), 'Needs a license')
    t.match(cell('Why'), /Return or export: needs a license \(/)
    t.equal(cell('Acquisition cost'), 1234.56)
    const citations = sheets.get('Citations')!
    t.ok(
      citations.some(
        ([rule, , citation]) =>
          /^grant-200-216/.test(String(rule)) && /2 CFR 200\.216/.test(String(citation)),
      ),
    )
    t.ok(citations.some(([what, asked]) => what === 'Asked for' && asked === 'status=stored, status=active'))
    const chosen = await h.call('GET', '/v1/devices?fields=name', accept(XLSX))
    t.match(codesOf(chosen), [400, 'invalid-request', 'not-allowed'])
  },
)

t.test('a file that was uploaded is looked at, tried and imported without being sent again', async (t) => {
  const [city, other] = [await newCity(), await newCity()]
  const text =
    'Tag,Make,Modelo,Web Login,Pole\nU-1,Axis,P3245,admin:pw,north\nU-2,Hikvision,DS-2CD2143G2-I,,\n'
  const upload = async (body: string, query = '', key = city.key) =>
    h.call('POST', `/v1/uploads${query}`, { key, body, headers: { 'content-type': 'text/csv' } })
  const sent = await upload(text, '?fileName=poles.csv')
  t.equal(sent.status, 201, JSON.stringify(sent.body))
  const { id } = sent.body
  t.match(sent.body, { fileName: 'poles.csv', bytes: text.length, digest: /^[0-9a-f]{64}$/ })

  const columns = await h.call('GET', `/v1/uploads/${id}/columns`, { key: city.key })
  t.equal(columns.status, 200, JSON.stringify(columns.body))
  const fates = columns.body.columns.map((one: Record<string, unknown>) => [one.header, one.fate, one.field])
  t.same(fates, [
    ['Tag', 'read', 'assetTag'],
    ['Make', 'read', 'manufacturer'],
    ['Modelo', 'read', 'model'],
    ['Web Login', 'login', null],
    ['Pole', 'left-out', null],
  ])
  t.notMatch(JSON.stringify(columns.body), /admin:pw/, 'what a login column holds is shown nowhere')
  t.ok(columns.body.unfilled.includes('acquiredOn'))

  const mapping = encodeURIComponent('{"notes":4}')
  const dry = await h.call('POST', `/v1/imports?uploadId=${id}&dryRun=true&mapping=${mapping}`, {
    key: city.key,
  })
  t.equal(dry.status, 200, JSON.stringify(dry.body))
  t.match(dry.body.report.counts, { created: 2 })
  const asked = await h.call('POST', `/v1/imports?uploadId=${id}&mapping=${mapping}`, {
    key: city.key,
    headers: { prefer: 'respond-async' },
  })
  t.equal(asked.status, 202, JSON.stringify(asked.body))
  let job = asked
  while (job.body.finishedAt === null) {
    await pause(20)
    job = await h.call('GET', asked.headers.location as string, { key: city.key })
  }
  t.equal(job.body.state, 'succeeded', JSON.stringify(job.body.problem))
  const made = await h.call('GET', job.body.result.location, { key: city.key })
  t.match(made.body, { fileName: 'poles.csv', digest: sent.body.digest, report: { counts: { created: 2 } } })
  t.match(await city.devices('&assetTag=U-1'), [{ notes: 'north' }])

  const both = await city.send('Tag\nX\n', `?uploadId=${id}`)
  t.equal(both.status, 400, 'a file or an upload, not both')
  for (const [method, url] of [
    ['GET', `/v1/uploads/${id}`],
    ['GET', `/v1/uploads/${id}/columns`],
    ['POST', `/v1/imports?uploadId=${id}&dryRun=true`],
    ['DELETE', `/v1/uploads/${id}`],
  ] as const)
    t.equal((await h.call(method, url, { key: other.key })).status, 404, `${method} ${url} of another city`)
  const reader = await h.key('city-viewer', city.id)
  t.equal((await h.call('GET', `/v1/uploads/${id}/columns`, { key: reader })).status, 403)
  const elsewhere = `/v1/imports?uploadId=${id}&dryRun=true&jurisdictionId=${other.id}`
  t.equal((await h.call('POST', elsewhere, { key: h.admin })).status, 404, 'not into another city')

  const unclear = await upload('Asset Tag,Manufacturer,OEM\nQ-1,Hanwha,Hikvision\n')
  const questions = await h.call('GET', `/v1/uploads/${unclear.body.id}/columns`, { key: city.key })
  t.match(codesOf(await h.call('POST', `/v1/imports?uploadId=${unclear.body.id}`, { key: city.key })), [422])
  t.equal(questions.status, 200, 'what refuses an import is a question here')
  t.same(
    questions.body.questions.map(({ code }: { code: string }) => code),
    ['ambiguous-mapping'],
  )

  const begun = h.now().toISOString()
  t.teardown(() => h.setNow(begun))
  h.setNow(new Date(Date.parse(begun) + 24 * 3_600_000).toISOString())
  t.equal((await h.call('GET', `/v1/uploads/${id}`, { key: city.key })).status, 404, 'a day later')
  h.background.trigger('maintenance')
  await h.background.settle()
  h.setNow(begun)
  t.equal((await h.call('GET', `/v1/uploads/${id}`, { key: city.key })).status, 404, 'it is gone, not hidden')
  const removed = await upload(text)
  t.equal((await h.call('DELETE', `/v1/uploads/${removed.body.id}`, { key: city.key })).status, 204)
  t.equal((await h.call('GET', `/v1/uploads/${removed.body.id}`, { key: city.key })).status, 404)
})
