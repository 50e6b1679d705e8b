import { p99, whileAsking } from './asking.ts'
import { cityWith } from './cities.ts'
import { type Asked, awaitJob, hasEnded, KINDS, prepare } from './long-work.ts'
import { below, exactly, type Finding, type Scenario } from './scenario.ts'

const SIZES = { importMegabytes: 10, devices: 20_000, trials: 100_000, solveSeconds: 10, advisories: 20_000 }

export const jobs: Scenario = {
  name: 'jobs',
  fault: 'a long job of each kind, one after the other, and all at once',
  promise: 'each succeeds and /healthz answers within 50 ms in 99 of 100 cases meanwhile',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 600,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const findings: Finding[] = []
    const asks: (() => Promise<Asked>)[] = []
    let succeeded = 0
    const finish = async (ask: () => Promise<Asked>) => {
      const { state } = await awaitJob(service, await ask(), hasEnded)
      if (state === 'succeeded') succeeded++
    }
    for (const kind of KINDS) {
      const ask = await prepare(service, kind, SIZES)
      asks.push(ask)
      const began = performance.now()
      const { health } = await whileAsking(service, other, () => finish(ask))
      const seconds = (performance.now() - began) / 1000
      findings.push(below(`${kind} of ${seconds.toFixed(1)} s`, p99(health), 50, 'ms'))
    }
    const { health } = await whileAsking(service, other, () => Promise.all(asks.map(finish)))
    return [
      ...findings,
      below('all at once', p99(health), 50, 'ms'),
      exactly('succeeded', succeeded, 2 * KINDS.length),
    ]
  },
}
