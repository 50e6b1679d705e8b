/** Use cases of plans: made, changed, removed. Load, decide, save. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { fundingSources, planDevices, planRevisions, plans, sites } from '../../db/schema/index.ts'
import { assertMatch } from '../../http/etag.ts'
import { DomainError, type FieldProblem, notFound } from '../../http/problems.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Services } from '../../screening/services.ts'
import type { Principal } from '../../tenancy/auth.ts'
import { ownerOf } from '../../tenancy/stored-rows.ts'
import { baselineOf } from '../approvals/baselines.ts'
import { assertCurrency, type City, loadCity, todayIn } from '../context.ts'
import { fiscalYearOf } from '../model/fiscal-year.ts'
import { defaultSettings, faultsOfSettings, type PlanSettings, type PlanSettingsWrite } from '../settings.ts'
import { recordChange, type Work } from '../work.ts'

export const PLAN_STATUSES = ['draft', 'proposed', 'approved', 'archived'] as const
type PlanStatus = (typeof PLAN_STATUSES)[number]

export type PlanRow = typeof plans.$inferSelect

export interface PlanWish {
  readonly name: string
  readonly description: string | null
  readonly projectNumber: string | null
  readonly status: PlanStatus
  readonly settings: PlanSettingsWrite
}

export type PlanChange = { readonly [K in keyof PlanWish]?: PlanWish[K] | undefined }

/** Make a plan without devices. Throws `plan-name-taken`, `currency-mismatch`, `invalid-request`. */
export async function makePlan(work: Work, wish: PlanWish): Promise<PlanRow> {
  const { tx, jurisdictionId, costs, now } = work
  if (wish.status === 'approved') throw approvedByNobody()
  const city = await loadCity(tx, jurisdictionId)
  assertCurrency(city.currency, costs.currency, '')
  const thisYear = fiscalYearOf(todayIn(city, now), city.fiscalYearStartMonth)
  const settings = settingsWith(defaultSettings(thisYear), wish.settings)
  await checkSettings(work, city, settings)
  const at = now.toISOString()
  const [row] = await tx
    .insert(plans)
    .values({
      jurisdictionId,
      id: uuidv7(now.getTime()),
      ...wish,
      settings,
      createdAt: at,
      updatedAt: at,
    })
    .returning()
  await keepRevision(work, row!, 'created')
  await recordChange(work, 'plan.create', row!.id, { name: wish.name, settings: wish.settings })
  return row!
}

/**
 * Change fields of a plan. New settings make a new revision; a change that changes nothing makes none.
 * Throws `not-found`, `precondition-failed`, `plan-name-taken`, `invalid-request`.
 */
export async function revisePlan(
  work: Work,
  id: string,
  change: PlanChange,
  ifMatch: string | undefined,
): Promise<PlanRow> {
  const { tx, jurisdictionId, now } = work
  const current = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, current.version)
  const before = current.settings as PlanSettings
  const settings = settingsWith(before, change.settings ?? {})
  if (change.status === 'approved' && current.status !== 'approved') await assertApproved(tx, id)
  const isRevised = JSON.stringify(settings) !== JSON.stringify(settingsWith(before, {}))
  if (isRevised) await checkSettings(work, await loadCity(tx, jurisdictionId), settings)
  const fields = Object.fromEntries(
    (['name', 'description', 'projectNumber', 'status'] as const)
      .filter((field) => change[field] !== undefined && change[field] !== current[field])
      .map((field) => [field, change[field]]),
  )
  if (!isRevised && Object.keys(fields).length === 0) {
    // What changed nothing still gave an operator the plan.
    if (work.actor.role === 'admin') await recordChange(work, 'plan.read', id, {})
    return current
  }
  const [row] = await tx
    .update(plans)
    .set({
      ...fields,
      settings,
      version: current.version + 1,
      revision: current.revision + (isRevised ? 1 : 0),
      updatedAt: now.toISOString(),
    })
    .where(and(eq(plans.jurisdictionId, jurisdictionId), eq(plans.id, id)))
    .returning()
  if (isRevised) await keepRevision(work, row!, 'settings')
  const detail = { ...fields, ...(isRevised ? { settings: change.settings } : {}) }
  await recordChange(work, 'plan.change', id, detail)
  return row!
}

