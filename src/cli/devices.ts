/** `camledger devices` and `camledger device`: short answers of a running service in the terminal. */
import type { Command } from 'commander'
import type { z } from 'zod'
import {
  ACTIVITIES,
  ACTIVITY_WORDS,
  type Activity,
  isFinding,
  OUTCOME_WORDS,
  type Outcome,
  severity,
} from '../catalogue/outcomes.ts'
import { counted } from '../lib/counted.ts'
import { isUuid } from '../lib/ids.ts'
import type { Device, ListedDevice } from '../screening/schemas.ts'
import { UsageError } from './errors.ts'
import { grid } from './grid.ts'
import { inRed, legend, prohibitedLine, type Terminal } from './legend.ts'
import type { CliParts } from './parts.ts'
import { ask, serviceUrl } from './service.ts'
import { onOneLine, ownCommand } from './text.ts'

type Listed = z.infer<typeof ListedDevice>
type Whole = z.infer<typeof Device>

interface Where {
  readonly url: URL
  readonly key?: string
  readonly json?: boolean
}

const SHOWN: readonly Activity[] = ['procure', 'use', 'federal-funding', 'firmware-update']
const MOST_ROWS = 1000

const there = (command: Command) =>
  command
    .option('--url <url>', 'a running service', serviceUrl, serviceUrl('http://localhost:8080'))
    .option('--key <key>', 'API key; better in the environment as CAMLEDGER_KEY')
    .option('--json', 'print the answer of the service as JSON')

export function devicesCommand(command: Command, parts: CliParts): void {
  there(command)
    .argument(
      '[filters...]',
      'as GET /v1/devices takes them, such as department=Police or site__contains=yard',
    )
    .option('--rows <n>', 'rows of the table', (text) => Number(text), 40)
    .action(async (filters: string[], options: Where & { rows: number }) => {
      await listDevices(filters, options, parts)
    })
}

export function deviceCommand(command: Command, parts: CliParts): void {
  there(command)
    .argument('<tag>', 'asset tag, serial number, MAC address, name or id')
    .action(async (tag: string, options: Where) => {
      await showDevice(tag, options, parts)
    })
}

async function read<T>({ url, key }: Where, parts: CliParts, path: string): Promise<T> {
  return (await (await ask(new URL(path, url), await parts.key(key))).json()) as T
}

function questionOf(filters: readonly string[]): URLSearchParams {
  const question = new URLSearchParams()
  for (const filter of filters) {
    const at = filter.indexOf('=')
    if (at <= 0)
      throw new UsageError(`A filter is written name=value, such as status=active, and not ${filter}`)
    question.append(filter.slice(0, at), filter.slice(at + 1))
  }
  return question
}

interface Totals {
  readonly totalDevices: number
  readonly needPerson: number
  readonly items: readonly { readonly group: Readonly<Record<string, string>>; readonly devices: number }[]
}

/** A filter of its own on answers is not narrowed further. */
const ASKS_ANSWERS = /^(outcome|activity|regime)$/

async function listDevices(
  filters: readonly string[],
  options: Where & { readonly rows: number },
  parts: CliParts,
): Promise<void> {
  const { rows } = options
  if (!Number.isInteger(rows) || rows < 1 || rows > MOST_ROWS)
    throw new UsageError(`--rows must be a whole number from 1 to ${MOST_ROWS}`)
  const question = questionOf(filters)
  const page = (more: Readonly<Record<string, string>>) => {
    const asked = new URLSearchParams([...question, ...Object.entries({ limit: String(rows), ...more })])
    return read<{ items: Listed[] }>(options, parts, `v1/devices?${asked}`)
  }
  if (options.json) return parts.print(JSON.stringify((await page({})).items, null, 2))
  const totals = await read<Totals>(
    options,
    parts,
    `v1/summary?${new URLSearchParams([['groupBy', 'activity,outcome'], ...question])}`,
  )
  const isAnswers = [...question.keys()].some((name) => ASKS_ANSWERS.test(name))
  const worst = isAnswers ? [] : (await page({ outcome: 'prohibited' })).items
  const others = worst.length < rows ? (await page({})).items : []
  const seen = new Set(worst.map(({ id }) => id))
  const devices = [...worst, ...others.filter(({ id }) => !seen.has(id))].slice(0, rows)
  parts.print(listText(devices, totals, await parts.terminal()))
}

