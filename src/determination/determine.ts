/**
 * What each law lets a city do with a device on a day.
 *
 * Every regime is evaluated for every activity. Within a regime the most severe outcome of the rules that fire
 * stands; no regime cancels another; the headline is the most severe over all. When the maker is not settled
 * the answer is never `permitted`: what a possible maker would bring becomes `review`.
 */
import { createHash } from 'node:crypto'
import type { DeviceClass, DeviceFacts, JurisdictionFacts } from '../catalogue/facts.ts'
import {
  ACTIVITIES,
  type Activity,
  type Certainty,
  isFinding,
  type Outcome,
  severity,
} from '../catalogue/outcomes.ts'
import {
  type Compiled,
  type Condition,
  compile,
  type DateFact,
  type FactName,
  type Licence,
  type Listing,
  type Reached,
  type Regime,
  type RegimeStatus,
  type Rule,
  type Truth,
  type View,
} from '../catalogue/rules.ts'
import type { Relationship, Vendor } from '../catalogue/vendors.ts'
import { addDays, dayIn, type Period, type PlainDate } from '../lib/calendar.ts'
import { traced } from '../lib/memoize-by-reads.ts'
import { recent } from '../lib/remembered.ts'
import { buildReachIndex, compare, epochIndex, type ReachIndex, sortedDates } from './coverage.ts'
import type { Determination, Determined, Headline, Identified, Subject } from './determination.ts'

type KnownVendor = Pick<
  Vendor,
  'id' | 'kind' | 'name' | 'country' | 'alsoMakes' | 'producesIn' | 'household' | 'confidence'
>

export interface KnowledgeInput {
  readonly regimes: readonly Regime[]
  readonly listings: readonly Listing[]
  readonly rules: readonly Rule[]
  readonly relationships: readonly Relationship[]
  /** Names, countries and further products of makers; a country that is not given is unknown. */
  readonly vendors?: readonly KnownVendor[]
}

interface CompiledRule extends Rule {
  readonly condition: Compiled
  readonly says: Sentence
  readonly milder: readonly Milder[]
  /** Facts an answer of this rule lists. */
  readonly reads: readonly FactName[]
  readonly readsReach: boolean
}

type Milder = NonNullable<Rule['whileUnknown']>[number] & { readonly says: Sentence }

interface CompiledRegime {
  readonly regime: Regime
  readonly rules: readonly CompiledRule[]
}

/** The law, indexed. Build once per version of the data; opaque to callers. */
export interface RegimeKnowledge {
  readonly regimes: readonly CompiledRegime[]
  readonly byId: ReadonlyMap<string, Regime>
  readonly classes: ReadonlyMap<string, readonly Listing[]>
  readonly vendors: ReadonlyMap<string, KnownVendor>
  readonly reach: ReachIndex
  /** General licenses that the authorities gave to everybody. */
  readonly licences: readonly Licence[]
  readonly boundaries: readonly PlainDate[]
}

/** The order of the rows does not matter. Throws TypeError when a row names a regime that is not there. */
export function buildRegimeKnowledge(input: KnowledgeInput): RegimeKnowledge {
  const byId = new Map(input.regimes.map((regime) => [regime.id, regime]))
  for (const { id, regime } of [...input.listings, ...input.rules]) {
    if (!byId.has(regime)) throw new TypeError(`${id} names the regime ${regime}, which is not there.`)
  }
  const rules = [...input.rules].sort((a, b) => compare(a.id, b.id)).map((rule) => compileRule(rule, byId))
  for (const { id, condition } of rules) {
    const unknown = condition.lists.find((regime) => !byId.has(regime))
    if (unknown !== undefined)
      throw new TypeError(`${id} looks at the list of ${unknown}, which is not there.`)
  }
  const regimes = [...input.regimes]
    .filter(({ activities }) => activities.length > 0)
    .sort((a, b) => compare(a.id, b.id))
    .map((regime) => ({ regime, rules: rules.filter((rule) => rule.regime === regime.id) }))
  const classes = new Map<string, Listing[]>()
  for (const listing of [...input.listings].sort((a, b) => compare(a.id, b.id))) {
    if (listing.class) classes.set(listing.regime, [...(classes.get(listing.regime) ?? []), listing])
  }
  const reach = buildReachIndex(
    input.listings.filter(({ scope }) => scope === 'equipment' || scope === 'software'),
    input.relationships,
  )
  const licences = input.regimes.flatMap((regime) =>
    (regime.generalLicenses ?? []).map(
      (one): Licence => ({ ...one, regime: regime.id, kind: 'general', holder: 'anyone', status: 'active' }),
    ),
  )
  const periods: readonly Period[] = [
    ...licences.map(licensedDays),
    ...input.regimes.flatMap((regime) => regime.periods),
    ...input.rules.map(({ inForce }) => inForce),
    ...input.listings,
    ...input.relationships,
  ]
  return {
    regimes,
    byId,
    classes,
    vendors: new Map((input.vendors ?? []).map((vendor) => [vendor.id, vendor])),
    reach,
    licences,
    boundaries: sortedDates([
      ...periods.flatMap(({ from, to }) => [from, to]),
      ...input.listings.flatMap(({ phases }) => Object.values(phases)),
      ...rules.flatMap(({ condition }) => condition.dates),
    ]),
  }
}

function compileRule(rule: Rule, regimes: ReadonlyMap<string, Regime>): CompiledRule {
  const condition = compile(rule.when)
  const readsReach = condition.facts.includes('maker')
  const datesProduction = readsReach && regimes.get(rule.regime)!.ownershipOn === 'production'
  const production: FactName[] = datesProduction ? ['producedOn'] : []
  return {
    ...rule,
    condition,
    says: sentence(rule.because),
    milder: (rule.whileUnknown ?? []).map((one) => ({ ...one, says: sentence(one.because) })),
    readsReach,
    reads: [...new Set<FactName>(['asOf', 'maker', ...production, ...condition.facts])],
  }
}

/** Every date at which an answer can change, sorted, each once. */
export function boundaries(knowledge: RegimeKnowledge): readonly PlainDate[] {
  return knowledge.boundaries
}

