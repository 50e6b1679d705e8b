import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Relationship, Vendor } from '../src/catalogue/vendors.ts'
import { evaluateNames, readCells, renderReport, restrictedVendors } from '../src/cli/evaluate-names.ts'
import { buildMatcher } from '../src/identification/match/matcher.ts'
import { MATCH_FROM, type NameMatch, REVIEW_FROM } from '../src/identification/match/result.ts'
import { canonicalKey, canonicalText, MAX_WORDS, readWords, skeleton } from '../src/identification/names.ts'
import { EVERYDAY_WORDS, KNOWN_WORDS, SOMEBODY_ELSE_WORDS } from '../src/identification/words.ts'
import fc from './support/properties.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const items = <T>(path: string) => (JSON.parse(read(path)) as { items: T[] }).items
const vendors = items<Vendor>('data/vendors.json')
const relationships = items<Relationship>('data/relationships.json')
const matcher = buildMatcher(vendors, new Map(), relationships)
const cells = readCells(read('test/fixtures/names.csv'), new Set())
const restricted = restrictedVendors(cells)
const answer = (match: NameMatch) => [match.band, match.vendor]

t.test('the labeled cells pass the gate', async (t) => {
  const report = evaluateNames(cells, matcher, restricted)
  t.ok(cells.length >= 250, 'enough cells')
  t.strictSame(report.missed, [], renderReport(report))
})

t.test('the gate notices a matcher that finds nobody and one that finds Hikvision everywhere', async (t) => {
  const nobody = evaluateNames(cells, buildMatcher([]), restricted)
  t.strictSame(nobody.missed, ['accuracy below 0.98', 'restricted recall below 0.99'])
  const everywhere = { ...matcher, match: () => matcher.match('Hikvision') }
  t.equal(evaluateNames(cells, everywhere, restricted).missed.length, 4)
})

t.test('scores fall from exact names to misspelt ones to near misses to noise', async (t) => {
  const mean = (category: string) => {
    const own = cells.filter((cell) => cell.category === category)
    return own.reduce((sum, cell) => sum + matcher.match(cell.query).score, 0) / own.length
  }
  const means = ['exact', 'typo', 'near_miss_negative', 'noise'].map(mean)
  t.strictSame(
    [...means].sort((a, b) => b - a),
    means,
  )
})

t.test('canonical text keeps short brands and drops what is not a name', async (t) => {
  for (const [cell, text] of [
    ['  Hikvision\t', 'hikvision'],
    ['Z.T.E.', 'zte'],
    ['H I K', 'h i k'],
    ['Hik-Vision', 'hik vision'],
    ['Hikvision/DS-7616NI-Q2', 'hikvision'],
    ['AXIS P3245-LVE', 'axis'],
    ['Hikvisi0n', 'hikvision'],
    ['https://eu.hikvision.com/en/', 'hikvision'],
    ['sales@tp-link.com', 'tp link'],
    ['hikvision.com.cn', 'hikvision'],
    ['Hikvision&trade; &amp; Co', 'hikvision co'],
    ['Geutebr&uuml;ck', 'geutebruck'],
    ['Н\u0456\u043Avi\u0455\u0456\u043En', 'hikvision'],
    ['Ｄａｈｕａ', 'dahua'],
    ['海康威視（杭州）', '海康威视 杭州'],
    ['ДАХУА', 'дахуа'],
    ["Xin'an", 'xinan'],
    ['D\0a\0h\0u\0a', 'dahua'],
    ['Da\u200bhua\u00ad', 'dahua'],
    ['\u202eDahua\u202c', 'dahua'],
    ['Sentry360', 'sentry 360'],
    ['CP+', 'cp plus'],
    ['---', ''],
  ] as const) {
    t.equal(canonicalText(cell), text, JSON.stringify(cell))
  }
})

t.test('brackets and "by" are told apart from the label', async (t) => {
  t.strictSame(
    readWords('HiLook (Hangzhou) by Hikvision').map((word) => [word.text, word.bracketed, word.demoted]),
    [
      ['hilook', false, false],
      ['hangzhou', true, false],
      ['by', false, false],
      ['hikvision', false, true],
    ],
  )
  t.notOk(readWords('(Dahua)')[0]?.bracketed, 'brackets around the whole cell say nothing')
})

