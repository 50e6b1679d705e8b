/** What reading a table costs, by what is odd about it. */
import { IntakeError } from '../src/intake/problem.ts'
import { readTable } from '../src/intake/rows.ts'
import { loadProfiles } from '../src/intake/shipped-profiles.ts'
import { ODD_TABLES } from '../test/support/odd-tables.ts'
import { figure, printTable, processorTime } from './measure.ts'

const MEGABYTE = 1_000_000
const CHUNK_BYTES = 65_536
const SIZES = [1, 4]

export async function intake(): Promise<void> {
  const profiles = loadProfiles()
  const rows: string[][] = []
  for (const [kind, make] of Object.entries(ODD_TABLES)) {
    const millis: number[] = []
    let outcome = ''
    for (const size of SIZES) {
      const bytes = Buffer.from(make(size * MEGABYTE))
      millis.push(
        await processorTime(async () => {
          outcome = await read(bytes, profiles)
        }),
      )
    }
    rows.push([kind, ...millis.map(figure), figure(millis[1]! / millis[0]!), outcome])
  }
  printTable({
    title: 'Reading odd tables: processor time, from bytes to devices, nothing stored',
    notes: ['A cost that grows with the length has a ratio of 4 or less; what is refused early has less.'],
    header: ['kind', ...SIZES.map((size) => `ms for ${size} MB`), 'ratio', 'outcome'],
    rows,
  })
}

async function read(bytes: Buffer, profiles: ReturnType<typeof loadProfiles>): Promise<string> {
  try {
    const table = await readTable(inChunks(bytes), { profiles })
    for await (const _ of table.rows);
    const { accepted, rejected, blank } = table.counts
    return `${accepted} read, ${rejected} refused, ${blank} blank`
  } catch (error) {
    if (error instanceof IntakeError) return error.code
    throw error
  }
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}
