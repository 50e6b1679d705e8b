// `npm run mutate [-- NAME ...]`: changes one line of the source at a time and looks whether the test that is named
// beside it fails. A change that no test notices is a promise that nobody keeps. The changes are in
// test/mutants/mutants.json: `find` stands once in src, `promise` is a part of the title of the test that has to fail,
// behind those of the tests around it (`keys > nothing is shown`). It runs alone (`isWhole`: with those before it, which
// it needs), first without the change. All is done in a copy of the repository, so that work under way is not touched.
//
// Takes about ten seconds a change. MUTATE_MINUTES (60) bounds the whole: what was not tried by then is counted as
// not passed. On the embedded database unless TEST_DATABASE_URL is set: changes that take two writers need it.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const LEFT_OUT = new Set(['node_modules', '.git', '.tap', '.cache', 'build'])
const TEST_SECONDS = 300
const MINUTES = Number(process.env.MUTATE_MINUTES ?? 60)

/** @type {{ name: string, find: string, replace: string, test: string, promise: string, isWhole?: boolean, needsPostgres?: boolean }[]} */
const all = JSON.parse(readFileSync(join(root, 'test/mutants/mutants.json'), 'utf8'))
/** Of tests that have run without a change: what is wrong with them, or null. */
const unchanged = new Map()
const copy = mkdtempSync(join(tmpdir(), 'camledger-mutate-'))
try {
  await tryAll(chosen(process.argv.slice(2)))
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function chosen(names) {
  const unknown = names.filter((name) => !all.some((mutant) => mutant.name === name))
  if (unknown.length === 0) return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
  const known = all.map(({ name }) => `  ${name}`).join('\n')
  console.error(`No such change: ${unknown.join(', ')}. There are:\n${known}`)
  process.exitCode = 2
  return []
}

async function tryAll(mutants) {
  if (mutants.length === 0) return
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(path.slice(root.length).split('/')[0]),
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  run(['tools/build.mjs'])
  const until = Date.now() + MINUTES * 60_000
  let [noticed, untried, without] = [0, 0, 0]
  for (const mutant of mutants) {
    if (mutant.needsPostgres && process.env.TEST_DATABASE_URL === undefined) {
      without++
      continue
    }
    if (Date.now() > until) {
      untried++
      continue
    }
    const { isNoticed, what } = await tryOne(mutant)
    if (isNoticed) noticed++
    console.log(`${isNoticed ? 'ok    ' : 'NOT OK'} ${mutant.name}: ${mutant.test}.test, ${what}`)
  }
  const survived = mutants.length - noticed - untried - without
  console.log(
    `${noticed} of ${mutants.length} changes were noticed, ${survived} were not, ${untried} were not tried.`,
  )
  if (without > 0) console.log(`${without} need two writers, and so TEST_DATABASE_URL: they were left out.`)
  process.exitCode = survived + untried > 0 ? 1 : 0
}

async function tryOne({ find, replace, ...asked }) {
  const places = sources().filter(({ text }) => text.includes(find))
  const [{ path, text } = {}] = places
  if (places.length !== 1 || text.split(find).length !== 2)
    return {
      isNoticed: false,
      what: 'its line does not stand once in src: correct test/mutants/mutants.json',
    }
  const without = await passesUnchanged(asked)
  if (without !== null) return { isNoticed: false, what: without }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  try {
    compile(path)
    const { failed, isCutOff } = await outcomeOf(asked)
    if (failed?.includes(titlesOf(asked.promise).at(-1))) return { isNoticed: true, what: failed }
    if (failed !== null) return { isNoticed: false, what: `another test failed: ${failed}` }
    return { isNoticed: false, what: isCutOff ? 'the test did not end' : 'SURVIVED: no test noticed' }
  } finally {
    writeFileSync(path, text)
    compile(path)
  }
}

/** What is wrong with a test before anything was changed; asked once for each. */
async function passesUnchanged(asked) {
  const key = JSON.stringify([asked.test, asked.promise])
  if (!unchanged.has(key)) {
    const { failed, hasPassed } = await outcomeOf(asked)
    const wrong =
      failed !== null ? `fails without a change: ${failed}` : hasPassed ? null : 'there is no such test'
    unchanged.set(key, wrong)
  }
  return unchanged.get(key)
}

/** The title of a test, behind those of the tests that it is part of. */
function titlesOf(promise) {
  return promise.split(' > ')
}

function sources() {
  return readdirSync(join(copy, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

/** Compiles one file beside the others, without looking at types: a change of one line need not wait for all. */
function compile(path) {
  const settings = {
    extends: './tsconfig.json',
    compilerOptions: { noCheck: true, noResolve: true },
    files: [path],
    include: [],
  }
  writeFileSync(join(copy, 'one.json'), JSON.stringify(settings))
  run(['node_modules/typescript/bin/tsc', '-p', 'one.json'])
}

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stdout}${stderr}`)
}

/** Runs the promised test alone, as far as it fails: its title, or else that of the first that did; null when none did. */
async function outcomeOf({ test, promise, isWhole = promise === '' }) {
  const titles = titlesOf(promise)
  const child = spawn(process.execPath, [`build/test/${test}.test.js`], {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: TEST_SECONDS * 1000,
    env: {
      ...process.env,
      TAP_TIMEOUT: String(TEST_SECONDS),
      ...(isWhole ? {} : { TAP_GREP: titles.map(asPattern).join('\n') }),
    },
  })
  const ended = new Promise((resolve) => {
    child.once('close', (code) => resolve(code))
  })
  let [failed, hasPassed] = [null, false]
  for await (const line of createInterface({ input: child.stdout })) {
    const [, indent, not, title, skip] =
      /^( *)(not )?ok \d+ - (.*?)(?: # (SKIP|TODO|time=).*)?$/.exec(line) ?? []
    if (title === undefined || skip === 'SKIP') continue
    const isPromised = title.includes(titles.at(-1)) && (promise !== '' || indent === '')
    if (not === undefined) hasPassed ||= isPromised
    else if (isPromised) {
      failed = title
      child.kill('SIGKILL')
      break
    } else if (indent === '') failed ??= title
  }
  const code = await ended
  return { failed, hasPassed, isCutOff: code === null }
}

function asPattern(title) {
  return `/${title.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&')}/`
}
