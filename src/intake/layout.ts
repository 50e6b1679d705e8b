/**
 * What kind of file this is, from its beginning: format, header row, profile, mapping, order of dates.
 */
import { type CustomField, expectedOf } from '../device/custom.ts'
import { hasDecimalCommas } from './amounts.ts'
import { type CellRules, type DateOrder, dateOrderSeen } from './cells.ts'
import { type ColumnReport, columnReports } from './column-reports.ts'
import { readCustom } from './custom-columns.ts'
import { type DeviceField, FIELDS, foldHeader, type NamedField } from './fields.ts'
import { headerAmong, isHeaderWord, looksLikeData } from './headers.ts'
import { type Mapping, mapColumns, type StatedMapping } from './mapping.ts'
import { IntakeError } from './problem.ts'
import { type Profile, recognizeProfile } from './profiles.ts'
import { cleaned } from './secrets.ts'
import {
  type Delimiter,
  firstRecords,
  MAX_COLUMNS,
  MAX_RECORD_LENGTH,
  shapeOf,
  type TableRecord,
} from './table.ts'
import { scannerOf, type TextFormat, textFormat } from './text-kinds.ts'
import { foldWords, valuesOf } from './words.ts'

export interface ReadOptions {
  /** Known files; `loadProfiles()` gives those that come with the program. */
  readonly profiles: readonly Profile[]
  /** Found out when absent. */
  readonly format?: 'csv' | 'ndjson' | undefined
  /** Charset the sender named. */
  readonly encoding?: string | undefined
  readonly delimiter?: Delimiter | undefined
  readonly hasHeader?: boolean | undefined
  /** Id of a profile; null for none; absent to recognize one. */
  readonly profile?: string | null | undefined
  readonly mapping?: StatedMapping | undefined
  /** Values for cells that are blank or absent, written as a cell would be. They win over the profile's. */
  readonly defaults?: Readonly<Partial<Record<DeviceField, string>>> | undefined
  /** The city's own words for values of closed lists: `{ status: { 'Pole 9': 'stored' } }`. */
  readonly words?: Readonly<Partial<Record<DeviceField, Readonly<Record<string, string>>>>> | undefined
  readonly dateOrder?: DateOrder | undefined
  /** The city's own fields. */
  readonly custom?: readonly CustomField[] | undefined
  /** Of a workbook, the sheets to read, hidden ones too; absent for all visible ones that hold devices. */
  readonly sheets?: readonly string[] | undefined
  /** The restricted makers that a text names, in words; null when it names none. */
  readonly namesIn?: ((text: string) => string | null) | undefined
  /** To look at a file: what could be read two ways is asked here, and does not refuse the file. */
  readonly onQuestion?: ((question: IntakeError) => void) | undefined
  /** Ends the reading of a workbook, and the wait for it. */
  readonly signal?: AbortSignal | undefined
}

const SAMPLE_LENGTH = 65_536
/** Rows that are looked at to find out what the columns are. */
const SAMPLE_ROWS = 500

export type TableFormat = TextFormat | 'xlsx'

/** The beginning of a file. */
export interface Head {
  readonly format: TableFormat
  readonly records: readonly TableRecord[]
  readonly delimiter: Delimiter | null
  /** Records before this row are no part of the table. */
  readonly firstRow: number
  /** Keys of an NDJSON file, in the order of the scanner. */
  readonly keys: readonly string[]
  /** One sheet of several. */
  readonly isPart?: boolean
}

export interface TextHead extends Head {
  readonly format: TextFormat
  readonly text: string
  readonly isWhole: boolean
  readonly hasOnlyCarriageReturns: boolean
}

/**
 * Read as much as it takes to tell what the file is.
 * @throws IntakeError `empty-file`, `not-a-table`.
 */
