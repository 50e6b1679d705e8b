/**
 * A city's own workbook with the figures of a plan in the cells that it has named. Its sheets, formulas, styles and
 * everything else stay as they are; a name that is not known, or an area that is too small, is refused by name.
 */
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { SaxesParser } from 'saxes'
import { ZipFile } from 'yazl'
import { IntakeError } from '../../../intake/problem.ts'
import { Archive, refuseOther } from '../../../intake/workbook/archive.ts'
import { columnName, parseCellName } from '../../../intake/workbook/cell-name.ts'
import { WORKBOOK_LIMITS, type WorkbookLimits } from '../../../intake/workbook/limits.ts'
import { findParts, type PackageParts } from '../../../intake/workbook/package-parts.ts'
import { readStyles } from '../../../intake/workbook/styles.ts'
import { readXml } from '../../../intake/workbook/xml.ts'
import { daysBetween } from '../../../lib/calendar.ts'
import { longDay } from '../../../lib/long-days.ts'
import { InvalidInput, type Issue, refuse } from '../../model/errors.ts'
import type { PlanReport } from '../model/report.ts'
import { fillingOf, PREFIX, type Value } from './names.ts'
import { type Content, cellAt, type Joined, layoutOf, type SheetLayout, withValues } from './sheet-edit.ts'

const MEBIBYTE = 1024 * 1024
export const TEMPLATE_BYTES = 10 * MEBIBYTE
/** A template is held as text while it is filled. */
const LIMITS: WorkbookLimits = {
  ...WORKBOOK_LIMITS,
  parts: 1000,
  partBytes: 32 * MEBIBYTE,
  openedBytes: 96 * MEBIBYTE,
}

interface Area {
  readonly name: string
  readonly sheet: string
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
}

export interface FillOptions {
  /** Names that begin like ours and are not known: refuse them, or leave their cells as they are. */
  readonly unknownNames: 'refuse' | 'keep'
}

/** Throws InvalidInput that names each fault by the name of its cell. */
export async function filledTemplate(
  path: string,
  report: PlanReport,
  options: FillOptions,
): Promise<Buffer> {
  try {
    const archive = await Archive.open(path, LIMITS)
    try {
      refuseOther(archive)
      return await filled(archive, report, options)
    } finally {
      archive.close()
    }
  } catch (error) {
    if (error instanceof IntakeError)
      throw new InvalidInput([{ pointer: '/template', detail: error.message }])
    throw error
  }
}

async function filled(archive: Archive, report: PlanReport, { unknownNames }: FillOptions): Promise<Buffer> {
  if (archive.hasLike(/vbaproject\.bin$/))
    throw new InvalidInput([{ pointer: '/template', detail: 'The workbook has macros: save it as .xlsx.' }])
  const parts = await findParts(archive, LIMITS)
  const book = await textOf(archive, parts.workbook)
  const { areas, issues } = areasOf(book)
  const styles = parts.styles === null ? [] : await readStyles(archive, parts.styles, LIMITS)
  const isDate = (style: string | undefined) => styles[Number(style ?? 0)]?.kind === 'date'
  const changed = new Map<string, string>([[parts.workbook, recalculated(book)]])
  const wanted = new Map<string, Map<number, Map<number, Content>>>()
  const layouts = new Map<string, SheetLayout>()
  const namedBy = new Map<string, string>()
  for (const { part } of parts.sheets) layouts.set(part, layoutOf(await textOf(archive, part)))
  if (areas.length === 0 && issues.length === 0)
    issues.push({ pointer: '/template', detail: `No cell has a name that begins with ${PREFIX}.` })
  for (const area of areas) {
    const filling = fillingOf(area.name, report)
    const sheet = parts.sheets.find(({ name }) => name.toLowerCase() === area.sheet.toLowerCase())
    if (filling === null) {
      if (unknownNames === 'refuse') issues.push(issueOf(area, 'is not a name that this service fills'))
      continue
    }
    if (!sheet) {
      issues.push(issueOf(area, `points to the sheet "${area.sheet}", which is not there`))
      continue
    }
    const layout = layouts.get(sheet.part)!
    const fault = faultOf(area, filling, layout)
    if (fault !== null) {
      issues.push(issueOf(area, fault))
      continue
    }
    const cells = wanted.get(sheet.part) ?? new Map<number, Map<number, Content>>()
    wanted.set(sheet.part, cells)
    const others = new Set<string>()
    place(area, filling, (row, column, value) => {
      const cell = cellAt(layout, row, column)
      // What a table leaves free may hold the city's own sum.
      if (value.kind === 'nothing' && cell?.isFormula) return
      const key = `${sheet.part} ${row} ${column}`
      const other = namedBy.get(key)
      if (other !== undefined) others.add(other)
      namedBy.set(key, area.name)
      const own = cells.get(row) ?? new Map<number, Content>()
      cells.set(row, own.set(column, contentOf(value, isDate(cell?.style), parts)))
    })
    for (const other of others) issues.push(issueOf(area, `has cells that ${other} has too`))
  }
  refuse(issues)
  for (const [part, layout] of layouts) changed.set(part, withValues(layout, wanted.get(part) ?? new Map()))
  return packed(archive, changed)
}

