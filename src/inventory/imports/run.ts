/**
 * A table of devices goes into the register, in one transaction: all of it or nothing.
 *
 * Rows are taken in batches, so memory does not grow with the file. A row is recognised by its asset tag, then by its
 * serial number, its MAC address, or at last by what it says, within the same source (recognition.ts).
 */
import { performance } from 'node:perf_hooks'
import { setImmediate as turnOfEvents } from 'node:timers/promises'
import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { awaitTurn, takeTurn } from '../../db/locks.ts'
import { expectMany, unseen } from '../../db/query-hints.ts'
import { importRejects, imports } from '../../db/schema/index.ts'
import { deviceDocument } from '../../device/columns.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../../device/device.ts'
import { DEVICE_FIELDS, type DeviceField, FIELD_NAMES } from '../../device/fields.ts'
import type { ColumnReport } from '../../intake/column-reports.ts'
import type { DeviceRow } from '../../intake/fields.ts'
import { withRemarks } from '../../intake/remarks.ts'
import type { FileNotice, LeftOutRow, ReadRow, ReadTable, RowIssue, SheetReport } from '../../intake/rows.ts'
import { type WarningGroup, WarningGroups } from '../../intake/warning-groups.ts'
import { idsFrom, uuidv7 } from '../../lib/ids.ts'
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
import { type Actor, record } from '../../tenancy/audit.ts'
import { findOrMakeSites } from '../sites.ts'
import { folded, isSameUnit, recognition, SameUnits } from './recognition.ts'
import { TurnTaken } from './waiting.ts'

const BATCH_ROWS = 2_000
/** Of the cells of a batch, in characters: rows may have a million of them each. */
const BATCH_CHARACTERS = 8_000_000
/** What a cell costs besides its text, in characters. */
const CELL_COST = 8
/** How many rows with errors, warnings and vanished devices a report lists; the counts are always whole. */
const LISTED = 1_000
const REJECTS_PAGE = 1_000
/** How long reading goes on before the answers of the database, and other requests, are let in between. */
const TURN_MILLIS = 8
/** Keys that an import into an empty register keeps in mind: some 20 MB. */
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
  /** Come again instead of waiting when another has the turn: throws TurnTaken. */
  readonly isTurnTried?: boolean
  /** Ends the import between two batches. */
  readonly signal?: AbortSignal | undefined
  /** Called after each batch with the rows read so far. */
  readonly onProgress?: (rows: number) => void
}

export interface ReportedRow {
  readonly row: number
  /** null where there are no sheets. */
  readonly sheet: string | null
  readonly errors: readonly {
    column: string | null
    field: string | null
    value: string | null
    code: string
    message: string
  }[]
}

export interface ImportReport {
  readonly format: string
  readonly encoding: string
  readonly delimiter: string | null
  readonly profile: string | null
  readonly dateOrder: string
  readonly mapping: readonly { field: string; columns: readonly string[]; how: string }[]
  readonly ignoredColumns: readonly string[]
  readonly secretColumns: readonly string[]
  /** As it came; a rejects file repeats it. */
  readonly header: readonly string[]
  /** `rows` + `added` = created + updated + unchanged + rejected + blank + leftOut. */
  readonly counts: {
    readonly rows: number
    /** Devices that quantities add to those of their rows. */
    readonly added: number
    /** Rows that are no devices: headings, totals, repeated headers. */
    readonly leftOut: number
    readonly created: number
    readonly updated: number
    readonly unchanged: number
    readonly rejected: number
    readonly blank: number
    readonly vanished: number
    readonly sitesCreated: number
    readonly profilesCreated: number
  }
  /** Devices of this import by status of their identification, and by maker. */
  readonly identification: Readonly<Record<string, number>>
  readonly makers: readonly { maker: string | null; brand: string | null; devices: number }[]
  readonly rejected: readonly ReportedRow[]
  readonly warnings: readonly ReportedRow[]
  /** The same once for each column and value. */
  readonly warningGroups: readonly WarningGroup[]
  /** Rows that are no devices. */
  readonly leftOut: readonly LeftOutRow[]
  /** What became of each column, and of each sheet of a workbook. */
  readonly columns: readonly ColumnReport[]
  readonly sheets: readonly SheetReport[]
  readonly dateOrderFrom: string
  /** What to know of the file as a whole: sheets that were not read, cells that show errors. */
  readonly fileWarnings: readonly FileNotice[]
  readonly vanished: readonly { id: string; assetTag: string | null; name: string | null }[]
  /** True when one of the lists above was cut at 1,000. */
  readonly listsCut: boolean
}

