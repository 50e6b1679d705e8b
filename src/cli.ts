#!/usr/bin/env node
/**
 * The command line: `serve`, `screen`, `import`, `keys`.
 *
 * Exit codes: 0 done; 1 it failed; 2 the command or its input was wrong; 3 `screen` found restricted or unclear
 * devices and was asked to say so (`--fail-on-findings`); 4 `import` refused some rows.
 */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { OPERATOR } from './audit.ts'
import { dayIn, isPlainDate } from './calendar.ts'
import { printImport, printScreening, progressBar, type ScreenedRow, screenFile } from './cli-reports.ts'
import { ConfigError, readConfig } from './config.ts'
import { DirectoryInUseError } from './db/embedded/lock.ts'
import { firmwareOfFiles } from './firmware/store.ts'
import { ROLES } from './http/auth.ts'
import { DomainError } from './http/problems.ts'
import { csvLine } from './intake/csv-write.ts'
import { IntakeError } from './intake/problem.ts'
import { loadProfiles } from './intake/shipped-profiles.ts'
import { type ImportReport, importTable, sealImport } from './inventory/import.ts'
import { openTable } from './inventory/imports.ts'
import { createKey, KeyWrite, listKeys, revokeKey } from './keys.ts'
import { buildKnowledge, type Knowledge } from './knowledge.ts'
import { readReferenceFiles } from './reference.ts'
import { DATA, packageVersion, prepare, serve } from './server.ts'
import { loadRegistrants } from './vendors/oui.ts'

const now = () => new Date()