const issueOf = ({ name }: Pick<Area, 'name'>, detail: string): Issue => ({
  pointer: `/template/${name}`,
  detail,
})

type Filled = NonNullable<ReturnType<typeof fillingOf>>

/** What keeps an area from being filled; null when nothing does. */
function faultOf(area: Area, { rows, isTable }: Filled, layout: SheetLayout): string | null {
  if (layout.data.to === 0) return `points to the sheet "${area.sheet}", which has no cells`
  const width = Math.max(1, ...rows.map((row) => row.length))
  if (isTable && (area.rows < rows.length || area.columns < width))
    return `is ${area.rows} by ${area.columns} cells (rows by columns); the plan needs ${rows.length} by ${width}`
  const joined = layout.joined.filter(
    (one) =>
      one.row < area.row + area.rows &&
      one.toRow >= area.row &&
      one.column < area.column + area.columns &&
      one.toColumn >= area.column,
  )
  for (const [i, row] of rows.entries())
    for (let c = 0; c < row.length; c++) {
      const fault = faultOfCell(layout, joined, area.row + i, area.column + c)
      if (fault !== null) return fault
    }
  return null
}

function faultOfCell(
  layout: SheetLayout,
  joined: readonly Joined[],
  row: number,
  column: number,
): string | null {
  const name = `${columnName(column)}${row}`
  if (cellAt(layout, row, column)?.isFormula) return `has a formula in ${name}, which would be lost`
  const part = joined.find(
    (one) =>
      one.row <= row &&
      one.toRow >= row &&
      one.column <= column &&
      one.toColumn >= column &&
      (one.row !== row || one.column !== column),
  )
  return part === undefined ? null : `has ${name}, which is a part of ${part.what}`
}

/** Each cell with its value; what a table does not need of its area is emptied. */
function place(
  area: Area,
  { rows, isTable }: Filled,
  put: (row: number, column: number, value: Value) => void,
): void {
  for (let i = 0; i < (isTable ? area.rows : 1); i++) {
    const values = rows[i] ?? []
    for (let c = 0; c < (isTable ? Math.max(values.length, rows[0]?.length ?? 0) : 1); c++)
      put(area.row + i, area.column + c, values[c] ?? { kind: 'nothing' })
  }
}

function contentOf(value: Value, isDate: boolean, { is1904 }: Pick<PackageParts, 'is1904'>): Content {
  switch (value.kind) {
    case 'nothing':
      return null
    case 'text':
      return { text: value.text }
    case 'number':
      return { number: value.number }
    case 'day':
      // Days since the day before the first, in a cell that shows dates; words elsewhere.
      return isDate
        ? { number: daysBetween(is1904 ? '1904-01-01' : '1899-12-30', value.day) }
        : { text: longDay(value.day) }
    default:
      return value satisfies never
  }
}

/** The part as text. Throws IntakeError for what is not XML in UTF-8 within the limits. */
async function textOf(archive: Archive, part: string): Promise<string> {
  const pieces: Uint8Array[] = []
  async function* kept() {
    for await (const piece of archive.read(part)) {
      pieces.push(piece)
      yield piece
    }
  }
  await readXml(part, kept(), LIMITS, { open() {}, close() {}, text() {} })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  } catch {
    throw new InvalidInput([{ pointer: '/template', detail: `The part "${part}" is not in UTF-8.` }])
  }
}

