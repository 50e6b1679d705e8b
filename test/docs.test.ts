/** What the documents say is true: paths exist, links lead somewhere, counts and limits are those of the code. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { readDocument } from '../fuzz/document.ts'
import { ACTIVITIES, OUTCOMES } from '../src/catalogue/outcomes.ts'
import type { Example } from '../src/http/openapi/operation.ts'
import { WORKBOOK_LIMITS } from '../src/intake/workbook/limits.ts'
import { blocksOf, differs, type Ran, reader } from './support/documented-commands.ts'
import { harness } from './support/harness.ts'

const root = fileURLToPath(import.meta.resolve('#root/package.json')).replace(/package\.json$/, '')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every document that people read, by its path from the root. */
const DOCUMENTS = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  'examples/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`),
]

t.test('every path that a document names exists', async (t) => {
  const PATH =
    /(?<![\w/.-])((?:src|test|data|docs|tools|migrations|fuzz|bench|examples|docker|openapi|\.ci|\.github)\/[\w./-]*[\w/])/g
  const named = DOCUMENTS.flatMap((document) =>
    // What is written in a folder of the city's own (`./data/db`) is none of ours.
    [...read(document).matchAll(PATH)].map(([, path]) => ({ document, path: path! })),
  ).filter(({ path }) => path !== 'data/db')
  t.ok(named.length > 50, `${named.length} paths are named`)
  t.same(
    named
      .filter(({ path }) => !existsSync(join(root, path)))
      .map(({ document, path }) => `${document}: ${path}`),
    [],
  )
})

t.test('every link in a document leads to a file, and to a heading where it names one', async (t) => {
  for (const document of DOCUMENTS) {
    for (const [, path, anchor] of read(document).matchAll(/\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const target = path === '' ? document : join(dirname(document), path!)
      if (!existsSync(resolve(root, target))) t.fail(`${document} -> ${path}`)
      else if (anchor) t.ok(headings(target).includes(anchor), `${document} -> ${target}#${anchor}`)
    }
  }
  t.pass()
})

/** The names that a repository host gives to the headings of a document. */
function headings(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

t.test('the heading of a decision has the number of its file', async (t) => {
  for (const path of DOCUMENTS.filter((one) => one.startsWith('docs/decisions/')))
    t.match(read(path), new RegExp(`^# ${Number(/\d{3}/.exec(path)![0])}\\. `), path)
})

t.test('every script that a document names exists', async (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const document of DOCUMENTS) {
    for (const [, name] of read(document).matchAll(/npm run ([a-z][\w:-]*)/g)) {
      if (!scripts[name!]) t.fail(`${document}: npm run ${name}`)
    }
  }
  t.pass()
})

t.test('limits, days and sources that documents state are those of the data', async (t) => {
  const rows = (file: string) =>
    JSON.parse(read(`data/${file}.json`)).items as { asOf?: string; source?: string }[]
  const read_ = ['regimes', 'listings', 'rules'].flatMap((file) => rows(file).map(({ asOf }) => asOf ?? ''))
  t.match(
    read('docs/methodology/determinations.md'),
    `Read up to ${read_.sort().at(-1)}.`,
    'the newest day on which law was read',
  )
  for (const file of ['vendors', 'relationships', 'identifiers', 'listings', 'regimes', 'rules'])
    t.ok(
      rows(file).every(({ asOf }) => /^\d{4}-\d\d-\d\d$/.test(asOf ?? '')),
      `each row of ${file} carries its day, as CONTRIBUTING says`,
    )
  t.ok(
    rows('models').every(({ source }) => source),
    'each model carries its source',
  )
})

t.test('tables and pictures that are made from the data are in step (npm run docs)', async (t) => {
  t.doesNotThrow(() => execFileSync(process.execPath, ['tools/docs.mjs', '--check'], { cwd: root }))
})

t.test('the glossary defines every activity and outcome, in their order', async (t) => {
  const glossary = read('docs/glossary.md')
  const defined = [...glossary.split('## Outcomes')[1]!.matchAll(/^\| `([\w-]+)` \| \S/gm)].map(
    ([, word]) => word,
  )
  t.same(defined, OUTCOMES)
  t.match(glossary, ACTIVITIES.map((activity) => `\`${activity}\``).join(', '))
  t.ok(glossary.split('\n').length <= 50, 'it fits on a screen')
})

interface DescribedOperation {
  readonly operationId: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly 'x-roles'?: readonly string[]
  readonly requestBody?: { readonly description: string }
}
const api = parse(read('openapi/openapi.yaml')) as {
  paths: Record<string, Record<string, DescribedOperation>>
}
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

/**
 * Words that readers stumble over: British spellings where the API is American, and words of our own where the field
 * has one. What is right instead stands beside it.
 */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/licen[c]e[a-z]*/, 'license'],
  [/programme(?!r|d)s?/, 'program'],
  [/catalogue[a-z]*/, 'catalog'],
  [/(?:re)?labell(?:ed|er|ing)[a-z]*/, 'labeled'],
  [/judgement[a-z]*/, 'judgment'],
  [/neighbour[a-z]*/, 'neighbor'],
  [/colour[a-z]*/, 'color'],
  [/labour[a-z]*/, 'labor'],
  [/behaviour[a-z]*/, 'behavior'],
  [/favour[a-z]*/, 'favor'],
  [/centre[a-z]*/, 'center'],
  [/defence[a-z]*/, 'defense'],
  [/cancell(?:ed|ing)/, 'canceled'],
  [
    /(?:un)?(?:author|recogn|organ|serial|optim|minim|summar|mobil|normal|priorit)is(?:e|ed|es|ing|ation|ations)/,
    '-ize',
  ],
  [/holes?/, 'vulnerability'],
  [/keepers?/, 'owner'],
  [/mend(?:s|ed|ing)?/, 'correct'],
  [/pok(?:e|es|ed|ing)/, 'trigger'],
]
/** A word that is joined to others, quoted as code or spelled as an identifier is a name: see the test of names. */
const wordAlone = (word: RegExp) =>
  new RegExp(`(?<![-_./\`'"\\w$\\\\])(?:${word.source})(?![-_/\`]?\\w|\`|\\()`, 'gi')
