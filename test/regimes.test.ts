import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import type { DeviceFacts, JurisdictionFacts } from '../src/catalogue/facts.ts'
import { readReferenceFiles } from '../src/catalogue/files.ts'
import {
  ACTIVITIES,
  type Activity,
  isFinding,
  OUTCOMES,
  type Outcome,
  severity,
} from '../src/catalogue/outcomes.ts'
import type { ReferenceData } from '../src/catalogue/reference-data.ts'
import { checkRows } from '../src/catalogue/row-shapes.ts'
import type { License, Listing, OwnershipTest, Regime, Rule } from '../src/catalogue/rules.ts'
import type { Relationship, RelationshipKind, Vendor } from '../src/catalogue/vendors.ts'
import { buildCoverageIndex } from '../src/determination/coverage.ts'
import type { Determination, Determined, Subject } from '../src/determination/determination.ts'
import { determine } from '../src/determination/determine.ts'
import { determineMany } from '../src/determination/determine-many.ts'
import { boundaries, buildRegimeKnowledge, type RegimeKnowledge } from '../src/determination/law.ts'
import type { Identification, MakerCandidate } from '../src/identification/identification.ts'
import { addDays, isPlainDate, type PlainDate } from '../src/lib/calendar.ts'
import { traced } from '../src/lib/memoize-by-reads.ts'
import { DATA } from '../src/server/paths.ts'
import fc from './support/properties.ts'

const read = <T>(name: string): readonly T[] =>
  JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(`#root/data/${name}.json`)), 'utf8')).items

const data = {
  regimes: read<Regime>('regimes'),
  listings: read<Listing>('listings'),
  rules: read<Rule>('rules'),
  relationships: read<Relationship>('relationships'),
  vendors: read<Vendor>('vendors'),
}
const knowledge = buildRegimeKnowledge(data)
const TODAY = '2026-11-24'

// --- A subject about which nothing is wrong; tests override what they are about ---

const device = (facts: Partial<DeviceFacts> = {}): DeviceFacts => ({
  deviceClass: 'camera',
  hasRadio: false,
  status: 'active',
  purpose: 'public-safety',
  enforcementUse: null,
  acquiredOn: '2019-05-02',
  obligatedOn: '2019-04-01',
  paidOn: '2019-05-02',
  installedOn: '2019-06-01',
  producedOn: '2019-03-01',
  fundingSource: 'local',
  federalPassThrough: false,
  updateChannel: 'vendor-portal-us',
  networkExposure: 'routed',
  paidSupport: false,
  firmwareObtainedOn: null,
  producedIn: null,
  consumerGrade: null,
  modelAuthorizedOn: '2018-01-01',
  fccSubsidy: false,
  ...facts,
})

const city = (facts: Partial<JurisdictionFacts> = {}): JurisdictionFacts => ({
  country: 'US',
  state: 'OH',
  kind: 'city',
  federalContractor: false,
  sellsToFederal: false,
  defenseContract: false,
  receivesFccSupport: false,
  sharesBulkData: false,
  ...facts,
})

const candidate = (vendor: string, standing: MakerCandidate['standing']): MakerCandidate => ({
  vendor,
  name: vendor,
  confidence: standing === 'verdict' ? 0.95 : 0.5,
  standing,
  because: 'test',
})

const identified = (facts: Partial<Identification>): Identification => ({
  status: 'unresolved',
  brand: null,
  maker: null,
  confidence: 0,
  evidence: [],
  candidates: [],
  components: [],
  suggestions: [],
  needsReview: false,
  wouldSettle: [],
  ...facts,
})

/** Produced by `vendor` for sure; the others may have produced it instead. */
const madeBy = (vendor: string, ...suspects: string[]): Identification =>
  identified({
    status: 'resolved',
    brand: vendor,
    maker: vendor,
    confidence: 0.95,
    candidates: [candidate(vendor, 'verdict'), ...suspects.map((suspect) => candidate(suspect, 'review'))],
    needsReview: suspects.length > 0,
    wouldSettle: suspects.length > 0 ? ['macAddress'] : [],
  })

interface Case {
  readonly maker?: string
  readonly identification?: Identification
  readonly device?: Partial<DeviceFacts>
  readonly city?: Partial<JurisdictionFacts>
  readonly asOf?: PlainDate
  readonly licenses?: readonly License[]
  readonly with?: RegimeKnowledge
}

const subjectOf = (one: Case): Subject => ({
  identification: one.identification ?? madeBy(one.maker ?? 'hikvision'),
  device: device(one.device),
  jurisdiction: city(one.city),
})

const ask = (one: Case): Determined =>
  determine(subjectOf(one), one.with ?? knowledge, one.asOf ?? TODAY, one.licenses)

function find(determined: Determined, regime: string, activity: Activity): Determination {
  const found = determined.determinations.find((d) => d.regime === regime && d.activity === activity)
  if (!found) throw new Error(`no determination for ${regime} ${activity}`)
  return found
}

const told = (one: Case, regime: string, activity: Activity) => find(ask(one), regime, activity)

/** Outcomes of one regime in the order of the table: procure, use, funding, firmware, export. */
const row = (one: Case, regime: string): Outcome[] =>
  ACTIVITIES.slice(0, 5).map((activity) => told(one, regime, activity).outcome)

const listing = (facts: Partial<Listing> & Pick<Listing, 'regime' | 'vendor' | 'from'>): Listing => ({
  id: `${facts.regime}:${facts.vendor}:${facts.from}`,
  name: `listed ${facts.vendor}`,
  to: null,
  scope: 'equipment',
  class: null,
  purposeLimited: false,
  phases: {},
  citation: 'hypothetical',
  certainty: 'uncertain',
  notes: null,
  asOf: TODAY,
  ...facts,
})

const knowing = (...listings: Listing[]) =>
  buildRegimeKnowledge({ ...data, listings: [...data.listings, ...listings] })

/** The scenario of the product: a designation in January 2027. */
const designation = (vendor: string, from = '2027-01-15') => listing({ regime: 'ofac-sdn', vendor, from })
const designated = knowing(designation('hikvision'))
const AFTER = '2027-02-01'

const license = (facts: Partial<License> = {}): License => ({
  id: 'L-1',
  regime: 'ofac-sdn',
  kind: 'specific',
  entities: ['hikvision'],
  activities: ACTIVITIES,
  holder: 'jurisdiction',
  from: '2027-01-15T00:00:00-05:00',
  to: '2027-04-15T00:01:00-04:00',
  status: 'active',
  ...facts,
})

const PERMITTED = 'permitted'
const CAUTION = 'permitted-with-caution'
const NA = 'not-applicable'

// --- The decision table, row by row ---

type Row = readonly [
  row: number,
  promise: string,
  citation: string,
  one: Case,
  regime: string,
  expected: Outcome[],
]

const federal = { fundingSource: 'federal-grant', obligatedOn: '2021-03-01', paidOn: '2021-06-01' } as const
const drone = {
  deviceClass: 'uas',
  hasRadio: true,
  producedIn: 'CN',
  modelAuthorizedOn: '2019-01-01',
} as const

/** A purchase of that day. */
const since = (day: PlainDate) => ({ obligatedOn: day, paidOn: day, acquiredOn: day, installedOn: day })

