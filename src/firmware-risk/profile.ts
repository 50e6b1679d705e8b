/**
 * Firmware risk of a profile: the facts of a device, what is known of firmware, and what the jurisdiction holds, put
 * together for `licensingRisk`. Everything it reads is in the profile, so one evaluation serves all its devices.
 */

import type { JurisdictionFacts } from '../catalogue/facts.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import type { Identification } from '../identification/identification.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { atOnce, type Steps } from '../lib/steps.ts'
import { type Advisory, type MakerNames, makerNamed } from './advisories.ts'
import { type AdvisoryIndex, indexingAdvisories, type ModelPrefixes } from './advisory-index.ts'
import { assess } from './assess.ts'
import type { Assessment, InstalledProduct } from './assessment.ts'
import { judge } from './judgement.ts'
import type { Licence, LicenceApplication } from './licenses/license.ts'
import { licensingRisk } from './licensing-risk.ts'
import type { UpdateLaw } from './measures.ts'
import { labelModel } from './model-names.ts'
import { knownOn, openVulnerabilities, possibleVulnerabilities } from './open-vulnerabilities.ts'
import { type Outlook, outlookOf } from './outlook.ts'
import { type PatchAnswer, patchAnswer } from './patch-answer.ts'
import { matchingReleases, unreadPatterns } from './release-models.ts'
import {
  type CandidateDays,
  type PossibleVulnerability,
  type Risk,
  type RiskInput,
  type RiskSubject,
  type Vulnerability,
  WORK_QUEUES,
} from './risk.ts'
import { bestSource, type FileOffer, type FixSource, heldSource, offerOf, openSource } from './sources.ts'
import { type SupportPeriod, supportOf } from './support-periods.ts'
import { workDate } from './urgency.ts'
import { parseFirmware } from './versions.ts'
import { publisherOf, waysOf } from './ways.ts'
import type { Weights } from './weights.ts'

/** A firmware file that a maker published, or an image of one that a jurisdiction keeps. */
export interface FirmwareRelease {
  readonly id: string
  /** Vendor id of who made it. */
  readonly maker: string
  /** Model patterns (`models.ts`). */
  readonly models: readonly string[]
  readonly firmwareVersion: string
  readonly releasedOn: PlainDate | null
  /** Where it can be had. */
  readonly channel: ScreenedDevice['updateChannel']
  /** Vendor ids. */
  readonly publisher: string | null
  readonly signer: string | null
  readonly sha256: string | null
  readonly source: string
  /** The day the image was obtained; null for a release that nobody here keeps. */
  readonly obtainedOn: PlainDate | null
  /** Its hash and signature were checked. */
  readonly isVerified: boolean
}

/** What is known of firmware everywhere, in one immutable value. */
export interface FirmwareKnowledge {
  /** Counts up by one with each change. */
  readonly version: number
  readonly index: AdvisoryIndex
  /** Vendor names of the feeds, for imports. */
  readonly makers: MakerNames
  readonly periods: readonly SupportPeriod[]
  readonly weights: Weights
  /** Licences anybody may rely on, entered by the operator. */
  readonly licences: readonly Licence[]
  readonly releases: readonly FirmwareRelease[]
  /** Records with model patterns that are beyond the limits and mean no model. */
  readonly unread: readonly string[]
}

export function buildFirmwareKnowledge(parts: {
  readonly version: number
  /** One per id. */
  readonly advisories: readonly Advisory[]
  readonly makers: MakerNames
  readonly modelPrefixes: ModelPrefixes
  readonly periods: readonly SupportPeriod[]
  readonly weights: Weights
  readonly licences: readonly Licence[]
  readonly releases: readonly FirmwareRelease[]
}): FirmwareKnowledge {
  return atOnce(buildingFirmwareKnowledge(parts))
}

/** The same in steps: tens of thousands of advisories take seconds. */
export function* buildingFirmwareKnowledge(
  parts: Parameters<typeof buildFirmwareKnowledge>[0],
): Steps<FirmwareKnowledge> {
  const { advisories, modelPrefixes, ...rest } = parts
  const index = yield* indexingAdvisories(advisories, modelPrefixes)
  return { ...rest, index, unread: unreadIn(index, parts.licences, parts.releases) }
}

