// Picks an example of each operation from answers that the tests got, and writes openapi/examples.json. To add one for
// a new operation:  API_EXAMPLES=/tmp/answers.jsonl node build/test/http.test.js && node tools/examples.mjs /tmp/answers.jsonl
// What the file has already stays, unless --all is given.
import { readFileSync, writeFileSync } from 'node:fs'
import { parse } from 'yaml'
import { readDocument } from '../build/fuzz/document.js'
import { operationFinder } from '../build/test/support/documented.js'

const at = (path) => new URL(`../${path}`, import.meta.url)
const text = readFileSync(at('openapi/openapi.yaml'), 'utf8')
const api = readDocument(text)
const find = operationFinder(parse(text))
const operations = new Map(api.operations.map((operation) => [operation.id, operation]))

/** An answer is more use when it shows something, and when it is short. */
const BEST_BYTES = 1500
const MOST_BYTES = 6000
/** Characters of an answer that are written down; what is longer was cut. */
const MOST_READ = 60_000

function shortened(value) {
  if (Array.isArray(value)) return value.slice(0, value.length > 12 ? 2 : 1).map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortened(one)]))
}

/** Ids, keys and times that are the same in each run. */
function plain(value) {
  const ids = new Map()
  const stable = (id) => {
    if (!ids.has(id)) ids.set(id, `01a00000-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`)
    return ids.get(id)
  }
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, stable)
      .replaceAll(/clk_[\w-]{43}/g, 'clk_example')
      // The word by which a test finds what leaks from one city to another.
      .replaceAll('Quillfeather', 'Mill Road')
      .replaceAll(/("nextCursor":)"[^"]+"/g, '$1"WyJleGFtcGxlIl0"'),
  )
}

function exampleOf(line) {
  if (line.text.length >= MOST_READ) return null
  const operation = operations.get(find(line.method, line.url)?.operationId)
  const type = line.type.split(';')[0]
  const schema = operation?.answers.get(line.status)?.get(type)
  if (!schema || /spreadsheetml|html|pdf|image|zip/.test(type)) return null
  const isJson = /^application\/(json|[\w.-]+\+json)$/.test(type)
  const whole = isJson
    ? JSON.parse(line.text)
    : line.text
        .split(/(?<=\n)/)
        .slice(0, 2)
        .join('')
  const example = { status: line.status, type, response: isJson ? shortened(whole) : whole.slice(0, 600) }
  if (typeof line.body === 'object' && line.body !== null && line.body.type !== 'Buffer')
    example.request = shortened(line.body)
  const made = plain(example)
  if (isJson && api.misfit(schema, made.response) !== null) return null
  const body = operation.bodies.get('application/json')
  if (made.request !== undefined && (!body || api.misfit(body, made.request) !== null)) return null
  return { id: operation.id, made }
}

/** Texts with which tests attack, or that say nothing to a reader. */
const ODD = /script|HYPERLINK|Foo |Zorblax|nobody|[^ -~’]|\\\\|"x+"|=cmd|short|\btest\b/i

function worth({ response, status, request, type }) {
  const bytes = JSON.stringify(response).length
  const isOdd = ODD.test(JSON.stringify([response, request]))
  const isEmpty = Array.isArray(response?.items) && response.items.length === 0
  const isBare = request !== undefined && Object.keys(request).length === 0
  return (
    -Math.abs(bytes - BEST_BYTES) -
    (isEmpty ? 1e6 : 0) -
    (isOdd ? 5e4 : 0) -
    (type === 'application/json' ? 0 : 2e6) -
    (isBare ? 5e3 : 0) -
    (bytes > MOST_BYTES ? 1e5 : 0) -
    (status === 202 ? 1e4 : 0)
  )
}

const [path, ...options] = process.argv.slice(2)
const examples = options.includes('--all')
  ? {}
  : JSON.parse(readFileSync(at('openapi/examples.json'), 'utf8'))
const kept = new Set(Object.keys(examples))
for (const written of readFileSync(path, 'utf8').trim().split('\n')) {
  const found = exampleOf(JSON.parse(written))
  if (!found || kept.has(found.id)) continue
  const { id, made } = found
  if (!examples[id] || worth(made) > worth(examples[id])) examples[id] = made
}
const sorted = Object.fromEntries(Object.entries(examples).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(at('openapi/examples.json'), `${JSON.stringify(sorted, null, 1)}\n`)
const missing = [...operations.values()].filter(
  ({ id, answers }) => !sorted[id] && ![...answers.keys()].includes(204),
)
console.log(
  `${Object.keys(sorted).length} examples; without one: ${missing.map(({ id }) => id).join(', ') || 'none'}`,
)
