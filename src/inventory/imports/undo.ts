/**
 * Takes an import back: what it brought leaves the register, what it changed is again as it was. Devices that were
 * changed since, or that some record names by now, are left as they are and named.
 *
 * Devices are told by what every version keeps: the import that made or ended it, and when.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { lockImports, tryLockImports } from '../../db/locks.ts'
import { unseen } from '../../db/query-hints.ts'
import { type CameBy, imports } from '../../db/schema/index.ts'
import { BLANK_DEVICE, merge } from '../../device/blank.ts'
import { cameBy, deviceDocument } from '../../device/columns.ts'
import type { DeviceRecord } from '../../device/schemas.ts'
import { notFound } from '../../http/problems.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { countDevices, ensureProfiles, profileOf } from '../../screening/profiles.ts'
import { allStanding } from '../../screening/standing-statements.ts'
import type { Work } from '../../screening/work.ts'
import { record } from '../../tenancy/audit.ts'
import { isHeld } from '../device-holders.ts'
import { RECORD, RECORD_CHANGES, recordOf } from './records.ts'
import { LockTaken } from './waiting.ts'

/** How many devices that were left are named; their number is always whole. */
const LISTED = 1_000
const BATCH = 1_000

type LeftBecause = 'changed-since' | 'in-use'

export interface Undone {
  /** Devices that the import brought and that left the register. */
  readonly removed: number
  /** Devices that are again as they were before. */
  readonly restored: number
  readonly left: {
    readonly count: number
    readonly devices: readonly {
      id: string
      assetTag: string | null
      name: string | null
      reason: LeftBecause
    }[]
  }
  readonly sitesRemoved: number
  /** Later imports that found devices as they were: what they name as well has to be imported again. */
  readonly seenAgainBy: readonly string[]
}

type ImportRow = typeof imports.$inferSelect

/** Throws `not-found`, and LockTaken when another import of the city goes on. An import that was undone stays so. */
export async function undoImport(
  work: Work,
  id: string,
  { isLockTried = false }: { readonly isLockTried?: boolean } = {},
): Promise<ImportRow> {
  const { tx, jurisdictionId, actor, now } = work
  if (!isLockTried) await lockImports(tx, jurisdictionId)
  else if (!(await tryLockImports(tx, jurisdictionId))) throw new LockTaken()
  const row = await lockImport(tx, jurisdictionId, id)
  if (row.undoneAt !== null) {
    // What changed nothing still gave an operator the import.
    if (actor.role === 'admin')
      await record(tx, jurisdictionId, actor, now, { action: 'import.read', target: id, detail: {} })
    return row
  }
  const undo = new Undo(work, row)
  const undone = await undo.run()
  const at = now.toISOString()
  await tx.execute(sql`
    update imports set undone_at = ${at}::timestamptz, undone_by = ${actor.id}, undone = ${JSON.stringify(undone)}::jsonb
    where jurisdiction_id = ${jurisdictionId}::uuid and id = ${id}::uuid`)
  const { left, ...counts } = undone
  await record(tx, jurisdictionId, actor, now, {
    action: 'import.undo',
    target: id,
    detail: { source: row.source, ...counts, left: left.count },
  })
  return { ...row, undoneAt: at, undoneBy: actor.id, undone }
}

class Undo {
  readonly #work: Work
  readonly #import: ImportRow
  readonly #profileChanges = new Map<string, number>()

  constructor(work: Work, row: ImportRow) {
    this.#work = work
    this.#import = row
  }

