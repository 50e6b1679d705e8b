/**
 * JSON that is no table by lines: one list of objects, however deep it lies in the file, becomes records.
 *
 * The file is gone through once and never held: of each object of the list only its own text is kept until it is
 * parsed. Nested values become columns of their own: `site.name` is the column `site`.
 */
import { CELLS_DECIDE, FIELDS, foldHeader } from './fields.ts'
import { scopesIn } from './scopes.ts'
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
/** How deep nested values become columns; what lies deeper stays JSON text. */
const COLUMN_DEPTH = 4
/** Of these an object has one that counts, the first that is there. */
const NAMES = ['name', 'label', 'value', 'display', 'display_name', 'displayName', 'text']
/** Names that add nothing to that of the object they are in. */
const GENERIC = new Set([...NAMES.map((name) => name.toLowerCase()), 'properties'])
/** Names that mean something else in a nested object than in the record. */
const OF_ANYTHING = new Set([
  'id',
  'url',
  'slug',
  'type',
  'status',
  'number',
  'count',
  'title',
  'description',
  'version',
])

/** Of the text before a list, for the key that it stands under. */
const KEY_LENGTH = 100
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

type Json = Readonly<Record<string, unknown>>

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
    const keep = this.#begin ?? Math.max(0, this.#at - KEY_LENGTH)
    this.#text = this.#text.slice(keep)
    this.#at -= keep
    if (this.#begin !== null) this.#begin = 0
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
    } else if (closing === ']' && this.#begin === null && this.#later === null) this.#name = this.#keyBefore()
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
    if (this.#later !== null && depth < this.#later.depth) {
      this.#pass(this.#later.name, this.#later.objects)
      this.#later = null
    } else if (this.#listDepth !== null && depth < this.#listDepth) this.#endList()
    return null
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

  /** A nested value has the last of its names that says something, unless another column has it. */
  #column(path: readonly string[]): number | null {
    const key = path.join('.')
    const known = this.#columns.get(key)
    if (known !== undefined) return known
    if (this.header.length >= MAX_COLUMNS) return null
    const specific = path.filter((name, i) => i === 0 || !GENERIC.has(name.toLowerCase()))
    const last = specific.at(-1)!
    const isOwn = path.length === 1 || !OF_ANYTHING.has(last.toLowerCase())
    const name = isOwn && !this.header.includes(last) ? last : key
    this.#columns.set(key, this.header.length)
    return this.header.push(name) - 1
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

function* cellsOf(value: Json): Generator<[path: string[], cell: string]> {
  const { type, properties, geometry } = value as { type?: unknown; properties?: unknown; geometry?: unknown }
  if (type === 'Feature' && isObject(properties)) {
    yield* nested(properties, [], 0)
    const point = pointOf(geometry)
    if (point !== null) yield [['coordinates'], point]
    return
  }
  yield* nested(value, [], 0)
}

function* nested(value: Json, path: string[], depth: number): Generator<[path: string[], cell: string]> {
  const name = depth === 0 ? undefined : NAMES.find((one) => typeof value[one] === 'string')
  for (const [key, part] of Object.entries(value)) {
    if (name !== undefined && key !== name && NAMES.includes(key)) continue
    const scopes = scopesIn(part)
    if (scopes !== null) for (const [name, text] of scopes) yield [[name], text]
    if (isObject(part) && depth < COLUMN_DEPTH) yield* nested(part, [...path, key], depth + 1)
    else yield [[...path, key], textOf(part)]
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\uFFFD')
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object')) return textOf(value.join('; '))
  return textOf(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** GeoJSON writes longitude first. Source: RFC 7946, section 3.1.1. */
function pointOf(geometry: unknown): string | null {
  if (!isObject(geometry) || geometry.type !== 'Point' || !Array.isArray(geometry.coordinates)) return null
  const [longitude, latitude] = geometry.coordinates as unknown[]
  return typeof longitude === 'number' && typeof latitude === 'number'
    ? `POINT (${longitude} ${latitude})`
    : null
}
