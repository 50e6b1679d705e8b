/** What one measure makes of an update on a day. */

import { addDays, isWithin, type Period, type PlainDate } from '../lib/calendar.ts'
import { byText } from '../lib/compare.ts'
import type { Level } from './levels.ts'
import type { License, LicenseApplication } from './licenses/license.ts'
import { coverEnds } from './licenses/test-all.ts'
import type { MeasureFinding, Reason, ReasonCode, Standing } from './measure.ts'

export function judgeMeasure(standing: Standing, day: PlainDate): MeasureFinding {
  const { measure } = standing
  const reason = (level: Level, code: ReasonCode, text: string): Reason => ({
    level,
    code,
    about: measure.id,
    text: `${measure.id}: ${text}`,
    citation: measure.citation,
  })
  const silent = { measure, level: null, reasons: [] }
  if (!isWithin(measure, day)) {
    const isAhead = measure.from !== null && day < measure.from
    if (!isAhead || measure.announcedOn === null || day < measure.announcedOn) return silent
    return {
      measure,
      level: 'watch',
      reasons: [reason('watch', 'announced', `announced, in force from ${measure.from}`)],
    }
  }
  switch (measure.coversUpdates) {
    case 'no':
      return {
        measure,
        level: 'watch',
        reasons: [reason('watch', 'does-not-reach-updates', 'in force, but not on the update itself')],
      }
    case 'unclear':
      return {
        measure,
        level: 'conditional',
        needsReview: true,
        reasons: [reason('conditional', 'reach-unclear', 'may cover updates; counsel has to read it')],
      }
    case 'yes':
      return judgeProhibition(standing, day, reason)
    case 'new-images':
      return judgeNewImages(standing, day, reason)
    default:
      return measure.coversUpdates satisfies never
  }
}

/** What is held may be installed; whether that is wise is for counsel, and a newer image is as good as prohibited. */
function judgeNewImages(
  standing: Standing,
  day: PlainDate,
  reason: (level: Level, code: ReasonCode, text: string) => Reason,
): MeasureFinding {
  const barred = judgeProhibition(standing, day, reason)
  if (barred.level === 'conditional') return barred
  const text =
    'an image obtained before it began may be installed, after counsel has looked; a newer one is barred'
  return {
    measure: barred.measure,
    level: 'conditional',
    needsReview: true,
    barsNewImages: true,
    reasons: [
      reason('conditional', 'only-held-images', text),
      ...barred.reasons.filter(({ level }) => level === null),
    ],
  }
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the cases of a prohibition beside each other, as the law has them
function judgeProhibition(
  { measure, covering, failing, applications }: Standing,
  day: PlainDate,
  reason: (level: Level, code: ReasonCode, text: string) => Reason,
): MeasureFinding {
  const helping = covering.filter(({ test }) => isWithin(test.days, day))
  const unhelpful = (license: License, text: string): Reason => ({
    level: null,
    code: 'license-fails',
    about: license.id,
    text: `${nameOf(license)} does not lift ${measure.id}: it ${text}`,
    citation: license.citation,
  })
  const failed = [
    ...failing.map(({ license, test }) =>
      unhelpful(license, test.failed.map((failed) => failed.text).join('; it ')),
    ),
    ...covering
      .filter(({ test }) => !isWithin(test.days, day))
      .map(({ license, test, superseded }) =>
        unhelpful(
          license,
          superseded !== null && day >= superseded.on
            ? `was superseded by ${nameOf(superseded.by)}`
            : `holds ${describeDays(test.days)}`,
        ),
      ),
  ].toSorted(byText((reason) => reason.about!))

  if (helping.length > 0) {
    const coverEndsOn = coverEnds(
      covering.map(({ test }) => test.days),
      day,
    )!
    const names = helping.map(({ license }) => nameOf(license)).join(', ')
    const until = coverEndsOn === null ? 'with no end given' : `through ${addDays(coverEndsOn, -1)}`
    // One license without open questions is enough.
    const open = helping.some(({ test }) => test.unansweredConditions.length === 0)
      ? []
      : helping.flatMap(({ license, test }) => test.unansweredConditions.map((text) => ({ license, text })))
    return {
      measure,
      level: 'conditional',
      needsReview: open.length > 0,
      coverEndsOn,
      licenses: helping.map(({ license }) => license),
      reasons: [
        ...failed,
        // The determination of the same rule goes on saying what holds without a license; this is what a reader needs
        // to see why the level is milder.
        reason(
          'conditional',
          'license-covers',
          `barred without a license, as its determination says; ${names} lifts this for updates ${until}, and nothing under another regime`,
        ),
        ...open.map(
          ({ license, text }): Reason => ({
            level: null,
            code: 'condition-unanswered',
            about: license.id,
            text: `${nameOf(license)} covers it only if this is met: ${text}`,
            citation: license.citation,
          }),
        ),
      ],
    }
  }
  if (measure.licensable !== true) {
    const text =
      measure.licensable === false
        ? 'prohibited, and the regime has no license path'
        : 'prohibited, and no license path is known'
    return { measure, level: 'blocked', reasons: [...failed, reason('blocked', 'no-license-path', text)] }
  }
  const { denied, pending } = applicationsOn(applications, day)
  if (denied !== null) {
    return {
      measure,
      level: 'blocked',
      reasons: [
        ...failed,
        reason('blocked', 'application-denied', `prohibited; a license was denied on ${denied}`),
      ],
    }
  }
  const filed = pending === null ? 'no application is pending' : `application pending since ${pending}`
  return {
    measure,
    level: 'license-required',
    unlicensed: { isPending: pending !== null },
    reasons: [
      ...failed,
      reason(
        'license-required',
        'license-needed',
        `prohibited without a license; none in scope is held; ${filed}`,
      ),
    ],
  }
}

/** A denial stands until something later is granted; what is decided later was pending until then. */
function applicationsOn(
  applications: readonly LicenseApplication[],
  day: PlainDate,
): { denied: PlainDate | null; pending: PlainDate | null } {
  const dates = { denied: [] as PlainDate[], granted: [] as PlainDate[], pending: [] as PlainDate[] }
  for (const { status, filedOn, decisionOn } of applications) {
    if (filedOn === null || filedOn > day) continue
    if (status === 'pending' || (decisionOn !== null && decisionOn > day)) dates.pending.push(filedOn)
    else if (status === 'denied' || status === 'granted') dates[status].push(decisionOn ?? filedOn)
  }
  const denied = dates.denied.toSorted().at(-1) ?? null
  const isLifted = denied !== null && dates.granted.some((date) => date > denied)
  return { denied: isLifted ? null : denied, pending: dates.pending.toSorted()[0] ?? null }
}

/** As people call it, and its id to find it by. */
export function nameOf({ authority, number, type, id }: License): string {
  return `${authority} ${number ?? type} (${id})`
}

function describeDays({ from, to }: Period): string {
  if (from === null && to === null) return 'always'
  if (from === null) return `through ${addDays(to!, -1)}`
  return to === null ? `from ${from}` : `from ${from} through ${addDays(to, -1)}`
}
