/** How urgent a risk is, and in which queue of work it stands. */

import type { PlainDate } from '../lib/calendar.ts'
import { compareLevels, isStopped, type Level } from './levels.ts'
import type { Hole } from './open-holes.ts'
import { type Risk, type Urgency, WORK_QUEUES, type WorkQueue } from './risk.ts'

/** Work order of two risks: queue, cut-off or due date, score; 0 when alike, so add a unique key. */
export function compareForWork(a: Risk, b: Risk): number {
  const byQueue = WORK_QUEUES.indexOf(a.queue) - WORK_QUEUES.indexOf(b.queue)
  if (byQueue !== 0) return byQueue
  const [dateA, dateB] = [workDate(a), workDate(b)]
  if (dateA !== dateB) return dateA < dateB ? -1 : 1
  return b.score - a.score
}

const LAST_DAY = '9999-12-31'

export function urgencyOf(level: Level, holes: readonly Hole[]): Urgency {
  const exploited = holes.filter((hole) => hole.isKnownExploited)
  if (exploited.some((hole) => hole.fixObtainable === 'no')) return 'critical'
  if (exploited.length > 0 || level === 'blocked') return 'high'
  const isSevere = holes.some(({ cvss }) => cvss === null || cvss >= 7)
  return isSevere || compareLevels(level, 'conditional') >= 0 ? 'elevated' : 'routine'
}

export function queueOf(facts: {
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

/** The day that orders work inside a queue: the cut-off or CISA's date, whichever comes first. */
export function workDate(risk: Pick<Risk, 'cutOffOn' | 'vulnerabilities'>): PlainDate {
  const dates = [risk.cutOffOn, ...risk.vulnerabilities.map((v) => v.dueOn)].filter((date) => date !== null)
  return dates.toSorted()[0] ?? LAST_DAY
}
