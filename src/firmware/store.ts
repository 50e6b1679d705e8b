/**
 * What is known of firmware, changed in the database with a version, and what each change touches.
 *
 * A change notes the subjects it touches (`vendor:hikvision`, `regime:ofac-sdn`). A profile keeps the subjects its risk
 * depends on and the version it was computed from, so what is stale follows from the tables: an update of a
 * feed re-evaluates the profiles of the makers it names, and no others.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { firmwareChanges, firmwareVersions } from '../db/schema/index.ts'
import { type Advisory, AdvisoryOverlay, makerNames, mergeAdvisories } from '../firmware-risk/advisories.ts'
import { EVERYBODY } from '../firmware-risk/firmware-risk.ts'
import { buildFirmwareKnowledge, type FirmwareKnowledge } from '../firmware-risk/knowledge.ts'
import { daysHeld } from '../firmware-risk/licenses/days.ts'
import { ShippedLicenses, shippedLicenses } from '../firmware-risk/licenses/shipped.ts'
import { SupportPeriods } from '../firmware-risk/support-periods.ts'
import { Weights } from '../firmware-risk/weights.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { firmwareVersion, OWN_COUNTER, type StoredPrefixes } from '../screening/firmware-knowledge.ts'

export interface FirmwareFiles {
  readonly overlay: AdvisoryOverlay
  readonly periods: SupportPeriods
  readonly weights: Weights
  readonly licenses: ShippedLicenses
}

/** Read the firmware part of `data/`. Throws when a file is missing or is not what it should be. */
export async function readFirmwareFiles(folder: string): Promise<FirmwareFiles> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, name), 'utf8'))
  return {
    overlay: AdvisoryOverlay.parse(await read('advisories.json')),
    periods: SupportPeriods.parse(await read('support-periods.json')),
    weights: Weights.parse(await read('firmware-weights.json')),
    licenses: ShippedLicenses.parse(await read('licenses.json')),
  }
}

/** What the files alone know: no feeds or releases, and no license of a city. For work without a database. */
export function firmwareOfFiles({ overlay, periods, weights, licenses }: FirmwareFiles): FirmwareKnowledge {
  return buildFirmwareKnowledge({
    version: 0,
    advisories: mergeAdvisories([overlay.advisories]),
    periods: periods.periods,
    weights,
    licenses: shippedLicenses(licenses),
    releases: [],
    makers: makerNames(overlay),
    modelPrefixes: new Map(Object.entries(overlay.modelPrefixes)),
  })
}

/** Bring the shared tables up to the files. Running it twice changes nothing. */
export async function loadFirmwareFiles(tx: Tx, files: FirmwareFiles, by: string, now: Date): Promise<void> {
  await lockVersions(tx)
  const { overlay, periods, weights } = files
  const subjects = new Set<string>()
  const references: readonly [string, string, unknown, readonly string[]][] = [
    ['weights', weights.version, weights, [EVERYBODY]],
    [
      'support-periods',
      periods.version,
      periods,
      [...new Set(periods.periods.map(({ maker }) => `vendor:${maker}`))],
    ],
    ['makers', overlay.version, [...makerNames(overlay)], []],
    [
      'model-prefixes',
      overlay.version,
      { version: overlay.version, prefixes: overlay.modelPrefixes } satisfies StoredPrefixes,
      Object.keys(overlay.modelPrefixes).map((maker) => `vendor:${maker}`),
    ],
  ]
  for (const [id, version, doc, touched] of references) {
    // A process with older files leaves newer facts alone.
    const { rowCount } = await tx.execute(sql`
      insert into firmware_reference (id, doc) values (${id}, ${JSON.stringify(doc)}::jsonb)
      on conflict (id) do update set doc = excluded.doc
      where firmware_reference.doc is distinct from excluded.doc
        and coalesce(firmware_reference.doc ->> 'version', '') <= ${version}`)
    if ((rowCount ?? 0) > 0) for (const subject of touched) subjects.add(subject)
  }
  for (const subject of await loadLicenses(tx, files.licenses, now)) subjects.add(subject)
  if (subjects.size > 0) {
    await noteShared(tx, { kind: 'reference', feed: null, changes: {}, subjects: [...subjects], by, now })
  }
}

