/** Words of the review queue and of statements on makers. Pure. */
import { factWords } from '../determination/missing-words.ts'
import type { StatementBasis } from '../device/statement.ts'
import type { Sends } from './answers.ts'
import { isField, titleOf } from './device-fields.ts'

type Effect = Sends['POST /v1/devices/{id}/statements']['answer']['effect']

export const BASIS_WORDS: Readonly<Record<StatementBasis, string>> = {
  teardown: 'It was opened, and its parts were looked at',
  'label-photo': 'A photo of the label',
  'vendor-letter': 'A letter from the maker or seller',
  inspection: 'It was looked at in place',
  invoice: 'An invoice',
  other: 'Something else',
}

/** What a statement does to the device it was made of. */
export const EFFECT_WORDS: Readonly<Record<Effect, string>> = {
  settles: 'It counts: the device has the maker that it names.',
  noted: 'It is kept: the maker cannot be found out, and the answers stay as they are.',
  'needs-second-person':
    'It does not count yet: something points to a restricted maker, so a second person has to confirm it.',
  contradicted: 'It does not count: another statement names somebody else.',
  fell: 'It no longer counts: facts of the device have changed since.',
  withdrawn: 'It was taken back and no longer counts.',
}

/** Facts that a person reads off a device, and where they stand. */
export const READ_WHERE = {
  manufacturer: 'The name on the label, as it stands there.',
  model: 'The model number on the label, as it stands there.',
  macAddress: 'On the label, or in the network switch.',
  fccId: 'On the label, after “FCC ID”.',
  firmwareVersion: 'On the web page of the device.',
  producedOn: 'The day of production, on the label.',
} as const
export type Readable = keyof typeof READ_WHERE
export const READABLE = Object.keys(READ_WHERE) as Readable[]

/** A fact as the form calls it. */
export const settlingWords = (fact: string): string => (isField(fact) ? titleOf(fact) : factWords(fact))
