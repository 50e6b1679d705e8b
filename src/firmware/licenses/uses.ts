/** What rests on a license: then it is ended by its status and stays on record. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { License } from '../../firmware-risk/licenses/license.ts'
import { DomainError } from '../../http/problems.ts'

/** Refuse to delete a license that something rests on, as far as the transaction sees. Throws `license-in-use`. */
export async function assertUnused(tx: Tx, id: string): Promise<void> {
  const { rows } = await tx.execute<{
    images: number
    installations: number
    successors: number
    devices: number
    kept: string | null
  }>(sql`
    select
      (select count(*)::int from firmware_releases r where r.doc ->> 'licenseId' = ${id}) as images,
      (select count(*)::int from firmware_installations i where i.license_id = ${id}::uuid) as installations,
      (select i.kept_until::text || ' (' || (i.doc ->> 'keptBecause') || ')' from firmware_installations i
        where i.license_id = ${id}::uuid and i.kept_until is not null order by i.kept_until desc limit 1) as kept,
      (select count(*)::int from licenses l where l.doc ->> 'supersedes' = ${id}) as successors,
      (select coalesce(sum(p.device_count), 0)::int from profiles p
        where p.device_count > 0 and p.firmware_risk like ${`%"licenses":[%"id":"${id}"%`}
          and exists (select 1 from licenses l where l.id = ${id}::uuid and l.status = 'active')) as devices`)
  const { images, installations, successors, devices, kept } = rows[0]!
  const uses = [
    ...recordsUnder(images, installations),
    counted(successors, 'license replaces', 'licenses replace', 'it'),
    counted(devices, 'device is', 'devices are', 'covered by it today'),
  ].filter((text) => text !== null)
  if (uses.length === 0) return
  const record = kept === null ? '' : ` Its record is kept until ${kept}.`
  throw new DomainError(
    'license-in-use',
    `The license is in use: ${uses.join('; ')}. End it instead: set its status to expired or revoked, with statusSince.${record}`,
  )
}

const OF_LAW = ['regime', 'program', 'authority'] as const
type OfLaw = { readonly [K in (typeof OF_LAW)[number]]?: License[K] | undefined }

/**
 * Under which law a license was granted says how long the records of acts under it are kept, so that it stays as it is
 * once there are any, as far as the transaction sees. Throws `license-in-use`.
 */
export async function assertLawStays(tx: Tx, id: string, changes: OfLaw): Promise<void> {
  if (OF_LAW.every((field) => changes[field] === undefined)) return
  const { rows } = await tx.execute<{ doc: OfLaw; images: number; installations: number }>(sql`
    select l.doc,
      (select count(*)::int from firmware_releases r where r.doc ->> 'licenseId' = ${id}) as images,
      (select count(*)::int from firmware_installations i where i.license_id = ${id}::uuid) as installations
    from licenses l where l.id = ${id}::uuid`)
  const { doc, images, installations } = rows[0]!
  const records = recordsUnder(images, installations)
  const isOther = OF_LAW.some((field) => changes[field] !== undefined && changes[field] !== doc[field])
  if (!isOther || records.length === 0) return
  throw new DomainError(
    'license-in-use',
    `Its regime, program and authority stay as they are: ${records.join('; ')}, and how long such records are kept depends on them. Record another license for what is meant.`,
  )
}

function recordsUnder(images: number, installations: number): readonly string[] {
  return [
    counted(images, 'image was', 'images were', 'obtained under it'),
    counted(installations, 'installation was', 'installations were', 'made under it'),
  ].filter((text) => text !== null)
}

function counted(count: number, one: string, several: string, what: string): string | null {
  if (count === 0) return null
  return `${count} ${count === 1 ? one : several} ${what}`
}
