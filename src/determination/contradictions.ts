/** Statements of a city that cannot both hold. */
import type { FactName } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { epochIndex } from './coverage.ts'
import type { RegimeKnowledge } from './law.ts'
import type { Situation } from './situation.ts'

export interface Contradiction {
  readonly facts: readonly FactName[]
  readonly because: string
}

/** Two statements that cannot both hold. Neither is believed then: the stricter branch is taken, and both are named. */
const CONTRADICTIONS: readonly (Contradiction & { readonly holds: (situation: Situation) => boolean })[] = [
  {
    facts: ['fundingSource', 'federalContractor'],
    because: 'The record says that a federal contract paid for it, and the city says that it holds none.',
    holds: ({ subject: { device, jurisdiction } }) =>
      device.fundingSource === 'federal-contract' && jurisdiction.federalContractor === false,
  },
  {
    facts: ['obligatedOn', 'paidOn'],
    because: 'The record says that it was paid before the money was obligated.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(device.paidOn, device.obligatedOn, knowledge),
  },
]

/** Compared by the spans in which no answer changes, so that a date cut to the start of its span is judged alike. */
function isEarlierEpoch(a: PlainDate | null, b: PlainDate | null, { boundaries }: RegimeKnowledge): boolean {
  return a !== null && b !== null && epochIndex(boundaries, a) < epochIndex(boundaries, b)
}

export function contradictionOf(name: FactName, situation: Situation): Contradiction | null {
  return CONTRADICTIONS.find(({ facts, holds }) => facts.includes(name) && holds(situation)) ?? null
}
