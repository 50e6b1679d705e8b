/** The capital page: every amount adds up cells of the Lines sheet, every sum adds up cells of this one. */
import { counted } from '../../../lib/counted.ts'
import { fiscalYearLabel } from '../../model/fiscal-year.ts'
import { covered } from '../model/labels.ts'
import type { PlanReport } from '../model/report.ts'
import {
  bold,
  type CellOf,
  columnLetters,
  day,
  GRID,
  HEAD,
  head,
  money,
  moneyFormula,
  number,
  type RowOf,
  type SheetOf,
  text,
} from './cells.ts'
import type { LinesSheet } from './lines.ts'

export interface CapitalSheet {
  readonly sheet: SheetOf
  /** The cell of the total of all years, as a formula of another sheet names it; null without a schedule. */
  readonly total: string | null
}

const NAME = 'Capital page'

export function capitalSheet(report: PlanReport, lines: LinesSheet): CapitalSheet {
  const rows: RowOf[] = [...headRows(report)]
  const { schedule } = report
  if (schedule === null) {
    rows.push([], [text('The plan has no schedule yet: it is not laid over fiscal years.')])
    return { sheet: sheetOf(rows, 2), total: null }
  }
  const page = schedule.capitalPage
  const years = page.columns.slice(1, -1).map((column) => Number(column.slice(2)))
  const { column } = lines
  const inYear = (header: 'Expected' | 'Budget' | 'Engineering' | 'Administration', year: number) =>
    `SUMIFS(${column!(header)},${column!('Fiscal year')},${year})`
  const grid = new Grid(rows, page.columns)
  grid.begin('Expenditure')
  for (const { element, cents } of page.expenditure) {
    const isContingency = element.startsWith('Contingency')
    const isComputed = column !== null && element !== 'Ordered or paid'
    grid.row(
      element,
      cents,
      isComputed
        ? (year, label) =>
            isContingency
              ? `${inYear('Budget', year)}-${inYear('Expected', year)}`
              : [
                  `SUMIFS(${column('Own')},${column('Fiscal year')},${year},${column('Element')},${label})`,
                  ...(element === 'Engineering and design' ? [inYear('Engineering', year)] : []),
                  ...(element === 'Administration, training, other' ? [inYear('Administration', year)] : []),
                ].join('+')
        : null,
      years,
    )
  }
  const total = grid.end(page.expenditureTotal)
  grid.begin('Funding')
  const names = page.funding.map(({ source }) => source.toLowerCase())
  for (const { source, cents } of page.funding) {
    // A formula compares names without regard to letter case, so two that differ only in it are not added up by it.
    const isAlone = names.filter((name) => name === source.toLowerCase()).length === 1
    const committedIn = (year: number) => cents[years.indexOf(year) + 1]! - lines.budgetCentsOf(source, year)
    grid.row(
      source,
      cents,
      column !== null && isAlone
        ? (year, label) =>
            `SUMPRODUCT((${column('Fiscal year')}=${year})*(${column('Fund')}=${label})*${column('Budget')})${plus(committedIn(year))}`
        : null,
      years,
    )
  }
  grid.end(page.fundingTotal)
  rows.push([text('Fiscal years', bold)])
  for (const { fiscalYear } of schedule.outcome.years)
    rows.push([text(fiscalYearLabel(fiscalYear, report.city.fiscalYearStartMonth))])
  rows.push([text('Money of each fiscal year. Estimate, not an appropriation.', { fontStyle: 'italic' })])
  return { sheet: sheetOf(rows, page.columns.length + 1), total: `'${NAME}'!${total}` }
}

/** What is ordered or paid is in no line. */
function plus(cents: number): string {
  return cents === 0 ? '' : `+${(cents / 100).toFixed(2)}`
}

function headRows({ plan, city, estimate, schedule, runOn }: PlanReport): RowOf[] {
  const scope = covered(estimate)
  const rows: RowOf[] = []
  const put = (label: string, value: CellOf) => rows.push([text(label, bold), value])
  put('Project', text(plan.name))
  put('Project number', text(plan.projectNumber ?? 'not assigned'))
  put('Jurisdiction', text(city.name))
  const description =
    plan.description ??
    `Replacement of ${counted(scope.devices, 'device')} at ${counted(scope.sites, 'site')}`
  rows.push([
    text('Description', bold),
    text(description, { wrap: true, columnSpan: schedule === null ? 1 : 5 }),
  ])
  if (schedule === null) return rows
  if (schedule.doesNotFit.length > 0) {
    const names = schedule.doesNotFit.map(({ site }) => site).join(', ')
    put('Not in these figures', text(`What does not fit: ${names}`))
  }
  const used = schedule.outcome.years.filter((year) => year.sites > 0)
  put(
    'Schedule',
    text(used.length === 0 ? 'nothing is scheduled' : `${used[0]!.from} to ${used.at(-1)!.lastDay}`),
  )
  put('Operating impact, a year', money(schedule.capitalPage.operatingImpactCents, { align: 'left' }))
  put('As of', day(runOn))
  rows.push([])
  return rows
}

/** One grid after the other into the rows of the sheet. */
class Grid {
  readonly #rows: RowOf[]
  readonly #columns: readonly string[]
  #first = 0

  constructor(rows: RowOf[], columns: readonly string[]) {
    this.#rows = rows
    this.#columns = columns
  }

  begin(name: string): void {
    this.#rows.push([
      head(name),
      ...this.#columns.map((column) => text(headOf(column), { ...HEAD, align: 'right' })),
    ])
    this.#first = this.#rows.length + 1
  }

  /** The amounts of a row; `of` gives the formula of a fiscal year, given also the cell of the row's label. */
  row(
    label: string,
    cents: readonly number[],
    of: ((year: number, label: string) => string) | null,
    years: readonly number[],
  ): void {
    const at = this.#rows.length + 1
    const last = columnLetters(this.#columns.length - 1)
    this.#rows.push([
      text(label, { wrap: true }),
      ...cents.map((amount, c): CellOf => {
        if (c === cents.length - 1) return moneyFormula(`SUM(B${at}:${last}${at})`, amount, { format: GRID })
        const year = years[c - 1]
        return of === null || year === undefined
          ? money(amount, { format: GRID })
          : moneyFormula(of(year, `$A${at}`), amount, { format: GRID })
      }),
    ])
  }

  /** Gives the cell of the sum of all. */
  end(total: readonly number[]): string {
    const style = { ...bold, topBorderStyle: 'thin', topBorderColor: '#000000', format: GRID }
    const last = this.#rows.length
    this.#rows.push([
      text('Total', { ...style, format: undefined }),
      ...total.map((amount, c) => {
        const letter = columnLetters(c + 1)
        return last < this.#first
          ? number(amount / 100, style)
          : moneyFormula(`SUM(${letter}${this.#first}:${letter}${last})`, amount, style)
      }),
    ])
    this.#rows.push([])
    return `${columnLetters(total.length)}${last + 1}`
  }
}

/** `prior` as a person writes it. */
function headOf(column: string): string {
  return column.charAt(0).toUpperCase() + column.slice(1)
}

function sheetOf(data: readonly RowOf[], columns: number): SheetOf {
  return {
    sheet: NAME,
    data,
    columns: [
      { width: 36 },
      ...Array.from({ length: columns - 1 }, () => ({ width: columns === 2 ? 60 : 16 })),
    ],
    orientation: 'landscape',
  }
}
