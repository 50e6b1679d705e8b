/** The firmware work list over a million devices, and what a feed or the end of a license re-evaluates. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { licenses } from '../src/db/schema/index.ts'
import { importFeed } from '../src/firmware/feeds/import.ts'
import { readFeed } from '../src/firmware/feeds/read.ts'
import { lockVersions, noteShared } from '../src/firmware/store.ts'
import { registrantOf } from '../src/identification/oui.ts'
import { addDays, dayIn } from '../src/lib/calendar.ts'
import { OPERATOR_ID, uuidv7 } from '../src/lib/ids.ts'
import { readFirmware } from '../src/screening/firmware-knowledge.ts'
import { buildKnowledge, type Knowledge } from '../src/screening/knowledge.ts'
import { rescreen } from '../src/screening/rescreen.ts'
import { DATA } from '../src/server/paths.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import { BENCH_URL, newKey, type Scratch, scratchPostgres } from './databases.ts'
import { load } from './load.ts'
import { figure, interleave, median, percent, printTable, spread, time } from './measure.ts'
import { makeNation } from './nation.ts'
import { startWorker } from './worker.ts'

const CITIES = Number(process.env.BENCH_CITIES ?? 200)
const DEVICES_PER_CITY = 5_000
const MEAN_LOT = 10
const CONNECTIONS = 20
const SECONDS = 2
const ROUNDS = 3
const COVER_DAYS = 20

export async function firmware(): Promise<void> {
  if (BENCH_URL === null) {
    console.log('\n## Firmware of a million devices\nLeft out: BENCH_DATABASE_URL is not set.')
    return
  }
  const scratch = await scratchPostgres(BENCH_URL)
  try {
    const now = new Date()
    await importKev(scratch, scratch.knowledge, null, now)
    const knowledge = await withBlockedMaker(scratch, now)
    const nation = await makeNation({ ...scratch, knowledge }, CITIES, DEVICES_PER_CITY, MEAN_LOT)
    console.log(
      `\n${figure(nation.devices)} devices in ${CITIES} cities, ${figure(nation.profiles)} profiles`,
    )
    await pages(scratch, nation.cities[CITIES >> 1]!)
    await reevaluation(scratch, knowledge, nation, now)
  } finally {
    await scratch.drop()
  }
}

async function pages(scratch: Scratch, city: string): Promise<void> {
  const worker = await startWorker(scratch.url!)
  try {
    const keys = {
      city: await newKey(scratch.database, 'city-viewer', city),
      admin: await newKey(scratch.database, 'admin', null),
    }
    const rows: string[][] = []
    const list = '/v1/firmware-risks?limit=100'
    for (const [i, [name, key, path, visible, skip]] of (
      [
        ['one city', keys.city, list, city, 0],
        ['one city, page 10', keys.city, list, city, 9],
        ['one city, of one maker', keys.city, `${list}&maker=dahua`, city, 0],
        ['all cities', keys.admin, list, '*', 0],
        ['all cities, page 10', keys.admin, list, '*', 9],
        ['all cities, due by a day', keys.admin, `${list}&dueBy=2030-01-01`, '*', 0],
      ] as const
    ).entries()) {
      const headers = { authorization: `Bearer ${key}` }
      let url: string = path
      for (let page = 0; page < skip; page++) {
        const answer = await fetch(worker.service + url, { headers })
        url = `${path}&cursor=${((await answer.json()) as { nextCursor: string }).nextCursor}`
      }
      const first = await fetch(worker.service + url, { headers })
      const body = await first.text()
      if (first.status !== 200) throw new Error(`${url}: ${body}`)
      const id = String(i)
      await worker.addBare({ name: id, body, visible })
      const ask = (origin: string, at: string) => async () =>
        (await load({ origin, paths: [at], headers, connections: CONNECTIONS, seconds: SECONDS })).perSecond
      const rates = await interleave(ROUNDS, {
        page: ask(worker.service, url),
        same: ask(worker.bare, `/same/${id}`),
      })
      rows.push([
        name,
        String((JSON.parse(body) as { items: unknown[] }).items.length),
        figure(body.length / 1000),
        spread(rates.page),
        spread(rates.same),
        percent(median(rates.page) / median(rates.same)),
      ])
    }
    printTable({
      title: 'A page of the work list, requests per second',
      notes: [
        `${CONNECTIONS} connections, ${SECONDS} s a pass, ${ROUNDS} passes in turns, median (least-greatest).`,
        'Same: the same SQL with the same parameters, rows as JSON; no key, no transaction.',
      ],
      header: ['page', 'items', 'kB', 'page/s', 'same/s', 'page/same'],
      rows,
    })
    const millis = await time(async () => {
      const answer = await fetch(`${worker.service}/v1/firmware-risks/sites?limit=100`, {
        headers: { authorization: `Bearer ${keys.city}` },
      })
      await answer.text()
    })
    console.log(`\nCounts per site of one city: ${figure(millis)} ms`)
  } finally {
    await worker.stop()
  }
}

async function reevaluation(
  { database, ...scratch }: Scratch,
  knowledge: Knowledge,
  nation: { readonly profiles: number; readonly devices: number },
  now: Date,
): Promise<void> {
  const rows: string[][] = []
  const measure = async (name: string, known: Knowledge, at: Date) => {
    let touched = 0
    const millis = await time(async () => {
      touched = await rescreen(database, known, at)
    })
    const again = await rescreen(database, known, at)
    rows.push([
      name,
      figure(nation.profiles),
      figure(touched),
      figure(millis / 1000),
      figure(touched / (millis / 1000)),
      String(again),
    ])
    console.log(`  ${name}: ${figure(touched)} profiles in ${figure(millis / 1000)} s`)
  }
  await measure('nothing', knowledge, now)
  const again = await importKev({ database, ...scratch }, knowledge, null, now)
  await measure(`KEV imported again (changed: ${again})`, knowledge, now)
  await importKev({ database, ...scratch }, knowledge, '2027-01-31', now)
  const next = { ...knowledge, firmware: await database.asOperator(readFirmware) }
  await measure('KEV: one date of one maker moves', next, now)
  await measure('a license ends', next, new Date(now.getTime() + (COVER_DAYS + 2) * 86_400_000))
  printTable({
    title: 'What is evaluated again',
    header: ['change', 'profiles', 'evaluated', 's', 'profiles/s', 'left for a second pass'],
    rows,
  })
}

/** A catalog of the exploited vulnerabilities of `data/advisories.json`; with a day, that of one vulnerability is moved. */
async function importKev(
  { database }: Scratch,
  knowledge: Knowledge,
  moved: string | null,
  now: Date,
): Promise<boolean> {
  const { advisories, makers } = JSON.parse(await readFile(join(DATA, 'advisories.json'), 'utf8')) as {
    advisories: {
      id: string
      title: string
      knownExploited: { addedOn: string; dueOn: string | null } | null
      claims: { maker: string }[]
    }[]
    makers: Record<string, string[]>
  }
  const vulnerabilities = advisories.flatMap(({ id, title, knownExploited, claims }) =>
    knownExploited?.dueOn == null
      ? []
      : [
          {
            cveID: id,
            vendorProject: makers[claims[0]!.maker]![0],
            product: 'Cameras',
            vulnerabilityName: title,
            dateAdded: knownExploited.addedOn,
            dueDate: moved !== null && id === 'CVE-2021-36260' ? moved : knownExploited.dueOn,
            requiredAction: 'Apply updates per vendor instructions.',
          },
        ],
  )
  const imported = readFeed('kev', JSON.stringify({ vulnerabilities }), false, knowledge.firmware.makers)
  const result = await database.asOperator((tx) =>
    importFeed(tx, { feed: 'kev', imported, isForced: false, by: OPERATOR.id, now }),
  )
  return result.isChanged
}

