/**
 * What goes into and comes out of the rules. Pure types; `determine.ts` does the work.
 */

import type { DeviceFacts, JurisdictionFacts } from '../catalogue/facts.ts'
import type { Activity, Certainty, Outcome } from '../catalogue/outcomes.ts'
import type { Component, Identification, MakerCandidate } from '../identification/identification.ts'
import type { PlainDate } from '../lib/calendar.ts'

export interface Determination {
  readonly regime: string
  readonly activity: Activity
  readonly outcome: Outcome
  readonly ruleId: string
  /** One sentence for a person. */
  readonly because: string
  /** The facts the rule read, with their values. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
  /** Facts that were unknown and would have changed or confirmed the outcome. */
  readonly missingFacts: readonly string[]
  readonly certainty: Certainty
  readonly citation: string
  /** Of a finding that is open: whether the city has to say something once, or a person has to look at this device. */
  readonly waitsFor: 'city' | 'person' | null
}

/** Per activity, the most severe outcome over all regimes. */
export type Headline = Readonly<Record<Activity, Outcome>>

export interface Determined {
  readonly determinations: readonly Determination[]
  readonly headline: Headline
  /** First day on which the same facts may give another answer; null when no dated change is known. */
  readonly validUntil: PlainDate | null
}

/** What the rules read of an identification. */
export interface Identified extends Pick<Identification, 'status' | 'brand' | 'maker' | 'wouldSettle'> {
  readonly components: readonly Pick<Component, 'vendor' | 'name' | 'standing'>[]
  readonly candidates: readonly Pick<MakerCandidate, 'vendor' | 'name' | 'standing'>[]
}

export interface Subject {
  readonly identification: Identified
  readonly device: DeviceFacts
  readonly jurisdiction: JurisdictionFacts
}
