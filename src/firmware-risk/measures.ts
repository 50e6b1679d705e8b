/**
 * From what the rules say of firmware updates to the measures that licensing risk weighs.
 *
 * Nothing is decided here a second time: the rules are asked for the day and for every later day on which an answer
 * can change, and each answer becomes one measure over the days on which it stays the same. So a level can never
 * contradict the determination it stands beside.
 */

import { LRUCache } from 'lru-cache'
import type { DeviceFacts } from '../catalogue/facts.ts'
import type { Outcome } from '../catalogue/outcomes.ts'
import type { CoveringListing, Listing, Regime } from '../catalogue/rules.ts'
import type { Relationship } from '../catalogue/vendors.ts'
import { sortedDates } from '../determination/coverage.ts'
import type { Determination, Subject } from '../determination/determination.ts'
import { determine } from '../determination/determine.ts'
import { identified } from '../determination/determine-many.ts'
import type { RegimeKnowledge } from '../determination/law.ts'
import { licensedDays } from '../determination/license-days.ts'
import { citationUnder } from '../determination/programs.ts'
import { type Period, type PlainDate, plainDate } from '../lib/calendar.ts'
import { traced } from '../lib/memoize-by-reads.ts'
import { getOrMake, memoryOf } from '../lib/memory.ts'
import type { Listed } from './licenses/license.ts'
import type { Binds, Measure } from './measure.ts'

/** The law, ready to be asked about updates; make it once per version of the knowledge. */
export interface UpdateLaw {
  /** Regimes of the United States; those of a state or of another country say nothing of updates. */
  readonly regimes: RegimeKnowledge
  /** Those of them whose answer for an update can change by itself. */
  readonly governing: RegimeKnowledge
  readonly listings: ReadonlyMap<string, Listing>
  /** Citations of the rules by id, which the names for "no rule fired" are not among. */
  readonly rules: ReadonlyMap<string, string>
  /** Days on which an answer of the governing regimes can change. */
  readonly boundaries: readonly PlainDate[]
  /** Newest day on which the sources were read: what begins later was announced by then. */
  readonly readOn: PlainDate
}

const KNOWN_MOST = 20_000
const DAYS_MOST = 20

export function prepareUpdateLaw(
  knowledge: RegimeKnowledge,
  listings: readonly Listing[],
  relationships: readonly Relationship[],
  readOn: PlainDate,
): UpdateLaw {
  const regimes = knowledge.regimes.filter(({ regime }) => regime.jurisdiction === 'US')
  const governing = regimes.filter(({ regime }) => regime.activities.includes('firmware-update'))
  const lists = new Set(governing.flatMap(({ regime }) => [regime.id, regime.listOf]))
  const listed = listings.filter(({ regime }) => lists.has(regime))
  const periods: readonly Period[] = [
    ...governing.flatMap(({ regime, rules }) => [...regime.periods, ...rules.map(({ inForce }) => inForce)]),
    ...listed,
    ...relationships,
    // A general license that ends makes another answer from that day on, as the end of a listing does.
    ...knowledge.licenses.map(licensedDays),
  ]
  return {
    regimes: { ...knowledge, regimes },
    governing: { ...knowledge, regimes: governing },
    listings: new Map(listings.map((listing) => [listing.id, listing])),
    rules: new Map(regimes.flatMap(({ rules }) => rules.map(({ id, citation }) => [id, citation] as const))),
    boundaries: sortedDates([
      ...periods.flatMap(({ from, to }) => [from, to]),
      ...listed.flatMap(({ phases }) => Object.values(phases)),
      ...governing.flatMap(({ rules }) => rules.flatMap(({ condition }) => condition.dates)),
    ]),
    readOn,
  }
}

/** How an outcome for `firmware-update` bears on the update itself. */
const COVERS_UPDATES: Readonly<Record<Outcome, Measure['coversUpdates']>> = {
  prohibited: 'yes',
  'license-required': 'yes',
  'updates-unavailable': 'yes',
  // The money or the seller is barred, the update as such is not: counsel has to say what is left.
  unallowable: 'unclear',
  'contract-bar': 'unclear',
  'seller-bar': 'unclear',
  conditional: 'unclear',
  'vendor-risk': 'unclear',
  review: 'unclear',
  'permitted-with-caution': 'no',
  permitted: 'no',
  'not-applicable': 'no',
}

/** Whom each regime binds, as `binds` of the regime says in words; a regime that is not here may bind anybody. */
const BINDS: Readonly<Record<string, Binds>> = {
  'ofac-sdn': 'recipient-us-person',
  'fcc-covered-list': 'vendor',
  icts: 'vendor',
  'ndaa-889-a': 'federal-award-recipient',
  'ndaa-889-b': 'federal-award-recipient',
  'grant-200-216': 'federal-award-recipient',
  asda: 'federal-award-recipient',
  'dod-1260h': 'federal-award-recipient',
  uflpa: 'importer',
}

