/** Columns of a city's own fields: which column is one, and how its cells are read. Pure. */
import {
  CUSTOM_TEXT_LENGTH,
  type CustomField,
  type CustomValue,
  customValue,
  expectedOf,
  isExact,
} from '../device/custom.ts'
import { lowered } from '../lib/letters.ts'
import type { CellRules } from './cells.ts'
import { readDate } from './dates.ts'
import { foldHeader } from './fields.ts'
import { BLANK, type Reading, right, unsure } from './reading.ts'
import { flagOfWord, foldWords, isUnknownWord } from './words.ts'

/** The field that a header names, by name, label, `custom.NAME` or, as NetBox writes it, `cf_NAME`. */
export function customOfHeader(header: string, fields: readonly CustomField[]): CustomField | null {
  const folded = foldHeader(header)
  if (folded === '') return null
  return (
    fields.find(({ name, label }) =>
      [name, label, `custom.${name}`, `cf_${name}`].some((word) => foldHeader(word) === folded),
    ) ?? null
  )
}

/** What a cell says; text that is no value of the field stays unknown, with a warning that names what it is to be. */
export function readCustom(
  field: CustomField,
  cell: string,
  { dateOrder, hasPoints = false, words }: Pick<CellRules, 'dateOrder' | 'hasPoints' | 'words'>,
): Reading {
  const text = words?.get(foldWords(cell)) ?? cell.trim()
  if (text.includes('\0'))
    return unsure(null, 'nul-character', 'The cell holds a NUL character. It stays unknown.')
  if (text === '' || (field.type !== 'text' && isUnknownWord(text))) return BLANK
  if (field.type === 'text') return readText(text)
  if (field.type === 'date') return readDate(text, dateOrder)
  const value = typedValue(field, text, hasPoints)
  if (value !== null) return right(value)
  return unsure(null, 'not-of-the-type', `${field.label} is to be ${expectedOf(field)}. It stays unknown.`)
}

function readText(text: string): Reading {
  if (text.length <= CUSTOM_TEXT_LENGTH) return right(text)
  const message = `The text has ${text.length} characters; the first ${CUSTOM_TEXT_LENGTH} were kept.`
  // Half a character is none.
  const cut = text.slice(0, CUSTOM_TEXT_LENGTH).replace(/\p{Surrogate}$/u, '')
  return unsure(cut.trimEnd(), 'cut-text', message)
}

function typedValue(field: CustomField, text: string, hasPoints: boolean): CustomValue | null {
  if (field.type === 'number') return numberOf(text, hasPoints)
  // The words for yes and no are those of every field.
  if (field.type === 'boolean') return flagOfWord('enforcementUse', text)
  const wanted = lowered(text)
  return customValue(
    field,
    field.choices.find((choice) => lowered(choice) === wanted),
  )
}

const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/
const THOUSANDS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const DECIMAL_COMMA = /^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+$/

/** `1,234.5`, `1.234,5` and `12,5`; what could be read two ways, such as `1,234` of another country, as in the United States. */
function numberOf(text: string, hasPoints: boolean): number | null {
  const plain = hasPoints || PLAIN.test(text) ? text : inPoints(text)
  if (plain === null || !PLAIN.test(plain)) return null
  const value = Number(plain)
  return isExact(value) ? value : null
}

function inPoints(text: string): string | null {
  if (THOUSANDS.test(text)) return text.replaceAll(',', '')
  return DECIMAL_COMMA.test(text) ? text.replaceAll('.', '').replace(',', '.') : null
}
