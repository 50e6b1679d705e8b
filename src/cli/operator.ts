/** What commands share that ask a running service as the operator. */
import type { Problem } from '../http/problems.ts'

/** The body of an answer; throws what the service says is wrong. */
export async function answered(answer: Response): Promise<unknown> {
  const body = (await answer.json()) as unknown
  if (answer.ok) return body
  const { DomainError } = await import('../http/problems.ts')
  const { detail, title, errors } = body as Problem
  throw new DomainError('invalid-request', `The service refused: ${detail ?? title}`, {
    errors: errors ?? [],
  })
}
