/** A workbook (Office Open XML) as it is made, in memory that does not grow with its rows. */
import { type Part, zip } from './zip.ts'

export type Cell = string | number | boolean | null | undefined

export interface SheetColumn {
  readonly header: string
  /** In characters. */
  readonly width: number
  /** `day`: a text YYYY-MM-DD that is shown as a date. `amount`: two decimals. `wrapped`: long text in several lines. */
  readonly kind: 'text' | 'number' | 'amount' | 'day' | 'wrapped'
}

export interface Sheet {
  readonly name: string
  /** Lines above the table. */
  readonly above?: readonly (readonly Cell[])[]
  readonly columns: readonly SheetColumn[]
  /** How many of the columns are printed, on one page side by side; all when absent. */
  readonly printed?: number
  /** Above every printed page. */
  readonly pageHeader?: string
  /** Read once, after those of the sheets before. */
  readonly rows: () => AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>
}

export const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** More rows a sheet cannot hold. */
const MOST_ROWS = 1_048_576
const MOST_CHARACTERS = 32_767
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
/** Places in `cellXfs` below. */
const STYLES = { text: 5, number: 5, head: 1, day: 2, amount: 3, wrapped: 4 } as const

export function workbook(sheets: readonly Sheet[]): AsyncGenerator<Buffer, void, undefined> {
  const lastRows: number[] = []
  const parts: Part[] = [
    { name: '[Content_Types].xml', text: () => [contentTypes(sheets.length)] },
    { name: '_rels/.rels', text: () => [relations([['officeDocument', 'xl/workbook.xml']])] },
    { name: 'xl/styles.xml', text: () => [stylesText()] },
    ...sheets.map((sheet, i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      text: () => sheetText(sheet, i === 0, (last) => lastRows.push(last)),
    })),
    // After the sheets: the areas of their filters are known by then.
    { name: 'xl/workbook.xml', text: () => [workbookText(sheets, lastRows)] },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: () => [
        relations([
          ...sheets.map((_, i): [string, string] => ['worksheet', `worksheets/sheet${i + 1}.xml`]),
          ['styles', 'styles.xml'],
        ]),
      ],
    },
  ]
  return zip(parts)
}

async function* sheetText(
  { above = [], columns, rows, pageHeader }: Sheet,
  isFirst: boolean,
  ended: (lastRow: number) => void,
): AsyncGenerator<string> {
  const headRow = above.length + 1
  yield `${HEAD}<worksheet xmlns="${MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`
  yield `<sheetViews><sheetView workbookViewId="0"${isFirst ? ' tabSelected="1"' : ''}><pane ySplit="${headRow}" topLeftCell="A${headRow + 1}" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`
  yield `<cols>${columns.map(({ width }, i) => `<col min="${i + 1}" max="${i + 1}" width="${width}" customWidth="1"/>`).join('')}</cols><sheetData>`
  let row = 0
  for (const cells of above) yield rowText(++row, cells, () => STYLES.text)
  yield rowText(
    ++row,
    columns.map(({ header }) => header),
    () => STYLES.head,
    columns,
  )
  for await (const cells of rows()) {
    if (row === MOST_ROWS) throw new Error(`A sheet holds ${MOST_ROWS} rows at most.`)
    yield rowText(++row, cells, (i) => STYLES[columns[i]!.kind], columns)
  }
  ended(row)
  const filter = row > headRow ? `<autoFilter ref="${areaOf(columns.length, headRow, row)}"/>` : ''
  yield `</sheetData>${filter}<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/><pageSetup orientation="landscape" fitToHeight="0"/><headerFooter>${headerText(pageHeader)}<oddFooter>&amp;A, page &amp;P of &amp;N</oddFooter></headerFooter></worksheet>`
}

/** `&` begins a code in headers; two of them are one. */
function headerText(text: string | undefined): string {
  if (text === undefined) return ''
  return `<oddHeader>&amp;C${escaped(text.slice(0, MOST_IN_HEADER).replaceAll('&', '&&'))}</oddHeader>`
}

/** Excel takes 255 characters with its codes. */
const MOST_IN_HEADER = 120

function rowText(
  row: number,
  cells: readonly Cell[],
  styleOf: (column: number) => number,
  columns?: readonly SheetColumn[],
): string {
  let text = ''
  for (let i = 0; i < cells.length; i++)
    text += cellText(`${letters(i)}${row}`, cells[i], styleOf(i), columns?.[i]?.kind === 'day')
  const lines = columns === undefined ? 1 : linesOf(cells, columns, styleOf)
  // Not every program fits rows to their text when it opens a file.
  const height = lines === 1 ? '' : ` ht="${Math.min(lines * LINE_POINTS, MOST_POINTS)}" customHeight="1"`
  return `<row r="${row}"${height}>${text}</row>`
}