/**
 * Determine every regime and activity for one device on one day.
 * Licences are those that the city may rely on: general ones, its own, and its suppliers'.
 */
export function determine(
  subject: Subject,
  knowledge: RegimeKnowledge,
  asOf: PlainDate,
  licences: readonly Licence[] = [],
): Determined {
  const situation = situate(subject, knowledge, asOf, [...knowledge.licences, ...licences])
  const determinations: Judged[] = []
  for (const compiled of knowledge.regimes) {
    if (!concerns(compiled.regime, subject)) continue
    const verdicts = settle(compiled, situation)
    for (const verdict of verdicts) determinations.push(toDetermination(verdict, situation))
  }
  determinations.push(...unreadPlace(situation))
  const settled =
    subject.identification.status === 'resolved'
      ? determinations
      : withholdPermission(determinations, situation)
  return {
    determinations: settled.map((one) => ({ ...one, waitsFor: waitsFor(one) })),
    headline: headlineOf(settled, situation),
    validUntil: nextChange(situation),
  }
}

/** An answer of one regime before it is said whom it waits for. */
type Judged = Omit<Determination, 'waitsFor'>

/**
 * Who has to say something before a finding is more than a question: the city once for all its devices, or a person
 * who looks at this device.
 */
function waitsFor({ outcome, missingFacts }: Judged): Determination['waitsFor'] {
  if (!isFinding(outcome)) return null
  // What is milder than a review is no case for a person while the city may close it for all its devices.
  const closes = severity(outcome) > severity('review') && missingFacts.some(isAskedOfCity)
  if (closes || (missingFacts.length > 0 && missingFacts.every(isAskedOfCity))) return 'city'
  return outcome === 'review' || missingFacts.length > 0 ? 'person' : null
}

/** Whether a missing fact is one that a city says once. */
export function isAskedOfCity(fact: string): boolean {
  return OF_JURISDICTION.some((name) => name === fact)
}

/** Ways to an answer that are remembered: enough for the makers, dates and purposes of many cities. */
const WAYS_MOST = 20_000
/** Different answers among them; each takes some fifty kilobytes, and a hundred are many. */
const ANSWERS_MOST = 1_000
/** Today in every zone, and some days that somebody asks about. */
const DAYS_MOST = 6

type Asked = (subject: Pick<Subject, keyof Subject>) => Determined
const remembered = new WeakMap<RegimeKnowledge, Map<PlainDate, Asked>>()

/**
 * `determine` without licences, for many devices: they differ in few facts that a rule reads, and those that do not
 * share one answer, the same object.
 */
export function determineMany(subject: Subject, knowledge: RegimeKnowledge, asOf: PlainDate): Determined {
  let days = remembered.get(knowledge)
  if (!days) {
    days = new Map()
    remembered.set(knowledge, days)
  }
  let ask = days.get(asOf)
  if (!ask) {
    if (days.size >= DAYS_MOST) days.delete(days.keys().next().value!)
    const one = oneOfEach<Determined>(ANSWERS_MOST)
    ask = traced((facts) => one(determine(facts, knowledge, asOf)), WAYS_MOST)
    days.set(asOf, ask)
  }
  return ask({ ...subject, identification: identified(subject.identification) })
}

/** Gives the same object for values that read the same, as far as the last `most` to `2 * most` go. */
function oneOfEach<T extends object>(most: number): (value: T) => T {
  const known = recent<T>(most)
  return (value) => {
    const key = createHash('sha256').update(JSON.stringify(value)).digest('base64')
    const one = known.get(key)
    if (one) return one
    known.set(key, value)
    return value
  }
}

/** What rules read of it, and no more: evidence and confidence differ from device to device. */
export function identified(facts: Identified): Identified {
  const { status, brand, maker, wouldSettle, candidates, components } = facts
  return {
    components: (components ?? []).map(({ vendor, name, standing }) => ({ vendor, name, standing })),
    status,
    brand,
    maker,
    wouldSettle,
    candidates: candidates.map(({ vendor, name, standing }) => ({ vendor, name, standing })),
  }
}

/** Classes of products that some law lists whoever made them. */
const LISTED_CLASSES: readonly string[] = ['router', 'uas', 'robot', 'power-inverter'] satisfies DeviceClass[]

/** Whether some law lists this class of products, so that an unknown class may not be taken for another. */
export function isListedSomewhere(deviceClass: string): boolean {
  return LISTED_CLASSES.includes(deviceClass)
}

/** Members of the European Union, ISO 3166-1. */
const EUROPEAN_UNION =
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ')

/**
 * The law of the place is evaluated: that of a state in that state, and wherever the state is not known. China's lists
 * bind its own suppliers and reach buyers everywhere.
 */
function concerns({ jurisdiction: of }: Regime, { jurisdiction }: Subject): boolean {
  if (of === 'CN') return true
  const country = jurisdiction.country ?? 'US'
  if (of === 'EU') return EUROPEAN_UNION.includes(country)
  if (!of.startsWith('US-')) return of === country
  const { state } = jurisdiction
  return country === 'US' && (state === null || of === `US-${state}`)
}

/** Activities that laws of a place on makers of equipment are mostly about. */
const OF_PLACES: readonly Activity[] = ['procure', 'use', 'federal-funding']

/** Where no law of the place was read, the answer says so instead of saying nothing. */
function unreadPlace({ subject, knowledge, asOf }: Situation): readonly Judged[] {
  const { country, state } = subject.jurisdiction
  const isUnitedStates = (country ?? 'US') === 'US'
  if (isUnitedStates && state === null) return []
  const place = isUnitedStates ? `US-${state}` : country!
  const isRead = [...knowledge.byId.values()].some(
    ({ jurisdiction, activities }) =>
      activities.length > 0 &&
      (jurisdiction === place || (jurisdiction === 'EU' && EUROPEAN_UNION.includes(place))),
  )
  if (isRead) return []
  const name = isUnitedStates ? `the state of ${state}` : `the country ${country}`
  const regime = `${isUnitedStates ? 'state' : 'country'}-${(isUnitedStates ? state! : country!).toLowerCase()}`
  return OF_PLACES.map((activity) => ({
    regime,
    activity,
    outcome: 'not-applicable' as const,
    ruleId: `${regime}:not-read`,
    because: `No law of ${name} on makers of such equipment has been read for this service, so none was applied. Ask counsel whether there is one.`,
    facts: { asOf, country: country ?? 'US', state },
    missingFacts: [`lawOf:${place}`],
    certainty: 'uncertain' as const,
    citation: `none read for ${name}`,
  }))
}

