/** What became of the parts of a file, in lines for a terminal: sheets, columns, rows that are no devices, warnings. */

import type { ColumnReport } from '../intake/column-reports.ts'
import type { FileNotice, LeftOutRow, SheetReport } from '../intake/rows.ts'
import type { WarningGroup } from '../intake/warning-groups.ts'
import { onOneLine } from './text.ts'

export interface Fates {
  readonly columns: readonly ColumnReport[]
  readonly sheets: readonly SheetReport[]
  readonly leftOut: readonly LeftOutRow[]
  readonly warningGroups: readonly WarningGroup[]
  /** What to know of the file as a whole. */
  readonly fileWarnings: readonly FileNotice[]
}

const SHOWN_ROWS = 10
const SHOWN_GROUPS = 20

/** A report that an older service wrote may lack parts. */
export function fateLines(report: Partial<Fates>): string[] {
  const { sheets = [], columns = [], leftOut = [], warningGroups = [], fileWarnings = [] } = report
  return [
    ...sheets.flatMap(sheetLines),
    ...whyLines(columns),
    ...fileWarnings
      // The sheets have said it already.
      .filter(({ code }) => sheets.length === 0 || !code.endsWith('sheet-not-read'))
      .map(({ message }) => `Note: ${message}`),
    ...leftOutLines(leftOut),
    ...groupLines(warningGroups),
  ].map(onOneLine)
}

function sheetLines({ name, fate, why, columns }: SheetReport): string[] {
  // Without a reason there was nothing to read in it: it is the list of citations of our own workbook.
  if (fate === 'left-out') return why === null ? [] : [`Sheet "${name}" left out: ${why}`]
  return [`Sheet "${name}" read.`, ...whyLines(columns)]
}

function whyLines(columns: readonly ColumnReport[]): string[] {
  return columns.flatMap(({ header, position, fate, why }) =>
    fate === 'left-out' && why !== null
      ? [`Column ${header === '' ? `number ${position + 1}` : `"${header}"`} left out: ${why}`]
      : [],
  )
}

const KINDS: Readonly<Record<LeftOutRow['kind'], string>> = {
  title: 'a title above the table',
  heading: 'a heading, taken as the site of the rows below',
  totals: 'totals',
  'repeated-header': 'the header again',
  remark: 'a remark',
  'quantity-zero': 'a quantity of none',
  channel: 'another channel of a device above',
}

function leftOutLines(leftOut: readonly LeftOutRow[]): string[] {
  const lines = leftOut
    .slice(0, SHOWN_ROWS)
    .map(
      ({ row, sheet, kind, text }) =>
        `Row ${placeOf(row, sheet)} left out (${KINDS[kind] ?? kind}): ${text.slice(0, 80)}`,
    )
  const more = leftOut.length - SHOWN_ROWS
  return more > 0 ? [...lines, `... and ${more} more rows left out; --json lists them.`] : lines
}

function groupLines(groups: readonly WarningGroup[]): string[] {
  const lines = groups.slice(0, SHOWN_GROUPS).map(({ column, value, rows, firstRow, sheet, message }) => {
    const what =
      value === null || value === '' ? (column ?? 'Row') : `${column} ${JSON.stringify(value.slice(0, 60))}`
    const where = `${rows === 1 ? '1 row' : `${rows} rows`}, ${rows === 1 ? 'row' : 'first'} ${placeOf(firstRow, sheet)}`
    return `Warning: ${what} (${where}): ${message}`
  })
  const more = groups.length - SHOWN_GROUPS
  return more > 0 ? [...lines, `... and ${more} more kinds of warnings; --json lists them.`] : lines
}

function placeOf(row: number, sheet: string | null): string {
  return sheet === null || sheet === undefined ? String(row) : `${row} of "${sheet}"`
}
