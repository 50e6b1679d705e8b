/** Versions of devices that were kept when a device had fewer fields. */
import { STORED_FIELDS } from '../device/columns.ts'
import type { DeviceRecord } from '../device/schemas.ts'

/**
 * The version with every field that there is by now: what was not known of then is null. Its text stays byte for byte
 * where nothing is missing.
 */
export function versionOf(doc: string): { readonly device: DeviceRecord; readonly doc: string } {
  const kept = JSON.parse(doc) as DeviceRecord
  if (STORED_FIELDS.every((field) => Object.hasOwn(kept, field))) return { device: kept, doc }
  const device = Object.fromEntries(
    STORED_FIELDS.map((field) => [field, kept[field as keyof DeviceRecord] ?? null]),
  ) as DeviceRecord
  return { device, doc: JSON.stringify(device) }
}
