/**
 * The work list over the register: what to do first, where, by when, and through which channel.
 *
 * Order and filters come from columns of the profiles, so the first page of a million devices reads an index. What
 * is told of a stale profile is computed on the spot, so nothing out of date is said between two passes.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Scope, Tx } from '../../db/database.ts'
import type { ScreenedDevice } from '../../device/screened-device.ts'
import { catalogueMakers } from '../../firmware-risk/maker-names.ts'
import { modelOf } from '../../firmware-risk/product.ts'
import type { FirmwareRelease } from '../../firmware-risk/release.ts'
import { matchingReleases } from '../../firmware-risk/release-models.ts'
import { releaseAsSource } from '../../firmware-risk/release-source.ts'
import { storedPlace, WORK_QUEUES, type WorkQueue } from '../../firmware-risk/risk.ts'
import type { FirmwareRiskShape } from '../../firmware-risk/schemas.ts'
import { type Fields, pickFields } from '../../http/fields.ts'
import { type CursorPart, decodeCursor, encodeCursor, TEXT_PART, UUID_PART } from '../../http/pages.ts'
import { addDays, dayIn, type PlainDate } from '../../lib/calendar.ts'
import { pacer } from '../../lib/pacing.ts'
import { type JurisdictionContext, loadJurisdictions } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { evaluated } from '../../screening/profiles.ts'
import { firmwareQuestion } from '../../screening/screen.ts'
import { staleProfiles } from '../../screening/stale.ts'
import {
  hasTreatments,
  isNamedInTreatment,
  isTreated,
  type TreatmentInShort,
  treatmentsByDevice,
} from '../treatments/in-force.ts'

type PresentedRisk = z.infer<typeof FirmwareRiskShape>

export interface WorkFilter {
  readonly state: readonly string[]
  readonly siteId: readonly string[]
  readonly maker: readonly string[]
  readonly brand: readonly string[]
  readonly model: readonly string[]
  readonly deviceClass: readonly string[]
  readonly level: readonly string[]
  readonly band: readonly string[]
  readonly urgency: readonly string[]
  readonly queue: readonly string[]
  readonly vulnerability: readonly string[]
  readonly patch: readonly string[]
  readonly outlook: readonly string[]
  readonly needsReview?: boolean | undefined
  readonly minScore?: number | undefined
  readonly dueBy?: string | undefined
  readonly cutOffBy?: string | undefined
  readonly treated?: boolean | undefined
}

/** Filter as conditions on `profiles p join devices d`. Devices that are gone, or not bought yet, need no work. */
export function conditionsOf(filter: WorkFilter, scope: Scope, now: Date): SQL {
  const all: SQL[] = [sql`p.device_count > 0`, sql`d.status not in ('planned', 'decommissioned')`]
  // The words of the index's condition, unless devices without work are asked for.
  if (!filter.queue.includes('none')) all.push(sql`p.firmware_queue <> 'none'`)
  // One jurisdiction is said with `=`: then its own index gives the rows in their order.
  if (scope !== 'all' && scope.length === 1) all.push(sql`p.jurisdiction_id = ${scope[0]}::uuid`)
  else if (scope !== 'all') all.push(sql`p.jurisdiction_id = any (${sql.param(scope)}::uuid[])`)
  const among = (column: SQL, values: readonly string[]) => {
    if (values.length > 0) all.push(sql`${column} = any (${sql.param(values)}::text[])`)
  }
  among(sql`p.firmware_queue`, filter.queue)
  among(sql`p.firmware_level`, filter.level)
  among(sql`p.firmware_band`, filter.band)
  among(sql`p.firmware_urgency`, filter.urgency)
  among(sql`p.firmware_patch`, filter.patch)
  among(sql`p.firmware_outlook`, filter.outlook)
  if (filter.vulnerability.length > 0) {
    const ids = filter.vulnerability.map((id) => id.toUpperCase())
    all.push(sql`p.firmware_vulnerabilities && ${sql.param(ids)}::text[]`)
  }
  among(sql`p.maker_id`, filter.maker)
  among(sql`p.brand_id`, filter.brand)
  among(sql`d.device_class`, filter.deviceClass)
  among(
    sql`lower(d.model)`,
    filter.model.map((model) => model.toLowerCase()),
  )
  if (filter.siteId.length > 0) all.push(sql`d.site_id = any (${sql.param(filter.siteId)}::uuid[])`)
  if (filter.state.length > 0) {
    all.push(
      sql`p.jurisdiction_id in (select j.id from jurisdictions j where j.state = any (${sql.param(filter.state)}))`,
    )
  }
  if (filter.needsReview !== undefined) all.push(sql`p.firmware_needs_review = ${filter.needsReview}`)
  if (filter.minScore !== undefined) all.push(sql`p.firmware_score >= ${filter.minScore}`)
  if (filter.dueBy !== undefined) all.push(sql`p.firmware_due_on <= ${filter.dueBy}::date`)
  if (filter.cutOffBy !== undefined) all.push(sql`p.firmware_cut_off_on <= ${filter.cutOffBy}::date`)
  if (filter.treated === true) all.push(sql`${isNamedInTreatment} and ${isTreated(now)}`)
  if (filter.treated === false) all.push(sql`not ${isTreated(now)}`)
  return sql.join(all, sql` and `)
}

