// After `npm install` or `npm ci` in a checkout: build, prepare the test runner, save a data directory for first
// starts. npm runs it as the script `dependencies`, and so for a checkout only: not where the package is installed
// from a tarball, and not for npx, which links the checkout it is called in and would prepare it anew.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const tap = runner()
run('tools/build.mjs', '--if-stale')
if (tap !== null) run(tap, 'build')
run('tools/seed.mjs')

function run(script, ...given) {
  const { status } = spawnSync(process.execPath, [script, ...given], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// Null where the development packages are not installed.
function runner() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('tap/package.json')), 'dist/esm/run.mjs')
  } catch {
    return null
  }
}
