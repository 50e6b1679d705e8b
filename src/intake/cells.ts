/**
 * One cell to one value, or the reason why not. Nothing is guessed: a value that could be read two ways, or
 * is only nearly right, is an error that says what was seen.
 */
import { isRealDay, type PlainDate, plainDate } from '../calendar.ts'
import { type ColumnField, type DeviceField, FIELDS, type FieldSpec } from './fields.ts'
import { MAX_CELL_LENGTH } from './table.ts'
import { countryOfWord, flagOfWord, foldWords, isUnknownWord, valueOfWord, valuesOf } from './words.ts'

/** Which number comes first in `03/04/2024`: the month (United States) or the day. */
export type DateOrder = 'mdy' | 'dmy'

export type CellCode =
  | 'nul-character'
  | 'ill-formed-text'
  | 'too-long'
  | 'spreadsheet-error'
  | 'formula-text'
  | 'scientific-notation'
  | 'not-a-date'
  | 'incomplete-date'
  | 'no-date'
  | 'date-out-of-range'
  | 'not-a-mac-address'
  | 'several-values'
  | 'not-yes-or-no'
  | 'unknown-value'
  | 'not-money'
  | 'not-a-currency'
  | 'not-a-country'
  | 'not-a-coordinate'
  | 'coordinate-out-of-range'
  | 'swapped-coordinates'
  | 'no-position'

export interface CellIssue {
  readonly code: CellCode
  /** For the person who mends the file; does not repeat the value. */
  readonly message: string
}

export interface Point {
  readonly latitude: number
  readonly longitude: number
}

/** `value` is null for a blank cell and whenever there is an error. */
export interface Reading {
  readonly value: string | number | boolean | Point | null
  readonly error: CellIssue | null
  readonly warning: CellIssue | null
  /** ISO 4217, when a money cell names one. */
  readonly currency?: string
}

export interface CellRules {
  readonly dateOrder: DateOrder
  /** A word outside a closed list is an error; otherwise a warning, and the fact is unknown. `status` is always strict. */
  readonly isStrict: boolean
  /** The city's own words, folded by `foldWords`, to values of the API. */
  readonly words: ReadonlyMap<string, string> | null
  /** Money is written in whole minor units, as the API writes it. */
  readonly isCents: boolean
}

const BLANK: Reading = { value: null, error: null, warning: null }
const REPLACEMENT = '\uFFFD'
/** Longest text that can be a date, an amount, an address of a device or a word of a closed list. */
const MAX_VALUE_LENGTH = 200
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
  if (value === null) return tooLong(text, MAX_VALUE_LENGTH)
  if (spec.kind === 'word') return readWord(field as DeviceField, value, rules)
  if (spec.kind === 'flag') return readFlag(field as DeviceField, value, rules)
  return isUnknownWord(value) ? BLANK : readValue(field, spec.kind, value, rules)
}

function readValue(
  field: ColumnField,
  kind: 'mac' | 'date' | 'money' | 'currency' | 'country' | 'degrees' | 'point',
  text: string,
  rules: CellRules,
): Reading {
  switch (kind) {
    case 'mac':
      return readMac(text)
    case 'date':
      return readDate(text, rules.dateOrder)
    case 'money':
      return rules.isCents ? readCents(text) : readMoney(text)
    case 'currency':
      return readCurrency(text)
    case 'country':
      return readCountry(text)
    case 'degrees':
      return readDegrees(field as 'latitude' | 'longitude', text)
    case 'point':
      return readPoint(text)
    default:
      return kind satisfies never
  }
}

/**
 * White space as single spaces, null when the text is too long to be a value. Both keep the patterns below,
 * which allow white space in many places, from costing more than the text's length.
 */
function compact(text: string): string | null {
  if (text.length > MAX_VALUE_LENGTH) return null
  return /\s\s/.test(text) ? text.replace(/\s+/g, ' ') : text
}

function right(value: Reading['value']): Reading {
  return { value, error: null, warning: null }
}

function wrong(code: CellCode, message: string): Reading {
  return { value: null, error: { code, message }, warning: null }
}

function unsure(value: Reading['value'], code: CellCode, message: string): Reading {
  return { value, error: null, warning: { code, message } }
}

// ---- text

function readText(text: string, spec: FieldSpec): Reading {
  if (text.length > spec.maxLength) return tooLong(text, spec.maxLength)
  if (text.includes(REPLACEMENT)) return unsure(text, 'ill-formed-text', ILL_FORMED)
  if (text.charCodeAt(0) === 61)
    return unsure(text, 'formula-text', 'The cell starts with "="; it was kept as text.')
  return right(text)
}

const ILL_FORMED =
  'Some characters could not be decoded and read as \uFFFD. Save the file as "CSV UTF-8" and send it again.'

