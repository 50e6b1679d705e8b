import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import { parse as parseWithLibrary } from 'csv-parse/sync'
import t from 'tap'
import { type CellRules, parseDate, parseMac, readCell } from '../src/intake/cells.ts'
import type { ColumnField, DeviceField } from '../src/intake/fields.ts'
import { IntakeError } from '../src/intake/problem.ts'
import { recognizeProfile } from '../src/intake/profiles.ts'
import { rejectsCsv } from '../src/intake/rejects.ts'
import { type ReadOptions, type ReadRow, type ReadTable, readTable } from '../src/intake/rows.ts'
import { isSecretHeader, withoutLogins } from '../src/intake/secrets.ts'
import { loadProfiles } from '../src/intake/shipped-profiles.ts'
import { CsvScanner } from '../src/intake/table.ts'
import { csvLine, plainCell, safeCell } from '../src/lib/csv.ts'
import type { TableCost } from './support/odd-table-costs.ts'
import fc from './support/properties.ts'

const profiles = loadProfiles()
const root = fileURLToPath(new URL('.', import.meta.resolve('#root/package.json')))

type Options = Partial<ReadOptions>

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function open(content: string | Uint8Array, options: Options = {}, size = 65_536): Promise<ReadTable> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return readTable(inPieces(bytes, size), { profiles, ...options })
}

async function read(
  content: string | Uint8Array,
  options: Options = {},
  size = 65_536,
): Promise<{ table: ReadTable; rows: ReadRow[] }> {
  const table = await open(content, options, size)
  return { table, rows: await all(table.rows) }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) taken.push(item)
  return taken
}

/** Which column fills which field, as `field: header`. */
function mapped({ mapping }: ReadTable): Record<string, string> {
  return Object.fromEntries(
    mapping.fields.map(({ field, columns }) => [field, columns.map(({ header }) => header).join(' / ')]),
  )
}

async function refusal(content: string | Uint8Array, options: Options = {}): Promise<IntakeError> {
  try {
    await read(content, options)
  } catch (error) {
    if (error instanceof IntakeError) return error
    throw error
  }
  throw new Error('The file was read.')
}

const codes = (row: ReadRow | undefined): string[] =>
  (row?.errors ?? []).map(({ header, code }) => `${header}: ${code}`)
const warned = (row: ReadRow | undefined): string[] =>
  (row?.warnings ?? []).map(({ header, code }) => `${header}: ${code}`)

// ---- bytes

const NAMES = 'Asset Tag,Manufacturer,Site\n1,Müller,Café “Ämter”\n'

t.test('a file reads the same in every encoding a spreadsheet writes, in pieces of any size', async (t) => {
  const utf16be = Buffer.from(NAMES, 'utf16le').swap16()
  const cp1252 = Buffer.from(NAMES.replace('“', '\x93').replace('”', '\x94'), 'latin1')
  const files: [encoding: string, name: string, bytes: Buffer][] = [
    ['utf-8', 'UTF-8', Buffer.from(NAMES)],
    ['utf-8', 'UTF-8 with mark', Buffer.from(`\uFEFF${NAMES}`)],
    ['utf-16le', 'UTF-16 little endian', Buffer.from(NAMES, 'utf16le')],
    ['utf-16le', 'UTF-16 little endian with mark', Buffer.from(`\uFEFF${NAMES}`, 'utf16le')],
    ['utf-16be', 'UTF-16 big endian', utf16be],
    ['utf-16be', 'UTF-16 big endian with mark', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be])],
    ['windows-1252', 'Windows-1252', cp1252],
  ]
  for (const [encoding, name, bytes] of files) {
    for (const size of [1, 3]) {
      const { table, rows } = await read(bytes, {}, size)
      t.equal(table.encoding, encoding, name)
      t.same(
        rows[0]?.device,
        { assetTag: '1', manufacturer: 'Müller', siteName: 'Café “Ämter”' },
        `${name}, pieces of ${size}`,
      )
    }
  }
})

t.test('an accent far behind the beginning still decides the encoding', async (t) => {
  const long = `Asset Tag,Manufacturer\n${'1,Axis\n'.repeat(20_000)}`
  for (const [encoding, tail] of [
    ['windows-1252', Buffer.from('2,M\xFCller\n', 'latin1')],
    ['utf-8', Buffer.from('2,Müller\n')],
  ] as const) {
    const { table, rows } = await read(Buffer.concat([Buffer.from(long), tail]))
    t.equal(table.encoding, encoding)
    t.equal(rows.at(-1)?.device?.manufacturer, 'Müller')
  }
})

t.test('a charset the sender named is believed, and an unknown one refused', async (t) => {
  const { rows } = await read(Buffer.from('Asset Tag,Make\n1,M\xFCller\n', 'latin1'), {
    encoding: 'ISO-8859-1',
  })
  t.equal(rows[0]?.device?.manufacturer, 'Müller')
  t.equal((await refusal('a', { encoding: 'ebcdic' })).code, 'unknown-encoding')
})

t.test('a file that is not text is refused with what to do instead', async (t) => {
  const zeros = Buffer.alloc(500)
  const files: [name: string, bytes: Buffer, explanation: RegExp][] = [
    [
      'xlsx',
      Buffer.from('PK\x03\x04\x14\0\x06\0[Content_Types].xml', 'latin1'),
      /Excel workbook \(\.xlsx\).*CSV UTF-8/,
    ],
    [
      'ods',
      Buffer.from('PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet', 'latin1'),
      /OpenDocument.*CSV UTF-8/,
    ],
    ['zip', Buffer.from('PK\x03\x04\x14\0cameras.csv', 'latin1'), /ZIP archive.*Unpack/],
    ['xls', Buffer.from('\xD0\xCF\x11\xE0\xA1\xB1', 'latin1'), /\.xls.*CSV UTF-8/],
    ['pdf', Buffer.from('%PDF-1.7\n'), /PDF/],
    ['png', Buffer.from('\x89PNG\r\n', 'latin1'), /image/],
    ['gzip', Buffer.from('\x1F\x8B\x08', 'latin1'), /gzip/],
    ['zeros', zeros, /not text/],
    ['noise', Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919 + (i >> 3)) % 256)), /not text/],
  ]
  for (const [name, bytes, explanation] of files) {
    const error = await refusal(bytes)
    t.equal(error.code, 'not-text', name)
    t.match(error.message, explanation, name)
  }
  t.equal((await refusal('')).code, 'empty-file')
  t.equal((await refusal('\uFEFF \n\n')).code, 'empty-file')
  t.match(await refusal('<!DOCTYPE html><table>'), { code: 'not-a-table', message: /web page/ })
})

t.test('broken bytes are shown and reported, and a damaged tag is refused', async (t) => {
  const good = 'é'.repeat(3)
  const bytes = Buffer.concat([
    Buffer.from(`Asset Tag,Manufacturer,Notes\n1,${good},plain\n2,Ax`),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from('is,lone surrogate\n3'),
    Buffer.from([0xff]),
    Buffer.from(',Axis,bad tag\n4,Bosch,NUL \0 here\n5,Bosch,good\n'),
  ])
  const { table, rows } = await read(bytes)
  t.equal(table.encoding, 'utf-8')
  t.match(rows[1]?.device?.manufacturer, /^Ax\uFFFD+is$/)
  t.same(warned(rows[1]), ['Manufacturer: ill-formed-text'])
  t.same(codes(rows[2]), ['Asset Tag: ill-formed-text'])
  t.same(codes(rows[3]), ['Notes: nul-character'])
  t.same(rows[3]?.raw, ['4', 'Bosch', 'NUL \uFFFD here'], 'the row is kept in a form that can be stored')
  t.equal(rows[4]?.device?.notes, 'good')
  const ascii = await read(
    Buffer.concat([Buffer.from('Make,Notes\nAxis,x'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('y\n')]),
  )
  t.same(warned(ascii.rows[0]), ['Notes: ill-formed-text'], 'a lone surrogate alone is no Windows-1252')
})

t.test('on any bytes the reader answers, or refuses with an IntakeError', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 50 }),
      async (bytes, size) => {
        try {
          await read(bytes, {}, size)
        } catch (error) {
          if (!(error instanceof IntakeError)) throw error
        }
      },
    ),
    { numRuns: 300 },
  )
})

// ---- tables

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', ',', ';', '\n', '\r', '\t', ' ', '=', "'", '-', '@', 'a', '1'),
    maxLength: 8,
  }),
)
const anyRows = fc.array(fc.array(anyText, { minLength: 1, maxLength: 6 }), { maxLength: 12 })

function scan(text: string, size = text.length + 1): string[][] {
  const scanner = new CsvScanner(',')
  const records: string[][] = []
  for (let at = 0; at < text.length; at += size) {
    for (const { cells } of scanner.scan(text.slice(at, at + size), false)) records.push(cells as string[])
  }
  for (const { cells } of scanner.scan('', true)) records.push(cells as string[])
  return records
}

t.test(
  'any rows written as CSV are read back equal, in pieces of any size, and as the library reads them',
  async (t) => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 1, max: 20 }), (rows, size) => {
        const text = rows.map(csvLine).join('')
        t.same(scan(text, size), rows)
        const byLibrary = parseWithLibrary(text, { relax_column_count: true, record_delimiter: '\r\n' })
        t.same(
          byLibrary.map((cells) => cells.map(plainCell)),
          rows,
        )
      }),
      { numRuns: 500 },
    )
  },
)

