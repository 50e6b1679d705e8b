/** Filters on the fields of a device, asked of one in memory: `inventory/queries/field-conditions.ts` asks the same in the database. Pure. */
import { lowered } from '../lib/letters.ts'
import type { Condition } from './filters.ts'
import type { DeviceRecord } from './schemas.ts'

export function meets(device: Partial<DeviceRecord>, condition: Condition): boolean {
  const { field, operator, narrowing, values } = condition
  // A version of a device that is older than the field does not have it.
  const value = device[field] ?? null
  switch (operator) {
    case 'is':
      return isAmong(value, condition)
    case 'not':
      return !isAmong(value, condition)
    case 'empty': {
      const isEmpty = value === null || (narrowing.kind === 'text' && value === '')
      return isEmpty === (values[0] === 'true')
    }
    case 'contains':
      return value !== null && values.some((part) => searched(value, narrowing).includes(part!))
    case 'startsWith':
      return value !== null && values.some((part) => searched(value, narrowing).startsWith(part!))
    default:
      return value !== null && isBeyond(sizeOf(value, condition), operator, sizeOf(values[0]!, condition))
  }
}

/** As parts of it are looked for. */
function searched(value: unknown, narrowing: Condition['narrowing']): string {
  const text = lowered(String(value))
  return narrowing.kind === 'text' && narrowing.compared === 'mac' ? text.replaceAll(/[:.-]/g, '') : text
}

function isAmong(value: unknown, { narrowing, values }: Condition): boolean {
  if (value === null) return values.includes(null)
  if (narrowing.kind === 'number')
    return values.some((wanted) => wanted !== null && Number(wanted) === Number(value))
  const isCaseless = narrowing.kind === 'text' && narrowing.compared === 'caseless'
  return values.includes(isCaseless ? lowered(String(value)) : String(value))
}

/** Days are compared as text: they are written with four digits of the year. */
function sizeOf(value: unknown, { narrowing }: Condition): number | string {
  return narrowing.kind === 'number' ? Number(value) : String(value)
}

function isBeyond(
  value: number | string,
  operator: 'gt' | 'gte' | 'lt' | 'lte',
  limit: number | string,
): boolean {
  switch (operator) {
    case 'gt':
      return value > limit
    case 'gte':
      return value >= limit
    case 'lt':
      return value < limit
    case 'lte':
      return value <= limit
    default:
      return operator satisfies never
  }
}