/**
 * Measures on the firmware of one subject from the first day asked about onwards, later changes included.
 * Rules that were loaded with a later date count as announced from the day the sources were read.
 */
export function firmwareMeasures(subject: Subject, law: UpdateLaw, from: PlainDate): readonly Measure[] {
  return measuresFrom(law)(from)({ ...subject, identification: identified(subject.identification) })
}

type Measures = (subject: Pick<Subject, keyof Subject>) => readonly Measure[]

/** Measures from a day onwards, remembered by the facts that were read. Profiles that differ in others share them. */
const measuresFrom = memoryOf((law: UpdateLaw) => {
  const days = new LRUCache<PlainDate, Measures>({ max: DAYS_MOST })
  return (from: PlainDate): Measures =>
    getOrMake(days, from, () => traced((facts) => overTime(facts, law, from), KNOWN_MOST))
})

function overTime(subject: Subject, law: UpdateLaw, from: PlainDate): readonly Measure[] {
  const later = law.boundaries.filter((day) => day > from)
  const first = measuresOn(subject, law.regimes, law, from)
  const open = new Map(first.map((measure) => [keyOf(measure), measure]))
  const closed: Measure[] = []
  const isGoverning = ({ regime }: Measure) =>
    law.governing.regimes.some((compiled) => compiled.regime.id === regime)
  for (const day of later) {
    const today = new Map(
      measuresOn(subject, law.governing, law, day).map((measure) => [keyOf(measure), measure]),
    )
    for (const [key, measure] of open) {
      if (today.has(key) || !isGoverning(measure)) continue
      closed.push({ ...measure, to: day })
      open.delete(key)
    }
    for (const [key, measure] of today) {
      if (!open.has(key)) {
        open.set(key, { ...measure, from: day, announcedOn: day > law.readOn ? law.readOn : null })
      }
    }
  }
  return [...closed, ...open.values()]
}

function keyOf({ id, program, entityOrProduct, through, coversUpdates, licensable }: Measure): string {
  return JSON.stringify([id, program, entityOrProduct, through, coversUpdates, licensable])
}

/**
 * Measures of a party that hands the update on, such as the brand whose portal it lies on. Only what bars the update
 * itself counts: who made the product decides everything else, and the maker has measures of its own.
 */
export function publisherMeasures(
  { identification, ...facts }: Subject,
  publisher: string,
  law: UpdateLaw,
  from: PlainDate,
): readonly Measure[] {
  const asMaker: Subject = {
    ...facts,
    identification: {
      ...identification,
      status: 'resolved',
      brand: publisher,
      maker: publisher,
      candidates: [],
    },
  }
  return firmwareMeasures(asMaker, law, from).filter(({ coversUpdates }) => coversUpdates === 'yes')
}

function measuresOn(subject: Subject, regimes: RegimeKnowledge, law: UpdateLaw, day: PlainDate): Measure[] {
  return [...determinationsOn(subject, regimes, day)].flatMap(([id, list]) => {
    const update = list.find(isOnUpdates)
    // Where no law of a place was read there is nothing to weigh.
    if (update === undefined) return []
    const newImage = withoutHeldImage(update, subject, regimes, day)
    return measuresOfRegime(law.regimes.byId.get(id)!, { list, update, newImage }, subject, law, day)
  })
}

const isOnUpdates = ({ activity }: Determination) => activity === 'firmware-update'

/** What the regime says of any image but the one that is held; the same where a held image decided nothing. */
function withoutHeldImage(
  update: Determination,
  subject: Subject,
  regimes: RegimeKnowledge,
  day: PlainDate,
): Determination {
  if (COVERS_UPDATES[update.outcome] !== 'no' || typeof update.facts.firmwareObtainedOn !== 'string')
    return update
  // Facts are read one by one (`traced.ts`), so the others show through instead of being copied.
  const device = Object.create(subject.device, { firmwareObtainedOn: { value: null } }) as DeviceFacts
  return determinationsOn({ ...subject, device }, regimes, day)
    .get(update.regime)!
    .find(isOnUpdates)!
}

function determinationsOn(
  subject: Subject,
  regimes: RegimeKnowledge,
  day: PlainDate,
): ReadonlyMap<string, readonly Determination[]> {
  const byRegime = new Map<string, Determination[]>()
  for (const one of determine(subject, regimes, day).determinations) {
    const list = byRegime.get(one.regime)
    if (list) list.push(one)
    else byRegime.set(one.regime, [one])
  }
  return byRegime
}