// --- The situation: everything that stays the same over the regimes ---

interface Maker {
  /** null: nobody knows, and every list may reach it. */
  readonly id: string | null
  readonly name: string
  readonly country: string | null
}

interface Situation {
  readonly subject: Subject
  readonly knowledge: RegimeKnowledge
  readonly asOf: PlainDate
  /** Those of whom at least one is the maker, as far as it goes to a verdict; empty when nobody is known. */
  readonly makers: readonly Maker[]
  readonly suspects: readonly Maker[]
  /** Makers of parts that it may hold. */
  readonly parts: readonly Part[]
  readonly licences: readonly Licence[]
}

interface Part {
  readonly maker: Maker
  readonly standing: 'stated' | 'likely' | 'possible'
}

const UNKNOWN_MAKER: Maker = { id: null, name: 'an unknown maker', country: null }
const UNKNOWN_PART: Maker = { id: null, name: 'a covered maker', country: null }
const END_OF_TIME: PlainDate = '9999-12-31'

function situate(
  subject: Subject,
  knowledge: RegimeKnowledge,
  asOf: PlainDate,
  licences: readonly Licence[],
): Situation {
  const { identification } = subject
  const candidates = identification.candidates
  const makerOf = (id: string, candidate?: { readonly name: string }): Maker => {
    const vendor = knowledge.vendors.get(id)
    return { id, name: vendor?.name ?? candidate?.name ?? id, country: vendor?.country ?? null }
  }
  const resolved = identification.status === 'resolved' ? identification.maker : null
  const verdicts = candidates.filter(({ standing }) => standing === 'verdict')
  return {
    subject,
    knowledge,
    asOf,
    makers:
      resolved === null
        ? verdicts.map((candidate) => makerOf(candidate.vendor, candidate))
        : [
            makerOf(
              resolved,
              candidates.find(({ vendor }) => vendor === resolved),
            ),
          ],
    suspects: candidates
      .filter(({ standing, vendor }) => standing === 'review' && vendor !== resolved)
      .map((candidate) => makerOf(candidate.vendor, candidate)),
    parts: identification.components.flatMap(({ standing, ...part }) =>
      standing === 'excluded'
        ? []
        : [{ maker: part.vendor === null ? UNKNOWN_PART : makerOf(part.vendor, part), standing }],
    ),
    licences,
  }
}

/**
 * A unit is produced before it is bought or installed, so those days bound the unknown day of production: old
 * stock sold after a divestiture is still what the former owner's company made.
 */
function productionDay({ producedOn, acquiredOn, installedOn }: Subject['device']): {
  ownedOn: PlainDate
  orEarlier: boolean
} {
  if (producedOn !== null) return { ownedOn: producedOn, orEarlier: false }
  const bounds = [acquiredOn, installedOn].filter((day) => day !== null).sort()
  return { ownedOn: bounds[0] ?? END_OF_TIME, orEarlier: true }
}

/** Facts that a city says once for all its devices. */
export const OF_JURISDICTION = [
  'country',
  'state',
  'kind',
  'federalContractor',
  'sellsToFederal',
  'defenseContract',
  'receivesFccSupport',
  'sharesBulkData',
] as const satisfies readonly (keyof JurisdictionFacts)[]
true satisfies Exclude<keyof JurisdictionFacts, (typeof OF_JURISDICTION)[number]> extends never ? true : never

function isOfJurisdiction(name: FactName): name is keyof JurisdictionFacts {
  return OF_JURISDICTION.some((fact) => fact === name)
}

class RegimeView implements View {
  readonly regime: Regime
  readonly maker: Maker
  readonly status: RegimeStatus | null
  /** Facts that the catalog gave and nobody declared. */
  readonly supplied = new Set<FactName>()
  /** What was said where no rule fired, by ground. */
  readonly said: Record<string, Plain> = {}
  readonly #situation: Situation
  #own: readonly Reached[] | undefined
  #classes: readonly Reached[] | undefined

  constructor(regime: Regime, maker: Maker, situation: Situation) {
    this.regime = regime
    this.maker = maker
    this.#situation = situation
    this.status = statusOn(regime, situation.asOf)
  }

  get asOf(): PlainDate {
    return this.#situation.asOf
  }

  get covered(): boolean {
    return this.maker.id === null
  }

