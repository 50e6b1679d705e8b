/** What a register of a million devices costs to read, to export, to count and to evaluate again. */
import { sql } from 'drizzle-orm'
import { registrantOf } from '../src/identification/oui.ts'
import { rescreen } from '../src/screening/rescreen.ts'
import { readKnowledge } from '../src/screening/stored-knowledge.ts'
import { loadData, readDataFiles } from '../src/server/load-data.ts'
import { DATA } from '../src/server/paths.ts'
import { BENCH_URL, newKey, type Scratch, scratchPostgres } from './databases.ts'
import { filters } from './filters.ts'
import { figure, printTable, spread, time } from './measure.ts'
import { makeNation, type Nation } from './nation.ts'
import { pages } from './pages.ts'
import { startWorker, type Worker } from './worker.ts'

/** A smaller nation gives the same ratios sooner. */
const CITIES = Number(process.env.BENCH_CITIES ?? 200)
const DEVICES_PER_CITY = 5_000
const MEAN_LOT = 10
const ROUNDS = 3

export interface Ready {
  readonly scratch: Scratch
  readonly nation: Nation
  readonly worker: Worker
  readonly keys: { readonly city: string; readonly reviewer: string; readonly admin: string }
}

export async function million(): Promise<void> {
  if (BENCH_URL === null) {
    console.log('\n## A million devices\nLeft out: BENCH_DATABASE_URL is not set.')
    return
  }
  const scratch = await scratchPostgres(BENCH_URL)
  try {
    let nation: Nation | undefined
    const millis = await time(async () => {
      nation = await makeNation(scratch, CITIES, DEVICES_PER_CITY, MEAN_LOT)
    })
    const { devices, profiles } = nation!
    console.log(
      `\n${figure(devices)} devices in ${CITIES} cities, ${figure(profiles)} profiles (${figure(devices / profiles)} devices each), made in ${figure(millis / 1000)} s`,
    )
    const worker = await startWorker(scratch.url!)
    try {
      const keys = {
        city: await newKey(scratch.database, 'city-viewer', nation!.cities[CITIES / 2]!),
        reviewer: await newKey(scratch.database, 'federal-reviewer', null),
        admin: await newKey(scratch.database, 'admin', null),
      }
      const ready: Ready = { scratch, nation: nation!, worker, keys }
      await pages(ready)
      await filters(ready)
      await exports(ready)
      await totals(ready)
      await reevaluation(ready)
    } finally {
      await worker.stop()
    }
  } finally {
    await scratch.drop()
  }
}

async function exports({ scratch, keys, nation }: Ready): Promise<void> {
  const rows: string[][] = []
  for (const [format, type] of [
    ['CSV', 'text/csv'],
    ['NDJSON', 'application/x-ndjson'],
  ] as const) {
    // A process of its own for each, because its peak is what is asked for.
    const worker = await startWorker(scratch.url!)
    try {
      const idle = await worker.peakMegabytes()
      let bytes = 0
      const millis = await time(async () => {
        const answer = await fetch(`${worker.service}/v1/devices`, {
          headers: { authorization: `Bearer ${keys.admin}`, accept: type },
        })
        for await (const chunk of answer.body!) bytes += chunk.length
      })
      const peak = await worker.peakMegabytes()
      rows.push([
        format,
        figure(bytes / 1e6),
        figure(millis / 1000),
        figure(nation.devices / (millis / 1000)),
        figure(idle),
        figure(peak),
      ])
    } finally {
      await worker.stop()
    }
  }
  printTable({
    title: 'Export of every device over HTTP',
    header: ['format', 'MB', 's', 'devices/s', 'MB resident before', 'MB resident at most'],
    rows,
  })
}

/** Totals as the API gives them and as SQL counts them, and how long each takes. */
async function totals({ worker, keys, scratch }: Ready): Promise<void> {
  const rows: string[][] = []
  for (const groupBy of [
    'regime,outcome',
    'state,maker',
    'city',
    'identificationStatus',
    'purpose,funding',
  ]) {
    const millis: number[] = []
    let sum = 0
    for (let round = 0; round < ROUNDS; round++) {
      millis.push(
        await time(async () => {
          const answer = await fetch(`${worker.service}/v1/summary?groupBy=${groupBy}`, {
            headers: { authorization: `Bearer ${keys.reviewer}` },
          })
          const body = (await answer.json()) as { totalDevices: number }
          sum = body.totalDevices
        }),
      )
    }
    rows.push([groupBy, figure(sum), spread(millis)])
  }
  printTable({
    title: 'GET /v1/summary of the nation',
    header: ['groupBy', 'devices', 'ms, median (least-greatest)'],
    rows,
  })
  await checkNation(scratch)
}

/** Profiles count their devices, findings are those of their profiles. Prints what does not agree. */
async function checkNation({ database }: Scratch): Promise<void> {
  const [row] = await database.acrossJurisdictions(
    'all',
    async (tx) => {
      const { rows } = await tx.execute<{
        counted: number
        devices: number
        wrong: number
        findings: number
      }>(sql`
        select (select sum(device_count)::int from profiles) as counted, (select count(*)::int from devices) as devices,
          (select count(*)::int from profiles p full join (
            select jurisdiction_id, profile_id, count(*) as n from devices group by 1, 2) d
            on d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id
            where coalesce(p.device_count, 0) <> coalesce(d.n, 0)) as wrong,
          (select count(*)::int from answers a where jsonb_array_length(a.findings::jsonb) <>
            (select count(*) from answer_findings f where f.jurisdiction_id = a.jurisdiction_id and f.answer_id = a.id)) as findings`)
      return rows
    },
    { timeLimitMillis: 0 },
  )
  const { counted, devices, wrong, findings } = row!
  console.log(
    `\nCounts: ${counted} devices in profiles, ${devices} devices; ${wrong} profiles count wrong; ${findings} answers disagree with their findings.`,
  )
}

/** The law changes: once without a new date, once with one that cuts epochs, over all cities. */
async function reevaluation({ scratch, nation }: Ready): Promise<void> {
  const { database } = scratch
  const files = await readDataFiles(DATA)
  const { law } = files
  const model = law.reference.listings.find((listing) => listing.vendor === 'hikvision')!
  const rows: string[][] = []
  for (const [name, from] of [
    ['a maker is listed, on a day on which something else changed', model.from],
    ['a maker is listed, on a day of its own', '2019-05-17'],
  ] as const) {
    const listing = { ...model, id: `bench:axis:${from}`, vendor: 'axis', name: 'Axis', from, to: null }
    const reference = { ...law.reference, listings: [...law.reference.listings, listing] }
    const digest = from!.padEnd(64, '0')
    const changed = { reference, release: `9${from}`, digest, bytesDigest: digest }
    const cut = { boundaries: cutAt(files.cut.boundaries, from!), mentions: files.cut.mentions }
    await loadData(database, { ...files, law: changed, cut }, new Date())
    const knowledge = await readKnowledge(database, registrantOf)
    let touched = 0
    const millis = await time(async () => {
      touched = await rescreen(database, knowledge, new Date())
    })
    const again = await rescreen(database, knowledge, new Date())
    rows.push([
      name,
      figure(nation.devices),
      figure(touched),
      figure(millis / 1000),
      figure(touched / (millis / 1000)),
      String(again),
    ])
    await checkNation(scratch)
  }
  printTable({
    title: 'Every profile is evaluated again after a change of law',
    header: ['change', 'devices', 'profiles', 's', 'profiles/s', 'left for a second pass'],
    rows,
  })
}

function cutAt(boundaries: readonly string[], day: string): string[] {
  return [...new Set([...boundaries, day])].sort()
}
