/** A file of devices, each row identified and answered as the law stands; nothing stored. */
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import { readReferenceFiles } from '../catalogue/files.ts'
import { ACTIVITIES, type Activity, type Outcome } from '../catalogue/outcomes.ts'
import { BLANK_DEVICE, merge } from '../device/blank.ts'
import { firmwareOfFiles, readFirmwareFiles } from '../firmware/store.ts'
import { registrantOf } from '../identification/oui.ts'
import type { DeviceRow } from '../intake/fields.ts'
import { openTable } from '../intake/open-table.ts'
import { withRemarks } from '../intake/remarks.ts'
import type { ReadRow, ReadTable } from '../intake/rows.ts'
import { WarningGroups } from '../intake/warning-groups.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { buildKnowledge, type Knowledge } from '../screening/knowledge.ts'
import { findingsOf } from '../screening/profiles.ts'
import { screener } from '../screening/routes.ts'
import { DATA } from '../server/paths.ts'
import { factsOf } from './city-options.ts'
import { progressBar, writeWhole } from './files.ts'
import type { CliParts } from './parts.ts'
import { printScreening, rowsAs, type ScreenedRow, type ScreenSummary } from './print.ts'
import { readOptions } from './read-options.ts'
import type { ScreenOptions } from './screen.ts'
import { open } from './table-options.ts'

export async function runScreen(
  file: string,
  options: ScreenOptions,
  { now, print, terminal }: CliParts,
): Promise<number> {
  const bar = await progressBar(file)
  let table: ReadTable | undefined
  try {
    const knowledge = await knowledgeFromFiles()
    table = await openTable(bar.watch(open(file)), readOptions(options, knowledge))
    const screening = screenFile(table, {
      knowledge,
      asOf: options.asOf ?? dayIn(now(), options.timezone),
      jurisdiction: factsOf(options),
    })
    const shown: ScreenedRow[] = []
    let summary: ScreenSummary | undefined
    async function* rows() {
      for (;;) {
        const next = await screening.next()
        if (next.done) {
          summary = next.value
          return
        }
        if (shown.length < options.rows) shown.push(next.value)
        yield next.value
      }
    }
    const { out } = options
    if (out === undefined) for await (const _ of rows());
    else await writeWhole(out.path, rowsAs(out.format, rows()))
    bar.stop()
    print(
      options.json
        ? JSON.stringify(summary, null, 2)
        : printScreening(shown, summary!, knowledge, await terminal()),
    )
    if (out !== undefined && !options.json) print(`Every row with its answers: ${out.path}`)
    // What could not be read is not clean.
    return options.failOnFindings && summary!.withFindings + summary!.rejected > 0 ? 3 : 0
  } finally {
    await table?.close()
    bar.stop()
  }
}

async function knowledgeFromFiles(): Promise<Knowledge> {
  const files = await readReferenceFiles(DATA)
  return buildKnowledge(
    files.reference,
    registrantOf,
    0,
    files.digest,
    firmwareOfFiles(await readFirmwareFiles(DATA)),
  )
}

/**
 * Screen every row of a table. Rows are given one by one and not kept, so memory does not grow with the file;
 * the summary is what the generator returns.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one pass over the rows that counts as it goes; its counters belong together
async function* screenFile(
  table: ReadTable,
  context: { knowledge: Knowledge; asOf: PlainDate; jurisdiction: JurisdictionFacts },
): AsyncGenerator<ScreenedRow, ScreenSummary, undefined> {
  const { knowledge, asOf } = context
  const one = screener(context.jurisdiction, knowledge, asOf)
  const identification: Record<string, number> = { resolved: 0, ambiguous: 0, unresolved: 0 }
  const makers = new Map<string, number>()
  const headline = Object.fromEntries(ACTIVITIES.map((activity) => [activity, {}])) as Record<
    Activity,
    Partial<Record<Outcome, number>>
  >
  let withFindings = 0
  const groups = new WarningGroups()
  for await (const read of table.rows) {
    groups.add(read, read.warnings)
    if (read.device === null) {
      yield notRead(read, asOf, knowledge)
      continue
    }
    for (const device of [read.device, ...read.more]) {
      const fields = fieldsOf(device, read.remarks)
      const screening = one(fields)
      const { identification: found } = screening
      const findings = findingsOf(screening)
      identification[found.status] = (identification[found.status] ?? 0) + 1
      const maker = found.maker ?? `(${found.status})`
      makers.set(maker, (makers.get(maker) ?? 0) + 1)
      for (const activity of ACTIVITIES) {
        const outcome = screening.headline[activity]
        headline[activity][outcome] = (headline[activity][outcome] ?? 0) + 1
      }
      if (findings.length > 0) withFindings++
      yield {
        row: read.row,
        sheet: read.sheet,
        assetTag: fields.assetTag,
        manufacturer: fields.manufacturer,
        model: fields.model,
        errors: [],
        brand: found.brand,
        maker: found.maker,
        status: found.status,
        confidence: found.confidence,
        headline: screening.headline,
        findings,
        asOf,
        knowledge: knowledge.asOf,
      }
    }
  }
  const { counts } = table
  return {
    asOf,
    knowledge: `${knowledge.asOf} (${knowledge.digest.slice(0, 12)})`,
    profile: table.profile?.id ?? null,
    rows: counts.rows,
    screened: counts.accepted + counts.added,
    rejected: counts.rejected,
    blank: counts.blank,
    added: counts.added,
    leftOutRows: counts.leftOut,
    withFindings,
    identification,
    makers: [...makers].sort(([, a], [, b]) => b - a).map(([maker, devices]) => ({ maker, devices })),
    headline,
    mapping: table.mapping.fields.map(({ field, columns }) => ({
      field,
      column: columns.map((column) => column.header).join(' / '),
    })),
    ignoredColumns: table.mapping.ignored.map((column) => column.header).filter((header) => header !== ''),
    secretColumns: table.mapping.secret.map((column) => column.header),
    dateOrder: table.dateOrder,
    columns: table.columns,
    sheets: table.sheets,
    leftOut: table.leftOut,
    warningGroups: groups.all(),
    fileWarnings: table.notices,
  }
}

function fieldsOf({ siteName: _, status, ...values }: DeviceRow, remarks: readonly string[]) {
  const notes = withRemarks(values.notes, remarks)
  return merge(BLANK_DEVICE, { ...values, notes, ...(status == null ? {} : { status }) })
}

function notRead({ row, sheet, errors }: ReadRow, asOf: PlainDate, knowledge: Knowledge): ScreenedRow {
  return {
    row,
    sheet,
    assetTag: null,
    manufacturer: null,
    model: null,
    errors: errors.map(({ header, message }) => (header === null ? message : `${header}: ${message}`)),
    brand: null,
    maker: null,
    status: 'not read',
    confidence: 0,
    headline: null,
    findings: [],
    asOf,
    knowledge: knowledge.asOf,
  }
}
