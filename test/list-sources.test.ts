/** Files of authorities as they publish them, with the traps of each: what is read of an entry, and what is refused. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ListEntry } from '../src/lists/model/entry.ts'
import { type ReadFile, readListFile } from '../src/lists/reading/thread.ts'

const fixture = (name: string) => fileURLToPath(import.meta.resolve(`#root/test/fixtures/lists/${name}`))
const folder = t.testdir({})

/** Of each entry by its key what a test looks at. */
const byKey = ({ entries }: ReadFile): Record<string, ListEntry> =>
  Object.fromEntries(entries.map((entry) => [entry.key, entry]))
const byName = ({ entries }: ReadFile): Record<string, ListEntry> =>
  Object.fromEntries(entries.map((entry) => [entry.name, entry]))
const full = (...texts: readonly string[]) => texts.map((text) => ({ text, isWeak: false }))

t.test('the advanced file of OFAC: every script of a name, owners, lists, and nobody twice', async (t) => {
  const read = await readListFile({ list: 'ofac-consolidated', path: fixture('cons_advanced.xml') })
  t.match(read, { format: 'advanced-xml', head: { publishedOn: '2026-09-03' }, persons: 1, unreadable: 0 })
  t.same(read.personKeys, ['41002'])
  const entries = byKey(read)
  t.same(
    Object.keys(entries),
    ['30946', '41001', '41003'],
    'a party that is only referred to is on no list, and a person is not kept',
  )
  t.match(entries['30946'], {
    name: 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.',
    part: 'Non-SDN CMIC List',
    programs: ['CMIC-EO13959'],
    countries: ['CN'],
    from: '2021-06-03',
    owners: ['41001'],
    identifiers: [{ type: 'Unified Social Credit Code (USCC)', value: '91330000733796106P' }],
  })
  t.same(entries['30946']!.aliases, [
    { text: 'HIK', isWeak: true },
    ...full('杭州海康威视数字技术股份有限公司', 'HIKVISION'),
  ])
  t.match(entries['41001'], { name: 'NORTH RIVER HOLDING', part: 'SDN List', countries: ['GB'], owners: [] })
  t.match(entries['41003'], { kind: 'vessel' })
})

t.test('trade.gov in 29 and in 28 columns: the same entries, with what stands in their cells', async (t) => {
  const [now, before] = await Promise.all(
    ['csl.csv', 'csl-28.csv'].map((name) => readListFile({ list: 'trade-csl', path: fixture(name) })),
  )
  for (const read of [now!, before!]) {
    t.match(read, { format: 'csv', persons: 1, unreadable: 0 })
    const entries = byName(read)
    t.equal(read.entries.length, 10, 'neither the header that is repeated nor the person')
    t.match(entries['HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.'], {
      key: 'CMIC:30946',
      from: '2021-06-03',
    })
    t.match(entries['Dahua Technology'], { aliases: [], from: '2019-10-09', countries: ['CN'] })
    t.match(
      entries['Huawei Digital Technologies (Suzhou) Co., Ltd.'],
      { part: 'EL' },
      'the affiliate is listed and not its parent',
    )
    t.same(entries['Institute 9']?.aliases, full('Ninth Institute', 'River Institute', 'Institute of Rivers'))
    t.equal(entries['Institute 9']?.from, '2015-08-11', 'one day is written the American way')
    t.same(entries['Huawei Technologies Co., Ltd. (Huawei)']?.aliases, [
      ...full('Huawei Technologies Co., Ltd.'),
      { text: 'Huawei', isWeak: true },
    ])
    t.match(
      entries["Blue Hill People's Works"],
      { from: null, to: null },
      'a lost apostrophe, places behind the name, and a year that is a slip',
    )
    t.match(entries['Grey Hill Company Ltd.'], {
      aliases: full('Grey Mountain Company Ltd.'),
      to: '2024-01-21',
    })
    t.same(
      entries['Far Field Ltd']?.aliases,
      full('F&F Engineering', 'the Field Company', 'the Farfield Company'),
      'rows of the State Department are joined by commas',
    )
    t.match(entries['Open Flying Service'], { part: 'MEU' })
    t.match(entries.AXIS, { kind: 'vessel', programs: ['IRAN', 'SDGT'] })
  }
  t.equal(byName(now!)['Dahua Technology']?.key, 'EL:a1')
  t.match(byName(before!)['Dahua Technology']?.key, /^EL:[0-9a-f]{32}$/, 'before 2020 rows had no id')
})

