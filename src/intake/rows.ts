/**
 * A city's table, row by row: bytes in, devices and the reasons against them out.
 *
 * The beginning of the file decides encoding, delimiter, header and mapping, so a file that cannot be read at
 * all is refused before anything is stored. After that nothing is held but the row at hand: memory does not
 * grow with the file, and a reader that waits makes the sender wait.
 */
import type { DateOrder } from './cells.ts'
import type { ColumnReport } from './column-reports.ts'
import { decode, type Encoding } from './decode.ts'
import type { PassedList } from './json-table.ts'
import {
  type DateOrderFrom,
  type Head,
  type Layout,
  layOut,
  type ReadOptions,
  readHead,
  type TableFormat,
  type TextHead,
} from './layout.ts'
import type { Mapping } from './mapping.ts'
import type { Profile } from './profiles.ts'
import type { LeftOutRow, ReadRow } from './read-row.ts'
import { RowReader } from './row-reader.ts'
import type { Delimiter, Scanner, TableRecord } from './table.ts'
import { scannerOf } from './text-kinds.ts'

export type { ReadOptions } from './layout.ts'
export type { LeftOutRow, ReadRow, RowIssue } from './read-row.ts'

/** What became of a sheet. */
export interface SheetReport {
  readonly name: string
  readonly isHidden: boolean
  readonly fate: 'read' | 'left-out'
  /** Why it was left out. */
  readonly why: string | null
  readonly headerRow: number | null
  readonly columns: readonly ColumnReport[]
}

/** Something about the file as a whole that whoever sent it should know. */
export interface FileNotice {
  readonly code:
    | 'sheet-not-read'
    | 'dates-assumed'
    | 'dates-day-first'
    | 'quantities'
    | 'nothing-tells-the-maker'
    | 'hidden-sheet-not-read'
    | 'hidden-cells-read'
    | 'merged-cells'
    | 'error-cells'
    | 'rounded-numbers'
    | 'formulas-without-result'
    | 'no-such-day'
    | 'lists-not-read'
  readonly message: string
  /** The sheet that is meant; null for the whole file. */
  readonly sheet: string | null
}

/** `rows` = accepted + rejected + blank + leftOut, always. */
export interface RowCounts {
  readonly rows: number
  readonly accepted: number
  readonly rejected: number
  readonly blank: number
  /** Headings, totals, repeated headers and the like. */
  readonly leftOut: number
  /** Devices that quantities add to those of the accepted rows. */
  readonly added: number
}

export interface ReadTable {
  readonly format: TableFormat
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
  /** So far, the first thousand; `counts.leftOut` is whole. */
  readonly leftOut: readonly LeftOutRow[]
  /** What becomes of each column; of a workbook, by sheet in `sheets`. */
  readonly columns: readonly ColumnReport[]
  /** Empty where there are none. */
  readonly sheets: readonly SheetReport[]
  /** So far; final once `rows` has ended. */
  readonly notices: readonly FileNotice[]
  /** How much of the file has been read, 0 to 1; 0 where its length is not known. */
  readonly share: () => number
  /** Can be read once. */
  readonly rows: AsyncGenerator<ReadRow, void, undefined>
  /** Give the source back when `rows` will not be read. */
  readonly close: () => Promise<void>
}

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
    const scanner = scannerOf(head.format, head.delimiter)
    return tableOf(head, options, {
      batches: scanned(head, chunks, scanner),
      keys: scanner.header ?? null,
      setWidth: (width) => {
        scanner.width = width
      },
      encoding: () => decoded.encoding,
      get notices() {
        return unreadLists(scanner.passedLists?.() ?? [])
      },
      share,
      close,
    })
  } catch (error) {
    await close()
    throw error
  }
}

