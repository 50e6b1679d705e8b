/** The score that orders work, as the sum of its parts. */

import { daysBetween, type PlainDate } from '../lib/calendar.ts'
import type { OpenVulnerability } from './fix-obtainable.ts'
import type { Judgment } from './judgment.ts'
import type { ScorePart } from './risk.ts'
import type { RiskSubject, SupportStatus } from './subject.ts'
import type { Weights } from './weights.ts'

export function scoreParts({
  subject,
  weights,
  today,
  support,
  vulnerabilities,
  asOf,
}: {
  subject: RiskSubject
  weights: Weights
  today: Judgment
  support: SupportStatus
  vulnerabilities: readonly OpenVulnerability[]
  asOf: PlainDate
}): readonly ScorePart[] {
  const parts: ScorePart[] = []
  const add = (code: string, text: string, given: number) => {
    if (given !== 0) parts.push({ code, text, points: given })
  }
  parts.push({
    code: `level-${today.level}`,
    text: `level: ${today.level}`,
    points: weights.base[today.level],
  })
  if (today.level === 'conditional' && today.coverEndsOn !== null) {
    const daysLeft = daysBetween(asOf, today.coverEndsOn) - 1
    const nearest = weights.licenseEnds.filter((end) => daysLeft <= end.withinDays).map((end) => end.points)
    add('license-ends', `cover ends in ${daysLeft} days`, Math.max(0, ...nearest))
  }
  if (today.level === 'license-required' && today.unlicensed.every(({ isPending }) => isPending)) {
    add('application-pending', 'an application is pending', weights.pendingApplication)
  }
  const worst = vulnerabilities
    .map((vulnerability) => ({ vulnerability, points: vulnerabilityPoints(vulnerability, weights) }))
    .reduce<{ vulnerability: OpenVulnerability; points: number } | null>(
      (a, b) => (a === null || b.points > a.points ? b : a),
      null,
    )
  if (worst !== null) add('vulnerability', describeVulnerability(worst.vulnerability), worst.points)
  for (const part of likelihoodParts(vulnerabilities, weights)) parts.push(part)
  const isOverdue = vulnerabilities.some(
    ({ isKnownExploited, dueOn }) => isKnownExploited && dueOn !== null && asOf > dueOn,
  )
  if (isOverdue) add('cisa-date-passed', 'the date CISA set has passed', weights.cisaDatePassed)
  add('support', `security support: ${support}`, weights.support[support])
  const exposure = subject.networkExposure ?? 'unknown'
  add('exposure', `network: ${exposure}`, weights.exposure[exposure])
  if (subject.hasVerifiedControl) add('control', 'compensating control, verified', weights.verifiedControl)
  if (!subject.isMakerResolved) add('maker-unresolved', 'real maker not resolved', weights.makerUnresolved)
  if (subject.imageProvenance === 'unofficial') {
    add('unofficial-image', 'installed image is not from the maker', weights.unofficialImage)
  }
  return parts
}

/** The most likely to be exploited, by EPSS and by CISA's decision, each once. */
function likelihoodParts(
  vulnerabilities: readonly OpenVulnerability[],
  { likelihood }: Weights,
): ScorePart[] {
  if (likelihood === undefined) return []
  const most = (code: string, given: readonly (readonly [points: number, text: string])[]): ScorePart[] => {
    const [first] = given.toSorted(([a], [b]) => b - a)
    return first === undefined || first[0] === 0 ? [] : [{ code, points: first[0], text: first[1] }]
  }
  return [
    ...most(
      'epss',
      vulnerabilities.flatMap(({ id, epss }) => {
        if (epss == null) return []
        const points = likelihood.epss.filter(({ atLeast }) => epss.score >= atLeast).map((one) => one.points)
        const chance = `${(epss.score * 100).toFixed(1)} % chance of exploitation within 30 days`
        return [[Math.max(0, ...points), `${id}: ${chance} (EPSS of ${epss.on})`]]
      }),
    ),
    ...most(
      'ssvc',
      vulnerabilities.flatMap(({ id, ssvc }) => {
        if (ssvc == null) return []
        const { exploitation, automatable } = ssvc
        const exploited = exploitation === 'none' ? 0 : likelihood.ssvc[exploitation]
        const points = exploited + (automatable === true ? likelihood.ssvc.automatable : 0)
        const words = [
          ...(exploitation === 'none' ? [] : [EXPLOITATION[exploitation]]),
          ...(automatable === true ? ['can be automated'] : []),
        ]
        return [[points, `${id}: ${words.join(', ')} (CISA SSVC)`]]
      }),
    ),
  ]
}

const EXPLOITATION = { poc: 'a proof of concept is public', active: 'exploited' } as const

function vulnerabilityPoints(
  { isKnownExploited, fixObtainable: obtainable, cvss }: OpenVulnerability,
  weights: Weights,
): number {
  if (isKnownExploited) {
    const { exploited } = weights
    if (obtainable === 'no') return exploited.noFixObtainable
    return obtainable === 'yes' ? exploited.fixObtainable : exploited.fixUncertain
  }
  if (cvss === null) return weights.severityUnknown
  return Math.max(0, ...weights.severity.filter((s) => cvss >= s.cvssAtLeast).map((s) => s.points))
}

function describeVulnerability({
  id,
  isKnownExploited,
  fixObtainable: obtainable,
  cvss,
}: OpenVulnerability): string {
  if (!isKnownExploited) return `${id}: open, CVSS ${cvss ?? 'unknown'}`
  switch (obtainable) {
    case 'yes':
      return `${id}: exploited; the fix can be had and is not installed`
    case 'unknown':
      return `${id}: exploited; whether the fix can be had is not known`
    case 'no':
      return `${id}: exploited, and no fix can be had`
    default:
      return obtainable satisfies never
  }
}
