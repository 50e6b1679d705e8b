/**
 * Text to records: a CSV scanner that loses no row to a broken quote.
 *
 * A library parser gives up, or swallows the rest of the file, when a quote is never closed. Here the line on
 * which the cell began becomes the one bad row and reading goes on with the next line, inside fixed memory.
 * Records are numbered as a spreadsheet numbers them: a cell with line breaks is one row, a blank line counts.
 */
import { plainCell } from '../lib/csv.ts'
import { cellsOf, columnName, type Json } from './json-cells.ts'

/** Characters of one record; a longer one is cut off and rejected, never held. */
export const MAX_RECORD_LENGTH = 1_000_000
/** Characters of one cell: what a spreadsheet can hold. */
export const MAX_CELL_LENGTH = 32_767
export const MAX_COLUMNS = 500

export type Delimiter = ',' | ';' | '\t' | '|'
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|']

export type RecordCode =
  | 'unclosed-quote'
  | 'text-after-quote'
  | 'too-many-cells'
  | 'too-few-cells'
  | 'row-too-long'
  | 'not-json'
  | 'not-xml'
  | 'not-yaml'

/** Why a record cannot be trusted as a whole. */
export interface RecordProblem {
  readonly code: RecordCode
  /** 0-based; null when it is not one cell's fault. */
  readonly column: number | null
  readonly message: string
}

export interface TableRecord {
  /** 1-based, as the spreadsheet shows it. */
  readonly row: number
  /** undefined: the cell is absent (NDJSON only). */
  readonly cells: readonly (string | undefined)[]
  readonly isBlank: boolean
  /** A cell may be longer than `MAX_CELL_LENGTH`; false is a promise that none is. */
  readonly mayBeLong: boolean
  readonly problem: RecordProblem | null
  /** What a workbook says of its cells besides their text. */
  readonly notes?: readonly CellRemark[]
}

/** Something to know of a cell that its text does not show. */
export interface CellRemark {
  readonly column: number
  readonly code: 'rounded-number' | 'formula-without-result' | 'no-such-day' | 'beyond-header'
  readonly message: string
}

/** Turns chunks into records. `width` may be set at any time and holds from the next record on. */
export interface Scanner {
  /** Cells of the header; null while it has not been seen. */
  width: number | null
  scan(chunk: string, isLast: boolean): Iterable<TableRecord>
}

const QUOTE = 34
const CARRIAGE_RETURN = 13

interface Parsed {
  readonly cells: string[]
  /** Where the next record begins. */
  readonly next: number
  readonly spansLines: boolean
  /** Column in which text follows a closing quote; null when there is none. */
  readonly stray: number | null
}

/** A cell with a line break in it that does not end as a cell should. */
interface Broken {
  /** How far the cell was followed. */
  readonly brokenAt: number
  readonly column: number | null
}