const LINE_POINTS = 13.5
/** Higher no row can be. */
const MOST_POINTS = 409

/** Lines that the highest of the wrapped cells takes. */
function linesOf(
  cells: readonly Cell[],
  columns: readonly SheetColumn[],
  styleOf: (column: number) => number,
): number {
  let most = 1
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i]
    if (typeof cell !== 'string' || (styleOf(i) !== STYLES.wrapped && styleOf(i) !== STYLES.head)) continue
    let lines = 0
    for (const line of cell.split('\n')) lines += Math.max(1, Math.ceil(line.length / columns[i]!.width))
    if (lines > most) most = lines
  }
  return most
}

function cellText(at: string, value: Cell, style: number, isDay: boolean): string {
  if (value === null || value === undefined || value === '') return ''
  const styled = ` s="${style}"`
  if (typeof value === 'number') return `<c r="${at}"${styled}><v>${value}</v></c>`
  if (typeof value === 'boolean') return `<c r="${at}"${styled} t="b"><v>${value ? 1 : 0}</v></c>`
  const serial = isDay ? serialOf(value) : null
  if (serial !== null) return `<c r="${at}"${styled}><v>${serial}</v></c>`
  return `<c r="${at}"${styled} t="inlineStr"><is><t xml:space="preserve">${escaped(value.slice(0, MOST_CHARACTERS))}</t></is></c>`
}

/** Days since December 30, 1899; null for what is written as a text: serials before March 1900 are off by one. */
function serialOf(day: string): number | null {
  const millis = Date.parse(`${day}T00:00:00Z`)
  const serial = Number.isNaN(millis) ? 0 : Math.round(millis / 86_400_000) + 25_569
  return serial > 60 ? serial : null
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** What XML cannot hold is written as Excel does; so is a text that looks like that. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|_(?=x[\da-f]{4}_)/gi

function escaped(text: string): string {
  return text
    .replace(UNWRITABLE, (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>"]/g, (one) => ENTITIES[one]!)
}

/** 0 is A, 26 is AA. */
function letters(column: number): string {
  return column < 26
    ? String.fromCharCode(65 + column)
    : letters(Math.floor(column / 26) - 1) + letters(column % 26)
}

function areaOf(columns: number, from: number, to: number): string {
  return `A${from}:${letters(columns - 1)}${to}`
}

function workbookText(sheets: readonly Sheet[], lastRows: readonly number[]): string {
  const tabs = sheets.map(
    ({ name }, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  )
  const names = sheets.flatMap(
    ({ name, above = [], columns, printed: columnsPrinted = columns.length }, i) => {
      const quoted = `'${escaped(name).replaceAll("'", "''")}'`
      const head = above.length + 1
      const area = areaOf(columns.length, head, lastRows[i]!).replace(/[A-Z]+|\d+/g, (part) => `$${part}`)
      const filter = `<definedName name="_xlnm._FilterDatabase" localSheetId="${i}" hidden="1">${quoted}!${area}</definedName>`
      const titles = `<definedName name="_xlnm.Print_Titles" localSheetId="${i}">${quoted}!$${head}:$${head}</definedName>`
      const printed = areaOf(columnsPrinted, 1, lastRows[i]!).replace(/[A-Z]+|\d+/g, (part) => `$${part}`)
      const print = `<definedName name="_xlnm.Print_Area" localSheetId="${i}">${quoted}!${printed}</definedName>`
      return lastRows[i]! > head ? [filter, print, titles] : [print, titles]
    },
  )
  return `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${tabs.join('')}</sheets><definedNames>${names.join('')}</definedNames></workbook>`
}

function contentTypes(sheets: number): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  const parts = Array.from({ length: sheets }, (_, i) => [`worksheets/sheet${i + 1}`, 'worksheet'])
  const overrides = [['workbook', 'sheet.main'], ['styles', 'styles'], ...parts].map(
    ([name, kind]) => `<Override PartName="/xl/${name}.xml" ContentType="${type}.${kind}+xml"/>`,
  )
  return `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
}

function relations(all: readonly (readonly [kind: string, target: string])[]): string {
  const each = all.map(
    ([kind, target], i) => `<Relationship Id="rId${i + 1}" Type="${RELATIONS}/${kind}" Target="${target}"/>`,
  )
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each.join('')}</Relationships>`
}

function stylesText(): string {
  const font = (inside: string) =>
    `<font>${inside}<sz val="10"/><name val="Calibri"/><family val="2"/></font>`
  const xf = (numFmt: number, inside = '') =>
    `<xf numFmtId="${numFmt}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"${inside}/></xf>`
  return `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><fonts count="2">${font('')}${font('<b/>')}</fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE7EDF3"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>${xf(164)}${xf(4)}${xf(0, ' wrapText="1"')}${xf(0)}</cellXfs></styleSheet>`
}