t.test('no cell we write can start a formula, and each can be undone', async (t) => {
  for (const [text, safe] of [
    ['=HYPERLINK("http://x")', `'=HYPERLINK("http://x")`],
    ['+1 (512) 555-0100', "'+1 (512) 555-0100"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ["'=1", "''=1"],
    ['-97.73', '-97.73'],
    ['-97.73.1', "'-97.73.1"],
    ["O'Hara", "O'Hara"],
    ["'quoted'", "'quoted'"],
  ] as const) {
    t.equal(safeCell(text), safe)
    t.equal(plainCell(safe), text)
  }
  fc.assert(
    fc.property(
      anyText,
      (text) =>
        plainCell(safeCell(text)) === text &&
        (/^[^=+\-@\t\r\n]|^$/.test(safeCell(text)) || Number.isFinite(Number(text))),
    ),
    { numRuns: 1000 },
  )
})

t.test('delimiters are told apart, also with decimal commas and an Excel separator line', async (t) => {
  const files: [delimiter: string, content: string][] = [
    [',', 'Asset Tag,Make,Notes\n1,Axis,"a; b; c"\n2,Axis,d\n'],
    [';', 'Asset Tag;Make;Cost\n1;Axis;1,50\n2;Axis;2,75\n'],
    [';', 'Asset Tag;Make\n1;a, b, c, d\n2;a, b, c, d\n3;a, b, c, d\n'],
    ['\t', 'Asset Tag\tMake\n1\tAxis\n'],
    ['|', 'Asset Tag|Make\n1|Axis\n'],
    [';', 'sep=;\nAsset Tag;Make\n1;Axis\n'],
    [',', 'Make\nAxis\n'],
  ]
  for (const [delimiter, content] of files) {
    const { table, rows } = await read(content)
    t.equal(table.delimiter, delimiter, content)
    t.ok(rows.length > 0 && rows.every((row) => row.device !== null), content)
  }
  const german = await read('Asset Tag;Make;Cost\n1;Axis;"1.234,50 €"\n')
  t.match(german.rows[0]?.device, { acquisitionCostCents: 123_450, currency: 'EUR' })
})

t.test(
  'titles above the header and blank rows are passed over, and rows keep their spreadsheet numbers',
  async (t) => {
    const { table, rows } = await read(
      'Cameras of Riverbend,,\nprinted 2025-01-31,,\n,,\nAsset Tag,Make,Notes\n1,Axis,"two\nlines"\n,,\n\n2,Bosch,x\nAsset Tag,Make,Notes\n3,Sony\n',
    )
    t.same(
      rows.map(({ row, device }) => [row, device?.assetTag]),
      [
        [5, '1'],
        [8, '2'],
        [10, '3'],
      ],
    )
    t.equal(rows[0]?.device?.notes, 'two\nlines')
    t.equal(rows[2]?.device?.notes, null, 'a short row is padded')
    t.match(table.counts, { rows: 6, accepted: 3, rejected: 0, blank: 2, leftOut: 1 })
    t.match(table.leftOut, [
      { row: 1, kind: 'title', text: 'Cameras of Riverbend' },
      { row: 2, kind: 'title' },
      { row: 9, kind: 'repeated-header' },
    ])
    t.equal(table.headerRow, 4)
    t.equal(
      (await refusal('1,Axis,x\n2,Axis,x\nCamera,Vendor,Notes\n')).code,
      'no-header',
      'data above is not lost',
    )
  },
)

t.test('line ends of every system are read', async (t) => {
  for (const end of ['\n', '\r\n', '\r']) {
    const { rows } = await read(['Asset Tag,Make', '1,Axis', '2,"Bosch"', ''].join(end))
    t.same(
      rows.map(({ device }) => device?.manufacturer),
      ['Axis', 'Bosch'],
      JSON.stringify(end),
    )
  }
})

t.test('a broken row is one bad row with its place, and no other row is lost', async (t) => {
  const head = 'Asset Tag,Make,Notes\n'
  const files: [what: string, body: string, expected: [row: number, outcome: string][]][] = [
    [
      'quote open to the end',
      '1,Axis,a\n2,"Bosch,b\n3,Sony,c\n4,Pelco,d\n',
      [
        [2, '1'],
        [3, 'unclosed-quote'],
        [4, '3'],
        [5, '4'],
      ],
    ],
    [
      'quote closed by a later cell',
      '1,"Axis,a\n2,Bosch,"b"\n3,Sony,c\n',
      [
        [2, 'unclosed-quote'],
        [3, '2'],
        [4, '3'],
      ],
    ],
    [
      'quote closed where a cell ends',
      '1,"Axis,a\n2,Bosch,b",c,d,e\n3,Sony,c\n',
      [
        [2, 'unclosed-quote'],
        [3, 'too-many-cells'],
        [4, '3'],
      ],
    ],
    [
      'a piece of a broken cell',
      '1,Axis,"first line\nsecond line\n2,Bosch,b\n',
      [
        [2, 'unclosed-quote'],
        [3, 'too-few-cells'],
        [4, '2'],
      ],
    ],
    [
      'text after a quote',
      '1,"Axis" P3245,a\n2,Bosch,b\n',
      [
        [2, 'text-after-quote'],
        [3, '2'],
      ],
    ],
    ['inches in a plain cell', '1,Axis,8" dome\n', [[2, '1']]],
    [
      'too many cells',
      '1,Axis,a,b\n2,Bosch,b,,\n',
      [
        [2, 'too-many-cells'],
        [3, '2'],
      ],
    ],
    ['space after a quote', '1,"Axis" ,a\n', [[2, '1']]],
  ]
  for (const [what, body, expected] of files) {
    for (const size of [1, 7, 65_536]) {
      const { rows } = await read(head + body, {}, size)
      t.same(
        rows.map(({ row, device, errors }) => [row, device?.assetTag ?? errors[0]?.code]),
        expected,
        `${what}, pieces of ${size}`,
      )
    }
  }
})

t.test('a cell or line beyond all measure is rejected and passed over in fixed memory', async (t) => {
  const long = 'x'.repeat(40_000)
  const endless = 'y'.repeat(1_500_000)
  const body = `Asset Tag,Make,Other\n1,Axis,${long}\n2,Bosch,${endless}\n3,Sony,"${endless}\n4,Pelco,ok\n`
  const { table, rows } = await read(body)
  t.same(
    rows.map(({ device, errors }) => device?.assetTag ?? errors[0]?.code),
    ['too-long', 'row-too-long', 'row-too-long', '4'],
  )
  t.ok(rows[1]!.raw.join('').length <= 1000)
  t.match(table.counts, { rows: 4, accepted: 1, rejected: 3, blank: 0 })
  const swallowed = await read(
    `Asset Tag,Make,Other\n1,"Axis\n${`2,Bosch,${'x'.repeat(90)}\n`.repeat(12_000)}`,
  )
  t.equal(swallowed.table.counts.accepted, 12_000, 'a quote that is never closed costs its own row only')
})

t.test('two hundred columns are read and more than five hundred refused', async (t) => {
  const wide = (n: number) =>
    ['Asset Tag', 'Make', ...Array.from({ length: n - 2 }, (_, i) => `Extra ${i}`)].join(',')
  const { table, rows } = await read(`${wide(200)}\n1,Axis\n`)
  t.equal(table.mapping.ignored.length, 198)
  t.same(rows[0]?.device, { assetTag: '1', manufacturer: 'Axis' })
  t.match(await refusal(`${wide(501)}\n1,Axis\n`), {
    code: 'too-many-columns',
    details: { found: 501, most: 500 },
  })
})

t.test('rows read are rows accepted, rejected and blank, whatever the file holds', async (t) => {
  const cell = fc.oneof(anyText, fc.constantFrom('', '1', '2024-02-30', '44:19:B6:00:00:01', '"', 'Axis'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 20 }),
      fc.boolean(),
      async (rows, isWritten) => {
        const body = isWritten ? rows.map(csvLine).join('') : rows.map((cells) => cells.join(',')).join('\n')
        const { table, rows: out } = await read(`Asset Tag,Make,MAC,Installed\n${body}`, { delimiter: ',' })
        const { counts } = table
        t.equal(counts.rows, counts.accepted + counts.rejected + counts.blank + counts.leftOut)
        t.equal(out.length, counts.accepted + counts.rejected)
        t.ok(out.every(({ device, errors }) => (device === null) === errors.length > 0))
      },
    ),
    { numRuns: 300 },
  )
})

t.test('the same file in other pieces gives the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', ' ', '1'), maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      async (body, size) => {
        const content = `Asset Tag,Make\n${body}`
        return isDeepStrictEqual((await read(content, {}, size)).rows, (await read(content)).rows)
      },
    ),
    { numRuns: 300 },
  )
})

t.test('a file is read as it is asked for', async (t) => {
  let pulled = 0
  async function* source() {
    yield Buffer.from('Asset Tag,Make\n')
    for (; pulled < 50; pulled++) yield Buffer.from('12,Axis\n'.repeat(10_000))
  }
  const table = await readTable(source(), { profiles })
  await table.rows.next()
  t.ok(pulled <= 2, `${pulled} pieces were read for the first row`)
  await table.rows.return()
})

