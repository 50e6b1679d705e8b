/** Use cases of the register: a device is registered, revised, removed. Load, decide, save. */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { devices } from '../db/schema.ts'
import { DEVICE_COLUMNS, type DeviceField, deviceDocument } from '../device/columns.ts'
import type { DeviceChange, DeviceRecord, DeviceWrite } from '../device/schemas.ts'
import type { WorkQueue } from '../firmware-risk/risk.ts'
import { assertMatch } from '../http/etag.ts'
import { DomainError, type FieldProblem, notFound } from '../http/problems.ts'
import { formatMac, parseMac } from '../identification/mac.ts'
import { TELLING_FIELDS } from '../intake/fields.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { uuidv7 } from '../lib/ids.ts'
import { type JurisdictionContext, loadJurisdiction } from '../screening/context.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { SCREENED_FIELDS } from '../screening/profile.ts'
import { countDevices, ensureProfiles, holdProfile, profileOf } from '../screening/profiles.ts'
import { type Screening, screen } from '../screening/screen.ts'
import { type Actor, record } from '../tenancy/audit.ts'
import { screenedText } from './present.ts'
import { type AsOf, lastInstant, lawDay } from './queries/as-of.ts'
import { WHOLE_DEVICE } from './shape.ts'

export type DeviceFields = Pick<DeviceRecord, DeviceField>

const FIELDS = Object.keys(DEVICE_COLUMNS) as DeviceField[]

/** A device nothing is known of. */
export const BLANK_DEVICE: DeviceFields = Object.freeze({
  ...(Object.fromEntries(FIELDS.map((field) => [field, null])) as unknown as DeviceFields),
  status: 'active',
})

/** Fields that depend on each other, checked together. Throws `invalid-request` naming all of them. */
export function checkDevice(fields: DeviceFields): DeviceFields {
  const errors: FieldProblem[] = []
  let { macAddress } = fields
  if (macAddress !== null) {
    const parsed = parseMac(macAddress)
    if (parsed === null) {
      errors.push({ pointer: '/macAddress', code: 'not-a-mac', message: 'must have 12 hex digits' })
    } else macAddress = formatMac(parsed)
  }
  if (fields.acquisitionCostCents !== null && fields.currency === null) {
    errors.push({
      pointer: '/currency',
      code: 'required',
      message: 'is required beside acquisitionCostCents',
    })
  }
  if ((fields.latitude === null) !== (fields.longitude === null)) {
    const pointer = fields.latitude === null ? '/latitude' : '/longitude'
    errors.push({ pointer, code: 'required', message: 'latitude and longitude go together' })
  }
  if (errors.length > 0) throw new DomainError('invalid-request', 'The device cannot be stored.', { errors })
  return { ...fields, macAddress }
}

/** A device as it is told: JSON text with everything found out about it, its version and a stamp of both. */
export interface ToldDevice {
  readonly id: string
  readonly version: number
  readonly text: string
  readonly stamp: string
}

/** A device and where its profile stands in the work list. */
interface StoredDevice extends Record<string, unknown> {
  readonly doc: string
  readonly queue: WorkQueue | null
  readonly since: string | null
}

const storedDevice = sql`${deviceDocument} as doc, p.firmware_queue as queue, p.firmware_since::text as since
  from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id`

function tell(
  { doc, queue, since }: StoredDevice,
  jurisdiction: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
): ToldDevice {
  const device = JSON.parse(doc) as DeviceRecord
  const today = dayIn(now, jurisdiction.timezone)
  const earlier = queue === null || since === null ? null : { queue, since }
  const screening = screen(device, jurisdiction.facts, knowledge, today, jurisdiction.firmware, earlier)
  return {
    id: device.id,
    version: device.version,
    text: screenedText(doc, screening, WHOLE_DEVICE),
    stamp: `${knowledge.version}.${jurisdiction.version}.${knowledge.firmware.version}.${jurisdiction.firmware.revision}.${today}`,
  }
}

/** Register one device. Throws `asset-tag-taken`, `invalid-request`. A restricted maker is no error. */
export async function registerDevice(
  tx: Tx,
  jurisdictionId: string,
  wish: DeviceWrite,
  knowledge: Knowledge,
  actor: Actor,
  now: Date,
): Promise<ToldDevice> {
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const fields = checkDevice(merge(BLANK_DEVICE, wish))
  if (TELLING_FIELDS.every((field) => fields[field] === null)) {
    throw new DomainError('invalid-request', 'Nothing is said that tells this device from any other.', {
      errors: [{ pointer: '', code: 'says-nothing', message: `give one of ${TELLING_FIELDS.join(', ')}` }],
    })
  }
  const profile = profileOf(fields, knowledge)
  await ensureProfiles(tx, [profile], jurisdiction, knowledge, now)
  const id = uuidv7(now.getTime())
  const at = now.toISOString()
  await tx
    .insert(devices)
    .values({ jurisdictionId, id, ...fields, profileId: profile.id, createdAt: at, updatedAt: at })
  await countDevices(tx, jurisdictionId, new Map([[profile.id, 1]]))
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.create',
    target: id,
    detail: compact(fields),
  })
  const doc = await deviceDoc(tx, jurisdictionId, id)
  return tell(doc!, jurisdiction, knowledge, now)
}

