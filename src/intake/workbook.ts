/**
 * An Excel workbook as the CSV it would have been saved as: its first sheet that has rows.
 *
 * A workbook is a compressed archive and cannot be streamed, so its size is limited.
 */
import { csvLine } from './csv-write.ts'
import { IntakeError } from './problem.ts'

/** Larger workbooks have to be saved as CSV. */
export const WORKBOOK_LIMIT_BYTES = 20 * 1024 * 1024

/** Whether bytes begin like a ZIP archive, which an .xlsx file is. */
export function isWorkbook(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04
}

/** @throws IntakeError when it is no workbook, is too large, or has no rows. */
export async function* workbookAsCsv(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > WORKBOOK_LIMIT_BYTES) {
      throw new IntakeError(
        'not-text',
        'The workbook is larger than 20 MiB. Save the sheet as "CSV UTF-8" and send that.',
      )
    }
    chunks.push(chunk)
  }
  const { default: readXlsxFile } = await import('read-excel-file/node')
  let sheets: readonly { readonly data: readonly (readonly unknown[])[] }[]
  try {
    sheets = (await readXlsxFile(Buffer.concat(chunks))) as never
  } catch (cause) {
    throw new IntakeError(
      'not-text',
      'The file is a ZIP archive but no Excel workbook that can be read. Save the sheet as "CSV UTF-8" and send that.',
      { cause: cause instanceof Error ? cause.name : 'unknown' },
    )
  }
  const rows = sheets.map((sheet) => sheet.data).find((data) => data.length > 0)
  if (!rows) throw new IntakeError('empty-file', 'The workbook has no rows.')
  for (const row of rows) yield Buffer.from(csvLine(row.map(cellText)))
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) {
    const text = cell.toISOString()
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text
  }
  return String(cell)
}
