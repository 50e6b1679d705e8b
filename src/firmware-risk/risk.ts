/**
 * Licensing risk of firmware updates: may this product still be updated, on which dates that changes, and how
 * urgent it is. The level is a statement of law and fact with reasons; the score only orders work.
 *
 * Everything is computed for a profile: facts many devices share. Nothing here knows a device.
 * Model, weights and limits: `docs/methodology/firmware.md`.
 */
import { addDays, daysBetween, type PlainDate } from '../lib/calendar.ts'
import {
  boundaries,
  compareLevels,
  type Dated,
  isCutOff,
  isStopped,
  type Judgement,
  judge,
  judgementsFrom,
  type Law,
  type Level,
  type Measure,
  type Reason,
  type ReasonCode,
  readLaw,
} from './judgement.ts'
import type { Licence, LicenceApplication, LicensedUpdate } from './licences.ts'
import { bestSource, type FixSource, needsOf, wayText } from './sources.ts'
import { type Band, bandOf, type Weights } from './weights.ts'

/** Mildest first. */
export const URGENCIES = ['routine', 'elevated', 'high', 'critical'] as const

export type Urgency = (typeof URGENCIES)[number]

/** How long the maker ships security fixes. "No end announced" is a statement of the maker; unknown is a finding. */
export type Support =
  /** `to` is the first day without support. */
  | { readonly kind: 'ends'; readonly to: PlainDate }
  | { readonly kind: 'no-end-announced' }
  /** Ended on a day that is not recorded. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unknown' }

export type SupportStatus = 'supported' | 'no-end-announced' | 'unknown' | 'ends-within-a-year' | 'ended'

export interface RiskSubject extends LicensedUpdate {
  /** False when identification is ambiguous or unresolved. */
  readonly isMakerResolved: boolean
  readonly support: Support
  readonly networkExposure: 'isolated' | 'routed' | 'internet' | null
  /** A compensating control (own segment, no route out, monitored) that somebody has verified. */
  readonly hasVerifiedControl: boolean
  /** Where the installed image came from. */
  readonly imageProvenance: 'official' | 'unofficial' | 'unknown'
}

export type Fix = 'vendor-fix' | 'workaround' | 'mitigation' | 'no-fix-planned' | 'none-available' | 'unknown'

export type RequiredAction = 'patch' | 'mitigate-or-discontinue' | 'discontinue'

/** An open hole in the installed firmware. */
export interface Vulnerability {
  readonly id: string
  /** `unknown` counts like affected and asks for a person. */
  readonly status: 'affected' | 'unknown'
  /** Official sources disagree; the stricter is acted on. */
  readonly isConflicting: boolean
  /** In CISA's catalogue of known exploited vulnerabilities. */
  readonly isKnownExploited: boolean
  /** CISA's date. It binds federal civilian agencies; for a city it is a yardstick. */
  readonly dueOn: PlainDate | null
  /** 0..10; null when not scored. */
  readonly cvss: number | null
  readonly fix: Fix
  readonly requiredAction: RequiredAction | null
  /** Files that close it, each put to the law by its own way; absent when none is on record. */
  readonly sources?: readonly FixSource[]
  /** Facts that would settle the status. */
  readonly missingFacts: readonly string[]
}

/** A hole that may be in the device: shown for a person to look at, never scored. */
export interface PossibleVulnerability {
  readonly id: string
  readonly isKnownExploited: boolean
  readonly dueOn: PlainDate | null
  /** Why it is open: the source names no model, or nobody knows who of several made the device. */
  readonly because: 'no-model-named' | 'maker-not-resolved'
}

/** The earliest days that count if the device is of one of those who may have made it. */
export interface CandidateDays {
  readonly cutOffOn: PlainDate | null
  readonly dueOn: PlainDate | null
}

export interface RiskInput {
  readonly subject: RiskSubject
  readonly measures: readonly Measure[]
  readonly licences: readonly Licence[]
  readonly applications: readonly LicenceApplication[]
  readonly vulnerabilities: readonly Vulnerability[]
  readonly possible?: readonly PossibleVulnerability[]
  /** Of those who may have made it, where that is not resolved. */
  readonly candidateDays?: CandidateDays
  readonly weights: Weights
  /** The queue it stood in when last looked at and since when, so that a due date does not move with each look. */
  readonly earlier?: { readonly queue: WorkQueue; readonly since: PlainDate } | null
}

