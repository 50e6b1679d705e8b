/** One record of a table to a device, to the reasons against it, or to what it is instead of a device. */
import { type CellRules, type Point, positionIssue, type Reading, readCell } from './cells.ts'
import { customOfHeader, readCustom } from './custom-columns.ts'
import {
  COLUMN_FIELDS,
  type ColumnField,
  type DeviceField,
  type DeviceRow,
  FIELDS,
  foldHeader,
  HEARD_FIELDS,
  type NamedField,
} from './fields.ts'
import type { Layout } from './layout.ts'
import { type Column, fieldOfHeader, type MappedCustom, type MappedField } from './mapping.ts'
import { IntakeError } from './problem.ts'
import { costMeaning, devicesOf, MOST_OF_A_ROW, quantityIn } from './quantities.ts'
import type { LeftOutRow, ReadRow, RowIssue, RowIssueCode } from './read-row.ts'
import { cleaned, isSecretHeader } from './secrets.ts'
import { isFoot, isHeaderLike, isHeading, isRemark, shapesOf } from './sections.ts'
import { type CellRemark, MAX_CELL_LENGTH, type TableRecord } from './table.ts'

const NO_ISSUES: readonly RowIssue[] = []
const NO_TEXTS: readonly string[] = []
const NO_DEVICES: readonly DeviceRow[] = []

interface FieldReader {
  readonly field: ColumnField
  readonly columns: readonly Column[]
  readonly isDuplicate: boolean
  readonly rules: CellRules
  /** What cells of this column said, by their text; null where hardly any two are alike. */
  readonly known: Map<string, Reading> | null
}

const KNOWN_MOST = 2_000

interface ReaderRules {
  /** Fields the mapping speaks of: a key that comes late does not fill them. */
  readonly stated: ReadonlySet<string>
  /** null when the table is no sheet. */
  readonly sheet: string | null
  /** Added to the number of a row for its place in the file. */
  readonly offset: number
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

/** Reads the rows of one table. */
export class RowReader {
  readonly header: string[]
  readonly mapping: { fields: MappedField[]; custom: MappedCustom[]; ignored: Column[]; secret: Column[] }
  readonly #layout: Layout
  readonly #rules: ReaderRules
  readonly #readers: FieldReader[]
  readonly #secret: Set<number>
  readonly #defaults: readonly (readonly [DeviceField, string | number | boolean])[]
  /** Columns whose cells no screening reads. */
  readonly #unread: number[]
  /** How tags and serial numbers of this table look. */
  readonly #shapes: ReadonlySet<string>
  /** The column whose text is one for all channels of a device, and those that came; null where there is none. */
  readonly #deviceIn: number | null
  readonly #devices: Set<string> = new Set()
  readonly #hasQuantity: boolean
  /** Columns that a further header heads otherwise, with its row. */
  readonly #otherwise = new Map<number, { readonly heading: string; readonly row: number }>()
  /** The heading above the rows at hand. */
  #section: string | null = null
  /** What is to be kept with each of them of the names above. */
  #above: readonly string[] = NO_TEXTS

  constructor(layout: Layout, rules: ReaderRules) {
    const { fields, custom, ignored, secret } = layout.mapping
    this.header = [...layout.header]
    this.mapping = { fields: [...fields], custom: [...custom], ignored: [...ignored], secret: [...secret] }
    this.#layout = layout
    this.#rules = rules
    this.#readers = fields.map((mapped) => this.#readerOf(mapped))
    this.#secret = new Set(secret.map((column) => column.index))
    this.#defaults = this.#readDefaults()
    const heard = fields.filter(({ field }) => HEARD_FIELDS.has(field)).flatMap(({ columns }) => columns)
    this.#unread = [...ignored, ...heard]
      .map(({ index }) => index)
      .filter((index) => !layout.unheard.has(index))
    this.#shapes = shapesOf(layout)
    this.#deviceIn = deviceColumn(layout)
    this.#hasQuantity = fields.some(({ field }) => field === 'quantity')
    this.#above = this.#namedAbove()
  }

  #readerOf({ field, columns, isDuplicate }: MappedField): FieldReader {
    return {
      field,
      columns,
      isDuplicate,
      rules: this.#layout.rulesOf(field, columns[0]!.header),
      known: FIELDS[field].isRepeating ? new Map() : null,
    }
  }

