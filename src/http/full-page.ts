/**
 * A page has as many rows as were asked for, or fewer when these are heavy: it is then full, and the next page goes on.
 * So no question makes an answer that is too large to send at once, whatever stands in the rows. Pure.
 */

/** What a row of a list has on the average, at most. */
const BYTES_A_ROW = 1_000
/** Of a page of few rows. */
const LEAST_BYTES = 100_000
/** Of a page with all that `include=` can add. */
const MOST_BYTES = 4_000_000

/** Bytes that a page may have: what a list shows by itself, or with whatever was asked for beside it. */
export function pageBytes(limit: number, isWhole = false): number {
  // What stands around the rows has its place too.
  return isWhole ? MOST_BYTES : Math.max(LEAST_BYTES, limit * BYTES_A_ROW) - 300
}

/** Counts the rows of a page until it is full. One row always goes in. */
export function filling(mostBytes: number): (row: string | Buffer) => boolean {
  let bytes = 0
  let rows = 0
  return (row) => {
    bytes += (typeof row === 'string' ? Buffer.byteLength(row) : row.length) + 1
    rows++
    return rows === 1 || bytes <= mostBytes
  }
}

/** As many of the rows as a page holds. */
export function rowsThatFit<T extends string | Buffer>(rows: readonly T[], mostBytes: number): readonly T[] {
  const fits = filling(mostBytes)
  const full = rows.findIndex((row) => !fits(row))
  return full < 0 ? rows : rows.slice(0, full)
}

/** As many of the items as a page holds, whatever stands in them: each text of an item has a limit, a thousand have none. */
export function itemsThatFit<T>(items: readonly T[]): readonly T[] {
  const fits = filling(MOST_BYTES)
  const full = items.findIndex((item) => !fits(JSON.stringify(item)))
  return full < 0 ? items : items.slice(0, full)
}
