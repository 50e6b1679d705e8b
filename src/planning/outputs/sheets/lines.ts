/** Every line with what it is computed from: quantity, unit price and factors are numbers, the amounts are formulas. */
import { OUTCOME_WORDS } from '../../../catalogue/outcomes.ts'
import type { EstimateDocument } from '../../documents.ts'
import type { Element } from '../../schedule/model/elements.ts'
import { elementsIn } from '../../schedule/model/elements.ts'
import type { PlanReport } from '../model/report.ts'
import { linesWithSource, type ReportLines, type SourcedLine } from '../model/rows.ts'
import {
  type CellOf,
  columnLetters,
  dayColumn,
  headsOf,
  money,
  moneyFormula,
  number,
  numberColumn,
  type RowOf,
  type SheetOf,
  type TableColumn,
  textColumn,
} from './cells.ts'

/** The columns by which the other sheets add the lines up. */
const LINES = 'Lines'
const ADDED = [
  'Fiscal year',
  'Fund',
  'Expected',
  'Budget',
  'Element',
  'Engineering',
  'Administration',
  'Own',
] as const
type Added = (typeof ADDED)[number]

interface ComputedLine extends SourcedLine {
  /** The row of the sheet, from 1. */
  readonly at: number
  /** Units that are paid: hours where the price is one of an hour. */
  readonly units: number
  readonly unit: string
  readonly unitCents: number
  readonly multiplier: number
  readonly escalation: number
  /** The part of the whole line that this row pays. */
  readonly part: number
  readonly budgetFactor: number
  readonly element: Element
  readonly engineeringCents: number
  readonly administrationCents: number
}

const FACTOR = '0.0000'
const WRAPPED = { wrap: true }

const COLUMNS: readonly TableColumn<ComputedLine>[] = [
  numberColumn('Fiscal year', 8, ({ line }) => number(line.fiscal_year)),
  textColumn('Fund', 18, ({ line }) => line.fund, WRAPPED),
  textColumn('Site', 20, ({ line }) => line.site, WRAPPED),
  textColumn('Description', 34, ({ line }) => line.description, WRAPPED),
  numberColumn('Quantity', 10, ({ units }) => number(units, { format: '#,##0.##' })),
  textColumn('Unit', 10, ({ unit }) => unit, WRAPPED),
  numberColumn('Unit price', 12, ({ unitCents }) => money(unitCents)),
  numberColumn('Multiplier', 10, ({ multiplier }) => number(multiplier, { format: FACTOR })),
  numberColumn('Rise of prices', 10, ({ escalation }) => number(escalation, { format: FACTOR })),
  numberColumn('Part', 9, ({ part }) => number(part, { format: '0.00%' })),
  numberColumn('Expected', 13, (line) => expectedCell(line)),
  numberColumn('Budget factor', 9, ({ budgetFactor }) => number(budgetFactor, { format: FACTOR })),
  numberColumn('Budget', 13, (line) => budgetCell(line)),
  textColumn('Department', 18, ({ line }) => line.department, WRAPPED),
  textColumn('Purpose', 18, ({ line }) => line.purpose, WRAPPED),
  textColumn('Old maker', 16, ({ line }) => line.vendor, WRAPPED),
  textColumn('Restriction', 24, ({ line }) => outcome(line.restriction_level), WRAPPED),
  textColumn('Rules', 30, ({ line }) => line.rules),
  textColumn('Citations', 50, ({ line }) => line.citations),
  textColumn('Scope', 14, ({ line }) => line.scope),
  textColumn('Cost kind', 11, ({ line }) => line.cost_kind),
  textColumn('Category', 22, ({ line }) => line.category),
  textColumn('Code', 20, ({ line }) => line.code),
  numberColumn('Low', 14, ({ line }) => money(line.lowCents)),
  numberColumn('High', 14, ({ line }) => money(line.highCents)),
  numberColumn('P50', 14, ({ line }) => money(line.p50Cents)),
  numberColumn('P80', 14, ({ line }) => money(line.p80Cents)),
  textColumn('Currency', 11, ({ line }) => line.currency),
  dayColumn('Price as of', 13, ({ line }) => line.price_as_of),
  textColumn('Element', 28, ({ element }) => element),
  numberColumn('Engineering', 13, (line) => partCell(line, line.engineeringCents)),
  numberColumn('Administration', 13, (line) => partCell(line, line.administrationCents)),
  numberColumn('Own', 13, (line) => ownCell(line)),
]
/** What fits on paper in a size that can be read; the rest is for sorting and adding up. */
const PRINTED = 13

const letterOf = (header: string) => columnLetters(COLUMNS.findIndex((column) => column.header === header))
const LETTERS = Object.fromEntries(COLUMNS.map(({ header }) => [header, letterOf(header)]))
const at = (header: string, { at: row }: ComputedLine) => `${LETTERS[header]}${row}`

