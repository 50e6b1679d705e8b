/** Devices that need a person, grouped by what would settle most of them. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { decodeCursor, encodeCursor, type Page, type PageAsked, UUID_PART } from '../../http/pages.ts'
import type { Identification } from '../../identification/identification.ts'
import { uuidOf } from '../../lib/ids.ts'
import { put } from '../../lib/multimap.ts'
import { subjectOf } from '../../screening/standing-statements.ts'
import { isDecided } from '../queries/found.ts'
import type { ReviewGroup } from './schemas.ts'

interface OpenProfile extends Record<string, unknown> {
  readonly profileId: string
  readonly devices: number
  readonly manufacturer: string | null
  readonly model: string | null
  readonly identification: Identification
}

/** A group, and the profile that stands for it. */
export interface Group extends Omit<ReviewGroup, 'exampleDeviceId' | 'settle'> {
  readonly profileId: string
  /** All that are in it. */
  readonly profileIds: readonly string[]
}

/** The groups of one city, the largest first. What was decided is left out for as long as the decision stands. */
export async function reviewGroups(tx: Tx, jurisdictionId: string): Promise<Group[]> {
  const { rows } = await tx.execute<OpenProfile>(sql`
    select p.id::text as "profileId", p.device_count as devices, p.facts ->> 'manufacturer' as manufacturer,
      p.facts ->> 'model' as model, p.identification
    from profiles p
    where p.jurisdiction_id = ${jurisdictionId}::uuid and p.needs_review and p.device_count > 0`)
  const groups = new Map<string, OpenProfile[]>()
  for (const row of rows) if (!isDecided(row.identification)) put(groups, keyOf(row), row)
  return [...groups]
    .map(([key, profiles]) => groupOf(jurisdictionId, key, profiles))
    .toSorted((a, b) => b.devices - a.devices || (a.id < b.id ? -1 : 1))
}

/** By name and model where there are such; else by the fact that would settle it first. */
function keyOf({ manufacturer, model, identification }: OpenProfile): string {
  const subject = subjectOf({ manufacturer, model })
  if (subject !== null) return `model ${subject}`
  return `fact ${identification.wouldSettle[0] ?? 'statement'} ${(manufacturer ?? '').toLowerCase()}`
}

function groupOf(jurisdictionId: string, key: string, profiles: readonly OpenProfile[]): Group {
  const largest = profiles.reduce((most, one) => (one.devices > most.devices ? one : most))
  const { manufacturer, model, identification, profileId } = largest
  const pieces = profiles.flatMap(({ identification: { evidence } }) => evidence)
  const fell = pieces.filter(({ kind }) => kind === 'fallen-statement').map(({ note }) => note)
  return {
    id: uuidOf(`${jurisdictionId} ${key}`),
    jurisdictionId,
    by: key.startsWith('model ') ? 'model' : 'fact',
    manufacturer,
    model,
    devices: profiles.reduce((sum, { devices }) => sum + devices, 0),
    missing: missingIn(profiles),
    candidates: identification.candidates.map(({ vendor, name, confidence }) => ({
      vendor,
      name,
      confidence,
    })),
    evidence: identification.evidence.map(({ kind, value, pointsTo, note }) => ({
      kind,
      value,
      pointsTo,
      note,
    })),
    fell: [...new Set(fell)],
    profileId,
    profileIds: profiles.map((one) => one.profileId),
  }
}

/** Facts that would settle devices of the group, those of the most devices first. */
function missingIn(profiles: readonly OpenProfile[]): string[] {
  const counts = new Map<string, number>()
  for (const { identification, devices } of profiles) {
    for (const fact of identification.wouldSettle) counts.set(fact, (counts.get(fact) ?? 0) + devices)
  }
  return [...counts].toSorted(([, x], [, y]) => y - x).map(([fact]) => fact)
}

/** A device of each profile. */
export async function examplesOf(
  tx: Tx,
  jurisdictionId: string,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.execute<{ profileId: string; id: string }>(sql`
    select w.id::text as "profileId", d.id::text as id from unnest(${sql.param(profileIds)}::uuid[]) w(id)
    cross join lateral (
      select d.id from devices d where d.jurisdiction_id = ${jurisdictionId}::uuid and d.profile_id = w.id
      order by d.id limit 1) d`)
  return new Map(rows.map(({ profileId, id }) => [profileId, id]))
}

const PLACE = [{ type: 'integer', nullable: false }, UUID_PART] as const

/** A page of groups; those that have grown or shrunk meanwhile may come twice, none that stays is passed over. */
export function groupPage(groups: readonly Group[], { limit, cursor, question }: PageAsked): Page<Group> {
  const [devices, id] = cursor === undefined ? [null, null] : decodeCursor(cursor, question, PLACE)
  const isAfter = (group: Group) =>
    devices == null ||
    group.devices < Number(devices) ||
    (group.devices === Number(devices) && group.id > String(id))
  const rest = groups.filter(isAfter)
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    nextCursor: rest.length > limit && last ? encodeCursor([last.devices, last.id], question) : null,
  }
}
