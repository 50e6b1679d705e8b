import { DomainError } from '../../http/problems.ts'

/** Throws `invalid-request` for a day that has not come yet. */
export function notAfter(day: string, today: string, pointer: string): void {
  if (day <= today) return
  throw new DomainError('invalid-request', 'What has not happened yet cannot be recorded.', {
    errors: [{ pointer, code: 'in-the-future', message: 'must not be after today' }],
  })
}
