import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse as parseCsv } from 'csv-parse/sync'
import t from 'tap'
import type { DeviceClass } from '../src/catalogue/facts.ts'
import { readReferenceFiles } from '../src/catalogue/files.ts'
import type { Listing } from '../src/catalogue/rules.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../src/device/blank.ts'
import { UPDATE_CHANNELS } from '../src/device/choices.ts'
import { importCsaf } from '../src/firmware/feeds/csaf.ts'
import { importCve } from '../src/firmware/feeds/cve.ts'
import { importKev, importKevCsv, requiredActionOf } from '../src/firmware/feeds/kev.ts'
import { importNvd } from '../src/firmware/feeds/nvd.ts'
import { ruleOfText } from '../src/firmware/feeds/text.ts'
import { firmwareOfFiles, readFirmwareFiles } from '../src/firmware/store.ts'
import {
  type Advisory,
  AdvisoryOverlay,
  type Claim,
  comparingAdvisories,
  makerNames,
  mergeAdvisories,
} from '../src/firmware-risk/advisories.ts'
import { indexingAdvisories } from '../src/firmware-risk/advisory-index.ts'
import { type Affected, type AffectedRule, affectedBy } from '../src/firmware-risk/affected-rule.ts'
import { assess } from '../src/firmware-risk/assess.ts'
import type { InstalledProduct } from '../src/firmware-risk/assessment.ts'
import { NO_HOLDINGS } from '../src/firmware-risk/holdings.ts'
import { readLaw } from '../src/firmware-risk/judgment.ts'
import { compareLevels, type Level } from '../src/firmware-risk/levels.ts'
import { daysHeld, wholeDays } from '../src/firmware-risk/licenses/days.ts'
import type { License } from '../src/firmware-risk/licenses/license.ts'
import { licenseProblems, overlappingLicenses } from '../src/firmware-risk/licenses/problems.ts'
import { licenseReminders } from '../src/firmware-risk/licenses/reminders.ts'
import { testScope } from '../src/firmware-risk/licenses/scope.ts'
import { coverEnds } from '../src/firmware-risk/licenses/test-all.ts'
import { licensingRisk as riskUnderLaw } from '../src/firmware-risk/licensing-risk.ts'
import { catalogueMakers } from '../src/firmware-risk/maker-names.ts'
import type { Measure } from '../src/firmware-risk/measure.ts'
import { firmwareMeasures } from '../src/firmware-risk/measures.ts'
import { indexOfModels, ModelIndex } from '../src/firmware-risk/model-index.ts'
import { labelModel } from '../src/firmware-risk/model-names.ts'
import { compilePattern, MODEL_LIMITS, modelReadings, patternsProblem } from '../src/firmware-risk/models.ts'
import { openVulnerabilities } from '../src/firmware-risk/open-vulnerabilities.ts'
import type { FirmwareRelease } from '../src/firmware-risk/release.ts'
import { keptUntil } from '../src/firmware-risk/retention.ts'
import type { RiskInput as LawInput, Vulnerability as OpenVulnerability } from '../src/firmware-risk/risk.ts'
import { heldSource } from '../src/firmware-risk/sources.ts'
import type { RiskSubject } from '../src/firmware-risk/subject.ts'
import { SupportPeriods, supportOf } from '../src/firmware-risk/support-periods.ts'
import { supportStatus } from '../src/firmware-risk/support-status.ts'
import { orderOf } from '../src/firmware-risk/urgency.ts'
import { compareFirmware, parseFirmware } from '../src/firmware-risk/versions.ts'
import { Weights, weightProblems } from '../src/firmware-risk/weights.ts'
import { identify } from '../src/identification/identify.ts'
import { buildMatcher } from '../src/identification/match/matcher.ts'
import { addDays, isWithin, type PlainDate } from '../src/lib/calendar.ts'
import { atOnce } from '../src/lib/steps.ts'
import { buildKnowledge, type Knowledge } from '../src/screening/knowledge.ts'
import { type Screening, screen } from '../src/screening/screen.ts'
import fc from './support/properties.ts'

const read = (path: string) => readFileSync(fileURLToPath(import.meta.resolve(`#root/${path}`)), 'utf8')
const json = (path: string): unknown => JSON.parse(read(path))
const fixture = (name: string) => read(`test/fixtures/firmware/${name}`)

const overlay = AdvisoryOverlay.parse(json('data/advisories.json'))
const makers = makerNames(overlay)
const weights = Weights.parse(json('data/firmware-weights.json'))
const NY = 'America/New_York'

const indexed = (
  advisories: readonly Advisory[],
  prefixes: ReadonlyMap<string, readonly string[]> = new Map(),
) => atOnce(indexingAdvisories(advisories, prefixes))
const difference = (before: readonly Advisory[], after: readonly Advisory[]) =>
  atOnce(comparingAdvisories(before, after))
/** The tests of a license's scope, and of the day. */
const testOn = (day: PlainDate, ...asked: Parameters<typeof testScope>) => {
  const { covers, failed, days } = testScope(...asked)
  const holds = isWithin(days, day)
  return { covers: covers && holds, failed: [...failed, ...(holds ? [] : [{ test: 'date' }])] }
}

t.test(
  'the record of a licensed act is kept whole years, that of February 29 through February 28',
  async (t) => {
    for (const [regime, actedOn, until] of [
      ['ofac-sdn', '2026-11-20', '2036-11-20'],
      ['ofac-sdn', '2028-02-28', '2038-02-28'],
      ['ofac-sdn', '2028-02-29', '2038-03-01'],
      ['bis-entity-list', '2024-02-29', '2029-03-01'],
      ['bis-entity-list', '2024-12-31', '2029-12-31'],
      ['fcc-covered-list', '2024-02-29', null],
    ] as const)
      t.equal(keptUntil(regime, actedOn), until, `${regime} ${actedOn}`)
  },
)

/* Versions */

t.test('a version string is read as its maker writes it, or called opaque', async (t) => {
  // Forms seen in advisories and release notes of the makers, read 2026-11-23.
  for (const [maker, raw, segments, buildDate, branch, channel] of [
    ['hikvision', 'V5.5.82 build 190909', [5, 5, 82], '2019-09-09', null, null],
    ['hikvision', 'V5.5.800 build 210628', [5, 5, 800], '2021-06-28', null, null],
    ['hikvision', 'v5.4.0 Build 160530', [5, 4, 0], '2016-05-30', null, null],
    ['hikvision', 'V5.7.1', [5, 7, 1], null, null, null],
    ['hikvision', 'IPC_G3_EN_STD_5.5.160_210416', [5, 5, 160], '2021-04-16', 'IPC_G3', null],
    ['hikvision', 'IPD_H8_EN_STD_5.7.1_210619', [5, 7, 1], '2021-06-19', 'IPD_H8', null],
    ['dahua', '2.800.0000000.29.R, Build Date: 2021-06-04', [2, 800, 29], '2021-06-04', '2.800.0000000', 'R'],
    ['dahua', '2.800.0000000.29.r.210630', [2, 800, 29], '2021-06-30', '2.800.0000000', 'R'],
    ['dahua', '2.800.0000000.3.R,2021-10-26', [2, 800, 3], '2021-10-26', '2.800.0000000', 'R'],
    ['dahua', '2.800.0000000.24.R', [2, 800, 24], null, '2.800.0000000', 'R'],
    ['dahua', '2.800.00AC001.0.R', [2, 800, 0], null, '2.800.00AC001', 'R'],
    ['dahua', '3.142.15OG000.0.R', [3, 142, 0], null, '3.142.15OG000', 'R'],
    ['axis', '10.12.182', [10, 12, 182], null, '10.12', null],
    ['axis', '11.11.117', [11, 11, 117], null, '11.11', null],
    ['axis', '9.80.3.5', [9, 80, 3, 5], null, '9.80', null],
    ['hanwha', '3.05.62', [3, 5, 62], null, null, null],
    ['hanwha', '1.41.04_20211012_R280', [1, 41, 4], '2021-10-12', null, null],
    ['uniview', 'QIPC-B2202.10.17.C06222.L61.NB.250307', [10, 17], '2025-03-07', 'QIPC-B2202', null],
    ['uniview', 'QIPC-B2202.2.0.230111', [2, 0], '2023-01-11', 'QIPC-B2202', null],
    // Ours: a date that does not exist is no date, and a package tells its region.
    ['hikvision', 'V5.5.82 build 190931', [5, 5, 82], null, null, null],
    ['axis', 'AXIS OS 12.6.97', [12, 6, 97], null, '12.6', null],
  ] as const) {
    const version = parseFirmware(maker, raw)
    t.match(version, { scheme: maker, buildDate, branch, channel, isComparable: true }, raw)
    t.same(version.segments, segments, raw)
  }
  for (const [maker, raw] of [
    ['uniview', 'QIPC-B2201_0221'],
    ['avtech', 'FullImg-1023-1007-1011-1009'],
    ['hikvision', 'latest'],
    ['constructor', '1.2.3'],
    ['hanwha', `${'9'.repeat(30)}.1.1`],
    ['axis', `1.${'1'.repeat(300)}`],
  ] as const) {
    t.match(parseFirmware(maker, raw), { scheme: 'opaque', segments: null, isComparable: false }, raw)
  }
  t.equal(parseFirmware('hikvision', 'IPC_G3_EN_STD_5.5.160_210416').region, 'EN')
})

const COMPARISONS: readonly (readonly [string, string, string, -1 | 0 | 1 | null])[] = [
  // The letter at the end is the channel that a package is released in.
  ['dahua', '2.800.0000000.29.R', '2.800.0000000.30.B', null],
  ['hikvision', 'V5.5.800 build 210628', 'V5.5.82 build 190909', 1], // integers, not decimals
  ['hikvision', 'V5.5.80 build 210628', 'V5.5.800 build 210628', -1],
  ['hikvision', 'V5.4.0 build 160401', 'V5.4.0 build 160530', -1], // the build day breaks the tie
  ['hikvision', 'IPC_G3_EN_STD_5.5.160_210416', 'IPD_H8_EN_STD_5.7.1_210619', null], // other platform
  ['dahua', '2.800.0000000.3.R,2021-10-26', '2.800.0000000.29.R, Build Date: 2021-06-04', -1], // counter first
  ['dahua', '2.800.0000000.29.R, Build Date: 2021-06-04', '2.800.0000000.29.r.210630', -1],
  ['dahua', '2.800.0000000.29.R', '2.820.0000000.5.R.210705', null],
  ['dahua', '2.800.0000000.24.R', '2.800.00AC001.0.R', null], // customer branch
  ['axis', '10.12.182', '10.12.257', -1],
  ['axis', '9.80.3.5', '9.80.3', 1],
  ['hanwha', '3.05.62', '3.5.62', 0],
  ['uniview', 'QIPC-B2202.10.17.C06222.L61.NB.250307', 'QIPC-B2202.2.0.230111', 1],
  ['avtech', 'FullImg-1023-1007-1011-1009', 'FullImg-1023-1007-1011-1008', null],
  // Ours.
  ['avtech', 'FullImg-1023', 'fullimg-1023 ', 0],
  ['hikvision', 'V5.7.1', 'V5.7.1 build 210619', null], // the same number, and one build day unknown
  ['axis', '12.1.60', '12.2.41', -1], // the active track goes on from release to release
  ['axis', '11.11.117', '11.9.60', null], // a long-term track has its own fixes
]

t.test('versions are ordered inside one line only, and the same whichever comes first', async (t) => {
  for (const [maker, a, b, expected] of COMPARISONS) {
    const [va, vb] = [parseFirmware(maker, a), parseFirmware(maker, b)]
    t.equal(compareFirmware(va, vb), expected, `${a} ? ${b}`)
    const reverse = compareFirmware(vb, va)
    t.equal(reverse === null ? null : 0 - reverse, expected === null ? null : expected, `${b} ? ${a}`)
  }
})

const BUILD_BEFORE: AffectedRule = { kind: 'build-before', date: '2021-06-28' }
const DAHUA_LIMIT: AffectedRule = { kind: 'lt', version: '2.800.0000000.29.R.210630' }
// Illustrative: not from an advisory.
const PER_TRACK: AffectedRule = { kind: 'per-branch', fixed: { '10.12': '10.12.257', '11.11': '11.11.117' } }

t.test('a rule answers affected, not affected or unknown, and unknown is never a pass', async (t) => {
  const cases: readonly (readonly [string, AffectedRule, string | null, Affected])[] = [
    // CVE-2021-36260: the line IPD_H8 has the higher number and is vulnerable, so its rule is the build day.
    ['hikvision', BUILD_BEFORE, 'V5.5.82 build 190909', 'affected'],
    ['hikvision', BUILD_BEFORE, 'V5.5.800 build 210628', 'not-affected'],
    ['hikvision', BUILD_BEFORE, 'IPD_H8_EN_STD_5.7.1_210619', 'affected'],
    ['hikvision', BUILD_BEFORE, 'V5.7.1', 'unknown'],
    // The trap: a plain version rule clears the same vulnerable build.
    ['hikvision', { kind: 'lt', version: 'V5.5.800 build 210628' }, 'V5.7.1 build 210619', 'not-affected'],
    ['dahua', DAHUA_LIMIT, '2.800.0000000.29.R, Build Date: 2021-06-04', 'affected'],
    ['dahua', DAHUA_LIMIT, '2.800.0000000.30.R.220101', 'not-affected'],
    ['dahua', DAHUA_LIMIT, '2.820.0000000.5.R.210705', 'unknown'],
    ['axis', PER_TRACK, '10.12.182', 'affected'],
    ['axis', PER_TRACK, '11.11.120', 'not-affected'],
    ['axis', PER_TRACK, '8.40.1', 'unknown'],
    ['hanwha', { kind: 'le', version: '3.05.62' }, '3.05.62', 'affected'],
    ['hanwha', { kind: 'le', version: '3.05.62' }, '3.05.63', 'not-affected'],
    // CVE-2021-33044 on one device: the assigner clears it, NVD does not.
    ['dahua', { kind: 'build-before', date: '2021-06-01' }, '2.800.0000000.29.R,2021-06-04', 'not-affected'],
    // Ours.
    ['hanwha', { kind: 'le', version: '3.05.62' }, '3.05.62_20240101_R1', 'affected'],
    ['hikvision', { kind: 'any' }, null, 'affected'],
    ['hikvision', { kind: 'unspecified' }, 'V5.7.1', 'unknown'],
    ['hikvision', BUILD_BEFORE, null, 'unknown'],
    ['hikvision', BUILD_BEFORE, '  ', 'unknown'],
    ['avtech', { kind: 'le', version: 'FullImg-1023' }, 'FullImg-1023', 'affected'],
    ['avtech', { kind: 'le', version: 'FullImg-1023' }, 'FullImg-1022', 'unknown'],
    ['avtech', { kind: 'exact', versions: ['A', 'B'] }, 'C', 'unknown'],
    ['axis', { kind: 'exact', versions: ['10.12.1', '10.12.2'] }, '10.12.2', 'affected'],
    ['axis', { kind: 'exact', versions: ['10.12.1'] }, '10.12.3', 'not-affected'],
  ]
  for (const [maker, rule, installed, expected] of cases) {
    t.equal(affectedBy(rule, maker, installed), expected, `${maker} ${JSON.stringify(rule)} ${installed}`)
  }
  // CVE-2017-7921: V5.2.0 build 140721 to V5.4.0 build 160530.
  const range: AffectedRule = { kind: 'range', first: 'V5.2.0 build 140721', last: 'V5.4.0 build 160530' }
  for (const [installed, expected] of [
    ['V5.1.9 build 140701', 'not-affected'],
    ['V5.2.0 build 140721', 'affected'],
    ['V5.4.0 build 160530', 'affected'],
    ['V5.4.0 build 160531', 'not-affected'],
    ['V5.4.0', 'unknown'],
    ['IPC_G3_EN_STD_5.3.0_150101', 'unknown'],
  ] as const) {
    t.equal(affectedBy(range, 'hikvision', installed), expected, installed)
  }
})

t.test('the order of comparable versions has no circles', async () => {
  const number = fc.integer({ min: 0, max: 3 })
  const day = fc.constantFrom('', ' build 200101', ' build 200102', ' build 210101')
  const version = fc
    .tuple(number, number, number, day)
    .map(([a, b, c, d]) => parseFirmware('hikvision', `V${a}.${b}.${c}${d}`))
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      if (compareFirmware(a, a) !== 0) return false
      const [ab, bc, ac] = [compareFirmware(a, b), compareFirmware(b, c), compareFirmware(a, c)]
      if (ab === null || bc === null || ac === null) return true
      return ab <= 0 && bc <= 0 ? ac <= 0 : true
    }),
  )
})

/* Licenses */

const license = (over: Partial<License> = {}): License => ({
  id: 'gl-x',
  type: 'general',
  number: 'GL-X',
  authority: 'OFAC',
  regime: 'ofac-sdn',
  program: null,
  activities: ['firmware-update', 'security-patch', 'technical-support'],
  entities: ['vendor-x'],
  products: 'any',
  territory: 'any',
  holder: { kind: 'any-us-person' },
  window: { from: '2027-01-15', to: '2027-07-15', timezone: NY },
  status: 'active',
  statusSince: null,
  conditions: [],
  reportingDue: [],
  documentSha256: null,
  supersedes: null,
  citation: 'hypothetical',
  ...over,
})

const subject = (over: Partial<RiskSubject> = {}): RiskSubject => ({
  jurisdiction: 'exampleville',
  timezone: NY,
  territory: 'US-NY',
  deviceClass: 'camera',
  model: 'X-100',
  parties: { maker: 'vendor-x', brand: 'vendor-x', publisher: 'vendor-x', signer: 'vendor-x' },
  updateChannel: 'vendor-portal-us',
  isMakerResolved: true,
  support: { kind: 'no-end-announced' },
  networkExposure: 'isolated',
  hasVerifiedControl: false,
  imageProvenance: 'official',
  ...over,
})

const measure = (over: Partial<Measure> = {}): Measure => ({
  id: 'designation-x',
  regime: 'ofac-sdn',
  entityOrProduct: { entity: 'vendor-x' },
  coversUpdates: 'yes',
  from: '2027-01-15',
  to: null,
  licensable: true,
  announcedOn: null,
  binds: 'recipient-us-person',
  citation: 'hypothetical',
  ...over,
})

t.test(
  'a license covers an update only if every one of its conditions holds, and says which failed',
  async (t) => {
    const day = '2027-03-01'
    const failedBy = (over: Partial<License>, by: Partial<RiskSubject> = {}, m: Partial<Measure> = {}) =>
      testOn(day, license(over), measure(m), subject(by)).failed.map((failed) => failed.test)
    t.same(failedBy({}), [])
    t.same(failedBy({ status: 'suspended' }), ['status'])
    t.same(failedBy({ status: 'revoked', statusSince: '2027-03-01' }), ['date'])
    t.same(failedBy({ status: 'revoked', statusSince: '2027-03-02' }), [])
    t.same(failedBy({ window: { from: '2027-03-02', to: null, timezone: NY } }), ['date'])
    t.same(failedBy({ regime: 'bis-entity-list' }), ['regime'], 'a BIS license is no OFAC license')
    t.same(failedBy({ activities: ['security-patch'] }), ['activity'])
    t.same(failedBy({ entities: ['vendor-y'] }), ['entity'])
    t.same(failedBy({ entities: 'any' }), [])
    t.same(failedBy({ products: ['router', 'uas'] }), ['product'])
    t.same(failedBy({ products: ['camera'] }, { deviceClass: null }), ['product'])
    t.same(failedBy({ territory: ['US-NJ'] }), ['territory'])
    t.same(failedBy({ territory: ['US'] }), [])
    t.same(failedBy({ holder: { kind: 'party', id: 'othertown' } }), ['holder'])
    t.same(failedBy({ holder: { kind: 'party', id: 'exampleville' } }), [])
    t.same(failedBy({ holder: { kind: 'party', id: 'vendor-x' } }), [], 'held by the publisher')
    t.same(failedBy({ conditions: [{ text: 'no new features', isMet: false }] }), ['condition'])
    t.same(failedBy({ conditions: [{ text: 'no new features', isMet: null }] }), [])
    // A product measure follows the maker, whoever publishes.
    const product = { entityOrProduct: { product: '*' } } as const
    t.same(failedBy({}, {}, product), [])
    t.same(failedBy({}, { parties: { ...subject().parties, maker: null } }, product), ['entity'])
    // A specific license reaches a file a dealer passes on only if it names the dealer.
    const dealer = {
      updateChannel: 'distributor',
      parties: { ...subject().parties, publisher: 'dealer' },
    } as const
    const specific = { type: 'specific', holder: { kind: 'party', id: 'exampleville' } } as const
    t.same(failedBy(specific, dealer), ['publisher'])
    t.same(failedBy({ ...specific, entities: ['vendor-x', 'dealer'] }, dealer), [])
    t.same(failedBy({}, dealer), [], 'a general license for all')
    // So does one that reaches the device over anybody but the maker, or nobody knows how.
    const unknown = { ...subject().parties, publisher: null }
    for (const updateChannel of ['vms-push', 'offline-media', 'distributor', 'none', null] as const) {
      t.same(failedBy(specific, { updateChannel, parties: unknown }), ['publisher'], `${updateChannel}`)
      t.same(failedBy({ ...specific, type: 'waiver' }, { updateChannel, parties: unknown }), ['publisher'])
      t.same(failedBy({}, { updateChannel, parties: unknown }), [])
    }
  },
)

