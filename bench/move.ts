/** A register with history and audit trail, moved from the embedded database to PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { cityFile } from './city.ts'
import { BENCH_URL } from './databases.ts'
import { figure, printTable } from './measure.ts'

const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const KEY = `bench-${randomBytes(24).toString('hex')}`
/** Devices of the registers; the peak of memory should hardly grow with them. */
const SIZES = [Number(process.env.BENCH_ROWS ?? 100_000) / 10, Number(process.env.BENCH_ROWS ?? 100_000)]
const CITIES = 4
const SINGLE_WRITES = 250

export async function moving(): Promise<void> {
  if (BENCH_URL === null) {
    console.log('\n## Move to PostgreSQL\nLeft out: BENCH_DATABASE_URL is not set.')
    return
  }
  const rows: string[][] = []
  for (const size of SIZES) {
    const dataDir = await mkdtemp(join(tmpdir(), 'camledger-bench-'))
    const name = `bench_${randomBytes(6).toString('hex')}`
    const server = new pg.Client({ connectionString: BENCH_URL })
    await server.connect()
    try {
      await server.query(`create database ${name}`)
      const url = new URL(BENCH_URL)
      url.pathname = `/${name}`
      await fillRegister(dataDir, size)
      const env = { DATA_DIR: dataDir, DATABASE_URL: url.href }
      for (const [what, args, at] of [
        ['audit verify, folder', ['audit', 'verify'], { DATA_DIR: dataDir }],
        ['move', ['move'], env],
        ['audit verify, PostgreSQL', ['audit', 'verify'], { DATABASE_URL: url.href }],
        ['move --check', ['move', '--check'], env],
      ] as const) {
        const { seconds, megabytes, last } = await measured(args, at)
        rows.push([figure(size), what, figure(seconds), figure(megabytes), last])
      }
    } finally {
      await server.query(`drop database if exists ${name}`)
      await server.end()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  printTable({
    title: 'Move to PostgreSQL: a register with history and audit trail',
    notes: [
      `${CITIES} cities, imported twice with a fifth of the cameras renamed in between, and ${SINGLE_WRITES} single writes.`,
    ],
    header: ['devices', 'command', 's', 'MB resident at most', 'it said'],
    rows,
  })
}

/** Through the door: a service on the folder, imports and single writes. */
async function fillRegister(dataDir: string, size: number): Promise<void> {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATABASE_URL: '',
      BOOTSTRAP_ADMIN_KEY: KEY,
      RATE_LIMIT_PER_MINUTE: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const address = await addressOf(child)
  const post = async (path: string, type: string, body: NonNullable<RequestInit['body']>) => {
    const answer = await fetch(`${address}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': type },
      body,
      duplex: 'half',
    } as RequestInit)
    if (answer.status !== 201)
      throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as { id: string }
  }
  for (let city = 0; city < CITIES; city++) {
    const { id } = await post(
      '/v1/jurisdictions',
      'application/json',
      JSON.stringify({ name: `City ${city}` }),
    )
    for (const street of ['Main Street', 'Liberty Avenue']) {
      const file = cityFile(size / CITIES, { seed: 20 + city, meanLot: 10 })
      const lines = Readable.from(file).map((chunk: Buffer) => chunk.toString().replaceAll('Main St', street))
      await post(`/v1/imports?jurisdictionId=${id}`, 'text/csv', Readable.toWeb(lines) as ReadableStream)
    }
    for (let n = 0; n < SINGLE_WRITES / CITIES; n++) {
      await post('/v1/sites', 'application/json', JSON.stringify({ name: `Yard ${n}`, jurisdictionId: id }))
    }
  }
  child.kill('SIGTERM')
  await ended
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout!.on('data', (chunk: Buffer) => {
      printed += chunk
      const address = /listens on (http:\S+)/.exec(printed)?.[1]
      if (address !== undefined) resolve(address)
    })
    child.once('exit', (code) => reject(new Error(`The service ended with ${code} before it listened.`)))
  })
}

/** Run a command: how long it took, what memory it took at most, and what it said of what it did. */
async function measured(args: readonly string[], env: Readonly<Record<string, string>>) {
  const began = performance.now()
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk
  })
  let megabytes = 0
  const timer = setInterval(() => {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid!))
  }, 50)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${printed}`)
  const last = printed.split('\n').find((line) => /entries in|the same \d+ rows|^The same/.test(line)) ?? ''
  return { seconds: (performance.now() - began) / 1000, megabytes, last }
}

/** 0 where /proc does not tell, or no more. */
function peakMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1000
  } catch {
    return 0
  }
}
