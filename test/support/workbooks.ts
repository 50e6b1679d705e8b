/**
 * Workbooks of any kind, good, odd and hostile, as bytes: a small writer of archives that lies when it is asked to,
 * and the few parts a workbook needs.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib'

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const STRICT_MAIN = 'http://purl.oclc.org/ooxml/spreadsheetml/main'
const STRICT_RELATIONS = 'http://purl.oclc.org/ooxml/officeDocument/relationships'
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MEBIBYTE = 1024 * 1024

/** A part and the lies about it. */
export interface Part {
  readonly name: string
  readonly content: string | Uint8Array | Repeated
  readonly statedBytes?: number
  readonly statedSum?: number
  readonly isEncrypted?: boolean
  readonly isStored?: boolean
}

/** So many MiB of a text again and again between two others; packed without being made. */
interface Repeated {
  readonly before: string
  /** Its length divides a MiB. */
  readonly again: string
  readonly mebibytes: number
  readonly after: string
}

/** An archive of these parts. */
export function archive(parts: readonly Part[]): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const part of parts) {
    const { packed, bytes, sum } = pack(part)
    const name = Buffer.from(part.name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version needed
    common.writeUInt16LE((part.isEncrypted ? 1 : 0) | 0x800, 2) // names are UTF-8
    common.writeUInt16LE(part.isStored ? 0 : 8, 4)
    common.writeUInt16LE(0x21, 8) // 1980-01-01
    common.writeUInt32LE(part.statedSum ?? sum, 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(part.statedBytes ?? bytes, 18)
    common.writeUInt16LE(name.length, 22)
    pieces.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name)
    at += 30 + name.length + packed.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...pieces, entries, end])
}

function pack({ content, isStored }: Part): { packed: Buffer; bytes: number; sum: number } {
  if (typeof content === 'object' && 'mebibytes' in content) return packRepeated(content)
  const bytes = Buffer.from(content as string)
  return { packed: isStored ? bytes : deflateRawSync(bytes), bytes: bytes.length, sum: crc32(bytes) }
}

/** Blocks that end with a full flush stand alone, so one can be repeated. */
function packRepeated({ before, again, mebibytes, after }: Repeated) {
  const block = Buffer.alloc(MEBIBYTE, again)
  const flushed = { finishFlush: constants.Z_FULL_FLUSH }
  const packed = [deflateRawSync(Buffer.from(before), flushed)]
  const packedBlock = deflateRawSync(block, flushed)
  let sum = crc32(before)
  for (let i = 0; i < mebibytes; i++) {
    packed.push(packedBlock)
    sum = crc32(block, sum)
  }
  packed.push(deflateRawSync(Buffer.from(after)))
  return {
    packed: Buffer.concat(packed),
    bytes: before.length + mebibytes * MEBIBYTE + after.length,
    sum: crc32(after, sum),
  }
}

interface SheetOf {
  readonly name: string
  readonly state?: 'hidden' | 'veryHidden'
  /** XML of the part. */
  readonly xml: Part['content']
  readonly lies?: Partial<Part>
}

export interface WorkbookOf {
  readonly sheets: readonly SheetOf[]
  /** Inside of `<sst>`, or the whole part. */
  readonly strings?: Part['content']
  /** Inside of `<styleSheet>`. */
  readonly styles?: string
  /** Inside of `<definedNames>`. */
  readonly names?: string
  readonly is1904?: boolean
  readonly isStrict?: boolean
  /** A prefix for the names of elements: `x`. */
  readonly prefix?: string
  readonly isMacro?: boolean
  readonly extra?: readonly Part[]
  readonly without?: readonly string[]
}

