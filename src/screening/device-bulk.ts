/** Many devices of a city changed at once: history, profiles and counts as with one, in a few statements a batch. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { unseen } from '../db/query-hints.ts'
import { devices } from '../db/schema/index.ts'
import type { DeviceFields } from '../device/blank.ts'
import { cameBy, deviceDocument } from '../device/columns.ts'
import { pickFields } from '../device/device.ts'
import { DEVICE_FIELDS, type DeviceField, FIELD_NAMES } from '../device/fields.ts'
import { statementsText } from '../device/statement.ts'
import type { JurisdictionContext } from './context.ts'
import type { ProfileKey } from './profile.ts'
import { countDevices, ensureProfiles, profileOf } from './profiles.ts'
import type { Work } from './work.ts'

const BATCH = 2_000

const SHORT = FIELD_NAMES.map((field, i) => ({ ...DEVICE_FIELDS[field], field, key: `f${i}` }))
const RECORD = SHORT.map(({ type, key }) => `${key} ${type}`).join(', ')
const CHANGES = SHORT.map(({ column, key }) => `${column} = r.${key}`).join(', ')

/** A device as it is stored, locked for the change. */
export interface LockedDevice {
  readonly id: string
  readonly version: number
  readonly profileId: string
  readonly fields: DeviceFields
}

export interface Revised {
  readonly device: LockedDevice
  readonly fields: DeviceFields
  readonly changed: readonly DeviceField[]
}

/** The fields that are others than they were. */
export function changedFields(before: DeviceFields, after: DeviceFields): DeviceField[] {
  return FIELD_NAMES.filter((field) =>
    field === 'statements'
      ? statementsText(before.statements) !== statementsText(after.statements)
      : before[field] !== after[field],
  )
}

/** Those of the ids that are devices of the city, locked in the order of their ids. */
async function lockDevices({ tx, jurisdictionId }: Work, ids: readonly string[]): Promise<LockedDevice[]> {
  const rows = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.jurisdictionId, jurisdictionId), inArray(devices.id, [...ids])))
    .orderBy(asc(devices.id))
    .for('update')
  return rows.map((row) => ({
    id: row.id,
    version: row.version,
    profileId: row.profileId,
    fields: pickFields(row),
  }))
}

/**
 * Revise each of the devices in batches; `revise` gives what a device is to be, the same fields to leave it. Needs the
 * lock on imports: imports and re-screening lock the same rows in orders of their own. Gives what was changed, or would be when it is tried.
 */
export async function reviseDevices(
  work: Work,
  jurisdiction: JurisdictionContext,
  ids: readonly string[],
  revise: (device: LockedDevice) => DeviceFields,
  { isTried = false }: { readonly isTried?: boolean } = {},
): Promise<Revised[]> {
  const all: Revised[] = []
  const sorted = ids.toSorted()
  for (let i = 0; i < sorted.length; i += BATCH) {
    const locked = await lockDevices(work, sorted.slice(i, i + BATCH))
    const revised = locked.flatMap((device): Revised[] => {
      const fields = revise(device)
      const changed = changedFields(device.fields, fields)
      return changed.length === 0 ? [] : [{ device, fields, changed }]
    })
    if (revised.length > 0 && !isTried) await write(work, jurisdiction, revised)
    all.push(...revised)
  }
  return all
}

async function write(
  work: Work,
  jurisdiction: JurisdictionContext,
  revised: readonly Revised[],
): Promise<void> {
  const { tx, jurisdictionId, knowledge, now, actor } = work
  const at = now.toISOString()
  const keys = revised.map(({ fields }) => profileOf(fields, jurisdiction, knowledge))
  await moveProfiles(work, jurisdiction, revised, keys)
  const kept = revised.map(({ device, changed }) => ({ id: device.id, changed }))
  await tx.execute(sql`
    insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from, valid_to,
      ended_by, import_id, request_id, came_by)
    select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json,
      array(select jsonb_array_elements_text(r.changed)), d.updated_at, ${at}::timestamptz, ${actor.id}, d.import_id,
      ${actor.requestId}, ${cameBy}
    from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as r(id uuid, changed jsonb)
    cross join ${unseen(jurisdictionId)} c
    join devices d on d.jurisdiction_id = c.id and d.id = r.id`)
  const rows = revised.map(({ device, fields }, i) => ({
    ...recordOf(fields),
    id: device.id,
    profile_id: keys[i]!.id,
  }))
  await tx.execute(sql`
    update devices d set ${sql.raw(CHANGES)}, profile_id = r.profile_id, version = d.version + 1,
      updated_at = ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, ${sql.raw(RECORD)}, profile_id uuid),
      ${unseen(jurisdictionId)} c
    where d.jurisdiction_id = c.id and d.id = r.id`)
}

/** Profiles found or made, and devices counted in them. */
async function moveProfiles(
  { tx, jurisdictionId, knowledge, now }: Work,
  jurisdiction: JurisdictionContext,
  revised: readonly Revised[],
  keys: readonly ProfileKey[],
): Promise<void> {
  const counts = new Map<string, number>()
  const count = (id: string, by: number) => counts.set(id, (counts.get(id) ?? 0) + by)
  for (const [i, { device }] of revised.entries()) {
    if (keys[i]!.id === device.profileId) continue
    count(keys[i]!.id, 1)
    count(device.profileId, -1)
  }
  await ensureProfiles(tx, keys, jurisdiction, knowledge, now)
  await countDevices(tx, jurisdictionId, counts, knowledge)
}

function recordOf(fields: DeviceFields): Record<string, unknown> {
  return Object.fromEntries(
    SHORT.flatMap(({ field, key }) => (fields[field] === null ? [] : [[key, fields[field]]])),
  )
}
