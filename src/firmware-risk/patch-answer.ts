/**
 * "Can I patch it?" in one answer for a device: yes, no or not known; where the file comes from, under which license,
 * until when, and by which rule. Nothing is decided here a second time; it is what level and sources come to.
 */
import { addDays, type PlainDate } from '../lib/calendar.ts'
import type { ProposedFix } from './fix.ts'
import { isCutOff, type Judgment } from './judgment.ts'
import type { Measure, MeasureFinding } from './measure.ts'
import type { Risk } from './risk.ts'
import { type FileOffer, type FixSource, offerOf } from './sources.ts'

export const PATCH_ANSWERS = ['yes', 'no', 'unknown'] as const
export type PatchAnswerWord = (typeof PATCH_ANSWERS)[number]

/** Why, in one word; the sentences stand in `needs`. */
export const PATCH_REASONS = [
  /** Nothing bars it. */
  'open',
  /** A license lifts the rule that would bar it. */
  'licensed',
  /** A verified image that was lawfully obtained is kept. */
  'held-image',
  /** No law bars it; a rule on the maker may stop the supply. */
  'supply-in-doubt',
  'license-needed',
  'barred',
  'no-channel',
  /** Something is open that nobody has a fix for. */
  'no-fix',
  'channel-unknown',
  'maker-unknown',
  /** Nobody said whether there is a fix. */
  'fix-unknown',
  /** A rule on the city itself that counsel has to read, or a condition of the license that nobody answered. */
  'counsel',
] as const
type PatchReason = (typeof PATCH_REASONS)[number]

export interface PatchAnswer {
  readonly answer: PatchAnswerWord
  readonly why: PatchReason
  /** Open vulnerabilities that the answer closes, and those it leaves open. */
  readonly closes: readonly string[]
  readonly leavesOpen: readonly string[]
  readonly source: Pick<FileOffer, 'from' | 'channel' | 'publisher' | 'release' | 'firmwareVersion'> | null
  readonly licenses: FileOffer['licenses']
  /** Last day on which it is lawful as far as is known today; null when no end is known, or for no. */
  readonly lastLawfulDay: PlainDate | null
  /** The rule that decides; null when none does. */
  readonly rule: { readonly id: string; readonly regime: string; readonly citation: string } | null
  readonly needs: readonly string[]
}

export interface PatchFacts {
  readonly risk: Pick<Risk, 'level' | 'vulnerabilities' | 'cutOffOn'>
  readonly today: Judgment
  readonly fix: ProposedFix | null
  /** The device's own channel. */
  readonly own: FixSource
  readonly isMakerResolved: boolean
}

export function patchAnswer({ risk, today, fix, own, isMakerResolved }: PatchFacts): PatchAnswer {
  const open = risk.vulnerabilities
  const ofKind = (kind: 'yes' | 'unknown' | 'no') =>
    open.filter(({ fixObtainable }) => fixObtainable === kind).map(({ id }) => id)
  const isHeld = fix?.from === 'held-image' && fix.isLawful
  const source = open.length > 0 && fix !== null ? fix : offerOf(own)
  const finding = decidingFinding(today)
  const [answer, why] = word()
  const isUnobtainable = answer === 'no' && why !== 'no-fix'
  return {
    answer,
    why,
    closes: isUnobtainable ? [] : ofKind('yes'),
    leavesOpen: isUnobtainable ? open.map(({ id }) => id) : [...ofKind('no'), ...ofKind('unknown')],
    source:
      source.channel === null && source.release === null
        ? null
        : {
            from: source.from,
            channel: source.channel,
            publisher: source.publisher,
            release: source.release,
            firmwareVersion: source.firmwareVersion,
          },
    licenses: source.isLawful ? source.licenses : [],
    lastLawfulDay: answer === 'no' || isHeld ? null : lastDay(),
    rule: finding === null ? null : ruleOf(finding.measure),
    needs: source.needs,
  }

  function word(): readonly [PatchAnswerWord, PatchReason] {
    const isBarred = isCutOff(today)
    const isElsewhere = source.from !== 'channel' && source.isLawful
    if (isBarred && !isElsewhere) {
      if (today.legal !== today.level) return ['no', 'no-channel']
      return ['no', today.level === 'license-required' ? 'license-needed' : 'barred']
    }
    if (ofKind('no').length > 0) return ['no', 'no-fix']
    if (!isMakerResolved) return ['unknown', 'maker-unknown']
    if (isHeld && ofKind('unknown').length === 0)
      return fix.needsCounsel ? ['unknown', 'counsel'] : ['yes', 'held-image']
    if (own.way.channel === null && !isElsewhere) return ['unknown', 'channel-unknown']
    if (today.findings.some(isForCounsel)) return ['unknown', 'counsel']
    if (ofKind('unknown').length > 0) return ['unknown', 'fix-unknown']
    if (source.licenses.length > 0) return ['yes', 'licensed']
    return today.findings.some(({ level }) => level === 'conditional')
      ? ['yes', 'supply-in-doubt']
      : ['yes', 'open']
  }

  function lastDay(): PlainDate | null {
    const ends = [source.lastDay, risk.cutOffOn === null ? null : addDays(risk.cutOffOn, -1)]
    return ends.filter((day) => day !== null).toSorted()[0] ?? null
  }
}

/** A rule that may bind the city, or a license that covers only if something is met. */
function isForCounsel({ level, needsReview, measure }: MeasureFinding): boolean {
  if (level !== 'conditional' || needsReview !== true) return false
  return measure.binds !== 'vendor' && measure.binds !== 'importer'
}

/** The finding that makes the level; where none bars anything, the one that comes nearest. */
function decidingFinding({ findings, level, legal }: Judgment): MeasureFinding | null {
  const wanted = level === legal ? level : legal
  // Beside a rule that a license lifts stand others of the same level that only leave a question.
  const lifted = findings.find(({ licenses = [] }) => licenses.length > 0)
  if (wanted === 'conditional' && lifted) return lifted
  return findings.find((finding) => finding.level === wanted) ?? findings[0] ?? null
}

function ruleOf({ id, regime, citation }: Measure) {
  return { id, regime, citation }
}
