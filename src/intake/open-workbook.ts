/** The sheets of a workbook that hold devices, as one table. */
import type { Head, ReadOptions } from './layout.ts'
import { IntakeError } from './problem.ts'
import { type FileNotice, type ReadTable, type RecordSource, type SheetReport, tableOf } from './rows.ts'
import { SheetTable, unreadNotice } from './sheet-table.ts'
import { joinSheets } from './sheets.ts'
import type { TableRecord } from './table.ts'
import { WORKBOOK_LIMITS } from './workbook/limits.ts'
import type { SheetHead, WorkbookMessage } from './workbook/messages.ts'
import { quoted } from './workbook/refusal.ts'
import type { SheetRow } from './workbook/sheet.ts'
import { readWorkbookFile } from './workbook/thread.ts'

type Messages = AsyncGenerator<WorkbookMessage, void, undefined>

/** Rows of one sheet are fewer, so that the place of a row in the file is its number and this for each sheet before. */
const ROWS_OF_A_SHEET = 2_000_000

/**
 * @param onClose is called once, when the table has been read or closed; not when this throws.
 * @throws IntakeError
 */
export async function openWorkbook(
  path: string,
  options: ReadOptions,
  onClose: () => Promise<void> = async () => {},
): Promise<ReadTable> {
  const wanted = options.sheets !== undefined && options.sheets.length > 0 ? options.sheets : null
  let chosen: readonly number[] = []
  const messages = readWorkbookFile(path, WORKBOOK_LIMITS, { wanted, choose: () => chosen }, options.signal)
  try {
    const heads = await headsOf(messages)
    refuseUnknown(heads, wanted)
    const reading = new WorkbookReading(messages)
    const { tables, left } = tablesOf(heads, options, wanted !== null, reading)
    chosen = tables.map(({ index }) => index)
    let isOpen = true
    return joinSheets(
      tables.map(({ table }) => table),
      {
        sheets: heads.map((head, index) =>
          reportOf(head, tables.find((one) => one.index === index)?.table ?? null, left.get(index) ?? null),
        ),
        notices: () => [
          ...[...left].map(([index, why]) => unreadNotice(heads[index]!, why)),
          ...reading.notices,
        ],
        share: () => reading.share,
        close: async () => {
          if (!isOpen) return
          isOpen = false
          await messages.return()
          await onClose()
        },
      },
    )
  } catch (error) {
    await messages.return()
    throw error
  }
}

async function headsOf(messages: Messages): Promise<readonly SheetHead[]> {
  const { value } = await messages.next()
  return value?.kind === 'heads' ? value.sheets : []
}

function refuseUnknown(heads: readonly SheetHead[], wanted: readonly string[] | null): void {
  const names = heads.map(({ name }) => name)
  const unknown = wanted?.find((name) => !names.some((known) => known.toLowerCase() === name.toLowerCase()))
  if (unknown === undefined) return
  const message = `The workbook has no sheet ${quoted(unknown)}; it has ${names.map(quoted).join(', ')}.`
  throw new IntakeError('no-sheet', message, { sheets: names })
}

interface SheetOf {
  readonly index: number
  readonly table: ReadTable
}

/** What stops a sheet, and not the workbook: it holds no table of devices. */
const NO_TABLE: readonly string[] = ['no-usable-column', 'no-header', 'empty-file']

/** The tables of the sheets that hold devices, and by place why others that hold something are left out. */
function tablesOf(
  heads: readonly SheetHead[],
  options: ReadOptions,
  isStated: boolean,
  reading: WorkbookReading,
): { tables: SheetOf[]; left: Map<number, string> } {
  const tables: SheetOf[] = []
  const left = new Map<number, string>()
  const failures: IntakeError[] = []
  const isPart = heads.filter(({ isWanted, holdsSomething }) => isWanted && holdsSomething).length > 1
  for (const [index, head] of heads.entries()) {
    if (!head.holdsSomething) continue
    if (!head.isWanted) {
      left.set(index, 'It was not asked for.')
      continue
    }
    if (isPart && !isStated && isOwnCitations(head)) continue
    try {
      tables.push({ index, table: tableOfSheet(head, index, isPart, options, reading) })
    } catch (error) {
      if (!(error instanceof IntakeError)) throw error
      if (!isPart) throw error
      if (!NO_TABLE.includes(error.code)) throw inSheet(head, error)
      failures.push(error)
      left.set(index, `It holds no table of devices. ${error.message}`)
    }
  }
  if (tables.length === 0) refuse(heads, failures)
  if (!isStated) leaveListsOut(tables, left)
  return { tables, left }
}

/** The second sheet of a list of devices that camledger wrote: nothing that its reader could miss. */
function isOwnCitations({ name, rows }: SheetHead): boolean {
  return name === 'Citations' && rows[0]?.values[0] === 'Made by camledger on'
}

