/**
 * Identifiers: UUIDv7 (RFC 9562), which sort by the time they were made, and UUIDv8 made of a digest.
 */
import { createHash, randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(4096)
let offset = pool.length

/** Random bytes out of a pool, valid until the next call. */
function randomBytes(count: number): Buffer {
  if (offset + count > pool.length) {
    randomFillSync(pool)
    offset = 0
  }
  offset += count
  return pool.subarray(offset - count, offset)
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Half of what 26 bits count, so that a sequence that starts below it has as much before it. */
const COUNTER_START = 2 ** 25

/**
 * UUIDv7s of one instant, in milliseconds since 1970, each greater than the one before: 26 bits after the time
 * count up from a random start (RFC 9562, 6.2, method 1), 48 are random. Rows that are written together then lie
 * together, in the order in which they came.
 */
export function idsFrom(now: number): () => string {
  let counter = randomBytes(4).readUInt32BE() % COUNTER_START
  return () => {
    const bytes = Buffer.allocUnsafe(16)
    bytes.writeUIntBE(now, 0, 6)
    bytes[6] = 0x70 | (counter >>> 22)
    bytes[7] = (counter >>> 14) & 0xff
    bytes[8] = 0x80 | ((counter >>> 8) & 0x3f)
    bytes[9] = counter & 0xff
    randomBytes(6).copy(bytes, 10)
    counter++
    return format(bytes)
  }
}

let latest = { now: Number.NaN, next: (): string => '' }

/** A new UUIDv7 for the given instant in milliseconds since 1970; see `idsFrom`. */
export function uuidv7(now: number): string {
  if (now !== latest.now) latest = { now, next: idsFrom(now) }
  return latest.next()
}

/** A UUIDv8 made of the SHA-256 of a text: the same text always gives the same id. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return format(bytes)
}

function format(b: Buffer): string {
  let text = ''
  for (let i = 0; i < 16; i++) {
    text += HEX[b[i]!]
    if (i === 3 || i === 5 || i === 7 || i === 9) text += '-'
  }
  return text
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The id of the operator's own rows in tables that are otherwise a jurisdiction's. */
export const OPERATOR_ID = '00000000-0000-0000-0000-000000000000'

/** Lower-case UUID as this service writes them. */
export function isUuid(text: string): boolean {
  return UUID.test(text) || text === OPERATOR_ID
}