t.test('a skeleton is what spellings of one sound share', async (t) => {
  for (const [a, b] of [
    ['mobotics', 'mobotix'],
    ['bosh', 'bosch'],
    ['axsis', 'axis'],
    ['pelko', 'pelco'],
    ['dakhua', 'dahua'],
    ['ezvis', 'ezviz'],
  ] as const) {
    t.equal(skeleton(a), skeleton(b), `${a} and ${b}`)
  }
})

t.test('what decides hard cells', async (t) => {
  for (const [cell, band, vendor] of [
    // BIS Denied Persons List: DAHUA ELECTRONICS CORPORATION, Flushing NY, is somebody else.
    ['Dahua Electronics Corporation', 'none', null],
    ['DAHUA ELECTRONICS CORP., Flushing NY', 'none', null],
    ['Dahua Electronics', 'review', 'dahua'],
    ['Dahua Hotel, Shanghai', 'none', null],
    ['大华银行', 'none', null],
    ['大华机场', 'review', 'dahua'],
    // Another label in the cell.
    ['Axis / Hikvision', 'review', 'hikvision'],
    ['Honeywell (Dahua OEM)', 'review', 'honeywell'],
    ['eufy (Anker)', 'match', 'eufy'],
    ['Pelco by Motorola Solutions', 'match', 'pelco'],
    ['Hikvision EZVIZ', 'match', 'ezviz'],
    ['Samsung Techwin', 'match', 'hanwha'],
    // Said not to be.
    ['not Hikvision', 'review', 'hikvision'],
    ['None (Hikvision removed)', 'review', 'hikvision'],
    ['Hikvision compatible', 'review', 'hikvision'],
    ['No. 3 Hikvision', 'match', 'hikvision'],
    // English words want the trade beside them.
    ['Axis', 'match', 'axis'],
    ['Axis Bank', 'none', null],
    ['March of Dimes', 'none', null],
    ['Ring doorbell', 'match', 'ring'],
    ['Insight Technologies', 'review', 'evidence-iq'],
    // Three letters bear no misspelling and no company.
    ['ZTE', 'match', 'zte'],
    ['ZTO', 'none', null],
    ['Z T E', 'match', 'zte'],
    ['LTS Logistics', 'none', null],
    ['UNV camera', 'match', 'uniview'],
    ['LTS-CMIP8232', 'review', 'lts'],
    ['Interlogix TVT-5403', 'match', 'truvision'],
    // A name run together with others.
    ['hikvisionusa', 'match', 'hikvision'],
    ['dahuasecurity.com', 'match', 'dahua'],
    ['Activision', 'none', null],
    ['화웨이코리아', 'match', 'huawei'],
    // A long sentence around a name that cannot be mistaken is for a person.
    ['Hikvision camera on the pole beside First National Bank', 'review', 'hikvision'],
    ['Empire Technologies', 'none', null],
    ['HiVision', 'review', 'hikvision'],
  ] as const) {
    t.strictSame(answer(matcher.match(cell)), [band, vendor], cell)
  }
})

t.test('without relationships every second name in a cell is for a person', async (t) => {
  t.equal(buildMatcher(vendors).match('eufy (Anker)').band, 'review')
})

t.test('a match says how it came about', async (t) => {
  const match = matcher.match('Hangzhou Hikvison Widget Inc')
  t.match(match, {
    query: 'Hangzhou Hikvison Widget Inc',
    normalized: 'hangzhou hikvison widget inc',
    vendor: 'hikvision',
    method: 'edit',
    alias: { text: 'Hikvision', kind: 'display' },
    edits: [{ op: 'insert', from: '', to: 'i', cost: 1 }],
    freeWords: [{ text: 'inc', class: 'legal' }],
    leftover: [
      { text: 'hangzhou', class: 'place', weight: 0.02 },
      { text: 'widget', class: 'core' },
    ],
    matcherVersion: matcher.version,
  })
  for (const [cell, method] of [
    ['Hikvision', 'exact'],
    ['Hik Vision', 'joined'],
    ['Mobotics', 'skeleton'],
    ['Dauha', 'edit'],
    ['海康威视', 'native'],
    ['Acme', 'none'],
  ] as const) {
    t.equal(matcher.match(cell).method, method, cell)
  }
  t.strictSame(matcher.match('Dauha').edits, [{ op: 'transpose', from: 'uh', to: 'hu', cost: 0.7 }])
})