t.test('100 MB are read in a heap of 24 MB', async (t) => {
  // In a thread of its own: the limit is real there, and tap's hooks on promises do not hold on to the rows.
  const worker = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads')
    const chunk = Buffer.from(('12,Axis,P3245,' + 'filler '.repeat(30) + '\\n').repeat(250))
    async function* source() {
      yield Buffer.from('Asset Tag,Make,Model,Filler\\n')
      for (let bytes = 0; bytes < 100e6; bytes += chunk.length) yield chunk
    }
    import(workerData).then(async ({ readTable }) => {
      const table = await readTable(source(), { profiles: [] })
      for await (const row of table.rows) if (row.device === null) throw new Error(row.errors[0].message)
      parentPort.postMessage(table.counts)
    })`,
    {
      eval: true,
      workerData: new URL('../src/intake/rows.js', import.meta.url).href,
      resourceLimits: { maxOldGenerationSizeMb: 24 },
    },
  )
  const [counts] = await once(worker, 'message')
  t.ok(counts.rows > 440_000)
  t.match(counts, { rows: counts.rows, accepted: counts.rows, rejected: 0, blank: 0 })
})

t.test('the source is closed when reading stops early or the file is refused', async (t) => {
  let closed = 0
  async function* source(head: string) {
    try {
      yield Buffer.from(head)
      for (;;) yield Buffer.from('1,Axis\n'.repeat(10_000))
    } finally {
      closed++
    }
  }
  const table = await readTable(source('Asset Tag,Make\n'), { profiles })
  await table.rows.next()
  await table.rows.return()
  t.equal(closed, 1)
  await t.rejects(readTable(source('Nothing,Here\n'), { profiles }), { code: 'no-usable-column' })
  t.equal(closed, 2)
  await t.rejects(readTable(source('PK\x03\x04'), { profiles }), { code: 'not-text' })
  t.equal(closed, 3)
  await (await readTable(source('Asset Tag,Make\n'), { profiles })).close()
  t.equal(closed, 4)
})

// ---- mapping

t.test('columns find their fields by their words', async (t) => {
  const { table } = await read(
    'Cam #,Make,MODEL NO.,S/N,Mac_Addr,Date Installed,Purchase Price (USD),Facility,Lat,Long,Council District\n1,Axis,P1,s,,,,City Hall,,,4\n',
  )
  t.same(mapped(table), {
    assetTag: 'Cam #',
    manufacturer: 'Make',
    model: 'MODEL NO.',
    serialNumber: 'S/N',
    macAddress: 'Mac_Addr',
    installedOn: 'Date Installed',
    acquisitionCostCents: 'Purchase Price (USD)',
    siteName: 'Facility',
    latitude: 'Lat',
    longitude: 'Long',
  })
  t.same(table.mapping.ignored, [{ index: 10, header: 'Council District' }])
  const other = await read('Inv. No.,Mfr.,Part No,HW address,Put in service,Paid by,Where\n1,Axis,P1,,,,\n')
  t.same(mapped(other.table), {
    assetTag: 'Inv. No.',
    manufacturer: 'Mfr.',
    model: 'Part No',
    macAddress: 'HW address',
    installedOn: 'Put in service',
    fundingSource: 'Paid by',
    siteName: 'Where',
  })
})

t.test(
  'the facts that the law asks for have a column, and countries are read by name and code',
  async (t) => {
    const { table, rows } = await read(
      'Asset Tag,Country of Origin,E-Rate,Consumer Grade,FCC Grant Date\n' +
        '1,Viet Nam,yes,no,2019-02-03\n2,USA,no,,\n3,cn,,,\n4,People\u2019s Republic of China,,,\n5,Atlantis,,,\n6,N/A,,,\n',
    )
    t.same(mapped(table), {
      assetTag: 'Asset Tag',
      producedIn: 'Country of Origin',
      fccSubsidy: 'E-Rate',
      consumerGrade: 'Consumer Grade',
      modelAuthorizedOn: 'FCC Grant Date',
    })
    t.match(rows[0]?.device, {
      ...{ producedIn: 'VN', fccSubsidy: true, consumerGrade: false, modelAuthorizedOn: '2019-02-03' },
    })
    t.same(
      rows.map((row) => row.device?.producedIn),
      ['VN', 'US', 'CN', 'CN', null, null],
    )
    t.same(
      rows.flatMap((row) => row.warnings.map(({ code }) => code)),
      ['not-a-country'],
      'a word that is no country is said aloud and the device stays',
    )
  },
)

t.test('an amount in thousands is not read as one in dollars', async (t) => {
  for (const header of ['Cost (thousands)', 'Cost ($000)', 'Price (in K)'])
    t.same((await read(`Asset Tag,${header}\n1,0.5\n`)).table.mapping.ignored, [{ index: 1, header }])
  t.match(mapped((await read('Asset Tag,Cost (USD)\n1,5\n')).table), { acquisitionCostCents: 'Cost (USD)' })
})

t.test('who really made it is never a column that nobody reads', async (t) => {
  t.match(await refusal('Asset Tag,Manufacturer,OEM\n1,Hanwha,Hikvision\n'), { code: 'ambiguous-mapping' })
  const { rows } = await read('Asset Tag,OEM\n1,Hikvision\n')
  t.equal(rows[0]?.device?.manufacturer, 'Hikvision')
})

t.test('the totals at the foot of a sheet are no device, and a device called so is one', async (t) => {
  const { table, rows } = await read(
    'Asset Tag,Make,Model,Cost\n1,Axis,P1,5\nTotal,,,5\nGRAND TOTAL:,,17,5\n,,Total cameras,1\n"Total: 41 cameras",,,\nTotal,Axis,P1,5\nTotally,,P1,\n',
  )
  t.same(
    rows.map(({ row }) => row),
    [2, 7, 8],
  )
  t.same(
    table.leftOut.map(({ row, kind }) => [row, kind]),
    [3, 4, 5, 6].map((row) => [row, 'totals']),
  )
  t.match(table.counts, { rows: 7, accepted: 3, rejected: 0, blank: 0, leftOut: 4 })
})

t.test('a column is known as a position by its cells, not by its name', async (t) => {
  const byName = await read('Asset Tag,Location\n1,City Hall\n')
  t.equal(mapped(byName.table).siteName, 'Location')
  const byCells = await read(
    'Asset Tag,Location,Address\n1,POINT (-97.6 30.18),1 Main St\n2,"(30.26, -97.73)",2 Main St\n',
  )
  t.match(mapped(byCells.table), { coordinates: 'Location', siteName: 'Address' })
  t.match(byCells.rows[0]?.device, { latitude: 30.18, longitude: -97.6 })
  t.match(byCells.rows[1]?.device, { latitude: 30.26, longitude: -97.73 })
})

t.test('what could be read two ways is asked, not guessed', async (t) => {
  const both = 'Asset Tag,Camera Model,Device Model\n1,Dome Cam,DS-2CD2143\n'
  t.match(await refusal(both), {
    code: 'ambiguous-mapping',
    message: /"Camera Model" and "Device Model" could each be model/,
    details: { field: 'model', candidates: [{ index: 1 }, { index: 2 }] },
  })
  t.equal((await read(both, { mapping: { model: 'Device Model' } })).rows[0]?.device?.model, 'DS-2CD2143')
  t.equal(
    (await read('Asset Tag,Model,Model Number\n1,,DS-2\n')).rows[0]?.device?.model,
    'DS-2',
    'an empty column is no candidate',
  )
  t.match(await refusal('Asset Tag,Type\n1,Falcon\n'), {
    code: 'ambiguous-mapping',
    details: { candidates: ['model', 'deviceClass'] },
  })
  t.equal((await read('Asset Tag,Type\n1,PTZ\n2,NVR\n')).rows[1]?.device?.deviceClass, 'recorder')
})

t.test('columns with the same header are used by position, or when only one has data', async (t) => {
  t.match(await refusal('Asset Tag,Make,Make\n1,Axis,Bosch\n'), {
    code: 'duplicate-column',
    message: /number 2 and 3/,
  })
  const byPosition = await read('Asset Tag,Make,Make\n1,Axis,Bosch\n', { mapping: { manufacturer: 2 } })
  t.equal(byPosition.rows[0]?.device?.manufacturer, 'Bosch')
  const oneEmpty = await read('Asset Tag,Make,Make\n1,,Bosch\n')
  t.equal(oneEmpty.rows[0]?.device?.manufacturer, 'Bosch')
  const late = await read(`Asset Tag,Make,Make\n${'1,Axis,\n'.repeat(20_000)}2,Axis,Bosch\n`)
  t.same(
    codes(late.rows.at(-1)),
    ['Make: conflicting-values'],
    'a difference further down is an error of its row',
  )
  t.equal(
    (await read('Asset Tag,Notes,Make,Area,Area\n1,x,Axis,a,b\n')).rows.length,
    1,
    'nobody reads the duplicates',
  )
})

t.test('a header of 32,000 characters is repeated in no answer', async (t) => {
  const columns = Array.from({ length: 26 }, (_, i) => `${'z'.repeat(32_000)}${i}`)
  const { details } = await refusal(`${columns.join(',')}\n${columns.map(() => 'x').join(',')}\n`)
  const { headers } = details as { headers: string[] }
  t.same([...new Set(headers.map(({ length }) => length))], [255])
})

t.test('a stated mapping wins, names columns or positions, and can leave a field out', async (t) => {
  const content = 'A,B,C,Status\n1,Axis,P1,Weird\n'
  const { table, rows } = await read(content, {
    mapping: { assetTag: 'A', manufacturer: 1, model: 'c', status: null },
  })
  t.same(rows[0]?.device, { assetTag: '1', manufacturer: 'Axis', model: 'P1' })
  t.equal(table.mapping.fields[0]?.how, 'stated')
  t.match(await refusal(content, { mapping: { model: 'D' } }), {
    code: 'unknown-column',
    details: { headers: ['A', 'B', 'C', 'Status'] },
  })
  t.equal((await refusal(content, { mapping: { model: 9 } })).code, 'unknown-column')
  t.equal((await refusal(content, { mapping: { colour: 'A' } as never })).code, 'unknown-field')
  t.equal((await refusal(content)).code, 'no-usable-column')
})

t.test('a file without header is noticed, and read when one says so', async (t) => {
  const content = '1,44:19:B6:00:00:01,8\n2,44:19:B6:00:00:03,9\n'
  t.equal((await refusal(content)).code, 'no-header')
  const { rows } = await read(content, { hasHeader: false, mapping: { assetTag: 0, macAddress: 1 } })
  t.same(
    rows.map(({ row, device }) => [row, device?.macAddress]),
    [
      [1, '44:19:B6:00:00:01'],
      [2, '44:19:B6:00:00:03'],
    ],
  )
  const byProfile = await read(content, { profile: 'idis-nvr' })
  t.equal(byProfile.rows[1]?.device?.assetTag, '2')
  t.equal((await refusal(content, { profile: 'nobody' })).code, 'unknown-profile')
})

t.test('defaults fill blank and absent cells, not cells that could not be read', async (t) => {
  const { rows } = await read('Asset Tag,Use\n1,\n2,Police\n3,Weird\n', {
    defaults: { purpose: 'traffic', deviceClass: 'camera' },
  })
  t.same(
    rows.map(({ device }) => device?.purpose),
    ['traffic', 'public-safety', null],
  )
  t.same(
    rows.map(({ device }) => device?.deviceClass),
    ['camera', 'camera', 'camera'],
  )
  t.match(await refusal('Asset Tag\n1\n', { defaults: { purpose: 'spying' } }), { code: 'bad-default' })
  t.match(await refusal('Asset Tag\n1\n', { defaults: { colour: 'red' } as never }), {
    code: 'unknown-field',
  })
})

// ---- profiles

t.test('every profile is recognized by its own header row, and says where that is known from', async (t) => {
  for (const profile of profiles) {
    t.ok(profile.source && profile.evidence && profile.asOf && profile.title, profile.id)
    if (profile.requires.length > 0) t.equal(recognizeProfile(profiles, profile.requires)?.id, profile.id)
  }
  t.equal(recognizeProfile(profiles, ['Name', 'Model', 'Serial']), null)
})

t.test('both shapes of the Austin file read unaltered, by profile and by their words', async (t) => {
  for (const name of ['austin-2018.csv', 'austin-2025.csv']) {
    const content = readFileSync(`${root}test/fixtures/${name}`)
    for (const profile of [undefined, null]) {
      const { table, rows } = await read(content, { profile })
      t.equal(table.profile?.id, profile === null ? undefined : 'austin-traffic-cameras')
      t.match(table.counts, { rows: 12, accepted: 12, rejected: 0, blank: 0 }, name)
      t.match(mapped(table), {
        assetTag: 'Camera ID',
        manufacturer: 'Camera Manufacturer',
        status: 'Camera Status',
        installedOn: 'Turn on Date',
        siteName: 'Location Name',
      })
      t.match(rows[1]?.device, {
        assetTag: '901',
        siteName: 'BIRCH AVE / CEDAR LN',
        status: 'active',
        installedOn: '2017-02-14',
        manufacturer: name.includes('2018') ? 'Spectra Enhanced' : 'Wisenet',
        purpose: profile === null ? undefined : 'traffic',
      })
      t.ok(
        rows.every(
          ({ device }) => Math.floor(device!.latitude!) === 30 && Math.ceil(device!.longitude!) === -97,
        ),
        'in Texas',
      )
      t.same(rows.map(({ device }) => device?.status).slice(2, 6), [
        'planned',
        'decommissioned',
        'active',
        'decommissioned',
      ])
      if (name.includes('2025'))
        t.same(
          rows.slice(0, 4).map(({ device }) => device?.fundingSource),
          [null, 'local', 'local', null],
        )
    }
  }
})

t.test('exports of other programs read as their profiles say', async (t) => {
  const files: [profile: string, content: string | Buffer, device: object][] = [
    [
      'netbox-export',
      '\uFEFFName,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,IP Address,MAC Address\ncam1,Offline,Police,HQ,,,IP Camera,Hikvision,DS-2CD2143,10.0.0.4,4419b6000001\n',
      {
        name: 'cam1',
        model: 'DS-2CD2143',
        deviceClass: 'camera',
        status: 'active',
        siteName: 'HQ',
        ipAddress: '10.0.0.4',
        macAddress: '44:19:B6:00:00:01',
      },
    ],
    [
      'netbox-import',
      'name,role,manufacturer,device_type,serial,asset_tag,status,site\ncam1,camera,Axis,P3245,s1,a1,staged,hq\n',
      { assetTag: 'a1', model: 'P3245', status: 'planned' },
    ],
    [
      'snipe-it',
      'Company,Name,Asset Tag,Category,Supplier,Manufacturer,Location,Model,Model Number,Purchase Date,Purchase Cost,Checkout Type,Checked Out To: Username\n,Cam,7,Cameras,x,LTS,Hall,LTS Turret,,1/23/23,"1,200.00",user,jdoe\n',
      { assetTag: '7', model: 'LTS Turret', acquiredOn: '2023-01-23', acquisitionCostCents: 120_000 },
    ],
    [
      'snipe-it-report',
      'Asset Name,Asset Tag,Model,Model No.,Category,Manufacturer,Serial,Purchased,Cost,Location,Address,Address,City,Address,City,Type,Username,Status\nCam,7,Turret,CMIP1042,Camera,LTS,s,2023-01-02,10,Hall,a,b,c,d,e,user,jdoe,Ready to Deploy\n',
      { model: 'CMIP1042', siteName: 'Hall', status: 'stored' },
    ],
    [
      'sadp',
      'Index,Device Type,Status,IPv4 Address,Port,Software Version,IPv4 Gateway,HTTP Port,Device Serial Number,Subnet Mask,MAC Address\n1,DS-2CD2143G2-I,Active,10.0.0.5,8000,V5.7.3,10.0.0.1,80,DS-2CD2143G2-I20210101AAWR,255.0.0.0,44-19-b6-00-00-05\n',
      { model: 'DS-2CD2143G2-I', manufacturer: undefined, status: undefined, firmwareVersion: 'V5.7.3' },
    ],
    [
      'onvif',
      '{"Manufacturer":"LTS","Model":"CMIP1042","FirmwareVersion":"V5.5","SerialNumber":"s9","HardwareId":"88"}\n',
      { manufacturer: 'LTS', serialNumber: 's9' },
    ],
    [
      'siqura-sdm2',
      'IPAddress;Port;Username;Password;ForcedOffline;Name;ModelName;ProductType;SerialNumber;MacAddress;Status\n10.0.0.7;80;admin;hunter2;0;Gate;BC820;Camera;s1;00:11:22:33:44:54;Online\n',
      { name: 'Gate', model: 'BC820', status: undefined },
    ],
  ]
  for (const [profile, content, device] of files) {
    const { table, rows } = await read(content)
    t.equal(table.profile?.id, profile)
    t.match(rows[0]?.device ?? rows[0]?.errors, device, profile)
    t.notMatch(JSON.stringify([table, rows]), /hunter2|jdoe/)
  }
  t.match(
    await refusal('HardwareAddress,HardwareUsername,HardwarePassword,HardwareDriverID\n10.0.0.1,a,b,1\n'),
    {
      code: 'declined-format',
      message: /camera report/,
    },
  )
})

// ---- secrets

t.test('columns of credentials are known by their names', async (t) => {
  for (const header of [
    'Password',
    'UserName',
    'HardwarePassword',
    'ONVIF_Username',
    'PWD',
    'Web Login',
    'User',
    'API key',
    'snmp community string',
    'Token',
  ]) {
    t.ok(isSecretHeader(header), header)
  }
  for (const header of [
    'PW Dept',
    'Manufacturer',
    'Users served',
    'Pass-through',
    'Authority',
    'Spin',
    'Community',
  ]) {
    t.equal(isSecretHeader(header), header === 'Community', header)
  }
})

t.test('logins are cut out of addresses and everything else is kept to the letter', async (t) => {
  for (const [text, clean] of [
    [
      'rtsp://admin:hunter2@10.0.0.9:554/Streaming/Channels/101',
      'rtsp://10.0.0.9:554/Streaming/Channels/101',
    ],
    ['rtsp://admin:hun/ter2@10.0.0.9/1', 'rtsp://10.0.0.9/1'],
    ['rtsp://admin:hunter@2@10.0.0.9/1', 'rtsp://10.0.0.9/1'],
    ['http://admin:12/34@cam9/snap', 'http://cam9/snap'],
    [
      'see http://viewer@cam.example.org/a and https://x.example.org/b',
      'see http://cam.example.org/a and https://x.example.org/b',
    ],
    ['http://10.0.0.9/snap.cgi?user=admin&pwd=hunter2&ch=1', 'http://10.0.0.9/snap.cgi?user=&pwd=&ch=1'],
    ['admin:hunter2@10.0.0.9', '10.0.0.9'],
    ['http://cam.example.org:8080/a@b', 'http://cam.example.org:8080/a@b'],
    ['mail bob@city.example.org, tel: 5', 'mail bob@city.example.org, tel: 5'],
    ['=A1+B2', '=A1+B2'],
  ] as const) {
    t.equal(withoutLogins(text), clean)
  }
})

t.test('no credential leaves the reader, in values, raw cells, messages or rejects', async (t) => {
  const content = [
    'Asset Tag,Make,Installed,Password,Notes,User Name',
    '1,Axis,2020-01-01,hunter2,rtsp://root:hunter2@10.0.0.1/a,root-user',
    '2,Axis,31/02/2024,hunter2,http://10.0.0.1/?password=hunter2,root-user',
    '3,Axis,rtsp://x:hunter2@h,hunter2,,root-user',
    '4,"Axis,2020-01-01,hunter2,,root-user',
  ].join('\n')
  const { table, rows } = await read(content)
  t.same(
    table.mapping.secret.map(({ header }) => header),
    ['Password', 'User Name'],
  )
  const rejects = (
    await all(
      rejectsCsv(
        table.header,
        rows.filter(({ device }) => device === null),
      ),
    )
  ).join('')
  t.equal(rows[0]?.device?.notes, 'rtsp://10.0.0.1/a')
  t.same(
    rows.map(({ device }) => device !== null),
    [true, true, true, false],
  )
  t.notMatch(JSON.stringify([table, rows, rejects]), /hunter2|root-user/)
  t.equal((await refusal(content, { mapping: { notes: 'Password' } })).code, 'secret-column')
})

// ---- cells

const US: CellRules = { dateOrder: 'mdy', words: null, isCents: false }

/** The value, or why there is none. */
function cell(field: ColumnField, text: string, rules: CellRules = US): unknown {
  const { value, error, warning } = readCell(field, text, rules)
  return error?.code ?? value ?? warning?.code ?? null
}

t.test('dates are read as written, and no impossible day is made possible', async (t) => {
  for (const [text, date] of [
    ['2024-02-29', '2024-02-29'],
    ['2023-02-29', 'not-a-date'],
    ['31/02/2024', 'not-a-date'],
    ['02/31/2024', 'not-a-date'],
    ['3/4/2024', '2024-03-04'],
    ['03-04-24', '2024-03-04'],
    ['25/04/2024', 'not-a-date'],
    ['07/18/2023 09:33:00 PM', '2023-07-18'],
    ['03/30/2018 08:30:00 AM +0000', '2018-03-30'],
    ['2021-05-06T07:08:09.123Z', '2021-05-06'],
    ['2021/5/6', '2021-05-06'],
    ['20210506', '2021-05-06'],
    ['6 May 2021', '2021-05-06'],
    ['6-May-21', '2021-05-06'],
    ['May 6th, 2021', '2021-05-06'],
    ['Sept. 6, 2021', '2021-09-06'],
    ['Mayor 6, 2021', 'not-a-date'],
    ['44197', '2021-01-01'],
    ['44197.75', '2021-01-01'],
    ['12345', 'not-a-date'],
    ['Thu Jun 06, 2019', '2019-06-06'],
    ['Thursday, June 6, 2019', '2019-06-06'],
    ['Thu Jun 06 2019 00:00:00 GMT-0400 (Eastern Daylight Time)', '2019-06-06'],
    ['6 de junio de 2019', '2019-06-06'],
    ['06/Jun/2019', '2019-06-06'],
    ['1559800800', '2019-06-06'],
    ['1559800800000', '2019-06-06'],
    ['2021', 'incomplete-date'],
    ['FY2021', 'incomplete-date'],
    ['March 2021', 'incomplete-date'],
    ['03/2021', 'incomplete-date'],
    ['01/01/1950', 'date-out-of-range'],
    ['01/01/70', '1970-01-01'],
    ['00/00/0000', 'no-date'],
    ['N/A', null],
    ['soon', 'not-a-date'],
  ] as const) {
    t.equal(cell('installedOn', text), date, text)
  }
  t.equal(parseDate('03/04/2024', 'dmy'), '2024-04-03')
  t.match(readCell('installedOn', '25/04/2024', US).warning?.message, /dateOrder=dmy/)
})

t.test('day first is seen in the dates that can be nothing else, and can be stated', async (t) => {
  const seen = await read('Asset Tag,Installed\n1,25/04/2024\n2,03/04/2024\n3,31/12/2023\n')
  t.match(seen.table, { dateOrder: 'dmy', dateOrderFrom: 'seen' })
  t.same(
    seen.rows.map(({ device }) => device?.installedOn),
    ['2024-04-25', '2024-04-03', '2023-12-31'],
  )
  const assumed = await read('Asset Tag,Installed\n1,03/04/2024\n2,31/02/2024\n')
  t.match(assumed.table, { dateOrder: 'mdy', dateOrderFrom: 'assumed' })
  t.match(assumed.rows[1]?.warnings[0], {
    row: undefined,
    column: 1,
    header: 'Installed',
    field: 'installedOn',
    value: '31/02/2024',
    code: 'not-a-date',
  })
  const stated = await read('Asset Tag,Installed\n1,03/04/2024\n', { dateOrder: 'dmy' })
  t.equal(stated.rows[0]?.device?.installedOn, '2024-04-03')
})

t.test('a MAC address is read in any notation, and nothing else is taken for one', async (t) => {
  for (const text of [
    '44:19:b6:1a:20:31',
    '44-19-B6-1A-20-31',
    '4419.b61a.2031',
    '4419B61A2031',
    '4419b6-1a2031',
    '44 19 B6 1A 20 31',
    '4419:B61A:2031',
  ]) {
    t.equal(parseMac(text), '44:19:B6:1A:20:31', text)
  }
  t.equal(parseMac('0:c:29:1:2:3'), '00:0C:29:01:02:03')
  for (const [text, code] of [
    ['44:19:B6:2F:G1:07', 'not-a-mac-address'],
    ['44:19-B6:1A:20:31', 'not-a-mac-address'],
    ['1122334455', 'not-a-mac-address'],
    ['FF:FF:FF:FF:FF:FF', 'not-a-mac-address'],
    ['00:00:00:00:00:00', null],
    ['', null],
  ] as const) {
    t.equal(cell('macAddress', text), code, text)
  }
  t.match(readCell('macAddress', '44:19:B6:1A:20:31; 44:19:B6:1A:20:32', US), {
    value: '44:19:B6:1A:20:31',
    warning: { code: 'several-values' },
  })
})

t.test('money is exact to the cent or unknown, in every usual writing', async (t) => {
  for (const [text, cents] of [
    ['$1,234.50', 123_450],
    ['1234.5', 123_450],
    ['1,234', 123_400],
    ['1.234,50', 123_450],
    ['0.10', 10],
    ['1.23', 123],
    ['19.99', 1999],
    ['USD 1,200', 120_000],
    ['1.500', 150],
    ['1.505', 'not-money'],
    ['333.33333', 33_333],
    ['189 ea', 18_900],
    ['$189.00/each', 18_900],
    ['$1 200.00', 120_000],
    ['1 234,50', 123_450],
    ['234,50', 23_450],
    ['1,200.-', 120_000],
    ['1.2k', 120_000],
    ['1,200 dollars', 120_000],
    ['-5', 'not-money'],
    ['(500.00)', 'not-money'],
    ['about 500', 'not-money'],
    ['12,34,5', 'not-money'],
    ['TBD', null],
  ] as const) {
    t.equal(cell('acquisitionCostCents', text), cents, text)
  }
  const own = await read('assetTag,acquisitionCostCents,currency\n1,123450,USD\n2,12.50,USD\n')
  t.equal(own.rows[0]?.device?.acquisitionCostCents, 123_450, "the API's own column is in cents")
  t.same(warned(own.rows[1]), ['acquisitionCostCents: not-money'])
  const conflict = (await read('Asset Tag,Cost,Currency\n1,€5,USD\n')).rows[0]
  t.same(warned(conflict), ['Currency: conflicting-values'])
  t.equal(conflict?.device?.acquisitionCostCents, null)
})

t.test(
  'positions are checked, and swapped axes leave the place unknown, not silently repaired',
  async (t) => {
    const at = async (latitude: string, longitude: string) => {
      const row = (
        await read(csvLine(['Asset Tag', 'Latitude', 'Longitude']) + csvLine(['1', latitude, longitude]))
      ).rows[0]
      const lat = row?.device?.latitude ?? null
      return lat === null ? (row?.warnings[0]?.code ?? null) : [lat, row?.device?.longitude]
    }
    t.same(await at('30.2665', '-97.7372'), [30.2665, -97.7372])
    t.same(await at('30.2665° N', '97.7372 W'), [30.2665, -97.7372])
    t.same(await at('', ''), null)
    t.same(await at('0', '0'), 'no-position')
    t.equal(await at('-97.7372', '30.2665'), 'swapped-coordinates')
    t.equal(await at('-73.99', '40.73'), 'swapped-coordinates', 'also where both would fit')
    t.equal(await at('130.5', '-97.7'), 'coordinate-out-of-range')
    t.equal(await at('30.26', ''), 'incomplete-position')
    t.equal(await at('30 deg', '-97.7'), 'not-a-coordinate')
    for (const [text, value] of [
      ['(30.26, -97.73)', { latitude: 30.26, longitude: -97.73 }],
      ['30.26 -97.73', { latitude: 30.26, longitude: -97.73 }],
      ['POINT (-97.6 30.18)', { latitude: 30.18, longitude: -97.6 }],
      ['SRID=4326;POINT(-97.6 30.18)', { latitude: 30.18, longitude: -97.6 }],
      ['1 Main St\nRiverbend\n(30.26, -97.73)', { latitude: 30.26, longitude: -97.73 }],
      ['1 Main St', 'not-a-coordinate'],
    ] as const) {
      t.same(cell('coordinates', text), value, text)
    }
    t.same(warned((await read('Asset Tag,Coordinates\n1,POINT (30.18 -97.6)\n')).rows[0]), [
      'Coordinates: swapped-coordinates',
    ])
  },
)

t.test('the words of cities and other programs find their values', async (t) => {
  for (const [field, text, value] of [
    ['status', 'TURNED_ON', 'active'],
    ['status', 'DESIRED', 'planned'],
    ['status', 'VOID', 'decommissioned'],
    ['status', 'In Stock', 'stored'],
    ['status', 'Haunted', 'unknown-value'],
    ['deviceClass', 'Outdoor PTZ dome', 'camera'],
    ['deviceClass', 'LPR camera', 'lpr'],
    ['deviceClass', '16ch NVR', 'recorder'],
    ['deviceClass', 'sUAS', 'uas'],
    ['deviceClass', 'Door controller', 'access-control'],
    ['deviceClass', 'access-control', 'access-control'],
    ['fundingSource', 'General Fund - CARES Act', 'federal-grant'],
    ['fundingSource', 'General fund (SLFRF)', 'federal-grant'],
    ['fundingSource', '2021 bond, HSIP match', 'federal-grant'],
    ['purpose', 'Traffic signal detection', 'traffic'],
    ['purpose', 'Police dept', 'public-safety'],
    ['purpose', 'Traffic and security', 'public-safety'],
    ['purpose', 'Intersection', 'unknown-value'],
    ['fundingSource', 'FY22 UASI federal grant', 'federal-grant'],
    ['fundingSource', 'Bond with federal match', 'federal-grant'],
    ['fundingSource', '2016 Bond', 'local'],
    ['fundingSource', 'None Identified', null],
    ['fundingSource', 'Grant', 'unknown-value'],
    ['fundingSource', 'CIP', 'unknown-value'],
    ['updateChannel', 'none', 'none'],
    ['networkExposure', 'Air-gapped', 'isolated'],
    ['hasRadio', 'WiFi', true],
    ['hasRadio', 'no', false],
    ['hasRadio', '?', null],
    ['paidSupport', 'Expired', false],
    ['currency', 'usd', 'USD'],
    ['currency', 'dollars', 'not-a-currency'],
  ] as const) {
    t.equal(cell(field, text), value, `${field}: ${text}`)
  }
  t.match(readCell('purpose', 'Haunted', US), { value: null, warning: { code: 'unknown-value' } })
  const strict = await read('assetTag,purpose\n1,spying\n')
  t.same(warned(strict.rows[0]), ['purpose: unknown-value'], 'a word that is not known keeps no device out')
  const own = await read('Asset Tag,Status\n1,Haunted\n', { words: { status: { haunted: 'stored' } } })
  t.equal(own.rows[0]?.device?.status, 'stored')
})

t.test('declared names are kept to the letter, formulas as text, spreadsheet errors as blanks', async (t) => {
  const { rows } = await read(
    csvLine(['Asset Tag', 'Make', 'Model', 'Notes', 'Serial']) +
      csvLine(['1', '  HIKVISION  Digital tech. ', ' DS-2CD ', '', '']) +
      csvLine(['2', '=HYPERLINK("http://x","Axis")', '#N/A', '', '']) +
      csvLine(['3', 'Unknown', 'N/A', 'x'.repeat(2001), '']) +
      csvLine(['x'.repeat(101), 'Axis', 'P1', '', '4.1E+11']),
  )
  t.match(rows[0]?.device, { manufacturer: 'HIKVISION  Digital tech.', model: 'DS-2CD', notes: null })
  t.match(rows[1]?.device, { manufacturer: '=HYPERLINK("http://x","Axis")', model: null })
  t.same(warned(rows[1]), ['Make: formula-text', 'Model: spreadsheet-error'])
  t.same(warned(rows[2]), ['Notes: cut-text'])
  t.equal(rows[2]?.device?.notes?.length, 2000)
  t.same(codes(rows[3]), ['Asset Tag: too-long', 'Serial: scientific-notation'])
})

t.test(
  'every cell that cannot be read is named with row, column, value and code, and its device comes in',
  async (t) => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i + 1},Axis,01/02/2020,44:19:B6:00:00:02,active`)
    lines[10] = '10,Axis,13/32/2020,nonsense,active'
    lines[500] = '500,Axis,01/02/2020,,asleep'
    const { table, rows } = await read(['Asset Tag,Make,Installed,MAC,Status', ...lines].join('\n'))
    const errors = rows.flatMap((row) =>
      row.warnings.map(({ header, value, code }) => [row.row, header, value, code]),
    )
    t.same(errors, [
      [12, 'Installed', '13/32/2020', 'not-a-date'],
      [12, 'MAC', 'nonsense', 'not-a-mac-address'],
      [502, 'Status', 'asleep', 'unknown-value'],
    ])
    t.match(table.counts, { rows: 1000, accepted: 1000, rejected: 0, blank: 0 })
    const footer = await read('Asset Tag,Make,Area\n1,Axis,x\n,,District 1\n')
    t.same(codes(footer.rows[1]), ['null: empty-device'])
  },
)

