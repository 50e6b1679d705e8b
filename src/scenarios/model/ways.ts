/** How a supposed listing comes to a device: through who built it, who sold it, whose part it holds. Pure. */
import type { CoveringListing, OwnershipTest } from '../../catalogue/rules.ts'
import type { RegimeKnowledge } from '../../determination/law.ts'
import type { Identification } from '../../identification/identification.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { testsOf } from './hypothesis.ts'

export const PATHS = [
  'direct',
  'owned',
  'relabelled',
  'label',
  'component',
  'possible',
  'affiliated',
  'other',
] as const
export type Path = (typeof PATHS)[number]

/** What each path is in words. */
export const PATH_WORDS: Readonly<Record<Path, string>> = {
  direct: 'made by the listed company itself, or sold under its own trade name',
  owned: 'made by a company that the listed one owns or controls',
  relabelled: 'sold under another label, made by the listed company or one it owns',
  label: 'sold and updated by the listed company, made by another',
  component: 'holds, or may hold, a part of the listed company',
  possible: 'who made it is not settled; the listed company is among those who may have',
  affiliated: 'made by a company tied to the listed one that the listing itself does not reach',
  other: 'the answer changes in another way; look at the device',
}

export interface Way {
  readonly path: Path
  /** `certain` where the makers, the ties and the parts are settled; else a person has to look. */
  readonly certainty: 'certain' | 'open'
  /** Names from the device up to the listed company. */
  readonly steps: readonly string[]
  /** Facts that would settle it, such as a share that nobody has read. */
  readonly missing: readonly string[]
}

/** Finds the way of a device, by who is listed. */
export type WayFinder = (identification: Identification) => Way

interface Found {
  readonly isCertain: boolean
  readonly isOwned: boolean
  readonly path: readonly string[]
  readonly missing: readonly string[]
}

/** `listings` are the ids of the supposed ones. */
export function wayFinder(
  knowledge: RegimeKnowledge,
  list: string,
  listings: ReadonlySet<string>,
  day: PlainDate,
): WayFinder {
  const reached = reacher(knowledge, list, listings, day)
  const tied = reacher(knowledge, list, listings, day, ['any-affiliate'])
  const name = (id: string) => knowledge.vendors.get(id)?.name ?? id
  const wayOf = (path: Path, isCertain: boolean, found: Found, before: readonly string[] = []): Way => ({
    path,
    certainty: isCertain && found.isCertain ? 'certain' : 'open',
    steps: [...before, ...found.path.map(name)],
    missing: found.missing,
  })
  return ({ status, maker, brand, candidates, components }) => {
    if (status === 'resolved' && maker !== null) {
      const found = reached(maker)
      const isRelabelled = brand !== null && brand !== maker && reached(brand) === null
      if (found && isRelabelled) return wayOf('relabelled', true, found, [name(brand)])
      if (found) return wayOf(found.isOwned ? 'owned' : 'direct', true, found)
    }
    const label = brand === null ? null : reached(brand)
    if (label && status === 'resolved') return wayOf('label', true, label)
    for (const { vendor, name: called, standing } of components) {
      const found = vendor === null || standing === 'excluded' ? null : reached(vendor)
      if (found) return wayOf('component', standing === 'stated', found, [called])
    }
    for (const { vendor } of candidates) {
      const found = reached(vendor)
      if (found) return wayOf('possible', false, found)
    }
    if (label) return wayOf('possible', false, label)
    const affiliate = maker === null ? null : tied(maker)
    if (affiliate) return wayOf('affiliated', false, affiliate)
    return { path: 'other', certainty: 'open', steps: [], missing: [] }
  }
}

/** Who is reached, by the farthest of the tests; default those under which the list is read. */
function reacher(
  knowledge: RegimeKnowledge,
  list: string,
  listings: ReadonlySet<string>,
  day: PlainDate,
  tests: readonly OwnershipTest[] = testsOf(list, [...knowledge.byId.values()]),
): (vendor: string) => Found | null {
  const known = new Map<string, Found | null>()
  const look = (vendor: string): Found | null => {
    const all = tests.flatMap((test) =>
      knowledge.coverage
        .covering({ vendor, list, test, listedOn: day, ownedOn: day, orEarlier: false })
        .filter(({ listing }) => listings.has(listing.id)),
    )
    const best = all.toSorted(byClearness)[0]
    return best
      ? { isCertain: best.truth === true, isOwned: best.inherited, path: best.path, missing: best.missing }
      : null
  }
  return (vendor) => {
    let found = known.get(vendor)
    if (found === undefined) {
      found = look(vendor)
      known.set(vendor, found)
    }
    return found
  }
}

/** What is certain first, then what is shortest. */
function byClearness(a: CoveringListing, b: CoveringListing): number {
  return Number(b.truth === true) - Number(a.truth === true) || a.path.length - b.path.length
}
