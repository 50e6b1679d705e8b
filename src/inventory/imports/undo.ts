/**
 * Takes an import back: what it brought leaves the register, what it changed is again as it was. Devices that were
 * changed since, or that some record names by now, are left as they are and named.
 *
 * Devices are told by what every version keeps: the import that made or ended it, and when.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { lockImports, tryLockImports } from '../../db/locks.ts'
import { expectMany, unseen } from '../../db/query-hints.ts'
import { type CameBy, imports } from '../../db/schema/index.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../../device/blank.ts'
import { cameBy, deviceDocument } from '../../device/columns.ts'
import type { DeviceRecord } from '../../device/schemas.ts'
import { notFound } from '../../http/problems.ts'
import type { Progress } from '../../jobs/operation.ts'
import { pacer } from '../../lib/pacing.ts'
import { type JurisdictionContext, loadJurisdiction } from '../../screening/context.ts'
import type { ProfileKey } from '../../screening/profile.ts'
import { countDevices, ensureProfiles, profileOf } from '../../screening/profiles.ts'
import { allStanding, type Standing } from '../../screening/standing-statements.ts'
import type { Work } from '../../screening/work.ts'
import { record } from '../../tenancy/audit.ts'
import { isHeld } from '../device-holders.ts'
import { RECORD, RECORD_CHANGES, recordOf } from './records.ts'
import { LockTaken } from './waiting.ts'

/** How many devices that were left are named; their number is always whole. */
const LISTED = 1_000
/** Of the devices of the city. Others read between two statements, and each is as long as its batch. */
const BATCH = 1_000

type LeftBecause = 'changed-since' | 'in-use'

/** Who waits for it. */
interface Watch {
  /** Ends it between two batches. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: Progress) => void
}

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
  { isLockTried = false, ...watch }: Watch & { readonly isLockTried?: boolean } = {},
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
  const undo = new Undo(work, row, watch)
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

/** Devices of the city, in the order of their ids: those after the one, up to the other. */
interface Span {
  readonly after: string
  readonly upTo: string
}

/** How many devices of the import meet which fate. */
type Fates = Readonly<Partial<Record<'remove' | 'restore' | LeftBecause, number>>>

interface Marked extends Span {
  readonly fates: Fates
}

class Undo {
  readonly #work: Work
  readonly #import: ImportRow
  readonly #watch: Watch
  readonly #profileChanges = new Map<string, number>()
  #marked: readonly Marked[] = []
  #done = 0

  constructor(work: Work, row: ImportRow, watch: Watch) {
    this.#work = work
    this.#import = row
    this.#watch = watch
  }

  async run(): Promise<Undone> {
    const { tx, jurisdictionId, knowledge } = this.#work
    await expectMany(tx)
    await this.#mark()
    const left = await this.#left()
    await this.#remove()
    await this.#restore()
    await countDevices(tx, jurisdictionId, this.#profileChanges, knowledge)
    return {
      removed: this.#count('remove'),
      restored: this.#count('restore'),
      left,
      sitesRemoved: await this.#removeSites(),
      seenAgainBy: await this.#seenAgainBy(),
    }
  }

  /** What becomes of each device of the import, which nobody changes meanwhile: all are locked before any is changed. */
  async #mark(): Promise<void> {
    const { tx } = this.#work
    await tx.execute(sql`create temporary table import_undo (
      id uuid primary key, fate text not null, version integer) on commit drop`)
    const marked: Marked[] = []
    for (const span of await this.#spans()) {
      this.#pass('its devices are looked for')
      const fates = await this.#markIn(span)
      if (fates !== null) marked.push({ ...span, fates })
    }
    this.#marked = marked
  }