/** Licenses that ship are everybody's records. Gives what those that changed touch. */
async function loadLicenses(tx: Tx, files: ShippedLicenses, now: Date): Promise<string[]> {
  const touched: string[] = []
  for (const { id, ...doc } of shippedLicenses(files)) {
    const { to } = daysHeld({ id, ...doc }, doc.window.timezone)
    const { rowCount } = await tx.execute(sql`
      insert into licenses as l
        (jurisdiction_id, id, regime_id, number, status, ends_on, doc, created_at, updated_at)
      values (${OPERATOR_ID}::uuid, ${id}::uuid, ${doc.regime}, ${doc.number}, ${doc.status}, ${to}::date,
        ${JSON.stringify(doc)}::jsonb, ${now.toISOString()}, ${now.toISOString()})
      on conflict (jurisdiction_id, id) do update set regime_id = excluded.regime_id, number = excluded.number,
        status = excluded.status, ends_on = excluded.ends_on, doc = excluded.doc, version = l.version + 1,
        updated_at = excluded.updated_at
      where l.doc is distinct from excluded.doc`)
    if ((rowCount ?? 0) > 0) touched.push(`regime:${doc.regime}`)
  }
  return touched
}

/** Row of `firmware_reference` with the digest of the files that were loaded last. */
const LOADED = 'loaded-files'

/** What `noteLoaded` was told last; null before. */
export async function lastLoaded(tx: Tx): Promise<string | null> {
  const { rows } = await tx.execute<{ doc: string }>(
    sql`select doc from firmware_reference where id = ${LOADED}`,
  )
  return rows[0]?.doc ?? null
}

export async function noteLoaded(tx: Tx, digest: string): Promise<void> {
  await tx.execute(sql`
    insert into firmware_reference (id, doc) values (${LOADED}, ${JSON.stringify(digest)}::jsonb)
    on conflict (id) do update set doc = excluded.doc`)
}

/** One writer of what is shared at a time. */
export async function lockVersions(tx: Tx): Promise<void> {
  await tx.execute(sql`lock table firmware_versions in share row exclusive mode`)
}

export interface SharedChange {
  readonly kind: 'advisories' | 'license' | 'release' | 'reference'
  readonly feed: string | null
  readonly changes: unknown
  readonly subjects: readonly string[]
  readonly by: string
  readonly now: Date
}

/** Note a change of what everybody knows, under `lockVersions`. Gives its version. */
export async function noteShared(tx: Tx, change: SharedChange): Promise<number> {
  const { kind, feed, changes, subjects, by, now } = change
  const version = (await firmwareVersion(tx)) + 1
  await tx.insert(firmwareVersions).values({ version, kind, feed, changes, by, at: now.toISOString() })
  if (subjects.length > 0) {
    await tx
      .insert(firmwareChanges)
      .values([...new Set(subjects)].map((subject) => ({ subject, version })))
      .onConflictDoUpdate({ target: firmwareChanges.subject, set: { version } })
  }
  return version
}

/**
 * Note a change of what a jurisdiction holds. Gives the number of its profiles that are to be evaluated again, and
 * of the devices in them.
 */
export async function noteOwn(
  tx: Tx,
  jurisdictionId: string,
  subjects: readonly string[],
): Promise<{ profiles: number; devices: number }> {
  const { rows } = await tx.execute<{ revision: number }>(sql`
    insert into firmware_own_changes (jurisdiction_id, subject, revision) values (${jurisdictionId}::uuid, ${OWN_COUNTER}, 1)
    on conflict (jurisdiction_id, subject) do update set revision = firmware_own_changes.revision + 1
    returning revision`)
  const { revision } = rows[0]!
  await tx.execute(sql`
    insert into firmware_own_changes (jurisdiction_id, subject, revision)
    select ${jurisdictionId}::uuid, s, ${revision} from unnest(${sql.param([...new Set(subjects)])}::text[]) s
    on conflict (jurisdiction_id, subject) do update set revision = excluded.revision`)
  return countTouched(tx, subjects)
}

/** Profiles in the transaction's scope, and their devices, whose risk depends on one of the subjects. */
export async function countTouched(
  tx: Tx,
  subjects: readonly string[],
): Promise<{ profiles: number; devices: number }> {
  const { rows } = await tx.execute<{ profiles: number; devices: number }>(sql`
    select count(*)::int as profiles, coalesce(sum(p.device_count), 0)::int as devices from profiles p
    where p.firmware_subjects && ${sql.param([...subjects])}::text[]`)
  return rows[0]!
}

/** The statements of one feed, or of some of its documents. */
export async function statementsOf(
  tx: Tx,
  feed: string,
  documents: readonly string[] | null,
): Promise<readonly { document: string; doc: Advisory }[]> {
  const some = documents === null ? sql`` : sql` and document = any (${sql.param(documents)}::text[])`
  const { rows } = await tx.execute<{ document: string; doc: Advisory }>(
    sql`select document, doc from advisories where feed = ${feed}${some}`,
  )
  return rows
}
