/** Use cases of plans: made, changed, given devices. Load, decide, save. */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { fundingSources, planDevices, planRevisions, plans, sites } from '../../db/schema/index.ts'
import { assertMatch } from '../../http/etag.ts'
import { DomainError, type FieldProblem, notFound } from '../../http/problems.ts'
import { conditionsOf, type DeviceFilter } from '../../inventory/queries/filter.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { type Actor, record } from '../../tenancy/audit.ts'
import { assertCurrency, type City, defaultCosts, loadCity, todayIn } from '../context.ts'
import { comparableCode, type Mount, mountOf, type OldDevice } from '../costs/model/comparable.ts'
import { costClassOf } from '../estimate/model/cost-lines.ts'
import type { Scope } from '../estimate/model/lines.ts'
import { fiscalYearOf } from '../model/fiscal-year.ts'
import { defaultSettings, faultsOfSettings, type PlanSettings, type PlanSettingsWrite } from '../settings.ts'

export const PLAN_STATUSES = ['draft', 'proposed', 'approved', 'archived'] as const
export type PlanStatus = (typeof PLAN_STATUSES)[number]

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
export async function makePlan(
  tx: Tx,
  jurisdictionId: string,
  wish: PlanWish,
  actor: Actor,
  now: Date,
): Promise<PlanRow> {
  const city = await loadCity(tx, jurisdictionId)
  assertCurrency(city.currency, defaultCosts().currency, '')
  const thisYear = fiscalYearOf(todayIn(city, now), city.fiscalYearStartMonth)
  const settings = merged(defaultSettings(thisYear), wish.settings)
  await checkSettings(tx, city, settings)
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
  await keepRevision(tx, row!, 'created', actor, now)
  await record(tx, jurisdictionId, actor, now, {
    action: 'plan.create',
    target: row!.id,
    detail: { name: wish.name, settings: wish.settings },
  })
  return row!
}

/**
 * Change fields of a plan. New settings make a new revision; a change that changes nothing makes none.
 * Throws `not-found`, `precondition-failed`, `plan-name-taken`, `invalid-request`.
 */
export async function revisePlan(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  change: PlanChange,
  ifMatch: string | undefined,
  actor: Actor,
  now: Date,
): Promise<PlanRow> {
  const current = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, current.version)
  const before = current.settings as PlanSettings
  const settings = merged(before, change.settings ?? {})
  const isRevised = JSON.stringify(settings) !== JSON.stringify(merged(before, {}))
  if (isRevised) await checkSettings(tx, await loadCity(tx, jurisdictionId), settings)
  const fields = Object.fromEntries(
    (['name', 'description', 'projectNumber', 'status'] as const)
      .filter((field) => change[field] !== undefined && change[field] !== current[field])
      .map((field) => [field, change[field]]),
  )
  if (!isRevised && Object.keys(fields).length === 0) {
    if (actor.role === 'admin') {
      // What changed nothing still gave an operator the plan.
      await record(tx, jurisdictionId, actor, now, { action: 'plan.read', target: id, detail: {} })
    }
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
  if (isRevised) await keepRevision(tx, row!, 'settings', actor, now)
  await record(tx, jurisdictionId, actor, now, {
    action: 'plan.change',
    target: id,
    detail: { ...fields, ...(isRevised ? { settings: change.settings } : {}) },
  })
  return row!
}