  #readDefaults(): (readonly [DeviceField, string | number | boolean])[] {
    return Object.entries(this.#layout.defaults).map(([name, text]) => {
      const field = COLUMN_FIELDS.find((known) => known === name)
      if (field === undefined || field === 'coordinates' || field === 'quantity') {
        throw new IntakeError('unknown-field', `There is no device field "${name}".`, {
          field: name,
          fields: COLUMN_FIELDS,
        })
      }
      const rules = {
        dateOrder: this.#layout.dateOrder,
        words: null,
        isCents: field === 'acquisitionCostCents',
      }
      const { value, error, warning } = readCell(field, text, rules)
      if (error !== null || value === null || typeof value === 'object') {
        throw new IntakeError(
          'bad-default',
          `The default "${text}" cannot be read as ${field}. ${(error ?? warning)?.message ?? 'It is blank.'}`,
          { field },
        )
      }
      return [field, value] as const
    })
  }

  /** What the record is: a row of the report, or something that is no device. */
  read(record: TableRecord, keys: readonly string[] | null): ReadRow | LeftOutRow {
    const errors: RowIssue[] = []
    const warnings: RowIssue[] = []
    if (keys !== null && keys.length > this.header.length) this.#addColumns(keys, warnings)
    const raw = this.#rawOf(record)
    if (record.problem !== null) {
      errors.push(this.#issue(record.problem.column, null, raw, record.problem))
      return this.#rejected(record, raw, errors, warnings)
    }
    const kind = this.#isChannel(raw) ? 'channel' : keys === null ? this.#kindOf(raw, record.row) : null
    if (kind !== null) return this.#leftOut(record, raw, kind)
    if (record.mayBeLong) this.#checkLengths(raw, errors)
    const heard: string[] = []
    const cells = this.#underHeading(record.cells, raw, warnings, heard)
    const { device, remarks, quantity } = this.#device(cells, raw, errors, warnings)
    if (record.notes !== undefined) this.#addRemarks(record.notes, raw, errors, warnings)
    if (errors.length > 0) return this.#rejected(record, raw, errors, warnings)
    if (quantity === 0) return this.#leftOut(record, raw, 'quantity-zero')
    const all = quantity === 1 ? null : this.#several(device, quantity, raw, warnings)
    // Written out: an object of one shape is many times faster to make than one that is spread into.
    return {
      row: record.row,
      sheet: this.#rules.sheet,
      position: this.#rules.offset + record.row,
      raw,
      device: all === null ? device : all[0]!,
      more: all === null ? NO_DEVICES : all.slice(1),
      remarks: this.#addNamesOf(raw, heard.length === 0 ? remarks : [...remarks, ...heard]),
      errors: NO_ISSUES,
      warnings: warnings.length === 0 ? NO_ISSUES : warnings.sort(byColumn),
    }
  }

  #rejected(
    record: TableRecord,
    raw: readonly string[],
    errors: RowIssue[],
    warnings: readonly RowIssue[],
  ): ReadRow {
    return {
      row: record.row,
      sheet: this.#rules.sheet,
      position: this.#rules.offset + record.row,
      raw,
      device: null,
      more: NO_DEVICES,
      remarks: NO_TEXTS,
      errors: errors.sort(byColumn),
      warnings,
    }
  }

  #leftOut(record: TableRecord, raw: readonly string[], kind: LeftOutRow['kind']): LeftOutRow {
    const text = raw.filter((cell) => cell.trim() !== '').join(' ')
    return { row: record.row, sheet: this.#rules.sheet, kind, text: text.slice(0, 200) }
  }

  /** Whether a device came before of which this row is another channel. */
  #isChannel(raw: readonly string[]): boolean {
    const device = this.#deviceIn === null ? '' : (raw[this.#deviceIn] ?? '').trim().toLowerCase()
    if (device === '') return false
    if (this.#devices.has(device)) return true
    if (this.#devices.size < DEVICES_MOST) this.#devices.add(device)
    return false
  }

  /** null for a row that may be a device. */
  #kindOf(raw: readonly string[], row: number): LeftOutRow['kind'] | null {
    if (this.#repeatsHeader(raw, row)) return 'repeated-header'
    if (isFoot(raw, this.#cellsOf)) return 'totals'
    if (this.mapping.fields.length < 3) return null
    const column = onlyFilled(raw)
    if (column === null) return null
    const text = raw[column]!.trim()
    if (!isHeading(text, this.#fieldAt(column), this.#shapes)) return null
    if (isRemark(text)) return 'remark'
    this.#section = text.replace(/[\s:]+$/, '')
    this.#above = this.#namedAbove()
    return 'heading'
  }

  /** The cells of a field, in a row. */
  readonly #cellsOf = (field: ColumnField, raw: readonly string[]): string[] =>
    this.#readers.flatMap((reader) =>
      reader.field === field ? reader.columns.map(({ index }) => (raw[index] ?? '').trim()) : [],
    )

  /** "(12) AXIS P3245-LVE": a number in the text makes no devices, and is not passed over unsaid. */
  #askQuantity(draft: Draft, raw: readonly string[], warnings: RowIssue[]): void {
    if (this.#hasQuantity) return
    for (const field of ['name', 'model'] as const) {
      const text = draft[field]
      const quantity = typeof text === 'string' ? quantityIn(text) : null
      if (quantity === null) continue
      const message = `The text may stand for ${quantity} devices; one was made of the row. Give their number in a column "Quantity", or a row to each.`
      warnings.push(this.#issue(this.#columnOf(field), field, raw, { code: 'quantity-in-text', message }))
    }
  }

  #several(device: DeviceRow, quantity: number, raw: readonly string[], warnings: RowIssue[]): DeviceRow[] {
    const cost = this.#readers.find(({ field }) => field === 'acquisitionCostCents')
    const column = cost?.columns.find(({ index }) => (raw[index] ?? '').trim() !== '')
    const how = this.mapping.fields.find(({ field }) => field === 'acquisitionCostCents')?.how
    const meaning = column === undefined || how === 'stated' ? 'each' : costMeaning(column.header)
    const { devices, remarks } = devicesOf(device, quantity, meaning)
    for (const { field, code, message } of remarks)
      warnings.push(this.#issue(this.#columnOf(field), field, raw, { code, message }))
    return devices
  }

  /** Cells that no screening reads and that name a restricted maker are kept with the device: they raise doubt. */
  #addNamesOf(raw: readonly string[], remarks: readonly string[]): readonly string[] {
    const { namesIn } = this.#layout
    if (namesIn === null) return remarks
    let found: string[] | null = null
    for (const index of this.#unread) {
      const cell = raw[index]
      if (cell === undefined || cell.length < 3 || !LETTERS.test(cell)) continue
      const names = namesIn(cell)
      if (names === null) continue
      found ??= []
      found.push(remarkOf(this.header[index] || `Column ${index + 1}`, cell.trim(), names))
    }
    return found === null && this.#above.length === 0
      ? remarks
      : [...remarks, ...this.#above, ...(found ?? [])]
  }

  /** What the name of the sheet and the heading over the rows to come say. */
  #namedAbove(): readonly string[] {
    const { namesIn } = this.#layout
    if (namesIn === null) return NO_TEXTS
    const texts = [
      ['Sheet', this.#rules.sheet],
      ['Heading', this.#section],
    ] as const
    return texts.flatMap(([what, text]) => {
      const names = text === null ? null : namesIn(text)
      return names === null ? [] : [remarkOf(what, text!, names)]
    })
  }

  #rawOf(record: TableRecord): string[] {
    const raw: string[] = new Array(record.cells.length)
    for (let i = 0; i < raw.length; i++) raw[i] = this.#secret.has(i) ? '' : cleaned(record.cells[i] ?? '')
    return raw
  }

  #repeatsHeader(raw: readonly string[], row: number): boolean {
    const isSame =
      raw[0]?.trim() === this.header[0] &&
      this.header.every((text, i) => this.#secret.has(i) || raw[i]?.trim() === text)
    if (!isSame && !isHeaderLike(raw, this.header)) return false
    // Another table under the first: what it heads otherwise is not read as what stood above.
    this.#otherwise.clear()
    for (const [i, text] of raw.entries()) {
      const heading = text.trim()
      if (heading !== '' && foldHeader(heading) !== foldHeader(this.header[i] ?? ''))
        this.#otherwise.set(i, { heading, row })
    }
    return true
  }

  /** The cells without those under another heading, which are named. */
  #underHeading(
    cells: TableRecord['cells'],
    raw: readonly string[],
    warnings: RowIssue[],
    remarks: string[],
  ): TableRecord['cells'] {
    if (this.#otherwise.size === 0) return cells
    for (const [index, { heading, row }] of this.#otherwise) {
      const text = raw[index]?.trim() ?? ''
      if (text === '') continue
      const message = `Row ${row} heads this column "${heading.slice(0, 60)}"; it was not read. Send that table as a file of its own.`
      warnings.push(this.#issue(index, null, raw, { code: 'late-column', message }))
      const names = this.#layout.namesIn?.(text) ?? null
      if (names !== null) remarks.push(remarkOf(heading, text, names))
    }
    return cells.map((cell, index) => (this.#otherwise.has(index) ? '' : cell))
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
      const field = this.#fieldAt(remark.column)
      if (field === null && remark.code !== 'beyond-header') continue
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
  ): { device: DeviceRow; remarks: readonly string[]; quantity: number } {
    const draft: Draft = {}
    const remarks: string[] = []
    let quantity = 1
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
        const isThere = reader.columns.some(({ index }) => cells[index] !== undefined)
        if (field !== 'coordinates' && field !== 'quantity' && isThere) draft[field] = null
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
      if (field === 'quantity') {
        if (typeof value === 'number') quantity = this.#checkQuantity(value, column, raw, errors)
        continue
      }
      if (reading.range !== undefined)
        remarks.push(`${this.header[column]}: ${text.trim()} (${reading.range})`)
      if (reading.warning?.code === 'cut-text') {
        const names = this.#layout.namesIn?.(text) ?? null
        if (names !== null) remarks.push(remarkOf(this.header[column]!, text, names))
      }
      if (value !== null) isEmpty = false
      if (value !== null && typeof value === 'object') {
        point = value
        pointReader = reader
      } else if (field !== 'coordinates') draft[field] = value
      if (reader.columns.length > 1) this.#addOtherColumns(reader, column, raw, remarks)
      if (reading.currency !== undefined) costCurrency = reading.currency
    }
    this.#askQuantity(draft, raw, warnings)
    const custom = this.#custom(cells, raw, warnings, remarks)
    if (custom !== undefined && Object.values(custom).some((value) => value !== null)) isEmpty = false
    if (point !== null && draft.latitude == null && draft.longitude == null) {
      draft.latitude = point.latitude
      draft.longitude = point.longitude
    } else pointReader = null
    if (costCurrency !== null) this.#settleCurrency(draft, costCurrency, raw, warnings)
    this.#checkPosition(draft, pointReader, raw, warnings)
    if (isEmpty && errors.length === 0) {
      const message = 'None of the columns that are read holds anything in this row.'
      errors.push(this.#issue(null, null, raw, { code: 'empty-device', message }))
    }
    for (const [field, value] of this.#defaults) {
      if (draft[field] == null && !notKnown.includes(field)) draft[field] = value
    }
    if (this.#section !== null && draft.siteName == null) draft.siteName = this.#section
    // readCell gives each field the type that DeviceRow names for it.
    const device = draft as DeviceRow
    if (custom !== undefined) device.custom = custom
    return { device, remarks, quantity }
  }

  /** Values of the city's own fields; undefined where no column has any. */
  #custom(
    cells: TableRecord['cells'],
    raw: readonly string[],
    warnings: RowIssue[],
    remarks: string[],
  ): DeviceRow['custom'] {
    if (this.mapping.custom.length === 0) return undefined
    const values: Record<string, string | number | boolean | null> = {}
    const { rulesOf, namesIn } = this.#layout
    for (const { field, column } of this.mapping.custom) {
      if (cells[column.index] === undefined) continue
      const text = raw[column.index] ?? ''
      const { value, warning, range } = readCustom(
        field,
        text,
        rulesOf(`custom.${field.name}`, column.header),
      )
      values[field.name] = value as string | number | boolean | null
      if (warning !== null) {
        warnings.push(this.#issue(column.index, `custom.${field.name}`, raw, warning))
        const names = namesIn?.(text) ?? null
        if (names !== null) remarks.push(remarkOf(column.header, text.trim(), names))
      }
      if (range !== undefined) remarks.push(`${column.header}: ${text.trim()} (${range})`)
    }
    return values
  }

  /** `Model` beside `Model No.`: what was not taken may name another maker. */
  #addOtherColumns({ columns }: FieldReader, taken: number, raw: readonly string[], remarks: string[]): void {
    const { namesIn } = this.#layout
    if (namesIn === null) return
    for (const { index, header } of columns) {
      const cell = raw[index] ?? ''
      if (index === taken || !LETTERS.test(cell)) continue
      const names = namesIn(cell)
      if (names !== null) remarks.push(remarkOf(header, cell.trim(), names))
    }
  }

  #checkQuantity(value: number, column: number, raw: readonly string[], errors: RowIssue[]): number {
    if (value <= MOST_OF_A_ROW) return value
    const message = `The row stands for ${value} devices; ${MOST_OF_A_ROW} is the most. Is this a quantity?`
    errors.push(this.#issue(column, 'quantity', raw, { code: 'too-many-devices', message }))
    return 1
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

  #settleCurrency(draft: Draft, found: string, raw: readonly string[], warnings: RowIssue[]): void {
    if (draft.currency == null) draft.currency = found
    else if (draft.currency !== found) {
      const message = `The amount is in ${found} and the currency column says ${draft.currency}; the cost stays unknown.`
      draft.acquisitionCostCents = null
      warnings.push(
        this.#issue(this.#columnOf('currency'), 'currency', raw, { code: 'conflicting-values', message }),
      )
    }
  }

  #checkPosition(draft: Draft, from: FieldReader | null, raw: readonly string[], warnings: RowIssue[]): void {
    const { latitude, longitude } = draft
    if (latitude == null && longitude == null) return
    const field = from?.field ?? (latitude == null ? 'longitude' : 'latitude')
    const column = from?.columns[0]?.index ?? this.#columnOf(field)
    if (typeof latitude !== 'number' || typeof longitude !== 'number') {
      draft.latitude = null
      draft.longitude = null
      // The other half may have been left unknown already, which says more.
      if (warnings.some((issue) => issue.field === 'latitude' || issue.field === 'longitude')) return
      const message = 'A position needs both latitude and longitude; it stays unknown.'
      warnings.push(this.#issue(column, field, raw, { code: 'incomplete-position', message }))
      return
    }
    const issue = positionIssue({ latitude, longitude })
    if (issue === null) return
    warnings.push(this.#issue(column, field, raw, issue))
    draft.latitude = null
    draft.longitude = null
  }

  /** The field that a column fills; null when it fills none. */
  #fieldAt(column: number): ColumnField | null {
    const reader = this.#readers.find(({ columns }) => columns.some(({ index }) => index === column))
    return reader?.field ?? null
  }

  #columnOf(field: ColumnField): number | null {
    return this.#readers.find((reader) => reader.field === field)?.columns[0]?.index ?? null
  }

  #addColumns(keys: readonly string[], warnings: RowIssue[]): void {
    for (let index = this.header.length; index < keys.length; index++) {
      const header = keys[index]!
      const column = { index, header }
      this.header.push(header)
      const own = customOfHeader(header, this.#layout.own)
      if (own !== null && !this.mapping.custom.some(({ field }) => field === own)) {
        this.mapping.custom.push({ field: own, column, how: 'automatic' })
        continue
      }
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
        else this.#unread.push(index)
        const message = 'This key first appears after the beginning of the file and is not read.'
        warnings.push({ column: index, header, field: null, value: null, code: 'late-column', message })
      }
    }
  }

  #issue(
    column: number | null,
    field: NamedField | null,
    raw: readonly string[],
    { code, message }: { readonly code: RowIssueCode; readonly message: string },
  ): RowIssue {
    const header = column === null ? null : (this.header[column] ?? null)
    const value = column === null ? null : (raw[column] ?? '').slice(0, 200)
    return { column, header, field, value, code, message }
  }
}

/** The one cell of a row that holds something; null when several do. */
function onlyFilled(raw: readonly string[]): number | null {
  let only: number | null = null
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '' || raw[i]!.trim() === '') continue
    if (only !== null) return null
    only = i
  }
  return only
}

/** Devices that are kept in mind; further channels of more are devices of their own. */
const DEVICES_MOST = 200_000

function deviceColumn({ profile, header }: Layout): number | null {
  const name = profile?.deviceIn?.toLowerCase()
  if (name !== undefined) {
    const index = header.findIndex((text) => text.trim().toLowerCase() === name)
    return index < 0 ? null : index
  }
  // A list of channels that names the device of each.
  const names = header.map(foldHeader)
  if (!names.some((one) => CHANNELS.has(one))) return null
  const index = HARDWARE.map((one) => names.indexOf(one)).find((at) => at >= 0)
  return index ?? null
}

const CHANNELS = new Set(['camerachannel', 'channel', 'channelnumber', 'cameraname'])
const HARDWARE = ['hardwareid', 'hardwareguid', 'hardwareaddress', 'hardwaremacaddress', 'hardwarename']

const LETTERS = /\p{L}{2}/u
const REMARK_LENGTH = 300

/** A cell to be kept with the device; of a long one, the names. */
function remarkOf(header: string, cell: string, names: string): string {
  return cell.length > REMARK_LENGTH ? `${header} names ${names}` : `${header}: ${cell}`
}

function byColumn(a: RowIssue, b: RowIssue): number {
  return (a.column ?? -1) - (b.column ?? -1)
}