/** What has patterns that are beyond the limits, such as `advisory CVE-2021-33044`: stored before there were any. */
function unreadIn(
  index: AdvisoryIndex,
  licences: readonly Licence[],
  releases: readonly FirmwareRelease[],
): readonly string[] {
  const has = ({ models }: Pick<Licence, 'models'>) => unreadPatterns(models).length > 0
  const advisories = [...index.byVendor.values()].flatMap((vendor) =>
    [...vendor.advisories.values()].flatMap(({ advisory, claims }) =>
      claims.some((claim) => vendor.unread.has(claim)) ? [`advisory ${advisory.id}`] : [],
    ),
  )
  return [
    ...new Set(advisories),
    ...licences.filter(has).map(({ id }) => `license ${id}`),
    ...releases.filter(has).map(({ id }) => `firmware release ${id}`),
  ]
}

/** What one jurisdiction holds of its own. */
export interface FirmwareHoldings {
  /** Null when the question is about no jurisdiction in particular. */
  readonly jurisdiction: string | null
  /** IANA name. */
  readonly timezone: string
  readonly licences: readonly Licence[]
  readonly applications: readonly LicenceApplication[]
  readonly images: readonly FirmwareRelease[]
  /** Null when it uses the weights of everybody. */
  readonly weights: Weights | null
  /** Counts up by one with each change. */
  readonly revision: number
}

export const NO_HOLDINGS: FirmwareHoldings = {
  jurisdiction: null,
  timezone: 'UTC',
  licences: [],
  applications: [],
  images: [],
  weights: null,
  revision: 0,
}

/** The file that closes the worst open hole. */
export interface ProposedFix extends FileOffer {
  readonly advisory: string
  readonly needsCounsel: boolean
}

export interface FirmwareRisk extends Risk {
  readonly fix: ProposedFix | null
  /** Whether it can be patched today, in one answer. */
  readonly patch: PatchAnswer
  /** What a designation of its maker would cost. */
  readonly outlook: Outlook
  /** Text that sorts in the order of work. */
  readonly order: string
  /** What it depends on: `vendor:<id>` and `regime:<id>`; a change to none of them leaves it as it is. */
  readonly subjects: readonly string[]
}

/** A change to everybody's risk, such as new weights. */
export const EVERYBODY = 'all'

export interface FirmwareQuestion {
  readonly device: ScreenedDevice
  /** Names of makers as they stand on labels. */
  readonly names: MakerNames
  readonly identification: Identification
  readonly jurisdiction: JurisdictionFacts
  readonly law: UpdateLaw
  readonly knowledge: FirmwareKnowledge
  readonly holdings: FirmwareHoldings
  readonly earlier: RiskInput['earlier']
}

/**
 * The risk on a day with the law, the holes, the releases and the images of that day. What else is held and the
 * support periods are those on record now. The same question always has the same answer.
 */
