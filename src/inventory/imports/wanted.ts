/** A row of a file on its way to a device, and why one does not get there. */
import type { DeviceFields } from '../../device/blank.ts'
import type { CustomChange } from '../../device/custom.ts'
import type { DeviceField } from '../../device/fields.ts'
import type { DeviceRow } from '../../intake/fields.ts'
import type { ReadRow, RowIssue } from '../../intake/rows.ts'
import type { JurisdictionContext } from '../../screening/context.ts'
import type { ProfileKey } from '../../screening/profile.ts'
import { type Key, recognition } from './recognition.ts'

export interface Wanted {
  readonly row: number
  readonly sheet: string | null
  /** In the file; a row that stands for several devices has one for all. */
  readonly position: number
  /** To be kept in the notes. */
  readonly remarks: readonly string[]
  readonly raw: readonly string[]
  readonly values: Partial<Record<DeviceField, unknown>> & { readonly custom?: CustomChange }
  readonly siteName: string | null | undefined
  importKey: string | null
  /** What it may be known by when no device has its tag, in the order of belief. */
  readonly keys: readonly Key[]
  readonly warnings: ReadRow['warnings']
  /** What becomes of it when it is new; worked out early where that is sure, but for its site. */
  asNew: { readonly fields: DeviceFields; readonly profile: ProfileKey } | null
}

export function toWanted(
  row: ReadRow,
  device: DeviceRow,
  repeats: Map<string, number>,
  jurisdiction: JurisdictionContext,
): Wanted {
  const { siteName, deviceId: _, ...values } = device
  if (values.acquisitionCostCents != null && values.currency == null) values.currency = jurisdiction.currency
  return {
    row: row.row,
    sheet: row.sheet,
    position: row.position,
    remarks: row.remarks,
    raw: row.raw,
    values,
    siteName,
    ...recognition(device, repeats),
    // Said once for all devices of a row.
    warnings: device === row.device ? row.warnings : [],
    asNew: null,
  }
}

/** What is wrong with a row, and where. */
export type Issue = Omit<RowIssue, 'field' | 'code'> & {
  readonly field: string | null
  readonly code: string
}

/** A row that does not come into the register. */
export interface Refused extends Pick<ReadRow, 'row' | 'sheet' | 'position' | 'raw'> {
  readonly errors: readonly Issue[]
}