  fact(name: FactName): string | boolean | null | undefined {
    if (name === 'maker') return this.maker.id
    if (name === 'makerCountry') return this.maker.country
    if (name === 'asOf') return this.#situation.asOf
    if (contradictionOf(name, this.#situation) !== null) return null
    const { device, jurisdiction } = this.#situation.subject
    if (isOfJurisdiction(name)) return jurisdiction[name]
    const stated = device[name] ?? null
    if (stated !== null) return stated
    if (name === 'fccSubsidy') return jurisdiction.receivesFccSupport === false ? false : null
    const supplied = this.#fromCatalog(name)
    if (supplied !== null) this.supplied.add(name)
    return supplied
  }

  /** What an answer lists: a statement that another one contradicts is shown as it was made. */
  stated(name: FactName): string | boolean | null {
    const { device, jurisdiction } = this.#situation.subject
    if (this.contradiction(name) === null) return this.fact(name) ?? null
    return (isOfJurisdiction(name) ? jurisdiction[name] : device[name as keyof DeviceFacts]) ?? null
  }

  contradiction(name: FactName): Contradiction | null {
    return contradictionOf(name, this.#situation)
  }

  /** What the maker's row knows of each of its products. */
  #fromCatalog(name: FactName): string | boolean | null {
    if (this.maker.id === null) return null
    const vendor = this.#situation.knowledge.vendors.get(this.maker.id)
    if (name === 'producedIn') return vendor?.producesIn?.length === 1 ? vendor.producesIn[0]! : null
    if (name === 'consumerGrade') return vendor?.household === false ? false : null
    return null
  }

  asked(name: FactName): string {
    const { receivesFccSupport } = this.#situation.subject.jurisdiction
    return name === 'fccSubsidy' && receivesFccSupport === null ? 'receivesFccSupport' : name
  }

  /** The order of a purchase: authorized, produced, obligated, acquired, installed; obligated before it was paid. */
  bounds(name: DateFact): { readonly earliest: PlainDate | null; readonly latest: PlainDate | null } {
    const on = (other: DateFact) => (this.fact(other) as PlainDate | null | undefined) ?? null
    const first = (...others: DateFact[]) => sortedDates(others.map(on))[0] ?? null
    // Both days are stated, in the wrong order: whichever is meant lies between them.
    if ((name === 'obligatedOn' || name === 'paidOn') && this.contradiction(name) !== null) {
      const { paidOn, obligatedOn } = this.#situation.subject.device
      return { earliest: paidOn, latest: obligatedOn }
    }
    switch (name) {
      case 'obligatedOn':
        return { earliest: null, latest: first('paidOn', 'acquiredOn', 'installedOn') }
      case 'paidOn':
        return { earliest: on('obligatedOn'), latest: null }
      case 'modelAuthorizedOn':
        return { earliest: null, latest: first('producedOn', 'acquiredOn', 'installedOn') }
      case 'acquiredOn':
        return { earliest: on('producedOn'), latest: on('installedOn') }
      default:
        return { earliest: null, latest: null }
    }
  }

  reached(regime: string): readonly Reached[] {
    if (regime !== this.regime.id) return this.#reach(this.#situation.knowledge.byId.get(regime)!)
    this.#own ??= this.#reach(this.regime)
    return this.#own
  }

  #reach(regime: Regime, test = regime.ownership): readonly Reached[] {
    if (this.maker.id === null) return []
    const { asOf, subject, knowledge } = this.#situation
    // The days of a device are read only where they can matter: whoever shares an answer shares what was read.
    const isDated = this.regime.ownershipOn === 'production' && knowledge.reach.hasDatedOwners(this.maker.id)
    const day = isDated ? productionDay(subject.device) : { ownedOn: asOf, orEarlier: false }
    const list = regime.listOf ?? regime.id
    return knowledge.reach.reached({ vendor: this.maker.id, list, test, listedOn: asOf, ...day })
  }

  /** The listed company above the maker that an answer names. */
  affiliate(): string | null {
    const above = this.#reach(this.regime, 'any-affiliate').filter(({ inherited }) => inherited)
    const nearest = Math.min(...above.map(({ path }) => path.length))
    return foremost(above.filter(({ path }) => path.length === nearest))?.name ?? null
  }

  affiliated(): { readonly truth: Truth; readonly missing: readonly string[] } {
    const reached = this.#reach(this.regime, 'any-affiliate').filter(({ inherited }) => inherited)
    if (reached.length === 0) return { truth: false, missing: [] }
    return {
      truth: reached.some(({ truth }) => truth === true) || null,
      missing: [...new Set(reached.flatMap(({ missing }) => missing))],
    }
  }

  classes(): readonly Reached[] {
    this.#classes ??= this.#matchClasses()
    return this.#classes
  }

  mayBe(deviceClass: DeviceClass): boolean {
    if (!isListedSomewhere(deviceClass)) return true
    const { subject, knowledge } = this.#situation
    const { brand, maker, candidates } = subject.identification
    const makes = (id: string) => {
      const vendor = knowledge.vendors.get(id)
      return vendor === undefined || (vendor.alsoMakes ?? []).some((product) => product === deviceClass)
    }
    // A brand sells what its own row says, whatever else those who may build for it make; a reseller sells anything.
    const kind = brand === null ? 'seller' : knowledge.vendors.get(brand)?.kind
    const isSold = kind === 'seller' || makes(brand!)
    if (!isSold && (kind === 'brand' || this.maker.id === maker)) return false
    if (this.maker.id !== null) return makes(this.maker.id)
    return candidates.length === 0 || candidates.some(({ vendor }) => makes(vendor))
  }

  #matchClasses(): readonly Reached[] {
    const { asOf, knowledge } = this.#situation
    const listings = knowledge.classes.get(this.regime.listOf ?? this.regime.id)
    if (!listings) return []
    const deviceClass = this.fact('deviceClass') as DeviceClass | null
    return listings.flatMap((listing): Reached[] => {
      const kind = listing.class!
      if ((listing.from !== null && asOf < listing.from) || (listing.to !== null && asOf >= listing.to))
        return []
      if (deviceClass !== null ? deviceClass !== kind.deviceClass : !this.mayBe(kind.deviceClass)) return []
      const producedIn = this.fact('producedIn')
      const consumerGrade = kind.consumerOnly ? this.fact('consumerGrade') : null
      if (producedIn === kind.producedOutside) return []
      if (kind.consumerOnly && consumerGrade === false) return []
      const missing: string[] = []
      if (deviceClass === null) missing.push('deviceClass')
      if (producedIn === null || producedIn === undefined) missing.push('producedIn')
      if (kind.consumerOnly && typeof consumerGrade !== 'boolean') missing.push('consumerGrade')
      return [{ listing, truth: missing.length === 0 || null, path: [], inherited: false, missing }]
    })
  }
}

interface Contradiction {
  readonly facts: readonly FactName[]
  readonly because: string
}

/** Two statements that cannot both hold. Neither is believed then: the stricter branch is taken, and both are named. */
const CONTRADICTIONS: readonly (Contradiction & { readonly holds: (situation: Situation) => boolean })[] = [
  {
    facts: ['fundingSource', 'federalContractor'],
    because: 'The record says that a federal contract paid for it, and the city says that it holds none.',
    holds: ({ subject: { device, jurisdiction } }) =>
      device.fundingSource === 'federal-contract' && jurisdiction.federalContractor === false,
  },
  {
    facts: ['obligatedOn', 'paidOn'],
    because: 'The record says that it was paid before the money was obligated.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(device.paidOn, device.obligatedOn, knowledge),
  },
]

