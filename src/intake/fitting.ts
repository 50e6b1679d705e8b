/** Whether the cells of a column are what its header may mean. */

import { parseIp } from '../lib/ip.ts'
import { readMoney, readQuantity } from './amounts.ts'
import { parseDate, parseMac } from './cells.ts'
import { CELLS_DECIDE, type ColumnField, FIELDS, RECORDER_OR_NAME } from './fields.ts'
import { flagOfWord, isUnknownWord, valueOfWord } from './words.ts'

const DOES_NOT_FIT = 'Its name may mean this field, and its cells do not.'

/** Why a column of these cells does not fill the field that its header may mean; null when it does. */
export function cellsFit(field: ColumnField, header: string, cells: readonly string[]): string | null {
  if (!CELLS_DECIDE.has(header) || cells.length === 0) return null
  if (field === 'assetTag')
    return countsRows(cells) ? 'It counts the rows: a row number identifies no device.' : null
  if (RECORDER_OR_NAME.has(header)) return (field === 'name') === isOneOfEach(cells) ? null : DOES_NOT_FIT
  return isOf(field, cells) ? null : DOES_NOT_FIT
}

function isOf(field: ColumnField, cells: readonly string[]): boolean {
  switch (FIELDS[field].kind) {
    case 'mac':
      return shareOf(cells, (cell) => parseMac(cell.trim()) !== null) >= 0.5
    case 'word':
      return shareOf(cells, (cell) => valueOfWord(field as 'status', cell) !== null) >= 0.5
    case 'flag':
      return shareOf(cells, (cell) => flagOfWord(field as 'hasRadio', cell) !== null) >= 0.5
    case 'money':
      return shareOf(cells, (cell) => readMoney(cell.trim()).value !== null) >= 0.8
    case 'count':
      return shareOf(cells, isSmallCount) >= 0.8
    case 'address':
      return shareOf(cells, (cell) => parseIp(cell) !== null) >= 0.5
    case 'date':
      return shareOf(cells, (cell) => parseDate(cell.trim(), 'mdy') !== null) >= 0.5
    default:
      return isText(field, cells)
  }
}

function isText(field: ColumnField, cells: readonly string[]): boolean {
  if (field === 'model') return shareOf(cells, looksLikeModel) >= 0.5
  if (field === 'firmwareVersion') return shareOf(cells, (cell) => /\d\.\d|^v\d/i.test(cell)) >= 0.5
  // The name of one device is not that of all, nor a measure of quantity.
  if (field === 'name')
    return (
      shareOf(cells, (cell) => /\p{L}/u.test(cell)) >= 0.5 && new Set(cells).size >= Math.min(cells.length, 2)
    )
  return true
}

/** A list of recorders names each once, a list of cameras the same one again and again. */
function isOneOfEach(cells: readonly string[]): boolean {
  return cells.length > 1 && new Set(cells).size === cells.length
}

function isSmallCount(cell: string): boolean {
  const { value } = readQuantity(cell.trim())
  return typeof value === 'number' && value < 100_000
}

/** 1, 2, 3, in the order of the file. One row alone counts nothing. */
function countsRows(cells: readonly string[]): boolean {
  if (cells.length < 2) return false
  const numbers = cells.map((cell) => (/^\s*\d{1,7}\s*$/.test(cell) ? Number(cell) : Number.NaN))
  const first = numbers[0]!
  return first <= 1 && numbers.every((number, i) => number === first + i)
}

/** A word with letters and digits in it: `DS-2CD2143G2-I`, `AXIS P3245-LVE`, `C9300`. */
export function looksLikeModel(cell: string): boolean {
  return cell.length <= 100 && /(?=[\w./-]*\d)(?=[\w./-]*[a-z])[a-z\d][\w./-]{2,}/i.test(cell)
}

/** An IP address with or without port, or an address of the web. */
export function isNetworkAddress(cell: string): boolean {
  return /^\s*(?:[a-z]{2,8}:\/\/|\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?\s*$|[\da-f]{0,4}(?::[\da-f]{0,4}){3,7}\s*$)/i.test(
    cell,
  )
}

/** 0 to 1; 0 when there are none. */
export function shareOf(cells: readonly string[], test: (cell: string) => boolean): number {
  const known = cells.filter((cell) => !isUnknownWord(cell))
  return known.length === 0 ? 0 : known.filter(test).length / known.length
}
