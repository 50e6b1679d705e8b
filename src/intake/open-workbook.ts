/** The sheet of a workbook that holds the table. */
import { type Head, type ReadOptions, SAMPLE_ROWS } from './layout.ts'
import { IntakeError } from './problem.ts'
import { type FileNotice, type ReadTable, tableOf } from './rows.ts'
import { SheetTable, unreadNotice } from './sheet-table.ts'
import type { TableRecord } from './table.ts'
import type { MergedArea } from './workbook/merges.ts'
import type { Sheet, WorkbookMessage } from './workbook/messages.ts'
import { quoted } from './workbook/refusal.ts'
import type { SheetRow } from './workbook/sheet.ts'
import { readWorkbookFile } from './workbook/thread.ts'

type Messages = AsyncGenerator<WorkbookMessage, void, undefined>

/**
 * The first visible sheet that holds something, as a table.
 * @param onClose is called once, when the table has been read or closed; not when this throws.
 * @throws IntakeError
 */
export async function openWorkbook(
  path: string,
  options: ReadOptions,
  onClose: () => Promise<void> = async () => {},
): Promise<ReadTable> {
  const messages = readWorkbookFile(path)
  try {
    const begun = await firstSheet(messages)
    const table = new SheetTable(begun.sheet)
    const notices: FileNotice[] = []
    let share = 0
    const onShare = (part: number) => {
      share = part
    }
    const head: Head = {
      format: 'xlsx',
      records: begun.rows.map((row) => table.record(row)),
      delimiter: null,
      firstRow: 1,
      keys: [],
    }
    let isOpen = true
    return tableOf(head, options, {
      batches: batchesOf(begun, messages, table, notices, onShare),
      keys: null,
      setWidth: (width) => {
        table.width = width
      },
      encoding: () => 'utf-8',
      notices,
      share: () => share,
      close: async () => {
        if (!isOpen) return
        isOpen = false
        await messages.return()
        await onClose()
      },
    })
  } catch (error) {
    await messages.return()
    throw error
  }
}

interface Begun {
  readonly sheet: Sheet
  readonly mergedAreas: readonly MergedArea[]
  /** The first ones. */
  readonly rows: readonly SheetRow[]
  /** The message that came after them. */
  readonly next: WorkbookMessage | null
}

async function firstSheet(messages: Messages): Promise<Begun> {
  let begun: Pick<Begun, 'sheet' | 'mergedAreas'> | null = null
  const rows: SheetRow[] = []
  for (;;) {
    const { value: message, done } = await messages.next()
    if (done) break
    if (message.kind === 'sheet') begun = message
    else if (message.kind === 'rows') rows.push(...message.rows)
    else if (message.kind === 'unread' && begun === null) refuseEmpty(message.sheets)
    else if (message.kind === 'sheet-end' && begun !== null) return { ...begun, rows, next: message }
    if (begun !== null && rows.length >= SAMPLE_ROWS) return { ...begun, rows, next: null }
  }
  return refuseEmpty([])
}

function refuseEmpty(hidden: readonly Sheet[]): never {
  const names = hidden.map(({ name }) => quoted(name)).join(', ')
  const found =
    hidden.length === 0
      ? ''
      : ` Hidden sheets are not read; ${names} ${hidden.length === 1 ? 'holds' : 'hold'} something: unhide what has to be read.`
  throw new IntakeError('empty-file', `The workbook has no rows in a visible sheet.${found}`)
}

/** All rows from the first on; what is to be said of the sheets comes with the last. */
async function* batchesOf(
  { sheet, mergedAreas, rows, next }: Begun,
  messages: Messages,
  table: SheetTable,
  notices: FileNotice[],
  onShare: (share: number) => void,
): AsyncGenerator<Iterable<TableRecord>, void, undefined> {
  yield recordsOf(rows, table)
  for (let message = next; ; ) {
    if (message?.kind === 'rows') {
      onShare(message.share)
      yield recordsOf(message.rows, table)
    } else if (message?.kind === 'sheet-end')
      notices.push(...table.notices(mergedAreas, message.hiddenColumns))
    else if (message?.kind === 'unread')
      notices.unshift(...message.sheets.map((one) => unreadNotice(one, sheet)))
    const { value, done } = await messages.next()
    if (done) return
    message = value
  }
}

/** One at a time: how wide a record is, is known when the header has been passed. */
function* recordsOf(rows: readonly SheetRow[], table: SheetTable): Generator<TableRecord> {
  for (const row of rows) {
    table.count(row)
    yield table.record(row)
  }
}
