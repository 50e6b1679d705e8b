/** Workbooks: what is read of good and odd ones, and what hostile ones are refused for, over HTTP. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { columnName, parseCellName } from '../src/intake/workbook/cell-name.ts'
import { numberText } from '../src/intake/workbook/cell-text.ts'
import { WORKBOOK_LIMITS, type WorkbookLimits } from '../src/intake/workbook/limits.ts'
import type { WorkbookMessage } from '../src/intake/workbook/messages.ts'
import { parseFormat } from '../src/intake/workbook/number-format.ts'
import { readWorkbookFile } from '../src/intake/workbook/thread.ts'
import { harness } from './support/harness.ts'
import type { WorkbookRead } from './support/workbook-read.ts'
import {
  archive,
  letters,
  SHEET_OPEN,
  sheetXml,
  textCell,
  textRows,
  type WorkbookOf,
  workbook,
} from './support/workbooks.ts'

const h = await harness(t)
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

async function newCity() {
  const id = await h.jurisdiction({ state: 'OH' })
  const key = await h.key('city-editor', id)
  const send = (body: Buffer, query = '', type = XLSX) =>
    h.call('POST', `/v1/imports${query}`, { key, body, headers: { 'content-type': type } })
  const devices = async (): Promise<Record<string, unknown>[]> =>
    (await h.call('GET', '/v1/devices?limit=1000&include=all', { key })).body.items
  return { key, send, devices }
}

const one = (xml: string, of: Partial<WorkbookOf> = {}) =>
  workbook({ sheets: [{ name: 'Cameras', xml }], ...of })
const table = (rows: readonly (readonly string[])[]) => sheetXml(textRows(rows))
const TWO_ROWS = table([
  ['Asset Tag', 'Make', 'Model'],
  ['A1', 'Axis', 'P3245'],
])

// ---- what is read

const FORMATS = ['00000000', 'yyyy\\-mm\\-dd', '[$-409]d\\-mmm\\-yy;@', '"CAM-"0000', '[h]:mm']
const STYLES = `<numFmts count="${FORMATS.length}">${FORMATS.map(
  (code, i) => `<numFmt numFmtId="${164 + i}" formatCode="${code.replaceAll('"', '&quot;')}"/>`,
).join('')}</numFmts><cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/>${FORMATS.map(
  (_, i) => `<xf numFmtId="${164 + i}"/>`,
).join('')}</cellXfs>`
const STRINGS =
  '<si><t>Hikvision</t></si><si><r><t>Hik</t></r><r><rPr><b/></rPr><t>vision</t></r></si>' +
  '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t xml:space="preserve">  padded  </t></si>' +
  '<si><t>a_x000D_b &amp; c</t></si><si><t><![CDATA[1 < 2]]></t></si>'
const ODD_ROWS = sheetXml(
  textRows([['Asset Tag', 'Make', 'Model', 'Name', 'Notes', 'Installed', 'Has radio']]) +
    // A cell without a name follows the one before it; a row without a number too.
    '<row><c s="2"><v>1234567</v></c><c t="s"><v>0</v></c><c t="s"><v>3</v></c><c t="s"><v>2</v></c><c t="s"><v>4</v></c><c s="1"><v>45000</v></c><c t="b"><v>1</v></c></row>' +
    // Out of order, gaps between, runs of text, a formula with its result.
    '<row r="5"><c r="B5" t="s"><v>1</v></c><c r="A5" s="5"><v>12</v></c><c r="F5" s="4"><v>45000.75</v></c><c r="E5" t="s"><v>5</v></c><c r="D5" t="str"><f>"a"&amp;"b"</f><v>ab</v></c></row>' +
    '<row r="9" hidden="1"><c r="A9" t="inlineStr"><is><r><t xml:space="preserve">T </t></r><r><t>9</t></r></is></c><c r="B9" t="s"><v>0</v></c><c r="E9"><v>0.30000000000000004</v></c><c r="F9" t="d"><v>2024-03-15T00:00:00</v></c></row>' +
    '<row r="20"><c r="ZZ20" s="1"/></row>',
  { before: '<cols><col min="3" max="4" width="9" hidden="1"/></cols>' },
)
const ODD: WorkbookOf = { sheets: [{ name: 'Cameras', xml: ODD_ROWS }], strings: STRINGS, styles: STYLES }
const ODD_DEVICES = [
  {
    assetTag: '01234567',
    manufacturer: 'Hikvision',
    model: 'padded',
    name: '東京',
    notes: 'a\rb & c',
    installedOn: '2023-03-15',
    hasRadio: true,
  },
  {
    assetTag: 'CAM-0012',
    manufacturer: 'Hikvision',
    name: 'ab',
    notes: '1 < 2',
    installedOn: '2023-03-15',
  },
  { assetTag: 'T 9', manufacturer: 'Hikvision', notes: '0.3', installedOn: '2024-03-15' },
]

t.test('what stands in the cells is read, in every form a workbook is written in', async (t) => {
  const forms: [string, WorkbookOf][] = [
    ['as Excel writes it', ODD],
    ['in the strict edition', { ...ODD, isStrict: true }],
    ['with prefixed names', { ...ODD, prefix: 'x' }],
    ['with macros', { ...ODD, isMacro: true }],
    [
      'in UTF-16',
      {
        ...ODD,
        sheets: [
          { name: 'Cameras', xml: Buffer.from(`\uFEFF${ODD_ROWS.replace('UTF-8', 'UTF-16')}`, 'utf16le') },
        ],
      },
    ],
    ['not packed', { ...ODD, sheets: [{ name: 'Cameras', xml: ODD_ROWS, lies: { isStored: true } }] }],
  ]
  for (const [form, of] of forms) {
    const city = await newCity()
    const reply = await city.send(workbook(of))
    t.match(
      reply.body.report?.counts,
      { rows: 3, created: 3, rejected: 0 },
      `${form} ${reply.body.detail ?? ''}`,
    )
    const devices = (await city.devices()).sort((a, b) =>
      String(a.assetTag).localeCompare(String(b.assetTag)),
    )
    t.match(devices, ODD_DEVICES, form)
  }
})

t.test('days are counted from 1900 or 1904, and no day is made up', async (t) => {
  const cell = (serial: number) => `<c r="B2" s="1"><v>${serial}</v></c>`
  const file = (serial: number, is1904: boolean) =>
    one(
      sheetXml(
        `${textRows([['Asset Tag', 'Installed']])}<row r="2">${textCell('A2', 'A1')}${cell(serial)}</row>`,
      ),
      {
        styles: STYLES,
        is1904,
      },
    )
  const cases: [number, boolean, string | null][] = [
    [45000, false, '2023-03-15'],
    [43538, true, '2023-03-15'],
    [0, false, null],
  ]
  for (const [serial, is1904, expected] of cases) {
    const city = await newCity()
    await city.send(file(serial, is1904))
    t.match(await city.devices(), [{ assetTag: 'A1', installedOn: expected }], `${serial}`)
  }
  const format = { kind: 'date' } as const
  const texts: [string, string, string | null][] = [
    ['1', '1900-01-01', null],
    ['59', '1900-02-28', null],
    ['60', '60', 'no-such-day'],
    ['61', '1900-03-01', null],
    ['2958465', '9999-12-31', null],
    ['2958466', '2958466', 'no-such-day'],
    ['-5', '-5', 'no-such-day'],
    ['0.75', '18:00:00', null],
    ['45000.999999', '2023-03-16', null],
  ]
  for (const [serial, text, note] of texts) t.same(numberText(serial, format, false), { text, note }, serial)
  t.same(numberText('0', format, true), { text: '1904-01-01', note: null })
  t.same(numberText('1.5', { kind: 'duration' }, false), { text: '36:00:00', note: null })
  const kinds: [string, string][] = [
    ['General', 'number'],
    ['0.00E+00', 'number'],
    ['[Red]0.0', 'number'],
    ['"d"0', 'number'],
    ['#,##0\\ "days"', 'number'],
    ['[$€-407] #,##0.00', 'number'],
    ['m/d/yyyy\\ h:mm', 'date'],
    ['[$-409]d\\-mmm\\-yy;@', 'date'],
    ['mmm', 'date'],
    ['h:mm AM/PM', 'date'],
    ['[h]:mm', 'duration'],
    ['[mm]:ss', 'duration'],
    ['00000000', 'padded'],
    ['0', 'number'],
  ]
  for (const [code, kind] of kinds) t.equal(parseFormat(code).kind, kind, code)
})

t.test(
  'every visible sheet that holds devices is read, and what is not is named with the reason',
  async (t) => {
    const city = await newCity()
    const rows = sheetXml(
      `${textRows([['Asset Tag', 'Make', 'Serial', 'Cost', 'Other']])}<row r="2">${textCell('A2', 'A1')}${textCell('B2', 'Axis')}<c r="C2"><v>12345678901234567</v></c></row><row r="3">${textCell('A3', 'A2')}<c r="B3" t="e"><v>#N/A</v></c><c r="D3"><f>NOW()</f></c><c r="E3"><v>1.2345678901234568E+19</v></c></row><row r="4">${textCell('A4', 'A3')}${textCell('B4', 'Axis')}</row><row r="900">${textCell('A900', 'A4')}${textCell('B900', 'Axis')}${textCell('G900', 'far')}</row>`,
      { after: '<mergeCells count="1"><mergeCell ref="B4:B6"/></mergeCells>' },
    )
    const hidden = table([
      ['Asset Tag', 'Make'],
      ['H1', 'Dahua'],
    ])
    const reply = await city.send(
      workbook({
        sheets: [
          { name: 'Old list', state: 'hidden', xml: hidden },
          { name: 'Cover', xml: sheetXml('') },
          { name: 'Cameras', xml: rows },
          { name: 'Very', state: 'veryHidden', xml: hidden },
          { name: 'Empty', xml: sheetXml('<row r="1"><c r="A1" s="1"/></row>') },
          {
            name: 'Recorders & more',
            xml: table([
              ['NVR ID', 'Make'],
              ['R1', 'Dahua'],
            ]),
          },
          {
            name: 'Contacts',
            xml: table([
              ['Name', 'Phone'],
              ['J. Ortiz', '555-0100'],
            ]),
          },
        ],
        styles: STYLES,
      }),
    )
    t.equal(reply.status, 201, reply.text)
    const { report } = reply.body
    t.match(report.counts, { rows: 5, created: 4, rejected: 1 })
    t.notOk((await city.devices()).some(({ assetTag }) => assetTag === 'H1'))
    t.match(report.rejected, [
      { row: 2, sheet: 'Cameras', errors: [{ column: 'Serial', code: 'rounded-number' }] },
    ])
    t.match(
      report.sheets.map(({ name, fate, why }: Record<string, string>) => [name, fate, why]),
      [
        ['Old list', 'left-out', 'It is hidden.'],
        ['Cover', 'left-out', 'It is empty.'],
        ['Cameras', 'read', null],
        ['Very', 'left-out', 'It is hidden.'],
        ['Empty', 'left-out', 'It is empty.'],
        ['Recorders & more', 'read', null],
        ['Contacts', 'left-out', /No column could be read/],
      ],
    )
    t.same(
      report.warnings.flatMap(({ row, errors }: { row: number; errors: { code: string }[] }) =>
        errors.map(({ code }) => `${row} ${code}`),
      ),
      ['3 spreadsheet-error', '3 formula-without-result'],
    )
    const said = new Map(
      report.fileWarnings.map(({ code, sheet, message }: Record<string, string>) => [
        `${code} ${sheet}`,
        message,
      ]),
    )
    const expected: [string, RegExp][] = [
      ['sheet-not-read Contacts', /no table of devices/],
      ['hidden-sheet-not-read Old list', /hidden sheet "Old list"/],
      ['hidden-sheet-not-read Very', /hidden sheet "Very"/],
      ['merged-cells Cameras', /1 merged area \(B4:B6\)/],
      ['error-cells Cameras', /cell B3 shows an error/],
      ['rounded-numbers Cameras', /2 cells, the first of them C2/],
      ['formulas-without-result Cameras', /cell D3 holds a formula/],
    ]
    t.same([...said.keys()].sort(), expected.map(([key]) => key).sort())
    for (const [key, message] of expected) t.match(said.get(key), message)
    const stored = await h.call('GET', `/v1/imports/${reply.body.id}`)
    t.same(stored.body.report, report, 'and the stored report says it too')

    const onlyHidden = workbook({ sheets: [{ name: 'Old list', state: 'hidden', xml: hidden }] })
    t.match((await city.send(onlyHidden)).body, {
      errors: [{ code: 'empty-file', message: /Hidden sheets are not read; "Old list" holds something/ }],
    })
  },
)

t.test('rows far apart cost nothing between them, and a cell far to the right is remarked', async (t) => {
  const city = await newCity()
  const far = `<row r="1048576">${textCell('A1048576', 'A2')}${textCell('B1048576', 'Axis')}</row>`
  const reply = await city.send(
    one(
      `${SHEET_OPEN}<dimension ref="A1:XFD1048576"/><sheetData>${textRows([
        ['Asset Tag', 'Make'],
        ['A1', 'Axis'],
      ])}${far}</sheetData></worksheet>`,
    ),
  )
  t.match(reply.body.report.counts, { rows: 2, created: 2 })
  t.equal((await city.devices()).length, 2)
  // Below the rows by which the columns are found.
  const long = Array.from({ length: 700 }, (_, i) => [
    `L${i}`,
    'Axis',
    ...(i === 600 ? ['', '', 'aside'] : []),
  ])
  const { report } = (await city.send(one(table([['Asset Tag', 'Make'], ...long])))).body
  t.match(report.counts, { rows: 700, created: 700, rejected: 0 })
  t.match(report.warnings, [
    { row: 602, errors: [{ code: 'beyond-header', value: 'aside', message: /E602/ }] },
  ])
})

// ---- what is refused

const cell = (name: string, row: number) => `<row r="${row}">${textCell(name, 'x')}</row>`
const around = (before: string, after: string, again: string, mebibytes: number) => ({
  before: `${SHEET_OPEN}${before}`,
  again,
  mebibytes,
  after: `${after}</worksheet>`,
})
const bomb = (xml: ReturnType<typeof around>, statedBytes?: number) =>
  workbook({ sheets: [{ name: 'S', xml, ...(statedBytes === undefined ? {} : { lies: { statedBytes } }) }] })
const doctype = (entities: string) =>
  one(
    `<?xml version="1.0"?><!DOCTYPE worksheet [${entities}]>${sheetXml(`<row r="1">${textCell('A1', '')}</row>`).replace(/^<\?xml.*\n/, '')}`,
  )
const good = one(TWO_ROWS)
const flipped = Buffer.from(one(table(Array.from({ length: 50 }, (_, i) => [`A${i}`, 'Axis']))))
for (let i = flipped.length - 900; i < flipped.length - 860; i++) flipped[i]! ^= 0xff
const compound = (name: string) =>
  Buffer.concat([
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    Buffer.alloc(70_000, 1),
    Buffer.from(name, 'utf16le'),
    Buffer.alloc(100, 1),
  ])

/** By what is wrong: the file, the code, what the sentence says, and the place it names. */
const REFUSED: readonly (readonly [
  what: string,
  file: Buffer,
  code: string,
  explanation: RegExp,
  pointer?: string,
])[] = [
  [
    'text in the last corner',
    one(sheetXml(cell('XFD1048576', 1048576))),
    'cell-outside',
    /XFD1048576.*A to SF \(500\)/,
    '/sheets/Cameras/XFD1048576',
  ],
  [
    'text in the last column',
    one(sheetXml(`<row r="1">${textCell('A1', 'a')}${textCell('XFD1', 'b')}</row>`)),
    'cell-outside',
    /XFD1 is outside/,
    '/sheets/Cameras/XFD1',
  ],
  ['text in column 501', one(sheetXml(cell('SG7', 7))), 'cell-outside', /SG7/, '/sheets/Cameras/SG7'],
  [
    'a row that no sheet has',
    one(sheetXml(`${cell('A1', 1)}${cell('A999999999', 999999999)}`)),
    'cell-outside',
    /A999999999.*1,048,576/,
    '/sheets/Cameras/A999999999',
  ],
  [
    'a cell of another row',
    one(sheetXml(cell('A2', 1))),
    'damaged-workbook',
    /row 1 has a cell called "A2"/,
    '/sheets/Cameras/row 1',
  ],
  [
    'a cell that there is not',
    one(sheetXml('<row r="1"><c r="__proto__"><v>1</v></c></row>')),
    'damaged-workbook',
    /"__proto__"/,
  ],
  [
    'a cell that is there twice',
    one(sheetXml(`<row r="1">${textCell('A1', 'a')}${textCell('A1', 'b')}</row>`)),
    'damaged-workbook',
    /A1 .*twice/,
    '/sheets/Cameras/A1',
  ],
  [
    'rows out of order',
    one(sheetXml(`${cell('A9', 9)}${cell('A5', 5)}`)),
    'damaged-workbook',
    /row 5 comes after row 9/,
  ],
  [
    'a text that there is not',
    one(sheetXml('<row r="1"><c r="A1" t="s"><v>77</v></c></row>'), { strings: STRINGS }),
    'damaged-workbook',
    /A1 .*"77"/,
    '/sheets/Cameras/A1',
  ],
  [
    'a number that is none',
    one(sheetXml('<row r="1"><c r="A1"><v>12,5</v></c></row>')),
    'damaged-workbook',
    /A1/,
    '/sheets/Cameras/A1',
  ],
  [
    'a cell of unknown kind',
    one(sheetXml('<row r="1"><c r="A1" t="q"><v>1</v></c></row>')),
    'damaged-workbook',
    /A1 .*"q"/,
  ],
  [
    '32,768 characters in a cell',
    one(sheetXml(`<row r="1">${textCell('A1', 'x'.repeat(32_768))}</row>`)),
    'workbook-limit',
    /A1 .*32,768 characters; 32,767/,
    '/sheets/Cameras/A1',
  ],
  [
    '600 MB of spaces',
    bomb(around('', sheetXml('').slice(SHEET_OPEN.length), ' ', 600)),
    'workbook-limit',
    /sheet1\.xml" unpacks to .* times its size, 600 MiB; 200/,
  ],
  [
    'a size that lies',
    bomb(around('', '', ' ', 600), 5000),
    'damaged-workbook',
    /sheet1\.xml" does not unpack to the size/,
  ],
  [
    '100,000 merged areas',
    one(
      sheetXml(cell('A1', 1), {
        after: `<mergeCells>${'<mergeCell ref="A1:XFD1048576"/>'.repeat(10_001)}</mergeCells>`,
      }),
    ),
    'workbook-limit',
    /more than 10,000 merged areas/,
  ],
  [
    'a merged area that there is not',
    one(sheetXml(cell('A1', 1), { after: '<mergeCells><mergeCell ref="B2:A1"/></mergeCells>' })),
    'damaged-workbook',
    /"B2:A1"/,
  ],
  [
    'tags in tags',
    bomb(around('<sheetData>', '', '<a><b><c><d><e>a', 1)),
    'workbook-limit',
    /nests more than 32 tags/,
  ],
  [
    'a document type that multiplies',
    doctype('<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">'),
    'damaged-workbook',
    /document type/,
  ],
  [
    'a document type that reads files',
    doctype('<!ENTITY e SYSTEM "file:///etc/hostname">'),
    'damaged-workbook',
    /document type/,
  ],
  [
    'an entity of nobody',
    one(sheetXml('<row r="1"><c r="A1" t="str"><v>&nobody;</v></c></row>')),
    'damaged-workbook',
    /not well-formed/,
  ],
  [
    'a wrong checksum',
    workbook({ sheets: [{ name: 'S', xml: TWO_ROWS, lies: { statedSum: 1 } }] }),
    'damaged-workbook',
    /sheet1\.xml" does not have the checksum/,
  ],
  [
    'tags that do not close',
    one(`${SHEET_OPEN}<sheetData><row r="1"><c r="A1"><v>1</c></row></sheetData></worksheet>`),
    'damaged-workbook',
    /sheet1\.xml" is not well-formed/,
  ],
  [
    'bytes that are no text',
    workbook({ sheets: [{ name: 'S', xml: Buffer.from([0x3c, 0x61, 0xff, 0xff]) }] }),
    'damaged-workbook',
    /no text/,
  ],
  ['cut short', good.subarray(0, good.length * 0.6), 'damaged-workbook', /broken or was cut short/],
  ['flipped bits', flipped, 'damaged-workbook', /./],
  [
    '60,000 parts',
    archive(Array.from({ length: 60_000 }, (_, i) => ({ name: `a${i}`, content: '', isStored: true }))),
    'workbook-limit',
    /60,000 parts; 4,096/,
  ],
  [
    'a part twice',
    one(TWO_ROWS, { extra: [{ name: 'XL/Workbook.xml', content: 'x' }] }),
    'damaged-workbook',
    /two parts/,
  ],
  [
    '101 sheets',
    workbook({ sheets: Array.from({ length: 101 }, (_, i) => ({ name: `S${i}`, xml: TWO_ROWS })) }),
    'workbook-limit',
    /more than 100 sheets/,
  ],
  [
    'a sheet that is missing',
    one(TWO_ROWS, { without: ['xl/worksheets/sheet1.xml'] }),
    'damaged-workbook',
    /no part "xl\/worksheets\/sheet1\.xml"/,
  ],
  [
    'encrypted parts',
    workbook({ sheets: [{ name: 'S', xml: TWO_ROWS, lies: { isEncrypted: true } }] }),
    'encrypted-workbook',
    /remove the password/,
  ],
  ['a password', compound('EncryptedPackage'), 'encrypted-workbook', /remove the password/],
  ['an old workbook', compound('Workbook'), 'not-text', /old Excel workbook \(\.xls\).*Save As/],
  [
    'a binary workbook',
    archive([
      { name: '[Content_Types].xml', content: 'x' },
      { name: 'xl/workbook.bin', content: 'x' },
    ]),
    'not-text',
    /\.xlsb.*Save As/,
  ],
  [
    'an OpenDocument sheet',
    archive([
      { name: 'mimetype', content: 'x', isStored: true },
      { name: 'content.xml', content: 'x' },
    ]),
    'not-text',
    /OpenDocument sheet \(\.ods\)/,
  ],
  [
    'a document',
    archive([
      { name: '[Content_Types].xml', content: 'x' },
      { name: 'word/document.xml', content: 'x' },
    ]),
    'not-text',
    /Word document/,
  ],
  [
    'an archive of something',
    archive([{ name: 'cameras.csv', content: 'Asset Tag\n1\n' }]),
    'not-text',
    /ZIP archive and no workbook/,
  ],
  ['an empty archive', archive([]), 'not-text', /ZIP archive and no workbook/],
  ['no rows', one(sheetXml('')), 'empty-file', /no rows/],
]

