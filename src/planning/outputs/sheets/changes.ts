/** What changed since the version before. */
import { type ComparedRow, type ComparedValue, compareVersions } from '../model/compare.ts'
import type { PlanReport } from '../model/report.ts'
import {
  type CellOf,
  day,
  headsOf,
  money,
  number,
  numberColumn,
  type SheetOf,
  type TableColumn,
  text,
  textColumn,
} from './cells.ts'

const PARTS: Readonly<Record<ComparedRow['part'], string>> = {
  figure: 'Figure',
  setting: 'Setting',
  price: 'Price',
  site: 'Site',
}

export function changesSheet(report: PlanReport): SheetOf {
  const { estimate, schedule, previous } = report
  const changed =
    previous === null
      ? []
      : compareVersions([previous, { label: 'now', estimate, schedule }]).filter(({ isSame }) => !isSame)
  const columns: readonly TableColumn<ComparedRow>[] = [
    textColumn('Of', 10, ({ part }) => PARTS[part], { indent: 0 }),
    textColumn('What', 44, ({ name }) => name, { wrap: true }),
    numberColumn(previous?.label ?? 'Before', 26, ({ unit, values }) => cellOf(unit, values[0] ?? null)),
    numberColumn('Now', 26, ({ unit, values }) => cellOf(unit, values[1] ?? null)),
    numberColumn('Difference', 16, ({ unit, values: [before, now] }) =>
      typeof before === 'number' && typeof now === 'number' ? cellOf(unit, now - before) : null,
    ),
  ]
  const words =
    previous === null
      ? 'This is the first version with a schedule.'
      : `Nothing has changed since ${previous.label}.`
  return {
    sheet: 'Changes',
    data: [
      headsOf(columns),
      ...(changed.length === 0
        ? [[text(words)]]
        : changed.map((row) => columns.map(({ cell }) => cell(row)))),
    ],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

const RIGHT = { align: 'right' } as const

function cellOf(unit: ComparedRow['unit'], value: ComparedValue): CellOf {
  if (value === null) return text('none', RIGHT)
  if (typeof value === 'boolean') return text(value ? 'yes' : 'no', RIGHT)
  if (typeof value === 'number') return unit === 'cents' ? money(value) : number(value)
  return unit === 'day' ? day(value, RIGHT) : text(value, { ...RIGHT, wrap: true })
}
