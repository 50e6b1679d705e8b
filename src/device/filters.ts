/**
 * Filters of a list of devices, made from the table of fields: the name of a field asks for one of the values given,
 * `field__operator` asks something else of it. Which operators there are follows from the kind of the field.
 */
import { z } from 'zod'
import { Day, Id, someText, UNKNOWN } from '../http/schemas.ts'
import { parseIp } from '../lib/ip.ts'
import { lowered } from '../lib/letters.ts'
import { formatMac, parseMac } from '../lib/mac.ts'
import type { Narrowing } from './field.ts'
import { DEVICE_FIELDS, type DeviceField, FIELD_NAMES } from './fields.ts'

export type Operator = 'is' | 'not' | 'empty' | 'contains' | 'startsWith' | 'gt' | 'gte' | 'lt' | 'lte'

type Kind = Narrowing['kind']

const SIZES = ['gt', 'gte', 'lt', 'lte'] as const
const OPERATORS: Readonly<Record<Kind, readonly Operator[]>> = {
  text: ['is', 'not', 'empty', 'contains', 'startsWith'],
  choice: ['is', 'not', 'empty'],
  id: ['is', 'not', 'empty'],
  'yes-no': ['is', 'not', 'empty'],
  day: ['is', 'not', 'empty', ...SIZES],
  number: ['is', 'not', 'empty', ...SIZES],
  presence: ['empty'],
}

/** What each operator asks, for the description of the API. */
const MEANINGS: Readonly<Record<Exclude<Operator, 'is'>, string>> = {
  not: 'none of these values; devices of which it is not known are among the answer',
  empty: '`true`: not known; `false`: known',
  contains: 'one of these is a part of it, letter case ignored',
  startsWith: 'it begins with one of these, letter case ignored',
  gt: 'after, or more than',
  gte: 'on or after, or at least',
  lt: 'before, or less than',
  lte: 'on or before, or at most',
}

interface FieldFilter {
  /** The parameter. */
  readonly name: string
  readonly field: DeviceField
  readonly operator: Operator
  readonly narrowing: Narrowing
}

const parameterOf = (field: string, operator: Operator) =>
  operator === 'is' ? field : `${field}__${operator}`

const FIELD_FILTERS: readonly FieldFilter[] = FIELD_NAMES.flatMap((field) => {
  const narrowing: Narrowing = DEVICE_FIELDS[field].filter
  return OPERATORS[narrowing.kind].map((operator) => ({
    name: parameterOf(field, operator),
    field,
    operator,
    narrowing,
  }))
})

/** As a number in a body and as text in an address; kept as text. */
const Figure = z
  .union([
    z.number().transform(String),
    z
      .string()
      .trim()
      .regex(/^-?\d+(?:\.\d+)?$/, 'must be a number')
      // What a number of JavaScript holds and the database compares alike.
      .refine((text) => text.replace(/\D/g, '').length <= 15, 'must have at most 15 digits'),
  ])
  .meta({ description: 'a number' })

const orUnknown = <T extends z.ZodType>(item: T) => z.union([z.literal(UNKNOWN), item])
const YesNo = z.union([z.boolean().transform(String), z.enum(['true', 'false', UNKNOWN])])
export const Flag = z.union([z.boolean(), z.stringbool()])

function oneValue(narrowing: Narrowing): z.ZodType {
  switch (narrowing.kind) {
    case 'text':
      return someText(Math.max(narrowing.maxLength, UNKNOWN.length))
    case 'choice':
      return z.enum(narrowing.isAlwaysKnown ? narrowing.values : [...narrowing.values, UNKNOWN])
    case 'id':
      return orUnknown(Id)
    case 'yes-no':
      return YesNo
    case 'day':
      return orUnknown(Day)
    case 'number':
      return orUnknown(Figure)
    case 'presence':
      return Flag
    default:
      return narrowing satisfies never
  }
}

/** One value or several. Not given, it costs nothing: there are hundreds of these, and a question names few. */
function anyOf(item: z.ZodType): z.ZodType {
  return z
    .union([z.array(item), item])
    .transform((value) => [value].flat())
    .optional()
}