t.test('a file under the media type of its own program is refused with how to save it', async (t) => {
  const city = await newCity()
  const zip = (name: string) => archive([{ name, content: 'x' }])
  const office = 'application/vnd.openxmlformats-officedocument'
  const cases: [type: string, file: Buffer, explanation: RegExp][] = [
    ['application/vnd.oasis.opendocument.spreadsheet', zip('content.xml'), /OpenDocument.*save it as/],
    ['application/vnd.ms-excel.sheet.binary.macroEnabled.12', zip('xl/workbook.bin'), /\.xlsb.*Save As/],
    ['application/vnd.apple.numbers', zip('Index/Document.iwa'), /Numbers.*Export To/],
    [`${office}.wordprocessingml.document`, zip('word/document.xml'), /Word document.*Copy/],
    ['application/zip', zip('cameras.csv'), /ZIP archive.*Unpack/],
    ['application/x-zip-compressed', zip('cameras.csv'), /ZIP archive.*Unpack/],
    ['application/msexcel', compound('Workbook'), /\.xls\).*Save As/],
    ['application/pdf', Buffer.from('%PDF-1.7\n%\xE2\xE3', 'latin1'), /a PDF.*as CSV/],
  ]
  for (const [type, file, explanation] of cases) {
    const reply = await city.send(file, '', type)
    t.same([reply.status, reply.body.type], [422, '/problems/unreadable-file'], `${type}: ${reply.text}`)
    t.match(reply.body.detail, explanation, type)
  }
  const macros = await city.send(good, '', 'application/vnd.ms-excel.sheet.macroEnabled.12')
  t.match(macros.body.report?.counts, { created: 1 }, 'one with macros is read, as its twin without')
})