/** Text that tells one device from another: damage to it would merge two of them. */
function readTag(text: string, spec: FieldSpec): Reading {
  if (isUnknownWord(text)) return BLANK
  if (text.length > spec.maxLength) return tooLong(text, spec.maxLength)
  if (text.includes(REPLACEMENT)) return wrong('ill-formed-text', ILL_FORMED)
  if (/^\d(?:[.,]\d+)?E\+\d+$/.test(text)) {
    const message =
      'The spreadsheet has shortened a long number. Format the column as text and enter it again.'
    return wrong('scientific-notation', message)
  }
  if (text.charCodeAt(0) === 61)
    return unsure(text, 'formula-text', 'The cell starts with "="; it was kept as text.')
  return right(text)
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

/** A MAC address in any common notation as `AA:BB:CC:DD:EE:FF`; null when it is none. */
export function parseMac(text: string): string | null {
  if (!MAC.test(text)) return null
  const parts = text.split(/[:.\- ]/)
  const hex = parts.length === 6 ? parts.map((part) => part.padStart(2, '0')).join('') : parts.join('')
  return hex.toUpperCase().match(/../g)!.join(':')
}

function readMac(text: string): Reading {
  const several = text.split(/[;,\s|]+/).filter((part) => part.length >= 12)
  const first = parseMac(text) ?? (several.length > 1 ? parseMac(several[0]!) : null)
  if (first === null) {
    const isShort = /^[0-9]{6,11}$/.test(text)
    const hint = isShort ? ' The spreadsheet may have dropped leading zeros; format the column as text.' : ''
    return wrong('not-a-mac-address', `Not a MAC address of 12 hexadecimal digits.${hint}`)
  }
  if (first === '00:00:00:00:00:00') return BLANK
  // The lowest bit of the first byte marks a group address, which no device owns.
  if (Number.parseInt(first.slice(1, 2), 16) % 2 === 1) {
    return wrong('not-a-mac-address', 'A broadcast or multicast address, which no device has as its own.')
  }
  if (parseMac(text) !== null) return right(first)
  return unsure(first, 'several-values', 'The cell holds several MAC addresses; the first was used.')
}

// ---- dates

const TIME = String.raw`(?:[T\s,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:z|utc|gmt|[+-]\d{2}:?\d{2})?)?`
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}$`, 'i')
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${TIME}$`, 'i')
const COMPACT = /^((?:19|20)\d{2})(\d{2})(\d{2})$/
const DAY_MONTH_NAME = new RegExp(
  String.raw`^(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})${TIME}$`,
  'i',
)
const MONTH_NAME_DAY = new RegExp(
  String.raw`^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})${TIME}$`,
  'i',
)
const SERIAL = /^([3-5]\d{4}|60000)(?:\.\d+)?$/
const INCOMPLETE =
  /^(?:fy\s*)?(?:19|20)\d{2}$|^\d{1,2}[-/](?:19|20)\d{2}$|^(?:19|20)\d{2}[-/]\d{1,2}$|^[a-z]{3,9}\.?[\s,-]+\d{4}$/i
const NO_DATE =
  /^(?:0{1,2}[-/]0{1,2}[-/]0{2,4}|0{4}-00-00|(?:0?1\/0?[01]|1\/0)\/1900|1900-0?1-0?[01])(?:[T\s].*)?$/
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The day a text writes, real or not; null when it is not written as a day. The time of day is left out. */
function dayOf(text: string, order: DateOrder): Day | null {
  let match = YEAR_LAST.exec(text)
  if (match) {
    const [first, second] = [Number(match[1]), Number(match[3])]
    const year = fullYear(match[4]!)
    return order === 'mdy' ? { year, month: first, day: second } : { year, month: second, day: first }
  }
  match = YEAR_FIRST.exec(text)
  if (match) return { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]) }
  match = COMPACT.exec(text)
  if (match) return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) }
  match = DAY_MONTH_NAME.exec(text)
  if (match) return { year: fullYear(match[3]!), month: monthOf(match[2]!), day: Number(match[1]) }
  match = MONTH_NAME_DAY.exec(text)
  if (match) return { year: Number(match[3]), month: monthOf(match[1]!), day: Number(match[2]) }
  return null
}

/** Two digits: 70 to 99 are of the last century, 00 to 69 of this one. */
function fullYear(digits: string): number {
  const year = Number(digits)
  return digits.length === 4 ? year : year + (year >= 70 ? 1900 : 2000)
}

/** 1 to 12; 0 when the word is no month. `Sept` and full names are months, `Juneau` is not. */
function monthOf(word: string): number {
  const lower = word.toLowerCase()
  if (lower === 'sept') return 9
  return (lower.length === 3 ? MONTHS.indexOf(lower) : MONTH_NAMES.indexOf(lower)) + 1
}

