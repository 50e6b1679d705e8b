/** What changes of the law cost over a nation: what they can reach, everything, and a row for each device of one maker. */
import { sql } from 'drizzle-orm'
import type { ReferenceData } from '../src/catalogue/reference-data.ts'
import type { Listing } from '../src/catalogue/rules.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { rescreen } from '../src/screening/rescreen.ts'
import { cutOf, readKnowledge } from '../src/screening/stored-knowledge.ts'
import { type DataFiles, loadData, readDataFiles } from '../src/server/load-data.ts'
import { DATA } from '../src/server/paths.ts'
import { BENCH_URL, type Scratch, scratchPostgres } from './databases.ts'
import { figure, printTable, time } from './measure.ts'
import { makeNation, type Nation } from './nation.ts'

const CITIES = Number(process.env.BENCH_CITIES ?? 200)
const DEVICES_PER_CITY = 5_000
const MEAN_LOT = 10
const MAKER = 'axis'

export async function reach(): Promise<void> {
  if (BENCH_URL === null) {
    console.log('\n## Changes of the law\nLeft out: BENCH_DATABASE_URL is not set.')
    return
  }
  const scratch = await scratchPostgres(BENCH_URL)
  try {
    const nation = await makeNation(scratch, CITIES, DEVICES_PER_CITY, MEAN_LOT)
    console.log(
      `\n${figure(nation.devices)} devices in ${CITIES} cities, ${figure(nation.profiles)} profiles`,
    )
    const rows = []
    for (const change of changes(await readDataFiles(DATA))) rows.push(await apply(scratch, nation, change))
    rows.push(await rewrite(scratch, nation))
    printTable({
      title: `Changes of the law; ${MAKER} is the maker`,
      header: [
        'change',
        'rows written',
        'of profiles',
        's of it to a first look',
        's until all is right',
        'left',
      ],
      rows,
    })
  } finally {
    await scratch.drop()
  }
}

interface Change {
  readonly name: string
  readonly files: DataFiles
}

function changes(files: DataFiles): Change[] {
  const { reference } = files.law
  const model = reference.listings.find(({ regime, vendor }) => regime === 'ofac-sdn' && vendor !== null)!
  const on = (from: string, to: string | null): Listing => ({
    ...model,
    ...{ id: 'bench:maker', vendor: MAKER, name: 'Axis', from, to, phases: {} },
  })
  const listed = (listing: Listing): ReferenceData => ({
    ...reference,
    listings: [...reference.listings, listing],
  })
  const named = reference.vendors.map((vendor) =>
    vendor.id === 'bosch'
      ? { ...vendor, names: [...vendor.names, { ...vendor.names[0]!, text: 'Boscheye' }] }
      : vendor,
  )
  const law = (name: string, data: ReferenceData, i: number): Change => {
    const digest = `${i}`.padEnd(64, '0')
    const changed = { reference: data, release: `9.${i}`, digest, bytesDigest: digest }
    return { name, files: { ...files, law: changed, cut: cutOf(data) } }
  }
  const today = new Date().toISOString().slice(0, 10)
  const last = law('the same rows under another program: everything', reference, 6)
  return [
    law('a maker is listed whom no list named before, from today', listed(on(today, null)), 1),
    law('its listing ends', listed(on('2019-05-17', today)), 2),
    law('it is delisted', reference, 3),
    law('another maker gets a name', { ...reference, vendors: named }, 4),
    law('the name goes', reference, 5),
    { ...last, files: { ...last.files, program: 'another' } },
  ]
}

async function apply({ database }: Scratch, nation: Nation, { name, files }: Change): Promise<string[]> {
  const now = new Date()
  let version = 0
  const written = await time(async () => {
    await loadData(database, files, now)
    version = (await readKnowledge(database, registrantOf)).version
  })
  const knowledge = await readKnowledge(database, registrantOf)
  let touched = 0
  const pass = await time(async () => {
    touched = await rescreen(database, knowledge, now)
  })
  const left = await rescreen(database, knowledge, now)
  const seconds = (millis: number) => figure(millis / 1000)
  if (version !== knowledge.version) throw new Error('somebody else changed the law')
  return [
    name,
    figure(touched),
    figure(nation.profiles),
    seconds(written),
    seconds(written + pass),
    `${left}`,
  ]
}

/** What it would cost to keep the answer in each device. */
async function rewrite({ database }: Scratch, { cities, profiles }: Nation): Promise<string[]> {
  let rows = 0
  const millis = await time(async () => {
    for (const city of cities)
      rows += await database.inJurisdiction(
        city,
        async (tx) => {
          const { rows: done } = await tx.execute(sql`
            update devices d set version = d.version from profiles p
            where d.jurisdiction_id = ${city}::uuid and p.jurisdiction_id = d.jurisdiction_id
              and p.id = d.profile_id and p.maker_id = ${MAKER} returning 1`)
          return done.length
        },
        { timeLimitMillis: 0 },
      )
  })
  const name = 'beside it: a row for each device of the maker'
  return [name, figure(rows), figure(profiles), '-', figure(millis / 1000), '-']
}