const TABLE: readonly Row[] = [
  [
    1,
    'a city that sells to federal buyers may not supply covered equipment',
    's.889(a)(1)(A)',
    { city: { sellsToFederal: true } },
    'ndaa-889-a',
    ['contract-bar', 'review', NA, PERMITTED, NA],
  ],
  [
    1,
    'another purpose than those of the statute is for counsel',
    's.889(f)(3)(B)',
    { city: { sellsToFederal: true }, device: { purpose: 'other' } },
    'ndaa-889-a',
    ['review', 'review', NA, PERMITTED, NA],
  ],
  [
    1,
    'a city that sells nothing to federal buyers is outside',
    's.889(a)(1)(A)',
    {},
    'ndaa-889-a',
    [NA, NA, NA, NA, NA],
  ],
  [
    2,
    'a contractor city may not use covered equipment',
    's.889(a)(1)(B)',
    { city: { federalContractor: true } },
    'ndaa-889-b',
    ['contract-bar', 'contract-bar', NA, PERMITTED, NA],
  ],
  [
    2,
    'enforcement of traffic is a covered purpose',
    's.889(f)(3)(B)',
    { city: { federalContractor: true }, device: { purpose: 'traffic', enforcementUse: true } },
    'ndaa-889-b',
    ['contract-bar', 'contract-bar', NA, PERMITTED, NA],
  ],
  [
    2,
    'counting traffic with a purpose-limited maker waits for a person',
    's.889(f)(3)(B)',
    { city: { federalContractor: true }, device: { purpose: 'traffic', enforcementUse: false } },
    'ndaa-889-b',
    ['review', 'review', NA, PERMITTED, NA],
  ],
  [
    2,
    'Huawei is covered for any purpose',
    's.889(f)(3)(A)',
    { maker: 'huawei', city: { federalContractor: true }, device: { purpose: 'other' } },
    'ndaa-889-b',
    ['contract-bar', 'contract-bar', NA, PERMITTED, NA],
  ],
  [
    3,
    'without a federal contract limb B does not apply',
    's.889(a)(1)(B)',
    {},
    'ndaa-889-b',
    [NA, NA, NA, NA, NA],
  ],
  [
    4,
    'federal grant money may not buy covered equipment',
    '2 CFR 200.216',
    { device: federal },
    'grant-200-216',
    ['prohibited', PERMITTED, 'unallowable', PERMITTED, 'unallowable'],
  ],
  [
    4,
    'paid support for covered equipment is unallowable',
    '2 CFR 200.471',
    { device: { ...federal, paidSupport: true } },
    'grant-200-216',
    ['prohibited', PERMITTED, 'unallowable', 'unallowable', 'unallowable'],
  ],
  [
    4,
    'federal money passed through a state grant is federal money',
    '2 CFR 200.216',
    { device: { ...federal, fundingSource: 'state-grant', federalPassThrough: true } },
    'grant-200-216',
    ['prohibited', PERMITTED, 'unallowable', PERMITTED, 'unallowable'],
  ],
  [
    4,
    'traffic counts with a purpose-limited maker wait for a person',
    '2 CFR 200.216',
    { device: { ...federal, purpose: 'traffic', enforcementUse: false } },
    'grant-200-216',
    ['review', PERMITTED, 'review', PERMITTED, 'review'],
  ],
  [
    5,
    'obligated and paid before 2020-08-13 is outside, a paid renewal today is not',
    '2 CFR 200.216; 85 FR 49506',
    { device: { fundingSource: 'federal-grant', paidSupport: true } },
    'grant-200-216',
    [NA, PERMITTED, CAUTION, 'unallowable', CAUTION],
  ],
  [
    5,
    'what nobody said of a paid plan accuses no device that was bought before',
    '2 CFR 200.216; 85 FR 49506',
    { device: { fundingSource: 'federal-grant', paidSupport: null } },
    'grant-200-216',
    [NA, PERMITTED, CAUTION, CAUTION, CAUTION],
  ],
  [
    6,
    "a city's own money is outside, and federal money must stay so",
    '2 CFR 200.216',
    {},
    'grant-200-216',
    [NA, PERMITTED, CAUTION, PERMITTED, NA],
  ],
  [
    6,
    "a state's own money is outside, and federal money must stay so",
    '2 CFR 200.216',
    { device: { ...federal, fundingSource: 'state-grant' } },
    'grant-200-216',
    [NA, PERMITTED, CAUTION, PERMITTED, NA],
  ],
  [
    7,
    'a model without an older authorization cannot be sold',
    '88 FR 7592',
    { asOf: '2024-06-01', device: { modelAuthorizedOn: '2023-05-01', purpose: 'other' } },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    7,
    'FCC support cannot pay for covered equipment',
    '47 CFR 54.10',
    {
      asOf: '2024-06-01',
      device: { ...since('2021-05-11'), fccSubsidy: true },
      city: { receivesFccSupport: true },
    },
    'fcc-covered-list',
    [PERMITTED, PERMITTED, 'unallowable', PERMITTED, NA],
  ],
  [
    8,
    'an older model could be bought until July 2026',
    'FCC 22-84',
    { asOf: '2026-07-05' },
    'fcc-covered-list',
    [PERMITTED, PERMITTED, NA, PERMITTED, NA],
  ],
  [
    9,
    'an older model can no longer be sold for covered purposes',
    'FCC public notice of 2026-06-26',
    { asOf: '2026-07-06' },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    9,
    'for another purpose a person decides',
    'FCC public notice of 2026-06-26',
    { asOf: '2026-07-06', device: { purpose: 'other' } },
    'fcc-covered-list',
    ['review', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    9,
    'an older Huawei model can no longer be sold for any purpose',
    'FCC public notice of 2026-06-26',
    { maker: 'huawei', device: { purpose: 'other' } },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    10,
    'an update of a radio device is a risk at the maker',
    'FCC 25-71, 90 FR 53227',
    { device: { hasRadio: true } },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, 'vendor-risk', NA],
  ],
  [
    11,
    'an update of a wired device is permitted',
    'FCC 25-71',
    { device: { hasRadio: false } },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    12,
    'updates of listed drones are waived through',
    'FCC DA 26-454',
    { maker: 'dji', device: drone },
    'fcc-covered-list',
    [PERMITTED, PERMITTED, NA, PERMITTED, NA],
  ],
  [
    12,
    'the waiver ends on 2029-01-01',
    'FCC DA 26-454',
    { maker: 'dji', device: drone, asOf: '2029-01-01' },
    'fcc-covered-list',
    [PERMITTED, PERMITTED, NA, 'vendor-risk', NA],
  ],
  [
    12,
    'another product of a drone maker has no waiver',
    'FCC DA 26-454',
    { maker: 'dji', device: { ...drone, deviceClass: 'camera' } },
    'fcc-covered-list',
    [PERMITTED, PERMITTED, NA, 'vendor-risk', NA],
  ],
  [
    13,
    'sending a unit to a listed entity needs a license, receiving firmware does not',
    '15 CFR 744.11; 84 FR 54002',
    {},
    'bis-entity-list',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'license-required'],
  ],
  [
    14,
    'a foreign company owned by half or more is treated as listed',
    '90 FR 47201',
    { maker: 'hikvision-canada', asOf: '2025-10-15' },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'license-required'],
  ],
  [
    14,
    'a company in the United States is outside',
    '90 FR 47201',
    { maker: 'hikvision-usa', asOf: '2025-10-15' },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, PERMITTED],
  ],
  [
    15,
    'while the rule is stayed the ownership is a warning',
    '90 FR 50857',
    { maker: 'hikvision-canada', asOf: '2026-06-01' },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'review'],
  ],
  [
    15,
    'when nobody knows the status it is treated as in force',
    '90 FR 50857',
    { maker: 'hikvision-canada', asOf: TODAY },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'license-required'],
  ],
  [
    16,
    'dealing with a blocked maker stops, running what is there does not',
    'EO 13818; 31 CFR part 583',
    { with: designated, asOf: AFTER, device: since(AFTER) },
    'ofac-sdn',
    ['prohibited', PERMITTED, 'unallowable', 'license-required', 'license-required'],
  ],
  [
    16,
    'services of a blocked maker stop',
    '31 CFR chapter V',
    { with: designated, asOf: AFTER, device: { ...since(AFTER), updateChannel: 'vendor-cloud-push' } },
    'ofac-sdn',
    ['prohibited', 'prohibited', 'unallowable', 'prohibited', 'license-required'],
  ],
  [
    18,
    'the securities list touches no goods',
    'EO 14032; 31 CFR part 586',
    {},
    'ofac-ns-cmic',
    [PERMITTED, PERMITTED, NA, PERMITTED, PERMITTED],
  ],
  [
    19,
    'from 2026-06-30 the Department contracts with no listed company; a city is none',
    'Pub. L. 118-31 s.805',
    { asOf: '2026-06-30', city: { federalContractor: true, defenseContract: true } },
    'dod-1260h',
    [CAUTION, PERMITTED, NA, NA, NA],
  ],
  [
    19,
    'the day before the second limb',
    'Pub. L. 118-31 s.805',
    { asOf: '2027-06-29', city: { sellsToFederal: true, defenseContract: true } },
    'dod-1260h',
    [CAUTION, PERMITTED, NA, NA, NA],
  ],
  [
    19,
    'from 2027-06-30 what a city delivers may not include it',
    'Pub. L. 118-31 s.805',
    { asOf: '2027-06-30', city: { sellsToFederal: true, defenseContract: true } },
    'dod-1260h',
    ['contract-bar', PERMITTED, NA, NA, NA],
  ],
  [
    19,
    'and not the day before',
    'Pub. L. 118-31 s.805',
    { asOf: '2026-06-29', city: { federalContractor: true, defenseContract: true } },
    'dod-1260h',
    [NA, PERMITTED, NA, NA, NA],
  ],
  [
    20,
    'a determination names the maker: sales and updates go on until their dates',
    '89 FR 52434',
    { maker: 'kaspersky', asOf: '2024-07-19' },
    'icts',
    [PERMITTED, PERMITTED, NA, 'vendor-risk', NA],
  ],
  [
    20,
    'sales stop first',
    '89 FR 52434',
    { maker: 'kaspersky', asOf: '2024-07-20' },
    'icts',
    ['seller-bar', PERMITTED, NA, 'vendor-risk', NA],
  ],
  [
    20,
    'then updates stop',
    '89 FR 52434',
    { maker: 'kaspersky', asOf: '2024-09-29' },
    'icts',
    ['seller-bar', PERMITTED, NA, 'updates-unavailable', NA],
  ],
  [
    21,
    'federal money may neither buy nor operate a covered drone',
    'Pub. L. 118-31 s.1825',
    { maker: 'dji', device: { ...drone, ...federal, ...since('2025-12-22'), paidSupport: true } },
    'asda',
    ['unallowable', 'unallowable', 'unallowable', 'unallowable', NA],
  ],
  [
    21,
    'a drone paid before 2025-12-22 is no unallowable cost, and what its operation costs is',
    'Pub. L. 118-31 s.1825',
    { maker: 'dji', device: { ...drone, ...federal, paidSupport: null } },
    'asda',
    [CAUTION, 'review', CAUTION, CAUTION, NA],
  ],
  [
    21,
    'obligated before and paid since waits for a person',
    'Pub. L. 118-31 s.1825',
    { maker: 'dji', device: { ...drone, ...federal, ...since('2025-12-22'), obligatedOn: '2025-12-21' } },
    'asda',
    ['review', 'review', 'review', PERMITTED, NA],
  ],
  [
    21,
    "the city's own money is outside",
    'Pub. L. 118-31 s.1825',
    { maker: 'dji', device: drone },
    'asda',
    [NA, PERMITTED, CAUTION, PERMITTED, NA],
  ],
  [
    22,
    'covered chips may not be sold to federal buyers from 2027-12-23',
    'Pub. L. 117-263 s.5949',
    { maker: 'ymtc', asOf: '2027-12-23', city: { sellsToFederal: true } },
    'sec-5949',
    ['contract-bar', NA, NA, NA, NA],
  ],
  [
    23,
    "a state agency in Texas is bound by the state's list",
    'Texas prohibited technologies list',
    {
      maker: 'tp-link',
      city: { state: 'TX', kind: 'state' },
      device: { fundingSource: 'state-grant', ...since('2026-02-01') },
    },
    'state-tx',
    ['prohibited', 'prohibited', 'unallowable', NA, NA],
  ],
  [
    23,
    'a city in Texas is not bound as such',
    'Texas prohibited technologies list',
    { maker: 'tp-link', city: { state: 'TX' } },
    'state-tx',
    [NA, NA, NA, NA, NA],
  ],
  [
    23,
    'a school in Louisiana is bound, with the list of section 889',
    'La. R.S. 38:2237.1',
    { city: { state: 'LA', kind: 'school' } },
    'state-la',
    ['prohibited', PERMITTED, NA, NA, NA],
  ],
  [
    23,
    'a city in Louisiana is bound since 2021-08-01',
    'La. R.S. 39:1753.1(A)(1)',
    { city: { state: 'LA' }, asOf: '2021-08-01' },
    'state-la',
    ['prohibited', PERMITTED, NA, NA, NA],
  ],
  [
    23,
    'and was not the day before',
    'SB 15 of 2021',
    { city: { state: 'LA' }, asOf: '2021-07-31' },
    'state-la',
    [NA, NA, NA, NA, NA],
  ],
  [
    23,
    'a bill of which nobody knows whether it was enacted asks for a person',
    'HB 548 of 2025 (summary)',
    { city: { state: 'TN' } },
    'state-tn',
    ['review', NA, NA, NA, NA],
  ],
  [
    23,
    'what binds the branches of a state binds no city',
    'Utah Code 63G-6a-121(2)',
    { city: { state: 'UT' } },
    'state-ut',
    [NA, NA, NA, NA, NA],
  ],
  [
    24,
    'a service of a foreign maker that sees bulk data waits for a person',
    '28 CFR part 202',
    { device: { updateChannel: 'vendor-cloud-push' }, city: { sharesBulkData: null } },
    'dsp',
    ['review', 'review', NA, NA, 'review'],
  ],
  [
    24,
    'what a city has not said of its data is asked of the city, and sends no device to a person',
    '28 CFR part 202',
    { device: { updateChannel: null }, city: { sharesBulkData: null } },
    'dsp',
    [CAUTION, CAUTION, NA, NA, CAUTION],
  ],
  [
    24,
    'a city whose makers see its data in bulk looks at each device of theirs',
    '28 CFR part 202',
    { city: { sharesBulkData: true } },
    'dsp',
    ['review', 'review', NA, NA, 'review'],
  ],
  [
    24,
    'a city whose data no maker sees erases what it sends back',
    '28 CFR part 202',
    { device: { updateChannel: 'vendor-cloud-push' }, city: { sharesBulkData: false } },
    'dsp',
    [PERMITTED, PERMITTED, NA, NA, CAUTION],
  ],
  [
    25,
    "a supplier on China's list is a risk to deliveries",
    'MOFCOM notice of 2025-04-04',
    { maker: 'skydio', asOf: '2025-05-01' },
    'cn-counter-lists',
    ['vendor-risk', NA, NA, NA, NA],
  ],
  [
    25,
    'an entry that is not suspended counts beside one that is',
    'MFA decision of 2024-10-10; MOFCOM notice of 2025-04-04',
    { maker: 'skydio', asOf: '2026-05-01' },
    'cn-counter-lists',
    ['vendor-risk', NA, NA, NA, NA],
  ],
]

for (const [number, promise, citation, one, regime, expected] of TABLE) {
  t.test(`row ${number}, ${regime}: ${promise} (${citation})`, async (t) => {
    t.same(row(one, regime), expected)
  })
}

t.test('row 17, ofac-sdn: a license lifts the bar within its terms (31 CFR 501.801)', async (t) => {
  const licenses = [license({ kind: 'specific', holder: 'jurisdiction' })]
  t.same(row({ with: designated, asOf: AFTER, device: since(AFTER), licenses }, 'ofac-sdn'), [
    'conditional',
    PERMITTED,
    'conditional',
    PERMITTED,
    'conditional',
  ])
  const general = [license({ kind: 'general', holder: 'anyone' })]
  t.same(row({ with: designated, asOf: AFTER, device: since(AFTER), licenses: general }, 'ofac-sdn'), [
    'conditional',
    PERMITTED,
    'conditional',
    'conditional',
    'conditional',
  ])
  const update = told({ with: designated, asOf: AFTER, licenses }, 'ofac-sdn', 'firmware-update')
  t.equal(update.facts.license, 'L-1', 'the license that lifted it is named')
})

t.test('each row of the table has a rule, and rows 1 to 25 have a test', async (t) => {
  const rows = Array.from({ length: 25 }, (_, index) => index + 1)
  const tested = new Set([17, ...TABLE.map(([number]) => number)])
  t.same(
    rows.filter((number) => !tested.has(number)),
    [],
  )
  // Row 17 is the licenses' own: regimes say what a license lifts, no rule does.
  const ruled = new Set([17, ...data.rules.map((rule) => rule.row)])
  t.same(
    rows.filter((number) => !ruled.has(number)),
    [],
  )
})

// --- Edge cases ---

t.test(
  'edge case 1: obligated before 2020-08-13 and paid after waits for a person (2 CFR 200.216)',
  async (t) => {
    const before = '2020-08-12'
    const after = '2020-08-13'
    const money = (obligatedOn: PlainDate | null, paidOn: PlainDate | null) =>
      told(
        { device: { fundingSource: 'federal-grant', obligatedOn, paidOn } },
        'grant-200-216',
        'federal-funding',
      )
    t.equal(money(before, before).outcome, CAUTION)
    t.equal(money(before, after).outcome, 'review')
    t.equal(money(after, after).outcome, 'unallowable')
    t.match(money(before, null), { outcome: 'review', missingFacts: ['paidOn'] }, 'one date is not enough')
    t.match(
      money(null, before),
      { outcome: CAUTION, missingFacts: [], certainty: 'sure' },
      'what was paid before was obligated before',
    )
  },
)

t.test('time proves what it can: a day that was not given is bounded by the others', async (t) => {
  const blank = { obligatedOn: null, paidOn: null, acquiredOn: null, installedOn: null, producedOn: null }
  const money = (dates: Partial<DeviceFacts>) =>
    told(
      { device: { ...blank, fundingSource: 'federal-grant', ...dates } },
      'grant-200-216',
      'federal-funding',
    )
  const rows: readonly [what: string, Partial<DeviceFacts>, Outcome, string[]][] = [
    ['bought the day before the rule', { acquiredOn: '2020-08-12' }, 'review', ['paidOn']],
    ['installed the day before the rule', { installedOn: '2020-08-12' }, 'review', ['paidOn']],
    ['bought on the day', { acquiredOn: '2020-08-13' }, 'unallowable', ['obligatedOn']],
    ['paid the day before the rule', { paidOn: '2020-08-12' }, CAUTION, []],
    ['paid on the day', { paidOn: '2020-08-13' }, 'unallowable', ['obligatedOn']],
    ['obligated on the day', { obligatedOn: '2020-08-13' }, 'unallowable', []],
    ['nothing said', {}, 'unallowable', ['obligatedOn']],
  ]
  for (const [what, dates, outcome, missingFacts] of rows) {
    const answer = money(dates)
    t.equal(answer.outcome, outcome, what)
    t.same(answer.missingFacts, missingFacts, what)
    t.equal(
      answer.certainty === 'sure',
      missingFacts.length === 0,
      `${what}: sure only when nothing is missing`,
    )
  }
  const buy = (dates: Partial<DeviceFacts>) =>
    told(
      { asOf: '2024-06-01', device: { ...blank, modelAuthorizedOn: null, ...dates } },
      'fcc-covered-list',
      'procure',
    )
  t.equal(buy({ acquiredOn: '2023-02-05' }).outcome, PERMITTED, 'what was sold before had been authorized')
  t.match(buy({ acquiredOn: '2023-02-06' }), { outcome: 'seller-bar', missingFacts: ['modelAuthorizedOn'] })
  t.match(buy({}), { outcome: 'seller-bar', missingFacts: ['modelAuthorizedOn'] })
})

t.test(
  'statements that contradict each other are both named, and the stricter branch is taken',
  async (t) => {
    const paid = { fundingSource: 'federal-contract' } as const
    const by = (regime: string, activity: Activity, facts: Partial<JurisdictionFacts>) =>
      told(
        { device: { ...paid, obligatedOn: '2022-03-01', paidOn: '2022-04-01' }, city: facts },
        regime,
        activity,
      )
    for (const [regime, activity, outcome, missing] of [
      ['ndaa-889-b', 'use', 'contract-bar', 'federalContractor'],
      ['grant-200-216', 'federal-funding', 'unallowable', 'fundingSource'],
    ] as const) {
      const answer = by(regime, activity, { federalContractor: false })
      t.match(answer, { outcome, missingFacts: [missing], certainty: 'uncertain' }, regime)
      t.match(answer.because, /federal contract paid for it, and the city says that it holds none/)
      t.match(answer.facts, regime === 'ndaa-889-b' ? { federalContractor: false } : paid, 'shown as stated')
    }
    t.equal(by('grant-200-216', 'federal-funding', { federalContractor: true }).outcome, CAUTION)
    const disordered = told(
      {
        device: {
          ...{ fundingSource: 'federal-grant', obligatedOn: '2021-03-01', paidOn: '2020-08-12' },
          ...{ acquiredOn: null, installedOn: null },
        },
      },
      'grant-200-216',
      'federal-funding',
    )
    t.match(disordered, { outcome: 'unallowable', certainty: 'uncertain', missingFacts: ['obligatedOn'] })
    t.match(disordered.because, /paid before the money was obligated/)
    const harmless = {
      fundingSource: 'federal-grant',
      obligatedOn: '2019-03-01',
      paidOn: '2018-08-12',
    } as const
    t.match(
      told({ device: harmless }, 'grant-200-216', 'federal-funding'),
      { outcome: CAUTION, missingFacts: [] },
      'both lie before the rule',
    )
  },
)

