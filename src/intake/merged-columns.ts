/**
 * The value of a merged area for the rows that it spans: a spreadsheet keeps it in the first cell only. It is filled
 * down the first column; to the right it would say the same of another column.
 */
import type { MergedArea } from './workbook/merges.ts'

export class MergedColumns {
  readonly #areas: readonly MergedArea[]
  /** The first area that may begin at or after the row at hand. */
  #next = 0
  #row = 0
  #active: { readonly area: MergedArea; readonly value: string }[] = []

  constructor(areas: readonly MergedArea[]) {
    this.#areas = areas.filter(({ fromRow, toRow }) => toRow > fromRow).sort((a, b) => a.fromRow - b.fromRow)
  }

  /** Add to the cells of a row what stands in the areas that reach into it. */
  fill(row: number, cells: string[]): void {
    if (this.#areas.length === 0) return
    if (row <= this.#row) this.#begin()
    this.#row = row
    if (this.#active.length > 0) this.#active = this.#active.filter(({ area }) => area.toRow >= row)
    for (const { area, value } of this.#active) {
      while (cells.length <= area.fromColumn) cells.push('')
      if (cells[area.fromColumn] === '') cells[area.fromColumn] = value
    }
    for (; this.#next < this.#areas.length && this.#areas[this.#next]!.fromRow <= row; this.#next++) {
      const area = this.#areas[this.#next]!
      const value = area.fromRow === row ? (cells[area.fromColumn] ?? '') : ''
      if (value !== '') this.#active.push({ area, value })
    }
  }

  #begin(): void {
    this.#next = 0
    this.#active = []
  }
}
