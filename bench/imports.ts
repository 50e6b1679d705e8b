/** How fast a file comes into the register, beside the insert of its finished rows and nothing else. */
import { getTableColumns, sql } from 'drizzle-orm'
import type { Database } from '../src/db/database.ts'
import { expectMany } from '../src/db/query-hints.ts'
import { devices } from '../src/db/schema/index.ts'
import { cityFile } from './city.ts'
import { BENCH_URL, newCity, newKey, type Scratch, scratchEmbedded, scratchPostgres } from './databases.ts'
import { DIRTY_SIZES, dirtyFile, statementsOf } from './dirty.ts'
import { figure, interleave, median, percent, printTable, spread, time } from './measure.ts'
import { service } from './service.ts'

const BATCH_ROWS = 2_000
const MEAN_LOT = 10
/** Devices of the file; BENCH_ROWS changes both, for a machine that is busy. */
const SIZE = {
  embedded: Number(process.env.BENCH_ROWS ?? 20_000),
  postgres: Number(process.env.BENCH_ROWS ?? 100_000),
}
const EMPTY_REGISTER =
  'truncate devices, device_history, profiles, answers, answer_findings, sites, imports, import_rejects cascade'

export async function imports(): Promise<void> {
  const rows: (string | number)[][] = []
  rows.push(await compare('embedded', await scratchEmbedded(), SIZE.embedded, 3))
  if (BENCH_URL !== null)
    rows.push(await compare('PostgreSQL', await scratchPostgres(BENCH_URL), SIZE.postgres, 3))
  printTable({
    title: 'Import: POST /v1/imports beside the raw insert of the same rows',
    notes: [
      `A CSV of 18 columns in purchase lots of ${MEAN_LOT} on average into an empty register. Raw: the same rows as they`,
      `came out, ready as JSON text, ${BATCH_ROWS} a statement through jsonb_to_recordset into the same table with its`,
      'keys and indexes, in one transaction, profiles and sites there already.',
    ],
    header: [
      'database',
      'rows',
      'profiles',
      'import rows/s',
      'raw rows/s',
      'ratio',
      'aim',
      'again, unchanged rows/s',
    ],
    rows,
  })
}

/** A list in which each line has a fault: nothing may cost a statement a row. */
export async function dirtyImports(): Promise<void> {
  const rows: (string | number)[][] = []
  const bad: string[] = []
  const places: [string, () => Promise<Scratch>][] = [['embedded', scratchEmbedded]]
  if (BENCH_URL !== null) places.push(['PostgreSQL', () => scratchPostgres(BENCH_URL!)])
  for (const [name, open] of places) {
    const scratch = await open()
    try {
      const few = await dirty(scratch, DIRTY_SIZES[0])
      const many = await dirty(scratch, DIRTY_SIZES[1])
      for (const one of [few, many])
        rows.push([
          name,
          one.count,
          one.counts.created!,
          one.counts.rejected!,
          one.counts.profilesCreated!,
          one.statements,
          figure((1_000 * one.statements) / one.count),
          figure(one.peak),
          figure(one.rate),
          figure(one.raw),
          percent(one.rate / one.raw),
        ])
      const factor = many.statements / few.statements
      if (factor > (0.5 * many.count) / few.count)
        bad.push(
          `${name}: ${few.statements} statements for ${few.count} rows, ${many.statements} for ${many.count}`,
        )
    } finally {
      await scratch.drop()
    }
  }
  printTable({
    title: 'Import of a list full of faults, beside the raw insert of what came of it',
    notes: [
      'Each line has one of ten faults, which those of a lot share. Profiles: different facts, each of which is evaluated',
      'under every law. Statements: all that were sent to the database. Memory: most that was resident. Aim: 40 %.',
    ],
    header: [
      'database',
      'rows',
      'created',
      'refused',
      'profiles',
      'statements',
      'per 1,000 rows',
      'MB at most',
      'import rows/s',
      'raw rows/s',
      'ratio',
    ],
    rows,
  })
  if (bad.length > 0) throw new Error(bad.join('; '))
}

