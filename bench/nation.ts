/** A register of a million devices in 200 cities, made in a minute: one city is imported, the rest are its copies. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../src/db/database.ts'
import { openTable } from '../src/intake/open-table.ts'
import { loadProfiles } from '../src/intake/shipped-profiles.ts'
import { importTable } from '../src/inventory/imports/run.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import { cityFile } from './city.ts'
import { newCity, type Scratch } from './databases.ts'

export interface Nation {
  readonly cities: readonly string[]
  readonly devices: number
  readonly profiles: number
}

const STATES = ['TX', 'VT', 'LA', 'GA', 'FL', 'OH', 'WA', 'NY', 'IL', 'CA']

export async function makeNation(
  { database, knowledge, asOwner }: Scratch,
  cities: number,
  devicesPerCity: number,
  meanLot: number,
): Promise<Nation> {
  const ids: string[] = []
  for (let i = 0; i < cities; i++) {
    ids.push(await newCity(database, `City ${i}`, STATES[i % STATES.length]!))
  }
  const template = ids[0]!
  async function* bytes() {
    yield* cityFile(devicesPerCity, { seed: 5, meanLot })
  }
  await database.inJurisdiction(
    template,
    async (tx) => {
      const table = await openTable(bytes(), { profiles: loadProfiles() })
      await importTable(tx, table, {
        jurisdictionId: template,
        source: 'default',
        fileName: null,
        blanks: 'keep',
        knowledge,
        actor: OPERATOR,
        now: new Date(),
      })
    },
    { timeLimitMillis: 0 },
  )
  const copied = await database.inJurisdiction(template, async (tx) => ({
    sites: await columnsOf(tx, 'sites'),
    answers: await columnsOf(tx, 'answers'),
    answer_findings: await columnsOf(tx, 'answer_findings'),
    profiles: await columnsOf(tx, 'profiles'),
    devices: await columnsOf(tx, 'devices'),
  }))
  for (const [i, city] of ids.entries()) {
    if (i === 0) continue
    // Ids stay in the order in which they were given, and are another city's.
    const shifted = (column: string) => `(lpad(to_hex(${i}), 4, '0') || substr(${column}::text, 5))::uuid`
    await database.inJurisdiction(
      city,
      async (tx) => {
        await tx.execute(sql.raw(`set local app.jurisdictions = '{${template},${city}}'`))
        for (const [table, columns] of Object.entries(copied)) {
          const values = columns.map((column) => {
            if (column === 'jurisdiction_id') return `'${city}'::uuid`
            if ((column === 'id' && table === 'devices') || column === 'import_id') return shifted(column)
            return column
          })
          await tx.execute(
            sql.raw(
              `insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from ${table}
                where jurisdiction_id = '${template}'::uuid${table === 'devices' ? ' order by id' : ''}`,
            ),
          )
        }
      },
      { timeLimitMillis: 0 },
    )
  }
  await asOwner('vacuum (analyze) devices')
  await asOwner('vacuum (analyze) profiles')
  await asOwner('vacuum (analyze) answer_findings')
  const [totals] = await database.acrossJurisdictions('all', async (tx) => {
    const { rows } = await tx.execute<{ devices: number; profiles: number }>(
      sql`select (select count(*)::int from devices) as devices, (select count(*)::int from profiles) as profiles`,
    )
    return rows
  })
  return { cities: ids, ...totals! }
}

/** But for those that the database fills itself. */
async function columnsOf(tx: Tx, table: string): Promise<string[]> {
  const { rows } = await tx.execute<{ name: string }>(
    sql`select attname as name from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
  )
  return rows.map((row) => row.name)
}
