/** What a page of devices costs under each kind of filter, beside the same question put to the database and no more. */
import { load } from './load.ts'
import { figure, interleave, median, percent, printTable, spread } from './measure.ts'
import type { Ready } from './million.ts'
import { plainQuery } from './pages.ts'

const CONNECTIONS = 8
const SECONDS = 0.5
const ROUNDS = 5
/** Pages a second beside the plain query, at the least, with any filter. */
const LEAST = 0.6

interface Filter {
  readonly kind: string
  readonly query: string
  /** As somebody would write it who knows the tables, with row security. */
  readonly where: string
}

const caseless = (column: string, value: string) => `lower(${column}) = '${value}'`
const FINDING = `exists (select from answer_findings f where f.jurisdiction_id = p.jurisdiction_id and f.answer_id = p.answer_id`

const FILTERS: readonly Filter[] = [
  {
    kind: 'text',
    query: 'manufacturer=axis',
    where: caseless('d.manufacturer', 'axis'),
  },
  {
    kind: 'text, not',
    query: 'manufacturer__not=axis',
    where: `lower(d.manufacturer) is distinct from 'axis'`,
  },
  { kind: 'text, part', query: 'name__contains=river', where: `strpos(lower(d.name), 'river') > 0` },
  { kind: 'text, beginning', query: 'name__startsWith=oak', where: `starts_with(lower(d.name), 'oak')` },
  { kind: 'text, not known', query: 'supplier__empty=true', where: `coalesce(d.supplier, '') = ''` },
  { kind: 'one tag', query: 'assetTag=CAM-0002345', where: `d.asset_tag = 'CAM-0002345'` },
  {
    kind: 'MAC address, part',
    query: 'macAddress__contains=acc',
    where: `strpos(replace(lower(d.mac_address), ':', ''), 'acc') > 0`,
  },
  { kind: 'choice', query: 'status=stored', where: `d.status = 'stored'` },
  { kind: 'choice, not', query: 'status__not=active', where: `d.status <> 'active'` },
  { kind: 'choice, not known', query: 'fundingSource=unknown', where: 'd.funding_source is null' },
  { kind: 'yes or no', query: 'paidSupport=true', where: 'd.paid_support' },
  { kind: 'day', query: 'installedOn__lt=2015-01-01', where: `d.installed_on < '2015-01-01'` },
  {
    kind: 'range of days',
    query: 'acquiredOn__gte=2019-01-01&acquiredOn__lt=2020-01-01',
    where: `d.acquired_on >= '2019-01-01' and d.acquired_on < '2020-01-01'`,
  },
  { kind: 'number', query: 'acquisitionCostCents__gte=150000', where: 'd.acquisition_cost_cents >= 150000' },
  {
    kind: 'no documents',
    query: 'hasDocuments=false',
    where: `not exists (select from documents o where o.jurisdiction_id = d.jurisdiction_id and o.owner_kind = 'device' and o.owner_id = d.id and o.removed_at is null)`,
  },
  {
    kind: 'part of a site’s name',
    query: 'site__contains=a',
    where: `exists (select from sites s where s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id and strpos(lower(s.name), 'a') > 0)`,
  },
  { kind: 'maker', query: 'maker=hikvision', where: `p.maker_id = 'hikvision'` },
  { kind: 'maker, not', query: 'maker__not=hikvision', where: `p.maker_id is distinct from 'hikvision'` },
  {
    kind: 'candidate',
    query: 'candidate=dahua',
    where: `p.identification -> 'candidates' @> '[{"vendor": "dahua"}]'`,
  },
  { kind: 'needs a decision', query: 'needsDecision=true', where: 'p.needs_review' },
  {
    kind: 'outcome',
    query: 'outcome=prohibited',
    where: `jsonb_path_exists(p.headline, '$.* ? (@ == "prohibited")')`,
  },
  {
    kind: 'law, activity and outcome',
    query: 'regime=fcc-covered-list&activity=procure&outcome=prohibited',
    where: `${FINDING} and f.regime_id = 'fcc-covered-list' and f.activity = 'procure' and f.outcome = 'prohibited')`,
  },
  { kind: 'has findings', query: 'hasFindings=true', where: `${FINDING})` },
  { kind: 'firmware', query: 'firmwareLevel=blocked', where: `p.firmware_level = 'blocked'` },
  {
    kind: 'search',
    query: 'q=river',
    where: `concat_ws(' ', d.name, d.asset_tag, d.manufacturer, d.model, d.serial_number) ilike '%river%'`,
  },
  { kind: 'since', query: 'updatedSince=2020-01-01T00:00:00Z', where: `d.updated_at >= '2020-01-01'` },
]

/** Throws when a page with some filter is slower, beside the plain query, than it should be. */
export async function filters({ worker, keys, nation }: Ready): Promise<void> {
  const city = nation.cities[Math.floor(nation.cities.length / 2)]!
  const rows: string[][] = []
  const slow: string[] = []
  for (const [whose, key, scope] of [
    ['one city', 'city', city],
    ['all cities', 'admin', null],
  ] as const) {
    for (const { kind, query, where } of FILTERS) {
      const headers = { authorization: `Bearer ${keys[key]}` }
      const path = `/v1/devices?limit=100&${query}`
      const answer = await fetch(worker.service + path, { headers })
      const body = await answer.text()
      if (answer.status !== 200) throw new Error(`${path}: ${body}`)
      const { items } = JSON.parse(body) as { items: unknown[] }
      const id = `${key} ${kind}`.replaceAll(/[^a-z]+/gi, '-')
      await worker.addBare({
        name: id,
        body,
        visible: scope ?? '*',
        plain: plainQuery(scope, `and ${where}`, null),
      })
      const rate = (origin: string, at: string) => async () =>
        (await load({ origin, paths: [at], headers, connections: CONNECTIONS, seconds: SECONDS })).perSecond
      const rates = await interleave(ROUNDS, {
        page: rate(worker.service, path),
        plain: rate(worker.bare, `/plain/${id}`),
      })
      const ratio = median(rates.page.map((value, round) => value / rates.plain[round]!))
      if (ratio < LEAST) slow.push(`${whose}, ${kind} ${percent(ratio)}`)
      rows.push([
        whose,
        kind,
        query,
        String(items.length),
        spread(rates.page),
        spread(rates.plain),
        percent(ratio),
      ])
      console.log(`  ${whose}, ${kind}: ${figure(median(rates.page))} pages/s, ${percent(ratio)}`)
    }
  }
  printTable({
    title: `A page of 100 of ${figure(nation.devices)} devices, by each kind of filter`,
    notes: [
      `${CONNECTIONS} connections, ${SECONDS} s a pass, ${ROUNDS} passes in turns, median (least-greatest). Plain: as in the pages above, with the`,
      `filter as it is written by hand. Aim: page / plain, by rounds, at least ${percent(LEAST)}.`,
    ],
    header: ['devices', 'filter', 'question', 'items', 'page/s', 'plain/s', 'page/plain'],
    rows,
  })
  if (slow.length > 0) throw new Error(`Under ${percent(LEAST)} of the plain query: ${slow.join('; ')}.`)
}