export function firmwareRisk(question: FirmwareQuestion, asOf: PlainDate): FirmwareRisk {
  const { device, identification, knowledge, holdings } = question
  const product = productOf(question)
  const images = matchingReleases(holdings.images, product)
  const isOut = ({ releasedOn }: FirmwareRelease) => releasedOn === null || releasedOn <= asOf
  const everyRelease = matchingReleases(knowledge.releases, product)
  const releases = everyRelease.filter(isOut)
  const dueReleases = everyRelease.filter((release) => !isOut(release))
  const { assessments, changesOn } = knownOn(assess(knowledge.index, product), asOf)
  const fixing = (id: string, some: readonly FirmwareRelease[]) =>
    some.filter((release) => closes(knowledge.index, product, release, id))
  // The law of the day an image was obtained decides whether it was lawful.
  const earliest = [asOf, ...images.flatMap(({ obtainedOn }) => obtainedOn ?? [])].toSorted()[0]!
  const subject = subjectOf(question, product)
  const ways = waysOf(question, product, subject, earliest)
  const hasChannel = device.updateChannel !== 'none'
  const sourcesOf = (id: string): readonly FixSource[] => [
    ...fixing(id, images)
      .toSorted(byObtained)
      .map((image) => heldSource(image, ways.of(image), ways.law, asOf)),
    ...fixing(id, releases)
      .toSorted((a, b) => ((a.releasedOn ?? '') < (b.releasedOn ?? '') ? 1 : -1))
      .map((release) =>
        openSource(release, ways.of(release, device.updateChannel), ways.law, asOf, hasChannel),
      ),
  ]
  const vulnerabilities = openVulnerabilities(assessments).map(
    (hole): Vulnerability => ({ ...hole, sources: sourcesOf(hole.id) }),
  )
  const candidates = candidateRisks(question, asOf)
  const risk = licensingRisk(
    {
      subject,
      measures: ways.measures,
      ...ways.held,
      vulnerabilities,
      possible: possibleOf(assessments, candidates),
      candidateDays: daysOf(candidates),
      weights: holdings.weights ?? knowledge.weights,
      earlier: question.earlier ?? null,
    },
    asOf,
  )
  const { isMakerResolved } = subject
  const own = openSource(null, ways.own, ways.law, asOf, hasChannel)
  const fix = proposedFix(risk, vulnerabilities, own)
  const today = judge(ways.law(ways.own), asOf)
  return {
    ...risk,
    fix,
    patch: patchAnswer({ risk, today, fix, own, isMakerResolved }),
    outlook: outlookOf(today, risk, {
      isMakerResolved,
      hasImage: images.some((image) => heldSource(image, ways.of(image), ways.law, asOf).isLawful),
      closedByImages: new Set(
        vulnerabilities
          .filter(({ sources = [] }) => sources.some((one) => one.from === 'held-image' && one.isLawful))
          .map(({ id }) => id),
      ),
    }),
    order: orderOf(risk),
    validUntil:
      [
        risk.validUntil,
        changesOn,
        ...dueReleases.map(({ releasedOn }) => releasedOn),
        ...ways.changesAfter(asOf),
        ...candidates.map(({ validUntil }) => validUntil),
      ]
        .filter((day) => day !== null)
        .toSorted()[0] ?? null,
    subjects: [
      EVERYBODY,
      ...new Set(
        [product.maker, product.brand, ...identification.candidates.map(({ vendor }) => vendor)].flatMap(
          (vendor) => (vendor === null ? [] : [`vendor:${vendor}`]),
        ),
      ),
      ...new Set(ways.regimes().map((regime) => `regime:${regime}`)),
    ],
  }
}

/** What it would be if it were of each of those who may have made it, where that is not resolved. */
function candidateRisks(question: FirmwareQuestion, asOf: PlainDate): readonly FirmwareRisk[] {
  const { identification } = question
  if (identification.status === 'resolved' || identification.maker !== null) return []
  return identification.candidates.slice(0, MOST_CANDIDATES).map(({ vendor }) => {
    const resolved: Identification = { ...identification, status: 'resolved', maker: vendor }
    return firmwareRisk({ ...question, identification: resolved }, asOf)
  })
}

/** The most likely ones; more of them are no answer to who made it. */
const MOST_CANDIDATES = 8

