/** Every sheet of a workbook as rows of cells, read by the service's own reader: numbers as numbers, blanks as null. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Archive } from '../../src/intake/workbook/archive.ts'
import { WORKBOOK_LIMITS as limits } from '../../src/intake/workbook/limits.ts'
import { findParts } from '../../src/intake/workbook/package-parts.ts'
import { readSharedStrings } from '../../src/intake/workbook/shared-strings.ts'
import { SheetReader } from '../../src/intake/workbook/sheet.ts'
import { readStyles } from '../../src/intake/workbook/styles.ts'
import { readXml } from '../../src/intake/workbook/xml.ts'

export interface ReadSheet {
  readonly sheet: string
  readonly data: (string | number | null)[][]
}

export async function readWorkbook(bytes: Uint8Array): Promise<ReadSheet[]> {
  return inArchive(bytes, sheetsOf)
}

/** The XML of every sheet, as it is stored. */
export async function sheetTexts(bytes: Uint8Array): Promise<string[]> {
  return inArchive(bytes, async (archive) => {
    const { sheets } = await findParts(archive, limits)
    const texts: string[] = []
    for (const { part } of sheets) {
      const chunks: Uint8Array[] = []
      for await (const chunk of archive.read(part)) chunks.push(chunk)
      texts.push(Buffer.concat(chunks).toString('utf8'))
    }
    return texts
  })
}

async function inArchive<T>(bytes: Uint8Array, work: (archive: Archive) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'camledger-test-'))
  try {
    const path = join(folder, 'workbook.xlsx')
    await writeFile(path, bytes)
    const archive = await Archive.open(path, limits)
    try {
      return await work(archive)
    } finally {
      archive.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function sheetsOf(archive: Archive): Promise<ReadSheet[]> {
  const { sheets, sharedStrings, styles, is1904 } = await findParts(archive, limits)
  const context = {
    strings: sharedStrings === null ? [] : await readSharedStrings(archive, sharedStrings, limits),
    formats: styles === null ? [] : await readStyles(archive, styles, limits),
    is1904,
    limits,
    totals: { cells: 0, characters: 0 },
  }
  const all: ReadSheet[] = []
  for (const { name, part } of sheets) {
    const data: ReadSheet['data'] = []
    const reader = new SheetReader({ ...context, name }, ({ row, columns, values }) => {
      while (data.length < row) data.push([])
      const cells = data[row - 1]!
      columns.forEach((column, i) => {
        while (cells.length <= column) cells.push(null)
        const text = values[i]!
        cells[column] = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
      })
    })
    await readXml(part, archive.read(part), limits, reader)
    all.push({ sheet: name, data })
  }
  return all
}
