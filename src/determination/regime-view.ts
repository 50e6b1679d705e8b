/** A device and one maker as the rules of one regime see them. */

import type { DeviceClass, DeviceFacts } from '../catalogue/facts.ts'
import type {
  CoveringListing,
  DateFact,
  FactName,
  Listing,
  Regime,
  RegimeStatus,
  Truth,
  View,
} from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { isOfJurisdiction } from './city-facts.ts'
import { type Contradiction, contradictionOf, firstOwned } from './contradictions.ts'
import { compare, sortedDates } from './coverage.ts'
import type { Subject } from './determination.ts'
import type { Plain } from './findings.ts'
import { isListedSomewhere } from './listed-classes.ts'
import type { Maker, Situation } from './situation.ts'

const END_OF_TIME: PlainDate = '9999-12-31'

/**
 * A unit is produced before it is bought or installed, so those days bound the unknown day of production: old
 * stock sold after a divestiture is still what the former owner's company made.
 */
function productionDay(
  device: Subject['device'],
  isContradicted: boolean,
): { ownedOn: PlainDate; orEarlier: boolean } {
  // A day of production after the purchase is not believed, so that it is one of the days until then.
  if (device.producedOn !== null) return { ownedOn: device.producedOn, orEarlier: isContradicted }
  return { ownedOn: firstOwned(device) ?? END_OF_TIME, orEarlier: true }
}

export class RegimeView implements View {
  readonly regime: Regime
  readonly maker: Maker
  readonly status: RegimeStatus | null
  /** First day on which it was in force without a break, or of another status; null when it is not known. */
  readonly since: PlainDate | null
  /** Facts that the catalog gave and nobody declared. */
  readonly supplied = new Set<FactName>()
  /** What was said where no rule fired, by ground. */
  readonly explained: Record<string, Plain> = {}
  readonly #situation: Situation
  #own: readonly CoveringListing[] | undefined
  #classes: readonly CoveringListing[] | undefined

  constructor(regime: Regime, maker: Maker, situation: Situation) {
    this.regime = regime
    this.maker = maker
    this.#situation = situation
    const period = periodOn(regime, situation.asOf)
    this.status = period?.status ?? null
    this.since = period === undefined ? null : firstDayInForce(regime, period)
  }

  get asOf(): PlainDate {
    return this.#situation.asOf
  }

  get covered(): boolean {
    return this.maker.id === null
  }

  /** The name of a vendor; its id where the catalog has none. */
  nameOf(vendor: string): string {
    return this.#situation.knowledge.vendors.get(vendor)?.name ?? vendor
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
    if (name === 'fccSubsidy') return this.#isPaidByOthers() ? false : null
    const supplied = this.#fromCatalog(name)
    if (supplied !== null) this.supplied.add(name)
    return supplied
  }

  /** Support that the FCC administers is neither the city's own money nor that of a contract. */
  #isPaidByOthers(): boolean {
    if (this.fact('receivesFccSupport') === false) return true
    const source = this.fact('fundingSource')
    if (source === 'state-grant') return this.fact('federalPassThrough') === false
    return source === 'local' || source === 'federal-contract'
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
    // Either day may be the wrong one, so that neither bounds the other.
    if (this.contradiction(name) !== null) return { earliest: null, latest: null }
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

  covering(regime: string): readonly CoveringListing[] {
    if (regime !== this.regime.id) return this.#coveringUnder(this.#situation.knowledge.byId.get(regime)!)
    this.#own ??= this.#coveringUnder(this.regime)
    return this.#own
  }

  #coveringUnder(regime: Regime, test = regime.ownership): readonly CoveringListing[] {
    if (this.maker.id === null) return []
    const { asOf, subject, knowledge } = this.#situation
    // The days of a device are read only where they can matter: whoever shares an answer shares what was read.
    const isDated =
      this.regime.ownershipOn === 'production' && knowledge.coverage.hasDatedOwners(this.maker.id)
    const day = isDated
      ? productionDay(subject.device, this.contradiction('producedOn') !== null)
      : { ownedOn: asOf, orEarlier: false }
    const list = regime.listOf ?? regime.id
    return knowledge.coverage.covering({ vendor: this.maker.id, list, test, listedOn: asOf, ...day })
  }

  /** The listed company above the maker that an answer names. */
  affiliate(): string | null {
    const above = this.#coveringUnder(this.regime, 'any-affiliate').filter(({ inherited }) => inherited)
    const nearest = Math.min(...above.map(({ path }) => path.length))
    return foremost(above.filter(({ path }) => path.length === nearest))?.name ?? null
  }

  affiliated(): { readonly truth: Truth; readonly missing: readonly string[] } {
    const covering = this.#coveringUnder(this.regime, 'any-affiliate').filter(({ inherited }) => inherited)
    if (covering.length === 0) return { truth: false, missing: [] }
    return {
      truth: covering.some(({ truth }) => truth === true) || null,
      missing: [...new Set(covering.flatMap(({ missing }) => missing))],
    }
  }

  classes(): readonly CoveringListing[] {
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

  #matchClasses(): readonly CoveringListing[] {
    const { asOf, knowledge } = this.#situation
    const listings = knowledge.classes.get(this.regime.listOf ?? this.regime.id)
    if (!listings) return []
    const deviceClass = this.fact('deviceClass') as DeviceClass | null
    return listings.flatMap((listing): CoveringListing[] => {
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

function periodOn({ periods }: Regime, day: PlainDate): Regime['periods'][number] | undefined {
  return periods.find(({ from, to }) => (from === null || from <= day) && (to === null || day < to))
}

/** A case that is pending ends no law, so that its day is not the first one. */
function firstDayInForce({ periods }: Regime, last: Regime['periods'][number]): PlainDate | null {
  const isInForce = ({ status }: Regime['periods'][number]) =>
    status === 'in-force' || status === 'challenged'
  let first = last
  for (let next = periods.find(({ to }) => to !== null && to === first.from); next; ) {
    if (!isInForce(first) || !isInForce(next)) break
    first = next
    next = periods.find(({ to }) => to !== null && to === first.from)
  }
  return first.from
}

function foremost(covering: readonly CoveringListing[]): Listing | null {
  return foremostCovering(covering)?.listing ?? null
}

/** The listing to name: a certain one before a possible one, then the maker's own before its owner's, then the oldest. */
export function foremostCovering(covering: readonly CoveringListing[]): CoveringListing | null {
  let first: CoveringListing | null = null
  for (const next of covering) {
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
