/**
 * A city's table, row by row: bytes in, devices and the reasons against them out.
 *
 * The beginning of the file decides encoding, delimiter, header and mapping, so a file that cannot be read at
 * all is refused before anything is stored. After that nothing is held but the row at hand: memory does not
 * grow with the file, and a reader that waits makes the sender wait.
 */
import {
  type CellCode,
  type CellRules,
  type DateOrder,
  dateOrderSeen,
  type Point,
  parseDate,
  parseMac,
  positionIssue,
  type Reading,
  readCell,
} from './cells.ts'
import { decode, type Encoding } from './decode.ts'
import {
  COLUMN_FIELDS,
  type ColumnField,
  type DeviceField,
  type DeviceRow,
  FIELDS,
  foldHeader,
} from './fields.ts'
import {
  type Column,
  fieldOfHeader,
  isOwnName,
  type MappedField,
  type Mapping,
  mapColumns,
  type StatedMapping,
} from './mapping.ts'
import { IntakeError } from './problem.ts'
import { type Profile, recogniseProfile } from './profiles.ts'
import { isSecretHeader, withoutLogins } from './secrets.ts'
import {
  CsvScanner,
  type Delimiter,
  firstRecords,
  MAX_CELL_LENGTH,
  MAX_COLUMNS,
  MAX_RECORD_LENGTH,
  NdjsonScanner,
  type RecordCode,
  type Scanner,
  shapeOf,
  type TableRecord,
} from './table.ts'
import { foldWords } from './words.ts'

export interface ReadOptions {
  /** Known files; `loadProfiles()` gives those that come with the program. */
  readonly profiles: readonly Profile[]
  /** Found out when absent. */
  readonly format?: 'csv' | 'ndjson' | undefined
  /** Charset the sender named. */
  readonly encoding?: string | undefined
  readonly delimiter?: Delimiter | undefined
  readonly hasHeader?: boolean | undefined
  /** Id of a profile; null for none; absent to recognise one. */
  readonly profile?: string | null | undefined
  readonly mapping?: StatedMapping | undefined
  /** Values for cells that are blank or absent, written as a cell would be. They win over the profile's. */
  readonly defaults?: Readonly<Partial<Record<DeviceField, string>>> | undefined
  /** The city's own words for values of closed lists: `{ status: { 'Pole 9': 'stored' } }`. */
  readonly words?: Readonly<Partial<Record<DeviceField, Readonly<Record<string, string>>>>> | undefined
  readonly dateOrder?: DateOrder | undefined
}

export type RowIssueCode =
  | CellCode
  | RecordCode
  | 'conflicting-values'
  | 'incomplete-position'
  | 'repeated-header'
  | 'empty-device'
  | 'late-column'

export interface RowIssue {
  /** 0-based; null when the whole row is meant. */
  readonly column: number | null
  readonly header: string | null
  readonly field: ColumnField | null
  /** What the cell holds, without logins, at most 200 characters; null when the whole row is meant. */
  readonly value: string | null
  readonly code: RowIssueCode
  readonly message: string
}

export interface ReadRow {
  /** As the spreadsheet shows it; the header is usually 1. */
  readonly row: number
  /** The cells as read, with credentials removed and NUL shown as U+FFFD: storable, and what a rejects file repeats. */
  readonly raw: readonly string[]
  /** null exactly when there are errors. */
  readonly device: DeviceRow | null
  readonly errors: readonly RowIssue[]
  readonly warnings: readonly RowIssue[]
}

/** `rows` = accepted + rejected + blank, always. */
export interface RowCounts {
  readonly rows: number
  readonly accepted: number
  readonly rejected: number
  readonly blank: number
}

