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
    programmes: ['CMIC-EO13959'],
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
    t.match(entries.AXIS, { kind: 'vessel', programmes: ['IRAN', 'SDGT'] })
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