t.test(
  'a workbook that cannot be read is refused in seconds, with the place and the limit, and nothing is kept',
  async (t) => {
    const city = await newCity()
    for (const [what, file, code, explanation, pointer] of REFUSED) {
      const started = performance.now()
      const reply = await city.send(file)
      const seconds = (performance.now() - started) / 1000
      t.same([reply.status, reply.body.type], [422, '/problems/unreadable-file'], `${what}: ${reply.text}`)
      t.equal(reply.body.errors?.[0]?.code, code, `${what}: ${reply.text}`)
      t.match(reply.body.detail, explanation, what)
      if (pointer !== undefined) t.equal(reply.body.errors[0].pointer, pointer, what)
      t.ok(seconds < 20, `${what}: ${seconds.toFixed(1)} s`)
    }
    t.equal((await city.devices()).length, 0)
    t.match((await city.send(good)).body.report.counts, { created: 1 }, 'and the next one is read')
  },
)

t.test('every cell outside of what is read is named, up to twenty', async (t) => {
  const city = await newCity()
  const rows = Array.from({ length: 40 }, (_, i) => cell(`${letters(490 + i)}${i + 1}`, i + 1)).join('')
  const { errors } = (await city.send(one(sheetXml(rows)))).body
  t.equal(errors.length, 20)
  t.same([errors[0].pointer, errors.at(-1).pointer], ['/sheets/Cameras/SG11', '/sheets/Cameras/SZ30'])
})

