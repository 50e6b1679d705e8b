/** `camledger scenario`: what happens if a maker is put on a list, in words and as files. */

import { writeFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { REACHES } from '../scenarios/model/reaches.ts'
import { TEMPLATE_IDS } from '../scenarios/model/template-ids.ts'
import type { ScenarioDevice, ScenarioDocument } from '../scenarios/schemas.ts'
import { UsageError } from './errors.ts'
import { answered } from './operator.ts'
import { type CliParts, day, uuid } from './parts.ts'
import { onOneLine } from './text.ts'

export interface ScenarioOptions {
  readonly maker: readonly string[]
  readonly template?: string
  readonly regime?: string
  readonly from?: string
  readonly windDown?: number
  readonly licenseUpdates?: true
  readonly reach?: string
  readonly crews?: number
  readonly rate?: number
  readonly leadDays?: number
  readonly surge?: number
  readonly asOf?: string
  readonly budget: boolean
  readonly jurisdiction?: string
  readonly url?: string
  readonly key?: string
  readonly json?: string | true
  readonly csv?: string
  readonly xlsx?: string
}

export interface Answered {
  readonly scenario: ScenarioDocument
  readonly devices: readonly ScenarioDevice[]
}

const EXAMPLE = 'camledger scenario --maker hikvision --regime sdn --from 2027-01-15 --wind-down 180'

/** Add `camledger scenario` to the program. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the options of the command, one after another
export function scenarioCommand(command: Command, parts: CliParts): void {
  const number = (text: string) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < 0)
      throw new InvalidArgumentError('must be a number')
    return value
  }
  command
    .option('--maker <name>', 'who is listed, by catalog id or name; repeatable', repeated, [])
    .addOption(new Option('--template <id>', 'a ready-made scenario').choices(TEMPLATE_IDS))
    .option('--regime <list>', 'whose list: sdn, entity-list, fcc, 1260h, 889 or the id of a regime')
    .option('--from <day>', 'first day on the list, past or to come (YYYY-MM-DD)', day)
    .option('--wind-down <days>', 'days of a general license after it', number)
    .option('--license-updates', 'a general license for firmware updates, without an end')
    .addOption(new Option('--reach <how>', 'how far it reaches').choices(REACHES))
    .option('--crews <n>', 'install crews', number)
    .option('--rate <n>', 'devices a crew replaces in a working day', number)
    .option('--lead-days <n>', 'days from the order to the first work', number)
    .option('--surge <factor>', 'the rate of the crews times so much, as a second answer', number)
    .option('--as-of <day>', 'the day from which is looked ahead; default today', day)
    .option('--no-budget', 'leave costs and funds out')
    .option('--jurisdiction <id>', 'one city, with its devices and costs', uuid)
    .option('--url <url>', 'a running service, such as http://localhost:8080')
    .option('--key <key>', 'API key for --url; better in the environment as CAMLEDGER_KEY')
    .option('--json [file]', 'the whole answer as JSON, printed or to a file')
    .option('--csv <file>', 'write the devices, each line marked as hypothetical')
    .option('--xlsx <file>', 'write a workbook, each sheet marked as hypothetical')
    .allowExcessArguments()
    .action(async (options: ScenarioOptions, { args }: Command) => {
      if (args.length > 0) throw new UsageError(`A scenario is asked for with options, such as\n  ${EXAMPLE}`)
      const { here } = await import('./scenario-here.ts')
      const { inOptions } = await import('./scenario-options.ts')
      const answering = options.url === undefined ? here(options, parts) : there(options, options.url)
      await write(await answering.catch((error) => inOptions(error, options.maker)), options)
    })

  async function there(options: ScenarioOptions, url: string): Promise<Answered> {
    const { bodyOf } = await import('./scenario-request.ts')
    const headers = { authorization: `Bearer ${await parts.key(options.key)}` }
    const answer = await fetch(new URL('/v1/scenarios', url), {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(options, options.jurisdiction)),
    })
    const scenario = (await answered(answer)) as ScenarioDocument
    const lines = await fetch(new URL(`/v1/scenarios/${scenario.id}/devices`, url), {
      headers: { ...headers, accept: 'application/x-ndjson' },
    })
    if (!lines.ok) await answered(lines)
    const text = await lines.text()
    return { scenario, devices: text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])) }
  }

  async function write({ scenario, devices }: Answered, { json, csv, xlsx }: ScenarioOptions): Promise<void> {
    const whole = JSON.stringify({ ...scenario, hitDevices: devices }, null, 2)
    if (json === true) parts.print(whole)
    else
      parts.print(
        (await import('../scenarios/model/words.ts')).inWords(scenario).split('\n').map(onOneLine).join('\n'),
      )
    const tell = json === true ? parts.warn : parts.print
    const files: [string | undefined, () => Promise<string | Uint8Array>][] = [
      [json === true ? undefined : json, async () => whole],
      [csv, async () => (await import('./scenario-csv.ts')).scenarioCsv(devices)],
      [xlsx, async () => (await import('./scenario-workbook.ts')).scenarioWorkbook(scenario, devices)],
    ]
    for (const [path, content] of files) {
      if (path === undefined) continue
      await writeFile(path, await content())
      tell(`\nHypothetical: ${path}`)
    }
  }
}

const repeated = (text: string, before: readonly string[]) => [...before, text]
