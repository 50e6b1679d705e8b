/** The JSON text that PostgreSQL writes of the stored part of a device. */
import { type SQL, sql } from 'drizzle-orm'
import { DEVICE_FIELDS } from './fields.ts'

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

/** What a field of the stored part is read from, in the order in which it is shown. */
const EXPRESSIONS: ReadonlyMap<string, string> = new Map([
  ['id', 'd.id'],
  ['jurisdictionId', 'd.jurisdiction_id'],
  ...Object.entries(DEVICE_FIELDS).map(([field, { column }]): [string, string] => [field, `d.${column}`]),
  ['version', 'd.version'],
  ['createdAt', `to_char(d.created_at at time zone 'UTC', ${INSTANT})`],
  ['updatedAt', `to_char(d.updated_at at time zone 'UTC', ${INSTANT})`],
])

/** The fields of the stored part of a device. */
export const STORED_FIELDS: readonly string[] = [...EXPRESSIONS.keys()]

/** Those fields of the stored part of device `d` as JSON text. */
export function documentOf(fields: readonly string[]): SQL {
  const columns = STORED_FIELDS.filter((field) => fields.includes(field))
  return sql.raw(
    `(select row_to_json(o)::text from (select ${columns
      .map((field) => `${EXPRESSIONS.get(field)} as "${field}"`)
      .join(', ')}) o)`,
  )
}

/** The stored part of device `d`, all of it. */
export const deviceDocument: SQL = documentOf(STORED_FIELDS)

/** Where the version of device `d` came from, as its history keeps it. */
export const cameBy: SQL = sql.raw(
  "jsonb_build_object('importKey', d.import_key, 'importSource', d.import_source, 'importId', d.import_id)",
)
