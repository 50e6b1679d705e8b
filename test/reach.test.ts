/** A change of the law touches what it can reach and nothing else; what it leaves has the answers that it would be given. */
import { sql } from 'drizzle-orm'
import t from 'tap'
import type { ReferenceData } from '../src/catalogue/reference-data.ts'
import type { Listing } from '../src/catalogue/rules.ts'
import { BLANK_DEVICE, type DeviceFields } from '../src/device/blank.ts'
import { deviceDocument } from '../src/device/columns.ts'
import type { DeviceRecord } from '../src/device/schemas.ts'
import type { ScreenedDevice } from '../src/device/screened-device.ts'
import { NO_HOLDINGS } from '../src/firmware-risk/holdings.ts'
import { productOf } from '../src/firmware-risk/product.ts'
import { storedPlace } from '../src/firmware-risk/risk.ts'
import { textsReadOtherwise } from '../src/identification/mention-search.ts'
import { FREE_TEXTS, type FreeText } from '../src/identification/mentions.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { addDays } from '../src/lib/calendar.ts'
import { canonical } from '../src/lib/canonical.ts'
import { loadJurisdiction } from '../src/screening/context.ts'
import { addDevice } from '../src/screening/device-writes.ts'
import { buildKnowledge, type Knowledge } from '../src/screening/knowledge.ts'
import { evaluated, profileOf } from '../src/screening/profiles.ts'
import { NAMES, reachOf, TEXTS } from '../src/screening/reach.ts'
import { rescreen } from '../src/screening/rescreen.ts'
import { firmwareQuestion, screen } from '../src/screening/screen.ts'
import { subjectsOf } from '../src/screening/subjects.ts'
import type { Work } from '../src/screening/work.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import { harness, TODAY } from './support/harness.ts'
import { putInForce } from './support/law.ts'
import fc from './support/properties.ts'

const h = await harness(t)
const base = h.knowledge()
const ohio = await h.jurisdiction({ name: 'Reach', state: 'OH', timezone: 'America/Chicago' })
const texas = await h.jurisdiction({ name: 'Beyond', state: 'TX', timezone: 'Pacific/Honolulu' })
const rows = base.reference
const build = (reference: ReferenceData) => buildKnowledge(reference, registrantOf, 2, 'test', base.firmware)

/** Few of them, so that changes and devices meet. */
const everyNth = <T>(values: readonly T[], most: number): readonly T[] =>
  values.filter((_, i) => i % Math.ceil(values.length / most) === 0)
const vendors = [
  ...everyNth(
    rows.vendors.map(({ id }) => id),
    12,
  ),
  'axis',
  'bosch',
  'hanwha',
]
const bounds = base.cut.boundaries
const anyOf = <T>(values: readonly T[]) => fc.constantFrom(...values)
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null })
/** The days on which answers change, and the days beside them. */
const anyDay = fc
  .tuple(anyOf([...bounds.filter((day) => day > '2015-01-01'), TODAY]), anyOf([-1, 0, 1]))
  .map(([day, by]) => addDays(day, by))
const restricted = [...everyNth([...base.identify.restricted], 12), 'hikvision', 'dahua', 'lorex']
/** Half of them of makers that the law is about. */
const anyVendor = fc.oneof(anyOf(vendors), anyOf(restricted))
const nameOf = (id: string) => base.vendorName(id)
/** A letter too few, which doubt depends on. */
const misspelt = (name: string) => name.slice(0, 3) + name.slice(4)
const anyLabel = fc.oneof(
  anyVendor.map(nameOf),
  anyVendor.map(nameOf),
  anyVendor.map((id) => misspelt(nameOf(id))),
  fc.tuple(anyVendor, anyVendor).map(([a, b]) => `${nameOf(a)} / ${nameOf(b)}`),
  anyOf(['Nobody & Sons', 'Generic', '']),
)
const anyText = maybe(
  fc.oneof(
    anyVendor.map((id) => `was ${nameOf(id)} once`),
    anyVendor.map((id) => `${misspelt(nameOf(id))}-2`),
    anyOf(['lobby', 'pole 4', 'IPC-HFW2431', 'DS 2CD2032']),
  ),
)

