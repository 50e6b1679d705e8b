/** `camledger screen`: a spreadsheet screened here and now; no server, nothing stored. */
import { extname } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { type CityOptions, cityOptions, timezone } from './city-options.ts'
import { type CliParts, day } from './parts.ts'
import type { OutFormat } from './print.ts'
import { layoutOptions, type TableOptions } from './table-options.ts'

export interface ScreenOptions extends TableOptions, CityOptions {
  readonly out?: OutFile
  readonly asOf?: string
  readonly timezone: string
  readonly rows: number
  readonly json?: boolean
  readonly failOnFindings?: boolean
}

export interface OutFile {
  readonly path: string
  readonly format: OutFormat
}

export function screenCommand(command: Command, parts: CliParts): void {
  cityOptions(
    layoutOptions(
      command
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
      const { runScreen } = await import('./screen-file.ts')
      parts.exit(await runScreen(file, options, parts))
    })
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
