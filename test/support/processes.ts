/**
 * camledger as a user runs it: real processes of the built command line, on data of their own.
 *
 * Ports are free ones that the process prints. Whatever a test leaves running is killed with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Test } from 'tap'

export const CLI = fileURLToPath(import.meta.resolve('#root/build/src/cli.js'))

const IN_A_ROW = fileURLToPath(import.meta.resolve('#root/build/test/support/in-a-row.js'))

/** A start takes 2 to 6 s on a free machine; without a saved seed and under load it was seen to take 100. */
const START_LIMIT_MILLIS = 240_000

type Variables = Readonly<Record<string, string>>

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

function start(args: readonly string[], variables: Variables, script = CLI): ChildProcess {
  // Nothing of the test runner's environment: no coverage, no database of somebody else, and no loaders. Those the
  // runner adds to the variables of every child, so that env(1) has to take them out again.
  const { NODE_OPTIONS, ...others } = variables
  const options = NODE_OPTIONS === undefined ? [] : [`NODE_OPTIONS=${NODE_OPTIONS}`]
  const child = spawn('env', ['-u', 'NODE_OPTIONS', ...options, process.execPath, script, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...others },
  })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

export interface Outcome {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Run a command to its end. Output is what it is when it goes into a pipe. */
export async function run(
  args: readonly string[],
  options: { env?: Variables; input?: string | Uint8Array } = {},
): Promise<Outcome> {
  const child = start(args, options.env ?? {})
  child.stdin!.on('error', () => {}) // a command may end without reading all of it
  child.stdin!.end(options.input ?? '')
  return ending(child, collect(child))
}

/**
 * Run commands one after another in one process, which reads the law and the files of the program once. For what a
 * command prints and its code; what belongs to a process (signals, standard input, a terminal) needs one of its own.
 */
export async function runInARow(commands: readonly (readonly string[])[]): Promise<Outcome[]> {
  const child = start([], {}, IN_A_ROW)
  child.stdin!.end(JSON.stringify(commands))
  const { code, stdout, stderr } = await ending(child, collect(child))
  if (code !== 0) throw new Error(`The commands ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Outcome[]
}

/** Start a command, to be ended before it is done. */
export function launch(
  args: readonly string[],
  env: Variables,
): { readonly kill: (signal: NodeJS.Signals) => void; readonly ended: Promise<Outcome> } {
  const child = start(args, env)
  const ended = ending(child, collect(child))
  return { kill: (signal) => void child.kill(signal), ended }
}

/** Do the same with each of a table's lines, two processes at a time: most of a short command is its start. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all([worker(), worker()])
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' }
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  return output
}

async function ending(child: ChildProcess, output: { stdout: string; stderr: string }): Promise<Outcome> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, ...output }
}

export interface Service {
  readonly address: string
  readonly pid: number
  /** Everything printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string }
  /** The admin key it printed; null when it printed none. */
  readonly printedKey: string | null
  /** Send a signal and wait for the end. */
  end(signal: NodeJS.Signals): Promise<Outcome>
  readonly ended: Promise<Outcome>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

interface CallOptions {
  readonly key?: string
  readonly body?: unknown
  readonly type?: string
}

interface Answer {
  readonly status: number
  readonly text: string
  // Tests read answers freely; a missing property fails the assertion that reads it.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any
}

/** `camledger serve` that listens. Throws with what it printed when it ends before. */
export async function serveForTest(t: Test, variables: Variables, key?: string): Promise<Service> {
  const child = start(['serve'], { PORT: '0', LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '0', ...variables })
  const output = collect(child)
  const ended = ending(child, output)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const address = await new Promise<string>((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`It did not listen in time: ${output.stdout}${output.stderr}`)),
      START_LIMIT_MILLIS,
    )
    // The last of the lines comes in the same write as the first.
    child.stdout!.on('data', () => {
      const found = /^camledger listens on (http:\S+)$/m.exec(output.stdout)?.[1]
      if (found === undefined) return
      clearTimeout(limit)
      resolve(found)
    })
    void ended.then(({ code, stderr }) => {
      clearTimeout(limit)
      reject(new Error(`It ended with ${code}: ${stderr}`))
    })
  })
  const printedKey = /^ +admin key +(clk_\S+)/m.exec(output.stdout)?.[1] ?? null
  return {
    address,
    pid: child.pid!,
    output,
    printedKey,
    ended,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
    call: async (method, path, options = {}) => {
      const { body, type } = options
      const authorization = options.key ?? key ?? printedKey
      const answer = await fetch(`${address}${path}`, {
        method,
        headers: {
          ...(authorization === null ? {} : { authorization: `Bearer ${authorization}` }),
          ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
        },
        ...(body === undefined ? {} : { body: type === undefined ? JSON.stringify(body) : String(body) }),
      })
      const text = await answer.text()
      const isJson = /[/+]json/.test(answer.headers.get('content-type') ?? '')
      return { status: answer.status, text, body: isJson ? JSON.parse(text) : undefined }
    },
  }
}

/** A PostgreSQL database of its own, dropped at the end; null without TEST_DATABASE_URL. */
export async function ownPostgres(t: Test): Promise<string | null> {
  const url = process.env.TEST_DATABASE_URL
  if (url === undefined) return null
  const name = `camledger_test_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  await admin.query(`create database ${name}`)
  t.teardown(async () => {
    // An autovacuum worker in the database belongs to a superuser, whom force may not end; without force it may.
    await admin.query(`drop database ${name} with (force)`).catch(() => admin.query(`drop database ${name}`))
    await admin.end()
  })
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}

/** A login that works on the database of `url` and owns nothing, as a URL; dropped at the end. */
export async function ownLogin(t: Test, url: string): Promise<string> {
  const own = new URL(url)
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  own.username = `${own.pathname.slice(1)}_login`
  own.password = randomBytes(16).toString('hex')
  for (const role of ['svc_tenant', 'svc_operator']) {
    await owner.query(
      `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$`,
    )
  }
  await owner.query(`create role ${own.username} login noinherit password '${own.password}'`)
  await owner.query(`grant svc_tenant, svc_operator to ${own.username}`)
  await owner.end()
  t.teardown(async () => {
    const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL })
    await admin.connect()
    // Not before its sessions have ended: they are those of a service that is killed by an earlier teardown.
    await admin.query(`drop role ${own.username}`)
    await admin.end()
  })
  return own.href
}
