/**
 * The log. A database error's message and stack hold the statement *and its values*, so neither is printed:
 * the serializer names the code, the constraint and the kind of error.
 */
import { type Logger, pino } from 'pino'
import { causesOf, databaseFailure, outageOf } from './failures.ts'

export type { Logger }

export function createLogger(level: string): Logger {
  return pino({
    level,
    serializers: { err: describeError },
    redact: { paths: ['req.headers.authorization', 'req.headers["x-api-key"]'], remove: true },
  })
}

/** What may be logged of an error. */
export function describeError(error: unknown): Record<string, unknown> {
  const failure = databaseFailure(error)
  const kind = outageOf(error)?.kind
  const outage = kind === undefined ? {} : { outage: kind }
  if (failure) return { type: 'DatabaseError', ...failure, ...outage, stack: frames(error) }
  if (!(error instanceof Error)) return { type: typeof error }
  const messages = [...causesOf(error)].filter((e) => !isQueryError(e)).map(({ message }) => message)
  const [message, ...causes] = [...new Set(messages)]
  return {
    type: error.name,
    message,
    ...(causes.length === 0 ? {} : { causes }),
    ...outage,
    stack: frames(error),
  }
}

/** drizzle's own error: its message is the statement with its values. */
function isQueryError(error: Error): boolean {
  return 'query' in error && 'params' in error
}

/** The frames without the first lines, which repeat the message. */
function frames(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined
  return stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
}
