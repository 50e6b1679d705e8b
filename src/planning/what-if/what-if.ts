/**
 * Plans that are only supposed: the plan as it is now and cases that differ from it, computed on one day from one
 * state of the register and put side by side. Nothing is stored.
 */
import type { Tx } from '../../db/database.ts'
import { DomainError } from '../../http/problems.ts'
import { loadCity, todayIn, toInvalidRequest } from '../context.ts'
import { type CostCatalogue, faultsOfRow } from '../costs/model/catalogue.ts'
import type { Quote } from '../costs/model/prices.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import type { NamedSource } from '../funding/model/rules.ts'
import { supposedSources } from '../funding/supposed.ts'
import { compareVersions, type Version } from '../outputs/model/compare.ts'
import { checkSettings, findPlan, type PlanRow, settingsWith } from '../plans/plans.ts'
import { loadEstimateJob } from '../runs/load-estimate.ts'
import { loadScheduleTask } from '../runs/load-schedule.ts'
import type { ComputeOptions } from '../runs/pool.ts'
import type { ComputingServices } from '../runs/services.ts'
import type { PlanSettings } from '../settings.ts'
import type { Case, WhatIf } from './schemas.ts'

const AS_IT_IS = 'As it is'

/** A plan with what is supposed of it. */
interface Supposed {
  readonly label: string
  readonly plan: PlanRow
  readonly quotes: readonly Quote[]
  /** Given the sources of the plan. */
  readonly sources: (own: readonly NamedSource[]) => readonly NamedSource[]
}

export interface WhatIfAsked {
  readonly jurisdictionId: string
  readonly planId: string
  readonly cases: readonly Case[]
  readonly seconds: number
  readonly now: Date
}

/** Throws `not-found`, `invalid-request`, `candidate-refused`, `currency-mismatch`. */
export async function whatIf(
  services: ComputingServices,
  asked: WhatIfAsked,
  options: Pick<ComputeOptions, 'signal'>,
): Promise<WhatIf> {
  const { database } = services
  const inBatch = <R>(work: (tx: Tx) => Promise<R>) =>
    database.acrossJurisdictions([asked.jurisdictionId], work, { lane: 'batches' })
  const all = await inBatch((tx) => supposedOf(tx, services, asked))
  const versions: Version[] = []
  for (const one of all) versions.push(await versionOf(services, asked, one, inBatch, options))
  return {
    versions: versions.map(({ label, schedule }) => shown(label, schedule!)),
    rows: compareVersions(versions).map((row) => ({ ...row, values: [...row.values] })),
  }
}

async function versionOf(
  { planning, knowledge, compute }: ComputingServices,
  { jurisdictionId, seconds, now }: WhatIfAsked,
  { label, plan, quotes, sources }: Supposed,
  inBatch: <R>(work: (tx: Tx) => Promise<R>) => Promise<R>,
  { signal }: Pick<ComputeOptions, 'signal'>,
): Promise<Version> {
  const options = { owner: jurisdictionId, ...(signal ? { signal } : {}) }
  try {
    const terms = { costs: planning.costs, knowledge: knowledge(), now, quotes }
    const job = await inBatch((tx) => loadEstimateJob(tx, plan, terms))
    const estimated = await compute('estimate', job, options)
    const lines = new TextDecoder().decode(estimated.lines)
    const task = await inBatch((tx) =>
      loadScheduleTask(tx, plan, {
        seconds,
        now,
        estimated: { document: estimated.document, lines },
        sources,
      }),
    )
    const scheduled = await compute('schedule', task, options)
    return {
      label,
      estimate: JSON.parse(estimated.document) as EstimateDocument,
      schedule: JSON.parse(scheduled.document) as ScheduleDocument,
    }
  } catch (error) {
    throw toInvalidRequest(error)
  }
}

function shown(label: string, schedule: ScheduleDocument): WhatIf['versions'][number] {
  return {
    label,
    isFeasible: schedule.isFeasible,
    status: schedule.status,
    doesNotFit: schedule.doesNotFit.map(({ site, obstacles }) => ({
      site,
      because: obstacles[0]?.because ?? 'in no year',
    })),
    remedies: schedule.remedies ?? null,
  }
}

/** The plan as it is and each case, checked as if it were to be kept. */
async function supposedOf(
  tx: Tx,
  { planning: { costs } }: Pick<ComputingServices, 'planning'>,
  { jurisdictionId, planId, cases, now }: WhatIfAsked,
): Promise<readonly Supposed[]> {
  const plan = await findPlan(tx, planId)
  const city = await loadCity(tx, jurisdictionId)
  const today = todayIn(city, now)
  const all: Supposed[] = [{ label: AS_IT_IS, plan, quotes: [], sources: (own) => own }]
  for (const [i, one] of cases.entries()) {
    const place = `/cases/${i}`
    const settings = settingsWith(plan.settings as PlanSettings, one.settings)
    await checkSettings({ tx, costs }, city, settings, `${place}/settings`)
    all.push({
      label: one.label,
      plan: { ...plan, settings },
      quotes: quotesOf(one, costs, today, place),
      sources: await supposedSources(tx, city, one, place),
    })
  }
  return all
}

/** Throws `invalid-request` naming every price that the catalog cannot take. */
function quotesOf({ prices }: Case, costs: CostCatalogue, today: string, place: string): Quote[] {
  const rows = new Map(costs.rows.map((row) => [row.code, row]))
  const errors = prices.flatMap(({ code, expected, low = expected, high = expected }, i) => {
    const at = `${place}/prices/${i}`
    const row = rows.get(code)
    if (!row) return [{ pointer: `${at}/code`, code: 'unknown', message: 'is no price of the cost catalog' }]
    return faultsOfRow({ ...row, low, expected, high }, at).map(({ pointer, detail }) => ({
      pointer,
      code: 'unplannable',
      message: detail,
    }))
  })
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'A price cannot be supposed so.', { errors })
  return prices.map(({ code, expected, low = expected, high = expected }) => ({
    code,
    basis: 'vendor-quote',
    currency: costs.currency,
    low,
    expected,
    high,
    quotedOn: today,
    validUntil: null,
    source: 'supposed',
  }))
}