/** Compared by the spans in which no answer changes, so that a date cut to the start of its span is judged alike. */
function isEarlierEpoch(a: PlainDate | null, b: PlainDate | null, { boundaries }: RegimeKnowledge): boolean {
  return a !== null && b !== null && epochIndex(boundaries, a) < epochIndex(boundaries, b)
}

function contradictionOf(name: FactName, situation: Situation): Contradiction | null {
  return CONTRADICTIONS.find(({ facts, holds }) => facts.includes(name) && holds(situation)) ?? null
}

function statusOn({ periods }: Regime, day: PlainDate): RegimeStatus | null {
  for (const { from, to, status } of periods) {
    if ((from === null || from <= day) && (to === null || day < to)) return status
  }
  return null
}

// --- One regime: rules into verdicts ---

/** A rule that fired, for one maker. */
interface Hit {
  readonly rule: CompiledRule
  readonly truth: true | null
  readonly view: RegimeView
  /** What kept it open; none when it is true. */
  readonly missing: readonly string[]
  /** What counts instead while a fact is open that hardly anybody has. */
  readonly milder: Milder | null
  /** One hit answers for several activities: what it said, by licence id. */
  readonly said: Record<string, Plain>
}

type Ground =
  | { readonly kind: 'rule'; readonly hit: Hit; readonly licence: Licence | null }
  | { readonly kind: NoRule; readonly view: RegimeView }

interface Verdict {
  readonly activity: Activity
  readonly outcome: Outcome
  readonly ground: Ground
  /** What stood before doubt about the maker turned it into `review`; null when there is no such doubt. */
  readonly doubted: Outcome | null
  /** The ground is a part of the device and not who built it: suspected, or stated by its maker. */
  readonly part?: Part['standing']
}

/** One verdict per activity. */
function settle(compiled: CompiledRegime, situation: Situation): Verdict[] {
  const { makers, suspects } = situation
  const own = (makers.length === 0 ? [UNKNOWN_MAKER] : makers).map((maker) =>
    judge(compiled, maker, situation),
  )
  const doubts = suspects.map((maker) => judge(compiled, maker, situation))
  const parts = compiled.regime.reachesParts === true ? situation.parts : []
  const ofParts = parts.map(({ maker, standing }) => ({
    standing,
    verdicts: judge(compiled, maker, situation),
  }))
  return ACTIVITIES.map((_, index) => {
    const whole = ofWhole(index)
    return ofParts.reduce(
      (verdict, { verdicts, standing }) => withPart(verdict, verdicts[index]!, standing),
      whole,
    )
  })

  function ofWhole(index: number): Verdict {
    const verdict = own.map((verdicts) => verdicts[index]!).reduce(moreSevere)
    const doubt = doubts
      .map((verdicts) => verdicts[index]!)
      .reduce<Verdict | null>((worst, next) => (worst ? moreSevere(worst, next) : next), null)
    const doubtBites = doubt !== null && isFinding(doubt.outcome)
    if (makers.length === 0) {
      if (doubtBites) return inReview(doubt)
      return isFinding(verdict.outcome) ? inReview(verdict) : verdict
    }
    return doubtBites && severity(verdict.outcome) > severity('review') ? inReview(doubt) : verdict
  }
}

/**
 * A part of a restricted maker counts as if that maker had built the device where the maker states it. Otherwise it is a
 * suspicion of its own: a person looks where a sign or a record of most models speaks for it, and a buyer is warned where
 * only some models are known to hold one.
 */
function withPart(verdict: Verdict, part: Verdict, standing: Part['standing']): Verdict {
  if (!isFinding(part.outcome)) return verdict
  if (standing === 'stated')
    return severity(verdict.outcome) <= severity(part.outcome) ? verdict : { ...part, part: standing }
  const isLikely = standing === 'likely'
  const isBarred = severity(part.outcome) < severity('review')
  // What hangs on an open fact and on some models is too little to say of every device of a label.
  const isCertain = part.ground.kind === 'rule' && part.ground.hit.truth === true
  if (!isLikely && !(isBarred && isCertain)) return verdict
  const outcome =
    isLikely && severity(part.outcome) <= severity('review') ? 'review' : 'permitted-with-caution'
  if (severity(verdict.outcome) <= severity(outcome)) return verdict
  return { ...part, outcome, doubted: part.outcome, part: standing }
}

function inReview(verdict: Verdict): Verdict {
  return { ...verdict, outcome: 'review', doubted: verdict.outcome }
}

/** The first of two equals, so that the order of candidates decides and not chance. */
function moreSevere(a: Verdict, b: Verdict): Verdict {
  return severity(b.outcome) < severity(a.outcome) ? b : a
}

function judge({ regime, rules }: CompiledRegime, maker: Maker, situation: Situation): Verdict[] {
  const view = new RegimeView(regime, maker, situation)
  const isInForce = view.status !== null && view.status !== 'proposed' && view.status !== 'not-issued'
  const hits = isInForce ? firing(rules, view) : []
  return ACTIVITIES.map((activity): Verdict => {
    const verdict = (outcome: Outcome, ground: Ground): Verdict => ({
      activity,
      outcome,
      ground,
      doubted: null,
    })
    if (!regime.activities.includes(activity))
      return verdict('not-applicable', { kind: 'not-governed', view })
    if (!isInForce) return verdict('not-applicable', { kind: 'not-in-force', view })
    let best: { outcome: Outcome; hit: Hit; licence: Licence | null } | null = null
    for (const hit of hits) {
      const barred = outcomeOf(hit, activity)
      if (barred === undefined) continue
      const { outcome, licence } = licensed(barred, activity, hit, situation)
      if (best === null || precedes(outcome, hit, best.outcome, best.hit)) best = { outcome, hit, licence }
    }
    if (best) return verdict(best.outcome, { kind: 'rule', hit: best.hit, licence: best.licence })
    if (view.covered || view.reached(regime.id).length > 0 || view.classes().length > 0) {
      return verdict('review', { kind: 'no-rule', view })
    }
    return verdict('permitted', { kind: 'not-listed', view })
  })
}