t.test('a match held back says why and whom else the cell names', async (t) => {
  for (const [cell, heldBack, alsoNamed] of [
    ['Honeywell (Dahua OEM)', 'two-vendors', ['dahua']],
    ['Bosch, Pelco, Dahua', 'two-vendors', ['pelco', 'dahua']],
    ['not Hikvision', 'denied', []],
    ['Dahua Electronics', 'like-somebody-else', []],
    ['eufy (Anker)', null, ['anker']],
    ['Hikvision', null, []],
  ] as const) {
    const match = matcher.match(cell)
    t.equal(match.heldBack, heldBack, cell)
    t.same(match.alsoNamed.toSorted(), alsoNamed.toSorted(), cell)
  }
})

t.test('names nearby are suggested where nothing matched, and survive JSON', async (t) => {
  const near = matcher.match('Hikvis')
  t.equal(near.band, 'none')
  t.equal(near.suggestions[0]?.vendor, 'hikvision')
  t.ok(near.suggestions.length <= 5)
  t.strictSame(JSON.parse(JSON.stringify(near)).suggestions, near.suggestions)
  t.strictSame(matcher.match('Hikvision').suggestions, [])
  t.strictSame(matcher.match('N/A').suggestions, [])
})

t.test("a person's decision wins over any score, however the cell is spelt", async (t) => {
  const decided = buildMatcher(
    vendors,
    new Map([
      [matcher.key('Acme Cam'), 'dahua'],
      [matcher.key('Hikvision'), null],
      [matcher.key(''), 'dahua'],
    ]),
    relationships,
  )
  t.strictSame(answer(decided.match(' ACME-CAM')), ['match', 'dahua'])
  t.equal(decided.match('acme cam').method, 'decision')
  t.strictSame(answer(decided.match('HIKVISION')), ['none', null])
  t.strictSame(answer(decided.match('Hikvision Inc')), ['match', 'hikvision'], 'and for that cell only')
  t.strictSame(answer(decided.match('Axis DS-2CD2143')), answer(matcher.match('Axis DS-2CD2143')))
  t.equal(decided.match('?').band, 'none', 'an empty key decides nothing')
  t.not(matcher.key('Axis DS-2CD2143'), matcher.key('Axis'), 'a decision on a model is not one on its maker')
})

t.test('the version changes with the catalog and with nothing else', async (t) => {
  t.equal(buildMatcher([...vendors]).version, matcher.version)
  t.equal(buildMatcher(vendors, new Map([['x', null]])).version, matcher.version)
  t.not(buildMatcher(vendors.slice(1)).version, matcher.version)
})

t.test('every name in the catalog resolves to its own vendor', async (t) => {
  const lost: string[] = []
  for (const vendor of vendors) {
    if (vendor.matchable === false) continue
    for (const name of vendor.names) {
      const match = matcher.match(name.text)
      if (match.band !== 'match' || match.vendor !== vendor.id)
        lost.push(`${vendor.id}: ${name.text} -> ${match.band} ${match.vendor}`)
    }
  }
  t.strictSame(lost, [])
})

t.test('legal entities kept for listings only are never answered', async (t) => {
  const hidden = new Set(vendors.filter((vendor) => vendor.matchable === false).map((vendor) => vendor.id))
  t.ok(hidden.size > 0)
  for (const vendor of vendors) {
    for (const name of vendor.names) t.notOk(hidden.has(matcher.match(name.text).vendor ?? ''), name.text)
  }
})

t.test('word lists do not contradict each other or the catalog', async (t) => {
  for (const word of SOMEBODY_ELSE_WORDS) {
    t.notOk(['review', 'match'].includes(matcher.match(word).band) && !isCatalogueName(word), word)
  }
  for (const word of EVERYDAY_WORDS) t.match(word, /^[a-z]+$/)
  for (const word of KNOWN_WORDS.keys()) {
    t.equal(
      matcher.match(word).band === 'none' || isCatalogueName(word),
      true,
      `"${word}" alone names nobody`,
    )
  }
})

