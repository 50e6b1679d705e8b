/**
 * Licensing risk of firmware updates: may this product still be updated, on which dates that changes, and how
 * urgent it is. The level is a statement of law and fact with reasons; the score only orders work.
 *
 * Everything is computed for a profile: facts many devices share. Nothing here knows a device.
 * Model, weights and limits: `docs/methodology/firmware.md`.
 */

import { addDays, type PlainDate } from '../lib/calendar.ts'
import { actionsFor } from './actions.ts'
import { fixObtainable, type OpenVulnerability } from './fix-obtainable.ts'
import {
  boundaries,
  type Dated,
  isCutOff,
  type Judgment,
  judge,
  judgmentsFrom,
  type Law,
  readLaw,
} from './judgment.ts'
import type { Level } from './levels.ts'
import type { Reason, ReasonCode } from './measure.ts'
import type { PossibleVulnerability, Risk, RiskInput, TimelineEntry } from './risk.ts'
import { scoreParts } from './score.ts'
import { bestSource } from './sources.ts'
import type { RiskSubject } from './subject.ts'
import { DAYS_OF_A_YEAR, supportStatus } from './support-status.ts'
import { queueOf, urgencyOf } from './urgency.ts'
import { bandOf } from './weights.ts'

/**
 * The licensing risk on a day. Days are those of `subject.timezone`. A day that a license covers only in part
 * counts as not covered; a measure counts from the first minute of its first day.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the steps from judgment to answer in their order; half is the answer itself
export function licensingRisk(input: RiskInput, asOf: PlainDate): Risk {
  const { subject, weights } = input
  const law = readLaw(input)
  const today = judge(law, asOf)
  const level = today.level
  const support = supportStatus(subject.support, asOf)
  const vulnerabilities = input.vulnerabilities
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map((vulnerability): OpenVulnerability => {
      const lawful = (vulnerability.sources ?? []).filter((source) => source.isLawful)
      return {
        ...vulnerability,
        isHeld: lawful.some(({ from }) => from === 'held-image'),
        source: bestSource(lawful) ?? null,
        fixObtainable: lawful.length > 0 ? 'yes' : fixObtainable(vulnerability, law, today),
      }
    })
  const exploited = vulnerabilities.filter((vulnerability) => vulnerability.isKnownExploited)
  const isUnpatchable = exploited.some((vulnerability) => vulnerability.fixObtainable === 'no')

  const parts = scoreParts({ subject, weights, today, support, vulnerabilities, asOf })
  const rawScore = parts.reduce((sum, part) => sum + part.points, 0)
  const floors = [
    ...(isUnpatchable ? [weights.floors.exploitedNoFixObtainable] : []),
    ...(level === 'blocked' ? [weights.floors.blocked] : []),
  ]
  const floor = floors.length > 0 ? Math.max(...floors) : null
  const score = Math.max(Math.min(100, Math.max(0, rawScore)), floor ?? 0)

  const judgments = judgmentsFrom(law, asOf, today)
  const possible = input.possible ?? []
  const ownCutOff = judgments.find(isCutOff)?.day ?? null
  const cutOffOn = isCutOff(today) ? null : earlier(ownCutOff, input.candidateDays?.cutOffOn ?? null)
  const missingFacts = missingOf(input, law)
  const needsReview =
    today.needsReview ||
    !subject.isMakerResolved ||
    subject.updateChannel === null ||
    possible.some((one) => one.isKnownExploited) ||
    input.vulnerabilities.some(
      (vulnerability) => vulnerability.isConflicting || vulnerability.status === 'unknown',
    )
  const urgency = urgencyOf(level, vulnerabilities)
  const queue = queueOf({ level, vulnerabilities, exploited, isUnpatchable, cutOffOn, needsReview })
  const since = input.earlier?.queue === queue && input.earlier.since < asOf ? input.earlier.since : asOf

  return {
    asOf,
    weightsVersion: weights.version,
    level,
    levels: { supply: today.supply, city: today.city },
    score,
    rawScore,
    floor,
    band: bandOf(score, weights),
    urgency,
    needsReview,
    missingFacts,
    reasons: [
      ...today.reasons,
      ...factReasons(subject, vulnerabilities),
      ...possible.flatMap(possibleReason),
    ],
    parts,
    timeline: changesOfLevel(judgments),
    cutOffOn,
    supportStatus: support,
    vulnerabilities: vulnerabilities.map(({ id, isKnownExploited, fixObtainable, dueOn, epss, ssvc }) => ({
      id,
      isKnownExploited,
      fixObtainable,
      dueOn,
      ...(epss == null ? {} : { epss }),
      ...(ssvc == null ? {} : { ssvc }),
    })),
    possibleVulnerabilities: possible,
    queue,
    since,
    actions: actionsFor({ input, today, vulnerabilities, urgency, cutOffOn, missingFacts, since }),
    validUntil: nextChange(input, law, asOf),
  }
}

function earlier(a: PlainDate | null, b: PlainDate | null): PlainDate | null {
  return a === null || (b !== null && b < a) ? b : a
}

function possibleReason({ id, isKnownExploited, because }: PossibleVulnerability): readonly Reason[] {
  if (!isKnownExploited) return []
  const why =
    because === 'no-model-named'
      ? 'a source names the maker and no model; compare the maker’s notice with this model'
      : 'one of those who may have made it is affected; find out who made it'
  const text = `${id} is exploited: ${why}`
  return [{ level: null, code: 'may-be-affected', about: id, text, citation: null }]
}

/** Today's level and every later change that the facts already hold. */
function changesOfLevel(judgments: readonly Dated<Judgment>[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const { day, level, because } of judgments) {
    if (entries.at(-1)?.level !== level) entries.push({ from: day, level, because })
  }
  return entries
}

