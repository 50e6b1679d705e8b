/** `camledger plan`: from an inventory to the two papers of the budget book in one command. */
import { createReadStream } from 'node:fs'
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FieldProblem, Problem } from '../http/problems.ts'
import type { ImportReport } from '../inventory/imports/report.ts'
import { type CityOptions, cityOptions, factsOf, timezone } from './city-options.ts'
import { UsageError } from './errors.ts'
import type { OpenRegister } from './local-service.ts'
import { type CliParts, day, openWithKnowledge, uuid } from './parts.ts'
import { fundLines } from './plan-funds.ts'
import { filledWorkbook, makePlan, type Planned, type PlanWish, paperOf, type Service } from './plan-steps.ts'
import { askWhatIf, type CaseWish, caseOf, type WhatIfAnswer, whatIfLines } from './plan-what-if.ts'
import { planLines } from './plan-words.ts'
import { remote, type Send, serviceUrl, successful } from './service.ts'
import { contentType, layoutOptions, setLayout, type TableOptions } from './table-options.ts'
import { onOneLine } from './text.ts'

interface PlanOptions extends TableOptions, CityOptions {
  readonly city?: string
  readonly url?: URL
  readonly key?: string
  readonly name: string
  readonly description?: string
  readonly cityName?: string
  readonly timezone: string
  readonly fiscalYearStart: number
  readonly fund: readonly string[]
  readonly funds?: string
  readonly all?: true
  readonly buy?: { readonly manufacturer: string; readonly model: string }
  readonly deadline?: string
  readonly firstYear?: number
  readonly years?: number
  readonly crews?: number
  readonly rate?: number
  readonly leadDays?: number
  readonly confidence?: number
  readonly escalation?: number
  readonly vms?: string
  readonly seconds: number
  readonly copyOf?: string
  readonly whatIf: readonly CaseWish[]
  readonly workbook?: string
  readonly template?: string
  readonly page?: string
  readonly json?: true
}

const EXAMPLES = `
Examples:
  camledger plan cameras.csv --state OH --fund 'General fund = 45,000 a year' --workbook book.xlsx --page page.html
  camledger plan --url http://localhost:8080 --funds funds.txt --deadline 2029-06-30 --workbook book.xlsx --page page.html
  camledger plan --url http://localhost:8080 --what-if 'confidence 90' --what-if 'deadline 2030-06-30; vms cloud; crews 4'

A fund is a name, =, and what it gives: "45,000 a year", "$200,000", "60,000 in 2027, 50,000 in 2028"; then what holds for
it: federal, 75%, 2026-10-01 to 2028-09-30, from DAY, to DAY, carries forward, by order, only hard, only disposal. Funds pay
in the order in which they are named. A file of funds has one on each line.

A file is planned here and nothing of it is kept. With --city or --url the devices are those of the register, and the plan,
its funds and its figures are kept in it under the name of the plan: run again, it is brought up to date.`

const WHILE_SERVING = 'While the service runs, plan through it: --url.'

/** Outcomes that put a device into a plan that is about the law. */
const RESTRICTED = {
  activity: ['procure', 'use', 'federal-funding'],
  outcome: ['prohibited', 'license-required', 'unallowable', 'contract-bar', 'seller-bar'],
}

export function planCommand(command: Command, parts: CliParts): void {
  planOptions(
    cityOptions(
      layoutOptions(
        command.argument('[file]', 'CSV, JSON, XML or XLSX of the inventory; without one, the register'),
      ),
    ),
  ).action(async (file: string | undefined, options: PlanOptions) => runPlan(file, options, parts))
}