async function dirty({ database, knowledge, asOwner }: Scratch, count: number) {
  const app = await service(database, knowledge)
  try {
    await asOwner(EMPTY_REGISTER)
    const city = await newCity(database, `Dirty ${count}`)
    const key = await newKey(database, 'city-editor', city)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const file = Buffer.concat([...dirtyFile(count)])
    let counts: Record<string, number> = {}
    let millis = 0
    const statements = await statementsOf(async () => {
      millis = await time(async () => {
        const answer = await fetch(`${address}/v1/imports?fileName=dirty.csv`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
          body: file,
        })
        const body = (await answer.json()) as { report: { counts: Record<string, number> } }
        if (answer.status !== 201)
          throw new Error(`The import was answered ${answer.status}: ${JSON.stringify(body)}`)
        counts = body.report.counts
      })
    })
    const finished = await finishedRows(database, city)
    await asOwner('truncate devices cascade')
    const rawMillis = await time(() => insertRaw(database, city, finished))
    return {
      ...{ count, counts, statements },
      peak: process.resourceUsage().maxRSS / 1024,
      rate: count / (millis / 1000),
      raw: counts.created! / (rawMillis / 1000),
    }
  } finally {
    await app.close()
  }
}

async function compare(name: string, scratch: Scratch, count: number, rounds: number) {
  const { database, knowledge, asOwner } = scratch
  const app = await service(database, knowledge)
  try {
    const city = await newCity(database, 'Importville')
    const key = await newKey(database, 'city-editor', city)
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const file = Buffer.concat([...cityFile(count, { seed: 3, meanLot: MEAN_LOT })])
    const post = async () => {
      const answer = await fetch(`${address}/v1/imports?fileName=city.csv`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
        body: file,
      })
      const body = (await answer.json()) as { report: { counts: Record<string, number> } }
      if (answer.status !== 201)
        throw new Error(`The import was answered ${answer.status}: ${JSON.stringify(body)}`)
      return body.report.counts
    }
    const counts = await post()
    if (counts.created !== count) throw new Error(`Not every row came in: ${JSON.stringify(counts)}`)
    await checkCounts(database, city)
    let finished = await finishedRows(database, city)
    const rate = (millis: number) => count / (millis / 1000)
    const figures = await interleave(rounds, {
      import: async () => {
        await asOwner(EMPTY_REGISTER)
        const millis = await time(post)
        // Sites have new ids each time.
        finished = await finishedRows(database, city)
        return rate(millis)
      },
      raw: async () => {
        await asOwner('truncate devices cascade')
        return rate(await time(() => insertRaw(database, city, finished)))
      },
    })
    await asOwner(EMPTY_REGISTER)
    await post()
    const again = rate(await time(post))
    return [
      name,
      count,
      counts.profilesCreated!,
      spread(figures.import),
      spread(figures.raw),
      percent(median(figures.import) / median(figures.raw)),
      '40 %',
      spread([again]),
    ]
  } finally {
    await app.close()
    await scratch.drop()
  }
}

/** Every device is counted in its profile, once. Throws when not. */
async function checkCounts(database: Database, city: string): Promise<void> {
  const [row] = await database.acrossJurisdictions([city], async (tx) => {
    const { rows } = await tx.execute<{ wrong: number; devices: number }>(sql`
      select (select count(*)::int from profiles p where p.device_count <>
          (select count(*) from devices d where d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id)) as wrong,
        (select count(*)::int from devices) as devices`)
    return rows
  })
  if (row!.wrong > 0) throw new Error(`${row!.wrong} profiles count their devices wrong.`)
}

/** The finished rows as JSON text, a batch each. */
async function finishedRows(database: Database, city: string): Promise<string[]> {
  const batches: string[] = []
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await database.inJurisdiction(city, (tx) =>
      tx.execute<{ id: string; doc: Record<string, unknown> }>(
        sql`select d.id::text as id, to_jsonb(d) as doc from devices d where d.id > ${after}::uuid order by d.id limit ${BATCH_ROWS}`,
      ),
    )
    if (rows.length === 0) return batches
    const docs = rows.map(({ doc }) =>
      Object.fromEntries(Object.entries(doc).filter(([, value]) => value !== null)),
    )
    batches.push(JSON.stringify(docs))
    after = rows.at(-1)!.id
  }
}

async function insertRaw(database: Database, city: string, batches: readonly string[]): Promise<void> {
  await database.inJurisdiction(
    city,
    async (tx) => {
      await expectMany(tx)
      for (const batch of batches) {
        await tx.execute(sql`
          insert into devices (${sql.raw(COLUMNS.map(([name]) => name).join(', '))})
          select ${sql.raw(COLUMNS.map(([name]) => `r.${name}`).join(', '))}
          from jsonb_to_recordset(${batch}::jsonb) as r(${sql.raw(COLUMNS.map((column) => column.join(' ')).join(', '))})`)
      }
    },
    { timeLimitMillis: 0 },
  )
}

/** Every column of the table of devices with its type, but for those that the database fills itself. */
const COLUMNS = Object.values(getTableColumns(devices))
  .filter((column) => column.generated === undefined)
  .map((column) => [column.name, column.getSQLType()] as const)
