/**
 * A table of devices goes into the register, in one transaction: all of it or nothing.
 *
 * Rows are taken in batches, so memory does not grow with the file. A row is recognized by its asset tag, then by its
 * serial number and its MAC address, in the whole register; at last by the id that its program gives it or by what it
 * says, within the same source (matching.ts).
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { lockImports, tryLockImports } from '../../db/locks.ts'
import { expectMany, unseen } from '../../db/query-hints.ts'
import { imports } from '../../db/schema/index.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../../device/blank.ts'
import { cameBy, deviceDocument } from '../../device/columns.ts'
import { type CustomChange, type CustomValues, withCustom } from '../../device/custom.ts'
import { type DeviceField, FIELD_NAMES } from '../../device/fields.ts'
import { withRemarks } from '../../intake/remarks.ts'
import type { ReadRow, ReadTable, RowIssue } from '../../intake/rows.ts'
import { idsFrom, uuidv7 } from '../../lib/ids.ts'
import { folded } from '../../lib/letters.ts'
import { pacer } from '../../lib/pacing.ts'
import { type JurisdictionContext, loadJurisdiction } from '../../screening/context.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { ProfileKey } from '../../screening/profile.ts'
import {
  countDevices,
  type Evaluated,
  ensureProfiles,
  evaluated,
  profileOf,
} from '../../screening/profiles.ts'
import { allStanding, type Standing, standingOf } from '../../screening/standing-statements.ts'
import { type Actor, record } from '../../tenancy/audit.ts'
import { findOrMakeSites } from '../sites.ts'
import { findKnown, type Register } from './find-known.ts'
import {
  asHeld,
  asRepeated,
  doublesOf,
  type Existing,
  isAnother,
  KnownDevices,
  recognized,
  type Seen,
  splitRepeated,
} from './matching.ts'
import { storedKey } from './recognition.ts'
import { COLUMN_LIST, fieldsOf, RECORD, RECORD_CHANGES, RECORD_KEYS, recordOf, sameValue } from './records.ts'
import { type ImportReport, RowReports, reportOf } from './report.ts'
import { LockTaken } from './waiting.ts'
import { type Refused, toWanted, type Wanted } from './wanted.ts'

const BATCH_ROWS = 2_000
/** Of the cells of a batch, in characters: rows may have a million of them each. */
const BATCH_CHARACTERS = 8_000_000
/** What a cell costs besides its text, in characters. */
const CELL_COST = 8
/** Keys that an import into an empty register keeps in mind: some 40 MB. */
const MOST_REMEMBERED = 200_000

export interface ImportOptions {
  readonly jurisdictionId: string
  /** Names the feed: rows that were in it before and are not now have vanished. */
  readonly source: string
  readonly fileName: string | null
  /** `keep`: a blank cell leaves what is known. `clear`: it makes it unknown. */
  readonly blanks: 'keep' | 'clear'
  readonly knowledge: Knowledge
  readonly actor: Actor
  readonly now: Date
  /** Come again instead of waiting when another holds the lock: throws LockTaken. */
  readonly isLockTried?: boolean
  /** Ends the import between two batches. */
  readonly signal?: AbortSignal | undefined
  /** Called after each batch with the rows read so far. */
  readonly onProgress?: (rows: number) => void
}

export interface ImportResult {
  readonly id: string
  readonly report: ImportReport
}

/**
 * Take a table into the register. Runs in the caller's transaction; nothing of it stands until that commits.
 * The table is closed at the end, however that comes. Throws what the table's source throws.
 */
export async function importTable(tx: Tx, table: ReadTable, options: ImportOptions): Promise<ImportResult> {
  try {
    return await importRows(tx, table, options)
  } finally {
    await table.close()
  }
}

async function importRows(tx: Tx, table: ReadTable, options: ImportOptions): Promise<ImportResult> {
  const { jurisdictionId, now, actor } = options
  const jurisdiction = await loadJurisdiction(tx, jurisdictionId)
  // Two files into one city come one after the other: the second has to see what the first brought.
  if (!options.isLockTried) await lockImports(tx, jurisdictionId)
  else if (!(await tryLockImports(tx, jurisdictionId))) throw new LockTaken()
  await expectMany(tx)
  const id = uuidv7(now.getTime())
  await tx.insert(imports).values({
    jurisdictionId,
    id,
    source: options.source,
    fileName: options.fileName,
    digest: '0'.repeat(64),
    bytes: 0,
    report: {},
    createdAt: now.toISOString(),
    createdBy: actor.id,
  })
  await tx.execute(sql`create temporary table import_touched (id uuid primary key) on commit drop`)
  const run = new ImportRun(tx, id, jurisdiction, options)
  await run.begin()

  await takeRows(run, table, jurisdiction, options)
  const report = await run.finish(table)
  await record(tx, jurisdictionId, actor, now, {
    action: 'import.run',
    target: id,
    detail: { source: options.source, fileName: options.fileName, counts: report.counts },
  })
  return { id, report }
}

