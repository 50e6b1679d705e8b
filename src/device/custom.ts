/** Fields that a city adds to its devices: what they are called, of which type they are, and values of them. Pure. */
import { z } from 'zod'
import { Day, someText } from '../http/schemas.ts'

export const CUSTOM_TYPES = ['text', 'number', 'date', 'boolean', 'choice'] as const
export type CustomType = (typeof CUSTOM_TYPES)[number]

/** As it stands in addresses, filters and columns: `custom.phase`. */
export const CustomName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,49}$/, 'must be small letters, digits and _ after a first letter, 50 at most')
  // Two of them would be an operator of a filter.
  .refine((name) => !name.includes('__'), 'must not have two _ side by side')
  // Every object has it: a device without a value would seem to have one.
  .refine((name) => !(name in {}), 'is a reserved word: add another word, such as constructor_name')

export const CUSTOM_TEXT_LENGTH = 500
/** What a number of JavaScript and a workbook hold to the last digit. */
const MOST_DIGITS = 15

export interface CustomField {
  readonly name: string
  readonly label: string
  readonly type: CustomType
  /** Of a choice; empty for the other types. */
  readonly choices: readonly string[]
}

export type CustomValue = string | number | boolean

/** By name of the field; what is not known is not there. */
export type CustomValues = Readonly<Record<string, CustomValue>>

/** What a request sets: null makes a field unknown. */
export type CustomChange = Readonly<Record<string, CustomValue | null>>

export const CustomWrite = z
  .record(z.string().max(50), z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]))
  .nullable()
  .meta({
    description:
      'fields of the city\u2019s own (`/v1/custom-fields`), by name; those that are not named stay, null clears',
  })

export const CustomRead = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable()

/** The values with a change laid over them; the same object when nothing changes. Names are in order. */
export function withCustom(base: CustomValues | null, change: CustomChange | null): CustomValues | null {
  if (change === null) return null
  const changed = Object.entries(change).filter(([name, value]) => (base?.[name] ?? null) !== value)
  if (changed.length === 0) return base
  const values = Object.entries({ ...base, ...Object.fromEntries(changed) }).filter(
    (entry): entry is [string, CustomValue] => entry[1] !== null,
  )
  if (values.length === 0) return null
  return Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const EXPECTED: Readonly<Record<CustomType, string>> = {
  text: `a text of 1 to ${CUSTOM_TEXT_LENGTH} characters`,
  number: `a number of at most ${MOST_DIGITS} digits`,
  date: 'a real day written YYYY-MM-DD',
  boolean: 'true or false',
  choice: 'one of its choices',
}

export function expectedOf({ type, choices }: Pick<CustomField, 'type' | 'choices'>): string {
  return type === 'choice' ? `one of ${choices.join(', ')}` : EXPECTED[type]
}

/** The value as it is kept; null when it is none of the type of the field. */
export function customValue(
  field: Pick<CustomField, 'type' | 'choices'>,
  value: unknown,
): CustomValue | null {
  switch (field.type) {
    case 'number':
      return typeof value === 'number' && isExact(value) ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return Day.safeParse(value).data ?? null
    case 'choice':
      return field.choices.find((choice) => choice === value) ?? null
    case 'text':
      return someText(CUSTOM_TEXT_LENGTH).safeParse(value).data ?? null
    default:
      return field.type satisfies never
  }
}

export function isExact(value: number): boolean {
  return Number.isFinite(value) && Math.abs(value) < 10 ** MOST_DIGITS && !String(value).includes('e')
}