const anyDevice: fc.Arbitrary<ScreenedDevice> = fc
  .record({
    manufacturer: anyLabel,
    model: maybe(anyOf(['DS-2CD2032-I', 'IPC-HFW2431', 'P3245', 'XNV-8080R', 'Mavic 3', 'router', 'X1'])),
    firmwareVersion: maybe(anyOf(['V5.4.5 build 170124', 'DH_IPC 2.8', '9.80.1', 'axis 9.1'])),
    socMaker: maybe(anyVendor.map(nameOf)),
    coveredComponent: maybe(fc.boolean()),
    notes: anyText,
    name: anyText,
    deviceClass: maybe(anyOf(['camera', 'router', 'uas', 'robot', 'power-inverter'] as const)),
    hasRadio: maybe(fc.boolean()),
    purpose: maybe(anyOf(['public-safety', 'government-facility', 'critical-infrastructure'] as const)),
    fundingSource: maybe(anyOf(['federal-grant', 'state-grant', 'local', 'federal-contract'] as const)),
    updateChannel: maybe(
      anyOf(['vendor-portal-us', 'oem-brand-portal', 'vendor-cloud-push', 'none'] as const),
    ),
    acquiredOn: maybe(anyDay),
    obligatedOn: maybe(anyDay),
    installedOn: maybe(anyDay),
    producedOn: maybe(anyDay),
    firmwareObtainedOn: maybe(anyDay),
    producedIn: maybe(anyOf(['CN', 'US', 'KR'])),
  })
  .map((facts) => ({ ...BLANK_DEVICE, ...facts }) as unknown as ScreenedDevice)

const anyCity = fc.record({
  country: fc.constant('US'),
  state: maybe(anyOf(['TX', 'VT', 'OH', 'FL', 'GA'])),
  kind: anyOf(['city', 'school-district', 'county']),
  federalContractor: maybe(fc.boolean()),
  sellsToFederal: maybe(fc.boolean()),
  defenseContract: maybe(fc.boolean()),
  receivesFccSupport: maybe(fc.boolean()),
  sharesBulkData: maybe(fc.boolean()),
}) as fc.Arbitrary<never>

const put = <P extends keyof ReferenceData>(part: P, row: ReferenceData[P][number]): ReferenceData => ({
  ...rows,
  [part]: [...rows[part].filter(({ id }) => id !== row.id), row],
})
const without = (part: keyof ReferenceData, id: string): ReferenceData => ({
  ...rows,
  [part]: (rows[part] as readonly { id: string }[]).filter((row) => row.id !== id),
})

const ofMakers = rows.listings.filter(({ vendor }) => vendor !== null)
const ofClasses = rows.listings.filter(({ class: kind }) => kind !== null)
const anyListing = fc
  .tuple(
    anyOf(ofMakers),
    anyVendor,
    maybe(anyDay),
    maybe(anyDay),
    anyOf([TODAY, addDays(TODAY, 1), '2026-11-20']),
  )
  .map(
    ([model, vendor, from, to, asOf]): Listing => ({
      ...model,
      ...{ id: 'test:listing', vendor, name: nameOf(vendor), from, asOf, phases: {} },
      to: from !== null && to !== null && to <= from ? null : to,
    }),
  )
const states = rows.regimes.filter(({ jurisdiction }) => jurisdiction.startsWith('US-'))

/** One change of each kind of row that a release, a list or a person makes. */
const anyChange: fc.Arbitrary<ReferenceData> = fc.oneof(
  { weight: 4, arbitrary: anyListing.map((row) => put('listings', row)) },
  { weight: 3, arbitrary: anyOf(rows.listings).map(({ id }) => without('listings', id)) },
  fc.tuple(anyOf(ofMakers), anyDay).map(([row, to]) => put('listings', { ...row, to })),
  fc.tuple(anyOf(ofClasses), anyDay).map(([row, from]) => put('listings', { ...row, from })),
  anyOf(states).map((row) => put('regimes', { ...row, title: `${row.title} as amended` })),
  anyOf(rows.rules.filter(({ regime }) => states.some(({ id }) => id === regime))).map((row) =>
    put('rules', { ...row, because: `${row.because} Amended.` }),
  ),
  anyOf(rows.relationships).map(({ id }) => without('relationships', id)),
  fc
    .tuple(anyOf(rows.relationships), anyVendor)
    .map(([row, parent]) => put('relationships', { ...row, id: 'test:tie', parent })),
  fc
    .tuple(anyOf(rows.vendors), anyOf(['Generic', 'Nobody', 'Zephyr Optics']))
    .map(([row, text]) =>
      put('vendors', { ...row, names: [...row.names, { ...row.names[0]!, text }] } as never),
    ),
)

