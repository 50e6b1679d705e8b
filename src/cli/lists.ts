/** `camledger lists`: official lists as versions; which are in force, a file in, what waits for a person. */
import { Readable } from 'node:stream'
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'
import type { ListLoad, OfficialList } from '../lists/schemas.ts'
import { LIST_IDS } from '../lists/sources/ids.ts'
import { FETCHED_LISTS } from '../lists/sync/addresses.ts'
import type { Synced } from '../lists/sync/run.ts'
import { grid } from './grid.ts'
import { asOne } from './list-files.ts'
import { answered } from './operator.ts'
import { type CliParts, day } from './parts.ts'

export type Loaded = z.output<typeof ListLoad>
export type Lists = z.output<typeof OfficialList>[]

export interface LoadOptions {
  readonly list: string
  readonly dryRun?: true
  readonly force?: true
  readonly publishedOn?: string
  readonly url?: string
  readonly key?: string
  readonly json?: true
}

/** Only when it is needed: a running service has it loaded already. */
const loadHere = () => import('./lists-here.ts')

/** Add `camledger lists ...` to the program. */
export function listsCommands(command: Command, parts: CliParts): void {
  const where = (one: Command) =>
    one
      .option('--url <url>', 'a running service, such as http://localhost:8080')
      .option('--key <key>', 'operator key for --url; better in the environment as CAMLEDGER_KEY')
      .option('--json', 'print JSON')

  where(command.command('show'))
    .description('the lists that can be read, the version of each in force, and its age')
    .action(async (options: Pick<LoadOptions, 'url' | 'key' | 'json'>) => {
      const items =
        options.url === undefined
          ? await (await loadHere()).listsHere(parts)
          : await listsThere(parts, options, options.url)
      parts.print(options.json ? JSON.stringify(items, null, 2) : grid([HEADER, ...items.map(line)]))
    })

  command
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
      const { syncHere } = await loadHere()
      const synced = await syncHere(parts, names.length > 0 ? names : FETCHED_LISTS, mirror ?? null)
      parts.print(
        json ? JSON.stringify(synced, null, 2) : grid([['list', 'outcome', 'what'], ...synced.map(inLine)]),
      )
      if (synced.some(({ outcome }) => outcome === 'refused' || outcome === 'failed')) parts.exit(4)
    })

  where(command.command('load'))
    .description('put a file in force as the next version of a list; the same one again changes nothing')
    .argument('<files...>', 'as the authority publishes it; those that belong together in their order')
    .addOption(new Option('--list <id>', 'which list').choices(LIST_IDS).makeOptionMandatory())
    .option('--dry-run', 'write nothing; say whom it would flag and clear')
    .option('--force', 'after a person has looked at a file that was refused')
    .option('--published-on <day>', 'for files that do not say it (YYYY-MM-DD); default today', day)
    .action(async (files: string[], options: LoadOptions) => {
      const body = await asOne(files)
      const loaded =
        options.url === undefined
          ? await (await loadHere()).loadFile(parts, options, body)
          : await loadThere(parts, options, options.url, body)
      parts.print(options.json ? JSON.stringify(loaded, null, 2) : inWords(loaded))
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

async function listsThere(parts: CliParts, { key }: Pick<LoadOptions, 'key'>, url: string): Promise<Lists> {
  const answer = await fetch(new URL('/v1/lists?limit=1000', url), {
    headers: { authorization: `Bearer ${await parts.key(key)}` },
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
      authorization: `Bearer ${await parts.key(options.key)}`,
      'content-type': 'application/octet-stream',
    },
    body: Readable.toWeb(body),
    duplex: 'half',
  } as RequestInit)
  return (await answered(answer)) as Loaded
}

function mirrorOf(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^@/]+(?:\/|$)/.test(text)) return text
  throw new InvalidArgumentError(
    'It must be an address such as https://mirror.example/lists, without a login.',
  )
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
