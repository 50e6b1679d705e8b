/**
 * Use cases of estimates and schedules: read, compute in a worker without a transaction, and keep the result
 * only if the plan is still what it was.
 */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../../http/problems.ts'
import type { WorkContext } from '../../jobs/operation.ts'
import { toInvalidRequest } from '../context.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import type { EstimateJob } from '../estimate/model/job.ts'
import { findPlan, lockPlan, planOwner } from '../plans/plans.ts'
import { recordChange } from '../work.ts'
import { loadEstimateJob } from './load-estimate.ts'
import { loadScheduleTask } from './load-schedule.ts'
import type { Compute, ComputeOptions, ComputeTasks } from './pool.ts'
import type { ComputingServices } from './services.ts'

/** Who waits for an answer, and is shown how far it is. */
export type Waiting = Pick<Partial<WorkContext>, 'onProgress'> & Pick<WorkContext, 'signal'>

export interface Run {
  readonly id: string
  readonly status: 200 | 201
  readonly text: string
}

/** Where the work stands, for whoever waits. */
const computing = ({ signal, onProgress }: WorkContext, owner: string): ComputeOptions => ({
  owner,
  signal,
  onProgress: (done) => onProgress({ done, total: 1, phase: 'the figures are computed' }),
})

export interface EstimateAsked {
  readonly planId: string
}

/** Estimates a plan and keeps the result, if the plan is still what it was. */
export async function estimate(
  services: ComputingServices,
  { planId }: EstimateAsked,
  context: WorkContext,
): Promise<Run> {
  const { database, knowledge, planning } = services
  const { now, actor } = context
  const jurisdictionId = await planOwner(services, context.principal, planId)
  const job = await database.acrossJurisdictions(
    [jurisdictionId],
    async (tx) =>
      loadEstimateJob(tx, await findPlan(tx, planId), { costs: planning.costs, knowledge: knowledge(), now }),
    { lane: 'batches' },
  )
  const { document, lines } = await computed(
    services.compute,
    'estimate',
    job,
    computing(context, jurisdictionId),
  )
  return database.inJurisdiction(jurisdictionId, (tx) =>
    keptOnce(tx, context, jurisdictionId, estimateAddress(planId), async () => {
      await assertUnchanged(tx, jurisdictionId, planId, job.revision)
      const digest = (JSON.parse(document) as EstimateDocument).inputsDigest
      const same = await sameEstimate(tx, jurisdictionId, planId, job, digest)
      if (same) return { ...same, status: 200 }
      await tx.execute(sql`
        insert into plan_estimates (jurisdiction_id, plan_id, id, revision, inputs_digest, document, lines,
          created_at, created_by)
        values (${jurisdictionId}::uuid, ${planId}::uuid, ${job.id}::uuid, ${job.revision}, ${digest},
          ${document}::json, ${asJson(lines)}, ${job.createdAt}::timestamptz, ${actor.id})`)
      const detail = { plan: planId, inputsDigest: digest }
      await recordChange({ tx, jurisdictionId, actor, now }, 'plan.estimate', job.id, detail)
      return { id: job.id, status: 201, text: document }
    }),
  )
}

export interface ScheduleAsked {
  readonly planId: string
  readonly estimateId?: string | undefined
  readonly seconds: number
}

/** Schedules a plan and keeps the result, if the plan is still what it was. */
export async function schedule(
  services: ComputingServices,
  asked: ScheduleAsked,
  context: WorkContext,
): Promise<Run> {
  const { database } = services
  const { now, actor } = context
  const { planId } = asked
  const jurisdictionId = await planOwner(services, context.principal, planId)
  const { task, revision } = await database.acrossJurisdictions(
    [jurisdictionId],
    async (tx) => {
      const plan = await findPlan(tx, planId)
      return {
        task: await loadScheduleTask(tx, plan, { ...asked, now }),
        revision: plan.revision,
      }
    },
    { lane: 'batches' },
  )
  const { document, lines } = await computed(
    services.compute,
    'schedule',
    task,
    computing(context, jurisdictionId),
  )
  const { job } = task
  return database.inJurisdiction(jurisdictionId, (tx) =>
    keptOnce(tx, context, jurisdictionId, scheduleAddress(planId), async () => {
      await assertUnchanged(tx, jurisdictionId, planId, revision)
      const { inputsDigest: digest, ...from } = JSON.parse(document) as ScheduleDocument
      await tx.execute(sql`
        insert into plan_schedules (jurisdiction_id, plan_id, id, revision, estimate_id, inputs_digest, document,
          lines, created_at, created_by)
        values (${jurisdictionId}::uuid, ${planId}::uuid, ${job.id}::uuid, ${revision}, ${from.estimateId}::uuid,
          ${digest}, ${document}::json, ${asJson(lines)}, ${job.createdAt}::timestamptz, ${actor.id})`)
      const detail = { plan: planId, inputsDigest: digest }
      await recordChange({ tx, jurisdictionId, actor, now }, 'plan.schedule', job.id, detail)
      return { id: job.id, status: 201, text: document }
    }),
  )
}

export const estimateAddress = (planId: string) => `/v1/plans/${planId}/estimate?estimateId=`
export const scheduleAddress = (planId: string) => `/v1/plans/${planId}/schedule?scheduleId=`

function asJson(bytes: Uint8Array<ArrayBuffer>) {
  return sql`convert_from(${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)}::bytea, 'UTF8')::json`
}

async function computed<K extends 'estimate' | 'schedule'>(
  compute: Compute,
  kind: K,
  task: ComputeTasks[K],
  options: ComputeOptions,
) {
  try {
    return await compute(kind, task, options)
  } catch (error) {
    throw toInvalidRequest(error)
  }
}

/** For answers that are text, and that a repeated request is given again. */
async function keptOnce(
  tx: Tx,
  context: WorkContext,
  jurisdictionId: string,
  address: string,
  work: () => Promise<Run>,
): Promise<Run> {
  const { body, status } = await context.keep(tx, jurisdictionId, async () => {
    const run = await work()
    return { status: run.status, location: `${address}${run.id}`, body: run }
  })
  return { ...(body as Run), status: status as Run['status'] }
}

/** Throws `plan-changed`, `not-found`. */
async function assertUnchanged(tx: Tx, jurisdictionId: string, id: string, revision: number): Promise<void> {
  const plan = await lockPlan(tx, jurisdictionId, id)
  if (plan.revision === revision) return
  throw new DomainError(
    'plan-changed',
    `Revision ${revision} was computed and the plan is at ${plan.revision}; ask again.`,
  )
}

async function sameEstimate(
  tx: Tx,
  jurisdictionId: string,
  planId: string,
  job: EstimateJob,
  digest: string,
): Promise<{ id: string; text: string } | null> {
  const { rows } = await tx.execute<{ id: string; text: string }>(sql`
    select id::text as id, document::text as text from plan_estimates
    where jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${planId}::uuid and inputs_digest = ${digest}
      and revision = ${job.revision} and document->>'asOf' = ${job.asOf}
      and document->>'knowledgeVersion' = ${String(job.knowledgeVersion)}
    order by revision desc, id desc limit 1`)
  return rows[0] ?? null
}
