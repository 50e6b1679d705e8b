/** What the table of devices is made of, and the JSON text that PostgreSQL writes of a row. */
import { type SQL, sql } from 'drizzle-orm'
import type { DeviceRecord } from './schemas.ts'

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

/** Field of the API -> column of the table. The one list of what a device is made of. */
export const DEVICE_COLUMNS = {
  siteId: 'site_id',
  assetTag: 'asset_tag',
  serialNumber: 'serial_number',
  name: 'name',
  manufacturer: 'manufacturer',
  model: 'model',
  macAddress: 'mac_address',
  fccId: 'fcc_id',
  firmwareVersion: 'firmware_version',
  deviceClass: 'device_class',
  hasRadio: 'has_radio',
  status: 'status',
  purpose: 'purpose',
  enforcementUse: 'enforcement_use',
  acquiredOn: 'acquired_on',
  obligatedOn: 'obligated_on',
  paidOn: 'paid_on',
  installedOn: 'installed_on',
  producedOn: 'produced_on',
  fundingSource: 'funding_source',
  federalPassThrough: 'federal_pass_through',
  acquisitionCostCents: 'acquisition_cost_cents',
  currency: 'currency',
  latitude: 'latitude',
  longitude: 'longitude',
  updateChannel: 'update_channel',
  networkExposure: 'network_exposure',
  paidSupport: 'paid_support',
  firmwareObtainedOn: 'firmware_obtained_on',
  fccSubsidy: 'fcc_subsidy',
  producedIn: 'produced_in',
  consumerGrade: 'consumer_grade',
  modelAuthorizedOn: 'model_authorized_on',
  coveredComponent: 'covered_component',
  socMaker: 'soc_maker',
  department: 'department',
  notes: 'notes',
} as const satisfies Partial<Record<keyof DeviceRecord, string>>
export type DeviceField = keyof typeof DEVICE_COLUMNS

/** What a field of the stored part is read from, in the order in which it is shown. */
const EXPRESSIONS: ReadonlyMap<string, string> = new Map([
  ['id', 'd.id'],
  ['jurisdictionId', 'd.jurisdiction_id'],
  ...Object.entries(DEVICE_COLUMNS).map(([field, column]): [string, string] => [field, `d.${column}`]),
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
