/** What is moved: every table of the schema, its rows before those that refer to them. A new table needs nothing here. */
import { is } from 'drizzle-orm'
import { getTableConfig, type PgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../schema/index.ts'

export interface MovedColumn {
  readonly name: string
  /** As SQL writes it, such as `timestamp with time zone` or `uuid[]`. */
  readonly type: string
}

export interface MovedTable {
  readonly name: string
  readonly columns: readonly MovedColumn[]
  /** The primary key. */
  readonly key: readonly MovedColumn[]
}

/** In an order in which rows can be inserted. Throws when tables refer to each other in a circle. */
export function movedTables(): MovedTable[] {
  const tables = Object.values(schema as Record<string, unknown>)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableConfig(table))
  const ordered: MovedTable[] = []
  const waiting = new Map(tables.map((table) => [table.name, table]))
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((table) =>
      table.foreignKeys.every((key) => {
        const { name } = getTableConfig(key.reference().foreignTable)
        return name === table.name || !waiting.has(name)
      }),
    )
    if (ready.length === 0)
      throw new Error(`The tables ${[...waiting.keys()].join(', ')} refer to each other in a circle.`)
    for (const table of ready) {
      waiting.delete(table.name)
      const [composite] = table.primaryKeys
      const names = composite?.columns.map(({ name }) => name)
      const key = table.columns.filter(({ primary }) => primary)
      // The columns of a composite key are no columns of the table: they know their names only.
      const ofTable = names?.map((name) => table.columns.find((column) => column.name === name)!)
      ordered.push({
        name: table.name,
        // What the database works out by itself cannot be inserted.
        columns: table.columns.filter(({ generated }) => generated === undefined).map(toColumn),
        key: (ofTable ?? key).map(toColumn),
      })
    }
  }
  return ordered
}

const toColumn = (column: PgColumn): MovedColumn => ({ name: column.name, type: column.getSQLType() })

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/**
 * A column of the table `t` as a place in the order of rows, which must be the same whatever the database sorts text
 * by. Never without `t`: a bare name in ORDER BY means what is selected under it, which here is text.
 */
export function inOrder({ name, type }: MovedColumn): string {
  const isText = /^(text|char|varchar)/.test(type) && !type.endsWith(']')
  return `t.${quoted(name)}${isText ? ' collate "C"' : ''}`
}
