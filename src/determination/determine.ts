/**
 * What each law lets a city do with a device on a day.
 *
 * Every regime is evaluated for every activity. Within a regime the most severe outcome of the rules that fire
 * stands; no regime cancels another; the headline is the most severe over all. When the maker is not settled
 * the answer is never `permitted`: what a possible maker would bring becomes `review`.
 */

import { ACTIVITIES, type Activity, isFinding, type Outcome, severity } from '../catalogue/outcomes.ts'
import type { License } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { isAskedOfCity } from './city-facts.ts'
import { epochIndex, sortedDates } from './coverage.ts'
import { settle } from './decide.ts'
import type { Determination, Determined, Headline, Subject } from './determination.ts'
import { toDetermination } from './explain.ts'
import type { Judged } from './findings.ts'
import type { RegimeKnowledge } from './law.ts'
import { licensedDays } from './license-days.ts'
import { concerns, unreadPlace } from './places.ts'
import { type Situation, situate } from './situation.ts'
import { withholdPermission } from './withhold.ts'

/**
 * Determine every regime and activity for one device on one day.
 * Licenses are those that the city may rely on: general ones, its own, and its suppliers'.
 */
export function determine(
  subject: Subject,
  knowledge: RegimeKnowledge,
  asOf: PlainDate,
  licenses: readonly License[] = [],
): Determined {
  const situation = situate(subject, knowledge, asOf, [...knowledge.licenses, ...licenses])
  const determinations: Judged[] = []
  for (const compiled of knowledge.regimes) {
    if (!concerns(compiled.regime, subject)) continue
    const verdicts = settle(compiled, situation)
    for (const verdict of verdicts) determinations.push(toDetermination(verdict, situation))
  }
  determinations.push(...unreadPlace(situation))
  const settled =
    subject.identification.status === 'resolved'
      ? determinations
      : withholdPermission(determinations, situation)
  return {
    determinations: settled.map((one) => ({ ...one, waitsFor: waitsFor(one) })),
    headline: headlineOf(settled, situation),
    validUntil: nextChange(situation),
  }
}

/** What the rules of a place say of it, apart from the law that everybody shares. */
export function determineLocal(subject: Subject, local: RegimeKnowledge, asOf: PlainDate): Determined {
  const situation = situate(subject, local, asOf, [])
  const determinations = local.regimes.flatMap((compiled) =>
    settle(compiled, situation)
      .filter(({ activity }) => compiled.regime.activities.includes(activity))
      .map((verdict) => toDetermination(verdict, situation)),
  )
  return {
    determinations: determinations.map((one) => ({ ...one, waitsFor: waitsFor(one) })),
    headline: headlineOf(determinations, situation),
    validUntil: nextChange(situation),
  }
}

/**
 * Who has to say something before a finding is more than a question: the city once for all its devices, or a person
 * who looks at this device.
 */
function waitsFor({ outcome, missingFacts }: Judged): Determination['waitsFor'] {
  if (!isFinding(outcome)) return null
  // What is milder than a review is no case for a person while the city may close it for all its devices.
  const closes = severity(outcome) > severity('review') && missingFacts.some(isAskedOfCity)
  if (closes || (missingFacts.length > 0 && missingFacts.every(isAskedOfCity))) return 'city'
  return outcome === 'review' || missingFacts.length > 0 ? 'person' : null
}

function headlineOf(determinations: readonly Judged[], { subject }: Situation): Headline {
  const best: Outcome = subject.identification.status === 'resolved' ? 'permitted' : 'review'
  const headline = Object.fromEntries(ACTIVITIES.map((activity) => [activity, best])) as Record<
    Activity,
    Outcome
  >
  for (const { activity, outcome } of determinations) {
    if (severity(outcome) < severity(headline[activity])) headline[activity] = outcome
  }
  return headline
}

function nextChange({ knowledge, licenses, asOf }: Situation): PlainDate | null {
  const next = knowledge.boundaries[epochIndex(knowledge.boundaries, asOf)] ?? null
  const later = licenses
    .flatMap((license) => Object.values(licensedDays(license)) as (PlainDate | null)[])
    .filter((day) => day !== null && day > asOf)
  return sortedDates([next, ...later])[0] ?? null
}
