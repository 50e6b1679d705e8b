/** Devices on their way into the database and out of it, many in one statement. */
import type { DeviceFields } from '../../device/blank.ts'
import { DEVICE_FIELDS, FIELD_NAMES } from '../../device/fields.ts'

export const COLUMN_LIST = FIELD_NAMES.map((field) => DEVICE_FIELDS[field].column).join(', ')
/** What each field is called on its way into the database: by the long names a file becomes half as long again. */
const SHORT = FIELD_NAMES.map((field, i) => ({ ...DEVICE_FIELDS[field], field, key: `f${i}` }))
/** The columns of `jsonb_to_recordset`. */
export const RECORD = SHORT.map(({ type, key }) => `${key} ${type}`).join(', ')
export const RECORD_KEYS = SHORT.map(({ key }) => `r.${key}`).join(', ')
/** The columns of device `d`, by the names of its fields. */
export const SHORT_COLUMNS = SHORT.map(
  ({ column, type, field }) => `d.${column}${type === 'date' ? '::text' : ''} as "${field}"`,
).join(', ')
export const RECORD_CHANGES = SHORT.map(({ column, key }) => `${column} = r.${key}`).join(', ')

/** Of a row of `SHORT_COLUMNS`. */
export function fieldsOf(found: Readonly<Record<string, unknown>>): DeviceFields {
  const fields: Record<string, unknown> = {}
  for (const field of FIELD_NAMES) {
    const value = found[field] ?? null
    // pg gives int8 as text; costs stay well inside what a number holds.
    fields[field] = field === 'acquisitionCostCents' && value !== null ? Number(value) : value
  }
  return fields as unknown as DeviceFields
}

export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (a == null && b == null)
}

/** A row of `RECORD`, and what else is to be in it. */
export function recordOf(fields: DeviceFields, record: Record<string, unknown>): Record<string, unknown> {
  for (const { field, key } of SHORT) if (fields[field] !== null) record[key] = fields[field]
  return record
}