export interface ScorePart {
  readonly code: string
  readonly text: string
  readonly points: number
}

export interface TimelineEntry {
  readonly from: PlainDate
  readonly level: Level
  /** Ids of the measures that make the level, empty when none does. */
  readonly because: readonly string[]
}

export type FixObtainable = 'yes' | 'unknown' | 'no'

export interface OpenVulnerability {
  readonly id: string
  readonly isKnownExploited: boolean
  readonly fixObtainable: FixObtainable
  readonly dueOn: PlainDate | null
}

/** What to do first; the order is the order of work. */
export const WORK_QUEUES = [
  'exploited-unpatchable',
  'exploited-patch-before-cut-off',
  'exploited-patchable',
  'save-images-before-cut-off',
  'restricted',
  'review',
  'none',
] as const

export type WorkQueue = (typeof WORK_QUEUES)[number]

export interface Action {
  readonly code:
    | 'isolate'
    | 'remove-internet-route'
    | 'replace-first'
    | 'discontinue-use'
    | 'install-fix'
    | 'ask-counsel-before-installing'
    | 'save-images'
    | 'apply-for-licence'
    | 'resolve-facts'
  readonly text: string
  readonly dueOn: PlainDate | null
}

export interface Risk {
  readonly asOf: PlainDate
  readonly weightsVersion: string
  readonly level: Level
  /** The level from measures that stop supply, and from those that bind the city itself. */
  readonly levels: { readonly supply: Level; readonly city: Level }
  /** 0..100 */
  readonly score: number
  /** The sum of the parts before clamping and floors. */
  readonly rawScore: number
  readonly floor: number | null
  readonly band: Band
  readonly urgency: Urgency
  readonly needsReview: boolean
  readonly missingFacts: readonly string[]
  readonly reasons: readonly Reason[]
  readonly parts: readonly ScorePart[]
  /** Today's level first, then each dated change that is already known. */
  readonly timeline: readonly TimelineEntry[]
  /** First day from which updates need a licence or are blocked, when today they are not. */
  readonly cutOffOn: PlainDate | null
  readonly supportStatus: SupportStatus
  readonly vulnerabilities: readonly OpenVulnerability[]
  readonly possibleVulnerabilities: readonly PossibleVulnerability[]
  readonly queue: WorkQueue
  /** First day it was found in this queue; the days given for an action count from it. */
  readonly since: PlainDate
  readonly actions: readonly Action[]
  /** First day on which the same facts may give another answer; null when no dated change is known. */
  readonly validUntil: PlainDate | null
}

/**
 * The licensing risk on a day. Days are those of `subject.timezone`. A day that a licence covers only in part
 * counts as not covered; a measure counts from the first minute of its first day.
 */
