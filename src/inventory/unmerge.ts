/**
 * A merge taken back: the duplicate is on the register again as it was, the device that stayed gets back what the merge
 * changed of it, and records go back to the device that they were made of. What was changed since is left as it is, and
 * named. History stays: the merge and its undoing are both in the audit trail and in the versions of the two.
 */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { lockImports, shareStatements } from '../db/locks.ts'
import { type CameBy, deviceMerges, devices } from '../db/schema/index.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../device/blank.ts'
import { pickFields } from '../device/device.ts'
import { type DeviceField, FIELD_NAMES } from '../device/fields.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import { assertMatch } from '../http/etag.ts'
import { notFound } from '../http/problems.ts'
import { type JurisdictionContext, loadJurisdiction } from '../screening/context.ts'
import { reviseDevices } from '../screening/device-bulk.ts'
import { countDevices, ensureProfiles, profileOf } from '../screening/profiles.ts'
import { allStanding } from '../screening/standing-statements.ts'
import type { Work } from '../screening/work.ts'
import { record } from '../tenancy/audit.ts'
import { moveRecordsBack } from './merged-records.ts'

type MergeRow = typeof deviceMerges.$inferSelect

interface Left {
  /** A field of the device that stayed, or a kind of record. */
  readonly what: string
  readonly reason: string
}

export interface Unmerged {
  readonly id: string
  readonly duplicateId: string
  /** Fields of the device that stayed that are again as they were. */
  readonly restored: readonly string[]
  readonly left: readonly Left[]
}

/** Throws `not-found`, `precondition-failed`, `asset-tag-taken`. */
export async function unmergeDevices(
  work: Work,
  id: string,
  duplicateId: string,
  ifMatch: string | undefined,
): Promise<Unmerged> {
  const { tx, jurisdictionId, actor, now } = work
  await lockImports(tx, jurisdictionId)
  await shareStatements(tx, jurisdictionId)
  const kept = await lockKept(work, id)
  const row = await lockMerge(work, id, duplicateId)
  assertMatch(ifMatch, kept.version)
  const { change, left: fieldsLeft } = await fieldsBefore(work, pickFields(kept), id, row)
  await tx
    .delete(deviceMerges)
    .where(and(eq(deviceMerges.jurisdictionId, jurisdictionId), eq(deviceMerges.mergedId, duplicateId)))
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  // First the one that stays: it may have been given the asset tag of the other.
  await reviseDevices(work, jurisdiction, [id], ({ fields }) => merge(fields, change))
  const { left: deviceLeft } = await bringBack(work, jurisdiction, duplicateId, row)
  const moved = row.moved === null ? [] : await moveRecordsBack(work, id, duplicateId, row.moved)
  const standing = await allStanding(tx, jurisdictionId)
  await reviseDevices(work, jurisdiction, [id, duplicateId], (device) =>
    standing.on(device.id, device.fields),
  )
  const left = [
    ...fieldsLeft,
    ...deviceLeft,
    ...moved.map(({ what, count }) => ({ what, reason: `${count} moved by the merge are no longer there` })),
    ...(row.moved === null
      ? [{ what: 'records', reason: 'it was not kept which of them the merge had moved; they stay' }]
      : []),
  ]
  const restored = Object.keys(change)
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.unmerge',
    target: id,
    detail: { duplicateId, assetTag: row.assetTag, restored, left: left.length },
  })
  return { id, duplicateId, restored, left }
}

async function lockKept({ tx, jurisdictionId }: Work, id: string) {
  const [row] = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.jurisdictionId, jurisdictionId), eq(devices.id, id)))
    .for('update')
  if (!row) throw notFound('device')
  return row
}

async function lockMerge({ tx, jurisdictionId }: Work, id: string, duplicateId: string): Promise<MergeRow> {
  const [row] = await tx
    .select()
    .from(deviceMerges)
    .where(
      and(
        eq(deviceMerges.jurisdictionId, jurisdictionId),
        eq(deviceMerges.mergedId, duplicateId),
        eq(deviceMerges.intoId, id),
      ),
    )
  if (!row) throw notFound('merge')
  return row
}

