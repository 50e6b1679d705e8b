/** The service as it runs in production: a process of the built command line, asked over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url))
export const ADMIN = 'the-admin-key-of-the-benchmark-of-faults'
const START_LIMIT_MILLIS = 60_000

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Asked {
  readonly key?: string
  readonly body?: string | Buffer | Readable | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export class Service {
  readonly address: string
  readonly port: number
  readonly pid: number
  private readonly child: ChildProcess
  private readonly signal: AbortSignal
  private readonly said: { text: string }

  constructor(child: ChildProcess, address: string, said: { text: string }, signal: AbortSignal) {
    this.child = child
    this.address = address
    this.port = Number(new URL(address).port)
    this.pid = child.pid!
    this.said = said
    this.signal = signal
  }

  /** What it wrote to standard error, and at the level `warn` to its log. */
  get output(): string {
    return this.said.text
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** The whole answer. Throws when the connection is lost before its end. */
  ask(method: string, path: string, { key = ADMIN, body, headers = {} }: Asked = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        this.address + path,
        {
          method,
          agent: false,
          signal: this.signal,
          headers: { authorization: `Bearer ${key}`, ...headers },
        },
        (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject)
          answer.once('end', () =>
            resolve({
              status: answer.statusCode!,
              headers: answer.headers,
              text: Buffer.concat(pieces).toString(),
            }),
          )
        },
      )
      sent.on('error', reject)
      if (body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)) body.pipe(sent)
      else sent.end(body)
    })
  }

  /** The body of an answer that must be a success. */
  async json<T>(method: string, path: string, asked: Asked & { readonly value?: unknown } = {}): Promise<T> {
    const { value, ...rest } = asked
    const answer = await this.ask(method, path, {
      ...rest,
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
      headers: { ...(value === undefined ? {} : { 'content-type': 'application/json' }), ...rest.headers },
    })
    if (answer.status >= 300) {
      throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text.slice(0, 500)}`)
    }
    return JSON.parse(answer.text) as T
  }

  /** The most memory that was ever resident, in MB. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
  }

  /** Whether it ends by itself within so many seconds. */
  async endsWithin(seconds: number): Promise<boolean> {
    if (!this.isAlive) return true
    const over = AbortSignal.timeout(seconds * 1000)
    return once(this.child, 'exit', { signal: over }).then(
      () => true,
      () => false,
    )
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isAlive) {
      this.child.kill(signal)
      await once(this.child, 'exit')
    }
    return this.child.exitCode
  }
}

/** Start `camledger serve` and wait until it listens. Throws with what it wrote when it ends before. */
export async function startService(
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Service> {
  const child = spawn(process.execPath, ['--max-semi-space-size=32', CLI, 'serve'], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
      RATE_LIMIT_PER_MINUTE: '0',
      BOOTSTRAP_ADMIN_KEY: ADMIN,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { text: '' }
  const note = (piece: Buffer) => {
    said.text = (said.text + String(piece)).slice(-20_000)
  }
  child.stderr!.on('data', note)
  try {
    return new Service(child, await addressOf(child, note, said, signal), said, signal)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function addressOf(
  child: ChildProcess,
  note: (piece: Buffer) => void,
  said: { text: string },
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The service ${why}: ${said.text}`))
    const limit = setTimeout(() => fail('did not listen in time'), START_LIMIT_MILLIS)
    signal.addEventListener('abort', () => fail('was not up when the time was over'), { once: true })
    child.once('exit', (code) => {
      clearTimeout(limit)
      fail(`ended with ${code}`)
    })
    child.stdout!.on('data', (piece: Buffer) => {
      note(piece)
      const found = /listens on (http:\S+)/.exec(said.text)?.[1]
      if (found === undefined) return
      clearTimeout(limit)
      resolve(found)
    })
  })
}
