/** Of the registers what a supposed listing can touch: distinct facts with their numbers of devices, nothing changed. */
import { type SQL, sql } from 'drizzle-orm'
import { cutsByVersion } from '../catalogue/versions.ts'
import type { Tx } from '../db/database.ts'
import { deviceDocument } from '../device/columns.ts'
import { DEVICE_FIELDS, fieldsScreened } from '../device/fields.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import { FREE_TEXTS, type FreeText, type FreeTexts } from '../identification/mentions.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { byText } from '../lib/compare.ts'
import { pacer } from '../lib/pacing.ts'
import { type Cuts, daysSince, isCutInTwo } from '../screening/cuts.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { type OwnLaw, underLocalLaw } from '../screening/local-law.ts'
import { type ProfileKey, profileKey } from '../screening/profile.ts'
import { ofVendor } from '../screening/reach.ts'
import { lawIsStale } from '../screening/stale.ts'
import { mayBeReadOtherwise } from '../screening/text-search.ts'

export interface FactGroup {
  readonly jurisdictionId: string
  /** Digest of the facts. */
  readonly id: string
  readonly facts: ScreenedDevice
  readonly devices: number
}

/** Devices of which a date or a text is read otherwise under the supposed law than their profile has it. */
type Regrouped = ReadonlyMap<string, ProfileKey>

export interface Touched {
  readonly groups: readonly FactGroup[]
  /** Profiles as they are stored. */
  readonly profileIds: readonly string[]
  /** By device id. */
  readonly regrouped: Regrouped
}

export interface Laws {
  /** In force. */
  readonly current: Knowledge
  readonly after: Knowledge
  /** Vendor ids whom the supposed law may reach in any way; null for a law that may reach every device. */
  readonly concerned: readonly string[] | null
  /** The cities that are looked at: their texts are read for those whom their laws name, and under labels of theirs. */
  readonly places: ReadonlyMap<string, OwnLaw>
  /** Both are under the laws of the one city already. */
  readonly areOfCity?: true
}

interface ProfileRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly id: string
  readonly facts: ScreenedDevice
  readonly devices: number
  readonly isOlder: boolean
  /** Version of the knowledge that it was cut and answered under. */
  readonly version: number
}

/** Devices that count: what is decommissioned is gone. */
const COUNTS = sql`p.facts->>'status' <> 'decommissioned'`

/** Devices of each city in the transaction's scope. */
export async function fleetSizes(tx: Tx, cities: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.execute<{ id: string; devices: string }>(sql`
    select p.jurisdiction_id::text as id, sum(p.device_count)::bigint as devices from profiles p
    where ${within(cities)} and p.device_count > 0 and ${COUNTS} group by 1`)
  return new Map(rows.map(({ id, devices }) => [id, Number(devices)]))
}

/** Devices of which nobody knows who made them, and no maker is under suspicion. */
export async function countUnknownMakers(tx: Tx, cities: readonly string[]): Promise<number> {
  const { rows } = await tx.execute<{ devices: string }>(sql`
    select coalesce(sum(p.device_count), 0)::bigint as devices from profiles p
    where ${within(cities)} and p.device_count > 0 and ${COUNTS} and p.identification_status = 'unresolved'`)
  return Number(rows[0]!.devices)
}

const within = (cities: readonly string[]): SQL => sql`p.jurisdiction_id = any (${sql.param(cities)}::uuid[])`

/**
 * What a listing can reach: found from the knowledge, by maker, label, suspects and parts. `readsTexts` also looks for
 * names in the free texts of all other devices, which takes a look at each.
 */
export async function loadTouched(
  tx: Tx,
  cities: readonly string[],
  laws: Laws,
  readsTexts: boolean,
): Promise<Touched> {
  const { current, concerned } = laws
  const { rows } = await tx.execute<ProfileRow>(sql`
    select p.jurisdiction_id::text as "jurisdictionId", p.id::text as id, p.facts, p.device_count as devices,
      (p.jurisdiction_version <> j.version or ${lawIsStale(current)}) as "isOlder",
      p.knowledge_version as version
    from profiles p join jurisdictions j on j.id = p.jurisdiction_id
    where ${within(cities)} and p.device_count > 0 and ${COUNTS} and ${reachedBy(concerned, current)}
    order by 1, 2`)
  const mentioned = readsTexts ? await devicesMentioning(tx, cities, laws) : []
  const cuts = await cutsByVersion(tx)
  const split = rows.filter((row) => row.isOlder || isSplit(row, laws, cuts))
  const moved = await devicesOf(tx, cities, split, laws)
  return grouped(rows, [...moved, ...mentioned], laws)
}

