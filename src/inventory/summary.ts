/**
 * `GET /v1/summary`: totals over the jurisdictions a key may see.
 *
 * Totals come from profiles and their counts, which are far fewer than devices; only a question about sites
 * or places reads devices. A past day is counted device by device.
 */
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database, Scope, Tx } from '../db/database.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import { type Column, negotiate, oneBatch, PRODUCES, sendRows } from '../http/exports.ts'
import { DomainError, problems } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { readKnownAt } from '../screening/known-at.ts'
import { assertKnown, withPlaces } from '../screening/known-ids.ts'
import { lawColumns } from '../screening/law-columns.ts'
import { inOrder, openOf, questionOf } from '../screening/left-out.ts'
import { findingsOf } from '../screening/profiles.ts'
import { DataVersions, dataVersions } from '../screening/routes.ts'
import type { Screening } from '../screening/screen.ts'
import type { Services } from '../screening/services.ts'
import { READERS, readScope } from '../tenancy/auth.ts'
import { cityDays } from '../tenancy/city-days.ts'
import { type AsOf, AsOfQuery, assertBegun, commonDay, parseTimes } from './queries/as-of.ts'
import { assertCustomFilter } from './queries/custom-filter.ts'
import {
  type DeviceFilter,
  DeviceFilterQuery,
  FILTERS_DESCRIPTION,
  filterObject,
  isAsked,
  NOBODY,
} from './queries/device-filter.ts'
import { conditionsOf, devicesAsOf } from './queries/filter.ts'
import { FOUND_NAMES } from './queries/found.ts'

/** What totals can be grouped by -> how the group is read from devices, profiles, jurisdictions, findings. */
const GROUPS = {
  jurisdiction: { key: sql`j.name`, needs: 'jurisdiction' },
  jurisdictionId: { key: sql`d.jurisdiction_id::text`, needs: 'profile' },
  state: { key: sql`j.state::text`, needs: 'jurisdiction' },
  city: { key: sql`j.name`, needs: 'jurisdiction' },
  site: { key: sql`s.name`, needs: 'site' },
  maker: { key: sql`p.maker_id`, needs: 'profile' },
  brand: { key: sql`p.brand_id`, needs: 'profile' },
  manufacturer: { key: sql`d.manufacturer`, needs: 'facts' },
  model: { key: sql`d.model`, needs: 'facts' },
  identificationStatus: { key: sql`p.identification_status`, needs: 'profile' },
  waitsFor: { key: sql`coalesce(p.waits_for, 'nobody')`, needs: 'profile' },
  risk: { key: sql`p.firmware_level`, needs: 'profile' },
  urgency: { key: sql`p.firmware_urgency`, needs: 'profile' },
  status: { key: sql`d.status`, needs: 'facts' },
  deviceClass: { key: sql`d.device_class`, needs: 'facts' },
  purpose: { key: sql`d.purpose`, needs: 'facts' },
  funding: { key: sql`d.funding_source`, needs: 'facts' },
  fundingSource: { key: sql`d.funding_source`, needs: 'facts' },
  acquiredYear: { key: sql`extract(year from d.acquired_on)::int::text`, needs: 'device' },
  obligatedYear: { key: sql`extract(year from d.obligated_on)::int::text`, needs: 'device' },
  // October to September, named by the year in which it ends.
  federalFiscalYear: {
    key: sql`extract(year from d.obligated_on + interval '3 months')::int::text`,
    needs: 'device',
  },
  awardNumber: { key: sql`d.award_number`, needs: 'device' },
  assistanceListing: { key: sql`d.assistance_listing`, needs: 'device' },
  passThroughEntity: { key: sql`d.pass_through_entity`, needs: 'device' },
  regime: { key: sql`f.regime_id`, needs: 'finding' },
  activity: { key: sql`f.activity`, needs: 'finding' },
  outcome: { key: sql`f.outcome`, needs: 'finding' },
} as const satisfies Record<string, { key: SQL; needs: string }>
type Group = keyof typeof GROUPS
const GROUP_NAMES = Object.keys(GROUPS) as [Group, ...Group[]]

const Cost = z
  .object({
    acquisitionCostCents: z
      .record(z.string(), z.int())
      .meta({ description: 'what the devices cost, by currency; those without a cost are not among it' }),
    devicesWithoutCost: z.int().meta({ description: 'devices of which no cost is on record' }),
  })
  .meta({ id: 'AcquisitionCost' })
