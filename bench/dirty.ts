/** What a list full of faults costs to import: statements to the database, memory, rows a second beside the raw insert. */
import pg from 'pg'
import { cityLines } from './city.ts'

const SMALL = 5_000
const LARGE = Number(process.env.BENCH_ROWS ?? 50_000)
export const DIRTY_SIZES = [Math.min(SMALL, LARGE / 10), LARGE] as const

/** What people and spreadsheets do to a line; each takes its cells by position. */
const FAULTS: readonly ((cells: string[], i: number) => void)[] = [
  (cells) => {
    cells[10] = '6/2019'
  },
  (cells) => {
    cells[13] = '189 ea'
  },
  (cells) => {
    cells[5] = cells[5]!.slice(0, 8)
  },
  (cells) => {
    cells[8] = 'on the pole'
  },
  (cells) => {
    cells[13] = 'see invoice'
  },
  (cells) => {
    cells[0] = 'No Tag'
  },
  (cells) => {
    cells[3] = `  ${cells[3]!.toUpperCase()}\u00A0`
  },
  (cells) => {
    cells[11] = '31/02/2021'
  },
  (cells) => {
    cells[2] = `${cells[2]} (OEM Dahua)`
  },
  (cells, i) => {
    cells[1] = i % 1_000 === 9 ? '1.23457E+14' : `${cells[1]} `
  },
]

/** A person types a lot, such as the cameras of one purchase, in one way. */
const LOT = 10

/** A file of so many lines of which each has a fault, the lines of a lot the same one. */
export function* dirtyFile(rows: number): Generator<Buffer> {
  let i = -1
  let chunk = ''
  for (const line of cityLines({ seed: 11, meanLot: 10 })) {
    if (i >= rows) break
    const cells = line.trimEnd().split(',')
    if (i >= 0) FAULTS[Math.floor(i / LOT) % FAULTS.length]!(cells, i)
    chunk += `${cells.join(',')}\n`
    i++
    if (chunk.length > 65_536) {
      yield Buffer.from(chunk)
      chunk = ''
    }
  }
  yield Buffer.from(chunk)
}

/** How many statements this process sends while the work goes on, also by connections that were open before. */
export async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const query = pg.Query.prototype as unknown as { submit(connection: unknown): unknown }
  const { submit } = query
  let sent = 0
  query.submit = function counted(connection) {
    sent++
    return submit.call(this, connection)
  }
  try {
    await work()
    return sent
  } finally {
    query.submit = submit
  }
}
