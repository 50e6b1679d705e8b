/** What a file is, told by its bytes and not by its name. Pure. */

export const DOCUMENT_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const
export type DocumentType = (typeof DOCUMENT_TYPES)[number]

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** How far from the end the mark of a PDF's end may stand; programs write bytes behind it. */
const PDF_TAIL = 2_048

/** Null when it is none of these, or not whole: each begins and ends in its own way. */
export function documentTypeOf(bytes: Buffer): DocumentType | null {
  if (isPdf(bytes)) return 'application/pdf'
  if (isPng(bytes)) return 'image/png'
  if (isJpeg(bytes)) return 'image/jpeg'
  return null
}

function isPdf(bytes: Buffer): boolean {
  const isHeaded = /^%PDF-\d\.\d/.test(bytes.toString('latin1', 0, 8))
  return isHeaded && bytes.subarray(-PDF_TAIL).includes('%%EOF')
}

/** The first chunk has the size of the picture, the last has nothing. */
function isPng(bytes: Buffer): boolean {
  return (
    bytes.subarray(0, 8).equals(PNG) &&
    bytes.toString('latin1', 12, 16) === 'IHDR' &&
    bytes.subarray(-12).includes('IEND')
  )
}

function isJpeg(bytes: Buffer): boolean {
  const starts = bytes.length > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff
  // Cameras fill up behind the end mark.
  return starts && bytes.subarray(-PDF_TAIL).includes(Buffer.from([0xff, 0xd9]))
}

/** A name for `Content-Disposition`: no path, no sign that ends the header or the quotes. */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`
}
