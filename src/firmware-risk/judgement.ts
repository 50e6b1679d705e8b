/**
 * What the law makes of an update on a day: each measure that touches the product or a party, against the licences and
 * applications of its regime. The worst fact wins. Source of the levels: `docs/methodology/firmware.md`, 6.
 */
import { addDays, isWithin, type Period, type PlainDate } from '../lib/calendar.ts'
import { asksFor } from './licenses/applications.ts'
import type { Licence, LicenceApplication, Restriction } from './licenses/license.ts'
import { coverEnds, type TestedLicence, testLicences } from './licenses/test-all.ts'
import type { RiskInput, RiskSubject } from './risk.ts'

/** Mildest first. */
export const LEVELS = ['unrestricted', 'watch', 'conditional', 'license-required', 'blocked'] as const

export type Level = (typeof LEVELS)[number]

/** Whom a measure binds. The first two stop supply; the last two are duties of the city itself. */
export type Binds = 'vendor' | 'importer' | 'recipient-us-person' | 'federal-award-recipient'

/** One restriction of one regime, as it bears on firmware updates. */
export interface Measure extends Restriction {
  readonly id: string
  /**
   * Whether it reaches the update itself; `unclear` when the text is contested or silent; `new-images` when an image
   * obtained before may be installed and nothing newer may be had.
   */
  readonly reachesUpdates: 'yes' | 'no' | 'unclear' | 'new-images'
  /** First day in force; null when it always was. */
  readonly from: PlainDate | null
  /** First day no longer in force; null when open. */
  readonly to: PlainDate | null
  /** Whether the regime has a licence path; null (unknown) counts as none. */
  readonly licensable: boolean | null
  /** When it was announced ahead of `from`; null when it was not. */
  readonly announcedOn: PlainDate | null
  /** Null when unknown: then it counts against both. */
  readonly binds: Binds | null
  readonly citation: string
}

export interface Reason {
  readonly level: Level | null
  readonly code: ReasonCode
  /** Id of the measure, licence or vulnerability it is about; null for a fact of the subject. */
  readonly about: string | null
  readonly text: string
  readonly citation: string | null
}

export type ReasonCode =
  | 'does-not-reach-updates'
  | 'announced'
  | 'reach-unclear'
  | 'only-held-images'
  | 'licence-covers'
  | 'licence-needed'
  | 'application-denied'
  | 'no-licence-path'
  | 'licence-fails'
  | 'condition-unanswered'
  | 'no-channel'
  | 'maker-unresolved'
  | 'sources-disagree'
  | 'affected-unknown'
  | 'may-be-affected'

/** The milder first: negative when `a` is milder than `b`. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b)
}

export interface Law {
  readonly subject: RiskSubject
  readonly standings: readonly Standing[]
}

export interface Judgement {
  readonly level: Level
  /** The level by law alone, without the practical block of having no channel. */
  readonly legal: Level
  readonly supply: Level
  readonly city: Level
  readonly because: readonly string[]
  readonly reasons: readonly Reason[]
  readonly needsReview: boolean
  /** Earliest first day without cover among the measures a licence lifts today; null when none ends. */
  readonly coverEndsOn: PlainDate | null
  /** Measures that need a licence nobody holds, and whether each has a pending application. */
  readonly unlicensed: readonly { readonly isPending: boolean }[]
  /** Only an image that is already held may be installed. */
  readonly barsNewImages: boolean
  /** What each measure that touches the subject says, in their order; those that say nothing that day are left out. */
  readonly findings: readonly MeasureFinding[]
}

export function readLaw({
  subject,
  measures,
  licences,
  applications,
}: Pick<RiskInput, 'subject' | 'measures' | 'licences' | 'applications'>): Law {
  const standings = measures
    .filter((measure) => touches(measure, subject))
    .toSorted(byText((measure) => JSON.stringify([measure.id, measure.regime, measure.from, measure.to])))
    .map((measure): Standing => {
      const tested = testLicences(licences, measure, subject)
      return {
        measure,
        covering: tested.filter(({ test }) => test.covers),
        failing: tested.filter(({ test }) => !test.covers),
        applications: applications.filter(
          (application) =>
            application.regime === measure.regime &&
            (application.programme === null || application.programme === (measure.programme ?? null)) &&
            asksFor(application, measure, subject),
        ),
      }
    })
  return { subject, standings }
}