export class CsvScanner implements Scanner {
  width: number | null = null
  readonly #delimiter: Delimiter
  readonly #delimiters: Occurrences
  #text = ''
  #at = 0
  #row = 0
  /** Do not try again before the text is this long: keeps a long record in small chunks from costing its square. */
  #enough = 0
  /** Next quote at or after `#at`; the text's length when there is none. */
  #quoteAt = -1
  /** Rows that begin before this offset may be pieces of a broken cell: a short one is not padded. */
  #doubtfulUntil = 0
  /** The row whose open quote casts that doubt. */
  #openedOn = 0
  #isDiscarding = false

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter
    this.#delimiters = new Occurrences(delimiter)
  }

  *scan(chunk: string, isLast: boolean): Generator<TableRecord> {
    this.#text = this.#at === 0 ? this.#text + chunk : this.#text.slice(this.#at) + chunk
    this.#doubtfulUntil -= this.#at
    this.#at = 0
    this.#quoteAt = -1
    this.#delimiters.begin(this.#text)
    if (this.#text.length < this.#enough && !isLast) return
    this.#enough = 0
    if (this.#isDiscarding && !this.#discard()) return
    while (this.#at < this.#text.length) {
      const record = this.#next(isLast)
      if (record === null) {
        this.#enough = 2 * (this.#text.length - this.#at)
        return
      }
      yield record
    }
  }

  /** Drop the rest of an endless line. Whether its end was found. */
  #discard(): boolean {
    const newline = this.#text.indexOf('\n')
    this.#isDiscarding = newline === -1
    this.#at = newline === -1 ? this.#text.length : newline + 1
    return newline !== -1
  }

  #next(isLast: boolean): TableRecord | null {
    const text = this.#text
    const at = this.#at
    const newline = text.indexOf('\n', at)
    if (this.#quoteAt < at) {
      const found = text.indexOf('"', at)
      this.#quoteAt = found === -1 ? text.length : found
    }
    const lineEnd = newline === -1 ? text.length : newline
    if (lineEnd - at > MAX_RECORD_LENGTH) return this.#tooLong(lineEnd, newline === -1)
    if (this.#quoteAt > lineEnd || this.#quoteAt === text.length) {
      if (newline === -1 && !isLast) return null
      this.#at = lineEnd + 1
      return this.#record(splitLine(text, at, lineEnd, this.#delimiter), at, lineEnd, null)
    }
    const attempt = this.#parse(isLast)
    if (attempt === null) return null
    if ('brokenAt' in attempt) return this.#unclosed(lineEnd, attempt.brokenAt, attempt.column)
    const { cells, next, spansLines, stray } = attempt
    // A quote that was left open closes at the next one, many rows on; then the number of cells is off.
    const isOff = this.width !== null && cells.length !== this.width && !onlyBlanksAfter(cells, this.width)
    if (spansLines && isOff) return this.#unclosed(lineEnd, next, null)
    this.#at = next
    const message = 'There is text after the closing quote. Inside a quoted cell, write a quote twice.'
    return this.#record(
      cells,
      at,
      next,
      stray === null ? null : { code: 'text-after-quote', column: stray, message },
    )
  }

  /**
   * The record at `#at`; null when more text is needed.
   * Linear in the whole: an attempt that fails leaves doubt on what it went over, and where there is doubt a
   * cell may not span lines, so nothing is gone over a third time.
   */
  #parse(isLast: boolean): Parsed | Broken | null {
    const text = this.#text
    const limit = this.#at + MAX_RECORD_LENGTH
    const maySpanLines = this.#at >= this.#doubtfulUntil
    const cells: string[] = []
    let at = this.#at
    let newline = text.indexOf('\n', at)
    let spansLines = false
    let stray: number | null = null
    for (;;) {
      const column = cells.length
      const isQuoted = text.charCodeAt(at) === QUOTE
      let value = ''
      if (isQuoted) {
        let from = at + 1
        let quote: number
        for (;;) {
          quote = text.indexOf('"', from)
          if (newline !== -1 && (quote === -1 || quote > newline)) {
            if (!maySpanLines || stray !== null)
              return { brokenAt: quote === -1 ? at : Math.min(quote, limit), column }
            spansLines = true
          }
          if (quote > limit || (quote === -1 && text.length > limit)) return { brokenAt: limit, column }
          if (quote === -1) return isLast ? { brokenAt: text.length, column } : null
          if (quote + 1 === text.length && !isLast) return null
          if (text.charCodeAt(quote + 1) !== QUOTE) break
          value += text.slice(from, quote + 1)
          from = quote + 2
        }
        value += text.slice(from, quote)
        at = quote + 1
        if (newline !== -1 && newline < quote) newline = text.indexOf('\n', quote)
      }
      // What follows a closing quote up to the delimiter should be nothing; for a plain cell it is the value.
      const delimiterAt = this.#delimiters.next(at)
      const endsRow = delimiterAt === text.length || (newline !== -1 && newline < delimiterAt)
      const end = endsRow ? (newline === -1 ? text.length : newline) : delimiterAt
      if (end > limit) return { brokenAt: limit, column }
      if (endsRow && newline === -1 && !isLast) return null
      const valueEnd = endsRow && end > at && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end
      const rest = text.slice(at, valueEnd)
      if (!isQuoted) value = rest
      else if (!isBlankText(rest)) {
        if (spansLines) return { brokenAt: at, column }
        stray ??= column
        value += rest
      }
      cells.push(plainCell(value))
      if (endsRow) return { cells, next: end + 1, spansLines, stray }
      at = end + 1
    }
  }

  /** The line is the bad row; reading goes on behind it. */
  #unclosed(lineEnd: number, brokenAt: number, column: number | null): TableRecord {
    const at = this.#at
    // Where there is doubt already, the quote to correct first is the one that cast it.
    const because =
      at < this.#doubtfulUntil ? ` The quote that is open since row ${this.#openedOn} may be the cause.` : ''
    if (at >= this.#doubtfulUntil) this.#openedOn = this.#row + 1
    this.#at = lineEnd + 1
    this.#doubtfulUntil = Math.max(this.#doubtfulUntil, brokenAt)
    const message = `A quote is opened on this row and not closed where a cell ends. Remove it, or write it twice.${because}`
    return this.#record(splitLine(this.#text, at, lineEnd, this.#delimiter), at, lineEnd, {
      code: 'unclosed-quote',
      column,
      message,
    })
  }

  #tooLong(lineEnd: number, isOpen: boolean): TableRecord {
    const at = this.#at
    this.#isDiscarding = isOpen
    this.#at = isOpen ? lineEnd : lineEnd + 1
    const message = `The row is longer than ${MAX_RECORD_LENGTH} characters; only its beginning was kept.`
    const problem: RecordProblem = { code: 'row-too-long', column: null, message }
    return this.#record([this.#text.slice(at, at + 1000)], at, at + 1000, problem)
  }

  #record(cells: string[], at: number, end: number, problem: RecordProblem | null): TableRecord {
    const row = ++this.#row
    const isBlank = problem === null && cells.every(isBlankText)
    const found = problem ?? (isBlank || this.width === null ? null : this.#fit(cells, this.width, at))
    return { row, cells, isBlank, mayBeLong: end - at > MAX_CELL_LENGTH, problem: found }
  }

  /** Make the record as wide as the header, or say why not. */
  #fit(cells: string[], width: number, at: number): RecordProblem | null {
    if (cells.length > width) {
      if (!onlyBlanksAfter(cells, width)) {
        const message = `The row has ${cells.length} cells and the header ${width}. A cell with a delimiter in it needs quotes.`
        return { code: 'too-many-cells', column: null, message }
      }
      cells.length = width
    } else if (cells.length < width) {
      if (at < this.#doubtfulUntil) {
        const message = `The row has ${cells.length} cells and the header ${width}, and follows a quote that is open since row ${this.#openedOn}: it may be part of a broken cell.`
        return { code: 'too-few-cells', column: null, message }
      }
      while (cells.length < width) cells.push('')
    }
    return null
  }
}