function isCatalogueName(word: string): boolean {
  return vendors.some((vendor) => vendor.names.some((name) => canonicalKey(name.text) === word))
}

// --- properties ------------------------------------------------------------------------------------

const wildText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'Hikvision',
          'Dahua',
          'a.b.',
          'ОРТЕХ',
          'ї',
          '海康',
          'ダ',
          '&amp;',
          '&#0;',
          '0',
          '1',
          '-',
          '/',
        ),
        fc.constantFrom(
          '(',
          ')',
          ' ',
          '.',
          '_',
          "'",
          '+',
          '@',
          'www.',
          '.com',
          'NVR5216',
          'İ',
          'ß',
          '\ud83d',
          '\u200f',
        ),
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join('')),
)

t.test('reading never throws and reading twice changes nothing', async () => {
  fc.assert(
    fc.property(wildText, (text) => {
      const once = canonicalText(text)
      return canonicalText(once) === once && readWords(text).length <= MAX_WORDS
    }),
    { numRuns: 2000 },
  )
})

t.test('matching never throws, scores lie in bounds and bands agree with them', async () => {
  fc.assert(
    fc.property(wildText, (text) => {
      const match = matcher.match(text)
      const band = match.score >= MATCH_FROM ? 'match' : match.score >= REVIEW_FROM ? 'review' : 'none'
      return (
        match.score >= 0 &&
        match.score <= 1 &&
        match.band === band &&
        (match.vendor === null) === (band === 'none')
      )
    }),
    { numRuns: 2000 },
  )
})

t.test('hostile cells are answered at once', async (t) => {
  const hostile = [
    'Hikvision '.repeat(1000),
    `${' '.repeat(100_000)}Dahua`,
    `${'\0'.repeat(10_000)}Dahua`,
    'a'.repeat(10_000),
    '('.repeat(10_000),
    'a.'.repeat(5000),
    '&amp;'.repeat(2000),
    '1-a'.repeat(4000),
    '海'.repeat(10_000),
    '\u200f'.repeat(10_000),
    '\ud800'.repeat(10_000),
    'e\u0301'.repeat(5000),
  ]
  const start = process.cpuUsage()
  for (const cell of hostile) matcher.match(cell)
  t.ok(secondsSince(start) < 1)
  t.equal(matcher.match(`${' '.repeat(100_000)}Dahua`).vendor, 'dahua')
  t.equal(matcher.match(`${'\0'.repeat(10_000)}Dahua`).vendor, 'dahua')
})

/** Processor time, so that what else the machine does is not counted. */
function secondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

/** Display names that are no English word, of four letters and more. */
const plainNames = vendors
  .filter((vendor) => vendor.matchable !== false)
  .map((vendor) => vendor.name)
  .filter((name) => canonicalKey(name).length >= 4 && matcher.match(name).band === 'match')

t.test('case, marks, spacing, legal form and an appended model never change the vendor', async (t) => {
  const change = fc.constantFrom<(name: string) => string>(
    (name) => name.toUpperCase(),
    (name) => name.toLowerCase(),
    (name) => ` ${name.replaceAll(' ', '   ')}\u00a0`,
    (name) => name.replaceAll(' ', '-'),
    (name) => name.replaceAll(' ', '_'),
    (name) => `${name}\u2122`,
    (name) => `"${name}"`,
    (name) => `(${name})`,
    (name) => name.replace(/[aeiou](?=[a-z])/g, (vowel) => `${vowel}\u0301`),
    (name) =>
      [...name]
        .map((char) => (/[!-~]/.test(char) ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char))
        .join(''),
  )
  const suffix = fc.constantFrom(
    '',
    ' Inc.',
    ', LLC',
    ' Co., Ltd.',
    ' Corp',
    ' GmbH',
    ' S.A.',
    ' Pty Ltd',
    ' Limited',
  )
  const model = fc.constantFrom(
    '',
    ' DS-2CD2143G0-I',
    ' P3245-LVE',
    ' IPC-HDW2431T',
    ' NBE-4502-AL',
    ' C800',
    ' 4MP',
    ' #3',
  )
  fc.assert(
    fc.property(fc.constantFrom(...plainNames), change, suffix, model, (name, changed, form, number) => {
      const match = matcher.match(`${changed(name)}${form}${number}`)
      return match.band === 'match' && match.vendor === matcher.match(name).vendor
    }),
    { numRuns: 3000 },
  )
  t.ok(plainNames.length > 100)
})