/** What is written for people in a source file: comments, and literals of more than one word. */
function proseOf(source: string): string {
  const comments: string[] = []
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => {
    comments.push(comment)
    return ''
  })
  const literals = code.match(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g) ?? []
  const texts = literals
    .map((text) => text.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, ' '))
    // Statements of SQL have the names of tables.
    .filter(
      (text) => text.includes(' ') && !/\b(?:select|update|delete|insert|join|jsonb?|= any)\b/.test(text),
    )
  return [...comments, ...texts].join('\n')
}

t.test('documents, texts and the API use American spelling and the words of the field', async (t) => {
  // Lists of words that are looked for in what others wrote.
  const LISTS = /^src\/(?:identification|intake)\/words\.ts$|model-names\.ts$/
  const written = new Map<string, string>()
  for (const path of DOCUMENTS) written.set(path, read(path).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, ''))
  for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
    const file = `src/${path.replaceAll('\\', '/')}`
    if (/\.tsx?$/.test(file) && !LISTS.test(file)) written.set(file, proseOf(read(file)))
  }
  const texts: string[] = []
  JSON.stringify(api, (key, value) => {
    if (key === 'example' || key === 'examples') return undefined
    if (typeof value === 'string' && ['description', 'summary', 'title'].includes(key)) texts.push(value)
    return value
  })
  written.set('openapi/openapi.yaml', texts.join('\n').replaceAll(/`[^`\n]*`/g, ''))
  t.ok(texts.length > 500 && written.size > 400, 'enough is read')
  const found: string[] = []
  for (const [path, text] of written)
    for (const [word, better] of WORDS)
      for (const [seen] of text.matchAll(wordAlone(word))) found.push(`${path}: ${seen}, better ${better}`)
  t.same(found, [])
})

t.test('fields, values, tables and columns are spelled as American English has them', (t) => {
  const BRITISH = /\w*(?:licence|labour|programme(?!r|d)|colour|behaviour|neighbour|catalogue)\w*/gi
  const found = (text: string, path: string) =>
    [...text.matchAll(BRITISH)].map(([seen]) => `${path}: ${seen}`)
  t.same(found(read('openapi/openapi.yaml'), 'openapi/openapi.yaml'), [])
  const tables = JSON.parse(read('migrations/meta/_journal.json')).entries.length - 1
  t.same(found(read(`migrations/meta/${String(tables).padStart(4, '0')}_snapshot.json`), 'tables'), [])
  const others = [
    'src/server/metrics.ts',
    'src/cli/plan.ts',
    ...readdirSync(join(root, 'data')).map((file) => `data/${file}`),
  ]
  // A citation has the words of its source.
  for (const path of others.filter((file) => !/support-periods|\/db$/.test(file)))
    t.same(found(read(path).replaceAll(/\bcatalogue\b|from '[^']*'/g, ''), path), [])
  t.end()
})

t.test('every operation has a heading, a description and an example that fits its schemas', async (t) => {
  const { operations: described, misfit } = readDocument(read('openapi/openapi.yaml'))
  const headings = parse(read('openapi/openapi.yaml')).tags.map(({ name }: { name: string }) => name)
  for (const { operationId, tags, description } of operations) {
    t.ok(tags.length === 1 && headings.includes(tags[0]), `${operationId} stands under one heading`)
    t.ok(description, `${operationId} is described`)
  }
  const examples = JSON.parse(read('openapi/examples.json')) as Record<string, Example>
  for (const { id, answers, bodies } of described) {
    const example = examples[id]
    if (!example) {
      const types = [...answers.entries()].flatMap(([status, types]) =>
        status < 300 ? [...types.keys()] : [],
      )
      t.ok(
        types.every((type) => /spreadsheetml|html|pdf|image|zip/.test(type)),
        `${id} needs an example: see tools/examples.mjs`,
      )
      continue
    }
    const { status, type, request, response } = example
    const answer = answers.get(status)?.get(type)
    t.ok(answer, `${id}: ${status} as ${type}`)
    if (answer) t.equal(misfit(answer, response), null, `${id}: answer`)
    if (request !== undefined)
      t.equal(misfit(bodies.get('application/json')!, request), null, `${id}: request`)
  }
  t.same(
    Object.keys(examples).filter((id) => !described.some((one) => one.id === id)),
    [],
  )
})

t.test('docs/problems.md states the limit of every body', async (t) => {
  const row = read('docs/problems.md')
    .split('\n')
    .find((line) => line.startsWith('| `payload-too-large`'))!
  const limits = operations.flatMap(({ path, requestBody }) => {
    const limit = /^At most (.+)\.$/.exec(requestBody?.description ?? '')?.[1]
    return limit === undefined ? [] : [{ path, limit }]
  })
  t.ok(limits.length > 30)
  for (const { path, limit } of limits)
    t.match(row, limit === '1 MiB' ? '1 MiB' : `${limit} for \`${path}\``, `${path}: ${limit}`)
})

