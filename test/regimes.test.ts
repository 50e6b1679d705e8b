import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { addDays, isPlainDate, type PlainDate } from '../src/calendar.ts'
import type {
  Determination,
  Determined,
  DeviceFacts,
  JurisdictionFacts,
  Licence,
  Subject,
} from '../src/regimes/determination.ts'
import {
  boundaries,
  buildRegimeKnowledge,
  determine,
  type RegimeKnowledge,
} from '../src/regimes/determine.ts'
import { ACTIVITIES, type Activity, isFinding, type Outcome, severity } from '../src/regimes/outcomes.ts'
import { buildReachIndex } from '../src/regimes/reach.ts'
import type { Listing, OwnershipTest, Regime, Rule } from '../src/regimes/rules.ts'
import type { Relationship, RelationshipKind, Vendor } from '../src/vendors/catalogue.ts'
import type { Identification, MakerCandidate } from '../src/vendors/identification.ts'

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
  modelAuthorisedOn: '2018-01-01',
  fccSubsidy: false,
  ...facts,
})

const city = (facts: Partial<JurisdictionFacts> = {}): JurisdictionFacts => ({
  state: 'OH',
  kind: 'city',
  federalContractor: false,
  sellsToFederal: false,
  defenseContract: false,
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
  readonly licences?: readonly Licence[]
  readonly with?: RegimeKnowledge
}

const subjectOf = (one: Case): Subject => ({
  identification: one.identification ?? madeBy(one.maker ?? 'hikvision'),
  device: device(one.device),
  jurisdiction: city(one.city),
})

const ask = (one: Case): Determined =>
  determine(subjectOf(one), one.with ?? knowledge, one.asOf ?? TODAY, one.licences)

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
  ...facts,
})

const knowing = (...listings: Listing[]) =>
  buildRegimeKnowledge({ ...data, listings: [...data.listings, ...listings] })

/** The scenario of the product: a designation in January 2027. */
const designation = (vendor: string, from = '2027-01-15') => listing({ regime: 'ofac-sdn', vendor, from })
const designated = knowing(designation('hikvision'))
const AFTER = '2027-02-01'