t.test('no text, however made, takes longer than its length', async (t) => {
  const many = 20_000
  const hostile = [
    `1${' '.repeat(many)}x`,
    `1/1/2020 10:00${' '.repeat(many)}x`,
    '('.repeat(many),
    'a.'.repeat(many),
    'a:,'.repeat(many),
    'state '.repeat(many),
    "' ".repeat(many),
    '://@='.repeat(many),
    '?pwd='.repeat(many),
    `POINT ${' '.repeat(many)}`,
  ].map((text) => text.slice(0, 32_000))
  const header = ['Asset Tag', 'Installed', 'Cost', 'MAC', 'Funding', 'Coordinates', 'Latitude', 'Notes']
  const started = performance.now()
  for (const text of hostile) {
    const { rows } = await read(csvLine(header) + csvLine(header.map(() => text)))
    t.ok(rows.length <= 1)
    await read(csvLine([...header, text, text]) + csvLine(['1']))
  }
  await read(`Asset Tag,Make\n${'"'.repeat(300_001)}`, {}, 1000)
  await read(`Asset Tag,Make\n1,"${'""'.repeat(300_000)}`, {}, 1000)
  await read(`Asset Tag,Make\n${'x","\n'.repeat(200_000)}`)
  const seconds = (performance.now() - started) / 1000
  // One second on an idle machine; any of these took minutes when it cost the square of its length.
  t.ok(seconds < 40, `${seconds.toFixed(1)} s`)
})

