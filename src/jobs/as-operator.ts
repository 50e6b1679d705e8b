/** Work that the operator does without a request: the command line, and passes of the service. */
import { OPERATOR_ID } from '../lib/ids.ts'
import { OPERATOR } from '../tenancy/audit.ts'
import type { Principal } from '../tenancy/auth.ts'
import type { WorkContext } from './operation.ts'

export const AS_OPERATOR: Principal = {
  keyId: OPERATOR_ID,
  label: OPERATOR.label,
  role: 'admin',
  jurisdictionId: null,
  scope: 'all',
  expiresAt: null,
}

export function contextAt(now: Date, file: WorkContext['file'] = null): WorkContext {
  return {
    principal: AS_OPERATOR,
    actor: OPERATOR,
    now,
    file,
    signal: new AbortController().signal,
    onProgress: () => {},
    keep: (_tx, _tenant, work) => work(),
  }
}
