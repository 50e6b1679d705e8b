/** What is shipped: the image and the package hold what they run, and run where they are put. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { contextFiles, copiesOf, isIgnored } from './support/build-context.ts'

const root = fileURLToPath(import.meta.resolve('#root/package.json')).replace(/\/package\.json$/, '')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dockerignore = read('.dockerignore')
const copies = copiesOf(read('Dockerfile'))
const context = contextFiles(root, dockerignore, ['node_modules', '.git', 'build', '.tap', '.cache'])
const manifest = JSON.parse(read('package.json')) as {
  readonly private?: boolean
  readonly files: readonly string[]
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly engines: { readonly node: string }
}

t.test('.dockerignore is read as Docker reads it', async (t) => {
  for (const [path, text, expected] of [
    ['a', '', false],
    ['a', 'a', true],
    ['a/b', 'a', true], // what is in a folder goes with it
    ['b/a', 'a', false], // a name means the root's
    ['b/a', '**/a', true],
    ['a', '**/a', true],
    ['a/b/c', 'a/*/c', true],
    ['a/b/d/c', 'a/*/c', false],
    ['a/b/d/c', 'a/**/c', true],
    ['src/x.ts', '*\n!src', false],
    ['src/x.ts', '!src\n*', true], // the last line decides
    ['data/db/x', '*\n!data\ndata/db', true],
    ['x.md', '*.md\n!x.md', false],
    ['x1', 'x[0-9]', true],
    ['xb', 'x[^a]', true],
    ['xa', 'x[^a]', false],
    ['x.y', 'x?y', true],
    ['# a', '# a', false], // a comment
    ['a', ' /a/ ', true],
  ] as const) {
    t.equal(isIgnored(path, text), expected, `${JSON.stringify(text)} of ${path}`)
  }
})

t.test('each file that the image copies is in its build context', async (t) => {
  const wanted = copies.filter(({ from }) => from === null).flatMap(({ sources }) => sources)
  t.ok(wanted.length > 8)
  for (const source of wanted) {
    t.ok(
      context.some((path) => path === source || path.startsWith(`${source}/`)),
      `COPY ${source}`,
    )
  }
  // `npm run build` in the image has what it starts.
  for (const [, script] of read('Dockerfile').matchAll(/npm run ([\w:-]+)/g)) {
    for (const [tool] of (manifest.scripts[script!] ?? 'missing').matchAll(/tools\/[\w.-]+/g)) {
      t.ok(wanted.includes(tool), `npm run ${script} starts ${tool}`)
    }
    t.ok(manifest.scripts[script!], `npm run ${script}`)
  }
  t.same(
    context.filter((path) => /^(?:data\/db|node_modules|\.git|test)(?:\/|$)|\.env|\.log$/.test(path)),
    [],
    'nothing private or needless goes to the builder',
  )
})

t.test('image and package hold all that the program reads', async (t) => {
  const last = Math.max(...copies.map(({ stage }) => stage))
  const inImage = copies.filter(({ stage }) => stage === last).map(({ target }) => target || 'package.json')
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && path !== 'eval-names.ts')
    .map((path) => read(`src/${path}`))
  // `#root/data/han.json`, and `root('migrations')` of package.ts.
  const named = sources.flatMap((text) =>
    [...text.matchAll(/#root\/([\w-]+)(?=[/'"`])|\broot\('([\w-]+)'\)/g)].map(
      (match) => match[1] ?? match[2]!,
    ),
  )
  const folders = [...new Set(named)].filter((path) => path !== 'package' && path !== 'src')
  t.ok(folders.includes('data') && folders.includes('migrations'), folders.join(' '))
  const shipped = manifest.files
    .filter((pattern) => !pattern.startsWith('!'))
    .map((path) => path.split('/')[0]!)
  for (const folder of [...folders, 'openapi', 'examples', 'build', 'NOTICE']) {
    t.ok(
      inImage.some((target) => target.split('/')[0] === folder),
      `the image has ${folder}`,
    )
    t.ok(shipped.includes(folder), `the package has ${folder}`)
    t.ok(folder === 'build' || existsSync(join(root, folder)), `${folder} is there`)
  }
  t.ok(shipped.includes('docs'), 'the package has docs')
  const entry = /ENTRYPOINT (\[.*\])/.exec(read('Dockerfile'))![1]!
  t.ok((JSON.parse(entry) as string[]).includes('build/src/cli.js'), 'the image starts the command')
  t.ok(
    inImage.includes('package.json') && inImage.includes('node_modules'),
    'and can resolve what it imports',
  )
})

