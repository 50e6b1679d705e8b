/** Use cases of disposals: the certified end of a device. */
import { eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planDisposals } from '../../db/schema/index.ts'
import type { Page, PageAsked } from '../../http/pages.ts'
import { DomainError } from '../../http/problems.ts'
import { ascending, tablePage } from '../../http/table-pages.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadCity, todayIn } from '../context.ts'
import { addMonths } from '../model/fiscal-year.ts'
import { findPlan, lockPlan } from '../plans/plans.ts'
import { recordChange, type Work } from '../work.ts'
import { type Disposal, type DisposalWrite, toDisposal } from './disposal-schemas.ts'
import { notAfter } from './past.ts'

/** How long a disposal record is kept; judgment, as with the records of the FCC's program. */
const KEEP_MONTHS = 120

const ORDER = ascending(planDisposals, 'id')

/** Throws `not-found`. */
export async function disposalPage(tx: Tx, id: string, page: PageAsked): Promise<Page<Disposal>> {
  const plan = await findPlan(tx, id)
  const where = [eq(planDisposals.jurisdictionId, plan.jurisdictionId), eq(planDisposals.planId, id)]
  return tablePage(tx, { table: planDisposals, order: ORDER, where, item: toDisposal }, page)
}

/** Throws `not-found`, `invalid-request`, `legal-hold`, `already-disposed`. */
export async function addDisposal(
  work: Work,
  planId: string,
  wish: z.output<typeof DisposalWrite>,
): Promise<Disposal> {
  const { tx, jurisdictionId, now } = work
  await lockPlan(tx, jurisdictionId, planId)
  const city = await loadCity(tx, jurisdictionId)
  notAfter(wish.disposedOn, todayIn(city, now), '/disposedOn')
  const device = await releasedDevice(work, planId, wish.deviceId)
  const [row] = await tx
    .insert(planDisposals)
    .values({
      jurisdictionId,
      planId,
      id: uuidv7(now.getTime()),
      ...wish,
      device,
      keepUntil: addMonths(wish.disposedOn, KEEP_MONTHS),
      createdAt: now.toISOString(),
      createdBy: work.actor.id,
    })
    .returning()
  await recordChange(work, 'plan.disposal.create', wish.deviceId, { plan: planId, ...wish })
  return toDisposal(row!)
}

/** What the device is, if it is in the plan and no plan holds it. Throws `legal-hold`, `invalid-request`. */
async function releasedDevice(
  { tx, jurisdictionId }: Work,
  planId: string,
  deviceId: string,
): Promise<Disposal['device']> {
  // Locked, so that a hold that comes meanwhile waits and then finds the record.
  const { rows } = await tx.execute<{ planId: string; legalHold: boolean; reason: string | null }>(sql`
    select plan_id::text as "planId", legal_hold as "legalHold", legal_hold_reason as reason from plan_devices
    where jurisdiction_id = ${jurisdictionId}::uuid and device_id = ${deviceId}::uuid
    order by plan_id for update`)
  if (!rows.some((row) => row.planId === planId)) {
    throw new DomainError('invalid-request', 'The device is not in this plan.', {
      errors: [{ pointer: '/deviceId', code: 'unknown', message: 'is not a device of this plan' }],
    })
  }
  const held = rows.find((row) => row.legalHold)
  if (held) {
    throw new DomainError(
      'legal-hold',
      `Evidence on it has to be kept${held.reason === null ? '' : `: ${held.reason}`}. Lift the hold first.`,
    )
  }
  const found = await tx.execute<Disposal['device'] & Record<string, unknown>>(sql`
    select asset_tag as "assetTag", serial_number as "serialNumber", manufacturer, model from devices
    where jurisdiction_id = ${jurisdictionId}::uuid and id = ${deviceId}::uuid`)
  return found.rows[0] ?? { assetTag: null, serialNumber: null, manufacturer: null, model: null }
}
