/** Everything an estimate follows from, as it is in the database now. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { currentProfiles, type EvaluationTerms } from '../../screening/current-profiles.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { candidateUse, loadCandidates, refuseCandidate, screenToday } from '../candidates/candidates.ts'
import { offerCode, offerPrice } from '../candidates/model/offer.ts'
import type { Offer } from '../candidates/schemas.ts'
import { type City, loadCity, todayIn } from '../context.ts'
import type { Mount } from '../costs/model/comparable.ts'
import { isStale, type Price, type Quote } from '../costs/model/prices.ts'
import { loadQuotes, pricesOf } from '../costs/quotes.ts'
import type { CandidateUse } from '../documents.ts'
import type { EstimateJob } from '../estimate/model/job.ts'
import type { DeviceGroup, Scope } from '../estimate/model/lines.ts'
import { familyOf } from '../funding/city-money.ts'
import { gatherGrounds } from '../model/grounds.ts'
import { restrictionOf, riskPoints } from '../model/risk-points.ts'
import { countPlanDevices, type PlanRow } from '../plans/plans.ts'
import type { PlanSettings } from '../settings.ts'
import type { PlanningData } from '../shipped-data.ts'

export interface EstimateTerms extends EvaluationTerms, Pick<PlanningData, 'costs'> {
  /** Supposed, beside those that the city has. */
  readonly quotes?: readonly Quote[]
}

/** Throws `not-found`, `candidate-refused`, `invalid-request`. */
export async function loadEstimateJob(tx: Tx, plan: PlanRow, terms: EstimateTerms): Promise<EstimateJob> {
  const { jurisdictionId } = plan
  const { costs, knowledge, now, quotes = [] } = terms
  const city = await loadCity(tx, jurisdictionId)
  const today = todayIn(city, now)
  const prices = pricesOf(costs, [...(await loadQuotes(tx, jurisdictionId)), ...quotes], today)
  const chosen = await loadChosen(tx, plan, { city, knowledge, today })
  const found = await loadGroups(tx, plan, chosen.replacements, terms)
  const groups = found.map(({ findings: _, ...group }) => group)
  const planned = await countPlanDevices(tx, plan)
  return {
    id: uuidv7(now.getTime()),
    planId: plan.id,
    jurisdictionId,
    revision: plan.revision,
    createdAt: now.toISOString(),
    asOf: today,
    currency: city.currency,
    fiscalYearStartMonth: city.fiscalYearStartMonth,
    settings: plan.settings as PlanSettings,
    catalogVersion: costs.version,
    knowledgeVersion: knowledge.version,
    groups,
    makers: makersOf(found, knowledge),
    grounds: gatherGrounds(found, {
      lawAsOf: today,
      listsReadOn: knowledge.asOf,
      titleOf: (regime) => knowledge.regimes.byId.get(regime)?.title ?? regime,
    }),
    prices: [...prices.values(), ...chosen.prices],
    candidates: chosen.use,
    siteNames: await siteNamesOf(tx, plan),
    missingDevices: planned - groups.reduce((total, group) => total + group.count, 0),
    otherPlans: await otherPlansOf(tx, plan),
  }
}

/** What is bought instead of a device. */
interface Replacement {
  readonly code: string | null
  readonly isRestricted: boolean | null
}

/** The candidates that replace a device, screened again: the law may have moved since they were named. */
async function loadChosen(
  tx: Tx,
  { jurisdictionId, id }: PlanRow,
  {
    city,
    knowledge,
    today,
  }: { readonly city: City; readonly knowledge: Knowledge; readonly today: PlainDate },
): Promise<{
  readonly replacements: ReadonlyMap<string, Replacement>
  /** Their own prices. */
  readonly prices: readonly Price[]
  readonly use: readonly CandidateUse[]
}> {
  const devicesOf = await candidateUse(tx, jurisdictionId, id)
  const replacements = new Map<string, Replacement>()
  const prices: Price[] = []
  const use: CandidateUse[] = []
  for (const row of await loadCandidates(tx, jurisdictionId, id)) {
    const devices = devicesOf.get(row.id) ?? 0
    if (devices === 0) continue
    const offer = row.offer as Offer
    const { manufacturer, model, price } = offer
    const screening = screenToday(offer, city, knowledge, today)
    refuseCandidate(`${manufacturer} ${model}`, screening)
    const { verdict, mayBePaidFederally } = screening
    const own = offerPrice({ id: row.id, offer }, price !== null && isStale(price.quotedOn, today))
    if (own) prices.push(own)
    replacements.set(row.id, {
      code: offerCode({ id: row.id, offer }),
      isRestricted: mayBePaidFederally === null ? null : !mayBePaidFederally,
    })
    use.push({ id: row.id, manufacturer, model, verdict, mayBePaidFederally, devices })
  }
  return { replacements, prices, use }
}

