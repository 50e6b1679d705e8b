/**
 * What kind of file this is, from its beginning: format, header row, profile, mapping, order of dates.
 */
import { type DateOrder, dateOrderSeen, parseDate, parseMac } from './cells.ts'
import { COLUMN_FIELDS, type DeviceField, FIELDS, foldHeader } from './fields.ts'
import { type Mapping, mapColumns, type StatedMapping } from './mapping.ts'
import { IntakeError } from './problem.ts'
import { type Profile, recogniseProfile } from './profiles.ts'
import { withoutLogins } from './secrets.ts'
import {
  type Delimiter,
  firstRecords,
  MAX_COLUMNS,
  MAX_RECORD_LENGTH,
  NdjsonScanner,
  shapeOf,
  storable,
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

const SAMPLE_LENGTH = 65_536
/** Rows that are looked at to find out what the columns are. */
export const SAMPLE_ROWS = 500

/** The beginning of a file. */
export interface Head {
  readonly format: 'csv' | 'ndjson' | 'xlsx'
  readonly records: readonly TableRecord[]
  readonly delimiter: Delimiter | null
  /** Records before this row are no part of the table. */
  readonly firstRow: number
  /** Keys of an NDJSON file, in the order of the scanner. */
  readonly keys: readonly string[]
}

export interface TextHead extends Head {
  readonly format: 'csv' | 'ndjson'
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
    // How many keys there are is judged with the header: too many refuse the file.
    const scanner = new NdjsonScanner(Number.POSITIVE_INFINITY)
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
export type Words = ReadonlyMap<DeviceField, ReadonlyMap<string, string>>

export interface Layout {
  readonly header: readonly string[]
  /** The last row that is not data; 0 when there is no header. */
  readonly headerRow: number
  readonly profile: Profile | null
  readonly mapping: Mapping
  readonly dateOrder: DateOrder
  readonly dateOrderFrom: DateOrderFrom
  readonly words: Words
  readonly defaults: Readonly<Partial<Record<DeviceField, string>>>
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

/** @throws IntakeError `unknown-profile`, `no-header`, `too-many-columns`, `declined-format`, and those of `mapColumns`. */
export function layOut(head: Head, options: ReadOptions): Layout {
  const stated = statedProfile(options)
  const { header, headerRow } = headerOf(head, options, stated ?? null)
  const profile = stated === undefined ? recogniseProfile(options.profiles, header) : stated
  if (profile?.declines !== undefined) {
    const message = `The file is a ${profile.title}. ${profile.declines}`
    throw new IntakeError('declined-format', message, { profile: profile.id })
  }
  const samples = samplesOf(head, headerRow, header.length)
  const sample = (column: number): readonly string[] => samples[column] ?? []
  const mapping = mapColumns({ header, sample, stated: options.mapping ?? {}, profile })
  return {
    header,
    headerRow,
    profile,
    mapping,
    ...dateOrderOf(mapping, samples, options, profile),
    words: wordsOf(options, profile),
    defaults: { ...profile?.defaults, ...options.defaults },
  }
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
  // A row of a sheet ends with its last cell, and below the header there may be columns that have no name.
  if (head.format === 'xlsx') {
    const widest = Math.max(...filled.map(({ row, cells }) => (row < record.row ? 0 : cells.length)))
    while (header.length < widest) header.push('')
  }
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

/**
 * The header is the first row with two names we know. Otherwise it is as wide as the usual row, or nearly:
 * titles above a table fill fewer cells. Of the rows that wide, one with a name we know goes first.
 */
function headerAmong(records: readonly TableRecord[]): TableRecord | null {
  const rows = records.slice(0, 20).map((record) => {
    const cells = record.cells.filter((cell) => cell !== undefined && cell.trim() !== '')
    return { record, filled: cells.length, known: cells.filter((cell) => isHeaderWord(cell!)).length }
  })
  const usual = rows.map(({ filled }) => filled).sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0
  const wide = rows.filter(({ filled }) => filled >= usual / 2)
  const header = rows.find(({ known }) => known >= 2) ?? wide.find(({ known }) => known > 0) ?? wide[0]
  if (header === undefined) return null
  // What stands above and is as wide is no title: to pass over it would lose a row.
  const above = rows.find(({ record, filled }) => record.row < header.record.row && filled >= header.filled)
  if (above !== undefined && header.filled > 1) {
    const message = `Row ${header.record.row} looks like the header, and row ${above.record.row} above it like data. Put the header first.`
    throw new IntakeError('no-header', message, { row: header.record.row, above: above.record.row })
  }
  return header.record
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
): Pick<Layout, 'dateOrder' | 'dateOrderFrom'> {
  if (options.dateOrder !== undefined) return { dateOrder: options.dateOrder, dateOrderFrom: 'stated' }
  if (profile?.dateOrder !== undefined) return { dateOrder: profile.dateOrder, dateOrderFrom: 'profile' }
  const dates = mapping.fields
    .filter(({ field }) => FIELDS[field].kind === 'date')
    .flatMap(({ columns }) => columns.flatMap(({ index }) => samples[index] ?? []))
  const { mdy, dmy } = dateOrderSeen(dates)
  if (dmy > mdy) return { dateOrder: 'dmy', dateOrderFrom: 'seen' }
  return { dateOrder: 'mdy', dateOrderFrom: mdy > 0 ? 'seen' : 'assumed' }
}

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
