/** Whether memory stays flat when a file grows tenfold. */
import { Readable } from 'node:stream'
import { cityLines } from './city.ts'
import { BENCH_URL, newCity, newKey, scratchPostgres } from './databases.ts'
import { figure, printTable, time } from './measure.ts'
import { startWorker } from './worker.ts'

const MEGABYTE = 1_000_000

export async function memory(): Promise<void> {
  if (BENCH_URL === null) {
    console.log('\n## Memory of an import\nLeft out: BENCH_DATABASE_URL is not set.')
    return
  }
  const rows: string[][] = []
  for (const size of [10, 100]) {
    // A process and a database of its own for each, because the peak is what is asked for.
    const scratch = await scratchPostgres(BENCH_URL)
    try {
      const key = await newKey(scratch.database, 'city-editor', await newCity(scratch.database, 'Bigfile'))
      const worker = await startWorker(scratch.url!)
      try {
        const idle = await worker.peakMegabytes()
        let counts: Record<string, number> = {}
        const millis = await time(async () => {
          const answer = await fetch(`${worker.service}/v1/imports?fileName=city.csv`, {
            method: 'POST',
            headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
            body: Readable.toWeb(Readable.from(fileOf(size * MEGABYTE))),
            duplex: 'half',
          } as unknown as RequestInit)
          const body = (await answer.json()) as { report: { counts: Record<string, number> } }
          if (answer.status !== 201)
            throw new Error(`The import was answered ${answer.status}: ${JSON.stringify(body)}`)
          counts = body.report.counts
        })
        const peak = await worker.peakMegabytes()
        rows.push([
          String(size),
          figure(counts.created!),
          figure(counts.profilesCreated!),
          figure(millis / 1000),
          figure(counts.created! / (millis / 1000)),
          figure(idle),
          figure(peak),
        ])
      } finally {
        await worker.stop()
      }
    } finally {
      await scratch.drop()
    }
  }
  printTable({
    title: 'Memory of the service while a CSV is imported, PostgreSQL',
    header: ['file MB', 'rows', 'profiles', 's', 'rows/s', 'MB resident before', 'MB resident at most'],
    rows,
  })
}

/** Whole lines, at least so many bytes, in chunks of about 64 KiB. */
function* fileOf(bytes: number): Generator<Buffer> {
  let chunk = ''
  let sent = 0
  for (const line of cityLines({ seed: 13, meanLot: 10 })) {
    chunk += line
    if (chunk.length < 65_536) continue
    yield Buffer.from(chunk)
    sent += chunk.length
    chunk = ''
    if (sent >= bytes) return
  }
}
