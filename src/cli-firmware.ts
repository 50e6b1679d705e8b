/** `camledger firmware`: the work list, what to save before a deadline, and imports of advisories. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { OPERATOR, record } from './audit.ts'
import { grid } from './cli-reports.ts'
import type { Database, Scope } from './db/database.ts'
import { FEED_FORMATS, type FeedFormat, importFeed, readFeed } from './firmware/feeds.ts'
import { WORK_QUEUES } from './firmware/risk.ts'
import { type DeadlineItem, deadlines, type WorkFilter, type WorkItem, workPage } from './firmware/work.ts'
import { DomainError, type Problem } from './http/problems.ts'
import { csvLine } from './intake/csv-write.ts'
import type { Knowledge } from './knowledge.ts'
import { rescreen } from './screening/rescreen.ts'

export interface CliParts {
  readonly withDatabase: <T>(
    advice: string,
    work: (prepared: { readonly database: Database; readonly knowledge: Knowledge }) => Promise<T>,
  ) => Promise<T>
  readonly now: () => Date
  readonly print: (text: string) => void
  /** API key for `--url`. */
  readonly key: (given: string | undefined) => string
  readonly day: (text: string) => string
  readonly uuid: (text: string) => string
}

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
  item.wanted?.firmwareVersion ?? 'every image for the model',
]

