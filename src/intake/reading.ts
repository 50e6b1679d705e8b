/** What a cell was read as, and how a reader says so. */

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
  | 'cut-text'
  | 'looks-like-a-date'
  | 'placeholder'
  | 'rounded-amount'
  | 'not-a-quantity'
  | 'not-an-address'
  | 'not-a-number-of-years'
  | 'not-of-the-type'

export interface CellIssue {
  readonly code: CellCode
  /** For the person who corrects the file; does not repeat the value. */
  readonly message: string
}

export interface Point {
  readonly latitude: number
  readonly longitude: number
}

/** `value` is null for a blank cell and whenever there is an error. */
export interface Reading {
  readonly value: string | number | boolean | Point | null
  /** The row cannot be taken: only what tells one device from another has errors. */
  readonly error: CellIssue | null
  /** The row is taken; what the cell means is not known, or not quite. */
  readonly warning: CellIssue | null
  /** ISO 4217, when a money cell names one. */
  readonly currency?: string
  /** What is known of a day that is not: `between 2019-01-01 and 2019-12-31`. */
  readonly range?: string
}

export const BLANK: Reading = { value: null, error: null, warning: null }

/** Longest text that can be a date, an amount, an address of a device or a word of a closed list. */
export const MAX_VALUE_LENGTH = 200

export function right(value: Reading['value']): Reading {
  return { value, error: null, warning: null }
}

export function wrong(code: CellCode, message: string): Reading {
  return { value: null, error: { code, message }, warning: null }
}

/** Read as `value`, which is null where nothing could be read. */
export function unsure(value: Reading['value'], code: CellCode, message: string): Reading {
  return { value, error: null, warning: { code, message } }
}

/**
 * White space as single spaces, null when the text is too long to be a value. Both keep the patterns of the readers,
 * which allow white space in many places, from costing more than the text's length.
 */
export function compact(text: string): string | null {
  if (text.length > MAX_VALUE_LENGTH) return null
  return /\s\s/.test(text) ? text.replace(/\s+/g, ' ') : text
}
