import type { DeviceFacts } from '../catalogue/facts.ts'
import type { ScreenedField } from './fields.ts'
import type { DeviceRecord } from './schemas.ts'

/** What a device says of itself, as far as a screening reads it. */
export interface ScreenedDevice extends DeviceFacts, Readonly<Pick<DeviceRecord, ScreenedField>> {}