t.test('a general license 8 of another program does not match by its number', async (t) => {
  // Russia-related GL 8 is about energy, Venezuela-related GL 8 about upkeep of PdVSA; neither names firmware.
  const gl8 = license({
    id: 'gl-8',
    number: '8',
    program: 'VENEZUELA',
    entities: ['pdvsa'],
    activities: ['maintenance'],
  })
  const wanted = measure({ program: 'GLOMAG' })
  const test = testOn('2027-03-01', gl8, wanted, subject())
  t.equal(test.covers, false)
  t.same(
    test.failed.map((f) => f.test),
    ['program', 'activity', 'entity'],
  )
  const risk = licensingRisk(input({ measures: [wanted], licenses: [gl8] }), '2027-03-01')
  t.equal(risk.level, 'license-required')
  t.match(risk.reasons[0], { code: 'license-fails', about: 'gl-8', text: /belongs to VENEZUELA/ })
  // The same number and the right activity, entity and dates, under another program: still nothing.
  t.equal(testScope(license({ number: '8', program: 'VENEZUELA' }), wanted, subject()).covers, false)
})

t.test('a window is half-open, has a zone, and a day it covers in part is outside', async (t) => {
  const window = (from: string | null, to: string | null, timezone = NY) => ({ from, to, timezone })
  // GL 38 ended 2021-01-14T00:01 in New York: that day is lost but for a minute.
  t.same(wholeDays(window('2020-11-30', '2021-01-14T00:01'), NY), { from: '2020-11-30', to: '2021-01-14' })
  t.same(wholeDays(window('2027-01-15T14:00', null), NY), { from: '2027-01-16', to: null })
  t.same(wholeDays(window(null, '2027-07-15'), NY), { from: null, to: '2027-07-15' })
  // Midnight in New York is the evening before in Los Angeles, which loses that day.
  t.same(wholeDays(window('2027-01-15', '2027-07-15'), 'America/Los_Angeles'), {
    from: '2027-01-15',
    to: '2027-07-14',
  })
  t.same(wholeDays(window('2027-01-15', '2027-07-15'), 'Pacific/Guam'), {
    from: '2027-01-16',
    to: '2027-07-15',
  })
  // The hour that clocks repeat (2027-11-07 01:30 in New York) is read against the license.
  t.same(wholeDays(window('2027-11-07T01:30', '2028-11-05T01:30'), 'America/Costa_Rica'), {
    from: '2027-11-08',
    to: '2028-11-04',
  })
  t.same(daysHeld(license({ status: 'revoked', statusSince: '2027-02-01' }), NY).to, '2027-02-01')
  // Windows may follow each other; conditions may not be mixed, which is why only covering licenses come here.
  const periods = [
    { from: '2027-01-01', to: '2027-03-01' },
    { from: '2027-03-01', to: '2027-06-01' },
    { from: '2027-07-01', to: null },
  ]
  t.equal(coverEnds(periods, '2027-02-01'), '2027-06-01')
  t.equal(coverEnds(periods, '2027-06-15'), undefined)
  t.equal(coverEnds(periods, '2027-08-01'), null)
})

t.test('a bad license record is refused with the field and the reason', async (t) => {
  const codes = (over: Partial<License>) =>
    licenseProblems(license(over)).map((p) => `${p.pointer} ${p.code}`)
  t.same(codes({}), [])
  const window = (from: string | null, to: string | null, timezone = NY) => ({
    window: { from, to, timezone },
  })
  t.same(codes(window('2027-07-15', '2027-01-15')), ['/window/to ends-before-it-starts'])
  t.same(codes(window('2027-07-15', '2027-07-15')), ['/window/to ends-before-it-starts'])
  t.same(codes(window('2027-02-30', null)), ['/window/from not-a-date'])
  t.same(codes(window('2027-02-28T24:00', null)), ['/window/from not-a-date'])
  t.same(codes(window(null, null, 'Mars/Olympus')), ['/window/timezone unknown-timezone'])
  t.same(codes({ activities: [], entities: [] }), ['/activities covers-nothing', '/entities covers-nothing'])
  t.same(codes({ status: 'revoked' }), ['/statusSince status-without-a-day'])
  t.same(codes({ supersedes: 'gl-x' }), ['/supersedes supersedes-itself'])
  t.same(codes({ reportingDue: ['2027-13-01'] }), ['/reportingDue/0 not-a-date'])
})

t.test('one number recorded twice for the same days is told, an extension is not', async (t) => {
  const first = license({ id: 'a' })
  const overlapping = license({ id: 'b', window: { from: '2027-07-01', to: '2027-12-01', timezone: NY } })
  const next = license({ id: 'c', window: { from: '2027-07-15', to: '2027-12-01', timezone: NY } })
  t.same(
    overlappingLicenses([overlapping, first]).map((found) => found.licenses),
    [['a', 'b']],
  )
  t.same(overlappingLicenses([first, next]), [])
  t.same(overlappingLicenses([first, { ...overlapping, supersedes: 'a' }]), [])
  t.same(overlappingLicenses([first, { ...overlapping, program: 'VENEZUELA' }]), [])
  t.same(overlappingLicenses([first, { ...overlapping, holder: { kind: 'party', id: 'othertown' } }]), [])
  // An extension carries the cover on, and the level with it.
  const risk = licensingRisk(input({ measures: [measure()], licenses: [next, first] }), '2027-06-20')
  t.same(levels(risk.timeline), ['2027-06-20 conditional', '2027-12-01 license-required'])
})

t.test('reminders fall 90, 30 and 7 days before a license ends and before a report is due', async (t) => {
  const reminders = licenseReminders(license({ reportingDue: ['2027-04-30'] }), NY)
  t.same(
    reminders.map((r) => `${r.on} ${r.about} ${r.daysBefore}`),
    [
      '2027-01-30 report-due 90',
      '2027-03-31 report-due 30',
      '2027-04-15 license-end 90',
      '2027-04-23 report-due 7',
      '2027-06-14 license-end 30',
      '2027-07-07 license-end 7',
    ],
  )
  t.same(licenseReminders(license({ window: { from: null, to: null, timezone: NY } }), NY), [])
})

/* Risk */

/** A vulnerability, and an image that closes it and came the device's own way. */
interface Vulnerability extends OpenVulnerability {
  readonly heldImage?: Pick<FirmwareRelease, 'obtainedOn' | 'isVerified'> | null | undefined
}

interface RiskInput extends Omit<LawInput, 'vulnerabilities'> {
  readonly vulnerabilities: readonly Vulnerability[]
}

function licensingRisk(given: RiskInput, asOf: string) {
  const { subject: on, vulnerabilities } = given
  const { publisher, signer } = on.parties
  const way = { channel: on.updateChannel, publisher, signer }
  const law = readLaw(given)
  const image = {
    id: 'image',
    maker: 'vendor-x',
    models: ['X-100'],
    firmwareVersion: '2.0',
    releasedOn: null,
    sha256: null,
    source: 'archive',
    ...way,
  }
  const withSources = vulnerabilities.map(({ heldImage, ...one }): OpenVulnerability => {
    if (!heldImage) return one
    return { ...one, sources: [heldSource({ ...image, ...heldImage }, way, () => law, asOf)] }
  })
  return riskUnderLaw({ ...given, vulnerabilities: withSources }, asOf)
}

function input(over: Partial<RiskInput> = {}): RiskInput {
  return {
    subject: subject(),
    measures: [],
    licenses: [],
    applications: [],
    vulnerabilities: [],
    weights,
    ...over,
  }
}

function levels(timeline: readonly { from: PlainDate; level: Level }[]): readonly string[] {
  return timeline.map(({ from, level }) => `${from} ${level}`)
}

const vulnerability = (over: Partial<Vulnerability> = {}): Vulnerability => ({
  id: 'CVE-2099-0001',
  status: 'affected',
  isConflicting: false,
  isKnownExploited: true,
  dueOn: '2027-06-01',
  cvss: 9.8,
  fix: 'vendor-fix',
  requiredAction: null,
  heldImage: null,
  missingFacts: [],
  ...over,
})

const FCC_UNCLEAR = measure({
  id: 'fcc-25-71',
  regime: 'fcc-covered-list',
  entityOrProduct: { product: '*' },
  coversUpdates: 'unclear',
  from: '2025-12-26',
  licensable: null,
  binds: 'vendor',
  citation: '90 FR 53227',
})
const HIKVISION_MEASURES = [
  measure({
    id: '889',
    regime: 'grant-200-216',
    coversUpdates: 'no',
    from: null,
    binds: 'federal-award-recipient',
  }),
  measure({ id: 'entity-list', regime: 'bis-entity-list', coversUpdates: 'no', from: '2019-10-09' }),
  FCC_UNCLEAR,
]
const OPEN_2021_36260 = vulnerability({ id: 'CVE-2021-36260', dueOn: '2022-01-24' })
const ROUTER_WAIVER = license({
  id: 'fcc-waiver',
  type: 'waiver',
  authority: 'FCC OET',
  number: null,
  regime: 'fcc-covered-list',
  activities: ['firmware-update'],
  entities: 'any',
  products: ['router', 'uas'],
  window: { from: '2026-05-08', to: '2029-01-02', timezone: NY },
})
const ROUTERS = measure({
  id: 'fcc-routers',
  regime: 'fcc-covered-list',
  entityOrProduct: { product: 'router' },
  from: '2026-03-23',
  licensable: false,
  binds: 'vendor',
})
const SPECIFIC = license({
  id: 'sl-42',
  type: 'specific',
  number: 'SL-42',
  activities: ['firmware-update'],
  holder: { kind: 'party', id: 'othertown' },
  window: { from: '2027-07-01', to: '2028-07-01', timezone: NY },
})
const PENDING = {
  id: 'application-1',
  regime: 'ofac-sdn',
  program: null,
  status: 'pending',
  filedOn: '2027-05-01',
  decisionOn: null,
  scope: null,
} as const
const ICTS = [
  measure({ id: 'icts-sales', regime: 'icts', coversUpdates: 'no', from: '2027-02-19', binds: 'vendor' }),
  measure({
    id: 'icts-updates',
    regime: 'icts',
    from: '2027-04-30',
    licensable: false,
    announcedOn: '2027-01-20',
    binds: 'vendor',
  }),
]

t.test('twelve worked cases give their level, points, band, urgency and dated levels', async (t) => {
  const routed = { networkExposure: 'routed' } as const
  const cases: readonly {
    name: string
    asOf: PlainDate
    input: RiskInput
    level: Level
    parts: readonly number[]
    score: number
    floor?: number
    is: string
    timeline?: readonly string[]
  }[] = [
    {
      name: '1 current Axis PTZ, isolated',
      asOf: '2026-11-23',
      input: input(),
      level: 'unrestricted',
      parts: [],
      score: 0,
      is: 'low routine',
    },
    {
      name: '2 Hikvision dome, patched, isolated',
      asOf: '2026-11-23',
      input: input({ measures: HIKVISION_MEASURES }),
      level: 'conditional',
      parts: [40],
      score: 40,
      is: 'moderate elevated review',
    },
    {
      name: '3 the same, old firmware, fix on the portal, routed, support unknown',
      asOf: '2026-11-23',
      input: input({
        subject: subject({ ...routed, support: { kind: 'unknown' } }),
        measures: HIKVISION_MEASURES,
        vulnerabilities: [OPEN_2021_36260],
      }),
      level: 'conditional',
      parts: [40, 12, 3, 3, 3],
      score: 61,
      is: 'high high review',
    },
    {
      name: '4 the same, withdrawn from the portal, on the internet, support ended',
      asOf: '2026-11-23',
      input: input({
        subject: subject({ networkExposure: 'internet', support: { kind: 'ended' }, updateChannel: 'none' }),
        measures: HIKVISION_MEASURES,
        vulnerabilities: [OPEN_2021_36260],
      }),
      level: 'blocked',
      parts: [80, 20, 3, 8, 6],
      score: 100,
      floor: 90,
      is: 'critical critical review',
    },
    {
      name: '5 Dahua-made unit under another brand, origin unresolved',
      asOf: '2026-11-23',
      input: input({
        subject: subject({
          ...routed,
          support: { kind: 'unknown' },
          updateChannel: 'distributor',
          isMakerResolved: false,
        }),
        measures: [FCC_UNCLEAR],
      }),
      level: 'conditional',
      parts: [40, 3, 3, 5],
      score: 51,
      is: 'moderate elevated review',
    },
    {
      name: '6 foreign-made router in a cabinet, FCC waiver through 2029-01-01',
      asOf: '2026-11-23',
      input: input({
        subject: subject({ ...routed, deviceClass: 'router' }),
        measures: [ROUTERS],
        licenses: [ROUTER_WAIVER],
      }),
      level: 'conditional',
      parts: [40, 3],
      score: 43,
      is: 'moderate elevated',
      timeline: ['2026-11-23 conditional', '2029-01-02 blocked'],
    },
    {
      name: '7 designation of vendor X, wind-down license with 24 days left',
      asOf: '2027-06-20',
      input: input({ subject: subject(routed), measures: [measure()], licenses: [license()] }),
      level: 'conditional',
      parts: [40, 10, 3],
      score: 53,
      is: 'moderate elevated',
      timeline: ['2027-06-20 conditional', '2027-07-15 license-required'],
    },
    {
      name: '8 the day after, application pending, exploited vulnerability open',
      asOf: '2027-07-15',
      input: input({
        subject: subject(routed),
        measures: [measure()],
        licenses: [license()],
        applications: [PENDING],
        vulnerabilities: [vulnerability()],
      }),
      level: 'license-required',
      parts: [65, -3, 20, 3, 3],
      score: 90,
      floor: 90,
      is: 'critical critical',
    },
    {
      name: '9 the same, with the fixed image saved before the cut-off',
      asOf: '2027-07-15',
      input: input({
        subject: subject(routed),
        measures: [measure()],
        licenses: [license()],
        applications: [PENDING],
        vulnerabilities: [vulnerability({ heldImage: { obtainedOn: '2027-07-01', isVerified: true } })],
      }),
      level: 'license-required',
      parts: [65, -3, 12, 3, 3],
      score: 80,
      is: 'critical high',
    },
    {
      name: '10 specific license held by another city',
      asOf: '2027-07-15',
      input: input({ measures: [measure()], licenses: [SPECIFIC] }),
      level: 'license-required',
      parts: [65],
      score: 65,
      is: 'high elevated',
    },
    {
      name: '11 specific license held by this city through 2028-06-30',
      asOf: '2027-07-15',
      input: input({
        measures: [measure()],
        licenses: [{ ...SPECIFIC, id: 'sl-77', holder: { kind: 'party', id: 'exampleville' } }],
      }),
      level: 'conditional',
      parts: [40],
      score: 40,
      is: 'moderate elevated',
      timeline: ['2027-07-15 conditional', '2028-07-01 license-required'],
    },
    {
      name: '12 updates barred from day 100, no license path, isolated with a control',
      asOf: '2027-05-03',
      input: input({
        subject: subject({ support: { kind: 'ended' }, hasVerifiedControl: true }),
        measures: ICTS,
      }),
      level: 'blocked',
      parts: [80, 8, -6],
      score: 82,
      floor: 80,
      is: 'critical high',
    },
  ]
  for (const one of cases) {
    const risk = licensingRisk(one.input, one.asOf)
    t.equal(risk.level, one.level, one.name)
    t.same(
      risk.parts.map((part) => part.points).filter((points) => points !== 0),
      one.parts,
      one.name,
    )
    t.equal(
      risk.rawScore,
      one.parts.reduce((a, b) => a + b, 0),
      one.name,
    )
    t.equal(risk.score, one.score, one.name)
    t.equal(risk.floor, one.floor ?? null, one.name)
    t.equal(`${risk.band} ${risk.urgency}${risk.needsReview ? ' review' : ''}`, one.is, one.name)
    t.same(levels(risk.timeline), one.timeline ?? [`${one.asOf} ${one.level}`], one.name)
  }
})

t.test("on both sides of an expiry, an announcement and a cut-off the level is the day's own", async (t) => {
  const levelOn = (given: RiskInput, day: PlainDate) => licensingRisk(given, day).level
  const windDown = input({ measures: [measure()], licenses: [license()] })
  for (const [day, level] of [
    ['2027-01-14', 'unrestricted'], // a designation is not announced ahead
    ['2027-01-15', 'conditional'],
    ['2027-07-14', 'conditional'],
    ['2027-07-15', 'license-required'],
  ] as const) {
    t.equal(levelOn(windDown, day), level, day)
  }
  const router = input({
    subject: subject({ deviceClass: 'router' }),
    measures: [ROUTERS],
    licenses: [ROUTER_WAIVER],
  })
  t.equal(levelOn(router, '2029-01-01'), 'conditional')
  t.equal(levelOn(router, '2029-01-02'), 'blocked')
  const icts = licensingRisk(input({ measures: ICTS }), '2027-01-19')
  t.same(levels(icts.timeline), ['2027-01-19 unrestricted', '2027-01-20 watch', '2027-04-30 blocked'])
  t.equal(icts.cutOffOn, '2027-04-30')
  t.equal(icts.validUntil, '2027-01-20')
  t.same(icts.timeline[2]?.because, ['icts-updates'])
  // A measure that ends: its last day is the day before `to`.
  const ending = input({ measures: [measure({ to: '2028-01-01' })] })
  t.equal(levelOn(ending, '2027-12-31'), 'license-required')
  t.equal(levelOn(ending, '2028-01-01'), 'unrestricted')
  // In Los Angeles the license of New York ends on an evening: that day is lost.
  const west = { ...windDown, subject: subject({ timezone: 'America/Los_Angeles' }) }
  t.equal(levelOn(west, '2027-07-13'), 'conditional')
  t.equal(levelOn(west, '2027-07-14'), 'license-required')
})

t.test('the last day of a license is that of the city, in every zone of the country', async (t) => {
  const lastDay = (to: string, timezone: string, zone = NY) => {
    const given = input({
      subject: subject({ timezone }),
      measures: [measure()],
      licenses: [license({ window: { from: '2027-01-10', to, timezone: zone } })],
    })
    const { cutOffOn, timeline } = licensingRisk(given, '2027-02-01')
    t.equal(timeline.find(({ level }) => level === 'license-required')?.from, cutOffOn, `${to} ${timezone}`)
    return addDays(cutOffOn!, -1)
  }
  for (const [to, timezone, last] of [
    // Midnight in New York is the evening before further west, and that day is lost.
    ['2027-07-15', NY, '2027-07-14'],
    ['2027-07-15', 'America/Chicago', '2027-07-13'],
    ['2027-07-15', 'America/Los_Angeles', '2027-07-13'],
    ['2027-07-15', 'Pacific/Honolulu', '2027-07-13'],
    ['2027-07-15', 'America/Puerto_Rico', '2027-07-14'],
    // In Guam it is the afternoon of the 15th, of which only a part is covered.
    ['2027-07-15', 'Pacific/Guam', '2027-07-14'],
    // General license 38 ended a minute after midnight.
    ['2027-07-15T00:01', NY, '2027-07-14'],
    ['2027-07-15T00:01', 'America/Los_Angeles', '2027-07-13'],
    ['2027-07-14T23:59', NY, '2027-07-13'],
    // The night clocks go forward has no 02:30, the one they go back has 01:30 twice.
    ['2027-03-14T02:30', NY, '2027-03-13'],
    ['2027-11-07T01:30', NY, '2027-11-06'],
    // The same zone under its other name.
    ['2027-07-15', 'US/Eastern', '2027-07-14'],
  ] as const) {
    t.equal(lastDay(to, timezone), last, `ends ${to} in New York, a city in ${timezone}`)
  }
  t.equal(lastDay('2027-07-15', NY, 'America/Los_Angeles'), '2027-07-14', 'ends in Los Angeles')
  t.equal(lastDay('2027-07-15', NY, 'Pacific/Guam'), '2027-07-13', 'ends in Guam')
})

t.test('licenses may follow each other, and one that fits another update fills no gap', async (t) => {
  const window = (from: string, to: string | null) => ({ from, to, timezone: NY })
  const timeline = (...licenses: readonly License[]) =>
    levels(licensingRisk(input({ measures: [measure()], licenses }), '2027-02-01').timeline)
  const first = license({ id: 'a', window: window('2027-01-15', '2027-04-01') })
  const second = (over: Partial<License> = {}) =>
    license({ id: 'b', window: window('2027-04-01', '2027-07-15'), ...over })
  const both = ['2027-02-01 conditional', '2027-07-15 license-required']
  const one = ['2027-02-01 conditional', '2027-04-01 license-required']
  t.same(timeline(first, second()), both)
  t.same(timeline(first, second({ window: window('2027-03-01', '2027-07-15') })), both, 'overlapping')
  t.same(
    timeline(first, second({ window: window('2027-04-02', '2027-07-15') })),
    [...one, '2027-04-02 conditional', '2027-07-15 license-required'],
    'a day between',
  )
  for (const over of [
    { program: 'GLOMAG' },
    { regime: 'icts' },
    { activities: ['technical-support'] },
    { entities: ['vendor-y'] },
    { products: ['router'] },
    { models: ['Y-*'] },
    { territory: ['US-NJ'] },
    { holder: { kind: 'party', id: 'othertown' } },
    { status: 'suspended', statusSince: null },
    { conditions: [{ text: 'no new features', isMet: false }] },
  ] satisfies readonly Partial<License>[]) {
    t.same(timeline(first, second(over)), one, JSON.stringify(over))
  }
})