/** Reads the table in batches. One is written while the next is read, so the service and the database both work. */
async function takeRows(
  run: ImportRun,
  table: ReadTable,
  jurisdiction: JurisdictionContext,
  options: ImportOptions,
): Promise<void> {
  let batch: Wanted[] = []
  let rejects: ReadRow[] = []
  let characters = 0
  let writing: Promise<void> = Promise.resolve()
  const write = async () => {
    await writing
    const rows = batch
    const refused = rejects
    batch = []
    rejects = []
    characters = 0
    const read = table.counts.rows
    writing = run
      .take(rows)
      .then(() => run.reject(refused))
      .then(() => options.onProgress?.(read))
    // A failure is met by the next await; until then it must not count as nobody's.
    writing.catch(() => {})
  }
  const repeats = new Map<string, number>()
  const pause = pacer()
  try {
    for await (const row of table.rows) {
      // Reading never waits by itself; the answers of the database, and other requests, are let in between.
      const paused = pause()
      if (paused) {
        await paused
        options.signal?.throwIfAborted()
      }
      if (row.device === null) rejects.push(row)
      else
        for (const device of [row.device, ...row.more])
          batch.push(run.prepare(toWanted(row, device, repeats, jurisdiction)))
      for (const cell of row.raw) characters += cell.length + CELL_COST
      const isFull = batch.length >= BATCH_ROWS || rejects.length >= BATCH_ROWS
      if (isFull || characters >= BATCH_CHARACTERS) await write()
    }
    await write()
  } finally {
    // The transaction must not end under a statement.
    await Promise.allSettled([writing])
  }
  await writing
}

/** Set the facts that are known only when the last byte has come. */
export async function sealImport(
  tx: Tx,
  jurisdictionId: string,
  result: ImportResult,
  file: { digest: string; bytes: number },
): Promise<void> {
  await tx.execute(sql`
    update imports set report = ${JSON.stringify(result.report)}::jsonb, digest = ${file.digest}, bytes = ${file.bytes}
    where jurisdiction_id = ${jurisdictionId}::uuid and id = ${result.id}::uuid`)
}

interface Created {
  readonly row: Wanted
  readonly fields: DeviceFields
  readonly profile: ProfileKey
}

interface Updated {
  readonly found: Existing
  readonly fields: DeviceFields
  readonly profile: ProfileKey
  readonly changed: DeviceField[]
}

interface Decided {
  readonly created: Created[]
  readonly updated: Updated[]
  /** Ids of devices that the file names, whether they change or not. */
  readonly touched: string[]
  /** By how many devices profiles grow. */
  readonly changes: Map<string, number>
  readonly refused: Refused[]
}

class ImportRun {
  private readonly tx: Tx
  private readonly id: string
  private readonly jurisdiction: JurisdictionContext
  private readonly options: ImportOptions
  private readonly counts = {
    created: 0,
    updated: 0,
    unchanged: 0,
    rejected: 0,
    sitesCreated: 0,
    profilesCreated: 0,
  }
  private readonly nextId: () => string
  private readonly siteIds = new Map<string, string>()
  private readonly knownProfiles = new Set<string>()
  /** Profiles that were evaluated while the batch before theirs was written. */
  private readonly evaluated = new Map<string, Evaluated>()
  private readonly profileChanges = new Map<string, number>()
  private readonly devicesPerProfile = new Map<string, number>()
  private readonly reports = new RowReports()
  /**
   * What the devices of this import are recognized by, while the register holds no others: then there is nothing
   * to look for. null when there were some, or too many have come.
   */
  private only: Seen | null = null
  /** What people state on makers; nobody can state more while an import holds its lock. */
  private standing: Standing = standingOf([])
  /** Some devices became part of others, by whose names files may still list them. */
  private hasMerged = false

  constructor(tx: Tx, id: string, jurisdiction: JurisdictionContext, options: ImportOptions) {
    this.tx = tx
    this.id = id
    this.jurisdiction = jurisdiction
    this.options = options
    this.nextId = idsFrom(options.now.getTime())
  }