export interface ReadTable {
  readonly format: 'csv' | 'ndjson'
  /** Grows while reading NDJSON. */
  readonly header: readonly string[]
  readonly mapping: Mapping
  readonly profile: Profile | null
  readonly encoding: Encoding
  /** null for NDJSON. */
  readonly delimiter: Delimiter | null
  readonly dateOrder: DateOrder
  /** `seen`: dates among the first rows can be read only so. `assumed`: nothing told, the United States' order. */
  readonly dateOrderFrom: 'stated' | 'profile' | 'seen' | 'assumed'
  /** So far; final once `rows` has ended. */
  readonly counts: RowCounts
  /** Can be read once. Read it to the end or call `return()`, or the source stays open. */
  readonly rows: AsyncGenerator<ReadRow, void, undefined>
}

const SAMPLE_LENGTH = 65_536
const SAMPLE_ROWS = 500
const NO_ISSUES: readonly RowIssue[] = []

/**
 * Read a table of devices.
 *
 * On a failure and when `rows` is left early the source's iterator is closed. For a body that still has to be
 * answered, pass `request.iterator({ destroyOnReturn: false })`, or the connection goes down with it.
 * @throws IntakeError when the file as a whole cannot be read. Errors of the source pass through.
 */
export async function readTable(source: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<ReadTable> {
  const stated = statedProfile(options)
  const decoded = await decode(source, options.encoding ?? null)
  const chunks = decoded.text[Symbol.asyncIterator]()
  try {
    const head = await readHead(chunks, options)
    const table = layOut(head, options, stated)
    const { reader, counts } = table
    return {
      format: head.format,
      header: reader.header,
      mapping: reader.mapping,
      profile: table.profile,
      get encoding() {
        return decoded.encoding
      },
      delimiter: head.delimiter,
      dateOrder: reader.dateOrder,
      dateOrderFrom: table.dateOrderFrom,
      counts,
      rows: readRows(head, chunks, table),
    }
  } catch (error) {
    await chunks.return?.()
    throw error
  }
}

// ---- the beginning of the file

interface Head {
  readonly format: 'csv' | 'ndjson'
  readonly text: string
  readonly isWhole: boolean
  readonly records: readonly TableRecord[]
  readonly delimiter: Delimiter | null
  readonly hasOnlyCarriageReturns: boolean
  /** Records before this row are no part of the table. */
  readonly firstRow: number
  /** Keys of an NDJSON file, in the order of the scanner. */
  readonly keys: readonly string[]
}

async function readHead(chunks: AsyncIterator<string>, options: ReadOptions): Promise<Head> {
  let text = ''
  let isWhole = false
  let wanted = SAMPLE_LENGTH
  for (;;) {
    while (!isWhole && text.length < wanted) {
      const next = await chunks.next()
      if (next.done) isWhole = true
      else text += next.value
    }
    const head = headOf(text, isWhole, options)
    const hasEnough = head.records.filter((record) => !record.isBlank).length >= 2
    if (isWhole || hasEnough || text.length > 2 * MAX_RECORD_LENGTH) return head
    wanted = text.length * 2
  }
}

function headOf(text: string, isWhole: boolean, options: ReadOptions): Head {
  const start = text.slice(0, 1000).trimStart()
  if (start === '' && isWhole && text.trim() === '') throw new IntakeError('empty-file', 'The file is empty.')
  if (start.startsWith('<')) {
    const message = /^<\?xml|^<nmaprun/i.test(start)
      ? 'The file is XML. An nmap scan goes as application/xml; a spreadsheet has to be saved as "CSV UTF-8".'
      : 'The file is a web page. Save the table as "CSV UTF-8".'
    throw new IntakeError('not-a-table', message)
  }
  if (/^\[\s*[{\]]/.test(start)) {
    throw new IntakeError(
      'not-a-table',
      'The file is one JSON array. Send one object a line (application/x-ndjson).',
    )
  }
  const format = options.format ?? (start.startsWith('{') ? 'ndjson' : 'csv')
  if (format === 'ndjson') {
    const scanner = new NdjsonScanner()
    const records = take(scanner.scan(text, isWhole), SAMPLE_ROWS)
    return {
      format,
      text,
      isWhole,
      records,
      delimiter: null,
      hasOnlyCarriageReturns: false,
      firstRow: 1,
      keys: scanner.header,
    }
  }
  const shape = shapeOf(text, isWhole, options.delimiter ?? null)
  const lines = shape.hasOnlyCarriageReturns ? text.replaceAll('\r', '\n') : text
  const records = firstRecords(lines, isWhole, shape.delimiter, SAMPLE_ROWS)
  return {
    format,
    text: lines,
    isWhole,
    records,
    delimiter: shape.delimiter,
    hasOnlyCarriageReturns: shape.hasOnlyCarriageReturns,
    firstRow: shape.hasSeparatorLine ? 2 : 1,
    keys: [],
  }
}

function take<T>(items: Iterable<T>, limit: number): T[] {
  const taken: T[] = []
  for (const item of items) {
    taken.push(item)
    if (taken.length === limit) break
  }
  return taken
}

// ---- header, profile, mapping

interface Layout {
  readonly reader: RowReader
  readonly profile: Profile | null
  readonly dateOrderFrom: ReadTable['dateOrderFrom']
  /** The last row that is not data; 0 when there is no header. */
  readonly headerRow: number
  readonly counts: { rows: number; accepted: number; rejected: number; blank: number }
}

function statedProfile(options: ReadOptions): Profile | null | undefined {
  if (options.profile === undefined || options.profile === null) return options.profile
  const profile = options.profiles.find(({ id }) => id === options.profile)
  if (profile === undefined) {
    const known = options.profiles.map(({ id }) => id)
    throw new IntakeError('unknown-profile', `There is no profile "${options.profile}".`, { known })
  }
  return profile
}

function layOut(head: Head, options: ReadOptions, stated: Profile | null | undefined): Layout {
  const { header, headerRow } = headerOf(head, options, stated ?? null)
  const profile = stated === undefined ? recogniseProfile(options.profiles, header) : stated
  if (profile?.declines !== undefined) {
    throw new IntakeError('declined-format', `The file is a ${profile.title}. ${profile.declines}`, {
      profile: profile.id,
    })
  }
  const samples = samplesOf(head, headerRow, header.length)
  const mapping = mapColumns({
    header,
    sample: (column) => samples[column] ?? [],
    stated: options.mapping ?? {},
    profile,
  })
  const order = dateOrderOf(mapping, samples, options, profile)
  const reader = new RowReader(header, mapping, order.dateOrder, {
    isStrict: head.format === 'ndjson',
    words: wordsOf(options, profile),
    defaults: { ...profile?.defaults, ...options.defaults },
    excluded: new Set(Object.keys(options.mapping ?? {})),
  })
  const counts = { rows: 0, accepted: 0, rejected: 0, blank: 0 }
  return { reader, profile, dateOrderFrom: order.from, headerRow, counts }
}

function headerOf(
  head: Head,
  options: ReadOptions,
  profile: Profile | null,
): { header: string[]; headerRow: number } {
  if (head.format === 'ndjson') {
    if (head.keys.length === 0) throw new IntakeError('not-a-table', 'No line holds a JSON object.')
    if (head.keys.length > MAX_COLUMNS) tooManyColumns(head.keys.length)
    return { header: [...head.keys], headerRow: 0 }
  }
  const filled = head.records.filter((record) => record.row >= head.firstRow && !record.isBlank)
  if (!(options.hasHeader ?? profile?.hasHeader ?? true)) {
    const width = Math.max(...filled.map((record) => record.cells.length), 0)
    if (width === 0) throw new IntakeError('empty-file', 'The file has no rows.')
    if (width > MAX_COLUMNS) tooManyColumns(width)
    return {
      header: Array.from({ length: width }, (_, i) => `Column ${i + 1}`),
      headerRow: head.firstRow - 1,
    }
  }
  const record = headerAmong(filled)
  if (record === null) throw new IntakeError('empty-file', 'The file has no rows.')
  if (record.problem !== null) {
    throw new IntakeError(
      'no-header',
      `The header in row ${record.row} cannot be read. ${record.problem.message}`,
      { row: record.row },
    )
  }
  const header = record.cells.map((cell) => withoutLogins(storable(cell ?? '')).trim())
  if (header.length > MAX_COLUMNS) tooManyColumns(header.length)
  const isKnown =
    header.some(isHeaderWord) || Object.keys(options.mapping ?? {}).length > 0 || profile !== null
  if (!isKnown && header.some(looksLikeData)) {
    const message = `Row ${record.row} looks like data. Add a header row, or say that there is none and map columns by position.`
    throw new IntakeError('no-header', message, { row: record.row })
  }
  return { header, headerRow: record.row }
}

function tooManyColumns(found: number): never {
  throw new IntakeError('too-many-columns', `The table has ${found} columns; ${MAX_COLUMNS} is the most.`, {
    found,
    most: MAX_COLUMNS,
  })
}

/** Titles above a table fill fewer cells than the table; of the rows left, the first with a word we know. */
function headerAmong(records: readonly TableRecord[]): TableRecord | null {
  const first = records.slice(0, 20)
  const filled = first.map(
    (record) => record.cells.filter((cell) => cell !== undefined && cell.trim() !== '').length,
  )
  const most = Math.max(...filled, 0)
  const wide = first.filter((_, i) => filled[i]! >= most / 2)
  return wide.find((record) => record.cells.some((cell) => isHeaderWord(cell ?? ''))) ?? wide[0] ?? null
}

const HEADER_WORDS = new Set(COLUMN_FIELDS.flatMap((field) => FIELDS[field].headers.flat()))

function isHeaderWord(text: string): boolean {
  return HEADER_WORDS.has(foldHeader(text))
}

function looksLikeData(text: string): boolean {
  return (
    /^[+-]?[\d.,]+$/.test(text) ||
    parseMac(text) !== null ||
    parseDate(text, 'mdy') !== null ||
    /^\d+\.\d+\.\d+\.\d+$/.test(text)
  )
}

/** Cells that are not blank, by column, among the first rows. */
function samplesOf(head: Head, headerRow: number, width: number): string[][] {
  const samples: string[][] = Array.from({ length: width }, () => [])
  for (const record of head.records) {
    if (record.row <= headerRow || record.isBlank || record.problem !== null) continue
    for (let i = 0; i < Math.min(width, record.cells.length); i++) {
      const cell = record.cells[i]
      if (cell !== undefined && cell.trim() !== '') samples[i]!.push(cell)
    }
  }
  return samples
}

function dateOrderOf(
  mapping: Mapping,
  samples: readonly (readonly string[])[],
  options: ReadOptions,
  profile: Profile | null,
): { dateOrder: DateOrder; from: ReadTable['dateOrderFrom'] } {
  if (options.dateOrder !== undefined) return { dateOrder: options.dateOrder, from: 'stated' }
  if (profile?.dateOrder !== undefined) return { dateOrder: profile.dateOrder, from: 'profile' }
  const dates = mapping.fields
    .filter(({ field }) => FIELDS[field].kind === 'date')
    .flatMap(({ columns }) => columns.flatMap(({ index }) => samples[index] ?? []))
  const { mdy, dmy } = dateOrderSeen(dates)
  if (dmy > mdy) return { dateOrder: 'dmy', from: 'seen' }
  return { dateOrder: 'mdy', from: mdy > 0 ? 'seen' : 'assumed' }
}

type Words = ReadonlyMap<DeviceField, ReadonlyMap<string, string>>

function wordsOf(options: ReadOptions, profile: Profile | null): Words {
  const words = new Map<DeviceField, Map<string, string>>()
  for (const source of [profile?.words, options.words]) {
    for (const [field, table] of Object.entries(source ?? {}) as [DeviceField, Record<string, string>][]) {
      const known = words.get(field) ?? new Map<string, string>()
      for (const [text, value] of Object.entries(table)) known.set(foldWords(text), value)
      words.set(field, known)
    }
  }
  return words
}

// ---- rows

async function* readRows(
  head: Head,
  chunks: AsyncIterator<string>,
  layout: Layout,
): AsyncGenerator<ReadRow, void, undefined> {
  const { reader, counts, headerRow } = layout
  const scanner: Scanner = head.format === 'ndjson' ? new NdjsonScanner() : new CsvScanner(head.delimiter!)
  const keys = scanner instanceof NdjsonScanner ? scanner.header : null
  if (headerRow < head.firstRow && head.format === 'csv') scanner.width = reader.header.length
  try {
    let chunk = head.text
    let isLast = head.isWhole
    for (;;) {
      for (const record of scanner.scan(chunk, isLast)) {
        if (record.row === headerRow) scanner.width = reader.header.length
        if (record.row <= headerRow || record.row < head.firstRow) continue
        counts.rows++
        if (record.isBlank) {
          counts.blank++
          continue
        }
        const row = reader.read(record, keys)
        if (row.device === null) counts.rejected++
        else counts.accepted++
        yield row
      }
      if (isLast) return
      const next = await chunks.next()
      isLast = next.done === true
      chunk = next.done ? '' : head.hasOnlyCarriageReturns ? next.value.replaceAll('\r', '\n') : next.value
    }
  } finally {
    await chunks.return?.()
  }
}

interface FieldReader {
  readonly field: ColumnField
  readonly columns: readonly Column[]
  readonly isDuplicate: boolean
  readonly rules: CellRules
}

interface ReaderRules {
  readonly isStrict: boolean
  readonly words: Words
  readonly defaults: Readonly<Partial<Record<DeviceField, string>>>
  /** Fields the mapping speaks of: a key that comes late does not fill them. */
  readonly excluded: ReadonlySet<string>
}

/** A device while it is being read: any field, any value. */
type Draft = Partial<Record<DeviceField, string | number | boolean | null>>

class RowReader {
  readonly header: string[]
  readonly mapping: { fields: MappedField[]; ignored: Column[]; secret: Column[] }
  readonly dateOrder: DateOrder
  readonly #rules: ReaderRules
  readonly #readers: FieldReader[]
  readonly #secret: Set<number>
  readonly #defaults: readonly (readonly [DeviceField, string | number | boolean])[]

  constructor(header: string[], mapping: Mapping, dateOrder: DateOrder, rules: ReaderRules) {
    this.header = header
    this.mapping = { fields: [...mapping.fields], ignored: [...mapping.ignored], secret: [...mapping.secret] }
    this.dateOrder = dateOrder
    this.#rules = rules
    this.#readers = mapping.fields.map((mapped) => this.#readerOf(mapped))
    this.#secret = new Set(mapping.secret.map((column) => column.index))
    this.#defaults = this.#readDefaults()
  }

  #readerOf({ field, columns, isDuplicate }: MappedField): FieldReader {
    const header = columns[0]!.header
    const isStrict = this.#rules.isStrict || isOwnName(header, field as DeviceField)
    const isCents = /cents\s*$/i.test(header)
    const words = this.#rules.words.get(field as DeviceField) ?? null
    return { field, columns, isDuplicate, rules: { dateOrder: this.dateOrder, isStrict, words, isCents } }
  }

  #readDefaults(): (readonly [DeviceField, string | number | boolean])[] {
    return Object.entries(this.#rules.defaults).map(([name, text]) => {
      const field = COLUMN_FIELDS.find((known) => known === name)
      if (field === undefined || field === 'coordinates') {
        throw new IntakeError('unknown-field', `There is no device field "${name}".`, {
          field: name,
          fields: COLUMN_FIELDS,
        })
      }
      const rules = {
        dateOrder: this.dateOrder,
        isStrict: true,
        words: null,
        isCents: field === 'acquisitionCostCents',
      }
      const { value, error } = readCell(field, text, rules)
      if (error !== null || value === null || typeof value === 'object') {
        throw new IntakeError(
          'bad-default',
          `The default "${text}" cannot be read as ${field}. ${error?.message ?? 'It is blank.'}`,
          { field },
        )
      }
      return [field, value] as const
    })
  }

  read(record: TableRecord, keys: readonly string[] | null): ReadRow {
    const errors: RowIssue[] = []
    const warnings: RowIssue[] = []
    if (keys !== null && keys.length > this.header.length) this.#addColumns(keys, warnings)
    const raw = this.#rawOf(record)
    if (record.problem !== null) {
      errors.push(this.#issue(record.problem.column, null, raw, record.problem))
    } else if (keys === null && this.#repeatsHeader(raw)) {
      errors.push(
        this.#issue(null, null, raw, { code: 'repeated-header', message: 'The row repeats the header.' }),
      )
    } else {
      if (record.mayBeLong) this.#checkLengths(raw, errors)
      const device = this.#device(record.cells, raw, errors, warnings)
      if (errors.length === 0) {
        return {
          row: record.row,
          raw,
          device,
          errors: NO_ISSUES,
          warnings: warnings.length === 0 ? NO_ISSUES : warnings,
        }
      }
    }
    return { row: record.row, raw, device: null, errors: errors.sort(byColumn), warnings }
  }

  #rawOf(record: TableRecord): string[] {
    const raw: string[] = new Array(record.cells.length)
    for (let i = 0; i < raw.length; i++) raw[i] = this.#secret.has(i) ? '' : clean(record.cells[i] ?? '')
    return raw
  }

  #repeatsHeader(raw: readonly string[]): boolean {
    if (raw[0]?.trim() !== this.header[0]) return false
    return this.header.every((text, i) => this.#secret.has(i) || raw[i]?.trim() === text)
  }

  #checkLengths(raw: readonly string[], errors: RowIssue[]): void {
    raw.forEach((cell, column) => {
      if (cell.length <= MAX_CELL_LENGTH) return
      const message = `The cell has ${cell.length} characters; ${MAX_CELL_LENGTH} is the most.`
      errors.push(this.#issue(column, null, raw, { code: 'too-long', message }))
    })
  }

  #device(
    cells: TableRecord['cells'],
    raw: readonly string[],
    errors: RowIssue[],
    warnings: RowIssue[],
  ): DeviceRow {
    const draft: Draft = {}
    let point: Point | null = null
    let pointReader: FieldReader | null = null
    let costCurrency: string | null = null
    // A cell that was read as not known is no blank cell: a default would contradict it.
    const notKnown: string[] = []
    let isEmpty = true
    for (const reader of this.#readers) {
      const { field } = reader
      const column = this.#columnFor(reader, cells, raw, errors)
      if (column === null) {
        if (field !== 'coordinates' && reader.columns.some(({ index }) => cells[index] !== undefined))
          draft[field] = null
        continue
      }
      // NUL is shown as U+FFFD in `raw`, so a cell that may hold one is read as it came.
      const text = raw[column]!.includes('\uFFFD') ? (cells[column] ?? '') : raw[column]!
      const reading: Reading = readCell(field, text, reader.rules)
      if (reading.error !== null) errors.push(this.#issue(column, field, raw, reading.error))
      if (reading.warning !== null) {
        warnings.push(this.#issue(column, field, raw, reading.warning))
        if (reading.value === null) notKnown.push(field)
      }
      const { value } = reading
      if (value !== null) isEmpty = false
      if (value !== null && typeof value === 'object') {
        point = value
        pointReader = reader
      } else if (field !== 'coordinates') draft[field] = value
      if (reading.currency !== undefined) costCurrency = reading.currency
    }
    if (point !== null && draft.latitude == null && draft.longitude == null) {
      draft.latitude = point.latitude
      draft.longitude = point.longitude
    } else pointReader = null
    if (costCurrency !== null) this.#settleCurrency(draft, costCurrency, raw, errors)
    this.#checkPosition(draft, pointReader, raw, errors, warnings)
    if (isEmpty && errors.length === 0) {
      const message = 'None of the columns that are read holds anything in this row.'
      errors.push(this.#issue(null, null, raw, { code: 'empty-device', message }))
    }
    for (const [field, value] of this.#defaults) {
      if (draft[field] == null && !notKnown.includes(field)) draft[field] = value
    }
    // readCell gives each field the type that DeviceRow names for it.
    return draft as DeviceRow
  }

  /** The column that counts in this row; null when all are blank or absent. */
  #columnFor(
    reader: FieldReader,
    cells: TableRecord['cells'],
    raw: readonly string[],
    errors: RowIssue[],
  ): number | null {
    let chosen: number | null = null
    for (const { index } of reader.columns) {
      const cell = cells[index]
      if (cell === undefined || cell === '' || cell.trim() === '') continue
      if (chosen === null) chosen = index
      else if (reader.isDuplicate && cell.trim() !== cells[chosen]!.trim()) {
        const message = `Columns ${chosen + 1} and ${index + 1} have the same header and different values.`
        errors.push(this.#issue(index, reader.field, raw, { code: 'conflicting-values', message }))
      }
      if (!reader.isDuplicate) break
    }
    return chosen
  }

  #settleCurrency(draft: Draft, found: string, raw: readonly string[], errors: RowIssue[]): void {
    if (draft.currency == null) draft.currency = found
    else if (draft.currency !== found) {
      const message = `The amount is in ${found} and the currency column says ${draft.currency}.`
      errors.push(
        this.#issue(this.#columnOf('currency'), 'currency', raw, { code: 'conflicting-values', message }),
      )
    }
  }

  #checkPosition(
    draft: Draft,
    from: FieldReader | null,
    raw: readonly string[],
    errors: RowIssue[],
    warnings: RowIssue[],
  ): void {
    const { latitude, longitude } = draft
    if (latitude == null && longitude == null) return
    const field = from?.field ?? (latitude == null ? 'longitude' : 'latitude')
    const column = from?.columns[0]?.index ?? this.#columnOf(field)
    if (typeof latitude !== 'number' || typeof longitude !== 'number') {
      // The other half may have been refused already, which says more.
      if (errors.some((issue) => issue.field === 'latitude' || issue.field === 'longitude')) return
      const message = 'A position needs both latitude and longitude.'
      errors.push(this.#issue(column, field, raw, { code: 'incomplete-position', message }))
      return
    }
    const issue = positionIssue({ latitude, longitude })
    if (issue === null) return
    if (issue.code === 'no-position') {
      warnings.push(this.#issue(column, field, raw, issue))
      draft.latitude = null
      draft.longitude = null
    } else errors.push(this.#issue(column, field, raw, issue))
  }

  #columnOf(field: ColumnField): number | null {
    return this.#readers.find((reader) => reader.field === field)?.columns[0]?.index ?? null
  }

  #addColumns(keys: readonly string[], warnings: RowIssue[]): void {
    for (let index = this.header.length; index < keys.length; index++) {
      const header = keys[index]!
      const column = { index, header }
      this.header.push(header)
      const field = fieldOfHeader(header)
      const isFree = field !== null && !this.#rules.excluded.has(field) && this.#columnOf(field) === null
      if (isFree) {
        const mapped: MappedField = { field, columns: [column], how: 'automatic', isDuplicate: false }
        this.mapping.fields.push(mapped)
        this.#readers.push(this.#readerOf(mapped))
      } else {
        const isSecret = field === null && isSecretHeader(header)
        ;(isSecret ? this.mapping.secret : this.mapping.ignored).push(column)
        if (isSecret) this.#secret.add(index)
        const message = 'This key first appears after the beginning of the file and is not read.'
        warnings.push({ column: index, header, field: null, value: null, code: 'late-column', message })
      }
    }
  }

  #issue(
    column: number | null,
    field: ColumnField | null,
    raw: readonly string[],
    { code, message }: { readonly code: RowIssueCode; readonly message: string },
  ): RowIssue {
    const header = column === null ? null : (this.header[column] ?? null)
    const value = column === null ? null : (raw[column] ?? '').slice(0, 200)
    return { column, header, field, value, code, message }
  }
}

function byColumn(a: RowIssue, b: RowIssue): number {
  return (a.column ?? -1) - (b.column ?? -1)
}

function clean(cell: string): string {
  const text = storable(cell)
  return text.includes('@') || text.includes('=') ? withoutLogins(text) : text
}

/** PostgreSQL text cannot hold U+0000. */
function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}
