/** What the style of a cell makes of its number. */
import type { Archive } from './archive.ts'
import type { WorkbookLimits } from './limits.ts'
import { builtInFormat, type NumberFormat, parseFormat } from './number-format.ts'
import { grouped, tooMuch } from './refusal.ts'
import { readXml } from './xml.ts'

/** By the number of the style, as cells name it. */
export async function readStyles(
  archive: Archive,
  part: string,
  limits: WorkbookLimits,
): Promise<readonly NumberFormat[]> {
  const formats = new Map<number, NumberFormat>()
  const ids: number[] = []
  let isInCells = false
  await readXml(part, archive.read(part), limits, {
    open(tag, attributes, depth) {
      if (depth === 1) isInCells = tag === 'cellXfs'
      else if (depth === 2 && tag === 'numFmt') {
        formats.set(Number(attributes.numFmtId), parseFormat(attributes.formatCode ?? ''))
        if (formats.size > limits.numberFormats)
          throw tooMuch(`The workbook has more than ${grouped(limits.numberFormats)} number formats.`)
      } else if (depth === 2 && isInCells && tag === 'xf') {
        ids.push(Number(attributes.numFmtId ?? 0))
        if (ids.length > limits.cellStyles)
          throw tooMuch(`The workbook has more than ${grouped(limits.cellStyles)} cell styles.`)
      }
    },
    close() {},
    text() {},
  })
  return ids.map((id) => formats.get(id) ?? builtInFormat(id))
}