/** All that is said of it on a day, as it would be shown. */
function said(device: ScreenedDevice, city: never, knowledge: Knowledge, day: string): string {
  const { validUntil: _, firmwareRisk, ...rest } = screen(device, city, knowledge, day)
  const { validUntil: __, subjects: ___, ...risk } = firmwareRisk
  return JSON.stringify({ ...rest, risk })
}

/** What a register is searched for, as the pass does it. */
function isReadAgain(
  device: ScreenedDevice,
  city: never,
  reached: ReadonlySet<string>,
  after: Knowledge,
): boolean {
  const reading = (knowledge: Knowledge) => {
    const question = firmwareQuestion(device, city, knowledge, NO_HOLDINGS)
    return JSON.stringify([question.identification, question.device.deviceClass, productOf(question)])
  }
  const search = textsReadOtherwise(base.identify.mentions, after.identify.mentions)
  const fields = [...(Object.keys(FREE_TEXTS) as FreeText[]), 'firmwareVersion' as const]
  const text = fields
    .map((field) => String(device[field] ?? ''))
    .join('\n')
    .toLowerCase()
  const isFound =
    reached.has(TEXTS) && (search === null || new RegExp(search).test(text) || device.socMaker !== null)
  return (reached.has(NAMES) || isFound) && reading(base) !== reading(after)
}

t.test('what no change reaches is answered the same under both versions of the law', async (t) => {
  const days = [...bounds.filter((day) => day > TODAY), TODAY]
  let changes = 0
  let left = 0
  let moved = 0
  fc.assert(
    fc.property(
      anyChange,
      fc.array(fc.tuple(anyDevice, anyCity, anyOf(days)), { minLength: 25, maxLength: 25 }),
      (reference, asked) => {
        const after = build(reference)
        const reached = new Set(reachOf(rows, reference, TODAY))
        changes++
        for (const [device, city, day] of asked) {
          const context = { facts: city } as never
          const isReached = subjectsOf(screen(device, city, base, day), context, base).some((one) =>
            reached.has(one),
          )
          const isSame = said(device, city, base, day) === said(device, city, after, day)
          if (!isSame) moved++
          if (isReached || isReadAgain(device, city, reached, after)) continue
          left++
          if (!isSame) {
            t.match(said(device, city, after, day), said(device, city, base, day))
            return false
          }
        }
        return true
      },
    ),
    { numRuns: Number(process.env.TEST_REACH_RUNS ?? 15) },
  )
  t.comment(`${changes} changes, ${left} devices left as they were, ${moved} answered otherwise`)
  t.ok(left > 20 * changes * 0.4, 'most devices are reached by no change')
  t.ok(moved > 0, 'and some answers do change')
})

async function register(
  jurisdictionId: string,
  devices: readonly ScreenedDevice[],
  knowledge = h.knowledge(),
) {
  await h.database.inJurisdiction(jurisdictionId, async (tx) => {
    const work = { tx, jurisdictionId, knowledge, actor: OPERATOR, now: h.now() } as Work
    const context = await loadJurisdiction(tx, jurisdictionId)
    for (const device of devices) await addDevice(work, context, device as DeviceFields)
  })
}

interface StoredRow extends Record<string, unknown> {
  readonly doc: string
  readonly facts: ScreenedDevice
  readonly headline: Record<string, string>
  readonly identification: unknown
  readonly findings: string
  readonly outcomes: unknown
  readonly risk: string
  readonly queue: never
  readonly since: string | null
}