function outcome(code: string): string {
  return (OUTCOME_WORDS as Readonly<Record<string, string>>)[code] ?? code
}

function expectedCell(line: ComputedLine): CellOf {
  const factors = ['Quantity', 'Unit price', 'Multiplier', 'Rise of prices', 'Part'].map((one) =>
    at(one, line),
  )
  return moneyFormula(`ROUND(${factors.join('*')},2)`, line.line.expectedCents)
}

function budgetCell(line: ComputedLine): CellOf {
  const { budgetCents, expectedCents } = line.line
  if (expectedCents === 0) return money(budgetCents)
  return moneyFormula(`ROUND(${at('Expected', line)}*${at('Budget factor', line)},2)`, budgetCents)
}

function partCell(line: ComputedLine, cents: number): CellOf {
  const { expectedCents } = line.line
  if (cents === 0 || expectedCents === 0) return money(0)
  return moneyFormula(`ROUND(${at('Expected', line)}*${cents / expectedCents},2)`, cents)
}

function ownCell(line: ComputedLine): CellOf {
  const own = line.line.expectedCents - line.engineeringCents - line.administrationCents
  const [whole, engineering, administration] = ['Expected', 'Engineering', 'Administration'].map((one) =>
    at(one, line),
  )
  return moneyFormula(`${whole}-${engineering}-${administration}`, own)
}

export interface LinesSheet {
  readonly sheet: SheetOf
  /** The cells of a column, as a formula of another sheet names them; null without any line. */
  readonly column: ((header: Added) => string) | null
  /** What the lines of a fund come to in a fiscal year. */
  readonly budgetCentsOf: (fund: string, year: number) => number
}

export function linesSheet(report: PlanReport, lines: ReportLines): LinesSheet {
  const computed = computedLines(report, lines)
  const rows: RowOf[] = [headsOf(COLUMNS)]
  let last = 1
  const budgets = new Map<string, number>()
  for (const line of computed) {
    const key = `${line.line.fiscal_year} ${line.line.fund}`
    budgets.set(key, (budgets.get(key) ?? 0) + line.line.budgetCents)
    rows.push(COLUMNS.map(({ cell }) => cell(line)))
    last = line.at
  }
  return {
    sheet: {
      sheet: LINES,
      data: rows,
      columns: COLUMNS.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      orientation: 'landscape',
      printed: PRINTED,
    },
    budgetCentsOf: (fund, year) => budgets.get(`${year} ${fund}`) ?? 0,
    column: last === 1 ? null : (header) => `${LINES}!$${LETTERS[header]}$2:$${LETTERS[header]}$${last}`,
  }
}

function* computedLines(report: PlanReport, lines: ReportLines): Generator<ComputedLine> {
  const { estimate } = report
  const prices = new Map(estimate.prices.map((price) => [price.code, price]))
  const { escalationPercent, firstFiscalYear } = estimate.settings
  const elementsOf = elementsIn(estimate)
  let row = 1
  for (const sourced of linesWithSource(report, lines)) {
    const { line, stored } = sourced
    const escalation =
      line.fiscal_year === null ? 1 : (1 + escalationPercent / 100) ** (line.fiscal_year - firstFiscalYear)
    const paid = paidOf(sourced, prices)
    const [n, d] = stored.multiplier.split('/').map(Number) as [number, number]
    const whole = paid.units * (paid.unitCents / 100) * (n / d) * escalation
    const elements = elementsOf(stored, BigInt(line.expectedCents))
    const besides = (name: Element) =>
      Number(elements.slice(1).find(({ element }) => element === name)?.cents ?? 0n)
    yield {
      ...sourced,
      ...paid,
      at: ++row,
      multiplier: n / d,
      escalation,
      part: whole === 0 ? 1 : line.expectedCents / 100 / whole,
      budgetFactor: line.expectedCents === 0 ? 1 : line.budgetCents / line.expectedCents,
      element: elements[0]!.element,
      engineeringCents: besides('Engineering and design'),
      administrationCents: besides('Administration, training, other'),
    }
  }
}

/** What is paid by the unit: of hours times a rate the hours are the quantity. */
function paidOf(
  { line, stored }: SourcedLine,
  prices: ReadonlyMap<string, EstimateDocument['prices'][number]>,
): Pick<ComputedLine, 'units' | 'unit' | 'unitCents'> {
  const paid = stored.factors.find(({ key }) => prices.get(key)?.measure === 'cents')
  const others = stored.factors.filter((factor) => factor !== paid)
  return {
    units: others.reduce((units, { expected }) => units * Number(expected), Number(stored.quantity)),
    unit: paid === undefined ? line.unit : (prices.get(paid.key)?.unit ?? line.unit),
    unitCents: Number(paid?.expected ?? 0),
  }
}