function possibleOf(
  assessments: readonly Assessment[],
  candidates: readonly FirmwareRisk[],
): readonly PossibleVulnerability[] {
  const certain = new Set(openVulnerabilities(assessments).map(({ id }) => id))
  const found = new Map<string, PossibleVulnerability>()
  for (const one of candidates.flatMap((risk) => risk.vulnerabilities)) {
    const { id, isKnownExploited, dueOn } = one
    found.set(id, { id, isKnownExploited, dueOn, because: 'maker-not-resolved' })
  }
  for (const one of possibleVulnerabilities(assessments)) found.set(one.id, one)
  return [...found.values()].filter(({ id }) => !certain.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function daysOf(candidates: readonly FirmwareRisk[]): CandidateDays {
  const first = (days: readonly (PlainDate | null)[]) =>
    days.filter((day) => day !== null).toSorted()[0] ?? null
  return {
    cutOffOn: first(candidates.map(({ cutOffOn }) => cutOffOn)),
    dueOn: first(candidates.flatMap(({ actions }) => actions.map(({ dueOn }) => dueOn))),
  }
}

/** The model number of a product whose label a city copied. */
export function modelOf(
  { maker, brand, model }: Pick<InstalledProduct, 'maker' | 'brand' | 'model'>,
  names: MakerNames,
): string | null {
  return model === null
    ? null
    : labelModel(
        model,
        [brand, maker].filter((id) => id !== null),
        names,
      )
}

/** A release as a source of one product's firmware: what it needs, whether or not it closes anything. */
export function releaseAsSource(
  question: FirmwareQuestion,
  release: FirmwareRelease,
  asOf: PlainDate,
): FixSource {
  const product = productOf(question)
  const ways = waysOf(question, product, subjectOf(question, product), asOf)
  const { updateChannel } = question.device
  return openSource(release, ways.of(release, updateChannel), ways.law, asOf, updateChannel !== 'none')
}

function productOf({ identification, device, knowledge, names }: FirmwareQuestion): InstalledProduct {
  // Advisories name more vendors than the catalogue does; a label that one of them means is enough to be warned.
  const named = identification.brand === null ? makerNamed(knowledge.makers, device.manufacturer) : null
  const [maker, brand] = [identification.maker ?? named, identification.brand ?? named]
  return {
    maker,
    brand,
    model: modelOf({ maker, brand, model: device.model }, names),
    firmwareVersion: device.firmwareVersion,
    deviceClass: device.deviceClass,
  }
}

/** What the device's own way brings. */
function subjectOf(
  { device, identification, jurisdiction, knowledge, holdings }: FirmwareQuestion,
  product: InstalledProduct,
): RiskSubject {
  const { maker, firmwareVersion } = product
  const branch =
    maker !== null && firmwareVersion !== null ? parseFirmware(maker, firmwareVersion).branch : null
  return {
    jurisdiction: holdings.jurisdiction ?? '',
    timezone: holdings.timezone,
    territory: jurisdiction.state === null ? 'US' : `US-${jurisdiction.state}`,
    deviceClass: device.deviceClass,
    model: product.model,
    parties: {
      maker: identification.maker,
      brand: identification.brand,
      publisher: publisherOf(device.updateChannel, product),
      signer: null,
    },
    updateChannel: device.updateChannel,
    isMakerResolved: identification.status === 'resolved',
    support: supportOf(knowledge.periods, product, branch).support,
    networkExposure: device.networkExposure,
    hasVerifiedControl: false,
    imageProvenance: 'unknown',
  }
}

/** What a release or image of a maker can touch. */
export function subjectsOfRelease({ maker }: Pick<FirmwareRelease, 'maker'>): readonly string[] {
  return [`vendor:${maker}`]
}

/** Whether installing the release closes the hole: a source says so of its version. */
function closes(
  index: AdvisoryIndex,
  product: InstalledProduct,
  release: FirmwareRelease,
  advisory: string,
): boolean {
  const found = assess(index, { ...product, firmwareVersion: release.firmwareVersion }).find(
    (assessment) => assessment.advisory.id === advisory,
  )
  return found?.standing === 'verdict' && found.result === 'not-affected'
}

/** Verified ones first, then in the order they were obtained. */
function byObtained(a: FirmwareRelease, b: FirmwareRelease): number {
  return (
    Number(b.isVerified) - Number(a.isVerified) || ((a.obtainedOn ?? '9') < (b.obtainedOn ?? '9') ? -1 : 1)
  )
}

/**
 * Where the fix of the worst hole lies. A source that may be used comes first; one that may not is still named, with
 * what it would need, so that nothing looks like a way out that is none.
 */
function proposedFix(
  risk: Risk,
  vulnerabilities: readonly Vulnerability[],
  channel: FixSource,
): ProposedFix | null {
  const open = risk.vulnerabilities.toSorted(
    (a, b) =>
      Number(a.fixObtainable === 'no') - Number(b.fixObtainable === 'no') ||
      Number(b.isKnownExploited) - Number(a.isKnownExploited),
  )
  for (const { id, fixObtainable } of open) {
    const { sources = [], fix } = vulnerabilities.find((hole) => hole.id === id)!
    const isFromChannel = fixObtainable !== 'no' || (fix === 'vendor-fix' && channel.way.channel !== 'none')
    const best = bestSource([...sources, ...(isFromChannel ? [channel] : [])])
    if (best === undefined) continue
    return { ...offerOf(best), advisory: id, needsCounsel: best.needsCounsel }
  }
  return null
}

/** Queue, then day, then score from high to low. */
function orderOf(risk: Risk): string {
  const score = String(100 - risk.score).padStart(3, '0')
  return `${WORK_QUEUES.indexOf(risk.queue)} ${workDate(risk)} ${score}`
}
