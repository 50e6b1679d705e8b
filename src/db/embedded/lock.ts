/**
 * Exclusive use of a data directory. PGlite takes no lock, and two openers lose rows.
 *
 * How: every starter writes a claim, a file under a name nobody else ever uses, into `<dir>/lock/`, and then
 * reads all claims. If another claim is alive it withdraws. Of two that start at once at least the later
 * writer sees the earlier, so never both go on; if both withdraw, both try again after a random pause.
 * A claim of a dead process is deleted: its name is never used again, so unlike with one shared lock file
 * nobody can delete the fresh lock of a faster starter by mistake.
 *
 * Alive: on the same kernel and in the same pid namespace the pid decides, with the start time from
 * /proc/<pid>/stat where there is one, since pids are reused (every container has a pid 1). Elsewhere (another
 * container or machine, a restarted machine, a system without /proc) the claim is alive as long as its
 * owner keeps touching it.
 */
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeFolder } from './folder.ts'

export interface DirectoryLock {
  /** Gives the folder up. Also done when the process exits. */
  release(): void
  /** Called once when somebody removed the claim while we hold it: stop writing at once. */
  onLost(listener: (error: Error) => void): void
}

export interface LockTimes {
  /** How often the owner touches its claim. */
  readonly touchMillis: number
  /** How long a claim that cannot be judged by its pid is watched for a touch. Several touches long. */
  readonly watchMillis: number
}

/** Another process has the folder open. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError'
  readonly code = 'data-directory-in-use'
}

interface Claim {
  readonly pid: number
  /** Start of the process in clock ticks since boot; null where /proc does not tell. */
  readonly startTicks: string | null
  /** Kernel boot and pid namespace: pids mean the same only when both are equal. Null where unknown. */
  readonly boot: string | null
  readonly pidNamespace: string | null
  readonly host: string
  /** ISO 8601. */
  readonly claimedAt: string
}

const DEFAULT_TIMES: LockTimes = { touchMillis: 2_000, watchMillis: 10_000 }
/** Long enough for several starters to sort themselves out. */
const GIVE_UP_MILLIS = 700
/** Starters that keep meeting each other, on a machine that hardly gets to run them. */
const GIVE_UP_ANYWAY_MILLIS = 10_000

/**
 * Takes the folder, which must exist, for this process.
 * Throws DirectoryInUseError when another live process has it, as a rule after about a second; a claim left by
 * another container or machine is watched for `watchMillis` first.
 */
export async function acquireLock(dir: string, times: LockTimes = DEFAULT_TIMES): Promise<DirectoryLock> {
  const claims = join(dir, 'lock')
  await makeFolder(claims)
  const started = performance.now()
  let seen: string | null = null
  for (;;) {
    const path = writeClaim(claims)
    const rival = await findRival(claims, path, times).catch((error: unknown) => {
      rmSync(path, { force: true })
      throw error
    })
    if (rival === null) return hold(path, times)
    rmSync(path, { force: true })
    const tried = performance.now() - started
    // A claim that is still there after a pause belongs to an owner; a new one to a starter that may withdraw as well.
    const isHeld = rival.path === seen
    if ((isHeld && tried > GIVE_UP_MILLIS) || tried > GIVE_UP_ANYWAY_MILLIS) {
      throw new DirectoryInUseError(refusal(dir, claims, rival.claim))
    }
    seen = rival.path
    await pause(30 + Math.random() * 120)
  }
}

function refusal(dir: string, claims: string, rival: Claim): string {
  return (
    `The data directory ${dir} is in use by process ${rival.pid} on ${rival.host} (since ${rival.claimedAt}). ` +
    'Only one process may have an embedded database open. Stop that process, give this one another folder, ' +
    `or use PostgreSQL. If no such process exists, delete ${claims} and start again.`
  )
}

