import type { DeviceFacts } from '../catalogue/facts.ts'
import type { CustomValues } from './custom.ts'
import type { ScreenedField } from './fields.ts'
import type { DeviceRecord } from './schemas.ts'

/** What a device says of itself, as far as a screening reads it. */
export interface ScreenedDevice
  extends DeviceFacts,
    Readonly<Omit<Pick<DeviceRecord, ScreenedField>, 'custom'>> {
  /** Of a profile the makers that are named in them, as a text. */
  readonly custom: CustomValues | string | null
}
