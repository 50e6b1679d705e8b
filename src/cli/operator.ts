/** What commands share that work as the operator, here or at a running service. */
import { DomainError, type Problem } from '../http/problems.ts'
import type { WorkContext } from '../jobs/operation.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import type { Principal } from '../tenancy/auth.ts'

/** The command line works as the operator. */
export const PRINCIPAL: Principal = {
  keyId: OPERATOR_ID,
  label: OPERATOR.label,
  role: 'admin',
  jurisdictionId: null,
  scope: 'all',
  expiresAt: null,
}

export function contextAt(now: Date, file: WorkContext['file'] = null): WorkContext {
  return {
    principal: PRINCIPAL,
    actor: OPERATOR,
    now,
    file,
    signal: new AbortController().signal,
    onProgress: () => {},
    keep: (_tx, _tenant, work) => work(),
  }
}

/** The body of an answer; throws what the service says is wrong. */
export async function answered(answer: Response): Promise<unknown> {
  const body = (await answer.json()) as unknown
  if (answer.ok) return body
  const { detail, title, errors } = body as Problem
  throw new DomainError('invalid-request', `The service refused: ${detail ?? title}`, {
    errors: errors ?? [],
  })
}
