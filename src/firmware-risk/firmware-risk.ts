/**
 * Firmware risk of a profile: the facts of a device, what is known of firmware, and what the jurisdiction holds, put
 * together for `licensingRisk`. Everything it reads is in the profile, so one evaluation serves all its devices.
 */

import type { Identification } from '../identification/identification.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { assess } from './assess.ts'
import type { Assessment } from './assessment.ts'
import type { ProposedFix } from './fix.ts'
import { judge } from './judgment.ts'
import { licensingRisk } from './licensing-risk.ts'
import { knownOn, openVulnerabilities, possibleVulnerabilities } from './open-vulnerabilities.ts'
import { type Outlook, outlookOf } from './outlook.ts'
import { type PatchAnswer, patchAnswer } from './patch-answer.ts'
import { productOf, subjectOf } from './product.ts'
import type { FirmwareQuestion } from './question.ts'
import type { FirmwareRelease } from './release.ts'
import { matchingReleases } from './release-models.ts'
import { closes } from './release-source.ts'
import type { CandidateDays, PossibleVulnerability, Risk, Vulnerability } from './risk.ts'
import { bestSource, type FixSource, heldSource, offerOf, openSource } from './sources.ts'
import { orderOf } from './urgency.ts'
import { waysOf } from './ways.ts'

export interface FirmwareRisk extends Risk {
  readonly fix: ProposedFix | null
  /** Whether it can be patched today, in one answer. */
  readonly patch: PatchAnswer
  /** What a designation of its maker would cost. */
  readonly outlook: Outlook
  /** Text that sorts in the order of work. */
  readonly order: string
  /**
   * What it depends on: `vendor:<id>`, `regime:<id>`, and of the law that is to come and the images that are held that
   * there are some; a change to none of them leaves it as it is.
   */
  readonly subjects: readonly string[]
}

/** A change to everybody's risk, such as new weights. */
export const EVERYBODY = 'all'
/** Law that is announced: it counts from the day on which it was read. */
export const ANNOUNCED = 'announced'
/** Images that are held, each judged by the law of the day on which it was obtained. */
export const HELD_IMAGES = 'held-images'

/**
 * The risk on a day with the law, the vulnerabilities, the releases and the images of that day. What else is held and the
 * support periods are those on record now. The same question always has the same answer.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the steps from facts to risk in their order, each a call with its reason
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
    (vulnerability): Vulnerability => ({ ...vulnerability, sources: sourcesOf(vulnerability.id) }),
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
      ...new Set([
        EVERYBODY,
        ...[
          ...[product.maker, product.brand, ...ways.parties()],
          ...identification.candidates.map(({ vendor }) => vendor),
        ].flatMap((vendor) => (vendor === null ? [] : [`vendor:${vendor}`])),
        ...ways.regimes().map((regime) => `regime:${regime}`),
        ...(ways.isAnnounced() ? [ANNOUNCED] : []),
        ...(images.length > 0 ? [HELD_IMAGES] : []),
        ...candidates.flatMap(({ subjects }) => subjects),
      ]),
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

/** Verified ones first, then in the order they were obtained. */
function byObtained(a: FirmwareRelease, b: FirmwareRelease): number {
  return (
    Number(b.isVerified) - Number(a.isVerified) || ((a.obtainedOn ?? '9') < (b.obtainedOn ?? '9') ? -1 : 1)
  )
}

/**
 * Where the fix of the worst vulnerability lies. A source that may be used comes first; one that may not is still named, with
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
    const { sources = [], fix } = vulnerabilities.find((vulnerability) => vulnerability.id === id)!
    const isFromChannel = fixObtainable !== 'no' || (fix === 'vendor-fix' && channel.way.channel !== 'none')
    const best = bestSource([...sources, ...(isFromChannel ? [channel] : [])])
    if (best === undefined) continue
    return { ...offerOf(best), advisory: id, needsCounsel: best.needsCounsel }
  }
  return null
}