function shapeOf({ narrowing, operator }: FieldFilter): z.ZodType {
  switch (operator) {
    case 'empty':
      return Flag.optional()
    case 'contains':
    case 'startsWith':
      return anyOf(someText(200))
    case 'is':
    case 'not':
      return anyOf(oneValue(narrowing))
    default:
      return narrowing.kind === 'day' ? Day.optional() : Figure.optional()
  }
}

type Named = Exclude<DeviceField, 'custom' | 'statements'>

/**
 * The parameters. Those with operators are among them and not in the type: nothing but the functions that read them by
 * this table names one.
 */
export const FIELD_FILTER_QUERY = Object.fromEntries(
  FIELD_FILTERS.map((filter) => [filter.name, describedShape(filter)]),
) as { readonly [K in Named]: z.ZodOptional<z.ZodType<string[], unknown>> }

function describedShape(filter: FieldFilter): z.ZodType {
  const { narrowing, operator } = filter
  const shape = shapeOf(filter)
  if (operator !== 'is') return shape.meta({ description: MEANINGS[operator] })
  const isCaseless = narrowing.kind === 'text' && narrowing.compared === 'caseless'
  return isCaseless ? shape.meta({ description: 'letter case ignored' }) : shape
}

export interface Condition extends FieldFilter {
  /** Never empty. As they are compared; null stands for "not known". Of `empty` the text `true` or `false`. */
  readonly values: readonly (string | null)[]
}

/** What of a question asks something of a field. */
export function fieldConditions(question: object): Condition[] {
  const asked = question as Readonly<Record<string, unknown>>
  const found: Condition[] = []
  for (const filter of FIELD_FILTERS) {
    const given = asked[filter.name]
    if (given === undefined) continue
    const values = [given].flat().map((value) => comparable(String(value), filter))
    if (values.length > 0) found.push({ ...filter, values })
  }
  return found
}

/** The value as it is compared with what is stored. */
function comparable(value: string, { operator, narrowing }: FieldFilter): string | null {
  if (operator === 'contains' || operator === 'startsWith') {
    const isMac = narrowing.kind === 'text' && narrowing.compared === 'mac'
    // However its parts are written: `4419b6`, `44-19-B6`.
    return isMac ? lowered(value).replaceAll(/[\s:.-]/g, '') : lowered(value)
  }
  if (operator !== 'is' && operator !== 'not') return value
  const isKnown = value !== UNKNOWN || (narrowing.kind === 'choice' && narrowing.isAlwaysKnown)
  if (!isKnown) return null
  if (narrowing.kind !== 'text') return value
  switch (narrowing.compared) {
    case 'caseless':
      return lowered(value)
    case 'mac': {
      const digits = parseMac(value)
      return digits === null ? value : formatMac(digits)
    }
    case 'ip':
      return parseIp(value) ?? value
    case 'exact':
      return value
    default:
      return narrowing.compared satisfies never
  }
}

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  text: 'texts',
  choice: 'choices',
  id: 'sites',
  'yes-no': 'yes and no',
  day: 'days',
  number: 'numbers',
  presence: 'statements and custom fields',
}

function kindsInWords(kinds: readonly Kind[]): string {
  return kinds.length === Object.keys(OPERATORS).length
    ? 'all'
    : kinds.map((kind) => KIND_WORDS[kind]).join(', ')
}

/** The filters in a few sentences, for descriptions and for refusals. */
export const OPERATORS_IN_WORDS = Object.entries(MEANINGS)
  .map(([operator, meaning]) => {
    const kinds = (Object.keys(OPERATORS) as Kind[]).filter((kind) =>
      OPERATORS[kind].includes(operator as Operator),
    )
    return { operator, meaning, kinds }
  })
  .map(({ operator, meaning, kinds }) => `\`__${operator}\` (${kindsInWords(kinds)}): ${meaning}`)
  .join('; ')

/** Which operators there are, in short. */
export const OPERATORS_BY_KIND = (Object.keys(OPERATORS) as Kind[])
  .map((kind) => {
    const names = OPERATORS[kind].filter((operator) => operator !== 'is').map((operator) => `__${operator}`)
    return `${KIND_WORDS[kind]} ${names.join(' ')}`
  })
  .join('; ')
