/**
 * Bytes to text: which encoding, and is it text at all.
 *
 * Windows-1252 is only decided on evidence. Until the first byte above 0x7F every candidate reads the same,
 * so a file whose only accent stands in the last row is still read right, without holding the file.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { IntakeError } from './problem.ts'

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface Decoded {
  /** `utf-8` until a byte says otherwise: final only when the text has been read to its end. */
  readonly encoding: Encoding
  /** The text in order, without byte order mark. Ill-formed sequences are U+FFFD. Can be read once. */
  readonly text: AsyncIterable<string>
}

const SNIFF_BYTES = 65_536
const REPLACEMENT = '\uFFFD'

/**
 * Decode a stream of bytes.
 * @param label the charset the sender named; null to find out.
 * @throws IntakeError `empty-file`, `not-text`, `unknown-encoding`. Errors of the source pass through.
 */
export async function decode(
  source: AsyncIterable<Uint8Array>,
  label: string | null = null,
): Promise<Decoded> {
  const bytes = source[Symbol.asyncIterator]()
  try {
    const head = await take(bytes, SNIFF_BYTES)
    if (head.length === 0) throw new IntakeError('empty-file', 'The file is empty.')
    refuseBinary(head)
    const decoder = label === null ? sniff(head) : decoderOf(encodingOf(label))
    return {
      get encoding() {
        return decoder.encoding
      },
      text: decodeFrom(head, bytes, decoder),
    }
  } catch (error) {
    await bytes.return?.()
    throw error
  }
}

async function* decodeFrom(
  head: Buffer,
  rest: AsyncIterator<Uint8Array>,
  decoder: Decoder,
): AsyncGenerator<string> {
  try {
    yield decoder.write(head)
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      const text = decoder.write(asBuffer(next.value))
      if (text !== '') yield text
    }
    const tail = decoder.end()
    if (tail !== '') yield tail
  } finally {
    await rest.return?.()
  }
}