t.test('trade.gov as JSON is read piece by piece, whatever stands in its texts', async (t) => {
  const read = await readListFile({ list: 'trade-csl', path: fixture('csl.json') })
  t.match(read, { format: 'json', head: { declared: 4 }, persons: 1, unreadable: 0 })
  t.same(Object.keys(byKey(read)), ['CMIC:30946', 'EL:a1', 'EL:a3'])
  t.match(byKey(read)['CMIC:30946'], { from: '2021-06-03', countries: ['CN'] })
  t.same(byKey(read)['EL:a3']?.aliases, full('Ninth Institute', '"River" Institute \\ ]}, {['))
  // So many rows that pieces of the file end anywhere in them.
  const rows = Array.from({ length: 3000 }, (_, i) => ({
    ...{ id: `row${i}`, source: 'Entity List (EL) - BIS', name: `River "${i}" {Co} \\ Ltd`, start_date: '' },
  }))
  const long = join(folder, 'long.json')
  await writeFile(long, JSON.stringify({ total: 3000, results: rows }))
  const all = await readListFile({ list: 'trade-csl', path: long })
  t.equal(all.entries.length, 3000)
  t.equal(all.entries[2999]?.name, 'River "2999" {Co} \\ Ltd')
  const text = await readFile(fixture('csl.json'), 'utf8')
  const faults: readonly [name: string, text: string, code: string][] = [
    ['cut in an entry', text.slice(0, text.indexOf('Ninth')), 'truncated'],
    ['cut between entries', text.slice(0, text.indexOf('"id": "a3"') - 10), 'truncated'],
    ['no list', '{"items": [{"name": "x"}]}', 'wrong-format'],
    ['a list by itself', '[{"results": []}]', 'wrong-format'],
  ]
  for (const [name, broken, code] of faults) {
    const path = join(folder, 'broken.json')
    await writeFile(path, broken)
    await t.rejects(readListFile({ list: 'trade-csl', path }), { code }, name)
  }
})

t.test(
  'the Entity List of the eCFR: one supplement, names out of prose, countries of the row above',
  async (t) => {
    const read = await readListFile({ list: 'bis-entity-list', path: fixture('ecfr-744.xml') })
    t.match(read, { format: 'ecfr-xml', unreadable: 0 })
    const entries = byName(read)
    t.same(Object.keys(entries), [
      'Dahua Technology',
      'Hangzhou Hikvision Digital Technology Co., Ltd.',
      'Huawei Technologies Co., Ltd. (Huawei)',
      'North River Group Corporation, 14th Research Institute',
      'Far Field Tech. Co. Ltd.',
    ])
    t.match(entries['Dahua Technology'], { from: '2019-10-09', countries: ['CN'], aliases: [] })
    t.match(entries['Hangzhou Hikvision Digital Technology Co., Ltd.'], {
      countries: ['CN'],
      aliases: full('Hikvision'),
    })
    t.same(entries['Huawei Technologies Co., Ltd. (Huawei)']?.aliases, [
      ...full('Huawei Technologies Co., Ltd.'),
      { text: 'Huawei', isWeak: true },
    ])
    t.same(
      entries['North River Group Corporation, 14th Research Institute']?.aliases,
      full('Blue River Research Institute', 'BRRI'),
      'a unit of a company is not the company',
    )
    t.match(entries['Far Field Tech. Co. Ltd.'], {
      aliases: full('Farfield', 'St. Farfield Works Co., Ltd'),
      countries: ['IR'],
      from: null,
    })
  },
)

