/** What is known of firmware, read from the database: for everybody, for one jurisdiction, and what has changed since. */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { firmwareReleases, licenses as licenseTable } from '../db/schema/index.ts'
import { type Advisory, mergingAdvisories } from '../firmware-risk/advisories.ts'
import { buildingFirmwareKnowledge, type FirmwareKnowledge } from '../firmware-risk/knowledge.ts'
import type { License, LicenseApplication } from '../firmware-risk/licenses/license.ts'
import type { FirmwareRelease } from '../firmware-risk/release.ts'
import type { SupportPeriods } from '../firmware-risk/support-periods.ts'
import type { Weights } from '../firmware-risk/weights.ts'
import { withPauses } from '../lib/pacing.ts'

/** Model prefixes as `firmware_reference` holds them. */
export interface StoredPrefixes {
  readonly version: string
  readonly prefixes: Readonly<Record<string, readonly string[]>>
}

/** Everything that is shared, in the operator's transaction. */
export async function readFirmware(tx: Tx): Promise<FirmwareKnowledge> {
  const version = await firmwareVersion(tx)
  const { rows: statements } = await tx.execute<{ doc: Advisory }>(sql`select doc from advisories`)
  const { rows: reference } = await tx.execute<{ id: string; doc: unknown }>(
    sql`select id, doc from firmware_reference`,
  )
  const held = await tx.select({ id: licenseTable.id, doc: licenseTable.doc }).from(licenseTable)
  const releases = await tx
    .select({ id: firmwareReleases.id, doc: firmwareReleases.doc })
    .from(firmwareReleases)
  const docs = new Map(reference.map(({ id, doc }) => [id, doc]))
  const advisories = await withPauses(mergingAdvisories([statements.map(({ doc }) => doc)]))
  const building = buildingFirmwareKnowledge({
    version,
    advisories,
    periods: (docs.get('support-periods') as SupportPeriods).periods,
    weights: docs.get('weights') as Weights,
    licenses: held.map(({ id, doc }) => ({ ...(doc as Omit<License, 'id'>), id })),
    releases: releases.map(({ id, doc }) => ({ ...(doc as Omit<FirmwareRelease, 'id'>), id })),
    makers: new Map((docs.get('makers') ?? []) as [string, string][]),
    modelPrefixes: new Map(
      Object.entries((docs.get('model-prefixes') as StoredPrefixes | undefined)?.prefixes ?? {}),
    ),
  })
  return withPauses(building)
}

/** The version in force in the database; 0 when nothing was ever loaded. */
export async function firmwareVersion(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ version: number }>(
    sql`select coalesce(max(version), 0)::int as version from firmware_versions`,
  )
  return rows[0]!.version
}

/** Subject of the row that counts a jurisdiction's revisions; its lock makes writers wait for each other. */
export const OWN_COUNTER = ''

/**
 * Condition on `profiles p`: something its firmware risk depends on has changed since. `version` is what the
 * caller knows: a change it has not read yet cannot be brought in by it. Whether anything at all has changed is asked
 * first: of a page of profiles nearly none is looked up by its subjects.
 */
export function firmwareIsStale(version: number): SQL {
  return sql`(p.firmware_version < ${version} and exists (select 1 from firmware_changes c
      where c.version > p.firmware_version and c.version <= ${version} and c.subject = any (p.firmware_subjects))
    or p.firmware_revision < coalesce((select n.revision from firmware_own_changes n
      where n.jurisdiction_id = p.jurisdiction_id and n.subject = ${OWN_COUNTER}), 0)
    and exists (select 1 from firmware_own_changes o where o.jurisdiction_id = p.jurisdiction_id
      and o.revision > p.firmware_revision and o.subject = any (p.firmware_subjects)))`
}

/** What a jurisdiction holds, as one JSON column of `jurisdictions`. */
export const holdingsColumn = sql<StoredHoldings>`json_build_object(
  'licenses', (select coalesce(json_agg(l.doc || jsonb_build_object('id', l.id)), '[]') from licenses l
    where l.jurisdiction_id = jurisdictions.id),
  'applications', (select coalesce(json_agg(a.doc || jsonb_build_object('id', a.id)), '[]')
    from license_applications a where a.jurisdiction_id = jurisdictions.id),
  'images', (select coalesce(json_agg(r.doc || jsonb_build_object('id', r.id)), '[]') from firmware_releases r
    where r.jurisdiction_id = jurisdictions.id),
  'weights', (select w.doc from firmware_weights w where w.jurisdiction_id = jurisdictions.id
    order by w.number desc limit 1),
  'revision', (select coalesce(max(o.revision), 0) from firmware_own_changes o
    where o.jurisdiction_id = jurisdictions.id and o.subject = ${OWN_COUNTER}))`

export interface StoredHoldings {
  readonly licenses: readonly License[]
  readonly applications: readonly LicenseApplication[]
  readonly images: readonly FirmwareRelease[]
  readonly weights: Weights | null
  readonly revision: number
}
