/** Which part is what: the workbook, its sheets in order, shared strings, styles. */
import type { Archive } from './archive.ts'
import type { WorkbookLimits } from './limits.ts'
import { damaged, grouped, quoted, tooMuch } from './refusal.ts'
import { isTrue, prefixed, readXml } from './xml.ts'

export interface SheetPart {
  readonly name: string
  readonly isHidden: boolean
  readonly part: string
}

export interface PackageParts {
  /** The part that names the sheets. */
  readonly workbook: string
  /** Those with cells, in the order of their tabs. */
  readonly sheets: readonly SheetPart[]
  readonly sharedStrings: string | null
  readonly styles: string | null
  /** Days are counted from 1904. */
  readonly is1904: boolean
}

interface Relationship {
  readonly id: string
  /** The last step of its address, which is the same in both editions of the standard: `worksheet`. */
  readonly type: string
  readonly part: string
}

export async function findParts(archive: Archive, limits: WorkbookLimits): Promise<PackageParts> {
  const roots = await relationships(archive, '', limits)
  const main = roots.find(({ type }) => type === 'officeDocument')
  if (main === undefined) throw damaged('The file does not say which of its parts is the workbook.')
  const related = await relationships(archive, main.part, limits)
  const { sheets, is1904 } = await workbookPart(archive, main.part, related, limits)
  const partOf = (type: string) => related.find((one) => one.type === type)?.part ?? null
  return {
    workbook: main.part,
    sheets,
    is1904,
    sharedStrings: partOf('sharedStrings'),
    styles: partOf('styles'),
  }
}

/** What a part points to; '' is the whole package. Links that lead out of it are left out. */
async function relationships(
  archive: Archive,
  part: string,
  limits: WorkbookLimits,
): Promise<readonly Relationship[]> {
  const slash = part.lastIndexOf('/') + 1
  const name = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`
  if (!archive.has(name)) throw damaged(`The workbook has no part "${name}".`)
  const found: Relationship[] = []
  await readXml(name, archive.read(name), limits, {
    open(tag, attributes) {
      if (tag !== 'Relationship' || attributes.TargetMode === 'External') return
      const { Id: id, Type: type, Target: target } = attributes
      if (id === undefined || type === undefined || target === undefined) return
      found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part: resolve(part, target) })
      if (found.length > limits.parts)
        throw tooMuch(`The part "${name}" names more than ${limits.parts} parts.`)
    },
    close() {},
    text() {},
  })
  return found
}

/** A target is relative to the part that names it, or begins with a slash. */
function resolve(from: string, target: string): string {
  const path: string[] = target.startsWith('/') ? [] : from.split('/').slice(0, -1)
  for (const step of target.replaceAll('\\', '/').split('/')) {
    if (step === '..') path.pop()
    else if (step !== '' && step !== '.') path.push(step)
  }
  return path.join('/')
}

async function workbookPart(
  archive: Archive,
  part: string,
  related: readonly Relationship[],
  limits: WorkbookLimits,
): Promise<Pick<PackageParts, 'sheets' | 'is1904'>> {
  const sheets: SheetPart[] = []
  let is1904 = false
  let count = 0
  await readXml(part, archive.read(part), limits, {
    open(tag, attributes, depth) {
      if (depth === 1 && tag === 'workbookPr') is1904 = isTrue(attributes.date1904)
      if (depth !== 2 || tag !== 'sheet') return
      if (++count > limits.sheets)
        throw tooMuch(`The workbook has more than ${grouped(limits.sheets)} sheets.`)
      const name = attributes.name ?? `Sheet ${count}`
      const target = related.find(({ id }) => id === prefixed(attributes, 'id'))
      if (target === undefined) throw damaged(`The sheet ${quoted(name)} has no part.`)
      // Sheets that are one chart, dialogue or macro have no cells.
      if (target.type !== 'worksheet') return
      const { state } = attributes
      sheets.push({ name, part: target.part, isHidden: state === 'hidden' || state === 'veryHidden' })
    },
    close() {},
    text() {},
  })
  return { sheets, is1904 }
}