type Cost = z.infer<typeof Cost>

const SummaryRow = z
  .object({
    group: z.record(z.string(), z.string().nullable()),
    devices: z.int().meta({ description: 'number of devices' }),
    share: z.number().meta({ description: 'of totalDevices, 0 to 1' }),
    cost: Cost.optional().meta({ description: 'with `cost=true`' }),
  })
  .meta({ id: 'SummaryRow' })

export const Summary = z
  .object({
    asOf: z.string().meta({
      description:
        'the day asked, in the time zone of the jurisdiction; over several zones the earliest of their days',
    }),
    dataVersions: DataVersions,
    groupBy: z.array(z.string()),
    /** Devices that the filters leave, each counted once. */
    totalDevices: z.int(),
    totalCost: Cost.optional().meta({
      description: 'with `cost=true`: of totalDevices, each counted once, however many groups it is in',
    }),
    needPerson: z
      .int()
      .meta({ description: 'devices that a person has to look at, whatever their city answers' }),
    cityQuestions: z.array(z.object({ fact: z.string(), question: z.string(), devices: z.int() })).meta({
      description: 'facts that a city has not stated and some finding hangs on, the most frequent first',
    }),
    items: z.array(SummaryRow),
  })
  .meta({
    id: 'Summary',
    description:
      'Grouped by regime, activity or outcome, only findings are counted, and a device counts once in each group it has a finding in: by regime and outcome, `share` is the share of devices in `review` under a regime',
  })
type SummaryRow = z.infer<typeof SummaryRow>
type Counted = Omit<z.infer<typeof Summary>, 'asOf' | 'dataVersions' | 'groupBy'>

const shareOf = (devices: number, total: number) => (total === 0 ? 0 : Number((devices / total).toFixed(4)))

function questionsOf(counts: ReadonlyMap<string, number>): Counted['cityQuestions'] {
  return inOrder(counts).map(([fact, devices]) => ({ fact, question: questionOf(fact), devices }))
}