  async run(): Promise<Undone> {
    await this.#mark()
    const left = await this.#left()
    const removed = await this.#remove()
    const restored = await this.#restore()
    const { tx, jurisdictionId, knowledge } = this.#work
    await countDevices(tx, jurisdictionId, this.#profileChanges, knowledge)
    return {
      removed,
      restored,
      left,
      sitesRemoved: await this.#removeSites(),
      seenAgainBy: await this.#seenAgainBy(),
    }
  }

  /** What becomes of each device of the import, which nobody changes meanwhile. */
  async #mark(): Promise<void> {
    const { tx, jurisdictionId } = this.#work
    const { id, createdAt } = this.#import
    // Versions that this import ended; the one before it, where somebody ended it by hand, has another time.
    const ended = sql`select h.device_id, max(h.version) as version from device_history h
      where h.jurisdiction_id = ${jurisdictionId}::uuid and h.import_id = ${id}::uuid and h.valid_to = ${createdAt}::timestamptz
        and h.came_by ->> 'importId' is distinct from ${id}
      group by h.device_id`
    await tx.execute(sql`create temporary table import_undo (
      id uuid primary key, fate text not null, version integer) on commit drop`)
    // Locked in a statement of its own: the next one then sees what whoever held them has done.
    await tx.execute(sql`
      select 1 from ${unseen(jurisdictionId)} c join devices d on d.jurisdiction_id = c.id
      where d.import_id = ${id}::uuid or d.id in (select e.device_id from (${ended}) e)
      order by d.id for update of d`)
    await tx.execute(sql`
      insert into import_undo (id, fate, version)
      select d.id,
        case when e.version is null and d.version > 1 then 'changed-since'
          when e.version is not null and e.version <> d.version - 1 then 'changed-since'
          when e.version is null and (${isHeld}) then 'in-use'
          when e.version is null then 'remove' else 'restore' end, e.version
      from ${unseen(jurisdictionId)} c join devices d on d.jurisdiction_id = c.id
      left join (${ended}) e on e.device_id = d.id
      where e.version is not null or (d.created_at = ${createdAt}::timestamptz and (d.import_id = ${id}::uuid
        or exists (select from device_history h where h.jurisdiction_id = c.id and h.device_id = d.id
          and h.version = 1 and h.came_by ->> 'importId' = ${id})))`)
  }