function planOptions(command: Command): Command {
  return command
    .option('--city <id>', 'a city of the register; not needed with a city’s own key', uuid)
    .option('--url <url>', 'a running service, such as http://localhost:8080', serviceUrl)
    .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
    .option('--name <text>', 'name of the plan', 'Camera replacement')
    .option('--description <text>', 'why, in the words of the request')
    .option('--city-name <text>', 'with a file: the name of the city; default the name of the file')
    .option('--timezone <name>', 'with a file: the zone of the city', timezone, OWN_ZONE)
    .option('--fiscal-year-start <month>', 'with a file: the month, 1 to 12', whole(1, 12), 7)
    .option('--fund <text>', 'who pays, such as "General fund = 45,000 a year"; repeatable', listed, [])
    .option('--funds <file>', 'a file with a fund on each line')
    .option('--all', 'every device in service, not only those that the law asks to replace')
    .option('--buy <maker/model>', 'what is bought instead of cameras, such as Axis/P3265-LVE', offer)
    .option('--deadline <day>', 'last day on which the old devices may stand', day)
    .option(
      '--first-year <year>',
      'first fiscal year; default the present one, or that of the plan',
      whole(2000, 2200),
    )
    .option('--years <n>', 'fiscal years; default 5', whole(1, 15))
    .option('--crews <n>', 'install crews', whole(1, 1000))
    .option('--rate <n>', 'devices a crew replaces in a working day', amount)
    .option('--lead-days <n>', 'days from the order to the first work', whole(0, 3650))
    .option('--confidence <percent>', 'the chance that the money suffices; default 80', whole(1, 99))
    .option('--escalation <percent>', 'rise of prices in a year; default 3', amount)
    .addOption(
      new Option('--vms <way>', 'video management of the new devices').choices([
        'new-license',
        'move-license',
        'cloud',
      ]),
    )
    .option('--copy-of <name>', 'begin the plan as a copy of this one: its devices and settings')
    .option(
      '--what-if <changes>',
      'show what would come of other settings, prices or funds, and keep nothing of it; repeatable',
      (text: string, before: readonly CaseWish[]) => [...before, caseOf(text)],
      [],
    )
    .addOption(new Option('--seconds <n>', 'limit of the solver').argParser(amount).default(10))
    .option('--workbook <file>', 'write the workbook, .xlsx', ending('.xlsx'))
    .option(
      '--template <file>',
      "the city's own workbook, .xlsx: its named cells (Camledger_Request, ...) are filled and written to --workbook",
      ending('.xlsx'),
    )
    .option('--page <file>', 'write the page to print, .html', ending('.html'))
    .option('--json', 'print estimate and schedule as JSON')
    .addHelpText('after', EXAMPLES)
}

const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone

async function runPlan(file: string | undefined, options: PlanOptions, parts: CliParts): Promise<void> {
  if (file !== undefined && (options.url !== undefined || options.city !== undefined))
    throw new UsageError(
      'A file is planned here, without the register: leave out --url and --city, or the file after "camledger import".',
    )
  // Before anything is computed or kept.
  if (options.template !== undefined && options.workbook === undefined)
    throw new UsageError('Name with --workbook the file that the filled template is written to.')
  const template = options.template === undefined ? null : await readFile(options.template)
  for (const path of [options.workbook, options.page])
    if (path !== undefined) await access(dirname(path), constants.W_OK)
  const wish = await wishOf(options)
  const work = async (service: Service, city: string | null) => {
    const planned = await makePlan(service, { ...wish, city })
    const papers: [string | undefined, 'workbook' | 'summary.html'][] = [
      [options.workbook, 'workbook'],
      [options.page, 'summary.html'],
    ]
    for (const [path, paper] of papers)
      if (path !== undefined)
        await writeFile(
          path,
          paper === 'workbook' && template !== null
            ? await filledWorkbook(service, planned.planId, template)
            : await paperOf(service, planned.planId, paper),
        )
    const supposed =
      options.whatIf.length === 0 ? null : await askWhatIf(service, planned, options.whatIf, options.seconds)
    report(planned, options, { isKept: file === undefined, print: parts.print, supposed })
  }
  if (file !== undefined) return planFile(file, options, parts, work)
  if (options.url !== undefined) {
    const { url } = options
    const send = remote(url, await parts.key(options.key))
    return work({ send, url, named }, options.city ?? null)
  }
  const { city } = options
  if (city === undefined)
    throw new UsageError('Name a file, a running service with --url, or a city of the register with --city.')
  await parts.withKnowledge(WHILE_SERVING, (open) =>
    here(open, city, parts, (service) => work(service, city)),
  )
}

type Work = (service: Service, city: string) => Promise<void>

async function here(
  open: OpenRegister,
  jurisdictionId: string,
  { now }: CliParts,
  work: (service: Service) => Promise<void>,
): Promise<void> {
  const { withLocalService } = await import('./local-service.ts')
  await withLocalService(open, { jurisdictionId, now }, (send) => work({ send, url: null, named }))
}

