/**
 * Which advisories mean a product with a firmware version, and what each source says.
 *
 * Sources are heard one by one and all shown. Where they disagree the stricter is acted on, because a wrong "not
 * affected" leaves a hole open and a wrong "affected" costs a visit.
 */
import { z } from 'zod'
import type { DeviceClass } from '../catalogue/facts.ts'
import { addDays, isPlainDate, type PlainDate } from '../lib/calendar.ts'
import { remembered } from '../lib/remembered.ts'
import { atOnce, type Steps } from '../lib/steps.ts'
import type { Advisory, Claim } from './advisories.ts'
import { type Affected, affectedBy, describeRule, isBeyondEnd, isSilentOn } from './affected-rule.ts'
import { modelPatterns } from './model-fields.ts'
import { indexOfModels, ModelIndex, type UnreadPattern } from './model-index.ts'
import { isOperatingSystem, labelReadings } from './model-names.ts'
import { modelReadings } from './models.ts'
import { isSomethingElse } from './product-kinds.ts'
import type { Fix, PossibleVulnerability, Support, Vulnerability } from './risk.ts'

/** What is installed, as far as known. */
export interface InstalledProduct {
  /** Vendor id of the real producer; null when not resolved. */
  readonly maker: string | null
  /** Vendor id of the label; null when unknown. The model number is one of the brand's, not of the maker's. */
  readonly brand: string | null
  readonly model: string | null
  readonly firmwareVersion: string | null
  readonly deviceClass: DeviceClass | null
}

/** What one source says of the product. */
export interface Verdict {
  readonly claim: Claim
  readonly result: Affected
  readonly because: string
}

export interface Assessment {
  readonly advisory: Advisory
  /**
   * `verdict`: a source names the model, or cannot be held against it because the model is unknown.
   * `candidate`: a feed names only the maker; a person or the overlay has to say more. It is never scored.
   */
  readonly standing: 'verdict' | 'candidate'
  readonly result: Affected | 'conflicting'
  /** The stricter of what the sources say: what to act on. */
  readonly actOn: Affected
  readonly verdicts: readonly Verdict[]
  /** Facts that would settle it. */
  readonly missingFacts: readonly string[]
  readonly fix: Fix
}

/** Advisories prepared for matching, by vendor id; make it once per version of the advisories. */
export interface AdvisoryIndex {
  readonly byVendor: ReadonlyMap<string, VendorAdvisories>
  readonly prefixes: ModelPrefixes
}

/** By vendor id, what stands before a model number in some lists and on some labels and not on others (`DH-`). */
export type ModelPrefixes = ReadonlyMap<string, readonly string[]>

interface VendorAdvisories {
  /** The claims on the vendor, by advisory id. */
  readonly advisories: ReadonlyMap<string, { readonly advisory: Advisory; readonly claims: readonly Claim[] }>
  /** Advisories and their claims by the models they name. */
  readonly byModel: ModelIndex<Claim>
  readonly unread: ReadonlyMap<Claim, UnreadPattern<Claim>>
}

/** What one product is held against: claims of an advisory on its vendors, and which of them name its model. */
interface Hearing {
  readonly advisory: Advisory
  readonly claims: readonly Claim[]
}

/** Prepare advisories, one per id (see `mergeAdvisories`). Claims on vendors outside the catalogue are left out. */
export function indexAdvisories(
  advisories: readonly Advisory[],
  prefixes: ModelPrefixes = new Map(),
): AdvisoryIndex {
  return atOnce(indexingAdvisories(advisories, prefixes))
}

/** The same in steps. */
export function* indexingAdvisories(
  advisories: readonly Advisory[],
  prefixes: ModelPrefixes,
): Steps<AdvisoryIndex> {
  const byVendor = new Map<string, Map<string, Hearing>>()
  for (const advisory of advisories) {
    for (const vendor of new Set(advisory.claims.map((claim) => claim.maker))) {
      if (vendor === null) continue
      const claims = advisory.claims.filter((claim) => claim.maker === vendor)
      const ofVendor = byVendor.get(vendor) ?? new Map<string, Hearing>()
      byVendor.set(vendor, ofVendor.set(advisory.id, { advisory, claims }))
    }
    yield
  }
  const prepared = new Map<string, VendorAdvisories>()
  for (const [vendor, some] of byVendor) prepared.set(vendor, yield* preparing(some))
  return { byVendor: prepared, prefixes }
}