/** Who approved a plan and when is on record. Throws `invalid-request`. */
async function assertApproved(tx: Tx, id: string): Promise<void> {
  if ((await baselineOf(tx, id)) === null) throw approvedByNobody()
}

function approvedByNobody(): DomainError {
  return new DomainError('invalid-request', 'Nobody is on record as having approved the plan.', {
    errors: [
      {
        pointer: '/status',
        code: 'unapproved',
        message: 'becomes approved by POST /v1/plans/{id}/approvals, which says who approved what',
      },
    ],
  })
}

/** Remove a plan nothing was computed or recorded for. Throws `not-found`, `precondition-failed`, `plan-in-use`. */
export async function removePlan(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const { tx, jurisdictionId } = work
  const current = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, current.version)
  const { rows } = await tx.execute<{ kept: number }>(sql`
    select (select count(*) from plan_estimates e where e.jurisdiction_id = ${jurisdictionId}::uuid and e.plan_id = ${id}::uuid)::int
      + (select count(*) from plan_actuals a where a.jurisdiction_id = ${jurisdictionId}::uuid and a.plan_id = ${id}::uuid)::int
      + (select count(*) from plan_disposals d where d.jurisdiction_id = ${jurisdictionId}::uuid and d.plan_id = ${id}::uuid)::int
      + (select count(*) from plan_devices h where h.jurisdiction_id = ${jurisdictionId}::uuid and h.plan_id = ${id}::uuid and h.legal_hold)::int as kept`)
  if (rows[0]!.kept > 0) {
    throw new DomainError(
      'plan-in-use',
      'It has estimates, actuals, disposal records or legal holds, which are kept; set its status to archived.',
    )
  }
  await tx.delete(plans).where(and(eq(plans.jurisdictionId, jurisdictionId), eq(plans.id, id)))
  await recordChange(work, 'plan.delete', id, { name: current.name })
}

export async function lockPlan(tx: Tx, jurisdictionId: string, id: string): Promise<PlanRow> {
  const [row] = await tx
    .select()
    .from(plans)
    .where(and(eq(plans.jurisdictionId, jurisdictionId), eq(plans.id, id)))
    .for('update')
  if (!row) throw notFound('plan')
  return row
}

/** A plan within the transaction's scope. Throws `not-found`. */
export async function findPlan(tx: Tx, id: string): Promise<PlanRow> {
  const [row] = await tx.select().from(plans).where(eq(plans.id, id))
  if (!row) throw notFound('plan')
  return row
}

/** The jurisdiction a plan is changed in: the key's own, or where the operator finds it. */
export function planOwner(
  finder: Pick<Services, 'database'>,
  principal: Principal,
  id: string,
): Promise<string> {
  return ownerOf(finder, principal, plans, id, 'plan')
}

/** Settings with those given laid over them, in the order of the settings' own fields. */
export function settingsWith(base: PlanSettings, change: PlanSettingsWrite): PlanSettings {
  const known = defaultSettings(base.firstFiscalYear)
  return Object.fromEntries(
    (Object.keys(known) as (keyof PlanSettings)[]).map((field) => [
      field,
      change[field] ?? (change[field] === null ? null : (base[field] ?? known[field])),
    ]),
  ) as unknown as PlanSettings
}

