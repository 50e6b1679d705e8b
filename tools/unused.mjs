// `npm run unused`: exports, files and dependencies that nobody uses fail it (knip.json says where the program begins),
// and so does what only tests call, but for the names in test/golden/only-tests-call.json. That list may only shrink:
// `npm run unused -- --write` takes out of it what is used or gone, and adds nothing;
// `npm run unused -- --fix` takes away the word `export` where only its own file reads what it says.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const golden = join(root, 'test/golden/only-tests-call.json')

function knip(args, stdio) {
  const { status, stdout } = spawnSync('npx', ['--no-install', 'knip', '--no-progress', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio,
  })
  if (status !== 0 && status !== 1) throw new Error(`knip ended with ${status}; is it installed (npm ci)?`)
  return { isClean: status === 0, stdout }
}

/** Exports that neither another file of the program nor their own uses. */
function onlyTestsCall() {
  const settings = join(root, 'node_modules/.cache/knip-production.json')
  mkdirSync(join(settings, '..'), { recursive: true })
  const own = JSON.parse(readFileSync(join(root, 'knip.json'), 'utf8'))
  writeFileSync(settings, JSON.stringify({ ...own, ignoreExportsUsedInFile: true }))
  const { stdout } = knip(
    ['--production', '--include', 'exports,types,files', '--reporter', 'json', '-c', settings],
    ['ignore', 'pipe', 'inherit'],
  )
  return JSON.parse(stdout)
    .issues.flatMap(({ file, exports = [], types = [], files = [] }) => [
      ...[...exports, ...types].map(({ name }) => name),
      ...files.map(() => file),
    ])
    .toSorted()
}

const isFixing = process.argv.includes('--fix')
const { isClean } = knip(isFixing ? ['--fix', '--fix-type', 'exports,types'] : [], 'inherit')
if (!isClean) console.error('Un-export what only its own file uses; delete what nobody uses.')
const known = JSON.parse(readFileSync(golden, 'utf8'))
const found = onlyTestsCall()
const added = found.filter((name) => !known.includes(name))
const gone = known.filter((name) => !found.includes(name))
if (added.length > 0)
  console.error(`Only tests call ${added.join(', ')}: let the product use it, or remove it with its tests.`)
if (gone.length > 0 && process.argv.includes('--write')) {
  const kept = known.filter((name) => found.includes(name))
  writeFileSync(golden, `${JSON.stringify(kept, null, 2)}\n`)
} else if (gone.length > 0) {
  console.error(
    `${gone.join(', ')}: no longer called by tests alone. npm run unused -- --write takes it out.`,
  )
  process.exitCode = 1
}
if (!isClean || added.length > 0) process.exitCode = 1