function* preparing(advisories: ReadonlyMap<string, Hearing>): Steps<VendorAdvisories> {
  const claims = [...advisories.values()].flatMap((one) => one.claims)
  const byModel = yield* ModelIndex.making(
    claims.flatMap((claim) => claim.models.map((pattern) => [pattern, claim] as const)),
  )
  return { advisories, byModel, unread: new Map(byModel.unread.map((one) => [one.value, one])) }
}

/**
 * Every advisory that may mean the product, by id, with what each source says; also those that turn out not to,
 * so that a cleared device shows who cleared it. Without maker and brand there are none: that is the
 * identification's finding.
 */
export const assess = remembered(
  assessAll,
  (product: InstalledProduct) =>
    // A fact that is added there has to be added here: the compiler sees to it.
    JSON.stringify({
      maker: product.maker,
      brand: product.brand,
      model: product.model,
      firmwareVersion: product.firmwareVersion,
      deviceClass: product.deviceClass,
    } satisfies InstalledProduct),
  2_000,
)

/** A product, and what its model number says of the claims on its vendors. */
interface Question {
  readonly product: InstalledProduct
  /** Claims that name the model. */
  readonly named: ReadonlySet<Claim>
  /** Claims with a pattern beyond the limits. */
  readonly unread: ReadonlyMap<Claim, UnreadPattern<Claim>>
}

function assessAll(index: AdvisoryIndex, product: InstalledProduct): readonly Assessment[] {
  const { model } = product
  const ids = [...new Set([product.maker, product.brand])].filter((id) => id !== null)
  const vendors = ids.flatMap((id) => index.byVendor.get(id) ?? [])
  const found = new Map<string, Hearing>()
  for (const { advisories } of vendors) {
    for (const [id, { advisory, claims }] of advisories) {
      found.set(id, { advisory, claims: [...(found.get(id)?.claims ?? []), ...claims] })
    }
  }
  const question: Question = {
    product,
    named: new Set(model === null ? [] : ids.flatMap((id) => namedBy(index, id, model))),
    unread: new Map(vendors.flatMap(({ unread }) => [...unread])),
  }
  return [...found.values()]
    .flatMap((hearing) => assessOne(hearing, question) ?? [])
    .toSorted((a, b) => (a.advisory.id < b.advisory.id ? -1 : 1))
}

/** The claims on a vendor that name a model, however the one or the other writes it. */
function namedBy({ byVendor, prefixes }: AdvisoryIndex, id: string, model: string): readonly Claim[] {
  const byModel = byVendor.get(id)?.byModel
  if (byModel === undefined) return []
  const some = prefixes.get(id) ?? []
  return labelReadings(model)
    .flatMap((reading) => {
      const prefix = some.find((one) => reading.toUpperCase().startsWith(one))
      const bare = prefix === undefined ? reading : reading.slice(prefix.length)
      return [reading, bare, ...some.map((one) => `${one}${bare}`)]
    })
    .flatMap((reading) => byModel.find(reading))
}

/**
 * What of the assessments could be known on a day: holes that were published by then, and those exploited only if
 * CISA had listed them. A hole without a day of publication is as old as the year of its number. Feeds date by clocks
 * that can be a day ahead of a city's, so the day after still counts: the strict side. `changesOn` is the first later
 * day on which more is known; null when nothing is.
 */
export function knownOn(
  assessments: readonly Assessment[],
  day: PlainDate,
): { readonly assessments: readonly Assessment[]; readonly changesOn: PlainDate | null } {
  const last = addDays(day, 1)
  const later: PlainDate[] = []
  const known = assessments.flatMap((assessment): Assessment[] => {
    const { advisory } = assessment
    const listedOn = advisory.knownExploited?.addedOn ?? null
    const isListed = listedOn !== null && listedOn <= last
    if (listedOn !== null && !isListed) later.push(addDays(listedOn, -1))
    const publishedOn = advisory.publishedOn ?? `${advisory.id.slice(4, 8)}-01-01`
    if (publishedOn > last) later.push(addDays(publishedOn, -1))
    if (!isListed && publishedOn > last) return []
    if (listedOn === null || isListed) return [assessment]
    return [{ ...assessment, advisory: { ...advisory, knownExploited: null } }]
  })
  return { assessments: known, changesOn: later.toSorted()[0] ?? null }
}

