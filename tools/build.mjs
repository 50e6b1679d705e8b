// Compiles into build/ without taking it from a service that runs there: files are replaced one by one, each at once,
// and only those that changed. A build that fails or is interrupted leaves the one before it. What no source makes any
// more is removed, for a stale test would keep passing.
//
// --if-stale: only when a source is newer than the last build, and there is something to build with.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const build = join(root, 'build')
const command = join(build, 'src/cli.js')
const stamp = join(build, '.built')
const unfinished = join(build, `.new-${process.pid}`)

if (!process.argv.includes('--if-stale') || isStale()) compile()

function compile() {
  const begun = new Date()
  removeUnfinished()
  mkdirSync(unfinished, { recursive: true })
  try {
    const given = ['-p', join(root, 'tsconfig.json'), '--outDir', unfinished]
    const { status } = spawnSync(process.execPath, [compiler(), ...given], { cwd: root, stdio: 'inherit' })
    if (status === 0) {
      replace()
      writeFileSync(stamp, begun.toISOString())
    } else process.exitCode = status ?? 1
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

function replace() {
  const made = filesIn(unfinished)
  for (const path of made) {
    const [from, to] = [join(unfinished, path), join(build, path)]
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  }
  // npm makes the command executable where it installs it; in a checkout nobody does.
  chmodSync(command, 0o755)
  const wanted = new Set(made)
  for (const path of filesIn(build)) if (!wanted.has(path)) rmSync(join(build, path), { force: true })
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.'))
}

// Left by builds that were killed. Those that still run keep theirs.
function removeUnfinished() {
  if (!existsSync(build)) return
  for (const name of readdirSync(build)) {
    const by = /^\.new-(\d+)$/.exec(name)?.[1]
    if (by !== undefined && !isRunning(Number(by)))
      rmSync(join(build, name), { recursive: true, force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// A build that was brought here, to a folder without sources or compiler, is as new as it can be.
function isStale() {
  if (!existsSync(command)) return true
  if (compiler() === null || !existsSync(join(root, 'src'))) return false
  const built = existsSync(stamp) ? Date.parse(readFileSync(stamp, 'utf8')) : 0
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((path) => join(root, 'src', path))
  return [...sources, join(root, 'tsconfig.json')].some((path) => statSync(path).mtimeMs > built)
}

// Null where the development packages are not installed.
function compiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  } catch {
    return null
  }
}
