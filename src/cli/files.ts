/** Files on their way through: written whole or not at all, read with a bar where one can be seen. */
import { createHash } from 'node:crypto'
import { constants, createWriteStream } from 'node:fs'
import { access, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'

/**
 * Write a file that is there whole or not at all: beside its name first, renamed at the end.
 * So a failure leaves what was there before, and the file that is being read may be the one that is written.
 */
export async function writeWhole(path: string, text: AsyncIterable<string | Uint8Array>): Promise<void> {
  await access(dirname(path), constants.W_OK)
  const unfinished = `${path}.${process.pid}.part`
  try {
    await pipeline(text, createWriteStream(unfinished))
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

export interface Progress {
  /** Pass the bytes of a file on and show how far it is. */
  watch(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** SHA-256 of what has passed, hex. */
  digest(): string
  bytes(): number
  stop(): void
}

/** Files smaller than this are done before a bar could be read. */
const WORTH_A_BAR_BYTES = 2 * 1024 * 1024

/** A bar on standard error, only where that is a terminal and the file is long. Throws when there is no file. */
export async function progressBar(file: string): Promise<Progress> {
  const size = file === '-' ? 0 : (await stat(file)).size
  const isShown = process.stderr.isTTY === true && size >= WORTH_A_BAR_BYTES
  const bar = isShown ? await shownBar() : null
  bar?.start(size, 0)
  const hash = createHash('sha256')
  let bytes = 0
  return {
    watch: async function* (content) {
      for await (const chunk of content) {
        bytes += chunk.length
        hash.update(chunk)
        bar?.update(bytes)
        yield chunk
      }
    },
    digest: () => hash.digest('hex'),
    bytes: () => bytes,
    stop: () => bar?.stop(),
  }
}

async function shownBar() {
  const { default: cliProgress } = await import('cli-progress')
  return new cliProgress.SingleBar(
    { format: '{bar} {percentage}%  {eta_formatted} left', stream: process.stderr, hideCursor: true },
    cliProgress.Presets.shades_classic,
  )
}