t.test('nothing is built where the package is installed, and nothing is needed to build it', async (t) => {
  t.equal(manifest.private, undefined, 'it can be packed and published')
  for (const script of ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'])
    t.equal(manifest.scripts[script], undefined, `no script ${script}`)
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; hasInstallScript?: boolean }>
  }
  const shipped = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)
  t.ok(shipped.length > 50)
  t.same(
    shipped.flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : [])),
    [],
    'no dependency runs a script either',
  )
})

/** `from 'x'`, `import('x')`, `require('x/y')`, and what `createRequire(…)` is given. */
const IMPORT =
  /(?:\bfrom |\bimport |\bimport\(|\brequire\(|\brequire\.resolve\(|url\)\()'((?:@[\w-]+\/)?[\w-]+)(?:\/[^']*)?'/g

t.test('each dependency is imported, and each import is a dependency', async (t) => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && path !== 'eval-names.ts')
    .map((path) => read(`src/${path}`))
  const imported = new Set(sources.flatMap((text) => [...text.matchAll(IMPORT)].map((match) => match[1]!)))
  const known = Object.keys(manifest.dependencies)
  t.same(
    known.filter((name) => !imported.has(name)),
    [],
    'imported nowhere',
  )
  t.same(
    [...imported].filter((name) => !known.includes(name)),
    [],
    'there only because something else needs it',
  )
})

t.test('a build takes nothing from what runs in build/, and one that fails leaves the last', async (t) => {
  const folder = t.testdir({
    'package.json': '{"type":"module"}',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'NodeNext',
        rootDir: '.',
        types: [],
        skipLibCheck: true,
        noEmitOnError: true,
      },
      include: ['src'],
    }),
    src: {
      'cli.ts': 'export const one = 1\n',
      'worker.ts': 'export const two = 2\n',
      'old.ts': 'export {}\n',
    },
    tools: { 'build.mjs': read('tools/build.mjs') },
    node_modules: { typescript: t.fixture('symlink', join(root, 'node_modules/typescript')) },
  })
  const at = (path: string) => join(folder, path)
  const build = (...given: string[]) =>
    new Promise<number | null>((done) => {
      // Without what the test runner loads into every process: the compiler does not start under it.
      const command = ['-u', 'NODE_OPTIONS', process.execPath, at('tools/build.mjs'), ...given]
      spawn('env', command, { stdio: 'ignore' }).on('close', done)
    })
  t.equal(await build('--if-stale'), 0, 'there is none yet')
  const worker = at('build/src/worker.js')
  const before = statSync(worker)

  writeFileSync(at('src/cli.ts'), 'export const one = 11\n')
  rmSync(at('src/old.ts'))
  let isBuilding = true
  const building = build().finally(() => {
    isBuilding = false
  })
  let looks = 0
  let missing = 0
  while (isBuilding) {
    looks++
    if (!existsSync(worker) || !existsSync(at('build/src/cli.js'))) missing++
    await new Promise((turn) => setImmediate(turn))
  }
  t.equal(await building, 0)
  t.ok(looks > 10)
  t.equal(missing, 0, `of ${looks} looks during the build`)
  t.match(readFileSync(at('build/src/cli.js'), 'utf8'), /one = 11/)
  t.same(
    [statSync(worker).mtimeMs, statSync(worker).ino],
    [before.mtimeMs, before.ino],
    'what is the same is not touched',
  )
  t.notOk(existsSync(at('build/src/old.js')), 'what no source makes is removed')

  // Killed in the middle: its folder stays until the next build.
  mkdirSync(at('build/.new-999999999/src'), { recursive: true })
  writeFileSync(at('src/cli.ts'), 'export const one: number = "wrong"\n')
  t.not(await build(), 0)
  t.match(readFileSync(at('build/src/cli.js'), 'utf8'), /one = 11/, 'a build that fails leaves the last')
  t.same(
    readdirSync(at('build')).filter((name) => name.startsWith('.new-')),
    [],
    'nothing unfinished is left',
  )
  writeFileSync(at('src/cli.ts'), 'export const one = 12\n')
  t.equal(await build('--if-stale'), 0)
  t.match(readFileSync(at('build/src/cli.js'), 'utf8'), /one = 12/, 'a source is newer')
  const built = statSync(at('build/.built')).mtimeMs
  t.equal(await build('--if-stale'), 0)
  t.equal(statSync(at('build/.built')).mtimeMs, built, 'nothing is newer, so nothing is done')
})