t.test(
  'a replaced license ends where the next begins, even if the next ends sooner or covers less',
  async (t) => {
    const window = (from: string | null, to: string | null) => ({ from, to, timezone: NY })
    const timeline = (...licenses: readonly License[]) =>
      levels(licensingRisk(input({ measures: [measure()], licenses }), '2027-02-01').timeline)
    const a = license({ id: 'a', window: window('2027-01-15', '2027-12-31') })
    const b = (over: Partial<License> = {}) =>
      license({ id: 'b', supersedes: 'a', window: window('2027-03-01', '2027-05-01'), ...over })
    const c = license({ id: 'c', supersedes: 'b', window: window('2027-04-01', '2027-04-15') })
    t.same(timeline(a, b()), ['2027-02-01 conditional', '2027-05-01 license-required'], 'shortened')
    t.same(timeline(a, b(), c), ['2027-02-01 conditional', '2027-04-15 license-required'], 'and again')
    t.same(timeline(c, b(), a), timeline(a, b(), c), 'in any order')
    const gone = ['2027-02-01 conditional', '2027-03-01 license-required']
    t.same(timeline(a, b({ entities: ['vendor-y'] })), gone, 'the next leaves the vendor out')
    t.same(timeline(a, b({ status: 'revoked', statusSince: '2027-02-15' })), gone, 'the next was revoked')
    t.same(timeline(a, b({ window: window(null, null), entities: ['vendor-y'] })), [
      '2027-02-01 license-required',
    ])
    // Published at noon, the two cover the day together; one that covers something else leaves it half covered.
    const noon = { window: window('2027-03-01T12:00', '2027-05-01') }
    t.same(timeline(a, b(noon)), ['2027-02-01 conditional', '2027-05-01 license-required'])
    t.same(timeline(a, b({ ...noon, entities: ['vendor-y'] })), gone)
    const told = licensingRisk(input({ measures: [measure()], licenses: [a, b()] }), '2027-06-01').reasons
    t.match(
      told.find(({ about }) => about === 'a')?.text,
      'OFAC GL-X (a) does not lift designation-x: it was superseded by OFAC GL-X (b)',
    )
    t.same(
      overlappingLicenses([a, b(), { ...c, window: window('2027-02-01', null) }]),
      [],
      'a chain is no duplicate',
    )
  },
)

t.test('a license for some models covers those and no others', async (t) => {
  const covers = (models: readonly string[], model: string | null) =>
    testOn('2027-03-01', license({ models }), measure(), subject({ model })).covers
  for (const [models, model, expected] of [
    [['DS-2CD2143G2-I'], 'DS-2CD2143G2-I', true],
    [['DS-2CD2143G2-I'], 'ds-2cd2143g2-i (2.8mm)', true],
    [['DS-2CD21x3G2-*'], 'DS-2CD2143G2-IU', true],
    [['DS-2CD2143G2-I'], 'DS-2CD2143G2-IU', false],
    [['DS-2CD2143G2-I', 'DS-7608NI-K2'], 'DS-7608NI-K2', true],
    [['DS-2CD2143G2-I'], 'CMIP7442NW-28M', false],
    [['DS-2CD2143G2-I'], null, false],
    [[], 'DS-2CD2143G2-I', false],
  ] as const) {
    t.equal(covers(models, model), expected, `${models.join(', ')}: ${model}`)
  }
  t.same(
    licenseProblems(license({ models: [] })).map(({ code, pointer }) => `${pointer} ${code}`),
    ['/models covers-nothing'],
  )
})

t.test(
  'points for a license that ends step at 180, 90 and 30 days and stop being given when it is gone',
  async (t) => {
    const given = input({
      measures: [measure()],
      licenses: [license({ window: { from: null, to: '2028-01-01', timezone: NY } })],
    })
    const lastDay = '2027-12-31'
    for (const [daysLeft, score] of [
      [181, 40],
      [180, 43],
      [91, 43],
      [90, 46],
      [31, 46],
      [30, 50],
      [0, 50],
      [-1, 65],
    ] as const) {
      t.equal(licensingRisk(given, addDays(lastDay, -daysLeft)).score, score, `${daysLeft} days left`)
    }
  },
)

t.test('only an image lawfully obtained, verified and dated counts as a fix in hand', async (t) => {
  const given = (heldImage: Vulnerability['heldImage']) =>
    licensingRisk(
      input({
        measures: [measure()],
        licenses: [license()],
        vulnerabilities: [vulnerability({ heldImage })],
      }),
      '2027-08-01',
    )
  const obtainable = (heldImage: Vulnerability['heldImage']) =>
    given(heldImage).vulnerabilities[0]?.fixObtainable
  t.equal(obtainable({ obtainedOn: '2027-01-14', isVerified: true }), 'yes', 'before the designation')
  t.equal(obtainable({ obtainedOn: '2027-07-14', isVerified: true }), 'yes', 'last day of the wind-down')
  t.equal(obtainable({ obtainedOn: '2027-07-15', isVerified: true }), 'no', 'a day late')
  t.equal(obtainable({ obtainedOn: '2027-01-14', isVerified: false }), 'no')
  t.equal(obtainable({ obtainedOn: null, isVerified: true }), 'no')
  const lifted = input({
    measures: [measure({ to: '2027-08-02' })],
    vulnerabilities: [vulnerability({ heldImage: { obtainedOn: '2027-08-02', isVerified: true } })],
  })
  t.equal(licensingRisk(lifted, '2027-08-01').vulnerabilities[0]?.fixObtainable, 'no', 'not yet held')
  const codes = given({ obtainedOn: '2027-01-14', isVerified: true }).actions.map((action) => action.code)
  t.same(codes, ['install-fix', 'ask-counsel-before-installing', 'apply-for-license'])
})

t.test('what is not known is named, asks for a person, and is never a pass', async (t) => {
  const unknown = licensingRisk(
    input({
      subject: subject({
        updateChannel: null,
        networkExposure: null,
        support: { kind: 'unknown' },
        deviceClass: null,
        isMakerResolved: false,
      }),
      measures: [ROUTERS],
      vulnerabilities: [vulnerability({ status: 'unknown', missingFacts: ['firmwareVersion'] })],
    }),
    '2026-11-23',
  )
  t.equal(unknown.level, 'blocked', 'an unknown device class may be the restricted one')
  t.equal(unknown.needsReview, true)
  t.same(unknown.missingFacts, [
    'deviceClass',
    'firmwareVersion',
    'maker',
    'networkExposure',
    'supportPeriod',
    'updateChannel',
  ])
  // A channel nobody recorded leaves open whether the fix can be had.
  const channel = licensingRisk(
    input({ subject: subject({ updateChannel: null }), vulnerabilities: [vulnerability()] }),
    '2027-01-01',
  )
  t.equal(channel.vulnerabilities[0]?.fixObtainable, 'unknown')
  t.equal(channel.parts.find((part) => part.code === 'vulnerability')?.points, 16)
  t.equal(channel.needsReview, true)
  // An unanswered condition is told; an answered one ends the question.
  const condition = (isMet: boolean | null) =>
    licensingRisk(
      input({
        measures: [measure()],
        licenses: [license({ conditions: [{ text: 'contract before 2027-01-15', isMet }] })],
      }),
      '2027-02-01',
    )
  t.match(condition(null), { level: 'conditional', needsReview: true })
  t.match(condition(true), { level: 'conditional', needsReview: false })
  t.match(condition(false), { level: 'license-required' })
  // No license path known is none.
  t.equal(licensingRisk(input({ measures: [measure({ licensable: null })] }), '2027-02-01').level, 'blocked')
})

t.test('supply that stops and a duty of the city are told apart', async (t) => {
  const on = (binds: Measure['binds']) =>
    licensingRisk(input({ measures: [measure({ binds })] }), '2027-02-01').levels
  t.same(on('vendor'), { supply: 'license-required', city: 'unrestricted' })
  t.same(on('importer'), { supply: 'license-required', city: 'unrestricted' })
  t.same(on('recipient-us-person'), { supply: 'license-required', city: 'license-required' })
  t.same(on('federal-award-recipient'), { supply: 'unrestricted', city: 'license-required' })
  t.same(on(null), { supply: 'license-required', city: 'license-required' })
})

t.test('a denial blocks until something is granted, a pending application changes points only', async (t) => {
  const on = (day: PlainDate, ...applications: RiskInput['applications']) =>
    licensingRisk(input({ measures: [measure()], applications }), day)
  const denied = { ...PENDING, id: 'b', status: 'denied', decisionOn: '2027-06-01' } as const
  t.equal(on('2027-05-31', denied).level, 'license-required', 'pending until it was decided')
  t.equal(on('2027-05-31', denied).score, 62)
  t.equal(on('2027-06-01', denied).level, 'blocked')
  t.equal(on('2027-07-01', denied, { ...PENDING, filedOn: '2027-06-15' }).level, 'blocked')
  t.equal(
    on('2027-07-01', denied, {
      ...PENDING,
      status: 'granted',
      filedOn: '2027-06-05',
      decisionOn: '2027-06-20',
    }).level,
    'license-required',
  )
  t.equal(on('2027-06-15', { ...PENDING, status: 'draft', filedOn: null }).score, 65)
  t.equal(on('2027-06-15', { ...PENDING, regime: 'bis-entity-list' }).score, 65)
  // Two licenses are missing and one is applied for: nothing is gained.
  const measures = [measure(), measure({ id: 'second', regime: 'icts' })]
  t.equal(licensingRisk(input({ measures, applications: [PENDING] }), '2027-06-15').score, 65)
})

t.test(
  'work is sorted: exploited without a fix, then patchable before a cut-off, then the rest',
  async (t) => {
    const day = '2027-06-20'
    const risk = (over: Partial<RiskInput>) => licensingRisk(input(over), day)
    const unpatchable = risk({
      vulnerabilities: [vulnerability({ fix: 'none-available', requiredAction: 'discontinue' })],
    })
    const beforeCutOff = risk({
      measures: [measure()],
      licenses: [license()],
      vulnerabilities: [vulnerability()],
    })
    const patchable = risk({ vulnerabilities: [vulnerability()] })
    const saveImages = risk({ measures: [measure()], licenses: [license()] })
    const restricted = risk({ measures: [measure()] })
    const review = risk({ measures: [FCC_UNCLEAR] })
    const quiet = risk({})
    const inOrder = [unpatchable, beforeCutOff, patchable, saveImages, restricted, review, quiet]
    t.same(
      inOrder.toReversed().toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
      inOrder,
    )
    t.same(
      inOrder.map((one) => one.queue),
      [
        'exploited-unpatchable',
        'exploited-patch-before-cut-off',
        'exploited-patchable',
        'save-images-before-cut-off',
        'restricted',
        'review',
        'none',
      ],
    )
    t.same(
      unpatchable.actions.map((action) => `${action.code} ${action.dueOn}`),
      ['isolate 2027-06-23', 'replace-first null', 'discontinue-use 2027-06-01'],
    )
    t.match(beforeCutOff.actions[0], { code: 'install-fix', dueOn: '2027-07-04', text: /vendor-portal-us/ })
    t.match(saveImages.actions, [{ code: 'save-images', dueOn: '2027-07-14' }])
  },
)

t.test('no end announced is not unknown, and a support period ends on its day', async (t) => {
  const ends = { kind: 'ends', to: '2028-01-01' } as const
  t.equal(supportStatus(ends, '2026-12-31'), 'supported')
  t.equal(supportStatus(ends, '2027-01-01'), 'ends-within-a-year')
  t.equal(supportStatus(ends, '2027-12-31'), 'ends-within-a-year')
  t.equal(supportStatus(ends, '2028-01-01'), 'ended')
  const { periods } = SupportPeriods.parse(json('data/support-periods.json'))
  const of = (maker: string, model: string, branch: string | null) =>
    supportOf(periods, { maker, brand: maker, model, firmwareVersion: null, deviceClass: null }, branch)
      .support.kind
  t.equal(of('axis', 'P3245-LVE', '11.11'), 'no-end-announced')
  t.equal(of('axis', 'P3245-LVE', '8.40'), 'ended')
  t.equal(of('axis', 'P3245-LVE', null), 'unknown')
  t.equal(of('hikvision', 'DS-2CD2143G2-I', null), 'unknown')
  t.equal(of('nuuo', 'NVRmini2', null), 'ended')
})

t.test('the shipped weights may be used, and weights that reward a worse fact may not', async (t) => {
  t.same(weightProblems(weights), [])
  t.match(weightProblems({ ...weights, exposure: { ...weights.exposure, internet: 1 } }), [/exposure/])
  t.match(weightProblems({ ...weights, base: { ...weights.base, blocked: 10 } }), [/base/])
  t.match(weightProblems({ ...weights, pendingApplication: -40 }), [/license that ends/])
  t.match(weightProblems({ ...weights, bands: [{ band: 'low', from: 5 }] }), [/bands/])
  t.equal(
    Weights.safeParse({ ...weights, verifiedControl: 6 }).success,
    false,
    'a discount is not a surcharge',
  )
})

/* Properties of the risk */

const DAYS = [
  '2026-12-01',
  '2027-01-15',
  '2027-03-01',
  '2027-06-20',
  '2027-07-15',
  '2028-02-29',
  '2029-01-02',
]
const anyDay = fc.constantFrom(...DAYS)
// Mostly what meets: a run in which no license ever covers anything would prove nothing.
const anyPeriod = fc.oneof(
  fc.tuple(fc.constantFrom(null, ...DAYS.slice(0, 3)), fc.constantFrom(null, ...DAYS.slice(3))),
  fc.tuple(anyDay, anyDay),
)
const anyDayOrNull = fc.option(anyDay, { nil: null })
const anyClass = fc.constantFrom<DeviceClass>('camera', 'recorder', 'router')
const anyVendor = fc.constantFrom('vendor-x', 'vendor-x', 'vendor-y')
const anyRegime = fc.constantFrom('ofac-sdn', 'ofac-sdn', 'ofac-sdn', 'icts')
const anyProgram = fc.constantFrom(null, null, null, null, 'GLOMAG')
const anyMeasure: fc.Arbitrary<Measure> = fc
  .record({
    id: fc.uuid(),
    regime: anyRegime,
    program: anyProgram,
    entityOrProduct: fc.oneof(
      anyVendor.map((entity) => ({ entity })),
      fc.constantFrom<DeviceClass | '*'>('*', 'camera', 'router').map((product) => ({ product })),
    ),
    coversUpdates: fc.constantFrom('yes', 'yes', 'yes', 'no', 'unclear'),
    period: anyPeriod,
    licensable: fc.constantFrom(true, true, true, false, null),
    announcedOn: anyDayOrNull,
    binds: fc.constantFrom('vendor', 'importer', 'recipient-us-person', 'federal-award-recipient', null),
    citation: fc.constant('generated'),
  })
  .map(({ period: [from, to], ...over }) => ({ ...over, from, to }))
const anyScopedLicense: fc.Arbitrary<License> = fc
  .record({
    id: fc.uuid(),
    regime: anyRegime,
    program: anyProgram,
    type: fc.constantFrom('general', 'specific', 'waiver'),
    activities: fc.constantFrom(['firmware-update'], ['firmware-update'], ['firmware-update'], ['support']),
    entities: fc.constantFrom('any' as const, ['vendor-x'], ['vendor-x'], ['vendor-y']),
    products: fc.constantFrom('any' as const, 'any' as const, ['camera' as const], ['router' as const]),
    holder: fc.constantFrom<License['holder']>(
      { kind: 'any-us-person' },
      { kind: 'party', id: 'exampleville' },
      { kind: 'party', id: 'othertown' },
    ),
    period: anyPeriod,
    status: fc.constantFrom('active', 'active', 'active', 'revoked'),
    statusSince: anyDayOrNull,
    conditions: fc.array(
      fc.record({ text: fc.constant('a condition'), isMet: fc.constantFrom(true, false, null) }),
      { maxLength: 1 },
    ),
  })
  .map(({ period: [from, to], ...over }) => license({ ...over, window: { from, to, timezone: NY } }))
const anyWideLicense: fc.Arbitrary<License> = fc
  .record({ id: fc.uuid(), period: anyPeriod, regime: anyRegime })
  .map(({ id, regime, period: [from, to] }) =>
    license({ id, regime, entities: 'any', window: { from, to, timezone: NY } }),
  )
const anyLicense = fc.oneof(anyScopedLicense, anyWideLicense)
const anyVulnerability: fc.Arbitrary<Vulnerability> = fc.record({
  id: fc.uuid(),
  status: fc.constantFrom('affected', 'unknown'),
  isConflicting: fc.boolean(),
  isKnownExploited: fc.boolean(),
  dueOn: anyDayOrNull,
  cvss: fc.constantFrom(null, 5, 7, 9.8),
  fix: fc.constantFrom('vendor-fix', 'none-available', 'unknown'),
  requiredAction: fc.constant(null),
  heldImage: fc.option(fc.record({ obtainedOn: anyDayOrNull, isVerified: fc.boolean() }), { nil: null }),
  missingFacts: fc.constant([]),
})
const anySubject: fc.Arbitrary<RiskSubject> = fc
  .record({
    deviceClass: fc.option(anyClass, { nil: null }),
    updateChannel: fc.constantFrom('vendor-portal-us', 'vendor-cloud-push', 'distributor', 'none', null),
    isMakerResolved: fc.boolean(),
    support: fc.oneof(
      anyDay.map((to) => ({ kind: 'ends' as const, to })),
      fc.constantFrom(
        { kind: 'unknown' as const },
        { kind: 'ended' as const },
        { kind: 'no-end-announced' as const },
      ),
    ),
    networkExposure: fc.constantFrom('isolated', 'routed', 'internet', null),
    hasVerifiedControl: fc.boolean(),
    imageProvenance: fc.constantFrom('official', 'unofficial', 'unknown'),
  })
  .map((over) => subject(over))
const anyApplication = fc.record({
  id: fc.uuid(),
  regime: anyRegime,
  program: anyProgram,
  status: fc.constantFrom('draft', 'pending', 'pending', 'denied', 'granted'),
  filedOn: anyDayOrNull,
  decisionOn: anyDayOrNull,
  scope: fc.constant(null),
})
const anyInput: fc.Arbitrary<RiskInput> = fc.record({
  subject: anySubject,
  measures: fc.oneof(
    anyMeasure.map((one) => [one]),
    fc.array(anyMeasure, { maxLength: 3 }),
  ),
  licenses: fc.array(anyLicense, { maxLength: 5 }),
  applications: fc.array(anyApplication, { maxLength: 2 }),
  vulnerabilities: fc.array(anyVulnerability, { maxLength: 3 }),
  weights: fc.constant(weights),
})
const RUNS = { numRuns: 1000 }

t.test('adding a restriction never lowers the level or the score on any day', async () => {
  fc.assert(
    fc.property(anyInput, anyMeasure, anyDay, (given, added, day) => {
      const more = { ...given, measures: [...given.measures, added] }
      const [before, after] = [licensingRisk(given, day), licensingRisk(more, day)]
      return compareLevels(before.level, after.level) <= 0 && before.score <= after.score
    }),
    RUNS,
  )
})

t.test('adding a covering license never raises the level', async () => {
  fc.assert(
    fc.property(anyInput, anyLicense, anyDay, (given, added, day) => {
      const more = { ...given, licenses: [...given.licenses, added] }
      return compareLevels(licensingRisk(given, day).level, licensingRisk(more, day).level) >= 0
    }),
    RUNS,
  )
})

t.test('a license that fails any test of scope changes nothing but the reasons', async () => {
  fc.assert(
    fc.property(anyInput, anyLicense, anyDay, (given, added, day) => {
      fc.pre(given.measures.every((m) => !testScope(added, m, given.subject).covers))
      const { reasons: _, ...before } = licensingRisk(given, day)
      const { reasons: __, ...after } = licensingRisk({ ...given, licenses: [...given.licenses, added] }, day)
      return JSON.stringify(before) === JSON.stringify(after)
    }),
    RUNS,
  )
})

t.test('the score never falls when one input gets worse', async () => {
  const worsen: readonly ((given: RiskInput) => RiskInput)[] = [
    (given) => ({ ...given, subject: { ...given.subject, networkExposure: 'internet' } }),
    (given) => ({ ...given, subject: { ...given.subject, hasVerifiedControl: false } }),
    (given) => ({ ...given, subject: { ...given.subject, support: { kind: 'ended' } } }),
    (given) => ({ ...given, subject: { ...given.subject, updateChannel: 'none' } }),
    (given) => ({ ...given, subject: { ...given.subject, isMakerResolved: false } }),
    (given) => ({ ...given, subject: { ...given.subject, imageProvenance: 'unofficial' } }),
    (given) => ({
      ...given,
      measures: given.measures.map((m) => ({ ...m, coversUpdates: 'yes' as const })),
    }),
    (given) => ({ ...given, measures: given.measures.map((m) => ({ ...m, licensable: false })) }),
    (given) => ({ ...given, applications: [] }),
    (given) => ({
      ...given,
      vulnerabilities: [...given.vulnerabilities, vulnerability({ isKnownExploited: false, cvss: 5 })],
    }),
    (given) => worseVulnerabilities(given, { isKnownExploited: true }),
    (given) => worseVulnerabilities(given, { cvss: 10 }),
    (given) => worseVulnerabilities(given, { heldImage: null }),
    (given) => worseVulnerabilities(given, { fix: 'none-available' }),
    (given) => worseVulnerabilities(given, { dueOn: '2020-01-01' }),
  ]
  // A denial is the one application that raises a level, so dropping applications is tried without any.
  const withoutDenials = (given: RiskInput): RiskInput => ({
    ...given,
    applications: given.applications.filter((application) => application.status === 'pending'),
  })
  fc.assert(
    fc.property(anyInput, anyDay, fc.constantFrom(...worsen), (any, day, change) => {
      const given = withoutDenials(any)
      return licensingRisk(given, day).score <= licensingRisk(change(given), day).score
    }),
    { numRuns: 1500 },
  )

  function worseVulnerabilities(given: RiskInput, over: Partial<Vulnerability>): RiskInput {
    return { ...given, vulnerabilities: given.vulnerabilities.map((one) => ({ ...one, ...over })) }
  }
})

t.test('the order of the inputs does not matter', async () => {
  fc.assert(
    fc.property(anyInput, anyDay, (given, day) => {
      const turned: RiskInput = {
        ...given,
        measures: given.measures.toReversed(),
        licenses: given.licenses.toReversed(),
        applications: given.applications.toReversed(),
        vulnerabilities: given.vulnerabilities.toReversed(),
      }
      return JSON.stringify(licensingRisk(given, day)) === JSON.stringify(licensingRisk(turned, day))
    }),
    RUNS,
  )
})

