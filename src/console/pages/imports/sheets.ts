/** The columns of a file, by sheet. Pure. */
import type { Gets } from '../../answers.ts'
import type { ReadColumn } from './choices.ts'

export type Columns = Gets['/v1/uploads/{id}/columns']
type ColumnReport = Columns['columns'][number]

export interface Sheet {
  readonly name: string | null
  readonly why: string | null
  readonly columns: readonly (ColumnReport & ReadColumn)[]
}

/** The columns of a file as a form has them. In several sheets a column is known by its header, which they share. */
export function sheetsOf({ columns, sheets }: Columns): Sheet[] {
  if (sheets.length === 0)
    return [{ name: null, why: null, columns: columns.map((one) => named(one, one.position)) }]
  const isOne = sheets.filter(({ fate }) => fate === 'read').length === 1
  return sheets.map(({ name, why, fate, columns: own }, at) => ({
    name,
    why: fate === 'read' ? null : (why ?? 'It is not read.'),
    columns: fate === 'read' ? own.map((one) => named(one, isOne ? one.position : one.header, at)) : [],
  }))
}

const named = (column: ColumnReport, ref: string | number, sheet = 0): ColumnReport & ReadColumn => ({
  ...column,
  name: `column-${sheet}-${column.position}`,
  ref,
})
