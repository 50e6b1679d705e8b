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
  type Point,
  positionIssue,
  type Reading,
  readCell,
} from './cells.ts'
import { decode, type Encoding } from './decode.ts'
import { COLUMN_FIELDS, type ColumnField, type DeviceField, type DeviceRow, FIELDS } from './fields.ts'
import {
  type DateOrderFrom,
  type Head,
  type Layout,
  layOut,
  type ReadOptions,
  readHead,
  type TextHead,
} from './layout.ts'
import { type Column, fieldOfHeader, isOwnName, type MappedField, type Mapping } from './mapping.ts'
import { IntakeError } from './problem.ts'
import type { Profile } from './profiles.ts'
import { isSecretHeader, withoutLogins } from './secrets.ts'
import {
  type CellRemark,
  CsvScanner,
  type Delimiter,
  MAX_CELL_LENGTH,
  NdjsonScanner,
  type RecordCode,
  type Scanner,
  storable,
  type TableRecord,
} from './table.ts'

export type { ReadOptions } from './layout.ts'

export type RowIssueCode =
  | CellCode
  | RecordCode
  | CellRemark['code']
  | 'conflicting-values'
  | 'incomplete-position'
  | 'repeated-header'
  | 'totals-row'
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

/** Something about the file as a whole that whoever sent it should know. */
export interface FileNotice {
  readonly code:
    | 'sheet-not-read'
    | 'hidden-sheet-not-read'
    | 'hidden-cells-read'
    | 'merged-cells'
    | 'error-cells'
    | 'rounded-numbers'
    | 'formulas-without-result'
    | 'no-such-day'
  readonly message: string
  /** The sheet that is meant. */
  readonly sheet: string
}

/** `rows` = accepted + rejected + blank, always. */
export interface RowCounts {
  readonly rows: number
  readonly accepted: number
  readonly rejected: number
  readonly blank: number
}

export interface ReadTable {
  readonly format: 'csv' | 'ndjson' | 'xlsx'
  /** Grows while reading NDJSON. */
  readonly header: readonly string[]
  /** Rows above it are titles and are not read; 0 when there is no header. */
  readonly headerRow: number
  readonly mapping: Mapping
  readonly profile: Profile | null
  readonly encoding: Encoding
  /** null for NDJSON. */
  readonly delimiter: Delimiter | null
  readonly dateOrder: DateOrder
  /** `seen`: dates among the first rows can be read only so. `assumed`: nothing told, the United States' order. */
  readonly dateOrderFrom: DateOrderFrom
  /** So far; final once `rows` has ended. */
  readonly counts: RowCounts
  /** So far; final once `rows` has ended. */
  readonly notices: readonly FileNotice[]
  /** How much of the file has been read, 0 to 1; 0 where its length is not known. */
  readonly share: () => number
  /** Can be read once. */
  readonly rows: AsyncGenerator<ReadRow, void, undefined>
  /** Give the source back when `rows` will not be read. */
  readonly close: () => Promise<void>
}

const FOOT = /^(?:grand |sub-? ?)?totals?\b[\s\d:,.]*(?:cameras?|devices?|items?|units?|rows?)?[\s:.]*$/i

/** Fields that only a device has. */
const TELLING_OF_ONE: readonly ColumnField[] = ['serialNumber', 'manufacturer', 'macAddress', 'fccId']

const NO_ISSUES: readonly RowIssue[] = []

/**
 * Read a table of devices.
 *
 * On a failure and when `rows` is left early the source's iterator is closed. For a body that still has to be
 * answered, pass `request.iterator({ destroyOnReturn: false })`, or the connection goes down with it.
 * @throws IntakeError when the file as a whole cannot be read. Errors of the source pass through.
 */
export async function readTable(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  share: () => number = () => 0,
): Promise<ReadTable> {
  const decoded = await decode(source, options.encoding ?? null)
  const chunks = decoded.text[Symbol.asyncIterator]()
  const close = async (): Promise<void> => {
    await chunks.return?.()
  }
  try {
    const head = await readHead(chunks, options)
    const scanner: Scanner = head.format === 'ndjson' ? new NdjsonScanner() : new CsvScanner(head.delimiter!)
    return tableOf(head, options, {
      batches: scanned(head, chunks, scanner),
      keys: scanner instanceof NdjsonScanner ? scanner.header : null,
      setWidth: (width) => {
        scanner.width = width
      },
      encoding: () => decoded.encoding,
      notices: [],
      share,
      close,
    })
  } catch (error) {
    await close()
    throw error
  }
}

