/** `camledger firmware`: the work list, what to save before a deadline, and imports of advisories. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Database, Scope } from '../db/database.ts'
import { FEED_FORMATS, type FeedFormat } from '../firmware/feeds/formats.ts'
import type { UnusableProduct } from '../firmware/feeds/import.ts'
import type { PatchItem } from '../firmware/patches/patches.ts'
import type { DeadlineItem, WorkFilter, WorkItem } from '../firmware/work-list/queries.ts'
import { PATCH_ANSWERS, type PatchAnswerWord } from '../firmware-risk/patch-answer.ts'
import { WORK_QUEUES } from '../firmware-risk/risk.ts'
import { csvLine } from '../lib/csv.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { GivenFeed } from './firmware-import.ts'
import { grid } from './grid.ts'
import { answered } from './operator.ts'
import { type CliParts, day, uuid } from './parts.ts'

interface Where {
  readonly url?: string
  readonly key?: string
  readonly jurisdiction?: string
}

interface ReadOptions extends Where {
  readonly json?: boolean
  readonly csv?: boolean
}

const ADVICE = 'While the service runs, ask it: --url.'

const WORK_HEADER = [
  'due',
  'queue',
  'asset tag',
  'site',
  'maker',
  'model',
  'firmware',
  'channel',
  'what to do',
]
const workRow = (item: WorkItem) => [
  item.dueOn ?? '',
  item.queue,
  item.assetTag ?? '',
  item.siteName ?? '',
  item.maker ?? '?',
  item.model ?? '',
  item.firmwareVersion ?? '?',
  item.channel ?? '?',
  item.action,
]

const DEADLINE_HEADER = ['save by', 'maker', 'model', 'devices', 'channel', 'held', 'installed', 'wanted']
const deadlineRow = (item: DeadlineItem) => [
  item.saveBy,
  item.maker ?? '?',
  item.model ?? '?',
  String(item.devices),
  item.channel ?? '?',
  item.isMissing ? 'no' : 'yes',
  item.installedVersions.join('; '),
  wantedText(item.wanted),
]

const PATCH_HEADER = [
  'answer',
  'why',
  'asset tag',
  'site',
  'maker',
  'model',
  'source',
  'license',
  'until',
  'rule',
]
const patchRow = ({ patch, ...item }: PatchItem) => [
  patch.answer,
  patch.why,
  item.assetTag ?? '',
  item.siteName ?? '',
  item.maker ?? '?',
  item.model ?? '',
  patch.source?.channel ?? '?',
  patch.licenses.map(({ number, authority }) => number ?? authority).join(', '),
  patch.lastLawfulDay ?? '',
  patch.rule?.id ?? '',
]

/** The release to obtain, and what that needs. */
function wantedText(wanted: DeadlineItem['wanted']): string {
  if (wanted === null) return 'every image for the model'
  return [wanted.firmwareVersion, ...wanted.needs].join(': ')
}

