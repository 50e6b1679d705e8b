/**
 * The rows of one sheet, as they come. Gaps are never filled: a row is its number and the cells that hold something,
 * so a cell in the last corner costs what any other does.
 */
import { cellName, columnName, parseCellName } from './cell-name.ts'
import { type CellNote, numberText } from './cell-text.ts'
import { unescaped } from './escapes.ts'
import type { WorkbookLimits } from './limits.ts'
import type { NumberFormat } from './number-format.ts'
import { damaged, grouped, outside, quoted, tooMuch } from './refusal.ts'
import { RichText } from './rich-text.ts'
import { type Attributes, isTrue, type XmlHandler } from './xml.ts'

/** A row with at least one cell that holds something. */
export interface SheetRow {
  /** 1-based. */
  readonly row: number
  readonly isHidden: boolean
  /** 0-based, rising. */
  readonly columns: readonly number[]
  /** The text in each of these columns; '' only where there is a note. */
  readonly values: readonly string[]
  /** By column. */
  readonly notes: readonly (readonly [column: number, CellNote])[]
  /** Columns in which the spreadsheet shows an error such as `#N/A`; its text is the value. */
  readonly errors: readonly number[]
}

export interface SheetContext {
  readonly name: string
  readonly strings: readonly string[]
  readonly formats: readonly NumberFormat[]
  readonly is1904: boolean
  readonly limits: WorkbookLimits
  /** Counts over all sheets of the workbook. */
  readonly totals: { cells: number; characters: number }
}

const PLAIN: NumberFormat = { kind: 'number' }
/** How many cells outside of what is read a refusal names. */
const NAMED = 20

export class SheetReader implements XmlHandler {
  /** Columns that the sheet hides, 0-based. */
  readonly hiddenColumns = new Set<number>()
  mergedAreas = 0
  readonly #context: SheetContext
  readonly #onRow: (row: SheetRow) => void
  readonly #rich = new RichText()
  readonly #outside: string[] = []
  /** Of the row at hand. */
  #row = 0
  #isHidden = false
  #cells: { column: number; value: string; note: CellNote | null; isError: boolean }[] = []
  #isInOrder = true
  /** Of the cell at hand. */
  #column = -1
  #type = 'n'
  #style = 0
  /** null while there is no `<v>`. */
  #value: string | null = null
  #inline: string | null = null
  #hasFormula = false
  #isInRow = false
  #isInCell = false
  #isInValue = false
  #isInData = false

  constructor(context: SheetContext, onRow: (row: SheetRow) => void) {
    this.#context = context
    this.#onRow = onRow
  }

