/**
 * Filters on what belongs to a device and stands in other tables: the name of its site, its recorder, its documents. As
 * conditions on `devices d`, and for devices of a past day as sets that are read beside them.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import type { DeviceRecord } from '../../device/schemas.ts'
import { isUuid } from '../../lib/ids.ts'
import { folded, lowered } from '../../lib/letters.ts'
import { type AsOf, lastInstant } from './as-of.ts'
import type { DeviceFilter } from './device-filter.ts'

/** A site of the same city whose name is one of these, in small letters, or holds one of them. */
function atSite(names: readonly string[], parts: readonly string[]): SQL {
  const which =
    parts.length === 0
      ? sql`lower(s.name) = any (${sql.param(names)}::text[])`
      : sql`exists (select from unnest(${sql.param(parts)}::text[]) part where strpos(lower(s.name), part) > 0)`
  return sql`(d.jurisdiction_id, d.site_id) in (select s.jurisdiction_id, s.id from sites s where ${which})`
}

const HAS_DOCUMENTS = sql.raw(`exists (select from documents o where o.jurisdiction_id = d.jurisdiction_id
  and o.owner_kind = 'device' and o.owner_id = d.id and o.removed_at is null)`)

/** What the recorders that a question names are called, in the form in which texts are compared. */
function namesOfRecorders(values: readonly string[], scope: Scope): SQL {
  const ids = values.map((value) => value.toLowerCase()).filter(isUuid)
  const tags = values.map(folded)
  const within = scope === 'all' ? sql`true` : sql`r.jurisdiction_id = any (${sql.param(scope)}::uuid[])`
  return sql`select r.jurisdiction_id as "jurisdictionId", n.name from devices r
    cross join lateral (values (r.asset_tag_folded), (public.fold_key(r.name)), (public.fold_key(r.host_name)),
      (public.fold_key(r.ip_address))) n(name)
    where ${within} and n.name is not null
      and (r.id = any (${sql.param(ids)}::uuid[]) or r.asset_tag_folded = any (${sql.param(tags)}::text[]))`
}

/** The cameras of a recorder: as they name it, or as a recorder of the register is called. */
function onRecorder(values: readonly string[], scope: Scope): SQL {
  return sql`(lower(d.recorder) = any (${sql.param(values.map(lowered))}::text[])
    or (d.jurisdiction_id, public.fold_key(d.recorder)) in (${namesOfRecorders(values, scope)}))`
}

export function linkedConditions(filter: DeviceFilter, scope: Scope): SQL[] {
  const found: SQL[] = []
  if (filter.site.length > 0) found.push(atSite(filter.site.map(lowered), []))
  if (filter.site__not.length > 0) found.push(sql`${atSite(filter.site__not.map(lowered), [])} is not true`)
  if (filter.site__contains.length > 0) found.push(atSite([], filter.site__contains.map(lowered)))
  if (filter.recorder.length > 0) found.push(onRecorder(filter.recorder, scope))
  if (filter.hasDocuments !== undefined)
    found.push(filter.hasDocuments ? HAS_DOCUMENTS : sql`not ${HAS_DOCUMENTS}`)
  return found
}

/** What is read beside devices of a past day to answer these filters. */
export interface Links {
  /** Names of sites in small letters, by id. */
  readonly siteNames: ReadonlyMap<string, string>
  /** City and name of each recorder asked for. */
  readonly recorders: ReadonlySet<string>
  /** Devices with documents. */
  readonly documented: ReadonlySet<string>
}

const recorderKey = (jurisdictionId: string, name: string) => `${jurisdictionId} ${name}`
const asksSite = ({ site, site__not, site__contains }: DeviceFilter) =>
  [site, site__not, site__contains].some((names) => names.length > 0)

const NO_LINKS: Links = { siteNames: new Map(), recorders: new Set(), documented: new Set() }

interface Placed {
  readonly device: Pick<DeviceRecord, 'id' | 'siteId'>
}

/** Links of one batch of devices; nothing is read for a question that asks of none. */
export async function linksOf(
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  filter: DeviceFilter,
  scope: Scope,
  batch: readonly Placed[],
  asOf: AsOf,
): Promise<Links> {
  const isNeeded = asksSite(filter) || filter.recorder.length > 0 || filter.hasDocuments !== undefined
  if (!isNeeded || batch.length === 0) return NO_LINKS
  const devices = batch.map(({ device }) => device)
  return read((tx) => readLinks(tx, filter, scope, devices, asOf))
}

async function readLinks(
  tx: Tx,
  filter: DeviceFilter,
  scope: Scope,
  devices: readonly Placed['device'][],
  asOf: AsOf,
): Promise<Links> {
  const siteNames = new Map<string, string>()
  const recorders = new Set<string>()
  const documented = new Set<string>()
  if (asksSite(filter)) {
    const ids = [...new Set(devices.flatMap(({ siteId }) => siteId ?? []))]
    const { rows } = await tx.execute<{ id: string; name: string }>(
      sql`select s.id::text as id, s.name from sites s where s.id = any (${sql.param(ids)}::uuid[])`,
    )
    for (const { id, name } of rows) siteNames.set(id, lowered(name))
  }
  if (filter.recorder.length > 0) {
    const { rows } = await tx.execute<{ jurisdictionId: string; name: string }>(
      namesOfRecorders(filter.recorder, scope),
    )
    for (const { jurisdictionId, name } of rows) recorders.add(recorderKey(jurisdictionId, name))
  }
  if (filter.hasDocuments !== undefined) {
    const ids = devices.map(({ id }) => id)
    const moment = lastInstant(asOf)
    const { rows } = await tx.execute<{ id: string }>(sql`
      select o.owner_id::text as id from documents o join jurisdictions j on j.id = o.jurisdiction_id
      where o.owner_kind = 'device' and o.owner_id = any (${sql.param(ids)}::uuid[])
        and o.created_at <= ${moment} and (o.removed_at is null or o.removed_at > ${moment})`)
    for (const { id } of rows) documented.add(id)
  }
  return { siteNames, recorders, documented }
}

export function meetsLinks(device: DeviceRecord, filter: DeviceFilter, links: Links): boolean {
  const site = device.siteId === null ? undefined : links.siteNames.get(device.siteId)
  const isAt = (names: readonly string[]) =>
    site !== undefined && names.some((name) => lowered(name) === site)
  const { recorder = null } = device
  return (
    (filter.site.length === 0 || isAt(filter.site)) &&
    (filter.site__not.length === 0 || !isAt(filter.site__not)) &&
    (filter.site__contains.length === 0 ||
      (site !== undefined && filter.site__contains.some((part) => site.includes(lowered(part))))) &&
    (filter.recorder.length === 0 ||
      (recorder !== null &&
        (filter.recorder.some((name) => lowered(name) === lowered(recorder)) ||
          links.recorders.has(recorderKey(device.jurisdictionId, folded(recorder)))))) &&
    (filter.hasDocuments === undefined || links.documented.has(device.id) === filter.hasDocuments)
  )
}