t.test(
  'the page of the FCC: one table of several, companies with their scope, classes without a company',
  async (t) => {
    const read = await readListFile({ list: 'fcc-covered-list', path: fixture('covered-list.html') })
    t.match(read, { format: 'html', head: { publishedOn: '2026-07-21' }, unreadable: 0 })
    t.same(
      read.entries.map(({ name, from, kind, scope, purposeLimited }) => [
        name,
        from,
        kind,
        scope,
        purposeLimited,
      ]),
      [
        ['Huawei Technologies Company', '2021-03-12', 'entity', 'equipment', false],
        ['Hangzhou Hikvision Digital Technology Company', '2021-03-12', 'entity', 'equipment', true],
        ['North Networks Corp', '2022-09-20', 'entity', 'services', false],
        ['NorthNet (USA) LLC', '2022-09-20', 'entity', 'services', false],
        ['Far Lab, Inc.', '2024-07-23', 'entity', 'software', false],
        [
          'Uncrewed aircraft systems (UAS) and UAS critical components produced in a foreign country',
          '2025-12-22',
          ...['class', 'class', false],
        ],
        [
          'All communications and video surveillance equipment and services listed in Section 1709(a)(1) of the FY25 National Defense Authorization Act.',
          '2025-12-22',
          ...['class', 'class', false],
        ],
        ['Routers produced in a foreign country', '2026-03-23', 'class', 'class', false],
      ],
    )
    const page = await readFile(fixture('covered-list.html'), 'utf8')
    const path = join(folder, 'page.html')
    const faults: readonly [name: string, text: string, code: string][] = [
      [
        'the table of approvals alone',
        page.replaceAll('Covered Equipment or Services', 'Approved'),
        'wrong-format',
      ],
      ['cut in the table', page.slice(0, page.indexOf('July 23, 2024')), 'truncated'],
      ['an error page', '<!doctype html><html><body>Access Denied</body></html>', 'wrong-format'],
    ]
    for (const [name, text, code] of faults) {
      await writeFile(path, text)
      await t.rejects(readListFile({ list: 'fcc-covered-list', path }), { code }, name)
    }
    // Closing what was never opened looked through all that is open: minutes for two megabytes.
    const nested = '<b>'.repeat(400_000) + '</i>'.repeat(400_000)
    await writeFile(path, `<!doctype html><html><body>${nested}</body></html>`)
    await t.rejects(readListFile({ list: 'fcc-covered-list', path }), {
      code: 'wrong-format',
      message: 'The page has more than 1000 tags in one another.',
    })
    await writeFile(path, page.replace('July 23, 2024', 'soon'))
    t.match(await readListFile({ list: 'fcc-covered-list', path }), {
      unreadable: 1,
      problems: [{ place: 'row 4 of the table', message: /no day/ }],
    })
  },
)

t.test(
  'the page of the UFLPA list: every table whatever heads it, other names out of brackets',
  async (t) => {
    const read = await readListFile({ list: 'uflpa', path: fixture('uflpa.html') })
    t.equal(read.unreadable, 0)
    t.same(
      read.entries.map(({ part, name, from, aliases }) => [
        part,
        name,
        from,
        aliases.map(({ text }) => text),
      ]),
      [
        [
          ...['i', 'Xinjiang Production and Construction Corps', '2022-06-21'],
          ['XPCC', 'Xinjiang Corps', 'Bingtuan'],
        ],
        ['i', 'Blue Hill Cotton (Group) Co., Ltd.', '2022-06-21', ['Blue Hill (Xinjiang) Cotton']],
        [
          ...['ii', 'Blue Hill Cotton (Group) Co., Ltd.', '2023-12-11'],
          ['Grey Hill Cotton Co., Ltd.', 'Green Hill Cotton Co., Ltd.'],
        ],
      ],
    )
    t.equal(new Set(read.entries.map(({ key }) => key)).size, 3, 'a company on two sub-lists is two entries')
    const path = join(folder, 'uflpa.html')
    await writeFile(path, (await readFile(fixture('uflpa.html'), 'utf8')).replace('Entity Name', 'Importers'))
    t.match(await readListFile({ list: 'uflpa', path }), { problems: [{ message: /none of the list/ }] })
  },
)

t.test('editions of the 1260H list are periods: what goes on, what ended, what came back', async (t) => {
  const read = await readListFile({ list: 'dod-1260h', path: fixture('1260h.csv') })
  t.match(read, { format: 'periods-csv', head: { publishedOn: '2026-06-08' }, unreadable: 0 })
  t.same(
    read.entries.map(({ name, from, to, aliases }) => [name, from, to, aliases.map(({ text }) => text)]),
    [
      ['Hangzhou Hikvision Digital Technology Co., Ltd.', '2021-06-03', null, ['Hikvision']],
      ['North River Co., Ltd.', '2021-06-03', '2022-10-05', ['NRC', 'North River, Inc.', 'Old River Ltd']],
      ['North River Co. Ltd.', '2025-01-07', null, []],
      ['Far Field Company', '2022-10-05', '2026-02-17', []],
    ],
  )
  const [first, second] = read.entries.slice(1).map(({ key }) => key.split(':'))
  t.equal(first![0], second![0], 'one company, however it is punctuated')
})