/**
 * Change fields of one device. What it was is kept in its history.
 * Throws `not-found`, `precondition-failed`, `asset-tag-taken`, `invalid-request`.
 * A change that changes nothing leaves the version as it is.
 */
export async function reviseDevice(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  change: DeviceChange,
  ifMatch: string | undefined,
  knowledge: Knowledge,
  actor: Actor,
  now: Date,
): Promise<ToldDevice> {
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const current = await lockDevice(tx, jurisdictionId, id)
  assertMatch(ifMatch, current.version)
  const before = pickFields(current)
  const fields = checkDevice(merge(before, change))
  const changed = FIELDS.filter((field) => fields[field] !== before[field])
  if (changed.length > 0) {
    await keepVersion(tx, jurisdictionId, id, changed, actor, now)
    let { profileId } = current
    if (changed.some((field) => SCREENED_FIELDS.has(field))) {
      const profile = profileOf(fields, knowledge)
      if (profile.id !== profileId) {
        // Held before an answer is, as re-screening does.
        await holdProfile(tx, jurisdictionId, profileId)
        await ensureProfiles(tx, [profile], jurisdiction, knowledge, now)
        await countDevices(
          tx,
          jurisdictionId,
          new Map([
            [profile.id, 1],
            [profileId, -1],
          ]),
        )
        profileId = profile.id
      }
    }
    await tx
      .update(devices)
      .set({
        ...Object.fromEntries(changed.map((field) => [field, fields[field]])),
        profileId,
        version: current.version + 1,
        updatedAt: now.toISOString(),
      })
      .where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
    await record(tx, jurisdictionId, actor, now, {
      action: 'device.change',
      target: id,
      detail: {
        before: Object.fromEntries(changed.map((field) => [field, before[field]])),
        after: Object.fromEntries(changed.map((field) => [field, fields[field]])),
      },
    })
  } else if (actor.role === 'admin') {
    // What changed nothing still gave an operator the device.
    await record(tx, jurisdictionId, actor, now, { action: 'device.read', target: id, detail: {} })
  }
  const doc = await deviceDoc(tx, jurisdictionId, id)
  return tell(doc!, jurisdiction, knowledge, now)
}

/**
 * Give a device the firmware version that was installed (null leaves it). Tells what the record of the installation
 * keeps of the device, for it outlives it. Throws `not-found`.
 */
export async function noteInstalled(
  tx: Tx,
  one: {
    readonly jurisdictionId: string
    readonly deviceId: string
    readonly firmwareVersion: string | null
    readonly knowledge: Knowledge
    readonly actor: Actor
    readonly now: Date
  },
): Promise<{ assetTag: string | null; model: string | null; before: string | null }> {
  const { jurisdictionId, deviceId, firmwareVersion, knowledge, actor, now } = one
  const { assetTag, model, firmwareVersion: before } = await lockDevice(tx, jurisdictionId, deviceId)
  if (firmwareVersion !== null) {
    await reviseDevice(tx, jurisdictionId, deviceId, { firmwareVersion }, undefined, knowledge, actor, now)
  }
  return { assetTag, model, before }
}

/** Take a device off the register; its history stays. Throws `not-found`, `precondition-failed`. */
export async function removeDevice(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  ifMatch: string | undefined,
  actor: Actor,
  now: Date,
): Promise<void> {
  const current = await lockDevice(tx, jurisdictionId, id)
  assertMatch(ifMatch, current.version)
  await keepVersion(tx, jurisdictionId, id, null, actor, now)
  await tx.delete(devices).where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
  await countDevices(tx, jurisdictionId, new Map([[current.profileId, -1]]))
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.delete',
    target: id,
    detail: compact(pickFields(current)),
  })
}

/** The jurisdiction a device stands in, within the transaction's scope. Throws `not-found`. */
export async function jurisdictionOfDevice(tx: Tx, id: string): Promise<string> {
  const [row] = await tx
    .select({ jurisdictionId: devices.jurisdictionId })
    .from(devices)
    .where(eq(devices.id, id))
  if (!row) throw notFound('device')
  return row.jurisdictionId
}

