/**
 * The schedule of a plan: which site when, from whose money, and what that is on the capital page. Pure; the
 * solver is an argument.
 */
import { createHash } from 'node:crypto'
import type { ScheduleDocument } from '../../documents.ts'
import { writeOffOf } from '../../funding/model/write-off.ts'
import { fundingOf } from './awards.ts'
import { burnDownOf, rolloutOf } from './burn-down.ts'
import { capitalPageOf } from './capital-page.ts'
import { fundedLinesOf, placedLinesOf } from './funded-lines.ts'
import { type ComputedSchedule, firstOrderOn, type ScheduleJob, sourceIdOf } from './job.ts'
import { namesOf } from './names.ts'
import { nextCycleOf } from './next-cycle.ts'
import { committedBySite, openWorkOf } from './open-sites.ts'
import { operatingOf } from './operating.ts'
import type { Optimized } from './phasing/optimize.ts'
import { prepare } from './phasing/prepare.ts'
import type { PhasingProblem } from './phasing/problem.ts'
import type { Remedies } from './phasing/remedies.ts'
import { problemOf, yearsOf } from './problem-of-job.ts'
import { remediesIn } from './remedies.ts'
import type { ScheduleResult } from './result.ts'
import { costsOfSites } from './site-costs.ts'
import { sitesOf, visitsOf } from './sites.ts'
import { misfitsOf, outcomeOf, solutionOf } from './solution.ts'
import { sourceUsesOf } from './source-use.ts'
import { warningsOf } from './warnings.ts'

/** Changes when the same inputs would give another schedule. */
const METHOD = 'camledger-schedule-2 (sites, days and payers in one program)'

/** Finds the best plan within the seconds allowed. */
type Optimize = (problem: PhasingProblem, seconds: number) => Optimized

/** What one change alone would make a plan fit that does not. */
type Remedy = (problem: PhasingProblem, seconds: number) => Remedies

export interface Solving {
  readonly optimize: Optimize
  readonly remedy: Remedy
}

/** Of the solver's time, for what would make a plan fit that does not. */
const REMEDY_SHARE = 0.5

/** Throws InvalidInput. */
export function computeSchedule(job: ScheduleJob, { optimize, remedy }: Solving): ComputedSchedule {
  const { estimate } = job
  const work = openWorkOf(job)
  const costs = costsOfSites({
    estimate,
    lines: job.lines,
    years: yearsOf(estimate.settings),
    keys: work.open.map((site) => site.key),
    committed: committedBySite(job),
  })
  const problem = problemOf(job, work, costs)
  const prepared = prepare(problem)
  const best = optimize(problem, job.seconds)
  const visits = visitsOf(prepared, best)
  const uses = sourceUsesOf(prepared, best, costs)
  const idOf = (fund: number) => sourceIdOf(job, fund)
  const placed = placedLinesOf({ lines: job.lines, costs, plan: best.plan, uses, idOf })
  const lines = fundedLinesOf(estimate, placed)
  const isShort = job.sources.length > 0 && !best.outcome.isComplete
  const remedies = isShort ? remediesIn(job, remedy(problem, job.seconds * REMEDY_SHARE)) : undefined
  const devices = new Map(work.open.map((site) => [site.key, site.devices]))
  const devicesOf = (key: string) => devices.get(key) ?? 0
  const document = documentOf({
    job,
    work,
    devicesOf,
    costs,
    problem,
    prepared,
    best,
    visits,
    uses,
    placed,
    lines,
    remedies,
  })
  return { document: { ...document, warnings: warningsOf(document, job, problem.funds) }, lines }
}

function documentOf(result: ScheduleResult): ScheduleDocument {
  const { job, devicesOf, problem, best, visits } = result
  const { estimate } = job
  const { settings } = estimate
  const { nameOf, idOf } = namesOf(job)
  const funding = fundingOf(result)
  return {
    id: job.id,
    planId: estimate.planId,
    jurisdictionId: estimate.jurisdictionId,
    estimateId: estimate.id,
    revision: estimate.revision,
    createdAt: job.createdAt,
    asOf: job.asOf,
    currency: estimate.currency,
    method: METHOD,
    inputsDigest: digestOf(job),
    isFeasible: best.outcome.isComplete && funding.gapCents === 0,
    ...solutionOf(best),
    outcome: outcomeOf(result, best),
    greedy: outcomeOf(result, best.greedy),
    doesNotFit: misfitsOf(result),
    ...(result.remedies === undefined ? {} : { remedies: result.remedies }),
    sites: sitesOf(result),
    completed: result.work.completed.map(({ key, devices, lastOn }) => ({
      siteId: idOf(key),
      site: nameOf(key),
      devices,
      completedOn: lastOn,
    })),
    rollout: rolloutOf({
      settings,
      problem,
      plan: best.plan,
      orderedOn: firstOrderOn(job),
      devicesOf,
      nameOf,
    }),
    burnDown: burnDownOf(
      job.asOf,
      problem.sites.map((site) => ({
        points: site.riskPoints,
        devices: devicesOf(site.key),
        replacedOn: visits.get(site.key)?.lastDay ?? null,
      })),
    ),
    funding,
    capitalPage: pageOf(result),
    nextCycle: nextCycleOf(estimate, outcomeOf(result, best).years),
    writeOff: writeOffOf({ ...job, books: settings.books }, (key) => visits.get(key)?.lastDay),
    settings,
    warnings: [],
  }
}

function pageOf({ job, work, problem, best, lines }: ScheduleResult) {
  const { estimate } = job
  const before = estimate.settings.firstFiscalYear - 1
  return capitalPageOf({
    estimate,
    estimatedLines: job.lines,
    sources: job.sources,
    years: problem.years,
    funded: lines,
    commitments: job.commitments,
    operating: operatingOf(
      estimate,
      [
        ...problem.sites.map(({ key }) => ({ key, year: best.plan.get(key)?.year ?? null })),
        ...work.completed.map(({ key }) => ({ key, year: before })),
      ],
      problem.years,
    ),
  })
}

function digestOf(job: ScheduleJob): string {
  const { estimate, asOf, sources, commitments, elsewhere, progress, seconds } = job
  const inputs = [
    estimate.inputsDigest,
    asOf,
    estimate.settings,
    sources,
    commitments,
    elsewhere,
    progress,
    seconds,
  ]
  return createHash('sha256')
    .update(JSON.stringify(inputs, (_, value) => (typeof value === 'bigint' ? value.toString() : value)))
    .digest('hex')
}