/**
 * Where a character comes next in a text. Looking it up from one place after the other costs the length of the
 * text once, also when it does not come at all; without that, every row of a file would search the rest of it.
 */
class Occurrences {
  readonly #what: string
  #text = ''
  /** From here up to `#found` it does not occur. */
  #from = 0
  #found = -1

  constructor(what: string) {
    this.#what = what
  }

  begin(text: string): void {
    this.#text = text
    this.#from = 0
    this.#found = -1
  }

  /** The first place at or after `at`; the length of the text when there is none. */
  next(at: number): number {
    if (at > this.#found) {
      const found = this.#text.indexOf(this.#what, at)
      this.#from = at
      this.#found = found === -1 ? this.#text.length : found
    } else if (at < this.#from) {
      const before = this.#text.slice(at, this.#from).indexOf(this.#what)
      if (before !== -1) return at + before
      this.#from = at
    }
    return this.#found
  }
}

/** A line without quotes. `\r` before the line end belongs to it. */
function splitLine(text: string, from: number, to: number, delimiter: Delimiter): string[] {
  const end = to > from && text.charCodeAt(to - 1) === CARRIAGE_RETURN ? to - 1 : to
  const cells = text.slice(from, end).split(delimiter)
  for (let i = 0; i < cells.length; i++) {
    if (cells[i]!.charCodeAt(0) === 39) cells[i] = plainCell(cells[i]!)
  }
  return cells
}

function onlyBlanksAfter(cells: readonly string[], width: number): boolean {
  for (let i = width; i < cells.length; i++) if (!isBlankText(cells[i]!)) return false
  return cells.length > width
}

function isBlankText(text: string): boolean {
  return text === '' || text.trim() === ''
}

/** One JSON object a line. Keys become columns in the order they are first seen. */
export class NdjsonScanner implements Scanner {
  width: number | null = null
  /** Grows while reading. */
  readonly header: string[] = []
  readonly #mostKeys: number
  readonly #columns = new Map<string, number>()
  #text = ''
  #row = 0
  #enough = 0
  #isDiscarding = false

  constructor(mostKeys: number = MAX_COLUMNS) {
    this.#mostKeys = mostKeys
  }

