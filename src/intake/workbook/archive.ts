/**
 * The archive a workbook is: its parts by name, unpacked as a stream, with every number in it doubted.
 *
 * Sizes are held against the limits as the directory states them, and again by counting what comes out; the
 * checksum is compared at the end of each part.
 */
import { crc32, createInflateRaw } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { IntakeError } from '../problem.ts'
import type { WorkbookLimits } from './limits.ts'
import { damaged, encrypted, grouped, otherFormat, size, tooMuch } from './refusal.ts'

const STORED = 0
const DEFLATED = 8
const PIECE_BYTES = 65_536

export class Archive {
  readonly #zip: ZipFile
  readonly #limits: WorkbookLimits
  /** By name in lower case: names of parts do not tell cases apart. Source: ECMA-376, part 2, 6.2.2.3. */
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #opened = new Set<Entry>()
  #openedBytes = 0

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>, limits: WorkbookLimits) {
    this.#zip = zip
    this.#entries = entries
    this.#limits = limits
  }

  /** Read the directory. Throws IntakeError. */
  static async open(path: string, limits: WorkbookLimits): Promise<Archive> {
    const zip = await yauzl.openPromise(path, { autoClose: false, strictFileNames: false }).catch(broken)
    try {
      return new Archive(zip, await entriesOf(zip, limits), limits)
    } catch (error) {
      zip.close()
      throw error
    }
  }

  close(): void {
    this.#zip.close()
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  /** Every part, in the order of the directory. */
  names(): readonly string[] {
    return [...this.#entries.values()].map(({ fileName }) => fileName)
  }

  /** Unpacked bytes, as the directory states them; 0 for what there is not. */
  sizeOf(name: string): number {
    return this.#entries.get(name.toLowerCase())?.uncompressedSize ?? 0
  }

  /** Whether any part's name, in lower case, is like this. */
  hasLike(pattern: RegExp): boolean {
    for (const name of this.#entries.keys()) if (pattern.test(name)) return true
    return false
  }

  /** What the part unpacks to. Throws IntakeError at the first byte that is too much or not as stated. */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    const entry = this.#entries.get(name.toLowerCase())
    if (entry === undefined) throw damaged(`The workbook has no part "${name}", which another part names.`)
    this.#admit(entry, name)
    const packed = await this.#zip.openReadStreamPromise(entry, { decodeFileData: false }).catch(broken)
    const unpacked =
      entry.compressionMethod === STORED ? packed : createInflateRaw({ chunkSize: PIECE_BYTES })
    if (unpacked !== packed) {
      packed.once('error', (error) => unpacked.destroy(error))
      packed.pipe(unpacked as ReturnType<typeof createInflateRaw>)
    }
    let bytes = 0
    let sum = 0
    try {
      for await (const piece of unpacked as AsyncIterable<Buffer>) {
        bytes += piece.length
        if (bytes > entry.uncompressedSize) throw this.#lie(name)
        sum = crc32(piece, sum)
        yield piece
      }
    } catch (error) {
      throw error instanceof IntakeError ? error : broken(error, name)
    } finally {
      packed.destroy()
      unpacked.destroy()
    }
    if (bytes !== entry.uncompressedSize) throw this.#lie(name)
    if (sum >>> 0 !== entry.crc32 >>> 0)
      throw damaged(`The part "${name}" does not have the checksum that the file states.`)
  }

  #lie(name: string): IntakeError {
    return damaged(`The part "${name}" does not unpack to the size that the file states.`)
  }

  #admit(entry: Entry, name: string): void {
    const { partBytes, openedBytes, ratio, ratioFromBytes } = this.#limits
    const { uncompressedSize: unpacked, compressedSize: packed } = entry
    if (entry.isEncrypted()) throw encrypted()
    if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
      throw damaged(`The part "${name}" is packed in a way that workbooks are not.`)
    if (unpacked > partBytes) {
      throw tooMuch(`The part "${name}" unpacks to ${size(unpacked)}; ${size(partBytes)} is the most.`)
    }
    if (unpacked > ratioFromBytes && unpacked > ratio * packed) {
      const times = grouped(Math.round(unpacked / Math.max(1, packed)))
      throw tooMuch(
        `The part "${name}" unpacks to ${times} times its size, ${size(unpacked)}; ${ratio} times is the most.`,
      )
    }
    if (this.#opened.has(entry)) return
    this.#opened.add(entry)
    this.#openedBytes += unpacked
    if (this.#openedBytes > openedBytes) {
      throw tooMuch(
        `The parts of the workbook unpack to more than ${size(openedBytes)} together, "${name}" among them.`,
      )
    }
  }
}

async function entriesOf(zip: ZipFile, limits: WorkbookLimits): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.parts) throw tooManyParts(zip.entryCount, limits)
  const entries = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase()
      if (name.endsWith('/')) continue
      if (entries.has(name)) throw damaged(`The workbook holds two parts "${entry.fileName}".`)
      entries.set(name, entry)
      if (entries.size > limits.parts) throw tooManyParts(entries.size, limits)
    }
  } catch (error) {
    throw error instanceof IntakeError ? error : broken(error)
  }
  return entries
}

function tooManyParts(found: number, { parts }: WorkbookLimits): IntakeError {
  return tooMuch(`The workbook has ${grouped(found)} parts; ${grouped(parts)} is the most.`)
}

/** What the libraries say is for programmers: it stays with the error as its cause. */
function broken(error: unknown, name?: string): never {
  if (error instanceof IntakeError) throw error
  const where = name === undefined ? 'The archive' : `The part "${name}"`
  throw Object.assign(damaged(`${where} is broken or was cut short.`), { cause: error })
}

/** Archives that are other documents, by a part that only they have. */
const OTHERS: readonly (readonly [part: RegExp, name: string, advice: string])[] = [
  [
    /^xl\/workbook\.bin$/,
    'a binary Excel workbook (.xlsb)',
    'Open it in Excel, choose Save As, "Excel Workbook (*.xlsx)", and send that.',
  ],
  [
    /^content\.xml$/,
    'an OpenDocument sheet (.ods)',
    'Open it in the spreadsheet program, save it as "Excel 2007-365 (.xlsx)" or "CSV UTF-8", and send that.',
  ],
  [
    /^index\/.*\.iwa$|^index\.zip$/,
    'an Apple Numbers sheet',
    'Open it in Numbers, choose File, Export To, Excel, and send that.',
  ],
  [/^word\//, 'a Word document', 'Copy the table into a spreadsheet and send that.'],
  [/^ppt\//, 'a PowerPoint presentation', 'Copy the table into a spreadsheet and send that.'],
]

/** Refuse an archive that is no workbook, saying what it is. */
export function refuseOther(archive: Archive): void {
  for (const [part, name, advice] of OTHERS) if (archive.hasLike(part)) throw otherFormat(name, advice)
  if (!archive.hasLike(/^_rels\/\.rels$|^\[content_types\]\.xml$|^xl\//)) {
    throw otherFormat(
      'a ZIP archive and no workbook',
      'Unpack it and send the file inside, one at a time; or save the sheet as "CSV UTF-8".',
    )
  }
}