t.test('the timeline tells the level of every later day, and nothing changes before validUntil', async () => {
  fc.assert(
    fc.property(anyInput, anyDay, fc.integer({ min: 0, max: 900 }), (given, day, later) => {
      const now = licensingRisk(given, day)
      const then = addDays(day, later)
      const future = licensingRisk(given, then)
      const told = now.timeline.findLast((entry) => entry.from <= then)?.level
      if (told !== future.level) return false
      if (!isWithin({ from: day, to: now.validUntil }, then)) return true
      return now.score === future.score && now.urgency === future.urgency && now.queue === future.queue
    }),
    RUNS,
  )
})

/* Advisories */

t.test('a model pattern matches what it says and nothing near it', async (t) => {
  for (const [pattern, model, expected] of [
    ['DS-2CD2xx2F-I*', 'DS-2CD2032F-IW', true],
    ['DS-2CD2xx2F-I*', 'ds-2cd2132f-i', true],
    ['DS-2CD2xx2F-I*', 'DS-2CD232F-I', false], // x is exactly one
    ['Cx', 'C0', true],
    ['Cx', 'C9', true],
    ['Cx', 'CA', true],
    ['Cx', 'CZ', true],
    ['Cx', 'C-', false],
    ['C@', 'CZ', true],
    ['C@', 'C9', false],
    ['DS-2CD2066G2-I(U)', 'DS-2CD2066G2-I', true],
    ['DS-2CD2066G2-I(U)', 'DS-2CD2066G2-IU', true],
    ['DS-2CD2066G2-I(U)', 'DS-2CD2066G2-I(U)', true],
    ['DS-2CD2066G2-I(U)', 'DS-2CD2066G2-IX', false],
    ['DS-2CD2026G2-IU/SL', 'DS-2CD2026G2-IU SL', true],
    ['DS-2CD2026G2-IU/SL', 'DS-2CD2026G2-IU/SL 2.8mm', true],
    ['DS-2CD2143G2-I', 'DS-2CD2143G2-I(C)', true], // a remark in parentheses
    ['DS-2CD2143G2-I', 'DS-2CD2143G2-I (2.8mm)', true],
    ['DS-2CD2143G2-I', 'DS-2CD2143G2-IU', false],
    ['IPC-H@(@)(@)2*', 'IPC-HDBW2431R', true], // one to three letters
    ['IPC-H@(@)(@)2*', 'IPC-HFW1230S', false], // and no digit
    ['XNV-6080', 'XNV-6080', true],
    ['XNV-6080', 'QNV-6080', false], // a capital X is an X
    ['(DH-)SD22*', 'SD22204UE-GN', true],
    ['(DH-)SD22*', 'DH-SD22204UE-GN', true],
    ['(DH-)SD22*', 'XSD22204', false],
    ['A.B', 'AxB', false],
    ['A*B', 'AXXB', false], // only a final * is any ending
    ['broken(', 'BROKEN(', true], // not a pattern: it means itself
    ['broken(', 'BROKEN', false],
    ['', 'anything', false],
  ] as const) {
    t.equal(means(pattern, model), expected, `${pattern} ? ${model}`)
  }
})

const means = (pattern: string, model: string) => indexOfModels([pattern]).find(model).length > 0

/** What a pattern means, written as a regular expression: right, and too slow for what a client may send. */
function asExpression(pattern: string): RegExp {
  const escaped = (text: string) => text.toUpperCase().replace(/[^A-Z0-9 ]/g, '\\$&')
  const text = pattern.trim().replace(/[\s/]+/g, ' ')
  const parts = [...text].map((character, i) => {
    if (character === 'x') return '[A-Z0-9]'
    if (character === '@') return '[A-Z]'
    if (character === '(') return '(?:'
    if (character === ')') return ')?'
    return character === '*' && i === text.length - 1 ? '.*' : escaped(character)
  })
  try {
    return new RegExp(`^${parts.join('')}$`)
  } catch {
    return new RegExp(`^${escaped(pattern.trim())}$`)
  }
}

t.test('a pattern means what the same regular expression does, whatever is in it', async (t) => {
  const letter = fc.constantFrom(...'ABXx@12-/ .*()+é[ß')
  const pieces = fc.array(letter, { maxLength: 7 }).map((letters) => letters.join(''))
  // Groups in groups, with text between them.
  const nested = fc.letrec<{ group: string; text: string }>((tie) => ({
    text: fc.oneof({ depthSize: 'small', maxDepth: 3 }, pieces, tie('group')),
    group: fc.tuple(pieces, tie('text'), pieces).map(([a, b, c]) => `${a}(${b})${c}`),
  })).group
  const pattern = fc.tuple(fc.oneof(pieces, nested), fc.constantFrom('', '*')).map((parts) => parts.join(''))
  // Models that follow the pattern: its wildcards filled, its groups kept or not.
  const following = fc.tuple(pattern, fc.infiniteStream(fc.nat(5))).map(([text, choices]) => {
    const next = () => choices.next().value as number
    const model = [...text].flatMap((character) => {
      if (next() === 0) return []
      if (character === 'x' || character === '@') return ['a1Z-'[next() % 4]!]
      return character === '*'
        ? 'AB '.slice(0, next() % 4)
        : character === '(' || character === ')'
          ? []
          : character
    })
    return [text, model.join('')] as const
  })
  let matching = 0
  fc.assert(
    fc.property(fc.oneof(following, fc.tuple(pattern, pieces)), ([text, model]) => {
      if (compilePattern(text) === null) return
      const expression = asExpression(text)
      const expected = modelReadings(model)!.some((reading) => expression.test(reading))
      if (expected) matching++
      t.equal(means(text, model), expected, `${text} ? ${model}`)
    }),
    { numRuns: 4_000 },
  )
  t.ok(matching > 500, `${matching} of them match`)
})

t.test('many patterns answer as each of them by itself would, in their order', async (t) => {
  const letter = fc.constantFrom(...'ABx1-(')
  const pattern = fc
    .tuple(fc.array(letter, { maxLength: 4 }), fc.constantFrom('', '*', '(B)', '(A)1'))
    .map(([letters, end]) => `${letters.join('')}${end}`)
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 30 }),
      fc.array(letter, { maxLength: 5 }),
      (patterns, model) => {
        const text = model.join('')
        const index = ModelIndex.of(patterns.map((one, i) => [one, i] as const))
        t.same(
          index.find(text),
          patterns.flatMap((one, i) => (means(one, text) ? [i] : [])),
          `${text} ? ${patterns.join(', ')}`,
        )
      },
    ),
    { numRuns: 400 },
  )
})

t.test('the worst pattern within the limits is held against the worst model in no time', async (t) => {
  const worst = [
    `${'(A)'.repeat(MODEL_LIMITS.optionalGroups)}${'A'.repeat(50)}B`,
    `${'(x)'.repeat(MODEL_LIMITS.optionalGroups)}${'x'.repeat(51)}-`,
    `${'(((AA)A)A)'.repeat(5)}${'A'.repeat(40)}B`,
    `${'(x'.repeat(3)}${')'.repeat(3)}${'x'.repeat(80)}*`,
  ]
  t.equal(patternsProblem(worst), null, 'all within the limits')
  const index = ModelIndex.of(Array.from({ length: 10_000 }, (_, i) => [worst[i % 4]!, i] as const))
  const [from, model] = [performance.now(), 'A'.repeat(MODEL_LIMITS.model)]
  t.equal(index.find(model).length, 2_500)
  const millis = performance.now() - from
  t.ok(millis < 5_000, `10,000 of them took ${millis.toFixed(0)} ms`)
})

t.test('a model is held against those of 10,000 patterns that begin as it does', async (t) => {
  const patterns = Array.from({ length: 10_000 }, (_, i) => `DS-${i % 100}CD${Math.trunc(i / 100)}xx(F)-I*`)
  const index = ModelIndex.of(patterns.map((pattern) => [pattern, pattern] as const))
  const timed = (work: () => void) => {
    const from = performance.now()
    for (let i = 0; i < 50; i++) work()
    return performance.now() - from
  }
  t.same(index.find('DS-7CD42A1-IW'), ['DS-7CD42xx(F)-I*'])
  const few = patterns.slice(0, 500).map((pattern) => [pattern, pattern] as const)
  const [one, all] = [ModelIndex.of(few), index].map((some) => timed(() => some.find('DS-7CD42A1-IW')))
  // Twenty times as many, and far from twenty times as long.
  t.ok(all! < 6 * one! + 50, `500 patterns ${one!.toFixed(2)} ms, 10,000 ${all!.toFixed(2)} ms`)
})

t.test(
  'what is beyond the limits of a pattern is refused, and means no model where it is stored',
  async (t) => {
    for (const [patterns, problem] of [
      [['A'.repeat(101)], /at most 100 characters, not 101/],
      [[`${'(A)'.repeat(17)}B`], /at most 16 optional groups, not 17/],
      [['((((A))))'], /at most 3 deep, not 4/],
      [Array.from({ length: 201 }, (_, i) => `A${i}`), /at most 200 model patterns, not 201/],
    ] as const) {
      t.match(patternsProblem(patterns), problem)
    }
    t.equal(patternsProblem([`${'('.repeat(60)}A`, 'A'.repeat(100), '(((A)))']), null)
    const attack = '(A)'.repeat(66)
    const index = ModelIndex.of([[attack, 1] as const, ['A*', 2] as const])
    t.same(index.find('AAAAAAAA-B'), [2])
    t.match(index.unread, [{ pattern: attack, value: 1, problem: /at most 100 characters/ }])
    t.equal(means('A*', 'A'.repeat(120)), true)
    t.equal(means('A*', 'A'.repeat(121)), false, 'a longer model number is compared with nothing')
  },
)

/** Texts that make a reader go back and forth when it tries every way to take them apart. */
const AWKWARD = ['(', '( ', '(a b', '1', '1/', '/1a', 'build ', 'a-', '0 - 0', '\t', '≤ ', 'cpe:2.3:', '\\:']

t.test('a product or version of a megabyte is read in a moment', async (t) => {
  for (const unit of AWKWARD) {
    const text = `${unit.repeat(1_000_000 / unit.length)}!`
    const from = performance.now()
    importCve(
      {
        cveMetadata: { cveId: 'CVE-2026-90002', state: 'PUBLISHED' },
        containers: {
          cna: {
            affected: [
              { vendor: 'Hikvision', product: text, versions: [{ version: text, status: 'affected' }] },
              { cpes: [text], versions: [{ version: `<${text}\n`, status: 'affected' }] },
            ],
          },
        },
      },
      makers,
    )
    const millis = performance.now() - from
    t.ok(millis < 5_000, `${JSON.stringify(unit)} took ${millis.toFixed(0)} ms`)
  }
})

t.test("CISA's sentence becomes patch, mitigate or discontinue, or discontinue", async (t) => {
  for (const [text, expected] of [
    ['Apply updates per vendor instructions.', 'patch'],
    [
      'Apply mitigations per vendor instructions or discontinue use of the product if mitigations are unavailable.',
      'mitigate-or-discontinue',
    ],
    [
      'Apply updates per vendor instructions or discontinue use of the product if updates are unavailable',
      'mitigate-or-discontinue',
    ],
    [
      'The impacted product could be end-of-life (EoL). Users should discontinue product utilization if a current mitigation is unavailable.',
      'mitigate-or-discontinue',
    ],
    ['The impacted product is end-of-life and should be disconnected if still in use.', 'discontinue'],
    [
      'The impacted product is end-of-life (EoL) and/or end-of-service (EoS). Users should discontinue utilization of the product.',
      'discontinue',
    ],
    [
      'All associated hardware revisions have reached their end-of-life (EOL) and should be retired and replaced per vendor instructions.',
      'discontinue',
    ],
    ['Read the notice.', null],
  ] as const) {
    t.equal(requiredActionOf(text), expected, text)
  }
})

t.test('the KEV catalog imported twice, as JSON or as CSV, changes nothing the second time', async (t) => {
  const document = JSON.parse(fixture('kev.json')) as { vulnerabilities: Record<string, string>[] }
  const first = importKev(document, makers)
  t.match(first, { version: '2025.08.25', releasedOn: '2025-08-25', problems: [] })
  const nothing = { added: [], changed: [], withdrawn: [], unchanged: 5 }
  t.same(difference(first.advisories, importKev(document, makers).advisories), nothing)
  const csv = importKevCsv(fixture('kev.csv'), makers)
  t.same(csv.problems, [])
  t.same(difference(first.advisories, csv.advisories), nothing)
  t.same(difference([], first.advisories).added.length, 5)
  const [changed, ...rest] = document.vulnerabilities
  const next = importKev(
    { vulnerabilities: [{ ...changed, dueDate: '2022-02-01' }, ...rest.slice(1)] },
    makers,
  )
  t.same(difference(first.advisories, next.advisories), {
    added: [],
    changed: [{ id: 'CVE-2021-36260', fields: ['knownExploited'] }],
    withdrawn: ['CVE-2021-33044'],
    unchanged: 3,
  })
  const find = (id: string) => first.advisories.find((one) => one.id === id)
  t.match(find('CVE-2016-11021'), {
    fix: 'none-available',
    knownExploited: { requiredAction: 'discontinue' },
  })
  t.match(find('CVE-2023-47565'), {
    claims: [{ maker: 'qnap' }],
    knownExploited: { isUsedByRansomware: true },
  })
  t.match(
    find('CVE-2021-35394'),
    { claims: [{ maker: null }] },
    'kept, though its maker is not in the catalog',
  )
})

t.test('a broken feed says where it is broken and keeps what can be read', async (t) => {
  t.match(importKev({ nothing: true }, makers).problems, [{ pointer: '' }])
  t.match(importKevCsv('a,b\n"open', makers).problems, [{ pointer: '', detail: /no column cveID/ }])
  const open = importKevCsv(fixture('kev.csv').replace(/,"?([^",\n]+)"?\r?\n$/, ',"$1\n'), makers)
  t.match(open.problems, [{ pointer: /^\/row\/\d+$/, detail: /quote is opened on this row/ }])
  t.equal(open.advisories.length, importKevCsv(fixture('kev.csv'), makers).advisories.length - 1)
  const row = (over: object) => ({
    cveID: 'CVE-2020-0001',
    vendorProject: 'Axis',
    product: 'Camera',
    vulnerabilityName: 'A',
    dateAdded: '2024-01-01',
    dueDate: '2024-01-22',
    requiredAction: 'Apply updates.',
    ...over,
  })
  const partly = importKev(
    { count: 9, vulnerabilities: [row({}), row({}), row({ dueDate: '2024-02-30', cveID: 'CVE-2020-0002' })] },
    makers,
  )
  t.equal(partly.advisories.length, 1)
  t.same(
    partly.problems.map((p) => p.pointer),
    ['/vulnerabilities/1', '/vulnerabilities/2', '/count'],
  )
  t.match(importCve({}, makers).problems, [{ detail: /not a CVE record/ }])
  t.match(importCsaf({}, makers).problems, [{ detail: /not a CSAF document/ }])
  t.match(importNvd({ id: 'none' }, makers).problems, [{ pointer: '/vulnerabilities/0' }])
})

const cves = (JSON.parse(fixture('cve.json')) as unknown[]).map((record) => importCve(record, makers))

t.test('a CVE record is read container by container, with the ranges its assigner hid in text', async (t) => {
  const claimsOf = (id: string) =>
    cves
      .flatMap((one) => one.advisories)
      .find((one) => one.id === id)
      ?.claims.map((c) => `${c.container} ${c.maker} ${c.models.join('|') || '-'} ${JSON.stringify(c.rule)}`)
  t.same(claimsOf('CVE-2021-36260'), ['cna null - {"kind":"unspecified"}'], 'the record that names nothing')
  t.same(claimsOf('CVE-2021-33044'), [
    'cna dahua IPC-H@(@)(@)3* {"kind":"build-before","date":"2021-06-01"}',
    'cna dahua - {"kind":"build-before","date":"2021-06-01"}',
  ])
  t.same(claimsOf('CVE-2025-30023'), ['cna axis - {"kind":"lt","version":"6.9"}'])
  t.same(claimsOf('CVE-2023-6095'), [
    'adp hanwha ANE-L6012R {"kind":"unspecified"}',
    'cna hanwha HRX-1620 {"kind":"le","version":"3.05.62"}',
  ])
  t.same(claimsOf('CVE-2023-28808'), [
    'cna hikvision DS-A71024R|DS-A71048R|DS-A71072R|DS-A80624S {"kind":"le","version":"V2.3.8-8"}',
    'cna hikvision DS-A71024R-CVS|DS-A71048R-CVS {"kind":"le","version":"V1.1.4"}',
  ])
  t.same(claimsOf('CVE-2099-0001')?.toSorted(), [
    'cna hikvision DS-2CD2143G2-I {"kind":"any"}',
    'cna hikvision DS-2CD2143G2-I {"kind":"build-before","date":"2025-04-16"}',
    'cna hikvision DS-2CD2143G2-I {"kind":"lt","version":"V5.2.0"}',
    'cna hikvision DS-2CD2143G2-I {"kind":"range","first":"V5.5.0","last":"V5.5.150 build 200101"}',
  ])
  t.match(cves[0]?.advisories[0], { cvss: 9.8, knownExploited: { addedOn: '2022-01-10', dueOn: null } })
  t.match(cves.at(-1), { advisories: [], problems: [{ detail: /rejected/ }] })
})

t.test(
  'CSAF says no fix where the maker never answered, and NVD gives models with their limits',
  async (t) => {
    const csaf = importCsaf(JSON.parse(fixture('csaf.json')), makers)
    t.same(csaf.problems, [])
    t.match(csaf.advisories[0], {
      id: 'CVE-2024-7029',
      fix: 'none-available',
      cvss: 8.8,
      references: ['ICSA-24-214-07'],
      claims: [
        {
          container: 'csaf',
          maker: 'avtech',
          models: ['AVM1203'],
          rule: { kind: 'le', version: 'FullImg-1023-1007-1011-1009' },
        },
      ],
    })
    const nvd = importNvd(JSON.parse(fixture('nvd.json')), makers)
    t.same(nvd.problems, [])
    t.same(
      nvd.advisories.flatMap((one) =>
        one.claims.map((c) => `${c.maker} ${c.models} ${JSON.stringify(c.rule)}`),
      ),
      [
        'hikvision DS-2CD2026G2-IU/SL {"kind":"unspecified"}',
        'hikvision DS-2CD2066G2-I(U) {"kind":"unspecified"}',
        'dahua IPC-H@(@)(@)3* {"kind":"lt","version":"2.800.0000000.29.r.210630"}',
        'dahua TPC-SD2221 {"kind":"le","version":"2.630.0000000.7.r.210707"}',
      ],
    )
  },
)

t.test('CSAF names reach makers and models as public advisories write them', async (t) => {
  const { reference } = await readReferenceFiles(fileURLToPath(import.meta.resolve('#root/data')))
  const known = catalogueMakers(makers, buildMatcher(reference.vendors, new Map(), reference.relationships))
  const read = (vendor: string, product: string, category: string, version: string, details = '') =>
    importCsaf(
      {
        document: { title: 't', tracking: { id: 'T-1' } },
        product_tree: {
          branches: [
            {
              category: 'vendor',
              name: vendor,
              branches: [
                {
                  category: 'product_name',
                  name: product,
                  branches: [{ category, name: version, product: { product_id: 'P' } }],
                },
              ],
            },
          ],
        },
        vulnerabilities: [
          {
            cve: 'CVE-2024-0001',
            product_status: { known_affected: ['P'] },
            remediations: details === '' ? [] : [{ category: 'mitigation', details }],
          },
        ],
      },
      known,
    ).advisories[0]!
  const [range, version] = ['product_version_range', 'product_version']
  // Vendor, product and version as in ICSA-17-124-02, 19-260-03, 18-079-01, 20-219-03, 22-193-01 and others of CISA.
  for (const [vendor, product, kind, text, maker, models] of [
    ['Dahua Technology Co, Ltd', 'Dahua IPC-HX2XXX', range, '< 2.8', 'dahua', ['IPC-H@(@)(@)2*']],
    ['Dahua Technology Co, Ltd', 'DVRs and IP Cameras', version, 'DH-SD6CXX,', 'dahua', ['DH-SD6C*']],
    ['Honeywell', 'Performance IP Series cameras', version, 'HEW4PER2B', 'honeywell', ['HEW4PER2B']],
    ['GeutebrÃ¼ck', 'Topline TopFD-2125 (part nÂ° 5) firmware', version, '3.1', 'geutebruck', ['TOPFD-2125']],
    ['GeutebrÃ¼ck GmbH', 'G-Code EWPC-22xx', range, '<= 1.12', 'geutebruck', ['EWPC-22*']],
    ['Axis Communications', 'AXIS P3245-V Mk II Network Camera', range, '< 9', 'axis', ['P3245-V MK II']],
    ['Axis Communications AB', 'AXIS OS', range, '< 10.12', 'axis', []],
    ['Matrikon, Honeywell', 'OPC UA Tunneller', range, '< 6.3', 'honeywell', []],
    ['i-PRO', 'WV-X2251L', range, '< 2', 'i-pro', ['WV-X2251L']], // a single X is a letter
    ['Honeywell', 'Safety Manager SC', version, 'R211.1', 'honeywell', []], // a version, not a model
    ['IDEC Corporation', 'FC6A CPU module', range, '<= 2', 'idec', ['FC6A']],
    ['Zorbium Corporation', 'FC6A CPU module', range, '<= 2', null, ['FC6A']],
    // A series is whatever follows its name.
    ['IDEC Corporation', 'FC6A Series MICROSmart CPU module', range, '<= 2', 'idec', ['FC6A*']],
    ['Axis Communications AB', 'AXIS Q60 PTZ Network Camera Series', range, '< 9', 'axis', ['Q60*']],
    ['Dahua Technology Co, Ltd', 'IPC-HFW5 series', range, '< 2.8', 'dahua', ['IPC-HFW5*']],
    ['Hikvision', 'DS-7600 Series NVR', range, '< 4', 'hikvision', ['DS-76xx*']],
    ['Hanwha Vision', 'XNV-8000 series', range, '< 2', 'hanwha', ['XNV-8xxx*']],
    ['Honeywell', 'Performance IP Series cameras HBD3PR1', range, '< 2', 'honeywell', ['HBD3PR1']],
  ] as const) {
    t.match(read(vendor, product, kind, text).claims, [{ maker, models }], `${vendor} ${product} ${text}`)
  }
  // Sentences of the same advisories.
  for (const [details, fix] of [
    ['Dahua has released updated firmware to mitigate these vulnerabilities.', 'vendor-fix'],
    ['Honeywell has developed Version 3.04.05.05 to fix the vulnerabilities.', 'vendor-fix'],
    ['Users should download and update to the newest firmware version, 1.12.0.25', 'vendor-fix'],
    ['Xiongmai has not provided mitigations for these vulnerabilities.', 'mitigation'],
    ['The vendor has not released a patch.', 'mitigation'],
    ['Place the device behind a firewall and update passwords.', 'mitigation'],
  ] as const) {
    t.equal(read('Dahua', 'IPC-1234', version, '1.0', details).fix, fix, details)
  }
})

