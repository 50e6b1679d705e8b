/** Firmware that was installed, and what it was installed under; checked and told. */
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { type firmwareInstallations, licences } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/schemas.ts'
import { daysHeld } from '../../firmware-risk/licenses/days.ts'
import type { Licence } from '../../firmware-risk/licenses/license.ts'
import { DomainError } from '../../http/problems.ts'
import { Day, Id, Instant, Sha256, someText, toInstant } from '../../http/schemas.ts'
import { isWithin, type PlainDate } from '../../lib/calendar.ts'
import { licenceOf } from '../licenses/records.ts'

export const InstallationWrite = z
  .strictObject({
    firmwareVersion: someText(200).meta({ description: 'as the maker writes it' }),
    installedOn: Day,
    licenseId: Id.nullable().default(null).meta({ description: 'license it was installed under' }),
    releaseId: Id.nullable().default(null).meta({ description: 'release or kept image that was installed' }),
    channel: z.enum(UPDATE_CHANNELS).nullable().default(null),
    publisher: someText(100).nullable().default(null).meta({ description: 'vendor id' }),
    sha256: Sha256.nullable().default(null),
    note: someText(2000).nullable().default(null),
  })
  .meta({ id: 'NewFirmwareInstallation' })
export type InstallationWrite = z.infer<typeof InstallationWrite>

export const InstallationShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    deviceId: z.string(),
    assetTag: z.string().nullable(),
    model: z.string().nullable(),
    firmwareVersion: z.string(),
    before: z.string().nullable().meta({ description: 'version that was on record before' }),
    installedOn: z.string(),
    license: z
      .object({ id: z.string(), authority: z.string(), number: z.string().nullable(), citation: z.string() })
      .nullable()
      .meta({ description: 'the license it was installed under, as it stood then' }),
    releaseId: z.string().nullable(),
    channel: z.string().nullable(),
    publisher: z.string().nullable(),
    sha256: z.string().nullable(),
    note: z.string().nullable(),
    keptUntil: z
      .string()
      .nullable()
      .meta({ description: 'first day on which it may be deleted; null when no rule asks to keep it' }),
    keptBecause: z.string().nullable().meta({ description: 'the rule that asks to keep it' }),
    createdAt: Instant,
  })
  .meta({ id: 'FirmwareInstallation' })

export interface InstallationDoc extends Omit<InstallationWrite, 'licenseId' | 'installedOn'> {
  readonly assetTag: string | null
  readonly model: string | null
  readonly before: string | null
  readonly license: { id: string; authority: string; number: string | null; citation: string } | null
  readonly keptBecause: string | null
}

export function toInstallation(row: typeof firmwareInstallations.$inferSelect) {
  return {
    ...(row.doc as InstallationDoc),
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    deviceId: row.deviceId,
    installedOn: row.installedOn,
    keptUntil: row.keptUntil,
    createdAt: toInstant(row.createdAt),
  }
}

/** A license the transaction sees, in force on the day. Throws `invalid-request` at the pointer. */
export async function licenceInForce(
  tx: Tx,
  id: string,
  day: PlainDate | null,
  pointer: string,
  /** Of the city whose day it is. */
  timezone: string | undefined,
): Promise<Licence> {
  const [row] = await tx.select().from(licences).where(eq(licences.id, id))
  const refuse = (code: string, message: string) =>
    new DomainError('invalid-request', 'The record cannot be stored.', {
      errors: [{ pointer, code, message }],
    })
  if (!row) throw refuse('unknown-licence', 'is not a license on record')
  const licence = licenceOf(row)
  if (day === null || !isWithin(daysHeld(licence, timezone ?? licence.window.timezone), day)) {
    throw refuse('not-in-force', `was not in force on ${day ?? 'a day that is not recorded'}`)
  }
  return licence
}

export function retained(until: PlainDate, citation: string): DomainError {
  return new DomainError(
    'record-retained',
    `It is the record of an act under a license and is kept until ${until} (${citation}).`,
  )
}
