/** Use cases of the register that answer with a device: it is registered, revised, read. Load, decide, save. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { BLANK_DEVICE, merge } from '../device/blank.ts'
import { deviceDocument } from '../device/columns.ts'
import { checkDevice } from '../device/device.ts'
import type { DeviceChange, DeviceWrite } from '../device/schemas.ts'
import { DomainError, notFound } from '../http/problems.ts'
import { DISTINGUISHING_FIELDS } from '../intake/fields.ts'
import { type JurisdictionContext, loadJurisdiction } from '../screening/context.ts'
import { readDevice, readDeviceOf, type StoredDevice, screenStored } from '../screening/device-reads.ts'
import { addDevice, changeDevice } from '../screening/device-writes.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { screenIn } from '../screening/screen.ts'
import { WHOLE_DEVICE } from '../screening/shape.ts'
import type { Work } from '../screening/work.ts'
import { checkedCustom } from './custom-fields/check.ts'
import { versionOf } from './past-versions.ts'
import { screenedText } from './present.ts'
import { type AsOf, lastInstant, lawDay } from './queries/as-of.ts'

/** A device as it is told: JSON text with everything found out about it, its version and a stamp of both. */
export interface PresentedDevice {
  readonly id: string
  readonly version: number
  readonly text: string
  readonly stamp: string
}

function present(
  stored: StoredDevice,
  jurisdiction: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
): PresentedDevice {
  const { device, screening, asOf } = screenStored(stored, jurisdiction, knowledge, now)
  return {
    id: device.id,
    version: device.version,
    text: screenedText(stored.doc, screening, WHOLE_DEVICE),
    stamp: `${knowledge.version}.${jurisdiction.version}.${knowledge.firmware.version}.${jurisdiction.firmware.revision}.${asOf}`,
  }
}

/** Register one device. Throws `asset-tag-taken`, `invalid-request`. A restricted maker is no error. */
export async function registerDevice(work: Work, wish: DeviceWrite): Promise<PresentedDevice> {
  const { tx, jurisdictionId, knowledge, now } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const fields = checkDevice(merge(BLANK_DEVICE, await checkedCustom(work, wish)))
  if (DISTINGUISHING_FIELDS.every((field) => fields[field] === null)) {
    throw new DomainError('invalid-request', 'No field identifies this device.', {
      errors: [
        { pointer: '', code: 'says-nothing', message: `give one of ${DISTINGUISHING_FIELDS.join(', ')}` },
      ],
    })
  }
  const id = await addDevice(work, jurisdiction, fields)
  return present(await readDeviceOf(tx, jurisdictionId, id), jurisdiction, knowledge, now)
}

/** `changeDevice`, answered with what it then is. */
export async function reviseDevice(
  work: Work,
  id: string,
  change: DeviceChange,
  ifMatch: string | undefined,
): Promise<PresentedDevice> {
  const { tx, jurisdictionId, knowledge, now } = work
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  await changeDevice(work, jurisdiction, id, await checkedCustom(work, change), ifMatch)
  return present(await readDeviceOf(tx, jurisdictionId, id), jurisdiction, knowledge, now)
}

/** One device with everything found out about it. Throws `not-found`. */
export async function presentDevice(
  tx: Tx,
  id: string,
  knowledge: Knowledge,
  now: Date,
): Promise<PresentedDevice> {
  const stored = await readDevice(tx, id)
  return present(stored, await loadJurisdiction(tx, stored.jurisdictionId), knowledge, now)
}

/**
 * One device as it stood at an instant, under the law of that day, as JSON text.
 * Throws `not-found` when it was not on the register then.
 */
export async function presentDeviceAsOf(
  tx: Tx,
  id: string,
  asOf: AsOf,
  knowledge: Knowledge,
): Promise<string> {
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
  const jurisdiction = await loadJurisdiction(tx, row.jurisdictionId, asOf.knownAt)
  const { device, doc } = versionOf(row.doc)
  return screenedText(
    doc,
    screenIn(jurisdiction, device, knowledge, lawDay(asOf, jurisdiction.timezone)),
    WHOLE_DEVICE,
  )
}
