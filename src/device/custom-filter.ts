/**
 * Filters on the fields that a city adds: `phase` asks for one of the values given, `phase__contains` something else of
 * it, with the operators of other fields. A condition names no type: what is stored tells it, so that one question can
 * go to cities that keep different things under one name. Pure.
 */
import { z } from 'zod'
import { someText } from '../http/schemas.ts'
import { isPlainDate } from '../lib/calendar.ts'
import { lowered } from '../lib/letters.ts'
import type { CustomType, CustomValues } from './custom.ts'
import type { Operator } from './filters.ts'

const Value = z.union([someText(1000), z.number().transform(String), z.boolean().transform(String)])

export const CustomFilter = z
  .record(
    z.string().max(70),
    z.union([z.array(Value), Value]).transform((value) => [value].flat()),
  )
  .optional()

const OPERATORS: Readonly<Record<CustomType, readonly Operator[]>> = {
  text: ['is', 'not', 'empty', 'contains', 'startsWith'],
  choice: ['is', 'not', 'empty', 'contains', 'startsWith'],
  boolean: ['is', 'not', 'empty'],
  date: ['is', 'not', 'empty', 'gt', 'gte', 'lt', 'lte'],
  number: ['is', 'not', 'empty', 'gt', 'gte', 'lt', 'lte'],
}
const EVERY_OPERATOR = new Set<string>(Object.values(OPERATORS).flat())
/** Of several limits it would not be clear which counts. */
const ONE_VALUE = new Set<string>(['empty', 'gt', 'gte', 'lt', 'lte'])

export interface CustomCondition {
  /** Of the field. */
  readonly name: string
  readonly operator: Operator
  /** Never empty; null stands for "not known". */
  readonly values: readonly (string | null)[]
}

export function customConditions(asked: z.output<typeof CustomFilter>): CustomCondition[] {
  return Object.entries(asked ?? {}).flatMap(([key, values]): CustomCondition[] => {
    const [name = '', ...rest] = key.split('__')
    const operator = rest.length === 0 ? 'is' : rest.join('__')
    if (values.length === 0) return []
    const isEquality = operator === 'is' || operator === 'not'
    const compared = values.map((value) => (isEquality && value === 'unknown' ? null : value))
    return [{ name, operator: operator as Operator, values: compared }]
  })
}

/** Why a field of that type cannot be asked so; null when it can. */
export function whyNotAsked({ operator, values }: CustomCondition, type: CustomType): string | null {
  if (!EVERY_OPERATOR.has(operator) || !OPERATORS[type].includes(operator))
    return `cannot be asked of a ${type}: it takes ${OPERATORS[type].map((one) => (one === 'is' ? 'no operator' : `__${one}`)).join(', ')}`
  const known = values.filter((value) => value !== null)
  if (values.length > 1 && ONE_VALUE.has(operator)) return 'takes one value'
  if (operator === 'empty' || type === 'boolean')
    return known.every((value) => value === 'true' || value === 'false') ? null : 'must be true or false'
  if (type === 'date') return known.every(isPlainDate) ? null : 'must be a real day written YYYY-MM-DD'
  if (type === 'number') return known.every(isFigure) ? null : 'must be a number'
  return null
}

const isFigure = (value: string) => /^-?\d+(?:\.\d+)?$/.test(value)

/** Asked of a device in memory: `inventory/queries/custom-filter.ts` asks the same in the database. */
export function meetsCustom(custom: CustomValues | null | undefined, condition: CustomCondition): boolean {
  const { name, operator, values } = condition
  const value = custom?.[name] ?? null
  if (operator === 'empty') return (value === null) === (values[0] === 'true')
  if (operator === 'not') return !isAmong(value, values)
  if (operator === 'is') return isAmong(value, values)
  if (value === null) return false
  const text = lowered(String(value))
  if (operator === 'contains') return values.some((part) => text.includes(lowered(part!)))
  if (operator === 'startsWith') return values.some((part) => text.startsWith(lowered(part!)))
  const [limit, size] = typeof value === 'number' ? [Number(values[0]), value] : [values[0]!, String(value)]
  // A number and a day are not compared: another city keeps something else under the name.
  if (
    typeof value === 'number'
      ? !isFigure(values[0]!)
      : !(isPlainDate(values[0]!) && isPlainDate(String(value)))
  )
    return false
  return compare(size, operator, limit)
}

function isAmong(value: CustomValues[string] | null, values: CustomCondition['values']): boolean {
  return values.some((wanted) => {
    if (value === null || wanted === null) return value === wanted
    if (typeof value === 'number') return isFigure(wanted) && Number(wanted) === value
    return lowered(wanted) === lowered(String(value))
  })
}

function compare(size: number | string, operator: Operator, limit: number | string): boolean {
  switch (operator) {
    case 'gt':
      return size > limit
    case 'gte':
      return size >= limit
    case 'lt':
      return size < limit
    default:
      return size <= limit
  }
}
