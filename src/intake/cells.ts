/**
 * One cell to one value, or the reason why not. Nothing is guessed: a value that could be read two ways, or is only
 * nearly right, stays unknown with a warning that says what was seen, and the device comes in. Only what tells one
 * device from another is an error that refuses its row: read wrong, it would merge two of them.
 */
import { parseIp } from '../lib/ip.ts'
import { readCents, readCurrency, readMoney, readQuantity, readYears } from './amounts.ts'
import { type DateOrder, readDate } from './dates.ts'
import { type ColumnField, type DeviceField, FIELDS, type FieldSpec } from './fields.ts'
import { readDegrees, readPoint } from './positions.ts'
import { BLANK, compact, MAX_VALUE_LENGTH, type Reading, right, unsure, wrong } from './reading.ts'
import { MAX_CELL_LENGTH } from './table.ts'
import {
  countryOfWord,
  flagOfWord,
  foldWords,
  isPlaceholder,
  isUnknownWord,
  valueOfWord,
  valuesOf,
} from './words.ts'

export { type DateOrder, dateOrderSeen, parseDate } from './dates.ts'
export { isPointText, positionIssue } from './positions.ts'
export type { CellCode, Point, Reading } from './reading.ts'

export interface CellRules {
  readonly dateOrder: DateOrder
  /** The city's own words, folded by `foldWords`, to values of the API. */
  readonly words: ReadonlyMap<string, string> | null
  /** Money is written in whole minor units, as the API writes it. */
  readonly isCents: boolean
  /** Numbers come from a program, which writes a point before the fraction and nothing between thousands. */
  readonly hasPoints?: boolean
  /** Amounts of the table are written with a decimal comma. */
  readonly hasCommas?: boolean
}

const REPLACEMENT = '\uFFFD'
const SPREADSHEET_ERRORS = new Set([
  '#REF!',
  '#N/A',
  '#VALUE!',
  '#DIV/0!',
  '#NAME?',
  '#NULL!',
  '#NUM!',
  '#SPILL!',
  '#CALC!',
])

/** Read the text of one cell as the field. The text has its logins removed already. */
export function readCell(field: ColumnField, cell: string, rules: CellRules): Reading {
  if (cell === '') return BLANK
  const text = cell.trim()
  if (text === '') return BLANK
  if (text.includes('\0')) {
    return wrong(
      'nul-character',
      'The cell holds a NUL character, which cannot be stored. The file may be damaged.',
    )
  }
  if (text.charCodeAt(0) === 35 && SPREADSHEET_ERRORS.has(text)) {
    return unsure(
      null,
      'spreadsheet-error',
      'The spreadsheet shows an error here instead of a value; read as blank.',
    )
  }
  const spec = FIELDS[field]
  if (spec.kind === 'text') return readText(text, spec)
  if (spec.kind === 'tag') return readTag(text, spec)
  const value = compact(text)
  if (value === null) return tooLongToRead(text)
  if (spec.kind === 'word') return readWord(field as DeviceField, value, rules)
  if (spec.kind === 'flag') return readFlag(field as DeviceField, value, rules)
  return isUnknownWord(value) ? BLANK : readValue(field, spec.kind, value, rules)
}

function readValue(
  field: ColumnField,
  kind: Exclude<FieldSpec['kind'], 'text' | 'tag' | 'word' | 'flag'>,
  text: string,
  rules: CellRules,
): Reading {
  switch (kind) {
    case 'mac':
      return readMac(text)
    case 'date':
      return readDate(text, rules.dateOrder)
    case 'money':
      return rules.isCents ? readCents(text) : readMoney(text, rules)
    case 'currency':
      return readCurrency(text)
    case 'country':
      return readCountry(text)
    case 'degrees':
      return readDegrees(field as 'latitude' | 'longitude', text)
    case 'point':
      return readPoint(text)
    case 'count':
      return readQuantity(text)
    case 'address':
      return readAddress(text)
    case 'years':
      return readYears(text)
    default:
      return kind satisfies never
  }
}

// ---- text

function readText(text: string, spec: FieldSpec): Reading {
  if (text.length > spec.maxLength) return spec.isEvidence ? tooLong(text, spec.maxLength) : cut(text, spec)
  if (text.includes(REPLACEMENT)) return unsure(text, 'ill-formed-text', ILL_FORMED)
  if (text.charCodeAt(0) === 61)
    return unsure(text, 'formula-text', 'The cell starts with "="; it was kept as text.')
  if (spec.isEvidence && ISO_DAY.test(text)) return unsure(text, 'looks-like-a-date', BECAME_A_DATE)
  return right(text)
}

/** As nearly all tags are written: nothing to bring into one form. */
const PLAIN_TAG = /^[!-~]+(?: [!-~]+)*$/
const ISO_DAY = /^(?:19|20)\d{2}-\d{2}-\d{2}$/
const BECAME_A_DATE =
  'The spreadsheet may have turned the text into a date; it was kept as shown. Format the column as text and enter it again.'
const ILL_FORMED =
  'Some characters could not be decoded and read as \uFFFD. Save the file as "CSV UTF-8" and send it again.'

