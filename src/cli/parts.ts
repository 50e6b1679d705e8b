/**
 * What commands share: the register, the terminal, the key, the clock. Every command reads this file, so what is not
 * needed for `--help` is loaded when it is used.
 */
import { InvalidArgumentError } from 'commander'
import type { Database } from '../db/database.ts'
import { isPlainDate } from '../lib/calendar.ts'
import { isUuid } from '../lib/ids.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { Config } from '../server/config.ts'
import { UsageError } from './errors.ts'
import type { Terminal } from './legend.ts'

export interface CliParts {
  readonly withDatabase: typeof withDatabase
  readonly withKnowledge: typeof withKnowledge
  readonly now: () => Date
  readonly print: (text: string) => void
  /** To standard error, beside what a program reads. */
  readonly warn: (text: string) => void
  /** The exit code, when it is not 0. */
  readonly exit: (code: number) => void
  /** API key for `--url`. */
  readonly key: (given: string | undefined) => Promise<string>
  readonly terminal: () => Promise<Terminal>
}

export function partsOf(exit: (code: number) => void): CliParts {
  return { withDatabase, withKnowledge, now, print, warn, exit, key: apiKey, terminal }
}

const now = () => new Date()

async function environment(): Promise<Config> {
  const { readConfig } = await import('../server/config.ts')
  return readConfig()
}

/** Work on a register that is there; `advice` is given when a running service has it to itself. */
async function withDatabase<T>(
  advice: string,
  work: (open: { readonly database: Database }) => Promise<T>,
): Promise<T> {
  const { openConfigured } = await import('../server/open-database.ts')
  return withOpen(advice, async (config) => ({ database: await openConfigured(config) }), work)
}

/** The same with what the law says, which takes longer: `data/` is read, and the tables are brought to what it says. */
function withKnowledge<T>(
  advice: string,
  work: (open: { readonly database: Database; readonly knowledge: Knowledge }) => Promise<T>,
): Promise<T> {
  return withOpen(advice, openWithKnowledge, work)
}

export async function openWithKnowledge(
  config: Config,
): Promise<{ readonly database: Database; readonly knowledge: Knowledge }> {
  const { openConfigured } = await import('../server/open-database.ts')
  // The embedded database works in a thread of its own: the rest is read meanwhile.
  const opening = openConfigured(config)
  // Its failure is told below.
  opening.catch(() => {})
  const { prepare } = await import('../server/prepare.ts')
  return prepare(opening, now)
}

async function withOpen<O extends { readonly database: Database }, T>(
  advice: string,
  open: (config: Config) => Promise<O>,
  work: (open: O) => Promise<T>,
): Promise<T> {
  const config = await environment()
  const { assertRegister } = await import('../server/open-database.ts')
  await assertRegister(config)
  const opened = await open(config).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'DirectoryInUseError') error.message += `\n${advice}`
    throw error
  })
  try {
    return await work(opened)
  } finally {
    await opened.database.close()
  }
}

async function terminal(): Promise<Terminal> {
  const { NO_COLOR } = await environment()
  return { isTerminal: process.stdout.isTTY === true, isPlain: NO_COLOR !== undefined }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function apiKey(given: string | undefined): Promise<string> {
  const key = given ?? (await environment()).CAMLEDGER_KEY
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