export function licensingRisk(input: RiskInput, asOf: PlainDate): Risk {
  const { subject, weights } = input
  const law = readLaw(input)
  const today = judge(law, asOf)
  const level = today.level
  const support = supportStatus(subject.support, asOf)
  const holes = input.vulnerabilities
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map((hole): Hole => {
      const lawful = (hole.sources ?? []).filter((source) => source.isLawful)
      return {
        ...hole,
        isHeld: lawful.some(({ from }) => from === 'held-image'),
        source: bestSource(lawful) ?? null,
        fixObtainable: lawful.length > 0 ? 'yes' : fixObtainable(hole, law, today),
      }
    })
  const exploited = holes.filter((hole) => hole.isKnownExploited)
  const isUnpatchable = exploited.some((hole) => hole.fixObtainable === 'no')

  const parts = scoreParts({ subject, weights, today, support, holes, asOf })
  const rawScore = parts.reduce((sum, part) => sum + part.points, 0)
  const floors = [
    ...(isUnpatchable ? [weights.floors.exploitedNoFixObtainable] : []),
    ...(level === 'blocked' ? [weights.floors.blocked] : []),
  ]
  const floor = floors.length > 0 ? Math.max(...floors) : null
  const score = Math.max(Math.min(100, Math.max(0, rawScore)), floor ?? 0)

  const judgements = judgementsFrom(law, asOf, today)
  const possible = input.possible ?? []
  const ownCutOff = judgements.find(isCutOff)?.day ?? null
  const cutOffOn = isCutOff(today) ? null : earlier(ownCutOff, input.candidateDays?.cutOffOn ?? null)
  const missingFacts = missingOf(input, law)
  const needsReview =
    today.needsReview ||
    !subject.isMakerResolved ||
    subject.updateChannel === null ||
    possible.some((one) => one.isKnownExploited) ||
    input.vulnerabilities.some((hole) => hole.isConflicting || hole.status === 'unknown')
  const urgency = urgencyOf(level, holes)
  const queue = queueOf({ level, holes, exploited, isUnpatchable, cutOffOn, needsReview })
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
    reasons: [...today.reasons, ...factReasons(subject, holes), ...possible.flatMap(possibleReason)],
    parts,
    timeline: changesOfLevel(judgements),
    cutOffOn,
    supportStatus: support,
    vulnerabilities: holes.map(({ id, isKnownExploited, fixObtainable, dueOn }) => ({
      id,
      isKnownExploited,
      fixObtainable,
      dueOn,
    })),
    possibleVulnerabilities: possible,
    queue,
    since,
    actions: actionsFor({ input, today, holes, urgency, cutOffOn, missingFacts, since }),
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

/** Work order of two risks: queue, cut-off or due date, score; 0 when alike, so add a unique key. */
export function compareForWork(a: Risk, b: Risk): number {
  const byQueue = WORK_QUEUES.indexOf(a.queue) - WORK_QUEUES.indexOf(b.queue)
  if (byQueue !== 0) return byQueue
  const [dateA, dateB] = [workDate(a), workDate(b)]
  if (dateA !== dateB) return dateA < dateB ? -1 : 1
  return b.score - a.score
}

/** The status of a support period on a day. */
export function supportStatus(support: Support, asOf: PlainDate): SupportStatus {
  switch (support.kind) {
    case 'no-end-announced':
    case 'ended':
    case 'unknown':
      return support.kind
    case 'ends':
      if (asOf >= support.to) return 'ended'
      return daysBetween(asOf, support.to) <= DAYS_OF_A_YEAR ? 'ends-within-a-year' : 'supported'
    default:
      return support satisfies never
  }
}

const DAYS_OF_A_YEAR = 365

/** Days to isolate a device with a hole that is exploited and cannot be closed (72 hours). */
const DAYS_TO_ISOLATE = 3

/** Days to install an obtainable fix, or to isolate what is blocked. */
const DAYS_TO_INSTALL = 14

const LAST_DAY = '9999-12-31'

interface Hole extends Vulnerability {
  /** An image that closes it is kept, and could be obtained lawfully on its day. */
  readonly isHeld: boolean
  /** The best lawful source on record; null when there is only the device's own channel. */
  readonly source: FixSource | null
  readonly fixObtainable: FixObtainable
}

/** Today's level and every later change that the facts already hold. */
function changesOfLevel(judgements: readonly Dated<Judgement>[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const { day, level, because } of judgements) {
    if (entries.at(-1)?.level !== level) entries.push({ from: day, level, because })
  }
  return entries
}

/** Whether the fix can be had from somebody today. */
function fixObtainable(hole: Vulnerability, law: Law, today: Judgement): FixObtainable {
  if (isCutOff(today)) return 'no'
  if (hole.fix === 'unknown') return 'unknown'
  if (hole.fix !== 'vendor-fix') return 'no'
  return law.subject.updateChannel === null ? 'unknown' : 'yes'
}

function scoreParts({
  subject,
  weights,
  today,
  support,
  holes,
  asOf,
}: {
  subject: RiskSubject
  weights: Weights
  today: Judgement
  support: SupportStatus
  holes: readonly Hole[]
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
    const nearest = weights.licenceEnds.filter((end) => daysLeft <= end.withinDays).map((end) => end.points)
    add('licence-ends', `cover ends in ${daysLeft} days`, Math.max(0, ...nearest))
  }
  if (today.level === 'license-required' && today.unlicensed.every(({ isPending }) => isPending)) {
    add('application-pending', 'an application is pending', weights.pendingApplication)
  }
  const worst = holes
    .map((hole) => ({ hole, points: holePoints(hole, weights) }))
    .reduce<{ hole: Hole; points: number } | null>(
      (a, b) => (a === null || b.points > a.points ? b : a),
      null,
    )
  if (worst !== null) add('vulnerability', describeHole(worst.hole), worst.points)
  const isOverdue = holes.some(
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

function holePoints({ isKnownExploited, fixObtainable: obtainable, cvss }: Hole, weights: Weights): number {
  if (isKnownExploited) {
    const { exploited } = weights
    if (obtainable === 'no') return exploited.noFixObtainable
    return obtainable === 'yes' ? exploited.fixObtainable : exploited.fixUncertain
  }
  if (cvss === null) return weights.severityUnknown
  return Math.max(0, ...weights.severity.filter((s) => cvss >= s.cvssAtLeast).map((s) => s.points))
}

function describeHole({ id, isKnownExploited, fixObtainable: obtainable, cvss }: Hole): string {
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

function urgencyOf(level: Level, holes: readonly Hole[]): Urgency {
  const exploited = holes.filter((hole) => hole.isKnownExploited)
  if (exploited.some((hole) => hole.fixObtainable === 'no')) return 'critical'
  if (exploited.length > 0 || level === 'blocked') return 'high'
  const isSevere = holes.some(({ cvss }) => cvss === null || cvss >= 7)
  return isSevere || compareLevels(level, 'conditional') >= 0 ? 'elevated' : 'routine'
}

function queueOf(facts: {
  level: Level
  holes: readonly Hole[]
  exploited: readonly Hole[]
  isUnpatchable: boolean
  cutOffOn: PlainDate | null
  needsReview: boolean
}): WorkQueue {
  if (facts.isUnpatchable) return 'exploited-unpatchable'
  if (facts.exploited.length > 0) {
    return facts.cutOffOn === null ? 'exploited-patchable' : 'exploited-patch-before-cut-off'
  }
  if (facts.cutOffOn !== null) return 'save-images-before-cut-off'
  if (isStopped(facts.level) || facts.holes.length > 0) return 'restricted'
  return facts.needsReview ? 'review' : 'none'
}

function actionsFor(facts: {
  input: RiskInput
  today: Judgement
  holes: readonly Hole[]
  urgency: Urgency
  cutOffOn: PlainDate | null
  missingFacts: readonly string[]
  since: PlainDate
}): readonly Action[] {
  const { input, today, holes, urgency, cutOffOn, missingFacts, since } = facts
  const { subject } = input
  const actions: Action[] = []
  const act = (code: Action['code'], text: string, dueOn: PlainDate | null = null) =>
    actions.push({ code, text, dueOn })
  const exploited = holes.filter((hole) => hole.isKnownExploited)
  const names = (some: readonly Hole[]) => some.map((hole) => hole.id).join(', ')

  if (urgency === 'critical') {
    const due = addDays(since, DAYS_TO_ISOLATE)
    act('isolate', `Isolate: ${names(exploited.filter((h) => h.fixObtainable === 'no'))} is exploited`, due)
    if (subject.networkExposure !== 'isolated') {
      act('remove-internet-route', 'Remove every route to and from the internet', due)
    }
    act('replace-first', 'Put first in the replacement plan')
  }
  const ending = exploited.filter(
    (hole) =>
      hole.requiredAction === 'discontinue' ||
      (hole.requiredAction === 'mitigate-or-discontinue' && hole.fixObtainable === 'no'),
  )
  if (ending.length > 0) {
    const due = ending.flatMap((hole) => hole.dueOn ?? []).toSorted()[0] ?? null
    act('discontinue-use', `CISA asks to stop using it: ${names(ending)}`, due)
  }
  const patchable = holes.filter((hole) => hole.fixObtainable !== 'no')
  if (patchable.length > 0) {
    const isExploited = patchable.some((hole) => hole.isKnownExploited)
    const due = isExploited ? addDays(since, DAYS_TO_INSTALL) : null
    const last = cutOffOn === null ? null : addDays(cutOffOn, -1)
    const from = patchable.every(({ isHeld }) => isHeld)
      ? 'the image already held'
      : [...new Set(patchable.map(({ source }) => wayOfFix(source, subject, today)))].join('; ')
    act(
      'install-fix',
      `Install the fix for ${names(patchable)} (${from})${isExploited ? ', or isolate' : ''}`,
      due !== null && last !== null && last < due ? last : (due ?? last),
    )
    if ((isStopped(today.legal) || today.barsNewImages) && patchable.some(({ isHeld }) => isHeld)) {
      act(
        'ask-counsel-before-installing',
        'Holding the image is one thing; ask counsel about installing it now',
      )
    }
  } else if (urgency === 'high') {
    act('isolate', 'No update can be had: isolate', addDays(since, DAYS_TO_INSTALL))
  } else if (holes.length > 0 && urgency !== 'critical') {
    act('isolate', `No fix can be had for ${names(holes)}: isolate, or plan the replacement`)
  }
  if (cutOffOn !== null) {
    act('save-images', 'Obtain and hash every image for the model before the cut-off', addDays(cutOffOn, -1))
  }
  if (today.unlicensed.some(({ isPending }) => !isPending)) {
    act('apply-for-licence', 'Apply for a license that names the maker, the publisher and the channel')
  }
  if (missingFacts.length > 0) {
    act('resolve-facts', `Find out: ${missingFacts.join(', ')}`, input.candidateDays?.dueOn ?? null)
  }
  return actions
}

/** Where to take a fix from and what that needs: a source of its own, else the device's channel. */
function wayOfFix(
  source: FixSource | null,
  { updateChannel, parties }: RiskSubject,
  today: Judgement,
): string {
  if (source?.from === 'held-image') return 'the image already held'
  const own = { channel: updateChannel, publisher: parties.publisher, signer: parties.signer }
  const needs = source?.needs ?? needsOf(today, own)
  const from =
    source === null
      ? (updateChannel ?? 'channel unknown')
      : `${source.release?.firmwareVersion ?? 'the release'} from ${wayText(source.way)}`
  return needs.length === 0 ? from : `${from}. ${needs.join(' ')}`
}

function factReasons(subject: RiskSubject, holes: readonly Hole[]): readonly Reason[] {
  const reasons: Reason[] = []
  const say = (level: Level | null, code: ReasonCode, about: string | null, text: string) =>
    reasons.push({ level, code, about, text, citation: null })
  if (subject.updateChannel === 'none') {
    say(
      'blocked',
      'no-channel',
      null,
      'no working update channel: blocked in practice, whatever the law says',
    )
  }
  if (!subject.isMakerResolved) say('watch', 'maker-unresolved', null, 'the real maker is not resolved')
  for (const { id, isConflicting, status } of holes) {
    if (isConflicting) {
      say(null, 'sources-disagree', id, `${id}: official sources disagree; the stricter is acted on`)
    } else if (status === 'unknown') {
      say(null, 'affected-unknown', id, `${id}: whether it is affected is not known; counted as affected`)
    }
  }
  return reasons
}

function missingOf(
  { subject, vulnerabilities, possible = [] }: RiskInput,
  { standings }: Law,
): readonly string[] {
  const missing = new Set(vulnerabilities.flatMap((hole) => hole.missingFacts))
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
    ...ends.flatMap((to) => weights.licenceEnds.map((end) => addDays(to, -1 - end.withinDays))),
    ...vulnerabilities.flatMap(({ dueOn }) => (dueOn === null ? [] : [addDays(dueOn, 1)])),
    ...vulnerabilities.flatMap(({ sources = [] }) => sources.map(({ on }) => on)),
    ...(subject.support.kind === 'ends'
      ? [subject.support.to, addDays(subject.support.to, -DAYS_OF_A_YEAR)]
      : []),
  ]
  return dates.filter((date) => date > asOf).toSorted()[0] ?? null
}

/** The day that orders work inside a queue: the cut-off or CISA's date, whichever comes first. */
export function workDate(risk: Pick<Risk, 'cutOffOn' | 'vulnerabilities'>): PlainDate {
  const dates = [risk.cutOffOn, ...risk.vulnerabilities.map((v) => v.dueOn)].filter((date) => date !== null)
  return dates.toSorted()[0] ?? LAST_DAY
}
