/** The tables of a web page, with what stands before each. Read as browsers do: tags may be left open. Pure. */
import { Parser } from 'htmlparser2'
import { type EntryReader, Unreadable } from '../model/entry.ts'

export interface HtmlCell {
  /** In one line for each paragraph. */
  readonly text: string
  /** What is printed bold in it. */
  readonly bold: readonly string[]
}

export interface HtmlTable {
  /** The text between the table before and this one. */
  readonly before: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly HtmlCell[])[]
}

/** A page with a table on it has no more, and one that is not the page must not fill the memory. */
const MOST_LETTERS = 20_000_000
/** Looking for what a tag closes costs as much as there are tags around it. */
const MOST_NESTED = 1000
const BREAKS: ReadonlySet<string> = new Set(['p', 'br', 'li', 'div', 'h1', 'h2', 'h3', 'h4'])
const UNREAD: ReadonlySet<string> = new Set(['script', 'style', 'template'])

/** Reads a page and gives its tables; throws `Unreadable` for one that broke off. */
export function htmlReader(onEnd: (tables: readonly HtmlTable[]) => void): EntryReader {
  const page = new Page()
  let letters = 0
  let depth = 0
  const parser = new Parser({
    onopentagname: (name) => {
      if (++depth > MOST_NESTED)
        throw new Unreadable('wrong-format', `The page has more than ${MOST_NESTED} tags in one another.`)
      page.open(name)
    },
    ontext: (text) => page.text(text),
    onclosetag: (name, isImplied) => {
      depth--
      page.close(name, isImplied)
    },
  })
  return {
    write: (text) => {
      letters += text.length
      if (letters > MOST_LETTERS)
        throw new Unreadable('wrong-format', 'The page is longer than any of the list.')
      parser.write(text)
    },
    end: () => {
      parser.end()
      if (!page.isWhole)
        throw new Unreadable('truncated', 'The page has no end (</html>); it may have broken off.')
      onEnd(page.tables)
    },
  }
}

interface OpenCell {
  text: string
  isHeader: boolean
  bold: string[]
}

interface OpenTable {
  before: string
  header: string[]
  rows: HtmlCell[][]
  row: OpenCell[]
}

class Page {
  readonly tables: HtmlTable[] = []
  isWhole = false
  #before = ''
  #unread = 0
  #bold = 0
  #cell: OpenCell | null = null
  /** Of tables in one another the innermost is last. */
  readonly #open: OpenTable[] = []

  open(name: string): void {
    const table = this.#open.at(-1)
    if (UNREAD.has(name)) this.#unread++
    else if (name === 'table') {
      this.#cell = null
      this.#open.push({ before: squeezed(this.#before), header: [], rows: [], row: [] })
      this.#before = ''
    } else if (table && (name === 'td' || name === 'th')) {
      this.#cell = { text: '', isHeader: name === 'th', bold: [] }
      table.row.push(this.#cell)
    } else if (name === 'strong' || name === 'b') {
      this.#bold++
      this.#cell?.bold.push('')
    }
    if (BREAKS.has(name)) this.text('\n')
  }

  text(text: string): void {
    if (this.#unread > 0) return
    const cell = this.#cell
    if (cell) {
      cell.text += text
      if (this.#bold > 0 && cell.bold.length > 0) cell.bold[cell.bold.length - 1] += text
    } else if (this.#open.length === 0) this.#before += text
  }

  close(name: string, isImplied: boolean): void {
    const table = this.#open.at(-1)
    if (UNREAD.has(name)) this.#unread--
    else if (name === 'html') this.isWhole = !isImplied
    else if (name === 'strong' || name === 'b') this.#bold--
    else if (name === 'td' || name === 'th') this.#cell = null
    else if (table && name === 'tr') endRow(table)
    else if (table && name === 'table') {
      this.#open.pop()
      this.tables.push(table)
    }
  }
}

function endRow(table: OpenTable): void {
  const { row } = table
  table.row = []
  if (row.length === 0) return
  const cells = row.map(({ text, bold }) => ({
    text: lines(text),
    bold: bold.map(squeezed).filter((one) => one !== ''),
  }))
  if (row.every(({ isHeader }) => isHeader)) table.header = cells.map(({ text }) => text)
  else table.rows.push(cells)
}

const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
const lines = (text: string) =>
  text
    .split('\n')
    .map(squeezed)
    .filter((line) => line !== '')
    .join('\n')