export interface WorkItem {
  readonly deviceId: string
  readonly jurisdictionId: string
  readonly assetTag: string | null
  readonly name: string | null
  readonly siteId: string | null
  readonly siteName: string | null
  readonly manufacturer: string | null
  readonly model: string | null
  readonly firmwareVersion: string | null
  readonly maker: string | null
  readonly brand: string | null
  readonly level: PresentedRisk['level']
  readonly score: number
  readonly band: PresentedRisk['band']
  readonly urgency: PresentedRisk['urgency']
  readonly needsReview: boolean
  readonly queue: PresentedRisk['queue']
  readonly since: string
  readonly cutOffOn: string | null
  readonly dueOn: string | null
  /** What to do, most pressing first, in one line. */
  readonly action: string
  /** Where the update comes from; null when the channel is not known. */
  readonly channel: string | null
  readonly fix: PresentedRisk['fix']
  readonly vulnerabilities: PresentedRisk['vulnerabilities']
  readonly possibleVulnerabilities: PresentedRisk['possibleVulnerabilities']
  readonly missingFacts: readonly string[]
  readonly patch: PresentedRisk['patch']
  readonly outlook: PresentedRisk['outlook']
  /** Compensating controls and risk acceptances that count today. */
  readonly treatments: readonly TreatmentInShort[]
}

interface WorkRow extends Record<string, unknown> {
  readonly deviceId: string
  readonly jurisdictionId: string
  readonly profileId: string
  readonly order: string
  /** What stands in the register, as JSON text. */
  readonly doc: string
}

export interface WorkPage {
  /** `WorkItem`s as JSON text. */
  readonly items: readonly string[]
  readonly nextCursor: string | null
}

/** What an item says of the device itself. The rest is said by its profile. */
const DEVICE_PART = {
  deviceId: 'd.id',
  jurisdictionId: 'd.jurisdiction_id',
  assetTag: 'd.asset_tag',
  name: 'd.name',
  siteId: 'd.site_id',
  siteName: 's.name',
  manufacturer: 'd.manufacturer',
  model: 'd.model',
  firmwareVersion: 'd.firmware_version',
  maker: 'p.maker_id',
  brand: 'p.brand_id',
} as const satisfies Partial<Record<keyof WorkItem, string>>

const PROFILE_PART = [
  'level',
  'score',
  'band',
  'urgency',
  'needsReview',
  'queue',
  'since',
  'cutOffOn',
  'dueOn',
  'action',
  'channel',
  'fix',
  'vulnerabilities',
  'possibleVulnerabilities',
  'missingFacts',
  'patch',
  'outlook',
] as const satisfies readonly (keyof WorkItem)[]

const EVERY_FIELD = [...Object.keys(DEVICE_PART), ...PROFILE_PART, 'treatments'] as (keyof WorkItem)[]
const LEFT_OUT: readonly (keyof WorkItem)[] = [
  'brand',
  'band',
  'since',
  'fix',
  'missingFacts',
  'patch',
  'outlook',
]

