/** Filters on the fields of a device as conditions on `devices d`. `device/filter-match.ts` asks the same of a device in memory. */
import { type SQL, sql } from 'drizzle-orm'
import type { Field } from '../../device/field.ts'
import { DEVICE_FIELDS } from '../../device/fields.ts'
import type { Condition } from '../../device/filters.ts'

/** What values of a column are compared as. */
const COMPARED_AS: Readonly<Record<Field<never, never, null>['type'], string>> = {
  text: 'text',
  uuid: 'uuid',
  boolean: 'boolean',
  date: 'date',
  integer: 'numeric',
  bigint: 'numeric',
  'double precision': 'double precision',
  jsonb: 'jsonb',
}

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

export function conditionOn({ field, operator, narrowing, values }: Condition): SQL {
  const { column: name, type } = DEVICE_FIELDS[field]
  const column = sql.raw(`d.${name}`)
  const isCaseless = narrowing.kind === 'text' && narrowing.compared === 'caseless'
  // Without `lower` an index answers it.
  const compared = isCaseless ? sql`lower(${column})` : column
  const isMac = narrowing.kind === 'text' && narrowing.compared === 'mac'
  const searched = isMac ? sql`translate(lower(${column}), ':-.', '')` : sql`lower(${column})`
  switch (operator) {
    case 'is':
      return among(compared, column, values, COMPARED_AS[type])
    case 'not':
      return sql`${among(compared, column, values, COMPARED_AS[type])} is not true`
    case 'empty': {
      const isEmpty = narrowing.kind === 'text' ? sql`coalesce(${column}, '') = ''` : sql`${column} is null`
      return values[0] === 'true' ? isEmpty : sql`not (${isEmpty})`
    }
    case 'contains':
      return sql`exists (select from unnest(${sql.param(values)}::text[]) part where strpos(${searched}, part) > 0)`
    case 'startsWith':
      return sql`exists (select from unnest(${sql.param(values)}::text[]) part where starts_with(${searched}, part))`
    default: {
      const limit = sql`${values[0]}::${sql.raw(COMPARED_AS[type])}`
      return sql`${column} ${sql.raw(COMPARE[operator])} ${limit}`
    }
  }
}

/** One of the values, or not known where null is among them. */
function among(compared: SQL, column: SQL, values: Condition['values'], type: string): SQL {
  const known = values.filter((value) => value !== null)
  const branches: SQL[] = []
  if (known.length > 0) branches.push(sql`${compared} = any (${sql.param(known)}::${sql.raw(type)}[])`)
  if (known.length < values.length) branches.push(sql`${column} is null`)
  return sql`(${sql.join(branches, sql` or `)})`
}
