/** What the thread that reads a workbook and the service say to each other. */
import type { IntakeCode, Place } from '../problem.ts'
import type { WorkbookLimits } from './limits.ts'
import type { MergedArea } from './merges.ts'
import type { SheetRow } from './sheet.ts'

export interface WorkbookTask {
  readonly path: string
  readonly limits: WorkbookLimits
  /** One number: batches that were sent and are not taken yet. */
  readonly underWay: SharedArrayBuffer
}

/** How many batches may be sent before one is taken: a slow database slows the reader down. */
export const MOST_UNDER_WAY = 4

export interface Sheet {
  readonly name: string
  readonly isHidden: boolean
}

export type WorkbookMessage =
  /** Before everything else: the sheets in the order of their tabs. */
  | { readonly kind: 'sheets'; readonly sheets: readonly Sheet[] }
  /** Before the rows of a sheet. */
  | { readonly kind: 'sheet'; readonly sheet: Sheet; readonly mergedAreas: readonly MergedArea[] }
  /** `share` is how much of the sheet has been read, 0 to 1. */
  | { readonly kind: 'rows'; readonly rows: readonly SheetRow[]; readonly share: number }
  /** After its rows. */
  | { readonly kind: 'sheet-end'; readonly hiddenColumns: readonly number[] }
  /** Sheets that hold something and were not read. */
  | { readonly kind: 'unread'; readonly sheets: readonly Sheet[] }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'refused'
      readonly code: IntakeCode
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
      readonly places: readonly Place[]
    }