/** The open holes among assessments, as `licensingRisk` takes them. */
export function openVulnerabilities(assessments: readonly Assessment[]): readonly Vulnerability[] {
  return assessments.flatMap(({ advisory, standing, result, actOn, fix, missingFacts }): Vulnerability[] => {
    if (standing === 'candidate' || actOn === 'not-affected') return []
    return [
      {
        id: advisory.id,
        status: actOn,
        isConflicting: result === 'conflicting',
        isKnownExploited: advisory.knownExploited !== null,
        dueOn: advisory.knownExploited?.dueOn ?? null,
        cvss: advisory.cvss,
        fix,
        requiredAction: advisory.knownExploited?.requiredAction ?? null,
        missingFacts,
      },
    ]
  })
}

/** Holes that may be there: their sources name the maker and no model. They are shown and never scored. */
export function possibleVulnerabilities(
  assessments: readonly Assessment[],
): readonly PossibleVulnerability[] {
  return assessments.flatMap(({ advisory, standing, actOn }): PossibleVulnerability[] => {
    if (standing !== 'candidate' || actOn === 'not-affected') return []
    const { id, knownExploited } = advisory
    const dueOn = knownExploited?.dueOn ?? null
    return [{ id, isKnownExploited: knownExploited !== null, dueOn, because: 'no-model-named' }]
  })
}

const SupportPeriod = z.strictObject({
  id: z.string(),
  maker: z.string(),
  /** Model patterns (`models.ts`); `*` for the whole range. */
  models: modelPatterns().min(1),
  /** Firmware line it is limited to, such as an AXIS OS track; null for any. */
  branch: z.string().nullable(),
  support: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ends'), to: z.string().refine(isPlainDate) }),
    z.strictObject({ kind: z.literal('no-end-announced') }),
    z.strictObject({ kind: z.literal('ended') }),
    z.strictObject({ kind: z.literal('unknown') }),
  ]),
  /** `uk-statement`: the date a maker publishes under the UK's PSTI rules, the best there is for units elsewhere. */
  sourceKind: z.enum(['maker', 'uk-statement', 'cisa', 'press']),
  citation: z.string(),
  readOn: z.string().refine(isPlainDate),
})
export type SupportPeriod = z.infer<typeof SupportPeriod>

/** Shape of `data/support-periods.json`. */
export const SupportPeriods = z.strictObject({
  version: z.string(),
  note: z.string(),
  periods: z.array(SupportPeriod),
})
export type SupportPeriods = z.infer<typeof SupportPeriods>

/** The support period of a product: the most particular row, the shortest among equals; unknown when none fits. */
export function supportOf(
  periods: readonly SupportPeriod[],
  product: InstalledProduct,
  branch: string | null,
): { readonly support: Support; readonly period: SupportPeriod | null } {
  const { maker, brand, model } = product
  const isRelabelled = brand !== null && brand !== maker
  const fitting = periods
    .filter((period) => period.maker === maker && (period.branch === null || period.branch === branch))
    .map((period) => ({ period, particularity: particularity(period, isRelabelled ? null : model) }))
    .filter(({ particularity: value }) => value >= 0)
    .toSorted(
      (a, b) =>
        b.particularity - a.particularity ||
        byText(endOf(a.period.support), endOf(b.period.support)) ||
        byText(a.period.id, b.period.id),
    )
  const best = fitting[0]?.period ?? null
  return { support: best?.support ?? { kind: 'unknown' }, period: best }
}

