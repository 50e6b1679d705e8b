/** Everything a schedule follows from, as it is in the database now. */
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { planEstimates } from '../../db/schema/index.ts'
import { DomainError } from '../../http/problems.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { loadCity, todayIn } from '../context.ts'
import { commitmentsOfPlans, elsewhereOf, familyOf } from '../funding/city-money.ts'
import type { NamedSource } from '../funding/model/rules.ts'
import type { Purchase } from '../funding/model/write-off.ts'
import { loadSources } from '../funding/sources.ts'
import type { PlanRow } from '../plans/plans.ts'
import type { SiteProgress } from '../schedule/model/job.ts'
import type { PlanSettings } from '../settings.ts'
import type { ScheduleTask } from './pool.ts'

export interface ScheduleTerms {
  /** The latest of the present revision without one. */
  readonly estimateId?: string | undefined
  readonly seconds: number
  readonly now: Date
  /** One that is not stored, instead. */
  readonly estimated?: StoredEstimate
  /** What is supposed of the sources. */
  readonly sources?: (own: readonly NamedSource[]) => readonly NamedSource[]
}

/** As text, with its lines. */
interface StoredEstimate {
  readonly document: string
  readonly lines: string
}

/** Throws `estimate-needed`, `currency-mismatch`. */
export async function loadScheduleTask(
  tx: Tx,
  plan: PlanRow,
  { estimateId, seconds, now, ...supposed }: ScheduleTerms,
): Promise<ScheduleTask> {
  const { jurisdictionId } = plan
  const city = await loadCity(tx, jurisdictionId)
  const estimated = supposed.estimated ?? (await loadEstimate(tx, plan, estimateId))
  const settings = plan.settings as PlanSettings
  const sources = await loadSources(tx, jurisdictionId, settings.fundingSources, city.currency)
  const startMonth = city.fiscalYearStartMonth
  const commitments = await commitmentsOfPlans(tx, jurisdictionId, startMonth)
  return {
    job: {
      id: uuidv7(now.getTime()),
      createdAt: now.toISOString(),
      asOf: todayIn(city, now),
      fiscalYearStartMonth: startMonth,
      sources: supposed.sources?.(sources) ?? sources,
      purchases: await loadPurchases(tx, plan, city.currency),
      commitments: familyOf(plan).flatMap((id) => commitments.get(id) ?? []),
      elsewhere: await elsewhereOf(tx, plan, commitments),
      progress: await progressOf(tx, plan),
      seconds,
    },
    estimate: estimated.document,
    lines: estimated.lines,
  }
}

/** Throws `estimate-needed`. */
async function loadEstimate(tx: Tx, plan: PlanRow, estimateId: string | undefined): Promise<StoredEstimate> {
  const [estimated] = await tx
    .select({
      document: sql<string>`${planEstimates.document}::text`,
      lines: sql<string>`${planEstimates.lines}::text`,
    })
    .from(planEstimates)
    .where(
      and(
        eq(planEstimates.jurisdictionId, plan.jurisdictionId),
        eq(planEstimates.planId, plan.id),
        eq(planEstimates.revision, plan.revision),
        ...(estimateId === undefined ? [] : [eq(planEstimates.id, estimateId)]),
      ),
    )
    .orderBy(desc(planEstimates.id))
    .limit(1)
  if (!estimated) {
    throw new DomainError(
      'estimate-needed',
      `Revision ${plan.revision} has no ${estimateId === undefined ? '' : 'such '}estimate; POST /v1/plans/${plan.id}/estimate first.`,
    )
  }
  return estimated
}

async function loadPurchases(tx: Tx, plan: PlanRow, currency: string): Promise<readonly Purchase[]> {
  const { rows } = await tx.execute<Purchase & Record<string, unknown>>(sql`
    select d.site_id::text as "siteId",
      case when d.currency = ${currency} then d.acquisition_cost_cents::float8 end as "unitCents",
      coalesce(d.installed_on, d.acquired_on)::text as "inServiceOn", count(*)::int as count
    from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid and d.status <> 'decommissioned'
    group by 1, 2, 3 order by 1, 2, 3`)
  return rows
}

/** Devices of a plan by site, whether or not they are still in service, and how many are recorded as done. */
async function progressOf(tx: Tx, plan: PlanRow): Promise<readonly SiteProgress[]> {
  const { rows } = await tx.execute<SiteProgress & Record<string, unknown>>(sql`
    select c.site_id::text as "siteId", c.done, c.last_on::text as "lastOn", (
      select count(*)::int from plan_devices x
      join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
      where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
        and d.site_id = c.site_id
    ) as devices
    from (
      select site_id, sum(devices_done)::int as done, max(occurred_on) as last_on from plan_actuals
      where jurisdiction_id = ${plan.jurisdictionId}::uuid and plan_id = any (${sql.param(familyOf(plan))}::uuid[])
        and kind = 'completion'
      group by site_id
    ) c order by 1`)
  return rows
}
