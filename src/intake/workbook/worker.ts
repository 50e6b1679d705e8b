/**
 * Reads a workbook in a thread of its own, with a memory of its own: whatever the file holds, no more than this
 * thread ends.
 *
 * First the beginnings of the sheets are sent; then those are read whole that the service chooses.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { IntakeError } from '../problem.ts'
import { Archive, refuseOther } from './archive.ts'
import { findMergedAreas, type MergedArea } from './merges.ts'
import { MOST_UNDER_WAY, type SheetHead, type WorkbookMessage, type WorkbookTask } from './messages.ts'
import { findParts, type PackageParts, type SheetPart } from './package-parts.ts'
import { damaged, quoted } from './refusal.ts'
import { readSharedStrings } from './shared-strings.ts'
import { type SheetContext, SheetReader, type SheetRow } from './sheet.ts'
import { readStyles } from './styles.ts'
import { Enough, readXml } from './xml.ts'

const BATCH_ROWS = 250
/** A batch with long texts is sent before it has all its rows. */
const BATCH_CHARACTERS = 500_000
/** Of the beginning of a sheet; what it holds in all has the limits of the workbook. */
const HEAD_ROWS = 500
const HEAD_CHARACTERS = 500_000
/** Of those of all sheets. */
const HEADS_CHARACTERS = 8_000_000

const { path, limits, underWay, wanted } = workerData as WorkbookTask
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

/** What the service answers to the beginnings: the places of the sheets to read. */
function choice(): Promise<readonly number[]> {
  return new Promise((resolve) => parentPort?.once('message', resolve))
}

class WorkbookReader {
  readonly #archive: Archive
  readonly #shared: Shared
  #batch: SheetRow[] = []
  #characters = 0
  #bytes = 0
  #bytesOfAll = 0
  #headCharacters = 0

  constructor(archive: Archive, shared: Shared) {
    this.#archive = archive
    this.#shared = shared
  }

  async read({ sheets }: PackageParts): Promise<void> {
    const heads: SheetHead[] = []
    for (const sheet of sheets) heads.push(await this.#headOf(sheet))
    const chosen = choice()
    send({ kind: 'heads', sheets: heads })
    const indexes = await chosen
    for (const index of indexes) this.#bytesOfAll += this.#archive.sizeOf(sheets[index]!.part)
    for (const index of indexes) await this.#readSheet(index, sheets[index]!, heads[index]!.mergedAreas)
  }

  async #headOf(sheet: SheetPart): Promise<SheetHead> {
    const { name, isHidden } = sheet
    const isWanted = wanted === null ? !isHidden : wanted.includes(name.toLowerCase())
    const head = { name, isHidden, isWanted }
    try {
      const rows = await this.#firstRows(sheet, isWanted ? HEAD_ROWS : 1)
      const holdsSomething = rows.length > 0
      const isRead = isWanted && holdsSomething
      const mergedAreas = isRead ? await findMergedAreas(this.#archive, sheet, limits) : []
      return { ...head, holdsSomething, mergedAreas, rows: isRead ? rows : [] }
    } catch (error) {
      // What is wrong with a sheet that is not read stops nobody; that it is there is said.
      if (isWanted || !(error instanceof IntakeError)) throw error
      return { ...head, holdsSomething: true, mergedAreas: [], rows: [] }
    }
  }

  /** Only as much is parsed as that takes. */
  async #firstRows(sheet: SheetPart, most: number): Promise<SheetRow[]> {
    const rows: SheetRow[] = []
    let characters = 0
    const totals = { cells: 0, characters: 0 }
    const reader = new SheetReader({ ...this.#shared, name: sheet.name, totals }, (row) => {
      rows.push(row)
      for (const value of row.values) characters += value.length
      const isFull = characters >= HEAD_CHARACTERS || this.#headCharacters + characters >= HEADS_CHARACTERS
      if (rows.length >= most || isFull) throw new Enough()
    })
    await readXml(sheet.part, this.#archive.read(sheet.part), limits, reader)
    this.#headCharacters += characters
    return rows
  }

  async #readSheet(index: number, sheet: SheetPart, mergedAreas: readonly MergedArea[]): Promise<void> {
    send({ kind: 'sheet', index })
    const reader = new SheetReader({ ...this.#shared, name: sheet.name }, (row) => this.#take(row))
    await readXml(sheet.part, this.#counted(sheet.part), limits, reader)
    // They were looked for as text, and have now been parsed.
    if (reader.mergedAreas !== mergedAreas.length)
      throw damaged(`The merged areas of the sheet ${quoted(sheet.name)} cannot be read.`)
    this.#flush()
    send({ kind: 'sheet-end', hiddenColumns: [...reader.hiddenColumns] })
  }

  async *#counted(part: string): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#archive.read(part)) {
      this.#bytes += piece.length
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
    sendRows(this.#batch, this.#bytes / this.#bytesOfAll)
    this.#batch = []
    this.#characters = 0
  }
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
