/**
 * What each site costs when it is done in each year, in parts that the rules of funds tell apart, with its
 * part of what the project pays once and less what is ordered or paid.
 */
import {
  type Cents,
  escalated,
  ONE,
  percent,
  plus,
  ratio,
  roundHalfUp,
  split,
  sum,
  times,
  weightsOrEqual,
} from '../../../lib/money.ts'
import type { EstimateDocument } from '../../documents.ts'
import type { Decimal } from '../../estimate/model/cost-model.ts'
import type { StoredLine } from '../../estimate/model/job.ts'
import type { CostKind, NeedActivity } from '../../funding/model/rules.ts'
import type { FiscalYear } from '../../model/fiscal-year.ts'
import type { CostPart, PhasingKind } from './phasing/problem.ts'

/** A part of a site's cost with the lines that make it up. */
export interface SitePart extends CostPart {
  /** Part of what the project pays once. */
  readonly isOverhead: boolean
  /** Places in the estimate's lines. */
  readonly lines: readonly number[]
  /** Before what is ordered or paid is taken off. */
  readonly fullCents: ReadonlyMap<FiscalYear, Cents>
}

interface SiteCosts {
  readonly key: string
  readonly parts: readonly SitePart[]
  /** Everything, also what is ordered or paid. */
  readonly fullCents: ReadonlyMap<FiscalYear, Cents>
  readonly committedCents: Cents
}

export interface CostsOfSites {
  readonly kinds: readonly PhasingKind[]
  readonly sites: readonly SiteCosts[]
}

/**
 * The same base cost in the money of each year: base x (1 + contingency) x (1 + escalation)^(year − base
 * year), rounded half-up once per year.
 */
export function costsByYear(
  baseCents: Cents,
  terms: {
    readonly contingencyPercent: Decimal
    readonly escalationPercent: Decimal
    readonly baseYear: FiscalYear
    readonly years: readonly FiscalYear[]
  },
): ReadonlyMap<FiscalYear, Cents> {
  const withContingency = times(ratio(baseCents), plus(ONE, percent(terms.contingencyPercent)))
  const rate = percent(terms.escalationPercent)
  return new Map(
    terms.years.map((year) => [year, roundHalfUp(escalated(withContingency, rate, year - terms.baseYear))]),
  )
}

export function costsOfSites(job: {
  readonly estimate: EstimateDocument
  readonly lines: readonly StoredLine[]
  readonly years: readonly FiscalYear[]
  /** Sites that are still to be done. */
  readonly keys: readonly string[]
  /** Ordered or paid per site; under '' for no site. */
  readonly committed: ReadonlyMap<string, Cents>
}): CostsOfSites {
  const { estimate, years, keys } = job
  const { settings } = estimate
  const table = new Kinds(job.lines, settings.leadDays)
  const budgetOf = new Map(estimate.bySite.map((share) => [share.value, BigInt(share.budgetCents)]))
  const own = keys.map((key) => budgetOf.get(key) ?? 0n)
  const once = less(budgetOf.get('') ?? 0n, job.committed.get('') ?? 0n)
  const overhead = keys.length === 0 ? [] : split(once, weightsOrEqual(own))
  const terms = {
    // The estimate has its contingency already.
    contingencyPercent: 0,
    escalationPercent: settings.escalationPercent,
    baseYear: settings.firstFiscalYear,
    years,
  }
  const sites = keys.map((key, i): SiteCosts => {
    const fullCents = costsByYear(own[i]! + overhead[i]!, terms)
    const committedCents = job.committed.get(key) ?? 0n
    const groups = [
      ...table.groupsOf(key).map((group) => ({ ...group, isOverhead: false })),
      ...table.groupsOf('').map((group) => ({ ...group, isOverhead: true })),
    ]
    const full = new Map(
      years.map((year) => [year, partsOf(fullCents.get(year)!, [own[i]!, overhead[i]!], groups)]),
    )
    const left = new Map(
      years.map((year) => [year, takenOff(full.get(year)!, committedCents, groups, table.kinds)]),
    )
    return {
      key,
      fullCents,
      committedCents,
      parts: groups.map((group, g) => ({
        kind: group.kind,
        isOverhead: group.isOverhead,
        lines: group.lines,
        fullCents: new Map(years.map((year) => [year, full.get(year)![g]!])),
        costCents: new Map(years.map((year) => [year, left.get(year)![g]!])),
      })),
    }
  })
  return { kinds: table.kinds, sites }
}

