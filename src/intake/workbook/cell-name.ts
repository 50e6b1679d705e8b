/** `BC42`: columns by letters, rows by numbers. */

export interface CellPlace {
  /** 1-based. */
  readonly row: number
  /** 0-based. */
  readonly column: number
}

const NAME = /^\$?([A-Za-z]{1,3})\$?([1-9]\d{0,9})$/
const A = 64

/** null when it is no name of a cell. Rows may be beyond those of a sheet: who reads them says so. */
export function parseCellName(text: string): CellPlace | null {
  const match = NAME.exec(text)
  if (match === null) return null
  let column = 0
  for (const letter of match[1]!.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - A
  return { row: Number(match[2]), column: column - 1 }
}

/** 0 is `A`, 26 is `AA`. */
export function columnName(column: number): string {
  let name = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(A + 1 + ((rest - 1) % 26)) + name
  }
  return name
}

export function cellName({ row, column }: CellPlace): string {
  return `${columnName(column)}${row}`
}
