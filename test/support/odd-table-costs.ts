/**
 * Measures in a thread of its own what odd tables cost: the test runner watches every promise of its thread, which
 * would be most of what is measured.
 */
import { parentPort } from 'node:worker_threads'
import { IntakeError } from '../../src/intake/problem.ts'
import { readTable } from '../../src/intake/rows.ts'
import { loadProfiles } from '../../src/intake/shipped-profiles.ts'
import { ODD_TABLES } from './odd-tables.ts'

export interface TableCost {
  readonly kind: string
  /** Milliseconds of processor time. */
  readonly small: number
  /** Of one that is eight times as long. */
  readonly large: number
}

const SMALL = 125_000
const CHUNK_BYTES = 65_536
const profiles = loadProfiles()

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}

async function cost(text: string): Promise<number> {
  const bytes = Buffer.from(text)
  const start = process.cpuUsage()
  try {
    const table = await readTable(inChunks(bytes), { profiles })
    // One by one and none kept, as an import takes them.
    for await (const _ of table.rows);
  } catch (error) {
    if (!(error instanceof IntakeError)) throw error
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const costs: TableCost[] = []
for (const [kind, table] of Object.entries(ODD_TABLES)) {
  await cost(table(SMALL)) // compiles what is used
  const small = Math.min(await cost(table(SMALL)), await cost(table(SMALL)))
  costs.push({ kind, small, large: await cost(table(8 * SMALL)) })
}
parentPort!.postMessage(costs)
