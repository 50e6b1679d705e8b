/**
 * The commands: `serve`, `screen`, `import`, `keys`, `migrate`, `move`, `audit`, `firmware`, `lists`, `scenario`, `plan`,
 * `devices`, `device`, `discover`, `verify`.
 *
 * Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong; 3 `screen` found restricted or unclear
 * devices and was asked to say so (`--fail-on-findings`); 4 `import` refused some rows, or `lists sync` did not get
 * every list; 5 `audit verify`
 * found that entries were tampered with, or `verify` that an archive was.
 */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { ReadableStream } from 'node:stream/web'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readReferenceFiles } from '../catalogue/files.ts'
import { DirectoryInUseError } from '../db/embedded/lock.ts'
import { firmwareOfFiles, readFirmwareFiles } from '../firmware/store.ts'
import { toInstant } from '../http/schemas.ts'
import { registrantOf } from '../identification/oui.ts'
import { openTable } from '../intake/open-table.ts'
import { rejectsCsv } from '../intake/rejects.ts'
import type { ReadOptions, ReadTable } from '../intake/rows.ts'
import { loadProfiles } from '../intake/shipped-profiles.ts'
import { namesIn } from '../inventory/imports/names-in.ts'
import { rejectedRows } from '../inventory/imports/rejects.ts'
import type { ImportReport } from '../inventory/imports/report.ts'
import { importTable, sealImport } from '../inventory/imports/run.ts'
import { type Undone, undoImport } from '../inventory/imports/undo.ts'
import { dayIn, isPlainDate } from '../lib/calendar.ts'
import { isUuid } from '../lib/ids.ts'
import { buildKnowledge, type Knowledge } from '../screening/knowledge.ts'
import { ENVIRONMENT, readConfig } from '../server/config.ts'
import { assertRegister } from '../server/open-database.ts'
import { DATA, packageVersion } from '../server/paths.ts'
import type { prepare } from '../server/start.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import { ROLES } from '../tenancy/auth.ts'
import { createKey, KeyWrite, listKeys, revokeKey } from '../tenancy/keys.ts'
import { auditCommands } from './audit.ts'
import { type CityOptions, cityOptions, factsOf, timezone } from './city-options.ts'
import { databaseCommands } from './database.ts'
import { deviceCommands } from './devices.ts'
import { discoverCommand } from './discover.ts'
import { UsageError } from './errors.ts'
import { firmwareCommands } from './firmware.ts'
import type { Terminal } from './legend.ts'
import { listsCommands } from './lists.ts'
import { moveCommand } from './move.ts'
import { planCommand } from './plan.ts'
import {
  type OutFormat,
  printImport,
  printScreening,
  printUndone,
  progressBar,
  rowsAs,
  type ScreenedRow,
  type ScreenSummary,
  screenFile,
  writeWhole,
} from './print.ts'
import { scenarioCommand } from './scenario.ts'
import { ask, serviceUrl } from './service.ts'
import { contentType, fileName, layoutOptions, open, setLayout, type TableOptions } from './table-options.ts'
import { ownCommand } from './text.ts'
import { verifyCommand } from './verify.ts'

const now = () => new Date()

const EXIT_CODES = `
Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong;
3 screen --fail-on-findings found something; 4 import refused some rows,
or lists sync did not get every list;
5 audit verify found that entries were changed, removed, moved or inserted,
or verify that an archive is not as it was signed.`

