/**
 * What a city, or a state for its cities, has laid down itself, and how it is judged. Laws are ended, never deleted. Pure.
 */
import { LRUCache } from 'lru-cache'
import type { Activity, Outcome } from '../catalogue/outcomes.ts'
import { type Condition, compile, type Listing, type OwnershipTest, type Regime } from '../catalogue/rules.ts'
import type { Relationship } from '../catalogue/vendors.ts'
import { sortedDates } from '../determination/coverage.ts'
import { boundaries, type RegimeKnowledge } from '../determination/law.ts'
import { type LocalRows, localKnowledge } from '../determination/local-law.ts'
import type { IdentifyKnowledge } from '../identification/knowledge.ts'
import { buildMentions, type Labels, readingLabels, restrictedVendors } from '../identification/mentions.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { getOrMake, memoryOf } from '../lib/memory.ts'
import type { Knowledge } from './knowledge.ts'

/** A law as it was laid down. */
export interface LocalLawText {
  readonly title: string
  readonly adoptedBy: string
  readonly citation: string
  readonly from: PlainDate | null
  /** First day outside. */
  readonly to: PlainDate | null
  /** Vendor ids: the law's own list. */
  readonly makers: readonly string[]
  readonly reach: OwnershipTest
  readonly rules: readonly {
    readonly when: Condition
    readonly outcomes: Readonly<Partial<Record<Activity, Outcome>>>
    readonly because: string
    readonly citation?: string | undefined
  }[]
}

/** A law on record, and its end. */
export interface LocalLaw {
  readonly id: string
  readonly doc: LocalLawText
  readonly recordedAt: string
  /** When its end was put on record; null while nobody has withdrawn it. */
  readonly withdrawnAt: string | null
  /** First day on which it no longer holds, as withdrawn. */
  readonly endsOn: PlainDate | null
}

export const LOCAL_PREFIX = 'local-'

/** The body of law that a law is in answers, filters and totals. */
export const regimeOfLaw = (id: string): string => LOCAL_PREFIX + id

const isWritten = (from: PlainDate | null, to: PlainDate | null) => from === null || to === null || from < to

/** The last day that counts: what was withdrawn ends earlier than it was laid down for. */
function endOf({
  doc: { to },
  withdrawnAt,
  endsOn,
}: Pick<LocalLaw, 'doc' | 'withdrawnAt' | 'endsOn'>): PlainDate | null {
  return withdrawnAt === null ? to : (sortedDates([to, endsOn])[0] ?? null)
}

function rowsOf(law: LocalLaw): LocalRows {
  const { title, adoptedBy, citation, from, makers, reach, rules } = law.doc
  const id = regimeOfLaw(law.id)
  const to = endOf(law)
  const asOf = law.recordedAt.slice(0, 10)
  const common = { regime: id, citation, certainty: 'sure' as const, asOf }
  const activities = [...new Set(rules.flatMap(({ outcomes }) => Object.keys(outcomes) as Activity[]))]
  return {
    regimes: [
      {
        ...{ id, title, citation, activities, asOf, certainty: 'sure', isLocal: true },
        ...{ authority: adoptedBy, binds: adoptedBy, bindsCities: true, jurisdiction: 'US' },
        ...{ listOf: null, ownership: reach, ownershipOn: 'production', licensing: null, notes: null },
        periods: isWritten(from, to) ? [{ from, to, status: 'in-force', note: null }] : [],
      },
    ],
    listings: makers.map((vendor) => ({
      ...{ ...common, id: `${id}:${vendor}`, vendor, name: vendor, from: null, to: null, scope: 'equipment' },
      ...{ class: null, purposeLimited: false, phases: {}, notes: null },
    })),
    rules: rules.map((rule, i) => ({
      ...common,
      ...{ id: `${id}:${i + 1}`, row: null, inForce: { from: null, to: null }, during: ['in-force'] },
      ...{ when: rule.when, outcomes: rule.outcomes, because: rule.because },
      citation: rule.citation ?? citation,
    })),
  }
}

/** The rows of several laws, for those who show or look up what answers name. */
export function rowsOfLaws(laws: readonly LocalLaw[]): LocalRows {
  const rows = laws.map(rowsOf)
  return {
    regimes: rows.flatMap(({ regimes }) => regimes),
    listings: rows.flatMap(({ listings }) => listings),
    rules: rows.flatMap(({ rules }) => rules),
  }
}

/** Laws that were on record at an instant, each with the end that it had then; all, with their ends, without one. */
export function lawsKnownAt(laws: readonly LocalLaw[], knownAt: string | undefined): readonly LocalLaw[] {
  if (knownAt === undefined || laws.length === 0) return laws
  const at = Date.parse(knownAt)
  return laws
    .filter(({ recordedAt }) => Date.parse(recordedAt) <= at)
    .map((law) =>
      law.withdrawnAt !== null && Date.parse(law.withdrawnAt) > at
        ? { ...law, withdrawnAt: null, endsOn: null }
        : law,
    )
}

/** Cities with laws of their own that are kept ready. */
const PLACES_MOST = 200