  async #left(): Promise<Undone['left']> {
    const { tx, jurisdictionId } = this.#work
    const { rows } = await tx.execute<Undone['left']['devices'][number] & { count: number }>(sql`
      select v.*, (count(*) over ())::int as count from (
        select d.id::text as id, d.asset_tag as "assetTag", d.name, u.fate as reason
        from import_undo u cross join ${unseen(jurisdictionId)} c
        join devices d on d.jurisdiction_id = c.id and d.id = u.id
        where u.fate in ('changed-since', 'in-use')
        union all
        select h.device_id::text, h.snapshot ->> 'assetTag', h.snapshot ->> 'name', 'merged'
        from device_merges m join device_history h on h.jurisdiction_id = m.jurisdiction_id and h.device_id = m.merged_id
        where m.jurisdiction_id = ${jurisdictionId}::uuid and m.created_at >= ${this.#import.createdAt}::timestamptz
          and h.changed_fields is null and (h.came_by ->> 'importId' = ${this.#import.id} or exists (
            select from device_history e where e.jurisdiction_id = m.jurisdiction_id and e.device_id = m.merged_id
              and (e.import_id = ${this.#import.id}::uuid or e.came_by ->> 'importId' = ${this.#import.id})))
      ) v order by id limit ${LISTED}`)
    return { count: rows[0]?.count ?? 0, devices: rows.map(({ count: _, ...device }) => device) }
  }

  async #remove(): Promise<number> {
    const { tx, jurisdictionId } = this.#work
    await this.#keepVersions('remove')
    const { rows } = await tx.execute<{ profile: string; devices: number }>(sql`
      with gone as (
        delete from devices d using import_undo u, ${unseen(jurisdictionId)} c
        where d.jurisdiction_id = c.id and d.id = u.id and u.fate = 'remove' returning d.profile_id)
      select profile_id::text as profile, count(*)::int as devices from gone group by 1`)
    for (const { profile, devices } of rows) this.#count(profile, -devices)
    return rows.reduce((sum, { devices }) => sum + devices, 0)
  }

  async #restore(): Promise<number> {
    const { tx, jurisdictionId } = this.#work
    await this.#keepVersions('restore')
    let after = '00000000-0000-0000-0000-000000000000'
    let restored = 0
    for (;;) {
      const { rows } = await tx.execute<EarlierRow>(sql`
        select d.id::text as id, d.profile_id::text as "profileId", h.snapshot::text as doc, h.came_by as "cameBy",
          s.id::text as "siteId"
        from import_undo u cross join ${unseen(jurisdictionId)} c
        join devices d on d.jurisdiction_id = c.id and d.id = u.id
        join device_history h on h.jurisdiction_id = c.id and h.device_id = u.id and h.version = u.version
        left join sites s on s.jurisdiction_id = c.id and s.id = (h.snapshot ->> 'siteId')::uuid
        where u.fate = 'restore' and u.id > ${after}::uuid order by u.id limit ${BATCH}`)
      if (rows.length > 0) await this.#writeBack(rows)
      restored += rows.length
      if (rows.length < BATCH) return restored
      after = rows.at(-1)!.id
    }
  }

  async #writeBack(rows: readonly EarlierRow[]): Promise<void> {
    const { tx, jurisdictionId, knowledge, now } = this.#work
    const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
    const standing = await allStanding(tx, jurisdictionId)
    const earlier = rows.map((row) => {
      const was = { ...merge(BLANK_DEVICE, JSON.parse(row.doc) as DeviceRecord), siteId: row.siteId }
      const fields = standing.on(row.id, was)
      return { row, fields, profile: profileOf(fields, jurisdiction, knowledge) }
    })
    await ensureProfiles(
      tx,
      earlier.map(({ profile }) => profile),
      jurisdiction,
      knowledge,
      now,
    )
    const records = earlier.map(({ row, fields, profile }) => {
      this.#count(row.profileId, -1)
      this.#count(profile.id, 1)
      const { importKey = null, importSource = null, importId = null } = row.cameBy ?? {}
      return recordOf(fields, {
        id: row.id,
        profile_id: profile.id,
        knows: row.cameBy !== null,
        import_key: importKey,
        import_source: importSource,
        import_id: importId,
      })
    })
    await tx.execute(sql`
      update devices d set ${sql.raw(RECORD_CHANGES)}, profile_id = r.profile_id, import_id = r.import_id,
        import_key = case when r.knows then r.import_key else d.import_key end,
        import_source = case when r.knows then r.import_source else d.import_source end,
        version = d.version + 1, updated_at = ${now.toISOString()}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as r(id uuid, ${sql.raw(RECORD)}, profile_id uuid,
        knows boolean, import_key text, import_source text, import_id uuid), ${unseen(jurisdictionId)} c
      where d.jurisdiction_id = c.id and d.id = r.id`)
  }

  /** The versions that end now, of all devices with that fate. */
  async #keepVersions(fate: 'remove' | 'restore'): Promise<void> {
    const { tx, jurisdictionId, actor, now } = this.#work
    const changed = fate === 'remove' ? sql`null::text[]` : sql`coalesce(h.changed_fields, ${NO_FIELDS})`
    await tx.execute(sql`
      insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from, valid_to,
        ended_by, import_id, request_id, came_by)
      select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json, ${changed}, d.updated_at,
        ${now.toISOString()}::timestamptz, ${actor.id}, d.import_id, ${actor.requestId}, ${cameBy}
      from import_undo u cross join ${unseen(jurisdictionId)} c
      join devices d on d.jurisdiction_id = c.id and d.id = u.id
      left join device_history h on h.jurisdiction_id = c.id and h.device_id = u.id and h.version = u.version
      where u.fate = ${fate}`)
  }

  #count(profile: string, by: number): void {
    this.#profileChanges.set(profile, (this.#profileChanges.get(profile) ?? 0) + by)
  }

  /** Sites that the import made and where nothing is. */
  async #removeSites(): Promise<number> {
    const { tx, jurisdictionId } = this.#work
    const { rows } = await tx.execute<{ sites: number }>(sql`
      with gone as (
        delete from sites s using ${unseen(jurisdictionId)} c
        where s.jurisdiction_id = c.id and s.created_at = ${this.#import.createdAt}::timestamptz and s.version = 1
          and not exists (select from devices d where d.jurisdiction_id = c.id and d.site_id = s.id)
          and not exists (select from plan_actuals a where a.jurisdiction_id = c.id and a.site_id = s.id)
          and not exists (select from risk_treatments t where t.jurisdiction_id = c.id and s.id = any (t.site_ids))
        returning s.id)
      select count(*)::int as sites from gone`)
    return rows[0]!.sites
  }

  async #seenAgainBy(): Promise<string[]> {
    const { tx, jurisdictionId } = this.#work
    const { rows } = await tx.execute<{ id: string }>(sql`
      select id::text as id from imports
      where jurisdiction_id = ${jurisdictionId}::uuid and id > ${this.#import.id}::uuid and undone_at is null
        and (report -> 'counts' ->> 'unchanged')::int > 0
      order by id limit 20`)
    return rows.map(({ id }) => id)
  }
}

interface EarlierRow extends Record<string, unknown> {
  readonly id: string
  readonly profileId: string
  readonly doc: string
  readonly cameBy: CameBy | null
  /** null also where the site is gone. */
  readonly siteId: string | null
}

const NO_FIELDS = sql.raw(`array[]::text[]`)

async function lockImport(tx: Tx, jurisdictionId: string, id: string): Promise<ImportRow> {
  const [row] = await tx
    .select()
    .from(imports)
    .where(sql`jurisdiction_id = ${jurisdictionId}::uuid and id = ${id}::uuid`)
    .for('no key update')
  if (!row) throw notFound('import')
  return row
}
