/** What a page of devices costs beside the least that could be done for the same rows. */
import { STORED_FIELDS } from '../src/device/columns.ts'
import { load } from './load.ts'
import { figure, interleave, median, percent, printTable, spread } from './measure.ts'
import type { Ready } from './million.ts'
import type { Query } from './worker.ts'

const CONNECTIONS = 20
const SECONDS = 1
const ROUNDS = 9
const PAGE = '/v1/devices?limit=100'
/** Every stored field, findings with reasons, evidence and the whole risk: what a list had by itself once. */
const BEFORE = `${PAGE}&determinations=findings&include=${[...STORED_FIELDS, 'identification', 'firmwareRisk'].join(',')}`
/** Pages a second beside the plain query, at the least, of a page as it comes unasked. */
const LEAST = 0.6

interface Case {
  readonly name: string
  readonly key: keyof Ready['keys']
  readonly path: string
  readonly page: number
  /** What a plain query asks beside the order and the cursor. */
  readonly where: string
  readonly isDefault: boolean
}

const CASES: readonly Case[] = [
  { name: 'one city', key: 'city', path: PAGE, page: 1, where: '', isDefault: true },
  { name: 'one city, page 30', key: 'city', path: PAGE, page: 30, where: '', isDefault: true },
  { name: 'all cities, operator', key: 'admin', path: PAGE, page: 1, where: '', isDefault: true },
  { name: 'all cities, operator, page 30', key: 'admin', path: PAGE, page: 30, where: '', isDefault: true },
  {
    name: 'all cities, reviewer (recorded)',
    key: 'reviewer',
    path: PAGE,
    page: 1,
    where: '',
    isDefault: true,
  },
  { name: 'one city, as lists were before', key: 'city', path: BEFORE, page: 1, where: '', isDefault: false },
  {
    name: 'one city, by maker and outcome',
    key: 'city',
    path: `${PAGE}&maker=hikvision&outcome=prohibited`,
    page: 1,
    where: `and p.maker_id = 'hikvision' and jsonb_path_exists(p.headline, '$.* ? (@ == "prohibited")')`,
    isDefault: false,
  },
  {
    name: 'all cities, reviewer, the same',
    key: 'reviewer',
    path: `${PAGE}&maker=hikvision&outcome=prohibited`,
    page: 1,
    where: `and p.maker_id = 'hikvision' and jsonb_path_exists(p.headline, '$.* ? (@ == "prohibited")')`,
    isDefault: false,
  },
]

/** Throws when a page as it comes unasked is slower, beside the plain query, than it should be. */
export async function pages({ worker, keys, nation }: Ready): Promise<void> {
  const city = nation.cities[Math.floor(nation.cities.length / 2)]!
  const rows: string[][] = []
  const slow: string[] = []
  for (const [i, { name, key, path, page, where, isDefault }] of CASES.entries()) {
    const headers = { authorization: `Bearer ${keys[key]}` }
    const ask = async (url: string) => {
      const answer = await fetch(worker.service + url, { headers })
      const body = await answer.text()
      if (answer.status !== 200) throw new Error(`${url}: ${body}`)
      return { body, ...(JSON.parse(body) as { items: unknown[]; nextCursor: string }) }
    }
    let url = path
    let cursor: string | null = null
    for (let skipped = 1; skipped < page; skipped++) {
      cursor = (await ask(url)).nextCursor
      url = `${path}&cursor=${cursor}`
    }
    const { body, items } = await ask(url)
    const id = String(i)
    const scope = key === 'city' ? city : null
    const plain = plainQuery(scope, where, cursor)
    await worker.addBare({ name: id, body, visible: scope ?? '*', plain })
    const rate = (origin: string, at: string) => async () =>
      (await load({ origin, paths: [at], headers, connections: CONNECTIONS, seconds: SECONDS })).perSecond
    const rates = await interleave(ROUNDS, {
      page: rate(worker.service, url),
      constant: rate(worker.bare, `/constant/${id}`),
      plain: rate(worker.bare, `/plain/${id}`),
      same: rate(worker.bare, `/same/${id}`),
    })
    // Of one round each, so that a busy second of the machine is on both sides.
    const ratio = median(rates.page.map((value, round) => value / rates.plain[round]!))
    if (isDefault && ratio < LEAST) slow.push(`${name} ${percent(ratio)}`)
    console.log(`  ${name}: ${figure(median(rates.page))} pages/s, ${percent(ratio)} of the plain query`)
    rows.push([
      name,
      String(items.length),
      figure(body.length / 1000),
      spread(rates.page),
      spread(rates.constant),
      spread(rates.plain),
      spread(rates.same),
      percent(ratio),
      percent(median(rates.page) / median(rates.same)),
    ])
  }
  printTable({
    title: 'A page of 100 devices, requests per second',
    notes: [
      `${CONNECTIONS} connections, ${SECONDS} s a pass, ${ROUNDS} passes in turns, median (least-greatest). Constant: Fastify answers the same`,
      'bytes. Plain: devices and profiles joined by a bare query with bound values, what the page shows but the findings,',
      'rows as JSON; the role is set once a connection, no key, no transaction, no record. Same: the statement of the',
      `service instead. Aim: page / plain, by rounds, at least ${percent(LEAST)} for pages as they come unasked.`,
    ],
    header: ['page', 'items', 'kB', 'page/s', 'constant/s', 'plain/s', 'same/s', 'page/plain', 'page/same'],
    rows,
  })
  if (slow.length > 0) throw new Error(`Under ${percent(LEAST)} of the plain query: ${slow.join(', ')}.`)
}

export function plainQuery(city: string | null, where: string, cursor: string | null): Query {
  const values: unknown[] = [100]
  const bound = (value: unknown) => `$${values.push(value)}`
  const position =
    cursor === null ? null : (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[])
  const conditions = [
    city === null ? '' : `and d.jurisdiction_id = ${bound(city)}`,
    position === null ? '' : `and (d.jurisdiction_id, d.id) > (${bound(position[1])}, ${bound(position[2])})`,
    where,
  ]
  const text = `
    select d.id, d.jurisdiction_id as "jurisdictionId", d.site_id as "siteId", d.asset_tag as "assetTag", d.name,
      d.manufacturer, d.model, d.device_class as "deviceClass", d.status, p.identification_status as "identification",
      p.brand_id as brand, p.maker_id as maker, p.confidence, p.headline, p.firmware_level as level,
      p.firmware_urgency as urgency
    from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    where true ${conditions.join(' ')}
    order by d.jurisdiction_id, d.id limit $1`
  return { text, values }
}
