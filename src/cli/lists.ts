/** `camledger lists`: official lists as versions; which are in force, a file in, what waits for a person. */
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import type { Database } from '../db/database.ts'
import { createLogger } from '../db/log.ts'
import { registrantOf } from '../identification/oui.ts'
import { contextAt } from '../jobs/as-operator.ts'
import { type ListServices, loadOperation } from '../lists/operation.ts'
import { allLists } from '../lists/queries.ts'
import type { ListLoad, OfficialList } from '../lists/schemas.ts'
import { LIST_SOURCES } from '../lists/sources/index.ts'
import { FETCHED_LISTS } from '../lists/sync/addresses.ts'
import { type Synced, syncList } from '../lists/sync/run.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { KnowledgeHolder } from '../screening/knowledge-holder.ts'
import { rescreen } from '../screening/rescreen.ts'
import { asOne, keptAs } from './list-files.ts'
import { answered } from './operator.ts'
import { type CliParts, day } from './parts.ts'
import { grid } from './print.ts'

type Loaded = z.output<typeof ListLoad>
type Lists = z.output<typeof OfficialList>[]

interface LoadOptions {
  readonly list: string
  readonly dryRun?: true
  readonly force?: true
  readonly publishedOn?: string
  readonly url?: string
  readonly key?: string
  readonly json?: true
}

const ADVICE = 'While the service runs, ask it: --url.'

/** Add `camledger lists ...` to the program. */
export function listsCommands(program: Command, parts: CliParts): void {
  const lists = program.command('lists').description('official lists as versions')
  const where = (command: Command) =>
    command
      .option('--url <url>', 'a running service, such as http://localhost:8080')
      .option('--key <key>', 'operator key for --url; better in the environment as CAMLEDGER_KEY')
      .option('--json', 'print JSON')

  where(lists.command('show'))
    .description('the lists that can be read, the version of each in force, and its age')
    .action(async (options: Pick<LoadOptions, 'url' | 'key' | 'json'>) => {
      const items =
        options.url === undefined ? await listsHere(parts) : await listsThere(parts, options, options.url)
      parts.print(options.json ? JSON.stringify(items, null, 2) : grid([HEADER, ...items.map(line)]))
    })

  lists
    .command('sync')
    .description('fetch lists from their authorities and put in force what passes the checks')
    .addArgument(
      new Argument('[lists...]', 'which; without it all that can be fetched').choices(FETCHED_LISTS),
    )
    .option(
      '--mirror <url>',
      'a server of your own that has the files, each by the name of its list',
      mirrorOf,
    )
    .option('--json', 'print JSON')
    .action(async (names: string[], { mirror, json }: { mirror?: string; json?: true }) => {
      const synced = await syncHere(parts, names.length > 0 ? names : FETCHED_LISTS, mirror ?? null)
      parts.print(
        json ? JSON.stringify(synced, null, 2) : grid([['list', 'outcome', 'what'], ...synced.map(inLine)]),
      )
      if (synced.some(({ outcome }) => outcome === 'refused' || outcome === 'failed')) parts.exit(4)
    })

  where(lists.command('load'))
    .description('put a file in force as the next version of a list; the same one again changes nothing')
    .argument('<files...>', 'as the authority publishes it; those that belong together in their order')
    .addOption(
      new Option('--list <id>', 'which list').choices(LIST_SOURCES.map(({ id }) => id)).makeOptionMandatory(),
    )
    .option('--dry-run', 'write nothing; say whom it would flag and clear')
    .option('--force', 'after a person has looked at a file that was refused')
    .option('--published-on <day>', 'for files that do not say it (YYYY-MM-DD); default today', day)
    .action(async (files: string[], options: LoadOptions) => {
      const body = await asOne(files)
      const loaded =
        options.url === undefined
          ? await loadHere(parts, options, body)
          : await loadThere(parts, options, options.url, body)
      parts.print(options.json ? JSON.stringify(loaded, null, 2) : inWords(loaded))
    })
}

async function syncHere(parts: CliParts, lists: readonly string[], mirror: string | null): Promise<Synced[]> {
  return parts.withDatabase(ADVICE, async ({ database, knowledge }) => {
    const services = servicesHere(database, knowledge)
    const now = parts.now()
    const synced: Synced[] = []
    for (const list of lists) {
      const terms = { now, signal: new AbortController().signal, mirror, seed: hostname(), always: true }
      const one = await syncList(services, list, terms)
      if (one !== null) synced.push(one)
    }
    if (synced.some(({ outcome }) => outcome === 'loaded'))
      await rescreen(database, services.knowledge(), now)
    return synced
  })
}