/** Said on top of a refusal: what a person can do while the service runs. */
const WHILE_SERVING = {
  keys: 'While the service runs, make and revoke keys through it: /v1/keys.',
  import: 'While the service runs, import through it: --url.',
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the options and texts of each command, one after another
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('camledger')
    .description('Register cameras, find out who really made them, and see what each law still allows.')
    .version(await packageVersion())
    .exitOverride()
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(add --help for how to use it)')

  program
    .command('serve')
    .description('serve the API; configured by environment variables')
    .addHelpText(
      'after',
      `\nEnvironment:\n${ENVIRONMENT.map(([name, meaning]) => `  ${name.padEnd(22)} ${meaning}`).join('\n')}`,
    )
    .action(async () => {
      const { runServer } = await import('./serve.ts')
      await runServer()
    })

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
      code = await runScreen(file, options)
    })

  layoutOptions(
    program
      .command('import')
      .description('take a spreadsheet into a running service (--url) or straight into the database')
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
      code = undo === undefined ? await runImport(file!, options) : await runUndo(undo, options)
    })

  const keys = program.command('keys').description('API keys, straight in the database')
  keys
    .command('create')
    .description('make a key and print it once')
    .requiredOption('--label <text>', 'who or what uses it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--jurisdiction <id>', 'city roles: the one jurisdiction', uuid)
    .option('--jurisdictions <ids>', 'federal-reviewer: ids separated by commas, or all')
    .option('--expires <instant>', 'RFC 3339, such as 2027-06-30T00:00:00Z')
    .action(async (options: KeyOptions) => {
      await runCreateKey(options)
    })
  keys
    .command('list')
    .description('list keys, without the keys themselves')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      await withDatabase(WHILE_SERVING.keys, async ({ database }) => {
        const all = await database.asOperator(listKeys)
        if (json) return print(JSON.stringify(all, null, 2))
        print(['id', 'prefix', 'role', 'label', 'last used', 'state'].join('\t'))
        for (const key of all) {
          const ended = key.revokedAt
            ? 'revoked'
            : key.expiresAt && key.expiresAt <= now().toISOString()
              ? 'expired'
              : 'valid'
          print([key.id, key.prefix, key.role, key.label, key.lastUsedAt ?? 'never', ended].join('\t'))
        }
      })
    })
  keys
    .command('revoke')
    .description('revoke a key')
    .argument('<id>', 'id of the key, as keys list shows it', uuid)
    .action(async (id: string) => {
      await withDatabase(WHILE_SERVING.keys, async ({ database }) => {
        const key = await database.asOperator((tx) => revokeKey(tx, id, OPERATOR, now()))
        print(`revoked ${key.id} (${key.label})`)
      })
    })

  const exit = (given: number) => {
    code = given
  }
  databaseCommands(program, { print })
  discoverCommand(program, { print })
  deviceCommands(program, { print, exit, key: apiKey, terminal: terminal() })
  auditCommands(program, { print, exit })
  verifyCommand(program, { print, exit })
  moveCommand(program, { print, exit })
  const reading = { withDatabase, now, print, warn, key: apiKey, day, uuid }
  firmwareCommands(program, reading)
  listsCommands(program, { ...reading, exit })
  scenarioCommand(program, reading)
  planCommand(program, {
    ...reading,
    openRegister: async (config) => (await loadServer()).prepare(config, now),
  })

  await program.parseAsync([...argv], { from: 'user' })
  return code
}

/* ---------------------------------------------------------------- screen */

interface ScreenOptions extends TableOptions, CityOptions {
  readonly out?: OutFile
  readonly asOf?: string
  readonly timezone: string
  readonly rows: number
  readonly json?: boolean
  readonly failOnFindings?: boolean
}

