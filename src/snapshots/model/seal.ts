/**
 * The seal of an archive: its last bytes, the comment of the zip file, are a signature of all bytes before them.
 * So a change is also found where no program that reads the files looks: in headers, and in what stands between files.
 * Pure.
 */
import { createHash, type Hash } from 'node:crypto'

const HEAD = 'camledger seal 1 '
/** A thumbprint has 43 characters, a signature 64 bytes, written in hex: there is one way to write each. */
const FORM = /^camledger seal 1 ([A-Za-z0-9_-]{43}) ([0-9a-f]{128})\.$/

export interface Seal {
  readonly kid: string
  readonly signature: Buffer
}

export const SEAL_BYTES = HEAD.length + 43 + 1 + 128 + 1

function sealText({ kid, signature }: Seal): string {
  return `${HEAD}${kid} ${signature.toString('hex')}.`
}

/** null when the bytes are no seal. */
export function readSeal(bytes: Buffer): Seal | null {
  const match = FORM.exec(bytes.toString('latin1'))
  return match === null ? null : { kid: match[1]!, signature: Buffer.from(match[2]!, 'hex') }
}

/** What is signed: the digest of the bytes before the seal, with a word that no other signature of the key begins with. */
export function sealed(before: Hash): Buffer {
  return Buffer.from(`camledger archive sha256 ${before.digest('hex')}\n`)
}

/** Stands for the seal while the archive is written. */
export const BLANK_SEAL = sealText({ kid: '-'.repeat(43), signature: Buffer.alloc(64) })

/** The pieces of an archive that ends with a blank seal, with the seal in its place. */
export async function* withSeal(
  pieces: AsyncIterable<Buffer>,
  sign: (text: Buffer) => Seal,
): AsyncGenerator<Buffer> {
  const before = createHash('sha256')
  let tail: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    const all = Buffer.concat([tail, piece])
    const ready = all.subarray(0, Math.max(0, all.length - SEAL_BYTES))
    tail = all.subarray(ready.length)
    if (ready.length === 0) continue
    before.update(ready)
    yield ready
  }
  if (tail.toString('latin1') !== BLANK_SEAL) throw new Error('The archive does not end with its seal.')
  yield Buffer.from(sealText(sign(sealed(before))))
}
