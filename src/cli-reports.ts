/** What the command line prints: tables and summaries for a person, and a progress bar where one can be seen. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import cliProgress from 'cli-progress'
import type { PlainDate } from './calendar.ts'
import type { ReadTable } from './intake/rows.ts'
import { BLANK_DEVICE, merge } from './inventory/devices.ts'
import type { ImportReport } from './inventory/import.ts'
import type { Knowledge } from './knowledge.ts'
import type { Determination, Headline, JurisdictionFacts } from './regimes/determination.ts'
import { ACTIVITIES, type Activity, type Outcome, severity } from './regimes/outcomes.ts'
import { findingsOf } from './screening/profiles.ts'
import { screener } from './screening/routes.ts'

export interface ScreenedRow {
  readonly row: number
  readonly assetTag: string | null
  readonly manufacturer: string | null
  readonly model: string | null
  readonly errors: readonly string[]
  readonly brand: string | null
  readonly maker: string | null
  readonly status: string
  readonly confidence: number
  /** null when the row could not be read. */
  readonly headline: Headline | null
  readonly findings: readonly Determination[]
}

export interface ScreenSummary {
  readonly asOf: PlainDate
  readonly knowledge: string
  readonly profile: string | null
  readonly rows: number
  readonly screened: number
  readonly rejected: number
  readonly blank: number
  readonly withFindings: number
  readonly identification: Readonly<Record<string, number>>
  readonly makers: readonly { readonly maker: string; readonly devices: number }[]
  readonly headline: Readonly<Record<Activity, Readonly<Partial<Record<Outcome, number>>>>>
  readonly columns: readonly { readonly field: string; readonly column: string }[]
}

/** Screen every row of a table; rows are handed over one by one. */
export async function screenFile(
  table: ReadTable,
  context: { knowledge: Knowledge; asOf: PlainDate; jurisdiction: JurisdictionFacts },
  onRow: (row: ScreenedRow) => void,
): Promise<ScreenSummary> {
  const { knowledge, asOf } = context
  const one = screener(context.jurisdiction, knowledge, asOf)
  const identification: Record<string, number> = { resolved: 0, ambiguous: 0, unresolved: 0 }
  const makers = new Map<string, number>()
  const headline = Object.fromEntries(ACTIVITIES.map((activity) => [activity, {}])) as Record<
    Activity,
    Partial<Record<Outcome, number>>
  >
  let withFindings = 0
  for await (const { row, device, errors } of table.rows) {
    if (device === null) {
      onRow({
        row,
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
      })
      continue
    }
    const { siteName: _, status, ...values } = device
    const fields = merge(BLANK_DEVICE, { ...values, ...(status == null ? {} : { status }) })
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
    onRow({
      row,
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
    })
  }
  const { counts } = table
  return {
    asOf,
    knowledge: `${knowledge.asOf} (${knowledge.digest.slice(0, 12)})`,
    profile: table.profile?.id ?? null,
    rows: counts.rows,
    screened: counts.accepted,
    rejected: counts.rejected,
    blank: counts.blank,
    withFindings,
    identification,
    makers: [...makers].sort(([, a], [, b]) => b - a).map(([maker, devices]) => ({ maker, devices })),
    headline,
    columns: table.mapping.fields.map(({ field, columns }) => ({
      field,
      column: columns.map((column) => column.header).join(' / '),
    })),
  }
}

/** Short words for a column of a terminal. */
const SHORT: Readonly<Record<Activity, string>> = {
  procure: 'buy more',
  use: 'keep using',
  'federal-funding': 'federal money',
  'firmware-update': 'firmware',
  'return-export': 'send back',
  dispose: 'dispose',
}

