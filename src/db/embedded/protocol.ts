/**
 * The few messages of the PostgreSQL protocol, version 3, that the two threads write themselves.
 * Everything else is written and read by `pg`.
 * Source: PostgreSQL 18 documentation, chapter 54, "Frontend/Backend Protocol".
 */

export const QUERY = 0x51
export const SYNC = 0x53
export const TERMINATE = 0x58
export const READY_FOR_QUERY = 0x5a

/** AuthenticationOk and ReadyForQuery (idle): all that a client needs to begin. */
export function welcome(): Uint8Array<ArrayBuffer> {
  return join([message('R', Uint8Array.of(0, 0, 0, 0)), readyForQuery('I')])
}

export function readyForQuery(status: 'I' | 'T' | 'E'): Uint8Array {
  return message('Z', Buffer.from(status))
}

/** ErrorResponse of severity ERROR; `code` is an SQLSTATE. */
export function errorResponse(code: string, text: string): Uint8Array {
  return message('E', Buffer.from(`SERROR\0VERROR\0C${code}\0M${text}\0\0`))
}

/** A simple query. */
export function simpleQuery(text: string): Uint8Array {
  return message('Q', Buffer.from(`${text}\0`))
}

/** Ends COPY FROM STDIN with an error; the server ignores it outside of a COPY. */
export function copyFail(reason: string): Uint8Array {
  return message('f', Buffer.from(`${reason}\0`))
}

/** Copies the pieces into a buffer of their own, which can be transferred to another thread. */
export function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const piece of pieces) length += piece.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}

function message(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = type.charCodeAt(0)
  new DataView(bytes.buffer).setInt32(1, 4 + body.length)
  bytes.set(body, 5)
  return bytes
}