/** Remove a plan nothing was computed or recorded for. Throws `not-found`, `precondition-failed`, `plan-in-use`. */
export async function removePlan(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  ifMatch: string | undefined,
  actor: Actor,
  now: Date,
): Promise<void> {
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
  await record(tx, jurisdictionId, actor, now, {
    action: 'plan.delete',
    target: id,
    detail: { name: current.name },
  })
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

/** Settings with those given laid over them, in the order of the settings' own fields. */
function merged(base: PlanSettings, change: PlanSettingsWrite): PlanSettings {
  const known = defaultSettings(base.firstFiscalYear)
  return Object.fromEntries(
    (Object.keys(known) as (keyof PlanSettings)[]).map((field) => [
      field,
      change[field] ?? (change[field] === null ? null : (base[field] ?? known[field])),
    ]),
  ) as unknown as PlanSettings
}

/** Throws `invalid-request` naming every setting that is wrong. */
async function checkSettings(tx: Tx, city: City, settings: PlanSettings): Promise<void> {
  const errors: FieldProblem[] = faultsOfSettings(settings, defaultCosts()).map(({ pointer, detail }) => ({
    pointer: `/settings${pointer}`,
    code: 'unplannable',
    message: detail,
  }))
  const named = settings.fundingSources ?? []
  if (named.length > 0) {
    const rows = await tx
      .select({ id: fundingSources.id })
      .from(fundingSources)
      .where(
        and(
          eq(fundingSources.jurisdictionId, city.id),
          sql`${fundingSources.id} = any (${sql.param(named)}::uuid[])`,
        ),
      )
    const known = new Set(rows.map((row) => row.id))
    for (const [i, id] of named.entries()) {
      const at = `/settings/fundingSources/${i}`
      if (!known.has(id))
        errors.push({ pointer: at, code: 'unknown', message: 'is not a funding source of this jurisdiction' })
      else if (named.indexOf(id) !== i)
        errors.push({ pointer: at, code: 'repeated', message: 'is named twice' })
    }
  }
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
            pointer: `/settings/sites/${i}`,
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

async function keepRevision(tx: Tx, plan: PlanRow, change: string, actor: Actor, now: Date): Promise<void> {
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

// Devices of a plan.

/** How devices are chosen: by their ids, or by the filter that lists of devices take. */
export interface Selection {
  readonly deviceIds: readonly string[]
  readonly filter: DeviceFilter | null
}

/** What is set on the devices; what is absent keeps its value, or takes its default on a new one. */
export interface PlanDeviceWish {
  readonly scope?: Scope | undefined
  readonly costCode?: string | null | undefined
  readonly mount?: Mount | undefined
  readonly candidateId?: string | null | undefined
  readonly legalHold?: boolean | undefined
  readonly legalHoldReason?: string | null | undefined
}

export interface Planned {
  readonly added: number
  readonly changed: number
  readonly plan: PlanRow
}

const BATCH = 5000

/**
 * Add devices to a plan, or set what is given on those that are in it. Devices that are only planned or
 * out of service are passed by unless the filter asks for them. Throws `not-found`, `precondition-failed`, `invalid-request`.
 */
export async function planTheseDevices(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  selection: Selection,
  wish: PlanDeviceWish,
  ifMatch: string | undefined,
  actor: Actor,
  now: Date,
): Promise<Planned> {
  const plan = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, plan.version)
  checkCode(wish.costCode)
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
  let [added, changed] = [0, 0]
  let last: string | null = null
  for (;;) {
    const found = await tx.execute<Record<string, unknown>>(sql`
      select d.id, d.device_class as "deviceClass", d.purpose, d.name, d.model, d.notes,
        x.device_id is not null as "isPlanned"
      from devices d
      join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
      left join plan_devices x on x.jurisdiction_id = d.jurisdiction_id and x.plan_id = ${id}::uuid and x.device_id = d.id
      where ${selected(jurisdictionId, selection)}
        and ${last === null ? sql`true` : sql`d.id > ${last}::uuid`}
      order by d.id limit ${BATCH}`)
    const rows = found.rows as unknown as (OldDevice & { id: string; isPlanned: boolean })[]
    if (rows.length === 0) break
    const values = rows.map((device) => ({
      deviceId: device.id,
      scope: wish.scope ?? 'like-for-like',
      costCode: wish.costCode === undefined ? comparableCode(device) : wish.costCode,
      mount: wish.mount ?? mountOf(device),
      candidateId: wish.candidateId ?? null,
      legalHold: wish.legalHold ?? false,
      legalHoldReason: wish.legalHoldReason ?? null,
    }))
    const written = await tx.execute(sql`
      insert into plan_devices (jurisdiction_id, plan_id, device_id, scope, cost_code, mount, candidate_id,
        legal_hold, legal_hold_reason, added_at)
      select ${jurisdictionId}::uuid, ${id}::uuid, r."deviceId", r.scope, r."costCode", r.mount, r."candidateId",
        r."legalHold", r."legalHoldReason", ${now.toISOString()}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r("deviceId" uuid, scope text,
        "costCode" text, mount text, "candidateId" uuid, "legalHold" boolean, "legalHoldReason" text)
      on conflict (jurisdiction_id, plan_id, device_id) do ${laidOver(given)}`)
    const already = rows.filter((row) => row.isPlanned).length
    added += rows.length - already
    changed += (written.rowCount ?? 0) - (rows.length - already)
    last = rows.at(-1)!.id
    if (rows.length < BATCH) break
  }
  // A legal hold stops a disposal; it changes no figure.
  const bearing = Object.keys(given).some((field) => !field.startsWith('legalHold'))
  const isRevised = added > 0 || (changed > 0 && bearing)
  const next = await bump(tx, plan, isRevised ? 'devices-added' : null, actor, now)
  await record(tx, jurisdictionId, actor, now, {
    action: 'plan.devices.add',
    target: id,
    detail: { added, changed, ...given, ...describe(selection) },
  })
  return { added, changed, plan: next }
}

/** Take devices out of a plan. Throws `not-found`, `precondition-failed`, `legal-hold`. */
export async function unplanDevices(
  tx: Tx,
  jurisdictionId: string,
  id: string,
  selection: Selection,
  ifMatch: string | undefined,
  actor: Actor,
  now: Date,
): Promise<number> {
  const plan = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, plan.version)
  // By id also those that have left the register.
  const which = selection.filter
    ? sql`x.device_id in (select d.id from devices d
        join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
        where ${conditionsOf(selection.filter, [jurisdictionId])})`
    : sql`x.device_id = any (${sql.param(selection.deviceIds)}::uuid[])`
  const removed = await tx.execute<{ held: boolean }>(sql`
    delete from plan_devices x
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${id}::uuid and ${which}
    returning x.legal_hold as held`)
  if (removed.rows.some((row) => row.held)) {
    throw new DomainError('legal-hold', 'A device under a legal hold stays in its plan until the hold ends.')
  }
  const count = removed.rows.length
  await bump(tx, plan, count > 0 ? 'devices-removed' : null, actor, now)
  if (count > 0) {
    await record(tx, jurisdictionId, actor, now, {
      action: 'plan.devices.remove',
      target: id,
      detail: { removed: count, ...describe(selection) },
    })
  }
  return count
}

function selected(jurisdictionId: string, { deviceIds, filter }: Selection) {
  const chosen = filter
    ? conditionsOf(filter, [jurisdictionId])
    : sql`d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = any (${sql.param(deviceIds)}::uuid[])`
  const asksStatus = filter !== null && filter.status.length > 0
  return asksStatus ? sql`(${chosen})` : sql`(${chosen}) and d.status in ('active', 'stored')`
}

const COLUMN_OF = {
  scope: 'scope',
  costCode: 'cost_code',
  mount: 'mount',
  candidateId: 'candidate_id',
  legalHold: 'legal_hold',
  legalHoldReason: 'legal_hold_reason',
} as const

/** What happens to a device that is in the plan already: only what is given is set, and only where it differs. */
function laidOver(given: Readonly<Record<string, unknown>>) {
  const columns = (Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[])
    .filter((field) => field in given)
    .map((field) => COLUMN_OF[field])
  if (columns.length === 0) return sql.raw('nothing')
  const sets = columns.map((column) => `${column} = excluded.${column}`).join(', ')
  const differs = columns
    .map((column) => `plan_devices.${column} is distinct from excluded.${column}`)
    .join(' or ')
  return sql.raw(`update set ${sets} where ${differs}`)
}

function checkCode(code: string | null | undefined): void {
  if (code === undefined || code === null) return
  const row = defaultCosts().rows.find((one) => one.code === code)
  if (row && row.measure === 'cents' && costClassOf(row.category) !== null) return
  throw new DomainError('invalid-request', 'The catalogue has no such price.', {
    errors: [{ pointer: '/costCode', code: 'unknown', message: 'must be a price of the cost catalogue' }],
  })
}

function describe({ deviceIds, filter }: Selection): Record<string, unknown> {
  if (!filter) return { deviceIds: deviceIds.length }
  const asked = Object.entries(filter).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return { filter: Object.fromEntries(asked) }
}

/** The next version, and the next revision when figures change by it. */
async function bump(tx: Tx, plan: PlanRow, change: string | null, actor: Actor, now: Date): Promise<PlanRow> {
  const [row] = await tx
    .update(plans)
    .set({
      version: plan.version + 1,
      revision: plan.revision + (change === null ? 0 : 1),
      updatedAt: now.toISOString(),
    })
    .where(and(eq(plans.jurisdictionId, plan.jurisdictionId), eq(plans.id, plan.id)))
    .returning()
  if (change !== null) await keepRevision(tx, row!, change, actor, now)
  return row!
}