/** Everything the law says on a day: worst fact wins. */
export function judge({ subject, standings }: Law, day: PlainDate): Judgement {
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
export function judgementsFrom(law: Law, asOf: PlainDate, today: Judgement): readonly Dated<Judgement>[] {
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
export function isCutOff({ level, barsNewImages }: Judgement): boolean {
  return isStopped(level) || barsNewImages
}

/** Updates may not be had without a licence, or not at all. */
export function isStopped(level: Level): boolean {
  return compareLevels(level, 'license-required') >= 0
}

/** One measure that touches the subject, with the licences of its regime already tested. */
interface Standing {
  readonly measure: Measure
  /** Licences that cover the update on some days. */
  readonly covering: readonly TestedLicence[]
  readonly failing: readonly TestedLicence[]
  readonly applications: readonly LicenceApplication[]
}

function touches(measure: Measure, subject: RiskSubject): boolean {
  const target = measure.entityOrProduct
  if ('product' in target) {
    // An unknown device class may be the restricted one.
    return target.product === '*' || subject.deviceClass === null || target.product === subject.deviceClass
  }
  return Object.values(subject.parties).includes(target.entity)
}

export interface MeasureFinding {
  readonly measure: Measure
  /** Licences that lift it on that day, each by itself. */
  readonly licences?: readonly Licence[]
  /** Null when the measure says nothing on that day. */
  readonly level: Level | null
  readonly reasons: readonly Reason[]
  readonly needsReview?: boolean
  readonly coverEndsOn?: PlainDate | null
  readonly unlicensed?: { readonly isPending: boolean }
  readonly barsNewImages?: boolean
}

function judgeMeasure(standing: Standing, day: PlainDate): MeasureFinding {
  const { measure } = standing
  const say = (level: Level, code: ReasonCode, text: string): Reason => ({
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
      reasons: [say('watch', 'announced', `announced, in force from ${measure.from}`)],
    }
  }
  switch (measure.reachesUpdates) {
    case 'no':
      return {
        measure,
        level: 'watch',
        reasons: [say('watch', 'does-not-reach-updates', 'in force, but not on the update itself')],
      }
    case 'unclear':
      return {
        measure,
        level: 'conditional',
        needsReview: true,
        reasons: [say('conditional', 'reach-unclear', 'may reach updates; counsel has to read it')],
      }
    case 'yes':
      return judgeProhibition(standing, day, say)
    case 'new-images':
      return judgeNewImages(standing, day, say)
    default:
      return measure.reachesUpdates satisfies never
  }
}

/** What is held may be installed; whether that is wise is for counsel, and a newer image is as good as prohibited. */
function judgeNewImages(
  standing: Standing,
  day: PlainDate,
  say: (level: Level, code: ReasonCode, text: string) => Reason,
): MeasureFinding {
  const barred = judgeProhibition(standing, day, say)
  if (barred.level === 'conditional') return barred
  const text =
    'an image obtained before it began may be installed, after counsel has looked; a newer one is barred'
  return {
    measure: barred.measure,
    level: 'conditional',
    needsReview: true,
    barsNewImages: true,
    reasons: [
      say('conditional', 'only-held-images', text),
      ...barred.reasons.filter(({ level }) => level === null),
    ],
  }
}

function judgeProhibition(
  { measure, covering, failing, applications }: Standing,
  day: PlainDate,
  say: (level: Level, code: ReasonCode, text: string) => Reason,
): MeasureFinding {
  const helping = covering.filter(({ test }) => isWithin(test.days, day))
  const unhelpful = (licence: Licence, text: string): Reason => ({
    level: null,
    code: 'licence-fails',
    about: licence.id,
    text: `${nameOf(licence)} does not lift ${measure.id}: it ${text}`,
    citation: licence.citation,
  })
  const failed = [
    ...failing.map(({ licence, test }) =>
      unhelpful(licence, test.failed.map((failed) => failed.text).join('; it ')),
    ),
    ...covering
      .filter(({ test }) => !isWithin(test.days, day))
      .map(({ licence, test, superseded }) =>
        unhelpful(
          licence,
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
    const names = helping.map(({ licence }) => nameOf(licence)).join(', ')
    const until = coverEndsOn === null ? 'with no end given' : `through ${addDays(coverEndsOn, -1)}`
    // One licence without open questions is enough.
    const open = helping.some(({ test }) => test.unansweredConditions.length === 0)
      ? []
      : helping.flatMap(({ licence, test }) => test.unansweredConditions.map((text) => ({ licence, text })))
    return {
      measure,
      level: 'conditional',
      needsReview: open.length > 0,
      coverEndsOn,
      licences: helping.map(({ licence }) => licence),
      reasons: [
        ...failed,
        // The determination of the same rule goes on saying what holds without a licence; this is what a reader needs
        // to see why the level is milder.
        say(
          'conditional',
          'licence-covers',
          `barred without a licence, as its determination says; ${names} lifts this for updates ${until}, and nothing under another regime`,
        ),
        ...open.map(
          ({ licence, text }): Reason => ({
            level: null,
            code: 'condition-unanswered',
            about: licence.id,
            text: `${nameOf(licence)} covers it only if this is met: ${text}`,
            citation: licence.citation,
          }),
        ),
      ],
    }
  }
  if (measure.licensable !== true) {
    const text =
      measure.licensable === false
        ? 'prohibited, and the regime has no licence path'
        : 'prohibited, and no licence path is known'
    return { measure, level: 'blocked', reasons: [...failed, say('blocked', 'no-licence-path', text)] }
  }
  const { denied, pending } = applicationsOn(applications, day)
  if (denied !== null) {
    return {
      measure,
      level: 'blocked',
      reasons: [
        ...failed,
        say('blocked', 'application-denied', `prohibited; a licence was denied on ${denied}`),
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
      say(
        'license-required',
        'licence-needed',
        `prohibited without a licence; none in scope is held; ${filed}`,
      ),
    ],
  }
}

/** A denial stands until something later is granted; what is decided later was pending until then. */
function applicationsOn(
  applications: readonly LicenceApplication[],
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

function worse(a: Level, b: Level): Level {
  return compareLevels(a, b) >= 0 ? a : b
}

/** As people call it, and its id to find it by. */
export function nameOf({ authority, number, type, id }: Licence): string {
  return `${authority} ${number ?? type} (${id})`
}

function describeDays({ from, to }: Period): string {
  if (from === null && to === null) return 'always'
  if (from === null) return `through ${addDays(to!, -1)}`
  return to === null ? `from ${from}` : `from ${from} through ${addDays(to, -1)}`
}

function byText<T>(key: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [textA, textB] = [key(a), key(b)]
    return textA < textB ? -1 : textA > textB ? 1 : 0
  }
}