function tableOfSheet(
  head: SheetHead,
  index: number,
  isPart: boolean,
  options: ReadOptions,
  reading: WorkbookReading,
): ReadTable {
  const table = new SheetTable(head, head.mergedAreas)
  const records = head.rows.map((row) => table.record(row))
  const beginning: Head = { format: 'xlsx', records, delimiter: null, firstRow: 1, keys: [], isPart }
  const source: RecordSource = {
    batches: reading.rowsOf(index, head, table),
    keys: null,
    setWidth: (width) => {
      table.width = width
    },
    encoding: () => 'utf-8',
    notices: [],
    share: () => reading.share,
    close: async () => {},
  }
  return tableOf(beginning, options, source, { sheet: head.name, offset: index * ROWS_OF_A_SHEET })
}

function inSheet({ name }: SheetHead, { code, message, details, places }: IntakeError): IntakeError {
  return new IntakeError(
    code,
    `In the sheet ${quoted(name)}: ${message}`,
    { ...details, sheet: name },
    places,
  )
}

function refuse(heads: readonly SheetHead[], failures: readonly IntakeError[]): never {
  const [first] = failures
  if (first !== undefined) {
    const names = heads
      .filter(({ isWanted, holdsSomething }) => isWanted && holdsSomething)
      .map(({ name }) => quoted(name))
    const message = `No sheet holds a table of devices (${names.join(', ')}). ${first.message}`
    throw new IntakeError(first.code, message, first.details)
  }
  const hidden = heads.filter(({ holdsSomething, isWanted }) => holdsSomething && !isWanted)
  const names = hidden.map(({ name }) => quoted(name)).join(', ')
  const found =
    hidden.length === 0
      ? ''
      : ` Hidden sheets are not read; ${names} ${hidden.length === 1 ? 'holds' : 'hold'} something: unhide what has to be read, or name the sheet.`
  throw new IntakeError('empty-file', `The workbook has no rows in a visible sheet.${found}`)
}

const ONE_DEVICE = ['assetTag', 'serialNumber', 'macAddress'] as const
const A_PLACE = ['siteName', 'name', 'latitude', 'coordinates', 'installedOn', 'status'] as const

/**
 * A sheet of makers and models for a drop-down list, or of counts by maker, has the headers of devices and none of
 * them. It is told by what the other sheets have: a tag, serial number or address of each device.
 */
function leaveListsOut(tables: SheetOf[], left: Map<number, string>): void {
  const has = ({ table }: SheetOf, fields: readonly string[]) =>
    table.mapping.fields.some(({ field }) => fields.includes(field))
  if (!tables.some((one) => has(one, ONE_DEVICE))) return
  for (const one of [...tables]) {
    if (has(one, ONE_DEVICE) || has(one, A_PLACE)) continue
    tables.splice(tables.indexOf(one), 1)
    const why =
      'It lists makers or models, and no device by tag, serial number, address, name or place. Name the sheet if it holds devices.'
    left.set(one.index, why)
  }
}

function reportOf(
  { name, isHidden, holdsSomething }: SheetHead,
  table: ReadTable | null,
  whyLeft: string | null,
): SheetReport {
  const about = { name, isHidden }
  if (table !== null)
    return { ...about, fate: 'read', why: null, headerRow: table.headerRow, columns: table.columns }
  const why = holdsSomething ? (isHidden ? 'It is hidden.' : whyLeft) : 'It is empty.'
  return { ...about, fate: 'left-out', why, headerRow: null, columns: [] }
}

/** The rows of the sheets, which come one after the other. */
class WorkbookReading {
  readonly notices: FileNotice[] = []
  share = 0
  readonly #messages: Messages

  constructor(messages: Messages) {
    this.#messages = messages
  }

  async *rowsOf(
    index: number,
    head: SheetHead,
    table: SheetTable,
  ): AsyncGenerator<Iterable<TableRecord>, void, undefined> {
    let isBegun = false
    for (;;) {
      const { value: message, done } = await this.#messages.next()
      if (done) return
      if (message.kind === 'sheet') isBegun = message.index === index
      else if (message.kind === 'rows' && isBegun) {
        this.share = message.share
        yield recordsOf(message.rows, table)
      } else if (message.kind === 'sheet-end' && isBegun) {
        this.notices.push(...table.notices(head.mergedAreas, message.hiddenColumns))
        return
      }
    }
  }
}

/** One at a time: how wide a record is, is known when the header has been passed. */
function* recordsOf(rows: readonly SheetRow[], table: SheetTable): Generator<TableRecord> {
  for (const row of rows) {
    table.count(row)
    yield table.record(row)
  }
}
