/** What would make a schedule fit that does not, in the words of the schedule. */
import { formatDollars } from '../../../lib/money.ts'
import type { RemediesDocument } from '../../documents.ts'
import { type ScheduleJob, sourceIdOf } from './job.ts'
import { namesOf } from './names.ts'
import type { Remedies, Remedy } from './phasing/remedies.ts'

export function remediesIn(job: ScheduleJob, { beyondMoney, enough }: Remedies): RemediesDocument {
  const { nameOf, idOf } = namesOf(job)
  return {
    beyondMoney: beyondMoney.map((key) => ({ siteId: idOf(key), site: nameOf(key) })),
    enough: enough.map((remedy) => {
      const isMoney = remedy.kind === 'money'
      return {
        kind: remedy.kind,
        words: wordsOf(job, remedy),
        fundingSourceId: isMoney && remedy.fund !== null ? sourceIdOf(job, remedy.fund) : null,
        cents: isMoney ? Number(remedy.cents) : null,
        years: isMoney
          ? remedy.years.map(({ year, cents }) => ({ fiscalYear: year, cents: Number(cents) }))
          : [],
        months: remedy.kind === 'deadline' ? remedy.months : null,
        lanes: remedy.kind === 'lanes' ? remedy.lanes : null,
        sites: remedy.kind === 'sites' ? remedy.sites : null,
        isProven: isMoney ? remedy.isProven : true,
      }
    }),
  }
}

function wordsOf(job: ScheduleJob, remedy: Remedy): string {
  const { settings } = job.estimate
  switch (remedy.kind) {
    case 'money': {
      const fund =
        remedy.fund === null
          ? 'local money that may pay for anything'
          : (job.sources[remedy.fund]?.name ?? '')
      const years = remedy.years.map(({ year, cents }) => `${formatDollars(cents)} in FY${year}`).join(', ')
      const each = remedy.years.length === 1 ? ` in FY${remedy.years[0]!.year}` : `: ${years}`
      return `${formatDollars(remedy.cents)} more of ${fund}${each}.`
    }
    case 'deadline':
      return `Every deadline ${remedy.months === 1 ? 'a month' : `${remedy.months} months`} later.`
    case 'lanes':
      return settings.maxSitesDark !== null && settings.maxSitesDark < remedy.lanes
        ? `${remedy.lanes} crews, and ${remedy.lanes} sites worked on at the same time instead of ${Math.min(settings.crews, settings.maxSitesDark)}.`
        : `${remedy.lanes} crews instead of ${settings.crews}.`
    case 'sites':
      return `${remedy.sites} sites in a fiscal year instead of ${settings.maxSitesPerYear}.`
    default:
      return remedy satisfies never
  }
}
