/**
 * The law as data, and the small interpreter that reads it.
 *
 * A condition evaluates to true, false or unknown (null) by Kleene's tables. Unknown is never read as "no":
 * a rule fires on true and on unknown, and names the facts that were missing in the second case. As firing
 * only ever adds an outcome and the most severe one stands, knowing less can never give a milder answer.
 */

import type { Period, PlainDate } from '../lib/calendar.ts'
import type { DeviceClass, DeviceFacts, JurisdictionFacts } from './facts.ts'
import type { Activity, Certainty, Outcome } from './outcomes.ts'

/**
 * `challenged`: in force, a case is pending. `stayed`: suspended by the authority. `unknown`: nobody has
 * confirmed whether it is in force; treated as in force, and the answer says that the status is missing.
 */
export type RegimeStatus = 'in-force' | 'challenged' | 'stayed' | 'unknown' | 'proposed' | 'not-issued'

export interface RegimePeriod extends Period {
  readonly status: RegimeStatus
  readonly note: string | null
}

/**
 * How far a listing reaches beyond the name on it. A trade name of a listed company is that company under each.
 * `any-affiliate`: subsidiaries and affiliates, down any number of steps. `fifty-percent`: companies of which
 * blocked persons hold half or more in sum, step by step.
 */
export type OwnershipTest = 'named-only' | 'any-affiliate' | 'fifty-percent'

/** What a license of a kind turns a barred activity into. Activities not named stay barred. */
type LicensedOutcomes = Readonly<Partial<Record<Activity, Outcome>>>

/**
 * An authorization or waiver. It lifts a bar only when everything it says holds at once: regime, entity,
 * activity, holder, the whole day, and its own condition. Nothing is matched by name, and no two licenses are
 * put together to make one.
 */
export interface License {
  readonly id: string
  /** As a sentence names it; its id where it has none. */
  readonly name?: string
  readonly regime: string
  readonly kind: 'general' | 'specific'
  /** Vendor ids it names. */
  readonly entities: 'any' | readonly string[]
  /** Sanctions program: it lifts the entries of this one; those of another need a license of their own. Absent: any. */
  readonly program?: string | null
  /** Whether it extends to companies that the named entities own; false when absent. */
  readonly includesOwned?: boolean
  readonly activities: readonly Activity[]
  /** `anyone`, `jurisdiction` (the city itself), or the vendor id of a supplier. */
  readonly holder: string
  /** ISO 8601 instant with offset. */
  readonly from: string | null
  /** First instant outside, ISO 8601 with offset. */
  readonly to: string | null
  /** The days on which it holds, where they are known already; they go before `from` and `to`. */
  readonly days?: Period
  /** Only `active` counts. */
  readonly status: string
  /** Terms that can be read from facts; unknown does not satisfy them. */
  readonly when?: Condition | null
}

export interface Regime {
  readonly id: string
  readonly title: string
  readonly authority: string
  readonly citation: string
  readonly certainty: Certainty
  /** Who has to obey, in words. */
  readonly binds: string
  /** Whether it binds a city as a city; null when nobody has settled it. */
  readonly bindsCities: boolean | null
  /** `US`, `US-TX` (evaluated only for that state), or a foreign country's code. */
  readonly jurisdiction: string
  /** The regime whose list this one borrows; null when it keeps its own. */
  readonly listOf: string | null
  readonly ownership: OwnershipTest
  /** Equipment that holds a substantial or essential component of a listed maker counts as that maker's. */
  readonly reachesParts?: boolean
  /** Ownership counts on the day a unit was produced, or on the day of the act. */
  readonly ownershipOn: 'production' | 'transaction'
  /** Activities it has something to say about; none for a regime kept as context only. */
  readonly activities: readonly Activity[]
  readonly periods: readonly RegimePeriod[]
  /** The periods of the data files, where operators confirmed others over them. */
  readonly shippedPeriods?: readonly RegimePeriod[]
  /** A rule that a city or a state made for itself: what none of its rules reaches is not touched by it. */
  readonly isLocal?: boolean
  /** null when no license or waiver exists under it. */
  readonly licensing: { readonly general: LicensedOutcomes; readonly specific: LicensedOutcomes } | null
  /** General licenses of the authority itself, that anybody may rely on within their terms. */
  readonly generalLicenses?: readonly Omit<License, 'regime' | 'kind' | 'holder' | 'status'>[]
  readonly notes: string | null
  /** When it was last read in its source. */
  readonly asOf: PlainDate
}

/** A class of products listed by type and place of production instead of by maker. */
interface ProductClass {
  readonly deviceClass: DeviceClass
  /** ISO 3166-1 alpha-2: units produced there are outside the class. */
  readonly producedOutside: string
  /** Only products made for households. */
  readonly consumerOnly: boolean
  /** What the authority leaves out of the class, in a sentence; a record says it by its model's license, if at all. */
  readonly except: string
}