const inLine = ({ list, outcome, detail, version, listings }: Synced) => [
  list,
  outcome === 'failed' ? 'not fetched' : outcome,
  detail ?? `version ${version}${listings > 0 ? `, ${listings} listings changed` : ''}`,
]

const HEADER = ['list', 'version', 'published', 'entries', 'days old', 'last file']
const line = ({ id, inForce, ageDays, isOld, outcome }: Lists[number]) => [
  id,
  inForce ? String(inForce.version) : '-',
  inForce?.publishedOn ?? '-',
  inForce ? String(inForce.counts.entries) : '-',
  ageDays === null ? '-' : `${ageDays}${isOld ? ' (old)' : ''}`,
  outcome ?? 'none yet',
]

function listsHere({ withDatabase, now }: CliParts): Promise<Lists> {
  return withDatabase(ADVICE, ({ database }) =>
    database.asOperator((tx) => allLists(tx, now())),
  ) as Promise<Lists>
}

async function listsThere(parts: CliParts, { key }: Pick<LoadOptions, 'key'>, url: string): Promise<Lists> {
  const answer = await fetch(new URL('/v1/lists?limit=1000', url), {
    headers: { authorization: `Bearer ${parts.key(key)}` },
  })
  return ((await answered(answer)) as { items: Lists }).items
}

async function loadThere(
  parts: CliParts,
  options: LoadOptions,
  url: string,
  body: Readable,
): Promise<Loaded> {
  const { list, dryRun = false, force = false, publishedOn } = options
  const query = new URLSearchParams({
    dryRun: String(dryRun),
    force: String(force),
    ...(publishedOn === undefined ? {} : { publishedOn }),
  })
  const answer = await fetch(new URL(`/v1/lists/${list}/versions?${query}`, url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${parts.key(options.key)}`,
      'content-type': 'application/octet-stream',
    },
    body: Readable.toWeb(body),
    duplex: 'half',
  } as RequestInit)
  return (await answered(answer)) as Loaded
}

async function loadHere(parts: CliParts, options: LoadOptions, body: Readable): Promise<Loaded> {
  const { list, dryRun = false, force = false, publishedOn = null } = options
  const folder = await mkdtemp(join(tmpdir(), 'camledger-list-'))
  try {
    const file = await keptAs(join(folder, 'file'), body)
    return await parts.withDatabase(ADVICE, async ({ database, knowledge }) => {
      const services = servicesHere(database, knowledge)
      const instant = parts.now()
      const { body: loaded } = await loadOperation(services).run(
        { list, dryRun, force, publishedOn },
        contextAt(instant, file),
      )
      if (!dryRun) await rescreen(database, services.knowledge(), instant)
      return loaded as Loaded
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function mirrorOf(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^@/]+(?:\/|$)/.test(text)) return text
  throw new InvalidArgumentError(
    'It must be an address such as https://mirror.example/lists, without a login.',
  )
}

/** There is no background here: what it would do is done at the end. */
function servicesHere(database: Database, knowledge: Knowledge): ListServices {
  const holder = new KnowledgeHolder(
    { database, registrant: registrantOf, log: createLogger('silent') },
    knowledge,
  )
  return {
    database,
    knowledge: () => holder.current(),
    refreshKnowledge: () => holder.refresh(),
    trigger: () => {},
  }
}

function inWords({
  list,
  version,
  publishedOn,
  dryRun,
  isChanged,
  counts,
  listings,
  toLookAt,
  preview,
  problems,
}: Loaded) {
  const would = dryRun ? ' (nothing was written)' : ''
  return [
    isChanged
      ? `${list} version ${version}, published on ${publishedOn}${would}`
      : `${list}: nothing changed`,
    `${counts.entries} entries: ${counts.added} added, ${counts.changed} changed, ${counts.ended} ended; ${counts.persons} persons not kept`,
    ...listings.map(
      ({ how, maker, regime, from, to, unconfirmed }) =>
        `${how}: ${maker} under ${regime}, ${from ?? 'undated'} to ${to ?? 'today'}${unconfirmed ? ', until a person has confirmed it' : ''}`,
    ),
    ...(toLookAt > 0
      ? [`${toLookAt} names that are near a maker wait for a person: GET /v1/lists/${list}/unmatched`]
      : []),
    ...(preview === null
      ? []
      : [
          `would flag ${preview.devices.flagged} devices, clear ${preview.devices.cleared}, and say something else of ${preview.devices.changed}`,
          ...preview.byCity.map(
            ({ name, flagged, cleared }) => `  ${name}: ${flagged} flagged, ${cleared} cleared`,
          ),
        ]),
    ...problems.map(({ pointer, message }) => `${pointer}: ${message}`),
  ].join('\n')
}
