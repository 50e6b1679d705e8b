/** How a table of devices is read, as options: `screen`, `import` and `plan` take the same. */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ColumnRef } from '../intake/profiles.ts'

export interface TableOptions {
  readonly profile?: string
  readonly map: Record<string, ColumnRef | null>
  readonly default: Record<string, string>
  readonly value: Record<string, Record<string, string>>
  readonly sheet: readonly string[]
  readonly dateOrder?: 'mdy' | 'dmy'
}

/** How a table is read: `TableOptions`. */
export function layoutOptions(command: Command): Command {
  return command
    .option('--profile <id>', 'known file layout, or none')
    .option(
      '--map <field=column>',
      'the column a field is in: its header, or its position from 0; nothing after = leaves the field out; repeatable',
      columnOf,
      {},
    )
    .option('--default <field=value>', 'value of blank or absent cells; repeatable', pairs, {})
    .option(
      '--value <field:word=value>',
      'what a word of the file means, such as fundingSource:CIP=local; repeatable',
      wordOf,
      {},
    )
    .option('--sheet <name>', 'a sheet of the workbook to read, hidden or not; repeatable', listed, [])
    .addOption(new Option('--date-order <order>', 'how 03/04/2024 is read').choices(['mdy', 'dmy']))
}

/** The same for a running service. */
export function setLayout(query: URLSearchParams, options: TableOptions): void {
  if (options.profile !== undefined) query.set('profile', options.profile)
  if (options.dateOrder !== undefined) query.set('dateOrder', options.dateOrder)
  if (Object.keys(options.map).length > 0) query.set('mapping', JSON.stringify(options.map))
  if (Object.keys(options.default).length > 0) query.set('defaults', JSON.stringify(options.default))
  if (Object.keys(options.value).length > 0) query.set('values', JSON.stringify(options.value))
  for (const sheet of options.sheet) query.append('sheet', sheet)
}

export function open(file: string): AsyncIterable<Uint8Array> {
  return file === '-' ? process.stdin : createReadStream(file)
}

export function fileName(file: string): string | null {
  return file === '-' ? null : basename(file)
}

export function contentType(file: string): string {
  if (file.endsWith('.ndjson') || file.endsWith('.jsonl')) return 'application/x-ndjson'
  // What it is, is found out by what it holds.
  return /\.(?:xlsx|json|geojson|xml)$/i.test(file) ? 'application/octet-stream' : 'text/csv'
}

function pairs(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=')
  if (at <= 0) throw new InvalidArgumentError('must be written field=value')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** `field:word=value`. */
function wordOf(
  text: string,
  before: Record<string, Record<string, string>>,
): Record<string, Record<string, string>> {
  const [[left, value]] = Object.entries(pairs(text, {})) as [[string, string]]
  const at = left.indexOf(':')
  if (at <= 0) throw new InvalidArgumentError('must be written field:word=value')
  const field = left.slice(0, at)
  return { ...before, [field]: { ...before[field], [left.slice(at + 1)]: value } }
}

function listed(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

/** `field=header`, `field=0` for a position, `field=` for none. A header that is a number goes by its position. */
function columnOf(text: string, before: Record<string, ColumnRef | null>): Record<string, ColumnRef | null> {
  const [[field, column]] = Object.entries(pairs(text, {})) as [[string, string]]
  return { ...before, [field]: column === '' ? null : /^\d{1,4}$/.test(column) ? Number(column) : column }
}
