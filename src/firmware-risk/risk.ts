/** What the licensing risk of a firmware update is made of, and what it says. Types; `licensing-risk.ts` does the work. */
import type { PlainDate } from '../lib/calendar.ts'
import type { Epss, Ssvc } from './advisories.ts'
import type { LawInput } from './judgment.ts'
import type { Level } from './levels.ts'
import type { Reason } from './measure.ts'
import type { Fix, RequiredAction } from './remedy.ts'
import type { FixSource } from './sources.ts'
import type { SupportStatus } from './subject.ts'
import type { Band, Weights } from './weights.ts'

/** Mildest first. */
export const URGENCIES = ['routine', 'elevated', 'high', 'critical'] as const

export type Urgency = (typeof URGENCIES)[number]

/** An open vulnerability in the installed firmware. */
export interface Vulnerability {
  readonly id: string
  /** `unknown` counts like affected and asks for a person. */
  readonly status: 'affected' | 'unknown'
  /** Official sources disagree; the stricter is acted on. */
  readonly isConflicting: boolean
  /** In CISA's catalog of known exploited vulnerabilities. */
  readonly isKnownExploited: boolean
  /** CISA's date. It binds federal civilian agencies; for a city it is a yardstick. */
  readonly dueOn: PlainDate | null
  /** 0..10; null when not scored. */
  readonly cvss: number | null
  readonly epss?: Epss | null
  readonly ssvc?: Ssvc | null
  readonly fix: Fix
  readonly requiredAction: RequiredAction | null
  /** Files that close it, each put to the law by its own way; absent when none is on record. */
  readonly sources?: readonly FixSource[]
  /** Facts that would settle the status. */
  readonly missingFacts: readonly string[]
}

/** A vulnerability that may be in the device: shown for a person to look at, never scored. */
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

export interface RiskInput extends LawInput {
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

interface OpenVulnerability {
  readonly id: string
  readonly isKnownExploited: boolean
  readonly fixObtainable: FixObtainable
  readonly dueOn: PlainDate | null
  readonly epss?: Epss
  readonly ssvc?: Ssvc
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
    | 'apply-for-license'
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
  /** First day from which updates need a license or are blocked, when today they are not. */
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

/** What was stored of a product's place in the work list; null when it had none. */
export function storedPlace(queue: WorkQueue | null, since: PlainDate | null): RiskInput['earlier'] {
  return queue === null || since === null ? null : { queue, since }
}