const h = await harness(t)
t.testdir({})
await h.app.listen({ port: 0, host: '127.0.0.1' })
const newReader = (name: string) =>
  reader({
    address: `127.0.0.1:${(h.app.server.address() as AddressInfo).port}`,
    adminKey: h.admin,
    folder: join(t.testdirName, name),
    root,
  })

/** It ended well and no answer is a problem. A file with rows to correct ends with 4. */
function wentWell(t: Test, { command, code, stdout, stderr }: Ran): void {
  t.equal(code, command.includes('--rejects') ? 4 : 0, `${command} ${stderr}`)
  t.notMatch(stdout, /"type":"\/problems\//, command)
}

// The documents use curl, as readers do.
const skip = spawnSync('curl', ['--version']).status === 0 ? false : 'curl is not installed'

t.test('the requests of the guide give the answers that it shows', { skip }, async (t) => {
  h.setNow('2026-11-29T15:00:00Z')
  const shell = newReader('guide')
  let last: Ran | undefined
  let compared = 0
  for (const { language, text } of blocksOf(read('docs/guide.md'))) {
    if (language === 'sh') {
      const ran = await shell(text)
      for (const one of ran) wentWell(t, one)
      last = ran.findLast(({ stdout }) => stdout !== '')
      continue
    }
    compared++
    if (language === 'text') t.equal(last!.stdout, text, last!.command)
    else t.equal(differs(JSON.parse(text), JSON.parse(last!.stdout)), null, last!.command)
  }
  t.ok(compared >= 10, `${compared} answers`)
})

t.test('the commands of the README run as they are written', { skip }, async (t) => {
  h.setNow('2026-11-27T15:00:00Z')
  const shell = newReader('readme')
  const [, tours] = read('README.md').split('## Ten minutes as city IT')
  for (const { language, text } of blocksOf(tours!.split('## What it does not do')[0]!)) {
    t.equal(language, 'sh')
    // The reviewer comes when the day that is asked of is over.
    if (text.includes('export DAY=')) h.setNow('2026-11-29T15:00:00Z')
    for (const ran of await shell(text)) wentWell(t, ran)
  }
})

t.test('the requests of a day’s work run as they are written', { skip }, async (t) => {
  const body = { name: 'Dayton', state: 'OH', timezone: 'America/New_York' }
  const city = await h.jurisdiction(body)
  const key = await h.key('city-editor', city)
  const { status } = await h.call('POST', '/v1/imports', {
    key,
    headers: { 'content-type': 'text/csv' },
    body: read('examples/riverbend-cameras.csv'),
  })
  t.equal(status, 201)
  const folder = t.testdir({})
  // The smallest picture there is.
  const picture =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  writeFileSync(join(folder, 'label.png'), Buffer.from(picture, 'base64'))
  const script = blocksOf(read('docs/daily-work.md')).map(({ text }) => text)
  const { port } = h.app.server.address() as AddressInfo
  // Bash takes the socket of Node for a login from afar and would read the machine's own settings.
  const ran = await promisify(execFile)(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', script.join('\n').replaceAll('localhost:8080', `127.0.0.1:${port}`)],
    { cwd: folder, env: { ...process.env, CAMLEDGER_KEY: key } },
  )
  t.equal(ran.stderr, '')
  const counts = ran.stdout.split('\n').filter((line) => /^\d+$/.test(line))
  t.same(counts, ['22', '22', '4', '4', '2', '2'], 'each change: as many as were tried')
  const dated = await h.call('GET', '/v1/devices?acquiredFrom=2021-06-30&acquiredTo=2021-07-01', { key })
  t.equal(dated.body.items.length, 2, 'no date that was known was overwritten')
})

t.test('the bounds of threads in docs/operations.md are those of the program', async (t) => {
  const table = read('docs/operations.md')
  const threads: [work: string, path: string, before: string][] = [
    ['estimate', 'src/planning/runs/pool.ts', 'estimate: '],
    ['schedule', 'src/planning/runs/pool.ts', 'schedule: '],
    ['workbook of a plan', 'src/planning/runs/pool.ts', 'workbook: '],
    ["a city's own workbook (10 MiB)", 'src/planning/runs/pool.ts', 'template: '],
    ['official list', 'src/lists/reading/thread.ts', 'LIST_BOUNDS: ThreadBounds = '],
    ['feed of advisories', 'src/firmware/feeds/thread.ts', 'FEED_BOUNDS: ThreadBounds = '],
  ]
  for (const [work, path, before] of threads) {
    const text = read(path)
    const [, heap, seconds] =
      new RegExp(`${before}\\{ heapMebibytes: (\\d+), seconds: (\\d+) \\}`).exec(text) ?? []
    t.match(table, `| ${work} | ${heap} MiB | ${seconds} s |`, work)
  }
  const { fileBytes, heapMebibytes, seconds } = WORKBOOK_LIMITS
  const file = `${fileBytes / (1024 * 1024)} MiB`
  t.match(table, `| workbook to import (${file}) | ${heapMebibytes} MiB | ${seconds} s |`)
})
