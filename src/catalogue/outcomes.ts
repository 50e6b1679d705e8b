/**
 * The words of an answer: activities, outcomes and their order.
 */

/** What a city wants to do. */
export const ACTIVITIES = [
  'procure',
  'use',
  'federal-funding',
  'firmware-update',
  'return-export',
  'dispose',
] as const
export type Activity = (typeof ACTIVITIES)[number]

/** Outcome codes, worst first. The order is the severity used for headlines. */
export const OUTCOMES = [
  'prohibited',
  'license-required',
  'unallowable',
  'contract-bar',
  'seller-bar',
  'updates-unavailable',
  'conditional',
  'vendor-risk',
  'review',
  'permitted-with-caution',
  'permitted',
  'not-applicable',
] as const
export type Outcome = (typeof OUTCOMES)[number]

const RANKS = Object.fromEntries(OUTCOMES.map((outcome, rank) => [outcome, rank])) as Record<Outcome, number>

/** 0 is the worst. */
export function severity(outcome: Outcome): number {
  return RANKS[outcome]
}

/** What a person reads instead of the code. */
export const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  procure: 'Buy more',
  use: 'Keep using',
  'federal-funding': 'Federal money',
  'firmware-update': 'Update firmware',
  'return-export': 'Return or export',
  dispose: 'Dispose',
}

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  prohibited: 'Prohibited',
  'license-required': 'Needs a license',
  unallowable: 'Not with federal or state money',
  'contract-bar': 'Would break a federal contract',
  'seller-bar': 'Sellers may not sell it to anyone',
  'updates-unavailable': 'Updates not available',
  conditional: 'Only under conditions',
  'vendor-risk': 'Risk with the vendor',
  review: 'A person has to look',
  'permitted-with-caution': 'Allowed, with caution',
  permitted: 'Allowed',
  'not-applicable': 'No rule applies',
}

/** `sure`: read in the source. `reported`: known, not re-read. `uncertain`: contested or may have moved. */
export type Certainty = 'sure' | 'reported' | 'uncertain'

/** A determination that is not plainly permitted or out of scope: somebody has to know of it. */
export function isFinding(outcome: Outcome): boolean {
  return outcome !== 'permitted' && outcome !== 'not-applicable'
}