async function runScreen(file: string, options: ScreenOptions): Promise<number> {
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

/* ---------------------------------------------------------------- import */

interface ImportCliOptions extends TableOptions {
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

async function runImport(file: string, options: ImportCliOptions): Promise<number> {
  const { url } = options
  // Before anything is stored, so that the refused rows of a kept import never have nowhere to go.
  if (options.rejects !== undefined) await access(dirname(options.rejects), constants.W_OK)
  const { report, kept, id } =
    url === undefined ? await importHere(file, options) : await importThere(file, options, url)
  print(options.json ? JSON.stringify(report, null, 2) : printImport(report, kept))
  if (kept === 'all' && !options.json) print(afterImport(id!, options))
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
async function runUndo(id: string, options: ImportCliOptions): Promise<number> {
  const { url, jurisdiction, dryRun = false, json } = options
  const { undone, earlier } =
    url === undefined
      ? await undoHere(id, jurisdiction, dryRun)
      : await undoThere(new URL(`v1/imports/${id}`, url), dryRun, apiKey(options.key))
  print(json ? JSON.stringify(undone, null, 2) : printUndone(undone, dryRun, earlier))
  return 0
}

interface Undoing {
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

async function undoHere(id: string, jurisdiction: string | undefined, dryRun: boolean): Promise<Undoing> {
  if (jurisdiction === undefined)
    throw new UsageError('Name the jurisdiction with --jurisdiction, or use --url with a city’s key.')
  return withDatabase(WHILE_SERVING.import, async ({ database, knowledge }) => {
    let undoing: Undoing | undefined
    try {
      await database.inJurisdiction(jurisdiction, async (tx) => {
        const work = { tx, jurisdictionId: jurisdiction, actor: OPERATOR, now: now(), knowledge }
        const { undone, undoneAt } = await undoImport(work, id)
        undoing = {
          undone: undone as Undone,
          earlier: undoneAt === work.now.toISOString() ? null : toInstant(undoneAt!),
        }
        if (dryRun) throw new DryRun()
      })
    } catch (error) {
      if (!(error instanceof DryRun)) throw error
    }
    return undoing!
  })
}

interface Imported {
  readonly report: ImportReport
  readonly kept: 'all' | 'dry-run' | 'refused'
  /** null where nothing was kept. */
  readonly id: string | null
}

/** Takes everything back that the transaction did. */
class DryRun extends Error {}

async function importHere(file: string, options: ImportCliOptions): Promise<Imported> {
  const { jurisdiction } = options
  if (jurisdiction === undefined)
    throw new UsageError('Name the jurisdiction with --jurisdiction, or use --url with a city’s key.')
  const bar = await progressBar(file)
  try {
    return await withDatabase(WHILE_SERVING.import, async ({ database, knowledge }) => {
      let imported: Imported | undefined
      try {
        await database.inJurisdiction(
          jurisdiction,
          async (tx) => {
            const table = await openTable(bar.watch(open(file)), readOptions(options, knowledge))
            const result = await importTable(tx, table, {
              jurisdictionId: jurisdiction,
              source: options.source,
              fileName: fileName(file),
              blanks: options.blanks,
              knowledge,
              actor: OPERATOR,
              now: now(),
            })
            const { report } = result
            // Here, because what is not kept can be read only before it is taken back.
            if (options.rejects !== undefined) {
              const rows = rejectedRows((work) => work(tx), jurisdiction, result.id)
              await writeWhole(options.rejects, rejectsCsv(report.header, rows))
            }
            const isRefused = options.atomic === true && report.counts.rejected > 0
            const kept = options.dryRun ? 'dry-run' : isRefused ? 'refused' : 'all'
            imported = { report, kept, id: kept === 'all' ? result.id : null }
            if (imported.kept !== 'all') throw new DryRun()
            await sealImport(tx, jurisdiction, result, { digest: bar.digest(), bytes: bar.bytes() })
          },
          { timeLimitMillis: 0 },
        )
      } catch (error) {
        if (!(error instanceof DryRun)) throw error
      }
      return imported!
    })
  } finally {
    bar.stop()
  }
}

async function importThere(file: string, options: ImportCliOptions, url: URL): Promise<Imported> {
  const key = apiKey(options.key)
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

/* ---------------------------------------------------------------- keys */

interface KeyOptions {
  readonly label: string
  readonly role: (typeof ROLES)[number]
  readonly jurisdiction?: string
  readonly jurisdictions?: string
  readonly expires?: string
}

/** What a wish's field is called on the command line. */
const KEY_OPTIONS: Readonly<Record<string, string>> = {
  label: '--label',
  role: '--role',
  jurisdictionId: '--jurisdiction',
  jurisdictionIds: '--jurisdictions',
  expiresAt: '--expires',
}

async function runCreateKey(options: KeyOptions): Promise<void> {
  const wish = KeyWrite.safeParse({
    label: options.label,
    role: options.role,
    jurisdictionId: options.jurisdiction ?? null,
    jurisdictionIds:
      options.jurisdictions === undefined || options.jurisdictions === 'all'
        ? (options.jurisdictions ?? null)
        : options.jurisdictions.split(',').map((id) => id.trim()),
    expiresAt: options.expires ?? null,
  })
  if (!wish.success) {
    throw new UsageError(
      wish.error.issues.map(({ path, message }) => `${KEY_OPTIONS[String(path[0])]}: ${message}`).join('\n'),
    )
  }
  await withDatabase(WHILE_SERVING.keys, async ({ database }) => {
    const { key, secret } = await database.asOperator((tx) => createKey(tx, wish.data, OPERATOR, now()))
    print(`${secret}\n  id ${key.id}, role ${key.role}; the key is shown this once`)
  })
}

/* ---------------------------------------------------------------- shared */

/** Only when it is needed: the web server takes a third of the time that `screen` takes to start. */
const loadServer = () => import('../server/start.ts')

type Prepared = Awaited<ReturnType<typeof prepare>>

/** Work on a register that is there; `advice` is given when a running service has it to itself. */
async function withDatabase<T>(advice: string, work: (prepared: Prepared) => Promise<T>): Promise<T> {
  const config = readConfig()
  await assertRegister(config)
  const { prepare } = await loadServer()
  const prepared = await prepare(config, now).catch((error: unknown) => {
    if (error instanceof DirectoryInUseError) error.message += `\n${advice}`
    throw error
  })
  try {
    return await work(prepared)
  } finally {
    await prepared.database.close()
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

function readOptions(options: TableOptions, knowledge: Knowledge): ReadOptions {
  return {
    profiles: loadProfiles(),
    profile: options.profile === 'none' ? null : options.profile,
    mapping: options.map,
    defaults: options.default,
    words: options.value,
    sheets: options.sheet,
    dateOrder: options.dateOrder,
    namesIn: namesIn(knowledge),
  }
}

function terminal(): Terminal {
  return { isTerminal: process.stdout.isTTY === true, isPlain: readConfig().NO_COLOR !== undefined }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`)
}

function outFile(path: string): OutFile {
  const format = extname(path).slice(1).toLowerCase()
  if (format === 'json' || format === 'ndjson' || format === 'csv') return { path, format }
  throw new InvalidArgumentError('must end in .json, .ndjson or .csv')
}

function apiKey(given: string | undefined): string {
  const key = given ?? readConfig().CAMLEDGER_KEY
  if (key === undefined) throw new UsageError('Give the API key in CAMLEDGER_KEY or with --key.')
  return key
}

function uuid(text: string): string {
  if (!isUuid(text.toLowerCase()))
    throw new InvalidArgumentError('must be an id, such as the service gives out')
  return text.toLowerCase()
}

function day(text: string): string {
  if (!isPlainDate(text)) throw new InvalidArgumentError('must be a real day written YYYY-MM-DD')
  return text
}

function count(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('must be a whole number')
  return number
}