const builtOver = memoryOf((shared: RegimeKnowledge) =>
  memoryOf((relationships: readonly Relationship[]) => {
    const known = new LRUCache<string, RegimeKnowledge>({ max: PLACES_MOST })
    return (laws: readonly LocalLaw[], key: string, names: (id: string) => string) =>
      getOrMake(known, key, () => build(shared, relationships, laws, names))
  }),
)

function build(
  shared: RegimeKnowledge,
  relationships: readonly Relationship[],
  laws: readonly LocalLaw[],
  names: (id: string) => string,
): RegimeKnowledge {
  const { regimes, listings, rules } = rowsOfLaws(laws)
  const named = listings.map((one) => ({ ...one, name: names(one.vendor!) }))
  return localKnowledge(
    { ...shared, byId: withLists(shared.byId, rules) },
    { regimes, listings: named, rules },
    relationships,
  )
}

/** A list that a later release has no more covers nobody; the law that looks at it goes on being judged. */
function withLists(
  byId: ReadonlyMap<string, Regime>,
  rules: LocalRows['rules'],
): ReadonlyMap<string, Regime> {
  const missing = rules.flatMap(({ when }) => compile(when).lists).filter((id) => !byId.has(id))
  if (missing.length === 0) return byId
  const [any] = byId.values()
  return new Map([...byId, ...missing.map((id): [string, Regime] => [id, { ...any!, id, listOf: null }])])
}

/** Laws and labels are loaded anew for each piece of work, which asks often. */
const textOf = memoryOf((laws: readonly LocalLaw[]) => JSON.stringify(laws))
const labelsText = memoryOf((labels: Labels) => JSON.stringify(labels))
const placeText = memoryOf((laws: readonly LocalLaw[]) =>
  memoryOf((labels: Labels) => ({ key: textOf(laws) + labelsText(labels) })),
)

const underLaws = memoryOf((_: Knowledge) => new LRUCache<string, Knowledge>({ max: PLACES_MOST }))

const NO_LABELS: Labels = {}

/** What decides, beside the facts of a device, what is known of it in one place alone. */
export interface OwnLaw {
  readonly localLaws: readonly LocalLaw[]
  /** What the place calls the fields that it added to its devices; nothing, unless said. */
  readonly customLabels?: Labels
}

/**
 * What is known, with the laws of a city and of its state, and texts read for the makers that these name and under the
 * labels of the city's own fields. The same value where that changes nothing.
 */
export function underLocalLaw(
  knowledge: Knowledge,
  { localLaws, customLabels = NO_LABELS }: OwnLaw,
): Knowledge {
  if (localLaws.length === 0 && labelsText(customLabels) === '{}') return knowledge
  const { key } = placeText(localLaws)(customLabels)
  return getOrMake(underLaws(knowledge), key, () => {
    const called = labeled(knowledge.identify, customLabels)
    if (localLaws.length === 0) {
      if (called === knowledge.identify) return knowledge
      return { ...knowledge, ...readBy(knowledge, called, called) }
    }
    const { relationships } = knowledge.reference
    const local = builtOver(knowledge.regimes)(relationships)(
      localLaws,
      textOf(localLaws),
      knowledge.vendorName,
    )
    const read = readBy(knowledge, called, labeled(readingFor(knowledge, localLaws), customLabels))
    const days = sortedDates([...read.cut.boundaries, ...boundaries(local)])
    return { ...knowledge, ...read, local, cut: { ...read.cut, boundaries: days } }
  })
}

function readBy({ cut }: Knowledge, identify: IdentifyKnowledge, identifyLocally: IdentifyKnowledge) {
  // What one reader finds in what stands for a text for the other is what he finds in the text.
  return { identify, identifyLocally, cut: { ...cut, mentioned: identifyLocally.mentions.standIns } }
}

/** The same value where no label names anybody. */
function labeled(identify: IdentifyKnowledge, labels: Labels): IdentifyKnowledge {
  const mentions = readingLabels(identify.mentions, labels)
  return mentions === identify.mentions ? identify : { ...identify, mentions }
}

/** With texts read for those whom the laws name; the same value where others restrict all of them. */
function readingFor({ identify, reference }: Knowledge, laws: readonly LocalLaw[]): IdentifyKnowledge {
  const { vendors, identifiers, relationships, listings } = reference
  const named = restrictedVendors(makersOf(laws, listings), relationships, vendors)
  if ([...named].every((vendor) => identify.restricted.has(vendor))) return identify
  const restricted = new Set([...identify.restricted, ...named])
  return { ...identify, restricted, mentions: buildMentions(vendors, identifiers, restricted) }
}

/** Whom laws of a place name, at any time, themselves or through a list of another authority. */
function makersOf(laws: readonly LocalLaw[], listings: readonly Listing[]): readonly string[] {
  const lists = new Set(laws.flatMap(({ doc }) => doc.rules.flatMap(({ when }) => compile(when).lists)))
  return [
    ...laws.flatMap(({ doc }) => doc.makers),
    ...listings.flatMap(({ vendor, regime }) => (vendor !== null && lists.has(regime) ? [vendor] : [])),
  ]
}