function factReasons(subject: RiskSubject, vulnerabilities: readonly OpenVulnerability[]): readonly Reason[] {
  const reasons: Reason[] = []
  const addReason = (level: Level | null, code: ReasonCode, about: string | null, text: string) =>
    reasons.push({ level, code, about, text, citation: null })
  if (subject.updateChannel === 'none') {
    addReason(
      'blocked',
      'no-channel',
      null,
      'no working update channel: blocked in practice, whatever the law says',
    )
  }
  if (!subject.isMakerResolved) addReason('watch', 'maker-unresolved', null, 'the real maker is not resolved')
  for (const { id, isConflicting, status } of vulnerabilities) {
    if (isConflicting) {
      addReason(null, 'sources-disagree', id, `${id}: official sources disagree; the stricter is acted on`)
    } else if (status === 'unknown') {
      addReason(
        null,
        'affected-unknown',
        id,
        `${id}: whether it is affected is not known; counted as affected`,
      )
    }
  }
  return reasons
}

function missingOf(
  { subject, vulnerabilities, possible = [] }: RiskInput,
  { standings }: Law,
): readonly string[] {
  const missing = new Set(vulnerabilities.flatMap((vulnerability) => vulnerability.missingFacts))
  if (possible.some((one) => one.isKnownExploited && one.because === 'no-model-named')) {
    missing.add('affectedModels')
  }
  if (!subject.isMakerResolved) missing.add('maker')
  if (subject.updateChannel === null) missing.add('updateChannel')
  if (subject.networkExposure === null) missing.add('networkExposure')
  if (subject.support.kind === 'unknown') missing.add('supportPeriod')
  if (subject.deviceClass === null && standings.some(({ measure }) => 'product' in measure.entityOrProduct)) {
    missing.add('deviceClass')
  }
  return [...missing].toSorted()
}

/** Dates on which the answer, not only the level, may change. */
function nextChange({ subject, vulnerabilities, weights }: RiskInput, law: Law, asOf: PlainDate) {
  const ends = law.standings.flatMap(({ covering }) => covering.flatMap(({ test }) => test.days.to ?? []))
  const dates = [
    ...boundaries(law),
    ...ends.flatMap((to) => weights.licenseEnds.map((end) => addDays(to, -1 - end.withinDays))),
    ...vulnerabilities.flatMap(({ dueOn }) => (dueOn === null ? [] : [addDays(dueOn, 1)])),
    ...vulnerabilities.flatMap(({ sources = [] }) => sources.map(({ on }) => on)),
    ...(subject.support.kind === 'ends'
      ? [subject.support.to, addDays(subject.support.to, -DAYS_OF_A_YEAR)]
      : []),
  ]
  return dates.filter((date) => date > asOf).toSorted()[0] ?? null
}
