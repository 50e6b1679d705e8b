/** A file, whatever it is, as a table: text as it streams, a workbook from where it lies on disk. */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { refuseCompound } from './compound.ts'
import type { ReadOptions } from './layout.ts'
import { openWorkbook } from './open-workbook.ts'
import { type ReadTable, readTable } from './rows.ts'
import { WORKBOOK_LIMITS } from './workbook/limits.ts'
import { size, tooMuch } from './workbook/refusal.ts'

/** As many bytes as tell what a file is. */
const SIGNATURE_BYTES = 4

type Kind = 'text' | 'archive' | 'compound'

function kindOf(head: Uint8Array): Kind {
  const [a, b, c, d] = head
  // Of an archive's three beginnings, one is that of an empty one.
  if (a === 0x50 && b === 0x4b && (c === 3 || c === 5 || c === 7) && d === c + 1) return 'archive'
  return a === 0xd0 && b === 0xcf && c === 0x11 && d === 0xe0 ? 'compound' : 'text'
}

/**
 * Open a table: a file by its path, or bytes as they come. The bytes of a workbook are kept in a private file until
 * the table is read or closed, since a workbook cannot be read from the front.
 * Throws IntakeError, and what the source throws.
 */
export async function openTable(
  source: string | AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<ReadTable> {
  if (typeof source === 'string') {
    const kind = kindOf(await beginning(source))
    if (kind === 'text') {
      const { size: length } = await stat(source)
      const bytes = createReadStream(source)
      return readTable(bytes, options, () => bytes.bytesRead / length)
    }
    return kind === 'archive' ? openWorkbook(source, options) : refuseCompound(source)
  }
  const { head, all } = await peek(source)
  const kind = kindOf(head)
  if (kind === 'text') return readTable(all, options)
  const folder = await mkdtemp(join(tmpdir(), 'camledger-workbook-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'workbook')
    await pipeline(Readable.from(limited(all)), createWriteStream(path, { mode: 0o600 }))
    return kind === 'archive' ? await openWorkbook(path, options, remove) : await refuseCompound(path)
  } catch (error) {
    await remove()
    throw error
  }
}

async function beginning(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** The first bytes, and all of them again. */
async function peek(
  content: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = content[Symbol.asyncIterator]()
  const begun: Uint8Array[] = []
  let length = 0
  while (length < SIGNATURE_BYTES) {
    const next = await iterator.next()
    if (next.done) break
    begun.push(next.value)
    length += next.value.length
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* begun
      for (;;) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { head: Buffer.concat(begun), all: all() }
}

async function* limited(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { fileBytes } = WORKBOOK_LIMITS
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > fileBytes) throw tooMuch(`The workbook has more than ${size(fileBytes)}, which is the most.`)
    yield piece
  }
}