export async function readHead(chunks: AsyncIterator<string>, options: ReadOptions): Promise<TextHead> {
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

function headOf(text: string, isWhole: boolean, options: ReadOptions): TextHead {
  const start = text.slice(0, 1000).trimStart()
  if (start === '' && isWhole && text.trim() === '') throw new IntakeError('empty-file', 'The file is empty.')
  const format = textFormat(start, text, options.format)
  if (format !== 'csv') {
    // How many keys there are is judged with the header: too many refuse the file.
    const scanner = scannerOf(format, null, Number.POSITIVE_INFINITY)
    const records = take(scanner.scan(text, isWhole), SAMPLE_ROWS)
    return {
      format,
      text,
      isWhole,
      records,
      delimiter: null,
      hasOnlyCarriageReturns: false,
      firstRow: 1,
      keys: scanner.header ?? [],
    }
  }
  // Lines that end with a lone carriage return, as old Macintosh programs wrote them.
  const hasOnlyCarriageReturns = !text.includes('\n') && text.includes('\r')
  const lines = hasOnlyCarriageReturns ? text.replaceAll('\r', '\n') : text
  const shape = shapeOf(lines, isWhole, options.delimiter ?? null)
  const records = firstRecords(lines, isWhole, shape.delimiter, SAMPLE_ROWS)
  return {
    format,
    text: lines,
    isWhole,
    records,
    delimiter: shape.delimiter,
    hasOnlyCarriageReturns,
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

export type DateOrderFrom = 'stated' | 'profile' | 'seen' | 'assumed'
/** By field, the city's own words (folded) for values of closed lists. */
type Words = ReadonlyMap<NamedField, ReadonlyMap<string, string>>

export interface Layout {
  readonly header: readonly string[]
  /** The last row that is not data; 0 when there is no header. */
  readonly headerRow: number
  /** What stands above the header, by row. */
  readonly titles: readonly (readonly [row: number, text: string])[]
  readonly columns: readonly ColumnReport[]
  /** The first records. */
  readonly records: readonly TableRecord[]
  readonly profile: Profile | null
  readonly mapping: Mapping
  readonly dateOrder: DateOrder
  readonly dateOrderFrom: DateOrderFrom
  /** Dates among the first rows that can be read both ways. */
  readonly datesEither: number
  /** A date that can be read day first only, where the dates of the file are read so; null where none decided it. */
  readonly dayFirstAs: string | null
  readonly defaults: Readonly<Partial<Record<DeviceField, string>>>
  /** How the cells of a column are read. */
  readonly rulesOf: (field: NamedField, header: string) => CellRules
  readonly namesIn: ((text: string) => string | null) | null
  /** The city's own fields. */
  readonly own: readonly CustomField[]
  /** Columns whose cells say nothing of the device, such as our own answers in an export. */
  readonly unheard: ReadonlySet<number>
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

/**
 * Of a longer header no more is read, so that answers that repeat it stay short. Excel gives a table's columns
 * names of up to 255.
 */
const HEADER_CHARACTERS = 255

/** @throws IntakeError `unknown-profile`, `no-header`, `too-many-columns`, `declined-format`, and those of `mapColumns`. */
export function layOut(head: Head, options: ReadOptions): Layout {
  const stated = statedProfile(options)
  const { header, headerRow, titles } = headerOf(head, options, stated ?? null)
  const profile = stated === undefined ? recognizeProfile(options.profiles, header) : stated
  if (profile?.declines !== undefined) {
    const message = `The file is a ${profile.title}. ${profile.declines}`
    throw new IntakeError('declined-format', message, { profile: profile.id })
  }
  const samples = samplesOf(head, headerRow, header.length)
  const sample = (column: number): readonly string[] => samples[column] ?? []
  const isPart = head.isPart === true
  const mapping = mapColumns({
    header,
    sample,
    stated: options.mapping ?? {},
    own: options.custom ?? [],
    profile,
    isPart,
    onQuestion: options.onQuestion,
  })
  const order = dateOrderOf(mapping, samples, options, profile)
  const words = wordsOf(options, profile)
  const hasCommas = hasDecimalCommas(
    mapping.fields
      .filter(({ field }) => FIELDS[field].kind === 'money')
      .flatMap(({ columns }) => columns.flatMap(({ index }) => sample(index))),
  )
  const rulesOf = (field: NamedField, name: string): CellRules => ({
    dateOrder: order.dateOrder,
    words: words.get(field) ?? null,
    isCents: /cents\s*$/i.test(name),
    hasPoints: head.format !== 'csv',
    hasCommas,
  })
  return {
    header,
    headerRow,
    titles,
    profile,
    mapping,
    columns: columnReports(header, mapping, sample, rulesOf),
    records: head.records,
    ...order,
    defaults: { ...profile?.defaults, ...options.defaults },
    rulesOf,
    unheard: unheardOf(header, profile),
    namesIn: options.namesIn ?? null,
    own: options.custom ?? [],
  }
}

function unheardOf(header: readonly string[], profile: Profile | null): Set<number> {
  if (profile?.isOwn === true) return new Set(header.keys())
  const names = new Set((profile?.ignores ?? []).map(foldHeader))
  return new Set(header.flatMap((name, index) => (names.has(foldHeader(name)) ? [index] : [])))
}

function headerOf(
  head: Head,
  options: ReadOptions,
  profile: Profile | null,
): Pick<Layout, 'headerRow' | 'titles'> & { header: string[] } {
  if (head.format !== 'csv' && head.format !== 'xlsx') {
    if (head.keys.length === 0)
      throw new IntakeError(
        'not-a-table',
        'The file holds no list of JSON objects, nor a JSON object in any line.',
      )
    if (head.keys.length > MAX_COLUMNS) tooManyColumns(head.keys.length)
    return { header: [...head.keys], headerRow: 0, titles: [] }
  }
  const filled = head.records.filter((record) => record.row >= head.firstRow && !record.isBlank)
  if (!(options.hasHeader ?? profile?.hasHeader ?? true)) {
    const width = Math.max(...filled.map((record) => record.cells.length), 0)
    if (width === 0) throw new IntakeError('empty-file', 'The file has no rows.')
    if (width > MAX_COLUMNS) tooManyColumns(width)
    return {
      header: Array.from({ length: width }, (_, i) => `Column ${i + 1}`),
      headerRow: head.firstRow - 1,
      titles: [],
    }
  }
  const found = headerAmong(filled)
  if (found === null) throw new IntakeError('empty-file', 'The file has no rows.')
  const { record, cells } = found
  if (record.problem !== null) {
    throw new IntakeError(
      'no-header',
      `The header in row ${record.row} cannot be read. ${record.problem.message}`,
      { row: record.row },
    )
  }
  const header = cells.map((cell) => cleaned(cell).trim().slice(0, HEADER_CHARACTERS))
  // A row of a sheet ends with its last cell, and below the header there may be columns that have no name.
  if (head.format === 'xlsx') {
    const widest = Math.max(...filled.map(({ row, cells }) => (row < record.row ? 0 : cells.length)))
    while (header.length < widest) header.push('')
  }
  if (header.length > MAX_COLUMNS) tooManyColumns(header.length)
  const isKnown =
    header.some(isHeaderWord) || Object.keys(options.mapping ?? {}).length > 0 || profile !== null
  if (!isKnown && header.some(looksLikeData)) {
    const message = `Row ${record.row} looks like data. Add a header row, or state that there is none and map columns by position.`
    throw new IntakeError('no-header', message, { row: record.row })
  }
  const titles = filled
    .filter(({ row }) => row < found.firstRow)
    .map(({ row, cells }) => [row, titleOf(cells)] as const)
  return { header, headerRow: record.row, titles }
}

function titleOf(cells: readonly (string | undefined)[]): string {
  const text = cells.filter((cell) => cell !== undefined && cell.trim() !== '').join(' ')
  return cleaned(text).slice(0, 200)
}

function tooManyColumns(found: number): never {
  throw new IntakeError('too-many-columns', `The table has ${found} columns; ${MAX_COLUMNS} is the most.`, {
    found,
    most: MAX_COLUMNS,
  })
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
): Pick<Layout, 'dateOrder' | 'dateOrderFrom' | 'datesEither' | 'dayFirstAs'> {
  const given = { datesEither: 0, dayFirstAs: null }
  if (options.dateOrder !== undefined)
    return { dateOrder: options.dateOrder, dateOrderFrom: 'stated', ...given }
  if (profile?.dateOrder !== undefined)
    return { dateOrder: profile.dateOrder, dateOrderFrom: 'profile', ...given }
  const columns = mapping.fields.filter(({ field }) => FIELDS[field].kind === 'date')
  const ofCity = mapping.custom.filter(({ field }) => field.type === 'date').map(({ column }) => column)
  // No law reads the end of a warranty: alone it must not make the order of all other dates a question.
  const deciding = columns.filter(({ field }) => field !== 'warrantyUntil')
  const dated = (deciding.length > 0 ? deciding : columns).flatMap(({ columns }) => columns)
  const dates = (dated.length > 0 ? dated : ofCity).flatMap(({ index }) => samples[index] ?? [])
  const { mdy, dmy, either, isDotted, examples } = dateOrderSeen(dates)
  const order = mdy === 0 && isDotted ? 'dmy' : orderOf(mdy, dmy, either)
  if (order !== null)
    return {
      dateOrder: order,
      dateOrderFrom: mdy + dmy > 0 ? 'seen' : 'assumed',
      datesEither: either,
      dayFirstAs: order === 'dmy' ? examples.dmy : null,
    }
  const other =
    examples.mdy === null
      ? `${either === 1 ? 'another one' : `${either} others`} can be read both ways`
      : `others such as ${examples.mdy} only month first`
  throw new IntakeError(
    'ambiguous-dates',
    `Dates such as ${examples.dmy} can only be read day first, and ${other}. Set dateOrder=mdy (month first) or dateOrder=dmy; the others are then left unknown with a warning.`,
    { examples, monthFirst: mdy, dayFirst: dmy, either },
  )
}

/** One date that is odd among many is an error of its row; of two camps no one can tell which is right. */
const CLEAR = 4

/** null when the file contradicts itself, or one date alone would turn the order of all others. */
function orderOf(mdy: number, dmy: number, either: number): DateOrder | null {
  if (dmy === 0 || mdy >= CLEAR * dmy) return 'mdy'
  if (mdy > 0) return dmy >= CLEAR * mdy ? 'dmy' : null
  return either === 0 || (dmy >= 2 && dmy >= either * 0.4) ? 'dmy' : null
}

function wordsOf(options: ReadOptions, profile: Profile | null): Words {
  const words = new Map<NamedField, Map<string, string>>()
  for (const source of [profile?.words, options.words]) {
    for (const [field, table] of Object.entries(source ?? {}) as [NamedField, Record<string, string>][]) {
      const known = words.get(field) ?? new Map<string, string>()
      for (const [text, value] of Object.entries(table))
        known.set(foldWords(text), checkedValue(field, value, options.custom ?? []))
      words.set(field, known)
    }
  }
  return words
}

/** A word may only mean a value of the field's closed list, or one that the city's own field can hold. */
function checkedValue(field: NamedField, value: string, own: readonly CustomField[]): string {
  if (field.startsWith('custom.')) return checkedOwn(field, value, own)
  return checkedWord(field as DeviceField, value)
}

function checkedOwn(name: NamedField, value: string, own: readonly CustomField[]): string {
  const field = own.find((one) => `custom.${one.name}` === name)
  if (field === undefined)
    throw new IntakeError('unknown-field', `The city has no field "${name}".`, { field: name })
  const rules = { dateOrder: 'mdy', words: null } as const
  const { value: read, warning } = readCustom(field, value, rules)
  if (read !== null && warning === null) return value
  throw new IntakeError('bad-default', `"${value}" is no value of ${name}: ${expectedOf(field)} is.`, {
    field: name,
  })
}

function checkedWord(field: DeviceField, value: string): string {
  const values = FIELDS[field]?.kind === 'flag' ? ['true', 'false'] : valuesOf(field)
  if (values.includes(value)) return value
  const message =
    values.length === 0
      ? `The field "${field}" has no closed list of values; words can be given for fields that have one.`
      : `"${value}" is no value of ${field}: ${values.join(', ')}.`
  throw new IntakeError('bad-default', message, { field, values })
}
