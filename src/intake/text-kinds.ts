/** What a text is, from its beginning: lines, one JSON document, a scan as XML. */
import { foldHeader } from './fields.ts'
import { FrigateScanner, isFrigate } from './frigate.ts'
import { isHeaderWord } from './headers.ts'
import { JsonScanner, type PassedList } from './json-table.ts'
import { NmapScanner } from './nmap.ts'
import { IntakeError } from './problem.ts'
import { CsvScanner, type Delimiter, NdjsonScanner, type Scanner } from './table.ts'

export type TextFormat = 'csv' | 'ndjson' | 'json' | 'nmap' | 'frigate'

const LOOKED_AT = 4_000
/** Names of a device's fields that files as a whole have too. */
const OF_ANY_FILE: ReadonlySet<string> = new Set([
  'type',
  'name',
  'id',
  'count',
  'version',
  'status',
  'number',
  'total',
  'title',
  'description',
  'kind',
])

/** @param start without white space before it. Throws IntakeError. */
export function textFormat(start: string, text: string, stated: 'csv' | 'ndjson' | undefined): TextFormat {
  if (start.startsWith('<')) {
    if (/<nmaprun[\s>]/.test(text.slice(0, LOOKED_AT))) return 'nmap'
    const what = start.startsWith('<?xml') ? 'XML of a kind that is not read' : 'a web page'
    throw new IntakeError('not-a-table', `The file is ${what}. Save the table as "CSV UTF-8".`)
  }
  if (stated !== undefined) return stated
  if (/^\[\s*[{\]]/.test(start)) return 'json'
  if (!start.startsWith('{')) return isFrigate(text) ? 'frigate' : textTable(text)
  return isByLines(text.trimStart()) ? 'ndjson' : 'json'
}

/** Lines, unless they are the description of a model, in which there is no device. */
function textTable(text: string): 'csv' {
  const isModel = ['manufacturer', 'model', 'slug'].every((key) =>
    new RegExp(`^${key}:[ \\t]*\\S`, 'm').test(text),
  )
  if (!isModel) return 'csv'
  throw new IntakeError(
    'declined-format',
    'The file is a device type of NetBox (YAML): it describes a model and holds no devices. Export the devices themselves as CSV, with their manufacturer and type.',
  )
}

/** One object a line: the first line is a whole object, and another begins the next, or its keys are those of a device. */
function isByLines(text: string): boolean {
  const end = text.indexOf('\n')
  const line = (end === -1 ? text : text.slice(0, end)).trim()
  const next = end === -1 ? '' : text.slice(end).trimStart()
  if (!line.endsWith('}'))
    return next.startsWith('{') && line.length > 1 && !line.endsWith(',') && !line.endsWith('[')
  if (next.startsWith('{')) return true
  try {
    const entries = Object.entries(JSON.parse(line) as object)
    const named = entries.filter(([key, value]) => typeof value !== 'object' && isHeaderWord(key))
    return named.some(([key]) => !OF_ANY_FILE.has(foldHeader(key))) || !/\[\s*\{/.test(line)
  } catch {
    return next !== ''
  }
}

/** A reader of such a text from its beginning. */
export function scannerOf(
  format: TextFormat,
  delimiter: Delimiter | null,
  mostKeys?: number,
): Scanner & { readonly header?: string[]; readonly passedLists?: () => readonly PassedList[] } {
  switch (format) {
    case 'ndjson':
      return new NdjsonScanner(mostKeys)
    case 'json':
      return new JsonScanner()
    case 'nmap':
      return new NmapScanner()
    case 'frigate':
      return new FrigateScanner()
    default:
      return new CsvScanner(delimiter!)
  }
}