  async begin(): Promise<void> {
    this.standing = await allStanding(this.tx, this.jurisdiction.id)
    const { rows } = await this.tx.execute<{ some: boolean; merged: boolean }>(
      sql`select exists (select from devices where jurisdiction_id = ${this.jurisdiction.id}::uuid) as some,
        exists (select from device_merges where jurisdiction_id = ${this.jurisdiction.id}::uuid) as merged`,
    )
    this.hasMerged = rows[0]!.merged
    if (!rows[0]!.some) this.only = new Map()
  }

  /** The work on a row that needs no answer of the database: done while the database is busy with others. */
  prepare(row: Wanted): Wanted {
    if (this.only === null) return row
    const { knowledge, now } = this.options
    const fields = this.standing.on(null, merge(BLANK_DEVICE, this.given(row, BLANK_DEVICE)))
    const profile = profileOf(fields, this.jurisdiction, knowledge)
    const { id, facts } = profile
    if (!this.knownProfiles.has(id) && !this.evaluated.has(id))
      this.evaluated.set(id, evaluated(facts, this.jurisdiction, knowledge, now))
    row.asNew = { fields, profile }
    return row
  }

  async take(wanted: readonly Wanted[]): Promise<void> {
    if (wanted.length === 0) return
    const { tx, jurisdiction } = this
    const { knowledge, now } = this.options
    const { unique, repeated } = splitRepeated(wanted, this.only)
    await this.placeSites(unique)
    const existing = this.only === null ? await this.findSteady(unique) : NONE
    if (this.only !== null && this.only.size > MOST_REMEMBERED) this.only = null
    const { created, updated, touched, changes, refused } = await this.decide(unique, existing)
    const fresh = [...created, ...updated]
      .map(({ profile }) => profile)
      .filter(({ id }) => !this.knownProfiles.has(id))
    const made = await ensureProfiles(tx, fresh, jurisdiction, knowledge, now, changes, this.evaluated)
    this.counts.profilesCreated += made.length
    for (const { id } of fresh) {
      this.knownProfiles.add(id)
      this.evaluated.delete(id)
    }
    for (const id of made) changes.delete(id)
    for (const [id, by] of changes) this.profileChanges.set(id, (this.profileChanges.get(id) ?? 0) + by)
    await this.insert(created)
    await this.update(updated)
    if (touched.length > 0) {
      await tx.execute(sql`insert into import_touched select unnest(${sql.param(touched)}::uuid[])`)
    }
    await this.reject([...repeated.map(asRepeated), ...refused])
  }

  /** What becomes of each row of a batch; nothing is written here. */
  private async decide(rows: readonly Wanted[], known: KnownDevices): Promise<Decided> {
    const decided: Decided = { created: [], updated: [], touched: [], changes: new Map(), refused: [] }
    const { changes } = decided
    const move = (profileId: string, by: number) => changes.set(profileId, (changes.get(profileId) ?? 0) + by)
    const taken = new Set<string>()
    const pause = pacer()
    for (const row of rows) {
      await pause()
      const match = recognized(row, known, taken, { source: this.options.source, importId: this.id })
      const found = match.how === 'known' ? match.device : null
      const refused = match.how === 'known' ? this.refusal(row, match.device, taken) : heldAs(row, match.how)
      if (refused !== null) {
        decided.refused.push(refused)
        continue
      }
      if (found !== null) taken.add(found.id)
      else freeKey(row, known, this.options.source)
      const base = found ? fieldsOf(found) : BLANK_DEVICE
      const { fields, profile } =
        (found ? null : this.placed(row)) ?? this.laidOver(found?.id ?? null, base, row)
      this.reports.warn(row, found ? NO_ISSUES : doublesOf(row, known))
      this.devicesPerProfile.set(profile.id, (this.devicesPerProfile.get(profile.id) ?? 0) + 1)
      if (!found) {
        decided.created.push({ row, fields, profile })
        move(profile.id, 1)
        continue
      }
      decided.touched.push(found.id)
      const changed = FIELD_NAMES.filter((field) => !sameValue(fields[field], base[field]))
      if (changed.length === 0 && found.profileId === profile.id) {
        this.counts.unchanged++
        continue
      }
      decided.updated.push({ found, fields, profile, changed })
      if (found.profileId !== profile.id) {
        move(profile.id, 1)
        move(found.profileId, -1)
      }
    }
    return decided
  }

  /** Why a row is not laid over the device that it names; null when it is. */
  private refusal(row: Wanted, found: Existing, taken: ReadonlySet<string>): Refused | null {
    if (found.importId === this.id || found.isTouched || taken.has(found.id)) return asRepeated(row)
    return isAnother(row, found) ? asHeld(row, 'another-device') : null
  }