async function siteNamesOf(tx: Tx, { jurisdictionId, id }: PlanRow): Promise<Record<string, string>> {
  const { rows } = await tx.execute<{ id: string; name: string }>(sql`
    select distinct s.id::text as id, s.name from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${id}::uuid`)
  return Object.fromEntries(rows.map((site) => [site.id, site.name]))
}

/** Plans that are not archived and hold devices of this one too; variants that are not approved are no plans yet. */
async function otherPlansOf(tx: Tx, plan: PlanRow): Promise<EstimateJob['otherPlans']> {
  const { jurisdictionId, id } = plan
  const family = familyOf(plan)
  const { rows } = await tx.execute<{ name: string; devices: number }>(sql`
    select p.name, count(*)::int as devices from plan_devices x
    join plan_devices o on o.jurisdiction_id = x.jurisdiction_id and o.device_id = x.device_id
      and o.plan_id <> x.plan_id
    join plans p on p.jurisdiction_id = o.jurisdiction_id and p.id = o.plan_id
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${id}::uuid
      and p.status <> 'archived' and d.status <> 'decommissioned' and p.id <> all (${sql.param(family)}::uuid[])
      and (p.settings->>'variantOf' is null or (p.status = 'approved' and p.settings->>'variantOf' <> ${family[0]!}))
    group by p.id, p.name order by p.name`)
  return rows
}

/** Devices in service, by what figures and reports tell them apart. */
async function loadGroups(
  tx: Tx,
  plan: PlanRow,
  candidates: ReadonlyMap<string, Replacement>,
  terms: EvaluationTerms,
): Promise<(DeviceGroup & { readonly findings: string })[]> {
  const { rows } = await tx.execute<{
    siteId: string | null
    department: string | null
    purpose: string | null
    deviceClass: string | null
    manufacturer: string | null
    profileId: string
    scope: Scope
    costCode: string | null
    mount: Mount
    candidateId: string | null
    count: number
  }>(sql`
    select d.site_id::text as "siteId", d.department, d.purpose, d.device_class as "deviceClass",
      d.manufacturer, d.profile_id::text as "profileId",
      x.scope, x.cost_code as "costCode", x.mount, x.candidate_id::text as "candidateId", count(*)::int as count
    from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
      and d.status <> 'decommissioned'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 1, 6, 2, 3, 4, 5, 7, 8, 9, 10`)
  const ids = [...new Set(rows.map((row) => row.profileId))]
  const profiles = await currentProfiles(tx, plan.jurisdictionId, ids, terms)
  return rows.map(({ profileId, candidateId, manufacturer, ...row }) => {
    const candidate = candidateId === null ? undefined : candidates.get(candidateId)
    const profile = profiles.get(profileId)!
    return {
      ...row,
      vendor: profile.makerId ?? manufacturer ?? 'unknown',
      restriction: restrictionOf(profile.headline),
      riskPoints: riskPoints(profile),
      findings: profile.findings,
      costCode: candidate?.code ?? row.costCode,
      isRestricted: candidate ? candidate.isRestricted : null,
    }
  })
}

/** Who made the old devices, most first; by the declared name where that is not known. */
function makersOf(
  groups: readonly Pick<DeviceGroup, 'vendor' | 'count'>[],
  { vendorName }: Pick<Knowledge, 'vendorName'>,
): { name: string; devices: number }[] {
  const devices = new Map<string, number>()
  for (const { vendor, count } of groups) devices.set(vendor, (devices.get(vendor) ?? 0) + count)
  return [...devices]
    .map(([vendor, count]) => ({ name: vendorName(vendor), devices: count }))
    .sort((a, b) => b.devices - a.devices || (a.name < b.name ? -1 : 1))
}