/** In a register of its own that is thrown away. */
async function planFile(file: string, options: PlanOptions, parts: CliParts, work: Work): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'camledger-plan-'))
  try {
    const { readConfig } = await import('../server/config.ts')
    const open = await openWithKnowledge({ ...readConfig({}), DATA_DIR: folder })
    try {
      const { addJurisdiction, JurisdictionWrite } = await import('../tenancy/jurisdictions.ts')
      const { id } = await open.database.asOperator((tx) =>
        addJurisdiction(tx, JurisdictionWrite.parse(cityOfFile(file, options)), parts.now()),
      )
      await here(open, id, parts, async (service) => {
        ;(options.json ? parts.warn : parts.print)(await importInto(service.send, file, options))
        await work(service, id)
      })
    } finally {
      await open.database.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function cityOfFile(file: string, options: PlanOptions) {
  return {
    ...factsOf(options),
    name: options.cityName ?? (basename(file, extname(file)) || 'Inventory'),
    timezone: options.timezone,
    fiscalYearStartMonth: options.fiscalYearStart,
  }
}

/** Gives a line that says what was read. */
async function importInto(send: Send, file: string, options: PlanOptions): Promise<string> {
  const query = new URLSearchParams({ source: 'plan', fileName: basename(file) })
  setLayout(query, options)
  const answer = await successful(
    await send('POST', `/v1/imports?${query}`, {
      headers: { 'content-type': contentType(file) },
      body: createReadStream(file),
    }),
    null,
  )
  const { counts } = ((await answer.json()) as { report: ImportReport }).report
  const refused = counts.rejected === 0 ? '' : `, ${counts.rejected} not readable and in no figure`
  return `${basename(file)}: ${counts.created} devices read${refused}.`
}

async function wishOf(options: PlanOptions): Promise<Omit<PlanWish, 'city'>> {
  const ofFile = options.funds === undefined ? [] : fundLines(await readFile(options.funds, 'utf8'))
  const settings = {
    deadline: options.deadline,
    firstFiscalYear: options.firstYear,
    fiscalYears: options.years,
    crews: options.crews,
    devicesPerCrewDay: options.rate,
    leadDays: options.leadDays,
    confidence: options.confidence,
    escalationPercent: options.escalation,
    vms: options.vms,
  }
  return {
    name: options.name,
    description: options.description,
    funds: [...options.fund, ...ofFile],
    settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    filter: options.all ? {} : RESTRICTED,
    buy: options.buy ?? null,
    copyOf: options.copyOf ?? null,
    seconds: options.seconds,
  }
}

function report(
  planned: Planned,
  { json, workbook, page }: PlanOptions,
  {
    isKept,
    print,
    supposed,
  }: {
    readonly isKept: boolean
    readonly print: (text: string) => void
    readonly supposed: WhatIfAnswer | null
  },
): void {
  const { planId, estimate, schedule } = planned
  if (json) {
    const whatIf = supposed === null ? {} : { whatIf: supposed }
    print(JSON.stringify({ planId, estimate, schedule, ...whatIf }, null, 2))
    return
  }
  const lines = planLines(planned)
  if (!planned.isNew && planned.added > 0)
    lines.push(
      `Into the plan came ${planned.added} device${planned.added === 1 ? '' : 's'} that it did not have: new ones, and any that were taken out.`,
    )
  if (isKept) lines.push(`Kept as plan ${planId}${planned.isNew ? '' : ', brought up to date'}.`)
  if (supposed !== null) lines.push(...whatIfLines(supposed))
  const papers = [workbook, page].filter((path) => path !== undefined)
  if (papers.length > 0) lines.push(`Written: ${papers.join(', ')}`)
  print(lines.map(onOneLine).join('\n'))
}

const OPTIONS: readonly (readonly [field: string, option: string])[] = [
  ['/settings/deadline', '--deadline'],
  ['/settings/firstFiscalYear', '--first-year'],
  ['/settings/fiscalYears', '--years'],
  ['/settings/crews', '--crews'],
  ['/settings/devicesPerCrewDay', '--rate'],
  ['/settings/leadDays', '--lead-days'],
  ['/settings/confidence', '--confidence'],
  ['/settings/escalationPercent', '--escalation'],
  ['/seconds', '--seconds'],
  ['/template', '--template'],
  ['/manufacturer', '--buy'],
  ['/model', '--buy'],
  ['/yearCaps', '--fund'],
  ['/sharePercent', '--fund'],
  ['/periodTo', '--fund'],
  ['/name', '--name'],
  ['/description', '--description'],
]

/** Fields of requests in the names of options. */
function named(problem: Problem): Problem {
  const { errors } = problem
  if (errors === undefined) return problem
  const inWords = errors.map((error): FieldProblem => {
    const found = OPTIONS.find(([field]) => error.pointer === field || error.pointer.startsWith(`${field}/`))
    if (found === undefined) return error
    const [field, option] = found
    const rest = field === '/template' ? error.pointer.slice(field.length + 1) : ''
    return { ...error, pointer: rest === '' ? option : `${option} ${rest}` }
  })
  return { ...problem, errors: inWords }
}

const listed = (text: string, before: readonly string[]) => [...before, text]

function whole(least: number, most: number) {
  return (text: string) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`)
    return value
  }
}

function amount(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('must be a number above 0')
  return Number(text)
}

function offer(text: string): { manufacturer: string; model: string } {
  const [manufacturer = '', model = ''] = text.split('/', 2).map((part) => part.trim())
  if (manufacturer === '' || model === '')
    throw new InvalidArgumentError('must be written maker/model, such as Axis/P3265-LVE')
  return { manufacturer, model }
}

function ending(wanted: string) {
  return (path: string) => {
    if (extname(path).toLowerCase() !== wanted) throw new InvalidArgumentError(`must end in ${wanted}`)
    return path
  }
}