class UsageError extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('camledger')
    .description('Register cameras, find out who really made them, and see what each law still allows.')
    .version(await packageVersion())
    .exitOverride()
    .showHelpAfterError('(add --help for how to use it)')

  program
    .command('serve')
    .description('serve the API; the environment variables are in the README')
    .action(async () => {
      await runServer()
    })

  program
    .command('screen')
    .description('screen a spreadsheet here and now: no server, nothing stored')
    .argument('<file>', 'CSV, NDJSON or XLSX; - for standard input')
    .option('--out <file>', 'write every row with its answers; .json, .ndjson or .csv by its ending')
    .option('--as-of <day>', 'the law as it stands on this day (YYYY-MM-DD)', day)
    .option('--state <code>', 'the state whose rules apply, such as TX', state)
    .option('--kind <kind>', 'city, county, school, transit, special-district, state or other', 'city')
    .option('--federal-contractor <yes|no>', 'the city holds federal contracts itself', yesNo)
    .option('--sells-to-federal <yes|no>', 'the city sells to federal buyers', yesNo)
    .option('--profile <id>', 'known file layout, or none')
    .option('--map <field=column>', 'say which column a field is in; repeatable', pairs, {})
    .option('--default <field=value>', 'value of blank or absent cells; repeatable', pairs, {})
    .addOption(new Option('--date-order <order>', 'how 03/04/2024 is read').choices(['mdy', 'dmy']))
    .option('--rows <n>', 'rows of the table on the terminal', count, 40)
    .option('--json', 'print the summary as JSON')
    .option('--fail-on-findings', 'exit with 3 when any device is restricted or unclear')
    .action(async (file: string, options: ScreenOptions) => {
      code = await runScreen(file, options)
    })

  program
    .command('import')
    .description('take a spreadsheet into a running service (--url) or straight into the database')
    .argument('<file>', 'CSV, NDJSON or XLSX')
    .option('--url <url>', 'a running service, such as http://localhost:8080')
    .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
    .option('--jurisdiction <id>', 'where the devices go; not needed with a city’s own key')
    .option('--source <name>', 'name of the feed', 'default')
    .option('--profile <id>', 'known file layout, or none')
    .option('--map <field=column>', 'say which column a field is in; repeatable', pairs, {})
    .option('--default <field=value>', 'value of blank or absent cells; repeatable', pairs, {})
    .addOption(new Option('--date-order <order>', 'how 03/04/2024 is read').choices(['mdy', 'dmy']))
    .addOption(
      new Option('--blanks <what>', 'what a blank cell does').choices(['keep', 'clear']).default('keep'),
    )
    .option('--dry-run', 'report everything and keep nothing')
    .option('--atomic', 'keep nothing when any row has an error')
    .option('--rejects <file>', 'write the refused rows here')
    .option('--json', 'print the report as JSON')
    .action(async (file: string, options: ImportCliOptions) => {
      code = await runImport(file, options)
    })

  const keys = program.command('keys').description('API keys, straight in the database')
  keys
    .command('create')
    .description('make a key and print it once')
    .requiredOption('--label <text>', 'who or what uses it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).makeOptionMandatory())
    .option('--jurisdiction <id>', 'city roles: the one jurisdiction')
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
      await withDatabase(async ({ database }) => {
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
    .argument('<id>', 'id of the key')
    .action(async (id: string) => {
      await withDatabase(async ({ database }) => {
        const key = await database.asOperator((tx) => revokeKey(tx, id, OPERATOR, now()))
        print(`revoked ${key.id} (${key.label})`)
      })
    })

  await program.parseAsync([...argv], { from: 'user' })
  return code
}

/* ---------------------------------------------------------------- serve */

async function runServer(): Promise<void> {
  const config = readConfig()
  const running = await serve(config, now)
  const lines = [
    `camledger listens on ${running.address}`,
    `  reference   ${running.address}/docs`,
    `  data        ${running.database.description}`,
  ]
  if (running.database.kind === 'embedded') {
    lines.push('              for trying and for small cities: it survives a crash of the process, not a')
    lines.push('              power failure. Set DATABASE_URL to a PostgreSQL server for production.')
  }
  if (running.firstKey !== null) {
    lines.push(
      config.BOOTSTRAP_ADMIN_KEY === undefined
        ? `  admin key   ${running.firstKey}   (shown this once)`
        : '  admin key   as given in BOOTSTRAP_ADMIN_KEY',
    )
  }
  print(lines.join('\n'))
  await new Promise<void>((resolve) => {
    const end = () => resolve()
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
  })
  await running.stop()
}

/* ---------------------------------------------------------------- screen */

interface TableOptions {
  readonly profile?: string
  readonly map: Record<string, string>
  readonly default: Record<string, string>
  readonly dateOrder?: 'mdy' | 'dmy'
}

interface ScreenOptions extends TableOptions {
  readonly out?: string
  readonly asOf?: string
  readonly state?: string
  readonly kind: string
  readonly federalContractor?: boolean
  readonly sellsToFederal?: boolean
  readonly rows: number
  readonly json?: boolean
  readonly failOnFindings?: boolean
}

async function runScreen(file: string, options: ScreenOptions): Promise<number> {
  const knowledge = await knowledgeFromFiles()
  const bar = await progressBar(file)
  const table = await openTable(bar.watch(open(file)), readOptions(options))
  const rows: ScreenedRow[] = []
  const summary = await screenFile(
    table,
    {
      knowledge,
      asOf: options.asOf ?? dayIn(now()),
      jurisdiction: {
        state: options.state ?? null,
        kind: options.kind,
        federalContractor: options.federalContractor ?? null,
        sellsToFederal: options.sellsToFederal ?? null,
      },
    },
    (row) => {
      if (options.out !== undefined || rows.length < options.rows) rows.push(row)
    },
  )
  bar.stop()
  if (options.out !== undefined) await writeOut(options.out, rows)
  print(
    options.json
      ? JSON.stringify(summary, null, 2)
      : printScreening(rows.slice(0, options.rows), summary, knowledge),
  )
  if (options.out !== undefined && !options.json) print(`Every row with its answers: ${options.out}`)
  return options.failOnFindings && summary.withFindings > 0 ? 3 : 0
}

async function writeOut(path: string, rows: readonly ScreenedRow[]): Promise<void> {
  if (path.endsWith('.json')) return writeFile(path, `${JSON.stringify(rows, null, 2)}\n`)
  if (path.endsWith('.ndjson')) return writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const header = Object.keys(flat(rows[0] ?? emptyRow))
  const lines = rows.map((row) => csvLine(Object.values(flat(row))))
  return writeFile(path, csvLine(header) + lines.join(''))
}

const emptyRow: ScreenedRow = {
  row: 0,
  assetTag: null,
  manufacturer: null,
  model: null,
  errors: [],
  brand: null,
  maker: null,
  status: 'unresolved',
  confidence: 0,
  headline: null,
  findings: [],
}

function flat(row: ScreenedRow): Record<string, string | number | null> {
  const { headline, findings, errors, ...rest } = row
  return {
    ...rest,
    ...Object.fromEntries(
      ['procure', 'use', 'federal-funding', 'firmware-update', 'return-export', 'dispose'].map((activity) => [
        activity,
        headline?.[activity as keyof typeof headline] ?? null,
      ]),
    ),
    findings: findings.map((d) => `${d.regime}/${d.activity}: ${d.outcome}`).join('; '),
    errors: errors.join('; '),
  }
}

/* ---------------------------------------------------------------- import */

interface ImportCliOptions extends TableOptions {
  readonly url?: string
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
  const report =
    options.url === undefined
      ? await importHere(file, options)
      : await importThere(file, options, options.url)
  print(options.json ? JSON.stringify(report, null, 2) : printImport(report, options.dryRun === true))
  return report.counts.rejected > 0 ? 4 : 0
}

class KeepNothing extends Error {}

async function importHere(file: string, options: ImportCliOptions): Promise<ImportReport> {
  const { jurisdiction } = options
  if (jurisdiction === undefined)
    throw new UsageError('Name the jurisdiction with --jurisdiction, or use --url with a city’s key.')
  return withDatabase(async ({ database, knowledge }) => {
    const bar = await progressBar(file)
    let report: ImportReport | undefined
    try {
      await database.inJurisdiction(
        jurisdiction,
        async (tx) => {
          const content = bar.watch(open(file))
          const table = await openTable(content, readOptions(options))
          const result = await importTable(tx, table, {
            jurisdictionId: jurisdiction,
            source: options.source,
            fileName: basename(file),
            blanks: options.blanks,
            knowledge,
            actor: OPERATOR,
            now: now(),
          })
          report = result.report
          if (options.dryRun || (options.atomic && report.counts.rejected > 0)) throw new KeepNothing()
          await sealImport(tx, jurisdiction, result, { digest: bar.digest(), bytes: bar.bytes() })
        },
        { timeLimitMillis: 0 },
      )
    } catch (error) {
      if (!(error instanceof KeepNothing)) throw error
    } finally {
      bar.stop()
    }
    if (options.rejects !== undefined) await writeRejects(options.rejects, report!)
    return report!
  })
}

async function importThere(file: string, options: ImportCliOptions, url: string): Promise<ImportReport> {
  const key = options.key ?? readConfig().CAMLEDGER_KEY
  if (key === undefined) throw new UsageError('Give the API key in CAMLEDGER_KEY or with --key.')
  const query = new URLSearchParams({
    source: options.source,
    blanks: options.blanks,
    fileName: basename(file),
  })
  if (options.jurisdiction !== undefined) query.set('jurisdictionId', options.jurisdiction)
  if (options.dryRun) query.set('dryRun', 'true')
  if (options.atomic) query.set('atomic', 'true')
  if (options.profile !== undefined) query.set('profile', options.profile)
  if (options.dateOrder !== undefined) query.set('dateOrder', options.dateOrder)
  if (Object.keys(options.map).length > 0) query.set('mapping', JSON.stringify(options.map))
  if (Object.keys(options.default).length > 0) query.set('defaults', JSON.stringify(options.default))
  const bar = await progressBar(file)
  const answer = await fetch(new URL(`/v1/imports?${query}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': contentType(file) },
    body: ReadableStream.from(bar.watch(open(file))) as unknown as string,
    duplex: 'half',
  } as RequestInit)
  bar.stop()
  const body = (await answer.json()) as { id: string | null; report: ImportReport } & Record<string, unknown>
  if (!answer.ok) {
    const errors = (body.errors as { pointer: string; message: string }[] | undefined) ?? []
    const shown = errors.slice(0, 20).map(({ pointer, message }) => `\n  ${pointer} ${message}`)
    throw new UsageError(
      `The service refused the file: ${String(body.detail ?? body.title)}${shown.join('')}`,
    )
  }
  if (options.rejects !== undefined && body.id !== null) {
    const rejects = await fetch(new URL(`/v1/imports/${body.id}/rejects`, url), {
      headers: { authorization: `Bearer ${key}` },
    })
    await writeFile(options.rejects, Buffer.from(await rejects.arrayBuffer()))
  }
  return body.report
}

async function writeRejects(path: string, report: ImportReport): Promise<void> {
  const lines = report.rejected.map(({ row, errors }) =>
    csvLine([
      row,
      errors.map(({ column, message }) => (column === null ? message : `${column}: ${message}`)).join(' | '),
    ]),
  )
  await writeFile(path, csvLine(['row', 'error']) + lines.join(''))
}

/* ---------------------------------------------------------------- keys */

interface KeyOptions {
  readonly label: string
  readonly role: (typeof ROLES)[number]
  readonly jurisdiction?: string
  readonly jurisdictions?: string
  readonly expires?: string
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
      wish.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    )
  }
  await withDatabase(async ({ database }) => {
    const { key, secret } = await database.asOperator((tx) => createKey(tx, wish.data, OPERATOR, now()))
    print(`${secret}\n  id ${key.id}, role ${key.role}; the key is shown this once`)
  })
}

/* ---------------------------------------------------------------- shared */

type Prepared = Awaited<ReturnType<typeof prepare>>

async function withDatabase<T>(work: (prepared: Prepared) => Promise<T>): Promise<T> {
  const prepared = await prepare(readConfig(), now)
  try {
    return await work(prepared)
  } finally {
    await prepared.database.close()
  }
}

async function knowledgeFromFiles(): Promise<Knowledge> {
  const files = await readReferenceFiles(DATA)
  return buildKnowledge(files.reference, loadRegistrants(), 0, files.digest, firmwareOfFiles(files.firmware))
}

function readOptions(options: TableOptions) {
  return {
    profiles: loadProfiles(),
    profile: options.profile === 'none' ? null : options.profile,
    mapping: options.map,
    defaults: options.default,
    dateOrder: options.dateOrder,
  }
}

function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file)
}

function contentType(file: string): string {
  if (file.endsWith('.ndjson') || file.endsWith('.jsonl')) return 'application/x-ndjson'
  return file.endsWith('.xlsx') ? 'application/octet-stream' : 'text/csv'
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function pairs(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError('must be written field=value')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

function day(text: string): string {
  if (!isPlainDate(text)) throw new InvalidArgumentError('must be a real day written YYYY-MM-DD')
  return text
}

function state(text: string): string {
  if (!/^[A-Za-z]{2}$/.test(text)) throw new InvalidArgumentError('must be a USPS code such as TX')
  return text.toUpperCase()
}

function yesNo(text: string): boolean {
  if (text === 'yes') return true
  if (text === 'no') return false
  throw new InvalidArgumentError('must be yes or no')
}

function count(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('must be a whole number')
  return number
}

/** What a person is told; programming errors keep their stack. */
function explain(error: unknown): { message: string; code: number } {
  if (error instanceof CommanderError) return { message: '', code: error.exitCode === 0 ? 0 : 2 }
  if (error instanceof ConfigError || error instanceof UsageError)
    return { message: error.message, code: error instanceof ConfigError ? 1 : 2 }
  if (error instanceof IntakeError) {
    const more = JSON.stringify(error.details)
    return {
      message: `The file cannot be read: ${error.message}${more === '{}' ? '' : `\n  ${more}`}`,
      code: 2,
    }
  }
  if (error instanceof DomainError) {
    const fields = (error.errors ?? []).map(({ pointer, message }) => `\n  ${pointer} ${message}`).join('')
    return { message: `${error.message}${fields}`, code: 2 }
  }
  if (error instanceof DirectoryInUseError) return { message: error.message, code: 1 }
  if (error instanceof Error) {
    const { code, path, port } = error as NodeJS.ErrnoException & { port?: number }
    if (code === 'ENOENT') return { message: `There is no file ${path ?? ''}.`, code: 2 }
    if (code === 'EADDRINUSE') return { message: `Port ${port} is in use; set PORT to another.`, code: 1 }
    if (code === 'ECONNREFUSED')
      return { message: `Nothing answers at the database or service address.`, code: 1 }
    return { message: error.stack ?? error.message, code: 1 }
  }
  return { message: String(error), code: 1 }
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { message, code } = explain(error)
  if (message !== '') process.stderr.write(`${message}\n`)
  process.exitCode = code
}