  // The sheet is at depth 0, its data at 1, rows at 2, cells at 3, values at 4. Elements of the same name
  // elsewhere, in what other programs add, are not meant.
  open(tag: string, attributes: Attributes, depth: number): void {
    if (depth === 3) {
      if (this.#isInRow && tag === 'c') this.#beginCell(attributes)
    } else if (depth === 4) {
      if (this.#isInCell) this.#beginValue(tag)
    } else if (depth === 2) {
      if (this.#isInData && tag === 'row') this.#beginRow(attributes)
      else if (tag === 'col') this.#hideColumns(attributes)
      else if (tag === 'mergeCell') this.mergedAreas++
    } else if (depth === 1) this.#isInData = tag === 'sheetData'
    else if (depth > 4 && this.#isInCell) this.#rich.open(tag)
  }

  close(tag: string, depth: number): void {
    if (depth === 4) {
      if (this.#isInCell && tag === 'is') this.#inline = this.#rich.end()
      this.#isInValue = false
    } else if (depth > 4) {
      if (this.#isInCell) this.#rich.close(tag)
    } else if (depth === 3) {
      if (this.#isInCell) this.#endCell()
    } else if (depth === 2) {
      if (this.#isInRow) this.#endRow()
    } else if (depth === 0) this.#refuseOutside()
  }

  text(piece: string): void {
    if (this.#isInValue) this.#value += piece
    else if (this.#isInCell) this.#rich.text(piece)
  }

  // ---- rows

  #beginRow(attributes: Attributes): void {
    const { r } = attributes
    const row = r === undefined ? this.#row + 1 : /^\d{1,10}$/.test(r) ? Number(r) : 0
    if (row < 1) throw damaged(`The sheet ${this.#sheet} has a row with the number ${quoted(r ?? '')}.`)
    if (row <= this.#row) {
      throw damaged(
        `In the sheet ${this.#sheet} row ${grouped(row)} comes after row ${grouped(this.#row)}.`,
        this.#place(`row ${row}`, 'comes after a later row'),
      )
    }
    this.#row = row
    this.#isHidden = isTrue(attributes.hidden)
    this.#cells = []
    this.#isInOrder = true
    this.#column = -1
    this.#isInRow = true
  }

  #endRow(): void {
    this.#isInRow = false
    if (this.#cells.length === 0 || this.#outside.length > 0) return
    if (!this.#isInOrder) this.#cells.sort((a, b) => a.column - b.column)
    const columns: number[] = []
    const values: string[] = []
    const notes: [number, CellNote][] = []
    const errors: number[] = []
    for (const { column, value, note, isError } of this.#cells) {
      if (column === columns.at(-1)) throw this.#wrongCell(column, 'is there twice')
      columns.push(column)
      values.push(value)
      if (note !== null) notes.push([column, note])
      if (isError) errors.push(column)
    }
    this.#onRow({ row: this.#row, isHidden: this.#isHidden, columns, values, notes, errors })
  }

  #hideColumns(attributes: Attributes): void {
    if (!isTrue(attributes.hidden)) return
    const { columns } = this.#context.limits
    const first = Math.max(Number(attributes.min), 1)
    const last = Math.min(Number(attributes.max), columns)
    for (let column = first; column <= last; column++) this.hiddenColumns.add(column - 1)
  }

  // ---- cells

  #beginCell(attributes: Attributes): void {
    const { r } = attributes
    if (r === undefined) this.#column++
    else {
      const place = parseCellName(r)
      if (place === null || place.row !== this.#row) {
        const message = `In the sheet ${this.#sheet} row ${grouped(this.#row)} has a cell called ${quoted(r)}.`
        throw damaged(message, this.#place(`row ${this.#row}`, `has a cell called ${quoted(r)}`))
      }
      if (place.column <= this.#column) this.#isInOrder = false
      this.#column = place.column
    }
    this.#type = attributes.t ?? 'n'
    this.#style = Number(attributes.s ?? 0)
    this.#value = null
    this.#inline = null
    this.#hasFormula = false
    this.#isInCell = true
  }

  #beginValue(tag: string): void {
    if (tag === 'v') {
      this.#isInValue = true
      this.#value = ''
    } else if (tag === 'f') this.#hasFormula = true
    else if (tag === 'is') this.#rich.begin()
  }

  #endCell(): void {
    this.#isInCell = false
    const { text, note } = this.#read()
    if (text === '' && note === null) return
    const column = this.#column
    const { limits, totals } = this.#context
    if (column >= limits.columns || this.#row > limits.rows) {
      // A formula that somebody pulled down too far holds nothing that could be lost.
      if (text !== '') this.#isOutside()
      return
    }
    if (text.length > limits.cellCharacters) {
      const message = `holds ${grouped(text.length)} characters; ${grouped(limits.cellCharacters)} is the most`
      throw tooMuch(
        `The cell ${this.#name} of the sheet ${this.#sheet} ${message}.`,
        this.#place(this.#name, message),
      )
    }
    totals.cells++
    totals.characters += text.length
    if (totals.cells > limits.cells) throw this.#tooMany(`${grouped(limits.cells)} cells with a value`)
    if (totals.characters > limits.textCharacters)
      throw this.#tooMany(`${grouped(limits.textCharacters)} characters of text`)
    this.#cells.push({ column, value: text, note, isError: this.#type === 'e' })
  }

  #read(): { text: string; note: CellNote | null } {
    const value = this.#value ?? ''
    if (this.#inline !== null && value === '') return { text: this.#inline, note: null }
    switch (this.#type) {
      case 'str':
      case 'inlineStr':
        return { text: unescaped(value), note: this.#value === null ? this.#lacking() : null }
      case 's':
      case 'e':
      case 'd':
      case 'b':
      case 'n':
        return value.trim() === '' ? { text: '', note: this.#lacking() } : this.#convert(value.trim())
      default:
        throw this.#wrongCell(this.#column, `is of a kind ${quoted(this.#type)} that there is not`)
    }
  }

  /** Why there is no value: the program that wrote the formula did not compute it, or there is nothing. */
  #lacking(): CellNote | null {
    return this.#hasFormula ? 'no-result' : null
  }

  #convert(value: string): { text: string; note: CellNote | null } {
    if (this.#type === 's') return { text: this.#shared(value), note: null }
    if (this.#type === 'e') return { text: value, note: null }
    if (this.#type === 'd') return { text: isoDate(value), note: null }
    if (this.#type === 'b') return { text: isTrue(value) ? 'TRUE' : 'FALSE', note: null }
    const format = this.#context.formats[this.#style] ?? PLAIN
    const read = numberText(value, format, this.#context.is1904)
    if (read === null) throw this.#wrongCell(this.#column, 'holds a number that is none')
    return read
  }

  #shared(value: string): string {
    const { strings } = this.#context
    const text = /^\d{1,9}$/.test(value) ? strings[Number(value)] : undefined
    if (text !== undefined) return text
    throw this.#wrongCell(this.#column, `names a text of the workbook that there is not (${quoted(value)})`)
  }

  // ---- refusals

  get #sheet(): string {
    return quoted(this.#context.name)
  }

  get #name(): string {
    return cellName({ row: this.#row, column: this.#column })
  }

  #place(where: string, message: string) {
    return { pointer: `/sheets/${escapePointer(this.#context.name)}/${where}`, message }
  }

  #wrongCell(column: number, message: string) {
    const name = cellName({ row: this.#row, column })
    return damaged(`The cell ${name} of the sheet ${this.#sheet} ${message}.`, this.#place(name, message))
  }

  #tooMany(what: string) {
    return tooMuch(
      `The workbook holds more than ${what}, up to the cell ${this.#name} of the sheet ${this.#sheet}.`,
      this.#place(this.#name, `is beyond ${what}`),
    )
  }

  #isOutside(): void {
    this.#outside.push(this.#name)
    if (this.#outside.length === NAMED) this.#refuseOutside()
  }

  /** At the end of the sheet, so that all such cells can be named. */
  #refuseOutside(): void {
    const cells = this.#outside
    if (cells.length === 0) return
    const { columns, rows } = this.#context.limits
    const range = `columns A to ${columnName(columns - 1)} (${columns}) and rows 1 to ${grouped(rows)}`
    const names = cells.length === 1 ? `The cell ${cells[0]} is` : `The cells ${cells.join(', ')} are`
    throw outside(
      `${names} outside of what is read of the sheet ${this.#sheet}: ${range}. Delete what stands there, save the workbook and send it again.`,
      cells.map((cell) => this.#place(cell, `is outside of ${range}`)),
    )
  }
}

/** `2024-03-15T00:00:00Z` is a day. */
function isoDate(text: string): string {
  return text.replace(/T00:00(?::00(?:\.0+)?)?Z?$/, '')
}

function escapePointer(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}
