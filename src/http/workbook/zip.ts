/**
 * An archive as it is made: each part is packed while it comes, so nothing is held but what is at hand. The same parts
 * give the same bytes, whatever the time and the zone of the machine.
 */
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

export interface Part {
  readonly name: string
  /** Read once, when its turn comes. */
  readonly text: () => AsyncIterable<string> | Iterable<string>
}

/** Archives keep the time of the machine's own zone; this day is written the same in each. */
const DAY_ONE = new Date(1980, 0, 1)
/** Text that is packed at once, in characters. */
const PIECE = 65_536

export async function* zip(parts: readonly Part[]): AsyncGenerator<Buffer, void, undefined> {
  const archive = new ZipFile()
  const out = new PassThrough()
  archive.outputStream.pipe(out)
  archive.on('error', (error: Error) => out.destroy(error))
  // Whoever stops reading ends the reading of rows too.
  const gone = new AbortController()
  const filled = fill(archive, parts, gone.signal).catch((error: Error) => void out.destroy(error))
  try {
    yield* out as AsyncIterable<Buffer>
  } finally {
    gone.abort()
    await filled
  }
}

async function fill(archive: ZipFile, parts: readonly Part[], signal: AbortSignal): Promise<void> {
  for (const { name, text } of parts) {
    const through = new PassThrough()
    archive.addReadStream(through, name, { mtime: DAY_ONE, forceDosTimestamp: true, mode: FILE_MODE })
    await pipeline(Readable.from(inPieces(text()), { objectMode: false }), through, { signal })
  }
  archive.end({ forceZip64Format: false, comment: '' })
}

/** A file that its owner changes and everybody reads. */
const FILE_MODE = 0o100644

async function* inPieces(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer> {
  let held = ''
  for await (const piece of text) {
    held += piece
    if (held.length < PIECE) continue
    yield Buffer.from(held)
    held = ''
  }
  if (held !== '') yield Buffer.from(held)
}
