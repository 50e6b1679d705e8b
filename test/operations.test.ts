/** What an operator relies on: the documents, the container files and the first start. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { readConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/database.ts'
import { seedDataDir } from '../src/db/embedded/seed.ts'
import { CACHE, MIGRATIONS, prepare } from '../src/server.ts'

const root = fileURLToPath(import.meta.resolve('#root/package.json')).replace(/package\.json$/, '')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every variable the service asks for. */
function variables(): string[] {
  const asked: string[] = []
  readConfig(new Proxy({}, { get: (_, name) => void asked.push(String(name)) }))
  return asked
}

t.test('docs/operations.md names every environment variable with its default, and no other', async (t) => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|/gm)]
  const defaults = readConfig({}) as Readonly<Record<string, unknown>>
  t.same(
    Object.fromEntries(rows.map(([, name, value]) => [name, value ?? null])),
    Object.fromEntries(
      variables().map((name) => [name, defaults[name] === undefined ? null : String(defaults[name])]),
    ),
  )
})

t.test('a link in a document leads to something', async (t) => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs/operations.md',
    'docs/problems.md',
    'examples/README.md',
  ].filter((path) => existsSync(join(root, path)))
  for (const path of documents) {
    for (const [, target] of read(path).matchAll(/\]\((?![a-z]+:)([^)#\s]+)[^)]*\)/g)) {
      t.ok(existsSync(resolve(root, dirname(path), target!)), `${path} -> ${target}`)
    }
  }
})

t.test('a script or tool that a document tells to run exists', async (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const path of ['README.md', 'CONTRIBUTING.md', 'docs/operations.md']) {
    if (!existsSync(join(root, path))) continue
    for (const [, name] of read(path).matchAll(/npm run ([\w:-]+)/g)) t.ok(scripts[name!], `${path}: ${name}`)
    for (const [, tool] of read(path).matchAll(/node (tools\/\S+?\.mjs)/g)) {
      t.ok(existsSync(join(root, tool!)), `${path}: ${tool}`)
    }
  }
})

interface Compose {
  readonly services: Record<string, { readonly environment: Record<string, string> }>
}

t.test('docker-compose.yml sets only what the service reads, and has no secret of its own', async (t) => {
  const { services } = parse(read('docker-compose.yml')) as Compose
  const known = variables()
  for (const name of Object.keys(services.camledger!.environment)) t.ok(known.includes(name), name)
  const secrets = Object.values(services)
    .flatMap(({ environment }) => Object.entries(environment))
    .filter(([name]) => /PASSWORD|KEY|DATABASE_URL/.test(name))
  t.ok(secrets.length >= 4)
  for (const [name, value] of secrets) t.match(value, /\$\{[A-Z_]+:\?[^}]+\}/, `${name} must be given`)
})

t.test('an image gets every folder that the program reads', async (t) => {
  const { files } = JSON.parse(read('package.json')) as { files: string[] }
  const allowed = read('.dockerignore').split('\n')
  for (const path of files) {
    t.match(read('Dockerfile'), new RegExp(`^COPY .*\\b${path} ${path}$`, 'm'), path)
    if (!path.startsWith('build/')) t.ok(allowed.includes(`!${path}`), `${path} is in the build context`)
  }
})

t.test('a first start begins from the seed, and a second start finds what the first left', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'camledger-start-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  await seedDataDir({
    cacheDir: CACHE,
    migrationsDir: MIGRATIONS,
    migrate: (pool) => openDatabase({ kind: 'embedded', description: '', pool }).migrate(MIGRATIONS),
  })
  const config = readConfig({ DATA_DIR: dataDir })
  const now = () => new Date('2026-11-24T12:00:00Z')
  for (const start of ['first', 'second']) {
    const { database, knowledge } = await prepare(config, now)
    t.equal(database.kind, 'embedded')
    t.equal(knowledge.version, 1, `the ${start} start knows the reference data once`)
    await database.close()
  }
})
