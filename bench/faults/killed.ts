import { setTimeout as pause } from 'node:timers/promises'
import { cityWith } from './cities.ts'
import { type Asked, awaitJob, hasEnded, type Job, KINDS, type Kind, prepare } from './long-work.ts'
import { below, type Finding, holds, type Scenario, type Stage } from './scenario.ts'
import { Writers } from './writers.ts'

const SIZES = { importMegabytes: 5, devices: 3_000, trials: 100_000, solveSeconds: 5, advisories: 20_000 }

export const killed: Scenario = {
  name: 'killed',
  fault: 'kill -9 in the middle of a job of each kind, amid writes; then a start',
  promise: 'the next process does the job; nothing acknowledged is lost',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 600,
  run: async (stage) => {
    const findings: Finding[] = []
    for (const kind of KINDS) findings.push(...(await killedIn(stage, kind)))
    return findings
  },
}

async function killedIn(stage: Stage, kind: Kind): Promise<Finding[]> {
  const service = await stage.serve()
  const writers = new Writers(await cityWith(service, 10))
  const ask = await prepare(service, kind, SIZES)
  let asked: Asked | null = null
  await writers.during(service, 2, async () => {
    await pause(500)
    asked = await ask()
    await underWay(kind, asked)
    await service.end('SIGKILL')
  })
  const killedAt = new Date().toISOString()
  const next = await stage.serve()
  const began = performance.now()
  const job = await awaitJob(next, asked!, hasEnded)
  const seconds = (performance.now() - began) / 1000
  const findings = [
    holds(kind, wasBegunAgain(job, killedAt), `${job.state}, ${JSON.stringify(job.problem)}`),
    below('done after', seconds, 60, 's'),
    await writers.lost(next),
  ]
  await next.end('SIGTERM')
  return findings

  /** Looking at the operator's own job is put on record, for which the embedded database has no session meanwhile. */
  async function underWay(kind: Kind, at: Asked): Promise<void> {
    if (kind === 'advisories') await pause(500)
    else await awaitJob(service, at, ({ state }) => state !== 'queued')
    await pause(500)
  }
}

const wasBegunAgain = ({ state, startedAt, finishedAt }: Job, killedAt: string) =>
  state === 'succeeded' && startedAt! < killedAt && killedAt < finishedAt!