/** A hundred items stay under 100 kB without the rest. */
export const WORK_FIELDS: Fields<keyof WorkItem> = {
  known: EVERY_FIELD,
  listed: EVERY_FIELD.filter((field) => !LEFT_OUT.includes(field)),
}

/** The id of the device is always there. */
function workDocument(shown: readonly (keyof WorkItem)[]): SQL {
  const columns = Object.entries(DEVICE_PART).filter(
    ([field]) => field === 'deviceId' || shown.includes(field as keyof WorkItem),
  )
  return sql.raw(
    `(select row_to_json(o)::text from (select ${columns
      .map(([field, column]) => `${column} as "${field}"`)
      .join(', ')}) o)`,
  )
}

/** What the position in the work list is made of, beside the device. */
const POSITION = sql`("order" collate "C", "jurisdictionId", "profileId")`

/** Within its queue, whose digit comes first, a treated device comes after all others. */
const AFTER_OTHERS = sql`overlay(p.firmware_order placing 'z' from 3 for 0)`

/**
 * Devices in the order of work. Those in whose treatment all that is open is covered are looked up by themselves, so
 * that the others still come in the order of the index.
 */
async function orderedWork(
  tx: Tx,
  request: { filter: WorkFilter; scope: Scope; at: string[] | null; limit: number; doc: SQL },
  now: Date,
): Promise<WorkRow[]> {
  const { filter, scope, at, limit, doc } = request
  const where = conditionsOf(filter, scope, now)
  const part = (order: SQL, which: SQL, index: SQL) => sql`
    (select d.id, p.jurisdiction_id as "jurisdictionId", p.id as "profileId", ${order} as "order", ${doc} as doc
    from devices d
    join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    left join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
    where ${where}${which}${index}
    order by ${order} collate "C", p.jurisdiction_id, p.id, d.id limit ${limit})`
  const after = (order: SQL) => {
    if (at === null) return sql``
    const [text, jurisdiction, profile, device] = at
    const position = sql`(${order} collate "C", p.jurisdiction_id, p.id)`
    const there = sql`(${text}, ${jurisdiction}::uuid, ${profile}::uuid)`
    // The first part is what the index answers; the second passes over the devices of the same profile.
    return sql` and ${position} >= ${there} and (${position} > ${there} or d.id > ${device}::uuid)`
  }
  const ordered = sql`p.firmware_order`
  const parts = (await hasTreatments(tx, now))
    ? [
        part(ordered, sql` and not ${isTreated(now)}`, after(ordered)),
        part(AFTER_OTHERS, sql` and ${isNamedInTreatment} and ${isTreated(now)}`, after(AFTER_OTHERS)),
      ]
    : [part(ordered, sql``, after(ordered))]
  const { rows } = await tx.execute<WorkRow>(sql`
    select id::text as "deviceId", "jurisdictionId"::text, "profileId"::text, "order", doc
    from (${sql.join(parts, sql` union all `)}) w order by ${POSITION}, id limit ${limit}`)
  return rows
}

/** One page of devices in the order of work. */
export async function workPage(
  tx: Tx,
  scope: Scope,
  request: {
    filter: WorkFilter
    limit: number
    cursor: string | undefined
    question: unknown
    /** Every field unless said. */
    shown?: readonly (keyof WorkItem)[]
  },
  knowledge: Knowledge,
  now: Date,
): Promise<WorkPage> {
  const { filter, limit, cursor, question, shown = EVERY_FIELD } = request
  const at = cursor === undefined ? null : decodeCursor(cursor, question, WORK_PARTS).map(String)
  const doc = workDocument(shown)
  const rows = await orderedWork(tx, { filter, scope, at, limit: limit + 1, doc }, now)
  const page = rows.slice(0, limit)
  const parts = await profileParts(tx, page, shown, knowledge, now)
  const ids = shown.includes('treatments') ? page.map(({ deviceId }) => deviceId) : []
  const treatments = await treatmentsByDevice(tx, ids, now)
  const besides = ({ deviceId }: WorkRow) =>
    ids.length === 0 ? '' : `,"treatments":${JSON.stringify(treatments.get(deviceId) ?? [])}`
  const last = page.at(-1)
  return {
    items: page.map((row) => `${row.doc.slice(0, -1)}${parts.get(profileKey(row))!}${besides(row)}}`),
    nextCursor:
      rows.length > limit && last
        ? encodeCursor([last.order, last.jurisdictionId, last.profileId, last.deviceId], question)
        : null,
  }
}

