/** What an import did: counts, lists that end at a thousand, and what its devices are. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { unseen } from '../../db/query-hints.ts'
import type { ColumnReport } from '../../intake/column-reports.ts'
import type { FileNotice, LeftOutRow, ReadTable, RowIssue, SheetReport } from '../../intake/rows.ts'
import { type WarningGroup, WarningGroups } from '../../intake/warning-groups.ts'
import { SameUnits } from './recognition.ts'
import type { Issue, Refused, Wanted } from './wanted.ts'

/** How many rows with errors, warnings and vanished devices a report lists; the counts are always whole. */
const LISTED = 1_000

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

/** Notes on rows, gathered while a file is read. */
export class RowReports {
  readonly rejected: ReportedRow[] = []
  readonly warnings: ReportedRow[] = []
  readonly groups = new WarningGroups()
  readonly #units = new SameUnits()
  isCut = false

  reject(row: Refused): void {
    this.#list(this.rejected, toReported(row, row.errors))
  }

  warn(row: Wanted, doubles: readonly RowIssue[]): void {
    const warnings = [...row.warnings, ...this.#units.sameAs(row.values), ...doubles]
    if (warnings.length === 0) return
    this.#list(this.warnings, toReported(row, warnings))
    this.groups.add(row, warnings)
  }

  #list(into: ReportedRow[], item: ReportedRow): void {
    if (into.length < LISTED) into.push(item)
    else this.isCut = true
  }
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

/** An import, for questions about its devices when all its rows are in. */
export interface FinishedRun {
  readonly tx: Tx
  readonly jurisdictionId: string
  readonly id: string
  readonly source: string
  readonly devicesPerProfile: ReadonlyMap<string, number>
}

interface Vanished {
  readonly devices: ImportReport['vanished']
  readonly count: number
}

/** Devices that this source brought before and does not bring any more. */
async function vanishedSince({ tx, jurisdictionId, id, source }: FinishedRun): Promise<Vanished> {
  const gone = sql`from devices d where d.jurisdiction_id = ${jurisdictionId}::uuid
    and d.import_source = ${source} and d.import_id is distinct from ${id}::uuid
    and not exists (select 1 from import_touched t where t.id = d.id)`
  const { rows } = await tx.execute<{ id: string; assetTag: string | null; name: string | null }>(
    sql`select d.id::text as id, d.asset_tag as "assetTag", d.name ${gone} order by d.asset_tag, d.id limit ${LISTED + 1}`,
  )
  if (rows.length <= LISTED) return { devices: rows, count: rows.length }
  const { rows: counted } = await tx.execute<{ count: number }>(sql`select count(*)::int as count ${gone}`)
  return { devices: rows.slice(0, LISTED), count: counted[0]!.count }
}

/** The devices of the import by status of their identification, and by maker. */
async function identificationOf({
  tx,
  jurisdictionId,
  devicesPerProfile,
}: FinishedRun): Promise<Pick<ImportReport, 'identification' | 'makers'>> {
  const { rows } = await tx.execute<{
    status: string
    maker: string | null
    brand: string | null
    devices: number
  }>(sql`
    select p.identification_status as status, p.maker_id as maker, p.brand_id as brand, sum(n.devices)::int as devices
    from unnest(${sql.param([...devicesPerProfile.keys()])}::uuid[], ${sql.param([...devicesPerProfile.values()])}::int[]) n(id, devices)
    cross join ${unseen(jurisdictionId)} c
    join profiles p on p.jurisdiction_id = c.id and p.id = n.id
    group by 1, 2, 3 order by devices desc, maker, brand`)
  const identification: Record<string, number> = { resolved: 0, ambiguous: 0, unresolved: 0 }
  const perMaker = new Map<string, { maker: string | null; brand: string | null; devices: number }>()
  for (const { status, maker, brand, devices } of rows) {
    identification[status] = (identification[status] ?? 0) + devices
    const key = JSON.stringify([maker, brand])
    perMaker.set(key, { maker, brand, devices: (perMaker.get(key)?.devices ?? 0) + devices })
  }
  return { identification, makers: [...perMaker.values()].sort((a, b) => b.devices - a.devices) }
}

export async function reportOf(
  run: FinishedRun,
  table: ReadTable,
  counts: Omit<ImportReport['counts'], 'rows' | 'added' | 'blank' | 'leftOut' | 'vanished'>,
  reports: RowReports,
): Promise<ImportReport> {
  const vanished = await vanishedSince(run)
  const identified = await identificationOf(run)
  const { mapping } = table
  return {
    format: table.format,
    encoding: table.encoding,
    delimiter: table.delimiter,
    profile: table.profile?.id ?? null,
    dateOrder: table.dateOrder,
    dateOrderFrom: table.dateOrderFrom,
    mapping: [
      ...mapping.fields.map(({ field, columns, how }) => ({
        field,
        columns: columns.map((column) => column.header),
        how,
      })),
      ...mapping.custom.map(({ field, column, how }) => ({
        field: `custom.${field.name}`,
        columns: [column.header],
        how,
      })),
    ],
    ignoredColumns: mapping.ignored.map((column) => column.header),
    secretColumns: mapping.secret.map((column) => column.header),
    header: table.header,
    counts: {
      rows: table.counts.rows,
      added: table.counts.added,
      ...counts,
      blank: table.counts.blank,
      leftOut: table.counts.leftOut,
      vanished: vanished.count,
    },
    ...identified,
    rejected: reports.rejected,
    warnings: reports.warnings,
    warningGroups: reports.groups.all(),
    leftOut: table.leftOut,
    columns: table.columns,
    sheets: table.sheets,
    fileWarnings: table.notices,
    vanished: vanished.devices,
    listsCut: reports.isCut || vanished.count > vanished.devices.length,
  }
}
