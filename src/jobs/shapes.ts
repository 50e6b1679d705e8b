/** A job as its readers see it. */
import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import { Instant, toInstant } from '../http/schemas.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import type { Live } from './runner.ts'
import type { JobRow, JobState, Outcome } from './store.ts'

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const

const common = {
  id: z.string(),
  jurisdictionId: z.string().nullable().meta({ description: 'null for work of the operator' }),
  kind: z.string().meta({
    description: '`import`, `import-undo`, `estimate`, `schedule`, `scenario`, `snapshot` or `advisories`',
  }),
  state: z.enum(JOB_STATES),
  isCancelRequested: z.boolean().meta({ description: 'it was to be canceled and has not ended yet' }),
  progress: z.object({
    done: z.number(),
    total: z.number().meta({ description: 'in bytes of the file, or 1' }),
    phase: z.string().meta({ description: 'what is being done, in words' }),
  }),
  createdAt: Instant,
  createdBy: z.string().meta({ description: 'id of the key that asked' }),
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
}

export const Job = z
  .object({
    ...common,
    result: z
      .object({
        status: z.int().meta({ description: 'what the answer would have been without a job' }),
        location: z.string().nullable().meta({ description: 'where the outcome can be read' }),
        body: z.unknown().meta({ description: 'the outcome itself when it has no address; null otherwise' }),
      })
      .nullable(),
    problem: Problem.nullable().meta({ description: 'why it failed' }),
  })
  .meta({ id: 'Job', description: 'Long work; it can be read for seven days after its end, then it is 404' })
export type Job = z.infer<typeof Job>

export const JobSummary = z
  .object({ ...common, location: z.string().nullable() })
  .meta({ id: 'JobSummary', description: 'A job without its outcome' })
export type JobSummary = z.infer<typeof JobSummary>

export interface JobNow {
  readonly row: JobRow
  readonly live: Live | undefined
}

export function versionOf({ row, live }: JobNow): number {
  return Math.max(row.version, live?.version ?? 0)
}

const orNull = (text: string | null) => (text === null ? null : toInstant(text))

function commonOf(row: JobRow, live: Live | undefined) {
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId === OPERATOR_ID ? null : row.jurisdictionId,
    kind: row.kind,
    state: row.state as JobState,
    isCancelRequested: row.state === 'running' && row.cancelRequestedAt !== null,
    progress: live?.progress ?? { done: row.done, total: row.total, phase: row.phase },
    createdAt: toInstant(row.createdAt),
    createdBy: row.keyId,
    startedAt: orNull(row.startedAt),
    finishedAt: orNull(row.finishedAt),
  }
}

export function toJob(row: JobRow, live: Live | undefined): Job {
  const result = row.result as Outcome | null
  return {
    ...commonOf(row, live),
    result: result && { status: result.status, location: result.location, body: result.body ?? null },
    problem: row.problem as Problem | null,
  }
}

export function toJobSummary(row: JobRow, live: Live | undefined): JobSummary {
  return { ...commonOf(row, live), location: (row.result as Outcome | null)?.location ?? null }
}
