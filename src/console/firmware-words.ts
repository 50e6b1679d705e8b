/** Words of firmware, licenses and treatments. The types make them complete. */
import { factWords } from '../determination/missing-words.ts'
import type { LICENSE_STATUSES, LICENSE_TYPES } from '../firmware-risk/licenses/license.ts'
import type { WorkQueue } from '../firmware-risk/risk.ts'
import type { Gets } from './answers.ts'
import { CHOICE_WORDS } from './choice-words.ts'
import { inDayWords } from './parts/words.tsx'

export type Patch = Gets['/v1/patch-answers']['items'][number]['patch']

export const QUEUE_WORDS: Readonly<Record<WorkQueue, string>> = {
  'exploited-unpatchable': 'Used in attacks, and cannot be patched',
  'exploited-patch-before-cut-off': 'Used in attacks: patch before updates stop',
  'exploited-patchable': 'Used in attacks, and can be patched',
  'save-images-before-cut-off': 'Save the image before updates stop',
  restricted: 'Updates are restricted',
  review: 'A person has to look',
  none: 'Nothing to do',
}

export const LICENSE_TYPE_WORDS: Readonly<Record<(typeof LICENSE_TYPES)[number], string>> = {
  general: 'General license',
  'temporary-general': 'Temporary general license',
  specific: 'Specific license',
  waiver: 'Waiver',
  exception: 'Exception',
  'conditional-approval': 'Conditional approval',
}

const LICENSE_STATUS_WORDS: Readonly<Record<(typeof LICENSE_STATUSES)[number], string>> = {
  active: 'In force',
  expired: 'Ended',
  revoked: 'Revoked',
  suspended: 'Suspended',
  superseded: 'Replaced by another',
}

export const TREATMENT_WORDS: Readonly<Record<Gets['/v1/risk-treatments']['items'][number]['kind'], string>> =
  {
    'compensating-control': 'Protection in place of a fix',
    'risk-acceptance': 'Risk that is accepted',
  }

export const channelWords = (channel: string) => CHOICE_WORDS.updateChannel?.[channel] ?? channel

const SOURCE_WORDS: Readonly<Record<NonNullable<Patch['source']>['from'], string>> = {
  'held-image': 'An image that is kept',
  release: 'A release of the maker',
  channel: 'The maker’s channel',
}

/** Where the file comes from; null when that is not on record. */
export function sourceWords({ source }: Patch): string | null {
  if (source === null) return null
  const { from, firmwareVersion, channel } = source
  const way = channel === null ? '' : `: ${channelWords(channel).toLowerCase()}`
  return `${SOURCE_WORDS[from]}${firmwareVersion === null ? '' : `, version ${firmwareVersion}`}${way}`
}

/** Facts that the firmware risk asks for and no rule of law does. */
const FIRMWARE_FACTS: Readonly<Record<string, string>> = {
  maker: 'who made it',
  firmwareVersion: 'its firmware version',
  comparableFirmwareVersion: 'its firmware version as the maker writes it',
  makerModel: 'the model number of the maker',
  comparableModel: 'its model number as the maker writes it',
  affectedVersions: 'which versions are affected',
  affectedModels: 'which models are affected',
  supportPeriod: 'how long its maker supports it',
}

/** Actions of the API name facts and rules by their ids; a reader gets words and the citation. */
export function actionWords(action: string): string {
  const plain = action.replaceAll(/\b[a-z0-9-]+:\d\d[a-z0-9-]* \(/g, 'a rule (')
  return inDayWords(plain).replace(/Find out: ([\w:/, -]+)$/, (_, facts: string) => {
    const words = facts.split(', ').map((fact) => FIRMWARE_FACTS[fact] ?? factWords(fact))
    return `Find out: ${[...new Set(words)].join(', ')}`
  })
}

/** A status says what its authority did; whether it still runs is a matter of its days. */
export function licenseState(
  license: Pick<Gets['/v1/licenses/{id}'], 'status' | 'firstDay' | 'lastDay'>,
  today: string,
): string {
  const { status, firstDay, lastDay } = license
  if (status !== 'active') return LICENSE_STATUS_WORDS[status as keyof typeof LICENSE_STATUS_WORDS]
  if (lastDay !== null && lastDay < today) return 'Ended'
  return firstDay !== null && firstDay > today ? 'Not in force yet' : 'In force'
}

/** `any` or ids. */
export const anyOr = (value: string | readonly string[], words: (id: string) => string): string =>
  typeof value === 'string' ? (value === 'any' ? 'any' : words(value)) : value.map(words).join(', ')
