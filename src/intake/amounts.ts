/** Money and counts, in the usual writings. */
import { type Reading, right, unsure } from './reading.ts'

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
/** Words beside an amount that say nothing of its currency. */
const NO_CURRENCY = new Set(['', '$', 'DOLLAR', 'DOLLARS'])
/** `189 ea`, `$189/each`, `200 per unit`. */
const EACH = /\s*(?:\/|\bper\b|@)?\s*(?:ea|each|unit|pc|pcs|piece|camera|cam|device|c\/u)\.?$/i
/** `1,200.-` and `1,200.--`. */
const NO_CENTS = /[.,]?[-–—]{1,2}$/

/** How the amounts of a file are written, where that is known. */
export interface Writing {
  /** With a decimal point, whatever follows it: numbers of JSON and of workbooks. */
  readonly hasPoints?: boolean | undefined
  /** With a decimal comma. */
  readonly hasCommas?: boolean | undefined
}

const WITH_POINTS = /^\d{1,3}(?:\.\d{3})+$/
const WITH_COMMA = /^[^\d]*(?:\d{1,3}(?:\.\d{3})+|\d+),\d{1,2}\D*$/
const WITH_POINT = /\.\d{1,2}\D*$|,\d{3}/

/** Whether amounts of a column show that a comma parts the decimals: then `1.200` is more than a thousand. */
export function hasDecimalCommas(cells: readonly string[]): boolean {
  return cells.some((cell) => WITH_COMMA.test(cell.trim())) && !cells.some((cell) => WITH_POINT.test(cell))
}

/**
 * An amount in minor units, to the cent. More than two decimals are rounded and said, unless they could be
 * thousands; what is no amount, or less than nothing, stays unknown.
 */
export function readMoney(cell: string, { hasPoints, hasCommas }: Writing = {}): Reading {
  const text = cell.replace(EACH, '').replace(NO_CENTS, '')
  const match = /^([^\d.,()-]*)([\d.,'\s]+?)\s*(k\b)?\s*([^\d.,()-]*)$/i.exec(text)
  const amount = match && AMOUNT.exec(match[2]!.replace(/['\s]/g, ''))
  if (!match || !amount) {
    const isNegative = /^[($\s]*-|^\(.*\)$/.test(cell)
    const hint = isNegative ? ' A cost cannot be negative.' : ''
    return notMoney(`Not an amount of money such as 1,234.50.${hint}`)
  }
  const sign = `${match[1]}${match[4]}`.replaceAll(/\s/g, '').toUpperCase()
  const currency = CURRENCY_SIGNS[sign] ?? (/^[A-Z]{3}$/.test(sign) ? sign : null)
  if (!NO_CURRENCY.has(sign) && currency === null)
    return notMoney('Not an amount of money such as 1,234.50: there is other text in the cell.')
  const isThousands = hasCommas === true && WITH_POINTS.test(amount[0])
  const read = isThousands
    ? right(Number(amount[0].replaceAll('.', '')) * 100)
    : centsOf(amount, match[3] === undefined ? 1 : 1000, hasPoints === true)
  return currency === null || read.value === null ? read : { ...read, currency }
}

function centsOf(amount: RegExpExecArray, times: number, hasPoints: boolean): Reading {
  const decimals = amount[2] ?? amount[4] ?? ''
  const units = (amount[1] ?? amount[3]!).replace(/[.,]/g, '')
  // Three decimals may be thousands of another country; a trailing zero more is how some programs print.
  if (times === 1 && !hasPoints && decimals.length === 3 && decimals[2] !== '0')
    return notMoney('Three digits follow the point: this may be a fraction or thousands.')
  const exact = (Number(units) + Number(`0.${decimals || '0'}`)) * times * 100
  const cents = /[^0]/.test(decimals.slice(2)) || times > 1 ? Math.round(exact) : wholeCents(units, decimals)
  if (cents > MAX_CENTS) return notMoney('The amount is too large to be the cost of one device.')
  if (times === 1 && /[^0]/.test(decimals.slice(2)))
    return unsure(
      cents,
      'rounded-amount',
      'The amount has more than two decimals; it was rounded to the cent.',
    )
  return right(cents)
}

function wholeCents(units: string, decimals: string): number {
  return Number(units) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'))
}

function notMoney(message: string): Reading {
  return unsure(null, 'not-money', `${message} The cost stays unknown.`)
}

export function readCents(text: string): Reading {
  return /^\d{1,13}$/.test(text) ? right(Number(text)) : notMoney('Not a whole number of cents.')
}

export function readCurrency(text: string): Reading {
  if (/^[a-z]{3}$/i.test(text)) return right(text.toUpperCase())
  return unsure(null, 'not-a-currency', 'Not a currency code of three letters, such as USD.')
}

/** `12`, `12.0`, `x12`, `12 ea`: how many devices a row stands for. */
export function readQuantity(cell: string): Reading {
  const match = /^(?:x|qty\.?)?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?\s*x?$/i.exec(cell.replace(EACH, ''))
  if (match) return right(Number(match[1]!.replaceAll(',', '')))
  return unsure(null, 'not-a-quantity', 'Not a number of devices; read as one.')
}

const YEARS_MOST = 100

/** `10`, `10 years`, `120 months`: how many years something is meant to serve. */
export function readYears(cell: string): Reading {
  const match = /^(\d{1,4})(?:\.0+)?\s*(years?|yrs?|y|a[nñ]os?|months?|mos?|meses|mes)?\.?$/i.exec(cell)
  const isMonths = match?.[2]?.toLowerCase().startsWith('m') === true
  const years = match === null ? Number.NaN : Number(match[1]) / (isMonths ? 12 : 1)
  if (Number.isInteger(years) && years >= 1 && years <= YEARS_MOST) return right(years)
  return unsure(null, 'not-a-number-of-years', 'Not a whole number of years from 1 to 100. It stays unknown.')
}
