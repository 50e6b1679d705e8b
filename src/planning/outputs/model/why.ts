/** Why the money is asked for, in sentences: law, makers, sites, deadline, and what waiting costs. Pure. */

import { OUTCOME_WORDS, type Outcome, severity } from '../../../catalogue/outcomes.ts'
import { counted } from '../../../lib/counted.ts'
import { groundsIn } from './grounds.ts'
import { dollars, isDoneInTime, sentenceOfTime } from './labels.ts'
import type { PlanReport } from './report.ts'
import { costOfWaiting, requestOf } from './request.ts'

export interface Why {
  readonly label: string
  readonly words: string
}

const LAWS_MOST = 3
const MAKERS_MOST = 5
const SITES_MOST = 3

export function whyOf(report: PlanReport): readonly Why[] {
  const { estimate, schedule } = report
  const laws = lawsOf(estimate)
  return [
    ...(laws.length === 0 ? [] : [{ label: 'The law', words: lawWords(laws) }]),
    { label: 'Made by', words: makerWords(estimate.makers ?? []) },
    { label: 'First in line', words: siteWords(report) },
    ...(schedule === null ? [] : [{ label: 'Deadline', words: deadlineWords(report) }]),
    { label: 'Waiting a year', words: waitingWords(report) },
  ].filter(({ words }) => words !== '')
}

/** The laws behind the rules, worst first, each with the devices that its rules reach at least. */
export function lawsOf(estimate: Pick<PlanReport['estimate'], 'grounds'>): readonly Law[] {
  const laws = new Map<string, Law>()
  for (const { law: title, outcome, devices } of groundsIn(estimate).rules) {
    const known = laws.get(title) ?? { title, outcome, devices: 0 }
    const isWorse = severity(outcome as Outcome) < severity(known.outcome as Outcome)
    laws.set(title, {
      title,
      outcome: isWorse ? outcome : known.outcome,
      devices: Math.max(known.devices, devices),
    })
  }
  return [...laws.values()].sort(
    (a, b) => severity(a.outcome as Outcome) - severity(b.outcome as Outcome) || b.devices - a.devices,
  )
}

interface Law {
  readonly title: string
  readonly outcome: string
  readonly devices: number
}

/** `Prohibited` as it stands inside a sentence. */
function outcomeWords(outcome: string): string {
  const words = (OUTCOME_WORDS as Readonly<Record<string, string>>)[outcome] ?? outcome
  return words.charAt(0).toLowerCase() + words.slice(1)
}

function lawWords(laws: readonly Law[]): string {
  const named = laws
    .slice(0, LAWS_MOST)
    .map(({ title, devices, outcome }) => `${title}: ${counted(devices, 'device')}, ${outcomeWords(outcome)}`)
  const more = laws.length - LAWS_MOST
  return `${named.join('. ')}.${more > 0 ? ` ${counted(more, 'more law')} on the next pages.` : ''}`
}

function makerWords(makers: NonNullable<PlanReport['estimate']['makers']>): string {
  if (makers.length === 0) return ''
  const named = makers.slice(0, MAKERS_MOST).map(({ name, devices }) => `${name} (${devices})`)
  const others = makers.slice(MAKERS_MOST).reduce((total, { devices }) => total + devices, 0)
  return `${[...named, ...(others > 0 ? [`others (${others})`] : [])].join(', ')}.`
}

function siteWords({ estimate }: PlanReport): string {
  const sites = estimate.bySite
    .filter(({ value, riskPoints }) => value !== '' && riskPoints > 0)
    .sort((a, b) => b.riskPoints - a.riskPoints)
  if (sites.length === 0) return ''
  const named = sites
    .slice(0, SITES_MOST)
    .map(({ label, devices }) => `${label} (${counted(devices, 'device')})`)
  return `${named.join(', ')} carry the most risk of ${counted(sites.length, 'site')}.`
}

function deadlineWords({ schedule }: PlanReport): string {
  if (schedule === null) return ''
  const isInTime = isDoneInTime(schedule)
  if (isInTime === null) return 'None is set.'
  return `${isInTime ? 'Kept.' : 'Missed.'} ${sentenceOfTime(schedule)}`
}

function waitingWords({ estimate, schedule }: PlanReport): string {
  const { cents } = requestOf(estimate, schedule)
  const more = costOfWaiting(estimate, cents)
  const late = sitesLateInAYear(schedule)
  return [
    `${dollars(more)} more at ${estimate.settings.escalationPercent} % a year, and ${counted(estimate.devices, 'device')} a year longer in service.`,
    late === 0 ? '' : `${counted(late, 'site')} would then be done after the deadline.`,
  ]
    .filter((words) => words !== '')
    .join(' ')
}

/** Sites that keep their deadline as scheduled and would miss it a year later. */
function sitesLateInAYear(schedule: PlanReport['schedule']): number {
  const yearLater = (day: string) => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`
  return (schedule?.sites ?? []).filter(
    ({ lastDay, deadline }) =>
      lastDay !== null && deadline !== null && lastDay <= deadline && yearLater(lastDay) > deadline,
  ).length
}