  private laidOver(
    id: string | null,
    base: DeviceFields,
    row: Wanted,
  ): { fields: DeviceFields; profile: ProfileKey } {
    const fields = this.standing.on(id, merge(base, this.given(row, base)))
    return { fields, profile: profileOf(fields, this.jurisdiction, this.options.knowledge) }
  }

  /** A row that was prepared, at its site. */
  private placed({ asNew, siteName }: Wanted): Wanted['asNew'] {
    if (asNew === null || siteName == null) return asNew
    const siteId = this.siteIds.get(siteName.toLowerCase()) ?? null
    return { ...asNew, fields: { ...asNew.fields, siteId } }
  }

  /** The values a row gives, with blanks left out when they are to keep what is known. */
  private given(row: Wanted, base: DeviceFields): Partial<Record<DeviceField, unknown>> {
    const values: Partial<Record<DeviceField, unknown>> = {}
    const keeps = this.options.blanks === 'keep'
    for (const [field, value] of Object.entries(row.values) as [DeviceField, unknown][]) {
      if (field === 'custom') continue
      if (value === null && (keeps || field === 'status')) continue
      if (isSameKey(field, value, base, row.keys[0]?.kind === 'id')) continue
      values[field] = value
    }
    const custom = givenCustom(row.values.custom, base.custom, keeps)
    if (custom !== undefined) values.custom = custom
    if (row.siteName != null) values.siteId = this.siteIds.get(row.siteName.toLowerCase())
    else if (row.siteName === null && !keeps) values.siteId = null
    if (row.remarks.length > 0) {
      const notes = values.notes === undefined ? base.notes : (values.notes as string | null)
      values.notes = withRemarks(notes, row.remarks)
    }
    return values
  }

  /**
   * The devices as they are when they are written: those that rows change are locked, and read again when somebody has
   * changed one of them after it was read. What is not changed is not held up.
   */
  private async findSteady(rows: readonly Wanted[]): Promise<KnownDevices> {
    for (;;) {
      const known = await findKnown(this.tx, rows, this.register())
      const changed = await this.changedBy(rows, known)
      if (changed.size === 0) return known
      const { rows: locked } = await this.tx.execute<{ id: string; version: number }>(sql`
        select d.id::text as id, d.version from ${unseen(this.jurisdiction.id)} c
        join devices d on d.jurisdiction_id = c.id and d.id = any (${sql.param([...changed.keys()])}::uuid[])
        order by d.id for update of d`)
      const isSteady = locked.every(({ id, version }) => changed.get(id) === version)
      if (isSteady && locked.length === changed.size) return known
    }
  }

  /** Versions of the devices that rows change, by id. */
  private async changedBy(rows: readonly Wanted[], known: KnownDevices): Promise<Map<string, number>> {
    const changed = new Map<string, number>()
    const named = { source: this.options.source, importId: this.id }
    const pause = pacer()
    for (const row of rows) {
      await pause()
      const match = recognized(row, known, new Set(), named)
      if (match.how !== 'known') continue
      const { device } = match
      const base = fieldsOf(device)
      const given = Object.entries(this.given(row, base)) as [DeviceField, unknown][]
      const isChanged =
        given.some(([field, value]) => !sameValue(value as DeviceFields[DeviceField], base[field])) ||
        this.standing.on(device.id, base) !== base
      if (isChanged) changed.set(device.id, device.version)
    }
    return changed
  }

  private register(): Register {
    return { jurisdictionId: this.jurisdiction.id, source: this.options.source, hasMerged: this.hasMerged }
  }

  private async placeSites(rows: readonly Wanted[]): Promise<void> {
    const wanted = new Map<string, { latitude: number | null; longitude: number | null }>()
    for (const { siteName, values } of rows) {
      if (siteName == null || this.siteIds.has(siteName.toLowerCase())) continue
      wanted.set(siteName, {
        latitude: (values.latitude as number | undefined) ?? null,
        longitude: (values.longitude as number | undefined) ?? null,
      })
    }
    const { ids, made } = await findOrMakeSites(this.tx, this.jurisdiction.id, wanted, this.options.now)
    for (const [name, id] of ids) this.siteIds.set(name, id)
    this.counts.sitesCreated += made
  }

  private async insert(created: readonly Created[]): Promise<void> {
    if (created.length === 0) return
    const { now, source } = this.options
    const at = now.toISOString()
    const rows = created.map(({ row, fields, profile }) =>
      recordOf(fields, { id: this.nextId(), profile_id: profile.id, import_key: row.importKey }),
    )
    await this.tx.execute(sql`
      insert into devices (jurisdiction_id, id, ${sql.raw(COLUMN_LIST)}, profile_id, import_key, import_source, import_id,
        version, created_at, updated_at)
      select ${this.jurisdiction.id}::uuid, r.id, ${sql.raw(RECORD_KEYS)},
        r.profile_id, r.import_key, ${source}, ${this.id}::uuid, 1, ${at}::timestamptz, ${at}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(id uuid, ${sql.raw(RECORD)}, profile_id uuid, import_key text)`)
    this.counts.created += created.length
  }

