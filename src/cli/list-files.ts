/** Files of a list that belong together, as one stream: 130 MB are not held in memory. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A line end between two files. Fails before the first byte when a file is not there. */
export async function asOne(files: readonly string[]): Promise<Readable> {
  for (const file of files) await stat(file)
  return Readable.from(piecesOf(files), { objectMode: false })
}

async function* piecesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const [i, file] of files.entries()) {
    if (i > 0) yield Buffer.from('\n')
    for await (const chunk of createReadStream(file)) yield chunk as Buffer
  }
}

/** The whole as a file, with its digest. */
export async function keptAs(
  path: string,
  body: Readable,
): Promise<{ readonly path: string; readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  await pipeline(body, counted, createWriteStream(path))
  return { path, bytes, sha256: hash.digest('hex') }
}