/** The first bytes, at least `wanted` unless the source ends before. */
async function take(bytes: AsyncIterator<Uint8Array>, wanted: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  while (length < wanted) {
    const next = await bytes.next()
    if (next.done) break
    chunks.push(asBuffer(next.value))
    length += next.value.length
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

// ---- which encoding

function encodingOf(label: string): Encoding {
  const name = label.trim().toLowerCase().replaceAll('_', '-')
  if (['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(name)) return 'utf-8'
  if (['utf-16', 'utf-16le', 'utf16', 'utf16le', 'ucs-2'].includes(name)) return 'utf-16le'
  if (['utf-16be', 'utf16be'].includes(name)) return 'utf-16be'
  // The web reads Latin-1 labels as Windows-1252, and so do spreadsheets.
  if (['windows-1252', 'cp1252', 'iso-8859-1', 'latin1', 'latin-1'].includes(name)) return 'windows-1252'
  throw new IntakeError(
    'unknown-encoding',
    `The character encoding "${label}" is not supported. Save the file as "CSV UTF-8".`,
    { encoding: label, supported: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] },
  )
}

function sniff(head: Buffer): Decoder {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return decoderOf('utf-8')
  if (head[0] === 0xff && head[1] === 0xfe) return decoderOf('utf-16le')
  if (head[0] === 0xfe && head[1] === 0xff) return decoderOf('utf-16be')
  const unmarked = utf16WithoutMark(head)
  if (unmarked !== null) return decoderOf(unmarked)
  return undecided()
}

/** Latin letters in UTF-16 have every second byte zero; nothing else that is text does. */
function utf16WithoutMark(head: Buffer): Encoding | null {
  if (head.length < 4) return null
  const pairs = Math.floor(head.length / 2)
  let high = 0
  let low = 0
  for (let i = 0; i < pairs * 2; i += 2) {
    if (head[i] === 0) high++
    if (head[i + 1] === 0) low++
  }
  if (low > pairs * 0.4 && high < pairs * 0.05) return 'utf-16le'
  if (high > pairs * 0.4 && low < pairs * 0.05) return 'utf-16be'
  return null
}

// ---- not text

const SPREADSHEET =
  'Open it in the spreadsheet program and save it as "CSV UTF-8 (comma delimited)", then send that file.'

const SIGNATURES: readonly (readonly [name: string, bytes: string, advice: string])[] = [
  ['an old Excel workbook (.xls)', '\xD0\xCF\x11\xE0', SPREADSHEET],
  ['a PDF', '%PDF-', 'Ask for the table it was printed from, as CSV.'],
  ['a PNG image', '\x89PNG', 'A picture of a table cannot be read; send the table as CSV.'],
  ['a JPEG image', '\xFF\xD8\xFF', 'A picture of a table cannot be read; send the table as CSV.'],
  ['a GIF image', 'GIF8', 'A picture of a table cannot be read; send the table as CSV.'],
  ['a gzip archive', '\x1F\x8B', 'Unpack it and send the CSV file inside.'],
  ['a 7-Zip archive', '7z\xBC\xAF', 'Unpack it and send the CSV file inside.'],
  ['a RAR archive', 'Rar!', 'Unpack it and send the CSV file inside.'],
  ['a SQLite database', 'SQLite format 3', 'Export the table as CSV.'],
  ['a Parquet file', 'PAR1', 'Export the table as CSV.'],
  ['a rich text document', '{\\rtf', 'Save the table as CSV.'],
]

function refuseBinary(head: Buffer): void {
  const start = head.subarray(0, 4096).toString('latin1')
  if (start.startsWith('PK\x03\x04')) refuse(...zipKind(start))
  for (const [name, signature, advice] of SIGNATURES) {
    if (start.startsWith(signature)) refuse(name, advice)
  }
  if (start.startsWith('\xFF\xFE\0\0') || start.startsWith('\0\0\xFE\xFF')) {
    refuse('UTF-32 text', 'Save the file as "CSV UTF-8".')
  }
  if (utf16WithoutMark(head) !== null || start.startsWith('\xFF\xFE') || start.startsWith('\xFE\xFF')) return
  let zeros = 0
  let controls = 0
  for (const byte of head) {
    if (byte === 0) zeros++
    else if (byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) controls++
  }
  if (zeros > head.length * 0.1 || controls > head.length * 0.05) {
    refuse('not text', 'Send a table as CSV UTF-8.')
  }
}

function zipKind(start: string): [name: string, advice: string] {
  if (start.includes('application/vnd.oasis.opendocument.spreadsheet'))
    return ['an OpenDocument sheet (.ods)', SPREADSHEET]
  if (start.includes('[Content_Types].xml') || start.includes('xl/'))
    return ['an Excel workbook (.xlsx)', SPREADSHEET]
  return [
    'a ZIP archive',
    'Unpack it and send the CSV file inside; a workbook has to be saved as "CSV UTF-8" first.',
  ]
}

function refuse(name: string, advice: string): never {
  throw new IntakeError('not-text', `The file is ${name}. ${advice}`, { found: name })
}

// ---- decoders

interface Decoder {
  readonly encoding: Encoding
  write(chunk: Buffer): string
  end(): string
}

function decoderOf(encoding: Encoding): Decoder {
  return encoding === 'windows-1252' ? windows1252() : unicode(encoding)
}

function unicode(encoding: Encoding): Decoder {
  const decoder = new TextDecoder(encoding)
  // Set when the last chunk ended on ASCII, so that no half sequence waits in the decoder.
  let isClear = false
  return {
    encoding,
    write(chunk) {
      if (encoding === 'utf-8' && isClear && isAscii(chunk)) return chunk.toString('latin1')
      isClear = chunk.length > 0 && chunk[chunk.length - 1]! < 0x80
      return decoder.decode(chunk, { stream: true })
    },
    end: () => decoder.decode(),
  }
}

/** Windows-1252 above 0x7F up to 0x9F; U+FFFD where the code page has nothing. */
const CP1252 =
  '\u20AC\uFFFD\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\uFFFD\u017D\uFFFD' +
  '\uFFFD\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\uFFFD\u017E\u0178'

/** By table: several Node releases decode `windows-1252` as Latin-1, which turns curly quotes into controls. */
function windows1252(): Decoder {
  return {
    encoding: 'windows-1252',
    write: (chunk) =>
      chunk.toString('latin1').replace(/[\x80-\x9F]/g, (c) => CP1252[c.charCodeAt(0) - 0x80]!),
    end: () => '',
  }
}

function undecided(): Decoder {
  let decided: Decoder | null = null
  return {
    get encoding() {
      return decided?.encoding ?? 'utf-8'
    },
    write(chunk) {
      if (decided !== null) return decided.write(chunk)
      if (isAscii(chunk)) return chunk.toString('latin1')
      // A chunk may end inside its only sequence, which then cannot speak for UTF-8 or against it.
      decided = decoderOf(looksLikeUtf8(chunk) ? 'utf-8' : 'windows-1252')
      return decided.write(chunk)
    },
    end: () => decided?.end() ?? '',
  }
}

function looksLikeUtf8(chunk: Buffer): boolean {
  const whole = chunk.subarray(0, chunk.length - unfinished(chunk))
  if (isUtf8(whole)) return true
  const text = whole.toString('utf8')
  let good = 0
  let bad = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === REPLACEMENT) bad++
    else if (text.charCodeAt(i) > 0x7f) good++
  }
  // A lone surrogate (ED A0..BF xx) is the mistake of a UTF-8 writer; as Windows-1252 it would be no word at all.
  const surrogates = whole.toString('latin1').match(/\xED[\xA0-\xBF][\x80-\xBF]/g)?.length ?? 0
  return good + 3 * surrogates > bad - 3 * surrogates
}

/** Bytes at the end that begin a UTF-8 sequence which is not complete. */
function unfinished(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back]!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return back < length ? back : 0
    }
  }
  return 0
}