export interface ImportResult {
  readonly id: string
  readonly report: ImportReport
}

const COLUMN_LIST = FIELD_NAMES.map((field) => DEVICE_FIELDS[field].column).join(', ')
/** What each field is called on its way into the database: by the long names a file becomes half as long again. */
const SHORT = FIELD_NAMES.map((field, i) => ({ ...DEVICE_FIELDS[field], field, key: `f${i}` }))
const RECORD = SHORT.map(({ type, key }) => `${key} ${type}`).join(', ')
const RECORD_KEYS = SHORT.map(({ key }) => `r.${key}`).join(', ')
const RECORD_CHANGES = SHORT.map(({ column, key }) => `${column} = r.${key}`).join(', ')

interface Wanted {
  readonly row: number
  readonly sheet: string | null
  /** In the file; a row that stands for several devices has one for all. */
  readonly position: number
  /** To be kept in the notes. */
  readonly remarks: readonly string[]
  readonly raw: readonly string[]
  readonly values: Partial<Record<DeviceField, unknown>>
  readonly siteName: string | null | undefined
  importKey: string | null
  /** What it may be known by when no device has its tag, in the order of belief. */
  readonly keys: readonly string[]
  readonly warnings: ReadRow['warnings']
  /** What becomes of it when it is new; worked out early where that is sure, but for its site. */
  asNew: { readonly fields: DeviceFields; readonly profile: ProfileKey } | null
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
  if (!options.isTurnTried) await awaitTurn(tx, 'import', jurisdictionId)
  else if (!(await takeTurn(tx, 'import', jurisdictionId))) throw new TurnTaken()
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

