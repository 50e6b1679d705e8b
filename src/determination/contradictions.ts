/** Statements of a city that cannot both hold. */
import type { DeviceFacts } from '../catalogue/facts.ts'
import type { FactName } from '../catalogue/rules.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { epochIndex, sortedDates } from './coverage.ts'
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
    facts: ['fundingSource', 'federalPassThrough'],
    because:
      'The record says that the city’s own money paid for it, and that this money was federal money passed through.',
    holds: ({ subject: { device } }) =>
      device.fundingSource === 'local' && device.federalPassThrough === true,
  },
  {
    facts: ['fccSubsidy', 'receivesFccSupport'],
    because:
      'The record says that support of the FCC paid for it, and the city says that it receives no such support.',
    holds: ({ subject: { device, jurisdiction } }) =>
      device.fccSubsidy === true && jurisdiction.receivesFccSupport === false,
  },
  {
    facts: ['defenseContract', 'federalContractor', 'sellsToFederal'],
    because:
      'The city says that it has a contract with the Department of Defense, and that it neither holds a federal contract nor sells to a federal buyer.',
    holds: ({ subject: { jurisdiction } }) =>
      jurisdiction.defenseContract === true &&
      jurisdiction.federalContractor === false &&
      jurisdiction.sellsToFederal === false,
  },
  {
    facts: ['obligatedOn', 'paidOn'],
    because: 'The record says that it was paid before the money was obligated.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(device.paidOn, device.obligatedOn, knowledge),
  },
  {
    facts: ['obligatedOn', 'acquiredOn', 'installedOn'],
    because: 'The record says that it was acquired or installed before the money was obligated.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(firstOwned(device), device.obligatedOn, knowledge),
  },
  {
    facts: ['producedOn'],
    because: 'The record says that it was acquired or installed before it was produced.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(firstOwned(device), device.producedOn, knowledge),
  },
  {
    facts: ['acquiredOn', 'installedOn'],
    because: 'The record says that it was installed before it was acquired.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(device.installedOn, device.acquiredOn, knowledge),
  },
  {
    facts: ['modelAuthorizedOn'],
    because: 'The record says that it was acquired or installed before its model was authorized.',
    holds: ({ subject: { device }, knowledge }) =>
      isEarlierEpoch(firstOwned(device), device.modelAuthorizedOn ?? null, knowledge),
  },
]

/** The earlier of purchase and installation. */
export function firstOwned({ acquiredOn, installedOn }: DeviceFacts): PlainDate | null {
  return sortedDates([acquiredOn, installedOn])[0] ?? null
}

/** Compared by the spans in which no answer changes, so that a date cut to the start of its span is judged alike. */
function isEarlierEpoch(a: PlainDate | null, b: PlainDate | null, { boundaries }: RegimeKnowledge): boolean {
  return a !== null && b !== null && epochIndex(boundaries, a) < epochIndex(boundaries, b)
}

export function contradictionOf(name: FactName, situation: Situation): Contradiction | null {
  return CONTRADICTIONS.find(({ facts, holds }) => facts.includes(name) && holds(situation)) ?? null
}
