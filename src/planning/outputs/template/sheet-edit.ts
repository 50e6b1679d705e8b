/**
 * Puts values into cells of a sheet and leaves everything else of it as it is written. Cells keep their styles; what a
 * formula had come to is taken away, so that no program shows a figure of before.
 */
import { SaxesParser } from 'saxes'
import { columnName, parseCellName } from '../../../intake/workbook/cell-name.ts'

/** As it stands in the cell: a number, or a text. */
export type Content = { readonly number: number } | { readonly text: string } | null

/** By row, then by column (0 is A). */
export type Wanted = ReadonlyMap<number, ReadonlyMap<number, Content>>

interface Cell {
  readonly column: number
  readonly from: number
  to: number
  readonly style: string | undefined
  isFormula: boolean
}

interface SheetRow {
  readonly row: number
  readonly from: number
  readonly openTo: number
  to: number
  readonly cells: Cell[]
  /** The first that stands at a column. */
  readonly byColumn: Map<number, Cell>
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

export interface SheetLayout {
  readonly xml: string
  /** `x:` where its tags have a prefix. */
  readonly prefix: string
  readonly data: { readonly from: number; readonly openTo: number; readonly to: number }
  readonly rows: readonly SheetRow[]
  /** The first that has a number. */
  readonly byNumber: ReadonlyMap<number, SheetRow>
  /** Where formulas keep what they had come to. */
  readonly remembered: readonly Edit[]
  /** Areas in which only the first cell is a cell of its own. */
  readonly joined: readonly Joined[]
}

export interface Joined {
  readonly what: 'merged cells' | 'an array formula'
  readonly row: number
  readonly column: number
  readonly toRow: number
  readonly toColumn: number
}

/** Where everything in a sheet stands. The XML was found to be well-formed and within limits before. */
export function layoutOf(xml: string): SheetLayout {
  const sax = new SaxesParser()
  const rows: SheetRow[] = []
  const byNumber = new Map<number, SheetRow>()
  const remembered: Edit[] = []
  const joined: Joined[] = []
  let prefix = ''
  let isInData = false
  const data = { from: 0, openTo: 0, to: 0 }
  let row: SheetRow | undefined
  let cell: Cell | undefined
  let value: { readonly from: number; to: number } | undefined
  // Nothing in an attribute is written as <.
  const start = () => xml.lastIndexOf('<', sax.position - 1)
  sax.on('opentag', ({ name, attributes: all }) => {
    const attributes = all as Readonly<Record<string, string>>
    const local = name.slice(name.indexOf(':') + 1)
    if (local === 'sheetData') {
      prefix = name.slice(0, name.length - local.length)
      isInData = true
      Object.assign(data, { from: start(), openTo: sax.position })
    } else if (local === 'mergeCell') {
      joined.push(...joinedIn('merged cells', attributes.ref))
    } else if (local === 'row' && isInData) {
      const number = Number(attributes.r ?? (rows.at(-1)?.row ?? 0) + 1)
      row = { row: number, from: start(), openTo: sax.position, to: 0, cells: [], byColumn: new Map() }
      rows.push(row)
      if (!byNumber.has(number)) byNumber.set(number, row)
    } else if (local === 'c' && row) {
      const place = attributes.r === undefined ? null : parseCellName(attributes.r)
      const column = place?.column ?? (row.cells.at(-1)?.column ?? -1) + 1
      cell = { column, from: start(), to: 0, style: attributes.s, isFormula: false }
      row.cells.push(cell)
      if (!row.byColumn.has(column)) row.byColumn.set(column, cell)
    } else if (local === 'f' && cell) {
      cell.isFormula = true
      if (attributes.t === 'array') joined.push(...joinedIn('an array formula', attributes.ref))
    }
    if (local === 'v' && cell) value = { from: start(), to: 0 }
  })
  sax.on('closetag', ({ name }) => {
    const local = name.slice(name.indexOf(':') + 1)
    if (local === 'sheetData') {
      data.to = sax.position
      isInData = false
    } else if (local === 'row' && row && isInData) row.to = sax.position
    else if (local === 'v' && value) value.to = sax.position
    else if (local === 'c' && cell) {
      cell.to = sax.position
      if (cell.isFormula && value) remembered.push({ ...value, text: '' })
      cell = undefined
      value = undefined
    }
  })
  sax.write(xml).close()
  return { xml, prefix, data, rows, byNumber, remembered, joined }
}

function joinedIn(what: Joined['what'], ref: string | undefined): Joined[] {
  const [first, last] = (ref ?? '').split(':').map(parseCellName)
  if (!first || !last) return []
  return [{ what, row: first.row, column: first.column, toRow: last.row, toColumn: last.column }]
}

export function cellAt({ byNumber }: SheetLayout, row: number, column: number): Cell | undefined {
  return byNumber.get(row)?.byColumn.get(column)
}

/** The sheet with the values in its cells. */
export function withValues(layout: SheetLayout, wanted: Wanted): string {
  const { xml, prefix, data, rows, byNumber, remembered } = layout
  const edits: Edit[] = [...remembered]
  const missing: { readonly row: number; readonly text: string }[] = []
  for (const [number, contents] of [...wanted].sort(([a], [b]) => a - b)) {
    const row = byNumber.get(number)
    if (row) edits.push(...editsOfRow(layout, row, contents))
    else {
      const cells = [...contents].sort(([a], [b]) => a - b)
      const text = cells
        .map(([column, content]) => cellXml(prefix, number, column, undefined, content))
        .join('')
      missing.push({ row: number, text: `<${prefix}row r="${number}">${text}</${prefix}row>` })
    }
  }
  const isEmpty = data.openTo === data.to
  if (isEmpty) {
    const all = missing.map(({ text }) => text).join('')
    edits.push({ from: data.from, to: data.to, text: `<${prefix}sheetData>${all}</${prefix}sheetData>` })
  } else {
    const end = xml.lastIndexOf('<', data.to - 1)
    const sorted = rows.toSorted((a, b) => a.row - b.row)
    let next = 0
    for (const { row, text } of missing) {
      while (next < sorted.length && sorted[next]!.row < row) next++
      const at = sorted[next]?.from ?? end
      edits.push({ from: at, to: at, text })
    }
  }
  return applied(xml, edits)
}

function editsOfRow(
  { xml, prefix }: SheetLayout,
  row: SheetRow,
  contents: ReadonlyMap<number, Content>,
): Edit[] {
  const edits: Edit[] = []
  const added: string[] = []
  const isEmpty = row.openTo === row.to
  for (const [column, content] of [...contents].sort(([a], [b]) => a - b)) {
    const cell = row.byColumn.get(column)
    const text = cellXml(prefix, row.row, column, cell?.style, content)
    if (cell) edits.push({ from: cell.from, to: cell.to, text })
    else if (isEmpty) added.push(text)
    else {
      const at = row.cells.find((one) => one.column > column)?.from ?? xml.lastIndexOf('<', row.to - 1)
      edits.push({ from: at, to: at, text })
    }
  }
  // The columns that a row says it spans may be others now.
  const open = xml.slice(row.from, row.openTo).replace(/ spans="[^"]*"/, '')
  if (added.length === 0) edits.push({ from: row.from, to: row.openTo, text: open })
  else {
    const text = `${open.replace(/\/>$/, '>')}${added.join('')}</${prefix}row>`
    edits.push({ from: row.from, to: row.to, text })
  }
  return edits
}

function cellXml(
  prefix: string,
  row: number,
  column: number,
  style: string | undefined,
  content: Content,
): string {
  const head = `<${prefix}c r="${columnName(column)}${row}"${style !== undefined && /^\d+$/.test(style) ? ` s="${style}"` : ''}`
  if (content === null) return `${head}/>`
  if ('number' in content) return `${head}><${prefix}v>${content.number}</${prefix}v></${prefix}c>`
  const text = escaped(content.text.slice(0, MOST_CHARACTERS))
  return `${head} t="inlineStr"><${prefix}is><${prefix}t xml:space="preserve">${text}</${prefix}t></${prefix}is></${prefix}c>`
}

const MOST_CHARACTERS = 32_767
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** What XML cannot hold is written as Excel does; so is a text that looks like that. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|_(?=x[\da-f]{4}_)/gi

function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>]/g, (one) => ENTITIES[one]!)
}

/** Edits do not overlap, those that only insert stand in the order in which they were made. */
function applied(xml: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, i) => ({ ...edit, i }))
    .sort((a, b) => a.from - b.from || a.to - b.to || a.i - b.i)
  let at = 0
  let text = ''
  for (const edit of sorted) {
    // A value that a cell had come to is gone with a cell that is written anew.
    if (edit.from < at) continue
    text += xml.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return text + xml.slice(at)
}
