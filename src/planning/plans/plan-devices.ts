/** Use cases of the devices of a plan: added, priced, held, taken out. */
import { and, eq, sql } from 'drizzle-orm'
import { plans } from '../../db/schema/index.ts'
import { assertMatch } from '../../http/etag.ts'
import { DomainError } from '../../http/problems.ts'
import { assertCustomFilter } from '../../inventory/queries/custom-filter.ts'
import { type DeviceFilter, isAsked } from '../../inventory/queries/device-filter.ts'
import { conditionsOf } from '../../inventory/queries/filter.ts'
import type { CostCatalogue } from '../costs/model/catalogue.ts'
import { comparableCode, type Mount, mountOf, type OldDevice } from '../costs/model/comparable.ts'
import { costClassOf } from '../estimate/model/cost-lines.ts'
import type { Scope } from '../estimate/model/lines.ts'
import { recordChange, type Work } from '../work.ts'
import { keepRevision, lockPlan, type PlanRow } from './plans.ts'

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

export interface DevicesAsked {
  readonly selection: Selection
  readonly ifMatch: string | undefined
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
  work: Work,
  id: string,
  { selection, wish, ifMatch }: DevicesAsked & { readonly wish: PlanDeviceWish },
): Promise<Planned> {
  const { tx, jurisdictionId } = work
  const plan = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, plan.version)
  checkCode(work.costs, wish.costCode)
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined))
  const { added, changed } = await putDevices(work, id, selection, { wish, given })
  // A legal hold stops a disposal; it changes no figure.
  const bearing = Object.keys(given).some((field) => !field.startsWith('legalHold'))
  const isRevised = added > 0 || (changed > 0 && bearing)
  const next = await bump(work, plan, isRevised ? 'devices-added' : null)
  const detail = { added, changed, ...given, ...describe(selection) }
  await recordChange(work, 'plan.devices.add', id, detail)
  return { added, changed, plan: next }
}

interface DeviceValues {
  readonly wish: PlanDeviceWish
  /** What of it was said. */
  readonly given: Readonly<Record<string, unknown>>
}

/** Writes the selected devices into the plan, some thousand at a time. */
async function putDevices(
  work: Work,
  id: string,
  selection: Selection,
  values: DeviceValues,
): Promise<{ added: number; changed: number }> {
  const { tx, jurisdictionId } = work
  await assertCustomFilter((read) => read(tx), [jurisdictionId], selection.filter ?? {}, '/filter/custom/')
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
    const rows = found.rows as unknown as FoundDevice[]
    if (rows.length === 0) break
    const written = await putBatch(work, id, rows, values)
    const already = rows.filter((row) => row.isPlanned).length
    added += rows.length - already
    changed += written - (rows.length - already)
    last = rows.at(-1)!.id
    if (rows.length < BATCH) break
  }
  return { added, changed }
}

interface FoundDevice extends OldDevice {
  readonly id: string
  readonly isPlanned: boolean
}

/** Gives how many rows were written: new ones, and those on which something differs. */
async function putBatch(
  { tx, jurisdictionId, now }: Work,
  id: string,
  rows: readonly FoundDevice[],
  { wish, given }: DeviceValues,
): Promise<number> {
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
  return written.rowCount ?? 0
}

/** Take devices out of a plan. Throws `not-found`, `precondition-failed`, `legal-hold`. */
export async function unplanDevices(
  work: Work,
  id: string,
  { selection, ifMatch }: DevicesAsked,
): Promise<number> {
  const { tx, jurisdictionId } = work
  const plan = await lockPlan(tx, jurisdictionId, id)
  assertMatch(ifMatch, plan.version)
  await assertCustomFilter((read) => read(tx), [jurisdictionId], selection.filter ?? {})
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
  await bump(work, plan, count > 0 ? 'devices-removed' : null)
  if (count > 0)
    await recordChange(work, 'plan.devices.remove', id, { removed: count, ...describe(selection) })
  return count
}

function selected(jurisdictionId: string, { deviceIds, filter }: Selection) {
  const chosen = filter
    ? conditionsOf(filter, [jurisdictionId])
    : sql`d.jurisdiction_id = ${jurisdictionId}::uuid and d.id = any (${sql.param(deviceIds)}::uuid[])`
  const asksStatus =
    filter !== null &&
    Object.entries(filter).some(([name, value]) => /^status(__|$)/.test(name) && isAsked(value))
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

function checkCode(costs: CostCatalogue, code: string | null | undefined): void {
  if (code === undefined || code === null) return
  const row = costs.rows.find((one) => one.code === code)
  if (row && row.measure === 'cents' && costClassOf(row.category) !== null) return
  throw new DomainError('invalid-request', 'The catalog has no such price.', {
    errors: [{ pointer: '/costCode', code: 'unknown', message: 'must be a price of the cost catalog' }],
  })
}

function describe({ deviceIds, filter }: Selection): Record<string, unknown> {
  if (!filter) return { deviceIds: deviceIds.length }
  const asked = Object.entries(filter).filter(([, value]) => isAsked(value))
  return { filter: Object.fromEntries(asked) }
}

/** The next version, and the next revision when figures change by it. */
async function bump(work: Work, plan: PlanRow, change: string | null): Promise<PlanRow> {
  const { tx, now } = work
  const [row] = await tx
    .update(plans)
    .set({
      version: plan.version + 1,
      revision: plan.revision + (change === null ? 0 : 1),
      updatedAt: now.toISOString(),
    })
    .where(and(eq(plans.jurisdictionId, plan.jurisdictionId), eq(plans.id, plan.id)))
    .returning()
  if (change !== null) await keepRevision(work, row!, change)
  return row!
}
