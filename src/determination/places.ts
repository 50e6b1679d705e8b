/** Whose law is evaluated for a body, by the place that it is in. */

import type { Activity } from '../catalogue/outcomes.ts'
import type { Regime } from '../catalogue/rules.ts'
import type { Subject } from './determination.ts'
import type { Judged } from './findings.ts'
import type { Situation } from './situation.ts'

/** Members of the European Union, ISO 3166-1. */
const EUROPEAN_UNION =
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ')

/**
 * The law of the place is evaluated: that of a state in that state, and wherever the state is not known. China's lists
 * bind its own suppliers and reach buyers everywhere.
 */
export function concerns({ jurisdiction: of }: Regime, { jurisdiction }: Subject): boolean {
  if (of === 'CN') return true
  const country = jurisdiction.country ?? 'US'
  if (of === 'EU') return EUROPEAN_UNION.includes(country)
  if (!of.startsWith('US-')) return of === country
  const { state } = jurisdiction
  return country === 'US' && (state === null || of === `US-${state}`)
}

/** Activities that laws of a place on makers of equipment are mostly about. */
const OF_PLACES: readonly Activity[] = ['procure', 'use', 'federal-funding']

/**
 * Where no law of the place was read, the answer says so instead of saying nothing. In a state the law of the United
 * States still counts; of a country without any, nothing is called permitted.
 */
export function unreadPlace({ subject, knowledge, asOf }: Situation): readonly Judged[] {
  const { country, state } = subject.jurisdiction
  const isUnitedStates = (country ?? 'US') === 'US'
  if (isUnitedStates && state === null) return []
  const place = isUnitedStates ? `US-${state}` : country!
  const isRead = [...knowledge.byId.values()].some(
    ({ jurisdiction, activities }) =>
      activities.length > 0 &&
      (jurisdiction === place || (jurisdiction === 'EU' && EUROPEAN_UNION.includes(place))),
  )
  if (isRead) return []
  const name = isUnitedStates ? `the state of ${state}` : `the country ${country}`
  const regime = `${isUnitedStates ? 'state' : 'country'}-${(isUnitedStates ? state! : country!).toLowerCase()}`
  return OF_PLACES.map((activity) => ({
    regime,
    activity,
    outcome: isUnitedStates || activity === 'federal-funding' ? 'not-applicable' : 'permitted-with-caution',
    ruleId: `${regime}:not-read`,
    because: `No law of ${name} on makers of such equipment has been read for this service, so none was applied. Ask counsel whether there is one.`,
    facts: { asOf, country: country ?? 'US', state },
    missingFacts: [`lawOf:${place}`],
    certainty: 'uncertain' as const,
    citation: `none read for ${name}`,
  }))
}
