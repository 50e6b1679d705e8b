/**
 * Identifiers: UUIDv7 (RFC 9562), which sort by the time they were made, and UUIDv8 made of a digest.
 */
import { createHash, randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(4096)
let offset = pool.length

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A new UUIDv7 for the given instant in milliseconds since 1970. */
export function uuidv7(now: number): string {
  if (offset + 10 > pool.length) {
    randomFillSync(pool)
    offset = 0
  }
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeUIntBE(now, 0, 6)
  pool.copy(bytes, 6, offset, offset + 10)
  offset += 10
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return format(bytes)
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