/** `software`: no equipment; `services`: only what the company offers as a service, which no device is. */
export const LISTING_SCOPES = ['equipment', 'software', 'services', 'class'] as const

/** One entity (or class) on one regime's list, for one period. */
export interface Listing extends Period {
  readonly id: string
  readonly regime: string
  /** Vendor id; null for a class. */
  readonly vendor: string | null
  /** The name as it is listed. */
  readonly name: string
  /** Sanctions program of the entry, such as `GLOMAG`; a license of another program lifts nothing. */
  readonly program?: string | null
  readonly scope: (typeof LISTING_SCOPES)[number]
  readonly class: ProductClass | null
  /** Covers equipment only when it serves one of the four purposes of s.889(f)(3)(B). */
  readonly purposeLimited: boolean
  /** Ownership tests under which it reaches nobody but the name on it, of a list that reaches further; absent: none. */
  readonly byNameUnder?: readonly OwnershipTest[]
  /** False where the law does not name it and covers it as a subsidiary or affiliate of one that it names. */
  readonly isNamed?: false
  /** The entry of the list may be somebody else's: nobody has confirmed that it names this maker. Absent: confirmed. */
  readonly unconfirmed?: boolean
  /** Dated steps of this listing: `updates-barred`: 2024-09-29. */
  readonly phases: Readonly<Record<string, PlainDate>>
  readonly citation: string
  readonly certainty: Certainty
  readonly notes: string | null
  readonly asOf: PlainDate
}

export interface Rule {
  readonly id: string
  readonly regime: string
  /** Row of the decision table in docs/methodology/determinations.md; null when it is not in the table. */
  readonly row: number | null
  readonly inForce: Period
  /** The regime statuses under which it applies. */
  readonly during: readonly RegimeStatus[]
  readonly when: Condition
  readonly outcomes: Readonly<Partial<Record<Activity, Outcome>>>
  /**
   * What it makes of an activity while one of these facts keeps it open; the first that fits counts. For facts that
   * hardly any city or device has: taken the strict way, not having said them would accuse nearly every device.
   */
  readonly whileUnknown?: readonly {
    readonly facts: readonly FactName[]
    readonly outcomes: Readonly<Partial<Record<Activity, Outcome>>>
    readonly because: string
  }[]
  /** One sentence; `{maker}`, `{listed}`, `{asOf}` are filled in. */
  readonly because: string
  readonly certainty: Certainty
  readonly citation: string
  readonly asOf: PlainDate
}

type DatesOf<T> = { [K in keyof T]-?: PlainDate extends NonNullable<T[K]> ? K : never }[keyof T]

export type FactName = keyof DeviceFacts | keyof JurisdictionFacts | 'asOf' | 'maker' | 'makerCountry'
/** Facts that hold a day. */
export type DateFact = Extract<DatesOf<DeviceFacts>, `${string}On`> | 'asOf'

/** Which of the listings that cover the maker are meant. All that is given has to hold of one listing. */
interface CoverageFilter {
  /** Look at the lists of these regimes instead of the rule's own. */
  readonly regimes?: readonly string[]
  readonly purposeLimited?: boolean
  /** The listing has this step and the evaluation date is on or after it. */
  readonly phase?: string
  /** The listing has this step and the evaluation date is before it. */
  readonly untilPhase?: string
  /** The listing knows no such step. */
  readonly withoutPhase?: string
  /** Covered through ownership, not by its own name. */
  readonly inherited?: boolean
}

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly is: readonly [FactName, string | boolean] }
  | { readonly in: readonly [FactName, readonly string[]] }
  | { readonly onOrAfter: readonly [DateFact, PlainDate] }
  | { readonly before: readonly [DateFact, PlainDate] }
  /** A listing in force covers the maker. */
  | { readonly reached: CoverageFilter }
  /** Affiliated with a listed entity in any way, whatever the regime's own ownership test says. */
  | { readonly affiliated: true }
  /** The product falls into a listed class. */
  | { readonly listedClass: { readonly phase?: string } }
  /** The day lies before each listing that covers the device. */
  | { readonly beforeListing: DateFact }
  /** The day lies before that step of each listing that covers the device and has it. */
  | { readonly beforePhase: readonly [DateFact, string] }
  /** What is known of the regime itself. */
  | { readonly regimeIs: readonly ['bindsCities', boolean | null] }

/** null is unknown. */
export type Truth = boolean | null

