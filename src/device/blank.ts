/** A device nothing is known of, and fields laid over it. */
import { type CustomChange, withCustom } from './custom.ts'
import { type DeviceField, FIELD_NAMES } from './fields.ts'
import type { DeviceRecord } from './schemas.ts'

export type DeviceFields = Pick<DeviceRecord, DeviceField>

/** A device nothing is known of. */
export const BLANK_DEVICE: DeviceFields = Object.freeze({
  ...(Object.fromEntries(FIELD_NAMES.map((field) => [field, null])) as unknown as DeviceFields),
  status: 'active',
})

/** The fields of `base` with those of `change` that are given laid over them; of the city's own, those that are named. */
export function merge(base: DeviceFields, change: Partial<Record<DeviceField, unknown>>): DeviceFields {
  const result: Record<string, unknown> = { ...base }
  for (const field of FIELD_NAMES) if (change[field] !== undefined) result[field] = change[field]
  if (change.custom !== undefined)
    result.custom = withCustom(base.custom, change.custom as CustomChange | null)
  return result as unknown as DeviceFields
}
