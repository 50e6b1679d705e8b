/** What a person is told when a command fails, and the exit code. */
import { CommanderError } from 'commander'
import type { DomainError, Problem } from '../http/problems.ts'
import type { IntakeError } from '../intake/problem.ts'
import { databaseMessage } from './database-errors.ts'
import { onOneLine } from './text.ts'

/** The command was asked for in a way that cannot be done. */
export class UsageError extends Error {}

/** The service said no, or it is no camledger service. */
export class ServiceError extends Error {
  readonly exitCode: number
  constructor(url: URL | null, status: number, problem: Problem | null) {
    const errors = problem?.errors ?? []
    const shown = errors.slice(0, 20).map(({ pointer, message }) => `\n  ${pointer} ${message}`)
    if (errors.length > shown.length) shown.push(`\n  ... and ${errors.length - shown.length} more`)
    super(
      problem === null
        ? `${url?.origin ?? 'This program'} does not answer as a camledger service does (status ${status}).`
        : `${url === null ? 'Refused' : `The service refused (${status})`}: ${inFlags(`${problem.detail ?? problem.title}${shown.join('')}`)}`,
    )
    if (problem?.type === '/problems/import-refused') this.exitCode = 4
    else this.exitCode = status < 500 ? 2 : 1
  }
}

/** What a person is told, without control characters, and the exit code. */
export function explain(error: unknown): { message: string; code: number } {
  const { message, code } = explained(error)
  return { message: message.split('\n').map(onOneLine).join('\n'), code }
}

/** Errors of other rooms are told by their names: whatever threw one has loaded its file, and nobody else needs to. */
const ADVISING = new Set(['ConfigError', 'MoveError', 'NoRegisterError', 'UnfinishedMoveError'])

function isNamed<T extends Error>(error: unknown, name: T['name']): error is T {
  return error instanceof Error && error.name === name
}

/** Only programming errors show their stack. */
function explained(error: unknown): { message: string; code: number } {
  // commander has said it already.
  if (error instanceof CommanderError) return { message: '', code: error.exitCode === 0 ? 0 : 2 }
  if (error instanceof UsageError) return { message: error.message, code: 2 }
  if (error instanceof ServiceError) return { message: error.message, code: error.exitCode }
  if (error instanceof Error && ADVISING.has(error.name)) return { message: error.message, code: 1 }
  if (isNamed<IntakeError>(error, 'IntakeError'))
    return { message: `The file cannot be read: ${inFlags(error.message)}${particulars(error)}`, code: 2 }
  if (isNamed<DomainError>(error, 'DomainError')) {
    const fields = (error.errors ?? []).map(({ pointer, message }) => `\n  ${pointer} ${message}`).join('')
    return { message: `${error.message}${fields}`, code: 2 }
  }
  const ofDatabase = databaseMessage(error)
  if (ofDatabase !== null) return { message: ofDatabase, code: 1 }
  const system = systemMessage(error)
  if (system !== null) return system
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), code: 1 }
}

/** Advice for callers of the API, in the options of this program. */
function inFlags(message: string): string {
  return message
    .replaceAll(/with a mapping, such as \{"(\w+)": "((?:[^"\\]|\\.)*)"\}/g, "with --map '$1=$2'")
    .replaceAll('with a mapping', 'with --map field=column')
    .replaceAll(/\bdateOrder=(mdy|dmy)/g, '--date-order $1')
    .replaceAll(/\bMap (\w+) by position/g, 'Name its position: --map $1=0 is the first column')
}

/** The lists among an intake error's details that help to correct the command. */
function particulars({ details }: IntakeError): string {
  const lists: [string, unknown][] = [
    ['columns of the file', details.headers],
    ['fields', details.fields],
    ['profiles', details.known],
  ]
  return lists
    .filter(([, list]) => Array.isArray(list) && list.length > 0)
    .map(([what, list]) => `\n  ${what}: ${(list as unknown[]).join(', ')}`)
    .join('')
}

/** What the operating system or the network said, dug out of whatever wraps it; null when it is neither. */
function systemMessage(error: unknown): { message: string; code: number } | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, path, port, syscall } = e as NodeJS.ErrnoException & { port?: number }
    if (code === 'ENOENT') return { message: `There is no file or folder ${path ?? ''}.`, code: 2 }
    if (code === 'EISDIR') return { message: 'A folder was given where a file is needed.', code: 2 }
    const isListening = syscall === 'listen'
    if (code === 'EADDRINUSE') return { message: `Port ${port} is in use; set PORT to another.`, code: 1 }
    if (code === 'EACCES' && isListening)
      return { message: `This user may not listen on port ${port}; set PORT to 1024 or more.`, code: 1 }
    if (code === 'EADDRNOTAVAIL' && isListening)
      return { message: 'HOST names no address of this machine; 0.0.0.0 stands for all of them.', code: 1 }
    // A name that is looked up for no request is the one to listen on.
    if (syscall === 'getaddrinfo' && e === error)
      return { message: `HOST cannot be resolved: ${e.message}. 0.0.0.0 stands for every address.`, code: 1 }
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
      return { message: `Nothing answers at the address of the service: ${e.message}`, code: 1 }
    if (code !== undefined && syscall !== undefined)
      return { message: e.message, code: syscall === 'open' ? 2 : 1 }
    if (e.message === 'fetch failed' && !(e.cause instanceof Error && systemMessage(e.cause)))
      return { message: `The connection to the service failed: ${messageOf(e.cause)}`, code: 1 }
  }
  return null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
