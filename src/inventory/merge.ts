/**
 * Two devices of the register that are one: the duplicate becomes part of the device that stays. Nothing that was said
 * of it is lost: blanks are filled from it, what contradicts is kept in the notes, where it raises doubt, its versions
 * stay readable, and records go on with the device. Files that still list it find the device.
 */
import { sql } from 'drizzle-orm'
import { ACTIVITIES, type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import { lockImports, shareStatements } from '../db/locks.ts'
import { deviceMerges, devices } from '../db/schema/index.ts'
import { type DeviceFields, merge } from '../device/blank.ts'
import { pickFields } from '../device/device.ts'
import { type DeviceField, FIELD_NAMES } from '../device/fields.ts'
import { assertMatch } from '../http/etag.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { withRemarks } from '../intake/remarks.ts'
import { loadJurisdiction } from '../screening/context.ts'
import { reviseDevices } from '../screening/device-bulk.ts'
import { removeDevice } from '../screening/device-writes.ts'
import { evaluated, profileOf } from '../screening/profiles.ts'
import { allStanding } from '../screening/standing-statements.ts'
import type { Work } from '../screening/work.ts'
import { record } from '../tenancy/audit.ts'
import { moveRecords } from './merged-records.ts'

type Headline = Readonly<Partial<Record<Activity, Outcome>>>
type DeviceRow = typeof devices.$inferSelect

/** What says who made a device or which one it is: where two differ, both are kept. */
const TELLING = [
  'assetTag',
  'manufacturer',
  'model',
  'serialNumber',
  'macAddress',
  'externalId',
  'fccId',
  'name',
  'firmwareVersion',
  'deviceClass',
  'fundingSource',
  'acquiredOn',
] as const satisfies readonly DeviceField[]

/** Throws `not-found` for the one, `invalid-request` for the other, `precondition-failed`. */
export async function mergeDevices(
  work: Work,
  id: string,
  duplicateId: string,
  ifMatch: string | undefined,
): Promise<void> {
  const { tx, jurisdictionId, actor, now } = work
  await lockImports(tx, jurisdictionId)
  await shareStatements(tx, jurisdictionId)
  const { kept, duplicate } = await lockBoth(work, id, duplicateId)
  assertSameParts(kept, duplicate)
  assertMatch(ifMatch, kept.version)
  const moved = await moveRecords(work, id, duplicateId)
  await removeDevice(work, duplicateId, undefined)
  const standing = await allStanding(tx, jurisdictionId)
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const [revised] = await reviseDevices(work, jurisdiction, [id], ({ fields }) =>
    standing.on(id, merge(fields, filled(kept, duplicate))),
  )
  await tx.insert(deviceMerges).values({
    jurisdictionId,
    mergedId: duplicateId,
    intoId: id,
    assetTag: duplicate.assetTag,
    importSource: duplicate.importSource,
    importKey: duplicate.importKey,
    moved: { ...moved, keptId: id, keptVersion: revised === undefined ? null : kept.version },
    createdAt: now.toISOString(),
    createdBy: actor.id,
  })
  const headline = (fields: DeviceFields) =>
    evaluated(profileOf(fields, jurisdiction, work.knowledge).facts, jurisdiction, work.knowledge, now)
      .columns.headline
  const after = headline(revised?.fields ?? pickFields(kept))
  for (const device of [kept, duplicate]) assertNotCleared(headline(pickFields(device)), after)
  await record(tx, jurisdictionId, actor, now, {
    action: 'device.merge',
    target: id,
    detail: { duplicateId, assetTag: duplicate.assetTag },
  })
}

/** Two answers on what is inside: which of them is wrong is for a person to correct. */
function assertSameParts(kept: DeviceRow, duplicate: DeviceRow): void {
  for (const field of ['socMaker', 'coveredComponent'] as const) {
    const [own, other] = [kept[field], duplicate[field]]
    if (own === null || other === null || own === other) continue
    throw wrongDuplicate(
      `has the ${field} ${other}, not ${own}: correct it in one of the two first`,
      'contradicts',
    )
  }
}

/** What one of the two rests on is not forgotten by a merge: where one is barred, the device that stays is not free. */
function assertNotCleared(before: Headline, after: Headline): void {
  for (const activity of ACTIVITIES) {
    const [was, is] = [before[activity]!, after[activity]!]
    if (severity(was) >= severity('review') || severity(is) <= severity('review')) continue
    throw wrongDuplicate(
      `is ${activity} ${was} for one of the two, and would be ${is} for both: correct first what is wrong of them`,
      'would-clear',
    )
  }
}

/** In the order of their ids, so that two merges cannot wait for each other. */
async function lockBoth({ tx, jurisdictionId }: Work, id: string, duplicateId: string) {
  const rows = await tx
    .select()
    .from(devices)
    .where(sql`jurisdiction_id = ${jurisdictionId}::uuid and id in (${id}::uuid, ${duplicateId}::uuid)`)
    .orderBy(devices.id)
    .for('update')
  const kept = rows.find((row) => row.id === id)
  const duplicate = rows.find((row) => row.id === duplicateId)
  if (kept === undefined) throw notFound('device')
  if (id === duplicateId) throw wrongDuplicate('is the device itself')
  if (duplicate === undefined) throw wrongDuplicate('is not a device of this jurisdiction')
  return { kept, duplicate }
}

function wrongDuplicate(message: string, code = 'not-a-duplicate'): DomainError {
  return new DomainError('invalid-request', 'The devices cannot be merged.', {
    errors: [{ pointer: '/duplicateId', code, message }],
  })
}

/** What the device that stays is given of the other. */
function filled(kept: DeviceRow, duplicate: DeviceRow): Partial<Record<DeviceField, unknown>> {
  const [own, other] = [pickFields(kept), pickFields(duplicate)]
  const change: Partial<Record<DeviceField, unknown>> = {}
  for (const field of FIELD_NAMES) {
    // What people state goes with their statements; the city's own fields are filled one by one.
    if (field === 'statements' || field === 'custom') continue
    if (own[field] === null && other[field] !== null) change[field] = other[field]
  }
  // A cost is read with its currency, a position has two halves.
  if (own.acquisitionCostCents !== null) delete change.currency
  else if (change.acquisitionCostCents !== undefined) change.currency = other.currency
  const differing = TELLING.flatMap((field) =>
    own[field] !== null && other[field] !== null && own[field] !== other[field]
      ? [`${field} ${other[field]}`]
      : [],
  )
  const [ownValues, otherValues] = [own.custom ?? {}, other.custom ?? {}]
  const custom = Object.entries(otherValues).filter(([name]) => ownValues[name] === undefined)
  if (custom.length > 0) change.custom = Object.fromEntries(custom)
  for (const [name, value] of Object.entries(otherValues))
    if ((ownValues[name] ?? value) !== value) differing.push(`${name} ${value}`)
  const remarks = [
    ...(differing.length > 0 ? [`Also listed with ${differing.join('; ')}`] : []),
    ...(own.notes !== null && other.notes !== null ? [other.notes] : []),
  ]
  if (remarks.length > 0) change.notes = withRemarks(own.notes ?? other.notes, remarks)
  return change
}