/** A maker is blocked, and a license for everybody covers its updates for some days yet. */
async function withBlockedMaker({ database, knowledge }: Scratch, now: Date): Promise<Knowledge> {
  const today = dayIn(now)
  const template = knowledge.reference.listings.find(({ regime }) => regime === 'ofac-sdn')!
  const listing = { ...template, id: 'bench:dahua', vendor: 'dahua', from: addDays(today, -30), to: null }
  const doc = {
    type: 'general',
    number: 'BENCH',
    authority: 'OFAC',
    regime: 'ofac-sdn',
    program: listing.program ?? null,
    activities: ['firmware-update'],
    entities: 'any',
    products: 'any',
    territory: 'any',
    holder: { kind: 'any-us-person' },
    window: { from: null, to: addDays(today, COVER_DAYS), timezone: 'America/New_York' },
    status: 'active',
    statusSince: null,
    conditions: [],
    reportingDue: [],
    documentSha256: null,
    supersedes: null,
    citation: 'benchmark',
  }
  const firmware = await database.asOperator(async (tx) => {
    await lockVersions(tx)
    const at = now.toISOString()
    await tx.insert(licenses).values({
      jurisdictionId: OPERATOR_ID,
      id: uuidv7(now.getTime()),
      regimeId: doc.regime,
      number: doc.number,
      status: doc.status,
      endsOn: doc.window.to,
      doc,
      createdAt: at,
      updatedAt: at,
    })
    await noteShared(tx, {
      kind: 'license',
      feed: null,
      changes: {},
      subjects: ['regime:ofac-sdn'],
      by: OPERATOR.id,
      now,
    })
    return readFirmware(tx)
  })
  // The same version: the benchmark is about the license, not about the change of law.
  const reference = { ...knowledge.reference, listings: [...knowledge.reference.listings, listing] }
  return buildKnowledge(reference, registrantOf, knowledge.version, knowledge.digest, firmware)
}
