/** The two grids of the capital page as they are printed: condensed for one sheet of paper, and in full. Pure. */
import type { CapitalPage } from '../../documents.ts'
import { type GridRow, type RoundedGrid, roundedGrid } from './rounded.ts'

export interface PrintedGrids {
  readonly columns: readonly string[]
  readonly expenditure: RoundedGrid
  readonly funding: RoundedGrid
  /** Something was put together that the full grids show apart. */
  readonly isCondensed: boolean
}

/** As many as one sheet of paper has room for beside the rest. */
const COLUMNS_MOST = 7
const FUNDS_MOST = 6
/** Characters of a name that stay on one line. */
const LABEL_MOST = 32

/** Columns and rows without any amount left out; when there are many, later years and further sources as one. */
export function condensedGrids(page: CapitalPage): PrintedGrids {
  const whole = fullGrids(page)
  const { columns, expenditure, funding } = amountsOf(page)
  const isWide = columns.length > COLUMNS_MOST
  const isLong = funding.length > FUNDS_MOST
  if (!isWide && !isLong && funding.every(({ label }) => label.length <= LABEL_MOST)) return whole
  const kept = isWide ? COLUMNS_MOST - 1 : columns.length
  const narrow = ({ label, cents }: GridRow): GridRow => ({
    label: label.length <= LABEL_MOST ? label : `${label.slice(0, LABEL_MOST - 1).trimEnd()}…`,
    cents: isWide ? [...cents.slice(0, kept), sum(cents.slice(kept))] : cents,
  })
  const further = funding.slice(FUNDS_MOST - 1)
  const sources = isLong
    ? [
        ...funding.slice(0, FUNDS_MOST - 1),
        {
          label: `${further.length} other sources`,
          cents: columns.map((_, c) => sum(further.map(({ cents }) => cents[c]!))),
        },
      ]
    : funding
  const names = isWide
    ? [...columns.slice(0, kept), `${columns[kept]!} to ${columns.at(-1)!.slice(-4)}`]
    : columns
  return {
    columns: names,
    expenditure: roundedGrid(expenditure.map(narrow), names.length),
    funding: roundedGrid(sources.map(narrow), names.length),
    isCondensed: true,
  }
}

export function fullGrids(page: CapitalPage): PrintedGrids {
  const { columns, expenditure, funding } = amountsOf(page)
  return {
    columns,
    expenditure: roundedGrid(expenditure, columns.length),
    funding: roundedGrid(funding, columns.length),
    isCondensed: false,
  }
}

/** Without the sums, and without columns and rows of nothing. */
function amountsOf(page: CapitalPage) {
  const wanted = page.columns.flatMap((column, c) =>
    column !== 'total' && (page.expenditureTotal[c] !== 0 || page.fundingTotal[c] !== 0) ? [c] : [],
  )
  const rows = (all: readonly GridRow[]) =>
    all
      .filter(({ cents }) => cents.some((amount) => amount !== 0))
      .map(({ label, cents }) => ({ label, cents: wanted.map((c) => cents[c]!) }))
  return {
    columns: wanted.map((c) => columnName(page.columns[c]!)),
    expenditure: rows(page.expenditure.map(({ element, cents }) => ({ label: element, cents }))),
    funding: rows(page.funding.map(({ source, cents }) => ({ label: source, cents }))),
  }
}

/** `prior` as a person writes it. */
function columnName(column: string): string {
  return column.charAt(0).toUpperCase() + column.slice(1)
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
