/** In words: doubts about who made a device and what parts it holds. */

import type { Outcome } from '../catalogue/outcomes.ts'
import type { Determination } from './determination.ts'
import { distinct, type Plain, weaker } from './findings.ts'
import { inWords } from './missing-words.ts'
import type { RegimeView } from './regime-view.ts'
import type { Situation } from './situation.ts'

/** Fields of a device as a sentence names them. */
const IN_WORDS: Readonly<Record<string, string>> = {
  manufacturer: 'the name of the manufacturer',
  model: 'the model number',
  macAddress: 'the MAC address',
  fccId: 'the FCC ID',
  firmwareVersion: 'the firmware version',
  producedOn: 'the day of production',
  coveredComponent: 'the maker’s written statement on components',
  name: 'a check of the name given to the device',
  notes: 'a check of the notes',
  assetTag: 'a check of the asset tag',
  serialNumber: 'a check of the serial number',
  hostName: 'a check of the host name',
  externalId: 'a check of the external id',
  supplier: 'a check of who sold it',
  purchaseOrder: 'a check of the purchase order',
  invoice: 'a check of the invoice',
  room: 'a check of the room',
  rack: 'a check of the rack',
  recorder: 'a check of the recorder',
  department: 'a check of the department',
}

export function whatSettles(fields: readonly string[]): string {
  if (fields.length === 0) return 'Evidence of who made it settles this.'
  const words = fields.map((field) => IN_WORDS[field] ?? field)
  const last = words.at(-1)!
  const list = words.length === 1 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
  return `${list.charAt(0).toUpperCase()}${list.slice(1)} may settle this.`
}

type OfPart = Pick<Determination, 'because' | 'facts' | 'missingFacts' | 'certainty' | 'citation'>

/** What "substantial or essential component" means: necessary for the proper function or performance of the equipment. */
const ON_PARTS = 'Pub. L. 115-232 s.889(a)(1); FAR 52.204-25(a), "substantial or essential component"'

export function doubtOfPart(
  { because, facts, missingFacts, citation }: Plain,
  { maker }: RegimeView,
  builtBy: string | null,
  doubted: Outcome,
): OfPart {
  return {
    because:
      `It may hold a part of ${maker.name}. If that part is necessary for the proper function of the device, it is a ` +
      `substantial or essential component, the device counts as covered, and the answer would be ${inWords(doubted)}. The maker’s ` +
      `written statement on the components of this model settles it; a MAC address ` +
      `does not. ${because}`,
    facts: { ...facts, maker: builtBy, possibleComponent: maker.id },
    missingFacts: distinct(['coveredComponent', ...missingFacts]),
    certainty: 'uncertain',
    citation: `${citation}; ${ON_PARTS}`,
  }
}

/** The statement was made and not read here, so that nothing is sure. */
export function statedPart(
  { because, facts, missingFacts, certainty, citation }: Plain,
  { maker }: RegimeView,
  builtBy: string | null,
): OfPart {
  return {
    because:
      `The record holds the maker’s statement that the model has a component of ${maker.name}. A component that is ` +
      `necessary for the proper function of the device, as its main chip is, is a substantial or essential one, and ` +
      `the device counts as covered. ${because}`,
    facts: { ...facts, maker: builtBy, component: maker.id },
    missingFacts: maker.id === null ? distinct(['socMaker', ...missingFacts]) : missingFacts,
    certainty: maker.id === null ? 'uncertain' : weaker(certainty, 'reported'),
    citation: `${citation}; ${ON_PARTS}`,
  }
}

/** Where a statement settled that there is no such part, an answer that rests on it says so. */
export function excludedParts({ regime }: RegimeView, { subject }: Situation): string {
  if (regime.reachesParts !== true) return ''
  const names = subject.identification.components.flatMap(({ standing, name }) =>
    standing === 'excluded' ? [name] : [],
  )
  if (names.length === 0) return ''
  return ` The record holds the maker’s statement that excludes a part of ${names.join(' and of ')}, which some models of the brand hold.`
}
