/**
 * Whom a change of the law can reach, found from the rows of two versions and not from the devices.
 *
 * A profile is filed under its subjects: who may have made it or a part of it, its kind of product, where its city is.
 * A profile none of whose subjects is reached has the same answers under both versions and is left as it is. What reads
 * text, which no subject stands for, is reached as `names` and `texts`: the register is then read again.
 */
import type { ReferenceData } from '../catalogue/reference-data.ts'
import { compile, type Regime, type Rule } from '../catalogue/rules.ts'
import type { Relationship } from '../catalogue/vendors.ts'
import { ANNOUNCED, EVERYBODY, HELD_IMAGES } from '../firmware-risk/firmware-risk.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { canonical } from '../lib/canonical.ts'
import { listsReadOn, restrictedIn } from './knowledge.ts'

/** Names, models and signs may be read otherwise: every profile is identified under both and compared. */
export const NAMES = 'names'
/** Free texts of devices may name others. */
export const TEXTS = 'texts'

export const ofVendor = (id: string): string => `vendor:${id}`
export const ofClass = (deviceClass: string | null): string => `class:${deviceClass ?? UNKNOWN}`
export const ofPlace = (country: string, state: string | null): string =>
  country === 'US' ? `place:US-${state ?? UNKNOWN}` : `place:${country}`

const UNKNOWN = '?'

/** Subjects, sorted; none when nothing that is read differs. `today`: the earliest day that is today somewhere. */
export function reachOf(before: ReferenceData, after: ReferenceData, today: PlainDate): readonly string[] {
  const ties = [...before.relationships, ...after.relationships]
  const wider = isReadElsewhere([...before.rules, ...after.rules], [...before.regimes, ...after.regimes])
  const vendors = new Set<string>()
  const reached = new Set<string>()
  for (const { vendor, class: kind } of differing(before.listings, after.listings).flatMap(both)) {
    if (vendor !== null) vendors.add(vendor)
    // Whoever made it: a product of this kind, or of a kind that nobody stated.
    if (kind !== null) for (const one of [kind.deviceClass, null]) reached.add(ofClass(one))
  }
  for (const pair of differing(before.regimes, after.regimes))
    for (const one of reachOfRegime(pair, wider)) reached.add(one)
  const placeOf = (id: string) => [...before.regimes, ...after.regimes].filter((one) => one.id === id)
  for (const { regime } of differing(before.rules, after.rules).flatMap(both))
    for (const one of placeOf(regime).flatMap(bound)) reached.add(one)
  for (const { child } of differing(before.relationships, after.relationships).flatMap(both))
    vendors.add(child)
  for (const { id } of differing(before.vendors, after.vendors).flatMap(both)) vendors.add(id)
  for (const vendor of symmetricDifference(restrictedIn(before), restrictedIn(after))) vendors.add(vendor)
  for (const vendor of belowOf([...vendors], ties)) reached.add(ofVendor(vendor))
  for (const one of reachOfReading(before, after)) reached.add(one)
  for (const one of reachOfDay(listsReadOn(before), listsReadOn(after), today)) reached.add(one)
  return [...reached].sort()
}

/** The earliest day that is today somewhere at an instant. */
export function earliestDay(now: Date): PlainDate {
  return dayIn(new Date(now.getTime() - 12 * 3_600_000))
}

/** Everybody below these companies by ties of ownership and name, of any day and any share; themselves among them. */
export function belowOf(makers: readonly string[], ties: readonly Relationship[]): string[] {
  const found = new Set(makers)
  const owned = ties.filter(({ kind }) => kind !== 'relabels' && kind !== 'uses-component')
  // A set grows while it is walked, and every company is in it once, so circles end.
  for (const parent of found) for (const tie of owned) if (tie.parent === parent) found.add(tie.child)
  return [...found]
}

interface Row {
  readonly id: string
}

interface Pair<Row> {
  readonly before: Row | undefined
  readonly after: Row | undefined
}

function differing<Row extends { readonly id: string }>(
  before: readonly Row[],
  after: readonly Row[],
): Pair<Row>[] {
  if (before === after) return []
  const [old, now] = [byId(before), byId(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((id) => ({ before: old.get(id), after: now.get(id) }))
    .filter((pair) => canonical(pair.before) !== canonical(pair.after))
}

const byId = <Row extends { readonly id: string }>(rows: readonly Row[]) =>
  new Map(rows.map((row) => [row.id, row]))

const both = <Row>({ before, after }: Pair<Row>): Row[] =>
  [before, after].filter((row): row is NonNullable<typeof row> => row !== undefined)

/** A body of law that comes or goes may be looked at by rules of any place; so may one that covers others than before. */
function reachOfRegime({ before, after }: Pair<Regime>, isReadByOthers: (id: string) => boolean): string[] {
  if (before === undefined || after === undefined) return [EVERYBODY]
  const isCoveringOthers = before.listOf !== after.listOf || before.ownership !== after.ownership
  if (isCoveringOthers || isReadByOthers(after.id)) return [EVERYBODY]
  return [before, after].flatMap(bound)
}

/** Whom a body of law may say something of by its place. */
function bound({ jurisdiction }: Pick<Regime, 'jurisdiction'>): string[] {
  if (['US', 'CN', 'EU'].includes(jurisdiction)) return [EVERYBODY]
  const [country, state] = jurisdiction.split('-') as [string, string?]
  // A city that does not say its state is judged by the law of each.
  return state === undefined ? [ofPlace(country, null)] : [ofPlace(country, state), ofPlace(country, null)]
}

function isReadElsewhere(rules: readonly Rule[], regimes: readonly Regime[]): (id: string) => boolean {
  const read = new Set([
    ...rules.flatMap(({ when, regime }) => compile(when).lists.filter((list) => list !== regime)),
    ...regimes.flatMap(({ id, listOf }) => (listOf === null || listOf === id ? [] : [listOf])),
  ])
  return (id) => read.has(id)
}

function reachOfReading(before: ReferenceData, after: ReferenceData): string[] {
  const parts = ['vendors', 'relationships', 'identifiers', 'models'] as const
  if (parts.some((part) => differing<Row>(before[part], after[part]).length > 0)) return [NAMES, TEXTS]
  // Who is restricted decides whose names are looked for in free texts, and how much doubt it takes.
  return symmetricDifference(restrictedIn(before), restrictedIn(after)).length > 0 ? [TEXTS] : []
}

/** Later law counts as announced from the day on which the lists were read; once that day is past it is all the same. */
function reachOfDay(before: PlainDate, after: PlainDate, today: PlainDate): string[] {
  if (before === after) return []
  if (after < before) return [EVERYBODY]
  return after > today ? [ANNOUNCED, HELD_IMAGES] : [HELD_IMAGES]
}

function symmetricDifference(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...[...a].filter((one) => !b.has(one)), ...[...b].filter((one) => !a.has(one))]
}