/** All records of a text, those of its head again. */
async function* scanned(
  head: TextHead,
  chunks: AsyncIterator<string>,
  scanner: Scanner,
): AsyncGenerator<Iterable<TableRecord>, void, undefined> {
  let chunk = head.text
  let isLast = head.isWhole
  for (;;) {
    yield scanner.scan(chunk, isLast)
    if (isLast) return
    const next = await chunks.next()
    isLast = next.done === true
    chunk = next.done ? '' : head.hasOnlyCarriageReturns ? next.value.replaceAll('\r', '\n') : next.value
  }
}

/** Where the records of a table come from. */
export interface RecordSource {
  /** From the first record of the file on. */
  readonly batches: AsyncIterable<Iterable<TableRecord>>
  /** Columns by name, in the order of the cells, when they come with the rows; they may become more. */
  readonly keys: readonly string[] | null
  /** Called at the header: how many cells a record has from there on. */
  readonly setWidth: (width: number) => void
  readonly encoding: () => Encoding
  /** May become more while the records are read. */
  readonly notices: readonly FileNotice[]
  readonly share: () => number
  readonly close: () => Promise<void>
}

/** Lay a table out by its head. Throws IntakeError. */
export function tableOf(head: Head, options: ReadOptions, source: RecordSource): ReadTable {
  const layout = layOut(head, options)
  const reader = new RowReader(layout, {
    isStrict: head.format === 'ndjson',
    stated: new Set(Object.keys(options.mapping ?? {})),
  })
  const counts = { rows: 0, accepted: 0, rejected: 0, blank: 0 }
  return {
    format: head.format,
    header: reader.header,
    headerRow: layout.headerRow,
    mapping: reader.mapping,
    profile: layout.profile,
    get encoding() {
      return source.encoding()
    },
    delimiter: head.delimiter,
    dateOrder: layout.dateOrder,
    dateOrderFrom: layout.dateOrderFrom,
    counts,
    notices: source.notices,
    share: source.share,
    rows: readRows(head, layout, source, reader, counts),
    close: source.close,
  }
}