t.test('an odd table costs its length and no more, and not much more than a plain one', async (t) => {
  const worker = new Worker(new URL('./support/odd-table-costs.js', import.meta.url))
  const [costs] = (await once(worker, 'message')) as [TableCost[]]
  const plain = costs.find(({ kind }) => kind === 'plain rows')!.large
  for (const { kind, small, large } of costs) {
    const figures = `${kind}: ${small.toFixed(0)} ms, eight times as long ${large.toFixed(0)} ms, plain ${plain.toFixed(0)} ms`
    // Eight times is linear. Where every row searched the rest of the text it was thirty times.
    t.ok(large < 20 * small + 2 * plain, figures)
    // A row of one character costs as much as any other, and there are twenty times as many of them.
    t.ok(large < 30 * plain, figures)
  }
})

t.test('a quote that is never closed is named by its row, there and wherever it leaves doubt', async (t) => {
  const head = 'Asset Tag,Make,Model\n1,Axis,P1\n'
  const { rows } = await read(`${head}2,"Axis,P1\n3,Axis,P1\n4,"Ax\nis",P1\n5,Axis\n6,Axis,P1\n`)
  t.same(
    rows.map(({ row, device, errors }) => [row, device?.assetTag ?? errors[0]?.code]),
    [
      [2, '1'],
      [3, 'unclosed-quote'],
      [4, '3'],
      [5, 'unclosed-quote'],
      [6, 'too-few-cells'],
      [7, '5'],
      [8, '6'],
    ],
  )
  const said = (row: number) => rows.find((one) => one.row === row)?.errors[0]?.message
  t.match(said(3), /^A quote is opened on this row and not closed where a cell ends\./)
  t.notMatch(said(3), /row 3/)
  t.match(said(5), /open since row 3 may be the cause/)
  t.match(said(6), /follows a quote that is open since row 3/)
  t.match(await refusal('"Asset Tag,Make\n1,Axis\n'), {
    code: 'no-header',
    message: /The header in row 1 cannot be read\. A quote is opened on this row/,
  })
})

// ---- NDJSON

t.test('NDJSON is read like a table: absent, null, late keys, lists and broken lines', async (t) => {
  const { table, rows } = await read(
    [
      '{"assetTag":"1","manufacturer":"Axis","hasRadio":false,"latitude":30.2,"longitude":-97.7,"acquisitionCostCents":100}',
      '{"assetTag":2,"manufacturer":null}',
      '',
      'not json',
      '["assetTag"]',
      '{"assetTag":"4","manufacturer":"\\ud800x","purpose":"spying"}',
      '{"assetTag":"5","macAddress":["44:19:B6:00:00:02"],"password":"hunter2"}',
    ].join('\n'),
  )
  t.equal(table.format, 'ndjson')
  t.same(rows[0]?.device, {
    assetTag: '1',
    manufacturer: 'Axis',
    hasRadio: false,
    latitude: 30.2,
    longitude: -97.7,
    acquisitionCostCents: 100,
  })
  t.same(rows[1]?.device, { assetTag: '2', manufacturer: null })
  t.same(codes(rows[2]), ['null: not-json'])
  t.same(warned(rows[4]), ['manufacturer: ill-formed-text', 'purpose: unknown-value'])
  t.equal(rows[5]?.device?.macAddress, '44:19:B6:00:00:02')
  t.same(
    rows.map(({ row }) => row),
    [1, 2, 4, 5, 6, 7],
  )
  t.match(table.counts, { rows: 7, accepted: 4, rejected: 2, blank: 1 })
  t.notMatch(JSON.stringify(rows), /hunter2/)
  const late = await read(
    `${'{"assetTag":"1"}\n'.repeat(6000)}{"assetTag":"2","model":"P1","colour":"red","token":"hunter2"}\n`,
  )
  t.same(late.rows.at(-1)?.device, { assetTag: '2', model: 'P1' })
  t.same(warned(late.rows.at(-1)), ['colour: late-column', 'token: late-column'])
  t.notMatch(JSON.stringify(late.rows.at(-1)), /hunter2/)
})

t.test(
  'a line of NDJSON beyond all measure is one bad row: nested too deeply, or with ever new keys',
  async (t) => {
    const deep = (depth: number) =>
      `{"assetTag":"1","x":${'['.repeat(depth)}${']'.repeat(depth)},"password":"hunter2"}`
    const nested = await read(`{"assetTag":"7"}\n${deep(101)}\n${deep(400_000)}\n${deep(100)}\n`)
    t.same(
      nested.rows.map(({ device, errors }) => device?.assetTag ?? `${errors[0]?.header}: ${errors[0]?.code}`),
      ['7', 'x: not-json', 'x: not-json', '1'],
    )
    t.notMatch(JSON.stringify(nested.rows), /hunter2/)
    // The keys of a head are judged as a header is; those that come later cost memory in every line.
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `{"assetTag":"A${i}"${i < 2000 ? '' : `,"k${i}":1`}}`,
    )
    const { table, rows } = await read(lines.join('\n'))
    t.equal(table.header.length, 500)
    t.match(table.counts, { rows: 20_000, accepted: 2499, rejected: 17_501 })
    t.same(codes(rows.at(-1)), ['null: too-many-cells'])
  },
)

// ---- rejects

