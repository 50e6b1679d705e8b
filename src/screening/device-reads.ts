/** Devices of the register as they are stored, and screened as of now. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { deviceDocument } from '../device/columns.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import { storedPlace, type WorkQueue } from '../firmware-risk/risk.ts'
import { notFound } from '../http/problems.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { type JurisdictionContext, loadJurisdiction } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import { type Screening, screenIn } from './screen.ts'

/** A device and where its profile stands in the work list. */
export interface StoredDevice {
  /** Its stored part as JSON text. */
  readonly doc: string
  readonly jurisdictionId: string
  readonly queue: WorkQueue | null
  readonly since: PlainDate | null
}

/** Throws `not-found`. `which` is a condition on `devices d`. */
async function findDevice(tx: Tx, which: SQL): Promise<StoredDevice> {
  const { rows } = await tx.execute<Record<string, unknown> & StoredDevice>(sql`
    select d.jurisdiction_id::text as "jurisdictionId", ${deviceDocument} as doc, p.firmware_queue as queue,
      p.firmware_since::text as since
    from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id where ${which}`)
  const row = rows[0]
  if (!row) throw notFound('device')
  return row
}

/** A device of any jurisdiction in the transaction's scope. Throws `not-found`. */
export async function readDevice(tx: Tx, id: string): Promise<StoredDevice> {
  return findDevice(tx, sql`d.id = ${id}::uuid`)
}

/** A device of one jurisdiction. Throws `not-found`. */
export async function readDeviceOf(tx: Tx, jurisdictionId: string, id: string): Promise<StoredDevice> {
  return findDevice(tx, sql`d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = ${id}::uuid`)
}

export interface ScreenedStored {
  readonly device: DeviceRecord
  readonly screening: Screening
  /** The day it was screened as of, in the zone of its city. */
  readonly asOf: PlainDate
}

/** A stored device, screened as of today. */
export function screenStored(
  { doc, queue, since }: StoredDevice,
  city: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
): ScreenedStored {
  const device = JSON.parse(doc) as DeviceRecord
  const asOf = dayIn(now, city.timezone)
  const earlier = storedPlace(queue, since)
  return { device, screening: screenIn(city, device, knowledge, asOf, earlier), asOf }
}

/** One device of the register, evaluated now. Throws `not-found`. */
export async function screenDevice(
  tx: Tx,
  id: string,
  knowledge: Knowledge,
  now: Date,
): Promise<ScreenedStored & { readonly jurisdictionId: string }> {
  const stored = await readDevice(tx, id)
  const { jurisdictionId } = stored
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  return { ...screenStored(stored, jurisdiction, knowledge, now), jurisdictionId }
}