async function* readRows(
  head: Head,
  { headerRow }: Layout,
  source: RecordSource,
  reader: RowReader,
  counts: { -readonly [K in keyof RowCounts]: number },
): AsyncGenerator<ReadRow, void, undefined> {
  const { keys } = source
  if (headerRow < head.firstRow && keys === null) source.setWidth(reader.header.length)
  try {
    for await (const batch of source.batches) {
      for (const record of batch) {
        if (record.row === headerRow) source.setWidth(reader.header.length)
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
    }
  } finally {
    await source.close()
  }
}

interface FieldReader {
  readonly field: ColumnField
  readonly columns: readonly Column[]
  readonly isDuplicate: boolean
  readonly rules: CellRules
  /** What cells of this column said, by their text; null where hardly any two are alike. */
  readonly known: Map<string, Reading> | null
}

/** Fields of which a file holds few values, many times each. */
const REPEATING: ReadonlySet<ColumnField> = new Set<ColumnField>([
  ...([
    'manufacturer',
    'model',
    'firmwareVersion',
    'deviceClass',
    'status',
    'purpose',
    'fundingSource',
  ] as const),
  ...(['hasRadio', 'enforcementUse', 'federalPassThrough', 'paidSupport', 'currency', 'department'] as const),
  ...(['acquiredOn', 'obligatedOn', 'paidOn', 'installedOn', 'producedOn', 'acquisitionCostCents'] as const),
  ...(['updateChannel', 'networkExposure', 'fccSubsidy', 'producedIn', 'consumerGrade'] as const),
  ...(['modelAuthorizedOn', 'coveredComponent', 'socMaker'] as const),
])
const KNOWN_MOST = 2_000

interface ReaderRules {
  readonly isStrict: boolean
  /** Fields the mapping speaks of: a key that comes late does not fill them. */
  readonly stated: ReadonlySet<string>
}

/** A device while it is being read: any field, any value. */
type Draft = Partial<Record<DeviceField, string | number | boolean | null>>

function readKnown({ field, rules, known }: FieldReader, text: string): Reading {
  if (known === null) return readCell(field, text, rules)
  let reading = known.get(text)
  if (reading === undefined) {
    reading = readCell(field, text, rules)
    if (known.size < KNOWN_MOST) known.set(text, reading)
  }
  return reading
}

class RowReader {
  readonly header: string[]
  readonly mapping: { fields: MappedField[]; ignored: Column[]; secret: Column[] }
  readonly #layout: Layout
  readonly #rules: ReaderRules
  readonly #readers: FieldReader[]
  readonly #secret: Set<number>
  readonly #defaults: readonly (readonly [DeviceField, string | number | boolean])[]

  constructor(layout: Layout, rules: ReaderRules) {
    const { fields, ignored, secret } = layout.mapping
    this.header = [...layout.header]
    this.mapping = { fields: [...fields], ignored: [...ignored], secret: [...secret] }
    this.#layout = layout
    this.#rules = rules
    this.#readers = fields.map((mapped) => this.#readerOf(mapped))
    this.#secret = new Set(secret.map((column) => column.index))
    this.#defaults = this.#readDefaults()
  }

  #readerOf({ field, columns, isDuplicate }: MappedField): FieldReader {
    const header = columns[0]!.header
    const isStrict = this.#rules.isStrict || isOwnName(header, field as DeviceField)
    const isCents = /cents\s*$/i.test(header)
    const words = this.#layout.words.get(field as DeviceField) ?? null
    return {
      field,
      columns,
      isDuplicate,
      rules: { dateOrder: this.#layout.dateOrder, isStrict, words, isCents },
      known: REPEATING.has(field) ? new Map() : null,
    }
  }

  #readDefaults(): (readonly [DeviceField, string | number | boolean])[] {
    return Object.entries(this.#layout.defaults).map(([name, text]) => {
      const field = COLUMN_FIELDS.find((known) => known === name)
      if (field === undefined || field === 'coordinates') {
        throw new IntakeError('unknown-field', `There is no device field "${name}".`, {
          field: name,
          fields: COLUMN_FIELDS,
        })
      }
      const rules = {
        dateOrder: this.#layout.dateOrder,
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
    } else if (keys === null && this.#isFoot(raw)) {
      const message = 'The row looks like the totals of the sheet, not like a device.'
      errors.push(this.#issue(null, null, raw, { code: 'totals-row', message }))
    } else {
      if (record.mayBeLong) this.#checkLengths(raw, errors)
      const device = this.#device(record.cells, raw, errors, warnings)
      if (record.notes !== undefined) this.#addRemarks(record.notes, raw, errors, warnings)
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

  /** "Total", "Grand total: 41 cameras": the foot of a sheet, which would be registered as one more device. */
  #isFoot(raw: readonly string[]): boolean {
    const first = raw.find((cell) => cell.trim() !== '')?.trim() ?? ''
    if (first.length > 60 || !FOOT.test(first)) return false
    // What has a maker or an address of its own is a device, whatever it is called.
    return this.#readers.every(
      ({ field, columns }) =>
        !TELLING_OF_ONE.includes(field) || columns.every(({ index }) => (raw[index] ?? '').trim() === ''),
    )
  }

  #checkLengths(raw: readonly string[], errors: RowIssue[]): void {
    raw.forEach((cell, column) => {
      if (cell.length <= MAX_CELL_LENGTH) return
      const message = `The cell has ${cell.length} characters; ${MAX_CELL_LENGTH} is the most.`
      errors.push(this.#issue(column, null, raw, { code: 'too-long', message }))
    })
  }

  /** What a workbook says of a cell counts where the cell is read; a rounded number is no longer an identity. */
  #addRemarks(
    remarks: readonly CellRemark[],
    raw: readonly string[],
    errors: RowIssue[],
    warnings: RowIssue[],
  ): void {
    for (const remark of remarks) {
      const reader = this.#readers.find(({ columns }) => columns.some(({ index }) => index === remark.column))
      if (reader === undefined && remark.code !== 'beyond-header') continue
      const field = reader?.field ?? null
      const isIdentity = field !== null && FIELDS[field].kind === 'tag'
      const list = isIdentity && remark.code === 'rounded-number' ? errors : warnings
      list.push(this.#issue(remark.column, field, raw, remark))
    }
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
      const reading = readKnown(reader, text)
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
      const isFree = field !== null && !this.#rules.stated.has(field) && this.#columnOf(field) === null
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
