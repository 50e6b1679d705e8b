/** What a device says of itself, as far as a screening reads it. */
import type { DeviceFacts } from '../catalogue/facts.ts'
import type { DeviceRecord } from './schemas.ts'

/** What tells who made a device, beside the facts that rules read. */
type Declared = Pick<
  DeviceRecord,
  | 'manufacturer'
  | 'model'
  | 'macAddress'
  | 'fccId'
  | 'firmwareVersion'
  | 'coveredComponent'
  | 'socMaker'
  | 'name'
  | 'notes'
  | 'assetTag'
  | 'serialNumber'
>

export interface ScreenedDevice extends DeviceFacts, Readonly<Declared> {}