t.test('a workbook of more than 64 MiB is refused before it is opened', async (t) => {
  const city = await newCity()
  const large = Buffer.concat([good, Buffer.alloc(64 * 1024 * 1024)])
  const reply = await city.send(large)
  t.same([reply.status, reply.body.errors[0].code], [422, 'workbook-limit'])
  t.match(reply.body.detail, /64 MiB is the most/)
})

// ---- limits, at the limit and one beyond; the thread

const folder = await mkdtemp(join(tmpdir(), 'camledger-test-'))
t.teardown(() => rm(folder, { recursive: true }))
let files = 0

async function onDisk(bytes: Buffer): Promise<string> {
  const path = join(folder, `${++files}.xlsx`)
  await writeFile(path, bytes)
  return path
}

async function read(bytes: Buffer, limits: Partial<WorkbookLimits>): Promise<WorkbookMessage[]> {
  const messages: WorkbookMessage[] = []
  for await (const message of readWorkbookFile(await onDisk(bytes), { ...WORKBOOK_LIMITS, ...limits }))
    messages.push(message)
  return messages
}

t.test('each limit is held at its number', async (t) => {
  const strings = { strings: STRINGS, styles: STYLES }
  const file = one(TWO_ROWS, strings)
  const characters = 'Asset TagMakeModelA1AxisP3245'.length
  const merged = one(sheetXml(cell('A1', 1), { after: '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>' }))
  const cases: [keyof WorkbookLimits, number, Buffer][] = [
    ['fileBytes', file.length, file],
    ['parts', 7, file],
    ['partBytes', Buffer.byteLength(TWO_ROWS), one(TWO_ROWS)],
    ['sheets', 1, file],
    ['columns', 3, file],
    ['rows', 2, file],
    ['cells', 6, file],
    ['sharedStrings', 6, file],
    ['sharedCharacters', 'Hikvision'.length * 2 + 2 + 10 + 7 + 5, file],
    ['textCharacters', characters, file],
    ['cellCharacters', 'Asset Tag'.length, file],
    ['mergedAreas', 1, merged],
    ['cellStyles', 7, file],
    ['numberFormats', 5, file],
    ['depth', 6, file],
  ]
  for (const [limit, most, bytes] of cases) {
    await t.resolves(read(bytes, { [limit]: most }), `${limit} ${most}`)
    await t.rejects(
      read(bytes, { [limit]: most - 1 }),
      { code: limit === 'columns' || limit === 'rows' ? 'cell-outside' : 'workbook-limit' },
      `${limit} ${most - 1}`,
    )
  }
  t.equal(columnName(WORKBOOK_LIMITS.columns - 1), 'SF')
  t.same(parseCellName('SF12'), { row: 12, column: 499 })
})

