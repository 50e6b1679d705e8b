/**
 * OFAC's delimited files (`SDN.CSV`, `ALT.CSV`, `ADD.CSV`, `SDN_COMMENTS.CSV` and the same of the consolidated list), one
 * after another in one file: they are told apart by how many columns they have. No header, null is `-0-`, the last byte
 * is 0x1A. Remarks longer than 1,000 characters go on in the comments, in the middle of a word. Pure.
 */
import { CsvScanner, type TableRecord } from '../../../intake/table.ts'
import {
  BLANK_ENTRY,
  type EntryReader,
  type Findings,
  type ListEntry,
  Unreadable,
} from '../../model/entry.ts'
import { countryOfList } from '../countries.ts'
import { endedLines, isEnd, NOT_ENDED } from '../not-ended.ts'
import { readRemarks } from './remarks.ts'

interface Row {
  readonly name: string
  readonly type: string | null
  readonly programs: readonly string[]
  remarks: string
  readonly aliases: { text: string; isWeak: boolean }[]
  readonly countries: Set<string>
}

type Cells = readonly (string | null)[]

const PRIMARY = 12
const ALIAS = 5
const ADDRESS = 6
const COMMENT = 2

export function openDelimited(findings: Findings): EntryReader {
  const scanner = new CsvScanner(',')
  const entries = new Entries(findings)
  const read = (record: TableRecord) => {
    const fault = record.isBlank ? null : (record.problem?.message ?? entries.take(cellsOf(record)))
    if (fault !== null) findings.problem({ place: `line ${record.row}`, message: fault })
  }
  let last = ''
  return {
    write: (text) => {
      last = text.at(-1) ?? last
      for (const record of scanner.scan(endedLines(text), false)) read(record)
    },
    end: () => {
      if (!isEnd(last)) findings.problem(NOT_ENDED)
      for (const record of scanner.scan('', true)) read(record)
      if (entries.count === 0)
        throw new Unreadable('wrong-format', 'The file has no entry of OFAC’s delimited files in it.')
      entries.report()
    },
  }
}

const cellsOf = ({ cells }: TableRecord): Cells =>
  cells.map((cell) => (cell === undefined || /^-0-\s*$/.test(cell) ? null : cell))

/** Put together from four files: what belongs to an entry comes after it. */
class Entries {
  private readonly findings: Findings
  private readonly rows = new Map<string, Row>()
  private readonly persons = new Set<string>()

  constructor(findings: Findings) {
    this.findings = findings
  }

  get count(): number {
    return this.rows.size + this.persons.size
  }

  report(): void {
    for (const [key, row] of this.rows) this.findings.entry(entryOf(key, row))
  }

  /** What is wrong with a line; null when nothing is. */
  take(cells: Cells): string | null {
    const id = cells[0]?.trim()
    if (!id || !/^\d+$/.test(id)) return 'does not begin with the number of an entry'
    if (cells.length === PRIMARY) return this.begin(id, cells)
    if (![ALIAS, ADDRESS, COMMENT].includes(cells.length))
      return `has ${cells.length} columns, which no file of OFAC has`
    const row = this.rows.get(id)
    if (row) add(row, cells)
    else if (!this.persons.has(id)) return `belongs to entry ${id}, which is not in the file`
    return null
  }

  private begin(id: string, cells: Cells): string | null {
    const [, name, type = null, program] = cells
    if (this.rows.has(id) || this.persons.has(id)) return `has entry ${id} a second time`
    if (!name?.trim()) return `entry ${id} has no name`
    if (type?.trim() === 'individual') {
      this.persons.add(id)
      this.findings.person(id)
      return null
    }
    this.rows.set(id, {
      name: name.trim(),
      type: type?.trim() ?? null,
      programs: (program ?? '').split('] [').filter((one) => one.trim() !== ''),
      remarks: cells[11] ?? '',
      aliases: [],
      countries: new Set(),
    })
    return null
  }
}

function add(row: Row, cells: Cells): void {
  if (cells.length === COMMENT) row.remarks += cells[1] ?? ''
  else if (cells.length === ALIAS && cells[3]) row.aliases.push({ text: cells[3].trim(), isWeak: false })
  else if (cells.length === ADDRESS && cells[4]) {
    const country = countryOfList(cells[4])
    if (country !== null) row.countries.add(country)
  }
}

function entryOf(key: string, { name, type, programs, remarks, aliases, countries }: Row): ListEntry {
  const said = readRemarks(remarks)
  return {
    ...BLANK_ENTRY,
    ...{ key, name, programs },
    kind: type === 'vessel' || type === 'aircraft' ? type : 'entity',
    ...said,
    aliases: [...aliases, ...said.aliases],
    countries: [...countries].toSorted(),
  }
}