interface Group {
  readonly kind: number
  readonly lines: readonly number[]
  readonly meanCents: bigint
}

/** The lines of each site by kind of cost. */
class Kinds {
  readonly kinds: PhasingKind[] = []
  readonly #groups = new Map<string, Map<number, { kind: number; lines: number[]; meanCents: bigint }>>()

  constructor(lines: readonly StoredLine[], leadDays: number) {
    const places = new Map<string, number>()
    for (const [i, line] of lines.entries()) {
      const kind = kindOf(line, leadDays)
      const key = JSON.stringify(kind)
      let place = places.get(key)
      if (place === undefined) {
        place = this.kinds.push(kind) - 1
        places.set(key, place)
      }
      const site = line.tags.site ?? ''
      const groups = this.#groups.get(site) ?? new Map()
      this.#groups.set(site, groups)
      const group = groups.get(place) ?? { kind: place, lines: [], meanCents: 0n }
      groups.set(place, group)
      group.lines.push(i)
      group.meanCents += BigInt(line.meanCents)
    }
  }

  groupsOf(site: string): readonly Group[] {
    return [...(this.#groups.get(site)?.values() ?? [])]
  }
}

/** Removal and disposal are ordered with the visit; only what is bought takes the lead time. */
function kindOf({ tags }: StoredLine, leadDays: number): PhasingKind {
  const { purpose = '', activity = '', costKind = '', scope = '', isRestricted = '' } = tags
  return {
    purpose,
    activity: activity as NeedActivity,
    costKind: costKind as CostKind,
    isRestricted: isRestricted === 'unknown' ? null : isRestricted === 'yes',
    isBetterment: scope === 'betterment',
    leadDays: activity === 'replacement' ? leadDays : 0,
  }
}

/** The cost of a year by group: first own and overhead, then each by the means of its lines. */
function partsOf(
  cents: Cents,
  [own, overhead]: readonly [Cents, Cents],
  groups: readonly (Group & { readonly isOverhead: boolean })[],
): readonly Cents[] {
  const [ofOwn, ofOverhead] = own + overhead === 0n ? [cents, 0n] : split(cents, [own, overhead])
  const share = (amount: Cents, isOverhead: boolean) => {
    const means = groups.map((group) => (group.isOverhead === isOverhead ? group.meanCents : 0n))
    const weights =
      sum(means) > 0n ? means : groups.map((group) => (group.isOverhead === isOverhead ? 1n : 0n))
    return sum(weights) === 0n ? groups.map(() => 0n) : split(amount, weights)
  }
  const [a, b] = [share(ofOwn!, false), share(ofOverhead!, true)]
  return groups.map((_, g) => a[g]! + b[g]!)
}

/** What is left to pay: an order is for equipment first, then for other replacement, then for the rest. */
function takenOff(
  full: readonly Cents[],
  committed: Cents,
  groups: readonly (Group & { readonly isOverhead: boolean })[],
  kinds: readonly PhasingKind[],
): readonly Cents[] {
  const rank = (g: number) => {
    const { activity, costKind } = kinds[groups[g]!.kind]!
    return (
      (groups[g]!.isOverhead ? 4 : 0) + (activity === 'replacement' ? 0 : 2) + (costKind === 'hard' ? 0 : 1)
    )
  }
  const left = [...full]
  let open = committed
  for (const g of [...full.keys()].sort((a, b) => rank(a) - rank(b) || a - b)) {
    const part = left[g]! < open ? left[g]! : open
    left[g]! -= part
    open -= part
  }
  return left
}

function less(amount: Cents, by: Cents): Cents {
  return amount > by ? amount - by : 0n
}