function assessOne({ advisory, claims }: Hearing, question: Question): Assessment | null {
  const { product } = question
  const heard = claims
    .filter((claim) => mayName(claim, question))
    .map((claim): Verdict => {
      // Firmware is written the maker's way whoever's label the unit carries.
      const byVersion = affectedBy(claim.rule, product.maker ?? claim.maker!, product.firmwareVersion)
      // Build days are the same calendar for every model, version numbers are not: without the model only a build
      // day can clear, and nothing convicts.
      const isTrusted =
        canCompareModel(claim, product) ||
        (claim.rule.kind === 'build-before' && byVersion === 'not-affected')
      const result = isTrusted ? byVersion : 'unknown'
      const installed = product.firmwareVersion ?? 'an unknown version'
      return {
        claim,
        result,
        because: `${claim.source} means ${describeRule(claim.rule)}; installed: ${installed}`,
      }
    })
  if (heard.length === 0) return candidateOf({ advisory, claims }, question)
  const counted = speaking(together(heard, product), product)
  const actOn = strictest(counted)
  const isConflicting = actOn === 'affected' && counted.some(({ result }) => result === 'not-affected')
  const missingFacts = actOn === 'unknown' ? missingFor(counted, product) : []
  return {
    advisory,
    standing: 'verdict',
    result: isConflicting ? 'conflicting' : actOn,
    actOn,
    verdicts: heard,
    missingFacts,
    fix: worstFix(counted.map((verdict) => verdict.claim.fix ?? advisory.fix)),
  }
}

/**
 * What each source says of a product in all its statements: a range per line of firmware is one answer, so it is
 * affected if one of them says so, and cleared by the one on its own line whatever those on other lines say.
 */
function together(heard: readonly Verdict[], product: InstalledProduct): readonly Verdict[] {
  const groups = new Map<string, Verdict[]>()
  for (const verdict of heard) {
    const { source, maker, product: name, models } = verdict.claim
    const key = JSON.stringify([source, maker, models.length === 0 ? name : models])
    groups.set(key, [...(groups.get(key) ?? []), verdict])
  }
  return [...groups.values()].flatMap((group) => {
    const affected = group.filter(({ result }) => result === 'affected')
    if (affected.length > 0) return affected
    const { maker, firmwareVersion } = product
    const isFixed = group.some(({ claim }) => isBeyondEnd(claim.rule, maker ?? claim.maker!, firmwareVersion))
    return isFixed ? group.filter((verdict) => !isSilent(verdict, product)) : group
  })
}

/** What to act on: a wrong "affected" costs less than a wrong "not affected". */
function strictest(verdicts: readonly Verdict[]): Affected {
  if (verdicts.some(({ result }) => result === 'affected')) return 'affected'
  return verdicts.some(({ result }) => result === 'unknown') ? 'unknown' : 'not-affected'
}

function isSilent({ claim, result }: Verdict, { maker, firmwareVersion }: InstalledProduct): boolean {
  return result === 'unknown' && isSilentOn(claim.rule, maker ?? claim.maker!, firmwareVersion)
}

/**
 * The question that an advisory leaves open when no claim names the model; null when the claims are an answer. A
 * source that names models and not this one answers for itself alone. A feed that names only the maker is a question,
 * whatever other sources list, and so is a claim with a pattern that could not be read. A build day can answer it, and
 * so can the version of an operating system, which is numbered alike on every model that it runs on.
 */
function candidateOf({ advisory, claims }: Hearing, { unread, product }: Question): Assessment | null {
  const open = claims.filter((claim) => {
    if (unread.has(claim)) return true
    return claim.models.length === 0 && !isSomethingElse(claim.product, claim.maker!, product.deviceClass)
  })
  if (open.length === 0) return null
  const verdicts = open.map((claim): Verdict => {
    const problem = unread.get(claim)?.problem
    const result = problem === undefined ? resultWithoutModel(claim, product) : 'unknown'
    const why =
      problem === undefined
        ? 'names the maker and no model'
        : `has a model pattern that is not read: it ${problem}`
    const means = result === 'unknown' ? '' : `; it means ${describeRule(claim.rule)}`
    return { claim, result, because: `${claim.source} ${why}${means}` }
  })
  const counted = together(verdicts, product)
  const actOn = strictest(counted)
  return {
    advisory,
    standing: actOn === 'affected' ? 'verdict' : 'candidate',
    result: actOn,
    actOn,
    verdicts,
    missingFacts: actOn === 'unknown' ? ['affectedModels'] : [],
    fix: worstFix(counted.map(({ claim }) => claim.fix ?? advisory.fix)),
  }
}