function measuresOfRegime(
  regime: Regime,
  {
    list,
    update,
    newImage,
  }: {
    readonly list: readonly Determination[]
    readonly update: Determination
    readonly newImage: Determination
  },
  subject: Subject,
  law: UpdateLaw,
  day: PlainDate,
): Measure[] {
  const isAboutNewImages =
    COVERS_UPDATES[update.outcome] === 'no' && COVERS_UPDATES[newImage.outcome] === 'yes'
  const coversUpdates = isAboutNewImages ? 'new-images' : COVERS_UPDATES[update.outcome]
  const isBarring = coversUpdates === 'yes' || isAboutNewImages
  // A regime that leaves updates alone is still worth watching when it covers the product in another way.
  const speaking =
    coversUpdates !== 'no' ? update : [update, ...list].find(({ ruleId }) => law.rules.has(ruleId))
  if (!speaking || isAboutNobody(speaking, subject, law)) return []
  const measure: Measure = {
    id: speaking.ruleId,
    regime: regime.id,
    program: null,
    entityOrProduct: targetOf(speaking, subject, law),
    coversUpdates,
    from: null,
    to: null,
    licensable: isBarring ? isLicensable(regime, newImage.outcome) : null,
    announcedOn: null,
    binds: BINDS[regime.id] ?? null,
    citation: speaking.citation,
  }
  if (!isBarring) return [measure]
  // A license under one program lifts nothing under another, so each program is a measure of its own.
  const covering = coveringListings(regime, speaking, law, day)
  const through = listedThrough(covering)
  return programsOf(covering, speaking, law).map((program) => ({
    ...measure,
    program,
    through,
    // Of the rule: that of the answer names the program of one listing alone.
    citation: citationUnder(regime.id, program, law.rules.get(speaking.ruleId) ?? speaking.citation),
  }))
}

/**
 * Whether a doubt names no maker: then there is nothing to hold against the product but that its maker is unknown,
 * which the risk says by itself. A doubt over a whole class of devices stays: it needs no maker.
 */
function isAboutNobody(
  { facts }: Determination,
  { identification, device }: Subject,
  law: UpdateLaw,
): boolean {
  if (identification.status === 'resolved') return false
  const listedClass = listingOf(facts, law)?.class?.deviceClass
  if (listedClass !== undefined && listedClass === device.deviceClass) return false
  return typeof (facts.possibleMaker ?? facts.maker) !== 'string'
}

function listingOf({ listing }: Determination['facts'], law: UpdateLaw): Listing | undefined {
  return typeof listing === 'string' ? law.listings.get(listing) : undefined
}

function targetOf({ facts }: Determination, subject: Subject, law: UpdateLaw): Measure['entityOrProduct'] {
  const listing = listingOf(facts, law)
  if (listing?.class) return { product: listing.class.deviceClass }
  const { identification } = subject
  const isSettled = identification.status === 'resolved' && typeof facts.possibleMaker !== 'string'
  // A possible maker is not a party of the update yet; the doubt stays on the product.
  return isSettled && identification.maker !== null ? { entity: identification.maker } : { product: '*' }
}

/** The Commerce rules on information technology have no routine way to ask for what they take away. */
function isLicensable({ licensing }: Regime, outcome: Outcome): boolean {
  if (outcome === 'updates-unavailable' || licensing === null) return false
  return (
    licensing.general['firmware-update'] !== undefined || licensing.specific['firmware-update'] !== undefined
  )
}

const LAST_DAY = plainDate(9999, 12, 31)

function coveringListings(
  regime: Regime,
  { facts }: Determination,
  law: UpdateLaw,
  day: PlainDate,
): readonly CoveringListing[] {
  if (typeof facts.maker !== 'string') return []
  return law.regimes.coverage.covering({
    vendor: facts.maker,
    list: regime.listOf ?? regime.id,
    test: regime.ownership,
    listedOn: day,
    ownedOn: regime.ownershipOn === 'production' ? LAST_DAY : day,
    orEarlier: regime.ownershipOn === 'production',
  })
}

/** Who is listed and why the maker is part of the entry; the maker's own entry is left out. */
function listedThrough(covering: readonly CoveringListing[]): readonly Listed[] {
  return covering.flatMap(({ listing, path, inherited }): Listed[] =>
    listing.vendor === null || path.length < 2
      ? []
      : [{ vendor: listing.vendor, as: inherited ? 'owned' : 'same-person' }],
  )
}

function programsOf(
  covering: readonly CoveringListing[],
  { facts }: Determination,
  law: UpdateLaw,
): readonly (string | null)[] {
  const named = listingOf(facts, law)
  const listings = [...(named ? [named] : []), ...covering.map(({ listing }) => listing)]
  const programs = new Set(listings.map((listing) => listing.program ?? null))
  return programs.size === 0 ? [null] : [...programs]
}
