/**
 * JSON that is no table by lines: one list of objects, however deep it lies in the file, becomes records.
 *
 * The file is gone through once and never held: of each object of the list only its own text is kept until it is
 * parsed.
 */
import { CELLS_DECIDE, FIELDS, foldHeader } from './fields.ts'
import { cellsOf, columnName, type Json } from './json-cells.ts'
import {
  MAX_COLUMNS,
  MAX_RECORD_LENGTH,
  type RecordProblem,
  type Scanner,
  type TableRecord,
} from './table.ts'

const QUOTE = 34
const BACKSLASH = 92
/** Brackets that are kept in mind: a file of nothing else must not fill the memory. */
const MOST_OPEN = 60_000
/** Of the text before a list, for the key that it stands under. */
const KEY_LENGTH = 100
/** Of an object beside the lists, as much as is looked at for such keys. */
const ASIDE_LENGTH = 20_000
/** Lists that are named in the report. */
const MOST_LISTS = 50

/** Objects of a list that are looked at for a key that only devices have. */
const MOST_PENDING = 200
/** Keys that tell who made a device or which one it is; lists of sites and users have none of them. */
const DEVICE_KEYS: ReadonlySet<string> = new Set(
  (['assetTag', 'serialNumber', 'manufacturer', 'model', 'macAddress', 'fccId'] as const).flatMap((field) =>
    FIELDS[field].headers.flat().filter((name) => !CELLS_DECIDE.has(name)),
  ),
)

/** A list of objects that is not the table. */
export interface PassedList {
  /** The key that it stands under; null for a list in a list. */
  readonly name: string | null
  readonly objects: number
}

export class JsonScanner implements Scanner {
  width: number | null = null
  /** Grows while reading. */
  readonly header: string[] = []
  readonly #columns = new Map<string, number>()
  #text = ''
  #at = 0
  /** Closing characters that are open, and where each began. */
  #open: string[] = []
  #isInText = false
  #isEscaped = false
  /** Where the object at hand begins, and how deep its list lies; null outside of it. */
  #begin: number | null = null
  /** Depth of the list whose objects are records; null while it is not known. */
  #listDepth: number | null = null
  #isListOver = false
  #row = 0
  /** Whether the list at hand is the table. */
  #isChosen = false
  /** Its records while that is open, and those of the first list that did not look like one. */
  #pending: TableRecord[] = []
  #fallback: { readonly records: readonly TableRecord[]; readonly header: readonly string[] } | null = null
  readonly #passed: PassedList[] = []
  /** Name of the list that began last outside of a record. */
  #name: string | null = null
  /** An object beside the lists: what it is called and where it begins; null outside of one. */
  #aside: { readonly name: string; at: number; readonly listsBefore: number } | null = null
  #lists = 0
  /** A list after the table: how deep it lies, what it is called and how many objects it had so far. */
  #later: { readonly depth: number; readonly name: string | null; objects: number } | null = null

  /** Lists of the file that were not read; whole when the scan is over. */
  passedLists(): readonly PassedList[] {
    return this.#passed
  }

