/**
 * A profile: one distinct combination of the facts that identification and the rules read.
 *
 * Cities buy in lots, so a register has far fewer profiles than devices; a change of law is evaluated for each
 * profile and touches no device. Two devices share a profile when no rule can tell them apart: dates are cut to
 * the start of their epoch (the span between two dates at which any answer can change), the MAC address to its
 * registered block, the FCC ID to its grantee.
 */

import { LRUCache } from 'lru-cache'
import { DEVICE_FIELDS, fieldsScreened, type ScreenedField } from '../device/fields.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { statementsText } from '../device/statement.ts'
import { FREE_TEXTS, type FreeText, type FreeTexts } from '../identification/mentions.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { uuidOf } from '../lib/ids.ts'
import { getOrMake, memoryOf } from '../lib/memory.ts'

const DATES = fieldsScreened('day')

/** Free texts that were read from the first day on. */
const FIRST_TEXTS: readonly FreeText[] = ['name', 'notes', 'assetTag', 'serialNumber']
/** Read since there are such fields: spelt behind all others, where there are any. */
const NEWEST_TEXT: FreeText = 'custom'
const LATER_TEXTS = (Object.keys(FREE_TEXTS) as FreeText[]).filter(
  (field) => !FIRST_TEXTS.includes(field) && field !== NEWEST_TEXT,
)

/** In the order in which the id of a profile is made of them, which must not change: it is stored. */
const ALWAYS_SPELT: readonly ScreenedField[] = [
  ...fieldsScreened('evidence'),
  ...FIRST_TEXTS,
  ...fieldsScreened('fact'),
  ...DATES,
]
/** The last: where they say nothing, the id is made as it was before they were read. */
const FIELDS: readonly ScreenedField[] = [...ALWAYS_SPELT, ...LATER_TEXTS, 'statements', NEWEST_TEXT]

/** Equal for devices that say the same, as far as a screening reads it. */
export function screenedKey(device: ScreenedDevice, { mentioned }: Pick<Cut, 'mentioned'>): string {
  const read = { ...device, ...mentioned(device) }
  return JSON.stringify(FIELDS.map((field) => read[field]))
}

/** Names of the device fields that a screening reads; a change to any other leaves the profile as it is. */
export const SCREENED_FIELDS: ReadonlySet<string> = new Set(FIELDS)

/** Earliest day a plain date can name: the epoch before every boundary. */
const BEFORE_ALL: PlainDate = '0001-01-01'

/** The last boundary on or before the day; `BEFORE_ALL` when the day comes before every boundary. */
function epochOf(day: PlainDate, boundaries: readonly PlainDate[]): PlainDate {
  let low = 0
  let high = boundaries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (boundaries[middle]! <= day) low = middle + 1
    else high = middle
  }
  return low === 0 ? BEFORE_ALL : boundaries[low - 1]!
}

export interface Cut {
  /** Sorted dates at which an answer can change. */
  readonly boundaries: readonly PlainDate[]
  /** An address that stands for all those of the same registered block. */
  readonly macBlock: (macAddress: string) => string
  /** An FCC ID that stands for all those of the same grantee; null when it names none. */
  readonly fccGrantee: (fccId: string) => string | null
  /** Texts that stand for all those that name the same restricted makers; null where they name none. */
  readonly mentioned: (texts: FreeTexts) => FreeTexts
}

type CutField = (device: ScreenedDevice, cut: Cut, texts: FreeTexts) => unknown

function cutOfField(field: ScreenedField): CutField {
  if (field === 'macAddress')
    return ({ macAddress }, cut) => (macAddress === null ? null : cut.macBlock(macAddress))
  if (field === 'fccId') return ({ fccId }, cut) => (fccId === null ? null : cut.fccGrantee(fccId))
  switch (DEVICE_FIELDS[field].screened) {
    case 'mention':
      return (_, __, texts) => texts[field as FreeText]
    case 'statement':
      return ({ statements }) => (statements == null || statements.length === 0 ? null : statements)
    case 'day':
      return (device, { boundaries }) => {
        const day = device[field] as PlainDate | null
        return day === null ? null : epochOf(day, boundaries)
      }
    default:
      return (device) => device[field]
  }
}

const CUTS = FIELDS.map(cutOfField)

export interface ProfileKey {
  /** The same facts always give the same id. */
  readonly id: string
  readonly facts: ScreenedDevice
}

/** By the facts as text: most devices share theirs, and a digest takes longer than a look into a map. */
const keysUnder = memoryOf((_: Cut) => new LRUCache<string, ProfileKey>({ max: KEYS_MOST }))
const KEYS_MOST = 5_000

/** The profile a device belongs to. */
export function profileKey(device: ScreenedDevice, cut: Cut): ProfileKey {
  const texts = cut.mentioned(device)
  const values = CUTS.map((of) => of(device, cut, texts))
  const later = values.slice(ALWAYS_SPELT.length, ALWAYS_SPELT.length + LATER_TEXTS.length)
  const newest = texts[NEWEST_TEXT]
  const text =
    JSON.stringify(values.slice(0, ALWAYS_SPELT.length)) +
    (later.every((value) => value === null) ? '' : JSON.stringify(later)) +
    statementsText(device.statements) +
    (newest === null ? '' : JSON.stringify({ [NEWEST_TEXT]: newest }))
  return getOrMake(keysUnder(cut), text, () => {
    const facts = Object.fromEntries(FIELDS.map((field, i) => [field, values[i]]))
    return { id: uuidOf(text), facts: facts as unknown as ScreenedDevice }
  })
}

/** The dates of a profile's facts: each is the start of the epoch it stands for. */
export function epochDates(facts: ScreenedDevice): PlainDate[] {
  return DATES.flatMap((field) => facts[field] ?? [])
}
