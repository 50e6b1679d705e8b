/** What is found of one regime, before all are put together. */

import type { Certainty } from '../catalogue/outcomes.ts'
import type { Determination } from './determination.ts'

/** An answer of one regime before it is said whom it waits for. */
export type Judged = Omit<Determination, 'waitsFor'>

export type Plain = Pick<
  Determination,
  'ruleId' | 'because' | 'facts' | 'missingFacts' | 'certainty' | 'citation'
>

export type NoRule = 'not-listed' | 'not-reached' | 'not-governed' | 'not-in-force' | 'no-rule'

const CERTAINTIES: readonly Certainty[] = ['uncertain', 'reported', 'sure']

export function weaker(a: Certainty, b: Certainty): Certainty {
  return CERTAINTIES.indexOf(a) < CERTAINTIES.indexOf(b) ? a : b
}

export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}