t.test('an answer tells what waits for the city from what waits for a person', async (t) => {
  const one = { device: { ...federal, fccSubsidy: null }, city: { receivesFccSupport: null } }
  t.equal(told(one, 'fcc-covered-list', 'federal-funding').waitsFor, 'city')
  t.equal(told({ city: { federalContractor: null } }, 'ndaa-889-b', 'use').waitsFor, 'city')
  t.equal(
    told({ ...one, device: { ...federal, obligatedOn: null } }, 'grant-200-216', 'federal-funding').waitsFor,
    'person',
  )
  const suspected = { identification: madeBy('axis', 'hikvision'), city: { federalContractor: true } }
  t.equal(told(suspected, 'ndaa-889-b', 'use').waitsFor, 'person')
  t.equal(told({ city: { federalContractor: true } }, 'ndaa-889-b', 'use').waitsFor, null, 'nothing is open')
  t.equal(told({ maker: 'axis' }, 'ndaa-889-b', 'use').waitsFor, null)
})

t.test('no reason says that somebody is covered through itself', async (t) => {
  for (const maker of [
    'hikvision',
    'hilook',
    'hikvision-canada',
    'ezviz',
    'dji',
    'kaspersky',
    'ceiec',
    'axis',
  ]) {
    for (const { because, ruleId } of ask({ maker, device: { deviceClass: null } }).determinations) {
      t.notMatch(because, /reached through|tied to .* below half/, `${maker} ${ruleId}`)
      t.match(because, /^[^a-z{].*[.?]$/s, `${maker} ${ruleId} is a sentence`)
    }
  }
  t.match(
    told({}, 'ndaa-889-b', 'use').because,
    /^Hikvision is listed by name \(on the list since \d{4}-\d\d-\d\d\); the city holds no contract/,
  )
  t.match(
    told({ maker: 'hilook' }, 'ndaa-889-b', 'use').because,
    /^HiLook is a trade name of Hangzhou Hikvision/,
  )
  t.match(
    told({ maker: 'hikvision-canada' }, 'grant-200-216', 'use').because,
    /belongs to Hangzhou Hikvision/,
  )
})

t.test(
  'what hardly any city has is asked once of the city, and accuses nobody until it is said',
  async (t) => {
    const subsidy = (facts: Partial<DeviceFacts>, of: Partial<JurisdictionFacts>) =>
      told(
        { device: { ...federal, fccSubsidy: null, ...facts }, city: of },
        'fcc-covered-list',
        'federal-funding',
      )
    t.match(subsidy({}, { receivesFccSupport: null }), {
      outcome: CAUTION,
      missingFacts: ['receivesFccSupport'],
      certainty: 'uncertain',
    })
    t.match(subsidy({}, { receivesFccSupport: true }), { outcome: 'review', missingFacts: ['fccSubsidy'] })
    t.match(subsidy({}, { receivesFccSupport: false }), { outcome: NA, missingFacts: [] })
    t.match(subsidy({ ...since('2021-05-11'), fccSubsidy: true }, { receivesFccSupport: null }), {
      outcome: 'unallowable',
    })
    t.match(subsidy({ fccSubsidy: false }, { receivesFccSupport: true }), { outcome: NA })
    const contract = (defenseContract: boolean | null) =>
      told({ city: { federalContractor: true, defenseContract } }, 'dod-1260h', 'procure')
    t.match(contract(null), { outcome: CAUTION, missingFacts: ['defenseContract'] })
    t.match(contract(false), { outcome: NA, missingFacts: [] })
  },
)

t.test(
  'edge case 2: a relabel is judged by who produced it, and low confidence gives review (s.889(f)(3))',
  async (t) => {
    const contractor = { federalContractor: true }
    const sure = told({ maker: 'hikvision', city: contractor }, 'ndaa-889-b', 'use')
    t.equal(sure.outcome, 'contract-bar')
    const doubt = told({ identification: madeBy('lts', 'hikvision'), city: contractor }, 'ndaa-889-b', 'use')
    t.match(doubt, {
      outcome: 'review',
      certainty: 'uncertain',
      facts: { maker: 'lts', possibleMaker: 'hikvision' },
      missingFacts: ['maker', 'macAddress'],
    })
    t.match(doubt.because, /Hikvision may have produced this device.*MAC address may settle this/)
    t.equal(
      told({ maker: 'lts', city: contractor }, 'ndaa-889-b', 'use').outcome,
      PERMITTED,
      'a brand alone is not a maker',
    )
  },
)

t.test(
  'edge case 3: a part inside another brand carries no listing; evidence of it asks for a person (FAR 52.204-25)',
  async (t) => {
    const contractor = { federalContractor: true }
    t.ok(
      data.relationships.some(
        ({ child, kind, parent }) => child === 'axis' && kind === 'uses-component' && parent === 'hisilicon',
      ),
      'the catalog knows of such a part',
    )
    t.equal(told({ maker: 'axis', city: contractor }, 'ndaa-889-b', 'use').outcome, PERMITTED)
    const holding = (standing: 'likely' | 'possible', part = 'hisilicon') =>
      identified({
        ...madeBy('axis'),
        components: [{ vendor: part, name: part, standing, because: 'test' }],
      })
    const use = (identification: Identification, facts: Partial<JurisdictionFacts> = contractor) =>
      told({ identification, city: facts }, 'ndaa-889-b', 'use')
    t.match(use(holding('likely')), {
      outcome: 'review',
      certainty: 'uncertain',
      facts: { maker: 'axis', possibleComponent: 'hisilicon' },
      missingFacts: ['coveredComponent'],
      because: /substantial or essential component.*maker’s written statement.*a MAC address does not/,
    })
    t.equal(use(holding('possible')).outcome, CAUTION, 'some models of the label hold one')
    t.equal(
      use(holding('possible'), { federalContractor: null }).outcome,
      PERMITTED,
      'and that is not held against every device of a city that has not said whether it has a contract',
    )
    t.equal(use(holding('likely', 'goke')).outcome, PERMITTED, 'a part of somebody whom no list covers')
    t.equal(use(holding('likely'), {}).outcome, PERMITTED, 'no contract, no matter')
    const grant = { identification: holding('likely'), device: federal }
    t.equal(told(grant, 'grant-200-216', 'federal-funding').outcome, 'review')
    for (const [regime, activity] of [
      ['fcc-covered-list', 'procure'],
      ['bis-entity-list', 'return-export'],
      ['ofac-sdn', 'procure'],
      ['dod-1260h', 'procure'],
    ] as const) {
      t.not(told(grant, regime, activity).outcome, 'review', `${regime} does not reach parts`)
    }
  },
)

t.test(
  'edge case 4: a minority stake blocks nobody, an affiliate is still an affiliate (OFAC guidance of 2014-08-13)',
  async (t) => {
    const blockedOwners = knowing(designation('cetc'), designation('china-mobile'))
    for (const maker of ['hikvision', 'dahua']) {
      const outcomes = row({ maker, with: blockedOwners, asOf: AFTER }, 'ofac-sdn')
      t.notOk(
        outcomes.some((outcome) => severity(outcome) <= severity('license-required')),
        maker,
      )
    }
    const listedOwner = knowing(listing({ regime: 'ndaa-889-a', vendor: 'cetc', from: '2018-08-13' }))
    t.equal(
      told({ maker: 'ezviz', city: { federalContractor: true }, with: listedOwner }, 'ndaa-889-b', 'use')
        .outcome,
      'contract-bar',
    )
  },
)

t.test('edge case 5: ownership counts on the day of production (sale of Lorex, 2022-11-24)', async (t) => {
  const use = (
    producedOn: PlainDate | null,
    acquiredOn: PlainDate | null = null,
    identification = madeBy('lorex'),
  ) =>
    told(
      {
        identification,
        device: { producedOn, acquiredOn, installedOn: acquiredOn },
        city: { federalContractor: true },
      },
      'ndaa-889-b',
      'use',
    )
  t.equal(use('2019-03-01').outcome, 'contract-bar', 'made while Dahua owned it')
  t.equal(use('2022-11-23').outcome, 'contract-bar')
  t.equal(use('2022-11-24').outcome, PERMITTED)
  t.equal(use('2017-06-01').outcome, PERMITTED, 'made before Dahua bought it')
  t.equal(
    use('2024-02-01', null, madeBy('lorex', 'dahua')).outcome,
    'review',
    'Dahua may still produce for it',
  )
  t.match(
    use(null, '2024-02-01'),
    { outcome: 'contract-bar', missingFacts: ['producedOn'] },
    'old stock may be sold later',
  )
  t.match(use(null, '2017-06-01'), { outcome: PERMITTED }, 'what was bought before was made before')
  t.match(use(null), { outcome: 'contract-bar', missingFacts: ['producedOn'] })
})

t.test(
  'edge case 6: a listing counts only inside its period (ZTE left the Entity List on 2017-03-29)',
  async (t) => {
    const send = (asOf: PlainDate) => told({ maker: 'zte', asOf }, 'bis-entity-list', 'return-export').outcome
    t.equal(send('2016-03-07'), PERMITTED)
    t.equal(send('2016-03-08'), 'license-required')
    t.equal(send('2017-03-28'), 'license-required')
    t.equal(send('2017-03-29'), PERMITTED)
  },
)

t.test(
  'edge case 7: a license of one regime satisfies no other, and conditions of two are never put together',
  async (t) => {
    const on = (activity: Activity, ...licenses: License[]) =>
      told({ with: designated, asOf: AFTER, licenses }, 'ofac-sdn', activity).outcome
    const both = ask({ with: designated, asOf: AFTER, licenses: [license()] })
    t.equal(find(both, 'ofac-sdn', 'return-export').outcome, 'conditional')
    t.equal(find(both, 'bis-entity-list', 'return-export').outcome, 'license-required')
    t.equal(both.headline['return-export'], 'license-required')

    const wrong: [string, Partial<License>][] = [
      ['regime', { regime: 'bis-entity-list' }],
      ['entity', { entities: ['dahua'] }],
      ['no entity', { entities: [] }],
      ['activity', { activities: ['use'] }],
      ['holder', { holder: 'lorex' }],
      ['status', { status: 'revoked' }],
      ['not begun', { from: '2027-03-01T00:00:00-05:00' }],
      ['ended', { to: '2027-02-01T00:00:00-05:00' }],
      ['terms', { when: { before: ['obligatedOn', '2019-01-01'] } }],
      ['terms that nobody can check', { when: { is: ['producedIn', 'CN'] } }],
    ]
    for (const [what, facts] of wrong)
      t.equal(on('firmware-update', license(facts)), 'license-required', what)
    t.equal(on('firmware-update', license({ when: { before: ['obligatedOn', '2020-01-01'] } })), PERMITTED)
    t.equal(on('firmware-update', license({ holder: 'hikvision' })), PERMITTED, 'the supplier holds it')
    // One covers the entity and not the activity, the other the activity and not the entity.
    t.equal(
      on('procure', license({ activities: ['use'] }), license({ id: 'L-2', entities: ['dahua'] })),
      'prohibited',
    )
    // Windows of two licenses that each fit may follow each other.
    const first = license({ to: '2027-02-01T00:00:00-05:00' })
    const second = license({ id: 'L-2', from: '2027-02-01T00:00:00-05:00' })
    for (const asOf of ['2027-01-31', '2027-02-01']) {
      t.equal(
        told({ with: designated, asOf, licenses: [first, second] }, 'ofac-sdn', 'firmware-update').outcome,
        PERMITTED,
        asOf,
      )
    }
  },
)

t.test(
  'edge case 7: a license extends to owned companies only when it says so (GL 38 wording)',
  async (t) => {
    const on = (facts: Partial<License>) =>
      told(
        { maker: 'hikvision-canada', with: designated, asOf: AFTER, licenses: [license(facts)] },
        'ofac-sdn',
        'procure',
      ).outcome
    t.equal(on({}), 'prohibited')
    t.equal(on({ includesOwned: true }), 'conditional')
    t.equal(on({ entities: ['hikvision', 'hikvision-canada'] }), 'conditional')
    t.equal(on({ entities: ['hikvision-canada'] }), 'prohibited', 'the blocked owner has to be named')
  },
)

t.test(
  'edge case 8: a license ends at an instant, and a day covered in part is not covered (CEIEC GL 38)',
  async (t) => {
    const gl38 = license({
      id: 'GL-38',
      kind: 'general',
      holder: 'anyone',
      entities: ['ceiec'],
      includesOwned: true,
      from: '2020-11-30T00:00:00-05:00',
      to: '2021-01-14T00:01:00-05:00',
    })
    const unlicensed = buildRegimeKnowledge({
      ...data,
      regimes: data.regimes.map((regime) => ({ ...regime, generalLicenses: [] })),
    })
    const on = (asOf: PlainDate, facts: Partial<License> = {}) =>
      told(
        { maker: 'ceiec', asOf, licenses: [{ ...gl38, ...facts }], with: unlicensed },
        'ofac-sdn',
        'procure',
      ).outcome
    const shipped = (asOf: PlainDate) => told({ maker: 'ceiec', asOf }, 'ofac-sdn', 'firmware-update')
    t.match(shipped('2020-12-15'), {
      outcome: 'conditional',
      facts: { license: '01976000-0000-7000-8000-000000000038' },
      because: /^OFAC general license 38 covers it within its terms/,
    })
    t.equal(shipped('2021-01-13').outcome, 'conditional')
    t.equal(shipped('2021-01-14').outcome, 'license-required')
    t.equal(shipped('2020-11-29').outcome, PERMITTED)
    t.equal(on('2020-11-29'), PERMITTED)
    t.equal(on('2020-11-30'), 'conditional')
    t.equal(on('2021-01-13'), 'conditional')
    t.equal(on('2021-01-14'), 'prohibited')
    t.equal(on('2021-01-13', { to: '2021-01-14T04:00:00Z' }), 'prohibited', 'ends at 23:00 in New York')
    t.equal(on('2020-11-30', { from: '2020-11-30T12:00:00-05:00' }), 'prohibited', 'begins at noon')
    const determined = ask({ maker: 'ceiec', asOf: '2021-01-10', licenses: [gl38] })
    t.equal(determined.validUntil, '2021-01-14', 'the end of a license ends the answer')
    // 89 FR 52434: updates barred from 2024-09-29T00:00 in New York, so the day itself is barred.
    t.equal(
      told({ maker: 'kaspersky', asOf: '2024-09-28' }, 'icts', 'firmware-update').outcome,
      'vendor-risk',
    )
    t.equal(
      told({ maker: 'kaspersky', asOf: '2024-09-29' }, 'icts', 'firmware-update').outcome,
      'updates-unavailable',
    )
  },
)

t.test('edge case 9: what was announced is not yet in force (FCC public notice of 2026-06-26)', async (t) => {
  const buy = (asOf: PlainDate) => told({ asOf }, 'fcc-covered-list', 'procure')
  t.equal(buy('2026-06-26').outcome, PERMITTED)
  t.match(
    buy('2026-07-06'),
    { outcome: 'seller-bar', certainty: 'uncertain' },
    'the exact day is not confirmed',
  )
})

t.test(
  'edge case 10: a pending case leaves the rule in force and is shown (petition against FCC 25-71)',
  async (t) => {
    t.match(told({ device: { hasRadio: true } }, 'fcc-covered-list', 'firmware-update'), {
      outcome: 'vendor-risk',
      certainty: 'uncertain',
      facts: { regimeStatus: 'challenged' },
    })
    t.equal(told({ asOf: '2025-12-25' }, 'fcc-covered-list', 'procure').facts.regimeStatus, 'in-force')
  },
)

t.test(
  'edge case 11: a class is listed by product and place, whoever made it (FCC DA 25-1086)',
  async (t) => {
    const undated = { acquiredOn: null, installedOn: null, producedOn: null, modelAuthorizedOn: null }
    const aircraft = { deviceClass: 'uas', hasRadio: true, ...undated } as const
    const buy = (facts: Partial<DeviceFacts>, more: Case = {}) =>
      told({ maker: 'flir', device: { ...aircraft, ...facts }, ...more }, 'fcc-covered-list', 'procure')
    t.equal(buy({ producedIn: 'US' }).outcome, PERMITTED)
    t.equal(buy({ producedIn: 'CH', modelAuthorizedOn: '2026-02-01' }).outcome, 'seller-bar')
    t.equal(
      buy({ producedIn: 'CH', modelAuthorizedOn: '2025-12-21' }).outcome,
      PERMITTED,
      'authorised before',
    )
    t.match(buy({ producedIn: null }), {
      outcome: 'seller-bar',
      missingFacts: ['producedIn', 'modelAuthorizedOn'],
    })
    t.match(
      buy({ producedIn: null }, { maker: 'skydio' }),
      { outcome: PERMITTED, certainty: 'reported' },
      'the catalog knows that its maker produces in the United States',
    )
    t.equal(buy({ producedIn: 'CH', deviceClass: 'camera' }).outcome, PERMITTED)
    t.equal(buy({ producedIn: 'CH' }, { asOf: '2025-12-21' }).outcome, PERMITTED)
    const router = { deviceClass: 'router', producedIn: 'VN', modelAuthorizedOn: '2026-05-01' } as const
    t.equal(buy({ ...router, consumerGrade: false }).outcome, PERMITTED)
    t.equal(buy({ ...router, consumerGrade: true }).outcome, 'seller-bar')
    // A conditional approval ends.
    const approval = license({
      regime: 'fcc-covered-list',
      entities: ['flir'],
      from: null,
      to: '2027-01-01T00:00:00-05:00',
    })
    const abroad = { producedIn: 'CH', modelAuthorizedOn: '2026-02-01' }
    t.equal(buy(abroad, { licenses: [approval] }).outcome, 'conditional')
    t.equal(buy(abroad, { licenses: [approval], asOf: '2027-01-01' }).outcome, 'seller-bar')
  },
)

t.test(
  'edge case 12: a camera that moves to a covered purpose becomes covered (s.889(f)(3)(B))',
  async (t) => {
    const use = (purpose: DeviceFacts['purpose']) =>
      told({ device: { purpose }, city: { federalContractor: true } }, 'ndaa-889-b', 'use')
    t.equal(use('other').outcome, 'review')
    t.equal(use('government-facility').outcome, 'contract-bar')
    t.match(use(null), { outcome: 'contract-bar', missingFacts: ['purpose'] })
  },
)

t.test('edge case 13: whether the city is the contractor has to be asked (85 FR 42665)', async (t) => {
  t.match(told({ city: { federalContractor: null } }, 'ndaa-889-b', 'use'), {
    outcome: 'contract-bar',
    missingFacts: ['federalContractor'],
    facts: { federalContractor: null },
  })
})

t.test(
  'edge case 14: removed gear is destroyed, not sold and not sent back (47 CFR 2.803; 15 CFR 744.11)',
  async (t) => {
    const removed = { device: { status: 'decommissioned' } } as const
    t.match(told(removed, 'fcc-covered-list', 'dispose'), {
      outcome: 'review',
      because: /certified destruction/,
    })
    t.equal(
      told({ ...removed, asOf: '2024-06-01' }, 'fcc-covered-list', 'dispose').outcome,
      'permitted-with-caution',
    )
    t.equal(told(removed, 'bis-entity-list', 'return-export').outcome, 'license-required')
    t.equal(told({ ...removed, maker: 'axis' }, 'fcc-covered-list', 'dispose').outcome, PERMITTED)
  },
)

t.test(
  'edge case 15: a gift or trial without a funding source on record is not waved through (2 CFR 200.216)',
  async (t) => {
    const gift = { fundingSource: null, obligatedOn: null, paidOn: null } as const
    t.match(told({ device: gift }, 'grant-200-216', 'federal-funding'), {
      outcome: 'review',
      missingFacts: ['fundingSource', 'paidOn'],
    })
    const later = { ...gift, acquiredOn: '2021-05-01', installedOn: null }
    t.match(told({ device: later }, 'grant-200-216', 'federal-funding'), {
      outcome: 'unallowable',
      missingFacts: ['fundingSource', 'obligatedOn'],
    })
  },
)

t.test('edge case 16: an unknown maker is treated as covered until there is evidence', async (t) => {
  const unknown = ask({
    identification: identified({ wouldSettle: ['model', 'macAddress'] }),
    device: federal,
    city: { federalContractor: true },
  })
  for (const activity of ACTIVITIES) t.equal(unknown.headline[activity], 'review', activity)
  for (const regime of ['ndaa-889-b', 'grant-200-216', 'fcc-covered-list', 'bis-entity-list', 'ofac-sdn']) {
    const found = unknown.determinations.find((d) => d.regime === regime && d.outcome === 'review')
    t.match(found, { missingFacts: ['maker', 'model', 'macAddress'], certainty: 'uncertain' }, regime)
  }
  t.match(
    find(unknown, 'grant-200-216', 'federal-funding').because,
    /maker of this device is not known.*unallowable/,
  )
})

t.test(
  'edge case 17: only an image obtained before the designation may be installed after it (31 CFR chapter V)',
  async (t) => {
    const update = (facts: Partial<DeviceFacts>) =>
      told({ with: designated, asOf: AFTER, device: facts }, 'ofac-sdn', 'firmware-update')
    const offline = { updateChannel: 'offline-media' } as const
    t.equal(update({ ...offline, firmwareObtainedOn: '2027-01-14' }).outcome, 'permitted-with-caution')
    t.equal(update({ ...offline, firmwareObtainedOn: '2027-01-15' }).outcome, 'license-required')
    t.match(update(offline), { outcome: 'license-required', missingFacts: ['firmwareObtainedOn'] })
    t.equal(
      update({ updateChannel: 'vendor-portal-global', firmwareObtainedOn: '2027-01-14' }).outcome,
      'license-required',
      'an old image does not make a new download lawful',
    )
  },
)

t.test('edge case 18: the same name is not the same company (Teledyne FLIR, Panasonic)', async (t) => {
  for (const maker of ['flir', 'panasonic', 'bosch']) {
    const { headline } = ask({
      maker,
      device: federal,
      city: { federalContractor: true },
      asOf: '2025-01-01',
    })
    for (const activity of ACTIVITIES) t.equal(headline[activity], PERMITTED, `${maker} ${activity}`)
  }
  const notListed = designation('nobody-of-the-catalogue')
  t.equal(
    told(
      { maker: 'hikvision', with: knowing({ ...notListed, name: 'Hikvision' }), asOf: AFTER },
      'ofac-sdn',
      'procure',
    ).outcome,
    PERMITTED,
    'a name on a list matches nobody by itself',
  )
})

// --- Channels of a blocked maker (31 CFR chapter V) ---

t.test('firmware of a blocked maker is barred through each channel it may come by', async (t) => {
  const channels: readonly [DeviceFacts['updateChannel'], Outcome][] = [
    ['vendor-cloud-push', 'prohibited'],
    ['vendor-portal-us', 'license-required'],
    ['vendor-portal-global', 'license-required'],
    ['vendor-portal-cn', 'license-required'],
    ['distributor', 'license-required'],
    ['oem-brand-portal', 'license-required'],
    ['vms-push', 'license-required'],
    ['offline-media', 'license-required'],
    ['none', 'license-required'],
    [null, 'prohibited'],
  ]
  for (const [updateChannel, expected] of channels) {
    const one = { with: designated, asOf: AFTER, device: { updateChannel } }
    t.equal(told(one, 'ofac-sdn', 'firmware-update').outcome, expected, String(updateChannel))
  }
})

t.test('running a blocked device offline is no dealing; its cloud and its paid plan are', async (t) => {
  const use = (facts: Partial<DeviceFacts>) =>
    told({ with: designated, asOf: AFTER, device: facts }, 'ofac-sdn', 'use')
  t.equal(use({ updateChannel: 'none', networkExposure: 'isolated' }).outcome, PERMITTED)
  t.equal(use({ updateChannel: 'vendor-cloud-push', networkExposure: 'isolated' }).outcome, PERMITTED)
  t.equal(use({ updateChannel: 'vendor-cloud-push' }).outcome, 'prohibited')
  t.equal(use({ updateChannel: 'none', paidSupport: true }).outcome, 'prohibited')
  t.match(use({ updateChannel: null, paidSupport: null }), {
    outcome: 'prohibited',
    missingFacts: ['updateChannel', 'paidSupport'],
  })
})

t.test(
  'a designation hits owned companies, spares EZVIZ at 48 percent with a warning, and nobody before its day',
  async (t) => {
    const buy = (maker: string, asOf = AFTER) =>
      told({ maker, with: designated, asOf }, 'ofac-sdn', 'procure').outcome
    t.equal(buy('hikvision-usa'), 'prohibited')
    t.equal(buy('hilook'), 'prohibited', 'a trade name is the company')
    t.equal(buy('ezviz'), 'permitted-with-caution')
    t.equal(buy('dahua'), PERMITTED)
    t.equal(buy('hikvision', '2027-01-14'), PERMITTED)
    const early = knowing(designation('hikvision', '2022-01-01'))
    t.equal(
      told({ maker: 'ezviz', with: early, asOf: '2022-12-27' }, 'ofac-sdn', 'procure').outcome,
      'review',
      'the share before the listing was not read in a source',
    )
    t.equal(
      told({ maker: 'ezviz', with: early, asOf: '2022-12-28' }, 'ofac-sdn', 'procure').outcome,
      'permitted-with-caution',
    )
    t.match(
      told({ maker: 'huacheng', with: knowing(designation('dahua')), asOf: AFTER }, 'ofac-sdn', 'procure'),
      { outcome: 'review', missingFacts: ['ownershipPct:huacheng/dahua', 'ownership:huacheng/dahua'] },
      'a holding that was not read in a source is for a person, and is named',
    )
    t.match(
      told({ maker: 'pyronix', with: designated, asOf: AFTER }, 'ofac-sdn', 'procure'),
      { outcome: 'prohibited', missingFacts: ['ownershipPct:pyronix/hikvision'] },
      'one that was read, of unknown size, widens to the stricter side and is named',
    )
  },
)

// --- Golden answers: the whole headline, as a city reads it ---

type Golden = readonly [what: string, one: Case, headline: readonly Outcome[]]

// In the order of ACTIVITIES: procure, use, federal-funding, firmware-update, return-export, dispose.
const GOLDEN: readonly Golden[] = [
  [
    'a wired Hikvision dome bought with local money',
    {},
    ['seller-bar', PERMITTED, CAUTION, PERMITTED, 'license-required', 'review'],
  ],
  [
    'the same dome bought with a federal grant in 2021',
    { device: federal },
    ['prohibited', PERMITTED, 'unallowable', PERMITTED, 'license-required', 'review'],
  ],
  [
    'the same dome in a city with a federal contract',
    { city: { federalContractor: true } },
    ['contract-bar', 'contract-bar', CAUTION, PERMITTED, 'license-required', 'review'],
  ],
  [
    'the same dome with radio, after a designation',
    { with: designated, asOf: AFTER, device: { hasRadio: true } },
    ['prohibited', PERMITTED, CAUTION, 'license-required', 'license-required', 'review'],
  ],
  [
    'a Uniview camera',
    { maker: 'uniview', device: federal, city: { federalContractor: true } },
    [PERMITTED, PERMITTED, PERMITTED, PERMITTED, 'license-required', PERMITTED],
  ],
  [
    'an Axis camera with federal money in a contractor city',
    {
      maker: 'axis',
      device: { ...federal, hasRadio: true, updateChannel: null, networkExposure: null, producedOn: null },
      city: { federalContractor: true, sellsToFederal: true },
    },
    [PERMITTED, PERMITTED, PERMITTED, PERMITTED, PERMITTED, PERMITTED],
  ],
  [
    'a camera whose maker nobody knows',
    { identification: identified({}) },
    ['review', 'review', 'review', 'review', 'review', 'review'],
  ],
  [
    'Huawei traffic counters in a contractor city',
    {
      maker: 'huawei',
      device: { purpose: 'traffic', enforcementUse: false },
      city: { federalContractor: true },
    },
    ['contract-bar', 'contract-bar', CAUTION, PERMITTED, 'license-required', 'review'],
  ],
  [
    'a DJI drone flown with federal money',
    { maker: 'dji', device: { ...drone, ...federal, ...since('2026-01-05') } },
    [
      ...(['unallowable', 'unallowable', 'unallowable', PERMITTED, 'license-required'] as const),
      'permitted-with-caution',
    ],
  ],
  [
    'a DJI drone bought with federal money years before the act spoke of grants',
    { maker: 'dji', device: { ...drone, ...federal } },
    [CAUTION, 'review', CAUTION, PERMITTED, 'license-required', 'permitted-with-caution'],
  ],
  [
    'a household TP-Link router made abroad, in Texas',
    {
      maker: 'tp-link',
      device: { deviceClass: 'router', hasRadio: true, producedIn: 'VN', consumerGrade: true },
      city: { state: 'TX' },
    },
    [PERMITTED, PERMITTED, PERMITTED, PERMITTED, CAUTION, 'permitted-with-caution'],
  ],
  [
    'Kaspersky software on a server',
    { maker: 'kaspersky', device: { deviceClass: 'server' } },
    ['seller-bar', PERMITTED, PERMITTED, 'updates-unavailable', 'license-required', CAUTION],
  ],
]

for (const [what, one, headline] of GOLDEN) {
  t.test(`golden: ${what}`, async (t) => {
    t.same(
      ask(one).headline,
      Object.fromEntries(ACTIVITIES.map((activity, index) => [activity, headline[index]])),
    )
  })
}

t.test('an answer names its rule, the facts it read, the date and the citation', async (t) => {
  t.same(told({ device: federal }, 'grant-200-216', 'federal-funding'), {
    regime: 'grant-200-216',
    activity: 'federal-funding',
    outcome: 'unallowable',
    ruleId: 'grant-200-216:04-federal-money',
    because:
      'Federal award money may not be obligated or spent on equipment of Hangzhou Hikvision Digital Technology or its affiliates from 2020-08-13 on; the cost is unallowable, while using what is there is not barred. Hangzhou Hikvision Digital Technology has been listed since 2018-08-13.',
    facts: {
      asOf: TODAY,
      maker: 'hikvision',
      producedOn: '2019-03-01',
      purpose: 'public-safety',
      enforcementUse: null,
      fundingSource: 'federal-grant',
      federalPassThrough: false,
      obligatedOn: '2021-03-01',
      regimeStatus: 'in-force',
      listing: 'ndaa-889-a:hikvision:2018-08-13',
      listedFrom: '2018-08-13',
    },
    missingFacts: [],
    certainty: 'sure',
    citation: '2 CFR 200.216, 200.471',
    waitsFor: null,
  })
})

t.test('no money of the past makes federal money plainly permitted for a listed maker', async (t) => {
  for (const fundingSource of ['local', 'state-grant', 'federal-contract', 'federal-grant'] as const)
    for (const maker of ['hikvision', 'dahua', 'zte', 'huawei', 'hytera']) {
      const { headline } = ask({ maker, device: { fundingSource, federalPassThrough: false } })
      t.not(headline['federal-funding'], PERMITTED, `${maker}, ${fundingSource}`)
    }
})

// --- Who produced it, when that is not settled ---

t.test('of several likely makers the worst counts, marked uncertain', async (t) => {
  const ambiguous = identified({
    status: 'ambiguous',
    candidates: [candidate('axis', 'verdict'), candidate('hikvision', 'verdict')],
    wouldSettle: ['macAddress'],
  })
  t.match(told({ identification: ambiguous, device: federal }, 'grant-200-216', 'federal-funding'), {
    outcome: 'unallowable',
    certainty: 'uncertain',
    missingFacts: ['maker', 'macAddress'],
  })
  const clean = identified({
    status: 'ambiguous',
    candidates: [candidate('axis', 'verdict'), candidate('bosch', 'verdict')],
  })
  const { headline } = ask({ identification: clean })
  for (const activity of ACTIVITIES) t.equal(headline[activity], 'review', `${activity}: nobody knows which`)
})

t.test('an unresolved maker with a suspect is in review and names the suspect', async (t) => {
  const suspected = identified({ candidates: [candidate('dahua', 'review')], wouldSettle: ['model'] })
  t.match(told({ identification: suspected, device: federal }, 'grant-200-216', 'federal-funding'), {
    outcome: 'review',
    because:
      /Dahua.* may have produced this device.*“Not with federal or state money”.*model number.* settle this/,
    facts: { maker: null, possibleMaker: 'dahua' },
  })
})

t.test('a suspect never softens what the maker itself brings', async (t) => {
  const identification = madeBy('hikvision', 'axis', 'uniview')
  t.same(ask({ identification, device: federal }).headline, ask({ device: federal }).headline)
})

t.test(
  'an affiliate is not the listed company, and each ownership test says so (EZVIZ, Hikrobot)',
  async (t) => {
    const rows: readonly [maker: string, send: Outcome, affiliates: Outcome, contractor: Outcome][] = [
      // Named-only, fifty percent, any affiliate.
      ['hikvision', 'license-required', PERMITTED, 'contract-bar'],
      ['hilook', 'license-required', PERMITTED, 'contract-bar'],
      ['ezviz', CAUTION, CAUTION, 'contract-bar'],
      ['hikrobot', CAUTION, 'license-required', 'contract-bar'],
      ['hikvision-canada', CAUTION, 'license-required', 'contract-bar'],
      ['axis', PERMITTED, PERMITTED, PERMITTED],
    ]
    for (const [maker, send, affiliates, contractor] of rows) {
      t.equal(told({ maker }, 'bis-entity-list', 'return-export').outcome, send, maker)
      t.equal(told({ maker }, 'bis-affiliates', 'return-export').outcome, affiliates, maker)
      t.equal(
        told({ maker, city: { federalContractor: true } }, 'ndaa-889-b', 'use').outcome,
        contractor,
        maker,
      )
    }
    t.match(
      told({ maker: 'ezviz' }, 'bis-entity-list', 'return-export').because,
      /EZVIZ is an affiliate of Hangzhou Hikvision/,
    )
  },
)

t.test(
  'ownership that is only known in the trade asks for a person, and is named (sepura and others)',
  async (t) => {
    const use = (maker: string, facts: Partial<DeviceFacts> = {}) =>
      told({ maker, city: { federalContractor: true }, device: facts }, 'ndaa-889-b', 'use')
    for (const [maker, owner] of [
      ['hikmicro', 'hikvision'],
      ['huaray', 'dahua'],
      ['rayin', 'hikvision'],
    ] as const) {
      t.match(use(maker), {
        outcome: 'review',
        certainty: 'uncertain',
        missingFacts: [`ownership:${maker}/${owner}`],
      })
    }
    const made = (producedOn: PlainDate) => ({ producedOn, acquiredOn: producedOn, installedOn: null })
    t.equal(use('sepura', made('2018-01-01')).outcome, 'contract-bar', 'read: bought in 2017, sold in 2022')
    t.equal(use('sepura', made('2023-01-01')).outcome, PERMITTED)
    t.equal(use('teltronic', made('2025-07-23')).outcome, 'contract-bar')
    t.equal(
      use('teltronic', made('2025-07-24')).outcome,
      'review',
      'a sale was agreed and not read as completed',
    )
    const unread = data.relationships.filter(
      ({ kind, confidence }) =>
        confidence !== 'high' && ['brand-of', 'subsidiary', 'affiliate'].includes(kind),
    )
    for (const { child } of unread) {
      for (const { outcome, certainty, missingFacts } of ask({ maker: child }).determinations) {
        if (!missingFacts.some((name) => name.startsWith('ownership:'))) continue
        t.ok(severity(outcome) >= severity('review') && certainty === 'uncertain', `${child}: ${outcome}`)
      }
    }
  },
)

t.test('the drone act covers listed makers and those of the PRC, for drones only (s.1822)', async (t) => {
  const fly = (maker: string, facts: Partial<DeviceFacts> = {}, asOf = TODAY) =>
    told(
      { maker, asOf, device: { ...drone, ...federal, ...since('2026-01-05'), ...facts } },
      'asda',
      'procure',
    ).outcome
  t.equal(fly('dahua'), 'unallowable', 'on the Consolidated Screening List')
  t.equal(fly('reolink'), 'unallowable', 'domiciled in the PRC')
  t.equal(fly('dahua', {}, '2025-12-21'), NA, 'the grant limb begins a day later')
  t.equal(fly('dahua', { deviceClass: 'camera' }), PERMITTED)
  t.equal(fly('dahua', { deviceClass: null }), 'review', 'it makes both')
  t.equal(fly('reolink', { deviceClass: null }), PERMITTED, 'it makes cameras only')
  t.equal(fly('skydio'), PERMITTED)
  t.equal(fly('dahua', { fundingSource: 'local' }), NA)
})

t.test('the 1260H list is held whole, as listing periods (91 FR 35189 and earlier editions)', async (t) => {
  const held = data.listings.filter(({ regime }) => regime === 'dod-1260h')
  const on = (day: PlainDate) =>
    held.filter(({ from, to }) => (from === null || from <= day) && (to === null || day < to))
  t.equal(on('2026-06-08').length, 188)
  const contractor = { federalContractor: true, sellsToFederal: true, defenseContract: null }
  const listedOn = (maker: string, asOf: PlainDate) =>
    told({ maker, asOf, city: contractor }, 'dod-1260h', 'procure').outcome !== PERMITTED
  for (const [maker, before, from] of [
    ['tp-link', '2026-06-07', '2026-06-08'],
    ['unitree', '2026-06-07', '2026-06-08'],
    ['robosense', '2026-06-07', '2026-06-08'],
    ['ymtc', '2024-01-30', '2024-01-31'],
    ['jouav', '2024-01-30', '2024-01-31'],
    ['meiya-pico', '2025-01-06', '2025-01-07'],
    ['dahua-wisdom', '2022-10-04', '2022-10-05'],
  ] as const) {
    t.notOk(listedOn(maker, before), `${maker} ${before}`)
    t.ok(listedOn(maker, from), `${maker} ${from}`)
  }
  t.ok(listedOn('megvii', '2025-01-06'))
  t.notOk(listedOn('megvii', '2025-01-07'))
  t.ok(listedOn('cxmt', '2026-02-16') && !listedOn('cxmt', '2026-02-17') && listedOn('cxmt', '2026-06-08'))
})

t.test('a listing without its Federal Register number says so and is never sure', async (t) => {
  for (const { id, regime, citation, certainty } of data.listings) {
    if (!['bis-entity-list', 'dod-1260h', 'ofac-sdn', 'ofac-ns-cmic'].includes(regime)) continue
    const isCited = /\d+ FR \d+|EO \d{5}, annex/.test(citation)
    t.ok(isCited || (/Federal Register number not read/.test(citation) && certainty !== 'sure'), id)
  }
})

t.test(
  'Kaspersky is listed for software: no equipment authorization is in question (FCC Covered List)',
  async (t) => {
    const of = (activity: Activity) =>
      told({ maker: 'kaspersky', device: federal }, 'fcc-covered-list', activity)
    t.equal(of('procure').outcome, PERMITTED)
    t.equal(
      told(
        {
          maker: 'kaspersky',
          device: { ...since('2022-05-24'), fccSubsidy: true },
          city: { receivesFccSupport: true },
        },
        'fcc-covered-list',
        'federal-funding',
      ).outcome,
      'unallowable',
    )
  },
)

t.test(
  'robots and power inverters produced abroad are listed from 2026-07-28 (FCC Covered List)',
  async (t) => {
    const undated = { acquiredOn: null, installedOn: null, producedOn: null, modelAuthorizedOn: null }
    const buy = (deviceClass: DeviceFacts['deviceClass'], asOf: PlainDate, producedIn = 'CN') =>
      told(
        { maker: 'unitree', asOf, device: { ...undated, deviceClass, producedIn } },
        'fcc-covered-list',
        'procure',
      ).outcome
    for (const kind of ['robot', 'power-inverter'] as const) {
      t.equal(buy(kind, '2026-07-27'), PERMITTED)
      t.equal(buy(kind, '2026-07-28'), 'seller-bar')
      t.equal(buy(kind, '2026-07-28', 'US'), PERMITTED)
    }
    t.equal(buy('camera', '2026-07-28'), PERMITTED)
    t.equal(buy(null, '2026-07-28'), 'review', 'its maker makes robots')
  },
)

t.test('laws of states reach a city as their texts say', async (t) => {
  const drone = { deviceClass: 'uas', producedIn: 'CN' } as const
  const rows: readonly [state: string, maker: string, Partial<DeviceFacts>, PlainDate, Outcome][] = [
    ['NE', 'hikvision', {}, '2024-04-16', NA],
    ['NE', 'hikvision', {}, '2024-04-17', 'prohibited'],
    ['NE', 'reolink', {}, '2024-04-17', 'prohibited'],
    ['NE', 'axis', {}, '2024-04-17', PERMITTED],
    ['AR', 'dji', drone, '2023-07-31', NA],
    ['AR', 'dji', drone, '2023-08-01', 'prohibited'],
    ['AR', 'skydio', { deviceClass: 'uas' }, '2026-11-24', PERMITTED],
    ['AR', 'hikvision', {}, '2026-11-24', PERMITTED],
    ['IN', 'hikvision', {}, '2026-11-24', 'review'],
    ['IN', 'uniview', {}, '2026-11-24', CAUTION],
    ['TN', 'uniview', {}, '2026-11-24', 'review'],
    ['ID', 'hikvision', {}, '2023-06-30', NA],
    ['ID', 'hikvision', {}, '2023-07-01', 'review'],
    ['ID', 'axis', {}, '2023-07-01', PERMITTED],
    ['SD', 'dahua', {}, '2023-06-30', NA],
    ['SD', 'dahua', {}, '2023-07-01', 'review'],
    ['FL', 'dji', drone, '2022-12-31', NA],
    ['FL', 'dji', drone, '2023-01-01', 'prohibited'],
    ['FL', 'skydio', { deviceClass: 'uas' }, '2023-01-01', PERMITTED],
    ['FL', 'hikvision', {}, '2024-01-01', 'review'],
    ['KS', 'dji', drone, '2025-06-30', NA],
    ['KS', 'dji', drone, '2025-07-01', 'prohibited'],
    ['KS', 'dji', { deviceClass: null }, '2025-07-01', 'review'],
    ['KS', 'skydio', { deviceClass: 'uas' }, '2025-07-01', PERMITTED],
    ['KS', 'hikvision', {}, '2025-07-01', PERMITTED],
    ['GA', 'hikvision', {}, '2025-06-30', 'review'],
    ['LA', 'lorex', { producedOn: '2019-01-01' }, '2022-08-01', 'prohibited'],
  ]
  for (const [state, maker, facts, asOf, outcome] of rows) {
    const regime = `state-${state.toLowerCase()}`
    const answer = told({ maker, device: facts, city: { state }, asOf }, regime, 'procure')
    t.equal(answer.outcome, outcome, `${state} ${maker} ${asOf} ${JSON.stringify(facts)}`)
  }
})

t.test('a city of another country gets the law of its own place', async (t) => {
  const rows: readonly [country: string, maker: string, regime: string, PlainDate, Outcome][] = [
    ['IN', 'axis', 'in-stqc', '2025-04-08', NA],
    ['IN', 'axis', 'in-stqc', '2025-04-09', 'review'],
    ['IN', 'hikvision', 'in-stqc', '2026-03-31', 'review'],
    ['IN', 'hikvision', 'in-stqc', '2026-04-01', 'seller-bar'],
    ['GB', 'hikvision', 'gb-sensitive-sites', TODAY, CAUTION],
    ['GB', 'axis', 'gb-sensitive-sites', TODAY, PERMITTED],
    ['AU', 'dahua', 'au-federal-sites', TODAY, CAUTION],
    ['CA', 'hikvision', 'ca-ica', '2025-06-26', NA],
    ['CA', 'hikvision', 'ca-ica', '2025-06-27', 'seller-bar'],
    ['TW', 'uniview', 'tw-public-sector', TODAY, 'prohibited'],
    ['KR', 'hikvision', 'kr-defense', TODAY, CAUTION],
    ['DE', 'hikvision', 'eu-institutions', TODAY, CAUTION],
    ['BR', 'hikvision', 'country-br', TODAY, CAUTION],
    ['BR', 'axis', 'country-br', TODAY, CAUTION],
  ]
  for (const [country, maker, regime, asOf, outcome] of rows) {
    const determined = ask({ maker, asOf, city: { country, state: null, kind: 'city' } })
    t.equal(find(determined, regime, 'procure').outcome, outcome, `${country} ${maker} ${asOf}`)
    const places = determined.determinations.map(
      (d) => data.regimes.find(({ id }) => id === d.regime)?.jurisdiction,
    )
    t.notOk(places.includes('US'), `${country}: no law of the United States`)
  }
  t.match(
    told({ maker: 'axis', city: { country: 'BR', state: null } }, 'country-br', 'procure').because,
    /No law of/,
  )
})

t.test('a brand without a maker in the catalog is not waved through', async (t) => {
  const broken = identified({ status: 'resolved', brand: 'lts', maker: null })
  t.not(told({ identification: broken }, 'ofac-sdn', 'procure').outcome, PERMITTED)
})

// --- Reach ---

const tie = (
  child: string,
  kind: RelationshipKind,
  parent: string,
  ownershipPct: number | null = null,
  from: PlainDate | null = null,
  to: PlainDate | null = null,
): Relationship => ({
  id: `${child}-${kind}-${parent}-${from}`,
  child,
  parent,
  kind,
  ownershipPct,
  from,
  to,
  modelPattern: null,
  scope: null,
  confidence: 'high',
  citation: 'test',
  asOf: TODAY,
  notes: null,
})

t.test('a listing covers as far as the ownership test says and no further', async (t) => {
  type CoverageCase = readonly [
    what: string,
    ties: readonly Relationship[],
    vendor: string,
    named: string,
    affiliate: string,
    half: string,
  ]
  // yes, maybe (hangs on a fact nobody gave), no; `a` is listed, `b` too where it appears.
  const cases: readonly CoverageCase[] = [
    ['itself', [], 'a', 'yes', 'yes', 'yes'],
    ['a stranger', [], 'x', 'no', 'no', 'no'],
    ['a trade name', [tie('x', 'brand-of', 'a')], 'x', 'yes', 'yes', 'yes'],
    [
      'a trade name of a subsidiary',
      [tie('y', 'subsidiary', 'a', 100), tie('x', 'brand-of', 'y')],
      'x',
      'no',
      'yes',
      'yes',
    ],
    ['a whole subsidiary', [tie('x', 'subsidiary', 'a', 100)], 'x', 'no', 'yes', 'yes'],
    ['exactly half', [tie('x', 'subsidiary', 'a', 50)], 'x', 'no', 'yes', 'yes'],
    ['just under half', [tie('x', 'affiliate', 'a', 49.9)], 'x', 'no', 'yes', 'no'],
    ['CETC in Hikvision, 38 percent', [tie('x', 'affiliate', 'a', 38)], 'x', 'no', 'yes', 'no'],
    ['China Mobile in Dahua, 9 percent', [tie('x', 'minority-stake', 'a', 9)], 'x', 'no', 'no', 'no'],
    [
      '30 and 25 percent in sum',
      [tie('x', 'minority-stake', 'a', 30), tie('x', 'minority-stake', 'b', 25)],
      'x',
      'no',
      'no',
      'yes',
    ],
    [
      '30 percent of one, 25 of a stranger',
      [tie('x', 'minority-stake', 'a', 30), tie('x', 'minority-stake', 'y', 25)],
      'x',
      'no',
      'no',
      'no',
    ],
    [
      '60 percent of 60 percent',
      [tie('y', 'subsidiary', 'a', 60), tie('x', 'subsidiary', 'y', 60)],
      'x',
      'no',
      'yes',
      'yes',
    ],
    [
      '60 percent of 40 percent',
      [tie('y', 'affiliate', 'a', 40), tie('x', 'subsidiary', 'y', 60)],
      'x',
      'no',
      'yes',
      'no',
    ],
    [
      'two ways of 30 percent through blocked companies',
      [
        tie('y', 'subsidiary', 'a', 50),
        tie('z', 'subsidiary', 'a', 50),
        tie('x', 'minority-stake', 'y', 30),
        tie('x', 'minority-stake', 'z', 30),
      ],
      'x',
      'no',
      'no',
      'yes',
    ],
    [
      'a circle',
      [tie('x', 'subsidiary', 'y', 60), tie('y', 'subsidiary', 'x', 60), tie('y', 'affiliate', 'a', 40)],
      'x',
      'no',
      'yes',
      'no',
    ],
    [
      'a circle that a blocked owner tips',
      [tie('x', 'subsidiary', 'y', 60), tie('y', 'subsidiary', 'x', 10), tie('y', 'subsidiary', 'a', 50)],
      'x',
      'no',
      'yes',
      'yes',
    ],
    ['a subsidiary of unknown size', [tie('x', 'subsidiary', 'a')], 'x', 'no', 'yes', 'maybe'],
    ['a minority of unknown size', [tie('x', 'minority-stake', 'a')], 'x', 'no', 'no', 'no'],
    [
      'two minorities of unknown size',
      [tie('x', 'minority-stake', 'a'), tie('x', 'minority-stake', 'b')],
      'x',
      'no',
      'no',
      'maybe',
    ],
    [
      'the same holding on record twice',
      [tie('x', 'affiliate', 'a', 30), tie('x', 'minority-stake', 'a', 30, '2001-01-01')],
      'x',
      'no',
      'yes',
      'no',
    ],
    [
      'a brand whose shares are on record',
      [tie('x', 'brand-of', 'a'), tie('x', 'affiliate', 'a', 48)],
      'x',
      'no',
      'yes',
      'no',
    ],
    ['its owner', [tie('a', 'subsidiary', 'x', 100)], 'x', 'no', 'no', 'no'],
    [
      'its sister',
      [tie('a', 'subsidiary', 'y', 100), tie('x', 'subsidiary', 'y', 100)],
      'x',
      'no',
      'no',
      'no',
    ],
    ['one that relabels it', [tie('x', 'relabels', 'a')], 'x', 'no', 'no', 'no'],
    ['one that uses its parts', [tie('x', 'uses-component', 'a')], 'x', 'no', 'no', 'no'],
    [
      'a holding that has ended',
      [tie('x', 'subsidiary', 'a', 100, '2018-02-01', '2022-11-24')],
      'x',
      'no',
      'no',
      'no',
    ],
  ]
  const tests: readonly OwnershipTest[] = ['named-only', 'any-affiliate', 'fifty-percent']
  for (const [what, ties, vendor, ...expected] of cases) {
    const listings = [
      listing({ regime: 'l', vendor: 'a', from: '2020-01-01' }),
      listing({ regime: 'l', vendor: 'b', from: null }),
    ]
    const index = buildCoverageIndex(listings, ties)
    const answers = tests.map((test) => {
      const found = index.covering({
        vendor,
        list: 'l',
        test,
        listedOn: '2024-01-01',
        ownedOn: '2024-01-01',
        orEarlier: false,
      })
      if (found.length === 0) return 'no'
      return found.some(({ truth }) => truth === true) ? 'yes' : 'maybe'
    })
    t.same(answers, expected, what)
  }
})

t.test('reach says by which way it came', async (t) => {
  const index = buildCoverageIndex(data.listings, data.relationships)
  const [found] = index.covering({
    vendor: 'imou',
    list: 'ndaa-889-a',
    test: 'any-affiliate',
    listedOn: TODAY,
    ownedOn: TODAY,
    orEarlier: false,
  })
  t.match(found, { path: ['imou', 'dahua'], inherited: false, listing: { vendor: 'dahua' } })
})

// --- The data ---

t.test('the data is whole: ids, dates, vendors, regimes and words fit together', async (t) => {
  const regimes = new Map(data.regimes.map((regime) => [regime.id, regime]))
  const vendors = new Set(data.vendors.map(({ id }) => id))
  for (const rows of [data.regimes, data.listings, data.rules]) {
    t.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'ids are unique')
  }
  const wrong: string[] = []
  const period = (id: string, { from, to }: { from: PlainDate | null; to: PlainDate | null }) => {
    if ([from, to].some((day) => day !== null && !isPlainDate(day))) wrong.push(`${id}: not a date`)
    if (from !== null && to !== null && from >= to) wrong.push(`${id}: ends before it begins`)
  }
  for (const regime of data.regimes) {
    for (const [index, span] of regime.periods.entries()) {
      period(regime.id, span)
      if (index > 0 && regime.periods[index - 1]!.to !== span.from)
        wrong.push(`${regime.id}: a gap in its periods`)
    }
    if (regime.listOf !== null && !regimes.has(regime.listOf))
      wrong.push(`${regime.id}: borrows an unknown list`)
  }
  for (const one of data.listings) {
    period(one.id, one)
    for (const day of Object.values(one.phases)) if (!isPlainDate(day)) wrong.push(`${one.id}: not a date`)
    if (regimes.get(one.regime)?.listOf !== null) wrong.push(`${one.id}: its regime keeps no list`)
    if (one.vendor !== null && !vendors.has(one.vendor))
      wrong.push(`${one.id}: vendor is not in the catalogue`)
    if ((one.vendor === null) !== (one.class !== null)) wrong.push(`${one.id}: neither a vendor nor a class`)
    if ((one.scope === 'class') !== (one.class !== null)) wrong.push(`${one.id}: scope and class differ`)
  }
  for (const rule of data.rules) {
    period(rule.id, rule.inForce)
    const regime = regimes.get(rule.regime)
    for (const activity of Object.keys(rule.outcomes) as Activity[]) {
      const isNothing = rule.outcomes[activity] === NA
      if (!regime?.activities.includes(activity) && !isNothing)
        wrong.push(`${rule.id}: ${activity} is not governed`)
    }
    const words = [...rule.because.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)
    if (
      words.some((word) => !['maker', 'listed', 'affiliate', 'note', 'except', 'way', 'asOf'].includes(word!))
    )
      wrong.push(`${rule.id}: unknown word`)
    if (!rule.id.startsWith(`${rule.regime}:`)) wrong.push(`${rule.id}: named for another regime`)
  }
  t.same(wrong, [])
})