/** Add `camledger firmware ...` to the program. */
export function firmwareCommands(program: Command, parts: CliParts): void {
  const { withDatabase, now, print, day } = parts
  const firmware = program
    .command('firmware')
    .description('which devices can still be patched, and until when')
  const reading = (command: Command) =>
    command
      .option('--url <url>', 'a running service, such as http://localhost:8080')
      .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
      .option('--jurisdiction <id>', 'only this one', parts.uuid)
      .option('--json', 'print JSON')
      .option('--csv', 'print CSV')

  reading(firmware.command('worklist'))
    .description('devices that need work on their firmware, in the order of work')
    .option('--limit <n>', 'devices to list', whole, 40)
    .option('--due-by <day>', 'an action is due on or before this day (YYYY-MM-DD)', day)
    .addOption(new Option('--queue <queue>', 'only this queue').choices(WORK_QUEUES))
    .action(async (options: ReadOptions & { limit: number; dueBy?: string; queue?: string }) => {
      const query = {
        limit: String(options.limit),
        include: 'all',
        ...(options.dueBy === undefined ? {} : { dueBy: options.dueBy }),
        ...(options.queue === undefined ? {} : { queue: options.queue }),
      }
      const filter: WorkFilter = {
        ...EVERYTHING,
        queue: options.queue === undefined ? [] : [options.queue],
        dueBy: options.dueBy,
      }
      const items = await read<WorkItem>(options, '/v1/firmware-risks', query, (database, knowledge, scope) =>
        database
          .acrossJurisdictions(scope, (tx) =>
            workPage(
              tx,
              scope,
              { filter, limit: options.limit, cursor: undefined, question: null },
              knowledge,
              now(),
            ),
          )
          .then((page) => page.items.map((text) => JSON.parse(text) as WorkItem)),
      )
      show(options, items, WORK_HEADER, workRow, 'Nothing needs work.')
    })

  reading(firmware.command('deadline'))
    .description('images to obtain and hash before updates stop, per model')
    .option('--by <day>', 'updates stop on or before this day (YYYY-MM-DD)', day)
    .option('--missing', 'only models of which no verified image is kept')
    .action(async (options: ReadOptions & { by?: string; missing?: boolean }) => {
      const query = {
        ...(options.by === undefined ? {} : { by: options.by }),
        ...(options.missing ? { missing: 'true' } : {}),
      }
      const filter = { maker: [], by: options.by, missing: options.missing }
      const items = await read<DeadlineItem>(
        options,
        '/v1/firmware-risks/deadlines',
        query,
        (database, knowledge, scope) =>
          database.acrossJurisdictions(scope, (tx) => deadlines(tx, scope, filter, knowledge)),
      )
      show(options, items, DEADLINE_HEADER, deadlineRow, 'No cut-off is known.')
    })

  firmware
    .command('import-advisories')
    .description('read a document of a feed; the same one again changes nothing')
    .argument('<file>', 'JSON, or CSV for the KEV catalogue')
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
          : await importHere(options.format, text, isCsv, options.force ?? false)
        if (options.json) return print(JSON.stringify(report, null, 2))
        const { counts } = report
        print(
          [
            `${report.feed} ${report.feedVersion ?? ''}`.trim(),
            report.isChanged ? `version ${report.version}` : 'nothing changed',
            `${counts.added} added, ${counts.changed} changed, ${counts.withdrawn} withdrawn, ${counts.unchanged} unchanged, ${counts.problems} unreadable`,
            `${report.evaluated ?? 0} profiles evaluated again`,
          ].join('\n  '),
        )
      },
    )

  async function importHere(format: FeedFormat, text: string, isCsv: boolean, isForced: boolean) {
    return withDatabase(ADVICE, async ({ database, knowledge }) => {
      const instant = now()
      const imported = readFeed(format, text, isCsv, knowledge.firmware.makers)
      const result = await database.asOperator(
        async (tx) => {
          const done = await importFeed(tx, {
            feed: format,
            imported,
            isForced,
            by: OPERATOR.id,
            now: instant,
          })
          await record(tx, null, OPERATOR, instant, {
            action: 'advisories.import',
            target: format,
            detail: { isChanged: done.isChanged, version: done.version, counts: done.counts },
          })
          return done
        },
        { timeLimitMillis: 0 },
      )
      if (!result.isChanged) return { ...result, evaluated: 0 }
      const { readFirmware } = await import('./firmware/store.ts')
      const next = { ...knowledge, firmware: await database.asOperator(readFirmware) }
      return { ...result, evaluated: await rescreen(database, next, instant) }
    })
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
        authorization: `Bearer ${parts.key(options.key)}`,
        'content-type': isCsv ? 'text/csv' : 'application/json',
      },
      body: text,
    })
    const report = (await told(answer)) as Awaited<ReturnType<typeof importHere>> & {
      readonly touched: { readonly profiles: number }
    }
    return { ...report, evaluated: report.touched.profiles }
  }

  async function read<T>(
    options: Where,
    path: string,
    query: Readonly<Record<string, string>>,
    here: (database: Database, knowledge: Knowledge, scope: Scope) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const { url, jurisdiction } = options
    if (url === undefined) {
      return withDatabase(ADVICE, ({ database, knowledge }) =>
        here(database, knowledge, jurisdiction === undefined ? 'all' : [jurisdiction]),
      )
    }
    const search = new URLSearchParams({
      ...query,
      ...(jurisdiction === undefined ? {} : { jurisdictionId: jurisdiction }),
    })
    const answer = await fetch(new URL(`${path}?${search}`, url), {
      headers: { authorization: `Bearer ${parts.key(options.key)}` },
    })
    return ((await told(answer)) as { items: T[] }).items
  }

  function show<T>(
    options: ReadOptions,
    items: readonly T[],
    header: readonly string[],
    row: (item: T) => string[],
    nothing: string,
  ): void {
    if (options.json) print(JSON.stringify(items, null, 2))
    else if (options.csv) {
      const lines = [header, ...items.map(row)].map((cells) => csvLine(cells))
      // Lines of CSV end with CR LF, and printing adds the last LF.
      print(lines.join('').slice(0, -1))
    } else print(items.length === 0 ? nothing : grid([header, ...items.map(row)]))
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
}

/** The body of an answer; throws what the service says is wrong. */
async function told(answer: Response): Promise<unknown> {
  const body = (await answer.json()) as unknown
  if (answer.ok) return body
  const { detail, title, errors } = body as Problem
  throw new DomainError('invalid-request', `The service refused: ${detail ?? title}`, {
    errors: errors ?? [],
  })
}

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > 1000)
    throw new InvalidArgumentError('must be a whole number from 1 to 1000')
  return number
}
