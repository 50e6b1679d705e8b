/** What commands share: the register, the terminal, the key, the clock. */
import { InvalidArgumentError } from 'commander'
import type { Database } from '../db/database.ts'
import { DirectoryInUseError } from '../db/embedded/lock.ts'
import { isPlainDate } from '../lib/calendar.ts'
import { isUuid } from '../lib/ids.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { readConfig } from '../server/config.ts'
import { assertRegister } from '../server/open-database.ts'
import { UsageError } from './errors.ts'
import type { Terminal } from './legend.ts'

export interface Prepared {
  readonly database: Database
  readonly knowledge: Knowledge
}

export interface CliParts {
  readonly withDatabase: typeof withDatabase
  readonly now: () => Date
  readonly print: (text: string) => void
  /** To standard error, beside what a program reads. */
  readonly warn: (text: string) => void
  /** The exit code, when it is not 0. */
  readonly exit: (code: number) => void
  /** API key for `--url`. */
  readonly key: (given: string | undefined) => string
  readonly terminal: () => Terminal
}

export function partsOf(exit: (code: number) => void): CliParts {
  return { withDatabase, now, print, warn, exit, key: apiKey, terminal }
}

const now = () => new Date()

/** Only when it is needed: the web server takes a third of the time that `screen` takes to start. */
const loadServer = () => import('../server/start.ts')

/** Work on a register that is there; `advice` is given when a running service has it to itself. */
async function withDatabase<T>(advice: string, work: (prepared: Prepared) => Promise<T>): Promise<T> {
  const config = readConfig()
  await assertRegister(config)
  const { prepare } = await loadServer()
  const prepared = await prepare(config, now).catch((error: unknown) => {
    if (error instanceof DirectoryInUseError) error.message += `\n${advice}`
    throw error
  })
  try {
    return await work(prepared)
  } finally {
    await prepared.database.close()
  }
}

function terminal(): Terminal {
  return { isTerminal: process.stdout.isTTY === true, isPlain: readConfig().NO_COLOR !== undefined }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`)
}

function apiKey(given: string | undefined): string {
  const key = given ?? readConfig().CAMLEDGER_KEY
  if (key === undefined) throw new UsageError('Give the API key in CAMLEDGER_KEY or with --key.')
  return key
}

export function uuid(text: string): string {
  if (!isUuid(text.toLowerCase()))
    throw new InvalidArgumentError('must be an id, such as the service gives out')
  return text.toLowerCase()
}

export function day(text: string): string {
  if (!isPlainDate(text)) throw new InvalidArgumentError('must be a real day written YYYY-MM-DD')
  return text
}