t.test('every regime of the design is there, and each that governs something has a rule', async (t) => {
  const ids = new Set(data.regimes.map(({ id }) => id))
  for (const id of [
    'ndaa-889-a',
    'ndaa-889-b',
    'grant-200-216',
    'fcc-covered-list',
    'bis-entity-list',
    'bis-affiliates',
    'ofac-sdn',
    'ofac-ns-cmic',
    'dod-1260h',
    'icts',
    'uflpa',
    'sec-5949',
    'asda',
    'kaspersky-federal',
    'dsp',
    'state-tx',
    'state-vt',
    'state-la',
    'state-nh',
    'state-ga',
    'cn-counter-lists',
    'ca-ica',
  ]) {
    t.ok(ids.has(id), id)
  }
  const ruled = new Set(data.rules.map(({ regime }) => regime))
  for (const { id, activities } of data.regimes) t.equal(ruled.has(id), activities.length > 0, id)
})

t.test('a row that names a regime nobody knows is refused', async (t) => {
  t.throws(() => knowing(listing({ regime: 'nowhere', vendor: 'axis', from: null })), /nowhere/)
  const { rules } = data
  const stray = { ...rules[0]!, when: { reached: { regimes: ['nowhere'] } } }
  t.throws(() => buildRegimeKnowledge({ ...data, rules: [stray] }), /nowhere/)
  t.throws(
    () => buildRegimeKnowledge({ ...data, rules: [{ ...rules[0]!, when: {} as never }] }),
    /Not a condition/,
  )
})

