/** The second clock of a question: what was on record at an instant. */
import { z } from 'zod'
import { DomainError } from '../http/problems.ts'

export const KnownAt = z
  .string()
  .refine((value) => !Number.isNaN(parseInstant(value)), 'must be RFC 3339, such as 2026-11-24T12:00:00Z')

/** Milliseconds; NaN for what is no instant of RFC 3339. */
export function parseInstant(text: string): number {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN
}

/** The instant in UTC. Throws `invalid-request` for one that has not come. */
export function readKnownAt(text: string, now: Date, pointer = '?knownAt'): string {
  const millis = parseInstant(text)
  if (millis <= now.getTime()) return new Date(millis).toISOString()
  throw new DomainError('invalid-request', 'What will be known is not known.', {
    errors: [{ pointer, code: 'in-the-future', message: 'must not be after now' }],
  })
}