/** The date in a text; null when it is not one. Excel serial numbers 30000 to 60000 (1982 to 2064) are dates. */
export function parseDate(cell: string, order: DateOrder): PlainDate | null {
  const text = compact(cell.trim())
  if (text === null) return null
  const serial = SERIAL.exec(text)
  if (serial) return excelDate(Number(serial[1]))
  const day = dayOf(text, order)
  if (day === null || !isRealDay(day.year, day.month, day.day)) return null
  return plainDate(day.year, day.month, day.day)
}

/** Day 1 is 1900-01-01 and a 29 February 1900 is counted, so that from March 1900 the origin is 1899-12-30. */
function excelDate(serial: number): PlainDate {
  const date = new Date(Date.UTC(1899, 11, 30 + serial))
  return plainDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
}

function readDate(text: string, order: DateOrder): Reading {
  if (NO_DATE.test(text)) return unsure(null, 'no-date', 'A zero date stands for no date; read as blank.')
  const date = parseDate(text, order)
  if (date === null) {
    if (INCOMPLETE.test(text)) {
      return wrong(
        'incomplete-date',
        'The day is missing. Give the whole date, or leave the cell blank if it is not known.',
      )
    }
    const other = order === 'mdy' ? 'dmy' : 'mdy'
    const isOther = parseDate(text, other) !== null
    const hint = isOther
      ? ` Read as ${order === 'mdy' ? 'month/day/year' : 'day/month/year'}; pass dateOrder=${other} if the file writes the other way round.`
      : ''
    return wrong('not-a-date', `Not a day of the calendar.${hint} Dates are best written YYYY-MM-DD.`)
  }
  if (date < '1970-01-01' || date > '2099-12-31') {
    return wrong('date-out-of-range', 'The year is before 1970 or after 2099.')
  }
  return right(date)
}

/** How a column of dates is written, by the dates that can be read only one way. */
export function dateOrderSeen(samples: Iterable<string>): { readonly mdy: number; readonly dmy: number } {
  let mdy = 0
  let dmy = 0
  for (const sample of samples) {
    const text = compact(sample.trim())
    if (text === null || !YEAR_LAST.test(text)) continue
    const isMdy = parseDate(text, 'mdy') !== null
    const isDmy = parseDate(text, 'dmy') !== null
    if (isMdy && !isDmy) mdy++
    if (isDmy && !isMdy) dmy++
  }
  return { mdy, dmy }
}

// ---- closed lists

function readFlag(field: DeviceField, text: string, rules: CellRules): Reading {
  const own = rules.words?.get(foldWords(text))
  if (own !== undefined) return right(own === 'true')
  const flag = flagOfWord(field, text)
  if (flag !== null) return right(flag)
  if (isUnknownWord(text)) return BLANK
  const message = 'Neither yes nor no.'
  return rules.isStrict
    ? wrong('not-yes-or-no', message)
    : unsure(null, 'not-yes-or-no', `${message} Read as not known.`)
}

function readWord(field: DeviceField, text: string, rules: CellRules): Reading {
  const value = rules.words?.get(foldWords(text)) ?? valueOfWord(field, text)
  if (value !== null) return right(value)
  if (isUnknownWord(text)) return BLANK
  const message = `Not one of ${valuesOf(field).join(', ')}, nor a known word for one of them.`
  return rules.isStrict || field === 'status'
    ? wrong('unknown-value', message)
    : unsure(null, 'unknown-value', `${message} Read as not known.`)
}

// ---- money

const AMOUNT = /^(?:(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?|(\d{1,3}(?:\.\d{3})+|\d+),(\d{1,2}))$/
const MAX_CENTS = 1e13
const CURRENCY_SIGNS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  C$: 'CAD',
  CA$: 'CAD',
  US$: 'USD',
  A$: 'AUD',
}

