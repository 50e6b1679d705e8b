/** Small tables in CSV with a header, read whole: price lists, feeds. Registers of devices go through `rows.ts`. */
import { CsvScanner, type Delimiter, type TableRecord } from './table.ts'

export interface CsvTable {
  readonly header: readonly string[]
  /** Rows with anything in them, in their order. */
  readonly rows: readonly CsvRow[]
}

interface CsvRow {
  /** By the header; cells that a short row lacks are ''. */
  readonly record: Readonly<Record<string, string>>
  /** Why the row cannot be trusted as a whole, such as a quote that is never closed; null when it can. */
  readonly problem: string | null
}

/** An empty header when there is nothing to read. */
export function readCsv(
  text: string,
  {
    delimiter = ',',
    headerOf = (name) => name,
  }: { readonly delimiter?: Delimiter; readonly headerOf?: (name: string) => string } = {},
): CsvTable {
  const lines = text.replace(/^\ufeff/, '')
  const scanner = new CsvScanner(delimiter)
  const rows: CsvRow[] = []
  let header: string[] | null = null
  for (const record of scanner.scan(lines, true)) {
    if (record.isBlank) continue
    if (header !== null) rows.push(rowOf(header, record))
    else if (record.problem !== null)
      return { header: [], rows: [{ record: {}, problem: record.problem.message }] }
    else {
      header = record.cells.map((cell) => headerOf(cell ?? ''))
      scanner.width = header.length
    }
  }
  return { header: header ?? [], rows }
}

function rowOf(header: readonly string[], { cells, problem }: TableRecord): CsvRow {
  return {
    record: Object.fromEntries(header.map((name, i) => [name, cells[i] ?? ''])),
    problem: problem?.message ?? null,
  }
}