/** What is stored of each device differs from what it is given when it is evaluated by itself. */
async function wrongAnswers(jurisdictionId: string, knowledge: Knowledge): Promise<string[]> {
  return h.database.inJurisdiction(jurisdictionId, async (tx) => {
    const context = await loadJurisdiction(tx, jurisdictionId)
    const { rows: stored } = await tx.execute<StoredRow>(sql`
      select ${deviceDocument} as doc, p.facts, p.headline, p.identification, a.findings, a.outcomes, p.firmware_risk as risk,
        p.firmware_queue as queue, p.firmware_since::text as since
      from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
      join answers a on a.jurisdiction_id = p.jurisdiction_id and a.id = p.answer_id`)
    return stored.flatMap((row) => {
      const device = JSON.parse(row.doc) as DeviceRecord
      const earlier = storedPlace(row.queue, row.since)
      const { columns, answer } = evaluated(row.facts, context, knowledge, h.now(), earlier)
      // Its own days, cut by the days of the law of now: they are quoted otherwise, and lead to the same.
      const own = evaluated(profileOf(device, context, knowledge).facts, context, knowledge, h.now(), earlier)
      const risk = (text: string) => ({ ...JSON.parse(text), validUntil: null })
      const is = {
        headline: row.headline,
        identification: row.identification,
        findings: JSON.parse(row.findings),
        outcomes: row.outcomes,
        risk: risk(row.risk),
        ownOutcomes: row.outcomes,
        ownLevel: JSON.parse(row.risk).level,
      }
      const should = {
        headline: columns.headline,
        identification: columns.identification,
        findings: JSON.parse(answer.findings),
        outcomes: answer.outcomes,
        risk: risk(columns.firmwareRisk),
        ownOutcomes: own.answer.outcomes,
        ownLevel: own.columns.firmwareLevel,
      }
      return (Object.keys(is) as (keyof typeof is)[]).flatMap((part) =>
        canonical(is[part]) === canonical(should[part])
          ? []
          : [
              `${device.manufacturer} ${device.id} ${part}: ${canonical(is[part])} and not ${canonical(should[part])}`,
            ],
      )
    })
  })
}

async function evaluatedUnder(version: number): Promise<{ of: number; touched: number }> {
  const [counted] = await h.database.acrossJurisdictions('all', async (tx) => {
    const { rows: found } = await tx.execute<{ of: number; touched: number }>(sql`
      select count(*)::int as of, count(*) filter (where knowledge_version = ${version})::int as touched
      from profiles where device_count > 0`)
    return found
  })
  return counted!
}

const listing = (vendor: string, from: string, id = 'test:listing'): Listing => ({
  ...ofMakers.find((one) => one.regime === 'ofac-sdn' && one.vendor !== null)!,
  ...{ id, vendor, name: nameOf(vendor), from, to: null, phases: {} },
})

t.test('after each change of the law every device has the answer that it is given by itself', async (t) => {
  const devices = fc.sample(anyDevice, 50)
  const axis = (over: object) =>
    ({ ...BLANK_DEVICE, manufacturer: 'Axis', ...over }) as unknown as ScreenedDevice
  await register(ohio, [
    ...devices.slice(0, 30),
    axis({ firmwareObtainedOn: '2026-11-10' }),
    axis({ firmwareObtainedOn: '2026-11-20' }),
  ])
  // What only a note says is no subject of its profile.
  await register(texas, [
    ...devices.slice(30),
    { ...axis({}), manufacturer: 'Sony', notes: 'really an Axis' } as ScreenedDevice,
  ])
  const onAxis = listing('axis', '2026-11-15')
  const changes: [name: string, reference: ReferenceData, most: number][] = [
    ['a maker is listed whom nobody listed before, on a day of its own', put('listings', onAxis), 0.4],
    ['its listing ends', put('listings', { ...onAxis, to: '2026-11-20' }), 0.4],
    ['it is delisted', rows, 0.4],
    [
      'a name is added',
      put('vendors', {
        ...rows.vendors.find(({ id }) => id === 'bosch')!,
        names: [{ ...rows.vendors[0]!.names[0]!, text: 'Generic' }],
      }),
      0.6,
    ],
    [
      'a tie of owners ends',
      without(
        'relationships',
        rows.relationships.find(({ parent, kind }) => parent === 'dahua' && kind !== 'relabels')!.id,
      ),
      0.6,
    ],
    [
      'a rule of Texas is written otherwise',
      put('rules', {
        ...rows.rules.find(({ regime }) =>
          states.some(({ id, jurisdiction }) => id === regime && jurisdiction === 'US-TX'),
        )!,
        because: 'Amended.',
      }),
      0.6,
    ],
    [
      'a rule of the nation is',
      put('rules', { ...rows.rules.find(({ regime }) => regime === 'ndaa-889-a')!, because: 'Amended.' }),
      1,
    ],
  ]
  for (const [name, reference, most] of changes) {
    const knowledge = await putInForce(h, reference)
    await rescreen(h.database, knowledge, h.now())
    const { of, touched } = await evaluatedUnder(knowledge.version)
    t.ok(touched <= most * of, `${name}: ${touched} of ${of} profiles were evaluated again`)
    for (const id of [ohio, texas]) t.same(await wrongAnswers(id, knowledge), [], name)
    t.equal(await rescreen(h.database, knowledge, h.now()), 0, 'nothing is left for a second pass')
  }
})