  let batch: Wanted[] = []
  let rejects: ReadRow[] = []
  let characters = 0
  // One batch is written while the next is read, so the service and the database both work.
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
  let turnBegan = performance.now()
  try {
    for await (const row of table.rows) {
      // Reading never waits by itself.
      if (performance.now() - turnBegan > TURN_MILLIS) {
        await turnOfEvents()
        options.signal?.throwIfAborted()
        turnBegan = performance.now()
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
  const report = await run.finish(table)
  await record(tx, jurisdictionId, actor, now, {
    action: 'import.run',
    target: id,
    detail: { source: options.source, fileName: options.fileName, counts: report.counts },
  })
  return { id, report }
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

/**
 * The refused rows of an import, in the order of the file, read a page at a time.
 * `read` runs the reading of one page: in a transaction of its own, or in one that is open.
 */
export async function* rejectedRows(
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
  jurisdictionId: string,
  importId: string,
): AsyncGenerator<{ raw: string[]; errors: RowIssue[] }, void, undefined> {
  let position = -1
  for (;;) {
    const rows = await read((tx) =>
      tx
        .select()
        .from(importRejects)
        .where(
          sql`jurisdiction_id = ${jurisdictionId}::uuid and import_id = ${importId}::uuid and row > ${position}`,
        )
        .orderBy(importRejects.row)
        .limit(REJECTS_PAGE),
    )
    for (const reject of rows) {
      yield { raw: reject.cells as string[], errors: reject.errors as RowIssue[] }
    }
    if (rows.length < REJECTS_PAGE) return
    position = rows.at(-1)!.row
  }
}

function toWanted(
  row: ReadRow,
  device: DeviceRow,
  repeats: Map<string, number>,
  jurisdiction: JurisdictionContext,
): Wanted {
  const { siteName, ...values } = device
  if (values.acquisitionCostCents != null && values.currency == null) values.currency = jurisdiction.currency
  return {
    row: row.row,
    sheet: row.sheet,
    position: row.position,
    remarks: row.remarks,
    raw: row.raw,
    values,
    siteName,
    ...recognition(device, repeats),
    // Said once for all devices of a row.
    warnings: device === row.device ? row.warnings : [],
    asNew: null,
  }
}

/** What is wrong with a row, and where. */
type Issue = Omit<RowIssue, 'field' | 'code'> & { readonly field: string | null; readonly code: string }

/** A row that does not come into the register. */
interface Refused extends Pick<ReadRow, 'row' | 'sheet' | 'position' | 'raw'> {
  readonly errors: readonly Issue[]
}

interface Existing extends Record<string, unknown> {
  readonly id: string
  readonly importKey: string | null
  readonly importId: string | null
  readonly isTouched: boolean
  readonly profileId: string
  readonly version: number
  readonly assetTag: string | null
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
  private readonly listedRejects: ReportedRow[] = []
  private readonly listedWarnings: ReportedRow[] = []
  private readonly groups = new WarningGroups()
  private readonly units = new SameUnits()
  private listsCut = false
  /**
   * What the devices of this import are recognised by, while the register holds no others: then there is nothing
   * to look for. null when there were some, or too many have come.
   */
  private only: Set<string> | null = null

  constructor(tx: Tx, id: string, jurisdiction: JurisdictionContext, options: ImportOptions) {
    this.tx = tx
    this.id = id
    this.jurisdiction = jurisdiction
    this.options = options
    this.nextId = idsFrom(options.now.getTime())
  }

  async begin(): Promise<void> {
    const { rows } = await this.tx.execute<{ some: boolean }>(
      sql`select exists (select from devices where jurisdiction_id = ${this.jurisdiction.id}::uuid) as some`,
    )
    if (!rows[0]!.some) this.only = new Set()
  }

  /** The work on a row that needs no answer of the database: done while the database is busy with others. */
  prepare(row: Wanted): Wanted {
    if (this.only === null) return row
    const { knowledge, now } = this.options
    const fields = merge(BLANK_DEVICE, this.given(row, BLANK_DEVICE))
    const profile = profileOf(fields, knowledge)
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
    const existing = this.only === null ? await this.findExisting(unique) : NONE
    if (this.only !== null) {
      for (const row of unique) for (const key of keysOf(row)) this.only.add(key)
      if (this.only.size > MOST_REMEMBERED) this.only = null
    }
    await this.placeSites(unique)
    const created: { row: Wanted; fields: DeviceFields; profile: ProfileKey }[] = []
    const updated: { found: Existing; fields: DeviceFields; profile: ProfileKey; changed: DeviceField[] }[] =
      []
    const touched: string[] = []
    const changes = new Map<string, number>()
    const move = (profileId: string, by: number) => changes.set(profileId, (changes.get(profileId) ?? 0) + by)
    const refused = [...repeated]
    const heldBack: Wanted[] = []
    const taken = new Set<string>()
    for (const row of unique) {
      const found = recognised(row, existing, taken)
      if (found && (found.importId === this.id || found.isTouched)) {
        refused.push(row)
        continue
      }
      if (found && isAnother(row, found)) {
        heldBack.push(row)
        continue
      }
      if (found) taken.add(found.id)
      // Its key is that of another device with the same serial number.
      else if (row.importKey !== null && existing.has(row.importKey))
        row.importKey = row.keys.find((key) => !existing.has(key)) ?? null
      const base = found ? fieldsOf(found) : BLANK_DEVICE
      const { fields, profile } = (found ? null : this.placed(row)) ?? this.laidOver(base, row)
      this.noteWarnings(row)
      this.devicesPerProfile.set(profile.id, (this.devicesPerProfile.get(profile.id) ?? 0) + 1)
      if (!found) {
        created.push({ row, fields, profile })
        move(profile.id, 1)
        continue
      }
      touched.push(found.id)
      const changed = FIELD_NAMES.filter((field) => !sameValue(fields[field], base[field]))
      if (changed.length === 0 && found.profileId === profile.id) {
        this.counts.unchanged++
        continue
      }
      updated.push({ found, fields, profile, changed })
      if (found.profileId !== profile.id) {
        move(profile.id, 1)
        move(found.profileId, -1)
      }
    }
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
    await this.reject([...refused.map(asRepeated), ...heldBack.map(asAnother)])
  }

  private laidOver(base: DeviceFields, row: Wanted): { fields: DeviceFields; profile: ProfileKey } {
    const fields = merge(base, this.given(row, base))
    return { fields, profile: profileOf(fields, this.options.knowledge) }
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
      if (value === null && (keeps || field === 'status')) continue
      values[field] = value
    }
    if (row.siteName != null) values.siteId = this.siteIds.get(row.siteName.toLowerCase())
    else if (row.siteName === null && !keeps) values.siteId = null
    if (row.remarks.length > 0) {
      const notes = values.notes === undefined ? base.notes : (values.notes as string | null)
      values.notes = withRemarks(notes, row.remarks)
    }
    return values
  }

  private async findExisting(rows: readonly Wanted[]): Promise<Map<string, Existing>> {
    const tags = rows.flatMap((row) => (row.values.assetTag == null ? [] : [String(row.values.assetTag)]))
    const keys = rows.flatMap((row) => row.keys)
    const columns = SHORT.map(
      ({ column, type, field }) => `d.${column}${type === 'date' ? '::text' : ''} as "${field}"`,
    )
    // Each key by itself through the index; `offset 0` keeps it so.
    const find = async (wanted: readonly string[], condition: SQL) => {
      if (wanted.length === 0) return []
      const { rows: there } = await this.tx.execute<Existing>(sql`
        select d.id::text as id, d.import_key as "importKey", d.import_id::text as "importId",
          d.profile_id::text as "profileId", d.version, t.id is not null as "isTouched", ${sql.raw(columns.join(', '))}
        from unnest(${sql.param(wanted)}::text[]) k(key) cross join ${unseen(this.jurisdiction.id)} c
        cross join lateral (
          select * from devices d where d.jurisdiction_id = c.id and ${condition} offset 0) d
        left join lateral (select t.id from import_touched t where t.id = d.id offset 0) t on true`)
      return there
    }
    const found = new Map<string, Existing>()
    for (const row of await find(tags, sql`d.asset_tag = k.key`)) found.set(`tag:${row.assetTag}`, row)
    const bySource = sql`d.import_source = ${this.options.source} and d.import_key = k.key`
    for (const row of await find(keys, bySource)) found.set(row.importKey!, row)
    return found
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

  private async insert(
    created: readonly { row: Wanted; fields: DeviceFields; profile: ProfileKey }[],
  ): Promise<void> {
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

  private async update(
    updated: readonly {
      found: Existing
      fields: DeviceFields
      profile: ProfileKey
      changed: DeviceField[]
    }[],
  ): Promise<void> {
    if (updated.length === 0) return
    const { now, source, actor } = this.options
    const at = now.toISOString()
    const kept = updated.map(({ found, changed }) => ({ id: found.id, changed }))
    await this.tx.execute(sql`
      insert into device_history (jurisdiction_id, device_id, version, snapshot, changed_fields, valid_from, valid_to,
        ended_by, import_id, request_id)
      select d.jurisdiction_id, d.id, d.version, (${deviceDocument})::json,
        array(select jsonb_array_elements_text(r.changed)), d.updated_at, ${at}::timestamptz, ${actor.id}, ${this.id}::uuid,
        ${actor.requestId}
      from jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as r(id uuid, changed jsonb)
      cross join ${unseen(this.jurisdiction.id)} c
      join devices d on d.jurisdiction_id = c.id and d.id = r.id`)
    const rows = updated.map(({ found, fields, profile }) =>
      recordOf(fields, { id: found.id, profile_id: profile.id }),
    )
    await this.tx.execute(sql`
      update devices d set ${sql.raw(RECORD_CHANGES)},
        profile_id = r.profile_id, import_source = ${source}, import_id = ${this.id}::uuid, version = d.version + 1,
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
    for (const row of rows) this.list(this.listedRejects, toReported(row, row.errors))
  }

  private noteWarnings(row: Wanted): void {
    const warnings = [...row.warnings, ...this.units.sameAs(row.values)]
    if (warnings.length === 0) return
    this.list(this.listedWarnings, toReported(row, warnings))
    this.groups.add(row, warnings)
  }

  private list(into: ReportedRow[], item: ReportedRow): void {
    if (into.length < LISTED) into.push(item)
    else this.listsCut = true
  }

  async finish(table: ReadTable): Promise<ImportReport> {
    await countDevices(this.tx, this.jurisdiction.id, this.profileChanges)
    const gone = sql`from devices d where d.jurisdiction_id = ${this.jurisdiction.id}::uuid
      and d.import_source = ${this.options.source} and d.import_id is distinct from ${this.id}::uuid
      and not exists (select 1 from import_touched t where t.id = d.id)`
    const { rows: vanished } = await this.tx.execute<{
      id: string
      assetTag: string | null
      name: string | null
    }>(
      sql`select d.id::text as id, d.asset_tag as "assetTag", d.name ${gone} order by d.asset_tag, d.id limit ${LISTED + 1}`,
    )
    const isCut = vanished.length > LISTED
    const { rows: counted } = isCut
      ? await this.tx.execute<{ count: number }>(sql`select count(*)::int as count ${gone}`)
      : { rows: [{ count: vanished.length }] }
    const { rows: makers } = await this.tx.execute<{
      status: string
      maker: string | null
      brand: string | null
      devices: number
    }>(sql`
      select p.identification_status as status, p.maker_id as maker, p.brand_id as brand, sum(n.devices)::int as devices
      from unnest(${sql.param([...this.devicesPerProfile.keys()])}::uuid[], ${sql.param([...this.devicesPerProfile.values()])}::int[]) n(id, devices)
      cross join ${unseen(this.jurisdiction.id)} c
      join profiles p on p.jurisdiction_id = c.id and p.id = n.id
      group by 1, 2, 3 order by devices desc, maker, brand`)
    const identification: Record<string, number> = { resolved: 0, ambiguous: 0, unresolved: 0 }
    const perMaker = new Map<string, { maker: string | null; brand: string | null; devices: number }>()
    for (const { status, maker, brand, devices } of makers) {
      identification[status] = (identification[status] ?? 0) + devices
      const key = JSON.stringify([maker, brand])
      const row = perMaker.get(key)
      perMaker.set(key, { maker, brand, devices: (row?.devices ?? 0) + devices })
    }
    const { mapping } = table
    return {
      format: table.format,
      encoding: table.encoding,
      delimiter: table.delimiter,
      profile: table.profile?.id ?? null,
      dateOrder: table.dateOrder,
      dateOrderFrom: table.dateOrderFrom,
      mapping: mapping.fields.map(({ field, columns, how }) => ({
        field,
        columns: columns.map((column) => column.header),
        how,
      })),
      ignoredColumns: mapping.ignored.map((column) => column.header),
      secretColumns: mapping.secret.map((column) => column.header),
      header: table.header,
      counts: {
        rows: table.counts.rows,
        added: table.counts.added,
        ...this.counts,
        blank: table.counts.blank,
        leftOut: table.counts.leftOut,
        vanished: counted[0]!.count,
      },
      identification,
      makers: [...perMaker.values()].sort((a, b) => b.devices - a.devices),
      rejected: this.listedRejects,
      warnings: this.listedWarnings,
      warningGroups: this.groups.all(),
      leftOut: table.leftOut,
      columns: table.columns,
      sheets: table.sheets,
      fileWarnings: table.notices,
      vanished: vanished.slice(0, LISTED),
      listsCut: this.listsCut || isCut,
    }
  }
}

/** What no other row of the file may say. */
function keysOf({ values, keys }: Wanted): readonly string[] {
  return values.assetTag == null ? keys : [`tag:${String(values.assetTag)}`]
}

const NONE: ReadonlyMap<string, Existing> = new Map()

/** The device that a row is about: by its tag, then by what else it is known by. */
function recognised(
  row: Wanted,
  existing: ReadonlyMap<string, Existing>,
  taken: ReadonlySet<string>,
): Existing | undefined {
  const byTag = row.values.assetTag == null ? undefined : existing.get(`tag:${String(row.values.assetTag)}`)
  if (byTag !== undefined) return byTag
  const known = row.keys.map((key) => existing.get(key))
  return known.find((found) => found !== undefined && !taken.has(found.id) && isSameUnit(row.values, found))
}

/** A row that says another maker, model and serial number under a known tag is another device with a used tag. */
function isAnother({ values }: Wanted, found: Existing): boolean {
  return (['manufacturer', 'model', 'serialNumber'] as const).every((field) => {
    const [is, was] = [values[field], found[field]]
    return typeof is === 'string' && typeof was === 'string' && folded(is) !== folded(was)
  })
}

function asAnother({ row, sheet, position, raw, values }: Wanted): Refused {
  const message =
    'The device with this tag has another maker, model and serial number. Nothing was changed: give the new device a tag of its own, or correct the register first.'
  const value = String(values.assetTag)
  const issue = { column: null, header: null, field: 'assetTag', value, code: 'another-device', message }
  return { row, sheet, position, raw, errors: [issue] }
}

function asRepeated({ row, sheet, position, raw, values, importKey }: Wanted): Refused {
  const tag = importKey === null ? String(values.assetTag) : null
  const what = tag === null ? `device (${importKey!.replace(':', ' ')})` : `asset tag ${JSON.stringify(tag)}`
  const issue = {
    column: null,
    header: null,
    field: tag === null ? null : 'assetTag',
    value: tag,
    code: 'repeated-device',
    message: `the ${what} came earlier in this file`,
  }
  return { row, sheet, position, raw, errors: [issue] }
}

/** Within one batch: the first row of each device, and the rows that repeat one or one of those before. */
function splitRepeated(
  rows: readonly Wanted[],
  before: ReadonlySet<string> | null,
): { unique: Wanted[]; repeated: Wanted[] } {
  const seen = new Set<string>()
  const isSeen = (key: string) => seen.has(key) || before?.has(key) === true
  const unique: Wanted[] = []
  const repeated: Wanted[] = []
  for (const row of rows) {
    const keys = keysOf(row)
    // With a serial number that came before and an address that did not, it is another device.
    const fresh = keys.find((key) => !isSeen(key))
    if (fresh === undefined || (isSeen(keys[0]!) && !fresh.startsWith('mac:'))) repeated.push(row)
    else {
      if (row.importKey !== null) row.importKey = fresh
      unique.push(row)
    }
    for (const key of keys) seen.add(key)
  }
  return { unique, repeated }
}

function fieldsOf(found: Existing): DeviceFields {
  const fields: Record<string, unknown> = {}
  for (const field of FIELD_NAMES) {
    const value = found[field] ?? null
    // pg gives int8 as text; costs stay well inside what a number holds.
    fields[field] = field === 'acquisitionCostCents' && value !== null ? Number(value) : value
  }
  return fields as unknown as DeviceFields
}

function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (a == null && b == null)
}

/** A row of `RECORD`, and what else is to be in it. */
function recordOf(fields: DeviceFields, record: Record<string, unknown>): Record<string, unknown> {
  for (const { field, key } of SHORT) if (fields[field] !== null) record[key] = fields[field]
  return record
}

function toReported(
  { row, sheet }: { readonly row: number; readonly sheet: string | null },
  issues: readonly Issue[],
): ReportedRow {
  return {
    row,
    sheet,
    errors: issues.map(({ header, field, value, code, message }) => ({
      column: header,
      field,
      value,
      code,
      message,
    })),
  }
}
