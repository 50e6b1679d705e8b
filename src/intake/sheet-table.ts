/** The rows of a sheet as records of a table, and what is to be said of the sheet. */
import { counted } from '../lib/counted.ts'
import { MergedColumns } from './merged-columns.ts'
import type { FileNotice } from './rows.ts'
import { type CellRemark, MAX_RECORD_LENGTH, type RecordProblem, type TableRecord } from './table.ts'
import { cellName, columnName } from './workbook/cell-name.ts'
import type { CellNote } from './workbook/cell-text.ts'
import type { MergedArea } from './workbook/merges.ts'
import type { Sheet } from './workbook/messages.ts'
import { grouped, quoted } from './workbook/refusal.ts'
import type { SheetRow } from './workbook/sheet.ts'

const REMARKS: Readonly<Record<CellNote, Pick<CellRemark, 'code' | 'message'>>> = {
  rounded: {
    code: 'rounded-number',
    message:
      'The number has more than 15 digits, and the spreadsheet has rounded it. Format the column as text and enter it again.',
  },
  'no-result': {
    code: 'formula-without-result',
    message:
      'The cell holds a formula whose result is not in the file; read as blank. Open the workbook in Excel, save it and send it again.',
  },
  'no-such-day': {
    code: 'no-such-day',
    message: 'The cell is formatted as a date and its number is none; read as the number.',
  },
}

/** How many merged areas or columns a sentence names. */
const NAMED = 5

/** Counts what is odd in the cells of a sheet while its rows pass. */
interface Tally {
  count: number
  /** The first of them. */
  cell: string
}

export class SheetTable {
  /** Cells of a record; what stands beyond is remarked. null until the header is known. */
  width: number | null = null
  readonly #sheet: Sheet
  readonly #tallies = new Map<FileNotice['code'], Tally>()
  readonly #merges: MergedColumns
  #hiddenRows = 0

  constructor(sheet: Sheet, mergedAreas: readonly MergedArea[] = []) {
    this.#sheet = sheet
    this.#merges = new MergedColumns(mergedAreas)
  }

  /** Rows are given in their order; from the first on again to begin anew. */
  record(row: SheetRow): TableRecord {
    const { columns, values } = row
    const cells: string[] = new Array(columns.at(-1)! + 1).fill('')
    let length = 0
    let isBlank = true
    for (let i = 0; i < columns.length; i++) {
      const value = values[i]!
      cells[columns[i]!] = value
      length += value.length
      if (isBlank && value.trim() !== '') isBlank = false
    }
    this.#merges.fill(row.row, cells)
    const notes = [...this.#remarks(row), ...this.#beyond(row)]
    if (length > MAX_RECORD_LENGTH) return tooLong(row.row, cells)
    while (this.width !== null && cells.length < this.width) cells.push('')
    // The reader of workbooks has held the length of each cell down already.
    const record = {
      row: row.row,
      cells,
      isBlank: isBlank && notes.length === 0,
      mayBeLong: false,
      problem: null,
    }
    return notes.length === 0 ? record : { ...record, notes }
  }

  #remarks({ notes }: SheetRow): CellRemark[] {
    return notes.map(([column, note]) => ({ column, ...REMARKS[note] }))
  }

  #beyond({ row, columns }: SheetRow): CellRemark[] {
    const { width } = this
    const column = width === null ? undefined : columns.find((one) => one >= width)
    if (column === undefined) return []
    const name = cellName({ row, column })
    const message = `The cell ${name} stands beyond the last column of the table; it and what follows in the row is not read.`
    return [{ column, code: 'beyond-header', message }]
  }

  /** To be called once for each row. */
  count({ row, isHidden, notes, errors }: SheetRow): void {
    if (isHidden) this.#hiddenRows++
    for (const column of errors) this.#add('error-cells', row, column)
    for (const [column, note] of notes) this.#add(NOTICES[note], row, column)
  }

  #add(code: FileNotice['code'], row: number, column: number): void {
    const tally = this.#tallies.get(code)
    if (tally === undefined) this.#tallies.set(code, { count: 1, cell: cellName({ row, column }) })
    else tally.count++
  }

  /** What is known when the last row has passed. */
  *notices(mergedAreas: readonly MergedArea[], hiddenColumns: readonly number[]): Generator<FileNotice> {
    const sheet = this.#sheet.name
    const hidden = [
      ...(this.#hiddenRows === 0 ? [] : [counted(this.#hiddenRows, 'row')]),
      ...(hiddenColumns.length === 0
        ? []
        : [`${counted(hiddenColumns.length, 'column')} (${some(hiddenColumns.map(columnName))})`]),
    ]
    if (hidden.length > 0) {
      const message = `The sheet ${quoted(sheet)} hides ${hidden.join(' and ')}; they were read like the others.`
      yield { code: 'hidden-cells-read', message, sheet }
    }
    if (mergedAreas.length > 0) {
      const message = `The sheet ${quoted(sheet)} has ${counted(mergedAreas.length, 'merged area')} (${some(mergedAreas.map(({ name }) => name))}). What stands in one was read for each row that it spans.`
      yield { code: 'merged-cells', message, sheet }
    }
    for (const [code, tally] of this.#tallies) {
      yield { code, message: `In the sheet ${quoted(sheet)} ${sentence(code, tally)}`, sheet }
    }
  }
}

const NOTICES: Readonly<Record<CellNote, FileNotice['code']>> = {
  rounded: 'rounded-numbers',
  'no-result': 'formulas-without-result',
  'no-such-day': 'no-such-day',
}

function sentence(code: FileNotice['code'], { count, cell }: Tally): string {
  const cells = count === 1 ? `the cell ${cell}` : `${grouped(count)} cells, the first of them ${cell},`
  const [show, hold] = count === 1 ? ['shows', 'holds'] : ['show', 'hold']
  switch (code) {
    case 'error-cells':
      return `${cells} ${show} an error such as #N/A instead of a value.`
    case 'rounded-numbers':
      return `${cells} ${hold} a number of more than 15 digits, which the spreadsheet has rounded.`
    case 'formulas-without-result':
      return `${cells} ${hold} a formula whose result is not in the file; read as blank.`
    default:
      return `${cells} ${hold} a number formatted as a date that there is not.`
  }
}

/** What is said of sheets that hold something and were not read. */
export function unreadNotice({ name, isHidden }: Sheet, why: string): FileNotice {
  return isHidden
    ? {
        code: 'hidden-sheet-not-read',
        message: `The hidden sheet ${quoted(name)} was not read.`,
        sheet: name,
      }
    : { code: 'sheet-not-read', message: `The sheet ${quoted(name)} was not read: ${why}`, sheet: name }
}

function tooLong(row: number, cells: readonly string[]): TableRecord {
  const message = `The row is longer than ${MAX_RECORD_LENGTH} characters; only its beginning was kept.`
  const problem: RecordProblem = { code: 'row-too-long', column: null, message }
  const beginning = cells.find((cell) => cell !== '')?.slice(0, 1000) ?? ''
  return { row, cells: [beginning], isBlank: false, mayBeLong: false, problem }
}

function some(names: readonly string[]): string {
  return names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', ...' : '')
}
