/** Fields of a device in forms: in what order, as what kind of control, and between text and value. Pure. */
import { DEVICE_FIELDS, type DeviceField } from '../device/fields.ts'
import { FIELD_TITLES, type TitledField } from '../device/titles.ts'
import { CHOICE_WORDS } from './choice-words.ts'
import { dayWords } from './parts/words.tsx'

export const FIELD_GROUPS: readonly (readonly [title: string, fields: readonly TitledField[]])[] = [
  [
    'What it is',
    [
      'assetTag',
      'name',
      'manufacturer',
      'model',
      'deviceClass',
      'serialNumber',
      'macAddress',
      'fccId',
      'hasRadio',
      'firmwareVersion',
    ],
  ],
  ['Where it is', ['department', 'room', 'rack', 'latitude', 'longitude']],
  ['What it is for', ['status', 'purpose', 'enforcementUse']],
  [
    'How it was paid for',
    [
      'acquiredOn',
      'obligatedOn',
      'paidOn',
      'installedOn',
      'fundingSource',
      'federalPassThrough',
      'fccSubsidy',
      'awardNumber',
      'assistanceListing',
      'passThroughEntity',
      'acquisitionCostCents',
      'currency',
      'supplier',
      'purchaseOrder',
      'invoice',
      'warrantyUntil',
      'usefulLifeYears',
    ],
  ],
  [
    'How it is connected and updated',
    [
      'networkExposure',
      'updateChannel',
      'paidSupport',
      'firmwareObtainedOn',
      'ipAddress',
      'hostName',
      'recorder',
      'recorderChannel',
      'externalId',
    ],
  ],
  [
    'How it was made',
    ['producedOn', 'producedIn', 'consumerGrade', 'modelAuthorizedOn', 'coveredComponent', 'socMaker'],
  ],
  ['Notes', ['notes']],
]

/** What helps to fill a field in, where its name does not say enough. */
export const HINTS: Partial<Readonly<Record<TitledField, string>>> = {
  manufacturer: 'The name on the label, as it stands there.',
  model: 'The model number on the label, as it stands there.',
  macAddress: 'Any usual way of writing it.',
  obligatedOn: 'The day on which the city bound itself to pay.',
  federalPassThrough: 'For state grants: whether they pass federal money through.',
  fccSubsidy: 'E-Rate and other support of the FCC.',
  enforcementUse: 'For traffic devices: enforcement, plate reading or emergencies.',
  producedIn: 'Two letters, such as US, KR or CN.',
  currency: 'Three letters, such as USD.',
  firmwareObtainedOn: 'The day on which an image that you keep offline was obtained and hashed.',
  coveredComponent:
    'What a written statement of the maker on this model says about parts that section 889 covers.',
  socMaker: 'Who made the main chip, as the maker or its data sheet states.',
  recorder: 'Asset tag, name or address of the recorder it hangs on.',
  usefulLifeYears: 'Years that it is meant to serve.',
  acquisitionCostCents: 'Without cents if you like: 1,250 or 1250.00',
}

export type Control =
  | { readonly kind: 'text' | 'long' | 'date' | 'number' | 'money' }
  | { readonly kind: 'choice'; readonly options: readonly (readonly [value: string, label: string])[] }

const YES_NO = [
  ['', 'not known'],
  ['yes', 'yes'],
  ['no', 'no'],
] as const

export function controlOf(field: TitledField): Control {
  if (field === 'notes') return { kind: 'long' }
  const words = CHOICE_WORDS[field]
  if (words !== undefined) {
    // A status is always one; anything else may be unknown.
    const unknown = field === 'status' ? [] : [['', 'not known'] as const]
    return { kind: 'choice', options: [...unknown, ...Object.entries(words)] }
  }
  switch (DEVICE_FIELDS[field].cells?.kind) {
    case 'flag':
      return { kind: 'choice', options: YES_NO }
    case 'date':
      return { kind: 'date' }
    case 'money':
      return { kind: 'money' }
    case 'degrees':
    case 'years':
      return { kind: 'number' }
    default:
      return { kind: 'text' }
  }
}

/** As it stands in the control. */
export function toText(field: TitledField, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (field === 'acquisitionCostCents' && typeof value === 'number') return (value / 100).toFixed(2)
  return String(value)
}

/** As a reader reads it; null when it is not known. */
export function toWords(field: TitledField, value: unknown): string | null {
  const text = toText(field, value)
  if (text === '') return null
  if (field === 'acquisitionCostCents')
    return Number(text).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  if (controlOf(field).kind === 'date') return dayWords(text)
  return CHOICE_WORDS[field]?.[text] ?? text
}

/** A title inside a sentence; names such as MAC keep their capitals. */
export const inSentence = (title: string): string =>
  title.replaceAll(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())

/** As it is sent; what cannot be read as the kind that it is stays text, for the API to refuse in its own words. */
function toValue(field: TitledField, text: string): string | number | boolean | null {
  const given = text.trim()
  if (given === '') return null
  const control = controlOf(field)
  if (control.kind === 'choice' && control.options === YES_NO)
    return given === 'yes' || (given === 'no' ? false : given)
  if (control.kind === 'number') return /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(given) ? Number(given) : given
  if (control.kind === 'money') return toCents(given) ?? given
  return field === 'producedIn' || field === 'currency' ? given.toUpperCase() : given
}

/** `$1,250.5` is 125050. Null when it is no amount. */
function toCents(text: string): number | null {
  const [, whole, cents = ''] = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/.exec(text.trim()) ?? []
  return whole === undefined ? null : Number(whole.replaceAll(',', '') + cents.padEnd(2, '0'))
}

export const titleOf = (field: string): string =>
  (FIELD_TITLES as Readonly<Record<string, string>>)[field] ?? field

/** Whether a fact that a rule misses is a field of the device, which a person can fill in. */
export const isField = (fact: string): fact is TitledField => Object.hasOwn(FIELD_TITLES, fact)

export type SentFields = Partial<Record<DeviceField, string | number | boolean | null>>

/** What a form changes: fields that it has and whose text is another than what is stored. */
export function changesIn(form: URLSearchParams, stored: Readonly<Record<string, unknown>>): SentFields {
  const changes: SentFields = {}
  for (const field of Object.keys(FIELD_TITLES) as TitledField[]) {
    const sent = form.get(field)
    if (sent === null || asSent(field, sent) === asSent(field, toText(field, stored[field]))) continue
    changes[field] = toValue(field, withoutReturns(sent))
  }
  const site = form.get('siteId')
  if (site !== null && site !== (stored.siteId ?? '')) changes.siteId = site === '' ? null : site
  return changes
}

/** Browsers send line ends of text areas as two characters. */
const withoutReturns = (text: string) => text.replaceAll('\r\n', '\n')

/** What a browser keeps of a text: of a control of one line no line ends, so that what was left alone is no change. */
const asSent = (field: TitledField, text: string) =>
  controlOf(field).kind === 'long' ? text.replace(/\r\n?/g, '\n') : text.replace(/[\r\n]/g, '')
