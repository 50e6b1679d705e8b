/** Firmware that was installed, and what it was installed under; checked and told. */

import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { firmwareInstallations, licenses } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/choices.ts'
import { daysHeld } from '../../firmware-risk/licenses/days.ts'
import type { License } from '../../firmware-risk/licenses/license.ts'
import { keptUntil, retentionOf } from '../../firmware-risk/retention.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { Day, Id, Instant, Sha256, someText, toInstant } from '../../http/schemas.ts'
import { dayIn, isWithin, type PlainDate } from '../../lib/calendar.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { noteInstalled } from '../../screening/device-writes.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Work as ScreeningWork } from '../../screening/work.ts'
import { note } from '../../tenancy/audit.ts'
import { addRow, lockRow, oneRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { licenseOf } from '../licenses/records.ts'
import { ownedPage } from '../owned-records.ts'
import { unknownVendors } from '../vendor-fields.ts'

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

interface InstallationDoc extends Omit<InstallationWrite, 'licenseId' | 'installedOn'> {
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
export async function licenseInForce(
  tx: Tx,
  id: string,
  day: PlainDate | null,
  pointer: string,
  /** Of the city whose day it is. */
  timezone: string | undefined,
): Promise<License> {
  const [row] = await tx.select().from(licenses).where(eq(licenses.id, id))
  const refuse = (code: string, message: string) =>
    new DomainError('invalid-request', 'The record cannot be stored.', {
      errors: [{ pointer, code, message }],
    })
  if (!row) throw refuse('unknown-license', 'is not a license on record')
  const license = licenseOf(row)
  if (day === null || !isWithin(daysHeld(license, timezone ?? license.window.timezone), day)) {
    throw refuse('not-in-force', `was not in force on ${day ?? 'a day that is not recorded'}`)
  }
  return license
}

export function retained(until: PlainDate, citation: string): DomainError {
  return new DomainError(
    'record-retained',
    `It is the record of an act under a license and is kept until ${until} (${citation}).`,
  )
}

export interface InstallationFilter {
  readonly deviceId: readonly string[]
  readonly licenseId: readonly string[]
}

export function installationPage(
  tx: Tx,
  { question: { deviceId, licenseId } }: { readonly question: InstallationFilter },
  page: PageAsked,
) {
  const where = [
    deviceId.length > 0 ? sql`device_id = any (${sql.param(deviceId)}::uuid[])` : undefined,
    licenseId.length > 0 ? sql`license_id = any (${sql.param(licenseId)}::uuid[])` : undefined,
  ]
  return ownedPage(tx, firmwareInstallations, where, page, toInstallation)
}

function checkInstallation(wish: InstallationWrite, today: PlainDate, knowledge: Knowledge): void {
  const errors: FieldProblem[] = []
  if (wish.installedOn > today) {
    errors.push({ pointer: '/installedOn', code: 'in-the-future', message: 'must not be after today' })
  }
  errors.push(...unknownVendors([['/publisher', wish.publisher]], knowledge))
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The installation cannot be stored.', { errors })
  }
}

/**
 * Record what was installed; of several installations the one of the latest day gives the version of the device.
 * Throws `not-found`, `invalid-request`.
 */
export async function addInstallation(work: ScreeningWork, deviceId: string, wish: InstallationWrite) {
  const { tx, jurisdictionId, knowledge, now } = work
  const { licenseId, installedOn, ...fields } = wish
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  const { timezone } = jurisdiction
  checkInstallation(wish, dayIn(now, timezone), knowledge)
  const license =
    licenseId === null ? null : await licenseInForce(tx, licenseId, installedOn, '/licenseId', timezone)
  const [{ latest } = { latest: null }] = await tx
    .select({ latest: sql<string | null>`max(installed_on)::text` })
    .from(firmwareInstallations)
    .where(eq(firmwareInstallations.deviceId, deviceId))
  const firmwareVersion = latest !== null && latest > installedOn ? null : fields.firmwareVersion
  const device = await noteInstalled(work, jurisdiction, deviceId, firmwareVersion)
  const doc: InstallationDoc = {
    ...fields,
    ...device,
    license: license && {
      id: license.id,
      authority: license.authority,
      number: license.number,
      citation: license.citation,
    },
    keptBecause: license ? (retentionOf(license.regime)?.citation ?? null) : null,
  }
  const row = await addRow(work, firmwareInstallations, {
    deviceId,
    licenseId: licenseId,
    installedOn,
    keptUntil: license && keptUntil(license.regime, installedOn),
    doc,
  })
  await note(work, {
    action: 'firmware-installation.create',
    target: row.id,
    detail: { deviceId, installedOn, licenseId, firmwareVersion: fields.firmwareVersion },
  })
  return toInstallation(row)
}

/** Throws `not-found`, `record-retained`. */
export async function removeInstallation(work: Work, id: string): Promise<void> {
  const row = await lockRow(work, firmwareInstallations, id, { what: 'installation' })
  const { keptUntil: until, doc } = row
  const { timezone } = await loadJurisdiction(work.tx, work.jurisdictionId)
  if (until !== null && dayIn(work.now, timezone) < until) {
    throw retained(until, (doc as { keptBecause: string }).keptBecause)
  }
  await work.tx.delete(firmwareInstallations).where(oneRow(firmwareInstallations, work, id))
  await note(work, {
    action: 'firmware-installation.delete',
    target: id,
    detail: { before: { ...toInstallation(row) } },
  })
}