/** A CSAF document on products of one vendor, given as [name, kind of version, version]. */
function csafOf(
  vendor: string,
  products: readonly (readonly [name: string, category: string, version: string])[],
  remediations: readonly { category: string; details: string; product_ids?: string[] }[] = [],
  status: Readonly<Record<string, string[]>> = { known_affected: products.map((_, i) => `P${i}`) },
) {
  return {
    document: { title: 't', tracking: { id: 'T-3' } },
    product_tree: {
      branches: [
        {
          category: 'vendor',
          name: vendor,
          branches: products.map(([name, category, version], i) => ({
            category: 'product_name',
            name,
            branches: [{ category, name: version, product: { product_id: `P${i}` } }],
          })),
        },
      ],
    },
    vulnerabilities: [{ cve: 'CVE-2024-0001', product_status: status, remediations }],
  }
}

t.test('a remedy that names one product is no fix of another, and one for all is', async (t) => {
  const [range, version] = ['product_version_range', 'product_version']
  const fixes = (
    products: Parameters<typeof csafOf>[1],
    remediations: NonNullable<Parameters<typeof csafOf>[2]>,
  ) => {
    const [one] = importCsaf(csafOf('Axis', products, remediations), makers).advisories
    return Object.fromEntries([['all', one!.fix], ...one!.claims.map((c) => [c.product, c.fix])])
  }
  const two = [
    ['Topline TopFD-2125 (part n° 5.02820) firmware', version, '3.15.1'],
    ['G-Cam/EFD-2250 (part n° 5.02024) firmware', version, '1.12.0.4'],
  ] as const
  const [topline, gcam] = [two[0][0], two[1][0]]
  // ICSA-18-079-01, in our words: one is updated, the other's users are sent elsewhere.
  t.same(
    fixes(two, [
      {
        category: 'mitigation',
        details: 'G-Cam/EFD-2250 users should update to the newest firmware 1.12.0.19',
      },
      { category: 'mitigation', details: 'Topline users can ask for workaround advice on the same page.' },
    ]),
    { all: 'unknown', [topline]: 'mitigation', [gcam]: 'vendor-fix' },
  )
  t.same(
    fixes(two, [
      { category: 'vendor_fix', details: 'Update EFD 2250 to 1.13. TopFD 2125 has reached end of life.' },
    ]),
    { all: 'unknown', [topline]: 'none-available', [gcam]: 'vendor-fix' },
    'one text on both: each sentence is about the product it calls',
  )
  t.same(
    fixes(two, [{ category: 'vendor_fix', details: 'Install the newest firmware.' }]),
    { all: 'vendor-fix', [topline]: 'vendor-fix', [gcam]: 'vendor-fix' },
    'a remedy that calls none is for all',
  )
  t.same(
    fixes(two, [{ category: 'vendor_fix', details: 'See the notice of EFD-2250.', product_ids: ['P0'] }]),
    { all: 'unknown', [topline]: 'vendor-fix', [gcam]: 'unknown' },
    'a remedy for one product need not call it',
  )
  // ICSA-17-033-01: the family is written like the one product, and is both.
  t.match(
    fixes(
      [
        ['XLWeb 500 XLWebExe', range, '<= 1-02-08'],
        ['XL1000C500 XLWebExe', range, '<= 2-01-00'],
      ],
      [
        {
          category: 'mitigation',
          details:
            'Version 3.04 has been developed to fix the XL Web II controllers. The maker has developed version 3.04.',
        },
      ],
    ),
    { all: 'vendor-fix' },
  )
  t.match(
    fixes(
      [
        ['IPC-HX2XXX', range, '< 2'],
        ['NVR4XXX', range, '< 3'],
      ],
      [{ category: 'mitigation', details: 'IPC-HX24xx: update to version 2.1' }],
    ),
    { 'IPC-HX2XXX': 'vendor-fix', NVR4XXX: 'unknown' },
    'numbers with x are called by what they stand for',
  )
  for (const [category, details, fix] of [
    ['vendor_fix', 'Fixed firmware is planned for the third quarter.', 'none-available'],
    ['vendor_fix', 'A patch will be available in May.', 'none-available'],
    ['vendor_fix', 'Versions that are not listed should be updated to 5.2 or later.', 'vendor-fix'],
    ['mitigation', 'Install updates as soon as they are released.', 'mitigation'],
    ['mitigation', 'Hanwha has released version 1.41.16.', 'vendor-fix'],
    ['mitigation', 'The maker did not respond to CISA.', 'none-available'],
    ['workaround', 'Disable UPnP.', 'workaround'],
    ['no_fix_planned', 'Buy another.', 'no-fix-planned'],
  ] as const) {
    t.match(fixes([['M-1000', range, '< 2']], [{ category, details }]), { all: fix }, details)
  }
})

t.test('a large advisory with many remedies is read in a moment', async (t) => {
  const products = Array.from(
    { length: 600 },
    (_, i) => [`CAM-${1000 + i} NVR`, 'product_version_range', '< 2'] as const,
  )
  const remediations = products
    .slice(0, 200)
    .map(([name]) => ({ category: 'mitigation', details: `${name}: update to version 2.1. ` }))
  const document = csafOf('Axis', products, remediations)
  const many = {
    ...document,
    vulnerabilities: Array.from({ length: 5 }, (_, i) => ({
      ...document.vulnerabilities[0]!,
      cve: `CVE-2024-000${i}`,
    })),
  }
  const started = performance.now()
  const { advisories } = importCsaf(many, makers)
  t.ok(performance.now() - started < 20_000)
  t.equal(advisories.length, 5)
  t.equal(advisories[0]?.claims.filter(({ fix }) => fix === 'vendor-fix').length, 200)
})

t.test('a label is read as feeds are: brand, kind and specification are no part of the model', async (t) => {
  const { reference } = await readReferenceFiles(fileURLToPath(import.meta.resolve('#root/data')))
  const known = catalogueMakers(makers, buildMatcher(reference.vendors, new Map(), reference.relationships))
  for (const [vendor, label, model] of [
    ['axis', 'P3245-V', 'P3245-V'],
    ['axis', 'AXIS P3245-V Network Camera', 'P3245-V'],
    ['axis', 'Axis Communications P3245-V Mk II', 'P3245-V Mk II'],
    ['axis', 'AXIS Camera Station', 'AXIS Camera Station'],
    ['hikvision', 'Hikvision DS-2CD2042FWD-I 4MP Bullet 2.8mm', 'DS-2CD2042FWD-I'],
    ['hikvision', 'DS\u20112CD2042FWD\u2011I', 'DS-2CD2042FWD-I'],
    ['hikvision', 'DS-7608NI-K1 / 8P', 'DS-7608NI-K1 / 8P'],
    ['hikvision', 'Hikvision', null],
    ['hikvision', '4MP dome camera', null],
    ['hikvision', 'unknown', null],
    ['hikvision', 'N/A', null],
    ['hikvision', 'Dahua IPC-HFW1230S', 'Dahua IPC-HFW1230S'], // another's name is no part to leave out
    ['bosch', 'Bosch Security Systems NBE-3502-AL', 'NBE-3502-AL'],
  ] as const) {
    t.equal(labelModel(label, [vendor], known), model, `${vendor}: ${label}`)
  }
  const feed = (vendor: string, product: string) =>
    indexed(
      importCsaf(csafOf(vendor, [[product, 'product_version_range', '< 9.99']]), known).advisories,
      new Map([['dahua', ['DH-', 'DHI-']]]),
    )
  const meets = (vendor: string, product: string, maker: string, label: string) =>
    assess(feed(vendor, product), {
      maker,
      brand: maker,
      model: labelModel(label, [maker], known),
      firmwareVersion: null,
      deviceClass: null,
    }).some(({ standing }) => standing === 'verdict')
  for (const [vendor, product, maker, label, isMet] of [
    ['Axis Communications', 'AXIS P3245-V', 'axis', 'AXIS P3245-V Network Camera', true],
    ['Axis Communications', 'AXIS P3245-V', 'axis', 'P3245-V lobby', true],
    ['Axis Communications', 'AXIS P3245-V', 'axis', 'P3245 V', true],
    ['Axis Communications', 'AXIS P3245-V', 'axis', 'P3245-VE', false],
    ['Axis Communications', 'AXIS P3245-V', 'axis', 'dome camera', true], // not known, so not cleared
    ['Dahua Technology', 'DH-IPC-HDW1XXX', 'dahua', 'IPC-HDW1230S', true],
    ['Dahua Technology', 'IPC-HDW1XXX', 'dahua', 'DH-IPC-HDW1230S', true],
    ['Dahua Technology', 'DHI-NVR4XXX', 'dahua', 'DH-NVR4108', true],
    ['Dahua Technology', 'DH-IPC-HDW1XXX', 'dahua', 'IPC-HDW2230S', false],
    ['Hikvision', 'DS-7608NI-K1', 'hikvision', 'DS-7608NI-K1 / 8P', false], // another model
    ['Geutebruck', 'G-Cam/EFD-2250', 'geutebruck', 'EFD-2250', true],
    ['Geutebruck', 'G-Code EFD-22xx', 'geutebruck', 'G-Cam/EFD-2250', true],
  ] as const) {
    t.equal(meets(vendor, product, maker, label), isMet, `${product}: ${label}`)
  }
})

type VersionEntry = string | Readonly<Record<string, unknown>>

/**
 * What the versions of a CVE record say of installed firmware: maker, versions as records write them, installed
 * version, right answer, and the answer before 2026-11-29 where it was another. Numbers are ours, forms are those of
 * records of these makers.
 */
const VERSION_CASES: readonly (readonly [
  vendor: string,
  versions: VersionEntry | readonly VersionEntry[],
  installed: string,
  right: Affected,
  before?: Affected,
])[] = [
  ['Hikvision', 'before April 16, 2025', 'V5.7.1 build 250415', 'affected', 'unknown'],
  ['Hikvision', 'before April 16, 2025', 'V5.7.1 build 250416', 'not-affected', 'unknown'],
  ['Hikvision', 'builds before April 16, 2025', 'V5.7.1 build 250301', 'affected', 'unknown'],
  ['Hikvision', 'Build time before April 16, 2025', 'V5.7.1 build 250301', 'affected', 'unknown'],
  [
    'Hikvision',
    'Versions which build time before 16 April 2025',
    'V5.7.1 build 250417',
    'not-affected',
    'unknown',
  ],
  ['Hikvision', 'Versions released before 2025/04/16', 'V5.7.1 build 250415', 'affected', 'unknown'],
  ['Hikvision', 'build 20210101 and earlier', 'V5.4.0 build 210101', 'affected', 'unknown'],
  ['Hikvision', 'build 20210101 and earlier', 'V5.4.0 build 210102', 'not-affected', 'unknown'],
  ['Hikvision', 'before build 210628', 'V5.7.1 build 210619', 'affected', 'unknown'],
  ['Hikvision', 'V5.4.0 Build 2020/06/05 and prior', 'V5.4.0 build 200605', 'affected', 'unknown'],
  ['Hikvision', 'V5.4.0 Build 2020/06/05 and prior', 'V5.4.0 Build 20200606', 'not-affected', 'unknown'],
  ['Hikvision', '<= V5.5.82 build 190909', 'V5.5.82 build 190910', 'not-affected'],
  [
    'Hikvision',
    'V5.2.0 build 140721 to V5.4.0 build 160530',
    'V5.1.0 build 140101',
    'not-affected',
    'unknown',
  ],
  ['Hikvision', 'V5.2.0 build 140721 to V5.4.0 build 160530', 'V5.3.0 build 150101', 'affected', 'unknown'],
  [
    'Hikvision',
    'V5.2.0 build 140721 - V5.4.0 build 160530',
    'V5.4.0 build 160531',
    'not-affected',
    'unknown',
  ],
  ['Hikvision', 'from 5.2.0 through 5.4.0', 'V5.4.1 build 170101', 'not-affected', 'unknown'],
  ['Hikvision', '5.4.0', 'V5.4.0 build 160530', 'affected'],
  ['Hikvision', '5.4.0', 'V5.3.0 build 150101', 'unknown', 'not-affected'],
  ['Hikvision', 'n/a', 'V5.4.0 build 160530', 'unknown'],
  ['Hikvision', 'all versions', 'V5.4.0 build 160530', 'affected'],
  [
    'Dahua',
    'Build time before May, 2020',
    '2.800.0000000.29.R, Build Date: 2020-04-30',
    'affected',
    'unknown',
  ],
  [
    'Dahua',
    'Build time before May, 2020',
    '2.800.0000000.29.R, Build Date: 2020-05-01',
    'not-affected',
    'unknown',
  ],
  [
    'Dahua',
    'Buildtime before December, 2019.',
    '2.800.0000000.29.R, Build Date: 2019-12-01',
    'not-affected',
    'unknown',
  ],
  ['Dahua', '< 2.820.0000000.48.R.220614', '2.820.0000000.48.R.220613', 'affected'],
  ['Dahua', '< 2.820.0000000.48.R.220614', '2.820.0000000.49.R.220701', 'not-affected'],
  ['Dahua', '< 2.820.0000000.48.R.220614', '2.800.0000000.48.R.220701', 'unknown'],
  ['Axis', 'AXIS OS 10.5 – 11.5', '9.80.3', 'not-affected', 'unknown'],
  ['Axis', 'AXIS OS 10.5 – 11.5', '10.9.2', 'affected', 'unknown'],
  ['Axis', 'AXIS OS 10.5 – 11.5', '10.12.182', 'unknown'],
  ['Axis', 'AXIS OS 10.5 – 11.5', '11.11.117', 'not-affected', 'unknown'],
  ['Axis', '6.50 - 11.8', '11.5.20', 'affected', 'unknown'],
  ['Axis', '< 11.11.80', '11.5.20', 'affected', 'unknown'],
  ['Axis', '< 11.11.80', '10.12.182', 'unknown'],
  [
    'Axis',
    [
      {
        version: '10.0',
        lessThan: '12.0',
        changes: [
          { at: '10.12.228', status: 'unaffected' },
          { at: '11.11.80', status: 'unaffected' },
        ],
      },
    ],
    '10.12.228',
    'not-affected',
    'unknown',
  ],
  [
    'Axis',
    [
      {
        version: '10.0',
        lessThan: '12.0',
        changes: [
          { at: '10.12.228', status: 'unaffected' },
          { at: '11.11.80', status: 'unaffected' },
        ],
      },
    ],
    '11.11.79',
    'affected',
    'unknown',
  ],
  ['Axis', ['<10.12.228', '<11.11.80'], '10.12.228', 'not-affected', 'unknown'],
  ['Axis', ['<10.12.228', '<11.11.80'], '11.11.80', 'not-affected', 'unknown'],
  ['Axis', ['<10.12.228', '<11.11.80'], '10.12.100', 'affected'],
  ['Axis', ['<10.12.228', '<11.11.80'], '9.80.5', 'unknown'],
  ['Hanwha Vision', '3.05.62 and prior versions', '3.05.62', 'affected'],
  ['Hanwha Vision', 'versions prior to 1.41.16', '1.41.04_20211012_R280', 'affected', 'unknown'],
  ['Hanwha Vision', '1.41.00 or older', '1.41.04', 'not-affected', 'unknown'],
  ['Hanwha Vision', 'up to and including 1.41.04', '1.41.04', 'affected', 'unknown'],
  ['Hanwha Vision', '>=1.40.00, <1.41.16', '1.39.00', 'not-affected', 'unknown'],
  ['Hanwha Vision', [{ version: '1.40.00', lessThan: '*' }], '1.39.00', 'not-affected', 'affected'],
  ['Hanwha Vision', [{ version: '1.40.00', lessThan: '*' }], '1.42.00', 'affected'],
  [
    'Hanwha Vision',
    { defaultStatus: 'affected', version: '1.41.16', lessThan: '*', status: 'unaffected' },
    '1.41.15',
    'affected',
    'unknown',
  ],
  [
    'Hanwha Vision',
    { defaultStatus: 'affected', version: '1.41.16', lessThan: '*', status: 'unaffected' },
    '1.41.16',
    'not-affected',
    'unknown',
  ],
  [
    'Hanwha Vision',
    { defaultStatus: 'unaffected', version: '1.41.04', status: 'affected' },
    '1.41.05',
    'not-affected',
  ],
  ['Hanwha Vision', ['1.40.00 to 1.40.09', '1.41.00 to 1.41.05'], '1.41.02', 'affected', 'unknown'],
  ['Hanwha Vision', ['1.40.00 to 1.40.09', '1.41.00 to 1.41.05'], '1.40.20', 'not-affected', 'unknown'],
  [
    'PTZOptics',
    [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }],
    '6.3.39',
    'affected',
    'unknown',
  ],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], '6.3.40', 'not-affected'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'custom' }], '6.3.39', 'unknown'],
  [
    'PTZOptics',
    [{ version: '6.0.0', lessThan: '6.3.40', versionType: 'semver' }],
    '5.9.9',
    'not-affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [
      {
        version: '0',
        lessThan: '*',
        versionType: 'semver',
        changes: [
          { at: '5.2.3', status: 'unaffected' },
          { at: '6.1.1', status: 'unaffected' },
        ],
      },
    ],
    '6.0.0',
    'affected',
  ],
  [
    'PTZOptics',
    [
      {
        version: '0',
        lessThan: '*',
        versionType: 'semver',
        changes: [
          { at: '5.2.3', status: 'unaffected' },
          { at: '6.1.1', status: 'unaffected' },
        ],
      },
    ],
    '5.2.4',
    'not-affected',
    'affected',
  ],
  [
    'PTZOptics',
    [
      {
        version: '1.0.0',
        lessThan: '7.0.0',
        versionType: 'semver',
        changes: [
          { at: '2.0.0', status: 'unaffected' },
          { at: '3.0.0', status: 'affected' },
        ],
      },
    ],
    '2.5.0',
    'not-affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [
      {
        version: '1.0.0',
        lessThan: '7.0.0',
        versionType: 'semver',
        changes: [
          { at: '2.0.0', status: 'unaffected' },
          { at: '3.0.0', status: 'affected' },
        ],
      },
    ],
    '3.1.0',
    'affected',
    'unknown',
  ],
  ['PTZOptics', 'vers:semver/>=1.0.0|<2.0.0', '1.5.0', 'affected', 'unknown'],
  ['PTZOptics', '<6.3.40-rc1', '6.3.39', 'unknown'],
  ['Honeywell', '<1.000.HW00.21.20190812', '1.000.HW00.20.20190101', 'affected', 'unknown'],
  ['Honeywell', '<1.000.HW00.21.20190812', '1.000.HW00.22.20200101', 'not-affected', 'unknown'],
  ['Honeywell', '<1.000.HW00.21.20190812', '2.420.HW01.33.20190812', 'unknown'],
  ['Annke', 'V3.4.106 build 200422 and prior', 'V3.4.106 build 200421', 'affected', 'unknown'],
  ['Annke', 'V3.4.106 build 200422 and prior', 'V3.4.106 build 200423', 'not-affected', 'unknown'],
  // Odd schemes, leading zeros, letters at the end, branches, ranges with a start, whole rows.
  ['Hikvision', '< V5.7.3 build 220112', 'V5.7.3 build 220111', 'affected'],
  ['Hikvision', '< V5.7.3 build 220112', 'V5.7.3 build 220112', 'not-affected'],
  ['Hikvision', '< V5.7.3 build 220112', 'V5.7.3_build220112', 'not-affected'],
  ['Hikvision', 'V5.7.3 build 220112 and earlier versions', 'V5.7.3 build 220113', 'not-affected'],
  ['Hikvision', 'Versions before V5.7.3', 'V5.07.03 build 220112', 'not-affected'],
  ['Hikvision', 'Versions before V5.7.3', 'V5.07.02 build 220112', 'affected'],
  ['Hikvision', 'V5.6.0 - V5.7.3', 'V5.5.99 build 190909', 'not-affected'],
  ['Hikvision', '>= V5.6.0, < V5.7.3', 'V5.6.0 build 200101', 'affected'],
  ['Hikvision', [{ version: 'V5.6.0', lessThanOrEqual: 'V5.7.3' }], 'V5.7.3 build 230101', 'affected'],
  ['Hikvision', 'before 220112', 'V5.7.1 build 220111', 'affected'],
  ['Hikvision', 'V4.30.085 build 211231 and below', 'V4.30.085 build 220101', 'not-affected'],
  ['Hikvision', 'V4.30.085 build 211231 and below', 'V4.30.085 build 211231', 'affected'],
  ['Hikvision', 'earlier than V5.7.3', 'V5.7.2 build 220101', 'affected'],
  ['Hikvision', 'through V5.7.3', 'V5.7.4 build 220101', 'not-affected'],
  ['Hikvision', 'V5.7.x', 'V5.7.9 build 220101', 'unknown'],
  ['Hikvision', 'prior to V5.7.3 build 220112', 'IPC_G3_EN_STD_5.5.160_210416', 'unknown'],
  ['Dahua', '<= 2.840.0000000.18.R', '2.840.0000000.18.R.20220601', 'affected'],
  ['Dahua', '<= 2.840.0000000.18.R', '2.840.0000000.19.R.20220601', 'not-affected'],
  ['Dahua', 'before 2.840.0000000.018.R', '2.840.0000000.18.R', 'not-affected'],
  ['Dahua', '< 4.002.0000000.2.R', '4.002.0000000.1.T', 'unknown'],
  [
    'Dahua',
    [{ version: '2.800.0000000.0.R', lessThan: '2.800.0000000.31.R' }],
    '2.800.0000000.30.R',
    'affected',
  ],
  ['Dahua', 'Versions which Build time before 2022-06-14', '2.820.0000000.48.R.220614', 'not-affected'],
  ['Axis', '< 12.6.94', '12.6.93', 'affected'],
  ['Axis', '12.0.0 - 12.6.93', '12.6.94', 'not-affected'],
  ['Axis', 'AXIS OS 6.50 through 6.50.5.20', '6.50.5.21', 'not-affected'],
  ['Axis', '<= 11.11.178', '11.11.178', 'affected'],
  [
    'Axis',
    ['<12.8.22', '<11.11.181', '<10.12.306', '<9.80.134', '<8.40.92', '<6.50.5.23'],
    '9.80.134',
    'not-affected',
  ],
  [
    'Axis',
    ['<12.8.22', '<11.11.181', '<10.12.306', '<9.80.134', '<8.40.92', '<6.50.5.23'],
    '9.80.133',
    'affected',
  ],
  [
    'Axis',
    ['<12.8.22', '<11.11.181', '<10.12.306', '<9.80.134', '<8.40.92', '<6.50.5.23'],
    '12.8.22',
    'not-affected',
  ],
  [
    'Axis',
    ['<12.8.22', '<11.11.181', '<10.12.306', '<9.80.134', '<8.40.92', '<6.50.5.23'],
    '5.51.7',
    'affected',
  ],
  ['Hanwha Vision', '< 1.41.04', '1.41.4', 'not-affected'],
  ['Hanwha Vision', '< 1.41.04', '1.41.03_20210101_R100', 'affected'],
  ['Hanwha Vision', '< 2.22.05', '2.22.05_20240101_R1', 'not-affected'],
  ['Hanwha Vision', '1.40.00 <= 1.41.15', '1.41.16', 'unknown'],
  ['Uniview', '<= QIPC-B2202.2.0.230111', 'QIPC-B2202.2.0.230110', 'affected'],
  ['Uniview', '<= QIPC-B2202.2.0.230111', 'QIPC-B2202.10.17.250307', 'not-affected'],
  ['Uniview', '<= QIPC-B2202.2.0.230111', 'QIPC-B2201.2.0.230110', 'unknown'],
  ['Milesight', '<= 41.7.0.77-r5', '41.7.0.77-r5', 'affected'],
  ['Milesight', '<= 41.7.0.77-r5', '41.7.0.77-r4', 'unknown'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], 'v6.3.39', 'affected'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], '6.03.040', 'not-affected'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], '6.3.40a', 'unknown'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], '6.3', 'affected'],
  ['PTZOptics', [{ version: '0', lessThan: '6.3.40', versionType: 'semver' }], '7', 'not-affected'],
  [
    'PTZOptics',
    [{ version: '2.0.0', lessThanOrEqual: '2.0.*', versionType: 'semver' }],
    '2.0.9',
    'affected',
    'unknown',
  ],
  ['PTZOptics', '6.3.38, 6.3.39', '6.3.39', 'affected'],
  ['PTZOptics', '6.3.38, 6.3.39', '6.3.40', 'unknown'],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.12.0.25',
    'affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.11.9',
    'affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.12.13.2',
    'affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.12.14.5',
    'affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.12.13.1',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5', versionType: 'semver' }],
    '1.12.14.7',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '1.0.0 to 1.4.0, 2.0.0 to 2.3.0', versionType: 'semver' }],
    '2.1.0',
    'affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '1.0.0 to 1.4.0, 2.0.0 to 2.3.0', versionType: 'semver' }],
    '1.9.0',
    'not-affected',
    'unknown',
  ],
  [
    'PTZOptics',
    [{ version: '>=1.0|<1.4|>=2.0|<=2.3', versionType: 'semver' }],
    '1.4',
    'not-affected',
    'unknown',
  ],
  ['PTZOptics', [{ version: '>=1.0|<1.4|>=2.0|<=2.3', versionType: 'semver' }], '2.3', 'affected', 'unknown'],
  ['PTZOptics', [{ version: '<= 1.0 | some of 2.0', versionType: 'semver' }], '0.9', 'unknown'],
  ['Hikvision', '< V5.5.0, build 190101', 'V5.5.0 build 180101', 'affected', 'unknown'],
  ['Hikvision', '< V5.5.0, build 190101', 'V5.5.0 build 190102', 'not-affected', 'unknown'],
  [
    'Dahua',
    '<= 2.800.0000000.29.R, Build Date: 2021-06-04',
    '2.800.0000000.29.R, Build Date: 2021-06-05',
    'not-affected',
    'unknown',
  ],
  ['Honeywell', '< 2.420.HW01.33.20190812', '2.420.HW01.33.20190811', 'affected'],
  ['Annke', '< V3.4.106 build 200422', 'V3.4.106 build 200422', 'not-affected'],
  ['Bosch', '<= 7.81.0095', '7.81.0095', 'affected'],
  ['Bosch', '<= 7.81.0095', '7.80.0001', 'unknown'],
  ['Vivotek', '0100d', '0100d', 'affected'],
  ['Vivotek', '<= 0117b', '0117b', 'affected'],
  ['Vivotek', '<= 0117b', '0117c', 'unknown'],
  ['Hikvision', 'unspecified', 'V5.7.1 build 220111', 'unknown'],
  ['Hikvision', '*', 'V5.7.1 build 220111', 'affected'],
  ['Hikvision', '0', 'V5.7.1 build 220111', 'unknown'],
  ['Hikvision', '< 5.7.3 build 20220112', 'V5.7.3 build 220111', 'affected'],
  ['Hikvision', 'versions V5.5.0 build 180101 and later', 'V5.6.0 build 190101', 'affected', 'unknown'],
  ['Hikvision', 'versions V5.5.0 build 180101 and later', 'V5.4.0 build 160530', 'not-affected', 'unknown'],
  ['Dahua', 'Build before 2021/06', '2.800.0000000.29.R, Build Date: 2021-05-31', 'affected'],
  ['Hanwha Vision', [{ version: '1.40.00', lessThanOrEqual: '1.41.*' }], '1.41.99', 'affected', 'unknown'],
  [
    'Hanwha Vision',
    [{ version: '1.40.00', lessThanOrEqual: '1.41.*' }],
    '1.42.00',
    'not-affected',
    'unknown',
  ],
  ['Hikvision', '<= V5.7.*', 'V5.7.99 build 220101', 'affected', 'unknown'],
  ['Hikvision', '<= V5.7.*', 'V5.8.0 build 220101', 'not-affected', 'unknown'],
  [
    'PTZOptics',
    [{ version: '2.0.0', lessThanOrEqual: '2.0.*', versionType: 'semver' }],
    '2.1.0',
    'not-affected',
    'unknown',
  ],
  ['Hanwha Vision', '1.40.00 and later versions', '1.39.00', 'not-affected', 'unknown'],
  ['Hanwha Vision', '1.40.00 onwards', '1.41.00', 'affected', 'unknown'],
]