  #object(line: string): TableRecord {
    if (line === '') return { row: ++this.#row, cells: [], isBlank: true, mayBeLong: false, problem: null }
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      const message = 'The line is not a JSON object.'
      return this.#bad(line, { code: 'not-json', column: null, message })
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.#bad(line, {
        code: 'not-json',
        column: null,
        message: 'The line is JSON and not an object.',
      })
    }
    const cells: (string | undefined)[] = new Array(this.header.length).fill(undefined)
    let problem: RecordProblem | null = null
    // A line that is refused keeps its cells apart, so that those of secret columns can be blanked.
    for (const [path, cell] of isDeeperThan(value, MAX_NESTING + 1)
      ? tooDeep(value)
      : cellsOf(value as Json)) {
      const column = this.#column(path)
      if (column === null) problem ??= this.#tooManyKeys()
      else if (cell === null) problem ??= { code: 'not-json', column, message: TOO_DEEP }
      else cells[column] = cell
    }
    const isBlank = problem === null && cells.every((cell) => cell === undefined || isBlankText(cell))
    return { row: ++this.#row, cells, isBlank, mayBeLong: line.length > MAX_CELL_LENGTH, problem }
  }

  /** null when there are as many keys as there may be: each costs memory in every line that follows. */
  #column(path: readonly string[]): number | null {
    const key = path.length === 1 ? path[0]! : path.join('.')
    const known = this.#columns.get(key)
    if (known !== undefined) return known
    if (this.header.length >= this.#mostKeys) return null
    this.#columns.set(key, this.header.length)
    return this.header.push(columnName(path, this.header)) - 1
  }

  #tooManyKeys(): RecordProblem {
    const message = `The file has more than ${this.#mostKeys} different keys, and one of this line is new.`
    return { code: 'too-many-cells', column: null, message }
  }

  *scan(chunk: string, isLast: boolean): Generator<TableRecord> {
    this.#text += chunk
    if (this.#text.length < this.#enough && !isLast) return
    this.#enough = 0
    let at = 0
    while (at < this.#text.length) {
      const newline = this.#text.indexOf('\n', at)
      const end = newline === -1 ? this.#text.length : newline
      if (this.#isDiscarding) this.#isDiscarding = newline === -1
      else if (end - at > MAX_RECORD_LENGTH) {
        this.#isDiscarding = newline === -1
        const message = `The line is longer than ${MAX_RECORD_LENGTH} characters; only its beginning was kept.`
        yield this.#bad(this.#text.slice(at, at + 1000), { code: 'row-too-long', column: null, message })
      } else if (newline === -1 && !isLast) {
        this.#enough = 2 * (end - at)
        break
      } else yield this.#object(this.#text.slice(at, end).trim())
      at = end + 1
    }
    this.#text = this.#text.slice(at)
  }

  #bad(line: string, problem: RecordProblem): TableRecord {
    return { row: ++this.#row, cells: [line], isBlank: false, mayBeLong: false, problem }
  }
}

const TOO_DEEP = 'The value is nested too deeply.'

/** The keys of a line of which some value is nested too deeply: null for those. */
function* tooDeep(value: object): Generator<[path: string[], cell: string | null]> {
  for (const [key, field] of Object.entries(value)) {
    const isPlain = typeof field !== 'object' || field === null
    yield [
      [key],
      isPlain ? String(field ?? '') : isDeeperThan(field, MAX_NESTING) ? null : JSON.stringify(field),
    ]
  }
}

/** Far beyond what files have. Parsing takes any depth; how deep writing reaches differs between versions of Node. */
const MAX_NESTING = 100

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(part, levels - 1))
}

/** PostgreSQL text cannot hold U+0000; it is shown as U+FFFD. */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}

// ---- what kind of table

export interface Shape {
  readonly delimiter: Delimiter
  /** The first line is Excel's `sep=;`. */
  readonly hasSeparatorLine: boolean
}

/** The shape of a CSV file from its first characters, with `\n` for line ends. */
export function shapeOf(text: string, isWhole: boolean, stated: Delimiter | null): Shape {
  const separator = /^sep=([,;\t|])\r?\n/i.exec(text)
  const declared = (separator?.[1] ?? null) as Delimiter | null
  const delimiter = stated ?? declared ?? likeliest(text, isWhole)
  return { delimiter, hasSeparatorLine: declared !== null }
}

/** The delimiter under which most of the first rows have one and the same, large, number of cells. */
function likeliest(text: string, isWhole: boolean): Delimiter {
  let best: Delimiter = ','
  let bestScore = 1
  for (const delimiter of DELIMITERS) {
    const counts = new Map<number, number>()
    let rows = 0
    let partsFirstRow = false
    for (const record of firstRecords(text, isWhole, delimiter, 50)) {
      if (record.isBlank) continue
      if (rows++ === 0) partsFirstRow = record.cells.length > 1
      counts.set(record.cells.length, (counts.get(record.cells.length) ?? 0) + 1)
    }
    let score = 0
    for (const [cells, times] of counts) if (cells > 1) score = Math.max(score, cells * (times / rows))
    // Commas in the notes of a semicolon file part its rows, but not its header.
    if (!partsFirstRow) score /= 2
    if (score > bestScore) {
      best = delimiter
      bestScore = score
    }
  }
  return best
}

/** Complete records at the beginning of a file. The last one is left out when the text may be cut inside it. */
export function firstRecords(
  text: string,
  isWhole: boolean,
  delimiter: Delimiter,
  limit: number,
): TableRecord[] {
  const records: TableRecord[] = []
  for (const record of new CsvScanner(delimiter).scan(text, isWhole)) {
    records.push(record)
    if (records.length === limit) break
  }
  return records
}
