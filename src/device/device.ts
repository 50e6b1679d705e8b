/** The fields of a device that somebody may set: checked, and of a row of the table. */
import type { devices } from '../db/schema/index.ts'
import { DomainError, type FieldProblem } from '../http/problems.ts'
import { formatMac, parseMac } from '../lib/mac.ts'
import type { DeviceFields } from './blank.ts'
import { FIELD_NAMES } from './fields.ts'

/** Fields that depend on each other, checked together. Throws `invalid-request` naming all of them. */
export function checkDevice(fields: DeviceFields): DeviceFields {
  const errors: FieldProblem[] = []
  let { macAddress } = fields
  if (macAddress !== null) {
    const parsed = parseMac(macAddress)
    if (parsed === null) {
      errors.push({ pointer: '/macAddress', code: 'not-a-mac', message: 'must have 12 hex digits' })
    } else macAddress = formatMac(parsed)
  }
  if (fields.acquisitionCostCents !== null && fields.currency === null) {
    errors.push({
      pointer: '/currency',
      code: 'required',
      message: 'is required beside acquisitionCostCents',
    })
  }
  if ((fields.latitude === null) !== (fields.longitude === null)) {
    const pointer = fields.latitude === null ? '/latitude' : '/longitude'
    errors.push({ pointer, code: 'required', message: 'latitude and longitude go together' })
  }
  if (errors.length > 0) throw new DomainError('invalid-request', 'The device cannot be stored.', { errors })
  return { ...fields, macAddress }
}

/** Of a row of the table. */
export function pickFields(row: typeof devices.$inferSelect): DeviceFields {
  return Object.fromEntries(FIELD_NAMES.map((field) => [field, row[field]])) as unknown as DeviceFields
}

/** Only what is known, for the audit. */
export function compact(fields: DeviceFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
