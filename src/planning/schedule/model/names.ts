/** Sites and funds as people know them. */
import { NO_SITE } from '../../estimate/model/lines.ts'
import type { ScheduleJob } from './job.ts'

export function namesOf(job: ScheduleJob) {
  const labels = new Map(job.estimate.bySite.map((site) => [site.value, site.label]))
  return {
    nameOf: (key: string) => labels.get(key) ?? key,
    idOf: (key: string) => (key === NO_SITE ? null : key),
  }
}

/** Funds and sites go by their ids in the solver's reasons; people know them by name. */
export function named(because: string, job: ScheduleJob, nameOf: (key: string) => string): string {
  return because.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
    const source = job.sources.find((one) => one.id === id)
    return source ? source.name : nameOf(id)
  })
}