/** The claim appears complete or not at all. */
function writeClaim(claims: string): string {
  const path = join(claims, `${randomUUID()}.claim`)
  const claim: Claim = {
    pid: process.pid,
    ...placeOf(process.pid),
    host: hostname(),
    claimedAt: new Date(Date.now()).toISOString(),
  }
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(claim)}\n`, { flag: 'wx' })
    renameSync(`${path}.new`, path)
  } catch (error) {
    // On a full disk half of it would stay behind at each start.
    rmSync(`${path}.new`, { force: true })
    throw error
  }
  return path
}

function placeOf(pid: number): Pick<Claim, 'startTicks' | 'boot' | 'pidNamespace'> {
  return {
    startTicks: processStat(pid)?.startTicks ?? null,
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  }
}

interface Rival {
  readonly path: string
  readonly claim: Claim
}

/** Deletes the claims of the dead; returns the oldest live one, or null when there is no other. */
async function findRival(claims: string, own: string, times: LockTimes): Promise<Rival | null> {
  const others = readdirSync(claims)
    .filter((name) => name.endsWith('.claim'))
    .map((name) => join(claims, name))
    .filter((path) => path !== own)
    .flatMap((path) => {
      const claim = readClaim(path)
      return claim === null ? [] : [{ path, claim }]
    })
    // An owner found no other when it looked, so whatever else is here was written after its claim.
    .toSorted((a, b) => Date.parse(a.claim.claimedAt) - Date.parse(b.claim.claimedAt))
  for (const rival of others) {
    if (await isAlive(rival.path, rival.claim, times)) return rival
    rmSync(rival.path, { force: true })
  }
  return null
}

/** Null when it was withdrawn meanwhile, or is no claim: those appear whole, and a torn disk leaves nobody alive. */
function readClaim(path: string): Claim | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function isAlive(path: string, claim: Claim, times: LockTimes): Promise<boolean> {
  const here = placeOf(process.pid)
  const isSamePlace =
    claim.boot === here.boot && claim.pidNamespace === here.pidNamespace && claim.host === hostname()
  if (isSamePlace) {
    if (!exists(claim.pid)) return false
    const now = processStat(claim.pid)
    if (now !== null && claim.startTicks !== null) return !now.isDead && now.startTicks === claim.startTicks
    if (claim.pid === process.pid) return true
  }
  return await isTouched(path, times)
}

/** Compares the file with itself, so the clocks of two machines do not matter. */
async function isTouched(path: string, times: LockTimes): Promise<boolean> {
  const before = touchedAt(path)
  const deadline = performance.now() + times.watchMillis
  while (performance.now() < deadline) {
    await pause(Math.min(times.touchMillis, Math.max(1, deadline - performance.now())))
    const now = touchedAt(path)
    if (now === null) return false
    if (now !== before) return true
  }
  return false
}

function touchedAt(path: string): number | null {
  return orNull(() => statSync(path).mtimeMs)
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Null where /proc does not tell. Source: proc(5), fields 3 (state) and 22 (starttime) of /proc/pid/stat. */
function processStat(pid: number): { startTicks: string; isDead: boolean } | null {
  return orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the command in parentheses, may contain blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTicks] = [fields[0], fields[19]]
    if (state === undefined || startTicks === undefined) return null
    return { startTicks, isDead: state === 'Z' || state === 'X' }
  })
}

function hold(path: string, times: LockTimes): DirectoryLock {
  const listeners: ((error: Error) => void)[] = []
  let seconds = Math.floor(Date.now() / 1000)
  const timer = setInterval(() => {
    if (!existsSync(path)) {
      release()
      for (const listener of listeners) listener(new Error(`The lock ${path} was removed by somebody else.`))
      return
    }
    // Only that it changes counts; whole seconds survive every file system.
    seconds += 1
    orNull(() => utimesSync(path, seconds, seconds))
  }, times.touchMillis)
  timer.unref()
  const release = (): void => {
    clearInterval(timer)
    process.off('exit', release)
    rmSync(path, { force: true })
  }
  process.on('exit', release)
  return { release, onLost: (listener) => listeners.push(listener) }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
