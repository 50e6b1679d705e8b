/** `camledger screen`: a spreadsheet screened here and now; no server, nothing stored. */
import { extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { readReferenceFiles } from '../catalogue/files.ts'
import { firmwareOfFiles, readFirmwareFiles } from '../firmware/store.ts'
import { registrantOf } from '../identification/oui.ts'
import { openTable } from '../intake/open-table.ts'
import type { ReadTable } from '../intake/rows.ts'
import { dayIn } from '../lib/calendar.ts'
import { buildKnowledge, type Knowledge } from '../screening/knowledge.ts'
import { DATA } from '../server/paths.ts'
import { type CityOptions, cityOptions, factsOf, timezone } from './city-options.ts'
import { type CliParts, day } from './parts.ts'
import {
  type OutFormat,
  printScreening,
  progressBar,
  rowsAs,
  type ScreenedRow,
  type ScreenSummary,
  screenFile,
  writeWhole,
} from './print.ts'
import { layoutOptions, open, readOptions, type TableOptions } from './table-options.ts'

interface ScreenOptions extends TableOptions, CityOptions {
  readonly out?: OutFile
  readonly asOf?: string
  readonly timezone: string
  readonly rows: number
  readonly json?: boolean
  readonly failOnFindings?: boolean
}

export function screenCommand(program: Command, parts: CliParts): void {
  cityOptions(
    layoutOptions(
      program
        .command('screen')
        .description('screen a spreadsheet here and now: no server, nothing stored')
        .argument('<file>', 'CSV, NDJSON or XLSX; - for standard input')
        .option(
          '--out <file>',
          'write every row with its answers; .json, .ndjson or .csv by its ending',
          outFile,
        )
        .option('--as-of <day>', 'the law as it stands on this day (YYYY-MM-DD)', day)
        .option(
          '--timezone <name>',
          'the zone in which a day without --as-of is counted, such as America/Chicago',
          timezone,
          new Intl.DateTimeFormat().resolvedOptions().timeZone,
        ),
    ),
  )
    .option('--rows <n>', 'rows of the table on the terminal', count, 40)
    .option('--json', 'print the summary as JSON')
    .option(
      '--fail-on-findings',
      'exit with 3 when any device is restricted or unclear, or a row could not be read',
    )
    .action(async (file: string, options: ScreenOptions) => {
      parts.exit(await runScreen(file, options, parts))
    })
}

async function runScreen(
  file: string,
  options: ScreenOptions,
  { now, print, terminal }: CliParts,
): Promise<number> {
  const bar = await progressBar(file)
  let table: ReadTable | undefined
  try {
    const knowledge = await knowledgeFromFiles()
    const table = await openTable(bar.watch(open(file)), readOptions(options, knowledge))
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
        : printScreening(shown, summary!, knowledge, terminal()),
    )
    if (out !== undefined && !options.json) print(`Every row with its answers: ${out.path}`)
    // What could not be read is not clean.
    return options.failOnFindings && summary!.withFindings + summary!.rejected > 0 ? 3 : 0
  } finally {
    await table?.close()
    bar.stop()
  }
}

interface OutFile {
  readonly path: string
  readonly format: OutFormat
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

function outFile(path: string): OutFile {
  const format = extname(path).slice(1).toLowerCase()
  if (format === 'json' || format === 'ndjson' || format === 'csv') return { path, format }
  throw new InvalidArgumentError('must end in .json, .ndjson or .csv')
}

function count(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('must be a whole number')
  return number
}
