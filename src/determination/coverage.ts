/**
 * Whether a listing covers a maker: by its own name, through affiliation, or through ownership.
 *
 * Coverage goes down only, from the listed entity to what it owns: a listed company's owner or sister is not
 * covered unless listed itself. `relabels` and `uses-component` say who produced a thing, not who owns whom,
 * and never carry a listing.
 */

import type { CoveringListing, Listing, OwnershipTest } from '../catalogue/rules.ts'
import type { Relationship } from '../catalogue/vendors.ts'
import type { PlainDate } from '../lib/calendar.ts'

/** Half of the shares, in percent, in sum over blocked owners (OFAC guidance of 2014-08-13; 90 FR 47201). */
const HALF = 50

interface CoverageQuery {
  readonly vendor: string
  /** Regime that keeps the list. */
  readonly list: string
  readonly test: OwnershipTest
  readonly listedOn: PlainDate
  /** Day on which ownership counts. */
  readonly ownedOn: PlainDate
  /** The day of ownership is not known, only that it is not after `ownedOn`. */
  readonly orEarlier: boolean
}

export interface CoverageIndex {
  /** The listings that cover the vendor, by listing id; empty when none does. Unknown vendors are covered by none. */
  covering(query: CoverageQuery): readonly CoveringListing[]
  /** Whether `ownedOn` can make a difference for the vendor: a tie to some company above it began or ended. */
  hasDatedOwners(vendor: string): boolean
  /** Every dated change of listings and ownership, unsorted. */
  readonly dates: readonly PlainDate[]
}

type Closure = ReadonlyMap<string, readonly CoveringListing[]>
const NOBODY: readonly CoveringListing[] = []

/** Class listings are left out: they match products, not makers. */
export function buildCoverageIndex(
  listings: readonly Listing[],
  relationships: readonly Relationship[],
): CoverageIndex {
  const ties = ownershipTies(relationships)
  const tieDates = sortedDates(ties.flatMap(({ from, to }) => [from, to]))
  const lists = new Map<string, { listings: Listing[]; dates: PlainDate[] }>()
  for (const listing of listings) {
    if (listing.vendor === null) continue
    const list = lists.get(listing.regime)
    if (list) list.listings.push(listing)
    else lists.set(listing.regime, { listings: [listing], dates: [] })
  }
  for (const list of lists.values()) {
    list.listings.sort((a, b) => compare(a.id, b.id))
    list.dates = sortedDates(list.listings.flatMap(({ from, to }) => [from, to]))
  }

  const ownerships = new Map<number, Ownership>()
  const ownershipAt = (epoch: number) =>
    remember(ownerships, epoch, () => ownershipOn(ties, epoch === 0 ? '' : tieDates[epoch - 1]!))

  const closures = new Map<string, Closure>()
  const closureAt = (list: string, test: OwnershipTest, listEpoch: number, tieEpoch: number): Closure =>
    remember(closures, `${list} ${test} ${listEpoch} ${tieEpoch}`, () => {
      const { listings, dates } = lists.get(list)!
      const day = listEpoch === 0 ? '' : dates[listEpoch - 1]!
      const inForce = listings.filter(
        ({ from, to }) => (from === null || from <= day) && (to === null || day < to),
      )
      const ownership = ownershipAt(tieEpoch)
      const byName = inForce.filter(({ byNameUnder }) => byNameUnder?.includes(test) === true)
      const far = byName.length === 0 ? inForce : inForce.filter((listing) => !byName.includes(listing))
      const reached = test === 'fifty-percent' ? byShares(far, ownership) : byTies(far, ownership, test)
      return byName.length === 0 ? reached : together(reached, byTies(byName, ownership, 'named-only'))
    })

  const unions = new Map<string, readonly CoveringListing[]>()
  const dated = vendorsWithDatedOwners(ties)
  return {
    hasDatedOwners: (vendor) => dated.has(vendor),
    dates: [...tieDates, ...[...lists.values()].flatMap(({ dates }) => dates)],
    covering({ vendor, list, test, listedOn, ownedOn, orEarlier }) {
      const dates = lists.get(list)?.dates
      if (!dates) return NOBODY
      const listEpoch = epochIndex(dates, listedOn)
      const tieEpoch = epochIndex(tieDates, ownedOn)
      if (!orEarlier) return closureAt(list, test, listEpoch, tieEpoch).get(vendor) ?? NOBODY
      return remember(unions, `${list} ${test} ${listEpoch} ${tieEpoch} ${vendor}`, () => {
        const epochs = Array.from({ length: tieEpoch + 1 }, (_, epoch) => tieEpoch - epoch)
        return acrossEpochs(
          epochs.map((epoch) => closureAt(list, test, listEpoch, epoch).get(vendor) ?? NOBODY),
        )
      })
    },
  }
}