  async #spans(): Promise<Span[]> {
    const { tx, jurisdictionId } = this.#work
    const spans: Span[] = []
    // Or a city that came in since the last ANALYZE is read whole and sorted for each of them.
    await tx.execute(sql`set local enable_sort = off`)
    for (let after = FIRST; ; ) {
      this.#watch.signal?.throwIfAborted()
      const { rows } = await tx.execute<{ id: string }>(sql`
        select v.id::text as id from ${unseen(jurisdictionId)} c cross join lateral (
          select d.id from devices d where d.jurisdiction_id = c.id and d.id > ${after}::uuid
          order by d.jurisdiction_id, d.id limit 1 offset ${BATCH - 1}) v`)
      const upTo = rows[0]?.id ?? LAST
      spans.push({ after, upTo })
      if (upTo === LAST) break
      after = upTo
    }
    await tx.execute(sql`set local enable_sort = on`)
    return spans
  }

  /** null when none of them is of the import. */
  async #markIn(span: Span): Promise<Fates | null> {
    const { tx, jurisdictionId } = this.#work
    const { id, createdAt } = this.#import
    const here = sql`${unseen(jurisdictionId)} c
      join devices d on d.jurisdiction_id = c.id and ${within(sql`d.id`, span)}`
    // By the device, whatever else has an index: the import ended as many versions as it changed devices.
    const versions = sql`(select h.version, h.import_id, h.valid_to, h.came_by from device_history h
      where h.jurisdiction_id = d.jurisdiction_id and h.device_id = d.id offset 0) h`
    // Versions that this import ended; the one before it, where somebody ended it by hand, has another time.
    const ended = sql`h.import_id = ${id}::uuid and h.valid_to = ${createdAt}::timestamptz
      and h.came_by ->> 'importId' is distinct from ${id}`
    const isBrought = sql`(d.created_at = ${createdAt}::timestamptz and (d.import_id = ${id}::uuid
      or exists (select from ${versions} where h.version = 1 and h.came_by ->> 'importId' = ${id})))`
    // Locked in a statement of its own: the next one then sees what whoever held them has done.
    const { rows: locked } = await tx.execute(sql`
      select 1 from ${here}
      where d.import_id = ${id}::uuid or ${isBrought} or exists (select from ${versions} where ${ended})
      order by d.id for update of d`)
    if (locked.length === 0) return null
    const { rows } = await tx.execute<{ fate: keyof Fates; devices: number }>(sql`
      with marked as (
        insert into import_undo (id, fate, version)
        select d.id,
          case when e.version is null and d.version > 1 then 'changed-since'
            when e.version is not null and e.version <> d.version - 1 then 'changed-since'
            when e.version is null and (${isHeld}) then 'in-use'
            when e.version is null then 'remove' else 'restore' end, e.version
        from ${here} left join lateral (select max(h.version) as version from ${versions} where ${ended}) e on true
        where e.version is not null or ${isBrought}
        returning fate)
      select fate, count(*)::int as devices from marked group by 1`)
    return Object.fromEntries(rows.map(({ fate, devices }) => [fate, devices]))
  }

  #count(...fates: readonly (keyof Fates)[]): number {
    let sum = 0
    for (const marked of this.#marked) for (const fate of fates) sum += marked.fates[fate] ?? 0
    return sum
  }

  #spansOf(...fates: readonly (keyof Fates)[]): Marked[] {
    return this.#marked.filter((marked) => fates.some((fate) => marked.fates[fate] !== undefined))
  }

  async #left(): Promise<Undone['left']> {
    const { tx, jurisdictionId } = this.#work
    const devices: Left[] = []
    for (const span of this.#spansOf('changed-since', 'in-use')) {
      if (devices.length >= LISTED) break
      const { rows } = await tx.execute<Left>(sql`
        select d.id::text as id, d.asset_tag as "assetTag", d.name, u.fate as reason
        from (select * from import_undo u where ${within(sql`u.id`, span)}
          and u.fate in ('changed-since', 'in-use') offset 0) u cross join ${unseen(jurisdictionId)} c
        cross join lateral (
          select d.* from devices d where d.jurisdiction_id = c.id and d.id = u.id offset 0) d
        order by u.id`)
      devices.push(...rows)
    }
    const merged = await this.#merged()
    const all = [...devices, ...merged.devices].toSorted(({ id: a }, { id: b }) => (a < b ? -1 : 1))
    return { count: this.#count('changed-since', 'in-use') + merged.count, devices: all.slice(0, LISTED) }
  }

  /** Devices of the import that are part of others by now. */
  async #merged(): Promise<Undone['left']> {
    const { tx, jurisdictionId } = this.#work
    const { id, createdAt } = this.#import
    const { rows } = await tx.execute<Left & { count: number }>(sql`
      select v.*, (count(*) over ())::int as count from (
        select m.merged_id::text as id, h.snapshot ->> 'assetTag' as "assetTag", h.snapshot ->> 'name' as name,
          'merged' as reason
        from device_merges m cross join lateral (
          select h.snapshot, h.came_by from device_history h
          where h.jurisdiction_id = m.jurisdiction_id and h.device_id = m.merged_id and h.changed_fields is null
          offset 0) h
        where m.jurisdiction_id = ${jurisdictionId}::uuid and m.created_at >= ${createdAt}::timestamptz
          and (h.came_by ->> 'importId' = ${id} or exists (
            select from device_history e where e.jurisdiction_id = m.jurisdiction_id and e.device_id = m.merged_id
              and (e.import_id = ${id}::uuid or e.came_by ->> 'importId' = ${id})))
      ) v order by id limit ${LISTED}`)
    return { count: rows[0]?.count ?? 0, devices: rows.map(({ count: _, ...device }) => device) }
  }

  async #remove(): Promise<void> {
    const { tx, jurisdictionId } = this.#work
    for (const span of this.#spansOf('remove')) {
      this.#pass('devices that it brought leave')
      await this.#keepVersions('remove', span)
      const { rows } = await tx.execute<{ profile: string; devices: number }>(sql`
        with gone as (
          delete from devices d using import_undo u, ${unseen(jurisdictionId)} c
          where d.jurisdiction_id = c.id and d.id = u.id and ${within(sql`d.id`, span)}
            and ${within(sql`u.id`, span)} and u.fate = 'remove'
          returning d.profile_id)
        select profile_id::text as profile, count(*)::int as devices from gone group by 1`)
      for (const { profile, devices } of rows) this.#countIn(profile, -devices)
      this.#done += span.fates.remove!
    }
  }

  async #restore(): Promise<void> {
    const { tx, jurisdictionId } = this.#work
    const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
    // Nobody can state more while this holds the lock on imports.
    const standing = await allStanding(tx, jurisdictionId)
    for (const span of this.#spansOf('restore')) {
      this.#pass('devices are made what they were')
      await this.#keepVersions('restore', span)
      const { rows } = await tx.execute<EarlierRow>(sql`
        select d.id::text as id, d.profile_id::text as "profileId", h.doc, h.came_by as "cameBy", s.id::text as "siteId"
        from ${this.#devicesOf('restore', span)}
        cross join lateral (
          select h.snapshot::text as doc, (h.snapshot ->> 'siteId')::uuid as site_id, h.came_by from device_history h
          where h.jurisdiction_id = c.id and h.device_id = u.id and h.version = u.version offset 0) h
        left join lateral (
          select s.id from sites s where s.jurisdiction_id = c.id and s.id = h.site_id offset 0) s on true`)
      await this.#writeBack(rows, jurisdiction, standing)
      this.#done += rows.length
    }
  }

  async #writeBack(
    rows: readonly EarlierRow[],
    jurisdiction: JurisdictionContext,
    standing: Standing,
  ): Promise<void> {
    const { tx, jurisdictionId, knowledge, now } = this.#work
    const earlier: { row: EarlierRow; fields: DeviceFields; profile: ProfileKey }[] = []
    const pause = pacer()
    for (const row of rows) {
      await pause()
      const was = { ...merge(BLANK_DEVICE, JSON.parse(row.doc) as DeviceRecord), siteId: row.siteId }
      const fields = standing.on(row.id, was)
      earlier.push({ row, fields, profile: profileOf(fields, jurisdiction, knowledge) })
    }
    await ensureProfiles(
      tx,
      earlier.map(({ profile }) => profile),
      jurisdiction,
      knowledge,
      now,
    )
    const records = earlier.map(({ row, fields, profile }) => {
      this.#countIn(row.profileId, -1)
      this.#countIn(profile.id, 1)
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

  /** The versions that end now, of the devices with that fate. */
  async #keepVersions(fate: 'remove' | 'restore', span: Span): Promise<void> {
    const { tx, actor, now } = this.#work
    const changed = fate === 'remove' ? sql`null::text[]` : sql`coalesce(h.changed_fields, ${NO_FIELDS})`
    await tx.execute(sql`
      insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from, valid_to,
        ended_by, import_id, request_id, came_by)
      select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json, ${changed}, d.updated_at,
        ${now.toISOString()}::timestamptz, ${actor.id}, d.import_id, ${actor.requestId}, ${cameBy}
      from ${this.#devicesOf(fate, span)}
      left join lateral (
        select h.changed_fields from device_history h
        where h.jurisdiction_id = c.id and h.device_id = u.id and h.version = u.version offset 0) h on true`)
  }

  /** Marks `u` and their devices `d` in the city `c`: each by itself through the index, which `offset 0` keeps so. */
  #devicesOf(fate: keyof Fates, span: Span): SQL {
    return sql`(select * from import_undo u where ${within(sql`u.id`, span)} and u.fate = ${fate} offset 0) u
      cross join ${unseen(this.#work.jurisdictionId)} c
      cross join lateral (select d.* from devices d where d.jurisdiction_id = c.id and d.id = u.id offset 0) d`
  }

  #countIn(profile: string, by: number): void {
    this.#profileChanges.set(profile, (this.#profileChanges.get(profile) ?? 0) + by)
  }

  /** Called before each batch: whoever asked for it sees how far it is, and may have given it up. */
  #pass(phase: string): void {
    this.#watch.signal?.throwIfAborted()
    const total = this.#count('remove', 'restore')
    this.#watch.onProgress?.({ done: total === 0 ? 0 : this.#done / total, total: 1, phase })
  }

  /** Sites that the import made and where nothing is. */
  async #removeSites(): Promise<number> {
    const { tx, jurisdictionId } = this.#work
    const { rows: made } = await tx.execute<{ id: string }>(sql`
      select id::text as id from sites
      where jurisdiction_id = ${jurisdictionId}::uuid and created_at = ${this.#import.createdAt}::timestamptz and version = 1
      order by id`)
    let removed = 0
    // That no device is at a site is checked for each by a statement of PostgreSQL's own. Planned for this city, of
    // which it may know nothing yet, it reads all devices of the city; for any city, those of the site.
    await tx.execute(sql`set local plan_cache_mode = force_generic_plan`)
    for (let i = 0; i < made.length; i += BATCH) {
      this.#pass('its sites are looked through')
      const ids = sql.param(made.slice(i, i + BATCH).map(({ id }) => id))
      const { rows } = await tx.execute<{ sites: number }>(sql`
        with gone as (
          delete from sites s using ${unseen(jurisdictionId)} c
          where s.jurisdiction_id = c.id and s.id = any (${ids}::uuid[]) and s.version = 1
            and not exists (select from devices d where d.jurisdiction_id = c.id and d.site_id = s.id offset 0)
            and not exists (select from plan_actuals a where a.jurisdiction_id = c.id and a.site_id = s.id)
            and not exists (select from risk_treatments t where t.jurisdiction_id = c.id and s.id = any (t.site_ids))
          returning s.id)
        select count(*)::int as sites from gone`)
      removed += rows[0]!.sites
    }
    await tx.execute(sql`set local plan_cache_mode = auto`)
    return removed
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

type Left = Undone['left']['devices'][number] & Record<string, unknown>

const FIRST = '00000000-0000-0000-0000-000000000000'
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

function within(id: SQL, { after, upTo }: Span): SQL {
  return sql`${id} > ${after}::uuid and ${id} <= ${upTo}::uuid`
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
