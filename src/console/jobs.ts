/** Long work that a page asks for: a job of the API, waited for a while, so that short work ends on its result at once. */
import { setTimeout } from 'node:timers/promises'
import type { Gets } from './answers.ts'
import { type Api, ApiRefusal } from './client.ts'

export type Job = Gets['/v1/jobs/{id}']

/** For calls that are to become a job. */
export const AS_JOB = { prefer: 'respond-async' }
const LOOK_EVERY_MILLIS = 150
/** Some 20 seconds. */
const LOOKS = 130

/** The job once it has ended, or as it is after some seconds. Throws ApiRefusal when it failed. */
export async function waitedFor(api: Api, id: string): Promise<Job> {
  for (let looks = 1; ; looks++) {
    const job = await api.get('/v1/jobs/{id}', { params: { id } })
    if (job.state === 'failed' && job.problem !== null) throw new ApiRefusal(job.problem)
    if (job.finishedAt !== null || looks === LOOKS) return job
    await setTimeout(LOOK_EVERY_MILLIS)
  }
}
