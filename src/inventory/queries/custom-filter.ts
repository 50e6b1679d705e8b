/** Filters on the fields that cities add, as conditions on `devices d`, and what refuses them. */
import { type SQL, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { type CustomCondition, customConditions, whyNotAsked } from '../../device/custom-filter.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { isPlainDate } from '../../lib/calendar.ts'
import { lowered } from '../../lib/letters.ts'
import { customFieldsOf } from '../custom-fields/store.ts'
import type { DeviceFilter } from './device-filter.ts'

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

export function customCondition({ name, operator, values }: CustomCondition): SQL {
  const text = sql`(d.custom ->> ${name}::text)`
  const known = values.filter((value) => value !== null)
  switch (operator) {
    case 'empty':
      return values[0] === 'true' ? sql`${text} is null` : sql`${text} is not null`
    case 'is':
      return among(name, values)
    case 'not':
      return sql`${among(name, values)} is not true`
    case 'contains':
      return sql`exists (select from unnest(${sql.param(known.map(lowered))}::text[]) part where strpos(lower(${text}), part) > 0)`
    case 'startsWith':
      return sql`exists (select from unnest(${sql.param(known.map(lowered))}::text[]) part where starts_with(lower(${text}), part))`
    default: {
      const compare = sql.raw(COMPARE[operator])
      const limit = known[0]!
      if (isPlainDate(limit))
        return sql`(${text} ~ '^\\d{4}-\\d{2}-\\d{2}$' and ${text} collate "C" ${compare} ${limit}::text)`
      return sql`(case when ${typeOf(name)} = 'number' then ${text}::numeric ${compare} ${limit}::numeric end)`
    }
  }
}

const typeOf = (name: string) => sql`jsonb_typeof(d.custom -> ${name}::text)`

/** One of the values, or not known where null is among them; numbers by what they are worth. */
function among(name: string, values: CustomCondition['values']): SQL {
  const text = sql`(d.custom ->> ${name}::text)`
  const known = values.filter((value) => value !== null)
  const figures = known.filter((value) => /^-?\d+(?:\.\d+)?$/.test(value))
  return sql`(case ${typeOf(name)}
    when 'number' then ${text}::numeric = any (${sql.param(figures)}::numeric[])
    else lower(${text}) = any (${sql.param(known.map(lowered))}::text[]) end
    ${known.length < values.length ? sql`or ${text} is null` : sql``})`
}

/** Throws `invalid-request` for fields that no city in scope has, and for what cannot be asked of them. */
export async function assertCustomFilter(
  reading: <T>(read: (tx: Tx) => Promise<T>) => Promise<T>,
  scope: Scope,
  { custom }: Partial<Pick<DeviceFilter, 'custom'>>,
  pointer = '?custom.',
): Promise<void> {
  const asked = customConditions(custom)
  if (asked.length === 0) return
  const fields = await reading((tx) => customFieldsOf(tx, scope, { alsoRemoved: true }))
  const errors = asked.flatMap((condition): FieldProblem[] => {
    const { name, operator } = condition
    const at = `${pointer}${name}${operator === 'is' ? '' : `__${operator}`}`
    const known = fields.filter((field) => field.name === name)
    if (known.length === 0) return [{ pointer: at, code: 'unknown-field', message: unknownField(fields) }]
    const reasons = known.map(({ type }) => whyNotAsked(condition, type))
    return reasons.includes(null) ? [] : [{ pointer: at, code: 'wrong-type', message: reasons[0]! }]
  })
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'Custom fields cannot be asked like that.', { errors })
}

function unknownField(fields: readonly { readonly name: string }[]): string {
  const names = [...new Set(fields.map(({ name }) => name))].join(', ')
  return names === ''
    ? 'is not known here: there are no custom fields'
    : `is not known here. There are: ${names}`
}
