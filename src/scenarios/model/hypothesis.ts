/**
 * What is supposed: makers put on a list on a day, and what is licensed all the same. From it follow rows of law that are
 * laid over those in force; nothing is copied but the rows that differ. Pure.
 */
import { ACTIVITIES, type Activity } from '../../catalogue/outcomes.ts'
import type { ReferenceData } from '../../catalogue/reference-data.ts'
import type { License as GeneralLicense, Listing, OwnershipTest, Regime } from '../../catalogue/rules.ts'
import type { Relationship, Vendor } from '../../catalogue/vendors.ts'
import { FIRMWARE_UPDATE, type License as LicenseRecord } from '../../firmware-risk/licenses/license.ts'
import { addDays, isWithin, type Period, type PlainDate } from '../../lib/calendar.ts'
import type { LawRows } from '../../screening/knowledge.ts'
import { belowOf } from '../../screening/reach.ts'
import type { Reach } from './reaches.ts'

export interface SupposedLicense {
  /** What it is called in answers. */
  readonly name: string
  readonly activities: readonly Activity[]
  readonly from: PlainDate
  /** null: it does not end. */
  readonly lastDay: PlainDate | null
  /** Whether it covers companies that the listed ones own. */
  readonly includesOwned: boolean
}

export interface Hypothesis {
  /** Vendor ids, as they were named. */
  readonly makers: readonly string[]
  readonly regime: string
  readonly program: string | null
  readonly effectiveOn: PlainDate
  readonly reach: Reach
  readonly licenses: readonly SupposedLicense[]
}

/** Rows of law without and with what is supposed. */
export interface Overlay {
  readonly before: LawRows
  readonly after: LawRows
  /** The same without the licenses for firmware updates, which are tested as records. */
  readonly updates: LawRows
  readonly listings: readonly Listing[]
  /** Listings in force that the supposed ones stand for: a past designation is played again without them. */
  readonly replaced: readonly Listing[]
}

/** The rows of a hypothesis. The regime has to keep a list of its own. */
export function overlayOf(hypothesis: Hypothesis, reference: ReferenceData, readOn: PlainDate): Overlay {
  const { regime: id } = hypothesis
  const listings = listingsOf(hypothesis, reference, readOn)
  const named = new Set(listings.map(({ vendor }) => vendor))
  const replaced = reference.listings.filter(
    ({ regime, vendor, to }) =>
      regime === id && vendor !== null && named.has(vendor) && (to === null || to > hypothesis.effectiveOn),
  )
  const kept =
    replaced.length === 0 ? reference.listings : reference.listings.filter((one) => !replaced.includes(one))
  const laid = [...kept, ...listings]
  const licensed = (licenses: readonly SupposedLicense[]) =>
    reference.regimes.map((regime) =>
      regime.id === id ? withLicenses(regime, hypothesis, listings, licenses) : regime,
    )
  const withoutUpdates = hypothesis.licenses.map((license) => ({
    ...license,
    activities: license.activities.filter((activity) => activity !== FIRMWARE_UPDATE),
  }))
  return {
    before: { regimes: reference.regimes, listings: kept },
    after: { regimes: licensed(hypothesis.licenses), listings: laid },
    updates: { regimes: licensed(withoutUpdates), listings: laid },
    listings,
    replaced,
  }
}

function listingsOf(hypothesis: Hypothesis, reference: ReferenceData, readOn: PlainDate): Listing[] {
  const { makers, regime, program, effectiveOn, reach } = hypothesis
  const listed =
    reach === 'group'
      ? makers.flatMap((maker) => groupOf(maker, reference.relationships, effectiveOn))
      : makers
  const names = new Map(reference.vendors.map((vendor) => [vendor.id, vendor.name]))
  return [...new Set(listed)].map(
    (vendor): Listing => ({
      id: `supposed:${regime}:${vendor}:${effectiveOn}`,
      regime,
      vendor,
      name: names.get(vendor) ?? vendor,
      program,
      from: effectiveOn,
      to: null,
      scope: 'equipment',
      class: null,
      purposeLimited: false,
      ...(reach === 'named' ? { byNameUnder: testsOf(regime, reference.regimes) } : {}),
      phases: {},
      citation: 'Hypothetical: supposed for a scenario, in no list',
      certainty: 'uncertain',
      notes: null,
      asOf: readOn,
    }),
  )
}

/** The ownership tests under which the list of a regime is read, by itself and by those that borrow it. */
export function testsOf(list: string, regimes: readonly Regime[]): OwnershipTest[] {
  return [
    ...new Set(regimes.filter((one) => (one.listOf ?? one.id) === list).map(({ ownership }) => ownership)),
  ]
}