const licence = (facts: Partial<Licence> = {}): Licence => ({
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
  modelAuthorisedOn: '2024-01-01',
} as const

const TABLE: readonly Row[] = [
  [
    1,
    'a city that sells to federal buyers may not supply covered equipment',
    's.889(a)(1)(A)',
    { city: { sellsToFederal: true } },
    'ndaa-889-a',
    ['contract-bar', PERMITTED, NA, PERMITTED, NA],
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
    [NA, PERMITTED, PERMITTED, 'unallowable', 'unallowable'],
  ],
  [
    6,
    "a city's own money is outside",
    '2 CFR 200.216',
    {},
    'grant-200-216',
    [NA, PERMITTED, NA, PERMITTED, NA],
  ],
  [
    6,
    "a state's own money is outside",
    '2 CFR 200.216',
    { device: { ...federal, fundingSource: 'state-grant' } },
    'grant-200-216',
    [NA, PERMITTED, NA, PERMITTED, NA],
  ],
  [
    7,
    'a model without an older authorisation cannot be sold',
    '88 FR 7592',
    { asOf: '2024-06-01', device: { modelAuthorisedOn: '2023-05-01', purpose: 'other' } },
    'fcc-covered-list',
    ['seller-bar', PERMITTED, NA, PERMITTED, NA],
  ],
  [
    7,
    'FCC support cannot pay for covered equipment',
    '47 CFR 54.10',
    { asOf: '2024-06-01', device: { ...federal, fccSubsidy: true } },
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
    'sending a unit to a listed entity needs a licence, receiving firmware does not',
    '15 CFR 744.11; 84 FR 54002',
    {},
    'bis-entity-list',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'license-required'],
  ],
  [
    14,
    'a foreign company owned by half or more is treated as listed',
    '90 FR 47201',
    { maker: 'hikmicro', asOf: '2025-10-15' },
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
    { maker: 'hikmicro', asOf: '2026-06-01' },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'review'],
  ],
  [
    15,
    'when nobody knows the status it is treated as in force',
    '90 FR 50857',
    { maker: 'hikmicro', asOf: TODAY },
    'bis-affiliates',
    [PERMITTED, PERMITTED, NA, PERMITTED, 'license-required'],
  ],
  [
    16,
    'dealing with a blocked maker stops, running what is there does not',
    'EO 13818; 31 CFR part 583',
    { with: designated, asOf: AFTER },
    'ofac-sdn',
    ['prohibited', PERMITTED, 'unallowable', 'license-required', 'license-required'],
  ],
  [
    16,
    'services of a blocked maker stop',
    '31 CFR chapter V',
    { with: designated, asOf: AFTER, device: { updateChannel: 'vendor-cloud-push' } },
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
    'a defense contract is at risk from 2026-06-30',
    'Pub. L. 118-31 s.805',
    { asOf: '2026-06-30', city: { federalContractor: true, defenseContract: true } },
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
    { maker: 'dji', device: { ...drone, ...federal, paidSupport: true } },
    'asda',
    ['unallowable', 'unallowable', 'unallowable', 'unallowable', NA],
  ],
  [
    21,
    "the city's own money is outside",
    'Pub. L. 118-31 s.1825',
    { maker: 'dji', device: drone },
    'asda',
    [NA, PERMITTED, NA, PERMITTED, NA],
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
    { maker: 'tp-link', city: { state: 'TX', kind: 'state' }, device: { fundingSource: 'state-grant' } },
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
    'whether a city in Louisiana is bound is for a person',
    'La. R.S. 39:1753.1',
    { city: { state: 'LA' } },
    'state-la',
    ['review', NA, NA, NA, NA],
  ],
  [
    23,
    'a law that has not been loaded asks for a person',
    'Florida law, text not yet read',
    { city: { state: 'FL' } },
    'state-fl',
    ['review', NA, NA, NA, NA],
  ],
  [
    24,
    'a service of a foreign maker that sees bulk data waits for a person',
    '28 CFR part 202',
    { device: { updateChannel: 'vendor-cloud-push' } },
    'dsp',
    ['review', 'review', NA, NA, 'review'],
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
    'while it is suspended a buyer keeps an eye on it',
    'MOFCOM notice of 2025-04-04',
    { maker: 'skydio', asOf: '2026-05-01' },
    'cn-counter-lists',
    ['permitted-with-caution', NA, NA, NA, NA],
  ],
]

for (const [number, promise, citation, one, regime, expected] of TABLE) {
  t.test(`row ${number}, ${regime}: ${promise} (${citation})`, async (t) => {
    t.same(row(one, regime), expected)
  })
}

t.test('row 17, ofac-sdn: a licence lifts the bar within its terms (31 CFR 501.801)', async (t) => {
  const licences = [licence({ kind: 'specific', holder: 'jurisdiction' })]
  t.same(row({ with: designated, asOf: AFTER, licences }, 'ofac-sdn'), [
    'conditional',
    PERMITTED,
    'conditional',
    PERMITTED,
    'conditional',
  ])
  const general = [licence({ kind: 'general', holder: 'anyone' })]
  t.same(row({ with: designated, asOf: AFTER, licences: general }, 'ofac-sdn'), [
    'conditional',
    PERMITTED,
    'conditional',
    'conditional',
    'conditional',
  ])
  const update = told({ with: designated, asOf: AFTER, licences }, 'ofac-sdn', 'firmware-update')
  t.equal(update.facts.licence, 'L-1', 'the licence that lifted it is named')
})

t.test('each row of the table has a rule, and rows 1 to 25 have a test', async (t) => {
  const rows = Array.from({ length: 25 }, (_, index) => index + 1)
  const tested = new Set([17, ...TABLE.map(([number]) => number)])
  t.same(
    rows.filter((number) => !tested.has(number)),
    [],
  )
  // Row 17 is the licences' own: regimes say what a licence lifts, no rule does.
  const ruled = new Set([17, ...data.rules.map((rule) => rule.row)])
  t.same(
    rows.filter((number) => !ruled.has(number)),
    [],
  )
})