/** The more severe; of equals the one that is certain, then the first by id. */
function precedes(outcome: Outcome, hit: Hit, than: Outcome, thanHit: Hit): boolean {
  const difference = severity(outcome) - severity(than)
  if (difference !== 0) return difference < 0
  if (hit.truth !== thanHit.truth) return hit.truth === true
  return false
}

function firing(rules: readonly CompiledRule[], view: RegimeView): Hit[] {
  const hits: Hit[] = []
  const { asOf, status } = view
  for (const rule of rules) {
    const { from, to } = rule.inForce
    if ((from !== null && asOf < from) || (to !== null && asOf >= to)) continue
    const isDuring = rule.during.includes(status!)
    if (!isDuring && status !== 'unknown') continue
    const truth = rule.condition.truth(view)
    if (truth === false) continue
    const missing = missingOf(rule, view, isDuring, truth)
    const milder = rule.milder.find(({ facts }) => facts.some((name) => missing.includes(name))) ?? null
    hits.push({ rule, truth: isDuring ? truth : null, view, missing, milder, said: {} })
  }
  return hits
}

function missingOf(rule: CompiledRule, view: RegimeView, isDuring: boolean, truth: Truth): readonly string[] {
  if (isDuring && truth === true) return []
  const missing = new Set<string>()
  if (!isDuring) missing.add(`regimeStatus:${view.regime.id}`)
  if (truth === null) rule.condition.missing(view, missing)
  return [...missing]
}

/** What the rule makes of the activity; undefined when it does not speak of it. */
function outcomeOf({ rule, milder, missing }: Hit, activity: Activity): Outcome | undefined {
  const outcome = (milder ?? rule).outcomes[activity]
  if (outcome === undefined || severity(outcome) >= severity('review')) return outcome
  // Who owns whom is a fact of the catalog; while it is not read in a source, a person decides.
  return missing.some((name) => name.startsWith('ownership:')) ? 'review' : outcome
}

// --- Licences ---

function licensed(
  outcome: Outcome,
  activity: Activity,
  { view }: Hit,
  { licences, subject }: Situation,
): { outcome: Outcome; licence: Licence | null } {
  const terms = view.regime.licensing
  let result: { outcome: Outcome; licence: Licence | null } = { outcome, licence: null }
  if (licences.length === 0 || terms === null || severity(outcome) >= severity('conditional')) return result
  for (const licence of licences) {
    const lifted = terms[licence.kind][activity]
    if (lifted === undefined || severity(lifted) <= severity(result.outcome)) continue
    if (covers(licence, activity, view, subject.identification.brand)) result = { outcome: lifted, licence }
  }
  return result
}

function covers(licence: Licence, activity: Activity, view: RegimeView, brand: string | null): boolean {
  const maker = view.maker.id
  if (maker === null || licence.regime !== view.regime.id || licence.status !== 'active') return false
  if (!licence.activities.includes(activity)) return false
  if (!['anyone', 'jurisdiction', maker, brand].includes(licence.holder)) return false
  const { from, to } = licensedDays(licence)
  if ((from !== null && view.asOf < from) || (to !== null && view.asOf >= to)) return false
  const names = (vendor: string) => licence.entities.includes(vendor)
  const namesAll = view
    .reached(view.regime.id)
    .every(
      ({ listing, inherited }) =>
        names(listing.vendor!) && (!inherited || names(maker) || licence.includesOwned === true),
    )
  if (!namesAll || (view.classes().length > 0 && !names(maker))) return false
  return !licence.when || compileTerms(licence.when).truth(view) === true
}

const termsOf = new WeakMap<Condition, Compiled>()

function compileTerms(when: Condition): Compiled {
  const known = termsOf.get(when)
  if (known) return known
  const compiled = compile(when)
  termsOf.set(when, compiled)
  return compiled
}

const daysOf = new WeakMap<Licence, Period>()

/**
 * The days that lie inside a licence from midnight to midnight. OFAC, BIS and the FCC write Eastern time, so
 * a day is a day in New York; a day that is covered in part is not covered, because an act that starts inside and
 * ends outside counts as outside.
 */
function licensedDays(licence: Licence): Period {
  const known = daysOf.get(licence)
  if (known) return known
  const days = {
    from: licence.from === null ? null : firstWholeDay(new Date(licence.from)),
    to: licence.to === null ? null : dayIn(new Date(licence.to), 'America/New_York'),
  }
  daysOf.set(licence, days)
  return days
}

function firstWholeDay(instant: Date): PlainDate {
  const day = dayIn(instant, 'America/New_York')
  const isMidnight = dayIn(new Date(instant.getTime() - 1), 'America/New_York') !== day
  return isMidnight ? day : addDays(day, 1)
}

// --- Words ---

function toDetermination(verdict: Verdict, situation: Situation): Judged {
  const { activity, outcome, ground, doubted, part } = verdict
  const { identification } = situation.subject
  const plain =
    ground.kind === 'rule' ? fromRule(ground.hit, ground.licence) : fromNoRule(ground.kind, ground.view)
  const view = ground.kind === 'rule' ? ground.hit.view : ground.view
  const { ruleId, because, facts, missingFacts, certainty, citation } = plain
  const regime = view.regime.id
  const excluded = excludedParts(view, situation)
  const answer = {
    regime,
    activity,
    outcome,
    ruleId,
    because: because + excluded,
    facts,
    missingFacts,
    citation,
    certainty: excluded === '' ? certainty : weaker(certainty, 'reported'),
  }
  const isSettled = identification.status === 'resolved'
  if (part === 'stated') return { ...answer, ...statedPart(plain, view, identification.maker) }
  if (doubted === null) {
    if (isSettled) return answer
    return {
      ...answer,
      missingFacts: distinct(['maker', ...identification.wouldSettle, ...missingFacts]),
      certainty: 'uncertain',
    }
  }
  if (part !== undefined) return { ...answer, ...doubtOfPart(plain, view, identification.maker, doubted) }
  const doubt =
    view.maker.id === null
      ? `The maker of this device is not known; if it is one that this law reaches, the answer is ${doubted}.`
      : `${view.maker.name} may have produced this device; if so, the answer is ${doubted}.`
  return {
    ...answer,
    because: `${doubt} ${whatSettles(identification.wouldSettle)} ${because}`,
    facts: { ...facts, maker: identification.maker, possibleMaker: view.maker.id },
    missingFacts: distinct(['maker', ...identification.wouldSettle, ...missingFacts]),
    certainty: 'uncertain',
  }
}