  private async update(updated: readonly Updated[]): Promise<void> {
    if (updated.length === 0) return
    const { now, source, actor } = this.options
    const at = now.toISOString()
    const kept = updated.map(({ found, changed }) => ({ id: found.id, changed }))
    await this.tx.execute(sql`
      insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from, valid_to,
        ended_by, import_id, request_id, came_by)
      select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json,
        array(select jsonb_array_elements_text(r.changed)), d.updated_at, ${at}::timestamptz, ${actor.id}, ${this.id}::uuid,
        ${actor.requestId}, ${cameBy}
      from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as r(id uuid, changed jsonb)
      cross join ${unseen(this.jurisdiction.id)} c
      join devices d on d.jurisdiction_id = c.id and d.id = r.id`)
    const rows = updated.map(({ found, fields, profile }) =>
      recordOf(fields, { id: found.id, profile_id: profile.id }),
    )
    await this.tx.execute(sql`
      update devices d set ${sql.raw(RECORD_CHANGES)},
        profile_id = r.profile_id,
        import_source = case when d.import_key is null then ${source} else d.import_source end, import_id = ${this.id}::uuid, version = d.version + 1,
        updated_at = ${at}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, ${sql.raw(RECORD)}, profile_id uuid),
        ${unseen(this.jurisdiction.id)} c
      where d.jurisdiction_id = c.id and d.id = r.id`)
    this.counts.updated += updated.length
  }

  async reject(rows: readonly Refused[]): Promise<void> {
    if (rows.length === 0) return
    this.counts.rejected += rows.length
    const stored = rows.map(({ position, raw, errors }) => ({ row: position, cells: raw, errors }))
    // A row that stands for several devices is in the file once, however many of them are refused.
    await this.tx.execute(sql`
      insert into import_rejects (jurisdiction_id, import_id, row, cells, errors)
      select ${this.jurisdiction.id}::uuid, ${this.id}::uuid, r.row, r.cells, r.errors
      from jsonb_to_recordset(${JSON.stringify(stored)}::jsonb) as r(row integer, cells jsonb, errors jsonb)
      on conflict do nothing`)
    for (const row of rows) this.reports.reject(row)
  }

  async finish(table: ReadTable): Promise<ImportReport> {
    await countDevices(this.tx, this.jurisdiction.id, this.profileChanges, this.options.knowledge)
    const { tx, id, devicesPerProfile } = this
    const { source } = this.options
    const run = { tx, id, jurisdictionId: this.jurisdiction.id, source, devicesPerProfile }
    return reportOf(run, table, this.counts, this.reports)
  }
}

/** Of the city's own fields what a row changes; undefined when that is nothing. */
function givenCustom(
  given: CustomChange | undefined,
  base: CustomValues | null,
  keeps: boolean,
): CustomChange | undefined {
  if (given === undefined) return undefined
  const change = keeps
    ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
    : given
  return withCustom(base, change) === base ? undefined : change
}

const NONE = new KnownDevices()
const NO_ISSUES: readonly RowIssue[] = []

function heldAs(row: Wanted, how: 'new' | 'unclear' | 'contradicted'): Refused | null {
  if (how === 'new') return null
  return asHeld(row, how === 'unclear' ? 'unclear-device' : 'another-device')
}

/** Under its key there may be another device, from which something tells it apart: then it goes by the next. */
function freeKey(row: Wanted, known: KnownDevices, source: string): void {
  if (row.importKey === null) return
  const isFree = (key: string) =>
    !key.startsWith('id:') &&
    !known.of(key).some(({ importKey, importSource }) => importKey === key && importSource === source)
  row.importKey = [row.importKey, ...row.keys.map(storedKey)].find(isFree) ?? null
}

/** The same tag in other letters is no change, and no row changes the tag of the device that it found. */
function isSameKey(field: DeviceField, value: unknown, base: DeviceFields, hasId: boolean): boolean {
  if (field !== 'assetTag' && field !== 'serialNumber' && field !== 'externalId') return false
  const known = base[field]
  // A device that was merged may be found by a tag that it no longer has.
  if (field === 'assetTag' && known !== null && !hasId) return true
  return known !== null && typeof value === 'string' && folded(value) === folded(known)
}