function listText(devices: readonly Listed[], totals: Totals, terminal: Terminal): string {
  if (devices.length === 0) return 'No device matches.'
  const prohibited = new Map(
    totals.items
      .filter(({ group }) => group.outcome === 'prohibited')
      .map(({ group, devices }) => [group.activity as Activity, devices]),
  )
  const table = grid([
    ['tag', 'name', 'label and model', 'maker', ...SHOWN.map((activity) => ACTIVITY_WORDS[activity])],
    ...devices.map((device) => [
      device.assetTag ?? device.id,
      device.name ?? '',
      [device.manufacturer, device.model].filter(Boolean).join(' '),
      device.identification?.maker ?? '(open)',
      ...SHOWN.map((activity) => OUTCOME_WORDS[device.headline![activity]]),
    ]),
  ])
  const left = totals.totalDevices - devices.length
  const parts = [
    prohibitedLine(prohibited, terminal),
    table + (left > 0 ? `\n... and ${left} more; filters narrow the list, --rows shows more.` : ''),
    `${counted(totals.totalDevices, 'device')}; a person has to look at ${totals.needPerson}.`,
    legend(devices.flatMap(({ headline }) => SHOWN.map((activity) => headline![activity]))),
    nextSteps(devices[0]!, totals.needPerson),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function nextSteps({ assetTag, id }: Listed, needPerson: number): string {
  const tag = assetTag ?? id
  const lines = [
    `  ${ownCommand()} device ${/\s/.test(tag) ? JSON.stringify(tag) : tag}   why, with the citation`,
  ]
  if (needPerson > 0) lines.push(`  ${ownCommand()} devices needsDecision=true   whose maker is not settled`)
  return onEach(['Next:', ...lines])
}

const onEach = (lines: readonly string[]) => lines.map(onOneLine).join('\n')

/** Throws UsageError where none or several are called so. */
async function showDevice(tag: string, options: Where, parts: CliParts): Promise<void> {
  const id = isUuid(tag.toLowerCase()) ? tag.toLowerCase() : await idOf(tag, options, parts)
  const device = await read<Whole>(options, parts, `v1/devices/${id}`)
  parts.print(options.json ? JSON.stringify(device, null, 2) : deviceText(device, await parts.terminal()))
}

const NAMES = ['assetTag', 'serialNumber', 'macAddress', 'name'] as const

async function idOf(tag: string, options: Where, parts: CliParts): Promise<string> {
  for (const name of NAMES) {
    const question = new URLSearchParams({ [name]: tag, limit: '20', fields: 'id,assetTag,name' })
    const { items } = await read<{ items: Listed[] }>(options, parts, `v1/devices?${question}`)
    if (items.length === 1) return items[0]!.id
    if (items.length > 1) {
      const rows = items.map(
        ({ id, assetTag, name: called }) => `  ${id}  ${assetTag ?? ''}  ${called ?? ''}`,
      )
      throw new UsageError(`Several devices are called ${tag}; ask with the id:\n${rows.join('\n')}`)
    }
  }
  throw new UsageError(`No device has the asset tag, serial number, MAC address or name ${tag}.`)
}

function deviceText(device: Whole, terminal: Terminal): string {
  const { identification, headline } = device
  const prohibited = ACTIVITIES.filter((activity) => headline[activity] === 'prohibited')
  const title = [device.assetTag, device.name, device.manufacturer, device.model].filter(Boolean).join(', ')
  const maker =
    identification.maker === null
      ? `Maker: not settled (${identification.status}).`
      : `Maker: ${identification.maker}, certain to ${Math.round(identification.confidence * 100)} %.`
  const parts = [
    prohibited.length === 0
      ? ''
      : inRed(
          `PROHIBITED: ${prohibited.map((activity) => ACTIVITY_WORDS[activity].toLowerCase()).join(', ')}.`,
          terminal,
        ),
    onEach([
      title || device.id,
      maker,
      ...identification.evidence.slice(0, 5).map(({ note }) => `  ${note}`),
    ]),
    onEach(ACTIVITIES.flatMap((activity) => answerLines(device, activity))),
    legend(ACTIVITIES.map((activity) => headline[activity])),
    onEach(nextOf(device)),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

/** The answer to one activity, and of findings the rule that says it and where it stands. */
function answerLines({ headline, determinations }: Whole, activity: Activity): string[] {
  const outcome: Outcome = headline[activity]
  const line = `${ACTIVITY_WORDS[activity]}: ${OUTCOME_WORDS[outcome]}`
  if (!isFinding(outcome)) return [line]
  const reasons = determinations
    .filter((one) => one.activity === activity && isFinding(one.outcome))
    .sort((a, b) => severity(a.outcome) - severity(b.outcome))
  const shown = reasons.slice(0, 2).map(({ because, citation }) => `  ${because} (${citation})`)
  const left = reasons.length - shown.length
  return [line, ...shown, ...(left > 0 ? [`  and ${left} more; --json has all of them`] : [])]
}

function nextOf({ id, identification, determinations }: Whole): string[] {
  const missing = [...new Set(determinations.flatMap(({ missingFacts }) => missingFacts))]
  const lines = [
    ...(identification.wouldSettle.length > 0
      ? [`  to settle the maker, look for: ${identification.wouldSettle.join(', ')}`]
      : []),
    ...(missing.length > 0
      ? [`  facts that would make answers surer: ${missing.slice(0, 8).join(', ')}`]
      : []),
    `  PATCH /v1/devices/${id} sets a fact, POST /v1/devices/${id}/statements states who made it`,
  ]
  return ['Next:', ...lines]
}
