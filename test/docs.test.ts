/** What the documents say is true: paths exist, links lead somewhere, counts and limits are those of the code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

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
