/**
 * The merged areas of a sheet before its rows: they stand behind them in the file, and a row cannot be understood
 * without. The part is unpacked a first time for them and searched as text, which costs a sixth of parsing it.
 */
import type { Archive } from './archive.ts'
import { parseCellName } from './cell-name.ts'
import type { WorkbookLimits } from './limits.ts'
import type { SheetPart } from './package-parts.ts'
import { damaged, grouped, quoted, tooMuch } from './refusal.ts'

/** Rows and columns, ends included; rows from 1, columns from 0. */
export interface MergedArea {
  readonly name: string
  readonly fromRow: number
  readonly toRow: number
  readonly fromColumn: number
  readonly toColumn: number
}

const MARK = 'mergeCell'
const AREA = /<(?:[\w.-]{1,60}:)?mergeCell\s[^<>]{0,200}>/g
const REFERENCE = /\sref\s*=\s*["']([^"']{1,40})["']/
/** Of what was read a tag may lack its end. */
const KEPT = 400

export async function findMergedAreas(
  archive: Archive,
  sheet: SheetPart,
  limits: WorkbookLimits,
): Promise<readonly MergedArea[]> {
  const areas: MergedArea[] = []
  let rest = ''
  for await (const piece of archive.read(sheet.part)) {
    // Every byte that matters is ASCII; in UTF-16 there are zeros between, which are left out.
    const text = rest + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
    rest = text.slice(-KEPT)
    const plain = text.includes('\0') ? text.replaceAll('\0', '') : text
    if (!plain.includes(MARK)) continue
    let end = 0
    for (const match of plain.matchAll(AREA)) {
      end = match.index + match[0].length
      const reference = REFERENCE.exec(match[0])?.[1]
      areas.push(areaOf(reference ?? '', sheet))
      if (areas.length > limits.mergedAreas) {
        throw tooMuch(
          `The sheet ${quoted(sheet.name)} has more than ${grouped(limits.mergedAreas)} merged areas.`,
        )
      }
    }
    rest = plain.slice(Math.max(end, plain.length - KEPT))
  }
  return areas
}

function areaOf(reference: string, sheet: SheetPart): MergedArea {
  const [first, last = first] = reference.split(':')
  const from = parseCellName(first ?? '')
  const to = parseCellName(last ?? '')
  if (from === null || to === null || to.row < from.row || to.column < from.column)
    throw damaged(`The sheet ${quoted(sheet.name)} merges an area ${quoted(reference)} that there is not.`)
  return {
    name: reference,
    fromRow: from.row,
    toRow: to.row,
    fromColumn: from.column,
    toColumn: to.column,
  }
}