/** An amount in minor units; refused when it has more than two decimals or is negative. */
function readMoney(text: string): Reading {
  const match = /^([^\d.,()-]*)([\d.,'\s]+?)\s*([^\d.,()-]*)$/.exec(text)
  const amount = match && AMOUNT.exec(match[2]!.replace(/['\s]/g, ''))
  if (!match || !amount) {
    const isNegative = /^[($\s]*-|^\(.*\)$/.test(text)
    const hint = isNegative ? ' A cost cannot be negative.' : ''
    return wrong('not-money', `Not an amount of money such as 1,234.50.${hint}`)
  }
  const sign = `${match[1]}${match[3]}`.replaceAll(/\s/g, '').toUpperCase()
  const currency = CURRENCY_SIGNS[sign] ?? (/^[A-Z]{3}$/.test(sign) ? sign : null)
  if (sign !== '' && sign !== '$' && currency === null) {
    return wrong('not-money', 'Not an amount of money such as 1,234.50: there is other text in the cell.')
  }
  const decimals = amount[2] ?? amount[4] ?? ''
  // A trailing zero more is how some programs print; anything else would be rounded.
  if (/[^0]/.test(decimals.slice(2)))
    return wrong('not-money', 'An amount of money has at most two decimals.')
  const units = (amount[1] ?? amount[3]!).replace(/[.,]/g, '')
  const cents = Number(units) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'))
  if (cents > MAX_CENTS) return wrong('not-money', 'The amount is too large to be the cost of one device.')
  return currency === null ? right(cents) : { ...right(cents), currency }
}

function readCurrency(text: string): Reading {
  if (/^[a-z]{3}$/i.test(text)) return right(text.toUpperCase())
  return wrong('not-a-currency', 'Not a currency code of three letters, such as USD.')
}

function readCountry(text: string): Reading {
  const code = countryOfWord(text)
  if (code !== null) return right(code)
  return unsure(null, 'not-a-country', 'Not the name or code of a country; the fact stays unknown.')
}

function readCents(text: string): Reading {
  return /^\d{1,13}$/.test(text) ? right(Number(text)) : wrong('not-money', 'Not a whole number of cents.')
}

// ---- positions

const NUMBER = String.raw`[+-]?\d{1,3}(?:\.\d+)?`
const DEGREES = new RegExp(String.raw`^(?:([NSEW])\s*)?(${NUMBER}|[+-]?\d{1,3},\d+)\s*°?\s*([NSEW])?$`, 'i')
const PAIR = new RegExp(
  String.raw`\(?\s*(${NUMBER})\s*°?\s*([NS])?\s*[,;\s]\s*(${NUMBER})\s*°?\s*([EW])?\s*\)?$`,
  'i',
)
const WKT = new RegExp(
  String.raw`^(?:SRID=4326;\s*)?POINT\s*Z?\s*\(\s*(${NUMBER})\s+(${NUMBER})(?:\s+${NUMBER})?\s*\)$`,
  'i',
)

function readDegrees(field: 'latitude' | 'longitude', text: string): Reading {
  const match = DEGREES.exec(text)
  if (!match)
    return wrong('not-a-coordinate', `Not a ${field} in decimal degrees, such as ${EXAMPLE[field]}.`)
  const letter = (match[1] ?? match[3] ?? '').toUpperCase()
  if (letter !== '' && (field === 'latitude') !== 'NS'.includes(letter)) {
    return wrong(
      'swapped-coordinates',
      `The letter ${letter} does not go with a ${field}. The columns may be swapped.`,
    )
  }
  const number = Number(match[2]!.replace(',', '.'))
  return right('SW'.includes(letter) && letter !== '' ? -Math.abs(number) : number)
}

const EXAMPLE = { latitude: '30.2665', longitude: '-97.7372' } as const

function readPoint(text: string): Reading {
  const wkt = WKT.exec(text)
  if (wkt) return right({ latitude: Number(wkt[2]), longitude: Number(wkt[1]) })
  const pair = pairIn(text)
  if (pair === null) {
    return wrong(
      'not-a-coordinate',
      'Not a position such as "30.2665, -97.7372", "(30.2665, -97.7372)" or "POINT (-97.7372 30.2665)".',
    )
  }
  return right(pair)
}

/** `lat, lon`, with or without brackets; also in brackets at the end of an address, as open data portals write it. */
function pairIn(text: string): Point | null {
  const match = PAIR.exec(text)
  if (!match || (match.index > 0 && text.charAt(match.index) !== '(')) return null
  const latitude = Number(match[1]) * (match[2]?.toUpperCase() === 'S' ? -1 : 1)
  const longitude = Number(match[3]) * (match[4]?.toUpperCase() === 'W' ? -1 : 1)
  return { latitude, longitude }
}

/** Whether a column of such cells holds positions. */
export function isPointText(text: string): boolean {
  const value = compact(text.trim())
  return value !== null && (WKT.test(value) || pairIn(value) !== null)
}

/**
 * What is wrong with a position; null when it can be one.
 * No city lies south of 60° S, so a longitude of the Americas in the place of the latitude always shows.
 */
export function positionIssue({ latitude, longitude }: Point): CellIssue | null {
  if (latitude === 0 && longitude === 0)
    return { code: 'no-position', message: 'Latitude and longitude 0 stand for no position.' }
  const isInside = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  const fitsSwapped = Math.abs(longitude) <= 75 && Math.abs(latitude) <= 180
  if ((!isInside || latitude < -60) && fitsSwapped) {
    return {
      code: 'swapped-coordinates',
      message:
        'Latitude and longitude look swapped. Latitude comes first in a pair, longitude in a WKT point.',
    }
  }
  if (!isInside || latitude < -60) {
    return {
      code: 'coordinate-out-of-range',
      message: 'Latitude goes from -60 to 90 and longitude from -180 to 180 degrees.',
    }
  }
  return null
}