/** What the merge changed of the device that stayed, as it was, but for what somebody has changed since. */
async function fieldsBefore(
  work: Work,
  current: DeviceFields,
  id: string,
  row: MergeRow,
): Promise<{ change: Partial<Record<DeviceField, unknown>>; left: Left[] }> {
  const change: Partial<Record<DeviceField, unknown>> = {}
  const left: Left[] = []
  // The version kept is one of another device; of this one it may be what somebody has corrected since.
  if (row.moved !== null && row.moved.keptId !== id) {
    const reason = 'it became part of a device that became part of this one; undo that merge too'
    return { change, left: [{ what: 'fields', reason }] }
  }
  const version = row.moved === null ? await versionEndedBy(work, id, row) : row.moved.keptVersion
  const before = version === null ? null : await fieldsOf(work, id, version)
  if (version === null || before === null) return { change, left }
  const merged = (await fieldsOf(work, id, version + 1)) ?? current
  for (const field of FIELD_NAMES) {
    // Statements follow from those that stand.
    if (field === 'statements' || isSame(before[field], merged[field])) continue
    if (isSame(merged[field], current[field])) change[field] = before[field]
    else left.push({ what: field, reason: 'was changed since the merge' })
  }
  if (typeof change.siteId === 'string' && !(await hasSite(work, change.siteId))) {
    delete change.siteId
    left.push({ what: 'siteId', reason: 'the site is gone' })
  }
  return { change, left }
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Of merges that do not keep it: the version that ended with them. */
async function versionEndedBy(
  { tx, jurisdictionId }: Work,
  id: string,
  row: MergeRow,
): Promise<number | null> {
  const { rows } = await tx.execute<{ version: number }>(sql`
    select version from device_history where jurisdiction_id = ${jurisdictionId}::uuid and device_id = ${id}::uuid
      and valid_to = ${row.createdAt}::timestamptz order by version desc limit 1`)
  return rows[0]?.version ?? null
}

async function fieldsOf(
  { tx, jurisdictionId }: Work,
  id: string,
  version: number,
): Promise<DeviceFields | null> {
  const { rows } = await tx.execute<{ doc: string }>(sql`
    select snapshot::text as doc from device_history
    where jurisdiction_id = ${jurisdictionId}::uuid and device_id = ${id}::uuid and version = ${version}`)
  const [row] = rows
  return row === undefined ? null : merge(BLANK_DEVICE, JSON.parse(row.doc) as DeviceRecord)
}

async function hasSite(
  { tx, jurisdictionId }: Pick<Work, 'tx' | 'jurisdictionId'>,
  id: string,
): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select 1 from sites where jurisdiction_id = ${jurisdictionId}::uuid and id = ${id}::uuid`,
  )
  return rows.length > 0
}

/** Put the duplicate on the register again, under its own id, as the version after the one that the merge ended. */
async function bringBack(
  work: Work,
  jurisdiction: JurisdictionContext,
  id: string,
  row: MergeRow,
): Promise<{ left: Left[] }> {
  const { tx, jurisdictionId, knowledge, now } = work
  const { rows } = await tx.execute<{ doc: string; version: number; cameBy: CameBy | null }>(sql`
    select snapshot::text as doc, version, came_by as "cameBy" from device_history
    where jurisdiction_id = ${jurisdictionId}::uuid and device_id = ${id}::uuid and changed_fields is null
    order by version desc limit 1`)
  const [last] = rows
  if (last === undefined) throw notFound('merge')
  const was = JSON.parse(last.doc) as DeviceRecord
  const left: Left[] = []
  const fields: DeviceFields = { ...merge(BLANK_DEVICE, was), statements: null }
  if (fields.siteId !== null && !(await hasSite(work, fields.siteId))) {
    left.push({ what: 'siteId of the duplicate', reason: 'the site is gone' })
    fields.siteId = null
  }
  const profile = profileOf(fields, jurisdiction, knowledge)
  await ensureProfiles(tx, [profile], jurisdiction, knowledge, now)
  const key = await freeKey(tx, jurisdictionId, row)
  await tx.insert(devices).values({
    jurisdictionId,
    id,
    ...fields,
    ...key,
    importId: last.cameBy?.importId ?? null,
    profileId: profile.id,
    version: last.version + 1,
    createdAt: was.createdAt,
    updatedAt: now.toISOString(),
  })
  await countDevices(tx, jurisdictionId, new Map([[profile.id, 1]]), knowledge)
  return { left }
}

/** By what rows of files call it, unless they call another so by now. */
async function freeKey(tx: Tx, jurisdictionId: string, { importSource, importKey }: MergeRow) {
  if (importKey === null) return { importSource, importKey }
  const { rows } = await tx.execute(sql`select 1 from devices where jurisdiction_id = ${jurisdictionId}::uuid
    and import_source = ${importSource} and import_key = ${importKey}`)
  return rows.length > 0 ? { importSource: null, importKey: null } : { importSource, importKey }
}
