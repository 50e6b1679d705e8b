/**
 * Which advisories mean a product with a firmware version, and what each source says.
 *
 * Sources are heard one by one and all shown. Where they disagree the stricter is acted on, because a wrong "not
 * affected" leaves a vulnerability open and a wrong "affected" costs a visit.
 */
import { remembered } from '../lib/memory.ts'
import type { Claim } from './advisories.ts'
import type { AdvisoryIndex, Hearing, NamedClaim, VendorAdvisories } from './advisory-index.ts'
import { type Affected, affectedBy, describeRule } from './affected-rule.ts'
import type { Assessment, InstalledProduct, Verdict } from './assessment.ts'
import { speaking, strictest, together } from './claims.ts'
import { isOperatingSystem, labelReadings } from './model-names.ts'
import { modelReadings } from './models.ts'
import { isSomethingElse } from './product-kinds.ts'
import type { Fix } from './remedy.ts'

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
  50_000,
  // Thousands of advisories may name a maker and no model.
  (assessments) => assessments.length + 10,
)

/** A product, and what its model number says of the claims on its vendors. */
interface Question {
  readonly product: InstalledProduct
  /** Whether there is a model number that lists can be searched for. */
  readonly isComparable: boolean
  /** Claims that name the model. */
  readonly named: ReadonlySet<Claim>
  /** Claims with a pattern beyond the limits -> the demand that it does not meet. */
  readonly unread: ReadonlyMap<Claim, string>
}

function assessAll(index: AdvisoryIndex, product: InstalledProduct): readonly Assessment[] {
  const { model, brand } = product
  const ids = [...new Set([product.maker, brand])].filter((id) => id !== null && index.byVendor.has(id))
  const vendors = ids.map((id) => ({ id: id!, ...index.byVendor.get(id!)! }))
  const named = model === null ? [] : vendors.flatMap(({ id }) => namedBy(index, id, model))
  const question: Question = {
    product,
    isComparable: isComparable(model),
    named: new Set(named.map(({ claim }) => claim)),
    unread: new Map(vendors.flatMap(({ unread }) => [...unread])),
  }
  // Of a vendor whose lists can be searched for the model, whatever names other models alone says nothing.
  const wanted = new Set([
    ...named.map(({ id }) => id),
    ...vendors.flatMap(({ id, open, advisories }) => [
      ...(canCompareModel(id, question) ? open : advisories.keys()),
    ]),
  ])
  return [...wanted]
    .flatMap((id) => assessOne(hearingOf(id, vendors), question) ?? [])
    .toSorted((a, b) => (a.advisory.id < b.advisory.id ? -1 : 1))
}

/** An advisory with its claims on any of the vendors. */
function hearingOf(id: string, vendors: readonly VendorAdvisories[]): Hearing {
  const [first, ...others] = vendors.flatMap(({ advisories }) => advisories.get(id) ?? [])
  if (others.length === 0) return first!
  return { advisory: first!.advisory, claims: [first!, ...others].flatMap(({ claims }) => claims) }
}

/** The claims on a vendor that name a model, however the one or the other writes it. */
function namedBy({ byVendor, prefixes }: AdvisoryIndex, id: string, model: string): readonly NamedClaim[] {
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
        canCompareModel(claim.maker, question) ||
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
  const missingFacts = actOn === 'unknown' ? missingFor(counted, question) : []
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
    const problem = unread.get(claim)
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

/** Whether a claim names the model, or cannot be held against it. */
function mayName(claim: Claim, question: Question): boolean {
  const { product, named } = question
  if (claim.models.length === 0) return false
  if (canCompareModel(claim.maker, question)) return named.has(claim)
  return (
    claim.deviceClasses === null ||
    product.deviceClass === null ||
    claim.deviceClasses.includes(product.deviceClass)
  )
}

/** A relabeled unit carries the brand's model number, which says nothing in a list of the maker's. */
function canCompareModel(vendor: string | null, { isComparable, product: { brand } }: Question): boolean {
  return isComparable && (brand === null || vendor === brand)
}

function isComparable(model: string | null): model is string {
  return model !== null && modelReadings(model) !== null
}

function missingFor(verdicts: readonly Verdict[], question: Question): readonly string[] {
  const { product } = question
  const missing = new Set<string>()
  for (const { claim, result } of verdicts) {
    if (result !== 'unknown') continue
    if (!canCompareModel(claim.maker, question)) missing.add(missingModel(product.model))
    if (claim.rule.kind === 'unspecified') missing.add('affectedVersions')
    else if (product.firmwareVersion === null) missing.add('firmwareVersion')
    else if (canCompareModel(claim.maker, question)) missing.add('comparableFirmwareVersion')
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
