/**
 * The log. A database error's message and stack hold the statement *and its values*, so neither is printed:
 * the serializer names the code, the constraint and the kind of error.
 */
import { type Logger, pino } from 'pino'
import { databaseFailure } from './db/database.ts'

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
  if (failure) return { type: 'DatabaseError', ...failure, stack: frames(error) }
  if (!(error instanceof Error)) return { type: typeof error }
  return { type: error.name, message: error.message, stack: frames(error) }
}

/** The frames without the first lines, which repeat the message. */
function frames(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined
  return stack
    ?.split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n')
}
