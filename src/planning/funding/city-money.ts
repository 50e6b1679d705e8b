/** What the plans of a city have ordered, paid and scheduled from the funds that they share. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { ScheduleDocument } from '../documents.ts'
import type { PlanRow } from '../plans/plans.ts'
import type { PlanSettings } from '../settings.ts'
import { type Commitment, commitmentsOf, type Elsewhere, type MoneyEntry } from './model/commitments.ts'

/** A plan, also one that is only supposed. */
type MoneyOfPlan = Pick<PlanRow, 'jurisdictionId' | 'id' | 'settings'>

export type CommitmentsByPlan = ReadonlyMap<string, readonly Commitment[]>

/** What each plan of a city has ordered or paid; archived plans too, for their money is gone. */
export async function commitmentsOfPlans(
  tx: Tx,
  jurisdictionId: string,
  startMonth: number,
): Promise<CommitmentsByPlan> {
  const { rows } = await tx.execute<
    Omit<MoneyEntry, 'amountCents'> & { planId: string; amountCents: string }
  >(sql`
    select plan_id::text as "planId", kind, site_id::text as "siteId", funding_source_id::text as "fundingSourceId",
      reference, amount_cents::text as "amountCents", occurred_on::text as "occurredOn" from plan_actuals
    where jurisdiction_id = ${jurisdictionId}::uuid and kind in ('purchase-order', 'payment')
    order by plan_id, occurred_on, id`)
  const byPlan = new Map<string, MoneyEntry[]>()
  for (const { planId, ...row } of rows) {
    const entry = { ...row, amountCents: BigInt(row.amountCents) }
    const known = byPlan.get(planId)
    if (known) known.push(entry)
    else byPlan.set(planId, [entry])
  }
  return new Map([...byPlan].map(([id, entries]) => [id, commitmentsOf(entries, startMonth)]))
}

/** The plan itself, and the one of which it is a variant: what was ordered, paid and done for either is for both. */
export function familyOf({ id, settings }: Pick<PlanRow, 'id' | 'settings'>): readonly string[] {
  const { variantOf = null } = settings as PlanSettings
  return variantOf === null ? [id] : [variantOf, id]
}

/**
 * What other plans take from the funds: what they have ordered or paid, and what their latest schedules still
 * count on. Whoever scheduled first keeps its money; a plan that is archived, or settings that say so, give it
 * back. Variants of one plan take nothing from each other, and one that is not approved takes nothing at all.
 */
export async function elsewhereOf(
  tx: Tx,
  plan: MoneyOfPlan,
  commitments: CommitmentsByPlan,
): Promise<readonly Elsewhere[]> {
  const family = familyOf(plan)
  const { rows: others } = await tx.execute<{
    id: string
    name: string
    status: string
    variantOf: string | null
  }>(sql`
    select id::text as id, name, status, settings->>'variantOf' as "variantOf" from plans
    where jurisdiction_id = ${plan.jurisdictionId}::uuid and id <> all (${sql.param(family)}::uuid[]) order by id`)
  const isReserved = ((plan.settings as PlanSettings).otherPlans ?? 'reserve') === 'reserve'
  const schedules = isReserved ? await latestSchedules(tx, plan) : new Map<string, Scheduled[]>()
  return others.flatMap(({ id, name, status, variantOf }): Elsewhere[] => {
    const own = commitments.get(id) ?? []
    const of = { planId: id, plan: name }
    const committed = own.flatMap(({ fundingSourceId, fiscalYear, cents }) =>
      fundingSourceId === null
        ? []
        : [{ ...of, fundingSourceId, fiscalYear, cents, kind: 'committed' as const }],
    )
    const isSupposed = variantOf !== null && (status !== 'approved' || variantOf === family[0])
    if (status === 'archived' || isSupposed) return committed
    const scheduled = (schedules.get(id) ?? []).flatMap((one) => stillCountedOn(one, own))
    return [...committed, ...scheduled.map((one) => ({ ...of, ...one, kind: 'scheduled' as const }))]
  })
}

type Scheduled = Pick<
  ScheduleDocument['funding']['sources'][number],
  'fundingSourceId' | 'committedCents' | 'years'
>

async function latestSchedules(
  tx: Tx,
  plan: MoneyOfPlan,
): Promise<ReadonlyMap<string, readonly Scheduled[]>> {
  const { rows } = await tx.execute<{ planId: string; sources: readonly Scheduled[] }>(sql`
    select distinct on (plan_id) plan_id::text as "planId", document->'funding'->'sources' as sources
    from plan_schedules
    where jurisdiction_id = ${plan.jurisdictionId}::uuid and plan_id <> ${plan.id}::uuid
    order by plan_id, revision desc, id desc`)
  return new Map(rows.map((row) => [row.planId, row.sources]))
}

/** What was scheduled from a fund, less what has been ordered or paid since: earlier years first. */
function stillCountedOn(
  { fundingSourceId, committedCents, years }: Scheduled,
  commitments: readonly Commitment[],
): { fundingSourceId: string; fiscalYear: number; cents: bigint }[] {
  const now = commitments.reduce(
    (total, one) => (one.fundingSourceId === fundingSourceId ? total + one.cents : total),
    0n,
  )
  let since = now - BigInt(committedCents ?? 0)
  const open: { fundingSourceId: string; fiscalYear: number; cents: bigint }[] = []
  for (const { fiscalYear, paidCents } of years) {
    const cents = BigInt(paidCents)
    const gone = since <= 0n ? 0n : since < cents ? since : cents
    since -= gone
    if (cents > gone) open.push({ fundingSourceId, fiscalYear, cents: cents - gone })
  }
  return open
}