t.test('a writer who knows an older law is not overlooked, and clears nobody', async (t) => {
  const older = await putInForce(h, rows)
  await rescreen(h.database, older, h.now())
  const bought = (acquiredOn: string) =>
    ({ ...BLANK_DEVICE, manufacturer: 'Axis', model: 'P3245-LV', acquiredOn }) as unknown as ScreenedDevice
  await register(ohio, [bought('2026-11-10')], older)
  const knowledge = await putInForce(h, put('listings', listing('axis', '2026-11-15', 'test:again')))
  await rescreen(h.database, knowledge, h.now())
  // The older law puts it into the profile of the first, which the newer one parts from it.
  await register(ohio, [bought('2026-11-20')], older)
  await rescreen(h.database, knowledge, h.now())
  t.same(await wrongAnswers(ohio, knowledge), [])
  const late = {
    ...BLANK_DEVICE,
    manufacturer: 'Sony',
    notes: 'in truth an Axis P32',
  } as unknown as ScreenedDevice
  await register(ohio, [late, { ...late, notes: null, manufacturer: 'Axis' } as ScreenedDevice], older)
  t.not((await wrongAnswers(ohio, knowledge)).length, 0, 'they were answered under the older law')
  const key = await h.key('city-viewer', ohio)
  const { body } = await h.call('GET', '/v1/devices?notes__contains=in%20truth&fields=headline', { key })
  t.equal(body.items[0].headline.procure, 'review', 'and are read under the newer one at once')
  await rescreen(h.database, knowledge, h.now())
  t.same(await wrongAnswers(ohio, knowledge), [])
  t.equal(await rescreen(h.database, older, h.now()), 0, 'a process that knows less takes nothing back')
  t.same(await wrongAnswers(ohio, knowledge), [])
})

t.test(
  'passes that are cut off, two at once, and a newer law meanwhile end as an undisturbed one does',
  async (t) => {
    const [first, second] = ['hikvision', 'bosch'].map((id, i) => listing(id, `2026-11-1${i}`, `test:${id}`))
    const one = await putInForce(h, { ...rows, listings: [...rows.listings, first!] })
    for (const millis of [0, 5, 40]) {
      const cut = new AbortController()
      const running = rescreen(h.database, one, h.now(), cut.signal).catch(() => 0)
      setTimeout(() => cut.abort(), millis)
      await running
    }
    const older = [rescreen(h.database, one, h.now()), rescreen(h.database, one, h.now())]
    const two = await putInForce(h, { ...rows, listings: [...rows.listings, first!, second!] })
    await Promise.all([...older, rescreen(h.database, two, h.now()), rescreen(h.database, two, h.now())])
    await rescreen(h.database, one, h.now())
    await rescreen(h.database, two, h.now())
    for (const id of [ohio, texas]) t.same(await wrongAnswers(id, two), [])
    const { rows: miscounted } = await h.database.acrossJurisdictions('all', (tx) =>
      tx.execute(sql`select p.id from profiles p where p.device_count <> (select count(*) from devices d
      where d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id)`),
    )
    t.same(miscounted, [])
    t.equal(await rescreen(h.database, two, h.now()), 0)
  },
)
