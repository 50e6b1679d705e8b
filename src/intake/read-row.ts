/** What becomes of one row of a table. */
import type { CellCode } from './cells.ts'
import type { DeviceRow, NamedField } from './fields.ts'
import type { CellRemark, RecordCode } from './table.ts'

export type RowIssueCode =
  | CellCode
  | RecordCode
  | CellRemark['code']
  | 'conflicting-values'
  | 'incomplete-position'
  | 'empty-device'
  | 'late-column'
  | 'too-many-devices'
  | 'one-of-many'
  | 'unclear-cost'
  | 'same-unit'
  | 'quantity-in-text'

export interface RowIssue {
  /** 0-based; null when the whole row is meant. */
  readonly column: number | null
  readonly header: string | null
  readonly field: NamedField | null
  /** What the cell holds, without logins, at most 200 characters; null when the whole row is meant. */
  readonly value: string | null
  readonly code: RowIssueCode
  readonly message: string
}

export interface ReadRow {
  /** As the spreadsheet shows it; the header is usually 1. */
  readonly row: number
  /** null where there are no sheets. */
  readonly sheet: string | null
  /** Its place in the whole file, rising; the row where there are no sheets. */
  readonly position: number
  /** The cells as read, with credentials removed and NUL shown as U+FFFD: storable, and what a rejects file repeats. */
  readonly raw: readonly string[]
  /** null exactly when there are errors. */
  readonly device: DeviceRow | null
  /** Further devices that the row stands for, where it has a quantity. */
  readonly more: readonly DeviceRow[]
  /** What other cells say that matters, to be kept with the notes of the device: names of restricted makers, ranges of dates. */
  readonly remarks: readonly string[]
  readonly errors: readonly RowIssue[]
  readonly warnings: readonly RowIssue[]
}

/** A row that is no device, by what it is. */
export interface LeftOutRow {
  readonly row: number
  readonly sheet: string | null
  readonly kind: 'title' | 'heading' | 'totals' | 'repeated-header' | 'remark' | 'quantity-zero' | 'channel'
  /** What it holds, without logins, at most 200 characters. */
  readonly text: string
}
