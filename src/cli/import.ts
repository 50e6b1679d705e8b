/** `camledger import`: a spreadsheet into a running service or straight into the database, and its undoing. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ReadableStream } from 'node:stream/web'
import { type Command, Option } from 'commander'
import type { ImportReport } from '../inventory/imports/report.ts'
import type { Undone } from '../inventory/imports/undo.ts'
import { UsageError } from './errors.ts'
import { progressBar, writeWhole } from './files.ts'
import { type CliParts, uuid } from './parts.ts'
import { printImport, printUndone } from './print.ts'
import { ask, serviceUrl } from './service.ts'
import { contentType, fileName, layoutOptions, open, setLayout, type TableOptions } from './table-options.ts'
import { ownCommand } from './text.ts'

/** Only when it is needed: a running service has it loaded already. */
const loadHere = () => import('./import-here.ts')

export interface ImportCliOptions extends TableOptions {
  readonly url?: URL
  readonly key?: string
  readonly jurisdiction?: string
  readonly source: string
  readonly blanks: 'keep' | 'clear'
  readonly dryRun?: boolean
  readonly atomic?: boolean
  readonly rejects?: string
  readonly json?: boolean
}

export function importCommand(command: Command, parts: CliParts): void {
  layoutOptions(
    command
      .argument('[file]', 'CSV, JSON, XML or XLSX; - for standard input')
      .option('--url <url>', 'a running service, such as http://localhost:8080', serviceUrl)
      .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
      .option('--jurisdiction <id>', 'where the devices go; not needed with a city’s own key', uuid)
      .option('--source <name>', 'name of the feed', 'default'),
  )
    .addOption(
      new Option('--blanks <what>', 'what a blank cell does').choices(['keep', 'clear']).default('keep'),
    )
    .option('--dry-run', 'report everything and keep nothing')
    .option('--atomic', 'keep nothing when any row has an error')
    .option('--undo <id>', 'put the register back as it was before this import; without a file', uuid)
    .option('--rejects <file>', 'write the refused rows here, to correct and import again')
    .option('--json', 'print the report as JSON')
    .action(async (file: string | undefined, { undo, ...options }: ImportCliOptions & { undo?: string }) => {
      if ((file === undefined) === (undo === undefined))
        throw new UsageError('Name a file to import, or with --undo the import to take back.')
      parts.exit(
        undo === undefined ? await runImport(file!, options, parts) : await runUndo(undo, options, parts),
      )
    })
}

async function runImport(file: string, options: ImportCliOptions, parts: CliParts): Promise<number> {
  const { url } = options
  // Before anything is stored, so that the refused rows of a kept import never have nowhere to go.
  if (options.rejects !== undefined) await access(dirname(options.rejects), constants.W_OK)
  const { report, kept, id } =
    url === undefined
      ? await (await loadHere()).importHere(file, options, parts)
      : await importThere(file, options, url, parts)
  parts.print(options.json ? JSON.stringify(report, null, 2) : printImport(report, kept))
  if (kept === 'all' && !options.json) parts.print(afterImport(id!, options))
  return report.counts.rejected > 0 ? 4 : 0
}

/** What a person does next. */
function afterImport(id: string, options: ImportCliOptions): string {
  const { url } = options
  const list = `${ownCommand()} devices${url === undefined ? '' : whereTo(options)}`
  const next =
    url === undefined ? `start the service (${ownCommand()} serve), then ${list} shows` : `${list} shows`
  return [
    `\nNext: ${next} what is prohibited first; with needsDecision=true what waits for a person.`,
    `This is import ${id}. To take it back: ${ownCommand()} import --undo ${id}${whereTo(options)}`,
  ].join('\n')
}

function whereTo({ url, jurisdiction }: ImportCliOptions): string {
  if (url !== undefined) return ` --url ${url.href.replace(/\/$/, '')}`
  return jurisdiction === undefined ? '' : ` --jurisdiction ${jurisdiction}`
}

/** The register as it was before the import; what was left is named. */
async function runUndo(id: string, options: ImportCliOptions, parts: CliParts): Promise<number> {
  const { url, jurisdiction, dryRun = false, json } = options
  const { undone, earlier } =
    url === undefined
      ? await (await loadHere()).undoHere(id, jurisdiction, dryRun, parts)
      : await undoThere(new URL(`v1/imports/${id}`, url), dryRun, await parts.key(options.key))
  parts.print(json ? JSON.stringify(undone, null, 2) : printUndone(undone, dryRun, earlier))
  return 0
}

export interface Undoing {
  readonly undone: Undone
  /** When the import had been undone before, null when it was not. */
  readonly earlier: string | null
}

async function undoThere(url: URL, dryRun: boolean, key: string): Promise<Undoing> {
  const before = (await (await ask(url, key)).json()) as { undoneAt: string | null }
  const answer = await ask(new URL(`${url}/undo?dryRun=${dryRun}`), key, { method: 'POST' })
  const { undone } = (await answer.json()) as { undone: Undone }
  return { undone, earlier: before.undoneAt }
}

export interface Imported {
  readonly report: ImportReport
  readonly kept: 'all' | 'dry-run' | 'refused'
  /** null where nothing was kept. */
  readonly id: string | null
}

async function importThere(
  file: string,
  options: ImportCliOptions,
  url: URL,
  parts: CliParts,
): Promise<Imported> {
  const key = await parts.key(options.key)
  if (options.rejects !== undefined && (options.dryRun || options.atomic)) {
    throw new UsageError(
      'A service gives refused rows out only for an import that it kept: leave out --rejects, or --dry-run and --atomic.',
    )
  }
  const query = new URLSearchParams({ source: options.source, blanks: options.blanks })
  const name = fileName(file)
  if (name !== null) query.set('fileName', name)
  if (options.jurisdiction !== undefined) query.set('jurisdictionId', options.jurisdiction)
  if (options.dryRun) query.set('dryRun', 'true')
  if (options.atomic) query.set('atomic', 'true')
  setLayout(query, options)
  const bar = await progressBar(file)
  try {
    const answer = await ask(new URL(`v1/imports?${query}`, url), key, {
      method: 'POST',
      headers: { 'content-type': contentType(file) },
      body: ReadableStream.from(bar.watch(open(file))),
      duplex: 'half',
    })
    const { id, report } = (await answer.json()) as { id: string | null; report: ImportReport }
    if (options.rejects !== undefined && id !== null) {
      const rejects = await ask(new URL(`v1/imports/${id}/rejects`, url), key)
      await writeWhole(options.rejects, rejects.body!)
    }
    return { report, kept: options.dryRun ? 'dry-run' : 'all', id }
  } finally {
    bar.stop()
  }
}