t.test('rejected rows come back as a file that can be corrected and sent again', async (t) => {
  const content =
    csvLine(['Asset Tag', 'Make', 'Installed', 'Lon', 'Lat']) +
    csvLine(['1E+05', '=Axis', '31/02/2024', '-97.73', '30.2']) +
    '2,Axis,2024-01-01,-97.7,30.1,extra\n'
  const { table, rows } = await read(content)
  const file = (await all(rejectsCsv(table.header, rows))).join('')
  t.equal(file.split('\r\n')[0], 'Asset Tag,Make,Installed,Lon,Lat,error')
  t.match(file, /^1E\+05,'=Axis,31\/02\/2024,-97\.73,30\.2,"Asset Tag \(""1E\+05""\): The spreadsheet/m)
  t.match(file, /,extra\r\n/)
  const mended = file.replaceAll('31/02/2024', '02/28/2024').replace('1E+05', '1').replace(',extra', '')
  const again = await read(mended)
  t.same(
    again.rows.map(({ device }) => device?.installedOn),
    ['2024-02-28', '2024-01-01'],
  )
  t.equal(again.rows[0]?.device?.manufacturer, '=Axis')
  const twice = await read(file)
  t.equal(
    (await all(rejectsCsv(twice.table.header, twice.rows)))[0],
    'Asset Tag,Make,Installed,Lon,Lat,error\r\n',
    'one error column',
  )
})

t.test('the example file of Riverbend has two rows to correct and gives away no login', async (t) => {
  const table = await readTable(createReadStream(`${root}examples/riverbend-cameras.csv`), { profiles })
  const rows = await all(table.rows)
  t.match(table.counts, { rows: 62, accepted: 58, rejected: 2, blank: 2 })
  t.same(
    table.mapping.secret.map(({ header }) => header),
    ['Web Login'],
  )
  t.same(table.mapping.ignored, [])
  t.same(
    rows.filter(({ device }) => device === null).map(({ row, errors }) => [row, errors[0]?.code]),
    [
      [38, 'scientific-notation'],
      [51, 'scientific-notation'],
    ],
  )
  t.notMatch(JSON.stringify(rows), /river99/)
})

// ---- what cities and their programs write

t.test('exports of real tools are read as they come', async (t) => {
  const files: [what: string, content: string, devices: object[]][] = [
    [
      'Snipe-IT list',
      'Asset Name,Asset Tag,Serial,Model,Model No.,Category,Status,Location,Manufacturer,Supplier,Purchase Date,Purchase Cost\n' +
        'Lobby,T1,S1,Hik 4MP Dome,DS-2CD1,IP Cameras,Deployed (Ready to Deploy),Hall,Hikvision,CDW-G,"Thu Jun 06, 2019",$189.00\n' +
        'Cam,T2,S2,Body 3,,Body Cameras,Ready to Deploy (deployed),Hall,Axon,Axon,2019-06-06,\n' +
        'Old,T3,S3,Dahua turret,IPC-1,IP Cameras,Archived (archived),Hall,Dahua,ADI,,\n',
      [
        { model: 'DS-2CD1', status: 'active', acquiredOn: '2019-06-06', deviceClass: 'camera' },
        { model: 'Body 3', status: 'active', deviceClass: 'camera' },
        { model: 'IPC-1', status: 'decommissioned' },
      ],
    ],
    [
      'SADP, as it writes its headers',
      'ID,Device Type,Status,IPv4 Address,Software Version,Device Serial No.,MAC Address\n001,DS-2CD1,Active,10.0.0.5,V5,S-A,44-19-b6-00-00-05\n002,DS-77,Inactive,10.0.0.6,V4,S-B,44-19-b6-00-00-06\n',
      [
        { assetTag: undefined, model: 'DS-2CD1', serialNumber: 'S-A', status: undefined },
        { serialNumber: 'S-B', macAddress: '44:19:B6:00:00:06' },
      ],
    ],
    [
      'ConfigTool',
      'No.,Status,IP Version,Type,Model,IP,MAC,Version,SN\n1,Initialized,IPv4,IPC,IPC-HDW1,10.0.0.1,9c:14:63:00:00:01,2.800.1,A1\n2,Uninitialized,IPv4,NVR,NVR52,10.0.0.2,9c:14:63:00:00:02,4.001.2,A2\n3,Initialized,IPv4,VTO,DHI-VTO,10.0.0.3,9c:14:63:00:00:03,4.5.0,A3\n',
      [
        { assetTag: undefined, model: 'IPC-HDW1', deviceClass: 'camera', firmwareVersion: '2.800.1' },
        { deviceClass: 'recorder', status: 'active' },
        { deviceClass: 'intercom' },
      ],
    ],
    [
      'Genetec inventory',
      'Unit,Unit type,Product type,Manufacturer,Role,Firmware version,IP address,Physical address,State\nLobby-01,Video,DS-2CD1,Hikvision,Archiver,V5,10.0.0.1,44:19:B6:00:00:01,Online\nDoor-01,Access control,EP1502,Mercury,Manager,1.2,10.0.0.2,00:0F:E5:00:00:01,Offline\n',
      [
        { name: 'Lobby-01', model: 'DS-2CD1', macAddress: '44:19:B6:00:00:01', status: 'active' },
        { name: 'Door-01', model: 'EP1502', deviceClass: 'access-control' },
      ],
    ],
    [
      'in Spanish',
      'Etiqueta;Marca;Modelo;Número de serie;Estado;Tipo;Fecha de compra;Costo;Ubicación\nC1;Dahua;IPC-1;S1;En servicio;Cámara domo;6 de junio de 2019;234,50;Alcaldía\nC2;Hikvision;DS-7;S2;Dado de baja;Grabador;;;Parque\n',
      [
        {
          ...{ assetTag: 'C1', manufacturer: 'Dahua', serialNumber: 'S1', status: 'active' },
          ...{ deviceClass: 'camera', acquiredOn: '2019-06-06', acquisitionCostCents: 23_450 },
          siteName: 'Alcaldía',
        },
        { status: 'decommissioned', deviceClass: 'recorder' },
      ],
    ],
    [
      'an MPN and an address that is no place',
      'Name,Address,MPN\nLobby,10.2.0.5,P3245-V\nPole,10.2.0.6,Q6135-LE\n',
      [{ name: 'Lobby', model: 'P3245-V', siteName: undefined }, { model: 'Q6135-LE' }],
    ],
    [
      'a street in Physical address',
      'Asset Tag,Make,Physical address\nA1,Axis,1 Main St\n',
      [{ siteName: '1 Main St', macAddress: undefined }],
    ],
  ]
  for (const [what, content, devices] of files) {
    const { rows, table } = await read(content)
    t.match(
      rows.map(({ device, errors }) => device ?? errors),
      devices,
      `${what}: ${JSON.stringify(mapped(table))}`,
    )
  }
})

t.test('words of kinds and states are read in the plural and mixed, and none makes a drone', async (t) => {
  for (const [field, text, value] of [
    ['deviceClass', 'Dome cameras', 'camera'],
    ['deviceClass', 'IP Cameras', 'camera'],
    ['deviceClass', 'NVRs', 'recorder'],
    ['deviceClass', 'LPR Cameras', 'lpr'],
    ['deviceClass', 'Body-worn camera', 'camera'],
    ['deviceClass', 'Dash cam', 'camera'],
    ['deviceClass', 'Cameras/Recorders', 'unknown-value'],
    ['deviceClass', 'Cameras and NVRs', 'unknown-value'],
    ['deviceClass', 'PoE switch', 'other'],
    ['deviceClass', 'Access Switch', 'other'],
    ['deviceClass', 'IP camera with switch', 'camera'],
    ['deviceClass', 'Cámara domo', 'camera'],
    ['status', 'Out of Service', 'active'],
    ['status', 'Inactive', 'active'],
    ['status', 'Needs Repair', 'active'],
    ['status', 'Decommissioning', 'active'],
    ['status', 'Retired 2022', 'decommissioned'],
    ['status', 'Replaced w/ Axis 2023', 'decommissioned'],
    ['status', 'To be removed', 'active'],
    ['status', 'RMA', 'stored'],
    ['status', 'En servicio', 'active'],
  ] as const) {
    t.equal(cell(field, text), value, `${field}: ${text}`)
  }
})

t.test('a date without its day stays open, and the notes keep the range', async (t) => {
  for (const [text, range] of [
    ['2021', 'between 2021-01-01 and 2021-12-31'],
    ['6/2019', 'between 2019-06-01 and 2019-06-30'],
    ['2020-02', 'between 2020-02-01 and 2020-02-29'],
    ['Mar 2019', 'between 2019-03-01 and 2019-03-31'],
    ['Mar-19', 'between 2019-03-01 and 2019-03-31'],
    ['FY19', 'between 2018-07-01 and 2019-12-31'],
    ['FY 2018/19', 'between 2018-07-01 and 2019-12-31'],
    ['Q3 2020', 'between 2020-07-01 and 2020-09-30'],
    ['summer 2020', 'between 2020-06-01 and 2020-09-30'],
    ['2018-2020', 'between 2018-01-01 and 2020-12-31'],
    ['circa 2015', 'between 2015-01-01 and 2015-12-31'],
    ['before 2018', 'before 2018-01-01'],
    ['after 2018', 'after 2018-12-31'],
    ['13/2019', undefined],
    ['soon', undefined],
  ] as const) {
    const { value, warning, range: found } = readCell('installedOn', text, US)
    t.same([value, warning?.code, found], [null, range ? 'incomplete-date' : 'not-a-date', range], text)
  }
  const { rows } = await read('Asset Tag,Make,Installed\n1,Axis,Mar 2019\n')
  t.equal(rows[0]?.device?.installedOn, null)
  t.same(rows[0]?.remarks, ['Installed: Mar 2019 (between 2019-03-01 and 2019-03-31)'])
})

t.test(
  'the order of dates is asked where the file contradicts itself, and named where it was assumed',
  async (t) => {
    const dates = (...list: string[]) =>
      `Asset Tag,Make,Installed\n${list.map((date, i) => `T${i},Axis,${date}`).join('\n')}\n`
    for (const file of [
      dates('08/12/2020', '09/01/2020', '04/07/2019', '13/06/2019'),
      dates('09/01/2020', '13/06/2019'),
      dates('12/25/2020', '25/12/2020'),
    ])
      t.match(await refusal(file), { code: 'ambiguous-dates', message: /dateOrder=mdy .* dateOrder=dmy/ })
    const odd = await read(dates('12/25/2020', '12/26/2020', '12/27/2020', '12/28/2020', '13/06/2019'))
    t.match(odd.table, { dateOrder: 'mdy', dateOrderFrom: 'seen' })
    t.same(warned(odd.rows[4]), ['Installed: not-a-date'], 'one odd date among many is left unknown')
    t.match((await read(dates('03/04/2020'))).table.notices, [{ code: 'dates-assumed' }])
    const abroad = await read(dates('03/04/2020', '25/12/2020', '13/06/2019'))
    t.match(abroad.table, { dateOrder: 'dmy', dateOrderFrom: 'seen' })
    t.match(abroad.table.notices, [
      { code: 'dates-day-first', message: /both ways.* day first, because 25\/12\/2020 .*dateOrder=mdy/ },
    ])
    t.same((await read(dates('25/12/2020', '13/06/2019'))).table.notices, [], 'nothing can be read both ways')
    const stated = await read(dates('09/01/2020', '13/06/2019'), { dateOrder: 'mdy' })
    t.same(
      stated.rows.map(({ device }) => device?.installedOn),
      ['2020-09-01', null],
    )
  },
)

t.test('a named header beats what its cells look like', async (t) => {
  const costs = await read(
    'Asset Tag,Make,Cost\nA1,Axis,"1,234.00"\nA2,Dahua,"1,100.00"\nA3,Axis,"2,150.00"\n',
  )
  t.match(mapped(costs.table), { acquisitionCostCents: 'Cost', coordinates: undefined })
  t.equal(costs.rows[1]?.device?.acquisitionCostCents, 110_000)
  const nameless = await read('Asset Tag,Make,Value\nA1,Axis,"1,234.00"\nA2,Dahua,"1,100.00"\n')
  t.equal(mapped(nameless.table).coordinates, undefined, 'two groups of digits are no place')
  const commas = await read('Asset Tag;Make;Latitude;Longitude\nA1;Axis;44,567;-83,123\n')
  t.match(commas.rows[0]?.device, { latitude: 44.567, longitude: -83.123 })
})

t.test(
  'headings give their site to the rows below, and no heading, total or remark is a device',
  async (t) => {
    const { table, rows } = await read(
      'Tag,Make,Model,Serial\nCITY HALL,,,\nA-1,Axis,P1,F1\nA-2,Dahua,IPC,D1\nPark 4,,,\nA-3,Axis,P1,\nA-4,,,\nSubtotal,,,2\nTotal - Park 4,,,2\nGrand total: 4 cameras,,,\n"* leased, see contract",,,\n',
    )
    t.same(
      rows.map(({ device }) => [device?.assetTag, device?.siteName]),
      [
        ['A-1', 'CITY HALL'],
        ['A-2', 'CITY HALL'],
        ['A-3', 'Park 4'],
        ['A-4', 'Park 4'],
      ],
      'a tag alone is a device',
    )
    t.same(
      table.leftOut.map(({ row, kind }) => `${row} ${kind}`),
      ['2 heading', '5 heading', '8 totals', '9 totals', '10 totals', '11 remark'],
    )
    const own = await read('Site,Tag,Make,Model\nGarage,,,\n,A-1,Axis,P1\nPool,A-2,Axis,P1\n')
    t.same(
      own.rows.map(({ device }) => device?.siteName),
      ['Garage', 'Pool'],
      'the site of the row goes first',
    )
  },
)

t.test('a header in two lines is one header', async (t) => {
  const split = await read(
    'Asset,Serial,MAC,Install\nTag,Number,Address,Date\nA1,S1,44:19:B6:00:00:01,2020-01-02\n',
  )
  t.same(mapped(split.table), {
    ...{ assetTag: 'Asset Tag', serialNumber: 'Serial Number', macAddress: 'MAC Address' },
    installedOn: 'Install Date',
  })
  const grouped = await read('Tag,Device,,Status\n,Make,Model,\nA1,Axis,P3245,Active\n')
  t.match(grouped.rows[0]?.device, { assetTag: 'A1', manufacturer: 'Axis', model: 'P3245', status: 'active' })
  t.equal(grouped.table.counts.rows, 1)
})

t.test('a quantity makes as many devices, and a cost is shared only where it is a total', async (t) => {
  const of = async (header: string, ...lines: string[]) => read(`${header}\n${lines.join('\n')}\n`)
  const { table, rows } = await of(
    'Tag,Make,Model,Qty,Serial,Total Cost',
    'M-1,Axis,P1,3,S1,100.00',
    'M-2,Axis,P1,1,S2,50',
    'M-3,Axis,P1,0,,',
    'M-4,Axis,P1,some,,',
    'M-5,Axis,P1,5000,,',
  )
  const devices = rows.flatMap(({ device, more }) => (device === null ? [] : [device, ...more]))
  t.same(
    devices.map(({ assetTag, serialNumber, acquisitionCostCents }) => [
      assetTag,
      serialNumber,
      acquisitionCostCents,
    ]),
    [
      ['M-1 #1', 'S1', 3334],
      ['M-1 #2', null, 3333],
      ['M-1 #3', null, 3333],
      ['M-2', 'S2', 5000],
      ['M-4', null, null],
    ],
  )
  t.match(table.counts, { rows: 5, accepted: 3, rejected: 1, leftOut: 1, added: 2 })
  t.same(codes(rows[3]), ['Qty: too-many-devices'])
  t.same(warned(rows[0]), ['Serial: one-of-many'])
  t.match(table.notices, [{ code: 'quantities', message: /3 rows stand for 5 devices/ }])
  const each = await of('Make,Model,Qty,Unit Price', 'Axis,P1,2,100')
  t.equal(each.rows[0]?.more[0]?.acquisitionCostCents, 10_000)
  const unclear = await of('Make,Model,Qty,Cost', 'Axis,P1,2,100')
  t.equal(unclear.rows[0]?.device?.acquisitionCostCents, null)
  t.same(warned(unclear.rows[0]), ['Cost: unclear-cost'])
})

t.test(
  'a vendor is the seller in a file of purchases, and any cell may name a restricted maker',
  async (t) => {
    const namesIn = (text: string) => (/hikvision/i.test(text) ? 'Hikvision' : null)
    const ledger = await read(
      'Asset ID,Asset Description,Vendor,Acq Date,Cost\nFA-1,CAMERA DOME HIKVISION DS-2,Axis,2019-06-06,5\n',
      { namesIn },
    )
    t.equal(mapped(ledger.table).manufacturer, undefined)
    t.equal(mapped(ledger.table).supplier, 'Vendor')
    t.match(ledger.rows[0]?.device, { name: 'CAMERA DOME HIKVISION DS-2' })
    t.equal(mapped((await read('Camera,Vendor,Model\nc1,Axis,P1\n')).table).manufacturer, 'Vendor')
    const other = await read(
      'Tag,Make,Model No.,Model,Installer,Label text\n1,Axis,P1,Hikvision 4MP,Convergint,Hikvision USA\n',
      { namesIn },
    )
    t.same(other.rows[0]?.remarks, ['Model: Hikvision 4MP', 'Label text: Hikvision USA'])
    const nothing = await read('Asset Tag,Area\n1,x\n')
    t.match(nothing.table.notices, [{ code: 'nothing-tells-the-maker' }])
  },
)

t.test('what stands for no tag is none, and one tag typed in two ways is one', async (t) => {
  const { rows } = await read(
    'Asset Tag,Serial,Make\nNo Tag,S1,Axis\nPending,0,Axis\nCAFE\u0301-1,"=""00123""",Axis\nA  7,S4,Axis\n',
  )
  t.same(
    rows.map(({ device }) => [device?.assetTag, device?.serialNumber]),
    [
      [null, 'S1'],
      [null, null],
      ['CAF\u00c9-1', '00123'],
      ['A 7', 'S4'],
    ],
  )
  t.same(warned(rows[1]), ['Asset Tag: placeholder', 'Serial: placeholder'])
})

t.test('every column has a fate, with samples and the share of cells that can be read', async (t) => {
  const { table } = await read(
    'Asset Tag,Make,Status,Installed,Password,Council District\n1,Axis,Active,2020-01-01,x,4\n2,Bosch,Haunted,soon,x,\n',
  )
  t.match(table.columns, [
    { header: 'Asset Tag', fate: 'read', field: 'assetTag', filled: 2, readable: 2, samples: ['1', '2'] },
    { header: 'Make', fate: 'read', field: 'manufacturer' },
    { header: 'Status', filled: 2, readable: 1 },
    { header: 'Installed', readable: 1 },
    { header: 'Password', fate: 'login', field: null, samples: [] },
    { header: 'Council District', fate: 'left-out', field: null, filled: 1, readable: null },
  ])
  const values = { fundingSource: { cip: 'local' } }
  const own = await read('Asset Tag,Make,Funding\n1,Axis,CIP\n', { words: values })
  t.equal(own.rows[0]?.device?.fundingSource, 'local')
  t.match(await refusal('Asset Tag,Make\n1,Axis\n', { words: { status: { x: 'gone' } } }), {
    code: 'bad-default',
  })
})

t.test('JSON that is no table by lines is read by its list of objects, in pieces of any size', async (t) => {
  const files: [what: string, content: string, format: string, devices: object[]][] = [
    [
      'an array',
      '[{"assetTag":"A1","manufacturer":"Dahua"},\n {"assetTag":"A2"}]',
      'json',
      [{ assetTag: 'A1', manufacturer: 'Dahua' }, { assetTag: 'A2' }],
    ],
    [
      'GeoJSON',
      '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"C1","make":"Dahua","model":"IPC-1"},"geometry":{"type":"Point","coordinates":[-84.1,33.9]}}]}',
      'json',
      [{ assetTag: 'C1', manufacturer: 'Dahua', model: 'IPC-1', latitude: 33.9, longitude: -84.1 }],
    ],
    [
      'Axis Device Manager',
      '{"data":{"serverInformation":{"version":"5"},"deviceData":{"devices":[{"id":1,"model":"AXIS P3245","macAddress":"ACCC8E112233","firmwareVersion":"10.12","deviceUserName":"root","devicePassword":"aHVudGVyMg"}],"deviceTags":[{"name":"HQ","devices":[1]}]}}}',
      'json',
      [{ model: 'AXIS P3245', macAddress: 'AC:CC:8E:11:22:33', firmwareVersion: '10.12' }],
    ],
    [
      'NetBox answers',
      '{\n "count": 1,\n "results": [\n  {"id": 7, "name": "cam1", "serial": "S1", "asset_tag": "N1", "device_type": {"manufacturer": {"name": "Axis"}, "model": "P1"}, "site": {"name": "HQ"}, "status": {"value": "offline", "label": "Offline"}}\n ]\n}',
      'json',
      [{ name: 'cam1', assetTag: 'N1', manufacturer: 'Axis', model: 'P1', siteName: 'HQ', status: 'active' }],
    ],
    [
      'ONVIF discovery',
      '[{"urn":"u1","scopes":["onvif://www.onvif.org/name/HIKVISION%20DS-2CD1","onvif://www.onvif.org/hardware/DS-2CD1","onvif://www.onvif.org/MAC/44:19:b6:00:00:01"]}]',
      'json',
      [{ name: 'HIKVISION DS-2CD1', model: 'DS-2CD1', macAddress: '44:19:B6:00:00:01' }],
    ],
    [
      'a list of sites before the one of cameras',
      '{"meta":{"tags":["a"]},"sites":[{"name":"HQ","id":1},{"name":"Pier","id":2}],"cameras":[{"name":"c1","make":"Dahua","serial":"S1"},{"name":"c2","make":"Axis","serial":"S2"}],"users":[{"name":"jo"}]}',
      'json',
      [
        { name: 'c1', manufacturer: 'Dahua', serialNumber: 'S1' },
        { name: 'c2', manufacturer: 'Axis', serialNumber: 'S2' },
      ],
    ],
    [
      'one object a line',
      '{"assetTag":"1","make":"Axis"}\n',
      'ndjson',
      [{ assetTag: '1', manufacturer: 'Axis' }],
    ],
    [
      'a scan of nmap',
      '<?xml version="1.0"?>\n<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<nmaprun scanner="nmap"><host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/><address addr="44:19:B6:00:00:01" addrtype="mac" vendor="Hangzhou Hikvision"/><hostnames><hostname name="cam1"/></hostnames><ports><port portid="80"><service name="http" product="Hikvision IPCam" devicetype="webcam"/></port></ports></host><host><status state="down"/><address addr="10.0.0.2" addrtype="ipv4"/></host></nmaprun>',
      'nmap',
      [
        {
          hostName: 'cam1',
          ipAddress: '10.0.0.1',
          macAddress: '44:19:B6:00:00:01',
          deviceClass: 'camera',
          manufacturer: undefined,
          notes: 'MAC registered to Hangzhou Hikvision; http Hikvision IPCam',
        },
      ],
    ],
  ]
  for (const [what, content, format, devices] of files) {
    for (const size of [7, 65_536]) {
      const { table, rows } = await read(content, {}, size)
      t.equal(table.format, format, what)
      t.match(
        rows.map(({ device, errors }) => device ?? errors),
        devices,
        `${what}: ${JSON.stringify(mapped(table))}`,
      )
      t.equal(rows.length, devices.length, what)
      t.notMatch(JSON.stringify([rows, table.columns]), /aHVudGVyMg|passwd/)
    }
  }
  const cut = await read('[{"assetTag":"A1","make":"Axis"},{"assetTag":"A2"')
  t.same(codes(cut.rows.at(-1)), ['null: not-json'], 'a file that was cut says so')
  t.equal(cut.table.counts.accepted, 1)
  const entity = await read(
    '<nmaprun><host><status state="up"/><address addr="44:19:B6:00:00:01" addrtype="mac"/></host><host>&x;</host></nmaprun>',
  )
  t.same(codes(entity.rows.at(-1)), ['null: not-xml'], 'no entity is expanded')
})

t.test('lists of a JSON file that were not read are named with their numbers', async (t) => {
  const site = (n: number) => ({ name: `Site ${n}`, rooms: [{ floor: 1 }, { floor: 2 }] })
  const camera = (n: number) => ({ serial: `S${n}`, make: 'Dahua', ports: [{ n: 1 }] })
  const cases: [what: string, file: unknown, read: number, unread: string | null][] = [
    ['one list', { cameras: [camera(1), camera(2)] }, 2, null],
    ['lists in a record', [camera(1)], 1, null],
    [
      'lists before and after',
      {
        sites: [site(1), site(2)],
        cameras: [camera(1)],
        recorders: [camera(2), camera(3)],
        a: { users: [{ b: 1 }] },
      },
      1,
      '"sites" (2), "recorders" (2), "users" (1)',
    ],
    [
      'no list looks like devices',
      { things: [{ kit: 'Dahua' }], users: [{ login: 'jo' }] },
      1,
      '"users" (1)',
    ],
  ]
  for (const [what, file, read_, unread] of cases) {
    for (const size of [7, 65_536]) {
      const { table, rows } = await read(
        JSON.stringify(file),
        what.startsWith('no list') ? { mapping: { manufacturer: 'kit' } } : {},
        size,
      )
      t.equal(rows.length, read_, what)
      const notice = table.notices.find(({ code }) => code === 'lists-not-read')
      if (unread === null) t.equal(notice, undefined, what)
      else t.match(notice?.message, unread, what)
    }
  }
})

t.test('columns of place, network and purchase are read by their usual names', async (t) => {
  const one = async (header: string, ...cells: string[]) => {
    const lines = cells.map((cell, i) => `T${i},${cell}`)
    return read(`Asset Tag,${header}\n${lines.join('\n')}\n`)
  }
  const fields: [header: string, cell: string, field: DeviceField, value: unknown][] = [
    ['IP Address', '10.1.2.3/24', 'ipAddress', '10.1.2.3'],
    ['Address', '10.1.2.3:554', 'ipAddress', '10.1.2.3'],
    ['Address', '12 Main St', 'siteName', '12 Main St'],
    ['IPv6 Address', '2001:DB8::1', 'ipAddress', '2001:db8::1'],
    ['Direccion IP', '10.1.2.3', 'ipAddress', '10.1.2.3'],
    ['Network IP', '10.1.2.3', 'ipAddress', '10.1.2.3'],
    ['Fecha de Instalación', '2019-06-15', 'installedOn', '2019-06-15'],
    ['No. de Factura', 'F-77', 'invoice', 'F-77'],
    ['Server', 'EXQ-01', 'recorder', 'EXQ-01'],
    ['Org Unit', 'Police', 'department', 'Police'],
    ['Host Name', 'cam-1.city.gov', 'hostName', 'cam-1.city.gov'],
    ['Supplier', 'Convergint', 'supplier', 'Convergint'],
    ['PO #', '4455', 'purchaseOrder', '4455'],
    ['Invoice No.', 'I-9', 'invoice', 'I-9'],
    ['Warranty Exp.', '6/30/2027', 'warrantyUntil', '2027-06-30'],
    ['Warranty', '36 months', 'warrantyUntil', undefined],
    ['Useful Life', '120 months', 'usefulLifeYears', 10],
    ['Useful Life (years)', '7', 'usefulLifeYears', 7],
    ['Rack', 'R1', 'rack', 'R1'],
    ['IDF', 'Room 2', 'room', 'Room 2'],
    ['Recording Server', 'NVR-1', 'recorder', 'NVR-1'],
    ['Channel', '4', 'recorderChannel', '4'],
    ['GUID', '{6F9A}', 'externalId', '{6F9A}'],
  ]
  for (const [header, cell, field, value] of fields) {
    const { rows } = await one(header, cell)
    t.same(rows[0]?.device?.[field], value, `${header}: ${cell}`)
  }
  const spanish = await read('No. de Inventario,Marca\nINV-1,Axis\n')
  t.equal(spanish.rows[0]?.device?.assetTag, 'INV-1')
  const odd = await one('IP Address', '10.1.2.3', 'switch 4', 'DHCP')
  t.match(odd.rows[1], { device: { ipAddress: null }, warnings: [{ code: 'not-an-address' }] })
  t.match(odd.rows[2], { device: { ipAddress: null }, warnings: [] })
  const warranty = await read('Tag,Make,Installed,Warranty Exp.\n1,Axis,13/06/2019,06/05/2022\n')
  t.match(warranty.rows[0]?.device, { installedOn: '2019-06-13', warrantyUntil: '2022-05-06' })
  const cameras = await one('NVR', 'NVR-1', 'NVR-1')
  t.match(cameras.rows[0]?.device, { recorder: 'NVR-1' })
  const recorders = await one('NVR', 'NVR-1', 'NVR-2')
  t.match(recorders.rows[0]?.device, { name: 'NVR-1' }, 'each named once: the recorders themselves')
  const heard = await read('Asset Tag,Make,Supplier\nT1,Axis,Hikvision USA\n', {
    namesIn: (text) => (/hikvision/i.test(text) ? 'Hikvision' : null),
  })
  t.same(heard.rows[0]?.remarks, ['Supplier: Hikvision USA'])
})

t.test('channels of one device in a report of Milestone become one device', async (t) => {
  const header = 'DeviceType,Name,Address,Channel,DriverNumber,RecordingServer,HardwareName,Password'
  const lines = [
    'Camera,Cam A,http://10.9.0.2/,0,1,REC-1,AXIS Q7436,x',
    'Camera,Cam B,HTTP://10.9.0.2/,1,1,REC-1,AXIS Q7436,x',
    'Camera,Dock,http://10.9.0.3/,0,1,REC-1,AXIS P3245-LVE,x',
  ]
  const { table, rows } = await read(`${header}\n${lines.join('\n')}\n`)
  t.equal(table.profile?.id, 'milestone-pstools')
  t.match(
    rows.map(({ device }) => device),
    [
      { name: 'Cam A', recorder: 'REC-1' },
      { name: 'Dock', model: 'AXIS P3245-LVE' },
    ],
  )
  t.match(table.leftOut, [{ row: 3, kind: 'channel' }])
  t.match(table.counts, { rows: 3, accepted: 2, leftOut: 1 })
})

t.test('programs name the same things otherwise, and each is read', async (t) => {
  const cases: [what: string, content: string, devices: object[]][] = [
    [
      'ServiceNow: kind and description have names of its own',
      'asset_tag,manufacturer,model_id,sys_class_name,short_description,u_mac_address\nP1,Axis,P3245-LVE,IP Camera,Lobby,ACCC8E000001\n',
      [{ deviceClass: 'camera', notes: 'Lobby', macAddress: 'AC:CC:8E:00:00:01' }],
    ],
    [
      'Milestone: each fact is that of the hardware',
      'HardwareName,HardwareAddress,HardwareMacAddress,HardwareModel,HardwareFirmwareVersion,CameraName,CameraChannel\nF44,http://10.2.5.5/,ACCC8E333333,AXIS F44,6.50,Lobby 1,0\nF44,http://10.2.5.5/,ACCC8E333333,AXIS F44,6.50,Lobby 2,1\n',
      [
        {
          name: 'Lobby 1',
          model: 'AXIS F44',
          macAddress: 'AC:CC:8E:33:33:33',
          ipAddress: '10.2.5.5',
          firmwareVersion: '6.50',
        },
      ],
    ],
    [
      'the first device of iVMS-4200 is no second line of the header',
      'Nickname,Connection Mode,Network Parameters,Device Type,Device Serial No.\nLobby,IP/Domain,10.8.0.11:8000,DS-2CD2143G2-I,DS-2CD2143G2-I2021AAWRF1\nGate,IP/Domain,10.8.0.12:8000,DS-7616NI-I2,DS-7616NI-I22019CCRR2\n',
      [
        { name: 'Lobby', ipAddress: '10.8.0.11', model: 'DS-2CD2143G2-I' },
        { name: 'Gate', ipAddress: '10.8.0.12', model: 'DS-7616NI-I2' },
      ],
    ],
    [
      'an address of the web is that of its host',
      'Tag,Make,IP Address\n1,Axis,http://10.2.0.22:80/onvif\n',
      [{ ipAddress: '10.2.0.22' }],
    ],
    [
      'UniFi: the name of the market is the model, not the platform',
      '{"cameras":[{"mac":"7483C2112233","host":"10.5.0.10","type":"UVC G4 Pro","modelKey":"camera","marketName":"G4 Pro","platform":"sav530q"}]}',
      [{ model: 'G4 Pro', deviceClass: 'camera', ipAddress: '10.5.0.10' }],
    ],
    [
      'NetBox: a null beside the address of another device',
      '[{"asset_tag":"1","primary_ip":{"id":9,"address":"10.1.1.10/24"}},{"asset_tag":"2","primary_ip":null}]',
      [{ ipAddress: '10.1.1.10' }, { ipAddress: null }],
    ],
    [
      'ONVIF: where the service answers',
      '[{"urn":"urn:uuid:1","xaddrs":["http://10.2.3.4/onvif/device_service"],"scopes":["onvif://www.onvif.org/hardware/IPC-1"]}]',
      [{ model: 'IPC-1', ipAddress: '10.2.3.4' }],
    ],
    [
      'NDJSON: what lies deeper is read as in other JSON',
      '{"tag":"N-1","net":{"ip":"10.1.2.3","mac":"4419b61a2031"}}\n{"tag":"N-2","net":{}}\n',
      [{ ipAddress: '10.1.2.3', macAddress: '44:19:B6:1A:20:31' }, { assetTag: 'N-2' }],
    ],
    [
      'German words, days with dots, decimal commas',
      'Inventarnr.;Hersteller;Typ;Kaufdatum;Anschaffungswert;Standort\n1;Dahua;NVR5216;05.06.2019;1.200;Rathaus\n2;Axis;P3245-LVE;;689,00;Rathaus\n',
      [
        {
          manufacturer: 'Dahua',
          model: 'NVR5216',
          acquiredOn: '2019-06-05',
          acquisitionCostCents: 120_000,
          siteName: 'Rathaus',
        },
        { acquisitionCostCents: 68_900 },
      ],
    ],
  ]
  for (const [what, content, devices] of cases) {
    const { rows } = await read(content)
    t.equal(rows.length, devices.length, what)
    t.match(
      rows.map(({ device }) => device),
      devices,
      what,
    )
  }
  const versions = await read('Tag,Make,Hardware Version\n1,Axis,2.10\n')
  t.equal(versions.rows[0]?.device?.firmwareVersion, undefined, 'of the hardware, not of its firmware')
  const address =
    '<nmaprun><host><address addr="fe80::1" addrtype="ipv6"/><address addr="10.1.0.6" addrtype="ipv4"/><hostnames><hostname name="c"/></hostnames></host></nmaprun>'
  t.equal((await read(address)).rows[0]?.device?.ipAddress, '10.1.0.6')
})

t.test('what a file holds beside its rows and points is named', async (t) => {
  const recorder = await read(
    '{"cameras":[{"mac":"7483C2112233"}],"nvr":{"name":"UNVR","mac":"7483C2112200"}}',
  )
  t.match(recorder.table.notices, [{ code: 'lists-not-read', message: /"nvr" \(1\)/ }])
  const about = await read('{"meta":{"version":"3"},"site":{"devices":[{"mac":"7483C2112233"}]}}')
  t.same(about.table.notices, [], 'what holds no device, and what holds the list, is not')
  const several = await read(
    '{"type":"FeatureCollection","features":[{"type":"Feature","id":"a1","geometry":{"type":"MultiPoint","coordinates":[[-83,40],[-84,41]]},"properties":{"tag":"1"}},{"type":"Feature","id":"a2","geometry":{"type":"MultiPoint","coordinates":[[-83,40]]},"properties":{"tag":"2"}}]}',
  )
  t.same(warned(several.rows[0]), ['coordinates: not-a-coordinate'])
  t.match(several.rows[1]?.device, { latitude: 40, longitude: -83 })
  t.match(several.table.mapping.ignored, [{ header: 'id of the feature' }])
})

t.test('a number of devices in a text is named and makes none', async (t) => {
  const text = async (name: string) => warned((await read(`Tag,Make,Name\n1,Axis,"${name}"\n`)).rows[0])
  for (const name of ['(12) AXIS P3245 DOMES', 'HIKVISION CAMERAS 16EA', '4 x dome', 'Dome, qty: 3'])
    t.same(await text(name), ['Name: quantity-in-text'], name)
  for (const name of ['NVR 32CH', '4x zoom PTZ', '16 Channel NVR', 'Lobby 2', '(1) dome', 'Cam 12'])
    t.same(await text(name), [], name)
  const counted = await read('Tag,Make,Name,Qty\n1,Axis,(12) domes,2\n')
  t.same(warned(counted.rows[0]), [], 'a column of quantities says it')
})