t.test('a regime that is only proposed binds nobody', async (t) => {
  const regimes = data.regimes.map((regime) =>
    regime.id === 'ndaa-889-b'
      ? { ...regime, periods: [{ from: null, to: null, status: 'proposed' as const, note: null }] }
      : regime,
  )
  const proposed = buildRegimeKnowledge({ ...data, regimes })
  t.match(told({ with: proposed, city: { federalContractor: true } }, 'ndaa-889-b', 'use'), {
    outcome: NA,
    ruleId: 'ndaa-889-b:not-in-force',
    facts: { regimeStatus: 'proposed' },
  })
})

t.test('outcomes are as severe as the method says', async (t) => {
  const method = readFileSync(
    fileURLToPath(import.meta.resolve('#root/docs/methodology/determinations.md')),
    'utf8',
  )
  const [, order] = /Severity, worst first: ([^.]*)\./.exec(method)!
  const written = [...order!.matchAll(/`([\w-]+)`/g)].map(([, outcome]) => outcome)
  t.same(written, OUTCOMES)
  t.same(
    OUTCOMES.toSorted((a, b) => severity(a) - severity(b)),
    written,
  )
})

t.test('a rule holds from its first day through the day before its end', async (t) => {
  const inForce = { from: '2025-01-01', to: '2026-01-01' }
  const rules = data.rules.map((rule) => (rule.regime === 'ndaa-889-b' ? { ...rule, inForce } : rule))
  const dated = buildRegimeKnowledge({ ...data, rules })
  for (const [asOf, isHeld] of [
    ['2024-12-31', false],
    ['2025-01-01', true],
    ['2025-12-31', true],
    ['2026-01-01', false],
  ] as const) {
    const { ruleId } = told({ with: dated, asOf, city: { federalContractor: true } }, 'ndaa-889-b', 'use')
    t.equal(ruleId !== 'ndaa-889-b:no-rule', isHeld, asOf)
  }
})

