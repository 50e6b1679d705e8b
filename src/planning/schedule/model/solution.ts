/** What the solver found, in the words of the schedule. */
import { addDays } from '../../../lib/calendar.ts'
import type { PhasingOutcome, ScheduleDocument } from '../../documents.ts'
import { fiscalYearPeriod } from '../../model/fiscal-year.ts'
import { named, namesOf } from './names.ts'
import { OBJECTIVES } from './phasing/objectives.ts'
import type { Candidate, Optimized } from './phasing/optimize.ts'
import type { ScheduleResult } from './result.ts'

/** Where the plan comes from, and how far it is proven to be the best. */
export function solutionOf(
  best: Optimized,
): Pick<ScheduleDocument, 'used' | 'status' | 'gap' | 'seconds' | 'stages'> {
  const unproven = best.stages.find((stage) => stage.status !== 'optimal')
  return {
    used: best.used,
    status: best.status,
    gap: unproven && Number.isFinite(unproven.gap) ? unproven.gap : 0,
    seconds: best.stages.reduce((total, stage) => total + stage.seconds, 0),
    stages: best.stages.map((stage) => ({
      ...stage,
      words: OBJECTIVES[stage.objective],
      bound: Number.isFinite(stage.bound) ? stage.bound : null,
      gap: Number.isFinite(stage.gap) ? stage.gap : null,
    })),
  }
}

/** What a plan comes to, the best one or the one made by hand. */
export function outcomeOf(result: ScheduleResult, { outcome }: Candidate): PhasingOutcome {
  const { fiscalYearStartMonth } = result.problem
  const isFunded = result.job.sources.length > 0 || outcome.nominalCents === 0n
  return {
    isFeasible: outcome.isComplete && isFunded,
    unplacedSites: outcome.unplaced.length,
    riskPointYears: outcome.riskPointYears,
    presentValueCents: Number(outcome.presentValueCents),
    nominalCents: Number(outcome.nominalCents),
    yearsTouched: outcome.yearsTouched,
    years: outcome.years.map((year) => {
      const { from, to } = fiscalYearPeriod(year.year, fiscalYearStartMonth)
      return {
        fiscalYear: year.year,
        from,
        lastDay: addDays(to, -1),
        sites: year.sites.length,
        devices: year.sites.reduce((total, key) => total + result.devicesOf(key), 0),
        spendCents: Number(year.spendCents),
      }
    }),
  }
}

/** The sites that do not fit, with what is in the way in each year. */
export function misfitsOf({ job, best, devicesOf }: ScheduleResult): ScheduleDocument['doesNotFit'] {
  const { nameOf, idOf } = namesOf(job)
  return best.misfits.map((misfit) => ({
    siteId: idOf(misfit.site),
    site: nameOf(misfit.site),
    devices: devicesOf(misfit.site),
    obstacles: misfit.obstacles.map(({ year, because, ...obstacle }) => ({
      fiscalYear: year,
      ...obstacle,
      because: named(because, job, nameOf),
    })),
  }))
}