/** Text that tells one device from another: damage to it would merge two of them. */
function readTag(cell: string, spec: FieldSpec): Reading {
  if (isUnknownWord(cell)) return BLANK
  // Written in a spreadsheet to keep its leading zeros: ="00123".
  const text = cell.charCodeAt(0) === 61 ? (/^="([^"]*)"$/.exec(cell)?.[1]?.trim() ?? cell) : cell
  if (text !== cell && (text === '' || isUnknownWord(text))) return BLANK
  if (isPlaceholder(text)) {
    const message = 'The text stands for "none" and identifies no device; read as blank.'
    return unsure(null, 'placeholder', message)
  }
  if (text.length > spec.maxLength) return tooLong(text, spec.maxLength)
  if (text.includes(REPLACEMENT)) return wrong('ill-formed-text', ILL_FORMED)
  if (/^\d(?:[.,]\d+)?E\+\d+$/.test(text)) {
    const message =
      'The spreadsheet has shortened a long number. Format the column as text and enter it again.'
    return wrong('scientific-notation', message)
  }
  if (text.charCodeAt(0) === 61)
    return unsure(text, 'formula-text', 'The cell starts with "="; it was kept as text.')
  if (ISO_DAY.test(text)) return unsure(text, 'looks-like-a-date', BECAME_A_DATE)
  // One form of letters, one space: the same tag typed on two machines is one tag.
  return right(PLAIN_TAG.test(text) ? text : text.normalize('NFC').replace(/\s+/g, ' '))
}

function cut(text: string, { maxLength }: FieldSpec): Reading {
  const message = `The text has ${text.length} characters; the first ${maxLength} were kept.`
  // Half of a character is no text.
  return unsure(text.slice(0, maxLength).replace(/\p{Surrogate}$/u, ''), 'cut-text', message)
}

function tooLongToRead(text: string): Reading {
  const message = `The text has ${text.length} characters; ${MAX_VALUE_LENGTH} is the most here. Read as not known.`
  return unsure(null, 'too-long', message)
}

function tooLong(text: string, maxLength: number): Reading {
  return wrong(
    'too-long',
    `The text has ${text.length} characters; ${Math.min(maxLength, MAX_CELL_LENGTH)} is the most.`,
  )
}

// ---- MAC addresses

const MAC =
  /^(?:[0-9a-f]{12}|[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4}|[0-9a-f]{6}[:-][0-9a-f]{6}|[0-9a-f]{1,2}([:-])(?:[0-9a-f]{1,2}\2){4}[0-9a-f]{1,2}|[0-9a-f]{2}( )(?:[0-9a-f]{2}\3){4}[0-9a-f]{2})$/i

/** As most are written: but for small letters, nothing to bring into one form. */
const PLAIN_MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i

/** A MAC address in any common notation as `AA:BB:CC:DD:EE:FF`; null when it is none. */
export function parseMac(text: string): string | null {
  if (PLAIN_MAC.test(text)) return text.toUpperCase()
  if (!MAC.test(text)) return null
  const parts = text.split(/[:.\- ]/)
  const hex = parts.length === 6 ? parts.map((part) => part.padStart(2, '0')).join('') : parts.join('')
  return hex.toUpperCase().match(/../g)!.join(':')
}

function readMac(text: string): Reading {
  const whole = parseMac(text)
  const first = whole ?? firstOfSeveral(text)
  if (first === null) {
    const isShort = /^[0-9]{6,11}$/.test(text)
    const hint = isShort ? ' The spreadsheet may have dropped leading zeros; format the column as text.' : ''
    const message = `Not a MAC address of 12 hexadecimal digits.${hint} It stays unknown.`
    return unsure(null, 'not-a-mac-address', message)
  }
  if (first === '00:00:00:00:00:00') return BLANK
  // The lowest bit of the first byte marks a group address, which no device owns.
  if (Number.parseInt(first.slice(1, 2), 16) % 2 === 1) {
    const message = 'A broadcast or multicast address, which no device has as its own. It stays unknown.'
    return unsure(null, 'not-a-mac-address', message)
  }
  if (whole !== null) return right(first)
  return unsure(first, 'several-values', 'The cell holds several MAC addresses; the first was used.')
}

function firstOfSeveral(text: string): string | null {
  const several = text.split(/[;,\s|]+/).filter((part) => part.length >= 12)
  return several.length > 1 ? parseMac(several[0]!) : null
}

// ---- network addresses

/** `DHCP` is said of how an address is given, not which one it is. */
const NO_ADDRESS = /^(?:dhcp|dynamic|auto|automatic|none|0\.0\.0\.0)$/i

function readAddress(text: string): Reading {
  if (NO_ADDRESS.test(text)) return BLANK
  const whole = parseIp(text)
  if (whole !== null) return right(whole)
  const several = text.split(/[;,\s|]+/)
  const first = several.length > 1 ? parseIp(several[0]!) : null
  if (first !== null)
    return unsure(first, 'several-values', 'The cell holds several addresses; the first was used.')
  return unsure(null, 'not-an-address', 'Not an IPv4 or IPv6 address. It stays unknown.')
}

// ---- closed lists

function readFlag(field: DeviceField, text: string, rules: CellRules): Reading {
  const own = rules.words?.get(foldWords(text))
  if (own !== undefined) return right(own === 'true')
  const flag = flagOfWord(field, text)
  if (flag !== null) return right(flag)
  if (isUnknownWord(text)) return BLANK
  return unsure(null, 'not-yes-or-no', 'Neither yes nor no. Read as not known.')
}

function readWord(field: DeviceField, text: string, rules: CellRules): Reading {
  const value = rules.words?.get(foldWords(text)) ?? valueOfWord(field, text)
  if (value !== null) return right(value)
  if (isUnknownWord(text)) return BLANK
  const message = `Not one of ${valuesOf(field).join(', ')}, nor a known word for one of them.`
  // What hangs on the pole is in use until somebody says otherwise, which is the stricter reading.
  const instead =
    field === 'status' ? 'A new device counts as active, another keeps its status.' : 'Read as not known.'
  return unsure(null, 'unknown-value', `${message} ${instead}`)
}

function readCountry(text: string): Reading {
  const code = countryOfWord(text)
  if (code !== null) return right(code)
  return unsure(null, 'not-a-country', 'Not the name or code of a country; the fact stays unknown.')
}