/** A company and all below it that it owns, controls or trades as on the day. */
function groupOf(maker: string, relationships: readonly Relationship[], day: PlainDate): string[] {
  const ties = relationships.filter(
    (tie) => ['subsidiary', 'affiliate', 'brand-of'].includes(tie.kind) && isWithin(tie, day),
  )
  return belowOf([maker], ties)
}

/** Everybody whom a listing of these makers may concern through ownership, on any day and by any share. */
export function concernedBy(makers: readonly string[], relationships: readonly Relationship[]): string[] {
  return belowOf(makers, relationships)
}

function withLicenses(
  regime: Regime,
  { regime: id }: Hypothesis,
  listings: readonly Listing[],
  licenses: readonly SupposedLicense[],
): Regime {
  const entities = listings.map(({ vendor }) => vendor!)
  const supposed = licenses
    .filter(({ activities }) => activities.length > 0)
    .map(
      (license, i): Omit<GeneralLicense, 'regime' | 'kind' | 'holder' | 'status'> => ({
        id: `supposed:${id}:license-${i + 1}`,
        entities,
        includesOwned: license.includesOwned,
        activities: license.activities,
        from: null,
        to: null,
        days: daysOf(license),
      }),
    )
  return { ...regime, generalLicenses: [...(regime.generalLicenses ?? []), ...supposed] }
}

function daysOf({ from, lastDay }: SupposedLicense): Period {
  return { from, to: lastDay === null ? null : addDays(lastDay, 1) }
}

/** The licenses for firmware updates as records. Their days are counted in the zone of the city that asks. */
export function licenseRecords(
  { regime, program, licenses }: Hypothesis,
  { listings }: Overlay,
  { authority, timezone }: { readonly authority: string; readonly timezone: string },
): LicenseRecord[] {
  return licenses
    .filter(({ activities }) => activities.includes(FIRMWARE_UPDATE))
    .map(
      (license, i): LicenseRecord => ({
        id: `supposed:${regime}:license-${i + 1}`,
        type: 'general',
        number: license.name,
        authority,
        regime,
        program,
        activities: [FIRMWARE_UPDATE],
        entities: listings.map(({ vendor }) => vendor!),
        includesOwned: license.includesOwned,
        products: 'any',
        territory: 'any',
        holder: { kind: 'any-us-person' },
        window: { ...daysOf(license), timezone },
        status: 'active',
        statusSince: null,
        conditions: [],
        reportingDue: [],
        documentSha256: null,
        supersedes: null,
        citation: 'Hypothetical: supposed for a scenario',
      }),
    )
}

/** A license to wind down: everything that the regime bars, for so many days after the effective day. */
export function windDown(days: number, effectiveOn: PlainDate, regime: Regime): SupposedLicense {
  return {
    name: `wind-down of ${days} days`,
    activities: ACTIVITIES.filter((activity) => regime.activities.includes(activity)),
    from: effectiveOn,
    lastDay: addDays(effectiveOn, days),
    includesOwned: true,
  }
}

/** First day on which no supposed license holds that ends at all; null when none ends. */
export function coverEnds({ licenses }: Hypothesis): PlainDate | null {
  const last = licenses
    .flatMap(({ lastDay }) => lastDay ?? [])
    .toSorted()
    .at(-1)
  return last === undefined ? null : addDays(last, 1)
}

/** What each word for a list may be said shorter as. */
const SHORT: Readonly<Record<string, string>> = {
  sdn: 'ofac-sdn',
  cmic: 'ofac-ns-cmic',
  'entity-list': 'bis-entity-list',
  fcc: 'fcc-covered-list',
  '889': 'ndaa-889-a',
  '1260h': 'dod-1260h',
}

/** The regime that a word means, and what is wrong with it as a list to be put on. */
export function regimeOf(
  word: string,
  { regimes, listings }: Pick<ReferenceData, 'regimes' | 'listings'>,
): { readonly regime: Regime } | { readonly fault: string } {
  const id = SHORT[word.toLowerCase()] ?? word.toLowerCase()
  const regime = regimes.find((one) => one.id === id)
  const lists = () =>
    [...new Set(listings.filter(({ vendor }) => vendor !== null).map((listing) => listing.regime))].toSorted()
  if (!regime) return { fault: `is not a regime; those with a list of makers: ${lists().join(', ')}` }
  if (regime.listOf !== null) return { fault: `borrows the list of ${regime.listOf}; name that` }
  if (!lists().includes(id)) return { fault: `keeps no list of makers; those that do: ${lists().join(', ')}` }
  return { regime }
}

/** The maker of a country's register that is known under a name or id. */
export function vendorById(vendors: readonly Vendor[], id: string): Vendor | undefined {
  return vendors.find((vendor) => vendor.id === id.toLowerCase())
}