t.test(
  'version texts of records are read, keep their starts, and clear the lines that they fix',
  async (t) => {
    const also = ['honeywell', 'annke', 'milesight', 'bosch', 'vivotek'].map((id) => [id, id] as const)
    const known = new Map([...makers, ...also])
    t.ok(VERSION_CASES.length >= 120)
    for (const [vendor, given, installed, right, before] of VERSION_CASES) {
      const entries = ([given].flat() as VersionEntry[]).map((one) =>
        typeof one === 'string' ? { version: one } : one,
      )
      const { defaultStatus } = entries[0] as { defaultStatus?: string }
      const versions = entries.map((one) => ({ status: 'affected', ...one }))
      const affected = [{ vendor, product: 'M-1000', defaultStatus, versions }]
      const imported = importCve(
        { cveMetadata: { cveId: 'CVE-2024-0001', state: 'PUBLISHED' }, containers: { cna: { affected } } },
        known,
      )
      const maker = known.get(vendor.toLowerCase())!
      const [found] = assess(indexed(imported.advisories), {
        maker,
        brand: maker,
        model: 'M-1000',
        firmwareVersion: installed,
        deviceClass: 'camera',
      })
      const name = `${vendor} ${JSON.stringify(given)}, installed ${installed}${before ? `, was ${before}` : ''}`
      t.equal(found?.result, right, name)
      t.not(before, right, 'marked only where it differs')
    }
  },
)

t.test('a range of a feed keeps its start, and lists of limits and days are read or left', async (t) => {
  for (const [text, rule] of [
    ['>=1.0|<=1.65.4', { kind: 'range', first: '1.0', last: '1.65.4' }],
    ['>1.0, <2.0', { kind: 'range', first: '1.0', last: '2.0', isFirstExcluded: true, isLastExcluded: true }],
    ...[
      '<= 1.12.0.25 | 1.12.13.2 | 1.12.14.5',
      '<= 1.12.0.25, 1.12.13.2, 1.12.14.5',
      '<= 1.12.0.25 or 1.12.13.2 or 1.12.14.5',
      '1.12.0.25 and prior, 1.12.13.2, and 1.12.14.5',
      '1.12.0.25 and prior | 1.12.13.2 || 1.12.14.5',
      'versions 1.12.0.25 and prior, as well as 1.12.13.2; 1.12.14.5',
      'up to and including 1.12.0.25, version 1.12.13.2 and version 1.12.14.5',
    ].map(
      (text) =>
        [
          text,
          {
            kind: 'any-of',
            rules: [
              { kind: 'le', version: '1.12.0.25' },
              { kind: 'exact', versions: ['1.12.13.2', '1.12.14.5'], isPartial: true },
            ],
          },
        ] as const,
    ),
    [
      '>=1.0|<1.4|>=2.0|<=2.3',
      {
        kind: 'any-of',
        rules: [
          { kind: 'range', first: '1.0', last: '1.4', isLastExcluded: true },
          { kind: 'range', first: '2.0', last: '2.3' },
        ],
      },
    ],
    [
      '1.0 to 1.4, 2.0 to 2.3',
      {
        kind: 'any-of',
        rules: [
          { kind: 'range', first: '1.0', last: '1.4' },
          { kind: 'range', first: '2.0', last: '2.3' },
        ],
      },
    ],
    ['1.2.3 | 1.2.4', { kind: 'exact', versions: ['1.2.3', '1.2.4'], isPartial: true }],
    ['1.2.3 and 1.2.4', { kind: 'exact', versions: ['1.2.3', '1.2.4'], isPartial: true }],
    ['1.2.3 or earlier', { kind: 'le', version: '1.2.3' }],
    ['1.2.3, and prior', { kind: 'le', version: '1.2.3' }],
    ['< V5.5.0, build 190101', { kind: 'lt', version: 'V5.5.0, build 190101' }],
    ['<= 1.0 | some of 2.0', { kind: 'unspecified' }],
    ['<= 1.0 | <= 2.0', { kind: 'unspecified' }],
    ['<= 1.0 | >= 2.0', { kind: 'unspecified' }],
    ['<= 1.0 | all but two', { kind: 'unspecified' }],
    ['builds before April 16, 2025', { kind: 'build-before', date: '2025-04-16' }],
    [
      'NVR build time before May 2019, XVR build time before June, 2020',
      { kind: 'build-before', date: '2020-06-01' },
    ],
    ['V5.4.0 and later', { kind: 'until-fixed', first: 'V5.4.0', fixed: [] }],
    ['= 1.2.3', { kind: 'exact', versions: ['1.2.3'], isPartial: true }],
    ['1.2.3, 1.2.4', { kind: 'exact', versions: ['1.2.3', '1.2.4'], isPartial: true }],
    ['several', { kind: 'unspecified' }],
    ['before lunch', { kind: 'unspecified' }],
    ['build time before April 31, 2025', { kind: 'unspecified' }],
    ['Build time before April 16, 2025', { kind: 'build-before', date: '2025-04-16' }],
  ] as const) {
    t.same(ruleOfText(text), rule, text)
  }
  const range: AffectedRule = { kind: 'range', first: '10.1', last: '10.9', isLastExcluded: true }
  t.equal(affectedBy(range, 'axis', '10.0.5'), 'not-affected')
  t.equal(affectedBy(range, 'axis', '10.9'), 'not-affected')
  t.equal(affectedBy(range, 'axis', '10.2'), 'affected')
  for (const day of ['20210101', '2021/01/01', '210101']) {
    t.equal(parseFirmware('hikvision', `V5.4.0 Build ${day}`).buildDate, '2021-01-01', day)
  }
})

t.test('firmware installed on hardware has the version of the one and the model of the other', async (t) => {
  const product = (name: string, id: string) => ({
    category: 'product_name',
    name,
    product: { product_id: id },
  })
  const os = { category: 'product_version_range', name: '<10.0', product: { product_id: 'OS' } }
  const read = importCsaf(
    {
      document: { title: 't', tracking: { id: 'T-2' } },
      product_tree: {
        branches: [
          {
            category: 'vendor',
            name: 'Axis Communications',
            branches: [
              product('AXIS P3245-V', 'HW'),
              { category: 'product_name', name: 'AXIS OS', branches: [os] },
            ],
          },
        ],
        relationships: [
          {
            category: 'installed_on',
            product_reference: 'OS',
            relates_to_product_reference: 'HW',
            full_product_name: { name: 'AXIS OS on P3245-V', product_id: 'BOTH' },
          },
        ],
      },
      vulnerabilities: [{ cve: 'CVE-2024-0002', product_status: { known_affected: ['BOTH'] } }],
    },
    makers,
  )
  t.same(read.problems, [])
  t.match(read.advisories[0]?.claims, [
    { maker: 'axis', models: ['P3245-V'], rule: { kind: 'lt', version: '10.0' } },
  ])
})

const feeds: readonly (readonly Advisory[])[] = [
  importKev(JSON.parse(fixture('kev.json')), makers).advisories,
  // CVE-2099-0001 is made up for the importer.
  cves.flatMap((one) => one.advisories).filter((one) => one.id !== 'CVE-2099-0001'),
  importCsaf(JSON.parse(fixture('csaf.json')), makers).advisories,
  importNvd(JSON.parse(fixture('nvd.json')), makers).advisories,
  overlay.advisories,
]

t.test(
  "merging feeds keeps every claim, the catalog's dates and the overlay's fix, in any order",
  async (t) => {
    const merged = mergeAdvisories(feeds)
    t.same(mergeAdvisories(feeds.toReversed().map((feed) => feed.toReversed())), merged)
    t.same(mergeAdvisories([merged]), merged)
    const dahua = merged.find((one) => one.id === 'CVE-2021-33044')
    t.match(dahua, {
      fix: 'vendor-fix',
      knownExploited: { dueOn: '2024-09-11', requiredAction: 'mitigate-or-discontinue' },
    })
    t.same(new Set(dahua?.claims.map((c) => c.container)), new Set(['cna', 'curated', 'kev', 'nvd']))
    // A date that CISA moves is taken from the catalog, not from our copy of it.
    const moved = feeds[0]!.map((one) => ({
      ...one,
      knownExploited: { ...one.knownExploited!, dueOn: '2024-10-01' },
    }))
    t.equal(
      mergeAdvisories([overlay.advisories, moved]).find((one) => one.id === 'CVE-2021-33044')?.knownExploited
        ?.dueOn,
      '2024-10-01',
    )
  },
)

t.test(
  "every claim of the overlay names source, container, model and a rule its maker's versions can meet",
  async (t) => {
    for (const one of overlay.advisories) {
      for (const claim of one.claims) {
        t.ok(claim.models.length > 0 && claim.citation.length > 0, one.id)
        t.ok(Object.hasOwn(overlay.makers, claim.maker), one.id)
        const rule = claim.rule as AffectedRule
        const limits =
          'version' in rule ? [rule.version] : rule.kind === 'range' ? [rule.first, rule.last] : []
        for (const limit of limits) {
          const isOpaque = !parseFirmware(claim.maker, limit).isComparable
          t.equal(isOpaque, claim.maker === 'avtech', `${one.id} ${limit}`)
        }
      }
    }
  },
)

t.test('a sample city meets its vulnerabilities, its clean devices and its conflicts', async (t) => {
  const index = indexed(mergeAdvisories(feeds))
  const rows = parseCsv(fixture('sample-city.csv'), { columns: true }) as Record<string, string>[]
  for (const row of rows) {
    const assessments = assess(index, {
      maker: row.maker || null,
      brand: row.brand || null,
      model: row.model || null,
      firmwareVersion: row.firmwareVersion || null,
      deviceClass: row.deviceClass as DeviceClass,
    })
    const verdicts = assessments.filter((one) => one.standing === 'verdict')
    t.equal(
      verdicts.map((one) => `${one.advisory.id} ${one.result}`).join('; '),
      row.expected,
      `${row.model} ${row.firmwareVersion}`,
    )
  }
})

const product = (over: Partial<InstalledProduct>): InstalledProduct => ({
  maker: 'dahua',
  brand: 'dahua',
  model: 'IPC-HDBW3441E-S',
  firmwareVersion: '2.800.0000000.29.R, Build Date: 2021-06-04',
  deviceClass: 'camera',
  ...over,
})

t.test('of thousands of advisories on a maker, those that name other models are not even looked at', (t) => {
  const claimOf = (models: readonly string[]) =>
    ({ ...feeds.flat()[0]!.claims[0]!, maker: 'dahua', models, deviceClasses: null }) as Claim
  const named = (id: string, ...models: string[]): Advisory => ({
    ...feeds.flat()[0]!,
    id,
    claims: [claimOf(models)],
  })
  const others = Array.from({ length: 3_000 }, (_, i) => named(`CVE-2024-${i}`, `IPC-HFW${1000 + i}X`))
  const index = indexed([
    ...others,
    named('CVE-2025-1', 'IPC-HDBW3441E-S'),
    { ...named('CVE-2025-2'), claims: [claimOf([]), claimOf(['IPC-HFW1X'])] },
    named('CVE-2025-3', `${'(A)'.repeat(66)}`),
  ])
  let looked = 0
  const vendor = index.byVendor.get('dahua')!
  const advisories = new Map(vendor.advisories)
  advisories.get = (id) => {
    looked++
    return vendor.advisories.get(id)
  }
  const counted = { ...index, byVendor: new Map([['dahua', { ...vendor, advisories }]]) }
  const idsOf = (over: Partial<InstalledProduct>) =>
    assess(counted, product(over)).map(({ advisory }) => advisory.id)
  t.same(idsOf({}), ['CVE-2025-1', 'CVE-2025-2', 'CVE-2025-3'])
  t.equal(looked, 3)
  t.equal(idsOf({ model: null }).length, others.length + 3, 'without a model each of them is a question')
  t.equal(idsOf({ brand: 'lorex' }).length, others.length + 3, 'and so for the model number of another brand')
  t.end()
})

t.test('two official sources that disagree are both shown and the stricter is acted on', async (t) => {
  const index = indexed(mergeAdvisories(feeds))
  const found = assess(index, product({})).find((one) => one.advisory.id === 'CVE-2021-33044')
  t.match(found, { result: 'conflicting', actOn: 'affected', fix: 'vendor-fix' })
  const said = new Map(found?.verdicts.map((verdict) => [verdict.claim.container, verdict.result]))
  t.equal(said.get('cna'), 'not-affected')
  t.equal(said.get('nvd'), 'affected')
  const [open] = openVulnerabilities(found ? [found] : [])
  t.match(open, { id: 'CVE-2021-33044', isConflicting: true, isKnownExploited: true, dueOn: '2024-09-11' })
  t.equal(licensingRisk(input({ vulnerabilities: [open!] }), '2026-11-23').needsReview, true)
})

t.test(
  'a device that names no model or another brand is judged by build day, and only cleared by it',
  async (t) => {
    const index = indexed(overlay.advisories)
    const on = (over: Partial<InstalledProduct>) =>
      assess(index, product({ maker: 'hikvision', brand: 'hikvision', ...over })).map(
        (one) => `${one.advisory.id} ${one.actOn} ${one.missingFacts}`,
      )
    const old = 'V5.5.82 build 190909'
    t.same(on({ model: null, firmwareVersion: old }), [
      'CVE-2017-7921 not-affected ',
      'CVE-2021-36260 unknown model',
    ])
    t.same(on({ brand: 'lts', model: 'CMIP9342', firmwareVersion: null }), [
      'CVE-2017-7921 unknown firmwareVersion,makerModel',
      'CVE-2021-36260 unknown firmwareVersion,makerModel',
    ])
    // A feed that names only a maker is a question, not a verdict, and is never scored.
    const kevOnly = indexed(feeds[0]!)
    const [candidate] = assess(kevOnly, product({}))
    t.match(candidate, { standing: 'candidate', missingFacts: ['affectedModels'] })
    t.same(openVulnerabilities([candidate!]), [])
    t.same(assess(index, product({ maker: null, brand: null })), [])
  },
)