/** What a JSON file holds beside its table: sites and users, or more devices. */
function unreadLists(lists: readonly PassedList[]): FileNotice[] {
  if (lists.length === 0) return []
  const named = lists.map(
    ({ name, objects }) => `${name === null ? 'a list' : JSON.stringify(name)} (${objects})`,
  )
  const message = `One list of the file was read. Of others nothing was taken: ${named.join(', ')}. Send what are devices among them in a file of its own.`
  return [{ code: 'lists-not-read', message, sheet: null }]
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

/** What one table of several takes part in. */
export interface Part {
  readonly sheet: string
  /** Added to the numbers of its rows for their place in the file. */
  readonly offset: number
}

/** Lay a table out by its head. Throws IntakeError. */
export function tableOf(head: Head, options: ReadOptions, source: RecordSource, part?: Part): ReadTable {
  const layout = layOut(head, options)
  const reader = new RowReader(layout, {
    stated: new Set(Object.keys(options.mapping ?? {})),
    sheet: part?.sheet ?? null,
    offset: part?.offset ?? 0,
  })
  const counts = { rows: 0, accepted: 0, rejected: 0, blank: 0, leftOut: 0, added: 0 }
  const leftOut: LeftOutRow[] = layout.titles.map(([row, text]) => ({
    row,
    sheet: part?.sheet ?? null,
    kind: 'title',
    text,
  }))
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
    leftOut,
    columns: layout.columns,
    sheets: [],
    get notices() {
      return [...source.notices, ...noticesOf(layout, counts, part?.sheet ?? null)]
    },
    share: source.share,
    rows: readRows(head, layout, source, reader, { counts, leftOut }),
    close: source.close,
  }
}

const LEFT_OUT_LISTED = 1_000

async function* readRows(
  head: Head,
  { headerRow }: Layout,
  source: RecordSource,
  reader: RowReader,
  { counts, leftOut }: { counts: { -readonly [K in keyof RowCounts]: number }; leftOut: LeftOutRow[] },
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
        if ('kind' in row) {
          counts.leftOut++
          if (leftOut.length < LEFT_OUT_LISTED) leftOut.push(row)
          continue
        }
        if (row.device === null) counts.rejected++
        else counts.accepted++
        counts.added += row.more.length
        yield row
      }
    }
  } finally {
    await source.close()
  }
}

function noticesOf(layout: Layout, counts: RowCounts, sheet: string | null): FileNotice[] {
  const notices: FileNotice[] = []
  const { mapping, dateOrderFrom, datesEither, dayFirstAs } = layout
  if (dateOrderFrom === 'assumed' && datesEither > 0) {
    const message =
      layout.dateOrder === 'mdy'
        ? 'Dates such as 03/04/2024 were read month first: nothing in the file shows its order. Set dateOrder=dmy if the day comes first.'
        : 'Dates such as 03.04.2024 were read day first, as they are where they are written with dots. Set dateOrder=mdy if the month comes first.'
    notices.push({ code: 'dates-assumed', message, sheet })
  }
  // American files put the month first. One cell typed the other way must not move the days of all others unsaid.
  if (dayFirstAs !== null && datesEither > 0) {
    const message = `Dates that can be read both ways, such as 03/04/2024, were read day first, because ${dayFirstAs} can be read no other way. Set dateOrder=mdy if the month comes first.`
    notices.push({ code: 'dates-day-first', message, sheet })
  }
  const quantity = mapping.fields.find(({ field }) => field === 'quantity')
  if (quantity !== undefined && counts.added > 0) {
    const message = `The column "${quantity.columns[0]!.header}" was read as a number of equal devices: ${counts.accepted} rows stand for ${counts.accepted + counts.added} devices, numbered #1, #2 and so on.`
    notices.push({ code: 'quantities', message, sheet })
  }
  const identifying = ['manufacturer', 'model', 'macAddress', 'fccId']
  if (!mapping.fields.some(({ field }) => identifying.includes(field))) {
    const message =
      'No column identifies who made the devices: no maker, model, MAC address or FCC ID was found. Name one with a mapping.'
    notices.push({ code: 'nothing-tells-the-maker', message, sheet })
  }
  return notices
}