/** Throws `invalid-request` naming every setting that is wrong. */
export async function checkSettings(
  { tx, costs }: Pick<Work, 'tx' | 'costs'>,
  city: Pick<City, 'id'>,
  settings: PlanSettings,
  place = '/settings',
): Promise<void> {
  const errors: FieldProblem[] = faultsOfSettings(settings, costs).map(({ pointer, detail }) => ({
    pointer: `${place}${pointer}`,
    code: 'unplannable',
    message: detail,
  }))
  const named = settings.fundingSources ?? []
  const borrowed = (settings.debts ?? []).map((debt) => debt.fundingSourceId)
  if (named.length + borrowed.length > 0) {
    const rows = await tx
      .select({ id: fundingSources.id })
      .from(fundingSources)
      .where(
        and(
          eq(fundingSources.jurisdictionId, city.id),
          sql`${fundingSources.id} = any (${sql.param([...named, ...borrowed])}::uuid[])`,
        ),
      )
    const known = new Set(rows.map((row) => row.id))
    const all = [
      ...named.map((id, i) => [id, i, named, `${place}/fundingSources/${i}`] as const),
      ...borrowed.map((id, i) => [id, i, borrowed, `${place}/debts/${i}/fundingSourceId`] as const),
    ]
    for (const [id, i, list, at] of all) {
      if (!known.has(id))
        errors.push({ pointer: at, code: 'unknown', message: 'is not a funding source of this jurisdiction' })
      else if (list.indexOf(id) !== i)
        errors.push({ pointer: at, code: 'repeated', message: 'is named twice' })
    }
  }
  const { variantOf = null } = settings
  if (variantOf !== null && !(await isOwnPlan(tx, city.id, variantOf)))
    errors.push({
      pointer: `${place}/variantOf`,
      code: 'unknown',
      message: 'must be a plan of this jurisdiction that is no variant itself',
    })
  const places = [...new Set(settings.sites.flatMap((site) => [site.siteId, ...(site.after ?? [])]))]
  if (places.length > 0) {
    const rows = await tx
      .select({ id: sites.id })
      .from(sites)
      .where(and(eq(sites.jurisdictionId, city.id), sql`${sites.id} = any (${sql.param(places)}::uuid[])`))
    const known = new Set(rows.map((row) => row.id))
    for (const [i, site] of settings.sites.entries()) {
      for (const id of [site.siteId, ...(site.after ?? [])]) {
        if (!known.has(id))
          errors.push({
            pointer: `${place}/sites/${i}`,
            code: 'unknown',
            message: `${id} is not a site of this jurisdiction`,
          })
      }
    }
  }
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The plan cannot be computed with these settings.', { errors })
  }
}

/** Whether there is such a plan, and it is no variant of another. */
async function isOwnPlan(tx: Tx, jurisdictionId: string, id: string): Promise<boolean> {
  const found = await tx.$count(
    plans,
    and(
      eq(plans.jurisdictionId, jurisdictionId),
      eq(plans.id, id),
      sql`${plans.settings}->>'variantOf' is null`,
    ),
  )
  return found > 0
}

/** Keeps the plan as it is now under its revision. */
export async function keepRevision({ tx, actor, now }: Work, plan: PlanRow, change: string): Promise<void> {
  const deviceCount = await countPlanDevices(tx, plan)
  await tx.insert(planRevisions).values({
    jurisdictionId: plan.jurisdictionId,
    planId: plan.id,
    revision: plan.revision,
    change,
    settings: plan.settings,
    deviceCount,
    createdAt: now.toISOString(),
    createdBy: actor.id,
  })
}

export async function countPlanDevices(
  tx: Tx,
  plan: Pick<PlanRow, 'jurisdictionId' | 'id'>,
): Promise<number> {
  return tx.$count(
    planDevices,
    and(eq(planDevices.jurisdictionId, plan.jurisdictionId), eq(planDevices.planId, plan.id)),
  )
}

/** Devices of each of these plans. */
export async function deviceCounts(tx: Tx, rows: readonly PlanRow[]): Promise<ReadonlyMap<string, number>> {
  if (rows.length === 0) return new Map()
  const counts = await tx
    .select({ planId: planDevices.planId, devices: sql<number>`count(*)::int` })
    .from(planDevices)
    .where(
      inArray(
        planDevices.planId,
        rows.map((row) => row.id),
      ),
    )
    .groupBy(planDevices.planId)
  return new Map(counts.map((row) => [row.planId, row.devices]))
}