export function summaryRoutes(app: App, services: Services): void {
  const { database, knowledgeAt, now } = services

  app.get(
    '/v1/summary',
    {
      config: { roles: READERS, reads: 'summary.read' },
      schema: {
        operationId: 'getSummary',
        produces: [...PRODUCES],
        tags: ['summary'],
        summary: 'Totals of devices by any combination of groups, as JSON, CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        description: FILTERS_DESCRIPTION,
        querystring: filterObject({
          groupBy: z
            .string()
            .max(200)
            .default('identificationStatus')
            .meta({ description: `names separated by commas: ${GROUP_NAMES.join(', ')}` }),
          cost: z.stringbool().default(false).meta({
            description: 'beside counts, what the devices cost: `acquisitionCostCents`, added up by currency',
          }),
          ...DeviceFilterQuery,
          ...AsOfQuery,
        }),
        response: { 200: Summary, ...problems('unauthenticated', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { groupBy: names, cost, asOf: asOfText, knownAt, ...filter } = request.query
      const groups = parseGroups(names)
      const instant = now()
      const scope = readScope(request.principal, filter.jurisdictionId)
      const known = await withPlaces(
        (work) => database.acrossJurisdictions(scope, work),
        await knowledgeAt(knownAt === undefined ? undefined : readKnownAt(knownAt, instant)),
        filter.regime,
      )
      assertKnown(filter, known)
      await assertCustomFilter((read) => database.acrossJurisdictions(scope, read), scope, filter)
      const cities = await cityDays(database, scope)
      const asOf = parseTimes({ asOf: asOfText, knownAt }, instant, cities)
      if (asOf) assertBegun(asOf, cities)
      const day = commonDay(asOf, instant, cities)
      const counted = asOf
        ? await countAsOf(services.database, scope, filter, { groups, cost }, { asOf, known })
        : await database.acrossJurisdictions(scope, (tx) => count(tx, scope, filter, { groups, cost }))
      if (format !== 'json') {
        const columns: Column<SummaryRow>[] = [
          ...groups.map((group) => ({ header: group, value: (row: SummaryRow) => row.group[group] })),
          { header: 'devices', value: (row) => row.devices },
          { header: 'share', value: (row) => row.share },
          ...(cost ? COST_COLUMNS : []),
          ...lawColumns<SummaryRow>(() => day, known),
        ]
        return sendRows(reply, format, 'summary', columns, oneBatch(counted.items))
      }
      return {
        asOf: day,
        dataVersions: dataVersions(known),
        groupBy: groups,
        ...counted,
      }
    },
  )
}

/** One cell for each row: amounts of several currencies are not added up. */
const COST_COLUMNS: readonly Column<SummaryRow>[] = [
  {
    header: 'acquisitionCost',
    value: ({ cost }) =>
      Object.entries(cost?.acquisitionCostCents ?? {})
        .map(([currency, cents]) => `${(cents / 100).toFixed(2)} ${currency}`)
        .join('; '),
  },
  { header: 'devicesWithoutCost', value: ({ cost }) => cost?.devicesWithoutCost },
]

/** What is counted beside devices. */
interface Wanted {
  readonly groups: readonly Group[]
  readonly cost: boolean
}

function parseGroups(names: string): Group[] {
  const groups = names.split(',').map((name) => name.trim())
  const unknown = groups.filter((name) => !Object.hasOwn(GROUPS, name))
  if (unknown.length > 0) {
    throw new DomainError('invalid-request', 'Totals cannot be grouped like that.', {
      errors: unknown.map((name) => ({
        pointer: '?groupBy',
        code: 'unknown-field',
        message: `"${name.slice(0, 50)}" must be one of ${GROUP_NAMES.join(', ')}`,
      })),
    })
  }
  return [...new Set(groups)] as Group[]
}

/** Filters that need no device: its profile or its city answers them. */
const PROFILE_FILTERS: ReadonlySet<string> = new Set([...FOUND_NAMES, 'jurisdictionId', 'state'])

async function count(tx: Tx, scope: Scope, filter: DeviceFilter, { groups, cost }: Wanted): Promise<Counted> {
  const needs = new Set(groups.map((group) => GROUPS[group].needs))
  const used = Object.entries(filter).filter(([, value]) => isAsked(value))
  const fromProfiles =
    !cost && !needs.has('site') && !needs.has('device') && used.every(([name]) => PROFILE_FILTERS.has(name))
  // Without a need for single devices, a profile stands for all its devices and looks like one.
  const source = fromProfiles
    ? sql`profiles p cross join lateral (select p.jurisdiction_id, p.id as profile_id, p.device_count as devices,
        p.facts->>'manufacturer' as manufacturer, p.facts->>'model' as model, p.facts->>'status' as status,
        p.facts->>'deviceClass' as device_class, p.facts->>'purpose' as purpose,
        p.facts->>'fundingSource' as funding_source) d`
    : sql`(select d.*, 1 as devices from devices d) d
        join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id`
  const joins = [
    ...(needs.has('jurisdiction') ? [sql`join jurisdictions j on j.id = d.jurisdiction_id`] : []),
    ...(needs.has('site')
      ? [sql`left join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id`]
      : []),
  ]
  const where = sql`${conditionsOf(filter, scope)}${fromProfiles ? sql` and p.device_count > 0` : sql``}`
  const total = await tx.execute<{ devices: string; person: string }>(
    sql`select coalesce(sum(d.devices), 0)::bigint as devices,
      coalesce(sum(d.devices) filter (where p.waits_for = 'person'), 0)::bigint as person
      from ${source} where ${where}`,
  )
  const totalCost = cost ? await costOf(tx, sql`${source} where ${where}`) : undefined
  const asked = await tx.execute<{ fact: string; devices: string }>(
    sql`select q.fact, sum(d.devices)::bigint as devices from ${source}
      cross join lateral unnest(p.city_questions) as q(fact) where ${where} group by q.fact`,
  )
  const totalDevices = Number(total.rows[0]!.devices)
  const keys = groups.map((group) => GROUPS[group].key)
  const columns = sql.join(
    keys.map((key, i) => sql`${key} as ${sql.raw(`g${i}`)}`),
    sql`, `,
  )
  const positions = sql.raw(keys.map((_, i) => String(i + 1)).join(', '))
  const sums = cost
    ? sql`sum(d.devices)::bigint as devices, ${COSTS}`
    : sql`sum(d.devices)::bigint as devices`
  let body: SQL
  if (needs.has('finding')) {
    const findingFilter = [
      ...(filter.regime.length > 0 ? [sql`f.regime_id = any (${sql.param(filter.regime)}::text[])`] : []),
      ...(filter.activity.length > 0 ? [sql`f.activity = any (${sql.param(filter.activity)}::text[])`] : []),
      ...(filter.outcome.length > 0 ? [sql`f.outcome = any (${sql.param(filter.outcome)}::text[])`] : []),
    ]
    const inner = sql.join([sql`true`, ...findingFilter], sql` and `)
    // A device counts once in a group, however many of its findings fall into it.
    const findingKeys = groups.filter((group) => GROUPS[group].needs === 'finding').map((g) => GROUPS[g].key)
    const distinct = sql.join([sql`f.jurisdiction_id`, sql`f.answer_id`, ...findingKeys], sql`, `)
    body = sql`select ${columns}, ${sums} from ${source} ${sql.join(joins, sql` `)}
      join (select distinct ${distinct} from answer_findings f where ${inner}) f
        on f.jurisdiction_id = p.jurisdiction_id and f.answer_id = p.answer_id
      where ${where} group by ${positions} order by devices desc, ${positions}`
  } else {
    body = sql`select ${columns}, ${sums} from ${source} ${sql.join(joins, sql` `)}
      where ${where} group by ${positions} order by devices desc, ${positions}`
  }
  const { rows } = await tx.execute<Record<string, string | null> & CostRow>(body)
  return {
    totalDevices,
    ...(totalCost === undefined ? {} : { totalCost }),
    needPerson: Number(total.rows[0]!.person),
    cityQuestions: questionsOf(new Map(asked.rows.map((row) => [row.fact, Number(row.devices)]))),
    items: rows.map((row) => ({
      group: Object.fromEntries(groups.map((group, i) => [group, row[`g${i}`] ?? null])),
      devices: Number(row.devices),
      share: shareOf(Number(row.devices), totalDevices),
      ...(cost ? { cost: costIn(row) } : {}),
    })),
  }
}

interface CostRow extends Record<string, unknown> {
  /** `USD 5000` for each device that cost something, added up by currency. */
  readonly costs: Readonly<Record<string, number>>[] | null
  readonly withoutCost: number
}

/** Of the devices of a group. Currencies are few: each row of the group names its own, and they are added up here. */
const COSTS = sql`(select jsonb_agg(jsonb_build_object(c.currency, c.cents)) from (
    select u.currency, sum(u.cents) as cents
    from unnest(array_agg(d.currency), array_agg(d.acquisition_cost_cents)) u(currency, cents)
    where u.cents is not null and u.currency is not null group by u.currency) c) as costs,
  (count(*) filter (where d.acquisition_cost_cents is null or d.currency is null))::int as "withoutCost"`

async function costOf(tx: Tx, from: SQL): Promise<Cost> {
  const { rows } = await tx.execute<CostRow>(sql`select ${COSTS} from ${from}`)
  return costIn(rows[0]!)
}

function costIn({ costs, withoutCost }: Pick<CostRow, 'costs' | 'withoutCost'>): Cost {
  const byCurrency = Object.assign({}, ...(costs ?? [])) as Record<string, number>
  return inOrderOfCurrencies({ acquisitionCostCents: byCurrency, devicesWithoutCost: withoutCost })
}

function inOrderOfCurrencies({ acquisitionCostCents, devicesWithoutCost }: Cost): Cost {
  const sorted = Object.entries(acquisitionCostCents).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    acquisitionCostCents: Object.fromEntries(sorted.map(([currency, cents]) => [currency, Number(cents)])),
    devicesWithoutCost,
  }
}

/** Add a device to a cost. */
function addCost(cost: Cost, { acquisitionCostCents: cents, currency }: DeviceRecord): void {
  if (cents === null || currency === null) cost.devicesWithoutCost++
  else cost.acquisitionCostCents[currency] = (cost.acquisitionCostCents[currency] ?? 0) + cents
}

const noCost = (): Cost => ({ acquisitionCostCents: {}, devicesWithoutCost: 0 })

async function namesOf(tx: Tx, groups: readonly Group[]) {
  const places = await tx.execute<{ id: string; name: string; state: string | null }>(
    sql`select id::text as id, name, state::text as state from jurisdictions`,
  )
  const sites = groups.includes('site')
    ? await tx.execute<{ id: string; name: string }>(sql`select id::text as id, name from sites`)
    : { rows: [] }
  return {
    jurisdictions: new Map(places.rows.map((row) => [row.id, row])),
    sites: new Map(sites.rows.map((row) => [row.id, row.name])),
  }
}

/** The groups of a device that a finding has no part in. */
function groupsOf(
  device: DeviceRecord,
  screening: Screening,
  names: Awaited<ReturnType<typeof namesOf>>,
): Partial<Record<Group, string | null>> {
  return {
    jurisdiction: names.jurisdictions.get(device.jurisdictionId)?.name ?? null,
    city: names.jurisdictions.get(device.jurisdictionId)?.name ?? null,
    jurisdictionId: device.jurisdictionId,
    state: names.jurisdictions.get(device.jurisdictionId)?.state ?? null,
    site: device.siteId === null ? null : (names.sites.get(device.siteId) ?? null),
    maker: screening.identification.maker,
    brand: screening.identification.brand,
    manufacturer: device.manufacturer,
    model: device.model,
    identificationStatus: screening.identification.status,
    waitsFor: openOf(screening).waitsFor ?? NOBODY,
    risk: screening.firmwareRisk.level,
    urgency: screening.firmwareRisk.urgency,
    status: device.status,
    deviceClass: device.deviceClass,
    purpose: device.purpose,
    funding: device.fundingSource,
    fundingSource: device.fundingSource,
    acquiredYear: yearOf(device.acquiredOn),
    obligatedYear: yearOf(device.obligatedOn),
    federalFiscalYear: federalYearOf(device.obligatedOn),
    awardNumber: device.awardNumber ?? null,
    assistanceListing: device.assistanceListing ?? null,
    passThroughEntity: device.passThroughEntity ?? null,
  }
}

async function countAsOf(
  database: Database,
  scope: Scope,
  filter: DeviceFilter,
  { groups, cost }: Wanted,
  { asOf, known }: { readonly asOf: AsOf; readonly known: Knowledge },
): Promise<Counted> {
  const read = <T>(work: (tx: Tx) => Promise<T>) => database.acrossJurisdictions(scope, work)
  const names = await read((tx) => namesOf(tx, groups))
  const totals = new Map<string, Omit<SummaryRow, 'share'>>()
  const questions = new Map<string, number>()
  const totalCost = noCost()
  let totalDevices = 0
  let needPerson = 0
  for await (const batch of devicesAsOf(read, scope, filter, asOf, known, null)) {
    for (const { device, screening } of batch) {
      totalDevices++
      addCost(totalCost, device)
      const open = openOf(screening)
      if (open.waitsFor === 'person') needPerson++
      for (const fact of open.cityQuestions) questions.set(fact, (questions.get(fact) ?? 0) + 1)
      const base = groupsOf(device, screening, names)
      const byFinding = groups.some((group) => GROUPS[group].needs === 'finding')
      const entries = byFinding
        ? findingsOf(screening)
            .filter(
              (d) =>
                (filter.regime.length === 0 || filter.regime.includes(d.regime)) &&
                (filter.activity.length === 0 || filter.activity.includes(d.activity)) &&
                (filter.outcome.length === 0 || filter.outcome.includes(d.outcome)),
            )
            .map((d) => ({ ...base, regime: d.regime, activity: d.activity, outcome: d.outcome }))
        : [base]
      const counted = new Set<string>()
      for (const entry of entries) {
        const group = Object.fromEntries(groups.map((name) => [name, entry[name] ?? null]))
        const key = JSON.stringify(Object.values(group))
        if (counted.has(key)) continue
        counted.add(key)
        const row = totals.get(key)
        const kept = row?.cost ?? noCost()
        addCost(kept, device)
        totals.set(key, { group, devices: (row?.devices ?? 0) + 1, cost: kept })
      }
    }
  }
  const items = [...totals.entries()]
    .sort(([a, x], [b, y]) => y.devices - x.devices || (a < b ? -1 : 1))
    .map(([, { cost: kept, ...row }]) => ({
      ...row,
      share: shareOf(row.devices, totalDevices),
      ...(cost ? { cost: inOrderOfCurrencies(kept!) } : {}),
    }))
  return {
    totalDevices,
    ...(cost ? { totalCost: inOrderOfCurrencies(totalCost) } : {}),
    needPerson,
    cityQuestions: questionsOf(questions),
    items,
  }
}

const yearOf = (day: string | null): string | null => day?.slice(0, 4) ?? null

/** October to September, named by the year in which it ends. */
function federalYearOf(day: string | null): string | null {
  if (day === null) return null
  const year = Number(day.slice(0, 4))
  return String(Number(day.slice(5, 7)) >= 10 ? year + 1 : year)
}
