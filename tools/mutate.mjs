// `npm run mutate [-- NAME ...]`: changes one line of the source at a time and looks whether the test that is named
// beside it fails. A change that no test notices is a promise that nobody keeps. The changes are in
// test/mutants/mutants.json; each is made in a copy of the repository, so that work under way is not touched.
//
// Takes about twenty seconds a change. MUTATE_MINUTES (60) bounds the whole: what was not tried by then is counted as
// not passed. On the embedded database unless TEST_DATABASE_URL is set.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const LEFT_OUT = new Set(['node_modules', '.git', '.tap', '.cache', 'build'])
const TEST_SECONDS = 300

/** @type {{ name: string, file: string, find: string, replace: string, test: string, promise: string }[]} */
const all = JSON.parse(readFileSync(join(root, 'test/mutants/mutants.json'), 'utf8'))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !all.some((mutant) => mutant.name === name))
if (unknown.length > 0) {
  console.error(
    `No such change: ${unknown.join(', ')}. There are:\n${all.map(({ name }) => `  ${name}`).join('\n')}`,
  )
  process.exit(2)
}
const mutants = asked.length === 0 ? all : all.filter(({ name }) => asked.includes(name))

const copy = mkdtempSync(join(tmpdir(), 'camledger-mutate-'))
const run = (args, seconds, env = {}) =>
  spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    timeout: seconds * 1000,
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, ...env },
  })

/** Builds and runs the test; gives the titles that failed, or why it could not be tried. */
function failuresOf(test) {
  const built = run(['tools/build.mjs'], 180)
  if (built.status !== 0)
    return { obstacle: `does not compile: ${(built.stdout + built.stderr).trim().split('\n')[0]}` }
  const { stdout, error } = run([`build/test/${test}.test.js`], TEST_SECONDS, {
    TAP_TIMEOUT: String(TEST_SECONDS),
  })
  const failures = [...stdout.matchAll(/^not ok \d+ - (.*?)(?: # time=.*)?$/gm)].map(([, title]) => title)
  return { failures, isCutOff: error !== undefined }
}

function tryOne({ file, find, replace, test, promise }) {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  const places = text.split(find).length - 1
  if (places !== 1)
    return { isKilled: false, what: `the line is there ${places} times: mend test/mutants/mutants.json` }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  try {
    const { obstacle, failures = [], isCutOff } = failuresOf(test)
    if (obstacle !== undefined) return { isKilled: false, what: obstacle }
    if (failures.some((title) => title.includes(promise))) return { isKilled: true, what: promise }
    if (failures.length > 0) return { isKilled: false, what: `another test failed: ${failures[0]}` }
    return { isKilled: false, what: isCutOff ? 'the test did not end' : 'SURVIVED: no test noticed' }
  } finally {
    writeFileSync(path, text)
  }
}

const minutes = Number(process.env.MUTATE_MINUTES ?? 60)
const began = Date.now()
let survived = 0
let untried = 0
try {
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => !LEFT_OUT.has(path.slice(root.length).split('/')[0]),
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const mutant of mutants) {
    if (Date.now() - began > minutes * 60_000) {
      untried++
      continue
    }
    const { isKilled, what } = tryOne(mutant)
    if (!isKilled) survived++
    console.log(`${isKilled ? 'ok    ' : 'NOT OK'} ${mutant.name}: ${mutant.test}.test, ${what}`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(
  `${mutants.length - survived - untried} of ${mutants.length} changes were noticed, ${survived} were not, ${untried} were not tried.`,
)
process.exitCode = survived + untried > 0 ? 1 : 0