t.test('reached facts without a rule ask for a person', async (t) => {
  const without = buildRegimeKnowledge({
    ...data,
    rules: data.rules.filter(({ regime }) => regime !== 'ndaa-889-b'),
  })
  t.match(told({ with: without }, 'ndaa-889-b', 'use'), { outcome: 'review', ruleId: 'ndaa-889-b:no-rule' })
})

t.test('carriers are listed for services, and their equipment is not covered', async (t) => {
  t.equal(told({ maker: 'china-telecom-americas' }, 'fcc-covered-list', 'procure').outcome, PERMITTED)
})

t.test('states are evaluated where the city is, and all of them where nobody knows', async (t) => {
  const states = (state: string | null) =>
    new Set(
      ask({ city: { state } })
        .determinations.map(({ regime }) => regime)
        .filter((id) => id.startsWith('state-')),
    )
  t.same([...states('TX')], ['state-tx', 'state-tx-infrastructure'])
  t.same([...states('OH')], ['state-oh'], 'no law of Ohio was read, and the answer says so')
  const unread = ask({ city: { state: 'OH' } }).determinations.filter(({ regime }) => regime === 'state-oh')
  for (const one of unread) {
    t.match(one, {
      outcome: NA,
      certainty: 'uncertain',
      missingFacts: ['lawOf:US-OH'],
      because: /No law of the state of OH .* has been read/,
    })
  }
  t.equal(states(null).size, data.regimes.filter(({ jurisdiction }) => jurisdiction.startsWith('US-')).length)
})

