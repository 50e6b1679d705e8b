/** Warnings of many rows, told once for each column and value. */
import type { RowIssue } from './rows.ts'

export interface WarningGroup {
  readonly column: string | null
  readonly field: string | null
  readonly value: string | null
  readonly code: string
  readonly message: string
  readonly rows: number
  /** The first of them, and its sheet where there are sheets. */
  readonly firstRow: number
  readonly sheet: string | null
}

/** Different values that are kept apart; those that come later are counted together by column. */
const MOST = 500

export class WarningGroups {
  readonly #groups = new Map<string, { -readonly [K in keyof WarningGroup]: WarningGroup[K] }>()

  add(row: { readonly row: number; readonly sheet: string | null }, warnings: readonly RowIssue[]): void {
    for (const { header, field, value, code, message } of warnings) {
      const own = `${header}\n${code}\n${value}`
      const key = this.#groups.has(own) || this.#groups.size < MOST ? own : `${header}\n${code}`
      const group = this.#groups.get(key)
      if (group !== undefined) group.rows++
      else {
        const shown = key === own ? value : null
        const first = { rows: 1, firstRow: row.row, sheet: row.sheet }
        this.#groups.set(key, { column: header, field, value: shown, code, message, ...first })
      }
    }
  }

  /** By column, and within it those of most rows first. */
  all(): WarningGroup[] {
    return [...this.#groups.values()].sort(
      (a, b) => compare(a.column ?? '', b.column ?? '') || b.rows - a.rows || a.firstRow - b.firstRow,
    )
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
