/**
 * Reads a workbook in a thread of its own, with a memory of its own: whatever the file holds, no more than this
 * thread ends.
 *
 * The first sheet that is visible and holds something is read; of the others only whether they hold anything.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { IntakeError } from '../problem.ts'
import { Archive, refuseOther } from './archive.ts'
import { findMergedAreas } from './merges.ts'
import { MOST_UNDER_WAY, type Sheet, type WorkbookMessage, type WorkbookTask } from './messages.ts'
import { findParts, type PackageParts, type SheetPart } from './package-parts.ts'
import { damaged, quoted } from './refusal.ts'
import { readSharedStrings } from './shared-strings.ts'
import { type SheetContext, SheetReader, type SheetRow } from './sheet.ts'
import { readStyles } from './styles.ts'
import { Enough, readXml } from './xml.ts'

const BATCH_ROWS = 250
/** A batch with long texts is sent before it has all its rows. */
const BATCH_CHARACTERS = 500_000

const { path, limits, underWay } = workerData as WorkbookTask
const counter = new Int32Array(underWay)

function send(message: WorkbookMessage): void {
  parentPort?.postMessage(message)
}

/** Hand rows on, and wait while too many are on their way. */
function sendRows(rows: readonly SheetRow[], share: number): void {
  for (;;) {
    const waiting = Atomics.load(counter, 0)
    if (waiting < MOST_UNDER_WAY) break
    Atomics.wait(counter, 0, waiting)
  }
  Atomics.add(counter, 0, 1)
  send({ kind: 'rows', rows, share })
}

type Shared = Omit<SheetContext, 'name'>

class WorkbookReader {
  readonly #archive: Archive
  readonly #shared: Shared
  #batch: SheetRow[] = []
  #characters = 0
  #share = 0

  constructor(archive: Archive, shared: Shared) {
    this.#archive = archive
    this.#shared = shared
  }

  async read({ sheets }: PackageParts): Promise<void> {
    send({ kind: 'sheets', sheets: sheets.map(described) })
    const unread: Sheet[] = []
    let isRead = false
    for (const sheet of sheets) {
      const isWanted = !isRead && !sheet.isHidden
      if (!(await this.#holdsSomething(sheet, isWanted))) continue
      if (isWanted) {
        isRead = true
        await this.#readSheet(sheet)
      } else unread.push(described(sheet))
    }
    send({ kind: 'unread', sheets: unread })
  }

  /** Whether any cell has a value: only as much is parsed as that takes. */
  async #holdsSomething(sheet: SheetPart, isWanted: boolean): Promise<boolean> {
    const totals = { cells: 0, characters: 0 }
    const reader = new SheetReader({ ...this.#shared, name: sheet.name, totals }, () => {
      throw new Enough()
    })
    try {
      return !(await readXml(sheet.part, this.#archive.read(sheet.part), limits, reader))
    } catch (error) {
      // What is wrong with a sheet that is not read stops nobody; that it is there is said.
      if (!isWanted && error instanceof IntakeError) return true
      throw error
    }
  }

  async #readSheet(sheet: SheetPart): Promise<void> {
    const mergedAreas = await findMergedAreas(this.#archive, sheet, limits)
    send({ kind: 'sheet', sheet: described(sheet), mergedAreas })
    const reader = new SheetReader({ ...this.#shared, name: sheet.name }, (row) => this.#take(row))
    await readXml(sheet.part, this.#counted(sheet.part), limits, reader)
    // They were looked for as text, and have now been parsed.
    if (reader.mergedAreas !== mergedAreas.length)
      throw damaged(`The merged areas of the sheet ${quoted(sheet.name)} cannot be read.`)
    this.#flush()
    send({ kind: 'sheet-end', hiddenColumns: [...reader.hiddenColumns] })
  }

  async *#counted(part: string): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const piece of this.#archive.read(part)) {
      bytes += piece.length
      this.#share = bytes / this.#archive.sizeOf(part)
      yield piece
    }
  }

  #take(row: SheetRow): void {
    this.#batch.push(row)
    for (const value of row.values) this.#characters += value.length
    if (this.#batch.length >= BATCH_ROWS || this.#characters >= BATCH_CHARACTERS) this.#flush()
  }

  #flush(): void {
    if (this.#batch.length === 0) return
    sendRows(this.#batch, this.#share)
    this.#batch = []
    this.#characters = 0
  }
}

function described({ name, isHidden }: SheetPart): Sheet {
  return { name, isHidden }
}

async function readWorkbook(archive: Archive): Promise<void> {
  refuseOther(archive)
  const parts = await findParts(archive, limits)
  const { sharedStrings, styles, is1904 } = parts
  const shared: Shared = {
    strings: sharedStrings === null ? [] : await readSharedStrings(archive, sharedStrings, limits),
    formats: styles === null ? [] : await readStyles(archive, styles, limits),
    is1904,
    limits,
    totals: { cells: 0, characters: 0 },
  }
  await new WorkbookReader(archive, shared).read(parts)
}

try {
  const archive = await Archive.open(path, limits)
  try {
    await readWorkbook(archive)
  } finally {
    archive.close()
  }
  send({ kind: 'end' })
} catch (error) {
  // The class of an error does not survive the way out of a worker.
  if (!(error instanceof IntakeError)) throw error
  const { code, message, details, places } = error
  send({ kind: 'refused', code, message, details, places })
}