/** Condition on `profiles p`: a law that is about these makers may say something of it. */
function reachedBy(concerned: Laws['concerned'], current: Knowledge): SQL {
  if (concerned === null) return sql`true`
  return sql`(${lawIsStale(current)} or p.firmware_subjects && ${sql.param(concerned.map(ofVendor))}::text[])`
}

/** The first day on which the supposed law tells days apart that are one in the law in force; null when none. */
function firstNewDay({ current, after }: Laws): PlainDate | null {
  const known = new Set(current.cut.boundaries)
  return after.cut.boundaries.find((day) => !known.has(day)) ?? null
}

/** Whether a new day lies inside a span of days that the facts stand for. */
function isSplit({ facts, version }: ProfileRow, { after }: Laws, cuts: Cuts): boolean {
  const known = daysSince(cuts, version)
  return known === undefined || isCutInTwo(facts, known, after.cut.boundaries)
}

interface DeviceRow extends Record<string, unknown> {
  readonly id: string
  readonly jurisdictionId: string
  readonly profileId: string
  readonly doc: string
}

const DAYS = sql.raw(
  `greatest(${fieldsScreened('day')
    .map((field) => `d.${DEVICE_FIELDS[field].column}`)
    .join(', ')})`,
)
const BATCH = 5000

/** Of split profiles the devices that may belong elsewhere: those with a day on or after the first new one. */
async function devicesOf(
  tx: Tx,
  cities: readonly string[],
  split: readonly ProfileRow[],
  laws: Laws,
): Promise<DeviceRow[]> {
  if (split.length === 0) return []
  const older = split.filter(({ isOlder }) => isOlder).map(({ id }) => id)
  const first = firstNewDay(laws)
  const since = first === null ? sql`false` : sql`${DAYS} >= ${first}::date`
  return everyDevice(
    tx,
    cities,
    sql`d.profile_id = any (${sql.param(split.map(({ id }) => id))}::uuid[])
      and (${since} or d.profile_id = any (${sql.param(older)}::uuid[]))`,
  )
}

async function everyDevice(tx: Tx, cities: readonly string[], which: SQL): Promise<DeviceRow[]> {
  const found: DeviceRow[] = []
  let last: Pick<DeviceRow, 'jurisdictionId' | 'id'> | undefined
  for (;;) {
    const after = last
      ? sql`(d.jurisdiction_id, d.id) > (${last.jurisdictionId}::uuid, ${last.id}::uuid)`
      : sql`true`
    const { rows } = await tx.execute<DeviceRow>(sql`
      select d.id::text as id, d.jurisdiction_id::text as "jurisdictionId", d.profile_id::text as "profileId",
        ${deviceDocument} as doc
      from devices d where d.jurisdiction_id = any (${sql.param(cities)}::uuid[]) and ${after} and ${which}
        and d.status <> 'decommissioned'
      order by d.jurisdiction_id, d.id limit ${BATCH}`)
    for (const row of rows) found.push(row)
    last = rows.at(-1)
    if (rows.length < BATCH) return found
  }
}

type TextRow = Record<string, unknown> & FreeTexts & { readonly id: string; readonly jurisdictionId: string }

const TEXTS = sql.raw(
  (Object.keys(FREE_TEXTS) as FreeText[])
    .map((field) => `d.${DEVICE_FIELDS[field].column} as "${field}"`)
    .join(', '),
)

/** Devices with a text that names somebody whom no list reached before. */
async function devicesMentioning(tx: Tx, cities: readonly string[], laws: Laws): Promise<DeviceRow[]> {
  const { current, after, places } = laws
  if (current.identifyLocally.mentions.version === after.identifyLocally.mentions.version) return []
  const labels = [...places.values()].map(({ customLabels = {} }) => customLabels)
  const ids: string[] = []
  const pause = pacer()
  let last: TextRow | undefined
  for (;;) {
    const next = last
      ? sql`(d.jurisdiction_id, d.id) > (${last.jurisdictionId}::uuid, ${last.id}::uuid)`
      : sql`true`
    const { rows } = await tx.execute<TextRow>(sql`
      select d.id::text as id, d.jurisdiction_id::text as "jurisdictionId", ${TEXTS}
      from devices d where d.jurisdiction_id = any (${sql.param(cities)}::uuid[]) and ${next}
        and ${mayBeReadOtherwise(current, after, labels)}
      order by d.jurisdiction_id, d.id limit ${BATCH}`)
    for (const row of rows) {
      const [known, now] = [current, after].map((law) => inCity(law, row, laws).cut.mentioned(row))
      if (JSON.stringify(known) !== JSON.stringify(now)) ids.push(row.id)
      await pause()
    }
    last = rows.at(-1)
    if (rows.length < BATCH) break
  }
  if (ids.length === 0) return []
  return everyDevice(tx, cities, sql`d.id = any (${sql.param(ids)}::uuid[])`)
}