/** Fields of a device as a sentence names them. */
const IN_WORDS: Readonly<Record<string, string>> = {
  manufacturer: 'the name of the manufacturer',
  model: 'the model number',
  macAddress: 'the MAC address',
  fccId: 'the FCC ID',
  firmwareVersion: 'the firmware version',
  producedOn: 'the day of production',
  coveredComponent: 'the maker’s written statement on components',
  name: 'a check of the name given to the device',
  notes: 'a check of the notes',
  assetTag: 'a check of the asset tag',
  serialNumber: 'a check of the serial number',
}

function whatSettles(fields: readonly string[]): string {
  if (fields.length === 0) return 'Evidence of who made it settles this.'
  const words = fields.map((field) => IN_WORDS[field] ?? field)
  const last = words.at(-1)!
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
  return `${list.charAt(0).toUpperCase()}${list.slice(1)} may settle this.`
}

type OfPart = Pick<Determination, 'because' | 'facts' | 'missingFacts' | 'certainty' | 'citation'>

/** What "substantial or essential component" means: necessary for the proper function or performance of the equipment. */
const ON_PARTS = 'Pub. L. 115-232 s.889(a)(1); FAR 52.204-25(a), "substantial or essential component"'

function doubtOfPart(
  { because, facts, missingFacts, citation }: Plain,
  { maker }: RegimeView,
  builtBy: string | null,
  doubted: Outcome,
): OfPart {
  return {
    because:
      `It may hold a part of ${maker.name}. If that part is necessary for the proper function of the device, it is a ` +
      `substantial or essential component, the device counts as covered, and this would be ${doubted}. The maker’s ` +
      `written statement on the components of this model settles it (\`coveredComponent\`, \`socMaker\`); a MAC ` +
      `address does not. ${because}`,
    facts: { ...facts, maker: builtBy, possibleComponent: maker.id },
    missingFacts: distinct(['coveredComponent', ...missingFacts]),
    certainty: 'uncertain',
    citation: `${citation}; ${ON_PARTS}`,
  }
}

/** The statement was made and not read here, so that nothing is sure. */
function statedPart(
  { because, facts, missingFacts, certainty, citation }: Plain,
  { maker }: RegimeView,
  builtBy: string | null,
): OfPart {
  return {
    because:
      `The record holds the maker’s statement that the model has a component of ${maker.name}. A component that is ` +
      `necessary for the proper function of the device, as its main chip is, is a substantial or essential one, and ` +
      `the device counts as covered. ${because}`,
    facts: { ...facts, maker: builtBy, component: maker.id },
    missingFacts: maker.id === null ? distinct(['socMaker', ...missingFacts]) : missingFacts,
    certainty: maker.id === null ? 'uncertain' : weaker(certainty, 'reported'),
    citation: `${citation}; ${ON_PARTS}`,
  }
}

/** Where a statement settled that there is no such part, an answer that rests on it says so. */
function excludedParts({ regime }: RegimeView, { subject }: Situation): string {
  if (regime.reachesParts !== true) return ''
  const names = subject.identification.components.flatMap(({ standing, name }) =>
    standing === 'excluded' ? [name] : [],
  )
  if (names.length === 0) return ''
  return ` The record holds the maker’s statement that excludes a part of ${names.join(' and of ')}, which some models of the brand hold.`
}

type Plain = Pick<Determination, 'ruleId' | 'because' | 'facts' | 'missingFacts' | 'certainty' | 'citation'>

function fromRule(hit: Hit, licence: Licence | null): Plain {
  const key = licence?.id ?? ''
  hit.said[key] ??= explain(hit, licence)
  return hit.said[key]
}

function explain({ rule, truth, view, missing, milder }: Hit, licence: Licence | null): Plain {
  const reached = rule.readsReach
    ? foremostReached([...view.reached(view.regime.id), ...view.classes()])
    : null
  const listing = reached?.listing ?? null
  const facts: Record<string, string | boolean | null> = {}
  for (const name of rule.reads) facts[name] = view.stated(name)
  facts.regimeStatus = view.status
  if (listing) {
    facts.listing = listing.id
    facts.listedFrom = listing.from
  }
  if (licence) facts.licence = licence.id
  const because = (milder ?? rule).says({
    maker: view.maker.name,
    listed:
      listing === null ? 'a listed entity' : listing.class ? `the class “${listing.name}”` : listing.name,
    affiliate: view.affiliate() ?? 'a listed entity',
    note: listing?.notes ?? '',
    way: wayTo(view.maker.name, reached),
    asOf: view.asOf,
  })
  return {
    ruleId: rule.id,
    because: [...contradictionsIn(missing, view), licence ? underLicence(licence, because) : because].join(
      ' ',
    ),
    facts,
    missingFacts: missing,
    certainty: certaintyOf(truth, rule, listing, view),
    citation: rule.citation,
  }
}

/** Nothing is sure that hangs on a missing fact, nor more than reported what rests on the catalog alone. */
function certaintyOf(
  truth: true | null,
  rule: CompiledRule,
  listing: Listing | null,
  view: RegimeView,
): Certainty {
  if (truth === null || view.status === 'unknown') return 'uncertain'
  const inLaw = weaker(rule.certainty, listing?.certainty ?? 'sure')
  return view.supplied.size > 0 ? weaker(inLaw, 'reported') : inLaw
}

function underLicence({ id }: Licence, because: string): string {
  return `License ${id} covers it within its terms. Without one: ${because}`
}

