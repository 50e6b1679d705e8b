/** What every use case of planning is given, and how a request comes to it. */
import type { FastifyRequest } from 'fastify'
import type { Tx } from '../db/database.ts'
import { type Answer, once } from '../http/idempotency.ts'
import type { Services } from '../screening/services.ts'
import { type Actor, type AuditEntry, actorOf, record } from '../tenancy/audit.ts'
import type { PlanningData } from './shipped-data.ts'

export interface PlanningServices extends Services {
  readonly planning: PlanningData
}

/** One change in one jurisdiction: its transaction, who makes it and when, and what it is computed with. */
export interface Work extends PlanningData {
  readonly tx: Tx
  readonly jurisdictionId: string
  readonly actor: Actor
  readonly now: Date
}

/** Makes the change that a request asks for. */
export async function change<R>(
  services: PlanningServices,
  request: FastifyRequest,
  jurisdictionId: string,
  run: (work: Work) => Promise<R>,
): Promise<R> {
  const common = { ...services.planning, jurisdictionId, actor: actorOf(request), now: services.now() }
  return services.database.inJurisdiction(jurisdictionId, (tx) => run({ ...common, tx }))
}

/** Makes the change once for the `Idempotency-Key` of the request; its first answer is given again. */
export async function changeOnce(
  services: PlanningServices,
  request: FastifyRequest,
  jurisdictionId: string,
  run: (work: Work) => Promise<Answer>,
  sha256?: string,
): Promise<Answer> {
  return change(services, request, jurisdictionId, (work) =>
    once(work.tx, request, jurisdictionId, work.now, () => run(work), { sha256 }),
  )
}

/** One entry of the record of what was done. */
export async function recordChange(
  { tx, jurisdictionId, actor, now }: Pick<Work, 'tx' | 'jurisdictionId' | 'actor' | 'now'>,
  action: string,
  target: string | null,
  detail: AuditEntry['detail'],
): Promise<void> {
  await record(tx, jurisdictionId, actor, now, { action, target, detail })
}