export function workbook(of: WorkbookOf): Buffer {
  const { sheets, strings, styles } = of
  const has = { strings: strings !== undefined, styles: styles !== undefined }
  const parts: Part[] = [
    { name: '[Content_Types].xml', content: contentTypes(sheets.length, has, of.isMacro === true) },
    { name: '_rels/.rels', content: relations([['rId1', 'officeDocument', 'xl/workbook.xml']]) },
    { name: 'xl/workbook.xml', content: workbookXml(sheets, of.is1904 === true, of.names) },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relations([
        ...sheets.map((_, i) => [`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`] as const),
        ...(has.strings ? [['rId900', 'sharedStrings', 'sharedStrings.xml'] as const] : []),
        ...(has.styles ? [['rId901', 'styles', '/xl/styles.xml'] as const] : []),
      ]),
    },
    ...(styles === undefined
      ? []
      : [{ name: 'xl/styles.xml', content: `${XML}<styleSheet xmlns="${MAIN}">${styles}</styleSheet>` }]),
    ...(strings === undefined
      ? []
      : [
          {
            name: 'xl/sharedStrings.xml',
            content: typeof strings === 'string' ? `${XML}<sst xmlns="${MAIN}">${strings}</sst>` : strings,
          },
        ]),
    ...sheets.map(({ xml, lies }, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      content: xml,
      ...lies,
    })),
    ...(of.extra ?? []),
  ]
  return archive(parts.filter(({ name }) => !of.without?.includes(name)).map((part) => translated(part, of)))
}

/** In the other edition of the standard, or with prefixes. */
function translated(part: Part, { isStrict, prefix }: WorkbookOf): Part {
  let { content } = part
  if (typeof content !== 'string') return part
  if (isStrict) content = content.replaceAll(MAIN, STRICT_MAIN).replaceAll(RELATIONS, STRICT_RELATIONS)
  if (prefix !== undefined && part.name.startsWith('xl/') && !part.name.includes('_rels/')) {
    content = content
      .replaceAll(/<(\/?)([a-zA-Z])/g, (_, slash: string, letter: string) => `<${slash}${prefix}:${letter}`)
      .replace('xmlns=', `xmlns:${prefix}=`)
  }
  return { ...part, content }
}

/** A part with these rows inside of `<sheetData>`. */
export function sheetXml(
  rows: string,
  around: { readonly before?: string; readonly after?: string } = {},
): string {
  return `${SHEET_OPEN}${around.before ?? ''}<sheetData>${rows}</sheetData>${around.after ?? ''}</worksheet>`
}

export const SHEET_OPEN = `${XML}<worksheet xmlns="${MAIN}" xmlns:r="${RELATIONS}">`

/** A cell with a text inside of it. */
export function textCell(name: string, text: string): string {
  return `<c r="${name}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`
}

/** Rows of texts from row 1 and column A on; '' is no cell. */
export function textRows(rows: readonly (readonly string[])[]): string {
  return rows
    .map((cells, i) => {
      const xml = cells.map((text, j) => (text === '' ? '' : textCell(`${letters(j)}${i + 1}`, text)))
      return `<row r="${i + 1}">${xml.join('')}</row>`
    })
    .join('')
}

export function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function contentTypes(sheets: number, has: { strings: boolean; styles: boolean }, isMacro: boolean): string {
  const kind = isMacro
    ? 'vnd.ms-excel.sheet.macroEnabled.main'
    : 'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main'
  const spreadsheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const override = (part: string, type: string) => `<Override PartName="${part}" ContentType="${type}+xml"/>`
  return `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override('/xl/workbook.xml', `application/${kind}`)}${Array.from({ length: sheets }, (_, i) => override(`/xl/worksheets/sheet${i + 1}.xml`, `${spreadsheet}.worksheet`)).join('')}${has.strings ? override('/xl/sharedStrings.xml', `${spreadsheet}.sharedStrings`) : ''}${has.styles ? override('/xl/styles.xml', `${spreadsheet}.styles`) : ''}</Types>`
}

function relations(list: readonly (readonly [id: string, type: string, target: string])[]): string {
  const items = list.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  )
  return `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`
}

function workbookXml(sheets: readonly SheetOf[], is1904: boolean, names = ''): string {
  const items = sheets.map(({ name, state }, i) => {
    const hidden = state === undefined ? '' : ` state="${state}"`
    return `<sheet name="${escaped(name)}" sheetId="${i + 1}"${hidden} r:id="rId${i + 1}"/>`
  })
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><workbookPr${is1904 ? ' date1904="1"' : ''}/><sheets>${items.join('')}</sheets>${names === '' ? '' : `<definedNames>${names}</definedNames>`}</workbook>`
}