t.test('from installed version to action: patch this week, save the image, see the day come', async (t) => {
  const index = indexed(mergeAdvisories(feeds))
  const maker = 'hikvision'
  const found = assess(
    index,
    product({ maker, brand: maker, model: 'DS-2CD2143G2-I', firmwareVersion: 'V5.5.82 build 190909' }),
  )
  const parties = { maker, brand: maker, publisher: maker, signer: maker }
  const scenario = (heldImage: Vulnerability['heldImage']) =>
    input({
      subject: subject({ parties, networkExposure: 'routed' }),
      measures: [measure({ entityOrProduct: { entity: maker } })],
      licenses: [license({ entities: [maker] })],
      vulnerabilities: openVulnerabilities(found).map((one) =>
        one.id === 'CVE-2021-36260' ? { ...one, heldImage } : one,
      ),
    })
  const before = licensingRisk(scenario(undefined), '2027-06-20')
  t.match(before, {
    level: 'conditional',
    score: 68,
    band: 'high',
    queue: 'exploited-patch-before-cut-off',
    cutOffOn: '2027-07-15',
  })
  t.match(before.actions[0], { code: 'install-fix', dueOn: '2027-07-04' })
  const missed = licensingRisk(scenario(undefined), '2027-07-15')
  t.match(missed, {
    level: 'license-required',
    score: 91,
    urgency: 'critical',
    queue: 'exploited-unpatchable',
  })
  const saved = { obtainedOn: '2027-07-10', isVerified: true }
  const kept = licensingRisk(scenario(saved), '2027-07-15')
  t.match(kept, { level: 'license-required', urgency: 'high', queue: 'exploited-patchable' })
  t.match(kept.actions, [
    { code: 'install-fix' },
    { code: 'ask-counsel-before-installing' },
    { code: 'apply-for-license' },
  ])
})

/* Measures from the law */

const lawFiles = await readReferenceFiles(fileURLToPath(import.meta.resolve('#root/data')))
const firmwareFiles = await readFirmwareFiles(fileURLToPath(import.meta.resolve('#root/data')))
const lawKnowledge = (listings: readonly Listing[] = []) =>
  buildKnowledge(
    { ...lawFiles.reference, listings: [...lawFiles.reference.listings, ...listings] },
    () => null,
    1,
    'test',
    firmwareOfFiles(firmwareFiles),
  )
const known = lawKnowledge()
const CITY = {
  country: 'US',
  state: 'NY',
  kind: 'city',
  federalContractor: false,
  sellsToFederal: false,
  defenseContract: false,
  receivesFccSupport: false,
  sharesBulkData: false,
}
const owned = (over: object = {}): DeviceFields =>
  merge(BLANK_DEVICE, {
    deviceClass: 'camera',
    hasRadio: false,
    fundingSource: 'local',
    updateChannel: 'vendor-portal-us',
    ...over,
  })

t.test('what the rules say of updates becomes measures, and the level says the same', async (t) => {
  for (const [device, outcome, level, timeline] of [
    [{ manufacturer: 'Axis', model: 'P3245-LVE' }, 'permitted', 'unrestricted', []],
    [{ manufacturer: 'Hikvision' }, 'permitted', 'watch', []],
    // FCC row 10: a radio and no waiver.
    [{ manufacturer: 'Hikvision', hasRadio: true }, 'vendor-risk', 'conditional', []],
    [{ manufacturer: 'Hikvision', hasRadio: null }, 'vendor-risk', 'conditional', []],
    // A paid plan out of a federal grant.
    [
      { manufacturer: 'Hikvision', fundingSource: 'federal-grant', paidSupport: true },
      'unallowable',
      'conditional',
      [],
    ],
    [{ manufacturer: 'CEIEC' }, 'license-required', 'license-required', []],
    [{ manufacturer: 'CEIEC', updateChannel: 'vendor-cloud-push' }, 'prohibited', 'license-required', []],
    // Updates barred since 2024-09-29 and no way to ask for them.
    [{ manufacturer: 'Kaspersky' }, 'updates-unavailable', 'blocked', []],
    // FCC row 12: the waiver for drones ends.
    [{ manufacturer: 'DJI', deviceClass: 'uas' }, 'permitted', 'watch', ['2029-01-01 conditional']],
    [{ manufacturer: 'Zorblax' }, 'review', 'watch', []],
  ] as const) {
    const { headline, firmwareRisk: risk } = screen(owned(device), CITY, known, '2026-11-24')
    const name = JSON.stringify(device)
    t.equal(headline['firmware-update'], outcome, name)
    t.equal(risk.level, level, name)
    t.same(
      risk.timeline.slice(1).map((entry) => `${entry.from} ${entry.level}`),
      timeline,
      name,
    )
  }
  const unknown = screen(owned({ manufacturer: 'Zorblax' }), CITY, known, '2026-11-24').firmwareRisk
  t.ok(unknown.needsReview, 'an unknown maker asks for a person')
})

t.test('a designation, its program and a step of a determination are dated levels', async (t) => {
  const listing = (over: Partial<Listing>): Listing => ({
    ...lawFiles.reference.listings.find(({ regime }) => regime === 'ofac-sdn')!,
    id: 'test',
    vendor: 'axis',
    name: 'Axis',
    program: 'GLOMAG',
    from: '2027-03-01',
    to: null,
    ...over,
  })
  const axis = owned({ manufacturer: 'Axis' })
  const levels = (knowledge: Knowledge, asOf: string) =>
    screen(axis, CITY, knowledge, asOf).firmwareRisk.timeline.map((entry) => `${entry.from} ${entry.level}`)
  const designated = lawKnowledge([listing({})])
  t.same(levels(designated, '2027-02-28'), ['2027-02-28 watch', '2027-03-01 license-required'])
  t.same(levels(designated, '2027-03-01'), ['2027-03-01 license-required'])
  const twice = lawKnowledge([listing({}), listing({ id: 'test-2', program: 'VENEZUELA' })])
  const wind = (program: string): License => ({
    id: program,
    type: 'general',
    number: null,
    authority: 'OFAC',
    regime: 'ofac-sdn',
    program,
    activities: ['firmware-update'],
    entities: ['axis'],
    products: 'any',
    territory: 'any',
    holder: { kind: 'any-us-person' },
    window: { from: '2027-03-01', to: '2027-09-01', timezone: NY },
    status: 'active',
    statusSince: null,
    conditions: [],
    reportingDue: [],
    documentSha256: null,
    supersedes: null,
    citation: 'test',
  })
  const holding = (licenses: readonly License[]) =>
    screen(axis, CITY, twice, '2027-04-01', { ...NO_HOLDINGS, timezone: NY, licenses }).firmwareRisk.level
  t.equal(
    holding([wind('GLOMAG')]),
    'license-required',
    'listed under two programs, one license is not enough',
  )
  t.equal(holding([wind('GLOMAG'), wind('VENEZUELA')]), 'conditional')
  const icts = lawKnowledge([
    listing({
      regime: 'icts',
      program: null,
      phases: { 'sales-barred': '2027-04-01', 'updates-barred': '2027-06-09' },
    }),
  ])
  t.same(levels(icts, '2027-05-01'), ['2027-05-01 conditional', '2027-06-09 blocked'])
})

t.test('a level that stops updates never stands beside a determination that permits them', async () => {
  const vendors = lawFiles.reference.vendors.map(({ name }) => name)
  const facts = fc.record({
    manufacturer: fc.constantFrom(...vendors, 'Zorblax'),
    deviceClass: fc.constantFrom('camera', 'router', 'uas', 'recorder', null),
    hasRadio: fc.constantFrom(true, false, null),
    purpose: fc.constantFrom('public-safety', 'traffic', null),
    fundingSource: fc.constantFrom('local', 'federal-grant', null),
    updateChannel: fc.constantFrom(
      'vendor-portal-us',
      'oem-brand-portal',
      'vendor-cloud-push',
      'offline-media',
      null,
    ),
    paidSupport: fc.constantFrom(true, false, null),
    acquiredOn: fc.constantFrom('2018-01-01', '2024-05-01', null),
  })
  const days = fc.constantFrom('2019-06-01', '2024-10-01', '2026-11-24', '2029-06-01')
  fc.assert(
    fc.property(facts, days, (device, day) => {
      const { headline, determinations, firmwareRisk } = screen(owned(device), CITY, known, day)
      const isStopped = compareLevels(firmwareRisk.level, 'license-required') >= 0
      const outcome = headline['firmware-update']
      // The headline may be the money's, which is worse, and leave the update itself barred as well.
      const isBarred = determinations.some(
        (d) =>
          d.activity === 'firmware-update' &&
          ['prohibited', 'license-required', 'updates-unavailable'].includes(d.outcome),
      )
      if (isStopped && !isBarred) throw new Error(`${firmwareRisk.level} beside ${outcome}`)
      if (isBarred && !isStopped) throw new Error(`${outcome} beside ${firmwareRisk.level}`)
      if (outcome !== 'permitted' && outcome !== 'not-applicable' && firmwareRisk.level === 'unrestricted')
        throw new Error(`unrestricted beside ${outcome}`)
    }),
    { numRuns: 300 },
  )
})

t.test('facts that a rule does not read give the same measures, made once', async (t) => {
  const subject = (over: object) => {
    const device = owned({ manufacturer: 'Hikvision', ...over })
    return { device, jurisdiction: CITY, identification: identify(device, known.identify) }
  }
  const one = firmwareMeasures(
    subject({ model: 'DS-1', firmwareVersion: 'V5.1' }),
    known.updates,
    '2026-11-24',
  )
  const same = firmwareMeasures(
    subject({ model: 'DS-2', firmwareVersion: 'V5.2' }),
    known.updates,
    '2026-11-24',
  )
  t.equal(one, same)
  t.not(firmwareMeasures(subject({ hasRadio: true }), known.updates, '2026-11-24'), one)
  t.not(firmwareMeasures(subject({}), known.updates, '2026-11-25'), one)
})

const BARRED: ReadonlySet<string> = new Set(['prohibited', 'license-required', 'updates-unavailable'])
const overlayAdvisories = overlay.advisories as readonly Advisory[]

/* The channel matrix: every way an update can come, under each regime */

const designation = (vendor: string, over: Partial<Listing> = {}): Listing => ({
  ...lawFiles.reference.listings.find(({ regime }) => regime === 'ofac-sdn')!,
  id: `test:${vendor}`,
  vendor,
  name: `${vendor} (hypothetical)`,
  program: 'GLOMAG',
  from: '2027-01-15',
  to: null,
  ...over,
})
const hikvisionBlocked = lawKnowledge([designation('hikvision')])
const windDown = (over: Partial<License> = {}) =>
  license({ program: 'GLOMAG', entities: ['hikvision'], ...over })
const ownLicense = (over: Partial<License> = {}) =>
  windDown({
    id: 'own',
    type: 'specific',
    number: 'SL-1',
    holder: { kind: 'party', id: 'exampleville' },
    window: { from: '2027-01-15', to: null, timezone: NY },
    ...over,
  })
const holding = (...licenses: readonly License[]) => ({
  ...NO_HOLDINGS,
  jurisdiction: 'exampleville',
  timezone: NY,
  licenses,
})
const barOf = ({ determinations }: Screening, regime = 'ofac-sdn') =>
  determinations.find((one) => one.regime === regime && one.activity === 'firmware-update')?.outcome