const WORK_PARTS: readonly CursorPart[] = [TEXT_PART, UUID_PART, UUID_PART, UUID_PART]
const SITE_PARTS: readonly CursorPart[] = [TEXT_PART, UUID_PART, UUID_PART]

const profileKey = (row: { jurisdictionId: string; profileId: string }) =>
  `${row.jurisdictionId}${row.profileId}`

/** What an item says by its profile, as JSON text; each read once, stale ones evaluated now. */
async function profileParts(
  tx: Tx,
  rows: readonly WorkRow[],
  shown: readonly (keyof WorkItem)[],
  knowledge: Knowledge,
  now: Date,
): Promise<Map<string, string>> {
  const wanted = [...new Map(rows.map((row) => [profileKey(row), row])).values()]
  if (wanted.length === 0) return new Map()
  const ofProfiles = (some: readonly { jurisdictionId: string; profileId: string }[]) => sql`
    from profiles p join jurisdictions j on j.id = p.jurisdiction_id
    join unnest(${sql.param(some.map((row) => row.jurisdictionId))}::uuid[], ${sql.param(some.map((row) => row.profileId))}::uuid[]) w(jurisdiction_id, id)
      on w.jurisdiction_id = p.jurisdiction_id and w.id = p.id`
  const { rows: stored } = await tx.execute<{
    jurisdictionId: string
    profileId: string
    risk: string
    channel: string | null
    isStale: boolean
  }>(sql`
    select p.jurisdiction_id::text as "jurisdictionId", p.id::text as "profileId", p.firmware_risk as risk,
      p.facts ->> 'updateChannel' as channel,
      ${staleProfiles(knowledge, now)} as "isStale" ${ofProfiles(wanted)}`)
  const late = stored.filter(({ isStale }) => isStale)
  const parts = new Map(
    stored
      .filter((row) => !late.includes(row))
      .map((row) => [profileKey(row), partOf(JSON.parse(row.risk) as PresentedRisk, row.channel, shown)]),
  )
  if (late.length === 0) return parts
  const contexts = await loadJurisdictions(tx, [...new Set(late.map(({ jurisdictionId }) => jurisdictionId))])
  const { rows: found } = await tx.execute<{
    jurisdictionId: string
    profileId: string
    facts: ScreenedDevice
    queue: WorkQueue | null
    since: PlainDate | null
  }>(sql`
    select p.jurisdiction_id::text as "jurisdictionId", p.id::text as "profileId", p.facts, p.firmware_queue as queue,
      p.firmware_since::text as since ${ofProfiles(late)}`)
  const pause = pacer()
  for (const row of found) {
    await pause()
    const { queue, since } = row
    const earlier = storedPlace(queue, since)
    const { columns } = evaluated(row.facts, contexts.get(row.jurisdictionId)!, knowledge, now, earlier)
    const risk = JSON.parse(columns.firmwareRisk) as PresentedRisk
    parts.set(profileKey(row), partOf(risk, row.facts.updateChannel, shown))
  }
  return parts
}

/** With a comma before it; empty when nothing of it is shown. */
function partOf(
  risk: PresentedRisk,
  updateChannel: string | null,
  shown: readonly (keyof WorkItem)[],
): string {
  const { level, score, band, urgency, needsReview, queue, since, cutOffOn, actions, fix } = risk
  const part = {
    level,
    score,
    band,
    urgency,
    needsReview,
    queue,
    since,
    cutOffOn,
    dueOn: actions.flatMap(({ dueOn }) => dueOn ?? []).toSorted()[0] ?? null,
    action: actions.map(({ text }) => text).join('; '),
    channel: channelOf(fix, updateChannel),
    fix,
    vulnerabilities: risk.vulnerabilities,
    // What was evaluated before there were any has none.
    possibleVulnerabilities: risk.possibleVulnerabilities ?? [],
    missingFacts: risk.missingFacts,
    patch: risk.patch,
    outlook: risk.outlook,
  } satisfies Partial<WorkItem>
  const text = JSON.stringify(pickFields(part, PROFILE_PART, shown)).slice(1, -1)
  return text === '' ? '' : `,${text}`
}

