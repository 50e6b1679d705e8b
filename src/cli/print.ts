/** What the command line prints of a screening, an import and its undoing, for a person or as a file. */
import { ACTIVITIES, type Activity, type Outcome, severity } from '../catalogue/outcomes.ts'
import type { Determination, Headline } from '../determination/determination.ts'
import type { ImportReport } from '../inventory/imports/report.ts'
import type { Undone } from '../inventory/imports/undo.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { counted } from '../lib/counted.ts'
import { csvLine } from '../lib/csv.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { type Fates, fateLines } from './fates.ts'
import { grid } from './grid.ts'
import { legend, prohibitedLine, type Terminal } from './legend.ts'
import { onOneLine } from './text.ts'

export interface ScreenedRow {
  readonly row: number
  /** null where there are no sheets. */
  readonly sheet: string | null
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
  /** The day of the law that was asked. */
  readonly asOf: PlainDate
  /** Newest day on which a list, a regime or a rule was read. */
  readonly knowledge: PlainDate
}

export interface ScreenSummary extends Fates {
  readonly asOf: PlainDate
  readonly knowledge: string
  readonly profile: string | null
  readonly rows: number
  readonly screened: number
  readonly rejected: number
  readonly blank: number
  /** Devices that quantities add to those of their rows. */
  readonly added: number
  readonly leftOutRows: number
  readonly withFindings: number
  readonly identification: Readonly<Record<string, number>>
  readonly makers: readonly { readonly maker: string; readonly devices: number }[]
  readonly headline: Readonly<Record<Activity, Readonly<Partial<Record<Outcome, number>>>>>
  /** By field the columns that fill it. */
  readonly mapping: readonly { readonly field: string; readonly column: string }[]
  /** Headers that fill no field. */
  readonly ignoredColumns: readonly string[]
  /** Headers of columns with logins. */
  readonly secretColumns: readonly string[]
  readonly dateOrder: string
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

function rowGrid(rows: readonly ScreenedRow[], knowledge: Knowledge): string {
  const shown: readonly Activity[] = ['procure', 'use', 'federal-funding', 'firmware-update']
  return grid([
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
  ])
}

export function printScreening(
  rows: readonly ScreenedRow[],
  summary: ScreenSummary,
  knowledge: Knowledge,
  terminal: Terminal,
): string {
  const prohibited = ACTIVITIES.map((activity): [Activity, number] => [
    activity,
    summary.headline[activity].prohibited ?? 0,
  ])
  const first = prohibitedLine(new Map(prohibited), terminal)
  const parts: string[] = first === '' ? [] : [first]
  if (rows.length > 0) parts.push(rowGrid(rows, knowledge))
  const left = summary.screened + summary.rejected - rows.length
  if (left > 0)
    parts.push(`... ${left} more rows; --out writes all of them, --rows ${rows.length + left} shows them.`)
  parts.push(
    [
      onOneLine(
        `Columns read: ${summary.mapping.map(({ field, column }) => `${field}=${column}`).join(', ')}; dates ${summary.dateOrder}.`,
      ),
      ...columnLine('Columns left out (--map names them)', summary.ignoredColumns),
      ...columnLine(LOGINS, summary.secretColumns),
      ...fateLines(summary),
    ].join('\n'),
  )
  parts.push(
    [
      `${summary.rows} rows: ${summary.screened} screened${addedBy(summary.added)}, ${summary.rejected} not readable, ${summary.blank} blank${leftOutOf(summary.leftOutRows)}.`,
      `Who made them: ${summary.identification.resolved} resolved, ${summary.identification.ambiguous} ambiguous, ${summary.identification.unresolved} unresolved.`,
      `${counted(summary.withFindings, 'device')} ${summary.withFindings === 1 ? 'needs' : 'need'} a decision.`,
    ].join('\n'),
  )
  parts.push(
    grid([
      ['maker', 'devices'],
      ...summary.makers
        .slice(0, 15)
        .map(({ maker, devices }) => [knowledge.vendorName(maker), String(devices)]),
    ]) + more(summary.makers.length - 15, 'makers; --json has all of them'),
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
  const meaning = legend(outcomes)
  if (meaning !== '') parts.push(meaning)
  parts.push(
    `The law as of ${summary.asOf}, from list data of ${summary.knowledge}. Not legal advice; --out writes the rule and citation of every finding (JSON).`,
  )
  return parts.join('\n\n')
}

/** Rows with errors that the terminal shows. */
const SHOWN_REJECTS = 20

/** `kept` is what the counts stand for: done, or what would have been done. */
export function printImport(report: ImportReport, kept: 'all' | 'dry-run' | 'refused'): string {
  const { counts } = report
  const preface = {
    all: '',
    'dry-run': 'Dry run, nothing was kept. ',
    refused: 'Nothing was kept, because rows have errors (--atomic). ',
  }[kept]
  const parts = [
    `${preface}${counts.rows} rows: ${counts.created} created${addedBy(counts.added)}, ${counts.updated} updated, ${counts.unchanged} unchanged, ${counts.rejected} rejected, ${counts.blank} blank${leftOutOf(counts.leftOut)}.${notInThisOne(counts.vanished)}`,
    [
      `Layout: ${report.profile ?? 'by headers'}; ${report.encoding}; dates ${report.dateOrder}.`,
      ...columnLine(
        'Columns left out',
        report.ignoredColumns.filter((header) => header !== ''),
      ),
      ...columnLine(LOGINS, report.secretColumns),
      ...fateLines(report),
    ].join('\n'),
    `Who made them: ${report.identification.resolved} resolved, ${report.identification.ambiguous} ambiguous, ${report.identification.unresolved} unresolved.`,
    grid([
      ['maker', 'label', 'devices'],
      ...report.makers
        .slice(0, 20)
        .map(({ maker, brand, devices }) => [maker ?? '(open)', brand ?? '(none)', String(devices)]),
    ]) + more(report.makers.length - 20, 'makers and labels; --json has all of them'),
  ]
  if (report.rejected.length > 0) {
    parts.push(
      grid([
        ['row', 'column', 'value', 'what is wrong'],
        ...report.rejected
          .slice(0, SHOWN_REJECTS)
          .flatMap(({ row, sheet, errors }) =>
            errors.map(({ column, value, message }) => [
              sheet === null || sheet === undefined ? String(row) : `${sheet} ${row}`,
              column ?? '',
              value ?? '',
              message,
            ]),
          ),
      ]),
    )
    const left = counts.rejected - SHOWN_REJECTS
    if (left > 0) parts.push(`... ${left} more rows with errors; --rejects writes all of them.`)
  }
  return parts.join('\n\n')
}

const BECAUSE = { 'changed-since': 'changed since', 'in-use': 'a plan or another record names it' } as const

/** `earlier` is when the import had been undone already, an instant, or null. */
export function printUndone(undone: Undone, isDryRun: boolean, earlier: string | null): string {
  const { removed, restored, left, sitesRemoved, seenAgainBy } = undone
  const counts = `${counted(removed, 'device')} removed, ${restored} as they were before, ${left.count} left as they are; ${counted(sitesRemoved, 'site')} removed.`
  if (earlier !== null) {
    const [day, time] = new Date(earlier).toISOString().split('T') as [string, string]
    return `This import was undone on ${day} at ${time.slice(0, 5)} UTC; nothing was done now. Then: ${counts}`
  }
  const parts = [`${isDryRun ? 'Dry run, nothing was changed. ' : ''}${counts}`]
  if (left.count > 0) {
    const rows = left.devices
      .slice(0, SHOWN_REJECTS)
      .map(({ id, assetTag, name, reason }) => [assetTag ?? '', name ?? '', BECAUSE[reason], id])
    parts.push(
      grid([['tag', 'name', 'why it was left', 'id'], ...rows]) + more(left.count - rows.length, 'devices'),
    )
  }
  if (seenAgainBy.length > 0)
    parts.push(
      `Later imports found some devices unchanged; import those files again if they list what was removed: ${seenAgainBy.join(', ')}`,
    )
  return parts.join('\n\n')
}

/** Devices that an earlier file of the same source brought. */
function notInThisOne(devices: number): string {
  if (devices === 0) return ''
  const [are, them] = devices === 1 ? ['is', 'it'] : ['are', 'them']
  return `\n${counted(devices, 'device')} of earlier files ${are} not in this one; nothing was done to ${them}.`
}

/** Said below a table that is cut. */
function more(left: number, what: string): string {
  return left > 0 ? `\n... and ${left} more ${what}.` : ''
}

function addedBy(quantities: number): string {
  return quantities > 0 ? ` (${quantities} of them by quantities)` : ''
}

function leftOutOf(rows: number): string {
  return rows > 0 ? `, ${rows} left out` : ''
}

const LOGINS = 'Columns with logins, of which nothing was kept'

function columnLine(what: string, columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [onOneLine(`${what}: ${columns.join(', ')}.`)]
}

export type OutFormat = 'json' | 'ndjson' | 'csv'

/** Screened rows as the text of a file, piece by piece: one row is one line. */
export async function* rowsAs(
  format: OutFormat,
  rows: AsyncIterable<ScreenedRow>,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield csvLine(FLAT_HEADER)
  if (format === 'json') yield '['
  let before = '\n'
  for await (const row of rows) {
    if (format === 'csv') yield csvLine(flat(row))
    else if (format === 'ndjson') yield `${JSON.stringify(row)}\n`
    else yield `${before}${JSON.stringify(row)}`
    before = ',\n'
  }
  if (format === 'json') yield '\n]\n'
}

const FLAT_HEADER = [
  'row',
  'assetTag',
  'manufacturer',
  'model',
  'brand',
  'maker',
  'status',
  'confidence',
  ...ACTIVITIES,
  'findings',
  'rules and citations',
  'law as of',
  'lists read on',
  'errors',
]

function flat(row: ScreenedRow): (string | number | null)[] {
  return [
    row.row,
    row.assetTag,
    row.manufacturer,
    row.model,
    row.brand,
    row.maker,
    row.status,
    row.confidence,
    ...ACTIVITIES.map((activity) => row.headline?.[activity] ?? null),
    row.findings.map((found) => `${found.regime}/${found.activity}: ${found.outcome}`).join('; '),
    [...new Set(row.findings.map(({ ruleId, citation }) => `${ruleId} (${citation})`))].join('; '),
    row.asOf,
    row.knowledge,
    row.errors.join('; '),
  ]
}
