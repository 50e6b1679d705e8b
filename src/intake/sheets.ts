/** Several tables read as one: their rows one after the other, their columns under one header. */
import type { FileNotice, ReadRow, ReadTable, RowCounts, SheetReport } from './rows.ts'

export interface Joined {
  readonly sheets: readonly SheetReport[]
  readonly notices: () => readonly FileNotice[]
  readonly share: () => number
  readonly close: () => Promise<void>
}

/** At least one table. */
export function joinSheets(tables: readonly ReadTable[], joined: Joined): ReadTable {
  const [first] = tables as readonly [ReadTable, ...ReadTable[]]
  const { header, placesOf } = commonHeader(tables)
  return {
    ...first,
    header,
    mapping: {
      fields: distinct(tables.flatMap(({ mapping }) => mapping.fields)),
      custom: distinct(tables.flatMap(({ mapping }) => mapping.custom)),
      ignored: distinct(tables.flatMap(({ mapping }) => mapping.ignored)),
      secret: distinct(tables.flatMap(({ mapping }) => mapping.secret)),
    },
    get counts() {
      return sum(tables)
    },
    get leftOut() {
      return tables.flatMap(({ leftOut }) => leftOut)
    },
    columns: tables.length === 1 ? first.columns : [],
    sheets: joined.sheets,
    get notices() {
      return [...joined.notices(), ...tables.flatMap(({ notices }) => notices)]
    },
    share: joined.share,
    rows: rowsOf(tables, header, placesOf, joined.close),
    close: joined.close,
  }
}

/** Columns of one name are one; of several with that name in one sheet, the first is the first of the others. */
function commonHeader(tables: readonly ReadTable[]): {
  header: string[]
  placesOf: Map<ReadTable, number[]>
} {
  const header: string[] = []
  const places = new Map<string, number>()
  const placesOf = new Map<ReadTable, number[]>()
  for (const table of tables) {
    const times = new Map<string, number>()
    const own = table.header.map((name) => {
      const nth = times.get(name) ?? 0
      times.set(name, nth + 1)
      const key = `${nth} ${name}`
      const place = places.get(key) ?? header.push(name) - 1
      places.set(key, place)
      return place
    })
    placesOf.set(table, own)
  }
  return { header, placesOf }
}

async function* rowsOf(
  tables: readonly ReadTable[],
  header: readonly string[],
  placesOf: ReadonlyMap<ReadTable, readonly number[]>,
  close: () => Promise<void>,
): AsyncGenerator<ReadRow, void, undefined> {
  try {
    for (const table of tables) {
      const places = placesOf.get(table)!
      const isSame = places.length === header.length && places.every((place, i) => place === i)
      for await (const row of table.rows)
        yield isSame ? row : { ...row, raw: placed(row.raw, places, header.length) }
    }
  } finally {
    await close()
  }
}

/** Cells beyond the header of their own sheet stay behind the common one. */
function placed(raw: readonly string[], places: readonly number[], width: number): string[] {
  const cells: string[] = new Array(width).fill('')
  raw.forEach((cell, i) => {
    const place = places[i]
    if (place !== undefined) cells[place] = cell
    else if (cell !== '') cells.push(cell)
  })
  return cells
}

function sum(tables: readonly ReadTable[]): RowCounts {
  const counts = { rows: 0, accepted: 0, rejected: 0, blank: 0, leftOut: 0, added: 0 }
  for (const table of tables)
    for (const key of Object.keys(counts) as (keyof RowCounts)[]) counts[key] += table.counts[key]
  return counts
}

function distinct<T extends object>(items: readonly T[]): T[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = JSON.stringify(item)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