/** Where the update comes from: the fix, if it may be had; a barred source is told in `fix` and is no channel to use. */
function channelOf(fix: PresentedRisk['fix'], updateChannel: string | null): string | null {
  if (fix === null || !fix.isLawful) return updateChannel
  return fix.from === 'held-image' ? 'offline-media' : (fix.channel ?? updateChannel)
}

export interface SiteWork {
  readonly jurisdictionId: string
  readonly siteId: string | null
  readonly siteName: string | null
  readonly devices: number
  /** Devices per queue, of those that need work. */
  readonly queues: Readonly<Record<WorkQueue, number>>
  readonly firstDueOn: string | null
}

const NO_SITE = '00000000-0000-0000-0000-000000000000'

/** Sites with work, the most pressing first. */
export async function sitePage(
  tx: Tx,
  scope: Scope,
  request: { filter: WorkFilter; limit: number; cursor: string | undefined; question: unknown },
  now: Date,
): Promise<{ items: SiteWork[]; nextCursor: string | null }> {
  const { filter, limit, cursor, question } = request
  const counts = sql.raw(
    WORK_QUEUES.map((queue, i) => `count(*) filter (where queue = '${queue}')::int as q${i}`).join(', '),
  )
  const position =
    cursor === undefined
      ? sql`true`
      : (() => {
          const [order, jurisdiction, site] = decodeCursor(cursor, question, SITE_PARTS).map(String)
          return sql`("order" collate "C", "jurisdictionId", site) > (${order}, ${jurisdiction}::uuid, ${site}::uuid)`
        })()
  const { rows } = await tx.execute<
    Record<string, unknown> & {
      jurisdictionId: string
      site: string
      siteName: string | null
      devices: number
      firstDueOn: string | null
      order: string
    }
  >(sql`
    select g.*, s.name as "siteName" from (
      select jurisdiction_id as "jurisdictionId", site, count(*)::int as devices, min("order" collate "C") as "order",
        min(due)::text as "firstDueOn", ${counts}
      from (
        select p.jurisdiction_id, coalesce(d.site_id, ${NO_SITE}::uuid) as site, p.firmware_order as "order",
          p.firmware_queue as queue, p.firmware_due_on as due
        from profiles p join devices d on d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id
        where ${conditionsOf(filter, scope, now)}
      ) w group by 1, 2
    ) g left join sites s on s.jurisdiction_id = g."jurisdictionId" and s.id = g.site
    where ${position}
    order by "order" collate "C", "jurisdictionId", site limit ${limit + 1}`)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => ({
      jurisdictionId: row.jurisdictionId,
      siteId: row.site === NO_SITE ? null : row.site,
      siteName: row.siteName,
      devices: row.devices,
      queues: Object.fromEntries(WORK_QUEUES.map((queue, i) => [queue, row[`q${i}`]])) as Record<
        WorkQueue,
        number
      >,
      firstDueOn: row.firstDueOn,
    })),
    nextCursor:
      rows.length > limit && last
        ? encodeCursor([last.order, last.jurisdictionId, last.site], question)
        : null,
  }
}

