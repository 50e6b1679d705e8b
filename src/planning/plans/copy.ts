/** A plan copied to a new draft: its devices, what is bought instead, its settings with those given laid over them. */
import { sql } from 'drizzle-orm'
import { plans } from '../../db/schema/index.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadCity } from '../context.ts'
import type { PlanSettings } from '../settings.ts'
import { recordChange, type Work } from '../work.ts'
import { checkSettings, keepRevision, lockPlan, type PlanRow, type PlanWish, settingsWith } from './plans.ts'

/** What is absent is that of the plan. */
export type CopyWish = Pick<PlanWish, 'name' | 'settings'> & {
  readonly [K in 'description' | 'projectNumber']?: PlanWish[K] | undefined
}

/**
 * The copy is a variant of the plan: both count on the same money and are the same devices, and only one of them will
 * be carried out. Legal holds stay with the plan that was copied.
 * Throws `not-found`, `plan-name-taken`, `invalid-request`.
 */
export async function copyPlan(work: Work, id: string, wish: CopyWish): Promise<PlanRow> {
  const { tx, jurisdictionId, now } = work
  const from = await lockPlan(tx, jurisdictionId, id)
  const before = from.settings as PlanSettings
  const settings = settingsWith({ ...before, variantOf: before.variantOf ?? from.id }, wish.settings)
  await checkSettings(work, await loadCity(tx, jurisdictionId), settings)
  const at = now.toISOString()
  const [row] = await tx
    .insert(plans)
    .values({
      jurisdictionId,
      id: uuidv7(now.getTime()),
      name: wish.name,
      description: wish.description === undefined ? from.description : wish.description,
      projectNumber: wish.projectNumber === undefined ? from.projectNumber : wish.projectNumber,
      status: 'draft',
      settings,
      createdAt: at,
      updatedAt: at,
    })
    .returning()
  const copied = sql`jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${from.id}::uuid`
  await tx.execute(sql`
    insert into plan_candidates (jurisdiction_id, plan_id, id, offer, verdict, screening, screened_on,
      knowledge_version, created_at, created_by)
    select jurisdiction_id, ${row!.id}::uuid, id, offer, verdict, screening, screened_on, knowledge_version,
      created_at, created_by from plan_candidates where ${copied}`)
  await tx.execute(sql`
    insert into plan_devices (jurisdiction_id, plan_id, device_id, scope, cost_code, mount, candidate_id,
      legal_hold, legal_hold_reason, added_at)
    select jurisdiction_id, ${row!.id}::uuid, device_id, scope, cost_code, mount, candidate_id, false, null,
      ${at}::timestamptz from plan_devices where ${copied}`)
  await keepRevision(work, row!, 'copied')
  await recordChange(work, 'plan.copy', row!.id, { name: wish.name, from: id, settings: wish.settings })
  return row!
}