/** Coverage when the day of production is open: certain only where every day gives the same. */
function acrossEpochs(epochs: readonly (readonly CoveringListing[])[]): readonly CoveringListing[] {
  const found = new Map<string, CoveringListing>()
  for (const epoch of epochs) {
    for (const covering of epoch)
      if (!found.has(covering.listing.id)) found.set(covering.listing.id, covering)
  }
  const result = [...found.values()].map((covering) => {
    const always = epochs.every((epoch) =>
      epoch.some(
        ({ listing, truth, inherited }) =>
          listing.id === covering.listing.id && truth === covering.truth && inherited === covering.inherited,
      ),
    )
    if (always) return covering
    return { ...covering, truth: null, missing: [...new Set(['producedOn', ...covering.missing])] }
  })
  return result.sort((a, b) => compare(a.listing.id, b.listing.id))
}

interface Tie {
  readonly child: string
  readonly parent: string
  readonly kind: 'subsidiary' | 'affiliate' | 'minority-stake' | 'brand-of'
  readonly from: PlainDate | null
  readonly to: PlainDate | null
  readonly share: number | null
  /** Read in a source. What is only known in the trade leads to a question and not to a verdict. */
  readonly isRead: boolean
}

function ownershipTies(relationships: readonly Relationship[]): Tie[] {
  return [...relationships]
    .sort((a, b) => compare(a.id, b.id))
    .flatMap(({ child, parent, kind, from, to, ownershipPct: share, confidence }) =>
      kind === 'relabels' || kind === 'uses-component'
        ? []
        : [{ child, parent, kind, from, to, share, isRead: confidence === 'high' }],
    )
}

/** Everybody below a tie that begins or ends. */
function vendorsWithDatedOwners(ties: readonly Tie[]): ReadonlySet<string> {
  const below = new Map<string, string[]>()
  for (const { child, parent } of ties) append(below, parent, child)
  const found = new Set(ties.flatMap(({ child, from, to }) => (from === null && to === null ? [] : [child])))
  // A set grows while it is walked, and every company is in it once, so circles end.
  for (const vendor of found) for (const child of below.get(vendor) ?? []) found.add(child)
  return found
}

interface Ownership {
  /** Trade names of a company: the same person in law. */
  readonly brands: ReadonlyMap<string, readonly Step[]>
  /** Subsidiaries and affiliates. */
  readonly affiliates: ReadonlyMap<string, readonly Step[]>
  /** Per company its owners and the least and most they may hold, in percent. */
  readonly owners: ReadonlyMap<string, readonly Share[]>
}

interface Step {
  readonly to: string
  readonly isRead: boolean
}

interface Share {
  readonly owner: string
  readonly isRead: boolean
  readonly least: number
  readonly most: number
}

function ownershipOn(ties: readonly Tie[], day: PlainDate): Ownership {
  const active = ties.filter(({ from, to }) => (from === null || from <= day) && (to === null || day < to))
  const brands = new Map<string, Step[]>()
  const affiliates = new Map<string, Step[]>()
  const shares = new Map<string, Map<string, Share>>()
  for (const { child, parent, kind, share, isRead } of active) {
    if (kind === 'brand-of') continue
    if (kind !== 'minority-stake') append(affiliates, parent, { to: child, isRead })
    const owners = remember(shares, child, () => new Map<string, Share>())
    // A minority holding stays under half even where its size is not known.
    const most = share ?? (kind === 'minority-stake' ? HALF - 0.01 : 100)
    const known = owners.get(parent)
    // Two records of one holding are one holding.
    owners.set(parent, {
      owner: parent,
      isRead: isRead || known?.isRead === true,
      least: Math.max(known?.least ?? 0, share ?? 0),
      most: Math.max(known?.most ?? 0, most),
    })
  }
  for (const { child, parent, kind, isRead } of active) {
    // Shares in it make a brand a company of its own, and the shares decide.
    if (kind === 'brand-of' && !shares.get(child)?.has(parent)) append(brands, parent, { to: child, isRead })
    else if (kind === 'brand-of') append(affiliates, parent, { to: child, isRead })
  }
  const owners = new Map([...shares].map(([child, byOwner]) => [child, [...byOwner.values()]]))
  return { brands, affiliates, owners }
}

/**
 * Walk down from each listed entity; every company is visited once per listing, so circles end. Ways that were read
 * in a source come before ways that were not.
 */
function byTies(listings: readonly Listing[], ownership: Ownership, test: OwnershipTest): Closure {
  const closure = new Map<string, CoveringListing[]>()
  for (const listing of listings) {
    for (const [vendor, covering] of below(listing, ownership, test)) append(closure, vendor, covering)
  }
  return closure
}

/** Two closures as one, each company's listings in the order of their ids. */
function together(a: Closure, b: Closure): Closure {
  const both = new Map([...a].map(([vendor, reached]) => [vendor, [...reached]]))
  for (const [vendor, reached] of b) for (const one of reached) append(both, vendor, one)
  for (const reached of both.values()) reached.sort((x, y) => compare(x.listing.id, y.listing.id))
  return both
}

/** What would settle that an entry nobody has confirmed names this maker. */
const doubtOf = ({ unconfirmed, vendor }: Listing): string[] =>
  unconfirmed === true ? [`listing:${vendor}`] : []

