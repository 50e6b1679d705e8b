/**
 * What the law makes of an update on a day: each measure that touches the product or a party, against the licenses and
 * applications of its regime. The worst fact wins. Source of the levels: `docs/methodology/firmware.md`, 6.
 */

import type { PlainDate } from '../lib/calendar.ts'
import { byText } from '../lib/compare.ts'
import { judgeMeasure } from './judge-measure.ts'
import { compareLevels, isStopped, type Level } from './levels.ts'
import { asksFor } from './licenses/applications.ts'
import type { License, LicenseApplication } from './licenses/license.ts'
import { testLicenses } from './licenses/test-all.ts'
import type { Measure, MeasureFinding, Reason, Standing } from './measure.ts'
import type { RiskSubject } from './subject.ts'

export interface Law {
  readonly subject: RiskSubject
  readonly standings: readonly Standing[]
}

export interface Judgment {
  readonly level: Level
  /** The level by law alone, without the practical block of having no channel. */
  readonly legal: Level
  readonly supply: Level
  readonly city: Level
  readonly because: readonly string[]
  readonly reasons: readonly Reason[]
  readonly needsReview: boolean
  /** Earliest first day without cover among the measures a license lifts today; null when none ends. */
  readonly coverEndsOn: PlainDate | null
  /** Measures that need a license nobody holds, and whether each has a pending application. */
  readonly unlicensed: readonly { readonly isPending: boolean }[]
  /** Only an image that is already held may be installed. */
  readonly barsNewImages: boolean
  /** What each measure that touches the subject says, in their order; those that say nothing that day are left out. */
  readonly findings: readonly MeasureFinding[]
}

/** What the law is read from. */
export interface LawInput {
  readonly subject: RiskSubject
  readonly measures: readonly Measure[]
  readonly licenses: readonly License[]
  readonly applications: readonly LicenseApplication[]
}

export function readLaw({ subject, measures, licenses, applications }: LawInput): Law {
  const standings = measures
    .filter((measure) => touches(measure, subject))
    .toSorted(byText((measure) => JSON.stringify([measure.id, measure.regime, measure.from, measure.to])))
    .map((measure): Standing => {
      const tested = testLicenses(licenses, measure, subject)
      return {
        measure,
        covering: tested.filter(({ test }) => test.covers),
        failing: tested.filter(({ test }) => !test.covers),
        applications: applications.filter(
          (application) =>
            application.regime === measure.regime &&
            (application.program === null || application.program === (measure.program ?? null)) &&
            asksFor(application, measure, subject),
        ),
      }
    })
  return { subject, standings }
}

/** Everything the law says on a day: worst fact wins. */
export function judge({ subject, standings }: Law, day: PlainDate): Judgment {
  const findings = standings.map((standing) => judgeMeasure(standing, day))
  let legal: Level = 'unrestricted'
  let supply: Level = 'unrestricted'
  let city: Level = 'unrestricted'
  for (const finding of findings) {
    if (finding.level === null) continue
    legal = worse(legal, finding.level)
    const { binds } = finding.measure
    if (binds !== 'federal-award-recipient') supply = worse(supply, finding.level)
    // A vendor's duty is not the city's; an unknown addressee may be the city.
    if (binds !== 'vendor' && binds !== 'importer') city = worse(city, finding.level)
  }
  if (!subject.isMakerResolved) legal = worse(legal, 'watch')
  const hasNoChannel = subject.updateChannel === 'none'
  if (hasNoChannel) supply = 'blocked'
  const level = hasNoChannel ? 'blocked' : legal
  const covers = findings.flatMap((finding) => finding.coverEndsOn ?? [])
  return {
    level,
    legal,
    supply,
    city,
    because: [
      ...new Set(findings.filter((finding) => finding.level === level).map((finding) => finding.measure.id)),
    ],
    reasons: findings.flatMap((finding) => finding.reasons),
    needsReview: findings.some((finding) => finding.needsReview),
    coverEndsOn: covers.length === 0 ? null : covers.toSorted()[0]!,
    unlicensed: findings.flatMap((finding) => finding.unlicensed ?? []),
    barsNewImages: findings.some((finding) => finding.barsNewImages),
    findings: findings.filter(({ level }) => level !== null),
  }
}

/** What the law says today and on every later day on which it can change. */
export function judgmentsFrom(law: Law, asOf: PlainDate, today: Judgment): readonly Dated<Judgment>[] {
  const later = boundaries(law).filter((date) => date > asOf)
  return [{ day: asOf, ...today }, ...later.map((day) => ({ day, ...judge(law, day) }))]
}

export type Dated<T> = T & { readonly day: PlainDate }

/** Every day on which a level can change, in order, each once. */
export function boundaries({ standings }: Law): readonly PlainDate[] {
  const dates = standings.flatMap(({ measure, covering, applications }) => [
    measure.from,
    measure.to,
    measure.announcedOn,
    ...covering.flatMap(({ test }) => [test.days.from, test.days.to]),
    ...applications.flatMap(({ filedOn, decisionOn }) => [filedOn, decisionOn]),
  ])
  return [...new Set(dates.filter((date) => date !== null))].toSorted()
}

/** Nothing newer than what is held can be had. */
export function isCutOff({ level, barsNewImages }: Judgment): boolean {
  return isStopped(level) || barsNewImages
}

function touches(measure: Measure, subject: RiskSubject): boolean {
  const target = measure.entityOrProduct
  if ('product' in target) {
    // An unknown device class may be the restricted one.
    return target.product === '*' || subject.deviceClass === null || target.product === subject.deviceClass
  }
  return Object.values(subject.parties).includes(target.entity)
}

function worse(a: Level, b: Level): Level {
  return compareLevels(a, b) >= 0 ? a : b
}