/** The cells and areas whose names begin like ours. */
function areasOf(book: string): { readonly areas: Area[]; readonly issues: Issue[] } {
  const areas: Area[] = []
  const issues: Issue[] = []
  let name: string | null = null
  let text = ''
  const sax = new SaxesParser()
  const localOf = (tag: string) => tag.slice(tag.indexOf(':') + 1)
  sax.on('opentag', (tag) => {
    if (localOf(tag.name) !== 'definedName') return
    name = String((tag.attributes as Record<string, string>).name ?? '')
    text = ''
  })
  sax.on('text', (piece) => {
    text += piece
  })
  sax.on('closetag', (tag) => {
    if (localOf(tag.name) !== 'definedName' || name === null) return
    if (name.toLowerCase().startsWith(PREFIX.toLowerCase())) {
      const area = areaOf(name, text.trim())
      if (area === null)
        issues.push(issueOf({ name }, `stands for "${text.trim()}", which is no area of one sheet`))
      else areas.push(area)
    }
    name = null
  })
  sax.write(book).close()
  return { areas, issues }
}

/** `'My sheet'!$B$2:$D$9`. */
function areaOf(name: string, reference: string): Area | null {
  const match = /^(?:'((?:[^']|'')+)'|([^'!]+))!(\$?[A-Z]{1,3}\$?\d+)(?::(\$?[A-Z]{1,3}\$?\d+))?$/i.exec(
    reference,
  )
  if (match === null) return null
  const [from, to] = [parseCellName(match[3]!), parseCellName(match[4] ?? match[3]!)]
  if (from === null || to === null || to.row < from.row || to.column < from.column) return null
  if (to.row > LIMITS.rows || to.row - from.row > AREA_ROWS || to.column - from.column > AREA_COLUMNS)
    return null
  return {
    name,
    sheet: match[1]?.replaceAll("''", "'") ?? match[2]!,
    row: from.row,
    column: from.column,
    rows: to.row - from.row + 1,
    columns: to.column - from.column + 1,
  }
}

/** More no table needs. */
const AREA_ROWS = 10_000
const AREA_COLUMNS = 200

/** Every formula is computed when the workbook is opened. */
function recalculated(book: string): string {
  const sax = new SaxesParser()
  let known: { from: number; to: number; text: string } | null = null
  let afterNames: { at: number; prefix: string } | null = null
  const prefixOf = (name: string) => name.slice(0, name.indexOf(':') + 1)
  sax.on('opentag', ({ name, attributes, isSelfClosing }) => {
    if (known !== null || name.slice(prefixOf(name).length) !== 'calcPr') return
    const from = book.lastIndexOf('<', sax.position - 1)
    const all = { ...(attributes as Readonly<Record<string, string>>), fullCalcOnLoad: '1' }
    const text = Object.entries(all)
      .map(([key, value]) => ` ${key}="${value.replace(/[&<"]/g, (one) => ENTITIES[one]!)}"`)
      .join('')
    known = { from, to: sax.position, text: `<${name}${text}${isSelfClosing ? '/' : ''}>` }
  })
  sax.on('closetag', ({ name }) => {
    const prefix = prefixOf(name)
    if (name.slice(prefix.length) === 'definedNames') afterNames = { at: sax.position, prefix }
  })
  sax.write(book).close()
  // What listeners have set is not seen by the compiler.
  const place = known as { from: number; to: number; text: string } | null
  if (place !== null) return book.slice(0, place.from) + place.text + book.slice(place.to)
  const names = afterNames as { at: number; prefix: string } | null
  if (names === null) return book
  return `${book.slice(0, names.at)}<${names.prefix}calcPr fullCalcOnLoad="1"/>${book.slice(names.at)}`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '"': '&quot;' }

async function packed(archive: Archive, changed: ReadonlyMap<string, string>): Promise<Buffer> {
  const texts = new Map([...changed].map(([name, text]) => [name.toLowerCase(), text]))
  const zip = new ZipFile()
  const out = new PassThrough()
  zip.outputStream.pipe(out)
  const whole = buffer(out)
  for (const name of archive.names()) {
    const text = texts.get(name.toLowerCase())
    const pieces: Uint8Array[] = []
    if (text === undefined) for await (const piece of archive.read(name)) pieces.push(piece)
    const bytes = text === undefined ? Buffer.concat(pieces) : Buffer.from(text)
    zip.addBuffer(bytes, name, { mtime: DAY_ONE, forceDosTimestamp: true, mode: 0o100644 })
  }
  zip.end({ forceZip64Format: false, comment: '' })
  return whole
}

/** The same plan and template give the same bytes. */
const DAY_ONE = new Date(1980, 0, 1)