t.test('whatever a file does to the thread that reads it, it is refused and the service lives', async (t) => {
  const off = { ratio: Number.POSITIVE_INFINITY }
  const texts = workbook({
    sheets: [{ name: 'S', xml: TWO_ROWS }],
    strings: Array.from({ length: 400_000 }, (_, i) => `<si><t>text number ${i}</t></si>`).join(''),
  })
  await t.rejects(read(texts, { heapMebibytes: 12 }), { code: 'workbook-limit', message: /12 MiB of memory/ })
  const endless = bomb(around('<sheetData><row r="1">', '</row></sheetData>', '<c/>', 400))
  await t.rejects(read(endless, { ...off, seconds: 1 }), {
    code: 'workbook-limit',
    message: /longer than 1 seconds/,
  })
  t.ok((await read(good, {})).length > 0)
})

t.test('many at once are read one after the other, and one that is left early ends its thread', async (t) => {
  const path = await onDisk(one(table(Array.from({ length: 9_000 }, (_, i) => [`A${i}`, 'Axis', 'P3245']))))
  const whole = async () => {
    let rows = 0
    for await (const message of readWorkbookFile(path))
      if (message.kind === 'rows') rows += message.rows.length
    return rows
  }
  const early = async () => {
    for await (const message of readWorkbookFile(path))
      if (message.kind === 'rows') return message.rows.length
    return 0
  }
  t.same(
    await Promise.all([early(), whole(), early(), whole(), early(), whole()]),
    [250, 9000, 250, 9000, 250, 9000],
  )
})