function resultWithoutModel({ rule, maker, product: name }: Claim, product: InstalledProduct): Affected {
  const result = affectedBy(rule, product.maker ?? maker!, product.firmwareVersion)
  if (rule.kind === 'any' || (product.maker !== null && product.maker !== maker)) return 'unknown'
  if (isOperatingSystem(name.split(/[\s_]+/))) return result
  return rule.kind === 'build-before' && result === 'not-affected' ? result : 'unknown'
}

/**
 * The verdicts that count. A source that gives no versions, or lists some and not the installed one, says nothing
 * against one that does; a feed that cannot be compared with the installed build says nothing against a curated rule
 * that can. All others do count, unknown ones too.
 */
function speaking(heard: readonly Verdict[], product: InstalledProduct): readonly Verdict[] {
  const saysNothing = (verdict: Verdict) => {
    const { kind } = verdict.claim.rule
    return (kind === 'unspecified' || kind === 'exact') && isSilent(verdict, product)
  }
  const versed = heard.filter((verdict) => !saysNothing(verdict))
  if (versed.length === 0) return heard
  const isCurated = (verdict: Verdict) => verdict.claim.container === 'curated'
  const curated = versed.filter(isCurated)
  const isSettled = curated.length > 0 && curated.every((verdict) => verdict.result !== 'unknown')
  return isSettled ? versed.filter((verdict) => isCurated(verdict) || verdict.result !== 'unknown') : versed
}

/** Whether a claim names the model, or cannot be held against it. */
function mayName(claim: Claim, { product, named }: Question): boolean {
  if (claim.models.length === 0) return false
  if (canCompareModel(claim, product)) return named.has(claim)
  return (
    claim.deviceClasses === null ||
    product.deviceClass === null ||
    claim.deviceClasses.includes(product.deviceClass)
  )
}

/** A relabelled unit carries the brand's model number, which says nothing in a list of the maker's. */
function canCompareModel(claim: Claim, { model, brand }: InstalledProduct): boolean {
  return isComparable(model) && (brand === null || claim.maker === brand)
}

function isComparable(model: string | null): model is string {
  return model !== null && modelReadings(model) !== null
}

function missingFor(verdicts: readonly Verdict[], product: InstalledProduct): readonly string[] {
  const missing = new Set<string>()
  for (const { claim, result } of verdicts) {
    if (result !== 'unknown') continue
    if (!canCompareModel(claim, product)) missing.add(missingModel(product.model))
    if (claim.rule.kind === 'unspecified') missing.add('affectedVersions')
    else if (product.firmwareVersion === null) missing.add('firmwareVersion')
    else if (canCompareModel(claim, product)) missing.add('comparableFirmwareVersion')
  }
  return [...missing].toSorted()
}

/** What has to be known before a claim can be held against the model. */
function missingModel(model: string | null): string {
  if (model === null) return 'model'
  return isComparable(model) ? 'makerModel' : 'comparableModel'
}

/** Best first. */
const FIXES: readonly Fix[] = [
  'vendor-fix',
  'unknown',
  'workaround',
  'mitigation',
  'no-fix-planned',
  'none-available',
]

function worstFix(fixes: readonly Fix[]): Fix {
  return FIXES[Math.max(...fixes.map((fix) => FIXES.indexOf(fix)))]!
}

/** Length of the best matching pattern, 0 for the whole range, -1 when none matches. */
function particularity(period: SupportPeriod, model: string | null): number {
  const named = model === null ? [] : indexOfModels(period.models).find(model)
  const lengths = [...period.models.filter((pattern) => pattern === '*'), ...named].map(
    (pattern) => pattern.length - 1,
  )
  return Math.max(-1, ...lengths) + (period.branch !== null && lengths.length > 0 ? 0.5 : 0)
}

/** A text that sorts the shorter support first. */
function endOf(support: Support): string {
  switch (support.kind) {
    case 'ended':
      return '0'
    case 'ends':
      return support.to
    case 'unknown':
      return '9998'
    case 'no-end-announced':
      return '9999'
    default:
      return support satisfies never
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