/** Add `camledger firmware ...` to the program. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the options and texts of each command, one after another
export function firmwareCommands(command: Command, parts: CliParts): void {
  const { now, print, withKnowledge } = parts
  const reading = (one: Command) =>
    one
      .option('--url <url>', 'a running service, such as http://localhost:8080')
      .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
      .option('--jurisdiction <id>', 'only this one', uuid)
      .option('--json', 'print JSON')
      .option('--csv', 'print CSV')

  reading(command.command('worklist'))
    .description('devices that need work on their firmware, in the order of work')
    .addOption(new Option('--limit <n>', 'devices to list').argParser(whole).default(40).conflicts('all'))
    .option('--all', 'list all of them')
    .option('--due-by <day>', 'an action is due on or before this day (YYYY-MM-DD)', day)
    .addOption(new Option('--queue <queue>', 'only this queue').choices(WORK_QUEUES))
    .action(async (options: ReadOptions & { limit: number; all?: true; dueBy?: string; queue?: string }) => {
      const query = {
        include: 'all',
        ...(options.dueBy === undefined ? {} : { dueBy: options.dueBy }),
        ...(options.queue === undefined ? {} : { queue: options.queue }),
      }
      const filter: WorkFilter = {
        ...EVERYTHING,
        queue: options.queue === undefined ? [] : [options.queue],
        dueBy: options.dueBy,
      }
      const here: Here<WorkItem> = async ({ database, knowledge }, scope, limit, cursor) => {
        const { workPage } = await import('../firmware/work-list/queries.ts')
        const page = await database.acrossJurisdictions(scope, (tx) =>
          workPage(tx, scope, { filter, limit, cursor, question: null }, knowledge, now()),
        )
        return { ...page, items: page.items.map((text) => JSON.parse(text) as WorkItem) }
      }
      const most = options.all ? null : options.limit
      const page = await read<WorkItem>(options, '/v1/firmware-risks', query, here, most)
      show(options, page, WORK_HEADER, workRow, 'Nothing needs work.')
    })

  reading(command.command('deadline'))
    .description('images to obtain and hash before updates stop, per model')
    .option('--by <day>', 'updates stop on or before this day (YYYY-MM-DD)', day)
    .option('--missing', 'only models of which no verified image is kept')
    .action(async (options: ReadOptions & { by?: string; missing?: boolean }) => {
      const query = {
        ...(options.by === undefined ? {} : { by: options.by }),
        ...(options.missing ? { missing: 'true' } : {}),
      }
      const filter = { maker: [], by: options.by, missing: options.missing }
      const here: Here<DeadlineItem> = async ({ database, knowledge }, scope) => {
        const { deadlines } = await import('../firmware/work-list/queries.ts')
        const items = await database.acrossJurisdictions(scope, (tx) =>
          deadlines(tx, scope, filter, knowledge, now()),
        )
        return { items, nextCursor: null }
      }
      const items = await read<DeadlineItem>(options, '/v1/firmware-risks/deadlines', query, here, null)
      show(options, items, DEADLINE_HEADER, deadlineRow, 'No cut-off is known.')
    })

  reading(command.command('patch-answers'))
    .description('can it be patched: yes or no, source, license, last lawful day and rule, for every device')
    .addOption(new Option('--limit <n>', 'devices to list').argParser(whole).default(40).conflicts('all'))
    .option('--all', 'list all of them')
    .option('--vulnerability <id>', 'only devices on which it is open, such as CVE-2021-36260')
    .addOption(new Option('--answer <answer>', 'only this answer').choices(PATCH_ANSWERS))
    .action(
      async (
        options: ReadOptions & {
          limit: number
          all?: true
          vulnerability?: string
          answer?: PatchAnswerWord
        },
      ) => {
        const { vulnerability, answer } = options
        const query = {
          ...(vulnerability === undefined ? {} : { vulnerability }),
          ...(answer === undefined ? {} : { patch: answer }),
        }
        const filter: WorkFilter = {
          ...EVERYTHING,
          vulnerability: vulnerability === undefined ? [] : [vulnerability],
          patch: answer === undefined ? [] : [answer],
        }
        const { PATCH_COLUMNS, patchPage } = await import('../firmware/patches/patches.ts')
        const here: Here<PatchItem> = ({ database, knowledge }, scope, limit, cursor) =>
          database.acrossJurisdictions(scope, (tx) =>
            patchPage(tx, scope, { filter, limit, cursor, question: null }, knowledge, now()),
          )
        const most = options.all ? null : options.limit
        const page = await read<PatchItem>(options, '/v1/patch-answers', query, here, most)
        // A file gets every column, a terminal those that fit.
        const [header, row] = options.csv
          ? [
              PATCH_COLUMNS.map((column) => column.header),
              (item: PatchItem) => PATCH_COLUMNS.map(({ value }) => String(value(item) ?? '')),
            ]
          : [PATCH_HEADER, patchRow]
        show(options, page, header, row, 'No such device.')
      },
    )

  command
    .command('import-advisories')
    .description('read a document of a feed; the same one again changes nothing')
    .argument('<file>', 'JSON, or CSV for the KEV catalog')
    .addOption(new Option('--format <format>', 'which feed').choices(FEED_FORMATS).makeOptionMandatory())
    .option('--force', 'also when it lost or broke more than a fifth of its entries')
    .option('--url <url>', 'a running service, such as http://localhost:8080')
    .option('--key <key>', 'operator key for --url; better in the environment as CAMLEDGER_KEY')
    .option('--json', 'print the report as JSON')
    .action(
      async (file: string, options: Where & { format: FeedFormat; force?: boolean; json?: boolean }) => {
        const text = await readFile(file, 'utf8')
        const isCsv = extname(file).toLowerCase() === '.csv'
        const report = options.url
          ? await sendFeed(options, options.url, text, isCsv)
          : await importHere({ format: options.format, text, isCsv, isForced: options.force ?? false })
        if (options.json) return print(JSON.stringify(report, null, 2))
        const { counts } = report
        print(
          [
            `${report.feed} ${report.feedVersion ?? ''}`.trim(),
            report.isChanged ? `version ${report.version}` : 'nothing changed',
            `${counts.added} added, ${counts.changed} changed, ${counts.withdrawn} withdrawn, ${counts.unchanged} unchanged, ${counts.problems} unreadable`,
            `${counts.claims} claims on products: ${counts.withoutMaker} without a maker of the catalog, ${counts.withoutModel} without a model, ${counts.withoutRange} without usable versions`,
            ...report.unusable.slice(0, LISTED).map(unusableLine),
            ...(report.unusable.length > LISTED
              ? [`... and ${report.unusable.length - LISTED} more products (--json has them)`]
              : []),
            `touches ${report.touched.devices ?? 0} devices${report.touched.makers.length === 0 ? '' : ` of ${report.touched.makers.join(', ')}`}`,
            `${report.evaluated ?? 0} profiles evaluated again`,
            ...report.problems.map(({ pointer, message }) => `${pointer || 'the document'}: ${message}`),
            ...leftOut(counts.problems - report.problems.length),
          ].join('\n  '),
        )
      },
    )

  async function importHere(given: GivenFeed) {
    const { importGiven } = await import('./firmware-import.ts')
    return withKnowledge(ADVICE, (open) => importGiven(open, given, now()))
  }

  async function sendFeed(
    options: Where & { format: FeedFormat; force?: boolean },
    url: string,
    text: string,
    isCsv: boolean,
  ) {
    const query = new URLSearchParams({ format: options.format, ...(options.force ? { force: 'true' } : {}) })
    const answer = await fetch(new URL(`/v1/advisories/imports?${query}`, url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await parts.key(options.key)}`,
        'content-type': isCsv ? 'text/csv' : 'application/json',
      },
      body: text,
    })
    const report = (await answered(answer)) as Awaited<ReturnType<typeof importHere>> & {
      readonly touched: { readonly profiles: number; readonly makers: string[]; readonly devices: number }
    }
    return { ...report, evaluated: report.touched.profiles }
  }

  /** What is asked for, from the service or from the register itself; `most` null is all of it. */
  async function read<T>(
    options: Where,
    path: string,
    query: Readonly<Record<string, string>>,
    here: Here<T>,
    most: number | null,
  ): Promise<Page<T>> {
    const { url, jurisdiction } = options
    if (url !== undefined)
      return collect((limit, cursor) => there<T>(options, url, path, query, limit, cursor), most)
    return withKnowledge(ADVICE, async (prepared) => {
      const scope: Scope = jurisdiction === undefined ? 'all' : [jurisdiction]
      // Nothing needs work in a city that is not there, and that is no answer.
      if (jurisdiction !== undefined) {
        const { loadJurisdiction } = await import('../screening/context.ts')
        await prepared.database.acrossJurisdictions(scope, (tx) => loadJurisdiction(tx, jurisdiction))
      }
      return collect((limit, cursor) => here(prepared, scope, limit, cursor), most)
    })
  }

  async function there<T>(
    { key, jurisdiction }: Where,
    url: string,
    path: string,
    query: Readonly<Record<string, string>>,
    limit: number,
    cursor: string | undefined,
  ): Promise<Page<T>> {
    const search = new URLSearchParams({
      ...query,
      // The deadlines come all at once.
      ...(path.endsWith('/deadlines') ? {} : { limit: String(limit) }),
      ...(cursor === undefined ? {} : { cursor }),
      ...(jurisdiction === undefined ? {} : { jurisdictionId: jurisdiction }),
    })
    const answer = await fetch(new URL(`${path}?${search}`, url), {
      headers: { authorization: `Bearer ${await parts.key(key)}` },
    })
    const { items, nextCursor = null } = (await answered(answer)) as {
      items: T[]
      nextCursor?: string | null
    }
    return { items, nextCursor }
  }

  function show<T>(
    options: ReadOptions,
    { items, nextCursor }: Page<T>,
    header: readonly string[],
    row: (item: T) => string[],
    nothing: string,
  ): void {
    const cut = `The first ${items.length}; there are more. --all lists all of them, --limit that many.`
    if (options.json) print(JSON.stringify(items, null, 2))
    else if (options.csv) {
      const lines = [header, ...items.map(row)].map((cells) => csvLine(cells))
      // Lines of CSV end with CR LF, and printing adds the last LF.
      print(lines.join('').slice(0, -1))
    } else print(items.length === 0 ? nothing : grid([header, ...items.map(row)]))
    if (nextCursor === null) return
    // What a program reads stays what it is.
    if (options.json || options.csv) parts.warn(cut)
    else print(`\n${cut}`)
  }
}

interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

type Here<T> = (
  prepared: { readonly database: Database; readonly knowledge: Knowledge },
  scope: Scope,
  limit: number,
  cursor: string | undefined,
) => Promise<Page<T>>

const PAGE = 1_000

/** Page after page until there are `most`, or all. */
async function collect<T>(
  page: (limit: number, cursor: string | undefined) => Promise<Page<T>>,
  most: number | null,
): Promise<Page<T>> {
  const items: T[] = []
  let cursor: string | undefined
  for (;;) {
    const { items: some, nextCursor } = await page(Math.min(PAGE, (most ?? Infinity) - items.length), cursor)
    items.push(...some)
    if (nextCursor === null || items.length === most) return { items, nextCursor }
    cursor = nextCursor
  }
}

const EVERYTHING: WorkFilter = {
  state: [],
  siteId: [],
  maker: [],
  brand: [],
  model: [],
  deviceClass: [],
  level: [],
  band: [],
  urgency: [],
  queue: [],
  vulnerability: [],
  patch: [],
  outlook: [],
}

/** How many products of claims that cannot be used a report lists. */
const LISTED = 20

function unusableLine({ product, maker, lacks, claims }: UnusableProduct): string {
  return `${product}${maker === null ? '' : ` (${maker})`}: no ${lacks.join(', no ')}${claims > 1 ? `, ${claims} claims` : ''}`
}

function leftOut(problems: number): string[] {
  return problems > 0 ? [`... and ${problems} more that cannot be read`] : []
}

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 1000)
    throw new InvalidArgumentError('must be a whole number from 1 to 1000')
  return number
}