export function printScreening(
  rows: readonly ScreenedRow[],
  summary: ScreenSummary,
  knowledge: Knowledge,
): string {
  const parts: string[] = []
  if (rows.length > 0) {
    const shown: readonly Activity[] = ['procure', 'use', 'federal-funding', 'firmware-update']
    parts.push(
      grid([
        ['row', 'tag', 'label', 'model', 'made by', 'how sure', ...shown.map((activity) => SHORT[activity])],
        ...rows.map((row) =>
          row.headline === null
            ? [String(row.row), '', `not read: ${row.errors.join('; ')}`]
            : [
                String(row.row),
                row.assetTag ?? '',
                row.manufacturer ?? '(blank)',
                row.model ?? '',
                row.maker === null ? row.status : knowledge.vendorName(row.maker),
                row.maker === null ? '' : `${Math.round(row.confidence * 100)}%`,
                ...shown.map((activity) => row.headline![activity]),
              ],
        ),
      ]),
    )
    if (summary.rows > rows.length) parts.push(`... ${summary.rows - rows.length} more rows`)
  }
  parts.push(
    [
      `${summary.rows} rows: ${summary.screened} screened, ${summary.rejected} not readable, ${summary.blank} blank.`,
      `Who made them: ${summary.identification.resolved} resolved, ${summary.identification.ambiguous} ambiguous, ${summary.identification.unresolved} unresolved.`,
      `${summary.withFindings} devices need a decision.`,
    ].join('\n'),
  )
  parts.push(
    grid([
      ['maker', 'devices'],
      ...summary.makers
        .slice(0, 15)
        .map(({ maker, devices }) => [knowledge.vendorName(maker), String(devices)]),
    ]),
  )
  const outcomes = [
    ...new Set(ACTIVITIES.flatMap((activity) => Object.keys(summary.headline[activity]) as Outcome[])),
  ].sort((a, b) => severity(a) - severity(b))
  parts.push(
    grid([
      ['activity', ...outcomes],
      ...ACTIVITIES.map((activity) => [
        activity,
        ...outcomes.map((outcome) => String(summary.headline[activity][outcome] ?? '')),
      ]),
    ]),
  )
  parts.push(
    `The law as of ${summary.asOf}, from list data of ${summary.knowledge}. Not legal advice; --out writes the rule and citation of every finding (JSON).`,
  )
  return parts.join('\n\n')
}

export function printImport(report: ImportReport, isDryRun: boolean): string {
  const { counts } = report
  const parts = [
    `${isDryRun ? 'Dry run, nothing kept. ' : ''}${counts.rows} rows: ${counts.created} created, ${counts.updated} updated, ${counts.unchanged} unchanged, ${counts.rejected} rejected, ${counts.blank} blank; ${counts.vanished} vanished from the feed.`,
    `Layout: ${report.profile ?? 'by headers'}; ${report.encoding}; dates ${report.dateOrder}.`,
    `Who made them: ${report.identification.resolved} resolved, ${report.identification.ambiguous} ambiguous, ${report.identification.unresolved} unresolved.`,
    grid([
      ['maker', 'label', 'devices'],
      ...report.makers
        .slice(0, 20)
        .map(({ maker, brand, devices }) => [maker ?? '(open)', brand ?? '(none)', String(devices)]),
    ]),
  ]
  if (report.rejected.length > 0) {
    parts.push(
      grid([
        ['row', 'column', 'value', 'what is wrong'],
        ...report.rejected
          .slice(0, 20)
          .flatMap(({ row, errors }) =>
            errors.map(({ column, value, message }) => [String(row), column ?? '', value ?? '', message]),
          ),
      ]),
    )
  }
  return parts.join('\n\n')
}

/** A table in columns as wide as they need to be, at most 34 characters each but for the last. */
export function grid(rows: readonly (readonly string[])[]): string {
  const most = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: most }, (_, i) =>
    Math.min(34, Math.max(...rows.map((row) => (row.length === most ? (row[i]?.length ?? 0) : 0)))),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const plain = cell.replaceAll(/\p{Cc}/gu, ' ')
        if (i === row.length - 1) return plain
        return (plain.length > widths[i]! ? `${plain.slice(0, widths[i]! - 1)}…` : plain).padEnd(widths[i]!)
      })
      .join('  ')
      .trimEnd()
  const [head, ...body] = rows
  return [line(head!), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}

export interface Progress {
  /** Pass the bytes of a file on and show how far it is. */
  watch(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
  /** SHA-256 of what has passed, hex. */
  digest(): string
  bytes(): number
  stop(): void
}

/** Files smaller than this are done before a bar could be read. */
const WORTH_A_BAR_BYTES = 2 * 1024 * 1024

/** A bar on standard error, only where that is a terminal and the file is long. */
export async function progressBar(file: string): Promise<Progress> {
  const size = file === '-' ? 0 : (await stat(file)).size
  const isShown = process.stderr.isTTY === true && size >= WORTH_A_BAR_BYTES
  const bar = isShown
    ? new cliProgress.SingleBar(
        { format: '{bar} {percentage}%  {eta_formatted} left', stream: process.stderr, hideCursor: true },
        cliProgress.Presets.shades_classic,
      )
    : null
  bar?.start(size, 0)
  const hash = createHash('sha256')
  let bytes = 0
  return {
    watch: async function* (content) {
      for await (const chunk of content) {
        bytes += chunk.length
        hash.update(chunk)
        bar?.update(bytes)
        yield chunk
      }
    },
    digest: () => hash.digest('hex'),
    bytes: () => bytes,
    stop: () => bar?.stop(),
  }
}
