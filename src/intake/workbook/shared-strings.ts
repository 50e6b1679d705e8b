/** The texts that cells name by their number. */
import type { Archive } from './archive.ts'
import type { WorkbookLimits } from './limits.ts'
import { grouped, tooMuch } from './refusal.ts'
import { RichText } from './rich-text.ts'
import { readXml, type XmlHandler } from './xml.ts'

export async function readSharedStrings(
  archive: Archive,
  part: string,
  limits: WorkbookLimits,
): Promise<readonly string[]> {
  const strings: string[] = []
  let characters = 0
  const rich = new RichText()
  await readXml(part, archive.read(part), limits, {
    open(tag, _attributes, depth) {
      if (depth === 1 && tag === 'si') rich.begin()
      else if (depth > 1) rich.open(tag)
    },
    close(tag, depth) {
      if (depth > 1) rich.close(tag)
      if (depth !== 1 || tag !== 'si') return
      const text = rich.end()
      strings.push(text)
      characters += text.length
      if (strings.length > limits.sharedStrings) {
        throw tooMuch(
          `The workbook has more than ${grouped(limits.sharedStrings)} different texts (in "${part}").`,
        )
      }
      if (characters > limits.sharedCharacters) {
        throw tooMuch(
          `The different texts of the workbook have more than ${grouped(limits.sharedCharacters)} characters (in "${part}").`,
        )
      }
    },
    text: (piece) => rich.text(piece),
  } satisfies XmlHandler)
  return strings
}
