/** What becomes of each column, with some of its cells, so that a mapping can be judged before anything is kept. */
import type { CustomField } from '../device/custom.ts'
import { type CellRules, readCell } from './cells.ts'
import { readCustom } from './custom-columns.ts'
import type { ColumnField, NamedField } from './fields.ts'
import type { Mapping } from './mapping.ts'
import { cleaned } from './secrets.ts'

export interface ColumnReport {
  readonly header: string
  /** 0-based, as a mapping may name it. */
  readonly position: number
  readonly fate: 'read' | 'left-out' | 'login'
  readonly field: NamedField | null
  readonly how: 'stated' | 'profile' | 'automatic' | null
  /** Why it is left out, where that is not plain. */
  readonly why: string | null
  /** Of the first rows: how many cells hold something, and how many of those can be read as the field. */
  readonly filled: number
  readonly readable: number | null
  /** The first different cells; none of a column of logins. */
  readonly samples: readonly string[]
}

const SAMPLES = 3
const SAMPLE_LENGTH = 60

export function columnReports(
  header: readonly string[],
  mapping: Mapping,
  sample: (column: number) => readonly string[],
  rulesOf: (field: NamedField, header: string) => CellRules,
): ColumnReport[] {
  const secret = new Set(mapping.secret.map(({ index }) => index))
  const why = new Map(mapping.ignored.map(({ index, why }) => [index, why ?? null]))
  return header.flatMap((name, position): ColumnReport[] => {
    const cells = sample(position)
    if (name === '' && cells.length === 0) return []
    const used =
      mapping.fields.find(({ columns }) => columns.some(({ index }) => index === position)) ??
      mapping.custom.find(({ column }) => column.index === position)
    const isSecret = secret.has(position)
    return [
      {
        header: name,
        position,
        fate: isSecret ? 'login' : used === undefined ? 'left-out' : 'read',
        field: used === undefined ? null : nameOf(used.field),
        how: used?.how ?? null,
        why: why.get(position) ?? (name === '' && used === undefined ? 'It has no header.' : null),
        filled: cells.length,
        readable: used === undefined ? null : readable(cells, used.field, rulesOf, name),
        samples: isSecret ? [] : samplesOf(cells),
      },
    ]
  })
}

type Used = ColumnField | CustomField

const nameOf = (field: Used): NamedField => (typeof field === 'string' ? field : `custom.${field.name}`)

function readable(
  cells: readonly string[],
  field: Used,
  rulesOf: (field: NamedField, header: string) => CellRules,
  header: string,
): number {
  const rules = rulesOf(nameOf(field), header)
  return cells.filter((cell) => {
    const { value, error } =
      typeof field === 'string' ? readCell(field, cell, rules) : readCustom(field, cell, rules)
    return value !== null && error === null
  }).length
}

function samplesOf(cells: readonly string[]): string[] {
  return [...new Set(cells.slice(0, 50).map((cell) => cleaned(cell).trim().slice(0, SAMPLE_LENGTH)))].slice(
    0,
    SAMPLES,
  )
}