function below(
  listing: Listing,
  { brands, affiliates }: Ownership,
  test: OwnershipTest,
): Map<string, CoveringListing> {
  const visited = new Map<string, CoveringListing>()
  const queue: CoveringListing[] = []
  const visit = ({ to, isRead }: Step, from: CoveringListing | null, inherited: boolean) => {
    if (visited.has(to)) return
    const missing =
      from === null ? doubtOf(listing) : from.missing.concat(isRead ? [] : `ownership:${to}/${from.path[0]!}`)
    const path = [to, ...(from?.path ?? [])]
    const covering: CoveringListing = {
      listing,
      truth: missing.length === 0 || null,
      path,
      inherited,
      missing,
    }
    visited.set(to, covering)
    queue.push(covering)
  }
  const walk = (steps: ReadonlyMap<string, readonly Step[]>, isOwner: boolean, onlyRead: boolean) => {
    // The queue grows while it is walked.
    for (const at of queue) {
      for (const step of steps.get(at.path[0]!) ?? [])
        if (step.isRead || !onlyRead) visit(step, at, at.inherited || isOwner)
    }
  }
  visit({ to: listing.vendor!, isRead: true }, null, false)
  for (const onlyRead of [true, false]) {
    // The listed entity's own names come first: what is a trade name is not also "inherited".
    walk(brands, false, onlyRead)
    if (test !== 'any-affiliate') continue
    for (let before = -1; before !== visited.size; ) {
      before = visited.size
      walk(affiliates, true, onlyRead)
      walk(brands, false, onlyRead)
    }
  }
  return visited
}

/**
 * Least fixed point of "blocked when listed, or when blocked owners hold half in sum". Holdings of unknown size
 * count as nothing for what is certain and in full for what is possible. Passing over circles again changes
 * nothing, so it ends.
 */
function byShares(listings: readonly Listing[], ownership: Ownership): Closure {
  const closure = new Map<string, Map<string, CoveringListing>>()
  for (const [vendor, covering] of byTies(listings, ownership, 'named-only')) {
    closure.set(vendor, new Map(covering.map((one) => [one.listing.id, one])))
  }
  const stateOf = (vendor: string): 'blocked' | 'possible' | 'free' => {
    const covering = closure.get(vendor)
    if (!covering) return 'free'
    for (const { truth } of covering.values()) if (truth) return 'blocked'
    return 'possible'
  }
  let changed = true
  const add = (vendor: string, covering: CoveringListing) => {
    const known = remember(closure, vendor, () => new Map<string, CoveringListing>())
    const before = known.get(covering.listing.id)
    if (before && (before.truth === true || covering.truth === null)) return
    known.set(covering.listing.id, covering)
    changed = true
  }
  while (changed) {
    changed = false
    for (const [vendor, shares] of ownership.owners) {
      const holders = shares.filter(({ owner }) => stateOf(owner) !== 'free')
      const most = holders.reduce((sum, share) => sum + share.most, 0)
      if (most < HALF) continue
      const least = holders.reduce(
        (sum, share) => sum + (stateOf(share.owner) === 'blocked' && share.isRead ? share.least : 0),
        0,
      )
      const isCertain = least >= HALF
      const unknownSizes = holders
        .filter((share) => share.least !== share.most)
        .map(({ owner }) => `ownershipPct:${vendor}/${owner}`)
      const unread = holders
        .filter((share) => !share.isRead)
        .map(({ owner }) => `ownership:${vendor}/${owner}`)
      for (const { owner } of holders) {
        for (const { listing, truth, path, missing } of [...closure.get(owner)!.values()]) {
          add(vendor, {
            listing,
            truth: isCertain ? truth : null,
            path: [vendor, ...path],
            inherited: true,
            missing: isCertain ? missing : [...new Set([...missing, ...unknownSizes, ...unread])],
          })
        }
      }
    }
    for (const [vendor, names] of ownership.brands) {
      for (const name of names) {
        for (const covering of [...(closure.get(vendor)?.values() ?? [])]) {
          const doubt = name.isRead ? [] : [`ownership:${name.to}/${vendor}`]
          add(name.to, {
            ...covering,
            truth: name.isRead ? covering.truth : null,
            path: [name.to, ...covering.path],
            missing: [...new Set([...covering.missing, ...doubt])],
          })
        }
      }
    }
  }
  return new Map(
    [...closure].map(([vendor, covering]) => [
      vendor,
      [...covering.values()].sort((a, b) => compare(a.listing.id, b.listing.id)),
    ]),
  )
}

/** Index of the epoch a day lies in: 0 before the first date, n from the n-th date on. */
export function epochIndex(dates: readonly PlainDate[], day: PlainDate): number {
  let low = 0
  let high = dates.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (dates[middle]! <= day) low = middle + 1
    else high = middle
  }
  return low
}

/** Sorted, each once. */
export function sortedDates(dates: readonly (PlainDate | null | undefined)[]): PlainDate[] {
  return [...new Set(dates)].filter((date) => typeof date === 'string').sort()
}

export function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function append<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

function remember<K, V>(memo: Map<K, V>, key: K, make: () => V): V {
  const known = memo.get(key)
  if (known !== undefined) return known
  const made = make()
  memo.set(key, made)
  return made
}