function inCity(
  law: Knowledge,
  { jurisdictionId }: Pick<DeviceRow, 'jurisdictionId'>,
  { places, areOfCity }: Laws,
): Knowledge {
  return areOfCity ? law : underLocalLaw(law, places.get(jurisdictionId)!)
}

/** Profiles less the devices that the supposed law reads otherwise, and those by what they say under it. */
function grouped(rows: readonly ProfileRow[], devices: readonly DeviceRow[], laws: Laws): Touched {
  const keyOf = (jurisdictionId: string, id: string) => `${jurisdictionId}/${id}`
  const groups = new Map<string, { -readonly [K in keyof FactGroup]: FactGroup[K] }>()
  for (const { jurisdictionId, id, facts, devices } of rows)
    groups.set(keyOf(jurisdictionId, id), { jurisdictionId, id, facts, devices })
  const regrouped = new Map<string, ProfileKey>()
  for (const { id, jurisdictionId, profileId, doc } of devices) {
    if (regrouped.has(id)) continue
    const key = profileKey(JSON.parse(doc) as DeviceRecord, inCity(laws.after, { jurisdictionId }, laws).cut)
    if (key.id === profileId) continue
    regrouped.set(id, key)
    const from = groups.get(keyOf(jurisdictionId, profileId))
    if (from) from.devices--
    const to = groups.get(keyOf(jurisdictionId, key.id))
    if (to) to.devices++
    else groups.set(keyOf(jurisdictionId, key.id), { jurisdictionId, ...key, devices: 1 })
  }
  return {
    groups: [...groups.values()].filter((group) => group.devices > 0),
    profileIds: [...new Set(rows.map(({ id }) => id))],
    regrouped,
  }
}

/** A device as a scenario shows it. */
export interface Member extends Record<string, unknown> {
  readonly id: string
  readonly profileId: string
  readonly assetTag: string | null
  readonly name: string | null
  readonly siteId: string | null
  readonly site: string | null
  readonly department: string | null
  readonly status: string
  readonly manufacturer: string | null
  readonly model: string | null
  readonly notes: string | null
  readonly deviceClass: string | null
  readonly purpose: string | null
  readonly firmwareVersion: string | null
  readonly updateChannel: string | null
  readonly unitCents: number | null
  readonly inServiceOn: PlainDate | null
}

/** The devices of one city that are in the groups, in the order of their sites. */
export async function loadMembers(
  tx: Tx,
  jurisdictionId: string,
  { profileIds, regrouped }: Touched,
): Promise<Member[]> {
  const which = sql`(d.profile_id = any (${sql.param(profileIds)}::uuid[])
    or d.id = any (${sql.param([...regrouped.keys()])}::uuid[]))`
  const found: Member[] = []
  for (;;) {
    const last = found.at(-1)?.id
    const rows = await memberBatch(
      tx,
      jurisdictionId,
      sql`${which} and ${last === undefined ? sql`true` : sql`d.id > ${last}::uuid`}`,
    )
    for (const row of rows) found.push(row)
    if (rows.length < BATCH) break
  }
  // What has no site or no tag comes last.
  const place = ({ site, assetTag, id }: Member) => `${site ?? LAST}\0${assetTag ?? LAST}\0${id}`
  return found.toSorted(byText(place))
}

const LAST = '\uFFFF'

async function memberBatch(tx: Tx, jurisdictionId: string, which: SQL): Promise<Member[]> {
  const { rows } = await tx.execute<Member>(sql`
    select d.id::text as id, d.profile_id::text as "profileId", d.asset_tag as "assetTag", d.name,
      d.site_id::text as "siteId", s.name as site, d.department, d.status, d.manufacturer, d.model, d.notes,
      d.device_class as "deviceClass", d.purpose, d.firmware_version as "firmwareVersion",
      d.update_channel as "updateChannel",
      case when d.currency is not distinct from j.currency then d.acquisition_cost_cents::float8 end as "unitCents",
      coalesce(d.installed_on, d.acquired_on)::text as "inServiceOn"
    from devices d join jurisdictions j on j.id = d.jurisdiction_id
    left join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
    where d.jurisdiction_id = ${jurisdictionId}::uuid and d.status <> 'decommissioned' and ${which}
    order by d.id limit ${BATCH}`)
  return rows
}