t.test('what a sheet is padded with is not held in memory', async (t) => {
  const run = promisify(execFile)
  const script = fileURLToPath(new URL('./support/workbook-read.js', import.meta.url))
  const measure = async (bytes: Buffer, limits: object): Promise<WorkbookRead> => {
    const { stdout } = await run(process.execPath, [script, await onDisk(bytes), JSON.stringify(limits)])
    return JSON.parse(stdout)
  }
  // Without the rule on ratios, which refuses them at once, the others have to hold.
  const off = { ratio: 1e9 }
  const plain = await measure(good, {})
  const cases: [string, Buffer, string][] = [
    ['spaces between tags', bomb(around('', '', ' ', 600)), 'workbook-limit'],
    [
      'one text',
      bomb(around('<sheetData><row r="1"><c r="A1" t="str"><v>', '</v></c></row></sheetData>', 'x', 600)),
      'workbook-limit',
    ],
    [
      'one attribute',
      bomb(around('<sheetData><row r="1" x="', '"/></sheetData>', 'x', 300)),
      'workbook-limit',
    ],
    ['one comment', bomb(around('<!--', '-->', 'x', 300)), 'workbook-limit'],
  ]
  for (const [what, file, code] of cases) {
    const { refused, peakMegabytes, seconds } = await measure(file, off)
    t.equal(refused, code, what)
    t.ok(
      peakMegabytes < plain.peakMegabytes + 100,
      `${what}: ${peakMegabytes.toFixed(0)} MB, a small file ${plain.peakMegabytes.toFixed(0)}`,
    )
    t.ok(seconds < 30, `${what}: ${seconds.toFixed(1)} s`)
  }
})