/** One device with everything found out about it. Throws `not-found`. */
export async function tellDevice(tx: Tx, id: string, knowledge: Knowledge, now: Date): Promise<ToldDevice> {
  const { rows } = await tx.execute<StoredDevice & { jurisdictionId: string }>(
    sql`select d.jurisdiction_id as "jurisdictionId", ${storedDevice} where d.id = ${id}::uuid`,
  )
  const row = rows[0]
  if (!row) throw notFound('device')
  return tell(row, await loadJurisdiction(tx, row.jurisdictionId), knowledge, now)
}

/** One device of the register, evaluated now; `asOf` is the day in the zone of its city. Throws `not-found`. */
export async function screenDevice(
  tx: Tx,
  id: string,
  knowledge: Knowledge,
  now: Date,
): Promise<{ screening: Screening; jurisdictionId: string; asOf: PlainDate }> {
  const { rows } = await tx.execute<{
    jurisdictionId: string
    doc: string
    queue: WorkQueue | null
    since: PlainDate | null
  }>(sql`
    select d.jurisdiction_id::text as "jurisdictionId", ${deviceDocument} as doc, p.firmware_queue as queue,
      p.firmware_since::text as since
    from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    where d.id = ${id}::uuid`)
  const row = rows[0]
  if (!row) throw notFound('device')
  const { jurisdictionId, queue, since } = row
  const { facts, firmware, timezone } = await loadJurisdiction(tx, jurisdictionId)
  const device = JSON.parse(row.doc) as DeviceRecord
  const asOf = dayIn(now, timezone)
  const earlier = queue === null || since === null ? null : { queue, since }
  return {
    screening: screen(device, facts, knowledge, asOf, firmware, earlier),
    jurisdictionId,
    asOf,
  }
}

/**
 * One device as it stood at an instant, under the law of that day, as JSON text.
 * Throws `not-found` when it was not on the register then.
 */
export async function tellDeviceAsOf(tx: Tx, id: string, asOf: AsOf, knowledge: Knowledge): Promise<string> {
  const moment = lastInstant(asOf)
  const { rows } = await tx.execute<{ jurisdictionId: string; doc: string }>(sql`
    select d.jurisdiction_id as "jurisdictionId", ${deviceDocument} as doc from devices d
    join jurisdictions j on j.id = d.jurisdiction_id
    where d.id = ${id}::uuid and d.updated_at <= ${moment}
    union all
    select h.jurisdiction_id, h.snapshot::text from device_history h
    join jurisdictions j on j.id = h.jurisdiction_id
    where h.device_id = ${id}::uuid and h.valid_from <= ${moment} and h.valid_to > ${moment}`)
  const row = rows[0]
  if (!row) throw notFound('device')
  const jurisdiction = await loadJurisdiction(tx, row.jurisdictionId)
  const device = JSON.parse(row.doc) as DeviceRecord
  return screenedText(
    row.doc,
    screen(device, jurisdiction.facts, knowledge, lawDay(asOf, jurisdiction.timezone), jurisdiction.firmware),
    WHOLE_DEVICE,
  )
}

async function deviceDoc(tx: Tx, jurisdictionId: string, id: string): Promise<StoredDevice | undefined> {
  const { rows } = await tx.execute<StoredDevice>(
    sql`select ${storedDevice} where d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = ${id}::uuid`,
  )
  return rows[0]
}

async function lockDevice(tx: Tx, jurisdictionId: string, id: string) {
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
  tx: Tx,
  jurisdictionId: string,
  id: string,
  changed: readonly string[] | null,
  actor: Actor,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from,
      valid_to, ended_by, import_id, request_id)
    select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json, ${changed === null ? null : sql.param(changed)}::text[],
      d.updated_at, ${now.toISOString()}::timestamptz, ${actor.id}, d.import_id, ${actor.requestId}
    from devices d where d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = ${id}::uuid`)
}

function pickFields(row: typeof devices.$inferSelect): DeviceFields {
  return Object.fromEntries(FIELDS.map((field) => [field, row[field]])) as unknown as DeviceFields
}

/** The fields of `base` with those of `change` that are given laid over them. */
export function merge(base: DeviceFields, change: Partial<Record<DeviceField, unknown>>): DeviceFields {
  const result: Record<string, unknown> = { ...base }
  for (const field of FIELDS) if (change[field] !== undefined) result[field] = change[field]
  return result as unknown as DeviceFields
}

/** Only what is known, for the audit. */
function compact(fields: DeviceFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
