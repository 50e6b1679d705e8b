/** What replacing the devices costs and who pays: a plan of them in memory, computed as any other and never stored. */

import { sql } from 'drizzle-orm'
import type { Outcome } from '../catalogue/outcomes.ts'
import type { Tx } from '../db/database.ts'
import { counted } from '../lib/counted.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { withPauses } from '../lib/pacing.ts'
import type { Steps } from '../lib/steps.ts'
import { type City, toInvalidRequest } from '../planning/context.ts'
import { comparableCode, mountOf } from '../planning/costs/model/comparable.ts'
import type { Prices } from '../planning/costs/model/prices.ts'
import { loadQuotes, pricesOf } from '../planning/costs/quotes.ts'
import type { EstimateDocument, ScheduleDocument } from '../planning/documents.ts'
import type { EstimateJob } from '../planning/estimate/model/job.ts'
import type { DeviceGroup } from '../planning/estimate/model/lines.ts'
import { commitmentsOfPlans, elsewhereOf } from '../planning/funding/city-money.ts'
import type { Elsewhere } from '../planning/funding/model/commitments.ts'
import type { NamedSource } from '../planning/funding/model/rules.ts'
import type { Purchase } from '../planning/funding/model/write-off.ts'
import { loadSources } from '../planning/funding/sources.ts'
import { restrictionOf, riskPoints } from '../planning/model/risk-points.ts'
import { dollars } from '../planning/outputs/model/labels.ts'
import type { Compute } from '../planning/runs/pool.ts'
import type { PlanSettings } from '../planning/settings.ts'
import type { PlanningData } from '../planning/shipped-data.ts'
import type { Member } from './load.ts'
import type { Effect } from './model/evaluate.ts'
import type { BudgetAnswer } from './schemas.ts'

/** What the city has and pays with. */
export interface Money {
  readonly city: City
  readonly prices: Prices
  readonly sources: readonly NamedSource[]
  readonly elsewhere: readonly Elsewhere[]
  /** Plans that are not archived, with their devices. */
  readonly plans: readonly PlanOfDevices[]
}

interface PlanOfDevices extends Record<string, unknown> {
  readonly name: string
  readonly deviceIds: readonly string[]
}

/** Throws `currency-mismatch`, `invalid-request`. */
export async function loadMoney(
  tx: Tx,
  city: City,
  settings: PlanSettings,
  { costs, today }: Pick<PlanningData, 'costs'> & { readonly today: string },
): Promise<Money> {
  const plan = { jurisdictionId: city.id, id: OPERATOR_ID, settings }
  const commitments = await commitmentsOfPlans(tx, city.id, city.fiscalYearStartMonth)
  return {
    city,
    prices: pricesOf(costs, await loadQuotes(tx, city.id), today),
    sources: await loadSources(tx, city.id, settings.fundingSources, city.currency),
    elsewhere: await elsewhereOf(tx, plan, commitments),
    plans: await plansOfDevices(tx, city.id),
  }
}

async function plansOfDevices(tx: Tx, jurisdictionId: string): Promise<PlanOfDevices[]> {
  const { rows } = await tx.execute<PlanOfDevices>(sql`
    select p.name, array_agg(d.device_id::text order by d.device_id) as "deviceIds"
    from plans p join plan_devices d on d.jurisdiction_id = p.jurisdiction_id and d.plan_id = p.id
    where p.jurisdiction_id = ${jurisdictionId}::uuid and p.status <> 'archived'
    group by p.id, p.name order by p.name, p.id`)
  return rows
}

/** A device to be replaced, and why. */
export interface HitMember {
  readonly member: Member
  readonly effect: Effect
}

export interface BudgetTerms {
  readonly settings: PlanSettings
  readonly asOf: string
  readonly catalogVersion: string
  readonly knowledgeVersion: number
  readonly solverSeconds: number
  readonly compute: Compute
  readonly signal: AbortSignal
  readonly onProgress: (done: number) => void
}

/** Throws `invalid-request` for what cannot be planned. */
export async function budgetOf(
  hits: readonly HitMember[],
  money: Money,
  terms: BudgetTerms,
): Promise<BudgetAnswer | null> {
  const inService = hits.filter(({ member }) => ['active', 'stored'].includes(member.status))
  if (inService.length === 0) return null
  const options = (from: number) => ({
    owner: money.city.id,
    signal: terms.signal,
    onProgress: (done: number) => terms.onProgress(from + done / 2),
  })
  const groups = await withPauses(counting(inService.map(groupOf)))
  try {
    const estimated = await terms.compute('estimate', jobOf(inService, groups, money, terms), options(0))
    const task = {
      job: {
        ...NO_PLAN,
        asOf: terms.asOf,
        fiscalYearStartMonth: money.city.fiscalYearStartMonth,
        sources: money.sources,
        purchases: await withPauses(counting(inService.map(purchaseOf))),
        commitments: [],
        elsewhere: money.elsewhere,
        progress: [],
        seconds: terms.solverSeconds,
      },
      estimate: estimated.document,
      lines: new TextDecoder().decode(estimated.lines),
    }
    const scheduled = await terms.compute('schedule', task, options(0.5))
    const schedule = JSON.parse(scheduled.document) as ScheduleDocument
    return answerOf(JSON.parse(estimated.document) as EstimateDocument, schedule)
  } catch (error) {
    throw toInvalidRequest(error, (pointer) => `/plan${pointer.replace(/^\/settings/, '')}`)
  }
}

