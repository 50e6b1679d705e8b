/** A zip archive as it is made, in memory that does not grow with it, and what is in each of its files. */
import { createHash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { BLANK_SEAL, type Seal, withSeal } from './model/seal.ts'

interface PackedFile {
  readonly bytes: number
  readonly sha256: string
}

export interface Packer {
  /** Resolves when all of the file is in the archive. */
  add(name: string, text: AsyncIterable<string> | Iterable<string>): Promise<PackedFile>
  addBytes(name: string, bytes: Buffer): void
}

/** So much text is given on at once: a line alone would be a piece of its own. */
/** A file that its owner changes and everybody reads. */
const FILE_MODE = 0o100644
const PIECE_CHARACTERS = 65_536

/** The bytes of an archive that `fill` puts files into, with its seal. A failure of `fill` ends them with that failure. */
export function archiveOf(
  at: Date,
  fill: (packer: Packer) => Promise<void>,
  seal: (text: Buffer) => Seal,
): AsyncGenerator<Buffer> {
  const zip = new ZipFile()
  const out = new PassThrough()
  zip.outputStream.pipe(out)
  zip.on('error', (error: Error) => out.destroy(error))
  const packer: Packer = {
    add: (name, text) => added(zip, at, name, text),
    addBytes: (name, bytes) => zip.addBuffer(bytes, name, { mtime: at, mode: FILE_MODE }),
  }
  fill(packer)
    .then(() => zip.end({ forceZip64Format: false, comment: BLANK_SEAL }))
    .catch((error: Error) => out.destroy(error))
  return withSeal(out, seal)
}

async function added(
  zip: ZipFile,
  at: Date,
  name: string,
  text: AsyncIterable<string> | Iterable<string>,
): Promise<PackedFile> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const piece of inPieces(text)) {
      const buffer = Buffer.from(piece)
      hash.update(buffer)
      bytes += buffer.length
      yield buffer
    }
  }
  const through = new PassThrough()
  zip.addReadStream(through, name, { mtime: at, mode: FILE_MODE })
  await pipeline(Readable.from(counted(), { objectMode: false }), through)
  return { bytes, sha256: hash.digest('hex') }
}

async function* inPieces(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let held = ''
  for await (const piece of text) {
    held += piece
    if (held.length < PIECE_CHARACTERS) continue
    yield held
    held = ''
  }
  if (held !== '') yield held
}
