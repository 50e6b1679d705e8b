/**
 * An archive as it is made: each part is packed while it comes, so nothing is held but what is at hand.
 * Source: APPNOTE 6.3.10, sections 4.3 and 4.4 (sizes after the data: bit 3; names in UTF-8: bit 11).
 */
import { once } from 'node:events'
import { crc32, createDeflateRaw } from 'node:zlib'

export interface Part {
  readonly name: string
  /** Read once, when its turn comes. */
  readonly text: () => AsyncIterable<string> | Iterable<string>
}

interface Written {
  readonly name: Buffer
  readonly offset: number
  readonly crc: number
  readonly packed: number
  readonly size: number
}

const FLAGS = 0x0808
const DEFLATE = 8
/** Midnight of January 1, 1980: the same rows make the same bytes. */
const DAY_ONE = 0x00210000
/** What fits into the fields of 32 bits. */
const MOST_BYTES = 0xffffffff
/** Text that is packed at once, in characters. */
const PIECE = 65_536

export async function* zip(parts: readonly Part[]): AsyncGenerator<Buffer, void, undefined> {
  const all: Written[] = []
  let offset = 0
  for (const { name, text } of parts) {
    const title = Buffer.from(name)
    const begun = offset
    const head = record(
      0x04034b50,
      [2, 20],
      [2, FLAGS],
      [2, DEFLATE],
      [4, DAY_ONE],
      [4, 0],
      [4, 0],
      [4, 0],
      [2, title.length],
      [2, 0],
    )
    yield Buffer.concat([head, title])
    offset += head.length + title.length
    const packer = new Packer()
    for await (const piece of packer.pack(text())) {
      offset += piece.length
      yield piece
    }
    const { crc, packed, size } = packer
    if (size > MOST_BYTES || offset > MOST_BYTES) throw new Error('The file grows too large for an archive.')
    const end = record(0x08074b50, [4, crc], [4, packed], [4, size])
    offset += end.length
    yield end
    all.push({ name: title, offset: begun, crc, packed, size })
  }
  const directory = Buffer.concat(all.map(entryOf))
  yield directory
  yield record(
    0x06054b50,
    [2, 0],
    [2, 0],
    [2, all.length],
    [2, all.length],
    [4, directory.length],
    [4, offset],
    [2, 0],
  )
}

class Packer {
  crc = 0
  packed = 0
  size = 0

  async *pack(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Buffer, void, undefined> {
    const deflate = createDeflateRaw({ level: 6 })
    const ready: Buffer[] = []
    deflate.on('data', (piece: Buffer) => ready.push(piece))
    for await (const piece of inPieces(text)) {
      const bytes = Buffer.from(piece)
      this.crc = crc32(bytes, this.crc)
      this.size += bytes.length
      if (!deflate.write(bytes)) await once(deflate, 'drain')
      yield* this.#taken(ready)
    }
    const ended = once(deflate, 'end')
    deflate.end()
    await ended
    yield* this.#taken(ready)
  }

  *#taken(ready: Buffer[]): Generator<Buffer, void, undefined> {
    for (const piece of ready.splice(0)) {
      this.packed += piece.length
      yield piece
    }
  }
}

async function* inPieces(text: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let held = ''
  for await (const piece of text) {
    held += piece
    if (held.length < PIECE) continue
    yield held
    held = ''
  }
  if (held !== '') yield held
}

function entryOf({ name, offset, crc, packed, size }: Written): Buffer {
  const fields: Field[] = [
    [2, 20],
    [2, 20],
    [2, FLAGS],
    [2, DEFLATE],
    [4, DAY_ONE],
    [4, crc],
    [4, packed],
    [4, size],
  ]
  const more: Field[] = [
    [2, name.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, offset],
  ]
  return Buffer.concat([record(0x02014b50, ...fields, ...more), name])
}

type Field = readonly [bytes: 2 | 4, value: number]

/** A signature and fields, least byte first. */
function record(signature: number, ...fields: readonly Field[]): Buffer {
  const all: readonly Field[] = [[4, signature], ...fields]
  const bytes = Buffer.alloc(all.reduce((sum, [width]) => sum + width, 0))
  let at = 0
  for (const [width, value] of all) at = bytes.writeUIntLE(value, at, width)
  return bytes
}