/** A listing that covers the maker; truth null when that hangs on a fact nobody gave. */
export interface CoveringListing {
  readonly listing: Listing
  readonly truth: true | null
  /** Vendor ids from the maker up to the listed entity. */
  readonly path: readonly string[]
  /** Whether an ownership step (other than a trade name) lies on the path. */
  readonly inherited: boolean
  readonly missing: readonly string[]
}

/** Everything a condition may look at. */
export interface View {
  readonly asOf: PlainDate
  readonly regime: Regime
  fact(name: FactName): string | boolean | null | undefined
  /** The name under which an unknown fact is asked for: what a city says once comes before what each device says. */
  asked(name: FactName): string
  /** Between which days an unknown date lies, as far as other dates of the device show; null is open. */
  bounds(name: DateFact): { readonly earliest: PlainDate | null; readonly latest: PlainDate | null }
  /** Whether a product of unknown type may be of this class. */
  mayBe(deviceClass: DeviceClass): boolean
  /** Listings of a regime's list that cover the maker. */
  covering(regime: string): readonly CoveringListing[]
  affiliated(): { readonly truth: Truth; readonly missing: readonly string[] }
  /** Listed classes the product belongs to, or may belong to. */
  classes(): readonly CoveringListing[]
  /** The maker is unknown and is judged as if every list covered it. */
  readonly covered: boolean
}

/** A condition made ready to run. */
export interface Compiled {
  truth(view: View): Truth
  /** Add the names of the facts that keep the condition unknown. Call only when it is. */
  missing(view: View, into: Set<string>): void
  /** Names of the facts it may read. */
  readonly facts: readonly FactName[]
  /** The dates it compares with. */
  readonly dates: readonly PlainDate[]
  /** Regimes whose lists it looks at, besides the rule's own. */
  readonly lists: readonly string[]
  /** Steps of a listing that have to have begun. */
  readonly phases: readonly string[]
}

/** Throws TypeError for something that is not a condition: rule data is checked when it is loaded. */
export function compile(condition: Condition): Compiled {
  if ('all' in condition) return junction(condition.all, false)
  if ('any' in condition) return junction(condition.any, true)
  if ('not' in condition) {
    const inner = compile(condition.not)
    return {
      ...inner,
      truth: (view) => {
        const truth = inner.truth(view)
        return truth === null ? null : !truth
      },
    }
  }
  if ('is' in condition) {
    const [name, expected] = condition.is
    if (name === 'deviceClass') return onClass([expected as DeviceClass])
    return onFact(name, [], (value) => value === expected)
  }
  if ('in' in condition) {
    const [name, values] = condition.in
    if (name === 'deviceClass') return onClass(values as readonly DeviceClass[])
    return onFact(name, [], (value) => values.includes(value as string))
  }
  if ('onOrAfter' in condition) {
    const [name, date] = condition.onOrAfter
    return onDate(name, [date], () => [date], true)
  }
  if ('before' in condition) {
    const [name, date] = condition.before
    return onDate(name, [date], () => [date], false)
  }
  if ('reached' in condition) return onCoverage(condition.reached)
  if ('affiliated' in condition) {
    return {
      facts: ['maker'],
      dates: [],
      lists: [],
      phases: [],
      truth: (view) => view.covered || view.affiliated().truth,
      missing: (view, into) => addAll(into, view.affiliated().missing),
    }
  }
  if ('listedClass' in condition) {
    const { phase } = condition.listedClass
    const matches = (view: View) =>
      view.classes().filter(({ listing }) => phase === undefined || hasBegun(listing, phase, view.asOf))
    return {
      facts: ['deviceClass', 'producedIn', 'consumerGrade'],
      dates: [],
      lists: [],
      phases: phase === undefined ? [] : [phase],
      truth: (view) => anyTruth(matches(view)),
      missing: (view, into) => {
        for (const match of matches(view)) addAll(into, match.missing)
      },
    }
  }
  if ('beforeListing' in condition) {
    // Nothing lies before a listing that has no beginning.
    return onEachListing(condition.beforeListing, (listing) => listing.from ?? '')
  }
  if ('beforePhase' in condition) {
    const [name, phase] = condition.beforePhase
    return onEachListing(name, (listing) => listing.phases[phase])
  }
  if ('regimeIs' in condition) {
    const [name, expected] = condition.regimeIs
    return {
      facts: [],
      dates: [],
      lists: [],
      phases: [],
      truth: ({ regime }) => regime[name] === expected,
      missing: () => {},
    }
  }
  throw new TypeError(`Not a condition: ${JSON.stringify(condition satisfies never)}`)
}