// --- Properties ---

const MAKERS = [
  'hikvision',
  'dahua',
  'huawei',
  'hytera',
  'zte',
  'hisilicon',
  'uniview',
  'dji',
  'autel',
  'kaspersky',
  'tp-link',
  'ezviz',
  'hilook',
  'hikmicro',
  'hikvision-usa',
  'lorex',
  'dahua-usa',
  'huacheng',
  'huaray',
  'pyronix',
  'ceiec',
  'xpcc',
  'cetc',
  'skydio',
  'axis',
  'bosch',
  'nobody-of-the-catalogue',
]

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const flag = maybe(fc.boolean())
// Half of the days lie on or beside a boundary, where mistakes are.
const anyDay = fc.oneof(
  fc.integer({ min: 0, max: 365 * 25 }).map((days) => addDays('2008-01-01', days)),
  fc
    .tuple(fc.constantFrom(...boundaries(knowledge)), fc.constantFrom(-1, 0, 1))
    .map(([day, by]) => addDays(day, by)),
)

const anyIdentification: fc.Arbitrary<Identification> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...MAKERS).map((maker) => madeBy(maker)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...MAKERS), fc.constantFrom(...MAKERS))
      .map(([maker, suspect]) => madeBy(maker, suspect)),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(...MAKERS), fc.constantFrom('verdict' as const, 'review' as const)), {
        maxLength: 3,
      })
      .map((pairs) =>
        identified({
          status: pairs.some(([, standing]) => standing === 'verdict') ? 'ambiguous' : 'unresolved',
          candidates: pairs.map(([vendor, standing]) => candidate(vendor, standing)),
          wouldSettle: ['macAddress'],
        }),
      ),
  },
)

const anyDevice: fc.Arbitrary<DeviceFacts> = fc
  .record({
    deviceClass: maybe(fc.constantFrom('camera', 'recorder', 'router', 'uas', 'server')),
    hasRadio: flag,
    status: fc.constantFrom('planned', 'active', 'stored', 'decommissioned'),
    purpose: maybe(
      fc.constantFrom('public-safety', 'government-facility', 'critical-infrastructure', 'traffic', 'other'),
    ),
    enforcementUse: flag,
    acquiredOn: maybe(anyDay),
    obligatedOn: maybe(anyDay),
    paidOn: maybe(anyDay),
    installedOn: maybe(anyDay),
    producedOn: maybe(anyDay),
    fundingSource: maybe(fc.constantFrom('local', 'state-grant', 'federal-grant', 'federal-contract')),
    federalPassThrough: flag,
    updateChannel: maybe(
      fc.constantFrom(
        'vendor-portal-us',
        'vendor-portal-cn',
        'distributor',
        'vendor-cloud-push',
        'offline-media',
        'none',
      ),
    ),
    networkExposure: maybe(fc.constantFrom('isolated', 'routed', 'internet')),
    paidSupport: flag,
    firmwareObtainedOn: maybe(anyDay),
    producedIn: maybe(fc.constantFrom('US', 'CN')),
    consumerGrade: flag,
    modelAuthorizedOn: maybe(anyDay),
    fccSubsidy: flag,
  } satisfies { [K in keyof DeviceFacts]-?: fc.Arbitrary<DeviceFacts[K]> })
  // A unit is produced before it is bought, and bought before it is installed.
  .map((facts) => {
    const days = [facts.producedOn, facts.acquiredOn, facts.installedOn].filter((day) => day !== null).sort()
    const next = (day: PlainDate | null) => (day === null ? null : days.shift()!)
    return {
      ...facts,
      producedOn: next(facts.producedOn),
      acquiredOn: next(facts.acquiredOn),
      installedOn: next(facts.installedOn),
    }
  })

const anyCity: fc.Arbitrary<JurisdictionFacts> = fc.record({
  country: fc.constantFrom('US', 'US', 'US', null, 'IN'),
  state: maybe(fc.constantFrom('TX', 'VT', 'LA', 'GA', 'FL', 'OH')),
  kind: maybe(fc.constantFrom('city', 'school', 'state')),
  federalContractor: flag,
  sellsToFederal: flag,
  defenseContract: flag,
  receivesFccSupport: flag,
  sharesBulkData: flag,
})

const anySubject: fc.Arbitrary<Subject> = fc.record({
  identification: anyIdentification,
  device: anyDevice,
  jurisdiction: anyCity,
})

const anyListing: fc.Arbitrary<Listing> = fc
  .record({
    regime: fc.constantFrom(...data.regimes.filter(({ listOf }) => listOf === null).map(({ id }) => id)),
    vendor: fc.constantFrom(...MAKERS),
    from: maybe(anyDay),
    purposeLimited: fc.boolean(),
    phases: fc.dictionary(
      fc.constantFrom(
        'sales-barred',
        'updates-barred',
        'no-new-authorisations',
        'older-models-barred',
        'update-waiver-ends',
      ),
      anyDay,
      { noNullPrototype: true },
    ),
  })
  .map((facts) => listing({ ...facts, id: 'hypothetical' }))

const anyLicense: fc.Arbitrary<License> = fc
  .record({
    regime: fc.constantFrom('ofac-sdn', 'bis-entity-list', 'fcc-covered-list', 'ndaa-889-b'),
    kind: fc.constantFrom('general', 'specific'),
    entities: fc.array(fc.constantFrom(...MAKERS), { maxLength: 4 }),
    includesOwned: fc.boolean(),
    activities: fc.constant(ACTIVITIES),
    holder: fc.constantFrom('anyone', 'jurisdiction', 'hikvision'),
    from: fc.constant(null),
    to: fc.constantFrom(null, '2026-05-01T00:00:00-04:00'),
  })
  .map((facts) => license(facts))

const outcomesOf = ({ determinations, headline }: Determined) => ({
  each: determinations.map(({ regime, activity, outcome }) => `${regime} ${activity} ${outcome}`),
  headline,
})

/** How much there is to do; `permitted` and `not-applicable` both say: nothing. */
const weight = (outcome: Outcome) => (isFinding(outcome) ? -severity(outcome) : -severity(PERMITTED))

const RUNS = { numRuns: 400 }
const DATES = [
  'acquiredOn',
  'obligatedOn',
  'paidOn',
  'installedOn',
  'producedOn',
  'firmwareObtainedOn',
  'modelAuthorizedOn',
] as const

function epochStart(day: PlainDate, dates: readonly PlainDate[]): PlainDate {
  return dates.findLast((date) => date <= day) ?? '0001-01-01'
}

t.test('a date may be replaced by the start of its epoch without changing any outcome', async () => {
  const dates = boundaries(knowledge)
  fc.assert(
    fc.property(anySubject, anyDay, (subject, asOf) => {
      const cut = { ...subject.device }
      for (const name of DATES) {
        const day = cut[name]
        if (typeof day === 'string') Object.assign(cut, { [name]: epochStart(day, dates) })
      }
      const whole = outcomesOf(determine(subject, knowledge, asOf))
      assert.deepEqual(outcomesOf(determine({ ...subject, device: cut }, knowledge, asOf)), whole)
      assert.deepEqual(
        outcomesOf(determine(subject, knowledge, epochStart(asOf, dates))),
        whole,
        'the evaluation date too',
      )
    }),
    { numRuns: 1500 },
  )
})

t.test('an answer that is remembered is the answer that would be given', async (t) => {
  const days = ['2019-06-01', '2026-11-24'] as const
  const heard = new Set<Determined>()
  const none: License[] = []
  fc.assert(
    fc.property(anySubject, fc.constantFrom(...days), anySubject, (subject, asOf, other) => {
      // Subjects that differ in one part or the other, so that branches of every depth are met again.
      for (const asked of [
        subject,
        { ...subject, device: other.device },
        { ...subject, jurisdiction: other.jurisdiction },
        { ...subject, device: { ...subject.device, purpose: other.device.purpose } },
      ]) {
        const answer = determineMany(asked, knowledge, asOf, none)
        assert.deepEqual(answer, determine(asked, knowledge, asOf))
        heard.add(answer)
      }
    }),
    RUNS,
  )
  t.ok(heard.size < 4 * RUNS.numRuns, 'and some share one')
})

t.test('a remembered function gives what it gave for the same facts, and never lists them', async (t) => {
  type Facts = { readonly a: { x?: unknown; y?: unknown }; readonly b: { z?: unknown } }
  let runs = 0
  const say = ({ a, b }: Facts) => {
    runs++
    return a.x === 1 ? `one ${JSON.stringify(a.y)}` : `other ${b.z}`
  }
  const ask = traced(say, 3)
  t.equal(ask({ a: { x: 1, y: [2] }, b: { z: 3 } }), 'one [2]')
  t.equal(ask({ a: { x: 1, y: [2] }, b: { z: 4 } }), 'one [2]', 'z was not read')
  t.equal(runs, 1)
  t.equal(ask({ a: { x: 1, y: '[2]' }, b: {} }), 'one "[2]"', 'a text is not the list that it spells')
  t.equal(ask({ a: { x: 2, y: [2] }, b: { z: 3 } }), 'other 3')
  t.equal(ask({ a: { x: null }, b: { z: 3 } }), 'other 3')
  t.equal(runs, 4, 'null and 2 are two facts')
  t.equal(ask({ a: { x: 2 }, b: { z: 3 } }), 'other 3')
  t.equal(runs, 5, 'the fourth answer made it forget')
  t.throws(() => traced(({ a }: Facts) => ({ ...a }), 3)({ a: {}, b: {} }), TypeError)
  t.throws(() => traced(({ a }: Facts) => 'x' in a, 3)({ a: {}, b: {} }), TypeError)
  let turn = 0
  const fickle = traced(({ a }: Facts) => (turn++ === 0 ? a.x : a.y), 3)
  fickle({ a: { x: 1, y: 1 }, b: {} })
  t.throws(() => fickle({ a: { x: 2, y: 1 }, b: {} }), /other facts/)
  fc.assert(
    fc.property(
      fc.array(fc.record({ x: fc.nat(3), y: fc.nat(3), z: fc.nat(3) }), { maxLength: 40 }),
      (questions) => {
        const again = traced(say, 5)
        for (const { x, y, z } of questions) {
          const facts = { a: { x, y }, b: { z } }
          assert.equal(again(facts), say(facts))
        }
      },
    ),
  )
})

t.test('an answer stays valid until the day it names', async () => {
  fc.assert(
    fc.property(
      anySubject,
      anyDay,
      fc.nat(4000),
      fc.array(anyLicense, { maxLength: 2 }),
      (subject, asOf, days, licenses) => {
        const determined = determine(subject, knowledge, asOf, licenses)
        const later = addDays(asOf, days)
        if (determined.validUntil !== null && later >= determined.validUntil) return
        assert.deepEqual(outcomesOf(determine(subject, knowledge, later, licenses)), outcomesOf(determined))
      },
    ),
    RUNS,
  )
})

t.test('one more listing never makes any outcome less severe', async () => {
  fc.assert(
    fc.property(
      anyListing,
      fc.array(fc.tuple(anySubject, anyDay), { minLength: 10, maxLength: 10 }),
      (more, cases) => {
        const enlarged = knowing(more)
        for (const [subject, asOf] of cases) {
          const before = determine(subject, knowledge, asOf)
          const after = determine(subject, enlarged, asOf)
          for (const [index, one] of before.determinations.entries()) {
            // One regime speaks for the doubt about the maker where none does by itself; a listing may make another do so.
            if (/^It is not settled who produced/.test(one.because)) continue
            const other = after.determinations[index]!
            assert.ok(weight(other.outcome) >= weight(one.outcome), `${one.regime} ${one.activity}`)
          }
          for (const activity of ACTIVITIES) {
            assert.ok(weight(after.headline[activity]) >= weight(before.headline[activity]), activity)
          }
        }
      },
    ),
    { numRuns: 200 },
  )
})

t.test(
  'a product of unknown type is taken for a drone or a router only where its maker makes such',
  async (t) => {
    const undated = { acquiredOn: null, installedOn: null, producedOn: null, modelAuthorizedOn: null }
    const of = (maker: string, deviceClass: DeviceFacts['deviceClass']) =>
      ask({ maker, device: { deviceClass, ...undated } }).headline.procure
    t.equal(of('axis', null), 'permitted')
    t.equal(of('axis', 'uas'), 'seller-bar', 'what is declared counts')
    t.equal(of('ubiquiti', null), 'review', 'it makes such: a person looks, and nobody is accused')
    t.equal(of('ubiquiti', 'camera'), 'permitted')
  },
)

