/** Where each price comes from. */
import type { EstimateDocument } from '../../documents.ts'
import type { PlanReport } from '../model/report.ts'
import {
  aside,
  type CellOf,
  dayColumn,
  headsOf,
  money,
  number,
  numberColumn,
  type RowOf,
  type SheetOf,
  type TableColumn,
  text,
  textColumn,
} from './cells.ts'

type Source = EstimateDocument['prices'][number]

export function sourcesSheet({ estimate, schedule }: PlanReport): SheetOf {
  const value = (price: Source, n: number) => (price.measure === 'cents' ? money(n) : number(n))
  const columns: readonly TableColumn<Source>[] = [
    textColumn('Code', 16, (price) => price.code, { indent: 0 }),
    textColumn('Description', 46, (price) => price.description, { wrap: true }),
    textColumn('Unit', 20, (price) => price.unit),
    textColumn('Measure', 10, (price) => (price.measure === 'cents' ? estimate.currency : price.measure)),
    numberColumn('Low', 12, (price) => value(price, price.low)),
    numberColumn('Expected', 12, (price) => value(price, price.expected)),
    numberColumn('High', 12, (price) => value(price, price.high)),
    textColumn('Basis', 15, (price) => price.basis, { wrap: true }),
    textColumn('Confidence', 12, (price) => price.confidence),
    dayColumn('As of', 12, (price) => price.asOf),
    textColumn('Stale', 22, (price) => (price.isStale ? 'older than 24 months' : null)),
    textColumn('Source', 60, (price) => price.source, { wrap: true }),
  ]
  const funds = (schedule?.funding.sources ?? []).map(
    (source): RowOf => [
      text('FUND'),
      text(source.name, { ...aside, wrap: true }),
      ...Array.from({ length: 9 }, (): CellOf => null),
      text(source.citation || 'no citation', { ...aside, wrap: true }),
    ],
  )
  return {
    sheet: 'Sources',
    data: [
      headsOf(columns),
      ...estimate.prices.map((price) => columns.map(({ cell }) => cell(price))),
      ...funds,
    ],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}