/** `any` is decided by a true part, `all` by a false one. */
function junction(conditions: readonly Condition[], decisive: boolean): Compiled {
  const parts = conditions.map(compile)
  return {
    facts: [...new Set(parts.flatMap(({ facts }) => facts))],
    dates: parts.flatMap(({ dates }) => dates),
    lists: parts.flatMap(({ lists }) => lists),
    phases: [...new Set(parts.flatMap(({ phases }) => phases))],
    truth: (view) => {
      let result: Truth = !decisive
      for (const part of parts) {
        const truth = part.truth(view)
        if (truth === decisive) return decisive
        if (truth === null) result = null
      }
      return result
    },
    missing: (view, into) => {
      for (const part of parts) if (part.truth(view) === null) part.missing(view, into)
    },
  }
}

function onFact(
  name: FactName,
  dates: readonly PlainDate[],
  test: (value: string | boolean) => boolean,
): Compiled {
  return {
    facts: [name],
    dates,
    lists: [],
    phases: [],
    truth: (view) => {
      const value = view.fact(name)
      return value === null || value === undefined ? null : test(value)
    },
    missing: (view, into) => into.add(view.asked(name)),
  }
}

/** A product of unknown type is none of the classes that its maker is known not to make. */
function onClass(classes: readonly DeviceClass[]): Compiled {
  return {
    facts: ['deviceClass'],
    dates: [],
    lists: [],
    phases: [],
    truth: (view) => {
      const value = view.fact('deviceClass')
      if (value !== null && value !== undefined) return classes.some((one) => one === value)
      return classes.some((one) => view.mayBe(one)) ? null : false
    },
    missing: (_view, into) => into.add('deviceClass'),
  }
}

/**
 * Whether a day lies before each of some dates, or (`isLate`) not. A day that nobody gave may be bounded by
 * others: what was paid was obligated before.
 */
function onDate(
  name: DateFact,
  dates: readonly PlainDate[],
  datesOf: (view: View) => readonly PlainDate[],
  isLate: boolean,
): Compiled {
  return {
    facts: [name],
    dates,
    lists: [],
    phases: [],
    truth: (view) => {
      const before = isBeforeEach(name, datesOf(view), view)
      return before === null ? null : before !== isLate
    },
    missing: (view, into) => into.add(view.asked(name)),
  }
}

function isBeforeEach(name: DateFact, dates: readonly PlainDate[], view: View): Truth {
  if (dates.length === 0) return true
  const value = view.fact(name)
  if (typeof value === 'string') return dates.every((date) => value < date)
  const { earliest, latest } = view.bounds(name)
  if (latest !== null && dates.every((date) => latest < date)) return true
  return earliest !== null && dates.some((date) => earliest >= date) ? false : null
}

function onCoverage(filter: CoverageFilter): Compiled {
  const { regimes, purposeLimited, phase, untilPhase, withoutPhase, inherited } = filter
  const passes = (covering: CoveringListing, asOf: PlainDate) =>
    (purposeLimited === undefined || covering.listing.purposeLimited === purposeLimited) &&
    (phase === undefined || hasBegun(covering.listing, phase, asOf)) &&
    (untilPhase === undefined ||
      (covering.listing.phases[untilPhase] !== undefined && !hasBegun(covering.listing, untilPhase, asOf))) &&
    (withoutPhase === undefined || covering.listing.phases[withoutPhase] === undefined) &&
    (inherited === undefined || covering.inherited === inherited)
  const matches = (view: View) =>
    (regimes ?? [view.regime.id])
      .flatMap((regime) => view.covering(regime))
      .filter((covering) => passes(covering, view.asOf))
  return {
    facts: ['maker'],
    dates: [],
    lists: regimes ?? [],
    phases: phase === undefined ? [] : [phase],
    truth: (view) => view.covered || anyTruth(matches(view)),
    missing: (view, into) => {
      for (const match of matches(view)) addAll(into, match.missing)
    },
  }
}

function onEachListing(name: DateFact, dateOf: (listing: Listing) => PlainDate | undefined): Compiled {
  const dates = (view: View) =>
    [...view.covering(view.regime.id), ...view.classes()].flatMap(({ listing }) => dateOf(listing) ?? [])
  const condition = onDate(name, [], dates, false)
  // Nobody knows which listing would cover an unknown maker, so no day is early enough.
  return { ...condition, truth: (view) => (view.covered ? false : condition.truth(view)) }
}

function hasBegun(listing: Listing, phase: string, asOf: PlainDate): boolean {
  const date = listing.phases[phase]
  return date !== undefined && asOf >= date
}

function anyTruth(matches: readonly CoveringListing[]): Truth {
  if (matches.length === 0) return false
  return matches.some(({ truth }) => truth === true) || null
}

function addAll(into: Set<string>, names: readonly string[]): void {
  for (const name of names) into.add(name)
}
