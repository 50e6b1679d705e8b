/** Versions of lists, their entries and what became of files, in the database. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import type { listVersions } from '../db/schema/index.ts'
import { addDays, earlier, type PlainDate } from '../lib/calendar.ts'
import type { ListEntry } from './model/entry.ts'
import type { Naming, Standing } from './model/naming.ts'

export type StoredVersion = typeof listVersions.$inferSelect & { readonly counts: VersionCounts }

/** A type, not an interface: it is written as JSON. */
export type VersionCounts = {
  readonly entries: number
  readonly persons: number
  readonly unreadable: number
  readonly added: number
  readonly changed: number
  readonly ended: number
  readonly unchanged: number
  /** Listings of makers that it began, reopened, confirmed, ended. */
  readonly listings: number
}

export interface OpenEntry extends Naming {
  readonly entry: ListEntry
  readonly regime: string | null
  /** First version that has it as it is. */
  readonly versionFrom: number
  /** First version that ever had it. */
  readonly firstVersion: number
}

export async function latestListVersion(tx: Tx, list: string): Promise<StoredVersion | undefined> {
  const { rows } = await tx.execute<StoredVersion & Record<string, unknown>>(sql`
    ${versionColumns} from list_versions v where v.list_id = ${list} order by v.version desc limit 1`)
  return rows[0]
}

const versionColumns = sql`
  select v.list_id as "listId", v.version, v.format, v.published_on::text as "publishedOn", v.loaded_at as "loadedAt",
    v.file_sha256 as "fileSha256", v.knowledge_version as "knowledgeVersion", v.counts, v.loaded_by as "loadedBy",
    v.is_forced as "isForced"`

export async function listVersion(tx: Tx, list: string, version: number): Promise<StoredVersion | undefined> {
  const { rows } = await tx.execute<StoredVersion & Record<string, unknown>>(
    sql`${versionColumns} from list_versions v where v.list_id = ${list} and v.version = ${version}`,
  )
  return rows[0]
}

/** What stands on the list now, by key. */
export async function openEntries(tx: Tx, list: string): Promise<Map<string, OpenEntry>> {
  const { rows } = await tx.execute<{
    doc: ListEntry
    standing: Standing
    vendor: string | null
    regime: string | null
    why: string | null
    versionFrom: number
    firstVersion: number
  }>(sql`
    select e.doc, e.standing, e.manufacturer_id as vendor, e.regime_id as regime, e.why, e.version_from as "versionFrom",
      (select min(f.version_from) from list_entries f where f.list_id = e.list_id and f.key = e.key) as "firstVersion"
    from list_entries e where e.list_id = ${list} and e.version_to is null`)
  return new Map(rows.map(({ doc, ...row }) => [doc.key, { entry: doc, ...row }]))
}

/** Claims that other lists make, by `regime vendor`, each with the day of the latest file that makes it. */
export async function claimsOfOthers(tx: Tx, list: string): Promise<ReadonlyMap<string, PlainDate>> {
  const { rows } = await tx.execute<{ claim: string; publishedOn: string }>(sql`
    select e.regime_id || ' ' || e.manufacturer_id as claim, max(v.published_on)::text as "publishedOn"
    from list_entries e join (
      select distinct on (list_id) list_id, published_on from list_versions order by list_id, version desc
    ) v on v.list_id = e.list_id
    where e.list_id <> ${list} and e.version_to is null and e.standing in ('sure', 'likely') and e.regime_id is not null
      and (e.doc->>'to' is null or e.doc->>'to' > v.published_on::text)
    group by 1`)
  return new Map(rows.map(({ claim, publishedOn }) => [claim, publishedOn]))
}

/** What persons last said of entries, by key: a vendor id, or null for none of the catalog. */
export async function decisionsOn(tx: Tx, list: string): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await tx.execute<{ key: string; vendor: string | null }>(sql`
    select distinct on (key) key, manufacturer_id as vendor from list_decisions
    where list_id = ${list} order by key, decided_at desc`)
  return new Map(rows.map(({ key, vendor }) => [key, vendor]))
}

/** The day before which a list did not have an entry; null when its first version had it. */
export async function firstDays(tx: Tx, list: string): Promise<(firstVersion: number) => PlainDate | null> {
  const { rows } = await tx.execute<{ version: number; publishedOn: string }>(
    sql`select version, published_on::text as "publishedOn" from list_versions where list_id = ${list}`,
  )
  const days = new Map(rows.map(({ version, publishedOn }) => [version, publishedOn]))
  return (firstVersion) => {
    const before = days.get(firstVersion - 1)
    // Two files of one day: the second of them, and not the day after.
    return before === undefined ? null : earlier(addDays(before, 1), days.get(firstVersion)!)
  }
}

export interface NamedEntry extends Naming {
  readonly entry: ListEntry
  readonly regime: string | null
}

/** So many rows in one statement. */
const BATCH = 1000

/** From a version on: these are there so, and those are not any more. */
export async function writeEntries(
  tx: Tx,
  list: string,
  version: number,
  { put, gone }: { readonly put: readonly NamedEntry[]; readonly gone: readonly string[] },
): Promise<void> {
  for (let i = 0; i < gone.length; i += BATCH) {
    await tx.execute(sql`
      update list_entries set version_to = ${version}
      where list_id = ${list} and version_to is null and key = any (${sql.param(gone.slice(i, i + BATCH))}::text[])`)
  }
  for (let i = 0; i < put.length; i += BATCH) {
    const rows = put.slice(i, i + BATCH).map(({ entry, standing, vendor, regime, why }) => ({
      ...{ key: entry.key, name: entry.name, doc: entry, standing, vendor, regime, why },
    }))
    await tx.execute(sql`
      insert into list_entries (list_id, key, version_from, name, doc, standing, manufacturer_id, regime_id, why)
      select ${list}, r.key, ${version}, r.name, r.doc, r.standing, r.vendor, r.regime, r.why
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(key text, name text, doc jsonb, standing text, vendor text, regime text, why text)`)
  }
}

/** Whom an entry names is known otherwise by now; what the file says of it is as it was. */
export async function renameEntries(tx: Tx, list: string, named: readonly NamedEntry[]): Promise<void> {
  const rows = named.map(({ entry, standing, vendor, regime, why }) => ({
    ...{ key: entry.key, standing, vendor, regime, why },
  }))
  await tx.execute(sql`
    update list_entries e set standing = r.standing, manufacturer_id = r.vendor, regime_id = r.regime, why = r.why
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r(key text, standing text, vendor text, regime text, why text)
    where e.list_id = ${list} and e.version_to is null and e.key = r.key`)
}

export interface CheckNote {
  readonly list: string
  readonly outcome: 'loaded' | 'unchanged' | 'refused' | 'failed'
  readonly detail: string | null
  readonly at: Date
}

/** What became of a file; one that was refused or never came leaves the day of the last good one as it was. */
export async function noteCheck(tx: Tx, { list, outcome, detail, at }: CheckNote): Promise<void> {
  const instant = at.toISOString()
  const goodAt = outcome === 'refused' || outcome === 'failed' ? null : instant
  await tx.execute(sql`
    insert into list_checks (list_id, checked_at, outcome, detail, good_at)
    values (${list}, ${instant}::timestamptz, ${outcome}, ${detail}, ${goodAt}::timestamptz)
    on conflict (list_id) do update set checked_at = excluded.checked_at, outcome = excluded.outcome,
      detail = excluded.detail, good_at = coalesce(excluded.good_at, list_checks.good_at)`)
}
