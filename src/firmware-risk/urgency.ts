/** How urgent a risk is, and in which queue of work it stands. */

import type { PlainDate } from '../lib/calendar.ts'
import type { OpenVulnerability } from './fix-obtainable.ts'
import { compareLevels, isStopped, type Level } from './levels.ts'
import { type Risk, type Urgency, WORK_QUEUES, type WorkQueue } from './risk.ts'

/** Queue, then day, then score from high to low. */
export function orderOf(risk: Risk): string {
  const score = String(100 - risk.score).padStart(3, '0')
  return `${WORK_QUEUES.indexOf(risk.queue)} ${workDate(risk)} ${score}`
}

const LAST_DAY = '9999-12-31'

export function urgencyOf(level: Level, vulnerabilities: readonly OpenVulnerability[]): Urgency {
  const exploited = vulnerabilities.filter((vulnerability) => vulnerability.isKnownExploited)
  if (exploited.some((vulnerability) => vulnerability.fixObtainable === 'no')) return 'critical'
  if (exploited.length > 0 || level === 'blocked') return 'high'
  const isSevere = vulnerabilities.some(({ cvss }) => cvss === null || cvss >= 7)
  return isSevere || compareLevels(level, 'conditional') >= 0 ? 'elevated' : 'routine'
}

export function queueOf(facts: {
  level: Level
  vulnerabilities: readonly OpenVulnerability[]
  exploited: readonly OpenVulnerability[]
  isUnpatchable: boolean
  cutOffOn: PlainDate | null
  needsReview: boolean
}): WorkQueue {
  if (facts.isUnpatchable) return 'exploited-unpatchable'
  if (facts.exploited.length > 0) {
    return facts.cutOffOn === null ? 'exploited-patchable' : 'exploited-patch-before-cut-off'
  }
  if (facts.cutOffOn !== null) return 'save-images-before-cut-off'
  if (isStopped(facts.level) || facts.vulnerabilities.length > 0) return 'restricted'
  return facts.needsReview ? 'review' : 'none'
}

/** The day that orders work inside a queue: the cut-off or CISA's date, whichever comes first. */
function workDate(risk: Pick<Risk, 'cutOffOn' | 'vulnerabilities'>): PlainDate {
  const dates = [risk.cutOffOn, ...risk.vulnerabilities.map((v) => v.dueOn)].filter((date) => date !== null)
  return dates.toSorted()[0] ?? LAST_DAY
}
