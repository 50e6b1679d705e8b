/** What a register of a million devices costs to read, to export, to count and to evaluate again. */
import { BENCH_URL, newKey, type Scratch, scratchPostgres } from './databases.ts'
import { load } from './load.ts'
import { figure, interleave, median, percent, printTable, spread, time } from './measure.ts'
import { makeNation, type Nation } from './nation.ts'
import { startWorker, type Worker } from './worker.ts'

const CITIES = 200
const DEVICES_PER_CITY = 5_000
const MEAN_LOT = 10
const CONNECTIONS = 20
const SECONDS = 3
const ROUNDS = 3

interface Ready {
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
    } finally {
      await worker.stop()
    }
  } finally {
    await scratch.drop()
  }
}

export async function pages({ worker, keys, nation }: Ready): Promise<void> {
  const city = nation.cities[CITIES / 2]!
  const cases = [
    { name: 'one city', key: keys.city, path: '/v1/devices?limit=100', visible: city, skip: 0 },
    { name: 'one city, page 30', key: keys.city, path: '/v1/devices?limit=100', visible: city, skip: 29 },
    {
      name: 'one city, by maker and outcome',
      key: keys.city,
      path: '/v1/devices?limit=100&maker=hikvision&regime=ndaa-889-b&outcome=prohibited',
      visible: city,
      skip: 0,
    },
    { name: 'all cities, operator', key: keys.admin, path: '/v1/devices?limit=100', visible: '*', skip: 0 },
    {
      name: 'all cities, operator, page 30',
      key: keys.admin,
      path: '/v1/devices?limit=100',
      visible: '*',
      skip: 29,
    },
    {
      name: 'all cities, reviewer (audited)',
      key: keys.reviewer,
      path: '/v1/devices?limit=100',
      visible: '*',
      skip: 0,
    },
    {
      name: 'all cities, reviewer, by maker and outcome',
      key: keys.reviewer,
      path: '/v1/devices?limit=100&maker=hikvision&outcome=prohibited',
      visible: '*',
      skip: 0,
    },
  ]
  const rows: string[][] = []
  for (const [i, { name, key, path, visible, skip }] of cases.entries()) {
    const headers = { authorization: `Bearer ${key}` }
    let url = path
    for (let page = 0; page < skip; page++) {
      const answer = await fetch(worker.service + url, { headers })
      const { nextCursor } = (await answer.json()) as { nextCursor: string }
      url = `${path}&cursor=${nextCursor}`
    }
    const answer = await fetch(worker.service + url, { headers })
    const body = await answer.text()
    if (answer.status !== 200) throw new Error(`${url}: ${body}`)
    const items = (JSON.parse(body) as { items: unknown[] }).items.length
    const id = String(i)
    await worker.addBare({ name: id, body, visible })
    const ask = (origin: string, at: string) => async () =>
      (await load({ origin, paths: [at], headers, connections: CONNECTIONS, seconds: SECONDS })).perSecond
    const rates = await interleave(ROUNDS, {
      page: ask(worker.service, url),
      handler: ask(worker.bare, `/constant/${id}`),
      query: ask(worker.bare, `/query/${id}`),
      text: ask(worker.bare, `/text/${id}`),
    })
    rows.push([
      name,
      String(items),
      `${figure(body.length / 1000)}`,
      spread(rates.page),
      spread(rates.handler),
      spread(rates.query),
      spread(rates.text),
      percent(median(rates.page) / median(rates.query)),
      percent(median(rates.page) / median(rates.text)),
    ])
  }
  printTable({
    title: 'A page of 100 devices, requests per second',
    notes: [
      `${CONNECTIONS} connections, ${SECONDS} s a pass, ${ROUNDS} passes in turns, median (least-greatest). Handler: Fastify answers the same`,
      'bytes. Query: the same SQL with the same parameters, rows as JSON; no key, no transaction, no determinations.',
      "Text: the same, but the database's JSON text is passed on as it is. Aim: page / query at least 60 %.",
    ],
    header: ['page', 'items', 'kB', 'page/s', 'handler/s', 'query/s', 'text/s', 'page/query', 'page/text'],
    rows,
  })
}
