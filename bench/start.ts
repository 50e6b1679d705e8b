/** From the command to the printed address, on an empty folder and on one that is there. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printTable, spread } from './measure.ts'

const ROUNDS = 3
const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))

export async function start(): Promise<void> {
  const cold: number[] = []
  const warm: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'camledger-bench-'))
    try {
      cold.push(await startOnce(folder))
      warm.push(await startOnce(folder))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  printTable({
    title: 'Start: `camledger serve` until the address is printed, embedded database',
    header: ['start', 'seconds, median (least-greatest)', 'aim'],
    rows: [
      ['cold: empty folder', spread(cold), 'under 6'],
      ['warm: the same folder again', spread(warm), 'under 2'],
    ],
  })
}

/** Seconds until the address is printed; the service is stopped afterwards. */
async function startOnce(dataDir: string): Promise<number> {
  const began = performance.now()
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const seconds = await new Promise<number>((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk
      if (/listens on http/.test(printed)) resolve((performance.now() - began) / 1000)
    })
    child.once('exit', (code) => reject(new Error(`The service ended with ${code} before it listened.`)))
  })
  child.kill('SIGTERM')
  await ended
  return seconds
}