t.test(
  'a blocked maker: each channel without a license, in a wind-down, with a license of its own',
  async (t) => {
    const blocked = 'license-required'
    const passed = 'permitted-with-caution'
    const direct = { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I' }
    const relabel = { manufacturer: 'LTS', model: 'CMIP7442NW-28M' }
    const before = { firmwareObtainedOn: '2027-01-14' }
    const late = { firmwareObtainedOn: '2027-01-15' }
    // Device; what the law says; level without, in a wind-down, with a license that names the maker, and one that names
    // the brand or dealer too.
    for (const [device, outcome, without, general, own, naming] of [
      [
        { ...direct, updateChannel: 'vendor-cloud-push' },
        'prohibited',
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...direct, updateChannel: 'vendor-portal-us' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...direct, updateChannel: 'vendor-portal-global' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...direct, updateChannel: 'vendor-portal-cn' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      // Nobody records who the dealer or the management system is, so a license cannot be seen to name them.
      [{ ...direct, updateChannel: 'distributor' }, blocked, blocked, 'conditional', blocked, blocked],
      [{ ...direct, updateChannel: 'vms-push' }, blocked, blocked, 'conditional', blocked, blocked],
      [{ ...direct, updateChannel: 'offline-media' }, blocked, blocked, 'conditional', blocked, blocked],
      [{ ...direct, updateChannel: null }, 'prohibited', blocked, 'conditional', blocked, blocked],
      // The maker's own brand is the maker.
      [
        { ...direct, updateChannel: 'oem-brand-portal' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...relabel, updateChannel: 'oem-brand-portal' },
        blocked,
        blocked,
        'conditional',
        blocked,
        'conditional',
      ],
      [
        { ...relabel, updateChannel: 'vendor-portal-us' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...relabel, updateChannel: 'vendor-cloud-push' },
        'prohibited',
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [{ ...relabel, updateChannel: 'distributor' }, blocked, blocked, 'conditional', blocked, blocked],
      // A file kept from before: only the day it was obtained decides.
      [
        { ...direct, ...before, updateChannel: 'offline-media' },
        passed,
        'conditional',
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...direct, ...late, updateChannel: 'offline-media' },
        blocked,
        blocked,
        'conditional',
        blocked,
        blocked,
      ],
      // Keeping one file does not open a channel that runs.
      [
        { ...direct, ...before, updateChannel: 'vendor-cloud-push' },
        'prohibited',
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      [
        { ...direct, ...before, updateChannel: 'vendor-portal-us' },
        blocked,
        blocked,
        'conditional',
        'conditional',
        'conditional',
      ],
      // No channel at all is blocked in fact, and no license mends that.
      [{ ...direct, updateChannel: 'none' }, blocked, 'blocked', 'blocked', 'blocked', 'blocked'],
      [{ ...direct, ...before, updateChannel: 'none' }, passed, 'blocked', 'blocked', 'blocked', 'blocked'],
    ] as const) {
      const name = JSON.stringify(device)
      const seen = (day: PlainDate, ...licenses: readonly License[]) =>
        screen(owned(device), CITY, hikvisionBlocked, day, holding(...licenses))
      const day = '2027-02-01'
      t.equal(barOf(seen(day)), outcome, name)
      t.equal(seen(day).firmwareRisk.level, without, `${name}, no license`)
      t.equal(seen(day, windDown()).firmwareRisk.level, general, `${name}, wind-down`)
      t.equal(seen(day, ownLicense()).firmwareRisk.level, own, `${name}, own license`)
      const both = ownLicense({ entities: ['hikvision', 'lts'] })
      t.equal(seen(day, both).firmwareRisk.level, naming, `${name}, own license that names the brand`)
      // The law is told without licenses, whatever is held.
      t.equal(barOf(seen(day, windDown(), ownLicense())), outcome, name)
      // Both sides of the designation and of the end of the wind-down.
      const isOff = device.updateChannel === 'none'
      t.equal(seen('2027-01-14').firmwareRisk.level, isOff ? 'blocked' : 'watch', `${name}, the day before`)
      t.equal(seen('2027-07-14', windDown()).firmwareRisk.level, general, `${name}, last day`)
      t.equal(seen('2027-07-15', windDown()).firmwareRisk.level, without, `${name}, first day after`)
    }
  },
)

t.test('an export ban and a bar on new equipment leave each channel as it is', async (t) => {
  for (const updateChannel of UPDATE_CHANNELS) {
    const level = (device: object) =>
      screen(owned({ updateChannel, ...device }), CITY, known, '2026-11-24').firmwareRisk.level
    const inFact = updateChannel === 'none' ? 'blocked' : null
    // Entity List alone: receiving is free. FCC: by the radio; unknown counts as one.
    t.equal(level({ manufacturer: 'Tiandy' }), inFact ?? 'watch', `Entity List, ${updateChannel}`)
    t.equal(
      level({ manufacturer: 'Dahua', hasRadio: false }),
      inFact ?? 'watch',
      `FCC wired, ${updateChannel}`,
    )
    t.equal(
      level({ manufacturer: 'Dahua', hasRadio: true }),
      inFact ?? 'conditional',
      `FCC radio, ${updateChannel}`,
    )
    t.equal(
      level({ manufacturer: 'Dahua', hasRadio: null }),
      inFact ?? 'conditional',
      `FCC ?, ${updateChannel}`,
    )
    t.equal(level({ manufacturer: 'Kaspersky' }), 'blocked', `updates barred by Commerce, ${updateChannel}`)
    t.equal(level({ manufacturer: 'Axis' }), inFact ?? 'unrestricted', `nothing, ${updateChannel}`)
  }
})

t.test('no channel is blocked in fact: the reason says so and no law is blamed', async (t) => {
  const { firmwareRisk: risk, headline } = screen(
    owned({ manufacturer: 'Axis', model: 'P3245-LVE', updateChannel: 'none' }),
    CITY,
    known,
    '2026-11-24',
  )
  t.equal(headline['firmware-update'], 'permitted')
  t.match(risk, { level: 'blocked', levels: { supply: 'blocked', city: 'unrestricted' } })
  t.same(
    risk.reasons.filter(({ level }) => level === 'blocked').map(({ code, about }) => [code, about]),
    [['no-channel', null]],
  )
  t.same(risk.timeline, [{ from: '2026-11-24', level: 'blocked', because: [] }])
})

t.test('an image from before a designation may be installed, and nothing newer can be had', async (t) => {
  const device = owned({
    manufacturer: 'Hikvision',
    model: 'DS-2CD2143G2-I',
    firmwareVersion: 'V5.5.82 build 190909',
    updateChannel: 'offline-media',
    firmwareObtainedOn: '2026-12-01',
  })
  const on = (day: PlainDate, over: object = {}) =>
    screen(device, CITY, hikvisionBlocked, day, { ...holding(), ...over }).firmwareRisk
  const ahead = on('2027-01-01')
  t.same(levels(ahead.timeline), ['2027-01-01 watch', '2027-01-15 conditional'])
  t.equal(ahead.cutOffOn, '2027-01-15')
  t.equal(ahead.vulnerabilities[0]?.fixObtainable, 'yes')
  const after = on('2027-01-15')
  t.match(after, { level: 'conditional', needsReview: true, queue: 'exploited-unpatchable' })
  t.equal(after.vulnerabilities[0]?.fixObtainable, 'no', 'which version is held, nobody said')
  t.ok(after.reasons.some(({ code }) => code === 'only-held-images'))
  const image = {
    id: 'image',
    maker: 'hikvision',
    models: ['DS-2CD2143G2-I'],
    firmwareVersion: 'V5.5.800 build 210628',
    releasedOn: null,
    channel: null,
    publisher: null,
    signer: null,
    sha256: null,
    source: 'test',
    obtainedOn: '2026-12-01',
    isVerified: true,
  } as const
  const kept = on('2027-01-15', { images: [image] })
  t.equal(kept.vulnerabilities[0]?.fixObtainable, 'yes')
  t.same(
    kept.actions.map(({ code }) => code).filter((code) => code !== 'resolve-facts'),
    ['install-fix', 'ask-counsel-before-installing'],
  )
  const late = on('2027-01-16', { images: [{ ...image, obtainedOn: '2027-01-15' }] })
  t.equal(late.vulnerabilities[0]?.fixObtainable, 'no', 'obtained on the day of the designation')
})

t.test('a listed brand that publishes an unlisted maker’s files is as good as a listed maker', async (t) => {
  const knowledge = lawKnowledge([designation('lts')])
  const level = (updateChannel: string, day = '2027-02-01', ...licenses: readonly License[]) =>
    screen(
      owned({ manufacturer: 'LTS', model: 'CMIP7442NW-28M', updateChannel }),
      CITY,
      knowledge,
      day,
      holding(...licenses),
    ).firmwareRisk.level
  t.equal(level('oem-brand-portal'), 'license-required')
  t.equal(level('oem-brand-portal', '2027-01-14'), 'watch')
  t.equal(level('vendor-portal-us'), 'watch', "the real maker's own portal")
  t.equal(level('oem-brand-portal', '2027-02-01', windDown({ entities: ['lts'] })), 'conditional')
  t.equal(level('oem-brand-portal', '2027-02-01', windDown()), 'license-required', 'names the maker only')
})

/*
 * Licenses and channels: what may be had, which way, on which day. Each file is put to the law by its own publisher,
 * signer and channel. Sources: 31 CFR 501.801 (a license covers what it names), OFAC guidance of 2014-08-13 (companies
 * owned by half), EO 13818 s.4 (services of a blocked person), 31 CFR chapter V in general; the listings are made up.
 */

const BEFORE_LISTING = '2026-12-01'
const LISTED_ON = '2027-01-15'
const kept = (over: Partial<FirmwareRelease> = {}): FirmwareRelease => ({
  id: 'image',
  maker: 'hikvision',
  models: ['DS-2CD2143G2-I', 'CMIP7442NW-28M'],
  firmwareVersion: 'V5.5.800 build 210628',
  releasedOn: null,
  channel: 'vendor-portal-us',
  publisher: null,
  signer: null,
  sha256: null,
  source: 'test',
  obtainedOn: '2027-03-01',
  isVerified: true,
  ...over,
})
const published = (over: Partial<FirmwareRelease> = {}) =>
  kept({ id: 'release', obtainedOn: null, isVerified: false, releasedOn: '2021-06-28', ...over })
const ownedByHalf = (...shares: readonly (readonly [string, number])[]) => {
  const template = lawFiles.reference.relationships.find(({ kind }) => kind === 'subsidiary')!
  const ties = shares.map(([parent, ownershipPct]) => ({
    ...template,
    id: `test:axis:${parent}`,
    child: 'axis',
    parent,
    kind: 'subsidiary' as const,
    ownershipPct,
    from: null,
    to: null,
    confidence: 'high' as const,
  }))
  const { reference } = lawFiles
  const listings = [...reference.listings, ...shares.map(([parent]) => designation(parent))]
  const relationships = [...reference.relationships, ...ties]
  const parts = { ...reference, listings, relationships }
  return buildKnowledge(parts, () => null, 1, 'test', firmwareOfFiles(firmwareFiles))
}
const ltsBlocked = lawKnowledge([designation('lts')])
const dahuaBlocked = lawKnowledge([designation('dahua')])
const oneOwner = ownedByHalf(['hanwha', 60])
const twoOwners = ownedByHalf(['hanwha', 30], ['bosch', 30])

const HIK = { manufacturer: 'Hikvision', model: 'DS-2CD2143G2-I', firmwareVersion: 'V5.5.82 build 190909' }
const LTS = { manufacturer: 'LTS', model: 'CMIP7442NW-28M', firmwareVersion: 'V5.5.82 build 190909' }
const AXIS = { manufacturer: 'Axis', model: 'P3245-LVE', updateChannel: 'vendor-portal-us' }
const DAHUA = {
  manufacturer: 'Dahua',
  model: 'IPC-HFW5241E-ZE',
  firmwareVersion: '2.800.0000000.29.R, Build Date: 2020-06-04',
}
const us = { updateChannel: 'vendor-portal-us' }
const brand = { updateChannel: 'oem-brand-portal' }
const dealer = { updateChannel: 'distributor' }
const named = (...entities: readonly string[]) => ownLicense({ entities })

interface WayCase {
  readonly because: string
  readonly law?: Knowledge
  readonly device: object
  readonly day?: PlainDate
  readonly licenses?: readonly License[]
  readonly images?: readonly FirmwareRelease[]
  readonly releases?: readonly FirmwareRelease[]
  /** `level`, or `level / can the fix be had / from where`. */
  readonly expect: string
  /** What was said before each file was judged by its own way, where that was something else. */
  readonly before?: string
  readonly needs?: RegExp
}

const WAY_CASES: readonly WayCase[] = [
  // Which way a license covers.
  {
    because: 'a license for the US portal, over the US portal',
    device: { ...HIK, ...us },
    licenses: [ownLicense({ channels: ['vendor-portal-us'] })],
    expect: 'conditional',
  },
  {
    because: 'the same license, pushed by the cloud',
    device: { ...HIK, updateChannel: 'vendor-cloud-push' },
    licenses: [ownLicense({ channels: ['vendor-portal-us'] })],
    expect: 'license-required',
    before: 'conditional',
  },
  {
    because: 'the same license, over the portal of another country',
    device: { ...HIK, updateChannel: 'vendor-portal-cn' },
    licenses: [ownLicense({ channels: ['vendor-portal-us'] })],
    expect: 'license-required',
    before: 'conditional',
  },
  {
    because: 'a wind-down for portals, by a dealer',
    day: '2027-03-01',
    device: { ...HIK, ...dealer },
    licenses: [windDown({ channels: ['vendor-portal-us', 'vendor-portal-global'] })],
    expect: 'license-required',
    before: 'conditional',
  },
  {
    because: 'a wind-down for portals, over a channel nobody recorded',
    day: '2027-03-01',
    device: { ...HIK, updateChannel: null },
    licenses: [windDown({ channels: ['vendor-portal-us'] })],
    expect: 'license-required',
    before: 'conditional',
  },
  {
    because: 'a wind-down for any channel, by a dealer',
    day: '2027-03-01',
    device: { ...HIK, ...dealer },
    licenses: [windDown()],
    expect: 'conditional',
  },
  {
    because: 'a license of another city',
    device: { ...HIK, ...us },
    licenses: [ownLicense({ holder: { kind: 'party', id: 'othertown' } })],
    expect: 'license-required',
  },
  {
    because: 'a license under the export rules lifts no sanctions',
    device: { ...HIK, ...us },
    licenses: [ownLicense({ regime: 'bis-entity-list' })],
    expect: 'license-required',
  },
  {
    because: 'a license of another program',
    device: { ...HIK, ...us },
    licenses: [ownLicense({ program: 'VENEZUELA' })],
    expect: 'license-required',
  },
  // The 50 Percent Rule.
  {
    because: 'a license for the owner and what it owns',
    law: oneOwner,
    device: AXIS,
    licenses: [ownLicense({ entities: ['hanwha'], includesOwned: true })],
    expect: 'conditional',
    before: 'license-required',
  },
  {
    because: 'a license for the owner and not for what it owns',
    law: oneOwner,
    device: AXIS,
    licenses: [ownLicense({ entities: ['hanwha'], includesOwned: false })],
    expect: 'license-required',
  },
  {
    because: 'a license for the owner that does not say',
    law: oneOwner,
    device: AXIS,
    licenses: [ownLicense({ entities: ['hanwha'] })],
    expect: 'license-required',
  },
  {
    because: 'a license that names the owned company',
    law: oneOwner,
    device: AXIS,
    licenses: [named('axis')],
    expect: 'conditional',
  },
  {
    because: 'a license for anyone',
    law: oneOwner,
    device: AXIS,
    licenses: [ownLicense({ entities: 'any' })],
    expect: 'conditional',
  },
  {
    because: 'two owners hold half together, and the license names one',
    law: twoOwners,
    device: AXIS,
    licenses: [ownLicense({ entities: ['hanwha'], includesOwned: true })],
    expect: 'license-required',
  },
  {
    because: 'two owners hold half together, and the license names both',
    law: twoOwners,
    device: AXIS,
    licenses: [ownLicense({ entities: ['hanwha', 'bosch'], includesOwned: true })],
    expect: 'conditional',
    before: 'license-required',
  },
  // Images: the law of their day, for their own way.
  {
    because: 'saved from the portal before the listing',
    device: { ...HIK, ...us },
    images: [kept({ obtainedOn: BEFORE_LISTING })],
    expect: 'license-required / yes / held-image',
    needs: /ask counsel/,
  },
  {
    because: 'saved on the day of the listing',
    device: { ...HIK, ...us },
    images: [kept({ obtainedOn: LISTED_ON })],
    expect: 'license-required / no / nowhere',
  },
  {
    because: 'saved from the portal in the wind-down',
    device: { ...HIK, ...us },
    licenses: [windDown()],
    images: [kept()],
    expect: 'license-required / yes / held-image',
    needs: /Lawful under OFAC/,
  },
  {
    because: 'saved from the portal under the license of the city, by which a dealer’s files do not come',
    device: { ...HIK, ...dealer },
    licenses: [ownLicense()],
    images: [kept()],
    expect: 'license-required / yes / held-image',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'taken from a dealer whom the license does not name',
    device: { ...HIK, updateChannel: 'vendor-portal-us' },
    day: '2028-08-01',
    licenses: [ownLicense({ window: { from: LISTED_ON, to: '2027-07-15', timezone: NY } })],
    images: [kept({ channel: 'distributor' })],
    expect: 'license-required / no / nowhere',
    before: 'license-required / yes / held-image',
  },
  {
    because: 'taken from a dealer whom the license names',
    device: { ...HIK, ...dealer },
    licenses: [named('hikvision', 'wbox')],
    images: [kept({ channel: 'distributor', publisher: 'wbox' })],
    expect: 'license-required / yes / held-image',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'pushed by the cloud under a license for the portal',
    day: '2028-08-01',
    device: { ...HIK, ...us },
    licenses: [
      ownLicense({
        channels: ['vendor-portal-us'],
        window: { from: LISTED_ON, to: '2027-07-15', timezone: NY },
      }),
    ],
    images: [kept({ channel: 'vendor-cloud-push' })],
    expect: 'license-required / no / nowhere',
    before: 'license-required / yes / held-image',
  },
  {
    because: 'nobody recorded how it came, under the license of the city',
    day: '2028-08-01',
    device: { ...HIK, ...us },
    licenses: [ownLicense({ window: { from: LISTED_ON, to: '2027-07-15', timezone: NY } })],
    images: [kept({ channel: null })],
    expect: 'license-required / no / nowhere',
    before: 'license-required / yes / held-image',
  },
  {
    because: 'saved between two licenses',
    device: { ...HIK, ...us },
    licenses: [
      ownLicense({ id: 'one', window: { from: LISTED_ON, to: '2027-02-15', timezone: NY } }),
      ownLicense({ id: 'two', window: { from: '2027-03-15', to: '2027-05-01', timezone: NY } }),
    ],
    images: [kept()],
    expect: 'license-required / no / nowhere',
  },
  {
    because: 'not verified',
    device: { ...HIK, ...us },
    images: [kept({ obtainedOn: BEFORE_LISTING, isVerified: false })],
    expect: 'license-required / no / nowhere',
  },
  {
    because: 'saved before the listing for a device without any channel',
    device: { ...HIK, updateChannel: 'none' },
    images: [kept({ obtainedOn: BEFORE_LISTING })],
    expect: 'blocked / yes / held-image',
  },
  {
    because: 'the portal carries the name of the maker and somebody else publishes',
    law: dahuaBlocked,
    device: { ...DAHUA, ...us },
    day: '2028-08-01',
    licenses: [
      ownLicense({ entities: ['dahua'], window: { from: LISTED_ON, to: '2027-07-15', timezone: NY } }),
    ],
    images: [
      kept({
        maker: 'dahua',
        models: ['IPC-HFW5241E-ZE'],
        firmwareVersion: '2.820.0000000.18.R, Build Date: 2022-06-04',
        publisher: 'luminys',
      }),
    ],
    expect: 'license-required / no / nowhere',
    before: 'license-required / yes / held-image',
  },
  // A blocked brand publishes what a maker wrote who is free.
  {
    because: 'the image came from the portal of a blocked brand',
    law: ltsBlocked,
    device: { ...LTS, ...us },
    images: [kept({ channel: 'oem-brand-portal' })],
    expect: 'watch / yes / channel',
    before: 'watch / yes / held-image',
  },
  {
    because: 'a dealer handed on what a blocked brand publishes',
    law: ltsBlocked,
    device: { ...LTS, ...brand },
    images: [kept({ channel: 'distributor', publisher: 'lts' })],
    expect: 'license-required / no / nowhere',
  },
  {
    because: 'a blocked brand signed it',
    law: ltsBlocked,
    device: { ...LTS, ...us },
    images: [kept({ signer: 'lts' })],
    expect: 'watch / yes / channel',
    before: 'watch / yes / held-image',
  },
  {
    because: 'the image came from the maker itself, the device is updated over the blocked brand',
    law: ltsBlocked,
    device: { ...LTS, ...brand },
    images: [kept()],
    expect: 'license-required / yes / held-image',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'the image came from the brand before its listing',
    law: ltsBlocked,
    device: { ...LTS, ...brand },
    images: [kept({ channel: 'oem-brand-portal', obtainedOn: BEFORE_LISTING })],
    expect: 'license-required / yes / held-image',
  },
  {
    because: 'the image came from the brand under a license that names it',
    law: ltsBlocked,
    device: { ...LTS, ...brand },
    licenses: [
      ownLicense({ entities: ['lts'], window: { from: LISTED_ON, to: '2027-07-15', timezone: NY } }),
    ],
    images: [kept({ channel: 'oem-brand-portal' })],
    expect: 'license-required / yes / held-image',
  },
  // Releases as remedies.
  {
    because: 'the maker itself publishes it, the device is updated over the blocked brand',
    law: ltsBlocked,
    device: { ...LTS, ...brand },
    releases: [published()],
    expect: 'license-required / yes / release',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'only the blocked brand publishes it, the device is updated by the maker',
    law: ltsBlocked,
    device: { ...LTS, ...us },
    releases: [published({ channel: 'oem-brand-portal' })],
    expect: 'watch / yes / channel',
    before: 'watch / yes / release',
  },
  {
    because: 'a blocked brand signs what the maker publishes',
    law: ltsBlocked,
    device: { ...LTS, ...us },
    releases: [published({ signer: 'lts' })],
    expect: 'watch / yes / channel',
    before: 'watch / yes / release',
  },
  {
    because: 'a blocked maker publishes it, and nothing is held',
    device: { ...HIK, ...us },
    releases: [published()],
    expect: 'license-required / no / nowhere',
    needs:
      /Needs a license under ofac-sdn, program GLOMAG, that names hikvision and covers vendor-portal-us of hikvision/,
  },
  {
    because: 'a blocked maker publishes it, in the wind-down',
    day: '2027-03-01',
    device: { ...HIK, ...us },
    licenses: [windDown()],
    releases: [published()],
    expect: 'conditional / yes / release',
    needs: /Lawful under OFAC .* through 2027-07-14/,
  },
  {
    because: 'a dealer whom nobody named publishes it, the license reaches the portal',
    device: { ...HIK, ...us },
    licenses: [ownLicense()],
    releases: [published({ channel: 'distributor' })],
    expect: 'conditional / yes / channel',
    before: 'conditional / yes / release',
  },
  {
    because: 'a dealer whom the license names publishes it',
    device: { ...HIK, ...dealer },
    licenses: [named('hikvision', 'wbox')],
    releases: [published({ channel: 'distributor', publisher: 'wbox' })],
    expect: 'license-required / yes / release',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'the dealer holds the license itself',
    device: { ...HIK, ...dealer },
    licenses: [ownLicense({ holder: { kind: 'party', id: 'wbox' } })],
    releases: [published({ channel: 'distributor', publisher: 'wbox' })],
    expect: 'license-required / yes / release',
    before: 'license-required / no / nowhere',
  },
  {
    because: 'another dealer than the one who holds the license',
    device: { ...HIK, ...dealer },
    licenses: [ownLicense({ holder: { kind: 'party', id: 'wbox' } })],
    releases: [published({ channel: 'distributor', publisher: 'adt' })],
    expect: 'license-required / no / nowhere',
  },
  {
    because: 'published, and the device has no working channel',
    law: known,
    device: { ...HIK, updateChannel: 'none' },
    releases: [published()],
    expect: 'blocked / no / nowhere',
    needs: /no working channel/,
  },
  {
    because: 'the reach of a rule on the maker is not settled',
    law: known,
    day: '2026-11-24',
    device: { ...HIK, ...us, hasRadio: true },
    releases: [published()],
    expect: 'conditional / yes / release',
    needs: /Counsel has to read fcc-covered-list/,
  },
]

t.test('a file is put to the law by its own publisher, signer, channel and day', async (t) => {
  t.ok(WAY_CASES.length >= 40)
  for (const one of WAY_CASES) {
    const { law = hikvisionBlocked, day = '2027-08-01', releases = [], images = [], licenses = [] } = one
    const knowledge = { ...law, firmware: { ...law.firmware, releases } }
    const { firmwareRisk: risk } = screen(owned(one.device), CITY, knowledge, day, {
      ...holding(...licenses),
      images,
    })
    const [worst] = risk.vulnerabilities
    const said = one.expect.includes('/')
      ? `${risk.level} / ${worst?.fixObtainable} / ${risk.fix?.isLawful ? risk.fix.from : 'nowhere'}`
      : risk.level
    t.equal(said, one.expect, one.because)
    t.not(one.before, one.expect, `${one.because}: differs from before`)
    if (one.needs) t.match(risk.fix?.needs.join(' '), one.needs, one.because)
    if (risk.fix && !risk.fix.isLawful)
      t.ok(risk.fix.needs.length > 0, `${one.because}: what is barred says why`)
  }
})

t.test('a listed class of products needs no known maker', async (t) => {
  for (const day of ['2026-11-24', '2029-06-01']) {
    for (const deviceClass of ['router', 'uas'] as const) {
      const { level, needsReview } = screen(
        owned({ manufacturer: 'Zorblax', deviceClass, hasRadio: true }),
        CITY,
        known,
        day,
      ).firmwareRisk
      t.same([level, needsReview], ['conditional', true], `${deviceClass} ${day}`)
    }
  }
})

t.test(
  'where a license makes the level milder than the determination, a reason names rule and license',
  async (t) => {
    const levelsOf = (licenses: readonly License[]) =>
      screen(
        owned({ manufacturer: 'Hikvision', updateChannel: 'vendor-portal-us' }),
        CITY,
        hikvisionBlocked,
        '2027-02-01',
        holding(...licenses),
      )
    const { determinations, firmwareRisk: risk } = levelsOf([windDown()])
    const bar = determinations.find((one) => one.outcome === 'license-required' && one.regime === 'ofac-sdn')
    t.equal(risk.level, 'conditional')
    t.match(
      risk.reasons.find(({ about }) => about === bar?.ruleId),
      {
        level: 'conditional',
        code: 'license-covers',
        text: `${bar?.ruleId}: barred without a license, as its determination says; OFAC GL-X (gl-x) lifts this for updates through 2027-07-14, and nothing under another regime`,
      },
    )
    const vendors = lawFiles.reference.vendors.map(({ name }) => name)
    const anyDevice = fc.record({
      manufacturer: fc.constantFrom('Hikvision', 'Hikvision', 'LTS', 'CEIEC', 'Kaspersky', ...vendors),
      hasRadio: fc.constantFrom(true, false, null),
      updateChannel: fc.constantFrom(...UPDATE_CHANNELS, null),
      fundingSource: fc.constantFrom('local', 'federal-grant', null),
      firmwareObtainedOn: fc.constantFrom('2026-12-01', '2027-02-01', null),
    })
    const anyOwn = fc.record({
      entities: fc.constantFrom('any', ['hikvision'], ['hikvision', 'lts'], ['ceiec']),
      program: fc.constantFrom('GLOMAG', 'VENEZUELA', null),
      regime: fc.constantFrom('ofac-sdn', 'ofac-sdn', 'icts', 'fcc-covered-list'),
      type: fc.constantFrom('general', 'specific', 'waiver'),
    })
    const days = fc.constantFrom('2026-11-24', '2027-02-01', '2027-07-14', '2027-07-15')
    fc.assert(
      fc.property(anyDevice, fc.array(anyOwn, { maxLength: 3 }), days, (device, held, day) => {
        const licenses = held.map((one, i) => windDown({ ...(one as Partial<License>), id: `held-${i}` }))
        const seen = screen(owned(device), CITY, hikvisionBlocked, day, holding(...licenses))
        if (compareLevels(seen.firmwareRisk.level, 'license-required') >= 0) return
        if (seen.firmwareRisk.level === 'conditional' || seen.headline['firmware-update'] === 'permitted') {
          for (const { activity, outcome, ruleId, regime } of seen.determinations) {
            if (activity !== 'firmware-update' || !BARRED.has(outcome)) continue
            const covered = seen.firmwareRisk.reasons.filter(
              ({ code, about }) => code === 'license-covers' && about === ruleId,
            )
            if (covered.length === 0) throw new Error(`${ruleId} is lifted by nothing that is named`)
            if (!licenses.some((one) => one.regime === regime && covered[0]?.text.includes(one.id)))
              throw new Error(`${covered[0]?.text} names no license of ${regime}`)
          }
        } else if (BARRED.has(seen.headline['firmware-update'])) {
          throw new Error(`${seen.firmwareRisk.level} beside ${seen.headline['firmware-update']}`)
        }
      }),
      { numRuns: 300 },
    )
  },
)

t.test(
  'a past day is judged with the vulnerabilities, listings and releases of that day, and can be repeated',
  async (t) => {
    const device = owned({
      manufacturer: 'Hikvision',
      model: 'DS-2CD2143G2-I',
      firmwareVersion: 'V5.5.82 build 190909',
    })
    const on = (day: PlainDate, knowledge = known) => screen(device, CITY, knowledge, day).firmwareRisk
    const story = (knowledge = known) =>
      // Published 2021-09-22, in CISA's catalog since 2022-01-10, due 2022-01-24.
      ['2021-09-20', '2021-09-21', '2022-01-08', '2022-01-09', '2022-01-24', '2022-01-25'].map((day) => {
        const { vulnerabilities, parts } = on(day, knowledge)
        const vulnerability = vulnerabilities.find(({ id }) => id === 'CVE-2021-36260')
        const isLate = parts.some(({ code }) => code === 'cisa-date-passed')
        return `${day} ${vulnerability === undefined ? 'not known' : vulnerability.isKnownExploited ? 'exploited' : 'known'}${isLate ? ', late' : ''}`
      })
    const told = [
      '2021-09-20 not known',
      // The day before counts too: feeds may date by a clock that is ahead of the city's.
      '2021-09-21 known',
      '2022-01-08 known',
      '2022-01-09 exploited',
      '2022-01-24 exploited',
      '2022-01-25 exploited, late',
    ]
    t.same(story(), told)
    // What becomes known later changes no day before.
    const later = {
      ...overlay.advisories.find(({ id }) => id === 'CVE-2021-36260')!,
      id: 'CVE-2026-99999',
      publishedOn: '2026-11-20',
      knownExploited: null,
    } as Advisory
    const knownLater: Knowledge = {
      ...known,
      firmware: { ...known.firmware, index: indexed([...overlayAdvisories, later]) },
    }
    t.same(story(knownLater), told)
    for (const day of ['2021-09-20', '2022-01-25', '2026-11-18']) {
      t.same({ ...on(day, knownLater), validUntil: null }, { ...on(day), validUntil: null }, day)
    }
    t.equal(on('2026-11-18', knownLater).validUntil, '2026-11-19', 'the first day on which it counts')
    t.ok(on('2026-11-19', knownLater).vulnerabilities.some(({ id }) => id === 'CVE-2026-99999'))
    // A vulnerability nobody dated is as old as the year of its number.
    const undated = { ...known.firmware, index: indexed([{ ...later, publishedOn: null }]) }
    const vulnerabilities = (day: PlainDate) =>
      on(day, { ...known, firmware: undated }).vulnerabilities.length
    t.same([vulnerabilities('2025-12-30'), vulnerabilities('2025-12-31')], [0, 1])
  },
)
