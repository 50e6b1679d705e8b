/** What the thread that reads a workbook and the service say to each other. */
import type { IntakeCode, Place } from '../problem.ts'
import type { WorkbookLimits } from './limits.ts'
import type { MergedArea } from './merges.ts'
import type { SheetRow } from './sheet.ts'

export interface WorkbookTask {
  readonly path: string
  readonly limits: WorkbookLimits
  /** Names of the sheets to read, in lower case; null for all visible ones. */
  readonly wanted: readonly string[] | null
  /** One number: batches that were sent and are not taken yet. */
  readonly underWay: SharedArrayBuffer
}

/** How many batches may be sent before one is taken: a slow database slows the reader down. */
export const MOST_UNDER_WAY = 4

export interface Sheet {
  readonly name: string
  readonly isHidden: boolean
}

/** The beginning of a sheet, by which it is known what it holds. */
export interface SheetHead extends Sheet {
  /** Whether it is one of those that were asked for. */
  readonly isWanted: boolean
  readonly holdsSomething: boolean
  readonly mergedAreas: readonly MergedArea[]
  /** The first ones; of a sheet that is not wanted none. */
  readonly rows: readonly SheetRow[]
}

export type WorkbookMessage =
  /** Before everything else, in the order of the tabs. The thread then waits to be told which to read: their places. */
  | { readonly kind: 'heads'; readonly sheets: readonly SheetHead[] }
  /** Before the rows of a sheet, from the first on. */
  | { readonly kind: 'sheet'; readonly index: number }
  /** `share` is how much of the sheets has been read, 0 to 1. */
  | { readonly kind: 'rows'; readonly rows: readonly SheetRow[]; readonly share: number }
  /** After its rows. */
  | { readonly kind: 'sheet-end'; readonly hiddenColumns: readonly number[] }
  | { readonly kind: 'end' }
  | {
      readonly kind: 'refused'
      readonly code: IntakeCode
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
      readonly places: readonly Place[]
    }