t.test('denied persons in five columns and in twelve: one order, its addresses, its end', async (t) => {
  const csv = await readListFile({ list: 'bis-denied-persons', path: fixture('dpl.csv') })
  const tabs = await readListFile({ list: 'bis-denied-persons', path: fixture('dpl.txt') })
  t.match(
    [csv, tabs],
    [
      { format: 'csv', unreadable: 0 },
      { format: 'tabs', unreadable: 0 },
    ],
  )
  t.match(byName(csv), {
    'NORTH RIVER AIR CO., LTD.': { from: '2023-10-31', to: '2028-10-30', countries: ['AE', 'IR'] },
    'FAR FIELD LTD': { from: '2003-06-19', to: null, aliases: [{ text: 'FARFIELD' }], countries: ['HK'] },
  })
  t.match(byName(tabs), {
    'NORTH RIVER AIR CO., LTD.': { from: '2023-10-31', to: '2027-10-30', countries: ['IR'] },
    'FAR FIELD LTD': { countries: ['HK'], citation: '68 F.R. 1' },
  })
  t.equal(csv.entries.length, 2)
  const key = (read: ReadFile) => byName(read)['FAR FIELD LTD']?.key
  t.equal(key(csv), key(tabs), 'the same entry, whichever file it comes in')
})

t.test(
  'exports of OpenSanctions: an entry for each list, in any order of lines; changes are no list',
  async (t) => {
    const read = await readListFile({ list: 'opensanctions', path: fixture('entities.ftm.json') })
    t.match(read, { format: 'ftm', persons: 1, unreadable: 0 })
    t.same(
      read.entries.map(({ key, from, to }) => [key, from, to]),
      [
        ['CMIC:NK-hik', '2021-06-03', null],
        ['1260H:NK-hik', '2021-06-03', null],
        ['889:NK-hik', null, null],
        ['us_bis_denied:NK-ended', '2019-01-01', '2020-01-01'],
      ],
    )
    t.match(read.entries[0], {
      name: 'Hangzhou Hikvision Digital Technology Co., Ltd.',
      aliases: [...full('Hikvision Digital', 'Hikvision', 'Old Hik Ltd'), { text: 'HIK', isWeak: true }],
      countries: ['CN'],
      owners: ['NK-parent'],
      formerKeys: ['CMIC:us-dod-hik', 'CMIC:ofac-30946'],
    })
    const path = join(folder, 'changes.json')
    await writeFile(path, '{"op":"ADD","entity":{"id":"x"}}\n')
    await t.rejects(readListFile({ list: 'opensanctions', path }), { code: 'wrong-format' })
    const lines = await readFile(fixture('entities.ftm.json'), 'utf8')
    await writeFile(path, lines.slice(0, lines.indexOf('"alias"')))
    await t.rejects(readListFile({ list: 'opensanctions', path }), { code: 'truncated' })
  },
)

t.test('OFAC’s delta: what comes and goes as a whole, what changed, for the list that is read', async (t) => {
  const sdn = await readListFile({ list: 'ofac-sdn', path: fixture('ofac-delta.xml') })
  t.match(sdn, {
    format: 'delta',
    head: { publishedOn: '2026-11-24' },
    persons: 1,
    personKeys: ['50002'],
    unreadable: 0,
  })
  t.match(sdn.changes, [
    {
      kind: 'add',
      entry: {
        key: '99001',
        name: 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.',
        aliases: [...full('杭州海康威视数字技术股份有限公司'), { text: 'HIK', isWeak: true }],
        countries: ['CN'],
        from: '2026-11-24',
        owners: ['41001'],
      },
    },
    { kind: 'remove', key: '1001' },
    {
      kind: 'modify',
      key: '1002',
      put: { programs: ['IRAN-CON-ARMS-EO'] },
      gone: { programs: ['SDGT'] },
    },
    { kind: 'remove', key: '1003' },
  ])
  const others = await readListFile({ list: 'ofac-consolidated', path: fixture('ofac-delta.xml') })
  t.same(
    others.changes!.flatMap((change) => (change.kind === 'add' ? change.entry.name : [])),
    ['OF ANOTHER LIST LTD'],
  )
})

t.test('a file that takes too long or that nobody waits for is read no further', async (t) => {
  const path = join(folder, 'long.csv')
  await writeFile(path, await readFile(fixture('csl.csv')))
  await t.rejects(
    readListFile({ list: 'trade-csl', path }, undefined, { heapMebibytes: 512, seconds: 0.001 }),
    {
      code: 'too-much',
      message: 'Reading the file takes longer than 0.001 seconds, which is the most.',
    },
  )
  const gone = new AbortController()
  const read = readListFile({ list: 'trade-csl', path }, gone.signal)
  gone.abort(new Error('The caller has gone away.'))
  await t.rejects(read, { message: 'The caller has gone away.' })
})