/** What to obtain and hash before updates stop, for one model in one jurisdiction. */
export interface DeadlineItem {
  readonly jurisdictionId: string
  readonly maker: string | null
  readonly brand: string | null
  readonly model: string | null
  readonly devices: number
  readonly cutOffOn: string
  /** Last day on which an image can be had. */
  readonly saveBy: string
  readonly channel: string | null
  readonly installedVersions: readonly string[]
  /** The newest release that is on record; null when none is. */
  readonly wanted: {
    readonly firmwareVersion: string
    readonly channel: string | null
    readonly publisher: string | null
    readonly source: string
    /** Whether it may be had today, and what that needs. */
    readonly isLawful: boolean
    readonly needs: readonly string[]
  } | null
  readonly heldImages: readonly {
    readonly id: string
    readonly firmwareVersion: string
    readonly isVerified: boolean
  }[]
  /** No verified image is kept yet. */
  readonly isMissing: boolean
}

/** Models whose updates are known to stop, the earliest cut-off first. */
export async function deadlines(
  tx: Tx,
  scope: Scope,
  filter: { maker: readonly string[]; by?: string | undefined; missing?: boolean | undefined },
  knowledge: Knowledge,
  now: Date,
): Promise<DeadlineItem[]> {
  const limits = [
    sql`p.firmware_cut_off_on is not null`,
    sql`p.device_count > 0`,
    sql`p.facts ->> 'status' not in ('planned', 'decommissioned')`,
    ...(scope === 'all' ? [] : [sql`p.jurisdiction_id = any (${sql.param(scope)}::uuid[])`]),
    ...(filter.maker.length > 0 ? [sql`p.maker_id = any (${sql.param(filter.maker)}::text[])`] : []),
    ...(filter.by === undefined ? [] : [sql`p.firmware_cut_off_on <= ${filter.by}::date`]),
  ]
  const { rows } = await tx.execute<{
    jurisdictionId: string
    maker: string | null
    brand: string | null
    model: string | null
    channel: string | null
    cutOffOn: string
    devices: number
    installedVersions: string[]
    facts: ScreenedDevice
  }>(sql`
    select p.jurisdiction_id::text as "jurisdictionId", p.maker_id as maker, p.brand_id as brand,
      p.facts ->> 'model' as model, p.facts ->> 'updateChannel' as channel,
      p.firmware_cut_off_on::text as "cutOffOn", sum(p.device_count)::int as devices,
      array_agg(distinct coalesce(p.facts ->> 'firmwareVersion', '')) as "installedVersions",
      (array_agg(p.facts order by p.id))[1] as facts
    from profiles p where ${sql.join(limits, sql` and `)}
    group by 1, 2, 3, 4, 5, 6 order by "cutOffOn", devices desc, 1, 2, 4, 5`)
  const contexts = await loadJurisdictions(tx, [...new Set(rows.map(({ jurisdictionId }) => jurisdictionId))])
  const names = catalogueMakers(knowledge.firmware.makers, knowledge.matcher)
  return rows
    .map(({ facts, ...row }): DeadlineItem => {
      const product = { maker: row.maker, model: modelOf(row, names) }
      const context = contexts.get(row.jurisdictionId)!
      const images = matchingReleases(context.firmware.images, product)
      const [wanted] = matchingReleases(knowledge.firmware.releases, product).toSorted((a, b) =>
        (a.releasedOn ?? '') < (b.releasedOn ?? '') ? 1 : -1,
      )
      return {
        ...row,
        saveBy: addDays(row.cutOffOn, -1),
        installedVersions: row.installedVersions.filter((version) => version !== ''),
        wanted: wanted ? wantedOf(wanted, facts, context, knowledge, now) : null,
        heldImages: images.map(({ id, firmwareVersion, isVerified }) => ({
          id,
          firmwareVersion,
          isVerified,
        })),
        isMissing: !images.some(({ isVerified }) => isVerified),
      }
    })
    .filter(({ isMissing }) => filter.missing === undefined || isMissing === filter.missing)
}

/** A release with what taking it needs: it may lie with a party that is barred although the maker is not. */
function wantedOf(
  release: FirmwareRelease,
  facts: ScreenedDevice,
  context: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
): DeadlineItem['wanted'] {
  const question = firmwareQuestion(facts, context.facts, knowledge, context.firmware)
  const { way, isLawful, needs } = releaseAsSource(question, release, dayIn(now, context.timezone))
  const { firmwareVersion, source } = release
  return { firmwareVersion, channel: way.channel, publisher: way.publisher, source, isLawful, needs }
}