t.test(
  'sheets are chosen by name, merged cells hold for their rows, and lists for drop-downs are left out',
  async (t) => {
    const city = await newCity()
    const merged = sheetXml(
      textRows([
        ['Asset', '', 'Device', ''],
        ['Tag', 'Site', 'Make', 'Model'],
        ['A1', 'City Hall', 'Dahua', 'IPC-1'],
        ['A2', '', '', 'IPC-2'],
        ['GARAGE', '', '', ''],
        ['A3', '', 'Axis', 'P1'],
      ]),
      {
        after:
          '<mergeCells count="3"><mergeCell ref="A1:B1"/><mergeCell ref="B3:B4"/><mergeCell ref="C3:C4"/></mergeCells>',
      },
    )
    const list = table([
      ['Manufacturer', 'Model'],
      ['Axis', 'P3245'],
    ])
    const book = workbook({
      sheets: [
        { name: 'Read me', xml: table([['Instructions'], ['See the next tab']]) },
        { name: 'Lists', xml: list },
        { name: 'Cameras', xml: merged },
        { name: 'Old', state: 'hidden', xml: TWO_ROWS.replaceAll('A1<', 'H1<') },
      ],
    })
    const { report } = (await city.send(book)).body
    t.match(report.counts, { rows: 4, created: 3, leftOut: 1, rejected: 0 })
    t.match(
      report.sheets.map(({ name, fate }: Record<string, string>) => `${name} ${fate}`),
      ['Read me left-out', 'Lists left-out', 'Cameras read', 'Old left-out'],
    )
    t.match(report.leftOut, [{ row: 5, sheet: 'Cameras', kind: 'heading', text: 'GARAGE' }])
    const devices = await city.devices()
    const of = (tag: string) => devices.find(({ assetTag }) => assetTag === tag)!
    t.match(of('A2'), { manufacturer: 'Dahua', siteId: of('A1').siteId })
    t.not(of('A3').siteId, of('A1').siteId)

    const chosen = await city.send(book, '?sheet=old')
    t.match(chosen.body.report.counts, { rows: 1, created: 1 })
    t.match((await city.send(book, '?sheet=Nowhere')).body.errors, [
      { code: 'no-sheet', message: /"Read me", "Lists", "Cameras", "Old"/ },
    ])
    // Refused rows of two sheets come back under one header.
    const two = workbook({
      sheets: [
        {
          name: 'One',
          xml: table([
            ['Asset Tag', 'Make'],
            ['1E+10', 'Axis'],
          ]),
        },
        {
          name: 'Two',
          xml: table([
            ['Make', 'Serial', 'Asset Tag'],
            ['Dahua', '1.2E+14', 'T2'],
          ]),
        },
      ],
    })
    const refused = await city.send(two)
    t.match(refused.body.report.counts, { rows: 2, rejected: 2 })
    const key = city.key
    const rejects = await h.call('GET', `/v1/imports/${refused.body.id}/rejects`, { key })
    t.match(rejects.text.split('\r\n'), [
      'Asset Tag,Make,Serial,error',
      /^1E\+10,Axis,,/,
      /^T2,Dahua,1\.2E\+14,/,
    ])
  },
)