/** Unknown, they lead to a question instead of the strict reading. */
const ASKED = new Set<string>([
  // Asked beside the channel of updates, for which the rule has a milder answer.
  'sharesBulkData',
  ...data.rules.flatMap(({ outcomes, whileUnknown = [] }) =>
    whileUnknown.flatMap((one) => (isDeepStrictEqual(one.outcomes, outcomes) ? [] : one.facts)),
  ),
])

/** Without a word on the unit the catalog tells where it was produced. */
const producesAtHome = (id: string) =>
  data.vendors.some(({ id: one, producesIn }) => one === id && producesIn)

/** Dates in the order of a purchase, and no statement against another: a contradiction is stricter than silence. */
function isConsistent({ device, jurisdiction, identification }: Subject): boolean {
  const inOrder = (...days: (PlainDate | null)[]) => {
    const known = days.filter((day) => day !== null)
    return known.every((day, i) => i === 0 || known[i - 1]! <= day)
  }
  const { modelAuthorizedOn, producedOn, obligatedOn, acquiredOn, installedOn, paidOn } = device
  return (
    inOrder(modelAuthorizedOn, producedOn, acquiredOn, installedOn) &&
    inOrder(obligatedOn, acquiredOn, installedOn) &&
    inOrder(obligatedOn, paidOn) &&
    !(device.fundingSource === 'federal-contract' && jurisdiction.federalContractor === false) &&
    !(device.fundingSource === 'local' && device.federalPassThrough === true) &&
    !(device.fccSubsidy === true && jurisdiction.receivesFccSupport === false) &&
    // The share that support does not pay; who said nothing of support did not mean some.
    !(device.fccSubsidy === true && device.fundingSource !== 'federal-grant') &&
    !(jurisdiction.defenseContract === true && jurisdiction.federalContractor === false) &&
    (device.producedIn === null || identification.candidates.every(({ vendor }) => !producesAtHome(vendor)))
  )
}

t.test('knowing less never makes the headline less severe, and never waves anything through', async () => {
  fc.assert(
    fc.property(anySubject, anyDay, (subject, asOf) => {
      fc.pre(isConsistent(subject))
      const { headline } = determine(subject, knowledge, asOf)
      const check = (less: Subject, name: string) => {
        const after = determine(less, knowledge, asOf).headline
        for (const activity of ACTIVITIES) {
          const isAsLeast = severity(after[activity]) <= severity(headline[activity])
          const isAsked = ASKED.has(name) && isFinding(after[activity])
          assert.ok(isAsLeast || isAsked, `${activity} without ${name}`)
        }
      }
      // That a maker makes no drones or routers is knowledge too; a device declared to be one contradicts it.
      const makesAny = (id: string) =>
        (data.vendors.find((vendor) => vendor.id === id)?.alsoMakes ?? []).length === 2
      const contradicts =
        ['uas', 'router'].includes(subject.device.deviceClass ?? '') &&
        !subject.identification.candidates.every(({ vendor }) => makesAny(vendor))
      const kept = contradicts ? ['status', 'deviceClass'] : ['status']
      for (const name of Object.keys(subject.device).filter((name) => !kept.includes(name))) {
        check({ ...subject, device: { ...subject.device, [name]: null } }, name)
      }
      // Another country has another law, neither milder nor stricter.
      for (const name of Object.keys(subject.jurisdiction).filter((key) => key !== 'country')) {
        check({ ...subject, jurisdiction: { ...subject.jurisdiction, [name]: null } }, name)
      }
    }),
    { numRuns: 250 },
  )
})

t.test('the order of the rows does not matter, and asking twice gives the same', async () => {
  const shuffled = fc
    .tuple(
      fc.shuffledSubarray([...data.regimes], { minLength: data.regimes.length }),
      fc.shuffledSubarray([...data.listings], { minLength: data.listings.length }),
      fc.shuffledSubarray([...data.rules], { minLength: data.rules.length }),
      fc.shuffledSubarray([...data.relationships], { minLength: data.relationships.length }),
    )
    .map(([regimes, listings, rules, relationships]) =>
      buildRegimeKnowledge({ regimes, listings, rules, relationships, vendors: data.vendors }),
    )
  fc.assert(
    fc.property(
      shuffled,
      fc.array(fc.tuple(anySubject, anyDay), { minLength: 10, maxLength: 10 }),
      (other, cases) => {
        for (const [subject, asOf] of cases) {
          const answer = determine(subject, knowledge, asOf)
          assert.deepEqual(determine(subject, other, asOf), answer)
          assert.deepEqual(determine(subject, knowledge, asOf), answer)
        }
      },
    ),
    { numRuns: 20 },
  )
})

t.test('nobody reads permitted for a device whose maker is not settled', async () => {
  fc.assert(
    fc.property(anySubject, anyDay, (subject, asOf) => {
      if (subject.identification.status === 'resolved') return
      const { headline, determinations } = determine(subject, knowledge, asOf)
      for (const activity of ACTIVITIES) {
        assert.ok(severity(headline[activity]) <= severity('review'), activity)
        const worst = determinations
          .filter((d) => d.activity === activity)
          .reduce((least, { outcome }) => Math.min(least, severity(outcome)), 99)
        // Before the first regime that governs an activity there is no determination to hold the question.
        if (worst === severity(NA)) continue
        assert.equal(
          severity(headline[activity]),
          worst,
          `${activity}: the headline is one of the determinations`,
        )
      }
    }),
    RUNS,
  )
})

t.test('a suspect alone brings review at most', async () => {
  fc.assert(
    fc.property(anySubject, fc.constantFrom(...MAKERS), anyDay, (subject, suspect, asOf) => {
      const own = madeBy('axis')
      const alone = determine({ ...subject, identification: own }, knowledge, asOf)
      const doubted = determine({ ...subject, identification: madeBy('axis', suspect) }, knowledge, asOf)
      for (const [index, one] of alone.determinations.entries()) {
        const other = doubted.determinations[index]!
        if (other.outcome !== one.outcome) assert.equal(other.outcome, 'review')
      }
    }),
    RUNS,
  )
})

t.test(
  'every answer can be checked: a rule for every case, its citation, the date, and what is missing',
  async () => {
    fc.assert(
      fc.property(anySubject, anyDay, (subject, asOf) => {
        const { determinations } = determine(subject, knowledge, asOf)
        const keys = determinations.map(({ regime, activity }) => `${regime} ${activity}`)
        assert.equal(new Set(keys).size, keys.length, 'one per regime and activity')
        for (const one of determinations) {
          assert.notEqual(one.ruleId, `${one.regime}:no-rule`)
          assert.equal(one.facts.asOf, asOf)
          assert.ok(one.citation.length > 0 && one.because.length > 0)
          assert.doesNotMatch(one.because, /[{}]|undefined|null/)
          for (const name of one.missingFacts) {
            const isContradicted = /The record says/.test(one.because)
            if (name in subject.device && !isContradicted)
              assert.equal(subject.device[name as keyof DeviceFacts], null, name)
          }
        }
      }),
      RUNS,
    )
  },
)

t.test('a row of data/ that is not what it should be is refused, naming file, row and field', async (t) => {
  const { reference, digest } = await readReferenceFiles(DATA)
  t.match(digest, /^[0-9a-f]{64}$/, 'the rows that are shipped pass')
  const faulty = <P extends keyof ReferenceData>(part: P, change: object, problem: RegExp) => {
    const [first, ...others] = reference[part] as readonly object[]
    const changed = { ...reference, [part]: [...others, { ...first, ...change }] }
    t.throws(() => checkRows(changed), { message: problem }, `${part} ${JSON.stringify(change)}`)
  }
  faulty('listings', { from: '2019-13-01' }, /^data\/listings\.json: \S+\/from: /)
  faulty('listings', { purposeLimitted: true }, /^data\/listings\.json: .*purposeLimitted/)
  faulty('rules', { outcomes: { procure: 'forbidden' } }, /^data\/rules\.json: \S+\/outcomes\/procure: /)
  faulty('rules', { when: { not: { reeched: {} } } }, /^data\/rules\.json: \S+\/when\/not: .*reeched/)
  faulty('rules', { when: { all: [], any: [] } }, /one kind of condition/)
  faulty(
    'relationships',
    { modelPattern: '(' },
    /^data\/relationships\.json: \S+\/modelPattern: is no regular/,
  )
  faulty('vendors', { confidence: undefined }, /^data\/vendors\.json: \S+\/confidence: /)
})

t.test('a license never makes anything more severe, and touches its own regime only', async () => {
  const scenario = knowing(designation('hikvision', '2024-01-01'), designation('dahua', '2024-01-01'))
  fc.assert(
    fc.property(anySubject, anyDay, anyLicense, (subject, asOf, held) => {
      const without = determine(subject, scenario, asOf)
      const after = determine(subject, scenario, asOf, [held])
      for (const [index, one] of without.determinations.entries()) {
        const other = after.determinations[index]!
        if (other.outcome === one.outcome) continue
        assert.ok(severity(other.outcome) > severity(one.outcome))
        assert.equal(one.regime, held.regime)
        // What it leaves standing may be another rule, or the doubt about another maker, which it does not name.
        const isAnotherGround = other.ruleId !== one.ruleId || other.facts.possibleMaker !== undefined
        if (!isAnotherGround) assert.equal(other.facts.license, held.id)
      }
    }),
    { numRuns: 2000 },
  )
})

t.test('more ownership never covers fewer, and a circle of owners ends', async () => {
  const companies = ['a', 'b', 'c', 'd', 'e', 'f']
  const anyTie = fc
    .tuple(
      fc.constantFrom(...companies),
      fc.constantFrom<RelationshipKind>('subsidiary', 'affiliate', 'minority-stake'),
      fc.constantFrom(...companies),
      fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
    )
    .filter(([child, , parent]) => child !== parent)
  const toTies = (rows: readonly (readonly [string, RelationshipKind, string, number | null])[]) =>
    rows.map(([child, kind, parent, share], index) => ({
      ...tie(child, kind, parent, share),
      id: String(index),
    }))
  const listings = ['a', 'b'].map((vendor) => listing({ regime: 'l', vendor, from: null }))
  const coveringListings = (rows: Parameters<typeof toTies>[0], vendor: string, test: OwnershipTest) =>
    buildCoverageIndex(listings, toTies(rows)).covering({
      vendor,
      list: 'l',
      test,
      listedOn: TODAY,
      ownedOn: TODAY,
      orEarlier: false,
    })
  const degree = (found: ReturnType<typeof coveringListings>) =>
    found.some(({ truth }) => truth) ? 2 : Math.min(found.length, 1)
  fc.assert(
    fc.property(
      fc.array(anyTie, { maxLength: 12 }),
      anyTie,
      fc.constantFrom(...companies),
      (rows, more, vendor) => {
        for (const test of ['any-affiliate', 'fifty-percent'] as const) {
          assert.ok(
            degree(coveringListings([...rows, more], vendor, test)) >=
              degree(coveringListings(rows, vendor, test)),
            test,
          )
        }
      },
    ),
    RUNS,
  )
})

/** Values that an unknown fact may turn out to have, as far as the other dates of the device allow. */
const VALUES: { readonly [name: string]: readonly (string | boolean)[] } = {
  deviceClass: ['camera', 'recorder', 'router', 'uas'],
  purpose: ['public-safety', 'government-facility', 'critical-infrastructure', 'traffic', 'other'],
  fundingSource: ['local', 'state-grant', 'federal-grant'],
  updateChannel: [
    'vendor-portal-us',
    'vendor-portal-cn',
    'distributor',
    'vendor-cloud-push',
    'offline-media',
    'none',
  ],
  networkExposure: ['isolated', 'routed', 'internet'],
  producedIn: ['US', 'CN', 'VN'],
  state: ['TX', 'VT', 'LA', 'GA', 'FL', 'OH'],
  kind: ['city', 'school', 'state'],
}

const isInOrder = (facts: DeviceFacts) => {
  const rises = (...days: (PlainDate | null)[]) => {
    const known = days.filter((day) => day !== null)
    return known.every((day, at) => at === 0 || known[at - 1]! <= day)
  }
  const { modelAuthorizedOn, producedOn, acquiredOn, installedOn, obligatedOn, paidOn } = facts
  return (
    rises(modelAuthorizedOn, producedOn, acquiredOn, installedOn) &&
    rises(obligatedOn, paidOn) &&
    rises(obligatedOn, acquiredOn, installedOn)
  )
}

/** Every way in which one unknown fact of the subject may turn out. */
function* settledWays({ device, jurisdiction, identification }: Subject): Generator<[string, Subject]> {
  const some = boundaries(knowledge).filter((_, at) => at % 7 === 0)
  for (const [name, value] of Object.entries(device)) {
    if (value !== null) continue
    const values = name.endsWith('On') ? some : (VALUES[name] ?? [true, false])
    for (const one of values) {
      const settled = { ...device, [name]: one }
      if (isInOrder(settled)) yield [`${name}=${one}`, { device: settled, jurisdiction, identification }]
    }
  }
  for (const [name, value] of Object.entries(jurisdiction)) {
    // A country that is not given is the United States.
    if (value !== null || name === 'country') continue
    for (const one of VALUES[name] ?? [true, false])
      yield [`${name}=${one}`, { device, jurisdiction: { ...jurisdiction, [name]: one }, identification }]
  }
}

t.test('no finding is sure that one unknown fact could undo', async (t) => {
  const wrong = new Map<string, string>()
  let compared = 0
  fc.assert(
    fc.property(anySubject, anyDay, (subject, asOf) => {
      fc.pre(isInOrder(subject.device))
      const sure = determine(subject, knowledge, asOf).determinations.filter(
        ({ outcome, certainty }) => isFinding(outcome) && certainty === 'sure',
      )
      if (sure.length === 0) return
      for (const [way, settled] of settledWays(subject)) {
        const then = determine(settled, knowledge, asOf).determinations
        for (const { regime, activity, outcome, ruleId } of sure) {
          const now = then.find((one) => one.regime === regime && one.activity === activity)?.outcome
          compared++
          if (now !== outcome)
            wrong.set(`${ruleId} ${activity} ${way.split('=')[0]}`, `${outcome}, with ${way} ${now}`)
        }
      }
    }),
    { numRuns: 300 },
  )
  t.same(Object.fromEntries(wrong), {})
  t.ok(compared > 1_000, `${compared} were compared`)
})
