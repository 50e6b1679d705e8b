/** Rows between the devices that are none: headings of sections, totals, remarks. */
import { type ColumnField, foldHeader } from './fields.ts'
import { isHeaderWord, looksLikeData } from './headers.ts'
import type { Layout } from './layout.ts'

const FOOT =
  /^(?:(?:grand |sub-? ?|page |running )?totals?\b[\s\d:,.=-]*(?:(?:number of )?(?:cameras?|devices?|items?|units?|rows?|general))?[\s\d:,.=-]*|(?:sub-? ?)?totals? (?:for|of|in|at|-|–) .{1,40}|.{1,40} (?:sub-? ?)?totals?[\s:]*|(?:total general|totales|suma|sum|count)[\s\d:,.=-]*)$/i

const MAY_BE_FOOT = /tot|sum|count/i

type CellsOf = (field: ColumnField, raw: readonly string[]) => string[]

/**
 * "Total", "Subtotal", "Grand total: 41 cameras": the foot of a sheet, which would be registered as one more device.
 * What has a maker or an address of its own is a device, whatever it is called; a small number in the place of the
 * serial number is a count.
 */
export function isFoot(raw: readonly string[], cellsOf: CellsOf): boolean {
  const first = raw.find((cell) => cell !== '' && cell.trim() !== '')?.trim() ?? ''
  // Nearly every row is a device, and this is asked of each.
  if (first.length > 60 || !MAY_BE_FOOT.test(first) || !FOOT.test(first)) return false
  return (
    (['manufacturer', 'macAddress', 'fccId'] as const).every((field) =>
      cellsOf(field, raw).every((cell) => cell === ''),
    ) &&
    cellsOf('serialNumber', raw).every(
      (cell) => cell === '' || cell === first || /^\d{1,6}(?:\.0+)?$/.test(cell),
    )
  )
}

/** Fields in whose column a heading may stand: those that come first in a list. */
const MAY_HOLD_HEADINGS: readonly (ColumnField | null)[] = [
  null,
  'assetTag',
  'serialNumber',
  'name',
  'siteName',
  'department',
  'quantity',
]

/**
 * Whether the only cell of a row is the heading of those below ("CITY HALL") rather than a device with nothing but a
 * tag ("C-17"). A tag is told by the looks of the other tags.
 */
export function isHeading(text: string, field: ColumnField | null, shapes: ReadonlySet<string>): boolean {
  if (!/\p{L}{2}/u.test(text) || !MAY_HOLD_HEADINGS.includes(field)) return false
  if (field === 'assetTag' || field === 'serialNumber')
    return shapes.size > 0 && !shapes.has(shapeOf(text)) && !/^\S*\d\S*$/.test(text)
  if (field === 'name') return !/\p{Ll}/u.test(text) || text.endsWith(':')
  return true
}

/**
 * Whether a row heads another table under the first: most of its cells are names of columns, and two of them stand where
 * the first header has them.
 */
export function isHeaderLike(raw: readonly (string | undefined)[], header: readonly string[]): boolean {
  let [filled, known, same] = [0, 0, 0]
  for (let i = 0; i < raw.length; i++) {
    const text = raw[i]?.trim() ?? ''
    if (text === '') continue
    // Nearly every row is a device: its first cells tell.
    if (looksLikeData(text)) return false
    filled++
    if (isHeaderWord(text)) known++
    if (foldHeader(text) === foldHeader(header[i] ?? '')) same++
    if (filled === 2 && known === 0) return false
  }
  return filled >= 3 && same >= 2 && known >= filled * 0.6
}

/** Too long for the name of a place, or written as a remark. */
export function isRemark(text: string): boolean {
  return (
    text.length > 60 ||
    /^(?:\*|note\b|notes\b|nb\b|source\b|prepared\b|last updated|updated\b|legend\b|see\b|end of)/i.test(text)
  )
}

/** How the tags of the table look, from the rows that hold more than a tag. */
export function shapesOf({ mapping, records, header, headerRow }: Layout): ReadonlySet<string> {
  const columns = mapping.fields
    .filter(({ field }) => field === 'assetTag' || field === 'serialNumber')
    .flatMap(({ columns }) => columns.map(({ index }) => index))
  const shapes = new Set<string>()
  for (const { row, cells } of records) {
    if (row <= headerRow || isHeaderLike(cells, header)) continue
    let filled = 0
    for (const cell of cells) if (cell !== undefined && cell.trim() !== '') filled++
    if (filled < 2) continue
    for (const column of columns) {
      const cell = cells[column]?.trim() ?? ''
      if (cell !== '' && !FOOT.test(cell)) shapes.add(shapeOf(cell))
    }
  }
  return shapes
}

/** Runs of letters, digits and spaces: `CAM-017` is `A-9`. */
function shapeOf(text: string): string {
  return text
    .replace(/\p{L}+/gu, 'A')
    .replace(/\p{N}+/gu, '9')
    .replace(/\s+/g, ' ')
}
