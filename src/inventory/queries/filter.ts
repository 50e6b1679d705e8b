/**
 * Reading the register.
 *
 * PostgreSQL writes the stored part of a device as JSON text, and the screened part is text in its profile, so
 * a page is put together without building an object per device.
 */
import { type SQL, sql } from 'drizzle-orm'
import { isFinding, type Outcome } from '../../catalogue/outcomes.ts'
import type { Database, Scope, Tx } from '../../db/database.ts'
import { deviceDocument, documentOf } from '../../device/columns.ts'
import { customConditions, meetsCustom } from '../../device/custom-filter.ts'
import { meets } from '../../device/filter-match.ts'
import { type Condition, fieldConditions } from '../../device/filters.ts'
import type { DeviceRecord } from '../../device/schemas.ts'
import {
  after,
  type CursorValue,
  decodeCursor,
  EXPORT_ROWS,
  encodeCursor,
  orderBy,
  type SortKey,
} from '../../http/pages.ts'
import { dayIn, isPlainDate } from '../../lib/calendar.ts'
import { lowered } from '../../lib/letters.ts'
import { pacer } from '../../lib/pacing.ts'
import { type JurisdictionContext, loadJurisdictions } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { profileOf } from '../../screening/profiles.ts'
import { type Screening, screenIn } from '../../screening/screen.ts'
import { type DeviceShape, LISTED_DEVICE } from '../../screening/shape.ts'
import { versionOf } from '../past-versions.ts'
import {
  needsWhole,
  type Reading,
  type ScreenedRow,
  screenedColumns,
  type Text,
  withScreening,
} from '../present.ts'
import { type AsOf, lastInstant, lawDay } from './as-of.ts'
import { customCondition } from './custom-filter.ts'
import { type DeviceFilter, isAsked } from './device-filter.ts'
import { conditionOn } from './field-conditions.ts'
import { FOUND_NAMES, foundConditions, meetsFound } from './found.ts'
import { linkedConditions, linksOf, meetsLinks } from './linked.ts'

/** A day is that of the city. */
function updatedSince(since: string): SQL {
  if (!isPlainDate(since)) return sql`d.updated_at >= ${since}::timestamptz`
  const zone = sql`(select j.timezone from jurisdictions j where j.id = d.jurisdiction_id)`
  return sql`d.updated_at >= ${since}::date::timestamp at time zone ${zone}`
}

const MENTIONED = ['name', 'assetTag', 'manufacturer', 'model', 'serialNumber'] as const

