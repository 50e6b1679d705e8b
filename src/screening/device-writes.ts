/** A device is put on the register, changed, taken off: with its history, its profile, the counts and the audit. */
import { and, eq, sql } from 'drizzle-orm'
import { shareStatements } from '../db/locks.ts'
import { devices } from '../db/schema/index.ts'
import { type DeviceFields, merge } from '../device/blank.ts'
import { cameBy, deviceDocument } from '../device/columns.ts'
import { checkDevice, compact, pickFields } from '../device/device.ts'
import type { DeviceChange } from '../device/schemas.ts'
import { assertMatch } from '../http/etag.ts'
import { notFound } from '../http/problems.ts'
import { uuidv7 } from '../lib/ids.ts'
import { record } from '../tenancy/audit.ts'
import type { JurisdictionContext } from './context.ts'
import { changedFields } from './device-bulk.ts'
import { noteLawOfWriter } from './late-writers.ts'
import { SCREENED_FIELDS } from './profile.ts'
import { countDevices, ensureProfiles, holdProfile, profileOf } from './profiles.ts'
import { standingFor } from './standing-statements.ts'
import type { Work } from './work.ts'

/** Put a device on the register. Gives its id. Throws `asset-tag-taken`. */
export async function addDevice(
  { tx, jurisdictionId, knowledge, actor, now }: Work,
  jurisdiction: JurisdictionContext,
  given: DeviceFields,
): Promise<string> {
  await shareStatements(tx, jurisdictionId)
  const fields = (await standingFor(tx, jurisdictionId, null, given)).on(null, given)
  const profile = profileOf(fields, jurisdiction, knowledge)
  await ensureProfiles(tx, [profile], jurisdiction, knowledge, now)
  const id = uuidv7(now.getTime())
  const at = now.toISOString()
  await tx
    .insert(devices)
    .values({ jurisdictionId, id, ...fields, profileId: profile.id, createdAt: at, updatedAt: at })
  await countDevices(tx, jurisdictionId, new Map([[profile.id, 1]]), knowledge)
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.create',
    target: id,
    detail: compact(fields),
  })
  return id
}

/**
 * Change fields of one device. What it was is kept in its history.
 * Throws `not-found`, `precondition-failed`, `asset-tag-taken`, `invalid-request`.
 * A change that changes nothing leaves the version as it is.
 */
export async function changeDevice(
  work: Work,
  jurisdiction: JurisdictionContext,
  id: string,
  change: DeviceChange,
  ifMatch?: string,
): Promise<void> {
  const { tx, jurisdictionId, actor, now } = work
  const current = await lockDevice(work, id)
  assertMatch(ifMatch, current.version)
  const before = pickFields(current)
  const fields = await withStatements(work, id, before, checkDevice(merge(before, change)))
  const changed = changedFields(before, fields)
  if (changed.length === 0) {
    // What changed nothing still gave an operator the device.
    if (actor.role === 'admin') {
      await record(tx, jurisdictionId, actor, now, { action: 'device.read', target: id, detail: {} })
    }
    return
  }
  const of = (values: DeviceFields) => Object.fromEntries(changed.map((field) => [field, values[field]]))
  await keepVersion(work, id, changed)
  const profileId = changed.some((field) => SCREENED_FIELDS.has(field))
    ? await moveProfile(work, jurisdiction, current.profileId, fields)
    : current.profileId
  await tx
    .update(devices)
    .set({ ...of(fields), profileId, version: current.version + 1, updatedAt: now.toISOString() })
    .where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.change',
    target: id,
    detail: { before: of(before), after: of(fields) },
  })
}

/** The fields with what is stated of such a device: another name or model may be stated of, or no longer. */
async function withStatements(
  { tx, jurisdictionId }: Work,
  id: string,
  before: DeviceFields,
  fields: DeviceFields,
): Promise<DeviceFields> {
  const changed = changedFields(before, fields)
  if (changed.length === 0) return fields
  await shareStatements(tx, jurisdictionId)
  return (await standingFor(tx, jurisdictionId, id, fields)).on(id, fields)
}

/** Count a device in the profile its fields now belong to. Gives that profile. */
async function moveProfile(
  { tx, jurisdictionId, knowledge, now }: Work,
  jurisdiction: JurisdictionContext,
  from: string,
  fields: DeviceFields,
): Promise<string> {
  await noteLawOfWriter(tx, jurisdictionId, knowledge)
  const profile = profileOf(fields, jurisdiction, knowledge)
  if (profile.id === from) return from
  // Held before an answer is, as re-screening does.
  await holdProfile(tx, jurisdictionId, from)
  await ensureProfiles(tx, [profile], jurisdiction, knowledge, now)
  const moved = new Map([
    [profile.id, 1],
    [from, -1],
  ])
  await countDevices(tx, jurisdictionId, moved, knowledge)
  return profile.id
}

/**
 * Give a device the firmware version that was installed (null leaves it). Gives what the record of the installation
 * keeps of the device, for it outlives it. Throws `not-found`.
 */
export async function noteInstalled(
  work: Work,
  jurisdiction: JurisdictionContext,
  id: string,
  firmwareVersion: string | null,
): Promise<{ assetTag: string | null; model: string | null; before: string | null }> {
  const { assetTag, model, firmwareVersion: before } = await lockDevice(work, id)
  if (firmwareVersion !== null) await changeDevice(work, jurisdiction, id, { firmwareVersion })
  return { assetTag, model, before }
}

/** Take a device off the register; its history stays. Throws `not-found`, `precondition-failed`. */
export async function removeDevice(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const { tx, jurisdictionId, actor, now } = work
  const current = await lockDevice(work, id)
  assertMatch(ifMatch, current.version)
  await keepVersion(work, id, null)
  await tx.delete(devices).where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
  await countDevices(tx, jurisdictionId, new Map([[current.profileId, -1]]), work.knowledge)
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.delete',
    target: id,
    detail: compact(pickFields(current)),
  })
}

async function lockDevice({ tx, jurisdictionId }: Pick<Work, 'tx' | 'jurisdictionId'>, id: string) {
  const [row] = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
    .for('update')
  if (!row) throw notFound('device')
  return row
}

/** Keep the current version as history; null for `changed` means that it is about to be deleted. */
async function keepVersion(
  { tx, jurisdictionId, actor, now }: Work,
  id: string,
  changed: readonly string[] | null,
): Promise<void> {
  await tx.execute(sql`
    insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from,
      valid_to, ended_by, import_id, request_id, came_by)
    select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json, ${changed === null ? null : sql.param(changed)}::text[],
      d.updated_at, ${now.toISOString()}::timestamptz, ${actor.id}, d.import_id, ${actor.requestId},
      ${cameBy}
    from devices d where d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = ${id}::uuid`)
}
