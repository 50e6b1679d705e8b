/** The number in a cell as the text a person sees in it. */
import type { NumberFormat } from './number-format.ts'
import { dateText, durationText } from './serial-date.ts'

/** What to know of a cell besides its text. */
export type CellNote =
  /** A number of more than 15 digits, which the spreadsheet has rounded. */
  | 'rounded'
  /** A formula whose result is not in the file. */
  | 'no-result'
  /** A number formatted as a date that is none. */
  | 'no-such-day'

export interface CellText {
  readonly text: string
  readonly note: CellNote | null
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?$/i
/** From here on, neighboring numbers are written the same: spreadsheets keep 15 digits. */
const FIRST_ROUNDED = 1e15
/** Longer numbers are written with an exponent. */
const MOST_DIGITS = 1e21

/** null when the text is no number. */
export function numberText(written: string, format: NumberFormat, is1904: boolean): CellText | null {
  const text = written.trim()
  const value = Number(text)
  if (!NUMBER.test(text) || !Number.isFinite(value)) return null
  if (format.kind === 'date' || format.kind === 'duration') {
    const shown = format.kind === 'date' ? dateText(value, is1904) : durationText(value)
    return { text: shown ?? plainText(text, value), note: shown === null ? 'no-such-day' : null }
  }
  const note = Math.abs(value) >= FIRST_ROUNDED ? 'rounded' : null
  const plain = plainText(text, value)
  if (format.kind === 'number' || !/^\d+$/.test(plain)) return { text: plain, note }
  return { text: format.before + plain.padStart(format.digits, '0') + format.after, note }
}

function plainText(text: string, value: number): string {
  if (/^\d{1,15}$/.test(text)) return String(value)
  const isWhole = Number.isInteger(value) && Math.abs(value) < MOST_DIGITS
  if (isWhole && Math.abs(value) >= FIRST_ROUNDED) return /^-?\d+$/.test(text) ? text : allDigits(value)
  // The 16th digit and those after it are what adding up in binary leaves: 0.1 + 0.2.
  return String(Number(value.toPrecision(15)))
}

/** Fifteen digits and zeros after them, as the spreadsheet shows it. */
function allDigits(value: number): string {
  const [digits, exponent] = value.toExponential(14).split('e') as [string, string]
  const sign = value < 0 ? '-' : ''
  return sign + digits.replace(/[-.]/g, '').padEnd(Number(exponent) + 1, '0')
}