/** It has no row, and no moment: the same devices always give the same figures. */
const NO_PLAN = { id: OPERATOR_ID, createdAt: '1970-01-01T00:00:00.000Z' } as const

function jobOf(
  hits: readonly HitMember[],
  groups: readonly DeviceGroup[],
  { city, prices }: Money,
  terms: BudgetTerms,
): EstimateJob {
  return {
    ...NO_PLAN,
    planId: OPERATOR_ID,
    jurisdictionId: city.id,
    revision: 1,
    asOf: terms.asOf,
    currency: city.currency,
    fiscalYearStartMonth: city.fiscalYearStartMonth,
    settings: terms.settings,
    catalogVersion: terms.catalogVersion,
    knowledgeVersion: terms.knowledgeVersion,
    groups,
    grounds: { lawAsOf: terms.asOf, listsReadOn: '', rules: [], places: [] },
    prices: [...prices.values()],
    candidates: [],
    siteNames: Object.fromEntries(
      hits.flatMap(({ member: { siteId, site } }) => (siteId === null ? [] : [[siteId, site ?? siteId]])),
    ),
    missingDevices: 0,
    otherPlans: [],
  }
}

/** Equal ones once, with their number; a step for some hundred. */
function* counting<T extends object>(all: readonly T[]): Steps<(T & { readonly count: number })[]> {
  const groups = new Map<string, { of: T; count: number }>()
  for (const [i, of] of all.entries()) {
    const key = JSON.stringify(of)
    const group = groups.get(key)
    if (group) group.count++
    else groups.set(key, { of, count: 1 })
    if (i % STEP === 0) yield
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { of, count }]) => ({ ...of, count }))
}

const STEP = 200

function groupOf({ member, effect }: HitMember): Omit<DeviceGroup, 'count'> {
  const headline = (effect.headline.ended ?? effect.headline.after) as Readonly<Record<string, Outcome>>
  return {
    siteId: member.siteId,
    department: member.department,
    purpose: member.purpose,
    deviceClass: member.deviceClass,
    vendor: effect.maker ?? member.manufacturer ?? 'unknown',
    restriction: restrictionOf(headline),
    riskPoints: riskPoints({ headline, firmwareScore: effect.firmwareScore }),
    scope: 'like-for-like',
    costCode: comparableCode(member),
    mount: mountOf(member),
    isRestricted: null,
  }
}

function purchaseOf({ member: { siteId, unitCents, inServiceOn } }: HitMember): Omit<Purchase, 'count'> {
  return { siteId, unitCents, inServiceOn }
}

function answerOf(estimate: EstimateDocument, schedule: ScheduleDocument): BudgetAnswer {
  const unplaced = schedule.sites.filter(({ fiscalYear }) => fiscalYear === null)
  const unplacedCents = unplaced.reduce((total, { costCents }) => total + costCents, 0)
  const lastDays = schedule.sites.flatMap(({ lastDay }) => lastDay ?? []).toSorted()
  return {
    currency: estimate.currency,
    devices: estimate.devices,
    unpriced: estimate.unpriced,
    pointCents: estimate.pointCents,
    percentiles: estimate.percentiles,
    atConfidenceCents: estimate.atConfidenceCents,
    confidence: estimate.confidence,
    contingencyCents: estimate.contingencyCents,
    finishOn: unplaced.length > 0 ? null : (lastDays.at(-1) ?? null),
    unplacedSites: schedule.outcome.unplacedSites,
    unplaced: unplaced.map(({ site, devices, costCents }) => ({ site, devices, costCents })),
    years: schedule.funding.years,
    funds: schedule.funding.sources.map(({ fundingSourceId, name, years }) => ({
      fundingSourceId,
      name,
      years,
    })),
    gapCents: schedule.funding.gapCents + unplacedCents,
    writeOffCents: schedule.writeOff.totalCents,
    devicesWithoutCost: schedule.writeOff.devicesWithoutCost,
    solver: { status: schedule.status, gap: schedule.gap },
    settings: estimate.settings,
    warnings: [
      ...estimate.warnings,
      ...schedule.warnings.map((warning) =>
        warning.code === 'does-not-fit'
          ? { ...warning, message: noRoom(unplaced.length, schedule.sites.length, unplacedCents) }
          : warning,
      ),
    ],
  }
}

/** A schedule says that they are in no total of its own; the estimate's chances and the gap here hold them. */
function noRoom(unplaced: number, sites: number, cents: number): string {
  const [fit, their] = unplaced === 1 ? ['fits', 'its'] : ['fit', 'their']
  return `${unplaced} of ${counted(sites, 'site')} ${fit} in no year: nobody pays ${their} ${dollars(cents)}.`
}
