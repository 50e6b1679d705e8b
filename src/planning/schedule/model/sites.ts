/** The sites of a schedule: when the crews come, and who pays. */
import { addDays, later } from '../../../lib/calendar.ts'
import type { Cents } from '../../../lib/money.ts'
import type { ScheduleDocument } from '../../documents.ts'
import { firstOrderOn, sourceIdOf } from './job.ts'
import { namesOf } from './names.ts'
import type { Candidate } from './phasing/optimize.ts'
import type { Prepared } from './phasing/prepare.ts'
import type { ScheduleResult, Visits } from './result.ts'

export function visitsOf({ problem, workDays }: Prepared, { calendar }: Candidate): Visits {
  return new Map(
    [...calendar].map(([site, { first, last }]) => [
      problem.sites[site]!.key,
      { from: workDays.days[first]!, lastDay: workDays.days[last]! },
    ]),
  )
}

/** Each site with its year, its days and who pays it. */
export function sitesOf(result: ScheduleResult): ScheduleDocument['sites'] {
  const { job, devicesOf, costs, problem, prepared, best, visits } = result
  const { settings } = job.estimate
  const { nameOf, idOf } = namesOf(job)
  const payersOf = payersBySite(result)
  return problem.sites.map((site, i) => {
    const window = best.plan.get(site.key) ?? null
    const visit = visits.get(site.key)
    const { fullCents, committedCents } = costs.sites[i]!
    return {
      siteId: idOf(site.key),
      site: nameOf(site.key),
      devices: devicesOf(site.key),
      riskPoints: site.riskPoints,
      fiscalYear: window?.year ?? null,
      from: visit?.from ?? null,
      lastDay: visit?.lastDay ?? null,
      orderFrom: window === null ? null : later(firstOrderOn(job), addDays(window.from, -settings.leadDays)),
      orderBy: visit === undefined ? null : addDays(visit.from, -settings.leadDays),
      crewDays: prepared.days[i]!,
      deadline: site.deadline,
      costCents: Number(window === null ? ([...fullCents.values()][0] ?? 0n) : fullCents.get(window.year)!),
      committedCents: Number(committedCents),
      payers: payersOf.get(site.key) ?? [],
    }
  })
}

/** Who pays what of each site that is placed, by the cents of its parts. */
function payersBySite({ uses, job }: ScheduleResult) {
  const paid = new Map<string, Map<number, Cents>>()
  for (const { site, fund, cents } of uses) {
    const own = paid.get(site) ?? new Map<number, Cents>()
    paid.set(site, own)
    own.set(fund, (own.get(fund) ?? 0n) + cents)
  }
  return new Map(
    [...paid].map(([site, own]) => [
      site,
      [...own].map(([fund, cents]) => ({
        fundingSourceId: sourceIdOf(job, fund),
        cents: Number(cents),
      })),
    ]),
  )
}
