/** A grid of amounts in whole dollars whose rows and columns add up as they are shown. Pure. */

interface RoundedRow {
  readonly label: string
  /** Whole dollars, one a column, then their sum. */
  readonly dollars: readonly number[]
}

export interface RoundedGrid {
  readonly rows: readonly RoundedRow[]
  /** Of each column, then of all. */
  readonly total: readonly number[]
}

export interface GridRow {
  readonly label: string
  /** One a column, without the sum. */
  readonly cents: readonly number[]
}

/**
 * The whole is rounded once; columns are rounded so that they add up to it, cells so that they add up to their column.
 * An amount of nothing stays nothing; no cell or column is off by a dollar or more, a row by less than one a column.
 */
export function roundedGrid(rows: readonly GridRow[], columns: number): RoundedGrid {
  const sums = Array.from({ length: columns }, (_, c) => total(rows.map(({ cents }) => cents[c]!)))
  const ofColumns = apportion(sums, Math.round(total(sums) / 100))
  const cells = ofColumns.map((whole, c) =>
    apportion(
      rows.map(({ cents }) => cents[c]!),
      whole,
    ),
  )
  return {
    rows: rows.map(({ label }, r) => {
      const own = cells.map((column) => column[r]!)
      return { label, dollars: [...own, total(own)] }
    }),
    total: [...ofColumns, total(ofColumns)],
  }
}

/** Whole dollars that add up to `whole`: each amount cut, and what is missing given to the largest rests. */
function apportion(cents: readonly number[], whole: number): readonly number[] {
  const cut = cents.map((amount) => Math.floor(amount / 100))
  let missing = whole - total(cut)
  const order = cents
    .map((amount, i) => ({ i, rest: amount - cut[i]! * 100 }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i)
  for (const { i } of order) {
    if (missing <= 0) break
    cut[i]!++
    missing--
  }
  return cut
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0)
}
