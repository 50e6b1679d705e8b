/** Pages of plans, of their revisions and of their devices. */
import { inArray, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Scope, Tx } from '../../db/database.ts'
import { plans } from '../../db/schema/index.ts'
import { pageBytes, rowsThatFit } from '../../http/full-page.ts'
import { type Page, type PageAsked, type SortKey, UUID_PART } from '../../http/pages.ts'
import { toInstant } from '../../http/schemas.ts'
import { ascending, cursorAt, cutPage, fromCursor, inScope, tablePage } from '../../http/table-pages.ts'
import { currentProfiles, type EvaluationTerms } from '../../screening/current-profiles.ts'
import { baselinesOf } from '../approvals/baselines.ts'
import { loadCity, todayIn } from '../context.ts'
import { groundsOf } from '../model/grounds.ts'
import { restrictionOf } from '../model/risk-points.ts'
import type { PlanSettings } from '../settings.ts'
import { deviceCounts, findPlan, type PlanRow } from './plans.ts'
import { type Plan, type PlanDevice, type Revision, toPlan, writeRevision } from './schemas.ts'

export const PLAN_ORDER = ascending(plans, 'jurisdictionId', 'id')

/** Plans with their numbers of devices. */
export async function planPage(
  tx: Tx,
  { scope, status }: { readonly scope: Scope; readonly status: readonly string[] },
  page: PageAsked,
): Promise<Page<Plan>> {
  const { items, nextCursor } = await tablePage(
    tx,
    {
      table: plans,
      order: PLAN_ORDER,
      where: [inScope(scope), status.length === 0 ? undefined : inArray(plans.status, [...status])],
      item: (row) => row,
    },
    page,
  )
  const counts = await deviceCounts(tx, items)
  const baselines = await baselinesOf(
    tx,
    items.map(({ id }) => id),
  )
  const shown = (row: PlanRow) => toPlan(row, counts.get(row.id) ?? 0, baselines.get(row.id) ?? null)
  return { items: items.map(shown), nextCursor }
}

const REVISION_ORDER: readonly SortKey[] = [
  { field: 'revision', column: sql`r.revision`, descending: true, type: 'integer', nullable: false },
]

/** Revisions newest first, with what was computed from each; pages end where they are heavy. Throws `not-found`. */
export async function revisionPage(tx: Tx, id: string, page: PageAsked): Promise<Page<string>> {
  await findPlan(tx, id)
  const { rows } = await tx.execute<{
    revision: number
    change: string
    devices: number
    createdAt: string
    createdBy: string
    settings: PlanSettings
    estimates: z.infer<typeof Revision>['estimates']
    schedules: z.infer<typeof Revision>['schedules']
  }>(sql`
    select r.revision, r.change, r.device_count as devices, r.created_at as "createdAt",
      r.created_by as "createdBy", r.settings,
      coalesce((select json_agg(json_build_object('id', e.id, 'createdAt', e.document->>'createdAt',
        'inputsDigest', e.inputs_digest, 'pointCents', (e.document->>'pointCents')::bigint,
        'atConfidenceCents', (e.document->>'atConfidenceCents')::bigint) order by e.id)
        from plan_estimates e where e.jurisdiction_id = r.jurisdiction_id and e.plan_id = r.plan_id
          and e.revision = r.revision), '[]') as estimates,
      coalesce((select json_agg(json_build_object('id', s.id, 'createdAt', s.document->>'createdAt',
        'isFeasible', (s.document->>'isFeasible')::boolean,
        'nominalCents', (s.document->'outcome'->>'nominalCents')::bigint) order by s.id)
        from plan_schedules s where s.jurisdiction_id = r.jurisdiction_id and s.plan_id = r.plan_id
          and s.revision = r.revision), '[]') as schedules
    from plan_revisions r
    where r.plan_id = ${id}::uuid and ${fromCursor(REVISION_ORDER, page)}
    order by r.revision desc limit ${page.limit + 1}`)
  const texts = rows
    .slice(0, page.limit)
    .map((row) => writeRevision({ ...row, createdAt: toInstant(row.createdAt) }))
  const items = rowsThatFit(texts, pageBytes(page.limit))
  const last = rows.length > items.length ? rows[items.length - 1] : undefined
  return { items, nextCursor: last ? cursorAt(last, REVISION_ORDER, page.question) : null }
}

const DEVICE_ORDER: readonly SortKey[] = [
  { ...UUID_PART, field: 'deviceId', column: sql`x.device_id`, descending: false },
]

/** Devices of a plan and how each is priced. Throws `not-found`. */
export async function planDevicePage(
  tx: Tx,
  id: string,
  {
    isPriced,
    legalHold,
  }: { readonly isPriced?: boolean | undefined; readonly legalHold?: boolean | undefined },
  terms: EvaluationTerms,
  page: PageAsked,
): Promise<Page<PlanDevice>> {
  const plan = await findPlan(tx, id)
  const { rows } = await tx.execute<PlanDevice & { profileId: string | null }>(sql`
    select x.device_id as "deviceId", d.asset_tag as "assetTag", d.manufacturer, d.model,
      d.device_class as "deviceClass", d.site_id as "siteId", s.name as site,
      coalesce(d.status, 'removed') as status, d.profile_id::text as "profileId", x.scope, x.cost_code as "costCode", x.mount,
      x.candidate_id as "candidateId", x.legal_hold as "legalHold",
      x.legal_hold_reason as "legalHoldReason", g.disposed_on::text as "disposedOn"
    from plan_devices x
    left join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    left join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
    left join plan_disposals g on g.jurisdiction_id = x.jurisdiction_id and g.device_id = x.device_id
    where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${id}::uuid
      and ${fromCursor(DEVICE_ORDER, page)}
      and ${isPriced === undefined ? sql`true` : sql`(x.cost_code is not null) = ${isPriced}`}
      and ${legalHold === undefined ? sql`true` : sql`x.legal_hold = ${legalHold}`}
    order by x.device_id limit ${page.limit + 1}`)
  const ids = [...new Set(rows.flatMap((row) => row.profileId ?? []))]
  const profiles = await currentProfiles(tx, plan.jurisdictionId, ids, terms)
  const city = await loadCity(tx, plan.jurisdictionId)
  const law = { lawAsOf: todayIn(city, terms.now), listsReadOn: terms.knowledge.asOf }
  return cutPage(rows, DEVICE_ORDER, page, ({ profileId, ...row }) => {
    const profile = profileId === null ? undefined : profiles.get(profileId)
    const restriction = profile ? restrictionOf(profile.headline) : 'review'
    const rules = profile ? groundsOf(profile.findings, restriction) : []
    return {
      ...row,
      restriction,
      rules: [...new Set(rules.map(({ ruleId }) => ruleId))],
      citations: [...new Set(rules.map(({ citation }) => citation))],
      ...law,
    }
  })
}