function mentions(q: string): SQL {
  const like = `%${q.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql`(d.name ilike ${like} or d.asset_tag ilike ${like} or d.manufacturer ilike ${like} or d.model ilike ${like} or d.serial_number ilike ${like})`
}

/** What is asked of the fields; `recorder` also finds by what a recorder of the register is called (`linked.ts`). */
function fieldsAsked(filter: DeviceFilter): Condition[] {
  const { acquiredFrom, acquiredTo, obligatedFrom, obligatedTo, installedFrom, installedTo } = filter
  return [
    ...fieldConditions({ ...filter, recorder: [] }),
    ...fieldConditions({ acquiredOn__gte: acquiredFrom, acquiredOn__lt: acquiredTo }),
    ...fieldConditions({ obligatedOn__gte: obligatedFrom, obligatedOn__lt: obligatedTo }),
    ...fieldConditions({ installedOn__gte: installedFrom, installedOn__lt: installedTo }),
  ]
}

/** The filter as conditions on `devices d join profiles p`, for the jurisdictions in scope. */
export function conditionsOf(filter: DeviceFilter, scope: Scope): SQL {
  const all: SQL[] = []
  // One jurisdiction as an equality, which the planner carries over to the profiles.
  if (scope !== 'all' && scope.length === 1) all.push(sql`d.jurisdiction_id = ${scope[0]}::uuid`)
  else if (scope !== 'all') all.push(sql`d.jurisdiction_id = any (${sql.param(scope)}::uuid[])`)
  if (filter.state.length > 0) {
    all.push(
      sql`d.jurisdiction_id in (select j.id from jurisdictions j where j.state = any (${sql.param(filter.state)}))`,
    )
  }
  all.push(...fieldsAsked(filter).map(conditionOn))
  all.push(...customConditions(filter.custom).map(customCondition))
  all.push(...foundConditions(filter), ...linkedConditions(filter, scope))
  if (filter.updatedSince !== undefined) all.push(updatedSince(filter.updatedSince))
  if (filter.importId !== undefined) all.push(sql`d.import_id = ${filter.importId}::uuid`)
  if (filter.q !== undefined) all.push(mentions(filter.q))
  const outcome = outcomeCondition(filter)
  if (outcome) all.push(outcome)
  return all.length === 0 ? sql`true` : sql.join(all, sql` and `)
}

/** Profiles in which some regime and activity of those asked for have one of the outcomes asked for. */
function outcomeCondition(filter: Pick<DeviceFilter, 'regime' | 'activity' | 'outcome'>): SQL | null {
  const { regime, activity, outcome } = filter
  if (regime.length === 0 && activity.length === 0 && outcome.length === 0) return null
  if (regime.length === 0) {
    // Without a regime the question is about the headline.
    const among = activity.length === 0 ? sql`true` : sql`h.key = any (${sql.param(activity)}::text[])`
    const wanted =
      outcome.length === 0
        ? sql`h.value not in ('permitted', 'not-applicable')`
        : sql`h.value = any (${sql.param(outcome)}::text[])`
    return sql`exists (select 1 from jsonb_each_text(p.headline) h where ${among} and ${wanted})`
  }
  if (outcome.every((value) => isFinding(value as Outcome))) {
    return sql`exists (select 1 from answer_findings f where f.jurisdiction_id = p.jurisdiction_id and f.answer_id = p.answer_id
      and f.regime_id = any (${sql.param(regime)}::text[])${
        activity.length === 0 ? sql`` : sql` and f.activity = any (${sql.param(activity)}::text[])`
      }${outcome.length === 0 ? sql`` : sql` and f.outcome = any (${sql.param(outcome)}::text[])`})`
  }
  // What is permitted or out of scope is no finding and stands with the other outcomes only.
  const among = sql`split_part(o.key, '/', 1) = any (${sql.param(regime)}::text[])${
    activity.length === 0 ? sql`` : sql` and split_part(o.key, '/', 2) = any (${sql.param(activity)}::text[])`
  }`
  return sql`exists (select 1 from answers a cross join lateral jsonb_each_text(a.outcomes) o
    where a.jurisdiction_id = p.jurisdiction_id and a.id = p.answer_id
      and ${among} and o.value = any (${sql.param(outcome)}::text[]))`
}

/** Whether a screening answers the question that `outcomeCondition` asks of a stored profile. */
function answersOutcome(
  screening: Screening,
  { regime, activity, outcome }: { readonly [name in 'regime' | 'activity' | 'outcome']: readonly string[] },
): boolean {
  if (regime.length === 0 && activity.length === 0 && outcome.length === 0) return true
  const wanted = (value: string) =>
    outcome.length === 0 ? value !== 'permitted' && value !== 'not-applicable' : outcome.includes(value)
  if (regime.length === 0) {
    return Object.entries(screening.headline).some(
      ([key, value]) => (activity.length === 0 || activity.includes(key)) && wanted(value),
    )
  }
  return screening.determinations.some(
    (d) =>
      regime.includes(d.regime) &&
      (activity.length === 0 || activity.includes(d.activity)) &&
      wanted(d.outcome),
  )
}

type SortColumn = Omit<SortKey, 'field' | 'descending'>
const text = (column: string, nullable = true): SortColumn => ({
  column: sql.raw(`d.${column} collate "C"`),
  type: 'text',
  nullable,
})
const date = (column: string): SortColumn => ({
  column: sql.raw(`d.${column}`),
  type: 'date',
  nullable: true,
})
const instant = (column: string): SortColumn => ({
  column: sql.raw(`d.${column}`),
  type: 'timestamptz',
  nullable: false,
})

/** Fields a list of devices can be sorted by. */
export const DEVICE_SORTS = {
  assetTag: text('asset_tag'),
  serialNumber: text('serial_number'),
  name: text('name'),
  manufacturer: text('manufacturer'),
  model: text('model'),
  status: text('status', false),
  purpose: text('purpose'),
  fundingSource: text('funding_source'),
  department: text('department'),
  acquiredOn: date('acquired_on'),
  installedOn: date('installed_on'),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at'),
  firmwareScore: { column: sql`p.firmware_score`, type: 'smallint', nullable: true },
} as const

/** The primary key: where every order ends, and the default order. */
const KEY_ORDER: readonly SortKey[] = [
  {
    field: 'jurisdictionId',
    column: sql`d.jurisdiction_id`,
    descending: false,
    type: 'uuid',
    nullable: false,
  },
  { field: 'id', column: sql`d.id`, descending: false, type: 'uuid', nullable: false },
]

export interface PageRequest {
  readonly filter: DeviceFilter
  readonly sort: readonly SortKey[]
  readonly limit: number
  /** The page ends earlier when it is full. */
  readonly mostBytes: number
  readonly cursor: string | undefined
  readonly shape: DeviceShape
  /** Everything that was asked, for the cursor's digest. */
  readonly question: unknown
}

export interface DeviceTextPage {
  /** Each device as JSON text. */
  readonly items: Text[]
  readonly nextCursor: string | null
}

interface PageRow extends ScreenedRow {
  /** Values of the sort keys as JSON text, where there are others than the primary key: only the last row's are read. */
  readonly cursor?: string
}

const PROFILE_OF_DEVICE = sql` join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id`

/** Whether a filter asks for what was found out, and not only for what is stored of a device. */
function readsProfile({ filter, sort }: Pick<PageRequest, 'filter' | 'sort'>): boolean {
  return (
    sort.some(({ field }) => field === 'firmwareScore') ||
    Object.entries(filter).some(([name, value]) => isAsked(value) && FOUND_NAMES.has(name))
  )
}

/** Limits for which a connection keeps the statement of a page; they are part of its text. */
const KEPT_LIMITS: ReadonlySet<number> = new Set([20, 25, 50, 100, 500, 1000])

/**
 * Whether a page is what most ask for: the next devices of one city or of all, as lists show them by themselves. Its
 * statement is kept by the connection.
 */
function isPlainPage(
  { filter, sort, limit, shape }: Pick<PageRequest, 'filter' | 'sort' | 'limit' | 'shape'>,
  scope: Scope,
): boolean {
  const { jurisdictionId: _, ...others } = filter
  return (
    sort.length === 0 &&
    KEPT_LIMITS.has(limit) &&
    shape === LISTED_DEVICE &&
    (scope === 'all' || scope.length === 1) &&
    !Object.values(others).some(isAsked)
  )
}

/**
 * One page of devices in scope, as JSON text.
 *
 * The devices of the page are chosen first and their profiles joined to them afterwards: the planner cannot
 * know how many rows row security leaves, and would start from the profiles of a whole city.
 */
export async function deviceTextPage(
  database: Pick<Database, 'acrossJurisdictions' | 'readPrepared' | 'readOnce'>,
  scope: Scope,
  request: PageRequest,
  knowledge: Knowledge,
  now: Date,
): Promise<DeviceTextPage> {
  const { shape, limit } = request
  /** `end` is the last of the page where others follow it. */
  const pageOf = async (
    rows: readonly PageRow[],
    end: KeyRow | undefined,
    read: Reading,
  ): Promise<DeviceTextPage> => {
    const page = await withScreening(read, rows, shape, knowledge, now, request.mostBytes)
    const last = page.rows < rows.length ? rows[page.rows - 1] : end
    return { items: page.items, nextCursor: last ? encodeCursor(positionOf(last), request.question) : null }
  }
  const inOne = (rows: readonly PageRow[], read: Reading) =>
    pageOf(rows.slice(0, limit), rows.length > limit ? rows[limit - 1] : undefined, read)
  if (isPlainPage(request, scope)) {
    const query = pageQuery(request, scope, { knowledge, now, isKept: true })
    // What is kept of its profiles in memory mostly suffices.
    const rows = await database.readPrepared<PageRow>(scope, query)
    return inOne(rows, (work) => database.acrossJurisdictions(scope, work))
  }
  if (shape === LISTED_DEVICE) {
    const { rows, end } = await rowsInTwoSteps(database, scope, request, { knowledge, now })
    return pageOf(rows, end, (work) => database.acrossJurisdictions(scope, work))
  }
  return database.acrossJurisdictions(scope, async (tx) => {
    const { rows } = await tx.execute<PageRow>(pageQuery(request, scope, { knowledge, now, isKept: false }))
    return inOne(rows, (work) => work(tx))
  })
}

interface Known {
  readonly knowledge: Knowledge
  readonly now: Date
}

interface KeyRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly deviceId: string
  readonly cursor?: string
}

/**
 * A filter is planned each time, for what it asks. What is shown of a device takes the database longer to plan than to
 * read, and is the same for all filters: so the devices are chosen first, and shown by a statement that is kept.
 * A device that has gone between the two is left out.
 */
async function rowsInTwoSteps(
  database: Pick<Database, 'readPrepared' | 'readOnce'>,
  scope: Scope,
  request: PageRequest,
  { knowledge, now }: Known,
): Promise<{ rows: PageRow[]; end: KeyRow | undefined }> {
  const keys = await database.readOnce<KeyRow>(
    scope,
    chosen(request, scope, sql`d.jurisdiction_id as "jurisdictionId", d.id as "deviceId"`),
  )
  if (keys.length === 0) return { rows: [], end: undefined }
  const asked = keys.slice(0, request.limit)
  const cities = sql.param(asked.map(({ jurisdictionId }) => jurisdictionId))
  const ids = sql.param(asked.map(({ deviceId }) => deviceId))
  const found = await database.readPrepared<PageRow>(
    scope,
    sql`select ${documentOf(request.shape.stored)} as doc, ${screenedColumns(knowledge, now)}
      from unnest(${cities}::uuid[], ${ids}::uuid[]) w(jurisdiction_id, id)
      join devices d on d.jurisdiction_id = w.jurisdiction_id and d.id = w.id${PROFILE_OF_DEVICE}`,
  )
  const byId = new Map(found.map((row) => [row.deviceId, row]))
  const rows = asked.flatMap(({ deviceId, cursor }): PageRow[] => {
    const row = byId.get(deviceId)
    return row === undefined ? [] : [cursor === undefined ? row : { ...row, cursor }]
  })
  return { rows, end: keys.length > request.limit ? asked.at(-1) : undefined }
}

/** Where a page begins and in which order its devices come. */
function orderOf({ sort, cursor, question }: PageRequest, scope: Scope) {
  const order = [...sort, ...KEY_ORDER]
  return {
    order,
    // Of one city the first key is the same; with it the planner would sort what is in order already.
    sorted: scope !== 'all' && scope.length === 1 ? order.filter((key) => key !== KEY_ORDER[0]) : order,
    position: cursor === undefined ? sql`` : sql` and ${after(order, decodeCursor(cursor, question, order))}`,
    cursor: sort.length === 0 ? sql`` : sql`, ${cursorColumn(order)} as cursor`,
  }
}

/** The devices of a page, and one more that shows whether there are others. */
function chosen(request: PageRequest, scope: Scope, columns: SQL): SQL {
  const { sorted, position, cursor } = orderOf(request, scope)
  const profiles = readsProfile(request) ? PROFILE_OF_DEVICE : sql``
  return sql`select ${columns}${cursor} from devices d${profiles}
    where ${conditionsOf(request.filter, scope)}${position} order by ${orderBy(sorted)} limit ${request.limit + 1}`
}

/** A page in one statement. */
function pageQuery(
  request: PageRequest,
  scope: Scope,
  { knowledge, now, isKept }: Known & { readonly isKept: boolean },
): SQL {
  const { shape, limit } = request
  const { sorted, cursor, position } = orderOf(request, scope)
  const document = needsWhole(shape) ? deviceDocument : documentOf(shape.stored)
  return sql`
    select ${document} as doc, ${screenedColumns(knowledge, now)}${cursor}
    from (
      select d.* from devices d${readsProfile(request) ? PROFILE_OF_DEVICE : sql``}
      where ${conditionsOf(request.filter, scope)}${position}
      order by ${orderBy(sorted)}
      limit ${isKept ? sql.raw(String(limit + 1)) : limit + 1}
    ) d${PROFILE_OF_DEVICE}
    order by ${orderBy(sorted)}`
}

function cursorColumn(order: readonly SortKey[]): SQL {
  const texts = order.map((key) => sql`${key.column}::text`)
  return sql`json_build_array(${sql.join(texts, sql`, `)})::text`
}

function positionOf({ cursor, jurisdictionId, deviceId }: KeyRow): CursorValue[] {
  return cursor === undefined ? [jurisdictionId, deviceId] : (JSON.parse(cursor) as CursorValue[])
}

interface PastRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly id: string
  readonly doc: string
  /** null also where it was not kept which import wrote a version. */
  readonly importId: string | null
}

/**
 * Devices in scope as they stood at an instant, under the law of that day, in the order of their keys.
 * Screened one by one, with equal facts screened once. Yields batches in constant memory.
 */
export async function* devicesAsOf(
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  scope: Scope,
  filter: DeviceFilter,
  asOf: AsOf,
  knowledge: Knowledge,
  start: readonly [string, string] | null,
  batch = EXPORT_ROWS,
): AsyncGenerator<{ device: DeviceRecord; doc: string; screening: Screening }[]> {
  const memo = new Map<string, Screening>()
  const pause = pacer()
  const conditions = fieldsAsked(filter)
  const custom = customConditions(filter.custom)
  const meetsStored = (
    { device, importId }: PastRow & { readonly device: DeviceRecord },
    city: JurisdictionContext,
  ) =>
    conditions.every((condition) => meets(device, condition)) &&
    custom.every((condition) => meetsCustom(device.custom, condition)) &&
    (filter.state.length === 0 || filter.state.some((state) => state === city.facts.state)) &&
    (filter.updatedSince === undefined || isSince(device.updatedAt, filter.updatedSince, city.timezone)) &&
    (filter.importId === undefined || importId === filter.importId) &&
    (filter.q === undefined || mentionedIn(device, filter.q))
  let position = start
  for (;;) {
    const beyond: SQL = position
      ? sql` and (d.jurisdiction_id, d.id) > (${position[0]}::uuid, ${position[1]}::uuid)`
      : sql``
    const limits = scope === 'all' ? sql`true` : sql`d.jurisdiction_id = any (${sql.param(scope)}::uuid[])`
    const moment = lastInstant(asOf)
    const { rows, contexts } = await read(async (tx) => {
      const found = await tx.execute<PastRow>(sql`
        select * from (
          select d.jurisdiction_id as "jurisdictionId", d.id, ${deviceDocument} as doc,
            d.import_id::text as "importId"
          from devices d join jurisdictions j on j.id = d.jurisdiction_id
          where ${limits}${beyond} and d.updated_at <= ${moment}
          union all
          select d.jurisdiction_id, d.id, d.doc, d.import_id from (
            select h.jurisdiction_id, h.device_id as id, h.snapshot::text as doc, h.valid_from, h.valid_to,
              h.came_by ->> 'importId' as import_id
            from device_history h) d join jurisdictions j on j.id = d.jurisdiction_id
          where ${limits}${beyond} and d.valid_from <= ${moment} and d.valid_to > ${moment}
        ) v order by "jurisdictionId", id limit ${batch}`)
      const ids = [...new Set(found.rows.map((row) => row.jurisdictionId))]
      return { rows: found.rows, contexts: await loadJurisdictions(tx, ids, asOf.knownAt) }
    })
    const results: { device: DeviceRecord; doc: string; screening: Screening }[] = []
    const stored: (PastRow & { readonly device: DeviceRecord })[] = []
    for (const row of rows) {
      await pause()
      const version = { ...row, ...versionOf(row.doc) }
      if (meetsStored(version, contexts.get(row.jurisdictionId)!)) stored.push(version)
    }
    const links = await linksOf(read, filter, scope, stored, asOf)
    for (const row of stored) {
      await pause()
      const { device } = row
      if (!meetsLinks(device, filter, links)) continue
      const context = contexts.get(row.jurisdictionId)!
      const key = `${row.jurisdictionId}${profileOf(device, context, knowledge).id}`
      let screening = memo.get(key)
      if (!screening) {
        screening = screenIn(context, device, knowledge, lawDay(asOf, context.timezone))
        memo.set(key, screening)
      }
      if (!meetsFound(screening, filter) || !answersOutcome(screening, filter)) continue
      results.push({ device, doc: row.doc, screening })
    }
    yield results
    const last = rows.at(-1)
    if (!last || rows.length < batch) return
    position = [last.jurisdictionId, last.id]
  }
}

/** Since an instant, or since a day of the city. */
function isSince(updatedAt: string, since: string, timezone: string): boolean {
  return isPlainDate(since)
    ? dayIn(new Date(updatedAt), timezone) >= since
    : Date.parse(updatedAt) >= Date.parse(since)
}

function mentionedIn(device: DeviceRecord, q: string): boolean {
  const part = lowered(q)
  return MENTIONED.some((field) => device[field] !== null && lowered(device[field]).includes(part))
}