  *scan(chunk: string, isLast: boolean): Generator<TableRecord> {
    this.#text += chunk
    for (; this.#at < this.#text.length; this.#at++) {
      const record = this.#step(this.#text.charCodeAt(this.#at))
      if (record !== null) yield* this.#decide(record)
      if (this.#begin !== null && this.#at - this.#begin > MAX_RECORD_LENGTH) {
        yield this.#bad('', 'row-too-long', `The object is longer than ${MAX_RECORD_LENGTH} characters.`)
        this.#isListOver = true
        this.#begin = null
      }
    }
    if (this.#aside !== null && this.#at - this.#aside.at > ASIDE_LENGTH) this.#aside = null
    const keep = Math.min(this.#aside?.at ?? Infinity, this.#begin ?? Math.max(0, this.#at - KEY_LENGTH))
    this.#text = this.#text.slice(keep)
    this.#at -= keep
    if (this.#aside !== null) this.#aside.at -= keep
    if (this.#begin !== null) this.#begin -= keep
    if (isLast && !this.#isChosen) yield* this.#lastResort()
    if (isLast && this.#open.length > 0)
      yield this.#bad(this.#text.slice(0, 1000), 'not-json', 'The file ends before its JSON does.')
  }

  #step(code: number): TableRecord | null {
    if (this.#isInText) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (code === BACKSLASH) this.#isEscaped = true
      else if (code === QUOTE) this.#isInText = false
      return null
    }
    if (code === QUOTE) this.#isInText = true
    else if (code === 123 || code === 91) this.#enter(code === 123 ? '}' : ']')
    else if (code === 125 || code === 93) return this.#leave()
    return null
  }

  #enter(closing: string): void {
    const isObjectOfList = closing === '}' && this.#open.at(-1) === ']'
    if (isObjectOfList && this.#begin === null && !this.#isListOver) {
      this.#listDepth ??= this.#open.length
      if (this.#listDepth === this.#open.length) this.#begin = this.#at
    } else if (isObjectOfList && this.#isListOver) {
      this.#later ??= { depth: this.#open.length, name: this.#name, objects: 0 }
      if (this.#later.depth === this.#open.length) this.#later.objects++
    } else if (closing === ']' && this.#begin === null && this.#later === null) {
      this.#name = this.#keyBefore()
      this.#lists++
    } else if (closing === '}' && this.#open.length === 1 && this.#begin === null) {
      const name = this.#keyBefore()
      if (name !== null) this.#aside = { name, at: this.#at, listsBefore: this.#lists }
    }
    if (this.#open.length < MOST_OPEN) this.#open.push(closing)
  }

  #leave(): TableRecord | null {
    this.#open.pop()
    const depth = this.#open.length
    if (this.#begin !== null && depth === this.#listDepth) {
      const text = this.#text.slice(this.#begin, this.#at + 1)
      this.#begin = null
      return this.#record(text)
    }
    if (depth === 1 && this.#aside !== null) this.#passAside()
    if (this.#later !== null && depth < this.#later.depth) {
      this.#pass(this.#later.name, this.#later.objects)
      this.#later = null
    } else if (this.#listDepth !== null && depth < this.#listDepth) this.#endList()
    return null
  }

  /** One recorder beside the list of its cameras is no list, and is named like one that was not read. */
  #passAside(): void {
    const { name, at, listsBefore } = this.#aside!
    this.#aside = null
    if (this.#lists > listsBefore) return
    const names = this.#text.slice(at, this.#at + 1).matchAll(/"([^"\\]{1,60})"\s*:/g)
    if ([...names].some(([, key]) => DEVICE_KEYS.has(foldHeader(key!)))) this.#pass(name, 1)
  }

  #keyBefore(): string | null {
    const before = this.#text.slice(Math.max(0, this.#at - KEY_LENGTH), this.#at)
    return /"([^"\\]{1,60})"\s*:\s*$/.exec(before)?.[1] ?? null
  }

  #pass(name: string | null, objects: number): void {
    if (this.#passed.length < MOST_LISTS) this.#passed.push({ name, objects })
  }

  /** The first list whose objects look like devices is the table; what follows it (tags, groups) names them again. */
  #decide(record: TableRecord): readonly TableRecord[] {
    if (this.#isChosen) return [record]
    this.#pending.push(record)
    this.#isChosen = this.#pending.length > MOST_PENDING || record.problem !== null || this.#looksLikeDevice()
    return this.#isChosen ? this.#pending.splice(0) : []
  }

  #looksLikeDevice(): boolean {
    return this.header.some((name) => DEVICE_KEYS.has(foldHeader(name)))
  }

  #endList(): void {
    this.#isListOver = this.#isChosen
    if (this.#isChosen) return
    this.#pass(this.#name, this.#row)
    this.#fallback ??= { records: this.#pending, header: [...this.header] }
    this.#pending = []
    this.header.length = 0
    this.#columns.clear()
    this.#row = 0
    this.#listDepth = null
  }

  /** No list looks like devices: a mapping may know better of the first. */
  #lastResort(): readonly TableRecord[] {
    this.#isChosen = true
    if (this.#pending.length > 0) return this.#pending.splice(0)
    if (this.#fallback === null) return []
    this.#passed.shift()
    this.header.splice(0, this.header.length, ...this.#fallback.header)
    return this.#fallback.records
  }

  #record(text: string): TableRecord {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return this.#bad(text.slice(0, 1000), 'not-json', 'The object cannot be read as JSON.')
    }
    const cells: (string | undefined)[] = new Array(this.header.length).fill(undefined)
    let problem: RecordProblem | null = null
    for (const [path, cell] of cellsOf(value as Json)) {
      const column = this.#column(path)
      if (column === null)
        problem ??= {
          code: 'too-many-cells',
          column: null,
          message: `The file has more than ${MAX_COLUMNS} different keys.`,
        }
      else cells[column] = cell
    }
    const isBlank = problem === null && cells.every((cell) => cell === undefined || cell.trim() === '')
    return { row: ++this.#row, cells, isBlank, mayBeLong: text.length > 30_000, problem }
  }

  #column(path: readonly string[]): number | null {
    const key = path.join('.')
    const known = this.#columns.get(key)
    if (known !== undefined) return known
    if (this.header.length >= MAX_COLUMNS) return null
    this.#columns.set(key, this.header.length)
    return this.header.push(columnName(path, this.header)) - 1
  }

  #bad(text: string, code: 'not-json' | 'row-too-long', message: string): TableRecord {
    return {
      row: ++this.#row,
      cells: [text],
      isBlank: false,
      mayBeLong: false,
      problem: { code, column: null, message },
    }
  }
}