t.test('a cell that names a restricted vendor and another one never matches the other', async () => {
  const named = fc.constantFrom(
    'Hikvision',
    'Dahua',
    'Uniview',
    'Tiandy',
    'Huawei',
    'Hytera',
    'ZTE',
    'HIK',
    '海康威视',
    'Hikvison',
  )
  const parents = new Map<string, string[]>()
  for (const { child, parent, kind } of relationships) {
    if (kind === 'subsidiary' || kind === 'brand-of')
      parents.set(child, [...(parents.get(child) ?? []), parent])
  }
  const isReached = (vendor: string): boolean =>
    restricted.has(vendor) || (parents.get(vendor) ?? []).some((parent) => isReached(parent))
  const others = vendors.filter((vendor) => vendor.matchable !== false && !isReached(vendor.id))
  const other = fc.constantFrom(...others.map((vendor) => vendor.name))
  const shape = fc.constantFrom<(a: string, b: string) => string>(
    (a, b) => `${a} / ${b}`,
    (a, b) => `${b}, ${a}`,
    (a, b) => `${b} (${a})`,
    (a, b) => `${b} by ${a}`,
    (a, b) => `${b} OEM ${a}`,
    (a, b) => `${b} replaced ${a} DS-2CD2143`,
    (a, b) => `${a} ${b} camera`,
  )
  fc.assert(
    fc.property(named, other, shape, (a, b, write) => {
      const match = matcher.match(write(a, b))
      return match.band === 'review' || (match.vendor !== null && isReached(match.vendor))
    }),
    { numRuns: 3000 },
  )
})

t.test('the first letter of a name always survives', async () => {
  const names = [
    'hikvision',
    'dahua',
    'uniview',
    'tiandy',
    'hytera',
    'huawei',
    'hisilicon',
    'amcrest',
    'quectel',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.constantFrom(...'abcdefgijlmnopqrsuvwxyz'), (name, letter) => {
      if (letter === name[0]) return true
      const { band, vendor } = matcher.match(letter + name.slice(1))
      return band === 'none' || !restricted.has(vendor ?? '')
    }),
  )
})

t.test('a single slip in a long restricted name is found', async () => {
  const names = [
    'hikvision',
    'uniview',
    'hisilicon',
    'sensetime',
    'amcrest',
    'hikrobot',
    'montavue',
    'intelbras',
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.nat(),
      fc.constantFrom('drop', 'double', 'swap'),
      (name, place, slip) => {
        const at = 1 + (place % (name.length - 2))
        const [before, here, next, after] = [name.slice(0, at), name[at], name[at + 1], name.slice(at + 2)]
        const cell =
          slip === 'drop'
            ? before + next + after
            : slip === 'double'
              ? before + here + here + next + after
              : before + next + here + after
        return matcher.match(cell).vendor === matcher.match(name).vendor
      },
    ),
  )
})

t.test('a column with repeats and one of distinct names are both resolved fast', async (t) => {
  // The bounds are a quarter of the design figures (100,000 and 20,000 a second), to tell a slow algorithm from a slow machine.
  const repeated = Array.from(
    { length: 50_000 },
    (_, at) => (cells[at % cells.length] as { query: string }).query,
  )
  const distinct = Array.from({ length: 5000 }, (_, at) => `${repeated[at]} ${at}`)
  const perSecond = (texts: readonly string[]) => {
    const start = process.cpuUsage()
    matcher.matchMany(texts)
    return texts.length / secondsSince(start)
  }
  matcher.matchMany(distinct.map((text) => `${text}0`))
  t.ok(perSecond(distinct) > 5000)
  t.ok(perSecond(repeated) > 25_000)
})
