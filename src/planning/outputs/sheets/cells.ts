/**
 * Cells and tables of the workbook of a plan.
 *
 * Money cells hold numbers with two decimals, so a sheet adds up as the API does. Cells of text are typed as
 * text and, like those of the CSV files, cannot start a formula when they are saved as CSV later.
 */
import { safeCell } from '../../../lib/csv.ts'
import type { SheetChart } from './chart-xml.ts'

const MONEY = '#,##0.00;[Red]-#,##0.00'
/** In grids of many columns a dash lets the amounts stand out. */
export const GRID = '#,##0.00;[Red]-#,##0.00;–'
export const HEAD = {
  fontWeight: 'bold',
  backgroundColor: '#dfe6ee',
  wrap: true,
  alignVertical: 'top',
} as const

export type CellOf = {
  readonly value?: string | number | boolean | Date
  readonly type?: StringConstructor | NumberConstructor | BooleanConstructor | DateConstructor | 'Formula'
  readonly [style: string]: unknown
} | null
export type RowOf = readonly CellOf[]

export interface SheetOf {
  readonly sheet: string
  readonly data: readonly RowOf[]
  readonly columns: readonly { readonly width: number }[]
  readonly stickyRowsCount?: number
  readonly orientation?: 'landscape'
  /** Pages side by side in print. */
  readonly pagesWide?: number
  /** How many of the columns are printed; all when absent. */
  readonly printed?: number
  /** Drawn beside the table. */
  readonly chart?: SheetChart
}

export const text = (value: string | null | undefined, style: object = {}): CellOf =>
  value === null || value === undefined || value === ''
    ? null
    : { value: safeCell(value), type: String, alignVertical: 'top', ...style }
export const number = (value: number | null | undefined, style: object = {}): CellOf =>
  value === null || value === undefined ? null : { value, type: Number, alignVertical: 'top', ...style }
export const money = (cents: number | null | undefined, style: object = {}): CellOf =>
  cents === null || cents === undefined ? null : number(cents / 100, { format: MONEY, ...style })
/** A day as a date. */
export const day = (value: string | null | undefined, style: object = {}): CellOf =>
  value === null || value === undefined || value === ''
    ? null
    : {
        value: new Date(`${value}T00:00:00Z`),
        type: Date,
        format: 'yyyy-mm-dd',
        align: 'left',
        alignVertical: 'top',
        ...style,
      }

/** Between a formula and what it came to, which programs that do not calculate show. */
const RESULT = '§='

/** A formula without text of anybody else in it, and what it comes to. */
const formula = (expression: string, result: number, style: object = {}): CellOf => ({
  value: `${expression}${RESULT}${result}`,
  type: 'Formula',
  alignVertical: 'top',
  ...style,
})
export const moneyFormula = (expression: string, cents: number, style: object = {}): CellOf =>
  formula(expression, cents / 100, { format: MONEY, ...style })

/** Takes the results out of the formulas of a sheet's XML and puts them where they belong. */
export function withResults(xml: string): string {
  return xml.replaceAll(/<f>([^<]*?)§=([^<]*)<\/f>/g, '<f>$1</f><v>$2</v>')
}

/** 0 -> A, 26 -> AA. */
export function columnLetters(index: number): string {
  const rest = String.fromCharCode(65 + (index % 26))
  return index < 26 ? rest : `${columnLetters(Math.floor(index / 26) - 1)}${rest}`
}

export const head = (value: string): CellOf => text(value, HEAD)
export const bold = { fontWeight: 'bold' }
/** A text beside a number stands off from it. */
export const aside = { align: 'left', indent: 1 } as const

export interface TableColumn<T> {
  readonly header: string
  readonly width: number
  readonly isNumber: boolean
  readonly cell: (row: T) => CellOf
}

export const textColumn = <T>(
  header: string,
  width: number,
  value: (row: T) => string | null,
  style: object = {},
): TableColumn<T> => ({
  header,
  width,
  isNumber: false,
  cell: (row) => text(value(row), { ...aside, ...style }),
})
export const numberColumn = <T>(header: string, width: number, cell: (row: T) => CellOf): TableColumn<T> => ({
  header,
  width,
  isNumber: true,
  cell,
})

export const headsOf = <T>(columns: readonly TableColumn<T>[]): RowOf =>
  columns.map(({ header, isNumber }) => text(header, { ...HEAD, ...(isNumber ? { align: 'right' } : aside) }))

const LINE_POINTS = 15

export const dayColumn = <T>(
  header: string,
  width: number,
  value: (row: T) => string | null,
): TableColumn<T> => ({
  header,
  width,
  isNumber: false,
  cell: (row) => day(value(row), aside),
})

/**
 * Rows high enough for their text: not every program fits rows to wrapped text by itself when it opens a file.
 * A column's width counts characters of the default font.
 */
export function withHeights({ data, columns, ...rest }: SheetOf): SheetOf {
  const heightOf = (row: RowOf) =>
    Math.max(
      ...row.map((cell, i) => {
        if (typeof cell?.value !== 'string') return LINE_POINTS
        const size = typeof cell.fontSize === 'number' ? cell.fontSize / 11 : 1
        const span = typeof cell.columnSpan === 'number' ? cell.columnSpan : 1
        const own = columns.slice(i, i + span).reduce((total, column) => total + column.width, 0)
        const width = (own || 10) / size / (cell.fontWeight === 'bold' ? 1.1 : 1)
        const lines = cell.wrap === true ? Math.ceil(cell.value.length / width) : 1
        return lines * LINE_POINTS * size
      }),
      LINE_POINTS,
    )
  return {
    ...rest,
    columns,
    data: data.map((row) => {
      const height = heightOf(row)
      return height === LINE_POINTS ? row : row.map((cell) => cell && { ...cell, height })
    }),
  }
}