/** Sentences on what contradicts what among the facts that are missing. */
function contradictionsIn(missing: readonly string[], view: RegimeView): string[] {
  return distinct(missing.flatMap((name) => view.contradiction(name as FactName)?.because ?? []))
}

type NoRule = 'not-listed' | 'not-governed' | 'not-in-force' | 'no-rule'

const NO_RULE: Readonly<Record<NoRule, Sentence>> = {
  'not-listed': sentence('No listing under {regime} that is in force on {asOf} reaches {maker}.'),
  'not-governed': sentence('{regime} does not regulate this activity.'),
  'not-in-force': sentence('{regime} is not in force on {asOf}.'),
  'no-rule': sentence(
    '{regime} reaches the device, but none of the rules held here covers these facts; counsel has to read the text.',
  ),
}

function fromNoRule(kind: NoRule, view: RegimeView): Plain {
  view.said[kind] ??= explainNoRule(kind, view)
  return view.said[kind]
}

function explainNoRule(kind: NoRule, view: RegimeView): Plain {
  const { regime, maker, asOf, status } = view
  const facts: Record<string, string | boolean | null> = { asOf, maker: maker.id }
  if (kind === 'not-listed' && regime.ownershipOn === 'production') {
    facts.producedOn = view.stated('producedOn')
  }
  if (kind === 'not-in-force') facts.regimeStatus = status
  return {
    ruleId: `${regime.id}:${kind}`,
    because: NO_RULE[kind]({ maker: maker.name, regime: regime.title, asOf }),
    facts,
    missingFacts: [],
    certainty:
      kind === 'no-rule'
        ? 'uncertain'
        : weaker(regime.certainty, view.supplied.size > 0 ? 'reported' : 'sure'),
    citation: regime.citation,
  }
}

function foremost(reached: readonly Reached[]): Listing | null {
  return foremostReached(reached)?.listing ?? null
}

/** How the listing comes to the maker, in words: nobody is "reached through" itself. */
function wayTo(maker: string, reached: Reached | null): string {
  if (reached === null) return `${maker} may be reached by the list`
  const { listing, path, inherited } = reached
  if (listing.vendor === null) return `Products of ${maker} may fall under "${listing.name}"`
  const since = listing.from === null ? '' : ` (on the list since ${listing.from})`
  if (inherited) return `${maker} belongs to ${listing.name}${since} as a subsidiary or affiliate`
  return path.length > 1
    ? `${maker} is a trade name of ${listing.name}${since}`
    : `${maker} is listed by name${since}`
}

/** The listing to name: a certain one before a possible one, then the maker's own before its owner's, then the oldest. */
function foremostReached(reached: readonly Reached[]): Reached | null {
  let first: Reached | null = null
  for (const next of reached) {
    const isBetter =
      first === null ||
      (next.truth !== first.truth
        ? next.truth === true
        : next.inherited !== first.inherited
          ? !next.inherited
          : compare(next.listing.from ?? '', first.listing.from ?? '') < 0)
    if (isBetter) first = next
  }
  return first
}

type Sentence = (words: Readonly<Record<string, string>>) => string

/** A template made ready: `{word}` is filled in, the first letter is put in capitals. */
function sentence(template: string): Sentence {
  // Splitting on a group keeps the words at the odd places.
  const parts = template.split(/\{(\w+)\}/)
  return (words) => {
    let text = parts[0]!
    for (let at = 1; at < parts.length; at += 2) text += words[parts[at]!]! + parts[at + 1]!
    return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('  ', ' ').trimEnd()
  }
}

const CERTAINTIES: readonly Certainty[] = ['uncertain', 'reported', 'sure']

function weaker(a: Certainty, b: Certainty): Certainty {
  return CERTAINTIES.indexOf(a) < CERTAINTIES.indexOf(b) ? a : b
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}

// --- The whole ---

/**
 * Nobody who does not know the maker may read `permitted`: where no regime asks for a person or worse, the regime
 * that would bite most elsewhere does.
 */
function withholdPermission(determinations: readonly Judged[], { subject }: Situation): readonly Judged[] {
  const asks = ({ outcome }: Judged) => severity(outcome) <= severity('review')
  const weight = new Map<string, number>()
  const open = new Set<Activity>(ACTIVITIES)
  for (const determination of determinations) {
    if (!asks(determination)) continue
    open.delete(determination.activity)
    weight.set(determination.regime, (weight.get(determination.regime) ?? 0) + 1)
  }
  if (open.size === 0) return determinations
  const chosen = new Map<Activity, Judged>()
  for (const determination of determinations) {
    const { activity, outcome, regime } = determination
    if (!open.has(activity) || outcome === 'not-applicable') continue
    const best = chosen.get(activity)
    if (!best || (weight.get(regime) ?? 0) > (weight.get(best.regime) ?? 0))
      chosen.set(activity, determination)
  }
  return determinations.map((determination) => {
    if (chosen.get(determination.activity) !== determination) return determination
    return {
      ...determination,
      outcome: 'review',
      because: `It is not settled who produced the device, so nobody can say that this is permitted. ${determination.because}`,
      missingFacts: distinct(['maker', ...subject.identification.wouldSettle, ...determination.missingFacts]),
      certainty: 'uncertain',
    }
  })
}

function headlineOf(determinations: readonly Judged[], { subject }: Situation): Headline {
  const best: Outcome = subject.identification.status === 'resolved' ? 'permitted' : 'review'
  const headline = Object.fromEntries(ACTIVITIES.map((activity) => [activity, best])) as Record<
    Activity,
    Outcome
  >
  for (const { activity, outcome } of determinations) {
    if (severity(outcome) < severity(headline[activity])) headline[activity] = outcome
  }
  return headline
}

function nextChange({ knowledge, licences, asOf }: Situation): PlainDate | null {
  const next = knowledge.boundaries[epochIndex(knowledge.boundaries, asOf)] ?? null
  const later = licences
    .flatMap((licence) => Object.values(licensedDays(licence)) as (PlainDate | null)[])
    .filter((day) => day !== null && day > asOf)
  return sortedDates([next, ...later])[0] ?? null
}
